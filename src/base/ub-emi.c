/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-emi.h"

#include <string.h>

void
ub_emi_free (UbEmi *self)
{
  g_free (self->origin);
  g_clear_pointer (&self->block, g_bytes_unref);
  g_clear_pointer (&self->records, g_bytes_unref);
  g_clear_pointer (&self->index, g_array_unref);
  g_free (self);
}

/**
 * ub_emi_record_matches:
 * @record: a record
 * @id: the id as the phone reports it, 16 bytes for a CID
 * @id_size: bytes in @id
 *
 * A phone reports its CID either in transmission order or with each 32-bit group reversed
 * (shared/protocol/brom-and-legacy.md §5.5); both are tried.
 *
 * Returns: %TRUE if the record is for that memory. A record without an id fits any board and
 *   does not match here: it is the caller's last resort
 */
gboolean
ub_emi_record_matches (const UbEmiRecord *record, const guint8 *id, gsize id_size)
{
  guint8 swapped[16] = { 0 };
  gsize  size = MIN (id_size, sizeof swapped);

  if (record->id_length == 0 || record->id_length > size)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    swapped[i] = (i | 3) < size ? id[(i & ~(gsize) 3) + (3 - (i & 3))] : id[i];
  return memcmp (record->id, id, record->id_length) == 0 ||
         memcmp (record->id, swapped, record->id_length) == 0;
}
