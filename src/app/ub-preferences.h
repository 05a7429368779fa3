/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"
#include "app/ub-maker-files.h"

G_BEGIN_DECLS

/* A small window: how long safety copies are kept, the maker's files, and the download agents that
 * are known; more are added by the parent's actions "win.choose-agent" and "win.add-agents". Returns
 * (transfer none): its part for the maker's files */
UbMakerFiles *ub_preferences_show (GtkWindow *parent, UbApplication *application);

G_END_DECLS
