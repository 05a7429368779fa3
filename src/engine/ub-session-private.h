/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-estimator.h"
#include "da/ub-da.h"
#include "engine/ub-session-image.h"
#include "engine/ub-session.h"

G_BEGIN_DECLS

/* what a session was asked to do; never changed once the work has begun */
typedef struct
{
  UbPlan       *plan; /* (nullable): info_only */
  UbLinkSource *source;
  char        **agents;
  char         *port; /* (nullable) */
  guint         wait_ms;
  gboolean      keep_running;
  gboolean      info_only;
  gboolean      trace;
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
} UbSessionNews;

/* takes a copy of what it wants to keep; called in the worker thread */
typedef void (*UbSessionPost) (const UbSessionNews *news, gpointer user_data);

/* one run of a session, in its worker thread; told in ub-session-work.c, its chapters in the files
 * named in the calls */
typedef struct
{
  const UbSessionJob *job;
  UbSessionPost       post;
  gpointer            user_data;
  GCancellable       *cancellable;

  UbSessionNews news;
  UbEstimator  *estimator;
  guint64       base_done; /* bytes of the job before the present operation */
  guint64       bar_done;  /* bytes of the present bar before the present operation */
  guint64       bar_total;

  UbLink    *link;  /* (nullable) */
  UbLink    *tap;   /* (nullable) (unowned): @link, if it is one */
  char      *trace; /* (nullable): of the links before */
  gint64     begin; /* of the link's time */
  gint64     duration;
  UbDa      *da; /* (nullable) */
  gboolean   agent_runs;
  UbBromInfo brom;
  UbDaReport report;
  UbPlan    *plan;   /* (nullable): checked as far as we are */
  GPtrArray *images; /* of UbSessionImage, one for each step */
  guint      n_steps_done;
  char      *failed_partition;
} UbSessionWork;

/* the whole story; (transfer full), always a report */
UbReport *ub_session_work_run (const UbSessionJob *job,
                               UbSessionPost       post,
                               gpointer            user_data,
                               GCancellable       *cancellable);

void ub_session_work_tell (UbSessionWork *work);
void ub_session_work_set_step (UbSessionWork *work, const char *step);
void ub_session_work_enter (UbSessionWork *work, UbSessionState state, UbBar bar, const char *step);
void ub_session_work_know_phone (UbSessionWork    *work,
                                 const UbDaReport *report,
                                 const UbLayout   *layout);
/* an #UbDaProgress over an #UbSessionWork: moves the present bar */
void     ub_session_work_on_bytes (guint64 done, guint64 total, gpointer user_data);
gboolean ub_session_work_is_blocked (UbPlan *plan, GError **error);

/* waits, shakes hands, identifies; goes on waiting when a phone gets past us */
gboolean ub_session_connect_run (UbSessionWork *work, GError **error);
void     ub_session_connect_drop (UbSessionWork *work);
gboolean ub_session_agent_load (UbSessionWork *work, GError **error);
/* what can be known before anything is loaded: is it the right chip at all? */
gboolean ub_session_check_chip (UbSessionWork *work, GError **error);
/* reads the phone's table and checks the plan against it */
gboolean ub_session_check_phone (UbSessionWork *work, GError **error);
/* every file is opened, and seen to be the one that was planned, before the first byte is written
 */
gboolean ub_session_write_prepare (UbSessionWork *work, GError **error);
gboolean ub_session_write_all (UbSessionWork *work, GError **error);
UbPipe  *ub_session_write_open_pipe (UbSessionWork *work, UbSessionImage *image, GError **error);
/* does @run stay inside of what was planned and checked for @step? */
gboolean ub_session_write_check_run (const UbStep *step, const UbPipeRun *run, GError **error);
/* reads start-up code back and compares it with the images */
gboolean ub_session_verify_all (UbSessionWork *work, GError **error);

G_END_DECLS
