/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* Our host code against the recorded conversation of a genuine MT6580 agent, byte for byte
 * (shared/protocol/transcripts/mt6580-legacy-20211128.txt; facts: genuine-agents.md §5.3) */

#include "da/ub-da-legacy-private.h"
#include "link/ub-link-replay.h"
#include "tests/da/test-agent.h"

#define DA2_SIZE 0x39b98
#define RECORD_SIZE 188

/* where the recording's host chose otherwise than we do. The battery: automatic instead of none;
 * packets: always 1 MiB; a sum that is wrong without the data being so; sums of blocks whose
 * content was not recorded */
static const struct
{
  const char *recorded;
  const char *ours;
} choices[] = {
  { "H>D 00   ; force charge", "H>D 02   ; force charge" },
  { "H>D 00001000   ; packet size\nD>H 5a   ; ack",
    "H>D 00100000   ; packet size\nD>H 5a   ; ack" },
  { "H>D 1234   ; wrong sum", "H>D f800   ; arrived damaged" },
  { "D>H 8283   ; byte sum", "D>H 0000   ; byte sum" },
};

typedef struct
{
  TestSetup  setup;
  UbLink    *link;
  UbDa      *da;
  UbDaReport report;
} Session;

static char *
load_recording (void)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "../shared",
                                            "protocol",
                                            "transcripts",
                                            "mt6580-legacy-20211128.txt",
                                            NULL);
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *recorded = NULL;
  g_autoptr (GString) text = NULL;

  if (!g_file_get_contents (path, &recorded, NULL, NULL))
    return NULL;
  text = g_string_new (upload);
  g_string_append (text, recorded);
  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    g_assert_cmpuint (g_string_replace (text, choices[i].recorded, choices[i].ours, 0), >, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
session_clear (Session *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->link);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

/* FALSE: the recording is not here */
static gboolean
session_open (Session *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = load_recording ();

  *self = (Session){ 0 };
  if (text == NULL)
    {
      g_test_skip ("no recording");
      return FALSE;
    }
  self->link = ub_link_replay_new_from_text (text, &error);
  g_assert_no_error (error);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->link), TRUE);
  test_setup_init (&self->setup, 0x6580, 2021, DA2_SIZE, test_emi_new (21, RECORD_SIZE, 1, 0));
  self->da = ub_da_new (UB_PROTOCOL_LEGACY, self->link, &error);
  g_assert_no_error (error);
  return TRUE;
}

static gboolean
session_start (Session *self)
{
  g_autoptr (GError) error = NULL;

  if (!session_open (self))
    return FALSE;
  g_assert_true (
      ub_da_start (self->da, &self->setup.setup, &self->report, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return TRUE;
}

static void
seek (Session *self, const char *text)
{
  g_assert_true (ub_link_replay_seek (UB_LINK_REPLAY (self->link), text));
}

static void
read_zeros (Session *self, UbRegion region, guint64 offset, guint64 length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_da_read (self->da,
                             region,
                             offset,
                             length,
                             test_sink_take,
                             bytes,
                             NULL,
                             NULL,
                             NULL,
                             &error));
  g_assert_no_error (error);
  g_assert_cmpuint (bytes->len, ==, length);
}

/* at the start of the first READ's area switch; leaves the user area selected */
static void
read_gpt (Session *self)
{
  seek (self, "SDMMC_SWITCH_PART");
  read_zeros (self, UB_REGION_EMMC_USER, 0, 0x4400);
}

static gboolean
write_content (Session      *self,
               guint8        seed,
               guint8        step,
               guint64       offset,
               guint64       length,
               GCancellable *cancellable,
               GError      **error)
{
  g_autofree TestSource *source = g_new0 (TestSource, 1);

  source->seed = seed;
  source->step = step;
  source->cancel_at_end = cancellable;
  source->end = length;
  return ub_da_write (self->da,
                      UB_REGION_EMMC_USER,
                      offset,
                      length,
                      test_source_give,
                      source,
                      NULL,
                      NULL,
                      cancellable,
                      error);
}

/* --- the facts --- */

/* hello, configuration, DRAM by list, DA2 with its length and a last answer for the rest, the
 * report, USB status */
static void
test_start (void)
{
  g_auto (Session) session = { 0 };

  if (!session_start (&session))
    return;
  g_assert_cmpint (session.report.storage, ==, UB_STORAGE_EMMC);
  g_assert_cmpuint (session.report.boot1_size, ==, 0x400000);
  g_assert_cmpuint (session.report.boot2_size, ==, 0x400000);
  g_assert_cmpuint (session.report.rpmb_size, ==, 0x400000);
  g_assert_cmpuint (session.report.user_size, ==, 0x4000000);
  g_assert_cmpmem (session.report.cid, 16, test_cid, 16);
  g_assert_cmpuint (session.report.random_id[0], ==, 0xe1);
  g_assert_cmpuint (session.report.random_id[15], ==, 0x0d);
  g_assert_cmpuint (session.report.ram_size, ==, 0xc0000000);
  g_assert_true (session.report.dram_by_us);
  g_assert_cmpstr (session.report.emi_origin, ==, "preloader_test.bin");
  g_assert_true (session.report.high_speed);
  g_assert_cmpuint (session.report.version_major, ==, 4);
  g_assert_cmpuint (session.report.version_minor, ==, 2);
  g_assert_cmpuint (ub_da_get_capacity (session.da, UB_REGION_EMMC_USER), ==, 0x4000000);
}

static void
test_start_after_jump (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_open (&session))
    return;
  seek (&session, "sync 0xC0");
  g_assert_true (ub_da_legacy_start_after_jump (UB_DA_LEGACY (session.da),
                                                &session.setup.setup,
                                                &session.report,
                                                NULL,
                                                NULL,
                                                NULL,
                                                &error));
  g_assert_no_error (error);
}

static void
test_read_areas (void)
{
  g_auto (Session) session = { 0 };

  if (!session_start (&session))
    return;
  read_gpt (&session);
  seek (&session, "SDMMC_SWITCH_PART");
  read_zeros (&session, UB_REGION_EMMC_BOOT1, 0, 0x800);
}

/* the agent would refuse these itself (BE0, BDC): nothing is sent */
static void
test_read_outside (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  guint line;

  if (!session_start (&session))
    return;
  line = ub_link_replay_get_line (UB_LINK_REPLAY (session.link));
  g_assert_true (ub_da_read (session.da,
                             UB_REGION_EMMC_USER,
                             0,
                             0,
                             test_sink_take,
                             NULL,
                             NULL,
                             NULL,
                             NULL,
                             &error));
  g_assert_no_error (error);
  g_assert_false (ub_da_read (session.da,
                              UB_REGION_EMMC_USER,
                              0x4100000,
                              0x200,
                              test_sink_take,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
  g_assert_cmpuint (ub_link_replay_get_line (UB_LINK_REPLAY (session.link)), ==, line);
}

/* what it says when it is asked all the same */
static void
test_read_refused (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  read_gpt (&session);
  seek (&session, "READ addr=0x4100000");
  g_assert_false (UB_DA_GET_CLASS (session.da)
                      ->read (session.da,
                              UB_REGION_EMMC_USER,
                              0x4100000,
                              0x200,
                              test_sink_take,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_STORAGE_READ);
  g_assert_nonnull (strstr (error->message, "3036 (DA_INVALID_BEGIN_ADDR)"));
}

/* the sums tell which content was written; 0x3000 bytes with e800, 2.5 MiB with 0000 */
static void
test_write (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  seek (&session, "SDMMC_WRITE_DATA addr=0x1400000 size=0x3000");
  g_assert_true (write_content (&session, 0, 1, 0x1400000, 0x3000, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (write_content (&session, 0, 0, 0x1400000, 0x280000, NULL, &error));
  g_assert_no_error (error);
}

/* A5 BF9: the same packet again, with one 5A in front */
static void
test_write_damaged_again (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  seek (&session, "wrong byte sum, then 0x5a");
  g_assert_true (write_content (&session, 0, 1, 0x1400000, 0x1000, NULL, &error));
  g_assert_no_error (error);
}

/* A5 BF9: 96 and nothing else brings the agent back into its loop */
static void
test_write_damaged_stop (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  seek (&session, "wrong byte sum, then 0x96");
  g_assert_false (write_content (&session, 0, 1, 0x1400000, 0x1000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  seek (&session, "FINISH");
  g_clear_error (&error);
  g_assert_true (ub_da_finish (session.da, UB_DA_FINISH_POWER_OFF, &error));
  g_assert_no_error (error);
}

/* the agent fills a last sector with old bytes: parts of sectors never leave us */
static void
test_write_part_of_sector (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  g_assert_false (write_content (&session, 0, 1, 0x1500000, 0x123, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_INTERNAL);
}

/* the agent spins for ever with packets of more than 8 MiB */
static void
test_write_packet_size (void)
{
  g_auto (Session) session = { 0 };

  if (!session_open (&session))
    return;
  g_assert_cmpuint (ub_da_get_packet_size (session.da), <=, 0x800000);
}

static void
test_erase (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  read_gpt (&session);
  seek (&session, "FORMAT addr=0x1400000 size=0x100000");
  g_assert_true (
      ub_da_erase (session.da, UB_REGION_EMMC_USER, 0x1400000, 0x100000, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* a refusal is followed by one more 5A, which the next command must not take for its own answer */
static void
check_erase_refused (const char *section, guint64 offset, guint64 length, const char *name)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  read_gpt (&session);
  seek (&session, section);
  g_assert_false (
      UB_DA_GET_CLASS (session.da)
          ->erase (session.da, UB_REGION_EMMC_USER, offset, length, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_STORAGE_ERASE);
  g_assert_nonnull (strstr (error->message, name));
  /* now a 5A is waiting; finishing throws it away and then hears its own */
  g_clear_error (&error);
  g_assert_true (UB_DA_LEGACY (session.da)->in_doubt);
}

static void
test_erase_off_grid (void)
{
  check_erase_refused ("FORMAT addr=0x1400001", 0x1400001, 0x200, "3036 (DA_INVALID_BEGIN_ADDR)");
}

static void
test_erase_outside (void)
{
  check_erase_refused ("FORMAT addr=0x4000000", 0x4000000, 0x100000, "3040 (DA_INVALID_RANGE)");
}

/* 06, then entries of 88 bytes; without a recorded content they are nameless */
static void
test_read_layout (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLayout) layout = NULL;

  if (!session_start (&session))
    return;
  seek (&session, "SDMMC_READ_PMT");
  layout = ub_da_read_layout (session.da, &error);
  g_assert_no_error (error);
  g_assert_cmpint (layout->kind, ==, UB_LAYOUT_GPT);
  g_assert_cmpuint (layout->entries->len, ==, 0);
}

static void
test_finish (void)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GError) error = NULL;

  if (!session_start (&session))
    return;
  seek (&session, "FINISH");
  g_assert_true (ub_da_finish (session.da, UB_DA_FINISH_POWER_OFF, &error));
  g_assert_no_error (error);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (session.link)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/replay/start", test_start);
  g_test_add_func ("/da/replay/start-after-jump", test_start_after_jump);
  g_test_add_func ("/da/replay/read-areas", test_read_areas);
  g_test_add_func ("/da/replay/read-outside", test_read_outside);
  g_test_add_func ("/da/replay/read-refused", test_read_refused);
  g_test_add_func ("/da/replay/write", test_write);
  g_test_add_func ("/da/replay/write-damaged-again", test_write_damaged_again);
  g_test_add_func ("/da/replay/write-damaged-stop", test_write_damaged_stop);
  g_test_add_func ("/da/replay/write-part-of-sector", test_write_part_of_sector);
  g_test_add_func ("/da/replay/write-packet-size", test_write_packet_size);
  g_test_add_func ("/da/replay/erase", test_erase);
  g_test_add_func ("/da/replay/erase-off-grid", test_erase_off_grid);
  g_test_add_func ("/da/replay/erase-outside", test_erase_outside);
  g_test_add_func ("/da/replay/read-layout", test_read_layout);
  g_test_add_func ("/da/replay/finish", test_finish);
  return g_test_run ();
}
