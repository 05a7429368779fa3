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
                                       "bad-sum 0x" };

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/phone/mischief/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("lines", test_lines);
  ADD ("unplug-after-bytes", test_unplug_after_bytes);
  ADD ("unplug-after-messages", test_unplug_after_messages);
  ADD ("at-command", test_at_command);
  ADD ("before-the-agent", test_before_the_agent);
  ADD ("stray", test_stray);
  ADD ("slow", test_slow);
  ADD ("storage", test_storage);
  ADD ("full-speed", test_full_speed);
  return g_test_run ();
}
