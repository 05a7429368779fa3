/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

void
ub_session_work_tell (UbSessionWork *work)
{
  work->post (&work->news, work->user_data);
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

/* bytes still to come: of all that is written, or of what is read back */
static guint64
left_of_job (UbSessionWork *work, guint64 bar_done)
{
  const UbSessionNews *news = &work->news;

  if (news->state == UB_SESSION_WORKING)
    return news->total_bytes - MIN (news->done_bytes, news->total_bytes);
  return work->bar_total - MIN (bar_done, work->bar_total);
}

void
ub_session_work_on_bytes (guint64 done, guint64 total, gpointer user_data)
{
  UbSessionWork *work = user_data;
  guint64        bar_done = work->bar_done + done;

  work->news.fraction =
      work->bar_total > 0 ? (double) MIN (bar_done, work->bar_total) / (double) work->bar_total : 0;
  ub_estimator_add (work->estimator, ub_link_now (work->link), bar_done, work->bar_total);
  work->news.speed = ub_estimator_get_speed (work->estimator);
  if (work->news.speed > 0)
    work->news.remaining =
        (gint64) ((double) left_of_job (work, bar_done) / work->news.speed * G_USEC_PER_SEC);
  ub_session_work_tell (work);
}

gboolean
ub_session_work_is_blocked (UbPlan *plan, GError **error)
{
  const UbIssue *issue = ub_plan_get_first_blocker (plan);

  if (issue == NULL)
    return FALSE;
  g_set_error_literal (error, UB_ERROR, issue->code, issue->text);
  return TRUE;
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

static gboolean
do_all (UbSessionWork *work, GError **error)
{
  if (!check_before (work, error))
    return FALSE;
  if (!ub_session_connect_run (work, error))
    return FALSE;
  if (!ub_session_check_chip (work, error))
    return FALSE;
  if (!ub_session_agent_load (work, error))
    return FALSE;
  if (!ub_session_check_phone (work, error))
    return FALSE;
  if (work->job->info_only)
    return TRUE;
  if (!ub_session_write_prepare (work, error))
    return FALSE;
  if (!ub_session_write_all (work, error))
    return FALSE;
  return ub_session_verify_all (work, error);
}

/* A phone that was written to and failed is switched off: starting it half-written only makes it
 * run in circles. One that was left as it was starts again. */
static UbDaFinish
how_to_finish (UbSessionWork *work, gboolean ok)
{
  gboolean written = work->n_steps_done > 0 || work->failed_partition != NULL;

  if (ok)
    return work->job->keep_running ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
  return written ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
}

/* always, whatever happened before */
static gboolean
finish (UbSessionWork *work, gboolean ok, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  gboolean finished = TRUE;

  if (work->link == NULL)
    return TRUE;
  ub_session_work_enter (work, UB_SESSION_FINISHING, UB_BAR_WAIT, _ ("Finishing"));
  if (work->agent_runs)
    finished = ub_da_finish (work->da, how_to_finish (work, ok), &error_local);
  ub_session_connect_drop (work);
  /* a phone that is gone after it was told to restart did just that */
  if (finished || g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static UbReport *
conclude (UbSessionWork *work, UbSessionState state, const GError *error)
{
  UbResult result = UB_RESULT_DONE;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    result = UB_RESULT_CANCELLED;
  else if (error != NULL)
    result = UB_RESULT_FAILED;
  work->news.request = UB_REQUEST_NONE;
  ub_session_work_enter (work,
                         result == UB_RESULT_DONE     ? UB_SESSION_DONE
                         : result == UB_RESULT_FAILED ? UB_SESSION_FAILED
                                                      : UB_SESSION_CANCELLED,
                         UB_BAR_NONE,
                         "");
  return ub_report_new (result,
                        work->plan,
                        work->news.phone,
                        error,
                        (int) state,
                        work->n_steps_done,
                        work->news.done_bytes,
                        work->duration,
                        work->failed_partition,
                        work->trace);
}

static void
work_clear (UbSessionWork *work)
{
  g_clear_object (&work->da);
  g_clear_object (&work->link);
  g_clear_object (&work->plan);
  g_clear_object (&work->news.phone);
  g_free (work->news.step);
  g_free (work->trace);
  g_free (work->failed_partition);
  ub_estimator_free (work->estimator);
  g_ptr_array_unref (work->images);
}

UbReport *
ub_session_work_run (const UbSessionJob *job,
                     UbSessionPost       post,
                     gpointer            user_data,
                     GCancellable       *cancellable)
{
  UbSessionWork work = { .job = job,
                         .post = post,
                         .user_data = user_data,
                         .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  UbSessionState state;
  UbReport      *report;
  gboolean       ok;

  work.estimator = ub_estimator_new ();
  work.images = job->plan != NULL ? ub_session_image_list (job->plan) : g_ptr_array_new ();
  work.plan = job->plan != NULL ? g_object_ref (job->plan) : NULL;
  work.news.total_bytes = job->plan != NULL ? ub_plan_get_bytes (job->plan) : 0;
  work.news.remaining = -1;
  ok = do_all (&work, &error);
  state = work.news.state;
  if (!finish (&work, ok, ok ? &error : NULL))
    state = ok ? UB_SESSION_FINISHING : state;
  report = conclude (&work, ok && error == NULL ? UB_SESSION_DONE : state, error);
  work_clear (&work);
  return report;
}
