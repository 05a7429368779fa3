/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the cells of a table are made of: factories that bind labels and ticks to properties of a
 * row object. */

/* a label; @tip: (nullable): property with the tooltip, else a cut text is its own tooltip. All
 * strings static */
GtkListItemFactory *ub_column_factory_new_text (const char *property,
                                                const char *tip,
                                                const char *css_class,
                                                float       xalign);
/* an icon (hidden without a name) and a label */
GtkListItemFactory *ub_column_factory_new_icon_text (const char *icon_property,
                                                     const char *property);
/* a tick, named for screen readers by @name_property, with the action "row.toggle"; dead where
 * @sensitive_property is FALSE */
GtkListItemFactory *ub_column_factory_new_tick (const char *property,
                                                const char *sensitive_property,
                                                const char *name_property);

/* pixels for a column of @view: for its title (nullable) and for @sample, in the letters people have chosen */
int ub_column_factory_measure (GtkWidget *view, const char *title, const char *sample);

/* the keyboard is in one of its rows: Tab has to lead out, or thousands of rows would be a trap */
gboolean ub_column_factory_has_focus (GtkWidget *view);

G_END_DECLS
