/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/ub-error.h"
#include "phone/ub-phone.h"

/* a firmware folder made up from nothing: facts/scatter.md §1b and §4, protocol/brom-and-legacy.md
 * §3 and §4 */

#define CHUNK (1024 * 1024)
#define BLOCK 4096
#define SYSTEM_SIZE (6 * 1024 * 1024)
#define MAKER_FILE 0x8d0
#define AGENT_FOLDER "download_agent" /* of packages for XML agents */

typedef UbPhonePackage Package;

/* --- bytes out of nothing --- */

static guint64
next_word (guint64 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

void
ub_practice_firmware_make_noise (guint8 *data, gsize size, guint64 *state)
{
  for (; size >= 8; data += 8, size -= 8)
    {
      guint64 word = GUINT64_TO_LE (next_word (state));

      memcpy (data, &word, sizeof word);
    }
  while (size-- > 0)
    *data++ = (guint8) next_word (state);
}

static guint64
seed_for (const Package *self, const char *name)
{
  return 0x2545f4914f6cdd1du ^ ((guint64) g_str_hash (name) << 20) ^ self->phone->chip->hw_code ^
         (self->other ? 0x5bd1e995ull << 8 : 0);
}

/* --- files --- */

static void
set_write_error (GError **error, const char *path, int code)
{
  g_set_error (error,
               UB_ERROR,
               code == ENOSPC ? UB_ERROR_NO_SPACE : UB_ERROR_FILE_WRITE,
               "%s could not be written: %s",
               path,
               g_strerror (code));
}

static gboolean
store (const char *folder, const char *name, const void *data, gsize size, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE            *file = g_fopen (path, "wb");
  gboolean         good = file != NULL && fwrite (data, 1, size, file) == size;
  int              code = errno;

  if (file != NULL && fclose (file) != 0 && good)
    {
      good = FALSE;
      code = errno;
    }
  if (!good)
    set_write_error (error, path, code);
  return good;
}

/* MediaTek's own header before lk and logo */
static void
put_headed (guint8 *data, gsize size, const char *name)
{
  memset (data, 0xff, 512);
  ub_phone_put_le32 (data, 0x58881688);
  ub_phone_put_le32 (data + 4, (guint32) size - 512);
  memset (data + 8, 0, 32);
  g_strlcpy ((char *) data + 8, name, 32);
}

/* a boot image with a kernel and a ramdisk of noise */
static void
put_boot (guint8 *data, gsize size)
{
  const guint32 page = 2048;

  memset (data, 0, page);
  memcpy (data, "ANDROID!", 8);
  ub_phone_put_le32 (data + 8, (guint32) (size / 2 - page));
  ub_phone_put_le32 (data + 12, 0x80008000);
  ub_phone_put_le32 (data + 16, (guint32) (size / 2));
  ub_phone_put_le32 (data + 20, 0x84000000);
  ub_phone_put_le32 (data + 28, 0x80f00000);
  ub_phone_put_le32 (data + 32, 0x84000000 - 0x100);
  ub_phone_put_le32 (data + 36, page);
  g_strlcpy ((char *) data + 48, "practice", 16);
}

/* enough of an ext4 superblock to be taken for one */
static void
put_ext4 (guint8 *data, guint64 size)
{
  guint8 *super = data + 1024;

  memset (data, 0, 2048);
  ub_phone_put_le32 (super, (guint32) (size / BLOCK / 4));
  ub_phone_put_le32 (super + 4, (guint32) (size / BLOCK));
  ub_phone_put_le32 (super + 24, 2);
  ub_phone_put_le32 (super + 32, 32768);
  ub_phone_put_le32 (super + 40, 8192);
  ub_phone_put_le16 (super + 56, 0xef53);
  ub_phone_put_le16 (super + 58, 1);
  ub_phone_put_le32 (super + 76, 1);
}

/* the first words of what boots check before all else */
static void
put_magic (guint8 *data, gsize size, const char *magic)
{
  memset (data, 0, MIN (size, 64));
  memcpy (data, magic, strlen (magic));
}

typedef enum
{
  KIND_HEADED,
  KIND_BOOT,
  KIND_EXT4,
  KIND_MAGIC,
} Kind;

/* every image but the system's */
typedef struct
{
  const char *file;
  Kind        kind;
  const char *word;             /* name in the header, or first bytes */
  gsize       size, other_size; /* 0: the same */
} Image;

static const Image images[] = {
  { "lk.bin", KIND_HEADED, "LK", 0x60200, 0 },
  { "lk.img", KIND_HEADED, "lk", 0x60200, 0 },
  { "boot.img", KIND_BOOT, NULL, 0x280000, 0x380000 },
  { "recovery.img", KIND_BOOT, NULL, 0x2c0000, 0 },
  { "logo.bin", KIND_HEADED, "LOGO", 0xa0123, 0 },
  { "secro.img", KIND_MAGIC, "AND_ROMINFO_v", 0x20000, 0 },
  { "cache.img", KIND_EXT4, NULL, 0x100000, 0 },
  { "userdata.img", KIND_EXT4, NULL, 0x180000, 0 },
  { "tee.img", KIND_HEADED, "TEE", 0x80000, 0 },
  { "md1img.img", KIND_HEADED, "md1rom", 0x180000, 0 },
  { "spmfw.img", KIND_HEADED, "spmfw", 0x20000, 0 },
  { "dtbo.img", KIND_MAGIC, "\xd7\xb7\xab\x1e", 0x40000, 0 },
  { "vbmeta.img", KIND_MAGIC, "AVB0", 0x4000, 0 },
};

static const Image *
find_image (const char *file)
{
  for (guint i = 0; file != NULL && i < G_N_ELEMENTS (images); i++)
    if (g_str_equal (images[i].file, file))
      return &images[i];
  return NULL;
}

static gboolean
store_image (const Package *self, const Image *image, gboolean sign, GError **error)
{
  gsize              full = self->other && image->other_size != 0 ? image->other_size : image->size;
  gsize              size = (gsize) ub_phone_parts_shrink (&self->phone->options, full);
  g_autofree guint8 *data = g_malloc (size);
  guint64            state = seed_for (self, image->file);

  ub_practice_firmware_make_noise (data, size, &state);
  if (image->kind == KIND_HEADED)
    put_headed (data, size, image->word);
  else if (image->kind == KIND_BOOT)
    put_boot (data, size);
  else if (image->kind == KIND_EXT4)
    put_ext4 (data, size);
  else
    put_magic (data, size, image->word);
  if (sign)
    ub_phone_maker_sign (data, size);
  return store (self->folder, image->file, data, size, error);
}

/* does an earlier part have the same file? */
static gboolean
is_repeated (GArray *parts, guint i)
{
  const char *file = g_array_index (parts, UbPhonePart, i).file;

  for (guint j = 0; j < i; j++)
    if (g_strcmp0 (g_array_index (parts, UbPhonePart, j).file, file) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
store_images (const Package *self, GError **error)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbPhonePart *part = &g_array_index (self->parts, UbPhonePart, i);
      const Image       *image = find_image (part->file);
      gboolean           sign =
          self->phone->options.target_config != 0 && ub_phone_storage_is_checked (part->name);

      if (image != NULL && !is_repeated (self->parts, i) && !store_image (self, image, sign, error))
        return FALSE;
    }
  return TRUE;
}

/* --- the system image, of any size --- */

typedef struct
{
  FILE    *file;
  guint8  *chunk;
  guint64  state;
  guint64  size;  /* of the image, expanded */
  gboolean first; /* the superblock is still to come */
  gboolean super; /* of many volumes */
} System;

/* enough of a super image's geometry, twice, to be taken for one */
static void
put_super (guint8 *data)
{
  memset (data, 0, 3 * BLOCK);
  for (guint i = 1; i <= 2; i++)
    {
      guint8 *geometry = data + i * BLOCK;
      gsize   length = 32;
      g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

      ub_phone_put_le32 (geometry, 0x616c4467);
      ub_phone_put_le32 (geometry + 4, 52);
      ub_phone_put_le32 (geometry + 40, 65536);
      ub_phone_put_le32 (geometry + 44, 2);
      ub_phone_put_le32 (geometry + 48, BLOCK);
      g_checksum_update (sum, geometry, 52);
      g_checksum_get_digest (sum, geometry + 8, &length);
    }
}

static gboolean
put_system_noise (System *system, guint64 size)
{
  while (size > 0)
    {
      gsize n = (gsize) MIN (size, CHUNK);

      ub_practice_firmware_make_noise (system->chunk, n, &system->state);
      if (system->first && system->super)
        put_super (system->chunk);
      else if (system->first)
        put_ext4 (system->chunk, system->size);
      system->first = FALSE;
      if (fwrite (system->chunk, 1, n, system->file) != n)
        return FALSE;
      size -= n;
    }
  return TRUE;
}

/* blocks of one chunk of a sparse file: half noise, then a fill, then nothing */
static guint32
chunk_blocks (guint i, guint32 left)
{
  return MIN (i % 3 == 0 ? 128 : 64, left);
}

static gboolean
put_sparse_chunk (System *system, guint i, guint32 blocks)
{
  static const guint16 types[3] = { 0xcac1, 0xcac2, 0xcac3 };
  const guint32        payload[3] = { blocks * BLOCK, 4, 0 };
  guint8               head[12] = { 0 };
  const guint8         fill[4] = { 0, 0, 0, 0 };

  ub_phone_put_le16 (head, types[i % 3]);
  ub_phone_put_le32 (head + 4, blocks);
  ub_phone_put_le32 (head + 8, 12 + payload[i % 3]);
  if (fwrite (head, 1, sizeof head, system->file) != sizeof head)
    return FALSE;
  if (i % 3 == 0)
    return put_system_noise (system, payload[0]);
  return i % 3 == 2 || fwrite (fill, 1, sizeof fill, system->file) == sizeof fill;
}

static gboolean
put_sparse (System *system)
{
  guint32 n_blocks = (guint32) (system->size / BLOCK), left = n_blocks;
  guint   n = 0;
  guint8  head[28] = { 0 };

  while (left > 0)
    left -= chunk_blocks (n++, left);
  ub_phone_put_le32 (head, 0xed26ff3a);
  ub_phone_put_le16 (head + 4, 1);
  ub_phone_put_le16 (head + 8, 28);
  ub_phone_put_le16 (head + 10, 12);
  ub_phone_put_le32 (head + 12, BLOCK);
  ub_phone_put_le32 (head + 16, n_blocks);
  ub_phone_put_le32 (head + 20, n);
  if (fwrite (head, 1, sizeof head, system->file) != sizeof head)
    return FALSE;
  left = n_blocks;
  for (guint i = 0; i < n; i++)
    {
      guint32 blocks = chunk_blocks (i, left);

      if (!put_sparse_chunk (system, i, blocks))
        return FALSE;
      left -= blocks;
    }
  return TRUE;
}

static const UbPhonePart *
find_system (const Package *self)
{
  static const char *const names[] = { "super", "system", "ANDROID" };
  const UbPhonePart       *part = NULL;

  for (guint i = 0; part == NULL && i < G_N_ELEMENTS (names); i++)
    part = ub_phone_parts_find (self->parts, names[i]);
  return part;
}

/* a super image comes sparse, always */
static gboolean
store_system (const Package *self, guint64 size, gboolean sparse, GError **error)
{
  const char        *name = find_system (self)->file;
  g_autofree char   *path = g_build_filename (self->folder, name, NULL);
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  System             system = { .file = g_fopen (path, "wb"),
                                .chunk = chunk,
                                .state = seed_for (self, name),
                                .size = size,
                                .first = TRUE,
                                .super = g_str_equal (name, "super.img") };
  gboolean           good =
      system.file != NULL &&
      (sparse || system.super ? put_sparse (&system) : put_system_noise (&system, size));
  int code = errno;

  if (system.file != NULL && fclose (system.file) != 0 && good)
    {
      good = FALSE;
      code = errno;
    }
  if (!good)
    set_write_error (error, path, code);
  return good;
}

/* --- sums of a package for XML agents (facts/scatter.md §1e) --- */

/* of little-endian words and the bytes left */
static gboolean
sum_file (const char *path, guint32 *sum, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  FILE              *file = g_fopen (path, "rb");
  gsize              n;

  *sum = 0;
  while (file != NULL && (n = fread (chunk, 1, CHUNK, file)) > 0)
    {
      gsize i = 0;

      for (; i + 4 <= n; i += 4)
        *sum += ub_phone_le32 (chunk + i);
      for (; i < n; i++)
        *sum += chunk[i];
    }
  if (file == NULL)
    set_write_error (error, path, errno);
  else
    fclose (file);
  return file != NULL;
}

static gboolean
append_sum (const Package *self, const char *name, GString *text, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  guint32          sum;

  if (!sum_file (path, &sum, error))
    return FALSE;
  g_string_append_printf (text,
                          "    <file name=\"%s\" chk_method=\"ADD\" checksum=\"0x%08x\"/>\n",
                          name,
                          sum);
  return TRUE;
}

static gboolean
store_sums (const Package *self, GError **error)
{
  g_autoptr (GString) text =
                 g_string_new ("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<root>\n  <images>\n");

  if (!append_sum (self, "preloader_practice.bin", text, error))
    return FALSE;
  for (guint i = 0; i < self->parts->len; i++)
    {
      const char *file = g_array_index (self->parts, UbPhonePart, i).file;

      if (file != NULL && !is_repeated (self->parts, i) && !append_sum (self, file, text, error))
        return FALSE;
    }
  g_string_append (text, "  </images>\n</root>\n");
  return store (self->folder, "scatter_checksum.xml", text->str, text->len, error);
}

/* --- agents --- */

/* what real ones hold beyond these two names is not known */
static gboolean
store_flash_xml (const char *folder, const char *scatter, GError **error)
{
  g_autofree char *text = g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<flash>\n"
                                           "  <da>DA_BR.bin</da>\n  <scatter>../%s</scatter>\n"
                                           "</flash>\n",
                                           scatter);

  return store (folder, "flash.xml", text, strlen (text), error);
}

static gboolean
store_agents (const Package *self, GError **error)
{
  g_autoptr (GByteArray) file = ub_practice_firmware_agents_make (self->phone);
  g_autofree char *below = g_build_filename (self->folder, AGENT_FOLDER, NULL);
  g_autofree char *scatter = ub_practice_firmware_scatter_dup_name (self->phone);

  if (self->phone->chip->dialect != UB_PHONE_XML)
    return store (self->folder, "MTK_AllInOne_DA_practice.bin", file->data, file->len, error);
  if (g_mkdir_with_parents (below, 0755) != 0)
    {
      set_write_error (error, below, errno);
      return FALSE;
    }
  return store (below, "DA_BR.bin", file->data, file->len, error) &&
         store_flash_xml (below, scatter, error) && store_sums (self, error);
}

/* --- what the maker gives to those who may open its locks --- */

static gboolean
store_signed (const Package *self, const char *name, const char *mark, GError **error)
{
  guint8  data[MAKER_FILE];
  guint64 state = seed_for (self, mark);

  ub_practice_firmware_make_noise (data, sizeof data, &state);
  g_strlcpy ((char *) data, mark, 64);
  ub_phone_maker_sign (data, sizeof data);
  return store (self->folder, name, data, sizeof data, error);
}

static gboolean
store_maker (const Package *self, GError **error)
{
  const char *pem = ub_phone_maker_get_pem ();

  if (self->phone->options.target_config == 0 && !self->phone->options.agent_login)
    return TRUE;
  return store_signed (self, "auth_sv5.auth", UB_PHONE_AUTH_MARK, error) &&
         store_signed (self, "root.cert", UB_PHONE_CERT_MARK, error) &&
         store (self->folder, "practice_key.pem", pem, strlen (pem), error);
}

static gboolean
store_scatter (const Package *self, GError **error)
{
  g_autofree char *name = ub_practice_firmware_scatter_dup_name (self->phone);
  g_autofree char *text = ub_practice_firmware_scatter_make (self);

  return store (self->folder, name, text, strlen (text), error);
}

/* --- all of it --- */

static gboolean
store_tables (const Package *self, GError **error)
{
  static const char *const names[] = { "MBR", "EBR1", "EBR2" };
  guint8                   sector[512];

  if (self->phone->options.table == UB_TABLE_GPT)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ub_phone_tables_make_ebr (self->phone, self->parts, names[i], sector);
      if (!store (self->folder, names[i], sector, sizeof sector, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
store_preloader (const Package *self, GError **error)
{
  g_autoptr (GBytes) preloader = ub_phone_tables_make_preloader (self->phone, self->other ? 3 : 2);
  gsize       size;
  const void *data = g_bytes_get_data (preloader, &size);

  return store (self->folder, "preloader_practice.bin", data, size, error);
}

static gboolean
store_package (const Package *self, guint64 image_size, gboolean sparse, GError **error)
{
  guint64 room = find_system (self)->size;
  guint64 usual = ub_phone_parts_shrink (&self->phone->options, SYSTEM_SIZE);
  guint64 size = image_size != 0 ? (image_size + BLOCK - 1) / BLOCK * BLOCK : usual;

  if (size > room || size / BLOCK > G_MAXUINT32)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_IMAGE_TOO_BIG,
                   "a system of %" G_GUINT64_FORMAT
                   " bytes does not fit the practice phone's %" G_GUINT64_FORMAT,
                   size,
                   room);
      return FALSE;
    }
  if (g_mkdir_with_parents (self->folder, 0755) != 0)
    {
      set_write_error (error, self->folder, errno);
      return FALSE;
    }
  return store_scatter (self, error) && store_preloader (self, error) &&
         store_tables (self, error) && store_images (self, error) &&
         store_system (self, size, sparse, error) && store_agents (self, error) &&
         store_maker (self, error);
}

gboolean
ub_practice_firmware_write (UbPracticePhone *self,
                            const char      *folder,
                            guint64          image_size,
                            gboolean         sparse,
                            GError         **error)
{
  const Package package = { self, self->parts, folder, FALSE };

  return store_package (&package, image_size, sparse, error);
}

gboolean
ub_practice_firmware_write_other (UbPracticePhone *self,
                                  const char      *folder,
                                  guint64          image_size,
                                  gboolean         sparse,
                                  GError         **error)
{
  g_autoptr (GArray) parts = ub_phone_parts_make (&self->options, TRUE);
  const Package package = { self, parts, folder, TRUE };

  return store_package (&package, image_size, sparse, error);
}
