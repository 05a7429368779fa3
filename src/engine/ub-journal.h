/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

/**
 * UbJournal:
 *
 * A job that has begun to write, on disk, so that it can go on after a dropped cable, an empty battery, a killed program or a
 * computer switched off. A file that never changes (what the plan is made from, its digest, the safety copy's folder, the phone)
 * and one that only grows (how far the job is; a line that was torn is not counted). Thread-safe as long as one thread marks.
 */
#define UB_TYPE_JOURNAL (ub_journal_get_type ())
G_DECLARE_FINAL_TYPE (UbJournal, ub_journal, UB, JOURNAL, GObject)

/* @folder NULL: the user's data folder. @plan settled; @copy (nullable): its safety copy. On disk and fsynced when it returns. An older
 * journal of the same phone is replaced. FILE_WRITE, NO_SPACE */
UbJournal *ub_journal_new (const char *folder, UbPlan *plan, UbPhoneInfo *phone, UbBackup *copy, GError **error);
UbJournal *ub_journal_open (const char *path, GError **error);
/* the same, from what its two files hold. Hostile bytes welcome */
UbJournal *ub_journal_new_from_bytes (const char *path, GBytes *job, GBytes *position, GError **error);
/* (transfer full) (element-type UbJournal): unfinished jobs, newest first; what cannot be read is left out */
GPtrArray *ub_journal_list (const char *folder);
char      *ub_journal_dup_default_folder (void);
/* step @step (index in the settled plan) is done up to @offset bytes of it; all before it are done. @sync: on disk when it returns */
gboolean    ub_journal_mark (UbJournal *self, guint step, guint64 offset, gboolean sync, GError **error);
guint       ub_journal_get_step (UbJournal *self);
guint64     ub_journal_get_offset (UbJournal *self);
const char *ub_journal_get_digest (UbJournal *self);
const char *ub_journal_get_path (UbJournal *self);
const char *ub_journal_get_copy (UbJournal *self); /* (nullable): folder */
GDateTime  *ub_journal_get_time (UbJournal *self);
UbMode      ub_journal_get_mode (UbJournal *self);
UbPhoneInfo *ub_journal_get_phone (UbJournal *self); /* as it was before the job: report, layout */
/* the unchecked plan, made again; blocking. FILE_MISSING, FILE_READ where the firmware is not what it was */
UbPlan *ub_journal_dup_plan (UbJournal *self, GCancellable *cancellable, GError **error);
/* one translated sentence: "Writing “Leagoo Z5” to a phone (MT6580) stopped at system on 3 March, 12:05. It can go on." */
char *ub_journal_dup_sentence (UbJournal *self);
/* the job is over, or the person gave it up */
gboolean ub_journal_remove (UbJournal *self, GError **error);

G_END_DECLS
