/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-preloader.h"

#include "base/ub-error.h"

#include <glib/gstdio.h>
#include <string.h>

static const guint8 samsung[16] = { 0x15, 0x01, 0x00, 0x46, 0x45, 0x36, 0x32, 0x4D,
                                    0x42, 0,    0,    0,    0,    0,    0,    0 };

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> 8 * i);
}

/* heads as in shared/protocol/brom-and-legacy.md §4.3 */
static void
put_record (guint8 *at, guint version, guint8 seed)
{
  if (version == 8)
    {
      put32 (at, 0x0202);
      memcpy (at + 4, samsung, 12);
      at[12] = seed;
    }
  else if (version == 11 || version == 14)
    {
      put32 (at, 0x0202);
      memcpy (at + 4, samsung, 16);
      at[4 + 8] = seed;
      put32 (at + 0x14, 9);
    }
  else
    {
      put32 (at + 4, 0x0203);
      put32 (at + 8, 9);
      memcpy (at + 0x10, samsung, 16);
      at[0x10 + 8] = seed;
    }
}

static GByteArray *
new_block (guint version, gsize record_size, guint32 count, guint records)
{
  GByteArray      *block = g_byte_array_new ();
  g_autofree char *magic = g_strdup_printf ("MTK_BLOADER_INFO_v%02u", version);

  g_byte_array_set_size (block, (guint) (0x70 + records * record_size));
  memset (block->data, 0, block->len);
  memcpy (block->data, magic, strlen (magic));
  strcpy ((char *) block->data + 0x1B, "preloader_test.bin");
  memcpy (block->data + 0x58, "V116", 4);
  put32 (block->data + 0x5C, 0x33448822);
  put32 (block->data + 0x60, 0x00700090);
  memcpy (block->data + 0x64, "MTK_BIN", 8);
  put32 (block->data + 0x6C, count);
  for (guint i = 0; i < records; i++)
    put_record (block->data + 0x70 + i * record_size, version, (guint8) (0x42 + i));
  return block;
}

/* GFH, content with @block (nullable) and its size at the end, @cut zero bytes, signature */
static GByteArray *
new_preloader (GByteArray *block, guint cut)
{
  GByteArray *image = g_byte_array_new ();
  guint       length = 0x300 + 4096 + (block != NULL ? block->len : 0) + 4 + cut + 0x124;
  guint       end = length - 0x124 - cut;

  g_byte_array_set_size (image, length);
  memset (image->data, 0, length);
  memset (image->data + 0x300, 0xEA, 4096);
  memcpy (image->data, "MMM\x01\x38\0\0\0", 8);
  memcpy (image->data + 8, "FILE_INFO", 9);
  put32 (image->data + 0x1C, 0x00200D00);
  put32 (image->data + 0x20, length);
  put32 (image->data + 0x28, 0x300);
  put32 (image->data + 0x2C, 0x124);
  memset (image->data + length - 0x124, 0x5A, 0x124);
  if (block != NULL)
    {
      memcpy (image->data + end - 4 - block->len, block->data, block->len);
      put32 (image->data + end - 4, block->len);
    }
  return image;
}

static UbPreloader *
parse (GByteArray *bytes, GError **error)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes->data, bytes->len);

  return ub_preloader_parse (copy, "file.bin", error);
}

static void
assert_emi (UbPreloader *preloader, guint version, gsize record_size, guint n)
{
  g_assert_nonnull (preloader->emi);
  g_assert_cmpstr (preloader->name, ==, "preloader_test.bin");
  g_assert_cmpstr (preloader->emi->origin, ==, "file.bin");
  g_assert_cmpuint (preloader->emi->version, ==, version);
  g_assert_cmpuint (preloader->emi->record_size, ==, record_size);
  g_assert_cmpuint (preloader->emi->index->len, ==, n);
  g_assert_cmpuint (g_bytes_get_size (preloader->emi->records), ==, n * record_size);
}

static void
test_whole (void)
{
  g_autoptr (GByteArray) block = new_block (21, 188, 3, 3);
  g_autoptr (GByteArray) image = new_preloader (block, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPreloader) preloader = parse (image, &error);
  UbEmiRecord *record;

  g_assert_no_error (error);
  g_assert_null (preloader->storage_header);
  g_assert_cmpuint (preloader->gfh_offset, ==, 0);
  g_assert_cmpuint (preloader->load_address, ==, 0x200D00);
  g_assert_cmpuint (preloader->file_length, ==, image->len);
  g_assert_cmpuint (preloader->signature_length, ==, 0x124);
  assert_emi (preloader, 21, 188, 3);
  g_assert_cmpuint (g_bytes_get_size (preloader->emi->block), ==, 0x70 + 3 * 188);
  record = &g_array_index (preloader->emi->index, UbEmiRecord, 2);
  g_assert_cmpuint (record->offset, ==, 2 * 188);
  g_assert_cmpuint (record->id_length, ==, 9);
  g_assert_cmpuint (record->type, ==, 0x0203);
  g_assert_cmpuint (record->id[8], ==, 0x44);
}

/* zeros between the block and the signature, in steps of 0x800 */
static void
test_cut_behind (void)
{
  for (guint cut = 0x800; cut <= 0x1800; cut += 0x800)
    {
      g_autoptr (GByteArray) block = new_block (12, 188, 1, 1);
      g_autoptr (GByteArray) image = new_preloader (block, cut);
      g_autoptr (UbPreloader) preloader = parse (image, NULL);

      assert_emi (preloader, 12, 188, 1);
    }
}

static void
test_without_emi (void)
{
  g_autoptr (GByteArray) image = new_preloader (NULL, 0);
  g_autoptr (UbPreloader) preloader = parse (image, NULL);

  g_assert_nonnull (preloader);
  g_assert_null (preloader->emi);
  g_assert_cmpstr (preloader->name, ==, "");
}

typedef struct
{
  guint version;
  gsize size;
  guint id_length;
} Kind;

static const Kind kinds[] = {
  { 0, 140, 0 },  { 8, 136, 9 },  { 10, 184, 9 }, { 11, 168, 9 }, { 12, 188, 9 },
  { 13, 188, 9 }, { 14, 168, 9 }, { 15, 176, 9 }, { 16, 188, 9 }, { 17, 176, 9 },
  { 20, 188, 9 }, { 21, 188, 9 }, { 22, 176, 9 }, { 24, 164, 0 }, { 25, 160, 0 },
  { 28, 144, 0 }, { 35, 160, 0 }, { 40, 160, 0 }, { 49, 84, 0 },  { 52, 84, 0 },
};

/* a bare block; the count says more than the file holds */
static void
test_bare (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (GByteArray) block = new_block (kind->version, kind->size, 9, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPreloader) preloader = NULL;
  UbEmiRecord *record;

  g_byte_array_append (block, (const guint8 *) "rest", 4);
  preloader = parse (block, &error);
  g_assert_no_error (error);
  assert_emi (preloader, kind->version, kind->size, 2);
  g_assert_cmpuint (preloader->file_length, ==, 0);
  record = &g_array_index (preloader->emi->index, UbEmiRecord, 1);
  g_assert_cmpuint (record->id_length, ==, kind->id_length);
  g_assert_cmpint (preloader->emi->ids_unknown, ==, kind->id_length == 0);
  if (kind->id_length > 0)
    g_assert_cmpuint (record->id[8], ==, 0x43);
}

/* a version nobody knows: the size comes from the count if that divides evenly */
static void
test_new_version (void)
{
  g_autoptr (GByteArray) even = new_block (77, 96, 4, 4);
  g_autoptr (GByteArray) odd = new_block (77, 96, 5, 4);
  g_autoptr (UbPreloader) preloader = parse (even, NULL);
  g_autoptr (GError) error = NULL;

  assert_emi (preloader, 77, 96, 4);
  g_assert_true (preloader->emi->ids_unknown);
  g_assert_null (parse (odd, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
}

static void
test_hostile_id (void)
{
  g_autoptr (GByteArray) block = new_block (21, 188, 0xFFFFFFFF, 1);
  g_autoptr (UbPreloader) preloader = NULL;

  put32 (block->data + 0x70 + 8, 0xFFFFFFFF);
  preloader = parse (block, NULL);
  g_assert_cmpuint (preloader->emi->index->len, ==, 1);
  g_assert_cmpuint (g_array_index (preloader->emi->index, UbEmiRecord, 0).id_length, ==, 16);
}

static void
assert_bad (GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (bytes, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
}

static void
test_damage (void)
{
  static const struct
  {
    gsize   offset;
    guint32 value;
  } damages[] = { { 0, 0 },
                  { 8, 0 },
                  { 0x20, 0 },
                  { 0x20, 0x37 },
                  { 0x20, 0xFFFFFFFF },
                  { 0x2C, 0xFFFFFFFF },
                  { 0x2C, 0x7FFFFFFF } };
  g_autoptr (GByteArray) block = new_block (21, 188, 1, 1);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  assert_bad (nothing);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autoptr (GByteArray) image = new_preloader (block, 0);

      put32 (image->data + damages[i].offset, damages[i].value);
      assert_bad (image);
    }
}

/* a size of the block that points anywhere: a preloader without settings, not a crash */
static void
test_hostile_block_size (void)
{
  static const guint32 sizes[] = { 1, 3, 0x6F, 0x70, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) block = new_block (21, 188, 1, 1);
      g_autoptr (GByteArray) image = new_preloader (block, 0);
      g_autoptr (UbPreloader) preloader = NULL;

      put32 (image->data + image->len - 0x124 - 4, sizes[i]);
      preloader = parse (image, NULL);
      g_assert_nonnull (preloader);
      g_assert_null (preloader->emi);
    }
}

/* the numbers of §4.1's real bytes */
static void
test_add_emmc (void)
{
  static const guint8 head[] = { 'E', 'M', 'M', 'C', '_', 'B', 'O', 'O', 'T', 0,   0,
                                 0,   1,   0,   0,   0,   0,   2,   0,   0,   0xFF };
  static const guint8 layout[] = { 'B', 'R', 'L', 'Y', 'T', 0, 0, 0, 1, 0, 0, 0, 0, 8, 0, 0 };
  static const guint8 descriptor[] = { 0x42, 0x42, 0x42, 0x42, 5, 0, 1, 0, 0, 8, 0, 0 };
  g_autoptr (GByteArray) block = new_block (21, 188, 1, 1);
  g_autoptr (GByteArray) image = new_preloader (block, 0);
  g_autoptr (GBytes) bare = g_bytes_new (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) whole = ub_preloader_add_storage_header (bare, "EMMC_BOOT", &error);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autoptr (UbPreloader) preloader = NULL;
  const guint8 *data = g_bytes_get_data (whole, NULL);
  guint8        end[4];

  g_assert_no_error (error);
  put32 (end, 0x800 + image->len);
  g_assert_cmpuint (g_bytes_get_size (whole), ==, 0x800 + image->len);
  g_assert_cmpmem (data, sizeof head, head, sizeof head);
  g_assert_cmpmem (data + 0x200, sizeof layout, layout, sizeof layout);
  g_assert_cmpmem (data + 0x210, 4, end, 4);
  g_assert_cmpmem (data + 0x214, sizeof descriptor, descriptor, sizeof descriptor);
  g_assert_cmpmem (data + 0x220, 4, end, 4);
  g_assert_cmpmem (data + 0x800, image->len, image->data, image->len);
  preloader = ub_preloader_parse (whole, "file.bin", NULL);
  g_assert_cmpstr (preloader->storage_header, ==, "EMMC_BOOT");
  g_assert_cmpuint (preloader->gfh_offset, ==, 0x800);
  assert_emi (preloader, 21, 188, 1);
  again = ub_preloader_add_storage_header (whole, "EMMC_BOOT", NULL);
  g_assert_true (g_bytes_equal (again, whole));
  other = ub_preloader_add_storage_header (whole, "UFS_BOOT", &error);
  g_assert_null (other);
  g_assert_error (error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
}

static void
test_add_ufs (void)
{
  static const guint8 descriptor[] = { 0x42, 0x42, 0x42, 0x42, 0x0C, 0, 1, 0, 0, 0x10, 0, 0 };
  g_autoptr (GByteArray) image = new_preloader (NULL, 0);
  g_autoptr (GBytes) bare = g_bytes_new (image->data, image->len);
  g_autoptr (GBytes) whole = ub_preloader_add_storage_header (bare, "UFS_BOOT", NULL);
  g_autoptr (UbPreloader) preloader = ub_preloader_parse (whole, "file.bin", NULL);
  const guint8 *data = g_bytes_get_data (whole, NULL);
  guint8        end[4];

  put32 (end, (0x1000 + image->len + 0xFFF) / 0x1000 * 0x1000);
  g_assert_cmpmem (data + 0x210, 4, end, 4);
  g_assert_cmpmem (data + 0x220, 4, end, 4);
  g_assert_cmpmem (data, 13, "UFS_BOOT\0\0\0\0\x01", 13);
  g_assert_cmpuint (data[17], ==, 0x10);
  g_assert_cmpmem (data + 0x214, sizeof descriptor, descriptor, sizeof descriptor);
  g_assert_cmpuint (preloader->gfh_offset, ==, 0x1000);
  g_assert_cmpuint (preloader->file_length, ==, image->len);
}

/* a whole boot area as it is read from a phone: header, image, and nothing up to the end */
static void
test_boot_area (gconstpointer data)
{
  const char *header = data;
  gboolean    is_ufs = g_str_equal (header, "UFS_BOOT");
  g_autoptr (GByteArray) block = new_block (46, 160, 4, 4);
  g_autoptr (GByteArray) image = new_preloader (block, 0);
  g_autoptr (GBytes) bare = g_bytes_new (image->data, image->len);
  g_autoptr (GBytes) whole =
                 ub_preloader_add_storage_header (bare, is_ufs ? "UFS_BOOT" : "EMMC_BOOT", NULL);
  g_autoptr (GByteArray) area = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPreloader) preloader = NULL;
  gsize       size;
  const void *bytes = g_bytes_get_data (whole, &size);

  g_byte_array_append (area, bytes, (guint) size);
  memset (area->data, 0, 12);
  memcpy (area->data, header, strlen (header));
  g_byte_array_set_size (area, 4 * 1024 * 1024);
  memset (area->data + size, 0xFF, area->len - size);
  preloader = parse (area, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (preloader->storage_header, ==, header);
  g_assert_cmpuint (preloader->gfh_offset, ==, is_ufs ? 0x1000 : 0x800);
  g_assert_cmpuint (preloader->file_length, ==, image->len);
  assert_emi (preloader, 46, 160, 4);
  g_assert_true (preloader->emi->ids_unknown);
  /* what an XFLASH agent is sent: header and all */
  g_assert_cmpmem (g_bytes_get_data (preloader->emi->block, NULL),
                   g_bytes_get_size (preloader->emi->block),
                   block->data,
                   block->len);
}

static void
test_add_refused (void)
{
  g_autoptr (GByteArray) block = new_block (21, 188, 1, 1);
  g_autoptr (GByteArray) image = new_preloader (block, 0);
  g_autoptr (GBytes) bare_block = g_bytes_new (block->data, block->len);
  g_autoptr (GBytes) bare = g_bytes_new (image->data, image->len);
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_preloader_add_storage_header (bare_block, "EMMC_BOOT", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_clear_error (&error);
  g_assert_null (ub_preloader_add_storage_header (junk, "EMMC_BOOT", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_clear_error (&error);
  g_assert_null (ub_preloader_add_storage_header (bare, "COMBO_BOOT", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

static void
test_open (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ub-preloader-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file.bin", NULL);
  g_autoptr (GByteArray) block = new_block (21, 188, 1, 1);
  g_autoptr (GByteArray) image = new_preloader (block, 0);
  g_autoptr (UbPreloader) preloader = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, (char *) image->data, image->len, NULL));
  preloader = ub_preloader_open (path, NULL);
  assert_emi (preloader, 21, 188, 1);
  g_unlink (path);
  g_assert_null (ub_preloader_open (path, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_rmdir (folder);
}

/* both byte orders of §5.5; a record without an id matches nothing by itself */
static void
test_match (void)
{
  static const guint8 swapped[16] = { 0x46, 0x00, 0x01, 0x15, 0x4D, 0x32, 0x36, 0x45,
                                      0,    0,    0,    0x42, 0,    0,    0,    0 };
  UbEmiRecord         record = { .id_length = 9 };
  guint8              other[16];

  memcpy (record.id, samsung, 16);
  memcpy (other, samsung, 16);
  other[8] ^= 1;
  g_assert_true (ub_emi_record_matches (&record, samsung, 16));
  g_assert_true (ub_emi_record_matches (&record, samsung, 9));
  g_assert_true (ub_emi_record_matches (&record, swapped, 16));
  g_assert_false (ub_emi_record_matches (&record, other, 16));
  g_assert_false (ub_emi_record_matches (&record, samsung, 8));
  g_assert_false (ub_emi_record_matches (&record, samsung, 0));
  record.id_length = 0;
  g_assert_false (ub_emi_record_matches (&record, samsung, 16));
  record.id_length = 255;
  g_assert_false (ub_emi_record_matches (&record, samsung, 16));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preloader/whole", test_whole);
  g_test_add_func ("/preloader/cut-behind", test_cut_behind);
  g_test_add_func ("/preloader/without-emi", test_without_emi);
  g_test_add_func ("/preloader/new-version", test_new_version);
  g_test_add_func ("/preloader/hostile-id", test_hostile_id);
  g_test_add_func ("/preloader/hostile-block-size", test_hostile_block_size);
  g_test_add_func ("/preloader/damage", test_damage);
  g_test_add_func ("/preloader/open", test_open);
  g_test_add_func ("/preloader/add/emmc", test_add_emmc);
  g_test_add_func ("/preloader/add/ufs", test_add_ufs);
  g_test_add_func ("/preloader/add/refused", test_add_refused);
  g_test_add_data_func ("/preloader/boot-area/emmc", "EMMC_BOOT", test_boot_area);
  g_test_add_data_func ("/preloader/boot-area/ufs", "UFS_BOOT", test_boot_area);
  g_test_add_data_func ("/preloader/boot-area/combo", "COMBO_BOOT", test_boot_area);
  g_test_add_func ("/emi/match", test_match);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strdup_printf ("/preloader/bare/v%02u", kinds[i].version);

      g_test_add_data_func (name, &kinds[i], test_bare);
    }
  return g_test_run ();
}
