/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbUsbPorts:
 *
 * The ports of all hubs, as far as sysfs tells of them: what state each is in (since Linux 6.5), and how often it was
 * short of current (since 4.18). Absent files are fine. One thread.
 */
typedef struct _UbUsbPorts UbUsbPorts;

typedef enum
{
  UB_USB_PORT_EMPTY,
  UB_USB_PORT_TRYING, /* something is there, but not in use, or not yet */
  UB_USB_PORT_USED,
  UB_USB_PORT_OVER_CURRENT, /* since the last look; told once */
} UbUsbPortState;

/* @state_words: (nullable): what the file says */
typedef void (*UbUsbPortFunc) (const char    *port,
                               UbUsbPortState state,
                               const char    *state_words,
                               gpointer       user_data);

/* @devices: "/sys/bus/usb/devices" */
UbUsbPorts *ub_usb_ports_new (const char *devices);
void        ub_usb_ports_free (UbUsbPorts *self);
/* hubs may have come or gone */
void ub_usb_ports_find (UbUsbPorts *self);
/* tells the state of each port; of one that has gone with its hub, once, that it is empty */
void ub_usb_ports_look (UbUsbPorts *self, UbUsbPortFunc func, gpointer user_data);
/* whether any port has a state to be read */
gboolean ub_usb_ports_have_states (UbUsbPorts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbPorts, ub_usb_ports_free)

G_END_DECLS
