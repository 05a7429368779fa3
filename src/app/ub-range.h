/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-storage.h"

G_BEGIN_DECLS

/* What a person types as an address or a length. */

/* "0x1f000", "4096", "16K", "1.5 MiB", "2 GB": bytes; K, M and G are powers of 1024, as flash is made,
 * whatever is behind them. FALSE for everything else and for what is more than 64 bits */
gboolean ub_range_parse (const char *text, guint64 *bytes);

/* Takes both fields. @capacity: bytes of the region, 0 if it is not known. @may_be_open: an empty length is "to the
 * end" (G_MAXUINT64). Returns (transfer full) (nullable): what is wrong, translated; %NULL if nothing is */
char *ub_range_dup_trouble (const char *begin,
                            const char *length,
                            guint64     capacity,
                            gboolean    may_be_open,
                            guint64    *offset,
                            guint64    *size);

G_END_DECLS
