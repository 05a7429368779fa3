/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "system/redir-descriptors.h"

#include <linux/usb/ch9.h>
#include <string.h>

/* one descriptor into the configuration */
static void
add (RedirDescriptors *self, const guint8 *descriptor)
{
  g_assert (self->n_configuration + descriptor[0] <= sizeof self->configuration);
  memcpy (self->configuration + self->n_configuration, descriptor, descriptor[0]);
  self->n_configuration += descriptor[0];
}

/* @endpoint is as at high speed */
static void
add_endpoint (RedirDescriptors *self, const guint8 *endpoint)
{
  const gboolean bulk = (endpoint[3] & USB_ENDPOINT_XFERTYPE_MASK) == USB_ENDPOINT_XFER_BULK;
  guint8         fitting[USB_DT_ENDPOINT_SIZE];
  guint8         companion[6] = { 6, USB_DT_SS_ENDPOINT_COMP, 0, 0, 0, 0 };
  gsize          packet = redir_descriptors_get_packet (self);

  memcpy (fitting, endpoint, sizeof fitting);
  if (bulk)
    {
      fitting[4] = packet & 0xff;
      fitting[5] = (guint8) (packet >> 8);
    }
  else if (self->speed == REDIR_FULL)
    fitting[6] = 16;
  add (self, fitting);
  if (!bulk)
    companion[4] = fitting[4];
  if (self->speed == REDIR_SUPER)
    add (self, companion);
}

void
redir_descriptors_init (RedirDescriptors *self, const RedirModel *model)
{
  const guint8 *end = model->descriptors + model->n_descriptors;

  memset (self, 0, sizeof *self);
  self->speed = model->speed;
  self->strings[0] = model->manufacturer;
  self->strings[1] = model->product;
  self->strings[2] = "Practice";
  memcpy (self->device, model->descriptors, sizeof self->device);
  if (self->speed == REDIR_SUPER)
    {
      self->device[3] = 3; /* USB 3.0 */
      self->device[7] = 9; /* packets of 2⁹ bytes */
    }
  for (const guint8 *d = model->descriptors + sizeof self->device; d < end; d += d[0])
    if (d[1] == USB_DT_ENDPOINT)
      add_endpoint (self, d);
    else
      add (self, d);
  self->configuration[2] = (guint8) self->n_configuration;
  if (self->speed == REDIR_SUPER)
    self->configuration[8] = 62; /* in 8 mA */
}

gsize
redir_descriptors_get_packet (const RedirDescriptors *self)
{
  static const gsize packets[] = { 64, 512, 1024 };

  return packets[self->speed];
}

static guint16
get_u16 (const guint8 *at)
{
  return (guint16) (at[0] | at[1] << 8);
}

void
redir_descriptors_introduce (const RedirDescriptors                 *self,
                             struct usb_redir_device_connect_header *header)
{
  header->device_version_bcd = get_u16 (self->device + 12);
  header->device_class = self->device[4];
  header->device_subclass = self->device[5];
  header->device_protocol = self->device[6];
  header->vendor_id = get_u16 (self->device + 8);
  header->product_id = get_u16 (self->device + 10);
}

static void
fill_endpoint (struct usb_redir_ep_info_header *endpoints, guint8 interface, const guint8 *d)
{
  guint i = (d[2] & 0x80) >> 3 | (d[2] & 0x0f);

  endpoints->type[i] = d[3] & USB_ENDPOINT_XFERTYPE_MASK;
  endpoints->interval[i] = d[6];
  endpoints->interface[i] = interface;
  endpoints->max_packet_size[i] = get_u16 (d + 4);
}

void
redir_descriptors_fill (const RedirDescriptors                 *self,
                        struct usb_redir_ep_info_header        *endpoints,
                        struct usb_redir_interface_info_header *interfaces)
{
  guint8 interface = 0;

  memset (endpoints->type, usb_redir_type_invalid, sizeof endpoints->type);
  endpoints->type[0] = endpoints->type[16] = usb_redir_type_control;
  endpoints->max_packet_size[0] = endpoints->max_packet_size[16] = 64;
  for (const guint8 *d = self->configuration; d < self->configuration + self->n_configuration;
       d += d[0])
    if (d[1] == USB_DT_INTERFACE)
      {
        interface = d[2];
        interfaces->interface[interfaces->interface_count] = d[2];
        interfaces->interface_class[interfaces->interface_count] = d[5];
        interfaces->interface_subclass[interfaces->interface_count] = d[6];
        interfaces->interface_protocol[interfaces->interface_count++] = d[7];
      }
    else if (d[1] == USB_DT_ENDPOINT)
      fill_endpoint (endpoints, interface, d);
}

/* UTF-16LE, of plain ASCII */
static gsize
write_string (const RedirDescriptors *self, guint number, guint8 *text)
{
  static const guint8 languages[] = { 4, USB_DT_STRING, 0x09, 0x04 };
  gsize               n = 2;

  if (number == 0)
    memcpy (text, languages, n = sizeof languages);
  else if (number > G_N_ELEMENTS (self->strings) || self->strings[number - 1] == NULL)
    return 0;
  else
    {
      for (const char *c = self->strings[number - 1]; *c != '\0' && n < 254; c++, n += 2)
        text[n] = (guint8) *c;
      text[0] = (guint8) n;
      text[1] = USB_DT_STRING;
    }
  return n;
}

int
redir_descriptors_get (const RedirDescriptors *self, guint16 value, guint8 *data, gsize size)
{
  static const guint8 abilities[] = { /* BOS: USB 2 extension, SuperSpeed */
                                      5,
                                      USB_DT_BOS,
                                      22,
                                      0,
                                      2,
                                      7,
                                      USB_DT_DEVICE_CAPABILITY,
                                      USB_CAP_TYPE_EXT,
                                      2,
                                      0,
                                      0,
                                      0,
                                      10,
                                      USB_DT_DEVICE_CAPABILITY,
                                      USB_SS_CAP_TYPE,
                                      0,
                                      14,
                                      0,
                                      1,
                                      10,
                                      0xff,
                                      7
  };
  guint8        text[256] = { 0 };
  const guint8 *found = NULL;
  gsize         n = 0;

  if (value >> 8 == USB_DT_DEVICE)
    {
      found = self->device;
      n = sizeof self->device;
    }
  else if (value >> 8 == USB_DT_CONFIG)
    {
      found = self->configuration;
      n = self->n_configuration;
    }
  else if (value >> 8 == USB_DT_STRING)
    {
      found = text;
      n = write_string (self, value & 0xff, text);
    }
  else if (value >> 8 == USB_DT_BOS && self->speed == REDIR_SUPER)
    {
      found = abilities;
      n = sizeof abilities;
    }
  n = MIN (n, size);
  if (n > 0)
    memcpy (data, found, n);
  return n > 0 ? (int) n : -1;
}
