/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image.h"

#include "base/ub-error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096u

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("ub-image-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "image.img", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
put16 (GByteArray *bytes, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (bytes, (guint8 *) &value, 2);
}

static void
put32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (guint8 *) &value, 4);
}

static GByteArray *
sparse_header (guint16 header_size, guint16 chunk_header_size, guint32 n_blocks, guint32 n_chunks)
{
  GByteArray *bytes = g_byte_array_new ();

  put32 (bytes, 0xED26FF3A);
  put16 (bytes, 1);
  put16 (bytes, 0);
  put16 (bytes, header_size);
  put16 (bytes, chunk_header_size);
  put32 (bytes, BLOCK);
  put32 (bytes, n_blocks);
  put32 (bytes, n_chunks);
  put32 (bytes, 0);
  while (bytes->len < header_size)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  return bytes;
}

static void
put_chunk (GByteArray *bytes,
           guint16     chunk_header_size,
           guint16     type,
           guint32     n_blocks,
           const void *data,
           guint32     size)
{
  gsize begin = bytes->len;

  put16 (bytes, type);
  put16 (bytes, 0);
  put32 (bytes, n_blocks);
  put32 (bytes, chunk_header_size + size);
  while (bytes->len < begin + chunk_header_size)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  if (size > 0)
    g_byte_array_append (bytes, data, size);
}

static void
save (Fixture *fixture, GByteArray *bytes)
{
  g_assert_true (g_file_set_contents (fixture->path, (char *) bytes->data, bytes->len, NULL));
}

static guint8 *
pattern (gsize size, guint8 seed)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (seed + i * 7 + i / 251);
  return data;
}

/* raw 2, gap 3, fill 1+1 (joined), other fill 1, CRC, raw 1 */
static GByteArray *
make_sparse (guint16 header_size, guint16 chunk_header_size)
{
  GByteArray        *bytes = sparse_header (header_size, chunk_header_size, 9, 7);
  g_autofree guint8 *first = pattern (2 * BLOCK, 1);
  g_autofree guint8 *last = pattern (BLOCK, 99);

  put_chunk (bytes, chunk_header_size, 0xCAC1, 2, first, 2 * BLOCK);
  put_chunk (bytes, chunk_header_size, 0xCAC3, 3, NULL, 0);
  put_chunk (bytes, chunk_header_size, 0xCAC2, 1, "\x11\x22\x33\x44", 4);
  put_chunk (bytes, chunk_header_size, 0xCAC2, 1, "\x11\x22\x33\x44", 4);
  put_chunk (bytes, chunk_header_size, 0xCAC2, 1, "\xFF\xFF\xFF\xFF", 4);
  put_chunk (bytes, chunk_header_size, 0xCAC4, 0, "\0\0\0\0", 4);
  put_chunk (bytes, chunk_header_size, 0xCAC1, 1, last, BLOCK);
  return bytes;
}

static void
assert_extent (UbImage *image, guint64 offset, guint64 length, gboolean is_fill)
{
  UbImageExtent extent;
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_image_next (image, &extent, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (extent.offset, ==, offset);
  g_assert_cmpuint (extent.length, ==, length);
  g_assert_cmpint (extent.is_fill, ==, is_fill);
}

static void
assert_end (UbImage *image)
{
  UbImageExtent extent;
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_image_next (image, &extent, &error));
  g_assert_no_error (error);
}

static void
walk_sparse (UbImage *image)
{
  g_autofree guint8 *first = pattern (2 * BLOCK, 1);
  g_autofree guint8 *last = pattern (BLOCK, 99);
  guint8             data[2 * BLOCK];

  assert_extent (image, 0, 2 * BLOCK, FALSE);
  g_assert_true (ub_image_read (image, data, 100, NULL));
  g_assert_true (ub_image_read (image, data + 100, 2 * BLOCK - 100, NULL));
  g_assert_cmpmem (data, 2 * BLOCK, first, 2 * BLOCK);
  assert_extent (image, 5 * BLOCK, 2 * BLOCK, TRUE);
  g_assert_true (ub_image_read (image, data, 3, NULL));
  g_assert_true (ub_image_read (image, data, 5, NULL));
  g_assert_cmpmem (data, 5, "\x44\x11\x22\x33\x44", 5);
  assert_extent (image, 7 * BLOCK, BLOCK, TRUE);
  assert_extent (image, 8 * BLOCK, BLOCK, FALSE);
  g_assert_true (ub_image_read (image, data, BLOCK, NULL));
  g_assert_cmpmem (data, BLOCK, last, BLOCK);
  assert_end (image);
}

static void
test_sparse (Fixture *fixture, gconstpointer data)
{
  const guint16 *sizes = data;
  g_autoptr (GByteArray) bytes = make_sparse (sizes[0], sizes[1]);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = NULL;

  save (fixture, bytes);
  image = ub_image_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ub_image_get_format (image), ==, UB_IMAGE_SPARSE);
  g_assert_cmpstr (ub_image_get_content (image), ==, "sparse");
  g_assert_cmpuint (ub_image_get_size (image), ==, 9 * BLOCK);
  g_assert_cmpuint (ub_image_get_data_size (image), ==, 6 * BLOCK);
  g_assert_cmpuint (ub_image_get_file_size (image), ==, bytes->len);
  walk_sparse (image);
  g_assert_true (ub_image_rewind (image, NULL));
  walk_sparse (image);
}

static void
test_raw (Fixture *fixture, gconstpointer data)
{
  const gsize        size = 700001;
  g_autofree guint8 *bytes = pattern (size, 3);
  g_autofree guint8 *read = g_malloc0 (size);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = NULL;

  g_assert_true (g_file_set_contents (fixture->path, (char *) bytes, (gssize) size, NULL));
  image = ub_image_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ub_image_get_format (image), ==, UB_IMAGE_RAW);
  g_assert_cmpuint (ub_image_get_size (image), ==, size);
  assert_extent (image, 0, size, FALSE);
  for (gsize at = 0, n = 1; at < size; at += n, n = MIN (n * 3, size - at))
    g_assert_true (ub_image_read (image, read + at, n, &error));
  g_assert_cmpmem (read, size, bytes, size);
  g_assert_false (ub_image_read (image, read, 1, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_INTERNAL);
  assert_end (image);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbImage) image = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  image = ub_image_open (fixture->path, NULL);
  g_assert_nonnull (image);
  g_assert_cmpstr (ub_image_get_content (image), ==, "empty");
  assert_end (image);
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) pipe = NULL;
  g_autoptr (GError) folder = NULL;

  g_assert_null (ub_image_open (fixture->path, &missing));
  g_assert_error (missing, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_null (ub_image_open (fixture->folder, &folder));
  g_assert_error (folder, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  g_assert_null (ub_image_open (fixture->path, &pipe));
  g_assert_error (pipe, UB_ERROR, UB_ERROR_FILE_READ);
}

static void
assert_bad (Fixture *fixture, GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;

  save (fixture, bytes);
  g_assert_null (ub_image_open (fixture->path, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
}

/* wherever a sparse image is cut, that is told on opening */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = make_sparse (28, 12);

  for (guint cut = bytes->len - 1; cut > 4; cut -= MIN (cut, 113))
    {
      g_byte_array_set_size (bytes, cut);
      assert_bad (fixture, bytes);
    }
}

typedef struct
{
  const char *name;
  gsize       offset; /* in the file of make_sparse (28, 12) */
  guint32     value;
  gsize       width;
} Damage;

static const Damage damages[] = {
  { "version", 4, 2, 2 },
  { "header-size", 8, 27, 2 },
  { "header-size-large", 8, 65535, 2 },
  { "chunk-header-size", 10, 11, 2 },
  { "block-size-zero", 12, 0, 4 },
  { "block-size-odd", 12, 4095, 4 },
  { "block-size-huge", 12, 0xFFFFFFFC, 4 },
  { "blocks-fewer", 16, 8, 4 },
  { "blocks-more", 16, 10, 4 },
  { "chunks-fewer", 20, 6, 4 },
  { "chunks-more", 20, 8, 4 },
  { "chunks-billions", 20, 0xFFFFFFFF, 4 },
  { "chunk-type", 28, 0xCAC5, 2 },
  { "chunk-blocks", 32, 3, 4 },
  { "chunk-blocks-huge", 32, 0xFFFFFFFF, 4 },
  { "chunk-size-small", 36, 11, 4 },
  { "chunk-size-zero", 36, 0, 4 },
  { "chunk-size-huge", 36, 0xFFFFFFFF, 4 },
  { "gap-blocks-huge", 28 + 12 + 2 * BLOCK + 4, 0xFFFFFFFF, 4 },
  { "gap-with-data", 28 + 12 + 2 * BLOCK + 8, 16, 4 },
  { "fill-size", 28 + 12 + 2 * BLOCK + 12 + 8, 12, 4 },
};

static void
test_damage (Fixture *fixture, gconstpointer data)
{
  const Damage *damage = data;
  g_autoptr (GByteArray) bytes = make_sparse (28, 12);
  guint32 value = GUINT32_TO_LE (damage->value);

  memcpy (bytes->data + damage->offset, &value, damage->width);
  assert_bad (fixture, bytes);
}

/* a million chunks that say nothing: walked once, nothing kept */
static void
test_tiny_chunks (Fixture *fixture, gconstpointer data)
{
  const guint32 n = 1000000;
  g_autoptr (GByteArray) bytes = sparse_header (28, 12, n / 2, n);
  g_autoptr (UbImage) image = NULL;

  for (guint32 i = 0; i < n; i++)
    put_chunk (bytes, 12, 0xCAC3, i % 2, NULL, 0);
  save (fixture, bytes);
  image = ub_image_open (fixture->path, NULL);
  g_assert_nonnull (image);
  g_assert_cmpuint (ub_image_get_size (image), ==, (guint64) n / 2 * BLOCK);
  g_assert_cmpuint (ub_image_get_data_size (image), ==, 0);
  assert_end (image);
}

static void
test_shrinks (Fixture *fixture, gconstpointer data)
{
  const gsize        size = 3 * 1024 * 1024;
  g_autofree guint8 *bytes = pattern (size, 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  g_autoptr (UbImage) image = NULL;

  g_assert_true (g_file_set_contents (fixture->path, (char *) bytes, (gssize) size, NULL));
  image = ub_image_open (fixture->path, NULL);
  assert_extent (image, 0, size, FALSE);
  g_assert_true (ub_image_read (image, bytes, 1000, NULL));
  g_assert_cmpint (truncate (fixture->path, 2 * 1024 * 1024), ==, 0);
  g_assert_false (ub_image_read (image, bytes, 2 * 1024 * 1024 + 1, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_assert_false (ub_image_rewind (image, &again));
  g_assert_error (again, UB_ERROR, UB_ERROR_FILE_READ);
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  const gsize        size = 3 * 1024 * 1024;
  g_autofree guint8 *bytes = pattern (size, 3);
  struct timespec    times[2] = { { 0, UTIME_OMIT }, { 1, 0 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = NULL;

  g_assert_true (g_file_set_contents (fixture->path, (char *) bytes, (gssize) size, NULL));
  image = ub_image_open (fixture->path, NULL);
  assert_extent (image, 0, size, FALSE);
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  g_assert_false (ub_image_read (image, bytes, size, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
}

typedef struct
{
  const char *content;
  gsize       offset;
  const char *mark;
  gsize       length;
} Kind;

static const Kind kinds[] = {
  { "boot", 0, "ANDROID!", 8 },
  { "lk", 0, "\x88\x16\x88\x58", 4 },
  { "gfh", 0, "MMM\x01", 4 },
  { "storage-header", 0, "EMMC_BOOT", 9 },
  { "storage-header", 0, "UFS_BOOT", 8 },
  { "elf",
    0,
    "\x7F"
    "ELF",
    4 },
  { "zip", 0, "PK\x03\x04", 4 },
  { "gpt", 512, "EFI PART", 8 },
  { "gpt", 4096, "EFI PART", 8 },
  { "ext4", 0x438, "\x53\xEF", 2 },
  { "mbr", 510, "\x55\xAA", 2 },
  { "vbmeta", 0, "AVB0", 4 },
  { "html", 0, "<!DOCTYPE html>", 15 },
  { "empty", 0, "", 0 },
  { "unknown", 0, "\x01\x02", 2 },
};

static void
test_content (Fixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  guint8      bytes[8192] = { 0 };
  g_autoptr (UbImage) image = NULL;

  memcpy (bytes + kind->offset, kind->mark, kind->length);
  g_assert_true (g_file_set_contents (fixture->path, (char *) bytes, sizeof bytes, NULL));
  image = ub_image_open (fixture->path, NULL);
  g_assert_cmpstr (ub_image_get_content (image), ==, kind->content);
}

#define ADD(name, data, func) g_test_add (name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  static const guint16 usual[] = { 28, 12 };
  static const guint16 larger[] = { 32, 16 };

  g_test_init (&argc, &argv, NULL);
  ADD ("/image/raw", NULL, test_raw);
  ADD ("/image/nothing", NULL, test_nothing);
  ADD ("/image/not-a-file", NULL, test_not_a_file);
  ADD ("/image/sparse/usual", usual, test_sparse);
  ADD ("/image/sparse/larger-headers", larger, test_sparse);
  ADD ("/image/sparse/cut", NULL, test_cut);
  ADD ("/image/sparse/tiny-chunks", NULL, test_tiny_chunks);
  ADD ("/image/shrinks", NULL, test_shrinks);
  ADD ("/image/changes", NULL, test_changes);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *name = g_strconcat ("/image/sparse/damage/", damages[i].name, NULL);

      ADD (name, &damages[i], test_damage);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name =
          g_strdup_printf ("/image/content/%s-%" G_GSIZE_FORMAT, kinds[i].content, i);

      ADD (name, &kinds[i], test_content);
    }
  return g_test_run ();
}
