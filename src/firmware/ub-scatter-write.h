/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/ub-partition.h"

G_BEGIN_DECLS

/* A scatter (V1.1.2, YAML; shared/facts/scatter.md §1b) for parts that were read from a phone, so that other tools can use a copy, too. @parts:
 * (element-type UbPartition), in order; protected ones are marked so and not for download. (transfer full) */
char *ub_scatter_write (const char *platform,
                        const char *project,
                        UbStorage   storage,
                        GPtrArray  *parts);

G_END_DECLS
