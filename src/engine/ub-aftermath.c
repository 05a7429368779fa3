/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-aftermath.h"

#include <glib/gi18n.h>

/* a preloader comes once on every start; that often it never got any further */
#define MANY_VISITS 3

struct _UbAftermath
{
  char           *port; /* (nullable): any */
  gint64          begin_us;
  UbAftermathKind kind;
  guint           visits; /* of the preloader, since it last got any further */
  UbSightingKind  here;   /* what is on the cable now */
};

UbAftermath *
ub_aftermath_new (const char *port, gint64 now_us)
{
  UbAftermath *self = g_new0 (UbAftermath, 1);

  self->port = g_strdup (port);
  self->begin_us = now_us;
  return self;
}

void
ub_aftermath_free (UbAftermath *self)
{
  g_free (self->port);
  g_free (self);
}

static gboolean
offers_nothing (const UbSighting *sighting)
{
  const guint offers = UB_TRAIT_MTP | UB_TRAIT_ADB | UB_TRAIT_STORAGE | UB_TRAIT_TETHER;

  return (sighting->traits & UB_TRAIT_CHARGING) != 0 && (sighting->traits & offers) == 0;
}

static UbAftermathKind
judge_arrival (UbAftermath *self, const UbSighting *sighting)
{
  switch (sighting->kind)
    {
    case UB_SIGHTING_ANDROID:
      return offers_nothing (sighting) ? UB_AFTERMATH_CHARGING : UB_AFTERMATH_STARTED;
    case UB_SIGHTING_RECOVERY:
      return UB_AFTERMATH_RECOVERY;
    case UB_SIGHTING_FASTBOOT:
      return UB_AFTERMATH_FASTBOOT;
    case UB_SIGHTING_META:
      return UB_AFTERMATH_META;
    case UB_SIGHTING_BOOT_ROM:
      return UB_AFTERMATH_BOOT_ROM;
    case UB_SIGHTING_BROKEN:
      return UB_AFTERMATH_BROKEN;
    case UB_SIGHTING_PRELOADER:
      return ++self->visits >= MANY_VISITS ? UB_AFTERMATH_LOOPS : UB_AFTERMATH_WATCHING;
    default:
      return self->kind;
    }
}

void
ub_aftermath_see (UbAftermath *self, const UbSighting *sighting)
{
  UbSightingKind before = self->here;

  if (self->port != NULL && g_strcmp0 (self->port, sighting->port) != 0)
    return;
  self->here = sighting->present ? sighting->kind : UB_SIGHTING_NOTHING;
  if (self->kind == UB_AFTERMATH_STARTED || !sighting->present)
    return;
  /* told again, because more is known of it: a phone may offer files later than it charges */
  if (before == sighting->kind && sighting->kind != UB_SIGHTING_ANDROID)
    return;
  self->kind = judge_arrival (self, sighting);
}

static gboolean
is_late (UbAftermath *self, gint64 now_us)
{
  return now_us - self->begin_us >= UB_AFTERMATH_SECONDS * G_USEC_PER_SEC;
}

UbAftermathKind
ub_aftermath_judge (UbAftermath *self, gint64 now_us)
{
  if (self->kind == UB_AFTERMATH_WATCHING && is_late (self, now_us))
    return UB_AFTERMATH_SILENT;
  return self->kind;
}

gboolean
ub_aftermath_is_over (UbAftermath *self, gint64 now_us)
{
  return self->kind == UB_AFTERMATH_STARTED || is_late (self, now_us);
}

/* --- words --- */

static const char *const names[] = {
  [UB_AFTERMATH_WATCHING] = "watching", [UB_AFTERMATH_STARTED] = "started",
  [UB_AFTERMATH_CHARGING] = "charging", [UB_AFTERMATH_RECOVERY] = "recovery",
  [UB_AFTERMATH_FASTBOOT] = "fastboot", [UB_AFTERMATH_META] = "meta",
  [UB_AFTERMATH_LOOPS] = "loops",       [UB_AFTERMATH_BOOT_ROM] = "boot-rom",
  [UB_AFTERMATH_BROKEN] = "broken",     [UB_AFTERMATH_SILENT] = "silent",
};

static const char *const titles[] = {
  [UB_AFTERMATH_WATCHING] = N_ ("You can unplug the phone"),
  [UB_AFTERMATH_STARTED] = N_ ("The phone has started"),
  [UB_AFTERMATH_CHARGING] = N_ ("The phone charges, and may have started"),
  [UB_AFTERMATH_RECOVERY] = N_ ("The phone came up in recovery mode"),
  [UB_AFTERMATH_FASTBOOT] = N_ ("The phone came up in fastboot mode"),
  [UB_AFTERMATH_META] = N_ ("The phone came up in factory test mode"),
  [UB_AFTERMATH_LOOPS] = N_ ("The phone keeps starting over"),
  [UB_AFTERMATH_BOOT_ROM] = N_ ("The phone does not find its start-up code"),
  [UB_AFTERMATH_BROKEN] = N_ ("Something is there, but the computer cannot talk to it"),
  [UB_AFTERMATH_SILENT] = N_ ("Nothing was seen of the phone since"),
};

static const char *const steps[][5] = {
  [UB_AFTERMATH_WATCHING] = { N_ ("The first start may take 10 to 15 minutes.") },
  [UB_AFTERMATH_STARTED] = { N_ ("To see its files on the computer, choose “File transfer” on the "
                                 "phone.") },
  [UB_AFTERMATH_CHARGING] = { N_ ("The first start may take 10 to 15 minutes: leave it alone."),
                              N_ ("To see its files on the computer, choose “File transfer” on the "
                                  "phone."),
                              N_ ("If its screen stays dark, hold its power button for 15 "
                                  "seconds.") },
  [UB_AFTERMATH_RECOVERY] = { N_ ("If its screen says “No command”, hold power and press volume "
                                  "up."),
                              N_ ("Choose “Reboot system now”."),
                              N_ ("If it comes back here, choose “Wipe data/factory reset”. That "
                                  "erases what was on the phone.") },
  [UB_AFTERMATH_FASTBOOT] = { N_ ("Hold its power button for 15 seconds, then start it."),
                              N_ ("If it comes back here, the firmware may be for another variant "
                                  "of the phone.") },
  [UB_AFTERMATH_META] = { N_ ("Unplug it, hold its power button for 15 seconds, then start it.") },
  [UB_AFTERMATH_LOOPS] = { N_ ("Unplug it, hold its power button for 15 seconds, then start it."),
                           N_ ("Let it charge for half an hour."),
                           N_ ("If it goes on like this, the firmware may be for another variant "
                               "of the phone.") },
  [UB_AFTERMATH_BOOT_ROM] = { N_ ("If a key is held or stuck, let go of it."),
                              N_ ("Write the preloader of this very phone's firmware.") },
  [UB_AFTERMATH_BROKEN] = { N_ ("Unplug it, and start it without the cable."),
                            N_ ("Try another cable, and let it charge for half an hour.") },
  [UB_AFTERMATH_SILENT] = { N_ ("The first start may take 10 to 15 minutes: leave it alone."),
                            N_ ("If it stays dark, let it charge for half an hour."),
                            N_ ("Then hold its power button for 15 seconds.") },
};

const char *
ub_aftermath_to_string (UbAftermathKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (names), "");

  return names[kind];
}

const char *
ub_aftermath_get_title (UbAftermathKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (titles), "");

  return _ (titles[kind]);
}

char **
ub_aftermath_dup_steps (UbAftermathKind kind)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_val_if_fail (kind < G_N_ELEMENTS (steps), g_new0 (char *, 1));

  for (guint i = 0; i < G_N_ELEMENTS (steps[kind]) && steps[kind][i] != NULL; i++)
    g_strv_builder_add (builder, _ (steps[kind][i]));
  return g_strv_builder_end (builder);
}
