/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy-wire.h"

gboolean
ub_da_legacy_wire_send_u8 (UbLink *link, guint8 value, GError **error)
{
  return ub_link_send (link, &value, 1, UB_DA_LEGACY_SEND_TIMEOUT_MS, error);
}

gboolean
ub_da_legacy_wire_receive_u8 (UbLink *link, guint8 *value, guint timeout_ms, GError **error)
{
  return ub_link_receive (link, value, 1, timeout_ms, error);
}
