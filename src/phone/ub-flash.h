/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbFlash:
 *
 * One hardware area of a storage, held in memory page by page. A page whose bytes are all equal
 * takes no memory, so a phone of many gigabytes costs what was really written to it. Offsets and
 * sizes are bytes; what lies beyond the end reads as zeros and is not written. One thread at a
 * time.
 */
typedef struct _UbFlash UbFlash;

UbFlash *ub_flash_new (guint64 size);
void     ub_flash_free (UbFlash *self);
guint64  ub_flash_get_size (UbFlash *self);
void     ub_flash_read (UbFlash *self, guint64 offset, guint8 *data, gsize size);
void     ub_flash_write (UbFlash *self, guint64 offset, const guint8 *data, gsize size);
void     ub_flash_fill (UbFlash *self, guint64 offset, guint64 size, guint8 value);
/* SHA-256 as hex; (transfer full) */
char *ub_flash_hash (UbFlash *self, guint64 offset, guint64 size);
/* sum of all bytes mod 2^16 */
guint16 ub_flash_sum (UbFlash *self, guint64 offset, guint64 size);
/* bytes of memory the pages take */
guint64 ub_flash_get_memory (UbFlash *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbFlash, ub_flash_free)

G_END_DECLS
