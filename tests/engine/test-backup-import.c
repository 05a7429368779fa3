/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-copies.h"

/* --- what others made --- */

static void
put_file (const char *folder, const char *name, const guint8 *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int              fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  close (fd);
}

static void
put_text (const char *folder, const char *name, const char *text)
{
  put_file (folder, name, (const guint8 *) text, strlen (text));
}

static UbLayout *
plain_layout_new (void)
{
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0x200000, 0x100200);
  ub_layout_add (layout, "userdata", UB_REGION_EMMC_USER, 0x400000, 0x200000);
  return layout;
}

/* a user area with both tables */
static guint8 *
user_new (guint block_size)
{
  guint8 *data = test_copies_content_new ("user", TEST_USER_SIZE);
  g_autoptr (UbLayout) layout = plain_layout_new ();
  g_autoptr (GBytes) table = NULL;
  g_autoptr (GBytes) second = NULL;

  for (guint i = 0; block_size == 4096 && i < layout->entries->len; i++)
    {
      UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      entry->region = UB_REGION_UFS_LU2;
      entry->size &= ~(guint64) 4095;
    }
  table = ub_gpt_build (layout, TEST_USER_SIZE, block_size, 0);
  second = ub_gpt_build_backup (layout, TEST_USER_SIZE, block_size, 0);
  memcpy (data, g_bytes_get_data (table, NULL), g_bytes_get_size (table));
  memcpy (data + TEST_USER_SIZE - g_bytes_get_size (second),
          g_bytes_get_data (second, NULL),
          g_bytes_get_size (second));
  return data;
}

static guint8 *
boot_new (void)
{
  guint8 *data = test_copies_content_new ("boot", TEST_BOOT_SIZE);

  memcpy (data, "EMMC_BOOT\0\0\0\1", 13);
  return data;
}

static UbBackup *
import (const char *path)
{
  g_autoptr (GError) error = NULL;
  UbBackup *copy = ub_backup_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ub_backup_get_kind (copy), ==, UB_BACKUP_IMPORTED);
  g_assert_null (ub_backup_get_phone (copy));
  g_assert_true (ub_backup_verify (copy, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return copy;
}

static void
assert_part (UbBackup     *copy,
             const char   *name,
             UbRegion      region,
             guint64       offset,
             const guint8 *expected,
             gsize         size)
{
  g_autoptr (GError) error = NULL;
  const UbBackupPart *part = ub_backup_find (copy, name);
  g_autofree guint8  *data = g_malloc (size);

  g_assert_nonnull (part);
  g_assert_cmpuint (part->region, ==, region);
  g_assert_cmpuint (part->offset, ==, offset);
  g_assert_cmpuint (part->length, ==, size);
  g_assert_true (ub_backup_read (copy, part, 0, data, size, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (data, size, expected, size);
}

/* SP Flash Tool: ROM_0 the user area, ROM_1 and ROM_2 the boot areas */
static void
test_import_roms (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = user_new (512);
  g_autofree guint8 *boot = boot_new ();
  g_autofree guint8 *blank = g_malloc0 (TEST_BOOT_SIZE);

  put_file (root, "ROM_0", user, TEST_USER_SIZE);
  put_file (root, "ROM_1", boot, TEST_BOOT_SIZE);
  put_file (root, "ROM_2", blank, TEST_BOOT_SIZE);
  {
    g_autoptr (UbBackup) copy = import (root);

    g_assert_true (ub_backup_is_whole (copy));
    g_assert_cmpuint (ub_backup_get_parts (copy)->len, ==, 3);
    assert_part (copy, "user", UB_REGION_EMMC_USER, 0, user, TEST_USER_SIZE);
    assert_part (copy, "boot1", UB_REGION_EMMC_BOOT1, 0, boot, TEST_BOOT_SIZE);
    assert_part (copy, "boot2", UB_REGION_EMMC_BOOT2, 0, blank, TEST_BOOT_SIZE);
    assert_part (copy, "nvram", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
    assert_part (copy, "BOOT", UB_REGION_EMMC_USER, 0x200000, user + 0x200000, 0x100200);
    g_assert_true (ub_backup_find (copy, "nvram")->is_protected);
  }
  /* nobody can say what this one is */
  put_file (root, "ROM_3", blank, 0x10000);
  test_copies_assert_refused (root, "ROM_3");
  test_copies_folder_remove (root);
}

/* one file, by whatever name; and one whose first table is gone */
static void
test_import_file (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree char   *path = g_build_filename (root, "my phone", NULL);
  g_autofree guint8 *user = user_new (512);

  put_file (root, "my phone", user, TEST_USER_SIZE);
  {
    g_autoptr (UbBackup) copy = import (path);

    g_assert_cmpstr (ub_backup_get_folder (copy), ==, path);
    g_assert_false (ub_backup_is_whole (copy));
    assert_part (copy, "userdata", UB_REGION_EMMC_USER, 0x400000, user + 0x400000, 0x200000);
  }
  memset (user, 0, 0x8000);
  put_file (root, "my phone", user, TEST_USER_SIZE);
  {
    g_autoptr (UbBackup) copy = import (path);

    assert_part (copy, "userdata", UB_REGION_EMMC_USER, 0x400000, user + 0x400000, 0x200000);
  }
  memset (user + TEST_USER_SIZE - 0x8000, 0, 0x8000);
  put_file (root, "my phone", user, TEST_USER_SIZE);
  test_copies_assert_refused (path, "my phone");
  test_copies_folder_remove (root);
}

/* what was read of a part alone is not put back */
static void
test_import_cut (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = user_new (512);
  g_autoptr (UbBackup) copy = NULL;

  put_file (root, "flash.bin", user, 0x500000);
  copy = import (root);
  g_assert_null (ub_backup_find (copy, "user"));
  g_assert_null (ub_backup_find (copy, "userdata"));
  g_assert_false (ub_backup_is_whole (copy));
  assert_part (copy, "nvram", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
  assert_part (copy, "boot", UB_REGION_EMMC_USER, 0x200000, user + 0x200000, 0x100200);
  assert_part (copy, "table", UB_REGION_EMMC_USER, 0, user, UB_GPT_SIZE);
  test_copies_folder_remove (root);
}

static void
test_import_ufs (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = user_new (4096);
  g_autofree guint8 *boot = boot_new ();
  g_autoptr (UbBackup) copy = NULL;

  put_file (root, "lu2.bin", user, TEST_USER_SIZE);
  put_file (root, "lu0.bin", boot, TEST_BOOT_SIZE);
  put_file (root, "lu1.bin", boot, TEST_BOOT_SIZE);
  copy = import (root);
  g_assert_true (ub_backup_is_whole (copy));
  assert_part (copy, "boot", UB_REGION_UFS_LU2, 0x200000, user + 0x200000, 0x100000);
  assert_part (copy, "boot1", UB_REGION_UFS_LU0, 0, boot, TEST_BOOT_SIZE);
  assert_part (copy, "boot2", UB_REGION_UFS_LU1, 0, boot, TEST_BOOT_SIZE);
  test_copies_folder_remove (root);
}

/* SP Flash Tool of old counts boot areas and user area as one */
static void
test_import_linear (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = user_new (512);
  g_autofree guint8 *boot = boot_new ();
  g_autofree guint8 *all = g_malloc0 (0x1000000 + TEST_USER_SIZE);
  g_autoptr (UbBackup) copy = NULL;

  memcpy (all, boot, TEST_BOOT_SIZE);
  memcpy (all + 0x1000000, user, TEST_USER_SIZE);
  put_file (root, "ROM_0", all, 0x1000000 + TEST_USER_SIZE);
  copy = import (root);
  assert_part (copy, "user", UB_REGION_EMMC_USER, 0, user, TEST_USER_SIZE);
  assert_part (copy, "nvram", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
  test_copies_folder_remove (root);
}

static void
put_mbr_entry (guint8 *sector, guint i, guint8 type, guint32 start, guint32 size)
{
  guint8 *at = sector + 446 + 16 * i;

  at[4] = type;
  start = GUINT32_TO_LE (start);
  size = GUINT32_TO_LE (size);
  memcpy (at + 8, &start, 4);
  memcpy (at + 12, &size, 4);
  sector[510] = 0x55;
  sector[511] = 0xAA;
}

static const char mbr_scatter[] = "- general: MTK_PLATFORM_CFG\n"
                                  "  info:\n"
                                  "    - config_version: V1.1.1\n"
                                  "      platform: MT6582\n"
                                  "      project: w370\n"
                                  "      storage: EMMC\n"
                                  "      boot_channel: MSDC_0\n"
                                  "      block_size: 0x20000\n"
                                  "- partition_index: SYS0\n"
                                  "  partition_name: PRELOADER\n"
                                  "  file_name: preloader.bin\n"
                                  "  is_download: true\n"
                                  "  type: SV5_BL_BIN\n"
                                  "  linear_start_addr: 0x0\n"
                                  "  physical_start_addr: 0x0\n"
                                  "  partition_size: 0x40000\n"
                                  "  region: EMMC_BOOT_1\n"
                                  "  storage: HW_STORAGE_EMMC\n"
                                  "  boundary_check: true\n"
                                  "  is_reserved: false\n"
                                  "  operation_type: BOOTLOADERS\n"
                                  "  reserve: 0x00\n"
                                  "- partition_index: SYS1\n"
                                  "  partition_name: NVRAM\n"
                                  "  file_name: NONE\n"
                                  "  is_download: false\n"
                                  "  type: NORMAL_ROM\n"
                                  "  linear_start_addr: 0xd00000\n"
                                  "  physical_start_addr: 0x100000\n"
                                  "  partition_size: 0x80000\n"
                                  "  region: EMMC_USER\n"
                                  "  storage: HW_STORAGE_EMMC\n"
                                  "  boundary_check: true\n"
                                  "  is_reserved: false\n"
                                  "  operation_type: BINREGION\n"
                                  "  reserve: 0x00\n"
                                  "- partition_index: SYS2\n"
                                  "  partition_name: BOOTIMG\n"
                                  "  file_name: boot.img\n"
                                  "  is_download: true\n"
                                  "  type: NORMAL_ROM\n"
                                  "  linear_start_addr: 0xe00000\n"
                                  "  physical_start_addr: 0x200000\n"
                                  "  partition_size: 0x100000\n"
                                  "  region: EMMC_USER\n"
                                  "  storage: HW_STORAGE_EMMC\n"
                                  "  boundary_check: true\n"
                                  "  is_reserved: false\n"
                                  "  operation_type: UPDATE\n"
                                  "  reserve: 0x00\n";

/* a phone of the MBR days: its last part says that it reaches to the end of the world */
static void
test_import_mbr (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = test_copies_content_new ("user", TEST_USER_SIZE);
  g_autofree guint8 *boot = boot_new ();
  g_autoptr (UbBackup) copy = NULL;

  memset (user, 0, 0x1000);
  put_mbr_entry (user, 0, 0x83, 0x800, 0x400);
  put_mbr_entry (user, 1, 0x05, 8, 0xFFFFFFF7);
  put_mbr_entry (user + 8 * 512, 0, 0x83, 0x2000 - 8, 0xFFFFDFFF);
  memset (user + 8 * 512, 0, 446);
  memset (user + 8 * 512 + 446 + 16, 0, 48);
  user[8 * 512 + 446] = 0;
  put_file (root, "ROM_0", user, TEST_USER_SIZE);
  put_file (root, "ROM_1", boot, TEST_BOOT_SIZE);
  put_text (root, "MT6582_Android_scatter.txt", mbr_scatter);
  copy = import (root);
  assert_part (copy, "user", UB_REGION_EMMC_USER, 0, user, TEST_USER_SIZE);
  assert_part (copy, "boot1", UB_REGION_EMMC_BOOT1, 0, boot, TEST_BOOT_SIZE);
  assert_part (copy, "NVRAM", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
  assert_part (copy, "BOOTIMG", UB_REGION_EMMC_USER, 0x200000, user + 0x200000, 0x100000);
  g_assert_true (ub_backup_find (copy, "nvram")->is_protected);
  g_assert_cmpint (ub_backup_get_layout (copy)->kind, ==, UB_LAYOUT_MBR);
  test_copies_folder_remove (root);
}

/* mtkclient: a file for each partition, beside the table */
static void
test_import_parts (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree guint8 *user = user_new (512);
  g_autofree guint8 *boot = boot_new ();

  put_file (root, "gpt.bin", user, 0x8000);
  put_file (root, "nvram.bin", user + 0x100000, 0x80000);
  put_file (root, "boot.bin", user + 0x200000, 0x100200);
  put_file (root, "preloader.bin", boot, TEST_BOOT_SIZE);
  put_file (root, "notes.txt", boot, 100);
  {
    g_autoptr (UbBackup) copy = import (root);

    g_assert_cmpuint (ub_backup_get_parts (copy)->len, ==, 4);
    assert_part (copy, "nvram", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
    assert_part (copy, "boot", UB_REGION_EMMC_USER, 0x200000, user + 0x200000, 0x100200);
    assert_part (copy, "boot1", UB_REGION_EMMC_BOOT1, 0, boot, TEST_BOOT_SIZE);
    assert_part (copy, "table", UB_REGION_EMMC_USER, 0, user, UB_GPT_SIZE);
    g_assert_cmpuint (ub_backup_get_layout (copy)->entries->len, ==, 3);
  }
  /* the start-up area of another kind of file */
  put_file (root, "preloader.bin", user + 0x100000, TEST_BOOT_SIZE);
  test_copies_assert_refused (root, "preloader.bin");
  put_file (root, "preloader.bin", boot, TEST_BOOT_SIZE);
  /* one byte short, one too long */
  put_file (root, "nvram.bin", user + 0x100000, 0x80000 - 1);
  test_copies_assert_refused (root, "nvram.bin");
  put_file (root, "nvram.bin", user + 0x100000, 0x80000 + 1);
  test_copies_assert_refused (root, "nvram.bin");
  test_copies_folder_remove (root);
}

/* a way out of the folder is no part of it */
static void
test_import_links (void)
{
  g_autofree char   *root = test_copies_folder_new ();
  g_autofree char   *link = g_build_filename (root, "nvram.bin", NULL);
  g_autofree char   *aside = test_copies_folder_new ();
  g_autofree char   *target = g_build_filename (aside, "nvram.bin", NULL);
  g_autofree guint8 *user = user_new (512);
  g_autoptr (UbBackup) copy = NULL;

  put_file (root, "gpt.bin", user, 0x8000);
  put_file (aside, "nvram.bin", user + 0x100000, 0x80000);
  g_assert_cmpint (symlink (target, link), ==, 0);
  copy = import (root);
  g_assert_null (ub_backup_find (copy, "nvram"));
  test_copies_folder_remove (root);
  test_copies_folder_remove (aside);
}

/* parts beside a scatter, as MTKDroidTools leaves them; a firmware is none */
static void
test_import_scatter (void)
{
  static const guint8 sparse[28] = { 0x3a, 0xff, 0x26, 0xed, 1, 0, 0, 0, 28, 0, 12, 0, 0, 16 };
  g_autofree char    *root = test_copies_folder_new ();
  g_autofree guint8  *user = user_new (512);
  g_autofree guint8  *boot = boot_new ();

  put_text (root, "MT6582_Android_scatter.txt", mbr_scatter);
  put_file (root, "preloader.bin", boot, TEST_BOOT_SIZE);
  put_file (root, "NVRAM.bin", user + 0x100000, 0x80000);
  put_file (root, "boot.img", user + 0x200000, 0xff000);
  {
    g_autoptr (UbBackup) copy = import (root);

    g_assert_cmpstr (ub_backup_get_project (copy), ==, "w370");
    assert_part (copy, "boot1", UB_REGION_EMMC_BOOT1, 0, boot, TEST_BOOT_SIZE);
    assert_part (copy, "NVRAM", UB_REGION_EMMC_USER, 0x100000, user + 0x100000, 0x80000);
    assert_part (copy, "BOOTIMG", UB_REGION_EMMC_USER, 0x200000, user + 0x200000, 0xff000);
  }
  put_file (root, "boot.img", user + 0x200000, 0x100001);
  test_copies_assert_refused (root, "boot.img");
  put_file (root, "boot.img", sparse, sizeof sparse);
  test_copies_assert_refused (root, "boot.img");
  test_copies_folder_remove (root);
}

static void
test_import_nothing (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *none = g_build_filename (root, "none", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_backup_open (none, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
  test_copies_assert_refused (root, "neither a partition table nor a scatter");
  put_text (root, "boot.bin", "something");
  test_copies_assert_refused (root, "neither a partition table nor a scatter");
  test_copies_folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup-import/roms", test_import_roms);
  g_test_add_func ("/backup-import/file", test_import_file);
  g_test_add_func ("/backup-import/cut", test_import_cut);
  g_test_add_func ("/backup-import/ufs", test_import_ufs);
  g_test_add_func ("/backup-import/linear", test_import_linear);
  g_test_add_func ("/backup-import/mbr", test_import_mbr);
  g_test_add_func ("/backup-import/parts", test_import_parts);
  g_test_add_func ("/backup-import/links", test_import_links);
  g_test_add_func ("/backup-import/scatter", test_import_scatter);
  g_test_add_func ("/backup-import/nothing", test_import_nothing);
  return g_test_run ();
}
