/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-single-dialog.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-name.h"
#include "app/ub-words.h"

#define UB_TYPE_SINGLE_DIALOG (ub_single_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UbSingleDialog, ub_single_dialog, UB, SINGLE_DIALOG, GtkWindow)

struct _UbSingleDialog
{
  GtkWindow parent_instance;

  /* template */
  GtkDropDown *names;
  GtkWidget   *other_title;
  GtkEntry    *other;
  GtkLabel    *file_label;
  GtkLabel    *trouble;
  GtkWidget   *write;

  char    *path; /* (nullable) */
  gboolean expert;
};

G_DEFINE_FINAL_TYPE (UbSingleDialog, ub_single_dialog, GTK_TYPE_WINDOW)

/* what people write alone; the last entry of the list is "another one" */
static const char *const known_names[] = { "recovery", "boot",   "logo",   "lk",    "vbmeta",
                                           "dtbo",     "system", "vendor", "super", "cache" };

static gboolean
is_other (UbSingleDialog *self)
{
  return gtk_drop_down_get_selected (self->names) >= G_N_ELEMENTS (known_names);
}

static char *
dup_name (UbSingleDialog *self)
{
  if (!is_other (self))
    return g_strdup (known_names[gtk_drop_down_get_selected (self->names)]);
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->other))));
}

/* @plan (nullable): nothing to say while something is missing */
static void
show_trouble (UbSingleDialog *self, UbPlan *plan)
{
  const UbIssue *issue = plan != NULL ? ub_plan_get_first_blocker (plan) : NULL;

  gtk_label_set_label (self->trouble, issue != NULL ? issue->text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), issue != NULL);
}

static UbPlan *
new_plan (UbSingleDialog *self)
{
  g_autofree char *name = dup_name (self);

  if (self->path == NULL || *name == '\0')
    return NULL;
  return ub_plan_new_single (name, self->path, self->expert);
}

static void
changed_cb (UbSingleDialog *self)
{
  g_autoptr (UbPlan) plan = new_plan (self);

  gtk_widget_set_visible (GTK_WIDGET (self->other), is_other (self));
  gtk_widget_set_visible (self->other_title, is_other (self));
  show_trouble (self, plan);
  gtk_widget_set_sensitive (self->write, plan != NULL && !ub_plan_is_blocked (plan));
}

/* "recovery.img" goes to recovery: a good guess, shown before anything is done */
static void
guess_name (UbSingleDialog *self)
{
  g_autofree char *base = g_path_get_basename (self->path);
  g_autofree char *lower = g_ascii_strdown (base, -1);

  for (guint i = 0; i < G_N_ELEMENTS (known_names); i++)
    if (g_str_has_prefix (lower, known_names[i]))
      {
        gtk_drop_down_set_selected (self->names, i);
        return;
      }
  if (g_str_has_prefix (lower, "twrp"))
    gtk_drop_down_set_selected (self->names, 0);
}

static void
take_path (UbSingleDialog *self, const char *path)
{
  g_autofree char *shown = ub_words_shorten_path (path);

  g_free (self->path);
  self->path = g_strdup (path);
  gtk_label_set_label (self->file_label, shown);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->file_label), shown);
  guess_name (self);
  changed_cb (self);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  const char *path = file != NULL ? g_file_peek_path (file) : NULL;

  if (path != NULL)
    take_path (UB_SINGLE_DIALOG (source), path);
}

static void
choose_cb (UbSingleDialog *self)
{
  ub_compat_open (GTK_WINDOW (self),
                  UB_COMPAT_OPEN_FILE,
                  _ ("Choose the file for this part"),
                  NULL,
                  chosen_cb,
                  NULL);
}

static void
write_cb (UbSingleDialog *self)
{
  g_autoptr (UbPlan) plan = new_plan (self);
  UbWindow *window = UB_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (self)));

  if (plan == NULL)
    return;
  gtk_window_destroy (GTK_WINDOW (self));
  ub_window_start_plan (window, plan);
}

static void
ub_single_dialog_finalize (GObject *object)
{
  g_free (UB_SINGLE_DIALOG (object)->path);
  G_OBJECT_CLASS (ub_single_dialog_parent_class)->finalize (object);
}

static void
ub_single_dialog_class_init (UbSingleDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ub_single_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-single-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, names);
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, other_title);
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, other);
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, file_label);
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, trouble);
  gtk_widget_class_bind_template_child (widget_class, UbSingleDialog, write);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, write_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ub_single_dialog_init (UbSingleDialog *self)
{
  g_autoptr (GtkStringList) names = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  ub_name_inner (GTK_WIDGET (self->names), _ ("Part"));
  names = gtk_string_list_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (known_names); i++)
    gtk_string_list_append (names, known_names[i]);
  gtk_string_list_append (names, _ ("Another one…"));
  gtk_drop_down_set_model (self->names, G_LIST_MODEL (names));
  changed_cb (self);
}

void
ub_single_dialog_present (UbWindow *window, const char *path, gboolean expert)
{
  UbSingleDialog *self = g_object_new (UB_TYPE_SINGLE_DIALOG,
                                       "transient-for",
                                       window,
                                       "destroy-with-parent",
                                       TRUE,
                                       NULL);

  self->expert = expert;
  if (path != NULL)
    take_path (self, path);
  gtk_window_present (GTK_WINDOW (self));
}
