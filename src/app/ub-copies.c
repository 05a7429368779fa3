/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-copies.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"
#include "engine/ub-backup-save.h"
#include "engine/ub-safety-copy.h"
#include "firmware/ub-firmware.h"

/* set on copies that look like one */
#define FIRMWARE_KEY "unbrick-firmware"

/* --- safety copies --- */

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task,
                         ub_safety_copy_list (data, NULL),
                         (GDestroyNotify) g_ptr_array_unref);
}

void
ub_copies_list_async (const char *root, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (root), g_free);
  g_task_run_in_thread (task, list_thread);
}

GPtrArray *
ub_copies_list_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* --- one copy --- */

/* images beside a map, and nothing in them belongs to one phone: nobody read that from a phone */
static gboolean
looks_like_firmware (UbBackup *backup)
{
  GPtrArray *parts = ub_backup_get_parts (backup);
  g_autoptr (GPtrArray) maps = NULL;

  if (ub_backup_get_kind (backup) != UB_BACKUP_IMPORTED)
    return FALSE;
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (g_str_equal (part->name, "user") ||
          ub_partition_role_for_name (part->name) == UB_ROLE_PROTECTED)
        return FALSE;
    }
  maps = ub_firmware_find (ub_backup_get_folder (backup), NULL, NULL, NULL, NULL, NULL);
  return maps != NULL;
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError   *error = NULL;
  UbBackup *backup = ub_backup_open (data, &error);

  if (backup != NULL && looks_like_firmware (backup))
    g_object_set_data (G_OBJECT (backup), FIRMWARE_KEY, (gpointer) FIRMWARE_KEY);
  if (backup != NULL)
    g_task_return_pointer (task, backup, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ub_copies_open_async (const char         *path,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_thread);
}

UbBackup *
ub_copies_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
ub_copies_is_firmware (UbBackup *backup)
{
  return g_object_get_data (G_OBJECT (backup), FIRMWARE_KEY) != NULL;
}

typedef struct
{
  UbBackup *backup;
  int      *permille;
  char     *parent; /* (nullable): where it is saved */
} Verify;

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_free (verify->parent);
  g_object_unref (verify->backup);
  g_atomic_rc_box_release (verify->permille);
  g_free (verify);
}

static void
progress_cb (guint64 done, guint64 total, gpointer user_data)
{
  if (total > 0)
    g_atomic_int_set ((int *) user_data, (int) (1000.0 * (double) done / (double) total));
}

static void
verify_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Verify *verify = data;
  GError *error = NULL;

  if (ub_backup_verify (verify->backup, progress_cb, verify->permille, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ub_copies_verify_async (UbBackup           *backup,
                        int                *permille,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Verify *verify = g_new0 (Verify, 1);

  verify->backup = g_object_ref (backup);
  verify->permille = g_atomic_rc_box_acquire (permille);
  g_task_set_task_data (task, verify, verify_free);
  g_task_run_in_thread (task, verify_thread);
}

gboolean
ub_copies_verify_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Verify *save = data;
  GError *error = NULL;
  char   *folder = ub_backup_save_to (save->backup,
                                    save->parent,
                                    progress_cb,
                                    save->permille,
                                    cancellable,
                                    &error);

  if (folder != NULL)
    g_task_return_pointer (task, folder, g_free);
  else
    g_task_return_error (task, error);
}

void
ub_copies_save_async (UbBackup           *backup,
                      const char         *parent,
                      int                *permille,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Verify *save = g_new0 (Verify, 1);

  save->backup = g_object_ref (backup);
  save->permille = g_atomic_rc_box_acquire (permille);
  save->parent = g_strdup (parent);
  /* what is there when it is stopped too late is whole, and is said to be there */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, save, verify_free);
  g_task_run_in_thread (task, save_thread);
}

char *
ub_copies_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- room --- */

/* the folder need not be there yet: the nearest one above it tells */
static GFileInfo *
query_room (const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  GFileInfo *info;
  GFile     *parent;

  while (
      (info = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL)) ==
      NULL)
    {
      parent = g_file_get_parent (file);
      if (parent == NULL)
        return NULL;
      g_object_unref (file);
      file = parent;
    }
  return info;
}

static void
room_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GFileInfo) info = query_room (data);
  guint64 *room = g_new (guint64, 1);

  *room = G_MAXUINT64;
  if (info != NULL && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    *room = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  g_task_return_pointer (task, room, g_free);
}

void
ub_copies_get_room_async (const char *folder, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, room_thread);
}

guint64
ub_copies_get_room_finish (GAsyncResult *result)
{
  g_autofree guint64 *room = g_task_propagate_pointer (G_TASK (result), NULL);

  return room != NULL ? *room : G_MAXUINT64;
}

/* --- words --- */

char *
ub_copies_dup_title (UbBackup *backup)
{
  UbPhoneInfo     *phone = ub_backup_get_phone (backup);
  const char      *project = ub_backup_get_project (backup);
  g_autofree char *chip = phone != NULL ? ub_phone_info_dup_chip_text (phone) : NULL;

  if (chip != NULL && *chip != '\0' && *project != '\0')
    return g_strdup_printf ("%s · %s", project, chip);
  if (chip != NULL && *chip != '\0')
    return g_steal_pointer (&chip);
  if (*project != '\0')
    return g_strdup (project);
  return g_filename_display_basename (ub_backup_get_folder (backup));
}

char *
ub_copies_dup_line (UbBackup *backup)
{
  GDateTime       *time = ub_backup_get_time (backup);
  guint            n = ub_backup_get_parts (backup)->len;
  g_autofree char *amount = ub_words_format_amount (ub_backup_get_size (backup));
  g_autofree char *parts = g_strdup_printf (ngettext ("%u part", "%u parts", n), n);
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;
  g_autofree char *when = local != NULL ? g_date_time_format (local, "%x %R") : NULL;

  if (when == NULL)
    return g_strdup_printf ("%s · %s", amount, parts);
  return g_strdup_printf ("%s · %s · %s", when, amount, parts);
}
