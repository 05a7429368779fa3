/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-window.h"

G_BEGIN_DECLS

/* Asks for one part and one image (TWRP and the like), and has @window write it. @path (nullable):
 * the image, if it is known already.
 * @expert: protected parts may be named, too */
void ub_single_dialog_present (UbWindow *window, const char *path, gboolean expert);

G_END_DECLS
