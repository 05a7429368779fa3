/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* legacy agents: sum of all bytes mod 2^16 (shared/protocol/brom-and-legacy.md §5.1) */
guint16 ub_checksum_sum16 (const guint8 *data, gsize size);
/* boot ROM and preloader: XOR of 16-bit little-endian words, an odd last byte as a word (§2.5) */
guint16 ub_checksum_xor16 (const guint8 *data, gsize size);
/* the same, continued: @size must be even but for the last piece */
guint16 ub_checksum_xor16_update (guint16 sum, const guint8 *data, gsize size);
/* XML agents and Checksum files: sum of 32-bit little-endian words plus the 0–3 bytes left, mod
 * 2^32 */
guint32 ub_checksum_add32 (const guint8 *data, gsize size);

G_END_DECLS
