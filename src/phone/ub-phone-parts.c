/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

/* which parts a practice phone has, and where: shared/facts/scatter.md §4 */

#define LARGE (64 * (guint64) 1024 * 1024)
/* a small phone has the same parts, this much smaller … */
#define SHRINK 16
/* … and those counted from its end, where a block is as large as ever, so much */
#define SHRINK_TAIL 128

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

static void
shrink_parts (GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      part->size /= part->tail > SHRINK ? SHRINK_TAIL : SHRINK;
      if (part->tail != 0)
        part->tail = part->tail > SHRINK ? 2 : 1;
    }
}

/* what the fixed parts leave: some of it for the system, the rest for the owner's data */
static void
fit_parts (GArray *parts, const UbPracticePhoneOptions *options, gboolean other)
{
  guint64 unit = ub_phone_parts_shrink (options, UB_PHONE_BLOCK);
  guint64 fixed = 0, end = options->user_size, start = 0, spare;

  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      part->start =
          part->tail != 0 ? options->user_size - (guint64) part->tail * UB_PHONE_BLOCK : 0;
      if (part->tail == 0)
        fixed += part->size;
      else
        end = MIN (end, part->start);
    }
  spare = end - fixed;
  for (guint i = 0; i < parts->len; i++)
    {
      UbPhonePart *part = &g_array_index (parts, UbPhonePart, i);

      if (part->tail != 0)
        continue;
      if (part->size == 0)
        part->size = g_str_has_prefix (part->name, "s") || part->name[0] == 'A'
                         ? spare * (other ? 5 : 4) / 8 / unit * unit
                         : end - start;
      part->start = start;
      start += part->size;
    }
}

GArray *
ub_phone_parts_make (const UbPracticePhoneOptions *options, gboolean other)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (UbPhonePart));

  if (options->table == UB_TABLE_GPT && !other)
    g_array_append_vals (parts, gpt_parts, G_N_ELEMENTS (gpt_parts));
  else if (options->table == UB_TABLE_GPT)
    g_array_append_vals (parts, other_gpt_parts, G_N_ELEMENTS (other_gpt_parts));
  else if (!other)
    g_array_append_vals (parts, ebr_parts, G_N_ELEMENTS (ebr_parts));
  else
    g_array_append_vals (parts, other_ebr_parts, G_N_ELEMENTS (other_ebr_parts));
  if (ub_phone_parts_is_small (options))
    shrink_parts (parts);
  fit_parts (parts, options, other);
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
