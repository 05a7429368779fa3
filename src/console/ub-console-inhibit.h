/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UbConsoleInhibit:
 *
 * The computer does not go to sleep, nor down, while this lives: logind's lock, which the system drops by itself when the program ends,
 * however it ends. Where there is no logind, or it says no (somebody far away), there is none, and the log says why.
 */
typedef struct _UbConsoleInhibit UbConsoleInhibit;

/* @why: for people. Never waits for long */
UbConsoleInhibit *ub_console_inhibit_new (const char *why);
void              ub_console_inhibit_free (UbConsoleInhibit *self);
gboolean          ub_console_inhibit_is_held (UbConsoleInhibit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbConsoleInhibit, ub_console_inhibit_free)

G_END_DECLS
