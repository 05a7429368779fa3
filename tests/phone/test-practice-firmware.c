/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include "base/ub-error.h"

static Client
open_with (const char *chip, UbTable table)
{
  UbPracticePhoneOptions options = make_options (chip, UB_ENTER_PRELOADER);

  options.table = table;
  return open_client (&options);
}

static char *
load (const char *folder, const char *name, gsize *size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *data;

  g_file_get_contents (path, &data, size, &error);
  g_assert_no_error (error);
  return data;
}

/* the value of @key in the scatter's entry of @part */
static char *
get_value (const char *scatter, const char *part, const char *key)
{
  g_autofree char *head = g_strdup_printf ("partition_name: %s\n", part);
  g_autofree char *label = g_strdup_printf ("  %s: ", key);
  const char      *at = strstr (scatter, head);

  g_assert_nonnull (at);
  at = strstr (at, label) + strlen (label);
  return g_strndup (at, strcspn (at, "\n"));
}

static void
check (const char *scatter, const char *part, const char *key, const char *want)
{
  g_autofree char *value = get_value (scatter, part, key);

  g_assert_cmpstr (value, ==, want);
}

static void
test_gpt (void)
{
  Client           client = open_with ("MT6580", UB_TABLE_GPT);
  g_autofree char *folder = make_firmware (&client, FALSE);
  gsize            size;
  g_autofree char *scatter = load (folder, "MT6580_Android_scatter.txt", &size);
  g_autofree char *boot = load (folder, "boot.img", &size);
  guint8           lba1[8];

  g_assert_nonnull (strstr (scatter, "config_version: V1.1.2\n"));
  check (scatter, "preloader", "region", "EMMC_BOOT1_BOOT2");
  check (scatter, "preloader", "partition_size", "0x40000");
  check (scatter, "nvram", "operation_type", "BINREGION");
  check (scatter, "nvram", "is_download", "false");
  check (scatter, "boot", "linear_start_addr", "0xb40000");
  check (scatter, "boot", "physical_start_addr", "0xb40000");
  check (scatter, "boot", "file_name", "boot.img");
  check (scatter, "flashinfo", "linear_start_addr", "0xffff0084");
  check (scatter, "flashinfo", "is_reserved", "true");
  g_assert_cmpmem (boot, 8, "ANDROID!", 8);
  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_USER, 512, lba1, 8);
  g_assert_cmpmem (lba1, 8, "EFI PART", 8);
  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_USER, 64 * 1024 * 1024 - 512, lba1, 8);
  g_assert_cmpmem (lba1, 8, "EFI PART", 8);
  remove_folder (folder);
  close_client (&client);
}

/* of their time: linear addresses count the preloader's size in */
static void
test_ebr (void)
{
  Client           client = open_with ("MT6592", UB_TABLE_EBR);
  g_autofree char *folder = make_firmware (&client, FALSE);
  gsize            size;
  g_autofree char *scatter = load (folder, "MT6592_Android_scatter.txt", &size);
  g_autofree char *mbr = load (folder, "MBR", &size);
  guint8           sector[512];

  g_assert_cmpuint (size, ==, 512);
  g_assert_nonnull (strstr (scatter, "config_version: V1.1.1\n"));
  check (scatter, "PRELOADER", "partition_size", "0x1400000");
  check (scatter, "MBR", "linear_start_addr", "0x1400000");
  check (scatter, "MBR", "physical_start_addr", "0x0");
  check (scatter, "NVRAM", "linear_start_addr", "0x1800000");
  check (scatter, "NVRAM", "physical_start_addr", "0x400000");
  check (scatter, "BMTPOOL", "physical_start_addr", "0xffff00a8");
  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_USER, 0, sector, sizeof sector);
  g_assert_cmpmem (mbr, 512, sector, 512);
  remove_folder (folder);
  close_client (&client);
}

/* what there is to lose: different in every part, and not in the firmware */
static void
test_prefill (void)
{
  Client client = open_with ("MT6735", UB_TABLE_GPT);
  char   text[64] = "";

  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_USER, 0x380000, (guint8 *) text, 32);
  g_assert_true (g_str_has_prefix (text, "PRECIOUS nvram"));
  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_USER, 0xb40000, (guint8 *) text, 32);
  g_assert_true (g_str_has_prefix (text, "OLD boot"));
  ub_practice_phone_peek (client.phone, UB_REGION_EMMC_BOOT1, 0x800, (guint8 *) text, 32);
  g_assert_cmpmem (text, 4, "MMM\x01", 4);
  g_assert_cmpuint (ub_practice_phone_get_memory (client.phone), <, 4 * 1024 * 1024);
  close_client (&client);
}

static guint32
field (const char *at)
{
  return le32 ((const guint8 *) at);
}

/* a sparse file's chunks add up, and hold something of each kind */
static void
test_sparse (void)
{
  Client           client = open_with ("MT6580", UB_TABLE_GPT);
  g_autofree char *folder = make_firmware (&client, TRUE);
  gsize            size, at = 28;
  g_autofree char *image = load (folder, "system.img", &size);
  guint            kinds[3] = { 0 };
  guint64          blocks = 0;

  g_assert_cmphex (field (image), ==, 0xed26ff3a);
  for (guint i = 0; i < field (image + 20); i++)
    {
      guint32 type = field (image + at) & 0xffff;

      g_assert_cmpuint (type, >=, 0xcac1);
      g_assert_cmpuint (type, <=, 0xcac3);
      kinds[type - 0xcac1]++;
      blocks += field (image + at + 4);
      at += field (image + at + 8);
      g_assert_cmpuint (at, <=, size);
    }
  g_assert_cmpuint (at, ==, size);
  g_assert_cmpuint (blocks, ==, field (image + 16));
  g_assert_cmpuint (blocks * 4096, ==, 6 * 1024 * 1024);
  g_assert_cmpuint (kinds[0], >, 0);
  g_assert_cmpuint (kinds[1], >, 0);
  g_assert_cmpuint (kinds[2], >, 0);
  remove_folder (folder);
  close_client (&client);
}

static void
test_same_again (void)
{
  static const char *const names[] = { "system.img",
                                       "preloader_practice.bin",
                                       "MTK_AllInOne_DA_practice.bin" };
  Client                   client = open_with ("MT8127", UB_TABLE_GPT);
  g_autofree char         *one = make_firmware (&client, FALSE);
  g_autofree char         *two = make_firmware (&client, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize            size1, size2;
      g_autofree char *data1 = load (one, names[i], &size1);
      g_autofree char *data2 = load (two, names[i], &size2);

      g_assert_cmpmem (data1, size1, data2, size2);
    }
  remove_folder (one);
  remove_folder (two);
  close_client (&client);
}

/* layout B of the same phone: other places, other bytes */
static void
test_other (void)
{
  Client           client = open_with ("MT6580", UB_TABLE_GPT);
  g_autofree char *one = make_firmware (&client, FALSE);
  g_autofree char *two = g_dir_make_tmp ("unbrick-other-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  gsize            size, size1, size2;
  g_autofree char *a = load (one, "MT6580_Android_scatter.txt", &size);
  g_autofree char *b = NULL;
  g_autofree char *preloader1 = load (one, "preloader_practice.bin", &size1);
  g_autofree char *preloader2 = NULL;

  g_assert_true (ub_practice_firmware_write_other (client.phone, two, 0, FALSE, &error));
  g_assert_no_error (error);
  b = load (two, "MT6580_Android_scatter.txt", &size);
  preloader2 = load (two, "preloader_practice.bin", &size2);
  check (a, "proinfo", "physical_start_addr", "0x80000");
  check (b, "proinfo", "physical_start_addr", "0x80000");
  check (a, "nvram", "physical_start_addr", "0x380000");
  check (b, "nvram", "physical_start_addr", "0xe40000");
  check (b, "nvram", "partition_size", "0x600000");
  check (b, "userdata", "partition_size", "0x0");
  check (b, "tee1", "file_name", "tee.img");
  g_assert_null (strstr (a, "tee1"));
  g_assert_nonnull (strstr (a, "expdb"));
  g_assert_null (strstr (b, "expdb"));
  g_assert_cmpuint (size1, ==, size2);
  g_assert_true (memcmp (preloader1, preloader2, size1) != 0);
  remove_folder (one);
  remove_folder (two);
  close_client (&client);
}

/* all the parts of a large one in 4 MiB, both layouts, both kinds of table */
static void
test_small (void)
{
  for (UbTable table = UB_TABLE_GPT; table <= UB_TABLE_EBR; table++)
    {
      UbPracticePhoneOptions options = make_options ("MT6582", UB_ENTER_PRELOADER);
      g_autofree char       *folder = g_dir_make_tmp ("unbrick-small-XXXXXX", NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *system = NULL;
      Client           client;
      gsize            size;

      options.table = table;
      options.user_size = 4 * 1024 * 1024;
      options.boot_size = 64 * 1024;
      client = open_client (&options);
      g_assert_cmpuint (ub_practice_phone_get_product (client.phone), ==, 0x2000);
      g_assert_true (ub_practice_firmware_write_other (client.phone, folder, 0, FALSE, &error));
      g_assert_no_error (error);
      g_assert_true (ub_practice_firmware_write (client.phone, folder, 0x20000, FALSE, &error));
      g_assert_no_error (error);
      system = load (folder, "system.img", &size);
      g_assert_cmpuint (size, ==, 0x20000);
      remove_folder (folder);
      close_client (&client);
    }
}

static void
test_blank (void)
{
  UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_PRELOADER);
  g_autofree char       *hash = NULL;
  g_autofree char       *other = NULL;
  g_autofree guint8     *nothing = g_malloc0 (1024 * 1024);
  Client                 client;

  options.blank = TRUE;
  client = open_client (&options);
  g_assert_cmpuint (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  hash = ub_practice_phone_hash (client.phone, UB_REGION_EMMC_USER, 0, 1024 * 1024);
  other = g_compute_checksum_for_data (G_CHECKSUM_SHA256, nothing, 1024 * 1024);
  g_assert_cmpstr (hash, ==, other);
  g_assert_cmpuint (ub_practice_phone_get_memory (client.phone), ==, 0);
  close_client (&client);
}

static void
test_refusals (void)
{
  UbPracticePhoneOptions options = make_options ("MT9999", UB_ENTER_PRELOADER);
  g_autoptr (GError) chip = NULL, size = NULL, big = NULL, file = NULL;
  Client client;

  g_assert_null (ub_practice_phone_new (&options, &chip));
  g_assert_error (chip, UB_ERROR, UB_ERROR_UNKNOWN_CHIP);
  options.chip = "MT6580";
  options.user_size = 1000;
  g_assert_null (ub_practice_phone_new (&options, &size));
  g_assert_error (size, UB_ERROR, UB_ERROR_UNSUPPORTED);

  client = open_with ("MT6580", UB_TABLE_GPT);
  g_assert_false (
      ub_practice_firmware_write (client.phone, g_get_tmp_dir (), 64 * 1024 * 1024, FALSE, &big));
  g_assert_error (big, UB_ERROR, UB_ERROR_IMAGE_TOO_BIG);
  g_assert_false (ub_practice_firmware_write (client.phone, "/proc/nowhere", 0, FALSE, &file));
  g_assert_error (file, UB_ERROR, UB_ERROR_FILE_WRITE);
  close_client (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/firmware/gpt", test_gpt);
  g_test_add_func ("/phone/firmware/ebr", test_ebr);
  g_test_add_func ("/phone/firmware/prefill", test_prefill);
  g_test_add_func ("/phone/firmware/sparse", test_sparse);
  g_test_add_func ("/phone/firmware/same-again", test_same_again);
  g_test_add_func ("/phone/firmware/other", test_other);
  g_test_add_func ("/phone/firmware/small", test_small);
  g_test_add_func ("/phone/firmware/blank", test_blank);
  g_test_add_func ("/phone/firmware/refusals", test_refusals);
  return g_test_run ();
}
