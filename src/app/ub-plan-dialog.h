/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-plan.h"

G_BEGIN_DECLS

/* @go: the person wants it */
typedef void (*UbPlanDialogAnswer) (UbPlan *plan, gboolean go, gpointer user_data);

/* The confirmation is the plan: what is lost, what is written, erased and kept, how much and how
 * long. Cancel is the default; @answer comes exactly once, after the dialog has gone. Pages need not
 * call it: ub_window_start_plan() does, whenever the plan's mode is destructive. @destroy (nullable):
 * frees @user_data after the answer */
void ub_plan_dialog_present (GtkWindow         *parent,
                             UbPlan            *plan,
                             UbPlanDialogAnswer answer,
                             gpointer           user_data,
                             GDestroyNotify     destroy);

G_END_DECLS
