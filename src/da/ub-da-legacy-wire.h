/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "brom/ub-brom-wire.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

/* §5.1 */
#define UB_DA_LEGACY_TIMEOUT_MS 10000
#define UB_DA_LEGACY_SEND_TIMEOUT_MS 30000

/* single bytes of a conversation with a legacy agent; its longer numbers are as boot ROM's (ub-brom-wire.h). Errors are the link's */
gboolean ub_da_legacy_wire_send_u8 (UbLink  *link,
                                    guint8   value,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_legacy_wire_receive_u8 (UbLink  *link,
                                       guint8  *value,
                                       guint    timeout_ms,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
