/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_TABLE_ROW (ub_table_row_get_type ())
G_DECLARE_FINAL_TYPE (UbTableRow, ub_table_row, UB, TABLE_ROW, GObject)

/**
 * UbTableRow:
 *
 * One place in the window's table. A plan is immutable and made anew at every tick; this object
 * stays, and shows the row of the present plan, so that focus and scroll position stay, too.
 * Writing "ticked" only asks: "tick-asked" (gboolean) is emitted, and the next plan brings the
 * answer.
 */
UbTableRow *ub_table_row_new (UbPlanRow *row);
UbPlanRow  *ub_table_row_get_row (UbTableRow *self);
void        ub_table_row_set_row (UbTableRow *self, UbPlanRow *row);

G_END_DECLS
