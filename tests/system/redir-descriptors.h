/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thing behind a RedirPort says it is: the descriptors of a lab's phone, made to fit the port's speed. */
#pragma once

#include <glib.h>
#include <usbredirproto.h>

#include "system/redir-port.h"

G_BEGIN_DECLS

typedef struct
{
  guint8      device[18];
  guint8      configuration[256];
  gsize       n_configuration;
  RedirSpeed  speed;
  const char *strings[3]; /* (nullable) by their numbers, from 1 */
} RedirDescriptors;

void redir_descriptors_init (RedirDescriptors *self, const RedirModel *model);
/* as the port tells QEMU what comes */
void redir_descriptors_introduce (const RedirDescriptors                 *self,
                                  struct usb_redir_device_connect_header *header);
void redir_descriptors_fill (const RedirDescriptors                 *self,
                             struct usb_redir_ep_info_header        *endpoints,
                             struct usb_redir_interface_info_header *interfaces);
/* bytes of a bulk packet */
gsize redir_descriptors_get_packet (const RedirDescriptors *self);
/* GET_DESCRIPTOR, @value as in its set-up packet: bytes of the answer, or -1: there is none */
int redir_descriptors_get (const RedirDescriptors *self, guint16 value, guint8 *data, gsize size);

G_END_DECLS
