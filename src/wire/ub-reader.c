/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wire/ub-reader.h"

#include "base/ub-error.h"

#include <string.h>

static guint64
ub_reader_take (UbReader *self, gsize width, gboolean big)
{
  guint64       value = 0;
  const guint8 *bytes = ub_reader_bytes (self, width);

  if (bytes == NULL)
    return 0;
  for (gsize i = 0; i < width; i++)
    value |= (guint64) bytes[i] << 8 * (big ? width - 1 - i : i);
  return value;
}

guint8
ub_reader_u8 (UbReader *self)
{
  return (guint8) ub_reader_take (self, 1, FALSE);
}

guint16
ub_reader_u16_le (UbReader *self)
{
  return (guint16) ub_reader_take (self, 2, FALSE);
}

guint16
ub_reader_u16_be (UbReader *self)
{
  return (guint16) ub_reader_take (self, 2, TRUE);
}

guint32
ub_reader_u32_le (UbReader *self)
{
  return (guint32) ub_reader_take (self, 4, FALSE);
}

guint32
ub_reader_u32_be (UbReader *self)
{
  return (guint32) ub_reader_take (self, 4, TRUE);
}

guint64
ub_reader_u64_le (UbReader *self)
{
  return ub_reader_take (self, 8, FALSE);
}

guint64
ub_reader_u64_be (UbReader *self)
{
  return ub_reader_take (self, 8, TRUE);
}

/**
 * ub_reader_bytes:
 * @self: a reader
 * @size: bytes wanted
 *
 * Returns: (transfer none) (nullable): @size bytes inside the reader's data, or %NULL (and the
 *   overrun is remembered) if there are not as many left
 */
const guint8 *
ub_reader_bytes (UbReader *self, gsize size)
{
  const guint8 *bytes;

  if (self->overrun || size > self->size - self->offset)
    {
      self->overrun = TRUE;
      return NULL;
    }
  bytes = self->data != NULL ? self->data + self->offset : (const guint8 *) "";
  self->offset += size;
  return bytes;
}

void
ub_reader_skip (UbReader *self, gsize size)
{
  ub_reader_bytes (self, size);
}

void
ub_reader_seek (UbReader *self, gsize offset)
{
  if (offset > self->size)
    self->overrun = TRUE;
  else
    self->offset = offset;
}

char *
ub_reader_dup_string (UbReader *self, gsize size)
{
  const char *bytes = (const char *) ub_reader_bytes (self, size);

  return bytes == NULL ? g_strdup ("") : g_utf8_make_valid (bytes, (gssize) strnlen (bytes, size));
}

gsize
ub_reader_left (UbReader *self)
{
  return self->size - self->offset;
}

/**
 * ub_reader_ok:
 * @self: a reader
 * @what: what was read, for the message
 * @code: the #UbError to set: data from a file and from a phone are different troubles
 *
 * Returns: %TRUE if no read went past the end
 */
gboolean
ub_reader_ok (UbReader *self, const char *what, int code, GError **error)
{
  if (!self->overrun)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               code,
               "%s: %" G_GSIZE_FORMAT " bytes are too few",
               what,
               self->size);
  return FALSE;
}

/* as ub_reader_ok(), and nothing may be left over */
gboolean
ub_reader_finish (UbReader *self, const char *what, int code, GError **error)
{
  if (!ub_reader_ok (self, what, code, error))
    return FALSE;
  if (self->offset == self->size)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               code,
               "%s: %" G_GSIZE_FORMAT " bytes are too many",
               what,
               self->size);
  return FALSE;
}
