/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"
#include "firmware/ub-scatter-write.h"

/* the phone fills one while the disk takes another; all that is ever held in memory */
#define BUFFER_SIZE (1024 * 1024)
#define N_BUFFERS 3
/* the disk is told to begin this often, so that the last fsync is short */
#define FLUSH (8 * 1024 * 1024)
#define MAX_NAME 60

typedef struct
{
  guint8 *data; /* (nullable): NULL ends the worker */
  gsize   size;
} Buffer;

struct _UbBackupWriter
{
  char     *folder;
  char     *partial; /* (nullable): NULL once it is a copy */
  UbBackup *copy;

  /* the part that is coming */
  UbBackupPart *part; /* (nullable) */
  int           fd;
  guint64       come;
  Buffer       *filling; /* (nullable) */

  /* hashes and writes, so that the wire does not wait for the disk. What is below is the worker's
   * until all buffers are back */
  GThread     *worker;
  GAsyncQueue *full;
  GAsyncQueue *empty;
  Buffer       buffers[N_BUFFERS];
  Buffer       stop;
  EVP_MD_CTX  *hash;
  guint64      written;
  guint64      flushed;
  int          number; /* atomic: errno of the first write that failed */
};

/* --- the worker --- */

static int
write_buffer (UbBackupWriter *self, const Buffer *buffer)
{
  int number = ub_disk_write_sparse (self->fd, buffer->data, buffer->size, self->written);

  self->written += buffer->size;
  if (self->written - self->flushed >= FLUSH)
    {
      /* only a hint: that it is on disk is what fsync says */
      (void) sync_file_range (self->fd,
                              (off_t) self->flushed,
                              (off_t) (self->written - self->flushed),
                              SYNC_FILE_RANGE_WRITE);
      self->flushed = self->written;
    }
  return number;
}

static gpointer
work (gpointer data)
{
  UbBackupWriter *self = data;
  Buffer         *buffer;

  while ((buffer = g_async_queue_pop (self->full))->data != NULL)
    {
      EVP_DigestUpdate (self->hash, buffer->data, buffer->size);
      if (g_atomic_int_get (&self->number) == 0)
        g_atomic_int_set (&self->number, write_buffer (self, buffer));
      buffer->size = 0;
      g_async_queue_push (self->empty, buffer);
    }
  return NULL;
}

/* everything given to the worker is done */
static void
drain (UbBackupWriter *self)
{
  Buffer *buffers[N_BUFFERS];
  guint   n = 0;

  if (self->filling != NULL && self->filling->size > 0)
    g_async_queue_push (self->full, self->filling);
  else if (self->filling != NULL)
    g_async_queue_push (self->empty, self->filling);
  self->filling = NULL;
  while (n < N_BUFFERS)
    buffers[n++] = g_async_queue_pop (self->empty);
  while (n > 0)
    g_async_queue_push (self->empty, buffers[--n]);
}

/* --- making and freeing --- */

static gboolean
is_taken (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  /* an empty one, as a file chooser makes it, is as good as none: rename() puts ours in its place */
  return dir != NULL ? g_dir_read_name (dir) != NULL
                     : g_file_test (folder, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

static gboolean
make_partial (UbBackupWriter *self, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (self->folder);
  g_autofree char *name = g_path_get_basename (self->folder);

  if (!ub_disk_make_folder (parent, error))
    return FALSE;
  if (is_taken (self->folder))
    {
      ub_disk_set_write_error (error, self->folder, EEXIST);
      return FALSE;
    }
  self->partial = g_strdup_printf ("%s/" UB_BACKUP_PARTIAL "%.100s-XXXXXX", parent, name);
  if (g_mkdtemp_full (self->partial, 0700) != NULL)
    return TRUE;
  ub_disk_set_write_error (error, self->folder, errno);
  g_clear_pointer (&self->partial, g_free);
  return FALSE;
}

static void
start_worker (UbBackupWriter *self)
{
  self->full = g_async_queue_new ();
  self->empty = g_async_queue_new ();
  for (guint i = 0; i < N_BUFFERS; i++)
    {
      self->buffers[i].data = g_malloc (BUFFER_SIZE);
      g_async_queue_push (self->empty, &self->buffers[i]);
    }
  self->worker = g_thread_new ("backup", work, self);
}

UbBackupWriter *
ub_backup_writer_new (const char  *folder,
                      UbBackupKind kind,
                      UbPhoneInfo *phone,
                      const char  *project,
                      guint64      total,
                      GError     **error)
{
  g_autoptr (UbBackupWriter) self = g_new0 (UbBackupWriter, 1);

  g_return_val_if_fail (kind != UB_BACKUP_IMPORTED, NULL);
  self->fd = -1;
  self->folder = g_canonicalize_filename (folder, NULL);
  self->copy = ub_backup_new_empty (kind, self->folder);
  self->copy->phone = g_object_ref (phone);
  self->copy->project = g_strdup (project != NULL ? project : "");
  self->copy->time = g_date_time_new_now_utc ();
  self->hash = EVP_MD_CTX_new ();
  if (ub_place_is_lost (self->folder))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NOT_SHARED,
                   "%s would be gone with the program: it lies in the sandbox's memory",
                   self->folder);
      return NULL;
    }
  if (!make_partial (self, error) ||
      !ub_disk_check_room (self->partial, self->folder, total, error))
    return NULL;
  start_worker (self);
  return g_steal_pointer (&self);
}

static void
close_part (UbBackupWriter *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->part = NULL;
}

void
ub_backup_writer_free (UbBackupWriter *self)
{
  if (self->worker != NULL)
    {
      drain (self);
      g_async_queue_push (self->full, &self->stop);
      g_thread_join (self->worker);
    }
  close_part (self);
  if (self->partial != NULL)
    ub_disk_remove_tree (self->partial, NULL);
  for (guint i = 0; i < N_BUFFERS; i++)
    g_free (self->buffers[i].data);
  g_clear_pointer (&self->full, g_async_queue_unref);
  g_clear_pointer (&self->empty, g_async_queue_unref);
  EVP_MD_CTX_free (self->hash);
  g_object_unref (self->copy);
  g_free (self->folder);
  g_free (self->partial);
  g_free (self);
}

/* --- one part --- */

static gboolean
has_file (UbBackupWriter *self, const char *file)
{
  for (guint i = 0; i < self->copy->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->copy->parts, i);
      g_autofree char    *other = part->path != NULL ? g_path_get_basename (part->path) : NULL;

      if (other != NULL && g_ascii_strcasecmp (other, file) == 0)
        return TRUE;
    }
  return FALSE;
}

/* a phone's table may name a part "../x": the file gets a name of ours that looks like it */
static char *
dup_file_name (UbBackupWriter *self, const char *name)
{
  g_autofree char *plain = g_strndup (name, MAX_NAME);
  char            *file;

  for (char *at = plain; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("_-.", *at) == NULL)
      *at = '_';
  if (plain[0] == '.')
    plain[0] = '_';
  file = g_strdup_printf ("%s.bin", plain[0] != '\0' ? plain : "part");
  for (guint i = 2; has_file (self, file); i++)
    {
      g_free (file);
      file = g_strdup_printf ("%s-%u.bin", plain[0] != '\0' ? plain : "part", i);
    }
  return file;
}

gboolean
ub_backup_writer_begin (UbBackupWriter *self,
                        const char     *name,
                        UbRegion        region,
                        guint64         offset,
                        guint64         length,
                        gboolean        is_protected,
                        GError        **error)
{
  g_autofree char *file = dup_file_name (self, name);

  if (self->part != NULL || length == 0 || length > G_MAXINT64 || offset > G_MAXINT64 - length)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "%s cannot begin in the copy", name);
      return FALSE;
    }
  self->part = ub_backup_add_part (self->copy, name, region, offset, length);
  self->part->is_protected = is_protected;
  self->part->path = g_build_filename (self->partial, file, NULL);
  self->come = 0;
  self->written = 0;
  self->flushed = 0;
  g_atomic_int_set (&self->number, 0);
  EVP_DigestInit_ex (self->hash, EVP_sha256 (), NULL);
  self->fd = open (self->part->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (self->fd >= 0)
    return TRUE;
  ub_disk_set_write_error (error, self->part->path, errno);
  return FALSE;
}

static gboolean
check_worker (UbBackupWriter *self, GError **error)
{
  int number = g_atomic_int_get (&self->number);

  if (number != 0)
    ub_disk_set_write_error (error, self->part->path, number);
  return number == 0;
}

gboolean
ub_backup_writer_sink (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  UbBackupWriter *self = user_data;

  if (self->part == NULL || size > self->part->length - self->come)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "more came than was asked for");
      return FALSE;
    }
  self->come += size;
  while (size > 0)
    {
      gsize n;

      if (self->filling == NULL)
        self->filling = g_async_queue_pop (self->empty);
      n = MIN (size, BUFFER_SIZE - self->filling->size);
      memcpy (self->filling->data + self->filling->size, data, n);
      self->filling->size += n;
      data += n;
      size -= n;
      if (self->filling->size == BUFFER_SIZE)
        g_async_queue_push (self->full, g_steal_pointer (&self->filling));
    }
  return check_worker (self, error);
}

static char *
dup_hash (UbBackupWriter *self)
{
  guint8   digest[EVP_MAX_MD_SIZE];
  guint    size = 0;
  GString *text = g_string_new (NULL);

  EVP_DigestFinal_ex (self->hash, digest, &size);
  for (guint i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  return g_string_free (text, FALSE);
}

gboolean
ub_backup_writer_end (UbBackupWriter *self, GError **error)
{
  if (self->part == NULL || self->come != self->part->length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "%s is not whole",
                   self->part != NULL ? self->part->name : "no part");
      return FALSE;
    }
  drain (self);
  if (!check_worker (self, error))
    return FALSE;
  /* the last run may be a hole */
  if (ftruncate (self->fd, (off_t) self->part->length) != 0 || fsync (self->fd) != 0)
    {
      ub_disk_set_write_error (error, self->part->path, errno);
      return FALSE;
    }
  /* it will be read back: from the disk, not from memory */
  (void) posix_fadvise (self->fd, 0, 0, POSIX_FADV_DONTNEED);
  self->part->sha256 = dup_hash (self);
  close_part (self);
  return TRUE;
}

void
ub_backup_writer_miss (UbBackupWriter *self, const GError *why)
{
  if (self->part == NULL)
    return;
  drain (self);
  g_unlink (self->part->path);
  g_clear_pointer (&self->part->path, g_free);
  self->part->is_missing = TRUE;
  self->part->trouble = g_strdup (why != NULL ? why->message : "");
  close_part (self);
}

void
ub_backup_writer_drop (UbBackupWriter *self)
{
  UbBackupPart *part = self->part;

  if (part == NULL)
    return;
  drain (self);
  g_unlink (part->path);
  close_part (self);
  g_ptr_array_remove (self->copy->parts, part);
}

/* --- making it a copy --- */

static UbPartition *
row_new (const char *name, UbRegion region, guint64 start, guint64 size, const char *path)
{
  UbPartition *row = ub_partition_new ();

  row->name = g_strdup (name);
  row->region = region;
  row->start = start;
  row->size = size;
  row->file_name = path != NULL ? g_path_get_basename (path) : NULL;
  row->role = ub_partition_role_for_name (name);
  return row;
}

/* names of ours that other tools know by another one */
static const char *
get_usual_name (const char *name)
{
  static const char *const usual[][2] = { { "boot1", "preloader" },
                                          { "boot2", "preloader_backup" },
                                          { "table", "pgpt" },
                                          { "table-copy", "sgpt" } };

  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (g_ascii_strcasecmp (name, usual[i][0]) == 0)
      return usual[i][1];
  return name;
}

static const UbBackupPart *
find_saved (UbBackup *copy, const UbLayoutEntry *entry)
{
  for (guint i = 0; i < copy->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (copy->parts, i);

      if (part->region == entry->region && part->offset == entry->start &&
          part->length == entry->size && !part->is_missing)
        return part;
    }
  return NULL;
}

static gboolean
is_in_rows (GPtrArray *rows, const UbBackupPart *part)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const UbPartition *row = g_ptr_array_index (rows, i);

      if (row->region == part->region && row->start < part->offset + part->length &&
          part->offset < row->start + row->size)
        return TRUE;
    }
  return FALSE;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const UbPartition *one = *(UbPartition *const *) a;
  const UbPartition *other = *(UbPartition *const *) b;

  if (one->region != other->region)
    return one->region < other->region ? -1 : 1;
  return one->start < other->start ? -1 : one->start > other->start;
}

/* the phone's table with the files we have for it, and what was saved beside it */
static GPtrArray *
dup_rows (UbBackup *copy)
{
  GPtrArray      *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_partition_free);
  const UbLayout *layout = ub_phone_info_get_layout (copy->phone);

  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      const UbBackupPart  *saved = find_saved (copy, entry);

      if (entry->name[0] != '\0')
        g_ptr_array_add (rows,
                         row_new (entry->name,
                                  entry->region,
                                  entry->start,
                                  entry->size,
                                  saved != NULL ? saved->path : NULL));
    }
  for (guint i = 0; i < copy->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (copy->parts, i);

      if (!part->is_missing && !is_in_rows (rows, part))
        g_ptr_array_add (rows,
                         row_new (get_usual_name (part->name),
                                  part->region,
                                  part->offset,
                                  part->length,
                                  part->path));
    }
  g_ptr_array_sort (rows, compare_rows);
  return rows;
}

static gboolean
write_scatter (UbBackupWriter *self, GError **error)
{
  UbBackup         *copy = self->copy;
  const UbBromInfo *brom = ub_phone_info_get_brom (copy->phone);
  const UbDaReport *report = ub_phone_info_get_report (copy->phone);
  const char       *platform = brom != NULL && brom->chip != NULL ? brom->chip->name : "unknown";
  g_autoptr (GPtrArray) rows = dup_rows (copy);
  g_autofree char *text = ub_scatter_write (platform,
                                            copy->project,
                                            report != NULL ? report->storage : UB_STORAGE_EMMC,
                                            rows);

  copy->scatter = g_strdup_printf ("%s_Android_scatter.txt", platform);
  copy->scatter_sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  return ub_disk_write_file (self->partial, copy->scatter, text, strlen (text), error);
}

static gboolean
read_back (UbBackupWriter *self, UbBackupTicker *ticker, GError **error)
{
  for (guint i = 0; i < self->copy->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->copy->parts, i);

      if (!part->is_missing &&
          !ub_backup_check_file (part->path, part->length, part->sha256, ticker, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
give_name (UbBackupWriter *self, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (self->folder);

  if (g_rename (self->partial, self->folder) != 0)
    {
      ub_disk_set_write_error (error, self->folder, errno);
      return FALSE;
    }
  g_clear_pointer (&self->partial, g_free);
  return ub_disk_sync_folder (parent, error);
}

UbBackup *
ub_backup_writer_finish (UbBackupWriter *self,
                         UbDaProgress    progress,
                         gpointer        user_data,
                         GCancellable   *cancellable,
                         GError        **error)
{
  UbBackupTicker ticker = { progress, user_data, cancellable, 0, ub_backup_get_size (self->copy) };

  if (self->part != NULL || self->partial == NULL)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "the copy cannot be finished");
      return NULL;
    }
  if (!read_back (self, &ticker, error) || !write_scatter (self, error) ||
      !ub_backup_manifest_write (self->copy, self->partial, error) || !give_name (self, error))
    return NULL;
  return ub_backup_open_own (self->folder, error);
}
