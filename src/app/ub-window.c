/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-window.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-format-page.h"
#include "app/ub-narrow.h"
#include "app/ub-plan-dialog.h"
#include "app/ub-readback-page.h"
#include "app/ub-settings.h"
#include "app/ub-test-page.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"
#include "base/ub-error.h"

enum
{
  PROP_RUNNING = 1,
  N_PROPERTIES
};

G_DEFINE_FINAL_TYPE (UbWindow, ub_window, GTK_TYPE_APPLICATION_WINDOW)

gboolean
ub_window_is_running (UbWindow *self)
{
  return self->session != NULL || self->cancellable != NULL;
}

/* --- what is shown --- */

static gboolean
is_download_shown (UbWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "download") == 0;
}

/* the last job's, if it was begun on the page that is open */
static gboolean
is_end_shown (UbWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), self->job_page) == 0;
}

static void
show_readiness (UbWindow *self)
{
  const char      *reason = ub_download_page_get_reason (self->page);
  UbPlan          *plan = ub_download_page_get_plan (self->page);
  g_autofree char *ready = NULL;

  if (reason != NULL || plan == NULL)
    {
      ub_job_bar_set_words (self->bar, reason != NULL ? reason : "", NULL);
      return;
    }
  /* Translators: %s is what the button says: "Download" */
  ready = g_strdup_printf (_ ("Ready: press %s, then plug the phone in"),
                           ub_mode_get_verb (ub_plan_get_mode (plan)));
  ub_job_bar_set_words (self->bar, ready, NULL);
}

static void
show_words (UbWindow *self)
{
  if (ub_window_is_running (self))
    return;
  if (self->end_words != NULL)
    ub_job_bar_set_words (self->bar, self->end_words, self->end_details);
  else if (is_download_shown (self))
    show_readiness (self);
  else
    ub_job_bar_set_words (self->bar, "", NULL);
}

static void
show_end (UbWindow *self)
{
  const char *name = self->end != NULL && is_end_shown (self) ? self->end : "pages";
  GtkWidget  *shown = gtk_stack_get_child_by_name (self->ends, name);

  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (self->ends, shown);
  /* a screen reader would read the others, too, were they only behind */
  for (GtkWidget *c = gtk_widget_get_first_child (GTK_WIDGET (self->ends)); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    if (c != shown)
      gtk_widget_set_visible (c, FALSE);
  ub_window_show_go_on (self);
}

void
ub_window_show_go_on (UbWindow *self)
{
  ub_journal_bar_set_can_go_on (self->journal_bar,
                                gtk_stack_get_visible_child (self->ends) !=
                                        GTK_WIDGET (self->error_view) ||
                                    !ub_error_view_goes_on (self->error_view));
}

void
ub_window_set_end (UbWindow *self, const char *end, const char *words, const char *details)
{
  self->end = end;
  g_free (self->end_words);
  self->end_words = g_strdup (words);
  g_free (self->end_details);
  self->end_details = g_strdup (details);
  show_end (self);
  show_words (self);
}

static void
page_changed_cb (UbWindow *self)
{
  UbPlan *plan = ub_download_page_get_plan (self->page);
  UbMode  mode = plan != NULL ? ub_plan_get_mode (plan) : UB_MODE_DOWNLOAD_ONLY;

  ub_job_bar_set_verb (self->bar, ub_mode_get_verb (mode), ub_mode_is_destructive (mode));
  ub_phone_panel_set_firmware (self->panel, ub_download_page_get_firmware (self->page));
  if (!ub_window_is_running (self))
    ub_window_set_end (self, NULL, NULL, NULL);
  ub_window_actions_update (self);
}

/* another page was opened */
static void
pages_cb (UbWindow *self)
{
  /* the window goes away, one child after the other */
  if (self->history == NULL)
    return;
  show_end (self);
  show_words (self);
  ub_job_bar_set_can_start (self->bar, is_download_shown (self));
  ub_window_actions_update (self);
}

/* --- recent firmware --- */

void
ub_window_show_recent (UbWindow *self)
{
  GSettings *settings = ub_application_get_settings (self->application);
  g_auto (GStrv) recent = ub_settings_get_list (settings, "recent-firmware");
  g_autoptr (GMenu) section = g_menu_new ();
  g_autoptr (GMenu) others = g_menu_new ();

  g_menu_remove_all (self->recent_menu);
  for (guint i = 0; recent[i] != NULL; i++)
    {
      g_autofree char *text = ub_words_shorten_path (recent[i]);
      g_autoptr (GMenuItem) item = g_menu_item_new (text, NULL);

      g_menu_item_set_action_and_target (item, "win.open-recent", "s", recent[i]);
      g_menu_append_item (section, item);
    }
  g_menu_append_section (self->recent_menu, NULL, G_MENU_MODEL (section));
  g_menu_append (others, _ ("Open Folder…"), "win.open");
  g_menu_append (others, _ ("Open File or Archive…"), "win.open-file");
  g_menu_append_section (self->recent_menu, NULL, G_MENU_MODEL (others));
  ub_download_page_set_recent (self->page, G_MENU_MODEL (self->recent_menu), recent[0] != NULL);
}

static void
page_opened_cb (UbWindow *self, const char *path)
{
  /* what is practised with is nobody's firmware */
  if (!ub_application_get_practice (self->application))
    ub_settings_add_recent (ub_application_get_settings (self->application),
                            "recent-firmware",
                            path);
  ub_window_show_recent (self);
  ub_job_bar_clear (self->bar);
}

static void
page_alone_cb (UbWindow *self, const char *path, const GError *error)
{
  ub_job_bar_clear (self->bar);
  ub_window_open_alone (self, path, error);
}

static void
page_trouble_cb (UbWindow *self, const GError *error)
{
  gtk_stack_set_visible_child_name (self->pages, "download");
  ub_window_job_show_trouble (self, error);
}

/* --- a job --- */

static void
confirmed_cb (UbPlan *plan, gboolean go, gpointer user_data)
{
  if (go)
    ub_window_job_start (user_data, plan, NULL);
}

static void
show_blocker (UbWindow *self, UbPlan *plan)
{
  const UbIssue *issue = ub_plan_get_first_blocker (plan);
  g_autoptr (GError) error = NULL;

  if (issue == NULL)
    return;
  error = g_error_new_literal (UB_ERROR, issue->code, issue->text);
  ub_window_job_show_trouble (self, error);
}

void
ub_window_start_plan (UbWindow *self, UbPlan *plan)
{
  if (ub_window_is_running (self))
    return;
  if (ub_plan_is_blocked (plan))
    show_blocker (self, plan);
  else if (ub_mode_is_destructive (ub_plan_get_mode (plan)))
    ub_plan_dialog_present (GTK_WINDOW (self), plan, confirmed_cb, self, NULL);
  else
    ub_window_job_start (self, plan, NULL);
}

void
ub_window_start (UbWindow *self)
{
  UbPlan *plan = ub_download_page_get_plan (self->page);

  if (plan != NULL && ub_download_page_get_reason (self->page) == NULL)
    ub_window_start_plan (self, plan);
}

/* --- closing --- */

static void
close_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UbWindow *self = UB_WINDOW (source);

  self->asks_to_close = FALSE;
  if (ub_compat_ask_finish (result) != 1)
    return;
  if (!ub_window_is_running (self))
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  self->close_when_done = TRUE;
  ub_window_job_stop (self);
}

static void
remember_size (UbWindow *self)
{
  GSettings *settings = ub_application_get_settings (self->application);
  gboolean   maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  int        width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  ub_settings_set_boolean (settings, "window-maximized", maximized);
  if (maximized || width < 640 || height < 480)
    return;
  ub_settings_set_int (settings, "window-width", width);
  ub_settings_set_int (settings, "window-height", height);
}

static gboolean
ub_window_close_request (GtkWindow *window)
{
  const char *const buttons[] = { _ ("Keep Writing"), _ ("Stop and Close"), NULL };
  UbWindow         *self = UB_WINDOW (window);

  remember_size (self);
  if (self->session == NULL)
    return FALSE;
  /* it is on its way, or the person has the word */
  if (self->close_when_done || self->asks_to_close)
    return TRUE;
  if (!self->begun)
    {
      self->close_when_done = TRUE;
      ub_window_job_stop (self);
      return TRUE;
    }
  self->asks_to_close = TRUE;
  ub_compat_ask (window,
                 _ ("Stop writing the phone?"),
                 _ ("A phone that is only partly written may not start until it is written again."),
                 buttons,
                 close_answered_cb,
                 NULL);
  return TRUE;
}

/* --- the source --- */

void
ub_window_set_source (UbWindow *self, UbLinkSource *source)
{
  gboolean      practice = ub_application_get_practice (self->application);
  const GError *error = source != NULL ? ub_application_get_source_error (self->application) : NULL;

  ub_done_view_end_watch (self->done_view);
  ub_phone_panel_set_source (self->panel, source);
  ub_phone_panel_set_practice (self->panel, ub_application_has_plug (self->application), FALSE);
  if (source != NULL)
    ub_window_journal_show (self, practice);
  gtk_widget_set_visible (self->practice_banner, practice);
  gtk_widget_set_visible (self->source_banner, error != NULL);
  if (error != NULL)
    {
      /* Translators: %s is a reason in English */
      g_autofree char *text =
          g_strdup_printf (_ ("The USB ports of this computer cannot be watched: %s"),
                           error->message);

      gtk_label_set_label (self->source_label, text);
    }
}

/* --- life --- */

static void
ub_window_dispose (GObject *object)
{
  UbWindow *self = UB_WINDOW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  /* the report is told what is known so far */
  if (self->done_view != NULL)
    ub_done_view_end_watch (self->done_view);
  if (self->panel != NULL)
    ub_phone_panel_set_source (self->panel, NULL);
  g_clear_object (&self->recent_menu);
  g_clear_object (&self->history);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->agents, g_strfreev);
  g_clear_pointer (&self->journals, g_ptr_array_unref);
  g_clear_object (&self->plan);
  g_clear_object (&self->report);
  g_clear_pointer (&self->job_page, g_free);
  g_clear_pointer (&self->offered, g_free);
  g_clear_pointer (&self->end_words, g_free);
  g_clear_pointer (&self->end_details, g_free);
  G_OBJECT_CLASS (ub_window_parent_class)->dispose (object);
}

static void
ub_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUNNING)
    g_value_set_boolean (value, ub_window_is_running (UB_WINDOW (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbWindow, practice_banner);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, source_banner);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, source_label);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, offer_banner);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, offer_label);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, journal_bar);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, ends);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, page);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, done_view);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, error_view);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, UbWindow, bar);
}

static void
ub_window_class_init (UbWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_window_dispose;
  G_OBJECT_CLASS (klass)->get_property = ub_window_get_property;
  GTK_WINDOW_CLASS (klass)->close_request = ub_window_close_request;
  g_type_ensure (UB_TYPE_DOWNLOAD_PAGE);
  g_type_ensure (UB_TYPE_DONE_VIEW);
  g_type_ensure (UB_TYPE_ERROR_VIEW);
  g_type_ensure (UB_TYPE_JOURNAL_BAR);
  g_type_ensure (UB_TYPE_PHONE_PANEL);
  g_type_ensure (UB_TYPE_JOB_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_opened_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_trouble_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_alone_cb);
  ub_window_actions_init_class (widget_class);
  g_object_class_install_property (G_OBJECT_CLASS (klass),
                                   PROP_RUNNING,
                                   g_param_spec_boolean ("running",
                                                         NULL,
                                                         NULL,
                                                         FALSE,
                                                         G_PARAM_READABLE |
                                                             G_PARAM_STATIC_STRINGS));
  g_signal_new ("finished",
                UB_TYPE_WINDOW,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                UB_TYPE_REPORT);
}

static void
ub_window_init (UbWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->recent_menu = g_menu_new ();
  self->history = ub_history_new (NULL);
  g_signal_connect_object (self->done_view,
                           "outcome",
                           G_CALLBACK (ub_window_job_set_outcome),
                           self,
                           G_CONNECT_SWAPPED);
  ub_window_dnd_init (self);
  ub_window_manners_init (self);
}

static void
add_pages (UbWindow *self)
{
  gtk_stack_add_titled (self->pages,
                        ub_readback_page_new (self->application),
                        "readback",
                        _ ("Readback"));
  gtk_stack_add_titled (self->pages,
                        ub_format_page_new (self->application),
                        "format",
                        _ ("Format"));
  gtk_stack_add_titled (self->pages,
                        ub_test_page_new (self->application),
                        "test",
                        _ ("Memory test"));
  self->history_page = g_object_new (UB_TYPE_HISTORY_PAGE, NULL);
  ub_history_page_set_history (self->history_page, self->history);
  gtk_stack_add_titled (self->pages, GTK_WIDGET (self->history_page), "history", _ ("History"));
  g_signal_connect_object (self->pages,
                           "notify::visible-child",
                           G_CALLBACK (pages_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

UbWindow *
ub_window_new (UbApplication *application)
{
  UbWindow  *self = g_object_new (UB_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = ub_application_get_settings (application);

  self->application = application;
  gtk_window_set_default_size (GTK_WINDOW (self),
                               ub_settings_get_int (settings, "window-width", 1000),
                               ub_settings_get_int (settings, "window-height", 700));
  if (ub_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  ub_download_page_set_loader (self->page, ub_application_get_loader (application));
  ub_download_page_set_settings (self->page, settings);
  add_pages (self);
  ub_narrow_buttons (GTK_WIDGET (self));
  ub_window_show_recent (self);
  ub_window_set_source (self, ub_application_get_source (application));
  page_changed_cb (self);
  return self;
}
