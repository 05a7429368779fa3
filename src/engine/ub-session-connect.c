/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "link/ub-link-tap.h"

#include <glib/gi18n.h>

/* a phone that left this often without an answer gets past us: it needs a key held down */
#define LEFT_BEFORE_KEY 3
/* a phone that stays but does not answer is asked this often; so is one that answers nonsense, though it leaves in between */
#define SILENT_TRIES 3
/* a phone that goes in the middle of a talk so often has a bad cable, socket or hub */
#define RESETS_BEFORE_WORDS 3
/* nobody is so quick with a plug, and no preloader: the phone was there all the time, and the bus was not */
#define RESET_US G_USEC_PER_SEC
#define PAUSE_MS 20
#define OTHER_PAUSE_MS 1000
#define BOOT_ROM_PRODUCT 0x0e8d0003

/* what the visits of one wait have come to */
typedef struct
{
  guint    left;      /* gone without a word */
  guint    resets;    /* gone in the middle of a talk */
  guint    silent;    /* stayed, without a sensible word; in a row */
  guint    senseless; /* stayed and answered, but nothing that makes sense */
  gint64   left_at;   /* link's time */
  gboolean has_left;
  gboolean answered;
  guint    product;
  gboolean was_preloader; /* in a visit before */
} Visits;

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

static void
note_arrival (UbSessionWork *work, Visits *visits)
{
  const gint64 away = ub_link_now (work->link) - visits->left_at;

  visits->was_preloader |= visits->product != 0 && visits->product != BOOT_ROM_PRODUCT;
  visits->product = ub_link_get_product (work->link);
  if (visits->has_left && (visits->answered || away < RESET_US))
    work->signs.reconnects++;
  visits->has_left = FALSE;
  visits->answered = FALSE;
}

/* the keys have done what they were held for */
static UbRequest
thank (UbSessionWork *work, const Visits *visits)
{
  if (!work->brom.is_boot_rom)
    return UB_REQUEST_NONE;
  return work->news.request == UB_REQUEST_HOLD_KEY || visits->was_preloader
             ? UB_REQUEST_RELEASE_KEYS
             : UB_REQUEST_NONE;
}

static gboolean
greet (UbSessionWork *work, Visits *visits, GError **error)
{
  if (!ub_brom_handshake (work->link, work->cancellable, error))
    return FALSE;
  ub_session_work_enter (work,
                         UB_SESSION_IDENTIFYING,
                         UB_BAR_WAIT,
                         _ ("Asking the phone who it is"));
  if (!ub_brom_identify (work->link, &work->brom, work->cancellable, error))
    return FALSE;
  work->news.request = thank (work, visits);
  if (work->owner == NULL)
    ub_session_work_know_phone (work, NULL, NULL);
  return TRUE;
}

static void
note_signs (UbSessionWork *work, Visits *visits)
{
  const UbBromSigns signs = ub_brom_get_signs (work->link);

  work->signs.retries += signs.retries;
  visits->answered = signs.answered;
}

static void
note_departure (UbSessionWork *work, Visits *visits)
{
  visits->left_at = ub_link_now (work->link);
  visits->has_left = TRUE;
  visits->silent = 0;
  if (!visits->answered)
    visits->left++;
  else if (++visits->resets == RESETS_BEFORE_WORDS)
    ub_session_work_find (work,
                          _ ("The phone left again and again in the middle of its first words. The "
                             "cable, the socket or a hub between may be loose."));
}

/* is it worth while to wait for the next visit? One that leaves may come back for ever; one that stays and makes no sense
 * does not make more of it if it is asked for ever */
static gboolean
may_wait_on (UbSessionWork *work, Visits *visits, const GError *error)
{
  if (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_LOST))
    {
      note_departure (work, visits);
      return TRUE;
    }
  if (!g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT) &&
      !g_error_matches (error, UB_ERROR, UB_ERROR_PROTOCOL))
    return FALSE;
  visits->silent++;
  visits->senseless += visits->answered || g_error_matches (error, UB_ERROR, UB_ERROR_PROTOCOL);
  return visits->silent < SILENT_TRIES && visits->senseless < SILENT_TRIES;
}

static UbRequest
choose_request (UbSessionWork *work, const Visits *visits)
{
  if (visits->silent > 0 || visits->senseless > 0 || visits->resets >= RESETS_BEFORE_WORDS)
    return UB_REQUEST_REPLUG;
  if (visits->left < LEFT_BEFORE_KEY)
    return work->wait_request;
  /* keys lead to the boot ROM, and there it is already */
  return visits->product == BOOT_ROM_PRODUCT ? UB_REQUEST_REPLUG : UB_REQUEST_HOLD_KEY;
}

gboolean
ub_session_connect_run (UbSessionWork *work, GError **error)
{
  Visits visits = { 0 };

  work->news.request = work->wait_request;
  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gboolean met;

      if (!wait_for_link (work, error))
        return FALSE;
      note_arrival (work, &visits);
      ub_session_work_enter (work, UB_SESSION_CONNECTING, UB_BAR_WAIT, _ ("Talking to the phone"));
      met = greet (work, &visits, &local);
      note_signs (work, &visits);
      if (met)
        return TRUE;
      if (!may_wait_on (work, &visits, local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      work->news.request = choose_request (work, &visits);
      ub_link_sleep (work->link, PAUSE_MS);
      ub_session_connect_drop (work);
    }
}
