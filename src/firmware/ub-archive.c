/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-archive.h"

#include "base/ub-error.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READ_SIZE (256u * 1024)
#define MEMBERS_MAX 100000u
#define NESTING_MAX 2u /* archives within the archive that are unpacked, too */
#define NEIGHBOUR_MAX                                                                              \
  (1024u * 1024) /* next to larger files an inner archive is just one more file */
#define RESERVE (256u * 1024 * 1024)     /* bytes of the disk that are left to others */
#define LOOK_AT_DISK (64u * 1024 * 1024) /* bytes written between two looks at the free space */
#define HOLE_SIZE 4096u
#define TEMP_PREFIX ".unpack-"

/* one unpacking, over all levels */
typedef struct
{
  UbArchiveProgress progress;
  gpointer          user_data;
  GCancellable     *cancellable;
  GPtrArray        *files;   /* (element-type filename) made by us, in order */
  GPtrArray        *folders; /* (element-type filename) made by us, in order */
  guint64           budget;  /* bytes that may still be written */
  guint64           unseen;  /* bytes written since the last look at the disk */
} Job;

/* one archive of it */
typedef struct
{
  Job            *job;
  struct archive *archive;
  const char     *path;
  const char     *folder;
  GHashTable     *names;  /* (element-type filename) members so far */
  guint64         total;  /* bytes unpacked, 0 if the archive does not tell */
  guint64         done;   /* bytes unpacked */
  guint64         packed; /* bytes of the archive */
  double          fraction;
} Unpacking;

static gboolean
fail (GError **error, UbError code, const char *path, const char *what)
{
  g_set_error (error, UB_ERROR, code, "%s: %s", path, what);
  return FALSE;
}

static gboolean
fail_errno (GError **error, const char *path)
{
  UbError code = errno == ENOSPC || errno == EDQUOT ? UB_ERROR_NO_SPACE : UB_ERROR_FILE_WRITE;

  return fail (error, code, path, g_strerror (errno));
}

static gboolean
fail_archive (Unpacking *self, GError **error)
{
  const char *what = archive_error_string (self->archive);

  if (archive_read_has_encrypted_entries (self->archive) > 0)
    return fail (error, UB_ERROR_ARCHIVE_PASSWORD, self->path, "archive is locked with a password");
  return fail (error, UB_ERROR_BAD_ARCHIVE, self->path, what != NULL ? what : "archive is damaged");
}

/* libarchive's "all" would also run programs that happen to be installed */
static struct archive *
open_archive (const char *path)
{
  struct archive *archive = archive_read_new ();

  if (archive == NULL)
    return NULL;
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_bzip2 (archive);
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_lzma (archive);
  archive_read_support_filter_lzip (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_filter_lz4 (archive);
  archive_read_support_format_zip (archive);
  archive_read_support_format_7zip (archive);
  archive_read_support_format_rar (archive);
  archive_read_support_format_rar5 (archive);
  archive_read_support_format_tar (archive);
  if (archive_read_open_filename (archive, path, READ_SIZE) == ARCHIVE_OK)
    return archive;
  archive_read_free (archive);
  return NULL;
}

/* is it a packed tar? only unpacking its begin tells */
static gboolean
holds_tar (const char *path)
{
  struct archive       *archive = open_archive (path);
  struct archive_entry *entry;
  gboolean              result;

  if (archive == NULL)
    return FALSE;
  result = archive_read_next_header (archive, &entry) >= ARCHIVE_WARN &&
           (archive_format (archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
  archive_read_free (archive);
  return result;
}

static gsize
read_begin (const char *path, guint8 *data, gsize size)
{
  int    fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n = -1;

  if (fd < 0)
    return 0;
  n = read (fd, data, size);
  close (fd);
  return n > 0 ? (gsize) n : 0;
}

static gboolean
is_packed_stream (const guint8 *data)
{
  static const struct
  {
    gsize       length;
    const char *mark;
  } marks[] = { { 3, "\x1F\x8B\x08" },
                { 3, "BZh" },
                { 6,
                  "\xFD"
                  "7zXZ\0" },
                { 4, "\x28\xB5\x2F\xFD" },
                { 4, "LZIP" },
                { 4, "\x04\x22\x4D\x18" },
                { 5, "\x5D\0\0\x80\0" } };

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (memcmp (data, marks[i].mark, marks[i].length) == 0)
      return TRUE;
  return FALSE;
}

/**
 * ub_archive_is_archive:
 * @path: a file
 *
 * Returns: %TRUE if its content is a zip, 7z, rar or tar, the latter packed or not. A single packed
 *   file (.img.gz) is none
 */
gboolean
ub_archive_is_archive (const char *path)
{
  guint8 data[512] = { 0 };

  if (read_begin (path, data, sizeof data) == 0)
    return FALSE;
  if (memcmp (data, "PK\x03\x04", 4) == 0 || memcmp (data, "PK\x05\x06", 4) == 0 ||
      memcmp (data, "7z\xBC\xAF\x27\x1C", 6) == 0 || memcmp (data, "Rar!\x1A\x07", 6) == 0 ||
      memcmp (data + 257, "ustar", 5) == 0)
    return TRUE;
  return is_packed_stream (data) && holds_tar (path);
}

static gboolean
look_at_disk (const char *path, guint64 wanted, GError **error)
{
  struct statvfs info;
  guint64        available;

  if (statvfs (path, &info) != 0)
    return fail_errno (error, path);
  available = (guint64) info.f_bavail * info.f_frsize;
  if (available > RESERVE && wanted <= available - RESERVE)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_SPACE,
               "%s: %" G_GUINT64_FORMAT " bytes wanted, %" G_GUINT64_FORMAT
               " free, %u kept for others",
               path,
               wanted,
               available,
               RESERVE);
  return FALSE;
}

/* what may be written altogether: no archive, however small, fills the disk */
static gboolean
set_budget (Job *job, const char *folder, GError **error)
{
  struct statvfs info;
  guint64        available;

  if (!look_at_disk (folder, 0, error))
    return FALSE;
  if (statvfs (folder, &info) != 0)
    return fail_errno (error, folder);
  available = (guint64) info.f_bavail * info.f_frsize;
  job->budget = available > RESERVE ? available - RESERVE : 0;
  return TRUE;
}

/* names from old Windows packers are in the packer's code page, of Chinese firmware mostly */
static char *
member_name (struct archive_entry *entry)
{
  const char *utf8 = archive_entry_pathname_utf8 (entry);
  const char *raw = utf8 != NULL ? utf8 : archive_entry_pathname (entry);
  char       *name;

  if (raw == NULL)
    return NULL;
  if (g_utf8_validate (raw, -1, NULL))
    return g_strdup (raw);
  name = g_convert (raw, -1, "UTF-8", "GB18030", NULL, NULL, NULL);
  return name != NULL ? name : g_utf8_make_valid (raw, -1);
}

static gboolean
is_drive_letter (const char *name)
{
  return g_ascii_isalpha (name[0]) && name[1] == ':';
}

/* @name as a path below the folder, "." and doubled slashes gone; "" for the folder itself */
static char *
safe_name (Unpacking *self, const char *name, GError **error)
{
  g_autofree char *slashed = g_strdelimit (g_strdup (name), "\\", '/');
  g_auto (GStrv) parts = g_strsplit (slashed, "/", -1);
  GString *safe = g_string_new (NULL);

  if (slashed[0] == '/' || is_drive_letter (slashed))
    {
      g_string_free (safe, TRUE);
      return (void) fail (error, UB_ERROR_UNSAFE_ARCHIVE, self->path, name), NULL;
    }
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (g_str_equal (parts[i], ".."))
        {
          g_string_free (safe, TRUE);
          return (void) fail (error, UB_ERROR_UNSAFE_ARCHIVE, self->path, name), NULL;
        }
      if (parts[i][0] == '\0' || g_str_equal (parts[i], "."))
        continue;
      g_string_append_printf (safe, "%s%s", safe->len > 0 ? "/" : "", parts[i]);
    }
  return g_string_free (safe, FALSE);
}

/* one folder; one that is there already is as good, a link to one is not */
static gboolean
make_folder (Job *job, const char *path, GError **error)
{
  struct stat info;

  if (mkdir (path, 0755) == 0)
    {
      g_ptr_array_add (job->folders, g_strdup (path));
      return TRUE;
    }
  if (errno != EEXIST)
    return fail_errno (error, path);
  if (lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
    return TRUE;
  return fail (error, UB_ERROR_BAD_ARCHIVE, path, "is a file and a folder at once");
}

/* all folders of @name below @folder, the last part only if @whole */
static gboolean
make_folders (Job *job, const char *folder, const char *name, gboolean whole, GError **error)
{
  for (const char *slash = strchr (name, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *part = g_strndup (name, (gsize) (slash - name));
      g_autofree char *path = g_build_filename (folder, part, NULL);

      if (!make_folder (job, path, error))
        return FALSE;
    }
  if (whole)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      return make_folder (job, path, error);
    }
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize size, guint64 offset, const char *path, GError **error)
{
  while (size > 0)
    {
      gssize n = pwrite (fd, data, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail_errno (error, path);
      data += n;
      size -= (gsize) n;
      offset += (guint64) n;
    }
  return TRUE;
}

static gboolean
is_zero (const guint8 *data, gsize size)
{
  return data[0] == 0 && memcmp (data, data + 1, size - 1) == 0;
}

/* leaves out whole pages of zeros: they read as zeros anyway and take no room on the disk */
static gboolean
write_sparse (int           fd,
              const guint8 *data,
              gsize         size,
              guint64       offset,
              const char   *path,
              GError      **error)
{
  gsize pending = 0;
  gsize at = 0;

  while (at < size)
    {
      gsize page = MIN (HOLE_SIZE - (gsize) ((offset + at) % HOLE_SIZE), size - at);

      if (page == HOLE_SIZE && is_zero (data + at, page))
        {
          if (!write_all (fd, data + pending, at - pending, offset + pending, path, error))
            return FALSE;
          pending = at + page;
        }
      at += page;
    }
  return write_all (fd, data + pending, size - pending, offset + pending, path, error);
}

/* takes @bytes from the budget: a bomb ends here, even one that would be all holes */
static gboolean
spend (Unpacking *self, guint64 bytes, GError **error)
{
  Job *job = self->job;

  if (bytes > job->budget)
    return fail (error,
                 UB_ERROR_NO_SPACE,
                 self->path,
                 "unpacks to more than the disk has room for");
  job->budget -= bytes;
  job->unseen += bytes;
  self->done += bytes;
  if (job->unseen < LOOK_AT_DISK)
    return TRUE;
  job->unseen = 0;
  return look_at_disk (self->folder, 0, error);
}

static void
report (Unpacking *self, const char *name)
{
  double fraction;

  if (self->job->progress == NULL)
    return;
  if (self->total > 0)
    fraction = (double) self->done / (double) self->total;
  else
    fraction = (double) archive_filter_bytes (self->archive, -1) / (double) MAX (self->packed, 1);
  self->fraction = CLAMP (fraction, self->fraction, 1.0);
  self->job->progress (name, self->fraction, self->job->user_data);
}

/* the member's data into @fd; @end: the largest offset written */
static gboolean
copy_data (Unpacking  *self,
           int         fd,
           const char *path,
           const char *name,
           guint64    *end,
           GError    **error)
{
  const void *data;
  size_t      size;
  la_int64_t  offset;
  int         status;

  *end = 0;
  for (;;)
    {
      if (g_cancellable_set_error_if_cancelled (self->job->cancellable, error))
        return FALSE;
      status = archive_read_data_block (self->archive, &data, &size, &offset);
      if (status == ARCHIVE_EOF)
        return TRUE;
      if (status != ARCHIVE_OK)
        return fail_archive (self, error);
      if (offset < 0 || (guint64) offset < *end || (guint64) offset > G_MAXINT64 - size)
        return fail (error, UB_ERROR_BAD_ARCHIVE, self->path, "member overlaps itself");
      if (!spend (self, (guint64) offset + size - *end, error) ||
          !write_sparse (fd, data, size, (guint64) offset, path, error))
        return FALSE;
      *end = (guint64) offset + size;
      report (self, name);
    }
}

/* a member that came out shorter than its header says was cut off, unless the rest is a hole */
static gboolean
finish_file (Unpacking            *self,
             struct archive_entry *entry,
             int                   fd,
             const char           *path,
             guint64               end,
             GError              **error)
{
  if (archive_entry_size_is_set (entry) && (guint64) archive_entry_size (entry) != end)
    {
      if (archive_entry_sparse_count (entry) == 0 || (guint64) archive_entry_size (entry) < end)
        return fail (error,
                     UB_ERROR_BAD_ARCHIVE,
                     self->path,
                     "member is not as long as the archive says");
      if (!spend (self, (guint64) archive_entry_size (entry) - end, error))
        return FALSE;
      end = (guint64) archive_entry_size (entry);
    }
  return ftruncate (fd, (off_t) end) == 0 || fail_errno (error, path);
}

static gboolean
unpack_file (Unpacking *self, struct archive_entry *entry, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  guint64          end;
  gboolean         ok;
  int              fd;

  if (archive_entry_size_is_set (entry) && archive_entry_size (entry) > 0 &&
      !look_at_disk (self->folder, (guint64) archive_entry_size (entry), error))
    return FALSE;
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0)
    return fail_errno (error, path);
  g_ptr_array_add (self->job->files, g_strdup (path));
  ok = copy_data (self, fd, path, name, &end, error) &&
       finish_file (self, entry, fd, path, end, error);
  if (close (fd) != 0 && ok)
    return fail_errno (error, path);
  return ok;
}

/* links, pipes and devices are left out: no firmware needs them, and a link can lead anywhere */
static gboolean
unpack_member (Unpacking *self, struct archive_entry *entry, GError **error)
{
  g_autofree char *raw = member_name (entry);
  g_autofree char *name = NULL;
  mode_t           type = archive_entry_filetype (entry);

  if (raw == NULL)
    return fail (error, UB_ERROR_BAD_ARCHIVE, self->path, "member without a name");
  name = safe_name (self, raw, error);
  if (name == NULL)
    return FALSE;
  if (archive_entry_is_encrypted (entry))
    return fail (error, UB_ERROR_ARCHIVE_PASSWORD, self->path, "archive is locked with a password");
  if (name[0] == '\0' || archive_entry_hardlink (entry) != NULL ||
      (type != AE_IFREG && type != AE_IFDIR))
    return TRUE;
  if (!make_folders (self->job, self->folder, name, type == AE_IFDIR, error))
    return FALSE;
  if (type == AE_IFDIR)
    return TRUE;
  if (!g_hash_table_add (self->names, g_strdup (name)))
    return fail (error, UB_ERROR_BAD_ARCHIVE, name, "is in the archive twice");
  return unpack_file (self, entry, name, error);
}

static gboolean
unpack_members (Unpacking *self, GError **error)
{
  for (guint i = 0; i < MEMBERS_MAX; i++)
    {
      struct archive_entry *entry;
      int                   status;

      if (g_cancellable_set_error_if_cancelled (self->job->cancellable, error))
        return FALSE;
      status = archive_read_next_header (self->archive, &entry);
      if (status == ARCHIVE_EOF)
        return TRUE;
      if (status < ARCHIVE_WARN)
        return fail_archive (self, error);
      if (!unpack_member (self, entry, error))
        return FALSE;
    }
  return fail (error, UB_ERROR_BAD_ARCHIVE, self->path, "more members than any firmware has");
}

static gboolean
is_zip (const char *path)
{
  guint8 data[4] = { 0 };

  return read_begin (path, data, sizeof data) == sizeof data && memcmp (data, "PK", 2) == 0;
}

GPtrArray *
ub_archive_list_names (const char *path, guint max)
{
  struct archive       *archive = is_zip (path) ? open_archive (path) : NULL;
  GPtrArray            *names = NULL;
  struct archive_entry *entry;

  if (archive == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while (names->len < max && archive_read_next_header (archive, &entry) >= ARCHIVE_WARN)
    {
      char *name = member_name (entry);

      if (name != NULL)
        g_ptr_array_add (names, name);
    }
  archive_read_free (archive);
  return names;
}

/* only a zip has all sizes in one place; for others this would unpack everything twice */
static gboolean
sum_sizes (Unpacking *self, GError **error)
{
  struct archive       *archive = is_zip (self->path) ? open_archive (self->path) : NULL;
  struct archive_entry *entry;
  guint                 n = 0;

  if (archive == NULL)
    return TRUE;
  while (n++ < MEMBERS_MAX && archive_read_next_header (archive, &entry) >= ARCHIVE_WARN)
    if (archive_entry_size (entry) > 0)
      self->total += MIN ((guint64) archive_entry_size (entry), G_MAXUINT64 - self->total);
  archive_read_free (archive);
  return look_at_disk (self->folder, self->total, error);
}

static gboolean
unpack_one (Job *job, const char *path, const char *folder, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Unpacking   self = { .job = job, .path = path, .folder = folder, .names = names };
  struct stat info;
  gboolean    ok;

  if (stat (path, &info) != 0 || access (path, R_OK) != 0)
    return fail (error, UB_ERROR_FILE_READ, path, g_strerror (errno));
  self.packed = (guint64) info.st_size;
  if (!sum_sizes (&self, error))
    return FALSE;
  self.archive = open_archive (path);
  if (self.archive == NULL)
    return fail (error, UB_ERROR_BAD_ARCHIVE, path, "not an archive that can be unpacked");
  ok = unpack_members (&self, error);
  archive_read_free (self.archive);
  return ok;
}

/* the one archive among what was unpacked, index in files; -1 if there is none or more to see than
 * it */
static int
find_inner (GPtrArray *files, guint first)
{
  int found = -1;

  for (guint i = first; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      struct stat info;

      if (ub_archive_is_archive (path))
        {
          if (found >= 0)
            return -1;
          found = (int) i;
        }
      else if (stat (path, &info) != 0 || info.st_size > NEIGHBOUR_MAX)
        return -1;
    }
  return found;
}

/* "x/firmware.rar" → "x/firmware"; a name that is taken gets an underscore */
static char *
inner_folder (const char *path)
{
  char *folder = g_strdup (path);
  char *dot = strrchr (folder, '.');
  char *slash = strrchr (folder, '/');

  if (dot != NULL && dot > slash + 1)
    *dot = '\0';
  while (g_file_test (folder, G_FILE_TEST_EXISTS))
    {
      char *longer = g_strconcat (folder, "_", NULL);

      g_free (folder);
      folder = longer;
    }
  return folder;
}

/* a zip that holds nothing but a rar is common; the inner one goes away when it is unpacked */
static gboolean
unpack_nested (Job *job, GError **error)
{
  guint first = 0;

  for (guint depth = 0; depth < NESTING_MAX; depth++)
    {
      int              inner = find_inner (job->files, first);
      const char      *path;
      g_autofree char *folder = NULL;

      if (inner < 0)
        return TRUE;
      path = g_ptr_array_index (job->files, inner);
      folder = inner_folder (path);
      first = job->files->len;
      if (!make_folder (job, folder, error) || !unpack_one (job, path, folder, error))
        return FALSE;
      g_unlink (path);
    }
  return TRUE;
}

/* youngest first, so that folders are empty when it is their turn */
static void
remove_made (Job *job)
{
  for (guint i = job->files->len; i > 0; i--)
    g_unlink (g_ptr_array_index (job->files, i - 1));
  for (guint i = job->folders->len; i > 0; i--)
    g_rmdir (g_ptr_array_index (job->folders, i - 1));
}

static gboolean
make_target (Job *job, const char *folder, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);

  if (g_mkdir_with_parents (parent, 0755) != 0)
    return fail_errno (error, parent);
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  return make_folder (job, folder, error);
}

/**
 * ub_archive_unpack:
 * @path: an archive
 * @folder: where to; made if need be
 * @progress: (nullable): called after every piece, fractions only grow within one archive
 *
 * An archive that holds nothing large but one other archive has that unpacked in its place. Files
 * that are in @folder already are not written over.
 *
 * Returns: %TRUE with everything unpacked. %FALSE with nothing left behind and %UB_ERROR_FILE_READ,
 *   %UB_ERROR_BAD_ARCHIVE, %UB_ERROR_ARCHIVE_PASSWORD, %UB_ERROR_UNSAFE_ARCHIVE,
 * %UB_ERROR_NO_SPACE, %UB_ERROR_FILE_WRITE or %G_IO_ERROR_CANCELLED
 */
gboolean
ub_archive_unpack (const char       *path,
                   const char       *folder,
                   UbArchiveProgress progress,
                   gpointer          user_data,
                   GCancellable     *cancellable,
                   GError          **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  Job job = { progress, user_data, cancellable, files, folders, 0, 0 };

  if (make_target (&job, folder, error) && set_budget (&job, folder, error) &&
      unpack_one (&job, path, folder, error) && unpack_nested (&job, error))
    return TRUE;
  remove_made (&job);
  return FALSE;
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *ftw)
{
  return remove (path);
}

static void
remove_tree (const char *path)
{
  nftw (path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* half unpacked folders of a program that died: whoever is still at work holds a lock on his */
static void
remove_left_over (const char *cache_dir)
{
  g_autoptr (GDir) dir = g_dir_open (cache_dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (cache_dir, name, NULL);
      int              fd = -1;

      if (g_str_has_prefix (name, TEMP_PREFIX))
        fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd < 0)
        continue;
      if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        remove_tree (path);
      close (fd);
    }
}

/* the same file at the same place, untouched since */
static char *
cache_key (const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *text = NULL;
  struct stat      info;

  if (stat (path, &info) != 0)
    return (void) fail (error, UB_ERROR_FILE_READ, path, g_strerror (errno)), NULL;
  text = g_strdup_printf ("%s\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT ".%09ld",
                          absolute,
                          (gint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec,
                          info.st_mtim.tv_nsec);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static int
sync_one (const char *path, const struct stat *info, int type, struct FTW *ftw)
{
  int fd = type == FTW_F ? open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
  int status = fd < 0 ? 0 : fdatasync (fd);

  if (fd >= 0)
    close (fd);
  return status;
}

/* written out before it gets its name: after a power cut a folder of that name is whole */
static gboolean
keep_folder (const char *temp, const char *target, GError **error)
{
  if (nftw (temp, sync_one, 16, FTW_PHYS) != 0)
    return fail_errno (error, temp);
  if (g_rename (temp, target) == 0)
    return TRUE;
  if (errno != EEXIST && errno != ENOTEMPTY)
    return fail_errno (error, target);
  remove_tree (temp); /* somebody else was faster with the same archive */
  return TRUE;
}

static gboolean
unpack_to_cache (const char       *path,
                 const char       *cache_dir,
                 const char       *target,
                 UbArchiveProgress progress,
                 gpointer          user_data,
                 GCancellable     *cancellable,
                 GError          **error)
{
  g_autofree char *temp = g_build_filename (cache_dir, TEMP_PREFIX "XXXXXX", NULL);
  gboolean         ok;
  int              fd;

  if (g_mkdtemp_full (temp, 0755) == NULL)
    return fail_errno (error, temp);
  fd = open (temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return fail_errno (error, temp);
  ok = flock (fd, LOCK_EX) == 0 || fail_errno (error, temp);
  ok = ok && ub_archive_unpack (path, temp, progress, user_data, cancellable, error) &&
       keep_folder (temp, target, error);
  if (!ok)
    remove_tree (temp);
  close (fd);
  return ok;
}

/**
 * ub_archive_unpack_cached:
 * @path: an archive
 * @cache_dir: a folder of ours; made if need be
 *
 * As ub_archive_unpack(), into a folder that is found again as long as the archive's path, size and
 * time stay the same. What another run left half done is removed.
 *
 * Returns: (transfer full) (nullable) (type filename): the folder, or %NULL
 */
char *
ub_archive_unpack_cached (const char       *path,
                          const char       *cache_dir,
                          UbArchiveProgress progress,
                          gpointer          user_data,
                          GCancellable     *cancellable,
                          GError          **error)
{
  g_autofree char *key = cache_key (path, error);
  g_autofree char *target = NULL;

  if (key == NULL)
    return NULL;
  target = g_build_filename (cache_dir, key, NULL);
  if (g_file_test (target, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&target);
  if (g_mkdir_with_parents (cache_dir, 0755) != 0)
    return (void) fail_errno (error, cache_dir), NULL;
  remove_left_over (cache_dir);
  if (!unpack_to_cache (path, cache_dir, target, progress, user_data, cancellable, error))
    return NULL;
  return g_steal_pointer (&target);
}
