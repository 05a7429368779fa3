/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"
#include "usb/ub-usb-access.h"
#include "usb/usb-bench.h"

#include <errno.h>
#include <string.h>

static void
told_cb (const UbSighting *sighting, gpointer user_data)
{
  g_ptr_array_add (user_data, ub_sighting_copy (sighting));
}

static gboolean
nudge_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main context until the last sighting is of that kind; the test's own time-out is the
 * limit. */
static const UbSighting *
wait_for (GPtrArray *told, UbSightingKind kind, UbAccess access, gboolean present)
{
  guint             timer = g_timeout_add (50, nudge_cb, NULL);
  const UbSighting *last = NULL;
  gint64            end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (last == NULL || last->kind != kind || last->access != access || last->present != present)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
      last = told->len > 0 ? g_ptr_array_index (told, told->len - 1) : NULL;
    }
  g_source_remove (timer);
  return last;
}

static GPtrArray *
subscribe (UsbBench *bench)
{
  GPtrArray *told = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_sighting_free);

  ub_link_source_subscribe (bench->source, NULL, told_cb, told);
  return told;
}

static void
finish (UsbBench *bench, GPtrArray *told)
{
  ub_link_source_stop (bench->source);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_ptr_array_unref (told);
}

static void
shake_hands (UbLink *link)
{
  const guint8 start[] = { 0xa0, 0x0a, 0x50, 0x05 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < sizeof start; i++)
    {
      guint8 got = 0;

      g_assert_true (ub_link_send (link, start + i, 1, 2000, &error));
      g_assert_true (ub_link_receive (link, &got, 1, 2000, &error));
      g_assert_cmphex (got, ==, (guint8) ~start[i]);
    }
}

static void
test_arrival (UsbBench *bench, gconstpointer muted)
{
  g_autoptr (UbLink) link = NULL;

  bench->echo = TRUE;
  if (muted != NULL)
    vusb_bus_mute (bench->bus);
  usb_bench_plug (bench, 0x2000);
  link = usb_bench_wait (bench);
  g_assert_cmpstr (ub_link_get_port (link), ==, "1-1");
  g_assert_cmpstr (ub_link_get_speed (link), ==, "high");
  g_assert_cmphex (ub_link_get_product (link), ==, 0x0e8d2000);
  shake_hands (link);
  g_assert_true (bench->coded_first);
}

static void
test_present_already (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  g_autoptr (UbLink) link = NULL;

  bench->echo = TRUE;
  usb_bench_plug (bench, 0x0003);
  wait_for (told, UB_SIGHTING_BOOT_ROM, UB_ACCESS_OK, TRUE);
  link = usb_bench_wait (bench);
  shake_hands (link);
  finish (bench, told);
}

static void
test_sightings (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;

  usb_bench_plug (bench, 0x2000);
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  g_assert_cmpstr (last->port, ==, "1-1");
  g_assert_cmpstr (last->name, ==, "Bench phone");
  g_assert_cmpuint (last->appearances, ==, 1);
  usb_bench_unplug (bench, -ESHUTDOWN);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, FALSE);
  usb_bench_plug (bench, 0x2000);
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  g_assert_cmpuint (last->appearances, ==, 2);
  g_assert_cmpint (last->last_us, >, 0);
  finish (bench, told);
}

static void
test_android (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  g_autoptr (GError) error = NULL;
  UbLink *link;

  usb_bench_plug (bench, 0x201d);
  wait_for (told, UB_SIGHTING_ANDROID, UB_ACCESS_UNKNOWN, TRUE);
  link = ub_link_source_wait (bench->source, NULL, 50, NULL, &error);
  g_assert_null (link);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_PHONE);
  g_assert_cmpuint (bench->line_codings, ==, 0);
  finish (bench, told);
}

static void
test_other_port (UsbBench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = NULL;

  usb_bench_plug (bench, 0x2000);
  g_assert_null (ub_link_source_wait (bench->source, "1-2", 50, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_PHONE);
  link = ub_link_source_wait (bench->source, "1-1", 5000, NULL, NULL);
  g_assert_nonnull (link);
}

static gpointer
wait_in_thread (gpointer data)
{
  return usb_bench_wait (data);
}

static void
test_denied (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  g_autoptr (UbLink) link = NULL;
  GThread *thread;

  usb_bench_plug_denied (bench);
  thread = g_thread_new ("wait", wait_in_thread, bench);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, TRUE);
  vusb_device_deny (bench->dev, FALSE);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  link = g_thread_join (thread);
  finish (bench, told);
}

static gboolean
names_own (UsbBench *bench)
{
  g_autoptr (UbPermission) permission = ub_link_source_dup_permission (bench->source);

  return strstr (permission->rules, "\"0e8d\", ATTR{idProduct}==\"4711\"") != NULL &&
         strstr (permission->command, " --print-udev-rules 0e8d:4711 |") != NULL;
}

/* The rule has to name what our table does not; also when the phone is gone before anybody has pressed the button. */
static void
test_denied_own (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);

  usb_bench_plug_denied (bench);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, TRUE);
  usb_bench_unplug (bench, -ESHUTDOWN);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, FALSE);
  g_assert_false (names_own (bench));
  usb_bench_plug_own_denied (bench);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, TRUE);
  g_assert_true (names_own (bench));
  usb_bench_unplug (bench, -ESHUTDOWN);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, FALSE);
  g_assert_true (names_own (bench));
  finish (bench, told);
}

/* Where udev is heard, nobody has to wait for what will not come. */
static void
test_denied_at_once (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  gint64     shortest = G_MAXINT64;

  for (guint i = 0; i < 10 && shortest > 150 * 1000; i++)
    {
      gint64 start = g_get_monotonic_time ();

      usb_bench_plug_denied (bench);
      wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, TRUE);
      shortest = MIN (shortest, g_get_monotonic_time () - start);
      usb_bench_unplug (bench, -ESHUTDOWN);
      wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_DENIED, FALSE);
    }
  g_assert_cmpint (shortest, <, 150 * 1000);
  finish (bench, told);
}

/* Where it is not, permission that comes a moment after the node is no news. */
static void
test_permission_late (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  g_autoptr (UbLink) link = NULL;
  GThread *thread;

  vusb_bus_mute (bench->bus);
  usb_bench_plug_denied (bench);
  thread = g_thread_new ("wait", wait_in_thread, bench);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_UNKNOWN, TRUE);
  vusb_device_deny (bench->dev, FALSE);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  for (guint i = 0; i < told->len; i++)
    g_assert_cmpint (((UbSighting *) g_ptr_array_index (told, i))->access, !=, UB_ACCESS_DENIED);
  link = g_thread_join (thread);
  finish (bench, told);
}

static void
test_busy (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;
  g_autoptr (UbLink) link = NULL;
  GThread *thread;

  usb_bench_plug (bench, 0x2000);
  vusb_device_hold (bench->dev, TRUE);
  thread = g_thread_new ("wait", wait_in_thread, bench);
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_BUSY, TRUE);
  g_assert_true (last->holder == NULL || last->holder_is_guess); /* a program of nobody's */
  vusb_device_hold (bench->dev, FALSE);
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  link = g_thread_join (thread);
  finish (bench, told);
}

static void
test_driver (UsbBench *bench, gconstpointer data)
{
  g_autofree char *holder = NULL;
  gboolean         is_guess;

  usb_bench_plug (bench, 0x2000);
  holder = ub_usb_access_find_holder (vusb_device_get_node (bench->dev),
                                      "/sys/bus/usb/devices/1-1",
                                      &is_guess);
  if (!is_guess) /* somebody may really run one of the suspects here */
    g_assert_cmpstr (holder, ==, "cdc_acm");
}

static gpointer
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (UsbBench *bench, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel, cancellable);

  g_assert_null (ub_link_source_wait (bench->source, NULL, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

static gpointer
come_back (gpointer data)
{
  UsbBench *bench = data;

  usb_bench_unplug (bench, -ESHUTDOWN);
  usb_bench_plug (bench, 0x2001);
  return NULL;
}

static void
test_reopen (UsbBench *bench, gconstpointer data)
{
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  bench->echo = TRUE;
  usb_bench_plug (bench, 0x2000);
  link = usb_bench_wait (bench);
  shake_hands (link);
  thread = g_thread_new ("come-back", come_back, bench);
  g_assert_true (ub_link_reopen (link, 10000, NULL, &error));
  g_thread_join (thread);
  g_assert_cmphex (ub_link_get_product (link), ==, 0x0e8d2001);
  shake_hands (link);
}

static void
test_reopen_never (UsbBench *bench, gconstpointer data)
{
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;
  guint8 byte = 0;

  usb_bench_plug (bench, 0x2000);
  link = usb_bench_wait (bench);
  usb_bench_unplug (bench, -ESHUTDOWN);
  g_assert_false (ub_link_reopen (link, 50, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_PHONE);
  g_clear_error (&error);
  g_assert_false (ub_link_send (link, &byte, 1, 50, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
}

/* A phone that comes and goes for ever costs nothing (troubles.md 9); every second one is opened.
 */
static void
test_hundred_plugs (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);
  guint      before = 0;

  bench->echo = TRUE;
  for (guint i = 0; i < 100; i++)
    {
      usb_bench_plug (bench, 0x2000);
      if (i % 2 == 0)
        {
          g_autoptr (UbLink) link = usb_bench_wait (bench);

          shake_hands (link);
        }
      wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
      usb_bench_unplug (bench, i % 3 == 0 ? -EPROTO : -ESHUTDOWN);
      wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, FALSE);
      while (vusb_bus_count_files (bench->bus) > 0)
        g_main_context_iteration (NULL, FALSE);
      if (i == 9)
        before = usb_bench_count_fds ();
    }
  usb_bench_assert_fds (before);
  finish (bench, told);
}

#define CROWD 40

/* A computer full of things: each is told once, and the phone is caught all the same. */
static void
test_crowd (UsbBench *bench, gconstpointer muted)
{
  GPtrArray  *told = subscribe (bench);
  VusbDevice *others[CROWD];
  g_autoptr (GHashTable) ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (UbLink) link = NULL;

  bench->echo = TRUE;
  if (muted != NULL)
    vusb_bus_mute (bench->bus);
  for (guint i = 0; i < CROWD; i++)
    others[i] = usb_bench_plug_other (bench, 10 + i);
  usb_bench_plug (bench, 0x2000);
  link = usb_bench_wait (bench);
  shake_hands (link);
  while (g_hash_table_size (ports) < CROWD + 1)
    {
      g_main_context_iteration (NULL, TRUE);
      for (guint i = 0; i < told->len; i++)
        g_hash_table_add (ports, ((const UbSighting *) g_ptr_array_index (told, i))->port);
    }
  g_assert_cmpuint (told->len, <=, CROWD + 2);
  for (guint i = 0; i < CROWD; i++)
    vusb_device_unplug (others[i], -ESHUTDOWN);
  finish (bench, told);
}

/* a node that is only a file, as in a sandbox without sysfs */
static void
put_node (UsbBench *bench, const char *bus, const char *number)
{
  const guint8     d[] = { 18, 1, 0, 2, 2, 0, 0, 64, 0x8d, 0x0e, 0x00, 0x20, 0, 1, 0, 0, 0, 1 };
  g_autofree char *folder =
      g_build_filename (vusb_bus_get_root_dir (bench->bus), "dev/bus/usb", bus, NULL);
  g_autofree char *path = g_build_filename (folder, number, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) d, sizeof d, NULL)); /* by a rename */
}

/* A folder that was not there before, no message from anybody, and a node that becomes another one under
 * its number, all between two looks. */
static void
test_new_bus (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;

  vusb_bus_mute (bench->bus);
  put_node (bench, "002", "005");
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  g_assert_cmpstr (last->port, ==, "002-005");
  g_assert_cmpuint (last->appearances, ==, 1);
  put_node (bench, "002", "005");
  wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, FALSE);
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  g_assert_cmpuint (last->appearances, ==, 2);
  finish (bench, told);
}

/* An error that the kernel gets over is none; one that it does not is told, and over when the phone
 * comes. */
static void
test_broken_log (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;

  g_assert_true (ub_link_source_sees_broken (bench->source));
  vusb_bus_log (bench->bus, 3, "usb 1-1: device descriptor read/64, error -71");
  vusb_bus_log (bench->bus, 6, "usb 1-1: New USB device found, idVendor=0e8d, idProduct=2000");
  vusb_bus_log (bench->bus, 3, "usb 1-2: device descriptor read/64, error -71");
  vusb_bus_log (bench->bus, 3, "usb usb1-port2: unable to enumerate USB device");
  last = wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, TRUE);
  g_assert_cmpuint (told->len, ==, 1);
  g_assert_cmpstr (last->port, ==, "1-2");
  g_assert_cmpstr (last->fault, ==, "device descriptor read/64, error -71");
  vusb_bus_log (bench->bus, 6, "usb 1-2: New USB device found, idVendor=0e8d, idProduct=2000");
  wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, FALSE);
  finish (bench, told);
}

static void
test_broken_then_phone (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;

  vusb_bus_log (bench->bus, 3, "usb usb1-port1: unable to enumerate USB device");
  wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, TRUE);
  usb_bench_plug (bench, 0x2000);
  last = wait_for (told, UB_SIGHTING_PRELOADER, UB_ACCESS_OK, TRUE);
  g_assert_cmpstr (last->port, ==, "1-1");
  g_assert_cmpuint (last->appearances, ==, 1);
  for (guint i = 0; i < told->len; i++)
    {
      const UbSighting *s = g_ptr_array_index (told, i);

      g_assert_cmpint (s->kind == UB_SIGHTING_BROKEN, ==, i < 2);
      g_assert_cmpint (s->present, ==, i != 1);
    }
  finish (bench, told);
}

static void
test_broken_state (UsbBench *bench, gconstpointer data)
{
  GPtrArray        *told = subscribe (bench);
  const UbSighting *last;

  g_assert_true (ub_link_source_sees_broken (bench->source));
  vusb_bus_set_port_state (bench->bus, 2, "powered");
  last = wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, TRUE);
  g_assert_cmpstr (last->port, ==, "1-2");
  g_assert_cmpstr (last->fault, ==, "port state \"powered\"");
  vusb_bus_set_port_state (bench->bus, 2, "not attached");
  wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, FALSE);
  finish (bench, told);
}

/* Nobody believes for ever in what was last seen before nobody looked any more. */
static void
test_broken_stop (UsbBench *bench, gconstpointer data)
{
  GPtrArray *told = subscribe (bench);

  vusb_bus_log (bench->bus, 3, "usb usb1-port1: unable to enumerate USB device");
  wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, TRUE);
  ub_link_source_stop (bench->source);
  wait_for (told, UB_SIGHTING_BROKEN, UB_ACCESS_UNKNOWN, FALSE);
  finish (bench, told);
}

static void
test_broken_unseen (UsbBench *bench, gconstpointer data)
{
  vusb_bus_forget_port_states (bench->bus);
  g_assert_false (ub_link_source_sees_broken (bench->source));
}

int
main (int argc, char **argv)
{
  usb_bench_begin (argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add (path, UsbBench, data, usb_bench_set_up, func, usb_bench_tear_down)
  ADD ("/usb/watcher/arrival/with-uevents", NULL, test_arrival);
  ADD ("/usb/watcher/arrival/without-uevents", "muted", test_arrival);
  ADD ("/usb/watcher/present-already", NULL, test_present_already);
  ADD ("/usb/watcher/sightings", NULL, test_sightings);
  ADD ("/usb/watcher/android", NULL, test_android);
  ADD ("/usb/watcher/other-port", NULL, test_other_port);
  ADD ("/usb/watcher/denied", NULL, test_denied);
  ADD ("/usb/watcher/denied-own", NULL, test_denied_own);
  ADD ("/usb/watcher/denied-at-once", NULL, test_denied_at_once);
  ADD ("/usb/watcher/permission-late", NULL, test_permission_late);
  ADD ("/usb/watcher/busy", NULL, test_busy);
  ADD ("/usb/watcher/driver", NULL, test_driver);
  ADD ("/usb/watcher/broken/state", NULL, test_broken_state);
  ADD ("/usb/watcher/broken/unseen", NULL, test_broken_unseen);
  ADD ("/usb/watcher/cancel", NULL, test_cancel);
  ADD ("/usb/watcher/reopen", NULL, test_reopen);
  ADD ("/usb/watcher/reopen-never", NULL, test_reopen_never);
  ADD ("/usb/watcher/hundred-plugs", NULL, test_hundred_plugs);
  ADD ("/usb/watcher/crowd/with-uevents", NULL, test_crowd);
  ADD ("/usb/watcher/crowd/without-uevents", "muted", test_crowd);
  ADD ("/usb/watcher/new-bus", NULL, test_new_bus);
#undef ADD
#define ADD(path, data, func)                                                                      \
  g_test_add (path, UsbBench, data, usb_bench_set_up_with_log, func, usb_bench_tear_down)
  ADD ("/usb/watcher/broken/log", NULL, test_broken_log);
  ADD ("/usb/watcher/broken/then-phone", NULL, test_broken_then_phone);
  ADD ("/usb/watcher/broken/stop", NULL, test_broken_stop);
  return g_test_run ();
}
