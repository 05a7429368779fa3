/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-mode.h"

#include <glib/gi18n.h>

static const struct
{
  const char *name; /* stable: console and reports */
  gboolean    is_destructive;
  const char *verb;
  const char *title;
  const char *sentence;
} modes[] = {
  [UB_MODE_DOWNLOAD_ONLY] = { "download",
                              FALSE,
                              N_ ("Download"),
                              N_ ("Download only"),
                              N_ ("Writes what is ticked. Everything else stays.") },
  [UB_MODE_FIRMWARE_UPGRADE] = { "upgrade",
                                 TRUE,
                                 N_ ("Erase and upgrade"),
                                 N_ ("Firmware upgrade"),
                                 N_ ("Erases and writes the parts of the firmware. Photos, apps "
                                     "and settings are lost; IMEI, "
                                     "calibration and serial number are saved first and kept.") },
  [UB_MODE_FORMAT_ALL] = { "format",
                           TRUE,
                           N_ ("Erase and download"),
                           N_ ("Format all + download"),
                           N_ ("Erases the whole phone, then writes the whole firmware. Photos, "
                               "apps and settings are "
                               "lost; IMEI, calibration and serial number are saved first and "
                               "kept.") },
  [UB_MODE_REPAIR] = { "repair",
                       FALSE,
                       N_ ("Compare and repair"),
                       N_ ("Repair"),
                       N_ ("Compares the phone's start-up code, and what else is ticked, with the "
                           "firmware and writes only what differs. Photos, apps and settings "
                           "stay.") },
  [UB_MODE_SINGLE] = { "single",
                       FALSE,
                       N_ ("Write this part"),
                       N_ ("Single part"),
                       N_ ("Writes one file to one part, which is saved first. Everything else "
                           "stays.") },
  [UB_MODE_READBACK] = { "readback",
                         FALSE,
                         /* Translators: on a button: read from the phone into this computer */
                         N_ ("Read"),
                         N_ ("Read back"),
                         N_ ("Reads from the phone into a folder. Nothing on the phone changes.") },
  [UB_MODE_RESTORE] = { "restore",
                        TRUE,
                        N_ ("Restore"),
                        N_ ("Restore"),
                        N_ ("Writes a copy back to the phone it was made of. What came to these "
                            "parts since then is "
                            "lost; the rest stays.") },
  [UB_MODE_ERASE] = { "erase",
                      TRUE,
                      N_ ("Erase"),
                      N_ ("Format"),
                      N_ ("Erases what is chosen, for good. IMEI, calibration and serial number "
                          "are "
                          "saved first and kept.") },
  [UB_MODE_TEST] = { "test",
                     FALSE,
                     /* Translators: on a button: test the memory */
                     N_ ("Test"),
                     N_ ("Memory test"),
                     N_ ("Reads the phone's memory to see whether it can be read. Nothing on the "
                         "phone changes.") },
};

G_STATIC_ASSERT (G_N_ELEMENTS (modes) == UB_MODE_LAST + 1);

/**
 * ub_mode_to_string:
 * @mode: a mode
 *
 * Returns: (transfer none): its stable name; "unknown" for a number that is none
 */
const char *
ub_mode_to_string (UbMode mode)
{
  return (guint) mode < G_N_ELEMENTS (modes) ? modes[mode].name : "unknown";
}

/**
 * ub_mode_from_string:
 * @text: (nullable): a name as ub_mode_to_string() gives it, in any case
 * @mode: (out): the mode
 *
 * Returns: %FALSE, and @mode as it was, if it is none
 */
gboolean
ub_mode_from_string (const char *text, UbMode *mode)
{
  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (modes); i++)
    if (g_ascii_strcasecmp (text, modes[i].name) == 0)
      {
        *mode = (UbMode) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
ub_mode_is_destructive (UbMode mode)
{
  return (guint) mode < G_N_ELEMENTS (modes) && modes[mode].is_destructive;
}

const char *
ub_mode_get_verb (UbMode mode)
{
  return (guint) mode < G_N_ELEMENTS (modes) ? _ (modes[mode].verb) : "";
}

const char *
ub_mode_get_title (UbMode mode)
{
  return (guint) mode < G_N_ELEMENTS (modes) ? _ (modes[mode].title) : "";
}

const char *
ub_mode_get_sentence (UbMode mode)
{
  return (guint) mode < G_N_ELEMENTS (modes) ? _ (modes[mode].sentence) : "";
}
