/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include "base/ub-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define SNIFF_BYTES 65536
#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_MAPS 64
#define MAX_VISITS 20000

typedef struct
{
  char    *path;
  guint    depth;
  guint    images; /* files of the map that are there */
  gboolean readable;
} Map;

typedef struct
{
  GPtrArray    *maps;
  guint         visits;
  guint         max_depth;
  GCancellable *cancellable;
} Search;

static void
map_free (gpointer data)
{
  Map *map = data;

  g_free (map->path);
  g_free (map);
}

static gboolean
may_be_map (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_str_has_suffix (lower, ".txt") || g_str_has_suffix (lower, ".xml");
}

static gboolean
is_map (const char *path)
{
  g_autoptr (GBytes) head = ub_firmware_folder_load (path, SNIFF_BYTES, NULL);

  return head != NULL && ub_scatter_sniff (g_bytes_get_data (head, NULL), g_bytes_get_size (head));
}

static void
weigh (Map *map)
{
  g_autoptr (GBytes) bytes = ub_firmware_folder_load (map->path, MAX_BYTES + 1, NULL);
  g_autofree char *folder_path = g_path_get_dirname (map->path);
  g_autofree char *name = g_path_get_basename (map->path);
  g_autoptr (UbScatter) scatter = bytes != NULL ? ub_scatter_parse (bytes, name, NULL) : NULL;
  g_autoptr (UbFirmwareFolder) folder =
                 scatter != NULL ? ub_firmware_folder_read (folder_path, NULL) : NULL;

  map->readable = scatter != NULL;
  for (guint i = 0; folder != NULL && i < scatter->partitions->len; i++)
    {
      const UbPartition *partition = scatter->partitions->pdata[i];
      g_autofree char   *file =
          partition->file_name != NULL ? ub_firmware_folder_basename (partition->file_name) : NULL;
      if (file != NULL && ub_firmware_folder_find (folder, file) != NULL)
        map->images++;
    }
}

static void
visit (Search *search, const char *folder, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && search->visits < MAX_VISITS &&
         search->maps->len < MAX_MAPS)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf         status;
      search->visits++;
      if (g_cancellable_is_cancelled (search->cancellable) || g_lstat (path, &status) != 0)
        continue;
      if (S_ISDIR (status.st_mode) && depth < search->max_depth)
        visit (search, path, depth + 1);
      else if (S_ISREG (status.st_mode) && may_be_map (name) && is_map (path))
        {
          Map *map = g_new0 (Map, 1);
          map->path = g_steal_pointer (&path);
          map->depth = depth;
          weigh (map);
          g_ptr_array_add (search->maps, map);
        }
    }
}

static int
compare_maps (gconstpointer a, gconstpointer b)
{
  const Map *x = *(Map *const *) a;
  const Map *y = *(Map *const *) b;

  if (x->readable != y->readable)
    return x->readable ? -1 : 1;
  if (x->images != y->images)
    return x->images > y->images ? -1 : 1;
  if (x->depth != y->depth)
    return x->depth < y->depth ? -1 : 1;
  return strcmp (x->path, y->path);
}

/* newer packages bring the same map as .txt and as .xml */
static gboolean
is_twin (const char *a, const char *b)
{
  gsize stem = strlen (a) - strlen (".txt");

  return strlen (a) == strlen (b) && strncmp (a, b, stem) == 0;
}

/* Maps that cannot be read, or have no images while others have some, are nothing to choose from.
 */
static GPtrArray *
take_best (GPtrArray *maps)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const Map *best = maps->len > 0 ? maps->pdata[0] : NULL;

  for (guint i = 0; i < maps->len; i++)
    {
      Map     *map = maps->pdata[i];
      gboolean twin = FALSE;
      if (map->readable != best->readable || (best->images > 0 && map->images == 0))
        break;
      for (guint k = 0; k < paths->len && !twin; k++)
        twin = is_twin (paths->pdata[k], map->path);
      if (!twin)
        g_ptr_array_add (paths, g_strdup (map->path));
    }
  return paths;
}

/**
 * ub_firmware_find_below:
 * @folder: absolute, links resolved
 * @depth: how many folders deep to look; links are not followed
 *
 * Returns: (transfer full) (element-type filename): the maps found, best first, maybe none; %NULL
 * if cancelled
 */
GPtrArray *
ub_firmware_find_below (const char *folder, guint depth, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func (map_free);
  Search search = { maps, 0, depth, cancellable };

  visit (&search, folder, 0);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  g_ptr_array_sort (maps, compare_maps);
  return take_best (maps);
}
