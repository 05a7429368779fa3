/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "firmware/ub-preloader.h"
#include "wire/ub-reader.h"

#include <string.h>

/* what a folder may hold before we stop looking */
#define MAX_PRELOADERS 256
#define MAX_NAMES 10000
/* where a boot area's header ends, at the latest, with the begin of the preloader behind it */
#define HEAD_SIZE 0x2000
/* longer than any preloader */
#define MAX_PRELOADER ((guint64) 4 * 1024 * 1024)
#define ROUND 4096
#define GFH_SIZE 0x38

/* --- from files --- */

static void
add_emi (GPtrArray *emis, const char *path)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (path, NULL);

  if (preloader != NULL && preloader->emi != NULL)
    g_ptr_array_add (emis, g_steal_pointer (&preloader->emi));
}

static void
add_emis_of (GPtrArray *emis, UbBackup *backup)
{
  GPtrArray *parts = backup != NULL ? ub_backup_get_parts (backup) : NULL;

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (part->path != NULL && part->path_offset == 0 && part->offset == 0 &&
          (part->region == UB_REGION_EMMC_BOOT1 || part->region == UB_REGION_UFS_LU0))
        add_emi (emis, part->path);
    }
}

/* the map's own first */
static void
add_emis_of_package (GPtrArray *emis, UbFirmware *firmware, UbStorage storage)
{
  const char *first = NULL;
  GPtrArray  *paths = ub_firmware_get_partitions (firmware);

  for (guint i = 0; i < paths->len && first == NULL; i++)
    {
      const UbPartition *partition = g_ptr_array_index (paths, i);

      if (partition->role == UB_ROLE_PRELOADER && partition->storage == storage)
        first = partition->image_path;
    }
  if (first != NULL)
    add_emi (emis, first);
  paths = ub_firmware_get_preloaders (firmware);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    if (g_strcmp0 (g_ptr_array_index (paths, i), first) != 0)
      add_emi (emis, g_ptr_array_index (paths, i));
}

static gboolean
is_preloader_name (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_str_has_prefix (lower, "preloader") && g_str_has_suffix (lower, ".bin");
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* all preloaders of a folder, by name; not of the folders in it */
static void
add_emis_of_folder (GPtrArray *emis, const char *folder)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  for (guint n = 0; dir != NULL && n < MAX_NAMES && paths->len < MAX_PRELOADERS &&
                    (name = g_dir_read_name (dir)) != NULL;
       n++)
    if (is_preloader_name (name))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    add_emi (emis, g_ptr_array_index (paths, i));
}

GPtrArray *
ub_session_emi_collect (UbSessionWork *work)
{
  GPtrArray  *emis = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_emi_free);
  UbFirmware *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  char      **lent = work->job->preloaders;

  /* a phone whose start-up code we erased comes back without memory: its own preloader is in the copy */
  add_emis_of (emis, work->copy);
  add_emis_of (emis, work->plan != NULL ? ub_plan_get_backup (work->plan) : NULL);
  if (firmware != NULL)
    add_emis_of_package (emis, firmware, ub_plan_get_storage (work->plan));
  for (gsize i = 0; lent != NULL && lent[i] != NULL; i++)
    if (g_file_test (lent[i], G_FILE_TEST_IS_DIR))
      add_emis_of_folder (emis, lent[i]);
    else
      add_emi (emis, lent[i]);
  return emis;
}

/* --- from the phone itself --- */

/* bytes from the begin of the boot area to the end of the preloader in it; 0: there is none (§4.2 of
 * shared/protocol/brom-and-legacy.md) */
static guint64
measure_preloader (GBytes *head, guint64 area_size)
{
  static const guint8 gfh[] = { 'M', 'M', 'M', 1, GFH_SIZE, 0, 0, 0 };
  gsize               size = 0;
  const guint8       *data = g_bytes_get_data (head, &size);
  const guint8       *at = size > GFH_SIZE ? memmem (data, size - GFH_SIZE, gfh, sizeof gfh) : NULL;
  guint64             end;

  if (at == NULL)
    return 0;
  UbReader reader = UB_READER_INIT (at + 0x20, 4);
  end = (guint64) (at - data) + ub_reader_u32_le (&reader);
  return end <= MIN (area_size, MAX_PRELOADER) ? end : 0;
}

UbEmi *
ub_session_emi_find_own (UbDaBootReader read,
                         gpointer       reader_data,
                         guint64        size,
                         gpointer       user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) head = read (0, (gsize) MIN (size, HEAD_SIZE), reader_data, &error);
  const guint64 end = head != NULL ? measure_preloader (head, size) : 0;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (UbPreloader) preloader = NULL;

  if (end > 0)
    bytes = read (0, (gsize) MIN (size, (end + ROUND - 1) / ROUND * ROUND), reader_data, &error);
  if (bytes != NULL)
    preloader = ub_preloader_parse (bytes, "the phone itself", &error);
  if (error != NULL)
    g_debug ("the phone's own memory settings: %s", error->message);
  return preloader != NULL ? g_steal_pointer (&preloader->emi) : NULL;
}
