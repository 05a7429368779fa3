/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes, what is asked before and meanwhile, and jobs that go on or go back. */
#include "config.h"

#include "app/window-bench.h"

#include "app/ub-mode-box.h"
#include "app/ub-settings.h"
#include "app/ub-single-dialog.h"
#include "base/ub-error.h"
#include "engine/ub-advice.h"
#include "engine/ub-session.h"

/* so that a job takes a second or two */
#define SPEED 8000000

#define NVRAM 0x380000

static UbModeBox *
get_mode_box (WindowBench *self)
{
  return UB_MODE_BOX (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_MODE_BOX));
}

static void
choose_mode (WindowBench *self, UbMode mode)
{
  window_bench_wait (self, "Ready: press ");
  ub_mode_box_set_mode (get_mode_box (self), mode);
  g_assert_cmpint (ub_mode_box_get_mode (get_mode_box (self)), ==, mode);
}

static gboolean
shows (WindowBench *self, const char *text)
{
  return window_bench_shows (GTK_WIDGET (self->window), text);
}

static void
confirm (WindowBench *self, UbMode mode)
{
  window_bench_answer (self, ub_mode_get_verb (mode), ub_mode_get_verb (mode));
}

static void
plug_in (WindowBench *self)
{
  window_bench_wait (self, "Waiting for the phone");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
}

static void
unplug (WindowBench *self)
{
  ub_practice_source_unplug (UB_PRACTICE_SOURCE (self->source));
}

/* --- modes --- */

/* what is lost is seen at once, and nothing begins before it was agreed to */
static void
test_destructive (WindowBench *self, UbMode mode)
{
  g_autofree char *nvram = ub_practice_phone_hash (self->phone, UB_REGION_EMMC_USER, NVRAM, 65536);
  g_autofree char *after = NULL;
  GtkWidget       *dialog;

  choose_mode (self, mode);
  g_assert_true (shows (self, ub_mode_get_verb (mode)) || shows (self, "_Erase"));
  g_assert_true (shows (self, "IMEI, calibration and serial number are saved first and kept."));
  g_assert_true (shows (self, "Erased"));
  window_bench_do (self, "session.start");
  dialog = window_bench_get_dialog (self, ub_mode_get_verb (mode));
  g_assert_true (window_bench_shows (dialog, "Written"));
  g_assert_true (window_bench_shows (dialog, "Kept"));
  g_assert_true (window_bench_shows (dialog, "Erased"));
  g_assert_true (window_bench_shows (dialog, "9 parts · "));
  g_assert_false (ub_window_is_running (self->window));
  window_bench_answer (self, ub_mode_get_verb (mode), "_Cancel");
  g_assert_false (ub_window_is_running (self->window));
  window_bench_do (self, "session.start");
  confirm (self, mode);
  g_assert_true (ub_window_is_running (self->window));
  plug_in (self);
  window_bench_wait (self, "Written to the phone");
  g_assert_true (shows (self, "What was on the phone before is saved in"));
  after = ub_practice_phone_hash (self->phone, UB_REGION_EMMC_USER, NVRAM, 65536);
  g_assert_cmpstr (after, ==, nvram);
}

static void
test_upgrade (WindowBench *self, gconstpointer data)
{
  test_destructive (self, UB_MODE_FIRMWARE_UPGRADE);
}

static void
test_format (WindowBench *self, gconstpointer data)
{
  test_destructive (self, UB_MODE_FORMAT_ALL);
}

/* compares first, and asks before it writes */
static void
test_repair (WindowBench *self, gconstpointer data)
{
  GtkWidget *dialog;

  choose_mode (self, UB_MODE_REPAIR);
  g_assert_true (shows (self, ub_mode_get_sentence (UB_MODE_REPAIR)));
  window_bench_do (self, "session.start");
  g_assert_true (ub_window_is_running (self->window));
  plug_in (self);
  dialog = window_bench_get_dialog (self, "_No, Stop Here");
  g_assert_true (ub_window_is_running (self->window));
  gtk_window_close (GTK_WINDOW (dialog));
  window_bench_wait (self, "Stopped. Nothing was written to the phone");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  unplug (self);
  window_bench_do (self, "session.start");
  plug_in (self);
  dialog = window_bench_get_dialog (self, "_No, Stop Here");
  window_bench_answer (self, "_No, Stop Here", window_bench_get_yes (dialog));
  window_bench_wait (self, "Compared and repaired");
}

static void
test_remembered (WindowBench *self, gconstpointer data)
{
  g_autoptr (GSettings) settings = ub_settings_new ();
  GtkWidget *fresh;

  choose_mode (self, UB_MODE_REPAIR);
  choose_mode (self, UB_MODE_FORMAT_ALL);
  g_assert_true (shows (self, "Everything in the phone's memory is lost"));
  fresh = g_object_ref_sink (g_object_new (UB_TYPE_MODE_BOX, NULL));
  ub_mode_box_set_settings (UB_MODE_BOX (fresh), settings);
  g_assert_cmpint (ub_mode_box_get_mode (UB_MODE_BOX (fresh)), ==, UB_MODE_REPAIR);
  g_object_unref (fresh);
  /* whoever wrote it there */
  ub_settings_set_string (settings, "mode", "format");
  fresh = g_object_ref_sink (g_object_new (UB_TYPE_MODE_BOX, NULL));
  ub_mode_box_set_settings (UB_MODE_BOX (fresh), settings);
  g_assert_cmpint (ub_mode_box_get_mode (UB_MODE_BOX (fresh)), ==, UB_MODE_DOWNLOAD_ONLY);
  g_object_unref (fresh);
  ub_settings_set_string (settings, "mode", "download");
}

/* --- questions --- */

static void
break_tables (WindowBench *self)
{
  const guint64    size = ub_practice_phone_get_size (self->phone, UB_REGION_EMMC_USER);
  g_autofree void *zeros = g_malloc0 (64 * 1024);

  ub_practice_phone_poke (self->phone, UB_REGION_EMMC_USER, 0, zeros, 64 * 1024);
  ub_practice_phone_poke (self->phone, UB_REGION_EMMC_USER, size - 64 * 1024, zeros, 64 * 1024);
}

/* nothing less than the word will do */
static void
test_typed (WindowBench *self, gconstpointer data)
{
  GtkWidget *dialog, *entry, *yes;

  break_tables (self);
  choose_mode (self, UB_MODE_FORMAT_ALL);
  window_bench_do (self, "session.start");
  confirm (self, UB_MODE_FORMAT_ALL);
  plug_in (self);
  dialog = window_bench_get_dialog (self, "If you are sure, type");
  entry = window_bench_find (dialog, GTK_TYPE_ENTRY);
  yes = window_bench_find_button (dialog, window_bench_get_yes (dialog));
  g_assert_false (gtk_widget_get_sensitive (yes));
  gtk_editable_set_text (GTK_EDITABLE (entry), "y");
  g_assert_false (gtk_widget_get_sensitive (yes));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  gtk_editable_set_text (GTK_EDITABLE (entry), "yes");
  g_assert_true (gtk_widget_get_sensitive (yes));
  window_bench_answer (self, "If you are sure, type", gtk_button_get_label (GTK_BUTTON (yes)));
  window_bench_wait (self, "Written to the phone");
}

/* a part that cannot be saved; Escape and closing say no */
static void
test_incomplete (WindowBench *self, gconstpointer data)
{
  g_autofree char *mischief = g_strdup_printf ("read-fail %d", NVRAM);
  GtkWidget       *dialog;

  g_assert_true (ub_practice_phone_mischief (self->phone, mischief, NULL));
  choose_mode (self, UB_MODE_DOWNLOAD_ONLY);
  window_bench_do (self, "session.start");
  plug_in (self);
  dialog = window_bench_get_dialog (self, "_No, Stop Here");
  g_assert_true (window_bench_shows (dialog, "“nvram” belongs to this one phone."));
  gtk_window_close (GTK_WINDOW (dialog));
  window_bench_wait (self, "Not finished: nothing was written to the phone");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

static GtkWidget *
start_with_bad_cable (WindowBench *self)
{
  g_assert_true (ub_practice_phone_mischief (self->phone, "flaky-read 1500007", NULL));
  choose_mode (self, UB_MODE_DOWNLOAD_ONLY);
  window_bench_do (self, "session.start");
  plug_in (self);
  return window_bench_get_dialog (self, "The cable loses data");
}

static void
test_bad_cable (WindowBench *self, gconstpointer data)
{
  GtkWidget *dialog = start_with_bad_cable (self);

  g_assert_true (window_bench_shows (dialog, "Data was damaged"));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  window_bench_answer (self, "The cable loses data", "Go on anyway");
  window_bench_wait (self, "Written to the phone");
}

static void
test_other_cable (WindowBench *self, gconstpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (UB_ERROR, UB_ERROR_CHECKSUM, "");
  const UbAdvice *advice = ub_advice_for_error (error, FALSE);

  gtk_window_close (GTK_WINDOW (start_with_bad_cable (self)));
  window_bench_wait (self, advice->title);
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), advice->explanation));
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), advice->actions[0]));
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

/* the question goes away with the job */
static void
test_withdrawn (WindowBench *self, gconstpointer data)
{
  choose_mode (self, UB_MODE_REPAIR);
  window_bench_do (self, "session.start");
  plug_in (self);
  window_bench_get_dialog (self, "_No, Stop Here");
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped. Nothing was written to the phone");
  g_assert_false (window_bench_has_dialog (self, "_No, Stop Here"));
}

/* --- going on --- */

static void
stop_in_the_middle (WindowBench *self)
{
  choose_mode (self, UB_MODE_DOWNLOAD_ONLY);
  window_bench_do (self, "session.start");
  plug_in (self);
  window_bench_wait (self, "Writing system");
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped. The phone is only partly written");
  window_bench_wait (self, "It may not start until the job is finished: press Go On.");
  unplug (self);
}

static void
test_go_on (WindowBench *self, gconstpointer data)
{
  GtkWidget *button;

  stop_in_the_middle (self);
  button = window_bench_wait_button (self, "_Go On");
  g_assert_true (gtk_widget_activate (button));
  window_bench_wait (self, "Plug the phone in again");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window), "_Give Up"));
}

static void
test_give_up (WindowBench *self, gconstpointer data)
{
  GtkWidget *button;

  stop_in_the_middle (self);
  button = window_bench_wait_button (self, "Give _Up");
  g_assert_true (gtk_widget_activate (button));
  window_bench_answer (self, "Give this job up?", "Keep It");
  button = window_bench_wait_button (self, "Give _Up");
  g_assert_true (gtk_widget_activate (button));
  window_bench_answer (self, "Give this job up?", "Give Up");
  while (gtk_widget_get_mapped (button))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (window_bench_can (self, "session.start"));
}

/* the cable slips, comes back, and nothing has to be pressed */
static void
test_drop (WindowBench *self, gconstpointer data)
{
  choose_mode (self, UB_MODE_DOWNLOAD_ONLY);
  window_bench_do (self, "session.start");
  plug_in (self);
  window_bench_wait (self, "Writing system");
  unplug (self);
  window_bench_wait (self, "Nothing is lost: it goes on where it stopped.");
  g_assert_true (ub_window_is_running (self->window));
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
}

/* --- one part --- */

static void
test_single (WindowBench *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->data, "recovery-other.img", NULL);
  g_autofree char *old = g_build_filename (self->folder, "recovery.img", NULL);
  g_autofree char *image = NULL;
  gsize            length;
  GtkWidget       *dialog, *other;

  window_bench_wait (self, "Ready: press Download");
  g_assert_true (g_file_get_contents (old, &image, &length, NULL));
  image[length - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, image, (gssize) length, NULL));
  ub_window_open (self->window, path);
  dialog = window_bench_get_dialog (self, "For a recovery like TWRP");
  other = window_bench_find (dialog, GTK_TYPE_ENTRY);
  g_assert_false (gtk_widget_get_visible (other));
  window_bench_answer (self, "For a recovery like TWRP", "_Write");
  plug_in (self);
  window_bench_wait (self, "Written to the phone");
  g_assert_true (gtk_widget_activate (window_bench_wait_button (self, "_Put the Old One Back")));
  confirm (self, UB_MODE_RESTORE);
  unplug (self);
  plug_in (self);
  window_bench_wait (self, "Put back on the phone");
}

/* --- preferences --- */

static GtkSpinButton *
find_spin (GtkWidget *widget, int value)
{
  if (GTK_IS_SPIN_BUTTON (widget) &&
      gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (widget)) == value)
    return GTK_SPIN_BUTTON (widget);
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkSpinButton *found = find_spin (c, value);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_preferences (WindowBench *self, gconstpointer data)
{
  g_autoptr (GSettings) settings = ub_settings_new ();
  GtkWidget     *dialog;
  GtkSpinButton *days, *gigabytes;

  window_bench_do (self, "win.preferences");
  dialog = window_bench_get_dialog (self, "Safety copies");
  days = find_spin (dialog, UB_SETTINGS_COPIES_MAX_DAYS);
  gigabytes = find_spin (dialog, UB_SETTINGS_COPIES_MAX_GIGABYTES);
  g_assert_nonnull (days);
  g_assert_nonnull (gigabytes);
  gtk_spin_button_set_value (days, 30);
  g_assert_cmpint (ub_settings_get_int (settings, "copies-max-days", 0), ==, 30);
  gtk_spin_button_set_value (days, 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (days)), ==, "for ever");
  gtk_spin_button_set_value (gigabytes, 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (gigabytes)), ==, "no limit");
  g_assert_cmpint (ub_settings_get_int (settings, "copies-max-gigabytes", 5), ==, 0);
  gtk_window_close (GTK_WINDOW (dialog));
  g_settings_reset (settings, "copies-max-days");
  g_settings_reset (settings, "copies-max-gigabytes");
}

static const WindowSetup opened = { .open = TRUE };
static const WindowSetup slow = { .open = TRUE, .speed = SPEED };

#define ADD(name, setup, function)                                                                 \
  g_test_add ("/app/modes/" name,                                                                  \
              WindowBench,                                                                         \
              &setup,                                                                              \
              window_bench_set_up,                                                                 \
              function,                                                                            \
              window_bench_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  ADD ("upgrade", opened, test_upgrade);
  ADD ("format", opened, test_format);
  ADD ("repair", opened, test_repair);
  ADD ("remembered", opened, test_remembered);
  ADD ("typed", opened, test_typed);
  ADD ("incomplete", opened, test_incomplete);
  ADD ("bad-cable", opened, test_bad_cable);
  ADD ("other-cable", opened, test_other_cable);
  ADD ("withdrawn", opened, test_withdrawn);
  ADD ("go-on", slow, test_go_on);
  ADD ("give-up", slow, test_give_up);
  ADD ("drop", slow, test_drop);
  ADD ("single", opened, test_single);
  ADD ("preferences", opened, test_preferences);
  return g_test_run ();
}
