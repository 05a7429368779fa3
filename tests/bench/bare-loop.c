/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/bare-loop.h"

#include <stdio.h>
#include <string.h>

#include "da/ub-da-legacy-messages.h"

#define MIB (1024 * 1024u)
#define TIMEOUT_MS 10000
#define HEADER 12
#define TEXT 1024
#define OK "OK"

static void
send (BareLoop *self, const UbLinkPiece *pieces, guint n)
{
  g_autoptr (GError) error = NULL;

  if (!ub_link_send_pieces (self->link, pieces, n, TIMEOUT_MS, &error))
    g_error ("%s", error->message);
}

static void
receive (BareLoop *self, void *data, gsize size)
{
  g_autoptr (GError) error = NULL;

  if (!ub_link_receive (self->link, data, size, TIMEOUT_MS, &error))
    g_error ("%s", error->message);
}

/* --- legacy --- */

static void
expect (BareLoop *self, guint8 wanted)
{
  guint8 byte = 0;

  receive (self, &byte, 1);
  g_assert_cmphex (byte, ==, wanted);
}

static void
put_legacy_range (guint8 numbers[20], BareLoop *self, guint64 offset, guint64 length)
{
  guint64 start = GUINT64_TO_BE (offset), size = GUINT64_TO_BE (length);
  guint32 packet = GUINT32_TO_BE ((guint32) self->packet);

  memcpy (numbers, &start, 8);
  memcpy (numbers + 8, &size, 8);
  memcpy (numbers + 16, &packet, 4);
}

static void
begin_legacy_write (BareLoop *self, guint64 offset, guint64 length)
{
  const guint8      command[] = { UB_DA_LEGACY_WRITE_DATA, 1, 8 };
  guint8            numbers[20];
  const UbLinkPiece pieces[] = { { command, 1 }, { command + 1, 1 }, { command + 2, 1 },
                                 { numbers, 8 }, { numbers + 8, 8 }, { numbers + 16, 4 } };

  put_legacy_range (numbers, self, offset, length);
  send (self, pieces, G_N_ELEMENTS (pieces));
  expect (self, UB_DA_LEGACY_ACK);
}

static void
push_legacy (BareLoop *self, const guint8 *data, gsize size, guint32 sum)
{
  const guint8      ack = UB_DA_LEGACY_ACK;
  const guint8      tail[] = { (guint8) (sum >> 8), (guint8) sum };
  const UbLinkPiece pieces[] = { { &ack, 1 }, { data, size }, { tail, 2 } };

  send (self, pieces, G_N_ELEMENTS (pieces));
  expect (self, UB_DA_LEGACY_CONT);
}

static void
begin_legacy_read (BareLoop *self, guint64 offset, guint64 length)
{
  const guint8      area[] = { UB_DA_LEGACY_SWITCH_PART, 8 };
  const guint8      command[] = { UB_DA_LEGACY_READ, 0x0c, 2 };
  guint8            numbers[20];
  const UbLinkPiece pieces[] = { { area, 1 },        { area + 1, 1 },    { command, 1 },
                                 { command + 1, 1 }, { command + 2, 1 }, { numbers, 8 },
                                 { numbers + 8, 8 }, { numbers + 16, 4 } };

  put_legacy_range (numbers, self, offset, length);
  send (self, pieces, 1);
  expect (self, UB_DA_LEGACY_ACK);
  send (self, pieces + 1, 1);
  expect (self, UB_DA_LEGACY_ACK);
  send (self, pieces + 2, 5);
  expect (self, UB_DA_LEGACY_ACK);
  send (self, pieces + 7, 1);
}

static gsize
pull_legacy (BareLoop *self, guint8 *data, guint64 left)
{
  const guint8      ack = UB_DA_LEGACY_ACK;
  const UbLinkPiece piece = { &ack, 1 };
  gsize             size = (gsize) MIN (self->packet, left);
  guint8            sum[2];

  receive (self, data, size);
  receive (self, sum, sizeof sum);
  send (self, &piece, 1);
  return size;
}

/* --- messages of the two others --- */

static void
put_header (guint8 header[HEADER], gsize size)
{
  const guint32 words[] = { GUINT32_TO_LE (0xfeeeeeef),
                            GUINT32_TO_LE (1),
                            GUINT32_TO_LE ((guint32) size) };

  memcpy (header, words, HEADER);
}

static void
say (BareLoop *self, const void *data, gsize size)
{
  guint8            header[HEADER];
  const UbLinkPiece pieces[] = { { header, HEADER }, { data, size } };

  put_header (header, size);
  send (self, pieces, 2);
}

static gsize
hear (BareLoop *self, void *data, gsize room)
{
  guint32 words[3];

  receive (self, words, HEADER);
  words[2] = GUINT32_FROM_LE (words[2]);
  g_assert_cmphex (GUINT32_FROM_LE (words[0]), ==, 0xfeeeeeef);
  g_assert_cmpuint (words[2], <=, room);
  receive (self, data, words[2]);
  return words[2];
}

/* --- XFLASH --- */

static void
expect_status (BareLoop *self)
{
  guint32 status = 1;

  hear (self, &status, sizeof status);
  g_assert_cmphex (status, ==, 0);
}

static void
say_u32 (BareLoop *self, guint32 value)
{
  value = GUINT32_TO_LE (value);
  say (self, &value, sizeof value);
}

static void
begin_xflash (BareLoop *self, guint32 command, guint64 offset, guint64 length)
{
  guint64 range[7] = { 0, GUINT64_TO_LE (offset), GUINT64_TO_LE (length) };
  guint32 place[] = { GUINT32_TO_LE (self->is_ufs ? 0x30 : 1),
                      GUINT32_TO_LE (self->is_ufs ? 3 : 8) };

  memcpy (range, place, sizeof place);
  say_u32 (self, command);
  expect_status (self);
  say (self, range, sizeof range);
  expect_status (self);
}

static void
push_xflash (BareLoop *self, const guint8 *data, gsize size, guint32 sum)
{
  const guint32     zero = 0;
  guint8            headers[3][HEADER];
  const UbLinkPiece pieces[] = { { headers[0], HEADER }, { (const guint8 *) &zero, 4 },
                                 { headers[1], HEADER }, { (const guint8 *) &sum, 4 },
                                 { headers[2], HEADER }, { data, size } };

  put_header (headers[0], 4);
  put_header (headers[1], 4);
  put_header (headers[2], size);
  send (self, pieces, G_N_ELEMENTS (pieces));
  expect_status (self);
}

static gsize
pull_xflash (BareLoop *self, guint8 *data)
{
  gsize size;

  expect_status (self);
  size = hear (self, data, self->packet);
  say_u32 (self, 0);
  return size;
}

/* --- XML --- */

static void
say_text (BareLoop *self, const char *text)
{
  say (self, text, strlen (text) + 1);
}

/* the next message has @word in it */
static void
expect_text (BareLoop *self, const char *word)
{
  char  text[TEXT + 1] = "";
  gsize size = hear (self, text, TEXT);

  text[size] = '\0';
  if (strstr (text, word) == NULL)
    g_error ("\"%s\" instead of %s", text, word);
}

static void
answer (BareLoop *self, const char *word, const char *text)
{
  expect_text (self, word);
  say_text (self, text);
}

static void
command_xml (BareLoop *self, const char *name, guint64 offset, const char *more)
{
  g_autofree char *text =
      g_strdup_printf ("<?xml version=\"1.0\" "
                       "encoding=\"utf-8\"?><da><version>1.0</version><command>CMD:%s</command>"
                       "<arg><partition>%s</partition><offset>0x%" G_GINT64_MODIFIER
                       "x</offset>%s</arg></da>",
                       name,
                       self->is_ufs ? "UFS-LUA2" : "EMMC-USER",
                       offset,
                       more);

  say_text (self, text);
  expect_text (self, OK);
}

static void
begin_xml_write (BareLoop *self, guint64 offset, guint64 length)
{
  g_autofree char *file =
      g_strdup_printf ("<source_file>MEM://0x0:0x%" G_GINT64_MODIFIER "x</source_file>", length);
  g_autofree char *size = g_strdup_printf ("OK@0x%" G_GINT64_MODIFIER "x", length);
  char             text[TEXT + 1] = "";

  answer (self, "CMD:START", OK);
  command_xml (self, "WRITE-FLASH", offset, file);
  answer (self, "FILE-SIZE", OK);
  say_text (self, size);
  answer (self, "PROGRESS-REPORT", OK);
  do
    {
      memset (text, 0, sizeof text);
      hear (self, text, TEXT);
      say_text (self, OK);
    }
  while (strstr (text, "EOT") == NULL);
  answer (self, "DOWNLOAD-FILE", OK);
  say_text (self, size);
  expect_text (self, OK);
}

static void
push_xml (BareLoop *self, const guint8 *data, gsize size, guint32 sum)
{
  char text[32];

  g_snprintf (text, sizeof text, "OK@0x%x", sum);
  say_text (self, text);
  expect_text (self, OK);
  say (self, data, size);
  expect_text (self, OK);
}

static void
end_xml (BareLoop *self)
{
  answer (self, "CMD:END", OK);
}

static void
begin_xml_read (BareLoop *self, guint64 offset, guint64 length)
{
  g_autofree char *more =
      g_strdup_printf ("<length>0x%" G_GINT64_MODIFIER "x</length><target_file>out</target_file>",
                       length);

  answer (self, "CMD:START", OK);
  command_xml (self, "READ-FLASH", offset, more);
  answer (self, "UPLOAD-FILE", OK);
  answer (self, OK, OK);
}

static gsize
pull_xml (BareLoop *self, guint8 *data)
{
  gsize size;

  answer (self, OK, OK);
  size = hear (self, data, self->packet);
  say_text (self, OK);
  return size;
}

/* --- all of them --- */

BareLoop
bare_loop_new (UbLink *link, UbProtocol protocol, gboolean is_ufs)
{
  return (BareLoop){ link, protocol, is_ufs, protocol == UB_PROTOCOL_LEGACY ? MIB : 2 * MIB };
}

void
bare_loop_begin_write (BareLoop *self, guint64 offset, guint64 length)
{
  if (self->protocol == UB_PROTOCOL_LEGACY)
    begin_legacy_write (self, offset, length);
  else if (self->protocol == UB_PROTOCOL_XFLASH)
    begin_xflash (self, 0x010004, offset, length);
  else
    begin_xml_write (self, offset, length);
}

guint32
bare_loop_sum (BareLoop *self, const guint8 *data, gsize size)
{
  guint32 sum = 0;

  if (self->protocol != UB_PROTOCOL_XML)
    {
      for (gsize i = 0; i < size; i++)
        sum += data[i];
      return sum & 0xffff;
    }
  for (gsize i = 0; i + 4 <= size; i += 4)
    {
      guint32 word;

      memcpy (&word, data + i, 4);
      sum += GUINT32_FROM_LE (word);
    }
  return sum;
}

void
bare_loop_push (BareLoop *self, const guint8 *data, gsize size, guint32 sum)
{
  if (self->protocol == UB_PROTOCOL_LEGACY)
    push_legacy (self, data, size, sum);
  else if (self->protocol == UB_PROTOCOL_XFLASH)
    push_xflash (self, data, size, sum);
  else
    push_xml (self, data, size, sum);
}

void
bare_loop_end_write (BareLoop *self)
{
  if (self->protocol == UB_PROTOCOL_XFLASH)
    expect_status (self);
  else if (self->protocol == UB_PROTOCOL_XML)
    end_xml (self);
}

void
bare_loop_begin_read (BareLoop *self, guint64 offset, guint64 length)
{
  if (self->protocol == UB_PROTOCOL_LEGACY)
    begin_legacy_read (self, offset, length);
  else if (self->protocol == UB_PROTOCOL_XFLASH)
    begin_xflash (self, 0x010005, offset, length);
  else
    begin_xml_read (self, offset, length);
}

gsize
bare_loop_pull (BareLoop *self, guint8 *data, guint64 left)
{
  if (self->protocol == UB_PROTOCOL_LEGACY)
    return pull_legacy (self, data, left);
  return self->protocol == UB_PROTOCOL_XFLASH ? pull_xflash (self, data) : pull_xml (self, data);
}

void
bare_loop_end_read (BareLoop *self)
{
  bare_loop_end_write (self);
}
