/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup.h"
#include "engine/ub-disk.h"
#include "firmware/ub-gpt.h"

/* Phones, copies and folders of copies, made by the tests themselves. */

#define TEST_BOOT_SIZE 0x40000
#define TEST_USER_SIZE 0x800000

typedef struct
{
  const char *name;
  UbRegion    region;
  guint64     offset;
  guint64     length;
  gboolean    is_protected;
} TestPiece;

static const TestPiece test_copies_usual[] = {
  { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, FALSE },
  { "table", UB_REGION_EMMC_USER, 0, UB_GPT_SIZE, FALSE },
  { "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000, TRUE },
  { "../boot", UB_REGION_EMMC_USER, 0x200000, 0x100200, FALSE },
};

static inline UbLayout *
test_copies_layout_new (void)
{
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000);
  ub_layout_add (layout, "../boot", UB_REGION_EMMC_USER, 0x200000, 0x100200);
  ub_layout_add (layout, "sys\xc3\xbcm", UB_REGION_EMMC_USER, 0x400000, 0x200000);
  return layout;
}

static inline UbPhoneInfo *
test_copies_phone_new (guint8 id)
{
  UbBromInfo brom = {
    .is_boot_rom = TRUE,
    .bl_version = 0xfe,
    .brom_version = 5,
    .hw_code = 0x6580,
    .hw_sub_code = 0x8a00,
    .hw_version = 0xca00,
    .sw_version = 1,
    .target_config = 0x80000005,
    .me_id_size = 16,
    .soc_id_size = 0,
  };
  UbDaReport report = { .storage = UB_STORAGE_EMMC,
                        .boot1_size = TEST_BOOT_SIZE,
                        .boot2_size = TEST_BOOT_SIZE,
                        .rpmb_size = 0x20000,
                        .user_size = TEST_USER_SIZE,
                        .ram_size = 1 << 30,
                        .dram_by_us = TRUE,
                        .high_speed = TRUE,
                        .version_major = 3,
                        .version_minor = 2 };
  g_autoptr (UbLayout) layout = test_copies_layout_new ();

  brom.chip = ub_chip_find (0x6580);
  memset (brom.me_id, id, 16);
  memset (report.cid, id, sizeof report.cid);
  memset (report.random_id, 7, sizeof report.random_id);
  g_strlcpy (report.emi_origin, "preloader_w370.bin", sizeof report.emi_origin);
  return ub_phone_info_new ("1-2.4", "high", &brom, &report, layout);
}

/* noise with holes of every size in it */
static inline guint8 *
test_copies_content_new (const char *name, gsize size)
{
  guint8 *data = g_malloc0 (size);
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_str_hash (name));

  for (gsize at = 0; at < size; at += 4096)
    if (g_rand_boolean (rand) || at < 8192)
      for (gsize i = at; i < MIN (at + 4096, size); i++)
        data[i] = (guint8) g_rand_int (rand);
  if (size > 0x40000)
    memset (data + size - 0x28000, 0, 0x28000);
  return data;
}

static inline gboolean
test_copies_put_piece (UbBackupWriter *writer, const TestPiece *piece, GError **error)
{
  g_autofree guint8 *data = test_copies_content_new (piece->name, piece->length);

  if (!ub_backup_writer_begin (writer,
                               piece->name,
                               piece->region,
                               piece->offset,
                               piece->length,
                               piece->is_protected,
                               error))
    return FALSE;
  for (gsize at = 0, size; at < piece->length; at += size)
    {
      size = MIN (piece->length - at, 1 + at % 70001);
      if (!ub_backup_writer_sink (writer, data + at, size, error))
        return FALSE;
    }
  return ub_backup_writer_end (writer, error);
}

static inline guint64
test_copies_usual_size (void)
{
  guint64 size = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (test_copies_usual); i++)
    size += test_copies_usual[i].length;
  return size;
}

static inline UbBackup *
test_copies_copy_new (const char *folder, UbPhoneInfo *phone, GError **error)
{
  g_autoptr (UbBackupWriter) writer = ub_backup_writer_new (folder,
                                                            UB_BACKUP_SAFETY,
                                                            phone,
                                                            "w370",
                                                            test_copies_usual_size (),
                                                            error);

  for (gsize i = 0; writer != NULL && i < G_N_ELEMENTS (test_copies_usual); i++)
    if (!test_copies_put_piece (writer, &test_copies_usual[i], error))
      return NULL;
  return writer != NULL ? ub_backup_writer_finish (writer, NULL, NULL, NULL, error) : NULL;
}

static inline char *
test_copies_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ub-backup-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static inline void
test_copies_folder_remove (const char *folder)
{
  ub_disk_remove_tree (folder, NULL);
}

static inline void
test_copies_patch (const char *path, gsize offset)
{
  int    fd = g_open (path, O_RDWR, 0);
  guint8 byte;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pread (fd, &byte, 1, (off_t) offset), ==, 1);
  byte ^= 0x01;
  g_assert_cmpint (pwrite (fd, &byte, 1, (off_t) offset), ==, 1);
  close (fd);
}

static inline void
test_copies_assert_refused (const char *folder, const char *named)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = ub_backup_open (folder, &error);

  if (copy != NULL)
    g_assert_false (ub_backup_verify (copy, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  if (strstr (error->message, named) == NULL)
    g_error ("\"%s\" does not name %s", error->message, named);
}

static inline char *
test_copies_dup_file (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* a manifest somebody changed, with sums that say it is good */
static inline void
test_copies_rewrite (const char *folder, const char *from, const char *to)
{
  g_autofree char *path = test_copies_dup_file (folder, "manifest.json");
  g_autofree char *sums_path = test_copies_dup_file (folder, "SHA256SUMS");
  g_autofree char *text = NULL;
  g_autofree char *sums = NULL;
  g_autofree char *sha256 = NULL;
  g_autoptr (GString) changed = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_file_get_contents (sums_path, &sums, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  if (g_str_has_prefix (to, "\"") && strchr (to, ':') == NULL)
    {
      g_autofree char *new_name = g_strndup (to + 1, strlen (to) - 2);
      g_autoptr (GString) other = g_string_new (sums);

      g_string_replace (other, "nvram.bin", new_name, 1);
      g_free (sums);
      sums = g_strdup (other->str);
    }
  sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, changed->str, -1);
  memcpy (sums, sha256, 64);
  g_assert_true (g_file_set_contents (path, changed->str, -1, NULL));
  g_assert_true (g_file_set_contents (sums_path, sums, -1, NULL));
}
