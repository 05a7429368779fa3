/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbLog:
 *
 * The last lines this program said to its log, for whoever helps. Of our own all levels are kept, also those that are never printed; of the
 * libraries' only what they have to complain of. Bounded in lines and in their length; thread-safe.
 */
typedef struct _UbLog UbLog;

/* @max_lines: older ones are forgotten; 0: as many as are of use */
UbLog *ub_log_new (guint max_lines);
void   ub_log_free (UbLog *self); /* not one that was installed: the process keeps that for ever */
/* GLib's log is kept from now on, and goes where it went before. Once in a process */
void ub_log_install (UbLog *self);
/* @domain: (nullable): ours. @message need not be UTF-8 */
void ub_log_add (UbLog *self, GLogLevelFlags level, const char *domain, const char *message);
/* one line each, oldest first, with the time (UTC); "" if there is none. (transfer full) */
char *ub_log_dup_text (UbLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbLog, ub_log_free)

G_END_DECLS
