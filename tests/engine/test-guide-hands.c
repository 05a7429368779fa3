/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-guide.h"

/* what hands are told to do with keys and battery, and what comes of it */

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
  at (&bench, 20);
  come (&bench, UB_SIGHTING_PRELOADER);
  ub_guide_set_request (bench.guide, UB_REQUEST_OTHER_PHONE, bench.now);
  assert_picture (&bench, UB_GUIDE_TROUBLE);
  at (&bench, 21);
  go (&bench, UB_SIGHTING_PRELOADER);
  assert_picture (&bench, UB_GUIDE_AWAY);
  at (&bench, 24);
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
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
  return g_test_run ();
}
