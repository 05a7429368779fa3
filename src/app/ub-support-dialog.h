/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define UB_TYPE_SUPPORT_DIALOG (ub_support_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UbSupportDialog, ub_support_dialog, UB, SUPPORT_DIALOG, GtkWindow)

/* shows what was copied for support, which is on the clipboard already. @text: masked */
void ub_support_dialog_present (GtkWindow *parent, const char *text);

G_END_DECLS
