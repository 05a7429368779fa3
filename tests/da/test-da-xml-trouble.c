/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* XML agents that are wrong, or silent, or hear something else than was said */

#include "tests/da/test-xml-400.h"

#include "base/ub-error.h"

/* --- damaged on the way --- */

#define DAMAGED FETCH_400 DATA_400 END ("ERR", "")

static void
test_damaged_again_and_again (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 8; i++)
    g_string_append (text, START WRITE_400 SIZE_400 PROGRESS DAMAGED);
  talk_open (&talk, text->str);
  talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_CHECKSUM, "damaged");
  g_assert_cmpuint (talk.content.calls, ==, 1);
}

/* "ERR" and then END; and the message of an error before */
static void
test_damaged_in_other_words (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START READ_400                             END ("ERR", "Cannot find [x].")
                 START WRITE_400 FETCH_400 DATA_400     END ("ERR", "Cannot find [x].")
                     START WRITE_400 FETCH_400 DATA_400 D ("ERR") END ("ERR", "USB Checksum error")
                         START WRITE_400 FETCH_400 DATA_400 D ("OK@0x0")
                             END ("OK", "USB Checksum error"));
  g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400));
}

/* damage is what there is to tell of an agent that was gone after it */
static void
test_damaged_and_gone (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START WRITE_400 SIZE_400 PROGRESS DAMAGED);
  talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_CHECKSUM, "damaged");
  talk_check_failed (&talk,
                     talk_finish (&talk, UB_DA_FINISH_REBOOT),
                     UB_ERROR_LINK_TIMEOUT,
                     "broke off before");
}

/* a phone that does not take what it was sent: somebody who gave up does not wait for all of its time */
static void
test_cancel_in_silence (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400);
  talk.content.cancel_call = 1;
  g_assert_false (talk_write (&talk, 0x1000, 0x400));
  g_assert_error (talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (ub_link_now (talk.replay), ==, 10 * G_USEC_PER_SEC);
}

/* words that are new are about something else */
static void
test_not_damaged (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk, START WRITE_400 FETCH_400 DATA_400 END ("ERR", "Write EMMC failed."));
  talk_check_failed (&talk,
                     talk_write (&talk, 0x1000, 0x400),
                     UB_ERROR_STORAGE_WRITE,
                     "Write EMMC failed.");
}

/* the second packet: what is written stays, the next command begins with it */
static void
test_damaged_in_the_middle (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_BIG ("MEM://0x0:0x400000", "0x1000")
                 D_DOWNLOAD ("MEM://0x0:0x400000", "0x200000") H ("OK") H ("OK@0x400000") D ("OK")
                     H ("OK@0x0") D ("OK") BLOCK ("H>D", 2097152) D ("OK@0x0") H ("OK@0x0") D ("OK")
                         BLOCK ("H>D", 2097152) END ("ERR", "")
                             START WRITE_BIG ("MEM://0x0:0x200000", "0x201000")
                                 ASK_SIZE ("MEM://0x0:0x200000") H ("OK") H ("OK@0x200000")
                                     D_DOWNLOAD ("MEM://0x0:0x200000", "0x200000") H ("OK")
                                         H ("OK@0x200000") D ("OK") H ("OK@0x0") D ("OK")
                                             BLOCK ("H>D", 2097152) D ("OK@0x0") END_OK);
  talk.content.seed = talk.content.step = 0;
  talk_check (&talk, talk_write (&talk, 0x1000, 0x400000));
  g_assert_cmpuint (talk.content.calls, ==, 2);
  g_assert_cmpuint (talk.told, ==, 0x400000);
}

/* by name there is no beginning in the middle */
static void
test_damaged_by_name (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START H_COMMAND ("WRITE-PARTITION",
                              "<partition>boot</partition><source_file>boot.img</source_file>"
                              "<pre_erase>NO</pre_erase>") D ("OK")
                 D_DOWNLOAD ("boot.img", "0x200000") H ("OK") H ("OK@0x400000") D ("OK")
                     H ("OK@0x0") D ("OK") BLOCK ("H>D", 2097152) D ("OK@0x0") H ("OK@0x0") D ("OK")
                         BLOCK ("H>D", 2097152) END ("ERR", ""));
  talk.content.seed = talk.content.step = 0;
  talk_check_failed (&talk,
                     talk_write_part (&talk, "boot", 0x400000),
                     UB_ERROR_CHECKSUM,
                     "0x200000 arrived damaged");
}

/* --- lies and silence --- */

/* the phone says other lengths than were asked for */
static void
test_read_lies (void)
{
  static const char *const lies[] = {
    D_UPLOAD (NAME_400, "0x10000") H ("OK") D ("OK@0x400") H ("OK") D ("OK@0x0")
        H ("OK") "D>H =efeeeefe0100000001040000\n",
    D_UPLOAD (NAME_400, "0x200") H ("OK") D ("OK@0x400") H ("OK") D ("OK@0x0")
        H ("OK") "D>H =efeeeefe0100000001020000\n",
    D_UPLOAD (NAME_400, "0x10000") H ("OK") D ("OK@0x400") H ("OK") D ("OK@0x0")
        H ("OK") "D>H =efeeeefe0100000000000000\n",
    "D>H =efeeeefe01000000ffffffff\n",
    "D>H =c0ffeec0ffeec0ffeec0ffee\n",
    D ("OK"),
    D ("<not xml"),
    D (XML_HOST "START</command></host>"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_auto (Talk) talk = { 0 };
      g_autofree char *conversation = g_strconcat (START READ_400, lies[i], NULL);

      talk_open (&talk, conversation);
      talk_check_failed (&talk,
                         talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                         UB_ERROR_PROTOCOL,
                         "read");
      g_assert_cmpuint (talk.taken->len, ==, 0);
      /* nobody knows where the conversation stands: nothing more is said */
      talk_check_failed (&talk,
                         talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400),
                         UB_ERROR_PROTOCOL,
                         "broke off before");
    }
}

/* a length that was not asked for is not taken, and the agent is back in its loop */
static void
test_read_other_length (void)
{
  static const char *const lies[] = {
    "OK@0x401",
    "OK@0xffffffffffffffff",
    "OK@-1",
    "OK",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_auto (Talk) talk = { 0 };
      g_autofree char *conversation =
          g_strconcat (START READ_400 D_UPLOAD (NAME_400, "0x10000") H ("OK") "D>H '",
                       lies[i],
                       "\\x00'\n" H ("ERR!CANCEL") END ("ERR", "user canceled")
                           START READ_400 BRING_400 END_OK,
                       NULL);

      talk_open (&talk, conversation);
      g_assert_false (talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
      g_assert_error (talk.error, UB_ERROR, UB_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (talk.error->message, "bytes are coming"));
      g_assert_cmpuint (talk.taken->len, ==, 0);
      talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x1000, 0x400));
    }
}

/* wherever the phone has to say something */
static void
test_silence (void)
{
  static const char *const conversations[] = {
    "",
    START                    WRITE_400,
    START WRITE_400          SIZE_400,
    START WRITE_400          D_REQUEST ("PROGRESS-REPORT", "<message>x</message>") H ("OK"),
    START WRITE_400 SIZE_400 PROGRESS,
    START WRITE_400 SIZE_400 PROGRESS                    ANNOUNCE_400,
    START WRITE_400 SIZE_400 PROGRESS FETCH_400          DATA_400,
    START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 D ("OK@0x0"),
    START WRITE_400 SIZE_400 PROGRESS FETCH_400          DATA_400 "D>H =efee\n",
    START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 "D>H =efeeeefe01000000ffff00004f4b\n",
    START WRITE_400 SIZE_400 PROGRESS FETCH_400 DATA_400 D ("ERR"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (conversations); i++)
    {
      g_auto (Talk) talk = { 0 };

      talk_open (&talk, conversations[i]);
      talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_LINK_TIMEOUT, "write");
      /* the place that is written to is erased as a whole before */
      g_assert_cmpint (ub_link_now (talk.replay), <=, (i == 3 ? 300 : 60) * G_USEC_PER_SEC);
    }
}

/* a command is answered at once, however long it takes then */
static void
test_silence_at_once (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START H_COMMAND ("ERASE-FLASH",
                              "<partition>EMMC-USER</partition><offset>0x0</offset>"
                              "<length>0x200</length>"));
  talk_check_failed (&talk, talk_erase (&talk, 0, 0x200), UB_ERROR_LINK_TIMEOUT, "erase");
  g_assert_cmpint (ub_link_now (talk.replay), <=, 10 * G_USEC_PER_SEC);
}

/* an agent may tell its progress as often as it likes, but not for ever */
static void
test_progress_and_silence (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = g_string_new (
      START WRITE_400 D_REQUEST ("PROGRESS-REPORT", "<message>x</message>") H ("OK"));

  for (guint i = 0; i < 300; i++)
    g_string_append (text, D ("OK!PROGRESS@99999999999999999999@") H ("OK"));
  talk_open (&talk, text->str);
  talk_check_failed (&talk, talk_write (&talk, 0x1000, 0x400), UB_ERROR_LINK_TIMEOUT, "write");
  g_assert_cmpint (ub_link_now (talk.replay), <=, 300 * G_USEC_PER_SEC);
}

/* questions without an end */
static void
test_questions_for_ever (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = g_string_new (START WRITE_400);

  for (guint i = 0; i < 4096; i++)
    g_string_append (text, SIZE_400);
  talk_open (&talk, text->str);
  talk_check_failed (&talk,
                     talk_write (&talk, 0x1000, 0x400),
                     UB_ERROR_PROTOCOL,
                     "requests without an end");
}

static void
test_end_in_progress (void)
{
  g_auto (Talk) talk = { 0 };

  talk_open (&talk,
             START WRITE_400 D_REQUEST ("PROGRESS-REPORT", "<message>x</message>") H ("OK")
                 D ("OK!PROGRESS@10@") H ("OK") END ("ERR", "Erase EMMC failed at 0x1000"));
  talk_check_failed (&talk,
                     talk_write (&talk, 0x1000, 0x400),
                     UB_ERROR_STORAGE_WRITE,
                     "Erase EMMC failed");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/xml/damaged-again-and-again", test_damaged_again_and_again);
  g_test_add_func ("/da/xml/damaged-in-other-words", test_damaged_in_other_words);
  g_test_add_func ("/da/xml/damaged-and-gone", test_damaged_and_gone);
  g_test_add_func ("/da/xml/cancel-in-silence", test_cancel_in_silence);
  g_test_add_func ("/da/xml/not-damaged", test_not_damaged);
  g_test_add_func ("/da/xml/damaged-in-the-middle", test_damaged_in_the_middle);
  g_test_add_func ("/da/xml/damaged-by-name", test_damaged_by_name);
  g_test_add_func ("/da/xml/read-lies", test_read_lies);
  g_test_add_func ("/da/xml/read-other-length", test_read_other_length);
  g_test_add_func ("/da/xml/silence", test_silence);
  g_test_add_func ("/da/xml/silence-at-once", test_silence_at_once);
  g_test_add_func ("/da/xml/progress-and-silence", test_progress_and_silence);
  g_test_add_func ("/da/xml/questions-for-ever", test_questions_for_ever);
  g_test_add_func ("/da/xml/end-in-progress", test_end_in_progress);
  return g_test_run ();
}
