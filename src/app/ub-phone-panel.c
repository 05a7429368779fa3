/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-phone-panel.h"

#include <glib/gi18n.h>

#include "app/ub-fit-light.h"
#include "app/ub-phone-picture.h"
#include "app/ub-phone-words.h"
#include "app/ub-words.h"

struct _UbPhonePanel
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *scrolled;
  UbPhonePicture *picture;
  GtkLabel       *headline;
  GtkLabel       *request;
  GtkWidget      *steps;
  GtkLabel       *hint;
  GtkLabel       *count;
  GtkWidget      *plug;
  GtkWidget      *facts;
  UbFitLight     *fit;
  GtkLabel       *chip;
  GtkLabel       *storage;
  GtkLabel       *security;
  GtkLabel       *entered;
  GtkLabel       *port;

  /* owned */
  UbLinkSource *source;
  UbSession    *session;
  UbSighting   *sighting; /* (nullable): the last one */

  guint    subscription;
  guint    clock_id;
  guint    waited;        /* s */
  guint    visits_before; /* appearances when the wait began */
  int      result;        /* UbResult, or -1 */
  gboolean plugged;       /* the practice phone */
};

G_DEFINE_FINAL_TYPE (UbPhonePanel, ub_phone_panel, GTK_TYPE_WIDGET)

static void
set_text (GtkLabel *label, const char *text)
{
  gboolean any = text != NULL && *text != '\0';

  /* a label that is set to what it says already would be announced again */
  if (any && !g_str_equal (gtk_label_get_label (label), text))
    gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), any);
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

static UbPicture
choose_picture (UbPhonePanel *self)
{
  gboolean  present = self->sighting != NULL && self->sighting->present;
  UbRequest request = get_request (self);

  if (self->result == UB_RESULT_DONE)
    return UB_PICTURE_DONE;
  if (self->result == UB_RESULT_FAILED || (present && (self->sighting->access == UB_ACCESS_DENIED ||
                                                       self->sighting->access == UB_ACCESS_BUSY)))
    return UB_PICTURE_TROUBLE;
  if (request == UB_REQUEST_HOLD_KEY)
    return UB_PICTURE_KEYS;
  if (request == UB_REQUEST_OTHER_PHONE)
    return UB_PICTURE_TROUBLE;
  if (!present && get_state (self) == UB_SESSION_WAITING && self->waited >= 30)
    return UB_PICTURE_KEYS;
  if (!present)
    return UB_PICTURE_AWAY;
  return self->sighting->kind == UB_SIGHTING_ANDROID ? UB_PICTURE_ON : UB_PICTURE_PLUGGED;
}

/* since the wait, or the end of the job, began */
static guint
count_visits (UbPhonePanel *self)
{
  guint now = self->sighting != NULL ? self->sighting->appearances : 0;

  return now > self->visits_before ? now - self->visits_before : 0;
}

static const char *
choose_headline (UbPhonePanel *self)
{
  const char    *hint = NULL;
  UbSessionState state = get_state (self);
  gboolean       present = self->sighting != NULL && self->sighting->present;
  UbRequest      request = get_request (self);

  if (request == UB_REQUEST_OTHER_PHONE)
    return _ ("This is another phone");
  if (request == UB_REQUEST_GO_ON && !present)
    return _ ("Plug the phone in again");
  if (state == UB_SESSION_WAITING && !present)
    return _ ("Waiting for the phone");
  if (state > UB_SESSION_WAITING && state < UB_SESSION_DONE)
    return state >= UB_SESSION_SAVING ? _ ("Leave the phone plugged in")
                                      : _ ("Talking to the phone");
  if (self->result == UB_RESULT_DONE)
    return ub_phone_words_get_after (self->sighting, self->waited, count_visits (self), &hint);
  /* the one that failed: in the middle of something, not ready for anything */
  if (self->result == UB_RESULT_FAILED && present)
    return _ ("Unplug the phone before you try again");
  return ub_phone_words_get_headline (self->sighting);
}

static const char *
choose_hint (UbPhonePanel *self)
{
  const char *cure = ub_phone_words_get_cure (self->sighting);
  const char *after = NULL;

  if (get_state (self) > UB_SESSION_WAITING)
    return NULL;
  if (self->result == UB_RESULT_DONE)
    {
      ub_phone_words_get_after (self->sighting, self->waited, count_visits (self), &after);
      return after;
    }
  if (cure != NULL)
    return cure;
  if (get_state (self) != UB_SESSION_WAITING)
    return NULL;
  return ub_phone_words_get_hint (self->waited, count_visits (self));
}

static void
show_request (UbPhonePanel *self)
{
  UbRequest request = get_request (self);

  /* the numbered steps and the cures say these already */
  if (request == UB_REQUEST_PLUG_IN || request == UB_REQUEST_SWITCH_OFF ||
      request == UB_REQUEST_PERMISSION)
    request = UB_REQUEST_NONE;
  set_text (self->request, request != UB_REQUEST_NONE ? ub_request_get_text (request) : NULL);
}

static void
show_sighting (UbPhonePanel *self)
{
  UbSessionState   state = get_state (self);
  gboolean         present = self->sighting != NULL && self->sighting->present;
  g_autofree char *count = ub_phone_words_format_count (self->sighting);

  ub_phone_picture_set (self->picture, choose_picture (self));
  set_text (self->headline, choose_headline (self));
  set_text (self->hint, choose_hint (self));
  set_text (self->count,
            state <= UB_SESSION_WAITING && self->result != UB_RESULT_DONE ? count : NULL);
  /* a phone that is to come back was told what to do in one sentence */
  gtk_widget_set_visible (self->steps,
                          state == UB_SESSION_WAITING && !present &&
                              get_request (self) != UB_REQUEST_GO_ON);
  show_request (self);
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

  gtk_widget_set_visible (self->facts, phone != NULL);
  if (phone == NULL)
    return;
  port = ub_phone_info_get_port (phone);
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

static void
sighting_cb (const UbSighting *sighting, gpointer user_data)
{
  UbPhonePanel *self = user_data;

  g_clear_pointer (&self->sighting, ub_sighting_free);
  self->sighting = ub_sighting_copy (sighting);
  /* the next phone: what was said of the last one is over */
  if (sighting->present && self->session == NULL && sighting->kind != UB_SIGHTING_ANDROID &&
      self->result == UB_RESULT_FAILED)
    self->result = -1;
  follow_cable (self);
  show_sighting (self);
}

static void
phone_cb (UbPhonePanel *self)
{
  show_phone (self, ub_session_get_phone (self->session));
}

static void
request_cb (UbPhonePanel *self)
{
  follow_cable (self);
  show_sighting (self);
}

static void
plan_cb (UbPhonePanel *self)
{
  ub_fit_light_set_plan (self->fit, ub_session_get_plan (self->session));
}

static gboolean
clock_cb (gpointer data)
{
  UbPhonePanel *self = data;

  if (get_state (self) == UB_SESSION_WAITING || self->result == UB_RESULT_DONE)
    ub_phone_panel_set_waited (self, self->waited + 1);
  return G_SOURCE_CONTINUE;
}

void
ub_phone_panel_set_waited (UbPhonePanel *self, guint seconds)
{
  self->waited = seconds;
  show_sighting (self);
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
  self->result = -1;
  show_phone (self, NULL);
  ub_fit_light_set_plan (self->fit, NULL);
  if (source != NULL)
    {
      self->source = g_object_ref (source);
      self->subscription = ub_link_source_subscribe (source, NULL, sighting_cb, self);
    }
  show_sighting (self);
}

static void
drop_session (UbPhonePanel *self)
{
  g_clear_handle_id (&self->clock_id, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
}

void
ub_phone_panel_set_session (UbPhonePanel *self, UbSession *session)
{
  drop_session (self);
  self->waited = 0;
  if (session != NULL)
    {
      self->result = -1;
      self->visits_before = self->sighting != NULL ? self->sighting->appearances : 0;
      show_phone (self, NULL);
      ub_fit_light_set_plan (self->fit, NULL);
      self->session = g_object_ref (session);
      g_signal_connect_swapped (session, "notify::state", G_CALLBACK (show_sighting), self);
      g_signal_connect_swapped (session, "notify::request", G_CALLBACK (request_cb), self);
      g_signal_connect_swapped (session, "notify::phone", G_CALLBACK (phone_cb), self);
      g_signal_connect_swapped (session, "notify::plan", G_CALLBACK (plan_cb), self);
      self->clock_id = g_timeout_add_seconds (1, clock_cb, self);
    }
  show_sighting (self);
}

void
ub_phone_panel_set_result (UbPhonePanel *self, UbResult result)
{
  self->result = (int) result;
  self->waited = 0;
  /* the phone comes back once by itself when it is let go */
  self->visits_before = self->sighting != NULL ? self->sighting->appearances + 1 : 0;
  /* what was said before it was written is over */
  if (result == UB_RESULT_DONE)
    ub_fit_light_set_plan (self->fit, NULL);
  if (result == UB_RESULT_DONE && self->clock_id == 0)
    self->clock_id = g_timeout_add_seconds (1, clock_cb, self);
  follow_cable (self);
  show_sighting (self);
}

static void
ub_phone_panel_dispose (GObject *object)
{
  UbPhonePanel *self = UB_PHONE_PANEL (object);

  drop_session (self);
  drop_source (self);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_phone_panel_parent_class)->dispose (object);
}

static void
bind_labels (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, headline);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, request);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, hint);
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
  g_type_ensure (UB_TYPE_FIT_LIGHT);
  g_type_ensure (UB_TYPE_PHONE_PICTURE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-phone-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, scrolled);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, picture);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, steps);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, plug);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, facts);
  gtk_widget_class_bind_template_child (widget_class, UbPhonePanel, fit);
  bind_labels (widget_class);
}

static void
ub_phone_panel_init (UbPhonePanel *self)
{
  self->result = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  show_sighting (self);
}
