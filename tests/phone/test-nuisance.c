/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include "base/ub-error.h"

/* the mischief lines around the greeting */

static Client
open_phone (UbEnter enter, const char *line)
{
  UbPracticePhoneOptions options = make_options ("MT6580", enter);
  Client                 client = open_client (&options);
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_practice_phone_mischief (client.phone, line, &error));
  g_assert_no_error (error);
  ub_practice_phone_line_coding (client.phone);
  return client;
}

static void
test_lines (void)
{
  static const char *const wrong[] = { "half-handshake 0",    "half-handshake 5", "half-handshake",
                                       "stray-hex 4",         "stray-hex xx",     "stray-hex ",
                                       "stray-later AT",      "stray-later 0 AT", "stray-later 3",
                                       "enter-next fastboot", "hub-reset -1",     "lose-byte x" };
  Client                   client = open_phone (UB_ENTER_BOOT_ROM, "stray-hex 41");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ub_practice_phone_mischief (client.phone, wrong[i], &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
    }
  close_client (&client);
}

static void
test_half_handshake (void)
{
  Client rom = open_phone (UB_ENTER_BOOT_ROM, "half-handshake 3");
  Client unread = open_phone (UB_ENTER_BOOT_ROM, "half-handshake-unread 3");
  Client preloader = open_phone (UB_ENTER_PRELOADER, "half-handshake 4");

  host (&rom, "05");
  phone (&rom, "fa");
  host (&rom, "a0");
  phone (&rom, "a0");
  phone (&unread, "5ff5af");
  host (&unread, "a0");
  phone (&unread, "5f");
  host (&preloader, "fd");
  phone (&preloader, "fd 6580 0000");
  close_client (&rom);
  close_client (&unread);
  close_client (&preloader);
}

/* a genuine one answers what it does not expect by the byte after it */
static void
test_strays (void)
{
  Client first = open_phone (UB_ENTER_BOOT_ROM, "stray-hex 41540d");
  Client later = open_phone (UB_ENTER_BOOT_ROM, "stray-later 2 AT");

  phone (&first, "42550e");
  host (&later, "a0");
  phone (&later, "5f");
  host (&later, "0a");
  phone (&later, "42550e 0b");
  close_client (&first);
  close_client (&later);
}

static void
test_out_of_step (void)
{
  Client lost = open_phone (UB_ENTER_BOOT_ROM, "lose-byte 6");
  Client doubled = open_phone (UB_ENTER_BOOT_ROM, "double-byte 6");
  Client behind = open_phone (UB_ENTER_BOOT_ROM, "echo-behind");

  host (&lost, "a00a5005");
  host (&lost, "fd fd");
  phone (&lost, "5ff5affa fd 80 0000 fd 6580 0000");
  host (&doubled, "a00a5005");
  host (&doubled, "fd");
  phone (&doubled, "5ff5affa fd 656580 0000");
  host (&behind, "a0");
  silence (&behind);
  host (&behind, "0a");
  phone (&behind, "5f");
  host (&behind, "5005fd");
  phone (&behind, "f5affafd 6580");
  close_client (&lost);
  close_client (&doubled);
  close_client (&behind);
}

static void
test_ready (void)
{
  Client           flood = open_phone (UB_ENTER_PRELOADER, "ready-flood 70");
  Client           between = open_phone (UB_ENTER_PRELOADER, "ready-between 2");
  Client           rom = open_phone (UB_ENTER_BOOT_ROM, "ready-flood 70");
  g_autofree char *all = take (&flood, 70);

  g_assert_cmpuint (strlen (all), ==, 140);
  g_assert_true (g_str_has_suffix (all, "5245414459"));
  host (&between, "a0a00a50");
  phone (&between, "5245415f 4459f5 af");
  silence (&rom);
  close_client (&flood);
  close_client (&between);
  close_client (&rom);
}

static void
test_enter_next (void)
{
  Client client = open_phone (UB_ENTER_PRELOADER, "enter-next bootrom");

  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x2000);
  ub_practice_phone_plug (client.phone);
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  close_client (&client);
}

/* back at once, and where it was */
static void
test_hub_reset (void)
{
  Client client = open_phone (UB_ENTER_BOOT_ROM, "hub-reset 2");

  host (&client, "a0");
  host (&client, "0a");
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 190);
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 20);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  g_byte_array_set_size (client.in, 0);
  host (&client, "5005");
  phone (&client, "affa");
  close_client (&client);
}

static void
test_mute (void)
{
  Client client = open_phone (UB_ENTER_PRELOADER, "silent-after-handshake");

  host (&client, "a0a00a5005");
  g_free (take (&client, 100));
  host (&client, "fd");
  silence (&client);
  close_client (&client);
}

static void
test_babble (void)
{
  Client           client = open_phone (UB_ENTER_BOOT_ROM, "babble-after-handshake");
  Client           again = open_phone (UB_ENTER_BOOT_ROM, "babble-after-handshake");
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  silence (&client);
  host (&client, "a00a5005");
  host (&again, "a00a5005");
  one = take (&client, 1000);
  two = take (&again, 1000);
  g_assert_cmpuint (strlen (one), ==, 2000);
  g_assert_cmpstr (one, ==, two);
  close_client (&client);
  close_client (&again);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/nuisance/lines", test_lines);
  g_test_add_func ("/phone/nuisance/half-handshake", test_half_handshake);
  g_test_add_func ("/phone/nuisance/strays", test_strays);
  g_test_add_func ("/phone/nuisance/out-of-step", test_out_of_step);
  g_test_add_func ("/phone/nuisance/ready", test_ready);
  g_test_add_func ("/phone/nuisance/enter-next", test_enter_next);
  g_test_add_func ("/phone/nuisance/hub-reset", test_hub_reset);
  g_test_add_func ("/phone/nuisance/mute", test_mute);
  g_test_add_func ("/phone/nuisance/babble", test_babble);
  return g_test_run ();
}
