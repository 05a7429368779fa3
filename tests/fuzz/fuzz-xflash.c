/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* an XFLASH agent that answers anything. The first byte chooses what it starts with and what is asked of it; the second how
 * it is framed: what a fuzzer would hardly ever guess is put around its bytes */

#include "da/ub-da-xflash-private.h"
#include "tests/da/test-agent.h"
#include "tests/fuzz/fuzz-key.h"
#include "tests/fuzz/fuzz-link.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 zeros[UB_DA_XFLASH_PACKET_LIMIT] = { 0 };

  g_assert_cmpuint (size, <=, sizeof zeros);
  *packet = (UbDaPacket){ zeros, size, 0 };
  return TRUE;
}

static gboolean
take (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  if (data[size - 1] != 0x42)
    return TRUE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "full");
  return FALSE;
}

static UbEmi *
make_emi (guint match)
{
  UbEmi *emi = test_emi_new (35, 0xa0, 2, match);

  emi->block = g_bytes_new_static ("MTK_BLOADER_INFO_v35", 20);
  return emi;
}

static UbEmi *
find_emi (UbDaBootReader read, gpointer reader_data, guint64 size, gpointer user_data)
{
  g_autoptr (GBytes) bytes = read (0, (gsize) MIN (size, 0x80), reader_data, NULL);

  return bytes != NULL && g_bytes_get_size (bytes) % 2 == 0 ? make_emi (1) : NULL;
}

/* one command, past the range check: what the agent reported is no promise */
static void
run_command (UbDa *da, guint8 which)
{
  UbDaClass *klass = UB_DA_GET_CLASS (da);
  g_autoptr (GError) error = NULL;
  UbDaHealth health = { -1, -1, -1, -1 };
  gboolean   ok = TRUE;

  switch (which % 6)
    {
    case 0:
      ok = klass->write (da, UB_REGION_EMMC_USER, 0, 0x4000, give, NULL, NULL, NULL, NULL, &error);
      break;
    case 1:
      ok = klass->read (da, UB_REGION_UFS_LU0, 0x200, 0x400, take, NULL, NULL, NULL, NULL, &error);
      break;
    case 2:
      ok = klass->erase (da, UB_REGION_UFS_LU2, 0x200, 0x20000000, NULL, NULL, NULL, &error);
      break;
    case 3:
      ok = klass->write_part (da, "PGPT", 0x4000, give, NULL, NULL, NULL, NULL, &error);
      break;
    case 4:
      klass->read_health (da, &health);
      g_assert_cmpint (health.battery_mv, <=, 30000);
      break;
    default:
      ok = klass->finish (da, which & 0x80 ? UB_DA_FINISH_REBOOT : UB_DA_FINISH_POWER_OFF, &error);
      break;
    }
  g_assert (ok == (error == NULL));
}

/* each byte below 0x80 becomes a status of its own, 0x80 … 0xfe announce a message of the next up to 0x7e bytes, 0xff log of it. So the
 * fuzzer plays with messages and not with their magic */
static GByteArray *
frame (const guint8 *data, gsize size)
{
  static const guint32 statuses[] = { 0,          0x434e5953, 0x40040004, 0x40040005, 0xc0010003,
                                      0xc0010004, 0xc0040003, 0xc002000c, 0xc004000a, 0xc0040050 };
  GByteArray          *bytes = g_byte_array_new ();

  while (size > 0)
    {
      const guint8 kind = *data;
      const gsize  left = size - 1;
      const gsize  body = kind < 0x80 ? 4 : MIN (left, kind == 0xff ? 8u : kind - 0x80u);
      /* an EE is said twice */
      guint8        header[14] = { 0xef, 0xee, 0xee, 0xee, 0xee, 0xfe, kind == 0xff ? 2 : 1 };
      const guint32 status = GUINT32_TO_LE (statuses[kind % G_N_ELEMENTS (statuses)]);

      header[10] = (guint8) body;
      g_byte_array_append (bytes, header, sizeof header);
      g_byte_array_append (bytes, kind < 0x80 ? (const guint8 *) &status : data + 1, (guint) body);
      data += kind < 0x80 ? 1 : 1 + body;
      size -= kind < 0x80 ? 1 : 1 + body;
    }
  return bytes;
}

static gboolean
begin (UbDaXflash *da, const UbDaSetup *setup, guint8 how, GError **error)
{
  UbDaReport report = { 0 };

  if (how % 4 == 0)
    return ub_da_xflash_start_after_jump (da, setup, &report, NULL, NULL, NULL, error);
  if (how % 4 == 1)
    return ub_da_xflash_start_in_second (da, setup, &report, NULL, error);
  if (how % 4 == 2)
    da->write_packet = 0x1000;
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (UbLink) link = NULL;
  g_autoptr (UbDa) da = NULL;
  g_auto (TestSetup) setup = { 0 };
  g_autoptr (GByteArray) framed = NULL;
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  if (size < 2)
    return 0;
  test_setup_init (&setup, 0x0766, 2020, 0x1004, make_emi (0));
  g_ptr_array_add (setup.emis, make_emi (5));
  setup.setup.da2_signature = 0x100;
  setup.setup.brom.is_boot_rom = TRUE;
  setup.setup.key = data[1] & 4 ? fuzz_key_get () : NULL;
  setup.setup.find_emi = data[0] & 0x40 ? find_emi : NULL;
  framed = frame (data + 2, size - 2);
  if (data[0] % 4 == 0 && data[1] & 1)
    g_byte_array_append (all, (const guint8 *) "\xc0", 1);
  g_byte_array_append (all,
                       data[1] & 2 ? framed->data : data + 2,
                       data[1] & 2 ? framed->len : (guint) (size - 2));
  link = fuzz_link_new (all->data, all->len);
  da = ub_da_xflash_new (link);
  if (!begin (UB_DA_XFLASH (da), &setup.setup, data[0], &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  for (guint i = 0; i < 4; i++)
    run_command (da, (guint8) (data[0] / 4 + i));
  return 0;
}
