/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"
#include "usb/ub-usb-pipe.h"
#include "usb/ub-usb-watcher.h"

G_BEGIN_DECLS

#define UB_TYPE_USB_LINK (ub_usb_link_get_type ())
G_DECLARE_FINAL_TYPE (UbUsbLink, ub_usb_link, UB, USB_LINK, GObject)

/**
 * UbUsbLink:
 *
 * A link over the USB cable. To be used by one thread at a time, which also runs libusb's events.
 */

/* @pipe: (transfer full): open; @watcher finds the phone again for ub_link_reopen() */
UbLink *ub_usb_link_new (UbUsbPipe *pipe, UbUsbWatcher *watcher);

G_END_DECLS
