/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-guide-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define WORDS(the_title, the_text) ((UbGuideWords){ (the_title), (the_text) })

/* --- pictures --- */

static const struct
{
  const char *name;
  const char *text;
} pictures[UB_GUIDE_N_PICTURES] = {
  [UB_GUIDE_AWAY] = { "ub-away", N_ ("A phone and a cable, apart") },
  [UB_GUIDE_PLUGGED] = { "ub-plugged", N_ ("A phone on the cable") },
  [UB_GUIDE_ON] = { "ub-on", N_ ("A phone on the cable, its screen lit") },
  [UB_GUIDE_POWER] = { "ub-power", N_ ("A finger holds the power button") },
  [UB_GUIDE_VOLUME_DOWN] = { "ub-volume-down", N_ ("A finger holds volume down") },
  [UB_GUIDE_VOLUME_UP] = { "ub-volume-up", N_ ("A finger holds volume up") },
  [UB_GUIDE_VOLUME_BOTH] = { "ub-volume-both", N_ ("Two fingers hold both volume keys") },
  [UB_GUIDE_VOLUME_DOWN_POWER] = { "ub-volume-down-power",
                                   N_ ("Two fingers hold volume down and power") },
  [UB_GUIDE_VOLUME_UP_POWER] = { "ub-volume-up-power",
                                 N_ ("Two fingers hold volume up and power") },
  [UB_GUIDE_LET_GO] = { "ub-let-go", N_ ("The fingers let go of the keys") },
  [UB_GUIDE_BATTERY_OUT] = { "ub-battery-out", N_ ("The battery is taken out of the phone") },
  [UB_GUIDE_BATTERY_IN] = { "ub-battery-in", N_ ("The battery is put back into the phone") },
  [UB_GUIDE_CABLE] = { "ub-cable", N_ ("Another cable") },
  [UB_GUIDE_CHARGE] = { "ub-charge", N_ ("A phone at its charger") },
  [UB_GUIDE_LOCKED] = { "ub-locked", N_ ("A phone on the cable, and a lock") },
  [UB_GUIDE_TROUBLE] = { "ub-trouble", N_ ("A phone on the cable, and a warning sign") },
  [UB_GUIDE_DONE] = { "ub-done", N_ ("A phone with a tick") },
};

const char *
ub_guide_picture_get_name (UbGuidePicture picture)
{
  g_return_val_if_fail (picture < UB_GUIDE_N_PICTURES, pictures[UB_GUIDE_AWAY].name);

  return pictures[picture].name;
}

const char *
ub_guide_picture_get_text (UbGuidePicture picture)
{
  g_return_val_if_fail (picture < UB_GUIDE_N_PICTURES, "");

  return _ (pictures[picture].text);
}

/* --- one thing to do --- */

static const char *
get_keys_text (UbGuidePicture keys)
{
  switch (keys)
    {
    case UB_GUIDE_VOLUME_DOWN:
      return _ ("Unplug the phone. Hold volume down, and plug it in while you hold.");
    case UB_GUIDE_VOLUME_UP:
      return _ ("Unplug the phone. Hold volume up, and plug it in while you hold.");
    case UB_GUIDE_VOLUME_BOTH:
      return _ ("Unplug the phone. Hold both volume keys, and plug it in while you hold.");
    case UB_GUIDE_VOLUME_UP_POWER:
      return _ ("Unplug the phone. Hold volume up and power, and plug it in while you hold.");
    case UB_GUIDE_VOLUME_DOWN_POWER:
      return _ ("Unplug the phone. Hold volume down and power, and plug it in while you hold.");
    default:
      return _ ("Unplug the phone, hold power until it is off, and plug it in without any key.");
    }
}

UbGuidePicture
ub_guide_words_get_step_picture (const UbGuideStop *stop, const UbGuideWays *ways)
{
  switch (stop->step)
    {
    case UB_GUIDE_STEP_POWER:
    case UB_GUIDE_STEP_CUT_POWER:
      return UB_GUIDE_POWER;
    case UB_GUIDE_STEP_KEYS:
      return ways->keys[stop->way];
    case UB_GUIDE_STEP_CABLE:
      return UB_GUIDE_CABLE;
    case UB_GUIDE_STEP_CHARGE:
      return UB_GUIDE_CHARGE;
    case UB_GUIDE_STEP_BATTERY_IN:
      return UB_GUIDE_BATTERY_IN;
    case UB_GUIDE_STEP_BATTERY_OUT:
    case UB_GUIDE_STEP_BATTERY_WITHOUT:
      return UB_GUIDE_BATTERY_OUT;
    case UB_GUIDE_STEP_PLUG:
    default:
      return UB_GUIDE_AWAY;
    }
}

const char *
ub_guide_words_of_step (const UbGuideStop *stop, const UbGuideWays *ways)
{
  switch (stop->step)
    {
    case UB_GUIDE_STEP_POWER:
      return _ ("Is it really off? Hold its power button for 15 seconds, then plug it in.");
    case UB_GUIDE_STEP_KEYS:
      return get_keys_text (ways->keys[stop->way]);
    case UB_GUIDE_STEP_CABLE:
      return _ ("Try another cable and a port of the computer itself, and clean the phone's "
                "socket.");
    case UB_GUIDE_STEP_CHARGE:
      return _ ("Let the phone charge at a charger for half an hour, then plug it in here.");
    case UB_GUIDE_STEP_CUT_POWER:
      return _ ("Unplug it, hold its power button for 15 seconds, and plug it in again.");
    case UB_GUIDE_STEP_BATTERY_OUT:
      return _ ("Unplug the phone, take its battery out, and wait ten seconds.");
    case UB_GUIDE_STEP_BATTERY_IN:
      return _ ("Put the battery back in, and plug the phone in.");
    case UB_GUIDE_STEP_BATTERY_WITHOUT:
      return _ ("Unplug it, take the battery out again, and plug the phone in without it.");
    case UB_GUIDE_STEP_PLUG:
    default:
      return _ ("Switch the phone off, then plug it in.");
    }
}

const char *
ub_guide_words_of_verdict (UbGuideVerdict verdict)
{
  switch (verdict)
    {
    case UB_GUIDE_VERDICT_GOT_IT:
      return _ ("Got it: emergency mode. Let go of the keys now.");
    case UB_GUIDE_VERDICT_START_UP:
      return _ ("It came in start-up mode, and that is enough. Let go of the keys.");
    case UB_GUIDE_VERDICT_MISSED:
      return _ ("It came in start-up mode and left again: it did not notice the keys.");
    case UB_GUIDE_VERDICT_STARTED:
      return _ ("It started as usual: it did not notice the keys.");
    case UB_GUIDE_VERDICT_NOTHING:
      return _ ("Nothing came. Now another way.");
    case UB_GUIDE_VERDICT_NONE:
    default:
      return NULL;
    }
}

/* --- what is seen --- */

static gboolean
offers_nothing (const UbSighting *sighting)
{
  const guint offers = UB_TRAIT_MTP | UB_TRAIT_ADB | UB_TRAIT_STORAGE | UB_TRAIT_TETHER;

  return (sighting->traits & UB_TRAIT_CHARGING) != 0 && (sighting->traits & offers) == 0;
}

static UbGuideWords
words_of_on (const UbSighting *sighting)
{
  if (offers_nothing (sighting))
    return WORDS (_ ("It charges, but is off or offers nothing"),
                  _ ("Unplug it, hold the power button for 15 seconds, and plug it in again."));
  return WORDS (_ ("The phone is switched on"),
                _ ("Unplug it, switch it off (hold the power button for 10 seconds if need be), "
                   "and plug it in again."));
}

static UbGuideWords
words_of_ready (const UbSighting *sighting)
{
  if (sighting->kind == UB_SIGHTING_BOOT_ROM)
    return WORDS (_ ("The phone is ready (emergency mode)"), NULL);
  if (sighting->kind == UB_SIGHTING_AGENT)
    return WORDS (_ ("The phone is ready (its loader is running)"), NULL);
  return WORDS (_ ("The phone is ready (start-up mode)"), NULL);
}

static const char *
get_off_text (void)
{
  return _ ("Unplug it, hold the power button until it is off, and plug it in again.");
}

UbGuideWords
ub_guide_words_of_sighting (const UbSighting *sighting)
{
  if (sighting->access == UB_ACCESS_DENIED)
    return WORDS (_ ("This computer does not let us talk to the phone"),
                  _ ("One step allows it: see below."));
  if (sighting->access == UB_ACCESS_BUSY)
    return WORDS (_ ("Another program is using the phone"), NULL);
  switch (sighting->kind)
    {
    case UB_SIGHTING_BOOT_ROM:
    case UB_SIGHTING_PRELOADER:
    case UB_SIGHTING_AGENT:
      return words_of_ready (sighting);
    case UB_SIGHTING_ANDROID:
      return words_of_on (sighting);
    case UB_SIGHTING_FASTBOOT:
      return WORDS (_ ("The phone is in fastboot mode"), get_off_text ());
    case UB_SIGHTING_META:
      return WORDS (_ ("The phone is in factory test mode"), get_off_text ());
    case UB_SIGHTING_RECOVERY:
      return WORDS (_ ("The phone is in recovery mode"), get_off_text ());
    case UB_SIGHTING_BROKEN:
      return WORDS (_ ("Something is there, but the computer cannot talk to it"),
                    _ ("Try another cable, and a port of the computer itself."));
    case UB_SIGHTING_UNKNOWN:
      return WORDS (_ ("Something is on the cable that we do not know"),
                    _ ("If this is your phone, switch it off and plug it in again."));
    case UB_SIGHTING_NOTHING:
    default:
      return WORDS (_ ("Nothing on the cable"), NULL);
    }
}

UbGuidePicture
ub_guide_words_get_picture (const UbSighting *sighting)
{
  if (sighting->access == UB_ACCESS_DENIED)
    return UB_GUIDE_LOCKED;
  if (sighting->access == UB_ACCESS_BUSY)
    return UB_GUIDE_TROUBLE;
  switch (sighting->kind)
    {
    case UB_SIGHTING_ANDROID:
      return offers_nothing (sighting) ? UB_GUIDE_POWER : UB_GUIDE_ON;
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

const char *
ub_guide_words_of_socket (void)
{
  return _ ("Clean the phone's socket, press the plug in firmly, and let the phone charge for half "
            "an hour.");
}

/* --- who holds the port --- */

/* programs that are known for it, and the one thing that ends it */
static const struct
{
  const char *name; /* as processes are called: 15 letters at most count */
  const char *text;
  gboolean    kept_away;
} holders[] = {
  { "ModemManager",
    N_ ("ModemManager takes it for a modem. Allow access once, and it stays away; then unplug the "
        "phone and plug it in again."),
    TRUE },
  { "brltty",
    N_ ("brltty takes it for a Braille display. If nobody here needs one, run “sudo systemctl stop "
        "brltty”; then unplug the phone and plug it in again."),
    FALSE },
  { "adb",
    N_ ("adb is using it. Run “adb kill-server”; then unplug the phone and plug it in again."),
    FALSE },
};

/* parts of the system that take such a port, and let go of it with the phone */
static const char *const system_parts[] = { "cdc_acm",   "option",      "usbserial_generic",
                                            "qcserial",  "qcaux",       "rndis_host",
                                            "cdc_ether", "usb-storage", NULL };

static gssize
find_holder (const char *name)
{
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (holders); i++)
    if (g_ascii_strcasecmp (name, holders[i].name) == 0)
      return (gssize) i;
  return -1;
}

gboolean
ub_guide_words_is_kept_away (const char *holder)
{
  gssize i = find_holder (holder);

  return i >= 0 && holders[i].kept_away;
}

char *
ub_guide_words_dup_busy (const char *holder, gboolean is_guess)
{
  gssize known = find_holder (holder);

  if (holder == NULL)
    return g_strdup (_ ("Close other programs that talk to phones, then unplug the phone and plug "
                        "it in again."));
  if (known >= 0 && is_guess)
    /* Translators: a whole sentence about a program follows */
    return g_strdup_printf (_ ("Probably: %s"), _ (holders[known].text));
  if (known >= 0)
    return g_strdup (_ (holders[known].text));
  if (g_strv_contains (system_parts, holder))
    /* Translators: the name of a part of the system, such as cdc_acm */
    return g_strdup_printf (_ ("The system itself holds it (%s). Unplug the phone, and plug it in "
                               "again."),
                            holder);
  /* Translators: the name of a program */
  return g_strdup_printf (is_guess ? _ ("It may be %s. Close that program, then unplug the phone "
                                        "and plug it in again.")
                                   : _ ("It is %s. Close that program, then unplug the phone and "
                                        "plug it in again."),
                          holder);
}

/* --- kinds, in a word or two --- */

static char *
dup_offers (const UbSighting *sighting)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  if ((sighting->traits & UB_TRAIT_MTP) != 0)
    /* Translators: what a phone that is switched on offers over its cable */
    g_ptr_array_add (list, _ ("files"));
  if ((sighting->traits & UB_TRAIT_ADB) != 0)
    g_ptr_array_add (list, (gpointer) "ADB");
  if ((sighting->traits & UB_TRAIT_STORAGE) != 0)
    g_ptr_array_add (list, _ ("disk"));
  if ((sighting->traits & UB_TRAIT_TETHER) != 0)
    g_ptr_array_add (list, _ ("network"));
  if (offers_nothing (sighting))
    g_ptr_array_add (list, _ ("charging only"));
  if ((sighting->traits & UB_TRAIT_OWN_IDS) != 0)
    g_ptr_array_add (list, _ ("its maker's own numbers"));
  g_ptr_array_add (list, NULL);
  return g_strjoinv (", ", (char **) list->pdata);
}

static const char *
get_kind (UbSightingKind kind)
{
  switch (kind)
    {
    case UB_SIGHTING_BOOT_ROM:
      return _ ("boot ROM");
    case UB_SIGHTING_PRELOADER:
      return _ ("preloader");
    case UB_SIGHTING_AGENT:
      return _ ("download agent");
    case UB_SIGHTING_ANDROID:
      return _ ("phone that is switched on");
    case UB_SIGHTING_FASTBOOT:
      return _ ("fastboot");
    case UB_SIGHTING_META:
      return _ ("META mode");
    case UB_SIGHTING_RECOVERY:
      return _ ("recovery");
    case UB_SIGHTING_BROKEN:
      return _ ("something that cannot be talked to");
    case UB_SIGHTING_NOTHING:
      return _ ("nothing");
    case UB_SIGHTING_UNKNOWN:
    default:
      return _ ("unknown phone");
    }
}

char *
ub_guide_dup_kind (const UbSighting *sighting)
{
  g_autofree char *offers = dup_offers (sighting);

  if (*offers == '\0')
    return g_strdup (get_kind (sighting->kind));
  return g_strdup_printf ("%s (%s)", get_kind (sighting->kind), offers);
}
