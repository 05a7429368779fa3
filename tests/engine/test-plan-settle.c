/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-jobs.h"

#include <utime.h>

#define USER UB_REGION_EMMC_USER
#define N_PARTS 9

typedef struct
{
  TestPhone   phone;
  char       *package; /* folder of a firmware for the phone */
  TestPart    parts[N_PARTS];
  GBytes     *preloader; /* the package's */
  GBytes     *whole;     /* as it lies on a phone */
  UbFirmware *firmware;
} Fixture;

static void
put_bytes (Fixture *fixture, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (fixture->package, name, NULL);
  gsize            size;
  const char      *data = g_bytes_get_data (bytes, &size);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const TestPart parts[N_PARTS] = {
    { "preloader",
      "preloader_test_project.bin",
      TRUE,
      0,
      0x40000,
      "EMMC_BOOT1_BOOT2",
      "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
    { "proinfo", NULL, FALSE, 0x80000, 0x40000, "EMMC_USER", "PROTECTED" },
    { "nvram", NULL, FALSE, 0xc0000, 0x40000, "EMMC_USER", "BINREGION" },
    { "lk", "lk.bin", TRUE, 0x100000, 0x20000, "EMMC_USER", "UPDATE" },
    { "boot", "boot.img", TRUE, 0x120000, 0x40000, "EMMC_USER", "UPDATE" },
    { "recovery", NULL, FALSE, 0x160000, 0x40000, "EMMC_USER", "UPDATE" },
    { "system", "system.img", TRUE, 0x1a0000, 0x80000, "EMMC_USER", "UPDATE" },
    { "userdata", NULL, FALSE, 0x220000, 0x100000, "EMMC_USER", "UPDATE" },
  };

  test_jobs_set_up (&fixture->phone);
  fixture->package = g_build_filename (fixture->phone.folder, "package", NULL);
  g_assert_cmpint (g_mkdir (fixture->package, 0700), ==, 0);
  memcpy (fixture->parts, parts, sizeof parts);
  fixture->preloader =
      test_jobs_preloader ("preloader_test_project.bin", fixture->phone.report.cid);
  fixture->whole = test_jobs_with_header (fixture->preloader);
  put_bytes (fixture, "preloader_test_project.bin", fixture->preloader);
  test_firmware_put (fixture->package, "lk.bin", "L", 0x1000);
  test_firmware_put (fixture->package, "boot.img", "ANDROID!", 0x8000);
  test_firmware_put (fixture->package, "system.img", "S", 0x4000);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->firmware);
  g_bytes_unref (fixture->preloader);
  g_bytes_unref (fixture->whole);
  test_firmware_remove (fixture->package);
  g_free (fixture->package);
  test_jobs_tear_down (&fixture->phone);
}

static gboolean
has (UbPlan *plan, UbIssueLevel level, int code, const char *part)
{
  return test_firmware_find_issue (plan, level, code, part) != NULL;
}

static gboolean
says (UbPlan *plan, UbIssueLevel level, const char *words)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      if (issue->level == level && strstr (issue->text, words) != NULL)
        return TRUE;
    }
  return FALSE;
}

static UbPlan *
plan_firmware (Fixture *fixture, const UbPlanChoice *choice)
{
  g_autoptr (UbPlan) plan = NULL;

  if (fixture->firmware == NULL)
    {
      test_firmware_put_map (fixture->package, fixture->parts, N_PARTS);
      fixture->firmware = test_firmware_open (fixture->package);
    }
  plan = ub_plan_new (fixture->firmware, choice);
  return test_jobs_check (&fixture->phone, plan);
}

/* settled twice: the second time changes nothing */
static UbPlan *
settle (UbPlan *plan, UbBackup *copy)
{
  g_autoptr (GError) error = NULL;
  UbPlan *settled = ub_plan_settle (plan, copy, &error);
  g_autoptr (UbPlan) again = NULL;
  g_autofree char *digest1 = NULL, *digest2 = NULL;

  g_assert_no_error (error);
  again = ub_plan_settle (settled, copy, &error);
  g_assert_no_error (error);
  digest1 = ub_plan_dup_digest (settled);
  digest2 = ub_plan_dup_digest (again);
  g_assert_cmpstr (digest1, ==, digest2);
  g_assert_cmpuint (ub_plan_get_issues (settled)->len, ==, ub_plan_get_issues (again)->len);
  test_firmware_print_issues (settled);
  return settled;
}

/* --- the preloader rule --- */

static UbBackup *
copy_boots (Fixture *fixture, GBytes *boot1, GBytes *boot2, gboolean missing)
{
  const TestCopyPart parts[] = {
    { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, boot1, 0, missing },
    { "boot2", UB_REGION_EMMC_BOOT2, 0, TEST_BOOT_SIZE, boot2, 0, missing },
  };

  return test_jobs_copy (&fixture->phone, parts, G_N_ELEMENTS (parts));
}

static guint
count_preloader (UbPlan *plan, UbRegion region)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  guint      n = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      n += step->is_preloader && step->region == region && step->kind != UB_STEP_SAVE;
    }
  return n;
}

static void
test_preloader_same (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  const UbPlanChoice always = { .mode = UB_MODE_DOWNLOAD_ONLY, .preloader = UB_PRELOADER_WRITE };
  g_autoptr (UbPlan) plan = plan_firmware (fixture, &choice);
  g_autoptr (UbPlan) forced = plan_firmware (fixture, &always);
  g_autoptr (UbBackup) copy = copy_boots (fixture, fixture->whole, fixture->whole, FALSE);
  g_autoptr (UbPlan) settled = settle (plan, copy);
  g_autoptr (UbPlan) settled_forced = settle (forced, copy);

  g_assert_cmpuint (count_preloader (plan, UB_REGION_EMMC_BOOT1), ==, 2);
  g_assert_cmpuint (count_preloader (settled, UB_REGION_EMMC_BOOT1), ==, 0);
  g_assert_cmpuint (count_preloader (settled, UB_REGION_EMMC_BOOT2), ==, 0);
  g_assert_true (has (settled, UB_ISSUE_NOTE, UB_ERROR_NOTHING_TO_DO, "preloader"));
  g_assert_cmpuint (ub_plan_get_steps (settled)->len, ==, ub_plan_get_steps (plan)->len - 4);
  g_assert_cmpuint (count_preloader (settled_forced, UB_REGION_EMMC_BOOT1), ==, 2);
}

/* different, blank, unreadable, and one of the two */
static void
test_preloader_differs (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  const UbPlanChoice always = { .mode = UB_MODE_DOWNLOAD_ONLY, .preloader = UB_PRELOADER_WRITE };
  g_autoptr (UbPlan) plan = plan_firmware (fixture, &choice);
  g_autoptr (UbPlan) forced = plan_firmware (fixture, &always);
  gsize              size = g_bytes_get_size (fixture->whole);
  g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (fixture->whole, NULL), size);
  g_autoptr (GBytes) other = NULL;
  g_autoptr (UbBackup) different = NULL, blank = NULL, missing = NULL, half = NULL;
  g_autoptr (UbPlan) plan1 = NULL,
                     plan2 = NULL,
                     plan3 = NULL,
                     plan4 = NULL,
                     plan5 = NULL,
                     plan6 = NULL;

  changed[size - 300] ^= 1;
  other = g_bytes_new (changed, size);
  different = copy_boots (fixture, other, other, FALSE);
  blank = copy_boots (fixture, NULL, NULL, FALSE);
  missing = copy_boots (fixture, NULL, NULL, TRUE);
  half = copy_boots (fixture, fixture->whole, other, FALSE);
  plan1 = settle (plan, different);
  plan2 = settle (plan, blank);
  plan3 = settle (plan, missing);
  plan4 = settle (plan, half);
  plan5 = settle (plan, NULL);
  plan6 = settle (forced, missing);
  g_assert_cmpuint (ub_plan_get_steps (plan1)->len, ==, ub_plan_get_steps (plan)->len);
  g_assert_cmpuint (ub_plan_get_steps (plan2)->len, ==, ub_plan_get_steps (plan)->len);
  g_assert_cmpuint (ub_plan_get_steps (plan3)->len, ==, ub_plan_get_steps (plan)->len);
  g_assert_cmpuint (ub_plan_get_steps (plan5)->len, ==, ub_plan_get_steps (plan)->len);
  g_assert_false (ub_plan_has_danger (plan2));
  g_assert_true (has (plan3, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "boot1"));
  g_assert_true (has (plan3, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "boot2"));
  g_assert_true (has (plan6, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "boot1"));
  g_assert_cmpuint (count_preloader (plan4, UB_REGION_EMMC_BOOT1), ==, 0);
  g_assert_cmpuint (count_preloader (plan4, UB_REGION_EMMC_BOOT2), ==, 2);
}

/* --- parts that are put back --- */

static UbPlan *
plan_with_restore (guint64 length)
{
  UbPlan *plan = ub_plan_new_empty (UB_MODE_FORMAT_ALL, UB_STORAGE_EMMC, "test");
  UbStep *step = ub_plan_add_step (plan, UB_STEP_RESTORE, "nvram", USER, 0x200000, length);

  step->bytes = length;
  step->saved = g_strdup ("NVRAM");
  ub_plan_modes_add_verify (plan, step);
  return plan;
}

static UbBackup *
copy_nvram (Fixture *fixture, guint8 fill, gsize n_content, gboolean missing)
{
  g_autofree guint8 *data = g_malloc0 (n_content + 1);
  g_autoptr (GBytes) content = NULL;
  TestCopyPart part = { "nvram", USER, 0xc0000, 0x2000, NULL, fill, missing };

  memset (data, 7, n_content);
  part.content = content = g_bytes_new (data, n_content);
  return test_jobs_copy (&fixture->phone, &part, 1);
}

static void
test_restore_sources (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbBackup) copy = copy_nvram (fixture, 9, 0, FALSE);
  g_autoptr (UbPlan) plan = plan_with_restore (0x3000);
  g_autoptr (UbPlan) settled = settle (plan, copy);
  const UbStep *step = test_jobs_step (settled, UB_STEP_RESTORE, 0);
  const UbStep *verify = test_jobs_step (settled, UB_STEP_VERIFY, 0);

  g_assert_false (ub_plan_is_blocked (settled) || ub_plan_has_danger (settled));
  g_assert_null (step->saved);
  g_assert_cmpstr (step->image_path, ==, ub_backup_find (copy, "nvram")->path);
  g_assert_cmpstr (verify->image_path, ==, step->image_path);
  /* no more than there is */
  g_assert_cmphex (step->length, ==, 0x2000);
  g_assert_cmphex (step->bytes, ==, 0x2000);
  g_assert_cmphex (verify->length, ==, 0x2000);
  /* the plan it was made from stays as it is */
  g_assert_cmpstr (test_jobs_step (plan, UB_STEP_RESTORE, 0)->saved, ==, "NVRAM");
}

static void
test_restore_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbBackup) copy = copy_nvram (fixture, 9, 0, TRUE);
  g_autoptr (UbPlan) plan = plan_with_restore (0x2000);
  g_autoptr (UbPlan) settled = settle (plan, copy);
  g_autoptr (UbPlan) without = settle (plan, NULL);

  g_assert_true (has (settled, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "NVRAM"));
  g_assert_cmpuint (ub_plan_get_steps (settled)->len, ==, 0);
  g_assert_true (has (without, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "NVRAM"));
}

/* the new place is smaller: what would be cut off must be blank */
static void
test_restore_smaller (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbBackup) zeros = copy_nvram (fixture, 0x00, 0x1000, FALSE);
  g_autoptr (UbBackup) ones = copy_nvram (fixture, 0xff, 0x1000, FALSE);
  g_autoptr (UbBackup) full = copy_nvram (fixture, 0x00, 0x1001, FALSE);
  g_autoptr (UbBackup) uniform = copy_nvram (fixture, 0x33, 0, FALSE);
  g_autoptr (UbPlan) plan = plan_with_restore (0x1000);
  g_autoptr (UbPlan) fits = settle (plan, zeros);
  g_autoptr (UbPlan) fits_too = settle (plan, ones);
  g_autoptr (UbPlan) cut = NULL, cut_too = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_plan_is_blocked (fits));
  g_assert_cmphex (test_jobs_step (fits, UB_STEP_RESTORE, 0)->length, ==, 0x1000);
  g_assert_false (ub_plan_is_blocked (fits_too));
  cut = ub_plan_settle (plan, full, &error);
  g_assert_true (has (cut, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "nvram"));
  cut_too = ub_plan_settle (plan, uniform, &error);
  g_assert_true (has (cut_too, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "nvram"));
}

/* blank in every piece that is looked at, but not the same all over */
static void
test_restore_half_blank (Fixture *fixture, gconstpointer data)
{
  const gsize  n_content = 0x1000 + 256 * 1024;
  guint8      *bytes = g_malloc0 (n_content);
  TestCopyPart part = { "nvram", USER, 0xc0000, 0x80000, NULL, 0xff, FALSE };
  g_autoptr (GBytes) content = g_bytes_new_take (bytes, n_content);
  g_autoptr (UbPlan) plan = plan_with_restore (0x1000);
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbPlan) settled = NULL;

  part.content = content;
  copy = test_jobs_copy (&fixture->phone, &part, 1);
  settled = settle (plan, copy);
  g_assert_true (has (settled, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "nvram"));
}

/* --- Single part --- */

typedef struct
{
  guint32 version;
  guint32 page_size;
  guint32 kernel_mark;
  gsize   mark_offset;
} TestBoot;

static GBytes *
make_boot (const TestBoot *boot)
{
  const gsize size = 0x8000;
  guint8     *data = g_malloc0 (size);
  guint32     words[] = { GUINT32_TO_LE (boot->page_size), GUINT32_TO_LE (boot->version) };
  guint32     mark = GUINT32_TO_LE (boot->kernel_mark);

  memcpy (data, "ANDROID!", 8);
  memcpy (data + 36, words, sizeof words);
  memcpy (data + (boot->version >= 3 ? 4096 : boot->page_size) + boot->mark_offset, &mark, 4);
  return g_bytes_new_take (data, size);
}

static const TestBoot arm = { 0, 2048, 0x016f2818, 0x24 };
static const TestBoot arm64 = { 0, 2048, 0x644d5241, 0x38 };
static const TestBoot version2 = { 2, 2048, 0x016f2818, 0x24 };
static const TestBoot big_pages = { 0, 4096, 0x016f2818, 0x24 };

static UbPlan *
settle_single (Fixture *fixture, const TestBoot *next, const TestBoot *now, gboolean has_footer)
{
  g_autoptr (GBytes) next_bytes = make_boot (next);
  g_autoptr (GBytes) now_bytes = make_boot (now);
  guint8 *part_data = g_malloc0 (0x40000);
  g_autoptr (GBytes) content = g_bytes_new_take (part_data, 0x40000);
  g_autofree char   *path = test_jobs_put (&fixture->phone, next_bytes);
  const TestCopyPart part = { "recovery", USER, 0x160000, 0x40000, content, 0, FALSE };
  g_autoptr (UbPlan) plan = ub_plan_new_single ("recovery", path, FALSE);
  g_autoptr (UbPlan) checked = NULL;
  g_autoptr (UbBackup) copy = NULL;

  memcpy (part_data, g_bytes_get_data (now_bytes, NULL), g_bytes_get_size (now_bytes));
  if (has_footer)
    memcpy (part_data + 0x40000 - 64, "AVBf", 4);
  checked = test_jobs_check (&fixture->phone, plan);
  copy = test_jobs_copy (&fixture->phone, &part, 1);
  g_assert_false (ub_plan_is_blocked (checked));
  return settle (checked, copy);
}

static void
test_single_like_the_present (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) same = settle_single (fixture, &arm, &arm, FALSE);
  g_autoptr (UbPlan) arch = settle_single (fixture, &arm64, &arm, FALSE);
  g_autoptr (UbPlan) version = settle_single (fixture, &version2, &arm, FALSE);
  g_autoptr (UbPlan) page = settle_single (fixture, &big_pages, &arm, FALSE);
  g_autoptr (UbPlan) footer = settle_single (fixture, &arm, &arm, TRUE);
  g_autoptr (UbPlan) vbmeta = NULL;

  g_assert_false (has (same, UB_ISSUE_WARNING, UB_ERROR_BAD_IMAGE, NULL));
  g_assert_true (says (arch, UB_ISSUE_WARNING, "64-bit system, but"));
  g_assert_true (says (version, UB_ISSUE_WARNING, "of version 2"));
  g_assert_true (says (page, UB_ISSUE_WARNING, "page size"));
  g_assert_false (says (page, UB_ISSUE_WARNING, "refuse"));
  g_assert_true (says (footer, UB_ISSUE_WARNING, "refuse"));
  ub_layout_add (fixture->phone.layout, "vbmeta_a", USER, 0x360000, 0x10000);
  vbmeta = settle_single (fixture, &arm, &arm, FALSE);
  g_assert_true (says (vbmeta, UB_ISSUE_WARNING, "refuse"));
  g_assert_cmpuint (test_jobs_count (vbmeta, UB_STEP_WRITE), ==, 1);
}

/* --- the light --- */

static UbPlan *
settle_model (Fixture *fixture, const char *running, UbMode mode)
{
  const UbPlanChoice choice = { .mode = mode };
  g_autoptr (UbPlan) plan = plan_firmware (fixture, &choice);
  g_autoptr (GBytes) preloader = test_jobs_preloader (running, fixture->phone.report.cid);
  g_autoptr (GBytes) whole = test_jobs_with_header (preloader);
  g_autoptr (UbBackup) copy = copy_boots (fixture, whole, whole, FALSE);
  g_autoptr (GError) error = NULL;
  UbPlan *settled = ub_plan_settle (plan, copy, &error);

  g_assert_no_error (error);
  return settled;
}

static void
test_fit_model (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) same =
                 settle_model (fixture, "Preloader_TEST-project.bin", UB_MODE_DOWNLOAD_ONLY);
  g_autoptr (UbPlan) other = settle_model (fixture, "preloader_sibling.bin", UB_MODE_DOWNLOAD_ONLY);
  g_autoptr (UbPlan) divided = NULL;
  g_autoptr (GPtrArray) reasons = NULL;

  g_assert_cmpint (ub_plan_get_fit (same), ==, UB_FIT_GREEN);
  g_assert_cmpint (ub_plan_get_fit (other), ==, UB_FIT_AMBER);
  g_assert_true (has (other, UB_ISSUE_WARNING, UB_ERROR_WRONG_MODEL, NULL));
  g_assert_false (ub_plan_is_blocked (other) || ub_plan_has_danger (other));
  ((UbLayoutEntry *) ub_layout_find (fixture->phone.layout, "system"))->size -= 0x1000;
  divided = settle_model (fixture, "preloader_sibling.bin", UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has (divided, UB_ISSUE_DANGER, UB_ERROR_WRONG_MODEL, NULL));
  g_assert_cmpint (ub_plan_get_fit (divided), ==, UB_FIT_RED);
  reasons = ub_plan_get_fit_reasons (divided);
  g_assert_cmpuint (reasons->len, >, 0);
  g_assert_cmpint (((UbIssue *) reasons->pdata[0])->level, >=, UB_ISSUE_DANGER);
}

static void
test_fit_memory (Fixture *fixture, gconstpointer data)
{
  const char *const  only[] = { "lk", NULL };
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only };
  g_autoptr (UbPlan) fits = plan_firmware (fixture, &choice);
  g_autoptr (UbPlan) other = NULL;

  g_assert_cmpint (ub_plan_get_fit (fits), ==, UB_FIT_GREEN);
  fixture->phone.report.cid[3] ^= 1;
  other = plan_firmware (fixture, &choice);
  g_assert_true (has (other, UB_ISSUE_DANGER, UB_ERROR_WRONG_MODEL, NULL));
  g_assert_cmpint (ub_plan_get_fit (other), ==, UB_FIT_RED);
}

/* somebody's backup with a map around it */
static void
test_fit_home_made (Fixture *fixture, gconstpointer data)
{
  const TestPart parts[] = {
    { "nvram", "nvram.bin", TRUE, 0xc0000, 0x40000, "EMMC_USER", "UPDATE" },
    { "lk", "lk.bin", TRUE, 0x100000, 0x20000, "EMMC_USER", "UPDATE" },
  };
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbFirmware) with_preloader = NULL, without = NULL;
  g_autoptr (UbPlan) plan1 = NULL, plan2 = NULL;
  g_autofree char *preloader =
      g_build_filename (fixture->package, "preloader_test_project.bin", NULL);

  test_firmware_put (fixture->package, "nvram.bin", "N", 0x1000);
  test_firmware_put_map (fixture->package, parts, G_N_ELEMENTS (parts));
  with_preloader = test_firmware_open (fixture->package);
  plan1 = ub_plan_new (with_preloader, &choice);
  g_assert_false (ub_plan_has_danger (plan1));
  g_assert_cmpint (g_unlink (preloader), ==, 0);
  without = test_firmware_open (fixture->package);
  plan2 = ub_plan_new (without, &choice);
  g_assert_true (has (plan2, UB_ISSUE_DANGER, UB_ERROR_BAD_FIRMWARE, NULL));
}

static void
test_fit_levels (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPhoneInfo) phone = test_jobs_phone (&fixture->phone);
  g_autoptr (UbPlan) plan = ub_plan_new_empty (UB_MODE_TEST, UB_STORAGE_EMMC, "");
  g_autoptr (GPtrArray) reasons = NULL;

  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_UNKNOWN);
  plan->phone = g_object_ref (phone);
  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_GREEN);
  ub_plan_add_issue (plan, UB_ISSUE_NOTE, UB_ERROR_WRONG_LAYOUT, NULL, "note");
  ub_plan_add_issue (plan, UB_ISSUE_WARNING, UB_ERROR_FILE_MISSING, NULL, "no sign");
  ub_plan_add_issue (plan, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, NULL, "no sign");
  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_GREEN);
  ub_plan_add_issue (plan, UB_ISSUE_WARNING, UB_ERROR_WRONG_MODEL, NULL, "sign");
  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_AMBER);
  ub_plan_add_issue (plan, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, NULL, "hindrance");
  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_RED);
  reasons = ub_plan_get_fit_reasons (plan);
  g_assert_cmpuint (reasons->len, ==, 2);
  g_assert_cmpstr (((UbIssue *) reasons->pdata[0])->text, ==, "hindrance");
}

/* --- what a journal keeps --- */

/* through its text, as a journal does it */
static UbPlan *
reopen (UbPlan *plan, GError **error)
{
  g_autoptr (GVariant) variant = ub_plan_to_variant (plan);
  g_autofree char *text = g_variant_print (variant, TRUE);
  g_autoptr (GVariant) back = NULL;

  g_assert_false (g_variant_is_floating (variant));
  back = g_variant_parse (g_variant_get_type (variant), text, NULL, NULL, error);
  g_assert_no_error (*error);
  g_assert_nonnull (back);
  g_assert_true (g_variant_equal (back, variant));
  return ub_plan_new_from_variant (back, NULL, error);
}

static void
assert_comes_back (Fixture *fixture, UbPlan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPlan) back = reopen (plan, &error);
  g_autoptr (UbPlan) checked = NULL, checked_back = NULL;
  g_autofree char *digest = NULL, *digest_back = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (ub_plan_get_mode (back), ==, ub_plan_get_mode (plan));
  g_assert_cmpstr (ub_plan_get_title (back), ==, ub_plan_get_title (plan));
  g_assert_cmpstr (ub_plan_get_folder (back), ==, ub_plan_get_folder (plan));
  checked = test_jobs_check (&fixture->phone, plan);
  checked_back = test_jobs_check (&fixture->phone, back);
  digest = ub_plan_dup_digest (checked);
  digest_back = ub_plan_dup_digest (checked_back);
  g_assert_cmpstr (digest, ==, digest_back);
  g_assert_cmpuint (ub_plan_get_issues (checked)->len, ==, ub_plan_get_issues (checked_back)->len);
}

static void
test_variant_jobs (Fixture *fixture, gconstpointer data)
{
  const char *const  names[] = { "nvram", "lk", NULL };
  const UbPlanTarget by_name = { .names = names, .expert = TRUE };
  const UbPlanTarget range = { .region = USER, .offset = 0x1a0000, .length = G_MAXUINT64 };
  const UbPlanTarget whole = { .whole = TRUE, .with_boot = TRUE };
  const UbPlanTarget nothing = { 0 };
  const TestCopyPart part = { "lk", USER, 0x100000, 0x20000, NULL, 6, FALSE };
  const char *const  only[] = { "lk", NULL };
  g_autofree char   *path = test_jobs_put_file (&fixture->phone, "ANDROID!", 8, 0x8000);
  g_autofree char   *odd = g_build_filename (fixture->phone.folder, "odd\xff\xfe", NULL);
  g_autoptr (UbBackup) copy = test_jobs_copy (&fixture->phone, &part, 1);
  g_autoptr (UbPlan) readback = ub_plan_new_readback (&range, odd);
  g_autoptr (UbPlan) erase = ub_plan_new_erase (&by_name);
  g_autoptr (UbPlan) erase_whole = ub_plan_new_erase (&whole);
  g_autoptr (UbPlan) test = ub_plan_new_test (&nothing);
  g_autoptr (UbPlan) single = NULL;
  g_autoptr (UbPlan) restore = ub_plan_new_restore (copy, only, FALSE);

  g_assert_cmpint (g_rename (path, odd), ==, 0);
  single = ub_plan_new_single ("recovery", odd, TRUE);
  assert_comes_back (fixture, readback);
  assert_comes_back (fixture, erase);
  assert_comes_back (fixture, erase_whole);
  assert_comes_back (fixture, test);
  assert_comes_back (fixture, single);
  assert_comes_back (fixture, restore);
}

static void
test_variant_firmware (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) ticks = g_hash_table_new (g_str_hash, g_str_equal);
  const char *const  only[] = { "lk", "boot", NULL };
  const UbPlanChoice choice = { .mode = UB_MODE_FIRMWARE_UPGRADE,
                                .verify_all = TRUE,
                                .ticks = ticks,
                                .preloader = UB_PRELOADER_WRITE };
  const char *const  only_system[] = { "system", NULL };
  const UbPlanChoice some = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only };
  const UbPlanChoice system = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only_system };
  g_autofree char   *other = test_jobs_put_file (&fixture->phone, "other", 5, 0x2000);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) changed = NULL;
  g_autoptr (UbPlan) plan = NULL, part = NULL, with_image = NULL;

  g_hash_table_insert (ticks, (gpointer) "system", GINT_TO_POINTER (FALSE));
  plan = plan_firmware (fixture, &choice);
  assert_comes_back (fixture, plan);
  part = plan_firmware (fixture, &some);
  assert_comes_back (fixture, part);
  changed = ub_firmware_with_image (fixture->firmware, UB_STORAGE_EMMC, "system", other, &error);
  g_assert_no_error (error);
  with_image = ub_plan_new (changed, &system);
  assert_comes_back (fixture, with_image);
}

static void
test_variant_file_changed (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPlan) plan = plan_firmware (fixture, &choice);
  g_autofree char *lk = g_build_filename (fixture->package, "lk.bin", NULL);
  struct utimbuf   long_ago = { 1000, 1000 };
  g_autoptr (GVariant) before = ub_plan_to_variant (plan);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_utime (lk, &long_ago), ==, 0);
  g_assert_null (ub_plan_new_from_variant (before, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_clear_error (&error);
  test_firmware_put (fixture->package, "lk.bin", "L", 0x1200);
  g_assert_null (ub_plan_new_from_variant (before, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_nonnull (strstr (error->message, "lk.bin"));
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (lk), ==, 0);
  g_assert_null (ub_plan_new_from_variant (before, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
}

static void
test_variant_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) text = g_variant_ref_sink (g_variant_new_string ("no plan"));
  g_autoptr (GVariant) empty = g_variant_ref_sink (
      g_variant_new_parsed ("('single', @a{sb} {}, @a{sx} {}, @a{say} {}, @a{sas} {}, @a{sb} {}, "
                            "@a(say) [], @a(ayxx) [])"));
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_plan_new_from_variant (text, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_clear_error (&error);
  g_assert_null (ub_plan_new_from_variant (empty, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
}

/* every field that decides what is written, and where */
static void
test_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = plan_with_restore (0x1000);
  g_autoptr (UbPlan) copy = ub_plan_copy (plan);
  UbStep          *step = g_ptr_array_index (ub_plan_get_steps (copy), 1);
  g_autofree char *one = ub_plan_dup_digest (plan);
  g_autofree char *same = ub_plan_dup_digest (copy);
  g_autofree char *moved = NULL, *source = NULL;

  g_assert_cmpstr (one, ==, same);
  g_assert_cmpuint (strlen (one), ==, 64);
  step->offset++;
  moved = ub_plan_dup_digest (copy);
  g_assert_cmpstr (one, !=, moved);
  step->offset--;
  step->source_offset++;
  source = ub_plan_dup_digest (copy);
  g_assert_cmpstr (one, !=, source);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/plan-settle/preloader/same", test_preloader_same);
  ADD ("/plan-settle/preloader/differs", test_preloader_differs);
  ADD ("/plan-settle/restore/sources", test_restore_sources);
  ADD ("/plan-settle/restore/missing", test_restore_missing);
  ADD ("/plan-settle/restore/smaller", test_restore_smaller);
  ADD ("/plan-settle/restore/half-blank", test_restore_half_blank);
  ADD ("/plan-settle/single", test_single_like_the_present);
  ADD ("/plan-fit/model", test_fit_model);
  ADD ("/plan-fit/memory", test_fit_memory);
  ADD ("/plan-fit/home-made", test_fit_home_made);
  ADD ("/plan-fit/levels", test_fit_levels);
  ADD ("/plan-variant/jobs", test_variant_jobs);
  ADD ("/plan-variant/firmware", test_variant_firmware);
  ADD ("/plan-variant/file-changed", test_variant_file_changed);
  ADD ("/plan-variant/damaged", test_variant_damaged);
  ADD ("/plan-variant/digest", test_digest);
  return g_test_run ();
}
