/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>

#include "engine/ub-history.h"
#include "engine/ub-report.h"
#include "engine/ub-session.h"
#include "tests/engine/test-firmware.h"

static const guint8 me_id[16] = { 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x17, 0x28,
                                  0x39, 0x4a, 0x5b, 0x6c, 0x7d, 0x8e, 0x9f, 0x10 };
static const guint8 cid[16] = { 0x15, 0x01, 0x00, 0x46, 0x4e, 0x36, 0x32, 0x4d,
                                0x42, 0x03, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc };

static UbPhoneInfo *
phone_new (void)
{
  UbBromInfo brom = { .hw_code = 0x6580, .chip = ub_chip_find (0x6580), .me_id_size = 16 };
  UbDaReport report = { .storage = UB_STORAGE_EMMC, .user_size = 0x4000000 };
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);

  memcpy (brom.me_id, me_id, sizeof me_id);
  memcpy (report.cid, cid, sizeof cid);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0x900000, 0x400000);
  return ub_phone_info_new ("1-2.4", "high", &brom, &report, layout);
}

static UbReport *
report_new (UbPlan *plan, UbPhoneInfo *phone, const char *trace)
{
  g_autoptr (GError) error =
                 g_error_new_literal (UB_ERROR, UB_ERROR_LINK_LOST, "the phone went away");

  return ub_report_new (UB_RESULT_FAILED,
                        plan,
                        phone,
                        error,
                        UB_SESSION_WORKING,
                        2,
                        4096,
                        5000000,
                        "boot",
                        trace);
}

static JsonObject *
parse (const char *json, JsonParser *parser)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
test_json (void)
{
  g_autofree char   *folder = test_firmware_new_folder ();
  TestPart           parts[TEST_N_PARTS];
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPhoneInfo) phone = phone_new ();
  g_autoptr (UbFirmware) firmware = NULL;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbReport) report = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  JsonObject      *root;

  test_firmware_usual (parts);
  test_firmware_put_images (folder);
  test_firmware_put_map (folder, parts, TEST_N_PARTS);
  firmware = test_firmware_open (folder);
  plan = ub_plan_new (firmware, &choice);
  report = report_new (plan, phone, NULL);
  json = ub_report_to_json (report);
  root = parse (json, parser);
  g_assert_cmpstr (json_object_get_string_member (root, "result"), ==, "failed");
  g_assert_cmpstr (json_object_get_string_member (root, "state"), ==, "working");
  g_assert_cmpstr (json_object_get_string_member (root, "failed_partition"), ==, "boot");
  g_assert_true (json_object_get_boolean_member (root, "written"));
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (root, "error"),
                                                  "code"),
                   ==,
                   "link-lost");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (root, "phone"),
                                                  "hw_code"),
                   ==,
                   "0x6580");
  root = json_object_get_object_member (root, "plan");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "steps")),
                    ==,
                    ub_plan_get_steps (plan)->len);
  g_assert_cmpstr (json_object_get_string_member (root, "mode"), ==, "download");
  g_assert_cmpstr (json_object_get_string_member (root, "firmware"),
                   ==,
                   ub_firmware_get_path (firmware));
  test_firmware_remove (folder);
}

static void
test_ids_are_masked (void)
{
  g_autoptr (UbPhoneInfo) phone = phone_new ();
  g_autoptr (UbReport) report = report_new (NULL,
                                            phone,
                                            "D>H 00a1b2c3d4e5f61728394a5b6c7d8e9f1000\n"
                                            "D>H 150100464e36324d42037788 99aabbcc\n"
                                            "D>H 150100464e36324d4203778899AABBCC\n"
                                            "D>H 46000115 4d32364e460001154d32364e8877034200\n"
                                            "D>H 460001154d32364e88770342ccbbaa99\n");
  g_autofree char *json = ub_report_to_json (report);

  g_assert_null (strstr (json, "a1b2c3d4e5f61728"));
  g_assert_null (strstr (json, "150100464e36324d4203778899"));
  g_assert_null (strstr (json, "460001154d32364e88770342ccbbaa99"));
  g_assert_nonnull (strstr (json, "a1b2…"));
  g_assert_nonnull (strstr (json, "D>H 00xxxx"));
}

/* another phone than the report's was the last, or nobody knows which: it has told its ids, too */
static void
test_ids_of_others (void)
{
  g_autoptr (UbPhoneInfo) other = phone_new ();
  g_autoptr (UbReport) told = report_new (NULL,
                                          NULL,
                                          "D>H 150100464e36324d4203778899aabbcc00\n"
                                          "H>D 00a1b2c3d4e5f61728394a5b6c7d8e9f10\n");
  g_autoptr (UbReport) asked =
                 report_new (NULL,
                             NULL,
                             "H>D fd\nD>H fd65800000\n"
                             "H>D e1\nD>H e10000001011223344556677889900aabbccddeeff0000\n"
                             "H>D e7\nD>H e7000000\nD>H 20\nD>H 0123456789\n"
                             "H>D 0102e1\nD>H 0123456789abcdef");
  g_autofree char *json = NULL;
  g_autofree char *plain = NULL;

  ub_report_set_last_phone (told, other);
  json = ub_report_to_json (told);
  g_assert_null (strstr (json, "150100464e36324d4203"));
  g_assert_null (strstr (json, "a1b2c3d4"));
  g_assert_null (strstr (json, "1-2.4"));
  plain = ub_report_to_json (asked);
  g_assert_nonnull (strstr (plain, "D>H fd65800000\\n"));
  g_assert_nonnull (strstr (plain, "D>H e100000010xxxx"));
  g_assert_null (strstr (plain, "11223344"));
  g_assert_nonnull (strstr (plain, "D>H e7000000\\nD>H 20\\nD>H xxxxxxxxxx\\n"));
  g_assert_nonnull (strstr (plain, "D>H 0123456789abcdef"));
}

static void
test_empty (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  g_autoptr (UbReport) report = ub_report_new (UB_RESULT_CANCELLED,
                                               NULL,
                                               NULL,
                                               error,
                                               UB_SESSION_WAITING,
                                               0,
                                               0,
                                               0,
                                               NULL,
                                               NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = ub_report_to_json (report);
  JsonObject      *root = parse (json, parser);

  g_assert_cmpstr (json_object_get_string_member (root, "result"), ==, "cancelled");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (root, "error"),
                                                  "code"),
                   ==,
                   "cancelled");
  g_assert_false (json_object_get_boolean_member (root, "written"));
  g_assert_true (json_object_get_null_member (root, "failed_partition"));
  g_assert_false (ub_report_was_written (report));
}

static void
test_getters (void)
{
  g_autoptr (UbPhoneInfo) phone = phone_new ();
  g_autoptr (UbReport) report = report_new (NULL, phone, NULL);

  g_assert_cmpint (ub_report_get_result (report), ==, UB_RESULT_FAILED);
  g_assert_error (ub_report_get_error (report), UB_ERROR, UB_ERROR_LINK_LOST);
  g_assert_true (ub_report_get_phone (report) == phone);
  g_assert_null (ub_report_get_plan (report));
  g_assert_cmpuint (ub_report_get_n_steps_done (report), ==, 2);
  g_assert_cmpuint (ub_report_get_bytes (report), ==, 4096);
  g_assert_cmpint (ub_report_get_duration (report), ==, 5000000);
}

static void
test_save_fails (void)
{
  g_autoptr (UbReport) report = report_new (NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_report_save (report, "/proc/nowhere", NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_WRITE);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  guint *n = user_data;

  g_assert_cmpuint (position, ==, 0);
  *n += added;
}

static void
test_history (void)
{
  g_autofree char *folder = test_firmware_new_folder ();
  g_autofree char *junk = g_build_filename (folder, "junk.json", NULL);
  g_autofree char *odd = g_build_filename (folder, "odd.json", NULL);
  g_autoptr (UbPhoneInfo) phone = phone_new ();
  g_autoptr (UbHistory) history = ub_history_new (folder);
  g_autoptr (UbHistory) again = NULL;
  g_autoptr (UbHistoryEntry) first = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL;
  guint            added = 0;

  g_assert_true (g_file_set_contents (junk, "{ not json", -1, NULL));
  g_assert_true (g_file_set_contents (odd, "{\"result\":[],\"time\":7,\"plan\":\"x\"}", -1, NULL));
  g_signal_connect (history, "items-changed", G_CALLBACK (on_items_changed), &added);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (UbReport) report = report_new (NULL, phone, NULL);

      ub_history_add (history, report, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (added, ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 3);

  again = ub_history_new (folder);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (again)), ==, 3);
  first = g_list_model_get_item (G_LIST_MODEL (again), 0);
  for (guint i = 1; i < 3; i++)
    {
      g_autoptr (UbHistoryEntry) other = g_list_model_get_item (G_LIST_MODEL (again), i);

      g_assert_cmpint (g_date_time_compare (ub_history_entry_get_time (first),
                                            ub_history_entry_get_time (other)),
                       >=,
                       0);
    }
  g_assert_cmpstr (ub_history_entry_get_chip (first), ==, "MT6580 (0x6580)");
  g_assert_cmpstr (ub_history_entry_get_error (first), ==, "link-lost");
  g_assert_cmpint (ub_history_entry_get_result (first), ==, UB_RESULT_FAILED);
  g_assert_cmpstr (ub_history_entry_get_project (first), ==, "");
  whole = ub_history_read (ub_history_entry_get_path (first));
  g_assert_nonnull (strstr (whole, "\"link-lost\""));
  g_assert_null (ub_history_read (folder));
  g_assert_true (g_file_set_contents (junk, "", 0, NULL));
  g_assert_null (ub_history_read (junk));
  g_assert_true (g_file_set_contents (junk, "{ \xff }", -1, NULL));
  g_assert_null (ub_history_read (junk));
  test_firmware_remove (folder);
}

static void
test_history_of_nothing (void)
{
  g_autoptr (UbHistory) history = ub_history_new ("/nonexistent/reports");

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (history), 0));
}

/* what a report keeps besides, and what a list makes of it */
static void
test_more (void)
{
  g_autofree char *folder = test_firmware_new_folder ();
  g_autofree char *copy = g_build_filename (g_get_home_dir (), "copies", "one", NULL);
  const char      *lines[] = { "CID: 150100464e36324d4203778899aabbcc", "2 drops", NULL };
  g_autoptr (UbPhoneInfo) phone = phone_new ();
  g_autoptr (UbReport) report = report_new (NULL, phone, NULL);
  g_autoptr (UbHistory) history = ub_history_new (folder);
  g_autoptr (UbHistoryEntry) entry = NULL;
  g_autofree char *json = NULL;

  g_assert_true (ub_report_was_written (report));
  ub_report_set_written (report, FALSE);
  g_assert_false (ub_report_was_written (report));
  g_assert_cmpstr (ub_report_get_findings (report)[0], ==, NULL);
  ub_report_set_copy (report, copy);
  ub_report_set_can_go_on (report, folder);
  ub_report_set_n_drops (report, 2);
  g_assert_null (ub_report_get_after (report));
  ub_report_set_after (report, "loops");
  ub_report_take_findings (report, g_strdupv ((char **) lines));
  json = ub_report_to_json (report);
  g_assert_null (strstr (json, "4d4203778899aabbcc"));
  g_assert_nonnull (strstr (json, "2 drops"));
  g_assert_nonnull (strstr (json, "\"~/copies/one\""));
  g_assert_null (strstr (json, copy));

  g_assert_true (ub_history_add (history, report, NULL));
  entry = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (ub_history_entry_get_after (entry), ==, "loops");
  g_assert_cmpstr (ub_history_entry_get_copy (entry), ==, copy);
  g_assert_cmpstr (ub_history_entry_get_journal (entry), ==, folder);
  g_assert_true (ub_history_entry_can_go_on (entry));
  g_assert_cmpstr (ub_history_entry_get_firmware (entry), ==, "");
  g_assert_cmpint (ub_history_entry_get_mode (entry), ==, UB_MODE_DOWNLOAD_ONLY);
  test_firmware_remove (folder);
  g_assert_false (ub_history_entry_can_go_on (entry));
}

/* what went wrong names files, but not whose computer it is */
static void
test_home_is_not_named (void)
{
  g_autoptr (GError) error = g_error_new (UB_ERROR,
                                          UB_ERROR_FILE_READ,
                                          "%s/work/system.img: changed since it was planned",
                                          g_get_home_dir ());
  g_autoptr (UbReport) report =
                 ub_report_new (UB_RESULT_FAILED, NULL, NULL, error, 0, 0, 0, 0, NULL, NULL);
  g_autofree char *json = ub_report_to_json (report);

  g_assert_null (strstr (json, g_get_home_dir ()));
  g_assert_nonnull (strstr (json, "~/work/system.img"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/report/json", test_json);
  g_test_add_func ("/engine/report/ids-are-masked", test_ids_are_masked);
  g_test_add_func ("/engine/report/ids-of-others", test_ids_of_others);
  g_test_add_func ("/engine/report/home-is-not-named", test_home_is_not_named);
  g_test_add_func ("/engine/report/empty", test_empty);
  g_test_add_func ("/engine/report/getters", test_getters);
  g_test_add_func ("/engine/report/save-fails", test_save_fails);
  g_test_add_func ("/engine/report/more", test_more);
  g_test_add_func ("/engine/history/list", test_history);
  g_test_add_func ("/engine/history/of-nothing", test_history_of_nothing);
  return g_test_run ();
}
