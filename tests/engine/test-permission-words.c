/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-permission-words.h"

typedef struct
{
  UbPermissionState state;
  UbAccess          access;
  UbSeat            seat;
  gboolean          is_good, has_step;
  const char       *words; /* in title or text */
} Case;

static const Case cases[] = {
  { UB_PERMISSION_FINE, UB_ACCESS_UNKNOWN, UB_SEAT_OURS, TRUE, FALSE, "lets Unbrick talk" },
  { UB_PERMISSION_FINE, UB_ACCESS_OK, UB_SEAT_OTHER, TRUE, FALSE, "nothing to do" },
  { UB_PERMISSION_FINE, UB_ACCESS_BUSY, UB_SEAT_OURS, TRUE, FALSE, "nothing to do" },
  { UB_PERMISSION_FINE, UB_ACCESS_UNKNOWN, UB_SEAT_OTHER, TRUE, FALSE, "from elsewhere" },
  { UB_PERMISSION_FINE, UB_ACCESS_UNKNOWN, UB_SEAT_NONE, TRUE, FALSE, "logind" },
  /* the rule is there: what else it can be */
  { UB_PERMISSION_FINE, UB_ACCESS_DENIED, UB_SEAT_OURS, FALSE, FALSE, "plug it in again" },
  { UB_PERMISSION_FINE, UB_ACCESS_DENIED, UB_SEAT_UNKNOWN, FALSE, FALSE, "plug it in again" },
  { UB_PERMISSION_FINE, UB_ACCESS_DENIED, UB_SEAT_OTHER, FALSE, FALSE, "SSH" },
  { UB_PERMISSION_FINE, UB_ACCESS_DENIED, UB_SEAT_NONE, FALSE, FALSE, "logind" },
  { UB_PERMISSION_MISSING, UB_ACCESS_UNKNOWN, UB_SEAT_OURS, FALSE, TRUE, "rule is missing" },
  { UB_PERMISSION_MISSING, UB_ACCESS_DENIED, UB_SEAT_OURS, FALSE, TRUE, "rule is missing" },
  { UB_PERMISSION_OUTDATED, UB_ACCESS_DENIED, UB_SEAT_OURS, FALSE, TRUE, "another version" },
  /* somebody else's rule lets us in */
  { UB_PERMISSION_MISSING, UB_ACCESS_OK, UB_SEAT_OURS, TRUE, TRUE, "to this phone" },
  { UB_PERMISSION_OUTDATED, UB_ACCESS_BUSY, UB_SEAT_OURS, TRUE, TRUE, "to this phone" },
  /* a sandbox: the phone is all we know */
  { UB_PERMISSION_UNKNOWN, UB_ACCESS_UNKNOWN, UB_SEAT_UNKNOWN, FALSE, TRUE, "sandbox" },
  { UB_PERMISSION_UNKNOWN, UB_ACCESS_OK, UB_SEAT_UNKNOWN, TRUE, FALSE, "nothing to do" },
  { UB_PERMISSION_UNKNOWN, UB_ACCESS_DENIED, UB_SEAT_UNKNOWN, FALSE, TRUE, "in place already" },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case       *c = &cases[i];
      UbPermission      permission = { .state = c->state, .seat = c->seat };
      UbPermissionWords words;

      ub_permission_words_get (&permission, c->access, &words);
      g_test_message ("%u: %s / %s", i, words.title, words.text);
      g_assert_cmpint (words.is_good, ==, c->is_good);
      g_assert_cmpint (words.has_step, ==, c->has_step);
      g_assert_true (strstr (words.title, c->words) != NULL ||
                     strstr (words.text, c->words) != NULL);
      g_assert_false (g_str_has_suffix (words.title, "."));
      g_assert_true (g_str_has_suffix (words.text, "."));
    }
}

static void
test_not_needed (void)
{
  UbPermissionWords words;

  ub_permission_words_get (NULL, UB_ACCESS_UNKNOWN, &words);
  g_assert_true (words.is_good);
  g_assert_false (words.has_step);
  g_assert_nonnull (words.text);
}

static void
test_errors (void)
{
  g_autoptr (GError) no = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_autoptr (GError) refused = g_error_new_literal (UB_ERROR, UB_ERROR_NO_PERMISSION, "");
  g_autoptr (GError) untold = g_error_new_literal (UB_ERROR, UB_ERROR_UNSUPPORTED, "");
  g_autoptr (GError) failed = g_error_new_literal (UB_ERROR, UB_ERROR_FILE_WRITE, "");

  g_assert_nonnull (strstr (ub_permission_words_for_error (no), "Nothing was changed"));
  g_assert_nonnull (strstr (ub_permission_words_for_error (refused), "not given"));
  g_assert_nonnull (strstr (ub_permission_words_for_error (untold), "is in place"));
  g_assert_nonnull (strstr (ub_permission_words_for_error (failed), "could not be put"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/permission-words/cases", test_cases);
  g_test_add_func ("/engine/permission-words/not-needed", test_not_needed);
  g_test_add_func ("/engine/permission-words/errors", test_errors);
  return g_test_run ();
}
