/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include "base/ub-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* What people bring instead of a firmware: update packages for phones that work, images without a
 * map, other makers' containers. They are told what it is and what to look for. */

#define MAX_NAMES 20000
#define MAX_DEPTH 4

#define LOOK_FOR                                                                                   \
  "look for the firmware of this model for SP Flash Tool: a package with a file like "             \
  "MT6765_Android_scatter.txt"

static gboolean
ends_in (const char *name, const char *end)
{
  gsize length = strlen (name);
  gsize size = strlen (end);

  return length >= size && g_ascii_strcasecmp (name + length - size, end) == 0;
}

static const char *
base_of (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

static gboolean
is_update (const char *name)
{
  static const char *const ends[] = { "META-INF/com/google/android/updater-script",
                                      "META-INF/com/google/android/update-binary",
                                      ".new.dat",
                                      ".new.dat.br",
                                      ".new.dat.xz",
                                      ".patch.dat",
                                      ".transfer.list" };

  if (g_ascii_strcasecmp (base_of (name), "payload.bin") == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (ends_in (name, ends[i]))
      return TRUE;
  return FALSE;
}

static const char *
container_of (const char *name)
{
  static const struct
  {
    const char *end;
    const char *what;
  } kinds[] = { { ".ofp", "a package of OPPO's or realme's own tool" },
                { ".ozip", "an update package of OPPO or realme" },
                { ".kdz", "a package of LG's own tool" },
                { ".pac", "a package for phones with a Unisoc or Spreadtrum chip" },
                { ".nb0", "a package of another tool" } };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (ends_in (name, kinds[i].end))
      return kinds[i].what;
  return NULL;
}

/* "boot.img", "super.img_0", "super_1.img" */
static gboolean
is_android_image (const char *name)
{
  static const char *const parts[] = { "boot",   "recovery", "system", "super",    "vendor",
                                       "vbmeta", "userdata", "dtbo",   "lk",       "product",
                                       "logo",   "md1img",   "cache",  "init_boot" };
  g_autofree char         *lower = g_ascii_strdown (base_of (name), -1);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gsize length = strlen (parts[i]);

      if (strncmp (lower, parts[i], length) == 0 &&
          (g_str_has_prefix (lower + length, ".img") ||
           (lower[length] == '_' && g_str_has_suffix (lower, ".img"))))
        return TRUE;
    }
  return FALSE;
}

/* the list of an update package is called "scatter.txt" or "update_scatter.txt" */
static gboolean
is_map_name (const char *name)
{
  const char      *base = base_of (name);
  g_autofree char *lower = g_ascii_strdown (base, -1);

  return strstr (lower, "scatter") != NULL && strcmp (lower, "scatter.txt") != 0 &&
         strcmp (lower, "update_scatter.txt") != 0 && strstr (lower, "checksum") == NULL &&
         (g_str_has_suffix (lower, ".txt") || g_str_has_suffix (lower, ".xml"));
}

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list          args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE, "%s; " LOOK_FOR, text);
  return TRUE;
}

/* @names of what lies in @path (or of @path alone) are not a firmware: TRUE with NOT_A_FIRMWARE if it
 * is known what they are instead */
static gboolean
explain (const char *path, GPtrArray *names, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  const char      *update = NULL;
  const char      *container = NULL;
  guint            n_images = 0;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];

      if (update == NULL && is_update (name))
        update = base_of (name);
      if (container == NULL)
        container = container_of (name);
      n_images += is_android_image (name);
    }
  if (update != NULL)
    return refuse (
        error,
        "%s is an update package (OTA) for a phone that works, which has “%s” and no map "
        "of the memory",
        shown,
        update);
  if (container != NULL)
    return refuse (error, "%s is or holds %s", shown, container);
  if (n_images > 0)
    return refuse (error,
                   "%s has images of Android, but no scatter file, which says where they belong",
                   shown);
  return FALSE;
}

static void
list_names (GPtrArray *names, const char *folder, const char *prefix, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && names->len < MAX_NAMES)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char            *inner = g_strconcat (prefix, name, NULL);
      GStatBuf         status;

      g_ptr_array_add (names, inner);
      if (depth > 0 && g_lstat (path, &status) == 0 && S_ISDIR (status.st_mode))
        {
          g_autofree char *below = g_strconcat (inner, "/", NULL);
          list_names (names, path, below, depth - 1);
        }
    }
}

/**
 * ub_firmware_other_explain_folder:
 * @path: what the person opened, for the message
 * @folder: where its files are
 *
 * Returns: %TRUE with NOT_A_FIRMWARE if it is known what it is instead of a firmware
 */
gboolean
ub_firmware_other_explain_folder (const char *path, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  list_names (names, folder, "", MAX_DEPTH);
  return explain (path, names, error);
}

/* the same of one file, by its name */
gboolean
ub_firmware_other_explain_file (const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (names, g_path_get_basename (path));
  return explain (path, names, error);
}

/**
 * ub_firmware_other_explain_members:
 * @names: (element-type filename): what an archive holds
 *
 * Before it is unpacked, which takes minutes: only update packages are refused, and only if there is
 * nothing in them that may be a map, or another archive.
 */
gboolean
ub_firmware_other_explain_members (const char *path, GPtrArray *names, GError **error)
{
  gboolean update = FALSE;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];

      if (is_map_name (name) || ends_in (name, ".zip") || ends_in (name, ".rar") ||
          ends_in (name, ".7z") || ends_in (name, ".tar") || ends_in (name, ".tgz") ||
          ends_in (name, ".gz"))
        return FALSE;
      update = update || is_update (name);
    }
  return update && explain (path, names, error);
}
