/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

/* the conversation of a genuine agent, again
 * (shared/protocol/transcripts/mt6580-legacy-20211128.txt) */

typedef struct
{
  Client     *client;
  const char *folder;
  Agent       agent;
  guint8     *payload;
  gsize       payload_size;
  guint16     sum;      /* of the last data, whoever sent them */
  gboolean    loaded;   /* DA2 went over, in our own way */
  gboolean    skipping; /* the transcript's account of that */
  gsize       table_size;
} Replay;

static gsize
bytes_in_words (const char *text)
{
  return *text == '(' ? (gsize) g_ascii_strtoull (text + 1, NULL, 10) : strlen (text) / 2;
}

static void
replay_host (Replay *self, const char *text, const char *comment)
{
  g_autofree char *sum = g_strdup_printf ("%04x", self->sum);

  if (g_str_equal (comment, "EMI table"))
    {
      gsize              size;
      g_autofree guint8 *records = load_records (self->folder, &size);

      host_bytes (self->client, records + 3 * 188, 188);
      self->sum = byte_sum (records + 3 * 188, 188);
    }
  else if (g_str_equal (comment, "address") && !self->loaded)
    {
      send_da2 (self->client, &self->agent);
      self->loaded = self->skipping = TRUE;
    }
  else if (*text == '(' || g_str_equal (comment, "data"))
    {
      self->payload_size = bytes_in_words (text);
      self->payload = g_realloc (self->payload, self->payload_size);
      for (gsize i = 0; i < self->payload_size; i++)
        self->payload[i] = (guint8) (i * 7 + self->payload_size);
      self->sum = byte_sum (self->payload, self->payload_size);
      host_bytes (self->client, self->payload, self->payload_size);
    }
  else if (g_str_equal (comment, "byte sum"))
    host (self->client, sum);
  else
    host (self->client, text);
}

/* ids, hashes and contents are this phone's own: there only the length must be right */
static gsize
compared_bytes (const char *comment, gsize size)
{
  static const char *const own[] = { "emmc id", "emmc id as in memory", "data", "partition table" };

  if (g_strv_contains ((const char *const[]){ own[0], own[1], own[2], own[3], NULL }, comment))
    return 0;
  if (g_str_equal (comment, "eMMC report"))
    return 68;
  return g_str_equal (comment, "RAM and random id report") ? 14 : size;
}

static void
replay_phone (Replay *self, const char *text, const char *comment)
{
  gsize            size = bytes_in_words (text);
  gsize            compared = compared_bytes (comment, size);
  g_autofree char *got = NULL, *want = NULL;
  g_autoptr (GByteArray) bytes = NULL;

  if (g_str_equal (comment, "partition table"))
    size = self->table_size;
  got = take (self->client, size);
  bytes = from_hex (got);
  g_assert_cmpuint (bytes->len, ==, size);
  if (g_str_equal (comment, "data"))
    self->sum = byte_sum (bytes->data, bytes->len);
  if (g_str_equal (comment, "length"))
    {
      self->table_size = g_ascii_strtoull (got, NULL, 16);
      return;
    }
  want = g_str_equal (comment, "byte sum") ? g_strdup_printf ("%04x", self->sum) : g_strdup (text);
  got[2 * MIN (compared, size)] = '\0';
  want[MIN (2 * compared, strlen (want))] = '\0';
  g_assert_cmpstr (got, ==, want);
}

static void
replay_line (Replay *self, const char *line)
{
  g_auto (GStrv) halves = g_strsplit (line, "   ; ", 2);
  const char *comment;

  if (*line == '#')
    self->skipping = FALSE;
  if (*line == '#' || *line == '\0' || self->skipping)
    return;
  comment = halves[1] != NULL ? halves[1] : "";
  g_test_message ("%s", line);
  if (g_str_has_prefix (line, "H>D "))
    replay_host (self, halves[0] + 4, comment);
  else
    replay_phone (self, halves[0] + 4, comment);
}

static void
test_replay (void)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "../shared",
                                            "protocol",
                                            "transcripts",
                                            "mt6580-legacy-20211128.txt",
                                            NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  Fixture fixture;
  Replay  replay = { 0 };

  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      g_test_skip ("the transcripts are not here");
      return;
    }
  set_up_with (&fixture, make_options ("MT6580", UB_ENTER_BOOT_ROM), 0x6580);
  handshake (&fixture.client, FALSE);
  send_agent (&fixture.client, &fixture.agent);
  replay.client = &fixture.client;
  replay.folder = fixture.folder;
  replay.agent = fixture.agent;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    replay_line (&replay, lines[i]);
  silence (&fixture.client);
  g_assert_true (ub_practice_phone_was_finished (fixture.client.phone));
  g_free (replay.payload);
  tear_down (&fixture, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/replay/mt6580", test_replay);
  return g_test_run ();
}
