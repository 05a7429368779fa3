/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UbImageFile:
 *
 * The bytes of an image, whether it is one file or many pieces. Shows all of them, one behind the
 * other, or a single one. Only one is open at a time. One thread at a time.
 */
typedef struct _UbImageFile UbImageFile;

#define UB_IMAGE_FILE_ALL G_MAXUINT

/* @path: of the only or of the first piece. Errors of ub_image_pieces_list(), FILE_READ */
UbImageFile *ub_image_file_open (const char *path, GError **error);
void         ub_image_file_free (UbImageFile *self);
guint        ub_image_file_get_n_pieces (UbImageFile *self);
guint64      ub_image_file_get_whole_size (UbImageFile *self); /* bytes of all pieces */
/* @piece or UB_IMAGE_FILE_ALL: what offsets and the size count from now on */
void        ub_image_file_show (UbImageFile *self, guint piece);
guint64     ub_image_file_get_size (UbImageFile *self); /* of what is shown, bytes */
const char *ub_image_file_get_name (
    UbImageFile *self); /* the path of what is shown, for messages */
/* as many of @size bytes at @offset as there are; -1 with FILE_READ, also if a piece is not what it was */
gssize ub_image_file_read (UbImageFile *self,
                           guint64      offset,
                           guint8      *data,
                           gsize        size,
                           GError     **error);
/* is the piece at @offset still what it was when it was opened? FILE_READ */
gboolean ub_image_file_check (UbImageFile *self, guint64 offset, GError **error);
/* the same of all of them */
gboolean ub_image_file_check_all (UbImageFile *self, GError **error);
/* POSIX_FADV_…, for what is read next */
void ub_image_file_advise (UbImageFile *self, int advice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbImageFile, ub_image_file_free)

G_END_DECLS
