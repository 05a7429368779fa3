/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Within a drop-down or a menu button it is a button that has the keyboard, and GTK before 4.10 calls it
 * by its class: it gets @name, and what it shows.
 * Newer GTK calls a drop-down's button @name, and describes it by what it shows */
void ub_name_inner (GtkWidget *widget, const char *name);

/* the same for what folds out: it gets its own words */
void ub_name_expander (GtkExpander *expander);

G_END_DECLS
