/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/ub-error.h"

/* ours are one or two deep */
#define MAX_DEPTH 8
#define MAX_NAME 200
/* for manifest, scatter and what the file system needs for itself */
#define SPARE_ROOM (16 * 1024 * 1024)
/* runs of zeros at least that long become holes; a divisor of what callers write at a time */
#define HOLE (64 * 1024)

void
ub_disk_set_write_error (GError **error, const char *path, int number)
{
  gboolean full = number == ENOSPC || number == EDQUOT || number == EFBIG;

  g_set_error (error,
               UB_ERROR,
               full ? UB_ERROR_NO_SPACE : UB_ERROR_FILE_WRITE,
               "%s: %s",
               path,
               g_strerror (number));
}

gboolean
ub_disk_check_room (const char *folder, const char *path, guint64 size, GError **error)
{
  g_autofree char *needed = g_format_size (size);
  g_autofree char *there = NULL;
  struct statvfs   info;
  guint64          room;

  if (statvfs (folder, &info) != 0)
    return TRUE;
  room = (guint64) info.f_bavail * info.f_frsize;
  if (size <= room && room - size >= SPARE_ROOM)
    return TRUE;
  there = g_format_size (room);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_SPACE,
               "%s: the copy needs %s, and %s are free",
               path,
               needed,
               there);
  return FALSE;
}

gboolean
ub_disk_sync_folder (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int number;

  if (fd >= 0 && fsync (fd) == 0)
    {
      close (fd);
      return TRUE;
    }
  number = errno;
  if (fd >= 0)
    close (fd);
  /* some network file systems cannot, and keep folders in order by themselves */
  if (fd >= 0 && (number == EINVAL || number == ENOTSUP))
    return TRUE;
  ub_disk_set_write_error (error, path, number);
  return FALSE;
}

gboolean
ub_disk_make_folder (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (strcmp (parent, path) != 0 && !ub_disk_make_folder (parent, error))
    return FALSE;
  if (g_mkdir (path, 0700) != 0 && errno != EEXIST)
    {
      ub_disk_set_write_error (error, path, errno);
      return FALSE;
    }
  return ub_disk_sync_folder (parent, error);
}

gboolean
ub_disk_write (int fd, const char *path, const void *data, gsize size, GError **error)
{
  const guint8 *at = data;

  while (size > 0)
    {
      gssize n = write (fd, at, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          ub_disk_set_write_error (error, path, n < 0 ? errno : ENOSPC);
          return FALSE;
        }
      at += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
is_zero (const guint8 *data, gsize size)
{
  return data[0] == 0 && memcmp (data, data + 1, size - 1) == 0;
}

/* 0 or errno */
static int
write_at (int fd, const guint8 *data, gsize size, guint64 offset)
{
  while (size > 0)
    {
      gssize n = pwrite (fd, data, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 ? errno : ENOSPC;
      data += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return 0;
}

/* the longest run from the begin that is all data, or all holes */
static gsize
find_run (const guint8 *data, gsize size, gboolean *hole)
{
  gsize end = 0;

  *hole = is_zero (data, MIN (HOLE, size));
  while (end < size && is_zero (data + end, MIN (HOLE, size - end)) == *hole)
    end += MIN (HOLE, size - end);
  return end;
}

int
ub_disk_write_sparse (int fd, const guint8 *data, gsize size, guint64 offset)
{
  int number = 0;

  for (gsize at = 0, run; at < size && number == 0; at += run)
    {
      gboolean hole;

      run = find_run (data + at, size - at, &hole);
      if (!hole)
        number = write_at (fd, data + at, run, offset + at);
    }
  return number;
}

gboolean
ub_disk_write_file (const char *folder,
                    const char *name,
                    const void *data,
                    gsize       size,
                    GError    **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *other = g_strdup_printf ("%s/.new-%s", folder, name);
  int              fd = open (other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean         ok;

  if (fd < 0)
    {
      ub_disk_set_write_error (error, path, errno);
      return FALSE;
    }
  ok = ub_disk_write (fd, path, data, size, error);
  if (ok && (fsync (fd) != 0 || g_rename (other, path) != 0))
    {
      ub_disk_set_write_error (error, path, errno);
      ok = FALSE;
    }
  close (fd);
  if (!ok)
    g_unlink (other);
  return ok && ub_disk_sync_folder (folder, error);
}

/* The documents portal opens by a link of its own, and so cannot be asked not to follow any: then it is looked at first. */
static int
open_plain (const char *path, int flags)
{
  int         fd = open (path, flags | O_NOFOLLOW | O_CLOEXEC);
  int         number = errno;
  struct stat before;
  struct stat after;

  if (fd >= 0 || number != ELOOP || lstat (path, &before) != 0 || !S_ISREG (before.st_mode))
    {
      errno = number;
      return fd;
    }
  fd = open (path, flags | O_CLOEXEC);
  if (fd < 0 ||
      (fstat (fd, &after) == 0 && after.st_dev == before.st_dev && after.st_ino == before.st_ino))
    return fd;
  close (fd);
  errno = ELOOP;
  return -1;
}

int
ub_disk_open (const char *path, guint64 *size, GError **error)
{
  /* not blocking: a pipe of that name would wait for ever */
  int         fd = open_plain (path, O_RDONLY | O_NONBLOCK);
  int         number = errno;
  struct stat info;

  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    {
      if (size != NULL)
        *size = (guint64) info.st_size;
      return fd;
    }
  if (fd >= 0)
    close (fd);
  if (fd < 0 && number == ENOENT)
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s is not there", path);
  else if (fd >= 0 || number == ELOOP)
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not a plain file", path);
  else
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", path, g_strerror (number));
  return -1;
}

gboolean
ub_disk_read (int fd, const char *path, guint64 offset, void *data, gsize size, GError **error)
{
  guint8 *at = data;

  if (offset > G_MAXINT64 - size)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not that long", path);
      return FALSE;
    }
  while (size > 0)
    {
      gssize n = pread (fd, at, size, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_FILE_READ,
                       "%s: %s",
                       path,
                       n < 0 ? g_strerror (errno) : "shorter than expected");
          return FALSE;
        }
      at += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

GBytes *
ub_disk_read_file (const char *path, gsize max, GError **error)
{
  g_autofree guint8 *data = NULL;
  guint64            size;
  gboolean           ok;
  int                fd = ub_disk_open (path, &size, error);

  if (fd < 0)
    return NULL;
  if (size > max)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_FILE_READ,
                   "%s has %" G_GUINT64_FORMAT " bytes, more than such a file can have",
                   path,
                   size);
      close (fd);
      return NULL;
    }
  data = g_malloc (size + 1);
  ok = ub_disk_read (fd, path, 0, data, size, error);
  close (fd);
  return ok ? g_bytes_new_take (g_steal_pointer (&data), size) : NULL;
}

/* closes @fd */
static gboolean
empty_folder (int fd, guint depth)
{
  DIR           *dir = fdopendir (fd);
  struct dirent *entry;
  gboolean       ok = TRUE;

  if (dir == NULL)
    {
      close (fd);
      return FALSE;
    }
  while ((entry = readdir (dir)) != NULL)
    {
      int below;

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0 ||
          unlinkat (fd, entry->d_name, 0) == 0)
        continue;
      below = openat (fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      ok = below >= 0 && depth < MAX_DEPTH && empty_folder (below, depth + 1) &&
           unlinkat (fd, entry->d_name, AT_REMOVEDIR) == 0 && ok;
    }
  closedir (dir);
  return ok;
}

gboolean
ub_disk_remove_tree (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *gone = NULL;
  int              fd;

  if (g_str_has_prefix (name, ".removed-"))
    gone = g_strdup (path);
  else
    {
      gone = g_strdup_printf ("%s/.removed-%s-%08x", parent, name, g_random_int ());
      if (g_rename (path, gone) != 0)
        {
          ub_disk_set_write_error (error, path, errno);
          return FALSE;
        }
    }
  fd = open (gone, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && empty_folder (fd, 0) && g_rmdir (gone) == 0)
    return ub_disk_sync_folder (parent, error);
  g_set_error (error, UB_ERROR, UB_ERROR_FILE_WRITE, "%s could not be removed as a whole", gone);
  return FALSE;
}

gboolean
ub_disk_is_plain_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > MAX_NAME || name[0] == '.' || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (name[i] == '/' || name[i] == '\\' || (guchar) name[i] < 0x20)
      return FALSE;
  return TRUE;
}
