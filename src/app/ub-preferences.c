/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-preferences.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"

static void
add_row (GtkListBox *list, const char *text)
{
  GtkWidget *label = gtk_label_new (text), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, "choice");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_append (list, row);
}

static void
fill (GtkListBox *list, UbFirmwareLoader *loader)
{
  g_autoptr (GPtrArray) agents = ub_firmware_loader_list_agents (loader);

  if (agents == NULL || agents->len == 0)
    {
      add_row (list, _ ("None yet. Agents in a firmware package are found by themselves."));
      return;
    }
  for (guint i = 0; i < agents->len; i++)
    {
      g_autofree char *text = ub_words_shorten_path (g_ptr_array_index (agents, i));

      add_row (list, text);
    }
}

/* the file dialog belongs to the main window: this one makes room for it */
static void
button_cb (GtkButton *button, const char *action)
{
  GtkWindow *dialog = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));
  GtkWindow *parent = gtk_window_get_transient_for (dialog);

  gtk_window_destroy (dialog);
  gtk_widget_activate_action (GTK_WIDGET (parent), action, NULL);
}

void
ub_preferences_show (GtkWindow *parent, UbFirmwareLoader *loader)
{
  g_autoptr (GtkBuilder) builder =
                 gtk_builder_new_from_resource ("/io/github/unbrick/Unbrick/ui/ub-preferences.ui");
  GtkWindow *dialog = GTK_WINDOW (gtk_builder_get_object (builder, "dialog"));

  fill (GTK_LIST_BOX (gtk_builder_get_object (builder, "list")), loader);
  g_signal_connect (gtk_builder_get_object (builder, "add_file"),
                    "clicked",
                    G_CALLBACK (button_cb),
                    (gpointer) "win.choose-agent");
  g_signal_connect (gtk_builder_get_object (builder, "add_folder"),
                    "clicked",
                    G_CALLBACK (button_cb),
                    (gpointer) "win.add-agents");
  gtk_window_set_transient_for (dialog, parent);
  gtk_window_present (dialog);
}
