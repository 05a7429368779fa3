/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-plan.h"

G_BEGIN_DECLS

typedef enum
{
  UB_PLACE_READ,
  UB_PLACE_ERASE, /* what belongs to the phone alone is locked */
} UbPlacePurpose;

#define UB_TYPE_PLACE_CHOOSER (ub_place_chooser_get_type ())
G_DECLARE_FINAL_TYPE (UbPlaceChooser, ub_place_chooser, UB, PLACE_CHOOSER, GtkWidget)

/**
 * UbPlaceChooser:
 *
 * Which place of a phone: all of it, parts, or a range of addresses. Signal "changed".
 */

/* once, before it is shown */
void ub_place_chooser_set_purpose (UbPlaceChooser *self, UbPlacePurpose purpose);
/* where the list of parts and the sizes come from; both nullable. @expert: locks are open */
void ub_place_chooser_set_known (UbPlaceChooser *self,
                                 UbFirmware     *firmware,
                                 UbPhoneInfo    *phone,
                                 gboolean        expert);
/* (transfer none), until the next change; NULL while something is wrong or missing */
const UbPlanTarget *ub_place_chooser_get_target (UbPlaceChooser *self);
/* what is wrong or missing, translated; NULL if nothing is */
const char *ub_place_chooser_get_trouble (UbPlaceChooser *self);
/* the chooser says it by itself, beside what was typed */
gboolean ub_place_chooser_shows_trouble (UbPlaceChooser *self);
/* bytes of it; 0 if that is not known */
guint64 ub_place_chooser_get_size (UbPlaceChooser *self);

G_END_DECLS
