/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/**
 * UbUsbPlace:
 *
 * One thing on the bus, under the number it has now. The number changes each time it comes back;
 * the port does not. A value; ub_usb_place_copy() makes another.
 */
typedef struct
{
  guint          bus;
  guint          number;
  char          *node;        /* "/dev/bus/usb/001/004" */
  char          *syspath;     /* (nullable): "/sys/bus/usb/devices/1-2.4" */
  char          *port;        /* "1-2.4"; "001-004" where sysfs does not tell */
  char          *name;        /* (nullable) */
  GBytes        *descriptors; /* (owned) */
  UbSightingKind kind;
  guint          traits; /* UbSightingTraits */
  guint16        vendor;
  guint16        product;
} UbUsbPlace;

/* %NULL while not enough is known about it; @patient: sysfs may still be coming, so do not do
 * without it yet */
UbUsbPlace *ub_usb_place_new (guint bus, guint number, gboolean patient);
/* Reads what it says of itself and places it anew by that; not needed for what is listed as ours.
 * %FALSE while the computer may not know all of it yet */
gboolean    ub_usb_place_read_strings (UbUsbPlace *self);
UbUsbPlace *ub_usb_place_copy (const UbUsbPlace *self);
void        ub_usb_place_free (UbUsbPlace *self);
char       *ub_usb_place_dup_node (guint bus, guint number);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbPlace, ub_usb_place_free)

G_END_DECLS
