/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/ub-backup.h"
#include "tests/engine/test-session-modes.h"

/* What happens at the worst moment. */

static const guint8 used[16] = "used meanwhile.";

static const UbPartition *
find_part (Bench *bench, const char *name)
{
  return ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, name);
}

/* an agent for jobs without a firmware */
static const char *
own_agent (Bench *bench)
{
  return g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
}

static UbPlan *
plan_erase_nvram (void)
{
  const char *const  names[] = { "nvram", NULL };
  const UbPlanTarget target = { .names = names, .expert = TRUE };

  return ub_plan_new_erase (&target);
}

static void
run_heard (Bench *bench, UbPlan *plan, GCallback on_question, gpointer user_data)
{
  const char            *agents[] = { own_agent (bench), NULL };
  const UbSessionOptions options = { .agents = agents, .wait_ms = 60000, .may_ask = TRUE };
  g_autoptr (UbSession) session = session_new (bench, plan, &options);

  g_clear_object (&bench->report);
  g_signal_connect (session, "notify::question", on_question, user_data);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, user_data);
}

/* --- the good-bye --- */

/* everything is written and read back: a phone that is too tired to say good-bye is done all the same */
static void
test_no_good_bye (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  mischief (bench, "silent-at-command agent:DB");
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  g_assert_no_error (ub_report_get_error (bench->report));
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_DONE);
  g_assert_true (has_finding (bench, "power key"));
  assert_only_images_written (bench);
  g_assert_cmpuint (count_journals (bench), ==, 0);
}

/* --- questions --- */

typedef struct
{
  Bench         *bench;
  guint          n;
  UbQuestionKind last;
} Heard;

static void
on_impatient (UbSession *session, GParamSpec *pspec, Heard *heard)
{
  UbQuestion *question = ub_session_get_question (session);

  if (question == NULL)
    return;
  heard->n++;
  heard->last = question->kind;
  if (question->kind == UB_QUESTION_DANGER)
    {
      ub_session_answer (session, FALSE);
      return;
    }
  /* a button that is pressed again and again */
  for (guint i = 0; i < 200; i++)
    {
      ub_session_answer (session, TRUE);
      g_usleep (1000);
    }
}

/* nobody says yes to what was not yet shown */
static void
test_answer_is_for_what_is_shown (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbPlan) plan = plan_erase_nvram ();
  g_autofree char *line =
      g_strdup_printf ("read-fail %" G_GUINT64_FORMAT, find_part (bench, "nvram")->start + 4096);
  Heard heard = { .bench = bench };

  mischief (bench, line);
  run_heard (bench, plan, G_CALLBACK (on_impatient), &heard);
  g_assert_cmpuint (heard.n, ==, 2);
  g_assert_cmpint (heard.last, ==, UB_QUESTION_DANGER);
  assert_failed (bench, UB_ERROR_NOT_AGREED);
  assert_untouched (bench);
}

static void
on_used_meanwhile (UbSession *session, GParamSpec *pspec, Heard *heard)
{
  UbQuestion        *question = ub_session_get_question (session);
  const UbPartition *nvram = find_part (heard->bench, "nvram");

  if (question == NULL)
    return;
  heard->n++;
  if (heard->n == 1)
    {
      ub_practice_phone_unplug (heard->bench->phone);
      ub_practice_phone_poke (heard->bench->phone, nvram->region, nvram->start, used, sizeof used);
      plug (heard->bench);
    }
  ub_session_answer (session, TRUE);
}

/* a phone that was unplugged and used while a question waited is saved as it is then */
static void
test_used_meanwhile (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbPlan) plan = plan_erase_nvram ();
  g_autoptr (UbBackup) copy = NULL;
  Heard            heard = { .bench = bench };
  g_autofree char *data = NULL;
  gsize            size = 0;

  run_heard (bench, plan, G_CALLBACK (on_used_meanwhile), &heard);
  assert_done (bench);
  g_assert_cmpuint (heard.n, ==, 1);
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
  copy = ub_backup_open (ub_report_get_copy (bench->report), NULL);
  g_assert_nonnull (copy);
  g_assert_true (g_file_get_contents (ub_backup_find (copy, "nvram")->path, &data, &size, NULL));
  g_assert_cmpuint (size, >, sizeof used);
  g_assert_cmpmem (data, sizeof used, used, sizeof used);
  g_assert_cmpuint (count_journals (bench), ==, 0);
}

/* --- repair, gone on with --- */

typedef struct
{
  Bench    *bench;
  Reference reference;
} Repair;

static void
run_repair (Bench *bench)
{
  const char *const      only[] = { "lk", "system", NULL };
  const UbPlanChoice     choice = { .mode = UB_MODE_REPAIR, .only = only };
  const UbSessionOptions options = options_new ();
  g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);

  run_plan (bench, plan, &options);
}

/* lk and system differ; lk was mended, system could not be written */
static void
repair_init (Repair *repair)
{
  Bench           *bench = bench_new_full (&gpt_phone, FALSE);
  g_autofree char *line = NULL;

  repair->bench = bench;
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    repair->reference.data[i] = dump (bench, regions[i]);
  spoil (bench, "lk", 1000);
  spoil (bench, "system", 4096);
  replug (bench);
  line = g_strdup_printf ("write-fail %" G_GUINT64_FORMAT, find_part (bench, "system")->start);
  mischief (bench, line);
  run_repair (bench);
  assert_failed (bench, UB_ERROR_STORAGE_WRITE);
  g_assert_true (may_go_on (bench));
  mischief (bench, "none");
  replug (bench);
}

static void
repair_clear (Repair *repair)
{
  reference_clear (&repair->reference);
  bench_free (repair->bench);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Repair, repair_clear)

/* what was written before is still read back, though nothing else differs any more */
static void
test_repair_reads_back (void)
{
  g_auto (Repair) repair = { 0 };
  const UbPartition *system = NULL;

  repair_init (&repair);
  system = find_part (repair.bench, "system");
  ub_practice_phone_poke (repair.bench->phone,
                          system->region,
                          system->start,
                          repair.reference.data[2] + system->start,
                          MIB);
  spoil (repair.bench, "lk", 2000);
  run_journal (repair.bench);
  assert_done (repair.bench);
  assert_like (repair.bench, &repair.reference);
  g_assert_false (has_finding (repair.bench, "Nothing was written"));
}

/* what differs before the place where it stopped is written, too */
static void
test_repair_looks_back (void)
{
  g_auto (Repair) repair = { 0 };
  g_autoptr (UbJournal) journal = NULL;

  repair_init (&repair);
  journal = ub_journal_open (ub_report_get_can_go_on (repair.bench->report), NULL);
  g_assert_true (ub_journal_mark (journal, ub_journal_get_step (journal), 2 * MIB, TRUE, NULL));
  run_journal (repair.bench);
  assert_done (repair.bench);
  assert_like (repair.bench, &repair.reference);
}

/* raw bytes that look like a sparse image, but lie in the middle of a raw one, are only compared */
static void
test_repair_of_an_image_in_an_image (void)
{
  static const guint8          magic[] = { 0x3a, 0xff, 0x26, 0xed };
  const UbPracticePhoneOptions big = { .chip = "MT6580", .user_size = 128 * MIB };
  g_autoptr (Bench) bench = bench_new_full (&big, FALSE);
  Reference        reference = { 0 };
  g_autofree char *data = NULL;
  gsize            size = 0;

  g_clear_object (&bench->firmware);
  g_assert_true (ub_practice_firmware_write (bench->phone, bench->folder, 20 * MIB, FALSE, NULL));
  bench->firmware = open_firmware (bench->folder);
  {
    const char *path = find_part (bench, "system")->image_path;

    g_assert_true (g_file_get_contents (path, &data, &size, NULL));
    g_assert_cmpuint (size, >, 17 * MIB);
    memcpy (data + 16 * MIB, magic, sizeof magic);
    g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  }
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    reference.data[i] = dump (bench, regions[i]);
  spoil (bench, "system", 4096);
  replug (bench);
  run_repair (bench);
  assert_done (bench);
  assert_like (bench, &reference);
  reference_clear (&reference);
}

typedef struct
{
  Bench  *bench;
  guint64 after;
} Puller;

static void
pull_at_same_place (UbPracticePhone *phone, gpointer user_data)
{
  Puller          *puller = user_data;
  g_autofree char *line =
      g_strdup_printf ("unplug-after-output-bytes %" G_GUINT64_FORMAT, puller->after);

  g_assert_cmpuint (++puller->bench->n_pulled, <, 20);
  mischief (puller->bench, line);
}

/* beginning anew is no getting further: a cable that always drops while it compares is given up */
static void
test_vain_comparing (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  Puller  puller = { .bench = bench };
  guint64 begin;

  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  replug (bench);
  begin = ub_practice_phone_get_output_bytes (bench->phone);
  run_repair (bench);
  assert_done (bench);
  /* the system, 3 MiB, comes last */
  puller.after = ub_practice_phone_get_output_bytes (bench->phone) - begin - MIB;
  replug (bench);
  set_replug (bench);
  ub_practice_phone_set_pulled (bench->phone, pull_at_same_place, &puller);
  pull_at_same_place (bench->phone, &puller);
  run_repair (bench);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  g_assert_false (ub_report_was_written (bench->report));
  g_assert_cmpuint (bench->n_pulled, <=, 8);
  g_assert_cmpuint (bench->n_pulled, >=, 5);
}

/* --- Memory test --- */

static guint
count_findings (Bench *bench, const char *text)
{
  const char *const *findings = ub_report_get_findings (bench->report);
  guint              n = 0;

  for (gsize i = 0; findings[i] != NULL; i++)
    n += strstr (findings[i], text) != NULL ? 1 : 0;
  return n;
}

/* a bad place is bad once, however often the cable drops beside it */
static void
test_bad_place_once (void)
{
  for (guint64 at = 22; at <= 38; at += 4)
    {
      const UbPlanTarget target = { .whole = TRUE };
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
      const char      *agents[] = { own_agent (bench), NULL };
      UbSessionOptions options = options_new ();
      g_autoptr (UbPlan) plan = ub_plan_new_test (&target);
      g_autofree char *line =
          g_strdup_printf ("unplug-after-output-bytes %" G_GUINT64_FORMAT, at * MIB);

      options.agents = agents;
      set_replug (bench);
      mischief (bench, "read-fail 20971520");
      mischief (bench, line);
      run_plan (bench, plan, &options);
      assert_done (bench);
      assert_untouched (bench);
      g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
      g_assert_cmpuint (count_findings (bench, "0x1400000"), ==, 1);
      g_assert_true (has_finding (bench, "1 bad place"));
      g_assert_cmpuint (count_findings (bench, "CID"), ==, 1);
    }
}

/* --- drops at the worst places --- */

static void
pull_thrice (UbPracticePhone *phone, gpointer user_data)
{
  Bench *bench = user_data;

  if (++bench->n_pulled < 3)
    mischief (bench, "unplug-after-bytes 300000");
}

/* again and again in the same part */
static void
test_three_drops (void)
{
  for (guint sparse = 0; sparse < 2; sparse++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, sparse != 0);

      set_replug (bench);
      ub_practice_phone_set_pulled (bench->phone, pull_thrice, bench);
      mischief (bench, "unplug-after-bytes 3000000");
      run_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
      assert_done (bench);
      g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 3);
      assert_only_images_written (bench);
    }
}

/* in the agent's upload, at an erase, at a write, and at the good-bye */
static void
test_drop_at_commands (void)
{
  static const char *const lines[] = { "unplug-after-bytes 20000",
                                       "unplug-at-command agent:D4",
                                       "unplug-at-command agent:61",
                                       "unplug-at-command agent:DB" };
  Reference                reference = { 0 };

  make_reference (&reference, &gpt_phone, UB_MODE_FORMAT_ALL);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

      set_replug (bench);
      mischief (bench, lines[i]);
      run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
      g_assert_no_error (ub_report_get_error (bench->report));
      g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_DONE);
      assert_like (bench, &reference);
      g_assert_cmpuint (count_journals (bench), ==, 0);
    }
  reference_clear (&reference);
}

static void
lose_preloader (UbPracticePhone *phone, gpointer user_data)
{
  static const guint8 nothing[4096] = { 0 };

  ub_practice_phone_poke (phone, UB_REGION_EMMC_BOOT1, 0, nothing, sizeof nothing);
}

/* half a preloader is none: the phone comes back as boot ROM, and gets its memory settings from the firmware */
static void
test_comes_back_as_boot_rom (void)
{
  const UbPlanChoice     choice = { .mode = UB_MODE_FORMAT_ALL,
                                    .preloader = UB_PRELOADER_WRITE,
                                    .verify_all = TRUE };
  const UbSessionOptions options = options_new ();
  Reference              reference = { 0 };

  make_reference (&reference, &gpt_phone, UB_MODE_FORMAT_ALL);
  for (guint i = 80; i <= 96; i += 4)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
      g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);

      set_replug (bench);
      ub_practice_phone_set_pulled (bench->phone, lose_preloader, bench);
      unplug_at (bench, &reference, i, 100);
      run_plan (bench, plan, &options);
      assert_done (bench);
      g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
      {
        g_autofree guint8 *boot1 = dump (bench, UB_REGION_EMMC_BOOT1);

        g_assert_cmpmem (boot1, 4096, reference.data[0], 4096);
      }
    }
  reference_clear (&reference);
}

static void
forget_journal (UbPracticePhone *phone, gpointer user_data)
{
  remove_folder (((Bench *) user_data)->jobs);
}

/* nothing can be noted any more: the job goes on all the same */
static void
test_journal_is_gone (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  set_replug (bench);
  ub_practice_phone_set_pulled (bench->phone, forget_journal, bench);
  mischief (bench, "unplug-after-bytes 3000000");
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  assert_only_images_written (bench);
}

/* an image that ends in the middle of a sector */
static void
test_odd_image (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autofree char *path = g_strdup (find_part (bench, "system")->image_path);
  g_autofree char *data = NULL;
  gsize            size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (g_file_set_contents (path, data, (gssize) size - 435, NULL));
  g_clear_object (&bench->firmware);
  bench->firmware = open_firmware (bench->folder);
  set_replug (bench);
  ub_practice_phone_set_pulled (bench->phone, pull_thrice, bench);
  mischief (bench, "unplug-after-bytes 3000000");
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  assert_done (bench);
  assert_only_images_written (bench);
}

/* --- files that change between the drop and going on --- */

static void
test_image_changes_meanwhile (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autofree char *path = g_strdup (find_part (bench, "system")->image_path);
  g_autofree char *away = g_strconcat (path, ".away", NULL);
  g_autofree char *journal_path = NULL;
  g_autoptr (UbJournal) journal = NULL;
  g_autofree char *data = NULL;
  gsize            size = 0;

  mischief (bench, "unplug-after-bytes 3000000");
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  g_assert_true (may_go_on (bench));
  journal_path = g_strdup (ub_report_get_can_go_on (bench->report));
  plug (bench);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpint (g_rename (path, away), ==, 0);
  journal = ub_journal_open (journal_path, NULL);
  g_assert_null (ub_journal_dup_plan (journal, NULL, NULL));
  data[size / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  {
    UbSessionOptions options = options_new ();
    g_autoptr (UbPlan) plan = ub_journal_dup_plan (journal, NULL, NULL);
    guint writes = ub_practice_phone_get_writes (bench->phone);

    options.journal = journal;
    if (plan != NULL)
      {
        run_plan (bench, plan, &options);
        assert_failed (bench, UB_ERROR_FILE_READ);
      }
    g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, writes);
  }
  g_assert_cmpint (g_rename (away, path), ==, 0);
  run_journal (bench);
  assert_done (bench);
}

/* --- Stop, too late --- */

static void
on_late (UbSession *session, GParamSpec *pspec, Bench *bench)
{
  if (ub_session_get_state (session) == UB_SESSION_FINISHING)
    g_cancellable_cancel (bench->cancellable);
}

static void
test_stop_too_late (void)
{
  const UbSessionOptions options = options_new ();
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  g_autoptr (UbSession) session = session_new (bench, plan, &options);

  g_signal_connect (session, "notify::state", G_CALLBACK (on_late), bench);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, bench);
  assert_done (bench);
  assert_only_images_written (bench);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/session-nasty/no-good-bye", test_no_good_bye);
  g_test_add_func ("/engine/session-nasty/answer-is-for-what-is-shown",
                   test_answer_is_for_what_is_shown);
  g_test_add_func ("/engine/session-nasty/used-meanwhile", test_used_meanwhile);
  g_test_add_func ("/engine/session-nasty/repair-reads-back", test_repair_reads_back);
  g_test_add_func ("/engine/session-nasty/repair-looks-back", test_repair_looks_back);
  g_test_add_func ("/engine/session-nasty/repair-of-an-image-in-an-image",
                   test_repair_of_an_image_in_an_image);
  g_test_add_func ("/engine/session-nasty/vain-comparing", test_vain_comparing);
  g_test_add_func ("/engine/session-nasty/bad-place-once", test_bad_place_once);
  g_test_add_func ("/engine/session-nasty/three-drops", test_three_drops);
  g_test_add_func ("/engine/session-nasty/drop-at-commands", test_drop_at_commands);
  g_test_add_func ("/engine/session-nasty/comes-back-as-boot-rom", test_comes_back_as_boot_rom);
  g_test_add_func ("/engine/session-nasty/journal-is-gone", test_journal_is_gone);
  g_test_add_func ("/engine/session-nasty/odd-image", test_odd_image);
  g_test_add_func ("/engine/session-nasty/image-changes-meanwhile", test_image_changes_meanwhile);
  g_test_add_func ("/engine/session-nasty/stop-too-late", test_stop_too_late);
  return g_test_run ();
}
