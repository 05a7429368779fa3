/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-window.h"

G_BEGIN_DECLS

#define UB_TYPE_WINDOW_WATCH (ub_window_watch_get_type ())
G_DECLARE_FINAL_TYPE (UbWindowWatch, ub_window_watch, UB, WINDOW_WATCH, GObject)

/**
 * UbWindowWatch:
 *
 * What a page has to know of the window it is in: does a job run, which firmware is open, which phone was seen last.
 * Signals: "changed" (any of it), "finished" (UbReport: how a job ended).
 */
UbWindowWatch *ub_window_watch_new (void);
/* follows the window that @page (nullable) is in now: for a page's root and unroot */
void         ub_window_watch_follow (UbWindowWatch *self, GtkWidget *page);
UbWindow    *ub_window_watch_get_window (UbWindowWatch *self); /* (nullable) */
gboolean     ub_window_watch_is_running (UbWindowWatch *self);
gboolean     ub_window_watch_is_expert (UbWindowWatch *self);
UbFirmware  *ub_window_watch_get_firmware (UbWindowWatch *self); /* (nullable) */
UbPhoneInfo *ub_window_watch_get_phone (
    UbWindowWatch *self); /* (nullable): of the last job that met one */

G_END_DECLS
