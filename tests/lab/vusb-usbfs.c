/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/vusb-private.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* MMAP is left out on purpose: libusb_dev_mem_alloc() then says no, as on old kernels. */
#define VUSB_CAPS                                                                                  \
  (USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |   \
   USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT)

void
vusb_usbfs_set_ready (VusbDevice *dev, gboolean ready)
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

static inline struct usbdevfs_urb *
urb_get (VusbUrb *urb)
{
  return (struct usbdevfs_urb *) urb->data->data;
}

/* ---- URBs -------------------------------------------------------------- */

void
vusb_usbfs_urb_free (VusbUrb *urb)
{
  g_clear_object (&urb->buffer);
  g_clear_object (&urb->data);
  g_free (urb);
}

void
vusb_usbfs_complete (VusbDevice *dev, VusbUrb *urb, int status, gsize actual)
{
  struct usbdevfs_urb *u = urb_get (urb);

  u->status = status;
  u->actual_length = (int) actual;
  u->error_count = 0;
  dev->in_flight -= u->buffer_length;
  g_queue_push_tail (&urb->file->completed, urb);
  dev->n_completed++;
  vusb_usbfs_set_ready (dev, TRUE);
}

void
vusb_usbfs_transfer_free (VusbTransfer *t)
{
  g_bytes_unref (t->bytes);
  g_free (t);
}

/* Fills one URB from what the device has to send, packet by packet.  Returns
 * FALSE while the URB must wait for more. */
static gboolean
urb_fill (VusbDevice *dev, guint i, VusbUrb *urb, int *status)
{
  gsize         mps = dev->max_packet[i], room = urb_get (urb)->buffer_length;
  VusbTransfer *t;

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
        vusb_usbfs_transfer_free (g_queue_pop_head (&dev->in[i]));
      *status = babble ? -EOVERFLOW : 0;
      if (is_short || babble || urb->filled == room)
        return TRUE;
    }
  return FALSE;
}

void
vusb_usbfs_run_in (VusbDevice *dev, guint i)
{
  VusbUrb *urb;

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
      vusb_usbfs_complete (dev, urb, status, urb->filled);
    }
}

void
vusb_usbfs_run_out (VusbDevice *dev, guint i)
{
  VusbUrb *urb;

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
          vusb_usbfs_complete (dev, urb, -EPIPE, 0);
          continue;
        }
      dev->stats.bytes_out += u->buffer_length;
      vusb_usbfs_complete (dev, urb, 0, u->buffer_length);
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
          dev->halted[vusb_ep_index (GUINT16_FROM_LE (setup->wIndex))] = FALSE;
        return 0;
      default:
        break;
      }
  return dev->model->control ? dev->model->control (dev, setup, data, dev->user_data) : -EPIPE;
}

static int
device_submit (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  g_autoptr (UMockdevIoctlData) data =
                 umockdev_ioctl_data_resolve (arg, 0, sizeof (struct usbdevfs_urb), NULL);
  struct usbdevfs_urb *u;
  VusbUrb             *urb;
  guint                i;

  if (data == NULL)
    return -EFAULT;
  u = (struct usbdevfs_urb *) data->data;
  i = vusb_ep_index (u->endpoint);
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

  urb = g_new0 (VusbUrb, 1);
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
          vusb_usbfs_urb_free (urb);
          return -EFAULT;
        }
    }
  if (u->type == USBDEVFS_URB_TYPE_CONTROL &&
      (u->buffer_length < 8 ||
       u->buffer_length <
           8 + GUINT16_FROM_LE (
                   ((const struct usb_ctrlrequest *) (const void *) urb->buffer->data)->wLength)))
    {
      vusb_usbfs_urb_free (urb);
      return -EINVAL;
    }
  dev->in_flight += u->buffer_length;
  dev->stats.submitted++;

  if (u->type == USBDEVFS_URB_TYPE_CONTROL)
    {
      const struct usb_ctrlrequest *setup = (const void *) urb->buffer->data;
      int                           r = device_control (dev, setup, urb->buffer->data + 8);

      vusb_usbfs_complete (dev, urb, MIN (r, 0), MAX (r, 0));
      return 0;
    }
  g_queue_push_tail (&dev->pending[i], urb);
  if (u->endpoint & USB_DIR_IN)
    vusb_usbfs_run_in (dev, i);
  else
    vusb_usbfs_run_out (dev, i);
  return 0;
}

static int
device_reap (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  g_autoptr (UMockdevIoctlData) data = NULL;
  VusbUrb *urb = g_queue_pop_head (&file->completed);

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
  vusb_usbfs_urb_free (urb);
  dev->stats.reaped++;
  if (--dev->n_completed == 0 && !dev->gone)
    vusb_usbfs_set_ready (dev, FALSE);
  return 0;
}

static int
device_discard (VusbDevice *dev, gulong addr)
{
  for (guint i = 0; i < VUSB_N_EP; i++)
    for (GList *l = dev->pending[i].head; l != NULL; l = l->next)
      {
        VusbUrb *urb = l->data;

        if (urb->addr != addr)
          continue;
        g_queue_delete_link (&dev->pending[i], l);
        vusb_usbfs_complete (dev, urb, -ENOENT, urb->filled);
        return 0;
      }
  return -EINVAL;
}

static int
device_claim (VusbDevice *dev, VusbFile *file, guint ifno)
{
  if (ifno >= dev->n_interfaces)
    return -ENOENT;
  if (file->claimed & (1u << ifno))
    return 0;
  if ((dev->claimed & (1u << ifno)) || dev->driver[ifno] != NULL)
    return -EBUSY;
  dev->claimed |= 1u << ifno;
  file->claimed |= 1u << ifno;
  dev->stats.claims++;
  return 0;
}

static int
device_release (VusbDevice *dev, VusbFile *file, guint ifno)
{
  if (ifno >= dev->n_interfaces || !(file->claimed & (1u << ifno)))
    return -EINVAL;
  dev->claimed &= ~(1u << ifno);
  file->claimed &= ~(1u << ifno);
  return 0;
}

gboolean
vusb_usbfs_detach (VusbDevice *dev, guint ifno)
{
  gboolean had = dev->driver[ifno] != NULL;

  g_clear_pointer (&dev->driver[ifno], g_free);
  return had;
}

void
vusb_usbfs_drain (VusbDevice *dev, VusbFile *file, int status)
{
  for (guint i = 0; i < VUSB_N_EP; i++)
    for (GList *l = dev->pending[i].head, *next; l != NULL; l = next)
      {
        VusbUrb *urb = l->data;

        next = l->next;
        if (file != NULL && urb->file != file)
          continue;
        g_queue_delete_link (&dev->pending[i], l);
        vusb_usbfs_complete (dev, urb, status, urb->filled);
      }
}

/* ---- ioctls ------------------------------------------------------------ */

/* declares @name, a local copy of what the ioctl's argument points to */
#define GET(type, name)                                                                            \
  g_autoptr (UMockdevIoctlData) data = umockdev_ioctl_data_resolve (arg, 0, sizeof (type), NULL);  \
  type *name;                                                                                      \
  if (data == NULL)                                                                                \
    return -EFAULT;                                                                                \
  name = (type *) data->data

static int
get_capabilities (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (guint32, caps);

  *caps = VUSB_CAPS;
  return 0;
}

static int
connect_info (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (struct usbdevfs_connectinfo, info);

  info->devnum = dev->number;
  info->slow = 0;
  return 0;
}

static int
claim_interface (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (unsigned int, ifno);

  return device_claim (dev, file, *ifno);
}

static int
release_interface (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (unsigned int, ifno);

  return device_release (dev, file, *ifno);
}

static int
set_configuration (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  return dev->claimed ? -EBUSY : 0;
}

static int
set_interface (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  return 0;
}

static int
get_driver (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
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

static int
connect_driver (VusbDevice *dev, guint ifno)
{
  if (dev->driver[ifno] != NULL)
    return -EBUSY;
  dev->driver[ifno] = g_strdup (dev->model->kernel_driver);
  return 1;
}

static int
driver_ioctl (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (struct usbdevfs_ioctl, cmd);

  if (cmd->ifno < 0 || (guint) cmd->ifno >= dev->n_interfaces)
    return -EINVAL;
  if ((guint32) cmd->ioctl_code == (guint32) USBDEVFS_DISCONNECT)
    return vusb_usbfs_detach (dev, cmd->ifno) ? 0 : -ENODATA;
  if ((guint32) cmd->ioctl_code == (guint32) USBDEVFS_CONNECT)
    return connect_driver (dev, cmd->ifno);
  return -ENOTTY;
}

static int
disconnect_claim (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (struct usbdevfs_disconnect_claim, dc);

  if (dc->interface >= dev->n_interfaces)
    return -EINVAL;
  if ((dc->flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) &&
      g_strcmp0 (dev->driver[dc->interface], dc->driver) == 0)
    return -EBUSY;
  vusb_usbfs_detach (dev, dc->interface);
  return device_claim (dev, file, dc->interface);
}

static int
control (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
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

static int
discard (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  return device_discard (dev, *(gulong *) arg->data);
}

static int
clear_halt (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  GET (unsigned int, ep);

  if (dev->max_packet[vusb_ep_index (*ep)] == 0)
    return -ENOENT;
  dev->halted[vusb_ep_index (*ep)] = FALSE;
  return 0;
}

static int
reset (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  vusb_usbfs_drain (dev, NULL, -ESHUTDOWN);
  for (guint i = 0; i < VUSB_N_EP; i++)
    {
      g_queue_clear_full (&dev->in[i], (GDestroyNotify) vusb_usbfs_transfer_free);
      dev->halted[i] = FALSE;
    }
  if (dev->model->reset)
    dev->model->reset (dev, dev->user_data);
  return 0;
}

static int
get_speed (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg)
{
  return dev->model->full_speed ? USB_SPEED_FULL : USB_SPEED_HIGH;
}

/* A blocking reap cannot be emulated: it would hold up every other ioctl of this file. libusb never
 * uses it. */
static const struct
{
  guint32 request;
  int (*handle) (VusbDevice *dev, VusbFile *file, UMockdevIoctlData *arg);
} requests[] = {
  { USBDEVFS_GET_CAPABILITIES, get_capabilities },
  { USBDEVFS_CONNECTINFO, connect_info },
  { USBDEVFS_CLAIMINTERFACE, claim_interface },
  { USBDEVFS_RELEASEINTERFACE, release_interface },
  { USBDEVFS_SETCONFIGURATION, set_configuration },
  { USBDEVFS_SETINTERFACE, set_interface },
  { USBDEVFS_GETDRIVER, get_driver },
  { USBDEVFS_IOCTL, driver_ioctl },
  { USBDEVFS_DISCONNECT_CLAIM, disconnect_claim },
  { USBDEVFS_CONTROL, control },
  { USBDEVFS_SUBMITURB, device_submit },
  { USBDEVFS_DISCARDURB, discard },
  { USBDEVFS_REAPURB, device_reap },
  { USBDEVFS_REAPURBNDELAY, device_reap },
  { USBDEVFS_CLEAR_HALT, clear_halt },
  { USBDEVFS_RESETEP, clear_halt },
  { USBDEVFS_RESET, reset },
  { USBDEVFS_GET_SPEED, get_speed },
};

/* the ioctl's result, or -errno */
int
vusb_usbfs_ioctl (VusbDevice *dev, VusbFile *file, guint32 request, UMockdevIoctlData *arg)
{
  dev->stats.ioctls++;
  if (dev->gone && request != (guint32) USBDEVFS_REAPURB &&
      request != (guint32) USBDEVFS_REAPURBNDELAY)
    return -ENODEV;
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    if (requests[i].request == request)
      return requests[i].handle (dev, file, arg);
  g_message ("vusb: ioctl 0x%08x is not emulated", request);
  return -ENOTTY;
}
