/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware.h"

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "firmware/ub-archive.h"
#include "firmware/ub-checksum-file.h"
#include "firmware/ub-firmware-private.h"
#include "firmware/ub-image-pieces.h"
#include "firmware/ub-image.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SCATTER_BYTES (4 * 1024 * 1024)
#define SEARCH_DEPTH 4
/* an archive in an archive is common, one more is somebody's joke */
#define MAX_NESTED_ARCHIVES 2
#define MAX_MEMBERS 20000

struct _UbFirmware
{
  GObject    parent_instance;
  char      *path;
  char      *folder;
  UbScatter *scatter;
  GPtrArray *agents;
  GPtrArray *preloaders;
  char      *auth_file; /* (nullable) */
  char      *cert_file; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (UbFirmware, ub_firmware, G_TYPE_OBJECT)

static void
ub_firmware_finalize (GObject *object)
{
  UbFirmware *self = UB_FIRMWARE (object);

  g_free (self->path);
  g_free (self->folder);
  ub_scatter_free (self->scatter);
  g_clear_pointer (&self->agents, g_ptr_array_unref);
  g_clear_pointer (&self->preloaders, g_ptr_array_unref);
  g_free (self->auth_file);
  g_free (self->cert_file);
  G_OBJECT_CLASS (ub_firmware_parent_class)->finalize (object);
}

static void
ub_firmware_class_init (UbFirmwareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_firmware_finalize;
}

static void
ub_firmware_init (UbFirmware *self)
{
}

static char *
resolve (const char *path, GError **error)
{
  char *resolved = realpath (path, NULL);
  char *copy = g_strdup (resolved);

  free (resolved);
  if (copy == NULL && ub_place_is_hidden (path))
    g_set_error (error, UB_ERROR, UB_ERROR_NOT_SHARED, "%s cannot be seen from the sandbox", path);
  else if (copy == NULL)
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s is not there", path);
  return copy;
}

static gboolean
is_scatter (const char *path)
{
  g_autoptr (GBytes) head = ub_firmware_folder_load (path, MAX_SCATTER_BYTES, NULL);

  return head != NULL && ub_scatter_sniff (g_bytes_get_data (head, NULL), g_bytes_get_size (head));
}

static GPtrArray *
single (const char *path)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (list, g_strdup (path));
  return list;
}

static GPtrArray *
find_in_folder (const char *folder, guint depth, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) found = ub_firmware_find_below (folder, depth, cancellable, error);

  if (found == NULL || found->len > 0)
    return g_steal_pointer (&found);
  /* somebody stepped into the package one folder too far */
  if (ub_firmware_entry_is_agent_folder (folder))
    {
      g_autofree char *above = g_path_get_dirname (folder);

      g_ptr_array_unref (found);
      found = ub_firmware_find_below (above, 0, cancellable, error);
      if (found == NULL || found->len > 0)
        return g_steal_pointer (&found);
    }
  if (!ub_firmware_other_explain_folder (folder, folder, error))
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NOT_A_FIRMWARE,
                 "there is no scatter file in %s",
                 folder);
  return NULL;
}

/* an update package says by its names alone that it is none of ours */
static gboolean
is_worth_unpacking (const char *archive, const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = ub_archive_list_names (archive, MAX_MEMBERS);

  return names == NULL || !ub_firmware_other_explain_members (path, names, error);
}

/* the only archive in @folder, (nullable) if there is none or more than one */
static char *
only_archive (const char *folder)
{
  g_autoptr (UbFirmwareFolder) files = ub_firmware_folder_read (folder, NULL);
  g_autofree char *found = NULL;

  for (guint i = 0; files != NULL && i < files->names->len; i++)
    {
      g_autofree char *path = g_build_filename (files->path, files->names->pdata[i], NULL);
      if (!ub_archive_is_archive (path))
        continue;
      if (found != NULL)
        return NULL;
      found = g_steal_pointer (&path);
    }
  return g_steal_pointer (&found);
}

static GPtrArray *
find_in_archive (const char        *path,
                 const char        *cache_dir,
                 UbFirmwareProgress progress,
                 gpointer           user_data,
                 GCancellable      *cancellable,
                 GError           **error)
{
  g_autofree char *archive = g_strdup (path);
  g_autofree char *cache =
      cache_dir != NULL ? g_strdup (cache_dir)
                        : g_build_filename (g_get_user_cache_dir (), "unbrick", "firmware", NULL);

  for (guint nested = 0;; nested++)
    {
      g_autofree char *folder =
          is_worth_unpacking (archive, path, error)
              ? ub_archive_unpack_cached (archive, cache, progress, user_data, cancellable, error)
              : NULL;
      g_autoptr (GError) nothing = NULL;
      if (folder == NULL)
        return NULL;
      g_autoptr (GPtrArray) found = find_in_folder (folder, SEARCH_DEPTH, cancellable, &nothing);
      g_autofree char *inner =
          found == NULL && nested < MAX_NESTED_ARCHIVES ? only_archive (folder) : NULL;
      if (inner == NULL)
        {
          if (found == NULL && !g_error_matches (nothing, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE))
            g_propagate_error (error, g_steal_pointer (&nothing));
          else if (found == NULL && !ub_firmware_other_explain_folder (path, folder, error))
            g_set_error (error,
                         UB_ERROR,
                         UB_ERROR_NOT_A_FIRMWARE,
                         "there is no scatter file in the archive %s",
                         path);
          return g_steal_pointer (&found);
        }
      g_free (archive);
      archive = g_steal_pointer (&inner);
    }
}

/* what @path is, in the scatter reader's words; always an error */
static void
say_what_it_is (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GBytes) bytes = ub_firmware_folder_load (path, MAX_SCATTER_BYTES + 1, error);
  g_autoptr (UbScatter) scatter = bytes != NULL ? ub_scatter_parse (bytes, name, error) : NULL;

  if (scatter != NULL)
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s changed while it was read", path);
}

/* a flash.xml names the scatter; what else lies in download_agent/ has it one folder above, any
 * other file beside it */
static GPtrArray *
find_beside (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *above = g_path_get_dirname (folder);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *named = ub_firmware_entry_find_map (path);
  g_autoptr (GPtrArray) found = NULL;

  if (named != NULL)
    return single (named);
  found = ub_firmware_find_below (folder, 0, cancellable, error);
  if (found != NULL && found->len == 0 &&
      (g_ascii_strcasecmp (name, "flash.xml") == 0 || ub_firmware_entry_is_agent_folder (folder)))
    {
      g_ptr_array_unref (found);
      found = ub_firmware_find_below (above, 0, cancellable, error);
    }
  if (found == NULL || found->len > 0)
    return g_steal_pointer (&found);
  if (!ub_firmware_other_explain_file (path, error))
    say_what_it_is (path, error);
  return NULL;
}

GPtrArray *
ub_firmware_find (const char        *path,
                  const char        *cache_dir,
                  UbFirmwareProgress progress,
                  gpointer           user_data,
                  GCancellable      *cancellable,
                  GError           **error)
{
  g_autofree char *real = resolve (path, error);

  if (real == NULL)
    return NULL;
  if (g_file_test (real, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GError) nothing = NULL;
      g_autoptr (GPtrArray) found = find_in_folder (real, SEARCH_DEPTH, cancellable, &nothing);
      g_autofree char *archive = found == NULL ? only_archive (real) : NULL;
      if (archive != NULL && g_error_matches (nothing, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE))
        return find_in_archive (archive, cache_dir, progress, user_data, cancellable, error);
      if (found == NULL)
        g_propagate_error (error, g_steal_pointer (&nothing));
      return g_steal_pointer (&found);
    }
  if (!g_file_test (real, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NOT_A_FIRMWARE,
                   "%s is neither a file nor a folder",
                   path);
      return NULL;
    }
  if (is_scatter (real))
    return single (real);
  if (ub_archive_is_archive (real))
    return find_in_archive (real, cache_dir, progress, user_data, cancellable, error);
  return find_beside (real, cancellable, error);
}

static void
collect_files (UbFirmware *self, UbFirmwareFolder *folder)
{
  self->preloaders = ub_firmware_images_list_preloaders (folder, self->scatter->partitions);
  self->agents = ub_firmware_images_list_agents (folder);
  self->auth_file = ub_firmware_secure_find_auth (folder, self->scatter->notes);
  self->cert_file = ub_firmware_secure_find_cert (folder, self->scatter->notes);
}

static UbFirmware *
open_scatter (const char *path, GError **error)
{
  g_autofree char *folder_path = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GBytes) bytes = ub_firmware_folder_load (path, MAX_SCATTER_BYTES + 1, error);
  g_autoptr (UbScatter) scatter = bytes != NULL ? ub_scatter_parse (bytes, name, error) : NULL;
  g_autoptr (UbFirmwareFolder) folder =
                 scatter != NULL ? ub_firmware_folder_read (folder_path, error) : NULL;

  if (folder == NULL)
    return NULL;
  UbFirmware *self = g_object_new (UB_TYPE_FIRMWARE, NULL);
  self->path = g_strdup (path);
  self->folder = g_steal_pointer (&folder_path);
  self->scatter = g_steal_pointer (&scatter);
  ub_firmware_images_match (self->scatter->partitions, folder, self->scatter->notes);
  collect_files (self, folder);
  return self;
}

UbFirmware *
ub_firmware_open (const char        *path,
                  const char        *cache_dir,
                  UbFirmwareProgress progress,
                  gpointer           user_data,
                  GCancellable      *cancellable,
                  GError           **error)
{
  g_autoptr (GPtrArray) found =
                 ub_firmware_find (path, cache_dir, progress, user_data, cancellable, error);

  if (found == NULL)
    return NULL;
  if (found->len > 1)
    {
      g_autoptr (GError) error_named = NULL;

      /* a list that was named by itself gets its own words; an image only stands for its folder */
      if (g_str_has_suffix (path, ".txt") && !ub_archive_is_archive (path))
        {
          g_autoptr (UbFirmware) named = open_scatter (path, &error_named);

          if (named != NULL)
            return g_steal_pointer (&named);
        }
      if (g_error_matches (error_named, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE))
        {
          g_propagate_error (error, g_steal_pointer (&error_named));
          return NULL;
        }
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_SEVERAL_FIRMWARES,
                   "there are %u firmwares in %s",
                   found->len,
                   path);
      return NULL;
    }
  return open_scatter (found->pdata[0], error);
}

const char *
ub_firmware_get_path (UbFirmware *self)
{
  return self->path;
}

const char *
ub_firmware_get_folder (UbFirmware *self)
{
  return self->folder;
}

const char *
ub_firmware_get_platform (UbFirmware *self)
{
  return self->scatter->platform;
}

const char *
ub_firmware_get_project (UbFirmware *self)
{
  return self->scatter->project;
}

const char *
ub_firmware_get_version (UbFirmware *self)
{
  return self->scatter->version;
}

guint
ub_firmware_get_storages (UbFirmware *self)
{
  return self->scatter->storages;
}

guint
ub_firmware_get_home_made (UbFirmware *self)
{
  return self->scatter->home_made;
}

GPtrArray *
ub_firmware_get_partitions (UbFirmware *self)
{
  return self->scatter->partitions;
}

GPtrArray *
ub_firmware_get_notes (UbFirmware *self)
{
  return self->scatter->notes;
}

GPtrArray *
ub_firmware_get_agents (UbFirmware *self)
{
  return self->agents;
}

GPtrArray *
ub_firmware_get_preloaders (UbFirmware *self)
{
  return self->preloaders;
}

const char *
ub_firmware_get_auth_file (UbFirmware *self)
{
  return self->auth_file;
}

const char *
ub_firmware_get_cert_file (UbFirmware *self)
{
  return self->cert_file;
}

static UbPartition *
find_partition (UbFirmware *self, UbStorage storage, const char *name)
{
  for (guint i = 0; i < self->scatter->partitions->len; i++)
    {
      UbPartition *partition = self->scatter->partitions->pdata[i];
      if (partition->storage == storage && g_ascii_strcasecmp (partition->name, name) == 0)
        return partition;
    }
  return NULL;
}

const UbPartition *
ub_firmware_find_partition (UbFirmware *self, UbStorage storage, const char *name)
{
  return find_partition (self, storage, name);
}

static GPtrArray *
load_sums (UbFirmware *self, GError **error)
{
  static const char *const names[] = { "scatter_checksum.xml", "Checksum.ini" };
  g_autoptr (UbFirmwareFolder) folder = ub_firmware_folder_read (self->folder, error);

  if (folder == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char      *name = ub_firmware_folder_find (folder, names[i]);
      g_autofree char *path = name != NULL ? g_build_filename (folder->path, name, NULL) : NULL;
      if (path == NULL)
        continue;
      g_autoptr (GBytes) bytes = ub_firmware_folder_load (path, UB_CHECKSUM_FILE_MAX_BYTES, error);
      return bytes != NULL ? ub_checksum_file_parse (bytes, name, error) : NULL;
    }
  return g_ptr_array_new ();
}

/* one file and what it should sum up to */
typedef struct
{
  const UbPartition     *partition;
  char                  *path;
  guint64                size;
  const UbChecksumEntry *sum;
} Job;

static void
job_clear (gpointer data)
{
  g_free (((Job *) data)->path);
}

/* Pieces of an image have sums of their own, by their names alone. An image the person has put in
 * place of the package's is not the package's to judge. */
static void
add_jobs (UbFirmware *self, GPtrArray *sums, const UbPartition *partition, GArray *jobs)
{
  g_autoptr (GPtrArray) paths = ub_image_pieces_list (partition->image_path, NULL);

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      g_autofree char *folder = g_path_get_dirname (paths->pdata[i]);
      g_autofree char *name = g_path_get_basename (paths->pdata[i]);
      Job              job = { partition, NULL, 0, NULL };
      GStatBuf         info;

      if (strcmp (folder, self->folder) == 0)
        job.sum = ub_checksum_file_find (sums, paths->len == 1 ? partition->name : name, name);
      if (job.sum == NULL)
        continue;
      job.path = g_strdup (paths->pdata[i]);
      job.size = g_stat (job.path, &info) == 0 ? (guint64) info.st_size : 0;
      g_array_append_val (jobs, job);
    }
}

/* each image once, however many partitions share it */
static GArray *
list_jobs (UbFirmware *self, GPtrArray *sums, guint64 *total)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (Job));

  g_array_set_clear_func (jobs, job_clear);
  *total = 0;
  for (guint i = 0; i < self->scatter->partitions->len; i++)
    {
      const UbPartition *partition = self->scatter->partitions->pdata[i];
      if (partition->image_path != NULL && g_hash_table_add (seen, partition->image_path))
        add_jobs (self, sums, partition, jobs);
    }
  for (guint i = 0; i < jobs->len; i++)
    *total += g_array_index (jobs, Job, i).size;
  return jobs;
}

gboolean
ub_firmware_check_sums (UbFirmware        *self,
                        GPtrArray         *failed,
                        UbFirmwareProgress progress,
                        gpointer           user_data,
                        GCancellable      *cancellable,
                        GError           **error)
{
  g_autoptr (GPtrArray) sums = load_sums (self, error);
  guint64 total = 0;
  guint64 done = 0;

  if (sums == NULL)
    return FALSE;
  g_autoptr (GArray) jobs = list_jobs (self, sums, &total);
  for (guint i = 0; i < jobs->len; i++)
    {
      const Job *job = &g_array_index (jobs, Job, i);
      gboolean   good = FALSE;
      if (progress != NULL)
        progress (job->partition->name,
                  total > 0 ? (double) done / (double) total : 0.0,
                  user_data);
      if (!ub_checksum_file_compare (job->sum, job->path, &good, cancellable, error))
        return FALSE;
      if (!good)
        g_ptr_array_add (failed, g_filename_display_basename (job->path));
      done += job->size;
    }
  return TRUE;
}

static UbScatter *
copy_scatter (const UbScatter *from)
{
  UbScatter *copy = g_new (UbScatter, 1);

  *copy = *from;
  copy->version = g_strdup (from->version);
  copy->platform = g_strdup (from->platform);
  copy->project = g_strdup (from->project);
  copy->partitions = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_partition_free);
  for (guint i = 0; i < from->partitions->len; i++)
    g_ptr_array_add (copy->partitions, ub_partition_copy (from->partitions->pdata[i]));
  copy->notes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < from->notes->len; i++)
    g_ptr_array_add (copy->notes, g_strdup (from->notes->pdata[i]));
  return copy;
}

static gboolean
set_image (UbPartition *partition, const char *path, GError **error)
{
  g_clear_pointer (&partition->image_path, g_free);
  g_clear_pointer (&partition->image_trouble, g_free);
  partition->image_size = 0;
  partition->image_file_size = 0;
  if (path == NULL)
    return TRUE;
  g_autofree char *real = resolve (path, error);
  g_autoptr (UbImage) image = real != NULL ? ub_image_open (real, error) : NULL;
  if (image == NULL)
    return FALSE;
  partition->image_size = ub_image_get_size (image);
  partition->image_file_size = ub_image_get_file_size (image);
  partition->image_path = g_steal_pointer (&real);
  return TRUE;
}

UbFirmware *
ub_firmware_with_image (UbFirmware *self,
                        UbStorage   storage,
                        const char *name,
                        const char *path,
                        GError    **error)
{
  g_autoptr (UbFirmware) copy = g_object_new (UB_TYPE_FIRMWARE, NULL);

  copy->path = g_strdup (self->path);
  copy->folder = g_strdup (self->folder);
  copy->scatter = copy_scatter (self->scatter);
  copy->agents = g_ptr_array_ref (self->agents);
  copy->preloaders = g_ptr_array_ref (self->preloaders);
  copy->auth_file = g_strdup (self->auth_file);
  copy->cert_file = g_strdup (self->cert_file);
  UbPartition *partition = find_partition (copy, storage, name);
  if (partition == NULL)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "the firmware has no partition “%s” on %s",
                   name,
                   ub_storage_to_string (storage));
      return NULL;
    }
  return set_image (partition, path, error) ? g_steal_pointer (&copy) : NULL;
}
