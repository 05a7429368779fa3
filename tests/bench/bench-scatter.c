/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#include "engine/ub-plan.h"
#include "firmware/ub-firmware.h"
#include "firmware/ub-scatter.h"

/* How long a folder takes from its path to a plan: the largest map people have, with an image for
 * each of sixty partitions.
 *
 * bench-scatter [SCATTER]: without one the largest of the corpus is taken, or where there is no
 * corpus one made here */

#define ROUNDS 20
#define IMAGES 60
#define MADE_PARTITIONS 120

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
report (const char *what, gint64 *times)
{
  qsort (times, ROUNDS, sizeof *times, compare);
  g_print ("scatter, %s: median %.1f ms, worst %.1f ms\n",
           what,
           (double) times[ROUNDS / 2] / 1000,
           (double) times[ROUNDS - 1] / 1000);
}

static char *
make_map (void)
{
  GString *text = g_string_new ("############\n# General Setting\n############\n- general: "
                                "MTK_PLATFORM_CFG\n  info:\n    - config_version: V1.1.2\n"
                                "      platform: MT6580\n      project: bench\n      storage: "
                                "EMMC\n      boot_channel: MSDC_0\n      block_size: 0x20000\n");

  for (guint i = 0; i < MADE_PARTITIONS; i++)
    g_string_append_printf (text,
                            "- partition_index: SYS%u\n  partition_name: part%u\n  file_name: "
                            "part%u.img\n  is_download: true\n  type: NORMAL_ROM\n"
                            "  linear_start_addr: 0x%x\n  physical_start_addr: 0x%x\n  "
                            "partition_size: 0x100000\n  region: EMMC_USER\n"
                            "  storage: HW_STORAGE_EMMC\n  boundary_check: true\n  is_reserved: "
                            "false\n  operation_type: UPDATE\n  reserve: 0x00\n",
                            i,
                            i,
                            i,
                            (i + 8) << 20,
                            (i + 8) << 20);

  return g_string_free (text, FALSE);
}

/* (nullable): the largest file of the corpus that we can read */
static char *
find_map (const char *named)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *folder =
      g_build_filename (shared ? shared : "../shared", "corpus", "scatter", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;
  char       *text = NULL;

  while (!named && dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *content = NULL;
      g_autoptr (GBytes) bytes = NULL;
      UbScatter *scatter = NULL;
      gsize      size = 0;

      if (!g_str_has_suffix (name, ".txt") || !g_file_get_contents (path, &content, &size, NULL))
        continue;
      bytes = g_bytes_new (content, size);
      if (text && strlen (text) >= size)
        continue;
      if (!(scatter = ub_scatter_parse (bytes, name, NULL)))
        continue;
      ub_scatter_free (scatter);
      g_free (text);
      text = g_steal_pointer (&content);
    }
  if (named)
    g_file_get_contents (named, &text, NULL, NULL);

  return text;
}

/* @folder gets the map and a small image for the first partitions that want one */
static guint
fill (const char *folder, const char *map)
{
  g_autofree char *path = g_build_filename (folder, "bench_Android_scatter.txt", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (map, strlen (map));
  UbScatter *scatter = ub_scatter_parse (bytes, path, NULL);
  guint      made = 0;

  g_assert_nonnull (scatter);
  g_assert_true (g_file_set_contents (path, map, -1, NULL));
  for (guint i = 0; i < scatter->partitions->len && made < IMAGES; i++)
    {
      const UbPartition *partition = g_ptr_array_index (scatter->partitions, i);
      g_autofree char   *image =
          partition->file_name ? g_build_filename (folder, partition->file_name, NULL) : NULL;
      g_autofree char *content = g_strnfill (64 * 1024, 'x');

      if (!image || g_file_test (image, G_FILE_TEST_EXISTS) || strchr (partition->file_name, '/'))
        continue;
      g_assert_true (g_file_set_contents (image, content, 64 * 1024, NULL));
      made++;
    }
  ub_scatter_free (scatter);

  return made;
}

static void
empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
measure (const char *map)
{
  g_autofree char *folder = g_dir_make_tmp ("bench-scatter-XXXXXX", NULL);
  guint            images = fill (folder, map);
  g_autoptr (GBytes) bytes = g_bytes_new (map, strlen (map));
  g_autofree char   *parsing = g_strdup_printf ("%u kB parsed", (guint) (strlen (map) / 1000));
  g_autofree char   *opening = g_strdup_printf ("%u kB with %u images opened and planned",
                                              (guint) (strlen (map) / 1000),
                                              images);
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  gint64             parse[ROUNDS], open[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64     begin = g_get_monotonic_time ();
      UbScatter *scatter = ub_scatter_parse (bytes, "bench_Android_scatter.txt", NULL);

      parse[i] = g_get_monotonic_time () - begin;
      g_clear_pointer (&scatter, ub_scatter_free);
    }
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 begin = g_get_monotonic_time ();
      g_autoptr (UbFirmware) firmware = ub_firmware_open (folder, NULL, NULL, NULL, NULL, &error);
      g_autoptr (UbPlan) plan = NULL;

      g_assert_no_error (error);
      plan = ub_plan_new (firmware, &choice);
      open[i] = g_get_monotonic_time () - begin;
    }
  report (parsing, parse);
  report (opening, open);
  empty (folder);
}

int
main (int argc, char **argv)
{
  g_autofree char *found = find_map (argc > 1 ? argv[1] : NULL);
  g_autofree char *made = make_map ();

  if (found)
    measure (found);
  measure (made);

  return 0;
}
