/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* our side and the practice phone, each written from the protocol pages alone: every chip, entered
 * both ways, its answers in one piece or in bytes */

#include "tests/da/test-bench.h"

#define OFFSET 0x400000
#define LENGTH 0x280000

static void
write_and_read_back (Bench *self, UbRegion region, guint64 offset, guint64 length)
{
  g_autofree TestSource *source = g_new0 (TestSource, 1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *flash = g_malloc (length);
  g_autoptr (GError) error = NULL;

  source->seed = 7;
  source->step = 3;
  g_assert_true (ub_da_write (self->da,
                              region,
                              offset,
                              length,
                              test_source_give,
                              source,
                              NULL,
                              NULL,
                              NULL,
                              &error));
  g_assert_no_error (error);
  ub_practice_phone_peek (self->phone, region, offset, flash, length);
  for (guint64 i = 0; i < length; i++)
    if (flash[i] != (guint8) (7 + 3 * i))
      g_error ("byte 0x%" G_GINT64_MODIFIER "x is 0x%02x", i, flash[i]);
  g_assert_true (ub_da_read (self->da,
                             region,
                             offset,
                             length,
                             test_sink_take,
                             bytes,
                             NULL,
                             NULL,
                             NULL,
                             &error));
  g_assert_no_error (error);
  g_assert_cmpmem (bytes->data, bytes->len, flash, length);
}

static void
test_chip (gconstpointer user_data)
{
  const UbPracticePhoneOptions *options = user_data;
  g_auto (Bench) self = { 0 };
  UbDaReport report;
  guint8     byte = 1;
  g_autoptr (GError) error = NULL;

  bench_connect (&self, options);
  g_assert_true (ub_da_start (self.da, &self.setup.setup, &report, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (report.storage, ==, UB_STORAGE_EMMC);
  g_assert_cmpuint (report.user_size,
                    ==,
                    ub_practice_phone_get_size (self.phone, UB_REGION_EMMC_USER));
  g_assert_cmpuint (report.boot1_size,
                    ==,
                    ub_practice_phone_get_size (self.phone, UB_REGION_EMMC_BOOT1));
  if (options->enter == UB_ENTER_PRELOADER)
    g_assert_false (report.dram_by_us);

  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH);
  write_and_read_back (&self, UB_REGION_EMMC_BOOT1, 0x200, 0x400);
  write_and_read_back (&self, UB_REGION_EMMC_BOOT2, 0, 0x200);
  g_assert_true (
      ub_da_erase (self.da, UB_REGION_EMMC_USER, OFFSET, LENGTH, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  for (guint64 i = 0; i < LENGTH; i += 0x200)
    {
      ub_practice_phone_peek (self.phone, UB_REGION_EMMC_USER, OFFSET + i, &byte, 1);
      g_assert_true (byte == 0 || byte == 0xff);
    }
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &error));
  g_assert_no_error (error);
  g_assert_true (ub_practice_phone_was_finished (self.phone));
}

/* the agent's own idea of the table, where it has one */
static void
test_layout (gconstpointer user_data)
{
  const UbPracticePhoneOptions *options = user_data;
  g_auto (Bench) self = { 0 };
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error = NULL;

  bench_connect (&self, options);
  g_assert_true (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  layout = ub_da_read_layout (self.da, &error);
  if (layout == NULL)
    g_assert_error (error, UB_ERROR, UB_ERROR_REFUSED);
  else
    g_assert_cmpuint (layout->entries->len, >, 0);
  /* and it still listens */
  g_clear_error (&error);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_POWER_OFF, &error));
  g_assert_no_error (error);
}

static gboolean
write_some (Bench *self, GCancellable *cancellable, guint64 cancel_at, GError **error)
{
  g_autofree TestSource *source = g_new0 (TestSource, 1);

  source->step = 1;
  source->cancel_at_end = cancellable;
  source->end = cancel_at;
  return ub_da_write (self->da,
                      UB_REGION_EMMC_USER,
                      OFFSET,
                      LENGTH,
                      test_source_give,
                      source,
                      NULL,
                      NULL,
                      cancellable,
                      error);
}

static void
bench_start (Bench *self, const char *mischief)
{
  static const UbPracticePhoneOptions options = { .chip = "MT6580", .enter = UB_ENTER_BOOT_ROM };
  g_autoptr (GError) error = NULL;

  bench_connect (self, &options);
  g_assert_true (ub_da_start (self->da, &self->setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  if (mischief != NULL)
    g_assert_true (ub_practice_phone_mischief (self->phone, mischief, &error));
  g_assert_no_error (error);
}

/* cancelled between two packets, the agent is back in its loop and takes the next command */
static void
test_cancel (void)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  bench_start (&self, NULL);
  g_assert_false (write_some (&self, cancellable, 0x100000, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x400);
  g_clear_error (&error);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &error));
  g_assert_no_error (error);
}

static void
test_damaged_packet (void)
{
  g_auto (Bench) self = { 0 };

  bench_start (&self, "bad-sum 2");
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH);
}

static void
check_trouble (const char *mischief, gboolean reads, int code)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  bench_start (&self, mischief);
  if (reads)
    g_assert_false (ub_da_read (self.da,
                                UB_REGION_EMMC_USER,
                                OFFSET,
                                LENGTH,
                                test_sink_take,
                                bytes,
                                NULL,
                                NULL,
                                NULL,
                                &error));
  else
    g_assert_false (write_some (&self, NULL, 0, &error));
  g_assert_error (error, UB_ERROR, code);
}

static void
test_troubles (void)
{
  check_trouble ("full", FALSE, UB_ERROR_STORAGE_WRITE);
  check_trouble ("write-fail 5242880", FALSE, UB_ERROR_STORAGE_WRITE);
  check_trouble ("unplug-after-messages 3", FALSE, UB_ERROR_LINK_LOST);
  check_trouble ("silent-at-command 62", FALSE, UB_ERROR_LINK_TIMEOUT);
  check_trouble ("silent-at-command D6", TRUE, UB_ERROR_LINK_TIMEOUT);
}

/* a place that cannot be read or written is no end: the next command is understood, in the same and
 * in another area */
static void
check_goes_on (const char *mischief, gboolean reads, UbRegion region, int code)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree TestSource *source = g_new0 (TestSource, 1);
  g_autoptr (GError) error = NULL;
  gboolean good;

  bench_start (&self, mischief);
  for (guint i = 0; i < 3; i++)
    {
      if (reads)
        good = ub_da_read (self.da,
                           region,
                           0x10000,
                           0x1000,
                           test_sink_take,
                           bytes,
                           NULL,
                           NULL,
                           NULL,
                           &error);
      else
        good = ub_da_write (self.da,
                            region,
                            0x10000,
                            0x1000,
                            test_source_give,
                            source,
                            NULL,
                            NULL,
                            NULL,
                            &error);
      g_assert_false (good);
      g_assert_error (error, UB_ERROR, code);
      g_clear_error (&error);
      write_and_read_back (&self, region, 0x20000, 0x1000);
      write_and_read_back (&self, UB_REGION_EMMC_BOOT2, 0, 0x400);
      write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x400);
    }
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &error));
  g_assert_no_error (error);
}

static void
test_goes_on (void)
{
  check_goes_on ("read-fail 0x10800", TRUE, UB_REGION_EMMC_USER, UB_ERROR_STORAGE_READ);
  check_goes_on ("read-fail boot1:0x10800", TRUE, UB_REGION_EMMC_BOOT1, UB_ERROR_STORAGE_READ);
  check_goes_on ("write-fail 0x10800", FALSE, UB_REGION_EMMC_USER, UB_ERROR_STORAGE_WRITE);
  check_goes_on ("write-fail boot1:0x10800", FALSE, UB_REGION_EMMC_BOOT1, UB_ERROR_STORAGE_WRITE);
}

static void
stop_at_once (guint64 done, guint64 total, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* a long erase is made of pieces: between two of them it can be stopped */
static void
test_erase_stopped (void)
{
  static const UbPracticePhoneOptions options = { .chip = "MT6580",
                                                  .user_size = (guint64) 1024 << 20 };
  g_auto (Bench) self = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint8 byte = 0xaa;

  bench_connect (&self, &options);
  g_assert_true (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  ub_practice_phone_poke (self.phone, UB_REGION_EMMC_USER, (guint64) 300 << 20, &byte, 1);
  g_assert_false (ub_da_erase (self.da,
                               UB_REGION_EMMC_USER,
                               (guint64) 1 << 20,
                               (guint64) 600 << 20,
                               stop_at_once,
                               cancellable,
                               cancellable,
                               &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ub_practice_phone_peek (self.phone, UB_REGION_EMMC_USER, (guint64) 300 << 20, &byte, 1);
  g_assert_cmphex (byte, ==, 0xaa);
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x400);
}

/* the table we write is the one we read, in this session and after the next start */
static void
test_write_table (void)
{
  static const UbPracticePhoneOptions options = { .chip = "MT6582", .table = UB_TABLE_EBR };
  g_auto (Bench) self = { 0 };
  g_autoptr (UbLayout) table = NULL;
  g_autoptr (UbLayout) again = NULL;
  g_autoptr (GError) error = NULL;
  const UbLayoutEntry *entry;

  bench_connect (&self, &options);
  g_assert_true (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  table = ub_da_read_layout (self.da, &error);
  g_assert_no_error (error);
  g_assert_cmpint (table->kind, ==, UB_LAYOUT_PMT);
  ub_layout_add (table, "NEW", UB_REGION_EMMC_USER, 0x123400, 0x5600);
  g_assert_true (ub_da_write_layout (self.da, table, &error));
  g_assert_no_error (error);
  again = ub_da_read_layout (self.da, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->entries->len, ==, table->entries->len);
  for (guint i = 0; i < again->entries->len; i++)
    {
      const UbLayoutEntry *wanted = g_ptr_array_index (table->entries, i);

      entry = g_ptr_array_index (again->entries, i);
      g_assert_cmpstr (entry->name, ==, wanted->name);
      g_assert_cmpint (entry->region, ==, wanted->region);
      g_assert_cmpuint (entry->start, ==, wanted->start);
      g_assert_cmpuint (entry->size, ==, wanted->size);
    }
}

static void
test_battery (void)
{
  g_auto (Bench) self = { 0 };
  UbDaHealth health;

  bench_start (&self, NULL);
  ub_da_read_health (self.da, &health);
  g_assert_cmpint (health.battery_mv, ==, 3850);
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x400);
}

static void
check_start_trouble (const char *mischief, int code)
{
  static const UbPracticePhoneOptions options = { .chip = "MT6580", .enter = UB_ENTER_BOOT_ROM };
  g_auto (Bench) self = { 0 };
  g_autoptr (GError) error = NULL;

  bench_connect (&self, &options);
  g_assert_true (ub_practice_phone_mischief (self.phone, mischief, &error));
  g_assert_false (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, code);
}

static void
test_start_troubles (void)
{
  check_start_trouble ("refuse-agent 2001", UB_ERROR_NEEDS_AUTH);
  check_start_trouble ("refuse-agent 1D12", UB_ERROR_AGENT_REFUSED);
  check_start_trouble ("silent-after-jump", UB_ERROR_AGENT_SILENT);
  check_start_trouble ("dram-fail", UB_ERROR_DRAM);
}

static void
add_chip (const char *chip, guint year)
{
  for (UbEnter enter = UB_ENTER_PRELOADER; enter <= UB_ENTER_BOOT_ROM; enter++)
    for (guint fragmented = 0; fragmented < 2; fragmented++)
      {
        g_autofree char *path =
            g_strdup_printf ("/%s/%u/%s/%s",
                             chip,
                             year,
                             enter == UB_ENTER_PRELOADER ? "preloader" : "boot-rom",
                             fragmented ? "bytes" : "whole");
        g_autofree char        *run = g_strconcat ("/da/phone/run", path, NULL);
        g_autofree char        *table = g_strconcat ("/da/phone/layout", path, NULL);
        UbPracticePhoneOptions *options = g_new0 (UbPracticePhoneOptions, 1);

        *options = (UbPracticePhoneOptions){ .chip = chip,
                                             .enter = enter,
                                             .fragmented = fragmented,
                                             .build_year = year };
        g_test_add_data_func_full (run, g_memdup2 (options, sizeof *options), test_chip, g_free);
        options->table = fragmented ? UB_TABLE_EBR : UB_TABLE_GPT;
        g_test_add_data_func_full (table, options, test_layout, g_free);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (const char *const *chip = ub_practice_phone_list_chips (); *chip != NULL; chip++)
    if (ub_chip_find_by_platform (*chip)->protocol == UB_PROTOCOL_LEGACY)
      {
        add_chip (*chip, 2015);
        add_chip (*chip, 2019);
      }
  g_test_add_func ("/da/phone/cancel", test_cancel);
  g_test_add_func ("/da/phone/damaged-packet", test_damaged_packet);
  g_test_add_func ("/da/phone/troubles", test_troubles);
  g_test_add_func ("/da/phone/goes-on", test_goes_on);
  g_test_add_func ("/da/phone/erase-stopped", test_erase_stopped);
  g_test_add_func ("/da/phone/write-table", test_write_table);
  g_test_add_func ("/da/phone/battery", test_battery);
  g_test_add_func ("/da/phone/start-troubles", test_start_troubles);
  return g_test_run ();
}
