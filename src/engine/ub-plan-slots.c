/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"
#include "engine/ub-slots.h"

#include <glib/gi18n.h>

/* Phones with two sets of parts start from one of them. Packages have files for the a set: after an update over the air
 * the phone may have gone to b, and would not see what is written to a. */

static char
active_slot (UbPhoneInfo *phone)
{
  const UbLayout *layout = phone != NULL ? ub_phone_info_get_layout (phone) : NULL;

  return layout != NULL ? layout->active_slot : 0;
}

/* (nullable): a part of the map with a file of its own that is written */
static gboolean
is_written_itself (UbPlan *self, const UbPartition *partition)
{
  const guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (ub_plan_row_get_partition (row) == partition)
        return ub_plan_row_get_fate (row) == UB_ROW_WRITE;
    }
  return FALSE;
}

/* the other one of the pair, where the phone (or the map, where the phone will be divided up by it) has one */
static gboolean
find_twin (UbPlan *self, UbPhoneInfo *phone, const UbPartition *partition, UbPlanSlotPlace *twin)
{
  const UbLayout      *layout = phone != NULL ? ub_phone_info_get_layout (phone) : NULL;
  g_autofree char     *name = ub_slots_dup_twin (partition->name);
  const UbLayoutEntry *entry = NULL;

  if (name == NULL)
    return FALSE;
  twin->partition = ub_firmware_find_partition (self->firmware, self->storage, name);
  if (twin->partition != NULL &&
      (twin->partition->region != partition->region || ub_plan_is_protected (twin->partition) ||
       is_written_itself (self, twin->partition)))
    return FALSE;
  if (layout == NULL || ub_plan_modes_is_erasing (self))
    {
      if (twin->partition == NULL || twin->partition->from_end)
        return FALSE;
      twin->name = twin->partition->name;
      twin->offset = twin->partition->start;
      return TRUE;
    }
  entry = ub_plan_table_find (layout, name, partition->region);
  if (entry == NULL || entry->size == 0)
    return FALSE;
  twin->name = entry->name;
  twin->offset = entry->start;
  return TRUE;
}

static gboolean
is_of_a_set (UbPlan *self, const UbPartition *partition)
{
  return partition->region == ub_plan_get_user_region (self->storage) &&
         ub_slots_get (partition->name) != 0 && partition->role != UB_ROLE_PRELOADER &&
         !ub_plan_is_protected (partition);
}

gboolean
ub_plan_slots_find (UbPlan            *self,
                    UbPhoneInfo       *phone,
                    const UbPartition *partition,
                    gboolean          *own,
                    UbPlanSlotPlace   *twin)
{
  *own = TRUE;
  if (!is_of_a_set (self, partition) || !find_twin (self, phone, partition, twin))
    return FALSE;
  if (self->slots == UB_SLOTS_BOTH)
    return TRUE;
  /* a file for the b set is there on purpose: it may hold what belongs there alone */
  if (ub_plan_modes_is_erasing (self) || ub_slots_get (partition->name) != 'a' ||
      active_slot (phone) != 'b')
    return FALSE;
  *own = FALSE;
  return TRUE;
}

/* --- in words --- */

static gboolean
tell_row (UbPlan *self, UbPhoneInfo *phone, const UbPartition *partition)
{
  UbPlanSlotPlace twin;
  gboolean        own;

  if (!ub_plan_slots_find (self, phone, partition, &own, &twin))
    return FALSE;
  ub_plan_add_issue (self,
                     UB_ISSUE_NOTE,
                     UB_ERROR_WRONG_LAYOUT,
                     partition->name,
                     own ? _ ("Written to “%s” and to “%s”")
                         : _ ("“%s” is written to “%s”, from which the phone starts"),
                     partition->name,
                     twin.name);
  return !own;
}

static gboolean
is_erased_at (UbPlan *self, const UbLayoutEntry *entry)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_ERASE && step->region == entry->region &&
          step->offset <= entry->start && entry->start - step->offset < step->length)
        return TRUE;
    }
  return FALSE;
}

/* what says b is erased with the rest, and a phone that is told nothing starts from a */
static void
check_erasing (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayoutEntry *misc = ub_layout_find (ub_phone_info_get_layout (phone), "misc");

  if (misc != NULL && is_erased_at (self, misc) && !ub_plan_check_is_locked (phone))
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_WARNING,
      UB_ERROR_UNSUPPORTED,
      NULL,
      _ ("The phone starts from its b set of parts, but this firmware has files for the a set. If "
         "it does not start afterwards, write them to both sets."));
}

/* a phone that starts well does not afterwards, and all that helps is another mode: that is asked before. It says nothing
 * of whether the firmware is for this phone */
static void
check_super (UbPlan *self)
{
  const UbPartition *super = ub_firmware_find_partition (self->firmware, self->storage, "super");

  if (super == NULL || !is_written_itself (self, super))
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_DANGER,
      UB_ERROR_UNSUPPORTED,
      super->name,
      _ ("“%s” holds the system of both sets, and most packages fill the a set alone, but the "
         "phone starts from b. It may not start with it; “Firmware upgrade” brings it back to a."),
      super->name);
}

void
ub_plan_slots_tell (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);
  const guint     n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  const char      active = active_slot (phone);
  gboolean        of_a_set = FALSE;
  gboolean        redirected = FALSE;

  if (layout == NULL || !ub_slots_has_pairs (layout))
    return;
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      const UbPartition *partition = ub_plan_row_get_partition (row);

      if (ub_plan_row_get_fate (row) != UB_ROW_WRITE)
        continue;
      of_a_set = of_a_set || is_of_a_set (self, partition);
      redirected = tell_row (self, phone, partition) || redirected;
    }
  if (redirected)
    ub_plan_add_issue (
        self,
        UB_ISSUE_NOTE,
        UB_ERROR_WRONG_LAYOUT,
        NULL,
        _ ("The phone has two sets of parts and starts from b, so the files are written there."));
  if (of_a_set && active == 0 && self->slots == UB_SLOTS_ACTIVE && !ub_plan_modes_is_erasing (self))
    ub_plan_add_issue (
        self,
        UB_ISSUE_NOTE,
        UB_ERROR_WRONG_LAYOUT,
        NULL,
        _ ("The phone has two sets of parts and does not tell from which it starts: the files are "
           "written where the firmware's map has them. They can be written to both."));
  if (active == 'b' && ub_plan_modes_is_erasing (self) && of_a_set &&
      self->slots == UB_SLOTS_ACTIVE)
    check_erasing (self, phone);
  else if (active == 'b' && !ub_plan_modes_is_erasing (self))
    check_super (self);
}
