/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/ub-backup.h"
#include "tests/engine/test-session-modes.h"

/* What a phone must still hold whatever is done to it, and however often it is interrupted. */

static const UbPracticePhoneOptions ebr_phone = { .chip = "MT6582", .table = UB_TABLE_EBR };
static const UbPracticePhoneOptions old_rom = { .chip = "MT6580", .enter = UB_ENTER_BOOT_ROM };

static const UbMode modes[] = { UB_MODE_DOWNLOAD_ONLY,
                                UB_MODE_FIRMWARE_UPGRADE,
                                UB_MODE_FORMAT_ALL };

/* what belongs to the phone alone, by a firmware's map */
static gboolean
is_own (const UbPartition *partition)
{
  return partition->role == UB_ROLE_PROTECTED && partition->region == UB_REGION_EMMC_USER &&
         partition->size > 0 && !partition->from_end;
}

/* every protected part of @old is at its place in @now, with what it held before */
static void
assert_own_kept (Bench *bench, UbFirmware *old, UbFirmware *now)
{
  GPtrArray         *parts = ub_firmware_get_partitions (old);
  g_autofree guint8 *after = dump (bench, UB_REGION_EMMC_USER);
  guint              n = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const UbPartition *one = g_ptr_array_index (parts, i);
      const UbPartition *other = ub_firmware_find_partition (now, UB_STORAGE_EMMC, one->name);

      if (!is_own (one) || other == NULL)
        continue;
      n++;
      if (memcmp (after + other->start,
                  bench->before[2] + one->start,
                  MIN (one->size, other->size)) != 0)
        g_error ("%s was not kept", one->name);
    }
  g_assert_cmpuint (n, >, 0);
}

static void
assert_erased (Bench *bench, const char *name)
{
  const UbPartition *part = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, name);
  guint8             data[4096];

  g_assert_cmpuint (part->image_size, <, part->size - sizeof data);
  ub_practice_phone_peek (bench->phone,
                          part->region,
                          part->start + part->size - sizeof data,
                          data,
                          sizeof data);
  for (gsize i = 1; i < sizeof data; i++)
    g_assert_cmpuint (data[i], ==, data[0]);
}

/* --- whole runs --- */

static void
test_mode (const UbPracticePhoneOptions *options, UbMode mode)
{
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);

  spoil (bench,
         "cache",
         ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "cache")->size - 4096);
  run_mode (bench, mode, FALSE);
  assert_done (bench);
  if (mode != UB_MODE_DOWNLOAD_ONLY)
    assert_erased (bench, "cache");
  assert_own_kept (bench, bench->firmware, bench->firmware);
  g_assert_false (bench->ran_backwards);
  g_assert_false (may_go_on (bench));
  g_assert_nonnull (ub_report_get_copy (bench->report));
  g_assert_cmpuint (count_journals (bench), ==, 0);
  g_assert_cmpuint (bench->states & 1u << UB_SESSION_DONE, !=, 0);
}

static void
test_modes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      test_mode (&gpt_phone, modes[i]);
      test_mode (&ebr_phone, modes[i]);
      test_mode (&old_rom, modes[i]);
    }
}

/* a firmware that divides the memory up otherwise: what is the phone's own moves with it */
static void
test_layout (const UbPracticePhoneOptions *options, UbMode mode)
{
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);
  g_autofree char *other = g_build_filename (bench->home, "other", NULL);
  g_autoptr (UbFirmware) old = g_object_ref (bench->firmware);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  ub_practice_firmware_write_other (bench->phone, other, 3 * MIB, FALSE, &error);
  g_assert_no_error (error);
  g_clear_object (&bench->firmware);
  bench->firmware = open_firmware (other);
  run_mode (bench, mode, TRUE);
  if (mode == UB_MODE_DOWNLOAD_ONLY)
    {
      assert_failed (bench, UB_ERROR_WRONG_LAYOUT);
      assert_untouched (bench);
      return;
    }
  assert_done (bench);
  assert_own_kept (bench, old, bench->firmware);
  /* and the phone is now one that fits this firmware */
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  assert_own_kept (bench, old, bench->firmware);
}

static void
test_layouts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      test_layout (&gpt_phone, modes[i]);
      test_layout (&ebr_phone, modes[i]);
    }
}

/* --- the cable --- */

/* pulled and plugged in again: nobody has to do anything, and the phone is the same at the end */
static void
test_drops (void)
{
  const guint n = 7;

  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      Reference reference = { 0 };

      make_reference (&reference, &gpt_phone, modes[m]);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

          set_replug (bench);
          unplug_at (bench, &reference, i, n);
          /* reading back would mend what going on forgot */
          run_mode (bench, modes[m], FALSE);
          assert_done (bench);
          assert_like (bench, &reference);
          g_assert_false (bench->ran_backwards);
          g_assert_cmpuint (count_journals (bench), ==, 0);
          g_assert_true (ub_report_get_n_drops (bench->report) == 1 || i == 0);
        }
      reference_clear (&reference);
    }
}

static void
lose_system (UbPracticePhone *phone, gpointer user_data)
{
  spoil (user_data, "system", 4096);
}

/* what the phone had said yes to, and lost with its power, is found by reading back, and written again, once */
static void
test_lost_with_power (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  Reference reference = { 0 };

  make_reference (&reference, &gpt_phone, UB_MODE_DOWNLOAD_ONLY);
  set_replug (bench);
  ub_practice_phone_set_pulled (bench->phone, lose_system, bench);
  unplug_at (bench, &reference, 98, 100);
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
  assert_done (bench);
  assert_like (bench, &reference);
  reference_clear (&reference);
}

/* an agent that erases more than it was told takes the phone's own with it: it comes back from the copy */
static void
test_wide_erase (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

      mischief (bench, "erase-group 4194304");
      run_mode (bench, i == 0 ? UB_MODE_FORMAT_ALL : UB_MODE_FIRMWARE_UPGRADE, FALSE);
      assert_done (bench);
      g_assert_true (has_finding (bench, "nvram"));
      assert_own_kept (bench, bench->firmware, bench->firmware);
    }
}

/* the same with nobody there to go on but a new session, made from the journal */
static void
test_journal (void)
{
  const guint n = 7;

  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      Reference reference = { 0 };
      guint     n_gone_on = 0;

      make_reference (&reference, &gpt_phone, modes[m]);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
          guint64 written;

          unplug_at (bench, &reference, i, n);
          run_mode (bench, modes[m], FALSE);
          assert_failed (bench,
                         i == 0 ? ub_report_get_error (bench->report)->code : UB_ERROR_LINK_LOST);
          g_assert_true (may_go_on (bench) == ub_report_was_written (bench->report));
          written = ub_report_get_bytes (bench->report);
          plug (bench);
          if (may_go_on (bench))
            run_journal (bench);
          else
            run_mode (bench, modes[m], FALSE);
          n_gone_on += ub_report_was_written (bench->report) ? 1 : 0;
          assert_done (bench);
          assert_like (bench, &reference);
          g_assert_cmpuint (count_journals (bench), ==, 0);
          /* what was whole is not written again: no part is bigger than this */
          g_assert_cmpuint (ub_report_get_bytes (bench->report) + written,
                            <=,
                            reference.written + 3 * MIB);
        }
      g_assert_cmpuint (n_gone_on, >, 3);
      reference_clear (&reference);
    }
}

/* stopped anywhere, and gone on with later */
static void
test_stop (void)
{
  const guint n = 7;
  Reference   reference = { 0 };
  guint       n_stopped = 0;

  make_reference (&reference, &gpt_phone, UB_MODE_FORMAT_ALL);
  for (guint i = 1; i < n; i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

      cut (bench, 1 + reference.input * i / n);
      run_mode (bench, UB_MODE_FORMAT_ALL, TRUE);
      TEST_CUT_SOURCE (bench->source)->cancel_at = 0;
      g_cancellable_reset (bench->cancellable);
      if (ub_report_get_result (bench->report) == UB_RESULT_CANCELLED)
        {
          n_stopped++;
          g_assert_true (ub_report_was_written (bench->report) ==
                         (ub_practice_phone_get_writes (bench->phone) > 0));
          g_assert_true (may_go_on (bench) == ub_report_was_written (bench->report));
          ub_practice_phone_unplug (bench->phone);
          ub_practice_phone_plug (bench->phone);
          if (may_go_on (bench))
            run_journal (bench);
          else
            run_mode (bench, UB_MODE_FORMAT_ALL, TRUE);
        }
      assert_done (bench);
      assert_like (bench, &reference);
    }
  g_assert_cmpuint (n_stopped, >, 3);
  reference_clear (&reference);
}

#define PULL_AT_THE_TABLE "unplug-at-command agent:D6"

static void
pull_again (UbPracticePhone *phone, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_pulled++;
  mischief (bench, PULL_AT_THE_TABLE);
}

/* a cable that drops at the same place every time is given up */
static void
test_vain_drops (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  set_replug (bench);
  ub_practice_phone_set_pulled (bench->phone, pull_again, bench);
  mischief (bench, PULL_AT_THE_TABLE);
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  assert_untouched (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 5);
  g_assert_false (may_go_on (bench));
}

/* --- other phones --- */

/* the cable is pulled once, and the wrong phone is plugged in before the right one */
static void
check_other (const UbPracticePhoneOptions *options, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPracticePhone) stranger = ub_practice_phone_new (options, &error);
  g_autofree char *folder = g_dir_make_tmp ("unbrick-session-XXXXXX", NULL);
  g_autoptr (UbLinkSource) other = NULL;
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  TestCutSource *source;

  g_assert_no_error (error);
  ub_practice_firmware_write (stranger, folder, MIB, FALSE, &error);
  g_assert_no_error (error);
  ub_practice_phone_mischief (stranger, line, &error);
  g_assert_no_error (error);
  other = ub_practice_source_new (stranger, FALSE, 0, 0);
  g_assert_true (ub_link_source_start (other, &error));
  set_replug (bench);
  mischief (bench, "unplug-after-bytes 3000000");
  cut (bench, 0);
  source = TEST_CUT_SOURCE (bench->source);
  source->other = other;
  source->other_at = 1;
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  assert_only_images_written (bench);
  g_assert_cmpuint (source->n_waits, >=, 3);
  g_assert_cmpuint (ub_practice_phone_get_writes (stranger), ==, 0);
  g_assert_true (has_finding (bench, "Another phone"));
  ub_link_source_stop (other);
  remove_folder (folder);
}

static void
test_other_phone (void)
{
  const UbPracticePhoneOptions other_chip = { .chip = "MT6582" };
  const UbPracticePhoneOptions other_serial = { .chip = "MT6580", .serial = 7 };

  check_other (&other_chip, "none");
  check_other (&other_serial, "none");
  /* the right one has told its number, so this cannot be it */
  check_other (&other_serial, "nameless");
}

/* --- a journal that does not fit any more --- */

static void
cut_upgrade (Bench *bench)
{
  mischief (bench, "unplug-after-bytes 3000000");
  run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  g_assert_true (may_go_on (bench));
  plug (bench);
}

static void
test_journal_without_copy (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  guint writes;

  cut_upgrade (bench);
  writes = ub_practice_phone_get_writes (bench->phone);
  remove_folder (bench->copies);
  run_journal (bench);
  assert_failed (bench, UB_ERROR_BAD_BACKUP);
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, writes);
  g_assert_true (may_go_on (bench));
}

static void
test_journal_bad_copy (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autofree char *path = NULL;
  g_autofree char *data = NULL;
  gsize            size;
  guint            writes;

  cut_upgrade (bench);
  writes = ub_practice_phone_get_writes (bench->phone);
  path = g_build_filename (ub_report_get_copy (bench->report), "nvram.bin", NULL);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  data[size / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  run_journal (bench);
  assert_failed (bench, UB_ERROR_BAD_BACKUP);
  g_assert_nonnull (strstr (ub_report_get_error (bench->report)->message, "nvram"));
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, writes);
}

/* steps that are not those the job began with are not taken for them */
static void
test_journal_other_steps (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbJournal) journal = NULL;
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  UbSessionOptions options = options_new ();
  guint            writes;

  cut_upgrade (bench);
  writes = ub_practice_phone_get_writes (bench->phone);
  journal = ub_journal_open (ub_report_get_can_go_on (bench->report), NULL);
  options.journal = journal;
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_FILE_READ);
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, writes);
  g_assert_true (may_go_on (bench));
}

/* the first table is gone, but not the second one */
static void
test_second_table (void)
{
  static const guint8 nothing[512] = { 0 };
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  for (guint i = 0; i < 34; i++)
    ub_practice_phone_poke (bench->phone, UB_REGION_EMMC_USER, i * 512, nothing, sizeof nothing);
  run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  assert_done (bench);
  assert_own_kept (bench, bench->firmware, bench->firmware);
  g_assert_cmpint (ub_phone_info_get_layout (ub_report_get_phone (bench->report))->kind,
                   ==,
                   UB_LAYOUT_GPT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/session-modes/modes", test_modes);
  g_test_add_func ("/engine/session-modes/layouts", test_layouts);
  g_test_add_func ("/engine/session-modes/drops", test_drops);
  g_test_add_func ("/engine/session-modes/lost-with-power", test_lost_with_power);
  g_test_add_func ("/engine/session-modes/wide-erase", test_wide_erase);
  g_test_add_func ("/engine/session-modes/journal", test_journal);
  g_test_add_func ("/engine/session-modes/journal-without-copy", test_journal_without_copy);
  g_test_add_func ("/engine/session-modes/journal-bad-copy", test_journal_bad_copy);
  g_test_add_func ("/engine/session-modes/journal-other-steps", test_journal_other_steps);
  g_test_add_func ("/engine/session-modes/second-table", test_second_table);
  g_test_add_func ("/engine/session-modes/stop", test_stop);
  g_test_add_func ("/engine/session-modes/vain-drops", test_vain_drops);
  g_test_add_func ("/engine/session-modes/other-phone", test_other_phone);
  return g_test_run ();
}
