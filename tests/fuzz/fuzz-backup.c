/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stddef.h>
#include <stdint.h>

#include "engine/ub-backup-private.h"

#define FOLDER "/nowhere"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* whatever a manifest says: nothing outside of the folder, and no place that cannot be */
static void
check_parts (GPtrArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      g_autofree char    *folder = part->path != NULL ? g_path_get_dirname (part->path) : NULL;

      g_assert_true (part->path != NULL || part->is_missing);
      g_assert_true (folder == NULL || g_str_equal (folder, FOLDER));
      g_assert_cmpuint (part->length, >, 0);
      g_assert_cmpuint (part->offset, <=, G_MAXINT64 - part->length);
      g_assert_cmpuint (part->path_offset, <=, G_MAXINT64 - part->length);
      g_assert_cmpuint (part->region, !=, UB_REGION_UNKNOWN);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = ub_backup_manifest_parse (FOLDER, bytes, &error);

  g_assert_true ((copy == NULL) == (error != NULL));
  if (copy == NULL)
    return 0;
  check_parts (ub_backup_get_parts (copy));
  check_parts (ub_backup_get_pieces (copy));
  g_assert_nonnull (ub_backup_get_time (copy));
  g_assert_nonnull (ub_backup_get_phone (copy));
  ub_backup_is_whole (copy);
  ub_backup_is_from (copy, ub_backup_get_phone (copy));
  return 0;
}
