/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan.h"
#include "engine/ub-report.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

typedef enum
{
  UB_SESSION_IDLE,
  UB_SESSION_WAITING, /* for a phone on the cable */
  UB_SESSION_CONNECTING,
  UB_SESSION_IDENTIFYING,
  UB_SESSION_LOADING_AGENT, /* red */
  UB_SESSION_CHECKING,
  UB_SESSION_SAVING,    /* blue */
  UB_SESSION_WORKING,   /* purple, then yellow */
  UB_SESSION_VERIFYING, /* blue */
  UB_SESSION_FINISHING,
  UB_SESSION_DONE, /* green */
  UB_SESSION_FAILED,
  UB_SESSION_CANCELLED,
} UbSessionState;

/* what the bar shows */
typedef enum
{
  UB_BAR_NONE,
  UB_BAR_WAIT,   /* moving, no percentage */
  UB_BAR_RED,    /* "Starting the phone's loader" */
  UB_BAR_PURPLE, /* "Writing start-up code" */
  UB_BAR_YELLOW, /* "Writing system" */
  UB_BAR_BLUE,   /* reading */
} UbBar;

/* what the person is asked to do with hands; a closed set, words in ub_request_get_text() */
typedef enum
{
  UB_REQUEST_NONE,
  UB_REQUEST_PLUG_IN,  /* switch it off, plug it in */
  UB_REQUEST_HOLD_KEY, /* hold volume-down while plugging in */
  UB_REQUEST_RELEASE_KEYS,
  UB_REQUEST_REPLUG,
  UB_REQUEST_SWITCH_OFF, /* the phone is switched on */
  UB_REQUEST_PERMISSION, /* the port may not be opened */
} UbRequest;

#define UB_TYPE_SESSION (ub_session_get_type ())
G_DECLARE_FINAL_TYPE (UbSession, ub_session, UB, SESSION, GObject)

/**
 * UbSession:
 *
 * One job on one phone. Lives in the thread that made it; all its properties change there (notify):
 * "state" (int UbSessionState), "bar" (int UbBar), "fraction" (double 0…1 of the present bar; -1 a wait), "step" (string: partition or act, for
 * people), "speed" (double bytes/s), "done-bytes", "total-bytes" (uint64, of the whole job), "remaining" (int64 µs, -1), "phone" (UbPhoneInfo), "request"
 * (int UbRequest). The work runs in a thread of its own; news cross by one mailbox, at most one idle source at a time.
 */
typedef struct
{
  const char *const
             *agents;  /* container files in the order to try them; the firmware's own come after */
  const char *port;    /* (nullable): only this port */
  guint       wait_ms; /* for the phone; 0: for ever */
  gboolean    keep_running; /* do not reboot the phone at the end: power off */
  gboolean    info_only;    /* stop after CHECKING: nothing is written; @plan may be NULL */
  gboolean    trace;        /* keep the tail of the traffic for the report */
} UbSessionOptions;

UbSession *ub_session_new (UbPlan *plan, UbLinkSource *source, const UbSessionOptions *options);
void       ub_session_run_async (UbSession          *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
/* (transfer full): always a report, also after failure or cancel; errors are inside it */
UbReport      *ub_session_run_finish (UbSession *self, GAsyncResult *result);
UbSessionState ub_session_get_state (UbSession *self);
UbBar          ub_session_get_bar (UbSession *self);
double         ub_session_get_fraction (UbSession *self);
const char    *ub_session_get_step (UbSession *self);
double         ub_session_get_speed (UbSession *self);
guint64        ub_session_get_done_bytes (UbSession *self);
guint64        ub_session_get_total_bytes (UbSession *self);
gint64         ub_session_get_remaining (UbSession *self);
UbPhoneInfo   *ub_session_get_phone (UbSession *self); /* (nullable) */
UbRequest      ub_session_get_request (UbSession *self);
const char *ub_session_state_to_string (UbSessionState state); /* "waiting" …, not for people */
const char *ub_session_state_get_title (UbSessionState state); /* translated */
gboolean    ub_session_state_may_cancel (UbSessionState state);
const char *ub_bar_get_title (UbBar bar);            /* translated: "Writing system" … */
const char *ub_request_get_text (UbRequest request); /* translated */

G_END_DECLS
