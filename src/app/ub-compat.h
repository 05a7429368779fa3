/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The few things that GTK 4.10 and later replaced, one function for each, so that the rest of the
 * program needs only what GTK 4.8 has and nothing that was deprecated after it. */

typedef enum
{
  UB_COMPAT_OPEN_FILE,
  UB_COMPAT_OPEN_FOLDER,
} UbCompatOpen;

/* @folder: (nullable): where to begin */
void ub_compat_open (GtkWindow          *parent,
                     UbCompatOpen        what,
                     const char         *title,
                     const char         *folder,
                     GAsyncReadyCallback callback,
                     gpointer            user_data);
/* where to save a file, by a dialog that asks before it gives the name of one that is there. @name: what it could
 * be called */
void ub_compat_save (GtkWindow          *parent,
                     const char         *title,
                     const char         *name,
                     GAsyncReadyCallback callback,
                     gpointer            user_data);
/* (transfer full) (nullable): %NULL without an error means dismissed; for both */
GFile *ub_compat_open_finish (GAsyncResult *result, GError **error);

/* @buttons: %NULL-terminated; the first one is the safe one, and what Escape chooses */
void ub_compat_ask (GtkWindow          *parent,
                    const char         *message,
                    const char         *detail,
                    const char *const  *buttons,
                    GAsyncReadyCallback callback,
                    gpointer            user_data);
/* index of the button */
int ub_compat_ask_finish (GAsyncResult *result);

/* in a file manager; out of a sandbox by its portal */
void ub_compat_show_folder (GtkWindow *parent, const char *path);
/* tells a screen reader; does nothing before GTK 4.14, where a status role has to do */
void ub_compat_announce (GtkWidget *widget, const char *text);
/* gives the items of every menu the names that GTK 4.10 and later do not tell a screen reader, until it is taken off */
gulong ub_compat_name_menus (void);
void   ub_compat_name_menus_off (gulong hook);
/* of the text in @widget */
void ub_compat_get_color (GtkWidget *widget, GdkRGBA *color);

G_END_DECLS
