/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* a phone that says the fuzzer's bytes, whatever it is told, and then nothing. Its clock goes with
 * every wait. A byte of 0xEE is two things by the one that follows: EE: itself; other: silence for
 * that many hundredths of a second */

#include "base/ub-error.h"
#include "link/ub-link.h"

typedef struct
{
  GObject       parent_instance;
  const guint8 *data;
  gsize         size;
  gint64        now;
} FuzzLink;

typedef struct
{
  GObjectClass parent_class;
} FuzzLinkClass;

static GType fuzz_link_get_type (void);

static gboolean
fuzz_link_send (UbLink            *link,
                const UbLinkPiece *pieces,
                guint              n_pieces,
                guint              timeout_ms,
                GError           **error)
{
  return TRUE;
}

static gssize
fuzz_link_say_nothing (FuzzLink *self, guint timeout_ms, GError **error)
{
  self->now += (gint64) timeout_ms * 1000;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT, "silent");
  return -1;
}

static gssize
fuzz_link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  FuzzLink *self = (FuzzLink *) link;
  gsize     n = 0;

  while (n < size && self->size > 0)
    {
      gboolean escape = self->data[0] == 0xee && self->size > 1;

      if (escape && self->data[1] != 0xee)
        {
          if (n > 0)
            break;
          self->now += self->data[1] * 10000;
          self->data += 2;
          self->size -= 2;
          return fuzz_link_say_nothing (self, timeout_ms, error);
        }
      data[n++] = self->data[0];
      self->data += escape ? 2 : 1;
      self->size -= escape ? 2 : 1;
    }
  return n > 0 ? (gssize) n : fuzz_link_say_nothing (self, timeout_ms, error);
}

static gboolean
fuzz_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static gint64
fuzz_link_now (UbLink *link)
{
  return ((FuzzLink *) link)->now;
}

static const char *
fuzz_link_get_speed (UbLink *link)
{
  return "full";
}

static void
fuzz_link_iface_init (UbLinkInterface *iface)
{
  iface->send = fuzz_link_send;
  iface->receive_some = fuzz_link_receive_some;
  iface->reopen = fuzz_link_reopen;
  iface->now = fuzz_link_now;
  iface->get_speed = fuzz_link_get_speed;
}

G_DEFINE_TYPE_WITH_CODE (FuzzLink,
                         fuzz_link,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, fuzz_link_iface_init))

static void
fuzz_link_class_init (FuzzLinkClass *klass)
{
}

static void
fuzz_link_init (FuzzLink *self)
{
}

static inline UbLink *
fuzz_link_new (const guint8 *data, gsize size)
{
  FuzzLink *self = g_object_new (fuzz_link_get_type (), NULL);

  self->data = data;
  self->size = size;
  return UB_LINK (self);
}
