/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* appends what is known of the computer, a line each: how the program was installed (Flatpak, Debian …), kernel, desktop, language.
 * @root: below which to look, "" for the computer itself. Reads small files */
void ub_support_system_append (GString *text, const char *root);

G_END_DECLS
