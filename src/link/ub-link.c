/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-link.h"

#include "base/ub-error.h"

/* a phone that talks for ever must not keep us here, be it fast or slow */
#define DRAIN_LIMIT (1024 * 1024)
#define DRAIN_LIMIT_MS 5000

G_DEFINE_INTERFACE (UbLink, ub_link, G_TYPE_OBJECT)

static void
ub_link_default_init (UbLinkInterface *iface)
{
}

gboolean
ub_link_send_pieces (UbLink            *self,
                     const UbLinkPiece *pieces,
                     guint              n_pieces,
                     guint              timeout_ms,
                     GError           **error)
{
  g_return_val_if_fail (UB_IS_LINK (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return UB_LINK_GET_IFACE (self)->send (self, pieces, n_pieces, timeout_ms, error);
}

gboolean
ub_link_send (UbLink *self, const guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  const UbLinkPiece piece = { data, size };

  return size == 0 || ub_link_send_pieces (self, &piece, 1, timeout_ms, error);
}

gboolean
ub_link_send_empty (UbLink *self, guint timeout_ms, GError **error)
{
  const UbLinkPiece piece = { (const guint8 *) "", 0 };

  return ub_link_send_pieces (self, &piece, 1, timeout_ms, error);
}

gssize
ub_link_receive_some (UbLink *self, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  g_return_val_if_fail (UB_IS_LINK (self), -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  return UB_LINK_GET_IFACE (self)->receive_some (self, data, size, timeout_ms, error);
}

gboolean
ub_link_receive (UbLink *self, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  gsize offset = 0;

  while (offset < size)
    {
      gssize n = ub_link_receive_some (self, data + offset, size - offset, timeout_ms, error);

      if (n < 0)
        {
          g_prefix_error (error,
                          "after %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes: ",
                          offset,
                          size);
          return FALSE;
        }
      offset += (gsize) n;
    }
  return TRUE;
}

gsize
ub_link_drain (UbLink *self, guint quiet_ms)
{
  gint64 deadline = ub_link_now (self) + DRAIN_LIMIT_MS * 1000;
  guint8 scrap[512];
  gsize  total = 0;

  while (total < DRAIN_LIMIT && ub_link_now (self) < deadline)
    {
      gssize n = ub_link_receive_some (self, scrap, sizeof scrap, quiet_ms, NULL);

      if (n <= 0)
        break;
      total += (gsize) n;
    }
  return total;
}

gboolean
ub_link_reopen (UbLink *self, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (UB_IS_LINK (self), FALSE);

  if (UB_LINK_GET_IFACE (self)->reopen != NULL)
    return UB_LINK_GET_IFACE (self)->reopen (self, timeout_ms, cancellable, error);
  g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "this link cannot be opened again");
  return FALSE;
}

void
ub_link_sleep (UbLink *self, guint ms)
{
  if (UB_LINK_GET_IFACE (self)->sleep != NULL)
    UB_LINK_GET_IFACE (self)->sleep (self, ms);
  else
    g_usleep (ms * 1000UL);
}

gint64
ub_link_now (UbLink *self)
{
  if (UB_LINK_GET_IFACE (self)->now != NULL)
    return UB_LINK_GET_IFACE (self)->now (self);
  return g_get_monotonic_time ();
}

void
ub_link_close (UbLink *self)
{
  if (UB_LINK_GET_IFACE (self)->close != NULL)
    UB_LINK_GET_IFACE (self)->close (self);
}

const char *
ub_link_get_port (UbLink *self)
{
  const char *port = NULL;

  if (UB_LINK_GET_IFACE (self)->get_port != NULL)
    port = UB_LINK_GET_IFACE (self)->get_port (self);
  return port != NULL ? port : "";
}

const char *
ub_link_get_speed (UbLink *self)
{
  const char *speed = NULL;

  if (UB_LINK_GET_IFACE (self)->get_speed != NULL)
    speed = UB_LINK_GET_IFACE (self)->get_speed (self);
  return speed != NULL ? speed : "";
}

guint
ub_link_get_product (UbLink *self)
{
  return UB_LINK_GET_IFACE (self)->get_product != NULL
             ? UB_LINK_GET_IFACE (self)->get_product (self)
             : 0;
}
