/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xflash-client.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

/* XFLASH agents: start-up, DRAM, what they know, messages, locks and the end */

/* DA1 of a phone entered by its boot ROM */
static void
set_up_da1 (Bench *bench, gconstpointer data)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_BOOT_ROM);

  open_bench (bench, &options, 0x6765, 1);
}

/* --- DA1 --- */

/* §3.2: no status after SYNC and the two commands, one after each of their parameters */
static void
test_start (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_BOOT_ROM);
  Client                 client = open_client (&options);
  Agent                  agent = make_agent (0x6765);

  enter_da1 (&client, &agent, FALSE);
  tell (&client, "53594e43");
  silence (&client);
  tell (&client, "00010100");
  silence (&client);
  tell (&client, "0200000001000000010000000000000000000000");
  client.n_transfers = 0;
  phone (&client, "efeeeefe0100000004000000 00000000");
  g_assert_cmpuint (client.n_transfers, ==, 2); /* DA1 does not send byte by byte */
  tell (&client, "01010100");
  silence (&client);
  tell (&client, "02000000");
  silence (&client);
  tell (&client, "01000000");
  silence (&client);
  tell (&client, "0200000001020304");
  hears (&client, "00000000");
  hears (&client, READY);
  alive (&client);
  close_client (&client);
  g_free (agent.file);
}

static void
test_wrong_start (void)
{
  static const char *const first[] = { "53594e44", "00010100" };
  Agent                    agent = make_agent (0x6765);

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_BOOT_ROM);
      Client                 client = open_client (&options);

      enter_da1 (&client, &agent, FALSE);
      tell (&client, first[i]);
      tell (&client, "00010100");
      tell (&client, "0200000001000000010000000000000000000000");
      silence (&client);
      close_client (&client);
    }
  g_free (agent.file);
}

static void
test_da1_tables (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  gets (client, 0x4000a, "62726f6d");             /* brom */
  gets (client, 0x4000b, "686967682d7370656564"); /* high-speed */
  gets (client, 0x40007, "0080000000800000");
  gets (client, 0x4000d, "6607008a00ca000000000000");
  gets (client, 0x40009, "64000000");
  gets (client,
        0x4000c,
        "020000000000000000002000000000000000070000000000"
        "000000000000000000000040000000000000000000000000");
  control (client, 0x40011, 0xc0010004); /* GET_EXPIRE_DATE */
  control (client, 0x40012, 0xc0010004);
  control (client, 0x40008, 0xc0010004);
  control (client, 0x20005, 0xc0010004);
  sets (client, 0x20004, "68000000", 0);
  tell_u32 (client, 0x10004); /* WRITE_DATA */
  hears_u32 (client, 0xc0010003);
  tell_u32 (client, 0x10001);
  hears_u32 (client, 0xc0010003);
  alive (client);
}

/* the phone's own preloader can be read before there is any DRAM, in packets of DA1's size */
static void
test_da1_reads (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *got = NULL, *want = NULL, *rest = NULL;
  guint8           begin[0x8000];

  command (client, 0x10005);
  client->n_transfers = 0;
  tell_range (client, 1, 1, 0, 0x9000);
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  got = hear (client);
  g_assert_cmpuint (client->n_transfers, ==, 6); /* two for each message */
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_BOOT1, 0, begin, sizeof begin);
  want = to_hex (begin, sizeof begin);
  g_assert_cmpstr (got, ==, want);
  g_assert_true (g_str_has_prefix (got, "454d4d435f424f4f54")); /* EMMC_BOOT */
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  rest = hear (client);
  g_assert_cmpuint (strlen (rest), ==, 2 * 0x1000);
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  alive (client);
}

/* --- DRAM and BOOT_TO --- */

static void
send_emi (Client *client, const guint8 *block, gsize size, guint32 status)
{
  command (client, 0x1000a);
  tell_u32 (client, (guint32) size);
  tell_bytes (client, block, size);
  hears_u32 (client, status);
}

/* a block of three records, the last of which is this phone's */
static GByteArray *
make_emi (Client *client, const char *version)
{
  GByteArray *block = g_byte_array_new ();
  guint       size = client->phone->chip->emi_size;

  g_byte_array_set_size (block, 0x70 + 3 * size);
  memset (block->data, 0, block->len);
  g_snprintf ((char *) block->data, 0x1b, "MTK_BLOADER_INFO_v%s", version);
  block->data[0x6c] = 3;
  for (guint i = 0; i < 3; i++)
    {
      guint8 *record = block->data + 0x70 + i * size;

      record[8] = 9;
      memcpy (record + 16,
              i == 2 ? (const guint8 *) client->phone->cid : (const guint8 *) "something",
              9);
    }
  return block;
}

static void
test_emi (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;
  g_autoptr (GByteArray) old = make_emi (client, "27");
  g_autoptr (GByteArray) good = make_emi (client, "35");
  g_autoptr (GByteArray) none = make_emi (client, "00");

  send_emi (client, old->data, old->len, 0xc0040050);
  send_emi (client, (const guint8 *) "nothing", 7, 0xc0040050);
  send_emi (client, good->data, 0x70 + 2 * 160, 0xc004000a); /* the third is not there */
  good->data[0x6c] = 2;
  send_emi (client, good->data, good->len, 0xc004000a); /* nor counted */
  good->data[0x6c] = 3;
  g_assert_true (ub_practice_phone_mischief (client->phone, "dram-fail", NULL));
  send_emi (client, good->data, good->len, 0xc004000a);
  g_assert_true (ub_practice_phone_mischief (client->phone, "none", NULL));
  send_emi (client, good->data, good->len, 0);
  send_emi (client, none->data, none->len, 0); /* version 0 goes, too */
  start_da2 (client, &bench->agent);
  control (client, 0x4000a, 0xc0010004);
  tell_u32 (client, 0x1000a);
  hears_u32 (client, 0xc0010003);
}

/* where nothing remembers, DA2 is sent into the void */
static void
test_no_dram (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  command (client, 0x10008);
  tell (client, "0000004000000000 4523000000000000");
  tell_bytes (client, bench->agent.da2, DA2_SIZE);
  silence (client);
  tell_u32 (client, 0x10009);
  silence (client);
}

static void
test_boot_to (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;

  open_bench (&bench, &options, 0x6765, 1);
  gets (client, 0x4000a, "7072656c6f61646572"); /* preloader: DRAM is there */
  bench.agent.da2[17] ^= 1;
  command (client, 0x10008);
  tell (client, "0000004000000000 4523000000000000");
  silence (client);
  tell_bytes (client, bench.agent.da2, DA2_SIZE);
  hears_u32 (client, 0xc0070004);
  alive (client); /* DA1 stays usable */
  bench.agent.da2[17] ^= 1;
  command (client, 0x10008);
  tell (client, "0000005000000000 4523000000000000");
  tell_bytes (client, bench.agent.da2, DA2_SIZE);
  hears_u32 (client, 0xc0070004);
  start_da2 (client, &bench.agent);
  alive (client);
  close_bench (&bench, NULL);
}

/* --- DA2's answers --- */

static void
test_da2_tables (Bench *bench, gconstpointer data)
{
  static const guint32 unknown[] = { 0x20003, 0x20004, 0x20005,  0x4000a,
                                     0x40011, 0x40016, 0x800005, 0xe0002 };
  static const guint32 actions[] = { 0x80001, 0x80002, 0x80004, 0x80005, 0x80007 };
  static const struct
  {
    guint32 code;
    gsize   size;
  } sizes[] = { { 0x40001, 104 }, { 0x40002, 48 }, { 0x40003, 16 },
                { 0x40004, 208 }, { 0x40008, 16 }, { 0x4000c, 48 },
                { 0x4000d, 12 },  { 0x40014, 16 }, { 0x40015, 128 } };
  Client *client = &bench->client;

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    control (client, unknown[i], 0xc0010004);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      control (client, actions[i], 0);
      hears_u32 (client, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *answer = NULL;

      control (client, sizes[i].code, 0);
      answer = hear (client);
      g_assert_cmpuint (strlen (answer), ==, 2 * sizes[i].size);
      hears_u32 (client, 0);
    }
  gets (client, 0x40007, "0000200000000100");
  gets (client, 0x40013, "12345678");
  sets (client, 0x2000c, "", 0);
  sets (client, 0x2000c, "", 0xc0020042); /* once only */
  sets (client, 0x2000b, "534c4100", 0);
  sets (client, 0x20009, "0000001000000000", 0xc004000d);
  tell_u32 (client, 0x10055);
  hears_u32 (client, 0xc0010003);
  alive (client);
}

static void
test_emmc_info (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *cid = to_hex (client->phone->cid, 16);
  g_autofree char *info = NULL, *ufs = NULL;

  control (client, 0x40001, 0);
  info = hear (client);
  hears_u32 (client, 0);
  g_assert_true (g_str_has_prefix (info,
                                   "0100000000020000"
                                   "0000400000000000"
                                   "0000400000000000"
                                   "0000400000000000"));
  g_assert_cmpmem (info + 2 * 0x40, 16, "0000000400000000", 16);
  g_assert_cmpmem (info + 2 * 0x48, 32, cid, 32);
  control (client, 0x40004, 0);
  ufs = hear (client);
  hears_u32 (client, 0);
  g_assert_cmpuint (strspn (ufs, "0"), ==, 416); /* there is none */
}

/* genuine-agents.md §4: 12 bytes or less leave one by one, and longer data in descriptors */
static void
test_transfers (Bench *bench, gconstpointer data)
{
  static const gsize wanted[] = { 0xfc00, 0, 0x400, 0 };
  Client            *client = &bench->client;

  tell_u32 (client, 0x10005);
  client->n_transfers = 0;
  hears_u32 (client, 0);
  g_assert_cmpuint (client->n_transfers, ==, 16);
  tell_range (client, 1, USER, 0, 0x20100);
  for (guint i = 0; i < 44; i++) /* two statuses, and the header of the data */
    {
      g_autoptr (GBytes) byte = ub_practice_phone_output (client->phone);

      g_assert_cmpuint (g_bytes_get_size (byte), ==, 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (GBytes) transfer = ub_practice_phone_output (client->phone);

      g_assert_nonnull (transfer);
      g_assert_cmpuint (g_bytes_get_size (transfer), ==, wanted[i]);
    }
  g_assert_null (ub_practice_phone_output (client->phone));
  g_byte_array_set_size (client->in, 0);
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0);
}

/* what shares a packet with its header is read if it is short, and lost if it is long */
static void
test_glued (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  host (client, "efeeeefe0100000004000000 05000100");
  hears_u32 (client, 0);
  host (client,
        "efeeeefe0100000038000000 0100000008000000 0000000000000000 0002000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000");
  silence (client);
  /* it still waits for the 0x38 bytes; two transfers make them up */
  host (client, "0100000008000000 0000000000000000 00020000");
  host (client, "00000000 0000000000000000000000000000000000000000000000000000000000000000");
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  g_free (hear (client));
  tell_u32 (client, 0);
  hears_u32 (client, 0);
  alive (client);
}

/* transcripts/edges: too long a message, and what is none at all */
static void
test_bad_messages (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  guint8                 long_range[0x40] = { 1, 0, 0, 0, USER };

  for (guint i = 0; i < 3; i++)
    {
      Bench   bench;
      Client *client = &bench.client;

      open_bench (&bench, &options, 0x6765, 1);
      start_da2 (client, &bench.agent);
      if (i == 0)
        {
          command (client, 0x10005);
          tell_bytes (client, long_range, sizeof long_range);
          hears_u32 (client, 0xc0040009); /* it went on with garbage */
        }
      else if (i == 1)
        tell (client, "0500010000000000");
      else
        host (client, "efeeeefd0100000004000000 05000100");
      silence (client);
      tell_u32 (client, 0x10009); /* and is out of step from then on */
      silence (client);
      close_bench (&bench, NULL);
    }
}

static void
test_short_range (Bench *bench, gconstpointer data)
{
  Client          *client = &bench->client;
  g_autofree char *got = NULL;

  command (client, 0x10005);
  tell (client, "0100000008000000 0000000000000000 0002000000000000");
  hears_u32 (client, 0);
  hears_u32 (client, 0);
  got = hear (client);
  g_assert_cmpuint (strlen (got), ==, 2 * 0x200);
  tell_u32 (client, 0);
  hears_u32 (client, 0);
}

/* --- the end, and USB --- */

static void
test_shutdown (void)
{
  static const struct
  {
    const char *flags;
    gboolean    finished, gone, comes_back;
  } cases[] = {
    { "000000000000000000000000000000000000000000000000", TRUE, TRUE, FALSE },
    { "010000006400000001000000000000000000000001000000", TRUE, TRUE, TRUE },
    { "010000000000000000000000000000000100000000000000", TRUE, TRUE, TRUE },
    { "0100000000000000010000000000000000000000010000000000000000000000", FALSE, FALSE, FALSE },
    { "01000000000000000100000000000000000000000100000000000000", FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
      Bench                  bench;
      Client                *client = &bench.client;

      open_bench (&bench, &options, 0x6765, 1);
      start_da2 (client, &bench.agent);
      command (client, 0x10007);
      tell (client, cases[i].flags);
      hears_u32 (client, 0);
      g_assert_cmpint (ub_practice_phone_was_finished (client->phone), ==, cases[i].finished);
      ub_practice_phone_advance (client->phone, 500);
      g_assert_cmpint (ub_practice_phone_is_present (client->phone), ==, !cases[i].gone);
      tell_u32 (client, 0x10009);
      silence (client);
      for (guint n = 0; n < 80 && !ub_practice_phone_is_present (client->phone); n++)
        ub_practice_phone_advance (client->phone, 100);
      g_assert_cmpint (ub_practice_phone_is_present (client->phone),
                       ==,
                       !cases[i].gone || cases[i].comes_back);
      close_bench (&bench, NULL);
    }
}

static void
test_usb_speed (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;

  bench.client = open_client (&options);
  bench.agent = make_agent (0x6765);
  g_assert_true (ub_practice_phone_mischief (client->phone, "full-speed", NULL));
  enter_da1 (client, &bench.agent, TRUE);
  start_da1 (client, 1, 1);
  hears (client, "00000000");
  hears (client, READY);
  gets (client, 0x4000b, "66756c6c2d7370656564");
  start_da2 (client, &bench.agent);
  sets (client, 0x20002, "02000000", 0);
  command (client, 0x1000b);
  tell (client, "00000000");
  hears_u32 (client, 0);
  ub_practice_phone_advance (client->phone, 150);
  g_assert_false (ub_practice_phone_is_present (client->phone));
  ub_practice_phone_advance (client->phone, 1000);
  g_assert_true (ub_practice_phone_is_present (client->phone));
  g_assert_cmpuint (ub_practice_phone_get_product (client->phone), ==, 0x2001);
  gets (client, 0x4000b, "686967682d7370656564"); /* no handshake, the same agent */
  read_back (client, 1, USER, 0, 0x200, 0x10000);
  close_bench (&bench, NULL);
}

/* log over USB: messages of type 2 between any two others, whose length counts the word of priority; no NUL at their end. Returns
 * how many came before the next other message, which is left in @message */
static guint
skip_logs (Client *client, char **message)
{
  for (guint n = 0;; n++)
    {
      g_autofree char *header = take (client, 12);
      g_autoptr (GByteArray) bytes = from_hex (header);
      g_autofree char *priority = NULL, *text = NULL;

      g_assert_cmpuint (bytes->len, ==, 12);
      if (bytes->data[4] != 2)
        {
          *message = take (client, le32 (bytes->data + 8));
          return n;
        }
      priority = take (client, 4);
      g_assert_cmpstr (priority, ==, "01000000");
      text = take (client, le32 (bytes->data + 8) - 4);
      g_assert_true (g_str_has_suffix (text, "0d0a"));
    }
}

static void
test_log (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  g_autofree char       *ready = NULL, *status = NULL, *known = NULL, *version = NULL;

  bench.client = open_client (&options);
  bench.agent = make_agent (0x6765);
  enter_da1 (client, &bench.agent, TRUE);
  start_da1 (client, 3, 1);
  hears (client, "00000000");
  g_assert_cmpuint (skip_logs (client, &ready), >, 2);
  g_assert_cmpstr (ready, ==, READY);
  tell_u32 (client, 0x10009);
  skip_logs (client, &status);
  tell_u32 (client, 0x40005);
  skip_logs (client, &known);
  g_assert_cmpuint (skip_logs (client, &version), >, 0);
  g_assert_cmpstr (version, ==, "312e30");
  close_bench (&bench, NULL);
}

/* --- the maker's locks --- */

static EVP_PKEY *
load_maker (void)
{
  const char *pem = ub_phone_maker_get_pem ();
  BIO        *bio = BIO_new_mem_buf (pem, (int) strlen (pem));
  EVP_PKEY   *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  BIO_free (bio);
  g_assert_nonnull (key);
  return key;
}

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

/* OAEP with SHA-256, then the private operation: what the library does in one go with the public one, undone, and then ours */
static void
answer_login (const guint8 *challenge, guint8 *answer)
{
  EVP_PKEY     *key = load_maker ();
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
}

static char *
ask_challenge (Client *client, guint8 *challenge)
{
  g_autoptr (GByteArray) bytes = NULL;
  char *info;

  control (client, 0x40013, 0);
  info = hear (client);
  hears_u32 (client, 0);
  g_assert_cmpuint (strlen (info), ==, 2 * 0x44);
  bytes = from_hex (info);
  memcpy (challenge, bytes->data + 4, 16);
  return info;
}

static void
test_login (void)
{
  UbPracticePhoneOptions options = make_options ("MT6785", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  guint8                 challenge[16], answer[256], bytes[0x200] = { 3 };
  g_autofree char       *first = NULL, *second = NULL;

  options.agent_login = TRUE;
  open_bench (&bench, &options, 0x6785, 1);
  start_da2 (client, &bench.agent);
  gets (client, 0x40016, "01000000");
  refuse_range (client, 0x10005, 1, USER, 0, 0x200, 0xc0020004);
  refuse_range (client, 0x10004, 1, USER, 0, 0x200, 0xc0020004);
  refuse_range (client, 0x10003, 1, USER, 0, 0x200, 0xc0020004);
  begin_download (client, "lk", 0x200, 0xc0020004);
  sets (client, 0x2000b, "534c4100", 0xc0020049);
  first = ask_challenge (client, challenge);
  memset (answer, 7, sizeof answer);
  control (client, 0x2000b, 0);
  tell_bytes (client, answer, sizeof answer);
  hears_u32 (client, 0xc0020049);
  answer_login (challenge, answer);
  second = ask_challenge (client, challenge);
  g_assert_cmpstr (first, !=, second);
  control (client, 0x2000b, 0);
  tell_bytes (client, answer, sizeof answer); /* that was the answer to another one */
  hears_u32 (client, 0xc0020049);
  answer_login (challenge, answer);
  control (client, 0x2000b, 0);
  tell_bytes (client, answer, sizeof answer);
  hears_u32 (client, 0);
  read_back (client, 1, USER, 0, 0x200, 0x10000);
  download (client, "lk", bytes, sizeof bytes, 0);
  close_bench (&bench, NULL);
}

static void
test_signed_parts (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Bench                  bench;
  Client                *client = &bench.client;
  guint64                lk, logo;
  guint8                 image[0x1000];

  options.target_config = 1;
  open_bench (&bench, &options, 0x6765, 1);
  start_da2 (client, &bench.agent);
  lk = find_start (client, "lk");
  logo = find_start (client, "logo");
  fill (image, sizeof image, 5);
  refuse_range (client, 0x10004, 1, USER, lk, 0x200, 0xc002000c);
  refuse_range (client, 0x10004, 1, USER, lk - 0x200, 0x400, 0xc002000c);
  refuse_range (client, 0x10003, 1, USER, 0, 0x4000000, 0xc002000c);
  refuse_range (client, 0x10004, 1, 1, 0, 0x200, 0xc002000c);
  begin_download (client, "seccfg", 0x1000, 0xc0020004);
  begin_download (client, "boot", 33 * 1024 * 1024, 0xc0020005);
  download (client, "lk", image, sizeof image, 0xc0020007);
  g_assert_cmpuint (user_byte (client, lk), !=, image[0]);
  ub_phone_maker_sign (image, sizeof image);
  download (client, "lk", image, sizeof image, 0);
  assert_user (client, lk, image, sizeof image);
  image[1] ^= 1;
  download (client, "lk", image, sizeof image, 0xc0020007);
  download (client, "logo", image, sizeof image, 0); /* nobody checks that */
  begin_write (client, logo, 0x200);
  close_bench (&bench, NULL);
}

/* --- mischief --- */

static void
test_mischief (Bench *bench, gconstpointer data)
{
  Client *client = &bench->client;

  ub_practice_phone_set_forgetful (client->phone, TRUE);
  begin_write (client, BASE, 0x200);
  tell_packet (client, (const guint8 *) "ab", 2, 'a' + 'b');
  hears_u32 (client, 0);
  tell_u32 (client, 9);
  hears_u32 (client, 9);
  g_assert_cmpuint (user_byte (client, BASE), !=, 'a');
  g_assert_true (ub_practice_phone_mischief (client->phone, "nameless", NULL));
  gets (client, 0x40008, "00000000000000000000000000000000");
  g_assert_true (ub_practice_phone_mischief (client->phone, "silent-at-command agent:05", NULL));
  tell_u32 (client, 0x10005);
  silence (client);
  tell_u32 (client, 0x10009);
  silence (client);
}

#define ADD(name, up, function)                                                                    \
  g_test_add ("/phone/xflash/" name, Bench, NULL, up, function, close_bench)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/xflash/start", test_start);
  g_test_add_func ("/phone/xflash/wrong-start", test_wrong_start);
  g_test_add_func ("/phone/xflash/boot-to", test_boot_to);
  g_test_add_func ("/phone/xflash/bad-messages", test_bad_messages);
  g_test_add_func ("/phone/xflash/shutdown", test_shutdown);
  g_test_add_func ("/phone/xflash/usb-speed", test_usb_speed);
  g_test_add_func ("/phone/xflash/log", test_log);
  g_test_add_func ("/phone/xflash/login", test_login);
  g_test_add_func ("/phone/xflash/signed-parts", test_signed_parts);
  ADD ("da1-tables", set_up_da1, test_da1_tables);
  ADD ("da1-reads", set_up_da1, test_da1_reads);
  ADD ("emi", set_up_da1, test_emi);
  ADD ("no-dram", set_up_da1, test_no_dram);
  ADD ("da2-tables", set_up, test_da2_tables);
  ADD ("emmc-info", set_up, test_emmc_info);
  ADD ("transfers", set_up, test_transfers);
  ADD ("glued", set_up, test_glued);
  ADD ("short-range", set_up, test_short_range);
  ADD ("mischief", set_up, test_mischief);
  return g_test_run ();
}
