/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-gpt.h"
#include "tests/engine/test-plan-sane.h"

/* --- Firmware upgrade --- */

static void
test_upgrade_same (Fixture *fixture, gconstpointer data)
{
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_false (ub_plan_has_danger (fixture->checked));
  assert_sane (fixture);
  g_assert_null (find_step (fixture->checked, UB_STEP_TABLE, NULL));
  g_assert_null (find_step (fixture->checked, UB_STEP_RESTORE, NULL));
  /* as big as it is on the phone, not as in the map */
  g_assert_cmpuint (erased_bytes (fixture->checked, 0x1640000, 0x5800000), ==, 0x5800000);
  g_assert_cmpuint (erased_bytes (fixture->checked, 0xe40000, 0x800000), ==, 0x800000);
  g_assert_null (find_erase_over (fixture->checked, 0x80000, 0x940000));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "system"));
}

static void
test_upgrade_moved (Fixture *fixture, gconstpointer data)
{
  const UbStep *step;

  map_b (fixture);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_true (has_issue (fixture, UB_ISSUE_NOTE, UB_ERROR_WRONG_LAYOUT, NULL));
  assert_sane (fixture);
  g_assert_null (find_step (fixture->checked, UB_STEP_RESTORE, "proinfo"));
  /* grown: what it had, and nothing but zeros behind it */
  step = find_step (fixture->checked, UB_STEP_RESTORE, "nvram");
  g_assert_nonnull (step);
  g_assert_cmpstr (step->saved, ==, "nvram");
  g_assert_cmpuint (step->offset, ==, 0xa00000);
  g_assert_cmpuint (step->length, ==, 0x500000);
  g_assert_cmpuint (erased_bytes (fixture->checked, 0xa00000, 0x600000), ==, 0x600000);
  /* shrunk: its content decides later */
  step = find_step (fixture->checked, UB_STEP_RESTORE, "seccfg");
  g_assert_nonnull (step);
  g_assert_cmpuint (step->length, ==, 0x20000);
  step = find_step (fixture->checked, UB_STEP_RESTORE, "frp");
  g_assert_nonnull (step);
  g_assert_cmpuint (step->length, ==, 0x100000);
}

static void
test_new_table (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (UbLayout) copy = NULL;
  const UbStep *primary, *backup;
  gsize         size;

  map_b (fixture);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  primary = find_step (fixture->checked, UB_STEP_TABLE, "table");
  backup = find_step (fixture->checked, UB_STEP_TABLE, "table-copy");
  g_assert_nonnull (primary);
  g_assert_nonnull (backup);
  g_assert_cmpuint (primary->offset, ==, 0);
  g_assert_cmpuint (primary->length, ==, UB_GPT_SIZE);
  g_assert_cmpuint (backup->offset + backup->length, ==, USER_SIZE);
  layout = ub_gpt_parse (g_bytes_get_data (primary->content, NULL), primary->length, 512, NULL);
  g_assert_nonnull (layout);
  g_assert_cmpint (layout->kind, ==, UB_LAYOUT_GPT);
  g_assert_cmpuint (layout->entries->len, ==, 9);
  g_assert_cmpuint (ub_layout_find (layout, "nvram")->start, ==, 0xa00000);
  g_assert_cmpuint (ub_layout_find (layout, "userdata")->start, ==, 0x1920000);
  /* as much as the phone has, up to what is never touched */
  g_assert_cmpuint (ub_layout_find (layout, "userdata")->size, ==, 0x6f80000 - 0x1920000);
  g_assert_cmpuint (ub_layout_find (layout, "flashinfo")->start, ==, 0x6f80000);
  g_assert_null (ub_layout_find (layout, "pgpt"));
  g_assert_null (ub_layout_find (layout, "preloader"));
  copy = ub_gpt_parse_backup (g_bytes_get_data (backup->content, &size),
                              backup->length,
                              USER_SIZE,
                              512,
                              NULL);
  g_assert_nonnull (copy);
  g_assert_cmpuint (copy->entries->len, ==, layout->entries->len);
}

/* not ticked, or start-up code there is nothing new for: left alone where nothing moves */
static void
test_upgrade_not_ticked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) ticks = g_hash_table_new (g_str_hash, g_str_equal);
  const UbPlanChoice choice = { .mode = UB_MODE_FIRMWARE_UPGRADE, .ticks = ticks };

  g_hash_table_insert (ticks, (gpointer) "boot", GINT_TO_POINTER (FALSE));
  fixture->parts[6].file = NULL;
  check_choice (fixture, &choice);
  assert_sane (fixture);
  g_assert_null (find_erase_over (fixture->checked, 0x9c0000, 0x480000));
  g_assert_cmpuint (erased_bytes (fixture->checked, 0xe40000, 0x800000), ==, 0x800000);
}

/* even an expert does not write these here: they are put back */
static void
test_upgrade_protected_not_tickable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) ticks = g_hash_table_new (g_str_hash, g_str_equal);
  const UbPlanChoice choice = { .mode = UB_MODE_FIRMWARE_UPGRADE, .ticks = ticks, .expert = TRUE };

  fixture->parts[3].file = "nvram.bin";
  g_hash_table_insert (ticks, (gpointer) "nvram", GINT_TO_POINTER (TRUE));
  check_choice (fixture, &choice);
  g_assert_null (find_step (fixture->checked, UB_STEP_WRITE, "nvram"));
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_PROTECTED, "nvram"));
}

/* … but not where everything is divided up anew */
static void
test_upgrade_emptied (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "lk.bin", NULL);
  g_autoptr (UbPlanSummary) summary = NULL;

  g_unlink (path);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_has_danger (fixture->checked));
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_FILE_MISSING, "lk"));
  map_b (fixture);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_FILE_MISSING, "lk"));
  summary = ub_plan_dup_summary (fixture->checked);
  g_assert_true (g_strv_contains ((const char *const *) summary->erased, "lk"));
}

/* a part of the phone's own that the map does not know */
static void
test_homeless (Fixture *fixture, gconstpointer data)
{
  UbLayoutEntry *data_entry;

  map_b (fixture);
  ub_layout_add (fixture->layout, "simlock", UB_REGION_EMMC_USER, 0x1640000, 0x20000);
  data_entry = (UbLayoutEntry *) ub_layout_find (fixture->layout, "userdata");
  data_entry->start += 0x20000;
  data_entry->size -= 0x20000;
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "simlock"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_SAVE, "simlock"));
  assert_sane (fixture);
}

/* … stays where it is if nobody needs the place */
static void
test_stays_with_room (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbLayout) layout = NULL;
  const UbStep *table;

  map_b (fixture);
  fixture->parts[4].size = 0x400000; /* boot: a gap behind it */
  ub_layout_add (fixture->layout, "simlock", UB_REGION_EMMC_USER, 0x880000, 0x20000);
  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "seccfg"))->start = 0x8a0000;
  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "seccfg"))->size = 0x20000;
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_has_danger (fixture->checked));
  g_assert_null (find_erase_over (fixture->checked, 0x880000, 0x20000));
  table = find_step (fixture->checked, UB_STEP_TABLE, "table");
  layout = ub_gpt_parse (g_bytes_get_data (table->content, NULL), table->length, 512, NULL);
  g_assert_cmpuint (ub_layout_find (layout, "simlock")->start, ==, 0x880000);
  assert_sane (fixture);
}

/* a part nobody knows anything of is not lost unseen */
static void
test_unknown (Fixture *fixture, gconstpointer data)
{
  ub_layout_add (fixture->layout, "mystery", UB_REGION_EMMC_USER, 0x6e40000, 0x20000);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (has_issue (fixture, UB_ISSUE_WARNING, UB_ERROR_WRONG_LAYOUT, "mystery"));
  g_assert_null (find_erase_over (fixture->checked, 0x6e40000, 0x20000));
  g_assert_null (find_step (fixture->checked, UB_STEP_SAVE, "mystery"));
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_true (has_issue (fixture, UB_ISSUE_WARNING, UB_ERROR_WRONG_LAYOUT, "mystery"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_SAVE, "mystery"));
  assert_sane (fixture);
}

/* a map that wants the place of what is never touched */
static void
test_over_reserved (Fixture *fixture, gconstpointer data)
{
  map_b (fixture);
  ub_layout_add (fixture->layout, "otp", UB_REGION_EMMC_USER, 0x1200000, 0x20000);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, "otp"));
}

static void
test_map_too_big (Fixture *fixture, gconstpointer data)
{
  map_b (fixture);
  fixture->report.user_size = 0x1000000;
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_STORAGE, NULL));
  g_assert_null (find_step (fixture->checked, UB_STEP_ERASE, NULL));
}

/* Download only stays what it was */
static void
test_download_differs (Fixture *fixture, gconstpointer data)
{
  map_b (fixture);
  check (fixture, UB_MODE_DOWNLOAD_ONLY);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
  g_assert_null (find_step (fixture->checked, UB_STEP_ERASE, NULL));
  g_assert_null (find_step (fixture->checked, UB_STEP_TABLE, NULL));
}

static void
test_repair (Fixture *fixture, gconstpointer data)
{
  GPtrArray *steps;

  check (fixture, UB_MODE_REPAIR);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  steps = ub_plan_get_steps (fixture->checked);
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      g_assert_cmpint (step->differs_only, ==, step->kind == UB_STEP_WRITE);
    }
  map_b (fixture);
  check (fixture, UB_MODE_REPAIR);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
}

/* start-up code by itself, the system where it is asked for, what people keep on their phones never */
static void
test_repair_ticks (Fixture *fixture, gconstpointer data)
{
  const char *const  only[] = { "system", "userdata", NULL };
  const UbPlanChoice choice = { .mode = UB_MODE_REPAIR, .only = only };

  check (fixture, UB_MODE_REPAIR);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "boot"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "preloader"));
  g_assert_null (find_step (fixture->checked, UB_STEP_WRITE, "system"));
  check_choice (fixture, &choice);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "system"));
  g_assert_null (find_step (fixture->checked, UB_STEP_WRITE, "userdata"));
}

/* --- Format all --- */

static void
test_format_same (Fixture *fixture, gconstpointer data)
{
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_false (ub_plan_has_danger (fixture->checked));
  assert_sane (fixture);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "table"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "table-copy"));
  g_assert_null (find_step (fixture->checked, UB_STEP_RESTORE, NULL));
  g_assert_null (find_erase_over (fixture->checked, 0x80000, 0x940000));
  g_assert_cmpuint (erased_bytes (fixture->checked, 0x9c0000, 0x65c0000), ==, 0x65c0000);
  g_assert_null (find_erase_over (fixture->checked, 0x6f80000, 0x1000000));
}

static void
test_format_moved (Fixture *fixture, gconstpointer data)
{
  map_b (fixture);
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_RESTORE, "nvram"));
}

static void
test_blank (Fixture *fixture, gconstpointer data)
{
  const UbStep *save;

  g_clear_pointer (&fixture->layout, ub_layout_free);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_WRONG_LAYOUT, NULL));
  assert_order (fixture->checked);
  assert_tables_untouched (fixture->checked, &fixture->report);
  save = find_step (fixture->checked, UB_STEP_SAVE, "nvram");
  g_assert_nonnull (save);
  g_assert_cmpuint (save->offset, ==, 0x380000);
  g_assert_null (find_erase_over (fixture->checked, 0x80000, 0x940000));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "table"));
}

/* --- the rest --- */

static void
test_deterministic (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);

  map_b (fixture);
  for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
    {
      const UbPlanChoice choice = { .mode = mode };
      g_autoptr (UbPlan) plan = NULL;
      g_autoptr (UbPlan) again = NULL;
      g_autoptr (UbPlan) twice = NULL;
      g_autofree char *digest = NULL, *digest_again = NULL, *digest_twice = NULL, *other = NULL;

      check (fixture, mode);
      plan = ub_plan_new (fixture->firmware, &choice);
      again = ub_plan_check (plan, phone);
      twice = ub_plan_check (fixture->checked, phone);
      digest = ub_plan_dup_digest (fixture->checked);
      digest_again = ub_plan_dup_digest (again);
      digest_twice = ub_plan_dup_digest (twice);
      other = ub_plan_dup_digest (plan);
      g_assert_cmpuint (strlen (digest), ==, 64);
      g_assert_cmpstr (digest, ==, digest_again);
      g_assert_cmpstr (digest, ==, digest_twice);
      g_assert_cmpstr (digest, !=, other);
      g_assert_cmpuint (ub_plan_get_issues (twice)->len,
                        ==,
                        ub_plan_get_issues (fixture->checked)->len);
    }
}

/* what was found on another phone is forgotten */
static void
test_checked_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);
  g_autoptr (UbPlan) good = NULL;

  fixture->brom = (UbBromInfo){ .hw_code = 0x6572, .chip = ub_chip_find (0x6572) };
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_true (ub_plan_is_blocked (fixture->checked));
  good = ub_plan_check (fixture->checked, phone);
  g_assert_false (ub_plan_is_blocked (good));
}

static void
set_platform (Fixture *fixture, const char *platform)
{
  g_autofree char *path = g_build_filename (fixture->folder, "MT6580_Android_scatter.txt", NULL);
  g_autofree char *text = NULL;
  g_autofree char *line = g_strdup_printf ("platform: %s", platform);
  g_autoptr (GString) map = NULL;

  test_firmware_put_map (fixture->folder, fixture->parts, fixture->n_parts);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  map = g_string_new (text);
  g_string_replace (map, "platform: MT6580", line, 0);
  g_assert_true (g_file_set_contents (path, map->str, -1, NULL));
}

static void
test_chip_names (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *platform;
    guint16     hw_code;
    gboolean    fits;
  } cases[] = { { "MT6757D", 0x551, TRUE },
                { "MT6757", 0x551, TRUE },
                { "MT6580", 0x6572, FALSE },
                { "MT6572", 0x6580, FALSE },
                { "MT6757D", 0x6580, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
      {
        const UbPlanChoice choice = { .mode = mode };
        g_autoptr (UbPhoneInfo) phone = NULL;

        forget (fixture);
        set_platform (fixture, cases[i].platform);
        fixture->brom =
            (UbBromInfo){ .hw_code = cases[i].hw_code, .chip = ub_chip_find (cases[i].hw_code) };
        phone = make_phone (fixture);
        fixture->firmware = test_firmware_open (fixture->folder);
        fixture->plan = ub_plan_new (fixture->firmware, &choice);
        fixture->checked = ub_plan_check (fixture->plan, phone);
        g_assert_cmpint (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_CHIP, NULL),
                         !=,
                         cases[i].fits);
      }
}

static void
test_groups (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };

  fixture->parts[fixture->n_parts++] =
      (TestPart){ "lk2", "nosuch.bin", TRUE, 0x700000, 0x40000, "EMMC_USER", "UPDATE" };
  fixture->parts[3].size = 0x380000; /* nvram makes room */
  check_choice (fixture, &choice);
  g_assert_nonnull (
      test_firmware_find_issue (fixture->plan, UB_ISSUE_WARNING, UB_ERROR_FILE_MISSING, "lk2"));
  g_assert_nonnull (strstr (
      test_firmware_find_issue (fixture->plan, UB_ISSUE_WARNING, UB_ERROR_FILE_MISSING, "lk2")
          ->text,
      "lk2"));
}

static UbRowFate
fate_of (UbPlan *plan, const char *name)
{
  GListModel *rows = ub_plan_get_rows (plan);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (rows, i);

      if (g_strcmp0 (ub_plan_row_get_name (row), name) == 0)
        return ub_plan_row_get_fate (row);
    }
  g_error ("no row %s", name);
}

static void
test_rows (Fixture *fixture, gconstpointer data)
{
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_cmpint (fate_of (fixture->plan, "userdata"), ==, UB_ROW_ERASE);
  g_assert_cmpint (fate_of (fixture->plan, "nvram"), ==, UB_ROW_KEPT);
  g_assert_cmpint (fate_of (fixture->plan, "frp"), ==, UB_ROW_KEPT);
  g_assert_cmpint (fate_of (fixture->plan, "system"), ==, UB_ROW_WRITE);
  g_assert_cmpint (fate_of (fixture->plan, "flashinfo"), ==, UB_ROW_RESERVED);
  g_assert_cmpint (fate_of (fixture->plan, "pgpt"), ==, UB_ROW_NO_FILE);
}

static void
test_summary (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlanSummary) before = NULL;
  g_autoptr (UbPlanSummary) after = NULL;

  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  before = ub_plan_dup_summary (fixture->plan);
  after = ub_plan_dup_summary (fixture->checked);
  g_assert_cmpuint (before->n_parts, ==, 4);
  g_assert_cmpuint (before->bytes, ==, 0x8800 + 0x10001 + 0x20000 + 0x300000);
  g_assert_cmpuint (after->bytes, ==, before->bytes);
  g_assert_cmpint (after->time_us, >, before->time_us);
  g_assert_true (g_strv_contains ((const char *const *) before->erased, "userdata"));
  g_assert_true (g_strv_contains ((const char *const *) before->kept, "nvram"));
  g_assert_true (g_strv_contains ((const char *const *) after->kept, "nvram"));
  g_assert_true (g_strv_contains ((const char *const *) after->written, "system"));
  g_assert_cmpuint (g_strv_length (before->saved), ==, 0);
  g_assert_true (g_strv_contains ((const char *const *) after->saved, "boot1"));
  g_assert_cmpuint (strlen (after->lost), >, 0);
  g_assert_cmpuint (strlen (after->keeps), >, 0);
}

/* put back counts as kept, what has no place any more does not */
static void
test_summary_moved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbPlanSummary) summary = NULL;

  map_b (fixture);
  ub_layout_add (fixture->layout, "simlock", UB_REGION_EMMC_USER, 0x1640000, 0x20000);
  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "userdata"))->start += 0x20000;
  check (fixture, UB_MODE_FORMAT_ALL);
  summary = ub_plan_dup_summary (fixture->checked);
  g_assert_true (g_strv_contains ((const char *const *) summary->kept, "nvram"));
  g_assert_true (g_strv_contains ((const char *const *) summary->kept, "proinfo"));
  g_assert_false (g_strv_contains ((const char *const *) summary->kept, "simlock"));
  g_assert_true (g_strv_contains ((const char *const *) summary->saved, "simlock"));
}

static void
test_no_preloader (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_FORMAT_ALL, .preloader = UB_PRELOADER_SKIP };

  check_choice (fixture, &choice);
  g_assert_null (find_step (fixture->checked, UB_STEP_WRITE, "preloader"));
  g_assert_null (find_step (fixture->checked, UB_STEP_VERIFY, "preloader"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "system"));
}

#define ADD(path, func)                                                                            \
  g_test_add ("/engine/plan-modes/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("upgrade-same", test_upgrade_same);
  ADD ("upgrade-moved", test_upgrade_moved);
  ADD ("new-table", test_new_table);
  ADD ("upgrade-not-ticked", test_upgrade_not_ticked);
  ADD ("upgrade-emptied", test_upgrade_emptied);
  ADD ("upgrade-protected-not-tickable", test_upgrade_protected_not_tickable);
  ADD ("homeless", test_homeless);
  ADD ("stays-with-room", test_stays_with_room);
  ADD ("unknown", test_unknown);
  ADD ("over-reserved", test_over_reserved);
  ADD ("map-too-big", test_map_too_big);
  ADD ("download-differs", test_download_differs);
  ADD ("repair", test_repair);
  ADD ("repair-ticks", test_repair_ticks);
  ADD ("format-same", test_format_same);
  ADD ("format-moved", test_format_moved);
  ADD ("blank", test_blank);
  ADD ("deterministic", test_deterministic);
  ADD ("checked-anew", test_checked_anew);
  ADD ("chip-names", test_chip_names);
  ADD ("groups", test_groups);
  ADD ("rows", test_rows);
  ADD ("summary", test_summary);
  ADD ("summary-moved", test_summary_moved);
  ADD ("no-preloader", test_no_preloader);
  return g_test_run ();
}
