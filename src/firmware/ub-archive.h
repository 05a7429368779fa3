/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef void (*UbArchiveProgress) (const char *member, double fraction, gpointer user_data);

/* by content, not by name */
gboolean ub_archive_is_archive (const char *path);
/* The names of what is in @path, without unpacking; @max at most. Only of zips, which have them in one place: (transfer full)
 * (nullable) (element-type filename), NULL for all others */
GPtrArray *ub_archive_list_names (const char *path, guint max);
/* Unpacks regular files and folders of @path into @folder (made if need be). Free space is checked first where the archive
 * tells sizes, and while writing where it does not. Nothing is ever written outside of @folder: absolute names, "..", and links are
 * refused or left out. On error or cancel what was unpacked is removed again. Errors: BAD_ARCHIVE, ARCHIVE_PASSWORD, UNSAFE_ARCHIVE, NO_SPACE, FILE_WRITE */
gboolean ub_archive_unpack (const char       *path,
                            const char       *folder,
                            UbArchiveProgress progress,
                            gpointer          user_data,
                            GCancellable     *cancellable,
                            GError          **error) G_GNUC_WARN_UNUSED_RESULT;
/* @folder_out: the folder in @cache_dir that belongs to this archive (path, size and time); unpacked once, found again later */
char *ub_archive_unpack_cached (const char       *path,
                                const char       *cache_dir,
                                UbArchiveProgress progress,
                                gpointer          user_data,
                                GCancellable     *cancellable,
                                GError          **error);

G_END_DECLS
