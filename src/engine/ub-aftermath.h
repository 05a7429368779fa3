/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* so long a written phone is watched */
#define UB_AFTERMATH_SECONDS 180

/* what became of a phone after it was written and let go */
typedef enum
{
  UB_AFTERMATH_WATCHING, /* nothing yet, and there is time left */
  UB_AFTERMATH_STARTED,  /* Android is up */
  UB_AFTERMATH_CHARGING, /* it came up, and offers nothing: started or charging */
  UB_AFTERMATH_RECOVERY,
  UB_AFTERMATH_FASTBOOT,
  UB_AFTERMATH_META,
  UB_AFTERMATH_LOOPS,    /* its preloader came again and again */
  UB_AFTERMATH_BOOT_ROM, /* its boot ROM came: it finds no preloader it can start */
  UB_AFTERMATH_BROKEN,   /* something is there that cannot be talked to */
  UB_AFTERMATH_SILENT,   /* nothing was seen in all the time */
} UbAftermathKind;

/**
 * UbAftermath:
 *
 * Watches what a phone does after the tick, and says what that means and what to do (shared/facts/troubles.md 30, 37–39). "Written and
 * checked" is not "repaired". No clock, no I/O; one thread.
 */
typedef struct _UbAftermath UbAftermath;

/* @port: (nullable): where the phone was; what comes at other ports does not count */
UbAftermath *ub_aftermath_new (const char *port, gint64 now_us);
void         ub_aftermath_free (UbAftermath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbAftermath, ub_aftermath_free)

void            ub_aftermath_see (UbAftermath *self, const UbSighting *sighting);
UbAftermathKind ub_aftermath_judge (UbAftermath *self, gint64 now_us);
/* nothing that comes can change it any more: STARTED, or the time is over */
gboolean ub_aftermath_is_over (UbAftermath *self, gint64 now_us);

/* "started", "loops" …: for reports, not for people */
const char *ub_aftermath_to_string (UbAftermathKind kind);
/* FALSE for "" and words of another version */
gboolean ub_aftermath_from_string (const char *name, UbAftermathKind *kind);
/* translated: one line; and what to do, a line each, %NULL-terminated, owned by nobody (static) */
const char *ub_aftermath_get_title (UbAftermathKind kind);
/* (transfer full) */
char **ub_aftermath_dup_steps (UbAftermathKind kind);

G_END_DECLS
