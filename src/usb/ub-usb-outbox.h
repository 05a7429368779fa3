/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"
#include "usb/ub-usb-inbox.h"

G_BEGIN_DECLS

/**
 * UbUsbOutbox:
 *
 * What goes to the phone: every piece in transfers of its own, several in flight.
 */
typedef struct _UbUsbOutbox UbUsbOutbox;

/* both are borrowed and must live longer */
UbUsbOutbox *ub_usb_outbox_new (UbUsbPipe *pipe, UbUsbInbox *inbox);
void         ub_usb_outbox_free (UbUsbOutbox *self);
gboolean     ub_usb_outbox_write (UbUsbOutbox       *self,
                                  const UbLinkPiece *pieces,
                                  guint              n_pieces,
                                  guint              timeout_ms,
                                  GError           **error);

G_END_DECLS
