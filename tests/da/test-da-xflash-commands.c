/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* what XFLASH agents are asked for: what no recording shows */

#include "tests/da/test-xflash-talk.h"

/* --- writing --- */

static void
say_packet (GString *text, guint32 sum, gsize size, guint32 status, guint32 final)
{
  host32 (text, 0);
  host32 (text, sum);
  g_string_append_printf (text,
                          "H>D efeeeefe01000000%02x%02x%02x00\nH>D (%" G_GSIZE_FORMAT
                          " bytes, sha256 00)\n",
                          (guint) (size & 0xff),
                          (guint) (size >> 8 & 0xff),
                          (guint) (size >> 16),
                          size);
  phone32 (text, status);
  if (final != 1)
    phone32 (text, final);
}

static void
say_write (GString *text, guint64 offset, guint64 length, guint32 status)
{
  command (text, UB_DA_XFLASH_WRITE_DATA, 0);
  range (text, 1, 8, offset, length);
  phone32 (text, status);
}

/* answers the next command, so that a test sees that both are in step */
static void
say_battery (GString *text)
{
  control_get (text, UB_DA_XFLASH_GET_BATTERY_VOLTAGE, "0a0f0000");
}

static void
check_in_step (Session *self)
{
  UbDaHealth health;

  ub_da_read_health (self->da, &health);
  g_assert_cmpint (health.battery_mv, ==, 3850);
  g_assert_true (session_is_finished (self));
}

/* one send for each packet, however many messages it is */
static void
test_write_is_queued_together (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  guint sends;

  say_write (text, 0x1000, 0x3000, 0);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0, 0);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x3000);
  sends = self.cable->sends;
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0x1000));
  g_assert_no_error (self.error);
  g_assert_cmpuint (self.cable->sends - sends, ==, 2 + 3);
  g_assert_true (session_is_finished (&self));
}

/* the third of four is damaged twice: written anew from there, and no packet is asked for twice */
static void
test_write_damaged (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x4000, 0);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0xc0040003, 0xc0040003);
  say_write (text, 0x2000, 0x2000, 0);
  say_packet (text, 0xf800, 0x1000, 0xc0040003, 0xc0040003);
  say_write (text, 0x2000, 0x2000, 0);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0, 0);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 1, 0x4000);
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_no_error (self.error);
  g_assert_cmpuint (content.asked, ==, 4);
  g_assert_true (session_is_finished (&self));
}

static void
check_write_fails (GString *said, int code, const char *words, guint asked)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (said->str);

  say_battery (text);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, UB_ERROR, code);
  g_assert_nonnull (strstr (self.error->message, words));
  g_assert_cmpuint (content.asked, ==, asked);
  check_in_step (&self);
}

/* refused before a byte moved: the caller writes by name instead */
static void
test_write_refused (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x1000, 0xc002000c);
  check_write_fails (text, UB_ERROR_REFUSED, "0xc002000c (STATUS_SEC_WRITE_DATA_NOT_ALLOWED)", 0);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0xc00200ff);
  check_write_fails (text, UB_ERROR_REFUSED, "security policy", 0);
}

static void
test_write_failures (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0xc0040030, 0xc0040030);
  check_write_fails (text, UB_ERROR_STORAGE_WRITE, "0xc0040030 (STATUS_MMC_ERR)", 1);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0, 0xc0020007);
  check_write_fails (text, UB_ERROR_REFUSED, "signature", 1);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0, 0x40040001);
  check_write_fails (text, UB_ERROR_STORAGE_WRITE, "STATUS_SPARSE_INCOMPLETE", 1);
  g_string_truncate (text, 0);
  command (text, UB_DA_XFLASH_WRITE_DATA, 0xc0010003);
  check_write_fails (text, UB_ERROR_UNSUPPORTED, "STATUS_UNSUPPORT_CMD", 0);
}

/* somebody gives up after the first packet: our status where the second would begin */
static void
test_write_cancelled (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x2000, 0);
  say_packet (text, 0, 0x1000, 0, 1);
  command (text, 1, 1);
  say_battery (text);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x2000);
  content.cancel_after = self.cancellable;
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_in_step (&self);
}

/* what is no word of a policy is none, and the caller need not try another way */
static void
test_write_not_refused (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  command (text, UB_DA_XFLASH_WRITE_DATA, 0xc0010001);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_null (strstr (self.error->message, "policy"));
  g_assert_true (session_is_finished (&self));
}

/* a phone that does not take what it was sent: somebody who gave up does not wait for all of its time */
static void
test_write_cancelled_in_silence (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 begin;

  say_write (text, 0, 0x1000, 0);
  host32 (text, 0);
  host32 (text, 0);
  g_string_append (text, "H>D efeeeefe0100000000100000\nH>D (4096 bytes, sha256 00)\n");
  start_and (&self, text);
  begin = ub_link_now (UB_LINK (self.cable));
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  content.cancel_after = self.cancellable;
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (ub_link_now (UB_LINK (self.cable)) - begin, ==, 10 * G_USEC_PER_SEC);
  g_assert_true (self.xflash->in_doubt);
}

/* an agent that is late takes the farewell for our word on the next packet, and says so; then it is in its loop */
static void
test_write_late_and_finish (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x2000, 0);
  host32 (text, 0);
  host32 (text, 0);
  g_string_append (text, "H>D efeeeefe0100000000100000\nH>D (4096 bytes, sha256 00)\n");
  command (text, UB_DA_XFLASH_SHUTDOWN, UB_DA_XFLASH_SHUTDOWN);
  command (text, UB_DA_XFLASH_SHUTDOWN, 0);
  host (text, "010000000000000000000000000000000000000000000000");
  phone32 (text, 0);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x2000);
  content.cancel_after = self.cancellable;
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_clear_error (&self.error);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &self.error));
  g_assert_no_error (self.error);
  g_assert_true (session_is_finished (&self));
}

/* an agent that is dead is not told that the download is over, and waited for once more */
static void
test_download_silence (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  command (text, UB_DA_XFLASH_DOWNLOAD, 0);
  host (text, "6c6b");
  host (text, "0010000000000000");
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_name (&self, &content, "lk"));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_assert_true (session_is_finished (&self));
}

/* what begins like a sparse image is written as it is by range, and would be expanded by name */
static void
test_write_sparse_begin (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x200, 0);
  g_string_append (text, "H>D efeeeefe0100000004000000\nH>D 00000000\n");
  g_string_append (text, "H>D efeeeefe0100000004000000\nH>D (4 bytes, sha256 00)\n");
  g_string_append (text,
                   "H>D efeeeefe0100000000020000\nH>D (512 bytes, sha256 00)\nD>H "
                   "efeeeefe0100000004000000\nD>H 00000000\n");
  phone32 (text, 0);
  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  command (text, UB_DA_XFLASH_DOWNLOAD, 0);
  host (text, "7375706572");
  host (text, "0002000000000000");
  phone32 (text, 0);
  command (text, 1, 1);
  control_act (text, UB_DA_XFLASH_END_DL_INFO, 0);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x200);
  content.sparse = TRUE;
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_no_error (self.error);
  content.position = 0;
  g_assert_false (write_name (&self, &content, "super"));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_assert_true (session_is_finished (&self));
}

static void
say_download (GString *text, const char *name, const char *length, guint32 status)
{
  command (text, UB_DA_XFLASH_DOWNLOAD, 0);
  host (text, name);
  host (text, length);
  phone32 (text, status);
}

/* one packet's part is sent again as a whole; of longer ones the begin is gone */
static void
test_download_damaged (void)
{
  g_auto (Session) shorter = { 0 };
  g_auto (Session) longer = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  control_get (text, UB_DA_XFLASH_START_DL_INFO, NULL);
  say_download (text, "50475054", "0010000000000000", 0);
  say_packet (text, 0, 0x1000, 0xc0040003, 0xc0040003);
  say_download (text, "50475054", "0010000000000000", 0);
  say_packet (text, 0, 0x1000, 0, 0);
  control_get (text, UB_DA_XFLASH_END_DL_INFO, NULL);
  start_and (&shorter, text);
  g_auto (Content) short_content = CONTENT_INIT (&shorter, 0, 0x1000);
  g_assert_true (write_name (&shorter, &short_content, "PGPT"));
  g_assert_no_error (shorter.error);
  g_assert_true (session_is_finished (&shorter));

  g_string_truncate (text, 0);
  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  say_download (text, "50475054", "0020000000000000", 0);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0xc0040003, 0xc0040003);
  control_act (text, UB_DA_XFLASH_END_DL_INFO, 0);
  start_and (&longer, text);
  longer.xflash->write_packet = 0x1000;
  g_auto (Content) long_content = CONTENT_INIT (&longer, 0, 0x2000);
  g_assert_false (write_name (&longer, &long_content, "PGPT"));
  g_assert_error (longer.error, UB_ERROR, UB_ERROR_CHECKSUM);
  g_assert_true (session_is_finished (&longer));
}

/* a name takes a file as long as it is, with the sum of an odd number of bytes */
static void
test_download_odd_length (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  say_download (text, "6c6b", "0110000000000000", 0);
  say_packet (text, 0xff, 0x1001, 0, 0);
  control_act (text, UB_DA_XFLASH_END_DL_INFO, 0);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1001);
  g_assert_true (write_name (&self, &content, "lk"));
  g_assert_no_error (self.error);
  g_assert_true (session_is_finished (&self));
}

static void
test_names_of_ours (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = g_strnfill (65, 'a');

  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_name (&self, &content, ""));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_INTERNAL);
  g_clear_error (&self.error);
  g_assert_false (write_name (&self, &content, name));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_INTERNAL);
  g_assert_true (session_is_finished (&self));
}

/* --- reading --- */

static void
say_chunk (GString *text, gsize size, gsize ack)
{
  phone32 (text, 0);
  g_string_append_printf (text,
                          "D>H efeeeefe01000000%02x%02x%02x00\nD>H (%" G_GSIZE_FORMAT
                          " bytes, sha256 00)\n",
                          (guint) (size & 0xff),
                          (guint) (size >> 8 & 0xff),
                          (guint) (size >> 16),
                          size);
  host32 (text, (guint32) ack);
}

static void
say_read (GString *text, guint32 section, guint64 offset, guint64 length)
{
  command (text, UB_DA_XFLASH_READ_DATA, 0);
  range (text, 1, section, offset, length);
  phone32 (text, 0);
}

/* 16 MiB and a rest: two commands; packets of whatever size the agent likes */
static void
test_read_in_pieces (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0x200, 0x1000000);
  for (guint i = 0; i < 8; i++)
    say_chunk (text, 0x200000, 0);
  phone32 (text, 0);
  say_read (text, 8, 0x1000200, 0x400);
  say_chunk (text, 0x100, 0);
  say_chunk (text, 0x300, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0x200, 0x1000400), ==, 0x1000400);
  g_assert_true (session_is_finished (&self));
}

static gboolean
refuse_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "full");
  return FALSE;
}

/* nobody wants the rest: it is taken, and the next command is in step */
static void
test_read_unwanted (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x600);
  for (guint i = 0; i < 3; i++)
    say_chunk (text, 0x200, 0);
  phone32 (text, 0);
  say_battery (text);
  start_and (&self, text);
  g_assert_false (ub_da_read (self.da,
                              UB_REGION_EMMC_USER,
                              0,
                              0x600,
                              refuse_bytes,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_NO_SPACE);
  check_in_step (&self);
}

static void
check_read_fails (const char *said, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x400);
  g_string_append (text, said);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x400), ==, G_MAXSIZE);
  g_assert_error (self.error, UB_ERROR, code);
}

#define ZERO "D>H efeeeefe0100000004000000\nD>H 00000000\n"

static void
test_read_hostile (void)
{
  g_autoptr (GString) failing = g_string_new (NULL);

  phone32 (failing, 0xc0040030);
  check_read_fails (failing->str, UB_ERROR_STORAGE_READ);
  check_read_fails (ZERO "D>H efeeeefe0100000000000000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0100000001040000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe01000000ffffffff\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0200000001000100\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0300000004000000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H 3c3f786d6c2076657273696f\n", UB_ERROR_PROTOCOL);
  check_read_fails ("D>H efeeeefe0100000002000000\nD>H 0000\n", UB_ERROR_PROTOCOL);
  check_read_fails ("D>H efeeeefe0100000041000000\n", UB_ERROR_PROTOCOL);
  check_read_fails ("", UB_ERROR_LINK_TIMEOUT);
  check_read_fails (ZERO, UB_ERROR_LINK_TIMEOUT);
}

/* a status may be longer than it has to */
static void
test_long_status (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  host32 (text, UB_DA_XFLASH_READ_DATA);
  phone (text, "0000000012345678");
  range (text, 1, 8, 0, 0x200);
  phone32 (text, 0);
  say_chunk (text, 0x200, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200), ==, 0x200);
}

/* what was late is thrown away before the next command */
static void
test_late_answers (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x200);
  phone32 (text, 0xc0040030);
  phone32 (text, 0xc0040030);
  say_battery (text);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200), ==, G_MAXSIZE);
  check_in_step (&self);
}

static void
say_erase (GString *text, guint64 offset, guint64 length, guint32 status)
{
  command (text, UB_DA_XFLASH_FORMAT, 0);
  range (text, 1, 8, offset, length);
  phone32 (text, status);
}

/* log, ticks: nothing goes on for ever */
static void
check_babble (const guint8 *data, gsize size, gboolean erase, const char *words)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean ok;

  if (erase)
    say_erase (text, 0, 0x200, 0);
  start_and (&self, text);
  self.cable->babble = TRUE;
  self.cable->babble_data = data;
  self.cable->babble_size = size;
  ok = erase ? ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 0x200, NULL, NULL, NULL, &self.error)
             : read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200) != G_MAXSIZE;
  g_assert_false (ok);
  g_assert_error (self.error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (self.error->message, words));
}

static void
test_endless (void)
{
  static const guint8 log[] = { 0xef, 0xee, 0xee, 0xfe, 2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 tick[] = { 0xef, 0xee, 0xee, 0xfe, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 4, 0x40 };

  check_babble (log, sizeof log, FALSE, "log messages");
  check_babble (tick, sizeof tick, TRUE, "steps");
}

/* --- erasing --- */

static void
say_tick (GString *text, guint32 percent)
{
  phone32 (text, 0x40040004);
  phone32 (text, percent);
  host32 (text, 0);
}

static void
note_progress (guint64 done, guint64 total, gpointer user_data)
{
  GArray *steps = user_data;

  g_assert_cmpuint (done, <=, total);
  g_array_append_val (steps, done);
}

static void
test_erase (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (guint64));

  /* the place between the two is whole for every storage */
  say_erase (text, 0x200, 0x0ffffe00, 0);
  say_tick (text, 50);
  say_tick (text, 0xffffffff);
  phone32 (text, 0x40040005);
  say_erase (text, 0x10000000, 0x400, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_true (UB_DA_GET_CLASS (self.da)->erase (self.da,
                                                   UB_REGION_EMMC_USER,
                                                   0x200,
                                                   0x10000200,
                                                   note_progress,
                                                   steps,
                                                   NULL,
                                                   &self.error));
  g_assert_no_error (self.error);
  g_assert_cmpuint (g_array_index (steps, guint64, 0), ==, 0x0ffffe00 / 100 * 50);
  g_assert_cmpuint (g_array_index (steps, guint64, steps->len - 1), ==, 0x10000200);
  g_assert_true (session_is_finished (&self));
}

static void
check_erase_fails (GString *said, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (said->str);

  say_battery (text);
  start_and (&self, text);
  g_assert_false (
      ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 0x200, NULL, NULL, NULL, &self.error));
  g_assert_error (self.error, UB_ERROR, code);
  check_in_step (&self);
}

static void
check_late_word (GString *said)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (said->str);
  g_autoptr (GBytes) bytes = NULL;

  start_and (&self, text);
  g_assert_false (
      ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 0x200, NULL, NULL, NULL, &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_REFUSED);
  g_clear_error (&self.error);
  bytes = ub_da_xflash_control_get (self.xflash, UB_DA_XFLASH_GET_DA_VERSION, "?", &self.error);
  g_assert_no_error (self.error);
  g_assert_nonnull (bytes);
  g_assert_true (session_is_finished (&self));
}

static void
test_erase_fails (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_erase (text, 0, 0x200, 0xc002000d);
  check_erase_fails (text, UB_ERROR_REFUSED);
  g_string_truncate (text, 0);
  say_erase (text, 0, 0x200, 0xc002000d);
  say_tick (text, 100);
  phone32 (text, 0x40040005);
  check_erase_fails (text, UB_ERROR_REFUSED);
  g_string_truncate (text, 0);
  /* it says so after we have waited for it, and the next command hears it */
  say_erase (text, 0, 0x200, 0xc002000d);
  host32 (text, UB_DA_XFLASH_DEVICE_CTRL);
  phone32 (text, 0x40040005);
  phone32 (text, 0);
  command (text, UB_DA_XFLASH_GET_DA_VERSION, 0);
  phone (text, "312e30");
  phone32 (text, 0);
  check_late_word (text);
  g_string_truncate (text, 0);
  say_erase (text, 0, 0x200, 0);
  say_tick (text, 10);
  phone32 (text, 0xc0040060);
  check_erase_fails (text, UB_ERROR_STORAGE_ERASE);
  g_string_truncate (text, 0);
  /* no failure, and no end either: the agent has begun anew */
  say_erase (text, 0, 0x200, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
  check_erase_fails (text, UB_ERROR_STORAGE_ERASE);
}

/* --- health and farewell --- */

static void
check_wear (const char *life, guint32 status, int a, int b, int eol)
{
  Phone what = OPEN_PHONE;
  g_auto (Session) self = { 0 };
  g_autofree char *emmc = g_strdup_printf (EMMC_OF (USER_64M, "%s"), life);
  g_autoptr (GString) text = g_string_new (NULL);
  UbDaHealth health;

  what.emmc = emmc;
  say_start (text, &what);
  /* no battery: data, and then a status that says they are worth nothing */
  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, UB_DA_XFLASH_GET_BATTERY_VOLTAGE, 0);
  phone (text, "0a0f0000");
  phone32 (text, 0xc0040001);
  if (status != 1)
    control_act (text, UB_DA_XFLASH_LIFE_CYCLE_CHECK, status);
  start (&self, text);
  ub_da_read_health (self.da, &health);
  g_assert_cmpint (health.battery_mv, ==, -1);
  g_assert_cmpint (health.life_time_a, ==, a);
  g_assert_cmpint (health.life_time_b, ==, b);
  g_assert_cmpint (health.pre_eol, ==, eol);
  g_assert_true (session_is_finished (&self));
}

static void
test_health (void)
{
  check_wear ("010203", 1, 2, 3, 1);
  check_wear ("03000c", 1, -1, -1, 3);
  check_wear ("000b00", 0, 11, -1, 1);
  check_wear ("000000", 0xc003001c, -1, -1, 2);
  check_wear ("ff0000", 0xc003001d, -1, -1, 3);
  check_wear ("000000", 0xc0040001, -1, -1, -1);
}

static void
test_finish_refused (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  command (text, UB_DA_XFLASH_SHUTDOWN, 0);
  host (text, "01000000" Z16 Z4);
  phone32 (text, 0xc0010001);
  start_and (&self, text);
  g_assert_false (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_REFUSED);
}

/* --- words --- */

static void
test_statuses (void)
{
  g_assert_cmpint (ub_da_xflash_status_error (0xc0040004, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_IMAGE_TOO_BIG);
  g_assert_cmpint (ub_da_xflash_status_error (0xc0020005, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_REFUSED);
  g_assert_cmpint (ub_da_xflash_status_error (0xc0020042, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_NEEDS_AUTH);
  g_assert_cmpint (ub_da_xflash_status_error (0x12345678, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_STORAGE_WRITE);
  g_assert_cmpstr (ub_da_xflash_status_name (0x12345678), ==, "unknown");
  g_assert_false (ub_da_xflash_status_is_failure (0x40040005));
  g_assert_true (ub_da_xflash_status_is_failure (1));
}

static void
test_checksum (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5, 0xff };
  g_autofree guint8  *many = g_malloc (0x10001);
  g_auto (Session) self = { 0 };

  session_open (&self, "", DA2_SIZE);
  memset (many, 0xff, 0x10001);
  g_assert_cmphex (ub_da_checksum (self.da, data, 6), ==, 0x10e);
  g_assert_cmphex (ub_da_checksum (self.da, data, 5), ==, 0x10e);
  /* never more than 16 bits: the agent compares 32 */
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x10000), ==, 0);
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x10001), ==, 0x1fe);
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x101), ==, 0xfe);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xflash/write-is-queued-together", test_write_is_queued_together);
  g_test_add_func ("/xflash/write-damaged", test_write_damaged);
  g_test_add_func ("/xflash/write-refused", test_write_refused);
  g_test_add_func ("/xflash/write-failures", test_write_failures);
  g_test_add_func ("/xflash/write-cancelled", test_write_cancelled);
  g_test_add_func ("/xflash/write-sparse-begin", test_write_sparse_begin);
  g_test_add_func ("/xflash/download-damaged", test_download_damaged);
  g_test_add_func ("/xflash/download-odd-length", test_download_odd_length);
  g_test_add_func ("/xflash/names-of-ours", test_names_of_ours);
  g_test_add_func ("/xflash/read-in-pieces", test_read_in_pieces);
  g_test_add_func ("/xflash/read-unwanted", test_read_unwanted);
  g_test_add_func ("/xflash/read-hostile", test_read_hostile);
  g_test_add_func ("/xflash/long-status", test_long_status);
  g_test_add_func ("/xflash/late-answers", test_late_answers);
  g_test_add_func ("/xflash/endless", test_endless);
  g_test_add_func ("/xflash/write-not-refused", test_write_not_refused);
  g_test_add_func ("/xflash/write-cancelled-in-silence", test_write_cancelled_in_silence);
  g_test_add_func ("/xflash/write-late-and-finish", test_write_late_and_finish);
  g_test_add_func ("/xflash/download-silence", test_download_silence);
  g_test_add_func ("/xflash/erase", test_erase);
  g_test_add_func ("/xflash/erase-fails", test_erase_fails);
  g_test_add_func ("/xflash/health", test_health);
  g_test_add_func ("/xflash/finish-refused", test_finish_refused);
  g_test_add_func ("/xflash/statuses", test_statuses);
  g_test_add_func ("/xflash/checksum", test_checksum);
  return g_test_run ();
}
