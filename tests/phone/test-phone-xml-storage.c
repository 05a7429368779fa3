/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xml-client.h"

/* what XML agents of practice phones read, write and erase */

#define BASE 0x2000000 /* somewhere in the user area */

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

/* the sectors it touches are erased whole; pieces of any length make the same sum */
static void
test_odd_pieces (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = make_bytes (0x1003, 1);
  g_autofree char   *sum = g_strdup_printf ("OK@%u", word_sum (bytes, 0x1003));
  guint8             mark = 0x77;

  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, BASE + 0x100, &mark, 1);
  write_flash (client, "EMMC-USER", "0x2000101", 0x1003);
  progresses (client, "EMMC-USER");
  downloads (client, "CHK_ADD", "EMMC-USER", "w.img", "0x200000");
  tell (client, "OK");
  tell (client, "OK@4099");
  hears (client, "OK");
  tell (client, sum);
  hears (client, "OK");
  tell_header (client, 0x1003);
  for (gsize at = 0, n = 1; at < 0x1003; at += n, n = n % 97 + 3)
    host_bytes (client, bytes + at, MIN (n, 0x1003 - at));
  hears (client, "OK@0x0");
  ends (client, "OK", "");
  assert_user (client, BASE + 0x101, bytes, 0x1003);
  g_assert_cmphex (user_byte (client, BASE + 0x100), ==, 0);
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

#define ADD(name, up, function)                                                                    \
  g_test_add ("/phone/xml-storage/" name, Bench, NULL, up, function, close_bench)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("read", set_up, test_read);
  ADD ("wrong-ranges", set_up, test_wrong_ranges);
  ADD ("write-flash", set_up, test_write_flash);
  ADD ("odd-pieces", set_up, test_odd_pieces);
  ADD ("wrong-sum", set_up, test_wrong_sum);
  ADD ("write-refused", set_up, test_write_refused);
  ADD ("sparse", set_up, test_sparse);
  ADD ("write-partition", set_up, test_write_partition);
  ADD ("partition-refused", set_up, test_partition_refused);
  ADD ("table-by-name", set_up, test_table_by_name);
  ADD ("preloader", set_up, test_preloader);
  ADD ("erase", set_up, test_erase);
  ADD ("ufs-storage", set_up_ufs, test_ufs_storage);
  g_test_add_func ("/phone/xml-storage/signed-parts", test_signed_parts);
  ADD ("mischief", set_up, test_mischief);
  return g_test_run ();
}
