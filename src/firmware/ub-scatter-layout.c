/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <inttypes.h>
#include <string.h>

/* where nothing says otherwise */
#define BLOCK_SIZE_EMMC 0x20000
#define BLOCK_SIZE_UFS 0x80000
/* a "size" above is no size but where a legacy user area begins: 0x600000, 0xc00000, 0x1400000 */
#define MAX_PRELOADER 0x400000
/* far above the real world's addresses; sums of a few of them cannot overflow */
#define MAX_ADDRESS (G_GUINT64_CONSTANT (1) << 60)

static UbPartition *
nth (UbScatter *scatter, guint i)
{
  return scatter->partitions->pdata[i];
}

static gboolean
refuse (const char        *name,
        const UbPartition *a,
        const UbPartition *b,
        const char        *what,
        GError           **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_FIRMWARE,
               "%s: “%s” (line %u) and “%s” (line %u) %s",
               name,
               a->name,
               a->line,
               b->name,
               b->line,
               what);
  return FALSE;
}

static char *
identity (const UbPartition *partition)
{
  g_autofree char *lower = g_ascii_strdown (partition->name, -1);

  return g_strdup_printf ("%d %d %s", partition->storage, partition->region, lower);
}

static gboolean
is_same (const UbPartition *a, const UbPartition *b)
{
  return a->linear_start == b->linear_start && a->physical_start == b->physical_start &&
         a->scatter_size == b->scatter_size && g_strcmp0 (a->file_name, b->file_name) == 0 &&
         a->is_download == b->is_download && a->operation == b->operation;
}

/* some packages list everything twice: equal ones are one, unequal ones cannot both be right */
static gboolean
drop_duplicates (UbScatter *scatter, const char *name, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) all = g_steal_pointer (&scatter->partitions);
  const UbPartition *twice = NULL;
  guint              n_twice = 0;
  gboolean           ok = TRUE;

  scatter->partitions = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_partition_free);
  for (guint i = 0; i < all->len && ok; i++)
    {
      UbPartition     *partition = all->pdata[i];
      g_autofree char *key = identity (partition);
      UbPartition     *first = g_hash_table_lookup (seen, key);
      if (first == NULL)
        {
          all->pdata[i] = NULL;
          g_ptr_array_add (scatter->partitions, partition);
          g_hash_table_insert (seen, g_steal_pointer (&key), partition);
        }
      else if (is_same (first, partition))
        {
          twice = n_twice++ == 0 ? first : twice;
          continue;
        }
      else
        ok = refuse (name, first, partition, "are one partition with different values", error);
    }
  if (n_twice > 0)
    ub_scatter_note (scatter,
                     "“%s” (line %u) is listed twice, with equal values; so are %u more",
                     twice->name,
                     twice->line,
                     n_twice - 1);
  return ok;
}

static gboolean
is_from_end (guint64 address, guint64 *blocks)
{
  if (address >> 16 == 0xffff)
    *blocks = address & 0xffff;
  else if (address >> 48 == 0xffff)
    *blocks = address & G_GUINT64_CONSTANT (0xffffffffffff);
  else
    return FALSE;
  return TRUE;
}

static guint64
block_size (UbScatter *scatter, UbStorage storage)
{
  if (scatter->block_size[storage] > 0)
    return scatter->block_size[storage];
  return storage == UB_STORAGE_UFS ? BLOCK_SIZE_UFS : BLOCK_SIZE_EMMC;
}

/* what the addresses of one storage's user area are counted from */
typedef struct
{
  gboolean use_linear;
  guint64  shift;
} Origin;

static gboolean
is_user_row (const UbPartition *partition, UbStorage storage)
{
  guint64 blocks;

  return partition->storage == storage && partition->region == UB_REGION_EMMC_USER &&
         !is_from_end (partition->linear_start, &blocks);
}

static guint64
preloader_size (UbScatter *scatter, UbStorage storage)
{
  for (guint i = 0; i < scatter->partitions->len; i++)
    if (nth (scatter, i)->storage == storage && nth (scatter, i)->role == UB_ROLE_PRELOADER)
      return nth (scatter, i)->scatter_size;
  return 0;
}

typedef struct
{
  guint64 linear;
  guint64 physical;
  guint   n_physical; /* rows that share the lowest physical address */
  UbRole  role;       /* of the row with the lowest linear one */
} Lowest;

static Lowest
find_lowest (UbScatter *scatter, UbStorage storage)
{
  Lowest lowest = { G_MAXUINT64, G_MAXUINT64, 0, UB_ROLE_NORMAL };

  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      UbPartition *partition = nth (scatter, i);
      if (!is_user_row (partition, storage))
        continue;
      if (partition->linear_start < lowest.linear)
        lowest.role = partition->role;
      if (partition->physical_start < lowest.physical)
        lowest.n_physical = 0;
      lowest.linear = MIN (lowest.linear, partition->linear_start);
      lowest.physical = MIN (lowest.physical, partition->physical_start);
      lowest.n_physical += partition->physical_start == lowest.physical;
    }
  return lowest;
}

/* Legacy files count linear addresses over the boot regions too, and some of them leave physical
 * ones 0, or copy the linear ones there (shared/facts/scatter.md §4). The partition table that
 * opens the user area shows which is true. */
static Origin
find_origin (UbScatter *scatter, UbStorage storage)
{
  Lowest   lowest = find_lowest (scatter, storage);
  guint64  size = preloader_size (scatter, storage);
  Origin   origin = { lowest.n_physical > 1, 0 };
  gboolean known = lowest.role == UB_ROLE_TABLE || size > MAX_PRELOADER;

  if (origin.use_linear && known && lowest.linear >= size)
    origin.shift = size;
  if (!origin.use_linear && lowest.role == UB_ROLE_TABLE && lowest.physical == size)
    origin.shift = size;
  if (origin.use_linear)
    ub_scatter_note (scatter,
                     "physical addresses are not filled in; linear ones are used, minus 0x%" PRIx64,
                     origin.shift);
  else if (origin.shift > 0)
    ub_scatter_note (scatter,
                     "physical addresses count the boot area too; 0x%" PRIx64 " is taken off",
                     origin.shift);
  return origin;
}

static void
resolve_row (UbScatter *scatter, UbPartition *partition, const Origin *origin)
{
  guint64 blocks;
  guint64 unit = block_size (scatter, partition->storage);

  partition->size = partition->scatter_size;
  partition->from_end = is_from_end (partition->linear_start, &blocks);
  if (partition->from_end)
    partition->start = blocks < MAX_ADDRESS / unit ? blocks * unit : MAX_ADDRESS;
  else if (partition->region == UB_REGION_EMMC_USER)
    partition->start =
        (origin->use_linear ? partition->linear_start : partition->physical_start) - origin->shift;
  else
    partition->start = partition->physical_start;
}

/* by region; those counted from the begin first, rising; then those from the end, the last one
 * first */
static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const UbPartition *x = *(UbPartition *const *) a;
  const UbPartition *y = *(UbPartition *const *) b;

  if (x->storage != y->storage)
    return x->storage < y->storage ? -1 : 1;
  if (x->region != y->region)
    return x->region < y->region ? -1 : 1;
  if (x->from_end != y->from_end)
    return x->from_end ? 1 : -1;
  if (x->start != y->start)
    return x->start < y->start ? -1 : 1;
  return x->line < y->line ? -1 : x->line > y->line;
}

static gboolean
is_neighbour (const UbPartition *a, const UbPartition *b)
{
  return a->storage == b->storage && a->region == b->region && a->from_end == b->from_end;
}

static gboolean
is_stale_tail (const UbPartition *partition)
{
  return partition->is_reserved || partition->role == UB_ROLE_RESERVED;
}

static gboolean
check_overlap (UbScatter   *scatter,
               UbPartition *before,
               UbPartition *row,
               const char  *name,
               GError     **error)
{
  if (before->start + before->size <= row->start || row->size == 0)
    return TRUE;
  if (!is_stale_tail (before) && !is_stale_tail (row))
    return refuse (name, before, row, "overlap", error);
  ub_scatter_note (scatter,
                   "“%s” (line %u) and “%s” (line %u) overlap; the addresses at the end are for "
                   "another size of storage",
                   before->name,
                   before->line,
                   row->name,
                   row->line);
  return TRUE;
}

static gboolean
check_range (const UbPartition *row, const char *name, GError **error)
{
  if (row->start < MAX_ADDRESS && row->size < MAX_ADDRESS)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_FIRMWARE,
               "%s, line %u: “%s” lies beyond the end of any storage",
               name,
               row->line,
               row->name);
  return FALSE;
}

/* 0xFFFF0000 is "right at the end", and what comes before it keeps clear of it */
static gboolean
stack_from_end (GPtrArray *rows, const char *name, GError **error)
{
  UbPartition *below = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      UbPartition *row = rows->pdata[i];
      if (!row->from_end)
        continue;
      guint64 taken = below != NULL && is_neighbour (below, row) ? below->start : 0;
      row->start = MAX (row->start, taken + row->size);
      below = row;
      if (!check_range (row, name, error))
        return FALSE;
    }
  return TRUE;
}

/* size 0 reaches up to the next one; two must not share a byte */
static gboolean
check_rows (UbScatter *scatter, GPtrArray *rows, const char *name, GError **error)
{
  UbPartition *widest = NULL;

  for (guint i = 0; i < rows->len; i++)
    if (!check_range (rows->pdata[i], name, error))
      return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      UbPartition *row = rows->pdata[i];
      UbPartition *next = i + 1 < rows->len ? rows->pdata[i + 1] : NULL;
      if (row->from_end)
        continue;
      if (row->size == 0 && next != NULL && is_neighbour (row, next))
        row->size = next->start - row->start;
      if (widest != NULL && is_neighbour (widest, row) &&
          !check_overlap (scatter, widest, row, name, error))
        return FALSE;
      if (widest == NULL || !is_neighbour (widest, row) ||
          row->start + row->size > widest->start + widest->size)
        widest = row;
    }
  return stack_from_end (rows, name, error);
}

/**
 * ub_scatter_layout_resolve:
 * @name: the file's name, for messages
 *
 * Fills in from_end, start and size of every partition (bytes within the region), drops what is
 * listed twice. Errors: BAD_FIRMWARE naming both partitions where two contradict each other.
 */
gboolean
ub_scatter_layout_resolve (UbScatter *scatter, const char *name, GError **error)
{
  Origin origins[8] = { 0 };

  if (!drop_duplicates (scatter, name, error))
    return FALSE;
  if (scatter->partitions->len == 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s lists no partitions that could be used",
                   name);
      return FALSE;
    }
  origins[UB_STORAGE_EMMC] = find_origin (scatter, UB_STORAGE_EMMC);
  for (guint i = 0; i < scatter->partitions->len; i++)
    resolve_row (scatter, nth (scatter, i), &origins[nth (scatter, i)->storage]);
  g_autoptr (GPtrArray) rows = g_ptr_array_copy (scatter->partitions, NULL, NULL);
  g_ptr_array_set_free_func (rows, NULL);
  g_ptr_array_sort (rows, compare_rows);
  return check_rows (scatter, rows, name, error);
}

static gboolean
is_date (const char *text)
{
  return strspn (text, "0123456789.") == strlen (text) && strchr (text, '.') != NULL;
}

static gboolean
is_odd_project (const char *project)
{
  static const char *const odd[] = {
    "", "MTDTtest", "mtk_android", "your_device", "WwR_CopyFromPMT", NULL
  };

  return is_date (project) || g_strv_contains (odd, project);
}

/* no maker's file writes these; efuse, frp and the like do come with real packages */
static gboolean
is_identity (const UbPartition *partition)
{
  static const char *const names[] = { "nvram",    "nvdata",   "nvcfg",     "proinfo",   "pro_info",
                                       "protect1", "protect2", "protect_f", "protect_s", NULL };
  g_autofree char         *lower = g_ascii_strdown (partition->name, -1);

  return g_strv_contains (names, lower);
}

/**
 * ub_scatter_layout_score:
 *
 * Counts the signs that a person, not the maker, wrote the file (shared/facts/scatter.md §6.9): the
 * project's name, no preloader, no partition table, protected parts to be written, and no mark of
 * protection at all.
 */
guint
ub_scatter_layout_score (UbScatter *scatter)
{
  gboolean preloader = FALSE;
  gboolean table = scatter->storages == 1u << UB_STORAGE_NAND;
  gboolean marks = g_strcmp0 (scatter->version, "old") == 0;
  gboolean writes_protected = FALSE;

  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      UbPartition *partition = nth (scatter, i);
      preloader = preloader || partition->role == UB_ROLE_PRELOADER;
      table = table || partition->role == UB_ROLE_TABLE;
      marks = marks || partition->operation == UB_OPERATION_PROTECTED ||
              partition->operation == UB_OPERATION_BINREGION;
      writes_protected = writes_protected || (partition->is_download && is_identity (partition));
    }
  gboolean odd = g_strcmp0 (scatter->version, "old") != 0 && is_odd_project (scatter->project);
  return (guint) odd + !preloader + !table + !marks + writes_protected;
}
