/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-firmware.h"

typedef struct
{
  char       *folder;
  TestPart    parts[TEST_N_PARTS];
  UbBromInfo  brom;
  UbDaReport  report;
  UbLayout   *layout;
  UbFirmware *firmware;
  UbPlan     *plan;
  UbPlan     *checked;
} Fixture;

/* what a phone with the usual map has in its table; userdata as big as the phone allows */
static UbLayout *
usual_layout (void)
{
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "proinfo", UB_REGION_EMMC_USER, 0x80000, 0x300000);
  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x380000, 0x500000);
  ub_layout_add (layout, "lk", UB_REGION_EMMC_USER, 0x880000, 0x80000);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0x900000, 0x400000);
  ub_layout_add (layout, "system", UB_REGION_EMMC_USER, 0xd00000, 0x800000);
  ub_layout_add (layout, "userdata", UB_REGION_EMMC_USER, 0x1500000, 0x2000000);
  ub_layout_add (layout, "flashinfo", UB_REGION_EMMC_USER, 0x3000000, 0x1000000);
  return layout;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = test_firmware_new_folder ();
  test_firmware_usual (fixture->parts);
  test_firmware_put_images (fixture->folder);
  fixture->brom = (UbBromInfo){ .hw_code = 0x6580, .chip = ub_chip_find (0x6580) };
  fixture->report = (UbDaReport){ .storage = UB_STORAGE_EMMC,
                                  .boot1_size = 0x400000,
                                  .boot2_size = 0x400000,
                                  .user_size = 0x4000000 };
  fixture->layout = usual_layout ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->checked);
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->firmware);
  g_clear_pointer (&fixture->layout, ub_layout_free);
  test_firmware_remove (fixture->folder);
  g_free (fixture->folder);
}

static void
check (Fixture *fixture)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);

  test_firmware_put_map (fixture->folder, fixture->parts, TEST_N_PARTS);
  fixture->firmware = test_firmware_open (fixture->folder);
  fixture->plan = ub_plan_new (fixture->firmware, &choice);
  fixture->checked = ub_plan_check (fixture->plan, phone);
  test_firmware_print_issues (fixture->checked);
}

static gboolean
has_blocker (Fixture *fixture, int code, const char *partition)
{
  return test_firmware_find_issue (fixture->checked, UB_ISSUE_BLOCKER, code, partition) != NULL;
}

static UbLayoutEntry *
entry (Fixture *fixture, const char *name)
{
  return (UbLayoutEntry *) ub_layout_find (fixture->layout, name);
}

/* the safety copy comes before everything else, and the rest is as it was */
static void
test_fits (Fixture *fixture, gconstpointer data)
{
  GPtrArray *steps;
  guint      n_save = 0;

  check (fixture);
  steps = ub_plan_get_steps (fixture->checked);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  while (n_save < steps->len &&
         ((const UbStep *) g_ptr_array_index (steps, n_save))->kind == UB_STEP_SAVE)
    n_save++;
  /* table, its copy, boot1, boot2, proinfo, nvram, lk, boot */
  g_assert_cmpuint (n_save, ==, 8);
  g_assert_cmpuint (steps->len - n_save, ==, ub_plan_get_steps (fixture->plan)->len);
  for (guint i = n_save; i < steps->len; i++)
    g_assert_cmpint (((const UbStep *) g_ptr_array_index (steps, i))->kind, !=, UB_STEP_SAVE);
  g_assert_cmpuint (ub_plan_get_issues (fixture->checked)->len,
                    ==,
                    ub_plan_get_issues (fixture->plan)->len);
}

/* the plan that was checked stays as it was */
static void
test_is_pure (Fixture *fixture, gconstpointer data)
{
  fixture->brom = (UbBromInfo){ .hw_code = 0x6572, .chip = ub_chip_find (0x6572) };
  check (fixture);
  g_assert_true (ub_plan_is_blocked (fixture->checked));
  g_assert_false (ub_plan_is_blocked (fixture->plan));
}

static void
test_wrong_chip (Fixture *fixture, gconstpointer data)
{
  fixture->brom = (UbBromInfo){ .hw_code = 0x6572, .chip = ub_chip_find (0x6572) };
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_CHIP, NULL));
}

static void
test_unknown_chip (Fixture *fixture, gconstpointer data)
{
  fixture->brom = (UbBromInfo){ .hw_code = 0x1234 };
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_UNKNOWN_CHIP, NULL));
}

static void
test_wrong_storage (Fixture *fixture, gconstpointer data)
{
  fixture->report.storage = UB_STORAGE_NAND;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_STORAGE, NULL));
}

static void
test_too_small (Fixture *fixture, gconstpointer data)
{
  fixture->report.user_size = 0xe00000;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_STORAGE, "system"));
}

static void
test_no_boot_region (Fixture *fixture, gconstpointer data)
{
  fixture->report.boot1_size = 0;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_STORAGE, "preloader"));
}

static void
test_shifted (Fixture *fixture, gconstpointer data)
{
  entry (fixture, "boot")->start -= 0x20000;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "boot"));
  g_assert_false (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "system"));
}

static void
test_resized (Fixture *fixture, gconstpointer data)
{
  entry (fixture, "system")->size -= 512;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "system"));
}

static void
test_renamed (Fixture *fixture, gconstpointer data)
{
  UbLayoutEntry *lk = entry (fixture, "lk");

  g_free (lk->name);
  lk->name = g_strdup ("uboot");
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "lk"));
}

/* the names of a PMT are in the other case */
static void
test_case_of_names (Fixture *fixture, gconstpointer data)
{
  fixture->layout->kind = UB_LAYOUT_PMT;
  for (guint i = 0; i < fixture->layout->entries->len; i++)
    {
      UbLayoutEntry *one = g_ptr_array_index (fixture->layout->entries, i);

      for (char *at = one->name; *at != 0; at++)
        *at = g_ascii_toupper (*at);
    }
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
}

static void
test_no_table (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->layout, ub_layout_free);
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* the boot areas are in no table: the preloader can be mended without one */
static void
test_no_table_for_boot_area (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->layout, ub_layout_free);
  for (guint i = 1; i < TEST_N_PARTS; i++)
    fixture->parts[i].is_download = FALSE;
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_nonnull (
      test_firmware_find_issue (fixture->checked, UB_ISSUE_WARNING, UB_ERROR_WRONG_LAYOUT, NULL));
}

static void
write_userdata (Fixture *fixture, gsize size)
{
  test_firmware_put (fixture->folder, "userdata.img", "U", size);
  fixture->parts[7].file = "userdata.img";
  fixture->parts[7].is_download = TRUE;
}

/* the last part's size is not compared: it is the phone's that counts */
static void
test_bigger_than_entry (Fixture *fixture, gconstpointer data)
{
  write_userdata (fixture, 0x10001);
  entry (fixture, "userdata")->size = 0x10200;
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
}

static void
test_bigger_than_entry_by_a_byte (Fixture *fixture, gconstpointer data)
{
  write_userdata (fixture, 0x10001);
  entry (fixture, "userdata")->size = 0x10000;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_IMAGE_TOO_BIG, "userdata"));
}

static void
test_over_other_entry (Fixture *fixture, gconstpointer data)
{
  ub_layout_add (fixture->layout, "custom", UB_REGION_EMMC_USER, 0xf00000, 0x1000);
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "system"));
}

/* a map without a tail of its own, and a phone that ends sooner */
static void
test_over_backup_table (Fixture *fixture, gconstpointer data)
{
  write_userdata (fixture, 0x10000);
  fixture->parts[8] = (TestPart){ "spare", NULL, FALSE, 0x1400000, 0x20000, "EMMC_USER", "UPDATE" };
  ub_layout_add (fixture->layout, "spare", UB_REGION_EMMC_USER, 0x1400000, 0x20000);
  entry (fixture, "system")->size = 0x700000;
  fixture->parts[6].size = 0x700000;
  fixture->report.user_size = 0x1510000 + 33 * 512;
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_clear_object (&fixture->checked);
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->firmware);
  fixture->report.user_size -= 512;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "userdata"));
}

/* a map that agrees with itself but lies over the phone's own nvram */
static void
test_over_protected_entry (Fixture *fixture, gconstpointer data)
{
  ub_layout_add (fixture->layout, "nvdata", UB_REGION_EMMC_USER, 0xf00000, 0x1000);
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_PROTECTED, "system"));
}

/* only with the phone's size it shows that an image reaches into the phone's own tail */
static void
test_reaches_into_tail (Fixture *fixture, gconstpointer data)
{
  write_userdata (fixture, 0x10000);
  fixture->report.user_size = 0x2508000;
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->plan));
  g_assert_true (has_blocker (fixture, UB_ERROR_PROTECTED, "userdata"));
}

static void
test_mbr (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = ub_layout_new (UB_LAYOUT_MBR);
  ub_layout_add (fixture->layout, "", UB_REGION_EMMC_USER, 0xd00000, 0x800000);
  ub_layout_add (fixture->layout, "", UB_REGION_EMMC_USER, 0x1500000, 0x2000000);
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_nonnull (
      test_firmware_find_issue (fixture->checked, UB_ISSUE_WARNING, UB_ERROR_WRONG_LAYOUT, NULL));
}

static void
test_mbr_differs (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = ub_layout_new (UB_LAYOUT_MBR);
  ub_layout_add (fixture->layout, "", UB_REGION_EMMC_USER, 0xd20000, 0x800000);
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* a preloader with settings, version @version, for one memory whose id is @id */
static void
put_preloader (Fixture *fixture, guint version, const char *id)
{
  g_autofree char *path = g_build_filename (fixture->folder, "preloader_test.bin", NULL);
  g_autofree char *magic = g_strdup_printf ("MTK_BLOADER_INFO_v%02u", version);
  const guint32    emi_size = 0x70 + 188;
  guint8           data[0x400 + 0x70 + 188 + 4] = { 'M', 'M', 'M', 1, 0x38 };
  guint8          *emi = data + 0x400;
  guint8          *record = emi + 0x70;

  memcpy (data + 8, "FILE_INFO", 9);
  data[0x20] = sizeof data & 0xff;
  data[0x21] = sizeof data >> 8;
  memcpy (emi, magic, strlen (magic));
  memcpy (emi + 0x64, "MTK_BIN", 8);
  emi[0x6c] = 1;
  record[8] = (guint8) strlen (id);
  memcpy (record + 0x10, id, strlen (id));
  record[188] = emi_size & 0xff;
  record[189] = emi_size >> 8;
  g_assert_true (g_file_set_contents (path, (const char *) data, sizeof data, NULL));
}

static void
test_preloader_memory (Fixture *fixture, gconstpointer data)
{
  memcpy (fixture->report.cid,
          "\x11\x01"
          "0ORACLE\x10\x12\x34\x56\x78\x87\x01",
          16);
  put_preloader (fixture,
                 21,
                 "\x11\x01"
                 "0ORACLE");
  check (fixture);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
}

static void
test_preloader_other_memory (Fixture *fixture, gconstpointer data)
{
  memcpy (fixture->report.cid,
          "\x11\x01"
          "0ORACLE\x10\x12\x34\x56\x78\x87\x01",
          16);
  put_preloader (fixture,
                 21,
                 "\x15\x01"
                 "0FE62MB");
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_NO_EMI, "preloader"));
}

/* settings without an id, of a kind we cannot read, and a memory that does not say who it is */
static void
test_preloader_memory_unknown (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    guint       version;
    const char *id;
    const char *cid;
  } cases[] = { { 21,
                  "",
                  "\x11\x01"
                  "0ORACLE1234567" },
                { 18,
                  "\x15\x01"
                  "0FE62MB",
                  "\x11\x01"
                  "0ORACLE1234567" },
                { 21,
                  "\x15\x01"
                  "0FE62MB",
                  "" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_clear_object (&fixture->checked);
      g_clear_object (&fixture->plan);
      g_clear_object (&fixture->firmware);
      memset (fixture->report.cid, 0, sizeof fixture->report.cid);
      memcpy (fixture->report.cid, cases[i].cid, strlen (cases[i].cid));
      put_preloader (fixture, cases[i].version, cases[i].id);
      check (fixture);
      g_assert_false (ub_plan_is_blocked (fixture->checked));
    }
}

static void
test_collects (Fixture *fixture, gconstpointer data)
{
  fixture->brom = (UbBromInfo){ .hw_code = 0x6572, .chip = ub_chip_find (0x6572) };
  fixture->report.boot1_size = 0;
  entry (fixture, "boot")->start += 0x20000;
  check (fixture);
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_CHIP, NULL));
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_STORAGE, "preloader"));
  g_assert_true (has_blocker (fixture, UB_ERROR_WRONG_LAYOUT, "boot"));
}

/* all that is known before an agent runs is the chip */
static void
test_before_agent (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPhoneInfo) phone = ub_phone_info_new ("1-1", "high", &fixture->brom, NULL, NULL);

  test_firmware_put_map (fixture->folder, fixture->parts, TEST_N_PARTS);
  fixture->firmware = test_firmware_open (fixture->folder);
  fixture->plan = ub_plan_new (fixture->firmware, &choice);
  fixture->checked = ub_plan_check (fixture->plan, phone);
  g_assert_cmpuint (ub_plan_get_issues (fixture->checked)->len,
                    ==,
                    ub_plan_get_issues (fixture->plan)->len);
}

static void
test_phone_texts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPhoneInfo) phone =
          ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);
  g_autoptr (UbPhoneInfo) empty = ub_phone_info_new (NULL, NULL, NULL, NULL, NULL);
  g_autofree char *chip = ub_phone_info_dup_chip_text (phone);
  g_autofree char *storage = ub_phone_info_dup_storage_text (phone);
  g_autofree char *none = ub_phone_info_dup_storage_text (empty);

  g_assert_cmpstr (chip, ==, "MT6580 (0x6580)");
  g_assert_true (g_str_has_prefix (storage, "eMMC "));
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (ub_phone_info_get_port (empty), ==, "");
}

#define ADD(path, func)                                                                            \
  g_test_add ("/engine/plan-check/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("fits", test_fits);
  ADD ("is-pure", test_is_pure);
  ADD ("wrong-chip", test_wrong_chip);
  ADD ("unknown-chip", test_unknown_chip);
  ADD ("wrong-storage", test_wrong_storage);
  ADD ("too-small", test_too_small);
  ADD ("no-boot-region", test_no_boot_region);
  ADD ("shifted", test_shifted);
  ADD ("resized", test_resized);
  ADD ("renamed", test_renamed);
  ADD ("case-of-names", test_case_of_names);
  ADD ("no-table", test_no_table);
  ADD ("no-table-for-boot-area", test_no_table_for_boot_area);
  ADD ("bigger-than-entry", test_bigger_than_entry);
  ADD ("bigger-than-entry-by-a-byte", test_bigger_than_entry_by_a_byte);
  ADD ("over-other-entry", test_over_other_entry);
  ADD ("over-backup-table", test_over_backup_table);
  ADD ("over-protected-entry", test_over_protected_entry);
  ADD ("reaches-into-tail", test_reaches_into_tail);
  ADD ("mbr", test_mbr);
  ADD ("mbr-differs", test_mbr_differs);
  ADD ("preloader-memory", test_preloader_memory);
  ADD ("preloader-other-memory", test_preloader_other_memory);
  ADD ("preloader-memory-unknown", test_preloader_memory_unknown);
  ADD ("collects", test_collects);
  ADD ("before-agent", test_before_agent);
  ADD ("phone-texts", test_phone_texts);
  return g_test_run ();
}
