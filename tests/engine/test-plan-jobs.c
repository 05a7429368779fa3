/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-jobs.h"

#define USER UB_REGION_EMMC_USER

static void
set_up (TestPhone *phone, gconstpointer data)
{
  test_jobs_set_up (phone);
}

static void
tear_down (TestPhone *phone, gconstpointer data)
{
  test_jobs_tear_down (phone);
}

static gboolean
has (UbPlan *plan, UbIssueLevel level, int code, const char *part)
{
  return test_firmware_find_issue (plan, level, code, part) != NULL;
}

static void
assert_step (const UbStep *step, const char *name, UbRegion region, guint64 offset, guint64 length)
{
  g_assert_nonnull (step);
  g_assert_cmpstr (step->name, ==, name);
  g_assert_cmpint (step->region, ==, region);
  g_assert_cmphex (step->offset, ==, offset);
  g_assert_cmphex (step->length, ==, length);
}

/* saved first, whatever comes after */
static void
assert_saves_come_first (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  gboolean   others = FALSE;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      g_assert_false (others && step->kind == UB_STEP_SAVE);
      others = others || step->kind != UB_STEP_SAVE;
    }
}

static void
assert_safety_copy (UbPlan *plan)
{
  g_assert_true (test_jobs_saves (plan, "table"));
  g_assert_true (test_jobs_saves (plan, "boot1"));
  g_assert_true (test_jobs_saves (plan, "boot2"));
  g_assert_true (test_jobs_saves (plan, "nvram"));
  g_assert_true (test_jobs_saves (plan, "lk"));
  assert_saves_come_first (plan);
}

/* --- who the phone is --- */

static UbSamePhone
compare (const UbBromInfo *brom1,
         const UbDaReport *report1,
         const UbBromInfo *brom2,
         const UbDaReport *report2)
{
  g_autoptr (UbPhoneInfo) one = ub_phone_info_new (NULL, NULL, brom1, report1, NULL);
  g_autoptr (UbPhoneInfo) other = ub_phone_info_new (NULL, NULL, brom2, report2, NULL);
  UbSamePhone same = ub_phone_info_compare (one, other);

  g_assert_cmpint (ub_phone_info_compare (other, one), ==, same);
  return same;
}

static void
test_same_phone (TestPhone *phone, gconstpointer data)
{
  UbBromInfo boot_rom = phone->brom, other = phone->brom;
  UbDaReport blank = phone->report, random = phone->report;

  boot_rom.me_id_size = other.me_id_size = 16;
  memset (boot_rom.me_id, 7, 16);
  memset (other.me_id, 8, 16);
  memset (blank.cid, 0, 16);
  memset (random.cid, 0xff, 16);
  memset (random.random_id, 3, 16);
  g_assert_cmpint (compare (&phone->brom, NULL, &phone->brom, NULL), ==, UB_SAME_PHONE_UNKNOWN);
  g_assert_cmpint (compare (&phone->brom, NULL, &boot_rom, NULL), ==, UB_SAME_PHONE_UNKNOWN);
  g_assert_cmpint (compare (&boot_rom, NULL, &boot_rom, NULL), ==, UB_SAME_PHONE_YES);
  g_assert_cmpint (compare (&boot_rom, NULL, &other, NULL), ==, UB_SAME_PHONE_NO);
  g_assert_cmpint (compare (&boot_rom, &phone->report, &phone->brom, &phone->report),
                   ==,
                   UB_SAME_PHONE_YES);
  /* one id alike does not help against another that is not */
  g_assert_cmpint (compare (&boot_rom, &phone->report, &other, &phone->report),
                   ==,
                   UB_SAME_PHONE_NO);
  g_assert_cmpint (compare (&phone->brom, &blank, &phone->brom, &phone->report),
                   ==,
                   UB_SAME_PHONE_UNKNOWN);
  g_assert_cmpint (compare (&phone->brom, &random, &phone->brom, &random), ==, UB_SAME_PHONE_YES);
  g_assert_cmpint (compare (&boot_rom, &phone->report, &boot_rom, &random), ==, UB_SAME_PHONE_YES);
  random.cid[0] = 1;
  g_assert_cmpint (compare (&boot_rom, &phone->report, &boot_rom, &random), ==, UB_SAME_PHONE_NO);
  other = phone->brom;
  other.hw_code = 0x6572;
  g_assert_cmpint (compare (&phone->brom, &phone->report, &other, &phone->report),
                   ==,
                   UB_SAME_PHONE_NO);
}

static char *
key_of (const UbBromInfo *brom, const UbDaReport *report)
{
  g_autoptr (UbPhoneInfo) info = ub_phone_info_new ("2-1", "full", brom, report, NULL);

  return ub_phone_info_dup_key (info);
}

static void
test_key (TestPhone *phone, gconstpointer data)
{
  UbBromInfo       boot_rom = phone->brom;
  UbDaReport       other = phone->report;
  g_autofree char *one = key_of (&phone->brom, &phone->report);
  g_autofree char *same = NULL, *differs = NULL, *random1 = NULL, *random2 = NULL, *none = NULL;

  boot_rom.is_boot_rom = TRUE;
  boot_rom.me_id_size = 16;
  boot_rom.me_id[3] = 9;
  other.random_id[0] = 1;
  same = key_of (&boot_rom, &other);
  g_assert_true (g_str_has_prefix (one, "mt6580-"));
  g_assert_cmpuint (strlen (one), ==, strlen ("mt6580-") + 16);
  g_assert_cmpstr (one, ==, same);
  other.cid[15] ^= 1;
  differs = key_of (&boot_rom, &other);
  g_assert_cmpstr (one, !=, differs);
  memset (other.cid, 0, 16);
  random1 = key_of (&boot_rom, &other);
  other.random_id[0] = 2;
  random2 = key_of (&boot_rom, &other);
  g_assert_cmpstr (random1, !=, random2);
  none = key_of (&boot_rom, NULL);
  g_assert_cmpstr (none, ==, "");
}

/* --- Readback and Test --- */

static UbPlan *
readback (TestPhone *phone, const UbPlanTarget *target)
{
  g_autofree char *folder = g_build_filename (phone->folder, "out", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_readback (target, folder);

  g_assert_cmpstr (ub_plan_get_folder (plan), ==, folder);
  g_assert_cmpuint (ub_plan_get_steps (plan)->len, ==, 0);
  return test_jobs_check (phone, plan);
}

static void
test_readback_whole (TestPhone *phone, gconstpointer data)
{
  const UbPlanTarget target = { .whole = TRUE };
  g_autoptr (UbPlan) plan = NULL;

  phone->report.rpmb_size = 0x20000;
  plan = readback (phone, &target);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_cmpuint (ub_plan_get_steps (plan)->len, ==, 3);
  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 0),
               "boot1",
               UB_REGION_EMMC_BOOT1,
               0,
               TEST_BOOT_SIZE);
  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 1),
               "boot2",
               UB_REGION_EMMC_BOOT2,
               0,
               TEST_BOOT_SIZE);
  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 2), "user", USER, 0, TEST_USER_SIZE);
  g_assert_cmpuint (plan->save_bytes, ==, 2 * TEST_BOOT_SIZE + TEST_USER_SIZE);
}

static void
test_readback_names (TestPhone *phone, gconstpointer data)
{
  const char *const  names[] = { "NVRAM", "boot2", "system", "nvram", NULL };
  const char *const  unknown[] = { "recovry", NULL };
  const UbPlanTarget target = { .names = names };
  const UbPlanTarget wrong = { .names = unknown };
  g_autoptr (UbPlan) plan = readback (phone, &target);
  g_autoptr (UbPlan) blocked = readback (phone, &wrong);
  const UbIssue *issue =
      test_firmware_find_issue (blocked, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, "recovry");

  g_assert_cmpuint (ub_plan_get_steps (plan)->len, ==, 3);
  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 0), "nvram", USER, 0xc0000, 0x40000);
  g_assert_true (test_jobs_step (plan, UB_STEP_SAVE, 0)->is_protected);
  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 1),
               "boot2",
               UB_REGION_EMMC_BOOT2,
               0,
               TEST_BOOT_SIZE);
  g_assert_nonnull (issue);
  g_assert_nonnull (strstr (issue->text, "recovery"));
}

static void
test_readback_range (TestPhone *phone, gconstpointer data)
{
  UbPlanTarget target = { .region = USER, .offset = 0x1000, .length = 0x2000 };
  g_autoptr (UbPlan) plan = readback (phone, &target);
  g_autoptr (UbPlan) to_end = NULL, beyond = NULL, crooked = NULL, rpmb = NULL;

  assert_step (test_jobs_step (plan, UB_STEP_SAVE, 0), "range-0x1000", USER, 0x1000, 0x2000);
  target.length = G_MAXUINT64;
  to_end = readback (phone, &target);
  assert_step (test_jobs_step (to_end, UB_STEP_SAVE, 0),
               "range-0x1000",
               USER,
               0x1000,
               TEST_USER_SIZE - 0x1000);
  target.length = TEST_USER_SIZE;
  beyond = readback (phone, &target);
  g_assert_true (has (beyond, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, "range-0x1000"));
  target.length = 0x1001;
  crooked = readback (phone, &target);
  g_assert_true (ub_plan_is_blocked (crooked));
  phone->report.rpmb_size = 0x20000;
  target.region = UB_REGION_EMMC_RPMB;
  target.length = 0x1000;
  rpmb = readback (phone, &target);
  g_assert_true (ub_plan_is_blocked (rpmb));
  g_assert_cmpuint (ub_plan_get_steps (rpmb)->len, ==, 0);
}

static void
test_memory_test (TestPhone *phone, gconstpointer data)
{
  const UbPlanTarget target = { 0 };
  g_autoptr (UbPlan) plan = ub_plan_new_test (&target);
  g_autoptr (UbPlan) checked = test_jobs_check (phone, plan);

  g_assert_false (ub_plan_is_blocked (checked));
  g_assert_cmpuint (ub_plan_get_steps (checked)->len, ==, 3);
  assert_step (test_jobs_step (checked, UB_STEP_TEST, 2), "user", USER, 0, TEST_USER_SIZE);
}

/* --- Erase --- */

static UbPlan *
erase (TestPhone *phone, const UbPlanTarget *target)
{
  g_autoptr (UbPlan) plan = ub_plan_new_erase (target);

  return test_jobs_check (phone, plan);
}

static UbPlan *
erase_one (TestPhone *phone, const char *name, gboolean expert)
{
  const char *const  names[] = { name, NULL };
  const UbPlanTarget target = { .names = names, .expert = expert };

  return erase (phone, &target);
}

static void
test_erase_names (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbPlan) plain = erase_one (phone, "userdata", FALSE);
  g_autoptr (UbPlan) own = erase_one (phone, "nvram", FALSE);
  g_autoptr (UbPlan) expert = erase_one (phone, "nvram", TRUE);
  g_autoptr (UbPlan) start_up = erase_one (phone, "lk", FALSE);
  g_autoptr (UbPlan) reserved = erase_one (phone, "flashinfo", TRUE);
  g_autoptr (UbPlan) boot1 = erase_one (phone, "boot1", FALSE);

  assert_safety_copy (plain);
  g_assert_false (ub_plan_is_blocked (plain) || ub_plan_has_danger (plain));
  g_assert_cmpuint (test_jobs_count (plain, UB_STEP_ERASE), ==, 1);
  assert_step (test_jobs_step (plain, UB_STEP_ERASE, 0), "userdata", USER, 0x220000, 0x100000);
  g_assert_true (has (own, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_false (ub_plan_is_blocked (expert));
  g_assert_true (has (expert, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  assert_step (test_jobs_step (expert, UB_STEP_ERASE, 0), "nvram", USER, 0xc0000, 0x40000);
  g_assert_false (ub_plan_is_blocked (start_up));
  g_assert_true (has (start_up, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "lk"));
  g_assert_true (ub_plan_is_blocked (reserved));
  g_assert_cmpuint (test_jobs_count (reserved, UB_STEP_ERASE), ==, 0);
  g_assert_true (has (boot1, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "boot1"));
  assert_step (test_jobs_step (boot1, UB_STEP_ERASE, 0),
               "boot1",
               UB_REGION_EMMC_BOOT1,
               0,
               TEST_BOOT_SIZE);
}

static void
test_erase_range (TestPhone *phone, gconstpointer data)
{
  UbPlanTarget target = { .region = USER, .offset = 0xe0000, .length = 0x30000 };
  g_autoptr (UbPlan) own = erase (phone, &target);
  g_autoptr (UbPlan) expert = NULL, table = NULL, end = NULL, plain = NULL;

  g_assert_true (has (own, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
  target.expert = TRUE;
  expert = erase (phone, &target);
  g_assert_false (ub_plan_is_blocked (expert));
  g_assert_true (has (expert, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_true (has (expert, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "lk"));
  target.offset = 0x200;
  target.length = 0x200;
  table = erase (phone, &target);
  g_assert_true (ub_plan_is_blocked (table));
  target.offset = TEST_USER_SIZE - 0x400;
  end = erase (phone, &target);
  g_assert_true (ub_plan_is_blocked (end));
  g_assert_cmpuint (test_jobs_count (end, UB_STEP_ERASE), ==, 0);
  target = (UbPlanTarget){ .region = USER, .offset = 0x1a0000, .length = 0x1000 };
  plain = erase (phone, &target);
  g_assert_false (ub_plan_is_blocked (plain) || ub_plan_has_danger (plain));
  assert_step (test_jobs_step (plain, UB_STEP_ERASE, 0), "range-0x1a0000", USER, 0x1a0000, 0x1000);
}

static void
test_erase_whole (TestPhone *phone, gconstpointer data)
{
  UbPlanTarget target = { .whole = TRUE, .expert = TRUE };
  g_autoptr (UbPlan) plan = erase (phone, &target);
  g_autoptr (UbPlan) with_boot = NULL, blind = NULL;

  assert_safety_copy (plan);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (test_jobs_touches (plan, UB_STEP_ERASE, 0x100000, 0x320000));
  g_assert_false (test_jobs_touches (plan, UB_STEP_ERASE, 0x80000, 0x100000));
  g_assert_false (test_jobs_touches (plan, UB_STEP_ERASE, 0x320000, 0x360000));
  g_assert_false (test_jobs_touches (plan, UB_STEP_ERASE, 0, UB_SECTOR * 34));
  g_assert_false (
      test_jobs_touches (plan, UB_STEP_ERASE, TEST_USER_SIZE - UB_SECTOR * 33, TEST_USER_SIZE));
  target.with_boot = TRUE;
  with_boot = erase (phone, &target);
  g_assert_cmpuint (test_jobs_count (with_boot, UB_STEP_ERASE),
                    ==,
                    test_jobs_count (plan, UB_STEP_ERASE) + 2);
  g_assert_true (has (with_boot, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "boot1"));
  g_clear_pointer (&phone->layout, ub_layout_free);
  blind = erase (phone, &target);
  g_assert_true (has (blind, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* --- Single part --- */

static UbPlan *
single (TestPhone *phone, const char *name, const char *path, gboolean expert)
{
  g_autoptr (UbPlan) plan = ub_plan_new_single (name, path, expert);

  return test_jobs_check (phone, plan);
}

static void
test_single (TestPhone *phone, gconstpointer data)
{
  g_autofree char *path = test_jobs_put_file (phone, "ANDROID!", 8, 0x8000);
  g_autoptr (UbPlan) plan = single (phone, "recovery", path, FALSE);
  const UbStep *write = test_jobs_step (plan, UB_STEP_WRITE, 0);

  g_assert_false (ub_plan_is_blocked (plan));
  assert_safety_copy (plan);
  g_assert_true (test_jobs_saves (plan, "recovery"));
  assert_step (write, "recovery", USER, 0x160000, 0x8000);
  g_assert_cmpstr (write->image_path, ==, path);
  assert_step (test_jobs_step (plan, UB_STEP_VERIFY, 0), "recovery", USER, 0x160000, 0x8000);
  g_assert_cmpuint (test_jobs_count (plan, UB_STEP_WRITE), ==, 1);
}

/* the part itself is saved, whatever it is */
static void
test_single_saves_the_part (TestPhone *phone, gconstpointer data)
{
  g_autofree char *path = test_jobs_put_file (phone, "data", 4, 0x8000);
  g_autoptr (UbPlan) plan = single (phone, "system", path, FALSE);

  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (test_jobs_saves (plan, "system"));
}

static void
test_single_refused (TestPhone *phone, gconstpointer data)
{
  g_autofree char *boot = test_jobs_put_file (phone, "ANDROID!", 8, 0x8000);
  g_autofree char *big = test_jobs_put_file (phone, "ANDROID!", 8, 0x40001);
  g_autofree char *zip = test_jobs_put_file (phone, "PK\x03\x04", 4, 0x8000);
  g_autofree char *elf = test_jobs_put_file (phone,
                                             "\x7f"
                                             "ELF",
                                             4,
                                             0x8000);
  g_autofree char *empty = test_jobs_put_file (phone, "", 0, 0);
  g_autofree char *none = g_build_filename (phone->folder, "none.img", NULL);
  g_autoptr (UbPlan) unknown = single (phone, "recovry", boot, FALSE);
  g_autoptr (UbPlan) too_big = single (phone, "recovery", big, FALSE);
  g_autoptr (UbPlan) no_boot = single (phone, "recovery", zip, FALSE);
  g_autoptr (UbPlan) zipped = single (phone, "system", zip, FALSE);
  g_autoptr (UbPlan) odd = single (phone, "system", elf, FALSE);
  g_autoptr (UbPlan) own = single (phone, "nvram", boot, FALSE);
  g_autoptr (UbPlan) own_expert = single (phone, "nvram", boot, TRUE);
  g_autoptr (UbPlan) reserved = single (phone, "flashinfo", boot, TRUE);
  g_autoptr (UbPlan) nothing = single (phone, "recovery", empty, FALSE);
  g_autoptr (UbPlan) missing = single (phone, "recovery", none, FALSE);
  g_autoptr (UbPlan) mixed_up = single (phone, "LK", boot, TRUE);
  const UbIssue *near =
      test_firmware_find_issue (unknown, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, "recovry");

  g_assert_nonnull (near);
  g_assert_nonnull (strstr (near->text, "recovery"));
  g_assert_null (strstr (near->text, "nvram"));
  g_assert_true (has (too_big, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "recovery"));
  g_assert_true (has (no_boot, UB_ISSUE_BLOCKER, UB_ERROR_BAD_IMAGE, "recovery"));
  g_assert_true (has (zipped, UB_ISSUE_BLOCKER, UB_ERROR_BAD_IMAGE, "system"));
  g_assert_false (ub_plan_is_blocked (odd));
  g_assert_true (has (odd, UB_ISSUE_WARNING, UB_ERROR_BAD_IMAGE, "system"));
  g_assert_true (has (own, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_false (ub_plan_is_blocked (own_expert));
  g_assert_true (has (own_expert, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_true (has (reserved, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "flashinfo"));
  g_assert_true (ub_plan_is_blocked (nothing));
  g_assert_true (ub_plan_is_blocked (missing));
  g_assert_true (has (mixed_up, UB_ISSUE_BLOCKER, UB_ERROR_BAD_IMAGE, "LK"));
}

/* a sparse file counts as big as it becomes */
static void
test_single_sparse (TestPhone *phone, gconstpointer data)
{
  const guint8     sparse[] = { 0x3a, 0xff, 0x26, 0xed, 1, 0, 0,  0, 28, 0, 12, 0, 0, 16,   0,
                                0,    0x41, 0,    0,    0, 1, 0,  0, 0,  0, 0,  0, 0, 0xc2, 0xca,
                                0,    0,    0x41, 0,    0, 0, 16, 0, 0,  0, 1,  2, 3, 4 };
  g_autofree char *path =
      test_jobs_put_file (phone, (const char *) sparse, sizeof sparse, sizeof sparse);
  g_autoptr (UbPlan) lk = single (phone, "lk", path, FALSE);
  g_autoptr (UbPlan) system = single (phone, "system", path, FALSE);

  g_assert_true (has (lk, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "lk"));
  g_assert_false (ub_plan_is_blocked (system));
  g_assert_cmphex (test_jobs_step (system, UB_STEP_WRITE, 0)->length, ==, 0x41000);
}

static void
test_single_preloader (TestPhone *phone, gconstpointer data)
{
  g_autoptr (GBytes) bytes = test_jobs_preloader ("preloader_a.bin", phone->report.cid);
  g_autofree char *path = test_jobs_put (phone, bytes);
  g_autofree char *junk = test_jobs_put_file (phone, "junk", 4, 0x1000);
  g_autoptr (UbPlan) both = single (phone, "preloader", path, FALSE);
  g_autoptr (UbPlan) second = single (phone, "boot2", path, FALSE);
  g_autoptr (UbPlan) wrong = single (phone, "preloader", junk, FALSE);
  GPtrArray *steps = ub_plan_get_steps (both);

  g_assert_false (ub_plan_is_blocked (both));
  assert_saves_come_first (both);
  /* each read back before the next; the first one last */
  for (guint i = 0; i < 4; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, steps->len - 4 + i);

      g_assert_cmpint (step->kind, ==, i % 2 == 0 ? UB_STEP_WRITE : UB_STEP_VERIFY);
      g_assert_true (step->is_preloader && step->start_up);
      assert_step (step,
                   "preloader",
                   i < 2 ? UB_REGION_EMMC_BOOT2 : UB_REGION_EMMC_BOOT1,
                   0,
                   0x1800);
    }
  g_assert_cmpuint (test_jobs_count (second, UB_STEP_WRITE), ==, 1);
  g_assert_cmpint (test_jobs_step (second, UB_STEP_WRITE, 0)->region, ==, UB_REGION_EMMC_BOOT2);
  g_assert_true (has (wrong, UB_ISSUE_BLOCKER, UB_ERROR_BAD_IMAGE, "preloader"));
}

/* one for both kinds of memory is known by its name alone: no more than in a package is it written here */
static void
test_single_combined (TestPhone *phone, gconstpointer data)
{
  g_autoptr (GBytes) bytes = test_jobs_preloader ("preloader_a.bin", phone->report.cid);
  g_autoptr (GBytes) whole = ub_preloader_add_storage_header (bytes, "EMMC_BOOT", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GBytes) combined = NULL;
  g_autofree char *path = NULL;
  g_autoptr (UbPlan) plan = NULL;
  const gsize size = g_bytes_get_size (whole);

  content = g_memdup2 (g_bytes_get_data (whole, NULL), size);
  memcpy (content, "COMBO_BOOT\0\0", 12);
  combined = g_bytes_new (content, size);
  path = test_jobs_put (phone, combined);
  plan = single (phone, "preloader", path, FALSE);
  g_assert_true (has (plan, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, "preloader"));
  g_assert_cmpuint (test_jobs_count (plan, UB_STEP_WRITE), ==, 0);
}

/* --- Restore --- */

static const TestCopyPart whole_parts[] = {
  { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, NULL, 1, FALSE },
  { "boot2", UB_REGION_EMMC_BOOT2, 0, TEST_BOOT_SIZE, NULL, 2, FALSE },
  { "user", USER, 0, TEST_USER_SIZE, NULL, 3, FALSE },
};

static const TestCopyPart some_parts[] = {
  { "table", USER, 0, 0x4400, NULL, 4, FALSE },
  { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, NULL, 1, FALSE },
  { "nvram", USER, 0xc0000, 0x40000, NULL, 5, FALSE },
  { "lk", USER, 0x100000, 0x20000, NULL, 6, FALSE },
  { "system", USER, 0x1a0000, 0x80000, NULL, 7, TRUE },
};

static UbPlan *
restore (TestPhone *phone, UbBackup *copy, const char *name, gboolean expert)
{
  const char *const names[] = { name, NULL };
  g_autoptr (UbPlan) plan = ub_plan_new_restore (copy, name != NULL ? names : NULL, expert);

  return test_jobs_check (phone, plan);
}

/* another phone of the same model */
static void
swap_phone (TestPhone *phone)
{
  phone->report.cid[12] ^= 0x55;
}

static void
test_restore_whole (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, whole_parts, G_N_ELEMENTS (whole_parts));
  g_autoptr (UbPlan) plan = restore (phone, copy, NULL, FALSE);
  const UbStep *user = test_jobs_step (plan, UB_STEP_RESTORE, 0);

  g_assert_false (ub_plan_is_blocked (plan) || ub_plan_has_danger (plan));
  assert_safety_copy (plan);
  g_assert_cmpuint (test_jobs_count (plan, UB_STEP_RESTORE), ==, 3);
  g_assert_cmpuint (test_jobs_count (plan, UB_STEP_VERIFY), ==, 3);
  assert_step (user, "user", USER, 0, TEST_USER_SIZE);
  g_assert_cmpstr (user->image_path, ==, ub_backup_find (copy, "user")->path);
  g_assert_cmpint (test_jobs_step (plan, UB_STEP_RESTORE, 1)->region, ==, UB_REGION_EMMC_BOOT2);
  g_assert_cmpint (test_jobs_step (plan, UB_STEP_RESTORE, 2)->region, ==, UB_REGION_EMMC_BOOT1);
}

static void
test_restore_foreign_whole (TestPhone *phone, gconstpointer data)
{
  g_autoptr (GBytes) preloader = NULL;
  g_autoptr (GBytes) head = NULL;
  TestCopyPart parts[G_N_ELEMENTS (whole_parts)];
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbPlan) plan = NULL, moved = NULL, expert = NULL, memory = NULL;

  preloader = test_jobs_preloader ("preloader_a.bin", phone->report.cid);
  head = test_jobs_with_header (preloader);
  memcpy (parts, whole_parts, sizeof parts);
  parts[0].content = parts[1].content = head;
  copy = test_jobs_copy (phone, parts, G_N_ELEMENTS (parts));
  swap_phone (phone);
  plan = restore (phone, copy, NULL, FALSE);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (has (plan, UB_ISSUE_WARNING, UB_ERROR_OTHER_PHONE, NULL));
  g_assert_false (test_jobs_touches (plan, UB_STEP_RESTORE, 0x80000, 0x100000));
  g_assert_false (test_jobs_touches (plan, UB_STEP_RESTORE, 0x320000, 0x360000));
  g_assert_true (test_jobs_touches (plan, UB_STEP_RESTORE, 0x100000, 0x320000));
  for (guint i = 0; i < test_jobs_count (plan, UB_STEP_RESTORE); i++)
    {
      const UbStep *step = test_jobs_step (plan, UB_STEP_RESTORE, i);

      g_assert_cmphex (step->source_offset, ==, step->offset);
    }
  /* that one is another phone for certain: no expert's business */
  expert = restore (phone, copy, NULL, TRUE);
  g_assert_false (test_jobs_touches (expert, UB_STEP_RESTORE, 0x80000, 0x100000));
  phone->report.cid[3] ^= 1;
  memory = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (memory, UB_ISSUE_BLOCKER, UB_ERROR_NO_EMI, "boot1"));
  phone->report.cid[3] ^= 1;
  ((UbLayoutEntry *) ub_layout_find (phone->layout, "nvram"))->start -= 0x200;
  moved = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (moved, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* many phones have nothing in their second boot region */
static void
test_restore_foreign_half (TestPhone *phone, gconstpointer data)
{
  g_autoptr (GBytes) preloader = test_jobs_preloader ("preloader_a.bin", phone->report.cid);
  g_autoptr (GBytes) head = test_jobs_with_header (preloader);
  TestCopyPart parts[G_N_ELEMENTS (whole_parts)];
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbPlan) plan = NULL;

  memcpy (parts, whole_parts, sizeof parts);
  parts[0].content = head;
  parts[1].fill = 0;
  copy = test_jobs_copy (phone, parts, G_N_ELEMENTS (parts));
  swap_phone (phone);
  plan = restore (phone, copy, NULL, FALSE);
  g_assert_false (ub_plan_is_blocked (plan));
  for (guint i = 0; i < test_jobs_count (plan, UB_STEP_RESTORE); i++)
    g_assert_cmpint (test_jobs_step (plan, UB_STEP_RESTORE, i)->region, !=, UB_REGION_EMMC_BOOT2);
}

/* a preloader that is none, or does not know the memory, does not come from another phone */
static void
test_restore_foreign_boot (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, some_parts, G_N_ELEMENTS (some_parts));
  g_autoptr (UbPlan) plan = NULL;

  swap_phone (phone);
  plan = restore (phone, copy, "boot1", FALSE);
  g_assert_true (has (plan, UB_ISSUE_BLOCKER, UB_ERROR_BAD_BACKUP, "boot1"));
}

static void
test_restore_foreign_parts (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, some_parts + 2, G_N_ELEMENTS (some_parts) - 2);
  g_autoptr (UbPlan) plan = NULL, own = NULL, lk = NULL;

  swap_phone (phone);
  plan = restore (phone, copy, NULL, TRUE);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (has (plan, UB_ISSUE_WARNING, UB_ERROR_OTHER_PHONE, "nvram"));
  g_assert_false (test_jobs_touches (plan, UB_STEP_RESTORE, 0xc0000, 0x100000));
  g_assert_true (test_jobs_touches (plan, UB_STEP_RESTORE, 0x100000, 0x120000));
  own = restore (phone, copy, "nvram", TRUE);
  g_assert_true (has (own, UB_ISSUE_BLOCKER, UB_ERROR_OTHER_PHONE, "nvram"));
  lk = restore (phone, copy, "lk", FALSE);
  g_assert_false (ub_plan_is_blocked (lk));
}

/* a copy that says nothing of its phone: after a typed yes */
static void
test_restore_unknown_phone (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbPlan) plain = NULL, expert = NULL;

  memset (phone->report.cid, 0, 16);
  copy = test_jobs_copy (phone, some_parts, G_N_ELEMENTS (some_parts));
  plain = restore (phone, copy, "nvram", FALSE);
  g_assert_true (has (plain, UB_ISSUE_BLOCKER, UB_ERROR_OTHER_PHONE, "nvram"));
  expert = restore (phone, copy, "nvram", TRUE);
  g_assert_false (ub_plan_is_blocked (expert));
  g_assert_true (has (expert, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
}

static void
test_restore_parts (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, some_parts, G_N_ELEMENTS (some_parts));
  g_autoptr (UbPlan) plan = restore (phone, copy, NULL, FALSE);
  g_autoptr (UbPlan) own = restore (phone, copy, "NVRAM", FALSE);
  g_autoptr (UbPlan) missing = restore (phone, copy, "system", FALSE);
  g_autoptr (UbPlan) unknown = restore (phone, copy, "nosuch", FALSE);
  const UbStep *last;

  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (has (plan, UB_ISSUE_WARNING, UB_ERROR_BAD_BACKUP, "system"));
  assert_step (test_jobs_step (plan, UB_STEP_TABLE, 0), "table", USER, 0, 0x4400);
  assert_step (test_jobs_step (plan, UB_STEP_RESTORE, 0), "nvram", USER, 0xc0000, 0x40000);
  g_assert_true (test_jobs_step (plan, UB_STEP_RESTORE, 0)->is_protected);
  last = g_ptr_array_index (ub_plan_get_steps (plan), ub_plan_get_steps (plan)->len - 1);
  g_assert_cmpint (last->kind, ==, UB_STEP_VERIFY);
  g_assert_cmpint (last->region, ==, UB_REGION_EMMC_BOOT1);
  g_assert_cmpuint (test_jobs_count (own, UB_STEP_RESTORE), ==, 1);
  g_assert_cmpuint (test_jobs_count (own, UB_STEP_TABLE), ==, 0);
  g_assert_true (has (missing, UB_ISSUE_BLOCKER, UB_ERROR_BAD_BACKUP, "system"));
  g_assert_true (has (unknown, UB_ISSUE_BLOCKER, UB_ERROR_BAD_BACKUP, "nosuch"));
}

/* the phone was divided up anew since: a part goes to where the phone looks for it now */
static void
test_restore_moved (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, some_parts, G_N_ELEMENTS (some_parts));
  UbLayoutEntry *entry = (UbLayoutEntry *) ub_layout_find (phone->layout, "lk");
  g_autoptr (UbPlan) moved = NULL, small = NULL, gone = NULL, tables = NULL;

  entry->start = 0x3a0000;
  moved = restore (phone, copy, "lk", FALSE);
  g_assert_false (ub_plan_is_blocked (moved));
  assert_step (test_jobs_step (moved, UB_STEP_RESTORE, 0), "lk", USER, 0x3a0000, 0x20000);
  tables = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (tables, UB_ISSUE_DANGER, UB_ERROR_WRONG_LAYOUT, "table"));
  g_assert_true (test_jobs_touches (tables, UB_STEP_RESTORE, 0x100000, 0x120000));
  entry->size = 0x10000;
  small = restore (phone, copy, "lk", FALSE);
  g_assert_true (has (small, UB_ISSUE_BLOCKER, UB_ERROR_IMAGE_TOO_BIG, "lk"));
  entry->name[0] = 'x';
  gone = restore (phone, copy, "lk", FALSE);
  g_assert_true (has (gone, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, "lk"));
}

/* a part that had another name in the days of other tables */
static void
test_restore_renamed (TestPhone *phone, gconstpointer data)
{
  const TestCopyPart part = { "pro_info", USER, 0x90000, 0x20000, NULL, 5, FALSE };
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, &part, 1);
  g_autoptr (UbPlan) plan = restore (phone, copy, "pro_info", FALSE);

  g_assert_false (ub_plan_is_blocked (plan));
  assert_step (test_jobs_step (plan, UB_STEP_RESTORE, 0), "pro_info", USER, 0x80000, 0x20000);
}

static void
test_restore_does_not_belong (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, whole_parts, G_N_ELEMENTS (whole_parts));
  g_autoptr (UbPlan) small = NULL, bigger = NULL, chip = NULL, storage = NULL;

  phone->report.user_size -= 0x1000;
  small = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (small, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, NULL));
  phone->report.user_size += 0x2000;
  bigger = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (bigger, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, NULL));
  phone->report.user_size = TEST_USER_SIZE;
  phone->report.storage = UB_STORAGE_UFS;
  storage = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (storage, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, NULL));
  phone->report.storage = UB_STORAGE_EMMC;
  phone->brom = (UbBromInfo){ .hw_code = 0x6572, .chip = ub_chip_find (0x6572) };
  chip = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (chip, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_CHIP, NULL));
  g_assert_cmpuint (ub_plan_get_steps (chip)->len, ==, 0);
}

/* the phone's table is gone: that is what a whole copy of its own is for */
static void
test_restore_without_table (TestPhone *phone, gconstpointer data)
{
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, whole_parts, G_N_ELEMENTS (whole_parts));
  g_autoptr (UbPlan) own = NULL, foreign = NULL;

  g_clear_pointer (&phone->layout, ub_layout_free);
  own = restore (phone, copy, NULL, FALSE);
  g_assert_false (ub_plan_is_blocked (own));
  assert_step (test_jobs_step (own, UB_STEP_RESTORE, 0), "user", USER, 0, TEST_USER_SIZE);
  swap_phone (phone);
  foreign = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (foreign, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* hostile tables: nothing is written over what is the phone's own by another name */
static void
test_hostile_table (TestPhone *phone, gconstpointer data)
{
  g_autofree char *path = test_jobs_put_file (phone, "data", 4, 0x8000);
  g_autoptr (UbPlan) wiped = NULL, written = NULL, nowhere = NULL;

  ub_layout_add (phone->layout, "evil", USER, 0xa0000, 0x80000);
  ub_layout_add (phone->layout, "far", USER, G_MAXUINT64 - 0x1ff, 0x400);
  wiped = erase_one (phone, "evil", FALSE);
  g_assert_true (has (wiped, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
  written = single (phone, "evil", path, FALSE);
  g_assert_true (has (written, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
  nowhere = single (phone, "far", path, FALSE);
  g_assert_true (ub_plan_is_blocked (nowhere));
}

/* the table of a copy has nvram elsewhere, but the copy has no nvram: the phone's own goes along */
static void
test_restore_old_table (TestPhone *phone, gconstpointer data)
{
  const TestCopyPart parts[] = {
    { "table", USER, 0, 0x4400, NULL, 4, FALSE },
    { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, NULL, 1, FALSE },
    { "nvram", USER, 0xc0000, 0x40000, NULL, 5, TRUE },
    { "lk", USER, 0x100000, 0x20000, NULL, 6, FALSE },
  };
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, parts, G_N_ELEMENTS (parts));
  g_autoptr (UbPlan) plan = NULL, homeless = NULL;
  UbLayoutEntry *nvram = (UbLayoutEntry *) ub_layout_find (phone->layout, "nvram");
  const UbStep  *step;

  /* since then they changed places, and a part came that the old table does not know */
  nvram->start = 0x1a0000;
  ((UbLayoutEntry *) ub_layout_find (phone->layout, "system"))->start = 0xc0000;
  plan = restore (phone, copy, NULL, FALSE);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (has (plan, UB_ISSUE_DANGER, UB_ERROR_WRONG_LAYOUT, "table"));
  step = test_jobs_step (plan, UB_STEP_RESTORE, 0);
  assert_step (step, "nvram", USER, 0xc0000, 0x40000);
  g_assert_cmpstr (step->saved, ==, "nvram");
  g_assert_true (step->is_protected);
  g_assert_false (has (plan, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, NULL));
  ub_layout_add (phone->layout, "simlock", USER, 0x360000, 0x20000);
  homeless = restore (phone, copy, NULL, FALSE);
  g_assert_true (has (homeless, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "simlock"));
}

/* a copy of a phone without a preloader makes no living one */
static void
test_restore_dead (TestPhone *phone, gconstpointer data)
{
  const TestCopyPart parts[] = {
    { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE, NULL, 0xff, FALSE },
    { "boot2", UB_REGION_EMMC_BOOT2, 0, TEST_BOOT_SIZE, NULL, 0, FALSE },
  };
  g_autoptr (UbBackup) copy = test_jobs_copy (phone, parts, G_N_ELEMENTS (parts));
  g_autoptr (UbPlan) plan = restore (phone, copy, NULL, FALSE);

  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_true (has (plan, UB_ISSUE_DANGER, UB_ERROR_BAD_BACKUP, "boot1"));
  g_assert_false (has (plan, UB_ISSUE_DANGER, UB_ERROR_BAD_BACKUP, "boot2"));
}

#define ADD(name, func) g_test_add (name, TestPhone, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/phone-info/same", test_same_phone);
  ADD ("/phone-info/key", test_key);
  ADD ("/plan-jobs/readback/whole", test_readback_whole);
  ADD ("/plan-jobs/readback/names", test_readback_names);
  ADD ("/plan-jobs/readback/range", test_readback_range);
  ADD ("/plan-jobs/test", test_memory_test);
  ADD ("/plan-jobs/erase/names", test_erase_names);
  ADD ("/plan-jobs/erase/range", test_erase_range);
  ADD ("/plan-jobs/erase/whole", test_erase_whole);
  ADD ("/plan-jobs/single/one", test_single);
  ADD ("/plan-jobs/single/saves-the-part", test_single_saves_the_part);
  ADD ("/plan-jobs/single/refused", test_single_refused);
  ADD ("/plan-jobs/single/sparse", test_single_sparse);
  ADD ("/plan-jobs/single/preloader", test_single_preloader);
  ADD ("/plan-jobs/single/combined", test_single_combined);
  ADD ("/plan-jobs/restore/whole", test_restore_whole);
  ADD ("/plan-jobs/restore/foreign-whole", test_restore_foreign_whole);
  ADD ("/plan-jobs/restore/foreign-half", test_restore_foreign_half);
  ADD ("/plan-jobs/restore/foreign-boot", test_restore_foreign_boot);
  ADD ("/plan-jobs/restore/foreign-parts", test_restore_foreign_parts);
  ADD ("/plan-jobs/restore/unknown-phone", test_restore_unknown_phone);
  ADD ("/plan-jobs/restore/parts", test_restore_parts);
  ADD ("/plan-jobs/restore/moved", test_restore_moved);
  ADD ("/plan-jobs/restore/renamed", test_restore_renamed);
  ADD ("/plan-jobs/restore/does-not-belong", test_restore_does_not_belong);
  ADD ("/plan-jobs/restore/without-table", test_restore_without_table);
  ADD ("/plan-jobs/restore/old-table", test_restore_old_table);
  ADD ("/plan-jobs/restore/dead", test_restore_dead);
  ADD ("/plan-jobs/hostile-table", test_hostile_table);
  return g_test_run ();
}
