/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"

G_BEGIN_DECLS

/* Where safety copies live: ROOT/PHONE-KEY/TIME. @root NULL: the user's data folder. Blocking. */

/* (transfer full): a folder that is not there yet */
char *ub_safety_copy_dup_folder (const char *root, UbPhoneInfo *phone);
char *ub_safety_copy_dup_root (void); /* the default */
/* (transfer full) (element-type UbBackup): newest first; what is no copy is left out. @phone (nullable): of this phone alone */
GPtrArray *ub_safety_copy_list (const char *root, UbPhoneInfo *phone);
/* (transfer full) (element-type UbBackup): the other copies of the same phone in the same place, newest first */
GPtrArray *ub_safety_copy_list_beside (UbBackup *copy);
/* the job this copy was made for was not finished: the copy is never pruned, and the next job looks whether anything is missing. In vain if the
 * folder is gone or cannot be written */
void     ub_safety_copy_set_unfinished (const char *folder);
gboolean ub_safety_copy_is_unfinished (UbBackup *copy);
/* Removes what is older than @max_days (0: never), then the oldest until all take no more than @max_bytes (0: no limit). Stays whatever
 * happens: the newest of each phone, the newest that holds something where later ones are empty, and every folder of @keep (NULL-terminated, nullable). Leftovers of a killed writer go, too,
 * if older than a day. Returns the number removed */
guint ub_safety_copy_prune (const char        *root,
                            guint              max_days,
                            guint64            max_bytes,
                            const char *const *keep);
/* removes one copy and everything in it, nothing else */
gboolean ub_safety_copy_remove (UbBackup *backup, GError **error);

G_END_DECLS
