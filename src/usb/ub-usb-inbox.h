/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "usb/ub-usb-pipe.h"

G_BEGIN_DECLS

/**
 * UbUsbInbox:
 *
 * What comes from the phone. Transfers are posted all the time, so that nothing the phone says is
 * lost or waits; what nobody has asked for yet is kept.
 */
typedef struct _UbUsbInbox UbUsbInbox;

/* @pipe is borrowed and must live longer */
UbUsbInbox *ub_usb_inbox_new (UbUsbPipe *pipe);
/* ends the transfers in flight and waits for their end */
void ub_usb_inbox_free (UbUsbInbox *self);
/* keeps transfers posted without waiting, for while something else is done */
void ub_usb_inbox_keep (UbUsbInbox *self);
/* 1…@size bytes, -1 on error */
gssize ub_usb_inbox_read (UbUsbInbox *self,
                          guint8     *data,
                          gsize       size,
                          guint       timeout_ms,
                          GError    **error);
/* %LIBUSB_TRANSFER_COMPLETED while all is well */
enum libusb_transfer_status ub_usb_inbox_get_failure (UbUsbInbox *self);

G_END_DECLS
