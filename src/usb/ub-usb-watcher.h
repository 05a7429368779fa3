/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"
#include "usb/ub-usb-pipe.h"

G_BEGIN_DECLS

#define UB_TYPE_USB_WATCHER (ub_usb_watcher_get_type ())
G_DECLARE_FINAL_TYPE (UbUsbWatcher, ub_usb_watcher, UB, USB_WATCHER, UbLinkSource)

/**
 * UbUsbWatcher:
 *
 * Watches the USB bus by the nodes in /dev/bus/usb, which also works in a sandbox where no udev
 * message arrives (shared/facts/flatpak.md §3). Phones are opened by the thread that waits for one.
 */

UbLinkSource *ub_usb_watcher_new (void);

/* for UbUsbLink */
/* Waits for a phone at @port (%NULL: any) and opens it (transfer full). @left_number: the number on
 * the bus it had before and is about to lose, 0 for none. */
UbUsbPipe *ub_usb_watcher_take (UbUsbWatcher *self,
                                const char   *port,
                                guint         left_number,
                                guint         timeout_ms,
                                GCancellable *cancellable,
                                GError      **error);
/* the phone is not open any more: the next one may take it */
void ub_usb_watcher_give_back (UbUsbWatcher *self, const UbUsbPlace *place);

G_END_DECLS
