/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-history.h"

G_BEGIN_DECLS

#define UB_TYPE_HISTORY_PAGE (ub_history_page_get_type ())
G_DECLARE_FINAL_TYPE (UbHistoryPage, ub_history_page, UB, HISTORY_PAGE, GtkWidget)

/**
 * UbHistoryPage:
 *
 * Every job with its report, newest first, with a search; above them what can go on. A job can be begun again, its copy
 * shown and put back, its report copied for support (ids are masked in it).
 */
void ub_history_page_set_history (UbHistoryPage *self, UbHistory *history);
/* (nullable) (element-type UbJournal): newest first; jobs that can go on */
void ub_history_page_set_journals (UbHistoryPage *self, GPtrArray *journals);
/* while a job runs none can be begun */
void ub_history_page_set_running (UbHistoryPage *self, gboolean running);

G_END_DECLS
