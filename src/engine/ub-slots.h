/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-layout.h"

G_BEGIN_DECLS

/* Phones that hold their system twice, as boot_a and boot_b …, and what says which of the two they start from: the
 * bootloader control block of the Android project (bootloader_message.h, struct bootloader_control), in the part
 * "misc". */

#define UB_SLOTS_OFFSET 2048 /* in "misc", bytes */
#define UB_SLOTS_SIZE 32

/* 'a' or 'b' by @block of UB_SLOTS_SIZE bytes; 0 if it is none, is damaged, or names another one */
char ub_slots_parse (const guint8 block[UB_SLOTS_SIZE]);
/* 'a' or 'b' if @name ends like one of a pair; else 0 */
char ub_slots_get (const char *name);
/* the other one's name: boot_a, boot_b; (transfer full) (nullable): not one of a pair */
char *ub_slots_dup_twin (const char *name);
/* has @layout any part twice? */
gboolean ub_slots_has_pairs (const UbLayout *layout);

G_END_DECLS
