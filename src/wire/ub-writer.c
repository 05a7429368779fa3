/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wire/ub-writer.h"

#include <string.h>

static void
put (UbWriter *self, guint64 value, gsize width, gboolean big)
{
  g_assert (self->size + width <= UB_WRITER_MAX);
  for (gsize i = 0; i < width; i++)
    self->data[self->size + i] = (guint8) (value >> 8 * (big ? width - 1 - i : i));
  self->size += width;
}

void
ub_writer_u8 (UbWriter *self, guint8 value)
{
  put (self, value, 1, FALSE);
}

void
ub_writer_u16_le (UbWriter *self, guint16 value)
{
  put (self, value, 2, FALSE);
}

void
ub_writer_u16_be (UbWriter *self, guint16 value)
{
  put (self, value, 2, TRUE);
}

void
ub_writer_u32_le (UbWriter *self, guint32 value)
{
  put (self, value, 4, FALSE);
}

void
ub_writer_u32_be (UbWriter *self, guint32 value)
{
  put (self, value, 4, TRUE);
}

void
ub_writer_u64_le (UbWriter *self, guint64 value)
{
  put (self, value, 8, FALSE);
}

void
ub_writer_u64_be (UbWriter *self, guint64 value)
{
  put (self, value, 8, TRUE);
}

void
ub_writer_bytes (UbWriter *self, const void *data, gsize size)
{
  g_assert (size <= UB_WRITER_MAX - self->size);
  memcpy (self->data + self->size, data, size);
  self->size += size;
}

void
ub_writer_string (UbWriter *self, const char *text, gsize size)
{
  gsize length = MIN (strlen (text), size);

  ub_writer_bytes (self, text, length);
  while (length++ < size)
    ub_writer_u8 (self, 0);
}
