/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-window.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-settings.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"

G_DEFINE_FINAL_TYPE (UbWindow, ub_window, GTK_TYPE_APPLICATION_WINDOW)

gboolean
ub_window_is_running (UbWindow *self)
{
  return self->session != NULL;
}

static void
show_readiness (UbWindow *self)
{
  const char *reason = ub_download_page_get_reason (self->page);

  if (ub_window_is_running (self))
    return;
  if (reason != NULL)
    ub_job_bar_set_words (self->bar, reason, NULL);
  else
    ub_job_bar_set_words (self->bar, _ ("Ready: press Download, then plug the phone in"), NULL);
}

static void
page_changed_cb (UbWindow *self)
{
  show_readiness (self);
  ub_window_actions_update (self);
}

/* --- recent firmware --- */

void
ub_window_show_recent (UbWindow *self)
{
  GSettings *settings = ub_application_get_settings (self->application);
  g_auto (GStrv) recent = ub_settings_get_list (settings, "recent-firmware");
  g_autoptr (GMenu) section = g_menu_new ();
  g_autoptr (GMenu) others = g_menu_new ();

  g_menu_remove_all (self->recent_menu);
  for (guint i = 0; recent[i] != NULL; i++)
    {
      g_autofree char *text = ub_words_shorten_path (recent[i]);
      g_autoptr (GMenuItem) item = g_menu_item_new (text, NULL);

      g_menu_item_set_action_and_target (item, "win.open-recent", "s", recent[i]);
      g_menu_append_item (section, item);
    }
  g_menu_append_section (self->recent_menu, NULL, G_MENU_MODEL (section));
  g_menu_append (others, _ ("Open File or Archive…"), "win.open");
  g_menu_append (others, _ ("Open Folder…"), "win.open-folder");
  g_menu_append_section (self->recent_menu, NULL, G_MENU_MODEL (others));
}

static void
page_opened_cb (UbWindow *self, const char *path)
{
  /* what is practised with is nobody's firmware */
  if (!ub_application_get_practice (self->application))
    ub_settings_add_recent (ub_application_get_settings (self->application),
                            "recent-firmware",
                            path);
  ub_window_show_recent (self);
  ub_job_bar_clear (self->bar);
}

void
ub_window_open (UbWindow *self, const char *path)
{
  if (ub_window_is_running (self))
    return;
  gtk_stack_set_visible_child_name (self->pages, "download");
  ub_download_page_open (self->page, path);
}

/* --- a job --- */

static void
notify_end (UbWindow *self, const char *title, const char *body)
{
  g_autoptr (GNotification) notification = NULL;

  if (gtk_window_is_active (GTK_WINDOW (self)))
    return;
  notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_application_send_notification (G_APPLICATION (self->application), "job", notification);
}

static void
show_done (UbWindow *self, UbReport *report)
{
  const char *words = _ ("Done: everything was written");

  ub_job_bar_fill (self->bar);
  ub_job_bar_set_words (self->bar, words, NULL);
  ub_compat_announce (GTK_WIDGET (self), words);
  ub_download_page_show_done (self->page, report);
  notify_end (self, _ ("The phone is written"), _ ("You can unplug it."));
}

static void
show_stopped (UbWindow *self, UbReport *report)
{
  ub_job_bar_clear (self->bar);
  ub_download_page_show_table (self->page);
  if (ub_report_was_written (report))
    ub_job_bar_set_words (self->bar,
                          _ ("Stopped. The phone is only partly written"),
                          _ ("It may not start until you press Download again and let it finish."));
  else
    ub_job_bar_set_words (self->bar, _ ("Stopped. Nothing was written to the phone"), NULL);
}

static void
show_failed (UbWindow *self, UbReport *report)
{
  const GError    *error = ub_report_get_error (report);
  g_autofree char *json = ub_report_to_json (report);

  ub_job_bar_clear (self->bar);
  ub_download_page_show_error (self->page, error, ub_report_was_written (report), json);
  if (ub_report_was_written (report))
    ub_job_bar_set_words (self->bar,
                          _ ("Not finished: the phone is only partly written"),
                          _ ("Press Download to write it again."));
  else
    ub_job_bar_set_words (self->bar, _ ("Not finished: nothing was written to the phone"), NULL);
  notify_end (self, _ ("The phone was not written"), error->message);
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

static void
drop_job (UbWindow *self)
{
  ub_job_bar_set_session (self->bar, NULL);
  ub_phone_panel_set_session (self->panel, NULL);
  g_clear_object (&self->session);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->agents, g_strfreev);
  if (self->inhibit_cookie != 0)
    gtk_application_uninhibit (GTK_APPLICATION (self->application), self->inhibit_cookie);
  self->inhibit_cookie = 0;
  ub_download_page_set_locked (self->page, FALSE);
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
  ub_phone_panel_set_result (self->panel, ub_report_get_result (report));
  switch (ub_report_get_result (report))
    {
    case UB_RESULT_DONE:
      show_done (self, report);
      break;
    case UB_RESULT_CANCELLED:
      show_stopped (self, report);
      break;
    case UB_RESULT_FAILED:
      show_failed (self, report);
      break;
    }
  ub_window_actions_update (self);
}

void
ub_window_start (UbWindow *self)
{
  UbPlan          *plan = ub_download_page_get_plan (self->page);
  UbLinkSource    *source = ub_application_get_source (self->application);
  UbSessionOptions options = { .trace = TRUE };

  if (ub_window_is_running (self) || plan == NULL || source == NULL ||
      ub_download_page_get_reason (self->page) != NULL)
    return;
  self->agents = ub_download_page_dup_agents (self->page);
  options.agents = (const char *const *) self->agents;
  self->cancellable = g_cancellable_new ();
  self->session = ub_session_new (plan, source, &options);
  self->inhibit_cookie =
      gtk_application_inhibit (GTK_APPLICATION (self->application),
                               GTK_WINDOW (self),
                               GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_LOGOUT,
                               _ ("A phone is being written"));
  gtk_stack_set_visible_child_name (self->pages, "download");
  ub_download_page_show_table (self->page);
  ub_download_page_set_locked (self->page, TRUE);
  ub_job_bar_clear (self->bar);
  ub_job_bar_set_session (self->bar, self->session);
  ub_phone_panel_set_session (self->panel, self->session);
  ub_session_run_async (self->session, self->cancellable, finished_cb, g_object_ref (self));
  ub_window_actions_update (self);
}

void
ub_window_stop (UbWindow *self)
{
  if (!ub_window_is_running (self))
    return;
  ub_job_bar_set_stopping (self->bar);
  g_cancellable_cancel (self->cancellable);
  ub_window_actions_update (self);
}

/* --- closing --- */

static void
close_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow *self = UB_WINDOW (source);

  if (ub_compat_ask_finish (result) != 1)
    return;
  if (!ub_window_is_running (self))
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  self->close_when_done = TRUE;
  ub_window_stop (self);
}

static void
remember_size (UbWindow *self)
{
  GSettings *settings = ub_application_get_settings (self->application);
  gboolean   maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  int        width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  ub_settings_set_boolean (settings, "window-maximized", maximized);
  if (maximized || width < 640 || height < 480)
    return;
  ub_settings_set_int (settings, "window-width", width);
  ub_settings_set_int (settings, "window-height", height);
}

static gboolean
ub_window_close_request (GtkWindow *window)
{
  const char *const buttons[] = { _ ("Keep Writing"), _ ("Stop and Close"), NULL };
  UbWindow         *self = UB_WINDOW (window);

  remember_size (self);
  if (!ub_window_is_running (self))
    return FALSE;
  if (ub_session_get_state (self->session) <= UB_SESSION_WAITING)
    {
      self->close_when_done = TRUE;
      ub_window_stop (self);
      return TRUE;
    }
  ub_compat_ask (window,
                 _ ("Stop writing the phone?"),
                 _ ("A phone that is only partly written may not start until it is written again."),
                 buttons,
                 close_answered_cb,
                 NULL);
  return TRUE;
}

/* --- the source --- */

void
ub_window_set_source (UbWindow *self, UbLinkSource *source)
{
  gboolean      practice = ub_application_get_practice (self->application);
  const GError *error = source != NULL ? ub_application_get_source_error (self->application) : NULL;

  ub_phone_panel_set_source (self->panel, source);
  ub_phone_panel_set_practice (self->panel, ub_application_has_plug (self->application), FALSE);
  gtk_widget_set_visible (self->practice_banner, practice);
  gtk_widget_set_visible (self->source_banner, error != NULL);
  if (error != NULL)
    {
      /* Translators: %s is a reason in English */
      g_autofree char *text =
          g_strdup_printf (_ ("The USB ports of this computer cannot be watched: %s"),
                           error->message);

      gtk_label_set_label (self->source_label, text);
    }
}

/* --- life --- */

static void
ub_window_dispose (GObject *object)
{
  UbWindow *self = UB_WINDOW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->panel != NULL)
    ub_phone_panel_set_source (self->panel, NULL);
  g_clear_object (&self->recent_menu);
  g_clear_object (&self->history);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->agents, g_strfreev);
  G_OBJECT_CLASS (ub_window_parent_class)->dispose (object);
}

static void
ub_window_class_init (UbWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = ub_window_close_request;
  g_type_ensure (UB_TYPE_DOWNLOAD_PAGE);
  g_type_ensure (UB_TYPE_HISTORY_PAGE);
  g_type_ensure (UB_TYPE_PHONE_PANEL);
  g_type_ensure (UB_TYPE_JOB_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UbWindow, practice_banner);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, source_banner);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, source_label);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, page);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, history_page);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, bar);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_opened_cb);
  ub_window_actions_init_class (widget_class);
}

static void
ub_window_init (UbWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->recent_menu = g_menu_new ();
  ub_download_page_set_recent (self->page, G_MENU_MODEL (self->recent_menu));
  self->history = ub_history_new (NULL);
  ub_history_page_set_history (self->history_page, self->history);
  ub_window_dnd_init (self);
}

UbWindow *
ub_window_new (UbApplication *application)
{
  UbWindow  *self = g_object_new (UB_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = ub_application_get_settings (application);

  self->application = application;
  gtk_window_set_default_size (GTK_WINDOW (self),
                               ub_settings_get_int (settings, "window-width", 1000),
                               ub_settings_get_int (settings, "window-height", 700));
  if (ub_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  ub_download_page_set_loader (self->page, ub_application_get_loader (application));
  ub_download_page_set_settings (self->page, settings);
  ub_window_show_recent (self);
  ub_window_set_source (self, ub_application_get_source (application));
  page_changed_cb (self);
  return self;
}
