/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/ub-firmware-loader.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_DOWNLOAD_PAGE (ub_download_page_get_type ())
G_DECLARE_FINAL_TYPE (UbDownloadPage, ub_download_page, UB, DOWNLOAD_PAGE, GtkWidget)

/**
 * UbDownloadPage:
 *
 * Firmware, agent, mode and table: from files to a plan. Knows no phone. Signals: "changed" (the
 * plan, or why there is none, is another one), "opened" (path: a firmware was opened), "alone" (path: a
 * single file was opened, and nothing beside it can be seen; nullable GError: why it could not be opened
 * at all), "trouble" (GError: files that could not be used).
 */
void ub_download_page_set_loader (UbDownloadPage *self, UbFirmwareLoader *loader);
/* @any: there is firmware among it, not only ways to open some */
void ub_download_page_set_recent (UbDownloadPage *self, GMenuModel *recent, gboolean any);
/* (nullable): where chosen agents are remembered */
void ub_download_page_set_settings (UbDownloadPage *self, GSettings *settings);
/* begins to open; what comes of it is shown */
void ub_download_page_open (UbDownloadPage *self, const char *path);
/* the file called @wanted (nullable) in the folder @path; "alone" is not said of it */
void ub_download_page_open_in (UbDownloadPage *self, const char *path, const char *wanted);
/* @path: a container, a folder or an archive; adds it to the library and takes what fits */
void ub_download_page_add_agents (UbDownloadPage *self, const char *path);
/* one of those the page has */
void ub_download_page_set_mode (UbDownloadPage *self, UbMode mode);
void ub_download_page_set_expert (UbDownloadPage *self, gboolean expert);
/* a phone is being written: nothing can be changed */
void ub_download_page_set_locked (UbDownloadPage *self, gboolean locked);
/* what the phone made of the plan, while it is there and the page is locked */
void ub_download_page_show_checked (UbDownloadPage *self, UbPlan *plan);
/* (transfer none) (nullable) */
UbPlan     *ub_download_page_get_plan (UbDownloadPage *self);
UbFirmware *ub_download_page_get_firmware (UbDownloadPage *self);
/* (transfer full): container files, the chosen one first */
char **ub_download_page_dup_agents (UbDownloadPage *self);
/* (transfer none) (nullable): the one the person has chosen here, not one that is only remembered */
const char *ub_download_page_get_agent (UbDownloadPage *self);
/* why Download cannot begin, in words; %NULL if it can */
const char *ub_download_page_get_reason (UbDownloadPage *self);
G_END_DECLS
