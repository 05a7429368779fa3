/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

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

/* The whole story, in the calling thread; (transfer full), always a report. */
UbReport *ub_session_work_run (const UbSessionJob *job,
                               UbSessionPost       post,
                               gpointer            user_data,
                               GCancellable       *cancellable);

G_END_DECLS
