/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-drop-down.h"

static void
shorten_labels (GtkWidget *widget)
{
  if (GTK_IS_POPOVER (widget))
    return;
  if (GTK_IS_LABEL (widget) && gtk_label_get_ellipsize (GTK_LABEL (widget)) == PANGO_ELLIPSIZE_NONE)
    {
      gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_MIDDLE);
      g_object_bind_property (widget, "label", widget, "tooltip-text", G_BINDING_SYNC_CREATE);
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    shorten_labels (c);
}

void
ub_drop_down_shorten (GtkWidget *drop_down)
{
  shorten_labels (drop_down);
}
