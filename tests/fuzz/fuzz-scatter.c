/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* whatever is accepted must be safe to hand on: names, regions and places of every row */
static void
check (UbScatter *scatter)
{
  if (scatter->partitions->len == 0)
    abort ();
  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      const UbPartition *row = scatter->partitions->pdata[i];
      if (!g_utf8_validate (row->name, -1, NULL) || *row->name == '\0')
        abort ();
      if (row->region == UB_REGION_UNKNOWN || row->storage == UB_STORAGE_UNKNOWN)
        abort ();
      if (row->start > G_MAXUINT64 / 2 || row->size > G_MAXUINT64 / 2)
        abort ();
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbScatter) scatter = ub_scatter_parse (bytes, "MT6580_Android_scatter.txt", &error);

  if ((scatter == NULL) != (error != NULL))
    abort ();
  if (scatter != NULL)
    check (scatter);
  ub_scatter_sniff (data, size);
  return 0;
}
