/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"

#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>

/* A preloader switches on the phone's memory with settings it finds by the id of the memory chip.
 * One that has none for this chip stops there: the phone is dead until it gets another. */

static gboolean
is_known (const guint8 *id, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (id[i] != 0x00 && id[i] != 0xff)
      return TRUE;
  return FALSE;
}

/* older reports have the CID alone; (transfer none) (nullable): not told */
static const guint8 *
get_id (const UbDaReport *report)
{
  if (is_known (report->memory_id, sizeof report->memory_id))
    return report->memory_id;
  return report->storage == UB_STORAGE_EMMC && is_known (report->cid, sizeof report->cid)
             ? report->cid
             : NULL;
}

gboolean
ub_plan_memory_is_told (const UbDaReport *report)
{
  return get_id (report) != NULL;
}

gboolean
ub_plan_memory_fits (const UbEmi *emi, const UbDaReport *report)
{
  const guint8 *id = get_id (report);

  if (id == NULL || emi == NULL || emi->ids_unknown || emi->index->len == 0)
    return TRUE;
  for (guint i = 0; i < emi->index->len; i++)
    {
      const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

      if (record->id_length == 0 || ub_emi_record_matches (record, id, sizeof report->memory_id))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_second_copy (UbPlan *self, guint i)
{
  const UbStep *step = g_ptr_array_index (self->steps, i);

  for (guint j = 0; j < i; j++)
    {
      const UbStep *other = g_ptr_array_index (self->steps, j);

      if (other->kind == UB_STEP_WRITE && other->is_preloader &&
          g_strcmp0 (other->image_path, step->image_path) == 0)
        return TRUE;
    }
  return FALSE;
}

void
ub_plan_memory_check (UbPlan *self, const UbDaReport *report)
{
  if (!ub_plan_memory_is_told (report))
    return;
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);
      g_autoptr (UbPreloader) preloader = NULL;

      if (step->kind != UB_STEP_WRITE || !step->is_preloader || step->image_path == NULL ||
          is_second_copy (self, i))
        continue;
      preloader = ub_preloader_open (step->image_path, NULL);
      if (preloader == NULL || ub_plan_memory_fits (preloader->emi, report))
        continue;
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_NO_EMI,
                         step->name,
                         _ ("The file for “%s” has no settings for this phone's memory. The phone "
                            "would not start with it."),
                         step->name);
    }
}
