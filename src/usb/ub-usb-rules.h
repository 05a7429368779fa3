/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The name begins with a number below 71: 71-seat.rules and 73-seat-late.rules act on the tag, and 80-mm-candidate.rules on the
 * property (shared/facts/flatpak.md §4) */
#define UB_USB_RULES_NAME "60-unbrick.rules"

/* what that file says; (transfer full) */
char *ub_usb_rules_dup_text (void);
/* Does a file that says @text do what ours does? Comments, blanks and more of the same do not matter */
gboolean ub_usb_rules_are_in (const char *text);

G_END_DECLS
