/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-report.h"

G_BEGIN_DECLS

#define UB_TYPE_DONE_VIEW (ub_done_view_get_type ())
G_DECLARE_FINAL_TYPE (UbDoneView, ub_done_view, UB, DONE_VIEW, GtkWidget)

/**
 * UbDoneView:
 *
 * The green circle: what was done, what was found, where the copy lies, and what to do next. Uses
 * the actions "win.back", "session.again", "session.put-back" and "win.show-folder".
 */
void ub_done_view_set_report (UbDoneView *self, UbReport *report);

G_END_DECLS
