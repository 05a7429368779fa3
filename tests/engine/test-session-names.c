/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-backup.h"
#include "firmware/ub-gpt.h"
#include "tests/engine/test-session-modes.h"

/* What differs where agents know parts by name: phones that are locked, that have two sets of parts, two kinds of memory in one
 * map, and agents that write a record of their own. */

#define SBC 1

typedef struct
{
  const char *name;
  const char *chip;
  UbStorage   storage;
  gboolean    lets_erase; /* the practice agent's policy is about writing alone */
} Phone;

static const Phone phones[] = {
  { "xflash/emmc", "MT6768", UB_STORAGE_EMMC, FALSE },
  { "xflash/ufs", "MT6877", UB_STORAGE_UFS, FALSE },
  { "xml/emmc", "MT6789", UB_STORAGE_EMMC, TRUE },
  { "xml/ufs", "MT6789", UB_STORAGE_UFS, TRUE },
  { "xml-gone-after-no/ufs", "MT6886", UB_STORAGE_UFS, TRUE },
};

/* one set of parts */
static const Phone single_phones[] = {
  { "single/xflash/emmc", "MT6765", UB_STORAGE_EMMC, FALSE },
  { "single/xflash/ufs", "MT6785", UB_STORAGE_UFS, FALSE },
};

static UbPracticePhoneOptions
options_of (const Phone *phone)
{
  return (UbPracticePhoneOptions){ .chip = phone->chip, .storage = phone->storage };
}

static const UbPartition *
find_part (Bench *bench, const Phone *phone, const char *name)
{
  const UbPartition *part = ub_firmware_find_partition (bench->firmware, phone->storage, name);

  g_assert_nonnull (part);
  return part;
}

/* does the phone hold @path's bytes in the part @name? */
static gboolean
holds (Bench *bench, const Phone *phone, const char *name, const char *path)
{
  const UbPartition *part = find_part (bench, phone, name);
  g_autofree char   *wanted = NULL;
  g_autofree guint8 *data = NULL;
  gsize              size;

  g_assert_true (g_file_get_contents (path, &wanted, &size, NULL));
  data = g_malloc (size);
  ub_practice_phone_peek (bench->phone, UB_REGION_EMMC_USER, part->start, data, size);
  return memcmp (data, wanted, size) == 0;
}

static gboolean
is_as_before (Bench *bench, const Phone *phone, const char *name)
{
  const UbPartition *part = find_part (bench, phone, name);
  g_autofree guint8 *data = g_malloc (part->size);

  ub_practice_phone_peek (bench->phone, UB_REGION_EMMC_USER, part->start, data, part->size);
  return memcmp (data, bench->before[2] + part->start, part->size) == 0;
}

static const char *
image_of (Bench *bench, const Phone *phone, const char *name)
{
  const char *path = find_part (bench, phone, name)->image_path;

  g_assert_nonnull (path);
  return path;
}

/* --- locked phones --- */

static const char *const lk_names[] = { "lk", "lk_a" };

/* start-up code of @phone, which a locked one takes signed and by its name alone */
static const char *
find_lk (Bench *bench, const Phone *phone)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lk_names); i++)
    {
      const UbPartition *part =
          ub_firmware_find_partition (bench->firmware, phone->storage, lk_names[i]);

      if (part != NULL && part->image_path != NULL)
        return lk_names[i];
    }
  g_assert_not_reached ();
}

static void
test_locked (const Phone *phone, UbMode mode)
{
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  const char *lk;

  options.target_config = SBC;
  bench = bench_new_full (&options, FALSE);
  lk = find_lk (bench, phone);
  run_mode (bench, mode, TRUE);
  assert_done (bench);
  g_assert_true (holds (bench, phone, lk, image_of (bench, phone, lk)));
  g_assert_false (is_as_before (bench, phone, lk));
  g_assert_cmpint (has_finding (bench, "does not let"),
                   ==,
                   mode != UB_MODE_DOWNLOAD_ONLY && !phone->lets_erase);
}

static void
test_locked_download (gconstpointer data)
{
  test_locked (data, UB_MODE_DOWNLOAD_ONLY);
}

static void
test_locked_upgrade (gconstpointer data)
{
  test_locked (data, UB_MODE_FIRMWARE_UPGRADE);
}

static void
test_locked_format (gconstpointer data)
{
  test_locked (data, UB_MODE_FORMAT_ALL);
}

/* a file nobody signed: the phone says no, in words, and its start-up code stays */
static void
test_locked_unsigned (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  g_autofree char *content = NULL;
  const char      *lk;
  gsize            size;

  options.target_config = SBC;
  bench = bench_new_full (&options, FALSE);
  lk = find_lk (bench, phone);
  g_assert_true (g_file_get_contents (image_of (bench, phone, lk), &content, &size, NULL));
  content[size / 2] ^= 1;
  g_assert_true (g_file_set_contents (image_of (bench, phone, lk), content, (gssize) size, NULL));
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_failed (bench, UB_ERROR_REFUSED);
  g_assert_true (has_finding (bench, "only files that the maker has signed"));
  g_assert_cmpstr (ub_report_get_failed_partition (bench->report), ==, lk);
  g_assert_true (is_as_before (bench, phone, lk));
}

/* erasing one part: the first answer is the last */
static void
test_locked_erase (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  g_autoptr (UbPlan) plan = NULL;
  UbSessionOptions   job = options_new ();
  const char        *names[] = { NULL, NULL }, *agents[2] = { NULL }, *preloaders[2] = { NULL };
  const UbPlanTarget target = { .names = names };

  options.target_config = SBC;
  bench = bench_new_full (&options, FALSE);
  names[0] = find_lk (bench, phone);
  agents[0] = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  preloaders[0] = g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware), 0);
  job.agents = agents;
  job.preloaders = preloaders;
  plan = ub_plan_new_erase (&target);
  run_plan (bench, plan, &job);
  assert_failed (bench, UB_ERROR_REFUSED);
  g_assert_false (ub_report_was_written (bench->report));
  g_assert_true (has_finding (bench, "be erased"));
  g_assert_true (is_as_before (bench, phone, names[0]));
}

/* what is put back is first tried by its place, and then by its name; here it is not what the maker signed */
static void
test_locked_restore (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  const char        *names[] = { NULL, NULL }, *agents[2] = { NULL }, *preloaders[2] = { NULL };
  const UbPlanTarget target = { .names = names };
  UbSessionOptions   job = options_new ();
  g_autofree char   *folder = NULL;
  g_autoptr (UbPlan) readback = NULL;
  g_autoptr (UbPlan) restore = NULL;
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (GError) error = NULL;

  options.target_config = SBC;
  bench = bench_new_full (&options, FALSE);
  names[0] = find_lk (bench, phone);
  agents[0] = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  preloaders[0] = g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware), 0);
  job.agents = agents;
  job.preloaders = preloaders;
  folder = g_build_filename (bench->home, "lk", NULL);
  readback = ub_plan_new_readback (&target, folder);
  run_plan (bench, readback, &job);
  assert_done (bench);
  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  restore = ub_plan_new_restore (copy, names, FALSE);
  replug (bench);
  run_plan (bench, restore, &job);
  assert_failed (bench, UB_ERROR_REFUSED);
  g_assert_true (has_finding (bench, "only files that the maker has signed"));
  g_assert_true (is_as_before (bench, phone, names[0]));
}

/* an agent that is gone once it has refused a place is not asked for that place again, but for the name */
static void
test_locked_gone (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  const char        *names[] = { NULL, NULL }, *agents[2] = { NULL };
  const UbPlanTarget target = { .names = names };
  UbSessionOptions   job = options_new ();
  g_autofree char   *folder = NULL;
  g_autoptr (UbPlan) readback = NULL;
  g_autoptr (UbPlan) restore = NULL;
  g_autoptr (UbBackup) copy = NULL;

  options.target_config = SBC;
  bench = bench_new_full (&options, FALSE);
  names[0] = find_lk (bench, phone);
  agents[0] = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  job.agents = agents;
  folder = g_build_filename (bench->home, "lk", NULL);
  readback = ub_plan_new_readback (&target, folder);
  run_plan (bench, readback, &job);
  assert_done (bench);
  copy = ub_backup_open (folder, NULL);
  restore = ub_plan_new_restore (copy, names, FALSE);
  set_replug (bench);
  replug (bench);
  run_plan (bench, restore, &job);
  assert_failed (bench, UB_ERROR_REFUSED);
  g_assert_true (has_finding (bench, "only files that the maker has signed"));
  g_assert_true (is_as_before (bench, phone, names[0]));
}

/* --- two sets of parts --- */

static void
run_slots (Bench *bench, UbMode mode, UbSlots slots)
{
  const UbSessionOptions options = options_new ();
  const UbPlanChoice     choice = { .mode = mode, .slots = slots };
  g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);

  run_plan (bench, plan, &options);
  assert_done (bench);
}

static void
test_slots (const Phone *phone, char active, UbSlots slots, gboolean to_a, gboolean to_b)
{
  UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = NULL;
  const UbLayout *layout;

  options.active_slot = active;
  bench = bench_new_full (&options, FALSE);
  run_slots (bench, UB_MODE_DOWNLOAD_ONLY, slots);
  layout = ub_phone_info_get_layout (ub_report_get_phone (bench->report));
  g_assert_cmpint (layout->active_slot, ==, active);
  for (guint i = 0; i < 2; i++)
    {
      const char *a = i == 0 ? "boot_a" : "lk_a";
      const char *b = i == 0 ? "boot_b" : "lk_b";
      const char *path = image_of (bench, phone, a);

      g_assert_cmpint (holds (bench, phone, a, path), ==, to_a);
      g_assert_cmpint (holds (bench, phone, b, path), ==, to_b);
      g_assert_cmpint (is_as_before (bench, phone, a), ==, !to_a);
      g_assert_cmpint (is_as_before (bench, phone, b), ==, !to_b);
    }
}

/* a working phone would not start any more: nobody is surprised by that, and the report says it, too */
static void
test_slots_super (gconstpointer data)
{
  UbPracticePhoneOptions options = options_of (data);
  UbSessionOptions       job = options_new ();
  g_autoptr (Bench) bench = NULL;
  g_autoptr (UbPlan) plan = NULL;

  options.active_slot = 'b';
  bench = bench_new_full (&options, FALSE);
  plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  job.consents = 0;
  run_plan (bench, plan, &job);
  assert_failed (bench, UB_ERROR_NOT_AGREED);
  assert_untouched (bench);
  g_assert_true (has_finding (bench, "holds the system of both sets"));
  g_assert_true (has_finding (bench, "starts from b, so the files are written there"));
}

/* an upgrade makes it start from a; the copy of before brings back what it had started from, and from where */
static void
test_slots_restored (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  UbSessionOptions       job = options_new ();
  const char            *agents[2] = { NULL };
  g_autoptr (Bench) bench = NULL;
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbPlan) plan = NULL;

  options.active_slot = 'b';
  bench = bench_new_full (&options, FALSE);
  run_slots (bench, UB_MODE_FIRMWARE_UPGRADE, UB_SLOTS_ACTIVE);
  g_assert_false (is_as_before (bench, phone, "misc"));
  copy = ub_backup_open (ub_report_get_copy (bench->report), NULL);
  plan = ub_plan_new_restore (copy, NULL, FALSE);
  agents[0] = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  job.agents = agents;
  replug (bench);
  run_plan (bench, plan, &job);
  assert_done (bench);
  g_assert_true (is_as_before (bench, phone, "misc"));
  g_assert_true (is_as_before (bench, phone, "boot_b"));
}

static void
test_slots_a (gconstpointer data)
{
  test_slots (data, 'a', UB_SLOTS_ACTIVE, TRUE, FALSE);
}

static void
test_slots_b (gconstpointer data)
{
  test_slots (data, 'b', UB_SLOTS_ACTIVE, FALSE, TRUE);
}

static void
test_slots_both (gconstpointer data)
{
  test_slots (data, 'b', UB_SLOTS_BOTH, TRUE, TRUE);
}

/* --- what agents write by themselves --- */

static void
find_record (Bench *bench, const Phone *phone, guint64 *begin, guint64 *end)
{
  const UbPartition *part = find_part (bench, phone, "flashinfo");

  *begin =
      ub_partition_resolve_start (part,
                                  ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER));
  *end = *begin + part->size;
}

/* all is put back on a phone that was divided up anew since, and the agent's record is where the table of now has its
 * place, not where the one of then had it */
static void
test_restore_other_layout (gconstpointer data)
{
  const Phone                 *phone = data;
  const UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = bench_new_full (&options, FALSE);
  const UbPlanTarget target = { .whole = TRUE };
  const char *agents[2] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0) };
  const char *preloaders[2] = { g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware),
                                                   0) };
  UbSessionOptions job = options_new ();
  g_autofree char *folder = g_build_filename (bench->home, "all", NULL);
  g_autofree char *other = g_build_filename (bench->home, "other", NULL);
  g_autoptr (UbPlan) readback = ub_plan_new_readback (&target, folder);
  g_autoptr (UbPlan) restore = NULL;
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (UbFirmware) first = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *after = NULL;
  const guint64      size = ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER);
  guint64            begin = 0, end = 0;

  job.agents = agents;
  job.preloaders = preloaders;
  run_plan (bench, readback, &job);
  assert_done (bench);

  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  g_assert_true (ub_practice_firmware_write_other (bench->phone, other, 3 * MIB, FALSE, &error));
  first = g_steal_pointer (&bench->firmware);
  bench->firmware = open_firmware (other);
  replug (bench);
  run_mode (bench, UB_MODE_FIRMWARE_UPGRADE, FALSE);
  assert_done (bench);
  g_object_unref (bench->firmware);
  bench->firmware = g_object_ref (first);

  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  restore = ub_plan_new_restore (copy, NULL, FALSE);
  replug (bench);
  run_plan (bench, restore, &job);
  assert_done (bench);
  after = dump (bench, UB_REGION_EMMC_USER);
  find_record (bench, phone, &begin, &end);
  for (guint64 at = 0; at < size; at += 512)
    if ((at < begin || at >= end) && memcmp (after + at, bench->before[2] + at, 512) != 0)
      g_error ("the user area differs at 0x%" G_GINT64_MODIFIER "x", at);
}

/* a table in which the record has its place elsewhere: in the middle of what the copy has of the user's data */
static void
move_record (Bench *bench, const Phone *phone)
{
  const guint     sector = phone->storage == UB_STORAGE_UFS ? 4096 : 512;
  const guint64   size = ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER);
  const UbLayout *layout = ub_phone_info_get_layout (ub_report_get_phone (bench->report));
  g_autoptr (UbLayout) moved = ub_layout_copy (layout);
  UbLayoutEntry *record = (UbLayoutEntry *) ub_layout_find (moved, "flashinfo");
  UbLayoutEntry *last = (UbLayoutEntry *) ub_layout_find (moved, "userdata");
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  g_assert_cmpuint (last->size, >, 2 * MIB);
  last->size -= MIB;
  record->start = last->start + last->size;
  record->size = MIB;
  first = ub_gpt_build (moved, size, sector, 128);
  second = ub_gpt_build_backup (moved, size, sector, 128);
  ub_practice_phone_poke (bench->phone,
                          UB_REGION_EMMC_USER,
                          0,
                          g_bytes_get_data (first, NULL),
                          g_bytes_get_size (first));
  ub_practice_phone_poke (bench->phone,
                          UB_REGION_EMMC_USER,
                          size - g_bytes_get_size (second),
                          g_bytes_get_data (second, NULL),
                          g_bytes_get_size (second));
}

static void
test_restore_moved_record (gconstpointer data)
{
  const Phone                 *phone = data;
  const UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = bench_new_full (&options, FALSE);
  const UbPlanTarget target = { .whole = TRUE };
  const char *agents[2] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0) };
  const char *preloaders[2] = { g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware),
                                                   0) };
  UbSessionOptions job = options_new ();
  g_autofree char *folder = g_build_filename (bench->home, "all", NULL);
  g_autoptr (UbPlan) readback = ub_plan_new_readback (&target, folder);
  g_autoptr (UbPlan) restore = NULL;
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *after = NULL;
  const guint64      size = ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER);
  guint64            begin = 0, end = 0;

  job.agents = agents;
  job.preloaders = preloaders;
  run_plan (bench, readback, &job);
  assert_done (bench);
  move_record (bench, phone);
  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  restore = ub_plan_new_restore (copy, NULL, FALSE);
  replug (bench);
  run_plan (bench, restore, &job);
  assert_done (bench);
  after = dump (bench, UB_REGION_EMMC_USER);
  find_record (bench, phone, &begin, &end);
  for (guint64 at = 0; at < size; at += 512)
    if ((at < begin || at >= end) && memcmp (after + at, bench->before[2] + at, 512) != 0)
      g_error ("the user area differs at 0x%" G_GINT64_MODIFIER "x", at);
}

/* --- cut anywhere --- */

/* a locked phone, where most of the start-up code has to be begun anew by name */
static void
test_locked_cut (gconstpointer data)
{
  const Phone           *phone = data;
  UbPracticePhoneOptions options = options_of (phone);
  Reference              reference = { 0 };

  options.target_config = SBC;
  make_reference (&reference, &options, UB_MODE_FIRMWARE_UPGRADE);
  for (guint i = 1; i < 16; i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&options, FALSE);
      g_autofree guint8 *user = NULL;
      guint64            begin, end;

      unplug_at (bench, &reference, i, 16);
      set_replug (bench);
      run_mode (bench, UB_MODE_FIRMWARE_UPGRADE, FALSE);
      assert_done (bench);
      find_record (bench, phone, &begin, &end);
      user = dump (bench, UB_REGION_EMMC_USER);
      memcpy (reference.data[2] + begin, user + begin, end - begin);
      assert_like (bench, &reference);
    }
  reference_clear (&reference);
}

/* --- all of them --- */

static void
add (const Phone *phone, const char *what, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/engine/session-names/%s/%s", phone->name, what);

  g_test_add_data_func (path, phone, func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (phones); i++)
    {
      add (&phones[i], "locked/download", test_locked_download);
      add (&phones[i], "locked/upgrade", test_locked_upgrade);
      add (&phones[i], "locked/format", test_locked_format);
      add (&phones[i], "locked/unsigned", test_locked_unsigned);
      if (!phones[i].lets_erase)
        add (&phones[i], "locked/restore", test_locked_restore);
      if (!phones[i].lets_erase)
        add (&phones[i], "locked/erase", test_locked_erase);
      add (&phones[i], "slots/a", test_slots_a);
      add (&phones[i], "slots/b", test_slots_b);
      add (&phones[i], "slots/both", test_slots_both);
      add (&phones[i], "slots/super", test_slots_super);
      add (&phones[i], "slots/restored", test_slots_restored);
      if (g_str_has_prefix (phones[i].name, "xml"))
        add (&phones[i], "locked/gone", test_locked_gone);
      if (i == 1 || i == 3)
        add (&phones[i], "locked/cut", test_locked_cut);
    }
  for (guint i = 0; i < G_N_ELEMENTS (single_phones); i++)
    {
      add (&single_phones[i], "restore-other-layout", test_restore_other_layout);
      add (&single_phones[i], "restore-moved-record", test_restore_moved_record);
      add (&single_phones[i], "locked/upgrade", test_locked_upgrade);
    }
  return g_test_run ();
}
