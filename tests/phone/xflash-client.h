/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

#include "phone/ub-phone.h"

/* The host's side of XFLASH, written from the protocol pages for these tests alone. */

#define BASE 0x2000000 /* somewhere in the user area */
#define USER 8
#define DA2_SIZE 0x2345
#define READY "53594e43"

/* a message, its header and its payload in transfers of their own */
G_GNUC_UNUSED static void
tell_bytes (Client *self, const guint8 *data, gsize size)
{
  g_autofree char *header =
      g_strdup_printf ("efeeeefe 01000000 %08x", GUINT32_SWAP_LE_BE ((guint32) size));

  host (self, header);
  host_bytes (self, data, size);
}

G_GNUC_UNUSED static void
tell (Client *self, const char *hex)
{
  g_autoptr (GByteArray) bytes = from_hex (hex);

  tell_bytes (self, bytes->data, bytes->len);
}

G_GNUC_UNUSED static void
tell_u32 (Client *self, guint32 value)
{
  guint8 bytes[4] = { (guint8) value,
                      (guint8) (value >> 8),
                      (guint8) (value >> 16),
                      (guint8) (value >> 24) };

  tell_bytes (self, bytes, sizeof bytes);
}

/* the payload of the next message as hex; NULL: none came */
G_GNUC_UNUSED static char *
hear (Client *self)
{
  g_autofree char *header = take (self, 12);
  g_autoptr (GByteArray) bytes = from_hex (header);

  if (bytes->len == 0)
    return NULL;
  g_assert_cmpuint (bytes->len, ==, 12);
  g_assert_true (g_str_has_prefix (header, "efeeeefe01000000"));
  return take (self, le32 (bytes->data + 8));
}

/* the agent's next message says exactly this */
#define hears(self, hex)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *heard_ = hear (self);                                                         \
    g_assert_cmpstr (heard_, ==, hex);                                                             \
  }                                                                                                \
  G_STMT_END

#define hears_u32(self, value)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *word_ = g_strdup_printf ("%08x", GUINT32_SWAP_LE_BE ((guint32) (value)));     \
    hears (self, word_);                                                                           \
  }                                                                                                \
  G_STMT_END

#define command(self, opcode)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    tell_u32 (self, opcode);                                                                       \
    hears_u32 (self, 0);                                                                           \
  }                                                                                                \
  G_STMT_END

/* DEVICE_CTRL as far as the status of its code */
#define control(self, code, status)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    command (self, 0x10009);                                                                       \
    tell_u32 (self, code);                                                                         \
    hears_u32 (self, status);                                                                      \
  }                                                                                                \
  G_STMT_END

#define gets(self, code, hex)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    control (self, code, 0);                                                                       \
    hears (self, hex);                                                                             \
    hears_u32 (self, 0);                                                                           \
  }                                                                                                \
  G_STMT_END

#define sets(self, code, hex, status)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    control (self, code, 0);                                                                       \
    tell (self, hex);                                                                              \
    hears_u32 (self, status);                                                                      \
  }                                                                                                \
  G_STMT_END

/* it is still there and knows where it is */
#define alive(self) gets (self, 0x40005, "312e30")

G_GNUC_UNUSED static void
tell_range (Client *self, guint32 storage, guint32 section, guint64 start, guint64 size)
{
  guint8  range[0x38] = { 0 };
  guint64 words[] = { GUINT64_TO_LE (storage | (guint64) section << 32),
                      GUINT64_TO_LE (start),
                      GUINT64_TO_LE (size) };

  memcpy (range, words, sizeof words);
  tell_bytes (self, range, sizeof range);
}

/* DA1 and DA2 of a practice chip, made here */
G_GNUC_UNUSED static Agent
make_agent_sized (guint16 code, guint32 da2_size)
{
  static const char marker[] = "UNBRICK PRACTICE DA1";
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  Agent  self = { .size = 0x1100 + da2_size,
                  .da1_size = 0x1100,
                  .da1_address = 0x200000,
                  .da2_address = 0x40000000 };
  gsize  length = 32;
  guint8 words[4] = { (guint8) code, (guint8) (code >> 8), 0xe3, 0x07 };

  self.file = g_malloc (self.size);
  for (gsize i = 0; i < self.size; i++)
    self.file[i] = (char) (i * 31 + i / 251);
  self.da1 = (guint8 *) self.file;
  self.da2 = self.da1 + self.da1_size;
  self.da2_size = da2_size;
  memcpy (self.da1 + 0x400, marker, sizeof marker);
  memcpy (self.da1 + 0x400 + sizeof marker, words, sizeof words);
  g_checksum_update (sha256, self.da2, da2_size);
  g_checksum_get_digest (sha256, self.da1 + 0x500, &length);
  return self;
}

G_GNUC_UNUSED static Agent
make_agent (guint16 code)
{
  return make_agent_sized (code, DA2_SIZE);
}

G_GNUC_UNUSED static void
enter_da1 (Client *self, const Agent *agent, gboolean preloader)
{
  if (preloader)
    ub_practice_phone_line_coding (self->phone);
  handshake (self, preloader);
  send_agent (self, agent);
  phone (self, "c0");
}

/* log channel 1 (UART) or 3 (USB, too); system 1 is Linux */
G_GNUC_UNUSED static void
start_da1 (Client *self, guint32 log_channel, guint32 system)
{
  g_autofree char *environment =
      g_strdup_printf ("02000000 %02x000000 %02x000000 00000000 00000000", log_channel, system);

  tell (self, "53594e43");
  tell (self, "00010100");
  tell (self, environment);
  hears (self, "00000000");
  tell (self, "01010100");
  tell (self, "00000000");
}

G_GNUC_UNUSED static void
start_da2 (Client *self, const Agent *agent)
{
  g_autofree char *place =
      g_strdup_printf ("0000004000000000 %08x 00000000", GUINT32_SWAP_LE_BE (agent->da2_size));

  command (self, 0x10008);
  tell (self, place);
  tell_bytes (self, agent->da2, agent->da2_size);
  hears_u32 (self, 0);
  hears (self, READY);
}

/* a phone entered by its preloader, with DA2 running and checksums on */
typedef struct
{
  Client client;
  Agent  agent;
} Bench;

G_GNUC_UNUSED static void
open_bench (Bench *self, const UbPracticePhoneOptions *options, guint16 code, guint32 system)
{
  self->client = open_client (options);
  self->agent = make_agent (code);
  enter_da1 (&self->client, &self->agent, options->enter == UB_ENTER_PRELOADER);
  start_da1 (&self->client, 1, system);
  hears (&self->client, "00000000");
  hears (&self->client, READY);
}

G_GNUC_UNUSED static void
close_bench (Bench *self, gconstpointer data)
{
  close_client (&self->client);
  g_free (self->agent.file);
}

/* one packet; the sum by the rule of odd lengths unless @sum is another one */
G_GNUC_UNUSED static void
tell_packet (Client *self, const guint8 *data, gsize size, guint32 sum)
{
  tell_u32 (self, 0);
  tell_u32 (self, sum);
  tell_bytes (self, data, size);
}

G_GNUC_UNUSED static guint32
packet_sum (const guint8 *data, gsize size)
{
  return (guint16) (byte_sum (data, size) + (size % 2 != 0 ? 0xff : 0));
}

/* --- the same, in one go --- */

G_GNUC_UNUSED static void
set_up_stage (Bench *bench, const char *chip, guint16 code, UbStorage storage)
{
  UbPracticePhoneOptions options = make_options (chip, UB_ENTER_PRELOADER);

  options.storage = storage;
  open_bench (bench, &options, code, 1);
  sets (&bench->client, 0x20003, "01000000", 0);
  start_da2 (&bench->client, &bench->agent);
}

G_GNUC_UNUSED static void
set_up (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6765", 0x6765, UB_STORAGE_EMMC);
}

G_GNUC_UNUSED static void
fill (guint8 *data, gsize size, guint seed)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + i / 256 + seed);
}

G_GNUC_UNUSED static void
assert_user (Client *client, guint64 offset, const guint8 *wanted, gsize size)
{
  g_autofree guint8 *found = g_malloc (size);

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, offset, found, size);
  g_assert_cmpmem (found, size, wanted, size);
}

G_GNUC_UNUSED static guint8
user_byte (Client *client, guint64 offset)
{
  guint8 byte;

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, offset, &byte, 1);
  return byte;
}

G_GNUC_UNUSED static guint64
find_start (Client *client, const char *name)
{
  guint64 start = 0;

  g_assert_true (ub_phone_tables_locate (client->phone, name, &start));
  return start;
}

G_GNUC_UNUSED static void
read_back (Client *client,
           guint32 storage,
           guint32 section,
           guint64 start,
           guint64 size,
           guint64 packet)
{
  UbRegion region = section == 1   ? UB_REGION_EMMC_BOOT1
                    : section == 2 ? UB_REGION_EMMC_BOOT2
                                   : UB_REGION_EMMC_USER;

  command (client, 0x10005);
  tell_range (client, storage, section, start, size);
  hears_u32 (client, 0);
  for (guint64 done = 0; done < size;)
    {
      gsize              n = (gsize) MIN (packet, size - done);
      g_autofree guint8 *bytes = g_malloc (n);
      g_autofree char   *want = NULL;

      ub_practice_phone_peek (client->phone, region, start + done, bytes, n);
      want = to_hex (bytes, n);
      hears_u32 (client, 0);
      hears (client, want);
      tell_u32 (client, 0);
      done += n;
    }
  hears_u32 (client, 0);
}

G_GNUC_UNUSED static void
refuse_range (Client *client,
              guint32 opcode,
              guint32 storage,
              guint32 section,
              guint64 start,
              guint64 size,
              guint32 status)
{
  command (client, opcode);
  tell_range (client, storage, section, start, size);
  hears_u32 (client, status);
}

G_GNUC_UNUSED static void
begin_write (Client *client, guint64 start, guint64 size)
{
  command (client, 0x10004);
  tell_range (client, 1, USER, start, size);
  hears_u32 (client, 0);
}

G_GNUC_UNUSED static void
begin_download (Client *client, const char *name, guint64 size, guint32 status)
{
  guint64 length = GUINT64_TO_LE (size);

  command (client, 0x10001);
  tell_bytes (client, (const guint8 *) name, strlen (name));
  silence (client);
  tell_bytes (client, (const guint8 *) &length, sizeof length);
  hears_u32 (client, status);
}

/* all in one packet; the final status is @status */
G_GNUC_UNUSED static void
download (Client *client, const char *name, const guint8 *bytes, gsize size, guint32 status)
{
  begin_download (client, name, size, 0);
  tell_packet (client, bytes, size, packet_sum (bytes, size));
  hears_u32 (client, 0);
  hears_u32 (client, status);
}
