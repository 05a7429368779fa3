/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/vusb.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/usbdevice_fs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#define N_EP 32                         /* 16 OUT, then 16 IN */
#define USBFS_MEMORY (16 * 1024 * 1024) /* the kernel's usbfs_memory_mb */
#define UMOCKDEV_PRELOAD "libumockdev-preload.so.0"
#define SYS_BUS "/devices/pci0000:00/0000:00:14.0/usb1"

/* MMAP is left out on purpose: libusb_dev_mem_alloc() then says no, as on old kernels. */
#define VUSB_CAPS                                                                                  \
  (USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |   \
   USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT)

struct _VusbBus
{
  UMockdevTestbed *testbed;
  char            *root;
  guint            last_devnum;
  gint             n_files;
  gsize            memory;
};

/* One transfer the device has for the host. */
typedef struct
{
  GBytes  *bytes;
  gsize    done;
  gboolean zlp;
} InTransfer;

/* One open file description of the client. */
typedef struct
{
  VusbDevice *dev;
  guint32     claimed;
  GQueue      completed; /* Urb */
} File;

typedef struct
{
  File              *file;
  UMockdevIoctlData *data;   /* struct usbdevfs_urb, local copy */
  UMockdevIoctlData *buffer; /* or NULL */
  gulong             addr;   /* of the URB in the client */
  gsize              filled;
} Urb;

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
  guint16   max_packet[N_EP];
  gint8     interface_of[N_EP];
  gboolean  halted[N_EP];
  GQueue    pending[N_EP]; /* Urb */
  GQueue    in[N_EP];      /* InTransfer */
  guint     n_completed;
  gsize     in_flight;
  VusbStats stats;
};

static inline guint
ep_index (guint8 ep)
{
  return (ep & 0x0f) + ((ep & USB_DIR_IN) ? 16 : 0);
}

static inline struct usbdevfs_urb *
urb_get (Urb *urb)
{
  return (struct usbdevfs_urb *) urb->data->data;
}

/* ---- poll() on the node ------------------------------------------------ */

/* A pty's slave is writable unless its output is stopped (TCOOFF), and hung up
 * for good (POLLERR|POLLHUP) when the master is closed; just what usbfs shows
 * for "a URB can be reaped" and "disconnected".  A one-page FIFO is writable
 * when it is empty. */
static void
device_open_node (VusbDevice *dev)
{
  g_autofree char *path = g_build_filename (dev->bus->root, dev->node, NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  dev->path = g_strdup (path);
  dev->master = dev->slave = dev->fifo = -1;
  if (g_mkdir_with_parents (dir, 0755) != 0)
    g_error ("mkdir %s: %s", dir, g_strerror (errno));

  switch (dev->kind)
    {
    case VUSB_NODE_PTY:
      {
        struct termios tio;

        dev->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (dev->master < 0 || grantpt (dev->master) != 0 || unlockpt (dev->master) != 0)
          g_error ("cannot make a pty: %s", g_strerror (errno));
        dev->slave = open (ptsname (dev->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (dev->slave < 0)
          g_error ("cannot open pty: %s", g_strerror (errno));
        tcgetattr (dev->slave, &tio);
        cfmakeraw (&tio);
        tio.c_cflag |= CLOCAL;
        tcsetattr (dev->slave, TCSANOW, &tio);
        tcflow (dev->slave, TCOOFF);
        if (symlink (ptsname (dev->master), path) != 0)
          g_error ("symlink %s: %s", path, g_strerror (errno));
        break;
      }

    case VUSB_NODE_FIFO:
      if (mkfifo (path, 0644) != 0)
        g_error ("mkfifo %s: %s", path, g_strerror (errno));
      dev->fifo = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
      if (dev->fifo < 0 || fcntl (dev->fifo, F_SETPIPE_SZ, 4096) < 0 ||
          write (dev->fifo, "", 1) != 1)
        g_error ("cannot set up FIFO: %s", g_strerror (errno));
      break;

    case VUSB_NODE_REGULAR:
      g_file_set_contents (path, "", 0, NULL);
      break;
    }
}

static void
device_set_ready (VusbDevice *dev, gboolean ready)
{
  char c = 0;

  if (dev->ready == ready)
    return;
  dev->ready = ready;
  if (dev->slave >= 0)
    tcflow (dev->slave, ready ? TCOON : TCOOFF);
  if (dev->fifo >= 0 && (ready ? read (dev->fifo, &c, 1) : write (dev->fifo, &c, 1)) != 1)
    g_warning ("vusb: FIFO out of step: %s", g_strerror (errno));
}

/* ---- URBs -------------------------------------------------------------- */

static void
urb_free (Urb *urb)
{
  g_clear_object (&urb->buffer);
  g_clear_object (&urb->data);
  g_free (urb);
}

static void
urb_complete (VusbDevice *dev, Urb *urb, int status, gsize actual)
{
  struct usbdevfs_urb *u = urb_get (urb);

  u->status = status;
  u->actual_length = (int) actual;
  u->error_count = 0;
  dev->in_flight -= u->buffer_length;
  g_queue_push_tail (&urb->file->completed, urb);
  dev->n_completed++;
  device_set_ready (dev, TRUE);
}

static void
in_transfer_free (InTransfer *t)
{
  g_bytes_unref (t->bytes);
  g_free (t);
}

/* Fills one URB from what the device has to send, packet by packet.  Returns
 * FALSE while the URB must wait for more. */
static gboolean
urb_fill (VusbDevice *dev, guint i, Urb *urb, int *status)
{
  gsize       mps = dev->max_packet[i], room = urb_get (urb)->buffer_length;
  InTransfer *t;

  while ((t = g_queue_peek_head (&dev->in[i])) != NULL)
    {
      gsize         size, n, space = room - urb->filled;
      const guint8 *bytes = g_bytes_get_data (t->bytes, &size);
      gsize         left = size - t->done;
      gboolean      is_short = left < mps, babble;

      n = is_short ? left : MIN (left, space) / mps * mps;
      babble = is_short ? n > space : n == 0; /* a packet larger than what is left of the buffer */
      if (babble)
        n = space;
      if (n > 0)
        memcpy (urb->buffer->data + urb->filled, bytes + t->done, n);
      urb->filled += n;
      t->done += n;
      if (is_short || babble || (t->done == size && !t->zlp))
        in_transfer_free (g_queue_pop_head (&dev->in[i]));
      *status = babble ? -EOVERFLOW : 0;
      if (is_short || babble || urb->filled == room)
        return TRUE;
    }
  return FALSE;
}

static void
device_run_in (VusbDevice *dev, guint i)
{
  Urb *urb;

  while ((urb = g_queue_peek_head (&dev->pending[i])) != NULL)
    {
      int status = -EPIPE;

      if (g_queue_is_empty (&dev->in[i]) && dev->model->in != NULL)
        dev->model->in (dev, (i & 0x0f) | USB_DIR_IN, dev->user_data);
      if (!dev->halted[i] && !urb_fill (dev, i, urb, &status))
        {
          /* all that was queued is in the URB, and there is room for more */
          if (dev->model->in != NULL)
            dev->model->in (dev, (i & 0x0f) | USB_DIR_IN, dev->user_data);
          if (g_queue_is_empty (&dev->in[i]))
            return;
          continue;
        }
      g_queue_pop_head (&dev->pending[i]);
      dev->stats.bytes_in += urb->filled;
      urb_complete (dev, urb, status, urb->filled);
    }
}

static void
device_run_out (VusbDevice *dev, guint i)
{
  Urb *urb;

  while ((urb = g_queue_peek_head (&dev->pending[i])) != NULL)
    {
      struct usbdevfs_urb *u = urb_get (urb);
      const guint8        *data = urb->buffer ? urb->buffer->data : NULL;
      VusbHandshake        hs =
          dev->halted[i] ? VUSB_STALL
                 : dev->model->out
                     ? dev->model->out (dev, u->endpoint, data, u->buffer_length, dev->user_data)
                     : VUSB_ACK;

      if (hs == VUSB_NAK)
        return;
      g_queue_pop_head (&dev->pending[i]);
      if (hs == VUSB_STALL)
        {
          dev->halted[i] = TRUE;
          urb_complete (dev, urb, -EPIPE, 0);
          continue;
        }
      dev->stats.bytes_out += u->buffer_length;
      urb_complete (dev, urb, 0, u->buffer_length);
    }
}

static int
device_control (VusbDevice *dev, const struct usb_ctrlrequest *setup, guint8 *data)
{
  if ((setup->bRequestType & USB_TYPE_MASK) == USB_TYPE_STANDARD)
    switch (setup->bRequest)
      {
      case USB_REQ_GET_DESCRIPTOR:
        {
          guint8 type = GUINT16_FROM_LE (setup->wValue) >> 8,
                 index = GUINT16_FROM_LE (setup->wValue) & 0xff;
          const guint8 *d = dev->model->descriptors;
          const char   *s;
          gsize         n;

          if (type == USB_DT_DEVICE)
            n = d[0];
          else if (type == USB_DT_CONFIG && index == 0)
            d += d[0], n = d[2] | d[3] << 8;
          else if (type == USB_DT_STRING)
            {
              guint8 buf[256] = { 4, USB_DT_STRING, 0x09, 0x04 }; /* the language list */

              if (index > 0)
                {
                  s = index == d[14]   ? dev->model->manufacturer
                      : index == d[15] ? dev->model->product
                      : index == d[16] ? dev->model->serial
                                       : NULL;
                  if (s == NULL)
                    return -EPIPE;
                  buf[0] = 2 + 2 * MIN (strlen (s), 126);
                  for (gsize j = 0; j < (gsize) (buf[0] - 2) / 2; j++)
                    buf[2 + 2 * j] = s[j], buf[3 + 2 * j] = 0;
                }
              n = MIN (buf[0], GUINT16_FROM_LE (setup->wLength));
              memcpy (data, buf, n);
              return n;
            }
          else
            return -EPIPE;
          n = MIN (n, GUINT16_FROM_LE (setup->wLength));
          memcpy (data, d, n);
          return n;
        }
      case USB_REQ_GET_CONFIGURATION:
        data[0] = 1;
        return MIN (1, GUINT16_FROM_LE (setup->wLength));
      case USB_REQ_SET_CONFIGURATION:
      case USB_REQ_SET_INTERFACE:
        return 0;
      case USB_REQ_CLEAR_FEATURE:
        if ((setup->bRequestType & USB_RECIP_MASK) == USB_RECIP_ENDPOINT)
          dev->halted[ep_index (GUINT16_FROM_LE (setup->wIndex))] = FALSE;
        return 0;
      default:
        break;
      }
  return dev->model->control ? dev->model->control (dev, setup, data, dev->user_data) : -EPIPE;
}

static int
device_submit (VusbDevice *dev, File *file, UMockdevIoctlData *arg)
{
  g_autoptr (UMockdevIoctlData) data =
                 umockdev_ioctl_data_resolve (arg, 0, sizeof (struct usbdevfs_urb), NULL);
  struct usbdevfs_urb *u;
  Urb                 *urb;
  guint                i;

  if (data == NULL)
    return -EFAULT;
  u = (struct usbdevfs_urb *) data->data;
  i = ep_index (u->endpoint);
  if (u->type == USBDEVFS_URB_TYPE_ISO || u->buffer_length < 0)
    return -EINVAL;
  if (dev->in_flight + u->buffer_length > dev->bus->memory)
    return -ENOMEM;
  if (u->type != USBDEVFS_URB_TYPE_CONTROL)
    {
      if (dev->max_packet[i] == 0)
        return -ENOENT;
      if (!(file->claimed & (1u << dev->interface_of[i])))
        return -EINVAL; /* the kernel would claim it and log a complaint */
    }

  urb = g_new0 (Urb, 1);
  urb->file = file;
  urb->addr = data->client_addr;
  urb->data = g_object_ref (data);
  if (u->buffer_length > 0)
    {
      urb->buffer = umockdev_ioctl_data_resolve (data,
                                                 G_STRUCT_OFFSET (struct usbdevfs_urb, buffer),
                                                 u->buffer_length,
                                                 NULL);
      if (urb->buffer == NULL)
        {
          urb_free (urb);
          return -EFAULT;
        }
    }
  if (u->type == USBDEVFS_URB_TYPE_CONTROL &&
      (u->buffer_length < 8 ||
       u->buffer_length <
           8 + GUINT16_FROM_LE (
                   ((const struct usb_ctrlrequest *) (const void *) urb->buffer->data)->wLength)))
    {
      urb_free (urb);
      return -EINVAL;
    }
  dev->in_flight += u->buffer_length;
  dev->stats.submitted++;

  if (u->type == USBDEVFS_URB_TYPE_CONTROL)
    {
      const struct usb_ctrlrequest *setup = (const void *) urb->buffer->data;
      int                           r = device_control (dev, setup, urb->buffer->data + 8);

      urb_complete (dev, urb, MIN (r, 0), MAX (r, 0));
      return 0;
    }
  g_queue_push_tail (&dev->pending[i], urb);
  if (u->endpoint & USB_DIR_IN)
    device_run_in (dev, i);
  else
    device_run_out (dev, i);
  return 0;
}

static int
device_reap (VusbDevice *dev, File *file, UMockdevIoctlData *arg)
{
  g_autoptr (UMockdevIoctlData) data = NULL;
  Urb *urb = g_queue_pop_head (&file->completed);

  if (urb == NULL)
    {
      if (dev->gone)
        return -ENODEV;
      dev->stats.reap_again++;
      return -EAGAIN;
    }
  data = umockdev_ioctl_data_resolve (arg, 0, sizeof (void *), NULL);
  if (data == NULL)
    return -EFAULT;
  umockdev_ioctl_data_set_ptr (data, 0, urb->data); /* flushes URB and buffer to the client */
  urb_free (urb);
  dev->stats.reaped++;
  if (--dev->n_completed == 0 && !dev->gone)
    device_set_ready (dev, FALSE);
  return 0;
}

static int
device_discard (VusbDevice *dev, gulong addr)
{
  for (guint i = 0; i < N_EP; i++)
    for (GList *l = dev->pending[i].head; l != NULL; l = l->next)
      {
        Urb *urb = l->data;

        if (urb->addr != addr)
          continue;
        g_queue_delete_link (&dev->pending[i], l);
        urb_complete (dev, urb, -ENOENT, urb->filled);
        return 0;
      }
  return -EINVAL;
}

static int
device_claim (VusbDevice *dev, File *file, guint ifno)
{
  if (ifno >= dev->n_interfaces)
    return -ENOENT;
  if (file->claimed & (1u << ifno))
    return 0;
  if ((dev->claimed & (1u << ifno)) || dev->driver[ifno] != NULL)
    return -EBUSY;
  dev->claimed |= 1u << ifno;
  file->claimed |= 1u << ifno;
  return 0;
}

static int
device_release (VusbDevice *dev, File *file, guint ifno)
{
  if (ifno >= dev->n_interfaces || !(file->claimed & (1u << ifno)))
    return -EINVAL;
  dev->claimed &= ~(1u << ifno);
  file->claimed &= ~(1u << ifno);
  return 0;
}

static gboolean
device_detach (VusbDevice *dev, guint ifno)
{
  gboolean had = dev->driver[ifno] != NULL;

  g_clear_pointer (&dev->driver[ifno], g_free);
  return had;
}

static void
device_drain (VusbDevice *dev, File *file, int status)
{
  for (guint i = 0; i < N_EP; i++)
    for (GList *l = dev->pending[i].head, *next; l != NULL; l = next)
      {
        Urb *urb = l->data;

        next = l->next;
        if (file != NULL && urb->file != file)
          continue;
        g_queue_delete_link (&dev->pending[i], l);
        urb_complete (dev, urb, status, urb->filled);
      }
}

/* Returns the ioctl's result, or -errno. */
static int
device_ioctl (VusbDevice *dev, File *file, guint32 request, UMockdevIoctlData *arg)
{
  g_autoptr (UMockdevIoctlData) data = NULL;

  /* Declares @name, a local copy of what the ioctl's argument points to. */
#define GET(type, name)                                                                            \
  type *name;                                                                                      \
  if ((data = umockdev_ioctl_data_resolve (arg, 0, sizeof (type), NULL)) == NULL)                  \
    return -EFAULT;                                                                                \
  name = (type *) data->data

  dev->stats.ioctls++;
  if (dev->gone && request != (guint32) USBDEVFS_REAPURB &&
      request != (guint32) USBDEVFS_REAPURBNDELAY)
    return -ENODEV;

  switch (request)
    {
    case (guint32) USBDEVFS_GET_CAPABILITIES:
      {
        GET (guint32, caps);

        *caps = VUSB_CAPS;
        return 0;
      }

    case (guint32) USBDEVFS_CONNECTINFO:
      {
        GET (struct usbdevfs_connectinfo, info);

        info->devnum = dev->number;
        info->slow = 0;
        return 0;
      }

    case (guint32) USBDEVFS_CLAIMINTERFACE:
      {
        GET (unsigned int, ifno);

        return device_claim (dev, file, *ifno);
      }

    case (guint32) USBDEVFS_RELEASEINTERFACE:
      {
        GET (unsigned int, ifno);

        return device_release (dev, file, *ifno);
      }

    case (guint32) USBDEVFS_SETCONFIGURATION:
      return dev->claimed ? -EBUSY : 0;

    case (guint32) USBDEVFS_SETINTERFACE:
      return 0;

    case (guint32) USBDEVFS_GETDRIVER:
      {
        GET (struct usbdevfs_getdriver, gd);

        if (gd->interface >= dev->n_interfaces)
          return -ENOENT;
        if (dev->driver[gd->interface] == NULL && !(dev->claimed & (1u << gd->interface)))
          return -ENODATA;
        g_strlcpy (gd->driver,
                   dev->driver[gd->interface] ? dev->driver[gd->interface] : "usbfs",
                   sizeof gd->driver);
        return 0;
      }

    case (guint32) USBDEVFS_IOCTL:
      {
        GET (struct usbdevfs_ioctl, cmd);

        if (cmd->ifno < 0 || (guint) cmd->ifno >= dev->n_interfaces)
          return -EINVAL;
        if ((guint32) cmd->ioctl_code == (guint32) USBDEVFS_DISCONNECT)
          return device_detach (dev, cmd->ifno) ? 0 : -ENODATA;
        if ((guint32) cmd->ioctl_code == (guint32) USBDEVFS_CONNECT)
          {
            if (dev->driver[cmd->ifno] != NULL)
              return -EBUSY;
            dev->driver[cmd->ifno] = g_strdup (dev->model->kernel_driver);
            return 1;
          }
        return -ENOTTY;
      }

    case (guint32) USBDEVFS_DISCONNECT_CLAIM:
      {
        GET (struct usbdevfs_disconnect_claim, dc);

        if (dc->interface >= dev->n_interfaces)
          return -EINVAL;
        if ((dc->flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) &&
            g_strcmp0 (dev->driver[dc->interface], dc->driver) == 0)
          return -EBUSY;
        device_detach (dev, dc->interface);
        return device_claim (dev, file, dc->interface);
      }

    case (guint32) USBDEVFS_CONTROL:
      {
        GET (struct usbdevfs_ctrltransfer, ct);
        struct usb_ctrlrequest setup = {
          .bRequestType = ct->bRequestType,
          .bRequest = ct->bRequest,
          .wValue = GUINT16_TO_LE (ct->wValue),
          .wIndex = GUINT16_TO_LE (ct->wIndex),
          .wLength = GUINT16_TO_LE (ct->wLength),
        };
        g_autoptr (UMockdevIoctlData) buf = NULL;

        if (ct->wLength > 0)
          buf = umockdev_ioctl_data_resolve (data,
                                             G_STRUCT_OFFSET (struct usbdevfs_ctrltransfer, data),
                                             ct->wLength,
                                             NULL);
        if (ct->wLength > 0 && buf == NULL)
          return -EFAULT;
        return device_control (dev, &setup, buf ? buf->data : (guint8[1]){ 0 });
      }

    case (guint32) USBDEVFS_SUBMITURB:
      return device_submit (dev, file, arg);

    case (guint32) USBDEVFS_DISCARDURB:
      return device_discard (dev, *(gulong *) arg->data);

    /* A blocking reap cannot be emulated: it would hold up every other ioctl
     * of this file.  libusb never uses it. */
    case (guint32) USBDEVFS_REAPURB:
    case (guint32) USBDEVFS_REAPURBNDELAY:
      return device_reap (dev, file, arg);

    case (guint32) USBDEVFS_CLEAR_HALT:
    case (guint32) USBDEVFS_RESETEP:
      {
        GET (unsigned int, ep);

        if (dev->max_packet[ep_index (*ep)] == 0)
          return -ENOENT;
        dev->halted[ep_index (*ep)] = FALSE;
        return 0;
      }

    case (guint32) USBDEVFS_RESET:
      device_drain (dev, NULL, -ESHUTDOWN);
      for (guint i = 0; i < N_EP; i++)
        {
          g_queue_clear_full (&dev->in[i], (GDestroyNotify) in_transfer_free);
          dev->halted[i] = FALSE;
        }
      if (dev->model->reset)
        dev->model->reset (dev, dev->user_data);
      return 0;

    case (guint32) USBDEVFS_GET_SPEED:
      return USB_SPEED_HIGH;

    default:
      g_message ("vusb: ioctl 0x%08x is not emulated", request);
      return -ENOTTY;
    }
#undef GET
}

/* ---- umockdev ---------------------------------------------------------- */

/* sysfs's link to the driver; it is not kept up to date by what libusb detaches */
static void
device_link_driver (VusbDevice *dev, guint interface, const char *driver)
{
  g_autofree char *path = g_strdup_printf ("%s%s/1-%s:1.%u/driver",
                                           dev->bus->root,
                                           dev->syspath,
                                           strrchr (dev->syspath, '-') + 1,
                                           interface);
  g_autofree char *target = g_strconcat ("../../../../../../bus/usb/drivers/", driver, NULL);

  g_unlink (path);
  if (driver != NULL && symlink (target, path) != 0)
    g_warning ("symlink %s: %s", path, g_strerror (errno));
}

static void
device_unref_locked (VusbDevice *dev)
{
  gboolean last = --dev->n_users == 0;

  g_mutex_unlock (&dev->lock);
  if (!last)
    return;
  for (guint i = 0; i < N_EP; i++)
    {
      g_queue_clear_full (&dev->pending[i], (GDestroyNotify) urb_free);
      g_queue_clear_full (&dev->in[i], (GDestroyNotify) in_transfer_free);
    }
  for (guint i = 0; i < G_N_ELEMENTS (dev->driver); i++)
    g_free (dev->driver[i]);
  if (dev->slave >= 0)
    close (dev->slave);
  if (dev->fifo >= 0)
    close (dev->fifo);
  g_signal_handlers_disconnect_by_data (dev->handler, dev);
  g_object_unref (dev->handler);
  g_mutex_clear (&dev->lock);
  g_free (dev->node);
  g_free (dev->path);
  g_free (dev->syspath);
  g_free (dev);
}

static int
client_ioctl (UMockdevIoctlClient *client)
{
  File *file = g_object_get_data (G_OBJECT (client), "vusb-file");

  return device_ioctl (file->dev,
                       file,
                       (guint32) umockdev_ioctl_client_get_request (client),
                       umockdev_ioctl_client_get_arg (client));
}

static gboolean
on_claim_again (gpointer data)
{
  UMockdevIoctlClient *client = data;
  VusbDevice          *dev = ((File *) g_object_get_data (G_OBJECT (client), "vusb-file"))->dev;
  int                  r;

  g_mutex_lock (&dev->lock);
  r = client_ioctl (client);
  umockdev_ioctl_client_complete (client, r < 0 ? -1 : r, r < 0 ? -r : 0);
  g_mutex_unlock (&dev->lock);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ioctl (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  guint32 request = (guint32) umockdev_ioctl_client_get_request (client);
  int     r;

  g_mutex_lock (&dev->lock);
  r = client_ioctl (client);
  if (r == -EBUSY && (request == (guint32) USBDEVFS_CLAIMINTERFACE ||
                      request == (guint32) USBDEVFS_DISCONNECT_CLAIM))
    {
      /* In the kernel close() releases what the file has claimed.  Here the
       * news of a close comes later than the next ioctl may: give it time. */
      g_autoptr (GSource) source = g_timeout_source_new (20);

      g_source_set_callback (source, on_claim_again, g_object_ref (client), g_object_unref);
      g_source_attach (source, g_main_context_get_thread_default ());
    }
  else
    umockdev_ioctl_client_complete (client, r < 0 ? -1 : r, r < 0 ? -r : 0);
  g_mutex_unlock (&dev->lock);
  return TRUE;
}

/* What a usbfs file reads as.  Every read starts at the beginning: enough for those who seek there
 * first. */
static gboolean
on_read (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg (client);
  gint               n = MIN (arg->data_len, (gint) dev->model->n_descriptors);

  umockdev_ioctl_data_update (arg, 0, (guint8 *) dev->model->descriptors, n);
  umockdev_ioctl_client_complete (client, n, 0);
  return TRUE;
}

/* The client has closed the file.  UMockdevIoctlClient:connected would say so,
 * but is never notified (GIOStream does not notify "closed"), nor is
 * client-vanished emitted; that the client object ends is what can be had. */
static void
file_closed (gpointer data)
{
  File       *file = data;
  VusbDevice *dev = file->dev;
  gint        n;

  g_mutex_lock (&dev->lock);
  device_drain (dev, file, -ENOENT);
  dev->claimed &= ~file->claimed;
  n = g_queue_get_length (&file->completed);
  g_queue_clear_full (&file->completed, (GDestroyNotify) urb_free);
  dev->n_completed -= n;
  if (n > 0 && dev->n_completed == 0 && !dev->gone)
    device_set_ready (dev, FALSE);
  g_free (file);
  g_atomic_int_add (&dev->bus->n_files, -1);
  device_unref_locked (dev);
}

static void
on_connected (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  File *file = g_new0 (File, 1);

  file->dev = dev;
  g_atomic_int_inc (&dev->bus->n_files);
  g_object_set_data_full (G_OBJECT (client), "vusb-file", file, file_closed);
  g_mutex_lock (&dev->lock);
  dev->n_users++;
  if (dev->model->opened)
    dev->model->opened (dev, dev->user_data);
  g_mutex_unlock (&dev->lock);
}

static char *
hex (const guint8 *data, gsize len)
{
  GString *s = g_string_sized_new (2 * len);

  for (gsize i = 0; i < len; i++)
    g_string_append_printf (s, "%02X", data[i]);
  return g_string_free (s, FALSE);
}

static void
testbed_add (VusbBus *bus, const char *description)
{
  g_autoptr (GError) error = NULL;

  if (!umockdev_testbed_add_from_string (bus->testbed, description, &error))
    g_error ("umockdev: %s", error->message);
}

static const guint8 root_hub_descriptors[] = {
  18, 1, 0x00, 0x02, 9, 0, 1, 64, 0x6b, 0x1d, 0x02, 0x00, 0x01, 0x06, 0, 0, 0,    1, 9, 2, 25, 0,
  1,  1, 0,    0xe0, 0, 9, 4, 0,  0,    1,    9,    0,    0,    0,    7, 5, 0x81, 3, 4, 0, 12,
};

/* A sanitizer's runtime must stay first; ours comes before umockdev's, which it calls. */
void
vusb_exec_again (const char *preload, char **argv)
{
  const char      *present = g_getenv ("LD_PRELOAD");
  g_autofree char *value = NULL;

  if (present != NULL && strstr (present, UMOCKDEV_PRELOAD) != NULL)
    return;
  value = g_strdup_printf ("%s%s%s:%s",
                           present != NULL ? present : "",
                           present != NULL && *present != '\0' ? ":" : "",
                           preload,
                           UMOCKDEV_PRELOAD);
  g_setenv ("LD_PRELOAD", value, TRUE);
  /* the preload library sleeps for nothing after each ioctl, which takes the timer's slack of 50 us
   */
  prctl (PR_SET_TIMERSLACK, 1UL);
  execv ("/proc/self/exe", argv);
  g_error ("cannot run again: %s", g_strerror (errno));
}

VusbBus *
vusb_bus_new (void)
{
  VusbBus         *bus;
  g_autofree char *descriptors = hex (root_hub_descriptors, sizeof root_hub_descriptors);
  g_autofree char *description =
      g_strdup_printf ("P: " SYS_BUS "\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: "
                       "DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
                       "E: BUSNUM=001\nE: DEVNUM=001\nE: MAJOR=189\nE: MINOR=0\nE: "
                       "PRODUCT=1d6b/2/601\nA: busnum=1\\n\nA: devnum=1\\n\n"
                       "A: dev=189:0\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: "
                       "speed=480\\n\nA: bConfigurationValue=1\\n\n"
                       "H: descriptors=%s\n",
                       descriptors);

  /* A session leader without a terminal (a test under "meson test") that opens
   * a pty node makes it its controlling terminal; the hang-up then comes as
   * SIGHUP.  Inherited by the programs under test. */
  signal (SIGHUP, SIG_IGN);
  bus = g_new0 (VusbBus, 1);
  bus->testbed = umockdev_testbed_new ();
  /* It looks at /sys once and remembers, so it may be asked only when there is a testbed. */
  if (!umockdev_in_mock_environment ())
    g_error ("vusb: this process must run under umockdev-wrapper");
  bus->root = umockdev_testbed_get_root_dir (bus->testbed);
  bus->last_devnum = 1;
  bus->memory = USBFS_MEMORY;
  testbed_add (bus, description);
  return bus;
}

void
vusb_bus_free (VusbBus *bus)
{
  /* umockdev complains when it ends before it has seen its clients end. */
  for (guint i = 0; i < 1000 && g_atomic_int_get (&bus->n_files) > 0; i++)
    g_usleep (1000);
  g_object_unref (bus->testbed);
  g_free (bus->root);
  g_free (bus);
}

const char *
vusb_bus_get_root_dir (VusbBus *bus)
{
  return bus->root;
}

VusbDevice *
vusb_device_plug (VusbBus         *bus,
                  guint            port,
                  VusbNodeKind     kind,
                  const VusbModel *model,
                  gboolean         denied,
                  gpointer         user_data)
{
  VusbDevice   *dev = g_new0 (VusbDevice, 1);
  const guint8 *d = model->descriptors;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) s = g_string_new (NULL);
  g_autofree char *descriptors = hex (d, model->n_descriptors);
  guint            devnum = ++bus->last_devnum, vid = d[8] | d[9] << 8, pid = d[10] | d[11] << 8,
        bcd = d[12] | d[13] << 8;
  gint8 interface = -1;

  g_mutex_init (&dev->lock);
  dev->bus = bus;
  dev->model = model;
  dev->user_data = user_data;
  dev->kind = kind;
  dev->n_users = 1;
  dev->number = devnum;
  dev->node = g_strdup_printf ("/dev/bus/usb/001/%03u", devnum);
  dev->syspath = g_strdup_printf ("/sys" SYS_BUS "/1-%u", port);
  for (gsize i = d[0]; i + 1 < model->n_descriptors && d[i] >= 2; i += d[i])
    {
      if (d[i + 1] == USB_DT_INTERFACE)
        {
          interface = d[i + 2];
          dev->n_interfaces = MAX (dev->n_interfaces, (guint) interface + 1);
        }
      else if (d[i + 1] == USB_DT_ENDPOINT)
        {
          guint e = ep_index (d[i + 2]);

          dev->max_packet[e] = d[i + 4] | d[i + 5] << 8;
          dev->interface_of[e] = interface;
        }
    }
  for (guint i = 0; i < dev->n_interfaces; i++)
    dev->driver[i] = g_strdup (model->kernel_driver);

  /* Node and handler first: a client may open the node as soon as it has the uevent. */
  {
    g_autofree char *mark = g_strconcat (bus->root, dev->node, ".denied", NULL);

    if (denied)
      {
        g_autofree char *dir = g_path_get_dirname (mark);

        g_mkdir_with_parents (dir, 0755);
        g_file_set_contents (mark, "", 0, NULL);
      }
  }
  device_open_node (dev);
  dev->handler = umockdev_ioctl_base_new ();
  g_signal_connect (dev->handler, "handle-ioctl", G_CALLBACK (on_ioctl), dev);
  g_signal_connect (dev->handler, "handle-read", G_CALLBACK (on_read), dev);
  g_signal_connect (dev->handler, "client-connected", G_CALLBACK (on_connected), dev);
  if (!umockdev_testbed_attach_ioctl (bus->testbed, dev->node, dev->handler, &error))
    g_error ("umockdev: %s", error->message);

  g_string_append_printf (s,
                          "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=%s\nE: "
                          "BUSNUM=001\nE: DEVNUM=%03u\n"
                          "E: MAJOR=189\nE: MINOR=%u\nE: PRODUCT=%x/%x/%x\nE: TYPE=%d/%d/%d\nE: "
                          "ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\n"
                          "A: busnum=1\\n\nA: devnum=%u\\n\nA: dev=189:%u\nA: idVendor=%04x\\n\nA: "
                          "idProduct=%04x\\n\nA: speed=480\\n\n"
                          "A: bConfigurationValue=1\\n\nA: bNumInterfaces=%2u\\n\n",
                          dev->syspath + strlen ("/sys"),
                          dev->node,
                          devnum,
                          devnum - 1,
                          vid,
                          pid,
                          bcd,
                          d[4],
                          d[5],
                          d[6],
                          vid,
                          pid,
                          devnum,
                          devnum - 1,
                          vid,
                          pid,
                          dev->n_interfaces);
  if (model->manufacturer)
    g_string_append_printf (s, "A: manufacturer=%s\\n\n", model->manufacturer);
  if (model->product)
    g_string_append_printf (s, "A: product=%s\\n\n", model->product);
  if (model->serial)
    g_string_append_printf (s, "A: serial=%s\\n\n", model->serial);
  g_string_append_printf (s, "H: descriptors=%s\n", descriptors);
  testbed_add (bus, s->str);
  for (guint i = 0; i < dev->n_interfaces; i++)
    {
      g_autofree char *intf =
          g_strdup_printf ("P: %s/1-%u:1.%u\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: "
                           "PRODUCT=%x/%x/%x\nA: bInterfaceNumber=%02x\\n\n",
                           dev->syspath + strlen ("/sys"),
                           port,
                           i,
                           vid,
                           pid,
                           bcd,
                           i);

      testbed_add (bus, intf);
      device_link_driver (dev, i, model->kernel_driver);
    }
  return dev;
}

void
vusb_device_unplug (VusbDevice *dev, int urb_status)
{
  VusbBus    *bus = dev->bus;
  const char *port = strrchr (dev->syspath, '-') + 1;

  /* 1. usbfs: URBs end, the file is dead. */
  g_mutex_lock (&dev->lock);
  device_drain (dev, NULL, urb_status);
  dev->gone = TRUE;
  device_set_ready (dev, TRUE);
  if (dev->master >= 0)
    close (dev->master); /* hang-up: POLLERR | POLLHUP */
  g_mutex_unlock (&dev->lock);

  /* 2. sysfs, devtmpfs and udev.  umockdev sends no "remove" of its own before 0.18.4. */
  for (guint i = dev->n_interfaces; i-- > 0;)
    {
      g_autofree char *intf = g_strdup_printf ("%s/1-%s:1.%u", dev->syspath, port, i);

#ifndef UMOCKDEV_SENDS_REMOVE
      umockdev_testbed_uevent (bus->testbed, intf, "remove");
#endif
      device_link_driver (dev, i, NULL);
      umockdev_testbed_remove_device (bus->testbed, intf);
    }
#ifndef UMOCKDEV_SENDS_REMOVE
  umockdev_testbed_uevent (bus->testbed, dev->syspath, "remove");
#endif
  umockdev_testbed_remove_device (bus->testbed, dev->syspath);
  umockdev_testbed_detach_ioctl (bus->testbed, dev->node, NULL);
  g_unlink (dev->path);
  {
    g_autofree char *mark = g_strconcat (dev->path, ".denied", NULL);

    g_unlink (mark);
  }

  g_mutex_lock (&dev->lock);
  device_unref_locked (dev);
}

void
vusb_device_deny (VusbDevice *dev, gboolean denied)
{
  g_autofree char *mark = g_strconcat (dev->path, ".denied", NULL);

  if (denied)
    g_file_set_contents (mark, "", 0, NULL);
  else
    g_unlink (mark);
  /* IN_ATTRIB for the node itself, as udev's chmod gives */
  utimensat (AT_FDCWD, dev->path, NULL, AT_SYMLINK_NOFOLLOW);
}

void
vusb_device_hold (VusbDevice *dev, gboolean held)
{
  guint32 all = (1u << dev->n_interfaces) - 1;

  g_mutex_lock (&dev->lock);
  for (guint i = 0; i < dev->n_interfaces && held; i++)
    {
      device_detach (dev, i);
      device_link_driver (dev, i, "usbfs");
    }
  dev->claimed = held ? dev->claimed | all : dev->claimed & ~all;
  g_mutex_unlock (&dev->lock);
}

void
vusb_bus_mute (VusbBus *bus)
{
  g_autoptr (GDir) dir = g_dir_open (bus->root, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "event"))
      {
        g_autofree char *path = g_build_filename (bus->root, name, NULL);

        g_unlink (path);
      }
}

void
vusb_bus_set_memory (VusbBus *bus, gsize bytes)
{
  bus->memory = bytes;
}

guint
vusb_bus_count_files (VusbBus *bus)
{
  return (guint) g_atomic_int_get (&bus->n_files);
}

const char *
vusb_device_get_node (VusbDevice *dev)
{
  return dev->node;
}

void
vusb_device_get_stats (VusbDevice *dev, VusbStats *out)
{
  g_mutex_lock (&dev->lock);
  *out = dev->stats;
  g_mutex_unlock (&dev->lock);
}

void
vusb_device_queue (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp)
{
  InTransfer *t = g_new0 (InTransfer, 1);

  t->bytes = g_bytes_new (data, len);
  t->zlp = zlp;
  g_queue_push_tail (&dev->in[ep_index (ep)], t);
}

void
vusb_device_send (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp)
{
  vusb_device_queue (dev, ep, data, len, zlp);
  device_run_in (dev, ep_index (ep));
}

void
vusb_device_send_queued (VusbDevice *dev, guint8 ep)
{
  device_run_in (dev, ep_index (ep));
}

void
vusb_device_fail (VusbDevice *dev, guint8 ep, int status)
{
  Urb *urb = g_queue_pop_head (&dev->pending[ep_index (ep)]);

  if (urb != NULL)
    urb_complete (dev, urb, status, urb->filled);
}

void
vusb_device_halt (VusbDevice *dev, guint8 ep, gboolean halted)
{
  dev->halted[ep_index (ep)] = halted;
  if (halted)
    device_run_in (dev, ep_index (ep));
}

void
vusb_device_kick (VusbDevice *dev)
{
  g_mutex_lock (&dev->lock);
  for (guint i = 0; i < 16 && !dev->gone; i++)
    {
      device_run_out (dev, i);
      device_run_in (dev, i + 16);
    }
  g_mutex_unlock (&dev->lock);
}

void
vusb_device_lock (VusbDevice *dev)
{
  g_mutex_lock (&dev->lock);
}

void
vusb_device_unlock (VusbDevice *dev)
{
  g_mutex_unlock (&dev->lock);
}
