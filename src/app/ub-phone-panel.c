/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-phone-panel.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-fit-light.h"
#include "app/ub-phone-picture.h"
#include "app/ub-words.h"
#include "engine/ub-guide.h"

struct _UbPhonePanel
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *scrolled;
  UbPhonePicture *picture;
  GtkLabel       *title;
  GtkLabel       *verdict;
  GtkLabel       *text;
  GtkWidget      *steps;
  GtkLabel       *third;
  GtkLabel       *count;
  GtkWidget      *permission;
  GtkWidget      *next;
  GtkWidget      *battery;
  GtkWidget      *plug;
  GtkWidget      *facts;
  UbFitLight     *fit;
  GtkLabel       *chip;
  GtkLabel       *storage;
  GtkLabel       *security;
  GtkLabel       *entered;
  GtkLabel       *port;

  /* owned */
  UbGuide      *guide;
  UbLinkSource *source;
  UbSession    *session;
  UbSighting   *sighting; /* (nullable): the last one */

  guint    subscription;
  guint    clock_id;
  gboolean waiting;
  int      result;   /* UbResult, or -1 */
  gboolean let_go;   /* it was off the cable since the result */
  char    *job_port; /* (owned) (nullable): where the last job's phone was */
  gboolean plugged;  /* the practice phone */
};

G_DEFINE_FINAL_TYPE (UbPhonePanel, ub_phone_panel, GTK_TYPE_WIDGET)

static gboolean
set_text (GtkLabel *label, const char *text)
{
  gboolean any = text != NULL && *text != '\0';
  gboolean new = any && !g_str_equal (gtk_label_get_label (label), text);

  /* a label that is set to what it says already would be announced again */
  if (new)
    gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), any);
  return new;
}

static void
set_good (GtkLabel *label, gboolean good)
{
  if (good)
    gtk_widget_add_css_class (GTK_WIDGET (label), "good");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), "good");
}

static UbSessionState
get_state (UbPhonePanel *self)
{
  return self->session != NULL ? ub_session_get_state (self->session) : UB_SESSION_IDLE;
}

static UbRequest
get_request (UbPhonePanel *self)
{
  return self->session != NULL ? ub_session_get_request (self->session) : UB_REQUEST_NONE;
}

static gboolean
is_present (UbPhonePanel *self)
{
  return self->sighting != NULL && self->sighting->present;
}

/* the job has the phone: hands off, except from keys that are still held */
static void
advise_working (UbPhonePanel *self, UbSessionState state, UbGuideAdvice *advice)
{
  advice->title =
      state >= UB_SESSION_SAVING ? _ ("Leave the phone plugged in") : _ ("Talking to the phone");
  advice->text = NULL;
  advice->acts = 0;
  if (state >= UB_SESSION_SAVING || advice->verdict == NULL)
    {
      advice->verdict = NULL;
      advice->picture = UB_GUIDE_PLUGGED;
    }
}

/* a phone that was written and let go: the guide would take it for one that waits to be written */
static const char *
get_done_title (UbPhonePanel *self, const char *title)
{
  if (!is_present (self))
    return title;
  switch (self->sighting->kind)
    {
    case UB_SIGHTING_PRELOADER:
    case UB_SIGHTING_AGENT:
      return self->let_go ? _ ("The phone is starting") : _ ("You can unplug the phone");
    case UB_SIGHTING_BOOT_ROM:
      return self->let_go ? _ ("The phone is in emergency mode") : _ ("You can unplug the phone");
    default:
      return title;
    }
}

/* what is seen, and nothing to do about it */
static void
advise_ended (UbPhonePanel *self, UbGuideAdvice *advice)
{
  const char *title = advice->title;

  if (self->result == UB_RESULT_DONE)
    *advice = (UbGuideAdvice){ .picture = UB_GUIDE_DONE, .title = get_done_title (self, title) };
  /* the one that failed: in the middle of something, not ready for anything */
  else if (is_present (self))
    *advice = (UbGuideAdvice){ .picture = UB_GUIDE_TROUBLE,
                               .title = _ ("Unplug the phone before you try again") };
}

static void
advise (UbPhonePanel *self, gint64 now_us, UbGuideAdvice *advice)
{
  UbSessionState state = get_state (self);

  ub_guide_get (self->guide, now_us, advice);
  if (state > UB_SESSION_WAITING && state < UB_SESSION_DONE &&
      get_request (self) == UB_REQUEST_NONE)
    advise_working (self, state, advice);
  else if (self->result == UB_RESULT_DONE || self->result == UB_RESULT_FAILED)
    advise_ended (self, advice);
}

/* at first there is more to say than one thing, and room for it */
static gboolean
are_steps_due (UbPhonePanel *self, const UbGuideAdvice *advice)
{
  UbRequest request = get_request (self);

  return self->waiting && (request == UB_REQUEST_NONE || request == UB_REQUEST_PLUG_IN) &&
         (advice->acts & UB_GUIDE_ACT_NEXT) != 0 && advice->picture == UB_GUIDE_AWAY &&
         advice->verdict == NULL;
}

/* the keys are not the same for all phones */
static void
show_steps (UbPhonePanel *self, gboolean steps)
{
  g_autofree char *third =
      /* Translators: a whole sentence about keys to hold follows */
      g_strdup_printf (_ ("No reaction? %s"), ub_guide_get_keys_text (self->guide));

  set_text (self->third, third);
  gtk_widget_set_visible (self->steps, steps);
}

/* whoever cannot see the panel is told all that is new in it, and nothing twice */
static void
announce (UbPhonePanel *self, const UbGuideAdvice *news)
{
  const char *const parts[] = { news->verdict, news->title, news->text };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", parts[i]);
  if (text->len > 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    ub_compat_announce (GTK_WIDGET (self), text->str);
}

static void
show_count (UbPhonePanel *self)
{
  g_autofree char *count = ub_guide_dup_count (self->guide);

  set_text (self->count,
            get_state (self) <= UB_SESSION_WAITING && self->result != UB_RESULT_DONE ? count
                                                                                     : NULL);
}

static void
show_acts (UbPhonePanel *self, guint acts, gboolean steps)
{
  gtk_widget_set_visible (self->permission, (acts & UB_GUIDE_ACT_PERMISSION) != 0);
  gtk_widget_set_visible (self->next, (acts & UB_GUIDE_ACT_NEXT) != 0 && !steps);
  gtk_widget_set_visible (self->battery, (acts & UB_GUIDE_ACT_BATTERY) != 0);
}

static gboolean clock_cb (gpointer data);

/* once, when there will be something else to say */
static void
set_clock (UbPhonePanel *self, gint64 now_us)
{
  gint64 next = ub_guide_get_next_change (self->guide, now_us);

  g_clear_handle_id (&self->clock_id, g_source_remove);
  if (next != G_MAXINT64)
    self->clock_id =
        g_timeout_add ((guint) CLAMP ((next - now_us) / 1000 + 1, 1, G_MAXINT), clock_cb, self);
}

void
ub_phone_panel_look (UbPhonePanel *self, gint64 now_us)
{
  UbGuideAdvice advice, news;
  gboolean      steps;

  advise (self, now_us, &advice);
  steps = are_steps_due (self, &advice);
  ub_phone_picture_set (self->picture, advice.picture);
  news.title = set_text (self->title, advice.title) ? advice.title : NULL;
  news.verdict = set_text (self->verdict, advice.verdict) ? advice.verdict : NULL;
  set_good (self->verdict, advice.picture == UB_GUIDE_LET_GO);
  news.text = set_text (self->text, steps ? NULL : advice.text) ? advice.text : NULL;
  show_steps (self, steps);
  show_acts (self, advice.acts, steps);
  show_count (self);
  set_clock (self, now_us);
  announce (self, &news);
}

static void
look_now (UbPhonePanel *self)
{
  ub_phone_panel_look (self, g_get_monotonic_time ());
}

static gboolean
clock_cb (gpointer data)
{
  UbPhonePanel *self = data;

  self->clock_id = 0;
  look_now (self);
  return G_SOURCE_REMOVE;
}

static void
take_text (GtkLabel *label, char *text)
{
  gtk_label_set_label (label, text != NULL && *text != '\0' ? text : "–");
  g_free (text);
}

static void
show_phone (UbPhonePanel *self, UbPhoneInfo *phone)
{
  const char *port, *speed;

  g_clear_pointer (&self->job_port, g_free);
  gtk_widget_set_visible (self->facts, phone != NULL);
  if (phone == NULL)
    return;
  port = ub_phone_info_get_port (phone);
  self->job_port = g_strdup (port);
  speed = ub_words_get_usb_speed (ub_phone_info_get_speed (phone));
  take_text (self->chip, ub_phone_info_dup_chip_text (phone));
  take_text (self->storage, ub_phone_info_dup_storage_text (phone));
  take_text (self->security, ub_phone_info_dup_security_text (phone));
  take_text (self->entered, ub_phone_info_dup_entered_text (phone));
  if (port != NULL && speed != NULL && *speed != '\0')
    /* Translators: the USB port and its speed: "1-2.4 · USB 2 high speed" */
    take_text (self->port, g_strdup_printf (_ ("%s · %s"), port, speed));
  else
    take_text (self->port, g_strdup (port));
}

static void
set_plugged (UbPhonePanel *self, gboolean plugged)
{
  self->plugged = plugged;
  gtk_button_set_label (GTK_BUTTON (self->plug),
                        plugged ? _ ("Unplug the practice phone")
                                : _ ("Plug the practice phone in"));
}

/* a phone that is not there may only be starting anew; after a job that did not end well its cable
 * is out */
static void
follow_cable (UbPhonePanel *self)
{
  gboolean present = self->sighting != NULL && self->sighting->present;

  if (present != self->plugged &&
      (present || self->result == UB_RESULT_FAILED || self->result == UB_RESULT_CANCELLED ||
       get_request (self) == UB_REQUEST_GO_ON))
    set_plugged (self, present);
}

void
ub_phone_panel_set_practice (UbPhonePanel *self, gboolean practice, gboolean plugged)
{
  gtk_widget_set_visible (self->plug, practice);
  set_plugged (self, plugged);
}

gboolean
ub_phone_panel_get_plugged (UbPhonePanel *self)
{
  return self->plugged;
}

/* a phone of its own: not the one of the job that is over */
static gboolean
is_elsewhere (UbPhonePanel *self, const UbSighting *sighting)
{
  return self->result >= 0 && self->job_port != NULL &&
         g_strcmp0 (self->job_port, sighting->port) != 0;
}

/* what was said of the last phone is over */
static gboolean
is_next (UbPhonePanel *self, const UbSighting *sighting)
{
  if (!sighting->present || self->session != NULL || sighting->kind == UB_SIGHTING_ANDROID)
    return FALSE;
  return self->result == UB_RESULT_FAILED || is_elsewhere (self, sighting);
}

static void
sighting_cb (const UbSighting *sighting, gpointer user_data)
{
  UbPhonePanel *self = user_data;

  ub_guide_see (self->guide, sighting);
  if (is_next (self, sighting))
    self->result = -1;
  if (!is_elsewhere (self, sighting))
    {
      g_clear_pointer (&self->sighting, ub_sighting_free);
      self->sighting = ub_sighting_copy (sighting);
      self->let_go = self->let_go || !sighting->present;
    }
  follow_cable (self);
  look_now (self);
}

static void
phone_cb (UbPhonePanel *self)
{
  show_phone (self, ub_session_get_phone (self->session));
}

/* waits begin, and begin anew when the cable dropped */
static void
state_cb (UbPhonePanel *self)
{
  gboolean waiting = get_state (self) == UB_SESSION_WAITING;
  gint64   now_us = g_get_monotonic_time ();

  if (waiting && !self->waiting)
    ub_guide_begin (self->guide, now_us);
  else if (!waiting && self->waiting)
    ub_guide_end (self->guide);
  self->waiting = waiting;
  ub_phone_panel_look (self, now_us);
}

static void
request_cb (UbPhonePanel *self)
{
  ub_guide_set_request (self->guide, get_request (self), g_get_monotonic_time ());
  follow_cable (self);
  look_now (self);
}

static void
plan_cb (UbPhonePanel *self)
{
  ub_fit_light_set_plan (self->fit, ub_session_get_plan (self->session));
}

static void
drop_source (UbPhonePanel *self)
{
  if (self->source != NULL)
    ub_link_source_unsubscribe (self->source, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->source);
  g_clear_pointer (&self->sighting, ub_sighting_free);
}

void
ub_phone_panel_set_source (UbPhonePanel *self, UbLinkSource *source)
{
  drop_source (self);
  ub_guide_see (self->guide, NULL);
  self->result = -1;
  show_phone (self, NULL);
  ub_fit_light_set_plan (self->fit, NULL);
  if (source != NULL)
    {
      self->source = g_object_ref (source);
      self->subscription = ub_link_source_subscribe (source, NULL, sighting_cb, self);
    }
  look_now (self);
}

void
ub_phone_panel_set_firmware (UbPhonePanel *self, UbFirmware *firmware)
{
  ub_guide_set_phone (self->guide,
                      firmware != NULL ? ub_firmware_get_platform (firmware) : NULL,
                      firmware != NULL ? ub_firmware_get_project (firmware) : NULL);
  look_now (self);
}

static void
drop_session (UbPhonePanel *self)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
}

void
ub_phone_panel_set_session (UbPhonePanel *self, UbSession *session)
{
  drop_session (self);
  if (session != NULL)
    {
      self->result = -1;
      show_phone (self, NULL);
      ub_fit_light_set_plan (self->fit, NULL);
      self->session = g_object_ref (session);
      g_signal_connect_swapped (session, "notify::state", G_CALLBACK (state_cb), self);
      g_signal_connect_swapped (session, "notify::request", G_CALLBACK (request_cb), self);
      g_signal_connect_swapped (session, "notify::phone", G_CALLBACK (phone_cb), self);
      g_signal_connect_swapped (session, "notify::plan", G_CALLBACK (plan_cb), self);
    }
  ub_guide_set_request (self->guide, get_request (self), g_get_monotonic_time ());
  state_cb (self);
}

void
ub_phone_panel_set_result (UbPhonePanel *self, UbResult result)
{
  self->result = (int) result;
  self->let_go = !is_present (self);
  /* what was said before it was written is over */
  if (result == UB_RESULT_DONE)
    ub_fit_light_set_plan (self->fit, NULL);
  follow_cable (self);
  look_now (self);
}

/* --- what a person says --- */

static void
next_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbPhonePanel *self = UB_PHONE_PANEL (widget);

  ub_guide_next (self->guide, g_get_monotonic_time ());
  look_now (self);
}

static void
battery_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbPhonePanel *self = UB_PHONE_PANEL (widget);

  ub_guide_set_battery (self->guide,
                        g_variant_get_boolean (parameter) ? UB_GUIDE_BATTERY_REMOVABLE
                                                          : UB_GUIDE_BATTERY_FIXED,
                        g_get_monotonic_time ());
  look_now (self);
}

static void
ub_phone_panel_dispose (GObject *object)
{
  UbPhonePanel *self = UB_PHONE_PANEL (object);

  g_clear_handle_id (&self->clock_id, g_source_remove);
  drop_session (self);
  drop_source (self);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_phone_panel_parent_class)->dispose (object);
}

static void
ub_phone_panel_finalize (GObject *object)
{
  UbPhonePanel *self = UB_PHONE_PANEL (object);

  ub_guide_free (self->guide);
  g_free (self->job_port);
  G_OBJECT_CLASS (ub_phone_panel_parent_class)->finalize (object);
}

static void
bind_labels (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, title);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, verdict);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, text);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, third);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, count);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, chip);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, storage);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, security);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, entered);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, port);
}

static void
ub_phone_panel_class_init (UbPhonePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_phone_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_phone_panel_finalize;
  g_type_ensure (UB_TYPE_FIT_LIGHT);
  g_type_ensure (UB_TYPE_PHONE_PICTURE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-phone-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, scrolled);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, picture);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, steps);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, permission);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, next);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, battery);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, plug);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, facts);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, fit);
  bind_labels (widget_class);
  gtk_widget_class_install_action (widget_class, "phone.next", NULL, next_cb);
  gtk_widget_class_install_action (widget_class, "phone.battery", "b", battery_cb);
}

static void
ub_phone_panel_init (UbPhonePanel *self)
{
  self->result = -1;
  self->guide = ub_guide_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  look_now (self);
}
