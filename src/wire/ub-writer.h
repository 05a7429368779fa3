/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UB_WRITER_MAX 256

/**
 * UbWriter:
 *
 * Puts a message together in a fixed buffer. Messages of these protocols are short and of known
 * size; running over is a mistake of ours and asserts.
 */
typedef struct
{
  guint8 data[UB_WRITER_MAX];
  gsize  size;
} UbWriter;

#define UB_WRITER_INIT ((UbWriter){ .size = 0 })

void ub_writer_u8 (UbWriter *self, guint8 value);
void ub_writer_u16_le (UbWriter *self, guint16 value);
void ub_writer_u16_be (UbWriter *self, guint16 value);
void ub_writer_u32_le (UbWriter *self, guint32 value);
void ub_writer_u32_be (UbWriter *self, guint32 value);
void ub_writer_u64_le (UbWriter *self, guint64 value);
void ub_writer_u64_be (UbWriter *self, guint64 value);
void ub_writer_bytes (UbWriter *self, const void *data, gsize size);
void ub_writer_string (UbWriter   *self,
                       const char *text,
                       gsize       size); /* NUL-padded; cut if too long */

G_END_DECLS
