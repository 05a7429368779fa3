/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/da/test-conversation.h"

/* --- commands: an MT6735 that is up --- */

static void
begin_up (Session *self, const char *text)
{
  g_autofree char *all = g_strconcat (PLAIN_START, text, NULL);

  begin (self, 0x0321, 2019, 4, NULL, all);
  g_assert_no_error (self->error);
}

static gboolean
write_bytes (Session *self, guint8 seed, gsize size, GCancellable *cancellable, gboolean fail)
{
  g_autofree TestSource *source = g_new0 (TestSource, 1);

  source->seed = seed;
  source->fail = fail;
  source->cancel_at_end = cancellable;
  source->end = size;
  return ub_da_write (self->da,
                      UB_REGION_EMMC_BOOT1,
                      0x200,
                      size,
                      test_source_give,
                      source,
                      NULL,
                      NULL,
                      cancellable,
                      &self->error);
}

#define WRITE_512                                                                                  \
  "H>D 620101000000000000020000000000000002000010"                                                 \
  "0000\n"
#define ZEROS_512 "H>D 5a" ZEROS_256 ZEROS_256 "0000\n"
#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16
#define ZEROS_256 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64
#define DAMAGED "D>H a5\nD>H 00000bf9\n"

static void
check_write (const char *text, gboolean fail, int code, const char *words)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, text);
  if (code < 0)
    g_assert_true (write_bytes (&self, 0, 512, NULL, fail));
  else
    {
      g_assert_false (write_bytes (&self, 0, 512, NULL, fail));
      g_assert_error (self.error, UB_ERROR, code);
      g_assert_nonnull (strstr (self.error->message, words));
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

static void
test_write (void)
{
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H 69\n", FALSE, -1, NULL);
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 DAMAGED ZEROS_512 DAMAGED ZEROS_512 "D>H 69\n",
               FALSE,
               -1,
               NULL);
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H a5\nD>H 00000c52\n",
               FALSE,
               UB_ERROR_STORAGE_WRITE,
               "3154 (DA_SDMMC_WRITE_FAILED)");
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H a5\nD>H 0000177a\n",
               FALSE,
               UB_ERROR_REFUSED,
               "6010");
  check_write (WRITE_512 "D>H a5\nD>H 00000c52\n", FALSE, UB_ERROR_STORAGE_WRITE, "3154");
  check_write (WRITE_512 "D>H a5\nD>H 0000177a\n",
               FALSE,
               UB_ERROR_REFUSED,
               "6010 (SECURITY_SF_CODE_DOWNLOAD_FORBIDDEN)");
  check_write (WRITE_512 "D>H 5a\nH>D 96\n", TRUE, UB_ERROR_FILE_READ, "the file is gone");
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H 42\n", FALSE, UB_ERROR_PROTOCOL, "0x42");
}

/* eight times, then STOP */
static void
test_write_always_damaged (void)
{
#define TWICE(text) text text
  check_write (WRITE_512 "D>H 5a\n" TWICE (TWICE (TWICE (ZEROS_512 DAMAGED))) "H>D 96\n",
               FALSE,
               UB_ERROR_CHECKSUM,
               "8 times");
}

static void
test_write_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree TestSource *source = g_new0 (TestSource, 1);
  g_autofree char       *bytes = g_strnfill (2 * 0x100000, '0');
  g_autofree char       *text = g_strconcat ("H>D 62010100000000000000000000000000200000"
                                             "00100000\nD>H 5a\nH>D 5a\nH>D ",
                                       bytes,
                                       "\nH>D 0000\nD>H 69\n",
                                       "H>D 96\n",
                                       NULL);
  g_auto (Session) self = { 0 };

  begin_up (&self, text);
  source->cancel_at_end = cancellable;
  source->end = 0x100000;
  g_assert_false (ub_da_write (self.da,
                               UB_REGION_EMMC_BOOT1,
                               0,
                               0x200000,
                               test_source_give,
                               source,
                               NULL,
                               NULL,
                               cancellable,
                               &self.error));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&self.error);
  check_all_said (&self);
}

/* what begins like a sparse image would be expanded by the agent */
static gboolean
give_sparse (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 sparse[512] = { 0x3a, 0xff, 0x26, 0xed };

  *packet = (UbDaPacket){ sparse, size, ub_checksum_sum16 (sparse, size) };
  return TRUE;
}

static void
test_write_sparse_magic (void)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, WRITE_512 "D>H 5a\nH>D 96\n");
  g_assert_false (ub_da_write (self.da,
                               UB_REGION_EMMC_BOOT1,
                               0x200,
                               512,
                               give_sparse,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_clear_error (&self.error);
  check_all_said (&self);
}

/* MT6592: sixteen bytes of time and network address in front; older numbers */
static void
test_write_6592 (void)
{
  g_auto (Session) self = { 0 };

  begin (&self,
         0x6592,
         2015,
         4,
         NULL,
         HELLO_AS ("00000bc0")
             BLOCK DRAM_UP FIVE_WORDS DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL USB_HIGH
         "H>D 62" ZEROS_16 "0101000000000000020000000000000002000010"
         "0000\nD>H 5a\n" ZEROS_512 "D>H a5\nD>H 00000bf4\n" ZEROS_512 "D>H 69\n"
         "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d4020000" ZEROS_16
         "0000000000000000000000000000000200\nD>H 5a5a\n"
         "D>H 00000bcd32\nH>D 5a\nD>H 0000000064\nH>D 5a\nD>H 5a5a\n");
  g_assert_no_error (self.error);
  g_assert_true (write_bytes (&self, 0, 512, NULL, FALSE));
  g_assert_true (ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 512, NULL, NULL, NULL, &self.error));
  check_all_said (&self);
}

/* --- read --- */

#define READ_512                                                                                   \
  "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d60c0200000000000002000000000000000200\nD>H 5a\nH>D "       \
  "00100000\n"

static gboolean
refuse (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "full");
  return FALSE;
}

static void
check_read (const char *text, UbDaSink sink, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  begin_up (&self, text);
  if (code < 0)
    {
      g_assert_true (ub_da_read (self.da,
                                 UB_REGION_EMMC_USER,
                                 0x200,
                                 512,
                                 sink,
                                 bytes,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &self.error));
      g_assert_cmpuint (bytes->len, ==, 512);
    }
  else
    {
      g_assert_false (ub_da_read (self.da,
                                  UB_REGION_EMMC_USER,
                                  0x200,
                                  512,
                                  sink,
                                  bytes,
                                  NULL,
                                  NULL,
                                  NULL,
                                  &self.error));
      g_assert_error (self.error, UB_ERROR, code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

#define GOOD "D>H " ZEROS_256 ZEROS_256 "\nD>H 0000\n"
#define BAD "D>H " ZEROS_256 ZEROS_256 "\nD>H 0001\n"

static void
test_read (void)
{
  check_read (READ_512 GOOD "H>D 5a\n", test_sink_take, -1);
  check_read (READ_512 BAD "H>D a5\n" GOOD "H>D 5a\n", test_sink_take, -1);
  check_read (READ_512 BAD TWICE (TWICE ("H>D a5\n" BAD)) "H>D a5\n" BAD "H>D a5\n" BAD
                                                          "H>D a5\n" BAD "H>D 5a\n",
              test_sink_take,
              UB_ERROR_CHECKSUM);
  check_read (READ_512 GOOD "H>D 5a\n", refuse, UB_ERROR_NO_SPACE);
  check_read ("H>D 60\nD>H a5\nD>H 00000c50\n", test_sink_take, UB_ERROR_REFUSED);
}

static void
test_read_ranges (void)
{
  static const struct
  {
    UbRegion region;
    guint64  offset, length;
    int      code;
  } ranges[] = {
    { UB_REGION_EMMC_USER, 0x1d1f00000, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, G_MAXUINT64 - 0x1ff, 0x400, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, 0x200, G_MAXUINT64 - 0x1ff, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, 0x100, 0x200, UB_ERROR_INTERNAL },
    { UB_REGION_EMMC_USER, 0x200, 0x100, UB_ERROR_INTERNAL },
    { UB_REGION_EMMC_GP1, 0, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_UFS_LU2, 0, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_BOOT1_BOOT2, 0, 0x200, UB_ERROR_UNSUPPORTED },
    { UB_REGION_EMMC_RPMB, 0, 0x200, UB_ERROR_UNSUPPORTED },
  };
  g_auto (Session) self = { 0 };

  begin_up (&self, "");
  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_assert_false (ub_da_read (self.da,
                                  ranges[i].region,
                                  ranges[i].offset,
                                  ranges[i].length,
                                  test_sink_take,
                                  NULL,
                                  NULL,
                                  NULL,
                                  NULL,
                                  &self.error));
      g_assert_error (self.error, UB_ERROR, ranges[i].code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

/* --- erase --- */

#define ERASE                                                                                      \
  "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d40200000000000000000002000000000000000400\nD>H 5a5a\n"

typedef struct
{
  guint64 last;
  guint   calls;
} Told;

static void
take_progress (guint64 done, guint64 total, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (done, >=, told->last);
  g_assert_cmpuint (done, <=, total);
  told->last = done;
  told->calls++;
}

static void
check_erase (const char *text, int code)
{
  g_auto (Session) self = { 0 };
  Told told = { 0 };

  begin_up (&self, text);
  if (code < 0)
    {
      g_assert_true (ub_da_erase (self.da,
                                  UB_REGION_EMMC_USER,
                                  0x200,
                                  0x400,
                                  take_progress,
                                  &told,
                                  NULL,
                                  &self.error));
      g_assert_cmpuint (told.last, ==, 0x400);
    }
  else
    {
      g_assert_false (ub_da_erase (self.da,
                                   UB_REGION_EMMC_USER,
                                   0x200,
                                   0x400,
                                   take_progress,
                                   &told,
                                   NULL,
                                   &self.error));
      g_assert_error (self.error, UB_ERROR, code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

static void
test_erase (void)
{
  check_erase (ERASE "D>H 0000000064\nH>D 5a\nD>H 5a5a\n", -1);
  check_erase (ERASE
               "D>H 00000bd10a\nH>D 5a\nD>H 00000bd132\nH>D 5a\nD>H 0000000064\nH>D 5a\nD>H 5a5a\n",
               -1);
  /* a block left out; statistics; a long job at the end */
  check_erase (ERASE "D>H 00000c52\nD>H 000000000000020069\nD>H 0000000064\nH>D 5a\n"
                     "D>H a5" ZEROS_16 "000000000000000000000000\nD>H a5\nD>H 5a\n",
               -1);
  check_erase (ERASE "D>H 00000c52\nD>H 000000000000020096\n", UB_ERROR_STORAGE_ERASE);
  check_erase ("H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D "
               "d40200000000000000000002000000000000000400\nD>H a5\nD>H 0000177c\n",
               UB_ERROR_REFUSED);
}

/* --- table --- */

/* name[64] */
#define NAME_BOOT "626f6f74000000000000000000000000" ZEROS_16 ZEROS_16 ZEROS_16

static UbLayout *
read_layout (const char *text, int code)
{
  g_auto (Session) self = { 0 };
  UbLayout *layout;

  begin_up (&self, text);
  layout = ub_da_read_layout (self.da, &self.error);
  if (code >= 0)
    g_assert_error (self.error, UB_ERROR, code);
  else
    check_all_said (&self);
  return layout;
}

static void
test_layout (void)
{
  /* GPT: offset, size, area; PMT: size, area, offset, mask. One entry and an empty one */
  g_autoptr (UbLayout) gpt =
                 read_layout ("H>D a5\nD>H 06\nD>H 000000b0\nH>D 5a\nD>H " NAME_BOOT
                              "0000d8010000000000000001000000000800000000000000\n"
                              "D>H " ZEROS_64
                              "000000000000000000000000000000000000000000000000\nH>D 5a\n",
                              -1);
  g_autoptr (UbLayout) pmt =
          read_layout ("H>D a5\nD>H 5a\nD>H 00000060\nH>D 5a\nD>H " NAME_BOOT
                       "000000010000000001000000000000000000d801000000000000000000000000\nH>D 5a\n",
                       -1);
  const UbLayoutEntry *entry;

  g_assert_cmpint (gpt->kind, ==, UB_LAYOUT_GPT);
  g_assert_cmpuint (gpt->entries->len, ==, 1);
  entry = ub_layout_find (gpt, "boot");
  g_assert_cmphex (entry->start, ==, 0x1d80000);
  g_assert_cmphex (entry->size, ==, 0x1000000);
  g_assert_cmpint (entry->region, ==, UB_REGION_EMMC_USER);
  g_assert_cmpint (pmt->kind, ==, UB_LAYOUT_PMT);
  entry = ub_layout_find (pmt, "boot");
  g_assert_cmphex (entry->start, ==, 0x1d80000);
  g_assert_cmphex (entry->size, ==, 0x1000000);
  g_assert_cmpint (entry->region, ==, UB_REGION_EMMC_BOOT1);
}

static void
test_layout_refused (void)
{
  g_assert_null (read_layout ("H>D a5\nD>H a5\nD>H 0000040d\n", UB_ERROR_REFUSED));
  g_assert_null (read_layout ("H>D a5\nD>H 06\nD>H 00000060\n", UB_ERROR_PROTOCOL));
  g_assert_null (read_layout ("H>D a5\nD>H 5a\nD>H ffffffe0\n", UB_ERROR_PROTOCOL));
  g_assert_null (read_layout ("H>D a5\nD>H 42\n", UB_ERROR_PROTOCOL));
}

/* --- MediaTek's own table --- */

#define ENTRY_BOOT                                                                                 \
  "H>D " NAME_BOOT "00000001000000000800000000000000"                                              \
  "0000d801000000000000000000000000\n"

static void
check_write_layout (const char *text, int code, const char *words)
{
  g_auto (Session) self = { 0 };
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_PMT);

  begin_up (&self, text);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0x1d80000, 0x1000000);
  if (code < 0)
    g_assert_true (ub_da_write_layout (self.da, layout, &self.error));
  else
    {
      g_assert_false (ub_da_write_layout (self.da, layout, &self.error));
      g_assert_error (self.error, UB_ERROR, code);
      g_assert_nonnull (strstr (self.error->message, words));
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

static void
test_write_layout (void)
{
  check_write_layout ("H>D a4\nD>H 5a\nH>D 00000001\nD>H 5a\n" ENTRY_BOOT
                      "D>H 69\nH>D 00000000\nD>H 5a\nD>H 5a\n",
                      -1,
                      NULL);
  check_write_layout ("H>D a4\nD>H 5a\nH>D 00000001\nD>H 5a\n" ENTRY_BOOT
                      "D>H 69\nH>D 00000000\nD>H 5a\nD>H a500000c52\n",
                      UB_ERROR_STORAGE_WRITE,
                      "table: writing: status 3154");
  check_write_layout ("H>D a4\nD>H 5a\nH>D 00000001\nD>H 5a\n" ENTRY_BOOT "D>H 42\n",
                      UB_ERROR_PROTOCOL,
                      "0x42");
  check_write_layout ("H>D a4\nD>H a50000177a\n", UB_ERROR_REFUSED, "6010");
}

/* what is no table of this kind is not even begun */
static void
test_write_layout_checks (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (UbLayout) gpt = ub_layout_new (UB_LAYOUT_GPT);
  g_autoptr (UbLayout) empty = ub_layout_new (UB_LAYOUT_PMT);
  g_autoptr (UbLayout) many = ub_layout_new (UB_LAYOUT_PMT);
  g_autoptr (UbLayout) nameless = ub_layout_new (UB_LAYOUT_PMT);
  g_autoptr (UbLayout) long_name = ub_layout_new (UB_LAYOUT_PMT);
  g_autoptr (UbLayout) nowhere = ub_layout_new (UB_LAYOUT_PMT);
  g_autofree char *name = g_strnfill (64, 'x');
  const UbLayout  *layouts[] = { gpt, empty, many, nameless, long_name, nowhere };

  ub_layout_add (gpt, "boot", UB_REGION_EMMC_USER, 0, 512);
  for (guint i = 0; i < 41; i++)
    ub_layout_add (many, "boot", UB_REGION_EMMC_USER, 512 * i, 512);
  ub_layout_add (nameless, "", UB_REGION_EMMC_USER, 0, 512);
  ub_layout_add (long_name, name, UB_REGION_EMMC_USER, 0, 512);
  ub_layout_add (nowhere, "boot", UB_REGION_UFS_LU2, 0, 512);
  begin_up (&self, "");
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_assert_false (ub_da_write_layout (self.da, layouts[i], &self.error));
      g_assert_error (self.error, UB_ERROR, UB_ERROR_UNSUPPORTED);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

/* --- health --- */

/* whatever the answer, the next command is understood */
static void
check_health (const char *answer, int battery_mv)
{
  g_auto (Session) self = { 0 };
  g_autofree char *text = g_strconcat ("H>D d0\n", answer, READ_512 GOOD "H>D 5a\n", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  UbDaHealth health = { 1, 2, 3, 4 };

  begin_up (&self, text);
  ub_da_read_health (self.da, &health);
  g_assert_cmpint (health.battery_mv, ==, battery_mv);
  g_assert_cmpint (health.life_time_a, ==, -1);
  g_assert_cmpint (health.life_time_b, ==, -1);
  g_assert_cmpint (health.pre_eol, ==, -1);
  g_assert_true (ub_da_read (self.da,
                             UB_REGION_EMMC_USER,
                             0x200,
                             512,
                             test_sink_take,
                             bytes,
                             NULL,
                             NULL,
                             NULL,
                             &self.error));
  check_all_said (&self);
}

static void
test_health (void)
{
  check_health ("D>H 0000005a\nD>H 00000e10\n", 3600);
  check_health ("D>H 0000005a\nD>H 00000000\n", -1);
  check_health ("D>H 0000005a\nD>H ffffffff\n", -1);
  check_health ("D>H 000000a5\n", -1);
  check_health ("D>H a5\nD>H 00000bc7\n", -1);
  check_health ("D>H 5a\nD>H 0e10\n", -1);
  check_health ("", -1);
}

/* --- finish --- */

static void
test_finish (void)
{
  g_auto (Session) reboot = { 0 };
  g_auto (Session) power_off = { 0 };
  g_auto (Session) silent = { 0 };

  begin_up (&reboot, "H>D db000000000001\nD>H 5a\n");
  g_assert_true (ub_da_finish (reboot.da, UB_DA_FINISH_REBOOT, &reboot.error));
  check_all_said (&reboot);
  begin_up (&power_off, "H>D d9\nD>H 5a\nH>D 00000000\nD>H 5a\n");
  g_assert_true (ub_da_finish (power_off.da, UB_DA_FINISH_POWER_OFF, &power_off.error));
  check_all_said (&power_off);
  begin_up (&silent, "H>D db000000000001\n");
  g_assert_false (ub_da_finish (silent.da, UB_DA_FINISH_REBOOT, &silent.error));
  g_assert_error (silent.error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

/* after a command that ended badly, what is left of it is thrown away first */
static void
test_finish_after_trouble (void)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, WRITE_512 "D>H a5\nD>H 00000c525a5a\nH>D db000000000001\nD>H 5a\n");
  g_assert_false (write_bytes (&self, 0, 512, NULL, FALSE));
  g_clear_error (&self.error);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &self.error));
  check_all_said (&self);
}

static void
test_new (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text ("", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_da_new (UB_PROTOCOL_UNKNOWN, link, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

/* a write to another area may leave that selected: the switch is made again, but not without need
 */
static void
test_area (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  begin_up (&self,
            READ_512                                                      GOOD
            "H>D 5a\n" WRITE_512 "D>H 5a\n" ZEROS_512 "D>H 69\n" READ_512 GOOD "H>D 5a\n"
            "H>D d60c0200000000000002000000000000000200\nD>H 5a\nH>D 00100000\n" GOOD "H>D 5a\n");
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (ub_da_read (self.da,
                                 UB_REGION_EMMC_USER,
                                 0x200,
                                 512,
                                 test_sink_take,
                                 bytes,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &self.error));
      g_assert_true (i > 0 || write_bytes (&self, 0, 512, NULL, FALSE));
    }
  check_all_said (&self);
}

static void
test_status_numbers (void)
{
  static const struct
  {
    guint32 old, new;
  } pairs[] = { { 3002, 3002 }, { 3007, 3011 }, { 3008, 3012 }, { 3012, 3016 }, { 3021, 3025 },
                { 3032, 3036 }, { 3036, 3040 }, { 3051, 3055 }, { 3052, 3057 }, { 3060, 3065 },
                { 3078, 3083 }, { 3144, 3149 }, { 3149, 3154 }, { 1037, 1037 }, { 6010, 6010 } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_assert_cmpuint (ub_da_legacy_messages_normalize_status (pairs[i].old, TRUE),
                        ==,
                        pairs[i].new);
      g_assert_cmpuint (ub_da_legacy_messages_normalize_status (pairs[i].new, FALSE),
                        ==,
                        pairs[i].new);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/legacy/write/answers", test_write);
  g_test_add_func ("/da/legacy/write/always-damaged", test_write_always_damaged);
  g_test_add_func ("/da/legacy/write/cancel", test_write_cancel);
  g_test_add_func ("/da/legacy/write/sparse-magic", test_write_sparse_magic);
  g_test_add_func ("/da/legacy/write/6592", test_write_6592);
  g_test_add_func ("/da/legacy/read/answers", test_read);
  g_test_add_func ("/da/legacy/read/ranges", test_read_ranges);
  g_test_add_func ("/da/legacy/read/area", test_area);
  g_test_add_func ("/da/legacy/erase", test_erase);
  g_test_add_func ("/da/legacy/layout/entries", test_layout);
  g_test_add_func ("/da/legacy/layout/refused", test_layout_refused);
  g_test_add_func ("/da/legacy/layout/write", test_write_layout);
  g_test_add_func ("/da/legacy/layout/write-checks", test_write_layout_checks);
  g_test_add_func ("/da/legacy/health", test_health);
  g_test_add_func ("/da/legacy/finish/words", test_finish);
  g_test_add_func ("/da/legacy/finish/after-trouble", test_finish_after_trouble);
  g_test_add_func ("/da/legacy/new", test_new);
  g_test_add_func ("/da/legacy/status-numbers", test_status_numbers);
  return g_test_run ();
}
