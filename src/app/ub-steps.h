/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* what to do, a numbered line each, in place of what @grid held before */
void ub_steps_fill (GtkGrid *grid, const char *const *lines);

G_END_DECLS
