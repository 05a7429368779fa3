/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-plan-sane.h"

#include "engine/ub-journal.h"
#include "engine/ub-json.h"
#include "engine/ub-phone-json.h"
#include "engine/ub-safety-copy.h"

#include <utime.h>

/* Ways to lose what belongs to one phone alone, tried by somebody who did not write the planner. */

static gboolean
is_saved (UbPlan *plan, guint64 offset, guint64 length)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == UB_STEP_SAVE && step->region == UB_REGION_EMMC_USER &&
          step->offset == offset && step->length == length)
        return TRUE;
    }
  return FALSE;
}

/* a part of the phone's own that no map knows, behind the user's data: the user's data end before it */
static void
test_behind_the_last (Fixture *fixture, gconstpointer data)
{
  const guint64 start = 0x6800000;

  for (UbMode mode = UB_MODE_FIRMWARE_UPGRADE; mode <= UB_MODE_FORMAT_ALL; mode++)
    {
      g_clear_pointer (&fixture->layout, ub_layout_free);
      fixture->layout = layout_a ();
      ((UbLayoutEntry *) ub_layout_find (fixture->layout, "userdata"))->size = start - 0x1640000;
      ub_layout_add (fixture->layout, "simlock", UB_REGION_EMMC_USER, start, 0x100000);
      map_b (fixture);
      check (fixture, mode);
      g_assert_false (ub_plan_is_blocked (fixture->checked));
      g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "simlock"));
      g_assert_null (find_erase_over (fixture->checked, start, 0x100000));
      assert_sane (fixture);
    }
}

/* the same name twice: nobody can tell which one the phone uses, so both are saved, and somebody has to agree */
static void
test_twins (Fixture *fixture, gconstpointer data)
{
  const guint64 start = 0x6800000;

  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "userdata"))->size = start - 0x1640000;
  ub_layout_add (fixture->layout, "NVRAM", UB_REGION_EMMC_USER, start, 0x100000);
  for (UbMode mode = UB_MODE_DOWNLOAD_ONLY; mode <= UB_MODE_REPAIR; mode++)
    {
      check (fixture, mode);
      g_assert_true (is_saved (fixture->checked, 0x380000, 0x500000));
      g_assert_true (is_saved (fixture->checked, start, 0x100000));
    }
  map_b (fixture);
  for (UbMode mode = UB_MODE_FIRMWARE_UPGRADE; mode <= UB_MODE_FORMAT_ALL; mode++)
    {
      check (fixture, mode);
      g_assert_true (is_saved (fixture->checked, start, 0x100000));
      g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "NVRAM"));
    }
}

/* a table that names nothing of the phone's own: its places are not known */
static void
test_strange_names (Fixture *fixture, gconstpointer data)
{
  const UbPlanTarget target = { .whole = TRUE };
  g_autoptr (UbPlan) erase = ub_plan_new_erase (&target);
  g_autoptr (UbPhoneInfo) phone = NULL;

  for (guint i = 0; i < fixture->layout->entries->len; i++)
    {
      UbLayoutEntry *entry = g_ptr_array_index (fixture->layout->entries, i);

      if (ub_partition_role_for_name (entry->name) != UB_ROLE_PROTECTED)
        continue;
      g_free (entry->name);
      entry->name = g_strdup_printf ("part%u", i);
    }
  for (UbMode mode = UB_MODE_FIRMWARE_UPGRADE; mode <= UB_MODE_FORMAT_ALL; mode++)
    {
      check (fixture, mode);
      g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, NULL));
    }
  check (fixture, UB_MODE_DOWNLOAD_ONLY);
  g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, NULL));
  phone = make_phone (fixture);
  g_clear_object (&fixture->checked);
  fixture->checked = ub_plan_check (erase, phone);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, NULL));
}

/* an entry without a size holds nothing that could be saved, and that is said */
static void
test_no_size (Fixture *fixture, gconstpointer data)
{
  ((UbLayoutEntry *) ub_layout_find (fixture->layout, "nvram"))->size = 0;
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_NO_SAFETY_COPY, "nvram"));
}

/* another phone's IMEI is written only by somebody who typed that he wants it */
static void
test_protected_ticked (Fixture *fixture, gconstpointer data)
{
  const char *const  only[] = { "nvram", NULL };
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only, .expert = TRUE };

  fixture->parts[3].file = "nvram.bin";
  check_choice (fixture, &choice);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_WRITE, "nvram"));
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
}

/* a table whose list of parts lies behind the usual place stays whole when everything is erased */
static void
test_table_elsewhere (Fixture *fixture, gconstpointer data)
{
  const UbPlanTarget target = { .whole = TRUE };
  g_autoptr (UbPlan) erase = ub_plan_new_erase (&target);
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);

  fixture->checked = ub_plan_check (erase, phone);
  g_assert_false (ub_plan_is_blocked (fixture->checked));
  g_assert_nonnull (find_erase_over (fixture->checked, 0x1640000, 0x1000));
  g_assert_null (find_erase_over (fixture->checked, 0, 0x80000));
  g_assert_null (find_erase_over (fixture->checked, USER_SIZE - 0x80000, 0x80000));
}

/* nothing is promised of a rest where all is erased */
static void
test_erase_words (Fixture *fixture, gconstpointer data)
{
  const char *const  names[] = { "userdata", NULL };
  const UbPlanTarget all = { .whole = TRUE }, one = { .names = names };
  g_autoptr (UbPlan) whole = ub_plan_new_erase (&all), part = ub_plan_new_erase (&one);
  g_autoptr (UbPlanSummary) of_whole = ub_plan_dup_summary (whole);
  g_autoptr (UbPlanSummary) of_part = ub_plan_dup_summary (part);

  g_assert_nonnull (strstr (of_whole->lost, "Everything"));
  g_assert_null (strstr (of_whole->keeps, "rest"));
  g_assert_null (strstr (of_part->lost, "Everything"));
  g_assert_nonnull (strstr (of_part->keeps, "rest"));
}

/* what is promised has to be so */
static void
test_promises (Fixture *fixture, gconstpointer data)
{
  const char *const  only_own[] = { "nvram", NULL };
  const UbPlanChoice own = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only_own, .expert = TRUE };
  g_autoptr (UbPlan) single = NULL;
  g_autoptr (UbPlanSummary) usual = NULL, data_written = NULL, own_written = NULL, blind = NULL;
  g_autoptr (UbPlanSummary) one_part = NULL;

  check (fixture, UB_MODE_DOWNLOAD_ONLY);
  usual = ub_plan_dup_summary (fixture->plan);
  g_assert_cmpstr (usual->lost, ==, "");
  g_assert_nonnull (strstr (usual->keeps, "Photos"));
  fixture->parts[9].file = "system.img";
  fixture->parts[9].is_download = TRUE;
  check (fixture, UB_MODE_DOWNLOAD_ONLY);
  data_written = ub_plan_dup_summary (fixture->checked);
  g_assert_nonnull (strstr (data_written->lost, "Photos"));
  g_assert_null (strstr (data_written->keeps, "Photos"));
  single = ub_plan_new_single ("userdata", "/nowhere.img", FALSE);
  one_part = ub_plan_dup_summary (single);
  g_assert_nonnull (strstr (one_part->lost, "Photos"));
  fixture->parts[3].file = "nvram.bin";
  check_choice (fixture, &own);
  own_written = ub_plan_dup_summary (fixture->checked);
  g_assert_null (strstr (own_written->keeps, "kept"));
  g_clear_pointer (&fixture->layout, ub_layout_free);
  check (fixture, UB_MODE_FORMAT_ALL);
  blind = ub_plan_dup_summary (fixture->checked);
  g_assert_nonnull (strstr (blind->keeps, "found"));
}

/* --- what a journal has to notice, and what it has not --- */

static UbPlan *
reopen (UbPlan *plan, GError **error)
{
  g_autoptr (GVariant) variant = ub_plan_to_variant (plan);

  return ub_plan_new_from_variant (variant, NULL, error);
}

static void
age (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct utimbuf   long_ago = { 1000, 1000 };

  g_assert_cmpint (g_utime (path, &long_ago), ==, 0);
}

/* somebody puts a file of his own beside the firmware while the phone waits */
static void
test_folder_touched (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (UbPlan) back = NULL;

  check (fixture, UB_MODE_FIRMWARE_UPGRADE);
  variant = ub_plan_to_variant (fixture->checked);
  test_firmware_put (fixture->folder, "notes.txt", "remember", 100);
  age (fixture->folder, ".");
  back = ub_plan_new_from_variant (variant, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (back);
}

static void
map_ebr (Fixture *fixture)
{
  const TestPart parts[] = {
    { "PRELOADER", "preloader_test.bin", TRUE, 0, 0x40000, "EMMC_BOOT_1", "BOOTLOADERS" },
    { "MBR", "MBR", TRUE, 0, 0x80000, "EMMC_USER", "UPDATE" },
    { "EBR1", "EBR1", TRUE, 0x80000, 0x80000, "EMMC_USER", "UPDATE" },
    { "NVRAM", NULL, FALSE, 0x400000, 0x500000, "EMMC_USER", "BINREGION" },
    { "BOOTIMG", "boot.img", TRUE, 0x900000, 0x400000, "EMMC_USER", "UPDATE" },
    { "USRDATA", NULL, FALSE, 0x1500000, 0x1000000, "EMMC_USER", "UPDATE" },
  };

  memcpy (fixture->parts, parts, sizeof parts);
  fixture->n_parts = G_N_ELEMENTS (parts);
  test_firmware_put (fixture->folder, "MBR", "M", 512);
  test_firmware_put (fixture->folder, "EBR1", "E", 512);
}

/* the files of MBR and EBR are written, too */
static void
test_table_file_changed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (UbPlan) back = NULL;

  map_ebr (fixture);
  check (fixture, UB_MODE_FORMAT_ALL);
  g_assert_nonnull (find_step (fixture->checked, UB_STEP_TABLE, "EBR1"));
  variant = ub_plan_to_variant (fixture->checked);
  back = reopen (fixture->checked, &error);
  g_assert_no_error (error);
  age (fixture->folder, "EBR1");
  g_clear_object (&back);
  back = ub_plan_new_from_variant (variant, NULL, &error);
  g_assert_null (back);
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
}

/* as a journal keeps it */
static UbPhoneInfo *
through_json (UbPhoneInfo *phone)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) error = NULL;
  UbPhoneInfo *back;

  ub_phone_json_add (builder, phone);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  bytes = g_bytes_new (text, strlen (text));
  parser = ub_json_parse (bytes, "phone", UB_ERROR_FILE_READ, &error);
  g_assert_no_error (error);
  back = ub_phone_json_read (json_node_get_object (json_parser_get_root (parser)),
                             UB_ERROR_FILE_READ,
                             &error);
  g_assert_no_error (error);
  return back;
}

static void
add_odd_entries (UbLayout *layout)
{
  static const char *const names[] = { "",        "NvData_A", "syst\xff\xfem", "a\"b\\c\n",
                                       "boot1",   "table",    "simlock",       "user",
                                       "otp",     "kb",       "pro_info",      "protect_f",
                                       "recovery" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_test_rand_int_range (0, 3) == 0)
      ub_layout_add (layout,
                     names[i],
                     UB_REGION_EMMC_USER,
                     (guint64) g_test_rand_int_range (0, USER_SIZE / 512) * 512,
                     (guint64) g_test_rand_int_range (0, 0x1000) * 512);
}

static UbPlan *
plan_for (Fixture *fixture, guint i)
{
  static const char *const names[] = { "lk", "nvram", NULL };
  const UbPlanTarget       parts = { .names = names, .expert = TRUE };
  const UbPlanTarget       whole = { .whole = TRUE, .with_boot = TRUE };
  const UbPlanChoice       choice = { .mode = (UbMode) i, .verify_all = TRUE };

  if (i == UB_MODE_REPAIR + 1)
    return ub_plan_new_erase (&parts);
  if (i == UB_MODE_REPAIR + 2)
    return ub_plan_new_erase (&whole);
  return ub_plan_new (fixture->firmware, &choice);
}

/* a job that goes on is planned with the phone as it was, and that comes from a file */
static void
test_same_plan (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (UbPhoneInfo) phone = NULL;
      g_autoptr (UbPhoneInfo) then = NULL;

      if (i % 2 == 0)
        map_a (fixture);
      else
        map_b (fixture);
      g_clear_pointer (&fixture->layout, ub_layout_free);
      fixture->layout = layout_a ();
      fixture->layout->kind = (UbLayoutKind) (i % 3);
      add_odd_entries (fixture->layout);
      check (fixture, UB_MODE_DOWNLOAD_ONLY);
      phone = make_phone (fixture);
      then = through_json (phone);
      for (guint j = UB_MODE_DOWNLOAD_ONLY; j <= UB_MODE_REPAIR + 2; j++)
        {
          g_autoptr (UbPlan) plan = plan_for (fixture, j);
          g_autoptr (GError) error = NULL;
          g_autoptr (UbPlan) back = reopen (plan, &error);
          g_autoptr (UbPlan) one = ub_plan_check (plan, phone);
          g_autoptr (UbPlan) other = NULL;
          g_autofree char *digest = ub_plan_dup_digest (one);
          g_autofree char *again = NULL;

          g_assert_no_error (error);
          other = ub_plan_check (back, then);
          again = ub_plan_dup_digest (other);
          g_assert_cmpstr (digest, ==, again);
          g_assert_cmpuint (ub_plan_get_issues (one)->len, ==, ub_plan_get_issues (other)->len);
        }
    }
}

/* --- a phone that lost something before --- */

/* a safety copy with nothing in it but nvram; they are made in the order of their names */
static UbBackup *
save_nvram (Fixture *fixture, const char *name, guint8 fill)
{
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);
  g_autofree char   *root = g_strconcat (fixture->folder, "-copies", NULL);
  g_autofree char   *folder = g_build_filename (root, "phone", name, NULL);
  g_autofree guint8 *data = g_malloc (0x10000);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackupWriter) writer =
                 ub_backup_writer_new (folder, UB_BACKUP_SAFETY, phone, NULL, 0, &error);
  UbBackup *copy;

  g_assert_no_error (error);
  memset (data, fill, 0x10000);
  g_assert_true (ub_backup_writer_begin (writer,
                                         "nvram",
                                         UB_REGION_EMMC_USER,
                                         0x380000,
                                         0x500000,
                                         TRUE,
                                         &error));
  for (guint i = 0; i < 0x500000 / 0x10000; i++)
    g_assert_true (ub_backup_writer_sink (writer, data, 0x10000, &error));
  g_assert_true (ub_backup_writer_end (writer, &error));
  copy = ub_backup_writer_finish (writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return copy;
}

static void
settle (Fixture *fixture, UbPlan *plan, UbBackup *copy)
{
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);
  g_autoptr (UbPlan) checked = ub_plan_check (plan, phone);
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->checked);
  fixture->checked = ub_plan_settle (checked, copy, &error);
  g_assert_no_error (error);
  test_firmware_print_issues (fixture->checked);
}

/* a job was given up after it had erased nvram; the next one finds, saves and keeps nothing */
static void
test_lost_before (Fixture *fixture, gconstpointer data)
{
  static const guint8 empty[] = { 0x00, 0xff };
  const UbPlanTarget  readback = { .whole = TRUE };
  const UbPlanChoice  choice = { .mode = UB_MODE_FIRMWARE_UPGRADE, .preloader = UB_PRELOADER_SKIP };
  g_autoptr (UbPlan) reading = ub_plan_new_readback (&readback, "/nowhere");

  memcpy (fixture->report.cid, "\x15\x01\x00UNBRICK!\x01\x02\x03\x04", 16);
  for (guint i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autofree char *name1 = g_strdup_printf ("1-%u", i);
      g_autofree char *name2 = g_strdup_printf ("2-%u", i);
      g_autofree char *copies = g_strconcat (fixture->folder, "-copies", NULL);
      g_autoptr (UbBackup) now = save_nvram (fixture, name2, empty[i]);
      g_autoptr (UbBackup) then = NULL;

      check_choice (fixture, &choice);
      settle (fixture, fixture->plan, now);
      g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
      then = save_nvram (fixture, name1, 7);
      settle (fixture, fixture->plan, now);
      g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
      settle (fixture, fixture->plan, then);
      g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
      settle (fixture, reading, now);
      g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
      /* another phone's copy that got into the same folder says nothing */
      fixture->report.cid[12] ^= 1;
      g_clear_object (&now);
      now = save_nvram (fixture, "3", empty[i]);
      settle (fixture, fixture->plan, now);
      g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
      fixture->report.cid[12] ^= 1;
      test_firmware_remove (copies);
    }
}

/* A job stopped while it put nvram back, and was given up: what is there is neither empty nor whole. The next job
 * sees that it is not what it was */
static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  const UbPlanChoice choice = { .mode = UB_MODE_FIRMWARE_UPGRADE, .preloader = UB_PRELOADER_SKIP };
  g_autofree char   *copies = g_strconcat (fixture->folder, "-copies", NULL);
  g_autofree char   *jobs = g_build_filename (copies, "jobs", NULL);
  g_autoptr (UbPhoneInfo) phone = NULL;
  g_autoptr (UbBackup) whole = NULL, same = NULL, torn = NULL, later = NULL;
  g_autoptr (UbJournal) never = NULL, stopped = NULL, opened = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (fixture->report.cid, "\x15\x01\x00UNBRICK!\x01\x02\x03\x04", 16);
  phone = make_phone (fixture);
  check_choice (fixture, &choice);
  whole = save_nvram (fixture, "1", 7);
  /* one that never wrote anything leaves no trace */
  never = ub_journal_new (jobs, fixture->checked, phone, whole, &error);
  g_assert_no_error (error);
  g_assert_true (ub_journal_remove (never, &error));
  g_assert_false (ub_safety_copy_is_unfinished (whole));
  stopped = ub_journal_new (jobs, fixture->checked, phone, whole, &error);
  g_assert_no_error (error);
  opened = ub_journal_open (ub_journal_get_path (stopped), &error);
  g_assert_no_error (error);
  g_assert_true (ub_journal_remove (opened, &error));
  g_assert_true (ub_safety_copy_is_unfinished (whole));
  g_assert_true (ub_backup_verify (whole, NULL, NULL, NULL, &error));
  g_assert_no_error (error);

  same = save_nvram (fixture, "2", 7);
  settle (fixture, fixture->plan, same);
  g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_true (ub_safety_copy_remove (same, &error));
  torn = save_nvram (fixture, "3", 8);
  settle (fixture, fixture->plan, torn);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  /* once a job was finished, the phone may have changed by itself */
  later = save_nvram (fixture, "4", 9);
  settle (fixture, fixture->plan, later);
  g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_assert_cmpuint (ub_safety_copy_prune (copies, 0, 1, NULL), ==, 1);
  g_assert_true (g_file_test (ub_backup_get_folder (whole), G_FILE_TEST_IS_DIR));
  test_firmware_remove (copies);
}

/* an empty copy is put back over what the phone has */
static void
test_restore_nothing (Fixture *fixture, gconstpointer data)
{
  const char *const names[] = { "nvram", NULL };
  g_autofree char  *copies = g_strconcat (fixture->folder, "-copies", NULL);
  g_autoptr (UbBackup) empty = NULL;
  g_autoptr (UbBackup) now = NULL;
  g_autoptr (UbPlan) plan = NULL;

  memcpy (fixture->report.cid, "\x15\x01\x00UNBRICK!\x01\x02\x03\x04", 16);
  empty = save_nvram (fixture, "1", 0);
  now = save_nvram (fixture, "2", 7);
  plan = ub_plan_new_restore (empty, names, FALSE);
  settle (fixture, plan, now);
  g_assert_true (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  g_clear_object (&plan);
  plan = ub_plan_new_restore (now, names, FALSE);
  settle (fixture, plan, empty);
  g_assert_false (has_issue (fixture, UB_ISSUE_DANGER, UB_ERROR_PROTECTED, "nvram"));
  test_firmware_remove (copies);
}

/* --- every map we have onto a phone with every other one's table --- */

/* what a map says of the user area, as the table of a phone of this size */
static UbLayout *
layout_of (UbFirmware *firmware, guint64 user_size)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);
  gboolean   is_pmt = ub_firmware_find_partition (firmware, UB_STORAGE_EMMC, "MBR") != NULL;
  UbLayout  *layout = ub_layout_new (is_pmt ? UB_LAYOUT_PMT : UB_LAYOUT_GPT);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            start = ub_partition_resolve_start (partition, user_size);

      if (partition->storage == UB_STORAGE_EMMC && partition->region == UB_REGION_EMMC_USER &&
          start != G_MAXUINT64 && partition->size > 0 &&
          (partition->role != UB_ROLE_TABLE || is_pmt))
        ub_layout_add (layout, partition->name, partition->region, start, partition->size);
    }
  return layout;
}

/* nothing that comes later meets what was put back */
static void
assert_put_back (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      for (guint j = i + 1; step->kind == UB_STEP_RESTORE && j < steps->len; j++)
        {
          const UbStep *later = g_ptr_array_index (steps, j);

          g_assert_true (later->kind == UB_STEP_VERIFY || later->region != step->region ||
                         !meet (later, step->offset, step->length));
        }
    }
}

static gboolean
try_pair (Fixture *fixture, UbFirmware *firmware, UbMode mode)
{
  const UbPlanChoice choice = { .mode = mode, .storage = UB_STORAGE_EMMC };
  g_autoptr (UbPhoneInfo) phone = make_phone (fixture);

  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->checked);
  fixture->plan = ub_plan_new (firmware, &choice);
  fixture->checked = ub_plan_check (fixture->plan, phone);
  /* one kind of table never comes after the other on one chip */
  if ((ub_firmware_find_partition (firmware, UB_STORAGE_EMMC, "MBR") != NULL) !=
          (fixture->layout->kind == UB_LAYOUT_PMT) ||
      find_step (fixture->checked, UB_STEP_TABLE, NULL) == NULL ||
      has_issue (fixture, UB_ISSUE_BLOCKER, UB_ERROR_WRONG_LAYOUT, NULL))
    return FALSE;
  assert_order (fixture->checked);
  assert_own_kept (fixture);
  assert_put_back (fixture->checked);
  return TRUE;
}

static GPtrArray *
open_corpus (void)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *corpus =
      shared != NULL ? g_build_filename (shared, "corpus/scatter", NULL) : NULL;
  g_autoptr (GDir) dir = corpus != NULL ? g_dir_open (corpus, 0, NULL) : NULL;
  GPtrArray  *maps = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (corpus, name, NULL);
      UbFirmware      *firmware = ub_firmware_open (path, NULL, NULL, NULL, NULL, NULL);

      if (firmware != NULL && (ub_firmware_get_storages (firmware) & (1u << UB_STORAGE_EMMC)) != 0)
        g_ptr_array_add (maps, firmware);
      else
        g_clear_object (&firmware);
    }
  return maps;
}

static void
test_pairs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) maps = open_corpus ();
  guint n = 0;

  if (maps->len == 0)
    {
      g_test_skip ("no corpus");
      return;
    }
  fixture->report.user_size = G_GUINT64_CONSTANT (64) << 30;
  for (guint i = 0; i < maps->len; i++)
    for (guint j = i % 7; j < maps->len; j += 7)
      {
        g_clear_pointer (&fixture->layout, ub_layout_free);
        fixture->layout = layout_of (g_ptr_array_index (maps, i), fixture->report.user_size);
        n += try_pair (fixture, g_ptr_array_index (maps, j), UB_MODE_FIRMWARE_UPGRADE) ? 1 : 0;
        n += try_pair (fixture, g_ptr_array_index (maps, j), UB_MODE_FORMAT_ALL) ? 1 : 0;
      }
  g_test_message ("%u pairs", n);
  g_assert_cmpuint (n, >, 200);
}

#define ADD(path, func)                                                                            \
  g_test_add ("/engine/plan-losses/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("behind-the-last", test_behind_the_last);
  ADD ("twins", test_twins);
  ADD ("strange-names", test_strange_names);
  ADD ("no-size", test_no_size);
  ADD ("protected-ticked", test_protected_ticked);
  ADD ("table-elsewhere", test_table_elsewhere);
  ADD ("promises", test_promises);
  ADD ("folder-touched", test_folder_touched);
  ADD ("table-file-changed", test_table_file_changed);
  ADD ("same-plan", test_same_plan);
  ADD ("pairs", test_pairs);
  ADD ("lost-before", test_lost_before);
  ADD ("erase-words", test_erase_words);
  ADD ("given-up", test_given_up);
  ADD ("restore-nothing", test_restore_nothing);
  return g_test_run ();
}
