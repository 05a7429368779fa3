/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* what a job is; each is a plan builder, one engine runs them all */
typedef enum
{
  UB_MODE_DOWNLOAD_ONLY,    /* writes what is ticked */
  UB_MODE_FIRMWARE_UPGRADE, /* erases and writes the firmware's parts, keeps the phone's own */
  UB_MODE_FORMAT_ALL,       /* erases the whole user area but for the phone's own, then writes */
  UB_MODE_REPAIR,           /* compares, writes only the blocks that differ, keeps data */
  UB_MODE_SINGLE,           /* one image to one part of the phone's own table */
  UB_MODE_READBACK,
  UB_MODE_RESTORE,
  UB_MODE_ERASE, /* the Format page */
  UB_MODE_TEST,  /* the Memory test page */
  UB_MODE_LAST = UB_MODE_TEST,
} UbMode;

const char *ub_mode_to_string (
    UbMode
        mode); /* "download", "upgrade", "format", "repair", "single", "readback", "restore", "erase", "test" */
gboolean    ub_mode_from_string (const char *text, UbMode *mode);
gboolean    ub_mode_is_destructive (UbMode mode); /* wants the confirmation */
const char *ub_mode_get_verb (
    UbMode mode); /* translated, for the button: "Download", "Erase and download" … */
const char *ub_mode_get_title (UbMode mode);    /* translated: "Download only" */
const char *ub_mode_get_sentence (UbMode mode); /* translated: what is lost and what is kept */

G_END_DECLS
