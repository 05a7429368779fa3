/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <malloc.h>

#include "brom/ub-brom.h"
#include "chips/ub-chip.h"
#include "engine/ub-session-private.h"
#include "tests/engine/test-bench.h"
#include "tests/engine/test-cut-source.h"

/* Whatever stands between the plug and the phone's name: a clean session with the right chip, or words. Nothing here
 * waits: the clock is the practice phone's */

#define USER_SIZE (4 * MIB)
#define REPLUG_MS 700
/* no greeting, however odd, takes longer than this on the phone's clock, the waits for a plug apart */
#define PATIENCE_US (300 * (gint64) G_USEC_PER_SEC)
#define MOST_VISITS 60

static const char *const chips[] = { "MT6580", "MT6765", "MT6789" };
static const char *const entries[] = { "preloader", "boot-rom" };

/* a phone, a folder with its agents, and what became of the last job */
typedef struct
{
  const char *chip;
  UbEnter     enter;
  char       *home;
  char       *firmware;
  char       *agent;
  UbReport   *report;
  guint       n_requests[UB_REQUEST_LAST + 1]; /* how often it became this one */
  guint       n_visits;
  UbRequest   last;
} Scene;

static char *
find_agent (const char *folder)
{
  g_autoptr (UbFirmware) firmware = open_firmware (folder);

  return g_strdup (g_ptr_array_index (ub_firmware_get_agents (firmware), 0));
}

static UbPracticePhone *
phone_new (const Scene *scene)
{
  const UbPracticePhoneOptions options = { .chip = scene->chip,
                                           .enter = scene->enter,
                                           .user_size = USER_SIZE };
  g_autoptr (GError) error = NULL;
  UbPracticePhone *phone = ub_practice_phone_new (&options, &error);

  g_assert_no_error (error);
  ub_practice_phone_plug (phone);
  return phone;
}

static Scene *
scene_new (const char *chip, UbEnter enter)
{
  Scene *scene = g_new0 (Scene, 1);
  g_autoptr (UbPracticePhone) phone = NULL;
  g_autoptr (GError) error = NULL;

  scene->chip = chip;
  scene->enter = enter;
  scene->home = g_dir_make_tmp ("unbrick-connect-XXXXXX", NULL);
  scene->firmware = g_build_filename (scene->home, "firmware", NULL);
  g_assert_cmpint (g_mkdir (scene->firmware, 0700), ==, 0);
  phone = phone_new (scene);
  ub_practice_firmware_write (phone, scene->firmware, 0, FALSE, &error);
  g_assert_no_error (error);
  scene->agent = find_agent (scene->firmware);
  return scene;
}

static void
scene_free (Scene *scene)
{
  remove_folder (scene->home);
  g_free (scene->home);
  g_free (scene->firmware);
  g_free (scene->agent);
  g_clear_object (&scene->report);
  g_free (scene);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

/* --- a job that only asks who it is --- */

static void
on_news (const UbSessionNews *news, gpointer user_data)
{
  Scene *scene = user_data;

  if (news->request == scene->last)
    return;
  scene->last = news->request;
  scene->n_requests[scene->last]++;
}

/* in this thread, so that no request is missed */
static void
run_session (Scene *scene, UbLinkSource *source, GCancellable *cancellable)
{
  char              *agents[] = { scene->agent, NULL };
  char              *preloaders[] = { scene->firmware, NULL };
  UbSessionDesk      desk = { 0 };
  const UbSessionJob job = { .source = source,
                             .agents = agents,
                             .preloaders = preloaders,
                             .info_only = TRUE,
                             .trace = TRUE,
                             .wait_ms = 60000,
                             .copies_folder = scene->home,
                             .journal_folder = scene->home };

  g_mutex_init (&desk.lock);
  g_cond_init (&desk.news);
  memset (scene->n_requests, 0, sizeof scene->n_requests);
  scene->last = UB_REQUEST_NONE;
  g_clear_object (&scene->report);
  scene->report = ub_session_work_run (&job, &desk, on_news, scene, cancellable);
  g_mutex_clear (&desk.lock);
  g_cond_clear (&desk.news);
}

/* @n_lost: visits that end at once; @max_visits: then somebody has enough of it */
static void
run_on (Scene *scene, UbPracticePhone *phone, guint n_lost, guint max_visits)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (UbLinkSource) source = ub_practice_source_new (phone, FALSE, 0, G_MAXUINT);
  g_autoptr (TestCutSource) counted = test_cut_source_new (source, cancellable);

  counted->n_lost = n_lost;
  counted->max_waits = max_visits;
  ub_practice_source_set_replug (UB_PRACTICE_SOURCE (source), REPLUG_MS);
  g_assert_true (ub_link_source_start (source, NULL));
  run_session (scene, UB_LINK_SOURCE (counted), cancellable);
  scene->n_visits = counted->n_waits;
  ub_link_source_stop (source);
}

static void
tell_mischief (UbPracticePhone *phone, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines, ";", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      ub_practice_phone_mischief (phone, all[i], &error);
      g_assert_no_error (error);
    }
}

/* @lines: mischief, with a semicolon between */
static void
run_lines (Scene *scene, const char *lines)
{
  g_autoptr (UbPracticePhone) phone = phone_new (scene);

  g_test_message ("%s, %s: %s", scene->chip, entries[scene->enter], lines);
  tell_mischief (phone, lines);
  run_on (scene, phone, 0, MOST_VISITS);
}

/* --- what has to be true of it --- */

/* whoever is named is the phone that is there, always */
static void
assert_never_wrong (Scene *scene)
{
  UbPhoneInfo      *phone = ub_report_get_phone (scene->report);
  const UbBromInfo *brom = phone != NULL ? ub_phone_info_get_brom (phone) : NULL;

  if (brom == NULL)
    return;
  g_assert_nonnull (brom->chip);
  g_assert_cmpstr (brom->chip->name, ==, scene->chip);
  g_assert_cmphex (brom->hw_code, ==, brom->chip->hw_code);
  g_assert_cmphex (brom->target_config, ==, 0);
  g_assert_cmpint (brom->is_boot_rom, ==, brom->bl_version == 0xfe);
  if (!brom->is_boot_rom)
    g_assert_cmpuint (brom->bl_version, ==, g_str_equal (scene->chip, "MT6580") ? 1 : 3);
}

static void
assert_met (Scene *scene)
{
  g_assert_no_error (ub_report_get_error (scene->report));
  g_assert_cmpint (ub_report_get_result (scene->report), ==, UB_RESULT_DONE);
  g_assert_nonnull (ub_report_get_phone (scene->report));
  assert_never_wrong (scene);
}

static void
assert_met_as (Scene *scene, UbEnter enter)
{
  assert_met (scene);
  g_assert_cmpint (ub_phone_info_get_brom (ub_report_get_phone (scene->report))->is_boot_rom,
                   ==,
                   enter == UB_ENTER_BOOT_ROM);
}

static void
assert_words (Scene *scene)
{
  const GError *error = ub_report_get_error (scene->report);

  assert_never_wrong (scene);
  g_assert_cmpint (ub_report_get_result (scene->report), ==, UB_RESULT_FAILED);
  g_assert_nonnull (error);
  g_assert_true (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT) ||
                 g_error_matches (error, UB_ERROR, UB_ERROR_PROTOCOL));
  g_assert_cmpuint (strlen (error->message), >, 0);
  g_assert_cmpint (ub_report_get_duration (scene->report), <, PATIENCE_US);
}

/* it came and went until somebody had enough of it, and said what to do */
static void
assert_ridden (Scene *scene)
{
  assert_never_wrong (scene);
  g_assert_cmpint (ub_report_get_result (scene->report), ==, UB_RESULT_CANCELLED);
  g_assert_cmpuint (scene->n_visits, ==, MOST_VISITS);
  g_assert_cmpuint (scene->n_requests[UB_REQUEST_REPLUG] + scene->n_requests[UB_REQUEST_HOLD_KEY],
                    >,
                    0);
}

/* done, or said why not; never both, never for ever */
static void
assert_ended (Scene *scene)
{
  if (ub_report_get_result (scene->report) == UB_RESULT_DONE)
    assert_met (scene);
  else
    assert_words (scene);
}

/* --- the table --- */

#define MET -1
#define EITHER -2

typedef struct
{
  const char *lines;
  int         error; /* -1: it is met */
  gboolean
      leaves; /* a preloader does not stay long enough for words: it is ridden until somebody has enough */
} Nuisance;

#define LONG_AT                                                                                    \
  "41542b434756414c49443d0d0a41542b434756414c49443d0d0a41542b434756414c49443d0d0a41542b43475641"   \
  "4c49443d0d0a"

static const Nuisance nuisances[] = {
  { "none", MET },
  /* somebody else's bytes, first */
  { "stray AT", MET },
  { "stray AT+CGMI", MET },
  { "stray ATE0 V1 +CMEE=1;stray-later 3 AT+GCAP", MET },
  { "stray-hex " LONG_AT, -1 },
  { "stray-hex 00", MET },
  { "stray-hex ffffffff", MET },
  /* whose answer looks like the answer to our first byte, and to all of them */
  { "stray AT^SYSINFO", MET },
  { "stray-hex 5e", MET },
  { "stray-hex 5ef4aef9", MET },
  /* … and between ours, up to the first question */
  { "stray-later 1 AT", MET },
  { "stray-later 2 AT", MET },
  { "stray-later 3 AT^CURC?", MET },
  { "stray-later 4 ATE0", MET },
  { "stray-later 5 AT", MET },
  { "stray-later 6 AT+CGMI", MET },
  /* a handshake of somebody else */
  { "half-handshake 1", MET },
  { "half-handshake 2", MET },
  { "half-handshake 3", MET },
  { "half-handshake 4", MET },
  { "half-handshake-unread 1", MET },
  { "half-handshake-unread 2", MET },
  { "half-handshake-unread 3", MET },
  { "half-handshake-unread 4", MET },
  /* … who had asked a question, and left in the middle of another one */
  { "stray-hex a0a00a5005fd", MET },
  { "stray-hex a0a00a5005d7", MET },
  { "stray-hex a0a00a5005d41000", MET },
  { "stray-hex a0a00a5005d7002000000000", MET },
  /* READY */
  { "ready-flood 5", MET },
  { "ready-flood 4099", MET },
  { "ready-flood 100000", MET },
  { "ready-between 1", MET },
  { "ready-between 3", MET },
  { "ready-between 5", MET },
  { "ready-between 12", MET },
  { "ready-flood 700;ready-between 7;stray AT", MET },
  /* hubs */
  { "hub-reset 1", MET },
  { "hub-reset 3", MET },
  { "hub-reset 4", MET },
  { "hub-reset 5", MET },
  { "hub-reset 8", MET },
  { "slow 30", MET },
  { "slow 60", MET },
  /* words */
  { "echo-behind", UB_ERROR_PROTOCOL, TRUE },
  { "silent-after-handshake", UB_ERROR_LINK_TIMEOUT },
  { "silent-at-command boot:D4", UB_ERROR_LINK_TIMEOUT },
  /* a clean session if the answers come through */
  { "babble", EITHER },
  { "babble;slow 20", EITHER, TRUE },
  { "babble-after-handshake", EITHER },
  { "babble-after-handshake;slow 20", UB_ERROR_PROTOCOL },
};

static void
test_nuisances (gconstpointer data)
{
  g_autoptr (Scene) scene = scene_new (chips[GPOINTER_TO_UINT (data) / 2],
                                       (UbEnter) (GPOINTER_TO_UINT (data) % 2));

  for (gsize i = 0; i < G_N_ELEMENTS (nuisances); i++)
    {
      const Nuisance *nuisance = &nuisances[i];

      run_lines (scene, nuisance->lines);
      if (nuisance->error == MET)
        assert_met_as (scene, scene->enter);
      else if (nuisance->error == EITHER &&
               ub_report_get_result (scene->report) != UB_RESULT_CANCELLED)
        assert_ended (scene);
      else if (nuisance->leaves && scene->enter == UB_ENTER_PRELOADER)
        assert_ridden (scene);
      else
        {
          assert_words (scene);
          g_assert_error (ub_report_get_error (scene->report), UB_ERROR, nuisance->error);
        }
    }
}

/* --- everywhere --- */

/* how much is said until it is known who the phone is: transfers of the host, bytes of the phone */
static void
measure_greeting (Scene *scene, guint *messages, guint *bytes)
{
  g_autoptr (UbPracticePhone) phone = phone_new (scene);
  g_autoptr (UbLinkSource) source = ub_practice_source_new (phone, FALSE, 0, G_MAXUINT);
  g_autoptr (UbLink) link = NULL;
  UbBromInfo info;

  g_assert_true (ub_link_source_start (source, NULL));
  link = ub_link_source_wait (source, NULL, 1000, NULL, NULL);
  g_assert_nonnull (link);
  g_assert_true (ub_brom_handshake (link, NULL, NULL));
  g_assert_true (ub_brom_identify (link, &info, NULL, NULL));
  ub_link_close (link);
  ub_link_source_stop (source);
  *messages = (guint) ub_practice_phone_get_input_messages (phone);
  *bytes = (guint) ub_practice_phone_get_output_bytes (phone);
}

/* unplugged after each of our words, and plugged in again: as it was, and with other keys */
static void
test_replug (gconstpointer data)
{
  g_autoptr (Scene) scene = scene_new (chips[GPOINTER_TO_UINT (data) / 2],
                                       (UbEnter) (GPOINTER_TO_UINT (data) % 2));
  guint messages, bytes;

  measure_greeting (scene, &messages, &bytes);
  for (guint i = 1; i <= messages; i++)
    for (guint j = 0; j < 3; j++)
      {
        static const char *const keys[] = { "none", "enter-next preloader", "enter-next bootrom" };
        const UbEnter            enter = j == 0   ? scene->enter
                                         : j == 1 ? UB_ENTER_PRELOADER
                                                  : UB_ENTER_BOOT_ROM;
        g_autofree char *lines = g_strdup_printf ("%s;unplug-after-messages %u", keys[j], i);

        run_lines (scene, lines);
        assert_met_as (scene, enter);
        g_assert_cmpuint (scene->n_visits, ==, 2);
        if (scene->enter == UB_ENTER_PRELOADER && enter == UB_ENTER_BOOT_ROM)
          g_assert_cmpuint (scene->n_requests[UB_REQUEST_RELEASE_KEYS], ==, 1);
      }
}

/* each byte to us lost, doubled; each of our words followed by a reset of the bus, or by somebody else's bytes */
static void
test_everywhere (gconstpointer data)
{
  static const char *const kinds[][2] = { { "lose-byte", "" },
                                          { "double-byte", "" },
                                          { "hub-reset", "" },
                                          { "stray-later", " AT" } };
  g_autoptr (Scene) scene = scene_new (chips[GPOINTER_TO_UINT (data) / 2],
                                       (UbEnter) (GPOINTER_TO_UINT (data) % 2));
  guint messages, bytes;
  guint n_met = 0;
  guint n = 0;

  measure_greeting (scene, &messages, &bytes);
  for (guint i = 1; i <= MAX (messages, bytes); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (kinds); j++)
      {
        g_autofree char *lines = g_strdup_printf ("%s %u%s", kinds[j][0], i, kinds[j][1]);

        if (i > (j < 2 ? bytes : messages))
          continue;
        run_lines (scene, lines);
        assert_ended (scene);
        n++;
        n_met += ub_report_get_result (scene->report) == UB_RESULT_DONE;
        if (ub_report_get_result (scene->report) != UB_RESULT_DONE)
          g_test_message ("not met: %s", ub_report_get_error (scene->report)->message);
      }
  g_test_message ("%u of %u met", n_met, n);
  g_assert_cmpuint (n_met, ==, n);
}

/* --- the clock --- */

/* A phone with nothing in the way: the first byte leaves at once, a boot ROM is met in no time, and a preloader within the 300 ms
 * it allows from the first byte, even if it is there for no longer than that */
static void
test_window (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (chips) * 2; i++)
    {
      g_autoptr (Scene) scene = scene_new (chips[i / 2], (UbEnter) (i % 2));
      const UbPracticePhoneOptions options = { .chip = scene->chip,
                                               .enter = scene->enter,
                                               .user_size = USER_SIZE,
                                               .window_ms = 300 };
      g_autoptr (UbPracticePhone) phone = ub_practice_phone_new (&options, NULL);
      g_autoptr (UbLinkSource) source = ub_practice_source_new (phone, FALSE, 0, 100);
      g_autoptr (UbLink) link = NULL;
      gint64 begin;

      g_assert_true (ub_link_source_start (source, NULL));
      link = ub_link_source_wait (source, NULL, 1000, NULL, NULL);
      g_assert_nonnull (link);
      begin = ub_link_now (link);
      g_assert_true (ub_brom_handshake (link, NULL, NULL));
      g_assert_cmpint (ub_link_now (link) - begin,
                       <=,
                       scene->enter == UB_ENTER_BOOT_ROM ? 0 : 60 * 1000);
      ub_link_close (link);
      ub_link_source_stop (source);
    }
}

/* --- for ever --- */

/* a thousand visits are as many as one: what is kept of them does not grow */
static void
test_comes_and_goes (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Scene) scene = scene_new ("MT6765", (UbEnter) i);
      gsize before = 0;

      for (guint n = 100; n <= 1000; n += 900)
        {
          g_autoptr (UbPracticePhone) phone = phone_new (scene);
          gsize now;

          run_on (scene, phone, n, 0);
          assert_met_as (scene, scene->enter);
          g_assert_cmpuint (scene->n_visits, ==, n + 1);
          g_assert_cmpuint (
              scene->n_requests[scene->enter == UB_ENTER_BOOT_ROM ? UB_REQUEST_REPLUG
                                                                  : UB_REQUEST_HOLD_KEY],
              ==,
              1);
          now = mallinfo2 ().uordblks;
          if (n > 100)
            g_assert_cmpuint (now, <, before + 64 * 1024);
          before = now;
        }
    }
}

static gboolean
has_words (Scene *scene, const char *words)
{
  const char *const *findings = ub_report_get_findings (scene->report);

  for (guint i = 0; findings[i] != NULL; i++)
    if (strstr (findings[i], words) != NULL)
      return TRUE;
  return FALSE;
}

/* a hub that resets for ever is a matter of cables, not of keys */
static void
test_hub (gconstpointer data)
{
  g_autoptr (Scene) scene = scene_new (chips[GPOINTER_TO_UINT (data) / 2],
                                       (UbEnter) (GPOINTER_TO_UINT (data) % 2));

  run_lines (scene, "hub-reset-every 6");
  assert_ridden (scene);
  g_assert_cmpuint (scene->n_requests[UB_REQUEST_REPLUG], ==, 1);
  g_assert_cmpuint (scene->n_requests[UB_REQUEST_HOLD_KEY], ==, 0);
  g_assert_true (has_words (scene, "a hub between may be loose"));
  run_lines (scene, "hub-reset 6");
  assert_met_as (scene, scene->enter);
  g_assert_false (has_words (scene, "a hub between may be loose"));
}

/* --- anything at all --- */

static char *
choose_stray (GRand *rand)
{
  g_autoptr (GString) line = g_string_new ("stray-hex ");
  const int n = g_rand_int_range (rand, 1, 513);

  for (int i = 0; i < n; i++)
    g_string_append_printf (line, "%02x", g_rand_int_range (rand, 0x0a, 0x7f));
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* one to four nuisances at once */
static char *
choose_lines (GRand *rand)
{
  static const char *const counted[] = {
    "lose-byte",      "double-byte",           "hub-reset",
    "ready-between",  "unplug-after-messages", "unplug-after-output-bytes",
    "half-handshake", "half-handshake-unread"
  };
  static const char *const others[] = {
    "echo-behind",        "silent-after-handshake", "babble",
    "enter-next bootrom", "enter-next preloader",   "garbage-at-handshake",
    "stray AT",           "ready-flood 3333",       "babble-after-handshake"
  };
  g_autoptr (GString) lines = g_string_new ("none");
  const int n = g_rand_int_range (rand, 1, 5);

  for (int i = 0; i < n; i++)
    {
      const int        kind = g_rand_int_range (rand, 0, 10);
      g_autofree char *stray = choose_stray (rand);

      g_string_append_c (lines, ';');
      if (kind == 0)
        g_string_append (lines, stray);
      else if (kind == 1)
        g_string_append (lines, others[g_rand_int_range (rand, 0, G_N_ELEMENTS (others))]);
      else if (kind == 2)
        g_string_append_printf (lines, "stray-later %d AT", g_rand_int_range (rand, 1, 40));
      else if (kind == 3)
        g_string_append_printf (lines, "slow %d", g_rand_int_range (rand, 1, 200));
      else
        {
          const int which = g_rand_int_range (rand, 0, G_N_ELEMENTS (counted));

          g_string_append_printf (lines,
                                  "%s %d",
                                  counted[which],
                                  g_rand_int_range (rand, 1, which < 6 ? 130 : 5));
        }
    }
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

/* after the greeting a lost byte is the agent's trouble, and has words of its own */
static void
assert_ended_somehow (Scene *scene)
{
  const UbResult result = ub_report_get_result (scene->report);

  assert_never_wrong (scene);
  if (result == UB_RESULT_DONE)
    assert_met (scene);
  else if (result == UB_RESULT_CANCELLED)
    g_assert_cmpuint (scene->n_visits, ==, MOST_VISITS);
  else
    g_assert_cmpuint (strlen (ub_report_get_error (scene->report)->message), >, 0);
}

static void
test_walk (gconstpointer data)
{
  g_autoptr (Scene) scene = scene_new (chips[GPOINTER_TO_UINT (data) / 2],
                                       (UbEnter) (GPOINTER_TO_UINT (data) % 2));
  const char *length = g_getenv ("UB_WALK");
  const guint n = length != NULL ? (guint) g_ascii_strtoull (length, NULL, 10) : 150;
  guint       n_met = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (i * 6 + GPOINTER_TO_UINT (data));
      g_autofree char *lines = choose_lines (rand);

      run_lines (scene, lines);
      assert_ended_somehow (scene);
      n_met += ub_report_get_result (scene->report) == UB_RESULT_DONE;
    }
  g_test_message ("%u of %u met", n_met, n);
  g_assert_cmpuint (n_met, >, n / 2);
}

static void
add_for_all (const char *name, GTestDataFunc test)
{
  for (guint i = 0; i < G_N_ELEMENTS (chips) * 2; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/engine/session/connect/%s/%s/%s", name, chips[i / 2], entries[i % 2]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_for_all ("nuisances", test_nuisances);
  add_for_all ("replug", test_replug);
  add_for_all ("everywhere", test_everywhere);
  add_for_all ("hub", test_hub);
  add_for_all ("walk", test_walk);
  g_test_add_func ("/engine/session/connect/window", test_window);
  g_test_add_func ("/engine/session/connect/comes-and-goes", test_comes_and_goes);
  return g_test_run ();
}
