/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "app/ub-settings.h"
#include "app/ub-sound.h"
#include "app/ub-support-dialog.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"

/* of what is told when nobody looks */
#define NOTIFICATION "job"

/* --- telling who looks elsewhere --- */

void
ub_window_manners_notify (UbWindow *self, const char *title, const char *body, gboolean urgent)
{
  g_autoptr (GNotification) notification = NULL;

  /* without a bus there is nobody to show it */
  if (gtk_window_is_active (GTK_WINDOW (self)) ||
      g_application_get_dbus_connection (G_APPLICATION (self->application)) == NULL)
    return;
  notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.show");
  g_notification_set_priority (notification,
                               urgent ? G_NOTIFICATION_PRIORITY_HIGH
                                      : G_NOTIFICATION_PRIORITY_NORMAL);
  g_application_send_notification (G_APPLICATION (self->application), NOTIFICATION, notification);
}

void
ub_window_manners_withdraw (UbWindow *self)
{
  if (g_application_get_dbus_connection (G_APPLICATION (self->application)) != NULL)
    g_application_withdraw_notification (G_APPLICATION (self->application), NOTIFICATION);
}

static void
active_cb (UbWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    ub_window_manners_withdraw (self);
}

void
ub_window_manners_init (UbWindow *self)
{
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
  /* closed: nobody is needed any more */
  g_signal_connect (self, "unrealize", G_CALLBACK (ub_window_manners_withdraw), NULL);
}

void
ub_window_manners_sound (UbWindow *self, gboolean good)
{
  if (ub_settings_get_boolean (ub_application_get_settings (self->application), "sound-at-end"))
    ub_sound_play (GTK_WIDGET (self), good ? UB_SOUND_GOOD : UB_SOUND_BAD);
}

/* --- while a job runs --- */

static void
inhibit (UbWindow *self)
{
  if (self->inhibit_cookie == 0)
    self->inhibit_cookie =
        gtk_application_inhibit (GTK_APPLICATION (self->application),
                                 GTK_WINDOW (self),
                                 GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_IDLE |
                                     GTK_APPLICATION_INHIBIT_LOGOUT,
                                 _ ("A phone is being written"));
}

void
ub_window_manners_uninhibit (UbWindow *self)
{
  if (self->inhibit_cookie != 0)
    gtk_application_uninhibit (GTK_APPLICATION (self->application), self->inhibit_cookie);
  self->inhibit_cookie = 0;
}

/* from when the phone is there: waiting for somebody with a phone in hand may take a day */
static void
state_cb (UbWindow *self)
{
  UbSessionState state = ub_session_get_state (self->session);

  if (state <= UB_SESSION_WAITING || state >= UB_SESSION_DONE)
    return;
  self->begun = TRUE;
  inhibit (self);
}

/* what needs hands, from somebody who may have gone for a coffee. To plug it in was said when the job began */
static void
request_cb (UbWindow *self)
{
  UbRequest request = ub_session_get_request (self->session);

  switch (request)
    {
    case UB_REQUEST_GO_ON:
      ub_window_manners_notify (self,
                                _ ("The cable came off"),
                                _ ("Nothing is lost: plug the phone in again, and it goes on."),
                                TRUE);
      ub_window_manners_sound (self, FALSE);
      break;
    case UB_REQUEST_REPLUG:
    case UB_REQUEST_PERMISSION:
    case UB_REQUEST_OTHER_PHONE:
    case UB_REQUEST_BATTERY:
      ub_window_manners_notify (self,
                                _ ("The phone needs you"),
                                ub_request_get_text (request),
                                TRUE);
      break;
    default:
      break;
    }
}

void
ub_window_manners_follow (UbWindow *self)
{
  self->begun = FALSE;
  ub_window_manners_withdraw (self);
  g_signal_connect_object (self->session,
                           "notify::state",
                           G_CALLBACK (state_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session,
                           "notify::request",
                           G_CALLBACK (request_cb),
                           self,
                           G_CONNECT_SWAPPED);
  ub_support_follow (ub_application_get_support (self->application), self->session);
}

/* --- what others want of us meanwhile --- */

static gboolean
has_dialog (UbWindow *self)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (window != GTK_WINDOW (self) && gtk_window_get_modal (window) &&
          gtk_widget_get_visible (GTK_WIDGET (window)))
        return TRUE;
    }
  return FALSE;
}

gboolean
ub_window_is_busy (UbWindow *self)
{
  return ub_window_is_running (self) || has_dialog (self);
}

void
ub_window_manners_show_offer (UbWindow *self)
{
  g_autofree char *name = self->offered != NULL ? ub_words_shorten_path (self->offered) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->offer_banner, name != NULL);
  if (name == NULL)
    return;
  /* Translators: %s is the path of a firmware */
  text = g_strdup_printf (ub_window_is_running (self)
                              ? _ ("A job is running. “%s” can be opened when it is over.")
                              : _ ("“%s” is waiting to be opened."),
                          name);
  if (!g_str_equal (gtk_label_get_label (self->offer_label), text))
    gtk_label_set_label (self->offer_label, text);
}

void
ub_window_offer (UbWindow *self, const char *path)
{
  g_free (self->offered);
  self->offered = g_strdup (path);
  ub_window_manners_show_offer (self);
}

void
ub_window_manners_open_offered (UbWindow *self, gboolean open)
{
  g_autofree char *path = g_steal_pointer (&self->offered);

  ub_window_manners_show_offer (self);
  if (open && path != NULL)
    ub_window_open (self, path);
}

gboolean
ub_window_end (UbWindow *self)
{
  if (self->session == NULL)
    return FALSE;
  if (!self->close_when_done)
    ub_window_job_stop (self);
  self->close_when_done = TRUE;
  return TRUE;
}

/* --- support --- */

/* of this run, else of the one before; (transfer full) (nullable) */
static char *
dup_last_report (UbWindow *self)
{
  g_autoptr (UbHistoryEntry) entry = NULL;

  if (self->report != NULL)
    return ub_report_to_json (self->report);
  entry = g_list_model_get_item (G_LIST_MODEL (self->history), 0);
  return entry != NULL ? ub_history_read (ub_history_entry_get_path (entry)) : NULL;
}

char *
ub_window_dup_support_text (UbWindow *self, const char *report)
{
  UbSupport           *support = ub_application_get_support (self->application);
  g_autofree char     *json = report != NULL ? ub_history_read (report) : dup_last_report (self);
  const UbSupportFacts facts = { .firmware = ub_download_page_get_firmware (self->page),
                                 .agent = ub_download_page_get_agent (self->page),
                                 .report = json,
                                 .journals =
                                     ub_application_get_journal_folder (self->application) };

  return ub_support_dup_text (support, &facts);
}

void
ub_window_manners_support (UbWindow *self, const char *report)
{
  g_autofree char *text = ub_window_dup_support_text (self, *report != '\0' ? report : NULL);

  ub_support_dialog_present (GTK_WINDOW (self), text);
}
