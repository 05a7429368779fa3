/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan.h"

G_BEGIN_DECLS

/* how the engine makes rows; everybody else reads them by ub-plan.h */
UbPlanRow *ub_plan_row_new (UbFirmware        *firmware,
                            const UbPartition *partition,
                            UbRowFate          fate,
                            gboolean           ticked,
                            gboolean           tickable,
                            const char        *note,
                            int                level);
UbPlanRow *ub_plan_row_with_level (UbPlanRow *self, int level, const char *note);

G_END_DECLS
