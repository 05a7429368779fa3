/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-unfinished-list.h"

#include <glib/gi18n.h>

#include "engine/ub-journal.h"

struct _UbUnfinishedList
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget *box;
  GtkBox    *rows;
};

G_DEFINE_FINAL_TYPE (UbUnfinishedList, ub_unfinished_list, GTK_TYPE_WIDGET)

static GtkWidget *
new_button (const char *words, const char *name, const char *action, const char *path)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (words);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", path);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  name,
                                  -1);
  return button;
}

static void
add_row (UbUnfinishedList *self, UbJournal *journal)
{
  g_autofree char *sentence = ub_journal_dup_sentence (journal);
  const char      *path = ub_journal_get_path (journal);
  GtkWidget       *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget       *label = gtk_label_new (sentence);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (row, "notes");
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), new_button (_ ("_Go On"), sentence, "session.go-on", path));
  gtk_box_append (GTK_BOX (row), new_button (_ ("Give Up…"), sentence, "session.give-up", path));
  gtk_box_append (self->rows, row);
}

void
ub_unfinished_list_set_journals (UbUnfinishedList *self, GPtrArray *journals)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->rows))) != NULL)
    gtk_box_remove (self->rows, row);
  for (guint i = 1; journals != NULL && i < journals->len; i++)
    add_row (self, g_ptr_array_index (journals, i));
  gtk_widget_set_visible (GTK_WIDGET (self), journals != NULL && journals->len > 1);
}

static void
ub_unfinished_list_dispose (GObject *object)
{
  UbUnfinishedList *self = UB_UNFINISHED_LIST (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_unfinished_list_parent_class)->dispose (object);
}

static void
ub_unfinished_list_class_init (UbUnfinishedListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_unfinished_list_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/unbrick/Unbrick/ui/ub-unfinished-list.ui");
  gtk_widget_class_bind_template_child (widget_class, UbUnfinishedList, box);
  gtk_widget_class_bind_template_child (widget_class, UbUnfinishedList, rows);
}

static void
ub_unfinished_list_init (UbUnfinishedList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
