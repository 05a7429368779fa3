/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy.h"

#include "base/ub-error.h"
#include "da/ub-da-legacy-private.h"
#include "da/ub-da-legacy-tables.h"
#include "da/ub-da-private.h"
#include "wire/ub-checksum.h"
#include "wire/ub-reader.h"

#include <string.h>

/* §5.1 */
#define PACKET_TIMEOUT_MS 30000
#define ERASE_STEP_TIMEOUT_MS 60000
#define ERASE_END_TIMEOUT_MS 300000
/* how often one packet may come damaged before we give up */
#define RETRY_LIMIT 8
/* a READ cannot be broken off, so it is asked for in pieces */
#define READ_PIECE (16 * (guint64) UB_DA_LEGACY_PACKET)
/* nor can a FORMAT */
#define ERASE_PIECE (256 * (guint64) 0x100000)
#define ERASE_STEP_LIMIT 100000
#define STORAGE_EMMC 2
#define HOST_LINUX 0x0c
#define VERIFY_USB_CHECKSUM 1
/* builds that do not know the question say nothing at all */
#define BATTERY_TIMEOUT_MS 3000
#define BATTERY_LIMIT_MV 30000

G_DEFINE_FINAL_TYPE (UbDaLegacy, ub_da_legacy, UB_TYPE_DA)

/* --- small exchanges --- */

static UbLink *
get_link (UbDaLegacy *self)
{
  return ub_da_get_link (UB_DA (self));
}

gboolean
ub_da_legacy_send_message (UbDaLegacy *self, const UbDaLegacyMessage *message, GError **error)
{
  return ub_da_legacy_messages_send (message, get_link (self), UB_DA_LEGACY_SEND_TIMEOUT_MS, error);
}

gboolean
ub_da_legacy_set_unexpected (const char *what, guint8 byte, GError **error)
{
  g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "%s: unexpected answer 0x%02x", what, byte);
  return FALSE;
}

/* what the phone's security forbids is REFUSED whatever was tried, else the error is @code */
static gboolean
set_refused (const char *what, guint32 status, int code, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               status >= 6000 && status < 7000 ? UB_ERROR_REFUSED : code,
               "%s: status %u (%s)",
               what,
               status,
               ub_da_legacy_messages_status_name (status));
  return FALSE;
}

static gboolean
receive_status (UbDaLegacy *self, guint32 *status, guint timeout_ms, GError **error)
{
  if (!ub_brom_wire_receive_u32 (get_link (self), status, timeout_ms, error))
    return FALSE;
  *status = ub_da_legacy_messages_normalize_status (*status, self->old_numbering);
  return TRUE;
}

/* the u32 after an A5 */
gboolean
ub_da_legacy_receive_refusal (UbDaLegacy *self, const char *what, int code, GError **error)
{
  guint32 status = 0;

  return receive_status (self, &status, UB_DA_LEGACY_TIMEOUT_MS, error) &&
         set_refused (what, status, code, error);
}

/* 5A, or A5 and why not */
gboolean
ub_da_legacy_expect_ack (UbDaLegacy *self,
                         const char *what,
                         int         code,
                         guint       timeout_ms,
                         GError    **error)
{
  guint8 byte = 0;

  if (!ub_da_legacy_wire_receive_u8 (get_link (self), &byte, timeout_ms, error))
    {
      g_prefix_error (error, "%s: ", what);
      return FALSE;
    }
  if (byte == UB_DA_LEGACY_ACK)
    return TRUE;
  if (byte == UB_DA_LEGACY_NACK)
    return ub_da_legacy_receive_refusal (self, what, code, error);
  return ub_da_legacy_set_unexpected (what, byte, error);
}

/* after a command that ended badly: throws away what may still come, so that the next answer is the
 * next command's */
void
ub_da_legacy_settle (UbDaLegacy *self)
{
  if (!self->in_doubt)
    return;
  ub_link_drain (get_link (self), 100);
  self->in_doubt = FALSE;
  self->area = 0;
}

guint8
ub_da_legacy_get_area (UbRegion region, GError **error)
{
  const guint8 area = ub_da_legacy_messages_area (region);

  if (area == 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "%s cannot be addressed with this kind of agent",
                 ub_region_to_string (region));
  return area;
}

/* §5.10 */
static gboolean
select_area (UbDaLegacy *self, guint8 area, GError **error)
{
  if (self->area == area)
    return TRUE;
  self->area = 0;
  if (!ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_SWITCH_PART, error) ||
      !ub_da_legacy_expect_ack (self,
                                "area switch",
                                UB_ERROR_REFUSED,
                                UB_DA_LEGACY_TIMEOUT_MS,
                                error) ||
      !ub_da_legacy_wire_send_u8 (get_link (self), area, error) ||
      !ub_da_legacy_expect_ack (self,
                                "area switch",
                                UB_ERROR_REFUSED,
                                UB_DA_LEGACY_TIMEOUT_MS,
                                error))
    return FALSE;
  self->area = area;
  return TRUE;
}

/* MT6592: computer's time and network address; any value does (§5.15) */
static void
add_phone_info (UbDaLegacy *self, UbDaLegacyMessage *message)
{
  if (!self->phone_info)
    return;
  ub_da_legacy_messages_add_u64 (message, 0);
  ub_da_legacy_messages_add_u64 (message, 0);
}

/* --- start --- */

static gboolean
ub_da_legacy_check_setup (UbDa *da, const UbDaSetup *setup, GError **error)
{
  if (setup->chip->flow != UB_FLOW_V3)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_UNSUPPORTED,
               "%s has agents of an older kind that this version cannot drive",
               setup->chip->name);
  return FALSE;
}

static gboolean
ub_da_legacy_start (UbDa            *da,
                    const UbDaSetup *setup,
                    UbDaReport      *report,
                    UbDaProgress     progress,
                    gpointer         user_data,
                    GCancellable    *cancellable,
                    GError         **error)
{
  return ub_da_legacy_start_after_jump (UB_DA_LEGACY (da),
                                        setup,
                                        report,
                                        progress,
                                        user_data,
                                        cancellable,
                                        error);
}

/* --- write (§5.11.1) --- */

static gboolean
begin_write (UbDaLegacy *self, guint8 area, guint64 offset, guint64 length, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_WRITE_DATA);
  add_phone_info (self, &message);
  ub_da_legacy_messages_add_u8 (&message, VERIFY_USB_CHECKSUM);
  ub_da_legacy_messages_add_u8 (&message, area);
  ub_da_legacy_messages_add_u64 (&message, offset);
  ub_da_legacy_messages_add_u64 (&message, length);
  ub_da_legacy_messages_add_u32 (&message, UB_DA_LEGACY_PACKET);
  if (self->area != area)
    self->area = 0; /* the command may leave its own area selected */
  return ub_da_legacy_send_message (self, &message, error) &&
         ub_da_legacy_expect_ack (self, "write", UB_ERROR_STORAGE_WRITE, PACKET_TIMEOUT_MS, error);
}

/* how the agent took one packet */
typedef enum
{
  TAKEN,
  DAMAGED, /* it wants the same packet again, or STOP */
  FAILED,  /* it is back in its command loop, or gone */
} Taken;

static Taken
receive_taken (UbDaLegacy *self, GError **error)
{
  guint32 status = 0;
  guint8  byte = 0;

  if (!ub_da_legacy_wire_receive_u8 (get_link (self), &byte, PACKET_TIMEOUT_MS, error))
    return FAILED;
  if (byte == UB_DA_LEGACY_CONT)
    return TAKEN;
  if (byte != UB_DA_LEGACY_NACK)
    {
      ub_da_legacy_set_unexpected ("packet", byte, error);
      return FAILED;
    }
  if (!receive_status (self, &status, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FAILED;
  if (status == UB_DA_LEGACY_STATUS_DATA_CHECKSUM)
    return DAMAGED;
  set_refused ("packet", status, UB_ERROR_STORAGE_WRITE, error);
  return FAILED;
}

/* STOP where a packet is expected brings the agent back into its command loop, without an answer.
 * Always FALSE */
static gboolean
stop_write (UbDaLegacy *self)
{
  g_autoptr (GError) local = NULL;

  if (!ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_STOP, &local))
    g_debug ("the agent could not be told to stop: %s", local->message);
  return FALSE;
}

static gboolean
write_packet (UbDaLegacy *self, const UbDaPacket *packet, GCancellable *cancellable, GError **error)
{
  const guint8      ack = UB_DA_LEGACY_ACK;
  const guint8      sum[2] = { (guint8) (packet->checksum >> 8), (guint8) packet->checksum };
  const UbLinkPiece pieces[] = { { &ack, 1 }, { packet->data, packet->size }, { sum, sizeof sum } };

  for (guint i = 0; i < RETRY_LIMIT; i++)
    {
      Taken taken;

      if (i > 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return stop_write (self);
      if (!ub_link_send_pieces (get_link (self),
                                pieces,
                                G_N_ELEMENTS (pieces),
                                UB_DA_LEGACY_SEND_TIMEOUT_MS,
                                error))
        return FALSE;
      taken = receive_taken (self, error);
      if (taken != DAMAGED)
        return taken == TAKEN;
      ub_da_add_retry (UB_DA (self));
    }
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_CHECKSUM,
               "packet: it arrived damaged %d times",
               RETRY_LIMIT);
  return stop_write (self);
}

static gboolean
write_packets (UbDaLegacy   *self,
               guint64       length,
               UbDaSource    source,
               gpointer      source_data,
               UbDaProgress  progress,
               gpointer      user_data,
               GCancellable *cancellable,
               GError      **error)
{
  for (guint64 done = 0; done < length;)
    {
      const gsize size = (gsize) MIN (length - done, UB_DA_LEGACY_PACKET);
      UbDaPacket  packet = { 0 };

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !source (source_data, size, &packet, error) ||
          (done == 0 && !ub_da_private_check_begin (&packet, error)))
        return stop_write (self);
      if (packet.size != size)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_INTERNAL,
                       "a packet of %" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT,
                       packet.size,
                       size);
          return stop_write (self);
        }
      if (!write_packet (self, &packet, cancellable, error))
        {
          g_prefix_error (error, "after 0x%" G_GINT64_MODIFIER "x bytes: ", done);
          return FALSE;
        }
      done += size;
      if (progress != NULL)
        progress (done, length, user_data);
    }
  return TRUE;
}

static gboolean
ub_da_legacy_write (UbDa         *da,
                    UbRegion      region,
                    guint64       offset,
                    guint64       length,
                    UbDaSource    source,
                    gpointer      source_data,
                    UbDaProgress  progress,
                    gpointer      user_data,
                    GCancellable *cancellable,
                    GError      **error)
{
  UbDaLegacy  *self = UB_DA_LEGACY (da);
  const guint8 area = ub_da_legacy_get_area (region, error);

  if (area == 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  ub_da_legacy_settle (self);
  self->in_doubt =
      !begin_write (self, area, offset, length, error) ||
      !write_packets (self, length, source, source_data, progress, user_data, cancellable, error);
  return !self->in_doubt;
}

/* --- read (§5.12) --- */

static gboolean
begin_read (UbDaLegacy *self, guint64 offset, guint64 length, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;
  UbDaLegacyMessage packet = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_READ);
  ub_da_legacy_messages_add_u8 (&message, HOST_LINUX);
  ub_da_legacy_messages_add_u8 (&message, STORAGE_EMMC);
  ub_da_legacy_messages_add_u64 (&message, offset);
  ub_da_legacy_messages_add_u64 (&message, length);
  ub_da_legacy_messages_add_u32 (&packet, UB_DA_LEGACY_PACKET);
  return ub_da_legacy_send_message (self, &message, error) &&
         ub_da_legacy_expect_ack (self,
                                  "read",
                                  UB_ERROR_STORAGE_READ,
                                  UB_DA_LEGACY_TIMEOUT_MS,
                                  error) &&
         ub_da_legacy_send_message (self, &packet, error);
}

/* one packet, and whether its sum is right */
static gboolean
receive_packet (UbDaLegacy *self, guint8 *data, gsize size, gboolean *intact, GError **error)
{
  guint8 sum[2] = { 0 };

  if (!ub_link_receive (get_link (self), data, size, PACKET_TIMEOUT_MS, error) ||
      !ub_link_receive (get_link (self), sum, sizeof sum, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (sum, sizeof sum);
  *intact = ub_reader_u16_be (&reader) == ub_checksum_sum16 (data, size);
  return TRUE;
}

/* until it is intact; a packet that never is leaves @intact FALSE, unacknowledged */
static gboolean
read_packet (UbDaLegacy *self, guint8 *data, gsize size, gboolean *intact, GError **error)
{
  for (guint i = 0; i < RETRY_LIMIT; i++)
    {
      if (i > 0 && !ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_NACK, error))
        return FALSE;
      if (!receive_packet (self, data, size, intact, error))
        return FALSE;
      if (*intact)
        break;
      ub_da_add_retry (UB_DA (self));
    }
  return TRUE;
}

/* takes what is left of a command nobody wants any more: there is no other way back into the
 * command loop */
static void
finish_read (UbDaLegacy *self, guint64 left, guint8 *scrap)
{
  gboolean intact;

  while (left > 0)
    {
      const gsize size = (gsize) MIN (left, UB_DA_LEGACY_PACKET);

      if (!receive_packet (self, scrap, size, &intact, NULL) ||
          !ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_ACK, NULL))
        return;
      left -= size;
    }
}

typedef struct
{
  UbDaSink      sink;
  gpointer      sink_data;
  UbDaProgress  progress;
  gpointer      user_data;
  GCancellable *cancellable;
  guint64       done;
  guint64       total;
} Reading;

/* one READ of at most READ_PIECE bytes */
static gboolean
read_piece (UbDaLegacy *self,
            Reading    *reading,
            guint64     offset,
            guint64     length,
            guint8     *buffer,
            GError    **error)
{
  if (!begin_read (self, offset, length, error))
    return FALSE;
  for (guint64 done = 0; done < length;)
    {
      const gsize size = (gsize) MIN (length - done, UB_DA_LEGACY_PACKET);
      gboolean    intact = FALSE;

      if (!read_packet (self, buffer, size, &intact, error) ||
          !ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_ACK, error))
        return FALSE;
      done += size;
      if (!intact)
        g_set_error (error,
                     UB_ERROR,
                     UB_ERROR_CHECKSUM,
                     "read: the packet at 0x%" G_GINT64_MODIFIER "x arrived damaged %d times",
                     offset + done - size,
                     RETRY_LIMIT);
      if (!intact || !reading->sink (reading->sink_data, buffer, size, error) ||
          g_cancellable_set_error_if_cancelled (reading->cancellable, error))
        {
          finish_read (self, length - done, buffer);
          return FALSE;
        }
      reading->done += size;
      if (reading->progress != NULL)
        reading->progress (reading->done, reading->total, reading->user_data);
    }
  return TRUE;
}

static gboolean
ub_da_legacy_read (UbDa         *da,
                   UbRegion      region,
                   guint64       offset,
                   guint64       length,
                   UbDaSink      sink,
                   gpointer      sink_data,
                   UbDaProgress  progress,
                   gpointer      user_data,
                   GCancellable *cancellable,
                   GError      **error)
{
  UbDaLegacy        *self = UB_DA_LEGACY (da);
  const guint8       area = ub_da_legacy_get_area (region, error);
  g_autofree guint8 *buffer = g_malloc (UB_DA_LEGACY_PACKET);
  Reading            reading = { sink, sink_data, progress, user_data, cancellable, 0, length };

  if (area == 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  ub_da_legacy_settle (self);
  self->in_doubt = !select_area (self, area, error);
  for (guint64 done = 0; !self->in_doubt && done < length; done += MIN (length - done, READ_PIECE))
    self->in_doubt =
        !read_piece (self, &reading, offset + done, MIN (length - done, READ_PIECE), buffer, error);
  return !self->in_doubt;
}

/* --- erase (§5.12.1) --- */

static gboolean
begin_erase (UbDaLegacy *self, guint64 offset, guint64 length, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_FORMAT);
  ub_da_legacy_messages_add_u8 (&message, STORAGE_EMMC);
  ub_da_legacy_messages_add_u8 (&message, 0); /* normal erase */
  ub_da_legacy_messages_add_u8 (&message, 0); /* no validation */
  add_phone_info (self, &message);
  ub_da_legacy_messages_add_u8 (&message, 0); /* kind of address */
  ub_da_legacy_messages_add_u64 (&message, offset);
  ub_da_legacy_messages_add_u64 (&message, length);
  return ub_da_legacy_send_message (self, &message, error) &&
         ub_da_legacy_expect_ack (self,
                                  "erase: permission",
                                  UB_ERROR_STORAGE_ERASE,
                                  UB_DA_LEGACY_TIMEOUT_MS,
                                  error) &&
         ub_da_legacy_expect_ack (self,
                                  "erase: range",
                                  UB_ERROR_STORAGE_ERASE,
                                  UB_DA_LEGACY_TIMEOUT_MS,
                                  error);
}

/* a block that could not be erased: u64 address, then CONT (it was left out) or STOP */
static gboolean
receive_erase_trouble (UbDaLegacy *self, guint32 status, GError **error)
{
  guint8  data[8 + 1] = { 0 };
  guint64 address;

  if (!ub_link_receive (get_link (self), data, sizeof data, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (data, sizeof data);
  address = ub_reader_u64_be (&reader);
  if (ub_reader_u8 (&reader) == UB_DA_LEGACY_CONT)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_STORAGE_ERASE,
               "erase: status %u (%s) at 0x%" G_GINT64_MODIFIER "x",
               status,
               ub_da_legacy_messages_status_name (status),
               address);
  return FALSE;
}

typedef struct
{
  UbDaProgress progress;
  gpointer     user_data;
  guint64      before; /* bytes of earlier pieces */
  guint64      length; /* of this piece */
  guint64      total;
} Erasing;

/* @last: the agent says it is through */
static gboolean
erase_step (UbDaLegacy *self, const Erasing *erasing, gboolean *last, GError **error)
{
  guint32 status = 0;
  guint8  percent = 0;

  *last = FALSE;
  if (!receive_status (self, &status, ERASE_STEP_TIMEOUT_MS, error))
    return FALSE;
  if (status != 0 && status != UB_DA_LEGACY_STATUS_IN_PROGRESS)
    return receive_erase_trouble (self, status, error);
  if (!ub_da_legacy_wire_receive_u8 (get_link (self), &percent, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_ACK, error))
    return FALSE;
  *last = status == 0;
  if (erasing->progress != NULL)
    erasing->progress (erasing->before + erasing->length / 100 * MIN (percent, 100),
                       erasing->total,
                       erasing->user_data);
  return TRUE;
}

/* two bytes; instead of the first there may be statistics, and A5 for the second announces a long
 * job */
static gboolean
end_erase (UbDaLegacy *self, GError **error)
{
  guint8 statistics[8 + 8 + 4 + 4 + 4]; /* address, length, blocks, bad blocks, error */
  guint8 byte = 0;

  if (!ub_da_legacy_wire_receive_u8 (get_link (self), &byte, ERASE_STEP_TIMEOUT_MS, error))
    return FALSE;
  if (byte != UB_DA_LEGACY_ACK && !ub_link_receive (get_link (self),
                                                    statistics,
                                                    sizeof statistics,
                                                    UB_DA_LEGACY_TIMEOUT_MS,
                                                    error))
    return FALSE;
  if (!ub_da_legacy_wire_receive_u8 (get_link (self), &byte, ERASE_STEP_TIMEOUT_MS, error))
    return FALSE;
  return byte != UB_DA_LEGACY_NACK ||
         ub_da_legacy_wire_receive_u8 (get_link (self), &byte, ERASE_END_TIMEOUT_MS, error);
}

static gboolean
erase_piece (UbDaLegacy *self, guint64 offset, const Erasing *erasing, GError **error)
{
  gboolean last = FALSE;

  if (!begin_erase (self, offset, erasing->length, error))
    return FALSE;
  for (guint step = 0; !last; step++)
    {
      if (step == ERASE_STEP_LIMIT)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_PROTOCOL,
                       "erase: not through after %d steps",
                       ERASE_STEP_LIMIT);
          return FALSE;
        }
      if (!erase_step (self, erasing, &last, error))
        return FALSE;
    }
  return end_erase (self, error);
}

static gboolean
ub_da_legacy_erase (UbDa         *da,
                    UbRegion      region,
                    guint64       offset,
                    guint64       length,
                    UbDaProgress  progress,
                    gpointer      user_data,
                    GCancellable *cancellable,
                    GError      **error)
{
  UbDaLegacy  *self = UB_DA_LEGACY (da);
  const guint8 area = ub_da_legacy_get_area (region, error);
  Erasing      erasing = { .progress = progress, .user_data = user_data, .total = length };

  if (area == 0)
    return FALSE;
  ub_da_legacy_settle (self);
  self->in_doubt = !select_area (self, area, error);
  while (!self->in_doubt && erasing.before < length)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      erasing.length = MIN (length - erasing.before, ERASE_PIECE);
      self->in_doubt = !erase_piece (self, offset + erasing.before, &erasing, error);
      erasing.before += erasing.length;
    }
  if (!self->in_doubt && progress != NULL)
    progress (length, length, user_data);
  return !self->in_doubt;
}

/* --- health (§5.8) --- */

/* this answer has words where all others have bytes */
static gboolean
ask_battery (UbDaLegacy *self, guint32 *millivolts)
{
  UbLink *link = get_link (self);
  guint32 word = 0;

  return ub_da_legacy_wire_send_u8 (link, UB_DA_LEGACY_GET_BATTERY_VOLTAGE, NULL) &&
         ub_brom_wire_receive_u32 (link, &word, BATTERY_TIMEOUT_MS, NULL) &&
         word == UB_DA_LEGACY_ACK &&
         ub_brom_wire_receive_u32 (link, millivolts, UB_DA_LEGACY_TIMEOUT_MS, NULL);
}

/* these agents are not asked about the wear of the storage: no command of theirs tells it */
static void
ub_da_legacy_read_health (UbDa *da, UbDaHealth *health)
{
  UbDaLegacy *self = UB_DA_LEGACY (da);
  guint32     millivolts = 0;

  ub_da_legacy_settle (self);
  self->in_doubt = !ask_battery (self, &millivolts);
  if (!self->in_doubt && millivolts > 0 && millivolts <= BATTERY_LIMIT_MV)
    health->battery_mv = (int) millivolts;
}

/* --- end (§5.16) --- */

/* a phone that is gone before its last word has done what it was told */
static gboolean
expect_farewell (UbDaLegacy *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (ub_da_legacy_expect_ack (self, "finish", UB_ERROR_REFUSED, UB_DA_LEGACY_TIMEOUT_MS, &local) ||
      g_error_matches (local, UB_ERROR, UB_ERROR_LINK_LOST))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
ub_da_legacy_finish (UbDa *da, UbDaFinish how, GError **error)
{
  UbDaLegacy       *self = UB_DA_LEGACY (da);
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_settle (self);
  if (how == UB_DA_FINISH_REBOOT)
    {
      ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_ENABLE_WATCHDOG);
      ub_da_legacy_messages_add_u16 (&message, 0); /* at once */
      ub_da_legacy_messages_add_u32 (&message, 1); /* boot up afterwards */
      return ub_da_legacy_send_message (self, &message, error) && expect_farewell (self, error);
    }
  ub_da_legacy_messages_add_u32 (&message, 0); /* off USB, power key released */
  return ub_da_legacy_wire_send_u8 (get_link (self), UB_DA_LEGACY_FINISH, error) &&
         ub_da_legacy_expect_ack (self,
                                  "finish",
                                  UB_ERROR_REFUSED,
                                  UB_DA_LEGACY_TIMEOUT_MS,
                                  error) &&
         ub_da_legacy_send_message (self, &message, error) && expect_farewell (self, error);
}

static guint32
ub_da_legacy_checksum (UbDa *da, const guint8 *data, gsize size)
{
  return ub_checksum_sum16 (data, size);
}

static gsize
ub_da_legacy_get_packet_size (UbDa *da)
{
  return UB_DA_LEGACY_PACKET;
}

static void
ub_da_legacy_class_init (UbDaLegacyClass *klass)
{
  UbDaClass *da_class = UB_DA_CLASS (klass);

  da_class->check_setup = ub_da_legacy_check_setup;
  da_class->start = ub_da_legacy_start;
  da_class->write = ub_da_legacy_write;
  da_class->read = ub_da_legacy_read;
  da_class->erase = ub_da_legacy_erase;
  da_class->read_layout = ub_da_legacy_tables_read;
  da_class->write_layout = ub_da_legacy_tables_write;
  da_class->read_health = ub_da_legacy_read_health;
  da_class->finish = ub_da_legacy_finish;
  da_class->checksum = ub_da_legacy_checksum;
  da_class->get_packet_size = ub_da_legacy_get_packet_size;
}

static void
ub_da_legacy_init (UbDaLegacy *self)
{
}

UbDa *
ub_da_legacy_new (UbLink *link)
{
  return g_object_new (UB_TYPE_DA_LEGACY, "link", link, NULL);
}
