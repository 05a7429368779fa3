/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"
#include "wire/ub-checksum.h"
#include "wire/ub-reader.h"
#include "wire/ub-writer.h"

#include <string.h>

static const guint8 bytes[] = { 0xef, 0xee, 0xee, 0xfe, 0x01, 0x02, 0x03, 0x04 };

static void
test_both_ends (void)
{
  g_autoptr (GError) error = NULL;
  UbReader reader = UB_READER_INIT (bytes, sizeof bytes);

  g_assert_cmphex (ub_reader_u32_le (&reader), ==, 0xfeeeeeef);
  g_assert_cmphex (ub_reader_u32_be (&reader), ==, 0x01020304);
  g_assert_true (ub_reader_finish (&reader, "header", UB_ERROR_PROTOCOL, &error));
  g_assert_no_error (error);

  reader = UB_READER_INIT (bytes, sizeof bytes);
  g_assert_cmphex (ub_reader_u64_le (&reader), ==, 0x04030201feeeeeef);
  reader = UB_READER_INIT (bytes, sizeof bytes);
  g_assert_cmphex (ub_reader_u64_be (&reader), ==, 0xefeeeefe01020304);
}

static void
test_too_short (void)
{
  for (gsize size = 0; size < sizeof bytes; size++)
    {
      g_autofree guint8 *copy = g_memdup2 (bytes, size); /* so that ASan sees the end */
      g_autoptr (GError) error = NULL;
      UbReader reader = UB_READER_INIT (copy, size);

      ub_reader_u32_le (&reader);
      ub_reader_u16_be (&reader);
      ub_reader_u16_le (&reader);
      g_assert_false (ub_reader_finish (&reader, "header", UB_ERROR_BAD_IMAGE, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
    }
}

static void
test_too_long (void)
{
  g_autoptr (GError) error = NULL;
  UbReader reader = UB_READER_INIT (bytes, sizeof bytes);

  g_assert_cmphex (ub_reader_u8 (&reader), ==, 0xef);
  g_assert_true (ub_reader_ok (&reader, "answer", UB_ERROR_PROTOCOL, &error));
  g_assert_false (ub_reader_finish (&reader, "answer", UB_ERROR_PROTOCOL, &error));
  g_assert_cmpstr (error->message, ==, "answer: 8 bytes are too many");
}

static void
test_strings (void)
{
  const guint8     text[] = { 'l', 'k', 0, 'x', 0xff, 'a' };
  UbReader         reader = UB_READER_INIT (text, sizeof text);
  g_autofree char *name = ub_reader_dup_string (&reader, 4);
  g_autofree char *odd = ub_reader_dup_string (&reader, 2);
  g_autofree char *none = ub_reader_dup_string (&reader, 1);

  g_assert_cmpstr (name, ==, "lk");
  g_assert_true (g_utf8_validate (odd, -1, NULL));
  g_assert_cmpstr (none, ==, "");
  g_assert_true (reader.overrun);
  ub_reader_seek (&reader, 99);
  g_assert_true (reader.overrun);
}

static void
test_round_trip (void)
{
  UbWriter writer = UB_WRITER_INIT;
  UbReader reader;

  ub_writer_u8 (&writer, 1);
  ub_writer_u16_be (&writer, 0x0203);
  ub_writer_u16_le (&writer, 0x0504);
  ub_writer_u32_be (&writer, 0x06070809);
  ub_writer_u32_le (&writer, 0x0d0c0b0a);
  ub_writer_u64_be (&writer, 0x0e0f101112131415);
  ub_writer_u64_le (&writer, 0x1d1c1b1a19181716);
  ub_writer_string (&writer, "lk", 4);
  for (guint i = 0; i < 29; i++)
    g_assert_cmphex (writer.data[i], ==, i + 1);
  g_assert_cmpmem (writer.data + 29, writer.size - 29, "lk\0\0", 4);

  reader = UB_READER_INIT (writer.data, writer.size);
  g_assert_cmphex (ub_reader_u8 (&reader), ==, 1);
  g_assert_cmphex (ub_reader_u16_be (&reader), ==, 0x0203);
  g_assert_cmphex (ub_reader_u16_le (&reader), ==, 0x0504);
}

static void
test_sum16 (void)
{
  g_autofree guint8 *data = g_malloc (100001);

  for (gsize i = 0; i < 100001; i++)
    data[i] = (guint8) (i * 31 + (i >> 8) * 7);
  for (gsize size = 0; size < 100001; size = size * 2 + 1)
    {
      guint32 plain = 0;

      for (gsize i = 0; i < size; i++)
        plain += data[i];
      g_assert_cmphex (ub_checksum_sum16 (data, size), ==, plain & 0xffff);
    }
  memset (data, 0xff, 100001);
  g_assert_cmphex (ub_checksum_sum16 (data, 100001), ==, (100001ULL * 0xff) & 0xffff);
}

/* worked examples of shared/protocol/brom-and-legacy.md §2.5 and genuine-agents.md §5 */
static void
test_examples (void)
{
  const guint8 three[] = { 1, 2, 3 };
  const guint8 odd[] = { 1, 0, 0, 0, 2, 0, 0, 0, 5, 6 };
  guint8       ff[512];

  g_assert_cmphex (ub_checksum_xor16 (three, 3), ==, 0x0202);
  g_assert_cmphex (ub_checksum_xor16_update (ub_checksum_xor16 (three, 2), three + 2, 1),
                   ==,
                   0x0202);
  g_assert_cmphex (ub_checksum_add32 (odd, sizeof odd), ==, 1 + 2 + 5 + 6);
  memset (ff, 0xff, sizeof ff);
  g_assert_cmphex (ub_checksum_sum16 (ff, sizeof ff), ==, 0xfe00);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/reader/both-ends", test_both_ends);
  g_test_add_func ("/wire/reader/too-short", test_too_short);
  g_test_add_func ("/wire/reader/too-long", test_too_long);
  g_test_add_func ("/wire/reader/strings", test_strings);
  g_test_add_func ("/wire/writer/round-trip", test_round_trip);
  g_test_add_func ("/wire/checksum/sum16", test_sum16);
  g_test_add_func ("/wire/checksum/examples", test_examples);
  return g_test_run ();
}
