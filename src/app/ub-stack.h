/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows the child called @name and hides the others: a screen reader would read them, too, were they only behind */
void ub_stack_show (GtkStack *stack, const char *name);

G_END_DECLS
