/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* what a phone's misc says of its two sets of parts, and names that may be one of a pair. The first byte's lowest bit has
 * the sum put right, which no fuzzer guesses */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "engine/ub-slots.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
run_name (const uint8_t *data, size_t size)
{
  g_autofree char *name = g_strndup ((const char *) data, size);
  g_autofree char *twin = ub_slots_dup_twin (name);
  g_autofree char *back = twin != NULL ? ub_slots_dup_twin (twin) : NULL;
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);

  g_assert_true ((twin == NULL) == (ub_slots_get (name) == 0));
  g_assert_true (twin == NULL || g_ascii_strcasecmp (back, name) == 0);
  ub_layout_add (layout, name, UB_REGION_EMMC_USER, 0, 512);
  g_assert_false (ub_slots_has_pairs (layout));
  if (twin != NULL)
    ub_layout_add (layout, twin, UB_REGION_EMMC_USER, 512, 512);
  g_assert_true (ub_slots_has_pairs (layout) == (twin != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 block[UB_SLOTS_SIZE];
  char   slot;

  if (size < 1 + sizeof block)
    return 0;
  memcpy (block, data + 1, sizeof block);
  if (data[0] & 1)
    {
      const guint32 sum = GUINT32_TO_LE ((guint32) crc32 (0, block, 28));

      memcpy (block + 4, "\x42\x43\x41\x42", 4);
      memcpy (block + 28, &sum, sizeof sum);
    }
  slot = ub_slots_parse (block);
  g_assert_true (slot == 0 || slot == 'a' || slot == 'b');
  run_name (data + 1 + sizeof block, size - 1 - sizeof block);
  return 0;
}
