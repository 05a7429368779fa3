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

static UbSightingKind
identify (guint8 class, guint16 vendor, guint16 product, const guint8 interface[3])
{
  const guint8 d[] = { DEVICE (class, vendor, product),
                       CONFIG,
                       INTERFACE (0, 0, interface[0], interface[1], interface[2]) };

  return ub_usb_ids_identify (d, sizeof d);
}

static void
test_identify (void)
{
  const guint8 cdc[] = { 2, 2, 1 }, mtp[] = { 6, 1, 1 }, adb[] = { 0xff, 0x42, 1 };
  const guint8 fastboot[] = { 0xff, 0x42, 3 }, storage[] = { 8, 6, 80 };

  g_assert_cmpint (identify (2, 0x0e8d, 0x0003, cdc), ==, UB_SIGHTING_BOOT_ROM);
  g_assert_cmpint (identify (2, 0x0e8d, 0x2000, cdc), ==, UB_SIGHTING_PRELOADER);
  g_assert_cmpint (identify (2, 0x0e8d, 0x2001, cdc), ==, UB_SIGHTING_AGENT);
  g_assert_cmpint (identify (0, 0x0e8d, 0x201d, mtp), ==, UB_SIGHTING_ANDROID);
  g_assert_cmpint (identify (0, 0x0e8d, 0x201c, fastboot), ==, UB_SIGHTING_FASTBOOT);
  g_assert_cmpint (identify (0, 0x0e8d, 0x201c, adb), ==, UB_SIGHTING_ANDROID);
  g_assert_cmpint (identify (2, 0x0e8d, 0x4711, cdc), ==, UB_SIGHTING_PRELOADER);
  g_assert_cmpint (identify (0, 0x2717, 0x4711, mtp), ==, UB_SIGHTING_ANDROID);
  g_assert_cmpint (identify (0, 0x2717, 0x4711, storage), ==, UB_SIGHTING_UNKNOWN);
  /* a camera, and a stick */
  g_assert_cmpint (identify (0, 0x04a9, 0x4711, mtp), ==, UB_SIGHTING_NOTHING);
  g_assert_cmpint (identify (0, 0x0781, 0x4711, storage), ==, UB_SIGHTING_NOTHING);
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

  for (gsize size = 0; size <= sizeof d; size++)
    {
      g_autofree guint8 *part = g_memdup2 (d, size);
      gboolean           found = ub_usb_ids_find_layout (part, size, &layout);

      g_assert_cmpint (found, ==, size >= 50);
      ub_usb_ids_identify (part, size);
    }
  for (gsize i = 0; i < sizeof d; i++)
    for (guint value = 0; value < 256; value++)
      {
        g_autofree guint8 *bad = g_memdup2 (d, sizeof d);

        bad[i] = (guint8) value;
        if (ub_usb_ids_find_layout (bad, sizeof d, &layout))
          g_assert_cmpint (layout.in_packet, >, 0);
        ub_usb_ids_identify (bad, sizeof d);
      }
}

static void
test_holder (void)
{
  g_autofree char  *proc = g_dir_make_tmp ("ub-proc-XXXXXX", NULL);
  g_autofree char  *folder = g_build_filename (proc, "4711", "fd", NULL);
  g_autofree char  *process = g_build_filename (proc, "4711", NULL);
  g_autofree char  *link = g_build_filename (folder, "3", NULL);
  g_autofree char  *comm = g_build_filename (process, "comm", NULL);
  const char *const held[] = { "/dev/bus/usb/001/004", "/dev/ttyACM7", NULL };
  const char *const free_paths[] = { "/dev/ttyACM8", NULL };
  g_autofree char  *holder = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_cmpint (symlink ("/dev/ttyACM7", link), ==, 0);
  g_assert_true (g_file_set_contents (comm, "ModemManager\n", -1, NULL));
  holder = ub_usb_access_find_program (proc, held);
  g_assert_cmpstr (holder, ==, "ModemManager");
  g_assert_null (ub_usb_access_find_program (proc, free_paths));
  g_unlink (link);
  g_unlink (comm);
  g_rmdir (folder);
  g_rmdir (process);
  g_rmdir (proc);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usb/ids/identify", test_identify);
  g_test_add_func ("/usb/ids/layout/quirk", test_layout_quirk);
  g_test_add_func ("/usb/ids/layout/vendor-class", test_layout_vendor_class);
  g_test_add_func ("/usb/ids/hostile", test_hostile);
  g_test_add_func ("/usb/access/holder", test_holder);
  return g_test_run ();
}
