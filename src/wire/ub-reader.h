/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbReader:
 *
 * Reads numbers out of bytes that came from outside. A read past the end gives zero and is
 * remembered; ub_reader_finish() tells. So a message is parsed in straight lines and checked once.
 * Two byte orders live side by side in our protocols, so the order is in the call.
 */
typedef struct
{
  const guint8 *data;
  gsize         size;
  gsize         offset;
  gboolean      overrun;
} UbReader;

#define UB_READER_INIT(data_, size_) ((UbReader){ .data = (data_), .size = (size_) })

guint8        ub_reader_u8 (UbReader *self);
guint16       ub_reader_u16_le (UbReader *self);
guint16       ub_reader_u16_be (UbReader *self);
guint32       ub_reader_u32_le (UbReader *self);
guint32       ub_reader_u32_be (UbReader *self);
guint64       ub_reader_u64_le (UbReader *self);
guint64       ub_reader_u64_be (UbReader *self);
const guint8 *ub_reader_bytes (UbReader *self, gsize size); /* (nullable): points into the data */
void          ub_reader_skip (UbReader *self, gsize size);
void          ub_reader_seek (UbReader *self, gsize offset);
char    *ub_reader_dup_string (UbReader *self, gsize size); /* NUL-padded field; UTF-8 made valid */
gsize    ub_reader_left (UbReader *self);
gboolean ub_reader_ok (UbReader *self, const char *what, int code, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_reader_finish (UbReader *self, const char *what, int code, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
