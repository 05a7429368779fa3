/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"

G_BEGIN_DECLS

#define UB_TYPE_READBACK_PAGE (ub_readback_page_get_type ())
G_DECLARE_FINAL_TYPE (UbReadbackPage, ub_readback_page, UB, READBACK_PAGE, GtkWidget)

/**
 * UbReadbackPage:
 *
 * Saves a copy of a phone, or of a part of it, and puts copies back. In its window it adds the action
 * "win.show-copy" (path of a copy, put it back at once?), which brings it to the front.
 */

/* @application: borrowed, outlives the page */
GtkWidget *ub_readback_page_new (UbApplication *application);
/* copies are saved below it, each in a folder of its own; %NULL: one has to be chosen first */
void ub_readback_page_set_folder (UbReadbackPage *self, const char *folder);

G_END_DECLS
