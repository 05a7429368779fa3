/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-toggle.h"

static void
toggle_cb (GtkWidget *check)
{
  if (gtk_widget_is_sensitive (check))
    gtk_widget_activate (check);
}

void
ub_toggle_add (GtkCheckButton *check)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) toggle = g_simple_action_new ("toggle", NULL);

  g_signal_connect_object (toggle, "activate", G_CALLBACK (toggle_cb), check, G_CONNECT_SWAPPED);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (toggle));
  gtk_widget_insert_action_group (GTK_WIDGET (check), "check", G_ACTION_GROUP (actions));
}
