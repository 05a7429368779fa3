/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/wire-bench.h"
#include "phone/ub-practice-phone.h"

/* What safety costs, and what it saves. All over a link in this process.
 *
 *   share     the safety copy and the reading back, as a part of a whole Firmware upgrade
 *   readback  reading into a checked copy, beside a bare loop that throws away what it reads
 *   repair    a phone that differs from its firmware in one part: repaired, beside written anew
 *
 * bench-job [MIB [MB/S]]: size of the system image, and speed of the wire for share and repair (both are
 * bound by the wire, as on a real cable) */

#define MIB (1024 * 1024u)
#define FAST 400000000

typedef struct
{
  char            *folder;
  char            *copies;
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
  self->folder = g_dir_make_tmp ("bench-job-XXXXXX", &error);
  g_assert_no_error (error);
  self->copies = g_build_filename (self->folder, "copies", NULL);
  ub_practice_firmware_write (self->phone, self->folder, image, FALSE, &error);
  g_assert_no_error (error);
  self->firmware = ub_firmware_open (self->folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *self)
{
  wire_bench_remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->copies, g_free);
  g_clear_object (&self->firmware);
  g_clear_pointer (&self->phone, ub_practice_phone_free);
}

/* --- a job with a stop watch --- */

typedef struct
{
  gint64 spent[UB_SESSION_CANCELLED + 1]; /* µs in each state */
  guint  state;
  gint64 since;
} Watch;

static void
on_state (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;
  gint64 now = g_get_monotonic_time ();

  watch->spent[watch->state] += now - watch->since;
  watch->since = now;
  watch->state = ub_session_get_state (session);
}

/* µs from the first byte to the phone to its last */
static gint64
run_job (Bench *self, UbMode mode, const char *const *only, guint64 speed, Watch *watch)
{
  const UbPlanChoice choice = { .mode = mode, .only = only };
  g_autoptr (UbPlan) plan = ub_plan_new (self->firmware, &choice);
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, TRUE, speed, 0);
  g_autoptr (GError) error = NULL;
  gint64 whole = 0;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  *watch = (Watch){ .since = g_get_monotonic_time () };
  wire_bench_run_plan (plan, self->firmware, source, self->copies, on_state, watch);
  ub_link_source_stop (source);
  for (guint i = UB_SESSION_CONNECTING; i < G_N_ELEMENTS (watch->spent); i++)
    whole += watch->spent[i];
  return whole;
}

static double
percent (gint64 part, gint64 whole)
{
  return (double) part / (double) whole * 100;
}

static void
measure_share (Bench *self, guint mib, guint64 speed)
{
  Watch  watch;
  gint64 whole = run_job (self, UB_MODE_FIRMWARE_UPGRADE, NULL, speed, &watch);

  g_print ("job, upgrade of %u MiB at %u MB/s: %.1f s, safety copy %.1f s (%.0f %%), reading back "
           "%.1f s (%.0f %%)\n",
           mib,
           (guint) (speed / 1000000),
           (double) whole / 1e6,
           (double) watch.spent[UB_SESSION_SAVING] / 1e6,
           percent (watch.spent[UB_SESSION_SAVING], whole),
           (double) watch.spent[UB_SESSION_VERIFYING] / 1e6,
           percent (watch.spent[UB_SESSION_VERIFYING], whole));
}

static void
damage (Bench *self, const char *name)
{
  const UbPartition *part = ub_firmware_find_partition (self->firmware, UB_STORAGE_EMMC, name);
  const guint8       nothing[4096] = { 0 };

  ub_practice_phone_poke (self->phone,
                          UB_REGION_EMMC_USER,
                          part->start + 8192,
                          nothing,
                          sizeof nothing);
}

static void
measure_repair (Bench *self, guint mib, guint64 speed)
{
  static const char *const everything[] = { "preloader", "lk",    "boot",   "recovery", "logo",
                                            "secro",     "cache", "system", NULL };
  Watch                    watch;
  gint64                   full = run_job (self, UB_MODE_DOWNLOAD_ONLY, NULL, speed, &watch);
  gint64                   all, start_up;

  damage (self, "lk");
  all = run_job (self, UB_MODE_REPAIR, everything, speed, &watch);
  damage (self, "lk");
  start_up = run_job (self, UB_MODE_REPAIR, NULL, speed, &watch);
  g_print ("job, %u MiB at %u MB/s, one part damaged: written anew %.1f s, start-up code "
           "repaired %.1f s (%.0f %%), everything compared %.1f s (%.0f %%)\n",
           mib,
           (guint) (speed / 1000000),
           (double) full / 1e6,
           (double) start_up / 1e6,
           percent (start_up, full),
           (double) all / 1e6,
           percent (all, full));
}

static double
read_engine (Bench *self, guint64 bytes, guint64 speed, double *whole)
{
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);

  return wire_bench_read_engine (self->firmware, source, bytes, whole);
}

static double
read_bare (Bench *self, guint64 bytes, guint64 speed)
{
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);

  return wire_bench_read_bare (self->firmware, source, bytes);
}

static void
measure_readback (Bench               *self,
                  const WireBenchCase *one,
                  guint64              bytes,
                  const char          *link,
                  guint64              speed,
                  guint                rounds)
{
  g_autofree char *name = g_strdup_printf ("readback, %s", one->name);
  double           engine = 0, whole = 0, bare = 0;

  for (guint i = 0; i < rounds; i++)
    {
      double here = 0;

      engine = MAX (engine, read_engine (self, bytes, speed, &here));
      whole = MAX (whole, here);
      bare = MAX (bare, read_bare (self, bytes, speed));
    }
  wire_bench_print ("job", name, link, bytes, engine, bare);
  g_print ("job, readback with the check of the copy: %.0f MB/s\n", whole);
}

int
main (int argc, char **argv)
{
  guint   mib = argc > 1 ? (guint) g_ascii_strtoull (argv[1], NULL, 10) : 256;
  guint64 speed = (argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 20) * 1000000;
  Bench   bench = { 0 };

  if (mib == 0 || mib > 16 * 1024 || speed == 0)
    return 2;
  for (gsize i = 0; i < WIRE_BENCH_N_CASES; i += 2)
    {
      const WireBenchCase *one = &wire_bench_cases[i];

      bench_open (&bench, one, mib * (guint64) MIB);
      if (i == 0)
        {
          measure_share (&bench, mib, speed);
          measure_repair (&bench, mib, speed);
        }
      measure_readback (&bench, one, mib * (guint64) MIB, "link of 40 MB/s (USB 2)", 40000000, 1);
      measure_readback (&bench, one, mib * (guint64) MIB, "link of 400 MB/s (USB 3)", FAST, 2);
      measure_readback (&bench, one, mib * (guint64) MIB, "link as fast as memory", 0, 3);
      bench_close (&bench);
    }

  return 0;
}
