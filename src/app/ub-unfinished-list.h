/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define UB_TYPE_UNFINISHED_LIST (ub_unfinished_list_get_type ())
G_DECLARE_FINAL_TYPE (UbUnfinishedList, ub_unfinished_list, UB, UNFINISHED_LIST, GtkWidget)

/**
 * UbUnfinishedList:
 *
 * Jobs that can go on: a sentence and two buttons for each, by the window's actions "session.go-on" and
 * "session.give-up". Hidden while there are none.
 */

/* (nullable) (element-type UbJournal): newest first. The newest is left out: the window's own bar shows it on every page */
void ub_unfinished_list_set_journals (UbUnfinishedList *self, GPtrArray *journals);

G_END_DECLS
