/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench/wire-bench.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bench/bare-loop.h"
#include "bench/clocked-source.h"
#include "brom/ub-brom.h"
#include "da/ub-da-legacy.h"
#include "da/ub-da-xflash.h"
#include "engine/ub-session.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-image.h"

#define MIB (1024 * 1024u)
#define N_COPIES 32 /* of a packet: more than a processor's cache keeps, as an image is */
#define TIMEOUT_MS 10000

/* --- the engine --- */

typedef struct
{
  guint64 offset;
  guint64 length;
} Run;

typedef struct
{
  GMainLoop *loop;
  UbReport  *report;
} Flash;

static void
on_finished (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Flash *flash = user_data;

  flash->report = ub_session_run_finish (UB_SESSION (object), result);
  g_main_loop_quit (flash->loop);
}

/* a phone whose system is in a "super" has no part of that name */
static UbPlan *
plan_system (UbFirmware *firmware)
{
  static const char *const names[][2] = { { "system", NULL }, { "super", NULL } };
  gboolean has_super = ub_firmware_find_partition (firmware, UB_STORAGE_EMMC, "super") != NULL ||
                       ub_firmware_find_partition (firmware, UB_STORAGE_UFS, "super") != NULL;
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = names[has_super ? 1 : 0] };

  return ub_plan_new (firmware, &choice);
}

void
wire_bench_run_plan (UbPlan        *plan,
                     UbFirmware    *firmware,
                     UbLinkSource  *source,
                     const char    *folder,
                     WireBenchWatch watch,
                     gpointer       user_data)
{
  const char *agents[] = { g_ptr_array_index (ub_firmware_get_agents (firmware), 0), NULL };
  const UbSessionOptions options = { .wait_ms = TIMEOUT_MS,
                                     .agents = agents,
                                     .copies_folder = folder,
                                     .journal_folder = folder,
                                     .consents = ~0u };
  g_autoptr (UbSession) session = ub_session_new (plan, source, &options);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Flash flash = { .loop = loop };

  if (watch != NULL)
    g_signal_connect (session, "notify::state", G_CALLBACK (watch), user_data);
  ub_session_run_async (session, NULL, on_finished, &flash);
  g_main_loop_run (loop);
  if (ub_report_get_error (flash.report))
    g_error ("%s", ub_report_get_error (flash.report)->message);
  g_object_unref (flash.report);
}

static const UbStep *
find_write (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (steps, i))->kind == UB_STEP_WRITE)
      return g_ptr_array_index (steps, i);
  g_error ("nothing to write");
}

static GArray *list_runs (const char *path, guint64 offset);

double
wire_bench_run_engine (UbFirmware *firmware, UbLinkSource *source, guint64 *bytes)
{
  g_autoptr (ClockedSource) clocked = clocked_source_new (source);
  g_autoptr (UbPlan) plan = plan_system (firmware);
  const UbStep *step = find_write (plan);
  g_autoptr (GArray) runs = list_runs (step->image_path, step->offset);
  g_autofree char *folder = g_dir_make_tmp ("bench-copies-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  wire_bench_run_plan (plan, firmware, UB_LINK_SOURCE (clocked), folder, NULL, NULL);
  ub_link_source_stop (source);
  wire_bench_remove_folder (folder);
  *bytes = 0;
  for (guint i = 0; i < runs->len; i++)
    *bytes += g_array_index (runs, Run, i).length;

  return (double) *bytes / (double) clocked_source_get_us (clocked);
}

/* --- the bare loop --- */

static BareLoop
bare_loop_for (UbDa *da, UbLink *link, const UbDaReport *report)
{
  UbProtocol protocol = UB_IS_DA_LEGACY (da)   ? UB_PROTOCOL_LEGACY
                        : UB_IS_DA_XFLASH (da) ? UB_PROTOCOL_XFLASH
                                               : UB_PROTOCOL_XML;

  return bare_loop_new (link, protocol, report->storage == UB_STORAGE_UFS);
}

static UbDa *
start_agent (UbFirmware *firmware, UbLink *link, UbDaReport *report)
{
  const char *path = g_ptr_array_index (ub_firmware_get_agents (firmware), 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, &error);
  g_autoptr (GPtrArray) emis = g_ptr_array_new ();
  g_autoptr (GBytes) da1 = NULL;
  g_autoptr (GBytes) da2 = NULL;
  UbDaSetup           setup = { .emis = emis };
  const UbAgentEntry *entry = NULL;
  UbDa               *da = NULL;

  g_assert_no_error (error);
  if (!ub_brom_handshake (link, NULL, &error) ||
      !ub_brom_identify (link, &setup.brom, NULL, &error))
    g_error ("%s", error->message);
  setup.chip = setup.brom.chip;
  entry = ub_agent_file_select (file,
                                setup.chip->agent_code,
                                setup.brom.hw_sub_code,
                                setup.brom.hw_version,
                                setup.brom.sw_version);
  setup.da1 = da1 = ub_agent_file_load (file, entry, 1, &error);
  setup.da2 = da2 = ub_agent_file_load (file, entry, 2, &error);
  setup.da1_address = entry->regions[1].load_address;
  setup.da1_signature = entry->regions[1].signature_length;
  setup.da2_address = entry->regions[2].load_address;
  setup.da2_signature = entry->regions[2].signature_length;
  setup.build_year = ub_agent_file_get_year (file);
  da = ub_da_new (setup.chip->protocol, link, &error);
  if (!ub_da_start (da, &setup, report, NULL, NULL, NULL, &error))
    g_error ("%s", error->message);

  return da;
}

/* what the engine has to write: the stretches of the image, those that touch as one */
static GArray *
list_runs (const char *path, guint64 offset)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = ub_image_open (path, &error);
  UbImageExtent extent;

  while (image != NULL && ub_image_next (image, &extent, &error))
    {
      Run  next = { offset + extent.offset, extent.length };
      Run *last = runs->len > 0 ? &g_array_index (runs, Run, runs->len - 1) : NULL;

      if (last != NULL && last->offset + last->length == next.offset)
        last->length += next.length;
      else if (next.length > 0)
        g_array_append_val (runs, next);
    }
  g_assert_no_error (error);
  return runs;
}

static guint64
push_runs (BareLoop *loop, GArray *runs)
{
  g_autofree guint8 *data = g_malloc (N_COPIES * loop->packet);
  guint64            bytes = 0;
  guint              n = 0;
  gsize              summed = 0;
  guint32            sum = 0;

  for (gsize i = 0; i < N_COPIES * loop->packet; i++)
    data[i] = (guint8) (i % loop->packet * 7 + (i % loop->packet >> 8));
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = &g_array_index (runs, Run, i);

      bare_loop_begin_write (loop, run->offset, run->length);
      for (guint64 done = 0; done < run->length; done += loop->packet)
        {
          gsize size = (gsize) MIN (loop->packet, run->length - done);

          if (size != summed)
            sum = bare_loop_sum (loop, data, size);
          summed = size;
          bare_loop_push (loop, data + n++ % N_COPIES * loop->packet, size, sum);
        }
      bare_loop_end_write (loop);
      bytes += run->length;
    }
  return bytes;
}

double
wire_bench_run_bare (UbFirmware *firmware, UbLinkSource *source)
{
  g_autoptr (UbPlan) plan = plan_system (firmware);
  const UbStep *step = find_write (plan);
  g_autoptr (GArray) runs = list_runs (step->image_path, step->offset);
  g_autoptr (ClockedSource) clocked = clocked_source_new (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (UbDa) da = NULL;
  UbDaReport report = { 0 };
  BareLoop   loop;
  guint64    bytes = 0;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  if (!(link = ub_link_source_wait (UB_LINK_SOURCE (clocked), NULL, TIMEOUT_MS, NULL, &error)))
    g_error ("%s", error->message);
  da = start_agent (firmware, link, &report);
  loop = bare_loop_for (da, link, &report);
  bytes = push_runs (&loop, runs);
  ub_link_close (link);
  ub_link_source_stop (source);

  return (double) bytes / (double) clocked_source_get_us (clocked);
}

/* --- reading --- */

double
wire_bench_read_engine (UbFirmware *firmware, UbLinkSource *source, guint64 bytes, double *whole)
{
  const UbPlanTarget target = { .region = UB_REGION_EMMC_USER, .length = bytes };
  g_autoptr (ClockedSource) clocked = clocked_source_new (source);
  g_autofree char *folder = g_dir_make_tmp ("bench-copies-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "copy", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_readback (&target, copy);
  g_autoptr (GError) error = NULL;
  gint64 begin = 0;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  begin = g_get_monotonic_time ();
  wire_bench_run_plan (plan, firmware, UB_LINK_SOURCE (clocked), folder, NULL, NULL);
  *whole = (double) bytes / (double) (g_get_monotonic_time () - begin);
  ub_link_source_stop (source);
  wire_bench_remove_folder (folder);

  return (double) bytes / (double) clocked_source_get_read_us (clocked);
}

double
wire_bench_read_bare (UbFirmware *firmware, UbLinkSource *source, guint64 bytes)
{
  g_autoptr (ClockedSource) clocked = clocked_source_new (source);
  g_autofree guint8 *data = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (UbDa) da = NULL;
  UbDaReport report = { 0 };
  BareLoop   loop;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  if (!(link = ub_link_source_wait (UB_LINK_SOURCE (clocked), NULL, TIMEOUT_MS, NULL, &error)))
    g_error ("%s", error->message);
  da = start_agent (firmware, link, &report);
  loop = bare_loop_for (da, link, &report);
  data = g_malloc (loop.packet);
  bare_loop_begin_read (&loop, 0, bytes);
  for (guint64 done = 0; done < bytes;)
    done += bare_loop_pull (&loop, data, bytes - done);
  bare_loop_end_read (&loop);
  ub_link_close (link);
  ub_link_source_stop (source);

  return (double) bytes / (double) clocked_source_get_read_us (clocked);
}

/* --- what comes of it --- */

const WireBenchCase wire_bench_cases[WIRE_BENCH_N_CASES] = {
  { "legacy, raw", "MT6580", UB_STORAGE_EMMC, FALSE },
  { "legacy, sparse", "MT6580", UB_STORAGE_EMMC, TRUE },
  { "XFLASH, raw", "MT6765", UB_STORAGE_EMMC, FALSE },
  { "XFLASH on UFS, sparse", "MT6785", UB_STORAGE_UFS, TRUE },
  { "XML, sparse", "MT6789", UB_STORAGE_EMMC, FALSE },
  { "XML on UFS, sparse", "MT6789", UB_STORAGE_UFS, TRUE },
};

UbPracticePhoneOptions
wire_bench_get_options (const WireBenchCase *self, guint64 image)
{
  return (UbPracticePhoneOptions){ .chip = self->chip,
                                   .storage = self->storage,
                                   .user_size = 2 * image + 256 * (guint64) MIB };
}

void
wire_bench_print (const char *bench,
                  const char *name,
                  const char *link,
                  guint64     bytes,
                  double      engine,
                  double      bare)
{
  g_print ("%s, %s, %u MiB, %s: engine %.0f MB/s, bare loop %.0f MB/s, ratio %.0f %%\n",
           bench,
           name,
           (guint) (bytes / MIB),
           link,
           engine,
           bare,
           engine / bare * 100);
}

void
wire_bench_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        wire_bench_remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}
