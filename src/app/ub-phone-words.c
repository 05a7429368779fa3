/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-phone-words.h"

#include <glib/gi18n.h>

/* a phone that came so often and was never caught needs another way in */
#define MANY_VISITS 3
/* so long a written phone is watched before its silence is worth a word */
#define AFTER_SECONDS 180

static const char *
get_access_headline (UbAccess access)
{
  switch (access)
    {
    case UB_ACCESS_DENIED:
      return _ ("The phone is here, but this computer does not let us talk to it");
    case UB_ACCESS_BUSY:
      return _ ("Another program is using the phone");
    case UB_ACCESS_UNKNOWN:
    case UB_ACCESS_OK:
      break;
    }
  return NULL;
}

const char *
ub_phone_words_get_headline (const UbSighting *sighting)
{
  const char *access;

  if (sighting == NULL || !sighting->present)
    return _ ("Nothing on the cable");
  access = get_access_headline (sighting->access);
  if (access != NULL)
    return access;
  switch (sighting->kind)
    {
    case UB_SIGHTING_BOOT_ROM:
      return _ ("The phone is ready (emergency mode)");
    case UB_SIGHTING_PRELOADER:
      return _ ("The phone is ready (start-up mode)");
    case UB_SIGHTING_AGENT:
      return _ ("The phone is ready (its loader is running)");
    case UB_SIGHTING_ANDROID:
      return _ ("The phone is switched on");
    case UB_SIGHTING_FASTBOOT:
      return _ ("The phone is in fastboot mode");
    case UB_SIGHTING_META:
      return _ ("The phone is in factory test mode");
    case UB_SIGHTING_RECOVERY:
      return _ ("The phone is in recovery mode");
    case UB_SIGHTING_BROKEN:
      return _ ("Something is on the cable, but the computer cannot talk to it");
    case UB_SIGHTING_UNKNOWN:
      return _ ("Something is on the cable that we do not know");
    case UB_SIGHTING_NOTHING:
      break;
    }
  return _ ("Nothing on the cable");
}

static const char *
get_access_cure (const UbSighting *sighting)
{
  if (sighting->access == UB_ACCESS_DENIED)
    return _ ("Open the menu, choose Help, and do the one step under “Permission”. Then unplug the "
              "phone and plug it "
              "in again.");
  if (sighting->access == UB_ACCESS_BUSY)
    return _ (
        "Close other programs that talk to phones, then unplug the phone and plug it in again.");
  return NULL;
}

const char *
ub_phone_words_get_cure (const UbSighting *sighting)
{
  const char *access;

  if (sighting == NULL || !sighting->present)
    return NULL;
  access = get_access_cure (sighting);
  if (access != NULL)
    return access;
  switch (sighting->kind)
    {
    case UB_SIGHTING_ANDROID:
      return _ ("Unplug it, switch it off (hold the power button for 10 seconds if need be), and "
                "plug it in again.");
    case UB_SIGHTING_FASTBOOT:
    case UB_SIGHTING_RECOVERY:
    case UB_SIGHTING_META:
      return _ ("Unplug it, hold the power button until it is off, and plug it in again.");
    case UB_SIGHTING_UNKNOWN:
      return _ ("If this is your phone, switch it off and plug it in again. Holding volume down "
                "while plugging in "
                "helps with many phones.");
    case UB_SIGHTING_BROKEN:
      return _ ("Try another cable and a port of the computer itself, clean the phone's socket, and "
                "let the phone charge for half an hour.");
    case UB_SIGHTING_BOOT_ROM:
    case UB_SIGHTING_PRELOADER:
    case UB_SIGHTING_AGENT:
    case UB_SIGHTING_NOTHING:
      break;
    }
  return NULL;
}

const char *
ub_phone_words_get_hint (guint seconds, guint appearances)
{
  if (appearances >= MANY_VISITS)
    return _ ("The phone comes and goes. Unplug it, hold volume down (or up, or both), and plug it "
              "in while holding.");
  if (seconds >= 60)
    return _ ("Still nothing. Try another cable and a port of the computer itself, clean the "
              "phone's socket, and let "
              "the phone charge for half an hour. If its battery can be taken out, take it out for "
              "ten seconds.");
  if (seconds >= 30)
    return _ ("No reaction? Hold volume down while plugging in. If that does nothing, try volume "
              "up, then both.");
  if (seconds >= 15)
    return _ ("Nothing yet. Is the phone really off? Hold its power button for 15 seconds, then "
              "plug it in.");
  return "";
}

const char *
ub_phone_words_get_after (const UbSighting *sighting,
                          guint             seconds,
                          guint             visits,
                          const char      **hint)
{
  *hint = NULL;
  if (sighting != NULL && sighting->present && sighting->kind == UB_SIGHTING_ANDROID)
    return _ ("The phone has started");
  if (visits >= MANY_VISITS)
    {
      *hint = _ ("Unplug it and let it charge for half an hour, then hold its power button for 15 "
                 "seconds. If it goes "
                 "on like this, the firmware may be for another variant of the phone.");
      return _ ("The phone keeps starting over");
    }
  if (seconds >= AFTER_SECONDS)
    {
      *hint = _ ("If it stays dark, let it charge for half an hour, then hold its power button for "
                 "15 seconds.");
      return _ ("Nothing was seen of the phone since");
    }
  return _ ("You can unplug the phone");
}

char *
ub_phone_words_format_count (const UbSighting *sighting)
{
  if (sighting == NULL || sighting->appearances == 0)
    return NULL;
  if (sighting->last_us > 0)
    /* Translators: how often the phone came to the cable, and for how many seconds the last time */
    return g_strdup_printf (ngettext ("Seen %u time, for %.1f s",
                                      "Seen %u times, the last time for %.1f s",
                                      sighting->appearances),
                            sighting->appearances,
                            (double) sighting->last_us / G_USEC_PER_SEC);
  return g_strdup_printf (ngettext ("Seen %u time", "Seen %u times", sighting->appearances),
                          sighting->appearances);
}
