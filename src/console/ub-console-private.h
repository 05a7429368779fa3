/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "console/ub-console.h"
#include "engine/ub-plan.h"
#include "engine/ub-report.h"
#include "engine/ub-session.h"

G_BEGIN_DECLS

/**
 * UbConsole:
 *
 * One verb under way: what was asked for on the command line, and what stops it.
 */
typedef struct
{
  const UbConsoleSetup *setup;
  GCancellable         *cancellable; /* SIGINT */
  char                 *mode;
  char                 *storage;
  char                 *only;
  char                 *agent;
  char                 *report;
  char                 *port;
  int                   wait;     /* seconds; 0: for ever */
  int                   duration; /* seconds; 0: for ever */
  gboolean              json;
  gboolean              quick;
  gboolean              trace;
  gboolean              power_off;
  char                **paths;
} UbConsole;

/* --- verbs: each prints what it has to say and returns an UbConsoleExit --- */
int ub_console_check (UbConsole *self);
int ub_console_plan (UbConsole *self);
int ub_console_flash (UbConsole *self);
int ub_console_info (UbConsole *self);
int ub_console_watch (UbConsole *self);

/* --- what verbs share --- */
/* the firmware named on the command line, or the practice one; prints nothing. NULL with an error
 */
UbFirmware *ub_console_open_firmware (UbConsole *self, GError **error);
/* the plan that was asked for; FALSE with a status: the reason was printed */
UbPlan *ub_console_make_plan (UbConsole *self, UbFirmware *firmware, int *status);
/* containers to choose from, NULL-terminated (transfer full) */
char **ub_console_list_agents (UbConsole *self, UbFirmware *firmware);
/* NULL with an error if the source cannot watch; else runs a session in the default main context,
 * its progress on standard output (@quiet: standard error) */
UbReport *ub_console_run_session (UbConsole              *self,
                                  UbPlan                 *plan,
                                  const UbSessionOptions *options,
                                  gboolean                quiet,
                                  GError                **error);

/* --- words --- */
/* an error as title, explanation, things to try and details, on standard error; returns its status
 */
int ub_console_print_error (const GError *error, gboolean written);
/* wrong use, on standard error; returns UB_CONSOLE_EXIT_USAGE */
int         ub_console_print_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);
void        ub_console_print_issues (UbPlan *plan);
const char *ub_console_level_to_string (UbIssueLevel level); /* "note" …, not for people */
char       *ub_console_dup_size (guint64 bytes);             /* "12.3 MB" */
void        ub_console_print_json (JsonBuilder *builder);
void        ub_console_add_issues_json (JsonBuilder *builder, UbPlan *plan); /* a member "issues" */
void        ub_console_add_string_json (JsonBuilder *builder,
                                        const char  *name,
                                        const char  *value); /* (nullable) */
/* what the phone says of itself: lines, or members of the object under way */
void ub_console_print_phone (UbPhoneInfo *phone);
void ub_console_add_phone_json (JsonBuilder *builder, UbPhoneInfo *phone);

G_END_DECLS
