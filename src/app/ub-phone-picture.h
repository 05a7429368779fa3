/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  UB_PICTURE_AWAY, /* the cable hangs loose */
  UB_PICTURE_PLUGGED,
  UB_PICTURE_KEYS, /* hold volume down */
  UB_PICTURE_ON,   /* switched on, and should not be */
  UB_PICTURE_DONE,
  UB_PICTURE_TROUBLE,
} UbPicture;

#define UB_TYPE_PHONE_PICTURE (ub_phone_picture_get_type ())
G_DECLARE_FINAL_TYPE (UbPhonePicture, ub_phone_picture, UB, PHONE_PICTURE, GtkWidget)

/**
 * UbPhonePicture:
 *
 * A simple drawing of a phone and its cable, in the colour of the text around it. The words beside
 * it say the same.
 */
void ub_phone_picture_set (UbPhonePicture *self, UbPicture picture);

G_END_DECLS
