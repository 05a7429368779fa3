/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window in this process: what it shows of a firmware, and a job from begin to end. */
#include "config.h"

#include "app/window-bench.h"

#include "app/ub-error-view.h"
#include "app/ub-partition-table.h"
#include "base/ub-error.h"
#include "engine/ub-advice.h"

static const WindowSetup empty = { 0 };
static const WindowSetup opened = { .open = TRUE };

static void
test_empty (WindowBench *self, gconstpointer data)
{
  g_assert_true (
      window_bench_shows (GTK_WIDGET (self->window), "Open the firmware for your phone"));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Open a firmware first"));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Practice phone"));
  g_assert_false (window_bench_can (self, "session.start"));
  g_assert_false (window_bench_can (self, "session.stop"));
  g_assert_true (window_bench_can (self, "win.open"));
}

static void
test_not_a_firmware (WindowBench *self, gconstpointer data)
{
  ub_window_open (self->window, "/nonexistent/firmware");
  window_bench_wait (self, "Details for support");
  g_assert_false (window_bench_can (self, "session.start"));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.back", NULL);
  window_bench_wait (self, "Open the firmware for your phone");
}

static void
test_table (WindowBench *self, gconstpointer data)
{
  GtkWidget *logo, *nvram, *all;

  window_bench_wait (self, "Ready: press Download");
  g_assert_true (window_bench_can (self, "session.start"));
  logo = window_bench_get_tick (self, "logo");
  nvram = window_bench_get_tick (self, "nvram");
  gtk_test_accessible_assert_state (logo,
                                    GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_TRUE);
  gtk_test_accessible_assert_state (nvram,
                                    GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_FALSE);
  g_assert_false (gtk_widget_is_sensitive (nvram));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Kept: IMEI"));
  /* the row stays, only what it says changes */
  gtk_widget_activate_action (logo, "row.toggle", NULL);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  g_assert_true (window_bench_find_tick (GTK_WIDGET (self->window), "logo") == logo);
  all = window_bench_get_tick (self, "All parts");
  g_assert_true (gtk_check_button_get_inconsistent (GTK_CHECK_BUTTON (all)));
  /* nothing ticked: Download cannot begin, and says why */
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), TRUE);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), FALSE);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (logo)));
  g_assert_false (window_bench_can (self, "session.start"));
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "Ready: press Download"));
  /* a protected part stays as it is, whoever asks */
  gtk_widget_activate_action (nvram, "row.toggle", NULL);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (nvram)));
}

static void
test_download (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  g_assert_true (ub_window_is_running (self->window));
  g_assert_false (window_bench_can (self, "session.start"));
  g_assert_false (window_bench_can (self, "win.open"));
  g_assert_true (window_bench_can (self, "session.stop"));
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "Done: everything was written"));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "MT6580"));
  g_assert_false (ub_window_is_running (self->window));
  g_assert_true (window_bench_can (self, "session.start"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), >, 0);
}

static void
test_stop (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.stop", NULL);
  window_bench_wait (self, "Stopped. Nothing was written");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  g_assert_true (window_bench_can (self, "session.start"));
}

static void
test_refused (WindowBench *self, gconstpointer data)
{
  GError *error = NULL;

  g_assert_true (ub_practice_phone_mischief (self->phone, "refuse-agent 7015", &error));
  g_assert_no_error (error);
  window_bench_wait (self, "Ready: press Download");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "session.start", NULL);
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Details for support");
  g_assert_true (
      window_bench_shows (GTK_WIDGET (self->window), "Not finished: nothing was written"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  g_assert_true (window_bench_can (self, "session.start"));
}

/* every error has a page with words, the number of SP Flash Tool and no bare code */
static void
test_errors (WindowBench *self, gconstpointer data)
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

int
main (int argc, char **argv)
{
  /* not gtk_test_init(): it wants the locale en_US.UTF-8 */
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/app/window/empty",
              WindowBench,
              &empty,
              window_bench_set_up,
              test_empty,
              window_bench_tear_down);
  g_test_add ("/app/window/not-a-firmware",
              WindowBench,
              &empty,
              window_bench_set_up,
              test_not_a_firmware,
              window_bench_tear_down);
  g_test_add ("/app/window/errors",
              WindowBench,
              &empty,
              window_bench_set_up,
              test_errors,
              window_bench_tear_down);
  g_test_add ("/app/window/table",
              WindowBench,
              &opened,
              window_bench_set_up,
              test_table,
              window_bench_tear_down);
  g_test_add ("/app/window/download",
              WindowBench,
              &opened,
              window_bench_set_up,
              test_download,
              window_bench_tear_down);
  g_test_add ("/app/window/stop",
              WindowBench,
              &opened,
              window_bench_set_up,
              test_stop,
              window_bench_tear_down);
  g_test_add ("/app/window/refused",
              WindowBench,
              &opened,
              window_bench_set_up,
              test_refused,
              window_bench_tear_down);
  return g_test_run ();
}
