/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"

G_BEGIN_DECLS

/* Copies @backup, which has a manifest, into a new folder in @parent, a folder that was chosen: another disk, or, in a
 * sandbox, the documents portal's. What is read is compared with its hashes, what was written is read back; until then the
 * new folder has another name, and is removed when anything goes wrong. Nothing that is there is touched. Blocking.
 * @progress: bytes, twice as many as the copy has; may be NULL. Returns: (transfer full) (type filename): the new folder;
 * NULL with BAD_BACKUP, FILE_READ, FILE_WRITE, NO_SPACE, or cancelled */
char *ub_backup_save_to (UbBackup     *backup,
                         const char   *parent,
                         UbDaProgress  progress,
                         gpointer      user_data,
                         GCancellable *cancellable,
                         GError      **error);

G_END_DECLS
