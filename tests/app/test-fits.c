/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing is cut in the language of LANGUAGE (catalogues in UB_LOCALES), at the size the window opens with and at the smallest one:
 * every page, every dialog, every end of a job. Also: no two letters of a page go to two things (UB_LOCALES=none: English). */
#include "config.h"

#include "app/window-bench.h"

#include <libintl.h>
#include <locale.h>

#include <glib/gi18n.h>

#include "app/ub-error-view.h"
#include "app/ub-mode-box.h"
#include "app/ub-window-private.h"
#include "base/ub-error.h"
#include "engine/ub-mode.h"

static const struct
{
  int width, height;
} sizes[] = { { 1000, 700 }, { 800, 600 } };

static guint n_faults;

static void G_GNUC_PRINTF (1, 2) fault (const char *format, ...)
{
  va_list          args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("  %s\n", text);
  n_faults++;
}

/* columns come and go when a layout is over, and make another one necessary */
static void
settle (GtkWidget *window)
{
  for (guint i = 0; i < 3; i++)
    {
      gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 50;

      gtk_widget_queue_draw (window);
      gtk_test_widget_wait_for_draw (window);
      while (g_main_context_iteration (NULL, FALSE) || g_get_monotonic_time () < end)
        ;
    }
}

static const char *
get_words (GtkWidget *widget)
{
  return GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget))
                               : G_OBJECT_TYPE_NAME (widget);
}

/* all of it can be had: it is its own tooltip, or that of what it is part of */
static gboolean
has_tooltip (GtkWidget *widget)
{
  for (guint i = 0; widget != NULL && i < 4; i++, widget = gtk_widget_get_parent (widget))
    if (gtk_widget_get_tooltip_text (widget) != NULL || gtk_widget_get_has_tooltip (widget))
      return TRUE;
  return FALSE;
}

static void
check_label (GtkWidget *label, const char *where)
{
  if (!pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (label))))
    return;
  /* names and folders: their begin and end are to be seen */
  if (gtk_label_get_ellipsize (GTK_LABEL (label)) == PANGO_ELLIPSIZE_MIDDLE && has_tooltip (label))
    return;
  if (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON) != NULL)
    fault ("%s: a button's words are cut: “%s”", where, get_words (label));
  else if (!has_tooltip (label))
    fault ("%s: cut: “%s”", where, get_words (label));
}

/* heads of columns are not cut by GTK, but run into each other */
static void
check_head (GtkWidget *label, const char *where)
{
  int minimum, natural;

  gtk_widget_measure (label, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  if (gtk_widget_get_width (label) < natural)
    fault ("%s: the head of a column is cut: “%s”", where, get_words (label));
}

/* around all pages, for windows that are smaller than these: in these nothing may need it */
static gboolean
is_around_pages (GtkWidget *frame)
{
  GtkWidget *child = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (frame));

  return GTK_IS_VIEWPORT (child) && GTK_IS_STACK (gtk_viewport_get_child (GTK_VIEWPORT (child)));
}

static void
check_place (GtkWidget *widget, GtkWidget *root, const char *where)
{
  GtkWidget      *frame = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;

  if (gtk_widget_get_ancestor (widget, GTK_TYPE_COLUMN_VIEW) != NULL)
    return;
  if (frame == NULL)
    frame = root;
  if (!gtk_widget_compute_bounds (widget, frame, &bounds) || bounds.size.width <= 0)
    return;
  if (bounds.origin.x < -1 ||
      bounds.origin.x + bounds.size.width > (float) gtk_widget_get_width (frame) + 1)
    fault ("%s: sticks out at a side: %s", where, get_words (widget));
  if ((frame == root || is_around_pages (frame)) &&
      bounds.origin.y + bounds.size.height > (float) gtk_widget_get_height (frame) + 1)
    fault ("%s: sticks out at the bottom: %s", where, get_words (widget));
}

static void
check_widget (GtkWidget *widget, GtkWidget *root, const char *where)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    {
      check_label (widget, where);
      if (g_str_equal (G_OBJECT_TYPE_NAME (gtk_widget_get_parent (gtk_widget_get_parent (widget))),
                       "GtkColumnViewTitle"))
        check_head (widget, where);
    }
  if (GTK_IS_LABEL (widget) || GTK_IS_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) ||
      GTK_IS_EDITABLE (widget))
    check_place (widget, root, where);
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    check_widget (c, root, where);
}

/* --- letters --- */

static void
collect_letters (GtkWidget *widget, GHashTable *letters, const char *where)
{
  guint key = 0;

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;
  if (GTK_IS_LABEL (widget))
    key = gtk_label_get_mnemonic_keyval (GTK_LABEL (widget));
  if (key != 0 && key != GDK_KEY_VoidSymbol && gtk_widget_is_sensitive (widget))
    {
      const char *other =
          g_hash_table_lookup (letters, GUINT_TO_POINTER (gdk_keyval_to_lower (key)));

      if (other != NULL && !g_str_equal (other, get_words (widget)))
        fault ("%s: one letter (%s) for two: “%s” and “%s”",
               where,
               gdk_keyval_name (key),
               other,
               get_words (widget));
      g_hash_table_insert (letters,
                           GUINT_TO_POINTER (gdk_keyval_to_lower (key)),
                           (gpointer) get_words (widget));
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    collect_letters (c, letters, where);
}

static void
check_letters (GtkWidget *window, const char *where)
{
  g_autoptr (GHashTable) letters = g_hash_table_new (NULL, NULL);

  /* what a language has left of its letters is its own matter: only English has to be free of this */
  if (g_strcmp0 (g_getenv ("UB_LOCALES"), "none") == 0)
    collect_letters (window, letters, where);
}

/* --- looking --- */

static void
check_minimum (GtkWidget *window, int width, int height, const char *where)
{
  int wide, high;

  gtk_widget_measure (window, GTK_ORIENTATION_HORIZONTAL, -1, &wide, NULL, NULL, NULL);
  if (wide > width)
    fault ("%s: needs %d pixels across", where, wide);
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL, MAX (width, wide), &high, NULL, NULL, NULL);
  if (high > height)
    fault ("%s: needs %d pixels from top to bottom", where, high);
}

static void
look (WindowBench *self, const char *what)
{
  GtkWidget *window = GTK_WIDGET (self->window);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *where =
          g_strdup_printf ("%s at %d×%d", what, sizes[i].width, sizes[i].height);

      gtk_window_set_default_size (GTK_WINDOW (window), sizes[i].width, sizes[i].height);
      settle (window);
      check_minimum (window, sizes[i].width, sizes[i].height, where);
      check_widget (window, window, where);
    }
  check_letters (window, what);
}

static GtkWidget *
find_dialog (WindowBench *self)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (window != GTK_WIDGET (self->window) && gtk_widget_get_mapped (window))
        return window;
    }
  return NULL;
}

static GtkWidget *
wait_dialog (WindowBench *self)
{
  gint64     end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GtkWidget *dialog = NULL;

  while ((dialog = find_dialog (self)) == NULL && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (dialog);
  settle (dialog);
  return dialog;
}

static void
look_at_dialog (WindowBench *self, const char *what)
{
  GtkWidget *dialog = wait_dialog (self);

  /* the smallest screen, less a panel and a head */
  check_minimum (dialog, sizes[1].width, sizes[1].height - 40, what);
  check_widget (dialog, dialog, what);
  check_letters (dialog, what);
  gtk_window_close (GTK_WINDOW (dialog));
  while (find_dialog (self) != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* --- what is looked at --- */

static void
test_pages (WindowBench *self, gconstpointer data)
{
  g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (self->window->pages);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (pages), i);
      GtkStackPage *page = GTK_STACK_PAGE (item);

      gtk_stack_set_visible_child (self->window->pages, gtk_stack_page_get_child (page));
      settle (GTK_WIDGET (self->window));
      look (self, gtk_stack_page_get_name (page));
    }
}

static void
open_expander (GtkWidget *widget)
{
  if (GTK_IS_EXPANDER (widget))
    gtk_expander_set_expanded (GTK_EXPANDER (widget), TRUE);
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    open_expander (c);
}

static void
test_modes (WindowBench *self, gconstpointer data)
{
  GtkWidget *box = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_MODE_BOX);

  open_expander (box);
  for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
    {
      ub_mode_box_set_mode (UB_MODE_BOX (box), mode);
      settle (GTK_WIDGET (self->window));
      look (self, ub_mode_to_string (mode));
      if (!ub_mode_is_destructive (mode))
        continue;
      window_bench_do (self, "session.start");
      look_at_dialog (self, "plan");
    }
}

static void
test_dialogs (WindowBench *self, gconstpointer data)
{
  static const char *const actions[] = { "win.preferences",
                                         "win.show-shortcuts",
                                         "app.help",
                                         "win.permission",
                                         "win.write-part" };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (g_str_has_prefix (actions[i], "app."))
        g_action_group_activate_action (G_ACTION_GROUP (self->application), actions[i] + 4, NULL);
      else
        window_bench_do (self, actions[i]);
      look_at_dialog (self, actions[i]);
    }
}

static void
test_errors (WindowBench *self, gconstpointer data)
{
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    for (int written = 0; written < 2; written++)
      {
        g_autoptr (GError) error = g_error_new (UB_ERROR, code, "an example of what went wrong");
        g_autofree char *what = g_strdup_printf ("error %s", ub_error_to_string ((UbError) code));

        ub_error_view_set (self->window->error_view, error, written, NULL);
        if (written)
          ub_error_view_set_go_on (self->window->error_view, "/nonexistent");
        ub_window_set_end (self->window,
                           "trouble",
                           _ ("Not finished: the phone is only partly written"),
                           written ? _ ("Nothing is lost: press Go On.")
                                   : _ ("It has to be written again."));
        look (self, what);
      }
}

/* the bar's value in words, for whoever does not see it */
static void
check_value (GtkWidget *bar)
{
  g_autofree char *wrong = NULL;
  GtkWidget       *progress = window_bench_find (bar, GTK_TYPE_PROGRESS_BAR);

  wrong = gtk_test_accessible_check_property (GTK_ACCESSIBLE (progress),
                                              GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                              "");
  if (!gtk_test_accessible_has_property (GTK_ACCESSIBLE (progress),
                                         GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT) ||
      wrong == NULL)
    fault ("running: the bar says no value");
}

static void
wait_end (WindowBench *self)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (ub_window_is_running (self->window) && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, TRUE);
      check_widget (GTK_WIDGET (self->window->bar), GTK_WIDGET (self->window), "running");
      check_value (GTK_WIDGET (self->window->bar));
    }
  g_assert_false (ub_window_is_running (self->window));
}

static void
set_mode (WindowBench *self, UbMode mode)
{
  GtkWidget *box = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_MODE_BOX);

  ub_mode_box_set_mode (UB_MODE_BOX (box), mode);
}

/* repairing asks before it writes */
static void
test_question (WindowBench *self, gconstpointer data)
{
  set_mode (self, UB_MODE_REPAIR);
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  look_at_dialog (self, "question");
  wait_end (self);
  look (self, "stopped");
}

static void
test_job (WindowBench *self, gconstpointer data)
{
  set_mode (self, UB_MODE_DOWNLOAD_ONLY);
  window_bench_do (self, "session.start");
  settle (GTK_WIDGET (self->window));
  look (self, "waiting");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  wait_end (self);
  look (self, "done");
}

/* what the bar can say without a job */
static void
test_bar (WindowBench *self, gconstpointer data)
{
  const char *const words[] = {
    _ ("Done: everything was written"),
    _ ("Stopped. Nothing was written to the phone"),
    _ ("Stopped. The phone is only partly written"),
    _ ("Not finished: nothing was written to the phone"),
    _ ("The cable slipped. Nothing is lost: plug the phone in again and it goes on."),
    _ ("Nothing is lost: plug the phone in again and it goes on."),
    _ ("Stopping at the next safe place")
  };
  const char *const details[] = {
    _ ("It may not start until the job is finished: press Go On."),
    _ ("It may not start until it is written again and that is finished.")
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      ub_window_set_end (self->window, NULL, words[i], details[i % G_N_ELEMENTS (details)]);
      look (self, "bar");
    }
}

typedef void (*Look) (WindowBench *self, gconstpointer setup);

static void
run (Look function, const WindowSetup *setup)
{
  WindowBench bench = { 0 };

  window_bench_set_up (&bench, setup);
  if (setup->open)
    while (!window_bench_can (&bench, "session.start"))
      g_main_context_iteration (NULL, TRUE);
  function (&bench, setup);
  window_bench_tear_down (&bench, setup);
}

int
main (int argc, char **argv)
{
  static const WindowSetup opened = { .open = TRUE }, empty = { 0 };
  const char              *locales = g_getenv ("UB_LOCALES");
  const char              *language = g_getenv ("LANGUAGE");

  setlocale (LC_ALL, "");
  if (locales != NULL)
    {
      bindtextdomain (GETTEXT_PACKAGE, locales);
      bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
      textdomain (GETTEXT_PACKAGE);
    }
  gtk_init ();
  if (g_strcmp0 (language, "ar") == 0)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  /* a test of another language than the one it is for would be none */
  g_assert_true (language == NULL || *language == '\0' ||
                 g_strcmp0 (_ ("Nothing on the cable"), "Nothing on the cable") != 0);
  run (test_pages, &empty);
  run (test_pages, &opened);
  run (test_modes, &opened);
  run (test_dialogs, &opened);
  run (test_bar, &opened);
  run (test_question, &opened);
  run (test_job, &opened);
  run (test_errors, &opened);
  g_print ("%u faults\n", n_faults);

  return n_faults == 0 ? 0 : 1;
}
