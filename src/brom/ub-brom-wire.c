/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-wire.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"
#include "wire/ub-writer.h"

/* sends @data and compares what comes back with it: parameters and most commands are echoed (§2.2)
 */
static gboolean
send_echoed (UbLink *link, const guint8 *data, gsize size, GError **error)
{
  guint8 echo[4] = { 0 };

  g_assert (size <= sizeof echo);
  if (!ub_link_send (link, data, size, UB_BROM_ECHO_TIMEOUT_MS, error) ||
      !ub_link_receive (link, echo, size, UB_BROM_ECHO_TIMEOUT_MS, error))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (echo[i] != data[i])
      {
        g_set_error (error,
                     UB_ERROR,
                     UB_ERROR_PROTOCOL,
                     "byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                     ": sent 0x%02x, 0x%02x came back",
                     i,
                     size,
                     data[i],
                     echo[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
ub_brom_wire_send_command (UbLink *link, UbBromCommand command, GError **error)
{
  const guint8 byte = (guint8) command;

  if (send_echoed (link, &byte, 1, error))
    return TRUE;
  g_prefix_error (error, "command 0x%02x: ", byte);
  return FALSE;
}

gboolean
ub_brom_wire_send_u32 (UbLink *link, guint32 value, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u32_be (&writer, value);
  return send_echoed (link, writer.data, writer.size, error);
}

gboolean
ub_brom_wire_send_u16 (UbLink *link, guint16 value, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u16_be (&writer, value);
  return send_echoed (link, writer.data, writer.size, error);
}

gboolean
ub_brom_wire_receive_u16 (UbLink *link, guint16 *value, guint timeout_ms, GError **error)
{
  guint8 data[2] = { 0 };

  if (!ub_link_receive (link, data, sizeof data, timeout_ms, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (data, sizeof data);
  *value = ub_reader_u16_be (&reader);
  return TRUE;
}

gboolean
ub_brom_wire_receive_u32 (UbLink *link, guint32 *value, guint timeout_ms, GError **error)
{
  guint8 data[4] = { 0 };

  if (!ub_link_receive (link, data, sizeof data, timeout_ms, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (data, sizeof data);
  *value = ub_reader_u32_be (&reader);
  return TRUE;
}

gsize
ub_brom_wire_get_packet_size (UbLink *link)
{
  return g_str_equal (ub_link_get_speed (link), "full") ? 64 : 512;
}
