/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da.h"

G_BEGIN_DECLS

#define UB_TYPE_DA_XFLASH (ub_da_xflash_get_type ())
G_DECLARE_FINAL_TYPE (UbDaXflash, ub_da_xflash, UB, DA_XFLASH, UbDa)

/* the XFLASH dialect (shared/protocol/xflash-and-xml.md §2-3, genuine-agents.md §5.1, which wins) */
UbDa *ub_da_xflash_new (UbLink *link);

G_END_DECLS
