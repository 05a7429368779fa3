/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-guide-private.h"

#define BY_HAND_US (60 * G_USEC_PER_SEC)

static void
add_stop (UbGuideRoads *self, UbGuideRoad road, UbGuideStep step, guint way, guint seconds)
{
  UbGuideStop stop = { step, way, seconds };

  g_array_append_val (self->stops[road], stop);
}

/* hints at 15, 30 and 60 s (shared/facts/troubles.md 1), then one way after the other */
static void
lay_main_road (UbGuideRoads *self, guint n_ways)
{
  add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_PLUG, 0, 15);
  add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_POWER, 0, 15);
  add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_KEYS, 0, 30);
  add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_CABLE, 0, 30);
  for (guint way = 1; way < n_ways; way++)
    add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_KEYS, way, 30);
  add_stop (self, UB_GUIDE_ROAD_MAIN, UB_GUIDE_STEP_CHARGE, 0, 30);
}

void
ub_guide_road_init (UbGuideRoads *self, guint n_ways)
{
  for (guint i = 0; i < UB_GUIDE_N_ROADS; i++)
    self->stops[i] = g_array_new (FALSE, FALSE, sizeof (UbGuideStop));
  lay_main_road (self, n_ways);
  /* shared/facts/troubles.md 8 */
  add_stop (self, UB_GUIDE_ROAD_REMOVABLE, UB_GUIDE_STEP_BATTERY_OUT, 0, 20);
  add_stop (self, UB_GUIDE_ROAD_REMOVABLE, UB_GUIDE_STEP_BATTERY_IN, 0, 40);
  add_stop (self, UB_GUIDE_ROAD_REMOVABLE, UB_GUIDE_STEP_BATTERY_WITHOUT, 0, 40);
  add_stop (self, UB_GUIDE_ROAD_FIXED, UB_GUIDE_STEP_CUT_POWER, 0, 40);
  add_stop (self, UB_GUIDE_ROAD_FIXED, UB_GUIDE_STEP_CHARGE, 0, 40);
}

void
ub_guide_road_clear (UbGuideRoads *self)
{
  for (guint i = 0; i < UB_GUIDE_N_ROADS; i++)
    g_clear_pointer (&self->stops[i], g_array_unref);
}

const UbGuideStop *
ub_guide_road_get_stop (const UbGuideRoads *self, const UbGuidePlace *place)
{
  return &g_array_index (self->stops[place->road], UbGuideStop, place->index);
}

guint
ub_guide_road_find_keys (const UbGuideRoads *self)
{
  UbGuidePlace place = { .road = UB_GUIDE_ROAD_MAIN };

  while (ub_guide_road_get_stop (self, &place)->step != UB_GUIDE_STEP_KEYS)
    place.index++;
  return place.index;
}

UbGuidePlace
ub_guide_road_get_next (const UbGuideRoads *self, const UbGuidePlace *place, gint64 since_us)
{
  UbGuidePlace next = { place->road, place->index + 1, since_us, FALSE };

  if (next.index < self->stops[next.road]->len)
    return next;
  next.road = UB_GUIDE_ROAD_MAIN;
  next.index = ub_guide_road_find_keys (self);
  return next;
}

gint64
ub_guide_road_get_end (const UbGuideRoads *self, const UbGuidePlace *place)
{
  gint64 us = ub_guide_road_get_stop (self, place)->seconds * G_USEC_PER_SEC;

  return place->since_us + (place->by_hand ? MAX (us, BY_HAND_US) : us);
}

/* from the first keys to the first keys again, µs */
static gint64
get_round (const UbGuideRoads *self)
{
  const GArray *road = self->stops[UB_GUIDE_ROAD_MAIN];
  gint64        seconds = 0;

  for (guint i = ub_guide_road_find_keys (self); i < road->len; i++)
    seconds += g_array_index (road, UbGuideStop, i).seconds;
  return seconds * G_USEC_PER_SEC;
}

UbGuidePlace
ub_guide_road_walk (const UbGuideRoads *self, const UbGuidePlace *place, gint64 now_us)
{
  UbGuidePlace here = *place;
  guint        keys = ub_guide_road_find_keys (self);
  gint64       round = get_round (self);

  while (ub_guide_road_get_end (self, &here) <= now_us)
    {
      here = ub_guide_road_get_next (self, &here, ub_guide_road_get_end (self, &here));
      /* nights may have passed: whole rounds change nothing */
      if (here.road == UB_GUIDE_ROAD_MAIN && here.index >= keys && now_us > here.since_us)
        here.since_us += (now_us - here.since_us) / round * round;
    }
  return here;
}
