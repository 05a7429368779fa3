/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-aftermath.h"

#include <glib/gi18n.h>

/* a preloader comes once on every start; so often after that it never got any further */
#define MANY_VISITS 3

struct _UbAftermath
{
  char           *port; /* (nullable): any */
  gint64          begin_us;
  UbAftermathKind kind;
  guint           visits; /* of the preloader */
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
is_late (UbAftermath *self, gint64 now_us)
{
  return now_us - self->begin_us >= UB_AFTERMATH_SECONDS * G_USEC_PER_SEC;
}

static UbAftermathKind
judge_android (const UbSighting *sighting)
{
  const guint offers = UB_TRAIT_MTP | UB_TRAIT_ADB | UB_TRAIT_STORAGE | UB_TRAIT_TETHER;

  if ((sighting->traits & UB_TRAIT_CHARGING) != 0 && (sighting->traits & offers) == 0)
    return UB_AFTERMATH_CHARGING;
  return UB_AFTERMATH_STARTED;
}

static UbAftermathKind
judge_arrival (UbAftermath *self, const UbSighting *sighting)
{
  switch (sighting->kind)
    {
    case UB_SIGHTING_ANDROID:
      return judge_android (sighting);
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
      return ++self->visits > MANY_VISITS ? UB_AFTERMATH_LOOPS : UB_AFTERMATH_WATCHING;
    case UB_SIGHTING_UNKNOWN:
      /* at its own port it is the phone, and up; anywhere else it may be anything */
      return self->port != NULL ? UB_AFTERMATH_CHARGING : self->kind;
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
  /* what was there before it was let go does not count, nor what comes too late */
  if (!sighting->present || sighting->time_us < self->begin_us ||
      ub_aftermath_is_over (self, sighting->time_us))
    return;
  /* told again, because more is known of it; a phone that charges may offer files by and by */
  if (before == sighting->kind && sighting->kind != UB_SIGHTING_ANDROID)
    return;
  self->kind = judge_arrival (self, sighting);
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
  [UB_AFTERMATH_WATCHING] = N_ ("Watching what the phone does"),
  [UB_AFTERMATH_STARTED] = N_ ("The phone has started"),
  [UB_AFTERMATH_CHARGING] = N_ ("The phone charges, and may be starting"),
  [UB_AFTERMATH_RECOVERY] = N_ ("The phone came up in recovery mode"),
  [UB_AFTERMATH_FASTBOOT] = N_ ("The phone came up in fastboot mode"),
  [UB_AFTERMATH_META] = N_ ("The phone came up in factory test mode"),
  [UB_AFTERMATH_LOOPS] = N_ ("The phone keeps starting over"),
  [UB_AFTERMATH_BOOT_ROM] = N_ ("The phone does not get to its start-up code"),
  [UB_AFTERMATH_BROKEN] = N_ ("The phone is there, but the computer cannot talk to it"),
  [UB_AFTERMATH_SILENT] = N_ ("Nothing more was seen of the phone"),
};

/* words that are said more than once */
#define FIRST_START                                                                                \
  N_ ("The first start can take 10 to 15 minutes, with a dark screen at times: leave it alone.")
#define FILES N_ ("To see its files on the computer, choose “File transfer” on the phone.")
#define POWER N_ ("Unplug it, and hold its power button for 15 seconds; then start it.")
#define CHARGE N_ ("Let it charge at a charger for half an hour, and try again.")
#define VARIANT                                                                                    \
  N_ ("If that does not help, the firmware may be for another variant of the phone: look for the " \
      "very one that was on it.")
#define PRELOADER N_ ("Write the preloader once more, out of firmware for this very phone.")

/* shared/facts/troubles.md 30, 37–39 */
static const char *const steps[][6] = {
  [UB_AFTERMATH_WATCHING] = { N_ ("Leave the phone on the cable for up to three minutes, or unplug "
                                  "it whenever you like."),
                              FIRST_START },
  [UB_AFTERMATH_STARTED] = { FIRST_START, FILES },
  [UB_AFTERMATH_CHARGING] = { FIRST_START,
                              N_ ("If it shows nothing but a battery, it is off: start it by its "
                                  "power button."),
                              FILES },
  [UB_AFTERMATH_RECOVERY] = { N_ ("If it says “No command”: hold power, press volume up once, and "
                                  "its menu comes."),
                              N_ ("Choose “Reboot system now”."),
                              N_ ("If it comes back here, choose “Wipe data/factory reset”: data "
                                  "of another firmware keeps it from starting. This erases what "
                                  "is stored on the phone."),
                              VARIANT },
  [UB_AFTERMATH_FASTBOOT] = { POWER,
                              N_ ("If it comes back here, a part it needs for starting is missing "
                                  "or does not fit: write the whole firmware."),
                              VARIANT },
  [UB_AFTERMATH_META] = { POWER,
                          N_ ("If it comes back here, close other programs that talk to phones: "
                              "one of them may ask for this mode.") },
  [UB_AFTERMATH_LOOPS] = { POWER,
                           CHARGE,
                           N_ ("If it shows its logo and starts over, wipe its data: hold volume "
                               "up while starting, and choose “Wipe data/factory reset”. This "
                               "erases what is stored on the phone."),
                           VARIANT,
                           PRELOADER },
  [UB_AFTERMATH_BOOT_ROM] = { N_ ("Let go of all keys, and look whether one of them is stuck."),
                              POWER,
                              PRELOADER,
                              VARIANT },
  [UB_AFTERMATH_BROKEN] = { N_ ("Unplug it, and start it without the cable."),
                            N_ ("Try another cable, and clean the phone's socket."),
                            CHARGE },
  [UB_AFTERMATH_SILENT] = { FIRST_START,
                            N_ ("Dark is not dead. Plug it into a charger: a light or a battery on "
                                "the screen, even after minutes, means that it lives."),
                            POWER,
                            CHARGE,
                            VARIANT,
                            PRELOADER },
};

const char *
ub_aftermath_to_string (UbAftermathKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (names), "");

  return names[kind];
}

gboolean
ub_aftermath_from_string (const char *name, UbAftermathKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      {
        *kind = (UbAftermathKind) i;
        return TRUE;
      }
  return FALSE;
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
