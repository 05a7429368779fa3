/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-ids.h"

#include <linux/usb/ch9.h>
#include <string.h>

#define VENDOR_MEDIATEK 0x0e8d
#define VENDOR_GOOGLE 0x18d1
#define VENDOR_SAMSUNG 0x04e8
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

/* shared/protocol/brom-and-legacy.md §1.1. 0e8d:201c is fastboot or ADB: its classes tell. */
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
  { VENDOR_GOOGLE, 0xd00d, UB_SIGHTING_FASTBOOT, ANY_INTERFACE },
  { VENDOR_GOOGLE, 0x4ee0, UB_SIGHTING_FASTBOOT, ANY_INTERFACE }, /* also fastbootd */
  { VENDOR_GOOGLE, 0xd001, UB_SIGHTING_RECOVERY, ANY_INTERFACE }, /* AOSP: init.recovery.usb.rc */
  { VENDOR_SAMSUNG, 0x685d, UB_SIGHTING_UNKNOWN, ANY_INTERFACE }, /* its own download mode */
  /* MediaTek's, but no phones: modems and what they are in (Linux's drivers/usb/serial/option.c), a
   * GPS receiver */
  { VENDOR_MEDIATEK, 0x0023, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x0033, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x0043, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x00a0, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x00a4, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x00a5, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x00a7, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x3329, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7101, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7102, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7103, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7106, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7126, UB_SIGHTING_NOTHING, ANY_INTERFACE },
  { VENDOR_MEDIATEK, 0x7127, UB_SIGHTING_NOTHING, ANY_INTERFACE },
};

typedef enum
{
  MAKER_NONE,
  MAKER_PHONES, /* what of theirs we cannot place is still worth a word to the person */
  MAKER_CHIPS,  /* their download modes, too */
  MAKER_MIXED,  /* also disks, modems, keyboards: a phone only where it says so */
} MakerKind;

static const struct
{
  guint16   vendor;
  MakerKind kind;
} makers[] = {
  { VENDOR_MEDIATEK, MAKER_MIXED },         { 0x0421, MAKER_PHONES /* Nokia */ },
  { VENDOR_SAMSUNG, MAKER_MIXED },          { 0x05c6, MAKER_CHIPS /* Qualcomm */ },
  { 0x0b05, MAKER_MIXED /* Asus */ },       { 0x0bb4, MAKER_MIXED /* HTC */ },
  { 0x0fce, MAKER_PHONES /* Sony */ },      { 0x1004, MAKER_PHONES /* LG */ },
  { 0x109b, MAKER_PHONES /* Hisense */ },   { 0x12d1, MAKER_MIXED /* Huawei */ },
  { 0x1782, MAKER_CHIPS /* Unisoc */ },     { 0x17ef, MAKER_MIXED /* Lenovo */ },
  { VENDOR_GOOGLE, MAKER_MIXED },           { 0x19d2, MAKER_MIXED /* ZTE */ },
  { 0x1bbb, MAKER_MIXED /* TCL */ },        { 0x1ebf, MAKER_PHONES /* Coolpad */ },
  { 0x1f3a, MAKER_CHIPS /* Allwinner */ },  { 0x2207, MAKER_CHIPS /* Rockchip */ },
  { 0x22b8, MAKER_PHONES /* Motorola */ },  { 0x22d9, MAKER_PHONES /* OPPO */ },
  { 0x2717, MAKER_PHONES /* Xiaomi */ },    { 0x271d, MAKER_PHONES /* Gionee */ },
  { 0x2a45, MAKER_PHONES /* Meizu */ },     { 0x2a70, MAKER_PHONES /* OnePlus */ },
  { 0x2ae5, MAKER_PHONES /* Fairphone */ }, { 0x2d95, MAKER_PHONES /* vivo */ },
  { 0x2e04, MAKER_PHONES /* HMD */ },
};

static const char *const preloader_words[] = { "preloader", "bootrom", "boot rom", "mt65xx", NULL };
static const char *const mediatek_words[] = { "mediatek", NULL };
static const char *const stranger_words[] = { "modem", "gps",  "gnss",      "data card", "datacard",
                                              "wwan",  "wlan", "bluetooth", "wireless",  NULL };
static const char *const recovery_words[] = { "recovery",  "twrp",       "sideload",
                                              "orangefox", "pitchblack", NULL };
static const char *const mtp_words[] = { "mtp", NULL };

/* one alternate setting while walking */
typedef struct
{
  int    number;
  guint8 alternate;
  guint8 class, subclass, protocol;
  guint8  in, out;
  guint16 in_packet, out_packet;
  guint8  n_endpoints, n_interrupts;
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

static const UsbId *
find_id_of (const guint8 *d)
{
  return find_id ((guint16) (d[8] | d[9] << 8), (guint16) (d[10] | d[11] << 8));
}

static MakerKind
find_maker (guint16 vendor)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    if (makers[i].vendor == vendor)
      return makers[i].kind;
  return MAKER_NONE;
}

static void
take_endpoint (Interface *interface, const guint8 *d)
{
  guint16 packet = (guint16) ((d[4] | d[5] << 8) & 0x7ff);

  if (interface->n_endpoints < G_MAXUINT8)
    interface->n_endpoints++;
  if ((d[3] & USB_ENDPOINT_XFERTYPE_MASK) == USB_ENDPOINT_XFER_INT &&
      interface->n_interrupts < G_MAXUINT8)
    interface->n_interrupts++;
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

/* what a thing's interfaces are, taken together */
typedef struct
{
  guint    traits; /* UbSightingTraits: all but CHARGING and OWN_IDS */
  gboolean fastboot;
  gboolean mtp_shape; /* Android's older MTP says "vendor specific" */
  gboolean foreign;   /* keyboards, sound, printers, cameras, Bluetooth … */
  guint    n_interfaces;
  guint    n_cdc; /* … of them CDC control or data */
  guint    n_pairs, n_endpoints;
} Classes;

static gboolean
is_network (const Interface *i)
{
  return (i->class == 0xe0 && i->subclass == 1 && i->protocol == 3) || /* RNDIS, in three dresses */
         (i->class == 0xef && i->subclass == 4) ||
         (i->class == USB_CLASS_COMM && i->subclass == 2 && i->protocol == 0xff) ||
         (i->class == USB_CLASS_COMM && i->subclass >= 6 && i->subclass <= 0x0e); /* ECM … MBIM */
}

static void
take_vendor_class (Classes *self, const Interface *i)
{
  if (i->subclass == 0x42 && i->protocol == 3)
    self->fastboot = TRUE;
  else if (i->subclass == 0x42 && i->protocol == 1)
    self->traits |= UB_TRAIT_ADB;
  else if (i->subclass == 0xff && i->protocol == 0 && i->in != 0 && i->out != 0 &&
           i->n_interrupts == 1 && i->n_endpoints == 3)
    self->mtp_shape = TRUE;
}

static gboolean
take_class (const Interface *i, gpointer user_data)
{
  Classes *self = user_data;

  self->n_endpoints += i->n_endpoints;
  if (i->alternate == 0)
    {
      self->n_interfaces++;
      self->n_cdc += i->class == USB_CLASS_COMM || i->class == USB_CLASS_CDC_DATA;
      self->n_pairs += i->in != 0 && i->out != 0;
    }
  if (is_network (i))
    self->traits |= UB_TRAIT_TETHER;
  else if (i->class == USB_CLASS_STILL_IMAGE)
    self->traits |= UB_TRAIT_MTP;
  else if (i->class == USB_CLASS_MASS_STORAGE)
    self->traits |= UB_TRAIT_STORAGE;
  else if (i->class == USB_CLASS_VENDOR_SPEC)
    take_vendor_class (self, i);
  else if (i->class != USB_CLASS_COMM && i->class != USB_CLASS_CDC_DATA)
    self->foreign = TRUE;
  return FALSE;
}

static gboolean
has_word (const char *text, const char *const *words)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  for (guint i = 0; lower != NULL && words[i] != NULL; i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
say (const UbUsbStrings *strings, const char *const *words)
{
  if (strings == NULL)
    return FALSE;
  for (guint i = 0; strings->interfaces != NULL && strings->interfaces[i] != NULL; i++)
    if (has_word (strings->interfaces[i], words))
      return TRUE;
  return has_word (strings->manufacturer, words) || has_word (strings->product, words);
}

/* A boot ROM or preloader may carry its maker's own numbers (§1.1). It must look like one, one pair
 * of pipes and nothing but CDC, and say so; or, of the makers who make phones and nothing else, at
 * least be MediaTek's. Modems, Arduinos and whatever else looks like that are never opened. */
static gboolean
is_own_preloader (const guint8 *d, const Classes *classes, const UbUsbStrings *strings)
{
  guint16   vendor = (guint16) (d[8] | d[9] << 8);
  MakerKind maker = find_maker (vendor);
  gboolean  nameless = d[14] == 0 && d[15] == 0;

  if (classes->n_pairs != 1 || classes->n_interfaces > 2 ||
      classes->n_cdc != classes->n_interfaces || classes->traits != 0)
    return FALSE;
  if (say (strings, preloader_words))
    return TRUE;
  if (d[4] != USB_CLASS_COMM || say (strings, stranger_words))
    return FALSE;
  if (vendor == VENDOR_MEDIATEK)
    return nameless || say (strings, mediatek_words);
  return maker == MAKER_PHONES && say (strings, mediatek_words);
}

/* a phone that is switched on, by what it offers; NOTHING where it does not look like a phone */
static UbSightingKind
place_phone (const guint8 *d, const Classes *classes, MakerKind maker, guint *traits)
{
  guint16  vendor = (guint16) (d[8] | d[9] << 8);
  gboolean phones = maker == MAKER_PHONES || (vendor == VENDOR_MEDIATEK && d[11] == 0x20);

  if ((classes->traits & UB_TRAIT_ADB) != 0 ||
      (maker != MAKER_NONE && (classes->traits & UB_TRAIT_MTP) != 0))
    return UB_SIGHTING_ANDROID;
  if (maker == MAKER_NONE || classes->foreign || d[4] == USB_CLASS_HUB)
    return UB_SIGHTING_NOTHING;
  if (phones && classes->traits != 0)
    return UB_SIGHTING_ANDROID;
  if (phones && classes->n_interfaces > 0 && classes->n_endpoints == 0)
    {
      *traits |= UB_TRAIT_CHARGING;
      return UB_SIGHTING_ANDROID;
    }
  return phones || (maker == MAKER_CHIPS && classes->traits == 0) ? UB_SIGHTING_UNKNOWN
                                                                  : UB_SIGHTING_NOTHING;
}

static UbSightingKind
place_unlisted (const guint8 *d, const Classes *classes, const UbUsbStrings *strings, guint *traits)
{
  MakerKind maker = find_maker ((guint16) (d[8] | d[9] << 8));

  *traits = classes->traits;
  if (classes->fastboot)
    return UB_SIGHTING_FASTBOOT;
  if (is_own_preloader (d, classes, strings))
    {
      *traits = UB_TRAIT_OWN_IDS;
      return UB_SIGHTING_PRELOADER;
    }
  if ((maker != MAKER_NONE || (classes->traits & UB_TRAIT_ADB) != 0) &&
      say (strings, recovery_words))
    return UB_SIGHTING_RECOVERY;
  return place_phone (d, classes, maker, traits);
}

/**
 * ub_usb_ids_identify:
 * @descriptors: 18 bytes are enough for a first guess
 * @strings: (nullable): what it says of itself; not needed where ub_usb_ids_is_listed()
 * @traits: (out): UbSightingTraits
 *
 * Places a thing by its numbers, or failing that by its classes and what it says of itself. None of
 * it opens the thing.
 *
 * Returns: %UB_SIGHTING_NOTHING for what is surely no phone
 */
UbSightingKind
ub_usb_ids_identify (const guint8       *descriptors,
                     gsize               size,
                     const UbUsbStrings *strings,
                     guint              *traits)
{
  Classes        classes = { .traits = 0 };
  UbSightingKind kind;
  const UsbId   *id;

  *traits = 0;
  if (size < USB_DT_DEVICE_SIZE || descriptors[1] != USB_DT_DEVICE)
    return UB_SIGHTING_NOTHING;
  id = find_id_of (descriptors);
  if (id != NULL && (ub_usb_ids_is_ours (id->kind) || id->kind == UB_SIGHTING_NOTHING))
    return id->kind;
  for_each_interface (descriptors, size, take_class, &classes);
  if (classes.mtp_shape &&
      (say (strings, mtp_words) ||
       find_maker ((guint16) (descriptors[8] | descriptors[9] << 8)) == MAKER_PHONES))
    classes.traits |= UB_TRAIT_MTP;
  kind = place_unlisted (descriptors, &classes, strings, traits);
  if (id == NULL || kind == UB_SIGHTING_FASTBOOT || kind == UB_SIGHTING_RECOVERY)
    return kind;
  /* its numbers are known, and its classes have told the rest */
  *traits = classes.traits;
  if (id->kind == UB_SIGHTING_ANDROID && classes.traits == 0)
    *traits = UB_TRAIT_CHARGING;
  return id->kind;
}

/**
 * ub_usb_ids_is_listed:
 *
 * Whether the numbers alone say that it is ours, so that nothing else need be read while a phone's
 * time runs.
 */
gboolean
ub_usb_ids_is_listed (const guint8 *descriptors, gsize size)
{
  const UsbId *id = size >= USB_DT_DEVICE_SIZE ? find_id_of (descriptors) : NULL;

  return id != NULL && ub_usb_ids_is_ours (id->kind);
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
  id = find_id_of (descriptors);
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
