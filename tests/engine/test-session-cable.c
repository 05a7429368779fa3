/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/engine/test-session-modes.h"

/* The link test: only where signs ask for it, and before the first write (shared/facts/troubles.md 6) */

typedef struct
{
  const char *name;
  const char *chip;
  UbEnter     enter;
  UbStorage   storage;
} Dialect;

static const Dialect dialects[] = {
  { "legacy", "MT6580", UB_ENTER_PRELOADER, UB_STORAGE_EMMC },
  { "xflash", "MT6765", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC },
  { "xflash-ufs", "MT6785", UB_ENTER_PRELOADER, UB_STORAGE_UFS },
  { "xml", "MT6789", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC },
};

/* to the host: all of it before the first write of a job that nothing happens to */
typedef struct
{
  Bench  *bench;
  guint64 first_write;
  guint64 pulled_at;
  guint64 in_test; /* the cable is pulled so many bytes after it was plugged in; 0: not any more */
} Meter;

static void
on_write (UbPracticePhone *phone, const char *command, gpointer user_data)
{
  Meter *meter = user_data;

  if (meter->first_write == 0)
    meter->first_write = ub_practice_phone_get_output_bytes (phone);
}

static void
on_pulled (UbPracticePhone *phone, gpointer user_data)
{
  Meter           *meter = user_data;
  g_autofree char *line = NULL;

  meter->bench->n_pulled++;
  meter->pulled_at = ub_practice_phone_get_output_bytes (phone);
  line = g_strdup_printf ("unplug-after-output-bytes %" G_GUINT64_FORMAT, meter->in_test);
  mischief (meter->bench, line);
}

static Bench *
open_bench (const Dialect *dialect, Meter *meter)
{
  const UbPracticePhoneOptions options = { .chip = dialect->chip,
                                           .enter = dialect->enter,
                                           .storage = dialect->storage };
  Bench                       *bench = bench_new_full (&options, FALSE);

  set_replug (bench);
  *meter = (Meter){ .bench = bench };
  ub_practice_phone_set_guard (bench->phone, on_write, meter);
  ub_practice_phone_set_pulled (bench->phone, on_pulled, meter);
  return bench;
}

/* while it looks at the phone's table; nothing is written yet */
static void
drop_early (Bench *bench)
{
  mischief (bench, "unplug-after-output-bytes 8192");
}

static UbPlan *
plan_verified (Bench *bench)
{
  return plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
}

static void
run_agreeing (Bench *bench, guint consents)
{
  const UbSessionOptions options = { .wait_ms = 60000, .consents = consents };
  g_autoptr (UbPlan) plan = plan_verified (bench);

  run_plan (bench, plan, &options);
}

/* to the host, from the plug-in to the first write */
static guint64
measure (const Dialect *dialect, gboolean drops)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (dialect, &meter);

  if (drops)
    drop_early (bench);
  run_agreeing (bench, 0);
  assert_done (bench);
  return meter.first_write - meter.pulled_at;
}

/* --- when nothing speaks against it --- */

static void
test_no_signs (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_false (has_finding (bench, "cable"));
}

static void
test_fine (gconstpointer data)
{
  Meter   meter;
  guint64 more;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  drop_early (bench);
  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_true (has_finding (bench, "The cable is fine (12.6\302\240MB read twice)."));
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
  /* 12 MiB, twice, before the first write */
  more = meter.first_write - meter.pulled_at - measure (data, FALSE);
  g_assert_cmpuint (more, >=, 24 * MIB);
  g_assert_cmpuint (more, <, 25 * MIB);
}

/* signs from before there is an agent: a bus that is reset in the greeting, a byte of it that was lost; somebody else's bytes
 * in front of it are none */
static void
test_greeting (gconstpointer data)
{
  static const struct
  {
    const char *line;
    gboolean    tested;
  } greetings[] = { { "hub-reset 5", TRUE }, { "lose-byte 9", TRUE }, { "stray AT", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (greetings); i++)
    {
      Meter meter;
      g_autoptr (Bench) bench = open_bench (data, &meter);

      g_test_message ("%s", greetings[i].line);
      mischief (bench, greetings[i].line);
      run_agreeing (bench, 0);
      assert_done (bench);
      g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 0);
      g_assert_cmpint (has_finding (bench, "The cable is fine"), ==, greetings[i].tested);
    }
}

/* jobs that only read need no test */
static void
test_reading_needs_none (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  const UbSessionOptions options = { .wait_ms = 60000 };
  const char *const      names[] = { "nvram", NULL };
  const UbPlanTarget     target = { .names = names };
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0), NULL };
  UbSessionOptions with = options;
  g_autofree char *folder = g_build_filename (bench->home, "read", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_readback (&target, folder);

  with.agents = agents;
  drop_early (bench);
  run_plan (bench, plan, &with);
  g_assert_no_error (ub_report_get_error (bench->report));
  g_assert_cmpuint (bench->n_pulled, ==, 1);
  g_assert_false (has_finding (bench, "read twice"));
}

/* --- speed --- */

static void
set_speed (Bench *bench, guint64 speed)
{
  ub_link_source_stop (bench->source);
  g_clear_object (&bench->source);
  bench->source = ub_practice_source_new (bench->phone, FALSE, speed, 0);
  g_assert_true (ub_link_source_start (bench->source, NULL));
  set_replug (bench);
}

static void
test_speed (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  set_speed (bench, 31 * 1000 * 1000);
  drop_early (bench);
  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_true (has_finding (bench, "The cable is fine (12.6\302\240MB read twice, 3"));
  g_assert_true (has_finding (bench, "MB/s)."));
}

/* five seconds, whatever the cable does */
static void
test_slow (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  set_speed (bench, 1000 * 1000);
  drop_early (bench);
  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_true (has_finding (bench, "is slow (2.6\302\240MB read twice, "));
}

/* --- data is lost --- */

static void
test_nobody_agrees (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  drop_early (bench);
  mischief (bench, "flaky-read 3100007");
  run_agreeing (bench, 0);
  assert_failed (bench, UB_ERROR_CHECKSUM);
  assert_untouched (bench);
  g_assert_true (has_finding (bench, "The cable loses data. Data was damaged "));
  g_assert_cmpuint (count_journals (bench), ==, 0);
  g_assert_false (may_go_on (bench));
}

typedef struct
{
  Bench   *bench;
  gboolean yes;
  gboolean cures; /* another cable is taken before the answer */
  guint    n;
  guint    n_replugs;
  gboolean is_slow; /* with the plug: the phone's time goes on by itself */
} Person;

static void
on_question (UbSession *session, GParamSpec *pspec, Person *person)
{
  UbQuestion *question = ub_session_get_question (session);

  if (question == NULL)
    return;
  g_assert_cmpint (question->kind, ==, UB_QUESTION_CABLE);
  g_assert_null (question->word);
  g_assert_cmpuint (g_strv_length (question->details), ==, 1);
  person->n++;
  if (person->cures)
    mischief (person->bench, "none");
  ub_session_answer (session, person->yes);
}

/* unplugged when told to, and plugged in again */
static void
on_request (UbSession *session, GParamSpec *pspec, Person *person)
{
  if (ub_session_get_request (session) != UB_REQUEST_REPLUG)
    return;
  person->n_replugs++;
  ub_practice_phone_unplug (person->bench->phone);
  plug (person->bench);
}

/* @journal (nullable): gone on with */
static void
run_asked_with (Person *person, UbJournal *journal)
{
  Bench                 *bench = person->bench;
  const UbSessionOptions options = { .wait_ms = person->is_slow ? 0 : 60000,
                                     .may_ask = TRUE,
                                     .journal = journal };
  g_autoptr (UbPlan) plan = journal != NULL ? ub_journal_dup_plan (journal, NULL, NULL)
                                            : plan_verified (bench);
  g_autoptr (UbSession) session = session_new (bench, plan, &options);

  g_clear_object (&bench->report);
  g_signal_connect (session, "notify::question", G_CALLBACK (on_question), person);
  g_signal_connect (session, "notify::request", G_CALLBACK (on_request), person);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, person);
}

static void
run_asked (Person *person)
{
  run_asked_with (person, NULL);
}

static void
test_no (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  Person person = { .bench = bench };

  drop_early (bench);
  mischief (bench, "flaky-read 3100007");
  run_asked (&person);
  g_assert_cmpuint (person.n, ==, 1);
  assert_failed (bench, UB_ERROR_CHECKSUM);
  assert_untouched (bench);
}

static void
test_yes (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  Person person = { .bench = bench, .yes = TRUE, .cures = TRUE };

  drop_early (bench);
  mischief (bench, "flaky-read 3100007");
  run_asked (&person);
  g_assert_cmpuint (person.n, ==, 1);
  assert_done (bench);
  g_assert_true (has_finding (bench, "The cable loses data."));
}

/* a byte of the test is lost, so that the agent does not know any more what is said to it: it is not told to write */
static void
test_broken_talk (gconstpointer data)
{
  const guint64    late = measure (data, TRUE) - 5 * MIB;
  g_autofree char *line = g_strdup_printf ("lose-byte %" G_GUINT64_FORMAT, late);
  Meter            meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  Person person = { .bench = bench, .yes = TRUE, .is_slow = TRUE };

  drop_early (bench);
  mischief (bench, line);
  run_asked (&person);
  g_assert_cmpuint (person.n, ==, 1);
  g_assert_cmpuint (person.n_replugs, ==, 1);
  assert_done (bench);
  g_assert_true (has_finding (bench, "The cable loses data."));
}

/* --accept=cable */
static void
test_agreed_before (gconstpointer data)
{
  const Dialect *dialect = data;
  Meter          meter;
  g_autoptr (Bench) bench = open_bench (dialect, &meter);

  drop_early (bench);
  mischief (bench, "flaky-read 3100007");
  run_agreeing (bench, 1u << UB_QUESTION_CABLE);
  g_assert_true (has_finding (bench, "The cable loses data."));
  g_assert_true (ub_report_was_written (bench->report));
  /* these see it themselves when they read back, and ask for the packet once more */
  if (g_str_has_prefix (dialect->name, "legacy"))
    assert_done (bench);
}

/* damaged packets are a sign without any drop; only legacy agents' reading has sums */
static void
test_damaged_packets (void)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (&dialects[0], &meter);

  mischief (bench, "flaky-read 1500007");
  run_agreeing (bench, 1u << UB_QUESTION_CABLE);
  assert_done (bench);
  assert_only_images_written (bench);
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 0);
  g_assert_true (has_finding (bench, "The cable loses data."));
}

/* --- the test itself is cut --- */

static void
test_drops_in_it (gconstpointer data)
{
  const guint64 whole = measure (data, TRUE);
  Meter         meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);

  meter.in_test = whole - 5 * MIB;
  drop_early (bench);
  run_agreeing (bench, 0);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  assert_untouched (bench);
  g_assert_cmpuint (bench->n_pulled, >=, 5);
  g_assert_cmpuint (bench->n_pulled, <=, 8);
  g_assert_cmpuint (count_journals (bench), ==, 0);
}

/* --- something is written already --- */

typedef struct
{
  Bench *bench;
  guint  left;
  guint  bytes;    /* between two pulls */
  guint  flaky_at; /* from this pull on the cable flips bits, too; 0: never */
} Puller;

static void
pull_again (UbPracticePhone *phone, gpointer user_data)
{
  Puller          *puller = user_data;
  g_autofree char *line = NULL;

  puller->bench->n_pulled++;
  if (puller->bench->n_pulled == puller->flaky_at)
    mischief (puller->bench, "flaky-read 2100007");
  if (--puller->left == 0)
    return;
  line = g_strdup_printf ("unplug-after-bytes %u", puller->bytes);
  mischief (puller->bench, line);
}

static void
begin_pulling (Puller *puller, guint n)
{
  puller->left = n;
  puller->bytes = 4000000;
  ub_practice_phone_set_pulled (puller->bench->phone, pull_again, puller);
  mischief (puller->bench, "unplug-after-bytes 3000000");
}

/* it goes on without being asked anything, and without a test */
static void
test_goes_on (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  Puller puller = { .bench = bench };

  begin_pulling (&puller, 2);
  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 2);
  g_assert_false (has_finding (bench, "read twice"));
}

static void
test_goes_on_after_many (gconstpointer data)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (data, &meter);
  Puller puller = { .bench = bench };

  begin_pulling (&puller, 3);
  run_agreeing (bench, 0);
  assert_done (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 3);
  g_assert_true (has_finding (bench, "The cable is fine"));
}

/* a half-written phone is not left because nobody is there to be asked */
static void
test_half_written_and_alone (void)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (&dialects[0], &meter);
  Puller puller = { .bench = bench, .flaky_at = 3 };

  begin_pulling (&puller, 3);
  run_agreeing (bench, 0);
  assert_done (bench);
  assert_only_images_written (bench);
  g_assert_true (has_finding (bench, "The cable loses data."));
}

/* a yes is a yes */
static void
test_asked_once (void)
{
  const UbPracticePhoneOptions big = { .chip = "MT6580", .user_size = 128 * MIB };
  g_autoptr (Bench) bench = bench_new_full (&big, FALSE);
  Puller puller = { .bench = bench, .flaky_at = 3 };
  Person person = { .bench = bench, .yes = TRUE };

  set_replug (bench);
  /* a longer job */
  g_clear_object (&bench->firmware);
  g_assert_true (ub_practice_firmware_write (bench->phone, bench->folder, 20 * MIB, FALSE, NULL));
  bench->firmware = open_firmware (bench->folder);
  begin_pulling (&puller, 7);
  run_asked (&person);
  assert_done (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 7);
  g_assert_cmpuint (person.n, ==, 1);
  /* nor is it tested again: what came to the host are the phone's own bytes and one test */
  g_assert_cmpuint (ub_practice_phone_get_output_bytes (bench->phone), <, 130 * MIB);
}

/* half-written, and it can be gone on with by another cable: what was agreed upon then was nothing of this one */
static void
test_asked_in_the_middle (void)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (&dialects[0], &meter);
  Puller puller = { .bench = bench, .flaky_at = 3 };
  Person person = { .bench = bench };

  begin_pulling (&puller, 3);
  run_asked (&person);
  assert_failed (bench, UB_ERROR_CHECKSUM);
  g_assert_true (may_go_on (bench));
  mischief (bench, "none");
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
  run_journal (bench);
  assert_done (bench);
  g_assert_false (has_finding (bench, "cable"));
}

/* what was agreed upon when the job began was nothing of today's cable */
static void
test_asked_when_it_goes_on (void)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (&dialects[0], &meter);
  Puller puller = { .bench = bench, .flaky_at = 3 };
  Person person = { .bench = bench };
  g_autoptr (UbJournal) journal = NULL;

  begin_pulling (&puller, 3);
  run_asked (&person);
  assert_failed (bench, UB_ERROR_CHECKSUM);
  journal = ub_journal_open (ub_report_get_can_go_on (bench->report), NULL);
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
  begin_pulling (&puller, 3);
  mischief (bench, "unplug-after-bytes 200000");
  puller.bytes = 200000;
  run_asked_with (&person, journal);
  g_assert_cmpuint (person.n, ==, 2);
  assert_failed (bench, UB_ERROR_CHECKSUM);
  g_assert_true (may_go_on (bench));
}

/* --- what could not be talked to at this port --- */

typedef struct
{
  Bench     *bench;
  UbSession *session;
  guint      id;
} Teller;

static void
on_told (const UbSighting *sighting, gpointer user_data)
{
  Teller *teller = user_data;

  if (sighting->kind == UB_SIGHTING_BROKEN)
    ub_session_answer (teller->session, TRUE);
}

/* the session has subscribed before us, and hears it before us */
static void
on_danger (UbSession *session, GParamSpec *pspec, Teller *teller)
{
  static char      port[] = "1-1";
  const UbSighting broken = { .kind = UB_SIGHTING_BROKEN,
                              .present = TRUE,
                              .port = port,
                              .time_us = 1 };

  if (ub_session_get_question (session) == NULL)
    return;
  if (teller->id == 0)
    teller->id = ub_link_source_subscribe (teller->bench->source, NULL, on_told, teller);
  ub_link_source_tell (teller->bench->source, &broken);
}

static void
test_broken_port (void)
{
  Meter meter;
  g_autoptr (Bench) bench = open_bench (&dialects[0], &meter);
  const char *const  names[] = { "nvram", NULL };
  const UbPlanTarget target = { .names = names, .expert = TRUE };
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0), NULL };
  const UbSessionOptions options = { .agents = agents, .wait_ms = 60000, .may_ask = TRUE };
  g_autoptr (UbPlan) plan = ub_plan_new_erase (&target);
  g_autoptr (UbSession) session = session_new (bench, plan, &options);
  Teller teller = { .bench = bench, .session = session };

  g_signal_connect (session, "notify::question", G_CALLBACK (on_danger), &teller);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, &teller);
  ub_link_source_unsubscribe (bench->source, teller.id);
  assert_done (bench);
  g_assert_true (has_finding (bench, "The cable is fine"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char   *name;
    GTestDataFunc func;
  } tests[] = {
    { "no-signs", test_no_signs },
    { "fine", test_fine },
    { "greeting", test_greeting },
    { "reading-needs-none", test_reading_needs_none },
    { "speed", test_speed },
    { "slow", test_slow },
    { "nobody-agrees", test_nobody_agrees },
    { "no", test_no },
    { "yes", test_yes },
    { "broken-talk", test_broken_talk },
    { "agreed-before", test_agreed_before },
    { "drops-in-it", test_drops_in_it },
    { "goes-on", test_goes_on },
    { "goes-on-after-many", test_goes_on_after_many },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path =
            g_strdup_printf ("/engine/cable/%s/%s", dialects[i].name, tests[j].name);

        g_test_add_data_func (path, &dialects[i], tests[j].func);
      }
  g_test_add_func ("/engine/cable/damaged-packets", test_damaged_packets);
  g_test_add_func ("/engine/cable/half-written-and-alone", test_half_written_and_alone);
  g_test_add_func ("/engine/cable/asked-once", test_asked_once);
  g_test_add_func ("/engine/cable/asked-in-the-middle", test_asked_in_the_middle);
  g_test_add_func ("/engine/cable/asked-when-it-goes-on", test_asked_when_it_goes_on);
  g_test_add_func ("/engine/cable/broken-port", test_broken_port);
  return g_test_run ();
}
