/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xflash-client.h"

/* The conversations of a genuine MT6765 agent, again: what its host said, byte for byte, to a practice phone
 * (shared/protocol/transcripts/xflash_mt6765_*.txt). */

#define RECORDED_DA2 291356
#define RECORDED_LK 0x100000

typedef struct
{
  Client  *client;
  Agent    agent;
  char    *control; /* the last code of DEVICE_CTRL */
  guint    n_blocks, n_bodies;
  guint    n_lines;
  gboolean heard; /* the line before was the agent's */
} Replay;

/* contents the recorded host used, known by their hashes */
static guint8 *
make_data (gsize size)
{
  guint8 *data = g_malloc0 (size);

  for (gsize i = 0; size < 0x10000 && i < size; i++)
    data[i] = (guint8) (i * 7 + 3);
  return data;
}

static gboolean
has_hash (const guint8 *data, gsize size, const char *text)
{
  g_autofree char *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
  const char      *wanted = strstr (text, "sha256 ");

  return wanted != NULL && strncmp (wanted + 7, hash, 16) == 0;
}

static gsize
count_bytes (const char *text)
{
  return *text == '(' ? (gsize) g_ascii_strtoull (text + 1, NULL, 10) : strlen (text) / 2;
}

/* one record, this phone's, first in a version its agent does not know */
static void
send_block (Replay *self, gsize size)
{
  g_autofree guint8 *block = g_malloc0 (size);

  g_snprintf ((char *) block, 0x1b, "MTK_BLOADER_INFO_v%s", self->n_blocks++ == 0 ? "27" : "35");
  block[0x6c] = 1;
  block[0x70 + 8] = 16;
  memcpy (block + 0x70 + 16, self->client->phone->cid, 16);
  host_bytes (self->client, block, size);
}

/* first with a byte changed */
static void
send_body (Replay *self)
{
  self->agent.da2[0] ^= self->n_bodies == 0 ? 1 : 0;
  host_bytes (self->client, self->agent.da2, self->agent.da2_size);
  self->agent.da2[0] ^= self->n_bodies++ == 0 ? 1 : 0;
}

static void
replay_host (Replay *self, const char *text, const char *comment)
{
  if (g_str_has_prefix (comment, "CTRL "))
    {
      g_free (self->control);
      self->control = g_strdup (comment);
    }
  if (*text != '(')
    host (self->client, text);
  else if (g_str_has_prefix (comment, "MTK_BLOADER_INFO"))
    send_block (self, count_bytes (text));
  else if (g_str_has_prefix (comment, "DA2"))
    send_body (self);
  else
    {
      g_autofree guint8 *data = make_data (count_bytes (text));

      host_bytes (self->client, data, count_bytes (text));
    }
}

/* of an answer, the bytes from *begin to *end are the recorded model's own */
static void
find_own (const Replay *self, const char *comment, gsize *begin, gsize *end)
{
  static const struct
  {
    const char *control;
    gsize       begin, end;
  } own[] = { { "GET_EMMC_INFO", 0x48, 0x58 },
              { "GET_RAM_INFO", 0x28, 0x30 },
              { "GET_CHIP_ID", 0, 8 },
              { "GET_RANDOM_ID", 0, 16 },
              { "GET_HRID", 0, 16 } };

  *begin = *end = 0;
  for (guint i = 0;
       self->control != NULL && g_str_equal (comment, "reply") && i < G_N_ELEMENTS (own);
       i++)
    if (g_str_has_suffix (self->control, own[i].control))
      {
        *begin = own[i].begin;
        *end = own[i].end;
      }
}

static void
compare_data (const char *got, const char *text)
{
  g_autoptr (GByteArray) bytes = from_hex (got);
  gsize              size = count_bytes (text);
  g_autofree guint8 *written = make_data (size);

  g_assert_cmpuint (bytes->len, ==, size);
  if (size < 0x10000 && has_hash (written, size, text)) /* the host read back what it wrote */
    g_assert_cmpmem (bytes->data, bytes->len, written, size);
}

static void
replay_phone (Replay *self, const char *text, const char *comment)
{
  g_autofree char *got = take (self->client, count_bytes (text));
  g_autofree char *want = g_strdup (text);
  gsize            begin, end;

  if (*text == '(' || g_str_equal (comment, "data"))
    {
      compare_data (got, text);
      return;
    }
  find_own (self, comment, &begin, &end);
  g_assert_cmpuint (strlen (got), ==, strlen (want));
  memset (got + 2 * begin, '-', 2 * (end - begin));
  memset (want + 2 * begin, '-', 2 * (end - begin));
  g_assert_cmpstr (got, ==, want);
}

static void
replay_line (Replay *self, const char *line)
{
  g_auto (GStrv) halves = g_strsplit (line, "   ; ", 2);
  const char *comment = halves[0] != NULL && halves[1] != NULL ? halves[1] : "";

  if (*line == '\0')
    return;
  g_test_message ("%s", line);
  self->n_lines++;
  if (g_str_has_prefix (line, "D>H "))
    {
      replay_phone (self, halves[0] + 4, comment);
      self->heard = TRUE;
      return;
    }
  if (!g_str_has_prefix (line, "H>D "))
    return;
  collect (self->client);
  if (self->heard) /* it said no more than was recorded */
    g_assert_cmpuint (self->client->in->len, ==, 0);
  self->heard = FALSE;
  replay_host (self, halves[0] + 4, comment);
}

/* (nullable), with the test skipped */
static char *
load_transcript (const char *name)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "../shared",
                                            "protocol",
                                            "transcripts",
                                            name,
                                            NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_test_skip ("the transcripts are not here");
  return text;
}

/* the recorded phone had an lk of 1 MiB */
static void
stretch_lk (UbPracticePhone *phone)
{
  guint8 kind;
  g_autoptr (GByteArray) entries = ub_phone_tables_read (phone, &kind);

  for (guint at = 0; at < entries->len; at += 88)
    if (memcmp (entries->data + at, "lk\0", 3) == 0)
      {
        guint64 size = GUINT64_TO_LE (RECORDED_LK);

        memcpy (entries->data + at + 0x48, &size, sizeof size);
      }
  ub_phone_tables_write_gpt (phone, 0, entries->data, entries->len / 88);
}

static void
play (Replay *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    replay_line (self, lines[i]);
  collect (self->client);
  g_assert_cmpuint (self->client->in->len, ==, 0);
}

/* from DA1's first byte on */
static void
test_stage1 (void)
{
  g_autofree char       *text = load_transcript ("xflash_mt6765_stage1.txt");
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_BOOT_ROM);
  Client                 client;
  Replay                 replay = { &client };

  if (text == NULL)
    return;
  client = open_client (&options);
  replay.agent = make_agent_sized (0x6765, RECORDED_DA2);
  stretch_lk (client.phone);
  handshake (&client, FALSE);
  send_agent (&client, &replay.agent);
  play (&replay, text);
  g_assert_cmpuint (replay.n_lines, >, 1000);
  g_assert_cmpuint (replay.n_bodies, ==, 2);
  close_client (&client);
  g_free (replay.agent.file);
  g_free (replay.control);
}

/* from DA2's first message on */
static void
test_stage2 (gconstpointer data)
{
  g_autofree char       *text = load_transcript (data);
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;
  Replay                 replay = { &bench.client };

  if (text == NULL)
    return;
  open_bench (&bench, &options, 0x6765, 1);
  stretch_lk (bench.client.phone);
  command (&bench.client, 0x10008);
  tell (&bench.client, "0000004000000000 4523000000000000");
  tell_bytes (&bench.client, bench.agent.da2, DA2_SIZE);
  hears_u32 (&bench.client, 0);
  play (&replay, text);
  g_assert_cmpuint (replay.n_lines, >, 5);
  close_bench (&bench, NULL);
  g_free (replay.control);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/xflash-replay/stage1", test_stage1);
  g_test_add_data_func ("/phone/xflash-replay/stage2", "xflash_mt6765_stage2.txt", test_stage2);
  g_test_add_data_func ("/phone/xflash-replay/shutdown",
                        "xflash_mt6765_shutdown_6words_0000.txt",
                        test_stage2);
  g_test_add_data_func ("/phone/xflash-replay/reboot",
                        "xflash_mt6765_shutdown_6words_1211.txt",
                        test_stage2);
  g_test_add_data_func ("/phone/xflash-replay/shutdown-too-long",
                        "xflash_mt6765_shutdown_8words_1211.txt",
                        test_stage2);
  return g_test_run ();
}
