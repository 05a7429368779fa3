/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "firmware/ub-agent.h"
#include "tests/engine/test-bench.h"
#include "tests/engine/test-cut-source.h"

/* --- whole downloads --- */

static void
test_download (gconstpointer data)
{
  const UbPracticePhoneOptions *options = data;
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);

  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
  g_assert_true (ub_report_was_written (bench->report));
  g_assert_cmpuint (ub_report_get_n_steps_done (bench->report),
                    ==,
                    ub_plan_get_steps (ub_report_get_plan (bench->report))->len);
  g_assert_false (bench->ran_backwards);
}

static void
test_sparse (void)
{
  const UbPracticePhoneOptions options = { .chip = "MT6580" };
  g_autoptr (Bench) bench = bench_new_full (&options, TRUE);
  const UbPartition *system =
      ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "system");

  g_assert_cmpuint (system->image_file_size, !=, system->image_size);
  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
}

static void
test_colours (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  run (bench);
  assert_done (bench);
  g_assert_cmpuint (bench->states & (1u << UB_SESSION_DONE), !=, 0);
  /* at most one source at a time: far fewer news than packets and states may be seen, but never
   * more */
  g_assert_cmpuint (bench->n_notifications, >, 0);
}

static void
test_only (void)
{
  const char *const      only[] = { "lk", NULL };
  const UbPlanChoice     choice = { .only = only };
  const UbSessionOptions options = { .wait_ms = 60000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);
  run_plan (bench, plan, &options);

  assert_done (bench);
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, 1);
  assert_only_images_written (bench);
}

static void
test_info_only (void)
{
  const UbSessionOptions options = { .wait_ms = 60000, .info_only = TRUE };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  GPtrArray             *own = ub_firmware_get_agents (bench->firmware);
  const char            *agents[] = { g_ptr_array_index (own, 0), NULL };
  const UbSessionOptions with_agents = { .wait_ms = 60000, .info_only = TRUE, .agents = agents };
  g_autoptr (UbPlan) plan = plan_all (bench);
  run_plan (bench, plan, &options);
  g_autoptr (UbSession) again = NULL;

  assert_done (bench);
  assert_untouched (bench);
  g_assert_nonnull (ub_phone_info_get_layout (ub_report_get_phone (bench->report)));
  ub_practice_phone_unplug (bench->phone);
  ub_practice_phone_plug (bench->phone);
  again = run_with (bench, NULL, &with_agents);
  assert_done (bench);
  assert_untouched (bench);
  g_assert_nonnull (ub_session_get_phone (again));
}

static void
test_damaged_packets (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "bad-sum 1");
  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
}

static void
test_stray_bytes (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "stray AT");
  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
}

/* --- failures before anything is written --- */

static void
test_wrong_chip (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "wrong-chip 6582");
  run (bench);
  assert_failed (bench, UB_ERROR_WRONG_CHIP);
  assert_untouched (bench);
}

static void
test_silent_agent (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "silent-after-jump");
  run (bench);
  assert_failed (bench, UB_ERROR_AGENT_SILENT);
  assert_untouched (bench);
  g_assert_cmpint (ub_report_get_duration (bench->report), <, 60 * G_USEC_PER_SEC);
}

static void
test_refused_agent (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "refuse-agent 1D0E");
  run (bench);
  assert_failed (bench, UB_ERROR_AGENT_REFUSED);
  assert_untouched (bench);
}

static void
test_needs_auth (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "refuse-agent 1D0D");
  run (bench);
  assert_failed (bench, UB_ERROR_NEEDS_AUTH);
  assert_untouched (bench);
}

static void
test_dram (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_BOOT_ROM);

  mischief (bench, "dram-fail");
  run (bench);
  assert_failed (bench, UB_ERROR_DRAM);
  assert_untouched (bench);
}

/* where the entry called @name lies in the sectors of a GPT, and nothing else is changed but both
 * of its sums */
static void
test_wrong_layout (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autofree char *scatter = g_strdup (ub_firmware_get_path (bench->firmware));
  g_autofree char *text = NULL;
  g_autoptr (GString) edited = NULL;

  /* a recovery half as big: boot and everything behind it stays where it was */
  g_assert_true (g_file_get_contents (scatter, &text, NULL, NULL));
  edited = g_string_new (text);
  {
    char *at = strstr (edited->str, "partition_name: recovery");
    char *size = strstr (at, "partition_size: 0x");

    g_assert_nonnull (size);
    g_string_overwrite (edited, (gsize) (size - edited->str), "partition_size: 0x200000");
  }
  g_assert_true (g_file_set_contents (scatter, edited->str, -1, NULL));
  g_clear_object (&bench->firmware);
  bench->firmware = open_firmware (bench->folder);
  {
    const char *const      only[] = { "lk", NULL };
    const UbPlanChoice     choice = { .only = only };
    const UbSessionOptions options = { .wait_ms = 60000 };
    g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);
    run_plan (bench, plan, &options);
  }
  assert_failed (bench, UB_ERROR_WRONG_LAYOUT);
  assert_untouched (bench);
  g_assert_nonnull (strstr (ub_report_get_error (bench->report)->message, "recovery"));
  /* a phone that was left as it was starts again */
  g_assert_true (comes_back (bench));
  g_assert_true (ub_practice_phone_was_finished (bench->phone));
}

static void
test_changed_file (void)
{
  const UbSessionOptions options = { .wait_ms = 60000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = plan_all (bench);
  const UbPartition *boot = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "boot");
  g_autoptr (UbSession) session = NULL;

  g_assert_true (g_file_set_contents (boot->image_path, "ANDROID!", 8, NULL));
  session = run_with (bench, plan, &options);
  assert_failed (bench, UB_ERROR_FILE_READ);
  assert_untouched (bench);
}

/* it begins like a preloader, which is all the plan looks at, but its end is missing */
static void
test_cut_preloader (void)
{
  const UbSessionOptions options = { .wait_ms = 60000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  const UbPartition *preloader =
      ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "preloader");
  g_autofree char *path = g_strdup (preloader->image_path);
  g_autofree char *data = NULL;
  gsize            size;
  g_autoptr (UbPlan) plan = NULL;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (g_file_set_contents (path, data, (gssize) size - 1, NULL));
  g_clear_object (&bench->firmware);
  bench->firmware = open_firmware (bench->folder);
  plan = plan_all (bench);
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_BAD_IMAGE);
  assert_untouched (bench);
}

static void
test_no_agent (void)
{
  const UbSessionOptions options = { .wait_ms = 60000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  GPtrArray *agents = ub_firmware_get_agents (bench->firmware);
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbSession) session = NULL;

  for (guint i = 0; i < agents->len; i++)
    g_unlink (g_ptr_array_index (agents, i));
  g_clear_object (&bench->firmware);
  bench->firmware = open_firmware (bench->folder);
  plan = plan_all (bench);
  session = run_with (bench, plan, &options);
  assert_failed (bench, UB_ERROR_NO_AGENT);
  assert_untouched (bench);
}

/* containers that are of no use are passed over */
static void
test_next_agent (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autofree char *good =
      g_strdup (g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0));
  g_autofree char       *moved = g_build_filename (bench->folder, "elsewhere.xyz", NULL);
  g_autofree char       *junk = g_build_filename (bench->folder, "junk.xyz", NULL);
  const char *const      agents[] = { "/nonexistent/agent.bin", junk, moved, NULL };
  const UbSessionOptions options = { .wait_ms = 60000, .agents = agents };
  g_autoptr (UbPlan) plan = plan_all (bench);

  g_assert_true (g_file_set_contents (junk, "junk", -1, NULL));
  g_assert_cmpint (g_rename (good, moved), ==, 0);
  run_plan (bench, plan, &options);
  assert_done (bench);
  assert_only_images_written (bench);
}

/* one that breaks off is taken before the package's good one: who chooses gets what was chosen */
static void
test_chosen_agent (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  const char            *own = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  g_autofree char       *chosen = g_build_filename (bench->folder, "chosen.xyz", NULL);
  const char *const      agents[] = { own, NULL };
  const UbSessionOptions options = { .wait_ms = 60000, .agent = chosen, .agents = agents };
  g_autoptr (UbAgentFile) file = ub_agent_file_open (own, NULL);
  const UbAgentEntry *entry = ub_agent_file_select (file, 0x6580, 0, 0, 0);
  g_autoptr (UbPlan) plan = plan_all (bench);
  g_autofree char *data = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (own, &data, &size, NULL));
  data[entry->regions[2].file_offset + 100] ^= 1;
  g_assert_true (g_file_set_contents (chosen, data, (gssize) size, NULL));
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_AGENT_SILENT);
  assert_untouched (bench);
}

static void
test_no_phone (void)
{
  const UbSessionOptions options = { .wait_ms = 1000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = plan_all (bench);
  g_autoptr (UbSession) session = NULL;
  g_autoptr (GError) error = NULL;

  ub_link_source_stop (bench->source);
  g_clear_object (&bench->source);
  ub_practice_phone_unplug (bench->phone);
  bench->source = ub_practice_source_new (bench->phone, FALSE, 0, G_MAXUINT);
  ub_link_source_start (bench->source, &error);
  g_assert_no_error (error);
  session = run_with (bench, plan, &options);
  assert_failed (bench, UB_ERROR_NO_PHONE);
  g_assert_cmpint (ub_report_get_state (bench->report), ==, UB_SESSION_WAITING);
}

static void
test_blocked_plan (void)
{
  const char *const      only[] = { "nvram", NULL };
  const UbPlanChoice     choice = { .only = only };
  const UbSessionOptions options = { .wait_ms = 1000 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = ub_plan_new (bench->firmware, &choice);
  run_plan (bench, plan, &options);

  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_FAILED);
  g_assert_cmpint (ub_report_get_state (bench->report), ==, UB_SESSION_IDLE);
  assert_untouched (bench);
}

/* --- failures in the middle --- */

/* one that never comes back is given up in the end, and can be gone on with later */
static void
test_unplugged (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "unplug-after-bytes 3000000");
  run (bench);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  g_assert_true (ub_report_was_written (bench->report));
  g_assert_nonnull (ub_report_get_failed_partition (bench->report));
  g_assert_nonnull (ub_report_get_can_go_on (bench->report));
  g_assert_cmpint (ub_report_get_state (bench->report), ==, UB_SESSION_WAITING);

  /* the same phone, plugged in again, can also be written from the beginning */
  mischief (bench, "none");
  ub_practice_phone_plug (bench->phone);
  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
}

static void
test_write_fails (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  const UbPartition *system =
      ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "system");
  g_autofree char *line = g_strdup_printf ("write-fail %" G_GUINT64_FORMAT, system->start + MIB);

  mischief (bench, line);
  run (bench);
  assert_failed (bench, UB_ERROR_STORAGE_WRITE);
  g_assert_cmpstr (ub_report_get_failed_partition (bench->report), ==, "system");
  /* half-written, it must not start and run in circles: it is switched off */
  g_assert_false (comes_back (bench));
  g_assert_true (ub_practice_phone_was_finished (bench->phone));
}

/* a phone that says "done" and keeps nothing: never a green circle over a dead phone */
static void
test_verify (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  ub_practice_phone_set_forgetful (bench->phone, TRUE);
  run (bench);
  assert_failed (bench, UB_ERROR_VERIFY);
  g_assert_cmpint (ub_report_get_state (bench->report), ==, UB_SESSION_VERIFYING);
  g_assert_nonnull (ub_report_get_failed_partition (bench->report));
  g_assert_true (ub_report_was_written (bench->report));
}

static void
test_unreadable_table (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "read-fail 0");
  run (bench);
  assert_failed (bench, UB_ERROR_NO_SAFETY_COPY);
  assert_untouched (bench);
}

static void
test_full (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  mischief (bench, "full");
  run (bench);
  assert_failed (bench, UB_ERROR_STORAGE_WRITE);
  g_assert_nonnull (ub_report_get_failed_partition (bench->report));
  g_assert_cmpuint (ub_report_get_bytes (bench->report), ==, 0);
}

static void
test_cancel_while_waiting (void)
{
  const UbSessionOptions options = { .wait_ms = 0 };
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = plan_all (bench);
  g_autoptr (UbSession) session = NULL;

  g_cancellable_cancel (bench->cancellable);
  session = run_with (bench, plan, &options);
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_CANCELLED);
  g_assert_cmpint (ub_session_get_state (session), ==, UB_SESSION_CANCELLED);
  assert_untouched (bench);
}

static void
cut (Bench *bench, guint n_lost, guint n_silent, guint64 cancel_at)
{
  TestCutSource *source = test_cut_source_new (bench->source, bench->cancellable);

  source->n_lost = n_lost;
  source->n_silent = n_silent;
  source->cancel_at = cancel_at;
  g_object_unref (bench->source);
  bench->source = UB_LINK_SOURCE (source);
}

static gboolean
is_where_it_was (Bench *bench)
{
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      g_autofree guint8 *after = dump (bench, regions[i]);

      if (memcmp (after, bench->before[i], ub_practice_phone_get_size (bench->phone, regions[i])) !=
          0)
        return FALSE;
    }
  return TRUE;
}

/* stopped everywhere on the way: the report says truly whether something was written, and the phone
 * is always told to finish */
static void
test_cancel_everywhere (void)
{
  guint64 total;
  guint   n_cancelled = 0;

  {
    g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

    cut (bench, 0, 0, 0);
    run (bench);
    assert_done (bench);
    total = TEST_CUT_SOURCE (bench->source)->n_sent;
  }
  for (guint i = 0; i <= 20; i++)
    {
      g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

      cut (bench, 0, 0, 1 + (total - 1) * i / 20);
      run (bench);
      if (ub_report_get_result (bench->report) == UB_RESULT_DONE)
        continue; /* too late to stop anything */
      n_cancelled++;
      g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_CANCELLED);
      g_assert_true (ub_report_was_written (bench->report) ==
                     (ub_practice_phone_get_writes (bench->phone) > 0));
      if (!ub_report_was_written (bench->report))
        g_assert_true (is_where_it_was (bench));
      else
        g_assert_true (ub_practice_phone_was_finished (bench->phone));
    }
  g_assert_cmpuint (n_cancelled, >=, 15);
}

/* what must be true of a whole run's protected parts must be true of half a run's, too */
static void
test_unplugged_everywhere (void)
{
  for (guint i = 1; i <= 20; i++)
    {
      g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
      const UbPartition *nvram =
          ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, "nvram");
      g_autofree char   *line = g_strdup_printf ("unplug-after-bytes %u", i * 500000);
      g_autofree guint8 *after = NULL;

      mischief (bench, line);
      run (bench);
      after = dump (bench, UB_REGION_EMMC_USER);
      g_assert_cmpmem (after + nvram->start,
                       nvram->size,
                       bench->before[2] + nvram->start,
                       nvram->size);
      if (ub_report_get_result (bench->report) == UB_RESULT_DONE)
        continue; /* fewer bytes than that */
      assert_failed (bench, UB_ERROR_LINK_LOST);
      g_assert_true (ub_report_was_written (bench->report) ==
                     (ub_practice_phone_get_writes (bench->phone) > 0));
    }
}

/* a phone that leaves before it answered is waited for again, for ever, and in the end a key is
 * asked for */
static void
test_gets_past_us (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  cut (bench, 5, 0, 0);
  run (bench);
  assert_done (bench);
  assert_only_images_written (bench);
  g_assert_cmpuint (TEST_CUT_SOURCE (bench->source)->n_waits, ==, 6);
}

typedef struct
{
  Bench    *bench;
  UbRequest seen[4];
  guint     n_seen;
} Asked;

static void
tell (Bench *bench, UbSightingKind kind, UbAccess access, gboolean present)
{
  char             port[] = "1-7";
  const UbSighting sighting = { .kind = kind, .access = access, .present = present, .port = port };

  ub_link_source_tell (bench->source, &sighting);
}

/* every new request is answered with the next thing on the cable */
static void
on_request (UbSession *session, GParamSpec *pspec, Asked *asked)
{
  Bench *bench = asked->bench;

  g_assert_cmpuint (asked->n_seen, <, G_N_ELEMENTS (asked->seen));
  asked->seen[asked->n_seen++] = ub_session_get_request (session);
  if (asked->n_seen == 1)
    tell (bench, UB_SIGHTING_ANDROID, UB_ACCESS_UNKNOWN, TRUE);
  else if (asked->n_seen == 2)
    tell (bench, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, TRUE);
  else if (asked->n_seen == 3)
    tell (bench, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, FALSE);
  else
    g_cancellable_cancel (bench->cancellable);
}

/* what the cable shows becomes what the person is asked to do */
static void
test_requests (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = plan_all (bench);
  g_autoptr (UbSession) session = NULL;
  Asked asked = { .bench = bench };

  cut (bench, 0, 0, 0);
  TEST_CUT_SOURCE (bench->source)->is_empty = TRUE;
  session = session_new (bench, plan, NULL);
  g_signal_connect (session, "notify::request", G_CALLBACK (on_request), &asked);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (asked.n_seen < 4)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, &asked);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (asked.seen[0], ==, UB_REQUEST_PLUG_IN);
  g_assert_cmpint (asked.seen[1], ==, UB_REQUEST_SWITCH_OFF);
  g_assert_cmpint (asked.seen[2], ==, UB_REQUEST_PERMISSION);
  g_assert_cmpint (asked.seen[3], ==, UB_REQUEST_PLUG_IN);
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_CANCELLED);
}

static void
tell_at (Bench         *bench,
         const char    *at,
         UbSightingKind kind,
         guint          traits,
         gboolean       present,
         gint64         time_us)
{
  g_autofree char *port = g_strdup (at);
  const UbSighting sighting = { .kind = kind,
                                .access = UB_ACCESS_OK,
                                .present = present,
                                .traits = traits,
                                .port = port,
                                .time_us = time_us };

  ub_link_source_tell (bench->source, &sighting);
}

static void
on_bystander (UbSession *session, GParamSpec *pspec, Asked *asked)
{
  g_assert_cmpuint (asked->n_seen, <, G_N_ELEMENTS (asked->seen));
  asked->seen[asked->n_seen++] = ub_session_get_request (session);
}

/* a phone that charges beside the one to be written is not asked to be switched off once that one came */
static void
test_bystander (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autoptr (UbPlan) plan = plan_all (bench);
  g_autoptr (UbSession) session = NULL;
  Asked  asked = { .bench = bench };
  gint64 now_us = g_get_monotonic_time ();

  cut (bench, 0, 0, 0);
  TEST_CUT_SOURCE (bench->source)->is_empty = TRUE;
  tell_at (bench, "1-2", UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING, TRUE, now_us);
  session = session_new (bench, plan, NULL);
  g_signal_connect (session, "notify::request", G_CALLBACK (on_bystander), &asked);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  /* as far as anybody knows that is the one */
  while (asked.n_seen == 0 || asked.seen[asked.n_seen - 1] != UB_REQUEST_SWITCH_OFF)
    g_main_context_iteration (NULL, TRUE);
  /* another comes and goes, and the charging one is told again, because more is known of it */
  tell_at (bench, "1-7", UB_SIGHTING_PRELOADER, 0, TRUE, now_us + 1000);
  tell_at (bench, "1-7", UB_SIGHTING_PRELOADER, 0, FALSE, now_us + 2000);
  tell_at (bench, "1-2", UB_SIGHTING_ANDROID, UB_TRAIT_MTP, TRUE, now_us + 3000);
  asked.n_seen = 0;
  while (asked.n_seen == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (asked.n_seen, ==, 1);
  g_assert_cmpint (asked.seen[0], ==, UB_REQUEST_PLUG_IN);
  /* the one that came is on now: that one is meant, wherever the other is */
  tell_at (bench, "1-7", UB_SIGHTING_ANDROID, 0, TRUE, now_us + 4000);
  tell_at (bench, "1-2", UB_SIGHTING_ANDROID, 0, FALSE, now_us + 5000);
  while (asked.n_seen == 1)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (ub_session_get_request (session), ==, UB_REQUEST_SWITCH_OFF);
  g_cancellable_cancel (bench->cancellable);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, &asked);
}

/* one that stays and says nothing is not asked for ever */
static void
test_never_answers (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);

  cut (bench, 0, 1000, 0);
  run (bench);
  assert_failed (bench, UB_ERROR_LINK_TIMEOUT);
  g_assert_cmpuint (TEST_CUT_SOURCE (bench->source)->n_waits, ==, 3);
  assert_untouched (bench);
}

static void
test_trace_is_kept (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_PRELOADER);
  g_autofree char *json = NULL;

  run (bench);
  json = ub_report_to_json (bench->report);
  g_assert_nonnull (strstr (json, "\"trace\""));
  g_assert_nonnull (strstr (json, "H>D"));
}

static void
test_words (void)
{
  for (int i = UB_SESSION_IDLE; i <= UB_SESSION_CANCELLED; i++)
    {
      g_assert_cmpstr (ub_session_state_to_string (i), !=, "unknown");
      g_assert_cmpuint (strlen (ub_session_state_get_title (i)), >, 0);
    }
  for (int i = UB_BAR_WAIT; i <= UB_BAR_BLUE; i++)
    g_assert_cmpuint (strlen (ub_bar_get_title (i)), >, 0);
  for (int i = UB_REQUEST_PLUG_IN; i <= UB_REQUEST_LAST; i++)
    g_assert_cmpuint (strlen (ub_request_get_text (i)), >, 0);
  g_assert_true (ub_session_state_may_cancel (UB_SESSION_WORKING));
  g_assert_false (ub_session_state_may_cancel (UB_SESSION_FINISHING));
}

/* every chip with legacy agents, both ways in, both kinds of table, old and new agents */
static void
add_downloads (void)
{
  const char *const *chips = ub_practice_phone_list_chips ();

  for (guint i = 0; chips[i] != NULL; i++)
    for (guint j = 0; j < 8 && ub_chip_find_by_platform (chips[i])->protocol == UB_PROTOCOL_LEGACY;
         j++)
      {
        UbPracticePhoneOptions *options = g_new0 (UbPracticePhoneOptions, 1);
        g_autofree char        *path = NULL;

        options->chip = chips[i];
        options->enter = j % 2 == 0 ? UB_ENTER_PRELOADER : UB_ENTER_BOOT_ROM;
        options->table = j / 2 % 2 == 0 ? UB_TABLE_GPT : UB_TABLE_EBR;
        options->build_year = j / 4 == 0 ? 2019 : 2015;
        path = g_strdup_printf ("/engine/session/download/%s/%s/%s/%u",
                                chips[i],
                                j % 2 == 0 ? "preloader" : "boot-rom",
                                j / 2 % 2 == 0 ? "gpt" : "ebr",
                                options->build_year);
        g_test_add_data_func_full (path, options, test_download, g_free);
      }
}

/* whoever means it can type it, whatever the language and the keyboard */
static void
test_word (void)
{
  g_assert_true (ub_question_is_word ("yes", " Yes\n"));
  g_assert_true (ub_question_is_word (NULL, "yes"));
  g_assert_true (ub_question_is_word ("có", "CÓ"));
  g_assert_true (ub_question_is_word ("có", "co\xcc\x81"));
  g_assert_true (ub_question_is_word ("نعم", "yes"));
  g_assert_false (ub_question_is_word ("sí", "si"));
  g_assert_false (ub_question_is_word ("yes", ""));
  g_assert_false (ub_question_is_word ("yes", "yes please"));
  g_assert_false (ub_question_is_word ("ja", "\xff"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_downloads ();
  g_test_add_func ("/engine/session/sparse", test_sparse);
  g_test_add_func ("/engine/session/colours", test_colours);
  g_test_add_func ("/engine/session/only", test_only);
  g_test_add_func ("/engine/session/info-only", test_info_only);
  g_test_add_func ("/engine/session/damaged-packets", test_damaged_packets);
  g_test_add_func ("/engine/session/stray-bytes", test_stray_bytes);
  g_test_add_func ("/engine/session/wrong-chip", test_wrong_chip);
  g_test_add_func ("/engine/session/silent-agent", test_silent_agent);
  g_test_add_func ("/engine/session/refused-agent", test_refused_agent);
  g_test_add_func ("/engine/session/needs-auth", test_needs_auth);
  g_test_add_func ("/engine/session/dram", test_dram);
  g_test_add_func ("/engine/session/wrong-layout", test_wrong_layout);
  g_test_add_func ("/engine/session/changed-file", test_changed_file);
  g_test_add_func ("/engine/session/cut-preloader", test_cut_preloader);
  g_test_add_func ("/engine/session/no-agent", test_no_agent);
  g_test_add_func ("/engine/session/next-agent", test_next_agent);
  g_test_add_func ("/engine/session/chosen-agent", test_chosen_agent);
  g_test_add_func ("/engine/session/verify", test_verify);
  g_test_add_func ("/engine/session/unreadable-table", test_unreadable_table);
  g_test_add_func ("/engine/session/full", test_full);
  g_test_add_func ("/engine/session/no-phone", test_no_phone);
  g_test_add_func ("/engine/session/blocked-plan", test_blocked_plan);
  g_test_add_func ("/engine/session/unplugged", test_unplugged);
  g_test_add_func ("/engine/session/write-fails", test_write_fails);
  g_test_add_func ("/engine/session/cancel-while-waiting", test_cancel_while_waiting);
  g_test_add_func ("/engine/session/cancel-everywhere", test_cancel_everywhere);
  g_test_add_func ("/engine/session/unplugged-everywhere", test_unplugged_everywhere);
  g_test_add_func ("/engine/session/requests", test_requests);
  g_test_add_func ("/engine/session/bystander", test_bystander);
  g_test_add_func ("/engine/session/gets-past-us", test_gets_past_us);
  g_test_add_func ("/engine/session/never-answers", test_never_answers);
  g_test_add_func ("/engine/session/trace-is-kept", test_trace_is_kept);
  g_test_add_func ("/engine/session/words", test_words);
  g_test_add_func ("/engine/session/word", test_word);
  return g_test_run ();
}
