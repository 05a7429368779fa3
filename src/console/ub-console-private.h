/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "console/ub-console.h"
#include "engine/ub-journal.h"
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
  const char           *verb;
  char                 *mode;
  char                 *preloader;
  char                 *storage;
  char                 *only;
  char                 *agent;
  char                 *auth;
  char                 *cert;
  char                 *key;
  char    *firmware; /* lends its agent and memory settings to jobs that need no firmware */
  char    *report;
  char    *port;
  char    *accept;
  char    *copies;
  char    *data_dir;
  char    *out;
  char    *range;
  char    *size;
  char   **memory_from; /* preloaders and folders of them */
  char   **parts;       /* as given: each may be a list with commas */
  char   **names;       /* of @parts, one each; NULL if there are none */
  guint    consents;    /* of @accept, 1 << UbQuestionKind */
  int      wait;        /* seconds; 0: for ever */
  int      duration;    /* seconds; 0: for ever */
  int      days;
  int      job; /* from 1; 0: not said */
  gboolean verify;
  gboolean both_sets;
  gboolean expert;
  gboolean all;
  gboolean boot;
  gboolean yes;
  gboolean forget;
  gboolean json;
  gboolean quick;
  gboolean trace;
  gboolean power_off;
  gboolean stay;
  gboolean staying; /* the job is over: Ctrl+C ends the watch, and nothing else */
  char   **paths;
} UbConsole;

/* --- verbs: each prints what it has to say and returns an UbConsoleExit --- */
int ub_console_check (UbConsole *self);
int ub_console_plan (UbConsole *self);
int ub_console_flash (UbConsole *self);
int ub_console_read (UbConsole *self);
int ub_console_restore (UbConsole *self);
int ub_console_erase (UbConsole *self);
int ub_console_test (UbConsole *self);
int ub_console_part (UbConsole *self);
int ub_console_copies (UbConsole *self);
int ub_console_go_on (UbConsole *self);
int ub_console_info (UbConsole *self);
int ub_console_watch (UbConsole *self);
int ub_console_permission (UbConsole *self);
int ub_console_support (UbConsole *self);

/* --- what was said on the command line (ub-console-choice.c) --- */
/* names and consents out of their lists; a status: the reason was printed */
int ub_console_read_lists (UbConsole *self);
/* --auth, --cert, --key, --memory-from: are they there, and what they should be? A status: the reason was printed */
int ub_console_check_files (UbConsole *self);
/* what was said of files, port and patience, into @options; they borrow from @self */
void ub_console_fill_options (UbConsole *self, UbSessionOptions *options);
/* --part or --range; neither: the whole phone. @target borrows from @self */
int ub_console_read_target (UbConsole *self, UbPlanTarget *target);
/* --mode and --preloader alone, before anything is opened */
int ub_console_read_mode (UbConsole *self, UbMode *mode, UbPreloaderRule *preloader);
/* the plan that was asked for; NULL with a status: the reason was printed */
UbPlan *ub_console_make_plan (UbConsole *self, UbFirmware *firmware, int *status);
/* the firmware named on the command line, or the practice one; prints nothing. NULL with an error
 */
UbFirmware *ub_console_open_firmware (UbConsole *self, GError **error);
/* the one that lends its agent; NULL without an error if there is none */
UbFirmware *ub_console_open_lender (UbConsole *self, GError **error);
/* containers to choose from, NULL-terminated (transfer full) */
char **ub_console_list_agents (UbConsole *self, UbFirmware *firmware);
/* where safety copies and unfinished jobs are; (transfer full) (nullable): NULL is the default */
char *ub_console_dup_copies_folder (UbConsole *self);
char *ub_console_dup_journal_folder (UbConsole *self);
/* where the window keeps its reports; the same */
char *ub_console_dup_reports_folder (UbConsole *self);

/* --- asking (ub-console-ask.c) --- */
/**
 * UbConsoleAsk:
 *
 * A word to be typed, waited for in the default main context. The prompt goes to standard error.
 */
typedef struct _UbConsoleAsk UbConsoleAsk;
typedef void (*UbConsoleAskFunc) (gboolean yes, gpointer user_data);

/* is there somebody to ask? */
gboolean ub_console_ask_is_possible (void);
/* @word (nullable): "yes". @func is called once, unless it is freed before */
UbConsoleAsk *ub_console_ask_new (const char *word, UbConsoleAskFunc func, gpointer user_data);
void          ub_console_ask_free (UbConsoleAsk *self);
/* before anything is done: can the question be answered at all? A status: why not was printed */
int ub_console_ask_check (UbConsole *self);
/* --yes, or asks; UB_CONSOLE_EXIT_CANCELLED: a no, and that was printed */
int ub_console_ask_confirm (UbConsole *self);

/* --- jobs (ub-console-job.c) --- */
/* one sentence on standard error if there is an unfinished job */
void ub_console_job_mention_unfinished (UbConsole *self);
/* every file of @backup with its hash, with a bar; prints nothing else */
gboolean ub_console_verify_backup (UbConsole *self, UbBackup *backup, GError **error);
/* prints what is in the way; returns its status, UB_CONSOLE_EXIT_OK if nothing is */
int ub_console_job_print_blocker (UbConsole *self, UbPlan *plan);
/* confirms (unless the mode does not need it), waits for the phone, does it and tells what came of it.
 * @lender (nullable): a firmware with an agent; @journal (nullable): goes on with it */
int ub_console_job_run (UbConsole *self, UbPlan *plan, UbFirmware *lender, UbJournal *journal);
/* the session alone: NULL with an error if the source cannot watch, else it watches on with --stay; progress on standard output
 * (@quiet: standard error). @said_no (nullable): a question was answered no */
UbReport *ub_console_job_run_session (UbConsole              *self,
                                      UbPlan                 *plan,
                                      const UbSessionOptions *options,
                                      gboolean                quiet,
                                      gboolean               *said_no,
                                      GError                **error);

/* --- permission (ub-console-permission.c) --- */
/* what to do about a phone that may not be opened: lines, the last of which is to be copied if something can be done. (transfer full)
 * (nullable): a source that needs no permission */
char *ub_console_permission_dup_step (UbLinkSource *source);

/* --- afterwards (ub-console-stay.c) --- */
/* --stay: what becomes of the phone of @report, into @report and in words */
void ub_console_stay_run (UbConsole *self, UbReport *report);

/* --- words --- */
/* an error as title, explanation, things to try and details, on standard error; returns its status
 */
int ub_console_print_error (const GError *error, gboolean written);
/* wrong use, on standard error; returns UB_CONSOLE_EXIT_USAGE */
int ub_console_print_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* a line for people: standard output, or standard error where JSON is wanted */
void ub_console_say (UbConsole *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ub_console_print_issues (UbConsole *self, UbPlan *plan);
/* the plan in words: parts, bytes, minutes, erased, kept, lost */
void ub_console_print_summary (UbConsole *self, UbPlan *plan);
/* the traffic light and why it has its colour, lines without the last end; "" while it has none. (transfer full) */
char       *ub_console_dup_light (UbPlan *plan);
const char *ub_console_fit_to_string (UbFit fit);            /* "green" …, not for people */
const char *ub_console_level_to_string (UbIssueLevel level); /* "note" …, not for people */
char       *ub_console_dup_size (guint64 bytes);             /* "12.3 MB" */
void        ub_console_print_json (JsonBuilder *builder);
void        ub_console_add_issues_json (JsonBuilder *builder, UbPlan *plan); /* a member "issues" */
void        ub_console_add_string_json (JsonBuilder *builder,
                                        const char  *name,
                                        const char  *value); /* (nullable) */
void        ub_console_add_int_json (JsonBuilder *builder, const char *name, guint64 value);
void        ub_console_add_boolean_json (JsonBuilder *builder, const char *name, gboolean value);
void        ub_console_add_strings_json (JsonBuilder       *builder,
                                         const char        *name,
                                         const char *const *strings);
/* what the phone says of itself: lines, or members of the object under way */
void ub_console_print_phone (UbPhoneInfo *phone);
void ub_console_add_phone_json (JsonBuilder *builder, UbPhoneInfo *phone);

G_END_DECLS
