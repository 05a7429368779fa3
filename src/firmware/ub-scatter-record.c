/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <string.h>

#define MAX_PAIRS 64
#define MAX_NAME 64
#define MAX_VALUE 255

typedef struct
{
  char *key;
  char *value;
  guint line;
} Pair;

typedef enum
{
  KEY_INDEX,
  KEY_NAME,
  KEY_FILE,
  KEY_DOWNLOAD,
  KEY_TYPE,
  KEY_LINEAR,
  KEY_PHYSICAL,
  KEY_SIZE,
  KEY_REGION,
  KEY_STORAGE,
  KEY_BOUNDARY,
  KEY_RESERVED,
  KEY_OPERATION,
  KEY_UPGRADABLE,
  KEY_EMPTY_BOOT,
  KEY_RESERVE,
  N_KEYS,
} Key;

static const char *const key_names[N_KEYS] = {
  "partition_index",
  "partition_name",
  "file_name",
  "is_download",
  "type",
  "linear_start_addr",
  "physical_start_addr",
  "partition_size",
  "region",
  "storage",
  "boundary_check",
  "is_reserved",
  "operation_type",
  "is_upgradable",
  "empty_boot_needed",
  "reserve",
};

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_free (pair->key);
  g_free (pair->value);
  g_free (pair);
}

void
ub_scatter_record_init (UbScatterRecord *self, UbScatter *scatter, const char *name)
{
  *self = (UbScatterRecord){ .scatter = scatter, .name = name };
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
}

void
ub_scatter_record_clear (UbScatterRecord *self)
{
  g_clear_pointer (&self->pairs, g_ptr_array_unref);
}

static Pair *
find_pair (UbScatterRecord *self, const char *key)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      Pair *pair = self->pairs->pdata[i];
      if (strcmp (pair->key, key) == 0)
        return pair;
    }
  return NULL;
}

gboolean
ub_scatter_record_has (UbScatterRecord *self, const char *key)
{
  return find_pair (self, key) != NULL;
}

/* a key that comes twice counts the last time, as in the vendor's tool */
gboolean
ub_scatter_record_add (UbScatterRecord *self,
                       const char      *key,
                       const char      *value,
                       guint            line,
                       GError         **error)
{
  Pair *pair = find_pair (self, key);

  if (strlen (value) > MAX_VALUE || strlen (key) > MAX_NAME || self->pairs->len >= MAX_PAIRS)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s, line %u: too long or too many values",
                   self->name,
                   line);
      return FALSE;
    }
  self->last_line = MAX (self->last_line, line);
  if (pair != NULL)
    {
      ub_scatter_note (self->scatter,
                       "line %u: “%s” was given twice, the second one counts",
                       line,
                       key);
      g_free (pair->value);
      pair->value = g_strdup (value);
      pair->line = line;
      return TRUE;
    }
  pair = g_new0 (Pair, 1);
  pair->key = g_strdup (key);
  pair->value = g_strdup (value);
  pair->line = line;
  g_ptr_array_add (self->pairs, pair);
  return TRUE;
}

/**
 * ub_scatter_record_number:
 * @value: (out): the number
 *
 * Reads "0x1f", "0X1F" or "31"; no sign, no more than 64 bits, nothing behind it.
 */
gboolean
ub_scatter_record_number (const char *text, guint64 *value)
{
  gboolean hex = g_ascii_strncasecmp (text, "0x", 2) == 0;
  guint    base = hex ? 16 : 10;
  guint64  sum = 0;

  if (hex)
    text += 2;
  if (*text == '\0')
    return FALSE;
  for (; *text != '\0'; text++)
    {
      int digit = hex ? g_ascii_xdigit_value (*text) : g_ascii_digit_value (*text);
      if (digit < 0 || sum > (G_MAXUINT64 - (guint) digit) / base)
        return FALSE;
      sum = sum * base + (guint) digit;
    }
  *value = sum;
  return TRUE;
}

static gboolean
take_number (UbScatterRecord *self, const char *key, guint64 *value, GError **error)
{
  Pair *pair = find_pair (self, key);

  if (pair == NULL || ub_scatter_record_number (pair->value, value))
    return TRUE;
  g_autofree char *shown = ub_scatter_display (pair->value);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_FIRMWARE,
               "%s, line %u: %s is “%s”, which is no number of 64 bits",
               self->name,
               pair->line,
               key,
               shown);
  return FALSE;
}

static const char *
value_of (UbScatterRecord *self, Key key)
{
  Pair *pair = find_pair (self, key_names[key]);

  return pair != NULL ? pair->value : NULL;
}

static gboolean
is_true (UbScatterRecord *self, Key key)
{
  const char *value = value_of (self, key);

  return value != NULL && (g_ascii_strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0);
}

static char *
take_file_name (UbScatterRecord *self)
{
  const char *value = value_of (self, KEY_FILE);

  if (value == NULL || *value == '\0' || g_ascii_strcasecmp (value, "NONE") == 0)
    return NULL;
  return ub_scatter_text_restore (value);
}

static UbStorage
storage_of_region (UbRegion region)
{
  if (region >= UB_REGION_EMMC_BOOT1 && region <= UB_REGION_EMMC_USER)
    return UB_STORAGE_EMMC;
  if (region >= UB_REGION_UFS_LU0 && region <= UB_REGION_UFS_LU2)
    return UB_STORAGE_UFS;
  return region == UB_REGION_NAND_WHOLE ? UB_STORAGE_NAND : UB_STORAGE_UNKNOWN;
}

static UbStorage
take_storage (UbScatterRecord *self, UbRegion region)
{
  UbStorage storage = ub_storage_from_string (value_of (self, KEY_STORAGE));

  if (storage == UB_STORAGE_UNKNOWN)
    storage = self->section;
  if (storage == UB_STORAGE_UNKNOWN)
    storage = self->general;
  return storage != UB_STORAGE_UNKNOWN ? storage : storage_of_region (region);
}

/* the fields that need no check */
static UbPartition *
make_partition (UbScatterRecord *self)
{
  UbPartition *partition = ub_partition_new ();

  partition->name = ub_scatter_display (value_of (self, KEY_NAME));
  partition->region = ub_region_from_string (value_of (self, KEY_REGION));
  partition->storage = take_storage (self, partition->region);
  partition->file_name = take_file_name (self);
  partition->type =
      ub_scatter_display (value_of (self, KEY_TYPE) != NULL ? value_of (self, KEY_TYPE) : "");
  partition->is_download = is_true (self, KEY_DOWNLOAD);
  partition->boundary_check = is_true (self, KEY_BOUNDARY);
  partition->is_reserved = is_true (self, KEY_RESERVED);
  partition->is_upgradable = is_true (self, KEY_UPGRADABLE);
  partition->empty_boot_needed = is_true (self, KEY_EMPTY_BOOT);
  partition->operation = ub_operation_from_string (value_of (self, KEY_OPERATION));
  partition->role = ub_partition_role_for_name (partition->name);
  partition->line = find_pair (self, key_names[KEY_NAME])->line;
  return partition;
}

static gboolean
take_addresses (UbScatterRecord *self, UbPartition *partition, GError **error)
{
  gboolean linear = ub_scatter_record_has (self, "linear_start_addr");
  gboolean physical = ub_scatter_record_has (self, "physical_start_addr");

  if ((!linear && !physical) || !ub_scatter_record_has (self, "partition_size"))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s, line %u: “%s” has no address or no size",
                   self->name,
                   partition->line,
                   partition->name);
      return FALSE;
    }
  if (!take_number (self, "linear_start_addr", &partition->linear_start, error) ||
      !take_number (self, "physical_start_addr", &partition->physical_start, error) ||
      !take_number (self, "partition_size", &partition->scatter_size, error))
    return FALSE;
  if (!linear)
    partition->linear_start = partition->physical_start;
  if (!physical)
    partition->physical_start = partition->linear_start;
  return TRUE;
}

static void
remember_keys (UbScatterRecord *self)
{
  self->keys_usual = self->n_entries == 1 ? 0 : self->keys_seen;
  self->keys_seen = 0;
  for (guint i = 0; i < N_KEYS; i++)
    if (ub_scatter_record_has (self, key_names[i]))
      self->keys_seen |= 1u << i;
}

static gboolean
keep_partition (UbScatterRecord *self, UbPartition *partition)
{
  if (partition->region != UB_REGION_UNKNOWN && partition->storage != UB_STORAGE_UNKNOWN)
    return TRUE;
  g_autofree char *region =
      ub_scatter_display (value_of (self, KEY_REGION) != NULL ? value_of (self, KEY_REGION) : "");
  ub_scatter_note (self->scatter,
                   "line %u: “%s” is left out: its region “%s” is not known",
                   partition->line,
                   partition->name,
                   region);
  return FALSE;
}

static gboolean
finish_entry (UbScatterRecord *self, GError **error)
{
  const char *name = value_of (self, KEY_NAME);

  if (++self->n_entries > UB_SCATTER_MAX_ENTRIES)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s has more than %d entries",
                   self->name,
                   UB_SCATTER_MAX_ENTRIES);
      return FALSE;
    }
  remember_keys (self);
  if (name == NULL || *name == '\0')
    {
      Pair *first = self->pairs->pdata[0];
      ub_scatter_note (self->scatter, "line %u: an entry without a name is left out", first->line);
      return TRUE;
    }
  if (strlen (name) > MAX_NAME)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s, line %u: a partition's name is too long",
                   self->name,
                   find_pair (self, "partition_name")->line);
      return FALSE;
    }
  g_autoptr (UbPartition) partition = make_partition (self);
  if (!take_addresses (self, partition, error))
    return FALSE;
  if (keep_partition (self, partition))
    g_ptr_array_add (self->scatter->partitions, g_steal_pointer (&partition));
  return TRUE;
}

static void
take_text (UbScatterRecord *self, const char *key, char **text)
{
  Pair *pair = find_pair (self, key);

  if (pair == NULL)
    return;
  g_free (*text);
  *text = ub_scatter_display (pair->value);
}

static gboolean
finish_general (UbScatterRecord *self, GError **error)
{
  Pair   *section = find_pair (self, "storage_type");
  Pair   *storage = find_pair (self, "storage");
  guint64 block_size = 0;

  take_text (self, "config_version", &self->scatter->version);
  take_text (self, "platform", &self->scatter->platform);
  take_text (self, "project", &self->scatter->project);
  if (section != NULL)
    self->section = ub_storage_from_string (section->value);
  if (storage != NULL && self->section == UB_STORAGE_UNKNOWN)
    self->general = ub_storage_from_string (storage->value);
  if (!take_number (self, "block_size", &block_size, error))
    return FALSE;
  if (block_size > 0)
    self->scatter->block_size[self->section != UB_STORAGE_UNKNOWN ? self->section : self->general] =
        block_size;
  return TRUE;
}

/**
 * ub_scatter_record_finish:
 *
 * The record is complete: an entry if it has partition_index or partition_name, else general
 * settings.
 */
gboolean
ub_scatter_record_finish (UbScatterRecord *self, GError **error)
{
  gboolean entry = ub_scatter_record_has (self, "partition_index") ||
                   ub_scatter_record_has (self, "partition_name");
  gboolean ok = TRUE;

  if (entry)
    ok = finish_entry (self, error);
  else if (self->pairs->len > 0)
    ok = finish_general (self, error);
  g_ptr_array_set_size (self->pairs, 0);
  return ok;
}

/**
 * ub_scatter_record_end:
 *
 * The file is at its end. A last entry with fewer keys than the one before it means the file was
 * cut off.
 */
gboolean
ub_scatter_record_end (UbScatterRecord *self, GError **error)
{
  if (!ub_scatter_record_finish (self, error))
    return FALSE;
  if (self->n_entries == 0)
    g_set_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE, "%s lists no partitions", self->name);
  else if (!self->is_whole && (self->keys_usual & ~self->keys_seen) != 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_BAD_FIRMWARE,
                 "%s seems to be cut off: its last entry, near line %u, is not complete",
                 self->name,
                 self->last_line);
  else
    return TRUE;
  return FALSE;
}
