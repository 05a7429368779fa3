/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* erasing goes so much faster than writing */
#define ERASE_WEIGHT 64
/* for what has no bytes of its own */
#define LEAST_WEIGHT UB_SECTOR

/* every file is opened, and seen to be the one that was planned, before the first byte is written
 */
static gboolean
prepare_images (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  g_clear_pointer (&work->images, g_ptr_array_unref);
  work->images = ub_session_image_list (work->plan, work->seen);
  for (guint i = 0; i < steps->len; i++)
    if (!ub_session_image_prepare (g_ptr_array_index (work->images, i),
                                   g_ptr_array_index (steps, i),
                                   work->report.sector_size,
                                   error))
      return FALSE;
  return TRUE;
}

static guint64
weigh (UbSessionWork *work, guint i)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  switch (step->kind)
    {
    case UB_STEP_SAVE:
    case UB_STEP_TEST:
      return step->length;
    case UB_STEP_ERASE:
      return MAX (step->length / ERASE_WEIGHT, LEAST_WEIGHT);
    case UB_STEP_TABLE:
    case UB_STEP_RESTORE:
    case UB_STEP_WRITE:
      if (g_hash_table_contains (work->differs, GUINT_TO_POINTER (i)))
        return ub_session_compare_count (work, i);
      return MAX (ub_session_image_get_bytes (g_ptr_array_index (work->images, i)), LEAST_WEIGHT);
    case UB_STEP_VERIFY:
    default:
      if (ub_session_compare_is_same (work, ub_session_image_find_source (work->plan, i)))
        return 0;
      return MAX (ub_session_image_get_bytes (g_ptr_array_index (work->images, i)), LEAST_WEIGHT);
    }
}

void
ub_session_settle_weigh (UbSessionWork *work)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  g_clear_pointer (&work->weights, g_array_unref);
  work->weights = g_array_new (FALSE, FALSE, sizeof (guint64));
  work->before = work->compare_bytes;
  work->news.total_bytes = work->compare_bytes;
  for (guint i = 0; i < steps->len; i++)
    {
      guint64 weight = weigh (work, i);

      g_array_append_val (work->weights, weight);
      work->news.total_bytes += weight;
      if (i < work->step)
        work->before += weight;
    }
  work->news.done_bytes = MIN (work->news.done_bytes, work->news.total_bytes);
}

/* behind the SAVE steps, for these are done */
static guint
first_step (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  guint      i = 0;

  while (i < steps->len && ((const UbStep *) g_ptr_array_index (steps, i))->kind == UB_STEP_SAVE)
    i++;
  return i;
}

static gboolean
settle_plan (UbSessionWork *work, GError **error)
{
  UbPlan *settled;

  if (work->settled)
    return TRUE;
  if (work->copy != NULL)
    {
      settled = ub_plan_settle (work->plan, work->copy, error);
      if (settled == NULL)
        return FALSE;
      ub_session_work_set_plan (work, settled);
    }
  work->settled = !ub_session_work_is_blocked (work->plan, error) && prepare_images (work, error);
  return work->settled;
}

static gboolean
open_journal (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  /* nothing differs, nothing is written */
  if (work->step >= steps->len || !ub_session_work_writes (work->plan))
    return TRUE;
  /* from here on a phone that goes counts as one that was written to */
  if (!ub_session_check_is_there (work, error))
    return FALSE;
  g_clear_object (&work->journal);
  work->journal =
      ub_journal_new (work->job->journal_folder, work->plan, work->owner, work->copy, error);
  return work->journal != NULL;
}

static gboolean
has_issue (UbPlan *plan, const char *text)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  for (guint i = 0; i < issues->len; i++)
    if (g_str_equal (((const UbIssue *) g_ptr_array_index (issues, i))->text, text))
      return TRUE;
  return FALSE;
}

/* What only this phone could tell, nobody has seen before: it goes into the report. Notes on single parts stand in
 * their rows */
static void
note_issues (UbSessionWork *work)
{
  GPtrArray *issues = ub_plan_get_issues (work->plan);

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      if ((issue->level > UB_ISSUE_NOTE || issue->partition == NULL) &&
          !has_issue (work->job->plan, issue->text))
        ub_session_work_find (work, "%s", issue->text);
    }
}

gboolean
ub_session_settle_run (UbSessionWork *work, GError **error)
{
  ub_session_work_enter (work, UB_SESSION_CHECKING, UB_BAR_WAIT, _ ("Getting ready"));
  if (!settle_plan (work, error))
    return FALSE;
  note_issues (work);
  work->step = first_step (work->plan);
  work->offset = 0;
  ub_session_settle_weigh (work);
  if (ub_plan_get_mode (work->plan) == UB_MODE_TEST)
    ub_session_test_begin (work);
  return ub_session_ask_danger (work, error) && ub_session_compare_run (work, error) &&
         open_journal (work, error);
}

/* --- from a journal --- */

static gboolean
open_copy (UbSessionWork *work, GError **error)
{
  const char *folder = ub_journal_get_copy (work->journal);

  if (folder == NULL || work->copy != NULL)
    return TRUE;
  ub_session_work_set_step (work, _ ("Checking the copy"));
  ub_session_work_tell (work);
  work->copy = ub_backup_open (folder, error);
  if (work->copy == NULL)
    return FALSE;
  if (ub_backup_verify (work->copy, NULL, NULL, work->cancellable, error))
    return TRUE;
  g_clear_object (&work->copy);
  return FALSE;
}

/* a copy that cannot be found is of no more use than a damaged one */
static gboolean
need_copy (UbSessionWork *work, GError **error)
{
  g_autoptr (GError) error_local = NULL;

  if (open_copy (work, &error_local))
    return TRUE;
  if (g_error_matches (error_local, UB_ERROR, UB_ERROR_FILE_MISSING) ||
      g_error_matches (error_local, UB_ERROR, UB_ERROR_FILE_READ))
    g_set_error_literal (error, UB_ERROR, UB_ERROR_BAD_BACKUP, error_local->message);
  else
    g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static gboolean
is_same_plan (UbSessionWork *work, GError **error)
{
  g_autofree char *digest = ub_plan_dup_digest (work->plan);

  if (g_strcmp0 (digest, ub_journal_get_digest (work->journal)) == 0)
    return TRUE;
  g_set_error_literal (error,
                       UB_ERROR,
                       UB_ERROR_FILE_READ,
                       "the firmware is not the one the job began with");
  return FALSE;
}

gboolean
ub_session_settle_go_on (UbSessionWork *work, GError **error)
{
  ub_session_work_enter (work, UB_SESSION_CHECKING, UB_BAR_WAIT, _ ("Getting ready to go on"));
  if (!need_copy (work, error))
    return FALSE;
  if (!work->settled)
    ub_session_work_set_plan (work, ub_plan_check (work->job->plan, work->owner));
  if (!settle_plan (work, error) || !is_same_plan (work, error))
    return FALSE;
  work->step = MAX (first_step (work->plan), ub_journal_get_step (work->journal));
  work->step = MIN (work->step, ub_plan_get_steps (work->plan)->len);
  work->offset =
      work->step == ub_journal_get_step (work->journal) ? ub_journal_get_offset (work->journal) : 0;
  work->marked = work->offset;
  ub_session_settle_weigh (work);
  if (!ub_session_compare_run (work, error))
    return FALSE;
  /* what was just compared is known better than what was noted */
  if (g_hash_table_contains (work->differs, GUINT_TO_POINTER (work->step)))
    work->offset = work->marked = 0;
  return TRUE;
}
