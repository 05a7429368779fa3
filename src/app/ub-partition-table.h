/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_PARTITION_TABLE (ub_partition_table_get_type ())
G_DECLARE_FINAL_TYPE (UbPartitionTable, ub_partition_table, UB, PARTITION_TABLE, GtkWidget)

/**
 * UbPartitionTable:
 *
 * The rows of a plan with their ticks. Shows and asks, decides nothing. Signals: "tick-asked"
 * (UbPlanRow, gboolean), "tick-all-asked" (gboolean), "row-activated" (UbPlanRow).
 */
/* @rows: (nullable): of UbPlanRow */
void ub_partition_table_set_rows (UbPartitionTable *self, GListModel *rows);
/* while a phone is being written nothing can be changed */
void ub_partition_table_set_locked (UbPartitionTable *self, gboolean locked);

G_END_DECLS
