/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include "firmware/ub-gpt.h"

#include <glib/gi18n.h>

/* What is the phone's own: saved before the first write, and gone around when something is erased. */

/* Where phones with MBR and PMT have the pool at their end, in which the PMT lies; the maps that name
 * it give it this size (0xFFFF00A8 blocks of 0x20000, shared/facts/scatter.md §4) */
#define POOL_SIZE 0x1500000
/* … and on a practice phone, which is smaller than any real one, no more than this part of it */
#define POOL_SHARE 16
/* so much of what nobody knows is saved, too */
#define UNKNOWN_ROOM (256 * 1024 * 1024)
#define UFS_SECTOR 4096
/* an EBR lies in front of the part it tells of; no map leaves more room for it than this */
#define EBR_ROOM 0x100000

/* reports of older journals and copies do not say */
guint
ub_plan_save_get_sector (const UbDaReport *report)
{
  if (report->sector_size == UB_SECTOR || report->sector_size == UFS_SECTOR)
    return report->sector_size;
  return report->storage == UB_STORAGE_UFS ? UFS_SECTOR : UB_SECTOR;
}

/* protective MBR, header and 128 entries */
guint64
ub_plan_save_get_table_size (guint sector)
{
  return sector == UFS_SECTOR ? 6 * UFS_SECTOR : UB_GPT_SIZE;
}

guint64
ub_plan_save_get_copy_size (guint sector)
{
  return ub_gpt_get_backup_size (sector);
}

/* what lies at the end and is in no map: the GPT's copy, or the pool with the PMT */
guint64
ub_plan_save_get_tail_size (const UbDaReport *report, UbLayoutKind kind)
{
  return kind == UB_LAYOUT_GPT ? ub_plan_save_get_copy_size (ub_plan_save_get_sector (report))
                               : MIN (POOL_SIZE, report->user_size / POOL_SHARE);
}

/* --- whose is it? --- */

static void
entry_free (gpointer data)
{
  UbLayoutEntry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

static void
add_entry (GPtrArray *entries, const char *name, UbRegion region, guint64 start, guint64 size)
{
  UbLayoutEntry *entry = g_new0 (UbLayoutEntry, 1);

  entry->name = g_strdup (name);
  entry->region = region;
  entry->start = start;
  entry->size = size;
  g_ptr_array_add (entries, entry);
}

gboolean
ub_plan_save_has_names (const UbLayout *layout)
{
  return layout != NULL && layout->kind != UB_LAYOUT_MBR;
}

static const UbPartition *
find_in_map (UbPlan *self, const char *name)
{
  if (self->firmware == NULL)
    return NULL;
  return ub_firmware_find_partition (self->firmware, self->storage, name);
}

gboolean
ub_plan_save_is_protected (UbPlan *self, const char *name)
{
  const UbPartition *partition = find_in_map (self, name);

  return ub_partition_role_for_name (name) == UB_ROLE_PROTECTED ||
         (partition != NULL && ub_plan_is_protected (partition));
}

gboolean
ub_plan_save_is_agents_own (const char *name)
{
  return g_ascii_strcasecmp (name, "flashinfo") == 0;
}

static gboolean
is_table_name (const char *name)
{
  return ub_partition_role_for_name (name) == UB_ROLE_TABLE ||
         g_ascii_strncasecmp (name, "ebr", 3) == 0;
}

static gboolean
is_start_up_name (const char *name)
{
  return ub_plan_is_start_up (ub_partition_role_for_name (name)) ||
         g_ascii_strncasecmp (name, "recovery", 8) == 0;
}

/* FALSE while it cannot be told, or if it is not on this phone */
gboolean
ub_plan_save_resolve (const UbPartition *partition, const UbDaReport *report, guint64 *start)
{
  *start =
      ub_partition_resolve_start (partition, ub_da_report_get_capacity (report, partition->region));
  return *start != G_MAXUINT64;
}

typedef gboolean (*PartTest) (const UbPartition *partition);

/* the parts of the map, at their places on this phone; one that reaches to the end of its region has
 * no size there and is left out */
static void
add_entries_of_map (UbPlan *self, const UbDaReport *report, PartTest test, GPtrArray *entries)
{
  GPtrArray *partitions =
      self->firmware != NULL ? ub_firmware_get_partitions (self->firmware) : NULL;

  for (guint i = 0; partitions != NULL && report != NULL && i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            start;

      if (partition->storage == self->storage && partition->size > 0 && test (partition) &&
          ub_plan_save_resolve (partition, report, &start))
        add_entry (entries, partition->name, partition->region, start, partition->size);
    }
}

/**
 * ub_plan_save_dup_protected:
 * @self: a plan
 * @phone: a phone
 *
 * Returns: (transfer full) (element-type UbLayoutEntry): what is the phone's own; the array owns its
 *   entries
 */
GPtrArray *
ub_plan_save_dup_protected (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  GPtrArray      *entries = g_ptr_array_new_with_free_func (entry_free);

  if (!ub_plan_save_has_names (layout))
    {
      add_entries_of_map (self, ub_phone_info_get_report (phone), ub_plan_is_protected, entries);
      return entries;
    }
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (ub_plan_save_is_protected (self, entry->name))
        add_entry (entries, entry->name, entry->region, entry->start, entry->size);
    }
  return entries;
}

/* --- the safety copy --- */

static const UbStep *
find_save (UbPlan *self, const char *name)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_SAVE && g_ascii_strcasecmp (step->name, name) == 0)
        return step;
    }
  return NULL;
}

/* a name for a part that is not saved yet; NULL if it is. A broken table may have the phone's own parts twice */
static char *
dup_save_name (UbPlan     *self,
               const char *name,
               UbRegion    region,
               guint64     offset,
               guint64     length,
               gboolean    is_protected)
{
  g_autofree char *own = g_strdup (name);
  const UbStep    *other = find_save (self, own);

  for (guint i = 2; other != NULL; i++)
    {
      if (!is_protected ||
          (other->region == region && other->offset == offset && other->length == length))
        return NULL;
      g_free (own);
      own = g_strdup_printf ("%s-%u", name, i);
      other = find_save (self, own);
    }
  return g_steal_pointer (&own);
}

/* what is not in the phone's memory, or not where an agent can read it, is not saved; that is bad
 * news if it is the phone's own */
static void
add_save (UbPlan           *self,
          const UbDaReport *report,
          const char       *name,
          UbRegion          region,
          guint64           offset,
          guint64           length,
          gboolean          is_protected)
{
  guint64          capacity = ub_da_report_get_capacity (report, region);
  guint64          end = ub_plan_check_add (offset, length);
  g_autofree char *own = dup_save_name (self, name, region, offset, length, is_protected);
  guint            sector = ub_plan_save_get_sector (report);
  UbStep          *step;

  if (own == NULL || (length == 0 && !is_protected))
    return;
  if (length == 0 || offset % sector != 0 || length % sector != 0 || end > capacity)
    {
      if (is_protected)
        ub_plan_add_issue (self,
                           UB_ISSUE_DANGER,
                           UB_ERROR_NO_SAFETY_COPY,
                           name,
                           _ ("The phone's table has “%s” at a place that cannot be read, so it "
                              "cannot be saved."),
                           name);
      return;
    }
  step = ub_plan_add_step (self, UB_STEP_SAVE, own, region, offset, length);
  step->bytes = length;
  step->is_protected = is_protected;
  self->save_bytes += length;
}

/* where the table of such a phone lies has no name in it */
static void
save_nameless_table (UbPlan *self, const UbDaReport *report, const UbLayout *layout)
{
  guint64 end = 0;

  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      guint64              start = MAX (end, entry->start - MIN (entry->start, EBR_ROOM));
      g_autofree char     *name = g_strdup_printf ("table-%u", i + 1);

      if (entry->start > start)
        add_save (self, report, name, entry->region, start, entry->start - start, FALSE);
      end = MAX (end, ub_plan_check_add (entry->start, entry->size));
    }
}

static void
save_tables (UbPlan *self, UbPhoneInfo *phone, const UbDaReport *report)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  UbRegion        user = ub_plan_get_user_region (report->storage);
  guint           sector = ub_plan_save_get_sector (report);
  guint64         copy = ub_plan_save_get_copy_size (sector);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);

  add_save (self,
            report,
            "table",
            user,
            0,
            MIN (report->user_size, ub_plan_save_get_table_size (sector)),
            FALSE);
  if (layout == NULL || layout->kind == UB_LAYOUT_GPT)
    {
      if (report->user_size > copy)
        add_save (self, report, "table-copy", user, report->user_size - copy, copy, FALSE);
      return;
    }
  if (layout->kind == UB_LAYOUT_MBR)
    save_nameless_table (self, report, layout);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (is_table_name (entry->name))
        add_save (self, report, entry->name, entry->region, entry->start, entry->size, FALSE);
    }
  add_entries_of_map (self, report, ub_plan_is_table, entries);
  for (guint i = 0; i < entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (entries, i);

      add_save (self, report, entry->name, entry->region, entry->start, entry->size, FALSE);
    }
}

static void
save_boot_regions (UbPlan *self, const UbDaReport *report)
{
  gboolean is_ufs = report->storage == UB_STORAGE_UFS;
  UbRegion first = is_ufs ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1;
  UbRegion second = is_ufs ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2;

  add_save (self, report, "boot1", first, 0, ub_da_report_get_capacity (report, first), FALSE);
  add_save (self, report, "boot2", second, 0, ub_da_report_get_capacity (report, second), FALSE);
}

static gboolean
is_start_up_part (const UbPartition *partition)
{
  return is_start_up_name (partition->name) && !ub_plan_is_protected (partition);
}

/* from which of its two sets of parts the phone starts: a set that is put back is of no use without it */
static gboolean
is_slot_record (const UbLayout *layout, const char *name)
{
  return layout->active_slot != 0 && g_ascii_strcasecmp (name, "misc") == 0;
}

static void
save_start_up (UbPlan *self, UbPhoneInfo *phone, const UbDaReport *report)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  UbRegion        user = ub_plan_get_user_region (report->storage);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  GPtrArray *from = entries;

  if (ub_plan_save_has_names (layout))
    from = layout->entries;
  else
    add_entries_of_map (self, report, is_start_up_part, entries);
  for (guint i = 0; i < from->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (from, i);

      /* the boot regions are saved whole */
      if (entry->region == user &&
          (is_start_up_name (entry->name) || is_slot_record (layout, entry->name)) &&
          !ub_plan_save_is_protected (self, entry->name))
        add_save (self, report, entry->name, entry->region, entry->start, entry->size, FALSE);
    }
}

void
ub_plan_save_add (UbPlan *self, UbPhoneInfo *phone, const char *const *also)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  g_autoptr (GPtrArray) protected = NULL;

  if (report == NULL)
    return;
  protected = ub_plan_save_dup_protected (self, phone);
  save_tables (self, phone, report);
  save_boot_regions (self, report);
  for (guint i = 0; i < protected->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (protected, i);

      add_save (self, report, entry->name, entry->region, entry->start, entry->size, TRUE);
    }
  save_start_up (self, phone, report);
  for (gsize i = 0; also != NULL && layout != NULL && also[i] != NULL; i++)
    {
      const UbLayoutEntry *entry = ub_layout_find (layout, also[i]);

      if (entry != NULL)
        add_save (self, report, entry->name, entry->region, entry->start, entry->size, FALSE);
    }
}

/* --- what the map does not know --- */

static gboolean
is_unknown (UbPlan *self, const UbLayoutEntry *entry)
{
  return entry->name[0] != '\0' && entry->region == ub_plan_get_user_region (self->storage) &&
         find_in_map (self, entry->name) == NULL && !is_table_name (entry->name) &&
         ub_partition_role_for_name (entry->name) != UB_ROLE_RESERVED &&
         !ub_plan_save_is_protected (self, entry->name);
}

/**
 * ub_plan_save_dup_unknown:
 * @self: a plan with a firmware that gives the phone a new table
 * @phone: the phone as it is
 *
 * Parts of the phone that would be gone afterwards, and nobody knows what they hold. A warning names
 * each.
 *
 * Returns: (transfer full): the names of those that are small enough to be saved
 */
GStrv
ub_plan_save_dup_unknown (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  GPtrArray      *names = g_ptr_array_new ();
  guint64         room = UNKNOWN_ROOM;

  for (guint i = 0; ub_plan_save_has_names (layout) && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      gboolean             is_saved = entry->size <= room;

      if (!is_unknown (self, entry))
        continue;
      if (is_saved)
        {
          room -= entry->size;
          g_ptr_array_add (names, g_strdup (entry->name));
        }
      ub_plan_add_issue (self,
                         UB_ISSUE_WARNING,
                         UB_ERROR_WRONG_LAYOUT,
                         entry->name,
                         is_saved
                             ? _ ("The phone has a part “%s” that this firmware does not know. "
                                  "It is saved on this computer and will be gone from the phone.")
                             : _ ("The phone has a part “%s” that this firmware does not know. "
                                  "It will be gone from the phone."),
                         entry->name);
    }
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (names, FALSE);
}

/* --- erasing around it --- */

static void
keep (GArray *kept, guint sector, guint64 start, guint64 end)
{
  const UbPlanRange range = { start - start % sector,
                              ub_plan_check_add (end, (sector - end % sector) % sector) };

  if (range.start < range.end)
    g_array_append_val (kept, range);
}

static void
keep_entries (GArray *kept, guint sector, GPtrArray *entries, UbRegion region)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (entries, i);

      if (entry->region == region)
        keep (kept, sector, entry->start, ub_plan_check_add (entry->start, entry->size));
    }
}

static gboolean
is_table_or_reserved (const UbPartition *partition)
{
  return ub_plan_is_table (partition) || ub_plan_is_reserved (partition);
}

static guint64
tail_of (const UbDaReport *report, const UbLayout *layout)
{
  return ub_plan_save_get_tail_size (report, layout != NULL ? layout->kind : UB_LAYOUT_GPT);
}

static void
keep_tables (UbPlan *self, GArray *kept, UbPhoneInfo *phone, const UbLayout *target)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  guint             sector = ub_plan_save_get_sector (report);
  guint64           tail = MAX (tail_of (report, layout), tail_of (report, target));
  UbRegion          user = ub_plan_get_user_region (report->storage);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);

  keep (kept, sector, 0, ub_plan_save_get_table_size (sector));
  keep (kept, sector, report->user_size - MIN (report->user_size, tail), report->user_size);
  add_entries_of_map (self, report, is_table_or_reserved, entries);
  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (is_table_name (entry->name) ||
          ub_partition_role_for_name (entry->name) == UB_ROLE_RESERVED)
        add_entry (entries, entry->name, entry->region, entry->start, entry->size);
    }
  keep_entries (kept, sector, entries, user);
}

/* where a table is not where tables usually are, it is in front of all parts, or behind them */
static void
keep_ends (GArray *kept, const UbLayout *layout, const UbDaReport *report)
{
  guint   sector = ub_plan_save_get_sector (report);
  guint64 first = G_MAXUINT64;
  guint64 last = 0;

  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->region != ub_plan_get_user_region (report->storage))
        continue;
      first = MIN (first, entry->start);
      last = MAX (last, ub_plan_check_add (entry->start, entry->size));
    }
  if (first == G_MAXUINT64)
    return;
  keep (kept, sector, 0, MIN (first, report->user_size));
  keep (kept, sector, MIN (last, report->user_size), report->user_size);
}

/* without names and without a map: what lies between the parts may be a table */
static void
keep_gaps (GArray *kept, const UbLayout *layout, const UbDaReport *report)
{
  guint   sector = ub_plan_save_get_sector (report);
  guint64 end = 0;

  for (;;)
    {
      guint64 next = G_MAXUINT64, next_end = G_MAXUINT64;

      for (guint i = 0; i < layout->entries->len; i++)
        {
          const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
          guint64              entry_end = ub_plan_check_add (entry->start, entry->size);

          if (entry_end > end && entry->start < next)
            {
              next = entry->start;
              next_end = entry_end;
            }
        }
      keep (kept, sector, end, MIN (next, report->user_size));
      if (next >= report->user_size)
        return;
      end = next_end;
    }
}

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const UbPlanRange *one = a, *other = b;

  return one->start < other->start ? -1 : one->start > other->start;
}

static gboolean
stays_in_place (const UbLayoutEntry *entry, const UbLayout *target)
{
  const UbLayoutEntry *next = ub_plan_table_find_own (target, entry);

  return next != NULL && next->start == entry->start && next->size == entry->size;
}

/**
 * ub_plan_save_dup_kept:
 * @self: a plan
 * @phone: a phone with a report
 * @target: (nullable): the table the phone will have; %NULL: the one it has
 *
 * Returns: (transfer full) (element-type UbPlanRange): what may not be erased in the user area:
 *   tables, what is reserved, and what is protected and stays where it is; sorted, in whole sectors
 */
GArray *
ub_plan_save_dup_kept (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  guint             sector = ub_plan_save_get_sector (report);
  UbRegion          user = ub_plan_get_user_region (report->storage);
  GArray           *kept = g_array_new (FALSE, FALSE, sizeof (UbPlanRange));
  g_autoptr (GPtrArray) protected = ub_plan_save_dup_protected (self, phone);

  keep_tables (self, kept, phone, target);
  for (guint i = 0; i < protected->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (protected, i);

      if (entry->region == user && (target == NULL || stays_in_place (entry, target)))
        keep (kept, sector, entry->start, ub_plan_check_add (entry->start, entry->size));
    }
  if (layout != NULL && self->firmware == NULL)
    {
      if (ub_plan_save_has_names (layout))
        keep_ends (kept, layout, report);
      else
        keep_gaps (kept, layout, report);
    }
  g_array_sort (kept, compare_ranges);
  return kept;
}

/* the pieces of [@offset, @offset + @length) between @kept */
void
ub_plan_save_add_pieces (UbPlan     *self,
                         const char *name,
                         UbRegion    region,
                         guint64     offset,
                         guint64     length,
                         GArray     *kept)
{
  guint64 end = ub_plan_check_add (offset, length);
  guint64 at = offset;

  for (guint i = 0; i < kept->len && at < end; i++)
    {
      const UbPlanRange *range = &g_array_index (kept, UbPlanRange, i);

      if (range->end <= at)
        continue;
      if (range->start > at)
        ub_plan_add_step (self, UB_STEP_ERASE, name, region, at, MIN (range->start, end) - at);
      at = range->end;
    }
  if (at < end)
    ub_plan_add_step (self, UB_STEP_ERASE, name, region, at, end - at);
}

void
ub_plan_save_add_erase (UbPlan      *self,
                        UbPhoneInfo *phone,
                        const char  *name,
                        guint64      offset,
                        guint64      length)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  g_autoptr (GArray) kept = NULL;

  if (report == NULL || offset >= report->user_size)
    return;
  kept = ub_plan_save_dup_kept (self, phone, NULL);
  ub_plan_save_add_pieces (self,
                           name,
                           ub_plan_get_user_region (report->storage),
                           offset,
                           MIN (length, report->user_size - offset),
                           kept);
}

/* --- was it left alone? --- */

static gboolean
is_touched (UbPlan *self, const UbStep *saved)
{
  const UbPlanRange range = ub_plan_check_range_of_step (self, saved);

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind != UB_STEP_SAVE && step->kind != UB_STEP_VERIFY &&
          step->region == saved->region && step->layout == NULL &&
          ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), range))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_in_user_area (const UbStep *step)
{
  return step->region == UB_REGION_EMMC_USER || step->region == UB_REGION_UFS_LU2;
}

void
ub_plan_save_add_verifies (UbPlan *self)
{
  const guint n = self->steps->len;

  for (guint i = 0; i < n; i++)
    {
      const UbStep *saved = g_ptr_array_index (self->steps, i);
      UbStep       *step;

      if (saved->kind != UB_STEP_SAVE || !is_in_user_area (saved) || is_touched (self, saved) ||
          ub_plan_save_is_agents_own (saved->name))
        continue;
      step = ub_plan_add_step (self,
                               UB_STEP_VERIFY,
                               saved->name,
                               saved->region,
                               saved->offset,
                               saved->length);
      step->bytes = step->length;
      step->saved = g_strdup (saved->name);
      step->is_protected = TRUE;
    }
}
