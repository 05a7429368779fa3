/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-part-row.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

/* Where the names of a phone's parts come from: its own table, else the open firmware's map. */

/* (transfer full) (element-type UbPartRow): may be empty. @erase: rows that are kept have a lock. @from: (out)
 * (transfer full): where the list comes from, one translated sentence */
GPtrArray *ub_part_source_dup_rows (UbFirmware  *firmware,
                                    UbPhoneInfo *phone,
                                    gboolean     erase,
                                    gboolean     expert,
                                    char       **from);
/* why the part of that name is not erased, translated; NULL if it may be */
const char *ub_part_source_get_lock (const char *name, gboolean expert);
/* (transfer full): names as typed, with commas or spaces between them */
char    **ub_part_source_split (const char *text);
UbStorage ub_part_source_get_storage (UbFirmware *firmware); /* the first one */

G_END_DECLS
