/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-guide.h"

#include <glib/gi18n.h>

#include "engine/ub-guide-private.h"

/* a phone that came so often and was never caught needs another way in */
#define MANY_VISITS 3
/* what was said of a thing that stays on the cable has had its chance */
#define STUCK_US (30 * G_USEC_PER_SEC)
/* a phone that leaves so soon after it was talked to may want its battery */
#define SOON_US (6 * G_USEC_PER_SEC)
/* whoever says "next" is busy with both hands */
#define BY_HAND_US (60 * G_USEC_PER_SEC)

/* one thing to do while nothing is seen */
typedef enum
{
  STEP_PLUG,
  STEP_POWER,
  STEP_KEYS,
  STEP_CABLE,
  STEP_CHARGE,
  STEP_BATTERY_OUT,
  STEP_BATTERY_IN,
  STEP_BATTERY_WITHOUT,
} Step;

typedef struct
{
  Step  step;
  guint way; /* of STEP_KEYS */
  guint seconds;
} Stop;

/* steps one after the other */
typedef enum
{
  ROAD_MAIN,
  ROAD_REMOVABLE, /* the battery can be taken out */
  ROAD_FIXED,
  N_ROADS,
} Road;

typedef struct
{
  Road     road;
  guint    index;
  gint64   since_us;
  gboolean by_hand;
} Place;

/* whether what was asked last worked */
typedef enum
{
  VERDICT_NONE,
  VERDICT_GOT_IT,   /* boot ROM */
  VERDICT_START_UP, /* preloader, though keys were asked for */
  VERDICT_MISSED,   /* and it went past us */
  VERDICT_STARTED,  /* the phone started as if nothing had been held */
  VERDICT_NOTHING,  /* the person says so */
} Verdict;

typedef struct
{
  char       *name;     /* "" for one that has none */
  UbSighting *sighting; /* (nullable): the last one */
  guint       before;   /* appearances when the wait began */
} Port;

struct _UbGuide
{
  UbGuideWays    ways;
  GPtrArray     *ports;          /* of Port */
  GArray        *roads[N_ROADS]; /* of Stop */
  Place          place;
  Verdict        verdict;
  UbRequest      request;
  UbGuideBattery battery;
  gboolean       waiting;
  gint64         clock_us; /* the latest time heard of */
  char          *busy;     /* (nullable): words made for one holder */
  char          *holder;   /* (nullable): whose */
};

static void
port_free (gpointer data)
{
  Port *port = data;

  g_clear_pointer (&port->sighting, ub_sighting_free);
  g_free (port->name);
  g_free (port);
}

/* --- roads --- */

static void
add_stop (UbGuide *self, Road road, Step step, guint way, guint seconds)
{
  Stop stop = { step, way, seconds };

  g_array_append_val (self->roads[road], stop);
}

static void
lay_roads (UbGuide *self)
{
  for (guint i = 0; i < N_ROADS; i++)
    g_array_set_size (self->roads[i], 0);
  add_stop (self, ROAD_MAIN, STEP_PLUG, 0, 15);
  add_stop (self, ROAD_MAIN, STEP_POWER, 0, 15);
  add_stop (self, ROAD_MAIN, STEP_KEYS, 0, 30);
  add_stop (self, ROAD_MAIN, STEP_CABLE, 0, 30);
  for (guint i = 1; i < self->ways.n; i++)
    add_stop (self, ROAD_MAIN, STEP_KEYS, i, 30);
  add_stop (self, ROAD_MAIN, STEP_CHARGE, 0, 30);
  add_stop (self, ROAD_REMOVABLE, STEP_BATTERY_OUT, 0, 15);
  add_stop (self, ROAD_REMOVABLE, STEP_BATTERY_IN, 0, 30);
  add_stop (self, ROAD_REMOVABLE, STEP_BATTERY_WITHOUT, 0, 30);
  add_stop (self, ROAD_FIXED, STEP_POWER, 0, 30);
  add_stop (self, ROAD_FIXED, STEP_CHARGE, 0, 30);
}

static const Stop *
get_stop (const UbGuide *self, const Place *place)
{
  return &g_array_index (self->roads[place->road], Stop, place->index);
}

static guint
find_keys (const UbGuide *self)
{
  guint i = 0;

  while (g_array_index (self->roads[ROAD_MAIN], Stop, i).step != STEP_KEYS)
    i++;
  return i;
}

static Place
get_following (const UbGuide *self, const Place *place, gint64 since_us)
{
  Place next = { place->road, place->index + 1, since_us, FALSE };

  if (next.index < self->roads[next.road]->len)
    return next;
  next.road = ROAD_MAIN;
  next.index = find_keys (self);
  return next;
}

static gint64
get_end (const UbGuide *self, const Place *place)
{
  gint64 us = get_stop (self, place)->seconds * G_USEC_PER_SEC;

  return place->since_us + (place->by_hand ? MAX (us, BY_HAND_US) : us);
}

/* from the first keys to the first keys again, µs */
static gint64
get_round (const UbGuide *self)
{
  const GArray *road = self->roads[ROAD_MAIN];
  gint64        seconds = 0;

  for (guint i = find_keys (self); i < road->len; i++)
    seconds += g_array_index (road, Stop, i).seconds;
  return seconds * G_USEC_PER_SEC;
}

/* the place as it is at @now_us: time leads on by itself */
static Place
get_place (const UbGuide *self, gint64 now_us)
{
  Place  place = self->place;
  gint64 round = get_round (self);

  while (get_end (self, &place) <= now_us)
    {
      place = get_following (self, &place, get_end (self, &place));
      /* nights may have passed */
      if (place.road == ROAD_MAIN && place.index >= find_keys (self) && now_us > place.since_us)
        place.since_us += (now_us - place.since_us) / round * round;
    }
  return place;
}

static void
go_to (UbGuide *self, Road road, guint index, gint64 now_us)
{
  self->place = (Place){ road, index, now_us, FALSE };
}

/* never backwards */
static gint64
take_time (UbGuide *self, gint64 now_us)
{
  self->clock_us = MAX (self->clock_us, now_us);
  return self->clock_us;
}

/* --- what is seen --- */

static gboolean
is_flashable (const UbSighting *sighting)
{
  return sighting->access != UB_ACCESS_DENIED && sighting->access != UB_ACCESS_BUSY &&
         (sighting->kind == UB_SIGHTING_BOOT_ROM || sighting->kind == UB_SIGHTING_PRELOADER ||
          sighting->kind == UB_SIGHTING_AGENT);
}

/* how much it helps to speak of this one and not of another */
static guint
get_worth (const UbSighting *sighting)
{
  if (is_flashable (sighting))
    return 7;
  if (sighting->access == UB_ACCESS_DENIED || sighting->access == UB_ACCESS_BUSY)
    return 6;
  switch (sighting->kind)
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

/* (transfer none) (nullable): what is there and matters most; of two alike, the later one */
static const UbSighting *
get_best (const UbGuide *self)
{
  const UbSighting *best = NULL;

  for (guint i = 0; i < self->ports->len; i++)
    {
      const Port       *port = g_ptr_array_index (self->ports, i);
      const UbSighting *here = port->sighting;

      if (here == NULL || !here->present || get_worth (here) == 0)
        continue;
      if (best == NULL || get_worth (here) > get_worth (best) ||
          (get_worth (here) == get_worth (best) && here->time_us > best->time_us))
        best = here;
    }
  return best;
}

static guint
count_visits (const Port *port)
{
  guint now = port->sighting != NULL ? port->sighting->appearances : 0;

  return now > port->before ? now - port->before : 0;
}

/* (transfer none) (nullable): the port where most visits were since the wait began */
static const Port *
get_busiest (const UbGuide *self)
{
  const Port *busiest = NULL;

  for (guint i = 0; i < self->ports->len; i++)
    {
      const Port *port = g_ptr_array_index (self->ports, i);

      if (count_visits (port) > 0 &&
          (busiest == NULL || count_visits (port) > count_visits (busiest)))
        busiest = port;
    }
  return busiest;
}

static gboolean
comes_and_goes (const UbGuide *self)
{
  const Port *port = get_busiest (self);

  return self->waiting && port != NULL && count_visits (port) >= MANY_VISITS;
}

static Port *
find_port (UbGuide *self, const char *name)
{
  Port *port;

  for (guint i = 0; i < self->ports->len; i++)
    {
      port = g_ptr_array_index (self->ports, i);
      if (g_str_equal (port->name, name != NULL ? name : ""))
        return port;
    }
  port = g_new0 (Port, 1);
  port->name = g_strdup (name != NULL ? name : "");
  g_ptr_array_add (self->ports, port);
  return port;
}

static gboolean
is_active (const UbGuide *self)
{
  return self->waiting || self->request == UB_REQUEST_GO_ON ||
         self->request == UB_REQUEST_HOLD_KEY || self->request == UB_REQUEST_BATTERY;
}

/* are keys asked for now? */
static gboolean
wants_keys (const UbGuide *self, gint64 now_us)
{
  Place place = get_place (self, now_us);

  return is_active (self) && get_stop (self, &place)->step == STEP_KEYS;
}

static Verdict
judge_arrival (const UbSighting *sighting)
{
  switch (sighting->kind)
    {
    case UB_SIGHTING_BOOT_ROM:
      return VERDICT_GOT_IT;
    case UB_SIGHTING_PRELOADER:
      return VERDICT_START_UP;
    case UB_SIGHTING_ANDROID:
    case UB_SIGHTING_RECOVERY:
    case UB_SIGHTING_FASTBOOT:
    case UB_SIGHTING_META:
      return VERDICT_STARTED;
    default:
      return VERDICT_NONE;
    }
}

static void
come (UbGuide *self, const UbSighting *sighting, gboolean alone, gint64 now_us)
{
  if (wants_keys (self, now_us))
    self->verdict = judge_arrival (sighting);
  /* while something is there, time does not lead on */
  if (alone)
    self->place = get_place (self, now_us);
  if (self->place.road == ROAD_MAIN && self->place.index < find_keys (self) &&
      comes_and_goes (self))
    go_to (self, ROAD_MAIN, find_keys (self), now_us);
}

static void
leave (UbGuide *self, const UbSighting *before, gint64 now_us)
{
  if (self->waiting && self->verdict == VERDICT_START_UP)
    self->verdict = VERDICT_MISSED;
  if (get_best (self) != NULL || is_flashable (before))
    return;
  /* somebody did as told: the keys in hand stay the same */
  if (self->place.road == ROAD_MAIN && get_stop (self, &self->place)->step != STEP_KEYS)
    self->place.index = 0;
  self->place.since_us = now_us;
}

void
ub_guide_see (UbGuide *self, const UbSighting *sighting)
{
  Port    *port;
  gint64   now_us;
  gboolean alone = get_best (self) == NULL;
  g_autoptr (UbSighting) before = NULL;

  if (sighting == NULL)
    {
      g_ptr_array_set_size (self->ports, 0);
      self->verdict = VERDICT_NONE;
      return;
    }
  now_us = take_time (self, sighting->time_us);
  port = find_port (self, sighting->port);
  before = g_steal_pointer (&port->sighting);
  port->sighting = ub_sighting_copy (sighting);
  if (sighting->present && (before == NULL || !before->present || before->kind != sighting->kind))
    come (self, sighting, alone, now_us);
  else if (!sighting->present && before != NULL && before->present)
    leave (self, before, now_us);
}

/* --- what is asked, and what is answered --- */

static void
forget_visits (UbGuide *self)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = g_ptr_array_index (self->ports, i);

      port->before = port->sighting != NULL ? port->sighting->appearances : 0;
    }
}

void
ub_guide_begin (UbGuide *self, gint64 now_us)
{
  now_us = take_time (self, now_us);
  self->waiting = TRUE;
  self->verdict = VERDICT_NONE;
  forget_visits (self);
  go_to (self, ROAD_MAIN, 0, now_us);
}

void
ub_guide_end (UbGuide *self)
{
  self->waiting = FALSE;
}

static void
begin_battery (UbGuide *self, gint64 now_us)
{
  if (self->battery == UB_GUIDE_BATTERY_REMOVABLE)
    go_to (self, ROAD_REMOVABLE, 0, now_us);
  else
    go_to (self, ROAD_FIXED, 0, now_us);
}

void
ub_guide_set_request (UbGuide *self, UbRequest request, gint64 now_us)
{
  now_us = take_time (self, now_us);
  if (request == self->request)
    return;
  self->request = request;
  if (request == UB_REQUEST_GO_ON)
    go_to (self, ROAD_MAIN, 0, now_us);
  else if (request == UB_REQUEST_HOLD_KEY && !wants_keys (self, now_us))
    go_to (self, ROAD_MAIN, find_keys (self), now_us);
  else if (request == UB_REQUEST_BATTERY)
    begin_battery (self, now_us);
}

void
ub_guide_next (UbGuide *self, gint64 now_us)
{
  Place place;

  now_us = take_time (self, now_us);
  place = get_place (self, now_us);
  self->verdict = wants_keys (self, now_us) ? VERDICT_NOTHING : VERDICT_NONE;
  self->place = get_following (self, &place, now_us);
  self->place.by_hand = TRUE;
}

void
ub_guide_set_battery (UbGuide *self, UbGuideBattery battery, gint64 now_us)
{
  now_us = take_time (self, now_us);
  self->battery = battery;
  if (battery != UB_GUIDE_BATTERY_UNKNOWN)
    begin_battery (self, now_us);
}

void
ub_guide_set_phone (UbGuide *self, const char *chip, const char *model)
{
  UbGuideWays ways;

  ub_guide_ways_find (chip, model, &ways);
  self->ways = ways;
  lay_roads (self);
}

/* --- what to say --- */

/* did it leave as soon as it was talked to? */
static gboolean
left_soon (const UbGuide *self)
{
  const Port *port = get_busiest (self);

  return port != NULL && port->sighting->last_us > 0 && port->sighting->last_us < SOON_US &&
         (self->request == UB_REQUEST_GO_ON || comes_and_goes (self));
}

static void
offer_battery (const UbGuide *self, UbGuideAdvice *advice)
{
  if (self->battery == UB_GUIDE_BATTERY_UNKNOWN &&
      (self->request == UB_REQUEST_BATTERY || left_soon (self)))
    advice->acts |= UB_GUIDE_ACT_BATTERY;
}

static void
say (UbGuideAdvice *advice, UbGuidePicture picture, const char *text)
{
  advice->picture = picture;
  advice->text = text;
}

static void
say_step (const UbGuide *self, const Stop *stop, UbGuideAdvice *advice)
{
  switch (stop->step)
    {
    case STEP_PLUG:
      say (advice, UB_GUIDE_AWAY, _ ("Switch the phone off, then plug it in."));
      break;
    case STEP_POWER:
      say (advice,
           UB_GUIDE_POWER,
           _ ("Is the phone really off? Hold its power button for 15 seconds, then plug it in."));
      break;
    case STEP_KEYS:
      say (advice, self->ways.keys[stop->way], ub_guide_words_of_keys (self->ways.keys[stop->way]));
      break;
    case STEP_CABLE:
      say (
          advice,
          UB_GUIDE_CABLE,
          _ ("Try another cable and a port of the computer itself, and clean the phone's socket."));
      break;
    case STEP_CHARGE:
      say (advice, UB_GUIDE_CHARGE, _ ("Let the phone charge for half an hour, then try again."));
      break;
    case STEP_BATTERY_OUT:
      say (advice,
           UB_GUIDE_BATTERY_OUT,
           _ ("Unplug the phone, take its battery out, and wait ten seconds."));
      break;
    case STEP_BATTERY_IN:
      say (advice, UB_GUIDE_BATTERY_IN, _ ("Put the battery back in, and plug the phone in."));
      break;
    case STEP_BATTERY_WITHOUT:
      say (advice,
           UB_GUIDE_BATTERY_OUT,
           _ ("Take the battery out again, and plug the phone in without it."));
      break;
    }
}

static void
say_nothing (const UbGuide *self, gint64 now_us, UbGuideAdvice *advice)
{
  Place       place = get_place (self, now_us);
  const Stop *stop = get_stop (self, &place);

  advice->title = _ ("Nothing on the cable");
  if (!is_active (self))
    return;
  advice->title = _ ("Waiting for the phone");
  if (comes_and_goes (self))
    advice->title = _ ("The phone comes and goes");
  if (self->request == UB_REQUEST_GO_ON)
    advice->title = _ ("Plug the phone in again");
  say_step (self, stop, advice);
  if (self->request == UB_REQUEST_GO_ON && stop->step == STEP_PLUG)
    advice->text = _ ("Nothing is lost: it goes on where it stopped.");
  advice->acts |= UB_GUIDE_ACT_NEXT;
  offer_battery (self, advice);
}

static UbGuidePicture
get_picture (const UbSighting *sighting)
{
  if (sighting->access == UB_ACCESS_DENIED)
    return UB_GUIDE_LOCKED;
  if (sighting->access == UB_ACCESS_BUSY)
    return UB_GUIDE_TROUBLE;
  switch (sighting->kind)
    {
    case UB_SIGHTING_ANDROID:
      return UB_GUIDE_ON;
    case UB_SIGHTING_FASTBOOT:
    case UB_SIGHTING_RECOVERY:
    case UB_SIGHTING_META:
      return UB_GUIDE_POWER;
    case UB_SIGHTING_BROKEN:
      return UB_GUIDE_CABLE;
    default:
      return UB_GUIDE_PLUGGED;
    }
}

/* made anew only for another holder: what was handed out stays as it is */
static const char *
get_busy (UbGuide *self, const char *holder)
{
  if (self->busy == NULL || g_strcmp0 (holder, self->holder) != 0)
    {
      g_free (self->busy);
      g_free (self->holder);
      self->busy = ub_guide_words_dup_busy (holder);
      self->holder = g_strdup (holder);
    }
  return self->busy;
}

static void
say_seen (UbGuide *self, const UbSighting *seen, gint64 now_us, UbGuideAdvice *advice)
{
  gboolean     stuck = now_us - seen->time_us >= STUCK_US;
  UbGuideWords words = stuck ? ub_guide_words_of_stuck (seen) : ub_guide_words_of_sighting (seen);

  advice->title = words.title;
  say (advice, get_picture (seen), words.text);
  if (seen->access == UB_ACCESS_DENIED)
    advice->acts |= UB_GUIDE_ACT_PERMISSION;
  else if (seen->access == UB_ACCESS_BUSY)
    advice->text = get_busy (self, seen->holder);
  else if (is_flashable (seen) &&
           (self->verdict == VERDICT_GOT_IT || self->verdict == VERDICT_START_UP))
    advice->picture = UB_GUIDE_LET_GO;
}

/* what the session asks for comes first where it needs other hands than what is seen */
static gboolean
say_request (UbGuide *self, const UbSighting *seen, gint64 now_us, UbGuideAdvice *advice)
{
  switch (self->request)
    {
    case UB_REQUEST_OTHER_PHONE:
      advice->title = _ ("This is another phone");
      say (advice, UB_GUIDE_TROUBLE, ub_request_get_text (self->request));
      return TRUE;
    case UB_REQUEST_REPLUG:
      advice->title = _ ("The phone does not answer");
      say (advice, UB_GUIDE_POWER, ub_request_get_text (self->request));
      return TRUE;
    case UB_REQUEST_BATTERY:
      say_nothing (self, now_us, advice);
      advice->title = _ ("The phone went dark");
      return TRUE;
    case UB_REQUEST_RELEASE_KEYS:
      advice->title = _ ("The phone is ready (emergency mode)");
      say (advice, UB_GUIDE_LET_GO, NULL);
      advice->verdict = ub_request_get_text (self->request);
      return TRUE;
    default:
      return FALSE;
    }
}

static const char *
get_verdict (const UbGuide *self)
{
  switch (self->verdict)
    {
    case VERDICT_GOT_IT:
      return _ ("Got it: emergency mode. Let go of the keys now.");
    case VERDICT_START_UP:
      return _ ("It came in start-up mode, and that is enough. Let go of the keys.");
    case VERDICT_MISSED:
      return _ ("It came in start-up mode and went on: the keys were not seen.");
    case VERDICT_STARTED:
      return _ ("It started as usual: the keys were not seen.");
    case VERDICT_NOTHING:
      return _ ("Nothing came. Now another way.");
    case VERDICT_NONE:
    default:
      return NULL;
    }
}

void
ub_guide_get (UbGuide *self, gint64 now_us, UbGuideAdvice *advice)
{
  const UbSighting *seen = get_best (self);

  now_us = take_time (self, now_us);
  *advice = (UbGuideAdvice){ .picture = UB_GUIDE_AWAY };
  if (say_request (self, seen, now_us, advice))
    return;
  if (seen != NULL)
    say_seen (self, seen, now_us, advice);
  else
    say_nothing (self, now_us, advice);
  advice->verdict = get_verdict (self);
}

gint64
ub_guide_get_next_change (UbGuide *self, gint64 now_us)
{
  const UbSighting *seen = get_best (self);
  Place             place;

  now_us = take_time (self, now_us);
  if (seen != NULL && self->request != UB_REQUEST_BATTERY)
    return now_us < seen->time_us + STUCK_US ? seen->time_us + STUCK_US : G_MAXINT64;
  if (!is_active (self))
    return G_MAXINT64;
  place = get_place (self, now_us);
  return get_end (self, &place);
}

char *
ub_guide_dup_count (UbGuide *self)
{
  const Port *port = get_busiest (self);
  guint       visits;

  if (port == NULL)
    return NULL;
  visits = count_visits (port);
  if (port->sighting->last_us <= 0)
    return g_strdup_printf (ngettext ("Seen %u time", "Seen %u times", visits), visits);
  if (port->sighting->away_us <= 0)
    /* Translators: how often the phone came to the cable, and for how many seconds the last time */
    return g_strdup_printf (ngettext ("Seen %u time, for %.1f s",
                                      "Seen %u times, the last time for %.1f s",
                                      visits),
                            visits,
                            (double) port->sighting->last_us / G_USEC_PER_SEC);
  /* Translators: how often the phone came, for how many seconds, and how many seconds it was away in between */
  return g_strdup_printf (ngettext ("Seen %u time, for %.1f s, after %.1f s away",
                                    "Seen %u times, for %.1f s, %.1f s between",
                                    visits),
                          visits,
                          (double) port->sighting->last_us / G_USEC_PER_SEC,
                          (double) port->sighting->away_us / G_USEC_PER_SEC);
}

/* --- life --- */

UbGuide *
ub_guide_new (void)
{
  UbGuide *self = g_new0 (UbGuide, 1);

  self->ports = g_ptr_array_new_with_free_func (port_free);
  for (guint i = 0; i < N_ROADS; i++)
    self->roads[i] = g_array_new (FALSE, FALSE, sizeof (Stop));
  ub_guide_set_phone (self, NULL, NULL);
  return self;
}

void
ub_guide_free (UbGuide *self)
{
  g_ptr_array_unref (self->ports);
  for (guint i = 0; i < N_ROADS; i++)
    g_array_unref (self->roads[i]);
  g_free (self->busy);
  g_free (self->holder);
  g_free (self);
}
