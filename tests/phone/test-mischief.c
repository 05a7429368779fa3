/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include "base/ub-error.h"

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_with (fixture, make_options ("MT6580", UB_ENTER_PRELOADER), 0x6580);
}

static void
mischief (Fixture *fixture, const char *line)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_practice_phone_mischief (fixture->client.phone, line, &error));
  g_assert_no_error (error);
}

static void
test_lines (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[] = { "",
                                       "unplug",
                                       "unplug-after-bytes",
                                       "unplug-after-bytes x",
                                       "wrong-chip 10000",
                                       "silent-at-command agent:",
                                       "slow -1",
                                       "dram-fail 1",
                                       "bad-sum 0x",
                                       "read-fail boot3:0",
                                       "write-fail boot1:",
                                       "unplug-after-output-bytes" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ub_practice_phone_mischief (fixture->client.phone, wrong[i], &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
    }
  mischief (fixture, "write-fail 0x1000000");
  mischief (fixture, "none");
}

static void
test_unplug_after_bytes (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "unplug-after-bytes 3");
  host (client, "a0a0");
  g_assert_true (ub_practice_phone_is_present (client->phone));
  host (client, "0a5005");
  g_assert_false (ub_practice_phone_is_present (client->phone));
  host (client, "a0");
  g_assert_null (ub_practice_phone_output (client->phone));
  ub_practice_phone_plug (client->phone);
  handshake (client, TRUE);
}

static void
test_unplug_after_messages (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "unplug-after-messages 3");
  host (client, "a0");
  host (client, "a0");
  phone (client, "5f");
  host (client, "0a");
  g_assert_false (ub_practice_phone_is_present (client->phone));
}

static void
test_at_command (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "unplug-at-command agent:d4");
  mischief (fixture, "silent-at-command fd");
  start_mt6580 (client, &fixture->agent);
  host (client, "d402000000");
  g_assert_false (ub_practice_phone_is_present (client->phone));
  ub_practice_phone_plug (client->phone);
  handshake (client, TRUE);
  host (client, "fd");
  silence (client);
}

static void
test_before_the_agent (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "garbage-at-handshake");
  mischief (fixture, "wrong-chip 8163");
  mischief (fixture, "refuse-agent 1d1a");
  host (client, "a0a0");
  phone (client, "1300ee 5f");
  host (client, "0a5005");
  phone (client, "f5affa");
  host (client, "fd");
  phone (client, "fd 8163 0000");
  host (client, "d7 00200000 00000010 00000000");
  phone (client, "d7 00200000 00000010 00000000 1d1a");
  mischief (fixture, "none");
  mischief (fixture, "silent-after-jump");
  send_agent (client, &fixture->agent);
  silence (client);
}

/* a modem manager's bytes: the preloader has heard somebody, and is READY no more */
static void
test_stray (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "stray AT");
  ub_practice_phone_line_coding (client->phone);
  silence (client);
  handshake (client, TRUE);
}

static void
test_slow (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "slow 200");
  host (client, "a0a0");
  g_assert_null (ub_practice_phone_output (client->phone));
  ub_practice_phone_advance (client->phone, 190);
  g_assert_null (ub_practice_phone_output (client->phone));
  ub_practice_phone_advance (client->phone, 10);
  phone (client, "5f");
}

static void
send_sector (Client *client, const char *address, const char *verdict)
{
  g_autofree char *header = g_strdup_printf ("62 01 08 %s 0000000000000200 00100000", address);
  guint8           sector[512] = { 1 };

  host (client, header);
  phone (client, "5a");
  host (client, "5a");
  host_bytes (client, sector, sizeof sector);
  host (client, "0001");
  phone (client, verdict);
}

static void
test_storage (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  start_mt6580 (client, &fixture->agent);
  mischief (fixture, "bad-sum 2");
  send_sector (client, "0000000001000000", "69");
  send_sector (client, "0000000001000000", "a500000bf9");
  host (client, "96");
  send_sector (client, "0000000001000000", "69");
  mischief (fixture, "write-fail 0x10001ff");
  send_sector (client, "0000000001000200", "69");
  send_sector (client, "0000000001000000", "a500000c52");
  mischief (fixture, "full");
  send_sector (client, "0000000001000200", "a500000c52");
  mischief (fixture, "read-fail 0x2000000");
  host (client, "d6 0c 02 0000000001ffff00 0000000000000200");
  phone (client, "a5 00000c51");
  host (client, "72");
  phone (client, "5a01");
}

static void
test_full_speed (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  mischief (fixture, "full-speed");
  start_mt6580 (client, &fixture->agent);
  host (client, "72");
  phone (client, "5a00");
  host (client, "7001");
  phone (client, "5a");
  ub_practice_phone_advance (client->phone, 1000);
  host (client, "72");
  phone (client, "5a01");
}

/* so many bytes arrive, the rest is lost with the cable; counted from here on */
static void
test_unplug_after_output (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  handshake (client, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      mischief (fixture, "unplug-after-output-bytes 2");
      host (client, "fd");
      phone (client, "fd65");
      g_assert_false (ub_practice_phone_is_present (client->phone));
      g_assert_null (ub_practice_phone_output (client->phone));
      ub_practice_phone_plug (client->phone);
      handshake (client, TRUE);
    }
  host (client, "fd");
  phone (client, "fd 6580 0000");
}

/* any number of times, wherever it is */
static void
test_unplug_often (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint64 before = ub_practice_phone_get_input_messages (client->phone);

  for (guint i = 1; i < 5; i++)
    {
      g_autofree char *line = g_strdup_printf ("unplug-after-messages %u", i);

      mischief (fixture, line);
      for (guint n = 1; n < i; n++)
        host (client, "a0");
      g_assert_true (ub_practice_phone_is_present (client->phone));
      host (client, "a0");
      g_assert_false (ub_practice_phone_is_present (client->phone));
      host (client, "a0"); /* nobody hears it */
      ub_practice_phone_plug (client->phone);
      g_byte_array_set_size (client->in, 0);
    }
  g_assert_cmpuint (ub_practice_phone_get_input_messages (client->phone) - before, ==, 10);
  g_assert_cmpuint (ub_practice_phone_get_input_bytes (client->phone), ==, 10);
  start_mt6580 (client, &fixture->agent);
  g_assert_cmpuint (ub_practice_phone_get_output_bytes (client->phone), >, 235);
}

/* a packet whose last byte did not come is not on the flash */
static void
test_cut_packet (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  sector[512] = { 1 };
  guint8  before[512], after[512];

  start_mt6580 (client, &fixture->agent);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0x1000000, before, sizeof before);
  host (client, "62 01 08 0000000001000000 0000000000000200 00100000");
  phone (client, "5a");
  mischief (fixture, "unplug-after-bytes 514");
  host (client, "5a");
  host_bytes (client, sector, sizeof sector);
  host (client, "0001");
  g_assert_false (ub_practice_phone_is_present (client->phone));
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0x1000000, after, sizeof after);
  g_assert_cmpmem (after, sizeof after, before, sizeof before);
}

static void
note_command (UbPracticePhone *phone, const char *command, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", command);
}

/* asked before anything is taken, refused or not, and never for what only reads */
static void
test_guard (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  g_autoptr (GString) asked = g_string_new (NULL);

  start_mt6580 (client, &fixture->agent);
  ub_practice_phone_set_guard (client->phone, note_command, asked);
  host (client, "62 01 08 0000000001000001 0000000000000200 00100000");
  phone (client, "a5 00000bdc");
  host (client, "61 01 08 0000000001000000 0000000000000200 00 03");
  phone (client, "00100000 5a");
  host (client, "96");
  host (client, "d4 02 00 00 00 0000000001000000 0000000000000200");
  phone (client, "5a5a 00000000 64");
  host (client, "5a");
  phone (client, "5a5a");
  host (client, "a4");
  phone (client, "5a");
  g_assert_cmpstr (asked->str, ==, "write write-image format ");
  host (client, "00000001");
  phone (client, "5a");
  g_assert_cmpstr (asked->str, ==, "write write-image format write-pmt ");
}

static void
test_boot_read_fail (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  start_mt6580 (client, &fixture->agent);
  mischief (fixture, "read-fail boot2:0x200");
  host (client, "60");
  phone (client, "5a");
  host (client, "01");
  phone (client, "5a");
  host (client, "d6 0c 02 0000000000000200 0000000000000200");
  phone (client, "5a");
  host (client, "00100000");
  g_free (take (client, 512 + 2));
  host (client, "5a");
  host (client, "60");
  phone (client, "5a");
  host (client, "02");
  phone (client, "5a");
  host (client, "d6 0c 02 0000000000000200 0000000000000200");
  phone (client, "a5 00000c51");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/phone/mischief/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("lines", test_lines);
  ADD ("unplug-after-bytes", test_unplug_after_bytes);
  ADD ("unplug-after-messages", test_unplug_after_messages);
  ADD ("unplug-after-output", test_unplug_after_output);
  ADD ("unplug-often", test_unplug_often);
  ADD ("cut-packet", test_cut_packet);
  ADD ("guard", test_guard);
  ADD ("boot-read-fail", test_boot_read_fail);
  ADD ("at-command", test_at_command);
  ADD ("before-the-agent", test_before_the_agent);
  ADD ("stray", test_stray);
  ADD ("slow", test_slow);
  ADD ("storage", test_storage);
  ADD ("full-speed", test_full_speed);
  return g_test_run ();
}
