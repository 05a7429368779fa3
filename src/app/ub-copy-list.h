/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-backup.h"

G_BEGIN_DECLS

#define UB_TYPE_COPY_LIST (ub_copy_list_get_type ())
G_DECLARE_FINAL_TYPE (UbCopyList, ub_copy_list, UB, COPY_LIST, GtkWidget)

/**
 * UbCopyList:
 *
 * The safety copies on this computer, newest first. Signal "copy-asked" (UbBackup, gboolean): one is to be shown, or, if TRUE, put back.
 * Signal "save-asked" (UbBackup): one is to be saved to another place.
 */

/* @root: (nullable): the user's data folder; reads it anew */
void ub_copy_list_reload (UbCopyList *self, const char *root);

G_END_DECLS
