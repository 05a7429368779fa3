/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>

static void
on_agent_progress (guint64 done, guint64 total, gpointer user_data)
{
  UbSessionWork *work = user_data;

  work->news.fraction = total > 0 ? (double) MIN (done, total) / (double) total : 0;
  ub_session_work_tell (work);
}

static void
add_emi (GPtrArray *emis, const char *path)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (path, NULL);

  if (preloader != NULL && preloader->emi != NULL)
    g_ptr_array_add (emis, g_steal_pointer (&preloader->emi));
}

static void
add_emis_of (GPtrArray *emis, UbBackup *backup)
{
  GPtrArray *parts = backup != NULL ? ub_backup_get_parts (backup) : NULL;

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (part->path != NULL && part->path_offset == 0 && part->offset == 0 &&
          (part->region == UB_REGION_EMMC_BOOT1 || part->region == UB_REGION_UFS_LU0))
        add_emi (emis, part->path);
    }
}

/* a job without a firmware may be lent the settings of one. A phone whose start-up code we erased comes back
 * without memory: its own preloader is in the copy */
static void
add_other_emis (UbSessionWork *work, GPtrArray *emis)
{
  for (gsize i = 0; work->job->preloaders != NULL && work->job->preloaders[i] != NULL; i++)
    add_emi (emis, work->job->preloaders[i]);
  add_emis_of (emis, work->copy);
  add_emis_of (emis, work->plan != NULL ? ub_plan_get_backup (work->plan) : NULL);
}

/* the memory settings of every preloader of the package, the one of the map first */
static GPtrArray *
collect_emis (UbSessionWork *work)
{
  GPtrArray  *emis = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_emi_free);
  UbFirmware *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  const char *first = NULL;
  GPtrArray  *paths;

  if (firmware == NULL)
    {
      add_other_emis (work, emis);
      return emis;
    }
  paths = ub_firmware_get_partitions (firmware);
  for (guint i = 0; i < paths->len && first == NULL; i++)
    {
      const UbPartition *partition = g_ptr_array_index (paths, i);

      if (partition->role == UB_ROLE_PRELOADER &&
          partition->storage == ub_plan_get_storage (work->plan))
        first = partition->image_path;
    }
  if (first != NULL)
    add_emi (emis, first);
  paths = ub_firmware_get_preloaders (firmware);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    if (g_strcmp0 (g_ptr_array_index (paths, i), first) != 0)
      add_emi (emis, g_ptr_array_index (paths, i));
  add_other_emis (work, emis);
  return emis;
}

/* those named first, in their order, for a person may have chosen; then the package's own; each once */
static GPtrArray *
collect_agents (UbSessionWork *work)
{
  GPtrArray  *paths = g_ptr_array_new_with_free_func (g_free);
  UbFirmware *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  GPtrArray  *own = firmware != NULL ? ub_firmware_get_agents (firmware) : NULL;

  for (gsize i = 0; work->job->agents != NULL && work->job->agents[i] != NULL; i++)
    g_ptr_array_add (paths, g_strdup (work->job->agents[i]));
  for (guint i = 0; own != NULL && i < own->len; i++)
    if (!g_ptr_array_find_with_equal_func (paths, g_ptr_array_index (own, i), g_str_equal, NULL))
      g_ptr_array_add (paths, g_strdup (g_ptr_array_index (own, i)));
  return paths;
}

/* FALSE with NO_AGENT if the container has none for this chip */
static gboolean
load_setup (UbSessionWork *work, const char *path, UbDaSetup *setup, GError **error)
{
  const UbChip       *chip = work->brom.chip;
  const UbAgentEntry *entry;
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, error);

  if (file == NULL)
    return FALSE;
  entry = ub_agent_file_select (file,
                                chip->agent_code,
                                work->brom.hw_sub_code,
                                work->brom.hw_version,
                                work->brom.sw_version);
  if (entry == NULL || entry->n_regions < 3 ||
      (ub_agent_file_is_v6 (file) && chip->protocol != UB_PROTOCOL_XML))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_NO_AGENT, "%s: no agent for %s", path, chip->name);
      return FALSE;
    }
  setup->da1 = ub_agent_file_load (file, entry, 1, error);
  if (setup->da1 == NULL)
    return FALSE;
  setup->da2 = ub_agent_file_load (file, entry, 2, error);
  if (setup->da2 == NULL)
    return FALSE;
  setup->da1_address = entry->regions[1].load_address;
  setup->da1_signature = entry->regions[1].signature_length;
  setup->da2_address = entry->regions[2].load_address;
  setup->da2_signature = entry->regions[2].signature_length;
  setup->build_year = ub_agent_file_get_year (file);
  return TRUE;
}

/* FALSE with NO_AGENT, BAD_AGENT, FILE_READ or AGENT_REFUSED: the next one may do */
static gboolean
try_agent (UbSessionWork *work, const char *path, GPtrArray *emis, GError **error)
{
  UbDaSetup setup = { .chip = work->brom.chip, .brom = work->brom, .emis = emis };
  g_autoptr (GBytes) da1 = NULL;
  g_autoptr (GBytes) da2 = NULL;
  gboolean loaded = load_setup (work, path, &setup, error);

  da1 = setup.da1;
  da2 = setup.da2;
  if (!loaded)
    return FALSE;
  g_clear_object (&work->da);
  work->da = ub_da_new (work->brom.chip->protocol, work->link, error);
  if (work->da == NULL)
    return FALSE;
  if (!ub_da_start (work->da,
                    &setup,
                    &work->report,
                    on_agent_progress,
                    work,
                    work->cancellable,
                    error))
    return FALSE;
  work->agent_runs = TRUE;
  return TRUE;
}

static gboolean
may_try_next (const GError *error)
{
  static const int codes[] = { UB_ERROR_NO_AGENT,
                               UB_ERROR_BAD_AGENT,
                               UB_ERROR_FILE_READ,
                               UB_ERROR_FILE_MISSING,
                               UB_ERROR_AGENT_REFUSED };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, UB_ERROR, codes[i]))
      return TRUE;
  return FALSE;
}

/* what the phone said counts more than what was wrong with a file */
static void
keep_error (GError **kept, GError *error)
{
  gboolean is_better =
      *kept == NULL || error->code == UB_ERROR_AGENT_REFUSED || (*kept)->code == UB_ERROR_NO_AGENT;

  if (!is_better)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (kept);
  *kept = error;
}

gboolean
ub_session_agent_load (UbSessionWork *work, GError **error)
{
  g_autoptr (GPtrArray) emis = collect_emis (work);
  g_autoptr (GPtrArray) paths = collect_agents (work);
  g_autoptr (GError) kept = NULL;

  ub_session_work_enter (work,
                         UB_SESSION_LOADING_AGENT,
                         UB_BAR_RED,
                         _ ("Starting the phone's loader"));
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GError) error_local = NULL;

      if (try_agent (work, g_ptr_array_index (paths, i), emis, &error_local))
        return TRUE;
      if (!may_try_next (error_local))
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      keep_error (&kept, g_steal_pointer (&error_local));
    }
  if (kept == NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NO_AGENT,
                 "no agent at hand for %s",
                 work->brom.chip->name);
  else
    g_propagate_error (error, g_steal_pointer (&kept));
  return FALSE;
}
