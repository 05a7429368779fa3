/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other windows, and what comes from outside: dropped files, several firmwares in one place. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>

#include "app/ub-download-page.h"

static GtkDropTarget *
get_drop_target (WindowBench *self)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (self->window));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }
  return NULL;
}

static gboolean
drop (WindowBench *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (GValue) value = G_VALUE_INIT;
  GSList  *files = g_slist_append (NULL, file);
  gboolean taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, files);
  g_signal_emit_by_name (get_drop_target (self), "drop", &value, 10.0, 10.0, &taken);
  g_slist_free (files);
  return taken;
}

static void
test_drop (WindowBench *self, gconstpointer data)
{
  g_assert_true (drop (self, self->folder));
  window_bench_wait (self, "Ready: press Download");
  /* not in the middle of a job */
  window_bench_do (self, "session.start");
  g_assert_false (drop (self, self->folder));
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped.");
}

static void
write_firmware (WindowBench *self, const char *folder)
{
  GError *error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (ub_practice_firmware_write (self->phone, folder, 0, FALSE, &error));
  g_assert_no_error (error);
}

static void
remove_firmware (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
}

/* two firmwares in one folder, with scatters of one name: asks which, and takes that one */
static void
test_several (WindowBench *self, gconstpointer data)
{
  GtkWidget       *page = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_DOWNLOAD_PAGE);
  g_autofree char *first = g_build_filename (self->data, "Z5 5.1", NULL);
  g_autofree char *second = g_build_filename (self->data, "Z5 6.0", NULL);
  GtkWidget       *dialog, *list, *row;

  write_firmware (self, first);
  write_firmware (self, second);
  ub_window_open (self->window, self->data);
  dialog = window_bench_get_dialog (self, "More than one firmware");
  g_assert_false (window_bench_can (self, "session.start"));
  g_assert_true (window_bench_shows (dialog, "Z5 5.1"));
  list = window_bench_find (dialog, GTK_TYPE_LIST_BOX);
  row = GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 1));
  g_assert_true (window_bench_shows (row, "Z5 6.0"));
  g_assert_true (gtk_widget_activate (row));
  window_bench_wait (self, "Ready: press Download");
  g_assert_cmpstr (ub_firmware_get_folder (ub_download_page_get_firmware (UB_DOWNLOAD_PAGE (page))),
                   ==,
                   second);
  remove_firmware (first);
  remove_firmware (second);
}

static gboolean
is_expert (WindowBench *self)
{
  g_autoptr (GVariant) state =
                 g_action_group_get_action_state (G_ACTION_GROUP (self->window), "expert");

  return g_variant_get_boolean (state);
}

static void
change_expert (WindowBench *self, gboolean expert)
{
  g_action_group_change_action_state (G_ACTION_GROUP (self->window),
                                      "expert",
                                      g_variant_new_boolean (expert));
}

/* on only after the question, off without one */
static void
test_expert (WindowBench *self, gconstpointer data)
{
  window_bench_wait (self, "Ready: press Download");
  change_expert (self, TRUE);
  g_assert_false (is_expert (self));
  window_bench_answer (self, "Tick protected parts?", "Keep Them Safe");
  g_assert_false (is_expert (self));
  change_expert (self, TRUE);
  window_bench_answer (self, "Tick protected parts?", "Let Me Tick Them");
  g_assert_true (is_expert (self));
  change_expert (self, FALSE);
  g_assert_false (is_expert (self));
}

static void
test_windows (WindowBench *self, gconstpointer data)
{
  GtkWidget *window;

  g_action_group_activate_action (G_ACTION_GROUP (self->application), "help", NULL);
  window = window_bench_get_dialog (self, "How it works");
  g_assert_true (window_bench_shows (window, "The colours of the bar"));
  gtk_window_close (GTK_WINDOW (window));
  window_bench_do (self, "win.show-shortcuts");
  window = window_bench_get_dialog (self, "Open a file or an archive");
  gtk_window_close (GTK_WINDOW (window));
  window_bench_do (self, "win.preferences");
  window = window_bench_get_dialog (self, "Where agents come from");
  g_assert_nonnull (window_bench_find_button (window, "Add _Folder…"));
  gtk_window_close (GTK_WINDOW (window));
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "about", NULL);
  window = window_bench_get_dialog (self, "Brings phones with MediaTek chips back to life");
  gtk_window_close (GTK_WINDOW (window));
}

static const WindowSetup empty = { 0 };
static const WindowSetup opened = { .open = TRUE };

#define ADD(name, setup, function)                                                                 \
  g_test_add ("/app/dialogs/" name,                                                                \
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
  ADD ("drop", empty, test_drop);
  ADD ("several", empty, test_several);
  ADD ("expert", opened, test_expert);
  ADD ("windows", empty, test_windows);
  return g_test_run ();
}
