/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session.h"

#include "engine/ub-session-private.h"

#include <glib/gi18n.h>

struct _UbSession
{
  GObject parent_instance;

  UbSessionJob job; /* never changed after construction */

  /* the thread that made us */
  UbSessionNews shown;
  UbRequest     cable_request; /* what the sightings ask for while we wait */
  GHashTable   *cable;         /* port → UbSighting of what is there */
  char         *visit_port;    /* (nullable): where boot ROM or preloader came last, and when */
  gint64        visit_us;
  guint         subscription;
  GThread      *thread;

  UbSessionDesk desk; /* shared by both threads */

  /* the mailbox: the worker writes news, our thread reads it */
  GMutex        mailbox_lock;
  UbSessionNews news;
  GSource      *news_source;
};

typedef enum
{
  PROP_STATE = 1,
  PROP_BAR,
  PROP_FRACTION,
  PROP_STEP,
  PROP_SPEED,
  PROP_DONE_BYTES,
  PROP_TOTAL_BYTES,
  PROP_REMAINING,
  PROP_PHONE,
  PROP_REQUEST,
  PROP_QUESTION,
  PROP_PLAN,
} UbSessionProperty;

static GParamSpec *properties[PROP_PLAN + 1];

G_DEFINE_FINAL_TYPE (UbSession, ub_session, G_TYPE_OBJECT)

/* --- words --- */

static const struct
{
  const char *name;
  const char *title;
  gboolean    may_cancel; /* perhaps not at once, but at the next safe place */
} states[] = {
  [UB_SESSION_IDLE] = { "idle", N_ ("Ready"), FALSE },
  [UB_SESSION_WAITING] = { "waiting", N_ ("Waiting for the phone"), TRUE },
  [UB_SESSION_CONNECTING] = { "connecting", N_ ("Talking to the phone"), TRUE },
  [UB_SESSION_IDENTIFYING] = { "identifying", N_ ("Asking the phone who it is"), TRUE },
  [UB_SESSION_LOADING_AGENT] = { "loading-agent", N_ ("Starting the phone's loader"), TRUE },
  [UB_SESSION_CHECKING] = { "checking", N_ ("Looking at the phone's memory"), TRUE },
  [UB_SESSION_SAVING] = { "saving", N_ ("Saving what is on the phone"), TRUE },
  [UB_SESSION_WORKING] = { "working", N_ ("Writing"), TRUE },
  [UB_SESSION_VERIFYING] = { "verifying", N_ ("Checking the phone's memory"), TRUE },
  [UB_SESSION_FINISHING] = { "finishing", N_ ("Finishing"), FALSE },
  [UB_SESSION_DONE] = { "done", N_ ("Done"), FALSE },
  [UB_SESSION_FAILED] = { "failed", N_ ("Something went wrong"), FALSE },
  [UB_SESSION_CANCELLED] = { "cancelled", N_ ("Stopped"), FALSE },
};

static const char *const bars[] = {
  [UB_BAR_NONE] = "",
  [UB_BAR_WAIT] = N_ ("Waiting"),
  [UB_BAR_RED] = N_ ("Starting the phone's loader"),
  [UB_BAR_PURPLE] = N_ ("Writing start-up code"),
  [UB_BAR_YELLOW] = N_ ("Writing system"),
  [UB_BAR_BLUE] = N_ ("Reading"),
};

static const char *const requests[] = {
  [UB_REQUEST_NONE] = "",
  [UB_REQUEST_PLUG_IN] = N_ ("Switch the phone off, then plug it in."),
  [UB_REQUEST_HOLD_KEY] = N_ ("The phone leaves too soon. Unplug it, hold volume down, and plug it "
                              "in while you hold the key."),
  [UB_REQUEST_RELEASE_KEYS] = N_ ("Got it. You can let go of the keys."),
  [UB_REQUEST_REPLUG] =
      N_ ("Unplug the phone, hold its power key for 15 seconds, and plug it in again."),
  [UB_REQUEST_SWITCH_OFF] = N_ ("The phone is switched on. Switch it off (hold power for 10 "
                                "seconds), then plug it in again."),
  [UB_REQUEST_PERMISSION] = N_ ("The phone is there, but this computer does not let Unbrick talk "
                                "to it. Allow access once, then plug it in again."),
  [UB_REQUEST_GO_ON] = N_ ("The connection dropped. Nothing is lost: plug the phone in again, and "
                           "it goes on. If nothing happens, hold volume down while you plug it "
                           "in."),
  [UB_REQUEST_OTHER_PHONE] = N_ ("This is another phone. It is left as it is; plug in the one that "
                                 "was begun with."),
  [UB_REQUEST_BATTERY] =
      N_ ("The phone went dark when its loader was started, as phones with an empty battery do. "
          "Unplug it, hold its power button for 15 seconds, and plug it in again."),
};

const char *
ub_session_state_to_string (UbSessionState state)
{
  return (guint) state < G_N_ELEMENTS (states) ? states[state].name : "unknown";
}

const char *
ub_session_state_get_title (UbSessionState state)
{
  return (guint) state < G_N_ELEMENTS (states) ? _ (states[state].title) : "";
}

gboolean
ub_session_state_may_cancel (UbSessionState state)
{
  return (guint) state < G_N_ELEMENTS (states) && states[state].may_cancel;
}

const char *
ub_bar_get_title (UbBar bar)
{
  if ((guint) bar >= G_N_ELEMENTS (bars) || bars[bar][0] == '\0')
    return "";
  return _ (bars[bar]);
}

const char *
ub_request_get_text (UbRequest request)
{
  if ((guint) request >= G_N_ELEMENTS (requests) || requests[request][0] == '\0')
    return "";
  return _ (requests[request]);
}

/* --- questions --- */

UbQuestion *
ub_question_ref (UbQuestion *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
question_clear (gpointer data)
{
  UbQuestion *self = data;

  g_free (self->title);
  g_free (self->text);
  g_strfreev (self->details);
  g_free (self->word);
  g_free (self->verb);
}

void
ub_question_unref (UbQuestion *self)
{
  g_atomic_rc_box_release_full (self, question_clear);
}

static char *
dup_folded (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *normal = g_utf8_normalize (g_strstrip (valid), -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (normal, -1);
}

gboolean
ub_question_is_word (const char *word, const char *typed)
{
  g_autofree char *said = dup_folded (typed);
  g_autofree char *wanted = dup_folded (word != NULL ? word : "yes");

  return g_str_equal (said, wanted) || g_str_equal (said, "yes");
}

/**
 * ub_session_answer:
 * @self: a session
 * @yes: what the person said
 *
 * Answers the question that is shown; does nothing if there is none, or if it was answered already.
 */
void
ub_session_answer (UbSession *self, gboolean yes)
{
  g_mutex_lock (&self->desk.lock);
  /* the next one may wait already: nobody has seen it yet */
  if (self->desk.open != NULL && self->desk.open == self->shown.question && !self->desk.is_answered)
    {
      self->desk.is_answered = TRUE;
      self->desk.yes = yes;
      g_cond_broadcast (&self->desk.news);
    }
  g_mutex_unlock (&self->desk.lock);
}

/* --- news --- */

static void
news_set (UbSessionNews *to, const UbSessionNews *from)
{
  char        *old_step = to->step;
  UbPhoneInfo *old_phone = to->phone;
  UbQuestion  *old_question = to->question;
  UbPlan      *old_plan = to->plan;

  *to = *from;
  if (g_strcmp0 (old_step, from->step) == 0)
    to->step = old_step;
  else
    {
      to->step = g_strdup (from->step);
      g_free (old_step);
    }
  if (from->phone != NULL)
    g_object_ref (from->phone);
  if (from->question != NULL)
    ub_question_ref (from->question);
  if (from->plan != NULL)
    g_object_ref (from->plan);
  g_clear_object (&old_phone);
  g_clear_pointer (&old_question, ub_question_unref);
  g_clear_object (&old_plan);
}

static void
news_clear (UbSessionNews *news)
{
  g_clear_pointer (&news->step, g_free);
  g_clear_object (&news->phone);
  g_clear_pointer (&news->question, ub_question_unref);
  g_clear_object (&news->plan);
}

/* what the cable shows matters only while we wait for a phone */
static UbRequest
request_of (UbSession *self, const UbSessionNews *news)
{
  if (news->state == UB_SESSION_WAITING && self->cable_request != UB_REQUEST_NONE)
    return self->cable_request;
  return news->request;
}

static void
notify_differences (UbSession *self, const UbSessionNews *old, UbRequest old_request)
{
  const UbSessionNews *now = &self->shown;
  const gboolean       differs[] = {
          [PROP_STATE] = now->state != old->state,
          [PROP_BAR] = now->bar != old->bar,
          [PROP_FRACTION] = now->fraction != old->fraction,
          [PROP_STEP] = g_strcmp0 (now->step, old->step) != 0,
          [PROP_SPEED] = now->speed != old->speed,
          [PROP_DONE_BYTES] = now->done_bytes != old->done_bytes,
          [PROP_TOTAL_BYTES] = now->total_bytes != old->total_bytes,
          [PROP_REMAINING] = now->remaining != old->remaining,
          [PROP_PHONE] = now->phone != old->phone,
          [PROP_REQUEST] = request_of (self, now) != old_request,
          [PROP_QUESTION] = now->question != old->question,
          [PROP_PLAN] = now->plan != old->plan,
  };

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = PROP_STATE; i < G_N_ELEMENTS (differs); i++)
    if (differs[i])
      g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* our own thread */
static void
take_news (UbSession *self)
{
  UbSessionNews old = { 0 };
  UbRequest     old_request = request_of (self, &self->shown);

  news_set (&old, &self->shown);
  g_mutex_lock (&self->mailbox_lock);
  news_set (&self->shown, &self->news);
  if (self->news_source != NULL)
    {
      g_source_destroy (self->news_source);
      g_clear_pointer (&self->news_source, g_source_unref);
    }
  g_mutex_unlock (&self->mailbox_lock);
  notify_differences (self, &old, old_request);
  news_clear (&old);
}

static gboolean
take_news_cb (gpointer data)
{
  take_news (data);
  return G_SOURCE_REMOVE;
}

/* worker thread: at most one source is ever waiting, so a fast phone cannot flood the window */
static void
post_news (const UbSessionNews *news, gpointer user_data)
{
  GTask     *task = user_data;
  UbSession *self = g_task_get_source_object (task);

  g_mutex_lock (&self->mailbox_lock);
  news_set (&self->news, news);
  if (self->news_source == NULL)
    {
      self->news_source = g_idle_source_new ();
      g_source_set_callback (self->news_source, take_news_cb, g_object_ref (self), g_object_unref);
      g_source_attach (self->news_source, g_task_get_context (task));
    }
  g_mutex_unlock (&self->mailbox_lock);
}

static gboolean
is_start (const UbSighting *sighting)
{
  return sighting->kind == UB_SIGHTING_BOOT_ROM || sighting->kind == UB_SIGHTING_PRELOADER;
}

static void
note_sighting (UbSession *self, const UbSighting *sighting)
{
  const char *port = sighting->port != NULL ? sighting->port : "";

  if (!sighting->present)
    {
      g_hash_table_remove (self->cable, port);
      return;
    }
  g_hash_table_replace (self->cable, g_strdup (port), ub_sighting_copy (sighting));
  if (!is_start (sighting))
    return;
  g_free (self->visit_port);
  self->visit_port = g_strdup (port);
  self->visit_us = sighting->time_us;
}

/* somebody's own phone that charges: it was there when another one came to be written. As the guide has it */
static gboolean
is_bystander (UbSession *self, const UbSighting *sighting)
{
  return self->visit_port != NULL && self->visit_us > sighting->time_us &&
         g_strcmp0 (self->visit_port, sighting->port) != 0;
}

static UbRequest
request_for_sighting (UbSession *self, const UbSighting *sighting)
{
  if (sighting->access == UB_ACCESS_DENIED)
    return UB_REQUEST_PERMISSION;
  if (sighting->kind == UB_SIGHTING_ANDROID && !is_bystander (self, sighting))
    return UB_REQUEST_SWITCH_OFF;
  return UB_REQUEST_NONE;
}

/* of several things on the cable, the one that can be written is what we are after, then what is closed to us */
static UbRequest
request_for_cable (UbSession *self)
{
  GHashTableIter iter;
  gpointer       value;
  UbRequest      request = UB_REQUEST_NONE;

  g_hash_table_iter_init (&iter, self->cable);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const UbSighting *sighting = value;

      if (is_start (sighting) && sighting->access == UB_ACCESS_OK)
        return UB_REQUEST_NONE;
      /* PERMISSION is the greater */
      request = MAX (request, request_for_sighting (self, sighting));
    }
  return request;
}

/* the worker asks for it when it knows at which port its phone is */
static void
count_broken (UbSession *self, const char *port)
{
  UbSessionDesk *desk = &self->desk;
  guint          n;

  g_mutex_lock (&desk->lock);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (desk->broken, port));
  g_hash_table_replace (desk->broken, g_strdup (port), GUINT_TO_POINTER (n + 1));
  g_mutex_unlock (&desk->lock);
}

/* our own thread */
static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  UbSession *self = user_data;
  UbRequest  old_request = request_of (self, &self->shown);

  if (self->job.port != NULL && g_strcmp0 (self->job.port, sighting->port) != 0)
    return;
  if (sighting->kind == UB_SIGHTING_BROKEN && sighting->present && sighting->port != NULL)
    count_broken (self, sighting->port);
  note_sighting (self, sighting);
  self->cable_request = request_for_cable (self);
  if (request_of (self, &self->shown) != old_request)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REQUEST]);
}

/* --- running --- */

static gpointer
work (gpointer data)
{
  g_autoptr (GTask) task = data;
  UbSession *self = g_task_get_source_object (task);

  g_task_return_pointer (
      task,
      ub_session_work_run (&self->job, &self->desk, post_news, task, g_task_get_cancellable (task)),
      g_object_unref);
  return NULL;
}

void
ub_session_run_async (UbSession          *self,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (UB_IS_SESSION (self));
  g_return_if_fail (self->thread == NULL && self->shown.state == UB_SESSION_IDLE);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ub_session_run_async);
  /* the worker reports cancellation itself, at a point where the phone is safe */
  g_task_set_check_cancellable (task, FALSE);
  self->subscription =
      ub_link_source_subscribe (self->job.source, g_task_get_context (task), on_sighting, self);
  self->thread = g_thread_new ("ub-session", work, g_steal_pointer (&task));
}

UbReport *
ub_session_run_finish (UbSession *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  g_thread_join (g_steal_pointer (&self->thread));
  ub_link_source_unsubscribe (self->job.source, self->subscription);
  self->subscription = 0;
  take_news (self);
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* --- reading --- */

UbSessionState
ub_session_get_state (UbSession *self)
{
  return self->shown.state;
}

UbBar
ub_session_get_bar (UbSession *self)
{
  return self->shown.bar;
}

double
ub_session_get_fraction (UbSession *self)
{
  return self->shown.fraction;
}

const char *
ub_session_get_step (UbSession *self)
{
  return self->shown.step != NULL ? self->shown.step : "";
}

double
ub_session_get_speed (UbSession *self)
{
  return self->shown.speed;
}

guint64
ub_session_get_done_bytes (UbSession *self)
{
  return self->shown.done_bytes;
}

guint64
ub_session_get_total_bytes (UbSession *self)
{
  return self->shown.total_bytes;
}

gint64
ub_session_get_remaining (UbSession *self)
{
  return self->shown.remaining;
}

UbPhoneInfo *
ub_session_get_phone (UbSession *self)
{
  return self->shown.phone;
}

UbRequest
ub_session_get_request (UbSession *self)
{
  return request_of (self, &self->shown);
}

UbQuestion *
ub_session_get_question (UbSession *self)
{
  return self->shown.question;
}

UbPlan *
ub_session_get_plan (UbSession *self)
{
  return self->shown.plan;
}

static void
ub_session_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UbSession *self = UB_SESSION (object);

  switch ((UbSessionProperty) property_id)
    {
    case PROP_STATE:
      g_value_set_int (value, (int) self->shown.state);
      break;
    case PROP_BAR:
      g_value_set_int (value, (int) self->shown.bar);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->shown.fraction);
      break;
    case PROP_STEP:
      g_value_set_string (value, ub_session_get_step (self));
      break;
    case PROP_SPEED:
      g_value_set_double (value, self->shown.speed);
      break;
    case PROP_DONE_BYTES:
      g_value_set_uint64 (value, self->shown.done_bytes);
      break;
    case PROP_TOTAL_BYTES:
      g_value_set_uint64 (value, self->shown.total_bytes);
      break;
    case PROP_REMAINING:
      g_value_set_int64 (value, self->shown.remaining);
      break;
    case PROP_PHONE:
      g_value_set_object (value, self->shown.phone);
      break;
    case PROP_REQUEST:
      g_value_set_int (value, (int) ub_session_get_request (self));
      break;
    case PROP_QUESTION:
      g_value_set_pointer (value, self->shown.question);
      break;
    case PROP_PLAN:
      g_value_set_object (value, self->shown.plan);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ub_session_finalize (GObject *object)
{
  UbSession *self = UB_SESSION (object);

  /* nobody finished us: the thread is over all the same, for it holds a reference while it works */
  g_clear_pointer (&self->thread, g_thread_unref);
  if (self->subscription != 0)
    ub_link_source_unsubscribe (self->job.source, self->subscription);
  g_hash_table_unref (self->cable);
  g_free (self->visit_port);
  news_clear (&self->shown);
  news_clear (&self->news);
  g_clear_object (&self->job.plan);
  g_clear_object (&self->job.source);
  g_free (self->job.agent);
  g_strfreev (self->job.agents);
  g_strfreev (self->job.preloaders);
  g_free (self->job.auth_file);
  g_free (self->job.cert_file);
  g_free (self->job.key_file);
  g_free (self->job.port);
  g_free (self->job.copies_folder);
  g_free (self->job.journal_folder);
  g_clear_object (&self->job.journal);
  g_mutex_clear (&self->mailbox_lock);
  g_mutex_clear (&self->desk.lock);
  g_cond_clear (&self->desk.news);
  g_hash_table_unref (self->desk.broken);

  G_OBJECT_CLASS (ub_session_parent_class)->finalize (object);
}

static void
ub_session_class_init (UbSessionClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ub_session_get_property;
  object_class->finalize = ub_session_finalize;

  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, UB_SESSION_CANCELLED, 0, flags);
  properties[PROP_BAR] = g_param_spec_int ("bar", NULL, NULL, 0, UB_BAR_BLUE, 0, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_STEP] = g_param_spec_string ("step", NULL, NULL, "", flags);
  properties[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  properties[PROP_DONE_BYTES] =
      g_param_spec_uint64 ("done-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TOTAL_BYTES] =
      g_param_spec_uint64 ("total-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_REMAINING] =
      g_param_spec_int64 ("remaining", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_PHONE] = g_param_spec_object ("phone", NULL, NULL, UB_TYPE_PHONE_INFO, flags);
  properties[PROP_REQUEST] = g_param_spec_int ("request", NULL, NULL, 0, UB_REQUEST_LAST, 0, flags);
  properties[PROP_QUESTION] = g_param_spec_pointer ("question", NULL, NULL, flags);
  properties[PROP_PLAN] = g_param_spec_object ("plan", NULL, NULL, UB_TYPE_PLAN, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ub_session_init (UbSession *self)
{
  g_mutex_init (&self->mailbox_lock);
  g_mutex_init (&self->desk.lock);
  g_cond_init (&self->desk.news);
  self->desk.broken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cable =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ub_sighting_free);
  self->shown.fraction = self->news.fraction = -1;
  self->shown.remaining = self->news.remaining = -1;
}

/**
 * ub_session_new:
 * @plan: (nullable): what to do; %NULL only with info_only
 * @source: where phones come from, started
 * @options: (nullable): copied
 *
 * Returns: (transfer full): a session that has not begun
 */
UbSession *
ub_session_new (UbPlan *plan, UbLinkSource *source, const UbSessionOptions *options)
{
  UbSession *self = g_object_new (UB_TYPE_SESSION, NULL);

  self->job.plan = plan != NULL ? g_object_ref (plan) : NULL;
  g_set_object (&self->shown.plan, plan);
  g_set_object (&self->news.plan, plan);
  self->job.source = g_object_ref (source);
  if (options == NULL)
    return self;
  self->job.agent = g_strdup (options->agent);
  self->job.agents = g_strdupv ((char **) options->agents);
  self->job.preloaders = g_strdupv ((char **) options->preloaders);
  self->job.auth_file = g_strdup (options->auth_file);
  self->job.cert_file = g_strdup (options->cert_file);
  self->job.key_file = g_strdup (options->key_file);
  self->job.port = g_strdup (options->port);
  self->job.wait_ms = options->wait_ms;
  self->job.keep_running = options->keep_running;
  self->job.info_only = options->info_only;
  self->job.trace = options->trace;
  self->job.copies_folder = g_strdup (options->copies_folder);
  self->job.journal_folder = g_strdup (options->journal_folder);
  self->job.journal = options->journal != NULL ? g_object_ref (options->journal) : NULL;
  self->job.may_ask = options->may_ask;
  self->job.consents = options->consents;
  self->job.copies_max_days = options->copies_max_days;
  self->job.copies_max_bytes = options->copies_max_bytes;
  return self;
}
