/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-plan.h"

/* a small firmware in a folder of its own: a map and its files, made here */

static inline char *
test_firmware_new_folder (void)
{
  char *folder = g_dir_make_tmp ("unbrick-engine-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static inline void
test_firmware_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        test_firmware_remove (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

/* @size bytes beginning with @head */
static inline void
test_firmware_put (const char *folder, const char *name, const char *head, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *data = g_malloc0 (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = (char) (i * 7 + 1);
  memcpy (data, head, MIN (strlen (head), size));
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

typedef struct
{
  const char *name;
  const char *file;
  gboolean    is_download;
  guint64     start;
  guint64     size;
  const char *region;
  const char *operation;
  gboolean    is_reserved;
} TestPart;

static inline void
test_firmware_put_map (const char *folder, const TestPart *parts, guint n_parts)
{
  g_autoptr (GString) text = g_string_new ("#I####\n"
                                           "- general: MTK_PLATFORM_CFG\n"
                                           "  info: \n"
                                           "    - config_version: V1.1.2\n"
                                           "      platform: MT6580\n"
                                           "      project: test_project\n"
                                           "      storage: EMMC\n"
                                           "      boot_channel: MSDC_0\n"
                                           "      block_size: 0x20000\n");
  g_autofree char *path = g_build_filename (folder, "MT6580_Android_scatter.txt", NULL);

  for (guint i = 0; i < n_parts; i++)
    g_string_append_printf (
        text,
        "- partition_index: SYS%u\n  partition_name: %s\n  file_name: %s\n"
        "  is_download: %s\n  type: %s\n  linear_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
        "  physical_start_addr: 0x%" G_GINT64_MODIFIER "x\n  partition_size: 0x%" G_GINT64_MODIFIER
        "x\n"
        "  region: %s\n  storage: HW_STORAGE_EMMC\n  boundary_check: true\n"
        "  is_reserved: %s\n  operation_type: %s\n  is_upgradable: true\n"
        "  empty_boot_needed: false\n  reserve: 0x00\n\n",
        i,
        parts[i].name,
        parts[i].file != NULL ? parts[i].file : "NONE",
        parts[i].is_download ? "true" : "false",
        i == 0 ? "SV5_BL_BIN" : "NORMAL_ROM",
        parts[i].start,
        parts[i].start,
        parts[i].size,
        parts[i].region,
        parts[i].is_reserved ? "true" : "false",
        parts[i].operation);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

#define TEST_N_PARTS 9

/* the usual map; a test may change its own copy before it is written */
static inline void
test_firmware_usual (TestPart *parts)
{
  const TestPart usual[TEST_N_PARTS] = {
    { "preloader", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
    { "proinfo", NULL, FALSE, 0x80000, 0x300000, "EMMC_USER", "PROTECTED" },
    { "nvram", "nvram.bin", FALSE, 0x380000, 0x500000, "EMMC_USER", "BINREGION" },
    { "lk", "lk.bin", TRUE, 0x880000, 0x80000, "EMMC_USER", "UPDATE" },
    { "boot", "boot.img", TRUE, 0x900000, 0x400000, "EMMC_USER", "UPDATE" },
    { "system", "system.img", TRUE, 0xd00000, 0x800000, "EMMC_USER", "UPDATE" },
    { "userdata", NULL, FALSE, 0x1500000, 0x1000000, "EMMC_USER", "UPDATE" },
    { "flashinfo", NULL, FALSE, 0xffff0080, 0x1000000, "EMMC_USER", "RESERVED", TRUE },
  };

  memcpy (parts, usual, sizeof usual);
}

static inline void
test_firmware_put_images (const char *folder)
{
  test_firmware_put (folder, "preloader_test.bin", "MMM\x01", 0x8000);
  test_firmware_put (folder, "nvram.bin", "N", 0x1000);
  test_firmware_put (folder, "lk.bin", "L", 0x10001);
  test_firmware_put (folder, "boot.img", "ANDROID!", 0x20000);
  test_firmware_put (folder, "system.img", "S", 0x300000);
}

static inline UbFirmware *
test_firmware_open (const char *folder)
{
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware = ub_firmware_open (folder, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return firmware;
}

static inline const UbIssue *
test_firmware_find_issue (UbPlan *plan, UbIssueLevel level, int code, const char *partition)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      if (issue->level == level && issue->code == code &&
          (partition == NULL || g_strcmp0 (issue->partition, partition) == 0))
        return issue;
    }
  return NULL;
}

static inline void
test_firmware_print_issues (UbPlan *plan)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      g_test_message ("%d %s %s: %s",
                      (int) issue->level,
                      ub_error_to_string ((UbError) issue->code),
                      issue->partition,
                      issue->text);
    }
}
