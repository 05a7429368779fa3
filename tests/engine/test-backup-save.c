/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-backup-save.h"
#include "tests/engine/test-copies.h"

/* a copy, and an empty folder to save it to */
typedef struct
{
  char         *root;
  char         *from;
  char         *to;
  UbPhoneInfo  *phone;
  UbBackup     *backup;
  GCancellable *cancellable;
  guint64       done;
} Scene;

static void
set_up (Scene *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->root = test_copies_folder_new ();
  self->from = g_build_filename (self->root, "from", NULL);
  self->to = g_build_filename (self->root, "to", NULL);
  self->phone = test_copies_phone_new (1);
  self->backup = test_copies_copy_new (self->from, self->phone, &error);
  self->cancellable = g_cancellable_new ();
  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (self->to, 0700), ==, 0);
}

static void
tear_down (Scene *self, gconstpointer data)
{
  test_copies_folder_remove (self->root);
  g_object_unref (self->backup);
  g_object_unref (self->phone);
  g_object_unref (self->cancellable);
  g_free (self->from);
  g_free (self->to);
  g_free (self->root);
}

static void
count (guint64 done, guint64 total, gpointer user_data)
{
  Scene *self = user_data;

  g_assert_cmpuint (done, >=, self->done);
  g_assert_cmpuint (done, <=, total);
  g_assert_cmpuint (total, ==, 2 * test_copies_usual_size ());
  self->done = done;
}

/* nothing is left, under no name */
static void
assert_empty (Scene *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->to, 0, NULL);

  g_assert_null (g_dir_read_name (dir));
}

static void
assert_same (Scene *self, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) saved = ub_backup_open (folder, &error);
  GPtrArray *parts = ub_backup_get_parts (self->backup);

  g_assert_no_error (error);
  g_assert_true (ub_backup_verify (saved, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ub_backup_get_parts (saved)->len, ==, parts->len);
  g_assert_cmpint (ub_backup_is_from (saved, self->phone), ==, UB_SAME_PHONE_YES);
  g_assert_true (g_date_time_equal (ub_backup_get_time (saved), ub_backup_get_time (self->backup)));
}

static void
test_saved (Scene *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *one =
      ub_backup_save_to (self->backup, self->to, count, self, self->cancellable, &error);
  g_autofree char *other = NULL;
  g_autofree char *name = NULL;
  g_autofree char *parent = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (self->done, ==, 2 * test_copies_usual_size ());
  assert_same (self, one);
  name = g_path_get_basename (one);
  parent = g_path_get_dirname (one);
  g_assert_cmpstr (parent, ==, self->to);
  g_assert_true (g_str_has_prefix (name, "Unbrick copy 20"));
  g_assert_true (g_str_has_suffix (name, " 0x6580"));
  /* once more: beside the first */
  other = ub_backup_save_to (self->backup, self->to, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (other, !=, one);
  assert_same (self, one);
  assert_same (self, other);
}

/* what was damaged since is not passed on */
static void
test_damaged (Scene *self, gconstpointer data)
{
  static const char *const files[] = { "boot1.bin", "nvram.bin", "manifest.json", "SHA256SUMS" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = test_copies_dup_file (self->from, files[i]);
      g_autoptr (GError) error = NULL;

      test_copies_patch (path, 20);
      g_assert_null (ub_backup_save_to (self->backup, self->to, NULL, NULL, NULL, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
      assert_empty (self);
      test_copies_patch (path, 20);
    }
}

static void
test_gone (Scene *self, gconstpointer data)
{
  g_autofree char *path = test_copies_dup_file (self->from, "nvram.bin");
  g_autofree char *nowhere = g_build_filename (self->root, "nowhere", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_backup_save_to (self->backup, nowhere, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_WRITE);
  g_clear_error (&error);
  g_assert_cmpint (truncate (path, 1000), ==, 0);
  g_assert_null (ub_backup_save_to (self->backup, self->to, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (ub_backup_save_to (self->backup, self->to, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
  assert_empty (self);
}

/* stops at the first bytes of either half */
static void
cancel_cb (guint64 done, guint64 total, gpointer user_data)
{
  Scene *self = user_data;

  if (done >= self->done)
    g_cancellable_cancel (self->cancellable);
}

static void
test_cancelled (Scene *self, gconstpointer data)
{
  const guint64 points[] = { 0, test_copies_usual_size () + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    {
      g_autoptr (GError) error = NULL;

      self->done = points[i];
      g_cancellable_reset (self->cancellable);
      g_assert_null (
          ub_backup_save_to (self->backup, self->to, cancel_cb, self, self->cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_empty (self);
    }
}

/* another tool's has nothing to compare with */
static void
test_imported (Scene *self, gconstpointer data)
{
  g_autofree char *manifest = test_copies_dup_file (self->from, "manifest.json");
  g_autofree char *sums = test_copies_dup_file (self->from, "SHA256SUMS");
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) backup = NULL;

  g_assert_cmpint (g_unlink (manifest), ==, 0);
  g_assert_cmpint (g_unlink (sums), ==, 0);
  backup = ub_backup_open (self->from, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ub_backup_get_kind (backup), ==, UB_BACKUP_IMPORTED);
  g_assert_null (ub_backup_save_to (backup, self->to, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP);
  assert_empty (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define SAVE(name, function) g_test_add (name, Scene, NULL, set_up, function, tear_down)
  SAVE ("/backup-save/saved", test_saved);
  SAVE ("/backup-save/damaged", test_damaged);
  SAVE ("/backup-save/gone", test_gone);
  SAVE ("/backup-save/cancelled", test_cancelled);
  SAVE ("/backup-save/imported", test_imported);
#undef SAVE
  return g_test_run ();
}
