/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

/* which parts a practice phone has, and where: shared/facts/scatter.md §4 */

#define LARGE (64 * (guint64) 1024 * 1024)
/* a small phone has the same parts, this much smaller … */
#define SHRINK 16
/* … and those counted from its end, where a block is as large as ever, so much */
#define SHRINK_TAIL 128
/* the last part that is counted from the end is the table, which never shrinks */
#define TABLE 0x8000
#define MODERN_FLASHINFO 0x20

/* clang-format off */
/* size 0: made to fit */
static const UbPhonePart gpt_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x80000 },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x300000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x500000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "lk", "lk.bin", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot", "boot.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "recovery", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "expdb", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x200000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "secro", "secro.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "system", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "cache", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x1000000, 0x84, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x80000, 0x04 },
};

static const UbPhonePart ebr_parts[] = {
  { "MBR", "MBR", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "EBR1", "EBR1", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "PRO_INFO", NULL, "PROTECTED", FALSE, 0, 0x300000, 0, TRUE },
  { "NVRAM", NULL, "BINREGION", FALSE, 0, 0x500000, 0, TRUE },
  { "PROTECT_F", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "PROTECT_S", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "SECCFG", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "UBOOT", "lk.bin", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "BOOTIMG", "boot.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "RECOVERY", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "SEC_RO", "secro.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "MISC", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "LOGO", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "EBR2", "EBR2", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "EXPDB", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "ANDROID", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "CACHE", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "USRDATA", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "BMTPOOL", NULL, "RESERVED", FALSE, 0, 0x1500000, 0xa8, TRUE },
};

/* the other layout of the same phones: the first protected part stays where it is, the others move, some of them grow */
static const UbPhonePart other_gpt_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x80000 },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x300000, 0, TRUE },
  { "lk", "lk.bin", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot", "boot.img", "UPDATE", FALSE, 0, 0x500000, 0, TRUE },
  { "recovery", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "tee1", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x600000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x180000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x300000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "secro", "secro.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "system", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "cache", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x1000000, 0x84, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x80000, 0x04 },
};

static const UbPhonePart other_ebr_parts[] = {
  { "MBR", "MBR", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "EBR1", "EBR1", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "PRO_INFO", NULL, "PROTECTED", FALSE, 0, 0x300000, 0, TRUE },
  { "UBOOT", "lk.bin", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "BOOTIMG", "boot.img", "UPDATE", FALSE, 0, 0x500000, 0, TRUE },
  { "RECOVERY", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "TEE1", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "NVRAM", NULL, "BINREGION", FALSE, 0, 0x600000, 0, TRUE },
  { "PROTECT_F", NULL, "PROTECTED", TRUE, 0, 0x180000, 0, TRUE },
  { "PROTECT_S", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "SECCFG", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "SEC_RO", "secro.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "MISC", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "LOGO", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "EBR2", "EBR2", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "ANDROID", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "CACHE", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "USRDATA", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE, TRUE },
  { "BMTPOOL", NULL, "RESERVED", FALSE, 0, 0x1500000, 0xa8, TRUE },
};

/* phones of framed agents with one set of parts, as MT6765 has them … */
static const UbPhonePart single_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x8000 },
  { "boot_para", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "recovery", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "expdb", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvcfg", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x200000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "persist", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "sec1", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x100000, 0, TRUE },
  { "md1img", "md1img.img", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x300000, 0, TRUE },
  { "lk", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "lk2", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot", "boot.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "dtbo", "dtbo.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee1", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "tee2", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "vbmeta", "vbmeta.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "system", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "cache", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "otp", NULL, "RESERVED", FALSE, 0, 0x80000, 0x28, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x400000, 0x20, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x8000, 0, FALSE, FALSE, TRUE },
};

static const UbPhonePart other_single_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x8000 },
  { "boot_para", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "recovery", "recovery.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvcfg", NULL, "PROTECTED", TRUE, 0, 0x280000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x200000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x180000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "persist", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "sec1", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x100000, 0, TRUE },
  { "md1img", "md1img.img", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "spmfw", "spmfw.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x300000, 0, TRUE },
  { "lk", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "lk2", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot", "boot.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "dtbo", "dtbo.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee1", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "tee2", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "vbmeta", "vbmeta.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "system", "system.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "cache", "cache.img", "UPDATE", TRUE, 0, 0x200000, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE, TRUE },
  { "otp", NULL, "RESERVED", FALSE, 0, 0x80000, 0x28, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x400000, 0x20, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x8000, 0, FALSE, FALSE, TRUE },
};

/* … and with two, as MT6781 */
static const UbPhonePart slot_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x8000 },
  { "misc", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_para", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "expdb", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvcfg", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x200000, 0, TRUE },
  { "vbmeta_a", "vbmeta.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "vbmeta_b", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "otp", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "persist", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "md1img_a", "md1img.img", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "lk_a", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_a", "boot.img", "UPDATE", FALSE, 0, 0x400000, 0, TRUE },
  { "dtbo_a", "dtbo.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee_a", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x100000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x300000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "md1img_b", NULL, "INVISIBLE", FALSE, 0, 0x200000, 0, TRUE },
  { "lk_b", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_b", NULL, "INVISIBLE", FALSE, 0, 0x400000, 0, TRUE },
  { "dtbo_b", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee_b", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "super", "super.img", "UPDATE", FALSE, 0, 0, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x400000, 0x20, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x8000, 0, FALSE, FALSE, TRUE },
};

static const UbPhonePart other_slot_parts[] = {
  { "pgpt", NULL, "INVISIBLE", FALSE, 0, 0x8000 },
  { "misc", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "para", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_para", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "frp", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "nvcfg", NULL, "PROTECTED", TRUE, 0, 0x280000, 0, TRUE },
  { "nvdata", NULL, "INVISIBLE", TRUE, 0, 0x200000, 0, TRUE },
  { "vbmeta_a", "vbmeta.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "vbmeta_b", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "metadata", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "protect1", NULL, "PROTECTED", TRUE, 0, 0x180000, 0, TRUE },
  { "protect2", NULL, "PROTECTED", TRUE, 0, 0x100000, 0, TRUE },
  { "seccfg", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "otp", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "persist", NULL, "PROTECTED", TRUE, 0, 0x200000, 0, TRUE },
  { "md1img_a", "md1img.img", "UPDATE", FALSE, 0, 0x200000, 0, TRUE },
  { "spmfw_a", "spmfw.img", "UPDATE", FALSE, 0, 0x40000, 0, TRUE },
  { "lk_a", "lk.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_a", "boot.img", "UPDATE", FALSE, 0, 0x480000, 0, TRUE },
  { "dtbo_a", "dtbo.img", "UPDATE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee_a", "tee.img", "UPDATE", FALSE, 0, 0x100000, 0, TRUE },
  { "proinfo", NULL, "PROTECTED", FALSE, 0, 0x100000, 0, TRUE },
  { "nvram", NULL, "BINREGION", FALSE, 0, 0x300000, 0, TRUE },
  { "logo", "logo.bin", "UPDATE", FALSE, 0, 0x180000, 0, TRUE },
  { "md1img_b", NULL, "INVISIBLE", FALSE, 0, 0x200000, 0, TRUE },
  { "spmfw_b", NULL, "INVISIBLE", FALSE, 0, 0x40000, 0, TRUE },
  { "lk_b", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "boot_b", NULL, "INVISIBLE", FALSE, 0, 0x480000, 0, TRUE },
  { "dtbo_b", NULL, "INVISIBLE", FALSE, 0, 0x80000, 0, TRUE },
  { "tee_b", NULL, "INVISIBLE", FALSE, 0, 0x100000, 0, TRUE },
  { "super", "super.img", "UPDATE", FALSE, 0, 0, 0, TRUE },
  { "userdata", "userdata.img", "UPDATE", TRUE, 0, 0, 0, TRUE, TRUE },
  { "flashinfo", NULL, "RESERVED", FALSE, 0, 0x400000, 0x20, TRUE },
  { "sgpt", NULL, "RESERVED", FALSE, 0, 0x8000, 0, FALSE, FALSE, TRUE },
};
/* clang-format on */

gboolean
ub_phone_parts_is_small (const UbPracticePhoneOptions *options)
{
  return options->user_size < LARGE;
}

guint64
ub_phone_parts_shrink (const UbPracticePhoneOptions *options, guint64 size)
{
  return ub_phone_parts_is_small (options) ? size / SHRINK : size;
}

/* tables are as large as ever */
static gboolean
is_table (const UbPhonePart *part)
{
  return part->size == TABLE && !part->in_table;
}

static void
shrink_parts (GArray *parts, gboolean modern)
{
  const guint32 unit = modern ? UB_PHONE_UFS_BLOCKS : 1;

  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      if (is_table (part))
        continue;
      part->size /= part->tail > SHRINK ? SHRINK_TAIL : SHRINK;
      if (part->tail != 0)
        part->tail = (part->tail > (modern ? MODERN_FLASHINFO : SHRINK) ? 2 : 1) * unit;
    }
}

/* what lies before the end keeps clear of what is right at the end */
static guint64
get_tail_start (const UbPhonePart *part, const UbPracticePhoneOptions *options, gboolean modern)
{
  guint64 tail = (guint64) part->tail * UB_PHONE_BLOCK;

  if (part->last)
    tail = part->size;
  else if (modern)
    tail = MAX (tail, part->size + TABLE);
  return options->user_size - tail;
}

/* what the fixed parts leave: some of it for the system, the rest for the owner's data */
static void
fit_parts (GArray *parts, const UbPracticePhoneOptions *options, gboolean other, gboolean modern)
{
  guint64 unit = ub_phone_parts_shrink (options, UB_PHONE_BLOCK);
  guint64 fixed = 0, end = options->user_size, start = 0, spare;

  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      if (part->tail == 0 && !part->last)
        {
          fixed += part->size;
          continue;
        }
      part->start = get_tail_start (part, options, modern);
      end = MIN (end, part->start);
    }
  spare = end - fixed;
  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      if (part->tail != 0 || part->last)
        continue;
      if (part->size == 0)
        part->size = g_str_has_prefix (part->name, "s") || part->name[0] == 'A'
                         ? spare * (other ? 5 : 4) / 8 / unit * unit
                         : end - start;
      part->start = start;
      start += part->size;
    }
}

#define APPEND(parts, table) g_array_append_vals (parts, table, G_N_ELEMENTS (table))

static GArray *
append_modern (GArray *parts, gboolean slots, gboolean other)
{
  if (slots)
    return other ? APPEND (parts, other_slot_parts) : APPEND (parts, slot_parts);
  return other ? APPEND (parts, other_single_parts) : APPEND (parts, single_parts);
}

static GArray *
append_legacy (GArray *parts, UbTable table, gboolean other)
{
  if (table == UB_TABLE_GPT)
    return other ? APPEND (parts, other_gpt_parts) : APPEND (parts, gpt_parts);
  return other ? APPEND (parts, other_ebr_parts) : APPEND (parts, ebr_parts);
}

GArray *
ub_phone_parts_make (const UbPracticePhoneOptions *options, gboolean other)
{
  const UbPhoneChip *chip = ub_phone_tables_find_chip (options->chip);
  gboolean           modern = chip->dialect != UB_PHONE_LEGACY;
  GArray            *parts = g_array_new (FALSE, FALSE, sizeof (UbPhonePart));

  if (modern)
    append_modern (parts, chip->slots, other);
  else
    append_legacy (parts, options->table, other);
  if (ub_phone_parts_is_small (options))
    shrink_parts (parts, modern);
  fit_parts (parts, options, other, modern);
  return parts;
}

const UbPhonePart *
ub_phone_parts_find (GArray *parts, const char *name)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      if (g_ascii_strcasecmp (part->name, name) == 0)
        return part;
    }
  return NULL;
}
