/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what vusb.c (bus, nodes, umockdev) and vusb-usbfs.c (the kernel's part) share */
#pragma once

#include "lab/vusb.h"

#include <linux/usbdevice_fs.h>
#include <umockdev.h>

G_BEGIN_DECLS

#define VUSB_N_EP 32 /* 16 OUT, then 16 IN */
#define VUSB_N_PORTS 8
#define VUSB_ROOT_HUB "/devices/pci0000:00/0000:00:14.0/usb1"

struct _VusbBus
{
  UMockdevTestbed *testbed;
  char            *root;
  guint            last_devnum;
  gint             n_files;
  gsize            memory;
  guint64          held;    /* ports, a bit each */
  GQueue           gone;    /* of VusbDevice: unplugged, but perhaps not yet known to be by all clients */
  int              log;     /* who wants to read the kernel's log comes here; -1 */
  GArray          *readers; /* of it: int */
  guint64          logged;
};

/* One transfer the device has for the host. */
typedef struct
{
  GBytes  *bytes;
  gsize    done;
  gboolean zlp;
} VusbTransfer;

/* One open file description of the client. */
typedef struct
{
  VusbDevice *dev;
  guint32     claimed;
  GQueue      completed; /* VusbUrb */
} VusbFile;

typedef struct
{
  VusbFile          *file;
  UMockdevIoctlData *data;   /* struct usbdevfs_urb, local copy */
  UMockdevIoctlData *buffer; /* or NULL */
  gulong             addr;   /* of the URB in the client */
  gsize              filled;
} VusbUrb;

struct _VusbDevice
{
  VusbBus           *bus;
  const VusbModel   *model;
  gpointer           user_data;
  UMockdevIoctlBase *handler;
  GMutex             lock;
  guint              n_users; /* 1 + open files; freed at 0 */

  char *node; /* /dev/bus/usb/001/002 */
  char *path; /* where the node really is */
  char *syspath;
  guint number;
  guint n_interfaces;

  VusbNodeKind kind;
  int          master, slave, fifo;
  gboolean     ready; /* what poll() says now */

  gboolean  gone;
  guint32   claimed;
  char     *driver[32];
  guint16   max_packet[VUSB_N_EP];
  gint8     interface_of[VUSB_N_EP];
  gboolean  halted[VUSB_N_EP];
  GQueue    pending[VUSB_N_EP]; /* VusbUrb */
  GQueue    in[VUSB_N_EP];      /* VusbTransfer */
  guint     n_completed;
  gsize     in_flight;
  VusbStats stats;
};

static inline guint
vusb_ep_index (guint8 ep)
{
  return (ep & 0x0f) + ((ep & USB_DIR_IN) ? 16 : 0);
}

/* see vusb-port.c */
void vusb_ports_add (VusbBus *bus);
void vusb_log_open (VusbBus *bus);
void vusb_log_close (VusbBus *bus);

/* with the device's lock held; see vusb-usbfs.c */
int  vusb_usbfs_ioctl (VusbDevice *dev, VusbFile *file, guint32 request, UMockdevIoctlData *arg);
void vusb_usbfs_set_ready (VusbDevice *dev, gboolean ready);
void vusb_usbfs_complete (VusbDevice *dev, VusbUrb *urb, int status, gsize actual);
void vusb_usbfs_drain (VusbDevice *dev, VusbFile *file, int status);
void vusb_usbfs_run_in (VusbDevice *dev, guint i);
void vusb_usbfs_run_out (VusbDevice *dev, guint i);
gboolean vusb_usbfs_detach (VusbDevice *dev, guint ifno);
void     vusb_usbfs_urb_free (VusbUrb *urb);
void     vusb_usbfs_transfer_free (VusbTransfer *t);

G_END_DECLS
