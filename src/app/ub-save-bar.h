/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-backup.h"

G_BEGIN_DECLS

#define UB_TYPE_SAVE_BAR (ub_save_bar_get_type ())
G_DECLARE_FINAL_TYPE (UbSaveBar, ub_save_bar, UB, SAVE_BAR, GtkWidget)

/**
 * UbSaveBar:
 *
 * Saves a copy of a phone to a folder of one's own, one at a time: asks where to, shows how far it is, and what came of
 * it. Hidden while there is nothing to say.
 */

/* asks for a folder first; a copy that has a manifest. Nothing while another one is being saved */
void ub_save_bar_ask (UbSaveBar *self, UbBackup *backup);
/* begins without asking */
void ub_save_bar_save (UbSaveBar *self, UbBackup *backup, const char *parent);

G_END_DECLS
