/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-backup.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"
#include "firmware/ub-partition.h"

#define PIECE (1024 * 1024)

G_DEFINE_FINAL_TYPE (UbBackup, ub_backup, G_TYPE_OBJECT)

static void
part_free (gpointer data)
{
  UbBackupPart *part = data;

  g_free (part->name);
  g_free (part->path);
  g_free (part->sha256);
  g_free (part->trouble);
  g_free (part);
}

static void
ub_backup_finalize (GObject *object)
{
  UbBackup *self = UB_BACKUP (object);

  g_free (self->folder);
  g_ptr_array_unref (self->parts);
  g_ptr_array_unref (self->pieces);
  g_clear_object (&self->phone);
  g_clear_pointer (&self->layout, ub_layout_free);
  g_clear_pointer (&self->time, g_date_time_unref);
  g_free (self->project);
  g_free (self->scatter);
  g_free (self->scatter_sha256);

  G_OBJECT_CLASS (ub_backup_parent_class)->finalize (object);
}

static void
ub_backup_class_init (UbBackupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_backup_finalize;
}

static void
ub_backup_init (UbBackup *self)
{
  self->parts = g_ptr_array_new_with_free_func (part_free);
  self->pieces = g_ptr_array_new_with_free_func (part_free);
}

UbBackup *
ub_backup_new_empty (UbBackupKind kind, const char *folder)
{
  UbBackup *self = g_object_new (UB_TYPE_BACKUP, NULL);

  self->kind = kind;
  self->folder = g_canonicalize_filename (folder, NULL);
  return self;
}

static UbBackupPart *
add_to (GPtrArray *parts, const char *name, UbRegion region, guint64 offset, guint64 length)
{
  UbBackupPart *part = g_new0 (UbBackupPart, 1);

  part->name = g_strdup (name);
  part->region = region;
  part->offset = offset;
  part->length = length;
  g_ptr_array_add (parts, part);
  return part;
}

UbBackupPart *
ub_backup_add_part (UbBackup   *self,
                    const char *name,
                    UbRegion    region,
                    guint64     offset,
                    guint64     length)
{
  return add_to (self->parts, name, region, offset, length);
}

static gboolean
is_user_region (UbRegion region)
{
  return region == UB_REGION_EMMC_USER || region == UB_REGION_UFS_LU2;
}

/* (transfer none) (nullable): the part that holds the user area from its begin */
static const UbBackupPart *
find_user (UbBackup *self)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->parts, i);

      if (g_ascii_strcasecmp (part->name, "user") == 0 && part->offset == 0 && !part->is_missing &&
          is_user_region (part->region))
        return part;
    }
  return NULL;
}

void
ub_backup_add_pieces (UbBackup *self, const UbLayout *layout)
{
  const UbBackupPart *user = find_user (self);

  for (guint i = 0; user != NULL && layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      UbBackupPart        *piece;

      if (entry->region != user->region || entry->name[0] == '\0' || entry->size == 0 ||
          entry->size > user->length || entry->start > user->length - entry->size)
        continue;
      piece = add_to (self->pieces, entry->name, entry->region, entry->start, entry->size);
      piece->path = g_strdup (user->path);
      piece->path_offset = user->path_offset + entry->start;
      piece->is_protected = ub_partition_role_for_name (entry->name) == UB_ROLE_PROTECTED;
    }
}

UbBackup *
ub_backup_open_own (const char *folder, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *name = g_path_get_basename (path);

  if (!g_str_has_prefix (name, UB_BACKUP_PARTIAL))
    return ub_backup_manifest_read (path, error);
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP, "%s was never finished", path);
  return NULL;
}

UbBackup *
ub_backup_open (const char *path, GError **error)
{
  g_autofree char *manifest = g_build_filename (path, UB_BACKUP_MANIFEST, NULL);
  g_autofree char *sums = g_build_filename (path, UB_BACKUP_SUMS, NULL);
  g_autofree char *name = g_path_get_basename (path);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s is not there", path);
      return NULL;
    }
  /* one of ours that lost its manifest is damaged, and nobody else's */
  if (g_str_has_prefix (name, UB_BACKUP_PARTIAL) || g_file_test (manifest, G_FILE_TEST_EXISTS) ||
      g_file_test (manifest, G_FILE_TEST_IS_SYMLINK) || g_file_test (sums, G_FILE_TEST_EXISTS))
    return ub_backup_open_own (path, error);
  return ub_backup_import_open (path, error);
}

/* --- what it holds --- */

UbBackupKind
ub_backup_get_kind (UbBackup *self)
{
  return self->kind;
}

const char *
ub_backup_get_folder (UbBackup *self)
{
  return self->folder;
}

GPtrArray *
ub_backup_get_parts (UbBackup *self)
{
  return self->parts;
}

GPtrArray *
ub_backup_get_pieces (UbBackup *self)
{
  return self->pieces;
}

static const UbBackupPart *
find_in (GPtrArray *parts, const char *name)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (g_ascii_strcasecmp (part->name, name) == 0)
        return part;
    }
  return NULL;
}

const UbBackupPart *
ub_backup_find (UbBackup *self, const char *name)
{
  const UbBackupPart *part = find_in (self->parts, name);

  return part != NULL ? part : find_in (self->pieces, name);
}

UbPhoneInfo *
ub_backup_get_phone (UbBackup *self)
{
  return self->phone;
}

const UbLayout *
ub_backup_get_layout (UbBackup *self)
{
  return self->layout;
}

GDateTime *
ub_backup_get_time (UbBackup *self)
{
  return self->time;
}

const char *
ub_backup_get_project (UbBackup *self)
{
  return self->project != NULL ? self->project : "";
}

guint64
ub_backup_get_size (UbBackup *self)
{
  guint64 size = 0;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->parts, i);

      if (!part->is_missing && size <= G_MAXUINT64 - part->length)
        size += part->length;
    }
  return size;
}

static gboolean
is_whole_region (UbBackup *self, const UbBackupPart *part)
{
  const UbDaReport *report = self->phone != NULL ? ub_phone_info_get_report (self->phone) : NULL;
  guint64           capacity;

  if (part == NULL || part->is_missing || part->offset != 0)
    return FALSE;
  if (self->kind == UB_BACKUP_IMPORTED)
    return !is_user_region (part->region) || part->length == self->user_size;
  capacity = report != NULL ? ub_da_report_get_capacity (report, part->region) : 0;
  return capacity == 0 || part->length == capacity;
}

gboolean
ub_backup_is_whole (UbBackup *self)
{
  return is_whole_region (self, find_in (self->parts, "boot1")) &&
         is_whole_region (self, find_in (self->parts, "boot2")) &&
         is_whole_region (self, find_user (self));
}

UbSamePhone
ub_backup_is_from (UbBackup *self, UbPhoneInfo *phone)
{
  if (self->phone == NULL || phone == NULL)
    return UB_SAME_PHONE_UNKNOWN;
  return ub_phone_info_compare (self->phone, phone);
}

gboolean
ub_backup_read (UbBackup           *self,
                const UbBackupPart *part,
                guint64             offset,
                guint8             *data,
                gsize               size,
                GError            **error)
{
  gboolean ok;
  int      fd;

  if (part->path == NULL || size > part->length || offset > part->length - size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s in %s has no %" G_GSIZE_FORMAT " bytes at 0x%" G_GINT64_MODIFIER "x",
                   part->name,
                   self->folder,
                   size,
                   offset);
      return FALSE;
    }
  fd = ub_disk_open (part->path, NULL, error);
  if (fd < 0)
    return FALSE;
  ok = ub_disk_read (fd, part->path, part->path_offset + offset, data, size, error);
  close (fd);
  return ok;
}

gboolean
ub_backup_is_blank (UbBackup *self, const UbBackupPart *part, guint64 offset)
{
  g_autofree guint8 *data = g_malloc (PIECE);
  guint8             first = 0;

  if (part->is_missing)
    return FALSE;
  for (guint64 at = offset; at < part->length;)
    {
      /* most are told by their first bytes */
      gsize size = (gsize) MIN (part->length - at, at == offset ? 4096 : PIECE);

      if (!ub_backup_read (self, part, at, data, size, NULL))
        return FALSE;
      if (at == offset)
        first = data[0];
      if ((first != 0x00 && first != 0xff) || data[0] != first ||
          memcmp (data, data + 1, size - 1) != 0)
        return FALSE;
      at += size;
    }
  return TRUE;
}

/* --- is it whole? --- */

static gboolean
hash_file (int             fd,
           const char     *path,
           guint64         length,
           EVP_MD_CTX     *context,
           UbBackupTicker *ticker,
           GError        **error)
{
  g_autofree guint8 *data = g_malloc (PIECE);

  for (guint64 at = 0; at < length;)
    {
      gsize size = (gsize) MIN (length - at, PIECE);

      if (g_cancellable_set_error_if_cancelled (ticker->cancellable, error) ||
          !ub_disk_read (fd, path, at, data, size, error))
        return FALSE;
      EVP_DigestUpdate (context, data, size);
      if (ticker->sink != NULL && !ticker->sink (data, size, at, ticker->sink_data, error))
        return FALSE;
      at += size;
      ticker->done += size;
      if (ticker->progress != NULL)
        ticker->progress (ticker->done, ticker->total, ticker->user_data);
    }
  return TRUE;
}

static gboolean
has_hash (EVP_MD_CTX *context, const char *sha256)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  guint  size = 0;
  char   text[2 * EVP_MAX_MD_SIZE + 1] = "";

  EVP_DigestFinal_ex (context, digest, &size);
  for (guint i = 0; i < size; i++)
    g_snprintf (text + 2 * i, 3, "%02x", digest[i]);
  return strcmp (text, sha256) == 0;
}

static gboolean
check_content (int             fd,
               const char     *path,
               guint64         length,
               const char     *sha256,
               UbBackupTicker *ticker,
               GError        **error)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean    ok;

  EVP_DigestInit_ex (context, EVP_sha256 (), NULL);
  ok = hash_file (fd, path, length, context, ticker, error);
  if (ok && !has_hash (context, sha256))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s is damaged: its content is not what was saved",
                   path);
      ok = FALSE;
    }
  EVP_MD_CTX_free (context);
  return ok;
}

gboolean
ub_backup_check_open (int             fd,
                      guint64         size,
                      const char     *path,
                      guint64         length,
                      const char     *sha256,
                      UbBackupTicker *ticker,
                      GError        **error)
{
  if (size == length)
    return check_content (fd, path, length, sha256, ticker, error);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_BACKUP,
               "%s has %" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT,
               path,
               size,
               length);
  return FALSE;
}

gboolean
ub_backup_check_file (const char     *path,
                      guint64         length,
                      const char     *sha256,
                      UbBackupTicker *ticker,
                      GError        **error)
{
  g_autoptr (GError) problem = NULL;
  guint64  size;
  int      fd = ub_disk_open (path, &size, &problem);
  gboolean ok;

  if (fd < 0)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_BAD_BACKUP, problem->message);
      return FALSE;
    }
  ok = ub_backup_check_open (fd, size, path, length, sha256, ticker, error);
  close (fd);
  return ok;
}

static gboolean
check_scatter (UbBackup *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, self->scatter, NULL);
  g_autoptr (GBytes) bytes = ub_disk_read_file (path, 16 * PIECE, error);
  g_autofree char *sha256 = NULL;

  if (bytes == NULL)
    {
      if (error != NULL)
        (*error)->code = UB_ERROR_BAD_BACKUP;
      return FALSE;
    }
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  if (strcmp (sha256, self->scatter_sha256) == 0)
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP, "%s is damaged", path);
  return FALSE;
}

gboolean
ub_backup_verify (UbBackup     *self,
                  UbDaProgress  progress,
                  gpointer      user_data,
                  GCancellable *cancellable,
                  GError      **error)
{
  UbBackupTicker ticker = { progress, user_data, cancellable, 0, ub_backup_get_size (self) };

  if (self->kind == UB_BACKUP_IMPORTED)
    return ub_backup_import_verify (self, &ticker, error);
  if (self->scatter != NULL && !check_scatter (self, error))
    return FALSE;
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->parts, i);

      if (!part->is_missing &&
          !ub_backup_check_file (part->path, part->length, part->sha256, &ticker, error))
        return FALSE;
    }
  return TRUE;
}
