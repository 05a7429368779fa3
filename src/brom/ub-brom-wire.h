/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "brom/ub-brom-messages.h"
#include "brom/ub-brom.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

/* shared/protocol/brom-and-legacy.md §2.2 */
#define UB_BROM_ECHO_TIMEOUT_MS 10000
#define UB_BROM_STATUS_TIMEOUT_MS 30000
/* a command the phone does not know is echoed and then silent: those we can do without wait no
 * longer than this */
#define UB_BROM_OPTIONAL_TIMEOUT_MS 500
#define UB_BROM_UPLOAD_TIMEOUT_MS 5000
/* somebody who has just shaken hands answers a simple question at once; who does not is asked again rather than waited for */
#define UB_BROM_GREETING_TIMEOUT_MS 2000

/* the words of boot ROM and preloader; legacy agents answer in the same numbers. Everything is big-endian; what is sent comes back, and is compared */

gboolean ub_brom_wire_send_command (UbLink       *link,
                                    UbBromCommand command,
                                    guint         timeout_ms,
                                    GError      **error);
gboolean ub_brom_wire_send_u32 (UbLink *link, guint32 value, GError **error);
gboolean ub_brom_wire_receive_u16 (UbLink *link, guint16 *value, guint timeout_ms, GError **error);
gboolean ub_brom_wire_receive_u32 (UbLink *link, guint32 *value, guint timeout_ms, GError **error);
gsize    ub_brom_wire_get_packet_size (UbLink *link); /* of USB, bytes */
/* @size (1 … 4) bytes that come back as they are */
gboolean ub_brom_wire_send_echoed (UbLink       *link,
                                   const guint8 *data,
                                   gsize         size,
                                   guint         timeout_ms,
                                   GError      **error);
/* throws away what comes until nothing came for @quiet_ms, but no longer than twice that: somebody may babble for ever. Returns the number of
 * bytes, READY apart */
guint ub_brom_wire_hush (UbLink *link, guint quiet_ms);
/* a letter of a preloader's READY; none of them is part of a handshake */
gboolean ub_brom_wire_is_ready (guint8 byte);
/* kept with the link; (transfer none) */
UbBromSigns *ub_brom_wire_signs (UbLink *link);

G_END_DECLS
