/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "app/ub-settings.h"
#include "app/ub-words.h"

static void
assert_taken (char *text, const char *wanted)
{
  g_assert_cmpstr (text, ==, wanted);
  g_free (text);
}

static void
test_sizes (void)
{
  assert_taken (ub_words_format_part_size (256 * 1024), "256 KiB");
  assert_taken (ub_words_format_part_size (22 * 1024 * 1024), "22 MiB");
  assert_taken (ub_words_format_part_size (G_GUINT64_CONSTANT (2048) * 1024 * 1024), "2048 MiB");
  assert_taken (ub_words_format_hex (0x400000), "0x400000");
}

static void
test_clock (void)
{
  assert_taken (ub_words_format_clock (44 * G_USEC_PER_SEC), "0:44");
  assert_taken (ub_words_format_clock (0), "0:00");
  assert_taken (ub_words_format_clock (-1), "0:00");
  assert_taken (ub_words_format_clock (3723 * (gint64) G_USEC_PER_SEC), "1:02:03");
}

static void
test_about (void)
{
  assert_taken (ub_words_format_about (3 * G_USEC_PER_SEC), "a few seconds");
  assert_taken (ub_words_format_about (25 * G_USEC_PER_SEC), "less than a minute");
  assert_taken (ub_words_format_about (61 * (gint64) G_USEC_PER_SEC), "about 1 minute");
  assert_taken (ub_words_format_about (125 * (gint64) G_USEC_PER_SEC), "about 2 minutes");
}

static void
test_path (void)
{
  g_autofree char *inside = g_build_filename (g_get_home_dir (), "rom", NULL);
  g_autofree char *beside = g_strconcat (g_get_home_dir (), "-other", NULL);

  assert_taken (ub_words_shorten_path (inside), "~/rom");
  assert_taken (ub_words_shorten_path (beside), beside);
}

/* newest first, no doubles, ten at most; and nothing breaks without a schema */
static void
test_recent (void)
{
  g_autoptr (GSettings) settings = ub_settings_new ();
  g_auto (GStrv) list = NULL;
  g_auto (GStrv) none = ub_settings_get_list (NULL, "recent-firmware");

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  ub_settings_add_recent (NULL, "recent-firmware", "/a");
  g_assert_cmpint (ub_settings_get_int (NULL, "window-width", 1000), ==, 1000);
  g_assert_nonnull (settings);
  for (int i = 0; i < 12; i++)
    {
      g_autofree char *path = g_strdup_printf ("/rom/%d", i);

      ub_settings_add_recent (settings, "recent-firmware", path);
    }
  ub_settings_add_recent (settings, "recent-firmware", "/rom/5");
  ub_settings_add_recent (settings, "recent-firmware", "/not/\xff/utf8");
  list = ub_settings_get_list (settings, "recent-firmware");
  g_assert_cmpuint (g_strv_length (list), ==, 10);
  g_assert_cmpstr (list[0], ==, "/rom/5");
  g_assert_cmpstr (list[1], ==, "/rom/11");
  g_assert_false (g_strv_contains ((const char *const *) list + 1, "/rom/5"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/words/sizes", test_sizes);
  g_test_add_func ("/app/words/clock", test_clock);
  g_test_add_func ("/app/words/about", test_about);
  g_test_add_func ("/app/words/path", test_path);
  g_test_add_func ("/app/settings/recent", test_recent);
  return g_test_run ();
}
