/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define UB_TYPE_LINK (ub_link_get_type ())
G_DECLARE_INTERFACE (UbLink, ub_link, UB, LINK, GObject)

/* one piece of what is to be sent; each becomes a transfer of its own on the bus */
typedef struct
{
  const guint8 *data;
  gsize         size;
} UbLinkPiece;

/**
 * UbLink:
 *
 * The wire between us and one phone: bytes out, bytes in. It is a byte stream towards us: a
 * message may come in any number of pieces. Towards the phone every piece is a transfer of its
 * own, because genuine agents lose what shares a transfer with a header
 * (shared/protocol/genuine-agents.md §4).
 *
 * All calls block, so they belong to a session's own thread. Time-outs are in milliseconds, counted
 * from the last byte that moved. Errors: %UB_ERROR_LINK_LOST when the phone is gone,
 * %UB_ERROR_LINK_TIMEOUT when it is silent.
 */
struct _UbLinkInterface
{
  GTypeInterface parent_iface;

  gboolean (*send) (UbLink            *self,
                    const UbLinkPiece *pieces,
                    guint              n_pieces,
                    guint              timeout_ms,
                    GError           **error);
  gssize (*receive_some) (UbLink *self, guint8 *data, gsize size, guint timeout_ms, GError **error);
  gboolean (*reopen) (UbLink *self, guint timeout_ms, GCancellable *cancellable, GError **error);
  void (*sleep) (UbLink *self, guint ms);
  gint64 (*now) (UbLink *self);
  void (*close) (UbLink *self);
  const char *(*get_port) (UbLink *self);
  const char *(*get_speed) (UbLink *self);
  guint (*get_product) (UbLink *self);
};

/* all of it, or an error */
gboolean ub_link_send (UbLink       *self,
                       const guint8 *data,
                       gsize         size,
                       guint         timeout_ms,
                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* several transfers in order, queued at once so that the bus never waits between them */
gboolean ub_link_send_pieces (UbLink            *self,
                              const UbLinkPiece *pieces,
                              guint              n_pieces,
                              guint              timeout_ms,
                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* an empty transfer */
gboolean ub_link_send_empty (UbLink  *self,
                             guint    timeout_ms,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* exactly @size bytes, or an error; empty packets are not the end of anything */
gboolean ub_link_receive (UbLink *self, guint8 *data, gsize size, guint timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* 1…@size bytes, whatever is there first; -1 on error (LINK_TIMEOUT if nothing came in time) */
gssize ub_link_receive_some (UbLink  *self,
                             guint8  *data,
                             gsize    size,
                             guint    timeout_ms,
                             GError **error);
/* throws away what the phone has sent until it is silent for @quiet_ms; returns the number of bytes
 */
gsize ub_link_drain (UbLink *self, guint quiet_ms);
/* waits for the same phone (same port) to come back after it re-enumerated, and opens it again */
gboolean ub_link_reopen (UbLink *self, guint timeout_ms, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* all waiting goes through these two, so that tests need not wait */
void        ub_link_sleep (UbLink *self, guint ms);
gint64      ub_link_now (UbLink *self); /* µs, monotonic */
void        ub_link_close (UbLink *self);
const char *ub_link_get_port (UbLink *self);    /* "1-2.4"; never NULL */
const char *ub_link_get_speed (UbLink *self);   /* "high", "full", "super", ""; never NULL */
guint       ub_link_get_product (UbLink *self); /* vendor << 16 | product, 0 if there is none */

G_END_DECLS
