/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include "firmware/ub-gpt.h"

#include <glib/gi18n.h>

/* The table the phone will have, and how it gets there. */

#define GPT_ENTRIES 128
/* legacy agents copy the table into room for so many, unchecked: one with more kills them at their
 * first READ, for good (shared/protocol/genuine-agents.md §5.3) */
#define LEGACY_ENTRIES 40

static gboolean
is_in_user_region (UbPlan *self, const UbPartition *partition)
{
  return partition->storage == self->storage &&
         partition->region == ub_plan_get_user_region (self->storage);
}

gboolean
ub_plan_table_lists (UbPlan *self, const UbPartition *partition)
{
  return is_in_user_region (self, partition) && !partition->from_end &&
         !ub_plan_is_reserved (partition) && !ub_plan_is_table (partition);
}

/* the last part before the phone's own tail is made as big as the phone allows */
const UbPartition *
ub_plan_table_get_last (UbPlan *self)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = NULL;

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (!ub_plan_table_lists (self, partition))
        continue;
      if (last == NULL || partition->start >= last->start)
        last = partition;
    }
  return last;
}

gboolean
ub_plan_table_fits_entry (const UbPartition   *partition,
                          const UbLayoutEntry *entry,
                          gboolean             is_last)
{
  if (entry == NULL || entry->start != partition->start)
    return FALSE;
  return is_last || partition->size == 0 || entry->size == partition->size;
}

const UbLayoutEntry *
ub_plan_table_find (const UbLayout *layout, const char *name, UbRegion region)
{
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->region == region && g_ascii_strcasecmp (entry->name, name) == 0)
        return entry;
    }
  return NULL;
}

/* the same part had another name in the days of MBR and PMT */
static const char *
modern_name (const char *name)
{
  static const char *const names[][2] = { { "pro_info", "proinfo" },
                                          { "protect_f", "protect1" },
                                          { "protect_s", "protect2" } };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i][0]) == 0)
      return names[i][1];
  return name;
}

gboolean
ub_plan_table_is_same_part (const char *name, const char *other)
{
  return g_ascii_strcasecmp (modern_name (name), modern_name (other)) == 0;
}

const UbLayoutEntry *
ub_plan_table_find_own (const UbLayout *layout, const UbLayoutEntry *own)
{
  const UbLayoutEntry *entry = ub_plan_table_find (layout, own->name, own->region);

  for (guint i = 0; entry == NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *other = g_ptr_array_index (layout->entries, i);

      if (other->region == own->region && ub_plan_table_is_same_part (other->name, own->name))
        entry = other;
    }
  return entry;
}

static const UbPartition *
find_table_part (UbPlan *self, const char *name)
{
  const UbPartition *partition = ub_firmware_find_partition (self->firmware, self->storage, name);

  return partition != NULL && is_in_user_region (self, partition) ? partition : NULL;
}

/* what the firmware expects to find; a map that does not say takes what the phone has */
static UbLayoutKind
target_kind (UbPlan *self, const UbLayout *layout)
{
  if (find_table_part (self, "mbr") != NULL)
    return UB_LAYOUT_PMT;
  if (find_table_part (self, "pgpt") != NULL || layout == NULL)
    return UB_LAYOUT_GPT;
  return layout->kind == UB_LAYOUT_GPT ? UB_LAYOUT_GPT : UB_LAYOUT_PMT;
}

gboolean
ub_plan_table_differs (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout    *layout = ub_phone_info_get_layout (phone);
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = ub_plan_table_get_last (self);

  if (!ub_plan_save_has_names (layout) || layout->kind != target_kind (self, layout))
    return TRUE;
  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (ub_plan_table_lists (self, partition) &&
          !ub_plan_table_fits_entry (
              partition,
              ub_plan_table_find (layout, partition->name, partition->region),
              partition == last))
        return TRUE;
    }
  return FALSE;
}

/* --- the target --- */

typedef struct
{
  UbPlan            *plan;
  const UbDaReport  *report;
  const UbLayout    *old; /* (nullable): with names */
  UbLayout          *target;
  const UbPartition *last;
  guint64            end;   /* of what a table may name */
  guint64            limit; /* where the phone's own tail begins */
  guint              max_entries;
} Maker;

static gboolean
is_reserved_name (const char *name)
{
  return ub_partition_role_for_name (name) == UB_ROLE_RESERVED;
}

static guint64
end_of_table (const UbDaReport *report, UbLayoutKind kind)
{
  guint64 copy =
      kind == UB_LAYOUT_GPT ? ub_plan_save_get_copy_size (ub_plan_save_get_sector (report)) : 0;

  return report->user_size - MIN (report->user_size, copy);
}

static gboolean
is_in_map (Maker *maker, const char *name)
{
  GPtrArray *partitions = ub_firmware_get_partitions (maker->plan->firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (is_in_user_region (maker->plan, partition) &&
          ub_plan_table_is_same_part (partition->name, name))
        return TRUE;
    }
  return FALSE;
}

/* what the phone has behind the user's data, be it reserved or its own, stays behind them */
static gboolean
is_behind_last (Maker *maker, const UbLayoutEntry *entry)
{
  const UbPartition   *last = maker->last;
  const UbLayoutEntry *old = ub_plan_table_find (maker->old, last->name, last->region);

  if (entry->region != last->region || entry->start <= last->start)
    return FALSE;
  if (is_reserved_name (entry->name))
    return TRUE;
  return ub_plan_save_is_protected (maker->plan, entry->name) && !is_in_map (maker, entry->name) &&
         entry->start >= (old != NULL ? old->start : ub_plan_check_add (last->start, last->size));
}

/* what the map or the phone has behind the last part stays behind it */
static guint64
find_limit (Maker *maker)
{
  GPtrArray *partitions = ub_firmware_get_partitions (maker->plan->firmware);
  guint64    limit = maker->report->user_size -
                  MIN (maker->report->user_size,
                       ub_plan_save_get_tail_size (maker->report, maker->target->kind));

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            start;

      if (is_in_user_region (maker->plan, partition) && partition->from_end &&
          ub_plan_save_resolve (partition, maker->report, &start))
        limit = MIN (limit, start);
    }
  for (guint i = 0; maker->old != NULL && i < maker->old->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (maker->old->entries, i);

      if (is_behind_last (maker, entry))
        limit = MIN (limit, entry->start);
    }
  return limit;
}

/* as big as it was, if it begins where it did */
static guint64
size_of_last (Maker *maker)
{
  const UbPartition   *last = maker->last;
  const UbLayoutEntry *entry =
      maker->old != NULL ? ub_plan_table_find (maker->old, last->name, last->region) : NULL;

  if (entry != NULL && entry->start == last->start && entry->size > 0 &&
      ub_plan_check_add (entry->start, entry->size) <= maker->report->user_size)
    return entry->size;
  return maker->limit > last->start ? maker->limit - last->start : 0;
}

/* as the phone writes it, if it had one of that name and kind before */
static const char *
name_in_target (Maker *maker, const UbPartition *partition)
{
  const UbLayoutEntry *entry =
      maker->old != NULL ? ub_plan_table_find (maker->old, partition->name, partition->region)
                         : NULL;

  return entry != NULL && maker->old->kind == maker->target->kind ? entry->name : partition->name;
}

/* A GPT does not name itself; what is reserved is in it where the phone's old one had it, and is
 * taken from there */
static gboolean
belongs_into_target (Maker *maker, const UbPartition *partition)
{
  if (!is_in_user_region (maker->plan, partition))
    return FALSE;
  if (ub_plan_is_table (partition))
    return maker->target->kind == UB_LAYOUT_PMT && !partition->from_end;
  return !ub_plan_is_reserved (partition) || maker->old == NULL ||
         maker->old->kind != maker->target->kind;
}

static void
add_part (Maker *maker, const UbPartition *partition)
{
  guint64 size = partition == maker->last ? size_of_last (maker) : partition->size;
  guint64 start;

  if (partition == maker->last)
    start = partition->start;
  else if (!ub_plan_save_resolve (partition, maker->report, &start))
    {
      /* ub_plan_check() names what does not fit; a pool at the very end is no entry */
      return;
    }
  if (size == 0)
    size = start < maker->limit ? maker->limit - start : 0;
  /* some maps let what is reserved at the end run into the GPT's copy */
  if (ub_plan_is_reserved (partition) && start < maker->end)
    size = MIN (size, maker->end - start);
  ub_layout_add (maker->target, name_in_target (maker, partition), partition->region, start, size);
}

static gboolean
overlaps (const UbLayoutEntry *a, const UbLayoutEntry *b)
{
  return a->region == b->region && a->start < ub_plan_check_add (b->start, b->size) &&
         b->start < ub_plan_check_add (a->start, a->size);
}

static const UbLayoutEntry *
find_overlap (const UbLayout *layout, const UbLayoutEntry *entry, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const UbLayoutEntry *other = g_ptr_array_index (layout->entries, i);

      if (overlaps (entry, other))
        return other;
    }
  return NULL;
}

static void
report_homeless (Maker *maker, const UbLayoutEntry *entry, gboolean is_reserved)
{
  if (is_reserved)
    ub_plan_add_issue (
        maker->plan,
        UB_ISSUE_BLOCKER,
        UB_ERROR_WRONG_LAYOUT,
        entry->name,
        _ ("This firmware needs the place where the phone keeps “%s”, which is never "
           "touched."),
        entry->name);
  else
    ub_plan_add_issue (maker->plan,
                       UB_ISSUE_DANGER,
                       UB_ERROR_PROTECTED,
                       entry->name,
                       _ ("This firmware has no place for “%s”, which belongs to this phone alone. "
                          "It is saved on this computer, but will no longer be on the phone."),
                       entry->name);
}

/* what the map does not know stays where it is, if nobody needs the place: what is reserved, and
 * what is the phone's own */
static void
keep_own_entries (Maker *maker)
{
  UbRegion user = ub_plan_get_user_region (maker->plan->storage);

  for (guint i = 0; maker->old != NULL && i < maker->old->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (maker->old->entries, i);
      gboolean             is_reserved = is_reserved_name (entry->name);

      if (entry->region != user || ub_plan_table_find_own (maker->target, entry) != NULL ||
          (!is_reserved && !ub_plan_save_is_protected (maker->plan, entry->name)))
        continue;
      if (ub_plan_check_add (entry->start, entry->size) > maker->report->user_size ||
          entry->size == 0)
        continue;
      if (find_overlap (maker->target, entry, maker->target->entries->len) != NULL)
        report_homeless (maker, entry, is_reserved);
      else
        ub_layout_add (maker->target, entry->name, entry->region, entry->start, entry->size);
    }
}

/* FALSE, with an issue, where the phone could not be divided up like this */
static gboolean
check_entry (Maker *maker, guint i)
{
  const UbLayoutEntry *entry = g_ptr_array_index (maker->target->entries, i);
  gboolean             is_gpt = maker->target->kind == UB_LAYOUT_GPT;
  guint                sector = ub_plan_save_get_sector (maker->report);
  guint64              begin = is_gpt ? ub_plan_save_get_table_size (sector) : 0;
  const UbLayoutEntry *other = find_overlap (maker->target, entry, i);

  if (other != NULL)
    ub_plan_add_issue (maker->plan,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_BAD_FIRMWARE,
                       entry->name,
                       _ ("In this firmware's map “%s” reaches into “%s”: one would be written "
                          "over the other. The map is damaged or was changed."),
                       other->name,
                       entry->name);
  else if (entry->size == 0 || ub_plan_check_add (entry->start, entry->size) > maker->end)
    ub_plan_add_issue (maker->plan,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_STORAGE,
                       entry->name,
                       _ ("“%s” would lie behind the end of the phone's memory: the firmware is "
                          "for a phone with more."),
                       entry->name);
  else if (entry->start < begin || entry->start % sector != 0 || entry->size % sector != 0)
    ub_plan_add_issue (maker->plan,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_BAD_FIRMWARE,
                       entry->name,
                       _ ("In this firmware's map “%s” begins or ends at a place where no part "
                          "can: the map is damaged."),
                       entry->name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_target (Maker *maker)
{
  gboolean is_good = TRUE;

  for (guint i = 0; i < maker->target->entries->len; i++)
    is_good = check_entry (maker, i) && is_good;
  if (maker->target->entries->len > maker->max_entries)
    {
      ub_plan_add_issue (maker->plan,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_BAD_FIRMWARE,
                         NULL,
                         _ ("The map has more parts than a partition table can hold."));
      return FALSE;
    }
  return is_good;
}

static guint
get_max_entries (UbPhoneInfo *phone)
{
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);

  return brom != NULL && brom->chip != NULL && ub_plan_is_legacy (phone) ? LEGACY_ENTRIES
                                                                         : GPT_ENTRIES;
}

/**
 * ub_plan_table_dup_target:
 * @self: a plan with a firmware
 * @phone: a phone with a report
 *
 * The table of the user area after this plan: the map's parts at their places, the last one as big
 * as the phone allows, and what the phone keeps of its own.
 *
 * Returns: (transfer full) (nullable): the table; %NULL if the map cannot be laid out on this phone,
 *   and an issue says why
 */
UbLayout *
ub_plan_table_dup_target (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  GPtrArray      *partitions = ub_firmware_get_partitions (self->firmware);
  Maker           maker = { .plan = self,
                            .report = ub_phone_info_get_report (phone),
                            .old = ub_plan_save_has_names (layout) ? layout : NULL,
                            .last = ub_plan_table_get_last (self),
                            .max_entries = get_max_entries (phone) };
  g_autoptr (UbLayout) target = ub_layout_new (target_kind (self, layout));

  if (maker.last == NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_BAD_FIRMWARE,
                       NULL,
                       _ ("The map does not say how the phone is to be divided up."));
  if (maker.last == NULL || maker.report->storage != self->storage)
    return NULL;
  maker.target = target;
  maker.end = end_of_table (maker.report, target->kind);
  maker.limit = find_limit (&maker);
  for (guint i = 0; i < partitions->len; i++)
    if (belongs_into_target (&maker, g_ptr_array_index (partitions, i)))
      add_part (&maker, g_ptr_array_index (partitions, i));
  keep_own_entries (&maker);
  return check_target (&maker) ? g_steal_pointer (&target) : NULL;
}

/* --- the steps --- */

static void
add_content (UbPlan     *self,
             const char *name,
             const char *agent_name,
             guint64     offset,
             GBytes     *content)
{
  UbRegion user = ub_plan_get_user_region (self->storage);
  gsize    size = g_bytes_get_size (content);
  UbStep  *step = ub_plan_add_step (self, UB_STEP_TABLE, name, user, offset, size);

  step->bytes = size;
  step->agent_name = g_strdup (agent_name);
  step->by_name = TRUE;
  step->content = g_bytes_ref (content);
  ub_plan_modes_add_verify (self, step);
}

/* the copy first: a phone looks at it only where the first one is not whole */
static void
add_gpt (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  guint             sector = ub_plan_save_get_sector (report);
  guint             counted = ub_plan_is_legacy (phone) ? 0 : GPT_ENTRIES;
  g_autoptr (GBytes) backup = ub_gpt_build_backup (target, report->user_size, sector, counted);
  g_autoptr (GBytes) primary = ub_gpt_build (target, report->user_size, sector, counted);

  if (primary == NULL || backup == NULL)
    return;
  add_content (self, "table-copy", "SGPT", report->user_size - g_bytes_get_size (backup), backup);
  add_content (self, "table", "PGPT", 0, primary);
}

static void
add_table_image (UbPlan *self, const UbPartition *partition)
{
  UbStep *step = ub_plan_add_step (self,
                                   UB_STEP_TABLE,
                                   partition->name,
                                   partition->region,
                                   partition->start,
                                   partition->image_size);

  step->partition = partition;
  step->image_path = g_strdup (partition->image_path);
  step->bytes = partition->image_file_size;
  ub_plan_modes_add_verify (self, step);
  if (partition->image_size > partition->size)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_IMAGE_TOO_BIG,
                       partition->name,
                       _ ("The file for “%s” is bigger than its place on this phone."),
                       partition->name);
}

static void
add_pmt (UbPlan *self, const UbLayout *target)
{
  UbStep *step = ub_plan_add_step (self,
                                   UB_STEP_TABLE,
                                   "table",
                                   ub_plan_get_user_region (self->storage),
                                   0,
                                   0);

  step->layout = ub_layout_copy (target);
  ub_plan_modes_add_verify (self, step);
}

/* MBR and EBRs come with the firmware; the agent keeps the table with the names */
static void
add_mbr (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);
  gboolean   differs = ub_plan_table_differs (self, phone);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (!is_in_user_region (self, partition) || !ub_plan_is_table (partition) ||
          partition->from_end)
        continue;
      if (partition->image_path != NULL)
        add_table_image (self, partition);
      else if (differs && g_ascii_strcasecmp (partition->name, "pmt") != 0)
        ub_plan_add_issue (self,
                           UB_ISSUE_BLOCKER,
                           UB_ERROR_FILE_MISSING,
                           partition->name,
                           _ ("The phone has to be divided up anew, but the firmware has no file "
                              "for “%s”."),
                           partition->name);
    }
  add_pmt (self, target);
}

void
ub_plan_table_add_steps (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target)
{
  if (target->kind == UB_LAYOUT_GPT)
    add_gpt (self, phone, target);
  else
    add_mbr (self, phone, target);
}
