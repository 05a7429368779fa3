/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-narrow.h"

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
ub_narrow_drop_down (GtkWidget *drop_down)
{
  shorten_labels (drop_down);
}

static void
wrap_labels (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    {
      if (gtk_label_get_ellipsize (GTK_LABEL (widget)) == PANGO_ELLIPSIZE_NONE)
        gtk_label_set_wrap (GTK_LABEL (widget), TRUE);
      if (GTK_IS_BUTTON (gtk_widget_get_parent (widget)))
        gtk_label_set_justify (GTK_LABEL (widget), GTK_JUSTIFY_CENTER);
      return;
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    wrap_labels (c);
}

void
ub_narrow_buttons (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  /* not those with a picture beside their word: they have one word */
  if (GTK_IS_CHECK_BUTTON (widget) || (GTK_IS_BUTTON (widget) && !GTK_IS_DROP_DOWN (parent) &&
                                       GTK_IS_LABEL (gtk_widget_get_first_child (widget))))
    {
      wrap_labels (widget);
      return;
    }
  /* what is folded in is not among its children */
  if (GTK_IS_EXPANDER (widget) && gtk_expander_get_child (GTK_EXPANDER (widget)) != NULL)
    ub_narrow_buttons (gtk_expander_get_child (GTK_EXPANDER (widget)));
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    ub_narrow_buttons (c);
}
