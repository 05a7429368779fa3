/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-steps.h"

static void
clear (GtkGrid *grid)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
}

static GtkWidget *
make_number (int number)
{
  g_autofree char *text = g_strdup_printf ("%d", number);
  GtkWidget       *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "step-number");
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  return label;
}

static GtkWidget *
make_line (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

void
ub_steps_fill (GtkGrid *grid, const char *const *lines)
{
  /* one thing to do is no list */
  gboolean numbered = lines[0] != NULL && lines[1] != NULL;

  clear (grid);
  for (int i = 0; lines[i] != NULL; i++)
    {
      if (numbered)
        gtk_grid_attach (grid, make_number (i + 1), 0, i, 1, 1);
      gtk_grid_attach (grid, make_line (lines[i]), 1, i, 1, 1);
    }
}
