/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xml-client.h"

#include "phone/ub-phone-xml-reader.h"
#include "phone/ub-phone.h"

#define BASE 0x2000000 /* somewhere in the user area */
#define MISMATCH                                                                                   \
  "DA Hash mismatch. Check these: \r\n1. EMI setting cause DRAM is not stable.\r\n"                \
  "2. DRAM HW has some flaw."

static void
set_up_stage (Bench *bench, const char *chip, guint16 code, UbStorage storage)
{
  UbPracticePhoneOptions options = make_options (chip, UB_ENTER_PRELOADER);

  options.storage = storage;
  open_bench (bench, &options, code);
  start_da1 (&bench->client, "USB", "UART", "LINUX");
  start_da2 (&bench->client, &bench->agent, "CHK_ADD");
}

static void
set_up (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6789", 0x1208, UB_STORAGE_EMMC);
}

static void
set_up_ufs (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6789", 0x1208, UB_STORAGE_UFS);
}

/* DA1 of a phone entered by its boot ROM */
static void
set_up_da1 (Bench *bench, gconstpointer data)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_BOOT_ROM);

  open_bench (bench, &options, 0x1208);
}

static guint8 *
make_bytes (gsize size, guint seed)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + i / 256 + seed);
  return data;
}

static void
assert_flash (Client *client, UbRegion region, guint64 offset, const guint8 *wanted, gsize size)
{
  g_autofree guint8 *found = g_malloc (size);

  ub_practice_phone_peek (client->phone, region, offset, found, size);
  g_assert_cmpmem (found, size, wanted, size);
}

static void
assert_user (Client *client, guint64 offset, const guint8 *wanted, gsize size)
{
  assert_flash (client, UB_REGION_EMMC_USER, offset, wanted, size);
}

static guint8
user_byte (Client *client, guint64 offset)
{
  guint8 byte;

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, offset, &byte, 1);
  return byte;
}

static guint64
find_start (Client *client, const char *name)
{
  guint64 start = 0;

  g_assert_true (ub_phone_tables_locate (client->phone, name, &start));
  return start;
}

static void
mischief (Client *client, const char *line)
{
  g_autoptr (GError) error = NULL;

  ub_practice_phone_mischief (client->phone, line, &error);
  g_assert_no_error (error);
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

/* --- reading --- */

static void
test_read (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x21235, 3);
  g_autoptr (GByteArray) odd = NULL, boot = NULL, part = NULL;

  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, BASE + 0x123, bytes, 0x21235);
  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0x2000123</offset><length>135733</length>"
           "<target_file>o.bin</target_file>");
  uploads (client, "EMMC-USER", "o.bin", "0x10000");
  odd = fetch (client, 0x10000, "OK@0x0");
  g_assert_cmpmem (odd->data, odd->len, bytes, 0x21235);
  ends (client, "OK", "");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-BOOT1</partition><offset>0x3f0000</offset><length>MAX</length>"
           "<target_file>b</target_file>");
  uploads (client, "EMMC-BOOT1", "b", "0x10000");
  boot = fetch (client, 0x10000, "OK@0x0");
  g_assert_cmpuint (boot->len, ==, 0x10000);
  ends (client, "OK", "");
  command (client, "READ-PARTITION", "<partition>PGPT</partition><target_file>p</target_file>");
  uploads (client, "PGPT", "p", "0x10000");
  part = fetch (client, 0x10000, "OK@0x0");
  g_assert_cmpuint (part->len, ==, 0x8000);
  g_assert_cmpmem (part->data + 512, 8, "EFI PART", 8);
  ends (client, "OK", "");
}

static void
test_wrong_ranges (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0</offset><length>0x4000001</length>"
           "<target_file>x</target_file>");
  ends (client, "ERR", "Read length[4000001] is larger than partition max size[4000000]");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0x4000001</offset><length>MAX</length>"
           "<target_file>x</target_file>");
  ends (client, "ERR", "base address is larger than partition max size.");
  command (client,
           "READ-FLASH",
           "<partition>UFS-LUA0</partition><offset>0</offset><length>1</length>"
           "<target_file>x</target_file>");
  ends (client, "ERR", "Cannot find [UFS-LUA0] on current device storage.");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-RPMB</partition><offset>0</offset><length>1</length>"
           "<target_file>x</target_file>");
  ends (client, "ERR", "Cannot find [EMMC-RPMB] on current device storage.");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0</offset><target_file>x</target_file>");
  ends (client, "ERR", PATH_MISSING);
  command (client, "READ-PARTITION", "<partition>nosuch</partition><target_file>x</target_file>");
  ends (client, "ERR", "Cannot find [nosuch] in partition table.");
  command (client,
           "ERASE-FLASH",
           "<partition>EMMC-USER</partition><offset>0x3f00000</offset><length>0x400000</length>");
  ends (client, "ERR", "erase length is larger than partition max size.");
  command (client, "ERASE-PARTITION", "<partition>nosuch</partition>");
  ends (client, "ERR", "Cannot find [nosuch] in partition table.");
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 0);
  alive (client);
}

/* --- writing --- */

/* as far as DOWNLOAD-FILE's request */
#define write_flash(client, section, offset, size)                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *size_ = g_strdup_printf ("OK@0x%zx", (gsize) (size));                         \
    command (client,                                                                               \
             "WRITE-FLASH",                                                                        \
             "<source_file>w.img</source_file><partition>" section "</partition><offset>" offset   \
             "</offset>");                                                                         \
    requests (client, "FILE-SYS-OPERATION", "<key>FILE-SIZE</key><file_path>w.img</file_path>");   \
    tell (client, "OK");                                                                           \
    tell (client, size_);                                                                          \
  }                                                                                                \
  G_STMT_END

static void
test_write_flash (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x500001, 1);
  g_autofree char   *feedback = NULL, *wanted = NULL;
  guint8             zeros[511] = { 0 };

  write_flash (client, "EMMC-USER", "0x2000000", 0x500001);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  g_assert_cmphex (user_byte (client, BASE + 0x200000), ==, 0); /* erased before anything came */
  give (client, bytes, 0x500001, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  assert_user (client, BASE, bytes, 0x500001);
  assert_user (client, BASE + 0x500001, zeros, sizeof zeros); /* the last sector was erased whole */
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 1);
  command (client, "GET-DOWNLOADED-IMAGE-FEEDBACK", "<target_file>f</target_file>");
  uploads (client, "dev", "f", "0x10000");
  feedback = fetch_text (client, 0x10000);
  wanted = g_strdup_printf ("<item pt=\"EMMC-USER\" image_chksum=\"0x%x\" file=\"w.img\"/>",
                            word_sum (bytes, 0x200000) + word_sum (bytes + 0x200000, 0x200000) +
                                word_sum (bytes + 0x400000, 0x100001));
  g_assert_nonnull (strstr (feedback, wanted));
  ends (client, "OK", "");
}

static void
test_wrong_sum (Bench *bench, gconstpointer data)
{
  static const char *const sums[] = { "OK@0x0", "OK@0x12345678", "OK" };
  Client                  *client = &bench->client;
  g_autofree guint8       *bytes = make_bytes (0x3003, 1);

  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      write_flash (client, "EMMC-USER", "0x2000000", 0x3003);
      progresses (client, "EMMC-USER");
      downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
      tell (client, "OK");
      tell (client, "OK@0x3003");
      hears (client, "OK");
      tell (client, sums[i]);
      hears (client, "OK");
      tell_bytes (client, bytes, 0x3003);
      ends (client, "ERR", "");
      g_assert_cmphex (user_byte (client, BASE + 1), ==, 0); /* erased, not written */
    }
  alive (client);
}

static void
test_write_refused (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  write_flash (client, "EMMC-USER", "0x2000000", 0);
  requests (client, "PROGRESS-REPORT", "<message>EMMC-USER</message>");
  tell (client, "OK");
  hears (client, "OK!EOT");
  tell (client, "OK");
  ends (client, "ERR", "Erase EMMC failed at 0x2000000 length 0x0\r\n");
  write_flash (client, "EMMC-USER", "0x3000000", 0x1000001);
  ends (client,
        "ERR",
        "Host file size[1000001] is larger than max partition available size[1000000]");
  write_flash (client, "EMMC-USER", "0x2000000", 0x200);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  tell (client, "OK");
  tell (client, "OK@0x201"); /* more than it said */
  hears (client, "ERR");
  ends (client, "ERR", "Data size bigger than partition max size.\r\n");
  write_flash (client, "EMMC-USER", "0x2000000", 0x200);
  requests (client, "PROGRESS-REPORT", "<message>EMMC-USER</message>");
  tell (client, "ERR!CANCEL");
  ends (client, "ERR", "Host notice error or user canceled.");
  alive (client);
}

/* a sparse image of one raw block, a gap and a fill */
static gsize
make_sparse (guint8 *image, guint8 value)
{
  static const guint8 head[] = { 0x3a, 0xff, 0x26, 0xed, 1, 0, 0, 0, 28, 0, 12, 0,
                                 0,    16,   0,    0,    3, 0, 0, 0, 3,  0, 0,  0 };
  static const guint8 raw[12] = { 0xc1, 0xca, 0, 0, 1, 0, 0, 0, 12, 16 };
  static const guint8 gap[12] = { 0xc3, 0xca, 0, 0, 1, 0, 0, 0, 12 };
  static const guint8 fill[16] = { 0xc2, 0xca, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4 };

  memset (image, 0, 28);
  memcpy (image, head, sizeof head);
  memcpy (image + 28, raw, 12);
  memset (image + 40, value, 4096);
  memcpy (image + 40 + 4096, gap, 12);
  memcpy (image + 52 + 4096, fill, 16);
  return 68 + 4096;
}

/* both writers look at how an image begins */
static void
test_sparse (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint8  image[5000];
  gsize   size = make_sparse (image, 0x5e);
  guint64 logo = find_start (client, "logo");

  write_flash (client, "EMMC-USER", "0x2000000", size);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  give (client, image, size, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  g_assert_cmphex (user_byte (client, BASE), ==, 0x5e);
  g_assert_cmphex (user_byte (client, BASE + 4095), ==, 0x5e);
  g_assert_cmphex (user_byte (client, BASE + 8193), ==, 2);
  command (client, "WRITE-PARTITION", "<partition>logo</partition><source_file>l</source_file>");
  progresses (client, "logo");
  requests (client, "FILE-SYS-OPERATION", "<key>EXISTS</key><file_path>l-verified</file_path>");
  tell (client, "OK");
  tell (client, "OK@NOT-EXISTS");
  downloads (client, "CHK_ADD", "logo", "l", "0x200000");
  give (client, image, size, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  g_assert_cmphex (user_byte (client, logo), ==, 0x5e);
  g_assert_cmphex (user_byte (client, logo + 4096), ==, 0);
  g_assert_cmphex (user_byte (client, logo + 8195), ==, 4);
}

/* the questions about a file with an extension */
#define exists(client, file, answer)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    requests (client, "FILE-SYS-OPERATION", "<key>EXISTS</key><file_path>" file "</file_path>");   \
    tell (client, "OK");                                                                           \
    tell (client, "OK@" answer);                                                                   \
  }                                                                                                \
  G_STMT_END

static void
test_write_partition (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x3000, 9);
  guint64            logo = find_start (client, "logo");

  command (client,
           "WRITE-PARTITION",
           "<partition>logo</partition><source_file>a.b/logo.img</source_file>");
  progresses (client, "logo");
  g_assert_cmphex (user_byte (client, logo + 0x3000), ==, 0);
  exists (client, "a.b/logo.sig", "NOT-EXISTS");
  exists (client, "a.b/logo-verified.img", "NOT-EXISTS");
  downloads (client, "CHK_ADD", "logo", "a.b/logo.img", "0x200000");
  give (client, bytes, 0x3000, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  assert_user (client, logo, bytes, 0x3000);
  command (client,
           "WRITE-PARTITION",
           "<partition>logo</partition><source_file>logo.img</source_file>"
           "<pre_erase>NO</pre_erase>");
  exists (client, "logo.sig", "EXISTS");
  downloads (client, "CHK_ADD", ".sig", "logo.sig", "0x200000");
  give (client, bytes, 0x100, 0x200000, "OK");
  exists (client, "logo-verified.img", "EXISTS");
  downloads (client, "CHK_ADD", "logo", "logo-verified.img", "0x200000");
  give (client, bytes + 0x800, 0x800, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  assert_user (client, logo, bytes + 0x800, 0x800);
  assert_user (client, logo + 0x800, bytes + 0x800, 0x800); /* nothing was erased */
}

static void
test_partition_refused (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client,
           "WRITE-PARTITION",
           "<partition>nosuch</partition><source_file>lk.img</source_file>");
  ends (client, "ERR", "Cannot find [nosuch] info from partition table.\r\n");
  command (client, "WRITE-PARTITION", "<partition>logo</partition>");
  ends (client, "ERR", PATH_MISSING);
  command (client, "WRITE-PARTITION", "<partition>logo</partition><source_file>x</source_file>");
  progresses (client, "logo");
  exists (client, "x-verified", "NOT-EXISTS");
  downloads (client, "CHK_ADD", "logo", "x", "0x200000");
  tell (client, "OK");
  tell (client, "OK@0x1000000");
  hears (client, "ERR");
  ends (client, "ERR", "Data size bigger than partition max size.\r\n");
  command (client, "WRITE-PARTITION", "<partition>logo</partition><source_file>x</source_file>");
  progresses (client, "logo");
  exists (client, "x-verified", "NOT-EXISTS");
  downloads (client, "CHK_ADD", "logo", "x", "0x200000");
  tell (client, "OK");
  tell (client, "OK@0x0");
  hears (client, "ERR");
  ends (client, "ERR", "Get host file size failed.");
  alive (client);
}

#define write_part(client, name, bytes, size)                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    command (client,                                                                               \
             "WRITE-PARTITION",                                                                    \
             "<partition>" name "</partition><source_file>f</source_file>"                         \
             "<pre_erase>NO</pre_erase>");                                                         \
    exists (client, "f-verified", "NOT-EXISTS");                                                   \
    downloads (client, "CHK_ADD", name, "f", "0x200000");                                          \
    give (client, bytes, size, 0x200000, "OK@0x0");                                                \
  }                                                                                                \
  G_STMT_END

/* a table by range leaves the agent with the old one; by name it reads the new one */
static void
test_table_by_name (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *table = g_malloc (0x8000);
  g_autofree char   *before = NULL, *same = NULL, *after = NULL;

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0, table, 0x8000);
  command (client, "READ-PARTITION-TABLE", "<target_file>t</target_file>");
  uploads (client, "partition-table", "t", "0x10000");
  before = fetch_text (client, 0x10000);
  ends (client, "OK", "");
  memset (table + 512, 0, 8);
  write_flash (client, "EMMC-USER", "0", 0x8000);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  give (client, table, 0x8000, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  write_flash (client, "EMMC-USER", "0x3ffbe00", 0x4200);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  give (client, table + 512, 0x4200, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  command (client, "READ-PARTITION-TABLE", "<target_file>t</target_file>");
  uploads (client, "partition-table", "t", "0x10000");
  same = fetch_text (client, 0x10000);
  g_assert_cmpstr (same, ==, before);
  ends (client, "OK", "");
  write_part (client, "PGPT", table, 0x8000);
  ends (client, "OK", "");
  command (client, "READ-PARTITION-TABLE", "<target_file>t</target_file>");
  uploads (client, "partition-table", "t", "0x10000");
  after = fetch_text (client, 0x10000);
  g_assert_null (strstr (after, "<pt>"));
  ends (client, "OK", "");
}

static void
test_preloader (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *raw = make_bytes (0x2000, 3);
  g_autoptr (GBytes) image = ub_phone_tables_make_preloader (client->phone, 2);
  gsize         size;
  const guint8 *bytes = g_bytes_get_data (image, &size);

  write_part (client, "preloader_backup", bytes, size);
  ends (client, "OK", "");
  assert_flash (client, UB_REGION_EMMC_BOOT2, 0, (const guint8 *) "EMMC_BOOT", 9);
  assert_flash (client, UB_REGION_EMMC_BOOT2, 0x800, bytes, size);
  memcpy (raw, "EMMC_BOOT", 10);
  write_part (client, "preloader_backup", raw, 0x2000);
  ends (client, "OK", "");
  assert_flash (client, UB_REGION_EMMC_BOOT2, 0, raw, 0x2000);
  command (client,
           "WRITE-PARTITION",
           "<partition>preloader_backup</partition><source_file>f</source_file>");
  exists (client, "f-verified", "NOT-EXISTS"); /* no report: its writer erases */
  downloads (client, "CHK_ADD", "preloader_backup", "f", "0x200000");
  tell (client, "OK");
  tell (client, "OK@4");
  hears (client, "OK");
  tell (client, "OK@0x4847464f");
  hears (client, "OK");
  tell_bytes (client, "OFGH", 4);
  hears (client, "ERR");
  ends (client, "ERR", "Write [preloader_backup] Failed.\r\n");
  alive (client);
}

/* --- erasing --- */

static void
test_erase (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint64 logo = find_start (client, "logo");
  guint8  mark = 0x77;

  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, BASE - 1, &mark, 1);
  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, BASE, &mark, 1);
  command (client,
           "ERASE-FLASH",
           "<partition>EMMC-USER</partition><offset>0x2000000</offset><length>0x400000</length>");
  progresses (client, "EMMC-USER");
  ends (client, "OK", "");
  g_assert_cmphex (user_byte (client, BASE - 1), ==, 0x77);
  g_assert_cmphex (user_byte (client, BASE), ==, 0);
  g_assert_cmphex (user_byte (client, logo), !=, 0);
  command (client, "ERASE-PARTITION", "<partition>logo</partition>");
  progresses (client, "logo");
  ends (client, "OK", "");
  g_assert_cmphex (user_byte (client, logo), ==, 0);
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 2);
  command (client,
           "ERASE-FLASH",
           "<partition>ALL</partition><offset>0x0</offset><length>MAX</length>");
  progresses (client, "EMMC-BOOT1");
  progresses (client, "EMMC-BOOT2");
  progresses (client, "EMMC-USER");
  ends (client, "OK", "");
  g_assert_cmphex (user_byte (client, BASE - 1), ==, 0);
  /* all but the agent's own note, which goes where the table had the part that there is no more */
  g_assert_cmpuint (ub_practice_phone_get_memory (client->phone), ==, 0x10000);
}

static void
test_ufs_storage (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x3000, 9);
  g_autoptr (GByteArray) back = NULL;

  write_flash (client, "UFS-LUA2", "0x2000000", 0x3000);
  progresses (client, "UFS-LUA2");
  downloads (client, "CHK_ADD", "UFS-LUA2", "w.img", "0x200000");
  give (client, bytes, 0x3000, 0x200000, "OK@0x0");
  ends (client, "OK", "");
  command (client,
           "READ-FLASH",
           "<partition>UFS-LUA2</partition><offset>0x2000000</offset><length>0x3000</length>"
           "<target_file>x</target_file>");
  uploads (client, "UFS-LUA2", "x", "0x10000");
  back = fetch (client, 0x10000, "OK@0x0");
  g_assert_cmpmem (back->data, back->len, bytes, 0x3000);
  ends (client, "OK", "");
  command (client, "READ-FLASH", "<partition>EMMC-USER</partition><offset>0</offset>");
  ends (client, "ERR", "Cannot find [EMMC-USER] on current device storage.");
  command (client,
           "ERASE-FLASH",
           "<partition>ALL</partition><offset>0x0</offset><length>MAX</length>");
  progresses (client, "UFS-LUA0");
  progresses (client, "UFS-LUA1");
  progresses (client, "UFS-LUA2");
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

static void
test_signed_parts (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  g_autofree guint8     *image = make_bytes (0x1000, 5);
  guint8                 zeros[64] = { 0 };
  guint64                lk;

  options.target_config = 1;
  open_bench (&bench, &options, 0x1208);
  start_da1 (client, "USB", "UART", "LINUX");
  start_da2 (client, &bench.agent, "CHK_ADD");
  lk = find_start (client, "lk_a");
  write_flash (client, "EMMC-USER", "0", 0x3000000);
  ends (client, "ERR", "Security deny for [EMMC-USER].\r\n");
  write_flash (client, "EMMC-BOOT1", "0", 0x1000);
  ends (client, "ERR", "Security deny for [EMMC-BOOT1].\r\n");
  command (client, "ERASE-PARTITION", "<partition>seccfg</partition>");
  ends (client, "ERR", "Security deny for [seccfg].\r\n");
  command (client, "ERASE-FLASH", "<partition>ALL</partition>");
  ends (client, "ERR", "Security deny for [ALL].\r\n");
  command (client, "WRITE-PARTITION", "<partition>seccfg</partition><source_file>x</source_file>");
  ends (client, "ERR", "Security deny for [seccfg].\r\n");
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 0);
  write_part (client, "lk_a", image, 0x1000);
  ends (client, "ERR", "Security deny [lk_a] Signature(Entity) invalid.\r\n");
  g_assert_cmphex (user_byte (client, lk), !=, image[0]);
  ub_phone_maker_sign (image, 0x1000);
  write_part (client, "lk_a", image, 0x1000);
  ends (client, "OK", "");
  assert_user (client, lk, image, 0x1000);
  image[1] ^= 1;
  command (client, "WRITE-PARTITION", "<partition>lk_a</partition><source_file>f</source_file>");
  progresses (client, "lk_a");
  exists (client, "f-verified", "NOT-EXISTS");
  downloads (client, "CHK_ADD", "lk_a", "f", "0x200000");
  give (client, image, 0x1000, 0x200000, "OK@0x0");
  ends (client, "ERR", "Security deny [lk_a] Signature(Entity) invalid.\r\n");
  assert_user (client, lk, zeros, sizeof zeros); /* what was there is gone all the same */
  close_bench (&bench, NULL);
}

static void
test_login (void)
{
  UbPracticePhoneOptions options = make_options ("MT6789", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  g_autofree char       *sla = NULL, *first = NULL, *second = NULL;

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
  close_bench (&bench, NULL);
}

/* --- mischief --- */

static void
test_mischief (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x1000, 1);

  mischief (client, "bad-sum 1");
  write_flash (client, "EMMC-USER", "0x2000000", 0x1000);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  tell (client, "OK");
  tell (client, "OK@0x1000");
  hears (client, "OK");
  tell (client, "OK@0x0");
  hears (client, "OK");
  tell_bytes (client, bytes, 0x1000);
  ends (client, "ERR", "");
  mischief (client, "write-fail 0x2000800");
  write_flash (client, "EMMC-USER", "0x2000000", 0x1000);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  give (client, bytes, 0x1000, 0x200000, "ERR");
  ends (client, "ERR", "Write [EMMC-USER] Failed.\r\n");
  mischief (client, "read-fail 0x2010000");
  command (client,
           "READ-FLASH",
           "<partition>EMMC-USER</partition><offset>0x2000000</offset><length>0x20000</length>"
           "<target_file>x</target_file>");
  uploads (client, "EMMC-USER", "x", "0x10000");
  tell (client, "OK");
  hears (client, "OK@0x0000000000020000");
  tell (client, "OK");
  hears (client, "OK@0x0");
  tell (client, "OK");
  g_byte_array_unref (hear_type (client, 1));
  tell (client, "OK");
  hears (client, "ERR");
  ends (client, "ERR", "Read [EMMC-USER] Failed.");
  mischief (client, "silent-at-command agent:d6");
  send_version (client, "1.0", "READ-FLASH", "");
  silence (client);
}

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
  ADD ("ufs-info", set_up_ufs, test_ufs_info);
  ADD ("table", set_up, test_table);
  ADD ("read", set_up, test_read);
  ADD ("wrong-ranges", set_up, test_wrong_ranges);
  ADD ("write-flash", set_up, test_write_flash);
  ADD ("wrong-sum", set_up, test_wrong_sum);
  ADD ("write-refused", set_up, test_write_refused);
  ADD ("sparse", set_up, test_sparse);
  ADD ("write-partition", set_up, test_write_partition);
  ADD ("partition-refused", set_up, test_partition_refused);
  ADD ("table-by-name", set_up, test_table_by_name);
  ADD ("preloader", set_up, test_preloader);
  ADD ("erase", set_up, test_erase);
  ADD ("ufs-storage", set_up_ufs, test_ufs_storage);
  ADD ("reboot", set_up, test_reboot);
  ADD ("disconnect", set_up, test_disconnect);
  g_test_add_func ("/phone/xml/end-is-end", test_end_is_end);
  g_test_add_func ("/phone/xml/log", test_log);
  g_test_add_func ("/phone/xml/windows", test_windows);
  g_test_add_func ("/phone/xml/signed-parts", test_signed_parts);
  g_test_add_func ("/phone/xml/login", test_login);
  ADD ("mischief", set_up, test_mischief);
  ADD ("pulled", set_up, test_pulled);
  ADD ("guard", set_up, test_guard);
  g_test_add_func ("/phone/xml/reader", test_reader);
  return g_test_run ();
}
