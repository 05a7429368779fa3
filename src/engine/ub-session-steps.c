/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* how much may have to be done again by another process … */
#define MARK_BYTES ((guint64) 16 * 1024 * 1024)
/* … where noting it more often would keep the phone waiting for the disk */
#define MARK_BYTES_FAST ((guint64) 64 * 1024 * 1024)
#define MARK_US G_USEC_PER_SEC

/* --- what is seen of a step --- */

static UbSessionState
state_of (const UbStep *step)
{
  return step->kind == UB_STEP_VERIFY || step->kind == UB_STEP_TEST ? UB_SESSION_VERIFYING
                                                                    : UB_SESSION_WORKING;
}

static UbBar
bar_of (const UbStep *step)
{
  if (state_of (step) == UB_SESSION_VERIFYING)
    return UB_BAR_BLUE;
  return step->start_up ? UB_BAR_PURPLE : UB_BAR_YELLOW;
}

static char *
dup_words (const UbStep *step)
{
  switch (step->kind)
    {
    case UB_STEP_SAVE:
      return g_strdup_printf (_ ("Saving %s"), step->name);
    case UB_STEP_ERASE:
      return g_strdup_printf (_ ("Erasing %s"), step->name);
    case UB_STEP_TABLE:
      return g_strdup (_ ("Dividing up the memory anew"));
    case UB_STEP_RESTORE:
      return g_strdup_printf (_ ("Putting back %s"), step->name);
    case UB_STEP_VERIFY:
      return g_strdup_printf (_ ("Reading back %s"), step->name);
    case UB_STEP_TEST:
      return g_strdup_printf (_ ("Reading %s"), step->name);
    case UB_STEP_WRITE:
    default:
      return g_strdup_printf (_ ("Writing %s"), step->name);
    }
}

static gboolean
shares_bar (const UbStep *one, const UbStep *other)
{
  return state_of (one) == state_of (other) && bar_of (one) == bar_of (other);
}

/* all steps around @i that have its bar in common */
static void
measure_bar (UbSessionWork *work, guint i)
{
  GPtrArray    *steps = ub_plan_get_steps (work->plan);
  const UbStep *step = g_ptr_array_index (steps, i);
  guint         begin = i;

  work->bar_before = 0;
  work->bar_total = 0;
  while (begin > 0 &&
         ((const UbStep *) g_ptr_array_index (steps, begin - 1))->kind != UB_STEP_SAVE &&
         shares_bar (g_ptr_array_index (steps, begin - 1), step))
    begin--;
  for (guint j = begin; j < steps->len && shares_bar (g_ptr_array_index (steps, j), step); j++)
    {
      const guint64 weight = g_array_index (work->weights, guint64, j);

      work->bar_total += weight;
      if (j < i)
        work->bar_before += weight;
    }
}

void
ub_session_steps_enter (UbSessionWork *work, guint i)
{
  const UbStep    *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autofree char *words = dup_words (step);

  if (work->news.state == state_of (step) && work->news.bar == bar_of (step))
    ub_session_work_set_step (work, words);
  else
    ub_session_work_enter (work, state_of (step), bar_of (step), words);
  work->within = 0;
  measure_bar (work, i);
  ub_session_work_move (work, 0);
}

/* --- where we are --- */

/* a disk that is full only makes going on slower: what is on it is an earlier position */
static void
mark (UbSessionWork *work, gboolean sync)
{
  g_autoptr (GError) error = NULL;

  work->marked = work->offset;
  work->marked_at = ub_link_now (work->link);
  if (work->journal == NULL)
    return;
  if (!ub_journal_mark (work->journal, work->step, work->offset, sync, &error))
    g_message ("%s", error->message);
}

static void
note_advance (UbSessionWork *work)
{
  if (work->step < work->best_step ||
      (work->step == work->best_step && work->offset <= work->best_offset))
    return;
  work->best_step = work->step;
  work->best_offset = work->offset;
  work->advances++;
}

void
ub_session_steps_reach (UbSessionWork *work, guint64 offset)
{
  const gint64 passed = ub_link_now (work->link) - work->marked_at;
  guint64      bytes;

  work->offset = offset;
  note_advance (work);
  bytes = offset - MIN (offset, work->marked);
  if (bytes >= MARK_BYTES_FAST || (bytes >= MARK_BYTES && passed >= MARK_US))
    mark (work, TRUE);
}

void
ub_session_steps_keep (UbSessionWork *work, guint64 offset)
{
  work->offset = offset;
  note_advance (work);
  mark (work, TRUE);
}

static gboolean
do_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  switch (step->kind)
    {
    case UB_STEP_ERASE:
      return ub_session_erase_step (work, i, error);
    case UB_STEP_TABLE:
    case UB_STEP_RESTORE:
    case UB_STEP_WRITE:
      return ub_session_write_step (work, i, work->offset, error);
    case UB_STEP_VERIFY:
      return ub_session_verify_step (work, i, error);
    case UB_STEP_TEST:
      return ub_session_test_step (work, i, error);
    case UB_STEP_SAVE:
    default:
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "%s: saving comes first", step->name);
      return FALSE;
    }
}

gboolean
ub_session_steps_run (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  work->marked_at = ub_link_now (work->link);
  while (work->step < steps->len)
    {
      const UbStep *step = g_ptr_array_index (steps, work->step);

      if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
        return FALSE;
      ub_session_steps_enter (work, work->step);
      ub_session_work_set_failed (work, step->name);
      if (!do_step (work, work->step, error))
        return FALSE;
      ub_session_work_set_failed (work, NULL);
      work->before += g_array_index (work->weights, guint64, work->step);
      work->step++;
      work->offset = 0;
      note_advance (work);
      mark (work, TRUE);
    }
  return TRUE;
}
