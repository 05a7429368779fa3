/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"
#include "engine/ub-report.h"

G_BEGIN_DECLS

#define UB_TYPE_WINDOW (ub_window_get_type ())
G_DECLARE_FINAL_TYPE (UbWindow, ub_window, UB, WINDOW, GtkApplicationWindow)

/**
 * UbWindow:
 *
 * All pages beside one phone panel, above one job bar: there is one job at a time, whichever page
 * began it. Property "running" (gboolean, read-only, notify): a job runs, pages let nothing be
 * changed. Signal "finished" (UbReport): how it ended; the window shows it by itself.
 */
UbWindow *ub_window_new (UbApplication *application);
/* a folder, a scatter, an archive */
void ub_window_open (UbWindow *self, const char *path);
/* the same; what has no path, in a phone or a trash, is said */
void ub_window_open_file (UbWindow *self, GFile *file);
/* (nullable): before the old one goes away the window has to let go of it */
void     ub_window_set_source (UbWindow *self, UbLinkSource *source);
gboolean ub_window_is_running (UbWindow *self);
/* a job runs, or a question is open: nothing may be changed under the person's hands */
gboolean ub_window_is_busy (UbWindow *self);
/* says that @path can be opened later */
void ub_window_offer (UbWindow *self, const char *path);
/* Stops the job at the next safe place, then closes, without asking; said again it changes nothing. FALSE: there is no job */
gboolean ub_window_end (UbWindow *self);
/* everything that support asks for, masked; (transfer full). @report: (nullable): path of one of the history; else of the last job */
char *ub_window_dup_support_text (UbWindow *self, const char *report);
/* Runs any plan: job bar, phone panel, questions, the end shown over the page that is open now, and
 * the history. @plan is unchecked, as ub_plan_new…() made it. Asks with the plan's own dialog first
 * if its mode is destructive; a blocked plan's blocker is said, and nothing begins. Does nothing
 * while a job runs. */
void ub_window_start_plan (UbWindow *self, UbPlan *plan);

G_END_DECLS
