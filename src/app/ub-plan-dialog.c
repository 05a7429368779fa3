/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-plan-dialog.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"

#define UB_TYPE_PLAN_DIALOG (ub_plan_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UbPlanDialog, ub_plan_dialog, UB, PLAN_DIALOG, GtkWindow)

struct _UbPlanDialog
{
  GtkWindow parent_instance;

  /* template */
  GtkLabel  *heading;
  GtkWidget *lost_box;
  GtkLabel  *lost;
  GtkLabel  *amount;
  GtkLabel  *keeps;
  GtkGrid   *lists;
  GtkWidget *cancel;
  GtkButton *go;

  UbPlan            *plan;
  UbPlanDialogAnswer answer; /* (nullable): was given */
  gpointer           user_data;
  GDestroyNotify     destroy;
};

G_DEFINE_FINAL_TYPE (UbPlanDialog, ub_plan_dialog, GTK_TYPE_WINDOW)

/* --- the words --- */

static char *
dup_amount (const UbPlanSummary *summary)
{
  g_autofree char *parts =
      g_strdup_printf (ngettext ("%u part", "%u parts", summary->n_parts), summary->n_parts);
  g_autofree char *amount = ub_words_format_amount (summary->bytes);
  g_autofree char *about = ub_words_format_about (summary->time_us);

  /* nothing travels when a phone is only erased */
  if (summary->n_parts == 0)
    return summary->time_us > 0 ? g_steal_pointer (&about) : g_strdup ("");
  /* Translators: parts to write, amount of data, time: "12 parts · 1.3 GB · about 2 minutes" */
  return g_strdup_printf (_ ("%s · %s · %s"), parts, amount, about);
}

/* "boot, recovery, system" */
static GtkWidget *
new_names (GStrv names)
{
  g_autofree char *text = g_strjoinv (", ", names);
  GtkWidget       *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  /* else the dialog would begin in the middle of a selection */
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static GtkWidget *
new_title (const char *icon, const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (title);
  /* the words beside it say the same */
  GtkWidget *image = g_object_new (GTK_TYPE_IMAGE,
                                   "icon-name",
                                   icon,
                                   "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_PRESENTATION,
                                   NULL);

  gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_valign (box, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

/* one line of the table: what happens, and to which parts */
static void
add_list (UbPlanDialog *self, int *row, const char *icon, const char *title, GStrv names)
{
  if (names == NULL || *names == NULL)
    return;
  gtk_grid_attach (self->lists, new_title (icon, title), 0, *row, 1, 1);
  gtk_grid_attach (self->lists, new_names (names), 1, *row, 1, 1);
  (*row)++;
}

static void
add_issues (UbPlanDialog *self, int *row)
{
  GPtrArray *issues = ub_plan_get_issues (self->plan);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) texts = NULL;
  g_autofree char *text = NULL;
  GtkWidget       *label;

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      if (issue->level >= UB_ISSUE_WARNING)
        g_strv_builder_add (builder, issue->text);
    }
  texts = g_strv_builder_end (builder);
  if (*texts == NULL)
    return;
  text = g_strjoinv ("\n", texts);
  label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  /* Translators: heading of a list of warnings, as in "mind the gap" */
  gtk_grid_attach (self->lists, new_title ("dialog-warning-symbolic", _ ("Mind")), 0, *row, 1, 1);
  gtk_grid_attach (self->lists, label, 1, *row, 1, 1);
  (*row)++;
}

static void
fill (UbPlanDialog *self)
{
  g_autoptr (UbPlanSummary) summary = ub_plan_dup_summary (self->plan);
  UbMode           mode = ub_plan_get_mode (self->plan);
  const char      *verb = ub_mode_get_verb (mode);
  g_autofree char *amount = dup_amount (summary);
  /* Translators: what would be done, and with what: "Erase and download: Leagoo Z5" */
  g_autofree char *heading = g_strdup_printf (_ ("%s: %s"), verb, ub_plan_get_title (self->plan));
  gboolean         is_lost = *summary->lost != '\0';
  int              row = 0;

  gtk_window_set_title (GTK_WINDOW (self), ub_mode_get_title (mode));
  gtk_label_set_label (self->heading, heading);
  gtk_label_set_label (self->lost, summary->lost);
  gtk_widget_set_visible (self->lost_box, is_lost);
  gtk_label_set_label (self->keeps, summary->keeps);
  gtk_widget_set_visible (GTK_WIDGET (self->keeps), *summary->keeps != '\0');
  gtk_label_set_label (self->amount, amount);
  gtk_widget_set_visible (GTK_WIDGET (self->amount), *amount != '\0');
  add_issues (self, &row);
  /* Translators: these head lists, of what will be erased, written …; also what a row of the table says of its part */
  add_list (self, &row, "user-trash-symbolic", _ ("Erased"), summary->erased);
  add_list (self, &row, "ub-download-symbolic", _ ("Written"), summary->written);
  add_list (self, &row, "changes-prevent-symbolic", _ ("Kept"), summary->kept);
  add_list (self, &row, "document-save-symbolic", _ ("Saved first"), summary->saved);
  gtk_button_set_label (self->go, verb);
  gtk_widget_add_css_class (GTK_WIDGET (self->go),
                            ub_mode_is_destructive (mode) ? "destructive-action"
                                                          : "suggested-action");
}

/* --- the answer --- */

static void
give_answer (UbPlanDialog *self, gboolean go)
{
  UbPlanDialogAnswer answer = g_steal_pointer (&self->answer);
  g_autoptr (UbPlan) plan = g_object_ref (self->plan);
  gpointer       user_data = g_steal_pointer (&self->user_data);
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  gtk_window_destroy (GTK_WINDOW (self));
  if (answer != NULL)
    answer (plan, go, user_data);
  if (destroy != NULL)
    destroy (user_data);
}

static void
go_cb (UbPlanDialog *self)
{
  give_answer (self, TRUE);
}

static gboolean
ub_plan_dialog_close_request (GtkWindow *window)
{
  give_answer (UB_PLAN_DIALOG (window), FALSE);
  return TRUE;
}

/* went away with its parent: nobody asks any more */
static void
ub_plan_dialog_dispose (GObject *object)
{
  UbPlanDialog  *self = UB_PLAN_DIALOG (object);
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  self->answer = NULL;
  if (destroy != NULL)
    destroy (g_steal_pointer (&self->user_data));
  g_clear_object (&self->plan);
  G_OBJECT_CLASS (ub_plan_dialog_parent_class)->dispose (object);
}

static void
ub_plan_dialog_class_init (UbPlanDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_plan_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = ub_plan_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-plan-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, lost_box);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, lost);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, amount);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, keeps);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, lists);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, UbPlanDialog, go);
  gtk_widget_class_bind_template_callback (widget_class, go_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ub_plan_dialog_init (UbPlanDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ub_plan_dialog_present (GtkWindow         *parent,
                        UbPlan            *plan,
                        UbPlanDialogAnswer answer,
                        gpointer           user_data,
                        GDestroyNotify     destroy)
{
  UbPlanDialog *self = g_object_new (UB_TYPE_PLAN_DIALOG,
                                     "transient-for",
                                     parent,
                                     "destroy-with-parent",
                                     TRUE,
                                     NULL);

  self->plan = g_object_ref (plan);
  self->answer = answer;
  self->user_data = user_data;
  self->destroy = destroy;
  fill (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->cancel);
  gtk_widget_grab_focus (self->cancel);
  gtk_window_present (GTK_WINDOW (self));
}
