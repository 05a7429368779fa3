/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* Our host code against the recorded conversation of a genuine MT6765 agent (shared/protocol/transcripts/xflash_mt6765_stage1.txt,
 * facts: genuine-agents.md §4 and §5.1). The recording's host asked in another order and for more than we do, so each test is put
 * together of its exchanges, byte for byte. Where its choices differ from ours they are changed here, openly: log level 2 instead of 0;
 * Windows instead of Linux (its long packets are tested with a conversation of our own); checksum level 1 instead of 3; a sum that was wrong on purpose is a packet that arrived damaged; the words of SHUTDOWN */

#include "tests/da/test-xflash.h"

#define DA2_SIZE 0x4721c
#define EMI_SIZE 272

static char *
load (const char *name)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "../shared",
                                            "protocol",
                                            "transcripts",
                                            name,
                                            NULL);
  char *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    return text;
  g_test_skip ("no recording");
  return NULL;
}

static char *
replace (char *text, const char *recorded, const char *ours)
{
  g_autoptr (GString) string = g_string_new (text);

  g_free (text);
  g_assert_cmpuint (g_string_replace (string, recorded, ours, 0), >, 0);
  return g_string_free (g_steal_pointer (&string), FALSE);
}

static guint
find_line (char **lines, const char *what, guint nth)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], what) != NULL && --nth == 0)
      return i;
  g_error ("the recording has no %s", what);
}

static char *
join_lines (char **lines, guint first, guint end)
{
  GString *text = g_string_new (NULL);

  for (guint i = first; i < end; i++)
    g_string_append_printf (text, "%s\n", lines[i]);
  return g_string_free (text, FALSE);
}

/* the @nth exchange on a sub-code, from DEVICE_CTRL to its last status */
static char *
control (char **lines, const char *name, guint nth)
{
  g_autofree char *what = g_strconcat ("CTRL 0x", name, NULL);
  const guint      first = find_line (lines, what, nth);

  for (guint i = first + 1; lines[i] != NULL; i++)
    if (strstr (lines[i], "; final status") != NULL ||
        (strstr (lines[i], "; status of CTRL code") != NULL &&
         !g_str_has_prefix (lines[i], "D>H 00000000")))
      return join_lines (lines, first - 5, i + 1);
  g_assert_not_reached ();
}

/* the @nth operation with such a heading, up to the next heading or question */
static char *
operation (char **lines, const char *heading, guint nth)
{
  guint first = find_line (lines, heading, nth);

  g_assert_cmpint (lines[first][0], ==, '#');
  for (guint i = first + 1;; i++)
    {
      if (lines[i] == NULL || lines[i][0] == '#')
        return join_lines (lines, first, i);
      if (strstr (lines[i], "DEVICE_CTRL") != NULL)
        return join_lines (lines, first, i - 1);
    }
}

/* "DA1 starts" has a second heading in its middle */
static char *
hello (char **lines)
{
  char *text = join_lines (lines, 0, find_line (lines, "# GET_EXPIRE_DATE", 1));

  return replace (text,
                  "H>D 0000000001000000010000000000000000000000   ; log level",
                  "H>D 0200000001000000000000000000000000000000   ; log level");
}

static void
add_control (GString *text, char **lines, const char *name, guint nth)
{
  g_autofree char *piece = control (lines, name, nth);

  g_string_append (text, piece);
}

/* up to where DA2 is to be loaded; @emi: what happens to our memory settings */
static void
add_first (GString *text, char **lines, const char *emi)
{
  g_autofree char *begin = hello (lines);
  g_autofree char *level = replace (control (lines, "20003", 1),
                                    "H>D 03000000   ; parameter",
                                    "H>D 01000000   ; parameter");

  g_string_append (text, begin);
  add_control (text, lines, "20004", 1);
  add_control (text, lines, "20002", 1);
  g_string_append (text, level);
  add_control (text, lines, "4000a", 1);
  add_control (text, lines, "40001", 1);
  add_control (text, lines, "40004", 1);
  g_string_append (text, emi);
  add_control (text, lines, "4000b", 1);
}

static void
add_second (GString *text, char **lines)
{
  static const struct
  {
    const char *name;
    guint       nth;
  } questions[] = {
    { "40016", 1 }, { "40001", 2 }, { "40004", 2 }, { "4000c", 2 },
    { "40008", 1 }, { "40005", 2 }, { "40007", 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    add_control (text, lines, questions[i].name, questions[i].nth);
}

static void
add_operation (GString *text, char **lines, const char *heading, guint nth)
{
  g_autofree char *piece = operation (lines, heading, nth);

  g_string_append (text, piece);
}

/* the whole start of a phone in boot ROM mode */
static void
add_start (GString *text, char **lines)
{
  g_autofree char *emi = operation (lines, "# INIT_EXT_RAM, MTK_BLOADER_INFO_v35", 1);

  add_first (text, lines, emi);
  add_operation (text, lines, "# BOOT_TO", 2);
  add_operation (text, lines, "# first message of DA2", 1);
  add_second (text, lines);
}

static void
open_with_emi (Session *session, const char *text)
{
  session_open (session, text, DA2_SIZE);
  g_ptr_array_add (session->setup.emis, xflash_emi_new ("ours", 1, 0, EMI_SIZE));
}

typedef struct
{
  char   **lines;
  GString *text;
  Session  session;
} Replay;

static void
replay_clear (Replay *self)
{
  session_clear (&self->session);
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_strfreev (self->lines);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Replay, replay_clear)

/* FALSE: the recording is not here */
static gboolean
replay_load (Replay *self)
{
  g_autofree char *recorded = load ("xflash_mt6765_stage1.txt");

  *self = (Replay){ 0 };
  if (recorded == NULL)
    return FALSE;
  self->lines = g_strsplit (recorded, "\n", -1);
  self->text = g_string_new (NULL);
  return TRUE;
}

/* a start, and then what is in @text already */
static void
replay_start (Replay *self)
{
  g_autoptr (GString) all = g_string_new (NULL);

  add_start (all, self->lines);
  g_string_append (all, self->text->str);
  open_with_emi (&self->session, all->str);
  session_start (&self->session);
  g_assert_no_error (self->session.error);
  g_assert_true (self->session.started);
}

/* --- the facts --- */

/* hello without an answer to SYNC; two commands without a status of their own; what only DA1 knows is told before BOOT_TO; what DA2
 * does not know (40016) is no trouble; DA2 without its signature */
static void
test_start (void)
{
  g_auto (Replay) self = { 0 };
  const UbDaReport *report = &self.session.report;

  if (!replay_load (&self))
    return;
  replay_start (&self);
  g_assert_true (session_is_finished (&self.session));
  g_assert_cmpint (report->storage, ==, UB_STORAGE_EMMC);
  g_assert_cmpuint (report->boot1_size, ==, 0x400000);
  g_assert_cmpuint (report->boot2_size, ==, 0x400000);
  g_assert_cmpuint (report->rpmb_size, ==, 0x400000);
  g_assert_cmpuint (report->user_size, ==, 0x4000000);
  g_assert_cmpuint (report->sector_size, ==, 512);
  g_assert_cmpmem (report->cid, 16, test_cid, 16);
  g_assert_true (report->cid_is_unique);
  g_assert_cmpmem (report->memory_id, 16, test_cid, 16);
  g_assert_cmpuint (report->random_id[0], ==, 0xa0);
  g_assert_cmpuint (report->random_id[15], ==, 0xaf);
  g_assert_cmpuint (report->ram_size, ==, 0x40000000);
  g_assert_true (report->dram_by_us);
  g_assert_cmpstr (report->emi_origin, ==, "ours");
  g_assert_true (report->high_speed);
  g_assert_cmpuint (report->version_major, ==, 1);
  g_assert_cmpuint (report->version_minor, ==, 0);
  g_assert_cmpstr (report->agent, ==, "1.0");
  g_assert_false (report->login_done);
  g_assert_cmpuint (ub_da_get_packet_size (self.session.da), ==, 0x200000);
}

static void
test_start_after_jump (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_start (self.text, self.lines);
  open_with_emi (&self.session, self.text->str);
  g_assert_true (
      ub_link_replay_seek (UB_LINK_REPLAY (self.session.cable->inner), "first byte\n# DA1"));
  g_assert_true (ub_da_xflash_start_after_jump (self.session.xflash,
                                                &self.session.setup.setup,
                                                &self.session.report,
                                                NULL,
                                                NULL,
                                                NULL,
                                                &self.session.error));
  g_assert_no_error (self.session.error);
}

/* every answer of up to 12 bytes byte by byte, empty packets behind pieces that are a multiple of 512, also in the middle of a block;
 * cable_send() sees to it that no header shares its transfer */
static void
check_nasty_cable (const char *heading, UbRegion region, guint64 offset, guint64 length)
{
  g_auto (Replay) self = { 0 };
  g_autoptr (GString) all = NULL;

  if (!replay_load (&self))
    return;
  all = g_string_new (NULL);
  add_start (all, self.lines);
  add_operation (all, self.lines, heading, 1);
  open_with_emi (&self.session, all->str);
  self.session.cable->chop = TRUE;
  session_start (&self.session);
  g_assert_no_error (self.session.error);
  g_assert_cmpuint (read_raw (&self.session, region, offset, length), ==, length);
  g_assert_no_error (self.session.error);
  g_assert_true (session_is_finished (&self.session));
}

static void
test_answers_in_one_byte_packets (void)
{
  check_nasty_cable ("# READ_DATA storage=0x1 section=1", UB_REGION_EMMC_BOOT1, 0, 0x800);
}

static void
test_empty_packet_in_mid_block (void)
{
  check_nasty_cable ("# READ_DATA storage=0x1 section=8 addr=0x200 size=0x21234",
                     UB_REGION_EMMC_USER,
                     0x200,
                     0x21234);
}

static void
check_read (const char *heading, guint nth, UbRegion region, guint64 offset, guint64 length)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, heading, nth);
  replay_start (&self);
  g_assert_cmpuint (read_raw (&self.session, region, offset, length), ==, length);
  g_assert_no_error (self.session.error);
  g_assert_true (session_is_finished (&self.session));
}

static void
test_read (void)
{
  check_read ("# READ_DATA storage=0x1 section=8 addr=0x0 size=0x4400",
              2,
              UB_REGION_EMMC_USER,
              0,
              0x4400);
  check_read ("# READ_DATA storage=0x1 section=1 addr=0x0", 1, UB_REGION_EMMC_BOOT1, 0, 0x800);
  check_read ("# READ_DATA storage=0x1 section=8 addr=0x123", 1, UB_REGION_EMMC_USER, 0x123, 0x77);
}

/* a "no" leaves both in step: the next read is answered */
static void
test_read_refused (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=8 addr=0x4000000", 1);
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=1 addr=0x0", 1);
  replay_start (&self);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_USER, 0x4000000, 0x200), ==, G_MAXSIZE);
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
  g_assert_nonnull (
      strstr (self.session.error->message, "0xc004000b (STATUS_EXCEED_AVALIABLE_RANGE)"));
  g_clear_error (&self.session.error);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_BOOT1, 0, 0x800), ==, 0x800);
  g_assert_true (session_is_finished (&self.session));
}

/* what agents answer to wrong storages and sections; we never ask */
static void
test_read_outside_is_never_asked (void)
{
  g_auto (Replay) self = { 0 };
  guint line;

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=9", 1);
  replay_start (&self);
  line = session_line (&self.session);
  g_assert_false (ub_da_read (self.session.da,
                              UB_REGION_EMMC_USER,
                              0x4000000,
                              0x200,
                              test_sink_take,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &self.session.error));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
  g_clear_error (&self.session.error);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_GP1, 0, 0x200), ==, G_MAXSIZE);
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_UNSUPPORTED);
  g_assert_cmpuint (session_line (&self.session), ==, line);
}

static void
check_write (const char *heading, guint nth, guint32 packet, guint64 length, guint8 step, int last)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, heading, nth);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, step, length);
  content.last = last;
  self.session.xflash->write_packet = packet;
  g_assert_true (write_raw (&self.session, &content, UB_REGION_EMMC_USER, 0x1400000));
  g_assert_no_error (self.session.error);
  g_assert_true (session_is_finished (&self.session));
}

/* the sums tell which content was written; all in packets of the agent's own length, or smaller */
static void
test_write (void)
{
  check_write ("addr=0x1400000 size=0x3000 packet=0x200000 {}", 1, 0x200000, 0x3000, 1, -1);
  check_write ("addr=0x1400000 size=0x500000", 1, 0x200000, 0x500000, 0, -1);
  check_write ("size=0x3000 packet=0x1000 {}", 1, 0x1000, 0x3000, 1, -1);
}

/* sum of bytes plus 0xFF where their number is odd: the agent took f902 for a sum of f803 */
static void
test_odd_length_checksum (void)
{
  check_write ("addr=0x1400000 size=0x1001 packet=0x200000 {}", 1, 0x200000, 0x1001, 1, 3);
}

/* what was recorded with a wrong sum is a packet that was damaged: status and final status are taken, then all is written anew from
 * this packet on */
static void
test_checksum_error_is_written_again (void)
{
  g_auto (Replay) self = { 0 };
  g_autofree char *damaged = NULL;

  if (!replay_load (&self))
    return;
  damaged = operation (self.lines, "size=0x3000 packet=0x200000 {'checksum'", 1);
  damaged = replace (damaged, "H>D 34120000   ; checksum", "H>D 00e80000   ; arrived damaged");
  g_string_append (self.text, damaged);
  add_operation (self.text, self.lines, "addr=0x1400000 size=0x3000 packet=0x200000 {}", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 1, 0x3000);
  g_assert_true (write_raw (&self.session, &content, UB_REGION_EMMC_USER, 0x1400000));
  g_assert_no_error (self.session.error);
  g_assert_cmpuint (content.asked, ==, 1);
  g_assert_true (session_is_finished (&self.session));
}

/* a failed packet has its status and the final one: after eight of them the next command is in step */
static void
test_final_status_after_failed_packet (void)
{
  g_auto (Replay) self = { 0 };
  g_autofree char *damaged = NULL;

  if (!replay_load (&self))
    return;
  damaged = operation (self.lines, "size=0x3000 packet=0x200000 {'checksum'", 1);
  damaged = replace (damaged, "H>D 34120000   ; checksum", "H>D 00e80000   ; arrived damaged");
  for (guint i = 0; i < 8; i++)
    g_string_append (self.text, damaged);
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=1 addr=0x0", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 1, 0x3000);
  g_assert_false (write_raw (&self.session, &content, UB_REGION_EMMC_USER, 0x1400000));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_CHECKSUM);
  g_assert_nonnull (strstr (self.session.error->message, "0xc0040003 (STATUS_CHECKSUM_ERR)"));
  g_clear_error (&self.session.error);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_BOOT1, 0, 0x800), ==, 0x800);
  g_assert_true (session_is_finished (&self.session));
}

/* our status before a packet: the final status repeats it, and the agent is back in its loop */
static void
test_host_aborts (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "{'host_status': 1}", 1);
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=1 addr=0x0", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 1, 0x3000);
  content.fail_at = 1;
  g_assert_false (write_raw (&self.session, &content, UB_REGION_EMMC_USER, 0x1400000));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_FILE_READ);
  g_clear_error (&self.session.error);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_BOOT1, 0, 0x800), ==, 0x800);
  g_assert_true (session_is_finished (&self.session));
}

/* with its brackets, name, u64 size, one status */
static void
add_download (Replay *self, const char *heading, guint nth)
{
  add_control (self->text, self->lines, "80001", 1);
  add_operation (self->text, self->lines, heading, nth);
  add_control (self->text, self->lines, "80002", 1);
}

static void
test_download (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_download (&self, "# DOWNLOAD 'lk' size=0x3000", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 1, 0x3000);
  g_assert_true (write_name (&self.session, &content, "lk"));
  g_assert_no_error (self.session.error);
  g_assert_true (session_is_finished (&self.session));
}

static void
test_download_unknown_name (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_download (&self, "# DOWNLOAD 'nosuch'", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 1, 0x3000);
  g_assert_false (write_name (&self.session, &content, "nosuch"));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_WRONG_LAYOUT);
  g_assert_nonnull (strstr (self.session.error->message, "0xc0040006 (STATUS_PARTITON_NOT_FOUND)"));
  g_assert_cmpuint (content.asked, ==, 0);
  g_assert_true (session_is_finished (&self.session));
}

/* packets of too big an image are taken one and all; only the last word says that it did not fit */
static void
test_oversize_is_told_at_the_end (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_download (&self, "# DOWNLOAD 'lk' size=0x100200", 1);
  replay_start (&self);
  g_auto (Content) content = CONTENT_INIT (&self.session, 0, 0x100200);
  g_assert_false (write_name (&self.session, &content, "lk"));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_IMAGE_TOO_BIG);
  g_assert_true (session_is_finished (&self.session));
}

/* … so what does not fit is not begun, where we know */
static void
test_oversize_is_checked_before (void)
{
  static const struct
  {
    const char *name;
    guint64     length;
  } parts[] = {
    { "PGPT", 0x8200 },        { "SGPT", 0x4400 },
    { "preloader", 0x400200 }, { "preloader_backup", 0x400200 },
    { "lk", 0x4000200 },
  };
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  replay_start (&self);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_auto (Content) content = CONTENT_INIT (&self.session, 0, parts[i].length);

      g_assert_false (write_name (&self.session, &content, parts[i].name));
      g_assert_true (g_error_matches (self.session.error, UB_ERROR, UB_ERROR_IMAGE_TOO_BIG) ||
                     g_error_matches (self.session.error, UB_ERROR, UB_ERROR_WRONG_STORAGE));
      g_clear_error (&self.session.error);
      g_assert_cmpuint (content.asked, ==, 0);
    }
  g_assert_true (session_is_finished (&self.session));
}

/* the agent would say nothing at all: no command of ours is UPLOAD */
static void
test_upload_unknown_name_is_never_sent (void)
{
  g_auto (Replay) self = { 0 };
  guint line;

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# UPLOAD 'nosuch'", 1);
  replay_start (&self);
  line = session_line (&self.session);
  g_assert_null (ub_da_read_layout (self.session.da, &self.session.error));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_UNSUPPORTED);
  g_assert_cmpuint (session_line (&self.session), ==, line);
}

static void
note_progress (guint64 done, guint64 total, gpointer user_data)
{
  *(guint64 *) user_data = done;
}

static void
test_format (void)
{
  g_auto (Replay) self = { 0 };
  guint64 done = 0;

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# FORMAT storage=0x1 section=8 addr=0x1400000", 1);
  replay_start (&self);
  g_assert_true (ub_da_erase (self.session.da,
                              UB_REGION_EMMC_USER,
                              0x1400000,
                              0x400000,
                              note_progress,
                              &done,
                              NULL,
                              &self.session.error));
  g_assert_no_error (self.session.error);
  g_assert_cmpuint (done, ==, 0x400000);
  g_assert_true (session_is_finished (&self.session));
}

/* the agent would say no and erase all the same */
static void
test_format_past_end_is_never_sent (void)
{
  g_auto (Replay) self = { 0 };
  guint line;

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# FORMAT storage=0x1 section=8 addr=0x3fff000", 1);
  replay_start (&self);
  line = session_line (&self.session);
  g_assert_false (ub_da_erase (self.session.da,
                               UB_REGION_EMMC_USER,
                               0x3fff000,
                               0x400000,
                               NULL,
                               NULL,
                               NULL,
                               &self.session.error));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
  g_assert_cmpuint (session_line (&self.session), ==, line);
}

/* whatever it says no to, it goes on as if it had said yes: its steps are heard to the end, and the next command is in step */
static void
test_format_refused_goes_on (void)
{
  g_auto (Replay) self = { 0 };

  if (!replay_load (&self))
    return;
  add_operation (self.text, self.lines, "# FORMAT storage=0x1 section=8 addr=0x3fff000", 1);
  add_operation (self.text, self.lines, "# READ_DATA storage=0x1 section=1 addr=0x0", 1);
  replay_start (&self);
  g_assert_false (UB_DA_GET_CLASS (self.session.da)
                      ->erase (self.session.da,
                               UB_REGION_EMMC_USER,
                               0x3fff000,
                               0x400000,
                               NULL,
                               NULL,
                               NULL,
                               &self.session.error));
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_WRONG_STORAGE);
  g_clear_error (&self.session.error);
  g_assert_cmpuint (read_raw (&self.session, UB_REGION_EMMC_BOOT1, 0, 0x800), ==, 0x800);
  g_assert_true (session_is_finished (&self.session));
}

/* settings of a version it does not know: the next ones */
static void
test_emi_version (void)
{
  g_auto (Replay) self = { 0 };
  g_autofree char *wrong = NULL;
  g_autofree char *right = NULL;
  g_autofree char *emi = NULL;

  if (!replay_load (&self))
    return;
  wrong = operation (self.lines, "# INIT_EXT_RAM, MTK_BLOADER_INFO_v27", 1);
  right = operation (self.lines, "# INIT_EXT_RAM, MTK_BLOADER_INFO_v35", 1);
  emi = g_strconcat (wrong, right, NULL);
  add_first (self.text, self.lines, emi);
  add_operation (self.text, self.lines, "# BOOT_TO", 2);
  add_operation (self.text, self.lines, "# first message of DA2", 1);
  add_second (self.text, self.lines);
  session_open (&self.session, self.text->str, DA2_SIZE);
  g_ptr_array_add (self.session.setup.emis, xflash_emi_new ("old", 1, 0, EMI_SIZE));
  g_ptr_array_add (self.session.setup.emis, xflash_emi_new ("new", 1, 0, EMI_SIZE));
  session_start (&self.session);
  g_assert_no_error (self.session.error);
  g_assert_cmpstr (self.session.report.emi_origin, ==, "new");
}

/* DA1 knows its DA2's hash */
static void
test_second_part_changed (void)
{
  g_auto (Replay) self = { 0 };
  g_autofree char *emi = NULL;

  if (!replay_load (&self))
    return;
  emi = operation (self.lines, "# INIT_EXT_RAM, MTK_BLOADER_INFO_v35", 1);
  add_first (self.text, self.lines, emi);
  add_operation (self.text, self.lines, "# BOOT_TO", 1);
  open_with_emi (&self.session, self.text->str);
  session_start (&self.session);
  g_assert_error (self.session.error, UB_ERROR, UB_ERROR_BAD_AGENT);
  g_assert_nonnull (strstr (self.session.error->message, "0xc0070004 (STATUS_DA_HASH_MISMATCH)"));
}

/* DA1 can read: the phone's own settings come first */
static GBytes *own_block;

static UbEmi *
find_own (UbDaBootReader read, gpointer reader_data, guint64 size, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (size, ==, 0x400000);
  own_block = read (0, 0x4400, reader_data, &error);
  g_assert_no_error (error);
  return xflash_emi_new ("the phone's own", 1, 1, EMI_SIZE);
}

static void
test_first_part_reads (void)
{
  g_auto (Replay) self = { 0 };
  g_autofree char *read = NULL;
  g_autofree char *right = NULL;
  g_autofree char *emi = NULL;

  if (!replay_load (&self))
    return;
  /* it read the user area; we want the first boot area */
  read = operation (self.lines, "# READ_DATA storage=0x1 section=8 addr=0x0 size=0x4400", 1);
  read = replace (read, "H>D 0100000008000000", "H>D 0100000001000000");
  /* a WRITE_DATA without a heading follows */
  *strstr (read, "H>D efeeeefe0100000004000000   ; header len=0x4\nH>D 04000100") = '\0';
  right = operation (self.lines, "# INIT_EXT_RAM, MTK_BLOADER_INFO_v35", 1);
  emi = g_strconcat (read, right, NULL);
  add_first (self.text, self.lines, emi);
  add_operation (self.text, self.lines, "# BOOT_TO", 2);
  add_operation (self.text, self.lines, "# first message of DA2", 1);
  add_second (self.text, self.lines);
  open_with_emi (&self.session, self.text->str);
  self.session.setup.setup.find_emi = find_own;
  session_start (&self.session);
  g_assert_no_error (self.session.error);
  g_assert_cmpstr (self.session.report.emi_origin, ==, "the phone's own");
  g_assert_cmpuint (g_bytes_get_size (own_block), ==, 0x4400);
  g_clear_pointer (&own_block, g_bytes_unref);
}

/* another recording: log on USB before the first message, between statuses, before data, and after our acknowledgement */
static void
test_log_frames_anywhere (void)
{
  g_autofree char *text = load ("mt6765-xflash-20200518-usblog.txt");
  g_auto (Session) session = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  guint32 status = 0;

  if (text == NULL)
    return;
  session_open (&session, text, DA2_SIZE);
  ub_link_replay_seek (UB_LINK_REPLAY (session.cable->inner), "header type=2");
  session.cable->chop = TRUE;
  session.xflash->storage = 1;
  g_assert_true (ub_da_xflash_control_receive_status (session.xflash,
                                                      &status,
                                                      UB_DA_XFLASH_TIMEOUT_MS,
                                                      session.cancellable,
                                                      &session.error));
  g_assert_cmphex (status, ==, UB_DA_XFLASH_SYNC);
  bytes =
      ub_da_xflash_control_get (session.xflash, UB_DA_XFLASH_GET_EMMC_INFO, "eMMC", &session.error);
  g_assert_no_error (session.error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 104);
  g_assert_cmpuint (read_raw (&session, UB_REGION_EMMC_USER, 0, 0x4400), ==, 0x4400);
  g_assert_no_error (session.error);
  g_assert_true (session_is_finished (&session));
}

/* 0x18 bytes; eight words leave the flags unread and nothing reboots */
static void
check_shutdown (const char *name, const char *recorded, UbDaFinish how)
{
  g_autofree char *text = load (name);
  g_auto (Session) session = { 0 };

  if (text == NULL)
    return;
  if (recorded != NULL)
    text = replace (text, recorded, "H>D 010000000000000000000000000000000000000000000000");
  session_open (&session, text, DA2_SIZE);
  ub_link_replay_seek (UB_LINK_REPLAY (session.cable->inner), "header len=0x4");
  g_assert_true (ub_da_finish (session.da, how, &session.error));
  g_assert_no_error (session.error);
  g_assert_true (session_is_finished (&session));
}

static void
test_shutdown_0x18 (void)
{
  check_shutdown ("xflash_mt6765_shutdown_6words_0000.txt", NULL, UB_DA_FINISH_POWER_OFF);
  check_shutdown ("xflash_mt6765_shutdown_6words_1211.txt",
                  "H>D 010000006400000001000000020000000100000001000000",
                  UB_DA_FINISH_REBOOT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xflash/start", test_start);
  g_test_add_func ("/xflash/start-after-jump", test_start_after_jump);
  g_test_add_func ("/xflash/answers-in-one-byte-packets", test_answers_in_one_byte_packets);
  g_test_add_func ("/xflash/empty-packet-in-mid-block", test_empty_packet_in_mid_block);
  g_test_add_func ("/xflash/read", test_read);
  g_test_add_func ("/xflash/read-refused", test_read_refused);
  g_test_add_func ("/xflash/read-outside-is-never-asked", test_read_outside_is_never_asked);
  g_test_add_func ("/xflash/write", test_write);
  g_test_add_func ("/xflash/odd-length-checksum", test_odd_length_checksum);
  g_test_add_func ("/xflash/checksum-error-is-written-again", test_checksum_error_is_written_again);
  g_test_add_func ("/xflash/final-status-after-failed-packet",
                   test_final_status_after_failed_packet);
  g_test_add_func ("/xflash/host-aborts", test_host_aborts);
  g_test_add_func ("/xflash/download", test_download);
  g_test_add_func ("/xflash/download-unknown-name", test_download_unknown_name);
  g_test_add_func ("/xflash/oversize-is-told-at-the-end", test_oversize_is_told_at_the_end);
  g_test_add_func ("/xflash/oversize-is-checked-before", test_oversize_is_checked_before);
  g_test_add_func ("/xflash/upload-unknown-name-is-never-sent",
                   test_upload_unknown_name_is_never_sent);
  g_test_add_func ("/xflash/format", test_format);
  g_test_add_func ("/xflash/format-past-end-is-never-sent", test_format_past_end_is_never_sent);
  g_test_add_func ("/xflash/format-refused-goes-on", test_format_refused_goes_on);
  g_test_add_func ("/xflash/emi-version", test_emi_version);
  g_test_add_func ("/xflash/second-part-changed", test_second_part_changed);
  g_test_add_func ("/xflash/first-part-reads", test_first_part_reads);
  g_test_add_func ("/xflash/log-frames-anywhere", test_log_frames_anywhere);
  g_test_add_func ("/xflash/shutdown-0x18", test_shutdown_0x18);
  return g_test_run ();
}
