/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-session.h"

G_BEGIN_DECLS

#define UB_TYPE_JOB_BAR (ub_job_bar_get_type ())
G_DECLARE_FINAL_TYPE (UbJobBar, ub_job_bar, UB, JOB_BAR, GtkWidget)

/**
 * UbJobBar:
 *
 * Download and Stop, the coloured bar, and its words: what is being done, how fast, how much is
 * left.
 */
/* (nullable): %NULL when it is over; the bar stays as it stands */
void ub_job_bar_set_session (UbJobBar *self, UbSession *session);
/* what the first button says; @destructive: and that it destroys something */
void ub_job_bar_set_verb (UbJobBar *self, const char *verb, gboolean destructive);
/* pages with a button of their own hide the first one */
void ub_job_bar_set_can_start (UbJobBar *self, gboolean can_start);
/* says how it ended, or why it cannot begin */
void ub_job_bar_set_words (UbJobBar *self, const char *words, const char *details);
/* an empty bar */
void ub_job_bar_clear (UbJobBar *self);
/* a full one */
void ub_job_bar_fill (UbJobBar *self);
/* Stop was pressed and is not over yet */
void ub_job_bar_set_stopping (UbJobBar *self);

G_END_DECLS
