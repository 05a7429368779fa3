/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  UB_USB_EARS_CHANGED, /* a node's mode, for one: more changes may follow. On which bus is not told */
  UB_USB_EARS_SETTLED, /* udev has done all it will do for a thing */
} UbUsbEarsNews;

typedef void (*UbUsbEarsFunc) (UbUsbEarsNews news, guint bus, guint number, gpointer user_data);

/**
 * UbUsbEars:
 *
 * What wakes the watcher: changes of folders (inotify), udev's messages where any arrive, and us. It listens from
 * ub_usb_ears_new() on. One thread but for ub_usb_ears_wake().
 */
typedef struct _UbUsbEars UbUsbEars;

UbUsbEars *ub_usb_ears_new (void);
void       ub_usb_ears_free (UbUsbEars *self);
/* Ends a wait; from any thread. */
void ub_usb_ears_wake (UbUsbEars *self);
/* Watching twice is the same watch; it ends when the folder goes. */
void ub_usb_ears_add_folder (UbUsbEars *self, const char *path);
/* Waits until there may be something to see, @timeout_ms at most. @more_fd: (nullable as -1): also polled for reading;
 * what poll() said of it goes to @more_events. @func is called for what is more than a reason to look. Returns FALSE on time-out */
gboolean ub_usb_ears_wait (UbUsbEars    *self,
                           int           more_fd,
                           short        *more_events,
                           int           timeout_ms,
                           UbUsbEarsFunc func,
                           gpointer      user_data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbEars, ub_usb_ears_free)

G_END_DECLS
