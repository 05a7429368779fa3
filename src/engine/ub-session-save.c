/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "engine/ub-safety-copy.h"

#include <glib/gi18n.h>

/* Nothing is written to a phone before what it holds of its own is on disk. */

static gboolean
is_readback (UbSessionWork *work)
{
  return ub_plan_get_mode (work->plan) == UB_MODE_READBACK;
}

static guint
count_saves (UbPlan *plan, guint64 *bytes)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  guint      n = 0;

  *bytes = 0;
  while (n < steps->len && ((const UbStep *) g_ptr_array_index (steps, n))->kind == UB_STEP_SAVE)
    *bytes += ((const UbStep *) g_ptr_array_index (steps, n++))->length;
  return n;
}

static UbBackupWriter *
begin_copy (UbSessionWork *work, guint64 bytes, GError **error)
{
  UbFirmware      *firmware = ub_plan_get_firmware (work->plan);
  g_autofree char *folder = NULL;

  folder = is_readback (work) ? g_strdup (ub_plan_get_folder (work->plan))
                              : ub_safety_copy_dup_folder (work->job->copies_folder, work->owner);
  return ub_backup_writer_new (folder,
                               is_readback (work) ? UB_BACKUP_READBACK : UB_BACKUP_SAFETY,
                               work->owner,
                               firmware != NULL ? ub_firmware_get_project (firmware) : NULL,
                               bytes,
                               error);
}

static void
note_missing (UbSessionWork *work, const UbStep *step)
{
  if (!g_ptr_array_find_with_equal_func (work->missing, step->name, g_str_equal, NULL))
    g_ptr_array_add (work->missing, g_strdup (step->name));
}

static gboolean
save_step (UbSessionWork *work, UbBackupWriter *writer, const UbStep *step, GError **error)
{
  g_autofree char *words =
      g_strdup_printf (is_readback (work) ? _ ("Reading %s") : _ ("Saving %s"), step->name);
  g_autoptr (GError) error_local = NULL;

  ub_session_work_set_step (work, words);
  ub_session_work_tell (work);
  if (!ub_backup_writer_begin (writer,
                               step->name,
                               step->region,
                               step->offset,
                               step->length,
                               step->is_protected,
                               error))
    return FALSE;
  if (ub_da_read (work->da,
                  step->region,
                  step->offset,
                  step->length,
                  ub_backup_writer_sink,
                  writer,
                  ub_session_work_on_bytes,
                  work,
                  work->cancellable,
                  &error_local))
    return ub_backup_writer_end (writer, error);
  if (!g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ))
    {
      ub_session_work_set_failed (work, step->name);
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  note_missing (work, step);
  ub_backup_writer_miss (writer, error_local);
  return TRUE;
}

static gboolean
finish_copy (UbSessionWork *work, UbBackupWriter *writer, GError **error)
{
  ub_session_work_set_step (work, _ ("Checking the copy"));
  ub_session_work_tell (work);
  work->copy = ub_backup_writer_finish (writer, NULL, NULL, work->cancellable, error);
  return work->copy != NULL;
}

/* a copy in which nothing is was asked for in vain */
static gboolean
check_any (UbSessionWork *work, guint n, GError **error)
{
  if (!is_readback (work) || work->missing->len < n)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_STORAGE_READ,
               "%s: could not be read",
               (const char *) g_ptr_array_index (work->missing, 0));
  return FALSE;
}

/* A readback goes on with the part it was at. A safety copy begins anew: the phone may have been
 * switched on meanwhile, and what it keeps must be of one moment */
static gboolean
open_writer (UbSessionWork *work, guint64 bytes, GError **error)
{
  if (work->writer != NULL && is_readback (work))
    {
      ub_backup_writer_drop (work->writer);
      return TRUE;
    }
  g_clear_pointer (&work->writer, ub_backup_writer_free);
  work->step = 0;
  g_ptr_array_set_size (work->missing, 0);
  work->writer = begin_copy (work, bytes, error);
  return work->writer != NULL;
}

static gboolean
save_steps (UbSessionWork *work, guint n, guint64 bytes, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  ub_session_work_enter (work,
                         UB_SESSION_SAVING,
                         UB_BAR_BLUE,
                         is_readback (work) ? _ ("Reading") : _ ("Saving a safety copy"));
  work->bar_total = bytes;
  for (guint i = 0; i < work->step; i++)
    work->bar_before += ((const UbStep *) g_ptr_array_index (steps, i))->length;
  for (work->before = work->bar_before; work->step < n; work->step++)
    {
      const UbStep *step = g_ptr_array_index (steps, work->step);

      if (!save_step (work, work->writer, step, error))
        return FALSE;
      work->before += step->length;
      work->bar_before += step->length;
      if (is_readback (work))
        work->advances++;
    }
  return TRUE;
}

gboolean
ub_session_save_run (UbSessionWork *work, GError **error)
{
  guint64 bytes;
  guint   n = count_saves (work->plan, &bytes);

  if (n == 0)
    return TRUE;
  if (!open_writer (work, bytes, error))
    return FALSE;
  work->news.total_bytes = MAX (ub_plan_get_bytes (work->plan), bytes);
  if (!save_steps (work, n, bytes, error))
    return FALSE;
  ub_session_work_set_failed (work, NULL);
  if (!check_any (work, n, error) || !ub_session_ask_incomplete (work, error) ||
      !finish_copy (work, work->writer, error))
    return FALSE;
  g_clear_pointer (&work->writer, ub_backup_writer_free);
  return TRUE;
}

void
ub_session_save_prune (UbSessionWork *work)
{
  const UbSessionJob *job = work->job;
  UbBackup           *source = work->plan != NULL ? ub_plan_get_backup (work->plan) : NULL;
  g_autoptr (GPtrArray) journals = ub_journal_list (job->journal_folder);
  g_autoptr (GPtrArray) keep = g_ptr_array_new ();

  if (work->copy != NULL)
    g_ptr_array_add (keep, (gpointer) ub_backup_get_folder (work->copy));
  if (source != NULL)
    g_ptr_array_add (keep, (gpointer) ub_backup_get_folder (source));
  for (guint i = 0; i < journals->len; i++)
    {
      const char *copy = ub_journal_get_copy (g_ptr_array_index (journals, i));

      if (copy != NULL)
        g_ptr_array_add (keep, (gpointer) copy);
    }
  g_ptr_array_add (keep, NULL);
  ub_safety_copy_prune (job->copies_folder,
                        job->copies_max_days,
                        job->copies_max_bytes,
                        (const char *const *) keep->pdata);
}
