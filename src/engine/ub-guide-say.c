/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "engine/ub-guide-private.h"

/* what was said of a thing that stays on the cable has had its chance */
#define STUCK_US (30 * G_USEC_PER_SEC)
/* a phone that leaves so soon after it was talked to may want its battery */
#define SOON_US (6 * G_USEC_PER_SEC)

/* --- nothing is seen --- */

/* did it leave as soon as it was talked to? */
static gboolean
left_soon (const UbGuide *self)
{
  const UbGuidePort *port = ub_guide_get_busiest (self);

  return port != NULL && port->sighting->last_us > 0 && port->sighting->last_us < SOON_US &&
         (self->request == UB_REQUEST_GO_ON || ub_guide_comes_and_goes (self));
}

static const char *
get_wait_title (const UbGuide *self)
{
  switch (self->request)
    {
    case UB_REQUEST_GO_ON:
      return _ ("Plug the phone in again");
    case UB_REQUEST_BATTERY:
      return _ ("The phone went dark");
    case UB_REQUEST_OTHER_PHONE:
      return _ ("Waiting for the first phone");
    default:
      break;
    }
  if (ub_guide_comes_and_goes (self))
    return _ ("The phone comes and goes");
  return _ ("Waiting for the phone");
}

static void
say_step (const UbGuide *self, const UbGuideStop *stop, UbGuideAdvice *advice)
{
  advice->picture = ub_guide_words_get_step_picture (stop, &self->ways);
  advice->text = ub_guide_words_of_step (stop, &self->ways);
}

static void
say_nothing (const UbGuide *self, gint64 now_us, UbGuideAdvice *advice)
{
  UbGuidePlace       place = ub_guide_get_place (self, now_us);
  const UbGuideStop *stop = ub_guide_road_get_stop (&self->roads, &place);

  advice->picture = UB_GUIDE_AWAY;
  advice->title = _ ("Nothing on the cable");
  if (!ub_guide_is_active (self))
    return;
  advice->title = get_wait_title (self);
  say_step (self, stop, advice);
  if (stop->step == UB_GUIDE_STEP_PLUG && self->request == UB_REQUEST_GO_ON)
    advice->text = _ ("Nothing is lost: it goes on where it stopped.");
  else if (stop->step == UB_GUIDE_STEP_PLUG && self->request == UB_REQUEST_OTHER_PHONE)
    advice->text = _ ("Plug in the phone that was begun with.");
  advice->acts |= UB_GUIDE_ACT_NEXT;
  if (self->battery == UB_GUIDE_BATTERY_UNKNOWN &&
      (self->request == UB_REQUEST_BATTERY || left_soon (self)))
    advice->acts |= UB_GUIDE_ACT_BATTERY;
}

/* --- something is seen --- */

/* made anew only for another holder: what was handed out stays as it is */
static const char *
get_busy (UbGuide *self, const UbSighting *sighting)
{
  if (self->busy == NULL || g_strcmp0 (sighting->holder, self->holder) != 0 ||
      sighting->holder_is_guess != self->is_guess)
    {
      g_free (self->busy);
      g_free (self->holder);
      self->busy = ub_guide_words_dup_busy (sighting->holder, sighting->holder_is_guess);
      self->holder = g_strdup (sighting->holder);
      self->is_guess = sighting->holder_is_guess;
    }
  return self->busy;
}

static void
say_busy (UbGuide *self, const UbSighting *sighting, UbGuideAdvice *advice)
{
  advice->text = get_busy (self, sighting);
  if (ub_guide_words_is_kept_away (sighting->holder))
    advice->acts |= UB_GUIDE_ACT_PERMISSION;
}

/* is the phone up in something that keys could keep it from? */
static gboolean
is_astray (const UbSighting *sighting)
{
  return sighting->kind == UB_SIGHTING_ANDROID || sighting->kind == UB_SIGHTING_FASTBOOT ||
         sighting->kind == UB_SIGHTING_RECOVERY || sighting->kind == UB_SIGHTING_META ||
         sighting->kind == UB_SIGHTING_UNKNOWN;
}

/* it starts whatever is said: only keys are left, the ones that are on turn */
static void
say_astray (const UbGuide *self, gboolean stuck, UbGuideAdvice *advice)
{
  const UbGuideStop *stop = ub_guide_road_get_stop (&self->roads, &self->place);
  const UbGuideStop  first = { .step = UB_GUIDE_STEP_KEYS };

  advice->acts |= UB_GUIDE_ACT_NEXT;
  if (stop->step != UB_GUIDE_STEP_KEYS)
    stop = &first;
  else if (self->place.by_hand)
    stuck = TRUE;
  if (stuck || ub_guide_comes_and_goes (self))
    say_step (self, stop, advice);
}

static void
say_seen (UbGuide *self, const UbGuidePort *port, gint64 now_us, UbGuideAdvice *advice)
{
  const UbSighting *seen = port->sighting;
  UbGuideWords      words = ub_guide_words_of_sighting (seen);
  gboolean          stuck = ub_guide_is_active (self) && now_us >= port->seen_us + STUCK_US;

  advice->title = words.title;
  advice->text = words.text;
  advice->picture = ub_guide_words_get_picture (seen);
  if (seen->access == UB_ACCESS_DENIED)
    advice->acts |= UB_GUIDE_ACT_PERMISSION;
  else if (seen->access == UB_ACCESS_BUSY)
    say_busy (self, seen, advice);
  else if (seen->kind == UB_SIGHTING_BROKEN && stuck)
    advice->text = ub_guide_words_of_socket ();
  else if (is_astray (seen) && ub_guide_is_active (self))
    say_astray (self, stuck, advice);
  else if (self->verdict == UB_GUIDE_VERDICT_GOT_IT || self->verdict == UB_GUIDE_VERDICT_START_UP)
    advice->picture = UB_GUIDE_LET_GO;
}

/* --- what the session asks for, where that is more than what is seen --- */

static void
say_request (const UbGuide *self, gint64 now_us, UbGuideAdvice *advice)
{
  switch (self->request)
    {
    case UB_REQUEST_OTHER_PHONE:
      advice->title = _ ("This is another phone");
      advice->picture = UB_GUIDE_TROUBLE;
      advice->text = _ ("It is left as it is. Unplug it, and plug in the one that was begun with.");
      break;
    case UB_REQUEST_REPLUG:
      advice->title = _ ("The phone does not answer");
      advice->picture = UB_GUIDE_POWER;
      advice->text = _ ("Unplug it, hold its power button for 15 seconds, and plug it in again.");
      break;
    case UB_REQUEST_BATTERY:
      say_nothing (self, now_us, advice);
      break;
    default:
      break;
    }
}

/* the phone on the cable is the one the session speaks of: it was there before */
static gboolean
is_meant (const UbGuide *self, const UbGuidePort *port)
{
  const UbRequest request = self->request;

  return ub_guide_is_flashable (port->sighting) && port->seen_us <= self->request_us &&
         (request == UB_REQUEST_OTHER_PHONE || request == UB_REQUEST_REPLUG ||
          request == UB_REQUEST_BATTERY);
}

void
ub_guide_get (UbGuide *self, gint64 now_us, UbGuideAdvice *advice)
{
  const UbGuidePort *port;

  now_us = ub_guide_settle (self, now_us);
  port = ub_guide_get_best (self);
  *advice = (UbGuideAdvice){ 0 };
  if (port != NULL && is_meant (self, port))
    say_request (self, now_us, advice);
  else if (port != NULL)
    say_seen (self, port, now_us, advice);
  else
    say_nothing (self, now_us, advice);
  advice->verdict = ub_guide_words_of_verdict (self->verdict);
}

/* what is there changes its words by and by */
static gint64
get_change_of_seen (const UbGuide *self, const UbGuidePort *port, gint64 now_us)
{
  gint64 stuck_us = ub_guide_is_active (self) ? port->seen_us + STUCK_US : G_MAXINT64;
  gint64 boring_us = ub_guide_get_boring_time (self, port);

  if (stuck_us <= now_us)
    stuck_us = G_MAXINT64;
  return MIN (stuck_us, boring_us);
}

gint64
ub_guide_get_next_change (UbGuide *self, gint64 now_us)
{
  const UbGuidePort *port;
  UbGuidePlace       place;
  gint64             change_us = G_MAXINT64;

  now_us = ub_guide_settle (self, now_us);
  port = ub_guide_get_best (self);
  if (port != NULL)
    change_us = get_change_of_seen (self, port, now_us);
  if (!ub_guide_is_active (self) || self->frozen || (port != NULL && !is_meant (self, port)))
    return change_us;
  place = ub_guide_get_place (self, now_us);
  return MIN (change_us, ub_guide_road_get_end (&self->roads, &place));
}

const char *
ub_guide_get_keys_text (UbGuide *self)
{
  const UbGuideStop first = { .step = UB_GUIDE_STEP_KEYS };

  return ub_guide_words_of_step (&first, &self->ways);
}

char *
ub_guide_dup_count (UbGuide *self)
{
  const UbGuidePort *port = ub_guide_get_busiest (self);
  guint              visits = port != NULL ? ub_guide_count_visits (port) : 0;
  double             stayed, away;

  if (visits == 0)
    return NULL;
  stayed = (double) port->sighting->last_us / G_USEC_PER_SEC;
  away = (double) port->sighting->away_us / G_USEC_PER_SEC;
  if (stayed <= 0)
    return g_strdup_printf (ngettext ("Seen %u time", "Seen %u times", visits), visits);
  /* less than a tenth would read as nothing at all */
  if (away < 0.05)
    /* Translators: how often the phone came to the cable, and for how many seconds the last time */
    return g_strdup_printf (ngettext ("Seen %u time, for %.1f s",
                                      "Seen %u times, the last time for %.1f s",
                                      visits),
                            visits,
                            stayed);
  /* Translators: how often the phone came, for how many seconds the last time, and how many seconds it was away before */
  return g_strdup_printf (ngettext ("Seen %u time, for %.1f s, after %.1f s",
                                    "Seen %u times, for %.1f s, %.1f s between",
                                    visits),
                          visits,
                          stayed,
                          away);
}
