/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-name.h"

static GtkWidget *
find_label (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return widget;
  /* a drop-down has two: with a choice, and without any */
  if (GTK_IS_STACK (widget) && gtk_stack_get_child_by_name (GTK_STACK (widget), "item") != NULL)
    return find_label (gtk_stack_get_child_by_name (GTK_STACK (widget), "item"));
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_label (c);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
shown_cb (GtkLabel *shown, GParamSpec *pspec, GtkWidget *drop_down)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (drop_down),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  gtk_label_get_text (shown),
                                  -1);
}

/* what it shows is made when it is shown itself */
static void
mapped_cb (GtkWidget *widget)
{
  GtkWidget *button = gtk_widget_get_first_child (widget);
  GtkWidget *shown = find_label (button);

  if (shown == NULL)
    return;
  gtk_accessible_update_relation (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  shown,
                                  NULL,
                                  -1);
  /* newer GTK says of the button only what it says of the drop-down, and that is its title: what is
   * shown describes it then. Of what is described by others it says nothing */
  if (!GTK_IS_DROP_DOWN (widget) || gtk_check_version (4, 10, 0) != NULL)
    return;
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY);
  g_signal_handlers_disconnect_by_func (shown, shown_cb, widget);
  g_signal_connect_object (shown, "notify::label", G_CALLBACK (shown_cb), widget, 0);
  shown_cb (GTK_LABEL (shown), NULL, widget);
}

void
ub_name_inner (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (widget)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name,
                                  -1);
  g_signal_connect (widget, "map", G_CALLBACK (mapped_cb), NULL);
}

void
ub_name_expander (GtkExpander *expander)
{
  GtkWidget *label = find_label (gtk_expander_get_label_widget (expander));

  gtk_accessible_update_property (GTK_ACCESSIBLE (expander),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (label)),
                                  -1);
}
