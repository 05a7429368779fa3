/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-frame.h"

#include "base/ub-error.h"

#define MAGIC 0xfeeeeeefu
#define TYPE_FLOW 1
#define TYPE_LOG 2
#define LOG_LIMIT 0x10000
#define LOOK_MS 250
/* an agent that only talks to itself is not one that answers */
#define LOG_MESSAGES 4096

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> 8 * i);
}

static guint32
get32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

void
ub_da_frame_put_header (guint8 header[UB_DA_FRAME_HEADER], guint32 size)
{
  put32 (header, MAGIC);
  put32 (header + 4, TYPE_FLOW);
  put32 (header + 8, size);
}

gboolean
ub_da_frame_send (UbLink *link, const guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  guint8      header[UB_DA_FRAME_HEADER];
  UbLinkPiece pieces[] = { { header, sizeof header }, { data, size } };

  ub_da_frame_put_header (header, (guint32) size);
  return ub_link_send_pieces (link, pieces, size > 0 ? 2 : 1, timeout_ms, error);
}

gboolean
ub_da_frame_send_u32 (UbLink *link, guint32 value, GError **error)
{
  guint8 data[4];

  put32 (data, value);
  return ub_da_frame_send (link, data, sizeof data, UB_DA_FRAME_SEND_TIMEOUT_MS, error);
}

/* the length of a log message counts its priority, which comes with the header */
static gboolean
skip_log (UbLink *link, guint32 size, guint timeout_ms, GError **error)
{
  guint8 text[512];

  if (size > LOG_LIMIT)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "a log message of %u bytes", size);
      return FALSE;
    }
  for (guint32 left = size; left > 0;)
    {
      guint32 n = MIN (left, sizeof text);

      if (!ub_link_receive (link, text, n, timeout_ms, error))
        return FALSE;
      left -= n;
    }
  return TRUE;
}

/* how long to wait, and for whom that is shortened */
typedef struct
{
  guint         timeout_ms;
  GCancellable *cancellable; /* (nullable) */
  guint         grace_ms;    /* what is left of the time once somebody gave up */
} Wait;

/* the first byte in short looks, so that somebody who gives up is heard */
static gboolean
await_header (UbLink *link, guint8 *header, const Wait *wait, GError **error)
{
  gboolean gave_up = FALSE;

  for (guint left = wait->timeout_ms; wait->cancellable != NULL;)
    {
      g_autoptr (GError) local = NULL;

      if (!gave_up && g_cancellable_is_cancelled (wait->cancellable))
        {
          gave_up = TRUE;
          left = MIN (left, wait->grace_ms);
        }
      if (left == 0 && g_cancellable_set_error_if_cancelled (wait->cancellable, error))
        return FALSE;
      if (ub_link_receive (link, header, 1, MIN (left, LOOK_MS), &local))
        return ub_link_receive (link, header + 1, UB_DA_FRAME_HEADER - 1, wait->timeout_ms, error);
      left -= MIN (left, LOOK_MS);
      if ((left > 0 || gave_up) && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return ub_link_receive (link, header, UB_DA_FRAME_HEADER, wait->timeout_ms, error);
}

/* FALSE with an error, or a header, of a message or of log */
static gboolean
receive_any_header (UbLink *link, guint32 *type, guint32 *size, const Wait *wait, GError **error)
{
  guint8 header[UB_DA_FRAME_HEADER];

  if (!await_header (link, header, wait, error))
    return FALSE;
  *type = get32 (header + 4);
  *size = get32 (header + 8);
  if (get32 (header) == MAGIC && (*type == TYPE_FLOW || *type == TYPE_LOG))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "0x%08x 0x%08x where a message should begin",
               get32 (header),
               *type);
  return FALSE;
}

static gboolean
receive_flow_header (UbLink *link, guint32 limit, guint32 *size, const Wait *wait, GError **error)
{
  for (guint i = 0; i < LOG_MESSAGES; i++)
    {
      guint32 type = TYPE_FLOW;

      if (!receive_any_header (link, &type, size, wait, error))
        return FALSE;
      if (type == TYPE_LOG)
        {
          if (!skip_log (link, *size, wait->timeout_ms, error))
            return FALSE;
          continue;
        }
      if (*size <= limit)
        return TRUE;
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_PROTOCOL,
                   "a message of %u bytes where at most %u were expected",
                   *size,
                   limit);
      return FALSE;
    }
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "%d log messages and no answer among them",
               LOG_MESSAGES);
  return FALSE;
}

gboolean
ub_da_frame_await_header (UbLink       *link,
                          guint32       limit,
                          guint32      *size,
                          guint         timeout_ms,
                          GCancellable *cancellable,
                          GError      **error)
{
  const Wait wait = { timeout_ms, cancellable, 0 };

  return receive_flow_header (link, limit, size, &wait, error);
}

gboolean
ub_da_frame_await_answer (UbLink       *link,
                          guint32       limit,
                          guint32      *size,
                          guint         timeout_ms,
                          GCancellable *cancellable,
                          GError      **error)
{
  const Wait wait = { timeout_ms, cancellable, UB_DA_FRAME_GRACE_MS };

  return receive_flow_header (link, limit, size, &wait, error);
}

gboolean
ub_da_frame_receive_header (UbLink  *link,
                            guint32  limit,
                            guint32 *size,
                            guint    timeout_ms,
                            GError **error)
{
  return ub_da_frame_await_header (link, limit, size, timeout_ms, NULL, error);
}

GBytes *
ub_da_frame_receive (UbLink *link, guint32 limit, guint timeout_ms, GError **error)
{
  g_autofree guint8 *data = NULL;
  guint32            size;

  if (!ub_da_frame_receive_header (link, limit, &size, timeout_ms, error))
    return NULL;
  data = g_malloc (MAX (size, 1));
  if (size > 0 && !ub_link_receive (link, data, size, timeout_ms, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), size);
}
