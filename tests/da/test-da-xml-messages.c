/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* texts of XML agents: what they say ends as a bounded value or an error */

#include "base/ub-error.h"
#include "da/ub-da-xml-messages.h"

#include <string.h>

static void
check_number (const char *text, gboolean ok, guint64 expected)
{
  guint64 value = 7;

  g_assert_cmpint (ub_da_xml_messages_parse_number (text, &value), ==, ok);
  if (ok)
    g_assert_cmpuint (value, ==, expected);
}

static void
test_numbers (void)
{
  check_number ("0", TRUE, 0);
  check_number ("1234", TRUE, 1234);
  check_number ("0x4d2", TRUE, 1234);
  check_number ("0X4D2", TRUE, 1234);
  check_number (" 12\r\n", TRUE, 12);
  check_number ("0x0000000004000000", TRUE, 0x4000000);
  check_number ("0xffffffffffffffff", TRUE, G_MAXUINT64);
  check_number ("18446744073709551615", TRUE, G_MAXUINT64);
  check_number ("18446744073709551616", FALSE, 0);
  check_number ("0x10000000000000000", FALSE, 0);
  check_number ("-1", FALSE, 0);
  check_number ("+1", FALSE, 0);
  check_number ("", FALSE, 0);
  check_number ("0x", FALSE, 0);
  check_number ("0xfg", FALSE, 0);
  check_number ("1f", FALSE, 0);
  check_number ("1 2", FALSE, 0);
  check_number ("00000000000000000000000000000000000000000000001", FALSE, 0);
}

static void
check_word (const char *text, UbDaXmlWordKind kind, gboolean has_value, guint64 value)
{
  UbDaXmlWord word;

  ub_da_xml_messages_parse_word (text, strlen (text) + 1, &word);
  g_assert_cmpint (word.kind, ==, kind);
  g_assert_cmpint (word.has_value, ==, has_value);
  if (has_value)
    g_assert_cmpuint (word.value, ==, value);
}

static void
test_words (void)
{
  UbDaXmlWord word;

  check_word ("OK", UB_DA_XML_WORD_OK, FALSE, 0);
  check_word ("OK@0x0", UB_DA_XML_WORD_OK, TRUE, 0);
  check_word ("OK@0x0000000004000000", UB_DA_XML_WORD_OK, TRUE, 0x4000000);
  check_word ("OK@500", UB_DA_XML_WORD_OK, TRUE, 500);
  check_word ("OK@-1", UB_DA_XML_WORD_OK, FALSE, 0);
  check_word ("OK!EOT", UB_DA_XML_WORD_EOT, FALSE, 0);
  check_word ("OK!PROGRESS@40@erase", UB_DA_XML_WORD_PROGRESS, TRUE, 40);
  check_word ("OK!PROGRESS@100@", UB_DA_XML_WORD_PROGRESS, TRUE, 100);
  check_word ("OK!PROGRESS@4000", UB_DA_XML_WORD_PROGRESS, TRUE, 100);
  check_word ("OK!PROGRESS@@", UB_DA_XML_WORD_PROGRESS, FALSE, 0);
  check_word ("OK!PROGRESS@11111111111111111111111111111111111111111111111111111111111111111111@",
              UB_DA_XML_WORD_PROGRESS,
              FALSE,
              0);
  check_word ("ERR", UB_DA_XML_WORD_ERROR, FALSE, 0);
  check_word ("ERR!UNSUPPORTED", UB_DA_XML_WORD_UNSUPPORTED, FALSE, 0);
  check_word ("OKAY", UB_DA_XML_WORD_ERROR, FALSE, 0);
  check_word ("", UB_DA_XML_WORD_ERROR, FALSE, 0);
  check_word ("<?xml", UB_DA_XML_WORD_DOCUMENT, FALSE, 0);
  check_word ("\r\n <host>", UB_DA_XML_WORD_DOCUMENT, FALSE, 0);
  /* two NULs, and none */
  ub_da_xml_messages_parse_word ("OK\0", 4, &word);
  g_assert_cmpint (word.kind, ==, UB_DA_XML_WORD_OK);
  ub_da_xml_messages_parse_word ("OKx", 2, &word);
  g_assert_cmpint (word.kind, ==, UB_DA_XML_WORD_OK);
}

static void
test_commands (void)
{
  g_autofree char *plain = ub_da_xml_messages_command ("NOTIFY-INIT-HW", NULL);
  g_autofree char *escaped = ub_da_xml_messages_command ("X", "a", "<&>'\"", "b", "", NULL);

  g_assert_cmpstr (plain,
                   ==,
                   "<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>1.0</version>"
                   "<command>CMD:NOTIFY-INIT-HW</command></da>");
  g_assert_cmpstr (escaped,
                   ==,
                   "<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>1.0</version>"
                   "<command>CMD:X</command><arg><a>&lt;&amp;&gt;&apos;&quot;</a><b></b></arg>"
                   "</da>");
}

static gboolean
parse (const char *text, UbDaXmlRequest *request)
{
  g_autoptr (GError) error = NULL;
  /* a copy without a NUL, so that reading past the end is seen */
  g_autofree char *copy = g_memdup2 (text, strlen (text) + 1);
  const gboolean   ok = ub_da_xml_messages_parse_request (copy, strlen (text), request, &error);

  g_assert_true (ok == (error == NULL));
  if (!ok)
    g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
  return ok;
}

static void
test_requests (void)
{
  UbDaXmlRequest request;

  g_assert_true (parse ("<host>\n    <version>1.0</version>\n    <command> CMD:DOWNLOAD-FILE "
                        "</command>\n    <arg>\n<checksum>CHK_ADD</checksum><info>a</info>"
                        "<source_file>a&amp;&lt;b&gt;</source_file>"
                        "<packet_length>0x200000</packet_length></arg></host>",
                        &request));
  g_assert_cmpint (request.kind, ==, UB_DA_XML_DOWNLOAD_FILE);
  g_assert_cmpstr (request.file, ==, "a&<b>");
  g_assert_cmpuint (request.packet_length, ==, 0x200000);
  g_assert_true (parse ("<host><command>CMD:NEW-THING</command></host>", &request));
  g_assert_cmpint (request.kind, ==, UB_DA_XML_UNKNOWN);
  /* no result is no success */
  g_assert_true (parse ("<host><command>CMD:END</command></host>", &request));
  g_assert_cmpint (request.result, ==, UB_DA_XML_RESULT_ERROR);
  g_assert_true (
      parse ("<host><command>CMD:END</command><arg><result>OK</result></arg></host>", &request));
  g_assert_cmpint (request.result, ==, UB_DA_XML_RESULT_OK);
  /* a result that the message only speaks of is none */
  g_assert_true (parse ("<host><command>CMD:END</command><arg><result>ERR</result><message>"
                        "</arg><arg><result>OK</result> & <</message></arg></host>",
                        &request));
  g_assert_cmpint (request.result, ==, UB_DA_XML_RESULT_ERROR);
}

static void
test_message_is_bounded (void)
{
  g_autofree char *words = g_strnfill (5000, 'w');
  g_autofree char *text = g_strdup_printf ("<host><command>CMD:END</command><arg>"
                                           "<message>\x01 %s</message></arg></host>",
                                           words);
  UbDaXmlRequest   request;

  g_assert_true (parse (text, &request));
  g_assert_cmpuint (strlen (request.message), ==, sizeof request.message - 1);
  g_assert_cmpint (request.message[0], ==, '?');
}

static void
test_nonsense (void)
{
  static const char *const texts[] = {
    "",
    "x",
    "<",
    "<host>",
    "<host></arg>",
    "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
    "<host>&bomb;</host>",
    "<host/><host",
    "<host a=1></host>",
    "</message><message>",
  };
  g_autofree char *many = g_strnfill (9000, ' ');
  g_autoptr (GString) elements = g_string_new ("<host>");
  g_autofree char *name = g_strnfill (100, 'n');
  g_autofree char *named = g_strdup_printf ("<host><%1$s></%1$s></host>", name);
  g_autofree char *words = g_strnfill (5000, 'w');
  g_autofree char *leaf = g_strdup_printf ("<host><command>%s</command></host>", words);
  UbDaXmlRequest   request;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (parse (texts[i], &request));
  for (guint i = 0; i < strlen (many); i++)
    g_string_append (elements, "<a/>");
  g_string_append (elements, "</host>");
  g_assert_false (parse (elements->str, &request));
  g_assert_false (parse (named, &request));
  g_assert_false (parse (leaf, &request));
}

static UbLayout *
parse_table (const char *text)
{
  g_autoptr (GError) error = NULL;
  UbLayout *layout =
      ub_da_xml_messages_parse_table (text, strlen (text), UB_REGION_EMMC_USER, &error);

  g_assert_true ((layout != NULL) == (error == NULL));
  return layout;
}

#define PART(name, start, size)                                                                    \
  "<pt><name>" name "</name><start>" start "</start><size>" size "</size></pt>"

static void
test_tables (void)
{
  static const char *const wrong[] = {
    "<table></table>",
    "<partition_table>" PART ("", "0x0", "0x200") "</partition_table>",
    "<partition_table>" PART ("a", "-1", "0x200") "</partition_table>",
    "<partition_table>" PART ("a", "0x8000000000000000", "0x200") "</partition_table>",
    "<partition_table><pt><name>a</name><start>0</start></pt></partition_table>",
    "<partition_table>" PART ("a", "0", "1") "<pt><name>b</name></pt></partition_table>",
    /* cut off where the agent's own room ended */
    "<partition_table>" PART ("a", "0", "1") "<pt><name>b</na",
  };
  g_autoptr (GString) many = g_string_new ("<partition_table>");
  g_autoptr (UbLayout) layout = parse_table (
      "<partition_table version=\"1.0\">\n  " PART ("boot_a", "0x8000000", "65536")
          PART ("a&amp;b", "0", "0") "</partition_table>");

  g_assert_cmpuint (layout->entries->len, ==, 2);
  g_assert_cmpuint (ub_layout_find (layout, "boot_a")->size, ==, 65536);
  g_assert_nonnull (ub_layout_find (layout, "a&b"));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (parse_table (wrong[i]));
  for (guint i = 0; i < 600; i++)
    g_string_append (many, PART ("a", "0", "1"));
  g_string_append (many, "</partition_table>");
  g_assert_null (parse_table (many->str));
}

static void
test_properties (void)
{
  static const char text[] = "<sys_prop version=\"1.0\"><item key=\"DA.HRID\">00</item>"
                             "<item key=\"DA.SLA\"> ENABLED </item><item>x</item></sys_prop>";
  g_autoptr (GError) error = NULL;
  g_autofree char *value = ub_da_xml_messages_parse_property (text, sizeof text, "DA.SLA", &error);
  g_autofree char *none = ub_da_xml_messages_parse_property (text, sizeof text, "DA.X", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, "ENABLED");
  g_assert_null (none);
  g_assert_null (ub_da_xml_messages_parse_property ("<a", 2, "DA.SLA", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
}

static void
test_cids (void)
{
  guint8 cid[16];

  g_assert_true (ub_da_xml_messages_parse_cid ("4F0001114C4341523412104501877856", cid));
  g_assert_cmpuint (cid[0], ==, 0x11);
  g_assert_cmpuint (cid[15], ==, 0x01);
  g_assert_false (ub_da_xml_messages_parse_cid ("4F0001114C43415234121045018778", cid));
  g_assert_false (ub_da_xml_messages_parse_cid ("4F0001114C434152341210450187785600", cid));
  g_assert_false (ub_da_xml_messages_parse_cid ("4F0001114C43415234121045018778zz", cid));
  g_assert_false (ub_da_xml_messages_parse_cid ("", cid));
}

static void
test_hardware_lies (void)
{
  static const char *const wrong[] = {
    "<da_hw_info><emmc><user_size>-1</user_size></emmc></da_hw_info>",
    "<da_hw_info><emmc><user_size></user_size></emmc></da_hw_info>",
    "<da_hw_info><ram_size>lots</ram_size></da_hw_info>",
    "<da_hw_info><ufs><lua0_size>0xffffffffffffffff</lua0_size></ufs></da_hw_info>",
  };
  g_autoptr (GString) vendors = g_string_new ("<da_hw_info><storage>UFS</storage><ufs>");
  UbDaXmlHardware hardware;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          ub_da_xml_messages_parse_hardware (wrong[i], strlen (wrong[i]), &hardware, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
    }
  for (guint i = 0; i < 500; i++)
    g_string_append (vendors, "<vid>0x1ce, and more of it</vid><sn>serial</sn>");
  g_string_append (vendors, "</ufs></da_hw_info>");
  g_assert_true (ub_da_xml_messages_parse_hardware (vendors->str, vendors->len, &hardware, NULL));
  g_assert_cmpint (hardware.storage, ==, UB_STORAGE_UFS);
  g_assert_cmpuint (strlen (hardware.identity), ==, sizeof hardware.identity - 1);
  g_assert_true (hardware.has_serial);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/xml-messages/numbers", test_numbers);
  g_test_add_func ("/da/xml-messages/words", test_words);
  g_test_add_func ("/da/xml-messages/commands", test_commands);
  g_test_add_func ("/da/xml-messages/requests", test_requests);
  g_test_add_func ("/da/xml-messages/message-is-bounded", test_message_is_bounded);
  g_test_add_func ("/da/xml-messages/nonsense", test_nonsense);
  g_test_add_func ("/da/xml-messages/tables", test_tables);
  g_test_add_func ("/da/xml-messages/properties", test_properties);
  g_test_add_func ("/da/xml-messages/cids", test_cids);
  g_test_add_func ("/da/xml-messages/hardware-lies", test_hardware_lies);
  return g_test_run ();
}
