/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbEstimator:
 *
 * Speed and time left from the last samples of (time, bytes). Times are handed in (µs, monotonic),
 * so tests need no clock. One thread.
 */
typedef struct _UbEstimator UbEstimator;

UbEstimator *ub_estimator_new (void);
void         ub_estimator_free (UbEstimator *self);
void         ub_estimator_reset (UbEstimator *self);
void   ub_estimator_add (UbEstimator *self, gint64 now_us, guint64 done_bytes, guint64 total_bytes);
double ub_estimator_get_speed (UbEstimator *self);     /* bytes/s; 0 while unknown */
gint64 ub_estimator_get_remaining (UbEstimator *self); /* µs; -1 while unknown */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbEstimator, ub_estimator_free)

G_END_DECLS
