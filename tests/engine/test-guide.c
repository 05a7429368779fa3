/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-guide.h"

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

/* it came back so soon that "0.0 s between" would be said */
static void
test_count_at_once (void)
{
  const UbSighting sighting = { .kind = UB_SIGHTING_PRELOADER,
                                .present = TRUE,
                                .port = (char *) "1-1",
                                .appearances = 2,
                                .last_us = 2500000,
                                .away_us = 20000,
                                .time_us = G_USEC_PER_SEC };
  UbGuide         *guide = ub_guide_new ();
  g_autofree char *count = NULL;

  ub_guide_begin (guide, 1);
  ub_guide_see (guide, &sighting);
  count = ub_guide_dup_count (guide);
  g_assert_nonnull (strstr (count, "2.5"));
  g_assert_null (strstr (count, "0.0"));
  ub_guide_free (guide);
}

/* what is said of keys before it is their turn is what will be said then */
static void
test_keys_text (void)
{
  UbGuide *guide = ub_guide_new ();

  g_assert_nonnull (strstr (ub_guide_get_keys_text (guide), "Hold volume down,"));
  ub_guide_set_phone (guide, "MT6768", "RMX2193");
  g_assert_nonnull (strstr (ub_guide_get_keys_text (guide), "both volume keys"));
  ub_guide_set_phone (guide, "MT6789", NULL);
  g_assert_nonnull (strstr (ub_guide_get_keys_text (guide), "without any key"));
  ub_guide_free (guide);
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
  { "option", 0, "(option)" },
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

static const UbGuidePicture worth_pictures[] = {
  UB_GUIDE_PLUGGED, UB_GUIDE_ON, UB_GUIDE_POWER, UB_GUIDE_CABLE, UB_GUIDE_LOCKED, UB_GUIDE_PLUGGED,
};

static void
test_several_ports (void)
{
  const guint n = G_N_ELEMENTS (worth);
  Bench       bench;

  /* the better one is spoken of as soon as it comes */
  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = 0; i < n; i++)
    {
      tell_worth (&bench, i, TRUE);
      assert_picture (&bench, worth_pictures[i]);
    }
  bench_close (&bench);

  /* and the next best when it is gone */
  bench_open (&bench);
  ub_guide_begin (bench.guide, bench.now);
  for (guint i = n; i-- > 0;)
    {
      tell_worth (&bench, i, TRUE);
      assert_picture (&bench, worth_pictures[n - 1]);
      g_assert_null (look (&bench)->text);
    }
  for (guint i = n; i-- > 1;)
    {
      tell_worth (&bench, i, FALSE);
      assert_picture (&bench, worth_pictures[i - 1]);
    }
  tell_worth (&bench, 0, FALSE);
  assert_picture (&bench, UB_GUIDE_AWAY);
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

/* somebody's own phone at the charger, and the broken one beside it */
static void
test_own_phone (void)
{
  UbSighting own = { .kind = UB_SIGHTING_ANDROID,
                     .traits = UB_TRAIT_MTP,
                     .present = TRUE,
                     .port = (char *) "3-1" };
  Bench      bench;

  bench_open (&bench);
  tell (&bench, own);
  at (&bench, 1);
  ub_guide_begin (bench.guide, bench.now);
  /* it may be the one */
  assert_picture (&bench, UB_GUIDE_ON);
  visit (&bench, UB_SIGHTING_PRELOADER, 5, 7);
  /* it is not */
  assert_picture (&bench, UB_GUIDE_AWAY);
  at (&bench, 8);
  come (&bench, UB_SIGHTING_ANDROID);
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
  g_test_add_func ("/guide/busy", test_busy);
  g_test_add_func ("/guide/denied-is-cured", test_denied_is_cured);
  g_test_add_func ("/guide/several-ports", test_several_ports);
  g_test_add_func ("/guide/two-alike", test_two_alike);
  g_test_add_func ("/guide/count-at-once", test_count_at_once);
  g_test_add_func ("/guide/keys-text", test_keys_text);
  g_test_add_func ("/guide/own-phone", test_own_phone);
  g_test_add_func ("/guide/furniture", test_furniture);
  g_test_add_func ("/guide/source-changes", test_source_changes);
  g_test_add_func ("/guide/random-walk", test_random_walk);
  return g_test_run ();
}
