/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/ub-part-row.h"

G_BEGIN_DECLS

#define UB_TYPE_PARTS_LIST (ub_parts_list_get_type ())
G_DECLARE_FINAL_TYPE (UbPartsList, ub_parts_list, UB, PARTS_LIST, GtkWidget)

/**
 * UbPartsList:
 *
 * A checklist of parts, with locks. Signal "changed": another one is ticked.
 */

/* @rows: (element-type UbPartRow). Names that stay keep their ticks if @keep */
void ub_parts_list_set_rows (UbPartsList *self, GPtrArray *rows, gboolean keep);
/* (transfer full): the ticked ones, in the order of the list; empty for none */
char  **ub_parts_list_dup_names (UbPartsList *self);
guint   ub_parts_list_get_n_rows (UbPartsList *self);
guint   ub_parts_list_get_n_ticked (UbPartsList *self);
guint   ub_parts_list_get_n_locked (UbPartsList *self);
guint64 ub_parts_list_get_size (UbPartsList *self); /* bytes of the ticked ones */

G_END_DECLS
