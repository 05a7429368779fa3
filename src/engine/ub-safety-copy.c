/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-safety-copy.h"

#include <string.h>
#include <sys/stat.h>

#include "base/ub-error.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"

#define DAY (24 * 60 * 60)
/* what a folder of copies may hold before we stop looking */
#define MAX_COPIES 10000
/* a file beside the manifest */
#define UNFINISHED "unfinished"

char *
ub_safety_copy_dup_root (void)
{
  return g_build_filename (g_get_user_data_dir (), "unbrick", "copies", NULL);
}

char *
ub_safety_copy_dup_folder (const char *root, UbPhoneInfo *phone)
{
  g_autofree char *own = root == NULL ? ub_safety_copy_dup_root () : NULL;
  g_autofree char *key = ub_phone_info_dup_key (phone);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  /* so fine that the copies of many phones at once do not meet, even if they all look the same */
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S-%f");
  char            *folder =
      g_build_filename (own != NULL ? own : root, key[0] != '\0' ? key : "unknown", time, NULL);

  for (guint i = 2; g_file_test (folder, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", time, i);

      g_free (folder);
      folder =
          g_build_filename (own != NULL ? own : root, key[0] != '\0' ? key : "unknown", name, NULL);
    }
  return folder;
}

/* --- what is there --- */

typedef void (*FolderFunc) (const char *path, gpointer user_data);

static gboolean
is_own_folder (const char *path)
{
  struct stat info;

  return lstat (path, &info) == 0 && S_ISDIR (info.st_mode);
}

/* folders in @path, no links */
static void
each_folder (const char *path, FolderFunc func, gpointer user_data)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint       n = 0;

  while (dir != NULL && n++ < MAX_COPIES && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      if (is_own_folder (below))
        func (below, user_data);
    }
}

static void
add_copy (const char *path, gpointer user_data)
{
  g_autofree char *name = g_path_get_basename (path);
  UbBackup        *copy = name[0] != '.' ? ub_backup_open_own (path, NULL) : NULL;

  if (copy != NULL)
    g_ptr_array_add (user_data, copy);
}

static void
add_copies (const char *path, gpointer user_data)
{
  each_folder (path, add_copy, user_data);
}

static int
compare_copies (gconstpointer a, gconstpointer b)
{
  UbBackup *one = *(UbBackup *const *) a;
  UbBackup *other = *(UbBackup *const *) b;
  int       order = g_date_time_compare (ub_backup_get_time (other), ub_backup_get_time (one));

  return order != 0 ? order : strcmp (ub_backup_get_folder (other), ub_backup_get_folder (one));
}

GPtrArray *
ub_safety_copy_list (const char *root, UbPhoneInfo *phone)
{
  g_autofree char *own = root == NULL ? ub_safety_copy_dup_root () : NULL;
  GPtrArray       *copies = g_ptr_array_new_with_free_func (g_object_unref);

  each_folder (own != NULL ? own : root, add_copies, copies);
  for (guint i = copies->len; phone != NULL && i-- > 0;)
    if (ub_backup_is_from (g_ptr_array_index (copies, i), phone) != UB_SAME_PHONE_YES)
      g_ptr_array_remove_index (copies, i);
  g_ptr_array_sort (copies, compare_copies);
  return copies;
}

GPtrArray *
ub_safety_copy_list_beside (UbBackup *copy)
{
  g_autofree char *folder = g_path_get_dirname (ub_backup_get_folder (copy));
  UbPhoneInfo     *phone = ub_backup_get_phone (copy);
  GPtrArray       *copies = g_ptr_array_new_with_free_func (g_object_unref);

  add_copies (folder, copies);
  for (guint i = copies->len; i-- > 0;)
    {
      UbBackup *other = g_ptr_array_index (copies, i);

      if (strcmp (ub_backup_get_folder (other), ub_backup_get_folder (copy)) == 0 ||
          phone == NULL || ub_backup_is_from (other, phone) != UB_SAME_PHONE_YES)
        g_ptr_array_remove_index (copies, i);
    }
  g_ptr_array_sort (copies, compare_copies);
  return copies;
}

/* --- of jobs that stopped in the middle --- */

void
ub_safety_copy_set_unfinished (const char *folder)
{
  g_autoptr (GError) error = NULL;

  if (is_own_folder (folder) && !ub_disk_write_file (folder, UNFINISHED, "", 0, &error))
    g_message ("%s", error->message);
}

gboolean
ub_safety_copy_is_unfinished (UbBackup *copy)
{
  g_autofree char *path = g_build_filename (ub_backup_get_folder (copy), UNFINISHED, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* --- removing --- */

gboolean
ub_safety_copy_remove (UbBackup *backup, GError **error)
{
  if (ub_backup_get_kind (backup) != UB_BACKUP_IMPORTED)
    return ub_disk_remove_tree (ub_backup_get_folder (backup), error);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_UNSUPPORTED,
               "%s was not made by Unbrick and is not removed",
               ub_backup_get_folder (backup));
  return FALSE;
}

/* what it really takes: holes cost nothing */
static guint64
get_room (UbBackup *copy)
{
  GPtrArray *parts = ub_backup_get_parts (copy);
  guint64    room = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      struct stat         info;

      if (part->path != NULL && lstat (part->path, &info) == 0)
        room += (guint64) info.st_blocks * 512;
    }
  return room;
}

static gboolean
is_kept (UbBackup *copy, const char *const *keep)
{
  struct stat info;
  struct stat other;

  if (keep == NULL || stat (ub_backup_get_folder (copy), &info) != 0)
    return FALSE;
  for (guint i = 0; keep[i] != NULL; i++)
    if (stat (keep[i], &other) == 0 && other.st_dev == info.st_dev && other.st_ino == info.st_ino)
      return TRUE;
  return FALSE;
}

/* a phone is a folder */
static gboolean
is_of_same_phone (UbBackup *one, UbBackup *other)
{
  g_autofree char *folder = g_path_get_dirname (ub_backup_get_folder (one));
  g_autofree char *other_folder = g_path_get_dirname (ub_backup_get_folder (other));

  return strcmp (folder, other_folder) == 0;
}

/* the first of its phone in a list that begins with the newest */
static gboolean
is_newest (GPtrArray *copies, guint i)
{
  UbBackup *copy = g_ptr_array_index (copies, i);

  while (i-- > 0)
    if (is_of_same_phone (copy, g_ptr_array_index (copies, i)))
      return FALSE;
  return TRUE;
}

static gboolean
has_content (UbBackup *copy, const char *name)
{
  const UbBackupPart *part = ub_backup_find (copy, name);

  return part != NULL && !part->is_missing && !ub_backup_is_blank (copy, part, 0);
}

/* A phone may have lost what it had when this copy was made, and every copy since is as empty as the
 * phone: then this one is all there is of it */
static gboolean
is_last_to_hold (GPtrArray *copies, guint i, const char *name)
{
  UbBackup *copy = g_ptr_array_index (copies, i);

  while (i-- > 0)
    if (is_of_same_phone (copy, g_ptr_array_index (copies, i)) &&
        has_content (g_ptr_array_index (copies, i), name))
      return FALSE;
  return has_content (copy, name);
}

static gboolean
is_last_hope (GPtrArray *copies, guint i)
{
  GPtrArray *parts = ub_backup_get_parts (g_ptr_array_index (copies, i));

  for (guint j = 0; j < parts->len; j++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, j);

      if (part->is_protected && is_last_to_hold (copies, i, part->name))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_older (UbBackup *copy, guint max_days)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return max_days > 0 &&
         g_date_time_difference (now, ub_backup_get_time (copy)) > max_days * G_TIME_SPAN_DAY;
}

/* what a killed writer or a killed removal left; a writer that is at work is younger */
static void
sweep_folder (const char *path, gpointer user_data)
{
  g_autofree char *name = g_path_get_basename (path);
  struct stat      info;

  if ((g_str_has_prefix (name, UB_BACKUP_PARTIAL) || g_str_has_prefix (name, ".removed-")) &&
      stat (path, &info) == 0 && info.st_mtime < g_get_real_time () / G_USEC_PER_SEC - DAY)
    ub_disk_remove_tree (path, NULL);
}

static void
sweep_phone (const char *path, gpointer user_data)
{
  each_folder (path, sweep_folder, user_data);
}

guint
ub_safety_copy_prune (const char *root, guint max_days, guint64 max_bytes, const char *const *keep)
{
  g_autofree char *own = root == NULL ? ub_safety_copy_dup_root () : NULL;
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (root, NULL);
  guint64 room = 0;
  guint   n = 0;

  for (guint i = 0; i < copies->len; i++)
    room += get_room (g_ptr_array_index (copies, i));
  for (guint i = copies->len; i-- > 0;)
    {
      UbBackup *copy = g_ptr_array_index (copies, i);
      guint64   size = get_room (copy);

      if ((!is_older (copy, max_days) && (max_bytes == 0 || room <= max_bytes)) ||
          is_newest (copies, i) || ub_safety_copy_is_unfinished (copy) ||
          is_last_hope (copies, i) || is_kept (copy, keep) || !ub_safety_copy_remove (copy, NULL))
        continue;
      room -= MIN (size, room);
      n++;
    }
  each_folder (own != NULL ? own : root, sweep_phone, NULL);
  return n;
}
