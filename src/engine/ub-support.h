/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-log.h"
#include "engine/ub-session.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define UB_TYPE_SUPPORT (ub_support_get_type ())
G_DECLARE_FINAL_TYPE (UbSupport, ub_support, UB, SUPPORT, GObject)

/**
 * UbSupport:
 *
 * Everything that somebody who helps would ask for, as one text to be copied: versions, computer, permission, what is on the cable, the
 * firmware, the last job and the end of the log. English, whatever the language of the program: it is for forums. Nothing in it tells who the
 * person or which one phone it is (engine/ub-support-mask). Keeps watch of cable and job, and writes what they do to the log. Main thread.
 */

/* what only the caller knows; all borrowed, each (nullable) */
typedef struct
{
  UbFirmware *firmware; /* that is open */
  const char *agent;    /* path: chosen by the person */
  const char *report;   /* the last job's, JSON */
  const char *journals; /* folder of unfinished jobs; %NULL: the user's data folder */
} UbSupportFacts;

/* @log: (nullable): borrowed, outlives this. @libraries: (nullable): "GTK 4.8.3, libusb 1.0.26" */
UbSupport *ub_support_new (UbLog *log, const char *libraries);
/* whose sightings are told; (nullable) */
void ub_support_set_source (UbSupport *self, UbLinkSource *source);
/* a job that begins */
void ub_support_follow (UbSupport *self, UbSession *session);
/* (transfer full): masked. @facts: (nullable). Reads some small files */
char *ub_support_dup_text (UbSupport *self, const UbSupportFacts *facts);

G_END_DECLS
