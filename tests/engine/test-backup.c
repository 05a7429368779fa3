/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup.h"
#include "engine/ub-disk.h"
#include "engine/ub-safety-copy.h"
#include "firmware/ub-gpt.h"
#include "firmware/ub-scatter.h"

#define BOOT_SIZE 0x40000
#define USER_SIZE 0x800000

typedef struct
{
  const char *name;
  UbRegion    region;
  guint64     offset;
  guint64     length;
  gboolean    is_protected;
} Piece;

static const Piece usual[] = {
  { "boot1", UB_REGION_EMMC_BOOT1, 0, BOOT_SIZE, FALSE },
  { "table", UB_REGION_EMMC_USER, 0, UB_GPT_SIZE, FALSE },
  { "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000, TRUE },
  { "../boot", UB_REGION_EMMC_USER, 0x200000, 0x100200, FALSE },
};

static UbLayout *
layout_new (void)
{
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000);
  ub_layout_add (layout, "../boot", UB_REGION_EMMC_USER, 0x200000, 0x100200);
  ub_layout_add (layout, "sys\xc3\xbcm", UB_REGION_EMMC_USER, 0x400000, 0x200000);
  return layout;
}

static UbPhoneInfo *
phone_new (guint8 id)
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
                        .boot1_size = BOOT_SIZE,
                        .boot2_size = BOOT_SIZE,
                        .rpmb_size = 0x20000,
                        .user_size = USER_SIZE,
                        .ram_size = 1 << 30,
                        .dram_by_us = TRUE,
                        .high_speed = TRUE,
                        .version_major = 3,
                        .version_minor = 2 };
  g_autoptr (UbLayout) layout = layout_new ();

  brom.chip = ub_chip_find (0x6580);
  memset (brom.me_id, id, 16);
  memset (report.cid, id, sizeof report.cid);
  memset (report.random_id, 7, sizeof report.random_id);
  g_strlcpy (report.emi_origin, "preloader_w370.bin", sizeof report.emi_origin);
  return ub_phone_info_new ("1-2.4", "high", &brom, &report, layout);
}

/* noise with holes of every size in it */
static guint8 *
content_new (const char *name, gsize size)
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

static gboolean
put_piece (UbBackupWriter *writer, const Piece *piece, GError **error)
{
  g_autofree guint8 *data = content_new (piece->name, piece->length);

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

static guint64
usual_size (void)
{
  guint64 size = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    size += usual[i].length;
  return size;
}

static UbBackup *
copy_new (const char *folder, UbPhoneInfo *phone, GError **error)
{
  g_autoptr (UbBackupWriter) writer =
          ub_backup_writer_new (folder, UB_BACKUP_SAFETY, phone, "w370", usual_size (), error);

  for (gsize i = 0; writer != NULL && i < G_N_ELEMENTS (usual); i++)
    if (!put_piece (writer, &usual[i], error))
      return NULL;
  return writer != NULL ? ub_backup_writer_finish (writer, NULL, NULL, NULL, error) : NULL;
}

static char *
folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ub-backup-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
folder_remove (const char *folder)
{
  ub_disk_remove_tree (folder, NULL);
}

static void
patch (const char *path, gsize offset)
{
  int    fd = g_open (path, O_RDWR, 0);
  guint8 byte;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pread (fd, &byte, 1, (off_t) offset), ==, 1);
  byte ^= 0x01;
  g_assert_cmpint (pwrite (fd, &byte, 1, (off_t) offset), ==, 1);
  close (fd);
}

static void
assert_refused (const char *folder, const char *named)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = ub_backup_open (folder, &error);

  if (copy != NULL)
    g_assert_false (ub_backup_verify (copy, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  if (strstr (error->message, named) == NULL)
    g_error ("\"%s\" does not name %s", error->message, named);
}

/* --- a copy of ours --- */

static void
count (guint64 done, guint64 total, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
check_phone (UbPhoneInfo *phone, UbPhoneInfo *expected)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  const UbLayout *other = ub_phone_info_get_layout (expected);

  g_assert_cmpmem (ub_phone_info_get_brom (phone),
                   sizeof (UbBromInfo),
                   ub_phone_info_get_brom (expected),
                   sizeof (UbBromInfo));
  g_assert_cmpmem (ub_phone_info_get_report (phone),
                   sizeof (UbDaReport),
                   ub_phone_info_get_report (expected),
                   sizeof (UbDaReport));
  g_assert_cmpuint (layout->kind, ==, other->kind);
  g_assert_cmpuint (layout->entries->len, ==, other->entries->len);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *a = g_ptr_array_index (layout->entries, i);
      const UbLayoutEntry *b = g_ptr_array_index (other->entries, i);

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpuint (a->region, ==, b->region);
      g_assert_cmpuint (a->start, ==, b->start);
      g_assert_cmpuint (a->size, ==, b->size);
    }
}

static void
check_parts (UbBackup *copy)
{
  GPtrArray *parts = ub_backup_get_parts (copy);

  g_assert_cmpuint (parts->len, ==, G_N_ELEMENTS (usual));
  for (guint i = 0; i < parts->len; i++)
    {
      g_autoptr (GError) error = NULL;
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      g_autofree guint8  *expected = content_new (usual[i].name, usual[i].length);
      g_autofree guint8  *data = g_malloc (usual[i].length);
      g_autofree char    *folder = g_path_get_dirname (part->path);

      g_assert_cmpstr (part->name, ==, usual[i].name);
      g_assert_cmpuint (part->region, ==, usual[i].region);
      g_assert_cmpuint (part->offset, ==, usual[i].offset);
      g_assert_cmpuint (part->length, ==, usual[i].length);
      g_assert_cmpuint (part->path_offset, ==, 0);
      g_assert_true (part->is_protected == usual[i].is_protected);
      g_assert_false (part->is_missing);
      g_assert_cmpstr (folder, ==, ub_backup_get_folder (copy));
      g_assert_true (ub_backup_read (copy, part, 0, data, part->length, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (data, part->length, expected, usual[i].length);
      g_assert_false (ub_backup_read (copy, part, 1, data, part->length, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
    }
}

static void
test_round_trip (void)
{
  g_autofree char *root = folder_new ();
  g_autofree char *folder = g_build_filename (root, "deep", "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = phone_new (0x42);
  g_autoptr (UbPhoneInfo) other = phone_new (0x43);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) made = copy_new (folder, phone, &error);
  g_autoptr (UbBackup) copy = NULL;
  guint64     done = 0;
  struct stat info;

  g_assert_no_error (error);
  g_assert_nonnull (made);
  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  check_parts (copy);
  check_phone (ub_backup_get_phone (copy), phone);
  g_assert_true (ub_backup_verify (copy, count, &done, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (done, ==, usual_size ());
  g_assert_cmpuint (ub_backup_get_size (copy), ==, usual_size ());
  g_assert_cmpstr (ub_backup_get_project (copy), ==, "w370");
  g_assert_cmpint (ub_backup_get_kind (copy), ==, UB_BACKUP_SAFETY);
  g_assert_false (ub_backup_is_whole (copy));
  g_assert_cmpuint (ub_backup_get_pieces (copy)->len, ==, 0);
  g_assert_nonnull (ub_backup_find (copy, "NVRAM"));
  g_assert_null (ub_backup_find (copy, "nvram2"));
  g_assert_cmpint (ub_backup_is_from (copy, phone), ==, UB_SAME_PHONE_YES);
  g_assert_cmpint (ub_backup_is_from (copy, other), ==, UB_SAME_PHONE_NO);
  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (((UbBackupPart *) ub_backup_get_parts (copy)->pdata[0])->path, &info),
                   ==,
                   0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup/round-trip", test_round_trip);
  return g_test_run ();
}
