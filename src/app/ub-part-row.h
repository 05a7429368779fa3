/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define UB_TYPE_PART_ROW (ub_part_row_get_type ())
G_DECLARE_FINAL_TYPE (UbPartRow, ub_part_row, UB, PART_ROW, GObject)

/**
 * UbPartRow:
 *
 * One part of a phone or of a copy in a checklist. Properties: ticked (gboolean, writable while tickable, notify);
 * read-only and constant: tickable, name, size, size-tip, note, icon (texts; icon nullable).
 */

/* @size: bytes, 0 if not known. @note: "" or one translated sentence. @locked: has a lock and cannot be ticked */
UbPartRow  *ub_part_row_new (const char *name,
                             guint64     size,
                             const char *note,
                             gboolean    locked,
                             gboolean    ticked);
const char *ub_part_row_get_name (UbPartRow *self);
guint64     ub_part_row_get_size (UbPartRow *self);
gboolean    ub_part_row_get_ticked (UbPartRow *self);
gboolean    ub_part_row_get_locked (UbPartRow *self);

G_END_DECLS
