/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-save-bar.h"

#include <glib/gi18n.h>

#include "app/ub-application.h"
#include "app/ub-compat.h"
#include "app/ub-copies.h"
#include "app/ub-words.h"
#include "base/ub-place.h"
#include "engine/ub-advice.h"

struct _UbSaveBar
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkLabel       *label;
  GtkProgressBar *bar;
  GtkWidget      *stop;
  GtkWidget      *show;
  GtkWidget      *close;

  char *folder; /* (nullable): what was saved last */

  /* while one is being saved */
  GCancellable *cancellable;
  int          *permille;
  guint         tick_id;
};

G_DEFINE_FINAL_TYPE (UbSaveBar, ub_save_bar, GTK_TYPE_WIDGET)

static void
show_words (UbSaveBar *self, const char *words)
{
  gboolean busy = self->cancellable != NULL;

  gtk_label_set_label (self->label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), busy);
  gtk_widget_set_visible (self->stop, busy);
  gtk_widget_set_visible (self->show, !busy && self->folder != NULL);
  gtk_widget_set_visible (self->close, !busy);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

static void
end (UbSaveBar *self)
{
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_pointer (&self->permille, g_atomic_rc_box_release);
}

static gboolean
tick_cb (gpointer data)
{
  UbSaveBar *self = data;

  gtk_progress_bar_set_fraction (self->bar, g_atomic_int_get (self->permille) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static char *
dup_outcome (const char *folder, const GError *error)
{
  g_autofree char *shown = folder != NULL ? ub_words_shorten_path (folder) : NULL;
  g_autofree char *why = error != NULL ? ub_place_dup_shown_text (error->message) : NULL;

  if (folder != NULL)
    /* Translators: %s is a folder */
    return g_strdup_printf (_ ("Saved and checked: %s"), shown);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (_ ("Stopped. Nothing was saved."));
  /* Translators: what is wrong in words, and in detail in English */
  return g_strdup_printf (_ ("Not saved. %s: %s"), ub_advice_for_error (error, FALSE)->title, why);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbSaveBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  ub_application_set_saving (UB_APPLICATION (g_application_get_default ()), FALSE);
  self->folder = ub_copies_save_finish (result, &error);
  /* the window went away meanwhile */
  if (self->box == NULL)
    return;
  end (self);
  words = dup_outcome (self->folder, error);
  show_words (self, words);
  ub_compat_announce (GTK_WIDGET (self), words);
}

void
ub_save_bar_save (UbSaveBar *self, UbBackup *backup, const char *parent)
{
  g_autofree char *title = ub_copies_dup_title (backup);
  /* Translators: %s is a phone */
  g_autofree char *words = g_strdup_printf (_ ("Saving the copy of %s…"), title);

  if (self->cancellable != NULL || self->box == NULL)
    return;
  g_clear_pointer (&self->folder, g_free);
  self->cancellable = g_cancellable_new ();
  self->permille = g_atomic_rc_box_new0 (int);
  self->tick_id = g_timeout_add (100, tick_cb, self);
  gtk_progress_bar_set_fraction (self->bar, 0);
  show_words (self, words);
  /* when the program ends meanwhile, half a copy is removed first */
  ub_application_set_saving (UB_APPLICATION (g_application_get_default ()), TRUE);
  ub_copies_save_async (backup,
                        parent,
                        self->permille,
                        self->cancellable,
                        saved_cb,
                        g_object_ref (self));
}

/* --- where to --- */

/* what waits for a folder */
typedef struct
{
  UbSaveBar *bar;
  UbBackup  *backup;
} Asked;

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  g_autoptr (UbSaveBar) self = asked->bar;
  g_autoptr (UbBackup) backup = asked->backup;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  g_free (asked);
  if (path != NULL)
    ub_save_bar_save (self, backup, path);
}

void
ub_save_bar_ask (UbSaveBar *self, UbBackup *backup)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  Asked   *asked;

  if (self->cancellable != NULL || !GTK_IS_WINDOW (root))
    return;
  asked = g_new0 (Asked, 1);
  asked->bar = g_object_ref (self);
  asked->backup = g_object_ref (backup);
  ub_compat_open (GTK_WINDOW (root),
                  UB_COMPAT_OPEN_FOLDER,
                  _ ("Choose where copies are saved"),
                  NULL,
                  chosen_cb,
                  asked);
}

/* --- buttons --- */

static void
stop_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbSaveBar *self = UB_SAVE_BAR (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
show_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbSaveBar *self = UB_SAVE_BAR (widget);
  GtkRoot   *root = gtk_widget_get_root (widget);

  if (self->folder != NULL && GTK_IS_WINDOW (root))
    ub_compat_show_folder (GTK_WINDOW (root), self->folder);
}

static void
close_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  if (UB_SAVE_BAR (widget)->cancellable == NULL)
    gtk_widget_set_visible (widget, FALSE);
}

/* --- life --- */

/* the window is closed */
static void
ub_save_bar_unrealize (GtkWidget *widget)
{
  UbSaveBar *self = UB_SAVE_BAR (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  GTK_WIDGET_CLASS (ub_save_bar_parent_class)->unrealize (widget);
}

static void
ub_save_bar_dispose (GObject *object)
{
  UbSaveBar *self = UB_SAVE_BAR (object);

  end (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_save_bar_parent_class)->dispose (object);
}

static void
ub_save_bar_finalize (GObject *object)
{
  g_free (UB_SAVE_BAR (object)->folder);
  G_OBJECT_CLASS (ub_save_bar_parent_class)->finalize (object);
}

static void
ub_save_bar_class_init (UbSaveBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_save_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_save_bar_finalize;
  widget_class->unrealize = ub_save_bar_unrealize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-save-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, box);
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, label);
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, bar);
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, stop);
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, show);
  gtk_widget_class_bind_template_child (widget_class, UbSaveBar, close);
  gtk_widget_class_install_action (widget_class, "save.stop", NULL, stop_cb);
  gtk_widget_class_install_action (widget_class, "save.show-folder", NULL, show_cb);
  gtk_widget_class_install_action (widget_class, "save.close", NULL, close_cb);
}

static void
ub_save_bar_init (UbSaveBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
