/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbProgress:
 *
 * A tree of weighted steps. Engine code declares the steps up front and hands a
 * child to each helper; nobody but the tree knows a percentage.
 *
 * An UbProgress belongs to the thread that runs the work. It only ever calls
 * its sink; the sink decides how the news crosses into another thread.
 */
typedef struct _UbProgress UbProgress;

typedef void (*UbProgressSink) (const char *step, double fraction, gpointer user_data);

UbProgress *ub_progress_new (UbProgressSink sink, gpointer user_data);
void        ub_progress_free (UbProgress *self);
void        ub_progress_add_step (UbProgress *self, const char *name, guint weight);
UbProgress *ub_progress_child (UbProgress *self);
void        ub_progress_step_done (UbProgress *self);
void        ub_progress_set (UbProgress *self, guint64 done, guint64 total);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbProgress, ub_progress_free)

G_END_DECLS
