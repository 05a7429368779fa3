/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "engine/ub-aftermath.h"

#define START (1000 * (gint64) G_USEC_PER_SEC)

/* one thing that happens: at so many seconds something comes, or (kind NOTHING) the last one goes */
typedef struct
{
  double         seconds;
  UbSightingKind kind;
  guint          traits;
} Event;

/* how a phone behaves after it was let go, and what is said of it after each event; shared/facts/troubles.md 30 */
typedef struct
{
  const char     *name;
  Event           events[12];
  UbAftermathKind last; /* after the last event */
  UbAftermathKind end;  /* when the three minutes are over */
} Script;

#define P(at)                                                                                      \
  {                                                                                                \
    (at), UB_SIGHTING_PRELOADER, 0                                                                 \
  }
#define GONE(at)                                                                                   \
  {                                                                                                \
    (at), UB_SIGHTING_NOTHING, 0                                                                   \
  }

static const Script scripts[] = {
  { "silent", { { 0 } }, UB_AFTERMATH_WATCHING, UB_AFTERMATH_SILENT },
  { "starts",
    { P (2), GONE (4), { 40, UB_SIGHTING_ANDROID, UB_TRAIT_MTP } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "starts-with-adb",
    { { 60, UB_SIGHTING_ANDROID, UB_TRAIT_ADB } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "preloader-once", { P (2), GONE (4) }, UB_AFTERMATH_WATCHING, UB_AFTERMATH_SILENT },
  { "preloader-three-times",
    { P (2), GONE (4), P (10), GONE (12), P (20), GONE (22) },
    UB_AFTERMATH_WATCHING,
    UB_AFTERMATH_SILENT },
  { "loops",
    { P (2), GONE (4), P (10), GONE (12), P (20), GONE (22), P (30), GONE (32) },
    UB_AFTERMATH_LOOPS,
    UB_AFTERMATH_LOOPS },
  { "loops-and-starts",
    { P (2),
      GONE (4),
      P (10),
      GONE (12),
      P (20),
      GONE (22),
      P (30),
      GONE (32),
      { 90, UB_SIGHTING_ANDROID, UB_TRAIT_MTP } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "charges",
    { P (2), GONE (4), { 9, UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING } },
    UB_AFTERMATH_CHARGING,
    UB_AFTERMATH_CHARGING },
  { "charges-then-offers-files",
    { { 9, UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING },
      { 90, UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING | UB_TRAIT_MTP } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "recovery",
    { P (2), GONE (4), { 20, UB_SIGHTING_RECOVERY, UB_TRAIT_ADB } },
    UB_AFTERMATH_RECOVERY,
    UB_AFTERMATH_RECOVERY },
  { "recovery-then-android",
    { { 20, UB_SIGHTING_RECOVERY, 0 },
      GONE (60),
      P (62),
      GONE (64),
      { 100, UB_SIGHTING_ANDROID, UB_TRAIT_MTP } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "recovery-then-nothing",
    { { 20, UB_SIGHTING_RECOVERY, 0 }, GONE (60), P (62), GONE (64) },
    UB_AFTERMATH_WATCHING,
    UB_AFTERMATH_SILENT },
  { "fastboot", { { 20, UB_SIGHTING_FASTBOOT, 0 } }, UB_AFTERMATH_FASTBOOT, UB_AFTERMATH_FASTBOOT },
  { "meta", { { 20, UB_SIGHTING_META, 0 } }, UB_AFTERMATH_META, UB_AFTERMATH_META },
  { "boot-rom", { { 3, UB_SIGHTING_BOOT_ROM, 0 } }, UB_AFTERMATH_BOOT_ROM, UB_AFTERMATH_BOOT_ROM },
  { "boot-rom-keys-held",
    { { 3, UB_SIGHTING_BOOT_ROM, 0 },
      GONE (10),
      P (12),
      GONE (14),
      { 50, UB_SIGHTING_ANDROID, UB_TRAIT_MTP } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "broken", { { 20, UB_SIGHTING_BROKEN, 0 } }, UB_AFTERMATH_BROKEN, UB_AFTERMATH_BROKEN },
  { "unknown", { { 20, UB_SIGHTING_UNKNOWN, 0 } }, UB_AFTERMATH_CHARGING, UB_AFTERMATH_CHARGING },
  { "after-android-nothing-counts",
    { { 20, UB_SIGHTING_ANDROID, UB_TRAIT_MTP }, GONE (30), { 40, UB_SIGHTING_FASTBOOT, 0 } },
    UB_AFTERMATH_STARTED,
    UB_AFTERMATH_STARTED },
  { "too-late",
    { { 181, UB_SIGHTING_ANDROID, UB_TRAIT_MTP } },
    UB_AFTERMATH_SILENT,
    UB_AFTERMATH_SILENT },
};

static void
see (UbAftermath *aftermath, const char *port, gint64 now, UbSightingKind kind, guint traits)
{
  UbSighting sighting = { .kind = kind,
                          .present = kind != UB_SIGHTING_NOTHING,
                          .traits = traits,
                          .port = (char *) port,
                          .time_us = now };

  ub_aftermath_see (aftermath, &sighting);
}

static void
test_script (gconstpointer data)
{
  const Script *script = data;
  g_autoptr (UbAftermath) aftermath = ub_aftermath_new ("1-2", START);
  gint64 now = START;

  g_assert_cmpint (ub_aftermath_judge (aftermath, START), ==, UB_AFTERMATH_WATCHING);
  for (guint i = 0; script->events[i].seconds > 0; i++)
    {
      const Event *event = &script->events[i];

      now = START + (gint64) (event->seconds * (double) G_USEC_PER_SEC);
      see (aftermath, "1-2", now, event->kind, event->traits);
      /* whoever is told again of what is there learns nothing new */
      if (event->kind != UB_SIGHTING_NOTHING)
        see (aftermath, "1-2", now + 1, event->kind, event->traits);
    }
  g_assert_cmpint (ub_aftermath_judge (aftermath, now + 1), ==, script->last);
  g_assert_cmpint (ub_aftermath_is_over (aftermath, now + 1),
                   ==,
                   script->last == UB_AFTERMATH_STARTED || script->last == UB_AFTERMATH_SILENT);
  now = START + UB_AFTERMATH_SECONDS * (gint64) G_USEC_PER_SEC;
  g_assert_cmpint (ub_aftermath_judge (aftermath, now - 1),
                   ==,
                   script->last == UB_AFTERMATH_SILENT ? UB_AFTERMATH_WATCHING : script->last);
  g_assert_cmpint (ub_aftermath_judge (aftermath, now), ==, script->end);
  g_assert_true (ub_aftermath_is_over (aftermath, now));
}

/* what was on the cable when the job ended is the phone as it was written, not what became of it */
static void
test_still_there (void)
{
  g_autoptr (UbAftermath) aftermath = ub_aftermath_new ("1-2", START);

  see (aftermath, "1-2", START - 5000000, UB_SIGHTING_BOOT_ROM, 0);
  g_assert_cmpint (ub_aftermath_judge (aftermath, START + 1), ==, UB_AFTERMATH_WATCHING);
  see (aftermath, "1-2", START + 2000000, UB_SIGHTING_NOTHING, 0);
  see (aftermath, "1-2", START + 3000000, UB_SIGHTING_BOOT_ROM, 0);
  g_assert_cmpint (ub_aftermath_judge (aftermath, START + 3000001), ==, UB_AFTERMATH_BOOT_ROM);
}

static void
test_other_ports (void)
{
  g_autoptr (UbAftermath) here = ub_aftermath_new ("1-2", START);
  g_autoptr (UbAftermath) anywhere = ub_aftermath_new (NULL, START);

  see (here, "1-3", START + 1, UB_SIGHTING_ANDROID, UB_TRAIT_MTP);
  see (here, NULL, START + 1, UB_SIGHTING_ANDROID, UB_TRAIT_MTP);
  g_assert_cmpint (ub_aftermath_judge (here, START + 2), ==, UB_AFTERMATH_WATCHING);
  /* a thing that nobody can place may be anything */
  see (anywhere, "1-3", START + 1, UB_SIGHTING_UNKNOWN, 0);
  g_assert_cmpint (ub_aftermath_judge (anywhere, START + 2), ==, UB_AFTERMATH_WATCHING);
  see (anywhere, "1-4", START + 1, UB_SIGHTING_ANDROID, UB_TRAIT_MTP);
  g_assert_cmpint (ub_aftermath_judge (anywhere, START + 2), ==, UB_AFTERMATH_STARTED);
}

static void
check_sentence (const char *text)
{
  const char *const banned[] = { "driver", "device", "repaired", "fixed", "dead phone", "%" };
  g_autofree char  *lower = g_utf8_strdown (text, -1);

  g_assert_cmpuint (strlen (text), >, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (banned); i++)
    g_assert_null (strstr (lower, banned[i]));
}

static gboolean
mentions (UbAftermathKind kind, const char *what)
{
  g_auto (GStrv) steps = ub_aftermath_dup_steps (kind);

  for (guint i = 0; steps[i] != NULL; i++)
    if (strstr (steps[i], what) != NULL)
      return TRUE;
  return FALSE;
}

static void
test_words (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i <= UB_AFTERMATH_SILENT; i++)
    {
      UbAftermathKind kind = (UbAftermathKind) i, again;
      g_auto (GStrv) steps = ub_aftermath_dup_steps (kind);

      g_assert_true (ub_aftermath_from_string (ub_aftermath_to_string (kind), &again));
      g_assert_cmpint (again, ==, kind);
      g_hash_table_add (names, (gpointer) ub_aftermath_to_string (kind));
      g_hash_table_add (titles, (gpointer) ub_aftermath_get_title (kind));
      check_sentence (ub_aftermath_get_title (kind));
      g_assert_false (g_str_has_suffix (ub_aftermath_get_title (kind), "."));
      g_assert_cmpuint (g_strv_length (steps), >=, 1);
      for (guint k = 0; steps[k] != NULL; k++)
        {
          check_sentence (steps[k]);
          g_assert_true (g_str_has_suffix (steps[k], "."));
        }
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, UB_AFTERMATH_SILENT + 1);
  g_assert_cmpuint (g_hash_table_size (titles), ==, UB_AFTERMATH_SILENT + 1);
  g_assert_cmpstr (ub_aftermath_to_string (UB_AFTERMATH_BOOT_ROM), ==, "boot-rom");
  g_assert_false (ub_aftermath_from_string ("", &(UbAftermathKind){ 0 }));
  g_assert_false (ub_aftermath_from_string ("vanished", &(UbAftermathKind){ 0 }));
  /* shared/facts/troubles.md 37 and 38; tests run untranslated */
  g_assert_true (mentions (UB_AFTERMATH_RECOVERY, "No command"));
  g_assert_true (mentions (UB_AFTERMATH_STARTED, "File transfer"));
  g_assert_true (mentions (UB_AFTERMATH_CHARGING, "File transfer"));
  g_assert_true (mentions (UB_AFTERMATH_LOOPS, "variant"));
  g_assert_true (mentions (UB_AFTERMATH_SILENT, "half an hour"));
}

static void
test_random_walk (void)
{
  for (guint32 seed = 0; seed < 50; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (UbAftermath) aftermath =
                     ub_aftermath_new (g_rand_boolean (rand) ? "1-2" : NULL, START);
      gint64          now = START;
      UbAftermathKind ended = UB_AFTERMATH_WATCHING;

      for (guint i = 0; i < 200; i++)
        {
          now += g_rand_int_range (rand, 0, 3000000);
          see (aftermath,
               g_rand_boolean (rand) ? "1-2" : "1-3",
               now,
               (UbSightingKind) g_rand_int_range (rand, 0, UB_SIGHTING_LAST + 1),
               (guint) g_rand_int (rand));
          g_assert_nonnull (ub_aftermath_get_title (ub_aftermath_judge (aftermath, now)));
          /* nothing that comes can change it any more */
          if (ended != UB_AFTERMATH_WATCHING)
            g_assert_cmpint (ub_aftermath_judge (aftermath, now), ==, ended);
          else if (ub_aftermath_is_over (aftermath, now))
            ended = ub_aftermath_judge (aftermath, now);
        }
      g_assert_cmpint (ended, !=, UB_AFTERMATH_WATCHING);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *path = g_strconcat ("/aftermath/", scripts[i].name, NULL);

      g_test_add_data_func (path, &scripts[i], test_script);
    }
  g_test_add_func ("/aftermath/still-there", test_still_there);
  g_test_add_func ("/aftermath/other-ports", test_other_ports);
  g_test_add_func ("/aftermath/words", test_words);
  g_test_add_func ("/aftermath/random-walk", test_random_walk);
  return g_test_run ();
}
