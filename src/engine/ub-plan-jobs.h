/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan.h"

G_BEGIN_DECLS

/* what the jobs without a firmware share among themselves */

/* --- ub-plan-jobs.c --- */
/* the whole region that "boot1", "boot2" or "user" stands for; UNKNOWN for any other name */
UbRegion ub_plan_jobs_find_region (UbStorage storage, const char *name);
gboolean ub_plan_jobs_is_boot_region (UbRegion region);
/* BLOCKER: the phone has no part of that name; @layout (nullable) */
void     ub_plan_jobs_report_unknown (UbPlan *self, const UbLayout *layout, const char *name);
gboolean ub_plan_jobs_fits (const UbDaReport *report,
                            UbRegion          region,
                            guint64           offset,
                            guint64           length);
/* tells what of a range of the phone is protected (BLOCKER, expert: DANGER); FALSE, with a BLOCKER, if
 * it reaches into tables or what is reserved */
gboolean ub_plan_jobs_check_range (UbPlan      *self,
                                   UbPhoneInfo *phone,
                                   const char  *name,
                                   UbRegion     region,
                                   guint64      offset,
                                   guint64      length);
void     ub_plan_jobs_report_table (UbPlan *self, const char *name);

/* --- ub-plan-single.c --- */
void ub_plan_single_build (UbPlan *self, UbPhoneInfo *phone);
/* is that a part that holds an Android boot image? */
gboolean ub_plan_single_wants_boot_image (const char *name);

/* --- ub-plan-restore.c --- */
void ub_plan_restore_build (UbPlan *self, UbPhoneInfo *phone);

G_END_DECLS
