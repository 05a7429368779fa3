/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-phone-info.h"

#include "base/ub-error.h"
#include "engine/ub-json.h"
#include "engine/ub-phone-json.h"

#include <string.h>

static UbPhoneInfo *
phone_new (const UbDaReport *report)
{
  const UbBromInfo brom = { .hw_code = 0x0707, .target_config = UB_TARGET_DAA };

  return ub_phone_info_new ("1-2", "high", &brom, report, NULL);
}

static UbSamePhone
compare (const UbDaReport *one, const UbDaReport *other)
{
  g_autoptr (UbPhoneInfo) a = phone_new (one);
  g_autoptr (UbPhoneInfo) b = phone_new (other);
  UbSamePhone same = ub_phone_info_compare (a, b);

  g_assert_cmpint (ub_phone_info_compare (b, a), ==, same);
  return same;
}

/* a UFS may tell no more than its maker and product, which are those of every phone of the model */
static void
test_same_model (void)
{
  UbDaReport one = { .storage = UB_STORAGE_UFS, .cid = "all of one kind" };
  UbDaReport other = one;

  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_UNKNOWN);
  one.cid_is_unique = TRUE;
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_UNKNOWN);
  other.cid_is_unique = TRUE;
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_YES);
  other.cid[3] ^= 1;
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_NO);
  one.cid_is_unique = other.cid_is_unique = FALSE;
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_NO);
}

static void
test_random_id (void)
{
  UbDaReport one = { .storage = UB_STORAGE_UFS, .cid = "all of one kind", .random_id = "a" };
  UbDaReport other = one;

  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_YES);
  other.random_id[0] = 'b';
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_NO);
}

/* what copies of older versions say nothing of: an eMMC always has a serial number */
static void
test_emmc (void)
{
  UbDaReport one = { .storage = UB_STORAGE_EMMC, .cid = "with a number" };
  UbDaReport other = one;

  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_YES);
  other.cid_is_unique = TRUE;
  g_assert_cmpint (compare (&one, &other), ==, UB_SAME_PHONE_YES);
}

/* two phones of one model must not share a folder */
static void
test_key (void)
{
  UbDaReport one = { .storage = UB_STORAGE_UFS, .cid = "all of one kind", .random_id = "a" };
  UbDaReport other = one;
  g_autoptr (UbPhoneInfo) a = phone_new (&one);
  g_autoptr (UbPhoneInfo) b = NULL;
  g_autofree char *key_a = ub_phone_info_dup_key (a);
  g_autofree char *key_b = NULL;

  other.random_id[0] = 'b';
  b = phone_new (&other);
  key_b = ub_phone_info_dup_key (b);
  g_assert_cmpstr (key_a, !=, key_b);
}

static void
test_words (void)
{
  UbDaReport report = { .storage = UB_STORAGE_UFS };
  g_autoptr (UbPhoneInfo) before = phone_new (&report);
  g_autoptr (UbPhoneInfo) after = NULL;
  g_autofree char *text_before = ub_phone_info_dup_security_text (before);
  g_autofree char *text_after = NULL;

  report.login_done = TRUE;
  after = phone_new (&report);
  text_after = ub_phone_info_dup_security_text (after);
  g_assert_nonnull (strstr (text_before, "loader must be signed"));
  g_assert_null (strstr (text_before, "login"));
  g_assert_nonnull (strstr (text_after, "got it"));
}

/* --- as it is kept --- */

static char *
to_json (UbPhoneInfo *phone)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  ub_phone_json_add (builder, phone);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

static UbPhoneInfo *
from_json (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (JsonParser) parser = ub_json_parse (bytes, "test", UB_ERROR_BAD_BACKUP, error);

  g_assert_nonnull (parser);
  return ub_phone_json_read (json_node_get_object (json_parser_get_root (parser)),
                             UB_ERROR_BAD_BACKUP,
                             error);
}

static char *
without_line (const char *json, const char *member)
{
  g_auto (GStrv) lines = g_strsplit (json, "\n", -1);
  GString *text = g_string_new (NULL);
  gboolean found = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], member) == NULL)
      g_string_append_printf (text, "%s\n", lines[i]);
    else
      found = TRUE;
  g_assert_true (found);
  return g_string_free (text, FALSE);
}

static void
test_kept (void)
{
  const UbDaReport report = { .storage = UB_STORAGE_UFS,
                              .sector_size = 4096,
                              .user_size = 0x4000000,
                              .cid = "0123456789abcde",
                              .cid_is_unique = TRUE,
                              .memory_id = "KM8V8001JM-B813",
                              .random_id = "x",
                              .agent = "DA built \xff on a Monday",
                              .login_done = TRUE };
  g_autoptr (UbPhoneInfo) phone = phone_new (&report);
  g_autofree char *json = to_json (phone);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPhoneInfo) kept = from_json (json, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (ub_phone_info_get_report (kept), sizeof report, &report, sizeof report);
}

/* written before there was anything but eMMC */
static void
test_kept_before (void)
{
  static const char *const news[] = { "\"sector_size\"",
                                      "\"cid_is_unique\"",
                                      "\"memory_id\"",
                                      "\"agent\"" };
  const UbDaReport         report = { .storage = UB_STORAGE_EMMC,
                                      .sector_size = 512,
                                      .user_size = 0x4000000,
                                      .cid = "0123456789abcde",
                                      .cid_is_unique = TRUE };
  g_autoptr (UbPhoneInfo) phone = phone_new (&report);
  g_autofree char *json = to_json (phone);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPhoneInfo) kept = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (news); i++)
    {
      char *less = without_line (json, news[i]);

      g_free (json);
      json = less;
    }
  kept = from_json (json, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ub_phone_info_get_report (kept), sizeof report, &report, sizeof report);
  g_assert_cmpint (ub_phone_info_compare (kept, phone), ==, UB_SAME_PHONE_YES);
}

static void
check_hostile (const char *from, const char *to)
{
  const UbDaReport report = { .storage = UB_STORAGE_UFS, .sector_size = 4096 };
  g_autoptr (UbPhoneInfo) phone = phone_new (&report);
  g_autofree char *json = to_json (phone);
  g_autoptr (GString) text = g_string_new (json);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  g_assert_null (from_json (text->str, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
}

static void
test_hostile (void)
{
  check_hostile ("\"sector_size\" : 4096", "\"sector_size\" : 4095");
  check_hostile ("\"sector_size\" : 4096", "\"sector_size\" : 256");
  check_hostile ("\"sector_size\" : 4096", "\"sector_size\" : 2147483648");
  check_hostile ("\"sector_size\" : 4096", "\"sector_size\" : \"4096\"");
  check_hostile ("\"cid_is_unique\" : false", "\"cid_is_unique\" : 7");
  check_hostile ("\"login_done\" : false", "\"login_done\" : null");
  check_hostile ("\"memory_id\" : \"00", "\"memory_id\" : \"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/phone-info/same-model", test_same_model);
  g_test_add_func ("/engine/phone-info/random-id", test_random_id);
  g_test_add_func ("/engine/phone-info/emmc", test_emmc);
  g_test_add_func ("/engine/phone-info/key", test_key);
  g_test_add_func ("/engine/phone-info/words", test_words);
  g_test_add_func ("/engine/phone-info/kept", test_kept);
  g_test_add_func ("/engine/phone-info/kept-before", test_kept_before);
  g_test_add_func ("/engine/phone-info/hostile", test_hostile);
  return g_test_run ();
}
