/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "app/ub-compat.h"
#include "app/ub-help.h"
#include "app/ub-settings.h"
#include "app/ub-window.h"

/* one that says that we are to end */
typedef struct
{
  UbApplication *application;
  guint          source;
  gboolean       came;
} Signal;

struct _UbApplication
{
  GtkApplication parent_instance;

  UbLinkSource     *source;       /* (nullable) */
  GError           *source_error; /* (nullable) */
  UbFirmwareLoader *loader;
  GSettings        *settings; /* (nullable) */
  UbSupport        *support;
  Signal            signals[3];
  gboolean          at_once; /* told twice to end */
  guint             n_saving;
  gulong            naming;
  char             *open_path;
  char             *practice_copies;
  char             *practice_journals;
  gboolean          practice;

  /* borrowed from main */
  UbSourceFactory    factory;
  gpointer           factory_data;
  UbPracticeControls controls;
};

G_DEFINE_FINAL_TYPE (UbApplication, ub_application, GTK_TYPE_APPLICATION)

#define WEBSITE "https://github.com/unbrick/unbrick"
#define END_PATIENCE_MS 20000

static UbWindow *
get_window (UbApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (UB_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

static void
start_source (UbApplication *self)
{
  g_clear_error (&self->source_error);
  ub_support_set_source (self->support, self->source);
  if (self->source != NULL && !ub_link_source_start (self->source, &self->source_error))
    g_info ("the cable cannot be watched: %s", self->source_error->message);
}

static void
stop_source (UbApplication *self)
{
  ub_support_set_source (self->support, NULL);
  if (self->source != NULL)
    ub_link_source_stop (self->source);
  g_clear_object (&self->source);
}

/* --- actions --- */

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UbWindow *window = get_window (user_data);

  /* the window asks first if a phone is being written */
  if (window != NULL)
    gtk_window_close (GTK_WINDOW (window));
  else
    g_application_quit (user_data);
}

static void
help_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ub_help_show (GTK_WINDOW (get_window (user_data)));
}

/* a new one each time: what it tells for support is of now */
static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UbWindow        *window = get_window (user_data);
  g_autofree char *support = window != NULL ? ub_window_dup_support_text (window, NULL) : NULL;
  GtkWidget       *dialog = g_object_new (
      GTK_TYPE_ABOUT_DIALOG,
      "program-name",
      "Unbrick",
      "version",
      PACKAGE_VERSION,
      "logo-icon-name",
      APP_ID,
      "comments",
      _ ("Brings phones with MediaTek chips back to life"),
      "license-type",
      GTK_LICENSE_GPL_3_0,
      "website",
      WEBSITE,
      "website-label",
      _ ("Website"),
      /* Translators: your names, one on each line; they are shown in the About dialog */
      "translator-credits",
      _ ("translator-credits"),
      "system-information",
      support,
      "modal",
      TRUE,
      "transient-for",
      window,
      NULL);

  gtk_window_present (GTK_WINDOW (dialog));
}

/* the notification was clicked */
static void
show_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_activate (user_data);
}

static void
set_practice_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  UbApplication   *self = user_data;
  UbWindow        *window = get_window (self);
  g_autofree char *folder = NULL;

  /* the bus gets here although it is not enabled */
  if (!g_action_get_enabled (G_ACTION (action)))
    return;
  self->practice = g_variant_get_boolean (state);
  g_simple_action_set_state (action, state);
  if (window != NULL)
    ub_window_set_source (window, NULL);
  stop_source (self);
  self->source = self->factory (self->practice, &folder, self->factory_data);
  /* no practice phone today: back to the real ones */
  if (self->source == NULL && self->practice)
    {
      self->practice = FALSE;
      g_simple_action_set_state (action, g_variant_new_boolean (FALSE));
      self->source = self->factory (FALSE, NULL, self->factory_data);
    }
  start_source (self);
  if (window == NULL)
    {
      ub_application_set_open_path (self, folder);
      return;
    }
  ub_window_set_source (window, self->source);
  if (folder != NULL)
    ub_window_open (window, folder);
}

/* from the desktop's menu, maybe before there is a window; not while a phone is being written */
static void
practice_phone_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UbApplication *self = user_data;
  GAction       *practice = g_action_map_lookup_action (G_ACTION_MAP (self), "practice");

  if (!self->practice && g_action_get_enabled (practice))
    g_action_change_state (practice, g_variant_new_boolean (TRUE));
  g_application_activate (user_data);
}

static void
add_actions (UbApplication *self)
{
  static const GActionEntry entries[] = {
    { .name = "quit", .activate = quit_cb },
    { .name = "help", .activate = help_cb },
    { .name = "about", .activate = about_cb },
    { .name = "show", .activate = show_cb },
    { .name = "practice", .state = "false", .change_state = set_practice_cb },
    { .name = "practice-phone", .activate = practice_phone_cb },
  };
  static const struct
  {
    const char *action;
    const char *keys[3];
  } keys[] = {
    { "app.quit", { "<Control>q" } },
    { "app.help", { "F1" } },
    { "win.open", { "<Control>o" } },
    { "win.open-file", { "<Control><Shift>o" } },
    { "win.show-shortcuts", { "<Control>question" } },
    { "window.close", { "<Control>w" } },
    { "session.start", { "<Control>d" } },
    { "session.stop", { "Escape" } },
  };
  GAction *practice;

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  practice = g_action_map_lookup_action (G_ACTION_MAP (self), "practice");
  g_simple_action_set_state (G_SIMPLE_ACTION (practice), g_variant_new_boolean (self->practice));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (practice), self->factory != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
}

/* --- life --- */

/* We are told to end: at the next safe place; told twice, at once. A session that ends says it in two ways, SIGTERM and
 * SIGHUP: that is once. The journal knows how far the job was */
static gboolean
end_cb (gpointer user_data)
{
  Signal        *signal = user_data;
  UbApplication *self = signal->application;
  UbWindow      *window = get_window (self);

  self->at_once = self->at_once || signal->came;
  signal->came = TRUE;
  if (self->at_once || window == NULL || !ub_window_end (window))
    g_application_quit (G_APPLICATION (self));
  return G_SOURCE_CONTINUE;
}

static void
add_signals (UbApplication *self)
{
  static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };

  for (guint i = 0; i < G_N_ELEMENTS (self->signals); i++)
    {
      self->signals[i].application = self;
      self->signals[i].source = g_unix_signal_add (numbers[i], end_cb, &self->signals[i]);
    }
}

static void
remove_signals (UbApplication *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i].source, g_source_remove);
}

static gboolean
impatient_cb (gpointer user_data)
{
  *(gboolean *) user_data = FALSE;
  return G_SOURCE_CONTINUE;
}

/* The session ends, whatever we say: what is being written gets a moment to come to a safe place, and half a saved copy to be
 * removed */
static void
wind_up (UbApplication *self)
{
  gboolean  patient = TRUE;
  guint     source = g_timeout_add (END_PATIENCE_MS, impatient_cb, &patient);
  UbWindow *window;

  while ((window = get_window (self)) != NULL && ub_window_end (window) && patient &&
         !self->at_once)
    g_main_context_iteration (NULL, TRUE);
  /* it may have closed itself */
  if ((window = get_window (self)) != NULL)
    gtk_window_destroy (GTK_WINDOW (window));
  while (self->n_saving > 0 && patient && !self->at_once)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static void
ub_application_startup (GApplication *application)
{
  UbApplication *self = UB_APPLICATION (application);
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  GdkDisplay *display;

  G_APPLICATION_CLASS (ub_application_parent_class)->startup (application);
  display = gdk_display_get_default ();
  gtk_css_provider_load_from_resource (provider, "/io/github/unbrick/Unbrick/ui/style.css");
  gtk_style_context_add_provider_for_display (display,
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/io/github/unbrick/Unbrick/ui/icons");
  gtk_window_set_default_icon_name (APP_ID);
  self->naming = ub_compat_name_menus ();
  add_actions (self);
  add_signals (self);
  start_source (self);
}

static void
ub_application_activate (GApplication *application)
{
  UbApplication *self = UB_APPLICATION (application);
  UbWindow      *window = get_window (self);

  if (window == NULL)
    window = ub_window_new (self);
  gtk_window_present (GTK_WINDOW (window));
  if (self->open_path != NULL)
    ub_window_open (window, self->open_path);
  g_clear_pointer (&self->open_path, g_free);
}

static void
ub_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  UbApplication *self = UB_APPLICATION (application);

  /* one phone, one firmware: the first one counts */
  g_autofree char *path = n_files > 0 ? g_file_get_path (files[0]) : NULL;
  UbWindow        *window = get_window (self);
  const gboolean   busy = window != NULL && ub_window_is_busy (window);

  /* in the middle of something: it waits until the person says so */
  if (busy && path != NULL)
    ub_window_offer (window, path);
  else if (path != NULL)
    ub_application_set_open_path (self, path);
  ub_application_activate (application);
  if (path == NULL && n_files > 0 && !busy)
    ub_window_open_file (get_window (self), files[0]);
}

static void
ub_application_shutdown (GApplication *application)
{
  UbApplication *self = UB_APPLICATION (application);

  wind_up (self);
  remove_signals (self);
  stop_source (self);
  G_APPLICATION_CLASS (ub_application_parent_class)->shutdown (application);
}

static void
ub_application_finalize (GObject *object)
{
  UbApplication *self = UB_APPLICATION (object);

  ub_compat_name_menus_off (self->naming);
  remove_signals (self);
  ub_support_set_source (self->support, NULL);
  g_clear_object (&self->support);
  g_clear_object (&self->source);
  g_clear_error (&self->source_error);
  g_clear_object (&self->loader);
  g_clear_object (&self->settings);
  g_free (self->open_path);
  g_free (self->practice_copies);
  g_free (self->practice_journals);
  G_OBJECT_CLASS (ub_application_parent_class)->finalize (object);
}

static void
ub_application_class_init (UbApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ub_application_finalize;
  application_class->startup = ub_application_startup;
  application_class->activate = ub_application_activate;
  application_class->open = ub_application_open;
  application_class->shutdown = ub_application_shutdown;
}

static void
ub_application_init (UbApplication *self)
{
  const char *cache = g_get_user_cache_dir ();

  self->settings = ub_settings_new ();
  self->support = ub_support_new (NULL, NULL);
  self->practice_copies = g_build_filename (cache, "unbrick", "practice", "copies", NULL);
  /* a practice phone lives as long as its program: another window's jobs are not ours */
  self->practice_journals =
      g_strdup_printf ("%s/unbrick/practice/journals/%" G_PID_FORMAT, cache, (GPid) getpid ());
}

UbApplication *
ub_application_new (UbLinkSource *source, UbAgentLibrary *agents, gboolean practice)
{
  GApplicationFlags flags = G_APPLICATION_HANDLES_OPEN | (practice ? G_APPLICATION_NON_UNIQUE : 0);
  UbApplication    *self =
      g_object_new (UB_TYPE_APPLICATION,
                    "application-id",
                    APP_ID,
                    "flags",
                    flags,
                    /* the session tells us before it ends, and that we are to end */
                    "register-session",
                    TRUE,
                    NULL);

  g_set_object (&self->source, source);
  self->loader = ub_firmware_loader_new (agents);
  self->practice = practice;
  return self;
}

void
ub_application_set_open_path (UbApplication *self, const char *path)
{
  g_free (self->open_path);
  self->open_path = g_strdup (path);
}

void
ub_application_set_support (UbApplication *self, UbSupport *support)
{
  g_set_object (&self->support, support);
}

UbSupport *
ub_application_get_support (UbApplication *self)
{
  return self->support;
}

void
ub_application_set_source_factory (UbApplication *self, UbSourceFactory factory, gpointer user_data)
{
  self->factory = factory;
  self->factory_data = user_data;
}

void
ub_application_set_practice_controls (UbApplication *self, const UbPracticeControls *controls)
{
  self->controls = *controls;
}

UbLinkSource *
ub_application_get_source (UbApplication *self)
{
  return self->source;
}

GError *
ub_application_get_source_error (UbApplication *self)
{
  return self->source_error;
}

UbFirmwareLoader *
ub_application_get_loader (UbApplication *self)
{
  return self->loader;
}

GSettings *
ub_application_get_settings (UbApplication *self)
{
  return self->settings;
}

gboolean
ub_application_get_practice (UbApplication *self)
{
  return self->practice;
}

const char *
ub_application_get_copies_folder (UbApplication *self)
{
  return self->practice ? self->practice_copies : NULL;
}

const char *
ub_application_get_journal_folder (UbApplication *self)
{
  return self->practice ? self->practice_journals : NULL;
}

gboolean
ub_application_has_plug (UbApplication *self)
{
  return self->practice && self->controls.plug != NULL;
}

void
ub_application_plug (UbApplication *self, gboolean in)
{
  if (ub_application_has_plug (self))
    self->controls.plug (in, self->controls.user_data);
}

void
ub_application_set_saving (UbApplication *self, gboolean saving)
{
  if (saving)
    g_application_hold (G_APPLICATION (self));
  else
    g_application_release (G_APPLICATION (self));
  self->n_saving += saving ? 1 : -1;
}

void
ub_application_set_busy_writing (UbApplication *self, gboolean busy)
{
  GAction *practice = g_action_map_lookup_action (G_ACTION_MAP (self), "practice");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (practice), !busy && self->factory != NULL);
}
