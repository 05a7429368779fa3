/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-link-source.h"

#include "base/ub-error.h"

#define PORTS_MAX 256 /* that nothing is at any more are remembered */

UbSighting *
ub_sighting_copy (const UbSighting *self)
{
  UbSighting *copy = g_memdup2 (self, sizeof *self);

  copy->port = g_strdup (self->port);
  copy->name = g_strdup (self->name);
  copy->holder = g_strdup (self->holder);
  copy->fault = g_strdup (self->fault);
  return copy;
}

void
ub_sighting_free (UbSighting *self)
{
  g_free (self->port);
  g_free (self->name);
  g_free (self->holder);
  g_free (self->fault);
  g_free (self);
}

typedef struct
{
  guint          id;
  GMainContext  *context; /* (owned) */
  UbSightingFunc callback;
  gpointer       user_data;
} Subscriber;

/* a port, and the visits there */
typedef struct
{
  UbSighting *last; /* (owned) */
  guint       appearances;
  gint64      visit_us, left_us,
      away_us; /* the last visit's length and end, and how long before it there was none */
} Port;

/* one sighting on its way to one subscriber */
typedef struct
{
  UbLinkSource *source; /* (owned) */
  guint         id;
  UbSighting   *sighting; /* (owned) */
} Delivery;

typedef struct
{
  GMutex      lock;        /* guards all below */
  GPtrArray  *subscribers; /* of Subscriber */
  GHashTable *ports;       /* name → Port */
  guint       last_id;
} UbLinkSourcePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (UbLinkSource, ub_link_source, G_TYPE_OBJECT)

static void
subscriber_free (gpointer data)
{
  Subscriber *self = data;

  g_main_context_unref (self->context);
  g_free (self);
}

static void
port_free (gpointer data)
{
  Port *self = data;

  g_clear_pointer (&self->last, ub_sighting_free);
  g_free (self);
}

static void
delivery_free (gpointer data)
{
  Delivery *self = data;

  g_object_unref (self->source);
  ub_sighting_free (self->sighting);
  g_free (self);
}

static Subscriber *
find_subscriber (UbLinkSourcePrivate *priv, guint id)
{
  for (guint i = 0; i < priv->subscribers->len; i++)
    {
      Subscriber *subscriber = g_ptr_array_index (priv->subscribers, i);

      if (subscriber->id == id)
        return subscriber;
    }
  return NULL;
}

/* the subscriber's context; it may have unsubscribed in the meantime */
static gboolean
deliver_cb (gpointer data)
{
  Delivery            *self = data;
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (self->source);
  UbSightingFunc       callback = NULL;
  gpointer             user_data = NULL;
  Subscriber          *subscriber;

  g_mutex_lock (&priv->lock);
  subscriber = find_subscriber (priv, self->id);
  if (subscriber != NULL)
    {
      callback = subscriber->callback;
      user_data = subscriber->user_data;
    }
  g_mutex_unlock (&priv->lock);

  if (callback != NULL)
    callback (self->sighting, user_data);
  return G_SOURCE_REMOVE;
}

/* with the lock held */
static void
post (UbLinkSource *self, Subscriber *subscriber, const UbSighting *sighting)
{
  Delivery *delivery = g_new0 (Delivery, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  delivery->source = g_object_ref (self);
  delivery->id = subscriber->id;
  delivery->sighting = ub_sighting_copy (sighting);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, delivery, delivery_free);
  g_source_attach (source, subscriber->context);
}

static gboolean
is_flashable (UbSightingKind kind)
{
  return kind == UB_SIGHTING_BOOT_ROM || kind == UB_SIGHTING_PRELOADER;
}

static gboolean
is_visit (const UbSighting *sighting)
{
  return sighting != NULL && sighting->present && is_flashable (sighting->kind);
}

/* With the lock held: how often it came, how long it stayed and was away. A visit is one of boot ROM or preloader. The same thing told
 * again is the same visit; a preloader that becomes a boot ROM, by keys or by us, has come anew, with another window to be caught in.
 * An agent is no visit, however it came, nor is a phone that starts after a job, until it shows its preloader again. What else is seen at
 * the port between two visits is away. */
static void
count_visit (Port *port, UbSighting *now)
{
  const UbSighting *before = port->last;
  gboolean same = before != NULL && before->present && now->present && before->kind == now->kind;

  /* access may be told after the arrival: the visit still began then */
  if (same)
    now->time_us = before->time_us;
  if (!same && is_visit (before))
    {
      port->visit_us = now->time_us - before->time_us;
      port->left_us = now->time_us;
    }
  if (!same && is_visit (now))
    {
      port->away_us = port->appearances > 0 ? now->time_us - port->left_us : 0;
      port->appearances++;
    }
  now->appearances = port->appearances;
  now->last_us = port->visit_us;
  now->away_us = port->away_us;
}

/* with the lock held: where sysfs does not tell the port each visit is at one of its own */
static void
forget_oldest (UbLinkSourcePrivate *priv)
{
  GHashTableIter iter;
  gpointer       name, port, oldest = NULL;
  gint64         oldest_us = G_MAXINT64;

  if (g_hash_table_size (priv->ports) <= PORTS_MAX)
    return;
  g_hash_table_iter_init (&iter, priv->ports);
  while (g_hash_table_iter_next (&iter, &name, &port))
    if (!((const Port *) port)->last->present && ((const Port *) port)->last->time_us < oldest_us)
      {
        oldest = name;
        oldest_us = ((const Port *) port)->last->time_us;
      }
  if (oldest != NULL)
    g_hash_table_remove (priv->ports, oldest);
}

static Port *
find_port (UbLinkSourcePrivate *priv, const char *name)
{
  Port *port = g_hash_table_lookup (priv->ports, name);

  if (port == NULL)
    {
      port = g_new0 (Port, 1);
      g_hash_table_insert (priv->ports, g_strdup (name), port);
    }
  return port;
}

void
ub_link_source_tell (UbLinkSource *self, const UbSighting *sighting)
{
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (self);
  UbSighting          *now = ub_sighting_copy (sighting);
  Port                *port;

  if (now->time_us == 0)
    now->time_us = g_get_monotonic_time ();
  g_mutex_lock (&priv->lock);
  port = find_port (priv, now->port != NULL ? now->port : "");
  count_visit (port, now);
  for (guint i = 0; i < priv->subscribers->len; i++)
    post (self, g_ptr_array_index (priv->subscribers, i), now);
  g_clear_pointer (&port->last, ub_sighting_free);
  port->last = now;
  forget_oldest (priv);
  g_mutex_unlock (&priv->lock);
}

guint
ub_link_source_subscribe (UbLinkSource  *self,
                          GMainContext  *context,
                          UbSightingFunc callback,
                          gpointer       user_data)
{
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (self);
  Subscriber          *subscriber = g_new0 (Subscriber, 1);
  GHashTableIter       iter;
  gpointer             port;
  guint                id;

  subscriber->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  subscriber->callback = callback;
  subscriber->user_data = user_data;

  g_mutex_lock (&priv->lock);
  id = subscriber->id = ++priv->last_id;
  g_ptr_array_add (priv->subscribers, subscriber);
  g_hash_table_iter_init (&iter, priv->ports);
  while (g_hash_table_iter_next (&iter, NULL, &port))
    if (((const Port *) port)->last->present)
      post (self, subscriber, ((const Port *) port)->last);
  g_mutex_unlock (&priv->lock);
  return id;
}

void
ub_link_source_unsubscribe (UbLinkSource *self, guint id)
{
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (self);
  Subscriber          *subscriber;

  g_mutex_lock (&priv->lock);
  subscriber = find_subscriber (priv, id);
  if (subscriber != NULL)
    g_ptr_array_remove (priv->subscribers, subscriber);
  g_mutex_unlock (&priv->lock);
}

gboolean
ub_link_source_start (UbLinkSource *self, GError **error)
{
  UbLinkSourceClass *klass = UB_LINK_SOURCE_GET_CLASS (self);

  return klass->start == NULL || klass->start (self, error);
}

void
ub_link_source_stop (UbLinkSource *self)
{
  if (UB_LINK_SOURCE_GET_CLASS (self)->stop != NULL)
    UB_LINK_SOURCE_GET_CLASS (self)->stop (self);
}

UbLink *
ub_link_source_wait (UbLinkSource *self,
                     const char   *port,
                     guint         timeout_ms,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_return_val_if_fail (UB_IS_LINK_SOURCE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return UB_LINK_SOURCE_GET_CLASS (self)->wait (self, port, timeout_ms, cancellable, error);
}

static void
ub_link_source_finalize (GObject *object)
{
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (UB_LINK_SOURCE (object));

  g_ptr_array_unref (priv->subscribers);
  g_hash_table_unref (priv->ports);
  g_mutex_clear (&priv->lock);
  G_OBJECT_CLASS (ub_link_source_parent_class)->finalize (object);
}

static void
ub_link_source_class_init (UbLinkSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_link_source_finalize;
}

static void
ub_link_source_init (UbLinkSource *self)
{
  UbLinkSourcePrivate *priv = ub_link_source_get_instance_private (self);

  g_mutex_init (&priv->lock);
  priv->subscribers = g_ptr_array_new_with_free_func (subscriber_free);
  priv->ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, port_free);
}

/* --- permission --- */

UbPermission *
ub_link_source_dup_permission (UbLinkSource *self)
{
  UbLinkSourceClass *klass = UB_LINK_SOURCE_GET_CLASS (self);

  return klass->dup_permission != NULL ? klass->dup_permission (self) : NULL;
}

static void
cure (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  UbLinkSource *self = source;
  GError       *error = NULL;

  if (UB_LINK_SOURCE_GET_CLASS (self)->cure (self, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ub_link_source_cure_async (UbLinkSource       *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ub_link_source_cure_async);
  if (UB_LINK_SOURCE_GET_CLASS (self)->cure == NULL)
    g_task_return_new_error (task, UB_ERROR, UB_ERROR_FILE_WRITE, "there is nothing to install");
  else
    g_task_run_in_thread (task, cure);
}

gboolean
ub_link_source_cure_finish (UbLinkSource *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Who does not say hides nothing. */
gboolean
ub_link_source_sees_broken (UbLinkSource *self)
{
  UbLinkSourceClass *klass = UB_LINK_SOURCE_GET_CLASS (self);

  return klass->sees_broken == NULL || klass->sees_broken (self);
}
