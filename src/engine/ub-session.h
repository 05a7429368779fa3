/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-journal.h"
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
  UB_REQUEST_SWITCH_OFF,  /* the phone is switched on */
  UB_REQUEST_PERMISSION,  /* the port may not be opened */
  UB_REQUEST_GO_ON,       /* the cable dropped: not lost, plug it in again and it goes on */
  UB_REQUEST_OTHER_PHONE, /* a job is waiting for another phone than this one */
  UB_REQUEST_BATTERY,     /* it went dark or dumb when its loader was started: battery, power */
  UB_REQUEST_LAST = UB_REQUEST_BATTERY,
} UbRequest;

/* what the person is asked to decide with the phone on the cable; a closed set */
typedef enum
{
  UB_QUESTION_NONE,
  UB_QUESTION_DANGER, /* the light is red, or something would be lost: wants the typed word */
  UB_QUESTION_COPY_INCOMPLETE, /* a part cannot be read, so it cannot be saved */
  UB_QUESTION_REPAIR,          /* these parts differ: write them? */
  UB_QUESTION_CABLE,           /* the cable loses data: go on all the same? */
  UB_QUESTION_LAST = UB_QUESTION_CABLE,
} UbQuestionKind;

/* immutable, counted */
typedef struct
{
  UbQuestionKind kind;
  char          *title;   /* translated, as everything here */
  char          *text;    /* what it means */
  GStrv          details; /* one line each */
  char          *word;    /* (nullable): to be typed */
  char          *verb;    /* for the button that says yes */
} UbQuestion;

UbQuestion *ub_question_ref (UbQuestion *self);
void        ub_question_unref (UbQuestion *self);
/* whether @typed agrees: @word (nullable: the plain one), in any case and however its accents are made, or "yes", which every keyboard has */
gboolean ub_question_is_word (const char *word, const char *typed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbQuestion, ub_question_unref)

#define UB_TYPE_SESSION (ub_session_get_type ())
G_DECLARE_FINAL_TYPE (UbSession, ub_session, UB, SESSION, GObject)

/**
 * UbSession:
 *
 * One job on one phone. Lives in the thread that made it; all its properties change there (notify):
 * "state" (int UbSessionState), "bar" (int UbBar), "fraction" (double 0…1 of the present bar; -1 a wait), "step" (string: partition or act, for
 * people), "speed" (double bytes/s), "done-bytes", "total-bytes" (uint64, of the whole job), "remaining" (int64 µs, -1), "phone" (UbPhoneInfo), "request"
 * (int UbRequest), "question" (pointer UbQuestion or NULL: answer it by ub_session_answer()), "plan" (UbPlan as far as it was checked). The work runs in a thread of its own; news cross by one mailbox, at most one idle source at a time.
 */
typedef struct
{
  /* (nullable): the container a person has chosen; tried before all others */
  const char *agent;
  /* (nullable): more containers; tried after the firmware's own, those made for the phone's chip alone first */
  const char *const *agents;
  /* (nullable): preloaders, or folders of them, whose memory settings may be tried after the phone's and the firmware's own */
  const char *const *preloaders;
  /* (nullable): the maker's own files for a phone that wants them; the package's own come after */
  const char *auth_file;    /* tool authorisation, *.auth */
  const char *cert_file;    /* root certificate */
  const char *key_file;     /* RSA private key */
  const char *port;         /* (nullable): only this port */
  guint       wait_ms;      /* for the phone; 0: for ever */
  gboolean    keep_running; /* do not reboot the phone at the end: power off */
  gboolean    info_only;    /* stop after CHECKING: nothing is written; @plan may be NULL */
  gboolean    trace;        /* keep the tail of the traffic for the report */
  const char
      *copies_folder; /* (nullable): where safety copies live; NULL: the user's data folder */
  const char *
      journal_folder; /* (nullable): where unfinished jobs are noted; NULL: the user's data folder */
  UbJournal *journal;          /* (nullable): go on with this job; @plan is ub_journal_dup_plan() */
  gboolean   may_ask;          /* somebody listens to "question"; else an open question is a no */
  guint      consents;         /* 1 << UbQuestionKind: answered yes beforehand */
  guint      copies_max_days;  /* older safety copies are removed after the job; 0: never */
  guint64    copies_max_bytes; /* and the oldest, until all take no more than this; 0: no limit */
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
UbQuestion    *ub_session_get_question (UbSession *self); /* (transfer none) (nullable) */
void           ub_session_answer (UbSession *self, gboolean yes);
UbPlan        *ub_session_get_plan (UbSession *self);          /* (transfer none) (nullable) */
const char *ub_session_state_to_string (UbSessionState state); /* "waiting" …, not for people */
const char *ub_session_state_get_title (UbSessionState state); /* translated */
gboolean    ub_session_state_may_cancel (UbSessionState state);
const char *ub_bar_get_title (UbBar bar);            /* translated: "Writing system" … */
const char *ub_request_get_text (UbRequest request); /* translated */

G_END_DECLS
