/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "engine/ub-guide-private.h"

#define S(seconds) ((gint64) ((seconds) * (double) G_USEC_PER_SEC))
#define START S (1000)

/* --- a phone at a port --- */

typedef struct
{
  UbGuide      *guide;
  gint64        now;
  UbGuideAdvice advice;
  guint         appearances;
  gint64        came_us;
  gint64        left_us;
} Bench;

static void
bench_open (Bench *bench)
{
  *bench = (Bench){ .guide = ub_guide_new (), .now = START };
}

static void
bench_close (Bench *bench)
{
  g_clear_pointer (&bench->guide, ub_guide_free);
}

/* at @seconds after the start */
static void
at (Bench *bench, double seconds)
{
  g_assert_cmpint (START + S (seconds), >=, bench->now);
  bench->now = START + S (seconds);
}

static void
check_words (const UbGuideAdvice *advice)
{
  const char *const texts[] = { advice->title, advice->text, advice->verdict };

  g_assert_nonnull (advice->title);
  g_assert_cmpint (g_utf8_strlen (advice->title, -1), >, 3);
  /* two lines of the panel, at most */
  g_assert_cmpint (g_utf8_strlen (advice->title, -1), <=, 56);
  g_assert_false (g_str_has_suffix (advice->title, "."));
  g_assert_cmpint (advice->picture, <, UB_GUIDE_N_PICTURES);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL)
      {
        g_autofree char *lower = g_utf8_strdown (texts[i], -1);

        g_assert_true (g_utf8_validate (texts[i], -1, NULL));
        g_assert_null (strstr (lower, "driver"));
        g_assert_null (strstr (lower, "device"));
        g_assert_cmpint (g_utf8_strlen (texts[i], -1), <=, 200);
        g_assert_true (i == 0 || g_str_has_suffix (texts[i], "."));
      }
}

static const UbGuideAdvice *
look (Bench *bench)
{
  ub_guide_get (bench->guide, bench->now, &bench->advice);
  check_words (&bench->advice);
  return &bench->advice;
}

static void
tell (Bench *bench, UbSighting sighting)
{
  sighting.time_us = bench->now;
  if (sighting.port == NULL)
    sighting.port = (char *) "1-2";
  ub_guide_see (bench->guide, &sighting);
}

/* as a source tells it, which counts */
static void
come (Bench *bench, UbSightingKind kind)
{
  gboolean counts = kind == UB_SIGHTING_BOOT_ROM || kind == UB_SIGHTING_PRELOADER;

  bench->appearances += counts ? 1 : 0;
  bench->came_us = bench->now;
  tell (bench,
        (UbSighting){ .kind = kind,
                      .present = TRUE,
                      .access = counts ? UB_ACCESS_OK : UB_ACCESS_UNKNOWN,
                      .appearances = bench->appearances,
                      .away_us = bench->left_us > 0 ? bench->now - bench->left_us : 0 });
}

static void
go (Bench *bench, UbSightingKind kind)
{
  tell (bench,
        (UbSighting){ .kind = kind,
                      .appearances = bench->appearances,
                      .last_us = bench->now - bench->came_us,
                      .away_us = bench->left_us > 0 ? bench->came_us - bench->left_us : 0 });
  bench->left_us = bench->now;
}

static void
visit (Bench *bench, UbSightingKind kind, double from, double to)
{
  at (bench, from);
  come (bench, kind);
  at (bench, to);
  go (bench, kind);
}

#define assert_picture(bench, expected) g_assert_cmpint (look (bench)->picture, ==, expected)

static gboolean
shows_keys (Bench *bench)
{
  UbGuidePicture picture = look (bench)->picture;

  return picture >= UB_GUIDE_VOLUME_DOWN && picture <= UB_GUIDE_VOLUME_UP_POWER;
}

/* --- what is seen, one by one --- */

static const struct
{
  UbSighting     sighting;
  UbGuidePicture picture;
  gboolean       has_text;
  guint          acts; /* while somebody waits */
} sightings[] = {
  { { .kind = UB_SIGHTING_BOOT_ROM, .access = UB_ACCESS_OK }, UB_GUIDE_PLUGGED, FALSE, 0 },
  { { .kind = UB_SIGHTING_PRELOADER, .access = UB_ACCESS_OK }, UB_GUIDE_PLUGGED, FALSE, 0 },
  { { .kind = UB_SIGHTING_AGENT, .access = UB_ACCESS_OK }, UB_GUIDE_PLUGGED, FALSE, 0 },
  { { .kind = UB_SIGHTING_PRELOADER, .access = UB_ACCESS_OK, .traits = UB_TRAIT_OWN_IDS },
    UB_GUIDE_PLUGGED,
    FALSE,
    0 },
  { { .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_MTP }, UB_GUIDE_ON, TRUE, UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_ADB | UB_TRAIT_TETHER },
    UB_GUIDE_ON,
    TRUE,
    UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_CHARGING },
    UB_GUIDE_POWER,
    TRUE,
    UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_FASTBOOT }, UB_GUIDE_POWER, TRUE, UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_META }, UB_GUIDE_POWER, TRUE, UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_RECOVERY, .traits = UB_TRAIT_ADB },
    UB_GUIDE_POWER,
    TRUE,
    UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_BROKEN, .fault = (char *) "error -71" }, UB_GUIDE_CABLE, TRUE, 0 },
  { { .kind = UB_SIGHTING_UNKNOWN }, UB_GUIDE_PLUGGED, TRUE, UB_GUIDE_ACT_NEXT },
  { { .kind = UB_SIGHTING_PRELOADER, .access = UB_ACCESS_DENIED },
    UB_GUIDE_LOCKED,
    TRUE,
    UB_GUIDE_ACT_PERMISSION },
  { { .kind = UB_SIGHTING_BOOT_ROM, .access = UB_ACCESS_DENIED },
    UB_GUIDE_LOCKED,
    TRUE,
    UB_GUIDE_ACT_PERMISSION },
  { { .kind = UB_SIGHTING_PRELOADER, .access = UB_ACCESS_BUSY }, UB_GUIDE_TROUBLE, TRUE, 0 },
};

static void
test_every_kind (void)
{
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (sightings); i++)
    {
      Bench      bench;
      UbSighting sighting = sightings[i].sighting;

      bench_open (&bench);
      sighting.present = TRUE;
      tell (&bench, sighting);
      assert_picture (&bench, sightings[i].picture);
      g_assert_cmpint (look (&bench)->text != NULL, ==, sightings[i].has_text);
      /* nobody waits: nothing to try, but access can be cured at any time */
      g_assert_cmpuint (look (&bench)->acts, ==, sightings[i].acts & UB_GUIDE_ACT_PERMISSION);

      /* a wait is begun, and it comes */
      sighting.present = FALSE;
      tell (&bench, sighting);
      ub_guide_begin (bench.guide, bench.now);
      at (&bench, 1);
      sighting.present = TRUE;
      tell (&bench, sighting);
      assert_picture (&bench, sightings[i].picture);
      g_assert_cmpuint (look (&bench)->acts, ==, sightings[i].acts);
      g_assert_null (look (&bench)->verdict);
      g_hash_table_add (titles, g_strdup (look (&bench)->title));

      /* one that is gone is forgotten */
      sighting.present = FALSE;
      tell (&bench, sighting);
      assert_picture (&bench, UB_GUIDE_AWAY);
      bench_close (&bench);
    }
  /* own ids, and what a phone offers, change nothing for a layman's hands */
  g_assert_cmpuint (g_hash_table_size (titles), ==, G_N_ELEMENTS (sightings) - 3);
}

static void
test_kind_names (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  UbSighting       on = { .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_MTP | UB_TRAIT_ADB };
  g_autofree char *name = NULL;

  for (int kind = 0; kind <= UB_SIGHTING_LAST; kind++)
    {
      UbSighting sighting = { .kind = (UbSightingKind) kind };
      char      *word = ub_guide_dup_kind (&sighting);

      g_assert_cmpuint (strlen (word), >, 3);
      g_hash_table_add (names, word);
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, UB_SIGHTING_LAST + 1);
  name = ub_guide_dup_kind (&on);
  g_assert_nonnull (strstr (name, "ADB"));
  g_assert_false (g_hash_table_contains (names, name));
}

static void
test_pictures (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < UB_GUIDE_N_PICTURES; i++)
    {
      const char *name = ub_guide_picture_get_name ((UbGuidePicture) i);

      g_assert_true (g_str_has_prefix (name, "ub-"));
      g_hash_table_add (names, (gpointer) name);
      g_hash_table_add (texts, (gpointer) ub_guide_picture_get_text ((UbGuidePicture) i));
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, UB_GUIDE_N_PICTURES);
  g_assert_cmpuint (g_hash_table_size (texts), ==, UB_GUIDE_N_PICTURES);
}

/* --- nothing comes --- */

static void
test_three_hints (void)
{
  const double         times[] = { 0, 14.9, 15, 29.9, 30, 59.9, 60 };
  const UbGuidePicture pictures[] = { UB_GUIDE_AWAY,  UB_GUIDE_AWAY,        UB_GUIDE_POWER,
                                      UB_GUIDE_POWER, UB_GUIDE_VOLUME_DOWN, UB_GUIDE_VOLUME_DOWN,
                                      UB_GUIDE_CABLE };
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  Bench bench;

  bench_open (&bench);
  assert_picture (&bench, UB_GUIDE_AWAY);
  g_assert_null (look (&bench)->text);
  g_assert_cmpint (ub_guide_get_next_change (bench.guide, bench.now), ==, G_MAXINT64);
  ub_guide_begin (bench.guide, bench.now);
  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      at (&bench, times[i]);
      assert_picture (&bench, pictures[i]);
      g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
      g_hash_table_add (texts, (gpointer) look (&bench)->text);
    }
  g_assert_cmpuint (g_hash_table_size (texts), ==, 4);

  ub_guide_end (bench.guide);
  assert_picture (&bench, UB_GUIDE_AWAY);
  g_assert_cmpuint (look (&bench)->acts, ==, 0);
  /* the next wait begins at the beginning */
  at (&bench, 75);
  ub_guide_begin (bench.guide, bench.now);
  assert_picture (&bench, UB_GUIDE_AWAY);
  bench_close (&bench);
}

/* whoever waits for hours is led through every way again and again */
static void
test_every_way (void)
{
  guint  seen = 0;
  gint64 change;
  Bench  bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < 30; i++)
    {
      seen |= 1u << look (&bench)->picture;
      change = ub_guide_get_next_change (bench.guide, bench.now);
      g_assert_cmpint (change, >, bench.now);
      g_assert_cmpint (change, <=, bench.now + S (60));
      bench.now = change;
    }
  for (int i = UB_GUIDE_VOLUME_DOWN; i <= UB_GUIDE_VOLUME_UP_POWER; i++)
    g_assert_cmpuint (seen & (1u << i), !=, 0);
  g_assert_cmpuint (seen & (1u << UB_GUIDE_CHARGE), !=, 0);

  /* a night, and the clock of another world */
  bench.now += S (86400);
  look (&bench);
  bench.now = G_MAXINT64 / 2;
  look (&bench);
  g_assert_cmpint (ub_guide_get_next_change (bench.guide, bench.now), >, bench.now);
  bench_close (&bench);
}

static void
test_next_by_hand (void)
{
  UbGuidePicture before;
  Bench          bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < 12; i++)
    {
      before = look (&bench)->picture;
      at (&bench, i + 1);
      ub_guide_next (bench.guide, bench.now);
      g_assert_cmpint (look (&bench)->picture, !=, before);
      /* only keys can have been asked in vain */
      g_assert_cmpint (look (&bench)->verdict != NULL,
                       ==,
                       before >= UB_GUIDE_VOLUME_DOWN && before <= UB_GUIDE_VOLUME_UP_POWER);
    }
  /* hands that are full get their time */
  before = look (&bench)->picture;
  at (&bench, 12 + 59);
  assert_picture (&bench, before);
  at (&bench, 12 + 60);
  g_assert_cmpint (look (&bench)->picture, !=, before);
  bench_close (&bench);
}

/* --- it comes and goes --- */

static void
test_third_visit (void)
{
  g_autofree char *count = NULL;
  const char      *title;
  Bench            bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  title = look (&bench)->title;
  g_assert_null (ub_guide_dup_count (bench.guide));
  visit (&bench, UB_SIGHTING_PRELOADER, 1, 3);
  assert_picture (&bench, UB_GUIDE_AWAY);
  visit (&bench, UB_SIGHTING_PRELOADER, 5, 7);
  assert_picture (&bench, UB_GUIDE_AWAY);
  g_assert_cmpstr (look (&bench)->title, ==, title);
  g_assert_cmpuint (look (&bench)->acts & UB_GUIDE_ACT_BATTERY, ==, 0);
  visit (&bench, UB_SIGHTING_PRELOADER, 9, 11.5);
  g_assert_true (shows_keys (&bench));
  g_assert_cmpstr (look (&bench)->title, !=, title);
  /* it leaves so soon that its battery may be the reason */
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT | UB_GUIDE_ACT_BATTERY);
  count = ub_guide_dup_count (bench.guide);
  g_assert_nonnull (strstr (count, "3"));
  g_assert_nonnull (strstr (count, "2.5") ? strstr (count, "2.5") : strstr (count, "2,5"));
  g_assert_nonnull (strstr (count, "2.0") ? strstr (count, "2.0") : strstr (count, "2,0"));

  /* visits of the last wait do not count in this one */
  ub_guide_end (bench.guide);
  at (&bench, 30);
  ub_guide_begin (bench.guide, bench.now);
  assert_picture (&bench, UB_GUIDE_AWAY);
  g_assert_null (ub_guide_dup_count (bench.guide));
  bench_close (&bench);
}

/* the session catches it each time, and loses it before it has answered: one wait */
static void
test_lost_each_time (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < 3; i++)
    {
      at (&bench, 4 * i + 1);
      come (&bench, UB_SIGHTING_PRELOADER);
      ub_guide_end (bench.guide);
      at (&bench, 4 * i + 3);
      go (&bench, UB_SIGHTING_PRELOADER);
      ub_guide_begin (bench.guide, bench.now);
    }
  g_assert_true (shows_keys (&bench));
  /* with keys it comes the same way, and is lost the same way */
  at (&bench, 20);
  come (&bench, UB_SIGHTING_PRELOADER);
  ub_guide_end (bench.guide);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  at (&bench, 22);
  go (&bench, UB_SIGHTING_PRELOADER);
  ub_guide_begin (bench.guide, bench.now);
  g_assert_true (shows_keys (&bench));
  g_assert_nonnull (look (&bench)->verdict);
  bench_close (&bench);
}

/* a phone that starts Android after each visit: counted, and told another way in */
static void
test_starts_past_us (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < 3; i++)
    {
      visit (&bench, UB_SIGHTING_PRELOADER, 20 * i + 1, 20 * i + 3);
      at (&bench, 20 * i + 10);
      come (&bench, UB_SIGHTING_ANDROID);
      if (i < 2)
        assert_picture (&bench, UB_GUIDE_ON);
      else
        g_assert_true (shows_keys (&bench));
      at (&bench, 20 * i + 15);
      go (&bench, UB_SIGHTING_ANDROID);
    }
  bench_close (&bench);
}

/* --- keys --- */

static void
go_to_keys (Bench *bench)
{
  ub_guide_begin (bench->guide, bench->now);
  at (bench, 31);
  g_assert_true (shows_keys (bench));
}

static void
test_keys_boot_rom (void)
{
  Bench bench;

  bench_open (&bench);
  go_to_keys (&bench);
  at (&bench, 35);
  come (&bench, UB_SIGHTING_BOOT_ROM);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  g_assert_nonnull (look (&bench)->verdict);
  /* caught: still to be said, until it leaves */
  ub_guide_end (bench.guide);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  at (&bench, 40);
  go (&bench, UB_SIGHTING_BOOT_ROM);
  g_assert_null (look (&bench)->verdict);
  bench_close (&bench);
}

/* the session may be quicker than the news */
static void
test_keys_late_news (void)
{
  Bench bench;

  bench_open (&bench);
  go_to_keys (&bench);
  ub_guide_end (bench.guide);
  at (&bench, 31.2);
  come (&bench, UB_SIGHTING_BOOT_ROM);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  at (&bench, 33);
  go (&bench, UB_SIGHTING_BOOT_ROM);
  /* this belongs to the job, not to the keys */
  come (&bench, UB_SIGHTING_AGENT);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  g_assert_null (look (&bench)->verdict);
  at (&bench, 60);
  go (&bench, UB_SIGHTING_AGENT);
  come (&bench, UB_SIGHTING_ANDROID);
  g_assert_null (look (&bench)->verdict);
  bench_close (&bench);
}

static void
test_keys_preloader (void)
{
  const char *enough, *missed, *started;
  Bench       bench;

  bench_open (&bench);
  go_to_keys (&bench);
  at (&bench, 35);
  come (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  enough = look (&bench)->verdict;
  g_assert_nonnull (enough);
  at (&bench, 37);
  go (&bench, UB_SIGHTING_PRELOADER);
  missed = look (&bench)->verdict;
  g_assert_nonnull (missed);
  g_assert_cmpstr (missed, !=, enough);
  g_assert_true (shows_keys (&bench));
  at (&bench, 42);
  come (&bench, UB_SIGHTING_ANDROID);
  started = look (&bench)->verdict;
  g_assert_nonnull (started);
  g_assert_cmpstr (started, !=, missed);

  /* "that did nothing", with the phone still on: the next keys, at once */
  ub_guide_next (bench.guide, bench.now);
  g_assert_true (shows_keys (&bench));
  g_assert_cmpint (look (&bench)->picture, !=, UB_GUIDE_VOLUME_DOWN);
  bench_close (&bench);
}

/* without keys being asked there is nothing to judge */
static void
test_no_verdict (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  visit (&bench, UB_SIGHTING_BOOT_ROM, 1, 2);
  g_assert_null (look (&bench)->verdict);
  at (&bench, 3);
  come (&bench, UB_SIGHTING_PRELOADER);
  g_assert_null (look (&bench)->verdict);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  bench_close (&bench);
}

/* the keys in hand stay what they are while a phone that is on is unplugged for them */
static void
test_keys_stay (void)
{
  UbGuidePicture keys;
  Bench          bench;

  bench_open (&bench);
  go_to_keys (&bench);
  keys = look (&bench)->picture;
  at (&bench, 50);
  come (&bench, UB_SIGHTING_ANDROID);
  at (&bench, 500);
  go (&bench, UB_SIGHTING_ANDROID);
  assert_picture (&bench, keys);
  at (&bench, 529);
  assert_picture (&bench, keys);
  bench_close (&bench);

  /* without keys, a wait that was held up begins again */
  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  at (&bench, 20);
  come (&bench, UB_SIGHTING_ANDROID);
  at (&bench, 500);
  go (&bench, UB_SIGHTING_ANDROID);
  assert_picture (&bench, UB_GUIDE_AWAY);
  at (&bench, 515);
  assert_picture (&bench, UB_GUIDE_POWER);
  bench_close (&bench);
}

static void
test_phone_is_known (void)
{
  UbGuideWays plain, patched, nobody;

  ub_guide_ways_find (NULL, NULL, &plain);
  g_assert_cmpuint (plain.n, ==, 5);
  g_assert_cmpint (plain.keys[0], ==, UB_GUIDE_VOLUME_DOWN);
  ub_guide_ways_find ("no such chip", "no such model", &nobody);
  g_assert_cmpmem (&plain, sizeof plain, &nobody, sizeof nobody);
  ub_guide_ways_find ("MT6789", NULL, &patched);
  g_assert_cmpint (patched.keys[0], ==, UB_GUIDE_PLUGGED);
  g_assert_cmpuint (patched.n, ==, 6);
}

/* what is known of a phone comes first, and no other way is lost for it */
static void
test_models (void)
{
  UbGuideWays ways;

  ub_guide_ways_find ("MT6833", "oppo6833", &ways);
  g_assert_cmpint (ways.keys[0], ==, UB_GUIDE_VOLUME_BOTH);
  g_assert_cmpuint (ways.n, ==, 5);
  ub_guide_ways_find ("MT6768", "RMX2191", &ways);
  g_assert_cmpint (ways.keys[0], ==, UB_GUIDE_VOLUME_BOTH);
  /* where the boot ROM is of no use, the maker's keys are not either */
  ub_guide_ways_find ("MT6789", "RMX3630", &ways);
  g_assert_cmpint (ways.keys[0], ==, UB_GUIDE_PLUGGED);
  ub_guide_ways_find ("MT6765V/WB", "k65v1_64_bsp", &ways);
  g_assert_cmpint (ways.keys[0], ==, UB_GUIDE_VOLUME_DOWN);
  ub_guide_ways_find ("", "", &ways);
  g_assert_cmpuint (ways.n, ==, 5);
  ub_guide_ways_find ("*", "*?abc\xfd", &ways);
  g_assert_cmpuint (ways.n, ==, 5);
}

/* every way of the table is one of ours, and none is lost */
static void
test_table (void)
{
  const char *const chips[] = { NULL, "MT6572", "MT6580", "MT6765", "MT6768", "MT6781", "MT6983" };

  for (gsize i = 0; i < G_N_ELEMENTS (chips); i++)
    {
      UbGuideWays ways;
      guint       all = 0;

      ub_guide_ways_find (chips[i], NULL, &ways);
      g_assert_cmpuint (ways.n, >=, 5);
      g_assert_cmpuint (ways.n, <=, UB_GUIDE_MAX_WAYS);
      for (guint k = 0; k < ways.n; k++)
        {
          g_assert_cmpuint (all & (1u << ways.keys[k]), ==, 0);
          all |= 1u << ways.keys[k];
        }
    }
}

static void
test_phone_learned_late (void)
{
  Bench bench;

  bench_open (&bench);
  go_to_keys (&bench);
  ub_guide_set_phone (bench.guide, "MT6983", NULL);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  ub_guide_set_phone (bench.guide, "MT6983", NULL);
  for (guint i = 0; i < 20; i++)
    {
      ub_guide_next (bench.guide, bench.now);
      look (&bench);
      ub_guide_set_phone (bench.guide, i % 2 != 0 ? "MT6983" : NULL, NULL);
      look (&bench);
    }
  bench_close (&bench);
}

/* --- battery --- */

static void
test_battery_removable (void)
{
  const UbGuidePicture dance[] = { UB_GUIDE_BATTERY_OUT,
                                   UB_GUIDE_BATTERY_IN,
                                   UB_GUIDE_BATTERY_OUT };
  const char          *last = NULL;
  Bench                bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  g_assert_cmpuint (look (&bench)->acts & UB_GUIDE_ACT_BATTERY, ==, 0);
  ub_guide_set_request (bench.guide, UB_REQUEST_BATTERY, bench.now);
  assert_picture (&bench, UB_GUIDE_POWER);
  g_assert_cmpuint (look (&bench)->acts & UB_GUIDE_ACT_BATTERY, !=, 0);
  ub_guide_set_battery (bench.guide, UB_GUIDE_BATTERY_REMOVABLE, bench.now);
  for (gsize i = 0; i < G_N_ELEMENTS (dance); i++)
    {
      assert_picture (&bench, dance[i]);
      g_assert_cmpstr (look (&bench)->text, !=, last);
      g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
      last = look (&bench)->text;
      ub_guide_next (bench.guide, bench.now);
    }
  /* and then keys */
  g_assert_true (shows_keys (&bench));
  bench_close (&bench);
}

static void
test_battery_fixed (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  ub_guide_set_request (bench.guide, UB_REQUEST_BATTERY, bench.now);
  ub_guide_set_battery (bench.guide, UB_GUIDE_BATTERY_FIXED, bench.now);
  assert_picture (&bench, UB_GUIDE_POWER);
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
  ub_guide_next (bench.guide, bench.now);
  assert_picture (&bench, UB_GUIDE_CHARGE);
  ub_guide_next (bench.guide, bench.now);
  g_assert_true (shows_keys (&bench));
  /* it was answered: the next trouble does not ask again */
  ub_guide_set_request (bench.guide, UB_REQUEST_NONE, bench.now);
  ub_guide_set_request (bench.guide, UB_REQUEST_BATTERY, bench.now);
  assert_picture (&bench, UB_GUIDE_POWER);
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
  bench_close (&bench);
}

/* dumb on the cable: the picture is of the battery, not of a phone that is ready; until it comes anew */
static void
test_battery_dumb (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  at (&bench, 2);
  come (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  at (&bench, 9);
  ub_guide_set_request (bench.guide, UB_REQUEST_BATTERY, bench.now);
  assert_picture (&bench, UB_GUIDE_POWER);
  at (&bench, 12);
  go (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_POWER);
  at (&bench, 30);
  come (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  bench_close (&bench);
}

static void
test_battery_left_soon (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  visit (&bench, UB_SIGHTING_BOOT_ROM, 2, 6);
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
  ub_guide_end (bench.guide);
  ub_guide_set_request (bench.guide, UB_REQUEST_GO_ON, bench.now);
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT | UB_GUIDE_ACT_BATTERY);
  bench_close (&bench);

  /* one that stayed has no such symptom */
  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  visit (&bench, UB_SIGHTING_BOOT_ROM, 2, 62);
  ub_guide_end (bench.guide);
  ub_guide_set_request (bench.guide, UB_REQUEST_GO_ON, bench.now);
  g_assert_cmpuint (look (&bench)->acts, ==, UB_GUIDE_ACT_NEXT);
  bench_close (&bench);
}

/* --- what the session asks for --- */

static void
test_requests (void)
{
  Bench bench;

  for (int request = 0; request <= UB_REQUEST_LAST; request++)
    {
      bench_open (&bench);
      ub_guide_set_request (bench.guide, (UbRequest) request, bench.now);
      look (&bench);
      ub_guide_begin (bench.guide, bench.now);
      ub_guide_set_request (bench.guide, UB_REQUEST_NONE, bench.now);
      ub_guide_set_request (bench.guide, (UbRequest) request, bench.now);
      look (&bench);
      g_assert_nonnull (bench.advice.text);
      bench_close (&bench);
    }

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  ub_guide_set_request (bench.guide, UB_REQUEST_HOLD_KEY, bench.now);
  g_assert_true (shows_keys (&bench));
  at (&bench, 3);
  come (&bench, UB_SIGHTING_BOOT_ROM);
  ub_guide_end (bench.guide);
  ub_guide_set_request (bench.guide, UB_REQUEST_RELEASE_KEYS, bench.now);
  assert_picture (&bench, UB_GUIDE_LET_GO);
  g_assert_nonnull (look (&bench)->verdict);
  bench_close (&bench);

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  at (&bench, 1);
  come (&bench, UB_SIGHTING_PRELOADER);
  ub_guide_set_request (bench.guide, UB_REQUEST_OTHER_PHONE, bench.now);
  assert_picture (&bench, UB_GUIDE_TROUBLE);
  at (&bench, 2);
  go (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_AWAY);
  at (&bench, 4);
  come (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  bench_close (&bench);

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  at (&bench, 1);
  come (&bench, UB_SIGHTING_PRELOADER);
  at (&bench, 5);
  ub_guide_set_request (bench.guide, UB_REQUEST_REPLUG, bench.now);
  assert_picture (&bench, UB_GUIDE_POWER);
  bench_close (&bench);
}

/* --- who holds it --- */

static const struct
{
  const char *holder;
  guint       acts;
  const char *mentions; /* (nullable) */
} holders[] = {
  { NULL, 0, NULL },
  { "ModemManager", UB_GUIDE_ACT_PERMISSION, "ModemManager" },
  { "brltty", 0, "systemctl stop brltty" },
  { "adb", 0, "adb kill-server" },
  { "flash_tool", 0, "flash_tool" },
};

static void
test_busy (void)
{
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (holders); i++)
    {
      const char *name = holders[i / 2].holder;
      Bench       bench;

      bench_open (&bench);
      ub_guide_begin (bench.guide, bench.now);
      tell (&bench,
            (UbSighting){ .kind = UB_SIGHTING_PRELOADER,
                          .access = UB_ACCESS_BUSY,
                          .present = TRUE,
                          .holder = (char *) name,
                          .holder_is_guess = i % 2 != 0 });
      assert_picture (&bench, UB_GUIDE_TROUBLE);
      g_assert_cmpuint (look (&bench)->acts, ==, holders[i / 2].acts);
      if (name != NULL)
        g_assert_nonnull (strstr (look (&bench)->text, holders[i / 2].mentions));
      bench_close (&bench);
    }
}

/* the rule is put in place: the same phone, told again */
static void
test_denied_is_cured (void)
{
  UbSighting sighting = { .kind = UB_SIGHTING_PRELOADER,
                          .access = UB_ACCESS_DENIED,
                          .present = TRUE };
  Bench      bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  at (&bench, 16);
  tell (&bench, sighting);
  assert_picture (&bench, UB_GUIDE_LOCKED);
  at (&bench, 100);
  assert_picture (&bench, UB_GUIDE_LOCKED);
  sighting.access = UB_ACCESS_OK;
  tell (&bench, sighting);
  assert_picture (&bench, UB_GUIDE_PLUGGED);
  bench_close (&bench);
}

/* --- several ports --- */

/* from the least to the most useful */
static const UbSighting worth[] = {
  { .port = (char *) "1-1", .kind = UB_SIGHTING_UNKNOWN },
  { .port = (char *) "1-2", .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_MTP },
  { .port = (char *) "1-3", .kind = UB_SIGHTING_FASTBOOT },
  { .port = (char *) "1-4", .kind = UB_SIGHTING_BROKEN },
  { .port = (char *) "2-1", .kind = UB_SIGHTING_PRELOADER, .access = UB_ACCESS_DENIED },
  { .port = (char *) "2-2", .kind = UB_SIGHTING_BOOT_ROM, .access = UB_ACCESS_OK },
};

static void
tell_worth (Bench *bench, guint i, gboolean present)
{
  UbSighting sighting = worth[i];

  sighting.present = present;
  bench->now += S (0.1);
  tell (bench, sighting);
}

static void
test_several_ports (void)
{
  const char *titles[G_N_ELEMENTS (worth)];
  Bench       bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < G_N_ELEMENTS (worth); i++)
    {
      tell_worth (&bench, i, TRUE);
      titles[i] = look (&bench)->title;
      if (i > 0)
        g_assert_cmpstr (titles[i], !=, titles[i - 1]);
    }
  for (guint i = G_N_ELEMENTS (worth); i-- > 1;)
    {
      tell_worth (&bench, i, FALSE);
      g_assert_cmpstr (look (&bench)->title, ==, titles[i - 1]);
    }
  tell_worth (&bench, 0, FALSE);
  assert_picture (&bench, UB_GUIDE_AWAY);
  /* and whatever comes after the best */
  for (guint i = G_N_ELEMENTS (worth); i-- > 0;)
    {
      tell_worth (&bench, i, TRUE);
      g_assert_cmpstr (look (&bench)->title, ==, titles[G_N_ELEMENTS (worth) - 1]);
    }
  bench_close (&bench);
}

/* the phone in hand is the one that came last */
static void
test_two_alike (void)
{
  UbSighting first = { .kind = UB_SIGHTING_ANDROID, .traits = UB_TRAIT_MTP, .present = TRUE };
  UbSighting second = { .kind = UB_SIGHTING_ANDROID,
                        .traits = UB_TRAIT_CHARGING,
                        .present = TRUE,
                        .port = (char *) "2-1" };
  Bench      bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  tell (&bench, first);
  at (&bench, 1);
  tell (&bench, second);
  assert_picture (&bench, UB_GUIDE_POWER);
  at (&bench, 2);
  second.present = FALSE;
  tell (&bench, second);
  assert_picture (&bench, UB_GUIDE_ON);
  bench_close (&bench);
}

/* a card with the chip maker's numbers that is built in must not hold the advice up */
static void
test_furniture (void)
{
  UbSighting card = { .kind = UB_SIGHTING_UNKNOWN, .present = TRUE, .port = (char *) "3-1" };
  UbSighting broken = { .kind = UB_SIGHTING_BROKEN, .present = TRUE, .port = (char *) "3-2" };
  Bench      bench;

  bench_open (&bench);
  tell (&bench, card);
  g_assert_nonnull (look (&bench)->text);
  at (&bench, 100);
  ub_guide_begin (bench.guide, bench.now);
  assert_picture (&bench, UB_GUIDE_AWAY);
  at (&bench, 115);
  assert_picture (&bench, UB_GUIDE_POWER);
  /* one that comes while we wait may be the phone, for a while */
  at (&bench, 120);
  tell (&bench, broken);
  assert_picture (&bench, UB_GUIDE_CABLE);
  at (&bench, 179);
  assert_picture (&bench, UB_GUIDE_CABLE);
  g_assert_cmpint (ub_guide_get_next_change (bench.guide, bench.now), ==, START + S (180));
  at (&bench, 180);
  assert_picture (&bench, UB_GUIDE_POWER);
  bench_close (&bench);
}

static void
test_source_changes (void)
{
  Bench bench;

  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  come (&bench, UB_SIGHTING_ANDROID);
  ub_guide_see (bench.guide, NULL);
  assert_picture (&bench, UB_GUIDE_AWAY);
  g_assert_null (ub_guide_dup_count (bench.guide));
  bench_close (&bench);
}

/* --- whatever happens --- */

static gboolean
same_advice (const UbGuideAdvice *a, const UbGuideAdvice *b)
{
  return a->picture == b->picture && a->acts == b->acts && g_strcmp0 (a->title, b->title) == 0 &&
         g_strcmp0 (a->text, b->text) == 0 && g_strcmp0 (a->verdict, b->verdict) == 0;
}

/* nothing changes before the time that was promised, and something is said at any time */
static void
check_promise (Bench *bench, GRand *rand)
{
  UbGuideAdvice    first = *look (bench);
  g_autofree char *text = g_strdup (first.text);
  gint64           change = ub_guide_get_next_change (bench->guide, bench->now);
  gint64           latest = MIN (change - 1, bench->now + S (200));

  first.text = text;
  g_assert_cmpint (change, >, bench->now);
  bench->now = g_rand_boolean (rand)
                   ? latest
                   : bench->now + (gint64) (g_rand_double (rand) * (double) (latest - bench->now));
  g_assert_true (same_advice (&first, look (bench)));
}

static void
random_event (Bench *bench, GRand *rand)
{
  const char *const ports[] = { "1-1", "1-2", "2-1", NULL };
  const char *const names[] = { NULL, "ModemManager", "brltty", "adb", "x", "%s%n" };
  UbSighting        sighting = {
           .kind = (UbSightingKind) g_rand_int_range (rand, 0, UB_SIGHTING_LAST + 1),
           .access = (UbAccess) g_rand_int_range (rand, 0, UB_ACCESS_BUSY + 1),
           .present = g_rand_boolean (rand),
           .port = (char *) ports[g_rand_int_range (rand, 0, G_N_ELEMENTS (ports))],
           .holder = (char *) names[g_rand_int_range (rand, 0, G_N_ELEMENTS (names))],
           .holder_is_guess = g_rand_boolean (rand),
           .traits = g_rand_int (rand),
           .appearances = (guint) g_rand_int_range (rand, 0, 9),
           .last_us = g_rand_int_range (rand, 0, 9000000),
           .away_us = g_rand_int_range (rand, -5, 9000000),
           .time_us = bench->now + g_rand_int_range (rand, -1000000, 1000000),
  };

  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0:
      ub_guide_begin (bench->guide, bench->now);
      break;
    case 1:
      ub_guide_end (bench->guide);
      break;
    case 2:
      ub_guide_set_request (bench->guide,
                            (UbRequest) g_rand_int_range (rand, 0, UB_REQUEST_LAST + 1),
                            bench->now);
      break;
    case 3:
      ub_guide_next (bench->guide, bench->now);
      break;
    case 4:
      ub_guide_set_battery (bench->guide,
                            (UbGuideBattery) g_rand_int_range (rand, 0, 3),
                            bench->now);
      break;
    case 5:
      ub_guide_set_phone (bench->guide,
                          g_rand_boolean (rand) ? "MT6789" : NULL,
                          g_rand_boolean (rand) ? "k62v1" : NULL);
      break;
    case 6:
      if (g_rand_int_range (rand, 0, 4) == 0)
        ub_guide_see (bench->guide, NULL);
      break;
    default:
      ub_guide_see (bench->guide, &sighting);
      /* a source's clock may be a little ahead of ours */
      bench->now = MAX (bench->now, sighting.time_us);
      break;
    }
}

static void
test_random_walk (void)
{
  for (guint32 seed = 0; seed < 60; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      Bench bench;

      bench_open (&bench);
      for (guint i = 0; i < 400; i++)
        {
          g_autofree char *count = NULL;

          random_event (&bench, rand);
          check_promise (&bench, rand);
          count = ub_guide_dup_count (bench.guide);
        }
      bench_close (&bench);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/every-kind", test_every_kind);
  g_test_add_func ("/guide/kind-names", test_kind_names);
  g_test_add_func ("/guide/pictures", test_pictures);
  g_test_add_func ("/guide/three-hints", test_three_hints);
  g_test_add_func ("/guide/every-way", test_every_way);
  g_test_add_func ("/guide/next-by-hand", test_next_by_hand);
  g_test_add_func ("/guide/third-visit", test_third_visit);
  g_test_add_func ("/guide/lost-each-time", test_lost_each_time);
  g_test_add_func ("/guide/starts-past-us", test_starts_past_us);
  g_test_add_func ("/guide/keys/boot-rom", test_keys_boot_rom);
  g_test_add_func ("/guide/keys/late-news", test_keys_late_news);
  g_test_add_func ("/guide/keys/preloader", test_keys_preloader);
  g_test_add_func ("/guide/keys/no-verdict", test_no_verdict);
  g_test_add_func ("/guide/keys/stay", test_keys_stay);
  g_test_add_func ("/guide/keys/phone-is-known", test_phone_is_known);
  g_test_add_func ("/guide/keys/models", test_models);
  g_test_add_func ("/guide/keys/table", test_table);
  g_test_add_func ("/guide/keys/phone-learned-late", test_phone_learned_late);
  g_test_add_func ("/guide/battery/removable", test_battery_removable);
  g_test_add_func ("/guide/battery/fixed", test_battery_fixed);
  g_test_add_func ("/guide/battery/dumb", test_battery_dumb);
  g_test_add_func ("/guide/battery/left-soon", test_battery_left_soon);
  g_test_add_func ("/guide/requests", test_requests);
  g_test_add_func ("/guide/busy", test_busy);
  g_test_add_func ("/guide/denied-is-cured", test_denied_is_cured);
  g_test_add_func ("/guide/several-ports", test_several_ports);
  g_test_add_func ("/guide/two-alike", test_two_alike);
  g_test_add_func ("/guide/furniture", test_furniture);
  g_test_add_func ("/guide/source-changes", test_source_changes);
  g_test_add_func ("/guide/random-walk", test_random_walk);
  return g_test_run ();
}
