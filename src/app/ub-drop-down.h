/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets the words of a drop-down's button be cut in the middle: by itself it is as wide as they are, and
 * the window with it. They are its tooltip, too. @drop_down: with a model in it */
void ub_drop_down_shorten (GtkWidget *drop_down);

G_END_DECLS
