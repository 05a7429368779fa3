/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "console/ub-console-guide.h"
#include "console/ub-console-private.h"
#include "console/ub-console-sighting.h"

#define S(seconds) ((gint64) ((seconds) * (double) G_USEC_PER_SEC))
#define START S (1000)

/* --- what is said --- */

static void
collect (const char *line, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (line));
}

/* so many lines since the last call */
static guint
count_new (GPtrArray *lines)
{
  guint n = lines->len;

  g_ptr_array_set_size (lines, 0);
  return n;
}

static UbSighting
phone (UbSightingKind kind, double at, gboolean present)
{
  return (UbSighting){ .kind = kind,
                       .present = present,
                       .access = kind == UB_SIGHTING_ANDROID ? UB_ACCESS_UNKNOWN : UB_ACCESS_OK,
                       .port = (char *) "1-2",
                       .time_us = START + S (at) };
}

static void
see (UbConsoleGuide *guide, UbSighting sighting)
{
  ub_console_guide_see (guide, &sighting, sighting.time_us);
}

/* one line for each hint, however often somebody looks */
static void
test_each_step_once (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UbConsoleGuide) guide = ub_console_guide_new ("Waiting for the phone", collect, lines);

  ub_console_guide_look (guide, START - 1);
  g_assert_cmpuint (count_new (lines), ==, 0);
  ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START);
  /* the title was told before; tests run untranslated */
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_null (strstr (lines->pdata[0], "Waiting"));
  count_new (lines);
  for (guint second = 0; second < 60; second++)
    {
      ub_console_guide_look (guide, START + S (second));
      g_assert_cmpuint (count_new (lines), ==, second == 15 || second == 30 ? 1 : 0);
      ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START + S (second));
      g_assert_cmpuint (count_new (lines), ==, 0);
    }
  ub_console_guide_follow (guide, UB_REQUEST_NONE, FALSE, START + S (61));
  ub_console_guide_look (guide, START + S (900));
  g_assert_cmpuint (count_new (lines), ==, 0);
}

static void
test_what_is_seen (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UbConsoleGuide) guide = ub_console_guide_new ("Waiting for the phone", collect, lines);
  UbSighting busy = phone (UB_SIGHTING_PRELOADER, 9, TRUE);

  ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START);
  count_new (lines);
  see (guide, phone (UB_SIGHTING_ANDROID, 5, TRUE));
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_nonnull (strstr (lines->pdata[0], "switched on. "));
  see (guide, phone (UB_SIGHTING_ANDROID, 5, TRUE));
  g_assert_cmpuint (count_new (lines), ==, 1);
  /* back to waiting: that is news */
  see (guide, phone (UB_SIGHTING_ANDROID, 7, FALSE));
  g_assert_cmpuint (count_new (lines), ==, 1);
  /* one that is ready needs no hands */
  see (guide, phone (UB_SIGHTING_PRELOADER, 8, TRUE));
  see (guide, phone (UB_SIGHTING_PRELOADER, 9, FALSE));
  g_assert_cmpuint (count_new (lines), ==, 0);
  /* strangers do not write on the terminal */
  busy.access = UB_ACCESS_BUSY;
  busy.holder = (char *) "evil\033[2J\n";
  see (guide, busy);
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_nonnull (strstr (lines->pdata[0], "evil"));
  g_assert_null (strpbrk (lines->pdata[0], "\033\n"));
}

static void
test_plain (void)
{
  static const char *const words[][2] = {
    { "MT65xx Preloader", "MT65xx Preloader" },
    { "caf\303\251 \342\200\234x\342\200\235 \333\214\342\200\214\333\214",
      "caf\303\251 \342\200\234x\342\200\235 \333\214\342\200\214\333\214" },
    { "a\033[2Jb\r\nc\177", "a [2Jb  c " },
    { "\302\2332J\302\205", " 2J " },                        /* CSI and NEL in one character each */
    { "a\342\200\256b\342\201\247c", "a b c" },              /* turns what follows around */
    { "a\342\200\250b\342\200\251c\357\273\277", "a b c " }, /* lines, paragraphs, nothing at all */
    { "\377\2332J", "\357\277\275\357\277\2752J" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *plain = ub_console_sighting_dup_plain (words[i][0]);

      g_assert_cmpstr (plain, ==, words[i][1]);
    }
}

static void
test_keys_and_battery (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UbConsoleGuide) guide = ub_console_guide_new ("Waiting for the phone", collect, lines);

  ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START);
  ub_console_guide_look (guide, START + S (31));
  count_new (lines);
  see (guide, phone (UB_SIGHTING_BOOT_ROM, 40, TRUE));
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_nonnull (strstr (lines->pdata[0], "Let go"));
  count_new (lines);
  ub_console_guide_follow (guide, UB_REQUEST_NONE, FALSE, START + S (40.1));
  ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START + S (90));
  count_new (lines);
  /* what is a question with two buttons in the window is a line more here */
  see (guide, phone (UB_SIGHTING_BOOT_ROM, 91, FALSE));
  count_new (lines);
  ub_console_guide_follow (guide, UB_REQUEST_BATTERY, TRUE, START + S (92));
  g_assert_cmpuint (lines->len, ==, 2);
  g_assert_nonnull (strstr (lines->pdata[1], "battery"));
}

/* the drop is told by the progress: no second time, but what helps if it lasts */
static void
test_drop (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UbConsoleGuide) guide = ub_console_guide_new ("Waiting for the phone", collect, lines);

  ub_console_guide_follow (guide, UB_REQUEST_NONE, TRUE, START);
  ub_console_guide_follow (guide, UB_REQUEST_NONE, FALSE, START + S (2));
  count_new (lines);
  ub_console_guide_follow (guide, UB_REQUEST_GO_ON, TRUE, START + S (100));
  g_assert_cmpuint (count_new (lines), ==, 0);
  ub_console_guide_look (guide, START + S (116));
  g_assert_cmpuint (count_new (lines), ==, 1);
}

/* --- lines and JSON --- */

static void
check_line (UbSighting sighting, const char *expected)
{
  g_autofree char *line = NULL;

  sighting.port = (char *) "1-2.4";
  sighting.time_us = START + S (12.5);
  line = ub_console_sighting_dup_line (&sighting, START);
  g_assert_cmpstr (line, ==, expected);
}

static void
test_lines (void)
{
  check_line ((UbSighting){ .kind = UB_SIGHTING_PRELOADER,
                            .present = TRUE,
                            .access = UB_ACCESS_OK,
                            .vendor = 0x0e8d,
                            .product = 0x2000,
                            .name = (char *) "MT65xx\tPreloader" },
              "  12.500  1-2.4    +  0e8d:2000  preloader MT65xx Preloader");
  check_line ((UbSighting){ .kind = UB_SIGHTING_PRELOADER,
                            .present = TRUE,
                            .access = UB_ACCESS_DENIED,
                            .vendor = 0x0e8d,
                            .product = 0x2000,
                            .appearances = 3,
                            .last_us = S (2.1),
                            .away_us = S (3) },
              "  12.500  1-2.4    +  0e8d:2000  preloader, no permission to open it, 3 times, away "
              "for 3.00 s");
  check_line ((UbSighting){ .kind = UB_SIGHTING_PRELOADER,
                            .access = UB_ACCESS_BUSY,
                            .vendor = 0x0e8d,
                            .product = 0x2000,
                            .appearances = 3,
                            .last_us = S (2.1) },
              "  12.500  1-2.4    -  0e8d:2000  preloader, was there for 2.10 s");
  check_line (
      (UbSighting){ .kind = UB_SIGHTING_BOOT_ROM,
                    .present = TRUE,
                    .access = UB_ACCESS_BUSY,
                    .vendor = 0x22d9,
                    .product = 0x0006,
                    .traits = UB_TRAIT_OWN_IDS,
                    .holder = (char *) "ModemManager",
                    .holder_is_guess = TRUE },
      "  12.500  1-2.4    +  22d9:0006  boot ROM (its maker's own numbers), in use, perhaps "
      "by ModemManager");
  check_line ((UbSighting){ .kind = UB_SIGHTING_BROKEN,
                            .present = TRUE,
                            .fault = (char *) "device descriptor read/64, error -71" },
              "  12.500  1-2.4    +  ----:----  something that cannot be talked to, device "
              "descriptor read/64, error -71");
  check_line ((UbSighting){ .kind = UB_SIGHTING_ANDROID,
                            .present = TRUE,
                            .vendor = 0x0e8d,
                            .product = 0x201d,
                            .traits = UB_TRAIT_MTP | UB_TRAIT_ADB },
              "  12.500  1-2.4    +  0e8d:201d  phone that is switched on (files, ADB)");
}

/* every kind has a word of its own, and whatever a phone says of itself is valid JSON in one line */
static void
test_json (void)
{
  g_autoptr (GHashTable) kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int kind = 0; kind <= UB_SIGHTING_LAST; kind++)
    for (int access = 0; access <= UB_ACCESS_BUSY; access++)
      {
        UbSighting       sighting = { .kind = (UbSightingKind) kind,
                                      .access = (UbAccess) access,
                                      .present = access != 0,
                                      .port = (char *) "1-2",
                                      .name = (char *) "a\"b\n\xff\033",
                                      .holder = access == UB_ACCESS_BUSY ? (char *) "adb" : NULL,
                                      .traits = G_MAXUINT,
                                      .vendor = 0x0e8d,
                                      .product = 3,
                                      .away_us = S (1.5),
                                      .time_us = START + S (2) };
        g_autofree char *text = ub_console_sighting_dup_json (&sighting, START);
        g_autoptr (JsonNode) node = json_from_string (text, NULL);
        JsonObject *object;

        g_assert_nonnull (node);
        g_assert_null (strchr (text, '\n'));
        object = json_node_get_object (node);
        g_hash_table_add (kinds, g_strdup (json_object_get_string_member (object, "kind")));
        g_assert_cmpfloat (json_object_get_double_member (object, "time"), ==, 2.0);
        g_assert_cmpfloat (json_object_get_double_member (object, "away"), ==, 1.5);
        g_assert_cmpstr (json_object_get_string_member (object, "product"), ==, "0003");
        g_assert_cmpint (json_object_get_boolean_member (object, "present"), ==, access != 0);
        g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "traits")),
                          ==,
                          6);
        g_assert_cmpint (json_object_has_member (object, "holder"), ==, access == UB_ACCESS_BUSY);
        g_assert_cmpint (json_object_has_member (object, "access"),
                         ==,
                         access != UB_ACCESS_UNKNOWN);
      }
  g_assert_cmpuint (g_hash_table_size (kinds), ==, UB_SIGHTING_LAST + 1);
}

/* --- afterwards --- */

#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, UbLinkSource)

struct _TestSource
{
  UbLinkSource parent_instance;
};

G_DEFINE_FINAL_TYPE (TestSource, test_source, UB_TYPE_LINK_SOURCE)

static void
test_source_class_init (TestSourceClass *klass)
{
}

static void
test_source_init (TestSource *self)
{
}

/* what the phone does while it is watched */
typedef struct
{
  UbLinkSource  *source;
  UbSightingKind kinds[3];
  gboolean       cancel; /* and then somebody presses Ctrl+C */
  GCancellable  *cancellable;
} Play;

static gboolean
play_cb (gpointer data)
{
  Play *play = data;

  for (guint i = 0; i < G_N_ELEMENTS (play->kinds) && play->kinds[i] != UB_SIGHTING_NOTHING; i++)
    {
      UbSighting sighting = { .kind = play->kinds[i], .present = TRUE, .port = (char *) "1-2" };

      ub_link_source_tell (play->source, &sighting);
    }
  if (play->cancel)
    g_cancellable_cancel (play->cancellable);
  return G_SOURCE_REMOVE;
}

static void
check_stay (Play play, const char *after)
{
  g_autoptr (UbLinkSource) source = g_object_new (TEST_TYPE_SOURCE, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (UbReport) report = ub_report_new (UB_RESULT_DONE,
                                               NULL,
                                               NULL,
                                               NULL,
                                               UB_SESSION_DONE,
                                               1,
                                               1000,
                                               1000,
                                               NULL,
                                               NULL);
  UbConsoleSetup setup = { .source = source };
  UbConsole      console = { .setup = &setup, .cancellable = cancellable, .json = TRUE };

  play.source = source;
  play.cancellable = cancellable;
  g_timeout_add (1, play_cb, &play);
  ub_console_stay_run (&console, report);
  g_assert_cmpstr (ub_report_get_after (report), ==, after);
}

static void
test_stay (void)
{
  check_stay ((Play){ .kinds = { UB_SIGHTING_PRELOADER, UB_SIGHTING_ANDROID } }, "started");
  check_stay ((Play){ .kinds = { UB_SIGHTING_PRELOADER, UB_SIGHTING_FASTBOOT }, .cancel = TRUE },
              "fastboot");
  /* nothing is known yet */
  check_stay ((Play){ .kinds = { UB_SIGHTING_PRELOADER }, .cancel = TRUE }, NULL);
  check_stay ((Play){ .cancel = TRUE }, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/console/guide/each-step-once", test_each_step_once);
  g_test_add_func ("/console/guide/what-is-seen", test_what_is_seen);
  g_test_add_func ("/console/guide/keys-and-battery", test_keys_and_battery);
  g_test_add_func ("/console/guide/drop", test_drop);
  g_test_add_func ("/console/sighting/plain", test_plain);
  g_test_add_func ("/console/sighting/lines", test_lines);
  g_test_add_func ("/console/sighting/json", test_json);
  g_test_add_func ("/console/stay", test_stay);

  return g_test_run ();
}
