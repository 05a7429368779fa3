/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-settings.h"
#include "app/ub-single-dialog.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"
#include "base/ub-error.h"
#include "base/ub-place.h"

void
ub_window_open (UbWindow *self, const char *path)
{
  /* a dialog may answer when the window is gone */
  if (self->history == NULL || ub_window_is_running (self))
    return;
  /* a single image is no firmware: to which part? */
  if (g_str_has_suffix (path, ".img") && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      ub_single_dialog_present (self, path, FALSE);
      return;
    }
  gtk_stack_set_visible_child_name (self->pages, "download");
  ub_window_set_end (self, NULL, NULL, NULL);
  ub_download_page_open (self->page, path);
}

void
ub_window_open_file (UbWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = g_file_get_parse_name (file);
  g_autoptr (GError) error = NULL;

  if (path != NULL)
    {
      ub_window_open (self, path);
      return;
    }
  if (self->history == NULL || ub_window_is_running (self))
    return;
  error =
      g_error_new (UB_ERROR, UB_ERROR_FILE_READ, "%s is not in a folder of this computer", name);
  ub_window_job_show_trouble (self, error);
}

/* --- choosing --- */

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);

  if (file != NULL)
    ub_window_open_file (UB_WINDOW (source), file);
}

/* the folder comes first: of a single file a sandbox sees nothing but the file */
static void
open_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_open (GTK_WINDOW (widget),
                  UB_COMPAT_OPEN_FOLDER,
                  _ ("Open a folder with firmware"),
                  NULL,
                  chosen_cb,
                  NULL);
}

static void
open_file_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_open (GTK_WINDOW (widget),
                  UB_COMPAT_OPEN_FILE,
                  _ ("Open a scatter file or an archive"),
                  NULL,
                  chosen_cb,
                  NULL);
}

/* --- a file without the rest --- */

/* the file that was opened, until its folder is chosen */
typedef struct
{
  UbWindow *window;
  char     *path;
  GError   *error; /* (nullable): it is of no use at all without its folder */
} Alone;

static void
alone_free (Alone *self)
{
  g_object_unref (self->window);
  g_free (self->path);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Alone, alone_free)

static void
give_up_alone (Alone *self)
{
  if (self->error != NULL && self->window->history != NULL)
    ub_window_job_show_trouble (self->window, self->error);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Alone) self = user_data;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *folder = file != NULL ? g_file_get_path (file) : NULL;

  if (folder == NULL)
    give_up_alone (self);
  else
    ub_window_open_in (self->window, folder, self->path);
}

static void
alone_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Alone) self = user_data;
  g_autofree char *folder = ub_place_dup_real_folder (self->path);
  GtkWindow       *window = GTK_WINDOW (self->window);

  if (ub_compat_ask_finish (result) != 1)
    give_up_alone (self);
  else
    ub_compat_open (window,
                    UB_COMPAT_OPEN_FOLDER,
                    _ ("Open a folder with firmware"),
                    folder,
                    folder_chosen_cb,
                    g_steal_pointer (&self));
}

void
ub_window_open_alone (UbWindow *self, const char *path, const GError *error)
{
  const char *const buttons[] = { _ ("Not Now"), _ ("Choose the Folder…"), NULL };
  g_autofree char  *name = g_filename_display_basename (path);
  g_autofree char  *detail = NULL;
  Alone            *alone = g_new0 (Alone, 1);

  alone->window = g_object_ref (self);
  alone->path = g_strdup (path);
  alone->error = error != NULL ? g_error_copy (error) : NULL;
  if (ub_place_is_document (path))
    /* Translators: %s is a file */
    detail =
        g_strdup_printf (_ ("You chose “%s” alone, so Unbrick sees nothing but this file. Choose "
                            "the folder it lies in."),
                         name);
  else
    /* Translators: %s is a file */
    detail = g_strdup_printf (_ ("None of the files that belong to “%s” lie beside it. Choose the "
                                 "folder with the whole firmware."),
                              name);
  ub_compat_ask (GTK_WINDOW (self),
                 _ ("The rest of the firmware cannot be seen"),
                 detail,
                 buttons,
                 alone_answered_cb,
                 alone);
}

void
ub_window_open_in (UbWindow *self, const char *folder, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  if (self->history == NULL || ub_window_is_running (self))
    return;
  gtk_stack_set_visible_child_name (self->pages, "download");
  ub_window_set_end (self, NULL, NULL, NULL);
  ub_download_page_open_in (self->page, folder, name);
}

/* --- opened lately --- */

/* its disk may only be unplugged: then the folder it was in is gone, too */
static gboolean
is_gone_for_good (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return ub_place_is_document (path) || g_file_test (folder, G_FILE_TEST_IS_DIR);
}

static void
say_gone (UbWindow *self, const char *path)
{
  gboolean         for_good = is_gone_for_good (path);
  g_autofree char *shown = ub_words_shorten_path (path);
  /* Translators: %s is a file or a folder */
  g_autofree char *words = g_strdup_printf (_ ("%s is not there any more"), shown);
  const char      *details = for_good ? _ ("It was taken off the list. Open the firmware again.")
                                      : _ ("Is its disk plugged in?");

  if (for_good)
    ub_settings_remove_recent (ub_application_get_settings (self->application),
                               "recent-firmware",
                               path);
  ub_window_show_recent (self);
  ub_window_set_end (self, NULL, words, details);
  ub_compat_announce (GTK_WIDGET (self), words);
}

static void
open_recent_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  const char *path = g_variant_get_string (parameter, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    ub_window_open (UB_WINDOW (widget), path);
  else
    say_gone (UB_WINDOW (widget), path);
}

void
ub_window_open_init_class (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_cb);
  gtk_widget_class_install_action (widget_class, "win.open-file", NULL, open_file_cb);
  gtk_widget_class_install_action (widget_class, "win.open-recent", "s", open_recent_cb);
}
