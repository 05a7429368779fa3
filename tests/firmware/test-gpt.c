/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-gpt.h"

#include "base/ub-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define DISK (64u * 1024 * 1024)

static UbLayout *
new_layout (guint block_size)
{
  UbRegion  region = block_size == 4096 ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
  UbLayout *layout = ub_layout_new (UB_LAYOUT_GPT);

  ub_layout_add (layout, "boot", region, 0x100000, 0x1000000);
  ub_layout_add (layout, "nvram", region, 0x1100000, 0x500000);
  ub_layout_add (layout, "größe", region, 0x1600000, 0x1000);
  return layout;
}

static void
assert_same (UbLayout *a, UbLayout *b)
{
  g_assert_cmpuint (a->entries->len, ==, b->entries->len);
  for (guint i = 0; i < a->entries->len; i++)
    {
      const UbLayoutEntry *x = g_ptr_array_index (a->entries, i);
      const UbLayoutEntry *y = g_ptr_array_index (b->entries, i);

      g_assert_cmpstr (x->name, ==, y->name);
      g_assert_cmpint (x->region, ==, y->region);
      g_assert_cmpuint (x->start, ==, y->start);
      g_assert_cmpuint (x->size, ==, y->size);
    }
}

/* a copy of @bytes that may be damaged, @size long */
static guint8 *
thaw (GBytes *bytes, gsize size)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data, g_bytes_get_data (bytes, NULL), MIN (size, g_bytes_get_size (bytes)));
  return data;
}

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> 8 * i);
}

static void
seal (guint8 *header)
{
  put32 (header + 16, 0);
  put32 (header + 16, (guint32) crc32 (0, header, 92));
}

static void
test_round_trip (gconstpointer data)
{
  guint block_size = GPOINTER_TO_UINT (data);
  g_autoptr (UbLayout) layout = new_layout (block_size);
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, block_size, 0);
  g_autoptr (GBytes) again = ub_gpt_build (layout, DISK, block_size, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLayout) found = ub_gpt_parse (g_bytes_get_data (bytes, NULL),
                                             g_bytes_get_size (bytes),
                                             block_size,
                                             &error);

  g_assert_no_error (error);
  g_assert_cmpint (found->kind, ==, UB_LAYOUT_GPT);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, block_size == 512 ? 34 * 512 : 6 * 4096);
  assert_same (layout, found);
  g_assert_true (g_bytes_equal (bytes, again));
}

/* what has no place between the two tables is left out; size 0 reaches to the end; long names are
 * cut */
static void
test_build_bounds (void)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);
  g_autoptr (UbLayout) found = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const UbLayoutEntry *entry;

  ub_layout_add (layout, "pgpt", UB_REGION_EMMC_USER, 0, 0x80000);
  ub_layout_add (layout, "preloader", UB_REGION_EMMC_BOOT1, 0x100000, 0x40000);
  ub_layout_add (layout, "sgpt", UB_REGION_EMMC_USER, DISK - 34 * 512, 34 * 512);
  ub_layout_add (layout, "beyond", UB_REGION_EMMC_USER, G_MAXUINT64 - 511, 1024);
  ub_layout_add (layout,
                 "0123456789012345678901234567890123456789",
                 UB_REGION_EMMC_USER,
                 0x100000,
                 0);
  bytes = ub_gpt_build (layout, DISK, 512, 0);
  found = ub_gpt_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), 512, NULL);
  g_assert_cmpuint (found->entries->len, ==, 1);
  entry = g_ptr_array_index (found->entries, 0);
  g_assert_cmpstr (entry->name, ==, "012345678901234567890123456789012345");
  g_assert_cmpuint (entry->start + entry->size, ==, DISK - 33 * 512);
}

/* turns a primary table into a whole disk with a backup at its end */
static guint8 *
new_disk (UbLayout *layout)
{
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, 512, 0);
  guint8 *disk = thaw (bytes, DISK);
  guint8 *backup = disk + DISK - 512;

  memcpy (disk + DISK - 33 * 512, disk + 1024, 32 * 512);
  memcpy (backup, disk + 512, 512);
  put32 (backup + 24, DISK / 512 - 1);
  put32 (backup + 32, 1);
  put32 (backup + 72, DISK / 512 - 33);
  seal (backup);
  return disk;
}

static void
test_backup (void)
{
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autofree guint8 *disk = new_disk (layout);
  g_autoptr (UbLayout) entries_bad = NULL;
  g_autoptr (UbLayout) header_gone = NULL;
  g_autoptr (UbLayout) cut_out = NULL;
  g_autoptr (UbLayout) none = NULL;

  disk[1024 + 60] ^= 1;
  entries_bad = ub_gpt_parse (disk, DISK, 512, NULL);
  assert_same (layout, entries_bad);
  memset (disk, 0, 34 * 512);
  header_gone = ub_gpt_parse (disk, DISK, 512, NULL);
  assert_same (layout, header_gone);
  cut_out = ub_gpt_parse (disk + DISK - 33 * 512, 33 * 512, 512, NULL);
  assert_same (layout, cut_out);
  disk[DISK - 512 + 20] ^= 1;
  none = ub_gpt_parse (disk, DISK, 512, NULL);
  g_assert_null (none);
}

/* numbers in a header whose CRC is right all the same */
static void
test_hostile_header (void)
{
  static const struct
  {
    gsize   offset;
    guint32 value;
  } damages[] = {
    { 12, 0 },          { 12, 91 },         { 12, 513 },        { 12, 0xFFFFFFFF },
    { 72, 1 },          { 72, 0 },          { 72, 0xFFFFFFFF }, { 76, 0xFFFFFFFF },
    { 72, 33 },         { 80, 0xFFFFFFFF }, { 80, 129 },        { 84, 0 },
    { 84, 127 },        { 84, 129 },        { 84, 1024 },       { 84, 0xFFFFFFFF },
    { 24, 0xFFFFFFFF }, { 88, 1 },
  };
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, 512, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      gsize              size = g_bytes_get_size (bytes);
      g_autofree guint8 *data = thaw (bytes, size);
      g_autoptr (GError) error = NULL;

      put32 (data + 512 + damages[i].offset, damages[i].value);
      seal (data + 512);
      g_assert_null (ub_gpt_parse (data, size, 512, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
    }
}

static void
seal_entries (guint8 *data)
{
  put32 (data + 512 + 88, (guint32) crc32 (0, data + 1024, data[512 + 80] * 128));
  seal (data + 512);
}

/* entries that end before they begin or beyond all numbers go, the others stay; names cannot steer
 */
static void
test_hostile_entries (void)
{
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, 512, 0);
  g_autofree guint8 *data = thaw (bytes, g_bytes_get_size (bytes));
  g_autoptr (UbLayout) found = NULL;
  const UbLayoutEntry *entry;

  put32 (data + 1024 + 40, 1);
  memset (data + 1024 + 128 + 40, 0xFF, 8);
  data[1024 + 256 + 56] = '\n';
  data[1024 + 256 + 58] = 0x00;
  data[1024 + 256 + 59] = 0xD8;
  seal_entries (data);
  found = ub_gpt_parse (data, g_bytes_get_size (bytes), 512, NULL);
  g_assert_cmpuint (found->entries->len, ==, 1);
  entry = g_ptr_array_index (found->entries, 0);
  g_assert_cmpstr (entry->name,
                   ==,
                   "\xEF\xBF\xBD\xEF\xBF\xBD"
                   "öße");
}

static void
test_short (void)
{
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, 512, 0);

  for (gsize size = 0; size < g_bytes_get_size (bytes); size += size < 1100 ? 1 : 97)
    {
      g_autofree guint8 *data = thaw (bytes, MAX (size, 1));
      g_autoptr (UbLayout) found = ub_gpt_parse (data, size, 512, NULL);

      g_assert_true ((found != NULL) == (size >= 1024 + 3 * 128));
    }
}

static void
test_wrong_block_size (void)
{
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) bytes = ub_gpt_build (layout, DISK, 512, 0);
  const guint8 *data = g_bytes_get_data (bytes, NULL);

  g_assert_null (ub_gpt_parse (data, g_bytes_get_size (bytes), 4096, NULL));
  g_assert_null (ub_gpt_parse (data, g_bytes_get_size (bytes), 0, NULL));
  g_assert_null (ub_gpt_parse (data, g_bytes_get_size (bytes), 1, NULL));
}

static void
put_mbr (guint8 *sector, guint i, guint8 type, guint32 start, guint32 size)
{
  guint8 *entry = sector + 446 + 16 * i;

  entry[4] = type;
  put32 (entry + 8, start);
  put32 (entry + 12, size);
  sector[510] = 0x55;
  sector[511] = 0xAA;
}

/* MBR with one primary and an extended partition at 100, EBRs at 100 and 140 */
static guint8 *
new_mbr (void)
{
  guint8 *data = g_malloc0 (512 * 256);

  put_mbr (data, 0, 0x83, 16, 64);
  put_mbr (data, 1, 0x05, 100, 1000);
  put_mbr (data + 100 * 512, 0, 0x83, 8, 20);
  put_mbr (data + 100 * 512, 1, 0x05, 40, 60);
  put_mbr (data + 140 * 512, 0, 0x83, 2, 30);
  put_mbr (data + 140 * 512, 2, 0x83, 32, 10);
  return data;
}

static void
assert_entry (UbLayout *layout, guint i, guint64 start, guint64 size)
{
  const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

  g_assert_cmpstr (entry->name, ==, "");
  g_assert_cmpuint (entry->start, ==, start * 512);
  g_assert_cmpuint (entry->size, ==, size * 512);
}

static void
test_mbr (void)
{
  g_autofree guint8 *data = new_mbr ();
  g_autoptr (UbLayout) layout = ub_gpt_parse (data, 512 * 256, 512, NULL);
  g_autoptr (UbLayout) cut = ub_gpt_parse (data, 512 * 110, 512, NULL);

  g_assert_cmpint (layout->kind, ==, UB_LAYOUT_MBR);
  g_assert_cmpuint (layout->entries->len, ==, 4);
  assert_entry (layout, 0, 16, 64);
  assert_entry (layout, 1, 108, 20);
  assert_entry (layout, 2, 142, 30);
  assert_entry (layout, 3, 172, 10);
  g_assert_cmpuint (cut->entries->len, ==, 2);
}

/* an EBR that points at itself, back at the first, or at the MBR */
static void
test_mbr_cycle (void)
{
  static const guint32 links[] = { 40, 0, 0xFFFFFF9C };

  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree guint8 *data = new_mbr ();
      g_autoptr (UbLayout) layout = NULL;

      put_mbr (data + 140 * 512, 1, 0x05, links[i], 60);
      layout = ub_gpt_parse (data, 512 * 256, 512, NULL);
      g_assert_cmpuint (layout->entries->len, ==, 4);
    }
}

static void
test_no_table (void)
{
  g_autofree guint8 *data = g_malloc0 (512 * 40);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_gpt_parse (data, 512 * 40, 512, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  data[510] = 0x55;
  data[511] = 0xAA;
  g_assert_null (ub_gpt_parse (data, 512 * 40, 512, NULL));
  data[446] = 'F';
  put_mbr (data, 1, 0x0C, 1, 2);
  g_assert_null (ub_gpt_parse (data, 512 * 40, 512, NULL));
}

/* a GPT that is gone leaves its protective MBR behind, which is no table of parts */
static void
test_protective_mbr (void)
{
  g_autofree guint8 *data = new_mbr ();
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);
  guint64 next = 1;

  data[446 + 4] = 0xEE;
  g_assert_null (ub_gpt_parse (data, 512 * 256, 512, NULL));
  g_assert_false (ub_gpt_parse_mbr (data, 0, 0, layout, &next));
  g_assert_cmpuint (layout->entries->len, ==, 0);
  g_assert_cmpuint (next, ==, 0);
}

/* both tables of one layout, each found by itself */
static void
test_build_backup (gconstpointer data)
{
  guint block_size = GPOINTER_TO_UINT (data);
  gsize size = block_size == 512 ? 33 * 512 : 8 * 4096;
  g_autoptr (UbLayout) layout = new_layout (block_size);
  g_autoptr (GBytes) primary = ub_gpt_build (layout, DISK, block_size, 0);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, block_size, 0);
  g_autoptr (GError) error = NULL;
  const guint8      *tail = g_bytes_get_data (backup, NULL);
  g_autofree guint8 *disk = thaw (primary, DISK);
  g_autoptr (UbLayout) alone = NULL;
  g_autoptr (UbLayout) whole = NULL;

  g_assert_cmpuint (g_bytes_get_size (backup), ==, size);
  g_assert_cmpuint (ub_gpt_get_backup_size (block_size), ==, size);
  alone = ub_gpt_parse_backup (tail, size, DISK, block_size, &error);
  g_assert_no_error (error);
  assert_same (layout, alone);
  /* agents have no room for more entries than there are */
  g_assert_cmpuint (disk[block_size + 80], ==, 3);
  g_assert_cmpuint (tail[size - block_size + 80], ==, 3);
  /* the same entries and ids; each header names the other's block */
  g_assert_cmpmem (tail, 128 * 128, disk + 2 * block_size, 128 * 128);
  g_assert_cmpmem (tail + size - block_size + 56, 16, disk + block_size + 56, 16);
  g_assert_cmpmem (tail + size - block_size + 24, 8, disk + block_size + 32, 8);
  g_assert_cmpmem (tail + size - block_size + 32, 8, disk + block_size + 24, 8);

  memcpy (disk + DISK - size, tail, size);
  memset (disk + block_size, 0x5a, 2 * block_size);
  whole = ub_gpt_parse (disk, DISK, block_size, &error);
  g_assert_no_error (error);
  assert_same (layout, whole);
}

static void
assert_no_backup (const guint8 *tail, gsize size, guint64 disk_size, guint block_size)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_gpt_parse_backup (tail, size, disk_size, block_size, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
}

static void
test_hostile_backup (void)
{
  static const struct
  {
    gsize   at;
    guint32 value;
  } lies[] = {
    { 72, DISK / 512 - 34 }, /* entries before what we have */
    { 72, DISK / 512 - 32 }, /* and not where they are */
    { 72, DISK / 512 - 1 },  /* in the header itself */
    { 72, DISK / 512 + 5 },  /* behind the end */
    { 24, DISK / 512 - 2 },  /* from a smaller disk */
    { 76, 0xffffffff },      { 80, 0xffffffff }, { 80, 129 }, { 84, 0 },
    { 84, 0x80000000 },      { 12, 0xffffffff }, { 12, 0 },
  };
  gsize size = 33 * 512;
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, 512, 0);
  const guint8 *good = g_bytes_get_data (backup, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree guint8 *tail = thaw (backup, size);

      put32 (tail + size - 512 + lies[i].at, lies[i].value);
      seal (tail + size - 512);
      assert_no_backup (tail, size, DISK, 512);
    }
  assert_no_backup (good, 0, DISK, 512);
  assert_no_backup (good, size - 1, DISK, 512);
  assert_no_backup (good + 512, size - 512, DISK, 512);
  assert_no_backup (good, size, DISK / 2, 512);
  assert_no_backup (good, size, DISK + 1, 512);
  assert_no_backup (good, size, G_MAXUINT64, 512);
  assert_no_backup (good, size, 0, 512);
  assert_no_backup (good, size, DISK, 0);
  assert_no_backup (good, size, DISK, 4096);
  for (gsize i = 0; i < size; i += 61)
    {
      g_autofree guint8 *tail = thaw (backup, size);

      tail[i] ^= 0x40;
      if (i < 3 * 128 || (i >= 32 * 512 && i - 32 * 512 < 92))
        assert_no_backup (tail, size, DISK, 512);
    }
}

/* an entry that ends behind the disk is none */
static void
test_backup_bounds (void)
{
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, 512, 0);
  g_autofree guint8 *tail = thaw (backup, 33 * 512);
  g_autoptr (UbLayout) found = NULL;

  put32 (tail + 40, DISK / 512);
  put32 (tail + 32 * 512 + 88, (guint32) crc32 (0, tail, 3 * 128));
  seal (tail + 32 * 512);
  found = ub_gpt_parse_backup (tail, 33 * 512, DISK, 512, NULL);
  g_assert_cmpuint (found->entries->len, ==, 2);
  g_assert_null (ub_layout_find (found, "boot"));
}

static guint64
get64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* agents for UFS look for the second entries eight blocks before the end, and for the header in the last one
 * (shared/protocol/xflash-and-xml.md §3.13) */
static void
test_ufs_places (void)
{
  const guint64 n = DISK / 4096;
  g_autoptr (UbLayout) layout = new_layout (4096);
  g_autoptr (GBytes) primary = NULL;
  g_autoptr (GBytes) backup = NULL;
  const guint8 *first;
  const guint8 *second;

  /* the largest part a table may name ends where the second table begins */
  ub_layout_add (layout, "userdata", UB_REGION_UFS_LU2, 0x2000000, 0);
  primary = ub_gpt_build (layout, DISK, 4096, 0);
  backup = ub_gpt_build_backup (layout, DISK, 4096, 0);
  first = g_bytes_get_data (primary, NULL);
  second = g_bytes_get_data (backup, NULL);
  g_assert_cmpuint (g_bytes_get_size (primary), ==, 0x6000);
  g_assert_cmpuint (g_bytes_get_size (backup), ==, 0x8000);
  g_assert_cmpmem (first + 4096, 8, "EFI PART", 8);
  g_assert_cmpmem (second + 0x7000, 8, "EFI PART", 8);
  g_assert_cmpuint (get64 (first + 4096 + 32), ==, n - 1);
  g_assert_cmpuint (get64 (second + 0x7000 + 24), ==, n - 1);
  g_assert_cmpuint (get64 (second + 0x7000 + 72), ==, n - 8);
  g_assert_cmpuint (get64 (first + 4096 + 40), ==, 6);
  g_assert_cmpuint (get64 (first + 4096 + 48), ==, n - 9);
  g_assert_cmpmem (second, 128 * 128, first + 0x2000, 128 * 128);
  g_assert_cmpuint (get64 (second + 3 * 128 + 40), ==, n - 9);
  for (gsize i = 128 * 128; i < 0x7000; i++)
    g_assert_cmpuint (second[i], ==, 0);
}

/* other programs put them right in front of the header, and some say so where they are not */
static void
test_ufs_entries_elsewhere (gconstpointer data)
{
  const gboolean says_so = GPOINTER_TO_INT (data);
  g_autoptr (UbLayout) layout = new_layout (4096);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, 4096, 0);
  g_autofree guint8 *tail = thaw (backup, 0x8000);
  g_autoptr (UbLayout) found = NULL;

  put32 (tail + 0x7000 + 72, DISK / 4096 - 5);
  seal (tail + 0x7000);
  if (says_so)
    {
      memmove (tail + 0x3000, tail, 0x4000);
      memset (tail, 0xff, 0x3000);
    }
  found = ub_gpt_parse_backup (tail, 0x8000, DISK, 4096, NULL);
  assert_same (layout, found);
  tail[says_so ? 0x3000 : 0] ^= 1;
  assert_no_backup (tail, 0x8000, DISK, 4096);
}

/* for agents that have room for 128 and may count on them */
static void
test_counted (gconstpointer data)
{
  const guint block_size = GPOINTER_TO_UINT (data);
  g_autoptr (UbLayout) layout = new_layout (block_size);
  g_autoptr (GBytes) primary = ub_gpt_build (layout, DISK, block_size, 128);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, block_size, 128);
  gsize         size;
  const guint8 *first = g_bytes_get_data (primary, &size);
  const guint8 *second = g_bytes_get_data (backup, NULL);
  g_autoptr (UbLayout) found = ub_gpt_parse (first, size, block_size, NULL);
  g_autoptr (UbLayout) other = NULL;

  g_assert_cmpuint (first[block_size + 80], ==, 128);
  assert_same (layout, found);
  size = g_bytes_get_size (backup);
  g_assert_cmpuint (second[size - block_size + 80], ==, 128);
  other = ub_gpt_parse_backup (second, size, DISK, block_size, NULL);
  assert_same (layout, other);
}

/* a boot sector with a valid signature is no table of a phone with UFS */
static void
test_ufs_no_mbr (void)
{
  guint8 data[6 * 4096] = { 0 };

  data[446 + 4] = 0x83;
  put32 (data + 446 + 8, 1);
  put32 (data + 446 + 12, 16);
  data[510] = 0x55;
  data[511] = 0xaa;
  g_assert_null (ub_gpt_parse (data, sizeof data, 4096, NULL));
}

/* other people's program says what it thinks of a disk with both of our tables */
static void
test_foreign_judge (gconstpointer data)
{
  const char      *name = data;
  g_autofree char *program = g_find_program_in_path (name);
  g_autofree char *file = NULL;
  g_autofree char *output = NULL;
  g_autofree char *trouble = NULL;
  g_autoptr (UbLayout) layout = new_layout (512);
  g_autoptr (GBytes) primary = ub_gpt_build (layout, DISK, 512, 0);
  g_autoptr (GBytes) backup = ub_gpt_build_backup (layout, DISK, 512, 0);
  g_autofree guint8 *disk = thaw (primary, DISK);
  int                status = 0;
  int                fd;

  if (program == NULL)
    {
      g_test_skip ("not installed");
      return;
    }
  memcpy (disk + DISK - 33 * 512, g_bytes_get_data (backup, NULL), 33 * 512);
  fd = g_file_open_tmp ("ub-gpt-XXXXXX", &file, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (g_file_set_contents (file, (const char *) disk, DISK, NULL));
  const char *argv[] = { program, "--verify", file, NULL };
  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &trouble, &status, NULL));
  g_unlink (file);
  g_test_message ("%s%s", output, trouble);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_true (strstr (output, "No problems found") != NULL ||
                 strstr (output, "No errors detected") != NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/gpt/round-trip/512", GUINT_TO_POINTER (512), test_round_trip);
  g_test_add_data_func ("/gpt/round-trip/4096", GUINT_TO_POINTER (4096), test_round_trip);
  g_test_add_func ("/gpt/ufs/places", test_ufs_places);
  g_test_add_func ("/gpt/ufs/no-mbr", test_ufs_no_mbr);
  g_test_add_data_func ("/gpt/ufs/entries-where-the-header-says",
                        GINT_TO_POINTER (TRUE),
                        test_ufs_entries_elsewhere);
  g_test_add_data_func ("/gpt/ufs/entries-where-agents-look",
                        GINT_TO_POINTER (FALSE),
                        test_ufs_entries_elsewhere);
  g_test_add_data_func ("/gpt/counted/512", GUINT_TO_POINTER (512), test_counted);
  g_test_add_data_func ("/gpt/counted/4096", GUINT_TO_POINTER (4096), test_counted);
  g_test_add_func ("/gpt/build-bounds", test_build_bounds);
  g_test_add_func ("/gpt/backup", test_backup);
  g_test_add_data_func ("/gpt/build-backup/512", GUINT_TO_POINTER (512), test_build_backup);
  g_test_add_data_func ("/gpt/build-backup/4096", GUINT_TO_POINTER (4096), test_build_backup);
  g_test_add_func ("/gpt/hostile-backup", test_hostile_backup);
  g_test_add_func ("/gpt/backup-bounds", test_backup_bounds);
  g_test_add_data_func ("/gpt/foreign-judge/sgdisk", "sgdisk", test_foreign_judge);
  g_test_add_data_func ("/gpt/foreign-judge/sfdisk", "sfdisk", test_foreign_judge);
  g_test_add_func ("/gpt/hostile-header", test_hostile_header);
  g_test_add_func ("/gpt/hostile-entries", test_hostile_entries);
  g_test_add_func ("/gpt/short", test_short);
  g_test_add_func ("/gpt/wrong-block-size", test_wrong_block_size);
  g_test_add_func ("/gpt/mbr", test_mbr);
  g_test_add_func ("/gpt/mbr-cycle", test_mbr_cycle);
  g_test_add_func ("/gpt/no-table", test_no_table);
  g_test_add_func ("/gpt/protective-mbr", test_protective_mbr);
  return g_test_run ();
}
