/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the phones of the labs say they are, device and configuration descriptor in one. At high speed; see lab-phone.c for slower ones. */
#pragma once

#include <glib.h>
#include <linux/usb/ch9.h>

#define LAB_EP_OUT 0x01
#define LAB_EP_IN 0x81

/* clang-format off */
/* shared/protocol/brom-and-legacy.md §1.2: the data interface comes first */
static const guint8 lab_preloader_descriptors[] = {
  18, USB_DT_DEVICE, 0x00, 0x02, USB_CLASS_COMM, 0, 0, 64, 0x8d, 0x0e, 0x00, 0x20, 0x00, 0x01, 1, 2, 0, 1,
  9, USB_DT_CONFIG, 67, 0, 2, 1, 3, 0xc0, 250,
  9, USB_DT_INTERFACE, 0, 0, 2, USB_CLASS_CDC_DATA, 0, 0, 0,
  7, USB_DT_ENDPOINT, LAB_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  7, USB_DT_ENDPOINT, LAB_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  9, USB_DT_INTERFACE, 1, 0, 1, USB_CLASS_COMM, 2, 1, 0,
  5, 0x24, 0x00, 0x10, 0x01, /* header */
  4, 0x24, 0x02, 0x0f,       /* ACM */
  5, 0x24, 0x06, 1, 0,       /* union: master, slave */
  5, 0x24, 0x01, 0x03, 0,    /* call management */
  7, USB_DT_ENDPOINT, 0x83, USB_ENDPOINT_XFER_INT, 64, 0, 16,
};

/* no union descriptor */
static const guint8 lab_boot_rom_descriptors[] = {
  18, USB_DT_DEVICE, 0x00, 0x02, USB_CLASS_COMM, 0, 0, 64, 0x8d, 0x0e, 0x03, 0x00, 0x00, 0x01, 0, 0, 0, 1,
  9, USB_DT_CONFIG, 62, 0, 2, 1, 0, 0xc0, 250,
  9, USB_DT_INTERFACE, 0, 0, 1, USB_CLASS_COMM, 2, 1, 0,
  5, 0x24, 0x00, 0x10, 0x01,
  4, 0x24, 0x02, 0x0f,
  5, 0x24, 0x01, 0x03, 1,
  7, USB_DT_ENDPOINT, 0x83, USB_ENDPOINT_XFER_INT, 64, 0, 16,
  9, USB_DT_INTERFACE, 1, 0, 2, USB_CLASS_CDC_DATA, 0, 0, 0,
  7, USB_DT_ENDPOINT, LAB_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  7, USB_DT_ENDPOINT, LAB_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
};

static const guint8 lab_agent_descriptors[] = {
  18, USB_DT_DEVICE, 0x10, 0x01, USB_CLASS_COMM, 0, 0, 64, 0x8d, 0x0e, 0x01, 0x20, 0x00, 0x01, 0, 0, 0, 1,
  9, USB_DT_CONFIG, 67, 0, 2, 1, 0, 0xc0, 250,
  9, USB_DT_INTERFACE, 0, 0, 2, USB_CLASS_CDC_DATA, 0, 0, 0,
  7, USB_DT_ENDPOINT, LAB_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  7, USB_DT_ENDPOINT, LAB_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  9, USB_DT_INTERFACE, 1, 0, 1, USB_CLASS_COMM, 2, 1, 0,
  5, 0x24, 0x00, 0x10, 0x01,
  4, 0x24, 0x02, 0x0f,
  5, 0x24, 0x06, 1, 0,
  5, 0x24, 0x01, 0x03, 0,
  7, USB_DT_ENDPOINT, 0x83, USB_ENDPOINT_XFER_INT, 64, 0, 16,
};

static const guint8 lab_android_descriptors[] = {
  18, USB_DT_DEVICE, 0x00, 0x02, 0, 0, 0, 64, 0x8d, 0x0e, 0x1d, 0x20, 0x00, 0x01, 1, 2, 3, 1,
  9, USB_DT_CONFIG, 39, 0, 1, 1, 0, 0xc0, 250,
  9, USB_DT_INTERFACE, 0, 0, 3, USB_CLASS_STILL_IMAGE, 1, 1, 0,
  7, USB_DT_ENDPOINT, LAB_EP_IN, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  7, USB_DT_ENDPOINT, LAB_EP_OUT, USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0,
  7, USB_DT_ENDPOINT, 0x82, USB_ENDPOINT_XFER_INT, 28, 0, 6,
};
/* clang-format on */
