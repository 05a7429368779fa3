/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-storage.h"

G_BEGIN_DECLS

typedef enum
{
  UB_LAYOUT_GPT,
  UB_LAYOUT_MBR, /* MBR with EBR chain */
  UB_LAYOUT_PMT, /* MediaTek's own table */
} UbLayoutKind;

typedef struct
{
  char    *name; /* as the table has it; "" where the table holds none (MBR) */
  UbRegion region;
  guint64  start; /* bytes from the begin of the region */
  guint64  size;  /* bytes */
} UbLayoutEntry;

/**
 * UbLayout:
 *
 * A partition table as found on a phone, whatever its format was. Made by firmware/ub-gpt (from
 * sectors) and da/ (from what an agent reports), compared by the engine with a firmware's map.
 * A value: no locks, one owner.
 */
typedef struct
{
  UbLayoutKind kind;
  GPtrArray   *entries; /* (element-type UbLayoutEntry) in table order */
  char
      active_slot; /* which of two sets of parts the phone starts from: 'a', 'b'; 0: it has one, or it is not known */
} UbLayout;

UbLayout *ub_layout_new (UbLayoutKind kind);
UbLayout *ub_layout_copy (const UbLayout *self);
void      ub_layout_free (UbLayout *self);
void ub_layout_add (UbLayout *self, const char *name, UbRegion region, guint64 start, guint64 size);
const UbLayoutEntry *ub_layout_find (const UbLayout *self, const char *name); /* case-insensitive */
const char          *ub_layout_kind_to_string (UbLayoutKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbLayout, ub_layout_free)

G_END_DECLS
