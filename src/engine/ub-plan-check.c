/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include <glib/gi18n.h>

gboolean
ub_plan_check_is_known_storage (UbStorage storage)
{
  return storage == UB_STORAGE_EMMC || storage == UB_STORAGE_UFS;
}

guint64
ub_plan_check_add (guint64 a, guint64 b)
{
  return b > G_MAXUINT64 - a ? G_MAXUINT64 : a + b;
}

UbPlanRange
ub_plan_check_range_of_step (UbPlan *self, const UbStep *step)
{
  const guint   sector = ub_plan_get_sector (self);
  const guint64 length = ub_plan_check_add (step->length, sector - 1);

  /* the last sector is filled up */
  return (UbPlanRange){ step->offset, ub_plan_check_add (step->offset, length - length % sector) };
}

gboolean
ub_plan_check_overlap (UbPlanRange a, UbPlanRange b)
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

/* where a part of the map lies; FALSE while that cannot be told */
static gboolean
range_of_partition (const UbPartition *partition, const UbDaReport *report, UbPlanRange *range)
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
  *range = (UbPlanRange){ start,
                          partition->size == 0 ? G_MAXUINT64
                                               : ub_plan_check_add (start, partition->size) };
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
  UbPlanRange range;

  if (other == step->partition || other->storage != self->storage ||
      !region_covers (other->region, step->region))
    return;
  if (!range_of_partition (other, report, &range) ||
      !ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), range))
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     is_sacred (other) ? UB_ERROR_PROTECTED : UB_ERROR_BAD_FIRMWARE,
                     step->name,
                     _ ("In this firmware's map “%s” reaches into “%s”: one would be written over "
                        "the other. The map is damaged or was changed."),
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

      if (step->kind != UB_STEP_WRITE || step->partition == NULL ||
          (report == NULL && step->partition->from_end))
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

static void
check_step_fits (UbPlan *self, const UbStep *step, const UbDaReport *report)
{
  guint64 capacity = ub_da_report_get_capacity (report, step->region);

  if (step->offset != G_MAXUINT64 && step->offset % ub_plan_get_sector (self) == 0 &&
      ub_plan_check_range_of_step (self, step).end <= capacity)
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_BLOCKER,
      UB_ERROR_WRONG_STORAGE,
      step->name,
      self->firmware != NULL
          ? _ ("“%s” does not fit into the phone's memory: the firmware is for a phone with more.")
          : _ ("“%s” does not fit into the phone's memory."),
      step->name);
}

static void
check_map_fits (UbPlan *self, const UbDaReport *report)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = ub_plan_table_get_last (self);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      guint64            end =
          ub_plan_check_add (partition->start,
                             partition == last ? ub_plan_get_sector (self) : partition->size);

      if (!ub_plan_table_lists (self, partition) || end <= report->user_size)
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

/* jobs without a map know the parts by the phone's own table, and are checked against it where they are
 * built */
static void
check_map (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);

  check_storage (self, report);
  check_map_fits (self, report);
  ub_plan_check_overlaps (self, report);
  ub_plan_layout_check (self, phone);
}

gboolean
ub_plan_check_is_locked (UbPhoneInfo *phone)
{
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);

  return brom != NULL && (brom->target_config & UB_TARGET_SBC) != 0 && !ub_plan_is_legacy (phone);
}

static void
check_lock (UbPlan *self, UbPhoneInfo *phone)
{
  gboolean erases = FALSE;

  for (guint i = 0; i < self->steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (self->steps, i))->kind == UB_STEP_ERASE)
      erases = TRUE;
  if (!erases || !ub_plan_check_is_locked (phone))
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_WARNING,
      UB_ERROR_REFUSED,
      NULL,
      _ ("This phone is locked by its maker. It may refuse to have some parts erased; they stay as "
         "they are until something is written over them, and the report names them."));
}

static void
build (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);

  g_ptr_array_set_size (self->steps, 0);
  self->save_bytes = 0;
  if (!ub_plan_check_is_known_storage (report->storage))
    {
      if (self->firmware != NULL)
        check_storage (self, report);
      ub_plan_add_issue (
          self,
          UB_ISSUE_BLOCKER,
          UB_ERROR_UNSUPPORTED,
          NULL,
          _ ("This phone has %s memory, which this version can neither read nor write yet."),
          ub_storage_to_string (report->storage));
      return;
    }
  if (self->firmware != NULL)
    ub_plan_modes_build (self, phone);
  else
    ub_plan_jobs_build (self, phone);
  for (guint i = 0; i < self->steps->len; i++)
    check_step_fits (self, g_ptr_array_index (self->steps, i), report);
  if (self->firmware != NULL)
    check_map (self, phone);
  ub_plan_memory_check (self, report);
  check_lock (self, phone);
}

/* --- two kinds of memory in one map --- */

static gboolean
has_storage (UbFirmware *firmware, UbStorage storage)
{
  return (ub_firmware_get_storages (firmware) & 1u << storage) != 0;
}

/* A file that the person chose for a part of one section is meant for the part, not for the section. By themselves the two
 * have the same one, where the map names the same. (transfer full) */
static UbFirmware *
dup_firmware_for (UbPlan *self, UbStorage storage)
{
  UbFirmware *firmware = g_object_ref (self->firmware);
  GPtrArray  *partitions = ub_firmware_get_partitions (self->firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      const UbPartition *other =
          ub_firmware_find_partition (self->firmware, storage, partition->name);
      UbFirmware *next;

      if (partition->storage != self->storage || other == NULL ||
          g_strcmp0 (partition->file_name, other->file_name) != 0 ||
          g_strcmp0 (partition->image_path, other->image_path) == 0)
        continue;
      next = ub_firmware_with_image (firmware, storage, other->name, partition->image_path, NULL);
      if (next == NULL)
        continue;
      g_object_unref (firmware);
      firmware = next;
    }
  return firmware;
}

/* the section is chosen by the phone, never by its order, nor by what was looked at first (shared/facts/scatter.md §1c) */
static UbPlan *
dup_for_phone (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport  *report = ub_phone_info_get_report (phone);
  const UbPlanChoice choice = { .mode = self->mode,
                                .storage = report != NULL ? report->storage : self->storage,
                                .ticks = self->ticks,
                                .only = (const char *const *) self->only,
                                .expert = self->expert,
                                .verify_all = self->verify_all,
                                .preloader = self->preloader,
                                .slots = self->slots };
  g_autoptr (UbFirmware) firmware = NULL;
  UbPlan *plan;

  if (self->firmware == NULL || choice.storage == self->storage ||
      !ub_plan_check_is_known_storage (choice.storage) ||
      !has_storage (self->firmware, choice.storage))
    return ub_plan_copy (self);
  firmware = dup_firmware_for (self, choice.storage);
  plan = ub_plan_new (firmware, &choice);
  ub_plan_add_issue (plan,
                     UB_ISSUE_NOTE,
                     UB_ERROR_WRONG_STORAGE,
                     NULL,
                     _ ("The firmware has one map for phones with %s memory and one for %s. This "
                        "phone has %s, so that one is used."),
                     ub_storage_to_string (self->storage),
                     ub_storage_to_string (plan->storage),
                     ub_storage_to_string (plan->storage));
  return plan;
}

/**
 * ub_plan_check:
 * @self: a plan
 * @phone: what is known of the phone so far: without an agent's report only the chip is looked at
 *
 * The steps are made anew for this phone, with the section of the map for its kind of memory. A plan that was checked before forgets what was found then.
 *
 * Returns: (transfer full): a copy with everything that speaks against it, and with final addresses
 *   once the phone's sizes are known
 */
UbPlan *
ub_plan_check (UbPlan *self, UbPhoneInfo *phone)
{
  UbPlan           *plan = dup_for_phone (self, phone);
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);

  if (plan->phone == NULL)
    plan->n_first_issues = plan->issues->len;
  g_ptr_array_set_size (plan->issues, (int) plan->n_first_issues);
  g_set_object (&plan->phone, phone);
  if (brom != NULL && plan->firmware != NULL)
    check_chip (plan, brom);
  if (ub_phone_info_get_report (phone) != NULL)
    build (plan, phone);
  ub_plan_fit_check (plan, phone);
  ub_plan_refresh_rows (plan);
  return plan;
}
