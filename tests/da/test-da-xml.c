/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* XML agents: what genuine ones do that a host must respect (shared/protocol/genuine-agents.md §4, §5.2), and what no
 * genuine one does. Conversations made up by us from shared/protocol/xflash-and-xml.md §4; the recorded ones are in
 * test-replay-xml.c */

#include "tests/da/test-xml-400.h"

#include <glib/gstdio.h>

/* --- the bus --- */

/* a header never shares its transfer: the agent would lose what comes with it */
static void
test_header_apart (void)
{
  g_auto (Talk) talk = { 0 };
  gboolean ok;

  talk_open (&talk, START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 D ("OK@0x0") END_OK);
  ok = talk_write (&talk, 0x1000, 0x400);
  talk_check (&talk, ok);
  g_assert_cmpuint (talk.wire->pieces->len, >, 10);
  g_assert_cmpuint (talk.wire->pieces->len % 2, ==, 0);
  for (guint i = 0; i < talk.wire->pieces->len; i++)
    {
      const guint size = g_array_index (talk.wire->pieces, guint, i);

      g_assert_true (i % 2 == 0 ? size == 12 : size != 12);
    }
}

/* one read is not one message */
static void
test_answers_in_crumbs (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START READ_400 BRING_400 END_OK);
  talk.wire->crumbs = TRUE;
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  g_assert_cmpuint (talk.taken->len, ==, 0x400);
}

#define LOG "D>H =efeeeefe020000000a000000010000006d6d635f6f6b\n"

/* log messages may come between any two others */
static void
test_log_anywhere (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             LOG START LOG READ_400 LOG LOG D_UPLOAD (NAME_400, "0x10000") H ("OK")
                 LOG D ("OK@0x400") H ("OK") LOG D ("OK@0x0") H ("OK") LOG BLOCK ("D>H", 1024)
                     H ("OK") LOG                                          END_OK);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  g_assert_cmpuint (talk.taken->len, ==, 0x400);
}

/* --- the dispatcher --- */

static void
test_requests_in_any_order (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 PROGRESS SIZE_400 PROGRESS SIZE_400 FETCH_400 DATA_400 D ("OK@0x0")
                 PROGRESS                                                           END_OK);
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400));
}

/* DA1 and small files say OK, partition data OK@0x0 */
static void
test_packet_taken_either_way (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 D ("OK") END_OK);
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400));
}

/* nothing is said behind the last packet: one OK too many, and every later command is off by one */
static void
test_nothing_after_last_packet (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 D ("OK@0x0")
                 END_OK START READ_400 BRING_400                  END_OK);
  g_assert_true (talk_write (&talk, 0x1000, 0x400));
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

/* an agent that wants less than our packets gets pieces with sums of their own */
static void
test_small_packets (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 SIZE_400 PROGRESS D_DOWNLOAD (NAME_400, "512") H ("OK") H ("OK@0x400")
                 D ("OK") H ("OK@0x3fc04080") D ("OK") BLOCK ("H>D", 512) D ("OK@0x0")
                     H ("OK@0x3fc04080") D ("OK") BLOCK ("H>D", 512) D ("OK@0x0") END_OK);
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400));
  g_assert_cmpuint (talk.content.calls, ==, 1);
}

/* packets of no length would never end */
static void
test_packets_of_nothing (void)
{
  static const char *const lengths[] = { "0", "0x0", "-1", "1", "99999999999999999999", "x" };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_auto (Talk) talk = { 0 };
      g_autofree char *request =
          g_strdup_printf (START WRITE_400 SIZE_400 PROGRESS D_DOWNLOAD (NAME_400, "%s") H ("ERR")
                               END ("ERR", "Host notice error."),
                           lengths[i]);

      talk_open (&talk, request);
      talk_check_failed (&talk,
                         talk_write (&talk, 0x1000, 0x400),
                         UB_ERROR_PROTOCOL,
                         "length of packets");
    }
}

/* --- this computer's files --- */

#define FILE_QUESTION(key, path)                                                                   \
  D_REQUEST ("FILE-SYS-OPERATION", "<key>" key "</key><file_path>%1$s" path "</file_path>")

/* whatever the phone asks, no file of this computer is looked at or touched */
static void
test_files_are_safe (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *folder = g_dir_make_tmp ("ub-xml-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "mine", NULL);
  g_autofree char *made = g_build_filename (folder, "made", NULL);
  g_autofree char *conversation =
      g_strdup_printf (START WRITE_400 FILE_QUESTION ("REMOVE", "/mine") H ("OK") H ("OK@0x0")
                           FILE_QUESTION ("REMOVE-ALL", "") H ("OK") H ("OK@0x0")
                               FILE_QUESTION ("MKDIR", "/made") H ("OK") H ("OK@0x0")
                                   FILE_QUESTION ("EXISTS", "/mine") H ("OK") H ("OK@NOT-EXISTS")
                                       FILE_QUESTION ("FILE-SIZE", "/mine") H ("OK") H ("OK@0x0")
                                           FILE_QUESTION ("EXECUTE", "/mine") H ("OK") H ("OK@0x0")
                                               FILE_QUESTION ("EXISTS", "/../../etc/passwd")
                                                   H ("OK") H ("OK@NOT-EXISTS")
                                                       END ("ERR", "enough"),
                       folder);

  g_assert_true (g_file_set_contents (path, "mine", 4, NULL));
  talk_open (&talk, conversation);
  talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_STORAGE_WRITE, "enough");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (made, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* the one name that there is, while it is */
static void
test_files_of_ours (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 D_REQUEST ("FILE-SYS-OPERATION",
                                        "<key>EXISTS</key><file_path>" NAME_400 "</file_path>")
                 H ("OK") H ("OK@EXISTS") SIZE_400 FETCH_400 DATA_400 D ("OK@0x0")
                     ASK_SIZE (NAME_400) H ("OK") H ("OK@0x0") END_OK);
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400));
}

/* what we did not offer is not given, and what we did not ask for not taken */
static void
test_other_names (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 D_DOWNLOAD ("/etc/passwd", "0x200000") H ("ERR")
                 END ("ERR", "Host notice error.")
                     START WRITE_400 D_UPLOAD ("/etc/passwd", "0x10000") H ("ERR") END ("ERR", "no")
                         START READ_400 D_UPLOAD ("/etc/passwd", "0x10000") H ("ERR") D ("ERR")
                             END ("ERR", "no more"));
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_STORAGE_WRITE);
  talk.content.position = 0;
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_STORAGE_WRITE);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                     UB_ERROR_STORAGE_READ,
                     "no more");
  g_assert_cmpuint (talk.taken->len, ==, 0);
}

/* the same data are given once */
static void
test_twice (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 FETCH_400 DATA_400 D ("OK@0x0") D_DOWNLOAD (NAME_400, "0x200000")
                 H ("ERR") END ("ERR", "twice"));
  talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_STORAGE_WRITE, "twice");
}

static void
test_unknown_request (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 D_REQUEST ("MAKE-COFFEE", "<key>now</key>") H ("ERR!UNSUPPORTED")
                 END ("ERR", "no coffee") START READ_400 BRING_400 END_OK);
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_STORAGE_WRITE);
  g_assert_nonnull (strstr (talk.error->message, "no coffee"));
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

/* --- END --- */

/* a later END repeats an old message: only the result counts */
static void
test_end_message_is_stale (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START READ_400               END ("ERR", "Security deny for [lk].\\r\\n")
                 START READ_400 BRING_400 END ("OK", "Security deny for [lk].\\r\\n"));
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_REFUSED);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

/* an unknown command is followed by an END, too, and costs nothing */
static void
test_unsupported_then_end (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START                                    H_COMMAND ("READ-FLASH",
                              "<partition>EMMC-USER</partition><target_file>" NAME_400
                              "</target_file><offset>0x1000</offset><length>0x400</length>")
                 UNSUPPORTED START READ_400 BRING_400 END_OK);
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_UNSUPPORTED);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

/* MT6886: after an error the agent is gone. That is found out by the next command, once, and in bounded time */
static void
test_gone_after_error (void)
{
  g_auto (Talk) talk = { 0 };
  gint64 time;

  talk_open (&talk, START READ_400 END ("ERR", "no"));
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  time = ub_link_now (talk.replay);
  g_assert_cmpint (time, ==, 0);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                     UB_ERROR_LINK_TIMEOUT,
                     "did not go on after the error before");
  time = ub_link_now (talk.replay);
  g_assert_cmpint (time, <=, 10 * G_USEC_PER_SEC);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                     UB_ERROR_LINK_TIMEOUT,
                     "broke off before");
  g_assert_cmpint (ub_link_now (talk.replay), ==, time);
}

static void
test_end_words (void)
{
  static const struct
  {
    const char *message;
    int         code;
    const char *words;
  } ends[] = {
    { "Security deny for [lk].", UB_ERROR_REFUSED, "\"Security deny for [lk].\"" },
    { "Erase [x] is not allowed.", UB_ERROR_REFUSED, "is not allowed" },
    { "Server is not authenticated. Locked.", UB_ERROR_NEEDS_AUTH, "Locked." },
    { "Host file size[1] is larger than max partition available size[0]",
      UB_ERROR_IMAGE_TOO_BIG,
      "available" },
    { "Required XML node path not found. Check command string.", UB_ERROR_INTERNAL, "node" },
    { "a < b && c\\xe9 <result>OK</result>\\r\\n\\x01\\x1b[31m",
      UB_ERROR_STORAGE_WRITE,
      "\"a < b && c? <result>OK</result> ??[31m\"" },
    { "", UB_ERROR_STORAGE_WRITE, "\"\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_auto (Talk) talk = { 0 };
      g_autofree char *conversation =
          g_strdup_printf (START WRITE_400 END ("ERR", "%s"), ends[i].message);

      talk_open (&talk, conversation);
      talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), ends[i].code, ends[i].words);
    }
}

/* an agent that is content without having asked for anything has done nothing */
static void
test_end_too_early (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 SIZE_400 PROGRESS END_OK START WRITE_400 ANNOUNCE_400 END_OK START
                 READ_400 D_UPLOAD (NAME_400, "0x200") H ("OK") D ("OK@0x400") H ("OK") D ("OK@0x0")
                     H ("OK") BLOCK ("D>H", 512) H ("OK") END_OK);
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_PROTOCOL);
  talk.content.position = 0;
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_PROTOCOL);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                     UB_ERROR_PROTOCOL,
                     "without bringing all data");
}

/* --- what is not begun --- */

static gboolean
give_sparse (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 sparse[0x400] = { 0x3a, 0xff, 0x26, 0xed };

  *packet = (UbDaPacket){ sparse, size, 0 };
  return TRUE;
}

/* the agent would expand it, by range as by name. Nothing is said, for it erases first */
static void
test_begins_like_sparse (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, "");
  g_assert_false (talk.klass->write (talk.da,
                                     UB_REGION_EMMC_USER,
                                     0x1000,
                                     0x400,
                                     give_sparse,
                                     NULL,
                                     NULL,
                                     NULL,
                                     NULL,
                                     &talk.error));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_clear_error (&talk.error);
  g_assert_false (
      talk.klass
          ->write_part (talk.da, "boot", 0x400, give_sparse, NULL, NULL, NULL, NULL, &talk.error));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_assert_cmpuint (talk.wire->pieces->len, ==, 0);
}

static void
test_no_such_area (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, "");
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_RPMB, 0, 0x200));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

/* names are escaped */
static void
test_name_is_escaped (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START H_COMMAND ("WRITE-PARTITION",
                              "<partition>a&amp;&lt;b&gt;</partition>"
                              "<source_file>a&amp;&lt;b&gt;.img</source_file>"
                              "<pre_erase>NO</pre_erase>") D ("OK")
                 D_DOWNLOAD ("a&amp;&lt;b&gt;.img", "0x200000") H ("OK") H ("OK@0x400") D ("OK")
                     H ("OK@" SUM_400) D ("OK") DATA_400 D ("OK@0x0") END_OK);
  talk_check (&talk, talk_write_part (&talk, "a&<b>", 0x400));
}

/* --- giving up --- */

/* any word but OK where a packet is announced: the agent ends the command */
static void
test_cancel_write (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_BIG ("MEM://0x0:0x400000", "0x1000")
                 D_DOWNLOAD ("MEM://0x0:0x400000", "0x200000") H ("OK") H ("OK@0x400000") D ("OK")
                     H ("OK@0x0") D ("OK") BLOCK ("H>D", 2097152) D ("OK@0x0") H ("ERR!CANCEL")
                         END ("ERR", "Host notice error or user canceled.")
                             START READ_400 BRING_400 END_OK);
  talk.content.seed = talk.content.step = 0;
  talk.content.cancel_call = 1;
  g_assert_false (talk_write (&talk, 0x1000, 0x400000));
  g_assert_error (talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_cancellable_reset (talk.cancellable);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

static void
test_cancel_before (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, "");
  g_cancellable_cancel (talk.cancellable);
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  g_assert_error (talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (talk.wire->pieces->len, ==, 0);
}

static gboolean
fail_later (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  TestContent *content = user_data;

  content->fail = content->calls > 0;
  return test_content_give (content, size, packet, error);
}

/* the file is gone in the middle: the agent is told, and the error is the file's */
static void
test_source_fails (void)
{
  g_auto (Talk) talk = { 0 };
  gboolean ok;

  talk_open (&talk,
             START WRITE_BIG ("MEM://0x0:0x400000", "0x1000")
                 D_DOWNLOAD ("MEM://0x0:0x400000", "0x200000") H ("OK") H ("OK@0x400000") D ("OK")
                     H ("OK@0x0") D ("OK") BLOCK ("H>D", 2097152) D ("OK@0x0") H ("ERR!CANCEL")
                         END ("ERR", "user canceled"));
  talk.content.seed = talk.content.step = 0;
  ok = talk.klass->write (talk.da,
                          UB_REGION_EMMC_USER,
                          0x1000,
                          0x400000,
                          fail_later,
                          &talk.content,
                          NULL,
                          NULL,
                          NULL,
                          &talk.error);
  talk_check_failed (&talk, ok, UB_ERROR_FILE_READ, "the file is gone");
}

static gboolean
take_and_cancel (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_cancellable_cancel (user_data);
  return TRUE;
}

static gboolean
take_nothing (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "the disk is full");
  return FALSE;
}

#define TWO_PACKETS                                                                                \
  START READ_400 D_UPLOAD (NAME_400, "0x200") H ("OK") D ("OK@0x400") H ("OK") D ("OK@0x0")        \
      H ("OK") BLOCK ("D>H", 512) H ("OK") D ("OK@0x0") H ("OK") BLOCK ("D>H", 512) H ("OK")       \
          END_OK

/* there is no way back into the loop but to take what is left of the piece */
static void
test_give_up_reading (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, TWO_PACKETS TWO_PACKETS START READ_400 BRING_400 END_OK);
  g_assert_false (talk.klass->read (talk.da,
                                    UB_REGION_EMMC_USER,
                                    0x1000,
                                    0x400,
                                    take_and_cancel,
                                    talk.cancellable,
                                    NULL,
                                    NULL,
                                    talk.cancellable,
                                    &talk.error));
  g_assert_error (talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&talk.error);
  g_cancellable_reset (talk.cancellable);
  g_assert_false (talk.klass->read (talk.da,
                                    UB_REGION_EMMC_USER,
                                    0x1000,
                                    0x400,
                                    take_nothing,
                                    NULL,
                                    NULL,
                                    NULL,
                                    NULL,
                                    &talk.error));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_NO_SPACE);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
}

/* --- pieces --- */

static void
add_read_piece (GString *text, guint64 offset, guint64 length)
{
  g_string_append_printf (text,
                          START H_COMMAND ("READ-FLASH",
                                           "<partition>UFS-LUA2</partition><target_file>"
                                           "MEM://0x0:0x%1$lx</target_file>"
                                           "<offset>0x%2$lx</offset><length>0x%1$lx</length>")
                              D ("OK") D_UPLOAD ("MEM://0x0:0x%1$lx", "0x200000") H ("OK")
                                  D ("OK@0x%1$lx") H ("OK"),
                          length,
                          offset);
  for (guint64 done = 0; done < length; done += MIN (length - done, 0x200000))
    g_string_append_printf (text,
                            D ("OK@0x0") H ("OK") "D>H (%lu bytes, sha256 -)\n" H ("OK"),
                            MIN (length - done, 0x200000));
  g_string_append (text, END_OK);
}

/* so that somebody who says stop is heard */
static void
test_read_pieces (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  add_read_piece (text, 0x1000, 0x2000000);
  add_read_piece (text, 0x2001000, 0x301000);
  talk_open (&talk, text->str);
  talk_check (&talk, talk_read (&talk, UB_REGION_UFS_LU2, 0x1000, 0x2301000));
  g_assert_cmpuint (talk.taken->len, ==, 0x2301000);
  g_assert_cmpuint (talk.told, ==, 0x2301000);
}

#define ERASE(offset, length)                                                                      \
  START H_COMMAND ("ERASE-FLASH",                                                                  \
                   "<partition>EMMC-USER</partition><offset>" offset "</offset><length>" length    \
                   "</length>") D ("OK")

static void
test_erase_pieces (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             ERASE ("0x200", "0xffffe00") PROGRESS END_OK ERASE ("0x10000000", "0x1200")
                 D_REQUEST ("PROGRESS-REPORT", "<message>x</message>") H ("OK") D ("OK!EOT")
                     H ("OK") END_OK);
  talk_check (&talk, talk_erase (&talk, 0x200, 0x10001000));
  g_assert_cmpuint (talk.told, ==, 0x10001000);
}

/* --- end --- */

static void
test_finish_disconnect (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START H_COMMAND ("REBOOT", "<action>DISCONNECT</action>") D ("OK") END_OK);
  talk_check (&talk, talk_finish (&talk, UB_DA_FINISH_POWER_OFF));
}

/* a phone that has gone before its last word has done what it was told; one that was gone before has not */
static void
test_finish_gone (void)
{
  g_auto (Talk) talk = { 0 };
  g_auto (Talk) late = { 0 };

  talk_open (&talk, START H_COMMAND ("REBOOT", "<action>IMMEDIATE</action>") D ("OK"));
  talk.wire->lost_at = 5;
  talk_check (&talk, talk_finish (&talk, UB_DA_FINISH_REBOOT));
  talk_open (&late, "");
  late.wire->lost_at = 1;
  g_assert_false (talk_finish (&late, UB_DA_FINISH_REBOOT));
  g_assert_error (late.error, UB_ERROR, UB_ERROR_LINK_LOST);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/xml/header-apart", test_header_apart);
  g_test_add_func ("/da/xml/answers-in-crumbs", test_answers_in_crumbs);
  g_test_add_func ("/da/xml/log-anywhere", test_log_anywhere);
  g_test_add_func ("/da/xml/requests-in-any-order", test_requests_in_any_order);
  g_test_add_func ("/da/xml/packet-taken-either-way", test_packet_taken_either_way);
  g_test_add_func ("/da/xml/nothing-after-last-packet", test_nothing_after_last_packet);
  g_test_add_func ("/da/xml/small-packets", test_small_packets);
  g_test_add_func ("/da/xml/packets-of-nothing", test_packets_of_nothing);
  g_test_add_func ("/da/xml/files-are-safe", test_files_are_safe);
  g_test_add_func ("/da/xml/files-of-ours", test_files_of_ours);
  g_test_add_func ("/da/xml/other-names", test_other_names);
  g_test_add_func ("/da/xml/twice", test_twice);
  g_test_add_func ("/da/xml/unknown-request", test_unknown_request);
  g_test_add_func ("/da/xml/end-message-is-stale", test_end_message_is_stale);
  g_test_add_func ("/da/xml/unsupported-then-end", test_unsupported_then_end);
  g_test_add_func ("/da/xml/gone-after-error", test_gone_after_error);
  g_test_add_func ("/da/xml/end-words", test_end_words);
  g_test_add_func ("/da/xml/end-too-early", test_end_too_early);
  g_test_add_func ("/da/xml/begins-like-sparse", test_begins_like_sparse);
  g_test_add_func ("/da/xml/no-such-area", test_no_such_area);
  g_test_add_func ("/da/xml/name-is-escaped", test_name_is_escaped);
  g_test_add_func ("/da/xml/cancel-write", test_cancel_write);
  g_test_add_func ("/da/xml/cancel-before", test_cancel_before);
  g_test_add_func ("/da/xml/source-fails", test_source_fails);
  g_test_add_func ("/da/xml/give-up-reading", test_give_up_reading);
  g_test_add_func ("/da/xml/read-pieces", test_read_pieces);
  g_test_add_func ("/da/xml/erase-pieces", test_erase_pieces);
  g_test_add_func ("/da/xml/finish-disconnect", test_finish_disconnect);
  g_test_add_func ("/da/xml/finish-gone", test_finish_gone);
  return g_test_run ();
}
