/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-estimator.h"
#include "brom/ub-brom-auth.h"
#include "da/ub-da.h"
#include "engine/ub-session-image.h"
#include "engine/ub-session.h"

G_BEGIN_DECLS

/* what a session was asked to do; never changed once the work has begun */
typedef struct
{
  UbPlan       *plan; /* (nullable): info_only */
  UbLinkSource *source;
  char         *agent; /* (nullable) */
  char        **agents;
  char        **preloaders;
  char         *auth_file; /* (nullable), as the two below */
  char         *cert_file;
  char         *key_file;
  char         *port; /* (nullable) */
  guint         wait_ms;
  gboolean      keep_running;
  gboolean      info_only;
  gboolean      trace;
  char         *copies_folder;  /* (nullable) */
  char         *journal_folder; /* (nullable) */
  UbJournal    *journal;        /* (nullable) */
  gboolean      may_ask;
  guint         consents;
  guint         copies_max_days;
  guint64       copies_max_bytes;
} UbSessionJob;

/* all that a person can see of a session at one moment */
typedef struct
{
  UbSessionState state;
  UbBar          bar;
  double         fraction;
  char          *step;
  double         speed;
  guint64        done_bytes;
  guint64        total_bytes;
  gint64         remaining;
  UbPhoneInfo   *phone; /* (nullable) */
  UbRequest      request;
  UbQuestion    *question; /* (nullable) */
  UbPlan        *plan;     /* (nullable) */
} UbSessionNews;

/* where an answer is laid down: the person's thread writes it, the worker waits for it */
typedef struct
{
  GMutex            lock;
  GCond             news;
  gboolean          is_answered;
  gboolean          yes;
  const UbQuestion *open;   /* (nullable): the one that waits; only an answer to this one counts */
  GHashTable       *broken; /* port to how often something came there that could not be talked to */
} UbSessionDesk;

/* takes a copy of what it wants to keep; called in the worker thread */
typedef void (*UbSessionPost) (const UbSessionNews *news, gpointer user_data);

/* how far a job is: a phone that comes back goes on with the same chapter */
typedef enum
{
  UB_CHAPTER_CHECK,
  UB_CHAPTER_GO_ON, /* instead of all up to STEPS: from a journal */
  UB_CHAPTER_SAVE,
  UB_CHAPTER_SETTLE,
  UB_CHAPTER_STEPS,
} UbSessionChapter;

/* what the present visit of a phone led to */
typedef enum
{
  UB_VISIT_DONE,
  UB_VISIT_FAILED,
  UB_VISIT_OTHER, /* another phone: it was let go, the right one is still awaited */
} UbSessionVisit;

/* what makes one doubt the cable before anything is moved; counted since the session began, only grows. Stray bytes do not: they
 * are somebody else's more often */
typedef struct
{
  guint reconnects; /* it left in the middle of a talk, or was back within a second */
  guint retries;    /* what had to be said again while shaking hands and asking who it is */
} UbSessionSigns;

/* loaders that did not answer, phones that went dark: ub-session-silent.c */
typedef struct
{
  UbDaBattery battery;    /* what the next loader is told */
  char       *agent_path; /* (nullable): the container of the last one */
  GPtrArray  *silent; /* (element-type filename): containers that were silent, the last one last */
  guint64     first_part;    /* bytes of what is sent before the jump */
  gboolean    jumped;        /* in this visit */
  gint64      jumped_at;     /* link's time */
  gboolean    is_suspected;  /* the visit that has just ended did so as if without power */
  guint       n_silent;      /* in a row without getting any further */
  guint64     advances_then; /* at the last one */
} UbSessionPower;

/* what speaks against the cable, besides drops and UbSessionSigns: ub-session-cable.c */
typedef struct
{
  guint    n_retries; /* packets that came damaged, of the visits before */
  guint    n_rereads; /* what was read wrong, and right the second time */
  guint    n_signs;   /* all of them when it was last tested */
  gboolean is_agreed; /* it loses data, and the person knows */
} UbSessionCable;

/* one run of a session, in its worker thread; told in ub-session-work.c, its chapters in the files
 * named in the calls */
typedef struct
{
  const UbSessionJob *job;
  UbSessionDesk      *desk;
  UbSessionPost       post;
  gpointer            user_data;
  GCancellable       *cancellable;

  UbSessionNews news;
  UbEstimator  *estimator;
  guint64       before;         /* what all steps before the present one weigh */
  guint64       within;         /* of the present step, before the present operation */
  guint64       bar_before;     /* what the steps of the present bar before the present one weigh */
  guint64       bar_total;      /* 0: the bar does not count */
  double        transfer_speed; /* the last one known of moving bytes, not of erasing */

  UbLink        *link;  /* (nullable) */
  UbLink        *tap;   /* (nullable) (unowned): @link, if it is one */
  char          *trace; /* (nullable): of the links before */
  gint64         begin; /* of the link's time */
  gint64         duration;
  gint64         duration_before; /* of the visits that ended in a drop */
  UbDa          *da;              /* (nullable) */
  gboolean       agent_runs;
  UbBromInfo     brom;
  UbDaReport     report;
  UbSessionSigns signs; /* ub-session-connect.c counts */

  UbSessionChapter chapter;
  UbSessionChapter best_chapter; /* the furthest there was yet */
  UbRequest        wait_request;
  UbPlan          *plan;    /* (nullable): checked as far as we are */
  UbPhoneInfo     *owner;   /* (nullable): the phone of the job, as it was before it */
  UbBackupWriter  *writer;  /* (nullable): of a readback that dropped in the middle */
  UbBackup        *copy;    /* (nullable) */
  GPtrArray       *missing; /* (element-type utf8): parts that could not be saved */
  UbJournal       *journal; /* (nullable) */
  GHashTable      *seen;    /* files when the session began */
  GPtrArray       *images;  /* of UbSessionImage, one for each step */
  GArray          *weights; /* of guint64, one for each step */
  gboolean         settled; /* @plan is final, @images are there */
  GHashTable      *differs; /* step number to GByteArray: a byte for each block, 1 if it differs */
  guint64          compare_bytes;
  guint            n_compared; /* steps before this one were compared once */
  GPtrArray       *findings;   /* (element-type utf8) */
  guint            consents;

  /* the position: all before is done, and known to be */
  guint   step;
  guint64 offset;
  guint64 marked;    /* @offset on disk */
  gint64  marked_at; /* link's time */
  guint   best_step; /* the furthest there was yet */
  guint64 best_offset;

  gboolean written;     /* did any write command leave us, now or before the job went on? */
  gboolean turned_down; /* the last write or erase was refused before anything was done */
  gboolean by_parts; /* this phone does not let everything be erased, and was asked in one piece */
  guint64  written_bytes; /* sent and taken */
  guint64  advances;      /* counts whatever was reached for the first time */
  guint64  advances_then; /* at the drop before */
  guint    n_others;      /* phones that were not meant, sent away */
  guint    n_drops;
  guint    n_vain_drops; /* in a row without getting any further */
  guint    redone;       /* the VERIFY whose content was written a second time, + 1 */
  char    *failed_partition;

  UbSessionPower power;
  UbSessionCable cable;

  /* Memory test */
  guint   n_bad;
  guint64 test_bytes;
  gint64  test_us;
  double  test_slowest; /* bytes/s; 0: none yet */
} UbSessionWork;

/* the whole story; (transfer full), always a report */
UbReport *ub_session_work_run (const UbSessionJob *job,
                               UbSessionDesk      *desk,
                               UbSessionPost       post,
                               gpointer            user_data,
                               GCancellable       *cancellable);

void ub_session_work_tell (UbSessionWork *work);
/* @length in whole sectors of the present phone */
guint64 ub_session_work_pad (UbSessionWork *work, guint64 length);
void    ub_session_work_set_step (UbSessionWork *work, const char *step);
void ub_session_work_enter (UbSessionWork *work, UbSessionState state, UbBar bar, const char *step);
void ub_session_work_know_phone (UbSessionWork    *work,
                                 const UbDaReport *report,
                                 const UbLayout   *layout);
/* an #UbDaProgress over an #UbSessionWork: bytes of the present step */
void ub_session_work_on_bytes (guint64 done, guint64 total, gpointer user_data);
/* the bar and the bytes of the job, at @within of the present step's weight */
void     ub_session_work_move (UbSessionWork *work, guint64 within);
gboolean ub_session_work_is_blocked (UbPlan *plan, GError **error);
void     ub_session_work_set_plan (UbSessionWork *work, UbPlan *plan); /* (transfer full) */
/* for the report; what was said already is not said again */
void ub_session_work_find (UbSessionWork *work, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ub_session_work_set_failed (UbSessionWork *work, const char *name); /* (nullable) */
/* does the plan write at all? */
gboolean ub_session_work_writes (UbPlan *plan);

/* --- ub-session-connect.c --- */
/* waits, shakes hands, identifies; goes on waiting when a phone gets past us */
gboolean ub_session_connect_run (UbSessionWork *work, GError **error);
void     ub_session_connect_drop (UbSessionWork *work);
/* is it another phone than the one the job began with, as far as can be told by now? */
gboolean ub_session_connect_is_other (UbSessionWork *work, const UbDaReport *report);
/* lets the present phone go as it is, and waits on */
void ub_session_connect_send_away (UbSessionWork *work);

/* --- ub-session-agent.c --- */
gboolean ub_session_agent_load (UbSessionWork *work, GError **error);

/* --- ub-session-silent.c --- */
/* did the agent of this container not answer before? */
gboolean ub_session_silent_was (UbSessionWork *work, const char *path);
/* those that did not answer come last */
void ub_session_silent_sort (UbSessionWork *work, GPtrArray *paths);
/* the agent of @path is sent now; after @first_part bytes it is started */
void ub_session_silent_begin (UbSessionWork *work, const char *path, guint64 first_part);
void ub_session_silent_on_sent (UbSessionWork *work, guint64 done);
void ub_session_silent_note_answer (UbSessionWork *work);
/* Is it worth another try after @error? If so the silent phone has been unplugged by now, and another loader or word on the
 * battery is next. Else @error may have become that the person said stop. While the link is still there, as the next */
gboolean ub_session_silent_may_retry (UbSessionWork *work, GError **error);
/* Asks for @request until the phone is unplugged: nothing else brings it back. FALSE: nobody came, or the person said stop */
gboolean ub_session_silent_wait_until_gone (UbSessionWork *work, UbRequest request);
/* the phone is gone: was it lack of power? */
void ub_session_silent_note_drop (UbSessionWork *work);

/* --- ub-session-auth.c --- */
/* the maker's own files, as far as they are there */
typedef struct
{
  GBytes *auth;
  GBytes *cert;
  UbKey  *key;
} UbSessionAuth;

void ub_session_auth_clear (UbSessionAuth *self);
/* NEEDS_AUTH for a file that cannot be read or is none, where the phone is locked */
gboolean ub_session_auth_load (UbSessionWork *work, UbSessionAuth *auth, GError **error);
/* before an agent is sent */
gboolean ub_session_auth_show (UbSessionWork *work, const UbSessionAuth *auth, GError **error);
/* the login alone, for a phone that asks for it when the agent is sent */
gboolean ub_session_auth_log_in (UbSessionWork *work, const UbSessionAuth *auth, GError **error);

/* --- ub-session-emi.c --- */
/* all memory settings at hand, best first; (transfer full) (element-type UbEmi) */
GPtrArray *ub_session_emi_collect (UbSessionWork *work);
/* an #UbDaEmiFinder: those of the preloader in the phone's own boot area */
UbEmi *ub_session_emi_find_own (UbDaBootReader read,
                                gpointer       reader_data,
                                guint64        size,
                                gpointer       user_data);

/* --- ub-session-check.c --- */
/* what can be known before anything is loaded: is it the right chip at all? */
gboolean ub_session_check_chip (UbSessionWork *work, GError **error);
/* reads the phone's table and checks the plan against it */
gboolean ub_session_check_phone (UbSessionWork *work, GError **error);
/* does it still answer? It may have gone while somebody thought about a question */
gboolean ub_session_check_is_there (UbSessionWork *work, GError **error);

/* --- ub-session-save.c --- */
/* the SAVE steps, into a copy that is whole and checked when this returns */
gboolean ub_session_save_run (UbSessionWork *work, GError **error);
/* removes old safety copies, but not those of unfinished jobs */
void ub_session_save_prune (UbSessionWork *work);

/* --- ub-session-settle.c --- */
/* plan, files, questions, journal: nothing is missing any more when this returns */
gboolean ub_session_settle_run (UbSessionWork *work, GError **error);
/* the same from a journal */
gboolean ub_session_settle_go_on (UbSessionWork *work, GError **error);
/* what all steps weigh, once more: total, and what is before the present step */
void ub_session_settle_weigh (UbSessionWork *work);

/* --- ub-session-ask.c --- */
/* FALSE with @code if the answer is no; (transfer full) @question */
gboolean ub_session_ask (UbSessionWork *work, UbQuestion *question, int code, GError **error);
gboolean ub_session_ask_danger (UbSessionWork *work, GError **error);
gboolean ub_session_ask_incomplete (UbSessionWork *work, GError **error);
gboolean ub_session_ask_repair (UbSessionWork *work, const char *const *parts, GError **error);

gboolean ub_session_ask_cable (UbSessionWork *work, const char *damage, GError **error);

/* --- ub-session-cable.c --- */
/* the link test, where it is wanted; CHECKSUM if data is lost and nobody agrees to go on. Before the first write, or before it
 * goes on */
gboolean ub_session_cable_run (UbSessionWork *work, GError **error);
/* the visit is over: its retries count on */
void ub_session_cable_note_visit (UbSessionWork *work);

/* --- ub-session-compare.c --- */
/* bytes that are compared as one */
#define UB_SESSION_COMPARE_BLOCK ((guint64) 1024 * 1024)
/* finds out which blocks of the parts to be repaired differ, and asks */
gboolean ub_session_compare_run (UbSessionWork *work, GError **error);
/* the next stretch of @step that differs, from @at on, in bytes of the step; FALSE: none */
gboolean ub_session_compare_next (UbSessionWork *work, guint step, guint64 *at, guint64 *end);
/* was it compared, and does nothing differ? */
gboolean ub_session_compare_is_same (UbSessionWork *work, guint step);
guint64  ub_session_compare_count (UbSessionWork *work, guint step); /* bytes that differ */

/* --- ub-session-steps.c --- */
gboolean ub_session_steps_run (UbSessionWork *work, GError **error);
/* the bar and the words of step @i */
void ub_session_steps_enter (UbSessionWork *work, guint i);
/* the present step is safely done up to @offset; noted on disk now and then */
void ub_session_steps_reach (UbSessionWork *work, guint64 offset);
/* the same, for another process, too */
void ub_session_steps_keep (UbSessionWork *work, guint64 offset);

/* --- ub-session-write.c --- */
/* does @run stay inside of what was planned and checked for @step? */
gboolean ub_session_write_check_run (UbSessionWork   *work,
                                     const UbStep    *step,
                                     const UbPipeRun *run,
                                     GError         **error);
/* WRITE, RESTORE and TABLE from @begin on */
gboolean ub_session_write_step (UbSessionWork *work, guint i, guint64 begin, GError **error);
/* these never leave the computer */
gboolean ub_session_write_is_our_own (const GError *error);

/* --- ub-session-erase.c --- */
gboolean ub_session_erase_step (UbSessionWork *work, guint i, GError **error);

/* --- ub-session-verify.c --- */
gboolean ub_session_verify_step (UbSessionWork *work, guint i, GError **error);
/* reads [@begin, @end) of step @i and compares; VERIFY if it differs */
gboolean ub_session_verify_range (
    UbSessionWork *work,
    guint          i,
    guint64        begin,
    guint64        end,
    GByteArray    *blocks, /* (nullable): those that differ are set to 1, instead of failing */
    GError       **error);

/* --- ub-session-finish.c --- */
/* always, whatever happened before; what the phone says to it changes nothing in it any more */
void ub_session_finish_say_good_bye (UbSessionWork *work, gboolean ok);
/* a job that is over, or never began to write, is not gone on with */
void ub_session_finish_close_journal (UbSessionWork *work, gboolean over);
/* (transfer full): the report; @state: where the job ended */
UbReport *ub_session_finish_conclude (UbSessionWork *work,
                                      UbSessionState state,
                                      const GError  *error);

/* --- ub-session-test.c --- */
/* what the phone tells of itself, into the findings */
void     ub_session_test_begin (UbSessionWork *work);
gboolean ub_session_test_step (UbSessionWork *work, guint i, GError **error);
void     ub_session_test_conclude (UbSessionWork *work);

G_END_DECLS
