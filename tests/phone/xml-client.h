/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

#include "phone/ub-phone.h"

/* The host's side of XML, written from the protocol pages for these tests alone. */

#define HOST "<?xml version=\"1.0\" encoding=\"utf-8\"?><host><version>1.0</version>"
#define START HOST "<command>CMD:START</command></host>"
#define XML_DA2_SIZE 0x2345
#define PATH_MISSING "Required XML node path not found. Check command string."

G_GNUC_UNUSED static void
tell_header (Client *self, gsize size)
{
  g_autofree char *header =
      g_strdup_printf ("efeeeefe 01000000 %08x", GUINT32_SWAP_LE_BE ((guint32) size));

  host (self, header);
}

/* a message, its header and its payload in transfers of their own */
G_GNUC_UNUSED static void
tell_bytes (Client *self, const void *data, gsize size)
{
  tell_header (self, size);
  host_bytes (self, data, size);
}

G_GNUC_UNUSED static void
tell (Client *self, const char *text)
{
  tell_bytes (self, text, strlen (text) + 1);
}

/* the payload of the next message of @type; NULL: none came */
G_GNUC_UNUSED static GByteArray *
hear_type (Client *self, guint32 type)
{
  g_autofree char *header = take (self, 12);
  g_autofree char *payload = NULL;
  g_autoptr (GByteArray) bytes = from_hex (header);

  if (bytes->len == 0)
    return NULL;
  g_assert_cmpuint (bytes->len, ==, 12);
  g_assert_cmphex (le32 (bytes->data), ==, 0xfeeeeeef);
  g_assert_cmpuint (le32 (bytes->data + 4), ==, type);
  payload = take (self, le32 (bytes->data + 8));
  g_assert_cmpuint (strlen (payload), ==, 2 * le32 (bytes->data + 8));
  return from_hex (payload);
}

/* a text: a NUL ends it, and is counted */
G_GNUC_UNUSED static char *
hear (Client *self)
{
  g_autoptr (GByteArray) bytes = hear_type (self, 1);

  if (bytes == NULL)
    return NULL;
  g_assert_cmpuint (bytes->len, >, 0);
  g_assert_cmphex (bytes->data[bytes->len - 1], ==, 0);
  g_assert_cmpuint (strlen ((char *) bytes->data), ==, bytes->len - 1);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

#define hears(self, text)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *heard_ = hear (self);                                                         \
    g_assert_cmpstr (heard_, ==, text);                                                            \
  }                                                                                                \
  G_STMT_END

/* one of the agent's own commands */
#define requests(self, command, arguments)                                                         \
  hears (self, HOST "<command>CMD:" command "</command><arg>" arguments "</arg></host>")

#define downloads(self, sum, info, file, packet)                                                   \
  requests (self,                                                                                  \
            "DOWNLOAD-FILE",                                                                       \
            "<checksum>" sum "</checksum><info>" info "</info><source_file>" file                  \
            "</source_file><packet_length>" packet "</packet_length>")

#define uploads(self, info, file, packet)                                                          \
  requests (self,                                                                                  \
            "UPLOAD-FILE",                                                                         \
            "<checksum>CHK_NO</checksum><info>" info "</info><target_file>" file                   \
            "</target_file><packet_length>" packet "</packet_length>")

/* PROGRESS-REPORT with its one step */
#define progresses(self, name)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    requests (self, "PROGRESS-REPORT", "<message>" name "</message>");                             \
    tell (self, "OK");                                                                             \
    hears (self, "OK!PROGRESS@100@");                                                              \
    tell (self, "OK");                                                                             \
    hears (self, "OK!EOT");                                                                        \
    tell (self, "OK");                                                                             \
  }                                                                                                \
  G_STMT_END

#define ends_with(self, result, message)                                                           \
  requests (self, "END", "<result>" result "</result><message>" message "</message>")

/* END, and on to the next command */
#define ends(self, result, message)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    ends_with (self, result, message);                                                             \
    tell (self, "OK");                                                                             \
    hears (self, START);                                                                           \
    tell (self, "OK");                                                                             \
  }                                                                                                \
  G_STMT_END

G_GNUC_UNUSED static void
send_version (Client *self, const char *version, const char *name, const char *rest)
{
  g_autofree char *text = g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>"
                                           "%s</version><command>CMD:%s</command>%s</da>",
                                           version,
                                           name,
                                           rest);

  tell (self, text);
}

/* a command that the agent knows; @arguments: elements */
#define command(self, name, arguments)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    send_version (self, "1.0", name, "<arg>" arguments "</arg>");                                  \
    hears (self, "OK");                                                                            \
  }                                                                                                \
  G_STMT_END

/* one that it does not know */
#define refuses(self, name, arguments)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    send_version (self, "1.0", name, "<arg>" arguments "</arg>");                                  \
    hears (self, "ERR!UNSUPPORTED");                                                               \
    ends (self, "ERR!UNSUPPORTED", "Unsupported command.");                                        \
  }                                                                                                \
  G_STMT_END

/* it is still there and knows where it is */
#define alive(self)                                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    command (self, "SET-HOST-INFO", "<info>test</info>");                                          \
    ends (self, "OK", "");                                                                         \
  }                                                                                                \
  G_STMT_END

/* sum of little-endian words, and of what is left as bytes */
G_GNUC_UNUSED static guint32
word_sum (const guint8 *data, gsize size)
{
  guint32 sum = 0;
  gsize   at = 0;

  for (; size - at >= 4; at += 4)
    sum += le32 (data + at);
  for (; at < size; at++)
    sum += data[at];
  return sum;
}

/* from the agent's word that it wants the file on; @good: its answer to a packet */
G_GNUC_UNUSED static void
give (Client *self, const guint8 *data, gsize size, gsize packet, const char *good)
{
  g_autofree char *length = g_strdup_printf ("OK@0x%zx", size);

  tell (self, "OK");
  tell (self, length);
  hears (self, "OK");
  for (gsize at = 0; at < size; at += packet)
    {
      gsize            n = MIN (packet, size - at);
      g_autofree char *sum = g_strdup_printf ("OK@0x%x", word_sum (data + at, n));

      tell (self, sum);
      hears (self, "OK");
      tell_bytes (self, data + at, n);
      hears (self, good);
    }
}

/* the other way; @tag: what the agent says before a packet */
G_GNUC_UNUSED static GByteArray *
fetch (Client *self, gsize packet, const char *tag)
{
  GByteArray      *file = g_byte_array_new ();
  g_autofree char *length = NULL;
  gsize            size;

  tell (self, "OK");
  length = hear (self);
  g_assert_true (g_str_has_prefix (length, "OK@0x"));
  size = g_ascii_strtoull (length + 5, NULL, 16);
  tell (self, "OK");
  while (file->len < size)
    {
      g_autoptr (GByteArray) piece = NULL;

      hears (self, tag);
      tell (self, "OK");
      piece = hear_type (self, 1);
      g_assert_cmpuint (piece->len, ==, MIN (packet, size - file->len));
      g_byte_array_append (file, piece->data, piece->len);
      tell (self, "OK");
    }
  return file;
}

/* a small file, as text */
G_GNUC_UNUSED static char *
fetch_text (Client *self, gsize packet)
{
  GByteArray *file = fetch (self, packet, "OK");

  g_byte_array_append (file, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (file, FALSE);
}

/* DA1 and DA2 of a practice chip, made here */
G_GNUC_UNUSED static Agent
make_agent (guint16 code)
{
  static const char marker[] = "UNBRICK PRACTICE DA1";
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  Agent  self = { .size = 0x1100 + XML_DA2_SIZE,
                  .da1_size = 0x1100,
                  .da1_address = 0x2000000,
                  .da2_size = XML_DA2_SIZE,
                  .da2_address = 0x40000000 };
  gsize  length = 32;
  guint8 words[4] = { (guint8) code, (guint8) (code >> 8), 0xe8, 0x07 };

  self.file = g_malloc (self.size);
  for (gsize i = 0; i < self.size; i++)
    self.file[i] = (char) (i * 31 + i / 251);
  self.da1 = (guint8 *) self.file;
  self.da2 = self.da1 + self.da1_size;
  memcpy (self.da1 + 0x400, marker, sizeof marker);
  memcpy (self.da1 + 0x400 + sizeof marker, words, sizeof words);
  g_checksum_update (sha256, self.da2, XML_DA2_SIZE);
  g_checksum_get_digest (sha256, self.da1 + 0x500, &length);
  return self;
}

typedef struct
{
  Client client;
  Agent  agent;
} Bench;

/* as far as DA1's first command */
G_GNUC_UNUSED static void
open_bench (Bench *self, const UbPracticePhoneOptions *options, guint16 code)
{
  gboolean preloader = options->enter == UB_ENTER_PRELOADER;

  self->client = open_client (options);
  self->agent = make_agent (code);
  if (preloader)
    ub_practice_phone_line_coding (self->client.phone);
  handshake (&self->client, preloader);
  send_agent (&self->client, &self->agent);
}

G_GNUC_UNUSED static void
close_bench (Bench *self, gconstpointer data)
{
  close_client (&self->client);
  g_free (self->agent.file);
}

#define PARAMETERS(sum, log, system)                                                               \
  "<checksum_level>" sum "</checksum_level><battery_exist>AUTO-DETECT</battery_exist>"             \
  "<da_log_level>INFO</da_log_level><log_channel>" log "</log_channel><system_os>" system          \
  "</system_os>"

/* DA1 with parameters and DRAM */
#define start_da1(self, sum, log, system)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    hears (self, START);                                                                           \
    tell (self, "OK");                                                                             \
    command (self, "SET-RUNTIME-PARAMETER", PARAMETERS (sum, log, system));                        \
    ends (self, "OK", "");                                                                         \
    command (self, "NOTIFY-INIT-HW", "");                                                          \
    requests (self, "PROGRESS-REPORT", "<message>init-hw</message>");                              \
    tell (self, "OK");                                                                             \
    hears (self, "OK!EOT");                                                                        \
    tell (self, "OK");                                                                             \
    ends (self, "OK", "");                                                                         \
  }                                                                                                \
  G_STMT_END

#define BOOT_TO                                                                                    \
  "<at_address>0x40000000</at_address><jmp_address>0x40000000</jmp_address>"                       \
  "<source_file>da2</source_file>"

#define start_da2(self, agent, checksum)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    command (self, "BOOT-TO", BOOT_TO);                                                            \
    downloads (self, checksum, "2nd-DA", "da2", "0x1000");                                         \
    give (self, (agent)->da2, (agent)->da2_size, 0x1000, "OK");                                    \
    ends (self, "OK", "");                                                                         \
  }                                                                                                \
  G_STMT_END

/* --- what the files of tests have in common --- */

G_GNUC_UNUSED static void
set_up_stage (Bench *bench, const char *chip, guint16 code, UbStorage storage)
{
  UbPracticePhoneOptions options = make_options (chip, UB_ENTER_PRELOADER);

  options.storage = storage;
  open_bench (bench, &options, code);
  start_da1 (&bench->client, "USB", "UART", "LINUX");
  start_da2 (&bench->client, &bench->agent, "CHK_ADD");
}

G_GNUC_UNUSED static void
set_up (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6789", 0x1208, UB_STORAGE_EMMC);
}

G_GNUC_UNUSED static void
set_up_ufs (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6789", 0x1208, UB_STORAGE_UFS);
}

G_GNUC_UNUSED static guint8 *
make_bytes (gsize size, guint seed)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + i / 256 + seed);
  return data;
}

G_GNUC_UNUSED static guint64
find_start (Client *client, const char *name)
{
  guint64 start = 0;

  g_assert_true (ub_phone_tables_locate (client->phone, name, &start));
  return start;
}

G_GNUC_UNUSED static void
mischief (Client *client, const char *line)
{
  g_autoptr (GError) error = NULL;

  ub_practice_phone_mischief (client->phone, line, &error);
  g_assert_no_error (error);
}

/* as far as DOWNLOAD-FILE's request */
#define write_flash(client, section, offset, size)                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *size_ = g_strdup_printf ("OK@0x%zx", (gsize) (size));                         \
    command (client,                                                                               \
             "WRITE-FLASH",                                                                        \
             "<source_file>w.img</source_file><partition>" section "</partition><offset>" offset   \
             "</offset>");                                                                         \
    requests (client, "FILE-SYS-OPERATION", "<key>FILE-SIZE</key><file_path>w.img</file_path>");   \
    tell (client, "OK");                                                                           \
    tell (client, size_);                                                                          \
  }                                                                                                \
  G_STMT_END

/* the questions about a file with an extension */
#define exists(client, file, answer)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    requests (client, "FILE-SYS-OPERATION", "<key>EXISTS</key><file_path>" file "</file_path>");   \
    tell (client, "OK");                                                                           \
    tell (client, "OK@" answer);                                                                   \
  }                                                                                                \
  G_STMT_END

#define write_part(client, name, bytes, size)                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    command (client,                                                                               \
             "WRITE-PARTITION",                                                                    \
             "<partition>" name "</partition><source_file>f</source_file>"                         \
             "<pre_erase>NO</pre_erase>");                                                         \
    exists (client, "f-verified", "NOT-EXISTS");                                                   \
    downloads (client, "CHK_ADD", name, "f", "0x200000");                                          \
    give (client, bytes, size, 0x200000, "OK@0x0");                                                \
  }                                                                                                \
  G_STMT_END
