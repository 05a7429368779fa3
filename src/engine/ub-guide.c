/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-guide.h"

#include <string.h>

#include "engine/ub-guide-private.h"

/* a phone that came so often and was never caught needs another way in */
#define MANY_VISITS 3
/* so long something that cannot be a waiting phone may stay before it is taken for furniture */
#define BORING_US (60 * G_USEC_PER_SEC)
/* a wait that begins so soon after another goes on with it */
#define SAME_WAIT_US (15 * G_USEC_PER_SEC)

static void
port_free (gpointer data)
{
  UbGuidePort *port = data;

  g_clear_pointer (&port->sighting, ub_sighting_free);
  g_free (port->name);
  g_free (port);
}

gboolean
ub_guide_is_active (const UbGuide *self)
{
  return self->waiting || self->request == UB_REQUEST_GO_ON ||
         self->request == UB_REQUEST_HOLD_KEY || self->request == UB_REQUEST_BATTERY;
}

/* --- what is there --- */

gboolean
ub_guide_is_flashable (const UbSighting *sighting)
{
  return sighting->access != UB_ACCESS_DENIED && sighting->access != UB_ACCESS_BUSY &&
         (sighting->kind == UB_SIGHTING_BOOT_ROM || sighting->kind == UB_SIGHTING_PRELOADER ||
          sighting->kind == UB_SIGHTING_AGENT);
}

/* did a phone come somewhere else while this was there all the time? Then it is another one */
static gint64
find_later_visit (const UbGuide *self, const UbGuidePort *port)
{
  gint64 found = G_MAXINT64;

  for (guint i = 0; i < self->ports->len; i++)
    {
      const UbGuidePort *other = g_ptr_array_index (self->ports, i);

      if (other != port && other->visit_us > MAX (port->seen_us, self->begin_us))
        found = MIN (found, other->visit_us);
    }
  return found;
}

gint64
ub_guide_get_boring_time (const UbGuide *self, const UbGuidePort *port)
{
  const UbSighting *here = port->sighting;

  if (!self->waiting || here->access == UB_ACCESS_DENIED || here->access == UB_ACCESS_BUSY)
    return G_MAXINT64;
  if (!ub_guide_is_flashable (here) && find_later_visit (self, port) <= self->clock_us)
    return find_later_visit (self, port);
  /* built-in things have a phone chip's numbers, too */
  if (here->kind == UB_SIGHTING_UNKNOWN && port->seen_us < self->begin_us)
    return self->begin_us;
  if (here->kind == UB_SIGHTING_UNKNOWN || here->kind == UB_SIGHTING_BROKEN)
    return MAX (port->seen_us, self->begin_us) + BORING_US;
  return G_MAXINT64;
}

/* how much it helps to speak of this one and not of another; 0: not at all */
static guint
get_worth (const UbGuide *self, const UbGuidePort *port)
{
  const UbSighting *here = port->sighting;

  if (here == NULL || !here->present || ub_guide_get_boring_time (self, port) <= self->clock_us)
    return 0;
  if (ub_guide_is_flashable (here))
    return 7;
  if (here->access == UB_ACCESS_DENIED || here->access == UB_ACCESS_BUSY)
    return 6;
  switch (here->kind)
    {
    case UB_SIGHTING_BROKEN:
      return 5;
    case UB_SIGHTING_RECOVERY:
    case UB_SIGHTING_FASTBOOT:
    case UB_SIGHTING_META:
      return 4;
    case UB_SIGHTING_ANDROID:
      return 3;
    case UB_SIGHTING_UNKNOWN:
      return 2;
    default:
      return 0;
    }
}

const UbGuidePort *
ub_guide_get_best (const UbGuide *self)
{
  const UbGuidePort *best = NULL;
  guint              most = 0;

  for (guint i = 0; i < self->ports->len; i++)
    {
      const UbGuidePort *port = g_ptr_array_index (self->ports, i);
      guint              worth = get_worth (self, port);

      if (worth > most || (worth > 0 && worth == most && port->seen_us > best->seen_us))
        {
          best = port;
          most = worth;
        }
    }
  return best;
}

guint
ub_guide_count_visits (const UbGuidePort *port)
{
  guint now = port->sighting != NULL ? port->sighting->appearances : 0;

  return now > port->before ? now - port->before : 0;
}

const UbGuidePort *
ub_guide_get_busiest (const UbGuide *self)
{
  const UbGuidePort *busiest = NULL;
  guint              most = 0;

  for (guint i = 0; i < self->ports->len; i++)
    {
      const UbGuidePort *port = g_ptr_array_index (self->ports, i);

      if (ub_guide_count_visits (port) > most)
        {
          busiest = port;
          most = ub_guide_count_visits (port);
        }
    }
  return busiest;
}

gboolean
ub_guide_comes_and_goes (const UbGuide *self)
{
  const UbGuidePort *port = ub_guide_get_busiest (self);

  return self->waiting && port != NULL && ub_guide_count_visits (port) >= MANY_VISITS;
}

/* --- time and place --- */

static void
go_to (UbGuide *self, UbGuideRoad road, guint index, gint64 now_us)
{
  self->place = (UbGuidePlace){ road, index, now_us, FALSE };
}

UbGuidePlace
ub_guide_get_place (const UbGuide *self, gint64 now_us)
{
  return self->frozen ? self->place : ub_guide_road_walk (&self->roads, &self->place, now_us);
}

gint64
ub_guide_settle (UbGuide *self, gint64 now_us)
{
  const UbGuidePort *best;
  gboolean           freeze;

  self->clock_us = now_us = MAX (self->clock_us, now_us);
  best = ub_guide_get_best (self);
  freeze = best != NULL && !ub_guide_is_flashable (best->sighting);
  if (freeze && !self->frozen)
    self->place = ub_guide_road_walk (&self->roads, &self->place, now_us);
  if (!freeze && self->frozen)
    self->place.since_us = now_us;
  self->frozen = freeze;
  return now_us;
}

/* are keys asked for now? */
static gboolean
wants_keys (const UbGuide *self)
{
  UbGuidePlace place = ub_guide_get_place (self, self->clock_us);

  return ub_guide_is_active (self) &&
         ub_guide_road_get_stop (&self->roads, &place)->step == UB_GUIDE_STEP_KEYS;
}

static gboolean
is_before_keys (const UbGuide *self)
{
  UbGuidePlace place = ub_guide_get_place (self, self->clock_us);

  return place.road == UB_GUIDE_ROAD_MAIN && place.index < ub_guide_road_find_keys (&self->roads);
}

/* --- news from the cable --- */

static UbGuidePort *
find_port (UbGuide *self, const char *name)
{
  UbGuidePort *port;

  for (guint i = 0; i < self->ports->len; i++)
    {
      port = g_ptr_array_index (self->ports, i);
      if (strcmp (port->name, name != NULL ? name : "") == 0)
        return port;
    }
  port = g_new0 (UbGuidePort, 1);
  port->name = g_strdup (name != NULL ? name : "");
  g_ptr_array_add (self->ports, port);
  return port;
}

static UbGuideVerdict
judge_arrival (UbSightingKind kind)
{
  switch (kind)
    {
    case UB_SIGHTING_BOOT_ROM:
      return UB_GUIDE_VERDICT_GOT_IT;
    case UB_SIGHTING_PRELOADER:
      return UB_GUIDE_VERDICT_START_UP;
    case UB_SIGHTING_ANDROID:
    case UB_SIGHTING_RECOVERY:
    case UB_SIGHTING_FASTBOOT:
    case UB_SIGHTING_META:
      return UB_GUIDE_VERDICT_STARTED;
    default:
      return UB_GUIDE_VERDICT_NONE;
    }
}

static void
try_keys (UbGuide *self)
{
  if (ub_guide_comes_and_goes (self) && is_before_keys (self))
    go_to (self, UB_GUIDE_ROAD_MAIN, ub_guide_road_find_keys (&self->roads), self->clock_us);
}

static void
come (UbGuide *self, UbSightingKind kind)
{
  self->verdict = wants_keys (self) || self->asked ? judge_arrival (kind) : UB_GUIDE_VERDICT_NONE;
  self->asked = FALSE;
  try_keys (self);
}

/* @helped: it could have been flashed; else somebody unplugged it as told */
static void
leave (UbGuide *self, gboolean helped)
{
  if (self->waiting && self->verdict == UB_GUIDE_VERDICT_START_UP)
    self->verdict = UB_GUIDE_VERDICT_MISSED;
  else if (self->verdict == UB_GUIDE_VERDICT_GOT_IT)
    self->verdict = UB_GUIDE_VERDICT_NONE;
  if (helped || !self->waiting || ub_guide_get_best (self) != NULL)
    return;
  /* the keys in hand stay the same */
  if (self->place.road == UB_GUIDE_ROAD_MAIN &&
      ub_guide_road_get_stop (&self->roads, &self->place)->step != UB_GUIDE_STEP_KEYS)
    go_to (self, UB_GUIDE_ROAD_MAIN, 0, self->clock_us);
}

static void
forget_all (UbGuide *self)
{
  g_ptr_array_set_size (self->ports, 0);
  self->verdict = UB_GUIDE_VERDICT_NONE;
  ub_guide_settle (self, self->clock_us);
}

void
ub_guide_see (UbGuide *self, const UbSighting *sighting)
{
  UbGuidePort *port;
  g_autoptr (UbSighting) before = NULL;
  gboolean was_there;

  if (sighting == NULL)
    {
      forget_all (self);
      return;
    }
  ub_guide_settle (self, sighting->time_us);
  port = find_port (self, sighting->port);
  before = g_steal_pointer (&port->sighting);
  was_there = before != NULL && before->present;
  port->sighting = ub_sighting_copy (sighting);
  if (sighting->present && (!was_there || before->kind != sighting->kind))
    {
      port->seen_us = self->clock_us;
      if (sighting->kind == UB_SIGHTING_BOOT_ROM || sighting->kind == UB_SIGHTING_PRELOADER)
        port->visit_us = self->clock_us;
      come (self, sighting->kind);
    }
  else if (!sighting->present && was_there)
    leave (self, ub_guide_is_flashable (before));
  ub_guide_settle (self, self->clock_us);
}

/* --- news from the session and the person --- */

/* the phone was there, and left before it could be talked to */
static void
go_on_waiting (UbGuide *self)
{
  if (self->verdict == UB_GUIDE_VERDICT_START_UP && ub_guide_get_best (self) == NULL)
    self->verdict = UB_GUIDE_VERDICT_MISSED;
  try_keys (self);
}

static void
wait_anew (UbGuide *self)
{
  self->begin_us = self->clock_us;
  self->verdict = UB_GUIDE_VERDICT_NONE;
  for (guint i = 0; i < self->ports->len; i++)
    {
      UbGuidePort *port = g_ptr_array_index (self->ports, i);

      port->before = port->sighting != NULL ? port->sighting->appearances : 0;
    }
  go_to (self, UB_GUIDE_ROAD_MAIN, 0, self->clock_us);
}

void
ub_guide_begin (UbGuide *self, gint64 now_us)
{
  now_us = ub_guide_settle (self, now_us);
  self->waiting = TRUE;
  self->asked = FALSE;
  if (self->end_us > 0 && now_us - self->end_us < SAME_WAIT_US)
    go_on_waiting (self);
  else
    wait_anew (self);
  ub_guide_settle (self, now_us);
}

void
ub_guide_end (UbGuide *self)
{
  if (!self->waiting)
    return;
  /* the session may have caught it before the sighting came here */
  self->asked = wants_keys (self) && self->verdict == UB_GUIDE_VERDICT_NONE;
  self->waiting = FALSE;
  self->end_us = self->clock_us;
  ub_guide_settle (self, self->clock_us);
}

static void
begin_battery (UbGuide *self)
{
  go_to (self,
         self->battery == UB_GUIDE_BATTERY_REMOVABLE ? UB_GUIDE_ROAD_REMOVABLE
                                                     : UB_GUIDE_ROAD_FIXED,
         0,
         self->clock_us);
}

void
ub_guide_set_request (UbGuide *self, UbRequest request, gint64 now_us)
{
  now_us = ub_guide_settle (self, now_us);
  if (request == self->request)
    return;
  self->request = request;
  self->request_us = now_us;
  if (request == UB_REQUEST_RELEASE_KEYS)
    self->verdict = UB_GUIDE_VERDICT_GOT_IT;
  else if (request == UB_REQUEST_HOLD_KEY && !wants_keys (self))
    go_to (self, UB_GUIDE_ROAD_MAIN, ub_guide_road_find_keys (&self->roads), now_us);
  else if (request == UB_REQUEST_GO_ON || request == UB_REQUEST_OTHER_PHONE)
    go_to (self, UB_GUIDE_ROAD_MAIN, 0, now_us);
  else if (request == UB_REQUEST_BATTERY)
    begin_battery (self);
}

void
ub_guide_next (UbGuide *self, gint64 now_us)
{
  gboolean keys;

  now_us = ub_guide_settle (self, now_us);
  keys = wants_keys (self);
  self->place = ub_guide_get_place (self, now_us);
  do
    self->place = ub_guide_road_get_next (&self->roads, &self->place, now_us);
  /* with a phone on the cable that does not help, only other keys are left to try */
  while (self->frozen &&
         ub_guide_road_get_stop (&self->roads, &self->place)->step != UB_GUIDE_STEP_KEYS);
  self->place.by_hand = TRUE;
  self->verdict = keys ? UB_GUIDE_VERDICT_NOTHING : UB_GUIDE_VERDICT_NONE;
}

void
ub_guide_set_battery (UbGuide *self, UbGuideBattery battery, gint64 now_us)
{
  ub_guide_settle (self, now_us);
  self->battery = battery;
  self->verdict = UB_GUIDE_VERDICT_NONE;
  if (battery != UB_GUIDE_BATTERY_UNKNOWN)
    begin_battery (self);
}

void
ub_guide_set_phone (UbGuide *self, const char *chip, const char *model)
{
  UbGuideWays ways;
  guint       keys;

  ub_guide_ways_find (chip, model, &ways);
  if (memcmp (&ways, &self->ways, sizeof ways) == 0)
    return;
  self->ways = ways;
  ub_guide_road_clear (&self->roads);
  ub_guide_road_init (&self->roads, ways.n);
  /* keys that were under way may be others now */
  keys = ub_guide_road_find_keys (&self->roads);
  if (self->place.road == UB_GUIDE_ROAD_MAIN && self->place.index > keys)
    self->place.index = keys;
}

/* --- life --- */

UbGuide *
ub_guide_new (void)
{
  UbGuide *self = g_new0 (UbGuide, 1);

  self->ports = g_ptr_array_new_with_free_func (port_free);
  ub_guide_ways_find (NULL, NULL, &self->ways);
  ub_guide_road_init (&self->roads, self->ways.n);
  return self;
}

void
ub_guide_free (UbGuide *self)
{
  g_ptr_array_unref (self->ports);
  ub_guide_road_clear (&self->roads);
  g_free (self->busy);
  g_free (self->holder);
  g_free (self);
}
