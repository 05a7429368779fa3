/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xflash.h"

#include "base/ub-error.h"
#include "da/ub-da-frame.h"
#include "da/ub-da-private.h"
#include "da/ub-da-xflash-private.h"
#include "wire/ub-checksum.h"

#include <string.h>

/* the last word of a write waits for all that is still queued in the phone */
#define FINAL_TIMEOUT_MS 120000
#define ERASE_TICK_TIMEOUT_MS 120000
/* a refused FORMAT may tick all the same (genuine-agents.md §5.1) */
#define ERASE_AFTERMATH_MS 1000
#define ERASE_TICK_LIMIT 100000
/* how often one packet may come damaged before we give up */
#define RETRY_LIMIT 8
/* a READ_DATA is not broken off, so it is asked for in pieces; nor is a FORMAT */
#define READ_PIECE (16 * (guint64) 0x100000)
#define ERASE_PIECE                                                                                \
  (256 * (guint64) 0x100000) /* ends where whatever a storage erases as one ends, too */
#define HOST_ABORTS 1
#define NAME_LIMIT 64
#define PGPT_SIZE 0x8000
#define SGPT_SIZE_EMMC 0x4200
#define SGPT_SIZE_UFS 0x8000

G_DEFINE_FINAL_TYPE (UbDaXflash, ub_da_xflash, UB_TYPE_DA)

static UbLink *
get_link (UbDaXflash *self)
{
  return ub_da_get_link (UB_DA (self));
}

static guint32
get_section (UbRegion region, GError **error)
{
  const guint32 section = ub_da_xflash_messages_section (region);

  if (section == 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "%s cannot be addressed with this kind of agent",
                 ub_region_to_string (region));
  return section;
}

/* a command on a range, up to where the agent says what it thinks of the range */
static gboolean
begin_range (UbDaXflash       *self,
             UbDaXflashCommand command,
             const char       *what,
             guint32           section,
             guint64           offset,
             guint64           length,
             GError          **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_da_xflash_messages_put_range (&writer, self->storage, section, offset, length);
  return ub_da_xflash_control_begin (self, command, what, error) &&
         ub_da_xflash_control_send (self, writer.data, writer.size, error);
}

/* --- start --- */

static gboolean
ub_da_xflash_start (UbDa            *da,
                    const UbDaSetup *setup,
                    UbDaReport      *report,
                    UbDaProgress     progress,
                    gpointer         user_data,
                    GCancellable    *cancellable,
                    GError         **error)
{
  return ub_da_xflash_start_after_jump (UB_DA_XFLASH (da),
                                        setup,
                                        report,
                                        progress,
                                        user_data,
                                        cancellable,
                                        error);
}

/* --- write (§3.14) --- */

typedef struct
{
  UbDaSource    source;
  gpointer      source_data;
  UbDaProgress  progress;
  gpointer      user_data;
  GCancellable *cancellable;
  guint64       done;
  guint64       total;
  UbDaPacket    packet; /* the one at @done, if @ready */
  gboolean      ready;
  guint         tries;     /* that it came damaged */
  gboolean      expanding; /* the agent would expand what looks like a sparse image */
} Writing;

/* how a run of packets ended */
typedef enum
{
  WRITTEN,
  AGAIN, /* the packet at hand was damaged, and the agent is back in its loop */
  FAILED,
} Outcome;

/* where a packet would begin: the agent says so once more and is back in its loop. Always FALSE */
static gboolean
stop_write (UbDaXflash *self, GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  guint32 status;

  if (!ub_da_xflash_control_send_u32 (self, HOST_ABORTS, &local) ||
      !ub_da_xflash_control_receive_answer (self,
                                            &status,
                                            UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                            cancellable,
                                            &local))
    g_debug ("the agent could not be told to stop: %s", local->message);
  return FALSE;
}

/* a download by name that begins like a sparse image is expanded; the caller expands, so such a
 * begin is content */
static gboolean
check_first_packet (const Writing *writing, GError **error)
{
  return !writing->expanding || writing->done > 0 ||
         ub_da_private_check_begin (&writing->packet, error);
}

static gboolean
fetch_packet (UbDaXflash *self, Writing *writing, GError **error)
{
  const gsize size = (gsize) MIN (writing->total - writing->done, self->write_packet);

  if (g_cancellable_set_error_if_cancelled (writing->cancellable, error))
    return FALSE;
  if (writing->ready)
    return TRUE;
  if (!writing->source (writing->source_data, size, &writing->packet, error) ||
      !check_first_packet (writing, error))
    return FALSE;
  if (writing->packet.size != size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "a packet of %" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT,
                   writing->packet.size,
                   size);
      return FALSE;
    }
  writing->ready = TRUE;
  writing->tries = 0;
  return TRUE;
}

/* three messages, six transfers, queued together */
static gboolean
send_packet (UbDaXflash *self, const UbDaPacket *packet, GError **error)
{
  guint8            word_header[UB_DA_FRAME_HEADER];
  guint8            data_header[UB_DA_FRAME_HEADER];
  const guint8      goes_on[4] = { 0 };
  UbWriter          sum = UB_WRITER_INIT;
  const UbLinkPiece pieces[] = {
    { word_header, sizeof word_header }, { goes_on, sizeof goes_on },
    { word_header, sizeof word_header }, { sum.data, 4 },
    { data_header, sizeof data_header }, { packet->data, packet->size }
  };

  ub_da_frame_put_header (word_header, 4);
  ub_writer_u32_le (&sum, packet->checksum);
  ub_da_frame_put_header (data_header, (guint32) packet->size);
  return ub_link_send_pieces (get_link (self),
                              pieces,
                              G_N_ELEMENTS (pieces),
                              UB_DA_FRAME_SEND_TIMEOUT_MS,
                              error);
}

/* @status of a packet that was not taken: the agent says it twice */
static Outcome
take_packet_failure (UbDaXflash *self, Writing *writing, guint32 status, GError **error)
{
  guint32 final;

  if (!ub_da_xflash_control_receive_answer (self,
                                            &final,
                                            UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                            writing->cancellable,
                                            NULL))
    self->in_doubt = TRUE;
  if (status == UB_DA_XFLASH_STATUS_CHECKSUM)
    ub_da_add_retry (UB_DA (self));
  if (status == UB_DA_XFLASH_STATUS_CHECKSUM && ++writing->tries < RETRY_LIMIT)
    return AGAIN;
  ub_da_xflash_status_set ("packet", status, UB_ERROR_STORAGE_WRITE, error);
  if (status == UB_DA_XFLASH_STATUS_CHECKSUM)
    g_prefix_error (error, "it arrived damaged %d times: ", RETRY_LIMIT);
  g_prefix_error (error, "after 0x%" G_GINT64_MODIFIER "x bytes: ", writing->done);
  return FAILED;
}

static Outcome
write_packet (UbDaXflash *self, Writing *writing, GError **error)
{
  guint32 status = 0;

  if (!send_packet (self, &writing->packet, error) ||
      !ub_da_xflash_control_receive_answer (self,
                                            &status,
                                            UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                            writing->cancellable,
                                            error))
    {
      g_prefix_error (error, "after 0x%" G_GINT64_MODIFIER "x bytes: ", writing->done);
      return FAILED;
    }
  if (ub_da_xflash_status_is_failure (status))
    return take_packet_failure (self, writing, status, error);
  writing->done += writing->packet.size;
  writing->ready = FALSE;
  if (writing->progress != NULL)
    writing->progress (writing->done, writing->total, writing->user_data);
  return WRITTEN;
}

/* packets to the end, and the agent's last word, which is the one that counts */
static Outcome
write_packets (UbDaXflash *self, Writing *writing, GError **error)
{
  guint32 status = 0;

  while (writing->done < writing->total)
    {
      Outcome outcome;

      if (!fetch_packet (self, writing, error))
        {
          stop_write (self, writing->cancellable);
          return FAILED;
        }
      outcome = write_packet (self, writing, error);
      if (outcome != WRITTEN)
        return outcome;
    }
  if (!ub_da_xflash_control_receive_answer (self,
                                            &status,
                                            FINAL_TIMEOUT_MS,
                                            writing->cancellable,
                                            error))
    return FAILED;
  if (status == UB_DA_XFLASH_STATUS_OK || status == UB_DA_XFLASH_STATUS_COMPLETE)
    return WRITTEN;
  ub_da_xflash_status_set ("end of the data", status, UB_ERROR_STORAGE_WRITE, error);
  return FAILED;
}

static gboolean
ub_da_xflash_write (UbDa         *da,
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
  UbDaXflash   *self = UB_DA_XFLASH (da);
  const guint32 section = get_section (region, error);
  Outcome       outcome = AGAIN;
  Writing       writing = { .source = source,
                            .source_data = source_data,
                            .progress = progress,
                            .user_data = user_data,
                            .cancellable = cancellable,
                            .total = length };

  if (section == 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  while (outcome == AGAIN)
    outcome = begin_range (self,
                           UB_DA_XFLASH_WRITE_DATA,
                           "write",
                           section,
                           offset + writing.done,
                           length - writing.done,
                           error) &&
                      ub_da_xflash_control_expect (self,
                                                   "write",
                                                   UB_ERROR_STORAGE_WRITE,
                                                   UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                                   error)
                  ? write_packets (self, &writing, error)
                  : FAILED;
  self->in_doubt |= outcome == FAILED;
  return outcome == WRITTEN;
}

/* --- write by name (§3.13, 3.14, 3.17) --- */

/* what the agent has room for under its own names; it would tell only after the last packet */
static guint64
get_name_limit (UbDa *da, const char *name)
{
  const UbDaReport *report = ub_da_get_report (da);

  if (g_str_equal (name, "PGPT"))
    return PGPT_SIZE;
  if (g_str_equal (name, "SGPT"))
    return report->storage == UB_STORAGE_UFS ? SGPT_SIZE_UFS : SGPT_SIZE_EMMC;
  if (g_str_equal (name, "preloader"))
    return report->boot1_size;
  if (g_str_equal (name, "preloader_backup"))
    return report->boot2_size;
  return report->user_size;
}

static gboolean
check_name (UbDa *da, const char *name, guint64 length, GError **error)
{
  const guint64 limit = get_name_limit (da, name);

  if (*name == '\0' || strlen (name) > NAME_LIMIT)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "\"%s\" is no name for a part", name);
      return FALSE;
    }
  if (length <= limit)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_IMAGE_TOO_BIG,
               "%s: 0x%" G_GINT64_MODIFIER "x bytes where there is room for 0x%" G_GINT64_MODIFIER
               "x",
               name,
               length,
               limit);
  return FALSE;
}

static gboolean
begin_download (UbDaXflash *self, const char *name, guint64 length, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u64_le (&writer, length);
  return ub_da_xflash_control_begin (self, UB_DA_XFLASH_DOWNLOAD, name, error) &&
         ub_da_xflash_control_send (self, (const guint8 *) name, strlen (name), error) &&
         ub_da_xflash_control_send (self, writer.data, writer.size, error) &&
         ub_da_xflash_control_expect (self,
                                      name,
                                      UB_ERROR_STORAGE_WRITE,
                                      UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                      error);
}

/* brackets around downloads; agents that do not know them do without. FALSE if the phone is gone */
static gboolean
tell_download (UbDaXflash *self, UbDaXflashControl control, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint32 status;

  if (ub_da_xflash_control_act (self, control, "download", &status, &local) || !self->in_doubt)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* a name is written from its begin, so only a first packet can be sent again */
static Outcome
download (UbDaXflash *self, const char *name, Writing *writing, GError **error)
{
  Outcome outcome = AGAIN;

  while (outcome == AGAIN && writing->done == 0)
    outcome = begin_download (self, name, writing->total, error)
                  ? write_packets (self, writing, error)
                  : FAILED;
  if (outcome != AGAIN)
    return outcome;
  ub_da_xflash_status_set (name, UB_DA_XFLASH_STATUS_CHECKSUM, UB_ERROR_CHECKSUM, error);
  return FAILED;
}

static gboolean
ub_da_xflash_write_part (UbDa         *da,
                         const char   *name,
                         guint64       length,
                         UbDaSource    source,
                         gpointer      source_data,
                         UbDaProgress  progress,
                         gpointer      user_data,
                         GCancellable *cancellable,
                         GError      **error)
{
  UbDaXflash *self = UB_DA_XFLASH (da);
  Outcome     outcome;
  Writing     writing = { .source = source,
                          .source_data = source_data,
                          .progress = progress,
                          .user_data = user_data,
                          .cancellable = cancellable,
                          .total = length,
                          .expanding = TRUE };
  g_autoptr (GError) local = NULL;

  if (!check_name (da, name, length, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !tell_download (self, UB_DA_XFLASH_START_DL_INFO, error))
    return FALSE;
  outcome = download (self, name, &writing, &local);
  if (outcome == WRITTEN)
    return tell_download (self, UB_DA_XFLASH_END_DL_INFO, error);
  /* one that does not answer is not kept waiting for: the next command finds out */
  if (!self->in_doubt)
    tell_download (self, UB_DA_XFLASH_END_DL_INFO, NULL);
  self->in_doubt = TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- read (§3.15) --- */

typedef struct
{
  UbDaSink      sink;
  gpointer      sink_data;
  UbDaProgress  progress;
  gpointer      user_data;
  GCancellable *cancellable;
  guint64       done;
  guint64       total;
  guint8       *buffer; /* PACKET_LIMIT bytes */
} Reading;

/* status, data, our word for it; at most @left bytes, 0 with an error */
static gsize
read_packet (UbDaXflash   *self,
             guint8       *buffer,
             guint64       left,
             GCancellable *cancellable,
             GError      **error)
{
  guint32 status = 0;
  guint32 size = 0;

  if (!ub_da_xflash_control_receive_answer (self,
                                            &status,
                                            UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                            cancellable,
                                            error))
    return 0;
  if (ub_da_xflash_status_is_failure (status))
    {
      ub_da_xflash_status_set ("read", status, UB_ERROR_STORAGE_READ, error);
      return 0;
    }
  if (!ub_da_frame_receive_header (get_link (self),
                                   (guint32) MIN (left, UB_DA_XFLASH_PACKET_LIMIT),
                                   &size,
                                   UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                   error))
    return 0;
  if (size == 0)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_PROTOCOL, "read: a packet without data");
      return 0;
    }
  return ub_link_receive (get_link (self), buffer, size, UB_DA_XFLASH_PACKET_TIMEOUT_MS, error) &&
                 ub_da_xflash_control_send_u32 (self, 0, error)
             ? size
             : 0;
}

static gboolean
expect_end_of_read (UbDaXflash *self, GError **error)
{
  return ub_da_xflash_control_expect (self,
                                      "end of reading",
                                      UB_ERROR_STORAGE_READ,
                                      UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                      error);
}

/* takes what is left of a command nobody wants any more. It could be broken off in the middle, but no genuine agent was seen
 * doing that */
static void
finish_read (UbDaXflash *self, Reading *reading, guint64 left)
{
  while (left > 0)
    {
      const gsize size = read_packet (self, reading->buffer, left, reading->cancellable, NULL);

      if (size == 0)
        return;
      left -= size;
    }
  self->in_doubt = !expect_end_of_read (self, NULL);
}

/* one READ_DATA of at most READ_PIECE bytes */
static gboolean
read_piece (UbDaXflash *self,
            Reading    *reading,
            guint32     section,
            guint64     offset,
            guint64     length,
            GError    **error)
{
  if (!begin_range (self, UB_DA_XFLASH_READ_DATA, "read", section, offset, length, error) ||
      !ub_da_xflash_control_expect (self,
                                    "read",
                                    UB_ERROR_STORAGE_READ,
                                    UB_DA_XFLASH_TIMEOUT_MS,
                                    error))
    return FALSE;
  for (guint64 done = 0; done < length;)
    {
      const gsize size =
          read_packet (self, reading->buffer, length - done, reading->cancellable, error);

      if (size == 0)
        return FALSE;
      done += size;
      if (!reading->sink (reading->sink_data, reading->buffer, size, error) ||
          g_cancellable_set_error_if_cancelled (reading->cancellable, error))
        {
          finish_read (self, reading, length - done);
          return FALSE;
        }
      reading->done += size;
      if (reading->progress != NULL)
        reading->progress (reading->done, reading->total, reading->user_data);
    }
  return expect_end_of_read (self, error);
}

gboolean
ub_da_xflash_read_range (UbDaXflash   *self,
                         guint32       section,
                         guint64       offset,
                         guint64       length,
                         UbDaSink      sink,
                         gpointer      sink_data,
                         UbDaProgress  progress,
                         gpointer      user_data,
                         GCancellable *cancellable,
                         GError      **error)
{
  g_autofree guint8 *buffer = g_malloc (UB_DA_XFLASH_PACKET_LIMIT);
  Reading reading = { sink, sink_data, progress, user_data, cancellable, 0, length, buffer };

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  for (guint64 done = 0; done < length; done += MIN (length - done, READ_PIECE))
    if (!read_piece (self,
                     &reading,
                     section,
                     offset + done,
                     MIN (length - done, READ_PIECE),
                     error))
      {
        self->in_doubt = TRUE;
        return FALSE;
      }
  return TRUE;
}

static gboolean
ub_da_xflash_read (UbDa         *da,
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
  const guint32 section = get_section (region, error);

  return section != 0 && ub_da_xflash_read_range (UB_DA_XFLASH (da),
                                                  section,
                                                  offset,
                                                  length,
                                                  sink,
                                                  sink_data,
                                                  progress,
                                                  user_data,
                                                  cancellable,
                                                  error);
}

/* --- erase (§3.16) --- */

typedef struct
{
  UbDaProgress progress;
  gpointer     user_data;
  guint64      before; /* bytes of earlier pieces */
  guint64      length; /* of this piece */
  guint64      total;
} Erasing;

/* after a "continue": percent, our word for it */
static gboolean
take_tick (UbDaXflash *self, const Erasing *erasing, GError **error)
{
  guint32 percent = 0;

  if (!ub_da_xflash_control_receive_status (self, &percent, UB_DA_XFLASH_TIMEOUT_MS, NULL, error) ||
      !ub_da_xflash_control_send_u32 (self, 0, error))
    return FALSE;
  if (erasing->progress != NULL)
    erasing->progress (erasing->before + erasing->length / 100 * MIN (percent, 100),
                       erasing->total,
                       erasing->user_data);
  return TRUE;
}

/* ticks until something else comes */
static gboolean
take_ticks (UbDaXflash    *self,
            const Erasing *erasing,
            guint          first_timeout_ms,
            guint32       *status,
            GError       **error)
{
  for (guint tick = 0; tick < ERASE_TICK_LIMIT; tick++)
    {
      if (!ub_da_xflash_control_receive_status (self,
                                                status,
                                                tick == 0 ? first_timeout_ms
                                                          : ERASE_TICK_TIMEOUT_MS,
                                                NULL,
                                                error))
        return FALSE;
      if (*status != UB_DA_XFLASH_STATUS_CONTINUE)
        return TRUE;
      if (!take_tick (self, erasing, error))
        return FALSE;
    }
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "erase: not through after %d steps",
               ERASE_TICK_LIMIT);
  return FALSE;
}

static gboolean
erase_piece (UbDaXflash    *self,
             guint32        section,
             guint64        offset,
             const Erasing *erasing,
             GError       **error)
{
  static const Erasing silent = { 0 };
  guint32              status = 0;

  if (!begin_range (self, UB_DA_XFLASH_FORMAT, "erase", section, offset, erasing->length, error))
    return FALSE;
  if (!ub_da_xflash_control_expect (self,
                                    "erase",
                                    UB_ERROR_STORAGE_ERASE,
                                    UB_DA_XFLASH_PACKET_TIMEOUT_MS,
                                    error))
    {
      /* some say no and go on all the same, and then want to be heard to the end */
      if (!self->in_doubt && take_ticks (self, &silent, ERASE_AFTERMATH_MS, &status, NULL))
        self->in_doubt = FALSE;
      return FALSE;
    }
  if (!take_ticks (self, erasing, ERASE_TICK_TIMEOUT_MS, &status, error))
    return FALSE;
  return status == UB_DA_XFLASH_STATUS_OK || status == UB_DA_XFLASH_STATUS_COMPLETE ||
         ub_da_xflash_status_set ("erase", status, UB_ERROR_STORAGE_ERASE, error);
}

static gboolean
ub_da_xflash_erase (UbDa         *da,
                    UbRegion      region,
                    guint64       offset,
                    guint64       length,
                    UbDaProgress  progress,
                    gpointer      user_data,
                    GCancellable *cancellable,
                    GError      **error)
{
  UbDaXflash   *self = UB_DA_XFLASH (da);
  const guint32 section = get_section (region, error);
  Erasing       erasing = { .progress = progress, .user_data = user_data, .total = length };

  if (section == 0)
    return FALSE;
  while (erasing.before < length)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      erasing.length =
          MIN (length - erasing.before, ERASE_PIECE - (offset + erasing.before) % ERASE_PIECE);
      if (!erase_piece (self, section, offset + erasing.before, &erasing, error))
        {
          self->in_doubt = TRUE;
          return FALSE;
        }
      erasing.before += erasing.length;
    }
  if (progress != NULL)
    progress (length, length, user_data);
  return TRUE;
}

/* the table is read from the sectors: these agents have no command for it */
static UbLayout *
ub_da_xflash_read_layout (UbDa *da, GError **error)
{
  g_set_error_literal (error,
                       UB_ERROR,
                       UB_ERROR_UNSUPPORTED,
                       "this kind of agent does not tell the partition table");
  return NULL;
}

static void
ub_da_xflash_read_health (UbDa *da, UbDaHealth *health)
{
  ub_da_xflash_control_read_health (UB_DA_XFLASH (da), health);
}

/* --- end (§3.19) --- */

/* a phone that is gone before its last word has done what it was told */
static gboolean
expect_farewell (UbDaXflash *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (ub_da_xflash_control_expect (self,
                                   "finish",
                                   UB_ERROR_REFUSED,
                                   UB_DA_XFLASH_TIMEOUT_MS,
                                   &local) ||
      g_error_matches (local, UB_ERROR, UB_ERROR_LINK_LOST))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* six words, which all agents have room for: flags count, time-out, asynchronous, kind of start, download mode, keep the clock */
static gboolean
ub_da_xflash_finish (UbDa *da, UbDaFinish how, GError **error)
{
  UbDaXflash *self = UB_DA_XFLASH (da);
  UbWriter    writer = UB_WRITER_INIT;

  ub_writer_u32_le (&writer, how == UB_DA_FINISH_REBOOT ? 1 : 0);
  for (gsize i = 1; i < 6; i++)
    ub_writer_u32_le (&writer, 0);
  return ub_da_xflash_control_begin_farewell (self, error) &&
         ub_da_xflash_control_send (self, writer.data, writer.size, error) &&
         expect_farewell (self, error);
}

/* the agent adds 0xFF where the number of bytes is odd (genuine-agents.md §5.1) */
static guint32
ub_da_xflash_checksum (UbDa *da, const guint8 *data, gsize size)
{
  return (guint16) (ub_checksum_sum16 (data, size) + (size % 2 != 0 ? 0xff : 0));
}

static gsize
ub_da_xflash_get_packet_size (UbDa *da)
{
  return UB_DA_XFLASH (da)->write_packet;
}

static void
ub_da_xflash_class_init (UbDaXflashClass *klass)
{
  UbDaClass *da_class = UB_DA_CLASS (klass);

  da_class->start = ub_da_xflash_start;
  da_class->write = ub_da_xflash_write;
  da_class->write_part = ub_da_xflash_write_part;
  da_class->read = ub_da_xflash_read;
  da_class->erase = ub_da_xflash_erase;
  da_class->read_layout = ub_da_xflash_read_layout;
  da_class->read_health = ub_da_xflash_read_health;
  da_class->finish = ub_da_xflash_finish;
  da_class->checksum = ub_da_xflash_checksum;
  da_class->get_packet_size = ub_da_xflash_get_packet_size;
}

static void
ub_da_xflash_init (UbDaXflash *self)
{
  self->write_packet = UB_DA_XFLASH_PACKET_MIN;
}

UbDa *
ub_da_xflash_new (UbLink *link)
{
  return g_object_new (UB_TYPE_DA_XFLASH, "link", link, NULL);
}
