/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  UB_IMAGE_RAW,
  UB_IMAGE_SPARSE, /* Android sparse */
} UbImageFormat;

/* what a file is, from its first bytes: "boot" (ANDROID!), "ext4", "gfh" (preloader), "storage-header" (EMMC_BOOT…),
 * "sparse", "lk" (58881688), "gpt", "mbr", "elf", "zip", "empty" (all FF or 0), "unknown" … */
typedef struct
{
  guint64  offset;  /* where on the partition, bytes */
  guint64  length;  /* bytes */
  gboolean is_fill; /* @fill repeats; else the bytes come from the file */
  guint32  fill;    /* little-endian word as in the file */
} UbImageExtent;

/**
 * UbImage:
 *
 * An image as a stream of extents in rising order. Holds no more than one chunk header in memory
 * whatever the size of the file; "don't care" chunks are left out. One thread at a time.
 */
typedef struct _UbImage UbImage;

/* reads the headers of all chunks once: counts, sizes and CRC-free sanity are checked here. The first piece of an image in
 * pieces stands for all of them (ub-image-pieces.h). Errors: FILE_READ, BAD_IMAGE, FILE_MISSING (a piece) */
UbImage      *ub_image_open (const char *path, GError **error);
void          ub_image_free (UbImage *self);
UbImageFormat ub_image_get_format (UbImage *self);
const char   *ub_image_get_content (UbImage *self); /* see above */
guint64 ub_image_get_size (UbImage *self); /* bytes on the partition, expanded, gaps included */
guint64 ub_image_get_data_size (UbImage *self); /* bytes that must be written */
guint64 ub_image_get_file_size (UbImage *self); /* of all pieces */
/* the next extent; FALSE without error at the end. What was not read of the last one is skipped */
gboolean ub_image_next (UbImage *self, UbImageExtent *extent, GError **error);
/* the next @size bytes of the present extent; FILE_READ if the file became shorter or was changed meanwhile */
gboolean ub_image_read (UbImage *self, guint8 *data, gsize size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void     ub_image_skip (UbImage *self, guint64 size); /* the same without reading */
gboolean ub_image_rewind (UbImage *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbImage, ub_image_free)

G_END_DECLS
