/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-plan.h"

G_BEGIN_DECLS

#define UB_TYPE_MODE_BOX (ub_mode_box_get_type ())
G_DECLARE_FINAL_TYPE (UbModeBox, ub_mode_box, UB, MODE_BOX, GtkWidget)

/**
 * UbModeBox:
 *
 * The mode with the sentence that says what is lost and what is kept, a box that warns where
 * something is lost, and, folded, what experts choose. Knows no firmware. Signal: "changed".
 */

/* (nullable): takes the mode of the last time, unless that one destroys something */
void ub_mode_box_set_settings (UbModeBox *self, GSettings *settings);
/* the wishes that are made here; the rest of @choice is left alone */
void   ub_mode_box_fill_choice (UbModeBox *self, UbPlanChoice *choice);
UbMode ub_mode_box_get_mode (UbModeBox *self);
/* @mode: one of the drop-down's */
void ub_mode_box_set_mode (UbModeBox *self, UbMode mode);
/* shown while the mode destroys something; each may be "" */
void ub_mode_box_set_words (UbModeBox *self, const char *lost, const char *keeps);
/* the map has two sets of parts: which are written can be chosen */
void ub_mode_box_set_slots (UbModeBox *self, gboolean slots);
/* a phone is being written: nothing can be changed */
void ub_mode_box_set_locked (UbModeBox *self, gboolean locked);

G_END_DECLS
