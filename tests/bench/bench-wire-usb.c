/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/wire-bench.h"
#include "lab/lab-phone.h"
#include "usb/ub-usb-watcher.h"

#include <errno.h>

/* What the engine costs over USB: as bench-wire, but through libusb to a phone on the virtual bus.
 *
 * bench-wire-usb [MIB [ROUNDS]]: the best of ROUNDS counts */

#define MIB (1024 * 1024u)
#define PORT 1

typedef struct
{
  VusbBus    *bus;
  LabPhone   *phone;
  char       *folder;
  UbFirmware *firmware;
} Bench;

static void
bench_open (Bench *self, const WireBenchCase *one, guint64 image)
{
  const UbPracticePhoneOptions options = wire_bench_get_options (one, image);
  g_autoptr (GError) error = NULL;
  UbPracticePhone *phone = NULL;

  self->folder = g_dir_make_tmp ("bench-wire-XXXXXX", &error);
  g_assert_no_error (error);
  self->bus = vusb_bus_new ();
  self->phone = lab_phone_new (self->bus, PORT, &options, &error);
  g_assert_no_error (error);
  phone = lab_phone_lock (self->phone);
  ub_practice_phone_set_forgetful (phone, TRUE);
  ub_practice_firmware_write (phone, self->folder, image, one->sparse, &error);
  lab_phone_unlock (self->phone);
  g_assert_no_error (error);
  self->firmware = ub_firmware_open (self->folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *self)
{
  lab_phone_free (self->phone);
  vusb_bus_free (self->bus);
  wire_bench_remove_folder (self->folder);
  g_free (self->folder);
  g_object_unref (self->firmware);
}

static gboolean
plug_cb (gpointer user_data)
{
  lab_phone_plug (user_data);
  return G_SOURCE_REMOVE;
}

static double
run_engine (Bench *self, guint64 *bytes)
{
  g_autoptr (UbLinkSource) source = ub_usb_watcher_new ();
  double speed = 0;

  g_idle_add (plug_cb, self->phone);
  speed = wire_bench_run_engine (self->firmware, source, bytes);
  lab_phone_unplug (self->phone, -ESHUTDOWN);
  return speed;
}

typedef struct
{
  UbFirmware *firmware;
  double      speed;
  gint        done;
} Bare;

static gpointer
bare_thread (gpointer user_data)
{
  Bare *bare = user_data;
  g_autoptr (UbLinkSource) source = ub_usb_watcher_new ();

  bare->speed = wire_bench_run_bare (bare->firmware, source);
  g_atomic_int_set (&bare->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* The main context has the phone's clock, so the loop gets a thread, as the session has one. */
static double
run_bare (Bench *self)
{
  Bare     bare = { .firmware = self->firmware };
  GThread *thread = g_thread_new ("bare", bare_thread, &bare);

  g_idle_add (plug_cb, self->phone);
  while (!g_atomic_int_get (&bare.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  lab_phone_unplug (self->phone, -ESHUTDOWN);
  return bare.speed;
}

static void
measure (const WireBenchCase *one, guint64 image, guint rounds)
{
  Bench   bench = { 0 };
  double  engine = 0, bare = 0;
  guint64 bytes = 0;

  bench_open (&bench, one, image);
  for (guint i = 0; i < rounds; i++)
    {
      engine = MAX (engine, run_engine (&bench, &bytes));
      bare = MAX (bare, run_bare (&bench));
    }
  wire_bench_print ("wire-usb", one->name, "virtual USB bus", bytes, engine, bare);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  guint64 mib = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 1024;
  guint   rounds = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : 5;

  vusb_exec_again (LAB_PRELOAD, argv);
  if (mib == 0 || mib > 64 * 1024 || rounds == 0)
    return 2;
  for (gsize i = 0; i < WIRE_BENCH_N_CASES; i++)
    measure (&wire_bench_cases[i], mib * MIB, rounds);

  return 0;
}
