/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-log.h"
#include "engine/ub-agent-library.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* what the program ends with; also in --help and README.md, so these numbers stay */
typedef enum
{
  UB_CONSOLE_EXIT_OK = 0,
  UB_CONSOLE_EXIT_FAILED = 1, /* anything not named below */
  UB_CONSOLE_EXIT_USAGE = 2,  /* the command line makes no sense */
  UB_CONSOLE_EXIT_FIRMWARE =
      3, /* the firmware, an image or the agent is missing, damaged or does not fit together */
  UB_CONSOLE_EXIT_NO_PHONE = 4,  /* no phone came, or the port may not be opened */
  UB_CONSOLE_EXIT_REFUSED = 5,   /* the phone said no, or the firmware is not for this phone */
  UB_CONSOLE_EXIT_CANCELLED = 6, /* stopped by the person */
  UB_CONSOLE_EXIT_LOST = 7,      /* the phone went away or fell silent in the middle */
} UbConsoleExit;

/**
 * UbConsoleSetup:
 *
 * What the console works with, all borrowed. It knows neither USB nor the practice phone: main.c
 * hands the source in.
 */
typedef struct
{
  UbLinkSource   *source;
  UbAgentLibrary *agents;
  const char     *practice_folder; /* (nullable): the firmware to take where none is named */
  const char
        *data_folder;    /* (nullable): for copies and unfinished jobs, instead of the user's own */
  UbLog *log;            /* (nullable): what support is told */
  const char *libraries; /* (nullable): which this runs with, beside GLib */
} UbConsoleSetup;

/**
 * ub_console_run:
 * @argv: the verb and what follows it; @argc of them, NULL-terminated, left as they are
 *
 * Does one verb from begin to end, in the default main context. SIGINT and SIGTERM stop it at the
 * next safe place.
 *
 * Returns: an #UbConsoleExit
 */
int ub_console_run (int argc, char **argv, const UbConsoleSetup *setup);
/* which status an error ends with */
UbConsoleExit ub_console_exit_for_error (const GError *error);
/* "4096", "0x1000", "64K", "256M", "4G": bytes */
gboolean ub_console_parse_size (const char *text, guint64 *size);
/* the verbs and statuses, for `--help`; (transfer full) */
char *ub_console_dup_help (void);

G_END_DECLS
