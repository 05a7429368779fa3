/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <zlib.h>

#include "engine/ub-slots.h"
#include "firmware/ub-gpt.h"
#include "tests/engine/test-firmware.h"

/* Plans for phones with UFS, with two sets of parts, and for maps with two sections; the phones are made up here. */

#define USER_SIZE 0x8000000u
#define BOOT_SIZE 0x400000u

/* one part of the map; the same in both sections but for its place */
typedef struct
{
  const char *name;
  const char *file;
  guint64     start; /* on UFS; eMMC: 0x1000 more for all in the user area but the first */
  guint64     size;
  const char *operation;
} Part;

static const Part parts[] = {
  { "pgpt", NULL, 0, 0x8000, "INVISIBLE" },
  { "misc", NULL, 0x8000, 0x80000, "INVISIBLE" },
  { "nvram", NULL, 0x100000, 0x500000, "BINREGION" },
  { "lk_a", "lk.bin", 0x600000, 0x80000, "UPDATE" },
  { "lk_b", NULL, 0x680000, 0x80000, "INVISIBLE" },
  { "boot_a", "boot.img", 0x700000, 0x400000, "UPDATE" },
  { "boot_b", NULL, 0xb00000, 0x400000, "INVISIBLE" },
  { "super", "system.img", 0x1000000, 0x1000000, "UPDATE" },
  { "userdata", NULL, 0x2000000, 0x5000000, "UPDATE" },
};

typedef struct
{
  char       *folder;
  UbFirmware *firmware;
  UbDaReport  report;
  UbBromInfo  brom;
  UbLayout   *layout;
  guint64     shift;      /* of the begin of boot_a in the map, which makes it a broken one */
  guint64     emmc_shift; /* in that section alone */
  gboolean    guards_b;   /* the map calls boot_b the phone's own */
  gboolean    no_misc;    /* the map knows none */
} Fixture;

static void
put_part (GString *text, guint i, const Part *part, gboolean is_ufs, guint64 shift)
{
  const gboolean is_boot = g_str_equal (part->operation, "BOOTLOADERS");
  const char    *region =
      is_boot ? (is_ufs ? "UFS_LU0_LU1" : "EMMC_BOOT1_BOOT2") : (is_ufs ? "UFS_LU2" : "EMMC_USER");
  const guint64 moved = g_str_equal (part->name, "boot_a") ? shift : 0;
  const guint64 start = part->start + (is_ufs || part->start == 0 ? 0 : 0x1000) + moved;

  g_string_append_printf (text,
                          "  - partition_index: SYS%u\n    partition_name: %s\n    file_name: %s\n"
                          "    is_download: %s\n    type: %s\n"
                          "    linear_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
                          "    physical_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
                          "    partition_size: 0x%" G_GINT64_MODIFIER "x\n"
                          "    region: %s\n    storage: HW_STORAGE_%s\n    boundary_check: true\n"
                          "    is_reserved: false\n    operation_type: %s\n"
                          "    is_upgradable: true\n    empty_boot_needed: false\n"
                          "    reserve: 0x00\n",
                          i,
                          part->name,
                          part->file != NULL ? part->file : "NONE",
                          part->file != NULL ? "true" : "false",
                          is_boot ? "SV5_BL_BIN" : "NORMAL_ROM",
                          start,
                          start,
                          part->size - moved,
                          region,
                          is_ufs ? "UFS" : "EMMC",
                          part->operation);
}

static void
put_section (GString *text, gboolean is_ufs, guint64 shift, gboolean no_misc)
{
  static const Part preloader = { "preloader", "preloader_test.bin", 0, 0x40000, "BOOTLOADERS" };

  g_string_append_printf (text,
                          "- storage_type: %s\n  description: \n  - general: MTK_STORAGE_CFG\n"
                          "    info: \n      - storage: %s\n        boot_channel: %s\n"
                          "        block_size: %s\n",
                          is_ufs ? "UFS" : "EMMC",
                          is_ufs ? "UFS" : "EMMC",
                          is_ufs ? "UFSHCI_0" : "MSDC_0",
                          is_ufs ? "0x80000" : "0x20000");
  put_part (text, 0, &preloader, is_ufs, 0);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!no_misc || !g_str_equal (parts[i].name, "misc"))
      put_part (text, i + 1, &parts[i], is_ufs, shift);
}

static void
open_map (Fixture *fixture)
{
  g_autoptr (GString) text = g_string_new ("- general: MTK_PLATFORM_CFG\n  info: \n"
                                           "    - config_version: V2.1.0\n"
                                           "      platform: MT6785\n      project: test\n");
  g_autofree char *path = g_build_filename (fixture->folder, "MT6785_Android_scatter.txt", NULL);

  put_section (text, FALSE, fixture->shift + fixture->emmc_shift, fixture->no_misc);
  put_section (text, TRUE, fixture->shift, fixture->no_misc);
  if (fixture->guards_b)
    g_string_replace (text,
                      "INVISIBLE\n    is_upgradable: true\n    empty_boot_needed: false\n    "
                      "reserve: 0x00\n  - partition_index: SYS8",
                      "PROTECTED\n    is_upgradable: true\n    empty_boot_needed: false\n    "
                      "reserve: 0x00\n  - partition_index: SYS8",
                      0);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_clear_object (&fixture->firmware);
  fixture->firmware = test_firmware_open (fixture->folder);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = test_firmware_new_folder ();
  test_firmware_put_images (fixture->folder);
  open_map (fixture);
  fixture->brom = (UbBromInfo){ .hw_code = 0x813, .chip = ub_chip_find (0x813) };
  fixture->report = (UbDaReport){ .storage = UB_STORAGE_UFS,
                                  .boot1_size = BOOT_SIZE,
                                  .boot2_size = BOOT_SIZE,
                                  .user_size = USER_SIZE,
                                  .sector_size = 4096 };
  fixture->layout = ub_layout_new (UB_LAYOUT_GPT);
  for (guint i = 1; i < G_N_ELEMENTS (parts); i++)
    ub_layout_add (fixture->layout,
                   parts[i].name,
                   UB_REGION_UFS_LU2,
                   parts[i].start,
                   parts[i].size);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->firmware);
  ub_layout_free (fixture->layout);
  test_firmware_remove (fixture->folder);
  g_free (fixture->folder);
}

static UbPlan *
check_with (Fixture *fixture, UbMode mode, UbStorage shown, UbSlots slots)
{
  const UbPlanChoice choice = { .mode = mode, .storage = shown, .slots = slots };
  g_autoptr (UbPlan) plan = ub_plan_new (fixture->firmware, &choice);
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);
  UbPlan *checked = ub_plan_check (plan, phone);

  test_firmware_print_issues (checked);
  return checked;
}

static const UbStep *
find_step (UbPlan *plan, UbStepKind kind, const char *name)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == kind && g_str_equal (step->name, name))
        return step;
    }
  return NULL;
}

static void
assert_aligned (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_cmpuint (steps->len, >, 0);
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      g_assert_cmpuint (step->offset % 4096, ==, 0);
      if (step->kind == UB_STEP_SAVE || step->kind == UB_STEP_ERASE ||
          step->kind == UB_STEP_TABLE || step->kind == UB_STEP_RESTORE)
        g_assert_cmpuint (step->length % 4096, ==, 0);
      g_assert_true (step->region == UB_REGION_UFS_LU0 || step->region == UB_REGION_UFS_LU1 ||
                     step->region == UB_REGION_UFS_LU2);
    }
}

/* --- UFS --- */

static void
test_steps (Fixture *fixture, gconstpointer data)
{
  static const UbMode modes[] = { UB_MODE_DOWNLOAD_ONLY,
                                  UB_MODE_FIRMWARE_UPGRADE,
                                  UB_MODE_FORMAT_ALL,
                                  UB_MODE_REPAIR };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (UbPlan) plan = check_with (fixture, modes[i], UB_STORAGE_UNKNOWN, UB_SLOTS_ACTIVE);

      assert_aligned (plan);
      g_assert_cmpuint (find_step (plan, UB_STEP_SAVE, "boot1")->length, ==, BOOT_SIZE);
      g_assert_cmpint (find_step (plan, UB_STEP_SAVE, "boot2")->region, ==, UB_REGION_UFS_LU1);
    }
}

static void
test_tables (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan =
                 check_with (fixture, UB_MODE_FORMAT_ALL, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  const UbStep *first = find_step (plan, UB_STEP_TABLE, "table");
  const UbStep *second = find_step (plan, UB_STEP_TABLE, "table-copy");
  const guint8 *bytes;
  g_autoptr (UbLayout) one = NULL;
  g_autoptr (UbLayout) other = NULL;

  g_assert_cmpuint (first->offset, ==, 0);
  g_assert_cmpuint (first->length, ==, 0x6000);
  g_assert_cmpstr (first->agent_name, ==, "PGPT");
  g_assert_true (first->by_name);
  g_assert_cmpuint (second->offset, ==, USER_SIZE - 0x8000);
  g_assert_cmpuint (second->length, ==, 0x8000);
  g_assert_cmpstr (second->agent_name, ==, "SGPT");
  g_assert_true (second->by_name);
  bytes = g_bytes_get_data (first->content, NULL);
  /* these agents know 128 */
  g_assert_cmpuint (bytes[4096 + 80], ==, 128);
  one = ub_gpt_parse (bytes, 0x6000, 4096, NULL);
  other =
      ub_gpt_parse_backup (g_bytes_get_data (second->content, NULL), 0x8000, USER_SIZE, 4096, NULL);
  g_assert_cmpuint (one->entries->len, ==, G_N_ELEMENTS (parts) - 1);
  g_assert_cmpuint (other->entries->len, ==, one->entries->len);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan =
                 check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  GPtrArray    *steps = ub_plan_get_steps (plan);
  const UbStep *boot = find_step (plan, UB_STEP_WRITE, "boot_a");
  guint         n = 0;

  g_assert_cmpstr (boot->agent_name, ==, "boot_a");
  g_assert_false (boot->by_name);
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind != UB_STEP_WRITE || !step->is_preloader)
        continue;
      g_assert_true (step->by_name);
      g_assert_cmpstr (step->agent_name,
                       ==,
                       step->region == UB_REGION_UFS_LU0 ? "preloader" : "preloader_backup");
      n++;
    }
  g_assert_cmpuint (n, ==, 2);
}

/* the phone calls another place by that name: an agent would write there */
static void
test_name_elsewhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = NULL;

  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "boot_a"))->start += 0x1000;
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  g_assert_true (ub_plan_is_blocked (plan));
  g_assert_null (find_step (plan, UB_STEP_WRITE, "boot_a")->agent_name);
}

/* a place that is fine on eMMC and inside of a block on UFS */
static void
test_misaligned (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .storage = UB_STORAGE_UFS };
  const UbPlanChoice emmc = { .mode = UB_MODE_DOWNLOAD_ONLY, .storage = UB_STORAGE_EMMC };
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbPlan) other = NULL;

  fixture->shift = 0x200;
  open_map (fixture);
  plan = ub_plan_new (fixture->firmware, &choice);
  other = ub_plan_new (fixture->firmware, &emmc);
  g_assert_nonnull (
      test_firmware_find_issue (plan, UB_ISSUE_BLOCKER, UB_ERROR_BAD_FIRMWARE, "boot_a"));
  g_assert_null (
      test_firmware_find_issue (other, UB_ISSUE_BLOCKER, UB_ERROR_BAD_FIRMWARE, "boot_a"));
}

static void
test_range (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint64  offset, length;
    gboolean good;
  } ranges[] = { { 0x1000, 0x1000, TRUE }, { 0x1200, 0x1000, FALSE }, { 0x1000, 0x1200, FALSE } };
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      const UbPlanTarget target = { .region = UB_REGION_UFS_LU2,
                                    .offset = ranges[i].offset,
                                    .length = ranges[i].length };
      g_autoptr (UbPlan) plan = ub_plan_new_readback (&target, fixture->folder);
      g_autoptr (UbPlan) checked = ub_plan_check (plan, phone);

      g_assert_cmpint (ub_plan_is_blocked (checked), ==, !ranges[i].good);
      if (!ranges[i].good)
        g_assert_nonnull (strstr (ub_plan_get_first_blocker (checked)->text, "4096"));
    }
}

/* a preloader known by name only */
static void
test_combined (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = NULL;

  test_firmware_put (fixture->folder, "preloader_test.bin", "COMBO_BOOT", 0x4000);
  open_map (fixture);
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  g_assert_nonnull (
      test_firmware_find_issue (plan, UB_ISSUE_BLOCKER, UB_ERROR_UNSUPPORTED, "preloader"));
}

/* --- two sections --- */

/* what is wrong with one section alone does not stand in the way of the other's phones */
static void
test_section_in_order (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbPlan) checked = NULL;

  fixture->emmc_shift = 0x100;
  open_map (fixture);
  plan = ub_plan_new (fixture->firmware, &choice);
  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_cmpint (ub_plan_get_storage (plan), ==, UB_STORAGE_UFS);
  checked = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UNKNOWN, UB_SLOTS_ACTIVE);
  g_assert_false (ub_plan_is_blocked (checked));
  /* but of that one's */
  fixture->report.storage = UB_STORAGE_EMMC;
  fixture->report.sector_size = 512;
  g_clear_object (&checked);
  checked = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UNKNOWN, UB_SLOTS_ACTIVE);
  g_assert_nonnull (
      test_firmware_find_issue (checked, UB_ISSUE_BLOCKER, UB_ERROR_BAD_FIRMWARE, "boot_a"));
}

static void
test_section (Fixture *fixture, gconstpointer data)
{
  static const UbStorage shown[] = { UB_STORAGE_UNKNOWN, UB_STORAGE_EMMC, UB_STORAGE_UFS };

  for (gsize i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autoptr (UbPlan) plan =
                     check_with (fixture, UB_MODE_DOWNLOAD_ONLY, shown[i], UB_SLOTS_ACTIVE);

      g_assert_false (ub_plan_is_blocked (plan));
      g_assert_cmpint (ub_plan_get_storage (plan), ==, UB_STORAGE_UFS);
      g_assert_cmpuint (find_step (plan, UB_STEP_WRITE, "boot_a")->offset, ==, 0x700000);
      g_assert_cmpint (
          test_firmware_find_issue (plan, UB_ISSUE_NOTE, UB_ERROR_WRONG_STORAGE, NULL) != NULL,
          ==,
          shown[i] != UB_STORAGE_UFS);
    }
}

/* a file the person chose goes along */
static void
test_section_keeps_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "mine.img", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPlan) plan = NULL;
  UbFirmware *mine;

  test_firmware_put (fixture->folder, "mine.img", "ANDROID!", 0x3000);
  mine = ub_firmware_with_image (fixture->firmware, UB_STORAGE_EMMC, "boot_a", path, &error);
  g_assert_no_error (error);
  g_object_unref (fixture->firmware);
  fixture->firmware = mine;
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_EMMC, UB_SLOTS_ACTIVE);
  g_assert_cmpstr (find_step (plan, UB_STEP_WRITE, "boot_a")->image_path, ==, path);
}

/* what was decided stays so in another process */
static void
test_section_variant (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan =
                 check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_EMMC, UB_SLOTS_BOTH);
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);
  g_autoptr (GVariant) variant = ub_plan_to_variant (plan);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPlan) again = ub_plan_new_from_variant (variant, NULL, &error);
  g_autoptr (UbPlan) checked = NULL;
  g_autofree char *one = ub_plan_dup_digest (plan);
  g_autofree char *other = NULL;

  g_assert_no_error (error);
  checked = ub_plan_check (again, phone);
  other = ub_plan_dup_digest (checked);
  g_assert_cmpstr (one, ==, other);
  g_assert_nonnull (find_step (checked, UB_STEP_WRITE, "boot_b"));
}

static void
test_nand (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = NULL;

  fixture->report.storage = UB_STORAGE_NAND;
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UNKNOWN, UB_SLOTS_ACTIVE);
  g_assert_nonnull (test_firmware_find_issue (plan, UB_ISSUE_BLOCKER, UB_ERROR_UNSUPPORTED, NULL));
  g_assert_cmpuint (ub_plan_get_steps (plan)->len, ==, 0);
}

/* --- two sets of parts --- */

static void
assert_written (UbPlan *plan, gboolean a, gboolean b)
{
  const UbStep *to_a = find_step (plan, UB_STEP_WRITE, "boot_a");
  const UbStep *to_b = find_step (plan, UB_STEP_WRITE, "boot_b");

  g_assert_false (ub_plan_is_blocked (plan));
  g_assert_cmpint (to_a != NULL, ==, a);
  g_assert_cmpint (to_b != NULL, ==, b);
  if (to_a != NULL)
    g_assert_cmpuint (to_a->offset, ==, 0x700000);
  if (to_b != NULL)
    {
      g_assert_cmpuint (to_b->offset, ==, 0xb00000);
      g_assert_cmpstr (to_b->agent_name, ==, "boot_b");
    }
  /* it has no sets */
  g_assert_cmpuint (find_step (plan, UB_STEP_WRITE, "super")->offset, ==, 0x1000000);
}

static void
test_slots (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    char     active;
    UbMode   mode;
    UbSlots  slots;
    gboolean a, b;
  } cases[] = { { 0, UB_MODE_DOWNLOAD_ONLY, UB_SLOTS_ACTIVE, TRUE, FALSE },
                { 'a', UB_MODE_DOWNLOAD_ONLY, UB_SLOTS_ACTIVE, TRUE, FALSE },
                { 'b', UB_MODE_DOWNLOAD_ONLY, UB_SLOTS_ACTIVE, FALSE, TRUE },
                { 'b', UB_MODE_FIRMWARE_UPGRADE, UB_SLOTS_ACTIVE, TRUE, FALSE },
                { 'b', UB_MODE_FORMAT_ALL, UB_SLOTS_ACTIVE, TRUE, FALSE },
                { 0, UB_MODE_DOWNLOAD_ONLY, UB_SLOTS_BOTH, TRUE, TRUE },
                { 'b', UB_MODE_DOWNLOAD_ONLY, UB_SLOTS_BOTH, TRUE, TRUE },
                { 'a', UB_MODE_FORMAT_ALL, UB_SLOTS_BOTH, TRUE, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UbPlan) plan = NULL;

      fixture->layout->active_slot = cases[i].active;
      plan = check_with (fixture, cases[i].mode, UB_STORAGE_UFS, cases[i].slots);
      g_test_message ("case %" G_GSIZE_FORMAT, i);
      assert_written (plan, cases[i].a, cases[i].b);
    }
}

static void
test_slots_in_words (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbPlanSummary) summary = NULL;
  const UbIssue *issue;

  fixture->layout->active_slot = 'b';
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  issue = test_firmware_find_issue (plan, UB_ISSUE_NOTE, UB_ERROR_WRONG_LAYOUT, "boot_a");
  g_assert_nonnull (strstr (issue->text, "boot_b"));
  g_assert_nonnull (test_firmware_find_issue (plan, UB_ISSUE_NOTE, UB_ERROR_WRONG_LAYOUT, NULL));
  /* … and its system may be the other set's */
  g_assert_nonnull (
      test_firmware_find_issue (plan, UB_ISSUE_DANGER, UB_ERROR_UNSUPPORTED, "super"));
  g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_GREEN);
  summary = ub_plan_dup_summary (plan);
  g_assert_true (g_strv_contains ((const char *const *) summary->written, "boot_b"));
  g_assert_false (g_strv_contains ((const char *const *) summary->written, "boot_a"));
}

/* a phone that has the part once */
static void
test_slots_without_twin (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlan) plan = NULL;

  fixture->layout->active_slot = 'b';
  g_free (((UbLayoutEntry *) ub_layout_find (fixture->layout, "boot_b"))->name);
  ((UbLayoutEntry *) g_ptr_array_index (fixture->layout->entries, 5))->name = g_strdup ("other");
  plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
  g_assert_nonnull (find_step (plan, UB_STEP_WRITE, "boot_a"));
  g_assert_null (find_step (plan, UB_STEP_WRITE, "boot_b"));
}

/* what the map calls the phone's own is not written because its twin is */
static void
test_slots_protected_twin (Fixture *fixture, gconstpointer data)
{
  fixture->guards_b = TRUE;
  open_map (fixture);
  fixture->layout->active_slot = 'b';
  for (UbSlots slots = UB_SLOTS_ACTIVE; slots <= UB_SLOTS_BOTH; slots++)
    {
      g_autoptr (UbPlan) plan = check_with (fixture, UB_MODE_DOWNLOAD_ONLY, UB_STORAGE_UFS, slots);

      g_assert_null (find_step (plan, UB_STEP_WRITE, "boot_b"));
      g_assert_nonnull (find_step (plan, UB_STEP_SAVE, "boot_b"));
      g_assert_nonnull (find_step (plan, UB_STEP_WRITE, slots == UB_SLOTS_BOTH ? "lk_a" : "lk_b"));
    }
}

static gboolean
says (UbPlan *plan, const char *text)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  for (guint i = 0; i < issues->len; i++)
    if (strstr (((const UbIssue *) g_ptr_array_index (issues, i))->text, text) != NULL)
      return TRUE;
  return FALSE;
}

/* all is erased, and with it what says b: but where nobody can tell that it will be, it is said */
static void
test_slots_erased (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint32  config;
    UbMode   mode;
    char     active;
    gboolean has_misc;
    gboolean is_warned;
  } cases[] = { { 0, UB_MODE_FORMAT_ALL, 'b', TRUE, FALSE },
                { 0, UB_MODE_FIRMWARE_UPGRADE, 'b', TRUE, FALSE },
                { UB_TARGET_SBC, UB_MODE_FIRMWARE_UPGRADE, 'b', TRUE, TRUE },
                { UB_TARGET_SBC, UB_MODE_FIRMWARE_UPGRADE, 'a', TRUE, FALSE },
                { 0, UB_MODE_FIRMWARE_UPGRADE, 'b', FALSE, TRUE },
                { 0, UB_MODE_FORMAT_ALL, 'b', FALSE, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UbPlan) plan = NULL;

      fixture->brom.target_config = cases[i].config;
      fixture->layout->active_slot = cases[i].active;
      fixture->no_misc = !cases[i].has_misc;
      open_map (fixture);
      plan = check_with (fixture, cases[i].mode, UB_STORAGE_UFS, UB_SLOTS_ACTIVE);
      g_assert_false (ub_plan_is_blocked (plan));
      g_assert_cmpint (says (plan, "from its b set"), ==, cases[i].is_warned);
      g_assert_true (ub_plan_get_fit (plan) == UB_FIT_GREEN || !cases[i].has_misc);
    }
}

/* --- one part of a phone with two sets --- */

static UbPlan *
check_single (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, "boot.img", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_single (name, path, FALSE);
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);

  return ub_plan_check (plan, phone);
}

static void
test_single_in_set (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    char        active;
    const char *name;
    const char *written; /* (nullable): refused */
    gboolean    is_warned;
  } cases[] = { { 'a', "boot", "boot_a", FALSE },   { 'b', "boot", "boot_b", FALSE },
                { 0, "boot", NULL, FALSE },         { 'b', "boot_a", "boot_a", TRUE },
                { 'b', "boot_b", "boot_b", FALSE }, { 0, "boot_a", "boot_a", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UbPlan) plan = NULL;
      const UbStep *step;

      fixture->layout->active_slot = cases[i].active;
      plan = check_single (fixture, cases[i].name);
      g_assert_cmpint (ub_plan_is_blocked (plan), ==, cases[i].written == NULL);
      if (cases[i].written == NULL)
        {
          g_assert_nonnull (strstr (ub_plan_get_first_blocker (plan)->text, "boot_a, boot_b"));
          continue;
        }
      step = find_step (plan, UB_STEP_WRITE, cases[i].written);
      g_assert_nonnull (step);
      g_assert_cmpstr (step->agent_name, ==, cases[i].written);
      g_assert_nonnull (find_step (plan, UB_STEP_SAVE, cases[i].written));
      g_assert_cmpint (test_firmware_find_issue (plan,
                                                 UB_ISSUE_WARNING,
                                                 UB_ERROR_NOTHING_TO_DO,
                                                 cases[i].written) != NULL,
                       ==,
                       cases[i].is_warned);
      g_assert_cmpint (ub_plan_get_fit (plan), ==, UB_FIT_GREEN);
      g_assert_cmpint (
          test_firmware_find_issue (plan, UB_ISSUE_NOTE, UB_ERROR_WRONG_LAYOUT, "boot") != NULL,
          ==,
          !g_str_equal (cases[i].name, cases[i].written));
    }
}

/* --- the block that says which --- */

static void
make_block (guint8 block[UB_SLOTS_SIZE], guint8 a, guint8 b)
{
  guint32 crc;

  memset (block, 0, UB_SLOTS_SIZE);
  memcpy (block, "_b", 2);
  memcpy (block + 4, "\x42\x43\x41\x42", 4);
  block[8] = 1;
  block[9] = 2;
  block[12] = a;
  block[14] = b;
  crc = GUINT32_TO_LE ((guint32) crc32 (0, block, 28));
  memcpy (block + 28, &crc, 4);
}

static void
test_block (void)
{
  /* priority | tries << 4 | success << 7 */
  static const struct
  {
    guint8 a, b;
    char   slot;
  } cases[] = { { 0x8f, 0x8e, 'a' }, { 0x8e, 0x8f, 'b' },
                { 0x0f, 0x8e, 'b' }, /* neither tries nor success */
                { 0x7f, 0x8e, 'a' }, /* still to be tried */
                { 0x7f, 0x8f, 'b' }, /* the same priority: what started well */
                { 0x8f, 0x8f, 'a' }, { 0, 0x1f, 'b' },
                { 0, 0, 'b' } /* by its suffix */ };
  guint8 block[UB_SLOTS_SIZE];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      make_block (block, cases[i].a, cases[i].b);
      g_assert_cmpint (ub_slots_parse (block), ==, cases[i].slot);
    }
  for (gsize i = 0; i < UB_SLOTS_SIZE; i++)
    {
      block[i] ^= 0x10;
      g_assert_cmpint (ub_slots_parse (block), ==, 0);
      block[i] ^= 0x10;
    }
  memset (block, 0, sizeof block);
  g_assert_cmpint (ub_slots_parse (block), ==, 0);
}

static void
test_slot_names (void)
{
  g_autofree char *twin = ub_slots_dup_twin ("vbmeta_system_b");
  g_autofree char *upper = ub_slots_dup_twin ("BOOT_A");

  g_assert_cmpstr (twin, ==, "vbmeta_system_a");
  g_assert_cmpstr (upper, ==, "BOOT_B");
  g_assert_null (ub_slots_dup_twin ("_a"));
  g_assert_null (ub_slots_dup_twin ("boot"));
  g_assert_null (ub_slots_dup_twin ("boota"));
  g_assert_null (ub_slots_dup_twin (""));
  g_assert_cmpint (ub_slots_get ("md1img_b"), ==, 'b');
  g_assert_cmpint (ub_slots_get ("proinfo"), ==, 0);
}

#define ADD(path, func)                                                                            \
  g_test_add ("/engine/plan-ufs/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("steps", test_steps);
  ADD ("tables", test_tables);
  ADD ("names", test_names);
  ADD ("name-elsewhere", test_name_elsewhere);
  ADD ("misaligned", test_misaligned);
  ADD ("range", test_range);
  ADD ("combined-preloader", test_combined);
  ADD ("section", test_section);
  ADD ("section-in-order", test_section_in_order);
  ADD ("section-keeps-file", test_section_keeps_file);
  ADD ("section-variant", test_section_variant);
  ADD ("nand", test_nand);
  ADD ("slots", test_slots);
  ADD ("slots-in-words", test_slots_in_words);
  ADD ("slots-without-twin", test_slots_without_twin);
  ADD ("slots-protected-twin", test_slots_protected_twin);
  ADD ("slots-erased", test_slots_erased);
  ADD ("single-in-set", test_single_in_set);
  g_test_add_func ("/engine/slots/block", test_block);
  g_test_add_func ("/engine/slots/names", test_slot_names);
  return g_test_run ();
}
