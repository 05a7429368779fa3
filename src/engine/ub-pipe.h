/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "da/ub-da.h"

G_BEGIN_DECLS

/**
 * UbPipe:
 *
 * Reading while writing (design/house.md): a thread of its own reads an image, expands sparse
 * chunks, pads the last sector of a run with zeros (unless told not to) and sums every packet, a few fixed buffers ahead of the
 * wire. Memory does not grow with the image. What a sparse image does not hold is left out: the
 * image comes as runs, and between runs nothing may change.
 *
 * The consumer is one thread: ub_pipe_next_run(), then ub_pipe_source() until the run is used up,
 * and so on.
 */
typedef struct _UbPipe UbPipe;

/* a stretch without gaps; both in bytes, multiples of the sector but for an exact pipe's last one, from the begin of the partition */
typedef struct
{
  guint64 offset;
  guint64 length;
} UbPipeRun;

/* what a pipe reads: exactly one of @path and @bytes; a value */
typedef struct
{
  const char *path; /* an image, raw or sparse; or, with @is_part, any file */
  gboolean
      is_part; /* @length bytes of the file from @offset on, as they are: never taken for sparse */
  guint64 offset;
  guint64 length;
  GBytes *bytes;
  /* only what lies at @begin or behind, and before @end, of what would be read; multiples of the sector */
  guint64  begin;
  guint64  end;      /* 0: up to the end */
  guint    sector;   /* bytes of one, 512 or 4096; 0: 512 */
  gboolean is_exact; /* the last sector is not filled up */
  gboolean is_whole; /* what a sparse image does not hold is zeros: one run from begin to end */
} UbPipeContent;

/* called in the reading thread: must be pure */
typedef guint32 (*UbPipeChecksum) (const guint8 *data, gsize size, gpointer user_data);

/* @packet_size: bytes, a multiple of 512. Errors of ub_image_open() */
UbPipe *ub_pipe_new (const char    *path,
                     gsize          packet_size,
                     UbPipeChecksum checksum,
                     gpointer       user_data,
                     GError       **error);
/* a stretch of an image, of a file, or of memory; @checksum (nullable): what is read is only compared. Errors of ub_image_open(); FILE_READ if a file is
 * shorter than its part; PROTOCOL if @packet_size (an agent named it) is not made of whole sectors */
UbPipe *ub_pipe_new_for_content (const UbPipeContent *content,
                                 gsize                packet_size,
                                 UbPipeChecksum       checksum,
                                 gpointer             user_data,
                                 GError             **error);
/* the same from memory, one run */
UbPipe *ub_pipe_new_for_bytes (GBytes        *bytes,
                               gsize          packet_size,
                               UbPipeChecksum checksum,
                               gpointer       user_data);
void    ub_pipe_free (UbPipe *self); /* stops the thread, also in the middle */
/* FALSE without error at the end. Errors: FILE_READ, BAD_IMAGE */
gboolean ub_pipe_next_run (UbPipe *self, UbPipeRun *run, GError **error);
/* an #UbDaSource over an #UbPipe. The packet stays valid until the next call */
gboolean ub_pipe_source (gpointer pipe, gsize size, UbDaPacket *packet, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPipe, ub_pipe_free)

G_END_DECLS
