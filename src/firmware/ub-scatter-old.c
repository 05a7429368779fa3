/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <string.h>

#define NO_DOWNLOAD "__NODL_"
/* no such file says its block size; every phone of that time had this one */
#define OLD_BLOCK_SIZE 0x20000

/* these files name no images; the vendor's packages always did it this way (shared/facts/scatter.md
 * §1a) */
static const struct
{
  const char *name;
  const char *file;
} files[] = {
  { "PRELOADER", "preloader.bin" },
  { "DSP_BL", "DSP_BL" },
  { "MBR", "MBR" },
  { "EBR1", "EBR1" },
  { "EBR2", "EBR2" },
  { "UBOOT", "lk.bin" },
  { "BOOTIMG", "boot.img" },
  { "RECOVERY", "recovery.img" },
  { "SEC_RO", "secro.img" },
  { "LOGO", "logo.bin" },
  { "ANDROID", "system.img" },
  { "CACHE", "cache.img" },
  { "USRDATA", "userdata.img" },
  { "PRELOAD", "preload.img" },
};

typedef struct
{
  UbScatter  *scatter;
  const char *name;
  const char *at;
  guint       line;
} Reader;

/* the next word or brace, (nullable) at the end */
static char *
next_word (Reader *self)
{
  for (; *self->at == ' ' || *self->at == '\n' || *self->at == '#'; self->at++)
    {
      if (*self->at == '#')
        self->at += strcspn (self->at, "\n");
      if (*self->at == '\0')
        return NULL;
      self->line += *self->at == '\n';
    }
  if (*self->at == '\0')
    return NULL;
  gsize length = strchr ("{}", *self->at) != NULL ? 1 : strcspn (self->at, " \n{}#");
  char *word = g_strndup (self->at, length);
  self->at += length;
  return word;
}

static gboolean
fail (Reader *self, const char *what, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_FIRMWARE,
               "%s, line %u: %s",
               self->name,
               self->line,
               what);
  return FALSE;
}

static gboolean
expect (Reader *self, const char *brace, GError **error)
{
  g_autofree char *word = next_word (self);

  return g_strcmp0 (word, brace) == 0 ||
         fail (self, "a brace is missing, the file seems to be cut off", error);
}

static UbPartition *
make_partition (const char *word, guint64 address, guint line)
{
  UbPartition *partition = ub_partition_new ();
  gboolean     hidden = g_str_has_prefix (word, NO_DOWNLOAD);

  partition->name = ub_scatter_display (hidden ? word + strlen (NO_DOWNLOAD) : word);
  partition->linear_start = address;
  partition->physical_start = address;
  partition->is_download = !hidden;
  partition->is_upgradable = !hidden;
  partition->boundary_check = TRUE;
  partition->operation = hidden ? UB_OPERATION_INVISIBLE : UB_OPERATION_UPDATE;
  partition->role = ub_partition_role_for_name (partition->name);
  partition->type = g_strdup ("NORMAL_ROM");
  partition->line = line;
  for (gsize i = 0; i < G_N_ELEMENTS (files) && !hidden; i++)
    if (g_ascii_strcasecmp (files[i].name, partition->name) == 0)
      partition->file_name = g_strdup (files[i].file);
  return partition;
}

static gboolean
read_entry (Reader *self, const char *word, GError **error)
{
  guint64          address;
  guint            line = self->line;
  g_autofree char *number = next_word (self);

  if (number == NULL || !ub_scatter_record_number (number, &address))
    return fail (self, "an address is missing or is no number", error);
  if (!expect (self, "{", error) || !expect (self, "}", error))
    return FALSE;
  if (strlen (word) > 64 || self->scatter->partitions->len >= UB_SCATTER_MAX_ENTRIES)
    return fail (self, "too many entries, or too long a name", error);
  g_ptr_array_add (self->scatter->partitions, make_partition (word, address, line));
  return TRUE;
}

static UbPartition *
find (UbScatter *scatter, const char *name)
{
  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      UbPartition *partition = scatter->partitions->pdata[i];
      if (g_ascii_strcasecmp (partition->name, name) == 0)
        return partition;
    }
  return NULL;
}

static UbStorage
guess_storage (UbScatter *scatter, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (strstr (lower, "emmc") != NULL || find (scatter, "MBR") != NULL ||
      find (scatter, "EBR1") != NULL)
    return UB_STORAGE_EMMC;
  return UB_STORAGE_NAND;
}

static UbRegion
region_of (const UbPartition *partition, UbStorage storage)
{
  if (storage == UB_STORAGE_NAND)
    return UB_REGION_NAND_WHOLE;
  return partition->role == UB_ROLE_PRELOADER ? UB_REGION_EMMC_BOOT1 : UB_REGION_EMMC_USER;
}

/* Entries stand in the order of their addresses; each reaches up to the next. On eMMC the user area
 * begins where the preloader's region ends. */
static gboolean
give_sizes (Reader *self, UbStorage storage, GError **error)
{
  GPtrArray *list = self->scatter->partitions;

  for (guint i = 0; i < list->len; i++)
    {
      UbPartition *partition = list->pdata[i];
      UbPartition *next = i + 1 < list->len ? list->pdata[i + 1] : NULL;
      partition->storage = storage;
      partition->region = region_of (partition, storage);
      if (partition->role == UB_ROLE_RESERVED)
        partition->is_reserved = TRUE;
      if (next == NULL || partition->linear_start >> 16 == 0xffff ||
          next->linear_start >> 16 == 0xffff)
        continue;
      if (next->linear_start < partition->linear_start)
        {
          self->line = next->line;
          return fail (self, "the addresses do not rise", error);
        }
      partition->scatter_size = next->linear_start - partition->linear_start;
    }
  return TRUE;
}

static void
move_user_area (UbScatter *scatter)
{
  UbPartition *first = find (scatter, "MBR");
  guint64      shift = first != NULL ? first->linear_start : 0;

  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      UbPartition *partition = scatter->partitions->pdata[i];
      if (partition->region == UB_REGION_EMMC_USER && partition->linear_start >= shift &&
          partition->linear_start >> 16 != 0xffff)
        partition->physical_start = partition->linear_start - shift;
    }
}

/**
 * ub_scatter_old_read:
 *
 * "NAME 0xaddress { }", up to MT6589 (shared/facts/scatter.md §1a): no sizes, no files, no storage.
 */
gboolean
ub_scatter_old_read (UbScatter *scatter, const char *text, const char *name, GError **error)
{
  Reader           reader = { scatter, name, text, 1 };
  g_autofree char *word = NULL;

  while ((word = next_word (&reader)) != NULL)
    {
      if (!read_entry (&reader, word, error))
        return FALSE;
      g_clear_pointer (&word, g_free);
    }
  UbStorage storage = guess_storage (scatter, name);
  if (!give_sizes (&reader, storage, error))
    return FALSE;
  if (storage == UB_STORAGE_EMMC)
    move_user_area (scatter);
  scatter->version = g_strdup ("old");
  scatter->block_size[storage] = OLD_BLOCK_SIZE;
  ub_scatter_note (
      scatter,
      "an old scatter file without sizes and file names; both follow the custom of its time");
  return TRUE;
}

/* "name 0xaddress" at the begin of @text: where it ends, or NULL */
static const char *
skip_pair (const char *text)
{
  gsize name = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

  if (name == 0 || text[name] != ' ')
    return NULL;
  text += name;
  text += strspn (text, " ");
  if (g_ascii_strncasecmp (text, "0x", 2) != 0)
    return NULL;
  return text + strcspn (text, " \n{");
}

gboolean
ub_scatter_old_sniff (const char *text)
{
  const char *end = skip_pair (text + strspn (text, " \n"));

  return end != NULL && end[strspn (end, " \n")] == '{';
}

/* an update package's list: the same without braces (shared/facts/scatter.md §1e) */
gboolean
ub_scatter_old_sniff_ota (const char *text)
{
  const char *end = skip_pair (text + strspn (text, " \n"));

  return end != NULL && (*end == '\0' || skip_pair (end + strspn (end, " \n")) != NULL);
}
