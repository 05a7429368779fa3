/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xml-client.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "phone/ub-phone-xml-reader.h"

#define MISMATCH                                                                                   \
  "DA Hash mismatch. Check these: \r\n1. EMI setting cause DRAM is not stable.\r\n"                \
  "2. DRAM HW has some flaw."

/* DA1 of a phone entered by its boot ROM */
static void
set_up_da1 (Bench *bench, gconstpointer data)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_BOOT_ROM);

  open_bench (bench, &options, 0x1208);
}

/* --- DA1 --- */

static void
test_start (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *text = NULL;

  hears (client, START);
  tell (client, "what");
  hears (client, START); /* until it hears OK */
  tell (client, "OK");
  send_version (client,
                "1.1",
                "SET-RUNTIME-PARAMETER",
                "<arg>" PARAMETERS ("NONE", "UART", "LINUX") "</arg>"
                                                             "<adv><initialize_dram>YES"
                                                             "</initialize_dram></adv>");
  hears (client, "OK");
  ends (client, "OK", "");
  send_version (client,
                "1.1",
                "SET-RUNTIME-PARAMETER",
                "<arg>" PARAMETERS ("NONE", "UART", "LINUX") "</arg>");
  hears (client, "OK");
  ends (client, "ERR", PATH_MISSING);
  command (client, "SET-RUNTIME-PARAMETER", PARAMETERS ("BOTH", "BOTH", "BEOS"));
  ends (client, "OK", PATH_MISSING); /* the old message, and words it does not know */
  command (client, "HOST-SUPPORTED-COMMANDS", "<host_capability/>");
  ends (client, "OK", "");
  command (client, "GET-HW-INFO", "<target_file>MEM://0x1:0x2</target_file>");
  uploads (client, "HW-INFO", "MEM://0x1:0x2", "0x1000");
  text = fetch_text (client, 0x1000);
  g_assert_nonnull (strstr (text, "<battery_voltage>0</battery_voltage>"));
  ends (client, "OK", "");
  command (client, "SET-RUNTIME-PARAMETER", "<checksum_level>NONE</checksum_level>");
  ends (client, "ERR", PATH_MISSING);
  refuses (client, "READ-FLASH", "<target_file>x</target_file>");
  refuses (client, "GET-SYS-PROPERTY", "<key>DA.SLA</key><target_file>x</target_file>");
  alive (client);
}

static void
boot_wrong (Client *client, const guint8 *da2, gsize size)
{
  command (client, "BOOT-TO", BOOT_TO);
  downloads (client, "CHK_NO", "2nd-DA", "da2", "0x1000");
  give (client, da2, size, 0x1000, "OK");
  ends (client, "ERR", MISMATCH);
}

/* the first stage stays usable after whatever is wrong with the second */
static void
test_boot_to (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *da2 = g_malloc0 (XML_DA2_SIZE + 0x100);

  memcpy (da2, bench->agent.da2, XML_DA2_SIZE);
  hears (client, START);
  tell (client, "OK");
  boot_wrong (client, da2, XML_DA2_SIZE); /* there is no DRAM yet */
  command (client, "NOTIFY-INIT-HW", "");
  requests (client, "PROGRESS-REPORT", "<message>init-hw</message>");
  tell (client, "OK");
  hears (client, "OK!EOT");
  tell (client, "OK");
  ends (client, "OK", MISMATCH);
  command (client, "BOOT-TO", BOOT_TO);
  downloads (client, "CHK_NO", "2nd-DA", "da2", "0x1000");
  tell (client, "ERR");
  ends (client, "ERR", "Host notice error.\r\n");
  command (client, "BOOT-TO", BOOT_TO);
  downloads (client, "CHK_NO", "2nd-DA", "da2", "0x1000");
  tell (client, "OK");
  tell (client, "OK@0x1000001");
  hears (client, "ERR");
  ends (client, "ERR", "Data size bigger than partition max size.\r\n");
  da2[0x1000] ^= 4;
  boot_wrong (client, da2, XML_DA2_SIZE);
  da2[0x1000] ^= 4;
  boot_wrong (client, da2, XML_DA2_SIZE + 0x100); /* with a signature */
  start_da2 (client, &bench->agent, "CHK_NO");
  refuses (client, "HOST-SUPPORTED-COMMANDS", "<host_capability/>");
  refuses (client, "BOOT-TO", BOOT_TO);
  alive (client);
}

static void
test_wrong_address (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  start_da1 (client, "NONE", "UART", "LINUX");
  command (client,
           "BOOT-TO",
           "<at_address>0x40000000</at_address><jmp_address>0x40001000</jmp_address>"
           "<source_file>da2</source_file>");
  ends_with (client, "ERR", "2nd DA address is invalid. reset.");
  ub_practice_phone_advance (client->phone, 100);
  g_assert_false (ub_practice_phone_is_present (client->phone));
}

static void
test_no_dram (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  mischief (client, "dram-fail");
  start_da1 (client, "NONE", "UART", "LINUX");
  boot_wrong (client, bench->agent.da2, XML_DA2_SIZE);
  alive (client);
}

static void
test_stranger (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;

  open_bench (&bench, &options, 0x1229);
  silence (&bench.client);
  close_bench (&bench, NULL);
}

/* --- what is no command --- */

static void
test_unsupported (Bench *bench, gconstpointer data)
{
  static const char *const rubbish[] = {
    "rubbish",
    "",
    "<da>",
    "<da><version>1.0</version></da>",
    "<da><command>CMD:SET-HOST-INFO</command></da>",
    "<da><version>1.0</version><command>CMD:SET-HOST-INFO</command></ad>",
    "<da><version>1.0</version><command>CMD:SET-HOST-INFO</command></da>x",
    "<host><version>1.0</version><command>CMD:SET-HOST-INFO</command></host>",
  };
  Client *client = &bench->client;

  refuses (client, "CAN-HIGHER-USB-SPEED", "<target_file>x</target_file>");
  refuses (client, "FLASH-ALL", "");
  for (guint i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      tell (client, rubbish[i]);
      hears (client, "ERR!UNSUPPORTED");
      ends (client, "ERR!UNSUPPORTED", "Unsupported command.");
    }
  send_version (client, "9.0", "GET-DA-INFO", "<arg><target_file>x</target_file></arg>");
  hears (client, "ERR!UNSUPPORTED");
  ends (client, "ERR!UNSUPPORTED", "Unsupported command.");
  send_version (client, "1.7", "SET-HOST-INFO", "");
  hears (client, "OK");
  ends (client, "OK", "");
  tell_header (client, 0x80001); /* more than it has room for */
  hears (client, "ERR!UNSUPPORTED");
  ends (client, "ERR!UNSUPPORTED", "Unsupported command.");
  alive (client);
}

/* one OK too many after a file is taken for a command, and all that follows is off by one (transcripts/mtkclient-mt6789.txt) */
static void
test_stray_ok (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, "SET-HOST-INFO", "<info>x</info>");
  ends_with (client, "OK", "");
  tell_bytes (client, "OK\0", 4); /* two NULs are as good */
  hears (client, START);
  tell (client, "OK");
  tell (client, "OK");
  hears (client, "ERR!UNSUPPORTED");
  ends_with (client, "ERR!UNSUPPORTED", "Unsupported command.");
  send_version (client, "1.0", "SET-HOST-INFO", "<arg><info>x</info></arg>");
  hears (client,
         START); /* its header was the answer to END, too long; the rest is taken for headers */
  hears (client, START);
}

/* what shares a transfer with a header is lost */
static void
test_glued (Bench *bench, gconstpointer data)
{
  static const char text[] = "<da><version>1.0</version><command>CMD:SET-HOST-INFO</command></da>";
  Client           *client = &bench->client;
  guint8            message[12 + sizeof text] = { 0xef, 0xee, 0xee, 0xfe, 1, 0, 0, 0, sizeof text };

  memcpy (message + 12, text, sizeof text);
  host_bytes (client, message, sizeof message);
  silence (client);
  host_bytes (client, (const guint8 *) text, sizeof text);
  hears (client, "OK");
  ends (client, "OK", "");
}

static void
test_transfers (Bench *bench, gconstpointer data)
{
  static const gsize sizes[] = { 12, 3, 12, 0, 12, 22, 12, 7, 12, 0xfc00, 0, 0x400, 0 };
  Client            *client = &bench->client;
  guint              i = 0;

  send_version (client,
                "1.0",
                "READ-FLASH",
                "<arg><partition>EMMC-USER</partition><offset>0</offset><length>0x10000</length>"
                "<target_file>x</target_file></arg>");
  for (guint answers = 0; answers < 4; answers++)
    {
      GBytes *transfer;

      while ((transfer = ub_practice_phone_output (client->phone)) != NULL)
        {
          g_assert_cmpuint (i, <, G_N_ELEMENTS (sizes));
          if (i != 3)
            g_assert_cmpuint (g_bytes_get_size (transfer), ==, sizes[i]);
          i++;
          g_bytes_unref (transfer);
        }
      tell (client, "OK");
    }
  g_assert_cmpuint (i, ==, G_N_ELEMENTS (sizes));
}

/* --- information --- */

static void
test_info (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *hw = NULL, *da = NULL, *sla = NULL, *none = NULL, *life = NULL;

  command (client, "GET-HW-INFO", "<target_file>hw</target_file>");
  uploads (client, "HW-INFO", "hw", "0x10000");
  hw = fetch_text (client, 0x10000);
  g_assert_true (g_str_has_prefix (hw,
                                   "<?xml version=\"1.0\" encoding=\"utf-8\"?><da_hw_info>"
                                   "<version>1.2</version><ram_size>0x100000000</ram_size>"
                                   "<battery_voltage>3900</battery_voltage><random_id>"));
  g_assert_true (
      g_str_has_suffix (hw,
                        "</random_id><storage>EMMC</storage><emmc><block_size>0x200</block_size>"
                        "<boot1_size>0x400000</boot1_size><boot2_size>0x400000</boot2_size>"
                        "<rpmb_size>0x400000</rpmb_size><user_size>0x4000000</user_size>"
                        "<gp1_size>0</gp1_size><gp2_size>0</gp2_size><gp3_size>0</gp3_size>"
                        "<gp4_size>0</gp4_size><id>55000115415250423412074301877856</id></emmc>"
                        "<product_id></product_id></da_hw_info>"));
  ends (client, "OK", "");
  command (client, "GET-DA-INFO", "<target_file>a&amp;b</target_file>");
  uploads (client, "DA-INFO", "a&amp;b", "0x10000");
  da = fetch_text (client, 0x10000);
  g_assert_nonnull (strstr (da, "<da_version>2021</da_version>"));
  ends (client, "OK", "");
  command (client, "GET-SYS-PROPERTY", "<key>DA.SLA</key><target_file>x</target_file>");
  uploads (client, "sys-prop", "x", "0x10000");
  sla = fetch_text (client, 0x10000);
  g_assert_cmpstr (sla,
                   ==,
                   "<?xml version=\"1.0\" encoding=\"utf-8\"?><sys_prop version=\"1.0\">"
                   "<item key=\"DA.SLA\">DISABLED</item></sys_prop>");
  ends (client, "OK", "");
  command (client, "GET-SYS-PROPERTY", "<key>DA.X</key><target_file>x</target_file>");
  uploads (client, "sys-prop", "x", "0x10000");
  none = fetch_text (client, 0x10000);
  g_assert_null (strstr (none, "item"));
  ends (client, "OK", "");
  command (client,
           "EMMC-CONTROL",
           "<function>LIFE-CYCLE-STATUS</function><target_file>x</target_file>");
  uploads (client, "LIFE-CYCLE-STATUS", "x", "0x10000");
  life = fetch_text (client, 0x10000);
  g_assert_cmpstr (life, ==, "OK");
  ends (client, "OK", "");
  command (client,
           "EMMC-CONTROL",
           "<function>GET-RPMB-STATUS</function><target_file>x</target_file>");
  ends (client, "OK", "");
  command (client, "GET-DA-INFO", "");
  ends (client, "ERR", PATH_MISSING);
}

static void
test_nameless (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *hw = NULL;

  mischief (client, "nameless");
  command (client, "GET-HW-INFO", "<target_file>hw</target_file>");
  uploads (client, "HW-INFO", "hw", "0x10000");
  hw = fetch_text (client, 0x10000);
  g_assert_nonnull (strstr (hw, "<random_id>00000000000000000000000000000000</random_id>"));
  g_assert_nonnull (strstr (hw, "<id>00000000000000000000000000000000</id>"));
  ends (client, "OK", "");
}

static void
test_ufs_info (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *hw = NULL;

  command (client, "GET-HW-INFO", "<target_file>hw</target_file>");
  uploads (client, "HW-INFO", "hw", "0x10000");
  hw = fetch_text (client, 0x10000);
  g_assert_nonnull (strstr (hw,
                            "</random_id><storage>UFS</storage><ufs><block_size>0x1000</block_size>"
                            "<lua0_size>0x400000</lua0_size><lua1_size>0x400000</lua1_size>"
                            "<lua2_size>0x4000000</lua2_size><lua3_size>0</lua3_size><id>"));
  g_assert_true (g_str_has_suffix (hw, "</id></ufs><product_id></product_id></da_hw_info>"));
  ends (client, "OK", "");
}

static void
test_table (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *table = NULL;
  g_autofree char *entry =
      g_strdup_printf ("<pt><name>proinfo</name><start>0x%" G_GINT64_MODIFIER "x</start>",
                       find_start (client, "proinfo"));

  command (client, "READ-PARTITION-TABLE", "<target_file>t</target_file>");
  uploads (client, "partition-table", "t", "0x10000");
  table = fetch_text (client, 0x10000);
  g_assert_true (g_str_has_prefix (table,
                                   "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                   "<partition_table version=\"1.0\"><pt><name>"));
  g_assert_nonnull (strstr (table, entry));
  g_assert_true (g_str_has_suffix (table, "</pt></partition_table>"));
  ends (client, "OK", "");
}

/* --- control --- */

static void
test_reboot (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, "SET-BOOT-MODE", "<mode>FASTBOOT</mode>");
  ends (client, "OK", "");
  command (client, "SET-BOOT-MODE", "<mode>META</mode>");
  ends (client, "ERR", PATH_MISSING);
  command (client, "REBOOT", "<action>SOON</action>");
  ends (client, "ERR", "Unknown reboot action: SOON");
  command (client, "REBOOT", "<action>IMMEDIATE</action>");
  ends_with (client, "OK", "");
  ub_practice_phone_advance (client->phone, 500);
  g_assert_true (ub_practice_phone_is_present (client->phone)); /* not before it hears OK */
  g_assert_false (ub_practice_phone_was_finished (client->phone));
  tell (client, "OK");
  ub_practice_phone_advance (client->phone, 500);
  g_assert_true (ub_practice_phone_was_finished (client->phone));
  g_assert_false (ub_practice_phone_is_present (client->phone));
}

static void
test_disconnect (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, "REBOOT", "<action>DISCONNECT</action>");
  ends_with (client, "OK", "");
  tell (client, "OK");
  ub_practice_phone_advance (client->phone, 20000);
  g_assert_false (ub_practice_phone_is_present (client->phone));
  g_assert_true (ub_practice_phone_was_finished (client->phone));
}

/* agents of MT6886 are gone after an error, and stay after what they do not know */
static void
test_end_is_end (void)
{
  UbPracticePhoneOptions options = make_options ("MT6886", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;

  open_bench (&bench, &options, 0x1229);
  start_da1 (client, "NONE", "UART", "WINDOWS");
  start_da2 (client, &bench.agent, "CHK_NO");
  refuses (client, "CAN-HIGHER-USB-SPEED", "");
  command (client, "READ-PARTITION", "<partition>nosuch</partition>");
  ends_with (client, "ERR", "Cannot find [nosuch] in partition table.");
  tell (client, "OK");
  silence (client);
  tell (client, "OK");
  silence (client);
  close_bench (&bench, NULL);
}

/* log messages come between any two others, and a Windows host gets larger packets */
static void
test_log (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  GByteArray            *line;

  open_bench (&bench, &options, 0x1208);
  hears (client, START);
  tell (client, "OK");
  command (client, "SET-RUNTIME-PARAMETER", PARAMETERS ("NONE", "USB", "WINDOWS"));
  ends (client, "OK", "");
  send_version (client, "1.0", "SET-HOST-INFO", "");
  line = hear_type (client, 2);
  g_assert_cmpmem (line->data, 4, "\1\0\0\0", 4);
  g_assert_cmpmem (line->data + line->len - 2, 2, "\r\n", 2);
  g_byte_array_unref (line);
  hears (client, "OK");
  ends (client, "OK", "");
  close_bench (&bench, NULL);
}

static void
test_windows (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  g_autoptr (GByteArray) bytes = NULL;

  open_bench (&bench, &options, 0x1208);
  start_da1 (client, "STORAGE", "UART", "WINDOWS");
  start_da2 (client, &bench.agent, "CHK_NO");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0x0</offset><length>0x300000</length>"
           "<target_file>x</target_file>");
  uploads (client, "EMMC-USER", "x", "0x200000");
  bytes = fetch (client, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  close_bench (&bench, NULL);
}

/* --- secure phones --- */

/* the private operation on a block, in place */
static void
apply_key (EVP_PKEY *key, guint8 *block)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (key, NULL);
  guint8        result[256];
  gsize         size = sizeof result;

  g_assert_cmpint (EVP_PKEY_decrypt_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING), ==, 1);
  g_assert_cmpint (EVP_PKEY_decrypt (context, result, &size, block, sizeof result), ==, 1);
  memcpy (block, result, sizeof result);
  EVP_PKEY_CTX_free (context);
}

/* OAEP with SHA-256 as the library makes it for the public key, taken back, and the private one's turn */
static void
answer_login (const guint8 *challenge, guint8 *answer)
{
  const char   *pem = ub_phone_maker_get_pem ();
  BIO          *bio = BIO_new_mem_buf (pem, (int) strlen (pem));
  EVP_PKEY     *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (key, NULL);
  gsize         size = 256;

  g_assert_cmpint (EVP_PKEY_encrypt_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_OAEP_PADDING), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_oaep_md (context, EVP_sha256 ()), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_mgf1_md (context, EVP_sha256 ()), ==, 1);
  g_assert_cmpint (EVP_PKEY_encrypt (context, answer, &size, challenge, 16), ==, 1);
  EVP_PKEY_CTX_free (context);
  apply_key (key, answer);
  apply_key (key, answer);
  EVP_PKEY_free (key);
  BIO_free (bio);
}

static void
test_login (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  g_autofree char       *sla = NULL, *first = NULL, *second = NULL, *rnd = NULL;
  g_autoptr (GByteArray) challenge = NULL;
  guint8 answer[256];

  options.agent_login = TRUE;
  open_bench (&bench, &options, 0x1208);
  start_da1 (client, "NONE", "UART", "LINUX");
  start_da2 (client, &bench.agent, "CHK_NO");
  command (client, "GET-SYS-PROPERTY", "<key>DA.SLA</key><target_file>x</target_file>");
  uploads (client, "sys-prop", "x", "0x10000");
  sla = fetch_text (client, 0x10000);
  g_assert_nonnull (strstr (sla, "<item key=\"DA.SLA\">ENABLED</item>"));
  ends (client, "OK", "");
  command (client, "READ-PARTITION-TABLE", "<target_file>t</target_file>");
  ends (client, "ERR", "Server is not authenticated. Locked.");
  command (client, "ERASE-FLASH", "<partition>ALL</partition>");
  ends (client, "ERR", "Server is not authenticated. Locked.");
  command (client, "SECURITY-GET-DEV-FW-INFO", "<target_file>i</target_file>");
  uploads (client, "DEV-FW-INFO", "i", "0x10000");
  first = fetch_text (client, 0x10000);
  ends (client, "OK", "");
  command (client, "SECURITY-SET-FLASH-POLICY", "<source_file>a</source_file>");
  downloads (client, "CHK_NO", "FLASH-POLICY", "a", "0x200000");
  give (client, (const guint8 *) "SLA", 4, 0x200000, "OK");
  ends (client, "ERR", "Server is not authenticated. Locked.");
  command (client, "SECURITY-GET-DEV-FW-INFO", "<target_file>i</target_file>");
  uploads (client, "DEV-FW-INFO", "i", "0x10000");
  second = fetch_text (client, 0x10000);
  g_assert_cmpstr (first, !=, second);
  ends (client, "OK", "");
  rnd = g_strndup (strstr (second, "<rnd>") + 5, 32);
  challenge = from_hex (rnd);
  answer_login (challenge->data, answer);
  command (client, "SECURITY-SET-FLASH-POLICY", "<source_file>a</source_file>");
  downloads (client, "CHK_NO", "FLASH-POLICY", "a", "0x200000");
  give (client, answer, sizeof answer, 0x200000, "OK");
  ends (client, "OK", "");
  command (client, "ERASE-PARTITION", "<partition>logo</partition>");
  progresses (client, "logo");
  ends (client, "OK", "");
  close_bench (&bench, NULL);
}

/* --- mischief --- */

static void
test_pulled (Bench *bench, gconstpointer data)
{
  static const struct
  {
    const char *line, *name, *arguments;
  } cuts[] = {
    { "unplug-at-command agent:62", "WRITE-FLASH", "" },
    { "unplug-at-command agent:61", "WRITE-PARTITION", "" },
    { "unplug-at-command agent:D4", "ERASE-FLASH", "" },
    { "unplug-at-command agent:A5", "READ-PARTITION-TABLE", "" },
    { "unplug-at-command agent:DB", "REBOOT", "<arg><action>COLD-RESET</action></arg>" },
    { "unplug-at-command agent:D9", "REBOOT", "<arg><action>DISCONNECT</action></arg>" },
  };

  close_bench (bench, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      set_up (bench, NULL);
      mischief (&bench->client, cuts[i].line);
      send_version (&bench->client, "1.0", cuts[i].name, cuts[i].arguments);
      g_assert_false (ub_practice_phone_is_present (bench->client.phone));
      close_bench (bench, NULL);
    }
  set_up (bench, NULL);
}

static void
count_guard (UbPracticePhone *phone, const char *command, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", command);
}

static void
test_guard (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  g_autoptr (GString) seen = g_string_new (NULL);

  ub_practice_phone_set_guard (client->phone, count_guard, seen);
  command (client, "WRITE-FLASH", "<source_file>x</source_file>");
  g_assert_cmpstr (seen->str, ==, "write ");
  ends (client, "ERR", PATH_MISSING);
  command (client, "ERASE-PARTITION", "");
  ends (client, "ERR", PATH_MISSING);
  command (client, "WRITE-PARTITION", "<partition>lk_a</partition><source_file>f</source_file>");
  requests (client, "PROGRESS-REPORT", "<message>lk_a</message>");
  g_assert_cmpstr (seen->str, ==, "write format write-image ");
}

/* --- the reader --- */

static void
test_reader (void)
{
  static const char good[] =
      "<?xml version='1.0'?>\n<!-- <x> -->\n<da a=\"1>2\">\n  <arg>\n    <a> 1 &lt;&amp;&gt;&quot;"
      "&apos;&#65;&#x42; </a><b/>\n <a>2</a></arg>\n</da>\n";
  static const char *const bad[] = {
    "",
    " ",
    "x",
    "<a",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<a>&nope;</a>",
    "<a>&#0;</a>",
    "<a>&#x110000;</a>",
    "<a><b></a></b>",
    "</a>",
    "<a b=\"></a>",
    "<!DOCTYPE a><a/>",
    "<a>&#x;</a>",
    "<a>&#5</a>",
    "<?xml",
    "<!-- <a/>",
    "<1 <a/>",
  };
  g_autoptr (UbPhoneXmlReader) reader =
                 ub_phone_xml_reader_new ((const guint8 *) good, sizeof good);
  g_autofree char *escaped = ub_phone_xml_reader_escape ("a<b>&\"'c");
  GString         *deep = g_string_new (NULL);

  g_assert_nonnull (reader);
  g_assert_cmpstr (ub_phone_xml_reader_get (reader, "da/arg/a"), ==, "1 <&>\"'AB");
  g_assert_cmpstr (ub_phone_xml_reader_get (reader, "da/arg/b"), ==, "");
  g_assert_null (ub_phone_xml_reader_get (reader, "da/a"));
  g_assert_cmpstr (escaped, ==, "a&lt;b&gt;&amp;&quot;&apos;c");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_null (ub_phone_xml_reader_new ((const guint8 *) bad[i], strlen (bad[i])));
    }
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "<a>");
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "</a>");
  g_assert_null (ub_phone_xml_reader_new ((const guint8 *) deep->str, deep->len));
  g_string_assign (deep, "<a>");
  for (guint i = 0; i < 5000; i++)
    g_string_append (deep, "<b/>");
  g_string_append (deep, "</a>");
  g_assert_null (ub_phone_xml_reader_new ((const guint8 *) deep->str, deep->len));
  g_string_free (deep, TRUE);
}

#define ADD(name, up, function)                                                                    \
  g_test_add ("/phone/xml/" name, Bench, NULL, up, function, close_bench)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("start", set_up_da1, test_start);
  ADD ("boot-to", set_up_da1, test_boot_to);
  ADD ("wrong-address", set_up_da1, test_wrong_address);
  ADD ("no-dram", set_up_da1, test_no_dram);
  g_test_add_func ("/phone/xml/stranger", test_stranger);
  ADD ("unsupported", set_up, test_unsupported);
  ADD ("stray-ok", set_up, test_stray_ok);
  ADD ("glued", set_up, test_glued);
  ADD ("transfers", set_up, test_transfers);
  ADD ("info", set_up, test_info);
  ADD ("nameless", set_up, test_nameless);
  ADD ("ufs-info", set_up_ufs, test_ufs_info);
  ADD ("table", set_up, test_table);
  ADD ("reboot", set_up, test_reboot);
  ADD ("disconnect", set_up, test_disconnect);
  g_test_add_func ("/phone/xml/end-is-end", test_end_is_end);
  g_test_add_func ("/phone/xml/log", test_log);
  g_test_add_func ("/phone/xml/windows", test_windows);
  g_test_add_func ("/phone/xml/login", test_login);
  ADD ("pulled", set_up, test_pulled);
  ADD ("guard", set_up, test_guard);
  g_test_add_func ("/phone/xml/reader", test_reader);
  return g_test_run ();
}
