/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "phone/ub-practice-phone.h"

/* A host of a few lines, written from the protocol pages for these tests alone: it sends bytes, and
 * expects bytes. */

typedef struct
{
  UbPracticePhone *phone;
  GByteArray      *in; /* what came and was not looked at yet */
  guint            n_transfers;
} Client;

G_GNUC_UNUSED static UbPracticePhoneOptions
make_options (const char *chip, UbEnter enter)
{
  return (UbPracticePhoneOptions){ .chip = chip, .enter = enter, .table = UB_TABLE_GPT };
}

G_GNUC_UNUSED static Client
open_client (const UbPracticePhoneOptions *options)
{
  g_autoptr (GError) error = NULL;
  Client self = { ub_practice_phone_new (options, &error), g_byte_array_new (), 0 };

  g_assert_no_error (error);
  ub_practice_phone_plug (self.phone);
  return self;
}

G_GNUC_UNUSED static void
close_client (Client *self)
{
  ub_practice_phone_free (self->phone);
  g_byte_array_unref (self->in);
}

static inline void
collect (Client *self)
{
  GBytes *transfer;

  while ((transfer = ub_practice_phone_output (self->phone)) != NULL)
    {
      g_byte_array_append (self->in,
                           g_bytes_get_data (transfer, NULL),
                           (guint) g_bytes_get_size (transfer));
      g_bytes_unref (transfer);
      self->n_transfers++;
    }
}

G_GNUC_UNUSED static GByteArray *
from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; *hex != '\0'; hex++)
    if (*hex != ' ')
      {
        guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

        g_byte_array_append (bytes, &byte, 1);
        hex++;
      }
  return bytes;
}

static inline char *
to_hex (const guint8 *data, gsize size)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", data[i]);
  return g_string_free (hex, FALSE);
}

G_GNUC_UNUSED static void
host (Client *self, const char *hex)
{
  g_autoptr (GByteArray) bytes = from_hex (hex);

  ub_practice_phone_input (self->phone, bytes->data, bytes->len);
}

G_GNUC_UNUSED static void
host_bytes (Client *self, const guint8 *data, gsize size)
{
  ub_practice_phone_input (self->phone, data, size);
}

/* the next @size bytes, as hex */
G_GNUC_UNUSED static char *
take (Client *self, gsize size)
{
  char *hex;

  collect (self);
  for (guint i = 0; self->in->len < size && i < 100; i++)
    {
      ub_practice_phone_advance (self->phone, 10);
      collect (self);
    }
  size = MIN (size, self->in->len);
  hex = to_hex (self->in->data, size);
  if (size > 0)
    g_byte_array_remove_range (self->in, 0, (guint) size);
  return hex;
}

/* the phone says exactly this now */
#define phone(self, hex)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GByteArray) wanted_ = from_hex (hex);                                               \
    g_autofree char *want_ = to_hex (wanted_->data, wanted_->len);                                 \
    g_autofree char *got_ = take (self, wanted_->len);                                             \
    g_assert_cmpstr (got_, ==, want_);                                                             \
  }                                                                                                \
  G_STMT_END

/* the phone has nothing to say */
#define silence(self)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *got_ = NULL;                                                                  \
    ub_practice_phone_advance ((self)->phone, 1000);                                               \
    got_ = take (self, 16);                                                                        \
    g_assert_cmpstr (got_, ==, "");                                                                \
  }                                                                                                \
  G_STMT_END

G_GNUC_UNUSED static guint16
byte_sum (const guint8 *data, gsize size)
{
  guint16 sum = 0;

  for (gsize i = 0; i < size; i++)
    sum = (guint16) (sum + data[i]);
  return sum;
}

G_GNUC_UNUSED static void
handshake (Client *self, gboolean preloader)
{
  if (preloader)
    host (self, "a0");
  host (self, "a0");
  phone (self, "5f");
  host (self, "0a");
  phone (self, "f5");
  host (self, "50");
  phone (self, "af");
  host (self, "05");
  phone (self, "fa");
}

/* DA1 and DA2 of a practice container, by agent code */
typedef struct
{
  char   *file;
  gsize   size;
  guint8 *da1, *da2;
  guint32 da1_size, da2_size, da1_address, da2_address;
} Agent;

static inline guint32
le32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

G_GNUC_UNUSED static Agent
load_agent (const char *folder, guint16 code)
{
  g_autofree char *path = g_build_filename (folder, "MTK_AllInOne_DA_practice.bin", NULL);
  g_autoptr (GError) error = NULL;
  Agent self = { 0 };

  g_assert_true (g_file_get_contents (path, &self.file, &self.size, &error));
  for (guint i = 0; i < le32 ((guint8 *) self.file + 0x68); i++)
    {
      const guint8 *entry = (guint8 *) self.file + 0x6c + 0xdc * i;

      if ((entry[2] | entry[3] << 8) != code)
        continue;
      self.da1 = (guint8 *) self.file + le32 (entry + 0x28);
      self.da1_size = le32 (entry + 0x2c);
      self.da1_address = le32 (entry + 0x30);
      self.da2 = (guint8 *) self.file + le32 (entry + 0x3c);
      self.da2_size = le32 (entry + 0x40);
      self.da2_address = le32 (entry + 0x44);
    }
  g_assert_nonnull (self.da1);
  return self;
}

G_GNUC_UNUSED static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_folder (path);
      else
        g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* a firmware of @self's own in a folder of its own; (transfer full) */
G_GNUC_UNUSED static char *
make_firmware (Client *self, gboolean sparse)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ub-phone-XXXXXX", &error);

  g_assert_no_error (error);
  ub_practice_firmware_write (self->phone, folder, 0, sparse, &error);
  g_assert_no_error (error);
  return folder;
}

/* a phone with its firmware */
typedef struct
{
  Client client;
  char  *folder;
  Agent  agent;
} Fixture;

G_GNUC_UNUSED static void
set_up_with (Fixture *fixture, UbPracticePhoneOptions options, guint16 code)
{
  fixture->client = open_client (&options);
  fixture->folder = make_firmware (&fixture->client, FALSE);
  fixture->agent = load_agent (fixture->folder, code);
}

G_GNUC_UNUSED static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_client (&fixture->client);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->agent.file);
}

/* the records of the folder's preloader; the fourth is this phone's */
G_GNUC_UNUSED static guint8 *
load_records (const char *folder, gsize *size)
{
  g_autofree char *path = g_build_filename (folder, "preloader_practice.bin", NULL);
  g_autofree char *file = NULL;
  gsize            length, block, body;

  g_assert_true (g_file_get_contents (path, &file, &length, NULL));
  g_assert_cmpmem (file, 8, "MMM\x01\x38\x00\x00\x00", 8);
  body = le32 ((guint8 *) file + 0x20) - le32 ((guint8 *) file + 0x2c);
  block = le32 ((guint8 *) file + body - 4);
  g_assert_true (g_str_has_prefix (file + body - 4 - block, "MTK_BLOADER_INFO_v"));
  *size = block - 0x70;
  return g_memdup2 (file + body - 4 - block + 0x70, *size);
}

/* §2.5, §2.6 */
G_GNUC_UNUSED static void
send_agent (Client *self, const Agent *agent)
{
  g_autofree char *header =
      g_strdup_printf ("%08x%08x00000100", agent->da1_address, agent->da1_size);
  g_autofree char *address = g_strdup_printf ("%08x", agent->da1_address);
  g_autofree char *sum = NULL;
  guint16 xor = 0;

  host (self, "d7");
  phone (self, "d7");
  host (self, header);
  phone (self, header);
  phone (self, "0000");
  host_bytes (self, agent->da1, agent->da1_size);
  for (guint i = 0; i < agent->da1_size; i += 2)
    xor ^= (guint16) (agent->da1[i] | agent->da1[i + 1] << 8);
  sum = g_strdup_printf ("%04x0000", xor);
  phone (self, sum);
  host (self, "d5");
  phone (self, "d5");
  host (self, address);
  phone (self, address);
  phone (self, "0000");
}

/* §5.6: DA2 in packets of 0x1000, up to the byte before the report */
G_GNUC_UNUSED static void
send_da2 (Client *self, const Agent *agent)
{
  g_autofree char *header =
      g_strdup_printf ("%08x%08x00001000", agent->da2_address, agent->da2_size);
  guint32 at = 0;

  host (self, header);
  phone (self, "5a");
  for (; agent->da2_size - at >= 0x1000; at += 0x1000)
    {
      host_bytes (self, agent->da2 + at, 0x1000);
      phone (self, "5a");
    }
  host_bytes (self, agent->da2 + at, agent->da2_size - at);
  phone (self, "5a");
}

#define CONFIG                                                                                     \
  "05010800087007ffff0100000500"                                                                   \
  "00010200"
#define SLC                                                                                        \
  "00000001"                                                                                       \
  "4646000000000000"                                                                               \
  "0000000000000000"                                                                               \
  "ff000000"

/* an MT6580 entered by its preloader, as far as its command loop; the report is left in the pipe
 * for @report bytes */
G_GNUC_UNUSED static void
start_mt6580 (Client *self, const Agent *agent)
{
  g_autofree char *report = NULL;

  ub_practice_phone_line_coding (self->phone);
  handshake (self, TRUE);
  send_agent (self, agent);
  phone (self,
         "c0 00000bc4 0007 0000000000000000000000000000 00000000 15010055425052414307123456788701");
  host (self, "5a");
  phone (self, "04029c");
  host (self, CONFIG);
  host (self, SLC);
  phone (self, "00000000");
  send_da2 (self, agent);
  phone (self, "5a");
  host (self, "5a");
  report = take (self, 235);
  g_assert_cmpuint (strlen (report), ==, 470);
  phone (self, "c1");
}
