/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/wire-bench.h"
#include "phone/ub-practice-phone.h"

/* What the engine costs: an image flashed through the whole of it (file, sparse expansion,
 * checksum, pipe, session), beside a bare loop that pushes as many bytes from memory through the
 * same link to the same phone and takes its answers.
 *
 * bench-wire [MIB [ROUNDS]]: the best of ROUNDS counts, as on a busy machine only that says
 * something of the program */

#define MIB (1024 * 1024u)

typedef struct
{
  char            *folder;
  UbPracticePhone *phone;
  UbFirmware      *firmware;
} Bench;

static void
bench_open (Bench *self, const WireBenchCase *one, guint64 image)
{
  const UbPracticePhoneOptions options = wire_bench_get_options (one, image);
  g_autoptr (GError) error = NULL;

  self->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  ub_practice_phone_set_forgetful (self->phone, TRUE);
  self->folder = g_dir_make_tmp ("bench-wire-XXXXXX", &error);
  g_assert_no_error (error);
  ub_practice_firmware_write (self->phone, self->folder, image, one->sparse, &error);
  g_assert_no_error (error);
  self->firmware = ub_firmware_open (self->folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *self)
{
  wire_bench_remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_object (&self->firmware);
  g_clear_pointer (&self->phone, ub_practice_phone_free);
}

static double
run_engine (Bench *self, guint64 speed, guint64 *bytes)
{
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);

  return wire_bench_run_engine (self->firmware, source, bytes);
}

static double
run_bare (Bench *self, guint64 speed)
{
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);

  return wire_bench_run_bare (self->firmware, source);
}

static void
compare (Bench *bench, const char *name, const char *link, guint64 speed, guint rounds)
{
  double  engine = 0, bare = 0;
  guint64 bytes = 0;

  for (guint i = 0; i < rounds; i++)
    {
      engine = MAX (engine, run_engine (bench, speed, &bytes));
      bare = MAX (bare, run_bare (bench, speed));
    }
  wire_bench_print ("wire", name, link, bytes, engine, bare);
}

static void
measure (const WireBenchCase *one, guint64 image, guint rounds)
{
  Bench bench = { 0 };

  bench_open (&bench, one, image);
  compare (&bench, one->name, "link as fast as memory", 0, rounds);
  compare (&bench, one->name, "link of 400 MB/s (USB 3)", 400000000, 1);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  guint64 mib = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 1024;
  guint   rounds = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : 3;

  if (mib == 0 || mib > 64 * 1024 || rounds == 0)
    return 2;
  for (gsize i = 0; i < WIRE_BENCH_N_CASES; i++)
    measure (&wire_bench_cases[i], mib * MIB, rounds);

  return 0;
}
