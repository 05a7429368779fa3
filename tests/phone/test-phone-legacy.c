/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include <zlib.h>

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_with (fixture, make_options ("MT6580", UB_ENTER_PRELOADER), 0x6580);
  start_mt6580 (&fixture->client, &fixture->agent);
}

static void
expect_ready (Client *client)
{
  host (client, "72");
  phone (client, "5a01");
}

static void
peek (Client *client, guint64 offset, guint8 *data, gsize size)
{
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, offset, data, size);
}

/* one packet of 62 with its sum, and 69 */
static void
send_packet (Client *client, const guint8 *data, gsize size)
{
  g_autofree char *sum = g_strdup_printf ("%04x", byte_sum (data, size));

  host (client, "5a");
  host_bytes (client, data, size / 2);
  host_bytes (client, data + size / 2, size - size / 2);
  host (client, sum);
  phone (client, "69");
}

static void
test_write_read (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  sector[512], back[512];

  memset (sector, 0xff, sizeof sector);
  host (client, "62 01 08 0000000001000000 0000000000000200 00100000");
  phone (client, "5a");
  send_packet (client, sector, sizeof sector);
  peek (client, 0x1000000, back, sizeof back);
  g_assert_cmpmem (sector, sizeof sector, back, sizeof back);
  g_assert_cmpuint (ub_practice_phone_get_writes (client->phone), ==, 1);

  host (client, "60");
  phone (client, "5a");
  host (client, "08");
  phone (client, "5a");
  host (client, "d6 0c 02 0000000001000000 0000000000000a00");
  phone (client, "5a");
  client->n_transfers = 0;
  host (client, "00000600");
  g_free (take (client, 0x600));
  g_free (take (client, 2));
  g_assert_cmpuint (client->n_transfers, ==, 3); /* 1024 bytes, 512 bytes, the sum */
  host (client, "a5");                           /* again */
  g_free (take (client, 0x602));
  host (client, "5a");
  g_free (take (client, 0x402));
  host (client, "5a");
  expect_ready (client);
}

/* the same packet again after 5A, no more after 96, and for ever lost after anything else */
static void
test_wrong_sum (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  bytes[4096], back[4096];

  memset (bytes, 0x77, sizeof bytes);
  host (client, "6201080000000001400000000000000000100000001000");
  phone (client, "5a");
  host (client, "5a");
  host_bytes (client, bytes, sizeof bytes);
  host (client, "1234");
  phone (client, "a5 00000bf9");
  send_packet (client, bytes, sizeof bytes);
  expect_ready (client);

  memset (bytes, 0x11, sizeof bytes);
  host (client, "6201080000000001400000000000000000100000001000");
  phone (client, "5a");
  host (client, "5a");
  host_bytes (client, bytes, sizeof bytes);
  host (client, "1234");
  phone (client, "a5 00000bf9");
  host (client, "96");
  expect_ready (client);
  peek (client, 0x1400000, back, sizeof back);
  g_assert_cmphex (back[0], ==, 0x77); /* what was given up never came to the storage */

  host (client, "6201080000000001400000000000000000100000001000");
  phone (client, "5a");
  host (client, "5a");
  host_bytes (client, bytes, sizeof bytes);
  host (client, "1234");
  phone (client, "a5 00000bf9");
  host (client, "72");
  silence (client);
  host (client, "5a");
  silence (client);
}

/* the rest of an odd last sector is what the agent's buffer held before */
static void
test_odd_tail (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  bytes[512], back[512];

  memset (bytes, 0x42, sizeof bytes);
  host (client, "62 01 08 0000000001000000 0000000000000200 00100000");
  phone (client, "5a");
  send_packet (client, bytes, 512);
  memset (bytes, 0x99, sizeof bytes);
  host (client, "62 01 08 0000000001500000 0000000000000123 00100000");
  phone (client, "5a");
  send_packet (client, bytes, 0x123);
  peek (client, 0x1500000, back, sizeof back);
  g_assert_cmphex (back[0x122], ==, 0x99);
  g_assert_cmphex (back[0x123], ==, 0x42);
  g_assert_cmphex (back[511], ==, 0x42);
  expect_ready (client);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  host (client, "d6 0c 02 0000000000000000 0000000000000000");
  phone (client, "a5 00000be0");
  host (client, "d6 0c 02 0000000004100000 0000000000000200");
  phone (client, "a5 00000bdc");
  host (client, "d6 0c 02 ffffffffffffff00 0000000000000200");
  phone (client, "a5 00000bdc");
  host (client, "d6 0c 04 0000000000000000 0000000000000200");
  phone (client, "a5 000003eb");
  host (client, "d4 02000000 0000000001400001 0000000000000200");
  phone (client, "a5 00000bdc 5a");
  host (client, "d4 02000000 0000000004000000 0000000000100000");
  phone (client, "5a a5 00000be0 5a");
  host (client, "60");
  phone (client, "5a");
  host (client, "05"); /* a GP area that there is not */
  phone (client, "a5 00000c50");
  host (client, "62 01 03 0000000000000000 0000000000000200 00100000");
  phone (client, "a5 00000c55");
  host (client, "62 01 08 0000000003fffe00 0000000000000400 00100000");
  phone (client, "5a");
  host (client, "96");
  host (client, "55"); /* unknown: not a word */
  host (client, "7a 80000000");
  phone (client, "00000000 a5");
  host (client, "63");
  phone (client, "a5 00000c4f");
  host (client, "d3");
  phone (client, "a5");
  expect_ready (client);
  host (client, "62 01 08 0000000001000000 0000000000000200 00800001");
  silence (client);
  host (client, "72");
  silence (client);
}

static void
test_format (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  back[512];

  host (client, "d4 02000000 0000000000400000 0000000000100000");
  phone (client, "5a5a 00000000 64");
  host (client, "5a");
  phone (client, "5a5a");
  peek (client, 0x400000, back, sizeof back);
  for (guint i = 0; i < sizeof back; i++)
    g_assert_cmphex (back[i], ==, 0);
  peek (client, 0x3ffe00, back, sizeof back);
  g_assert_cmphex (back[0], !=, 0);
  expect_ready (client);
}

static void
test_image_and_verify (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  bytes[1024];

  memset (bytes, 0x03, sizeof bytes);
  host (client, "61 01 08 0000000001000000 0000000000000400 00 03");
  phone (client, "00100000 5a");
  send_packet (client, bytes, sizeof bytes);
  host (client, "0c00");
  phone (client, "5a");
  host (client, "61 01 08 0000000001000001 0000000000000400 00 03");
  phone (client, "00100000 a5 00000bdc");
  host (client,
        "bd 02 08 0000000001000000 0000000000000400 0c00 00 03 00000000000000000000000000000000");
  phone (client, "00000000 64 0000000000000400");
  host (client, "5a");
  phone (client, "5a");
  host (client,
        "bd 02 08 0000000001000000 0000000000000400 0c01 00 03 00000000000000000000000000000000");
  phone (client, "00000000 64 0000000000000400");
  host (client, "5a");
  phone (client, "a5 0c00");
  expect_ready (client);
}

static void
test_boot_area (Fixture *fixture, gconstpointer data)
{
  Client          *client = &fixture->client;
  g_autofree char *head = NULL;

  host (client, "60");
  phone (client, "5a");
  host (client, "01");
  phone (client, "5a");
  host (client, "d6 0b 02 0000000000000000 0000000000000200");
  phone (client, "5a");
  host (client, "00100000");
  head = take (client, 512);
  g_assert_true (g_str_has_prefix (head,
                                   "454d4d435f424f4f54000000"
                                   "01000000"
                                   "00020000"
                                   "ff"));
  g_free (take (client, 2));
  host (client, "5a");
  host (client, "d6 0b 02 0000000000400000 0000000000000200"); /* beyond the end of this area */
  phone (client, "a5 00000bdc");
}

static void
test_tables (Fixture *fixture, gconstpointer data)
{
  Client          *client = &fixture->client;
  g_autofree char *hex = NULL;
  g_autoptr (GByteArray) table = NULL;

  host (client, "a5");
  phone (client, "06 00000688"); /* nineteen of them */
  host (client, "5a");
  hex = take (client, 19 * 88);
  table = from_hex (hex);
  g_assert_cmpstr ((char *) table->data, ==, "proinfo");
  g_assert_cmphex (le32 (table->data + 0x40), ==, 0x80000);
  g_assert_cmphex (le32 (table->data + 0x48), ==, 0x300000);
  host (client, "5a");
  expect_ready (client);

  /* what is written with A9 is what comes back */
  host (client, "a9");
  phone (client, "5a");
  host (client, "00 00000001");
  host_bytes (client, table->data + 88, 88);
  phone (client, "5a");
  host (client, "a5");
  phone (client, "06 00000058");
  host (client, "5a");
  g_free (hex);
  hex = take (client, 88);
  g_assert_true (g_str_has_prefix (hex, "6e7672616d00")); /* nvram */
  host (client, "5a");
  expect_ready (client);
}

/* a table of 41 entries kills it on the first look */
static void
test_table_kills (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  entry[88] = "part";

  entry[0x42] = 0x10;
  entry[0x4a] = 0x10;
  host (client, "a9");
  phone (client, "5a");
  host (client, "00 00000028");
  for (guint i = 0; i < 40; i++)
    host_bytes (client, entry, sizeof entry);
  phone (client, "5a");
  expect_ready (client);
  host (client, "a9");
  phone (client, "5a");
  host (client, "00 00000029");
  silence (client);
}

/* and so does one whose header counts more than there are: it is copied by the header's word */
static void
test_table_counts (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  table[34 * 512];
  guint8 *header = table + 512;
  guint32 sum;

  peek (client, 0, table, sizeof table);
  memset (table + 1024 + 32 * 128, 0, sizeof table - 1024 - 32 * 128);
  header[80] = 41;
  sum = GUINT32_TO_LE ((guint32) crc32 (0, table + 1024, 41 * 128));
  memcpy (header + 88, &sum, 4);
  memset (header + 16, 0, 4);
  sum = GUINT32_TO_LE ((guint32) crc32 (0, header, 92));
  memcpy (header + 16, &sum, 4);
  ub_practice_phone_poke (client->phone, UB_REGION_EMMC_USER, 0, table, sizeof table);
  host (client, "d6 0c 02 0000000000000000 0000000000000200");
  silence (client);
}

static void
test_finish (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  host (client, "d9");
  phone (client, "5a");
  host (client, "00000000");
  phone (client, "5a");
  g_assert_true (ub_practice_phone_was_finished (client->phone));
  ub_practice_phone_advance (client->phone, 60000);
  g_assert_false (ub_practice_phone_is_present (client->phone));
}

static void
test_reboot (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  host (client, "db 0000 00000001");
  phone (client, "5a");
  ub_practice_phone_advance (client->phone, 100);
  g_assert_false (ub_practice_phone_is_present (client->phone));
  ub_practice_phone_advance (client->phone, 1000);
  g_assert_cmphex (ub_practice_phone_get_product (client->phone), ==, 0x2000);
}

static void
test_high_speed (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  host (client, "70 01");
  phone (client, "5a");
  ub_practice_phone_advance (client->phone, 100);
  g_assert_false (ub_practice_phone_is_present (client->phone));
  ub_practice_phone_advance (client->phone, 600);
  g_assert_cmphex (ub_practice_phone_get_product (client->phone), ==, 0x2001);
  expect_ready (client);
}

static void
test_small_commands (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;

  host (client, "d0");
  phone (client, "0000005a 00000f0a");
  host (client, "7b 10007000 22000064");
  phone (client, "5a");
  host (client, "7a 10007000");
  phone (client, "00000000 5a");
  host (client, "e0 00000000");
  phone (client, "5a");
  host (client, "e0 00000003 010203");
  phone (client, "5a");
  host (client, "d5");
  phone (client, "a5 00000bc7");
  expect_ready (client);
}

/* a damaged DA2 is not told: it is never heard of again */
static void
test_da2_digest (void)
{
  Fixture fixture;
  Client *client = &fixture.client;

  set_up_with (&fixture, make_options ("MT6580", UB_ENTER_PRELOADER), 0x6580);
  ub_practice_phone_line_coding (client->phone);
  handshake (client, TRUE);
  send_agent (client, &fixture.agent);
  g_free (take (client, 41));
  host (client, "5a");
  phone (client, "04029c");
  host (client, CONFIG);
  host (client, SLC);
  phone (client, "00000000");
  fixture.agent.da2[0x5000] ^= 1;
  send_da2 (client, &fixture.agent);
  silence (client);
  host (client, "5a");
  silence (client);
  tear_down (&fixture, NULL);
}

/* an agent made for another chip runs, and knows it: only FINISH is left */
static void
test_stranger (void)
{
  Fixture fixture;
  Client *client = &fixture.client;

  set_up_with (&fixture, make_options ("MT6580", UB_ENTER_PRELOADER), 0x6582);
  ub_practice_phone_line_coding (client->phone);
  handshake (client, TRUE);
  send_agent (client, &fixture.agent);
  g_free (take (client, 41));
  host (client, "5a");
  phone (client, "0402ff");
  host (client, "72");
  silence (client);
  host (client, "d9");
  phone (client, "5a");
  host (client, "00000000");
  phone (client, "5a");
  tear_down (&fixture, NULL);
}

/* --- every chip, from boot ROM and from preloader, in both numberings --- */

typedef struct
{
  const char *name;
  guint16     code;
  guint       ids[2];   /* old, new */
  const char *words[2]; /* after the configuration block */
  guint32     emi[2], emi_size[2];
  gboolean    single, flash_id, five_words, bmt;
  guint       width;
} ChipCase;

#define ONE_SLC "00000001 4646000000000000 0000000000000000 ff000000"

static const ChipCase chip_cases[] = {
  { "MT6572", 0x6572, { 5, 7 }, { "", "" }, { 11, 11 }, { 168, 168 }, TRUE, TRUE, FALSE, FALSE, 4 },
  { "MT6580",
    0x6580,
    { 7, 7 },
    { "", ONE_SLC },
    { 17, 21 },
    { 176, 188 },
    FALSE,
    FALSE,
    FALSE,
    FALSE,
    8 },
  { "MT6582",
    0x6582,
    { 5, 5 },
    { "00000001", "00000001" },
    { 12, 12 },
    { 188, 188 },
    TRUE,
    FALSE,
    FALSE,
    FALSE,
    4 },
  { "MT6589",
    0x6583,
    { 5, 5 },
    { "00000001", "00000001" },
    { 10, 10 },
    { 184, 184 },
    TRUE,
    FALSE,
    FALSE,
    FALSE,
    4 },
  { "MT6592",
    0x6592,
    { 5, 7 },
    { "", "00000000" },
    { 13, 13 },
    { 188, 188 },
    TRUE,
    FALSE,
    TRUE,
    FALSE,
    4 },
  { "MT6735",
    0x6735,
    { 5, 5 },
    { "", "" },
    { 20, 20 },
    { 188, 188 },
    FALSE,
    FALSE,
    FALSE,
    FALSE,
    8 },
  { "MT8127",
    0x8127,
    { 7, 7 },
    { "", "00000000" ONE_SLC },
    { 12, 12 },
    { 188, 188 },
    TRUE,
    FALSE,
    FALSE,
    TRUE,
    8 },
  { "MT8163",
    0x8163,
    { 7, 7 },
    { "", ONE_SLC },
    { 16, 16 },
    { 188, 188 },
    FALSE,
    FALSE,
    FALSE,
    TRUE,
    8 },
};

static void
power_dram (Client *client, const ChipCase *chip, gboolean now, const char *folder)
{
  g_autofree char   *numbers = g_strdup_printf ("%08x %08x", now ? 0xbc3 : 0xbbf, 0);
  g_autofree char   *nand = g_strdup_printf ("%08x%04x", now ? 0xbc4 : 0xbc0, chip->ids[now]);
  g_autofree char   *version = g_strdup_printf ("e8 %08x", chip->emi[now]);
  g_autofree char   *record_size = g_strdup_printf ("%08x", chip->emi_size[now]);
  g_autofree char   *length = NULL, *sum = NULL;
  gsize              size;
  g_autofree guint8 *records = load_records (folder, &size);
  const guint8      *chosen = records;

  g_assert_cmpuint (size, ==, 5 * chip->emi_size[now]);
  phone (client, numbers);
  phone (client, "55000115 41525042 34120743 01877856");
  phone (client, nand);
  g_free (take (client, 2 * chip->ids[now]));
  host (client, version);
  phone (client, "5a");
  if (chip->flash_id)
    phone (client, "55000115 41525042 34120743 01877856");
  phone (client, record_size);
  host (client, "5a");
  if (chip->single)
    {
      size = chip->emi_size[now];
      chosen = records + 3 * size;
    }
  else
    {
      length = g_strdup_printf ("%08x", (guint) size);
      host (client, length);
    }
  host_bytes (client, chosen, size);
  sum = g_strdup_printf ("%04x", byte_sum (chosen, size));
  phone (client, sum);
  host (client, "5a");
  host (client, "80000001");
  phone (client, "00000000 02 00");
  g_free (take (client, 8));
}

static void
run_chip (const ChipCase *chip, UbEnter enter, gboolean now)
{
  UbPracticePhoneOptions options = make_options (chip->name, enter);
  Fixture                fixture;
  Client                *client = &fixture.client;
  g_autofree char *hello = g_strdup_printf ("c0 %08x %04x", now ? 0xbc4 : 0xbc0, chip->ids[now]);
  g_autofree char *report = NULL, *nand = g_strdup_printf ("%08x", now ? 0xbc8 : 0xbc4);
  gsize            size = 213 + chip->width + 2 * chip->ids[now] + (chip->bmt ? 4 : 0);
  gboolean         force = chip->code == 0x6583;

  options.build_year = now ? 2019 : 2015;
  set_up_with (&fixture, options, chip->code);
  ub_practice_phone_line_coding (client->phone);
  handshake (client, enter == UB_ENTER_PRELOADER);
  send_agent (client, &fixture.agent);
  phone (client, hello);
  g_free (take (client, 2 * chip->ids[now]));
  phone (client, "00000000 15010055 42505241 43071234 56788701");
  host (client, "5a");
  g_free (take (client, 3));
  host (client, CONFIG);
  host (client, chip->words[now]);
  if (enter == UB_ENTER_BOOT_ROM || force)
    power_dram (client, chip, now, fixture.folder);
  else
    phone (client, "00000000");
  if (chip->five_words)
    g_free (take (client, 20));
  send_da2 (client, &fixture.agent);
  phone (client, "5a");
  host (client, "5a");
  report = take (client, size);
  g_assert_cmpuint (strlen (report), ==, 2 * size);
  g_assert_true (g_str_has_prefix (report + 2 * 28, nand));
  g_assert_true (g_str_has_suffix (report, now ? "5a00000c0b00000409" : "5a00000c0600000409"));
  phone (client, "c1");
  expect_ready (client);
  tear_down (&fixture, NULL);
}

static void
test_chips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (chip_cases); i++)
    for (guint now = 0; now < 2; now++)
      {
        g_test_message ("%s, %s numbering", chip_cases[i].name, now ? "new" : "old");
        run_chip (&chip_cases[i], UB_ENTER_PRELOADER, now == 1);
        run_chip (&chip_cases[i], UB_ENTER_BOOT_ROM, now == 1);
      }
}

/* MT6592 wants 16 bytes before the parameters of 62 and between those of D4 */
static void
test_phone_info (void)
{
  UbPracticePhoneOptions options = make_options ("MT6592", UB_ENTER_PRELOADER);
  Fixture                fixture;
  Client                *client = &fixture.client;
  guint8                 sector[512] = { 1, 2, 3 };

  set_up_with (&fixture, options, 0x6592);
  ub_practice_phone_line_coding (client->phone);
  handshake (client, TRUE);
  send_agent (client, &fixture.agent);
  g_free (take (client, 41));
  host (client, "5a");
  g_free (take (client, 3));
  host (client, CONFIG "00000000");
  g_free (take (client, 24));
  send_da2 (client, &fixture.agent);
  phone (client, "5a");
  host (client, "5a");
  g_free (take (client, 213 + 4 + 14 + 1));
  host (client,
        "62 0011223344556677 8899aabbccddeeff 01 08 0000000001000000 0000000000000200 00100000");
  phone (client, "5a");
  send_packet (client, sector, sizeof sector);
  host (client, "d4 020000 0011223344556677 8899aabbccddeeff 00 0000000001000000 0000000000000200");
  phone (client, "5a5a 00000000 64");
  host (client, "5a");
  phone (client, "5a5a");
  expect_ready (client);
  tear_down (&fixture, NULL);
}

/* as far as the question for the memory settings, from a boot ROM */
static void
reach_dram (Fixture *fixture)
{
  Client *client = &fixture->client;

  set_up_with (fixture, make_options ("MT6580", UB_ENTER_BOOT_ROM), 0x6580);
  handshake (client, FALSE);
  send_agent (client, &fixture->agent);
  g_free (take (client, 41));
  host (client, "5a");
  phone (client, "04029c");
  host (client, CONFIG);
  host (client, SLC);
  g_free (take (client, 44));
}

static void
test_emi_refusals (void)
{
  Fixture fixture;
  Client *client = &fixture.client;
  guint8  record[0xf6c] = { 0 };

  reach_dram (&fixture); /* a length that is no multiple: silence */
  host (client, "e8 00000015");
  phone (client, "5a 000000bc");
  host (client, "5a 000000bd");
  host_bytes (client, record, 0xbd);
  silence (client);
  tear_down (&fixture, NULL);

  reach_dram (&fixture); /* more than it has room for */
  host (client, "e8 00000015");
  phone (client, "5a 000000bc");
  host (client, "5a 00000f6c");
  host_bytes (client, record, sizeof record);
  silence (client);
  tear_down (&fixture, NULL);

  reach_dram (
      &fixture); /* a version it does not know: A5, and it goes on; no record that fits: 0BBA */
  host (client, "e8 00000014");
  phone (client, "a5 000000bc");
  host (client, "5a 000000bc");
  host_bytes (client, record, 0xbc);
  phone (client, "0000");
  host (client, "5a 80000001");
  phone (client, "00000bba");
  silence (client);
  tear_down (&fixture, NULL);
}

/* --- the table of the MBR time --- */

static void
test_pmt (void)
{
  UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_PRELOADER);
  Fixture                fixture;
  Client                *client = &fixture.client;
  g_autofree char       *hex = NULL;
  g_autoptr (GByteArray) table = NULL;
  guint8 sector[512];

  options.table = UB_TABLE_EBR;
  set_up_with (&fixture, options, 0x6580);
  start_mt6580 (client, &fixture.agent);
  host (client, "a5");
  phone (client, "5a 00000720"); /* 19 × 96 */
  host (client, "5a");
  hex = take (client, 0x720);
  table = from_hex (hex);
  g_assert_cmpstr ((char *) table->data + 2 * 96, ==, "PRO_INFO");
  g_assert_cmphex (le32 (table->data + 2 * 96 + 0x40), ==, 0x300000);
  g_assert_cmphex (le32 (table->data + 2 * 96 + 0x50), ==, 0x100000);
  host (client, "5a");
  expect_ready (client);
  peek (client, 0, sector, sizeof sector);
  g_assert_cmphex (sector[0x1fe], ==, 0x55);
  g_assert_cmphex (sector[0x1c2], ==, 0x05);

  host (client, "a4");
  phone (client, "5a");
  host (client, "00000001");
  phone (client, "5a");
  host_bytes (client, table->data + 96, 96);
  phone (client, "69");
  host (client, "00000000");
  phone (client, "5a5a");
  host (client, "a5");
  phone (client, "5a 00000060");
  host (client, "5a");
  g_free (take (client, 96));
  host (client, "5a");
  memset (sector, 0, sizeof sector);
  ub_practice_phone_poke (client->phone,
                          UB_REGION_EMMC_USER,
                          60 * 1024 * 1024,
                          sector,
                          sizeof sector);
  host (client, "a5");
  phone (client, "a5 0000040d");
  tear_down (&fixture, NULL);
}

/* two phones of one chip: the memory is of the same kind, and yet another one */
static void
test_serial (void)
{
  char *ids[2] = { NULL, NULL };

  for (guint i = 0; i < 2; i++)
    {
      UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_BOOT_ROM);
      Client                 client;

      options.serial = 0x1234 * i;
      client = open_client (&options);
      handshake (&client, FALSE);
      host (&client, "e1");
      ids[i] = take (&client, 1 + 4 + 16 + 2);
      close_client (&client);
    }
  g_assert_cmpstr (ids[0], !=, ids[1]);
  g_free (ids[0]);
  g_free (ids[1]);
}

/* whatever comes: it neither trips nor fills the memory */
static void
test_rubbish (Fixture *fixture, gconstpointer data)
{
  Client *client = &fixture->client;
  guint8  bytes[997];

  for (guint i = 0; i < 300; i++)
    {
      for (guint n = 0; n < sizeof bytes; n++)
        bytes[n] = (guint8) (g_test_rand_int_range (0, 3) == 0 ? 0 : g_test_rand_int ());
      if (i % 30 == 0)
        {
          ub_practice_phone_plug (client->phone);
          start_mt6580 (client, &fixture->agent);
        }
      host_bytes (client, bytes, sizeof bytes);
      if (i % 2 == 0)
        collect (client);
      ub_practice_phone_advance (client->phone, 20);
      g_byte_array_set_size (client->in, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/phone/legacy/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("write-read", test_write_read);
  ADD ("wrong-sum", test_wrong_sum);
  ADD ("odd-tail", test_odd_tail);
  ADD ("refusals", test_refusals);
  ADD ("format", test_format);
  ADD ("image-and-verify", test_image_and_verify);
  ADD ("boot-area", test_boot_area);
  ADD ("tables", test_tables);
  ADD ("table-kills", test_table_kills);
  ADD ("table-counts", test_table_counts);
  ADD ("finish", test_finish);
  ADD ("reboot", test_reboot);
  ADD ("high-speed", test_high_speed);
  ADD ("small-commands", test_small_commands);
  ADD ("rubbish", test_rubbish);
  g_test_add_func ("/phone/legacy/da2-digest", test_da2_digest);
  g_test_add_func ("/phone/legacy/stranger", test_stranger);
  g_test_add_func ("/phone/legacy/chips", test_chips);
  g_test_add_func ("/phone/legacy/phone-info", test_phone_info);
  g_test_add_func ("/phone/legacy/emi-refusals", test_emi_refusals);
  g_test_add_func ("/phone/legacy/pmt", test_pmt);
  g_test_add_func ("/phone/legacy/serial", test_serial);
  return g_test_run ();
}
