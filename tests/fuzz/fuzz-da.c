/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* a legacy agent that answers anything. The first byte chooses the chip, the second the year and
 * what is asked of it first */

#include "da/ub-da-legacy-private.h"
#include "tests/da/test-agent.h"
#include "tests/fuzz/fuzz-link.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 zeros[0x100000] = { 0 };

  *packet = (UbDaPacket){ zeros, size, 0 };
  return TRUE;
}

static gboolean
take (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  return size == 0 || data[size - 1] != 0x42;
}

/* one command, past the range check: what the agent reported is no promise */
static void
run_command (UbDa *da, guint8 which)
{
  UbDaClass *klass = UB_DA_GET_CLASS (da);
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  switch (which % 5)
    {
    case 0:
      ok = klass->write (da, UB_REGION_EMMC_USER, 0, 0x400, give, NULL, NULL, NULL, NULL, &error);
      break;
    case 1:
      ok =
          klass
              ->read (da, UB_REGION_EMMC_BOOT1, 0x200, 0x400, take, NULL, NULL, NULL, NULL, &error);
      break;
    case 2:
      ok = klass->erase (da, UB_REGION_EMMC_USER, 0x200, 0x20000000, NULL, NULL, NULL, &error);
      break;
    case 3:
      layout = klass->read_layout (da, &error);
      ok = layout != NULL;
      break;
    default:
      ok = klass->finish (da, which & 0x80 ? UB_DA_FINISH_REBOOT : UB_DA_FINISH_POWER_OFF, &error);
      break;
    }
  g_assert (ok == (error == NULL) || which % 5 == 1);
}

static void
run_rarer_commands (UbDa *da)
{
  UbDaClass *klass = UB_DA_GET_CLASS (da);
  UbDaHealth health = { -1, -1, -1, -1 };
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_PMT);
  g_autoptr (GError) error = NULL;

  ub_layout_add (layout, "lk", UB_REGION_EMMC_USER, 0x80000, 0x40000);
  ub_layout_add (layout, "boot", UB_REGION_EMMC_USER, 0xc0000, 0x400000);
  g_assert (klass->write_layout (da, layout, &error) == (error == NULL));
  klass->read_health (da, &health);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (UbLink) link = NULL;
  g_autoptr (UbDa) da = NULL;
  g_auto (TestSetup) setup = { 0 };
  g_autoptr (GError) error = NULL;
  UbDaReport    report = { 0 };
  const UbChip *chip;

  if (size < 2)
    return 0;
  chip = ub_chip_get (data[0] % ub_chip_get_count ());
  test_setup_init (&setup,
                   chip->hw_code,
                   data[1] & 1 ? 2019 : 2015,
                   0x1004,
                   test_emi_new (chip->emi_versions[0], 188, 3, 1));
  g_ptr_array_add (setup.emis, test_emi_new (data[1] & 2 ? 17 : 21, 176, 1, 0));
  link = fuzz_link_new (data + 2, size - 2);
  da = ub_da_legacy_new (link);
  if (!(data[1] & 4) && !ub_da_legacy_start_after_jump (UB_DA_LEGACY (da),
                                                        &setup.setup,
                                                        &report,
                                                        NULL,
                                                        NULL,
                                                        NULL,
                                                        &error))
    return 0;
  if (data[1] & 0x80)
    run_rarer_commands (da);
  for (guint i = 0; i < 4; i++)
    run_command (da, (guint8) (data[1] / 8 + i));
  return 0;
}
