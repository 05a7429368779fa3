/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-question-dialog.h"
#include "app/ub-settings.h"
#include "app/ub-window-private.h"
#include "base/ub-error.h"
#include "engine/ub-aftermath.h"

/* --- how it ended --- */

static void
show_done (UbWindow *self, UbReport *report)
{
  UbMode      mode = ub_plan_get_mode (self->plan);
  gboolean    writes = mode != UB_MODE_READBACK && mode != UB_MODE_TEST && mode != UB_MODE_ERASE;
  const char *words = writes ? _ ("Done: everything was written") : _ ("Done");

  ub_job_bar_fill (self->bar);
  ub_done_view_set_report (self->done_view, report);
  ub_done_view_watch (self->done_view, ub_application_get_source (self->application));
  ub_window_set_end (self, "done", words, NULL);
  ub_compat_announce (GTK_WIDGET (self), words);
  ub_window_manners_notify (self, _ ("The phone is ready"), _ ("You can unplug it."), FALSE);
  ub_window_manners_sound (self, TRUE);
}

static void
show_stopped (UbWindow *self, UbReport *report)
{
  ub_job_bar_clear (self->bar);
  if (!ub_report_was_written (report))
    ub_window_set_end (self, NULL, _ ("Stopped. Nothing was written to the phone"), NULL);
  else if (ub_report_get_can_go_on (report) != NULL)
    ub_window_set_end (self,
                       NULL,
                       _ ("Stopped. The phone is only partly written"),
                       _ ("It may not start until the job is finished: press Go On."));
  else
    ub_window_set_end (self,
                       NULL,
                       _ ("Stopped. The phone is only partly written"),
                       _ ("It may not start until it is written again and that is finished."));
}

static void
show_failed (UbWindow *self, UbReport *report)
{
  const GError    *error = ub_report_get_error (report);
  const char      *journal = ub_report_get_can_go_on (report);
  g_autofree char *json = ub_report_to_json (report);

  ub_job_bar_clear (self->bar);
  ub_error_view_set (self->error_view, error, ub_report_was_written (report), json);
  if (journal != NULL)
    ub_error_view_set_go_on (self->error_view, journal);
  if (!ub_report_was_written (report))
    ub_window_set_end (self, "trouble", _ ("Not finished: nothing was written to the phone"), NULL);
  else
    ub_window_set_end (self,
                       "trouble",
                       _ ("Not finished: the phone is only partly written"),
                       journal != NULL ? _ ("Nothing is lost: press Go On.")
                                       : _ ("It has to be written again."));
  ub_compat_announce (GTK_WIDGET (self), ub_error_view_get_title (self->error_view));
  ub_window_manners_notify (self,
                            _ ("The phone is not finished"),
                            ub_error_view_get_title (self->error_view),
                            TRUE);
  ub_window_manners_sound (self, FALSE);
}

static void
show_end (UbWindow *self, UbReport *report)
{
  switch (ub_report_get_result (report))
    {
    case UB_RESULT_DONE:
      show_done (self, report);
      break;
    case UB_RESULT_CANCELLED:
      show_stopped (self, report);
      break;
    case UB_RESULT_FAILED:
      /* who said no knows why */
      if (g_error_matches (ub_report_get_error (report), UB_ERROR, UB_ERROR_NOT_AGREED))
        show_stopped (self, report);
      else
        show_failed (self, report);
      break;
    }
}

void
ub_window_job_show_trouble (UbWindow *self, const GError *error)
{
  g_info ("shown: %s", error->message);
  ub_job_bar_clear (self->bar);
  ub_error_view_set (self->error_view, error, FALSE, NULL);
  g_free (self->job_page);
  self->job_page = g_strdup (gtk_stack_get_visible_child_name (self->pages));
  ub_window_set_end (self, "trouble", NULL, NULL);
  ub_compat_announce (GTK_WIDGET (self), ub_error_view_get_title (self->error_view));
}

/* what was practised is no job of anybody's */
static void
keep_report (UbWindow *self, UbReport *report)
{
  g_autoptr (GError) error = NULL;

  if (ub_application_get_practice (self->application))
    return;
  /* nobody came, nothing was done */
  if (ub_report_get_result (report) == UB_RESULT_CANCELLED && ub_report_get_phone (report) == NULL)
    return;
  if (!ub_history_add (self->history, report, &error))
    g_warning ("the report could not be saved: %s", error->message);
}

void
ub_window_job_set_outcome (UbWindow *self, int kind)
{
  g_autoptr (GError) error = NULL;

  /* the window goes away, and the page with it */
  if (self->history == NULL || self->report == NULL)
    return;
  ub_report_set_after (self->report, ub_aftermath_to_string ((UbAftermathKind) kind));
  if (ub_application_get_practice (self->application))
    return;
  /* the same file, with one line more */
  if (!ub_report_save (self->report, ub_history_get_folder (self->history), NULL, &error))
    g_warning ("the report could not be saved: %s", error->message);
  else
    ub_history_reload (self->history);
}

static void
drop_job (UbWindow *self)
{
  ub_job_bar_set_session (self->bar, NULL);
  ub_phone_panel_set_session (self->panel, NULL);
  g_clear_object (&self->session);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->agents, g_strfreev);
  ub_window_manners_uninhibit (self);
  ub_download_page_set_locked (self->page, FALSE);
  g_object_notify (G_OBJECT (self), "running");
}

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbWindow) self = user_data;
  g_autoptr (UbReport) report = ub_session_run_finish (UB_SESSION (source), result);

  /* the window went away without asking: its children are gone, too */
  if (self->history == NULL)
    {
      g_clear_object (&self->session);
      return;
    }
  drop_job (self);
  keep_report (self, report);
  if (self->close_when_done)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  g_set_object (&self->report, report);
  ub_phone_panel_set_result (self->panel, ub_report_get_result (report));
  show_end (self, report);
  ub_window_journal_show (self, FALSE);
  ub_window_actions_update (self);
  g_signal_emit_by_name (self, "finished", report);
}

/* --- how it begins --- */

/* the ones chosen on the first page, then all others that are known: a job without a firmware does
 * not say which chip will come */
static char **
dup_agents (UbWindow *self, UbPlan *plan)
{
  g_auto (GStrv) chosen = ub_download_page_dup_agents (self->page);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) known = NULL;

  if (ub_plan_get_firmware (plan) != NULL &&
      ub_plan_get_firmware (plan) == ub_download_page_get_firmware (self->page))
    return g_steal_pointer (&chosen);
  known = ub_firmware_loader_list_agents (ub_application_get_loader (self->application));
  g_strv_builder_addv (builder, (const char **) chosen);
  for (guint i = 0; known != NULL && i < known->len; i++)
    if (!g_strv_contains ((const char *const *) chosen, g_ptr_array_index (known, i)))
      g_strv_builder_add (builder, g_ptr_array_index (known, i));
  return g_strv_builder_end (builder);
}

static void
question_cb (UbWindow *self)
{
  UbQuestion *question = ub_session_get_question (self->session);

  if (question == NULL)
    return;
  ub_question_dialog_present (GTK_WINDOW (self), self->session);
  ub_window_manners_notify (self, question->title, question->text, TRUE);
  ub_window_manners_sound (self, FALSE);
}

static void
plan_cb (UbWindow *self)
{
  UbPlan *plan = ub_session_get_plan (self->session);

  if (plan != NULL)
    ub_download_page_show_checked (self->page, plan);
}

/* a phone in its boot ROM needs the memory settings of a preloader, and without a firmware nobody has them */
static char **
dup_preloaders (UbWindow *self, UbPlan *plan)
{
  UbFirmware *lender =
      ub_plan_get_firmware (plan) == NULL ? ub_download_page_get_firmware (self->page) : NULL;
  GPtrArray *paths = lender != NULL ? ub_firmware_get_preloaders (lender) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (paths, i));
  return g_strv_builder_end (builder);
}

static UbSession *
new_session (UbWindow *self, UbPlan *plan, UbJournal *journal)
{
  GSettings *settings = ub_application_get_settings (self->application);
  int        days = ub_settings_get_int (settings, "copies-max-days", UB_SETTINGS_COPIES_MAX_DAYS);
  int        gigabytes =
      ub_settings_get_int (settings, "copies-max-gigabytes", UB_SETTINGS_COPIES_MAX_GIGABYTES);
  g_auto (GStrv) preloaders = dup_preloaders (self, plan);
  g_autofree char       *auth = ub_settings_dup_path (settings, "auth-file");
  g_autofree char       *cert = ub_settings_dup_path (settings, "cert-file");
  g_autofree char       *key = ub_settings_dup_path (settings, "key-file");
  const UbSessionOptions options = {
    .agent = ub_download_page_get_agent (self->page),
    .agents = (const char *const *) self->agents,
    .preloaders = (const char *const *) preloaders,
    .auth_file = auth,
    .cert_file = cert,
    .key_file = key,
    .trace = TRUE,
    .copies_folder = ub_application_get_copies_folder (self->application),
    .journal_folder = ub_application_get_journal_folder (self->application),
    .journal = journal,
    .may_ask = TRUE,
    .copies_max_days = (guint) MAX (days, 0),
    .copies_max_bytes = (guint64) MAX (gigabytes, 0) * 1000 * 1000 * 1000,
  };

  return ub_session_new (plan, ub_application_get_source (self->application), &options);
}

static void
watch_session (UbWindow *self)
{
  g_signal_connect_object (self->session,
                           "notify::question",
                           G_CALLBACK (question_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session,
                           "notify::plan",
                           G_CALLBACK (plan_cb),
                           self,
                           G_CONNECT_SWAPPED);
  ub_window_manners_follow (self);
  ub_job_bar_clear (self->bar);
  ub_job_bar_set_session (self->bar, self->session);
  if (ub_plan_get_firmware (self->plan) != NULL)
    ub_phone_panel_set_firmware (self->panel, ub_plan_get_firmware (self->plan));
  ub_phone_panel_set_session (self->panel, self->session);
}

static gboolean
find_agents (UbWindow *self, UbPlan *plan)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->agents, g_strfreev);
  self->agents = dup_agents (self, plan);
  /* the firmware's own are tried, too */
  if (*self->agents != NULL || ub_plan_get_firmware (plan) != NULL)
    return TRUE;
  error = g_error_new_literal (UB_ERROR, UB_ERROR_NO_AGENT, "no download agent at hand");
  ub_window_job_show_trouble (self, error);
  return FALSE;
}

void
ub_window_job_start (UbWindow *self, UbPlan *plan, UbJournal *journal)
{
  if (ub_window_is_running (self) || ub_application_get_source (self->application) == NULL)
    return;
  g_set_object (&self->plan, plan);
  if (!find_agents (self, plan))
    return;
  g_free (self->job_page);
  self->job_page = g_strdup (gtk_stack_get_visible_child_name (self->pages));
  ub_window_set_end (self, NULL, NULL, NULL);
  ub_done_view_end_watch (self->done_view);
  ub_journal_bar_set_journal (self->journal_bar, NULL);
  self->cancellable = g_cancellable_new ();
  self->session = new_session (self, plan, journal);
  ub_download_page_set_locked (self->page, TRUE);
  watch_session (self);
  ub_session_run_async (self->session, self->cancellable, finished_cb, g_object_ref (self));
  ub_window_actions_update (self);
  g_object_notify (G_OBJECT (self), "running");
}

void
ub_window_job_stop (UbWindow *self)
{
  if (!ub_window_is_running (self))
    return;
  ub_job_bar_set_stopping (self->bar);
  g_cancellable_cancel (self->cancellable);
  ub_window_actions_update (self);
}

/* --- plans that are made in a thread --- */

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow *self = UB_WINDOW (source);
  g_autoptr (UbJournal) journal = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPlan) plan = g_task_propagate_pointer (G_TASK (result), &error);

  g_clear_object (&self->cancellable);
  if (self->history == NULL)
    return;
  ub_window_set_end (self, NULL, NULL, NULL);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ub_window_job_show_trouble (self, error);
  else if (plan != NULL && journal != NULL)
    ub_window_job_start (self, plan, journal);
  else if (plan != NULL)
    ub_window_start_plan (self, plan);
  ub_window_actions_update (self);
}

void
ub_window_job_prepare (UbWindow       *self,
                       UbJournal      *journal,
                       GTaskThreadFunc make_plan,
                       gpointer        data,
                       GDestroyNotify  destroy)
{
  g_autoptr (GTask) task = NULL;

  self->cancellable = g_cancellable_new ();
  task = g_task_new (self,
                     self->cancellable,
                     prepared_cb,
                     journal != NULL ? g_object_ref (journal) : NULL);
  g_task_set_task_data (task, data, destroy);
  ub_job_bar_clear (self->bar);
  ub_job_bar_set_words (self->bar, _ ("Looking at the files"), NULL);
  ub_window_actions_update (self);
  g_task_run_in_thread (task, make_plan);
}

/* what is to be put back, and from where */
typedef struct
{
  char *folder;
  char *name;
} PutBack;

static void
put_back_free (gpointer data)
{
  PutBack *put_back = data;

  g_free (put_back->folder);
  g_free (put_back->name);
  g_free (put_back);
}

static void
put_back_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const PutBack    *put_back = data;
  const char *const names[] = { put_back->name, NULL };
  GError           *error = NULL;
  g_autoptr (UbBackup) backup = ub_backup_open (put_back->folder, &error);

  if (backup == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, ub_plan_new_restore (backup, names, FALSE), g_object_unref);
}

static const char *
find_written (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == UB_STEP_WRITE)
        return step->name;
    }
  return NULL;
}

void
ub_window_job_put_back (UbWindow *self)
{
  UbPlan     *plan = self->report != NULL ? ub_report_get_plan (self->report) : NULL;
  const char *name = plan != NULL ? find_written (plan) : NULL;
  PutBack    *put_back;

  if (ub_window_is_running (self) || name == NULL || ub_report_get_copy (self->report) == NULL)
    return;
  put_back = g_new0 (PutBack, 1);
  put_back->folder = g_strdup (ub_report_get_copy (self->report));
  put_back->name = g_strdup (name);
  ub_window_job_prepare (self, NULL, put_back_thread, put_back, put_back_free);
}
