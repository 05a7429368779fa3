/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* our XML side and the practice phone's, each written from the protocol pages alone: every chip, entered both ways, with
 * either storage, its answers in one piece or in bytes */

#include "tests/da/test-bench.h"
#include "tests/da/test-xml.h"

#define OFFSET 0x400000
#define LENGTH 0x480000

static const UbPracticePhoneOptions plain = { .chip = "MT6789", .enter = UB_ENTER_BOOT_ROM };

static gboolean
is_ufs (Bench *self)
{
  return ub_da_get_report (self->da)->storage == UB_STORAGE_UFS;
}

static UbRegion
get_user (Bench *self)
{
  return is_ufs (self) ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
}

static void
bench_start (Bench *self, const UbPracticePhoneOptions *options, const char *mischief)
{
  g_autoptr (GError) error = NULL;

  bench_connect (self, options);
  g_assert_true (mischief == NULL || ub_practice_phone_mischief (self->phone, mischief, &error));
  g_assert_no_error (error);
  g_assert_true (ub_da_start (self->da, &self->setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static gboolean
write_content (Bench        *self,
               UbRegion      region,
               guint64       offset,
               guint64       length,
               GCancellable *cancellable,
               GError      **error)
{
  g_auto (TestContent) content = { .seed = 3, .step = 7 };

  content.cancel_after = cancellable;
  content.cancel_call = cancellable != NULL ? 1 : 0;
  return ub_da_write (self->da,
                      region,
                      offset,
                      length,
                      test_content_give,
                      &content,
                      NULL,
                      NULL,
                      cancellable,
                      error);
}

static gboolean
read_content (Bench      *self,
              UbRegion    region,
              guint64     offset,
              guint64     length,
              GByteArray *bytes,
              GError    **error)
{
  return ub_da_read (self->da,
                     region,
                     offset,
                     length,
                     test_sink_take,
                     bytes,
                     NULL,
                     NULL,
                     NULL,
                     error);
}

static void
write_and_read_back (Bench *self, UbRegion region, guint64 offset, guint64 length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *flash = g_malloc (length);
  g_autoptr (GError) error = NULL;

  g_assert_true (write_content (self, region, offset, length, NULL, &error));
  g_assert_no_error (error);
  ub_practice_phone_peek (self->phone, region, offset, flash, length);
  for (guint64 i = 0; i < length; i++)
    if (flash[i] != (guint8) (3 + 7 * i))
      g_error ("byte 0x%" G_GINT64_MODIFIER "x is 0x%02x", i, flash[i]);
  g_assert_true (read_content (self, region, offset, length, bytes, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (bytes->data, bytes->len, flash, length);
}

static gboolean
give_table (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  *packet = *(UbDaPacket *) user_data;
  return TRUE;
}

/* the phone's own table, written down once more by its name */
static void
write_table (Bench *self)
{
  const gsize        size = is_ufs (self) ? 0x6000 : 0x4400;
  g_autofree guint8 *data = g_malloc (size);
  g_autofree guint8 *after = g_malloc (size);
  g_autoptr (GError) error = NULL;
  UbDaPacket packet;

  ub_practice_phone_peek (self->phone, get_user (self), 0, data, size);
  packet = (UbDaPacket){ data, size, ub_da_checksum (self->da, data, size) };
  g_assert_true (ub_da_write_part (self->da,
                                   "PGPT",
                                   get_user (self),
                                   0,
                                   size,
                                   give_table,
                                   &packet,
                                   NULL,
                                   NULL,
                                   NULL,
                                   &error));
  g_assert_no_error (error);
  ub_practice_phone_peek (self->phone, get_user (self), 0, after, size);
  g_assert_cmpmem (after, size, data, size);
}

static void
check_erased (Bench *self)
{
  guint8 byte = 1;
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_da_erase (self->da, get_user (self), OFFSET, LENGTH, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  for (guint64 i = 0; i < LENGTH; i += 0x1000)
    {
      ub_practice_phone_peek (self->phone, get_user (self), OFFSET + i, &byte, 1);
      g_assert_true (byte == 0 || byte == 0xff);
    }
}

static void
check_layout (Bench *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLayout) layout = ub_da_read_layout (self->da, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (layout->entries->len, >, 5);
  g_assert_nonnull (ub_layout_find (layout, "userdata"));
  g_assert_cmpint (ub_layout_find (layout, "userdata")->region, ==, get_user (self));
}

static void
test_chip (gconstpointer user_data)
{
  const UbPracticePhoneOptions *options = user_data;
  const gboolean                ufs = options->storage == UB_STORAGE_UFS;
  g_auto (Bench) self = { 0 };
  const UbDaReport *report;
  UbDaHealth        health;
  g_autoptr (GError) error = NULL;

  bench_start (&self, options, NULL);
  report = ub_da_get_report (self.da);
  g_assert_cmpint (report->storage, ==, ufs ? UB_STORAGE_UFS : UB_STORAGE_EMMC);
  g_assert_cmpuint (report->sector_size, ==, ufs ? 4096 : 512);
  g_assert_cmpuint (report->user_size,
                    ==,
                    ub_practice_phone_get_size (self.phone, UB_REGION_EMMC_USER));
  g_assert_cmpuint (report->boot1_size,
                    ==,
                    ub_practice_phone_get_size (self.phone, UB_REGION_EMMC_BOOT1));

  write_and_read_back (&self, get_user (&self), OFFSET, LENGTH);
  write_and_read_back (&self, ufs ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1, 0x1000, 0x2000);
  write_and_read_back (&self, ufs ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2, 0, 0x1000);
  write_table (&self);
  check_layout (&self);
  check_erased (&self);
  ub_da_read_health (self.da, &health);
  g_assert_cmpint (health.battery_mv, >, 0);
  g_assert_cmpint (health.pre_eol, ==, ufs ? -1 : 1);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &error));
  g_assert_no_error (error);
  g_assert_true (ub_practice_phone_was_finished (self.phone));
}

/* --- troubles --- */

static void
test_damaged_packet (void)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GError) error = NULL;

  bench_start (&self, &plain, NULL);
  g_assert_true (ub_practice_phone_mischief (self.phone, "bad-sum 2", &error));
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH);
}

/* cancelled between two packets, the agent is back in its loop and takes the next command */
static void
test_cancel (void)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  bench_start (&self, &plain, NULL);
  g_assert_false (write_content (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x400);
}

/* the storage says no in the middle of something; what comes after is in step */
static void
check_trouble (const char *mischief, gboolean reads, int code)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gboolean ok;

  bench_start (&self, &plain, NULL);
  g_assert_true (ub_practice_phone_mischief (self.phone, mischief, &error));
  ok = reads ? read_content (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH, bytes, &error)
             : write_content (&self, UB_REGION_EMMC_USER, OFFSET, LENGTH, NULL, &error);
  g_assert_false (ok);
  g_assert_error (error, UB_ERROR, code);
  g_clear_error (&error);
  g_assert_true (ub_practice_phone_mischief (self.phone, "none", &error));
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x1000);
}

static void
test_troubles (void)
{
  check_trouble ("write-fail 0x700000", FALSE, UB_ERROR_STORAGE_WRITE);
  check_trouble ("full", FALSE, UB_ERROR_STORAGE_WRITE);
  check_trouble ("read-fail 0x500000", TRUE, UB_ERROR_STORAGE_READ);
}

static void
check_start_fails (const UbPracticePhoneOptions *options, const char *mischief, int code)
{
  g_auto (Bench) self = { 0 };
  g_autoptr (GError) error = NULL;

  bench_connect (&self, options);
  g_assert_true (mischief == NULL || ub_practice_phone_mischief (self.phone, mischief, &error));
  g_assert_false (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, code);
}

static void
test_start_troubles (void)
{
  check_start_fails (&plain, "silent-after-jump", UB_ERROR_AGENT_SILENT);
  check_start_fails (&plain, "dram-fail", UB_ERROR_DRAM);
}

static void
test_login (void)
{
  const UbPracticePhoneOptions options = { .chip = "MT6789",
                                           .enter = UB_ENTER_PRELOADER,
                                           .agent_login = TRUE };
  g_auto (Bench) self = { 0 };
  g_autoptr (UbKey) key = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  check_start_fails (&options, NULL, UB_ERROR_NEEDS_AUTH);
  bench_connect (&self, &options);
  path = g_build_filename (self.folder, "practice_key.pem", NULL);
  key = ub_key_open (path, &error);
  g_assert_no_error (error);
  self.setup.setup.key = key;
  g_assert_true (ub_da_start (self.da, &self.setup.setup, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (ub_da_get_report (self.da)->login_done);
  write_and_read_back (&self, UB_REGION_EMMC_USER, OFFSET, 0x1000);
}

/* a phone that only takes what its maker signed refuses ranges over such parts, before a byte moves, and listens on */
static void
test_policy (void)
{
  const UbPracticePhoneOptions options = { .chip = "MT6789",
                                           .enter = UB_ENTER_PRELOADER,
                                           .target_config = 1 };
  g_auto (Bench) self = { 0 };
  g_autoptr (GError) error = NULL;
  guint64 size;

  bench_start (&self, &options, NULL);
  size = ub_da_get_report (self.da)->user_size;
  g_assert_false (write_content (&self, UB_REGION_EMMC_USER, 0, size, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_false (ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, size, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_REFUSED);
  write_table (&self);
}

static void
add_phone (const char *chip, UbEnter enter, UbStorage storage, gboolean fragmented)
{
  g_autofree char        *path = g_strdup_printf ("/da/xml-phone/%s/%s/%s/%s",
                                           chip,
                                           ub_storage_to_string (storage),
                                           enter == UB_ENTER_PRELOADER ? "preloader" : "boot-rom",
                                           fragmented ? "bytes" : "whole");
  UbPracticePhoneOptions *options = g_new0 (UbPracticePhoneOptions, 1);

  *options = (UbPracticePhoneOptions){ .chip = chip,
                                       .enter = enter,
                                       .storage = storage,
                                       .fragmented = fragmented };
  g_test_add_data_func_full (path, options, test_chip, g_free);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (const char *const *chip = ub_practice_phone_list_chips (); *chip != NULL; chip++)
    if (ub_chip_find_by_platform (*chip)->protocol == UB_PROTOCOL_XML)
      for (UbEnter enter = UB_ENTER_PRELOADER; enter <= UB_ENTER_BOOT_ROM; enter++)
        {
          add_phone (*chip, enter, UB_STORAGE_EMMC, FALSE);
          if (ub_practice_phone_chip_has_ufs (*chip))
            add_phone (*chip, enter, UB_STORAGE_UFS, FALSE);
        }
  add_phone ("MT6789", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE);
  g_test_add_func ("/da/xml-phone/damaged-packet", test_damaged_packet);
  g_test_add_func ("/da/xml-phone/cancel", test_cancel);
  g_test_add_func ("/da/xml-phone/troubles", test_troubles);
  g_test_add_func ("/da/xml-phone/start-troubles", test_start_troubles);
  g_test_add_func ("/da/xml-phone/login", test_login);
  g_test_add_func ("/da/xml-phone/policy", test_policy);
  return g_test_run ();
}
