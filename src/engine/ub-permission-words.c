/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-permission-words.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "base/ub-error.h"

#define WORDS(title, text, is_good, has_step)                                                      \
  ((UbPermissionWords){ title, text, is_good, has_step })

/* the rule is there, and the phone is closed all the same */
static UbPermissionWords
closed_words (UbSeat seat)
{
  const char *title = _ ("The permission is in place, but the phone is still closed to us");

  switch (seat)
    {
    case UB_SEAT_OTHER:
      return WORDS (
          title,
          _ ("It counts for the person at this computer's own screen and keyboard. Over SSH, VNC "
             "or "
             "another remote connection, and while another user is in front, it does not. Sit down "
             "at the computer itself, then unplug the phone and plug it in again."),
          FALSE,
          FALSE);
    case UB_SEAT_NONE:
      return WORDS (
          title,
          _ ("This computer does not keep account of who sits at it (there is no logind), so "
             "nobody is "
             "let in. Start Unbrick as administrator, or ask whoever looks after this computer."),
          FALSE,
          FALSE);
    case UB_SEAT_UNKNOWN:
    case UB_SEAT_OURS:
    default:
      return WORDS (
          title,
          _ ("Unplug the phone and plug it in again. If that does not help, restart the computer."),
          FALSE,
          FALSE);
    }
}

static UbPermissionWords
fine_words (UbAccess access, UbSeat seat)
{
  const char *title = _ ("This computer lets Unbrick talk to phones");

  if (access == UB_ACCESS_DENIED)
    return closed_words (seat);
  if (access == UB_ACCESS_UNKNOWN && seat == UB_SEAT_OTHER)
    return WORDS (
        title,
        _ ("It counts for the person at this computer's own screen and keyboard; you seem to work "
           "from elsewhere."),
        TRUE,
        FALSE);
  if (access == UB_ACCESS_UNKNOWN && seat == UB_SEAT_NONE)
    return WORDS (
        title,
        _ ("It counts for the person at the computer, but this one does not keep account of who "
           "that is "
           "(there is no logind). If a phone stays closed, start Unbrick as administrator."),
        TRUE,
        FALSE);
  return WORDS (title, _ ("There is nothing to do here."), TRUE, FALSE);
}

/* in a sandbox: only a phone can tell */
static UbPermissionWords
unknown_words (UbAccess access)
{
  if (access == UB_ACCESS_OK || access == UB_ACCESS_BUSY)
    return WORDS (_ ("This computer lets Unbrick talk to phones"),
                  _ ("There is nothing to do here."),
                  TRUE,
                  FALSE);
  if (access == UB_ACCESS_DENIED)
    return WORDS (_ ("This computer does not let Unbrick talk to the phone"),
                  _ ("One small rule is needed, once. If you put it in place already: it counts "
                     "for the person at the "
                     "computer's own screen, not over SSH or VNC; and the phone has to be "
                     "unplugged and plugged in "
                     "again."),
                  FALSE,
                  TRUE);
  return WORDS (
      _ ("Whether this computer lets Unbrick talk to phones shows when one is plugged in"),
      _ ("The rule that allows it cannot be seen from here: Unbrick is in a sandbox, or the rule "
         "is for the administrator's eyes only. It is needed once; putting it in place again does "
         "no harm."),
      FALSE,
      TRUE);
}

/* there is no rule of ours, or an old one */
static UbPermissionWords
lacking_words (UbPermissionState state, UbAccess access)
{
  if (access == UB_ACCESS_OK || access == UB_ACCESS_BUSY)
    return WORDS (_ ("This computer lets Unbrick talk to this phone"),
                  _ ("Unbrick's own rule is missing or old. With it, other phones are let in too, "
                     "and other programs "
                     "leave them alone."),
                  TRUE,
                  TRUE);
  if (state == UB_PERMISSION_OUTDATED)
    return WORDS (_ ("This computer's permission to talk to phones does not cover all of them"),
                  _ ("It is from another version of Unbrick, or this phone comes under its maker's "
                     "own numbers. "
                     "It has to be renewed, once."),
                  FALSE,
                  TRUE);
  return WORDS (_ ("This computer does not let Unbrick talk to phones yet"),
                _ ("One small rule is missing. It is put in place once; no restart is needed."),
                FALSE,
                TRUE);
}

void
ub_permission_words_get (const UbPermission *permission, UbAccess access, UbPermissionWords *words)
{
  if (permission == NULL)
    *words = WORDS (_ ("A practice phone needs no permission"), "", TRUE, FALSE);
  else if (permission->state == UB_PERMISSION_FINE)
    *words = fine_words (access, permission->seat);
  else if (permission->state == UB_PERMISSION_UNKNOWN)
    *words = unknown_words (access);
  else
    *words = lacking_words (permission->state, access);
}

const char *
ub_permission_words_for_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return _ ("Nothing was changed: the password was not given.");
  if (g_error_matches (error, UB_ERROR, UB_ERROR_NO_PERMISSION))
    return _ ("The administrator's permission was not given. The line below does the same in a "
              "terminal.");
  if (g_error_matches (error, UB_ERROR, UB_ERROR_UNSUPPORTED))
    return _ ("The rule is in place, but the computer did not take it up by itself. Unplug the "
              "phone and plug it in "
              "again; if that does not help, restart the computer.");
  return _ ("The rule could not be put in place. The line below does the same in a terminal.");
}
