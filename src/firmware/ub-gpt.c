/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-gpt.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"

#include <string.h>
#include <zlib.h>

/* UEFI 2.10 §5; MBR numbers are always in sectors of 512 bytes */
#define MBR_SECTOR 512u
#define MBR_TABLE 446u
#define EBRS_MAX 128u
#define GPT_MAGIC "EFI PART"
#define GPT_REVISION 0x00010000u
#define GPT_HEADER_SIZE 92u
#define GPT_ENTRY_SIZE 128u
#define GPT_ENTRIES 128u
#define GPT_ENTRIES_MAX 4096u
#define GPT_NAME_UNITS 36u

/* basic data: what MediaTek's own tables use for everything */
static const guint8 basic_data_guid[16] = { 0xA2, 0xA0, 0xD0, 0xEB, 0xE5, 0xB9, 0x33, 0x44,
                                            0x87, 0xC0, 0x68, 0xB6, 0xB7, 0x26, 0x99, 0xC7 };

typedef struct
{
  guint64 header_offset; /* bytes in the data */
  guint64 my_lba;
  guint64 alternate_lba;
  guint64 entries_lba;
  guint32 n_entries;
  guint32 entry_size;
  guint32 entries_crc;
} Header;

static UbRegion
user_region (guint block_size)
{
  return block_size == 4096 ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
}

/* CRC over the header with its own field as zero */
static guint32
header_crc (const guint8 *header, guint32 size)
{
  static const guint8 zero[4] = { 0 };
  uLong               crc = crc32 (0, header, 16);

  crc = crc32 (crc, zero, sizeof zero);
  return (guint32) crc32 (crc, header + 20, size - 20);
}

static gboolean
read_header (const guint8 *data, gsize size, guint64 offset, guint block_size, Header *header)
{
  UbReader reader = UB_READER_INIT (data, size);
  guint32  header_size;
  guint32  crc;

  if (offset > size || size - offset < block_size || memcmp (data + offset, GPT_MAGIC, 8) != 0)
    return FALSE;
  ub_reader_seek (&reader, offset + 12);
  header_size = ub_reader_u32_le (&reader);
  crc = ub_reader_u32_le (&reader);
  ub_reader_skip (&reader, 4);
  header->header_offset = offset;
  header->my_lba = ub_reader_u64_le (&reader);
  header->alternate_lba = ub_reader_u64_le (&reader);
  ub_reader_skip (&reader, 32);
  header->entries_lba = ub_reader_u64_le (&reader);
  header->n_entries = ub_reader_u32_le (&reader);
  header->entry_size = ub_reader_u32_le (&reader);
  header->entries_crc = ub_reader_u32_le (&reader);
  return header_size >= GPT_HEADER_SIZE && header_size <= block_size &&
         header_crc (data + offset, header_size) == crc;
}

/* names end up in file names and windows: nothing that is half a character or steers */
static char *
read_name (UbReader *reader)
{
  gunichar2 units[GPT_NAME_UNITS];
  char     *name;

  for (guint i = 0; i < GPT_NAME_UNITS; i++)
    {
      units[i] = ub_reader_u16_le (reader);
      if ((units[i] > 0 && units[i] < 0x20) || (units[i] >= 0xD800 && units[i] < 0xE000))
        units[i] = 0xFFFD;
    }
  name = g_utf16_to_utf8 (units, GPT_NAME_UNITS, NULL, NULL, NULL);
  return name == NULL ? g_strdup ("") : name;
}

/* @n_blocks: of the disk, as far as it is known */
static void
read_gpt_entry (const guint8 *data, guint block_size, guint64 n_blocks, UbLayout *layout)
{
  static const guint8 unused[16] = { 0 };
  UbReader            reader = UB_READER_INIT (data, GPT_ENTRY_SIZE);
  g_autofree char    *name = NULL;
  guint64             first;
  guint64             last;

  if (memcmp (data, unused, sizeof unused) == 0)
    return;
  ub_reader_skip (&reader, 32);
  first = ub_reader_u64_le (&reader);
  last = ub_reader_u64_le (&reader);
  ub_reader_skip (&reader, 8);
  if (first > last || last >= n_blocks)
    return;
  name = read_name (&reader);
  ub_layout_add (layout,
                 name,
                 user_region (block_size),
                 first * block_size,
                 (last - first + 1) * block_size);
}

guint64
ub_gpt_get_backup_size (guint block_size)
{
  return block_size == 4096 ? 8 * 4096 : (guint64) GPT_ENTRIES * GPT_ENTRY_SIZE + block_size;
}

static gboolean
has_sane_entries (const Header *header, guint block_size)
{
  return header->n_entries <= GPT_ENTRIES_MAX && header->entry_size >= GPT_ENTRY_SIZE &&
         header->entry_size <= block_size && header->entry_size % 8 == 0;
}

/* where the entries lie in the data, counted from the header: a backup at the end of a cut-out is
 * found, too */
static gboolean
find_entries (const Header *header, gsize size, guint block_size, guint64 *offset)
{
  guint64 distance = header->entries_lba > header->my_lba ? header->entries_lba - header->my_lba
                                                          : header->my_lba - header->entries_lba;
  guint64 length = (guint64) header->n_entries * header->entry_size;

  if (distance == 0 || distance > size / block_size)
    return FALSE;
  distance *= block_size;
  if (header->entries_lba < header->my_lba && distance > header->header_offset)
    return FALSE;
  *offset = header->entries_lba > header->my_lba ? header->header_offset + distance
                                                 : header->header_offset - distance;
  return *offset <= size && length <= size - *offset;
}

static gboolean
is_whole (const Header *header, const guint8 *data, guint64 entries)
{
  return crc32 (0, data + entries, header->n_entries * header->entry_size) == header->entries_crc;
}

/* a second header whose entries are not where it says, but where agents for UFS look for them */
static gboolean
find_usual_entries (const Header *header, const guint8 *data, guint block_size, guint64 *entries)
{
  const guint64 distance = ub_gpt_get_backup_size (block_size) - block_size;

  if (block_size != 4096 || header->my_lba < 2 || header->header_offset < distance ||
      (guint64) header->n_entries * header->entry_size > distance)
    return FALSE;
  *entries = header->header_offset - distance;
  return is_whole (header, data, *entries);
}

static UbLayout *
read_gpt (const guint8 *data, gsize size, guint64 offset, guint block_size, guint64 n_blocks)
{
  Header    header;
  guint64   entries;
  UbLayout *layout;

  if (!read_header (data, size, offset, block_size, &header) ||
      !has_sane_entries (&header, block_size))
    return NULL;
  if ((!find_entries (&header, size, block_size, &entries) || !is_whole (&header, data, entries)) &&
      !find_usual_entries (&header, data, block_size, &entries))
    return NULL;
  layout = ub_layout_new (UB_LAYOUT_GPT);
  for (guint32 i = 0; i < header.n_entries; i++)
    read_gpt_entry (data + entries + (guint64) i * header.entry_size, block_size, n_blocks, layout);
  return layout;
}

/* of a disk nobody told the size of */
static guint64
max_blocks (guint block_size)
{
  return G_MAXINT64 / block_size;
}

/* where a damaged primary says its backup is, else the last block of @data */
static UbLayout *
read_backup (const guint8 *data, gsize size, guint block_size)
{
  guint64   n_blocks = size / block_size;
  Header    header;
  UbLayout *layout = NULL;

  if (n_blocks < 2)
    return NULL;
  header.alternate_lba = 0;
  read_header (data, size, block_size, block_size, &header);
  if (header.alternate_lba > 1 && header.alternate_lba < n_blocks)
    layout = read_gpt (data,
                       size,
                       header.alternate_lba * block_size,
                       block_size,
                       max_blocks (block_size));
  if (layout != NULL)
    return layout;
  return read_gpt (data, size, (n_blocks - 1) * block_size, block_size, max_blocks (block_size));
}

static gboolean
is_extended (guint8 type)
{
  return type == 0x05 || type == 0x0F || type == 0x85;
}

/* 55AA alone also ends a FAT boot sector: the four status bytes must be a table's. A protective one
 * is no table: it says that there is a GPT, whole or not */
static gboolean
is_mbr (const guint8 *sector)
{
  if (sector[510] != 0x55 || sector[511] != 0xAA || sector[MBR_TABLE + 4] == 0xEE)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (sector[MBR_TABLE + 16 * i] != 0x00 && sector[MBR_TABLE + 16 * i] != 0x80)
      return FALSE;
  return TRUE;
}

/**
 * ub_gpt_parse_mbr:
 * @sector: 512 bytes
 * @base: where this sector lies in the region, bytes; logical entries count from here
 * @extended: where the extended partition begins, bytes; 0 for the MBR itself
 * @layout: entries are added here, without names
 * @next: (out): where the next EBR lies, bytes; 0 for none
 *
 * Returns: %FALSE, with nothing added, if it is no MBR or EBR, or a GPT's protective MBR
 */
gboolean
ub_gpt_parse_mbr (const guint8 *sector,
                  guint64       base,
                  guint64       extended,
                  UbLayout     *layout,
                  guint64      *next)
{
  *next = 0;
  if (!is_mbr (sector))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      UbReader reader = UB_READER_INIT (sector, MBR_SECTOR);
      guint8   type;
      guint64  start;
      guint64  size;

      ub_reader_seek (&reader, MBR_TABLE + 16 * i + 4);
      type = ub_reader_u8 (&reader);
      ub_reader_skip (&reader, 3);
      start = (guint64) ub_reader_u32_le (&reader) * MBR_SECTOR;
      size = (guint64) ub_reader_u32_le (&reader) * MBR_SECTOR;
      if (type == 0 || size == 0)
        continue;
      if (!is_extended (type))
        ub_layout_add (layout, "", UB_REGION_EMMC_USER, base + start, size);
      else if (*next == 0)
        *next = extended + start;
    }
  return TRUE;
}

static UbLayout *
read_mbr (const guint8 *data, gsize size)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);
  guint64 extended;
  guint64 at;
  guint64 next;

  if (size < MBR_SECTOR || !ub_gpt_parse_mbr (data, 0, 0, layout, &extended))
    return NULL;
  at = extended;
  /* only forwards: a chain that bites its tail ends there */
  for (guint i = 0; i < EBRS_MAX && at > 0 && at <= size - MBR_SECTOR; i++)
    {
      if (!ub_gpt_parse_mbr (data + at, at, extended, layout, &next) || next <= at)
        break;
      at = next;
    }
  return layout->entries->len > 0 ? g_steal_pointer (&layout) : NULL;
}

/**
 * ub_gpt_parse:
 * @data: the first sectors of a user area, or all of it
 * @size: bytes in @data
 * @block_size: 512 (eMMC) or 4096 (UFS)
 *
 * Entries that make no sense (end before begin) are left out.
 *
 * Returns: (transfer full) (nullable): the table of the primary GPT, else of the backup if @data
 *   reaches that far, else of MBR and EBRs; %NULL with %UB_ERROR_BAD_IMAGE if there is none
 */
UbLayout *
ub_gpt_parse (const guint8 *data, gsize size, guint block_size, GError **error)
{
  UbLayout *layout = NULL;

  if (block_size == 512 || block_size == 4096)
    {
      layout = read_gpt (data, size, block_size, block_size, max_blocks (block_size));
      if (layout == NULL)
        layout = read_backup (data, size, block_size);
      /* of days when sectors had 512 bytes */
      if (layout == NULL && block_size == MBR_SECTOR)
        layout = read_mbr (data, size);
    }
  if (layout == NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_BAD_IMAGE,
                 "no whole partition table in %" G_GSIZE_FORMAT " bytes with blocks of %u",
                 size,
                 block_size);
  return layout;
}

static void
put_u32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static void
put_u64 (guint8 *at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

/* an id of its own for everything with a name, and the same again for the same table */
static void
put_guid (guint8 *at, const char *seed, guint64 number)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize  size = sizeof digest;

  number = GUINT64_TO_LE (number);
  g_checksum_update (sum, (const guchar *) seed, -1);
  g_checksum_update (sum, (const guchar *) &number, sizeof number);
  g_checksum_get_digest (sum, digest, &size);
  memcpy (at, digest, 16);
  at[7] = (guint8) ((at[7] & 0x0F) | 0x40);
  at[8] = (guint8) ((at[8] & 0x3F) | 0x80);
}

static void
write_entry (guint8 *at, const UbLayoutEntry *entry, guint64 first, guint64 last)
{
  g_autofree gunichar2 *name = g_utf8_to_utf16 (entry->name, -1, NULL, NULL, NULL);

  memcpy (at, basic_data_guid, 16);
  put_guid (at + 16, entry->name, first);
  put_u64 (at + 32, first);
  put_u64 (at + 40, last);
  for (guint i = 0; name != NULL && i < GPT_NAME_UNITS && name[i] != 0; i++)
    {
      at[56 + 2 * i] = (guint8) name[i];
      at[57 + 2 * i] = (guint8) (name[i] >> 8);
    }
}

static gboolean
is_user_entry (const UbLayoutEntry *entry)
{
  return entry->region == UB_REGION_EMMC_USER || entry->region == UB_REGION_UFS_LU2 ||
         entry->region == UB_REGION_UNKNOWN;
}

/* entries within @first_usable … @last_usable; one of size 0 reaches to the end. Returns how many */
static guint
write_entries (guint8         *entries,
               const UbLayout *layout,
               guint           block_size,
               guint64         first_usable,
               guint64         last_usable)
{
  guint n = 0;

  for (guint i = 0; i < layout->entries->len && n < GPT_ENTRIES; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      guint64              first = entry->start / block_size;
      guint64              n_blocks = entry->size / block_size + (entry->size % block_size != 0);
      guint64              last = entry->size == 0 ? last_usable : first + n_blocks - 1;

      if (is_user_entry (entry) && first >= first_usable && first <= last && last <= last_usable)
        write_entry (entries + GPT_ENTRY_SIZE * n++, entry, first, last);
    }
  return n;
}

static void
write_protective_mbr (guint8 *sector, guint64 n_blocks)
{
  guint8 *entry = sector + MBR_TABLE;

  entry[2] = 0x02;
  entry[4] = 0xEE;
  entry[5] = entry[6] = entry[7] = 0xFF;
  put_u32 (entry + 8, 1);
  put_u32 (entry + 12, (guint32) MIN (n_blocks - 1, G_MAXUINT32));
  sector[510] = 0x55;
  sector[511] = 0xAA;
}

/* how the blocks of a disk are shared out */
typedef struct
{
  guint64 n_blocks;
  guint64 table_blocks;  /* of one array of entries */
  guint64 backup_blocks; /* of the second table, header and what lies between included */
  guint64 first_usable, last_usable;
} Plan;

static gboolean
make_plan (Plan *plan, guint64 disk_size, guint block_size)
{
  g_return_val_if_fail (block_size == 512 || block_size == 4096, FALSE);

  plan->n_blocks = disk_size / block_size;
  plan->table_blocks = (guint64) GPT_ENTRIES * GPT_ENTRY_SIZE / block_size;
  plan->backup_blocks = ub_gpt_get_backup_size (block_size) / block_size;
  plan->first_usable = 2 + plan->table_blocks;
  g_return_val_if_fail (plan->n_blocks > plan->first_usable + plan->backup_blocks, FALSE);
  plan->last_usable = plan->n_blocks - plan->backup_blocks - 1;
  return TRUE;
}

/* @entries is the array the header speaks of, @n the entries it counts */
static void
write_header (guint8       *header,
              const Plan   *plan,
              guint64       disk_size,
              gboolean      backup,
              const guint8 *entries,
              guint         n)
{
  const guint64 last = plan->n_blocks - 1;
  const guint32 n_entries = CLAMP (n, 1, GPT_ENTRIES);

  memcpy (header, GPT_MAGIC, 8);
  put_u32 (header + 8, GPT_REVISION);
  put_u32 (header + 12, GPT_HEADER_SIZE);
  put_u64 (header + 24, backup ? last : 1);
  put_u64 (header + 32, backup ? 1 : last);
  put_u64 (header + 40, plan->first_usable);
  put_u64 (header + 48, plan->last_usable);
  put_guid (header + 56, "disk", disk_size);
  put_u64 (header + 72, backup ? plan->last_usable + 1 : 2);
  put_u32 (header + 80, n_entries);
  put_u32 (header + 84, GPT_ENTRY_SIZE);
  put_u32 (header + 88, (guint32) crc32 (0, entries, n_entries * GPT_ENTRY_SIZE));
  put_u32 (header + 16, header_crc (header, GPT_HEADER_SIZE));
}

/**
 * ub_gpt_build:
 * @layout: a table; entries of the boot areas, and such as do not fit between the two GPTs
 *   (pgpt, sgpt), are left out; at most 128
 * @disk_size: bytes of the user area
 * @block_size: 512 or 4096
 * @n_counted: entries the header counts, at least; 0: those that are there, no more. Legacy agents copy as many as
 *   it counts into room for 40, and one that counts 128 kills them at the first READ (shared/protocol/genuine-agents.md
 *   §5.3). Those that came later know 128 (xflash-and-xml.md §3.13), and were seen to live with a header that counts so
 *   many.
 *
 * The same layout always makes the same bytes.
 *
 * Returns: (transfer full): protective MBR, primary header and entries: 34 blocks of 512 or 6 of
 * 4096 bytes
 */
GBytes *
ub_gpt_build (const UbLayout *layout, guint64 disk_size, guint block_size, guint n_counted)
{
  Plan    plan;
  guint8 *data;
  guint8 *entries;
  gsize   size;
  guint   n;

  if (!make_plan (&plan, disk_size, block_size))
    return NULL;
  size = (gsize) (2 + plan.table_blocks) * block_size;
  data = g_malloc0 (size);
  entries = data + 2 * block_size;
  write_protective_mbr (data, plan.n_blocks);
  n = write_entries (entries, layout, block_size, plan.first_usable, plan.last_usable);
  write_header (data + block_size, &plan, disk_size, FALSE, entries, MAX (n, n_counted));
  return g_bytes_new_take (data, size);
}

/**
 * ub_gpt_build_backup:
 *
 * Arguments as ub_gpt_build(), and the same ids in it: the two belong together.
 *
 * Returns: (transfer full): the entries and, in the last block, the header: 33 blocks of 512 or 8
 * of 4096 bytes, for the very end of the disk
 */
GBytes *
ub_gpt_build_backup (const UbLayout *layout, guint64 disk_size, guint block_size, guint n_counted)
{
  Plan    plan;
  guint8 *data;
  gsize   size;
  guint   n;

  if (!make_plan (&plan, disk_size, block_size))
    return NULL;
  size = (gsize) plan.backup_blocks * block_size;
  data = g_malloc0 (size);
  n = write_entries (data, layout, block_size, plan.first_usable, plan.last_usable);
  write_header (data + size - block_size, &plan, disk_size, TRUE, data, MAX (n, n_counted));
  return g_bytes_new_take (data, size);
}

/* its own place has to be where it was found: a table of another disk's size is not this disk's */
static UbLayout *
read_last_gpt (const guint8 *tail, gsize size, guint64 disk_size, guint block_size)
{
  const guint64 n_blocks = disk_size / block_size;
  Header        header;

  if (size < block_size || size % block_size != 0 || size > disk_size ||
      disk_size % block_size != 0 || n_blocks > max_blocks (block_size) ||
      !read_header (tail, size, size - block_size, block_size, &header) ||
      header.my_lba != n_blocks - 1)
    return NULL;
  return read_gpt (tail, size, size - block_size, block_size, n_blocks);
}

/**
 * ub_gpt_parse_backup:
 * @tail: the last sectors of a user area, @size bytes of whole blocks: ub_gpt_get_backup_size() is
 *   enough for the table of this file
 * @disk_size: bytes of the user area
 * @block_size: 512 or 4096
 *
 * Entries that make no sense (end before begin, end outside of the disk) are left out.
 *
 * Returns: (transfer full) (nullable): the table; %NULL with %UB_ERROR_BAD_IMAGE if there is none
 */
UbLayout *
ub_gpt_parse_backup (const guint8 *tail,
                     gsize         size,
                     guint64       disk_size,
                     guint         block_size,
                     GError      **error)
{
  UbLayout *layout = NULL;

  if (block_size == 512 || block_size == 4096)
    layout = read_last_gpt (tail, size, disk_size, block_size);
  if (layout == NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_BAD_IMAGE,
                 "no whole second partition table in the last %" G_GSIZE_FORMAT
                 " of %" G_GUINT64_FORMAT " bytes with blocks of %u",
                 size,
                 disk_size,
                 block_size);
  return layout;
}
