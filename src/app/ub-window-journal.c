/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#include "app/ub-compat.h"
#include "app/ub-window-private.h"

/* what the thread that looks for journals needs */
typedef struct
{
  char    *folder; /* (nullable) */
  gboolean forget;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_free (search->folder);
  g_free (search);
}

static void
forget_all (const char *folder)
{
  g_autoptr (GPtrArray) journals = ub_journal_list (folder);

  for (guint i = 0; i < journals->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!ub_journal_remove (g_ptr_array_index (journals, i), &error))
        g_warning ("a journal could not be removed: %s", error->message);
    }
  g_rmdir (folder);
}

/* folders are named by the process whose they are */
static gboolean
is_alive (const char *name)
{
  guint64 pid = 0;

  return !g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT, &pid, NULL) ||
         (pid != (guint64) getpid () && (kill ((pid_t) pid, 0) == 0 || errno != ESRCH));
}

/* no practice phone outlives its program: what was not finished with it never will be */
static void
forget_dead (const char *own)
{
  g_autofree char *parent = g_path_get_dirname (own);
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (parent, name, NULL);

      if (!is_alive (name))
        forget_all (folder);
    }
}

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Search *search = data;

  if (search->forget && search->folder != NULL)
    forget_dead (search->folder);
  g_task_return_pointer (task,
                         ub_journal_list (search->folder),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow  *self = UB_WINDOW (source);
  GPtrArray *journals = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean   any = journals != NULL && journals->len > 0;

  g_clear_pointer (&self->journals, g_ptr_array_unref);
  self->journals = journals;
  /* the window went away meanwhile, and its children with it */
  if (self->history == NULL)
    return;
  /* the others are in the history */
  ub_history_page_set_journals (self->history_page, journals);
  ub_journal_bar_set_journal (self->journal_bar,
                              any && !ub_window_is_running (self) ? g_ptr_array_index (journals, 0)
                                                                  : NULL);
}

void
ub_window_journal_show (UbWindow *self, gboolean forget)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, listed_cb, NULL);
  Search *search = g_new0 (Search, 1);

  search->folder = g_strdup (ub_application_get_journal_folder (self->application));
  search->forget = forget;
  g_task_set_task_data (task, search, search_free);
  g_task_run_in_thread (task, list_thread);
}

static UbJournal *
find_journal (UbWindow *self, const char *path)
{
  for (guint i = 0; self->journals != NULL && i < self->journals->len; i++)
    if (g_str_equal (ub_journal_get_path (g_ptr_array_index (self->journals, i)), path))
      return g_object_ref (g_ptr_array_index (self->journals, i));
  return ub_journal_open (path, NULL);
}

/* --- going on --- */

static void
plan_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  UbPlan *plan = ub_journal_dup_plan (data, cancellable, &error);

  if (plan != NULL)
    g_task_return_pointer (task, plan, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ub_window_journal_go_on (UbWindow *self, const char *path)
{
  g_autoptr (UbJournal) journal = find_journal (self, path);

  if (journal == NULL)
    {
      ub_window_journal_show (self, FALSE);
      return;
    }
  ub_window_job_prepare (self, journal, plan_thread, g_object_ref (journal), g_object_unref);
}

/* --- giving up --- */

static void
given_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow *self = UB_WINDOW (source);
  g_autoptr (UbJournal) journal = user_data;
  g_autoptr (GError) error = NULL;

  if (ub_compat_ask_finish (result) != 1 || ub_window_is_running (self))
    return;
  if (!ub_journal_remove (journal, &error))
    ub_window_job_show_trouble (self, error);
  else
    ub_window_set_end (self, NULL, NULL, NULL);
  ub_window_journal_show (self, FALSE);
}

void
ub_window_journal_give_up (UbWindow *self, const char *path)
{
  const char *const buttons[] = { _ ("Keep It"), _ ("Give Up"), NULL };
  g_autoptr (UbJournal) journal = find_journal (self, path);

  if (journal == NULL)
    {
      ub_window_journal_show (self, FALSE);
      return;
    }
  ub_compat_ask (
      GTK_WINDOW (self),
      _ ("Give this job up?"),
      _ ("The phone stays as it is: only partly written. It may not start until it is written "
         "again from the beginning, and IMEI and calibration may not all be on it. They are in the "
         "safety copy on this computer; the page Readback puts them back."),
      buttons,
      given_up_cb,
      g_steal_pointer (&journal));
}
