/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/ub-report.h"

G_BEGIN_DECLS

#define UB_TYPE_HISTORY_ENTRY (ub_history_entry_get_type ())
G_DECLARE_FINAL_TYPE (UbHistoryEntry, ub_history_entry, UB, HISTORY_ENTRY, GObject)
/**
 * UbHistoryEntry:
 *
 * One saved report, as far as a list shows it. Properties (read-only, constant): path, project,
 * chip, error, firmware, copy, journal, title (text).
 */
const char *ub_history_entry_get_path (UbHistoryEntry *self);
const char *ub_history_entry_get_project (UbHistoryEntry *self); /* never NULL */
const char *ub_history_entry_get_chip (UbHistoryEntry *self);    /* never NULL */
const char *ub_history_entry_get_error (UbHistoryEntry *self);   /* the code's name, "" for none */
const char *ub_history_entry_get_firmware (
    UbHistoryEntry *self); /* path of the map, "" for none; never NULL, as the next three */
const char *ub_history_entry_get_copy (
    UbHistoryEntry *self); /* folder of the safety copy or readback; "" */
const char *ub_history_entry_get_journal (
    UbHistoryEntry *self); /* path, if the job could go on then; "" */
const char *ub_history_entry_get_after (
    UbHistoryEntry *self); /* what the phone did afterwards, as ub_report_get_after(); "" */
const char *ub_history_entry_get_title (
    UbHistoryEntry *self); /* the plan's; the project in reports that had none */
UbMode ub_history_entry_get_mode (
    UbHistoryEntry *self); /* DOWNLOAD_ONLY in reports that had none */
/* is the journal of its job still there? */
gboolean   ub_history_entry_can_go_on (UbHistoryEntry *self);
UbResult   ub_history_entry_get_result (UbHistoryEntry *self);
GDateTime *ub_history_entry_get_time (UbHistoryEntry *self); /* (transfer none) */

#define UB_TYPE_HISTORY (ub_history_get_type ())
G_DECLARE_FINAL_TYPE (UbHistory, ub_history, UB, HISTORY, GObject)

/**
 * UbHistory:
 *
 * The saved reports of a folder, a #GListModel of #UbHistoryEntry, newest first. Main thread.
 */
UbHistory  *ub_history_new (const char *folder); /* NULL: the user's data folder */
const char *ub_history_get_folder (UbHistory *self);
/* reads the folder anew; files that are no reports are left out */
void ub_history_reload (UbHistory *self);
/* (transfer full) (nullable): a saved report's file as it is, if it is no larger than one can be, and UTF-8 */
char *ub_history_read (const char *path);
/* saves @report and puts it at the head of the list */
gboolean ub_history_add (UbHistory *self, UbReport *report, GError **error);

G_END_DECLS
