/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "client.h"

typedef struct
{
  Client client;
  char  *folder;
  Agent  agent;
} Fixture;

static void
set_up_with (Fixture *fixture, UbPracticePhoneOptions options, guint16 code)
{
  fixture->client = open_client (&options);
  fixture->folder = make_firmware (&fixture->client, FALSE);
  fixture->agent = load_agent (fixture->folder, code);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_with (fixture, make_options ("MT6580", UB_ENTER_PRELOADER), 0x6580);
  start_mt6580 (&fixture->client, &fixture->agent);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_client (&fixture->client);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->agent.file);
}

static void
test_write_read (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  sector[512], back[512];

  memset (sector, 0xff, sizeof sector);
  host (client, "62 01 08 0000000001000000 0000000000000200 00100000");
  phone (client, "5a");
  host (client, "5a");
  host_bytes (client, sector, sizeof sector);
  host (client, "fe00");
  phone (client, "69");
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0x1000000, back, sizeof back);
  g_assert_cmpmem (sector, sizeof sector, back, sizeof back);

  host (client, "60");
  phone (client, "5a");
  host (client, "08");
  phone (client, "5a");
  host (client, "d6 0c 02 0000000001000000 0000000000000200");
  phone (client, "5a");
  host (client, "00100000");
  g_free (take (client, 512));
  phone (client, "fe00");
  host (client, "5a");
  host (client, "72");
  phone (client, "5a01");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/phone/legacy/write-read", Fixture, NULL, set_up, test_write_read, tear_down);
  return g_test_run ();
}
