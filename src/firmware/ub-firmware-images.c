/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include "firmware/ub-agent.h"
#include "firmware/ub-image.h"

#include <string.h>

#define AGENT_HEAD 4096

static gboolean
is_preloader_name (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_str_has_prefix (lower, "preloader") &&
         (g_str_has_suffix (lower, ".bin") || g_str_has_suffix (lower, ".img"));
}

static void G_GNUC_PRINTF (2, 3) note (GPtrArray *notes, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (notes, g_utf8_make_valid (text, -1));
}

/* A preloader whose named file is missing takes the package's only one; with several, one must be
 * chosen by the memory settings in it, which is the engine's work. */
static const char *
only_preloader (UbFirmwareFolder *folder)
{
  const char *found = NULL;

  for (guint i = 0; i < folder->names->len; i++)
    if (is_preloader_name (folder->names->pdata[i]))
      {
        if (found != NULL)
          return NULL;
        found = folder->names->pdata[i];
      }
  return found;
}

static const char *
find_image (UbPartition *partition, UbFirmwareFolder *folder, GPtrArray *notes)
{
  g_autofree char *name = ub_firmware_folder_basename (partition->file_name);
  const char      *found = name != NULL ? ub_firmware_folder_find (folder, name) : NULL;

  if (g_strcmp0 (name, partition->file_name) != 0)
    note (notes,
          "“%s” names a file elsewhere, “%s”; only this folder is looked at",
          partition->name,
          partition->file_name);
  if (found == NULL && partition->role == UB_ROLE_PRELOADER &&
      (found = only_preloader (folder)) != NULL)
    note (notes,
          "“%s” is not there; the package's only preloader, “%s”, is taken",
          partition->file_name,
          found);
  return found;
}

/**
 * ub_firmware_images_measure:
 * @known: (element-type filename UbPartition): images measured before
 *
 * Fills in the sizes of @partition's image. A damaged one keeps its size as a file; what is wrong
 * with it is noted, and kept for the plan.
 */
void
ub_firmware_images_measure (UbPartition *partition, GHashTable *known, GPtrArray *notes)
{
  UbPartition *before = g_hash_table_lookup (known, partition->image_path);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&partition->image_trouble, g_free);
  if (before != NULL)
    {
      partition->image_size = before->image_size;
      partition->image_file_size = before->image_file_size;
      partition->image_trouble = g_strdup (before->image_trouble);
      return;
    }
  g_autoptr (UbImage) image = ub_image_open (partition->image_path, &error);
  if (image != NULL)
    {
      partition->image_size = ub_image_get_size (image);
      partition->image_file_size = ub_image_get_file_size (image);
    }
  else
    {
      partition->image_trouble = g_strdup (error->message);
      note (notes, "the image of “%s” is damaged: %s", partition->name, error->message);
      g_autoptr (GFile) file = g_file_new_for_path (partition->image_path);
      g_autoptr (GFileInfo) info = g_file_query_info (file,
                                                      G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                      G_FILE_QUERY_INFO_NONE,
                                                      NULL,
                                                      NULL);
      partition->image_file_size = info != NULL ? (guint64) g_file_info_get_size (info) : 0;
      partition->image_size = partition->image_file_size;
    }
  g_hash_table_insert (known, partition->image_path, partition);
}

/**
 * ub_firmware_images_match:
 *
 * Finds and measures the image of every partition that names one.
 */
void
ub_firmware_images_match (GPtrArray *partitions, UbFirmwareFolder *folder, GPtrArray *notes)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < partitions->len; i++)
    {
      UbPartition *partition = partitions->pdata[i];
      const char  *found =
          partition->file_name != NULL ? find_image (partition, folder, notes) : NULL;
      if (found == NULL)
        continue;
      partition->image_path = g_build_filename (folder->path, found, NULL);
      ub_firmware_images_measure (partition, known, notes);
    }
}

/**
 * ub_firmware_images_list_preloaders:
 *
 * Returns: (transfer full) (element-type filename): every preloader in the package, those of the
 * map first
 */
GPtrArray *
ub_firmware_images_list_preloaders (UbFirmwareFolder *folder, GPtrArray *partitions)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < partitions->len; i++)
    {
      UbPartition *partition = partitions->pdata[i];
      if (partition->role == UB_ROLE_PRELOADER && partition->image_path != NULL &&
          !g_ptr_array_find_with_equal_func (list, partition->image_path, g_str_equal, NULL))
        g_ptr_array_add (list, g_strdup (partition->image_path));
    }
  for (guint i = 0; i < folder->names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder->path, folder->names->pdata[i], NULL);
      if (is_preloader_name (folder->names->pdata[i]) &&
          !g_ptr_array_find_with_equal_func (list, path, g_str_equal, NULL))
        g_ptr_array_add (list, g_steal_pointer (&path));
    }
  return list;
}

/* the one a flash.xml beside it names comes first */
static void
add_agents (UbFirmwareFolder *folder, GPtrArray *list)
{
  g_autofree char *named = ub_firmware_entry_find_agent (folder);
  guint            first = list->len;

  for (guint i = 0; i < folder->names->len; i++)
    {
      const char      *name = folder->names->pdata[i];
      g_autofree char *lower = g_ascii_strdown (name, -1);
      g_autofree char *path = g_build_filename (folder->path, name, NULL);
      if (!g_str_has_suffix (lower, ".bin"))
        continue;
      g_autoptr (GBytes) head = ub_firmware_folder_load (path, AGENT_HEAD, NULL);
      if (head != NULL &&
          ub_agent_file_sniff (g_bytes_get_data (head, NULL), g_bytes_get_size (head)))
        g_ptr_array_insert (list,
                            g_strcmp0 (name, named) == 0 ? (int) first : -1,
                            g_steal_pointer (&path));
    }
}

/**
 * ub_firmware_images_list_agents:
 *
 * Returns: (transfer full) (element-type filename): agent containers in the package and in the
 * folders vendors keep them in (shared/facts/scatter.md §1e)
 */
GPtrArray *
ub_firmware_images_list_agents (UbFirmwareFolder *folder)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) below = ub_firmware_entry_list_agent_folders (folder->path);

  add_agents (folder, list);
  for (guint i = 0; i < below->len; i++)
    {
      g_autoptr (UbFirmwareFolder) inner = ub_firmware_folder_read (below->pdata[i], NULL);

      if (inner != NULL)
        add_agents (inner, list);
    }
  return list;
}
