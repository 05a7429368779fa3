/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "base/ub-error.h"
#include "console/ub-console-progress.h"
#include "console/ub-console.h"

static void
check_status (UbError code, UbConsoleExit status)
{
  g_autoptr (GError) error = g_error_new_literal (UB_ERROR, code, "x");

  g_assert_cmpint (ub_console_exit_for_error (error), ==, status);
}

static void
test_status (void)
{
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  g_assert_cmpint (ub_console_exit_for_error (cancelled), ==, UB_CONSOLE_EXIT_CANCELLED);
  g_assert_cmpint (ub_console_exit_for_error (other), ==, UB_CONSOLE_EXIT_FAILED);
  check_status (UB_ERROR_NO_PHONE, UB_CONSOLE_EXIT_NO_PHONE);
  check_status (UB_ERROR_NO_PERMISSION, UB_CONSOLE_EXIT_NO_PHONE);
  check_status (UB_ERROR_WRONG_CHIP, UB_CONSOLE_EXIT_REFUSED);
  check_status (UB_ERROR_AGENT_REFUSED, UB_CONSOLE_EXIT_REFUSED);
  check_status (UB_ERROR_LINK_LOST, UB_CONSOLE_EXIT_LOST);
  check_status (UB_ERROR_BAD_FIRMWARE, UB_CONSOLE_EXIT_FIRMWARE);
  check_status (UB_ERROR_BAD_BACKUP, UB_CONSOLE_EXIT_FIRMWARE);
  check_status (UB_ERROR_OTHER_PHONE, UB_CONSOLE_EXIT_REFUSED);
  check_status (UB_ERROR_NOT_AGREED, UB_CONSOLE_EXIT_REFUSED);
  check_status (UB_ERROR_NO_SAFETY_COPY, UB_CONSOLE_EXIT_REFUSED);
  check_status (UB_ERROR_INTERNAL, UB_CONSOLE_EXIT_FAILED);
}

/* an error never ends as success, and never as wrong use */
static void
test_status_of_every_code (void)
{
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (UB_ERROR, code, "x");
      UbConsoleExit status = ub_console_exit_for_error (error);

      g_assert_cmpint (status, !=, UB_CONSOLE_EXIT_OK);
      g_assert_cmpint (status, !=, UB_CONSOLE_EXIT_USAGE);
      g_assert_cmpint (status, !=, UB_CONSOLE_EXIT_CANCELLED);
    }
}

/* the numbers are a promise to scripts */
static void
test_status_numbers (void)
{
  g_autofree char *help = ub_console_dup_help ();

  for (int status = UB_CONSOLE_EXIT_OK; status <= UB_CONSOLE_EXIT_LOST; status++)
    {
      g_autofree char *line = g_strdup_printf ("\n  %d  ", status);

      g_assert_nonnull (strstr (help, line));
    }
  g_assert_nonnull (strstr (help, "check FIRMWARE"));
  g_assert_nonnull (strstr (help, "watch"));
}

static void
check_bar (double fraction, guint width, const char *expected)
{
  g_autofree char *bar = ub_console_progress_dup_bar (fraction, width);

  g_assert_cmpstr (bar, ==, expected);
}

static void
test_bar (void)
{
  check_bar (0.0, 12, "[----------]");
  check_bar (0.5, 12, "[#####-----]");
  check_bar (1.0, 12, "[##########]");
  check_bar (7.0, 12, "[##########]");
  check_bar (-1.0, 12, "[----------]");
  check_bar (0.99, 12, "[#########-]");
  check_bar (1.0, 0, "[#]");
}

static void
check_time (gint64 us, const char *expected)
{
  g_autofree char *text = ub_console_progress_dup_time (us);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_time (void)
{
  check_time (-1, "");
  check_time (0, "0:00");
  check_time (1, "0:01");
  check_time (65 * G_USEC_PER_SEC, "1:05");
  check_time (3600 * (gint64) G_USEC_PER_SEC, "1:00:00");
  check_time (3661 * (gint64) G_USEC_PER_SEC, "1:01:01");
}

static void
collect (const char *text, gpointer user_data)
{
  g_string_append (user_data, text);
}

static void
test_pipe_lines (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  UbConsoleProgress *progress = ub_console_progress_new (FALSE, 80, collect, out);

  ub_console_progress_show (progress, "system.img", 0.1);
  ub_console_progress_show (progress, "system.img", 0.2);
  ub_console_progress_show (progress, "boot.img", 0.5);
  ub_console_progress_free (progress);

  g_assert_cmpstr (out->str, ==, "system.img\nboot.img\n");
}

/* a line that wraps cannot be drawn over */
static void
test_terminal_line_fits (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  UbConsoleProgress *progress = ub_console_progress_new (TRUE, 40, collect, out);

  ub_console_progress_show (progress,
                            "a name that is much longer than the terminal is wide, for sure",
                            0.5);
  g_assert_true (g_str_has_prefix (out->str, "\r\033[K"));
  g_assert_null (strchr (out->str, '\n'));
  {
    g_autoptr (GRegex) escapes = g_regex_new ("\033\\[[0-9;]*[mK]|\r", 0, 0, NULL);
    g_autofree char *plain = g_regex_replace_literal (escapes, out->str, -1, 0, "", 0, NULL);

    g_assert_cmpint (g_utf8_strlen (plain, -1), <, 40);
    g_assert_nonnull (strstr (plain, " 50 %"));
  }
  ub_console_progress_free (progress);
  g_assert_true (g_str_has_suffix (out->str, "\r\033[K"));
}

static void
check_size (const char *text, gboolean good, guint64 expected)
{
  guint64 size = 0;

  g_assert_cmpint (ub_console_parse_size (text, &size), ==, good);
  if (good)
    g_assert_cmpuint (size, ==, expected);
}

static void
test_size (void)
{
  check_size ("0", TRUE, 0);
  check_size ("4096", TRUE, 4096);
  check_size ("0x1000", TRUE, 4096);
  check_size ("0X1000", TRUE, 4096);
  check_size ("64K", TRUE, 65536);
  check_size ("64m", TRUE, 64 * 1024 * 1024);
  check_size ("0x10M", TRUE, 16 * 1024 * 1024);
  check_size ("16G", TRUE, 16 * G_GUINT64_CONSTANT (1073741824));
  check_size ("18446744073709551615", TRUE, G_MAXUINT64);
  check_size ("18446744073709551616", FALSE, 0);
  check_size ("17179869184G", FALSE, 0);
  check_size ("", FALSE, 0);
  check_size (" 1", FALSE, 0);
  check_size ("-1", FALSE, 0);
  check_size ("+1", FALSE, 0);
  check_size ("0x", FALSE, 0);
  check_size ("0xK", FALSE, 0);
  check_size ("K", FALSE, 0);
  check_size ("1KB", FALSE, 0);
  check_size ("1Q", FALSE, 0);
  check_size ("1.5M", FALSE, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/console/status/known", test_status);
  g_test_add_func ("/console/status/every-code", test_status_of_every_code);
  g_test_add_func ("/console/status/numbers", test_status_numbers);
  g_test_add_func ("/console/size", test_size);
  g_test_add_func ("/console/progress/bar", test_bar);
  g_test_add_func ("/console/progress/time", test_time);
  g_test_add_func ("/console/progress/pipe", test_pipe_lines);
  g_test_add_func ("/console/progress/terminal", test_terminal_line_fits);

  return g_test_run ();
}
