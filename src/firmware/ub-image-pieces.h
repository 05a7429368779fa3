/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Images of many GiB come in pieces: super.img_0, super.img.0, super_1.img, super.img_sparsechunk.0 and so on. The first
 * piece stands for all: its path is an image's path wherever one is kept. */

#define UB_IMAGE_PIECES_MAX 256

/* all files of the image that begins with @path, in order; @path alone if it is whole. Errors: BAD_IMAGE if @path is a
 * piece that is not the first, or there are too many; FILE_MISSING, naming it, if one between them is not there */
GPtrArray *ub_image_pieces_list (const char *path, GError **error);
/* which of @names (element-type filename), files in @folder, is the first piece of @file_name ("super.img"), also if others
 * are missing; (nullable) (transfer none) */
const char *ub_image_pieces_find (const char *folder, GPtrArray *names, const char *file_name);
/* what tells whether an image is still what it was: bytes of all pieces, and a number that changes with the time of any;
 * FALSE with errno if one cannot be looked at */
gboolean ub_image_pieces_stat (const char *path, guint64 *size, gint64 *stamp);

G_END_DECLS
