/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/ub-firmware-loader.h"
#include "engine/ub-agent-library.h"
#include "engine/ub-support.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define UB_TYPE_APPLICATION (ub_application_get_type ())
G_DECLARE_FINAL_TYPE (UbApplication, ub_application, UB, APPLICATION, GtkApplication)

/**
 * UbApplication:
 *
 * The window's program. Never makes a link source itself: main.c hands them in, so that this room
 * needs neither libusb nor the practice phone.
 */

/* makes the source for the practice phone or for real ones; (transfer full). @firmware_folder:
 * (out) (transfer full) (nullable): a firmware to practise with */
typedef UbLinkSource *(*UbSourceFactory) (gboolean practice,
                                          char   **firmware_folder,
                                          gpointer user_data);

/* the plug of the practice phone */
typedef struct
{
  void (*plug) (gboolean in, gpointer user_data);
  gpointer user_data;
} UbPracticeControls;

/* @source: (nullable): started and stopped by the application. @agents: (nullable) */
UbApplication *ub_application_new (UbLinkSource *source, UbAgentLibrary *agents, gboolean practice);
/* opened as soon as there is a window; (nullable) */
void ub_application_set_open_path (UbApplication *self, const char *path);
/* without one the menu has no "Practice phone" */
void ub_application_set_source_factory (UbApplication  *self,
                                        UbSourceFactory factory,
                                        gpointer        user_data);
/* copied; asked for only while the practice phone is used */
void ub_application_set_practice_controls (UbApplication *self, const UbPracticeControls *controls);

/* told of cable and jobs, instead of one that knows neither log nor libraries. Before it runs */
void ub_application_set_support (UbApplication *self, UbSupport *support);

/* for the window; all (transfer none) (nullable) */
UbLinkSource *ub_application_get_source (UbApplication *self);
GError *ub_application_get_source_error (UbApplication *self); /* why the source did not start */
UbFirmwareLoader *ub_application_get_loader (UbApplication *self);
GSettings        *ub_application_get_settings (UbApplication *self);
UbSupport        *ub_application_get_support (UbApplication *self);
gboolean          ub_application_get_practice (UbApplication *self);
gboolean          ub_application_has_plug (UbApplication *self);
void              ub_application_plug (UbApplication *self, gboolean in);
/* where safety copies and unfinished jobs are kept; (nullable): %NULL is the user's data folder. What
 * is practised has places of its own */
const char *ub_application_get_copies_folder (UbApplication *self);
const char *ub_application_get_journal_folder (UbApplication *self);
/* counted: a disk is being written, and the program does not end before that is told to be over */
void ub_application_set_saving (UbApplication *self, gboolean saving);
/* a phone is being written: what would disturb it is switched off */
void ub_application_set_busy_writing (UbApplication *self, gboolean busy);

G_END_DECLS
