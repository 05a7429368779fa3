/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/ub-backup.h"
#include "tests/engine/test-bench.h"
#include "tests/engine/test-cut-source.h"

/* What a phone must still hold whatever is done to it, and however often it is interrupted. */

#define REPLUG_MS 500

static const UbPracticePhoneOptions gpt_phone = { .chip = "MT6580" };
static const UbPracticePhoneOptions ebr_phone = { .chip = "MT6582", .table = UB_TABLE_EBR };
static const UbPracticePhoneOptions old_rom = { .chip = "MT6580", .enter = UB_ENTER_BOOT_ROM };

static const UbMode modes[] = { UB_MODE_DOWNLOAD_ONLY,
                                UB_MODE_FIRMWARE_UPGRADE,
                                UB_MODE_FORMAT_ALL };

/* --- helpers --- */

static UbPlan *
plan_mode (Bench *bench, UbMode mode, gboolean verify_all)
{
  const UbPlanChoice choice = { .mode = mode, .verify_all = verify_all };

  return ub_plan_new (bench->firmware, &choice);
}

static UbSessionOptions
options_new (void)
{
  return (UbSessionOptions){ .wait_ms = 60000,
                             .consents = 1u << UB_QUESTION_DANGER | 1u << UB_QUESTION_REPAIR };
}

static void
run_mode (Bench *bench, UbMode mode, gboolean verify_all)
{
  const UbSessionOptions options = options_new ();
  g_autoptr (UbPlan) plan = plan_mode (bench, mode, verify_all);

  run_plan (bench, plan, &options);
}

/* a new session, as after the program was killed */
static void
run_journal (Bench *bench)
{
  UbSessionOptions options = options_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (ub_report_get_can_go_on (bench->report));
  g_autoptr (UbJournal) journal = ub_journal_open (path, &error);
  g_autoptr (UbPlan) plan = NULL;

  g_assert_no_error (error);
  plan = ub_journal_dup_plan (journal, NULL, &error);
  g_assert_no_error (error);
  options.journal = journal;
  options.consents = 0;
  run_plan (bench, plan, &options);
}

static gboolean
may_go_on (Bench *bench)
{
  return ub_report_get_can_go_on (bench->report) != NULL;
}

static guint
count_journals (Bench *bench)
{
  g_autoptr (GPtrArray) journals = ub_journal_list (bench->jobs);

  return journals->len;
}

static void
set_replug (Bench *bench)
{
  ub_practice_source_set_replug (UB_PRACTICE_SOURCE (bench->source), REPLUG_MS);
}

static void
plug (Bench *bench)
{
  ub_practice_source_plug (UB_PRACTICE_SOURCE (bench->source));
}

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

/* --- whole runs --- */

static void
test_mode (const UbPracticePhoneOptions *options, UbMode mode)
{
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);

  run_mode (bench, mode, FALSE);
  assert_done (bench);
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

typedef struct
{
  guint8 *data[G_N_ELEMENTS (regions)];
  guint64 input;
} Reference;

static void
reference_clear (Reference *reference)
{
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    g_free (reference->data[i]);
}

static void
make_reference (Reference *reference, const UbPracticePhoneOptions *options, UbMode mode)
{
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);
  guint64 before = ub_practice_phone_get_input_bytes (bench->phone);

  run_mode (bench, mode, TRUE);
  assert_done (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    reference->data[i] = dump (bench, regions[i]);
  reference->input = ub_practice_phone_get_input_bytes (bench->phone) - before;
}

static void
assert_like (Bench *bench, const Reference *reference)
{
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[i]);
      g_autofree guint8 *after = dump (bench, regions[i]);

      for (guint64 at = 0; at < size; at += 512)
        if (memcmp (after + at, reference->data[i] + at, 512) != 0)
          g_error ("%s differs at 0x%" G_GINT64_MODIFIER "x", ub_region_to_string (regions[i]), at);
    }
}

static void
unplug_at (Bench *bench, const Reference *reference, guint i, guint n)
{
  g_autofree char *line =
      g_strdup_printf ("unplug-after-bytes %" G_GUINT64_FORMAT, 1 + reference->input * i / n);

  mischief (bench, line);
}

/* pulled and plugged in again: nobody has to do anything, and the phone is the same at the end */
static void
test_drops (void)
{
  const guint n = 12;

  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      Reference reference = { 0 };

      make_reference (&reference, &gpt_phone, modes[m]);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

          set_replug (bench);
          unplug_at (bench, &reference, i, n);
          run_mode (bench, modes[m], TRUE);
          assert_done (bench);
          assert_like (bench, &reference);
          g_assert_false (bench->ran_backwards);
          g_assert_cmpuint (count_journals (bench), ==, 0);
          g_assert_true (ub_report_get_n_drops (bench->report) == 1 || i == 0);
        }
      reference_clear (&reference);
    }
}

/* the same with nobody there to go on but a new session, made from the journal */
static void
test_journal (void)
{
  const guint n = 12;

  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      Reference reference = { 0 };
      guint     n_gone_on = 0;

      make_reference (&reference, &gpt_phone, modes[m]);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

          unplug_at (bench, &reference, i, n);
          run_mode (bench, modes[m], TRUE);
          assert_failed (bench,
                         i == 0 ? ub_report_get_error (bench->report)->code : UB_ERROR_LINK_LOST);
          g_assert_true (may_go_on (bench) == ub_report_was_written (bench->report));
          plug (bench);
          if (may_go_on (bench))
            run_journal (bench);
          else
            run_mode (bench, modes[m], TRUE);
          n_gone_on += ub_report_was_written (bench->report) ? 1 : 0;
          assert_done (bench);
          assert_like (bench, &reference);
          g_assert_cmpuint (count_journals (bench), ==, 0);
        }
      g_assert_cmpuint (n_gone_on, >, 6);
      reference_clear (&reference);
    }
}

static void
cut (Bench *bench, guint64 cancel_at)
{
  TestCutSource *source = test_cut_source_new (bench->source, bench->cancellable);

  source->cancel_at = cancel_at;
  g_object_unref (bench->source);
  bench->source = UB_LINK_SOURCE (source);
}

/* stopped anywhere, and gone on with later */
static void
test_stop (void)
{
  const guint n = 12;
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
  g_assert_cmpuint (n_stopped, >, 6);
  reference_clear (&reference);
}

/* a cable that drops whenever anything is said is given up */
static void
test_vain_drops (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  set_replug (bench);
  mischief (bench, "unplug-at-command agent:D1");
  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  if (ub_report_get_result (bench->report) == UB_RESULT_DONE)
    return; /* this line pulls the cable once only */
  assert_failed (bench, UB_ERROR_LINK_LOST);
  assert_untouched (bench);
}

/* --- other phones --- */

/* the cable is pulled once, and the wrong phone is plugged in before the right one */
static void
check_other (const UbPracticePhoneOptions *options)
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
  g_assert_cmpuint (bench->requests & 1u << UB_REQUEST_OTHER_PHONE, !=, 0);
  ub_link_source_stop (other);
  remove_folder (folder);
}

static void
test_other_phone (void)
{
  const UbPracticePhoneOptions other_chip = { .chip = "MT6582" };
  const UbPracticePhoneOptions other_serial = { .chip = "MT6580", .serial = 7 };

  check_other (&other_chip);
  check_other (&other_serial);
}

/* --- questions --- */

typedef struct
{
  Bench         *bench;
  gboolean       yes;
  gboolean       stop;
  UbQuestionKind kind;
  guint          n;
} Answer;

static void
on_question (UbSession *session, GParamSpec *pspec, Answer *answer)
{
  UbQuestion *question = ub_session_get_question (session);

  if (question == NULL)
    return;
  answer->kind = question->kind;
  answer->n++;
  g_assert_cmpuint (strlen (question->title), >, 0);
  g_assert_cmpuint (strlen (question->text), >, 0);
  g_assert_cmpuint (strlen (question->verb), >, 0);
  g_assert_cmpuint (g_strv_length (question->details), >, 0);
  g_assert_true ((question->word != NULL) == (question->kind == UB_QUESTION_DANGER));
  if (answer->stop)
    g_cancellable_cancel (answer->bench->cancellable);
  else
    ub_session_answer (session, answer->yes);
}

static void
run_asked (Bench *bench, UbPlan *plan, Answer *answer)
{
  const UbSessionOptions options = { .wait_ms = 60000, .may_ask = TRUE };
  g_autoptr (UbSession) session = session_new (bench, plan, &options);

  answer->bench = bench;
  g_clear_object (&bench->report);
  g_signal_connect (session, "notify::question", G_CALLBACK (on_question), answer);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, answer);
  g_assert_null (ub_session_get_question (session));
}

static void
unreadable_nvram (Bench *bench)
{
  const UbPartition *nvram = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "nvram");
  g_autofree char   *line = g_strdup_printf ("read-fail %" G_GUINT64_FORMAT, nvram->start + 4096);

  mischief (bench, line);
}

static void
test_incomplete (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
      g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
      Answer answer = { .yes = i == 0, .stop = i == 2 };

      unreadable_nvram (bench);
      run_asked (bench, plan, &answer);
      g_assert_cmpuint (answer.n, ==, 1);
      g_assert_cmpint (answer.kind, ==, UB_QUESTION_COPY_INCOMPLETE);
      if (i == 0)
        {
          g_autoptr (UbBackup) copy = NULL;

          assert_done (bench);
          assert_only_images_written (bench);
          copy = ub_backup_open (ub_report_get_copy (bench->report), NULL);
          g_assert_nonnull (copy);
          g_assert_true (ub_backup_find (copy, "nvram")->is_missing);
          g_assert_cmpuint (g_strv_length ((GStrv) ub_report_get_findings (bench->report)), >, 0);
          continue;
        }
      if (i == 1)
        assert_failed (bench, UB_ERROR_NO_SAFETY_COPY);
      else
        g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_CANCELLED);
      assert_untouched (bench);
      g_assert_cmpuint (count_journals (bench), ==, 0);
    }
}

/* nobody there to ask is a no */
static void
test_nobody_there (void)
{
  const char *const      names[] = { "nvram", NULL };
  const UbPlanTarget     target = { .names = names, .expert = TRUE };
  const UbSessionOptions options = { .wait_ms = 60000 };
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  GPtrArray       *own = ub_firmware_get_agents (bench->firmware);
  const char      *agents[] = { g_ptr_array_index (own, 0), NULL };
  UbSessionOptions with_agents = options;
  g_autoptr (UbPlan) plan = ub_plan_new_erase (&target);

  with_agents.agents = agents;
  run_plan (bench, plan, &with_agents);
  assert_failed (bench, UB_ERROR_NOT_AGREED);
  assert_untouched (bench);
  g_assert_true (comes_back (bench));
}

/* --- the copy --- */

static void
test_no_room (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  /* a file where a folder is needed */
  g_assert_true (g_file_set_contents (bench->copies, "x", 1, NULL));
  run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  assert_failed (bench, UB_ERROR_FILE_WRITE);
  assert_untouched (bench);
}

static void
test_no_journal (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);

  g_assert_true (g_file_set_contents (bench->jobs, "x", 1, NULL));
  run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  assert_failed (bench, UB_ERROR_FILE_WRITE);
  assert_untouched (bench);
}

/* called in the worker, before anything is stored */
static void
on_guard (UbPracticePhone *phone, const char *command, gpointer user_data)
{
  Bench           *bench = user_data;
  g_autofree char *key = NULL;
  g_autoptr (GDir) keys = g_dir_open (bench->copies, 0, NULL);
  g_autoptr (GDir) times = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (g_atomic_int_add (&bench->n_guarded, 1) > 0)
    return;
  g_assert_nonnull (keys);
  key = g_build_filename (bench->copies, g_dir_read_name (keys), NULL);
  times = g_dir_open (key, 0, NULL);
  for (const char *name; (name = g_dir_read_name (times)) != NULL;)
    {
      g_autofree char *path = g_build_filename (key, name, NULL);
      g_autofree char *manifest = g_build_filename (path, "manifest.json", NULL);
      g_autoptr (UbBackup) copy = NULL;

      if (name[0] == '.')
        continue;
      g_assert_true (g_file_test (manifest, G_FILE_TEST_EXISTS));
      copy = ub_backup_open (path, &error);
      g_assert_no_error (error);
      g_assert_true (ub_backup_verify (copy, NULL, NULL, NULL, &error));
      n++;
    }
  g_assert_cmpuint (n, >, 0);
}

static UbPlan *
plan_for_guard (Bench *bench, UbMode mode, UbBackup *backup)
{
  static const char *const names[] = { "cache", NULL };
  const UbPlanTarget       target = { .names = names };

  if (mode == UB_MODE_ERASE)
    return ub_plan_new_erase (&target);
  if (mode == UB_MODE_RESTORE)
    return ub_plan_new_restore (backup, NULL, FALSE);
  if (mode == UB_MODE_SINGLE)
    {
      const UbPartition *logo =
          ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "boot");

      return ub_plan_new_single ("recovery", logo->image_path, FALSE);
    }
  return plan_mode (bench, mode, FALSE);
}

static UbBackup *
read_back (Bench *bench, const char **agents)
{
  const UbPlanTarget target = { .whole = TRUE };
  g_autofree char   *folder = g_build_filename (bench->home, "readback", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_readback (&target, folder);
  UbSessionOptions options = options_new ();
  g_autoptr (GError) error = NULL;
  UbBackup *backup;

  options.agents = agents;
  run_plan (bench, plan, &options);
  assert_done (bench);
  assert_untouched (bench);
  g_assert_cmpstr (ub_report_get_copy (bench->report), ==, folder);
  backup = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  return backup;
}

static void
replug (Bench *bench)
{
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
}

static void
test_guard (void)
{
  static const UbMode all[] = { UB_MODE_DOWNLOAD_ONLY, UB_MODE_FIRMWARE_UPGRADE,
                                UB_MODE_FORMAT_ALL,    UB_MODE_REPAIR,
                                UB_MODE_ERASE,         UB_MODE_RESTORE,
                                UB_MODE_SINGLE };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
      const char      *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0),
                                    NULL };
      UbSessionOptions options = options_new ();
      g_autoptr (UbBackup) backup = NULL;
      g_autoptr (UbPlan) plan = NULL;

      options.agents = agents;
      if (all[i] == UB_MODE_RESTORE)
        {
          backup = read_back (bench, agents);
          replug (bench);
        }
      plan = plan_for_guard (bench, all[i], backup);
      ub_practice_phone_set_guard (bench->phone, on_guard, bench);
      run_plan (bench, plan, &options);
      ub_practice_phone_set_guard (bench->phone, NULL, NULL);
      assert_done (bench);
      g_assert_cmpint (bench->n_guarded, >, 0);
    }
}

/* --- there and back again --- */

static void
test_restore (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0), NULL };
  UbSessionOptions options = options_new ();
  g_autoptr (UbBackup) backup = NULL;
  g_autoptr (UbPlan) plan = NULL;

  options.agents = agents;
  backup = read_back (bench, agents);
  g_assert_true (ub_backup_is_whole (backup));
  replug (bench);
  run_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  assert_done (bench);
  replug (bench);
  plan = ub_plan_new_restore (backup, NULL, FALSE);
  run_plan (bench, plan, &options);
  assert_done (bench);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[i]);
      g_autofree guint8 *after = dump (bench, regions[i]);

      g_assert_cmpint (memcmp (after, bench->before[i], size), ==, 0);
    }
}

/* a readback that is pulled in the middle becomes one copy all the same */
static void
test_readback_drop (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0), NULL };
  g_autoptr (UbBackup) backup = NULL;

  set_replug (bench);
  mischief (bench, "unplug-after-output-bytes 20000000");
  backup = read_back (bench, agents);
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
  g_assert_true (ub_backup_verify (backup, NULL, NULL, NULL, NULL));
}

static gboolean
has_finding (Bench *bench, const char *text)
{
  const char *const *findings = ub_report_get_findings (bench->report);

  for (gsize i = 0; findings[i] != NULL; i++)
    if (strstr (findings[i], text) != NULL)
      return TRUE;
  return FALSE;
}

static void
test_memory (void)
{
  const UbPlanTarget target = { .whole = TRUE };
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0), NULL };
  UbSessionOptions options = options_new ();
  g_autoptr (UbPlan) plan = ub_plan_new_test (&target);

  options.agents = agents;
  mischief (bench, "read-fail 20971520");
  run_plan (bench, plan, &options);
  assert_done (bench);
  assert_untouched (bench);
  g_assert_true (has_finding (bench, "0x1400000"));
  g_assert_true (has_finding (bench, "1 bad place"));
  g_assert_true (has_finding (bench, "CID"));
  g_assert_null (ub_report_get_copy (bench->report));
}

/* --- repair --- */

static void
spoil (Bench *bench, const char *name, guint64 offset)
{
  static const guint8 junk[16] = "spoilt spoilt s";
  const UbPartition  *part = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, name);

  ub_practice_phone_poke (bench->phone,
                          UB_REGION_EMMC_USER,
                          part->start + offset,
                          junk,
                          sizeof junk);
}

static void
test_repair (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, TRUE);
  Reference reference = { 0 };
  Answer    answer = { .yes = TRUE };
  guint     writes;
  g_autoptr (UbPlan) plan = NULL;

  run_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);
  assert_done (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    reference.data[i] = dump (bench, regions[i]);
  spoil (bench, "boot", 1000);
  replug (bench);
  writes = ub_practice_phone_get_writes (bench->phone);
  plan = plan_mode (bench, UB_MODE_REPAIR, FALSE);
  run_asked (bench, plan, &answer);
  assert_done (bench);
  g_assert_cmpuint (answer.n, ==, 1);
  g_assert_cmpint (answer.kind, ==, UB_QUESTION_REPAIR);
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, writes + 1);
  g_assert_cmpuint (ub_report_get_bytes (bench->report), <=, MIB);
  g_assert_true (has_finding (bench, "boot"));
  assert_like (bench, &reference);

  /* nothing differs any more: nothing is asked, nothing is written */
  replug (bench);
  g_clear_object (&plan);
  plan = plan_mode (bench, UB_MODE_REPAIR, FALSE);
  run_asked (bench, plan, &answer);
  assert_done (bench);
  g_assert_cmpuint (answer.n, ==, 1);
  g_assert_false (ub_report_was_written (bench->report));
  reference_clear (&reference);
}

static void
test_repair_refused (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_REPAIR, FALSE);
  Answer answer = { .yes = FALSE };

  run_asked (bench, plan, &answer);
  assert_failed (bench, UB_ERROR_NOT_AGREED);
  assert_untouched (bench);
}

/* --- reading back --- */

static void
test_verify_names_part (void)
{
  const char *const      only[] = { "system", NULL };
  const UbPlanChoice     choice = { .only = only, .verify_all = TRUE };
  const UbSessionOptions options = options_new ();
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);

  ub_practice_phone_set_forgetful (bench->phone, TRUE);
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_VERIFY);
  g_assert_cmpstr (ub_report_get_failed_partition (bench->report), ==, "system");
  g_assert_nonnull (strstr (ub_report_get_error (bench->report)->message, "system"));
  g_assert_true (may_go_on (bench));
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/session-modes/modes", test_modes);
  g_test_add_func ("/engine/session-modes/layouts", test_layouts);
  g_test_add_func ("/engine/session-modes/drops", test_drops);
  g_test_add_func ("/engine/session-modes/journal", test_journal);
  g_test_add_func ("/engine/session-modes/journal-without-copy", test_journal_without_copy);
  g_test_add_func ("/engine/session-modes/stop", test_stop);
  g_test_add_func ("/engine/session-modes/vain-drops", test_vain_drops);
  g_test_add_func ("/engine/session-modes/other-phone", test_other_phone);
  g_test_add_func ("/engine/session-modes/incomplete", test_incomplete);
  g_test_add_func ("/engine/session-modes/nobody-there", test_nobody_there);
  g_test_add_func ("/engine/session-modes/no-room", test_no_room);
  g_test_add_func ("/engine/session-modes/no-journal", test_no_journal);
  g_test_add_func ("/engine/session-modes/guard", test_guard);
  g_test_add_func ("/engine/session-modes/restore", test_restore);
  g_test_add_func ("/engine/session-modes/readback-drop", test_readback_drop);
  g_test_add_func ("/engine/session-modes/memory", test_memory);
  g_test_add_func ("/engine/session-modes/repair", test_repair);
  g_test_add_func ("/engine/session-modes/repair-refused", test_repair_refused);
  g_test_add_func ("/engine/session-modes/verify-names-part", test_verify_names_part);
  return g_test_run ();
}
