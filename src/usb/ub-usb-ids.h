/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* which parts of a phone the bytes go through */
typedef struct
{
  int     data;    /* interface number of the bulk pair */
  int     control; /* interface number of the CDC control interface, -1 if there is none */
  guint8  in;      /* endpoint addresses */
  guint8  out;
  guint16 in_packet; /* wMaxPacketSize */
  guint16 out_packet;
} UbUsbLayout;

/* what a thing says of itself, as the kernel has read it; any may be %NULL, none need be true */
typedef struct
{
  const char        *manufacturer;
  const char        *product;
  const char *const *interfaces; /* %NULL at the end */
} UbUsbStrings;

/* @descriptors: device descriptor, then configurations, as in a usbfs node and in sysfs */
UbSightingKind ub_usb_ids_identify (const guint8       *descriptors,
                                    gsize               size,
                                    const UbUsbStrings *strings,
                                    guint              *traits);
gboolean       ub_usb_ids_is_listed (const guint8 *descriptors, gsize size);
gboolean       ub_usb_ids_find_layout (const guint8 *descriptors, gsize size, UbUsbLayout *layout);
/* boot ROM, preloader and agent are what we talk to */
gboolean ub_usb_ids_is_ours (UbSightingKind kind);
/* the products of the table that are ours, one after the other; FALSE past the last */
gboolean ub_usb_ids_get_flashable (guint i, guint16 *vendor, guint16 *product);

G_END_DECLS
