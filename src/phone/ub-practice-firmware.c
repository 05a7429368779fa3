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
#define ENTRY 0xdc
#define SLOTS 20 /* the entry table of a container is longer than what it holds */
#define DA1_SIZE 0x8000
#define DA2_SIZE 0x18000
#define SIGNATURE 0x100
#define MARK_AT 0x400

/* one package: for the layout the phone came with, or for layout B */
typedef struct
{
  UbPracticePhone *phone;
  GArray          *parts; /* of UbPhonePart */
  const char      *folder;
  gboolean         other;
} Package;

/* --- bytes out of nothing --- */

static guint64
next_word (guint64 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* @size bytes, the same ones for the same @name every time */
static void
make_noise (guint8 *data, gsize size, guint64 *state)
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

static void
put16 (guint8 *at, guint16 value)
{
  value = GUINT16_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static void
put32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
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
  put32 (data, 0x58881688);
  put32 (data + 4, (guint32) size - 512);
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
  put32 (data + 8, (guint32) (size / 2 - page));
  put32 (data + 12, 0x80008000);
  put32 (data + 16, (guint32) (size / 2));
  put32 (data + 20, 0x84000000);
  put32 (data + 28, 0x80f00000);
  put32 (data + 32, 0x84000000 - 0x100);
  put32 (data + 36, page);
  g_strlcpy ((char *) data + 48, "practice", 16);
}

/* enough of an ext4 superblock to be taken for one */
static void
put_ext4 (guint8 *data, guint64 size)
{
  guint8 *super = data + 1024;

  memset (data, 0, 2048);
  put32 (super, (guint32) (size / BLOCK / 4));
  put32 (super + 4, (guint32) (size / BLOCK));
  put32 (super + 24, 2);
  put32 (super + 32, 32768);
  put32 (super + 40, 8192);
  put16 (super + 56, 0xef53);
  put16 (super + 58, 1);
  put32 (super + 76, 1);
}

typedef enum
{
  KIND_HEADED,
  KIND_BOOT,
  KIND_EXT4,
  KIND_SECRO,
} Kind;

static gboolean
store_image (const Package *self, const char *name, gsize full_size, Kind kind, GError **error)
{
  gsize              size = (gsize) ub_phone_parts_shrink (&self->phone->options, full_size);
  g_autofree guint8 *data = g_malloc (size);
  guint64            state = seed_for (self, name);

  make_noise (data, size, &state);
  if (kind == KIND_HEADED)
    put_headed (data, size, name[0] == 't' ? "TEE" : name[1] == 'k' ? "LK" : "LOGO");
  else if (kind == KIND_BOOT)
    put_boot (data, size);
  else if (kind == KIND_EXT4)
    put_ext4 (data, size);
  else
    memcpy (data, "AND_ROMINFO_v", 13);
  return store (self->folder, name, data, size, error);
}

/* --- the system image, of any size --- */

typedef struct
{
  FILE    *file;
  guint8  *chunk;
  guint64  state;
  guint64  size;  /* of the image, expanded */
  gboolean first; /* the superblock is still to come */
} System;

static gboolean
put_system_noise (System *system, guint64 size)
{
  while (size > 0)
    {
      gsize n = (gsize) MIN (size, CHUNK);

      make_noise (system->chunk, n, &system->state);
      if (system->first)
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

  put16 (head, types[i % 3]);
  put32 (head + 4, blocks);
  put32 (head + 8, 12 + payload[i % 3]);
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
  put32 (head, 0xed26ff3a);
  put16 (head + 4, 1);
  put16 (head + 8, 28);
  put16 (head + 10, 12);
  put32 (head + 12, BLOCK);
  put32 (head + 16, n_blocks);
  put32 (head + 20, n);
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

static gboolean
store_system (const Package *self, guint64 size, gboolean sparse, GError **error)
{
  g_autofree char   *path = g_build_filename (self->folder, "system.img", NULL);
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  System   system = { g_fopen (path, "wb"), chunk, seed_for (self, "system.img"), size, TRUE };
  gboolean good =
      system.file != NULL && (sparse ? put_sparse (&system) : put_system_noise (&system, size));
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

/* --- the agent container (§3) --- */

static void
make_da2 (const UbPhoneChip *chip, guint year, guint8 *da2)
{
  guint64 state = 0x100000001b3u * (chip->agent_code + year);

  make_noise (da2, DA2_SIZE + SIGNATURE, &state);
  g_snprintf ((char *) da2 + MARK_AT, 64, "UNBRICK PRACTICE DA2 for %s", chip->name);
}

static gboolean
has_slc (const UbPhoneChip *chip, guint year)
{
  return year >= 2017 && (chip->flow == UB_PHONE_FLOW_SLC || chip->flow == UB_PHONE_FLOW_SKIP_SLC);
}

/* the marker, agent code, year, then the digest of DA2 without its signature, as genuine ones hold
 * it */
static void
make_da1 (const UbPhoneChip *chip, guint year, const guint8 *da2, guint8 *da1)
{
  static const char marker[] = "UNBRICK PRACTICE DA1";
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  guint64 state = 0xcbf29ce484222325u ^ (guint64) (chip->agent_code * 7 + year);
  gsize   length = 20;
  guint8 *at = da1 + MARK_AT;

  make_noise (da1, DA1_SIZE + SIGNATURE, &state);
  memcpy (at, marker, sizeof marker);
  put16 (at + sizeof marker, chip->agent_code);
  put16 (at + sizeof marker + 2, (guint16) year);
  g_checksum_update (sha1, da2, DA2_SIZE);
  g_checksum_get_digest (sha1, at + sizeof marker + 4, &length);
  if (has_slc (chip, year))
    memcpy (at + 0x100, "SLC percent", 12);
}

static void
put_region (guint8 *at, guint32 offset, guint32 size, guint32 address, guint32 signature)
{
  put32 (at, offset);
  put32 (at + 4, size);
  put32 (at + 8, address);
  put32 (at + 12, size - signature);
  put32 (at + 16, signature);
}

static void
append_agent (GByteArray *file, guint slot, const UbPhoneChip *chip, guint year)
{
  guint   entry = 0x6c + slot * ENTRY, at = file->len;
  guint   da1_at = at + 0x270, da2_at = da1_at + DA1_SIZE + SIGNATURE;
  guint8 *bytes;

  g_byte_array_set_size (file, da2_at + DA2_SIZE + SIGNATURE);
  memset (file->data + at, 0, 0x270);
  memcpy (file->data + at, "MMM\x01\x38\x00\x00\x00", 8);
  memcpy (file->data + at + 8, "FILE_INFO", 9);
  make_da2 (chip, year, file->data + da2_at);
  make_da1 (chip, year, file->data + da2_at, file->data + da1_at);

  bytes = file->data + entry;
  put16 (bytes, 0xdada);
  put16 (bytes + 2, chip->agent_code);
  put16 (bytes + 6, 0xca00);
  put16 (bytes + 12, 0x1000);
  put16 (bytes + 0x12, 3);
  put_region (bytes + 0x14, at, 0x270, 0x50000000, 0);
  put_region (bytes + 0x28, da1_at, DA1_SIZE + SIGNATURE, chip->da1_address, SIGNATURE);
  put_region (bytes + 0x3c, da2_at, DA2_SIZE + SIGNATURE, chip->da2_address, SIGNATURE);
}

static GByteArray *
make_container (UbPracticePhone *self)
{
  const char *const *names = ub_phone_tables_list_chips ();
  guint              n = g_strv_length ((char **) names), year = self->options.build_year;
  GByteArray        *file = g_byte_array_new ();

  g_byte_array_set_size (file, 0x6c + SLOTS * ENTRY);
  memset (file->data, 0, file->len);
  memcpy (file->data, "MTK_DOWNLOAD_AGENT", 18);
  if (year <= 2014)
    g_strlcpy ((char *) file->data + 0x20, "MTK_AllInOne_DA_v7.1420.00.00_practice", 64);
  else
    g_snprintf ((char *) file->data + 0x20,
                64,
                "MTK_AllInOne_DA_v3.3001.%u-02-01.00:00_practice",
                year);
  put32 (file->data + 0x60, 4);
  put32 (file->data + 0x64, 0x22668899);
  put32 (file->data + 0x68, n);
  for (guint i = 0; i < n; i++)
    append_agent (file, i, ub_phone_tables_find_chip (names[i]), year);
  return file;
}

static gboolean
store_container (const Package *self, GError **error)
{
  g_autoptr (GByteArray) file = make_container (self->phone);

  return store (self->folder, "MTK_AllInOne_DA_practice.bin", file->data, file->len, error);
}

/* --- the scatter --- */

static void
append_ruler (GString *text, const char *title)
{
  static const char ruler[] = "####################################################################"
                              "########################################\n";

  g_string_append_printf (text, "%s#\n#  %s \n#\n%s", ruler, title, ruler);
}

typedef struct
{
  const char *name, *file, *type, *region, *operation;
  guint64     linear, physical, size;
  gboolean    reserved;
} Entry;

static void
append_entry (GString *text, guint index, gboolean early, const Entry *entry)
{
  gboolean download = entry->file != NULL;

  g_string_append_printf (text,
                          "- partition_index: SYS%u\n  partition_name: %s\n  file_name: %s\n  "
                          "is_download: %s\n  type: %s\n"
                          "  linear_start_addr: 0x%" G_GINT64_MODIFIER
                          "x\n  physical_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
                          "  partition_size: 0x%" G_GINT64_MODIFIER
                          "x\n  region: %s\n  storage: HW_STORAGE_EMMC\n"
                          "  boundary_check: %s\n  is_reserved: %s\n  operation_type: %s\n",
                          index,
                          entry->name,
                          download ? entry->file : "NONE",
                          download ? "true" : "false",
                          entry->type,
                          entry->linear,
                          entry->physical,
                          entry->size,
                          entry->region,
                          entry->reserved ? "false" : "true",
                          entry->reserved ? "true" : "false",
                          entry->operation);
  if (!early)
    g_string_append_printf (text,
                            "  is_upgradable: %s\n  empty_boot_needed: false\n",
                            download ? "true" : "false");
  g_string_append (text, "  reserve: 0x00\n\n");
}

static guint64
get_shift (UbPracticePhone *self)
{
  return self->options.table == UB_TABLE_EBR ? self->chip->shift : 0;
}

static void
append_preloader (UbPracticePhone *self, GString *text)
{
  gboolean    gpt = self->options.table == UB_TABLE_GPT;
  guint64     shift = get_shift (self);
  const Entry entry = { .name = gpt ? "preloader" : "PRELOADER",
                        .file = "preloader_practice.bin",
                        .type = "SV5_BL_BIN",
                        .region = gpt ? "EMMC_BOOT1_BOOT2" : "EMMC_BOOT_1",
                        .operation = "BOOTLOADERS",
                        .size = shift != 0 ? shift : MIN (0x40000, self->options.boot_size) };

  append_entry (text, 0, shift != 0, &entry);
}

static void
append_part (UbPracticePhone *self, GString *text, guint index, const UbPhonePart *part)
{
  guint64     shift = get_shift (self);
  guint64     tail = 0xffff0000u + part->tail;
  const Entry entry = { .name = part->name,
                        .file = part->file,
                        .type = part->ext4 ? "EXT4_IMG" : "NORMAL_ROM",
                        .region = "EMMC_USER",
                        .operation = part->operation,
                        .linear = part->tail != 0 ? tail : part->start + shift,
                        .physical = part->tail != 0 ? tail : part->start,
                        .size = part->rest ? 0 : part->size,
                        .reserved = part->tail != 0 };

  append_entry (text, index, shift != 0, &entry);
}

static gboolean
store_scatter (const Package *self, GError **error)
{
  UbPracticePhone *phone = self->phone;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = g_strdup_printf ("%s_Android_scatter.txt", phone->chip->name);

  append_ruler (text, "General Setting");
  g_string_append_printf (
      text,
      "- general: MTK_PLATFORM_CFG\n  info: \n    - config_version: %s\n      platform: %s\n"
      "      project: practice\n      storage: EMMC\n      boot_channel: MSDC_0\n      block_size: "
      "0x20000\n",
      get_shift (phone) != 0 ? "V1.1.1" : "V1.1.2",
      phone->chip->name);
  append_ruler (text, "Layout Setting");
  append_preloader (phone, text);
  for (guint i = 0; i < self->parts->len; i++)
    append_part (phone, text, i + 1, &g_array_index (self->parts, UbPhonePart, i));
  return store (self->folder, name, text->str, text->len, error);
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
store_images (const Package *self, GError **error)
{
  return store_image (self, "lk.bin", 0x60200, KIND_HEADED, error) &&
         store_image (self, "boot.img", self->other ? 0x480000 : 0x280000, KIND_BOOT, error) &&
         store_image (self, "recovery.img", 0x2c0000, KIND_BOOT, error) &&
         store_image (self, "logo.bin", 0xa0123, KIND_HEADED, error) &&
         store_image (self, "secro.img", 0x20000, KIND_SECRO, error) &&
         store_image (self, "cache.img", 0x100000, KIND_EXT4, error) &&
         store_image (self, "userdata.img", 0x180000, KIND_EXT4, error) &&
         (!self->other || store_image (self, "tee.img", 0x80000, KIND_HEADED, error));
}

static guint64
get_system_room (const Package *self)
{
  const UbPhonePart *part = ub_phone_parts_find (self->parts, "system");

  return part != NULL ? part->size : ub_phone_parts_find (self->parts, "ANDROID")->size;
}

static gboolean
store_package (const Package *self, guint64 image_size, gboolean sparse, GError **error)
{
  guint64 room = get_system_room (self);
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
         store_system (self, size, sparse, error) && store_container (self, error);
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
