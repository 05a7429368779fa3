/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wire/ub-checksum.h"

#include <string.h>

/* these loops run over every byte of a firmware: they are written so that the compiler can use
 * vector instructions whatever the build type */
#if defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__ ((optimize ("O3")))
#else
#define FAST
#endif

FAST guint16
ub_checksum_sum16 (const guint8 *data, gsize size)
{
  guint64 total = 0;
  gsize   i = 0;

  /* eight bytes at a time: four 16-bit lanes of even and of odd bytes, emptied before they overflow
   */
  while (size - i >= 8)
    {
      guint64 even = 0, odd = 0;
      gsize   words = MIN ((size - i) / 8, 256);

      for (gsize w = 0; w < words; w++, i += 8)
        {
          guint64 word;

          memcpy (&word, data + i, sizeof word);
          even += word & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff);
          odd += word >> 8 & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff);
        }
      for (guint shift = 0; shift < 64; shift += 16)
        total += (even >> shift & 0xffff) + (odd >> shift & 0xffff);
    }
  for (; i < size; i++)
    total += data[i];
  return (guint16) total;
}

guint16
ub_checksum_xor16_update (guint16 sum, const guint8 *data, gsize size)
{
  gsize i = 0;

  for (; size - i >= 2; i += 2)
    sum ^= (guint16) (data[i] | data[i + 1] << 8);
  if (i < size)
    sum ^= data[i];
  return sum;
}

guint16
ub_checksum_xor16 (const guint8 *data, gsize size)
{
  return ub_checksum_xor16_update (0, data, size);
}

FAST guint32
ub_checksum_add32 (const guint8 *data, gsize size)
{
  guint32 total = 0;
  gsize   i = 0;

  for (; size - i >= 4; i += 4)
    {
      guint32 word;

      memcpy (&word, data + i, sizeof word);
      total += GUINT32_FROM_LE (word);
    }
  for (; i < size; i++)
    total += data[i];
  return total;
}
