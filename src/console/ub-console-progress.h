/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-session.h"

G_BEGIN_DECLS

/**
 * UbConsoleProgress:
 *
 * Shows how far a session is: on a terminal one line that is drawn over itself, elsewhere a line
 * for each new state, partition and tenth of the work. Main thread.
 */
typedef struct _UbConsoleProgress UbConsoleProgress;

/* where the text goes: whole lines, or a line to be drawn over */
typedef void (*UbConsoleProgressPrint) (const char *text, gpointer user_data);

UbConsoleProgress *ub_console_progress_new (gboolean               terminal,
                                            guint                  columns,
                                            UbConsoleProgressPrint print,
                                            gpointer               user_data);
void               ub_console_progress_free (UbConsoleProgress *self);
/* draws whatever @session tells, until ub_console_progress_free() */
void ub_console_progress_follow (UbConsoleProgress *self, UbSession *session);
/* something else that takes time, such as unpacking; @fraction below 0: unknown */
void ub_console_progress_show (UbConsoleProgress *self, const char *what, double fraction);
/* @text on lines of its own, whatever is drawn */
void ub_console_progress_say (UbConsoleProgress *self, const char *text);
/* while somebody is asked nothing is drawn over the question */
void ub_console_progress_pause (UbConsoleProgress *self, gboolean paused);
/* takes the line away, so that others can print */
void ub_console_progress_clear (UbConsoleProgress *self);
/* "[####------]" in @width columns; below 0 is empty, above 1 full; (transfer full) */
char *ub_console_progress_dup_bar (double fraction, guint width);
/* "1:05"; "" if it is not known; (transfer full) */
char *ub_console_progress_dup_time (gint64 us);
/* to standard output or standard error (@quiet), as a terminal or a pipe, whichever it is */
UbConsoleProgress *ub_console_progress_new_standard (gboolean quiet);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbConsoleProgress, ub_console_progress_free)

G_END_DECLS
