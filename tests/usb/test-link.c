/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"
#include "usb/usb-bench.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static UbLink *
plug_and_open (UsbBench *bench)
{
  usb_bench_plug (bench, 0x2000);
  return usb_bench_wait (bench);
}

static guint8 *
make_noise (gsize size)
{
  guint32 *words = g_malloc ((size + 3) / 4 * 4);
  guint32  x = 12345;

  for (gsize i = 0; i < (size + 3) / 4; i++)
    words[i] = x = x * 1664525 + 1013904223;
  return (guint8 *) words;
}

static void
assert_sizes (UsbBench *bench, const gsize *sizes, guint n)
{
  g_assert_cmpuint (bench->sizes->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (g_array_index (bench->sizes, gsize, i), ==, sizes[i]);
}

/* Each piece is transfers of its own, and an empty one is an empty transfer; nothing else is. */
static void
test_pieces (UsbBench *bench, gconstpointer data)
{
  const gsize        wanted[] = { 10, MIB, MIB, MIB, 0, 512, 5 };
  g_autofree guint8 *noise = make_noise (3 * MIB);
  const UbLinkPiece  pieces[] = { { noise, 10 },
                                  { noise, 3 * MIB },
                                  { noise, 0 },
                                  { noise, 512 },
                                  { noise, 5 } };
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_link_send_pieces (link, pieces, G_N_ELEMENTS (pieces), 5000, &error));
  assert_sizes (bench, wanted, G_N_ELEMENTS (wanted));
  g_assert_cmpmem (bench->received->data + 10, 3 * MIB, noise, 3 * MIB);
}

static void
test_much_out (UsbBench *bench, gconstpointer data)
{
  const gsize        size = 40 * MIB + 7;
  g_autofree guint8 *noise = make_noise (size);
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_link_send (link, noise, size, 5000, &error));
  g_assert_cmpmem (bench->received->data, bench->received->len, noise, size);
}

/* usbfs has 16 MiB for everybody; others may have taken most of it. */
static void
test_little_memory (UsbBench *bench, gconstpointer data)
{
  g_autofree guint8 *noise = make_noise (4 * MIB);
  g_autofree guint8 *got = g_malloc (4 * MIB);
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  vusb_bus_set_memory (bench->bus, 200 * 1024);
  g_assert_true (ub_link_send (link, noise, 4 * MIB, 5000, &error));
  g_assert_cmpmem (bench->received->data, bench->received->len, noise, 4 * MIB);
  usb_bench_say (bench, noise, 4 * MIB, FALSE);
  g_assert_true (ub_link_receive (link, got, 4 * MIB, 5000, &error));
  g_assert_cmpmem (got, 4 * MIB, noise, 4 * MIB);
}

/* Agents send in descriptors of 0xfc00 bytes with an empty packet behind each, also within a block.
 */
static void
test_empty_packets (UsbBench *bench, gconstpointer data)
{
  const gsize        size = 2 * MIB;
  g_autofree guint8 *noise = make_noise (size);
  g_autofree guint8 *got = g_malloc (size);
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i += MIN (0xfc00, size - i))
    usb_bench_say (bench, noise + i, MIN (0xfc00, size - i), TRUE);
  g_assert_true (ub_link_receive (link, got, size / 2, 5000, &error));
  g_assert_true (ub_link_receive (link, got + size / 2, size / 2, 5000, &error));
  g_assert_cmpmem (got, size, noise, size);
}

/* Whole packets with nothing behind them: each must come through at once, though no end is marked.
 */
static void
test_no_empty_packets (UsbBench *bench, gconstpointer data)
{
  const gsize        size = MIB;
  g_autofree guint8 *noise = make_noise (size);
  g_autofree guint8 *got = g_malloc (size);
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  usb_bench_say (bench, noise, 512, FALSE);
  g_assert_true (ub_link_receive (link, got, 512, 2000, &error));
  for (gsize i = 0; i < size; i += 1024)
    usb_bench_say (bench, noise + i, 1024, FALSE);
  g_assert_true (ub_link_receive (link, got, size, 2000, &error));
  g_assert_cmpmem (got, size, noise, size);
  usb_bench_say (bench, noise, 1024, FALSE);
  g_assert_true (ub_link_receive (link, got, 1024, 2000, &error));
  g_assert_cmpmem (got, 1024, noise, 1024);
}

/* Who asks for more than comes gets what there is when the time is over, and the link goes on. */
static void
test_asked_too_much (UsbBench *bench, gconstpointer data)
{
  g_autofree guint8 *noise = make_noise (64 * 512);
  g_autofree guint8 *got = g_malloc (MIB);
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;
  gsize filled = 0;

  usb_bench_say (bench, noise, 64 * 512, FALSE);
  while (filled < 64 * 512)
    {
      gssize n = ub_link_receive_some (link, got + filled, MIB - filled, 50, &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      filled += (gsize) n;
    }
  g_assert_cmpmem (got, filled, noise, 64 * 512);
  usb_bench_say (bench, noise, 512, FALSE);
  g_assert_true (ub_link_receive (link, got, 512, 2000, &error));
  g_assert_cmpint (ub_link_receive_some (link, got, 1, 20, &error), ==, -1);
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

static void
test_byte_by_byte (UsbBench *bench, gconstpointer data)
{
  g_autofree guint8 *noise = make_noise (300);
  guint8             got[300];
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 300; i++)
    usb_bench_say (bench, noise + i, 1, FALSE);
  for (guint i = 0; i < 300; i += 6)
    g_assert_true (ub_link_receive (link, got + i, 6, 2000, &error));
  g_assert_cmpmem (got, 300, noise, 300);
}

/* What came before we asked is there, even before the first byte of ours. */
static void
test_stray (UsbBench *bench, gconstpointer data)
{
  guint8 byte = 0xa0, got = 0;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;

  bench->echo = TRUE;
  usb_bench_plug (bench, 0x2000);
  usb_bench_say (bench, "\xbe\xab\xf2", 3, FALSE); /* answers to a modem manager's "AT\r" */
  link = usb_bench_wait (bench);
  g_assert_cmpuint (ub_link_drain (link, 20), ==, 3);
  g_assert_true (ub_link_send (link, &byte, 1, 2000, &error));
  g_assert_true (ub_link_receive (link, &got, 1, 2000, &error));
  g_assert_cmphex (got, ==, 0x5f);
}

static void
test_timeouts (UsbBench *bench, gconstpointer data)
{
  guint8 buffer[16] = { 0 };
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_link_receive (link, buffer, 1, 20, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_clear_error (&error);
  bench->nak = TRUE;
  g_assert_false (ub_link_send (link, buffer, sizeof buffer, 20, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_clear_error (&error);
  bench->nak = FALSE;
  bench->echo = TRUE;
  g_assert_true (ub_link_send (link, buffer, sizeof buffer, 2000, &error));
  g_assert_true (ub_link_receive (link, buffer, sizeof buffer, 2000, &error));
  g_assert_cmphex (buffer[15], ==, 0xff);
}

static void
stall (UsbBench *bench, guint8 ep)
{
  vusb_device_lock (bench->dev);
  vusb_device_halt (bench->dev, ep, TRUE);
  vusb_device_unlock (bench->dev);
}

/* One stall is cleared and nothing is lost. */
static void
test_stall (UsbBench *bench, gconstpointer data)
{
  g_autofree guint8 *noise = make_noise (3 * MIB);
  guint8             got[16];
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  bench->stall_at = 2;
  g_assert_true (ub_link_send (link, noise, 3 * MIB, 2000, &error));
  g_assert_cmpmem (bench->received->data, bench->received->len, noise, 3 * MIB);
  stall (bench, BENCH_EP_IN);
  usb_bench_say (bench, noise, 16, FALSE);
  g_assert_true (ub_link_receive (link, got, 16, 2000, &error));
  g_assert_cmpmem (got, 16, noise, 16);
}

static gpointer
fail_in (gpointer data)
{
  UsbBench *bench = data;

  vusb_device_lock (bench->dev);
  vusb_device_fail (bench->dev, BENCH_EP_IN, -EOVERFLOW);
  vusb_device_unlock (bench->dev);
  return NULL;
}

static void
test_babble (UsbBench *bench, gconstpointer data)
{
  guint8 got[16];
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  fail_in (bench);
  g_assert_false (ub_link_receive (link, got, 16, 2000, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

static void
test_stall_for_good (UsbBench *bench, gconstpointer data)
{
  guint8 got[16];
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  bench->stall_at = 1;
  bench->stall_always = TRUE;
  g_assert_false (ub_link_send (link, got, 16, 2000, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

/* Pulled out while a read waits, and while a write does: soon, and always the same error. */
static void
test_unplug (UsbBench *bench, gconstpointer data)
{
  const int          status = GPOINTER_TO_INT (data);
  g_autofree guint8 *noise = make_noise (3 * MIB);

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (UbLink) link = plug_and_open (bench);
      g_autoptr (GError) error = NULL;
      GThread *thread;
      gint64   start = g_get_monotonic_time ();
      gboolean ok;

      bench->nak = TRUE;
      thread = usb_bench_unplug_later (bench, status);
      ok = i % 2 == 0 ? ub_link_receive (link, noise, 3 * MIB, 20000, &error)
                      : ub_link_send (link, noise, 3 * MIB, 20000, &error);
      g_assert_false (ok);
      g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
      g_thread_join (thread);
      g_clear_error (&error);
      g_assert_cmpint (ub_link_receive_some (link, noise, 1, 1000, &error), ==, -1);
      g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
      bench->nak = FALSE;
    }
}

/* What the phone said before it went is still delivered. */
static void
test_last_words (UsbBench *bench, gconstpointer data)
{
  guint8 got[3];
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;

  usb_bench_say (bench, "bye", 3, FALSE);
  usb_bench_unplug (bench, -ESHUTDOWN);
  g_assert_true (ub_link_receive (link, got, 3, 2000, &error));
  g_assert_cmpmem (got, 3, "bye", 3);
  g_assert_false (ub_link_receive (link, got, 1, 2000, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
}

static int
open_raw (UsbBench *bench)
{
  int fd = open (vusb_device_get_node (bench->dev), O_RDWR | O_CLOEXEC | O_NOCTTY);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* A hub that resets its port, or another program that resets the phone: the words of before are lost. */
static void
test_reset (UsbBench *bench, gconstpointer data)
{
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (GError) error = NULL;
  guint8 byte = 0;
  int    fd = open_raw (bench);

  g_assert_cmpint (ioctl (fd, USBDEVFS_RESET, NULL), ==, 0);
  close (fd);
  g_assert_false (ub_link_receive (link, &byte, 1, 2000, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
  g_clear_error (&error);
  g_assert_false (ub_link_send (link, &byte, 1, 2000, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
  g_assert_nonnull (strstr (error->message, "1-1"));
  /* and a new link is a clean one */
  ub_link_close (link);
  g_clear_object (&link);
  link = usb_bench_wait (bench);
  g_assert_true (ub_link_send (link, &byte, 1, 2000, NULL));
}

static void
assert_driver (UsbBench *bench, guint interface, const char *wanted)
{
  struct usbdevfs_getdriver driver = { .interface = interface };
  int                       fd = open_raw (bench);

  g_assert_cmpint (ioctl (fd, USBDEVFS_GETDRIVER, &driver), ==, 0);
  g_assert_cmpstr (driver.driver, ==, wanted);
  close (fd);
}

/* The kernel's driver is taken from both interfaces and is back on them afterwards. */
static void
test_driver_back (UsbBench *bench, gconstpointer data)
{
  g_autoptr (UbLink) link = NULL;

  usb_bench_plug (bench, 0x2000);
  assert_driver (bench, 1, "cdc_acm");
  link = usb_bench_wait (bench);
  assert_driver (bench, 0, "usbfs");
  assert_driver (bench, 1, "usbfs");
  ub_link_close (link);
  assert_driver (bench, 0, "cdc_acm");
  assert_driver (bench, 1, "cdc_acm");
}

static void
test_close (UsbBench *bench, gconstpointer data)
{
  guint8 byte = 0;
  g_autoptr (UbLink) link = plug_and_open (bench);
  g_autoptr (UbLink) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_link_source_wait (bench->source, NULL, 20, NULL, &error)); /* it is taken */
  g_clear_error (&error);
  ub_link_close (link);
  ub_link_close (link);
  g_assert_false (ub_link_send (link, &byte, 1, 20, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
  again = usb_bench_wait (bench);
  g_assert_true (ub_link_send (again, &byte, 1, 2000, NULL));
}

int
main (int argc, char **argv)
{
  usb_bench_begin (argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add (path, UsbBench, data, usb_bench_set_up, func, usb_bench_tear_down)
  ADD ("/usb/link/pieces", NULL, test_pieces);
  ADD ("/usb/link/much-out", NULL, test_much_out);
  ADD ("/usb/link/little-memory", NULL, test_little_memory);
  ADD ("/usb/link/empty-packets", NULL, test_empty_packets);
  ADD ("/usb/link/no-empty-packets", NULL, test_no_empty_packets);
  ADD ("/usb/link/asked-too-much", NULL, test_asked_too_much);
  ADD ("/usb/link/byte-by-byte", NULL, test_byte_by_byte);
  ADD ("/usb/link/stray", NULL, test_stray);
  ADD ("/usb/link/timeouts", NULL, test_timeouts);
  ADD ("/usb/link/stall", NULL, test_stall);
  ADD ("/usb/link/stall-for-good", NULL, test_stall_for_good);
  ADD ("/usb/link/babble", NULL, test_babble);
  ADD ("/usb/link/unplug/eshutdown", GINT_TO_POINTER (-ESHUTDOWN), test_unplug);
  ADD ("/usb/link/unplug/eproto", GINT_TO_POINTER (-EPROTO), test_unplug);
  ADD ("/usb/link/last-words", NULL, test_last_words);
  ADD ("/usb/link/unplug/enodev", GINT_TO_POINTER (-ENODEV), test_unplug);
  ADD ("/usb/link/unplug/eilseq", GINT_TO_POINTER (-EILSEQ), test_unplug);
  ADD ("/usb/link/unplug/etime", GINT_TO_POINTER (-ETIME), test_unplug);
  ADD ("/usb/link/unplug/enoent", GINT_TO_POINTER (-ENOENT), test_unplug);
  ADD ("/usb/link/unplug/epipe", GINT_TO_POINTER (-EPIPE), test_unplug);
  ADD ("/usb/link/unplug/eoverflow", GINT_TO_POINTER (-EOVERFLOW), test_unplug);
  ADD ("/usb/link/reset", NULL, test_reset);
  ADD ("/usb/link/driver-back", NULL, test_driver_back);
  ADD ("/usb/link/close", NULL, test_close);
  return g_test_run ();
}
