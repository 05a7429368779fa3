/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window in this process, with the practice phone and a clock that costs nothing. Needs a
 * display, GTK_A11Y=test. */
#include "config.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>

#include "app/ub-application.h"
#include "app/ub-download-page.h"
#include "app/ub-error-view.h"
#include "app/ub-partition-table.h"
#include "app/ub-phone-panel.h"
#include "app/ub-window.h"
#include "base/ub-error.h"
#include "engine/ub-advice.h"
#include "phone/ub-practice-phone.h"

#define PATIENCE (60 * G_USEC_PER_SEC)

typedef struct
{
  char            *folder;
  char            *data;
  UbPracticePhone *phone;
  UbLinkSource    *source;
  UbAgentLibrary  *agents;
  UbApplication   *application;
  UbWindow        *window; /* borrowed */
} Fixture;

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find (c, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
shows_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_label (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    if (shows_text (c, text))
      return TRUE;
  return FALSE;
}

/* turns the main loop until @text is shown somewhere */
static void
wait_for_text (Fixture *self, const char *text)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!shows_text (GTK_WIDGET (self->window), text))
    {
      if (g_get_monotonic_time () > end)
        g_error ("never shown: %s", text);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* the row's tick; the cell is only there once the table was laid out */
static GtkWidget *
find_tick (GtkWidget *widget, const char *name)
{
  char *wrong = NULL;

  if (GTK_IS_CHECK_BUTTON (widget))
    {
      wrong = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                  name);
      if (wrong == NULL)
        return widget;
      g_free (wrong);
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_tick (c, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
get_tick (Fixture *self, const char *name)
{
  gint64     end = g_get_monotonic_time () + PATIENCE;
  GtkWidget *check;

  while ((check = find_tick (GTK_WIDGET (self->window), name)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  return check;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const UbPracticePhoneOptions options = { .chip = "MT6580", .enter = UB_ENTER_PRELOADER };
  GError                      *error = NULL;

  self->folder = g_dir_make_tmp ("unbrick-window-XXXXXX", NULL);
  self->data = g_dir_make_tmp ("unbrick-agents-XXXXXX", NULL);
  self->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  g_assert_true (ub_practice_firmware_write (self->phone, self->folder, 0, FALSE, &error));
  g_assert_no_error (error);
  self->source = ub_practice_source_new (self->phone, FALSE, 0, G_MAXUINT);
  self->agents = ub_agent_library_new (self->data);
  self->application = ub_application_new (self->source, self->agents, TRUE);
  if (data != NULL)
    ub_application_set_open_path (self->application, self->folder);
  g_assert_true (g_application_register (G_APPLICATION (self->application), NULL, &error));
  g_application_activate (G_APPLICATION (self->application));
  self->window =
      UB_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (self->application)));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->window));
}

static void
remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ub_link_source_stop (self->source);
  g_clear_object (&self->application);
  g_clear_object (&self->agents);
  g_clear_object (&self->source);
  ub_practice_phone_free (self->phone);
  remove_folder (self->folder);
  remove_folder (self->data);
}

static gboolean
can (Fixture *self, const char *action)
{
  GtkWidget *button = gtk_button_new ();
  gboolean   sensitive;

  /* an actionable widget is what the person has: asked through one */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_insert_before (button, GTK_WIDGET (self->window), NULL);
  sensitive = gtk_widget_get_sensitive (button);
  gtk_widget_unparent (button);
  return sensitive;
}

static void
test_empty (Fixture *self, gconstpointer data)
{
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Open the firmware for your phone"));
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Open a firmware first"));
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Practice phone"));
  g_assert_false (can (self, "session.start"));
  g_assert_false (can (self, "session.stop"));
  g_assert_true (can (self, "win.open"));
}

static void
test_not_a_firmware (Fixture *self, gconstpointer data)
{
  ub_window_open (self->window, "/nonexistent/firmware");
  wait_for_text (self, "Details for support");
  g_assert_false (can (self, "session.start"));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.back", NULL);
  wait_for_text (self, "Open the firmware for your phone");
}

static void
test_table (Fixture *self, gconstpointer data)
{
  GtkWidget *logo, *nvram, *all;

  wait_for_text (self, "Ready: press Download");
  g_assert_true (can (self, "session.start"));
  logo = get_tick (self, "logo");
  nvram = get_tick (self, "nvram");
  gtk_test_accessible_assert_state (logo,
                                    GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_TRUE);
  gtk_test_accessible_assert_state (nvram,
                                    GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_FALSE);
  g_assert_false (gtk_widget_is_sensitive (nvram));
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Kept: IMEI"));
  /* the row stays, only what it says changes */
  gtk_widget_activate_action (logo, "row.toggle", NULL);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  g_assert_true (find_tick (GTK_WIDGET (self->window), "logo") == logo);
  all = get_tick (self, "All parts");
  g_assert_true (gtk_check_button_get_inconsistent (GTK_CHECK_BUTTON (all)));
  /* nothing ticked: Download cannot begin, and says why */
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), TRUE);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), FALSE);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  g_assert_false (can (self, "session.start"));
  g_assert_false (shows_text (GTK_WIDGET (self->window), "Ready: press Download"));
  /* a protected part stays as it is, whoever asks */
  gtk_widget_activate_action (nvram, "row.toggle", NULL);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (nvram)));
}

static void
test_download (Fixture *self, gconstpointer data)
{
  wait_for_text (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  g_assert_true (ub_window_is_running (self->window));
  g_assert_false (can (self, "session.start"));
  g_assert_false (can (self, "win.open"));
  g_assert_true (can (self, "session.stop"));
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  wait_for_text (self, "Written to the phone");
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Done: everything was written"));
  g_assert_true (shows_text (GTK_WIDGET (self->window), "MT6580"));
  g_assert_false (ub_window_is_running (self->window));
  g_assert_true (can (self, "session.start"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), >, 0);
}

static void
test_stop (Fixture *self, gconstpointer data)
{
  wait_for_text (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.stop", NULL);
  wait_for_text (self, "Stopped. Nothing was written");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  g_assert_true (can (self, "session.start"));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  GError *error = NULL;

  g_assert_true (ub_practice_phone_mischief (self->phone, "refuse-agent 7015", &error));
  g_assert_no_error (error);
  wait_for_text (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  wait_for_text (self, "Details for support");
  g_assert_true (shows_text (GTK_WIDGET (self->window), "Not finished: nothing was written"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  g_assert_true (can (self, "session.start"));
}

/* every error has a page with words, the number of SP Flash Tool and no bare code */
static void
test_errors (Fixture *self, gconstpointer data)
{
  GtkWidget *view = g_object_ref_sink (g_object_new (UB_TYPE_ERROR_VIEW, NULL));

  for (int code = 0; code <= UB_ERROR_LAST; code++)
    {
      g_autoptr (GError) error = g_error_new (UB_ERROR, code, "the raw words of %d", code);
      const UbAdvice  *advice = ub_advice_for_error (error, TRUE);
      g_autofree char *text = NULL;

      ub_error_view_set (UB_ERROR_VIEW (view), error, TRUE, NULL);
      text = ub_error_view_dup_text (UB_ERROR_VIEW (view));
      g_assert_cmpstr (ub_error_view_get_title (UB_ERROR_VIEW (view)), ==, advice->title);
      g_assert_nonnull (strstr (text, error->message));
      if (advice->spft != NULL)
        g_assert_nonnull (strstr (text, advice->spft));
    }
  g_object_unref (view);
}

static void
test_hints (Fixture *self, gconstpointer data)
{
  UbPhonePanel *panel = UB_PHONE_PANEL (find (GTK_WIDGET (self->window), UB_TYPE_PHONE_PANEL));

  wait_for_text (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  wait_for_text (self, "Waiting for the phone");
  ub_phone_panel_set_waited (panel, 15);
  wait_for_text (self, "Nothing yet.");
  ub_phone_panel_set_waited (panel, 30);
  wait_for_text (self, "No reaction?");
  ub_phone_panel_set_waited (panel, 60);
  wait_for_text (self, "Still nothing.");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.stop", NULL);
  wait_for_text (self, "Stopped.");
}

int
main (int argc, char **argv)
{
  /* not gtk_test_init(): it wants the locale en_US.UTF-8 */
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/app/window/empty", Fixture, NULL, set_up, test_empty, tear_down);
  g_test_add ("/app/window/not-a-firmware", Fixture, NULL, set_up, test_not_a_firmware, tear_down);
  g_test_add ("/app/window/errors", Fixture, NULL, set_up, test_errors, tear_down);
  g_test_add ("/app/window/table", Fixture, "open", set_up, test_table, tear_down);
  g_test_add ("/app/window/download", Fixture, "open", set_up, test_download, tear_down);
  g_test_add ("/app/window/stop", Fixture, "open", set_up, test_stop, tear_down);
  g_test_add ("/app/window/refused", Fixture, "open", set_up, test_refused, tear_down);
  g_test_add ("/app/window/hints", Fixture, "open", set_up, test_hints, tear_down);
  return g_test_run ();
}
