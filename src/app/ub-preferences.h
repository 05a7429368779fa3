/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-firmware-loader.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A small window with the download agents that are known; more are added by the parent's actions
 * "win.choose-agent" and "win.add-agents". */
void ub_preferences_show (GtkWindow *parent, UbFirmwareLoader *loader);

G_END_DECLS
