/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The name begins with a number below 71: 71-seat.rules and 73-seat-late.rules act on the tag, and 80-mm-candidate.rules on the
 * property (shared/facts/flatpak.md §4) */
#define UB_USB_RULES_NAME "60-unbrick.rules"

/* Phones that come under their makers' own numbers are in no table: one line for each that was met. A list of guint32, vendor << 16 |
 * product, each once */
#define UB_USB_RULES_MOST_OWN 32

/* FALSE: it is full. One that is there already is not added again */
gboolean ub_usb_rules_add_own (GArray *own, guint16 vendor, guint16 product);
/* "1bbb:f00f" */
gboolean ub_usb_rules_parse_own (GArray *own, const char *word);
/* what a file that says @text names beside our table */
void ub_usb_rules_find_own (GArray *own, const char *text);

/* what that file says; @own: (nullable). (transfer full) */
char *ub_usb_rules_dup_text (const GArray *own);
/* Does a file that says @text do what ours does? Comments, blanks and more of the same do not matter. @own: (nullable) */
gboolean ub_usb_rules_are_in (const char *text, const GArray *own);

G_END_DECLS
