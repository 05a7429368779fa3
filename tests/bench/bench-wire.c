/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "brom/ub-brom.h"
#include "da/ub-da-legacy-messages.h"
#include "engine/ub-session.h"
#include "firmware/ub-agent.h"
#include "phone/ub-practice-phone.h"

/* What the engine costs: an image flashed through the whole of it (file, sparse expansion,
 * checksum, pipe, session), beside a bare loop that pushes as many bytes from memory through the
 * same link to the same phone and takes its answers.
 *
 * bench-wire [MIB [ROUNDS]]: the best of ROUNDS counts, as on a busy machine only that says
 * something of the program */

#define MIB (1024 * 1024u)
#define PACKET MIB
#define AREA_USER 8
#define TIMEOUT_MS 10000
#define START (32 * (guint64) MIB)

typedef struct
{
  char            *folder;
  guint64          image;
  UbPracticePhone *phone;
  UbFirmware      *firmware;
} Bench;

static void
bench_open (Bench *self, guint64 image, gboolean sparse)
{
  const UbPracticePhoneOptions options = { .chip = "MT6580",
                                           .user_size = 2 * image + 128 * (guint64) MIB };
  g_autoptr (GError) error = NULL;

  self->image = image;
  self->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  ub_practice_phone_set_forgetful (self->phone, TRUE);
  self->folder = g_dir_make_tmp ("bench-wire-XXXXXX", &error);
  g_assert_no_error (error);
  ub_practice_firmware_write (self->phone, self->folder, image, sparse, &error);
  g_assert_no_error (error);
  self->firmware = ub_firmware_open (self->folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name = NULL;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_object (&self->firmware);
  g_clear_pointer (&self->phone, ub_practice_phone_free);
}

/* --- the engine --- */

typedef struct
{
  GMainLoop *loop;
  UbReport  *report;
  gint64     begin;
} Flash;

static void
on_state (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  Flash *flash = user_data;

  if (flash->begin == 0 && ub_session_get_state (session) >= UB_SESSION_WORKING)
    flash->begin = g_get_monotonic_time ();
}

static void
on_finished (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Flash *flash = user_data;

  flash->report = ub_session_run_finish (UB_SESSION (object), result);
  g_main_loop_quit (flash->loop);
}

/* MB/s of the system image alone; @bytes: how many travelled */
static double
run_engine (Bench *self, guint64 speed, guint64 *bytes)
{
  const char *const  only[] = { "system", NULL };
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = only };
  g_autoptr (UbPlan) plan = ub_plan_new (self->firmware, &choice);
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);
  const UbSessionOptions options = { .wait_ms = TIMEOUT_MS };
  g_autoptr (UbSession) session = ub_session_new (plan, source, &options);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Flash  flash = { .loop = loop };
  gint64 end = 0;

  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  g_signal_connect (session, "notify", G_CALLBACK (on_state), &flash);
  ub_session_run_async (session, NULL, on_finished, &flash);
  g_main_loop_run (loop);
  end = g_get_monotonic_time ();
  if (ub_report_get_error (flash.report))
    g_error ("%s", ub_report_get_error (flash.report)->message);
  *bytes = ub_session_get_done_bytes (session);
  ub_link_source_stop (source);
  g_object_unref (flash.report);

  return (double) *bytes / (double) MAX (end - flash.begin, 1);
}

/* --- the bare loop --- */

static UbDa *
start_agent (Bench *self, UbLink *link, UbDaReport *report)
{
  const char *path = g_ptr_array_index (ub_firmware_get_agents (self->firmware), 0);
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

static void
expect (UbLink *link, guint8 wanted)
{
  guint8 byte = 0;

  g_autoptr (GError) error = NULL;
  if (!ub_link_receive (link, &byte, 1, TIMEOUT_MS, &error))
    g_error ("%s", error->message);
  g_assert_cmphex (byte, ==, wanted);
}

static void
send (UbLink *link, const UbLinkPiece *pieces, guint n)
{
  g_autoptr (GError) error = NULL;

  if (!ub_link_send_pieces (link, pieces, n, TIMEOUT_MS, &error))
    g_error ("%s", error->message);
}

static void
begin_write (UbLink *link, guint64 length)
{
  guint8            command[] = { UB_DA_LEGACY_WRITE_DATA, 1, AREA_USER };
  guint8            numbers[20];
  guint64           start = GUINT64_TO_BE (START), size = GUINT64_TO_BE (length);
  guint32           packet = GUINT32_TO_BE (PACKET);
  const UbLinkPiece pieces[] = { { command, 1 }, { command + 1, 1 }, { command + 2, 1 },
                                 { numbers, 8 }, { numbers + 8, 8 }, { numbers + 16, 4 } };

  memcpy (numbers, &start, 8);
  memcpy (numbers + 8, &size, 8);
  memcpy (numbers + 16, &packet, 4);
  send (link, pieces, G_N_ELEMENTS (pieces));
  expect (link, UB_DA_LEGACY_ACK);
}

static double
run_bare (Bench *self, guint64 speed, guint64 bytes)
{
  g_autoptr (UbLinkSource) source = ub_practice_source_new (self->phone, speed > 0, speed, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (UbDa) da = NULL;
  g_autofree guint8 *data = g_malloc (PACKET);
  UbDaReport         report = { 0 };
  const guint8       ack = UB_DA_LEGACY_ACK;
  guint16            sum = 0;
  gint64             begin = 0, end = 0;

  ub_link_source_start (source, &error);
  if (!(link = ub_link_source_wait (source, NULL, TIMEOUT_MS, NULL, &error)))
    g_error ("%s", error->message);
  da = start_agent (self, link, &report);
  for (guint i = 0; i < PACKET; i++)
    data[i] = (guint8) (i * 7 + (i >> 8));
  for (guint i = 0; i < PACKET; i++)
    sum = (guint16) (sum + data[i]);

  begin = g_get_monotonic_time ();
  begin_write (link, bytes / PACKET * PACKET);
  for (guint64 done = 0; done < bytes / PACKET * PACKET; done += PACKET)
    {
      const guint8      tail[] = { (guint8) (sum >> 8), (guint8) sum };
      const UbLinkPiece pieces[] = { { &ack, 1 }, { data, PACKET }, { tail, 2 } };

      send (link, pieces, G_N_ELEMENTS (pieces));
      expect (link, UB_DA_LEGACY_CONT);
    }
  end = g_get_monotonic_time ();
  g_assert_true (ub_da_get_capacity (da, UB_REGION_EMMC_USER) > bytes);
  ub_link_close (link);
  ub_link_source_stop (source);

  return (double) bytes / (double) MAX (end - begin, 1);
}

static void
compare (Bench *bench, const char *name, const char *link, guint64 speed, guint rounds)
{
  double  engine = 0, bare = 0;
  guint64 bytes = 0;

  for (guint i = 0; i < rounds; i++)
    {
      engine = MAX (engine, run_engine (bench, speed, &bytes));
      bare = MAX (bare, run_bare (bench, speed, bytes));
    }
  g_print ("wire, %s, %u MiB, %s: engine %.0f MB/s, bare loop %.0f MB/s, ratio %.0f %%\n",
           name,
           (guint) (bytes / MIB),
           link,
           engine,
           bare,
           engine / bare * 100);
}

static void
measure (const char *name, guint64 image, gboolean sparse, guint rounds)
{
  Bench bench = { 0 };

  bench_open (&bench, image, sparse);
  compare (&bench, name, "link as fast as memory", 0, rounds);
  compare (&bench, name, "link of 400 MB/s (USB 3)", 400000000, 1);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  guint64 mib = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 1024;
  guint   rounds = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : 3;

  if (mib == 0 || mib > 64 * 1024 || rounds == 0)
    return 2;
  measure ("raw", mib * MIB, FALSE, rounds);
  measure ("sparse", mib * MIB, TRUE, rounds);

  return 0;
}
