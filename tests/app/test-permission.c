/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog about the permission, on a source that lets a test decide. */
#include "config.h"

#include "app/window-bench.h"

#include "app/ub-permission-dialog.h"
#include "base/ub-error.h"

#define COMMAND "unbrick --print-udev-rules | sudo and so on"

/* --- a source with a permission --- */

#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, UbLinkSource)

struct _TestSource
{
  UbLinkSource parent_instance;

  GMutex            lock; /* guards all below */
  GCond             told;
  UbPermissionState state;
  UbSeat            seat;
  gboolean          may_install;
  gboolean          answered; /* the person gave the password, or did not */
  gboolean          was_cancelled;
  GError           *error; /* (nullable): why it came to nothing */
  UbPermissionState after; /* what the state is then */
  guint             n_cures;
};

G_DEFINE_FINAL_TYPE (TestSource, test_source, UB_TYPE_LINK_SOURCE)

static UbPermission *
test_source_dup_permission (UbLinkSource *source)
{
  TestSource   *self = TEST_SOURCE (source);
  UbPermission *permission = g_new0 (UbPermission, 1);

  g_mutex_lock (&self->lock);
  permission->state = self->state;
  permission->seat = self->seat;
  permission->may_install = self->may_install;
  permission->command = g_strdup (COMMAND);
  g_mutex_unlock (&self->lock);
  return permission;
}

static void
wake_cb (GCancellable *cancellable, gpointer user_data)
{
  TestSource *self = user_data;

  g_mutex_lock (&self->lock);
  self->was_cancelled = TRUE;
  g_cond_broadcast (&self->told);
  g_mutex_unlock (&self->lock);
}

static gboolean
test_source_cure (UbLinkSource *source, GCancellable *cancellable, GError **error)
{
  TestSource *self = TEST_SOURCE (source);
  gulong      handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), self, NULL);
  gboolean    ok;

  g_mutex_lock (&self->lock);
  self->n_cures++;
  while (!self->answered && !self->was_cancelled)
    g_cond_wait (&self->told, &self->lock);
  self->state = self->after;
  ok = self->error == NULL;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&self->error));
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, handler);
  return ok;
}

static void
test_source_class_init (TestSourceClass *klass)
{
  UB_LINK_SOURCE_CLASS (klass)->dup_permission = test_source_dup_permission;
  UB_LINK_SOURCE_CLASS (klass)->cure = test_source_cure;
}

static void
test_source_init (TestSource *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->told);
}

/* --- the bench: a source and a window above which the dialog opens --- */

typedef struct
{
  TestSource *source;
  GtkWidget  *parent;
  WindowBench bench; /* for its searching only */
} Bench;

static void
set_state (Bench *self, UbPermissionState state)
{
  g_mutex_lock (&self->source->lock);
  self->source->state = self->source->after = state;
  g_mutex_unlock (&self->source->lock);
}

/* what the person at the password does: @error (transfer full) (nullable) */
static void
answer (Bench *self, GError *error, UbPermissionState after)
{
  g_mutex_lock (&self->source->lock);
  self->source->error = error;
  self->source->after = after;
  self->source->answered = TRUE;
  g_cond_broadcast (&self->source->told);
  g_mutex_unlock (&self->source->lock);
}

static void
set_up (Bench *self, gconstpointer data)
{
  self->source = g_object_new (TEST_TYPE_SOURCE, NULL);
  self->source->may_install = TRUE;
  set_state (self, UB_PERMISSION_MISSING);
  self->parent = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (self->parent));
  self->bench = (WindowBench){ 0 };
}

static void
tear_down (Bench *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->parent));
  g_object_unref (self->source);
}

static GtkWidget *
open_dialog (Bench *self, const char *text)
{
  ub_permission_dialog_present (GTK_WINDOW (self->parent), UB_LINK_SOURCE (self->source));
  return window_bench_get_dialog (&self->bench, text);
}

static GtkWidget *
get_button (GtkWidget *dialog, const char *label)
{
  GtkWidget *button = window_bench_find_button (dialog, label);

  g_assert_nonnull (button);
  return button;
}

static void
see (Bench *self, UbAccess access, gboolean present)
{
  UbSighting sighting = { .kind = UB_SIGHTING_PRELOADER,
                          .access = access,
                          .present = present,
                          .port = (char *) "1-2" };

  ub_link_source_tell (UB_LINK_SOURCE (self->source), &sighting);
}

/* --- tests --- */

static void
test_allow (Bench *self, gconstpointer data)
{
  GtkWidget *dialog = open_dialog (self, "This computer does not let Unbrick talk to phones yet");
  GtkWidget *allow = get_button (dialog, "_Allow It…");

  g_assert_true (gtk_widget_get_mapped (allow));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == allow);
  g_assert_true (window_bench_shows (dialog, "Or run this line in a terminal:"));
  g_signal_emit_by_name (allow, "clicked");
  g_assert_false (gtk_widget_is_sensitive (allow));
  /* impatient */
  g_signal_emit_by_name (allow, "clicked");
  answer (self, NULL, UB_PERMISSION_FINE);
  g_assert_true (
      window_bench_get_dialog (&self->bench, "Done: this computer lets Unbrick talk to phones") ==
      dialog);
  g_assert_false (gtk_widget_get_mapped (allow));
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Copy")));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == get_button (dialog, "C_lose"));
  g_assert_cmpuint (self->source->n_cures, ==, 1);
}

static void
test_dismissed (Bench *self, gconstpointer data)
{
  GtkWidget *dialog = open_dialog (self, "This computer does not let");
  GtkWidget *allow = get_button (dialog, "_Allow It…");

  g_signal_emit_by_name (allow, "clicked");
  answer (self,
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "no"),
          UB_PERMISSION_MISSING);
  window_bench_get_dialog (&self->bench, "Nothing was changed: the password was not given.");
  g_assert_true (gtk_widget_is_sensitive (allow));
  g_assert_true (window_bench_shows (dialog, "This computer does not let"));
  /* thinks better of it */
  g_signal_emit_by_name (allow, "clicked");
  g_assert_false (window_bench_shows (dialog, "Nothing was changed"));
  window_bench_get_dialog (&self->bench, "This computer does not let");
}

/* it is there, and still there is something to say */
static void
test_not_told (Bench *self, gconstpointer data)
{
  GtkWidget *dialog = open_dialog (self, "This computer does not let");

  g_signal_emit_by_name (get_button (dialog, "_Allow It…"), "clicked");
  answer (self,
          g_error_new_literal (UB_ERROR, UB_ERROR_UNSUPPORTED, "no daemon"),
          UB_PERMISSION_FINE);
  window_bench_get_dialog (&self->bench,
                           "The rule is in place, but the computer did not take it up");
  g_assert_true (window_bench_shows (dialog, "This computer lets Unbrick"));
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

/* where nothing can be installed from here */
static void
test_copy (Bench *self, gconstpointer data)
{
  g_autofree char *copied = NULL;
  GtkWidget       *dialog;

  self->source->may_install = FALSE;
  set_state (self, UB_PERMISSION_UNKNOWN);
  dialog =
      open_dialog (self, "Whether this computer lets Unbrick talk to phones shows when one is");
  g_assert_true (window_bench_shows (dialog, "Run this line once in a terminal"));
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Allow It…")));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == get_button (dialog, "_Copy"));
  g_assert_false (window_bench_shows (dialog, "Copied."));
  g_signal_emit_by_name (get_button (dialog, "_Copy"), "clicked");
  g_assert_true (gtk_widget_get_visible (get_button (dialog, "_Copy")));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (dialog), NULL, copied_cb, &copied);
  while (copied == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (copied, ==, COMMAND);
  window_bench_get_dialog (&self->bench, "Copied.");
  /* a phone knows better than we do */
  see (self, UB_ACCESS_OK, TRUE);
  window_bench_get_dialog (&self->bench, "This computer lets Unbrick talk to phones");
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Copy")));
  see (self, UB_ACCESS_OK, FALSE);
  window_bench_get_dialog (&self->bench, "Whether this computer lets");
  see (self, UB_ACCESS_DENIED, TRUE);
  window_bench_get_dialog (&self->bench, "This computer does not let Unbrick talk to the phone");
  /* the line has been run: all that is seen of it is that the phone opens */
  see (self, UB_ACCESS_OK, TRUE);
  window_bench_get_dialog (&self->bench, "Done: this computer lets Unbrick talk to phones");
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Copy")));
}

/* done in a terminal while the dialog is open, and nothing is on the cable */
static void
test_terminal (Bench *self, gconstpointer data)
{
  open_dialog (self, "This computer does not let");
  set_state (self, UB_PERMISSION_FINE);
  window_bench_get_dialog (&self->bench, "Done: this computer lets");
}

/* the same with a phone, which is let in a moment later */
static void
test_settle (Bench *self, gconstpointer data)
{
  set_state (self, UB_PERMISSION_OUTDATED);
  see (self, UB_ACCESS_DENIED, TRUE);
  open_dialog (self, "This computer's permission to talk to phones does not cover all of them");
  set_state (self, UB_PERMISSION_FINE);
  window_bench_get_dialog (&self->bench,
                           "The permission is in place. Looking whether the phone opens…");
  see (self, UB_ACCESS_OK, TRUE);
  window_bench_get_dialog (&self->bench, "Done: this computer lets");
}

/* the rule is not all of it */
static void
test_closed (Bench *self, gconstpointer data)
{
  GtkWidget *dialog;

  set_state (self, UB_PERMISSION_FINE);
  self->source->seat = UB_SEAT_OTHER;
  dialog = open_dialog (self, "This computer lets Unbrick");
  see (self, UB_ACCESS_DENIED, TRUE);
  window_bench_get_dialog (&self->bench,
                           "The permission is in place, but the phone is still closed");
  g_assert_true (
      window_bench_shows (dialog, "It counts for the person at this computer's own screen"));
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Allow It…")));
  see (self, UB_ACCESS_DENIED, FALSE);
  window_bench_get_dialog (&self->bench, "This computer lets Unbrick");
}

/* Escape while the computer asks for the password */
static void
test_closed_early (Bench *self, gconstpointer data)
{
  GtkWidget *dialog = open_dialog (self, "This computer does not let");
  gint64     end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean   cancelled = FALSE;

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  g_signal_emit_by_name (get_button (dialog, "_Allow It…"), "clicked");
  set_state (self, UB_PERMISSION_MISSING);
  self->source->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "closed");
  gtk_window_close (GTK_WINDOW (dialog));
  while (dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
  /* its thread may only begin when the dialog is gone */
  g_mutex_lock (&self->source->lock);
  while (!self->source->was_cancelled &&
         g_cond_wait_until (&self->source->told, &self->source->lock, end))
    ;
  cancelled = self->source->was_cancelled;
  g_mutex_unlock (&self->source->lock);
  g_assert_true (cancelled);
}

/* --- in the window --- */

static void
test_window (WindowBench *self, gconstpointer data)
{
  GtkWidget *dialog, *help;

  window_bench_do (self, "win.permission");
  dialog = window_bench_get_dialog (self, "A practice phone needs no permission");
  g_assert_false (gtk_widget_get_mapped (get_button (dialog, "_Copy")));
  gtk_window_close (GTK_WINDOW (dialog));
  /* help leads there, too */
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "help", NULL);
  help = window_bench_get_dialog (self, "How it works");
  g_signal_emit_by_name (get_button (help, "_Permission…"), "clicked");
  dialog = window_bench_get_dialog (self, "A practice phone needs no permission");
  gtk_window_close (GTK_WINDOW (dialog));
  gtk_window_close (GTK_WINDOW (help));
}

#define ADD(name, test) g_test_add ("/app/permission/" name, Bench, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  static const WindowSetup empty = { 0 };

  /* not gtk_test_init(): it wants the locale en_US.UTF-8 */
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  ADD ("allow", test_allow);
  ADD ("dismissed", test_dismissed);
  ADD ("not-told", test_not_told);
  ADD ("copy", test_copy);
  ADD ("terminal", test_terminal);
  ADD ("settle", test_settle);
  ADD ("closed", test_closed);
  ADD ("closed-early", test_closed_early);
  g_test_add ("/app/permission/window",
              WindowBench,
              &empty,
              window_bench_set_up,
              test_window,
              window_bench_tear_down);
  return g_test_run ();
}
