/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/ub-compat.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"
#include "base/ub-place.h"

/* a report that waits for a place, then for the disk */
typedef struct
{
  GtkWindow *window;
  GBytes    *text;
  gboolean   was_there; /* a file that is replaced, and stays as it was if that fails */
} Saving;

static void
saving_free (Saving *self)
{
  g_object_unref (self->window);
  g_bytes_unref (self->text);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saving, saving_free)

static void
show_trouble (Saving *self, const GError *error)
{
  const char *const buttons[] = { _ ("_Close"), NULL };
  g_autofree char  *why = ub_place_dup_shown_text (error->message);

  ub_compat_ask (self->window, _ ("The report could not be saved"), why, buttons, NULL, NULL);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Saving) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_parse_name (G_FILE (source));
  g_autofree char *shown = ub_words_shorten_path (path);
  g_autofree char *words = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    {
      /* half a report is none */
      if (!self->was_there)
        g_file_delete (G_FILE (source), NULL, NULL);
      show_trouble (self, error);
      return;
    }
  /* Translators: %s is a file */
  words = g_strdup_printf (_ ("Saved: %s"), shown);
  ub_compat_announce (GTK_WIDGET (self->window), words);
}

static Saving *
saving_new (GtkWindow *window, const char *json)
{
  g_autofree char *text = ub_report_dup_sendable (json);
  Saving          *self = g_new0 (Saving, 1);

  self->window = g_object_ref (window);
  self->text = g_bytes_new (text, strlen (text));
  return self;
}

/* takes @self */
static void
save (Saving *self, GFile *file)
{
  self->was_there = g_file_query_exists (file, NULL);
  g_file_replace_contents_bytes_async (file,
                                       self->text,
                                       NULL,
                                       FALSE,
                                       G_FILE_CREATE_NONE,
                                       NULL,
                                       written_cb,
                                       self);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Saving) self = user_data;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);

  if (file != NULL)
    save (g_steal_pointer (&self), file);
}

void
ub_window_save_report (GtkWindow *window, const char *json, GDateTime *time)
{
  g_autofree char *when = g_date_time_format (time, "%Y-%m-%d %H.%M.%S");
  g_autofree char *name = g_strdup_printf ("Unbrick report %s.json", when);

  ub_compat_save (window, _ ("Save the report"), name, chosen_cb, saving_new (window, json));
}

void
ub_window_save_report_to (GtkWindow *window, const char *json, GFile *file)
{
  save (saving_new (window, json), file);
}

static void
save_report_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow        *self = UB_WINDOW (widget);
  g_autofree char *json = self->report != NULL ? ub_report_to_json (self->report) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (json != NULL)
    ub_window_save_report (GTK_WINDOW (self), json, now);
}

void
ub_window_save_init_class (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.save-report", NULL, save_report_cb);
}
