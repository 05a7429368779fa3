/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include "firmware/ub-gpt.h"

#include <glib/gi18n.h>

/* protective MBR, header and 128 entries: what a GPT takes at the begin of the user area; at the end
 * it is the same without the MBR */
#define GPT_BACKUP_SIZE (33 * UB_SECTOR)

/* a piece of a region, [start, end) in bytes */
typedef struct
{
  guint64 start;
  guint64 end;
} Range;

static guint64
add_saturated (guint64 a, guint64 b)
{
  return b > G_MAXUINT64 - a ? G_MAXUINT64 : a + b;
}

static Range
range_of_step (const UbStep *step)
{
  guint64 length = add_saturated (step->length, UB_SECTOR - 1);

  /* the last sector is filled up */
  return (Range){ step->offset, add_saturated (step->offset, length - length % UB_SECTOR) };
}

static gboolean
overlap (Range a, Range b)
{
  return a.start < b.end && b.start < a.end;
}

static gboolean
region_covers (UbRegion region, UbRegion one)
{
  if (region == UB_REGION_EMMC_BOOT1_BOOT2)
    return one == UB_REGION_EMMC_BOOT1 || one == UB_REGION_EMMC_BOOT2;
  if (region == UB_REGION_UFS_LU0_LU1)
    return one == UB_REGION_UFS_LU0 || one == UB_REGION_UFS_LU1;
  return region == one;
}

static UbRegion
user_region (UbStorage storage)
{
  return storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
}

/* where a part of the map lies; FALSE while that cannot be told */
static gboolean
range_of_partition (const UbPartition *partition, const UbDaReport *report, Range *range)
{
  guint64 start = partition->start;

  if (partition->from_end)
    {
      if (report == NULL)
        return FALSE;
      start = ub_partition_resolve_start (partition,
                                          ub_da_report_get_capacity (report, partition->region));
      if (start == G_MAXUINT64)
        return FALSE;
    }
  *range =
      (Range){ start, partition->size == 0 ? G_MAXUINT64 : add_saturated (start, partition->size) };
  return TRUE;
}

static gboolean
is_sacred (const UbPartition *partition)
{
  return ub_plan_is_protected (partition) || ub_plan_is_table (partition) ||
         ub_plan_is_reserved (partition);
}

static void
check_overlap (UbPlan *self, const UbStep *step, const UbPartition *other, const UbDaReport *report)
{
  Range range;

  if (other == step->partition || other->storage != self->storage ||
      !region_covers (other->region, step->region))
    return;
  if (!range_of_partition (other, report, &range) || !overlap (range_of_step (step), range))
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     is_sacred (other) ? UB_ERROR_PROTECTED : UB_ERROR_BAD_FIRMWARE,
                     step->name,
                     _ ("In this firmware's map “%s” reaches into “%s”."),
                     step->name,
                     other->name);
}

void
ub_plan_check_overlaps (UbPlan *self, const UbDaReport *report)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (report == NULL && step->partition->from_end)
        continue;
      for (guint j = 0; j < partitions->len; j++)
        check_overlap (self, step, g_ptr_array_index (partitions, j), report);
    }
}

/* --- the second check: with the phone --- */

static void
check_chip (UbPlan *self, const UbBromInfo *brom)
{
  const char *platform = ub_firmware_get_platform (self->firmware);

  if (brom->chip == NULL)
    {
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_UNKNOWN_CHIP,
                         NULL,
                         _ ("The phone's chip (0x%04x) is not known to this version."),
                         brom->hw_code);
      return;
    }
  if (ub_chip_fits_platform (brom->chip, platform))
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     UB_ERROR_WRONG_CHIP,
                     NULL,
                     _ ("The firmware is for %s, but the phone has an %s (0x%04x)."),
                     platform,
                     brom->chip->name,
                     brom->hw_code);
}

static void
check_storage (UbPlan *self, const UbDaReport *report)
{
  if (report->storage == self->storage)
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     UB_ERROR_WRONG_STORAGE,
                     NULL,
                     _ ("The firmware is for %s memory, but the phone has %s."),
                     ub_storage_to_string (self->storage),
                     ub_storage_to_string (report->storage));
}

/* where the steps from the end of a region really begin on this phone */
static void
resolve_steps (UbPlan *self, const UbDaReport *report)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->partition->from_end)
        step->offset =
            ub_partition_resolve_start (step->partition,
                                        ub_da_report_get_capacity (report, step->region));
    }
}

static void
check_step_fits (UbPlan *self, const UbStep *step, const UbDaReport *report)
{
  guint64 capacity = ub_da_report_get_capacity (report, step->region);

  if (step->offset != G_MAXUINT64 && step->offset % UB_SECTOR == 0 &&
      range_of_step (step).end <= capacity)
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_BLOCKER,
      UB_ERROR_WRONG_STORAGE,
      step->name,
      _ ("“%s” does not fit into the phone's memory: the firmware is for a phone with more."),
      step->name);
}

static gboolean
is_in_table (UbPlan *self, const UbPartition *partition)
{
  return partition->storage == self->storage && partition->region == user_region (self->storage) &&
         !partition->from_end && !ub_plan_is_reserved (partition) && !ub_plan_is_table (partition);
}

/* the last part before the phone's own tail is made as big as the phone allows, so its size tells
 * nothing */
static const UbPartition *
last_part (UbPlan *self)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = NULL;

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (!is_in_table (self, partition))
        continue;
      if (last == NULL || partition->start >= last->start)
        last = partition;
    }
  return last;
}

static void
check_map_fits (UbPlan *self, const UbDaReport *report)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = last_part (self);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            end =
          add_saturated (partition->start, partition == last ? UB_SECTOR : partition->size);

      if (!is_in_table (self, partition) || end <= report->user_size)
        continue;
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_WRONG_STORAGE,
                         partition->name,
                         _ ("“%s” would lie behind the end of the phone's memory: the firmware is "
                            "for a phone with more."),
                         partition->name);
      return;
    }
}

static gboolean
fits_entry (const UbPartition *partition, const UbLayoutEntry *entry, gboolean is_last)
{
  if (entry == NULL || entry->start != partition->start)
    return FALSE;
  return is_last || partition->size == 0 || entry->size == partition->size;
}

static const UbLayoutEntry *
find_in_region (const UbLayout *layout, const char *name, UbRegion region)
{
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->region == region && g_ascii_strcasecmp (entry->name, name) == 0)
        return entry;
    }
  return NULL;
}

/* a number a translator need not format */
static char *
dup_hex (guint64 value)
{
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", value);
}

static void
report_difference (UbPlan *self, const char *name, const UbLayoutEntry *entry)
{
  g_autofree char *start = entry != NULL ? dup_hex (entry->start) : NULL;
  g_autofree char *size = entry != NULL ? dup_hex (entry->size) : NULL;

  if (entry == NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_LAYOUT,
                       name,
                       _ ("The phone's memory is divided up differently: it has no “%s”."),
                       name);
  else
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_WRONG_LAYOUT,
        name,
        _ ("The phone's memory is divided up differently, from “%s” on (there at %s, %s bytes)."),
        name,
        start,
        size);
}

/* GPT and PMT: the names are in the table */
static void
check_named_layout (UbPlan *self, const UbLayout *layout)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = last_part (self);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition   *partition = g_ptr_array_index (partitions, i);
      const UbLayoutEntry *entry = find_in_region (layout, partition->name, partition->region);

      if (!is_in_table (self, partition) || fits_entry (partition, entry, partition == last))
        continue;
      report_difference (self, partition->name, entry);
      return;
    }
}

static const UbPartition *
part_at (UbPlan *self, guint64 start)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (partition->storage == self->storage && partition->region == user_region (self->storage) &&
          !partition->from_end && partition->start == start)
        return partition;
    }
  return NULL;
}

/* MBR: it holds some parts only and no names, but each must be a part of the map */
static void
check_nameless_layout (UbPlan *self, const UbLayout *layout)
{
  const UbPartition *last = last_part (self);

  ub_plan_add_issue (self,
                     UB_ISSUE_WARNING,
                     UB_ERROR_WRONG_LAYOUT,
                     NULL,
                     _ ("The phone's partition table has no names and lists only some parts, so "
                        "only those could be compared with the firmware's."));
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      const UbPartition   *partition = part_at (self, entry->start);
      g_autofree char     *start = dup_hex (entry->start);

      if (partition != NULL &&
          (ub_plan_is_table (partition) || fits_entry (partition, entry, partition == last)))
        continue;
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_WRONG_LAYOUT,
                         partition != NULL ? partition->name : NULL,
                         _ ("The phone's memory is divided up differently: it has a part at %s "
                            "that the firmware does not have."),
                         start);
      return;
    }
}

static gboolean
is_own_entry (const UbStep *step, const UbLayoutEntry *entry)
{
  return g_ascii_strcasecmp (step->name, entry->name) == 0;
}

static void
report_other_entry (UbPlan *self, const UbStep *step, const UbLayoutEntry *entry)
{
  gboolean is_protected = ub_partition_role_for_name (entry->name) == UB_ROLE_PROTECTED;

  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     is_protected ? UB_ERROR_PROTECTED : UB_ERROR_WRONG_LAYOUT,
                     step->name,
                     _ ("“%s” would be written over the phone's “%s”."),
                     step->name,
                     entry->name);
}

/* whatever the map says: what the phone's own table calls nvram, or anything else, is not written
 * by a step of another name */
static void
check_other_entries (UbPlan *self, const UbLayout *layout)
{
  for (guint i = 0; i < self->steps->len; i++)
    for (guint j = 0; j < layout->entries->len; j++)
      {
        const UbStep        *step = g_ptr_array_index (self->steps, i);
        const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, j);
        Range                range = { entry->start, add_saturated (entry->start, entry->size) };

        if (entry->name[0] != '\0' && entry->region == step->region &&
            !is_own_entry (step, entry) && overlap (range_of_step (step), range))
          report_other_entry (self, step, entry);
      }
}

/* where the size of a part is not compared (the last one, "the rest") its image must fit all the
 * same, or it runs on into what the phone has behind it */
static void
check_entry_room (UbPlan *self, const UbLayout *layout)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep        *step = g_ptr_array_index (self->steps, i);
      const UbLayoutEntry *entry = find_in_region (layout, step->name, step->region);

      if (entry == NULL || entry->size == 0 ||
          range_of_step (step).end <= add_saturated (entry->start, entry->size))
        continue;
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_IMAGE_TOO_BIG,
                         step->name,
                         _ ("The file for “%s” is bigger than its place on this phone."),
                         step->name);
    }
}

/* the table itself, and the GPT's copy at the end, is compared, never written */
static void
check_table_untouched (UbPlan *self, const UbLayout *layout, guint64 user_size)
{
  gboolean is_gpt = layout->kind == UB_LAYOUT_GPT;
  Range    table = { 0, is_gpt ? UB_GPT_SIZE : UB_SECTOR };
  Range    copy = { user_size - (is_gpt ? MIN (user_size, GPT_BACKUP_SIZE) : 0), user_size };

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->region == user_region (self->storage) &&
          (overlap (range_of_step (step), table) || overlap (range_of_step (step), copy)))
        ub_plan_add_issue (self,
                           UB_ISSUE_BLOCKER,
                           UB_ERROR_WRONG_LAYOUT,
                           step->name,
                           _ ("“%s” would be written over the phone's partition table."),
                           step->name);
    }
}

static gboolean
writes_user_region (UbPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (self->steps, i))->region ==
        user_region (self->storage))
      return TRUE;
  return FALSE;
}

/* Without the phone's table nobody can tell what would be written over, and a phone without one
 * does not start from single parts anyway. The boot areas have no table. */
static void
report_no_layout (UbPlan *self)
{
  ub_plan_add_issue (self,
                     writes_user_region (self) ? UB_ISSUE_BLOCKER : UB_ISSUE_WARNING,
                     UB_ERROR_WRONG_LAYOUT,
                     NULL,
                     _ ("The phone's partition table cannot be read, so it could not be compared "
                        "with the firmware's."));
}

static void
check_layout (UbPlan *self, const UbLayout *layout, guint64 user_size)
{
  if (layout == NULL)
    {
      report_no_layout (self);
      return;
    }
  if (layout->kind == UB_LAYOUT_MBR)
    check_nameless_layout (self, layout);
  else
    check_named_layout (self, layout);
  check_other_entries (self, layout);
  check_entry_room (self, layout);
  check_table_untouched (self, layout, user_size);
}

/**
 * ub_plan_check:
 * @self: a plan
 * @phone: what is known of the phone so far: without an agent's report only the chip is looked at
 *
 * Returns: (transfer full): a copy with everything that speaks against it, and with final addresses
 *   once the phone's sizes are known
 */
UbPlan *
ub_plan_check (UbPlan *self, UbPhoneInfo *phone)
{
  UbPlan           *plan = ub_plan_copy (self);
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);
  const UbDaReport *report = ub_phone_info_get_report (phone);

  if (brom != NULL)
    check_chip (plan, brom);
  if (report != NULL)
    {
      check_storage (plan, report);
      resolve_steps (plan, report);
      for (guint i = 0; i < plan->steps->len; i++)
        check_step_fits (plan, g_ptr_array_index (plan->steps, i), report);
      check_map_fits (plan, report);
      ub_plan_memory_check (plan, report);
      ub_plan_check_overlaps (plan, report);
      check_layout (plan, ub_phone_info_get_layout (phone), report->user_size);
    }
  ub_plan_refresh_rows (plan);
  return plan;
}
