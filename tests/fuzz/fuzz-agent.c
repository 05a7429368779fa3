/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-agent.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (UbAgentFile) file = ub_agent_file_parse (bytes, size, "fuzz", NULL);

  if (file == NULL)
    return 0;
  for (guint i = 0; i < ub_agent_file_get_n_entries (file); i++)
    {
      const UbAgentEntry *entry = ub_agent_file_get_entry (file, i);

      g_assert_nonnull (ub_agent_file_select (file,
                                              entry->hw_code,
                                              entry->hw_sub_code,
                                              entry->hw_version,
                                              entry->sw_version));
      for (guint r = 0; r <= entry->n_regions; r++)
        {
          g_autoptr (GBytes) region = ub_agent_file_load (file, entry, r, NULL);

          g_assert_true (region == NULL || g_bytes_get_size (region) == entry->regions[r].length);
        }
    }
  return 0;
}
