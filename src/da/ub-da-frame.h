/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"

G_BEGIN_DECLS

/* Messages of XFLASH and XML agents (shared/protocol/xflash-and-xml.md §2): magic, type, length, payload, little-endian. Header and
 * payload leave as transfers of their own, for genuine agents lose what shares one (genuine-agents.md §4). What comes is a byte
 * stream in any pieces. Log messages are taken and thrown away wherever they come. Errors: the link's; PROTOCOL. */

#define UB_DA_FRAME_HEADER 12
#define UB_DA_FRAME_TIMEOUT_MS 10000
#define UB_DA_FRAME_SEND_TIMEOUT_MS 30000
/* an answer that keeps us and the agent in step is worth that much of the patience of somebody who gave up */
#define UB_DA_FRAME_GRACE_MS 10000

/* writes the header of a message of @size bytes */
void     ub_da_frame_put_header (guint8 header[UB_DA_FRAME_HEADER], guint32 size);
gboolean ub_da_frame_send (UbLink       *link,
                           const guint8 *data,
                           gsize         size,
                           guint         timeout_ms,
                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_frame_send_u32 (UbLink  *link,
                               guint32  value,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* the length of the next message that is not log; its payload is to be taken with ub_link_receive(). At most @limit, else PROTOCOL */
gboolean ub_da_frame_receive_header (UbLink  *link,
                                     guint32  limit,
                                     guint32 *size,
                                     guint    timeout_ms,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* the same for waits that take their time: @cancellable (nullable) is heard while nothing comes */
gboolean ub_da_frame_await_header (UbLink       *link,
                                   guint32       limit,
                                   guint32      *size,
                                   guint         timeout_ms,
                                   GCancellable *cancellable,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* the same for an answer in the middle of a command: @cancellable (nullable) leaves it at most UB_DA_FRAME_GRACE_MS. CANCELLED: it did not
 * come even then */
gboolean ub_da_frame_await_answer (UbLink       *link,
                                   guint32       limit,
                                   guint32      *size,
                                   guint         timeout_ms,
                                   GCancellable *cancellable,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* a whole one of at most @limit bytes; (transfer full) */
GBytes *ub_da_frame_receive (UbLink *link, guint32 limit, guint timeout_ms, GError **error);

G_END_DECLS
