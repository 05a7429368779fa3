/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-wire.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"
#include "wire/ub-writer.h"

#include <string.h>

/* at so many bytes nobody has anything to say to us any more */
#define HUSH_LIMIT (64 * 1024)

/* sends @data and compares what comes back with it: parameters and most commands are echoed (§2.2)
 */
gboolean
ub_brom_wire_send_echoed (UbLink       *link,
                          const guint8 *data,
                          gsize         size,
                          guint         timeout_ms,
                          GError      **error)
{
  guint8 echo[4] = { 0 };

  g_assert (size <= sizeof echo);
  if (!ub_link_send (link, data, size, timeout_ms, error) ||
      !ub_link_receive (link, echo, size, timeout_ms, error))
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
ub_brom_wire_send_command (UbLink *link, UbBromCommand command, guint timeout_ms, GError **error)
{
  const guint8 byte = (guint8) command;

  if (ub_brom_wire_send_echoed (link, &byte, 1, timeout_ms, error))
    return TRUE;
  g_prefix_error (error, "command 0x%02x: ", byte);
  return FALSE;
}

gboolean
ub_brom_wire_send_u32 (UbLink *link, guint32 value, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u32_be (&writer, value);
  return ub_brom_wire_send_echoed (link, writer.data, writer.size, UB_BROM_ECHO_TIMEOUT_MS, error);
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

gboolean
ub_brom_wire_is_ready (guint8 byte)
{
  return byte != 0 && strchr ("READY", byte) != NULL;
}

guint
ub_brom_wire_hush (UbLink *link, guint quiet_ms)
{
  const gint64 deadline = ub_link_now (link) + (gint64) quiet_ms * 2 * 1000;
  guint8       scrap[512];
  guint        n_strays = 0;
  gssize       n;

  for (guint total = 0; total < HUSH_LIMIT && ub_link_now (link) < deadline; total += (guint) n)
    {
      n = ub_link_receive_some (link, scrap, sizeof scrap, quiet_ms, NULL);
      if (n <= 0)
        break;
      for (gssize i = 0; i < n; i++)
        n_strays += !ub_brom_wire_is_ready (scrap[i]);
    }
  return n_strays;
}

UbBromSigns *
ub_brom_wire_signs (UbLink *link)
{
  GQuark       quark = g_quark_from_static_string ("ub-brom-signs");
  UbBromSigns *signs = g_object_get_qdata (G_OBJECT (link), quark);

  if (signs == NULL)
    {
      signs = g_new0 (UbBromSigns, 1);
      g_object_set_qdata_full (G_OBJECT (link), quark, signs, g_free);
    }
  return signs;
}
