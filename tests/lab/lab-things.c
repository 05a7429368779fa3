/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/lab-things.h"

#include <linux/usb/ch9.h>

#define LO(x) ((x) &0xff)
#define HI(x) ((x) >> 8)

/* clang-format off */
#define DEVICE(class, vendor, product) \
  18, USB_DT_DEVICE, 0x00, 0x02, class, 0, 0, 64, LO (vendor), HI (vendor), LO (product), HI (product), 0x00, 0x04, 1, 2, 3, 1
#define CONFIG(interfaces, size) 9, USB_DT_CONFIG, LO (9 + (size)), HI (9 + (size)), interfaces, 1, 0, 0xc0, 250
#define INTERFACE(number, endpoints, class, subclass, protocol) 9, USB_DT_INTERFACE, number, 0, endpoints, class, subclass, protocol, 0
#define PAIR(n) \
  7, USB_DT_ENDPOINT, 0x80 | (n), USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0, 7, USB_DT_ENDPOINT, (n), USB_ENDPOINT_XFER_BULK, 0x00, 0x02, 0
#define NOTICES(n) 7, USB_DT_ENDPOINT, 0x80 | (n), USB_ENDPOINT_XFER_INT, 28, 0, 6

#define MTP(number, n) INTERFACE (number, 3, USB_CLASS_STILL_IMAGE, 1, 1), PAIR (n), NOTICES ((n) + 1)
#define MTP_SIZE 30
#define ADB(number, n) INTERFACE (number, 2, 0xff, 0x42, 1), PAIR (n)
#define FASTBOOT(number, n) INTERFACE (number, 2, 0xff, 0x42, 3), PAIR (n)
#define DISK(number, n) INTERFACE (number, 2, USB_CLASS_MASS_STORAGE, 6, 0x50), PAIR (n)
#define VENDOR(number, n) INTERFACE (number, 2, 0xff, 0xff, 0xff), PAIR (n)
#define PAIR_SIZE 23
/* a serial port: control interface, then data */
#define SERIAL \
  INTERFACE (0, 1, USB_CLASS_COMM, 2, 1), 5, 0x24, 0x00, 0x10, 0x01, 5, 0x24, 0x01, 0x00, 1, 4, 0x24, 0x02, 0x06, 5, 0x24, 0x06, 0, 1, \
  NOTICES (2), INTERFACE (1, 2, USB_CLASS_CDC_DATA, 0, 0), PAIR (1)
#define SERIAL_SIZE (35 + 23)
/* a network card as Windows likes it */
#define RNDIS INTERFACE (0, 1, USB_CLASS_WIRELESS_CONTROLLER, 1, 3), NOTICES (2), INTERFACE (1, 2, USB_CLASS_CDC_DATA, 0, 0), PAIR (1)
#define RNDIS_SIZE (16 + 23)

static const guint8 mtp[] = { DEVICE (0, 0x0e8d, 0x2008), CONFIG (1, MTP_SIZE), MTP (0, 1) };
static const guint8 adb[] = { DEVICE (0, 0x0e8d, 0x201c), CONFIG (1, PAIR_SIZE), ADB (0, 1) };
static const guint8 mtp_adb[] = { DEVICE (0, 0x0e8d, 0x201d), CONFIG (2, MTP_SIZE + PAIR_SIZE), MTP (0, 1), ADB (1, 3) };
static const guint8 charging[] = { DEVICE (0, 0x0e8d, 0x200a), CONFIG (1, 9), INTERFACE (0, 0, 0xff, 0xff, 0) };
static const guint8 storage[] = { DEVICE (0, 0x0e8d, 0x2003), CONFIG (2, 2 * PAIR_SIZE), DISK (0, 1), ADB (1, 2) };
static const guint8 tether[] = { DEVICE (USB_CLASS_WIRELESS_CONTROLLER, 0x0e8d, 0x2004), CONFIG (2, RNDIS_SIZE), RNDIS };
static const guint8 fastboot[] = { DEVICE (0, 0x18d1, 0xd00d), CONFIG (1, PAIR_SIZE), FASTBOOT (0, 1) };
static const guint8 lk_fastboot[] = { DEVICE (0, 0x0e8d, 0x201c), CONFIG (1, PAIR_SIZE), FASTBOOT (0, 1) };
static const guint8 fastbootd[] = { DEVICE (0, 0x18d1, 0x4ee0), CONFIG (1, PAIR_SIZE), FASTBOOT (0, 1) };
static const guint8 recovery[] = { DEVICE (0, 0x18d1, 0xd001), CONFIG (1, PAIR_SIZE), ADB (0, 1) };
static const guint8 twrp[] = { DEVICE (0, 0x18d1, 0x4ee2), CONFIG (2, MTP_SIZE + PAIR_SIZE), MTP (0, 1), ADB (1, 3) };
static const guint8 meta[] = { DEVICE (USB_CLASS_COMM, 0x0e8d, 0x2007), CONFIG (2, SERIAL_SIZE), SERIAL };
static const guint8 unknown[] = { DEVICE (0, 0x2717, 0xff99), CONFIG (1, PAIR_SIZE), VENDOR (0, 1) };
static const guint8 own_ids[] = { DEVICE (USB_CLASS_COMM, 0x1bbb, 0xf00f), CONFIG (2, SERIAL_SIZE), SERIAL };
static const guint8 deaf[] = { DEVICE (USB_CLASS_COMM, 0x0e8d, 0x2000), CONFIG (2, SERIAL_SIZE), SERIAL };
static const guint8 arduino[] = { DEVICE (USB_CLASS_COMM, 0x2341, 0x0043), CONFIG (2, SERIAL_SIZE), SERIAL };
static const guint8 disk[] = { DEVICE (0, 0x0e8d, 0x1887), CONFIG (1, PAIR_SIZE), DISK (0, 1) };
static const guint8 serial[] = { DEVICE (USB_CLASS_COMM, 0x0e8d, 0x7523), CONFIG (2, SERIAL_SIZE), SERIAL };
static const guint8 modem[] = { DEVICE (USB_CLASS_COMM, 0x0e8d, 0x00a5), CONFIG (2, SERIAL_SIZE), SERIAL };
/* clang-format on */

#define THING(name_, descriptors_, kind_, manufacturer_, product_, driver_)                        \
  {                                                                                                \
    .name = name_, .kind = kind_, .descriptors = descriptors_,                                     \
    .n_descriptors = sizeof descriptors_, .manufacturer = manufacturer_, .product = product_,      \
    .serial = "0123456789ABCDEF", .driver = driver_                                                \
  }
#define SILENT(name, descriptors, manufacturer, product, driver)                                   \
  THING (name, descriptors, LAB_THING_SILENT, manufacturer, product, driver)

static const LabThing things[] = {
  SILENT ("android", mtp, "MediaTek", "Practice phone", NULL),
  SILENT ("android mtp", mtp, "MediaTek", "Practice phone", NULL),
  SILENT ("android adb", adb, "MediaTek", "Practice phone", NULL),
  SILENT ("android mtp+adb", mtp_adb, "MediaTek", "Practice phone", NULL),
  SILENT ("android charging", charging, "MediaTek", "Practice phone", NULL),
  SILENT ("android storage", storage, "MediaTek", "Practice phone", "usb-storage"),
  SILENT ("android tether", tether, "MediaTek", "Practice phone", "rndis_host"),
  SILENT ("fastboot", fastboot, "Google", "Android", NULL),
  SILENT ("fastboot mediatek", lk_fastboot, "MediaTek", "Android", NULL),
  SILENT ("fastbootd", fastbootd, "Google", "fastbootd", NULL),
  SILENT ("recovery", recovery, "Android", "Android", NULL),
  SILENT ("recovery twrp", twrp, "MediaTek", "TWRP", NULL),
  SILENT ("meta", meta, "MediaTek", "MT65xx META", "cdc_acm"),
  SILENT ("unknown", unknown, "Xiaomi", "Practice phone", NULL),
  THING ("own-ids", own_ids, LAB_THING_PHONE, "MediaTek", "MT65xx Preloader", "cdc_acm"),
  SILENT ("deaf", deaf, "MediaTek", "MT65xx Preloader", "cdc_acm"),
  SILENT ("arduino", arduino, "Arduino (www.arduino.cc)", "Arduino Uno", "cdc_acm"),
  SILENT ("disk", disk, "MediaTek", "Slim Portable DVD Writer", "usb-storage"),
  SILENT ("serial", serial, "Acme", "USB Serial Port", "cdc_acm"),
  SILENT ("modem", modem, "MediaTek Inc", "Product", "cdc_acm"),
  { .name = "broken", .kind = LAB_THING_BROKEN },
};

const LabThing *
lab_things_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    if (g_str_equal (things[i].name, name))
      return &things[i];
  return NULL;
}

char *
lab_things_dup_names (void)
{
  GString *names = g_string_new (things[0].name);

  for (guint i = 1; i < G_N_ELEMENTS (things); i++)
    g_string_append_printf (names, ", %s", things[i].name);
  return g_string_free (names, FALSE);
}
