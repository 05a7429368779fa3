/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include "base/ub-error.h"
#include "firmware/ub-image-pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* a package has a few hundred files; somebody's download folder has more, and is not to be searched
 * for ever */
#define MAX_FILES 20000

/* what people's tools add to the names the scatter has: signed and "verified" packages of MT67xx */
static const char *const variants[] = { "-sign", "-verified", "_sign", "_verified" };

void
ub_firmware_folder_free (UbFirmwareFolder *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->exact);
  g_hash_table_unref (self->folded);
  g_free (self);
}

/* is it a regular file, and is it still in the folder when links are followed? */
static gboolean
is_inside (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *real = NULL;
  struct stat      status;
  char            *resolved;

  if (lstat (path, &status) != 0)
    return FALSE;
  if (S_ISREG (status.st_mode))
    return TRUE;
  if (!S_ISLNK (status.st_mode) || stat (path, &status) != 0 || !S_ISREG (status.st_mode))
    return FALSE;
  resolved = realpath (path, NULL);
  if (resolved == NULL)
    return FALSE;
  real = g_path_get_dirname (resolved);
  free (resolved);
  return strcmp (real, folder) == 0;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
index_names (UbFirmwareFolder *self)
{
  g_ptr_array_sort (self->names, compare_names);
  for (guint i = 0; i < self->names->len; i++)
    {
      char *name = self->names->pdata[i];
      char *lower = g_ascii_strdown (name, -1);
      g_hash_table_add (self->exact, name);
      if (g_hash_table_contains (self->folded, lower))
        g_free (lower);
      else
        g_hash_table_insert (self->folded, lower, name);
    }
}

/**
 * ub_firmware_folder_read:
 *
 * Returns: (transfer full): the regular files in @path itself, or %NULL with FILE_MISSING
 */
UbFirmwareFolder *
ub_firmware_folder_read (const char *path, GError **error)
{
  char *resolved = realpath (path, NULL);
  g_autoptr (GDir) dir = resolved != NULL ? g_dir_open (resolved, 0, NULL) : NULL;
  const char *name;

  if (dir == NULL)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "the folder %s cannot be read", path);
      free (resolved);
      return NULL;
    }
  UbFirmwareFolder *self = g_new0 (UbFirmwareFolder, 1);
  self->path = g_strdup (resolved);
  free (resolved);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->exact = g_hash_table_new (g_str_hash, g_str_equal);
  self->folded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((name = g_dir_read_name (dir)) != NULL && self->names->len < MAX_FILES)
    if (is_inside (self->path, name))
      g_ptr_array_add (self->names, g_strdup (name));
  index_names (self);
  return self;
}

static const char *
find_plain (UbFirmwareFolder *self, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  const char      *found = g_hash_table_lookup (self->exact, name);

  return found != NULL ? found : g_hash_table_lookup (self->folded, lower);
}

/**
 * ub_firmware_folder_find:
 * @name: as a scatter has it, without path
 *
 * Returns: (nullable): the name of the file that is meant: exactly, in another case, then
 * "boot-sign.img" or "boot-verified.img" for "boot.img", then the first of the pieces
 */
const char *
ub_firmware_folder_find (UbFirmwareFolder *self, const char *name)
{
  const char *found = find_plain (self, name);
  const char *dot = strrchr (name, '.');
  int         stem = (int) (dot != NULL ? (gsize) (dot - name) : strlen (name));

  for (gsize i = 0; i < G_N_ELEMENTS (variants) && found == NULL; i++)
    {
      g_autofree char *variant =
          g_strdup_printf ("%.*s%s%s", stem, name, variants[i], dot != NULL ? dot : "");
      found = find_plain (self, variant);
    }
  return found != NULL ? found : ub_image_pieces_find (self->path, self->names, name);
}

/**
 * ub_firmware_folder_basename:
 * @file_name: from a scatter, maybe with "C:\\", "/" or ".." to lead us elsewhere
 *
 * Returns: (transfer full) (nullable): the last part alone; %NULL if that is no name
 */
char *
ub_firmware_folder_basename (const char *file_name)
{
  const char *slash = strrchr (file_name, '/');
  const char *name = slash != NULL ? slash + 1 : file_name;
  const char *backslash = strrchr (name, '\\');

  if (backslash != NULL)
    name = backslash + 1;
  if (*name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return NULL;
  return g_strdup (name);
}

static GBytes *
read_all (int fd, gsize limit, const char *path, GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  guint8 buffer[65536];
  gssize got = 1;

  while (got > 0 && data->len < limit)
    {
      got = read (fd, buffer, MIN (sizeof buffer, limit - data->len));
      if (got < 0 && errno == EINTR)
        got = 1;
      else if (got < 0)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_FILE_READ,
                       "%s cannot be read: %s",
                       path,
                       g_strerror (errno));
          return NULL;
        }
      else
        g_byte_array_append (data, buffer, (guint) got);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

/**
 * ub_firmware_folder_load:
 * @limit: bytes
 *
 * Returns: (transfer full): the first @limit bytes of a regular file. Never waits for a pipe.
 */
GBytes *
ub_firmware_folder_load (const char *path, gsize limit, GError **error)
{
  int         fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  GBytes     *bytes = NULL;

  if (fd < 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   errno == ENOENT ? UB_ERROR_FILE_MISSING : UB_ERROR_FILE_READ,
                   "%s cannot be opened: %s",
                   path,
                   g_strerror (errno));
      return NULL;
    }
  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not a file", path);
  else
    bytes = read_all (fd, limit, path, error);
  close (fd);
  return bytes;
}
