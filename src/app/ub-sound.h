/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  UB_SOUND_GOOD,
  UB_SOUND_BAD, /* it failed, or somebody is needed */
} UbSoundKind;

/**
 * ub_sound_play:
 * @widget: realized: whose window sounds
 *
 * The desktop's own bell: once for what is good, twice for what is bad. It is what the desktop has made of it (GNOME plays its alert
 * sound), and it needs no sound server, so that a Flatpak needs no further permission. A desktop without a bell (some on Wayland) stays
 * silent. Nothing is heard where the person has switched event sounds off.
 */
void ub_sound_play (GtkWidget *widget, UbSoundKind kind);

G_END_DECLS
