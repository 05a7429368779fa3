/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xml-client.h"

/* the conversations of a genuine agent, again (shared/protocol/transcripts/mt6789-xml-20241031-*.txt, mtkclient-mt6789.txt): the host's
 * side as it was, the phone's word for word but for what is its own */

#define DA2_SIZE 0x51004
#define GOOD_SUM 0xfa060c1e /* of the packet of the transcripts about sums */

typedef struct
{
  Client  *client;
  Agent   *agent;
  gsize    da2_at;  /* of the second stage, so much went over */
  gsize    spoiled; /* a byte of it that is sent wrong; 0: none */
  gboolean own;     /* the document under way has a length of its own */
  guint    compared;
} Replay;

/* --- the transcripts --- */

static void
append_character (GByteArray *bytes, const char **at)
{
  guint8 byte = (guint8) * *at;

  if (byte == '\\')
    {
      (*at)++;
      byte = **at == 'r' ? '\r' : **at == 'n' ? '\n' : (guint8) * *at;
      if (**at == 'x')
        {
          byte = (guint8) (g_ascii_xdigit_value ((*at)[1]) << 4 | g_ascii_xdigit_value ((*at)[2]));
          *at += 2;
        }
    }
  (*at)++;
  g_byte_array_append (bytes, &byte, 1);
}

/* 'text', hex, or (N bytes, sha256 …): then so many zeros, and *@known is FALSE */
static GByteArray *
parse_payload (const char *text, gboolean *known)
{
  GByteArray *bytes;

  *known = *text != '(';
  if (*text != '\'' && *text != '"' && *text != '(')
    return from_hex (text);
  bytes = g_byte_array_new ();
  if (*text == '(')
    {
      g_byte_array_set_size (bytes, (guint) g_ascii_strtoull (text + 1, NULL, 10));
      memset (bytes->data, 0, bytes->len);
    }
  else
    for (const char *at = text + 1; *at != *text;)
      append_character (bytes, &at);
  return bytes;
}

static gboolean
is_header (const char *text)
{
  return g_str_has_prefix (text, "efeeeefe") && strlen (text) == 24;
}

/* --- the host --- */

/* a piece of the second stage, or of an image */
static void
fill_unknown (Replay *self, GByteArray *bytes)
{
  guint32 sum = GUINT32_TO_LE (GOOD_SUM);

  if (self->da2_at < G_MAXSIZE)
    {
      for (guint i = 0; i < bytes->len; i++, self->da2_at++)
        bytes->data[i] = self->da2_at < DA2_SIZE ? self->agent->da2[self->da2_at] : 0x55;
      if (self->spoiled != 0 && self->da2_at > self->spoiled)
        {
          bytes->data[0] ^= 1;
          self->spoiled = 0;
        }
    }
  else if (bytes->len == 345)
    {
      g_autofree char *text = g_strdup_printf (
          "%-344s",
          "<da><version>1.0</version><command>CMD:SET-RUNTIME-PARAMETER</command><arg>" PARAMETERS (
              "NONE",
              "UART",
              "LINUX") "</arg><adv><initialize_dram>YES</initialize_dram></adv></da>");

      g_assert_cmpuint (strlen (text), ==, 344);
      memcpy (bytes->data, text, 345);
    }
  else
    memcpy (bytes->data, &sum, sizeof sum);
}

/* how the second stage comes this time is in the name of its file */
static void
look_at_command (Replay *self, const char *text)
{
  if (strstr (text, "CMD:BOOT-TO") == NULL)
    return;
  self->da2_at = 0;
  self->spoiled = strstr (text, "da2-changed") != NULL ? 0x8000 : 0;
}

static void
replay_host (Replay *self, const char *text)
{
  gboolean known;
  g_autoptr (GByteArray) bytes = parse_payload (text, &known);

  if (!known || (self->da2_at < G_MAXSIZE && bytes->len == 4 && bytes->data[0] != 'O'))
    fill_unknown (self, bytes);
  else if (bytes->len > 64)
    look_at_command (self, (const char *) bytes->data);
  host_bytes (self->client, bytes->data, bytes->len);
}

/* --- the phone --- */

/* memory, ids and dates are this phone's */
static char *
mask_own (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GRegex) own =
                 g_regex_new ("<(ram_size|random_id|id|build)>[^<]*<", G_REGEX_RAW, 0, NULL);

  return g_regex_replace (own, text, -1, 0, "<\\1><", 0, NULL);
}

/* what comes next has a length of its own */
static gboolean
is_own (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  return strstr (text, "<info>HW-INFO<") != NULL || strstr (text, "<info>DA-INFO<") != NULL;
}

static void
replay_payload (Replay *self, GByteArray *wanted, gboolean known, gsize size)
{
  g_autofree char *hex = take (self->client, size);
  g_autoptr (GByteArray) got = from_hex (hex);
  g_autofree char *want_text = mask_own (wanted->data, wanted->len);
  g_autofree char *got_text = mask_own (got->data, got->len);

  g_assert_cmpuint (got->len, ==, size);
  if (self->own && g_str_has_prefix (want_text, "OK@0x"))
    return;
  if (known)
    {
      g_assert_cmpstr (got_text, ==, want_text);
      self->compared++;
    }
  if (wanted->len > 64)
    {
      self->own = is_own (got->data, got->len);
      if (strstr (got_text, "CMD:END") != NULL)
        self->da2_at = G_MAXSIZE;
    }
}

/* a header, then its payload in the next line */
static gsize
replay_header (Replay *self, const char *text)
{
  g_autofree char *hex = take (self->client, 12);
  g_autoptr (GByteArray) bytes = from_hex (hex);

  if (self->own)
    hex[16] = '\0';
  g_assert_true (g_str_has_prefix (text, hex));
  g_assert_cmpuint (bytes->len, ==, 12);
  return le32 (bytes->data + 8);
}

/* --- both --- */

static const char *
skip_count (const char *text)
{
  const char *space = strchr (text, ' ');

  return g_ascii_isdigit (*text) && space != NULL && space - text < 8 ? space + 1 : text;
}

static void
replay_lines (Replay *self, char **lines)
{
  gsize size = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) halves = g_strsplit (lines[i], "   ; ", 2);
      const char *text;

      if (!g_str_has_prefix (lines[i], "H>D ") && !g_str_has_prefix (lines[i], "D>H "))
        continue;
      g_test_message ("%s", lines[i]);
      text = skip_count (halves[0] + 4);
      if (*lines[i] == 'H')
        replay_host (self, text);
      else if (is_header (text))
        size = replay_header (self, text);
      else
        {
          gboolean known;
          g_autoptr (GByteArray) wanted = parse_payload (text, &known);

          replay_payload (self, wanted, known, size);
        }
    }
}

/* the parts of the phone that was recorded */
static void
put_table (UbPracticePhone *phone)
{
  static const struct
  {
    const char *name;
    guint64     start, size;
  } parts[] = {
    { "proinfo", 0x100000, 0x100000 },    { "nvram", 0x200000, 0x200000 },
    { "lk", 0x400000, 0x100000 },         { "boot", 0x800000, 0x800000 },
    { "flashinfo", 0x1000000, 0x200000 }, { "userdata", 0x1400000, 0x1400000 },
  };
  guint8 entries[G_N_ELEMENTS (parts)][88] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      guint64 range[] = { GUINT64_TO_LE (parts[i].start), GUINT64_TO_LE (parts[i].size) };

      g_strlcpy ((char *) entries[i], parts[i].name, 64);
      memcpy (entries[i] + 64, range, sizeof range);
      entries[i][80] = 8;
    }
  for (guint8 kind = 0; kind < 2; kind++)
    ub_phone_tables_write_gpt (phone, kind, entries[0], G_N_ELEMENTS (parts));
}

/* DA1 of a practice chip with a second stage as long as the one that was recorded */
static Agent
make_long_agent (void)
{
  Agent self = make_agent (0x1208);
  gsize length = 32;
  char *file = g_malloc (self.da1_size + DA2_SIZE);
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < DA2_SIZE; i++)
    file[self.da1_size + i] = (char) (i * 13 + i / 256);
  memcpy (file, self.da1, self.da1_size);
  g_free (self.file);
  self.file = file;
  self.da1 = (guint8 *) file;
  self.da2 = self.da1 + self.da1_size;
  self.da2_size = DA2_SIZE;
  g_checksum_update (sha256, self.da2, DA2_SIZE);
  g_checksum_get_digest (sha256, self.da1 + 0x500, &length);
  return self;
}

/* NULL: the test is skipped */
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

static void
set_up_recorded (Bench *bench)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);

  options.target_config = 1; /* the one that was recorded looked at signatures */
  bench->client = open_client (&options);
  bench->agent = make_long_agent ();
  put_table (bench->client.phone);
  ub_practice_phone_line_coding (bench->client.phone);
  handshake (&bench->client, TRUE);
  send_agent (&bench->client, &bench->agent);
}

/* @least: so many of its messages must have been compared word for word */
static void
replay (Bench *bench, const char *text, guint least)
{
  Replay self = { .client = &bench->client, .agent = &bench->agent, .da2_at = G_MAXSIZE };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  replay_lines (&self, lines);
  g_assert_cmpuint (self.compared, >=, least);
}

/* from the first stage on */
static void
test_whole (gconstpointer name)
{
  g_autofree char *text = load_transcript (name);
  Bench            bench;

  if (text == NULL)
    return;
  set_up_recorded (&bench);
  replay (&bench, text, 400);
  silence (&bench.client);
  g_assert_true (ub_practice_phone_was_finished (bench.client.phone));
  close_bench (&bench, NULL);
}

/* from the second stage's first command on, with what the first one was told about sums */
static void
replay_second (const char *name, gboolean sums, guint least)
{
  g_autofree char *text = load_transcript (name);
  Bench            bench;
  Client          *client = &bench.client;
  const char      *begin;

  if (text == NULL)
    return;
  begin = strstr (text, "\n# ");
  g_assert_nonnull (begin);
  set_up_recorded (&bench);
  if (sums)
    start_da1 (client, "USB-STORAGE", "UART", "LINUX");
  else
    start_da1 (client, "NONE", "UART", "LINUX");
  if (sums)
    start_da2 (client, &bench.agent, "CHK_ADD");
  else
    start_da2 (client, &bench.agent, "CHK_NO");
  replay (&bench, begin, least);
  silence (client);
  close_bench (&bench, NULL);
}

static void
test_second (gconstpointer name)
{
  replay_second (name, FALSE, 100);
}

static void
test_sums (gconstpointer name)
{
  replay_second (name, TRUE, 8);
}

/* mtkclient, up to where it loses count: one OK too many is a command, and the next one's header an answer */
static void
test_mtkclient (gconstpointer name)
{
  g_autofree char *text = load_transcript (name);
  Bench            bench;

  if (text == NULL)
    return;
  set_up_recorded (&bench);
  replay (&bench, text, 350);
  close_bench (&bench, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TRANSCRIPT "mt6789-xml-20241031-"
  g_test_add_data_func ("/phone/replay-xml/stage1", TRANSCRIPT "stage1.txt", test_whole);
  g_test_add_data_func ("/phone/replay-xml/stage2", TRANSCRIPT "stage2.txt", test_second);
  g_test_add_data_func ("/phone/replay-xml/sum-u32", TRANSCRIPT "checksum-u32.txt", test_sums);
  g_test_add_data_func ("/phone/replay-xml/sum-bytes", TRANSCRIPT "checksum-bytes.txt", test_sums);
  g_test_add_data_func ("/phone/replay-xml/sum-wrong", TRANSCRIPT "checksum-wrong.txt", test_sums);
  g_test_add_data_func ("/phone/replay-xml/sum-zero", TRANSCRIPT "checksum-zero.txt", test_sums);
  g_test_add_data_func ("/phone/replay-xml/mtkclient", "mtkclient-mt6789.txt", test_mtkclient);
  return g_test_run ();
}
