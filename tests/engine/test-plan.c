/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-firmware.h"

typedef struct
{
  char       *folder;
  TestPart    parts[TEST_N_PARTS];
  UbFirmware *firmware;
  UbPlan     *plan;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = test_firmware_new_folder ();
  test_firmware_usual (fixture->parts);
  test_firmware_put_images (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->firmware);
  test_firmware_remove (fixture->folder);
  g_free (fixture->folder);
}

static void
plan_with (Fixture *fixture, const UbPlanChoice *choice)
{
  test_firmware_put_map (fixture->folder, fixture->parts, TEST_N_PARTS);
  g_clear_object (&fixture->firmware);
  g_clear_object (&fixture->plan);
  fixture->firmware = test_firmware_open (fixture->folder);
  fixture->plan = ub_plan_new (fixture->firmware, choice);
  test_firmware_print_issues (fixture->plan);
}

static void
plan (Fixture *fixture)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };

  plan_with (fixture, &choice);
}

static UbPlanRow *
row_of (Fixture *fixture, const char *name)
{
  GListModel *rows = ub_plan_get_rows (fixture->plan);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (rows, i);

      if (g_strcmp0 (ub_plan_row_get_name (row), name) == 0)
        return row; /* the list keeps it */
    }
  g_error ("no row %s", name);
}

static const UbStep *
step_at (Fixture *fixture, guint i)
{
  return g_ptr_array_index (ub_plan_get_steps (fixture->plan), i);
}

static gboolean
is_step (Fixture *fixture, guint i, UbStepKind kind, const char *name, UbRegion region)
{
  const UbStep *step = step_at (fixture, i);

  return step->kind == kind && g_strcmp0 (step->name, name) == 0 && step->region == region;
}

static gboolean
has_blocker (Fixture *fixture, int code, const char *partition)
{
  return test_firmware_find_issue (fixture->plan, UB_ISSUE_BLOCKER, code, partition) != NULL;
}

static gboolean
has_warning (Fixture *fixture, int code, const char *partition)
{
  return test_firmware_find_issue (fixture->plan, UB_ISSUE_WARNING, code, partition) != NULL;
}

static void
test_defaults (Fixture *fixture, gconstpointer data)
{
  plan (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->plan));
  g_assert_cmpuint (g_list_model_get_n_items (ub_plan_get_rows (fixture->plan)), ==, TEST_N_PARTS);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "preloader")), ==, UB_ROW_WRITE);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "pgpt")), ==, UB_ROW_NO_FILE);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "nvram")), ==, UB_ROW_KEPT);
  g_assert_false (ub_plan_row_get_tickable (row_of (fixture, "nvram")));
  g_assert_cmpstr (ub_plan_row_get_note (row_of (fixture, "nvram")), !=, "");
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "system")), ==, UB_ROW_WRITE);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "userdata")), ==, UB_ROW_NO_FILE);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "flashinfo")), ==, UB_ROW_RESERVED);
  g_assert_cmpuint (ub_plan_get_n_parts (fixture->plan), ==, 4);
  /* start-up code and preloader are read back */
  g_assert_cmpuint (ub_plan_get_bytes (fixture->plan),
                    ==,
                    2 * (0x8000 + 0x800 + 0x10001 + 0x20000) + 0x300000);
  g_assert_cmpint (ub_plan_estimate_us (fixture->plan, 0), >, 0);
  g_assert_cmpint (ub_plan_estimate_us (fixture->plan, 1e6),
                   >,
                   ub_plan_estimate_us (fixture->plan, 20e6));
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  plan (fixture);
  g_assert_cmpuint (ub_plan_get_steps (fixture->plan)->len, ==, 7);
  g_assert_true (is_step (fixture, 0, UB_STEP_WRITE, "lk", UB_REGION_EMMC_USER));
  g_assert_true (step_at (fixture, 0)->start_up);
  g_assert_true (is_step (fixture, 1, UB_STEP_WRITE, "boot", UB_REGION_EMMC_USER));
  g_assert_true (is_step (fixture, 2, UB_STEP_WRITE, "system", UB_REGION_EMMC_USER));
  g_assert_false (step_at (fixture, 2)->start_up);
  g_assert_true (is_step (fixture, 3, UB_STEP_VERIFY, "lk", UB_REGION_EMMC_USER));
  g_assert_cmpstr (step_at (fixture, 3)->image_path, ==, step_at (fixture, 0)->image_path);
  g_assert_true (is_step (fixture, 4, UB_STEP_VERIFY, "boot", UB_REGION_EMMC_USER));
  g_assert_true (is_step (fixture, 5, UB_STEP_WRITE, "preloader", UB_REGION_EMMC_BOOT1));
  g_assert_true (step_at (fixture, 5)->is_preloader);
  g_assert_cmpuint (step_at (fixture, 5)->length, ==, 0x8800);
  g_assert_true (is_step (fixture, 6, UB_STEP_VERIFY, "preloader", UB_REGION_EMMC_BOOT1));
}

static void
test_verify_all (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .verify_all = TRUE };

  plan_with (fixture, &choice);
  g_assert_cmpuint (ub_plan_get_steps (fixture->plan)->len, ==, 8);
  g_assert_true (is_step (fixture, 5, UB_STEP_VERIFY, "system", UB_REGION_EMMC_USER));
}

static void
test_both_boot_regions (Fixture *fixture, gconstpointer data)
{
  fixture->parts[0].region = "EMMC_BOOT1_BOOT2";
  plan (fixture);
  g_assert_cmpuint (ub_plan_get_steps (fixture->plan)->len, ==, 9);
  /* the first is only touched when the second is known to be good */
  g_assert_true (is_step (fixture, 5, UB_STEP_WRITE, "preloader", UB_REGION_EMMC_BOOT2));
  g_assert_true (is_step (fixture, 6, UB_STEP_VERIFY, "preloader", UB_REGION_EMMC_BOOT2));
  g_assert_true (is_step (fixture, 7, UB_STEP_WRITE, "preloader", UB_REGION_EMMC_BOOT1));
  g_assert_true (is_step (fixture, 8, UB_STEP_VERIFY, "preloader", UB_REGION_EMMC_BOOT1));
  g_assert_cmpuint (ub_plan_get_n_parts (fixture->plan), ==, 4);
}

static void
test_ticks (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) ticks = g_hash_table_new (g_str_hash, g_str_equal);
  const UbPlanChoice choice = { .ticks = ticks };

  g_hash_table_insert (ticks, (gpointer) "system", GINT_TO_POINTER (FALSE));
  g_hash_table_insert (ticks, (gpointer) "nvram", GINT_TO_POINTER (TRUE));
  plan_with (fixture, &choice);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "system")), ==, UB_ROW_SKIP);
  g_assert_true (ub_plan_row_get_tickable (row_of (fixture, "system")));
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "nvram")), ==, UB_ROW_KEPT);
  g_assert_true (has_blocker (fixture, UB_ERROR_PROTECTED, "nvram"));
}

static void
test_expert (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) ticks = g_hash_table_new (g_str_hash, g_str_equal);
  const UbPlanChoice only_expert = { .expert = TRUE };
  const UbPlanChoice ticked = { .expert = TRUE, .ticks = ticks };

  plan_with (fixture, &only_expert);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "nvram")), ==, UB_ROW_KEPT);
  g_assert_true (ub_plan_row_get_tickable (row_of (fixture, "nvram")));
  g_hash_table_insert (ticks, (gpointer) "nvram", GINT_TO_POINTER (TRUE));
  plan_with (fixture, &ticked);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "nvram")), ==, UB_ROW_WRITE);
  g_assert_nonnull (
      test_firmware_find_issue (fixture->plan, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_false (ub_plan_is_blocked (fixture->plan));
}

/* our own list wins over a map that wants to write what is not a firmware's to write */
static void
test_protected_whatever_the_map_says (Fixture *fixture, gconstpointer data)
{
  fixture->parts[3].is_download = TRUE;
  fixture->parts[3].operation = "UPDATE";
  plan (fixture);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "nvram")), ==, UB_ROW_KEPT);
  for (guint i = 0; i < ub_plan_get_steps (fixture->plan)->len; i++)
    g_assert_cmpstr (step_at (fixture, i)->name, !=, "nvram");
}

static void
test_table_is_not_written (Fixture *fixture, gconstpointer data)
{
  const char *const  only[] = { "pgpt", NULL };
  const UbPlanChoice choice = { .only = only, .expert = TRUE };

  test_firmware_put (fixture->folder, "pgpt.bin", "P", 0x4400);
  fixture->parts[1].file = "pgpt.bin";
  fixture->parts[1].is_download = TRUE;
  plan (fixture);
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "pgpt")), ==, UB_ROW_SKIP);
  g_assert_false (ub_plan_row_get_tickable (row_of (fixture, "pgpt")));
  g_assert_cmpuint (ub_plan_get_steps (fixture->plan)->len, ==, 7);
  plan_with (fixture, &choice);
  g_assert_true (has_blocker (fixture, UB_ERROR_PROTECTED, "pgpt"));
}

static void
test_only (Fixture *fixture, gconstpointer data)
{
  const char *const  only[] = { "BOOT", NULL };
  const char *const  unknown[] = { "boot", "nosuch", NULL };
  const char *const  no_file[] = { "userdata", NULL };
  const UbPlanChoice choice = { .only = only };
  const UbPlanChoice with_unknown = { .only = unknown };
  const UbPlanChoice without_file = { .only = no_file };

  plan_with (fixture, &choice);
  g_assert_cmpuint (ub_plan_get_steps (fixture->plan)->len, ==, 2);
  g_assert_true (is_step (fixture, 0, UB_STEP_WRITE, "boot", UB_REGION_EMMC_USER));
  g_assert_true (is_step (fixture, 1, UB_STEP_VERIFY, "boot", UB_REGION_EMMC_USER));
  plan_with (fixture, &with_unknown);
  g_assert_true (has_blocker (fixture, UB_ERROR_NOTHING_TO_DO, "nosuch"));
  plan_with (fixture, &without_file);
  g_assert_true (has_blocker (fixture, UB_ERROR_FILE_MISSING, "userdata"));
}

static void
test_too_big (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "lk.bin", "L", 0x80001);
  plan (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_IMAGE_TOO_BIG, "lk"));
  g_assert_cmpint (ub_plan_row_get_level (row_of (fixture, "lk")), ==, UB_ISSUE_BLOCKER);
  g_assert_cmpstr (ub_plan_row_get_note (row_of (fixture, "lk")), !=, "");
}

/* the storage header counts, too */
static void
test_preloader_too_big (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "preloader_test.bin", "MMM\x01", 0x40000 - 0x7ff);
  plan (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_IMAGE_TOO_BIG, "preloader"));
  test_firmware_put (fixture->folder, "preloader_test.bin", "MMM\x01", 0x40000 - 0x800);
  plan (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->plan));
}

static void
test_wrong_content (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "boot.img", "PK\x03\x04", 0x20000);
  test_firmware_put (fixture->folder, "preloader_test.bin", "junk", 0x8000);
  plan (fixture);
  g_assert_true (has_warning (fixture, UB_ERROR_BAD_IMAGE, "boot"));
  g_assert_true (has_blocker (fixture, UB_ERROR_BAD_IMAGE, "preloader"));
}

/* taken from the boot area of a phone with the same kind of memory, and with another */
static void
test_preloader_header (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "preloader_test.bin", "EMMC_BOOT", 0x8000);
  plan (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->plan));
  test_firmware_put (fixture->folder, "preloader_test.bin", "UFS_BOOT", 0x8000);
  plan (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_STORAGE, "preloader"));
}

/* a sparse image that ends in its header */
static void
test_damaged_image (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "boot.img", "\x3a\xff\x26\xed\x01", 20);
  plan (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_BAD_IMAGE, "boot"));
}

static void
test_missing_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "system.img", NULL);

  g_unlink (path);
  plan (fixture);
  g_assert_true (has_warning (fixture, UB_ERROR_FILE_MISSING, "system"));
  g_assert_cmpint (ub_plan_row_get_fate (row_of (fixture, "system")), ==, UB_ROW_NO_FILE);
  g_assert_false (ub_plan_is_blocked (fixture->plan));
}

static void
test_empty_file (Fixture *fixture, gconstpointer data)
{
  test_firmware_put (fixture->folder, "lk.bin", "", 0);
  plan (fixture);
  g_assert_true (ub_plan_is_blocked (fixture->plan) ||
                 ub_plan_row_get_fate (row_of (fixture, "lk")) != UB_ROW_WRITE);
}

static void
test_nothing_to_do (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < TEST_N_PARTS; i++)
    fixture->parts[i].is_download = FALSE;
  plan (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_NOTHING_TO_DO, NULL));
  g_assert_cmpint (ub_plan_get_first_blocker (fixture->plan)->code, ==, UB_ERROR_NOTHING_TO_DO);
}

static void
test_rows_tell (Fixture *fixture, gconstpointer data)
{
  g_autofree char *begin = NULL, *end = NULL, *size = NULL, *file = NULL;
  gboolean         ticked;
  int              fate;

  plan (fixture);
  g_object_get (row_of (fixture, "boot"),
                "begin",
                &begin,
                "end",
                &end,
                "size",
                &size,
                "file",
                &file,
                "ticked",
                &ticked,
                "fate",
                &fate,
                NULL);
  g_assert_cmpstr (begin, ==, "0x900000");
  g_assert_cmpstr (end, ==, "0xcfffff");
  g_assert_nonnull (strstr (size, "4"));
  g_assert_cmpstr (file, ==, "boot.img");
  g_assert_true (ticked);
  g_assert_cmpint (fate, ==, UB_ROW_WRITE);
}

static void
test_words (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpstr (ub_mode_to_string (UB_MODE_DOWNLOAD_ONLY), ==, "download");
  for (guint i = 0; i <= UB_MODE_LAST; i++)
    {
      UbMode mode;

      g_assert_true (ub_mode_from_string (ub_mode_to_string ((UbMode) i), &mode));
      g_assert_cmpuint (mode, ==, i);
      g_assert_cmpuint (strlen (ub_mode_get_title (mode)), >, 0);
      g_assert_cmpuint (strlen (ub_mode_get_verb (mode)), >, 0);
      g_assert_cmpuint (strlen (ub_mode_get_sentence (mode)), >, 0);
      g_assert_cmpint (ub_mode_is_destructive (mode),
                       ==,
                       mode == UB_MODE_FIRMWARE_UPGRADE || mode == UB_MODE_FORMAT_ALL ||
                           mode == UB_MODE_RESTORE || mode == UB_MODE_ERASE);
    }
  g_assert_false (ub_mode_from_string ("nosuch", &(UbMode){ 0 }));
  g_assert_cmpstr (ub_mode_to_string ((UbMode) 99), ==, "unknown");
}

#define ADD(path, func) g_test_add ("/engine/plan/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("defaults", test_defaults);
  ADD ("order", test_order);
  ADD ("verify-all", test_verify_all);
  ADD ("both-boot-regions", test_both_boot_regions);
  ADD ("ticks", test_ticks);
  ADD ("expert", test_expert);
  ADD ("protected-whatever-the-map-says", test_protected_whatever_the_map_says);
  ADD ("table-is-not-written", test_table_is_not_written);
  ADD ("only", test_only);
  ADD ("too-big", test_too_big);
  ADD ("preloader-too-big", test_preloader_too_big);
  ADD ("wrong-content", test_wrong_content);
  ADD ("preloader-header", test_preloader_header);
  ADD ("damaged-image", test_damaged_image);
  ADD ("missing-file", test_missing_file);
  ADD ("empty-file", test_empty_file);
  ADD ("nothing-to-do", test_nothing_to_do);
  ADD ("rows-tell", test_rows_tell);
  ADD ("words", test_words);
  return g_test_run ();
}
