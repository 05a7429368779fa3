/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How jobs end, what is asked meanwhile, and what is left of them. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>

#include "app/ub-download-page.h"
#include "app/ub-error-view.h"
#include "app/ub-history-page.h"
#include "app/ub-phone-picture.h"
#include "base/ub-error.h"
#include "engine/ub-advice.h"
#include "engine/ub-history.h"
#include "engine/ub-session.h"

/* so that a job takes a second or two */
#define SPEED 8000000

static void
start_job (WindowBench *self, const char *mischief)
{
  GError *error = NULL;

  g_assert_true (ub_practice_phone_mischief (self->phone, mischief, &error));
  g_assert_no_error (error);
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  window_bench_wait (self, "Waiting for the phone");
  window_bench_do (self, "win.plug");
}

static char *
dup_error_text (WindowBench *self)
{
  GtkWidget *view = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_ERROR_VIEW);

  return ub_error_view_dup_text (UB_ERROR_VIEW (view));
}

/* --- stopping --- */

static void
test_stop_waiting (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  window_bench_wait (self, "Waiting for the phone");
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped. Nothing was written to the phone");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

static void
test_stop_writing (WindowBench *self, gconstpointer data)
{
  start_job (self, "none");
  window_bench_wait (self, "Writing system");
  window_bench_do (self, "session.stop");
  g_assert_false (window_bench_can (self, "session.stop"));
  window_bench_wait (self, "Stopped. The phone is only partly written");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "It may not start until"));
  g_assert_true (window_bench_can (self, "session.start"));
}

static void
test_close_waiting (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  window_bench_wait (self, "Waiting for the phone");
  gtk_window_close (GTK_WINDOW (self->window));
  /* nothing to lose, nothing asked */
  while (self->window != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

static void
test_close_writing (WindowBench *self, gconstpointer data)
{
  start_job (self, "none");
  window_bench_wait (self, "Writing system");
  gtk_window_close (GTK_WINDOW (self->window));
  window_bench_answer (self, "Stop writing the phone?", "Keep Writing");
  g_assert_true (ub_window_is_running (self->window));
  g_assert_true (window_bench_can (self, "session.stop"));
  gtk_window_close (GTK_WINDOW (self->window));
  window_bench_answer (self, "Stop writing the phone?", "Stop and Close");
  while (self->window != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* --- trouble --- */

static UbGuidePicture
get_picture (WindowBench *self)
{
  return ub_phone_picture_get (
      UB_PHONE_PICTURE (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_PHONE_PICTURE)));
}

static gboolean
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* as often as it takes: how often the loader is tried is the session's affair */
static void
replug_until (WindowBench *self, const char *title)
{
  for (guint i = 0; i < 50 && !window_bench_shows (GTK_WIDGET (self->window), title); i++)
    {
      gboolean late = FALSE;

      ub_practice_source_unplug (UB_PRACTICE_SOURCE (self->source));
      ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
      g_timeout_add (200, set_true, &late);
      while (!late)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* asked about its battery, tried once with each answer, and then it is over */
static void
test_silent (WindowBench *self, gconstpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (UB_ERROR, UB_ERROR_AGENT_SILENT, "");
  const UbAdvice  *advice = ub_advice_for_error (error, FALSE);
  g_autofree char *text = NULL;

  start_job (self, "silent-after-jump");
  window_bench_wait (self, "Can its battery be taken out?");
  g_signal_emit_by_name (window_bench_wait_button (self, "_Yes"), "clicked");
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_BATTERY_OUT);
  replug_until (self, advice->title);
  window_bench_wait (self, advice->title);
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), advice->explanation));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), advice->actions[0]));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Details for support"));
  text = dup_error_text (self);
  g_assert_nonnull (strstr (text, "SP Flash Tool: 4001"));
  window_bench_wait (self, "Unplug the phone before you try again");
  /* folded: a number is for support */
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "SP Flash Tool: 4001"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

/* the practice phone's button follows the cable, whoever pulled it */
static void
test_cable (WindowBench *self, gconstpointer data)
{
  start_job (self, "unplug-after-bytes 3000000");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Unplug the practice phone"));
  window_bench_wait (self, "Nothing is lost: it goes on where it stopped.");
  window_bench_wait (self, "Plug the practice phone in");
  g_assert_true (ub_window_is_running (self->window));
  g_assert_true (ub_practice_phone_mischief (self->phone, "none", NULL));
  window_bench_do (self, "win.plug");
  window_bench_wait (self, "Written to the phone");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Unplug the practice phone"));
}

/* a sparse image that ends in its header */
static void
test_damaged (WindowBench *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "boot.img", NULL);
  const char       head[20] = "\x3a\xff\x26\xed\x01";
  GtkWidget       *tick;

  g_assert_true (g_file_set_contents (path, head, sizeof head, NULL));
  ub_window_open (self->window, self->folder);
  /* once on the row, once where Download says why it cannot */
  tick = window_bench_get_tick (self, "boot");
  window_bench_wait (self, "The file for “boot” is damaged");
  g_assert_false (window_bench_can (self, "session.start"));
  g_assert_true (window_bench_shows (gtk_widget_get_parent (gtk_widget_get_parent (tick)),
                                     "The file for “boot” is damaged"));
  /* what is not written may be damaged */
  g_assert_true (gtk_widget_activate_action (tick, "row.toggle", NULL));
  window_bench_wait (self, "Ready: press Download");
}

/* --- history --- */

static void
empty_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_remove (file);
    }
}

static void
test_history (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_HISTORY_PAGE);
  GtkStack  *stack = GTK_STACK (gtk_widget_get_parent (page));
  GtkWidget *search = window_bench_find (page, GTK_TYPE_SEARCH_ENTRY);
  g_autoptr (UbHistory) history = ub_history_new (NULL);

  window_bench_wait (self, "Ready: press Download");
  gtk_stack_set_visible_child (stack, page);
  window_bench_wait (self, "Nothing was done yet");
  /* what the first page's button would do is not for this one */
  g_assert_false (window_bench_can (self, "session.start"));
  gtk_stack_set_visible_child_name (stack, "download");
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  gtk_stack_set_visible_child (stack, page);
  window_bench_wait (self, "Download only · Done");
  g_assert_true (window_bench_shows (page, "practice · MT6580"));
  gtk_editable_set_text (GTK_EDITABLE (search), "mt6580");
  window_bench_wait (self, "Download only · Done");
  gtk_editable_set_text (GTK_EDITABLE (search), "no such phone");
  window_bench_wait (self, "Nothing found");
  gtk_editable_set_text (GTK_EDITABLE (search), "");
  window_bench_wait (self, "Download only · Done");
  empty_folder (ub_history_get_folder (history));
}

static const WindowSetup opened = { .open = TRUE };
static const WindowSetup slow = { .open = TRUE, .speed = SPEED };
static const WindowSetup real = { .open = TRUE, .real = TRUE };

#define ADD(name, setup, function)                                                                 \
  g_test_add ("/app/jobs/" name,                                                                   \
              WindowBench,                                                                         \
              &setup,                                                                              \
              window_bench_set_up,                                                                 \
              function,                                                                            \
              window_bench_tear_down)

int
main (int argc, char **argv)
{
  g_autoptr (UbHistory) history = NULL;

  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  /* what a run that was broken off has left */
  history = ub_history_new (NULL);
  empty_folder (ub_history_get_folder (history));
  ADD ("stop-waiting", opened, test_stop_waiting);
  ADD ("stop-writing", slow, test_stop_writing);
  ADD ("close-waiting", opened, test_close_waiting);
  ADD ("close-writing", slow, test_close_writing);
  ADD ("silent", opened, test_silent);
  ADD ("cable", opened, test_cable);
  ADD ("damaged", opened, test_damaged);
  ADD ("history", real, test_history);
  return g_test_run ();
}
