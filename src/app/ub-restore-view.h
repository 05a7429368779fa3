/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"
#include "app/ub-window-watch.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_RESTORE_VIEW (ub_restore_view_get_type ())
G_DECLARE_FINAL_TYPE (UbRestoreView, ub_restore_view, UB, RESTORE_VIEW, GtkWidget)

/**
 * UbRestoreView:
 *
 * Puts a copy back: the list of safety copies, and what is in the one that was chosen. A copy is read and
 * compared with its checksums before it can be put back.
 */

/* once; @application is borrowed, @watch too: both outlive it */
void ub_restore_view_set_up (UbRestoreView *self, UbApplication *application, UbWindowWatch *watch);
/* @watch or the list of safety copies changed */
void ub_restore_view_update (UbRestoreView *self, gboolean reload);
/* a copy of our own or another tool's. @restore: puts it back as soon as it is checked (that asks first) */
void ub_restore_view_open (UbRestoreView *self, const char *path, gboolean restore);

G_END_DECLS
