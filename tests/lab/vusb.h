/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vusb: virtual USB devices for tests, on top of umockdev.
 *
 * A VusbBus owns one UMockdevTestbed with a root hub.  A VusbDevice is a USB
 * device that can be plugged and unplugged at run time; its usbfs ioctls are
 * answered here, by the emulation in vusb.c, which calls the device model
 * (VusbModel) for what only the device can know.
 *
 * The process which owns the bus must itself run under the preload libraries (it
 * sends the uevents); so must each client: see vusb_exec_again().  Clients need
 * no other change.
 */
#pragma once

#include <glib.h>
#include <linux/usb/ch9.h>

G_BEGIN_DECLS

typedef struct _VusbBus    VusbBus;
typedef struct _VusbDevice VusbDevice;

/* What the device node is made of.  It decides what poll() says of it. */
typedef enum
{
  VUSB_NODE_PTY, /* POLLOUT only when there is a URB to reap; POLLERR|POLLHUP once unplugged: as the
                    kernel's */
  VUSB_NODE_FIFO,    /* POLLOUT only when there is a URB to reap; never POLLERR */
  VUSB_NODE_REGULAR, /* always POLLIN|POLLOUT (what umockdev itself makes): libusb spins */
} VusbNodeKind;

typedef enum
{
  VUSB_ACK,   /* taken */
  VUSB_NAK,   /* not now: the URB stays pending until vusb_device_kick() */
  VUSB_STALL, /* endpoint halted: the URB fails with EPIPE */
} VusbHandshake;

typedef struct
{
  const char *name;
  const guint8
       *descriptors; /* as in the sysfs attribute of that name: device, then configuration(s) */
  gsize n_descriptors;
  const char *manufacturer;
  const char *product;
  const char *serial;
  const char *kernel_driver; /* bound to every interface when plugged in, or NULL */
  gboolean    full_speed;

  /* Called with the device lock held, from umockdev's worker thread or from
   * vusb_device_kick().  They must not block.  Any may be NULL. */
  void (*opened) (VusbDevice *dev, gpointer user_data);
  VusbHandshake (
      *out) (VusbDevice *dev, guint8 ep, const guint8 *data, gsize len, gpointer user_data);
  /* an IN URB waits and nothing is queued for it: the place to call vusb_device_queue() */
  void (*in) (VusbDevice *dev, guint8 ep, gpointer user_data);
  int (*control) (VusbDevice                   *dev,
                  const struct usb_ctrlrequest *setup,
                  guint8                       *data,
                  gpointer                      user_data);
  void (*reset) (VusbDevice *dev, gpointer user_data);
} VusbModel;

typedef struct
{
  guint64 opens;  /* of the node, by whomever */
  guint64 claims; /* of interfaces */
  guint64 ioctls;
  guint64 submitted;
  guint64 reaped;
  guint64 reap_again; /* REAPURBNDELAY answered with EAGAIN: the cost of spinning */
  guint64 bytes_out;
  guint64 bytes_in;
} VusbStats;

/* Runs this program again under the preload libraries, umockdev's and the one at
 * @preload (ub-lab-preload.c), unless it runs under them already.  To be called first in main(). */
void vusb_exec_again (const char *preload, char **argv);

VusbBus    *vusb_bus_new (void);
void        vusb_bus_free (VusbBus *bus);
const char *vusb_bus_get_root_dir (VusbBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VusbBus, vusb_bus_free)

/* Plugs a new device into port @port; the "add" uevent is out when it returns. */
VusbDevice *vusb_device_plug (VusbBus         *bus,
                              guint            port,
                              VusbNodeKind     kind,
                              const VusbModel *model,
                              gboolean         denied,
                              gpointer         user_data);
/* Pulls it out: URBs in flight end with @urb_status (-ESHUTDOWN, -EPROTO...),
 * every later ioctl fails with ENODEV, then the node goes and "remove" is sent.
 * Frees @dev. */
void vusb_device_unplug (VusbDevice *dev, int urb_status);

/* Whether open() says EACCES; the mark of a node that is denied is a file next to it. */
void vusb_device_deny (VusbDevice *dev, gboolean denied);
/* As if another program had claimed all interfaces through usbfs, or let them go. */
void vusb_device_hold (VusbDevice *dev, gboolean held);
/* The same for whatever is plugged in there from now on. */
void vusb_bus_hold_port (VusbBus *bus, guint port, gboolean held);
/* No uevent reaches the clients that run now, as in a Flatpak sandbox. */
void vusb_bus_mute (VusbBus *bus);
/* What a port says of itself from now on: "not attached", "powered", "default" … Plugging sets it to
 * "configured", unplugging to "not attached". */
void vusb_bus_set_port_state (VusbBus *bus, guint port, const char *state);
/* No port says anything any more, as before Linux 6.5. */
void vusb_bus_forget_port_states (VusbBus *bus);
/* The kernel's log may be read by clients that open it from now on; before, it may not. */
void vusb_bus_allow_log (VusbBus *bus);
/* A line of it, as /dev/kmsg gives it to those who have it open. @priority: 3 error, 4 warning, 6 information */
void vusb_bus_log (VusbBus *bus, guint priority, const char *text);
/* How much memory all URBs of the bus may take together; 16 MiB unless told otherwise. */
void vusb_bus_set_memory (VusbBus *bus, gsize bytes);
/* How many files of clients are open. */
guint vusb_bus_count_files (VusbBus *bus);

const char *vusb_device_get_node (VusbDevice *dev);
void        vusb_device_get_stats (VusbDevice *dev, VusbStats *out);

/* For models: queues one USB transfer for the host; it ends with a short
 * packet, which for a multiple of the packet size is the zero-length one that
 * is sent only if @zlp. */
void vusb_device_send (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp);
/* The two halves of it: queue, also from within VusbModel.in(); and send what is queued or what
 * in() has. */
void vusb_device_queue (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp);
void vusb_device_send_queued (VusbDevice *dev, guint8 ep);
/* The URB that waits longest there ends with @status (-EPROTO, -EOVERFLOW…). */
void vusb_device_fail (VusbDevice *dev, guint8 ep, int status);
void vusb_device_halt (VusbDevice *dev, guint8 ep, gboolean halted);
/* Asks the model again about all URBs that wait: OUT that it has refused with VUSB_NAK, IN that had
 * nothing. Any thread. */
void vusb_device_kick (VusbDevice *dev);
/* The device's lock, for those who call the ones "for models" from elsewhere. */
void vusb_device_lock (VusbDevice *dev);
void vusb_device_unlock (VusbDevice *dev);

G_END_DECLS
