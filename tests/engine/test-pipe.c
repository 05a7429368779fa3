/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-pipe.h"
#include "wire/ub-checksum.h"

#define PACKET 4096

static guint32
sum16 (const guint8 *data, gsize size, gpointer user_data)
{
  return ub_checksum_sum16 (data, size);
}

static char *
put_file (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  int   fd = g_file_open_tmp ("unbrick-pipe-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) size, NULL));
  return path;
}

static void
put_le (GByteArray *out, guint64 value, guint width)
{
  for (guint i = 0; i < width; i++)
    {
      guint8 byte = (guint8) (value >> (8 * i));

      g_byte_array_append (out, &byte, 1);
    }
}

static void
begin_sparse (GByteArray *out, guint block_size, guint blocks, guint chunks)
{
  put_le (out, 0xed26ff3a, 4);
  put_le (out, 1, 2);
  put_le (out, 0, 2);
  put_le (out, 28, 2);
  put_le (out, 12, 2);
  put_le (out, block_size, 4);
  put_le (out, blocks, 4);
  put_le (out, chunks, 4);
  put_le (out, 0, 4);
}

static void
put_chunk (GByteArray *out, guint type, guint blocks, const guint8 *data, gsize size)
{
  put_le (out, type, 2);
  put_le (out, 0, 2);
  put_le (out, blocks, 4);
  put_le (out, 12 + size, 4);
  if (size > 0)
    g_byte_array_append (out, data, (guint) size);
}

/* takes a whole run, packet for packet; appended to @out */
static void
take_run (UbPipe *pipe, const UbPipeRun *run, GByteArray *out)
{
  for (guint64 done = 0; done < run->length;)
    {
      g_autoptr (GError) error = NULL;
      UbDaPacket packet;
      gsize      size = (gsize) MIN (PACKET, run->length - done);

      g_assert_true (ub_pipe_source (pipe, size, &packet, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (packet.size, ==, size);
      g_assert_cmpuint (packet.checksum, ==, ub_checksum_sum16 (packet.data, packet.size));
      g_byte_array_append (out, packet.data, (guint) size);
      done += size;
    }
}

static void
test_raw (void)
{
  g_autofree guint8 *data = g_malloc (3 * PACKET + 700);
  g_autofree char   *path = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  for (gsize i = 0; i < 3 * PACKET + 700; i++)
    data[i] = (guint8) (i * 31 + i / 256 + 1);
  path = put_file (data, 3 * PACKET + 700);
  pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.offset, ==, 0);
  g_assert_cmpuint (run.length, ==, 3 * PACKET + 1024);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, 3 * PACKET + 700, data, 3 * PACKET + 700);
  for (guint i = 3 * PACKET + 700; i < out->len; i++)
    g_assert_cmpuint (out->data[i], ==, 0);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_no_error (error);
  /* and it stays at the end */
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_unlink (path);
}

static void
test_bytes (void)
{
  static const guint8 data[5000] = { 1, 2, 3 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  g_autoptr (UbPipe) pipe = ub_pipe_new_for_bytes (bytes, PACKET, sum16, NULL);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  UbPipeRun run;

  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.length, ==, 5120);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, sizeof data, data, sizeof data);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_no_error (error);
}

/* raw, fill, gap, raw: two runs, nothing for the gap */
static void
test_sparse (void)
{
  guint8       one[4096], two[4096];
  const guint8 fill[4] = { 0xde, 0xad, 0xbe, 0xef };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  memset (one, 0x11, sizeof one);
  memset (two, 0x22, sizeof two);
  begin_sparse (file, 4096, 12, 4);
  put_chunk (file, 0xcac1, 1, one, sizeof one);
  put_chunk (file, 0xcac2, 2, fill, sizeof fill);
  put_chunk (file, 0xcac3, 8, NULL, 0);
  put_chunk (file, 0xcac1, 1, two, sizeof two);
  path = put_file (file->data, file->len);
  pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.offset, ==, 0);
  g_assert_cmpuint (run.length, ==, 3 * 4096);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, 4096, one, 4096);
  for (guint i = 0; i < 8192; i++)
    g_assert_cmpuint (out->data[4096 + i], ==, fill[i % 4]);
  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.offset, ==, 11 * 4096);
  g_assert_cmpuint (run.length, ==, 4096);
  g_byte_array_set_size (out, 0);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, 4096, two, 4096);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

/* every window of an image, cut out of the whole; @expected: G_MAXUINT16 where nothing is written */
static void
check_window (const UbPipeContent *content, const guint16 *expected, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = ub_pipe_new_for_content (content, PACKET, sum16, NULL, &error);
  g_autofree guint16 *seen = g_malloc (size * sizeof *seen);
  const guint64       end = content->end != 0 ? content->end : size;
  UbPipeRun           run;

  g_assert_no_error (error);
  memset (seen, 0xff, size * sizeof *seen);
  while (ub_pipe_next_run (pipe, &run, &error))
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();

      g_assert_cmpuint (run.offset, >=, content->begin);
      take_run (pipe, &run, out);
      for (guint i = 0; i < out->len; i++)
        seen[run.offset + i] = out->data[i];
    }
  g_assert_no_error (error);
  for (gsize i = 0; i < size; i++)
    g_assert_cmpuint (seen[i], ==, i < content->begin || i >= end ? G_MAXUINT16 : expected[i]);
}

static void
check_windows (UbPipeContent content, const guint16 *expected, gsize size)
{
  for (content.begin = 0; content.begin < size; content.begin += 1024)
    {
      content.end = 0;
      check_window (&content, expected, size);
      for (content.end = content.begin + 512; content.end <= size; content.end += 3584)
        check_window (&content, expected, size);
    }
}

static void
test_windows_of_sparse (void)
{
  guint8       one[4096], two[4096];
  const guint8 fill[4] = { 0xde, 0xad, 0xbe, 0xef };
  guint16      expected[7 * 4096];
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *path = NULL;

  memset (expected, 0xff, sizeof expected);
  for (guint i = 0; i < 4096; i++)
    {
      one[i] = (guint8) (i % 251 + 1);
      two[i] = (guint8) (i % 13 + 100);
      expected[i] = one[i];
      expected[4096 + i] = fill[i % 4];
      expected[2 * 4096 + i] = fill[i % 4];
      expected[6 * 4096 + i] = two[i];
    }
  begin_sparse (file, 4096, 7, 4);
  put_chunk (file, 0xcac1, 1, one, sizeof one);
  put_chunk (file, 0xcac2, 2, fill, sizeof fill);
  put_chunk (file, 0xcac3, 3, NULL, 0);
  put_chunk (file, 0xcac1, 1, two, sizeof two);
  path = put_file (file->data, file->len);
  check_windows ((UbPipeContent){ .path = path }, expected, G_N_ELEMENTS (expected));
  g_unlink (path);
}

/* from the middle of a file, as it is, even if it begins like a sparse image */
static void
test_windows_of_part (void)
{
  guint8           data[3 * 4096];
  guint16          expected[2 * 4096];
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  UbPipeContent content = { .is_part = TRUE, .offset = 1000, .length = 2 * 4096 - 100 };

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) (i % 251);
  memcpy (data, "\x3a\xff\x26\xed", 4);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    expected[i] = i < content.length ? data[1000 + i] : 0;
  path = put_file (data, sizeof data);
  content.path = path;
  check_windows (content, expected, G_N_ELEMENTS (expected));
  bytes = g_bytes_new (data + 1000, content.length);
  check_windows ((UbPipeContent){ .bytes = bytes }, expected, G_N_ELEMENTS (expected));
  content.begin = content.end = 0;
  content.length = sizeof data;
  g_assert_null (ub_pipe_new_for_content (&content, PACKET, sum16, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_unlink (path);
}

/* what an agent would take for a sparse image and expand over its neighbours */
static void
test_nested_sparse (void)
{
  guint8 inner[4096] = { 0x3a, 0xff, 0x26, 0xed };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  begin_sparse (file, 4096, 1, 1);
  put_chunk (file, 0xcac1, 1, inner, sizeof inner);
  path = put_file (file->data, file->len);
  pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_unlink (path);
}

/* padding a crooked stretch would change what is in the gap behind it */
static void
test_crooked_sparse (void)
{
  guint8 data[516] = { 1 };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  begin_sparse (file, 516, 3, 3);
  put_chunk (file, 0xcac1, 1, data, sizeof data);
  put_chunk (file, 0xcac3, 1, NULL, 0);
  put_chunk (file, 0xcac1, 1, data, sizeof data);
  path = put_file (file->data, file->len);
  pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
  if (pipe != NULL)
    g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_unlink (path);
}

/* left in the middle, with the reader waiting for an empty buffer, or before anything was taken */
static void
test_left_early (void)
{
  g_autofree guint8 *data = g_malloc0 (64 * PACKET);
  g_autofree char   *path = put_file (data, 64 * PACKET);

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbPipe) pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
      UbDaPacket packet;

      g_assert_no_error (error);
      for (guint j = 0; j < i % 5; j++)
        g_assert_true (ub_pipe_source (pipe, PACKET, &packet, &error));
    }
  g_unlink (path);
}

static void
test_becomes_shorter (void)
{
  g_autofree guint8 *data = g_malloc0 (64 * PACKET);
  g_autofree char   *path = put_file (data, 64 * PACKET);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = ub_pipe_new (path, PACKET, sum16, NULL, &error);
  UbDaPacket packet;

  g_assert_no_error (error);
  g_assert_cmpint (truncate (path, 8 * PACKET), ==, 0);
  while (ub_pipe_source (pipe, PACKET, &packet, &error))
    ;
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_unlink (path);
}

static void
test_wrong_size_asked (void)
{
  static const guint8 data[8192] = { 0 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  g_autoptr (UbPipe) pipe = ub_pipe_new_for_bytes (bytes, PACKET, sum16, NULL);
  g_autoptr (GError) error = NULL;
  UbDaPacket packet;

  g_assert_false (ub_pipe_source (pipe, 512, &packet, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_INTERNAL);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_pipe_new ("/nonexistent/image", PACKET, sum16, NULL, &error));
  g_assert_nonnull (error);
}

/* --- UFS: sectors of 4096 --- */

/* raw, two blocks of gap, raw */
static char *
put_gappy (guint block_size, const guint8 *data)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();

  begin_sparse (file, block_size, 6, 4);
  put_chunk (file, 0xcac1, 1, data, block_size);
  put_chunk (file, 0xcac3, 2, NULL, 0);
  put_chunk (file, 0xcac1, 1, data + block_size, block_size);
  put_chunk (file, 0xcac3, 2, NULL, 0);
  return put_file (file->data, file->len);
}

static void
test_big_sectors (void)
{
  g_autofree guint8 *data = g_malloc (2 * PACKET + 700);
  g_autofree char   *path = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeContent content = { .sector = 4096 };
  UbPipeRun     run;

  memset (data, 0x5a, 2 * PACKET + 700);
  content.path = path = put_file (data, 2 * PACKET + 700);
  pipe = ub_pipe_new_for_content (&content, PACKET, sum16, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.length, ==, 3 * PACKET);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, 2 * PACKET + 700, data, 2 * PACKET + 700);
  for (guint i = 2 * PACKET + 700; i < out->len; i++)
    g_assert_cmpuint (out->data[i], ==, 0);
  g_unlink (path);
}

/* as an agent takes what goes by its name */
static void
test_exact (void)
{
  static const guint8 data[PACKET + 13] = { 7, 7, 7 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  const UbPipeContent content = { .bytes = bytes, .sector = 4096, .is_exact = TRUE };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (UbPipe) pipe = ub_pipe_new_for_content (&content, PACKET, sum16, NULL, NULL);
  UbPipeRun run;

  g_assert_true (ub_pipe_next_run (pipe, &run, NULL));
  g_assert_cmpuint (run.length, ==, sizeof data);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, out->len, data, sizeof data);
  g_assert_false (ub_pipe_next_run (pipe, &run, NULL));
}

/* gaps are zeros, the one at the end, too */
static void
test_whole (void)
{
  g_autofree guint8 *data = g_malloc (2 * 4096);
  g_autofree char   *path = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeContent content = { .sector = 4096, .is_exact = TRUE, .is_whole = TRUE };
  UbPipeRun     run;

  for (gsize i = 0; i < 2 * 4096; i++)
    data[i] = (guint8) (i * 13 + i / 256 + 1);
  content.path = path = put_gappy (4096, data);
  pipe = ub_pipe_new_for_content (&content, PACKET, sum16, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_pipe_next_run (pipe, &run, &error));
  g_assert_cmpuint (run.offset, ==, 0);
  g_assert_cmpuint (run.length, ==, 6 * 4096);
  take_run (pipe, &run, out);
  g_assert_cmpmem (out->data, 4096, data, 4096);
  g_assert_cmpmem (out->data + 3 * 4096, 4096, data + 4096, 4096);
  for (guint i = 4096; i < 3 * 4096; i++)
    g_assert_cmpuint (out->data[i], ==, 0);
  for (guint i = 4 * 4096; i < out->len; i++)
    g_assert_cmpuint (out->data[i], ==, 0);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

/* blocks of 1024 with gaps between them cannot be put on UFS */
static void
test_small_blocks (void)
{
  g_autofree guint8  *data = g_malloc0 (2 * 1024);
  g_autofree char    *path = put_gappy (1024, data);
  const UbPipeContent content = { .path = path, .sector = 4096 };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPipe) pipe = ub_pipe_new_for_content (&content, PACKET, sum16, NULL, &error);
  UbPipeRun run;

  g_assert_no_error (error);
  g_assert_false (ub_pipe_next_run (pipe, &run, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_unlink (path);
}

/* an agent that names packets nobody can send */
static void
test_odd_packets (void)
{
  static const guint8 data[8192] = { 1 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  const UbPipeContent content = { .bytes = bytes, .sector = 4096 };
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_pipe_new_for_content (&content, 512, sum16, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (ub_pipe_new_for_content (&content, 0, sum16, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/pipe/raw", test_raw);
  g_test_add_func ("/engine/pipe/bytes", test_bytes);
  g_test_add_func ("/engine/pipe/sparse", test_sparse);
  g_test_add_func ("/engine/pipe/nested-sparse", test_nested_sparse);
  g_test_add_func ("/engine/pipe/crooked-sparse", test_crooked_sparse);
  g_test_add_func ("/engine/pipe/left-early", test_left_early);
  g_test_add_func ("/engine/pipe/becomes-shorter", test_becomes_shorter);
  g_test_add_func ("/engine/pipe/wrong-size-asked", test_wrong_size_asked);
  g_test_add_func ("/engine/pipe/missing", test_missing);
  g_test_add_func ("/engine/pipe/windows-of-sparse", test_windows_of_sparse);
  g_test_add_func ("/engine/pipe/windows-of-part", test_windows_of_part);
  g_test_add_func ("/engine/pipe/ufs/sectors", test_big_sectors);
  g_test_add_func ("/engine/pipe/ufs/exact", test_exact);
  g_test_add_func ("/engine/pipe/ufs/whole", test_whole);
  g_test_add_func ("/engine/pipe/ufs/small-blocks", test_small_blocks);
  g_test_add_func ("/engine/pipe/ufs/odd-packets", test_odd_packets);
  return g_test_run ();
}
