/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-gpt.h"
#include "phone/ub-practice-phone.h"
#include "tests/engine/test-firmware.h"

#define MAX_PARTS 32
#define USER_SIZE 0x8000000
#define ALIGN 0x20000

typedef struct
{
  char       *folder;
  TestPart    parts[MAX_PARTS]; /* the map */
  guint       n_parts;
  UbBromInfo  brom;
  UbDaReport  report;
  UbLayout   *layout;
  UbFirmware *firmware;
  UbPlan     *plan;
  UbPlan     *checked;
} Fixture;

/* layout A: what the phone has */
static UbLayout *
layout_a (void)
{
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "proinfo", UB_REGION_EMMC_USER, 0x80000, 0x300000);
  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x380000, 0x500000);
  ub_layout_add (layout, "seccfg", UB_REGION_EMMC_USER, 0x880000, 0x40000);
  ub_layout_add (layout, "frp", UB_REGION_EMMC_USER, 0x8c0000, 0x100000);
  ub_layout_add (layout, "lk", UB_REGION_EMMC_USER, 0x9c0000, 0x80000);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0xa40000, 0x400000);
  ub_layout_add (layout, "system", UB_REGION_EMMC_USER, 0xe40000, 0x800000);
  ub_layout_add (layout, "userdata", UB_REGION_EMMC_USER, 0x1640000, 0x5800000);
  ub_layout_add (layout, "flashinfo", UB_REGION_EMMC_USER, 0x6f80000, 0x1000000);
  return layout;
}

/* the map of layout A */
static void
map_a (Fixture *fixture)
{
  const TestPart parts[] = {
    { "preloader", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
    { "proinfo", NULL, FALSE, 0x80000, 0x300000, "EMMC_USER", "PROTECTED" },
    { "nvram", NULL, FALSE, 0x380000, 0x500000, "EMMC_USER", "BINREGION" },
    { "seccfg", NULL, FALSE, 0x880000, 0x40000, "EMMC_USER", "INVISIBLE" },
    { "frp", NULL, FALSE, 0x8c0000, 0x100000, "EMMC_USER", "INVISIBLE" },
    { "lk", "lk.bin", TRUE, 0x9c0000, 0x80000, "EMMC_USER", "UPDATE" },
    { "boot", "boot.img", TRUE, 0xa40000, 0x400000, "EMMC_USER", "UPDATE" },
    { "system", "system.img", TRUE, 0xe40000, 0x800000, "EMMC_USER", "UPDATE" },
    { "userdata", NULL, FALSE, 0x1640000, 0x1000000, "EMMC_USER", "UPDATE" },
    { "flashinfo", NULL, FALSE, 0xffff0084, 0x1000000, "EMMC_USER", "RESERVED", TRUE },
    { "sgpt", NULL, FALSE, 0xffff0004, 0x80000, "EMMC_USER", "RESERVED", TRUE },
  };

  memcpy (fixture->parts, parts, sizeof parts);
  fixture->n_parts = G_N_ELEMENTS (parts);
}

/* layout B: proinfo stays, nvram moves and grows, seccfg and frp move, boot grows */
static void
map_b (Fixture *fixture)
{
  const TestPart parts[] = {
    { "preloader", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
    { "proinfo", NULL, FALSE, 0x80000, 0x300000, "EMMC_USER", "PROTECTED" },
    { "lk", "lk.bin", TRUE, 0x380000, 0x80000, "EMMC_USER", "UPDATE" },
    { "boot", "boot.img", TRUE, 0x400000, 0x600000, "EMMC_USER", "UPDATE" },
    { "nvram", NULL, FALSE, 0xa00000, 0x600000, "EMMC_USER", "BINREGION" },
    { "seccfg", NULL, FALSE, 0x1000000, 0x20000, "EMMC_USER", "INVISIBLE" },
    { "frp", NULL, FALSE, 0x1020000, 0x100000, "EMMC_USER", "INVISIBLE" },
    { "system", "system.img", TRUE, 0x1120000, 0x800000, "EMMC_USER", "UPDATE" },
    { "userdata", NULL, FALSE, 0x1920000, 0x1000000, "EMMC_USER", "UPDATE" },
    { "flashinfo", NULL, FALSE, 0xffff0084, 0x1000000, "EMMC_USER", "RESERVED", TRUE },
    { "sgpt", NULL, FALSE, 0xffff0004, 0x80000, "EMMC_USER", "RESERVED", TRUE },
  };

  memcpy (fixture->parts, parts, sizeof parts);
  fixture->n_parts = G_N_ELEMENTS (parts);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = test_firmware_new_folder ();
  map_a (fixture);
  test_firmware_put_images (fixture->folder);
  fixture->brom = (UbBromInfo){ .hw_code = 0x6580, .chip = ub_chip_find (0x6580) };
  fixture->report = (UbDaReport){ .storage = UB_STORAGE_EMMC,
                                  .boot1_size = 0x400000,
                                  .boot2_size = 0x400000,
                                  .user_size = USER_SIZE };
  fixture->layout = layout_a ();
}

static void
forget (Fixture *fixture)
{
  g_clear_object (&fixture->checked);
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->firmware);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  forget (fixture);
  g_clear_pointer (&fixture->layout, ub_layout_free);
  test_firmware_remove (fixture->folder);
  g_free (fixture->folder);
}

static UbPhoneInfo *
make_phone (Fixture *fixture)
{
  return ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);
}

static void
check_choice (Fixture *fixture, const UbPlanChoice *choice)
{
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);

  forget (fixture);
  test_firmware_put_map (fixture->folder, fixture->parts, fixture->n_parts);
  fixture->firmware = test_firmware_open (fixture->folder);
  fixture->plan = ub_plan_new (fixture->firmware, choice);
  fixture->checked = ub_plan_check (fixture->plan, phone);
  test_firmware_print_issues (fixture->checked);
}

static void
check (Fixture *fixture, UbMode mode)
{
  const UbPlanChoice choice = { .mode = mode };

  check_choice (fixture, &choice);
}

/* --- what holds for every plan --- */

typedef struct
{
  guint64 start;
  guint64 end;
} Piece;

static gboolean
meet (const UbStep *step, guint64 start, guint64 size)
{
  return size > 0 && step->length > 0 && step->offset < start + size &&
         start < step->offset + step->length;
}

static const UbStep *
find_step (UbPlan *plan, UbStepKind kind, const char *name)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == kind && (name == NULL || g_ascii_strcasecmp (step->name, name) == 0))
        return step;
    }
  return NULL;
}

static const UbStep *
find_erase_over (UbPlan *plan, guint64 start, guint64 size)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == UB_STEP_ERASE && meet (step, start, size))
        return step;
    }
  return NULL;
}

/* bytes of [@start, @start + @size) that are erased */
static guint64
erased_bytes (UbPlan *plan, guint64 start, guint64 size)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  guint64    bytes = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == UB_STEP_ERASE && meet (step, start, size))
        bytes += MIN (step->offset + step->length, start + size) - MAX (step->offset, start);
    }
  return bytes;
}

static gboolean
checks_table (GPtrArray *steps, guint i)
{
  const UbStep *step = g_ptr_array_index (steps, i);
  const UbStep *before = i > 0 ? g_ptr_array_index (steps, i - 1) : NULL;

  return before != NULL && before->kind == UB_STEP_TABLE && before->offset == step->offset &&
         before->length == step->length && g_strcmp0 (before->name, step->name) == 0;
}

static int
phase_of (GPtrArray *steps, guint i)
{
  const UbStep *step = g_ptr_array_index (steps, i);

  if (step->is_preloader)
    return 7;
  switch (step->kind)
    {
    case UB_STEP_SAVE:
      return 0;
    case UB_STEP_ERASE:
      return 1;
    case UB_STEP_TABLE:
      return 2;
    case UB_STEP_RESTORE:
      return 3;
    case UB_STEP_WRITE:
      return step->start_up ? 4 : 5;
    default:
      return step->saved != NULL ? 3 : checks_table (steps, i) ? 2 : 6;
    }
}

static void
assert_order (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 1; i < steps->len; i++)
    g_assert_cmpint (phase_of (steps, i - 1), <=, phase_of (steps, i));
  /* tables, what is put back and preloaders are read back at once */
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);
      const UbStep *next = i + 1 < steps->len ? g_ptr_array_index (steps, i + 1) : NULL;

      if (step->kind == UB_STEP_TABLE || step->kind == UB_STEP_RESTORE ||
          (step->kind == UB_STEP_WRITE && step->is_preloader))
        {
          g_assert_nonnull (next);
          g_assert_cmpint (next->kind, ==, UB_STEP_VERIFY);
          g_assert_cmpuint (next->offset, ==, step->offset);
          g_assert_cmpint (next->region, ==, step->region);
        }
    }
}

/* where the plan puts one of the phone's own parts: where it is put back, else where it lies */
static gboolean
is_moved (UbPlan *plan, const UbLayoutEntry *entry)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == UB_STEP_RESTORE && g_strcmp0 (step->saved, entry->name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
assert_entry_untouched (UbPlan *plan, const UbLayoutEntry *entry)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->region == entry->region &&
          (step->kind == UB_STEP_ERASE || step->kind == UB_STEP_WRITE ||
           step->kind == UB_STEP_RESTORE || step->kind == UB_STEP_TABLE) &&
          meet (step, entry->start, entry->size))
        g_error ("%s of %s at 0x%" G_GINT64_MODIFIER "x meets %s",
                 step->kind == UB_STEP_ERASE ? "erasing" : "writing",
                 step->name,
                 step->offset,
                 entry->name);
    }
}

static void
assert_tables_untouched (UbPlan *plan, const UbDaReport *report)
{
  const guint64 size = report->storage == UB_STORAGE_UFS ? 6 * 4096 : 34 * 512;
  const guint64 copy = report->storage == UB_STORAGE_UFS ? 5 * 4096 : 33 * 512;
  GPtrArray    *steps = ub_plan_get_steps (plan);
  UbRegion      user = report->storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->region != user || (step->kind != UB_STEP_ERASE && step->kind != UB_STEP_WRITE &&
                                   step->kind != UB_STEP_RESTORE))
        continue;
      g_assert_false (meet (step, 0, size));
      g_assert_false (meet (step, report->user_size - copy, copy));
      g_assert_cmpuint (step->offset + step->length, <=, report->user_size);
    }
}

/* the phone's own is saved, and either left alone, put back, or named as a danger */
static void
assert_own_kept (Fixture *fixture)
{
  for (guint i = 0; i < fixture->layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (fixture->layout->entries, i);
      UbRole               role = ub_partition_role_for_name (entry->name);
      const UbStep        *save;

      if (role == UB_ROLE_RESERVED)
        assert_entry_untouched (fixture->checked, entry);
      if (role != UB_ROLE_PROTECTED)
        continue;
      save = find_step (fixture->checked, UB_STEP_SAVE, entry->name);
      g_assert_nonnull (save);
      g_assert_true (save->is_protected);
      g_assert_cmpuint (save->offset, ==, entry->start);
      g_assert_cmpuint (save->length, ==, entry->size);
      if (!is_moved (fixture->checked, entry) && test_firmware_find_issue (fixture->checked,
                                                                           UB_ISSUE_DANGER,
                                                                           UB_ERROR_PROTECTED,
                                                                           entry->name) == NULL)
        assert_entry_untouched (fixture->checked, entry);
    }
}

static void
assert_sane (Fixture *fixture)
{
  assert_order (fixture->checked);
  assert_tables_untouched (fixture->checked, &fixture->report);
  assert_own_kept (fixture);
}

static gboolean
has_issue (Fixture *fixture, UbIssueLevel level, int code, const char *partition)
{
  return test_firmware_find_issue (fixture->checked, level, code, partition) != NULL;
}

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

/* --- MBR, EBR, PMT --- */

static UbLayout *
layout_ebr (UbLayoutKind kind)
{
  UbLayout *layout = ub_layout_new (kind);

  if (kind == UB_LAYOUT_MBR)
    {
      ub_layout_add (layout, "", UB_REGION_EMMC_USER, 0x900000, 0x400000);
      ub_layout_add (layout, "", UB_REGION_EMMC_USER, 0x1500000, 0x5000000);
      return layout;
    }
  ub_layout_add (layout, "MBR", UB_REGION_EMMC_USER, 0, 0x80000);
  ub_layout_add (layout, "EBR1", UB_REGION_EMMC_USER, 0x80000, 0x80000);
  ub_layout_add (layout, "PRO_INFO", UB_REGION_EMMC_USER, 0x100000, 0x300000);
  ub_layout_add (layout, "NVRAM", UB_REGION_EMMC_USER, 0x400000, 0x500000);
  ub_layout_add (layout, "BOOTIMG", UB_REGION_EMMC_USER, 0x900000, 0x400000);
  ub_layout_add (layout, "ANDROID", UB_REGION_EMMC_USER, 0xd00000, 0x800000);
  ub_layout_add (layout, "USRDATA", UB_REGION_EMMC_USER, 0x1500000, 0x5000000);
  return layout;
}

static void
map_ebr (Fixture *fixture)
{
  const TestPart parts[] = {
    { "PRELOADER", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "MBR", "MBR", TRUE, 0, 0x80000, "EMMC_USER", "UPDATE" },
    { "EBR1", "EBR1", TRUE, 0x80000, 0x80000, "EMMC_USER", "UPDATE" },
    { "PRO_INFO", NULL, FALSE, 0x100000, 0x300000, "EMMC_USER", "PROTECTED" },
    { "NVRAM", NULL, FALSE, 0x400000, 0x500000, "EMMC_USER", "BINREGION" },
    { "BOOTIMG", "boot.img", TRUE, 0x900000, 0x400000, "EMMC_USER", "UPDATE" },
    { "ANDROID", "system.img", TRUE, 0xd00000, 0x800000, "EMMC_USER", "UPDATE" },
    { "USRDATA", NULL, FALSE, 0x1500000, 0x1000000, "EMMC_USER", "UPDATE" },
    { "BMTPOOL", NULL, FALSE, 0xffff00a8, 0x1500000, "EMMC_USER", "RESERVED", TRUE },
  };

  memcpy (fixture->parts, parts, sizeof parts);
  fixture->n_parts = G_N_ELEMENTS (parts);
  test_firmware_put (fixture->folder, "MBR", "M", 512);
  test_firmware_put (fixture->folder, "EBR1", "E", 512);
  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = layout_ebr (UB_LAYOUT_PMT);
}

static void
test_ebr (Fixture *fixture, gconstpointer data)
{
  const UbStep *step;

  map_ebr (fixture);
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  g_assert_null (find_step (fixture->checked, UB_STEP_TABLE, NULL));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_SAVE, "EBR1"));
  g_assert_cmpuint (erased_bytes (fixture->checked, 0x1500000, 0x5000000), ==, 0x5000000);

  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "NVRAM"))->size -= 0x100000;
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  step = find_step (fixture->checked, UB_STEP_TABLE, "EBR1");
  g_assert_nonnull (step);
  g_assert_nonnull (step->image_path);
  g_assert_cmpuint (step->offset, ==, 0x80000);
  step = find_step (fixture->checked, UB_STEP_TABLE, "table");
  g_assert_nonnull (step->layout);
  g_assert_cmpint (step->layout->kind, ==, UB_LAYOUT_PMT);
  g_assert_cmpuint (ub_layout_find (step->layout, "NVRAM")->size, ==, 0x500000);
  g_assert_null (find_erase_over (fixture->checked, 0, 0x400000));
  step = find_step (fixture->checked, UB_STEP_RESTORE, "NVRAM");
  g_assert_cmpuint (step->offset, ==, 0x400000);
  g_assert_cmpuint (step->length, ==, 0x400000);
  /* grown where it lies: it is put back into an empty place */
  g_assert_cmpuint (erased_bytes (fixture->checked, 0x400000, 0x500000), ==, 0x500000);
}

static void
test_ebr_no_image (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "EBR1", NULL);

  map_ebr (fixture);
  g_unlink (path);
  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "ANDROID"))->size -= 0x100000;
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_FILE_MISSING, "EBR1"));
}

/* from one kind of table to the other: the parts have other names */
static void
test_ebr_to_gpt (Fixture *fixture, gconstpointer data)
{
  const UbStep *step;

  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = layout_ebr (UB_LAYOUT_PMT);
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  step = find_step (fixture->checked, UB_STEP_RESTORE, "proinfo");
  g_assert_nonnull (step);
  g_assert_cmpstr (step->saved, ==, "PRO_INFO");
  g_assert_cmpuint (step->offset, ==, 0x80000);
}

/* the same parts at the same places, but in the other kind of table */
static void
test_other_kind (Fixture *fixture, gconstpointer data)
{
  fixture->layout->kind = UB_LAYOUT_PMT;
  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  assert_sane (fixture);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "table"));
  g_assert_null (find_step (fixture->checked, UB_STEP_RESTORE, NULL));
}

static void
test_bare_mbr (Fixture *fixture, gconstpointer data)
{
  const UbStep *save;

  map_ebr (fixture);
  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = layout_ebr (UB_LAYOUT_MBR);
  check (fixture, UB_MODE_DOWNLOAD_ONLY);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  save = find_step (fixture->checked, UB_STEP_SAVE, "NVRAM");
  g_assert_nonnull (save);
  g_assert_true (save->is_protected);
  for (UbMode mode = UB_MODE_FIRMWARE_UPGRADE; mode <= UB_MODE_FORMAT_ALL; mode++)
    {
      check (fixture, mode);
      g_assert_true (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL));
      g_assert_null (find_step (fixture->checked, UB_STEP_ERASE, NULL));
    }
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

/* --- many layouts --- */

static const TestPart pieces[] = {
  { "proinfo", NULL, FALSE, 0, 0, "EMMC_USER", "PROTECTED" },
  { "nvram", NULL, FALSE, 0, 0, "EMMC_USER", "BINREGION" },
  { "protect1", NULL, FALSE, 0, 0, "EMMC_USER", "PROTECTED" },
  { "seccfg", NULL, FALSE, 0, 0, "EMMC_USER", "INVISIBLE" },
  { "nvdata", NULL, FALSE, 0, 0, "EMMC_USER", "INVISIBLE" },
  { "frp", NULL, FALSE, 0, 0, "EMMC_USER", "INVISIBLE" },
  { "lk", "lk.bin", TRUE, 0, 0, "EMMC_USER", "UPDATE" },
  { "boot", "boot.img", TRUE, 0, 0, "EMMC_USER", "UPDATE" },
  { "system", "system.img", TRUE, 0, 0, "EMMC_USER", "UPDATE" },
  { "cache", NULL, FALSE, 0, 0, "EMMC_USER", "UPDATE" },
  { "custom", NULL, FALSE, 0, 0, "EMMC_USER", "UPDATE" },
};

/* the pieces in another order, with other sizes and gaps, some of them left out; userdata behind them */
static guint64
shuffle (TestPart *parts, guint *n, guint64 at)
{
  guint order[G_N_ELEMENTS (pieces)];

  *n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    order[i] = i;
  for (guint i = G_N_ELEMENTS (pieces) - 1; i > 0; i--)
    {
      guint j = (guint) g_test_rand_int_range (0, (gint) i + 1);
      guint swap = order[i];

      order[i] = order[j];
      order[j] = swap;
    }
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      TestPart part = pieces[order[i]];

      if (g_test_rand_int_range (0, 8) == 0)
        continue;
      at += (guint64) g_test_rand_int_range (0, 3) * ALIGN;
      part.start = at;
      part.size = (guint64) (g_test_rand_int_range (0, 3) == 0 ? 64 : 32) * ALIGN;
      at += part.size;
      parts[(*n)++] = part;
    }
  return at;
}

static void
random_case (Fixture *fixture)
{
  const TestPart head[] = {
    { "preloader", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
  };
  const TestPart tail[] = {
    { "userdata", NULL, FALSE, 0, 0x1000000, "EMMC_USER", "UPDATE" },
    { "flashinfo", NULL, FALSE, 0xffff0084, 0x1000000, "EMMC_USER", "RESERVED", TRUE },
    { "sgpt", NULL, FALSE, 0xffff0004, 0x80000, "EMMC_USER", "RESERVED", TRUE },
  };
  TestPart old[MAX_PARTS];
  guint    n;
  guint64  at = shuffle (old, &n, 0x80000);

  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = ub_layout_new (UB_LAYOUT_GPT);
  for (guint i = 0; i < n; i++)
    ub_layout_add (fixture->layout, old[i].name, UB_REGION_EMMC_USER, old[i].start, old[i].size);
  /* what the map does not know and is never touched */
  ub_layout_add (fixture->layout, "userdata", UB_REGION_EMMC_USER, at, 0x6f00000 - at);
  ub_layout_add (fixture->layout, "otp", UB_REGION_EMMC_USER, 0x6f00000, 0x80000);
  ub_layout_add (fixture->layout, "flashinfo", UB_REGION_EMMC_USER, 0x6f80000, 0x1000000);
  memcpy (fixture->parts, head, sizeof head);
  at = shuffle (fixture->parts + 2, &n, 0x80000);
  memcpy (fixture->parts + 2 + n, tail, sizeof tail);
  fixture->parts[2 + n].start = at;
  fixture->n_parts = 2 + n + G_N_ELEMENTS (tail);
}

static void
test_random (Fixture *fixture, gconstpointer data)
{
  guint n_good = 0;

  for (guint i = 0; i < 150; i++)
    {
      random_case (fixture);
      for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
        {
          check (fixture, mode);
          if (ub_plan_is_blocked (fixture->checked))
            continue;
          n_good++;
          assert_sane (fixture);
        }
    }
  g_test_message ("%u plans", n_good);
  g_assert_cmpuint (n_good, >, 200);
}

/* --- every map we have --- */

static UbLayout *
layout_of_map (UbFirmware *firmware, UbStorage storage, guint64 user_size)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);
  gboolean   is_pmt = ub_firmware_find_partition (firmware, storage, "MBR") != NULL;
  UbLayout  *layout = ub_layout_new (is_pmt ? UB_LAYOUT_PMT : UB_LAYOUT_GPT);
  UbRegion   user = storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            start = ub_partition_resolve_start (partition, user_size);

      if (partition->storage != storage || partition->region != user || start == G_MAXUINT64 ||
          partition->size == 0)
        continue;
      if (partition->role == UB_ROLE_TABLE && !is_pmt)
        continue;
      ub_layout_add (layout, partition->name, user, start, partition->size);
    }
  return layout;
}

static void
check_map (Fixture *fixture, UbFirmware *firmware, UbStorage storage)
{
  for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
    {
      const UbPlanChoice choice = { .mode = mode, .storage = storage };
      g_autoptr (UbPhoneInfo) phone = make_phone (fixture);

      g_clear_object (&fixture->plan);
      g_clear_object (&fixture->checked);
      fixture->plan = ub_plan_new (firmware, &choice);
      fixture->checked = ub_plan_check (fixture->plan, phone);
      assert_order (fixture->checked);
      assert_tables_untouched (fixture->checked, &fixture->report);
      for (guint i = 0; i < fixture->layout->entries->len; i++)
        {
          const UbLayoutEntry *entry = g_ptr_array_index (fixture->layout->entries, i);

          if (ub_partition_role_for_name (entry->name) == UB_ROLE_PROTECTED)
            assert_entry_untouched (fixture->checked, entry);
        }
    }
}

/* --- the practice phones --- */

static char *
write_practice (UbPracticePhone *phone, gboolean other)
{
  char *folder = test_firmware_new_folder ();
  g_autoptr (GError) error = NULL;

  if (other)
    ub_practice_firmware_write_other (phone, folder, 0, FALSE, &error);
  else
    ub_practice_firmware_write (phone, folder, 0, FALSE, &error);
  g_assert_no_error (error);
  return folder;
}

static void
practise (Fixture *fixture, UbTable table, guint64 user_size)
{
  const UbPracticePhoneOptions options = { .chip = table == UB_TABLE_GPT ? "MT6580" : "MT6572",
                                           .table = table,
                                           .user_size = user_size };
  g_autoptr (UbPracticePhone) phone = ub_practice_phone_new (&options, NULL);
  g_autofree char *folder_a = write_practice (phone, FALSE);
  g_autofree char *folder_b = write_practice (phone, TRUE);
  g_autoptr (UbFirmware) a = test_firmware_open (folder_a);
  g_autoptr (UbFirmware) b = test_firmware_open (folder_b);

  fixture->brom.hw_code = table == UB_TABLE_GPT ? 0x6580 : 0x6572;
  fixture->brom.chip = ub_chip_find (fixture->brom.hw_code);
  fixture->report.user_size = user_size;
  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = layout_of_map (a, UB_STORAGE_EMMC, user_size);
  for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
    for (guint i = 0; i < 2; i++)
      {
        const UbPlanChoice choice = { .mode = mode };
        gboolean           is_same = i == 0;
        gboolean may_differ = mode == UB_MODE_FIRMWARE_UPGRADE || mode == UB_MODE_FORMAT_ALL;
        g_autoptr (UbPhoneInfo) info = make_phone (fixture);

        g_clear_object (&fixture->plan);
        g_clear_object (&fixture->checked);
        fixture->plan = ub_plan_new (is_same ? a : b, &choice);
        fixture->checked = ub_plan_check (fixture->plan, info);
        g_test_message ("%s, %s", ub_mode_to_string (mode), is_same ? "A" : "A to B");
        test_firmware_print_issues (fixture->checked);
        g_assert_cmpint (ub_plan_is_blocked (fixture->checked), ==, !is_same && !may_differ);
        if (is_same || may_differ)
          assert_sane (fixture);
      }
  forget (fixture);
  test_firmware_remove (folder_a);
  test_firmware_remove (folder_b);
}

static void
test_practice (Fixture *fixture, gconstpointer data)
{
  for (UbTable table = UB_TABLE_GPT; table <= UB_TABLE_EBR; table++)
    {
      practise (fixture, table, 4 * 1024 * 1024);
      practise (fixture, table, 64 * 1024 * 1024);
    }
}

static void
test_corpus (Fixture *fixture, gconstpointer data)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *corpus =
      shared != NULL ? g_build_filename (shared, "corpus/scatter", NULL) : NULL;
  g_autoptr (GDir) dir = corpus != NULL ? g_dir_open (corpus, 0, NULL) : NULL;
  const char *name;
  guint       n = 0;

  if (dir == NULL)
    {
      g_test_skip ("no corpus");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (corpus, name, NULL);
      g_autoptr (UbFirmware) firmware = ub_firmware_open (path, NULL, NULL, NULL, NULL, NULL);

      for (UbStorage storage = UB_STORAGE_EMMC; firmware != NULL && storage <= UB_STORAGE_UFS;
           storage++)
        {
          if ((ub_firmware_get_storages (firmware) & (1u << storage)) == 0)
            continue;
          g_test_message ("%s", name);
          fixture->report.storage = storage;
          fixture->report.user_size = G_GUINT64_CONSTANT (64) << 30;
          g_clear_pointer (&fixture->layout, ub_layout_free);
          fixture->layout = layout_of_map (firmware, storage, fixture->report.user_size);
          check_map (fixture, firmware, storage);
          n++;
        }
    }
  g_test_message ("%u maps", n);
  g_assert_cmpuint (n, >, 40);
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
  ADD ("upgrade-protected-not-tickable", test_upgrade_protected_not_tickable);
  ADD ("homeless", test_homeless);
  ADD ("stays-with-room", test_stays_with_room);
  ADD ("over-reserved", test_over_reserved);
  ADD ("map-too-big", test_map_too_big);
  ADD ("download-differs", test_download_differs);
  ADD ("repair", test_repair);
  ADD ("format-same", test_format_same);
  ADD ("format-moved", test_format_moved);
  ADD ("blank", test_blank);
  ADD ("ebr", test_ebr);
  ADD ("ebr-no-image", test_ebr_no_image);
  ADD ("ebr-to-gpt", test_ebr_to_gpt);
  ADD ("other-kind", test_other_kind);
  ADD ("bare-mbr", test_bare_mbr);
  ADD ("deterministic", test_deterministic);
  ADD ("checked-anew", test_checked_anew);
  ADD ("chip-names", test_chip_names);
  ADD ("groups", test_groups);
  ADD ("rows", test_rows);
  ADD ("summary", test_summary);
  ADD ("summary-moved", test_summary_moved);
  ADD ("no-preloader", test_no_preloader);
  ADD ("random", test_random);
  ADD ("practice", test_practice);
  ADD ("corpus", test_corpus);
  return g_test_run ();
}
