/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-backup-save.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"

/* manifest and scatter are some kB */
#define MAX_SMALL (64 * 1024 * 1024)
#define MAX_TRIES 1000
/* how the new folder's name begins until it is whole; it has to open, to be read back */
#define SAVING ".unbrick-"

/* one saving */
typedef struct
{
  UbBackup      *backup;
  const char    *parent;
  char          *partial; /* (nullable): the new folder, until it has its name */
  UbBackupTicker ticker;
} Save;

static void
save_clear (Save *self)
{
  if (self->partial != NULL)
    ub_disk_remove_tree (self->partial, NULL);
  g_free (self->partial);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Save, save_clear)

/* --- where to --- */

/* "Unbrick copy 2026-03-03 12.05.00 0x6580": no colon, for disks that are Windows', too */
static char *
dup_name (UbBackup *backup)
{
  UbPhoneInfo      *phone = ub_backup_get_phone (backup);
  const UbBromInfo *brom = phone != NULL ? ub_phone_info_get_brom (phone) : NULL;
  g_autoptr (GDateTime) local = g_date_time_to_local (ub_backup_get_time (backup));
  g_autofree char *time = g_date_time_format (local, "%Y-%m-%d %H.%M.%S");

  if (brom == NULL)
    return g_strdup_printf ("Unbrick copy %s", time);
  return g_strdup_printf ("Unbrick copy %s 0x%04x", time, (guint) brom->hw_code);
}

/* one that is not there yet */
static char *
dup_free_path (Save *self)
{
  g_autofree char *name = dup_name (self->backup);
  char            *path = g_build_filename (self->parent, name, NULL);

  for (guint i = 2;
       i < MAX_TRIES && g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
       i++)
    {
      g_free (path);
      path = g_strdup_printf ("%s/%s (%u)", self->parent, name, i);
    }
  return path;
}

static gboolean
make_partial (Save *self, GError **error)
{
  self->partial = g_strdup_printf ("%s/" SAVING "XXXXXX", self->parent);
  if (g_mkdtemp_full (self->partial, 0700) != NULL)
    return TRUE;
  ub_disk_set_write_error (error, self->parent, errno);
  g_clear_pointer (&self->partial, g_free);
  return FALSE;
}

/* --- files --- */

typedef struct
{
  int         fd;
  const char *path;
} Target;

static gboolean
write_cb (const guint8 *data, gsize size, guint64 offset, gpointer user_data, GError **error)
{
  Target *target = user_data;
  int     number = ub_disk_write_sparse (target->fd, data, size, offset);

  if (number != 0)
    ub_disk_set_write_error (error, target->path, number);
  return number == 0;
}

/* all of it is on disk, the hole at its end, too */
static gboolean
finish (const Target *target, guint64 length, GError **error)
{
  if (ftruncate (target->fd, (off_t) length) == 0 && fsync (target->fd) == 0)
    return TRUE;
  ub_disk_set_write_error (error, target->path, errno);
  return FALSE;
}

/* @in: open, of @size bytes */
static gboolean
copy_open (Save               *self,
           const UbBackupPart *part,
           int                 in,
           guint64             size,
           const char         *to,
           GError            **error)
{
  Target   target = { open (to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), to };
  gboolean ok;

  if (target.fd < 0)
    {
      ub_disk_set_write_error (error, to, errno);
      return FALSE;
    }
  self->ticker.sink = write_cb;
  self->ticker.sink_data = &target;
  ok = ub_backup_check_open (in,
                             size,
                             part->path,
                             part->length,
                             part->sha256,
                             &self->ticker,
                             error) &&
       finish (&target, part->length, error);
  /* it will be read back: from the disk, not from memory */
  (void) posix_fadvise (target.fd, 0, 0, POSIX_FADV_DONTNEED);
  if (close (target.fd) == 0 || !ok)
    return ok;
  ub_disk_set_write_error (error, to, errno);
  return FALSE;
}

static gboolean
copy_part (Save *self, const UbBackupPart *part, GError **error)
{
  g_autofree char *name = g_path_get_basename (part->path);
  g_autofree char *to = g_build_filename (self->partial, name, NULL);
  guint64          size;
  int              in = ub_disk_open (part->path, &size, error);
  gboolean         ok;

  if (in < 0)
    return FALSE;
  ok = copy_open (self, part, in, size, to, error);
  close (in);
  return ok;
}

static gboolean
copy_small (Save *self, const char *name, GError **error)
{
  g_autofree char *from = g_build_filename (self->backup->folder, name, NULL);
  g_autoptr (GBytes) bytes = ub_disk_read_file (from, MAX_SMALL, error);

  return bytes != NULL && ub_disk_write_file (self->partial,
                                              name,
                                              g_bytes_get_data (bytes, NULL),
                                              g_bytes_get_size (bytes),
                                              error);
}

/* the manifest last: without it the folder is nothing */
static gboolean
copy_all (Save *self, GError **error)
{
  GPtrArray *parts = self->backup->parts;

  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (!part->is_missing && !copy_part (self, part, error))
        return FALSE;
    }
  return (self->backup->scatter == NULL || copy_small (self, self->backup->scatter, error)) &&
         copy_small (self, UB_BACKUP_SUMS, error) && copy_small (self, UB_BACKUP_MANIFEST, error);
}

/* --- reading it back --- */

static void
second_half_cb (guint64 done, guint64 total, gpointer user_data)
{
  UbBackupTicker *ticker = user_data;

  if (ticker->progress != NULL)
    ticker->progress (ticker->total - total + done, ticker->total, ticker->user_data);
}

static gboolean
read_back (Save *self, GError **error)
{
  g_autoptr (UbBackup) copy = ub_backup_open_own (self->partial, error);

  return copy != NULL &&
         ub_backup_verify (copy, second_half_cb, &self->ticker, self->ticker.cancellable, error);
}

/* rename() puts nothing over a folder that holds anything */
static char *
give_name (Save *self, GError **error)
{
  g_autofree char *folder = dup_free_path (self);

  if (g_rename (self->partial, folder) != 0)
    {
      ub_disk_set_write_error (error, folder, errno);
      return NULL;
    }
  g_clear_pointer (&self->partial, g_free);
  return ub_disk_sync_folder (self->parent, error) ? g_steal_pointer (&folder) : NULL;
}

char *
ub_backup_save_to (UbBackup     *backup,
                   const char   *parent,
                   UbDaProgress  progress,
                   gpointer      user_data,
                   GCancellable *cancellable,
                   GError      **error)
{
  const guint64 total = 2 * ub_backup_get_size (backup);
  g_auto (Save) self = { backup, parent, NULL, { progress, user_data, cancellable, 0, total } };

  if (ub_backup_get_kind (backup) == UB_BACKUP_IMPORTED)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s has no manifest to compare with",
                   backup->folder);
      return NULL;
    }
  if (!ub_disk_check_room (self.parent, self.parent, ub_backup_get_size (self.backup), error) ||
      !make_partial (&self, error) || !copy_all (&self, error) || !read_back (&self, error))
    return NULL;
  return give_name (&self, error);
}
