/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-error.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

struct _UbPlan
{
  GObject parent_instance;

  UbFirmware *firmware;
  UbMode      mode;
  UbStorage   storage;
  GPtrArray  *steps;  /* of UbStep */
  GPtrArray  *issues; /* of UbIssue */
  GListStore *rows;   /* of UbPlanRow */
};

/* a copy whose steps may be changed and to which issues may be added until it is handed out */
UbPlan *ub_plan_copy (UbPlan *self);
void    ub_plan_add_issue (UbPlan      *self,
                           UbIssueLevel level,
                           int          code,
                           const char  *partition,
                           const char  *format,
                           ...) G_GNUC_PRINTF (5, 6);
/* rows with the worst level of the issues as they are now */
void ub_plan_refresh_rows (UbPlan *self);
/* do the parts of the map that are not ours to write lie in the way of a step? */
void ub_plan_check_overlaps (UbPlan *self, const UbDaReport *report);
/* do the preloaders that are to be written know the phone's memory? */
void ub_plan_memory_check (UbPlan *self, const UbDaReport *report);
/* one of our own, or marked by the map: kept */
gboolean ub_plan_is_protected (const UbPartition *partition);
gboolean ub_plan_is_table (const UbPartition *partition);
gboolean ub_plan_is_reserved (const UbPartition *partition);
/* did the person, not the map, ask for this part? */
gboolean ub_plan_is_wished (const UbPartition *partition, const UbPlanChoice *choice);
/* bytes that go in front of a preloader in @region: 0 if its file has them already */
guint64 ub_plan_files_header_size (const UbPartition *partition, UbRegion region);
/* the first check, without a phone: all that speaks against the firmware and its files */
void ub_plan_files_check (UbPlan *self, const UbPlanChoice *choice);

G_END_DECLS
