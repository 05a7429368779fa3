/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-pipe.h"

#include "base/ub-error.h"
#include "usb/ub-usb-access.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CONTROL_TIMEOUT_MS 300
#define CLAIMS_AGAIN 2
#define REQUEST_TO_INTERFACE 0x21 /* class, host to phone */
#define SET_LINE_CODING 0x20
#define SET_CONTROL_LINE_STATE 0x22
#define LINE_DTR_RTS 3

static void
set_open_error (const UbUsbPlace *place, int code, GError **error)
{
  UbError kind = UB_ERROR_LINK_LOST;

  if (code == EACCES || code == EPERM || code == EROFS)
    kind = UB_ERROR_NO_PERMISSION;
  else if (code == EBUSY)
    kind = UB_ERROR_LINK_BUSY;
  g_set_error (error,
               UB_ERROR,
               kind,
               "cannot open %s at port %s: %s",
               place->node,
               place->port,
               g_strerror (code));
}

static void
set_claim_error (const UbUsbPlace *place, int interface, int code, GError **error)
{
  UbError kind = UB_ERROR_PROTOCOL;

  if (code == LIBUSB_ERROR_BUSY)
    kind = UB_ERROR_LINK_BUSY;
  else if (code == LIBUSB_ERROR_NO_DEVICE)
    kind = UB_ERROR_LINK_LOST;
  else if (code == LIBUSB_ERROR_ACCESS)
    kind = UB_ERROR_NO_PERMISSION;
  g_set_error (error,
               UB_ERROR,
               kind,
               "cannot take interface %d of the phone at port %s: %s",
               interface,
               place->port,
               libusb_error_name (code));
}

static gboolean
open_node (UbUsbPipe *self, GError **error)
{
  /* asked first: what is not there must not even be tried */
  if (access (self->place->node, R_OK | W_OK) == 0)
    self->fd = open (self->place->node, O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (self->fd < 0)
    {
      set_open_error (self->place, errno, error);
      return FALSE;
    }
  return TRUE;
}

/* No discovery: in a sandbox libusb could not see the bus anyway, and it costs the phone's time. */
static gboolean
wrap (UbUsbPipe *self, GError **error)
{
  int r;

  libusb_set_option (NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
  r = libusb_init (&self->context);
  if (r == 0)
    r = libusb_wrap_sys_device (self->context, (intptr_t) self->fd, &self->handle);
  if (r == 0)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_LINK_LOST,
               "cannot use %s at port %s: %s",
               self->place->node,
               self->place->port,
               libusb_error_name (r));
  return FALSE;
}

/* At a phone's first plug the kernel loads its driver while we are here already, and it may bind between
 * our taking it away and our claim (shared/facts/real-kernel.md §4.1). Another program is never taken
 * anything from: to libusb it is no driver. */
static gboolean
claim (UbUsbPipe *self, int interface, GError **error)
{
  int r = libusb_claim_interface (self->handle, interface);

  for (guint again = 0; r == LIBUSB_ERROR_BUSY && again < CLAIMS_AGAIN; again++)
    {
      libusb_detach_kernel_driver (self->handle, interface);
      r = libusb_claim_interface (self->handle, interface);
    }
  if (r != 0)
    set_claim_error (self->place, interface, r, error);
  return r == 0;
}

/* A preloader takes SET_LINE_CODING for "a tool is present" and only then says READY (§1.3). A boot
 * ROM may know neither request, which is no harm. */
static gboolean
set_line (UbUsbPipe *self, GError **error)
{
  guint8  coding[7] = { 0x00, 0x10, 0x0e, 0x00, 0, 0, 8 }; /* 921600 8N1 */
  guint16 interface = 0;
  int     r;

  if (self->layout.data != 0 && self->layout.control > 0)
    interface = (guint16) self->layout.control;
  r = libusb_control_transfer (self->handle,
                               REQUEST_TO_INTERFACE,
                               SET_LINE_CODING,
                               0,
                               interface,
                               coding,
                               sizeof coding,
                               CONTROL_TIMEOUT_MS);
  if (r >= 0 || r == LIBUSB_ERROR_PIPE)
    r = libusb_control_transfer (self->handle,
                                 REQUEST_TO_INTERFACE,
                                 SET_CONTROL_LINE_STATE,
                                 LINE_DTR_RTS,
                                 interface,
                                 NULL,
                                 0,
                                 CONTROL_TIMEOUT_MS);
  if (r != LIBUSB_ERROR_NO_DEVICE && r != LIBUSB_ERROR_IO)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_LINK_LOST,
               "the phone at port %s went away while it was opened",
               self->place->port);
  return FALSE;
}

static gboolean
find_layout (UbUsbPipe *self, GError **error)
{
  gsize         size;
  const guint8 *descriptors = g_bytes_get_data (self->place->descriptors, &size);

  if (ub_usb_ids_find_layout (descriptors, size, &self->layout))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_UNSUPPORTED,
               "the phone at port %s (%04x:%04x) has no pair of bulk endpoints",
               self->place->port,
               self->place->vendor,
               self->place->product);
  return FALSE;
}

/* First both, then the control interface: cdc_acm finds the other one by it, and a modem's driver ("option") would take that alone. */
static void
give_back (UbUsbPipe *self)
{
  libusb_set_auto_detach_kernel_driver (self->handle, 0);
  libusb_release_interface (self->handle, self->layout.data);
  if (self->layout.control >= 0)
    {
      libusb_release_interface (self->handle, self->layout.control);
      libusb_attach_kernel_driver (self->handle, self->layout.control);
    }
  libusb_attach_kernel_driver (self->handle, self->layout.data);
}

/**
 * ub_usb_pipe_open:
 *
 * Opens what is at @place, takes it from the kernel's driver and makes it ready for the first
 * handshake byte. The driver (cdc_acm) is taken away from both interfaces: whoever sits on the tty
 * loses it.
 *
 * Returns: (transfer full) (nullable): with %UB_ERROR_NO_PERMISSION, %UB_ERROR_LINK_BUSY (another
 * program), %UB_ERROR_UNSUPPORTED (never will be) or another one of a moment (try again)
 */
UbUsbPipe *
ub_usb_pipe_open (const UbUsbPlace *place, GError **error)
{
  g_autoptr (UbUsbPipe) self = g_new0 (UbUsbPipe, 1);

  self->fd = -1;
  self->place = ub_usb_place_copy (place);
  if (!find_layout (self, error) || !open_node (self, error) || !wrap (self, error))
    return NULL;
  libusb_set_auto_detach_kernel_driver (self->handle, 1);
  if (self->layout.control >= 0 && !claim (self, self->layout.control, error))
    return NULL;
  if (!claim (self, self->layout.data, error) || !set_line (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Releasing comes before closing, so that the next one to open finds the interfaces free, and gives
 * them back to the kernel's driver. */
void
ub_usb_pipe_free (UbUsbPipe *self)
{
  if (self->handle != NULL)
    {
      give_back (self);
      libusb_close (self->handle);
    }
  if (self->context != NULL)
    libusb_exit (self->context);
  if (self->fd >= 0)
    close (self->fd);
  ub_usb_place_free (self->place);
  g_free (self);
}

const char *
ub_usb_pipe_get_speed (UbUsbPipe *self)
{
  switch (libusb_get_device_speed (libusb_get_device (self->handle)))
    {
    case LIBUSB_SPEED_LOW:
      return "low";
    case LIBUSB_SPEED_FULL:
      return "full";
    case LIBUSB_SPEED_HIGH:
      return "high";
    case LIBUSB_SPEED_SUPER:
    case LIBUSB_SPEED_SUPER_PLUS:
      return "super";
    default:
      return "";
    }
}

void
ub_usb_pipe_handle_events (UbUsbPipe *self, gint64 until_us)
{
  gint64         left = MAX (until_us - g_get_monotonic_time (), 0);
  struct timeval time = { .tv_sec = left / G_USEC_PER_SEC, .tv_usec = left % G_USEC_PER_SEC };
  int            r = libusb_handle_events_timeout_completed (self->context, &time, NULL);

  /* whatever it is, it must not become a busy loop */
  if (r != 0 && r != LIBUSB_ERROR_INTERRUPTED)
    g_usleep (1000);
}

enum libusb_transfer_status
ub_usb_pipe_to_status (int libusb_error)
{
  switch (libusb_error)
    {
    case LIBUSB_SUCCESS:
      return LIBUSB_TRANSFER_COMPLETED;
    case LIBUSB_ERROR_NO_DEVICE:
      return LIBUSB_TRANSFER_NO_DEVICE;
    case LIBUSB_ERROR_PIPE:
      return LIBUSB_TRANSFER_STALL;
    default:
      return LIBUSB_TRANSFER_ERROR;
    }
}

/* Asks it something that all USB things answer, if only by a refusal. */
static gboolean
is_gone (UbUsbPipe *self)
{
  guint8 answer[2];
  int    r = libusb_control_transfer (self->handle,
                                   LIBUSB_ENDPOINT_IN,
                                   LIBUSB_REQUEST_GET_STATUS,
                                   0,
                                   0,
                                   answer,
                                   sizeof answer,
                                   CONTROL_TIMEOUT_MS);

  return r == LIBUSB_ERROR_NO_DEVICE || r == LIBUSB_ERROR_IO;
}

/* A phone that is pulled out often shows as an error of its own first, and as gone only later; as which
 * one differs by controller (shared/facts/real-kernel.md §4.5). */
void
ub_usb_pipe_set_error (UbUsbPipe                  *self,
                       enum libusb_transfer_status status,
                       const char                 *doing,
                       GError                    **error)
{
  const char *port = self->place->port;

  if ((status == LIBUSB_TRANSFER_STALL || status == LIBUSB_TRANSFER_OVERFLOW) && is_gone (self))
    status = LIBUSB_TRANSFER_NO_DEVICE;
  if (status == LIBUSB_TRANSFER_STALL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_PROTOCOL,
                 "%s: the phone at port %s refused the transfer twice",
                 doing,
                 port);
  else if (status == LIBUSB_TRANSFER_OVERFLOW)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_PROTOCOL,
                 "%s: the phone at port %s sent a packet larger than it says it can",
                 doing,
                 port);
  else if (status == LIBUSB_TRANSFER_NO_DEVICE)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_LINK_LOST,
                 "%s: the phone at port %s has gone",
                 doing,
                 port);
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_LINK_LOST,
                 "%s: the connection to the phone at port %s broke",
                 doing,
                 port);
}
