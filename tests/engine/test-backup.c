/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "firmware/ub-scatter.h"
#include "tests/engine/test-copies.h"

/* --- a copy of ours --- */

static void
count (guint64 done, guint64 total, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
check_phone (UbPhoneInfo *phone, UbPhoneInfo *expected)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  const UbLayout *other = ub_phone_info_get_layout (expected);

  g_assert_cmpmem (ub_phone_info_get_brom (phone),
                   sizeof (UbBromInfo),
                   ub_phone_info_get_brom (expected),
                   sizeof (UbBromInfo));
  g_assert_cmpmem (ub_phone_info_get_report (phone),
                   sizeof (UbDaReport),
                   ub_phone_info_get_report (expected),
                   sizeof (UbDaReport));
  g_assert_cmpuint (layout->kind, ==, other->kind);
  g_assert_cmpuint (layout->entries->len, ==, other->entries->len);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *a = g_ptr_array_index (layout->entries, i);
      const UbLayoutEntry *b = g_ptr_array_index (other->entries, i);

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpuint (a->region, ==, b->region);
      g_assert_cmpuint (a->start, ==, b->start);
      g_assert_cmpuint (a->size, ==, b->size);
    }
}

static void
check_parts (UbBackup *copy)
{
  GPtrArray *parts = ub_backup_get_parts (copy);

  g_assert_cmpuint (parts->len, ==, G_N_ELEMENTS (test_copies_usual));
  for (guint i = 0; i < parts->len; i++)
    {
      g_autoptr (GError) error = NULL;
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      g_autofree guint8  *expected =
          test_copies_content_new (test_copies_usual[i].name, test_copies_usual[i].length);
      g_autofree guint8 *data = g_malloc (test_copies_usual[i].length);
      g_autofree char   *folder = g_path_get_dirname (part->path);

      g_assert_cmpstr (part->name, ==, test_copies_usual[i].name);
      g_assert_cmpuint (part->region, ==, test_copies_usual[i].region);
      g_assert_cmpuint (part->offset, ==, test_copies_usual[i].offset);
      g_assert_cmpuint (part->length, ==, test_copies_usual[i].length);
      g_assert_cmpuint (part->path_offset, ==, 0);
      g_assert_true (part->is_protected == test_copies_usual[i].is_protected);
      g_assert_false (part->is_missing);
      g_assert_cmpstr (folder, ==, ub_backup_get_folder (copy));
      g_assert_true (ub_backup_read (copy, part, 0, data, part->length, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (data, part->length, expected, test_copies_usual[i].length);
      g_assert_false (ub_backup_read (copy, part, 1, data, part->length, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
    }
}

static void
test_round_trip (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "deep", "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (0x42);
  g_autoptr (UbPhoneInfo) other = test_copies_phone_new (0x43);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, &error);
  g_autoptr (UbBackup) copy = NULL;
  guint64     done = 0;
  struct stat info;

  g_assert_no_error (error);
  g_assert_nonnull (made);
  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  check_parts (copy);
  check_phone (ub_backup_get_phone (copy), phone);
  g_assert_true (ub_backup_verify (copy, count, &done, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (done, ==, test_copies_usual_size ());
  g_assert_cmpuint (ub_backup_get_size (copy), ==, test_copies_usual_size ());
  g_assert_cmpstr (ub_backup_get_project (copy), ==, "w370");
  g_assert_cmpint (ub_backup_get_kind (copy), ==, UB_BACKUP_SAFETY);
  g_assert_false (ub_backup_is_whole (copy));
  g_assert_cmpuint (ub_backup_get_pieces (copy)->len, ==, 0);
  g_assert_nonnull (ub_backup_find (copy, "NVRAM"));
  g_assert_null (ub_backup_find (copy, "nvram2"));
  g_assert_cmpint (ub_backup_is_from (copy, phone), ==, UB_SAME_PHONE_YES);
  g_assert_cmpint (ub_backup_is_from (copy, other), ==, UB_SAME_PHONE_NO);
  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (((UbBackupPart *) ub_backup_get_parts (copy)->pdata[0])->path, &info),
                   ==,
                   0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  test_copies_folder_remove (root);
}

/* --- damage --- */

static const char *const files[] = { "boot1.bin",
                                     "table.bin",
                                     "nvram.bin",
                                     "_._boot.bin",
                                     "manifest.json",
                                     "SHA256SUMS",
                                     "MT6580_Android_scatter.txt" };

static void
test_flipped_byte (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);

  g_assert_nonnull (made);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = test_copies_dup_file (folder, files[i]);
      struct stat      info;
      gsize            step;

      g_assert_cmpint (stat (path, &info), ==, 0);
      step = info.st_size > 20000 ? (gsize) info.st_size / 7 : 1 + (gsize) info.st_size / 300;
      for (gsize at = 0; at < (gsize) info.st_size; at += step)
        {
          test_copies_patch (path, at);
          /* whose fault it is when the two disagree cannot be told */
          test_copies_assert_refused (folder,
                                      strcmp (files[i], "SHA256SUMS") == 0 ? "SHA256SUMS"
                                                                           : files[i]);
          test_copies_patch (path, at);
        }
    }
  g_assert_true (ub_backup_verify (made, NULL, NULL, NULL, NULL));
  test_copies_folder_remove (root);
}

static void
test_wrong_files (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autofree char *outside = g_build_filename (root, "outside", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);

  g_assert_nonnull (made);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = test_copies_dup_file (folder, files[i]);
      struct stat      info;

      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (g_rename (path, outside), ==, 0);
      test_copies_assert_refused (folder, files[i]);
      /* the right bytes, by a way out of the folder */
      g_assert_cmpint (symlink (outside, path), ==, 0);
      test_copies_assert_refused (folder, files[i]);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
      test_copies_assert_refused (folder, files[i]);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (g_rename (outside, path), ==, 0);
      g_assert_true (ub_backup_verify (made, NULL, NULL, NULL, NULL));
    }
  for (gsize i = 0; i < 4; i++)
    {
      g_autofree char *path = test_copies_dup_file (folder, files[i]);
      struct stat      info;

      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (truncate (path, info.st_size - 1), ==, 0);
      test_copies_assert_refused (folder, files[i]);
      g_assert_cmpint (truncate (path, info.st_size + 1), ==, 0);
      test_copies_assert_refused (folder, files[i]);
      g_assert_cmpint (truncate (path, info.st_size), ==, 0);
    }
  test_copies_folder_remove (root);
}

static void
test_hostile_manifest (void)
{
  static const char *const changes[][2] = {
    { "\"nvram.bin\"", "\"../nvram.bin\"" },
    { "\"nvram.bin\"", "\"/etc/passwd\"" },
    { "\"nvram.bin\"", "\"a/nvram.bin\"" },
    { "\"nvram.bin\"", "\"..\"" },
    { "\"nvram.bin\"", "\".nvram.bin\"" },
    { "\"nvram.bin\"", "\"\"" },
    { "\"nvram.bin\"", "7" },
    { "\"nvram.bin\"", "\"boot1.bin\"" },
    { "\"nvram.bin\"", "\"manifest.json\"" },
    { "\"nvram.bin\"", "\"nv\\nram.bin\"" },
    { "\"offset\" : 1048576", "\"offset\" : 9223372036854775807" },
    { "\"offset\" : 1048576", "\"offset\" : 18446744073709551615" },
    { "\"offset\" : 1048576", "\"offset\" : 99999999999999999999999" },
    { "\"offset\" : 1048576", "\"offset\" : -1048576" },
    { "\"offset\" : 1048576", "\"offset\" : 1048576.0" },
    { "\"offset\" : 1048576", "\"offset\" : \"1048576\"" },
    { "\"offset\" : 1048576", "\"offset\" : 8388608" },
    { "\"length\" : 524288", "\"length\" : 0" },
    { "\"length\" : 524288", "\"length\" : 9223372036854775807" },
    { "\"length\" : 524288", "\"length\" : null" },
    { "\"region\" : \"EMMC_BOOT_1\"", "\"region\" : \"EMMC_NOWHERE\"" },
    { "\"region\" : \"EMMC_BOOT_1\"", "\"region\" : 1" },
    { "\"version\" : 1,", "\"version\" : 2," },
    { "\"kind\" : \"safety\"", "\"kind\" : \"imported\"" },
    { "\"missing\" : false", "\"missing\" : 0" },
    { "\"protected\" : true", "\"protected\" : \"no\"" },
    { "\"hw_code\" : 25984", "\"hw_code\" : 65536" },
    { "\"cid\" : \"01", "\"cid\" : \"0" },
    { "\"cid\" : \"01", "\"cid\" : \"0101" },
    { "\"me_id\" : \"01", "\"me_id\" : \"zz" },
    { "\"kind\" : \"GPT\"", "\"kind\" : \"XYZ\"" },
    { "\"parts\" : [", "\"parts\" : {}, \"x\" : [" },
    { "\"phone\" : {", "\"phone\" : [], \"x\" : {" },
    { "unbrick-copy", "unbrick-job" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *root = test_copies_folder_new ();
      g_autofree char *folder = g_build_filename (root, "copy", NULL);
      g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
      g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);

      g_assert_nonnull (made);
      g_test_message ("%s", changes[i][1]);
      test_copies_rewrite (folder, changes[i][0], changes[i][1]);
      test_copies_assert_refused (folder, "manifest.json:");
      test_copies_folder_remove (root);
    }
}

/* a parser that calls itself must not be sent down as deep as a file likes */
static void
test_deep_manifest (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autofree char *deep = g_strnfill (1000000, '[');
  g_autofree char *back = g_strnfill (1000000, ']');
  g_autofree char *text = g_strdup_printf ("\"x\" : %s%s, \"format\"", deep, back);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);

  g_assert_nonnull (made);
  test_copies_rewrite (folder, "\"format\"", text);
  test_copies_assert_refused (folder, "manifest.json cannot be understood");
  /* nor where a comment hides them from those who count */
  test_copies_rewrite (folder, text, "/* \" */ \"format\"");
  test_copies_assert_refused (folder, "manifest.json cannot be understood");
  test_copies_folder_remove (root);
}

static void
test_newer_version (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);

  g_assert_nonnull (made);
  test_copies_rewrite (folder, "\"version\" : 1,", "\"version\" : 2,");
  test_copies_assert_refused (folder, "use a newer one");
  test_copies_folder_remove (root);
}

/* --- writing --- */

static void
assert_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_nonnull (dir);
  g_assert_null (g_dir_read_name (dir));
}

static void
test_missing_part (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) why =
                 g_error_new_literal (UB_ERROR, UB_ERROR_STORAGE_READ, "sector 7 is gone");
  g_autoptr (UbBackupWriter) writer = ub_backup_writer_new (folder,
                                                            UB_BACKUP_READBACK,
                                                            phone,
                                                            NULL,
                                                            test_copies_usual_size (),
                                                            &error);
  g_autoptr (UbBackup) copy = NULL;
  const UbBackupPart *part;
  guint8              byte = 0;

  g_assert_no_error (error);
  g_assert_true (test_copies_put_piece (writer, &test_copies_usual[0], &error));
  g_assert_true (
      ub_backup_writer_begin (writer, "nvram", UB_REGION_EMMC_USER, 0x100000, 4096, TRUE, &error));
  g_assert_true (ub_backup_writer_sink (writer, &byte, 1, &error));
  ub_backup_writer_miss (writer, why);
  g_assert_true (test_copies_put_piece (writer, &test_copies_usual[3], &error));
  copy = ub_backup_writer_finish (writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_backup_get_parts (copy)->len, ==, 3);
  part = ub_backup_find (copy, "nvram");
  g_assert_true (part->is_missing);
  g_assert_true (part->is_protected);
  g_assert_null (part->path);
  g_assert_cmpstr (part->trouble, ==, "sector 7 is gone");
  g_assert_cmpuint (ub_backup_get_size (copy),
                    ==,
                    test_copies_usual[0].length + test_copies_usual[3].length);
  g_assert_true (ub_backup_verify (copy, NULL, NULL, NULL, &error));
  g_assert_false (ub_backup_read (copy, part, 0, &byte, 1, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  test_copies_folder_remove (root);
}

static void
test_disk_full (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  struct rlimit limit;
  rlim_t        before;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  before = limit.rlim_cur;
  signal (SIGXFSZ, SIG_IGN);
  for (rlim_t max = 0; max < 0x100000; max += 0x1f000)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbBackup) copy = NULL;

      limit.rlim_cur = max;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      copy = test_copies_copy_new (folder, phone, &error);
      limit.rlim_cur = before;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      g_assert_error (error, UB_ERROR, UB_ERROR_NO_SPACE);
      g_assert_null (copy);
      assert_empty (root);
    }
  signal (SIGXFSZ, SIG_DFL);
  test_copies_folder_remove (root);
}

static void
test_no_room (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_backup_writer_new (folder, UB_BACKUP_SAFETY, phone, NULL, G_MAXINT64, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_SPACE);
  assert_empty (root);
  test_copies_folder_remove (root);
}

static void
test_taken_folder (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autofree char *file = g_build_filename (folder, "mine", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_null (test_copies_copy_new (folder, phone, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_WRITE);
  g_clear_error (&error);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (file), ==, 0);
  copy = test_copies_copy_new (folder, phone, &error);
  g_assert_no_error (error);
  g_assert_nonnull (copy);
  test_copies_folder_remove (root);
}

static char *
dup_partial (const char *root)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name = g_dir_read_name (dir);

  g_assert_true (g_str_has_prefix (name, ".partial-"));
  return g_build_filename (root, name, NULL);
}

/* what the disk gives back is not what was given to it */
static void
test_read_back (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autofree char *partial = NULL;
  g_autofree char *path = NULL;
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GError) error = NULL;
  UbBackupWriter *writer = ub_backup_writer_new (folder,
                                                 UB_BACKUP_SAFETY,
                                                 phone,
                                                 NULL,
                                                 test_copies_usual_size (),
                                                 &error);

  g_assert_true (test_copies_put_piece (writer, &test_copies_usual[0], &error));
  g_assert_true (test_copies_put_piece (writer, &test_copies_usual[2], &error));
  partial = dup_partial (root);
  path = g_build_filename (partial, "nvram.bin", NULL);
  test_copies_patch (path, 0x1234);
  g_assert_null (ub_backup_writer_finish (writer, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  g_assert_nonnull (strstr (error->message, "nvram.bin"));
  g_clear_error (&error);
  ub_backup_writer_free (writer);
  assert_empty (root);
  test_copies_folder_remove (root);
}

static void
test_wrong_order (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  UbBackupWriter *writer = ub_backup_writer_new (folder,
                                                 UB_BACKUP_SAFETY,
                                                 phone,
                                                 NULL,
                                                 test_copies_usual_size (),
                                                 &error);
  const guint8    bytes[5] = { 0 };

  g_assert_false (ub_backup_writer_sink (writer, bytes, 1, &error));
  g_clear_error (&error);
  g_assert_true (ub_backup_writer_begin (writer, "a", UB_REGION_EMMC_USER, 0, 4, FALSE, &error));
  g_assert_false (ub_backup_writer_begin (writer, "b", UB_REGION_EMMC_USER, 0, 4, FALSE, &error));
  g_clear_error (&error);
  g_assert_false (ub_backup_writer_sink (writer, bytes, 5, &error));
  g_clear_error (&error);
  g_assert_true (ub_backup_writer_sink (writer, bytes, 3, &error));
  g_assert_false (ub_backup_writer_end (writer, &error));
  g_clear_error (&error);
  g_assert_null (ub_backup_writer_finish (writer, NULL, NULL, NULL, &error));
  g_clear_error (&error);
  g_assert_true (ub_backup_writer_sink (writer, bytes, 1, &error));
  g_assert_true (ub_backup_writer_end (writer, &error));
  g_cancellable_cancel (cancellable);
  g_assert_null (ub_backup_writer_finish (writer, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ub_backup_writer_free (writer);
  assert_empty (root);
  test_copies_folder_remove (root);
}

static void
die (guint64 done, guint64 total, gpointer user_data)
{
  if (done >= *(guint64 *) user_data)
    kill (getpid (), SIGKILL);
}

/* writes a copy and is killed after so many bytes written, or read back */
static void
write_and_die (const char *folder, guint64 when)
{
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackupWriter) writer = ub_backup_writer_new (folder,
                                                            UB_BACKUP_SAFETY,
                                                            phone,
                                                            NULL,
                                                            test_copies_usual_size (),
                                                            NULL);
  guint64 come = 0;
  guint64 left;

  for (gsize i = 0; i < G_N_ELEMENTS (test_copies_usual); i++)
    {
      come += test_copies_usual[i].length;
      if (come > when)
        kill (getpid (), SIGKILL);
      test_copies_put_piece (writer, &test_copies_usual[i], NULL);
    }
  left = when - come;
  ub_backup_writer_finish (writer, die, &left, NULL, NULL);
  _exit (0);
}

static void
test_killed (void)
{
  const guint64 total = test_copies_usual_size ();

  for (guint64 when = 0; when <= 2 * total + 1; when += total / 5)
    {
      g_autofree char *root = test_copies_folder_new ();
      g_autofree char *folder = g_build_filename (root, "copy", NULL);
      g_autofree char *partial = NULL;
      g_autoptr (GError) error = NULL;
      pid_t pid = fork ();

      if (pid == 0)
        write_and_die (folder, when);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      g_assert_null (ub_backup_open (folder, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
      g_clear_error (&error);
      partial = dup_partial (root);
      g_assert_null (ub_backup_open (partial, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
      test_copies_folder_remove (root);
    }
}

/* what other tools find beside a copy */
static void
test_scatter (void)
{
  g_autofree char *root = test_copies_folder_new ();
  g_autofree char *folder = g_build_filename (root, "copy", NULL);
  g_autofree char *path = g_build_filename (folder, "MT6580_Android_scatter.txt", NULL);
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (UbBackup) made = test_copies_copy_new (folder, phone, NULL);
  g_autoptr (UbScatter) scatter = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ub_disk_read_file (path, 1 << 20, &error);
  static const TestPiece expected[] = {
    { "preloader", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE },
    { "pgpt", UB_REGION_EMMC_USER, 0, UB_GPT_SIZE },
    { "nvram", UB_REGION_EMMC_USER, 0x100000, 0x80000 },
    { ".._boot", UB_REGION_EMMC_USER, 0x200000, 0x100200 },
    { "sys__m", UB_REGION_EMMC_USER, 0x400000, 0x200000 },
  };
  static const char *const names[] = { "boot1.bin", "table.bin", "nvram.bin", "_._boot.bin", NULL };

  g_assert_nonnull (made);
  g_assert_no_error (error);
  scatter = ub_scatter_parse (bytes, "MT6580_Android_scatter.txt", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (scatter->platform, ==, "MT6580");
  g_assert_cmpstr (scatter->project, ==, "w370");
  g_assert_cmpuint (scatter->partitions->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      const UbPartition *row = g_ptr_array_index (scatter->partitions, i);

      g_assert_cmpstr (row->name, ==, expected[i].name);
      g_assert_cmpuint (row->region, ==, expected[i].region);
      g_assert_cmpuint (row->start, ==, expected[i].offset);
      g_assert_cmpuint (row->size, ==, expected[i].length);
      g_assert_cmpstr (row->file_name, ==, names[i]);
      g_assert_true (row->is_download == (i == 0 || i == 1 || i == 3));
    }
  test_copies_folder_remove (root);
}

/* --- the whole phone --- */

static void
test_whole (void)
{
  static const TestPiece whole[] = { { "boot1", UB_REGION_EMMC_BOOT1, 0, TEST_BOOT_SIZE },
                                     { "boot2", UB_REGION_EMMC_BOOT2, 0, TEST_BOOT_SIZE },
                                     { "user", UB_REGION_EMMC_USER, 0, TEST_USER_SIZE } };
  g_autofree char       *root = test_copies_folder_new ();
  g_autofree char       *folder = g_build_filename (root, "copy", NULL);
  g_autofree guint8     *expected = test_copies_content_new ("user", TEST_USER_SIZE);
  guint8                 data[0x1000];
  g_autoptr (UbPhoneInfo) phone = test_copies_phone_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackupWriter) writer =
          ub_backup_writer_new (folder, UB_BACKUP_READBACK, phone, NULL, TEST_USER_SIZE, &error);
  g_autoptr (UbBackup) copy = NULL;
  const UbBackupPart *part;
  struct stat         info;

  for (gsize i = 0; i < G_N_ELEMENTS (whole); i++)
    g_assert_true (test_copies_put_piece (writer, &whole[i], &error));
  copy = ub_backup_writer_finish (writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_backup_is_whole (copy));
  g_assert_cmpuint (ub_backup_get_parts (copy)->len, ==, 3);
  g_assert_cmpuint (ub_backup_get_pieces (copy)->len, ==, 3);
  g_assert_cmpuint (ub_backup_get_size (copy), ==, TEST_USER_SIZE + 2 * TEST_BOOT_SIZE);
  part = ub_backup_find (copy, "nvram");
  g_assert_cmpuint (part->path_offset, ==, 0x100000);
  g_assert_true (part->is_protected);
  g_assert_true (ub_backup_read (copy, part, 0x3000, data, sizeof data, &error));
  g_assert_cmpmem (data, sizeof data, expected + 0x103000, sizeof data);
  /* a run of zeros takes no room */
  g_assert_cmpint (stat (part->path, &info), ==, 0);
  g_assert_cmpuint ((guint64) info.st_blocks * 512, <, TEST_USER_SIZE);
  test_copies_folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup/round-trip", test_round_trip);
  g_test_add_func ("/backup/flipped-byte", test_flipped_byte);
  g_test_add_func ("/backup/wrong-files", test_wrong_files);
  g_test_add_func ("/backup/hostile-manifest", test_hostile_manifest);
  g_test_add_func ("/backup/deep-manifest", test_deep_manifest);
  g_test_add_func ("/backup/newer-version", test_newer_version);
  g_test_add_func ("/backup/missing-part", test_missing_part);
  g_test_add_func ("/backup/disk-full", test_disk_full);
  g_test_add_func ("/backup/no-room", test_no_room);
  g_test_add_func ("/backup/taken-folder", test_taken_folder);
  g_test_add_func ("/backup/read-back", test_read_back);
  g_test_add_func ("/backup/wrong-order", test_wrong_order);
  g_test_add_func ("/backup/killed", test_killed);
  g_test_add_func ("/backup/scatter", test_scatter);
  g_test_add_func ("/backup/whole", test_whole);
  return g_test_run ();
}
