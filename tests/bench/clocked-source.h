/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define CLOCKED_TYPE_SOURCE (clocked_source_get_type ())
G_DECLARE_FINAL_TYPE (ClockedSource, clocked_source, CLOCKED, SOURCE, UbLinkSource)

/**
 * ClockedSource:
 *
 * Another source with a stop watch in its links: what crosses threads on its way to us comes too
 * late on a busy machine to measure anything by.
 */

ClockedSource *clocked_source_new (UbLinkSource *inner);
/* µs from the begin of the first data packet to the answer to the last; when the links are not in
 * use */
gint64 clocked_source_get_us (ClockedSource *self);
/* µs from the first to the last byte of the packets that were read */
gint64 clocked_source_get_read_us (ClockedSource *self);

G_END_DECLS
