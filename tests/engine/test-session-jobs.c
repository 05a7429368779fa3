/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/ub-backup.h"
#include "engine/ub-safety-copy.h"
#include "tests/engine/test-session-modes.h"

/* Questions, copies, and the jobs that are not about a firmware. */

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

static guint
count_copies (Bench *bench)
{
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (bench->copies, NULL);

  return copies->len;
}

/* the newest of each phone stays, whatever the limit */
static void
test_prune (void)
{
  g_autoptr (Bench) bench = bench_new_full (&gpt_phone, FALSE);
  UbSessionOptions options = options_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, FALSE);

      options.copies_max_bytes = i < 2 ? 0 : 1;
      run_plan (bench, plan, &options);
      assert_done (bench);
      g_assert_cmpuint (count_copies (bench), ==, i < 2 ? i + 1 : 1);
      replug (bench);
    }
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
  {
    const UbBackupPart *user = ub_backup_find (backup, "user");
    g_autofree char    *data = NULL;
    gsize               size;

    g_assert_true (g_file_get_contents (user->path, &data, &size, NULL));
    g_assert_cmpmem (data,
                     size,
                     bench->before[2],
                     ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER));
  }
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/session-jobs/incomplete", test_incomplete);
  g_test_add_func ("/engine/session-jobs/nobody-there", test_nobody_there);
  g_test_add_func ("/engine/session-jobs/no-room", test_no_room);
  g_test_add_func ("/engine/session-jobs/no-journal", test_no_journal);
  g_test_add_func ("/engine/session-jobs/prune", test_prune);
  g_test_add_func ("/engine/session-jobs/guard", test_guard);
  g_test_add_func ("/engine/session-jobs/restore", test_restore);
  g_test_add_func ("/engine/session-jobs/readback-drop", test_readback_drop);
  g_test_add_func ("/engine/session-jobs/memory", test_memory);
  g_test_add_func ("/engine/session-jobs/repair", test_repair);
  g_test_add_func ("/engine/session-jobs/repair-refused", test_repair_refused);
  g_test_add_func ("/engine/session-jobs/verify-names-part", test_verify_names_part);
  return g_test_run ();
}
