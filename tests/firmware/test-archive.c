/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-archive.h"

#include "base/ub-error.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;   /* of the archive */
  char *target; /* where to unpack */
} Fixture;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_remove (child) != 0)
        remove_tree (child);
    }
  g_rmdir (path);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("ub-archive-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "archive.bin", NULL);
  fixture->target = g_build_filename (fixture->folder, "a", "target", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->target);
}

typedef enum
{
  ZIP,
  SEVEN_ZIP,
  TAR,
  TAR_GZ,
  TAR_XZ,
  TAR_ZSTD,
  GZ_ALONE,
} Format;

static struct archive *
new_archive (const char *path, Format format)
{
  struct archive *archive = archive_write_new ();

  if (format == ZIP)
    archive_write_set_format_zip (archive);
  else if (format == SEVEN_ZIP)
    archive_write_set_format_7zip (archive);
  else if (format == GZ_ALONE)
    archive_write_set_format_raw (archive);
  else
    archive_write_set_format_pax_restricted (archive);
  if (format == TAR_GZ || format == GZ_ALONE)
    archive_write_add_filter_gzip (archive);
  if (format == TAR_XZ)
    archive_write_add_filter_xz (archive);
  if (format == TAR_ZSTD)
    archive_write_add_filter_zstd (archive);
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  return archive;
}

static void
add_entry (struct archive *archive,
           const char     *name,
           mode_t          type,
           const char     *link,
           const void     *data,
           gsize           size)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, type);
  archive_entry_set_perm (entry, type == AE_IFDIR ? 0755 : 0644);
  archive_entry_set_size (entry, (la_int64_t) size);
  if (type == AE_IFLNK)
    archive_entry_set_symlink (entry, link);
  else if (link != NULL)
    archive_entry_set_hardlink (entry, link);
  g_assert_cmpint (archive_write_header (archive, entry), >=, ARCHIVE_WARN);
  if (size > 0 && data != NULL)
    g_assert_cmpint (archive_write_data (archive, data, size), ==, (la_ssize_t) size);
  archive_entry_free (entry);
}

static void
add_file (struct archive *archive, const char *name, const char *text)
{
  add_entry (archive, name, AE_IFREG, NULL, text, strlen (text));
}

static void
finish (struct archive *archive)
{
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
}

static void
assert_text (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->target, name, NULL);
  g_autofree char *found = NULL;

  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
}

/* nothing is left: not the target, not what is above it, nothing next to it */
static void
assert_nothing (Fixture *fixture)
{
  g_autofree char *above = g_path_get_dirname (fixture->target);
  g_autoptr (GDir) dir = g_dir_open (above, 0, NULL);

  g_assert_false (g_file_test (fixture->target, G_FILE_TEST_EXISTS));
  g_assert_true (dir == NULL || g_dir_read_name (dir) == NULL);
}

static void
assert_refused (Fixture *fixture, UbError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, (int) code);
  assert_nothing (fixture);
}

static void
grows (const char *member, double fraction, gpointer user_data)
{
  double *last = user_data;

  g_assert_nonnull (member);
  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1.0);
  *last = fraction;
}

static void
test_unpack (Fixture *fixture, gconstpointer data)
{
  Format           format = (Format) GPOINTER_TO_INT (data);
  struct archive  *archive = new_archive (fixture->path, format);
  g_autofree char *large = g_strnfill (3000000, 'x');
  g_autoptr (GError) error = NULL;
  double fraction = 0;

  add_entry (archive, "rom/", AE_IFDIR, NULL, NULL, 0);
  add_file (archive, "rom/MT6580_Android_scatter.txt", "scatter");
  add_file (archive, "./rom//deep/boot.img", "boot");
  add_file (archive, "large.img", large);
  add_file (archive, "empty.img", "");
  finish (archive);
  g_assert_true (ub_archive_is_archive (fixture->path));
  g_assert_true (
      ub_archive_unpack (fixture->path, fixture->target, grows, &fraction, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (fraction, >, 0.5);
  assert_text (fixture, "rom/MT6580_Android_scatter.txt", "scatter");
  assert_text (fixture, "rom/deep/boot.img", "boot");
  assert_text (fixture, "large.img", large);
  assert_text (fixture, "empty.img", "");
}

static void
test_is_archive (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, GZ_ALONE);

  g_assert_false (ub_archive_is_archive (fixture->target));
  g_assert_false (ub_archive_is_archive (fixture->folder));
  add_file (archive, "data", "no tar within");
  finish (archive);
  g_assert_false (ub_archive_is_archive (fixture->path));
  g_assert_true (g_file_set_contents (fixture->path, "ANDROID!", 8, NULL));
  g_assert_false (ub_archive_is_archive (fixture->path));
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  g_assert_false (ub_archive_is_archive (fixture->path));
  g_assert_true (g_file_set_contents (fixture->path, "Rar!\x1A\x07\x01", 8, NULL));
  g_assert_true (ub_archive_is_archive (fixture->path));
}

static const char *const evil_names[] = {
  "/etc/evil",         "../evil",  "rom/../../evil", "rom/..", "..\\evil",
  "rom\\..\\..\\evil", "C:\\evil", "c:evil",         "\\evil",
};

static void
test_evil_name (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, TAR);

  add_file (archive, "good.img", "good");
  add_file (archive, data, "evil");
  finish (archive);
  assert_refused (fixture, UB_ERROR_UNSAFE_ARCHIVE);
}

/* Windows packers write backslashes: folders all the same */
static void
test_backslashes (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, TAR);

  add_file (archive, "rom\\images\\boot.img", "boot");
  finish (archive);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  assert_text (fixture, "rom/images/boot.img", "boot");
}

/* a link out of the folder, then a file through it; pipes and devices */
static void
test_links (Fixture *fixture, gconstpointer data)
{
  struct archive  *archive = new_archive (fixture->path, TAR);
  g_autofree char *out = g_build_filename (fixture->folder, "evil", NULL);
  g_autofree char *pipe = g_build_filename (fixture->target, "pipe", NULL);
  g_autofree char *hard = g_build_filename (fixture->target, "hard", NULL);

  add_entry (archive, "link", AE_IFLNK, "../..", NULL, 0);
  add_file (archive, "link/evil", "evil");
  add_entry (archive, "pipe", AE_IFIFO, NULL, NULL, 0);
  add_entry (archive, "device", AE_IFCHR, NULL, NULL, 0);
  add_entry (archive, "hard", AE_IFREG, "/etc/passwd", NULL, 0);
  finish (archive);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  assert_text (fixture, "link/evil", "evil");
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (pipe, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (hard, G_FILE_TEST_EXISTS));
}

/* a link that was in the folder before us is not followed either */
static void
test_link_in_target (Fixture *fixture, gconstpointer data)
{
  struct archive  *archive = new_archive (fixture->path, ZIP);
  g_autofree char *link = g_build_filename (fixture->target, "rom", NULL);
  g_autofree char *out = g_build_filename (fixture->folder, "boot.img", NULL);
  g_autoptr (GError) error = NULL;

  add_file (archive, "rom/boot.img", "boot");
  finish (archive);
  g_assert_cmpint (g_mkdir_with_parents (fixture->target, 0755), ==, 0);
  g_assert_cmpint (symlink (fixture->folder, link), ==, 0);
  g_assert_false (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_ARCHIVE);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

/* what was in the folder before is neither written over nor removed */
static void
test_existing_file (Fixture *fixture, gconstpointer data)
{
  struct archive  *archive = new_archive (fixture->path, ZIP);
  g_autofree char *mine = g_build_filename (fixture->target, "boot.img", NULL);
  g_autofree char *other = g_build_filename (fixture->target, "a.img", NULL);
  g_autoptr (GError) error = NULL;

  add_file (archive, "a.img", "new");
  add_file (archive, "boot.img", "new");
  finish (archive);
  g_assert_cmpint (g_mkdir_with_parents (fixture->target, 0755), ==, 0);
  g_assert_true (g_file_set_contents (mine, "mine", -1, NULL));
  g_assert_false (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_WRITE);
  assert_text (fixture, "boot.img", "mine");
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
test_duplicate (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, TAR);

  add_file (archive, "rom/boot.img", "one");
  add_file (archive, "rom/./boot.img", "two");
  finish (archive);
  assert_refused (fixture, UB_ERROR_BAD_ARCHIVE);
}

static void
test_file_and_folder (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, TAR);

  add_file (archive, "rom", "file");
  add_file (archive, "rom/boot.img", "within");
  finish (archive);
  assert_refused (fixture, UB_ERROR_BAD_ARCHIVE);
}

/* bytes that no packer makes smaller */
static char *
noise (gsize size)
{
  char   *data = g_malloc (size);
  guint32 state = 1;

  for (gsize i = 0; i < size; i++)
    {
      state = state * 1664525 + 1013904223;
      data[i] = (char) (state >> 24);
    }
  return data;
}

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  Format           format = (Format) GPOINTER_TO_INT (data);
  struct archive  *archive = new_archive (fixture->path, format);
  g_autofree char *large = noise (1000000);
  struct stat      info;

  add_file (archive, "a.img", "a");
  add_entry (archive, "large.img", AE_IFREG, NULL, large, 1000000);
  finish (archive);
  g_assert_cmpint (stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (truncate (fixture->path, info.st_size / 2), ==, 0);
  assert_refused (fixture, UB_ERROR_BAD_ARCHIVE);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  struct archive  *archive = new_archive (fixture->path, ZIP);
  g_autofree char *large = noise (100000);
  g_autofree char *bytes = NULL;
  gsize            size;

  add_entry (archive, "large.img", AE_IFREG, NULL, large, 100000);
  finish (archive);
  g_assert_true (g_file_get_contents (fixture->path, &bytes, &size, NULL));
  bytes[size / 2] ^= 0x55;
  g_assert_true (g_file_set_contents (fixture->path, bytes, (gssize) size, NULL));
  assert_refused (fixture, UB_ERROR_BAD_ARCHIVE);
}

static void
test_no_archive (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, UB_ERROR_FILE_READ);
  g_assert_true (g_file_set_contents (fixture->path, "just text, no archive at all", -1, NULL));
  assert_refused (fixture, UB_ERROR_BAD_ARCHIVE);
}

static void
test_password (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = archive_write_new ();

  archive_write_set_format_zip (archive);
  if (archive_write_set_options (archive, "zip:encryption=traditional") != ARCHIVE_OK ||
      archive_write_set_passphrase (archive, "secret") != ARCHIVE_OK)
    {
      archive_write_free (archive);
      g_test_skip ("libarchive cannot encrypt here");
      return;
    }
  g_assert_cmpint (archive_write_open_filename (archive, fixture->path), ==, ARCHIVE_OK);
  add_file (archive, "boot.img", "boot");
  finish (archive);
  assert_refused (fixture, UB_ERROR_ARCHIVE_PASSWORD);
}

/* a header that promises 256 PiB, less than what newer libarchive calls an overflow: the size in base 256, and the header's sum anew */
static void
test_no_space (Fixture *fixture, gconstpointer data)
{
  struct archive  *archive = new_archive (fixture->path, TAR);
  g_autofree char *header = NULL;
  guint            sum = 0;
  gsize            size;

  add_file (archive, "bomb.img", "x");
  finish (archive);
  g_assert_true (g_file_get_contents (fixture->path, &header, &size, NULL));
  memset (header + 124, 0, 12);
  header[124] = (char) 0x80;
  header[128] = 0x04;
  memset (header + 148, ' ', 8);
  for (guint i = 0; i < 512; i++)
    sum += (guint8) header[i];
  g_snprintf (header + 148, 8, "%06o", sum);
  g_assert_true (g_file_set_contents (fixture->path, header, (gssize) size, NULL));
  assert_refused (fixture, UB_ERROR_NO_SPACE);
}

static void
test_zeros_take_no_room (Fixture *fixture, gconstpointer data)
{
  const gsize      size = 8 * 1024 * 1024;
  struct archive  *archive = new_archive (fixture->path, ZIP);
  g_autofree char *bytes = g_malloc0 (size);
  g_autofree char *path = g_build_filename (fixture->target, "zero.img", NULL);
  g_autofree char *found = NULL;
  gsize            found_size;
  struct stat      info;

  bytes[size / 2 + 5] = 'x';
  add_entry (archive, "zero.img", AE_IFREG, NULL, bytes, size);
  finish (archive);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &found, &found_size, NULL));
  g_assert_cmpmem (found, found_size, bytes, size);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_blocks * 512, <, 1024 * 1024);
}

static void
cancel (const char *member, double fraction, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  struct archive *archive = new_archive (fixture->path, TAR);
  g_autoptr (GError) error = NULL;

  add_file (archive, "rom/a.img", "a");
  add_file (archive, "rom/b.img", "b");
  finish (archive);
  g_assert_false (
      ub_archive_unpack (fixture->path, fixture->target, cancel, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_nothing (fixture);
}

/* @path within a new archive of the same name */
static void
wrap (Fixture *fixture, const char *name, gboolean neighbour)
{
  g_autofree char *data = NULL;
  g_autofree char *large = g_strnfill (2 * 1024 * 1024, 'x');
  gsize            size;
  struct archive  *archive;

  g_assert_true (g_file_get_contents (fixture->path, &data, &size, NULL));
  archive = new_archive (fixture->path, ZIP);
  add_entry (archive, name, AE_IFREG, NULL, data, size);
  add_file (archive, "readme.txt", "read me");
  if (neighbour)
    add_file (archive, "system.img", large);
  finish (archive);
}

static void
make_inner (Fixture *fixture)
{
  struct archive *archive = new_archive (fixture->path, SEVEN_ZIP);

  add_file (archive, "scatter.txt", "scatter");
  add_file (archive, "boot.img", "boot");
  finish (archive);
}

static void
test_nested (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inner = g_build_filename (fixture->target, "rom", "MT6580_scatter.rar", NULL);

  make_inner (fixture);
  wrap (fixture, "rom/MT6580_scatter.rar", FALSE);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  assert_text (fixture, "rom/MT6580_scatter/boot.img", "boot");
  assert_text (fixture, "readme.txt", "read me");
  g_assert_false (g_file_test (inner, G_FILE_TEST_EXISTS));
}

static void
test_nested_neighbour (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inner = g_build_filename (fixture->target, "tools.7z", NULL);

  make_inner (fixture);
  wrap (fixture, "tools.7z", TRUE);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_test (inner, G_FILE_TEST_IS_REGULAR));
}

/* a doll in a doll in a doll: an end is made */
static void
test_nested_depth (Fixture *fixture, gconstpointer data)
{
  g_autofree char *third = g_build_filename (fixture->target, "3", "2", "1.zip", NULL);

  make_inner (fixture);
  wrap (fixture, "1.zip", FALSE);
  wrap (fixture, "2.zip", FALSE);
  wrap (fixture, "3.zip", FALSE);
  g_assert_true (ub_archive_unpack (fixture->path, fixture->target, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_test (third, G_FILE_TEST_IS_REGULAR));
}

static void
test_nested_evil (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = new_archive (fixture->path, TAR);

  add_file (archive, "boot.img", "boot");
  add_file (archive, "../../evil", "evil");
  finish (archive);
  wrap (fixture, "inner.tar", FALSE);
  assert_refused (fixture, UB_ERROR_UNSAFE_ARCHIVE);
}

static void
test_cached (Fixture *fixture, gconstpointer data)
{
  struct timespec  times[2] = { { 0, UTIME_OMIT }, { 1, 0 } };
  g_autofree char *first = NULL;
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;
  g_autofree char *boot = NULL;
  g_autoptr (GError) error = NULL;

  make_inner (fixture);
  first = ub_archive_unpack_cached (fixture->path, fixture->target, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  boot = g_build_filename (first, "boot.img", NULL);
  g_assert_true (g_file_test (boot, G_FILE_TEST_IS_REGULAR));
  g_unlink (boot);
  again = ub_archive_unpack_cached (fixture->path, fixture->target, NULL, NULL, NULL, NULL);
  g_assert_cmpstr (again, ==, first);
  g_assert_false (g_file_test (boot, G_FILE_TEST_EXISTS));
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  other = ub_archive_unpack_cached (fixture->path, fixture->target, NULL, NULL, NULL, NULL);
  g_assert_cmpstr (other, !=, first);
}

static guint
count_children (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* a half is never found; what a dead run left goes, what a living one holds stays */
static void
test_cached_half (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dead = g_build_filename (fixture->target, ".unpack-dead", "rom", NULL);
  g_autofree char *alive = g_build_filename (fixture->target, ".unpack-alive", NULL);
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;
  int         fd;

  make_inner (fixture);
  g_assert_cmpint (stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (dead, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (alive, 0755), ==, 0);
  fd = open (alive, O_RDONLY | O_DIRECTORY);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  g_assert_cmpint (truncate (fixture->path, info.st_size / 2), ==, 0);
  g_assert_null (
      ub_archive_unpack_cached (fixture->path, fixture->target, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_ARCHIVE);
  g_assert_true (g_file_test (alive, G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (count_children (fixture->target), ==, 1);
  close (fd);
  make_inner (fixture);
  folder = ub_archive_unpack_cached (fixture->path, fixture->target, NULL, NULL, NULL, NULL);
  g_assert_nonnull (folder);
  g_assert_cmpuint (count_children (fixture->target), ==, 1);
}

#define ADD(name, data, func) g_test_add (name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/archive/unpack/zip", GINT_TO_POINTER (ZIP), test_unpack);
  ADD ("/archive/unpack/7z", GINT_TO_POINTER (SEVEN_ZIP), test_unpack);
  ADD ("/archive/unpack/tar", GINT_TO_POINTER (TAR), test_unpack);
  ADD ("/archive/unpack/tar.gz", GINT_TO_POINTER (TAR_GZ), test_unpack);
  ADD ("/archive/unpack/tar.xz", GINT_TO_POINTER (TAR_XZ), test_unpack);
  ADD ("/archive/unpack/tar.zst", GINT_TO_POINTER (TAR_ZSTD), test_unpack);
  ADD ("/archive/is-archive", NULL, test_is_archive);
  ADD ("/archive/backslashes", NULL, test_backslashes);
  ADD ("/archive/links", NULL, test_links);
  ADD ("/archive/link-in-target", NULL, test_link_in_target);
  ADD ("/archive/existing-file", NULL, test_existing_file);
  ADD ("/archive/duplicate", NULL, test_duplicate);
  ADD ("/archive/file-and-folder", NULL, test_file_and_folder);
  ADD ("/archive/cut/zip", GINT_TO_POINTER (ZIP), test_cut);
  ADD ("/archive/cut/7z", GINT_TO_POINTER (SEVEN_ZIP), test_cut);
  ADD ("/archive/cut/tar", GINT_TO_POINTER (TAR), test_cut);
  ADD ("/archive/cut/tar.gz", GINT_TO_POINTER (TAR_GZ), test_cut);
  ADD ("/archive/cut/tar.xz", GINT_TO_POINTER (TAR_XZ), test_cut);
  ADD ("/archive/damaged", NULL, test_damaged);
  ADD ("/archive/no-archive", NULL, test_no_archive);
  ADD ("/archive/password", NULL, test_password);
  ADD ("/archive/no-space", NULL, test_no_space);
  ADD ("/archive/zeros-take-no-room", NULL, test_zeros_take_no_room);
  ADD ("/archive/cancel", NULL, test_cancel);
  ADD ("/archive/nested/one", NULL, test_nested);
  ADD ("/archive/nested/neighbour", NULL, test_nested_neighbour);
  ADD ("/archive/nested/depth", NULL, test_nested_depth);
  ADD ("/archive/nested/evil", NULL, test_nested_evil);
  ADD ("/archive/cached/again", NULL, test_cached);
  ADD ("/archive/cached/half", NULL, test_cached_half);
  for (gsize i = 0; i < G_N_ELEMENTS (evil_names); i++)
    {
      g_autofree char *name = g_strdup_printf ("/archive/evil-name/%" G_GSIZE_FORMAT, i);

      ADD (name, evil_names[i], test_evil_name);
    }
  return g_test_run ();
}
