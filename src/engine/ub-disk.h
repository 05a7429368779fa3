/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files that must be there after a power cut, and files that others may have put there. Blocking. */

/* FILE_WRITE, or NO_SPACE where @number says that the disk is full */
void ub_disk_set_write_error (GError **error, const char *path, int number);
/* @path and its parents, 0700, each entered in its parent for good. FILE_WRITE, NO_SPACE */
gboolean ub_disk_make_folder (const char *path, GError **error);
/* whether a copy of @size bytes fits into the file system that @folder is on, with some to spare; one that does not tell is tried. NO_SPACE, naming @path */
gboolean ub_disk_check_room (const char *folder, const char *path, guint64 size, GError **error);
/* what was made, renamed or removed in @path stays so. FILE_WRITE */
gboolean ub_disk_sync_folder (const char *path, GError **error);
/* all of @size bytes to @fd. FILE_WRITE, NO_SPACE, naming @path */
gboolean ub_disk_write (int fd, const char *path, const void *data, gsize size, GError **error);
/* @data to @offset; of a file that is new there, where longer runs of zeros are left out: they are holes, and it is the caller who sets the
 * length. 0 or errno */
int ub_disk_write_sparse (int fd, const guint8 *data, gsize size, guint64 offset);
/* the whole file or none of it under its name, 0600, on disk. FILE_WRITE, NO_SPACE */
gboolean ub_disk_write_file (const char *folder,
                             const char *name,
                             const void *data,
                             gsize       size,
                             GError    **error);
/* a file descriptor of a regular file that is no symlink, or -1. FILE_MISSING, FILE_READ */
int ub_disk_open (const char *path, guint64 *size, GError **error);
/* (transfer full): never more than @max bytes. FILE_MISSING, FILE_READ */
GBytes *ub_disk_read_file (const char *path, gsize max, GError **error);
/* exactly @size bytes from @offset. FILE_READ */
gboolean ub_disk_read (int         fd,
                       const char *path,
                       guint64     offset,
                       void       *data,
                       gsize       size,
                       GError    **error);
/* @path and all below it, links not followed; under a name that nobody takes for whole first. FALSE if something stayed. FILE_WRITE */
gboolean ub_disk_remove_tree (const char *path, GError **error);
/* may @name be a file's name in a folder of ours? No way out, nothing hidden, nothing that steers */
gboolean ub_disk_is_plain_name (const char *name);

G_END_DECLS
