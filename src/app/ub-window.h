/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"
#include "engine/ub-report.h"

G_BEGIN_DECLS

#define UB_TYPE_WINDOW (ub_window_get_type ())
G_DECLARE_FINAL_TYPE (UbWindow, ub_window, UB, WINDOW, GtkApplicationWindow)

UbWindow *ub_window_new (UbApplication *application);
/* a folder, a scatter, an archive */
void ub_window_open (UbWindow *self, const char *path);
/* (nullable): before the old one goes away the window has to let go of it */
void     ub_window_set_source (UbWindow *self, UbLinkSource *source);
gboolean ub_window_is_running (UbWindow *self);

G_END_DECLS
