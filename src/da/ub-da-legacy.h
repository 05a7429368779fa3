/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da.h"

G_BEGIN_DECLS

#define UB_TYPE_DA_LEGACY (ub_da_legacy_get_type ())
G_DECLARE_FINAL_TYPE (UbDaLegacy, ub_da_legacy, UB, DA_LEGACY, UbDa)

/* the legacy dialect (shared/protocol/brom-and-legacy.md §5, genuine-agents.md §5.3) */
UbDa *ub_da_legacy_new (UbLink *link);

G_END_DECLS
