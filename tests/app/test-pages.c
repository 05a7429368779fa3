/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readback, Format, Memory test and History: what may be chosen, and jobs from begin to end. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>

#include "app/ub-mode-box.h"
#include "app/ub-place-chooser.h"
#include "app/ub-range.h"
#include "app/ub-readback-page.h"
#include "app/ub-restore-view.h"
#include "app/ub-window-private.h"

static GtkWidget *
show_page (WindowBench *self, const char *name)
{
  UbWindow *window = self->window;

  gtk_stack_set_visible_child_name (window->pages, name);
  return gtk_stack_get_child_by_name (window->pages, name);
}

static GtkWidget *
get_child (GtkWidget *widget, const char *id)
{
  GObject *child = gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), id);

  g_assert_nonnull (child);
  return GTK_WIDGET (child);
}

/* as by a screen reader */
static void
choose (GtkWidget *page, const char *kind)
{
  GtkWidget *check = get_child (get_child (page, "place"), kind);

  g_assert_true (gtk_widget_activate_action (check, "check.toggle", NULL));
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
}

static GtkWidget *
get_tick (GtkWidget *page, const char *name)
{
  gint64     end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GtkWidget *tick;

  while ((tick = window_bench_find_tick (page, name)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  return tick;
}

static void
tick_part (GtkWidget *page, const char *name)
{
  GtkWidget *tick = get_tick (page, name);

  g_assert_true (gtk_widget_is_sensitive (tick));
  gtk_widget_activate_action (tick, "row.toggle", NULL);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (tick)));
}

/* the button that has @action */
static GtkWidget *
find_button (GtkWidget *widget, const char *action)
{
  GtkWidget *found = NULL;

  if (GTK_IS_ACTIONABLE (widget) &&
      g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0)
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL && found == NULL;
       c = gtk_widget_get_next_sibling (c))
    found = find_button (c, action);
  return found;
}

static gboolean
can (GtkWidget *page, const char *action)
{
  return gtk_widget_is_sensitive (find_button (page, action));
}

static void
press (GtkWidget *page, const char *action)
{
  g_assert_true (can (page, action));
  g_assert_true (gtk_widget_activate_action (find_button (page, action), action, NULL));
}

static void
wait_until (gboolean (*is_so) (gpointer data), gpointer data)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!is_so (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
plug_in (WindowBench *self)
{
  window_bench_wait (self, "Waiting for the phone");
  window_bench_do (self, "win.plug");
}

/* the phone has had its job: away with it, and back to the page */
static void
unplug (WindowBench *self)
{
  window_bench_do (self, "win.plug");
  window_bench_do (self, "win.back");
}

/* --- ranges --- */

static void
test_range_numbers (void)
{
  static const struct
  {
    const char *text;
    guint64     bytes;
  } good[] = {
    { "0", 0 },
    { "0x1F000", 0x1f000 },
    { " 4096 ", 4096 },
    { "16K", 16384 },
    { "16 KiB", 16384 },
    { "1.5M", 1536 * 1024 },
    { "2 gb", G_GUINT64_CONSTANT (2) << 30 },
    { "0xffffffffffffffff", G_MAXUINT64 },
  };
  static const char *const bad[] = { "",
                                     "M",
                                     "16X",
                                     "-1",
                                     "0x",
                                     "16MM",
                                     "1.5",
                                     "0x10.5",
                                     "1e3",
                                     "18000000000G",
                                     "99999999999999999999" };
  guint64                  bytes;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (ub_range_parse (good[i].text, &bytes));
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ub_range_parse (bad[i], &bytes));
}

static void
test_range_limits (void)
{
  static const struct
  {
    const char *begin;
    const char *length;
    gboolean    may_be_open;
    const char *trouble; /* in it; NULL: none */
  } cases[] = {
    { "0", "16M", FALSE, NULL },
    { "0", "64M", FALSE, NULL },
    { "0", "", TRUE, NULL },
    { "0", "", FALSE, "how long" },
    { "", "16M", TRUE, "where it begins" },
    { "0", "65M", FALSE, "too long" },
    { "64M", "512", FALSE, "behind the end" },
    { "63M", "2M", FALSE, "too long" },
    { "100", "16M", FALSE, "multiple" },
    { "0", "700", FALSE, "multiple" },
    { "0", "0", FALSE, "nothing" },
    { "0xfffffffffffffe00", "0xfffffffffffffe00", FALSE, "longer than any" },
    { "x", "16M", FALSE, "no number" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64          offset = 1, length = 1;
      g_autofree char *trouble = ub_range_dup_trouble (cases[i].begin,
                                                       cases[i].length,
                                                       64 * 1024 * 1024,
                                                       cases[i].may_be_open,
                                                       &offset,
                                                       &length);

      if (cases[i].trouble == NULL)
        g_assert_null (trouble);
      else
        g_assert_true (trouble != NULL && strstr (trouble, cases[i].trouble) != NULL);
    }
}

/* --- what may be chosen --- */

static void
test_empty (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = show_page (self, "readback");
  GtkWidget *place = get_child (page, "place");

  /* all of it needs no names */
  g_assert_true (can (page, "readback.start"));
  choose (page, "parts");
  g_assert_false (can (page, "readback.start"));
  gtk_editable_set_text (GTK_EDITABLE (get_child (place, "names_entry")), "boot, logo");
  g_assert_true (can (page, "readback.start"));
  g_assert_cmpstr (ub_place_chooser_get_target (UB_PLACE_CHOOSER (place))->names[1], ==, "logo");
  page = show_page (self, "format");
  place = get_child (page, "place");
  g_assert_false (can (page, "format.start"));
  gtk_editable_set_text (GTK_EDITABLE (get_child (place, "names_entry")), "boot nvram");
  g_assert_false (can (page, "format.start"));
  window_bench_wait (self, "nvram is not erased. Kept: IMEI and calibration.");
  gtk_editable_set_text (GTK_EDITABLE (get_child (place, "names_entry")), "boot");
  g_assert_true (can (page, "format.start"));
}

static void
test_range_fields (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = show_page (self, "format");
  GtkWidget *place = get_child (page, "place");
  GtkWidget *length = get_child (place, "length");

  choose (page, "range");
  g_assert_false (can (page, "format.start"));
  gtk_editable_set_text (GTK_EDITABLE (length), "16X");
  window_bench_wait (self, "“16X” is no number.");
  g_assert_false (can (page, "format.start"));
  gtk_editable_set_text (GTK_EDITABLE (length), "16M");
  window_bench_wait (self, "From 0x0 to 0xffffff, 16 MiB");
  g_assert_true (can (page, "format.start"));
  /* reading may go to the end, erasing has to say how far */
  gtk_editable_set_text (GTK_EDITABLE (length), "");
  g_assert_false (can (page, "format.start"));
  page = show_page (self, "readback");
  choose (page, "range");
  window_bench_wait (self, "From 0x0 to the end");
  g_assert_true (can (page, "readback.start"));
}

/* what belongs to the phone alone has a lock, whatever is ticked */
static void
test_locks (WindowBench *self, gconstpointer data)
{
  GtkWidget *page, *nvram, *all;

  window_bench_wait (self, "Ready: press ");
  page = show_page (self, "format");
  nvram = get_tick (page, "nvram");
  g_assert_false (gtk_widget_is_sensitive (nvram));
  g_assert_true (window_bench_shows (page, "Kept: IMEI and calibration"));
  all = get_tick (page, "All parts");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), TRUE);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (nvram)));
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (get_tick (page, "boot"))));
  gtk_widget_activate_action (nvram, "row.toggle", NULL);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (nvram)));
  g_action_group_change_action_state (G_ACTION_GROUP (self->window),
                                      "expert",
                                      g_variant_new_boolean (TRUE));
  window_bench_answer (self, "Tick protected parts?", "Let Me Tick Them");
  wait_until ((gboolean (*) (gpointer)) gtk_widget_is_sensitive, get_tick (page, "nvram"));
  /* neither start-up area nor tables can be ticked here */
  g_assert_null (window_bench_find_tick (page, "boot1"));
  g_assert_null (window_bench_find_tick (page, "preloader"));
  g_assert_null (window_bench_find_tick (page, "pgpt"));
  /* to read it is no harm */
  page = show_page (self, "readback");
  choose (page, "parts");
  tick_part (page, "nvram");
  tick_part (page, "boot1");
}

/* --- jobs --- */

static char *
dup_hash (WindowBench *self)
{
  static const UbRegion regions[] = { UB_REGION_EMMC_USER,
                                      UB_REGION_EMMC_BOOT1,
                                      UB_REGION_EMMC_BOOT2 };
  GString              *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64          size = ub_practice_phone_get_size (self->phone, regions[i]);
      g_autofree char *hash = ub_practice_phone_hash (self->phone, regions[i], 0, size);

      g_string_append (text, hash);
    }
  return g_string_free (text, FALSE);
}

/* the only folder in @folder */
static char *
dup_only (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  char       *path = name != NULL ? g_build_filename (folder, name, NULL) : NULL;

  g_assert_nonnull (path);
  g_assert_null (g_dir_read_name (dir));
  return path;
}

/* the agent comes with it */
static gboolean
has_firmware (gpointer data)
{
  WindowBench *self = data;

  return ub_download_page_get_firmware (self->window->page) != NULL;
}

/* reads what is chosen on @page; (transfer full): the copy's folder */
static char *
read_back (WindowBench *self, GtkWidget *page)
{
  g_autofree char *folder = g_build_filename (self->data, "copies", NULL);

  ub_readback_page_set_folder (UB_READBACK_PAGE (page), folder);
  press (page, "readback.start");
  g_assert_true (ub_window_is_running (self->window));
  g_assert_false (can (page, "readback.start"));
  plug_in (self);
  window_bench_wait (self, "Read from the phone");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
  unplug (self);
  return dup_only (folder);
}

static void
remove_copy (WindowBench *self, const char *folder)
{
  g_autofree char *above = g_path_get_dirname (folder);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_rmdir (above);
}

/* all of it out, parts of it gone, all of it back */
static void
test_there_and_back (WindowBench *self, gconstpointer data)
{
  g_autofree char *before = dup_hash (self);
  g_autofree char *erased = NULL;
  g_autofree char *after = NULL;
  g_autofree char *copy = NULL;
  GtkWidget       *page;

  wait_until (has_firmware, self);
  copy = read_back (self, show_page (self, "readback"));
  page = show_page (self, "format");
  /* the phone told its parts meanwhile */
  g_assert_true (window_bench_shows (page, "Start-up code: the phone does not start without it"));
  tick_part (page, "expdb");
  tick_part (page, "system");
  window_bench_wait (self, "Will be erased: expdb, system");
  press (page, "format.start");
  window_bench_answer (self, "Erase: expdb, system", ub_mode_get_verb (UB_MODE_ERASE));
  plug_in (self);
  window_bench_wait (self, "Erased on the phone");
  erased = dup_hash (self);
  g_assert_cmpstr (erased, !=, before);
  unplug (self);
  g_action_group_activate_action (G_ACTION_GROUP (self->window),
                                  "show-copy",
                                  g_variant_new ("(sb)", copy, TRUE));
  /* checked first, then asked */
  window_bench_answer (self, "Restore: ", ub_mode_get_verb (UB_MODE_RESTORE));
  plug_in (self);
  window_bench_wait (self, "Put back on the phone");
  after = dup_hash (self);
  g_assert_cmpstr (after, ==, before);
  remove_copy (self, copy);
}

static void
flip_byte (const char *folder, const char *part)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, part))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        FILE            *file = fopen (path, "r+b");
        int              byte;

        g_assert_nonnull (file);
        g_assert_cmpint (fseek (file, 1000, SEEK_SET), ==, 0);
        byte = fgetc (file);
        g_assert_cmpint (fseek (file, 1000, SEEK_SET), ==, 0);
        fputc (byte ^ 1, file);
        fclose (file);
        return;
      }
  g_assert_not_reached ();
}

/* the words beside the cross */
static gboolean
is_checked (gpointer data)
{
  const char *words = gtk_label_get_label (GTK_LABEL (get_child (data, "check_label")));

  return g_str_has_prefix (words, "Checked:") ||
         g_str_has_prefix (words, "This copy cannot be used");
}

static void
test_flipped (WindowBench *self, gconstpointer data)
{
  GtkWidget       *page = show_page (self, "readback");
  GtkWidget       *view = get_child (page, "restore");
  GtkWidget       *label = get_child (view, "check_label");
  g_autofree char *copy = NULL;

  wait_until (has_firmware, self);
  choose (page, "parts");
  tick_part (page, "boot");
  tick_part (page, "logo");
  copy = read_back (self, page);
  g_action_group_activate_action (G_ACTION_GROUP (self->window),
                                  "show-copy",
                                  g_variant_new ("(sb)", copy, FALSE));
  wait_until (is_checked, view);
  g_assert_true (can (page, "restore.start"));
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (get_tick (view, "logo"))));
  press (page, "restore.back");
  gtk_label_set_label (GTK_LABEL (label), "");
  flip_byte (copy, "logo");
  g_action_group_activate_action (G_ACTION_GROUP (self->window),
                                  "show-copy",
                                  g_variant_new ("(sb)", copy, TRUE));
  wait_until (is_checked, view);
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (label)), "damaged"));
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (label)), "logo"));
  g_assert_false (can (page, "restore.start"));
  g_assert_false (ub_window_is_running (self->window));
  remove_copy (self, copy);
}

static void
test_no_copy (WindowBench *self, gconstpointer data)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->window),
                                  "show-copy",
                                  g_variant_new ("(sb)", self->data, TRUE));
  show_page (self, "readback");
  /* a folder with nothing in it */
  wait_until ((gboolean (*) (gpointer)) gtk_widget_get_mapped,
              get_child (get_child (show_page (self, "readback"), "restore"), "open_trouble"));
  g_assert_false (ub_window_is_running (self->window));
}

/* a firmware that is taken for the copy of a phone */
static void
test_firmware_as_copy (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = show_page (self, "readback");
  GtkWidget *view = get_child (page, "restore");
  GtkWidget *open = get_child (view, "open_firmware");

  g_assert_null (ub_download_page_get_firmware (self->window->page));
  g_action_group_activate_action (G_ACTION_GROUP (self->window),
                                  "show-copy",
                                  g_variant_new ("(sb)", self->folder, FALSE));
  window_bench_wait (self, "This looks like a firmware");
  g_assert_true (gtk_widget_get_mapped (open));
  g_assert_true (gtk_widget_activate (open));
  wait_until (has_firmware, self);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (self->window->pages), ==, "download");
}

static void
test_memory (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = show_page (self, "test");
  GtkWidget *list = get_child (page, "list");

  wait_until (has_firmware, self);
  g_assert_true (window_bench_shows (page, "What was found will be listed here."));
  g_assert_true (gtk_widget_activate_action (get_child (page, "full"), "check.toggle", NULL));
  press (page, "test.start");
  plug_in (self);
  window_bench_wait (self, "The test is over");
  unplug (self);
  g_assert_nonnull (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  g_assert_true (can (page, "test.copy"));
  press (page, "test.copy");
  g_assert_cmpuint (ub_practice_phone_get_writes (self->phone), ==, 0);
}

/* --- history --- */

static gboolean
is_firmware_open (gpointer data)
{
  WindowBench *self = data;

  return window_bench_shows (GTK_WIDGET (self->window), "Ready: press ");
}

static void
test_again (WindowBench *self, gconstpointer data)
{
  UbModeBox *mode = UB_MODE_BOX (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_MODE_BOX));
  GtkWidget *page, *again;

  window_bench_wait (self, "Ready: press ");
  ub_mode_box_set_mode (mode, UB_MODE_FIRMWARE_UPGRADE);
  window_bench_do (self, "session.start");
  window_bench_answer (self, "Written", ub_mode_get_verb (UB_MODE_FIRMWARE_UPGRADE));
  window_bench_wait (self, "Waiting for the phone");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  window_bench_do (self, "win.back");
  ub_mode_box_set_mode (mode, UB_MODE_DOWNLOAD_ONLY);
  page = show_page (self, "history");
  window_bench_wait (self, "Firmware upgrade · Done");
  again = window_bench_find_button (page, "Do It Again");
  g_assert_nonnull (again);
  ub_history_page_set_running (self->window->history_page, TRUE);
  g_assert_false (gtk_widget_is_sensitive (again));
  ub_history_page_set_running (self->window->history_page, FALSE);
  g_assert_true (gtk_widget_activate (again));
  wait_until (is_firmware_open, self);
  g_assert_cmpint (ub_mode_box_get_mode (mode), ==, UB_MODE_FIRMWARE_UPGRADE);
  /* and its safety copy */
  page = show_page (self, "history");
  gtk_menu_button_popup (GTK_MENU_BUTTON (window_bench_find (page, GTK_TYPE_MENU_BUTTON)));
  window_bench_wait (self, "_Restore This Copy");
  g_assert_true (window_bench_shows (page, "Show the _Safety Copy"));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (window_bench_find (page, GTK_TYPE_MENU_BUTTON)));
  g_assert_true (gtk_widget_activate_action (again, "entry.show-copy", NULL));
  page = show_page (self, "readback");
  wait_until (is_checked, get_child (page, "restore"));
  g_assert_true (can (page, "restore.start"));
}

static UbJournal *
new_journal (WindowBench *self, guint8 number)
{
  static const char *const names[] = { "expdb", NULL };
  const UbPlanTarget       target = { .names = names };
  const UbBromInfo         brom = { .hw_code = 0x6580 };
  const UbDaReport         report = { .storage = UB_STORAGE_EMMC,
                                      .user_size = 64 * 1024 * 1024,
                                      .cid = { 0x15, number } };
  UbLayout                *layout = ub_layout_new (UB_LAYOUT_GPT);
  g_autoptr (UbPhoneInfo) phone = NULL;
  g_autoptr (UbPlan) plan = ub_plan_new_erase (&target);
  g_autoptr (UbPlan) checked = NULL;
  g_autofree char *folder = g_build_filename (self->data, "journals", NULL);
  GError          *error = NULL;
  UbJournal       *journal;

  ub_layout_add (layout, "expdb", UB_REGION_EMMC_USER, 1024 * 1024, 1024 * 1024);
  phone = ub_phone_info_new ("1-1", "high", &brom, &report, layout);
  ub_layout_free (layout);
  checked = ub_plan_check (plan, phone);
  journal = ub_journal_new (folder, checked, phone, NULL, &error);
  g_assert_no_error (error);
  return journal;
}

static void
test_unfinished (WindowBench *self, gconstpointer data)
{
  GtkWidget *page = show_page (self, "history");
  GtkWidget *list = get_child (page, "unfinished");
  g_autoptr (GPtrArray) journals = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *sentence = NULL;
  g_autoptr (GVariant) target = NULL;
  GtkWidget *button;

  g_assert_false (gtk_widget_get_visible (list));
  for (guint8 i = 0; i < 2; i++)
    g_ptr_array_add (journals, new_journal (self, i + 1));
  ub_history_page_set_journals (UB_HISTORY_PAGE (page), journals);
  /* the first one is in the bar above all pages */
  sentence = ub_journal_dup_sentence (g_ptr_array_index (journals, 1));
  window_bench_wait (self, sentence);
  button = find_button (list, "session.go-on");
  target = g_variant_ref_sink (
      g_variant_new_string (ub_journal_get_path (g_ptr_array_index (journals, 1))));
  g_assert_true (
      g_variant_equal (gtk_actionable_get_action_target_value (GTK_ACTIONABLE (button)), target));
  g_assert_nonnull (find_button (list, "session.give-up"));
  for (guint i = 0; i < journals->len; i++)
    g_assert_true (ub_journal_remove (g_ptr_array_index (journals, i), NULL));
  g_ptr_array_set_size (journals, 1);
  ub_history_page_set_journals (UB_HISTORY_PAGE (page), journals);
  g_assert_false (gtk_widget_get_visible (list));
}

static const WindowSetup empty = { 0 };
static const WindowSetup opened = { .open = TRUE };
static const WindowSetup kept = { .open = TRUE, .real = TRUE };

#define ADD(name, setup, function)                                                                 \
  g_test_add ("/app/pages/" name,                                                                  \
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
  g_test_add_func ("/app/pages/range-numbers", test_range_numbers);
  g_test_add_func ("/app/pages/range-limits", test_range_limits);
  ADD ("empty", empty, test_empty);
  ADD ("range-fields", empty, test_range_fields);
  ADD ("locks", opened, test_locks);
  ADD ("there-and-back", opened, test_there_and_back);
  ADD ("flipped", opened, test_flipped);
  ADD ("no-copy", empty, test_no_copy);
  ADD ("firmware-as-copy", empty, test_firmware_as_copy);
  ADD ("memory", opened, test_memory);
  ADD ("again", kept, test_again);
  ADD ("unfinished", empty, test_unfinished);
  return g_test_run ();
}
