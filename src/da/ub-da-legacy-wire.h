/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"

G_BEGIN_DECLS

/* §5.1 */
#define UB_DA_LEGACY_TIMEOUT_MS 10000
#define UB_DA_LEGACY_SEND_TIMEOUT_MS 30000

/* single numbers of a conversation with a legacy agent, big-endian; errors are the link's */
gboolean ub_da_legacy_wire_send_u8 (UbLink  *link,
                                    guint8   value,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_legacy_wire_receive_u8 (UbLink  *link,
                                       guint8  *value,
                                       guint    timeout_ms,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_legacy_wire_receive_u16 (UbLink  *link,
                                        guint16 *value,
                                        guint    timeout_ms,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_legacy_wire_receive_u32 (UbLink  *link,
                                        guint32 *value,
                                        guint    timeout_ms,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
