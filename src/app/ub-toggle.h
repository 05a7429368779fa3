/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* GTK gives check buttons no action for screen readers; this adds one, "check.toggle", that does what
 * a click does */
void ub_toggle_add (GtkCheckButton *check);

G_END_DECLS
