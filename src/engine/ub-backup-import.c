/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"
#include "firmware/ub-gpt.h"
#include "firmware/ub-image.h"
#include "firmware/ub-preloader.h"
#include "firmware/ub-scatter.h"

/* what may be a scatter */
#define MAX_SCATTER (4 * 1024 * 1024)
#define MAX_FILES 4096
/* a file of a table alone is smaller */
#define MIN_DUMP (1024 * 1024)
/* protective MBR, header and 128 entries in sectors of 4096 */
#define UFS_TABLE (6 * 4096)

/* one file of a folder somebody else made */
typedef struct
{
  char    *path;
  char    *name; /* lower case, without .bin, .img */
  guint64  size;
  gboolean used;
} File;

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->path);
  g_free (file->name);
  g_free (file);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const File *one = *(File *const *) a;
  const File *other = *(File *const *) b;

  return strcmp (one->path, other->path);
}

static char *
dup_stem (const char *name)
{
  static const char *const endings[] = { ".bin", ".img", ".mbn" };
  char                    *stem = g_ascii_strdown (name, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (stem, endings[i]))
      {
        stem[strlen (stem) - strlen (endings[i])] = '\0';
        break;
      }
  return stem;
}

/* plain files alone: a link may lead anywhere */
static GPtrArray *
list_files (const char *folder)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (file_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && files->len < MAX_FILES && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat      info;
      File            *file;

      if (lstat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size == 0)
        continue;
      file = g_new0 (File, 1);
      file->path = g_steal_pointer (&path);
      file->name = dup_stem (name);
      file->size = (guint64) info.st_size;
      g_ptr_array_add (files, file);
    }
  g_ptr_array_sort (files, compare_files);
  return files;
}

static File *
find_stem (GPtrArray *files, const char *const *stems)
{
  for (gsize s = 0; stems[s] != NULL; s++)
    for (guint i = 0; i < files->len; i++)
      {
        File *file = g_ptr_array_index (files, i);

        if (!file->used && strcmp (file->name, stems[s]) == 0)
          return file;
      }
  return NULL;
}

static void
take_file (UbBackup   *self,
           File       *file,
           const char *name,
           UbRegion    region,
           guint64     offset,
           guint64     length)
{
  UbBackupPart *part = ub_backup_add_part (self, name, region, offset, length);

  part->path = g_strdup (file->path);
  part->is_protected = ub_partition_role_for_name (name) == UB_ROLE_PROTECTED;
  file->used = TRUE;
}

/* what a file begins with, by the names of ub_image_get_content(); "" if it cannot be opened */
static char *
dup_content (const char *path)
{
  g_autoptr (UbImage) image = ub_image_open (path, NULL);

  return g_strdup (image != NULL ? ub_image_get_content (image) : "");
}

static gboolean
is_preloader (const File *file)
{
  g_autofree char *content = dup_content (file->path);

  return strcmp (content, "storage-header") == 0 || strcmp (content, "gfh") == 0;
}

/* --- SP Flash Tool: ROM_0, ROM_1 … --- */

static gboolean
is_for_ufs (const File *file)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (file->path, NULL);

  return preloader != NULL && g_strcmp0 (preloader->storage_header, "UFS_BOOT") == 0;
}

static gboolean
take_rom (UbBackup *self, File *file, GError **error)
{
  const UbBackupPart *boot1 = ub_backup_find (self, "boot1");
  guint64             user_size;
  g_autoptr (UbLayout) layout = ub_backup_dump_read_table (file->path, 0, &user_size);

  if (layout == NULL && boot1 == NULL && file->size < MAX_SCATTER * 4 && is_preloader (file))
    take_file (self,
               file,
               "boot1",
               is_for_ufs (file) ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1,
               0,
               file->size);
  else if (layout == NULL && boot1 != NULL && file->size == boot1->length)
    take_file (self,
               file,
               "boot2",
               boot1->region == UB_REGION_UFS_LU0 ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2,
               0,
               file->size);
  else if (self->layout == NULL)
    {
      file->used = TRUE;
      return ub_backup_dump_add (self, file->path, error);
    }
  else
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s: nothing says from where it was read",
                   file->path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_roms (UbBackup *self, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      File *file = g_ptr_array_index (files, i);

      if (!file->used && g_str_has_prefix (file->name, "rom_") && !take_rom (self, file, error))
        return FALSE;
    }
  return TRUE;
}

/* --- mtkclient, and whole dumps under any name --- */

/* a file of the table alone, however much was read of it */
static gboolean
is_table_name (const char *name)
{
  return g_str_has_prefix (name, "gpt") || strcmp (name, "pgpt") == 0 || strcmp (name, "mbr") == 0;
}

/* 55AA at the end of a sector says little: an MBR counts in files that are called like a dump */
static gboolean
is_dump_name (const char *name)
{
  static const char *const names[] = { "user", "flash",   "emmc_user", "emmc-user", "userarea",
                                       "emmc", "mmcblk0", "full",      "dump",      "fulldump" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_dump (const File *file)
{
  guint64 user_size;
  g_autoptr (UbLayout) layout = !file->used && file->size >= MIN_DUMP && !is_table_name (file->name)
                                    ? ub_backup_dump_read_table (file->path, 0, &user_size)
                                    : NULL;

  return layout != NULL && (layout->kind == UB_LAYOUT_GPT || is_dump_name (file->name));
}

static gboolean
take_dump (UbBackup *self, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      File *file = g_ptr_array_index (files, i);

      if (!is_dump (file))
        continue;
      file->used = TRUE;
      return ub_backup_dump_add (self, file->path, error);
    }
  return TRUE;
}

static void
take_table (UbBackup *self, GPtrArray *files)
{
  static const char *const stems[] = { "gpt", "gpt_main", "gpt_main0", "pgpt", "mbr", NULL };
  File                    *file = find_stem (files, stems);
  const UbLayoutEntry     *first;

  if (file == NULL || self->layout != NULL)
    return;
  self->layout = ub_backup_dump_read_table (file->path, 0, &self->user_size);
  if (self->layout == NULL || self->layout->entries->len == 0)
    return;
  first = g_ptr_array_index (self->layout->entries, 0);
  /* some read more than the table; what is behind it belongs to others */
  take_file (self,
             file,
             "table",
             first->region,
             0,
             MIN (file->size, first->region == UB_REGION_UFS_LU2 ? UFS_TABLE : UB_GPT_SIZE));
}

static gboolean
take_entry (UbBackup *self, GPtrArray *files, const UbLayoutEntry *entry, GError **error)
{
  g_autofree char  *stem = dup_stem (entry->name);
  const char *const stems[] = { stem, NULL };
  File             *file = stem[0] != '\0' ? find_stem (files, stems) : NULL;

  if (file == NULL)
    return TRUE;
  if (file->size != entry->size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s has %" G_GUINT64_FORMAT
                   " bytes, and %s in the table beside it has %" G_GUINT64_FORMAT,
                   file->path,
                   file->size,
                   entry->name,
                   entry->size);
      return FALSE;
    }
  take_file (self, file, entry->name, entry->region, entry->start, entry->size);
  return TRUE;
}

static gboolean
take_entries (UbBackup *self, GPtrArray *files, GError **error)
{
  /* what lies in the whole is not looked for again */
  if (self->layout == NULL || ub_backup_find (self, "user") != NULL)
    return TRUE;
  for (guint i = 0; i < self->layout->entries->len; i++)
    if (ub_backup_find (self,
                        ((UbLayoutEntry *) g_ptr_array_index (self->layout->entries, i))->name) ==
            NULL &&
        !take_entry (self, files, g_ptr_array_index (self->layout->entries, i), error))
      return FALSE;
  return TRUE;
}

/* a partition may be called boot1, too: those of the table were taken before */
static void
take_boots (UbBackup *self, GPtrArray *files)
{
  static const char *const first[] = { "boot1", "emmc_boot1", "emmc_boot_1", "mmcblk0boot0",
                                       "lu0",   "preloader",  "preloader1",  NULL };
  static const char *const second[] = { "boot2", "emmc_boot2", "emmc_boot_2", "mmcblk0boot1",
                                        "lu1",   "preloader2", NULL };
  const gboolean           ufs =
      self->layout != NULL && self->layout->entries->len > 0 &&
      ((const UbLayoutEntry *) g_ptr_array_index (self->layout->entries, 0))->region ==
          UB_REGION_UFS_LU2;
  File *boot1 = ub_backup_find (self, "boot1") == NULL ? find_stem (files, first) : NULL;
  File *boot2;

  if (boot1 != NULL)
    take_file (self,
               boot1,
               "boot1",
               ufs ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1,
               0,
               boot1->size);
  boot2 = ub_backup_find (self, "boot2") == NULL ? find_stem (files, second) : NULL;
  if (boot2 != NULL)
    take_file (self,
               boot2,
               "boot2",
               ufs ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2,
               0,
               boot2->size);
}

/* --- parts beside a scatter --- */

static UbScatter *
find_scatter (GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      File            *file = g_ptr_array_index (files, i);
      g_autofree char *name = g_ascii_strdown (file->path, -1);
      g_autoptr (GBytes) bytes = NULL;
      UbScatter *scatter;

      if (file->size > MAX_SCATTER ||
          (!g_str_has_suffix (name, ".txt") && !g_str_has_suffix (name, ".xml")))
        continue;
      bytes = ub_disk_read_file (file->path, MAX_SCATTER, NULL);
      scatter = bytes != NULL ? ub_scatter_parse (bytes, file->name, NULL) : NULL;
      if (scatter != NULL)
        return scatter;
    }
  return NULL;
}

static File *
find_image (GPtrArray *files, const UbPartition *partition)
{
  g_autofree char  *by_name = dup_stem (partition->name);
  g_autofree char  *by_file = partition->file_name != NULL ? dup_stem (partition->file_name) : NULL;
  const char *const stems[] = { by_file != NULL ? by_file : by_name, by_name, NULL };

  return find_stem (files, stems);
}

static UbRegion
get_one_region (UbRegion region)
{
  if (region == UB_REGION_EMMC_BOOT1_BOOT2)
    return UB_REGION_EMMC_BOOT1;
  return region == UB_REGION_UFS_LU0_LU1 ? UB_REGION_UFS_LU0 : region;
}

static gboolean
take_partition (UbBackup *self, GPtrArray *files, const UbPartition *partition, GError **error)
{
  File            *file = find_image (files, partition);
  g_autofree char *content = NULL;
  gboolean         boot1;

  /* places that count from the end are known on the phone alone */
  if (file == NULL || partition->from_end || ub_backup_find (self, partition->name) != NULL)
    return TRUE;
  content = dup_content (file->path);
  if (strcmp (content, "sparse") == 0 || strcmp (content, "") == 0 ||
      (partition->size > 0 && file->size > partition->size))
    {
      g_set_error (
          error,
          UB_ERROR,
          UB_ERROR_BAD_BACKUP,
          "%s is not what %s holds on a phone: this looks like a firmware, not like a copy",
          file->path,
          partition->name);
      return FALSE;
    }
  boot1 = get_one_region (partition->region) != UB_REGION_EMMC_USER &&
          partition->role == UB_ROLE_PRELOADER && ub_backup_find (self, "boot1") == NULL;
  take_file (self,
             file,
             boot1 ? "boot1" : partition->name,
             get_one_region (partition->region),
             partition->start,
             file->size);
  return TRUE;
}

/* an MBR has no names; the scatter beside the dump has */
static void
name_pieces (UbBackup *self, UbScatter *scatter)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);

  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (scatter->partitions, i);

      if (partition->region == UB_REGION_EMMC_USER && !partition->from_end && partition->size > 0)
        ub_layout_add (layout,
                       partition->name,
                       partition->region,
                       partition->start,
                       partition->size);
    }
  ub_backup_add_pieces (self, layout);
}

static gboolean
take_by_scatter (UbBackup *self, GPtrArray *files, GError **error)
{
  g_autoptr (UbScatter) scatter = find_scatter (files);

  if (scatter == NULL)
    return TRUE;
  self->project = g_strdup (scatter->project);
  if (self->layout != NULL && self->layout->kind == UB_LAYOUT_MBR)
    name_pieces (self, scatter);
  for (guint i = 0; self->layout == NULL && i < scatter->partitions->len; i++)
    if (!take_partition (self, files, g_ptr_array_index (scatter->partitions, i), error))
      return FALSE;
  return TRUE;
}

/* --- the door --- */

static gboolean
import_folder (UbBackup *self, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (self->folder);

  if (!take_roms (self, files, error) || (self->layout == NULL && !take_dump (self, files, error)))
    return FALSE;
  take_table (self, files);
  if (!take_entries (self, files, error) || !take_by_scatter (self, files, error))
    return FALSE;
  take_boots (self, files);
  if (self->parts->len > 0)
    return TRUE;
  g_set_error (
      error,
      UB_ERROR,
      UB_ERROR_BAD_BACKUP,
      "%s: no copy of ours, of SP Flash Tool or of mtkclient: neither a partition table nor a "
      "scatter says where its files belong",
      self->folder);
  return FALSE;
}

UbBackup *
ub_backup_import_open (const char *path, GError **error)
{
  /* what was chosen may be a link; what lies in it may not */
  g_autofree char *real = realpath (path, NULL);
  g_autoptr (UbBackup) self = ub_backup_new_empty (UB_BACKUP_IMPORTED, real != NULL ? real : path);
  struct stat info;

  if (stat (self->folder, &info) != 0)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s is not there", path);
      return NULL;
    }
  self->time = g_date_time_new_from_unix_utc (info.st_mtime);
  if (!(S_ISDIR (info.st_mode) ? import_folder (self, error)
                               : ub_backup_dump_add (self, self->folder, error)))
    return NULL;
  ub_backup_add_pieces (self, self->layout);
  return g_steal_pointer (&self);
}

static gboolean
check_part (const UbBackupPart *part, GError **error)
{
  guint64          size;
  int              fd;
  g_autofree char *content = NULL;

  if (!g_file_test (part->path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP, "%s is not there", part->path);
      return FALSE;
    }
  fd = ub_disk_open (part->path, &size, error);
  if (fd < 0)
    return FALSE;
  close (fd);
  if (size < part->path_offset || size - part->path_offset < part->length)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP, "%s became shorter", part->path);
      return FALSE;
    }
  content = strcmp (part->name, "boot1") == 0 ? dup_content (part->path) : g_strdup ("gfh");
  if (strcmp (content, "storage-header") == 0 || strcmp (content, "gfh") == 0)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_BACKUP,
               "%s is to go to boot1 and is no preloader",
               part->path);
  return FALSE;
}

gboolean
ub_backup_import_verify (UbBackup *self, UbBackupTicker *ticker, GError **error)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->parts, i);

      if (g_cancellable_set_error_if_cancelled (ticker->cancellable, error) ||
          !check_part (part, error))
        return FALSE;
      ticker->done += part->length;
      if (ticker->progress != NULL)
        ticker->progress (ticker->done, ticker->total, ticker->user_data);
    }
  return TRUE;
}
