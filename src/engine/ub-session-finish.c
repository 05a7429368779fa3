/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* How a job ends: what the phone is told, what is left on the disk, and what is said of it. */

/* A phone that was written to and failed is switched off: starting it half-written only makes it
 * run in circles. One that was left as it was starts again. */
static UbDaFinish
how_to_finish (UbSessionWork *work, gboolean ok)
{
  if (ok)
    return work->job->keep_running ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
  return work->written ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
}

void
ub_session_finish_say_good_bye (UbSessionWork *work, gboolean ok)
{
  g_autoptr (GError) error = NULL;

  if (work->link == NULL)
    return;
  ub_session_work_enter (work, UB_SESSION_FINISHING, UB_BAR_WAIT, _ ("Finishing"));
  /* a phone that is gone after it was told to restart did just that */
  if (work->agent_runs && !ub_da_finish (work->da, how_to_finish (work, ok), &error) && ok &&
      !g_error_matches (error, UB_ERROR, UB_ERROR_LINK_LOST))
    ub_session_work_find (work,
                          "%s",
                          _ ("The phone did not answer any more when it was told to restart. If it "
                             "stays dark, unplug it and hold its power key for 15 seconds."));
  ub_session_connect_drop (work);
}

void
ub_session_finish_close_journal (UbSessionWork *work, gboolean over)
{
  g_autoptr (GError) error = NULL;

  if (work->journal == NULL || (work->written && !over))
    return;
  if (!ub_journal_remove (work->journal, &error))
    g_message ("%s", error->message);
  g_clear_object (&work->journal);
}

static void
conclude_findings (UbSessionWork *work)
{
  ub_session_test_conclude (work);
  for (guint i = 0; i < work->missing->len; i++)
    ub_session_work_find (work,
                          _ ("“%s” could not be read, so it is not in the copy."),
                          (const char *) g_ptr_array_index (work->missing, i));
  if (work->n_others > 0)
    ub_session_work_find (work, _ ("Another phone was plugged in meanwhile. It was not touched."));
  if (work->n_drops > 0)
    ub_session_work_find (work,
                          ngettext ("The connection dropped %u time.",
                                    "The connection dropped %u times.",
                                    work->n_drops),
                          work->n_drops);
}

static GStrv
dup_findings (UbSessionWork *work)
{
  g_ptr_array_add (work->findings, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&work->findings), FALSE);
}

static UbReport *
make_report (UbSessionWork *work, UbResult result, UbSessionState state, const GError *error)
{
  g_autoptr (UbPhoneInfo) last = ub_phone_info_new (NULL, NULL, &work->brom, &work->report, NULL);
  UbReport *report = ub_report_new (result,
                                    work->plan,
                                    work->news.phone,
                                    error,
                                    (int) state,
                                    work->step,
                                    work->written_bytes,
                                    work->duration,
                                    work->failed_partition,
                                    work->trace);

  ub_report_set_last_phone (report, last);
  ub_report_set_written (report, work->written);
  ub_report_set_n_drops (report, work->n_drops);
  if (work->copy != NULL)
    ub_report_set_copy (report, ub_backup_get_folder (work->copy));
  if (work->journal != NULL)
    ub_report_set_can_go_on (report, ub_journal_get_path (work->journal));
  ub_report_take_findings (report, dup_findings (work));
  return report;
}

UbReport *
ub_session_finish_conclude (UbSessionWork *work, UbSessionState state, const GError *error)
{
  UbResult  result = UB_RESULT_DONE;
  UbReport *report;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    result = UB_RESULT_CANCELLED;
  else if (error != NULL)
    result = UB_RESULT_FAILED;
  conclude_findings (work);
  report = make_report (work, result, state, error);
  work->news.request = UB_REQUEST_NONE;
  if (result == UB_RESULT_DONE && !work->job->info_only)
    work->news.done_bytes = work->news.total_bytes;
  ub_session_work_enter (work,
                         result == UB_RESULT_DONE     ? UB_SESSION_DONE
                         : result == UB_RESULT_FAILED ? UB_SESSION_FAILED
                                                      : UB_SESSION_CANCELLED,
                         UB_BAR_NONE,
                         "");
  return report;
}
