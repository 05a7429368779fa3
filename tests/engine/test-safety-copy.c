/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-safety-copy.h"
#include "tests/engine/test-copies.h"

/* --- where safety copies live --- */

static char *
store_copy (const char *root, guint8 id, int days)
{
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (id);
  char *folder = ub_safety_copy_dup_folder (root, phone);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = test_copies_copy_new (folder, phone, &error);
  g_autofree char *from = g_date_time_format_iso8601 (ub_backup_get_time (copy));
  g_autoptr (GDateTime) then = g_date_time_add_days (ub_backup_get_time (copy), -days);
  g_autofree char *to = g_date_time_format_iso8601 (then);

  g_assert_no_error (error);
  test_copies_rewrite (folder, from, to);
  return folder;
}

static gboolean
is_there (const char *folder)
{
  g_autoptr (UbBackup) copy =
                 g_file_test (folder, G_FILE_TEST_IS_DIR) ? ub_backup_open (folder, NULL) : NULL;

  return copy != NULL;
}

static void
test_store (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autoptr (UbPhoneInfo) one = test_copies_phone_new (1);
  g_autoptr (UbPhoneInfo) stranger = test_copies_phone_new (9);
  g_autofree char *key = ub_phone_info_dup_key (one);
  g_autofree char *phone_folder = g_build_filename (root, key, NULL);
  g_autofree char *broken = g_build_filename (phone_folder, "broken", NULL);
  g_autofree char *manifest = g_build_filename (broken, "manifest.json", NULL);
  g_autofree char *link = g_build_filename (phone_folder, "link", NULL);
  g_autofree char *first = store_copy (root, 1, 3);
  g_autofree char *second = store_copy (root, 2, 2);
  g_autofree char *third = store_copy (root, 1, 1);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) own = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (broken, 0700), ==, 0);
  g_assert_true (g_file_set_contents (manifest, "{}", 2, NULL));
  g_assert_cmpint (symlink (second, link), ==, 0);
  all = ub_safety_copy_list (root, NULL);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpstr (ub_backup_get_folder (all->pdata[0]), ==, third);
  g_assert_cmpstr (ub_backup_get_folder (all->pdata[1]), ==, second);
  g_assert_cmpstr (ub_backup_get_folder (all->pdata[2]), ==, first);
  own = ub_safety_copy_list (root, one);
  g_assert_cmpuint (own->len, ==, 2);
  none = ub_safety_copy_list (root, stranger);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_true (ub_safety_copy_remove (own->pdata[0], &error));
  g_assert_no_error (error);
  g_assert_false (is_there (third));
  g_assert_true (is_there (first));
  g_assert_true (is_there (second));
  test_copies_folder_remove (root);
}

static void
make_old (const char *path)
{
  const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
test_prune (void)
{
  g_autofree char  *root = test_copies_folder_new ();
  g_autofree char  *old = store_copy (root, 1, 40);
  g_autofree char  *kept = store_copy (root, 1, 35);
  g_autofree char  *middle = store_copy (root, 1, 10);
  g_autofree char  *newest = store_copy (root, 1, 1);
  g_autofree char  *other = store_copy (root, 2, 100);
  g_autofree char  *phone_folder = g_path_get_dirname (old);
  g_autofree char  *stale = g_build_filename (phone_folder, ".partial-x", NULL);
  g_autofree char  *fresh = g_build_filename (phone_folder, ".partial-y", NULL);
  const char *const keep[] = { kept, NULL };

  make_old (stale);
  g_assert_cmpint (g_mkdir (fresh, 0700), ==, 0);
  g_assert_cmpuint (ub_safety_copy_prune (root, 0, 0, keep), ==, 0);
  g_assert_false (g_file_test (stale, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fresh, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (ub_safety_copy_prune (root, 30, 0, keep), ==, 1);
  g_assert_false (is_there (old));
  g_assert_true (is_there (kept));
  g_assert_true (is_there (middle));
  /* the only one of its phone, however old */
  g_assert_true (is_there (other));
  g_assert_cmpuint (ub_safety_copy_prune (root, 0, 1, keep), ==, 1);
  g_assert_false (is_there (middle));
  g_assert_true (is_there (kept));
  g_assert_true (is_there (newest));
  g_assert_true (is_there (other));
  g_assert_cmpuint (ub_safety_copy_prune (root, 0, 1, NULL), ==, 1);
  g_assert_false (is_there (kept));
  test_copies_folder_remove (root);
}

/* a copy made on a phone that lost its nvram is newer, and no substitute */
static void
test_prune_last_hope (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *whole = store_copy (root, 1, 40);
  g_autofree char *phone_folder = g_path_get_dirname (whole);
  g_autofree char *empty = g_build_filename (phone_folder, "empty", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autofree guint8 *nothing = g_malloc0 (0x80000);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackupWriter) writer =
                 ub_backup_writer_new (empty, UB_BACKUP_SAFETY, phone, NULL, 0, &error);
  g_autoptr (UbBackup) copy = NULL;

  g_assert_no_error (error);
  g_assert_true (ub_backup_writer_begin (writer,
                                         "nvram",
                                         UB_REGION_EMMC_USER,
                                         0x100000,
                                         0x80000,
                                         TRUE,
                                         &error));
  g_assert_true (ub_backup_writer_sink (writer, nothing, 0x80000, &error));
  g_assert_true (ub_backup_writer_end (writer, &error));
  copy = ub_backup_writer_finish (writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_safety_copy_prune (root, 30, 1, NULL), ==, 0);
  g_assert_true (is_there (whole));
  g_assert_true (is_there (empty));
  test_copies_folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safety-copy/store", test_store);
  g_test_add_func ("/safety-copy/prune", test_prune);
  g_test_add_func ("/safety-copy/prune-last-hope", test_prune_last_hope);
  return g_test_run ();
}
