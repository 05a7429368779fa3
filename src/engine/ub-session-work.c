/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

/* a cable that drops this often in a row without getting any further will not get there at all */
#define MAX_VAIN_DROPS 5

/* --- what can be seen --- */

void
ub_session_work_tell (UbSessionWork *work)
{
  work->post (&work->news, work->user_data);
}

guint64
ub_session_work_pad (UbSessionWork *work, guint64 length)
{
  const guint64 sector = work->report.sector_size;

  return length > G_MAXUINT64 - sector ? G_MAXUINT64 : (length + sector - 1) / sector * sector;
}

void
ub_session_work_set_step (UbSessionWork *work, const char *step)
{
  g_free (work->news.step);
  work->news.step = g_strdup (step);
}

void
ub_session_work_enter (UbSessionWork *work, UbSessionState state, UbBar bar, const char *step)
{
  work->news.state = state;
  work->news.bar = bar;
  work->news.fraction = bar == UB_BAR_WAIT || bar == UB_BAR_NONE ? -1 : 0;
  work->news.speed = 0;
  work->news.remaining = -1;
  work->within = 0;
  work->bar_before = 0;
  work->bar_total = 0;
  ub_session_work_set_step (work, step);
  ub_estimator_reset (work->estimator);
  ub_session_work_tell (work);
}

void
ub_session_work_know_phone (UbSessionWork *work, const UbDaReport *report, const UbLayout *layout)
{
  g_clear_object (&work->news.phone);
  work->news.phone = ub_phone_info_new (ub_link_get_port (work->link),
                                        ub_link_get_speed (work->link),
                                        &work->brom,
                                        report,
                                        layout);
  ub_session_work_tell (work);
}

void
ub_session_work_move (UbSessionWork *work, guint64 within)
{
  UbSessionNews *news = &work->news;
  const guint64  done = MIN (work->before + within, news->total_bytes);
  const guint64  bar_done = MIN (work->bar_before + within, work->bar_total);

  /* what is done again after a drop was counted before */
  news->done_bytes = MAX (news->done_bytes, done);
  if (work->bar_total > 0)
    news->fraction = MAX (news->fraction, (double) bar_done / (double) work->bar_total);
  if (work->transfer_speed > 0)
    news->remaining = (gint64) ((double) (news->total_bytes - news->done_bytes) /
                                work->transfer_speed * G_USEC_PER_SEC);
  ub_session_work_tell (work);
}

void
ub_session_work_on_bytes (guint64 done, guint64 total, gpointer user_data)
{
  UbSessionWork *work = user_data;
  const guint64  within = work->within + done;

  ub_estimator_add (work->estimator,
                    ub_link_now (work->link),
                    work->bar_before + within,
                    work->bar_total);
  work->news.speed = ub_estimator_get_speed (work->estimator);
  if (work->news.speed > 0)
    work->transfer_speed = work->news.speed;
  ub_session_work_move (work, within);
}

void
ub_session_work_set_plan (UbSessionWork *work, UbPlan *plan)
{
  if (work->plan != NULL)
    g_object_unref (work->plan);
  work->plan = plan;
  g_set_object (&work->news.plan, plan);
  ub_session_work_tell (work);
}

void
ub_session_work_find (UbSessionWork *work, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list          args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  if (!g_ptr_array_find_with_equal_func (work->findings, line, g_str_equal, NULL))
    g_ptr_array_add (work->findings, g_steal_pointer (&line));
}

void
ub_session_work_set_failed (UbSessionWork *work, const char *name)
{
  g_free (work->failed_partition);
  work->failed_partition = g_strdup (name);
}

/* --- what is asked of a plan --- */

gboolean
ub_session_work_is_blocked (UbPlan *plan, GError **error)
{
  const UbIssue *issue = ub_plan_get_first_blocker (plan);

  if (issue == NULL)
    return FALSE;
  g_set_error_literal (error, UB_ERROR, issue->code, issue->text);
  return TRUE;
}

gboolean
ub_session_work_writes (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    switch (((const UbStep *) g_ptr_array_index (steps, i))->kind)
      {
      case UB_STEP_ERASE:
      case UB_STEP_TABLE:
      case UB_STEP_RESTORE:
      case UB_STEP_WRITE:
        return TRUE;
      default:
        break;
      }
  return FALSE;
}

static gboolean
check_before (UbSessionWork *work, GError **error)
{
  if (work->plan == NULL && work->job->info_only)
    return TRUE;
  if (work->plan == NULL)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "a job without a plan");
      return FALSE;
    }
  return work->job->info_only || !ub_session_work_is_blocked (work->plan, error);
}

/* --- one visit of a phone --- */

static void
turn_to (UbSessionWork *work, UbSessionChapter chapter)
{
  work->chapter = chapter;
  work->advances += chapter > work->best_chapter ? 1 : 0;
  work->best_chapter = MAX (work->best_chapter, chapter);
}

static gboolean
tell_chapters (UbSessionWork *work, GError **error)
{
  if (work->chapter == UB_CHAPTER_CHECK)
    {
      if (!ub_session_check_phone (work, error))
        return FALSE;
      if (work->job->info_only)
        return TRUE;
      turn_to (work, UB_CHAPTER_SAVE);
    }
  if (work->chapter == UB_CHAPTER_SAVE)
    {
      if (!ub_session_save_run (work, error))
        return FALSE;
      turn_to (work, UB_CHAPTER_SETTLE);
    }
  if (work->chapter == UB_CHAPTER_SETTLE && !ub_session_settle_run (work, error))
    return FALSE;
  if (work->chapter == UB_CHAPTER_GO_ON && !ub_session_settle_go_on (work, error))
    return FALSE;
  if (!ub_session_cable_run (work, error))
    return FALSE;
  turn_to (work, UB_CHAPTER_STEPS);
  return ub_session_steps_run (work, error);
}

static UbSessionVisit
send_away (UbSessionWork *work)
{
  ub_session_connect_send_away (work);
  return UB_VISIT_OTHER;
}

static UbSessionVisit
visit (UbSessionWork *work, GError **error)
{
  if (!ub_session_connect_run (work, error))
    return UB_VISIT_FAILED;
  if (ub_session_connect_is_other (work, NULL))
    return send_away (work);
  if (!ub_session_check_chip (work, error) || !ub_session_agent_load (work, error))
    return UB_VISIT_FAILED;
  if (ub_session_connect_is_other (work, &work->report))
    return send_away (work);
  work->news.request = UB_REQUEST_NONE;
  work->wait_request = work->written ? UB_REQUEST_GO_ON : UB_REQUEST_PLUG_IN;
  if (work->owner != NULL)
    ub_session_work_know_phone (work, &work->report, ub_phone_info_get_layout (work->owner));
  return tell_chapters (work, error) ? UB_VISIT_DONE : UB_VISIT_FAILED;
}

/* is a lost phone worth waiting for? */
static gboolean
may_go_on (UbSessionWork *work, const GError *error)
{
  if (!g_error_matches (error, UB_ERROR, UB_ERROR_LINK_LOST) || work->link == NULL)
    return FALSE;
  ub_session_silent_note_drop (work);
  work->n_drops++;
  work->n_vain_drops = work->advances > work->advances_then ? 1 : work->n_vain_drops + 1;
  work->advances_then = work->advances;
  return work->n_vain_drops < MAX_VAIN_DROPS;
}

/* A phone that was not written to yet may have been switched on and used meanwhile: it is looked at
 * and saved as it is now */
static void
begin_anew (UbSessionWork *work)
{
  if (work->written || work->plan == NULL || !ub_session_work_writes (work->plan))
    return;
  ub_session_finish_close_journal (work, FALSE);
  work->chapter = UB_CHAPTER_CHECK;
  work->settled = FALSE;
  work->step = 0;
  work->offset = work->marked = 0;
  work->compare_bytes = 0;
  g_hash_table_remove_all (work->differs);
  g_clear_object (&work->copy);
  /* other parts may be missing this time */
  work->consents &= ~(1u << UB_QUESTION_COPY_INCOMPLETE) | work->job->consents;
}

static void
forget_link (UbSessionWork *work)
{
  ub_session_cable_note_visit (work);
  ub_session_connect_drop (work);
  begin_anew (work);
  work->duration_before = work->duration;
  work->redone = 0;
  work->power.jumped = FALSE;
  if (work->power.is_suspected)
    work->wait_request = UB_REQUEST_BATTERY;
  else
    work->wait_request = work->written ? UB_REQUEST_GO_ON : UB_REQUEST_PLUG_IN;
  work->power.is_suspected = FALSE;
}

static gboolean
do_all (UbSessionWork *work, GError **error)
{
  g_autoptr (GError) lost = NULL;

  if (!check_before (work, error))
    return FALSE;
  for (;;)
    {
      g_autoptr (GError) error_local = NULL;
      UbSessionVisit end = visit (work, &error_local);

      if (end == UB_VISIT_DONE)
        return TRUE;
      if (end == UB_VISIT_OTHER)
        continue;
      if (!ub_session_silent_may_retry (work, &error_local) && !may_go_on (work, error_local))
        {
          /* that it did not come back is not what went wrong */
          if (lost != NULL && g_error_matches (error_local, UB_ERROR, UB_ERROR_NO_PHONE))
            g_propagate_error (error, g_steal_pointer (&lost));
          else
            g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      g_clear_error (&lost);
      lost = g_steal_pointer (&error_local);
      forget_link (work);
    }
}

static void
work_clear (UbSessionWork *work)
{
  g_clear_object (&work->da);
  g_clear_object (&work->link);
  g_clear_object (&work->plan);
  g_clear_object (&work->owner);
  g_clear_pointer (&work->writer, ub_backup_writer_free);
  g_clear_object (&work->copy);
  g_clear_object (&work->journal);
  g_clear_object (&work->news.phone);
  g_clear_object (&work->news.plan);
  g_free (work->news.step);
  g_free (work->trace);
  g_free (work->failed_partition);
  g_free (work->power.agent_path);
  g_ptr_array_unref (work->power.silent);
  ub_estimator_free (work->estimator);
  g_clear_pointer (&work->images, g_ptr_array_unref);
  g_clear_pointer (&work->weights, g_array_unref);
  g_hash_table_unref (work->seen);
  g_hash_table_unref (work->differs);
  g_ptr_array_unref (work->missing);
}

static void
work_init (UbSessionWork *work)
{
  const UbSessionJob *job = work->job;

  work->estimator = ub_estimator_new ();
  work->seen = ub_session_image_look (job->plan);
  work->differs = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_byte_array_unref);
  work->findings = g_ptr_array_new_with_free_func (g_free);
  work->missing = g_ptr_array_new_with_free_func (g_free);
  work->power.silent = g_ptr_array_new_with_free_func (g_free);
  work->plan = job->plan != NULL ? g_object_ref (job->plan) : NULL;
  g_set_object (&work->news.plan, job->plan);
  work->news.total_bytes = job->plan != NULL ? ub_plan_get_bytes (job->plan) : 0;
  work->news.remaining = -1;
  work->consents = job->consents;
  work->wait_request = UB_REQUEST_PLUG_IN;
  if (job->journal == NULL || job->info_only)
    return;
  /* whoever comes now is half-written, and everything was agreed upon when the job began */
  work->journal = g_object_ref (job->journal);
  work->owner = g_object_ref (ub_journal_get_phone (job->journal));
  g_set_object (&work->news.phone, work->owner);
  work->chapter = UB_CHAPTER_GO_ON;
  work->written = TRUE;
  work->wait_request = UB_REQUEST_GO_ON;
  /* … but for what this cable does to it */
  work->consents = ~(1u << UB_QUESTION_CABLE) | job->consents;
}

UbReport *
ub_session_work_run (const UbSessionJob *job,
                     UbSessionDesk      *desk,
                     UbSessionPost       post,
                     gpointer            user_data,
                     GCancellable       *cancellable)
{
  UbSessionWork work = { .job = job,
                         .desk = desk,
                         .post = post,
                         .user_data = user_data,
                         .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  UbSessionState state;
  UbReport      *report;
  gboolean       ok;

  work_init (&work);
  ok = do_all (&work, &error);
  state = work.news.state;
  ub_session_finish_say_good_bye (&work, ok);
  ub_session_finish_close_journal (&work, ok);
  if (ok && !job->info_only)
    ub_session_save_prune (&work);
  report = ub_session_finish_conclude (&work, ok ? UB_SESSION_DONE : state, error);
  work_clear (&work);
  return report;
}
