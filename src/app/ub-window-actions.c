/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-help.h"
#include "app/ub-permission-dialog.h"
#include "app/ub-preferences.h"
#include "app/ub-single-dialog.h"
#include "app/ub-window-private.h"

static void
agent_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL || UB_WINDOW (source)->history == NULL)
    return;
  ub_window_set_end (UB_WINDOW (source), NULL, NULL, NULL);
  ub_download_page_add_agents (UB_WINDOW (source)->page, path);
}

static void
choose_agent_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_open (GTK_WINDOW (widget),
                  UB_COMPAT_OPEN_FILE,
                  _ ("Choose a download agent, or an archive with one"),
                  NULL,
                  agent_chosen_cb,
                  NULL);
}

static void
add_agents_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_open (GTK_WINDOW (widget),
                  UB_COMPAT_OPEN_FOLDER,
                  _ ("Choose a folder with download agents"),
                  NULL,
                  agent_chosen_cb,
                  NULL);
}

static void
start_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_start (UB_WINDOW (widget));
}

static void
stop_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_job_stop (UB_WINDOW (widget));
}

static void
again_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow *self = UB_WINDOW (widget);

  /* the first page may have got another agent or other ticks meanwhile */
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "download") == 0 &&
      self->plan == ub_download_page_get_plan (self->page))
    ub_window_start (self);
  else if (self->plan != NULL)
    ub_window_start_plan (self, self->plan);
}

static void
go_on_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_journal_go_on (UB_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
give_up_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_journal_give_up (UB_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
put_back_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_job_put_back (UB_WINDOW (widget));
}

static gboolean
is_expert (UbWindow *self)
{
  g_autoptr (GVariant) state = g_action_group_get_action_state (G_ACTION_GROUP (self), "expert");

  return state != NULL && g_variant_get_boolean (state);
}

static void
write_part_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow *self = UB_WINDOW (widget);

  ub_single_dialog_present (self, NULL, is_expert (self));
}

static void
show_folder_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_compat_show_folder (GTK_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
back_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow *self = UB_WINDOW (widget);

  ub_job_bar_clear (self->bar);
  ub_window_set_end (self, NULL, NULL, NULL);
  ub_window_actions_update (self);
}

static void
plug_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow *self = UB_WINDOW (widget);
  gboolean  in = !ub_phone_panel_get_plugged (self->panel);

  ub_application_plug (self->application, in);
  ub_phone_panel_set_practice (self->panel, ub_application_has_plug (self->application), in);
}

static void
preferences_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_preferences_show (GTK_WINDOW (widget), UB_WINDOW (widget)->application);
}

static void
files_changed_cb (UbWindow *self)
{
  ub_error_view_set_again (self->error_view);
  ub_window_show_go_on (self);
}

static void
maker_files_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbWindow     *self = UB_WINDOW (widget);
  UbMakerFiles *files = ub_preferences_show (GTK_WINDOW (self), self->application);

  ub_maker_files_focus (files);
  g_signal_connect_object (files,
                           "changed",
                           G_CALLBACK (files_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

static void
permission_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbLinkSource *source = ub_application_get_source (UB_WINDOW (widget)->application);

  if (source != NULL)
    ub_permission_dialog_present (GTK_WINDOW (widget), source);
}

static void
open_offered_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_manners_open_offered (UB_WINDOW (widget), TRUE);
}

static void
forget_offered_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_manners_open_offered (UB_WINDOW (widget), FALSE);
}

static void
support_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_window_manners_support (UB_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
shortcuts_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ub_help_show_shortcuts (GTK_WINDOW (widget));
}

static void
set_expert (UbWindow *self, GSimpleAction *action, gboolean expert)
{
  g_simple_action_set_state (action, g_variant_new_boolean (expert));
  ub_download_page_set_expert (self->page, expert);
}

static void
expert_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow *self = UB_WINDOW (source);
  GAction  *action = g_action_map_lookup_action (G_ACTION_MAP (self), "expert");

  if (ub_compat_ask_finish (result) == 1)
    set_expert (self, G_SIMPLE_ACTION (action), TRUE);
}

static void
change_expert_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  const char *const buttons[] = { _ ("Keep Them Safe"), _ ("Let Me Tick Them"), NULL };
  UbWindow         *self = user_data;

  if (!g_variant_get_boolean (state))
    {
      set_expert (self, action, FALSE);
      return;
    }
  ub_compat_ask (
      GTK_WINDOW (self),
      _ ("Tick protected parts?"),
      _ ("They hold what belongs to this one phone: its IMEI, the calibration of its radio and "
         "sensors, its serial number. "
         "Once overwritten, nobody can bring them back: the phone may have no network any more."),
      buttons,
      expert_answered_cb,
      NULL);
}

void
ub_window_actions_init_class (GtkWidgetClass *widget_class)
{
  ub_window_open_init_class (widget_class);
  ub_window_pages_init_class (widget_class);
  ub_window_save_init_class (widget_class);
  gtk_widget_class_install_action (widget_class, "win.choose-agent", NULL, choose_agent_cb);
  gtk_widget_class_install_action (widget_class, "win.add-agents", NULL, add_agents_cb);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_cb);
  gtk_widget_class_install_action (widget_class, "win.plug", NULL, plug_cb);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_cb);
  gtk_widget_class_install_action (widget_class, "win.choose-maker-files", NULL, maker_files_cb);
  gtk_widget_class_install_action (widget_class, "win.permission", NULL, permission_cb);
  gtk_widget_class_install_action (widget_class, "win.open-offered", NULL, open_offered_cb);
  gtk_widget_class_install_action (widget_class, "win.forget-offered", NULL, forget_offered_cb);
  gtk_widget_class_install_action (widget_class, "win.support", "s", support_cb);
  gtk_widget_class_install_action (widget_class, "win.show-shortcuts", NULL, shortcuts_cb);
  gtk_widget_class_install_action (widget_class, "win.write-part", NULL, write_part_cb);
  gtk_widget_class_install_action (widget_class, "win.show-folder", "s", show_folder_cb);
  gtk_widget_class_install_action (widget_class, "session.start", NULL, start_cb);
  gtk_widget_class_install_action (widget_class, "session.again", NULL, again_cb);
  gtk_widget_class_install_action (widget_class, "session.go-on", "s", go_on_cb);
  gtk_widget_class_install_action (widget_class, "session.give-up", "s", give_up_cb);
  gtk_widget_class_install_action (widget_class, "session.put-back", NULL, put_back_cb);
  gtk_widget_class_install_action (widget_class, "session.stop", NULL, stop_cb);
}

/* the other pages have buttons of their own */
static gboolean
is_startable (UbWindow *self)
{
  return !ub_window_is_running (self) && ub_download_page_get_reason (self->page) == NULL &&
         g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "download") == 0;
}

void
ub_window_actions_update (UbWindow *self)
{
  static const char *const choosing[] = {
    "win.open",        "win.open-file", "win.open-recent", "win.choose-agent",
    "win.add-agents",  "win.back",      "win.preferences", "win.choose-maker-files",
    "win.write-part",  "session.go-on", "session.give-up", "session.put-back",
    "win.open-offered"
  };
  static const GActionEntry entries[] = {
    { .name = "expert", .state = "false", .change_state = change_expert_cb }
  };
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean   running = ub_window_is_running (self);
  GAction   *expert;

  if (g_action_map_lookup_action (G_ACTION_MAP (self), "expert") == NULL)
    g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  expert = g_action_map_lookup_action (G_ACTION_MAP (self), "expert");
  g_simple_action_set_enabled (G_SIMPLE_ACTION (expert), !running);
  for (guint i = 0; i < G_N_ELEMENTS (choosing); i++)
    gtk_widget_action_set_enabled (widget, choosing[i], !running);
  gtk_widget_action_set_enabled (widget, "session.start", is_startable (self));
  gtk_widget_action_set_enabled (widget, "session.again", !running && self->plan != NULL);
  gtk_widget_action_set_enabled (widget, "win.save-report", !running && self->report != NULL);
  gtk_widget_action_set_enabled (widget,
                                 "session.stop",
                                 running && !g_cancellable_is_cancelled (self->cancellable));
  if (self->history_page != NULL)
    ub_history_page_set_running (self->history_page, running);
  ub_application_set_busy_writing (self->application, running);
  ub_window_manners_show_offer (self);
}
