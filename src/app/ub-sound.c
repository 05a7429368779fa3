/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-sound.h"

#define BETWEEN_MS 350

static void
beep (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);

  if (native != NULL && gtk_native_get_surface (native) != NULL)
    gdk_surface_beep (gtk_native_get_surface (native));
}

static gboolean
again_cb (gpointer user_data)
{
  beep (user_data);
  return G_SOURCE_REMOVE;
}

void
ub_sound_play (GtkWidget *widget, UbSoundKind kind)
{
  gboolean wanted = TRUE;

  g_object_get (gtk_widget_get_settings (widget), "gtk-enable-event-sounds", &wanted, NULL);
  if (!wanted)
    return;
  beep (widget);
  if (kind == UB_SOUND_BAD)
    g_timeout_add_full (G_PRIORITY_DEFAULT,
                        BETWEEN_MS,
                        again_cb,
                        g_object_ref (widget),
                        g_object_unref);
}
