/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"

G_BEGIN_DECLS

/* Copies of phones on the disk, read in threads, so that the window never waits for a disk. The source of
 * the results is %NULL. */

/* @root: (nullable): the user's data folder. All safety copies, newest first */
void ub_copies_list_async (const char *root, GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) (element-type UbBackup): never NULL */
GPtrArray *ub_copies_list_finish (GAsyncResult *result);
/* a folder or a file, our own or another tool's */
void      ub_copies_open_async (const char         *path,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
UbBackup *ub_copies_open_finish (GAsyncResult *result, GError **error);
/* one that was opened by us: it is a firmware rather than the copy of a phone */
gboolean ub_copies_is_firmware (UbBackup *backup);
/* reads and compares everything. @permille: how far it is, atomic, from g_atomic_rc_box_new0 (int); a
 * reference is held while it runs */
void     ub_copies_verify_async (UbBackup           *backup,
                                 int                *permille,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ub_copies_verify_finish (GAsyncResult *result, GError **error);
/* into a new folder in @parent, see ub_backup_save_to(). @permille as above */
void ub_copies_save_async (UbBackup           *backup,
                           const char         *parent,
                           int                *permille,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
/* (transfer full) (nullable) (type filename): the new folder */
char *ub_copies_save_finish (GAsyncResult *result, GError **error);
/* bytes free where @folder is or would be made; G_MAXUINT64 if nobody knows */
void    ub_copies_get_room_async (const char         *folder,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
guint64 ub_copies_get_room_finish (GAsyncResult *result);
/* for people: "Leagoo Z5 · MT6580 (0x6580)" or what of it is known; (transfer full) */
char *ub_copies_dup_title (UbBackup *backup);
/* "3 March 2026, 12:05 · 1.3 GB · 12 parts"; (transfer full) */
char *ub_copies_dup_line (UbBackup *backup);

G_END_DECLS
