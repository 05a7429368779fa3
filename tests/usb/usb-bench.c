/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/usb-bench.h"

#include "usb/ub-usb-watcher.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* clang-format off */
#define PRELOADER(product, name) \
  { \
    18, USB_DT_DEVICE, 0x00, 0x02, USB_CLASS_COMM, 0, 0, 64, 0x8d, 0x0e, (product) & 0xff, (product) >> 8, 0x00, 0x01, 0, name, 0, 1, \
    9, USB_DT_CONFIG, 67, 0, 2, 1, 0, 0xc0, 250, \
    9, USB_DT_INTERFACE, 0, 0, 2, USB_CLASS_CDC_DATA, 0, 0, 0, \
    7, USB_DT_ENDPOINT, BENCH_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0, \
    7, USB_DT_ENDPOINT, BENCH_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0, \
    9, USB_DT_INTERFACE, 1, 0, 1, USB_CLASS_COMM, 2, 1, 0, \
    5, 0x24, 0x00, 0x10, 0x01, \
    4, 0x24, 0x02, 0x0f, \
    5, 0x24, 0x06, 1, 0, \
    5, 0x24, 0x01, 0x03, 0, \
    7, USB_DT_ENDPOINT, 0x83, USB_ENDPOINT_XFER_INT, 64, 0, 16, \
  }

#define WITH_PRODUCT(product)                                                                                     \
  { 18, USB_DT_DEVICE, 0x00, 0x02, 0, 0, 0, 64, 0x8d, 0x0e, (product) & 0xff, (product) >> 8, 0, 1, 0, 0, 0, 1, \
    9, USB_DT_CONFIG, 39, 0, 1, 1, 0, 0xc0, 250,                                                                  \
    9, USB_DT_INTERFACE, 0, 0, 2, USB_CLASS_CDC_DATA, 0, 0, 0,                                                    \
    7, USB_DT_ENDPOINT, BENCH_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,                                      \
    7, USB_DT_ENDPOINT, BENCH_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0 }
/* clang-format on */

static const guint8 descriptors[] = PRELOADER (0x2000, 2);
/* in no table of ours, and without a name: a preloader all the same */
static const guint8 own_descriptors[] = PRELOADER (0x4711, 0);
static const guint8 boot_rom_descriptors[] = WITH_PRODUCT (0x0003);
static const guint8 agent_descriptors[] = WITH_PRODUCT (0x2001);
static const guint8 android_descriptors[] = WITH_PRODUCT (0x201d);

static void
answer (UsbBench *self, VusbDevice *dev, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8) ~data[i];

      vusb_device_send (dev, BENCH_EP_IN, &byte, 1, FALSE);
    }
}

static VusbHandshake
model_out (VusbDevice *dev, guint8 ep, const guint8 *data, gsize len, gpointer user_data)
{
  UsbBench *self = user_data;

  if (self->nak)
    return VUSB_NAK;
  if (self->stall_at > 0 && --self->stall_at == 0)
    {
      self->stall_at = self->stall_always;
      return VUSB_STALL;
    }
  if (self->first_us == 0 && len > 0)
    {
      self->first_us = g_get_monotonic_time ();
      self->coded_first = self->line_codings > 0;
    }
  g_byte_array_append (self->received, data != NULL ? data : (const guint8 *) "", (guint) len);
  g_array_append_val (self->sizes, len);
  if (self->echo)
    answer (self, dev, data, len);
  return VUSB_ACK;
}

static int
model_control (VusbDevice                   *dev,
               const struct usb_ctrlrequest *setup,
               guint8                       *data,
               gpointer                      user_data)
{
  UsbBench *self = user_data;

  if (setup->bRequestType != 0x21)
    return -EPIPE;
  self->line_codings += setup->bRequest == 0x20;
  return GUINT16_FROM_LE (setup->wLength);
}

#define MODEL(name_, descriptors_, driver_)                                                        \
  {                                                                                                \
    .name = name_, .descriptors = descriptors_, .n_descriptors = sizeof descriptors_,              \
    .product = "Bench phone", .kernel_driver = driver_, .out = model_out, .control = model_control \
  }

static const VusbModel preloader_model = MODEL ("preloader", descriptors, "cdc_acm");
static const VusbModel own_model = MODEL ("own", own_descriptors, "cdc_acm");
static const VusbModel boot_rom_model = MODEL ("boot-rom", boot_rom_descriptors, "cdc_acm");
static const VusbModel agent_model = MODEL ("agent", agent_descriptors, NULL);
static const VusbModel android_model = MODEL ("android", android_descriptors, NULL);

void
usb_bench_begin (char **argv)
{
  vusb_exec_again (LAB_PRELOAD, argv);
}

static void
watch_bus (UsbBench *self)
{
  self->received = g_byte_array_new ();
  self->sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->source = ub_usb_watcher_new ();
  g_assert_true (ub_link_source_start (self->source, NULL));
}

void
usb_bench_set_up (UsbBench *self, gconstpointer data)
{
  self->bus = vusb_bus_new ();
  watch_bus (self);
}

void
usb_bench_set_up_with_log (UsbBench *self, gconstpointer data)
{
  self->bus = vusb_bus_new ();
  vusb_bus_allow_log (self->bus);
  watch_bus (self);
}

void
usb_bench_tear_down (UsbBench *self, gconstpointer data)
{
  usb_bench_unplug (self, -ESHUTDOWN);
  ub_link_source_stop (self->source);
  g_assert_finalize_object (self->source);
  vusb_bus_free (self->bus);
  g_byte_array_unref (self->received);
  g_array_unref (self->sizes);
}

void
usb_bench_plug (UsbBench *self, guint16 product)
{
  const VusbModel *model = &preloader_model;

  if (product == 0x0003)
    model = &boot_rom_model;
  else if (product == 0x2001)
    model = &agent_model;
  else if (product == 0x201d)
    model = &android_model;
  self->first_us = 0;
  self->line_codings = 0;
  self->dev = vusb_device_plug (self->bus, 1, VUSB_NODE_PTY, model, FALSE, self);
}

VusbDevice *
usb_bench_plug_other (UsbBench *self, guint port)
{
  return vusb_device_plug (self->bus, port, VUSB_NODE_PTY, &android_model, FALSE, self);
}

void
usb_bench_plug_denied (UsbBench *self)
{
  self->dev = vusb_device_plug (self->bus, 1, VUSB_NODE_PTY, &preloader_model, TRUE, self);
}

void
usb_bench_plug_own_denied (UsbBench *self)
{
  self->dev = vusb_device_plug (self->bus, 1, VUSB_NODE_PTY, &own_model, TRUE, self);
}

void
usb_bench_unplug (UsbBench *self, int urb_status)
{
  if (self->dev != NULL)
    vusb_device_unplug (g_steal_pointer (&self->dev), urb_status);
}

void
usb_bench_say (UsbBench *self, gconstpointer data, gsize size, gboolean zlp)
{
  vusb_device_lock (self->dev);
  vusb_device_send (self->dev, BENCH_EP_IN, data, size, zlp);
  vusb_device_unlock (self->dev);
}

UbLink *
usb_bench_wait (UsbBench *self)
{
  g_autoptr (GError) error = NULL;
  UbLink *link = ub_link_source_wait (self->source, NULL, 5000, NULL, &error);

  g_assert_no_error (error);
  return link;
}

typedef struct
{
  UsbBench *bench;
  int       urb_status;
} Unplug;

static gpointer
unplug (gpointer data)
{
  g_autofree Unplug *self = data;

  usb_bench_unplug (self->bench, self->urb_status);
  return NULL;
}

GThread *
usb_bench_unplug_later (UsbBench *self, int urb_status)
{
  Unplug *job = g_new (Unplug, 1);

  *job = (Unplug){ self, urb_status };
  return g_thread_new ("unplug", unplug, job);
}

/* umockdev now and then forgets the socket on which it listened for one of its nodes */
static gboolean
is_listening (const char *fd)
{
  int       listening = 0;
  socklen_t size = sizeof listening;

  return getsockopt (atoi (fd), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

guint
usb_bench_count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  guint       n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += !is_listening (name);
  return n;
}

static void
print_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      g_test_message ("%s: %s", name, target);
    }
}

/* The watcher's thread and the bus's own hold a few for moments, so that one look tells nothing. */
void
usb_bench_assert_fds (guint limit)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (usb_bench_count_fds () > limit && g_get_monotonic_time () < end)
    g_usleep (1000);
  if (usb_bench_count_fds () > limit)
    print_fds ();
  g_assert_cmpuint (usb_bench_count_fds (), <=, limit);
}
