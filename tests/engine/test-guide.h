/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

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

static inline void
bench_open (Bench *bench)
{
  *bench = (Bench){ .guide = ub_guide_new (), .now = START };
}

static inline void
bench_close (Bench *bench)
{
  g_clear_pointer (&bench->guide, ub_guide_free);
}

/* at @seconds after the start */
static inline void
at (Bench *bench, double seconds)
{
  g_assert_cmpint (START + S (seconds), >=, bench->now);
  bench->now = START + S (seconds);
}

static inline void
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

static inline const UbGuideAdvice *
look (Bench *bench)
{
  ub_guide_get (bench->guide, bench->now, &bench->advice);
  check_words (&bench->advice);
  return &bench->advice;
}

static inline void
tell (Bench *bench, UbSighting sighting)
{
  sighting.time_us = bench->now;
  if (sighting.port == NULL)
    sighting.port = (char *) "1-2";
  ub_guide_see (bench->guide, &sighting);
}

/* as a source tells it, which counts */
static inline void
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

static inline void
go (Bench *bench, UbSightingKind kind)
{
  tell (bench,
        (UbSighting){ .kind = kind,
                      .appearances = bench->appearances,
                      .last_us = bench->now - bench->came_us,
                      .away_us = bench->left_us > 0 ? bench->came_us - bench->left_us : 0 });
  bench->left_us = bench->now;
}

static inline void
visit (Bench *bench, UbSightingKind kind, double from, double to)
{
  at (bench, from);
  come (bench, kind);
  at (bench, to);
  go (bench, kind);
}

#define assert_picture(bench, expected) g_assert_cmpint (look (bench)->picture, ==, expected)

static inline gboolean
shows_keys (Bench *bench)
{
  UbGuidePicture picture = look (bench)->picture;

  return picture >= UB_GUIDE_VOLUME_DOWN && picture <= UB_GUIDE_VOLUME_UP_POWER;
}
