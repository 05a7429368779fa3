/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xflash-private.h"

#include "base/ub-error.h"
#include "da/ub-da-frame.h"

#define STATUS_LIMIT 64
#define SETTLE_MS 100
#define BATTERY_LIMIT_MV 30000
/* an agent that does not even take a word any more is not waited for any longer */
#define FAREWELL_MS 5000

static UbLink *
get_link (UbDaXflash *self)
{
  return ub_da_get_link (UB_DA (self));
}

void
ub_da_xflash_control_settle (UbDaXflash *self)
{
  if (!self->in_doubt)
    return;
  ub_link_drain (get_link (self), SETTLE_MS);
  self->in_doubt = FALSE;
}

gboolean
ub_da_xflash_control_send (UbDaXflash *self, const guint8 *data, gsize size, GError **error)
{
  if (ub_da_frame_send (get_link (self), data, size, UB_DA_FRAME_SEND_TIMEOUT_MS, error))
    return TRUE;
  self->in_doubt = TRUE;
  return FALSE;
}

gboolean
ub_da_xflash_control_send_u32 (UbDaXflash *self, guint32 value, GError **error)
{
  if (ub_da_frame_send_u32 (get_link (self), value, error))
    return TRUE;
  self->in_doubt = TRUE;
  return FALSE;
}

/* §3.1: of a longer one the first word counts */
static gboolean
take_status (UbDaXflash *self, guint32 size, guint32 *status, GError **error)
{
  guint8 data[STATUS_LIMIT] = { 0 };

  if (size < 4)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "a status of %u bytes", size);
      return FALSE;
    }
  if (!ub_link_receive (get_link (self), data, size, UB_DA_XFLASH_TIMEOUT_MS, error))
    return FALSE;
  *status = (guint32) data[0] | (guint32) data[1] << 8 | (guint32) data[2] << 16 |
            (guint32) data[3] << 24;
  return TRUE;
}

/* FALSE for what leaves us out of step */
static gboolean
note (UbDaXflash *self, gboolean ok)
{
  self->in_doubt |= !ok;
  return ok;
}

gboolean
ub_da_xflash_control_receive_status (UbDaXflash   *self,
                                     guint32      *status,
                                     guint         timeout_ms,
                                     GCancellable *cancellable,
                                     GError      **error)
{
  guint32 size = 0;

  return note (self,
               ub_da_frame_await_header (get_link (self),
                                         STATUS_LIMIT,
                                         &size,
                                         timeout_ms,
                                         cancellable,
                                         error) &&
                   take_status (self, size, status, error));
}

gboolean
ub_da_xflash_control_receive_answer (UbDaXflash   *self,
                                     guint32      *status,
                                     guint         timeout_ms,
                                     GCancellable *cancellable,
                                     GError      **error)
{
  guint32 size = 0;

  return note (self,
               ub_da_frame_await_answer (get_link (self),
                                         STATUS_LIMIT,
                                         &size,
                                         timeout_ms,
                                         cancellable,
                                         error) &&
                   take_status (self, size, status, error));
}

gboolean
ub_da_xflash_control_expect (UbDaXflash *self,
                             const char *what,
                             int         fallback,
                             guint       timeout_ms,
                             GError    **error)
{
  guint32 status = 0;

  if (!ub_da_xflash_control_receive_status (self, &status, timeout_ms, NULL, error))
    {
      g_prefix_error (error, "%s: ", what);
      return FALSE;
    }
  return !ub_da_xflash_status_is_failure (status) ||
         ub_da_xflash_status_set (what, status, fallback, error);
}

gboolean
ub_da_xflash_control_begin (UbDaXflash       *self,
                            UbDaXflashCommand command,
                            const char       *what,
                            GError          **error)
{
  guint32 status = UB_DA_XFLASH_STATUS_COMPLETE;

  ub_da_xflash_control_settle (self);
  if (!ub_da_xflash_control_send_u32 (self, command, error))
    return FALSE;
  /* a refused FORMAT that went on all the same (genuine-agents.md §5.1) may have said so only now */
  for (guint i = 0; i < 2 && status == UB_DA_XFLASH_STATUS_COMPLETE; i++)
    if (!ub_da_xflash_control_receive_status (self, &status, UB_DA_XFLASH_TIMEOUT_MS, NULL, error))
      {
        g_prefix_error (error, "%s: ", what);
        return FALSE;
      }
  return status == UB_DA_XFLASH_STATUS_OK ||
         ub_da_xflash_status_set (what, status, UB_ERROR_PROTOCOL, error);
}

/* An agent that still waits for our word on data or an erase takes the command for it, breaks that off with a status of its own
 * (genuine-agents.md §5.1) and is in its loop then */
gboolean
ub_da_xflash_control_begin_farewell (UbDaXflash *self, GError **error)
{
  UbWriter command = UB_WRITER_INIT;

  ub_writer_u32_le (&command, UB_DA_XFLASH_SHUTDOWN);
  for (guint try = 1;; try++)
    {
      guint32 status = 0;

      ub_da_xflash_control_settle (self);
      if (!ub_da_frame_send (get_link (self), command.data, command.size, FAREWELL_MS, error) ||
          !ub_da_xflash_control_receive_status (self,
                                                &status,
                                                UB_DA_XFLASH_TIMEOUT_MS,
                                                NULL,
                                                error))
        {
          g_prefix_error (error, "finish: ");
          return FALSE;
        }
      if (status == UB_DA_XFLASH_STATUS_OK)
        return TRUE;
      if (try == 2)
        return ub_da_xflash_status_set ("finish", status, UB_ERROR_PROTOCOL, error);
      self->in_doubt = TRUE;
    }
}

/* up to the status of the sub-code */
static gboolean
begin_control (UbDaXflash *self, UbDaXflashControl control, const char *what, GError **error)
{
  return ub_da_xflash_control_begin (self, UB_DA_XFLASH_DEVICE_CTRL, what, error) &&
         ub_da_xflash_control_send_u32 (self, control, error) &&
         ub_da_xflash_control_expect (self, what, UB_ERROR_REFUSED, UB_DA_XFLASH_TIMEOUT_MS, error);
}

GBytes *
ub_da_xflash_control_get (UbDaXflash       *self,
                          UbDaXflashControl control,
                          const char       *what,
                          GError          **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!begin_control (self, control, what, error))
    return NULL;
  bytes = ub_da_frame_receive (get_link (self),
                               UB_DA_XFLASH_INFO_LIMIT,
                               UB_DA_XFLASH_TIMEOUT_MS,
                               error);
  if (bytes == NULL)
    {
      self->in_doubt = TRUE;
      g_prefix_error (error, "%s: ", what);
      return NULL;
    }
  /* an agent may send data and then say that they are worth nothing */
  if (!ub_da_xflash_control_expect (self, what, UB_ERROR_REFUSED, UB_DA_XFLASH_TIMEOUT_MS, error))
    return NULL;
  return g_steal_pointer (&bytes);
}

gboolean
ub_da_xflash_control_set (UbDaXflash       *self,
                          UbDaXflashControl control,
                          const char       *what,
                          const guint8     *data,
                          gsize             size,
                          GError          **error)
{
  return begin_control (self, control, what, error) &&
         ub_da_xflash_control_send (self, data, size, error) &&
         ub_da_xflash_control_expect (self, what, UB_ERROR_REFUSED, UB_DA_XFLASH_TIMEOUT_MS, error);
}

gboolean
ub_da_xflash_control_set_u32 (UbDaXflash       *self,
                              UbDaXflashControl control,
                              const char       *what,
                              guint32           value,
                              GError          **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u32_le (&writer, value);
  return ub_da_xflash_control_set (self, control, what, writer.data, writer.size, error);
}

gboolean
ub_da_xflash_control_act (UbDaXflash       *self,
                          UbDaXflashControl control,
                          const char       *what,
                          guint32          *status,
                          GError          **error)
{
  if (!begin_control (self, control, what, error))
    return FALSE;
  if (ub_da_xflash_control_receive_status (self,
                                           status,
                                           UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                           NULL,
                                           error))
    return TRUE;
  g_prefix_error (error, "%s: ", what);
  return FALSE;
}

/* --- health (§3.8, 3.9) --- */

static void
read_battery (UbDaXflash *self, UbDaHealth *health)
{
  g_autoptr (GBytes) bytes =
                 ub_da_xflash_control_get (self, UB_DA_XFLASH_GET_BATTERY_VOLTAGE, "battery", NULL);
  const guint32 millivolts = bytes != NULL ? ub_da_xflash_messages_get_u32 (bytes, 0) : 0;

  if (millivolts > 0 && millivolts <= BATTERY_LIMIT_MV)
    health->battery_mv = (int) millivolts;
}

static void
read_wear (UbDaXflash *self, UbDaHealth *health)
{
  guint32 status = 0;

  if (self->life[0] >= 1 && self->life[0] <= 11)
    health->life_time_a = self->life[0];
  if (self->life[1] >= 1 && self->life[1] <= 11)
    health->life_time_b = self->life[1];
  if (self->pre_eol >= 1 && self->pre_eol <= 3)
    health->pre_eol = self->pre_eol;
  if (health->pre_eol != -1 ||
      !ub_da_xflash_control_act (self, UB_DA_XFLASH_LIFE_CYCLE_CHECK, "wear", &status, NULL))
    return;
  if (status == UB_DA_XFLASH_STATUS_OK)
    health->pre_eol = 1;
  else if (status == UB_DA_XFLASH_STATUS_LIFE_WARNING)
    health->pre_eol = 2;
  else if (status == UB_DA_XFLASH_STATUS_LIFE_EXHAUSTED)
    health->pre_eol = 3;
}

void
ub_da_xflash_control_read_health (UbDaXflash *self, UbDaHealth *health)
{
  read_battery (self, health);
  read_wear (self, health);
}
