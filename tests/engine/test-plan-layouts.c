/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-practice-phone.h"
#include "tests/engine/test-plan-sane.h"

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

/* a table of more entries than a legacy agent has room for would be the phone's last */
static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  const TestPart head[] = {
    { "preloader", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "pgpt", NULL, FALSE, 0, 0x80000, "EMMC_USER", "INVISIBLE" },
  };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  g_clear_pointer (&fixture->layout, ub_layout_free);
  fixture->layout = ub_layout_new (UB_LAYOUT_GPT);
  ub_layout_add (fixture->layout, "other", UB_REGION_EMMC_USER, 0x80000, 0x80000);
  memcpy (fixture->parts, head, sizeof head);
  for (guint n = 40; n <= 41; n++)
    {
      for (guint i = 0; i < n; i++)
        {
          g_ptr_array_add (names, g_strdup_printf ("part%u", i));
          fixture->parts[2 + i] = (TestPart){ .name = g_ptr_array_index (names, names->len - 1),
                                              .start = 0x80000 * (i + 1),
                                              .size = 0x80000,
                                              .region = "EMMC_USER",
                                              .operation = "UPDATE" };
        }
      fixture->n_parts = 2 + n;
      check (fixture, UB_MODE_FORMAT_ALL);
      g_assert_cmpint (ub_plan_is_blocked (fixture->checked), ==, n > 40);
      g_assert_cmpint (has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_BAD_FIRMWARE, NULL),
                       ==,
                       n > 40);
    }
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

/* --- tables nobody would make --- */

static guint64
wild_number (void)
{
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      return 0;
    case 1:
      return G_MAXUINT64 - (guint64) g_test_rand_int_range (0, 1024);
    case 2:
      return (guint64) g_test_rand_int ();
    case 3:
      return (guint64) g_test_rand_int () << 32;
    default:
      return (guint64) g_test_rand_int_range (0, USER_SIZE / 512) * 512;
    }
}

static void
test_wild (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "nvram", "NVRAM", "proinfo",  "otp", "flashinfo", "system",
                                       "boot1", "table", "EBR1",     "",    "userdata",  "frp",
                                       "lk",    "boot",  "recovery", "kb" };
  static const guint64     sizes[] = { 0,       512,       34 * 512,  67 * 512,
                                       0x80000, USER_SIZE, USER_SIZE, USER_SIZE };

  for (guint i = 0; i < 120; i++)
    {
      guint n = (guint) g_test_rand_int_range (0, 40);

      map_a (fixture);
      fixture->report.user_size = sizes[i % G_N_ELEMENTS (sizes)];
      g_clear_pointer (&fixture->layout, ub_layout_free);
      fixture->layout = ub_layout_new ((UbLayoutKind) (i % 3));
      for (guint j = 0; j < n; j++)
        ub_layout_add (fixture->layout,
                       names[g_test_rand_int_range (0, G_N_ELEMENTS (names))],
                       g_test_rand_int_range (0, 4) == 0 ? UB_REGION_EMMC_BOOT1
                                                         : UB_REGION_EMMC_USER,
                       wild_number (),
                       wild_number ());
      for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
        {
          g_autoptr (UbPlanSummary) summary = NULL;

          check (fixture, mode);
          assert_order (fixture->checked);
          summary = ub_plan_dup_summary (fixture->checked);
          if (!ub_plan_is_blocked (fixture->checked))
            assert_tables_untouched (fixture->checked, &fixture->report);
        }
    }
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

/* a phone that lost its table */
static void
revive (Fixture *fixture, UbFirmware *firmware)
{
  const UbPlanChoice choice = { .mode = UB_MODE_FORMAT_ALL };
  g_autoptr (UbLayout) lost = g_steal_pointer (&fixture->layout);
  g_autoptr (UbPhoneInfo) info = make_phone (fixture);

  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->checked);
  fixture->plan = ub_plan_new (firmware, &choice);
  fixture->checked = ub_plan_check (fixture->plan, info);
  test_firmware_print_issues (fixture->checked);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_true (ub_plan_has_danger (fixture->checked));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "table"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_SAVE, "nvram"));
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_ERASE, NULL));
  assert_order (fixture->checked);
  assert_tables_untouched (fixture->checked, &fixture->report);
  for (guint i = 0; i < lost->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (lost->entries, i);

      if (ub_partition_role_for_name (entry->name) == UB_ROLE_PROTECTED)
        assert_entry_untouched (fixture->checked, entry);
    }
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
  revive (fixture, a);
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
  g_test_add ("/engine/plan-layouts/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("ebr", test_ebr);
  ADD ("ebr-no-image", test_ebr_no_image);
  ADD ("too-many", test_too_many);
  ADD ("ebr-to-gpt", test_ebr_to_gpt);
  ADD ("other-kind", test_other_kind);
  ADD ("bare-mbr", test_bare_mbr);
  ADD ("random", test_random);
  ADD ("wild", test_wild);
  ADD ("practice", test_practice);
  ADD ("corpus", test_corpus);
  return g_test_run ();
}
