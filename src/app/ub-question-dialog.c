/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-question-dialog.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"

struct _UbQuestionDialog
{
  GtkWindow parent_instance;

  /* template */
  GtkWidget *danger;
  GtkLabel  *heading;
  GtkLabel  *text;
  GtkWidget *details_window;
  GtkLabel  *details;
  GtkWidget *word_box;
  GtkLabel  *word_title;
  GtkEntry  *word;
  GtkWidget *no;
  GtkWidget *yes;

  UbSession  *session;  /* (owned) (nullable): %NULL once it was answered */
  UbQuestion *question; /* (owned) */
};

G_DEFINE_FINAL_TYPE (UbQuestionDialog, ub_question_dialog, GTK_TYPE_WINDOW)

static void
drop_session (UbQuestionDialog *self)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
}

static void
answer (UbQuestionDialog *self, gboolean yes)
{
  g_autoptr (UbSession) session = self->session != NULL ? g_object_ref (self->session) : NULL;

  drop_session (self);
  gtk_window_destroy (GTK_WINDOW (self));
  if (session != NULL)
    ub_session_answer (session, yes);
}

static gboolean
is_word_typed (UbQuestionDialog *self)
{
  return self->question->word == NULL ||
         ub_question_is_word (self->question->word,
                              gtk_editable_get_text (GTK_EDITABLE (self->word)));
}

static void
word_cb (UbQuestionDialog *self)
{
  gtk_widget_set_sensitive (self->yes, is_word_typed (self));
}

static void
yes_cb (UbQuestionDialog *self)
{
  if (is_word_typed (self))
    answer (self, TRUE);
}

/* the phone went away, or the job was stopped: nothing to answer any more */
static void
question_cb (UbQuestionDialog *self)
{
  if (ub_session_get_question (self->session) == self->question)
    return;
  drop_session (self);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
show_details (UbQuestionDialog *self)
{
  GStrv    lines = self->question->details;
  gboolean any = lines != NULL && *lines != NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  /* one alone needs no dot to be told from others */
  for (guint i = 0; any && lines[i] != NULL; i++)
    g_string_append_printf (text,
                            "%s%s%s",
                            i > 0 ? "\n" : "",
                            g_strv_length (lines) > 1 ? "• " : "",
                            lines[i]);
  gtk_label_set_label (self->details, text->str);
  gtk_widget_set_visible (self->details_window, any);
}

static void
show_word (UbQuestionDialog *self)
{
  const char      *word = self->question->word;
  g_autofree char *title = NULL;

  gtk_widget_set_visible (self->word_box, word != NULL);
  if (word == NULL)
    return;
  /* Translators: %s is a word like "yes" */
  title = g_strdup_printf (_ ("If you are sure, type “%s”:"), word);
  gtk_label_set_label (self->word_title, title);
}

static void
fill (UbQuestionDialog *self)
{
  const UbQuestion *question = self->question;
  gboolean          is_danger = question->kind != UB_QUESTION_REPAIR;

  gtk_window_set_title (GTK_WINDOW (self), question->title);
  gtk_label_set_label (self->heading, question->title);
  gtk_label_set_label (self->text, question->text);
  show_details (self);
  show_word (self);
  gtk_widget_set_visible (self->danger, is_danger);
  gtk_button_set_label (GTK_BUTTON (self->yes), question->verb);
  gtk_widget_add_css_class (self->yes, is_danger ? "destructive-action" : "suggested-action");
  word_cb (self);
}

static gboolean
ub_question_dialog_close_request (GtkWindow *window)
{
  answer (UB_QUESTION_DIALOG (window), FALSE);
  return TRUE;
}

/* went away with its parent: that is a no, too */
static void
ub_question_dialog_dispose (GObject *object)
{
  UbQuestionDialog *self = UB_QUESTION_DIALOG (object);

  if (self->session != NULL)
    ub_session_answer (self->session, FALSE);
  drop_session (self);
  g_clear_pointer (&self->question, ub_question_unref);
  G_OBJECT_CLASS (ub_question_dialog_parent_class)->dispose (object);
}

static void
ub_question_dialog_class_init (UbQuestionDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_question_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = ub_question_dialog_close_request;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/unbrick/Unbrick/ui/ub-question-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, danger);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, text);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, details_window);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, details);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, word_box);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, word_title);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, word);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, no);
  gtk_widget_class_bind_template_child (widget_class, UbQuestionDialog, yes);
  gtk_widget_class_bind_template_callback (widget_class, word_cb);
  gtk_widget_class_bind_template_callback (widget_class, yes_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ub_question_dialog_init (UbQuestionDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

UbQuestionDialog *
ub_question_dialog_present (GtkWindow *parent, UbSession *session)
{
  UbQuestionDialog *self = g_object_new (UB_TYPE_QUESTION_DIALOG,
                                         "transient-for",
                                         parent,
                                         "destroy-with-parent",
                                         TRUE,
                                         NULL);

  self->session = g_object_ref (session);
  self->question = ub_question_ref (ub_session_get_question (session));
  g_signal_connect_swapped (session, "notify::question", G_CALLBACK (question_cb), self);
  fill (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->no);
  gtk_widget_grab_focus (self->question->word != NULL ? GTK_WIDGET (self->word) : self->no);
  gtk_window_present (GTK_WINDOW (self));
  ub_compat_announce (GTK_WIDGET (parent), self->question->title);
  return self;
}
