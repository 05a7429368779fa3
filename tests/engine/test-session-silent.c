/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-advice.h"
#include "tests/engine/test-session-modes.h"

/* Phones that say nothing once their loader was started, and phones that go dark (shared/facts/troubles.md 8 and 27) */

/* what a chip's agents hear when they are told that there is a battery, and that there is none */
typedef struct
{
  const char *name;
  const char *chip;
  UbEnter     enter;
  guint       present;
  guint       none;
} Dialect;

static const Dialect dialects[] = {
  { "legacy", "MT6580", UB_ENTER_PRELOADER, 1, 0 },
  { "legacy-boot-rom", "MT6580", UB_ENTER_BOOT_ROM, 1, 0 },
  { "xflash", "MT6765", UB_ENTER_PRELOADER, 0, 1 },
  { "xml", "MT6789", UB_ENTER_BOOT_ROM, 0, 1 },
};

static void
on_pulled (UbPracticePhone *phone, gpointer user_data)
{
  ((Bench *) user_data)->n_pulled++;
}

static Bench *
open_bench (const Dialect *dialect)
{
  Bench *bench = bench_new (dialect->chip, dialect->enter);

  ub_practice_phone_set_pulled (bench->phone, on_pulled, bench);
  return bench;
}

/* The owner is told once what to do, and does it; later on it goes by itself. @more (nullable): another container. TRUE: told */
static gboolean
run_told (Bench *bench, const char *more)
{
  const char            *agents[] = { more, NULL };
  const UbSessionOptions options = { .agents = agents };
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  g_autoptr (UbSession) session = session_new (bench, plan, &options);
  gboolean told;

  g_clear_object (&bench->report);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL && ub_session_get_request (session) != UB_REQUEST_BATTERY)
    g_main_context_iteration (NULL, TRUE);
  told = bench->report == NULL;
  if (told)
    {
      mischief (bench, "patience 120000");
      set_replug (bench);
      plug (bench);
    }
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  return told;
}

static guint
count_findings (Bench *bench, const char *text)
{
  const char *const *findings = ub_report_get_findings (bench->report);
  guint              n = 0;

  for (gsize i = 0; findings[i] != NULL; i++)
    n += strstr (findings[i], text) != NULL;
  return n;
}

/* everything was read back, too. Framed agents write more than they are told to: a preloader's whole area */
static void
assert_written (Bench *bench, const Dialect *dialect)
{
  assert_done (bench);
  if (g_str_has_prefix (dialect->name, "legacy"))
    assert_only_images_written (bench);
}

static void
need (Bench *bench, guint setting)
{
  g_autofree char *line = g_strdup_printf ("needs-battery %x", setting);

  mischief (bench, line);
}

/* three tries, then words, with the number that people look for */
static void
test_always (gconstpointer data)
{
  g_autoptr (Bench) bench = open_bench (data);
  const UbAdvice *advice;

  mischief (bench, "silent-after-jump");
  g_assert_true (run_told (bench, NULL));
  assert_failed (bench, UB_ERROR_AGENT_SILENT);
  assert_untouched (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 1);
  g_assert_cmpuint (count_findings (bench, "did not answer after the loader"), ==, 3);
  g_assert_true (has_finding (bench, "(battery: automatic)"));
  g_assert_true (has_finding (bench, "(with battery)"));
  g_assert_true (has_finding (bench, "(without battery)"));
  advice = ub_advice_for_error (ub_report_get_error (bench->report), FALSE);
  g_assert_true (g_str_has_prefix (advice->spft, "4001"));
  /* waiting for a person is no work */
  g_assert_cmpint (ub_report_get_duration (bench->report), <, 120 * G_USEC_PER_SEC);
}

static void
test_with_battery (gconstpointer data)
{
  const Dialect *dialect = data;
  g_autoptr (Bench) bench = open_bench (dialect);

  need (bench, dialect->present);
  g_assert_true (run_told (bench, NULL));
  assert_written (bench, data);
  g_assert_cmpuint (bench->n_pulled, ==, 0);
  g_assert_cmpuint (count_findings (bench, "did not answer after the loader"), ==, 1);
  g_assert_true (has_finding (bench, "(with battery) answered"));
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 0);
}

static void
test_without_battery (gconstpointer data)
{
  const Dialect *dialect = data;
  g_autoptr (Bench) bench = open_bench (dialect);

  need (bench, dialect->none);
  g_assert_true (run_told (bench, NULL));
  assert_written (bench, data);
  g_assert_cmpuint (bench->n_pulled, ==, 1);
  g_assert_true (has_finding (bench, "(without battery) answered"));
}

/* the container of another year */
static char *
make_other_agent (const Dialect *dialect, char **folder)
{
  const UbPracticePhoneOptions options = { .chip = dialect->chip, .build_year = 2021 };
  g_autoptr (UbPracticePhone) phone = ub_practice_phone_new (&options, NULL);
  g_autoptr (UbFirmware) firmware = NULL;

  *folder = g_dir_make_tmp ("unbrick-agent-XXXXXX", NULL);
  g_assert_true (ub_practice_firmware_write (phone, *folder, MIB, FALSE, NULL));
  firmware = open_firmware (*folder);
  return g_strdup (g_ptr_array_index (ub_firmware_get_agents (firmware), 0));
}

static void
test_other_loader (gconstpointer data)
{
  g_autoptr (Bench) bench = open_bench (data);
  g_autofree char *folder = NULL;
  g_autofree char *other = make_other_agent (data, &folder);

  mischief (bench, "silent-agent 2019");
  g_assert_true (run_told (bench, other));
  assert_written (bench, data);
  g_assert_cmpuint (bench->n_pulled, ==, 0);
  g_assert_cmpuint (count_findings (bench, "did not answer after the loader"), ==, 1);
  remove_folder (folder);
}

/* the cable drops while it writes: what answered is used again, at once */
static void
test_stays_with_what_answered (gconstpointer data)
{
  const Dialect *dialect = data;
  g_autoptr (Bench) bench = open_bench (dialect);

  need (bench, dialect->present);
  mischief (bench, "unplug-after-bytes 4000000");
  g_assert_true (run_told (bench, NULL));
  assert_written (bench, data);
  g_assert_cmpuint (ub_report_get_n_drops (bench->report), ==, 1);
  g_assert_cmpuint (count_findings (bench, "did not answer after the loader"), ==, 1);
  g_assert_cmpuint (bench->n_pulled, ==, 1);
}

/* --- nobody unplugs it --- */

static void
on_request (UbSession *session, GParamSpec *pspec, Bench *bench)
{
  if (ub_session_get_request (session) == UB_REQUEST_BATTERY)
    g_cancellable_cancel (bench->cancellable);
}

static void
test_stopped (gconstpointer data)
{
  const UbSessionOptions options = { .wait_ms = 0 };
  g_autoptr (Bench) bench = open_bench (data);
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);
  g_autoptr (UbSession) session = session_new (bench, plan, &options);

  mischief (bench, "silent-after-jump");
  g_signal_connect (session, "notify::request", G_CALLBACK (on_request), bench);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, bench);
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_CANCELLED);
  assert_untouched (bench);
}

static void
test_left_alone (gconstpointer data)
{
  const UbSessionOptions options = { .wait_ms = 5000 };
  g_autoptr (Bench) bench = open_bench (data);
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_DOWNLOAD_ONLY, TRUE);

  mischief (bench, "silent-after-jump");
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_AGENT_SILENT);
  assert_untouched (bench);
  g_assert_cmpuint (count_findings (bench, "did not answer after the loader"), ==, 1);
}

/* --- going dark --- */

/* with a clock that is moved by bytes */
static void
set_speed (Bench *bench, guint64 speed)
{
  ub_link_source_stop (bench->source);
  g_clear_object (&bench->source);
  bench->source = ub_practice_source_new (bench->phone, FALSE, speed, 0);
  g_assert_true (ub_link_source_start (bench->source, NULL));
}

static void
test_dark (gconstpointer data)
{
  const Dialect *dialect = data;
  g_autoptr (Bench) bench = open_bench (dialect);

  set_speed (bench, MIB);
  mischief (bench, "vanish-after-jump 4000");
  need (bench, dialect->present);
  g_assert_true (run_told (bench, NULL));
  assert_written (bench, data);
  g_assert_cmpuint (bench->n_pulled, ==, 1);
  g_assert_cmpuint (count_findings (bench, "The phone went dark 4."), ==, 1);
}

/* it never gets any further: not for ever */
static void
test_always_dark (gconstpointer data)
{
  g_autoptr (Bench) bench = open_bench (data);

  set_speed (bench, MIB);
  mischief (bench, "vanish-after-jump 4000");
  g_assert_true (run_told (bench, NULL));
  assert_failed (bench, UB_ERROR_LINK_LOST);
  assert_untouched (bench);
  g_assert_cmpuint (bench->n_pulled, <=, 8);
  g_assert_cmpuint (count_findings (bench, "The phone went dark"), >=, 3);
}

/* a cable that lets go later says nothing of the battery */
static void
test_late_drop (gconstpointer data)
{
  g_autoptr (Bench) bench = open_bench (data);

  set_speed (bench, MIB / 4);
  set_replug (bench);
  mischief (bench, "unplug-after-output-bytes 9000000");
  run (bench);
  g_assert_cmpuint (bench->n_pulled, ==, 1);
  assert_done (bench);
  g_assert_cmpuint (count_findings (bench, "The phone went dark"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char   *name;
    GTestDataFunc func;
  } tests[] = {
    { "always", test_always },
    { "with-battery", test_with_battery },
    { "without-battery", test_without_battery },
    { "other-loader", test_other_loader },
    { "stays-with-what-answered", test_stays_with_what_answered },
    { "stopped", test_stopped },
    { "left-alone", test_left_alone },
    { "dark", test_dark },
    { "always-dark", test_always_dark },
    { "late-drop", test_late_drop },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path =
            g_strdup_printf ("/engine/silent/%s/%s", dialects[i].name, tests[j].name);

        g_test_add_data_func (path, &dialects[i], tests[j].func);
      }
  return g_test_run ();
}
