/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-flash.h"

#include <string.h>

#define MIB ((guint64) 1024 * 1024)

static void
test_sparse (void)
{
  g_autoptr (UbFlash) flash = ub_flash_new (64 * 1024 * MIB);
  const guint8 bytes[] = { 'h', 'e', 'l', 'l', 'o' };
  guint8       back[7];

  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 0);
  ub_flash_write (flash, 40 * 1024 * MIB + 65534, bytes, sizeof bytes);
  ub_flash_read (flash, 40 * 1024 * MIB + 65533, back, sizeof back);
  g_assert_cmpmem (back, sizeof back, "\0hello\0", 7);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 2 * 65536);
}

/* pages of equal bytes cost nothing, however they came to be */
static void
test_collapse (void)
{
  g_autoptr (UbFlash) flash = ub_flash_new (MIB);
  g_autofree guint8 *page = g_malloc (65536);

  memset (page, 0x5a, 65536);
  page[100] = 1;
  ub_flash_write (flash, 65536, page, 65536);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 65536);
  page[100] = 0x5a;
  ub_flash_write (flash, 65536, page, 65536);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 0);

  for (guint i = 0; i < 128; i++)
    ub_flash_write (flash, 131072 + i * 512, page, 512);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 0);
  ub_flash_fill (flash, 131072 + 1000, 10, 7);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 65536);
  ub_flash_fill (flash, 0, MIB, 0xff);
  g_assert_cmpuint (ub_flash_get_memory (flash), ==, 0);
}

/* against a plain array: pieces of odd size at odd places */
static void
test_random (void)
{
  enum
  {
    SIZE = 3 * 65536 + 777
  };
  g_autoptr (UbFlash) flash = ub_flash_new (SIZE);
  g_autofree guint8 *model = g_malloc0 (SIZE);
  g_autofree guint8 *back = g_malloc (SIZE);
  guint32            sum = 0;

  for (guint i = 0; i < 400; i++)
    {
      gsize offset = (gsize) g_test_rand_int_range (0, SIZE);
      gsize size = (gsize) g_test_rand_int_range (0, 100000);

      size = MIN (size, SIZE - offset);
      if (i % 3 == 0)
        {
          memset (model + offset, (int) (i & 0xff), size);
          ub_flash_fill (flash, offset, size, (guint8) i);
          continue;
        }
      for (gsize n = 0; n < size; n++)
        model[offset + n] = i % 3 == 1 ? (guint8) (n * i) : (guint8) i;
      ub_flash_write (flash, offset, model + offset, size);
    }
  ub_flash_read (flash, 0, back, SIZE);
  g_assert_cmpmem (back, SIZE, model, SIZE);
  for (gsize i = 0; i < SIZE; i++)
    sum += model[i];
  g_assert_cmpuint (ub_flash_sum (flash, 0, SIZE), ==, sum & 0xffff);
}

static void
test_end (void)
{
  g_autoptr (UbFlash) flash = ub_flash_new (1000);
  guint8 back[8];

  ub_flash_write (flash, 996, (const guint8 *) "abcdefgh", 8);
  ub_flash_read (flash, 996, back, sizeof back);
  g_assert_cmpmem (back, 8, "abcd\0\0\0\0", 8);
  ub_flash_write (flash, G_MAXUINT64, (const guint8 *) "x", 1);
  ub_flash_read (flash, 1000, back, sizeof back);
  g_assert_cmpmem (back, 8, "\0\0\0\0\0\0\0\0", 8);
}

static void
test_hash (void)
{
  g_autoptr (UbFlash) flash = ub_flash_new (MIB);
  g_autofree guint8 *zeros = g_malloc0 (200000);
  g_autofree char   *empty = NULL, *hash = NULL, *want = NULL;

  zeros[5] = 9;
  ub_flash_write (flash, 3, zeros, 200000);
  hash = ub_flash_hash (flash, 3, 200000);
  want = g_compute_checksum_for_data (G_CHECKSUM_SHA256, zeros, 200000);
  g_assert_cmpstr (hash, ==, want);
  empty = ub_flash_hash (flash, 0, 0);
  g_assert_true (g_str_has_prefix (empty, "e3b0c442"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/flash/sparse", test_sparse);
  g_test_add_func ("/phone/flash/collapse", test_collapse);
  g_test_add_func ("/phone/flash/random", test_random);
  g_test_add_func ("/phone/flash/end", test_end);
  g_test_add_func ("/phone/flash/hash", test_hash);
  return g_test_run ();
}
