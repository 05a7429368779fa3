/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xflash-client.h"

/* XFLASH agents and the storage */

static void
set_up_ufs (Bench *bench, gconstpointer data)
{
  set_up_stage (bench, "MT6785", 0x6785, UB_STORAGE_UFS);
}

/* --- reading --- */

static void
test_read (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  read_back (client, 1, USER, 0x200, 0x21234, 0x10000);
  read_back (client, 1, USER, 0x123, 0x77, 0x10000); /* no alignment is asked for */
  read_back (client, 1, 1, 0, 0x800, 0x10000);
  read_back (client, 1, 2, 0x400000 - 0x200, 0x200, 0x10000);
  refuse_range (client, 0x10005, 1, USER, 0x4000000, 0x200, 0xc004000b);
  refuse_range (client, 0x10005, 1, USER, G_MAXUINT64 - 0x100, 0x200, 0xc004000b);
  refuse_range (client, 0x10005, 0x30, USER, 0, 0x200, 0xc0030006);
  refuse_range (client, 0x10005, 1, 9, 0, 0x200, 0xc003000c);
  refuse_range (client, 0x10005, 1, 3, 0, 0x200, 0xc003000c);
  refuse_range (client, 0x10005, 0, USER, 0, 0x200, 0xc0040009);
  alive (client);
}

static void
test_read_stopped (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, 0x10005);
  tell_range (client, 1, USER, 0, 0x30000);
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 7);
  hears_u32 (client, 7);
  alive (client);

  g_assert_true (ub_practice_phone_mischief (client->phone, "read-fail 0x10100", NULL));
  command (client, 0x10005);
  tell_range (client, 1, USER, 0, 0x30000);
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0xc0040030);
  hears_u32 (client, 0xc0040030);
  alive (client);
}

/* a host that says it is Windows gets all of 2 MiB at once */
static void
test_windows (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;

  open_bench (&bench, &options, 0x6765, 0);
  start_da2 (&bench.client, &bench.agent);
  gets (&bench.client, 0x40007, "0000200000002000");
  read_back (&bench.client, 1, USER, 0, 0x201000, 0x200000);
  close_bench (&bench, NULL);
}

/* --- writing --- */

static void
test_write (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  g_autofree guint8 *bytes = g_malloc (0x500000);

  fill (bytes, 0x500000, 3);
  begin_write (client, BASE, 0x500000);
  for (gsize at = 0; at < 0x500000; at += 0x200000)
    {
      gsize n = MIN (0x200000, 0x500000 - at);

      silence (client);
      tell_packet (client, bytes + at, n, packet_sum (bytes + at, n));
      hears_u32 (client, 0);
    }
  hears_u32 (client, 0);
  assert_user (client, BASE, bytes, 0x500000);
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 1);

  fill (bytes, 0x3000, 9); /* smaller packets, and not aligned to anything */
  begin_write (client, BASE + 7, 0x2211);
  tell_packet (client, bytes, 0x1000, packet_sum (bytes, 0x1000));
  hears_u32 (client, 0);
  tell_packet (client, bytes + 0x1000, 0x1211, packet_sum (bytes + 0x1000, 0x1211));
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  assert_user (client, BASE + 7, bytes, 0x2211);
  g_assert_cmpuint (user_byte (client, BASE + 6), ==, (6 * 7 + 3) & 0xff);
  g_assert_cmpuint (user_byte (client, BASE + 7 + 0x2211),
                    ==,
                    (guint8) ((7 + 0x2211) * 7 + 0x22 + 3));
  refuse_range (client, 0x10004, 1, USER, 0x4000000, 0x3000, 0xc004000b);
  alive (client);
}

/* the packet's status and the final one, of the same code, and nothing stored */
static void
expect_refused_packet (Client *client, const guint8 *bytes, gsize size, guint32 sum)
{
  begin_write (client, BASE, size);
  tell_packet (client, bytes, size, sum);
  hears_u32 (client, 0xc0040003);
  hears_u32 (client, 0xc0040003);
  alive (client);
}

static void
test_checksum (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint8  bytes[0x1001];
  guint8  before = user_byte (client, BASE);

  fill (bytes, sizeof bytes, before + 1);
  expect_refused_packet (client, bytes, 0x1001, byte_sum (bytes, 0x1001)); /* odd, without FF */
  expect_refused_packet (client, bytes, 0x1000, 0x1234);
  expect_refused_packet (client, bytes, 0x1000, byte_sum (bytes, 0x1000) | 0x10000);
  g_assert_cmpuint (user_byte (client, BASE), ==, before);
  begin_write (client, BASE, 0x1001);
  tell_packet (client, bytes, 0x1001, (guint16) (byte_sum (bytes, 0x1001) + 0xff));
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  g_assert_true (ub_practice_phone_mischief (client->phone, "bad-sum 2", NULL));
  begin_write (client, BASE, 0x2000);
  tell_packet (client, bytes, 0x1000, byte_sum (bytes, 0x1000));
  hears_u32 (client, 0);
  tell_packet (client, bytes, 0x1000, byte_sum (bytes, 0x1000));
  hears_u32 (client, 0xc0040003);
  hears_u32 (client, 0xc0040003);
  alive (client);
}

/* levels 0 and 2: whatever it says is ignored */
static void
test_checksum_off (void)
{
  static const char *const levels[] = { "00000000", "02000000" };
  UbPracticePhoneOptions   options = make_options ("MT6765", UB_ENTER_PRELOADER);
  guint8                   bytes[0x201] = { 1, 2, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      Bench bench;

      open_bench (&bench, &options, 0x6765, 1);
      sets (&bench.client, 0x20003, levels[i], 0);
      start_da2 (&bench.client, &bench.agent);
      begin_write (&bench.client, BASE, sizeof bytes);
      tell_packet (&bench.client, bytes, sizeof bytes, 0xdeadbeef);
      hears_u32 (&bench.client, 0);
      hears_u32 (&bench.client, 0);
      assert_user (&bench.client, BASE, bytes, sizeof bytes);
      close_bench (&bench, NULL);
    }
}

static void
test_write_stopped (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint8  bytes[0x1000] = { 5 };

  begin_write (client, BASE, 0x3000);
  tell_u32 (client, 1);
  hears_u32 (client, 1);
  alive (client);
  g_assert_true (ub_practice_phone_mischief (client->phone, "write-fail 0x2001800", NULL));
  begin_write (client, BASE, 0x3000);
  tell_packet (client, bytes, 0x1000, packet_sum (bytes, 0x1000));
  hears_u32 (client, 0);
  tell_packet (client, bytes, 0x1000, packet_sum (bytes, 0x1000));
  hears_u32 (client, 0xc0040030);
  hears_u32 (client, 0xc0040030);
  alive (client);
  g_assert_true (ub_practice_phone_mischief (client->phone, "none", NULL));
  begin_write (client, BASE, 0x800); /* more than was announced */
  tell_packet (client, bytes, 0x1000, packet_sum (bytes, 0x1000));
  hears_u32 (client, 0xc0010006);
}

/* --- parts by name --- */

static void
test_download (Bench *bench, gconstpointer data)
{
  Client            *client = &bench->client;
  guint64            start = find_start (client, "lk");
  g_autofree guint8 *bytes = g_malloc (0x80200);
  guint8             next = user_byte (client, start + 0x80000);

  fill (bytes, 0x80200, 1);
  download (client, "lk", bytes, 0x3000, 0);
  assert_user (client, start, bytes, 0x3000);
  begin_download (client, "nosuch", 0x3000, 0xc0040006);
  begin_download (client, "LK", 0x3000, 0xc0040006);
  alive (client);
  download (client, "lk", bytes, 0x80200, 0xc0040004); /* told at the end only */
  g_assert_cmpuint (user_byte (client, start + 0x80000), ==, next);
  alive (client);
}

static void
test_upload (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, 0x10002);
  tell (client, "6c6b");
  hears_u32 (client, 0);
  hears (client, "0000080000000000");
  for (guint i = 0; i < 8; i++)
    {
      hears_u32 (client, 0);
      g_free (hear (client));
      tell_u32 (client, 0);
    }
  hears_u32 (client, 0);
  command (client, 0x10002);
  tell (client, "6e6f73756368");
  silence (client); /* and back to the loop */
  alive (client);
  command (client, 0x10002);
  tell (client, "50475054"); /* PGPT */
  hears_u32 (client, 0);
  hears (client, "0080000000000000");
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  command (client, 0x10002);
  tell (client, "53475054"); /* SGPT */
  hears_u32 (client, 0);
  hears (client, "0042000000000000");
}

/* two blocks as they are, three of a pattern, one left alone, one more as it is */
static GByteArray *
make_sparse (void)
{
  GByteArray *file = from_hex ("3aff26ed 0100 0000 1c00 0c00 00100000 07000000 05000000 00000000");
  guint8      block[0x1000];
  g_autoptr (GByteArray) raw = from_hex ("c1ca 0000 02000000 0c200000");
  g_autoptr (GByteArray) pattern = from_hex ("c2ca 0000 03000000 10000000 11223344");
  g_autoptr (GByteArray) skip =
                 from_hex ("c3ca 0000 01000000 0c000000 c4ca 0000 00000000 10000000 00000000");
  g_autoptr (GByteArray) last = from_hex ("c1ca 0000 01000000 0c100000");

  memset (block, 0x5a, sizeof block);
  g_byte_array_append (file, raw->data, raw->len);
  g_byte_array_append (file, block, sizeof block);
  g_byte_array_append (file, block, sizeof block);
  g_byte_array_append (file, pattern->data, pattern->len);
  g_byte_array_append (file, skip->data, skip->len);
  g_byte_array_append (file, last->data, last->len);
  g_byte_array_append (file, block, sizeof block);
  return file;
}

static void
test_sparse (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint64 start = find_start (client, "logo");
  guint8  before = user_byte (client, start + 5 * 0x1000);
  g_autoptr (GByteArray) file = make_sparse ();

  for (guint cut = 0; cut < 2; cut++)
    {
      gsize piece = cut == 0 ? file->len : 0x101; /* headers fall into two packets */

      begin_download (client, "logo", file->len, 0);
      for (gsize at = 0; at < file->len; at += piece)
        {
          gsize n = MIN (piece, file->len - at);

          tell_packet (client, file->data + at, n, packet_sum (file->data + at, n));
          hears_u32 (client, 0);
        }
      hears_u32 (client, 0);
      g_assert_cmpuint (user_byte (client, start + 0x1fff), ==, 0x5a);
      g_assert_cmpuint (user_byte (client, start + 0x2000), ==, 0x11);
      g_assert_cmpuint (user_byte (client, start + 0x4fff), ==, 0x44);
      g_assert_cmpuint (user_byte (client, start + 0x5000), ==, before);
      g_assert_cmpuint (user_byte (client, start + 0x6000), ==, 0x5a);
      ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, start, (const guint8 *) "\0", 1);
    }
  begin_write (client, start, file->len); /* by range it goes as it is */
  tell_packet (client, file->data, file->len, packet_sum (file->data, file->len));
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  assert_user (client, start, file->data, file->len);
  file->data[28] = 0xc5; /* no such chunk */
  begin_download (client, "logo", file->len, 0);
  tell_packet (client, file->data, file->len, packet_sum (file->data, file->len));
  hears_u32 (client, 0xc0040005);
  hears_u32 (client, 0xc0040005);
}

static void
test_preloader (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  g_autoptr (GBytes) file = ub_phone_tables_make_preloader (client->phone, 7);
  g_autoptr (GBytes) area = ub_phone_tables_make_boot_area (client->phone, file);
  gsize         size, area_size;
  const guint8 *bytes = g_bytes_get_data (file, &size);
  const guint8 *wanted = g_bytes_get_data (area, &area_size);
  guint8        back[0x900], stale[] = { 1, 2, 3 }, nothing[3];

  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_BOOT1, 0x200000, stale, sizeof stale);
  download (client, "preloader", bytes, size, 0);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_BOOT1, 0, back, sizeof back);
  g_assert_cmpmem (back, sizeof back, wanted, sizeof back);
  g_assert_cmpmem (back + 0x800, 0x100, bytes, 0x100);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_BOOT1, 0x200000, nothing, sizeof nothing);
  g_assert_cmpmem (nothing, 3, "\0\0\0", 3); /* erased first */
  download (client, "preloader_backup", wanted, area_size, 0);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_BOOT2, 0, back, sizeof back);
  g_assert_cmpmem (back, sizeof back, wanted, sizeof back);
  begin_download (client, "preloader", 0x1000, 0);
  tell_packet (client,
               back + 0x10,
               0x800,
               packet_sum (back + 0x10, 0x800)); /* neither GFH nor header */
  hears_u32 (client, 0xc0030004);
  hears_u32 (client, 0xc0030004);
  /* it is refused, and the phone has lost the one it had */
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_BOOT1, 0, back, 16);
  g_assert_cmpmem (back, 9, "\0\0\0\0\0\0\0\0\0", 9);
}

/* the agent goes by the table it once read until one is written by name */
static void
test_remembered_table (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint64 lk = find_start (client, "lk"), boot = find_start (client, "boot");
  guint8  old[0x8000], table[0x8000], bytes[0x200];

  fill (bytes, sizeof bytes, 77);
  download (client, "lk", bytes, sizeof bytes, 0);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0, old, sizeof old);
  for (guint pass = 0; pass < 2; pass++)
    {
      g_autoptr (GByteArray) entries = g_byte_array_new ();
      guint8 kind;
      g_autoptr (GByteArray) report = ub_phone_tables_read (client->phone, &kind);

      for (guint at = 0; at < report->len; at += 88) /* lk and boot change names */
        {
          if (memcmp (report->data + at, "lk\0", 3) == 0)
            memcpy (report->data + at, "boot", 5);
          else if (memcmp (report->data + at, "boot\0", 5) == 0)
            memcpy (report->data + at, "lk\0\0\0", 5);
        }
      g_byte_array_append (entries, report->data, report->len);
      if (pass == 0)
        {
          ub_phone_tables_write_gpt (client->phone, 0, entries->data, entries->len / 88);
          fill (bytes, sizeof bytes, 78);
          download (client, "lk", bytes, sizeof bytes, 0);
          assert_user (client, lk, bytes, sizeof bytes);
          ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0, table, sizeof table);
          download (client, "PGPT", table, sizeof table, 0);
          fill (bytes, sizeof bytes, 79);
          download (client, "lk", bytes, sizeof bytes, 0);
          assert_user (client, boot, bytes, sizeof bytes);
        }
    }
}

/* the record of what was done */
static void
test_flashinfo (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint64 start = find_start (client, "flashinfo");
  guint8  bytes[0x200] = { 1 };

  download (client, "lk", bytes, sizeof bytes, 0);
  assert_user (client, start, (const guint8 *) "FLASHINFO 1 lk", 15);
  begin_write (client, BASE, sizeof bytes);
  tell_packet (client, bytes, sizeof bytes, packet_sum (bytes, sizeof bytes));
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  assert_user (client, start, (const guint8 *) "FLASHINFO 2", 11);
}

/* --- erasing --- */

static void
expect_progress (Client *client)
{
  hears_u32 (client, 0x40040004);
  hears_u32 (client, 100);
  silence (client);
  tell_u32 (client, 0);
  hears_u32 (client, 0x40040005);
}

static void
test_format (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  guint64 lk = find_start (client, "lk");
  guint8  last = user_byte (client, lk - 1), next = user_byte (client, lk + 0x80000);

  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, BASE, (const guint8 *) "abcd", 4);
  command (client, 0x10003);
  tell_range (client, 1, USER, BASE + 1, 2);
  hears_u32 (client, 0);
  expect_progress (client);
  assert_user (client, BASE, (const guint8 *) "a\0\0d", 4);
  command (client, 0x10006);
  tell (client, "6c6b");
  expect_progress (client); /* no status before it */
  g_assert_cmpuint (user_byte (client, lk), ==, 0);
  g_assert_cmpuint (user_byte (client, lk + 0x7ffff), ==, 0);
  g_assert_cmpuint (user_byte (client, lk - 1), ==, last);
  g_assert_cmpuint (user_byte (client, lk + 0x80000), ==, next);
  command (client, 0x10006);
  tell (client, "6e6f73756368");
  hears_u32 (client, 0xc0040006);
  refuse_range (client, 0x10003, 1, 9, 0, 0x200, 0xc003000c);
  command (client, 0x10003);
  tell_range (client, 1, USER, BASE, 0x200);
  hears_u32 (client, 0);
  hears_u32 (client, 0x40040004);
  hears_u32 (client, 100);
  tell_u32 (client, 1);
  hears_u32 (client, 0xc0010002);
  alive (client);
}

/* it says no, and does it all the same */
static void
test_format_beyond (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  ub_practice_phone_poke (client->phone,
                          UB_REGION_EMMC_USER,
                          0x3ffefff,
                          (const guint8 *) "abcd",
                          4);
  command (client, 0x10003);
  tell_range (client, 1, USER, 0x3fff000, 0x400000);
  hears_u32 (client, 0xc004000b);
  expect_progress (client);
  g_assert_cmpuint (user_byte (client, 0x3fff000), ==, 0);
  g_assert_cmpuint (user_byte (client, 0x3ffffff), ==, 0);
  g_assert_cmpuint (user_byte (client, 0x3ffefff), !=, 0);
  alive (client);
}

/* --- UFS --- */

static void
test_ufs (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *info = NULL, *emmc = NULL;
  guint8           table[0x8000];

  control (client, 0x40004, 0);
  info = hear (client);
  hears_u32 (client, 0);
  g_assert_true (g_str_has_prefix (info,
                                   "3000000000100000"
                                   "0000400000000000"
                                   "0000400000000000"
                                   "0000000400000000"));
  control (client, 0x40001, 0);
  emmc = hear (client);
  hears_u32 (client, 0);
  g_assert_cmpuint (strspn (emmc, "0"), ==, 208);
  read_back (client, 0x30, 3, 0x1000, 0x1234, 0x10000);
  read_back (client, 0x30, 1, 0, 0x2000, 0x10000);
  refuse_range (client, 0x10005, 1, 3, 0, 0x1000, 0xc0030006);
  refuse_range (client, 0x10005, 0x30, 8, 0, 0x1000, 0xc003000c);
  refuse_range (client, 0x10005, 0x30, 4, 0, 0x1000, 0xc003000c);
  command (client, 0x10002);
  tell (client, "53475054"); /* SGPT */
  hears_u32 (client, 0);
  hears (client, "0080000000000000");
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0, table, sizeof table);
  g_assert_cmpmem (table + 0x1000, 8, "EFI PART", 8);
  download (client, "PGPT", table, sizeof table, 0);
  download (client, "lk", table, 0x1000, 0);
  g_assert_true (ub_practice_phone_mischief (client->phone, "full", NULL));
  begin_download (client, "lk", 0x1000, 0);
  tell_packet (client, table, 0x1000, packet_sum (table, 0x1000));
  hears_u32 (client, 0xc0040060);
}

/* --- the guard --- */

static void
note_command (UbPracticePhone *phone, const char *command, gpointer data)
{
  g_string_append_printf (data, "%s ", command);
}

static void
test_guard (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  g_autoptr (GString) asked = g_string_new (NULL);
  guint8 table[0x8000];

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, 0, table, sizeof table);
  ub_practice_phone_set_guard (client->phone, note_command, asked);
  read_back (client, 1, USER, 0, 0x200, 0x10000);
  begin_write (client, BASE, 0x200);
  tell_u32 (client, 1);
  hears_u32 (client, 1);
  begin_download (client, "lk", 0x200, 0);
  tell_u32 (client, 1);
  hears_u32 (client, 1);
  download (client, "PGPT", table, sizeof table, 0);
  command (client, 0x10006);
  tell (client, "6c6b");
  expect_progress (client);
  g_assert_cmpstr (asked->str, ==, "write write-image write-gpt format ");
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 4);
}

#define ADD(name, up, function)                                                                    \
  g_test_add ("/phone/xflash/" name, Bench, NULL, up, function, close_bench)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/xflash/windows", test_windows);
  g_test_add_func ("/phone/xflash/checksum-off", test_checksum_off);
  ADD ("read", set_up, test_read);
  ADD ("read-stopped", set_up, test_read_stopped);
  ADD ("write", set_up, test_write);
  ADD ("checksum", set_up, test_checksum);
  ADD ("write-stopped", set_up, test_write_stopped);
  ADD ("download", set_up, test_download);
  ADD ("upload", set_up, test_upload);
  ADD ("sparse", set_up, test_sparse);
  ADD ("preloader", set_up, test_preloader);
  ADD ("remembered-table", set_up, test_remembered_table);
  ADD ("flashinfo", set_up, test_flashinfo);
  ADD ("format", set_up, test_format);
  ADD ("format-beyond", set_up, test_format_beyond);
  ADD ("ufs", set_up_ufs, test_ufs);
  ADD ("guard", set_up, test_guard);
  return g_test_run ();
}
