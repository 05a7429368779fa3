/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-link-tap.h"

#include <string.h>

#define WHOLE_MAX 256 /* longer blocks are recorded by length and hash */
#define TAIL_LINES 2000

struct _UbLinkTap
{
  GObject parent_instance;

  UbLink        *inner;
  GOutputStream *output; /* (nullable) */

  /* the item that is being put together */
  gboolean    from_host;
  GByteArray *head;     /* its first WHOLE_MAX bytes */
  GChecksum  *checksum; /* over all of it */
  guint64     size;

  /* the tail is read by other threads, too */
  GMutex lock;
  GQueue tail; /* of char* */
};

static void ub_link_tap_link_init (UbLinkInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UbLinkTap,
                               ub_link_tap,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, ub_link_tap_link_init))

static char *
format_item (UbLinkTap *self)
{
  GString *line = g_string_new (self->from_host ? "H>D " : "D>H ");

  if (self->size > WHOLE_MAX && self->output == NULL)
    g_string_append_printf (line, "(%" G_GUINT64_FORMAT " bytes)", self->size);
  else if (self->size > WHOLE_MAX)
    g_string_append_printf (line,
                            "(%" G_GUINT64_FORMAT " bytes, sha256 %.16s)",
                            self->size,
                            g_checksum_get_string (self->checksum));
  else
    for (guint i = 0; i < self->head->len; i++)
      g_string_append_printf (line, "%02x", self->head->data[i]);
  return g_string_free (line, FALSE);
}

static void
end_item (UbLinkTap *self)
{
  char *line;

  if (self->size == 0)
    return;
  line = format_item (self);
  if (self->output != NULL)
    g_output_stream_printf (self->output, NULL, NULL, NULL, "%s\n", line);
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->tail, line);
  if (self->tail.length > TAIL_LINES)
    g_free (g_queue_pop_head (&self->tail));
  g_mutex_unlock (&self->lock);

  g_byte_array_set_size (self->head, 0);
  g_checksum_reset (self->checksum);
  self->size = 0;
}

static void
note (UbLinkTap *self, gboolean from_host, const guint8 *data, gsize size)
{
  if (size == 0)
    return;
  if (from_host != self->from_host)
    end_item (self);
  self->from_host = from_host;
  self->size += size;
  if (self->head->len < WHOLE_MAX)
    g_byte_array_append (self->head, data, (guint) MIN (size, WHOLE_MAX - self->head->len));
  /* hashing is slower than the wire: only a recording that is kept pays for it */
  if (self->output != NULL)
    g_checksum_update (self->checksum, data, (gssize) size);
}

UbLink *
ub_link_tap_new (UbLink *inner, GOutputStream *output)
{
  UbLinkTap *self = g_object_new (UB_TYPE_LINK_TAP, NULL);

  self->inner = g_object_ref (inner);
  self->output = output != NULL ? g_object_ref (output) : NULL;
  return UB_LINK (self);
}

char *
ub_link_tap_dup_tail (UbLinkTap *self)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->lock);
  for (GList *l = self->tail.head; l != NULL; l = l->next)
    g_string_append_printf (text, "%s\n", (const char *) l->data);
  g_mutex_unlock (&self->lock);
  return g_string_free (text, FALSE);
}

static gboolean
ub_link_tap_send (UbLink            *link,
                  const UbLinkPiece *pieces,
                  guint              n_pieces,
                  guint              timeout_ms,
                  GError           **error)
{
  UbLinkTap *self = UB_LINK_TAP (link);

  for (guint i = 0; i < n_pieces; i++)
    note (self, TRUE, pieces[i].data, pieces[i].size);
  return ub_link_send_pieces (self->inner, pieces, n_pieces, timeout_ms, error);
}

static gssize
ub_link_tap_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  UbLinkTap *self = UB_LINK_TAP (link);
  gssize     n = ub_link_receive_some (self->inner, data, size, timeout_ms, error);

  if (n > 0)
    note (self, FALSE, data, (gsize) n);
  else
    end_item (self);
  return n;
}

static gboolean
ub_link_tap_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  end_item (UB_LINK_TAP (link));
  return ub_link_reopen (UB_LINK_TAP (link)->inner, timeout_ms, cancellable, error);
}

static void
ub_link_tap_sleep (UbLink *link, guint ms)
{
  ub_link_sleep (UB_LINK_TAP (link)->inner, ms);
}

static gint64
ub_link_tap_now (UbLink *link)
{
  return ub_link_now (UB_LINK_TAP (link)->inner);
}

static void
ub_link_tap_close (UbLink *link)
{
  end_item (UB_LINK_TAP (link));
  ub_link_close (UB_LINK_TAP (link)->inner);
}

static const char *
ub_link_tap_get_port (UbLink *link)
{
  return ub_link_get_port (UB_LINK_TAP (link)->inner);
}

static const char *
ub_link_tap_get_speed (UbLink *link)
{
  return ub_link_get_speed (UB_LINK_TAP (link)->inner);
}

static guint
ub_link_tap_get_product (UbLink *link)
{
  return ub_link_get_product (UB_LINK_TAP (link)->inner);
}

static void
ub_link_tap_link_init (UbLinkInterface *iface)
{
  iface->send = ub_link_tap_send;
  iface->receive_some = ub_link_tap_receive_some;
  iface->reopen = ub_link_tap_reopen;
  iface->sleep = ub_link_tap_sleep;
  iface->now = ub_link_tap_now;
  iface->close = ub_link_tap_close;
  iface->get_port = ub_link_tap_get_port;
  iface->get_speed = ub_link_tap_get_speed;
  iface->get_product = ub_link_tap_get_product;
}

static void
ub_link_tap_finalize (GObject *object)
{
  UbLinkTap *self = UB_LINK_TAP (object);

  end_item (self);
  g_queue_clear_full (&self->tail, g_free);
  g_clear_object (&self->inner);
  g_clear_object (&self->output);
  g_byte_array_unref (self->head);
  g_checksum_free (self->checksum);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (ub_link_tap_parent_class)->finalize (object);
}

static void
ub_link_tap_class_init (UbLinkTapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_link_tap_finalize;
}

static void
ub_link_tap_init (UbLinkTap *self)
{
  self->head = g_byte_array_new ();
  self->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_mutex_init (&self->lock);
}
