/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is opened and where it is said to be: folders, single files, drops, the documents portal's paths. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "app/ub-download-page.h"
#include "app/ub-readback-page.h"
#include "app/ub-save-bar.h"
#include "app/ub-settings.h"
#include "app/ub-window-private.h"
#include "base/ub-error.h"

#define ALONE "The rest of the firmware cannot be seen"
#define HOST "/home/ada/Phones/rom"

static const WindowSetup empty = { 0 };
static const WindowSetup opened = { .open = TRUE };
static const WindowSetup real = { .real = TRUE };

static char *
find_map (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, "scatter.txt"))
      return g_build_filename (folder, name, NULL);
  g_error ("no map in %s", folder);
}

static char *
copy_to (const char *path, const char *folder)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *text = NULL;
  char            *copy = g_build_filename (folder, name, NULL);
  gsize            length;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (g_file_set_contents (copy, text, (gssize) length, NULL));
  return copy;
}

static void
copy_all (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (from, name, NULL);

      g_free (copy_to (path, to));
    }
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      remove_tree (below);
    }
  g_remove (path);
}

/* --- choosers: what GTK shows where there is no portal --- */

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static GtkWidget *
wait_for_chooser (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gint64      end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
        {
          g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

          if (GTK_IS_FILE_CHOOSER (window) && gtk_widget_get_mapped (window))
            return window;
        }
      g_main_context_iteration (NULL, TRUE);
    }
  g_error ("no file chooser came");
}

static void
assert_chooser (const char *action, GtkFileChooserAction what, WindowBench *self)
{
  GtkWidget *chooser;

  window_bench_do (self, action);
  chooser = wait_for_chooser ();
  g_assert_cmpint (gtk_file_chooser_get_action (GTK_FILE_CHOOSER (chooser)), ==, what);
  g_object_add_weak_pointer (G_OBJECT (chooser), (gpointer *) &chooser);
  gtk_dialog_response (GTK_DIALOG (chooser), GTK_RESPONSE_CANCEL);
  while (chooser != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
choose (const char *path)
{
  GtkWidget *chooser = wait_for_chooser ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gboolean chosen = FALSE;

  g_assert_true (gtk_file_chooser_set_file (GTK_FILE_CHOOSER (chooser), file, NULL));
  while (!chosen)
    {
      g_autoptr (GFile) now = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

      chosen = now != NULL && g_file_equal (now, file);
      if (!chosen)
        g_main_context_iteration (NULL, TRUE);
    }
  gtk_dialog_response (GTK_DIALOG (chooser), GTK_RESPONSE_ACCEPT);
}

static void
test_folder_first (WindowBench *self, gconstpointer data)
{
  GtkWidget *folder = window_bench_wait_button (self, "Open Firmware _Folder…");
  GtkWidget *file = window_bench_wait_button (self, "_Open File or Archive…");

  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (folder)), ==, "win.open");
  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (file)), ==, "win.open-file");
  g_assert_true (gtk_widget_has_css_class (folder, "suggested-action"));
  assert_chooser ("win.open", GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, self);
  assert_chooser ("win.open-file", GTK_FILE_CHOOSER_ACTION_OPEN, self);
}

G_GNUC_END_IGNORE_DEPRECATIONS

/* --- a file without the rest --- */

static UbFirmware *
get_firmware (WindowBench *self)
{
  return ub_download_page_get_firmware (self->window->page);
}

static void
test_alone (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-alone-XXXXXX", NULL);
  g_autofree char *map = find_map (self->folder);
  g_autofree char *alone = copy_to (map, folder);

  ub_window_open (self->window, alone);
  window_bench_answer (self, ALONE, "Choose the Folder…");
  choose (self->folder);
  window_bench_wait (self, "Ready: press Download");
  g_assert_cmpstr (ub_firmware_get_path (get_firmware (self)), ==, map);
  /* not asked again, whatever is in it */
  ub_window_open_in (self->window, folder, map);
  while (g_strcmp0 (ub_firmware_get_path (get_firmware (self)), alone) != 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (window_bench_has_dialog (self, ALONE));
  remove_tree (folder);
}

static void
test_not_now (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-alone-XXXXXX", NULL);
  g_autofree char *map = find_map (self->folder);
  g_autofree char *alone = copy_to (map, folder);
  g_autofree char *entry = g_build_filename (folder, "flash.xml", NULL);

  /* the map is shown all the same */
  ub_window_open (self->window, alone);
  window_bench_answer (self, ALONE, "Not Now");
  g_assert_cmpstr (ub_firmware_get_path (get_firmware (self)), ==, alone);
  /* of no use at all without the rest: what is wrong is said */
  g_assert_cmpint (g_remove (alone), ==, 0);
  g_assert_true (
      g_file_set_contents (entry, "<flash><scatter>a_scatter.txt</scatter></flash>", -1, NULL));
  ub_window_open (self->window, entry);
  window_bench_answer (self, ALONE, "Not Now");
  window_bench_wait (self, "Details for support");
  remove_tree (folder);
}

/* one of several in the folder: the one that was opened */
static void
test_wanted (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-alone-XXXXXX", NULL);
  g_autofree char *one = g_build_filename (folder, "one", NULL);
  g_autofree char *other = g_build_filename (folder, "other", NULL);
  g_autofree char *map = NULL;
  g_autofree char *wanted = g_build_filename (other, "Other_Android_scatter.txt", NULL);

  copy_all (self->folder, one);
  copy_all (self->folder, other);
  map = find_map (other);
  g_assert_cmpint (g_rename (map, wanted), ==, 0);
  ub_window_open_in (self->window, folder, "/elsewhere/Other_Android_scatter.txt");
  window_bench_wait (self, "Ready: press Download");
  g_assert_cmpstr (ub_firmware_get_path (get_firmware (self)), ==, wanted);
  remove_tree (folder);
}

/* --- drops --- */

static char *
drop (const char *first, ...)
{
  GSList *files = NULL;
  va_list names;
  char   *chosen;

  va_start (names, first);
  for (const char *name = first; name != NULL; name = va_arg (names, const char *))
    files = g_slist_append (files, g_file_new_for_commandline_arg (name));
  va_end (names);
  chosen = ub_window_dnd_choose (files);
  g_slist_free_full (files, g_object_unref);
  return chosen;
}

#define assert_dropped(expected, ...)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *dropped = drop (__VA_ARGS__, NULL);                                           \
                                                                                                   \
    g_assert_cmpstr (dropped, ==, expected);                                                       \
  }                                                                                                \
  G_STMT_END

static void
test_drop (void)
{
  g_assert_null (drop (NULL));
  assert_dropped ("/rom/a.zip", "/rom/a.zip");
  assert_dropped ("/", "/rom/x_scatter.txt", "/", "/rom/boot.img");
  assert_dropped ("/rom/MT_Android_scatter.txt",
                  "/rom/boot.img",
                  "/rom/scatter_checksum.xml",
                  "/rom/MT_Android_scatter.txt");
  assert_dropped ("/rom/download_agent/flash.xml",
                  "/rom/boot.img",
                  "/rom/download_agent/flash.xml",
                  "/rom/a.txt");
  assert_dropped ("/rom/boot.img", "/rom/boot.img");
  /* the map may lie beside them */
  assert_dropped ("/rom", "/rom/boot.img", "/rom/system.img");
  assert_dropped ("/run/user/1/doc/a/boot.img",
                  "/run/user/1/doc/a/boot.img",
                  "/run/user/1/doc/b/system.img");
  assert_dropped (NULL, "https://example.org/rom.zip");
}

/* --- the portal's paths --- */

/* no label and no tooltip names @path */
static void
assert_never_shown (GtkWidget *widget, const char *path)
{
  const char *label = GTK_IS_LABEL (widget) ? gtk_label_get_label (GTK_LABEL (widget)) : NULL;
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  g_assert_true (label == NULL || strstr (label, path) == NULL);
  g_assert_true (tooltip == NULL || strstr (tooltip, path) == NULL);
  if (GTK_IS_TEXT_VIEW (widget))
    {
      GtkTextBuffer   *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (widget));
      g_autofree char *text = NULL;

      g_object_get (buffer, "text", &text, NULL);
      g_assert_null (strstr (text, path));
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    assert_never_shown (c, path);
}

static char *
dup_recent_label (WindowBench *self, char **target)
{
  GMenuModel *menu = G_MENU_MODEL (self->window->recent_menu);
  g_autoptr (GMenuModel) section = g_menu_model_get_item_link (menu, 0, G_MENU_LINK_SECTION);
  char *label = NULL;

  if (g_menu_model_get_n_items (section) == 0)
    return NULL;
  g_menu_model_get_item_attribute (section, 0, G_MENU_ATTRIBUTE_LABEL, "s", &label);
  g_menu_model_get_item_attribute (section, 0, G_MENU_ATTRIBUTE_TARGET, "s", target);
  return label;
}

static void
test_document (WindowBench *self, gconstpointer data)
{
  g_autofree char *mount = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  g_autofree char *rom = g_build_filename (mount, "ab12", "rom", NULL);
  g_autofree char *none = g_build_filename (rom, "none", NULL);
  g_autofree char *label = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *target = NULL;
  gboolean         told;

  copy_all (self->folder, rom);
  /* older portals, and some file systems here, do not tell */
  told = setxattr (rom, "user.document-portal.host-path", HOST, sizeof HOST, 0) == 0;
  ub_window_open (self->window, rom);
  window_bench_wait (self, "Ready: press Download");
  assert_never_shown (GTK_WIDGET (self->window), mount);
  shown = g_strdup_printf ("%s/", told ? HOST : "rom");
  label = dup_recent_label (self, &target);
  g_assert_true (g_str_has_prefix (label, shown));
  /* but it has to open again */
  g_assert_true (g_str_has_prefix (target, rom));
  ub_window_open (self->window, none);
  window_bench_wait (self, "Details for support");
  assert_never_shown (GTK_WIDGET (self->window), mount);
  remove_tree (mount);
}

/* one file was chosen: nothing else is seen, and the words say why */
static void
test_lone_document (WindowBench *self, gconstpointer data)
{
  g_autofree char *mount = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  g_autofree char *folder = g_build_filename (mount, "cd34", NULL);
  g_autofree char *map = find_map (self->folder);
  g_autofree char *lone = copy_to (map, folder);
  GtkWidget       *dialog;

  ub_window_open (self->window, lone);
  dialog = window_bench_get_dialog (self, ALONE);
  g_assert_true (window_bench_shows (dialog, "You chose “MT6580_Android_scatter.txt” alone"));
  assert_never_shown (dialog, mount);
  window_bench_answer (self, ALONE, "Choose the Folder…");
  choose (self->folder);
  window_bench_wait (self, "Ready: press Download");
  assert_never_shown (GTK_WIDGET (self->window), mount);
  g_assert_cmpstr (ub_firmware_get_path (get_firmware (self)), ==, map);
  remove_tree (mount);
}

/* --- opened lately --- */

static void
test_gone (WindowBench *self, gconstpointer data)
{
  GSettings       *settings = ub_application_get_settings (self->application);
  g_autofree char *gone = g_build_filename (self->folder, "gone", NULL);
  g_auto (GStrv) list = NULL;

  g_settings_reset (settings, "recent-firmware");
  ub_window_show_recent (self->window);
  g_assert_false (window_bench_shows (GTK_WIDGET (self->window->page), "Firmware opened lately"));
  ub_settings_add_recent (settings, "recent-firmware", "/nonexistent/disk/rom");
  ub_settings_add_recent (settings, "recent-firmware", gone);
  /* who begins with nothing open finds it there, too */
  ub_window_show_recent (self->window);
  window_bench_wait (self, "Firmware opened lately");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-recent", "s", gone);
  window_bench_wait (self, gone);
  g_assert_true (window_bench_shows (GTK_WIDGET (self->window), "It was taken off the list"));
  list = ub_settings_get_list (settings, "recent-firmware");
  g_assert_false (g_strv_contains ((const char *const *) list, gone));
  /* one on a disk that is not plugged in comes back */
  gtk_widget_activate_action (GTK_WIDGET (self->window),
                              "win.open-recent",
                              "s",
                              "/nonexistent/disk/rom");
  window_bench_wait (self, "Is its disk plugged in?");
  g_clear_pointer (&list, g_strfreev);
  list = ub_settings_get_list (settings, "recent-firmware");
  g_assert_true (g_strv_contains ((const char *const *) list, "/nonexistent/disk/rom"));
}

/* --- saved to a place of one's own --- */

static void
download (WindowBench *self)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  ub_practice_source_unplug (UB_PRACTICE_SOURCE (self->source));
}

static GtkWidget *
show_copies (WindowBench *self)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->window->pages, "readback");
  GObject   *stack = gtk_widget_get_template_child (page, UB_TYPE_READBACK_PAGE, "stack");

  window_bench_do (self, "win.back");
  gtk_stack_set_visible_child_name (self->window->pages, "readback");
  gtk_stack_set_visible_child_name (GTK_STACK (stack), "restore");
  return page;
}

/* at once: an activated button takes its time, and the list may be filled anew meanwhile */
static void
press_save (WindowBench *self)
{
  g_signal_emit_by_name (window_bench_wait_button (self, "_Save To…"), "clicked");
}

/* the only one in @folder */
static char *
dup_only (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = g_dir_read_name (dir);

  g_assert_nonnull (name);
  g_assert_null (g_dir_read_name (dir));
  return g_build_filename (folder, name, NULL);
}

static void
test_save_copy (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  g_autofree char *saved = NULL;
  g_autoptr (UbBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  download (self);
  show_copies (self);
  press_save (self);
  choose (folder);
  window_bench_wait (self, "Saved and checked: ");
  saved = dup_only (folder);
  backup = ub_backup_open (saved, &error);
  g_assert_no_error (error);
  g_assert_true (ub_backup_verify (backup, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ub_backup_get_kind (backup), ==, UB_BACKUP_SAFETY);
  remove_tree (folder);
}

static void
test_save_copy_fails (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  g_autofree char *gone = g_build_filename (folder, "gone", NULL);
  GtkWidget       *bar, *page;

  download (self);
  page = show_copies (self);
  bar = window_bench_find (page, UB_TYPE_SAVE_BAR);
  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_cmpint (g_mkdir (gone, 0700), ==, 0);
  press_save (self);
  choose (gone);
  g_assert_cmpint (g_rmdir (gone), ==, 0);
  window_bench_wait (self, "Not saved. A file could not be saved: ");
  g_assert_true (gtk_widget_activate_action (bar, "save.close", NULL));
  g_assert_false (gtk_widget_get_visible (bar));
  remove_tree (folder);
}

/* the session ends meanwhile: half a copy is not left behind */
static void
test_save_copy_ended (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  g_autofree char *other = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  g_autofree char *saved = NULL;
  g_autoptr (UbBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  GtkWidget *bar;

  download (self);
  bar = window_bench_find (show_copies (self), UB_TYPE_SAVE_BAR);
  press_save (self);
  choose (folder);
  window_bench_wait (self, "Saved and checked: ");
  saved = dup_only (folder);
  backup = ub_backup_open (saved, &error);
  g_assert_no_error (error);
  ub_save_bar_save (UB_SAVE_BAR (bar), backup, other);
  window_bench_quit (self);
  g_assert_null (self->window);
  g_assert_cmpint (g_rmdir (other), ==, 0);
  remove_tree (folder);
}

/* in a sandbox nothing is chosen at first */
static void
test_nowhere (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  GtkWidget       *page = gtk_stack_get_child_by_name (self->window->pages, "readback");

  window_bench_wait (self, "Ready: press Download");
  gtk_stack_set_visible_child_name (self->window->pages, "readback");
  window_bench_wait_button (self, "_Read back");
  ub_readback_page_set_folder (UB_READBACK_PAGE (page), NULL);
  window_bench_wait (self, "Choose where the copy is saved.");
  g_assert_true (window_bench_shows (page, "Not chosen yet"));
  g_assert_false (gtk_widget_activate_action (page, "readback.start", NULL) &&
                  ub_window_is_running (self->window));
  ub_readback_page_set_folder (UB_READBACK_PAGE (page), folder);
  g_assert_false (window_bench_shows (page, "Choose where the copy is saved."));
  window_bench_wait_button (self, "_Read back");
  remove_tree (folder);
}

static void
test_save_report (WindowBench *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("unbrick-saved-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "my report.json", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;

  g_assert_false (window_bench_can (self, "win.save-report"));
  download (self);
  window_bench_wait_button (self, "_Save Report…");
  assert_chooser ("win.save-report", GTK_FILE_CHOOSER_ACTION_SAVE, self);
  json = ub_report_to_json (self->window->report);
  ub_window_save_report_to (GTK_WINDOW (self->window), json, file);
  while (!g_file_get_contents (path, &text, NULL, NULL) || strlen (text) < strlen (json))
    {
      g_clear_pointer (&text, g_free);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpstr (text, ==, json);
  /* a folder that went away meanwhile */
  remove_tree (folder);
  ub_window_save_report_to (GTK_WINDOW (self->window), json, file);
  window_bench_answer (self, "The report could not be saved", "_Close");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_autofree char *runtime = g_dir_make_tmp ("unbrick-run-XXXXXX", NULL);
  int              status;

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  /* not gtk_test_init(): it wants the locale en_US.UTF-8 */
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add_func ("/files/drop", test_drop);
#define FILES(name, setup, function)                                                               \
  g_test_add (name, WindowBench, &setup, window_bench_set_up, function, window_bench_tear_down)
  FILES ("/files/folder-first", empty, test_folder_first);
  FILES ("/files/alone", empty, test_alone);
  FILES ("/files/not-now", empty, test_not_now);
  FILES ("/files/wanted", empty, test_wanted);
  FILES ("/files/document", real, test_document);
  FILES ("/files/lone-document", empty, test_lone_document);
  FILES ("/files/gone", real, test_gone);
  FILES ("/files/save-copy", opened, test_save_copy);
  FILES ("/files/save-copy-fails", opened, test_save_copy_fails);
  FILES ("/files/save-copy-ended", opened, test_save_copy_ended);
  FILES ("/files/nowhere", opened, test_nowhere);
  FILES ("/files/save-report", opened, test_save_report);
#undef FILES
  status = g_test_run ();
  remove_tree (runtime);
  return status;
}
