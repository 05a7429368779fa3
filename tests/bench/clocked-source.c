/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/clocked-source.h"

#define PACKET_MIN (256 * 1024) /* no command and no agent's packet is as large */

/* --- the link --- */

#define CLOCKED_TYPE_LINK (clocked_link_get_type ())
G_DECLARE_FINAL_TYPE (ClockedLink, clocked_link, CLOCKED, LINK, GObject)

struct _ClockedLink
{
  GObject parent_instance;

  ClockedSource *source; /* (owned) */
  UbLink        *inner;  /* (owned) */
  gboolean       asked;  /* the next answer is a packet's */
};

struct _ClockedSource
{
  UbLinkSource parent_instance;

  UbLinkSource *inner; /* (owned) */
  gint64        begin;
  gint64        end;
  gint64        read_begin;
  gint64        read_end;
};

static void link_iface_init (UbLinkInterface *iface);

G_DEFINE_TYPE_WITH_CODE (ClockedLink,
                         clocked_link,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, link_iface_init))
G_DEFINE_TYPE (ClockedSource, clocked_source, UB_TYPE_LINK_SOURCE)

static gboolean
clocked_link_send (UbLink            *link,
                   const UbLinkPiece *pieces,
                   guint              n_pieces,
                   guint              timeout_ms,
                   GError           **error)
{
  ClockedLink *self = CLOCKED_LINK (link);

  self->asked = FALSE;
  for (guint i = 0; i < n_pieces; i++)
    self->asked = self->asked || pieces[i].size >= PACKET_MIN;
  if (self->asked && self->source->begin == 0)
    self->source->begin = g_get_monotonic_time ();
  return ub_link_send_pieces (self->inner, pieces, n_pieces, timeout_ms, error);
}

static gssize
clocked_link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  ClockedLink *self = CLOCKED_LINK (link);
  gint64       begin = size >= PACKET_MIN ? g_get_monotonic_time () : 0;
  gssize       n = ub_link_receive_some (self->inner, data, size, timeout_ms, error);

  if (begin != 0)
    {
      if (self->source->read_begin == 0)
        self->source->read_begin = begin;
      self->source->read_end = g_get_monotonic_time ();
    }
  if (self->asked)
    self->source->end = g_get_monotonic_time ();
  return n;
}

static gboolean
clocked_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  return ub_link_reopen (CLOCKED_LINK (link)->inner, timeout_ms, cancellable, error);
}

static void
clocked_link_sleep (UbLink *link, guint ms)
{
  ub_link_sleep (CLOCKED_LINK (link)->inner, ms);
}

static gint64
clocked_link_now (UbLink *link)
{
  return ub_link_now (CLOCKED_LINK (link)->inner);
}

static void
clocked_link_close (UbLink *link)
{
  ub_link_close (CLOCKED_LINK (link)->inner);
}

static const char *
clocked_link_get_port (UbLink *link)
{
  return ub_link_get_port (CLOCKED_LINK (link)->inner);
}

static const char *
clocked_link_get_speed (UbLink *link)
{
  return ub_link_get_speed (CLOCKED_LINK (link)->inner);
}

static guint
clocked_link_get_product (UbLink *link)
{
  return ub_link_get_product (CLOCKED_LINK (link)->inner);
}

static void
link_iface_init (UbLinkInterface *iface)
{
  iface->send = clocked_link_send;
  iface->receive_some = clocked_link_receive_some;
  iface->reopen = clocked_link_reopen;
  iface->sleep = clocked_link_sleep;
  iface->now = clocked_link_now;
  iface->close = clocked_link_close;
  iface->get_port = clocked_link_get_port;
  iface->get_speed = clocked_link_get_speed;
  iface->get_product = clocked_link_get_product;
}

static void
clocked_link_finalize (GObject *object)
{
  ClockedLink *self = CLOCKED_LINK (object);

  g_object_unref (self->inner);
  g_object_unref (self->source);
  G_OBJECT_CLASS (clocked_link_parent_class)->finalize (object);
}

static void
clocked_link_class_init (ClockedLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = clocked_link_finalize;
}

static void
clocked_link_init (ClockedLink *self)
{
}

/* --- the source --- */

static gboolean
clocked_source_start (UbLinkSource *source, GError **error)
{
  return ub_link_source_start (CLOCKED_SOURCE (source)->inner, error);
}

static void
clocked_source_stop (UbLinkSource *source)
{
  ub_link_source_stop (CLOCKED_SOURCE (source)->inner);
}

static UbLink *
clocked_source_wait (UbLinkSource *source,
                     const char   *port,
                     guint         timeout_ms,
                     GCancellable *cancellable,
                     GError      **error)
{
  ClockedSource *self = CLOCKED_SOURCE (source);
  UbLink        *inner = ub_link_source_wait (self->inner, port, timeout_ms, cancellable, error);
  ClockedLink   *link = NULL;

  if (inner == NULL)
    return NULL;
  link = g_object_new (CLOCKED_TYPE_LINK, NULL);
  link->inner = inner;
  link->source = g_object_ref (self);
  return UB_LINK (link);
}

static void
clocked_source_finalize (GObject *object)
{
  g_object_unref (CLOCKED_SOURCE (object)->inner);
  G_OBJECT_CLASS (clocked_source_parent_class)->finalize (object);
}

static void
clocked_source_class_init (ClockedSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = clocked_source_finalize;
  UB_LINK_SOURCE_CLASS (klass)->start = clocked_source_start;
  UB_LINK_SOURCE_CLASS (klass)->stop = clocked_source_stop;
  UB_LINK_SOURCE_CLASS (klass)->wait = clocked_source_wait;
}

static void
clocked_source_init (ClockedSource *self)
{
}

ClockedSource *
clocked_source_new (UbLinkSource *inner)
{
  ClockedSource *self = g_object_new (CLOCKED_TYPE_SOURCE, NULL);

  self->inner = g_object_ref (inner);
  return self;
}

gint64
clocked_source_get_us (ClockedSource *self)
{
  return self->end - self->begin;
}

gint64
clocked_source_get_read_us (ClockedSource *self)
{
  return self->read_end - self->read_begin;
}
