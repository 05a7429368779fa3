/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UB_USB_LOG_PORT_SIZE 32

/* what the kernel says of a port */
typedef enum
{
  UB_USB_LOG_NOTHING,
  UB_USB_LOG_DOUBT,    /* it cannot talk to what is there, and tries again */
  UB_USB_LOG_FAULT,    /* … and has given up, or says something that is never harmless */
  UB_USB_LOG_UNUSABLE, /* it talks to it, but cannot use it */
  UB_USB_LOG_COME,     /* it talks to it */
  UB_USB_LOG_GONE,
} UbUsbLogKind;

typedef struct
{
  UbUsbLogKind kind;
  char         port[UB_USB_LOG_PORT_SIZE]; /* "1-2.4" */
  const char  *words; /* of a fault: the kernel's, within the line; @length bytes */
  gsize        length;
} UbUsbLogLine;

/* @record: one record of /dev/kmsg, or a line of dmesg's. A pure function. */
void ub_usb_log_parse (const char *record, UbUsbLogLine *line);

/**
 * UbUsbLog:
 *
 * The kernel's log from now on, where we may read it: on many systems only the administrator may.
 */
typedef struct _UbUsbLog UbUsbLog;

/* (nullable): may not be read */
UbUsbLog *ub_usb_log_open (void);
void      ub_usb_log_free (UbUsbLog *self);
/* to be polled for reading */
int ub_usb_log_get_fd (UbUsbLog *self);
/* the next line that says something of a port; FALSE: no more for now. @line's words live until the
 * next call */
gboolean ub_usb_log_read (UbUsbLog *self, UbUsbLogLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbLog, ub_usb_log_free)

G_END_DECLS
