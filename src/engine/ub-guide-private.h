/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-guide.h"

G_BEGIN_DECLS

/* --- which keys, in which order (ub-guide-ways.c, data/keys.ini) --- */
#define UB_GUIDE_MAX_WAYS 6

/* each one of UB_GUIDE_VOLUME_DOWN … UB_GUIDE_VOLUME_UP_POWER, or UB_GUIDE_PLUGGED: no key at all; each once */
typedef struct
{
  UbGuidePicture keys[UB_GUIDE_MAX_WAYS];
  guint          n; /* never 0 */
} UbGuideWays;

/* @chip and @model as ub_guide_set_phone() has them */
void ub_guide_ways_find (const char *chip, const char *model, UbGuideWays *ways);

/* --- one thing to do after the other, while nothing is seen (ub-guide-road.c) --- */
typedef enum
{
  UB_GUIDE_STEP_PLUG,
  UB_GUIDE_STEP_POWER,
  UB_GUIDE_STEP_KEYS,
  UB_GUIDE_STEP_CABLE,
  UB_GUIDE_STEP_CHARGE,
  UB_GUIDE_STEP_CUT_POWER, /* where the battery stays in */
  UB_GUIDE_STEP_BATTERY_OUT,
  UB_GUIDE_STEP_BATTERY_IN,
  UB_GUIDE_STEP_BATTERY_WITHOUT,
} UbGuideStep;

typedef struct
{
  UbGuideStep step;
  guint       way; /* of UB_GUIDE_STEP_KEYS: index of UbGuideWays */
  guint       seconds;
} UbGuideStop;

typedef enum
{
  UB_GUIDE_ROAD_MAIN,
  UB_GUIDE_ROAD_REMOVABLE, /* the battery can be taken out; leads back to the keys of the main road, as the next */
  UB_GUIDE_ROAD_FIXED,
  UB_GUIDE_N_ROADS,
} UbGuideRoad;

typedef struct
{
  UbGuideRoad road;
  guint       index;
  gint64      since_us;
  gboolean    by_hand; /* whoever asks for the next step has both hands full, and gets more time */
} UbGuidePlace;

typedef struct
{
  GArray *stops[UB_GUIDE_N_ROADS]; /* of UbGuideStop */
} UbGuideRoads;

void               ub_guide_road_init (UbGuideRoads *self, guint n_ways);
void               ub_guide_road_clear (UbGuideRoads *self);
const UbGuideStop *ub_guide_road_get_stop (const UbGuideRoads *self, const UbGuidePlace *place);
/* the first stop of the main road that asks for keys */
guint        ub_guide_road_find_keys (const UbGuideRoads *self);
UbGuidePlace ub_guide_road_get_next (const UbGuideRoads *self,
                                     const UbGuidePlace *place,
                                     gint64              since_us);
/* when time leads on from there */
gint64 ub_guide_road_get_end (const UbGuideRoads *self, const UbGuidePlace *place);
/* where time has led to by @now_us */
UbGuidePlace ub_guide_road_walk (const UbGuideRoads *self,
                                 const UbGuidePlace *place,
                                 gint64              now_us);

/* --- the state (ub-guide.c) --- */

/* whether what was asked last worked */
typedef enum
{
  UB_GUIDE_VERDICT_NONE,
  UB_GUIDE_VERDICT_GOT_IT,   /* boot ROM */
  UB_GUIDE_VERDICT_START_UP, /* preloader, though keys were asked for */
  UB_GUIDE_VERDICT_MISSED,   /* and it went past us */
  UB_GUIDE_VERDICT_STARTED,  /* the phone started as if nothing had been held */
  UB_GUIDE_VERDICT_NOTHING,  /* the person says so */
} UbGuideVerdict;

typedef struct
{
  char       *name;     /* "" for one that has none */
  UbSighting *sighting; /* (nullable): the last one */
  gint64      seen_us;  /* when what is there came, by the guide's clock */
  gint64      visit_us; /* when boot ROM or preloader last came here; 0: never */
  guint       before;   /* appearances when the wait began */
} UbGuidePort;

struct _UbGuide
{
  UbGuideWays    ways;
  UbGuideRoads   roads;
  GPtrArray     *ports; /* of UbGuidePort */
  UbGuidePlace   place;
  gboolean       frozen; /* while something is there that does not help, time does not lead on */
  UbGuideVerdict verdict;
  gboolean       asked; /* keys, when the wait ended: what came then may be told only now */
  UbRequest      request;
  gint64         request_us;
  UbGuideBattery battery;
  gboolean       waiting;
  gint64         begin_us;
  gint64         end_us;   /* of the last wait; 0: there was none */
  gint64         clock_us; /* the latest time heard of: never backwards */
  char          *busy;     /* (nullable): words made for one holder */
  char          *holder;   /* (nullable): whose */
  gboolean       is_guess;
};

/* does anybody want something of the person? */
gboolean ub_guide_is_active (const UbGuide *self);
/* boot ROM, preloader or agent that may be opened */
gboolean ub_guide_is_flashable (const UbSighting *sighting);
/* (transfer none) (nullable): what is there and matters most; of two alike the later one */
const UbGuidePort *ub_guide_get_best (const UbGuide *self);
/* (transfer none) (nullable): the port where most visits were since the wait began */
const UbGuidePort *ub_guide_get_busiest (const UbGuide *self);
guint              ub_guide_count_visits (const UbGuidePort *port);
/* it came again and again in this wait, and was not caught */
gboolean     ub_guide_comes_and_goes (const UbGuide *self);
UbGuidePlace ub_guide_get_place (const UbGuide *self, gint64 now_us);
/* takes note of the time; returns it, never earlier than before */
gint64 ub_guide_settle (UbGuide *self, gint64 now_us);
/* when something that is there all the time is taken for furniture; G_MAXINT64: never */
gint64 ub_guide_get_boring_time (const UbGuide *self, const UbGuidePort *port);

/* --- words (ub-guide-words.c); all translated, all live as long as the program --- */
typedef struct
{
  const char *title;
  const char *text; /* (nullable) */
} UbGuideWords;

UbGuideWords   ub_guide_words_of_sighting (const UbSighting *sighting);
UbGuidePicture ub_guide_words_get_picture (const UbSighting *sighting);
const char    *ub_guide_words_of_step (const UbGuideStop *stop, const UbGuideWays *ways);
UbGuidePicture ub_guide_words_get_step_picture (const UbGuideStop *stop, const UbGuideWays *ways);
/* it was there for long, and the first words did not help */
const char *ub_guide_words_of_socket (void);
const char *ub_guide_words_of_verdict (UbGuideVerdict verdict); /* (nullable) */
/* (transfer full): who holds the port, and what ends it */
char *ub_guide_words_dup_busy (const char *holder, gboolean is_guess);
/* does our rule keep that program away? */
gboolean ub_guide_words_is_kept_away (const char *holder);

G_END_DECLS
