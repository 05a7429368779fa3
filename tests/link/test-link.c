/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"
#include "link/ub-link-replay.h"
#include "link/ub-link-source.h"
#include "link/ub-link-tap.h"
#include "tests/brom/test-link.h"

#include <malloc.h>
#include <string.h>

#define TALK                                                                                       \
  "# start\n"                                                                                      \
  "D>H c0   ; sync\n"                                                                              \
  "D>H 00000bc4\n"                                                                                 \
  "H>D 5a\n"                                                                                       \
  "H>D 0102   ; two\n"                                                                             \
  "# load\n"                                                                                       \
  "D>H 69   ; taken\n"

static void
test_replay (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text (TALK, NULL);
  guint8 data[8];

  g_assert_true (ub_link_receive (link, data, 5, 100, NULL));
  g_assert_cmpmem (data, 5, "\xc0\x00\x00\x0b\xc4", 5);
  g_assert_true (ub_link_send (link, (const guint8 *) "\x5a\x01", 2, 100, NULL));
  g_assert_false (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));
  g_assert_true (ub_link_send (link, (const guint8 *) "\x02", 1, 100, NULL));
  g_assert_true (ub_link_receive (link, data, 1, 100, NULL));
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));
}

static void
test_replay_difference (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text (TALK, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_false (ub_link_send (link, (const guint8 *) "\x5a\x01\x03", 3, 100, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "line 5 (two)"));
  g_assert_false (ub_link_send (link, (const guint8 *) "\x02", 1, 100, &again));
  g_assert_error (again, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_false (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));
}

static void
test_replay_silence (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text ("H>D 5a\n", NULL);
  g_autoptr (GError) error = NULL;
  gint64 before = ub_link_now (link);
  guint8 data[1];

  g_assert_false (ub_link_receive (link, data, 1, 100, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_assert_cmpint (ub_link_now (link) - before, ==, 100 * 1000);
}

static void
test_replay_blocks (void)
{
  g_autofree guint8 *block = g_malloc0 (300);
  g_autofree char   *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, block, 300);
  g_autofree char   *text =
      g_strdup_printf ("H>D (300 bytes, sha256 %.16s)\nD>H (300 bytes, sha256 %.16s) ; x\n",
                       hash,
                       hash);
  g_autoptr (UbLink) link = ub_link_replay_new_from_text (text, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_link_send (link, block, 300, 100, NULL));
  g_assert_true (ub_link_receive (link, block, 300, 100, NULL));
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));

  g_set_object (&link, NULL);
  link = ub_link_replay_new_from_text (text, NULL);
  block[7] = 1;
  g_assert_false (ub_link_send (link, block, 300, 100, &error));
  g_set_object (&link, NULL);
  link = ub_link_replay_new_from_text (text, NULL);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (link), TRUE);
  g_assert_true (ub_link_send (link, block, 300, 100, NULL));
}

static void
test_replay_seek (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text (TALK, NULL);
  guint8 data[1];

  g_assert_true (ub_link_replay_seek (UB_LINK_REPLAY (link), "load"));
  g_assert_true (ub_link_receive (link, data, 1, 100, NULL));
  g_assert_cmphex (data[0], ==, 0x69);
  g_assert_false (ub_link_replay_seek (UB_LINK_REPLAY (link), "load"));
}

static void
test_replay_nonsense (void)
{
  const char *const bad[] = { "H>D\n",    "H>D zz\n", "H>D (x\n",
                              "X>Y 00\n", "D>H 0\n",  "D>H (5 bytes)\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ub_link_replay_new_from_text (bad[i], &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
    }
}

/* what a tap writes, a replay understands */
static void
test_tap (void)
{
  g_autoptr (UbLink) inner = ub_link_replay_new_from_text (TALK, NULL);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (UbLink) tap = ub_link_tap_new (inner, out);
  g_autofree char *tail = NULL;
  guint8           data[8];

  g_assert_true (ub_link_receive (tap, data, 5, 100, NULL));
  g_assert_true (ub_link_send (tap, (const guint8 *) "\x5a\x01", 2, 100, NULL));
  g_assert_true (ub_link_send (tap, (const guint8 *) "\x02", 1, 100, NULL));
  g_assert_true (ub_link_receive (tap, data, 1, 100, NULL));
  ub_link_close (tap);
  tail = ub_link_tap_dup_tail (UB_LINK_TAP (tap));
  g_assert_cmpstr (tail, ==, "D>H c000000bc4\nH>D 5a0102\nD>H 69\n");
  g_assert_cmpmem (tail,
                   strlen (tail),
                   g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)));
  g_clear_object (&inner);
  inner = ub_link_replay_new_from_text (tail, NULL);
  g_assert_nonnull (inner);
}

struct _TestSource
{
  UbLinkSource parent_instance;
};
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, UbLinkSource)
G_DEFINE_FINAL_TYPE (TestSource, test_source, UB_TYPE_LINK_SOURCE)

static void
test_source_class_init (TestSourceClass *klass)
{
}

static void
test_source_init (TestSource *self)
{
}

typedef struct
{
  guint       n;
  UbSighting *last;
} Seen;

static void
seen_cb (const UbSighting *sighting, gpointer user_data)
{
  Seen *seen = user_data;

  seen->n++;
  g_clear_pointer (&seen->last, ub_sighting_free);
  seen->last = ub_sighting_copy (sighting);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_sightings (void)
{
  g_autoptr (UbLinkSource) source = g_object_new (test_source_get_type (), NULL);
  UbSighting now = { .kind = UB_SIGHTING_PRELOADER,
                     .present = TRUE,
                     .port = (char *) "1-2",
                     .time_us = 1000 };
  Seen       seen = { 0 }, late = { 0 };
  guint      id = ub_link_source_subscribe (source, NULL, seen_cb, &seen);

  ub_link_source_tell (source, &now);
  now.access = UB_ACCESS_OK;
  now.time_us = 1500;
  ub_link_source_tell (source, &now); /* the same visit, more known */
  ub_link_source_subscribe (source, NULL, seen_cb, &late);
  settle ();
  g_assert_cmpuint (seen.n, ==, 2);
  g_assert_cmpuint (seen.last->appearances, ==, 1);
  g_assert_cmpuint (late.n, ==, 1);

  now.present = FALSE;
  now.time_us = 4000;
  ub_link_source_tell (source, &now);
  now.present = TRUE;
  now.time_us = 9000;
  ub_link_source_tell (source, &now);
  settle ();
  g_assert_cmpuint (seen.last->appearances, ==, 2);
  g_assert_cmpint (seen.last->last_us, ==, 3000);

  ub_link_source_unsubscribe (source, id);
  ub_link_source_tell (source, &now);
  settle ();
  g_assert_cmpuint (seen.n, ==, 4);
  g_assert_cmpuint (late.n, ==, 4);
  ub_sighting_free (seen.last);
  ub_sighting_free (late.last);
}

/* what is told, and what a person is told of it */
typedef struct
{
  UbSightingKind kind;
  gboolean       present;
  gint64         at_ms;
  guint          appearances;
  gint64         last_ms, away_ms;
} Visit;

static const Visit visits[] = {
  { UB_SIGHTING_PRELOADER, TRUE, 1000, 1, 0, 0 },
  { UB_SIGHTING_PRELOADER, TRUE, 1100, 1, 0, 0 }, /* more is known of it */
  { UB_SIGHTING_PRELOADER, FALSE, 3000, 1, 2000, 0 },
  { UB_SIGHTING_PRELOADER, FALSE, 3100, 1, 2000, 0 }, /* told twice */
  { UB_SIGHTING_ANDROID,
    TRUE,
    9000,
    1,
    2000,
    0 }, /* it starts, and is switched off: all that it was away */
  { UB_SIGHTING_ANDROID, FALSE, 20000, 1, 2000, 0 },
  { UB_SIGHTING_PRELOADER, TRUE, 23000, 2, 2000, 20000 },
  { UB_SIGHTING_PRELOADER, FALSE, 23500, 2, 500, 20000 },
  /* by keys: another visit, with another window */
  { UB_SIGHTING_BOOT_ROM, TRUE, 24500, 3, 500, 1000 },
  /* by a job: no visit, with a gap or without */
  { UB_SIGHTING_AGENT, TRUE, 30500, 3, 6000, 1000 },
  { UB_SIGHTING_AGENT, FALSE, 40500, 3, 6000, 1000 },
  { UB_SIGHTING_AGENT, TRUE, 41000, 3, 6000, 1000 },
  { UB_SIGHTING_AGENT, FALSE, 60000, 3, 6000, 1000 },
  /* nobody could talk to it, then the computer could; and without a word of its leaving */
  { UB_SIGHTING_BROKEN, TRUE, 61000, 3, 6000, 1000 },
  { UB_SIGHTING_PRELOADER, TRUE, 62500, 4, 6000, 32000 },
  { UB_SIGHTING_BOOT_ROM, TRUE, 63500, 5, 1000, 0 },
  { UB_SIGHTING_BOOT_ROM, FALSE, 64500, 5, 1000, 0 },
};

static void
test_visits (void)
{
  g_autoptr (UbLinkSource) source = g_object_new (test_source_get_type (), NULL);
  Seen seen = { 0 };

  ub_link_source_subscribe (source, NULL, seen_cb, &seen);
  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      const UbSighting now = { .kind = visits[i].kind,
                               .present = visits[i].present,
                               .port = (char *) "1-2",
                               .time_us = visits[i].at_ms * 1000 };

      g_test_message ("line %u", i);
      ub_link_source_tell (source, &now);
      settle ();
      g_assert_cmpuint (seen.last->appearances, ==, visits[i].appearances);
      g_assert_cmpint (seen.last->last_us, ==, visits[i].last_ms * 1000);
      g_assert_cmpint (seen.last->away_us, ==, visits[i].away_ms * 1000);
    }
  ub_sighting_free (seen.last);
}

/* Hours of a phone that comes and goes, each time at a port of another name, as in a sandbox without
 * sysfs: what is remembered does not grow. Those that are there stay known. */
static void
test_visits_for_ever (void)
{
  g_autoptr (UbLinkSource) source = g_object_new (test_source_get_type (), NULL);
  const UbSighting there = { .kind = UB_SIGHTING_ANDROID,
                             .present = TRUE,
                             .port = (char *) "9-9",
                             .time_us = 1 };
  const guint      n = 5000;
  Seen             seen = { 0 }, late = { 0 };
  struct mallinfo2 before = { 0 };

  ub_link_source_subscribe (source, NULL, seen_cb, &seen);
  ub_link_source_tell (source, &there);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *port = g_strdup_printf ("001-%03u", i);
      UbSighting now = { .kind = UB_SIGHTING_PRELOADER, .port = port, .time_us = 1000 + i * 1000 };

      now.present = TRUE;
      ub_link_source_tell (source, &now);
      now.present = FALSE;
      now.time_us += 10;
      ub_link_source_tell (source, &now);
      settle ();
      if (i == n / 5)
        before = mallinfo2 ();
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before.uordblks + 20000);
  g_assert_cmpuint (seen.n, ==, 1 + 2 * n);
  ub_link_source_subscribe (source, NULL, seen_cb, &late);
  settle ();
  g_assert_cmpuint (late.n, ==, 1);
  g_assert_cmpstr (late.last->port, ==, "9-9");
  ub_sighting_free (seen.last);
  ub_sighting_free (late.last);
}

static void
ignore (TestLink *link, const guint8 *data, gsize size, gpointer user_data)
{
}

/* a phone that never stops, one byte at a time and never silent for long */
static void
test_drain_ends (void)
{
  g_autoptr (UbLink) link = test_link_new (ignore, NULL, NULL);
  gsize n;

  for (guint i = 0; i < 1000; i++)
    test_link_say_at (TEST_LINK (link), i * 90 * 1000, "x", 1);
  n = ub_link_drain (link, 100);
  g_assert_cmpuint (n, >, 50);
  g_assert_cmpuint (n, <, 60);
  g_assert_cmpint (ub_link_now (link), <, 5200 * 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/replay/talk", test_replay);
  g_test_add_func ("/link/replay/difference", test_replay_difference);
  g_test_add_func ("/link/replay/silence", test_replay_silence);
  g_test_add_func ("/link/replay/blocks", test_replay_blocks);
  g_test_add_func ("/link/replay/seek", test_replay_seek);
  g_test_add_func ("/link/replay/nonsense", test_replay_nonsense);
  g_test_add_func ("/link/drain-ends", test_drain_ends);
  g_test_add_func ("/link/tap", test_tap);
  g_test_add_func ("/link/source/sightings", test_sightings);
  g_test_add_func ("/link/source/visits", test_visits);
  g_test_add_func ("/link/source/visits-for-ever", test_visits_for_ever);
  return g_test_run ();
}
