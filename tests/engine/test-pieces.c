/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/engine/test-session-modes.h"

/* An image in pieces is written as if it were whole, and every piece is looked at again before a job
 * goes on. */

/* "x.img" → "x.img_0", "x.img_1", "x.img_2", cut anywhere; (transfer full): the last one */
static char *
split (const char *path)
{
  g_autofree char *data = NULL;
  char            *name = NULL;
  gsize            size, at = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      gsize length = i < 2 ? size / 3 + 100 * i + 1 : size - at;

      g_free (name);
      name = g_strdup_printf ("%s_%u", path, i);
      g_assert_true (g_file_set_contents (name, data + at, (gssize) length, NULL));
      at += length;
    }
  return name;
}

static Bench *
bench_new_split (gboolean sparse, char **last)
{
  Bench             *bench = bench_new_full (&gpt_phone, sparse);
  const UbPartition *system =
      ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "system");
  guint64 size = system->image_size;

  *last = split (system->image_path);
  g_object_unref (bench->firmware);
  bench->firmware = open_firmware (bench->folder);
  system = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "system");
  g_assert_true (g_str_has_suffix (system->image_path, "_0"));
  g_assert_cmpuint (system->image_size, ==, size);
  return bench;
}

static void
test_written (gconstpointer data)
{
  g_autofree char *last = NULL;
  g_autoptr (Bench) bench = bench_new_split (GPOINTER_TO_INT (data), &last);

  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  assert_done (bench);
  assert_only_images_written (bench);
}

/* the last piece is another one now: what was begun with the old one must not go on with it */
static void
test_changed (void)
{
  const struct timespec times[2] = { { 0, UTIME_OMIT }, { 1, 0 } };
  Reference             reference;
  g_autofree char      *last = NULL;
  g_autoptr (Bench) bench = NULL;
  g_autoptr (UbJournal) journal = NULL;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  make_reference (&reference, &gpt_phone, UB_MODE_DOWNLOAD_ONLY);
  bench = bench_new_split (FALSE, &last);
  unplug_at (bench, &reference, 2, 3);
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  g_assert_true (may_go_on (bench));
  journal = ub_journal_open (ub_report_get_can_go_on (bench->report), &error);
  g_assert_no_error (error);
  plan = ub_journal_dup_plan (journal, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (utimensat (AT_FDCWD, last, times, 0), ==, 0);
  g_assert_null (ub_journal_dup_plan (journal, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  reference_clear (&reference);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/pieces/written/raw", GINT_TO_POINTER (FALSE), test_written);
  g_test_add_data_func ("/pieces/written/sparse", GINT_TO_POINTER (TRUE), test_written);
  g_test_add_func ("/pieces/changed", test_changed);
  return g_test_run ();
}
