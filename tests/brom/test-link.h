/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* a link to a phone made of one callback, with a clock of its own: nothing waits. For tests/brom,
 * tests/da */

#include "base/ub-error.h"
#include "link/ub-link.h"

#include <string.h>

typedef struct _TestLink TestLink;

/* one transfer of the host */
typedef void (*TestLinkTake) (TestLink *link, const guint8 *data, gsize size, gpointer user_data);
/* the clock has moved */
typedef void (*TestLinkTick) (TestLink *link, gpointer user_data);

typedef struct
{
  gint64 due;
  guint8 byte;
} TestByte;

struct _TestLink
{
  GObject parent_instance;

  TestLinkTake take;
  TestLinkTick tick;
  gpointer     user_data;
  GArray      *bytes;     /* (element-type TestByte) on the way to the host */
  GByteArray  *sent;      /* all the host said */
  guint        transfers; /* of the host */
  guint        empties;   /* empty ones among them */
  gint64       now;
  guint        latency_ms;
  guint        reopened;
  gboolean     gone;
  const char  *speed;
};

typedef struct
{
  GObjectClass parent_class;
} TestLinkClass;

static GType test_link_get_type (void);
#define TEST_LINK(object) ((TestLink *) (object))

static void
test_link_say_at (TestLink *self, gint64 due, const void *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      TestByte byte = { due, ((const guint8 *) data)[i] };

      g_array_append_val (self->bytes, byte);
    }
}

static void
test_link_say (TestLink *self, const void *data, gsize size)
{
  test_link_say_at (self, self->now + self->latency_ms * 1000, data, size);
}

static inline void
test_link_say_byte (TestLink *self, guint8 byte)
{
  test_link_say (self, &byte, 1);
}

static void
test_link_pass (TestLink *self, gint64 us)
{
  self->now += us;
  if (self->tick != NULL)
    self->tick (self, self->user_data);
}

static gboolean
test_link_send (UbLink            *link,
                const UbLinkPiece *pieces,
                guint              n_pieces,
                guint              timeout_ms,
                GError           **error)
{
  TestLink *self = TEST_LINK (link);

  for (guint i = 0; i < n_pieces && !self->gone; i++)
    {
      self->transfers++;
      self->empties += pieces[i].size == 0;
      g_byte_array_append (self->sent, pieces[i].data, (guint) pieces[i].size);
      self->take (self, pieces[i].data, pieces[i].size, self->user_data);
    }
  if (!self->gone)
    return TRUE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "gone");
  return FALSE;
}

static gssize
test_link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  TestLink    *self = TEST_LINK (link);
  const gint64 end = self->now + (gint64) timeout_ms * 1000;
  gsize        n = 0;

  while (self->now < end &&
         (self->bytes->len == 0 || g_array_index (self->bytes, TestByte, 0).due > self->now))
    test_link_pass (self, 1000);
  while (n < size && n < self->bytes->len &&
         g_array_index (self->bytes, TestByte, n).due <= self->now)
    {
      data[n] = g_array_index (self->bytes, TestByte, n).byte;
      n++;
    }
  if (n > 0)
    {
      g_array_remove_range (self->bytes, 0, (guint) n);
      return (gssize) n;
    }
  if (self->gone)
    g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "gone");
  else
    g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT, "silent");
  return -1;
}

static gboolean
test_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  TestLink *self = TEST_LINK (link);

  self->reopened++;
  self->speed = "high";
  return TRUE;
}

static void
test_link_sleep (UbLink *link, guint ms)
{
  test_link_pass (TEST_LINK (link), (gint64) ms * 1000);
}

static gint64
test_link_now (UbLink *link)
{
  return TEST_LINK (link)->now;
}

static const char *
test_link_get_speed (UbLink *link)
{
  return TEST_LINK (link)->speed;
}

static void
test_link_iface_init (UbLinkInterface *iface)
{
  iface->send = test_link_send;
  iface->receive_some = test_link_receive_some;
  iface->reopen = test_link_reopen;
  iface->sleep = test_link_sleep;
  iface->now = test_link_now;
  iface->get_speed = test_link_get_speed;
}

G_DEFINE_TYPE_WITH_CODE (TestLink,
                         test_link,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, test_link_iface_init))

static void
test_link_finalize (GObject *object)
{
  g_array_unref (TEST_LINK (object)->bytes);
  g_byte_array_unref (TEST_LINK (object)->sent);
  G_OBJECT_CLASS (test_link_parent_class)->finalize (object);
}

static void
test_link_class_init (TestLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_link_finalize;
}

static void
test_link_init (TestLink *self)
{
  self->bytes = g_array_new (FALSE, FALSE, sizeof (TestByte));
  self->sent = g_byte_array_new ();
  self->speed = "high";
}

static UbLink *
test_link_new (TestLinkTake take, TestLinkTick tick, gpointer user_data)
{
  TestLink *self = g_object_new (test_link_get_type (), NULL);

  self->take = take;
  self->tick = tick;
  self->user_data = user_data;
  return UB_LINK (self);
}
