/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual bus with one phone that does what a test says, and a watcher on it. */
#pragma once

#include "lab/vusb.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define BENCH_EP_OUT 0x01
#define BENCH_EP_IN 0x81

typedef struct
{
  VusbBus      *bus;
  VusbDevice   *dev; /* (nullable) */
  UbLinkSource *source;

  /* the phone; with its lock held */
  GByteArray *received;
  GArray     *sizes;        /* of gsize: each transfer's */
  guint       line_codings; /* SET_LINE_CODING seen */
  gboolean    coded_first;  /* … before the first byte */
  gboolean    echo;         /* it answers each byte with its complement */
  gboolean    nak;          /* it takes nothing */
  guint       stall_at;     /* it refuses the Nth transfer from here, 0: none */
  gboolean    stall_always; /* … and each one after that */
  gint64      first_us;     /* when the first byte came; 0: not yet */
} UsbBench;

/* The first thing in main() */
void usb_bench_begin (char **argv);
void usb_bench_set_up (UsbBench *self, gconstpointer data);
/* … on a computer whose kernel log may be read */
void usb_bench_set_up_with_log (UsbBench *self, gconstpointer data);
void usb_bench_tear_down (UsbBench *self, gconstpointer data);

void usb_bench_plug (UsbBench *self, guint16 product);
/* another thing at @port, a phone that is switched on; to be unplugged by the caller */
VusbDevice *usb_bench_plug_other (UsbBench *self, guint port);
/* a preloader whose node may not be opened */
void usb_bench_plug_denied (UsbBench *self);
/* the same under numbers of its maker's own: 0e8d:4711 */
void usb_bench_plug_own_denied (UsbBench *self);
void usb_bench_unplug (UsbBench *self, int urb_status);
/* the phone says something: one transfer, with or without an empty packet behind whole ones */
void    usb_bench_say (UsbBench *self, gconstpointer data, gsize size, gboolean zlp);
UbLink *usb_bench_wait (UsbBench *self);
/* while the caller goes on; to be joined */
GThread *usb_bench_unplug_later (UsbBench *self, int urb_status);
guint    usb_bench_count_fds (void);
/* there are no more than @limit, or soon will be */
void usb_bench_assert_fds (guint limit);

G_END_DECLS
