/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy-wire.h"

#include "wire/ub-reader.h"

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

gboolean
ub_da_legacy_wire_receive_u16 (UbLink *link, guint16 *value, guint timeout_ms, GError **error)
{
  guint8 data[2] = { 0 };

  if (!ub_link_receive (link, data, sizeof data, timeout_ms, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (data, sizeof data);
  *value = ub_reader_u16_be (&reader);
  return TRUE;
}

gboolean
ub_da_legacy_wire_receive_u32 (UbLink *link, guint32 *value, guint timeout_ms, GError **error)
{
  guint8 data[4] = { 0 };

  if (!ub_link_receive (link, data, sizeof data, timeout_ms, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (data, sizeof data);
  *value = ub_reader_u32_be (&reader);
  return TRUE;
}
