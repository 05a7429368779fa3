/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-guide.h"

G_BEGIN_DECLS

#define UB_TYPE_PHONE_PICTURE (ub_phone_picture_get_type ())
G_DECLARE_FINAL_TYPE (UbPhonePicture, ub_phone_picture, UB, PHONE_PICTURE, GtkWidget)

/**
 * UbPhonePicture:
 *
 * One of the drawings of ui/pictures, in the colour of the text around it and as sharp as the screen.
 * Who cannot see it is told in words what is on it.
 */
void           ub_phone_picture_set (UbPhonePicture *self, UbGuidePicture picture);
UbGuidePicture ub_phone_picture_get (UbPhonePicture *self);

G_END_DECLS
