/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <zlib.h>

#include "phone/ub-phone.h"

/* what differs from chip to chip, and the partition tables: shared/protocol/brom-and-legacy.md §4 …
 * §6, §5.13 */

#define MIB ((guint64) 1024 * 1024)
#define SECTOR 512
#define GPT_ENTRIES 32 /* as the header counts them: a legacy agent has room for 40 */
#define MODERN_GPT_ENTRIES 128
#define GPT_MOST 128
#define UFS_BACKUP                                                                                 \
  0x8000 /* the second GPT's area on UFS, entries first, header in its last block */
#define GPT_ENTRY 128
/* before the end of the user area, within the pool nobody writes to */
#define PMT_TAIL (4 * MIB)
#define SMALL_PMT_TAIL (MIB / 8)
#define PMT_ENTRY 96
#define GPT_REPORT_ENTRY 88
/* AOSP: where misc holds the bootloader's notes on the two sets of parts, and "BCAB" */
#define SLOTS_AT 2048
#define SLOTS_MAGIC 0x42414342
#define RICH 65536 /* so much of a part is filled with changing bytes, the rest with one */

/* clang-format off */
static const UbPhoneChip chips[] = {
  { .name = "MT6572", .hw_code = 0x6572, .agent_code = 0x6572, .sub_code = 0x8a00, .hw_version = 0xca01, .brom_version = 5, .major = 4, .bbchip = 0x8a,
    .flow = UB_PHONE_FLOW_PLAIN, .watchdog = 0x10007000, .da1_address = 0x02007000, .da2_address = 0x80000000,
    .emi_version = 11, .emi_size = 168, .emi_head = 4, .nand_ids = 7, .old_nand_ids = 5, .nand_size_width = 4, .flash_id = TRUE,
    .ram_size = 512 * MIB, .shift = 0xc00000 },
  { .name = "MT6580", .hw_code = 0x6580, .agent_code = 0x6580, .sub_code = 0x8a00, .hw_version = 0xca00, .brom_version = 5, .major = 4, .bbchip = 0x9c,
    .flow = UB_PHONE_FLOW_SLC, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x80000000,
    .emi_version = 21, .emi_size = 188, .emi_limit = 3760, .old_emi_version = 17, .old_emi_size = 176, .old_emi_limit = 1408,
    .emi_head = 16, .nand_ids = 7, .old_nand_ids = 7, .nand_size_width = 8, .ram_size = 1024 * MIB },
  { .name = "MT6582", .hw_code = 0x6582, .agent_code = 0x6582, .sub_code = 0x8a00, .hw_version = 0xca01, .sw_version = 1, .brom_version = 5, .major = 4, .bbchip = 0x8b,
    .flow = UB_PHONE_FLOW_NEW_COMBO, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x80000000,
    .emi_version = 12, .emi_size = 188, .emi_head = 16, .nand_ids = 5, .old_nand_ids = 5, .nand_size_width = 4,
    .ram_size = 1024 * MIB, .shift = 0x1400000 },
  { .name = "MT6589", .hw_code = 0x6583, .agent_code = 0x6583, .sub_code = 0x8a00, .hw_version = 0xca00, .brom_version = 4, .major = 3, .bbchip = 0x89,
    .flow = UB_PHONE_FLOW_FORCE_DRAM, .watchdog = 0x10000000, .da1_address = 0x12000000, .da2_address = 0x82038000,
    .emi_version = 10, .emi_size = 184, .emi_head = 16, .nand_ids = 5, .old_nand_ids = 5, .nand_size_width = 4, .ram_size = 1024 * MIB },
  { .name = "MT6592", .hw_code = 0x6592, .agent_code = 0x6592, .sub_code = 0x8a00, .hw_version = 0xca00, .brom_version = 5, .major = 4, .bbchip = 0x8f,
    .flow = UB_PHONE_FLOW_GPT, .watchdog = 0x10007000, .da1_address = 0x00110000, .da2_address = 0x80000000,
    .emi_version = 13, .emi_size = 188, .more_emi_version = 12, .emi_head = 16, .nand_ids = 7, .old_nand_ids = 5, .nand_size_width = 4,
    .phone_info = TRUE, .ram_size = 1024 * MIB, .shift = 0x1400000 },
  { .name = "MT6735", .hw_code = 0x0321, .agent_code = 0x6735, .sub_code = 0x8a00, .hw_version = 0xcb00, .sw_version = 1, .brom_version = 5, .major = 4, .bbchip = 0x96,
    .flow = UB_PHONE_FLOW_PLAIN, .watchdog = 0x10212000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 20, .emi_size = 188, .emi_limit = 1880, .emi_head = 16, .nand_ids = 5, .old_nand_ids = 5, .nand_size_width = 8, .ram_size = 2048 * MIB },
  { .name = "MT8127", .hw_code = 0x8127, .agent_code = 0x8127, .sub_code = 0x8a00, .hw_version = 0xca00, .brom_version = 5, .major = 4, .bbchip = 0x90,
    .flow = UB_PHONE_FLOW_SKIP_SLC, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x80000000,
    .emi_version = 12, .emi_size = 188, .more_emi_version = 16, .emi_head = 16, .nand_ids = 7, .old_nand_ids = 7, .nand_size_width = 8,
    .bmt_word = TRUE, .ram_size = 1024 * MIB },
  { .name = "MT8163", .hw_code = 0x8163, .agent_code = 0x8163, .sub_code = 0x8a00, .hw_version = 0xcb00, .brom_version = 5, .major = 4, .bbchip = 0x9a,
    .flow = UB_PHONE_FLOW_SLC, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 16, .emi_size = 188, .emi_limit = 1880, .emi_head = 16, .nand_ids = 7, .old_nand_ids = 7, .nand_size_width = 8,
    .bmt_word = TRUE, .ram_size = 2048 * MIB },
  /* framed agents. What §4.3 does not know is made up: an EMI version for MT6877, MT6789 and MT6886, and where records of
   * versions above 22 keep their ids */
  { .name = "MT6750", .dialect = UB_PHONE_XFLASH, .ufs = FALSE, .slots = FALSE, .hw_code = 0x0601, .agent_code = 0x6755, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 22, .emi_size = 176, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6755", .dialect = UB_PHONE_XFLASH, .ufs = FALSE, .slots = FALSE, .hw_code = 0x0326, .agent_code = 0x6755, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 22, .emi_size = 176, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6757", .dialect = UB_PHONE_XFLASH, .ufs = FALSE, .slots = FALSE, .hw_code = 0x0551, .agent_code = 0x6757, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 25, .emi_size = 160, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6765", .dialect = UB_PHONE_XFLASH, .ufs = FALSE, .slots = FALSE, .hw_code = 0x0766, .agent_code = 0x6765, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 35, .emi_size = 160, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6768", .dialect = UB_PHONE_XFLASH, .ufs = FALSE, .slots = TRUE, .hw_code = 0x0707, .agent_code = 0x6768, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 40, .emi_size = 160, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6785", .dialect = UB_PHONE_XFLASH, .ufs = TRUE, .slots = FALSE, .hw_code = 0x0813, .agent_code = 0x6785, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 45, .emi_size = 160, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6877", .dialect = UB_PHONE_XFLASH, .ufs = TRUE, .slots = TRUE, .hw_code = 0x0959, .agent_code = 0x6877, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x00200000, .da2_address = 0x40000000,
    .emi_version = 51, .emi_size = 84, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6789", .dialect = UB_PHONE_XML, .ufs = TRUE, .slots = TRUE, .hw_code = 0x1208, .agent_code = 0x1208, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x02000000, .da2_address = 0x40000000,
    .emi_version = 52, .emi_size = 84, .emi_head = 16, .ram_size = 4096 * MIB },
  { .name = "MT6886", .dialect = UB_PHONE_XML, .ufs = TRUE, .slots = TRUE, .end_is_end = TRUE, .hw_code = 0x1229, .agent_code = 0x1229, .sub_code = 0x8a00,
    .hw_version = 0xca00, .brom_version = 5, .watchdog = 0x10007000, .da1_address = 0x02000000, .da2_address = 0x40000000,
    .emi_version = 52, .emi_size = 84, .emi_head = 16, .ram_size = 4096 * MIB },
};

static const char *const chip_names[]
    = { "MT6572", "MT6580", "MT6582", "MT6589", "MT6592", "MT6735", "MT6750", "MT6755", "MT6757",
        "MT6765", "MT6768", "MT6785", "MT6789", "MT6877", "MT6886", "MT8127", "MT8163", NULL };
/* clang-format on */

const UbPhoneChip *
ub_phone_tables_find_chip (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (chips); i++)
    if (g_ascii_strcasecmp (chips[i].name, name) == 0)
      return &chips[i];
  return NULL;
}

const char *const *
ub_phone_tables_list_chips (void)
{
  return chip_names;
}

const UbPhonePart *
ub_phone_tables_find (UbPracticePhone *self, const char *name)
{
  return ub_phone_parts_find (self->parts, name);
}

/* --- GPT --- */

static guint32
crc (const guint8 *data, gsize size)
{
  return (guint32) crc32 (crc32 (0, NULL, 0), data, (uInt) size);
}

static guint
get_block (UbPracticePhone *self)
{
  return self->options.storage == UB_STORAGE_UFS ? 4096 : SECTOR;
}

static guint
get_room (UbPracticePhone *self)
{
  return self->chip->dialect == UB_PHONE_LEGACY ? GPT_ENTRIES : MODERN_GPT_ENTRIES;
}

static guint64
last_lba (UbPracticePhone *self)
{
  return ub_flash_get_size (self->user) / get_block (self) - 1;
}

/* agents look for a second table's entries where they belong (xflash-and-xml.md §3.13) */
static guint64
backup_entries_lba (UbPracticePhone *self, guint32 n)
{
  guint block = get_block (self);

  if (self->options.storage == UB_STORAGE_UFS)
    return last_lba (self) + 1 - UFS_BACKUP / block;
  return last_lba (self) - (n * GPT_ENTRY + block - 1) / block;
}

static void
put_gpt_entry (guint8 *entry, const char *name, guint64 first, guint64 last, guint i)
{
  static const guint8 basic_data[16] = { 0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44,
                                         0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7 };

  memcpy (entry, basic_data, sizeof basic_data);
  memcpy (entry + 16, "UNBRICK PRACTICE", 16);
  entry[31] = (guint8) i;
  ub_phone_put_le64 (entry + 32, first);
  ub_phone_put_le64 (entry + 40, last);
  for (guint n = 0; n < 35 && name[n] != '\0'; n++)
    entry[56 + 2 * n] = (guint8) name[n];
}

static void
store_gpt (UbPracticePhone *self, gboolean backup, const guint8 *entries, guint32 n)
{
  guint              block = get_block (self);
  guint64            last = last_lba (self);
  guint64            entries_lba = backup ? backup_entries_lba (self, n) : 2;
  g_autofree guint8 *header = g_malloc0 (block);

  memcpy (header, "EFI PART", 8);
  ub_phone_put_le32 (header + 8, 0x10000);
  ub_phone_put_le32 (header + 12, 92);
  ub_phone_put_le64 (header + 24, backup ? last : 1);
  ub_phone_put_le64 (header + 32, backup ? 1 : last);
  ub_phone_put_le64 (header + 40, 2 + 128 * GPT_ENTRY / block);
  ub_phone_put_le64 (header + 48, last - 2 - 128 * GPT_ENTRY / block);
  memcpy (header + 56, "UNBRICK-PRACTICE", 16);
  ub_phone_put_le64 (header + 72, entries_lba);
  ub_phone_put_le32 (header + 80, n);
  ub_phone_put_le32 (header + 84, GPT_ENTRY);
  ub_phone_put_le32 (header + 88, crc (entries, n * GPT_ENTRY));
  ub_phone_put_le32 (header + 16, crc (header, 92));
  ub_flash_write (self->user, (backup ? last : 1) * block, header, block);
  ub_flash_write (self->user, entries_lba * block, entries, n * GPT_ENTRY);
}

void
ub_phone_tables_write_gpt (UbPracticePhone *self, guint8 kind, const guint8 *entries, guint n)
{
  guint              n_entries = MAX (n, get_room (self));
  guint              block = get_block (self);
  g_autofree guint8 *table = g_malloc0 (n_entries * GPT_ENTRY);

  for (guint i = 0; i < n; i++)
    {
      const guint8    *entry = entries + 88 * i;
      g_autofree char *name = g_strndup ((const char *) entry, 63);
      guint64          start = ub_phone_le64 (entry + 0x40), size = ub_phone_le64 (entry + 0x48);

      put_gpt_entry (table + i * GPT_ENTRY, name, start / block, (start + size) / block - 1, i);
    }
  store_gpt (self, kind != 0, table, n_entries);
}

static void
prefill_gpt (UbPracticePhone *self)
{
  guint8 table[GPT_MOST * GPT_ENTRY] = { 0 };
  guint8 mbr[SECTOR] = { 0 };
  guint  n = 0, block = get_block (self);

  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbPhonePart *part = &g_array_index (self->parts, UbPhonePart, i);

      if (part->in_table)
        put_gpt_entry (table + n * GPT_ENTRY,
                       part->name,
                       part->start / block,
                       (part->start + part->size) / block - 1,
                       n);
      n += part->in_table ? 1 : 0;
    }
  mbr[0x1be + 4] = 0xee;
  ub_phone_put_le32 (mbr + 0x1be + 8, 1);
  ub_phone_put_le32 (mbr + 0x1be + 12, 0xffffffff);
  ub_phone_put_le16 (mbr + 0x1fe, 0xaa55);
  ub_flash_write (self->user, 0, mbr, sizeof mbr);
  store_gpt (self, FALSE, table, get_room (self));
  store_gpt (self, TRUE, table, get_room (self));
}

/* the entries of one of the two tables, NULL if it is not a good one */
static guint8 *
load_gpt (UbPracticePhone *self, gboolean backup, guint *n)
{
  g_autofree guint8 *entries = NULL;
  guint              block = get_block (self);
  guint8             header[92];
  guint32            sum;
  guint64            at;

  ub_flash_read (self->user, (backup ? last_lba (self) : 1) * block, header, sizeof header);
  sum = ub_phone_le32 (header + 16);
  memset (header + 16, 0, 4);
  *n = ub_phone_le32 (header + 80);
  at = ub_phone_le64 (header + 72);
  if (memcmp (header, "EFI PART", 8) != 0 || crc (header, 92) != sum || *n == 0 || *n > GPT_MOST ||
      ub_phone_le32 (header + 84) != GPT_ENTRY || at > last_lba (self))
    return NULL;
  if (backup && self->options.storage == UB_STORAGE_UFS)
    at = backup_entries_lba (self, *n);
  entries = g_malloc (*n * GPT_ENTRY);
  ub_flash_read (self->user, at * block, entries, *n * GPT_ENTRY);
  return crc (entries, *n * GPT_ENTRY) == ub_phone_le32 (header + 88) ? g_steal_pointer (&entries)
                                                                      : NULL;
}

static gboolean
is_used (const guint8 *entry)
{
  static const guint8 nothing[16] = { 0 };

  return memcmp (entry, nothing, sizeof nothing) != 0;
}

guint
ub_phone_tables_count_gpt (UbPracticePhone *self)
{
  guint              n = 0;
  g_autofree guint8 *primary = load_gpt (self, FALSE, &n);
  g_autofree guint8 *backup = primary == NULL ? load_gpt (self, TRUE, &n) : NULL;

  return primary != NULL || backup != NULL ? n : 0;
}

static void
report_gpt_entry (GByteArray *report, const guint8 *entry, guint block)
{
  guint8 out[GPT_REPORT_ENTRY] = { 0 };

  for (guint c = 0; c < 35; c++)
    out[c] = entry[56 + 2 * c];
  ub_phone_put_le64 (out + 0x40, ub_phone_le64 (entry + 32) * block);
  ub_phone_put_le64 (out + 0x48,
                     (ub_phone_le64 (entry + 40) - ub_phone_le64 (entry + 32) + 1) * block);
  ub_phone_put_le16 (out + 0x50, 8);
  g_byte_array_append (report, out, sizeof out);
}

static GByteArray *
report_gpt (UbPracticePhone *self, guint8 *kind)
{
  guint              n1 = 0, n2 = 0;
  g_autofree guint8 *primary = load_gpt (self, FALSE, &n1);
  g_autofree guint8 *backup = load_gpt (self, TRUE, &n2);
  const guint8      *entries = primary != NULL ? primary : backup;
  guint              n = primary != NULL ? n1 : n2;
  GByteArray        *report;

  if (entries == NULL)
    return NULL;
  *kind = (primary != NULL ? 2 : 0) | (backup != NULL ? 4 : 0);
  report = g_byte_array_new ();
  for (guint i = 0; i < n; i++)
    if (is_used (entries + i * GPT_ENTRY))
      report_gpt_entry (report, entries + i * GPT_ENTRY, get_block (self));
  return report;
}

/* --- MBR, EBR and PMT --- */

static void
put_mbr_entry (guint8 *sector, guint i, guint8 type, guint64 start, guint64 size)
{
  guint8 *entry = sector + 0x1be + 16 * i;

  entry[4] = type;
  ub_phone_put_le32 (entry + 8, (guint32) (start / SECTOR));
  ub_phone_put_le32 (entry + 12, (guint32) MIN (size / SECTOR, G_MAXUINT32));
}

static void
put_mbr_part (GArray *parts, guint8 *sector, guint i, const char *name, guint64 base)
{
  const UbPhonePart *part = ub_phone_parts_find (parts, name);

  put_mbr_entry (sector, i, 0x83, part->start - base, part->size);
}

void
ub_phone_tables_make_ebr (UbPracticePhone *self, GArray *parts, const char *name, guint8 *sector)
{
  guint64 ebr1 = ub_phone_parts_find (parts, "EBR1")->start;
  guint64 ebr2 = ub_phone_parts_find (parts, "EBR2")->start;
  guint64 end = ub_flash_get_size (self->user);

  memset (sector, 0, SECTOR);
  ub_phone_put_le16 (sector + 0x1fe, 0xaa55);
  if (g_str_equal (name, "MBR"))
    {
      put_mbr_entry (sector, 0, 0x05, ebr1, end - ebr1);
      put_mbr_part (parts, sector, 1, "SEC_RO", 0);
      put_mbr_part (parts, sector, 2, "MISC", 0);
      put_mbr_part (parts, sector, 3, "LOGO", 0);
    }
  else if (g_str_equal (name, "EBR1"))
    {
      put_mbr_part (parts, sector, 0, "ANDROID", ebr1);
      put_mbr_entry (sector, 1, 0x05, ebr2 - ebr1, end - ebr2);
    }
  else
    {
      put_mbr_part (parts, sector, 0, "CACHE", ebr2);
      put_mbr_part (parts, sector, 1, "USRDATA", ebr2);
    }
}

static guint64
pmt_at (UbPracticePhone *self)
{
  return ub_flash_get_size (self->user) -
         (ub_phone_parts_is_small (&self->options) ? SMALL_PMT_TAIL : PMT_TAIL);
}

void
ub_phone_tables_write_pmt (UbPracticePhone *self, const guint8 *entries, guint n)
{
  guint64 at = pmt_at (self);
  guint8  head[8] = "PTv3";

  ub_phone_put_le32 (head + 4, n);
  ub_flash_write (self->user, at, head, sizeof head);
  ub_flash_write (self->user, at + sizeof head, entries, n * PMT_ENTRY);
}

static void
prefill_ebr (UbPracticePhone *self)
{
  static const char *const names[] = { "MBR", "EBR1", "EBR2" };
  g_autoptr (GByteArray) pmt = g_byte_array_new ();
  guint8 sector[SECTOR];

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ub_phone_tables_make_ebr (self, self->parts, names[i], sector);
      ub_flash_write (self->user,
                      ub_phone_tables_find (self, names[i])->start,
                      sector,
                      sizeof sector);
    }
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbPhonePart *part = &g_array_index (self->parts, UbPhonePart, i);
      guint8             entry[PMT_ENTRY] = { 0 };

      g_strlcpy ((char *) entry, part->name, 64);
      ub_phone_put_le64 (entry + 0x40, part->size);
      ub_phone_put_le64 (entry + 0x48, 8);
      ub_phone_put_le64 (entry + 0x50, part->start);
      g_byte_array_append (pmt, entry, sizeof entry);
    }
  ub_phone_tables_write_pmt (self, pmt->data, pmt->len / PMT_ENTRY);
}

static GByteArray *
report_pmt (UbPracticePhone *self, guint8 *kind)
{
  guint64     at = pmt_at (self);
  guint8      head[8];
  guint32     n;
  GByteArray *report;

  ub_flash_read (self->user, at, head, sizeof head);
  n = ub_phone_le32 (head + 4);
  if (memcmp (head, "PTv3", 4) != 0 || n == 0 || n > GPT_MOST)
    return NULL;
  *kind = 0x5a;
  report = g_byte_array_new ();
  g_byte_array_set_size (report, n * PMT_ENTRY);
  ub_flash_read (self->user, at + sizeof head, report->data, report->len);
  return report;
}

GByteArray *
ub_phone_tables_read (UbPracticePhone *self, guint8 *kind)
{
  GByteArray *report = report_gpt (self, kind);

  return report != NULL ? report : report_pmt (self, kind);
}

gboolean
ub_phone_tables_locate (UbPracticePhone *self, const char *name, guint64 *start)
{
  guint8 kind = 0;
  g_autoptr (GByteArray) report = ub_phone_tables_read (self, &kind);
  guint size = kind == 0x5a ? PMT_ENTRY : GPT_REPORT_ENTRY;

  for (guint at = 0; report != NULL && at + size <= report->len; at += size)
    {
      g_autofree char *found = g_strndup ((const char *) report->data + at, 63);

      *start = ub_phone_le64 (report->data + at + (kind == 0x5a ? 0x50 : 0x40));
      if (g_ascii_strcasecmp (found, name) == 0)
        return TRUE;
    }
  return FALSE;
}

/* --- what the phone holds before anybody flashes it --- */

static void
fill_rich (UbFlash *flash, guint64 start, guint64 size, const char *label, guint8 rest)
{
  g_autofree guint8 *bytes = g_malloc (RICH);
  gsize              n = (gsize) MIN (size, RICH);
  guint64            state = 0x9e3779b97f4a7c15u ^ g_str_hash (label);

  for (gsize i = 0; i < RICH; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      bytes[i] = (guint8) (state >> 56);
    }
  memcpy (bytes, label, MIN (strlen (label), (gsize) 48));
  ub_flash_fill (flash, start, size, rest);
  ub_flash_write (flash, start, bytes, n);
}

/* what lies behind the first bytes takes no memory, and yet differs from place to place */
static void
fill_steps (UbFlash *flash, guint64 start, guint64 size)
{
  for (guint64 at = RICH; at < size; at += RICH)
    ub_flash_fill (flash,
                   start + at,
                   MIN (RICH, size - at),
                   (guint8) (0x80 + (start + at) / RICH * 7 % 0x7f));
}

static void
prefill_part (UbPracticePhone *self, const UbPhonePart *part)
{
  gboolean precious =
      !g_str_equal (part->operation, "UPDATE") && !g_str_equal (part->operation, "RESERVED");
  g_autofree char *label =
      g_strdup_printf ("%s %s of this very phone", precious ? "PRECIOUS" : "OLD", part->name);

  fill_rich (self->user, part->start, part->size, label, precious ? 0xff : 0x6f);
  if (precious)
    fill_steps (self->user, part->start, part->size);
}

/* AOSP's bootloader_control, which bootloaders of phones with two sets of parts go by */
static void
prefill_slots (UbPracticePhone *self)
{
  const UbPhonePart *misc = ub_phone_tables_find (self, "misc");
  gboolean           b = self->options.active_slot == 'b';
  guint8             control[32] = { '_', b ? 'b' : 'a' };

  if (!self->chip->slots || misc == NULL)
    return;
  ub_phone_put_le32 (control + 4, SLOTS_MAGIC);
  control[8] = 1;                /* version */
  control[9] = 2 | 7 << 3;       /* slots, tries of the recovery */
  control[12] = b ? 0x7e : 0xff; /* priority 15, 7 tries, good; or 14, not known to be good */
  control[14] = b ? 0xff : 0x7e;
  ub_phone_put_le32 (control + 28, crc (control, 28));
  ub_flash_write (self->user, misc->start + SLOTS_AT, control, sizeof control);
}

char
ub_phone_tables_get_slot (UbPracticePhone *self)
{
  guint8  control[32];
  guint64 start;

  if (!self->chip->slots)
    return 0;
  if (!ub_phone_tables_locate (self, "misc", &start))
    return 'a';
  ub_flash_read (self->user, start + SLOTS_AT, control, sizeof control);
  return ub_phone_le32 (control + 4) == SLOTS_MAGIC &&
                 ub_phone_le32 (control + 28) == crc (control, 28) && memcmp (control, "_b", 2) == 0
             ? 'b'
             : 'a';
}

gboolean
ub_phone_tables_has_preloader (UbPracticePhone *self)
{
  const char *name = self->options.storage == UB_STORAGE_UFS ? "UFS_BOOT" : "EMMC_BOOT";
  gsize       begin = self->options.storage == UB_STORAGE_UFS ? 0x1000 : 0x800;
  guint8      head[0x206];
  guint8      gfh[4];

  ub_flash_read (self->boot1, 0, head, sizeof head);
  ub_flash_read (self->boot1, begin, gfh, sizeof gfh);
  return memcmp (head, name, strlen (name) + 1) == 0 && memcmp (head + 0x200, "BRLYT", 6) == 0 &&
         memcmp (gfh, "MMM\x01", 4) == 0;
}

/* returns the size of what it put into @head (0x1000 bytes) */
static gsize
put_layout (UbPracticePhone *self, guint8 *head, guint32 image_size)
{
  gboolean ufs = self->options.storage == UB_STORAGE_UFS;
  guint32  begin = ufs ? 0x1000 : 0x800;

  memset (head, 0, begin);
  memset (head, 0xff, 0x200);
  memcpy (head, ufs ? "UFS_BOOT\0\0\0\0" : "EMMC_BOOT\0\0\0", 12);
  ub_phone_put_le32 (head + 12, 1);
  ub_phone_put_le32 (head + 16, ufs ? 0x1000 : 0x200);
  memcpy (head + 0x200, "BRLYT\0\0\0", 8);
  ub_phone_put_le32 (head + 0x208, 1);
  ub_phone_put_le32 (head + 0x20c, begin);
  ub_phone_put_le32 (head + 0x210, begin + image_size);
  ub_phone_put_le32 (head + 0x214, 0x42424242);
  ub_phone_put_le16 (head + 0x218, ufs ? 0x0c : 5);
  ub_phone_put_le16 (head + 0x21a, 1);
  ub_phone_put_le32 (head + 0x21c, begin);
  ub_phone_put_le32 (head + 0x220, begin + image_size);
  ub_phone_put_le32 (head + 0x224, 1);
  return begin;
}

GBytes *
ub_phone_tables_make_boot_area (UbPracticePhone *self, GBytes *preloader)
{
  gsize         size = 0, begin;
  const guint8 *image = g_bytes_get_data (preloader, &size);
  guint8        head[0x1000];
  GByteArray   *area = g_byte_array_new ();

  begin = put_layout (self, head, (guint32) size);
  g_byte_array_append (area, head, (guint) begin);
  g_byte_array_append (area, image, (guint) size);
  return g_byte_array_free_to_bytes (area);
}

static void
prefill_boot (UbPracticePhone *self)
{
  g_autoptr (GBytes) preloader = ub_phone_tables_make_preloader (self, 1);
  g_autoptr (GBytes) area = ub_phone_tables_make_boot_area (self, preloader);

  ub_flash_write (self->boot1, 0, g_bytes_get_data (area, NULL), g_bytes_get_size (area));
  fill_rich (self->boot2, 0, RICH, "OLD boot2", 0);
}

void
ub_phone_tables_prefill (UbPracticePhone *self)
{
  if (self->options.blank)
    return;
  prefill_boot (self);
  for (guint i = 0; i < self->parts->len; i++)
    prefill_part (self, &g_array_index (self->parts, UbPhonePart, i));
  prefill_slots (self);
  if (self->options.table == UB_TABLE_GPT)
    prefill_gpt (self);
  else
    prefill_ebr (self);
}

/* --- a preloader with its memory settings (§4.2, §4.3) --- */

#define N_RECORDS 5
#define MATCHING_RECORD 3

static gboolean
is_old (UbPracticePhone *self)
{
  return self->options.build_year < 2017;
}

static void
put_record (UbPracticePhone *self, guint8 *record, guint32 size, guint i)
{
  static const char ids[N_RECORDS][10] = { "\x15\x01\x00"
                                           "FE62MB",
                                           "\x90\x01\x4aH4G1d\x04",
                                           "\x11\x01\x00"
                                           "8GA4R5",
                                           "",
                                           "\x70\x01\x00M62704" };
  gsize             head = self->chip->emi_head;

  for (guint b = 0x28; b < size; b++)
    record[b] = (guint8) (b * 37 + i * 101 + size);
  ub_phone_put_le32 (record + (head == 4 ? 0 : 4), 0x0203);
  ub_phone_put_le32 (record + (head == 4 ? 0x14 : 8), 9);
  ub_phone_put_le32 (record + (head == 4 ? 0x18 : 0x28), 0x10a);
  memcpy (record + head, i == MATCHING_RECORD ? (const char *) self->cid : ids[i], 9);
}

static void
append_emi (UbPracticePhone *self, GByteArray *image)
{
  guint32 version = is_old (self) && self->chip->old_emi_version != 0 ? self->chip->old_emi_version
                                                                      : self->chip->emi_version;
  guint32 size = is_old (self) && self->chip->old_emi_size != 0 ? self->chip->old_emi_size
                                                                : self->chip->emi_size;
  gsize   at = image->len;
  gsize   total = 0x70 + N_RECORDS * size;
  guint8 *block;

  g_byte_array_set_size (image, (guint) (at + total + 4));
  block = image->data + at;
  memset (block, 0, total + 4);
  g_snprintf ((char *) block, 0x1b, "MTK_BLOADER_INFO_v%02u", version);
  g_strlcpy ((char *) block + 0x1b, "preloader_practice.bin", 0x3d);
  memcpy (block + 0x58, "V116", 4);
  ub_phone_put_le32 (block + 0x5c, 0x33448822);
  ub_phone_put_le32 (block + 0x60, 0x00700090);
  memcpy (block + 0x64, "MTK_BIN", 7);
  ub_phone_put_le32 (block + 0x6c, N_RECORDS);
  for (guint i = 0; i < N_RECORDS; i++)
    put_record (self, block + 0x70 + i * size, size, i);
  ub_phone_put_le32 (block + total, (guint32) total);
}

static void
put_file_info (guint8 *head, guint32 file_size, guint32 signature)
{
  memcpy (head, "MMM\x01\x38\x00\x00\x00", 8);
  memcpy (head + 8, "FILE_INFO", 9);
  ub_phone_put_le32 (head + 0x14, 1);
  ub_phone_put_le16 (head + 0x18, 1);
  head[0x1a] = 5;
  head[0x1b] = 3;
  ub_phone_put_le32 (head + 0x1c, 0x200d00);
  ub_phone_put_le32 (head + 0x20, file_size);
  ub_phone_put_le32 (head + 0x24, 0x40000);
  ub_phone_put_le32 (head + 0x28, 0x300);
  ub_phone_put_le32 (head + 0x2c, signature);
  ub_phone_put_le32 (head + 0x30, 0x300);
  memcpy (head + 0x38, "MMM\x01\x0c\x00\x01\x00\x01\x00\x00\x00", 12);
}

GBytes *
ub_phone_tables_make_preloader (UbPracticePhone *self, guint generation)
{
  const guint32    signature = 0x124;
  GByteArray      *image = g_byte_array_new ();
  g_autofree char *label =
      g_strdup_printf ("practice preloader %u of %s", generation, self->chip->name);
  UbFlash *scratch = ub_flash_new (0x8000);
  gsize    end;

  fill_rich (scratch, 0, 0x8000, label, 0);
  g_byte_array_set_size (image, 0x300 + 0x8000);
  memset (image->data, 0, 0x300);
  ub_flash_read (scratch, 0, image->data + 0x300, 0x8000);
  append_emi (self, image);
  end = image->len;
  g_byte_array_set_size (image, (guint) end + signature);
  ub_flash_read (scratch, 0x100, image->data + end, signature);
  put_file_info (image->data, image->len, signature);
  if (self->options.target_config != 0)
    ub_phone_maker_sign (image->data, image->len);
  ub_flash_free (scratch);
  return g_byte_array_free_to_bytes (image);
}
