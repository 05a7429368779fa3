/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define UB_TYPE_MAKER_FILES (ub_maker_files_get_type ())
G_DECLARE_FINAL_TYPE (UbMakerFiles, ub_maker_files, UB, MAKER_FILES, GtkWidget)

/**
 * UbMakerFiles:
 *
 * The maker's own files for phones that want them: authorisation, certificate, key. Chosen here,
 * kept in the settings, shown to the phone by every job. Signal: "changed".
 */

/* (nullable): then nothing is remembered, and there is nothing to choose */
void ub_maker_files_set_settings (UbMakerFiles *self, GSettings *settings);
/* the keyboard begins here */
void ub_maker_files_focus (UbMakerFiles *self);

G_END_DECLS
