/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-window-private.h"

static gboolean
drop_cb (UbWindow *self, const GValue *value)
{
  GSList          *files = g_value_get_boxed (value);
  g_autofree char *path = files != NULL ? g_file_get_path (files->data) : NULL;

  if (path == NULL || ub_window_is_running (self))
    return FALSE;
  ub_window_open (self, path);
  return TRUE;
}

void
ub_window_dnd_init (UbWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_swapped (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
