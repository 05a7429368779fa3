/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "client.h"

static Client
open_with (UbEnter enter, guint32 target_config)
{
  UbPracticePhoneOptions options = make_options ("MT6580", enter);

  options.target_config = target_config;
  return open_client (&options);
}

/* shared/protocol/brom-and-legacy.md §2.4, the worked example */
static void
test_identify (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0xe5);

  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  handshake (&client, FALSE);
  host (&client, "fd");
  phone (&client, "fd 6580 0000");
  host (&client, "d4");
  phone (&client, "d4");
  host (&client, "10007000");
  phone (&client, "10007000");
  host (&client, "00000001");
  phone (&client, "00000001 0000");
  host (&client, "22000064");
  phone (&client, "22000064 0000");
  host (&client, "d8");
  phone (&client, "d8 000000e5 0000");
  host (&client, "fe");
  phone (&client, "fe");
  host (&client, "ff");
  phone (&client, "05");
  host (&client, "fc");
  phone (&client, "fc 8a00 ca00 0000 0000");
  host (&client, "e1");
  phone (&client, "e1 00000010");
  g_free (take (&client, 16));
  phone (&client, "0000");
  host (&client, "e7");
  phone (&client, "e7 00000020");
  g_free (take (&client, 32));
  phone (&client, "0000");
  silence (&client);
  close_client (&client);
}

static void
test_preloader (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0xe5);

  silence (&client); /* nobody there yet */
  ub_practice_phone_line_coding (client.phone);
  ub_practice_phone_advance (client.phone, 30);
  phone (&client, "5245414459 5245414459");
  host (&client, "a0");
  ub_practice_phone_advance (client.phone, 100);
  silence (&client);
  ub_practice_phone_plug (client.phone);
  ub_practice_phone_line_coding (client.phone);
  handshake (&client, TRUE);
  host (&client, "fe");
  phone (&client, "01");
  host (&client, "ff");
  phone (&client, "ff");
  host (&client, "d8");
  phone (&client, "d8 00000005 0000"); /* the first three bits alone */
  host (&client, "e1");
  phone (&client, "e1"); /* unknown to it */
  close_client (&client);
}

/* too late: it boots on, and comes back over and over as long as nothing lets it start */
static void
test_window (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);
  guint8 magic[] = "ANDROID!";

  ub_practice_phone_advance (client.phone, 2490);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 10);
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 3000);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x2000);

  ub_practice_phone_poke (client.phone, UB_REGION_EMMC_USER, 0xb40000, magic, 8);
  ub_practice_phone_advance (client.phone, 2500 + 4000);
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x201d);
  close_client (&client);
}

/* a boot area without a preloader leaves the boot ROM */
static void
test_no_preloader (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);
  guint8 nothing[512] = { 0 };

  ub_practice_phone_poke (client.phone, UB_REGION_EMMC_BOOT1, 0, nothing, sizeof nothing);
  ub_practice_phone_plug (client.phone);
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  close_client (&client);
}

static void
test_handshake_restarts (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  host (&client, "41");
  phone (&client, "42");
  host (&client, "a0");
  phone (&client, "5f");
  host (&client, "0a");
  phone (&client, "f5");
  host (&client, "33");
  phone (&client, "34");
  handshake (&client, FALSE);
  host (&client, "99"); /* unknown: echoed and no more */
  phone (&client, "99");
  silence (&client);
  close_client (&client);
}

static void
test_watchdog (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  ub_practice_phone_advance (client.phone, 10000);
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 500);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  handshake (&client, FALSE);
  host (&client, "d4 10007000 00000001 22000064");
  phone (&client, "d4 10007000 00000001 0000 22000064 0000");
  ub_practice_phone_advance (client.phone, 60000);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  host (&client, "d1 10007000 00000001");
  phone (&client, "d1 10007000 00000001 0000 22000064 0000");
  close_client (&client);
}

static void
test_registers (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  host (&client, "d1 10007001 00000001");
  phone (&client, "d1 10007001 00000001 ffff");
  host (&client, "d0 10007000 00000000");
  phone (&client, "d0 10007000 00000000 fffe");
  host (&client, "d1 fffffffc ffffffff");
  phone (&client, "d1 fffffffc ffffffff fffd");
  host (&client, "d3 10000000 00000002 1234 5678");
  phone (&client, "d3 10000000 00000002 0000 0000");
  host (&client, "d0 10000000 00000002");
  phone (&client, "d0 10000000 00000002 0000 1234 5678 0000");
  close_client (&client);
}

/* §2.5: three bytes to 00200000, and what is refused */
static void
test_send_agent (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 0000");
  host (&client, "01");
  host (&client, "");
  host (&client, "0203");
  phone (&client, "0202 0000");
  host (&client, "d5 00300000");
  phone (&client, "d5 00300000 1d16");
  host (&client, "d7 00200001 00000003 00000000");
  phone (&client, "d7 00200001 00000003 00000000 1d11");
  host (&client, "d7 00200000 00000000 00000000");
  phone (&client, "d7 00200000 00000000 00000000 1d13");
  host (&client, "d7 00200000 00000003 00000004");
  phone (&client, "d7 00200000 00000003 00000004 1d14");
  host (&client, "d7 00200000 ffffffff 00000000");
  phone (&client, "d7 00200000 ffffffff 00000000 1d12");
  host (&client, "e2 00000004");
  phone (&client, "e2 00000004 1d0c");
  host (&client, "d5 00200000");
  phone (&client, "d5 00200000 0000 c0");
  close_client (&client);
}

static void
test_security (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 2);

  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d0d");
  host (&client, "e3");
  phone (&client, "e3 0000 00000010");
  g_free (take (&client, 16));
  host (&client, "00000100");
  phone (&client, "00000100 0000");
  for (guint i = 0; i < 8; i++)
    host (&client, "0000000000000000000000000000000000000000000000000000000000000000");
  phone (&client, "7017");
  close_client (&client);
}

/* with DAA only what bears the maker's mark is taken */
static void
test_signature (void)
{
  Client           client = open_with (UB_ENTER_BOOT_ROM, 4);
  g_autofree char *folder = make_firmware (&client, FALSE);
  Agent            plain = load_agent (folder, 0x6580);
  g_autofree char *header = g_strdup_printf ("00200000%08x00000100", plain.da1_size);

  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d15");
  host (&client, "d7");
  host (&client, header);
  phone (&client, "d7");
  phone (&client, header);
  phone (&client, "0000");
  host_bytes (&client, plain.da1, plain.da1_size);
  g_free (take (&client, 2));
  phone (&client, "7024");
  host (&client, "d5 00200000");
  phone (&client, "d5 00200000 1d16");
  strcpy ((char *) plain.da1 + plain.da1_size - 0x100, "UNBRICK PRACTICE MAKER");
  send_agent (&client, &plain);
  phone (&client, "c0");
  g_free (plain.file);
  remove_folder (folder);
  close_client (&client);
}

/* the buffer of a preloader is where it is: any address will do */
static void
test_fixed_buffer (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);

  ub_practice_phone_line_coding (client.phone);
  handshake (&client, TRUE);
  host (&client, "d7 12340000 00000002 00000000 0102");
  phone (&client, "d7 12340000 00000002 00000000 0000 0201 0000");
  host (&client, "d5 00000000");
  phone (&client, "d5 00000000 0000 c0");
  close_client (&client);
}

static void
test_fragmented (void)
{
  UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_BOOT_ROM);
  Client                 client;

  options.fragmented = TRUE;
  client = open_client (&options);
  handshake (&client, FALSE);
  client.n_transfers = 0;
  host (&client, "fd");
  phone (&client, "fd 6580 0000");
  g_assert_cmpuint (client.n_transfers, ==, 5);
  close_client (&client);
}

static void
test_rubbish (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0xff);
  guint8 bytes[997];

  handshake (&client, FALSE);
  for (guint i = 0; i < 400; i++)
    {
      for (guint n = 0; n < sizeof bytes; n++)
        bytes[n] = (guint8) (n % 5 == 0 ? 0xd0 + g_test_rand_int_range (0, 5)
                                        : g_test_rand_int_range (0, 2) * 0x10);
      host_bytes (&client, bytes, sizeof bytes);
    }
  collect (&client);
  g_assert_cmpuint (client.n_transfers, <=, 70000);
  close_client (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/brom/identify", test_identify);
  g_test_add_func ("/phone/brom/preloader", test_preloader);
  g_test_add_func ("/phone/brom/window", test_window);
  g_test_add_func ("/phone/brom/no-preloader", test_no_preloader);
  g_test_add_func ("/phone/brom/handshake-restarts", test_handshake_restarts);
  g_test_add_func ("/phone/brom/watchdog", test_watchdog);
  g_test_add_func ("/phone/brom/registers", test_registers);
  g_test_add_func ("/phone/brom/send-agent", test_send_agent);
  g_test_add_func ("/phone/brom/security", test_security);
  g_test_add_func ("/phone/brom/signature", test_signature);
  g_test_add_func ("/phone/brom/fixed-buffer", test_fixed_buffer);
  g_test_add_func ("/phone/brom/fragmented", test_fragmented);
  g_test_add_func ("/phone/brom/rubbish", test_rubbish);
  return g_test_run ();
}
