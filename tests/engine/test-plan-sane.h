/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/engine/test-firmware.h"

/* a phone with a layout, a map for it or for another, and what holds for every plan made of the two */

#define MAX_PARTS 64
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
static inline UbLayout *
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
static inline void
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
static inline void
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

static inline void
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

static inline void
forget (Fixture *fixture)
{
  g_clear_object (&fixture->checked);
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->firmware);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  forget (fixture);
  g_clear_pointer (&fixture->layout, ub_layout_free);
  test_firmware_remove (fixture->folder);
  g_free (fixture->folder);
}

static inline UbPhoneInfo *
make_phone (Fixture *fixture)
{
  return ub_phone_info_new ("1-1", "high", &fixture->brom, &fixture->report, fixture->layout);
}

static inline void
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

static inline void
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

static inline gboolean
meet (const UbStep *step, guint64 start, guint64 size)
{
  return size > 0 && step->length > 0 && step->offset < start + size &&
         start < step->offset + step->length;
}

static inline const UbStep *
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

static inline const UbStep *
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
static inline guint64
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

static inline gboolean
checks_table (GPtrArray *steps, guint i)
{
  const UbStep *step = g_ptr_array_index (steps, i);
  const UbStep *before = i > 0 ? g_ptr_array_index (steps, i - 1) : NULL;

  return before != NULL && before->kind == UB_STEP_TABLE && before->offset == step->offset &&
         before->length == step->length && g_strcmp0 (before->name, step->name) == 0;
}

/* was it put back, and not only left alone? */
static inline gboolean
checks_restored (GPtrArray *steps, guint i)
{
  const UbStep *step = g_ptr_array_index (steps, i);
  const UbStep *before = i > 0 ? g_ptr_array_index (steps, i - 1) : NULL;

  return before != NULL && before->kind == UB_STEP_RESTORE && before->offset == step->offset &&
         g_strcmp0 (before->saved, step->saved) == 0;
}

static inline int
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
      return checks_restored (steps, i) ? 3 : checks_table (steps, i) ? 2 : 6;
    }
}

static inline void
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
static inline gboolean
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

static inline void
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

static inline void
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
static inline void
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

static inline void
assert_sane (Fixture *fixture)
{
  assert_order (fixture->checked);
  assert_tables_untouched (fixture->checked, &fixture->report);
  assert_own_kept (fixture);
}

static inline gboolean
has_issue (Fixture *fixture, UbIssueLevel level, int code, const char *partition)
{
  return test_firmware_find_issue (fixture->checked, level, code, partition) != NULL;
}
