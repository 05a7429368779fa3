/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-journal-bar.h"

struct _UbJournalBar
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget     *box;
  GtkLabel      *sentence;
  GtkActionable *go_on;
  GtkActionable *give_up;
};

G_DEFINE_FINAL_TYPE (UbJournalBar, ub_journal_bar, GTK_TYPE_WIDGET)

void
ub_journal_bar_set_journal (UbJournalBar *self, UbJournal *journal)
{
  const char      *path = journal != NULL ? ub_journal_get_path (journal) : "";
  g_autofree char *sentence = journal != NULL ? ub_journal_dup_sentence (journal) : g_strdup ("");

  gtk_actionable_set_action_target (self->go_on, "s", path);
  gtk_actionable_set_action_target (self->give_up, "s", path);
  if (!g_str_equal (gtk_label_get_label (self->sentence), sentence))
    gtk_label_set_label (self->sentence, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self), journal != NULL);
}

void
ub_journal_bar_set_can_go_on (UbJournalBar *self, gboolean can_go_on)
{
  gtk_widget_set_visible (GTK_WIDGET (self->go_on), can_go_on);
}

static void
ub_journal_bar_dispose (GObject *object)
{
  UbJournalBar *self = UB_JOURNAL_BAR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_journal_bar_parent_class)->dispose (object);
}

static void
ub_journal_bar_class_init (UbJournalBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_journal_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-journal-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, UbJournalBar, box);
  gtk_widget_class_bind_template_child (widget_class, UbJournalBar, sentence);
  gtk_widget_class_bind_template_child (widget_class, UbJournalBar, go_on);
  gtk_widget_class_bind_template_child (widget_class, UbJournalBar, give_up);
}

static void
ub_journal_bar_init (UbJournalBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
