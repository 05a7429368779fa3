/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* an XML agent that answers anything, and its documents. The first byte chooses what is done: a document's parser, a start,
 * or commands. To spare the fuzzer headers and their lengths, its bytes are texts, each up to a NUL, from which messages are
 * made; one that begins with a byte of 1 is sent as it is, without a header */

#include "base/ub-error.h"
#include "da/ub-da-xml-private.h"
#include "tests/da/test-agent.h"
#include "tests/fuzz/fuzz-key.h"
#include "tests/fuzz/fuzz-link.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 zeros[UB_DA_XML_PACKET] = { 0 };
  guint              *calls = user_data;

  g_assert (size <= sizeof zeros);
  if (++*calls == 5)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_FILE_READ, "enough");
      return FALSE;
    }
  *packet = (UbDaPacket){ zeros, size, 0 };
  return TRUE;
}

static gboolean
take (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  if (size == 0 || data[size - 1] != 0x42)
    return TRUE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_FILE_WRITE, "enough");
  return FALSE;
}

static void
run_command (UbDa *da, guint which)
{
  UbDaClass *klass = UB_DA_GET_CLASS (da);
  UbDaHealth health = { -1, -1, -1, -1 };
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error = NULL;
  guint    calls = 0;
  gboolean ok = TRUE;

  switch (which % 7)
    {
    case 0:
      ok = klass->write (da, UB_REGION_EMMC_USER, 0, 0x400, give, &calls, NULL, NULL, NULL, &error);
      break;
    case 1:
      ok = klass->read (da, UB_REGION_UFS_LU2, 0x200, 0x400, take, NULL, NULL, NULL, NULL, &error);
      break;
    case 2:
      ok = klass->erase (da, UB_REGION_EMMC_USER, 0x200, 0x20000000, NULL, NULL, NULL, &error);
      break;
    case 3:
      layout = klass->read_layout (da, &error);
      ok = layout != NULL;
      break;
    case 4:
      ok = klass->write_part (da, "lk", 0xa00000, give, &calls, NULL, NULL, NULL, &error);
      break;
    case 5:
      klass->read_health (da, &health);
      break;
    default:
      ok = klass->finish (da, which & 0x80 ? UB_DA_FINISH_REBOOT : UB_DA_FINISH_POWER_OFF, &error);
      break;
    }
  g_assert (ok == (error == NULL));
}

static void
parse_documents (const char *text, gsize size)
{
  guint8          challenge[16];
  UbDaXmlHardware hardware;
  UbDaXmlRequest  request;
  UbDaXmlWord     word;
  g_autoptr (UbLayout) layout =
                 ub_da_xml_messages_parse_table (text, size, UB_REGION_EMMC_USER, NULL);
  g_autofree char *property = ub_da_xml_messages_parse_property (text, size, "DA.SLA", NULL);
  g_autofree char *agent = ub_da_xml_messages_parse_agent (text, size);

  g_assert (layout == NULL || layout->entries->len < 1000);
  g_assert (property == NULL || strlen (property) < 2000);
  g_assert (strlen (agent) < 1000);
  if (ub_da_xml_messages_parse_hardware (text, size, &hardware, NULL))
    {
      g_assert (strlen (hardware.id) < sizeof hardware.id);
      g_assert (hardware.user_size <= G_MAXINT64);
    }
  if (ub_da_xml_messages_parse_request (text, size, &request, NULL))
    for (const char *p = request.message; *p != '\0'; p++)
      g_assert (g_ascii_isprint (*p));
  if (ub_da_xml_messages_parse_challenge (text, size, challenge, NULL))
    g_assert (size > 16);
  ub_da_xml_messages_parse_word (text, size, &word);
}

/* messages of the fuzzer's texts */
static GByteArray *
make_messages (const guint8 *data, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();

  while (size > 0)
    {
      const guint8 *end = memchr (data, 0, size);
      const gsize   length = end != NULL ? (gsize) (end - data) + 1 : size;
      guint8        header[UB_DA_FRAME_HEADER];

      ub_da_frame_put_header (header, (guint32) length);
      for (guint i = 0; i < sizeof header && data[0] != 1; i++)
        g_byte_array_append (bytes,
                             header[i] == 0xee ? (const guint8 *) "\xee\xee" : &header[i],
                             header[i] == 0xee ? 2 : 1);
      g_byte_array_append (bytes, data + (data[0] == 1), (guint) length - (data[0] == 1));
      data += length;
      size -= length;
    }
  return bytes;
}

static void
run_session (const guint8 *data, gsize size, guint8 which)
{
  g_autoptr (GByteArray) messages = make_messages (data, size);
  g_autoptr (UbLink) link = fuzz_link_new (messages->data, messages->len);
  g_autoptr (UbDa) da = ub_da_xml_new (link);
  g_auto (TestSetup) setup = { 0 };
  g_autoptr (GError) error = NULL;
  UbDaReport report = { 0 };

  test_setup_init (&setup, 0x1208, 2024, 0x1104, NULL);
  setup.setup.da2_signature = 0x100;
  setup.setup.brom.is_boot_rom = which & 4;
  setup.setup.key = which & 0x80 ? fuzz_key_get () : NULL;
  if (!(which & 2) &&
      !ub_da_xml_start_after_jump (UB_DA_XML (da), &setup.setup, &report, NULL, NULL, NULL, &error))
    return;
  for (guint i = 0; i < 4; i++)
    run_command (da, which / 8 + i);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size < 1)
    return 0;
  if (data[0] & 1)
    parse_documents ((const char *) data + 1, size - 1);
  else
    run_session (data + 1, size - 1, data[0]);
  return 0;
}
