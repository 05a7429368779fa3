/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image-pieces.h"

#include "base/ub-error.h"
#include "firmware/ub-image.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Images that come in pieces: what belongs together, what lies where, and what is missing. */

#define BLOCK 4096u
#define N_BLOCKS 16u

static char *
make_folder (void)
{
  char *folder = g_dir_make_tmp ("ub-pieces-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
put (const char *folder, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
put_number (GByteArray *bytes, guint32 value, guint size)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (guint8 *) &value, size);
}

static void
put_chunk (GByteArray *bytes, guint16 type, guint32 n_blocks, const void *data, gsize size)
{
  put_number (bytes, type, 2);
  put_number (bytes, 0, 2);
  put_number (bytes, n_blocks, 4);
  put_number (bytes, (guint32) (12 + size), 4);
  if (size > 0)
    g_byte_array_append (bytes, data, (guint) size);
}

/* a sparse image of N_BLOCKS that holds blocks @first to @first + @n, as libsparse cuts them:
 * raw ones, and the last one as a fill */
static GByteArray *
make_piece (guint first, guint n)
{
  GByteArray        *bytes = g_byte_array_new ();
  guint              raw = n - 1;
  g_autofree guint8 *data = g_malloc ((gsize) raw * BLOCK + 1);
  guint              rest = N_BLOCKS - first - n;

  for (guint i = 0; i < raw; i++)
    memset (data + (gsize) i * BLOCK, (int) (first + i + 1), BLOCK);
  put_number (bytes, 0xED26FF3A, 4);
  put_number (bytes, 1, 2);
  put_number (bytes, 0, 2);
  put_number (bytes, 28, 2);
  put_number (bytes, 12, 2);
  put_number (bytes, BLOCK, 4);
  put_number (bytes, N_BLOCKS, 4);
  put_number (bytes, (first > 0) + (raw > 0) + 1 + (rest > 0), 4);
  put_number (bytes, 0, 4);
  if (first > 0)
    put_chunk (bytes, 0xCAC3, first, NULL, 0);
  if (raw > 0)
    put_chunk (bytes, 0xCAC1, raw, data, (gsize) raw * BLOCK);
  put_chunk (bytes, 0xCAC2, 1, "\xEE\xEE\xEE\xEE", 4);
  if (rest > 0)
    put_chunk (bytes, 0xCAC3, rest, NULL, 0);
  return bytes;
}

static void
put_piece (const char *folder, const char *name, guint first, guint n)
{
  g_autoptr (GByteArray) bytes = make_piece (first, n);

  put (folder, name, bytes->data, bytes->len);
}

static UbImage *
open_in (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return ub_image_open (path, error);
}

/* everything onto a partition of zeros */
static guint8 *
expand (UbImage *image)
{
  guint64       size = ub_image_get_size (image);
  guint8       *data = g_malloc0 (size);
  guint64       end = 0;
  UbImageExtent extent;
  g_autoptr (GError) error = NULL;

  while (ub_image_next (image, &extent, &error))
    {
      g_assert_cmpuint (extent.offset, >=, end);
      end = extent.offset + extent.length;
      g_assert_cmpuint (end, <=, size);
      g_assert_true (ub_image_read (image, data + extent.offset, extent.length, &error));
      g_assert_no_error (error);
    }
  g_assert_no_error (error);
  return data;
}

static void
assert_refused (const char *folder, const char *name, UbError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = open_in (folder, name, &error);

  g_assert_null (image);
  g_assert_error (error, UB_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

typedef struct
{
  const char *label;
  const char *names[3];
} Naming;

static const Naming namings[] = {
  { "underscore", { "super.img_0", "super.img_1", "super.img_2" } },
  { "dot", { "super.img.0", "super.img.1", "super.img.2" } },
  { "sparsechunk",
    { "super.img_sparsechunk.0", "super.img_sparsechunk.1", "super.img_sparsechunk.2" } },
  { "inner", { "super_0.img", "super_1.img", "super_2.img" } },
  { "inner-from-one", { "super_1.img", "super_2.img", "super_3.img" } },
  { "from-one",
    { "super.img_sparsechunk.1", "super.img_sparsechunk.2", "super.img_sparsechunk.3" } },
  { "padded", { "super.img_08", "super.img_09", "super.img_10" } },
  { "part", { "super.img.part-00", "super.img.part-01", "super.img.part-02" } },
  { "upper-case", { "SUPER.IMG_0", "SUPER.IMG_1", "SUPER.IMG_2" } },
};

static void
test_sparse (gconstpointer data)
{
  const Naming    *naming = data;
  g_autofree char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  gboolean           from_eight = g_str_equal (naming->label, "padded");
  static const guint firsts[] = { 0, 5, 11 };
  guint64            file_size = 0;

  for (guint i = 0; i < 8 && from_eight; i++)
    {
      g_autofree char *name = g_strdup_printf ("super.img_0%u", i);
      /* nothing but "don't care" is no piece of data, but one of the row */
      GByteArray *bytes = g_byte_array_new ();
      put_number (bytes, 0xED26FF3A, 4);
      put_number (bytes, 1, 4);
      put_number (bytes, 28 | 12 << 16, 4);
      put_number (bytes, BLOCK, 4);
      put_number (bytes, N_BLOCKS, 4);
      put_number (bytes, 1, 4);
      put_number (bytes, 0, 4);
      put_chunk (bytes, 0xCAC3, N_BLOCKS, NULL, 0);
      put (folder, name, bytes->data, bytes->len);
      file_size += bytes->len;
      g_byte_array_unref (bytes);
    }
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GByteArray) bytes = make_piece (firsts[i], 4);
      put (folder, naming->names[i], bytes->data, bytes->len);
      file_size += bytes->len;
    }
  g_autoptr (UbImage) image =
                 open_in (folder, from_eight ? "super.img_00" : naming->names[0], &error);
  g_assert_no_error (error);
  g_assert_cmpint (ub_image_get_format (image), ==, UB_IMAGE_SPARSE);
  g_assert_cmpuint (ub_image_get_size (image), ==, N_BLOCKS * BLOCK);
  g_assert_cmpuint (ub_image_get_data_size (image), ==, 12 * BLOCK);
  g_assert_cmpuint (ub_image_get_file_size (image), ==, file_size);
  for (guint round = 0; round < 2; round++)
    {
      g_autofree guint8 *whole = expand (image);

      for (guint i = 0; i < N_BLOCKS; i++)
        {
          guint  at = i % 16;
          guint8 wanted = 0;

          for (guint k = 0; k < 3; k++)
            if (at >= firsts[k] && at < firsts[k] + 4)
              wanted = at == firsts[k] + 3 ? 0xEE : (guint8) (at + 1);
          g_assert_cmpuint (whole[i * BLOCK], ==, wanted);
          g_assert_cmpuint (whole[i * BLOCK + BLOCK - 1], ==, wanted);
        }
      g_assert_true (ub_image_rewind (image, &error));
    }
  remove_folder (folder);
}

/* some tools say only how far a piece itself reaches: the image is as long as the longest */
static void
test_lengths (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr (GByteArray) longest = make_piece (4, 4);
  g_autoptr (GByteArray) shorter = make_piece (0, 4);
  guint32 n_blocks = GUINT32_TO_LE (N_BLOCKS - 4);
  guint32 n_rest = GUINT32_TO_LE (N_BLOCKS - 4 - 4);
  g_autoptr (GError) error = NULL;

  memcpy (shorter->data + 16, &n_blocks, 4);
  memcpy (shorter->data + shorter->len - 8, &n_rest, 4);
  put (folder, "super.img_0", shorter->data, shorter->len);
  put (folder, "super.img_1", longest->data, longest->len);
  g_autoptr (UbImage) image = open_in (folder, "super.img_0", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_image_get_size (image), ==, N_BLOCKS * BLOCK);
  g_assert_cmpuint (ub_image_get_data_size (image), ==, 8 * BLOCK);
  remove_folder (folder);
}

/* cut anywhere, also within a chunk header */
static void
test_cut (gconstpointer data)
{
  gboolean         sparse = GPOINTER_TO_INT (data);
  g_autofree char *folder = make_folder ();
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *whole = NULL;
  gsize              at = 0;

  if (sparse)
    bytes = make_piece (0, 12);
  else
    bytes = g_byte_array_new ();
  while (bytes->len < 45001 && !sparse)
    put_number (bytes, bytes->len * 2654435761u, 4);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("super.img.%u", i);
      gsize            size = i < 3 ? (gsize[]){ 35, 20000, 1 }[i] : bytes->len - at;

      put (folder, name, bytes->data + at, size);
      at += size;
    }
  g_autoptr (UbImage) image = open_in (folder, "super.img.0", &error);
  g_assert_no_error (error);
  g_assert_cmpint (ub_image_get_format (image), ==, sparse ? UB_IMAGE_SPARSE : UB_IMAGE_RAW);
  g_assert_cmpuint (ub_image_get_file_size (image), ==, bytes->len);
  whole = expand (image);
  if (!sparse)
    g_assert_cmpmem (whole, ub_image_get_size (image), bytes->data, bytes->len);
  for (guint i = 0; i < 11 && sparse; i++)
    g_assert_cmpuint (whole[i * BLOCK + 77], ==, i + 1);
  g_assert_true (ub_image_rewind (image, &error));
  g_autofree guint8 *again = expand (image);
  g_assert_cmpmem (again, ub_image_get_size (image), whole, ub_image_get_size (image));
  remove_folder (folder);
}

static void
test_missing (void)
{
  g_autofree char *folder = make_folder ();

  put_piece (folder, "super.img_0", 0, 2);
  put_piece (folder, "super.img_1", 2, 2);
  put_piece (folder, "super.img_3", 6, 2);
  put_piece (folder, "super.img_10", 8, 2);
  assert_refused (folder, "super.img_0", UB_ERROR_FILE_MISSING, "super.img_2 is not there");
  put_piece (folder, "vendor.img_1", 4, 2);
  put_piece (folder, "vendor.img_2", 8, 2);
  assert_refused (folder, "vendor.img_1", UB_ERROR_FILE_MISSING, "vendor.img_0 is not there");
  put_piece (folder, "odm.img_sparsechunk.3", 8, 2);
  assert_refused (folder, "odm.img_sparsechunk.3", UB_ERROR_FILE_MISSING, "odm.img_sparsechunk.2");
  put_piece (folder, "product.img_00", 0, 2);
  put_piece (folder, "product.img_02", 4, 2);
  assert_refused (folder, "product.img_00", UB_ERROR_FILE_MISSING, "product.img_01 is not");
  remove_folder (folder);
}

static void
link_to (const char *folder, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_refused (void)
{
  g_autofree char *folder = make_folder ();

  put_piece (folder, "super.img_0", 0, 4);
  put_piece (folder, "super.img_1", 4, 4);
  assert_refused (folder, "super.img_1", UB_ERROR_BAD_IMAGE, "begins with super.img_0");
  put_piece (folder, "super.img_01", 4, 4);
  assert_refused (folder, "super.img_0", UB_ERROR_BAD_IMAGE, "twice");
  /* what two pieces hold cannot both be right */
  put_piece (folder, "odm.img.0", 0, 5);
  put_piece (folder, "odm.img.1", 4, 4);
  assert_refused (folder, "odm.img.0", UB_ERROR_BAD_IMAGE, "odm.img.1: holds what a piece before");
  put_piece (folder, "vendor.img.0", 0, 4);
  put_piece (folder, "vendor.img.1", 4, 4);
  put (folder, "vendor.img.2", "what is this", 12);
  assert_refused (folder, "vendor.img.0", UB_ERROR_BAD_IMAGE, "some pieces");
  put_piece (folder, "cust.img.0", 0, 4);
  link_to (folder, "cust.img.1", "odm.img.1");
  g_autoptr (UbImage) linked = open_in (folder, "cust.img.0", NULL);
  g_assert_nonnull (linked);
  link_to (folder, "cust.img.2", "/etc/passwd");
  assert_refused (folder, "cust.img.0", UB_ERROR_BAD_IMAGE, "not in its folder");
  remove_folder (folder);
}

/* numbers in names are mostly something else */
static void
test_whole (void)
{
  static const char *const names[] = { "logo_1.img", "logo_2.img", "md1img_1.img", "boot.img.1",
                                       "boot.img.2", "ROM_0",      "system-2.img", "super.img_0",
                                       "img_1",      "_1.img",     ".img_1",       "x.img_12345",
                                       "1.img" };
  g_autofree char         *folder = make_folder ();

  put (folder, "boot.img", "whole", 5);
  put_piece (folder, "userdata_1.img", 0, 4);
  put_piece (folder, "userdata_2.img", 0, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    put (folder, names[i], "bytes", 5);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) list = ub_image_pieces_list (path, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (list->len, ==, 1);
      g_assert_cmpstr (list->pdata[0], ==, path);
    }
  g_autoptr (UbImage) image = open_in (folder, "userdata_1.img", NULL);
  g_assert_cmpuint (ub_image_get_data_size (image), ==, 4 * BLOCK);
  remove_folder (folder);
}

/* a raw super image says itself where it begins */
static void
test_super (void)
{
  g_autofree char   *folder = make_folder ();
  g_autofree guint8 *data = g_malloc0 (3 * BLOCK);
  g_autoptr (GError) error = NULL;

  memcpy (data + BLOCK, "gDla", 4);
  data[2 * BLOCK] = 7;
  put (folder, "super_1.img", data, 2 * BLOCK);
  put (folder, "super_2.img", data + 2 * BLOCK, BLOCK);
  g_autoptr (UbImage) image = open_in (folder, "super_1.img", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_image_get_size (image), ==, 3 * BLOCK);
  g_assert_cmpstr (ub_image_get_content (image), ==, "super");
  g_autofree guint8 *whole = expand (image);
  g_assert_cmpmem (whole, 3 * BLOCK, data, 3 * BLOCK);
  remove_folder (folder);
}

static const char *
find (const char *folder, const char *name)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *inside;

  while ((inside = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (list, g_strdup (inside));
  return g_intern_string (ub_image_pieces_find (folder, list, name));
}

static void
test_find (void)
{
  static const char *const names[] = { "boot.img",      "super.img_2",   "super.img_0",
                                       "super.img_1",   "SYSTEM.IMG.1",  "SYSTEM.IMG.0",
                                       "logo_1.img",    "logo_2.img",    "recovery.img.1",
                                       "product_0.img", "product.img_0", "odm.img_0",
                                       "odm.img_2" };
  g_autofree char         *folder = make_folder ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    put (folder, names[i], "bytes", 5);
  put_piece (folder, "vendor_1.img", 0, 4);
  put_piece (folder, "vendor_2.img", 4, 4);
  g_assert_cmpstr (find (folder, "super.img"), ==, "super.img_0");
  g_assert_cmpstr (find (folder, "system.img"), ==, "SYSTEM.IMG.0");
  g_assert_cmpstr (find (folder, "vendor.img"), ==, "vendor_1.img");
  g_assert_cmpstr (find (folder, "product.img"), ==, "product.img_0");
  /* found, so that it is told what is missing */
  g_assert_cmpstr (find (folder, "odm.img"), ==, "odm.img_0");
  /* images of their own */
  g_assert_null (find (folder, "logo.img"));
  g_assert_null (find (folder, "recovery.img"));
  g_assert_null (find (folder, "boot.img"));
  g_assert_null (find (folder, "uper.img"));
  g_assert_null (find (folder, ""));
  remove_folder (folder);
}

/* a later piece that is not what it was is not written either */
static void
test_changes (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *first = g_build_filename (folder, "super.img_0", NULL);
  g_autofree char *last = g_build_filename (folder, "super.img_1", NULL);
  struct timespec  times[2] = { { 0, UTIME_OMIT }, { 1, 0 } };
  guint64          size, size_now;
  gint64           stamp, stamp_now;
  UbImageExtent    extent;
  g_autoptr (GError) error = NULL;

  put_piece (folder, "super.img_0", 0, 4);
  put_piece (folder, "super.img_1", 4, 4);
  g_autoptr (UbImage) image = ub_image_open (first, NULL);
  g_assert_true (ub_image_pieces_stat (first, &size, &stamp));
  g_assert_cmpuint (size, ==, ub_image_get_file_size (image));
  g_assert_cmpint (utimensat (AT_FDCWD, last, times, 0), ==, 0);
  g_assert_true (ub_image_pieces_stat (first, &size_now, &stamp_now));
  g_assert_cmpuint (size_now, ==, size);
  g_assert_cmpint (stamp_now, !=, stamp);
  g_assert_true (ub_image_next (image, &extent, &error));
  g_assert_true (ub_image_next (image, &extent, &error));
  g_assert_false (ub_image_next (image, &extent, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_nonnull (strstr (error->message, "super.img_1"));
  g_clear_error (&error);
  g_assert_false (ub_image_rewind (image, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_cmpint (g_unlink (last), ==, 0);
  put_piece (folder, "super.img_2", 4, 4);
  g_assert_false (ub_image_pieces_stat (first, &size_now, &stamp_now));
  remove_folder (folder);
}

/* 12 GiB that take no room: sizes and offsets are 64 bits, and one piece is open at a time */
static void
test_large (void)
{
  const guint64    piece = G_GUINT64_CONSTANT (3) << 30;
  g_autofree char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  UbImageExtent extent;
  guint8        data[4];

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("super.img_%u", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      guint8           number = (guint8) (i + 1);
      int              fd;

      put (folder, name, "", 0);
      fd = open (path, O_WRONLY | O_CLOEXEC);
      g_assert_cmpint (pwrite (fd, &number, 1, (off_t) piece - 1), ==, 1);
      close (fd);
    }
  g_autoptr (UbImage) image = open_in (folder, "super.img_0", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_image_get_size (image), ==, 4 * piece);
  g_assert_true (ub_image_next (image, &extent, &error));
  g_assert_cmpuint (extent.length, ==, 4 * piece);
  for (guint i = 0; i < 4; i++)
    {
      ub_image_skip (image, piece - (i == 0 ? 2 : 4));
      g_assert_true (ub_image_read (image, data, i < 3 ? 4 : 2, &error));
      g_assert_cmpmem (data, 2, ((guint8[]){ 0, (guint8) (i + 1) }), 2);
    }
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (namings); i++)
    {
      g_autofree char *name = g_strconcat ("/image-pieces/sparse/", namings[i].label, NULL);

      g_test_add_data_func (name, &namings[i], test_sparse);
    }
  g_test_add_data_func ("/image-pieces/cut/raw", GINT_TO_POINTER (FALSE), test_cut);
  g_test_add_data_func ("/image-pieces/cut/sparse", GINT_TO_POINTER (TRUE), test_cut);
  g_test_add_func ("/image-pieces/lengths", test_lengths);
  g_test_add_func ("/image-pieces/missing", test_missing);
  g_test_add_func ("/image-pieces/refused", test_refused);
  g_test_add_func ("/image-pieces/whole", test_whole);
  g_test_add_func ("/image-pieces/super", test_super);
  g_test_add_func ("/image-pieces/find", test_find);
  g_test_add_func ("/image-pieces/changes", test_changes);
  g_test_add_func ("/image-pieces/large", test_large);
  return g_test_run ();
}
