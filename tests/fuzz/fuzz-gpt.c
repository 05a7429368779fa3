/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-gpt.h"

#include <stddef.h>
#include <stdint.h>

#define DISK (G_GUINT64_CONSTANT (16) << 30)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* a table that was read can be written, and is then read the same or shorter */
static void
run (const guint8 *data, gsize size, guint block_size)
{
  g_autoptr (UbLayout) layout = ub_gpt_parse (data, size, block_size, NULL);
  g_autoptr (UbLayout) again = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (layout == NULL)
    return;
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      g_assert_true (g_utf8_validate (entry->name, -1, NULL));
      g_assert_cmpuint (entry->start, <=, G_MAXUINT64 - entry->size);
    }
  bytes = ub_gpt_build (layout, DISK, block_size, 0);
  again = ub_gpt_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), block_size, NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->entries->len, <=, layout->entries->len);
}

/* the second table alone, at the end of a disk that ends with @data */
static void
run_backup (const guint8 *data, gsize size, guint64 disk_size, guint block_size)
{
  g_autoptr (UbLayout) layout = ub_gpt_parse_backup (data, size, disk_size, block_size, NULL);
  g_autoptr (UbLayout) again = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (layout == NULL)
    return;
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      g_assert_cmpuint (entry->size, <=, disk_size);
      g_assert_cmpuint (entry->start, <=, disk_size - entry->size);
    }
  bytes = ub_gpt_build_backup (layout, DISK, block_size, 0);
  again = ub_gpt_parse_backup (g_bytes_get_data (bytes, NULL),
                               g_bytes_get_size (bytes),
                               DISK,
                               block_size,
                               NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->entries->len, <=, layout->entries->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  run_backup (data, size, size, 512);
  run_backup (data, size, size, 4096);
  run_backup (data, size, DISK, 512);
  run_backup (data, size, DISK, 4096);
  run (data, size, 512);
  run (data, size, 4096);
  return 0;
}
