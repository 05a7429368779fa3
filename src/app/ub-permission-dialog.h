/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* Whether this computer lets us talk to phones that come from @source, the one step that makes it, and what came of it. Stays true
 * while it is open. Buttons open it by the action "win.permission" */
void ub_permission_dialog_present (GtkWindow *parent, UbLinkSource *source);

G_END_DECLS
