/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-access.h"
#include "usb/ub-usb-ids.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICE(class, vendor, product)                                                             \
  18, 1, 0, 2, class, 0, 0, 64, (vendor) &0xff, (vendor) >> 8, (product) &0xff, (product) >> 8, 0, \
      1, 0, 0, 0, 1
#define CONFIG 9, 2, 0, 0, 2, 1, 0, 0xc0, 250
#define INTERFACE(number, n, class, subclass, protocol)                                            \
  9, 4, number, 0, n, class, subclass, protocol, 0
#define BULK(address, packet) 7, 5, address, 2, (packet) &0xff, (packet) >> 8, 0

/* a thing of up to four interfaces, each "class subclass protocol number-of-bulk-pairs interrupts" */
typedef struct
{
  const char *what;
  guint16     vendor, product;
  guint8 class;
  guint8      interfaces[4][5]; /* class, subclass, protocol, pairs, interrupts; class 0: no more */
  const char *manufacturer, *name, *interface;
  UbSightingKind kind;
  guint          traits;
} Thing;

#define CDC                                                                                        \
  {                                                                                                \
    2, 2, 1, 0, 1                                                                                  \
  }
#define CDC_DATA                                                                                   \
  {                                                                                                \
    10, 0, 0, 1, 0                                                                                 \
  }
#define MTP                                                                                        \
  {                                                                                                \
    6, 1, 1, 1, 1                                                                                  \
  }
#define MTP_OLD                                                                                    \
  {                                                                                                \
    0xff, 0xff, 0, 1, 1                                                                            \
  }
#define ADB                                                                                        \
  {                                                                                                \
    0xff, 0x42, 1, 1, 0                                                                            \
  }
#define FASTBOOT                                                                                   \
  {                                                                                                \
    0xff, 0x42, 3, 1, 0                                                                            \
  }
#define DISK                                                                                       \
  {                                                                                                \
    8, 6, 0x50, 1, 0                                                                               \
  }
#define RNDIS                                                                                      \
  {                                                                                                \
    0xe0, 1, 3, 0, 1                                                                               \
  }
#define ECM                                                                                        \
  {                                                                                                \
    2, 6, 0, 0, 1                                                                                  \
  }
#define NCM                                                                                        \
  {                                                                                                \
    2, 13, 0, 0, 1                                                                                 \
  }
#define OWN                                                                                        \
  {                                                                                                \
    0xff, 0xff, 0xff, 1, 0                                                                         \
  }
#define NONE                                                                                       \
  {                                                                                                \
    0xff, 0, 0, 0, 0                                                                               \
  }
#define KEYS                                                                                       \
  {                                                                                                \
    3, 1, 1, 0, 1                                                                                  \
  }
#define SOUND                                                                                      \
  {                                                                                                \
    1, 1, 0, 0, 0                                                                                  \
  }
#define BLUETOOTH                                                                                  \
  {                                                                                                \
    0xe0, 1, 1, 1, 1                                                                               \
  }

/* clang-format off */
static const Thing things[] = {
  { "boot ROM", 0x0e8d, 0x0003, 2, { CDC, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_BOOT_ROM, 0 },
  { "preloader", 0x0e8d, 0x2000, 2, { CDC_DATA, CDC }, "MediaTek", "MT65xx Preloader", NULL, UB_SIGHTING_PRELOADER, 0 },
  { "agent", 0x0e8d, 0x2001, 2, { CDC, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_AGENT, 0 },
  { "META", 0x0e8d, 0x2007, 2, { CDC, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_META, 0 },
  { "LK fastboot", 0x0e8d, 0x201c, 0, { FASTBOOT }, NULL, "Android", NULL, UB_SIGHTING_FASTBOOT, 0 },
  { "same number, ADB", 0x0e8d, 0x201c, 0, { ADB }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_ADB },
  { "Google's fastboot", 0x18d1, 0xd00d, 0, { FASTBOOT }, NULL, NULL, NULL, UB_SIGHTING_FASTBOOT, 0 },
  { "fastbootd", 0x18d1, 0x4ee0, 0, { FASTBOOT }, NULL, NULL, "fastboot", UB_SIGHTING_FASTBOOT, 0 },
  { "a maker's fastboot", 0x22b8, 0x2e80, 0, { FASTBOOT }, NULL, NULL, NULL, UB_SIGHTING_FASTBOOT, 0 },
  { "AOSP recovery", 0x18d1, 0xd001, 0, { ADB }, NULL, NULL, NULL, UB_SIGHTING_RECOVERY, UB_TRAIT_ADB },
  { "TWRP", 0x0e8d, 0x201d, 0, { MTP, ADB }, "TWRP", "Redmi 9", "MTP", UB_SIGHTING_RECOVERY, UB_TRAIT_MTP | UB_TRAIT_ADB },
  { "sideload", 0x2717, 0xff88, 0, { ADB }, NULL, NULL, "Sideload", UB_SIGHTING_RECOVERY, UB_TRAIT_ADB },
  { "MTP and ADB", 0x0e8d, 0x201d, 0, { MTP, ADB }, NULL, "Phone", "MTP", UB_SIGHTING_ANDROID, UB_TRAIT_MTP | UB_TRAIT_ADB },
  { "PTP", 0x2717, 0xff10, 0, { MTP }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_MTP },
  { "MTP, older", 0x2d95, 0x6003, 0, { MTP_OLD }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_MTP },
  { "MTP, older, by name", 0x04e8, 0x6860, 0, { MTP_OLD, CDC, CDC_DATA }, "SAMSUNG", NULL, "MTP", UB_SIGHTING_ANDROID, UB_TRAIT_MTP },
  { "RNDIS", 0x0e8d, 0x2004, 0xe0, { RNDIS, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_TETHER },
  { "CDC ether", 0x22b8, 0x2e24, 0, { ECM, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_TETHER },
  { "NCM", 0x22d9, 0x2774, 0, { NCM, CDC_DATA, ADB }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_TETHER | UB_TRAIT_ADB },
  { "a phone as a disk", 0x2717, 0x1220, 0, { DISK }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_STORAGE },
  { "charging", 0x2a70, 0xf00f, 0, { NONE }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING },
  { "charging, listed", 0x0e8d, 0x2008, 0, { NONE }, NULL, NULL, NULL, UB_SIGHTING_ANDROID, UB_TRAIT_CHARGING },
  { "Qualcomm's download mode", 0x05c6, 0x9008, 0, { OWN }, NULL, NULL, NULL, UB_SIGHTING_UNKNOWN, 0 },
  { "Samsung's download mode", 0x04e8, 0x685d, 2, { CDC, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_UNKNOWN, 0 },
  { "a maker's own", 0x2ae5, 0x9039, 0, { OWN }, NULL, NULL, NULL, UB_SIGHTING_UNKNOWN, 0 },
  /* preloaders under their makers' numbers */
  { "nameless of MediaTek's", 0x0e8d, 0x4711, 2, { CDC, CDC_DATA }, NULL, NULL, NULL, UB_SIGHTING_PRELOADER, UB_TRAIT_OWN_IDS },
  { "of MediaTek's", 0x0e8d, 0x4711, 2, { CDC_DATA, CDC }, "MediaTek", "USB", NULL, UB_SIGHTING_PRELOADER, UB_TRAIT_OWN_IDS },
  { "a stranger that says so", 0x1234, 0x5678, 2, { CDC_DATA, CDC }, "ACME", "MT65xx Preloader", NULL, UB_SIGHTING_PRELOADER, UB_TRAIT_OWN_IDS },
  { "only its interface says so", 0x1234, 0x5678, 2, { CDC_DATA, CDC }, "ACME", "A", "USB CDC ACM for preloader", UB_SIGHTING_PRELOADER, UB_TRAIT_OWN_IDS },
  { "a maker's", 0x2a45, 0x0c02, 2, { CDC_DATA, CDC }, "MediaTek", "M2", NULL, UB_SIGHTING_PRELOADER, UB_TRAIT_OWN_IDS },
  /* never ours */
  { "a maker's serial port", 0x2a45, 0x0c03, 2, { CDC_DATA, CDC }, "Meizu", "M2", NULL, UB_SIGHTING_UNKNOWN, 0 },
  { "Arduino", 0x2341, 0x0043, 2, { CDC, CDC_DATA }, "Arduino (www.arduino.cc)", NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "STM32", 0x0483, 0x5740, 2, { CDC, CDC_DATA }, "STMicroelectronics", "STM32 Virtual ComPort", NULL, UB_SIGHTING_NOTHING, 0 },
  { "CH9102", 0x1a86, 0x55d4, 2, { CDC, CDC_DATA }, NULL, "USB Single Serial", NULL, UB_SIGHTING_NOTHING, 0 },
  { "CP2102", 0x10c4, 0xea60, 0, { OWN }, "Silicon Labs", NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "u-blox", 0x1546, 0x01a8, 2, { CDC, CDC_DATA }, "u-blox AG", "u-blox GNSS receiver", NULL, UB_SIGHTING_NOTHING, 0 },
  { "GPS of MediaTek's", 0x0e8d, 0x3329, 2, { CDC, CDC_DATA }, "MTK", "GPS Receiver", NULL, UB_SIGHTING_NOTHING, 0 },
  { "GPS with a MediaTek in it", 0x0e8d, 0x3400, 2, { CDC, CDC_DATA }, "MediaTek", "GPS Receiver", NULL, UB_SIGHTING_NOTHING, 0 },
  { "modem of MediaTek's", 0x0e8d, 0x00a5, 2, { CDC, CDC_DATA }, "MediaTek Inc", "Product", NULL, UB_SIGHTING_NOTHING, 0 },
  { "5G modem, with an ADB of its own", 0x0e8d, 0x7127, 0xef, { RNDIS, CDC_DATA, ADB }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "another maker's modem", 0x12d1, 0x1506, 2, { CDC, CDC_DATA }, "MediaTek", "HUAWEI Mobile", NULL, UB_SIGHTING_NOTHING, 0 },
  { "a stranger's modem", 0x1bc7, 0x1031, 2, { CDC, CDC_DATA }, "MediaTek", "Modem", NULL, UB_SIGHTING_NOTHING, 0 },
  { "says it, but is more than that", 0x1234, 0x5678, 2, { CDC, CDC_DATA, DISK }, NULL, "preloader", NULL, UB_SIGHTING_NOTHING, 0 },
  { "says it, with two pairs", 0x1234, 0x5678, 2, { CDC_DATA, CDC_DATA }, NULL, "preloader", NULL, UB_SIGHTING_NOTHING, 0 },
  { "says it on a keyboard", 0x1234, 0x5678, 0, { KEYS }, NULL, "preloader", NULL, UB_SIGHTING_NOTHING, 0 },
  { "camera", 0x04a9, 0x4711, 0, { MTP }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "stick", 0x0781, 0x4711, 0, { DISK }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "Samsung's disk", 0x04e8, 0x61f5, 0, { DISK }, NULL, "PSSD T7", NULL, UB_SIGHTING_NOTHING, 0 },
  { "DVD writer on a MediaTek bridge", 0x0e8d, 0x1887, 0, { DISK }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "Bluetooth in the laptop", 0x0e8d, 0x0608, 0xe0, { BLUETOOTH }, "MediaTek Inc.", "Wireless_Device", NULL, UB_SIGHTING_NOTHING, 0 },
  { "Wi-Fi stick", 0x0e8d, 0x7612, 0, { OWN }, "MediaTek Inc.", NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "network card of Lenovo's", 0x17ef, 0x720c, 0, { MTP_OLD }, "Lenovo", "Lenovo Ethernet", NULL, UB_SIGHTING_NOTHING, 0 },
  { "keyboard of Asus's", 0x0b05, 0x19b6, 0, { KEYS }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "Xiaomi's earphones", 0x2717, 0x3801, 0, { SOUND, KEYS }, NULL, NULL, NULL, UB_SIGHTING_NOTHING, 0 },
  { "an iPhone to be recovered", 0x05ac, 0x1281, 0, { OWN }, "Apple Inc.", "Apple Mobile Device (Recovery Mode)", NULL, UB_SIGHTING_NOTHING, 0 },
};
/* clang-format on */

static void
append (GByteArray *d, const guint8 *data, guint size)
{
  g_byte_array_append (d, data, size);
}

static void
append_interface (GByteArray *d, guint8 number, const guint8 *i)
{
  const guint8 head[] = { INTERFACE (number, (guint8) (i[3] * 2 + i[4]), i[0], i[1], i[2]) };
  const guint8 pair[] = { BULK (1 + number, 512), BULK (0x81 + number, 512) };
  const guint8 interrupt[] = { 7, 5, 0x8a + number, 3, 8, 0, 16 };

  append (d, head, sizeof head);
  if (i[3] > 0)
    append (d, pair, sizeof pair);
  if (i[4] > 0)
    append (d, interrupt, sizeof interrupt);
}

static GByteArray *
make_descriptors (const Thing *thing)
{
  GByteArray *d = g_byte_array_new ();
  guint8      head[] = { DEVICE (thing->class, thing->vendor, thing->product), CONFIG };

  head[14] = thing->manufacturer != NULL;
  head[15] = thing->name != NULL;
  append (d, head, sizeof head);
  for (guint8 i = 0; i < G_N_ELEMENTS (thing->interfaces) && thing->interfaces[i][0] != 0; i++)
    append_interface (d, i, thing->interfaces[i]);
  return d;
}

static void
test_identify (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    {
      g_autoptr (GByteArray) d = make_descriptors (&things[i]);
      const char *const  interfaces[] = { "x", things[i].interface, NULL };
      const UbUsbStrings strings = { things[i].manufacturer, things[i].name, interfaces };
      UbSightingKind     kind;
      guint              traits;

      g_test_message ("%s", things[i].what);
      kind = ub_usb_ids_identify (d->data, d->len, &strings, &traits);
      g_assert_cmpint (kind, ==, things[i].kind);
      if (kind != UB_SIGHTING_NOTHING)
        g_assert_cmphex (traits, ==, things[i].traits);
    }
}

/* Where nothing can be read, what needs words to be ours is not. */
static void
test_no_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    {
      g_autoptr (GByteArray) d = make_descriptors (&things[i]);
      UbSightingKind kind;
      guint          traits;

      kind = ub_usb_ids_identify (d->data, d->len, NULL, &traits);
      if (ub_usb_ids_is_ours (kind) && !ub_usb_ids_is_listed (d->data, d->len))
        g_assert_cmpstr (things[i].what, ==, "nameless of MediaTek's");
    }
}

static void
test_layout_quirk (void)
{
  const guint8 d[] = { DEVICE (2, 0x1004, 0x6000), CONFIG,           INTERFACE (0, 2, 10, 0, 0),
                       BULK (0x01, 512),           BULK (0x81, 512), INTERFACE (1, 0, 2, 2, 1),
                       INTERFACE (2, 2, 10, 0, 0), BULK (0x02, 512), BULK (0x82, 512) };
  UbUsbLayout  layout;

  g_assert_true (ub_usb_ids_find_layout (d, sizeof d, &layout));
  g_assert_cmpint (layout.data, ==, 2);
  g_assert_cmpint (layout.in, ==, 0x82);
  g_assert_cmpint (layout.control, ==, 1);
}

static void
test_layout_vendor_class (void)
{
  const guint8 d[] = { DEVICE (2, 0x0e8d, 0x2000),
                       CONFIG,
                       INTERFACE (0, 2, 0xff, 0, 0),
                       BULK (0x83, 64),
                       BULK (0x04, 64) };
  UbUsbLayout  layout;

  g_assert_true (ub_usb_ids_find_layout (d, sizeof d, &layout));
  g_assert_cmpint (layout.data, ==, 0);
  g_assert_cmpint (layout.out, ==, 0x04);
  g_assert_cmpint (layout.in_packet, ==, 64);
  g_assert_cmpint (layout.control, ==, -1);
}

/* whatever a phone says of itself, in whatever length, is survived */
static void
test_hostile (void)
{
  guint8      d[] = { DEVICE (2, 0x0e8d, 0x2000),
                      CONFIG,
                      INTERFACE (0, 2, 10, 0, 0),
                      BULK (0x01, 512),
                      BULK (0x81, 512),
                      5,
                      0x24,
                      6,
                      1,
                      0 };
  UbUsbLayout layout;
  guint       traits;

  for (gsize size = 0; size <= sizeof d; size++)
    {
      g_autofree guint8 *part = g_memdup2 (d, size);
      gboolean           found = ub_usb_ids_find_layout (part, size, &layout);

      g_assert_cmpint (found, ==, size >= 50);
      ub_usb_ids_identify (part, size, NULL, &traits);
    }
  for (gsize i = 0; i < sizeof d; i++)
    for (guint value = 0; value < 256; value++)
      {
        g_autofree guint8 *bad = g_memdup2 (d, sizeof d);

        bad[i] = (guint8) value;
        if (ub_usb_ids_find_layout (bad, sizeof d, &layout))
          g_assert_cmpint (layout.in_packet, >, 0);
        ub_usb_ids_identify (bad, sizeof d, NULL, &traits);
      }
}

static char *
make_process (const char *proc, const char *pid, const char *comm, const char *line, gsize size)
{
  g_autofree char *folder = g_build_filename (proc, pid, NULL);
  g_autofree char *comm_path = g_build_filename (folder, "comm", NULL);
  g_autofree char *line_path = g_build_filename (folder, "cmdline", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (comm_path, comm, -1, NULL));
  g_assert_true (g_file_set_contents (line_path, line, (gssize) size, NULL));
  return g_build_filename (folder, "fd", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir =
                 g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
test_holder (void)
{
  g_autofree char  *proc = g_dir_make_tmp ("ub-proc-XXXXXX", NULL);
  g_autofree char  *folder = make_process (proc, "4711", "ModemManager\n", "", 0);
  g_autofree char  *link = g_build_filename (folder, "3", NULL);
  const char *const held[] = { "/dev/bus/usb/001/004", "/dev/ttyACM7", NULL };
  const char *const free_paths[] = { "/dev/ttyACM8", NULL };
  g_autofree char  *holder = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_cmpint (symlink ("/dev/ttyACM7", link), ==, 0);
  holder = ub_usb_access_find_program (proc, held);
  g_assert_cmpstr (holder, ==, "ModemManager");
  g_assert_null (ub_usb_access_find_program (proc, free_paths));
  g_assert_null (ub_usb_access_find_suspect (proc, "cdc_acm")); /* its files can be seen */
  remove_tree (proc);
}

typedef struct
{
  const char *comm, *line;
  gsize       size;
  const char *by_terminal, *by_usb; /* who is suspected, after this process, too, runs */
} Suspect;

/* each process runs in addition to those above it; none of their files can be seen */
static const Suspect suspects[] = {
  { "bash", "bash\0mtk", 9, NULL, NULL },
  { "python3", "python3", 7, NULL, NULL },
  { "python3", "python3\0/opt/mtk.pyc\0", 20, NULL, NULL },
  { "adb", "adb\0server\0", 11, "adb", "adb" },
  { "python3.11", "python3\0/opt/mtk.py\0r\0boot", 26, "mtkclient", "mtkclient" },
  { "brltty", "brltty\0", 7, "brltty", "mtkclient" },
  { "ModemManager", "ModemManager\0", 13, "ModemManager", "mtkclient" },
  { "flash_tool", "./flash_tool", 12, "ModemManager", "SP Flash Tool" },
};

static void
test_suspects (void)
{
  g_autofree char *proc = g_dir_make_tmp ("ub-proc-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suspects); i++)
    {
      g_autofree char *pid = g_strdup_printf ("%u", 100 + i);
      g_autofree char *by_terminal = NULL;
      g_autofree char *by_usb = NULL;

      g_test_message ("%s", suspects[i].comm);
      g_free (make_process (proc, pid, suspects[i].comm, suspects[i].line, suspects[i].size));
      by_terminal = ub_usb_access_find_suspect (proc, "cdc_acm");
      by_usb = ub_usb_access_find_suspect (proc, NULL);
      g_assert_cmpstr (by_terminal, ==, suspects[i].by_terminal);
      g_assert_cmpstr (by_usb, ==, suspects[i].by_usb);
    }
  remove_tree (proc);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usb/ids/identify", test_identify);
  g_test_add_func ("/usb/ids/no-words", test_no_words);
  g_test_add_func ("/usb/ids/layout/quirk", test_layout_quirk);
  g_test_add_func ("/usb/ids/layout/vendor-class", test_layout_vendor_class);
  g_test_add_func ("/usb/ids/hostile", test_hostile);
  g_test_add_func ("/usb/access/holder", test_holder);
  g_test_add_func ("/usb/access/suspects", test_suspects);
  return g_test_run ();
}
