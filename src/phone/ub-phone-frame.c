/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-frame.h"

#include <string.h>

/* messages of XFLASH and XML agents: shared/protocol/xflash-and-xml.md §2, genuine-agents.md §4 */

#define MAGIC 0xfeeeeeefu
#define TYPE_FLOW 1
#define TYPE_LOG 2
#define SMALL 12          /* so much goes byte by byte, both ways */
#define DESCRIPTOR 0xfc00 /* no longer piece leaves at once */

void
ub_phone_frame_open (UbPracticePhone *self, UbPhoneWire wire, gsize packet)
{
  ub_phone_frame_clear (self);
  self->frame.wire = wire;
  self->frame.packet = packet;
}

void
ub_phone_frame_clear (UbPracticePhone *self)
{
  g_clear_pointer (&self->frame.payload, g_byte_array_unref);
  memset (&self->frame, 0, sizeof self->frame);
}

void
ub_phone_frame_stop (UbPracticePhone *self)
{
  self->frame.step = NULL;
  self->frame.sink = NULL;
  self->frame.in_payload = FALSE;
  self->frame.have = 0;
}

/* --- from the host --- */

/* no part of a message is read yet: the bytes that a failed one left behind come first */
static void
await (UbPracticePhone *self, gsize capacity, UbPhoneSink sink, UbPhoneFrameStep step)
{
  UbPhoneFrame *frame = &self->frame;

  frame->capacity = capacity;
  frame->sink = sink;
  frame->step = step;
  frame->in_payload = FALSE;
  frame->have = 0;
}

void
ub_phone_frame_expect (UbPracticePhone *self, gsize capacity, UbPhoneFrameStep step)
{
  await (self, capacity, NULL, step);
}

void
ub_phone_frame_stream (UbPracticePhone *self,
                       gsize            capacity,
                       UbPhoneSink      sink,
                       UbPhoneFrameStep done)
{
  await (self, capacity, sink, done);
}

/* is what is read now put straight where it belongs, rather than taken out of the buffer of a packet? */
static gboolean
is_direct (const UbPhoneFrame *frame)
{
  return frame->wire == UB_PHONE_WIRE_EXACT ||
         (frame->wire == UB_PHONE_WIRE_BYTES && frame->in_payload && frame->length > SMALL);
}

/* a message is over, well or not; its step says what comes next */
static void
finish (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneFrameStep step = self->frame.step;

  ub_phone_frame_stop (self);
  step (self, data, size);
}

static void
header_came (UbPracticePhone *self)
{
  UbPhoneFrame *frame = &self->frame;

  frame->length = ub_phone_le32 (frame->header + 8);
  frame->have = 0;
  if (ub_phone_le32 (frame->header) != MAGIC || frame->length > frame->capacity)
    {
      finish (self, NULL, UB_PHONE_FRAME_BAD);
      return;
    }
  frame->in_payload = TRUE;
  if (frame->length == 0)
    finish (self, frame->sink == NULL ? (const guint8 *) "" : NULL, 0);
}

static gsize
feed_header (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneFrame *frame = &self->frame;
  gsize         n = MIN (sizeof frame->header - frame->have, size);

  memcpy (frame->header + frame->have, data, n);
  frame->have += n;
  if (frame->have == sizeof frame->header)
    header_came (self);
  return n;
}

/* what comes whole needs no copy */
static void
collect (UbPracticePhone *self, const guint8 *data, gsize n)
{
  UbPhoneFrame *frame = &self->frame;
  g_autoptr (GByteArray) whole = NULL;

  if (n == frame->length)
    {
      finish (self, data, n);
      return;
    }
  if (frame->payload == NULL)
    frame->payload = g_byte_array_new ();
  if (frame->have == n)
    g_byte_array_set_size (frame->payload, 0);
  g_byte_array_append (frame->payload, data, (guint) n);
  if (frame->have < frame->length)
    return;
  whole = g_steal_pointer (&frame->payload);
  finish (self, whole->data, whole->len);
}

static gsize
feed_payload (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneFrame *frame = &self->frame;
  gsize         n = MIN (frame->length - frame->have, size);

  frame->have += n;
  if (frame->sink == NULL)
    {
      collect (self, data, n);
      return n;
    }
  frame->sink (self, data, n);
  if (frame->step != NULL && frame->have == frame->length)
    finish (self, NULL, frame->length);
  return n;
}

/* a read that goes straight to its place begins with a packet, and what is left of its last one is nowhere */
static gsize
skip_packet (const UbPhoneFrame *frame, gsize offset, gsize size)
{
  gsize rest = offset % frame->packet;

  return rest == 0 ? offset : MIN (offset - rest + frame->packet, size);
}

void
ub_phone_frame_input (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneFrame *frame = &self->frame;
  gsize         offset = 0;

  while (offset < size && frame->step != NULL && frame->wire != UB_PHONE_WIRE_NONE)
    {
      gboolean direct = is_direct (frame);

      if (direct && frame->have == 0)
        offset = skip_packet (frame, offset, size);
      if (offset == size)
        return;
      offset += frame->in_payload ? feed_payload (self, data + offset, size - offset)
                                  : feed_header (self, data + offset, size - offset);
      if (direct && frame->have == 0 && frame->wire != UB_PHONE_WIRE_NONE)
        offset = skip_packet (frame, offset, size);
    }
}

/* --- to the host --- */

/* in descriptors, each with an empty packet after it where the host could not tell its end */
static void
put_pieces (UbPracticePhone *self, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  for (gsize at = 0; at < size; at += DESCRIPTOR)
    {
      gsize n = MIN (size - at, DESCRIPTOR);

      ub_practice_phone_say_bytes (self, g_bytes_new_from_bytes (bytes, at, n), G_MAXSIZE);
      if (n % self->frame.packet == 0)
        ub_practice_phone_say_bytes (self, g_bytes_new_static (NULL, 0), G_MAXSIZE);
    }
  g_bytes_unref (bytes);
}

/* one call of the agent's USB driver; @bytes (transfer full) */
static void
put (UbPracticePhone *self, GBytes *bytes)
{
  UbPhoneFrame *frame = &self->frame;

  if (g_bytes_get_size (bytes) == 0)
    g_bytes_unref (bytes);
  else if (frame->wire == UB_PHONE_WIRE_BYTES && g_bytes_get_size (bytes) <= SMALL)
    ub_practice_phone_say_bytes (self, bytes, 1);
  else if (frame->wire == UB_PHONE_WIRE_BYTES || frame->wire == UB_PHONE_WIRE_EXACT)
    put_pieces (self, bytes);
  else
    ub_practice_phone_say_bytes (self, bytes, G_MAXSIZE);
}

void
ub_phone_frame_say_bytes (UbPracticePhone *self, GBytes *bytes)
{
  guint8 header[12];

  ub_phone_put_le32 (header, MAGIC);
  ub_phone_put_le32 (header + 4, TYPE_FLOW);
  ub_phone_put_le32 (header + 8, (guint32) g_bytes_get_size (bytes));
  put (self, g_bytes_new (header, sizeof header));
  put (self, bytes);
}

void
ub_phone_frame_say (UbPracticePhone *self, const guint8 *data, gsize size)
{
  ub_phone_frame_say_bytes (self, g_bytes_new (data, size));
}

void
ub_phone_frame_say_u32 (UbPracticePhone *self, guint32 value)
{
  guint8 bytes[4];

  ub_phone_put_le32 (bytes, value);
  ub_phone_frame_say (self, bytes, sizeof bytes);
}

/* the length counts the word of priority, which goes with the header */
void
ub_phone_frame_say_log (UbPracticePhone *self, const char *text)
{
  char  *line = g_strconcat (text, "\r\n", NULL);
  gsize  size = strlen (line);
  guint8 header[16];

  ub_phone_put_le32 (header, MAGIC);
  ub_phone_put_le32 (header + 4, TYPE_LOG);
  ub_phone_put_le32 (header + 8, (guint32) (size + 4));
  ub_phone_put_le32 (header + 12, 1);
  put (self, g_bytes_new (header, sizeof header));
  put (self, g_bytes_new_take (line, size));
}
