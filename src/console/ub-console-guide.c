/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-guide.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "console/ub-console-sighting.h"

struct _UbConsoleGuide
{
  UbGuide          *guide;
  UbConsoleGuideSay say;
  gpointer          user_data;
  UbLinkSource     *source; /* (owned) (nullable) */
  char             *port;   /* (nullable): any */
  guint             subscription;
  guint             timer;
  gboolean          waiting;
  UbRequest         request;
  /* as last told */
  char *title;
  char *text;
  char *verdict;
  guint acts;
};

UbConsoleGuide *
ub_console_guide_new (const char *title, UbConsoleGuideSay say, gpointer user_data)
{
  UbConsoleGuide *self = g_new0 (UbConsoleGuide, 1);

  self->guide = ub_guide_new ();
  self->title = g_strdup (title);
  self->say = say;
  self->user_data = user_data;

  return self;
}

void
ub_console_guide_free (UbConsoleGuide *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->source)
    ub_link_source_unsubscribe (self->source, self->subscription);
  g_clear_object (&self->source);
  ub_guide_free (self->guide);
  g_free (self->port);
  g_free (self->title);
  g_free (self->text);
  g_free (self->verdict);
  g_free (self);
}

/* --- saying --- */

static void
say (UbConsoleGuide *self, const char *text)
{
  g_autofree char *plain = ub_console_sighting_dup_plain (text);
  g_autofree char *line = g_strdup_printf ("  %s", plain);

  self->say (line, self->user_data);
}

/* the title only where it is news: "The phone is switched on: unplug it …" */
static void
say_advice (UbConsoleGuide *self, const UbGuideAdvice *advice)
{
  if (g_strcmp0 (advice->title, self->title) != 0)
    {
      /* Translators: what is seen, and what to do: "The phone is switched on. Unplug it …" */
      g_autofree char *both = g_strdup_printf (_ ("%s. %s"), advice->title, advice->text);

      say (self, both);
    }
  else
    say (self, advice->text);
}

/* what is a button in the window */
static void
say_acts (UbConsoleGuide *self, guint acts)
{
  g_autofree char *step = NULL;
  g_auto (GStrv) lines = NULL;

  if ((acts & UB_GUIDE_ACT_BATTERY) != 0)
    say (self,
         _ ("If its battery can be taken out: take it out, wait ten seconds, and put it back in."));
  if ((acts & UB_GUIDE_ACT_PERMISSION) == 0 || !self->source)
    return;
  step = ub_console_permission_dup_step (self->source);
  lines = g_strsplit (step ? step : "", "\n", -1);
  for (guint i = 0; lines[i]; i++)
    say (self, lines[i]);
}

static void
remember (UbConsoleGuide *self, const UbGuideAdvice *advice)
{
  g_free (self->title);
  g_free (self->text);
  self->title = g_strdup (advice->title);
  self->text = g_strdup (advice->text);
}

static void
tell (UbConsoleGuide *self, const UbGuideAdvice *advice)
{
  gboolean news = g_strcmp0 (advice->text, self->text) != 0 ||
                  (g_strcmp0 (advice->title, self->title) != 0 && self->text);
  guint acts = advice->acts & ~self->acts;

  if (advice->verdict && g_strcmp0 (advice->verdict, self->verdict) != 0)
    say (self, advice->verdict);
  g_free (self->verdict);
  self->verdict = g_strdup (advice->verdict);
  /* a phone that is ready needs no words: what the job does is told */
  if (advice->text && news)
    say_advice (self, advice);
  if (advice->text)
    remember (self, advice);
  say_acts (self, acts);
  self->acts = advice->acts;
}

static gboolean
on_time (gpointer user_data)
{
  UbConsoleGuide *self = user_data;

  self->timer = 0;
  ub_console_guide_look (self, g_get_monotonic_time ());

  return G_SOURCE_REMOVE;
}

static void
set_timer (UbConsoleGuide *self, gint64 now_us)
{
  gint64 change_us = ub_guide_get_next_change (self->guide, now_us);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (change_us == G_MAXINT64)
    return;
  self->timer =
      g_timeout_add ((guint) CLAMP ((change_us - now_us) / 1000 + 1, 1, G_MAXINT), on_time, self);
}

void
ub_console_guide_look (UbConsoleGuide *self, gint64 now_us)
{
  UbGuideAdvice advice;

  ub_guide_get (self->guide, now_us, &advice);
  tell (self, &advice);
  set_timer (self, now_us);
}

/* --- news --- */

void
ub_console_guide_see (UbConsoleGuide *self, const UbSighting *sighting, gint64 now_us)
{
  ub_guide_see (self->guide, sighting);
  ub_console_guide_look (self, now_us);
}

static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  UbConsoleGuide *self = user_data;

  if (!self->port || g_strcmp0 (self->port, sighting->port) == 0)
    ub_console_guide_see (self, sighting, g_get_monotonic_time ());
}

void
ub_console_guide_set_source (UbConsoleGuide *self, UbLinkSource *source, const char *port)
{
  g_return_if_fail (!self->source);

  self->port = g_strdup (port);
  self->source = g_object_ref (source);
  self->subscription = ub_link_source_subscribe (source, NULL, on_sighting, self);
}

void
ub_console_guide_set_phone (UbConsoleGuide *self, const char *chip, const char *model)
{
  ub_guide_set_phone (self->guide, chip, model);
}

void
ub_console_guide_follow (UbConsoleGuide *self, UbRequest request, gboolean waiting, gint64 now_us)
{
  UbGuideAdvice advice;
  gboolean      dropped = request == UB_REQUEST_GO_ON && request != self->request;

  if (request == self->request && waiting == self->waiting)
    return;
  ub_guide_set_request (self->guide, request, now_us);
  if (waiting && !self->waiting)
    ub_guide_begin (self->guide, now_us);
  else if (!waiting && self->waiting)
    ub_guide_end (self->guide);
  self->request = request;
  self->waiting = waiting;
  /* the drop itself was told in the progress */
  if (dropped)
    {
      ub_guide_get (self->guide, now_us, &advice);
      remember (self, &advice);
    }
  ub_console_guide_look (self, now_us);
}
