/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_FIT_LIGHT (ub_fit_light_get_type ())
G_DECLARE_FINAL_TYPE (UbFitLight, ub_fit_light, UB, FIT_LIGHT, GtkWidget)

/**
 * UbFitLight:
 *
 * Does this firmware look like it is for this phone? A light, the same in words, and the reasons.
 * Hidden while nothing is known.
 */
/* (nullable) */
void ub_fit_light_set_plan (UbFitLight *self, UbPlan *plan);

G_END_DECLS
