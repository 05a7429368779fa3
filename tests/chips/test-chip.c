/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chips/ub-chip.h"

static void
assert_fits (guint16 hw_code, const char *platform, gboolean expected)
{
  const UbChip *chip = ub_chip_find (hw_code);

  g_assert_nonnull (chip);
  if (ub_chip_fits_platform (chip, platform) != expected)
    g_error ("0x%04x and %s: expected %s", hw_code, platform, expected ? "a fit" : "no fit");
}

/* troubles 21 */
static void
test_aliases (void)
{
  assert_fits (0x551, "MT6757", TRUE);
  assert_fits (0x551, "MT6757D", TRUE);
  assert_fits (0x326, "MT6755", TRUE);
  assert_fits (0x326, "MT6750", TRUE);
  assert_fits (0x326, "MT6750T", TRUE);
  assert_fits (0x321, "MT6735T", TRUE);
  assert_fits (0x335, "MT6737M", TRUE);
  assert_fits (0x335, "MT6735G", TRUE);
  assert_fits (0x6582, "MT8382", TRUE);
  assert_fits (0x766, "MT6762", TRUE);
  assert_fits (0x707, "MT6769", TRUE);
  assert_fits (0x717, "MT6762", TRUE);
  assert_fits (0x788, "MT8183", TRUE);
  assert_fits (0x690, "MT6763V", TRUE);
  assert_fits (0x788, "mt6771t", TRUE);
}

static void
test_strangers (void)
{
  assert_fits (0x6580, "MT6572", FALSE);
  assert_fits (0x6572, "MT6580", FALSE);
  assert_fits (0x321, "MT6737M", FALSE);
  assert_fits (0x321, "MT6753", FALSE);
  assert_fits (0x335, "MT6735", FALSE);
  assert_fits (0x337, "MT6735", FALSE);
  assert_fits (0x6580, "", FALSE);
  assert_fits (0x6580, NULL, FALSE);
  assert_fits (0x6580, "X", FALSE);
}

static void
test_table (void)
{
  g_assert_cmpuint (ub_chip_get_count (), >=, 74);
  for (guint i = 0; i < ub_chip_get_count (); i++)
    {
      const UbChip *chip = ub_chip_get (i);

      g_assert_nonnull (chip->name);
      g_assert_true (ub_chip_find (chip->hw_code) == chip); /* no code twice */
      g_assert_cmpint (chip->protocol, !=, UB_PROTOCOL_UNKNOWN);
      for (guint j = 0; j < G_N_ELEMENTS (chip->watchdog); j++)
        g_assert_true (chip->watchdog[j].width == 0 || chip->watchdog[j].width == 16 ||
                       chip->watchdog[j].width == 32);
    }
  g_assert_null (ub_chip_get (ub_chip_get_count ()));
  g_assert_null (ub_chip_find (0xffff));
}

static void
test_facts (void)
{
  const UbChip *chip = ub_chip_find (0x6592);

  g_assert_cmphex (chip->watchdog[1].address, ==, 0x10000500);
  g_assert_cmphex (chip->watchdog[1].value, ==, 0x22000000);
  g_assert_true (chip->phone_info);
  g_assert_cmpint (chip->flow, ==, UB_FLOW_GPT);

  chip = ub_chip_find (0x6577);
  g_assert_cmphex (chip->watchdog[0].address, ==, 0xc0000000);
  g_assert_cmphex (chip->watchdog[0].value, ==, 0x2264);
  g_assert_cmpuint (chip->watchdog[0].width, ==, 16);

  chip = ub_chip_find (0x337);
  g_assert_cmphex (chip->agent_code, ==, 0x6735);
  g_assert_cmphex (chip->watchdog[0].address, ==, 0x10212000);
  g_assert_cmpuint (chip->emi_versions[0], ==, 20);

  g_assert_cmphex (ub_chip_find_by_agent_code (0x6735)->hw_code, ==, 0x321);
  g_assert_cmphex (ub_chip_find_by_platform ("MT6757D")->hw_code, ==, 0x551);
  g_assert_cmphex (ub_chip_find_by_platform ("MT6763V")->hw_code, ==, 0x690);
  g_assert_null (ub_chip_find_by_platform ("banana"));
  g_assert_cmpstr (ub_protocol_to_string (ub_chip_find (0x1208)->protocol), ==, "xml");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chips/chip/aliases", test_aliases);
  g_test_add_func ("/chips/chip/strangers", test_strangers);
  g_test_add_func ("/chips/chip/table", test_table);
  g_test_add_func ("/chips/chip/facts", test_facts);
  return g_test_run ();
}
