/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-emi.h"
#include "base/ub-error.h"
#include "base/ub-estimator.h"
#include "base/ub-layout.h"
#include "base/ub-progress.h"
#include "base/ub-storage.h"

static void
test_names (void)
{
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    g_assert_cmpstr (ub_error_to_string ((UbError) code), !=, "unknown");
  g_assert_cmpstr (ub_error_to_string ((UbError) -1), ==, "unknown");
  g_assert_cmpint (ub_storage_from_string ("HW_STORAGE_EMMC"), ==, UB_STORAGE_EMMC);
  g_assert_cmpint (ub_storage_from_string ("ufs"), ==, UB_STORAGE_UFS);
  g_assert_cmpint (ub_storage_from_string (NULL), ==, UB_STORAGE_UNKNOWN);
  g_assert_cmpint (ub_region_from_string ("EMMC-BOOT1"), ==, UB_REGION_EMMC_BOOT1);
  g_assert_cmpint (ub_region_from_string ("EMMC_BOOT_1"), ==, UB_REGION_EMMC_BOOT1);
  g_assert_cmpint (ub_region_from_string ("emmc_user"), ==, UB_REGION_EMMC_USER);
  g_assert_cmpint (ub_region_from_string ("EMMC"), ==, UB_REGION_UNKNOWN);
  for (UbRegion region = UB_REGION_EMMC_BOOT1; region <= UB_REGION_NAND_WHOLE; region++)
    g_assert_cmpint (ub_region_from_string (ub_region_to_string (region)), ==, region);
}

static void
test_layout (void)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);
  g_autoptr (UbLayout) copy = NULL;

  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0x1000, 0x2000);
  copy = ub_layout_copy (layout);
  g_assert_cmphex (ub_layout_find (copy, "BOOT")->start, ==, 0x1000);
  g_assert_null (ub_layout_find (copy, "lk"));
  g_assert_cmpstr (ub_layout_kind_to_string (copy->kind), ==, "GPT");
}

static void
test_speed (void)
{
  g_autoptr (UbEstimator) estimator = ub_estimator_new ();

  g_assert_cmpfloat (ub_estimator_get_speed (estimator), ==, 0);
  g_assert_cmpint (ub_estimator_get_remaining (estimator), ==, -1);
  for (guint64 i = 0; i <= 200; i++)
    ub_estimator_add (estimator, (gint64) i * 100000, i * 1000000, 400000000);
  g_assert_cmpfloat_with_epsilon (ub_estimator_get_speed (estimator), 1e7, 1);
  g_assert_cmpint (ub_estimator_get_remaining (estimator), ==, 20 * G_USEC_PER_SEC);
  ub_estimator_reset (estimator);
  g_assert_cmpint (ub_estimator_get_remaining (estimator), ==, -1);
}

/* troubles 31: after ten seconds at a new speed the old one is forgotten */
static void
test_speed_changes (void)
{
  g_autoptr (UbEstimator) estimator = ub_estimator_new ();
  gint64  now = 0;
  guint64 done = 0;

  for (guint i = 0; i < 1000; i++)
    ub_estimator_add (estimator, now += 10000, done += 1000000, G_MAXUINT32);
  for (guint i = 0; i < 1000; i++)
    ub_estimator_add (estimator, now += 10000, done += 100000, G_MAXUINT32);
  g_assert_cmpfloat_with_epsilon (ub_estimator_get_speed (estimator), 1e7, 2e6);
}

static void
sink (const char *step, double fraction, gpointer user_data)
{
  double *last = user_data;

  g_assert_cmpfloat (fraction, >=, *last);
  *last = fraction;
}

static void
test_progress (void)
{
  double last = 0;
  g_autoptr (UbProgress) progress = ub_progress_new (sink, &last);

  ub_progress_add_step (progress, "one", 25);
  ub_progress_add_step (progress, "two", 75);
  ub_progress_set (ub_progress_child (progress), 1, 2);
  g_assert_cmpfloat (last, ==, 0.125);
  ub_progress_step_done (progress);
  ub_progress_set (ub_progress_child (progress), 2, 3);
  g_assert_cmpfloat (last, ==, 0.75);
  ub_progress_step_done (progress);
  g_assert_cmpfloat (last, ==, 1);
}

static void
test_emi_match (void)
{
  UbEmiRecord  record = { .id = { 0x15, 1, 0, 'F', 'E', '6', '2', 'M', 'B' }, .id_length = 9 };
  const guint8 straight[16] = { 0x15, 1, 0, 'F', 'E', '6', '2', 'M', 'B', 9, 9, 9 };
  const guint8 swapped[16] = { 'F', 0, 1, 0x15, 'M', '2', '6', 'E', 9, 9, 9, 'B' };
  const guint8 other[16] = { 0x15, 1, 0, 'F', 'E', '6', '2', 'M', 'C' };

  g_assert_true (ub_emi_record_matches (&record, straight, 16));
  g_assert_true (ub_emi_record_matches (&record, swapped, 16));
  g_assert_false (ub_emi_record_matches (&record, other, 16));
  g_assert_false (ub_emi_record_matches (&record, straight, 8));
  record.id_length = 0;
  g_assert_false (ub_emi_record_matches (&record, straight, 16));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/names", test_names);
  g_test_add_func ("/base/layout", test_layout);
  g_test_add_func ("/base/estimator/speed", test_speed);
  g_test_add_func ("/base/estimator/changes", test_speed_changes);
  g_test_add_func ("/base/progress", test_progress);
  g_test_add_func ("/base/emi/match", test_emi_match);
  return g_test_run ();
}
