/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-firmware-loader.h"

#include <string.h>

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "firmware/ub-archive.h"

struct _UbFirmwareLoader
{
  GObject parent_instance;

  GMutex          library_lock; /* held by the job that uses @agents */
  UbAgentLibrary *agents;       /* (nullable) */

  GMutex lock; /* guards all below: the mailbox of the progress */
  char  *what;
  double fraction;
};

G_DEFINE_FINAL_TYPE (UbFirmwareLoader, ub_firmware_loader, G_TYPE_OBJECT)

/* what a thread is asked to do */
typedef struct
{
  char       *path;
  UbFirmware *firmware; /* (nullable) */
  UbStorage   storage;
  char       *name; /* (nullable): of a part, or of the file that is wanted */
} Job;

void
ub_loaded_free (UbLoaded *self)
{
  g_clear_object (&self->firmware);
  g_clear_pointer (&self->agents, g_ptr_array_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_free (self->added);
  g_clear_error (&self->trouble);
  g_free (self);
}

static void
job_free (gpointer data)
{
  Job *self = data;

  g_free (self->path);
  g_clear_object (&self->firmware);
  g_free (self->name);
  g_free (self);
}

static Job *
job_new (const char *path, UbFirmware *firmware)
{
  Job *self = g_new0 (Job, 1);

  self->path = g_strdup (path);
  self->firmware = firmware != NULL ? g_object_ref (firmware) : NULL;
  return self;
}

/* any thread */
static void
set_progress (UbFirmwareLoader *self, const char *what, double fraction)
{
  g_mutex_lock (&self->lock);
  if (g_strcmp0 (self->what, what) != 0)
    {
      g_free (self->what);
      self->what = g_strdup (what);
    }
  self->fraction = fraction;
  g_mutex_unlock (&self->lock);
}

static void
progress_cb (const char *what, double fraction, gpointer user_data)
{
  set_progress (user_data, what, fraction);
}

/* for no firmware, all */
static GPtrArray *
find_agents (UbFirmwareLoader *self, UbFirmware *firmware)
{
  GPtrArray *found = NULL;

  g_mutex_lock (&self->library_lock);
  if (self->agents != NULL)
    found = firmware != NULL ? ub_agent_library_find (self->agents, firmware)
                             : ub_agent_library_list (self->agents);
  g_mutex_unlock (&self->library_lock);
  return found != NULL ? found : g_ptr_array_new_with_free_func (g_free);
}

/* --- opening --- */

/* the one that has the wanted name, if it is one alone; (transfer full) (nullable) */
static char *
find_wanted (GPtrArray *choices, const char *wanted)
{
  const char *found = NULL;

  for (guint i = 0; choices != NULL && i < choices->len; i++)
    {
      const char      *path = g_ptr_array_index (choices, i);
      g_autofree char *name = g_path_get_basename (path);

      if (g_strcmp0 (name, wanted) != 0)
        continue;
      if (found != NULL)
        return NULL;
      found = path;
    }
  return g_strdup (found);
}

/* what to open in the folder that was chosen for a file */
static char *
dup_wanted (const char *folder, const char *wanted)
{
  g_autofree char *path = wanted != NULL ? g_build_filename (folder, wanted, NULL) : NULL;

  return path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path)
                                                                    : g_strdup (folder);
}

/* does it name images, and is not a single one there? */
static gboolean
lacks_all_images (UbFirmware *firmware)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);
  gboolean   any = FALSE;

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (partition->image_path != NULL)
        return FALSE;
      any = any || partition->file_name != NULL;
    }
  return any;
}

/* files of a firmware that people open in place of its map */
static gboolean
leads_to_map (const char *path)
{
  static const char *const endings[] = { ".xml", ".txt", ".ini", ".bin" };
  g_autofree char         *name = g_path_get_basename (path);
  g_autofree char         *lower = g_ascii_strdown (name, -1);

  if (g_str_equal (lower, "flash.xml"))
    return TRUE;
  /* one file was chosen, one file is seen */
  for (gsize i = 0; ub_place_is_document (path) && i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_alone (const char *path, UbFirmware *firmware, const GError *error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || ub_archive_is_archive (path))
    return FALSE;
  if (firmware != NULL)
    return lacks_all_images (firmware);
  return (g_error_matches (error, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE) ||
          g_error_matches (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE)) &&
         leads_to_map (path);
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  UbFirmwareLoader *self = source;
  Job              *job = data;
  g_autofree char  *path = dup_wanted (job->path, job->name);
  g_autoptr (UbLoaded) loaded = g_new0 (UbLoaded, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *one = NULL;

  loaded->firmware = ub_firmware_open (path, NULL, progress_cb, self, cancellable, &error);
  if (g_error_matches (error, UB_ERROR, UB_ERROR_SEVERAL_FIRMWARES))
    {
      g_clear_error (&error);
      loaded->choices = ub_firmware_find (path, NULL, progress_cb, self, cancellable, &error);
      one = job->name != NULL ? find_wanted (loaded->choices, job->name) : NULL;
    }
  if (one != NULL)
    loaded->firmware = ub_firmware_open (one, NULL, progress_cb, self, cancellable, &error);
  if (loaded->firmware != NULL)
    loaded->agents = find_agents (self, loaded->firmware);
  loaded->alone = job->name == NULL && is_alone (path, loaded->firmware, error);
  if (loaded->alone)
    loaded->trouble = g_steal_pointer (&error);
  set_progress (self, NULL, -1);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_steal_pointer (&loaded), (GDestroyNotify) ub_loaded_free);
}

static void
run (UbFirmwareLoader   *self,
     Job                *job,
     GTaskThreadFunc     thread,
     gpointer            tag,
     GCancellable       *cancellable,
     GAsyncReadyCallback callback,
     gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, thread);
}

void
ub_firmware_loader_open_async (UbFirmwareLoader   *self,
                               const char         *path,
                               const char         *wanted,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Job *job = job_new (path, NULL);

  job->name = g_strdup (wanted);
  run (self, job, open_thread, ub_firmware_loader_open_async, cancellable, callback, user_data);
}

static void
replace_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  UbFirmwareLoader *self = source;
  Job              *job = data;
  g_autoptr (UbLoaded) loaded = g_new0 (UbLoaded, 1);
  GError *error = NULL;

  loaded->firmware =
      ub_firmware_with_image (job->firmware, job->storage, job->name, job->path, &error);
  if (loaded->firmware == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  loaded->agents = find_agents (self, loaded->firmware);
  g_task_return_pointer (task, g_steal_pointer (&loaded), (GDestroyNotify) ub_loaded_free);
}

void
ub_firmware_loader_replace_async (UbFirmwareLoader   *self,
                                  UbFirmware         *firmware,
                                  UbStorage           storage,
                                  const char         *name,
                                  const char         *path,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  Job *job = job_new (path, firmware);

  job->storage = storage;
  job->name = g_strdup (name);
  run (self,
       job,
       replace_thread,
       ub_firmware_loader_replace_async,
       cancellable,
       callback,
       user_data);
}

static guint
add_agents (UbFirmwareLoader *self, const char *path, GCancellable *cancellable, GError **error)
{
  guint n = 0;

  g_mutex_lock (&self->library_lock);
  if (self->agents != NULL)
    n = ub_agent_library_add (self->agents, path, cancellable, error);
  g_mutex_unlock (&self->library_lock);
  return n;
}

static gboolean
is_same_file (const char *path, const char *other)
{
  g_autoptr (GMappedFile) one = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GMappedFile) two = g_mapped_file_new (other, FALSE, NULL);

  return one != NULL && two != NULL &&
         g_mapped_file_get_length (one) == g_mapped_file_get_length (two) &&
         (g_mapped_file_get_length (one) == 0 || memcmp (g_mapped_file_get_contents (one),
                                                         g_mapped_file_get_contents (two),
                                                         g_mapped_file_get_length (one)) == 0);
}

/* the library keeps copies under other names. Of a folder or an archive: the first that is new */
static char *
find_added (GPtrArray *before, GPtrArray *after, const char *path)
{
  const gboolean is_file = g_file_test (path, G_FILE_TEST_IS_REGULAR);

  for (guint i = 0; is_file && i < after->len; i++)
    if (is_same_file (path, g_ptr_array_index (after, i)))
      return g_strdup (g_ptr_array_index (after, i));
  for (guint i = 0; i < after->len; i++)
    if (!g_ptr_array_find_with_equal_func (before, g_ptr_array_index (after, i), g_str_equal, NULL))
      return g_strdup (g_ptr_array_index (after, i));
  return NULL;
}

static void
add_agents_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  UbFirmwareLoader *self = source;
  Job              *job = data;
  g_autoptr (UbLoaded) loaded = g_new0 (UbLoaded, 1);
  g_autoptr (GPtrArray) before = find_agents (self, job->firmware);
  g_autoptr (GPtrArray) after = NULL;
  GError *error = NULL;

  loaded->n_added = add_agents (self, job->path, cancellable, &error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  after = find_agents (self, job->firmware);
  loaded->added = find_added (before, after, job->path);
  if (job->firmware != NULL)
    loaded->agents = g_steal_pointer (&after);
  g_task_return_pointer (task, g_steal_pointer (&loaded), (GDestroyNotify) ub_loaded_free);
}

void
ub_firmware_loader_add_agents_async (UbFirmwareLoader   *self,
                                     const char         *path,
                                     UbFirmware         *firmware,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data)
{
  run (self,
       job_new (path, firmware),
       add_agents_thread,
       ub_firmware_loader_add_agents_async,
       cancellable,
       callback,
       user_data);
}

UbLoaded *
ub_firmware_loader_finish (UbFirmwareLoader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
ub_firmware_loader_list_agents (UbFirmwareLoader *self)
{
  GPtrArray *list = NULL;

  if (!g_mutex_trylock (&self->library_lock))
    return NULL;
  if (self->agents != NULL)
    list = ub_agent_library_list (self->agents);
  g_mutex_unlock (&self->library_lock);
  return list;
}

char *
ub_firmware_loader_dup_progress (UbFirmwareLoader *self, double *fraction)
{
  char *what;

  g_mutex_lock (&self->lock);
  what = g_strdup (self->what);
  *fraction = self->fraction;
  g_mutex_unlock (&self->lock);
  return what;
}

static void
ub_firmware_loader_finalize (GObject *object)
{
  UbFirmwareLoader *self = UB_FIRMWARE_LOADER (object);

  g_clear_object (&self->agents);
  g_free (self->what);
  g_mutex_clear (&self->library_lock);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (ub_firmware_loader_parent_class)->finalize (object);
}

static void
ub_firmware_loader_class_init (UbFirmwareLoaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_firmware_loader_finalize;
}

static void
ub_firmware_loader_init (UbFirmwareLoader *self)
{
  g_mutex_init (&self->library_lock);
  g_mutex_init (&self->lock);
  self->fraction = -1;
}

UbFirmwareLoader *
ub_firmware_loader_new (UbAgentLibrary *agents)
{
  UbFirmwareLoader *self = g_object_new (UB_TYPE_FIRMWARE_LOADER, NULL);

  g_set_object (&self->agents, agents);
  return self;
}
