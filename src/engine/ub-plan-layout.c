/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include <glib/gi18n.h>

/* The second check of a plan, as far as the phone's partition table goes. */

/* what brings something new; tables and what is put back are made from the table they belong to */
static gboolean
is_write (const UbStep *step)
{
  return step->kind == UB_STEP_WRITE;
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
                       _ ("The phone's memory is divided up differently: it has no “%s”. "
                          "“Firmware upgrade” can divide it up anew."),
                       name);
  else
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_WRONG_LAYOUT,
        name,
        _ ("The phone's memory is divided up differently, from “%s” on (there at %s, %s bytes). "
           "“Firmware upgrade” can divide it up anew."),
        name,
        start,
        size);
}

/* GPT and PMT: the names are in the table */
static void
check_named_layout (UbPlan *self, const UbLayout *layout)
{
  GPtrArray         *partitions = ub_firmware_get_partitions (self->firmware);
  const UbPartition *last = ub_plan_table_get_last (self);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition   *partition = g_ptr_array_index (partitions, i);
      const UbLayoutEntry *entry = ub_plan_table_find (layout, partition->name, partition->region);

      if (!ub_plan_table_lists (self, partition) ||
          ub_plan_table_fits_entry (partition, entry, partition == last))
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

      if (partition->storage == self->storage &&
          partition->region == ub_plan_get_user_region (self->storage) && !partition->from_end &&
          partition->start == start)
        return partition;
    }
  return NULL;
}

/* MBR: it holds some parts only and no names, but each must be a part of the map */
static void
check_nameless_layout (UbPlan *self, const UbLayout *layout)
{
  const UbPartition *last = ub_plan_table_get_last (self);

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

      if (partition != NULL && (ub_plan_is_table (partition) ||
                                ub_plan_table_fits_entry (partition, entry, partition == last)))
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
        UbPlanRange range = { entry->start, ub_plan_check_add (entry->start, entry->size) };

        if (is_write (step) && entry->name[0] != '\0' && entry->region == step->region &&
            !is_own_entry (step, entry) &&
            ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), range))
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
      const UbLayoutEntry *entry = ub_plan_table_find (layout, step->name, step->region);

      if (!is_write (step) || entry == NULL || entry->size == 0 ||
          ub_plan_check_range_of_step (self, step).end <=
              ub_plan_check_add (entry->start, entry->size))
        continue;
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_IMAGE_TOO_BIG,
                         step->name,
                         _ ("The file for “%s” is bigger than its place on this phone."),
                         step->name);
    }
}

/* the table itself, and the GPT's copy at the end, is never written by a part */
static void
check_table_untouched (UbPlan *self, const UbLayout *layout, const UbDaReport *report)
{
  gboolean    is_gpt = layout->kind == UB_LAYOUT_GPT;
  guint       sector = ub_plan_save_get_sector (report);
  guint64     copy_size = is_gpt ? ub_plan_save_get_copy_size (sector) : 0;
  UbPlanRange table = { 0, is_gpt ? ub_plan_save_get_table_size (sector) : sector };
  UbPlanRange copy = { report->user_size - MIN (report->user_size, copy_size), report->user_size };

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (is_write (step) && step->region == ub_plan_get_user_region (self->storage) &&
          (ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), table) ||
           ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), copy)))
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
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (is_write (step) && step->region == ub_plan_get_user_region (self->storage))
        return TRUE;
    }
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
check_steps (UbPlan *self, const UbLayout *layout, const UbDaReport *report)
{
  check_other_entries (self, layout);
  check_entry_room (self, layout);
  check_table_untouched (self, layout, report);
}

/* the table is not written: it has to be the firmware's already */
static void
check_old_layout (UbPlan *self, const UbLayout *layout, const UbDaReport *report)
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
  check_steps (self, layout, report);
}

void
ub_plan_layout_check (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  const UbDaReport *report = ub_phone_info_get_report (phone);
  g_autoptr (UbLayout) target = NULL;

  if (!ub_plan_modes_is_erasing (self))
    {
      check_old_layout (self, layout, report);
      return;
    }
  if (self->mode == UB_MODE_FIRMWARE_UPGRADE && !ub_plan_table_differs (self, phone))
    check_steps (self, layout, report);
  target = ub_plan_table_dup_target (self, phone);
  if (target != NULL)
    check_steps (self, target, report);
}
