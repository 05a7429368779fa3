/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "link/ub-link-tap.h"

#include <glib/gi18n.h>

/* a phone that left this often without an answer gets past us: it needs a key held down */
#define LEFT_BEFORE_KEY 3
/* a phone that stays but does not answer is asked this often */
#define SILENT_TRIES 3
#define PAUSE_MS 20
#define OTHER_PAUSE_MS 1000

/* only of the last visit: a phone may come and go for hours */
static void
keep_trace (UbSessionWork *work)
{
  if (work->tap == NULL)
    return;
  g_free (work->trace);
  work->trace = ub_link_tap_dup_tail (UB_LINK_TAP (work->tap));
  work->tap = NULL;
}

void
ub_session_connect_drop (UbSessionWork *work)
{
  if (work->link == NULL)
    return;
  work->duration = work->duration_before + ub_link_now (work->link) - work->begin;
  keep_trace (work);
  ub_link_close (work->link);
  g_clear_object (&work->link);
  g_clear_object (&work->da);
  work->agent_runs = FALSE;
}

gboolean
ub_session_connect_is_other (UbSessionWork *work, const UbDaReport *report)
{
  g_autoptr (UbPhoneInfo) here = NULL;
  UbSamePhone same;

  if (work->owner == NULL)
    return FALSE;
  here = ub_phone_info_new (ub_link_get_port (work->link),
                            ub_link_get_speed (work->link),
                            &work->brom,
                            report,
                            NULL);
  same = ub_phone_info_compare (work->owner, here);
  /* one whose storage has told who it was tells it again; a phone that does not is another one */
  if (report != NULL && same == UB_SAME_PHONE_UNKNOWN)
    return ub_phone_info_compare (work->owner, work->owner) == UB_SAME_PHONE_YES;
  return same == UB_SAME_PHONE_NO;
}

void
ub_session_connect_send_away (UbSessionWork *work)
{
  g_autoptr (GError) error = NULL;

  work->wait_request = UB_REQUEST_OTHER_PHONE;
  work->n_others++;
  if (work->agent_runs && !ub_da_finish (work->da, UB_DA_FINISH_REBOOT, &error))
    g_debug ("the other phone did not say good-bye: %s", error->message);
  /* it stays on the cable for a while, and need not be asked all the time */
  ub_link_sleep (work->link, OTHER_PAUSE_MS);
  ub_session_connect_drop (work);
}

static gboolean
wait_for_link (UbSessionWork *work, GError **error)
{
  g_autoptr (UbLink) link = NULL;

  ub_session_work_enter (work, UB_SESSION_WAITING, UB_BAR_WAIT, _ ("Waiting for the phone"));
  link = ub_link_source_wait (work->job->source,
                              work->job->port,
                              work->job->wait_ms,
                              work->cancellable,
                              error);
  if (link == NULL)
    return FALSE;
  if (work->job->trace)
    work->link = work->tap = ub_link_tap_new (link, NULL);
  else
    work->link = g_steal_pointer (&link);
  work->begin = ub_link_now (work->link);
  return TRUE;
}

static gboolean
greet (UbSessionWork *work, GError **error)
{
  if (!ub_brom_handshake (work->link, work->cancellable, error))
    return FALSE;
  ub_session_work_enter (work,
                         UB_SESSION_IDENTIFYING,
                         UB_BAR_WAIT,
                         _ ("Asking the phone who it is"));
  if (!ub_brom_identify (work->link, &work->brom, work->cancellable, error))
    return FALSE;
  if (work->brom.is_boot_rom && work->news.request == UB_REQUEST_HOLD_KEY)
    work->news.request = UB_REQUEST_RELEASE_KEYS;
  else
    work->news.request = UB_REQUEST_NONE;
  if (work->owner == NULL)
    ub_session_work_know_phone (work, NULL, NULL);
  return TRUE;
}

gboolean
ub_session_connect_run (UbSessionWork *work, GError **error)
{
  guint left = 0;
  guint silent = 0;

  work->news.request = work->wait_request;
  for (;;)
    {
      g_autoptr (GError) error_local = NULL;

      if (!wait_for_link (work, error))
        return FALSE;
      ub_session_work_enter (work, UB_SESSION_CONNECTING, UB_BAR_WAIT, _ ("Talking to the phone"));
      if (greet (work, &error_local))
        return TRUE;
      if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
        {
          left++;
          silent = 0;
        }
      else if ((!g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_TIMEOUT) &&
                !g_error_matches (error_local, UB_ERROR, UB_ERROR_PROTOCOL)) ||
               ++silent >= SILENT_TRIES)
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      work->news.request = silent > 0                ? UB_REQUEST_REPLUG
                           : left >= LEFT_BEFORE_KEY ? UB_REQUEST_HOLD_KEY
                                                     : work->wait_request;
      ub_link_sleep (work->link, PAUSE_MS);
      ub_session_connect_drop (work);
    }
}
