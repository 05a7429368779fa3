/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-ids.h"

#include <linux/usb/ch9.h>

#define VENDOR_MEDIATEK 0x0e8d
#define ANY_INTERFACE (-1)

#define CDC_SUBTYPE_UNION 0x06
#define CS_INTERFACE 0x24

typedef struct
{
  guint16        vendor;
  guint16        product;
  UbSightingKind kind;
  int            data; /* interface of the bulk pair where the class does not tell */
} UsbId;

/* shared/protocol/brom-and-legacy.md §1.1 */
static const UsbId ids[] = {
  { VENDOR_MEDIATEK, 0x0003, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x2000, UB_SIGHTING_PRELOADER, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x2001, UB_SIGHTING_AGENT, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x20ff, UB_SIGHTING_PRELOADER, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x3000, UB_SIGHTING_PRELOADER, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x6000, UB_SIGHTING_PRELOADER, 2 },
  { 0x1004, 0x6000, UB_SIGHTING_PRELOADER, 2 },             /* LG */
  { 0x22d9, 0x0006, UB_SIGHTING_PRELOADER, ANY_INTERFACE }, /* OPPO */
  { 0x0fce, 0xf200, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },  /* Sony */
  { 0x0fce, 0xd1e9, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },
  { 0x0fce, 0xd1e2, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },
  { 0x0fce, 0xd1ec, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },
  { 0x0fce, 0xd1dd, UB_SIGHTING_BOOT_ROM, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x2007, UB_SIGHTING_META, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x2008, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x200a, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x200b, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x200e, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x2012, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x201d, UB_SIGHTING_ANDROID, ANY_INTERFACE },
  { 0x18d1, 0xd00d, UB_SIGHTING_FASTBOOT, ANY_INTERFACE }, /* Google */
  { 0x18d1, 0x4ee0, UB_SIGHTING_FASTBOOT, ANY_INTERFACE },
};

/* makers of phones: what of theirs we cannot place is still worth a word to the person */
static const guint16 makers[] = {
  VENDOR_MEDIATEK,        0x0421 /* Nokia */,    0x04e8 /* Samsung */,  0x05c6 /* Qualcomm */,
  0x0b05 /* Asus */,      0x0bb4 /* HTC */,      0x0fce /* Sony */,     0x1004 /* LG */,
  0x109b /* Hisense */,   0x12d1 /* Huawei */,   0x1782 /* Unisoc */,   0x17ef /* Lenovo */,
  0x18d1 /* Google */,    0x19d2 /* ZTE */,      0x1bbb /* TCL */,      0x1ebf /* Coolpad */,
  0x1f3a /* Allwinner */, 0x2207 /* Rockchip */, 0x22b8 /* Motorola */, 0x22d9 /* OPPO */,
  0x2717 /* Xiaomi */,    0x271d /* Gionee */,   0x2a45 /* Meizu */,    0x2a70 /* OnePlus */,
  0x2ae5 /* Fairphone */, 0x2d95 /* vivo */,     0x2e04 /* HMD */,
};

/* one alternate setting while walking */
typedef struct
{
  int    number;
  guint8 alternate;
  guint8 class, subclass, protocol;
  guint8  in, out;
  guint16 in_packet, out_packet;
} Interface;

typedef gboolean (*InterfaceFunc) (const Interface *interface, gpointer user_data);

static const UsbId *
find_id (guint16 vendor, guint16 product)
{
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i].vendor == vendor && ids[i].product == product)
      return &ids[i];
  return NULL;
}

static gboolean
is_maker (guint16 vendor)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    if (makers[i] == vendor)
      return TRUE;
  return FALSE;
}

static void
take_endpoint (Interface *interface, const guint8 *d)
{
  guint16 packet = (guint16) ((d[4] | d[5] << 8) & 0x7ff);

  if ((d[3] & USB_ENDPOINT_XFERTYPE_MASK) != USB_ENDPOINT_XFER_BULK || packet == 0)
    return;
  if ((d[2] & USB_DIR_IN) != 0 && interface->in == 0)
    {
      interface->in = d[2];
      interface->in_packet = packet;
    }
  else if ((d[2] & USB_DIR_IN) == 0 && interface->out == 0)
    {
      interface->out = d[2];
      interface->out_packet = packet;
    }
}

/* Calls @func for each interface of the first configuration until it says TRUE. */
static void
for_each_interface (const guint8 *descriptors, gsize size, InterfaceFunc func, gpointer user_data)
{
  Interface interface = { .number = -1 };
  guint     configurations = 0;

  for (gsize i = 0; i + 2 <= size && descriptors[i] >= 2 && i + descriptors[i] <= size;
       i += descriptors[i])
    {
      const guint8 *d = descriptors + i;

      if (d[1] == USB_DT_CONFIG && ++configurations > 1)
        break;
      if (d[1] == USB_DT_INTERFACE && d[0] >= USB_DT_INTERFACE_SIZE)
        {
          if (interface.number >= 0 && func (&interface, user_data))
            return;
          interface = (Interface){ .number = d[2],
                                   .alternate = d[3],
                                   .class = d[5],
                                   .subclass = d[6],
                                   .protocol = d[7] };
        }
      else if (d[1] == USB_DT_ENDPOINT && d[0] >= USB_DT_ENDPOINT_SIZE && interface.number >= 0)
        take_endpoint (&interface, d);
    }
  if (interface.number >= 0)
    func (&interface, user_data);
}

/* the CDC union descriptor's master for the given slave, -1 if there is none */
static int
find_union_master (const guint8 *descriptors, gsize size, int slave)
{
  for (gsize i = 0; i + 2 <= size && descriptors[i] >= 2 && i + descriptors[i] <= size;
       i += descriptors[i])
    {
      const guint8 *d = descriptors + i;

      if (d[1] == CS_INTERFACE && d[0] >= 5 && d[2] == CDC_SUBTYPE_UNION && d[4] == slave)
        return d[3];
    }
  return -1;
}

typedef struct
{
  gboolean fastboot, adb, mtp;
} Classes;

static gboolean
take_class (const Interface *interface, gpointer user_data)
{
  Classes *classes = user_data;

  if (interface->class == 0xff && interface->subclass == 0x42)
    {
      classes->fastboot |= interface->protocol == 3;
      classes->adb |= interface->protocol == 1;
    }
  classes->mtp |= interface->class == USB_CLASS_STILL_IMAGE;
  return FALSE;
}

/**
 * ub_usb_ids_identify:
 * @descriptors: 18 bytes are enough for a first guess
 *
 * Places a thing by its numbers, or failing that by its classes. A boot ROM or preloader may carry
 * its maker's own numbers, so whatever of MediaTek's says "communication" counts as one (§1.1).
 *
 * Returns: %UB_SIGHTING_NOTHING for what is surely no phone
 */
UbSightingKind
ub_usb_ids_identify (const guint8 *descriptors, gsize size)
{
  Classes      classes = { FALSE, FALSE, FALSE };
  guint16      vendor, product;
  const UsbId *id;

  if (size < USB_DT_DEVICE_SIZE || descriptors[1] != USB_DT_DEVICE)
    return UB_SIGHTING_NOTHING;
  vendor = (guint16) (descriptors[8] | descriptors[9] << 8);
  product = (guint16) (descriptors[10] | descriptors[11] << 8);
  id = find_id (vendor, product);
  if (id != NULL)
    return id->kind;
  for_each_interface (descriptors, size, take_class, &classes);
  if (classes.fastboot)
    return UB_SIGHTING_FASTBOOT;
  if (classes.adb)
    return UB_SIGHTING_ANDROID;
  if (!is_maker (vendor) || descriptors[4] == USB_CLASS_HUB)
    return UB_SIGHTING_NOTHING;
  if (classes.mtp)
    return UB_SIGHTING_ANDROID;
  if (vendor == VENDOR_MEDIATEK && descriptors[4] == USB_CLASS_COMM)
    return UB_SIGHTING_PRELOADER;
  return UB_SIGHTING_UNKNOWN;
}

typedef struct
{
  int          wanted;
  UbUsbLayout *layout;
  int          control; /* the first one seen */
  gboolean     by_class;
  gboolean     found;
} Search;

static gboolean
take_interface (const Interface *interface, gpointer user_data)
{
  Search  *search = user_data;
  gboolean pair = interface->in != 0 && interface->out != 0 && interface->alternate == 0;

  if (interface->class == USB_CLASS_COMM && search->control < 0)
    search->control = interface->number;
  if (!pair || search->found)
    return FALSE;
  if (search->wanted >= 0 ? interface->number != search->wanted
                          : search->by_class && interface->class != USB_CLASS_CDC_DATA)
    return FALSE;
  search->found = TRUE;
  search->layout->data = interface->number;
  search->layout->in = interface->in;
  search->layout->out = interface->out;
  search->layout->in_packet = interface->in_packet;
  search->layout->out_packet = interface->out_packet;
  return FALSE;
}

/**
 * ub_usb_ids_find_layout:
 *
 * Finds the bulk pair: where a quirk says, else the first of class "CDC data", else the first at
 * all. The preloader has its data interface before the control interface, the boot ROM has no union
 * descriptor (§1.2), so neither order nor union is relied on.
 */
gboolean
ub_usb_ids_find_layout (const guint8 *descriptors, gsize size, UbUsbLayout *layout)
{
  const UsbId *id;
  Search       search = { ANY_INTERFACE, layout, -1, TRUE, FALSE };
  int          master;

  if (size < USB_DT_DEVICE_SIZE)
    return FALSE;
  id = find_id ((guint16) (descriptors[8] | descriptors[9] << 8),
                (guint16) (descriptors[10] | descriptors[11] << 8));
  if (id != NULL)
    search.wanted = id->data;
  for (guint attempt = 0; attempt < 3 && !search.found; attempt++)
    {
      search.control = -1;
      search.by_class = attempt < 2;
      if (attempt > 0)
        search.wanted = ANY_INTERFACE;
      for_each_interface (descriptors, size, take_interface, &search);
    }
  if (!search.found)
    return FALSE;
  master = find_union_master (descriptors, size, layout->data);
  layout->control = master >= 0 ? master : search.control;
  if (layout->control == layout->data)
    layout->control = -1;
  return TRUE;
}

gboolean
ub_usb_ids_is_ours (UbSightingKind kind)
{
  return kind == UB_SIGHTING_BOOT_ROM || kind == UB_SIGHTING_PRELOADER || kind == UB_SIGHTING_AGENT;
}

/**
 * ub_usb_ids_get_flashable:
 * @i: from 0
 *
 * Walks over the products we talk to, in a fixed order: what the udev rule has to name.
 *
 * Returns: %FALSE past the last one
 */
gboolean
ub_usb_ids_get_flashable (guint i, guint16 *vendor, guint16 *product)
{
  for (guint j = 0; j < G_N_ELEMENTS (ids); j++)
    if (ub_usb_ids_is_ours (ids[j].kind) && i-- == 0)
      {
        *vendor = ids[j].vendor;
        *product = ids[j].product;
        return TRUE;
      }
  return FALSE;
}
