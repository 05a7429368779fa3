/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-compat.h"

#if GTK_CHECK_VERSION(4, 10, 0)

static void
take_file (GTask *task, GFile *file, GError *error)
{
  if (file == NULL && !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);
  g_task_return_pointer (task, file, g_object_unref);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError        *error = NULL;
  GtkFileDialog *dialog = GTK_FILE_DIALOG (source);
  GFile         *file;

  if (g_task_get_task_data (task) != NULL)
    file = gtk_file_dialog_select_folder_finish (dialog, result, &error);
  else
    file = gtk_file_dialog_open_finish (dialog, result, &error);
  take_file (task, file, error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GFile  *file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, &error);

  take_file (task, file, error);
}

void
ub_compat_save (GtkWindow          *parent,
                const char         *title,
                const char         *name,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, title);
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog,
                        parent,
                        NULL,
                        saved_cb,
                        g_task_new (parent, NULL, callback, user_data));
}

void
ub_compat_open (GtkWindow          *parent,
                UbCompatOpen        what,
                const char         *title,
                const char         *folder,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GTask *task = g_task_new (parent, NULL, callback, user_data);

  gtk_file_dialog_set_title (dialog, title);
  if (folder != NULL)
    {
      g_autoptr (GFile) start = g_file_new_for_path (folder);

      gtk_file_dialog_set_initial_folder (dialog, start);
    }
  g_task_set_task_data (task, GINT_TO_POINTER (what == UB_COMPAT_OPEN_FOLDER), NULL);
  if (what == UB_COMPAT_OPEN_FOLDER)
    gtk_file_dialog_select_folder (dialog, parent, NULL, opened_cb, task);
  else
    gtk_file_dialog_open (dialog, parent, NULL, opened_cb, task);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  int answer = gtk_alert_dialog_choose_finish (GTK_ALERT_DIALOG (source), result, NULL);

  g_task_return_int (task, MAX (answer, 0));
}

void
ub_compat_ask (GtkWindow          *parent,
               const char         *message,
               const char         *detail,
               const char *const  *buttons,
               GAsyncReadyCallback callback,
               gpointer            user_data)
{
  g_autoptr (GtkAlertDialog) dialog = gtk_alert_dialog_new ("%s", message);

  gtk_alert_dialog_set_detail (dialog, detail);
  gtk_alert_dialog_set_buttons (dialog, buttons);
  gtk_alert_dialog_set_cancel_button (dialog, 0);
  gtk_alert_dialog_choose (dialog,
                           parent,
                           NULL,
                           answered_cb,
                           g_task_new (parent, NULL, callback, user_data));
}

void
ub_compat_show_folder (GtkWindow *parent, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);

  gtk_file_launcher_launch (launcher, parent, NULL, NULL, NULL);
}

#else

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GFile *file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_task_return_pointer (task, file, g_object_unref);
  g_object_unref (dialog);
}

static void
show_chooser (GtkWindow            *parent,
              GtkFileChooserNative *dialog,
              GAsyncReadyCallback   callback,
              gpointer              user_data)
{
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog,
                    "response",
                    G_CALLBACK (response_cb),
                    g_task_new (parent, NULL, callback, user_data));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ub_compat_open (GtkWindow          *parent,
                UbCompatOpen        what,
                const char         *title,
                const char         *folder,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  GtkFileChooserAction  action = what == UB_COMPAT_OPEN_FOLDER
                                     ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER
                                     : GTK_FILE_CHOOSER_ACTION_OPEN;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, parent, action, NULL, NULL);

  if (folder != NULL)
    {
      g_autoptr (GFile) start = g_file_new_for_path (folder);

      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), start, NULL);
    }
  show_chooser (parent, dialog, callback, user_data);
}

void
ub_compat_save (GtkWindow          *parent,
                const char         *title,
                const char         *name,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  show_chooser (parent, dialog, callback, user_data);
}

static void
answered_cb (GtkDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_int (task, MAX (response, 0));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

void
ub_compat_ask (GtkWindow          *parent,
               const char         *message,
               const char         *detail,
               const char *const  *buttons,
               GAsyncReadyCallback callback,
               gpointer            user_data)
{
  GtkWidget *dialog = gtk_message_dialog_new (parent,
                                              GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_QUESTION,
                                              GTK_BUTTONS_NONE,
                                              "%s",
                                              message);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", detail);
  for (int i = 0; buttons[i] != NULL; i++)
    gtk_dialog_add_button (GTK_DIALOG (dialog), buttons[i], i);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), 0);
  g_signal_connect (dialog,
                    "response",
                    G_CALLBACK (answered_cb),
                    g_task_new (parent, NULL, callback, user_data));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
ub_compat_show_folder (GtkWindow *parent, const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (parent, uri, GDK_CURRENT_TIME);
}

#endif

GFile *
ub_compat_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

int
ub_compat_ask_finish (GAsyncResult *result)
{
  return (int) g_task_propagate_int (G_TASK (result), NULL);
}

void
ub_compat_announce (GtkWidget *widget, const char *text)
{
#if GTK_CHECK_VERSION(4, 14, 0)
  gtk_accessible_announce (GTK_ACCESSIBLE (widget),
                           text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
#endif
}

/* the item's label, which it says it is labelled by, is one that tells nothing of itself */
static gboolean
mapped_cb (GSignalInvocationHint *hint, guint n, const GValue *values, gpointer user_data)
{
  GObject         *widget = g_value_get_object (&values[0]);
  g_autofree char *text = NULL;

  if (!g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkModelButton"))
    return TRUE;
  g_object_get (widget, "text", &text, NULL);
  if (text == NULL || *text == '\0')
    return TRUE;
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return TRUE;
}

gulong
ub_compat_name_menus (void)
{
  /* the class is GTK's own: nothing of it is known before the first menu */
  if (gtk_check_version (4, 10, 0) != NULL)
    return 0;
  /* its signals come with the class */
  g_type_class_unref (g_type_class_ref (GTK_TYPE_WIDGET));
  return g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET),
                                     0,
                                     mapped_cb,
                                     NULL,
                                     NULL);
}

void
ub_compat_name_menus_off (gulong hook)
{
  if (hook != 0)
    g_signal_remove_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), hook);
}

void
ub_compat_get_color (GtkWidget *widget, GdkRGBA *color)
{
#if GTK_CHECK_VERSION(4, 10, 0)
  gtk_widget_get_color (widget, color);
#else
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), color);
#endif
}
