/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom.h"

#include "base/ub-error.h"
#include "link/ub-link-replay.h"
#include "tests/brom/test-link.h"

/* --- a phone that knows the handshake, and what can stand in front of it --- */

typedef struct
{
  guint    at;        /* bytes of the handshake done */
  gboolean preloader; /* eats the first A0; answers a wrong byte by byte + 1 */
  gboolean ready;     /* says READY every 20 ms until the first byte comes */
  gboolean woken;
  gint64   last_ready;
  gboolean echoes_too; /* a terminal in between */
  gboolean deaf;
  gboolean loop;          /* in the command loop: handshake done before us */
  gboolean mirror;        /* says what it is told */
  gboolean chatty;        /* never silent, never right */
  guint    done;          /* complete handshakes */
  gboolean ready_between; /* a piece of READY in front of each answer */
  guint    strays_at;     /* somebody else's AT comes before our byte of this number */
  guint    slow_from;     /* from our byte of this number on its answers take 100 ms */
  guint    n_taken;
} Phone;

static const guint8 sequence[] = { 0xa0, 0x0a, 0x50, 0x05 };

static void
take_byte (TestLink *link, Phone *phone, guint8 byte)
{
  if (phone->deaf || phone->chatty)
    return;
  if (phone->echoes_too || phone->loop || phone->mirror)
    test_link_say_byte (link, byte);
  if (phone->mirror)
    return;
  if (phone->loop)
    {
      if (byte == 0xfd)
        test_link_say (link, "\x65\x80\x00\x00", 4);
      return;
    }
  if (!phone->woken && phone->preloader)
    {
      phone->woken = TRUE;
      return;
    }
  phone->woken = TRUE;
  if (byte != sequence[phone->at])
    {
      phone->at = 0;
      if (phone->preloader)
        test_link_say_byte (link, (guint8) (byte + 1));
      else if (byte == sequence[0])
        {
          phone->at = 1;
          test_link_say_byte (link, 0x5f);
        }
      return;
    }
  test_link_say_byte (link, (guint8) ~byte);
  phone->at++;
  if (phone->at == G_N_ELEMENTS (sequence))
    {
      phone->at = 0;
      phone->done++;
    }
}

static void
take (TestLink *link, const guint8 *data, gsize size, gpointer user_data)
{
  Phone *phone = user_data;

  for (gsize i = 0; i < size; i++)
    {
      if (++phone->n_taken == phone->strays_at)
        for (const char *at = "AT\r"; *at != '\0'; at++)
          take_byte (link, phone, (guint8) *at);
      if (phone->n_taken == phone->slow_from)
        link->latency_ms = 100;
      if (phone->ready_between)
        test_link_say (link, &"READYREA"[phone->n_taken % 5], 3);
      take_byte (link, phone, data[i]);
    }
}

static void
tick (TestLink *link, gpointer user_data)
{
  Phone *phone = user_data;

  if (phone->chatty)
    test_link_say (link, "\x42\x42\x42\x42", 4);
  if (!phone->ready || phone->woken || link->now - phone->last_ready < 20000)
    return;
  phone->last_ready = link->now;
  test_link_say (link, "READY", 5);
}

static void
check_handshake (Phone *phone, guint latency_ms, const char *before, gint64 limit_ms)
{
  g_autoptr (UbLink) link = test_link_new (take, tick, phone);
  g_autoptr (GError) error = NULL;

  TEST_LINK (link)->latency_ms = latency_ms;
  if (before != NULL)
    test_link_say (TEST_LINK (link), before, strlen (before));
  g_assert_true (ub_brom_handshake (link, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (phone->done, ==, 1);
  g_assert_cmpint (TEST_LINK (link)->now, <=, limit_ms * 1000);
}

/* nothing of it is a sign of a bad cable */
static void
check_no_signs (Phone *phone, guint latency_ms, gint64 limit_ms)
{
  g_autoptr (UbLink) link = test_link_new (take, tick, phone);
  UbBromSigns signs;

  TEST_LINK (link)->latency_ms = latency_ms;
  g_assert_true (ub_brom_handshake (link, NULL, NULL));
  signs = ub_brom_get_signs (link);
  g_assert_true (signs.answered);
  g_assert_cmpuint (signs.strays, ==, 0);
  g_assert_cmpuint (signs.retries, ==, 0);
  g_assert_cmpint (TEST_LINK (link)->now, <=, limit_ms * 1000);
}

static void
test_handshake_boot_rom (void)
{
  check_handshake (&(Phone){ 0 }, 0, NULL, 0);
}

static void
test_handshake_bytewise (void)
{
  Phone phone = { 0 };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);

  g_assert_true (ub_brom_handshake (link, NULL, NULL));
  g_assert_cmpuint (TEST_LINK (link)->transfers, ==, 4);
  g_assert_cmpmem (TEST_LINK (link)->sent->data,
                   TEST_LINK (link)->sent->len,
                   sequence,
                   sizeof sequence);
}

static void
test_handshake_preloader (void)
{
  /* the whole start command within 300 ms of the first A0 */
  check_handshake (&(Phone){ .preloader = TRUE }, 0, NULL, 300);
  check_handshake (&(Phone){ .preloader = TRUE, .ready = TRUE }, 5, "READYREADYREA", 300);
}

static void
test_handshake_strays (void)
{
  check_handshake (&(Phone){ 0 }, 0, "AT\r", 300);
  check_handshake (&(Phone){ .preloader = TRUE }, 0, "AT\r\nOKREADY\n", 500);
  check_handshake (&(Phone){ .echoes_too = TRUE }, 0, "READY", 5000);
  /* an answer out of step in front of all */
  check_handshake (&(Phone){ .preloader = TRUE }, 0, "\x5f", 1000);
  check_handshake (&(Phone){ 0 }, 0, "\x5f\xf5", 1000);
}

/* half a kilobyte of others in front, or some in the middle: as quick as ever */
static void
test_handshake_many_strays (void)
{
  g_autofree char *many = g_strnfill (512, 'A');

  check_handshake (&(Phone){ 0 }, 0, many, 50);
  check_handshake (&(Phone){ .preloader = TRUE }, 0, many, 100);
  /* this one says nothing to what it does not expect, a preloader does */
  for (guint at = 2; at <= 4; at++)
    check_handshake (&(Phone){ .strays_at = at }, 0, NULL, 350);
  for (guint at = 3; at <= 5; at++)
    check_handshake (&(Phone){ .strays_at = at, .preloader = TRUE }, 0, NULL, 150);
}

/* READY in the middle, the first A0 eaten, an answer that comes late: all of it as it should be */
static void
test_handshake_no_signs (void)
{
  check_no_signs (&(Phone){ 0 }, 0, 0);
  check_no_signs (&(Phone){ .preloader = TRUE, .ready = TRUE }, 0, 60);
  check_no_signs (&(Phone){ .ready_between = TRUE }, 0, 0);
  check_no_signs (&(Phone){ .ready_between = TRUE, .preloader = TRUE }, 5, 80);
  check_no_signs (&(Phone){ 0 }, 60, 250);
  check_no_signs (&(Phone){ 0 }, 70, 290);
  check_no_signs (&(Phone){ .preloader = TRUE }, 60, 300);
  check_no_signs (&(Phone){ .slow_from = 2 }, 0, 300);
}

/* somebody else's bytes got to the phone before or between ours */
static void
test_handshake_half_done (void)
{
  for (guint at = 1; at < 4; at++)
    {
      check_handshake (&(Phone){ .at = at, .woken = TRUE }, 0, NULL, 1000);
      check_handshake (&(Phone){ .at = at, .woken = TRUE, .preloader = TRUE }, 0, NULL, 1000);
    }
}

static void
test_handshake_slow (void)
{
  check_handshake (&(Phone){ 0 }, 70, NULL, 5000);
  check_handshake (&(Phone){ .preloader = TRUE, .ready = TRUE }, 120, NULL, 5000);
  check_handshake (&(Phone){ .preloader = TRUE }, 400, NULL, 12000);
}

static void
test_handshake_in_loop (void)
{
  Phone phone = { .loop = TRUE };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_brom_handshake (link, NULL, &error));
  g_assert_no_error (error);
}

/* a mirror is no phone, and is not asked for long */
static void
test_handshake_mirror (void)
{
  Phone phone = { .mirror = TRUE };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_brom_handshake (link, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_cmpint (TEST_LINK (link)->now, <, 15 * G_USEC_PER_SEC);
}

static void
test_handshake_silence (void)
{
  Phone phone = { .deaf = TRUE };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_brom_handshake (link, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_assert_cmpint (TEST_LINK (link)->now, <, 8 * G_USEC_PER_SEC);
}

static void
test_handshake_chatter (void)
{
  Phone phone = { .chatty = TRUE };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_brom_handshake (link, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

static void
test_handshake_gone (void)
{
  Phone phone = { 0 };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GError) error = NULL;

  TEST_LINK (link)->gone = TRUE;
  g_assert_false (ub_brom_handshake (link, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
}

static void
test_handshake_cancel (void)
{
  Phone phone = { .deaf = TRUE };
  g_autoptr (UbLink) link = test_link_new (take, tick, &phone);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (ub_brom_handshake (link, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- recorded conversations, made up by us from the protocol pages --- */

static UbLink *
conversation (const char *text)
{
  g_autoptr (GError) error = NULL;
  UbLink *link = ub_link_replay_new_from_text (text, &error);

  g_assert_no_error (error);
  return link;
}

static void
assert_all_said (UbLink *link)
{
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));
}

/* asked twice before anything is done, and once more at the end */
#define ASK(code) "H>D fd\nD>H fd\nD>H " code "\n"
#define CHIP(code) ASK (code) ASK (code)
#define BL(version) "H>D fe\nD>H " version "\n"
#define WATCHDOG_6580                                                                              \
  "H>D d4\nD>H d4\nH>D 10007000\nD>H 10007000\nH>D 00000001\nD>H 00000001\nD>H 0001\n"             \
  "H>D 22000064\nD>H 22000064\nD>H 0001\n"
#define VERSIONS "H>D fc\nD>H fc\nD>H 8a00ca0000000000\n"

static void
test_identify_boot_rom (void)
{
  g_autoptr (UbLink) link = conversation (
      CHIP ("65800000") WATCHDOG_6580
      "H>D d8\nD>H d8\nD>H 000000050000\nH>D d8\nD>H d8\nD>H 000000050000\nH>D fe\nD>H fe\nH>D "
      "ff\nD>H 05\n" VERSIONS BL (
          "fe") "H>D e1\nD>H e1\nD>H 00000010\nD>H 000102030405060708090a0b0c0d0e0f\nD>H 0000\n"
                "H>D e1\nD>H e1\nD>H 00000010\nD>H 000102030405060708090a0b0c0d0e0f\nD>H 0000\n"
                "H>D e7\nD>H e7\nD>H 00000002\nD>H abcd\nD>H 0000\n"
                "H>D e7\nD>H e7\nD>H 00000002\nD>H abcd\nD>H 0000\n" ASK ("65800000"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (link, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (link);
  g_assert_true (info.is_boot_rom);
  g_assert_cmpuint (info.hw_code, ==, 0x6580);
  g_assert_cmpuint (info.hw_sub_code, ==, 0x8a00);
  g_assert_cmpuint (info.hw_version, ==, 0xca00);
  g_assert_cmpuint (info.bl_version, ==, 0xfe);
  g_assert_cmpuint (info.brom_version, ==, 5);
  g_assert_cmpuint (info.target_config, ==, UB_TARGET_SBC | UB_TARGET_DAA);
  g_assert_cmpuint (info.me_id_size, ==, 16);
  g_assert_cmpuint (info.me_id[15], ==, 15);
  g_assert_cmpuint (info.soc_id_size, ==, 2);
  g_assert_cmpstr (info.chip->name, ==, "MT6580");
}

static void
test_identify_preloader (void)
{
  g_autoptr (UbLink) link = conversation (
      CHIP ("65800000") WATCHDOG_6580
      "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H 01\nH>D ff\nD>H ff\n" VERSIONS BL ("01")
          ASK ("65800000"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (link, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (link);
  g_assert_false (info.is_boot_rom);
  g_assert_cmpuint (info.bl_version, ==, 1);
  g_assert_cmpuint (info.brom_version, ==, 0xff);
  g_assert_cmpuint (info.me_id_size, ==, 0);
}

/* a 16-bit register; guarded registers (no second half after the refusal) */
static void
test_identify_watchdogs (void)
{
  g_autoptr (UbLink) narrow = conversation (CHIP (
      "65770000") "H>D d2\nD>H d2\nH>D c0000000\nD>H c0000000\nH>D 00000001\nD>H 00000001\nD>H "
                  "0000\n"
                  "H>D 2264\nD>H 2264\nD>H 0000\n"
                  "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H 01\nH>D ff\nD>H ff\n" VERSIONS BL (
                      "01") ASK ("65770000"));
  g_autoptr (UbLink) twice = conversation (CHIP (
      "65920000") "H>D d4\nD>H d4\nH>D 10007000\nD>H 10007000\nH>D 00000001\nD>H 00000001\nD>H "
                  "1001\n"
                  "H>D d4\nD>H d4\nH>D 10000500\nD>H 10000500\nH>D 00000001\nD>H 00000001\nD>H "
                  "0000\n"
                  "H>D 22000000\nD>H 22000000\nD>H 0000\n"
                  "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H 01\nH>D ff\nD>H ff\n" VERSIONS BL (
                      "01") ASK ("65920000"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (narrow, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (narrow);
  g_assert_true (ub_brom_identify (twice, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (twice);
}

static void
test_identify_unknown_chip (void)
{
  g_autoptr (UbLink) link = conversation (CHIP (
      "00010000") "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H 02\nH>D ff\nD>H ff\n" VERSIONS
                                              BL ("02") ASK ("00010000"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (link, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (link);
  g_assert_null (info.chip);
}

/* D8 and FC echoed and then silent; ids refused; a newer preloader is asked for them */
static void
test_identify_optional (void)
{
  g_autoptr (UbLink) link = conversation (
      CHIP ("00010000") "H>D d8\nD>H d8\nH>D fe\nD>H 03\nH>D ff\nD>H ff\nH>D fc\nD>H fc\n" BL (
          "03") "H>D e1\nD>H e1\nH>D e7\nD>H e7\nD>H 00000004\nD>H 01020304\nD>H 7054\n" ASK ("0001"
                                                                                              "000"
                                                                                              "0"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (link, &info, NULL, &error));
  g_assert_no_error (error);
  assert_all_said (link);
  g_assert_cmpuint (info.soc_id_size, ==, 0);
}

static void
test_identify_long_id (void)
{
  g_autoptr (UbLink) link = conversation (CHIP (
      "00010000") "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H fe\nH>D ff\nD>H 05\n" VERSIONS
                                              BL ("fe") "H>D e1\nD>H e1\nD>H 00000041\n");
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_false (ub_brom_identify (link, &info, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

static void
test_identify_leftovers (void)
{
  g_autoptr (UbLink) link = conversation ("D>H 4154\n" ASK ("00010000") CHIP (
      "00010000") "H>D d8\nD>H d8\nD>H 000000000000\nH>D fe\nD>H 02\nH>D ff\nD>H ff\n" VERSIONS
                                              BL ("02") ASK ("00010000"));
  g_autoptr (GError) error = NULL;
  UbBromInfo info;

  g_assert_true (ub_brom_identify (link, &info, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (info.hw_code, ==, 1);
}

static gboolean
send_agent (UbLink *link, const void *data, gsize size, guint32 signature, GError **error)
{
  g_autoptr (GBytes) agent = g_bytes_new (data, size);

  return ub_brom_send_agent (link, 0x200000, agent, signature, NULL, NULL, NULL, error);
}

#define SEND_3                                                                                     \
  "H>D d7\nD>H d7\nH>D 00200000\nD>H 00200000\nH>D 00000003\nD>H 00000003\nH>D 00000000\nD>H "     \
  "00000000\n"

static void
test_agent_example (void)
{
  g_autoptr (UbLink) link =
                 conversation (SEND_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 0000\n"
                                      "H>D d5\nD>H d5\nH>D 00200000\nD>H 00200000\nD>H 0000\n");
  g_autoptr (GError) error = NULL;

  g_assert_true (send_agent (link, "\1\2\3", 3, 0, &error));
  g_assert_no_error (error);
  g_assert_true (ub_brom_jump_agent (link, 0x200000, &error));
  g_assert_no_error (error);
  assert_all_said (link);
}

static void
check_agent_error (const char *text, int code, const char *name)
{
  g_autoptr (UbLink) link = conversation (text);
  g_autoptr (GError) error = NULL;

  g_assert_false (send_agent (link, "\1\2\3", 3, 0, &error));
  g_assert_error (error, UB_ERROR, code);
  g_assert_nonnull (strstr (error->message, name));
}

static void
test_agent_refused (void)
{
  check_agent_error (SEND_3 "D>H 1d12\n",
                     UB_ERROR_AGENT_REFUSED,
                     "0x1d12 (agent address or length invalid)");
  check_agent_error (SEND_3 "D>H 1d0d\n", UB_ERROR_NEEDS_AUTH, "0x1d0d");
  check_agent_error (SEND_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 2001\n",
                     UB_ERROR_NEEDS_AUTH,
                     "signature verification");
  check_agent_error (SEND_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 7017\n",
                     UB_ERROR_NEEDS_AUTH,
                     "security error");
  check_agent_error (SEND_3 "D>H 0000\nH>D 010203\nD>H 0203\nD>H 0000\n",
                     UB_ERROR_CHECKSUM,
                     "0x0203");
  check_agent_error ("H>D d7\nD>H d7\nH>D 00200000\nD>H 00200001\n",
                     UB_ERROR_PROTOCOL,
                     "came back");
}

/* whoever is refused may send another one; the phone still is where it was */
static void
test_agent_refusal (void)
{
  g_autoptr (UbLink) link = conversation (
      SEND_3 "D>H 1d0d\n" SEND_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 2001\n" SEND_3
             "D>H 0000\nH>D 010203\nD>H 0202\nD>H 0000\n"
             "H>D d5\nD>H d5\nH>D 00200000\nD>H 00200000\nD>H 1d16\n");
  g_autoptr (GError) error = NULL;

  g_assert_cmphex (ub_brom_get_refusal (link), ==, 0);
  g_assert_false (send_agent (link, "\1\2\3", 3, 0, NULL));
  g_assert_cmphex (ub_brom_get_refusal (link), ==, 0x1d0d);
  g_assert_false (send_agent (link, "\1\2\3", 3, 0, NULL));
  g_assert_cmphex (ub_brom_get_refusal (link), ==, 0x2001);
  g_assert_true (send_agent (link, "\1\2\3", 3, 0, &error));
  g_assert_no_error (error);
  g_assert_cmphex (ub_brom_get_refusal (link), ==, 0);
  g_assert_false (ub_brom_jump_agent (link, 0x200000, NULL));
  g_assert_cmphex (ub_brom_get_refusal (link), ==, 0x1d16);
}

static void
test_agent_warning (void)
{
  g_autoptr (UbLink) link = conversation (SEND_3 "D>H 00ff\nH>D 010203\nD>H 0202\nD>H 0001\n");
  g_autoptr (GError) error = NULL;

  g_assert_true (send_agent (link, "\1\2\3", 3, 0, &error));
  g_assert_no_error (error);
}

/* answers every SEND_DA with success; counts what came */
typedef struct
{
  gsize    header; /* bytes of it seen */
  guint8   length[4];
  gsize    left;
  guint16  sum;
  gboolean odd;
} Taker;

static void
take_agent (TestLink *link, const guint8 *data, gsize size, gpointer user_data)
{
  Taker *taker = user_data;

  for (gsize i = 0; i < size; i++)
    {
      if (taker->header < 13)
        {
          if (taker->header >= 5 && taker->header < 9)
            taker->left = taker->left << 8 | data[i];
          test_link_say_byte (link, data[i]);
          if (++taker->header == 13)
            test_link_say (link, "\0\0", 2);
          continue;
        }
      taker->sum ^= taker->odd ? (guint16) (data[i] << 8) : data[i];
      taker->odd = !taker->odd;
      if (--taker->left == 0)
        {
          test_link_say_byte (link, (guint8) (taker->sum >> 8));
          test_link_say_byte (link, (guint8) taker->sum);
          test_link_say (link, "\0\0", 2);
        }
    }
}

static void
check_empties (gsize size, const char *speed, guint empties)
{
  Taker taker = { 0 };
  g_autoptr (UbLink) link = test_link_new (take_agent, NULL, &taker);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + i / 256);
  TEST_LINK (link)->speed = speed;
  g_assert_true (send_agent (link, data, size, 0x100, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (taker.left, ==, 0);
  g_assert_cmpuint (TEST_LINK (link)->empties, ==, empties);
}

static void
test_agent_empty_transfer (void)
{
  check_empties (0x20000, "high", 1);
  check_empties (0x20001, "high", 0);
  check_empties (0x20040, "high", 0);
  check_empties (0x20040, "full", 1);
}

static void
test_agent_signature_too_long (void)
{
  g_autoptr (UbLink) link = conversation ("");
  g_autoptr (GError) error = NULL;

  g_assert_false (send_agent (link, "\1\2\3", 3, 4, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
}

static void
test_words (void)
{
  g_autofree char *open = ub_brom_describe_target_config (0);
  g_autofree char *closed = ub_brom_describe_target_config (UB_TARGET_SBC | UB_TARGET_DAA);
  g_autofree char *odd = ub_brom_describe_target_config (UB_TARGET_EPP | UB_TARGET_C8_BLOCKED);

  g_assert_cmpstr (open, ==, "open");
  g_assert_cmpstr (closed,
                   ==,
                   "secured by its maker: start-up code must be signed (SBC), the loader must be "
                   "signed (DAA)");
  g_assert_cmpstr (odd, ==, "open (extra boot parameters, cache command blocked)");
  g_assert_cmpstr (ub_brom_status_to_string (0x7024),
                   ==,
                   "agent authentication: signature verify failed");
  g_assert_null (ub_brom_status_to_string (0x4242));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/brom/handshake/boot-rom", test_handshake_boot_rom);
  g_test_add_func ("/brom/handshake/bytewise", test_handshake_bytewise);
  g_test_add_func ("/brom/handshake/preloader", test_handshake_preloader);
  g_test_add_func ("/brom/handshake/strays", test_handshake_strays);
  g_test_add_func ("/brom/handshake/many-strays", test_handshake_many_strays);
  g_test_add_func ("/brom/handshake/no-signs", test_handshake_no_signs);
  g_test_add_func ("/brom/handshake/half-done", test_handshake_half_done);
  g_test_add_func ("/brom/handshake/slow", test_handshake_slow);
  g_test_add_func ("/brom/handshake/in-command-loop", test_handshake_in_loop);
  g_test_add_func ("/brom/handshake/mirror", test_handshake_mirror);
  g_test_add_func ("/brom/handshake/silence", test_handshake_silence);
  g_test_add_func ("/brom/handshake/chatter", test_handshake_chatter);
  g_test_add_func ("/brom/handshake/gone", test_handshake_gone);
  g_test_add_func ("/brom/handshake/cancel", test_handshake_cancel);
  g_test_add_func ("/brom/identify/boot-rom", test_identify_boot_rom);
  g_test_add_func ("/brom/identify/preloader", test_identify_preloader);
  g_test_add_func ("/brom/identify/watchdogs", test_identify_watchdogs);
  g_test_add_func ("/brom/identify/unknown-chip", test_identify_unknown_chip);
  g_test_add_func ("/brom/identify/optional", test_identify_optional);
  g_test_add_func ("/brom/identify/long-id", test_identify_long_id);
  g_test_add_func ("/brom/identify/leftovers", test_identify_leftovers);
  g_test_add_func ("/brom/agent/example", test_agent_example);
  g_test_add_func ("/brom/agent/refused", test_agent_refused);
  g_test_add_func ("/brom/agent/refusal", test_agent_refusal);
  g_test_add_func ("/brom/agent/warning", test_agent_warning);
  g_test_add_func ("/brom/agent/empty-transfer", test_agent_empty_transfer);
  g_test_add_func ("/brom/agent/signature-too-long", test_agent_signature_too_long);
  g_test_add_func ("/brom/words", test_words);
  return g_test_run ();
}
