/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libusb.h>

#include "usb/ub-usb-ids.h"
#include "usb/ub-usb-place.h"

G_BEGIN_DECLS

/**
 * UbUsbPipe:
 *
 * A phone that is open: our file descriptor, libusb around it, the interfaces claimed. Each pipe
 * has a libusb context of its own, so that its events are handled by the thread that waits for them
 * and no other. Used by one thread.
 */
typedef struct
{
  UbUsbPlace           *place; /* (owned) */
  UbUsbLayout           layout;
  int                   fd;
  libusb_context       *context;
  libusb_device_handle *handle;
} UbUsbPipe;

UbUsbPipe *ub_usb_pipe_open (const UbUsbPlace *place, GError **error);
/* there may be no transfer in flight any more */
void        ub_usb_pipe_free (UbUsbPipe *self);
const char *ub_usb_pipe_get_speed (UbUsbPipe *self);
/* runs what libusb has to do, until something was done or @until_us (monotonic) */
void ub_usb_pipe_handle_events (UbUsbPipe *self, gint64 until_us);
/* what a transfer's end means, in our words */
void                        ub_usb_pipe_set_error (UbUsbPipe                  *self,
                                                   enum libusb_transfer_status status,
                                                   const char                 *doing,
                                                   GError                    **error);
enum libusb_transfer_status ub_usb_pipe_to_status (int libusb_error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbPipe, ub_usb_pipe_free)

G_END_DECLS
