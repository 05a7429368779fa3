/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-guide.h"

G_BEGIN_DECLS

/* --- which keys, in which order (ub-guide-ways.c, data/keys.ini) --- */
#define UB_GUIDE_MAX_WAYS 5

typedef struct
{
  UbGuidePicture
        keys[UB_GUIDE_MAX_WAYS]; /* UB_GUIDE_VOLUME_DOWN … UB_GUIDE_VOLUME_UP_POWER, each once */
  guint n;                       /* never 0 */
} UbGuideWays;

/* @chip and @model as ub_guide_set_phone() has them */
void ub_guide_ways_find (const char *chip, const char *model, UbGuideWays *ways);
/* what asks for keys to be held */
gboolean ub_guide_ways_is_keys (UbGuidePicture picture);

/* --- words (ub-guide-words.c); all translated, all live as long as the program --- */
typedef struct
{
  const char *title;
  const char *text; /* (nullable) */
} UbGuideWords;

UbGuideWords ub_guide_words_of_sighting (const UbSighting *sighting);
/* it was there for long, and what was said did not help */
UbGuideWords ub_guide_words_of_stuck (const UbSighting *sighting);
/* keys to hold while plugging in */
const char *ub_guide_words_of_keys (UbGuidePicture keys);
/* (transfer full): who holds the port, and what ends it */
char *ub_guide_words_dup_busy (const char *holder);

G_END_DECLS
