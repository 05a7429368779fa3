/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-slots.h"

#include "wire/ub-reader.h"

#include <string.h>
#include <zlib.h>

/* offsets into the block, little-endian */
#define MAGIC_OFFSET 4
#define MAGIC 0x42414342
#define SLOTS_OFFSET                                                                               \
  12 /* of 2 bytes each: priority, 4 bits; tries left, 3 bits; started well, 1 bit; … */
#define CRC_OFFSET 28

/* how much a phone would like to start from it, in the order of the Android project: priority, then success, then tries;
 * 0: not at all */
static guint
rate (guint8 slot)
{
  const guint priority = slot & 0xf;
  const guint tries = slot >> 4 & 7;
  const guint success = slot >> 7;

  return priority == 0 || (tries == 0 && success == 0) ? 0 : priority << 4 | success << 3 | tries;
}

char
ub_slots_parse (const guint8 block[UB_SLOTS_SIZE])
{
  UbReader reader = UB_READER_INIT (block, UB_SLOTS_SIZE);
  guint32  magic;
  guint    a, b;

  ub_reader_seek (&reader, MAGIC_OFFSET);
  magic = ub_reader_u32_le (&reader);
  ub_reader_seek (&reader, CRC_OFFSET);
  if (magic != MAGIC || ub_reader_u32_le (&reader) != (guint32) crc32 (0, block, CRC_OFFSET))
    return 0;
  a = rate (block[SLOTS_OFFSET]);
  b = rate (block[SLOTS_OFFSET + 2]);
  if (a != 0 || b != 0)
    return b > a ? 'b' : 'a';
  return block[0] == '_' && (block[1] == 'a' || block[1] == 'b') && block[2] == '\0'
             ? (char) block[1]
             : 0;
}

char
ub_slots_get (const char *name)
{
  const gsize length = strlen (name);
  char        slot;

  if (length < 3 || name[length - 2] != '_')
    return 0;
  slot = g_ascii_tolower (name[length - 1]);
  return slot == 'a' || slot == 'b' ? slot : 0;
}

char *
ub_slots_dup_twin (const char *name)
{
  char *twin;

  if (ub_slots_get (name) == 0)
    return NULL;
  twin = g_strdup (name);
  /* keeps upper and lower case: a and b differ in the last two bits */
  twin[strlen (twin) - 1] ^= 'a' ^ 'b';
  return twin;
}

gboolean
ub_slots_has_pairs (const UbLayout *layout)
{
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      g_autofree char     *twin = ub_slots_dup_twin (entry->name);

      if (twin != NULL && ub_layout_find (layout, twin) != NULL)
        return TRUE;
    }
  return FALSE;
}
