/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-preloader.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_emi (const UbEmi *emi)
{
  static const guint8 id[16] = { 0x15, 1 };

  g_assert_cmpuint (g_bytes_get_size (emi->records), ==, emi->index->len * emi->record_size);
  for (guint i = 0; i < emi->index->len; i++)
    {
      const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

      g_assert_cmpuint (record->offset + emi->record_size, <=, g_bytes_get_size (emi->records));
      g_assert_cmpuint (record->id_length, <=, sizeof record->id);
      ub_emi_record_matches (record, id, sizeof id);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (UbPreloader) preloader = ub_preloader_parse (bytes, "fuzz", NULL);
  g_autoptr (GBytes) emmc = ub_preloader_add_storage_header (bytes, "EMMC_BOOT", NULL);
  g_autoptr (GBytes) ufs = ub_preloader_add_storage_header (bytes, "UFS_BOOT", NULL);

  g_assert_true (preloader != NULL || (emmc == NULL && ufs == NULL));
  if (preloader != NULL && preloader->emi != NULL)
    check_emi (preloader->emi);
  return 0;
}
