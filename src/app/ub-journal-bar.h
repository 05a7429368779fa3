/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-journal.h"

G_BEGIN_DECLS

#define UB_TYPE_JOURNAL_BAR (ub_journal_bar_get_type ())
G_DECLARE_FINAL_TYPE (UbJournalBar, ub_journal_bar, UB, JOURNAL_BAR, GtkWidget)

/**
 * UbJournalBar:
 *
 * One sentence about a job that was not finished, and what can be done with it, by the actions
 * "session.go-on" and "session.give-up" with the journal's path.
 */
/* (nullable): hides the bar */
void ub_journal_bar_set_journal (UbJournalBar *self, UbJournal *journal);

/* whether it has a button for going on; one is enough where another one is shown */
void ub_journal_bar_set_can_go_on (UbJournalBar *self, gboolean can_go_on);

G_END_DECLS
