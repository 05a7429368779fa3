/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-support-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/ub-compat.h"
#include "app/ub-words.h"
#include "base/ub-place.h"

/**
 * UbSupportDialog:
 *
 * What goes to support, to be read before it goes anywhere: it was copied when the dialog came.
 */
struct _UbSupportDialog
{
  GtkWindow parent_instance;

  /* template */
  GtkLabel      *status;
  GtkTextView   *view;
  GtkTextBuffer *buffer;
};

G_DEFINE_FINAL_TYPE (UbSupportDialog, ub_support_dialog, GTK_TYPE_WINDOW)

static void
say (UbSupportDialog *self, const char *words)
{
  gtk_label_set_label (self->status, words);
  ub_compat_announce (GTK_WIDGET (self->status), words);
}

static char *
dup_text (UbSupportDialog *self)
{
  GtkTextIter begin, end;

  gtk_text_buffer_get_bounds (self->buffer, &begin, &end);
  return gtk_text_buffer_get_text (self->buffer, &begin, &end, FALSE);
}

static void
copy (UbSupportDialog *self)
{
  g_autofree char *text = dup_text (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  say (self, _ ("Copied. IMEI, serial numbers and MAC addresses are masked."));
}

static void
copy_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  copy (UB_SUPPORT_DIALOG (widget));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbSupportDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_parse_name (G_FILE (source));
  g_autofree char *name = ub_words_shorten_path (path);
  g_autofree char *why = NULL;
  g_autofree char *words = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    why = ub_place_dup_shown_text (error->message);
  /* closed meanwhile */
  if (self->status == NULL)
    return;
  if (why == NULL)
    /* Translators: %s is a path */
    words = g_strdup_printf (_ ("Saved: %s"), name);
  else
    /* Translators: %s is a reason */
    words = g_strdup_printf (_ ("Not saved: %s"), why);
  say (self, words);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbSupportDialog *self = UB_SUPPORT_DIALOG (source);
  g_autoptr (GFile) folder = ub_compat_open_finish (result, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = g_date_time_format (now, "unbrick-support-%Y%m%d-%H%M%S.txt");
  g_autofree char *text = self->view != NULL ? dup_text (self) : NULL;
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (GFile) file = folder != NULL ? g_file_get_child (folder, name) : NULL;

  if (file != NULL && bytes != NULL)
    g_file_replace_contents_bytes_async (file,
                                         bytes,
                                         NULL,
                                         FALSE,
                                         G_FILE_CREATE_PRIVATE,
                                         NULL,
                                         saved_cb,
                                         g_object_ref (self));
}

static void
save_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_open (GTK_WINDOW (widget),
                  UB_COMPAT_OPEN_FOLDER,
                  _ ("Save to which folder?"),
                  NULL,
                  folder_chosen_cb,
                  NULL);
}

static void
ub_support_dialog_class_init (UbSupportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/unbrick/Unbrick/ui/ub-support-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UbSupportDialog, status);
  gtk_widget_class_bind_template_child (widget_class, UbSupportDialog, view);
  gtk_widget_class_bind_template_child (widget_class, UbSupportDialog, buffer);
  gtk_widget_class_install_action (widget_class, "support.copy", NULL, copy_cb);
  gtk_widget_class_install_action (widget_class, "support.save", NULL, save_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ub_support_dialog_init (UbSupportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ub_support_dialog_present (GtkWindow *parent, const char *text)
{
  UbSupportDialog *self = g_object_new (UB_TYPE_SUPPORT_DIALOG, "transient-for", parent, NULL);

  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_window_present (GTK_WINDOW (self));
  copy (self);
}
