/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* By themselves drop-downs, buttons and ticks are as wide as their words, and the window with them: too
 * wide for a small screen in a language with long words. */

/* lets the words of its button be cut in the middle; they are its tooltip, too. @drop_down: with a model in it */
void ub_narrow_drop_down (GtkWidget *drop_down);
/* lets the words of all buttons and ticks in @widget take a second line */
void ub_narrow_buttons (GtkWidget *widget);

G_END_DECLS
