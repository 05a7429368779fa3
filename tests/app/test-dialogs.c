/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other windows, and what comes from outside: dropped files, several firmwares in one place. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>

#include "app/ub-download-page.h"
#include "app/ub-error-view.h"
#include "app/ub-mode-box.h"
#include "app/ub-settings.h"
#include "base/ub-error.h"

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

/* a check button, or a button with an icon alone, by its words */
static GtkWidget *
find_widget (GtkWidget *widget, GType type, const char *property, const char *text)
{
  g_autofree char *value = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    g_object_get (widget, property, &value, NULL);
  if (g_strcmp0 (value, text) == 0)
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_widget (c, type, property, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* --- the maker's files --- */

/* from the problem to the files, and back to another try */
static void
test_maker_files (WindowBench *self, gconstpointer data)
{
  GSettings   *settings = ub_application_get_settings (self->application);
  UbErrorView *view = UB_ERROR_VIEW (g_object_ref_sink (g_object_new (UB_TYPE_ERROR_VIEW, NULL)));
  g_autoptr (GError) error = g_error_new_literal (UB_ERROR, UB_ERROR_NEEDS_AUTH, "wants a login");
  g_autofree char *path = NULL;
  GtkWidget       *window, *clear;

  ub_error_view_set (view, error, FALSE, NULL);
  g_assert_nonnull (window_bench_find_button (GTK_WIDGET (view), "_Choose the Maker's Files…"));
  ub_error_view_set_again (view);
  g_assert_null (window_bench_find_button (GTK_WIDGET (view), "_Choose the Maker's Files…"));
  g_assert_nonnull (window_bench_find_button (GTK_WIDGET (view), "_Try Again"));
  /* a job that was cut off needs them, too, and goes on with them: a new one would not know what was there */
  ub_error_view_set (view, error, TRUE, NULL);
  ub_error_view_set_go_on (view, "/jobs/1");
  g_assert_nonnull (window_bench_find_button (GTK_WIDGET (view), "_Choose the Maker's Files…"));
  ub_error_view_set_again (view);
  g_assert_nonnull (window_bench_find_button (GTK_WIDGET (view), "_Go On"));
  g_assert_null (window_bench_find_button (GTK_WIDGET (view), "_Try Again"));
  g_object_unref (view);

  /* a path that is no UTF-8 is one all the same */
  ub_settings_set_path (settings, "auth-file", "/maker/auth_sv5\xff.auth");
  window_bench_do (self, "win.choose-maker-files");
  window = window_bench_get_dialog (self, "The maker's files");
  g_assert_true (window_bench_shows (window, "/maker/auth_sv5"));
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (gtk_window_get_focus (GTK_WINDOW (window)))),
                   ==,
                   "Choose…");
  clear = find_widget (window, GTK_TYPE_BUTTON, "tooltip-text", "Use no file");
  g_assert_true (gtk_widget_is_sensitive (clear));
  g_signal_emit_by_name (clear, "clicked");
  g_assert_false (gtk_widget_is_sensitive (clear));
  g_assert_false (window_bench_shows (window, "/maker/auth_sv5"));
  path = ub_settings_dup_path (settings, "auth-file");
  g_assert_null (path);
  gtk_window_close (GTK_WINDOW (window));
}

/* --- which agent --- */

static gboolean
has_agent (gpointer data)
{
  return ub_download_page_get_agent (data) != NULL;
}

static void
wait_for_agent (UbDownloadPage *page)
{
  const gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!has_agent (page))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* another agent for the same chip; (transfer full) */
static char *
put_other_agent (WindowBench *self)
{
  g_autofree char *path = g_build_filename (self->data, "other.bin", NULL);
  g_auto (GStrv) own = NULL;
  g_autofree char *content = NULL;
  gsize            size;
  UbDownloadPage  *page =
      UB_DOWNLOAD_PAGE (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_DOWNLOAD_PAGE));

  own = ub_download_page_dup_agents (page);
  g_assert_cmpuint (g_strv_length (own), ==, 1);
  g_assert_true (g_file_get_contents (own[0], &content, &size, NULL));
  content[size - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  return g_steal_pointer (&path);
}

static void
forget_library (const char *agent)
{
  g_autofree char *folder = g_path_get_dirname (agent);
  g_autofree char *index = g_build_filename (folder, "index.ini", NULL);

  g_remove (agent);
  g_remove (index);
  g_rmdir (folder);
}

/* What was used for another phone is remembered, but is nobody's choice: the firmware's own is tried first. What is
 * chosen here is, and only for this firmware */
static void
test_agent (WindowBench *self, gconstpointer data)
{
  UbDownloadPage *page =
      UB_DOWNLOAD_PAGE (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_DOWNLOAD_PAGE));
  g_autofree char *path = NULL;
  g_autofree char *chosen = NULL;
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) with = NULL;
  g_auto (GStrv) after = NULL;

  window_bench_wait (self, "Ready: press Download");
  g_assert_null (ub_download_page_get_agent (page));
  before = ub_download_page_dup_agents (page);
  path = put_other_agent (self);
  ub_download_page_add_agents (page, path);
  wait_for_agent (page);
  chosen = g_strdup (ub_download_page_get_agent (page));
  g_assert_cmpstr (chosen, !=, before[0]);
  with = ub_download_page_dup_agents (page);
  g_assert_cmpuint (g_strv_length (with), ==, 2);
  g_assert_cmpstr (with[0], ==, chosen);
  ub_download_page_open (page, self->folder);
  while (ub_download_page_get_agent (page) != NULL)
    g_main_context_iteration (NULL, TRUE);
  after = ub_download_page_dup_agents (page);
  g_assert_cmpuint (g_strv_length (after), ==, 2);
  g_assert_cmpstr (after[0], ==, before[0]);
  forget_library (chosen);
}

/* --- maps for two kinds of storage, and two sets of parts --- */

static void
add_part (GString *text, const char *name, const char *storage, const char *region, guint address)
{
  g_string_append_printf (text,
                          "- partition_index: SYS%u\n  partition_name: %s\n  file_name: boot.img\n"
                          "  is_download: true\n  type: NORMAL_ROM\n  linear_start_addr: 0x%x\n"
                          "  physical_start_addr: 0x%x\n  partition_size: 0x100000\n"
                          "  region: %s\n  storage: HW_STORAGE_%s\n  operation_type: UPDATE\n",
                          address >> 20,
                          name,
                          address,
                          address,
                          region,
                          storage);
}

static void
write_two_maps (const char *folder)
{
  g_autoptr (GString) text = g_string_new ("- general: MTK_PLATFORM_CFG\n  info:\n"
                                           "    - config_version: V2.1.0\n      platform: MT6785\n"
                                           "      project: two_maps\n- storage_type: EMMC\n");
  g_autofree char *map = g_build_filename (folder, "MT6785_Android_scatter.txt", NULL);
  g_autofree char *image = g_build_filename (folder, "boot.img", NULL);

  add_part (text, "boot", "EMMC", "EMMC_USER", 0x100000);
  g_string_append (text, "- storage_type: UFS\n");
  add_part (text, "boot_a", "UFS", "UFS_LU2", 0x100000);
  add_part (text, "boot_b", "UFS", "UFS_LU2", 0x200000);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (map, text->str, -1, NULL));
  g_assert_true (g_file_set_contents (image, "ANDROID!", -1, NULL));
}

static void
test_storages (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->data, "two", NULL);
  GtkWidget       *mode_box = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_MODE_BOX);
  GtkWidget       *page = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_DOWNLOAD_PAGE);
  GtkWidget       *both, *storages;
  UbPlanChoice     choice = { 0 };

  write_two_maps (folder);
  g_assert_true (drop (self, folder));
  window_bench_wait (self, "One map for each kind of storage");
  g_assert_cmpint (ub_plan_get_storage (ub_download_page_get_plan (UB_DOWNLOAD_PAGE (page))),
                   ==,
                   UB_STORAGE_EMMC);
  /* what is folded is not there */
  gtk_expander_set_expanded (GTK_EXPANDER (window_bench_find (mode_box, GTK_TYPE_EXPANDER)), TRUE);
  both = find_widget (mode_box, GTK_TYPE_CHECK_BUTTON, "label", "Write _both sets (A and B)");
  g_assert_false (gtk_widget_get_visible (both));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (both), TRUE);
  ub_mode_box_fill_choice (UB_MODE_BOX (mode_box), &choice);
  g_assert_cmpint (choice.slots, ==, UB_SLOTS_ACTIVE);
  storages = find_widget (page,
                          GTK_TYPE_DROP_DOWN,
                          "tooltip-text",
                          "This firmware is made for phones with either kind of storage");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (storages), 1);
  g_assert_cmpint (ub_plan_get_storage (ub_download_page_get_plan (UB_DOWNLOAD_PAGE (page))),
                   ==,
                   UB_STORAGE_UFS);
  g_assert_true (gtk_widget_get_visible (both));
  ub_mode_box_fill_choice (UB_MODE_BOX (mode_box), &choice);
  g_assert_cmpint (choice.slots, ==, UB_SLOTS_BOTH);
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
  ADD ("maker-files", empty, test_maker_files);
  ADD ("agent", opened, test_agent);
  ADD ("storages", empty, test_storages);
  return g_test_run ();
}
