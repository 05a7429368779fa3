/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-advice.h"

/* words that say nothing to somebody with a dead phone, or frighten */
static const char *const banned[] = { "driver",     "device",     "brick",   "scatter_",
                                      "bootloader", "DRAM",       "EMI ",    "timeout",
                                      "null",       "error code", "invalid", "%" };

static void
check_text (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);

  g_assert_cmpuint (strlen (text), >, 3);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (banned); i++)
    {
      g_autofree char *word = g_utf8_strdown (banned[i], -1);
      const char      *at = strstr (lower, word);

      /* our own name holds one of them */
      while (at != NULL && at - lower >= 2 && strncmp (at - 2, "unbrick", 7) == 0)
        at = strstr (at + 1, word);
      if (at != NULL)
        g_error ("“%s” holds “%s”", text, banned[i]);
    }
}

static void
check_advice (const UbAdvice *advice)
{
  guint n = 0;

  g_assert_nonnull (advice);
  check_text (advice->title);
  check_text (advice->explanation);
  g_assert_true (g_str_has_suffix (advice->explanation, "."));
  g_assert_false (g_str_has_suffix (advice->title, "."));
  while (n < G_N_ELEMENTS (advice->actions) && advice->actions[n] != NULL)
    {
      check_text (advice->actions[n]);
      g_assert_true (g_str_has_suffix (advice->actions[n], "."));
      n++;
    }
  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpuint (n, <, G_N_ELEMENTS (advice->actions));
}

static void
test_complete (void)
{
  const UbAdvice *general = ub_advice_for_code (-1, FALSE);

  for (int code = 0; code <= UB_ERROR_LAST; code++)
    {
      check_advice (ub_advice_for_code (code, FALSE));
      check_advice (ub_advice_for_code (code, TRUE));
      g_assert_true (ub_advice_for_code (code, FALSE) != general);
      g_assert_cmpstr (ub_advice_for_code (code, FALSE)->title, !=, general->title);
    }
}

/* two codes with one title would be one code */
static void
test_titles_differ (void)
{
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code <= UB_ERROR_LAST; code++)
    g_assert_true (g_hash_table_add (titles, (gpointer) ub_advice_for_code (code, FALSE)->title));
}

/* a person is told what state the phone is in */
static void
test_says_whether_written (void)
{
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    g_assert_cmpstr (ub_advice_for_code (code, FALSE)->explanation,
                     !=,
                     ub_advice_for_code (code, TRUE)->explanation);
  g_assert_nonnull (
      strstr (ub_advice_for_code (UB_ERROR_LINK_LOST, TRUE)->explanation, "goes on where"));
  g_assert_nonnull (
      strstr (ub_advice_for_code (UB_ERROR_LINK_LOST, FALSE)->explanation, "as it was"));
}

/* where nothing was written, there is nothing to go on with; and the console has no buttons */
static void
test_go_on (void)
{
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    for (guint written = 0; written < 2; written++)
      {
        const UbAdvice *advice = ub_advice_for_code (code, written != 0);

        for (gsize i = 0; i < G_N_ELEMENTS (advice->actions) && advice->actions[i] != NULL; i++)
          {
            g_assert_null (strstr (advice->actions[i], "ress Go on"));
            g_assert_true (written != 0 || code == UB_ERROR_STORAGE_WRITE ||
                           strstr (advice->actions[i], "where it stopped") == NULL);
          }
      }
}

static void
test_errors (void)
{
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");
  g_autoptr (GError) ours = g_error_new_literal (UB_ERROR, UB_ERROR_DRAM, "x");

  check_advice (ub_advice_for_error (NULL, FALSE));
  check_advice (ub_advice_for_error (cancelled, FALSE));
  check_advice (ub_advice_for_error (cancelled, TRUE));
  check_advice (ub_advice_for_error (foreign, TRUE));
  g_assert_true (ub_advice_for_error (ours, TRUE) == ub_advice_for_code (UB_ERROR_DRAM, TRUE));
  g_assert_true (ub_advice_for_error (foreign, FALSE) == ub_advice_for_code (9999, FALSE));
  g_assert_cmpstr (ub_advice_for_error (cancelled, FALSE)->title,
                   !=,
                   ub_advice_for_error (foreign, FALSE)->title);
}

static void
assert_number (int code, const char *number)
{
  if (strstr (ub_advice_for_code (code, FALSE)->spft, number) == NULL)
    g_error ("“%s” lacks %s", ub_advice_for_code (code, FALSE)->spft, number);
}

/* people look for the number they know from SP Flash Tool; one trouble has several, for versions
 * differ */
static void
test_known_numbers (void)
{
  assert_number (UB_ERROR_LINK_BUSY, "1013");
  assert_number (UB_ERROR_IMAGE_TOO_BIG, "1011");
  assert_number (UB_ERROR_WRONG_CHIP, "3168");
  assert_number (UB_ERROR_WRONG_CHIP, "3184");
  assert_number (UB_ERROR_STORAGE_WRITE, "3149");
  assert_number (UB_ERROR_STORAGE_WRITE, "3154");
  assert_number (UB_ERROR_WRONG_LAYOUT, "4050");
  assert_number (UB_ERROR_WRONG_LAYOUT, "8038");
  g_assert_true (
      g_str_has_prefix (ub_advice_for_code (UB_ERROR_AGENT_SILENT, FALSE)->spft, "4001"));
  g_assert_true (g_str_has_prefix (ub_advice_for_code (UB_ERROR_DRAM, FALSE)->spft, "4032"));
  assert_number (UB_ERROR_NEEDS_AUTH, "0xC0030012");
  assert_number (UB_ERROR_NEEDS_AUTH, "STATUS_BROM_CMD_SEND_DA_FAIL");
  assert_number (UB_ERROR_NEEDS_AUTH, "6003");
  g_assert_nonnull (strstr (ub_advice_for_code (UB_ERROR_AGENT_REFUSED, FALSE)->spft,
                            "STATUS_BROM_CMD_SEND_DA_FAIL"));
}

/* a phone that is locked is told of honestly: what to look for, and no way around */
static void
test_locked (void)
{
  const UbAdvice  *advice = ub_advice_for_code (UB_ERROR_NEEDS_AUTH, FALSE);
  g_autofree char *actions = g_strjoinv ("\n", (char **) advice->actions);

  g_assert_nonnull (strstr (advice->explanation, "only accepts its maker's signed loader"));
  g_assert_nonnull (strstr (actions, "Look for a firmware package that holds a DA/auth file"));
  for (int code = 0; code <= UB_ERROR_LAST; code++)
    {
      const UbAdvice  *any = ub_advice_for_code (code, FALSE);
      g_autofree char *all = g_strjoinv ("\n", (char **) any->actions);

      g_assert_null (strstr (any->explanation, "bypass"));
      g_assert_null (strstr (all, "bypass"));
      g_assert_null (strstr (all, "exploit"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/advice/complete", test_complete);
  g_test_add_func ("/engine/advice/titles-differ", test_titles_differ);
  g_test_add_func ("/engine/advice/says-whether-written", test_says_whether_written);
  g_test_add_func ("/engine/advice/go-on", test_go_on);
  g_test_add_func ("/engine/advice/errors", test_errors);
  g_test_add_func ("/engine/advice/known-numbers", test_known_numbers);
  g_test_add_func ("/engine/advice/locked", test_locked);
  return g_test_run ();
}
