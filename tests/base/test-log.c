/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last lines of the program's log. */
#include "config.h"

#include "base/ub-log.h"

#include <string.h>

#define THREADS 4
#define LINES 2000

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

static void
test_bounded (void)
{
  g_autoptr (UbLog) log = ub_log_new (3);
  g_autofree char *empty = ub_log_dup_text (log);
  g_autofree char *text = NULL;

  g_assert_cmpstr (empty, ==, "");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *message = g_strdup_printf ("line %u", i);

      ub_log_add (log, G_LOG_LEVEL_DEBUG, NULL, message);
    }
  text = ub_log_dup_text (log);
  g_assert_cmpuint (count_lines (text), ==, 4);
  g_assert_true (g_str_has_prefix (text, "(2 older lines are forgotten)\n"));
  g_assert_null (strstr (text, "line 1"));
  g_assert_nonnull (strstr (text, "debug: line 2\n"));
  g_assert_true (g_str_has_suffix (text, "debug: line 4\n"));
}

/* whatever is said, it is a line of text, and not too long */
static void
test_strange (void)
{
  g_autoptr (UbLog) log = ub_log_new (0);
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autofree char *text = NULL;

  ub_log_add (log, G_LOG_LEVEL_WARNING, "Gtk", "two\nlines\xff");
  ub_log_add (log, G_LOG_LEVEL_MESSAGE, NULL, large);
  text = ub_log_dup_text (log);
  g_assert_cmpuint (count_lines (text), ==, 2);
  g_assert_nonnull (strstr (text, "Gtk warning: two lines"));
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), <, 2000);
}

static gpointer
talk (gpointer log)
{
  for (guint i = 0; i < LINES; i++)
    ub_log_add (log, G_LOG_LEVEL_INFO, NULL, "said in a thread");
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (UbLog) log = ub_log_new (THREADS * LINES);
  g_autofree char *text = NULL;
  GThread         *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("talk", talk, log);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  text = ub_log_dup_text (log);
  g_assert_cmpuint (count_lines (text), ==, THREADS * LINES);
}

/* what GLib's log is told is kept and still printed; libraries' chatter is not kept. In a process of its own: there is one log */
static void
test_installed (void)
{
  UbLog           *log;
  g_autofree char *text = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      g_test_trap_assert_stderr ("*a message of ours*");
      return;
    }
  log = ub_log_new (0);
  ub_log_install (log);
  g_log (NULL, G_LOG_LEVEL_MESSAGE, "a message of ours");
  g_log (NULL, G_LOG_LEVEL_DEBUG, "a detail of ours");
  g_log ("Gtk", G_LOG_LEVEL_DEBUG, "chatter");
  g_log ("Gtk", G_LOG_LEVEL_INFO, "chatter");
  g_log ("Gtk", G_LOG_LEVEL_MESSAGE, "a complaint");
  text = ub_log_dup_text (log);
  g_assert_nonnull (strstr (text, "message: a message of ours\n"));
  g_assert_nonnull (strstr (text, "debug: a detail of ours\n"));
  g_assert_nonnull (strstr (text, "Gtk message: a complaint\n"));
  g_assert_null (strstr (text, "chatter"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/bounded", test_bounded);
  g_test_add_func ("/log/strange", test_strange);
  g_test_add_func ("/log/threads", test_threads);
  g_test_add_func ("/log/installed", test_installed);
  return g_test_run ();
}
