/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-report.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define UB_TYPE_DONE_VIEW (ub_done_view_get_type ())
G_DECLARE_FINAL_TYPE (UbDoneView, ub_done_view, UB, DONE_VIEW, GtkWidget)

/**
 * UbDoneView:
 *
 * The green circle: what was done, what was found, where the copy lies, and what to do next. Watches what a written phone does for
 * the minutes after, and closes with the fitting page (engine/ub-aftermath.h). Uses the actions "win.back", "session.again",
 * "session.put-back" and "win.show-folder". Signal "outcome" (int UbAftermathKind): what became of the phone; once a watch, and
 * not for one that ended before anything was seen.
 */
void ub_done_view_set_report (UbDoneView *self, UbReport *report);
/* the phone of the report is watched from now on, by what @source tells of its port; after ub_done_view_set_report() */
void ub_done_view_watch (UbDoneView *self, UbLinkSource *source);
/* another phone's turn */
void ub_done_view_end_watch (UbDoneView *self);
/* shows what is right at @now_us (µs of g_get_monotonic_time()); its own clock does it each second */
void ub_done_view_look (UbDoneView *self, gint64 now_us);

G_END_DECLS
