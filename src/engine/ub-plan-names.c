/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-jobs.h"
#include "engine/ub-plan-private.h"

/* What an agent that knows parts by name calls the place of a step. It finds the place itself, by its own table: so a step
 * has a name only where the table says the same place. */

static void
name_boot_region (UbStep *step)
{
  const gboolean is_first =
      step->region == UB_REGION_EMMC_BOOT1 || step->region == UB_REGION_UFS_LU0;

  if (step->offset != 0)
    return;
  step->agent_name = g_strdup (is_first ? "preloader" : "preloader_backup");
  /* a boot region that is put back as it was comes with all that lies behind the preloader */
  step->by_name = step->kind == UB_STEP_WRITE && step->is_preloader;
}

static void
name_part (UbPlan *self, UbStep *step, const UbLayout *layout)
{
  const UbLayoutEntry *entry = ub_plan_table_find (layout, step->name, step->region);

  if (entry != NULL && entry->start == step->offset &&
      ub_plan_check_range_of_step (self, step).end <= ub_plan_check_add (entry->start, entry->size))
    step->agent_name = g_strdup (entry->name);
}

void
ub_plan_names_set (UbPlan *self, const UbLayout *layout)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->agent_name != NULL ||
          (step->kind != UB_STEP_WRITE && step->kind != UB_STEP_RESTORE))
        continue;
      if (ub_plan_jobs_is_boot_region (step->region))
        name_boot_region (step);
      else if (layout != NULL && layout->kind == UB_LAYOUT_GPT)
        name_part (self, step, layout);
    }
}
