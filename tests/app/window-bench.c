/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>

#include "app/ub-application.h"

#define PATIENCE (60 * G_USEC_PER_SEC)

/* since 4.14; the accessibility that GTK has for tests, GTK_A11Y=test, lacks it and falls into nothing */
void __wrap_gtk_accessible_announce (GtkAccessible *self, const char *message, int priority);

void
__wrap_gtk_accessible_announce (GtkAccessible *self, const char *message, int priority)
{
  g_assert_true (GTK_IS_ACCESSIBLE (self));
  g_assert_true (g_utf8_validate (message, -1, NULL));
}

GtkWidget *
window_bench_find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = window_bench_find (c, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

gboolean
window_bench_shows (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_label (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    if (window_bench_shows (c, text))
      return TRUE;
  return FALSE;
}

/* for whoever reads why a test failed */
static void
print_labels (GtkWidget *widget)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_printerr ("  shown: %s\n", gtk_label_get_label (GTK_LABEL (widget)));
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    print_labels (c);
}

/* turns the main loop until @text is shown somewhere */
void
window_bench_wait (WindowBench *self, const char *text)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!window_bench_shows (GTK_WIDGET (self->window), text))
    {
      if (g_get_monotonic_time () > end)
        {
          print_labels (GTK_WIDGET (self->window));
          g_error ("never shown: %s", text);
        }
      g_main_context_iteration (NULL, TRUE);
    }
}

void
window_bench_do (WindowBench *self, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), action, NULL));
}

GtkWidget *
window_bench_find_button (GtkWidget *widget, const char *label)
{
  const char *text = GTK_IS_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget)) : NULL;

  if (g_strcmp0 (text, label) == 0)
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = window_bench_find_button (c, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_dialog (WindowBench *self, const char *text)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (window != GTK_WIDGET (self->window) && window_bench_shows (window, text))
        return window;
    }
  return NULL;
}

GtkWidget *
window_bench_get_dialog (WindowBench *self, const char *text)
{
  gint64     end = g_get_monotonic_time () + PATIENCE;
  GtkWidget *dialog;

  while ((dialog = find_dialog (self, text)) == NULL)
    {
      if (g_get_monotonic_time () > end)
        g_error ("no dialog says: %s", text);
      g_main_context_iteration (NULL, TRUE);
    }
  return dialog;
}

gboolean
window_bench_has_dialog (WindowBench *self, const char *text)
{
  return find_dialog (self, text) != NULL;
}

const char *
window_bench_get_yes (GtkWidget *dialog)
{
  GtkWidget *no = window_bench_find_button (dialog, "_No, Stop Here");

  return gtk_button_get_label (GTK_BUTTON (gtk_widget_get_next_sibling (no)));
}

GtkWidget *
window_bench_wait_button (WindowBench *self, const char *label)
{
  gint64     end = g_get_monotonic_time () + PATIENCE;
  GtkWidget *button;

  while ((button = window_bench_find_button (GTK_WIDGET (self->window), label)) == NULL ||
         !gtk_widget_get_mapped (button) || !gtk_widget_is_sensitive (button))
    {
      if (g_get_monotonic_time () > end)
        g_error ("no button says: %s", label);
      g_main_context_iteration (NULL, TRUE);
    }
  return button;
}

void
window_bench_answer (WindowBench *self, const char *text, const char *label)
{
  GtkWidget *dialog = window_bench_get_dialog (self, text);
  GtkWidget *button = window_bench_find_button (dialog, label);
  gint64     end = g_get_monotonic_time () + PATIENCE;

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_activate (button));
  /* a button takes its time to spring back */
  while (find_dialog (self, text) != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* the row's tick; the cell is only there once the table was laid out */
GtkWidget *
window_bench_find_tick (GtkWidget *widget, const char *name)
{
  char *wrong = NULL;

  if (GTK_IS_CHECK_BUTTON (widget))
    {
      wrong = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                  name);
      if (wrong == NULL)
        return widget;
      g_free (wrong);
    }
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = window_bench_find_tick (c, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
window_bench_get_tick (WindowBench *self, const char *name)
{
  gint64     end = g_get_monotonic_time () + PATIENCE;
  GtkWidget *check;

  while ((check = window_bench_find_tick (GTK_WIDGET (self->window), name)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  return check;
}

static void
plug (gboolean in, gpointer user_data)
{
  WindowBench *self = user_data;

  if (in)
    ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  else
    ub_practice_source_unplug (UB_PRACTICE_SOURCE (self->source));
}

/* GTK since 4.18 says so of whatever wraps and is not as wide as it may be; that nothing is cut is test-fits'.
 * And 4.24 of its own frames. */
static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") &&
        (g_str_has_prefix (fields[i].value, "Trying to measure Gtk") ||
         g_str_has_prefix (fields[i].value, "gdk_frame_timings_submitted()") ||
         strstr (fields[i].value, "natural size must be >= min size") != NULL))
      return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

/* a process has one writer */
static void
take_warnings (void)
{
  static gsize taken;

  if (g_once_init_enter (&taken))
    {
      g_log_set_writer_func (write_cb, NULL, NULL);
      g_once_init_leave (&taken, 1);
    }
}

void
window_bench_set_up (WindowBench *self, gconstpointer data)
{
  const WindowSetup           *setup = data;
  const UbPracticeControls     controls = { .plug = plug, .user_data = self };
  const UbPracticePhoneOptions options = { .chip = "MT6580", .enter = UB_ENTER_PRELOADER };
  GError                      *error = NULL;

  take_warnings ();
  self->folder = g_dir_make_tmp ("unbrick-window-XXXXXX", NULL);
  self->data = g_dir_make_tmp ("unbrick-agents-XXXXXX", NULL);
  self->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  g_assert_true (ub_practice_firmware_write (self->phone, self->folder, 0, FALSE, &error));
  g_assert_no_error (error);
  self->source = ub_practice_source_new (self->phone, setup->speed > 0, setup->speed, G_MAXUINT);
  self->agents = ub_agent_library_new (self->data);
  self->application = ub_application_new (self->source, self->agents, !setup->real);
  ub_application_set_practice_controls (self->application, &controls);
  if (setup->open)
    ub_application_set_open_path (self->application, self->folder);
  g_assert_true (g_application_register (G_APPLICATION (self->application), NULL, &error));
  g_application_activate (G_APPLICATION (self->application));
  self->window =
      UB_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (self->application)));
  g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->window));
}

static void
remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

void
window_bench_tear_down (WindowBench *self, gconstpointer data)
{
  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_weak_pointer (&self->window);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ub_link_source_stop (self->source);
  g_clear_object (&self->application);
  g_clear_object (&self->agents);
  g_clear_object (&self->source);
  ub_practice_phone_free (self->phone);
  remove_folder (self->folder);
  remove_folder (self->data);
}

static gboolean
quit_cb (gpointer user_data)
{
  g_application_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
window_bench_quit (WindowBench *self)
{
  g_idle_add_full (G_PRIORITY_HIGH, quit_cb, self->application, NULL);
  g_application_run (G_APPLICATION (self->application), 0, NULL);
}

gboolean
window_bench_can (WindowBench *self, const char *action)
{
  GtkWidget *button = gtk_button_new ();
  gboolean   sensitive;

  /* an actionable widget is what the person has: asked through one */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_insert_before (button, GTK_WIDGET (self->window), NULL);
  sensitive = gtk_widget_get_sensitive (button);
  gtk_widget_unparent (button);
  return sensitive;
}
