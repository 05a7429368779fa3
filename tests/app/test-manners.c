/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program does besides its job: copy for support, sound, open what others send, end when it is told to. */
#include "config.h"

#include "app/window-bench.h"

#include <string.h>

#include "app/ub-error-view.h"
#include "app/ub-settings.h"
#include "app/ub-window-private.h"

static const WindowSetup opened = { .open = TRUE };
static const WindowSetup slow = { .open = TRUE, .speed = 4000000 };
static const WindowSetup real = { .open = TRUE, .real = TRUE };

/* the bell; counted instead of rung */
static guint beeps;

void __wrap_gdk_surface_beep (GdkSurface *surface);

void
__wrap_gdk_surface_beep (GdkSurface *surface)
{
  beeps++;
}

static void
run_job (WindowBench *self, const char *end)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, end);
}

static void
fail_job (WindowBench *self)
{
  GError *error = NULL;

  g_assert_true (ub_practice_phone_mischief (self->phone, "refuse-agent 7015", &error));
  g_assert_no_error (error);
  run_job (self, "Details for support");
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, &error);
  g_assert_no_error (error);
}

/* opens the dialog, closes it; (transfer full): what is on the clipboard then */
static char *
copy_for_support (WindowBench *self, const char *report)
{
  GtkWidget *dialog;
  char      *text = NULL;

  g_assert_true (
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.support", "s", report));
  dialog =
      window_bench_get_dialog (self, "Copied. IMEI, serial numbers and MAC addresses are masked.");
  g_assert_nonnull (window_bench_find_button (dialog, "_Save To…"));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self->window)),
                                 NULL,
                                 text_cb,
                                 &text);
  while (text == NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (dialog));
  return text;
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in:\n%s", part, text);
}

static void
test_support (WindowBench *self, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  GtkWidget       *expander;

  window_bench_wait (self, "Ready: press Download");
  before = copy_for_support (self, "");
  assert_has (before, "Unbrick " PACKAGE_VERSION);
  assert_has (before, "Platform: MT6580");
  assert_has (before, "== On the cable ==\nno phone");
  fail_job (self);
  /* the error page has the same door */
  expander = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_ERROR_VIEW);
  expander = window_bench_find (expander, GTK_TYPE_EXPANDER);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  gtk_widget_activate (window_bench_wait_button (self, "Copy for Su_pport…"));
  gtk_window_destroy (GTK_WINDOW (window_bench_get_dialog (self, "Copied.")));
  after = copy_for_support (self, "");
  assert_has (after, "result: failed\n");
  assert_has (after, "error.message: ");
  assert_has (after, "advice: needs-auth, SP Flash Tool: ");
  assert_has (after, "phone.chip: MT6580");
  g_assert_null (strstr (after, g_get_host_name ()));
}

/* one of the history, whatever was last */
static void
test_support_history (WindowBench *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->data, "report.json", NULL);
  g_autofree char *text = NULL;

  g_assert_true (
      g_file_set_contents (path,
                           "{\"result\":\"done\",\"error\":null,\"x\":\"IMEI 352099001761481\"}",
                           -1,
                           NULL));
  window_bench_wait (self, "Ready: press Download");
  text = copy_for_support (self, path);
  assert_has (text, "result: done\n");
  assert_has (text, "x: IMEI (hidden)\n");
}

static void
test_about (WindowBench *self, gconstpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gboolean    found = FALSE;

  g_action_group_activate_action (G_ACTION_GROUP (self->application), "about", NULL);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (!GTK_IS_ABOUT_DIALOG (window))
        continue;
      found = TRUE;
      assert_has (gtk_about_dialog_get_system_information (GTK_ABOUT_DIALOG (window)),
                  "== Program ==\nUnbrick ");
      g_assert_true (
          g_str_has_prefix (gtk_about_dialog_get_website (GTK_ABOUT_DIALOG (window)), "https://"));
      g_assert_cmpint (gtk_about_dialog_get_license_type (GTK_ABOUT_DIALOG (window)),
                       ==,
                       GTK_LICENSE_GPL_3_0);
      gtk_window_destroy (GTK_WINDOW (window));
    }
  g_assert_true (found);
}

static gboolean
late_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* as long as a second one could take */
static guint
count_beeps (void)
{
  gboolean late = FALSE;

  g_timeout_add (600, late_cb, &late);
  while (!late)
    g_main_context_iteration (NULL, TRUE);
  return beeps;
}

static void
test_sound_good (WindowBench *self, gconstpointer data)
{
  beeps = 0;
  run_job (self, "Written to the phone");
  g_assert_cmpuint (count_beeps (), ==, 1);
}

static void
test_sound_bad (WindowBench *self, gconstpointer data)
{
  beeps = 0;
  fail_job (self);
  g_assert_cmpuint (count_beeps (), ==, 2);
}

static void
test_sound_off (WindowBench *self, gconstpointer data)
{
  GSettings *settings = ub_application_get_settings (self->application);
  GtkWidget *dialog, *check;

  beeps = 0;
  window_bench_do (self, "win.preferences");
  dialog = window_bench_get_dialog (self, "When a job ends");
  check = window_bench_find (dialog, GTK_TYPE_CHECK_BUTTON);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
  g_assert_false (g_settings_get_boolean (settings, "sound-at-end"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  run_job (self, "Written to the phone");
  g_assert_cmpuint (count_beeps (), ==, 0);
  g_settings_reset (settings, "sound-at-end");
}

static void
test_sound_off_everywhere (WindowBench *self, gconstpointer data)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self->window));

  beeps = 0;
  g_object_set (settings, "gtk-enable-event-sounds", FALSE, NULL);
  run_job (self, "Written to the phone");
  g_assert_cmpuint (count_beeps (), ==, 0);
  gtk_settings_reset_property (settings, "gtk-enable-event-sounds");
}

static void
send_file (WindowBench *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_application_open (G_APPLICATION (self->application), &file, 1, "");
}

/* under a job nothing is opened; afterwards the person has the word */
static void
test_offer (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  send_file (self, "/nonexistent/z5");
  g_assert_true (ub_window_is_running (self->window));
  window_bench_wait (self, "A job is running. “/nonexistent/z5” can be opened when it is over.");
  g_assert_false (window_bench_can (self, "win.open-offered"));
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "“/nonexistent/z5” is waiting to be opened.");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Stopped. Nothing was written"));
  window_bench_do (self, "win.open-offered");
  window_bench_wait (self, "Details for support");
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "“/nonexistent/z5” is waiting"));
}

static void
test_offer_forgotten (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  send_file (self, "/nonexistent/z5");
  window_bench_wait (self, "A job is running.");
  window_bench_do (self, "win.forget-offered");
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "A job is running."));
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped. Nothing was written");
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "“/nonexistent/z5”"));
}

/* nor under an open question */
static void
test_offer_dialog (WindowBench *self, gconstpointer data)
{
  GtkWidget *dialog;

  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "win.preferences");
  dialog = window_bench_get_dialog (self, "When a job ends");
  send_file (self, "/nonexistent/z5");
  window_bench_wait (self, "“/nonexistent/z5” is waiting to be opened.");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Ready: press Download"));
  g_assert_true (gtk_widget_get_mapped (dialog));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* at leisure it is opened at once */
static void
test_sent (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  send_file (self, "/nonexistent/z5");
  window_bench_wait (self, "Details for support");
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "“/nonexistent/z5” is waiting"));
}

/* told to end: no question, a safe place, and then the window is gone */
static void
test_end (WindowBench *self, gconstpointer data)
{
  g_assert_false (ub_window_end (self->window));
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Leave the phone plugged in");
  g_assert_true (ub_window_end (self->window));
  g_assert_true (ub_window_end (self->window));
  /* who closes now is not asked either */
  gtk_window_close (GTK_WINDOW (self->window));
  while (self->window != NULL)
    {
      g_assert_false (window_bench_has_dialog (self, "Stop writing the phone?"));
      g_main_context_iteration (NULL, TRUE);
    }
}

/* in a trash, or in a phone: it is said, and not passed over */
static void
test_no_path (WindowBench *self, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("nowhere://phone/z5");

  window_bench_wait (self, "Ready: press Download");
  g_application_open (G_APPLICATION (self->application), &file, 1, "");
  window_bench_wait (self, "Details for support");
}

/* a dialog may be answered when its window is gone */
static void
test_gone (WindowBench *self, gconstpointer data)
{
  g_autoptr (UbWindow) window = g_object_ref (self->window);
  g_autoptr (GFile) file = g_file_new_for_uri ("nowhere://phone/z5");

  gtk_window_destroy (GTK_WINDOW (window));
  ub_window_open (window, self->folder);
  ub_window_open_file (window, file);
}

/* the bus changes what no menu can */
static void
test_practice_locked (WindowBench *self, gconstpointer data)
{
  GActionGroup *actions = G_ACTION_GROUP (self->application);

  g_assert_false (g_action_group_get_action_enabled (actions, "practice"));
  g_action_group_change_action_state (actions, "practice", g_variant_new_boolean (FALSE));
  g_assert_true (ub_application_get_practice (self->application));
}

/* who presses twice is asked once, and again only after the answer */
static void
test_asked_once (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Leave the phone plugged in");
  gtk_window_close (GTK_WINDOW (self->window));
  gtk_window_close (GTK_WINDOW (self->window));
  window_bench_answer (self, "Stop writing the phone?", "Keep Writing");
  g_assert_false (window_bench_has_dialog (self, "Stop writing the phone?"));
  gtk_window_close (GTK_WINDOW (self->window));
  window_bench_answer (self, "Stop writing the phone?", "Stop and Close");
  while (self->window != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* the session ends while it is ending already: the job still comes to a safe place first */
static void
test_shutdown (WindowBench *self, gconstpointer data)
{
  g_autoptr (UbSession) session = NULL;

  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Leave the phone plugged in");
  g_set_object (&session, self->window->session);
  g_assert_true (ub_window_end (self->window));
  window_bench_quit (self);
  g_assert_null (self->window);
  g_assert_cmpint (ub_session_get_state (session), >=, UB_SESSION_DONE);
}

static void
add (const char *name, const WindowSetup *setup, void (*test) (WindowBench *, gconstpointer))
{
  g_test_add (name, WindowBench, setup, window_bench_set_up, test, window_bench_tear_down);
}

int
main (int argc, char **argv)
{
  /* not gtk_test_init(): it wants the locale en_US.UTF-8 */
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  add ("/manners/support", &real, test_support);
  add ("/manners/support-history", &opened, test_support_history);
  add ("/manners/about", &opened, test_about);
  add ("/manners/sound-good", &opened, test_sound_good);
  add ("/manners/sound-bad", &opened, test_sound_bad);
  add ("/manners/sound-off", &opened, test_sound_off);
  add ("/manners/sound-off-everywhere", &opened, test_sound_off_everywhere);
  add ("/manners/offer", &opened, test_offer);
  add ("/manners/offer-forgotten", &opened, test_offer_forgotten);
  add ("/manners/offer-dialog", &opened, test_offer_dialog);
  add ("/manners/sent", &opened, test_sent);
  add ("/manners/end", &slow, test_end);
  add ("/manners/asked-once", &slow, test_asked_once);
  add ("/manners/no-path", &opened, test_no_path);
  add ("/manners/gone", &opened, test_gone);
  add ("/manners/practice-locked", &opened, test_practice_locked);
  add ("/manners/shutdown", &slow, test_shutdown);
  return g_test_run ();
}
