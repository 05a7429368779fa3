/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "client.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

static Client
open_with (UbEnter enter, guint32 target_config)
{
  UbPracticePhoneOptions options = make_options ("MT6580", enter);

  options.target_config = target_config;
  return open_client (&options);
}

/* shared/protocol/brom-and-legacy.md §2.4, the worked example */
static void
test_identify (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0xe5);

  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  handshake (&client, FALSE);
  host (&client, "fd");
  phone (&client, "fd 6580 0000");
  host (&client, "d4");
  phone (&client, "d4");
  host (&client, "10007000");
  phone (&client, "10007000");
  host (&client, "00000001");
  phone (&client, "00000001 0000");
  host (&client, "22000064");
  phone (&client, "22000064 0000");
  host (&client, "d8");
  phone (&client, "d8 000000e5 0000");
  host (&client, "fe");
  phone (&client, "fe");
  host (&client, "ff");
  phone (&client, "05");
  host (&client, "fc");
  phone (&client, "fc 8a00 ca00 0000 0000");
  host (&client, "e1");
  phone (&client, "e1 00000010");
  g_free (take (&client, 16));
  phone (&client, "0000");
  host (&client, "e7");
  phone (&client, "e7 00000020");
  g_free (take (&client, 32));
  phone (&client, "0000");
  silence (&client);
  close_client (&client);
}

static void
test_preloader (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0xe5);

  silence (&client); /* nobody there yet */
  ub_practice_phone_line_coding (client.phone);
  ub_practice_phone_advance (client.phone, 30);
  phone (&client, "5245414459 5245414459");
  host (&client, "a0");
  ub_practice_phone_advance (client.phone, 100);
  silence (&client);
  ub_practice_phone_plug (client.phone);
  ub_practice_phone_line_coding (client.phone);
  handshake (&client, TRUE);
  host (&client, "fe");
  phone (&client, "01");
  host (&client, "ff");
  phone (&client, "ff");
  host (&client, "d8");
  phone (&client, "d8 00000005 0000"); /* the first three bits alone */
  host (&client, "e1");
  phone (&client, "e1"); /* unknown to it */
  close_client (&client);
}

/* too late: it boots on, and comes back over and over as long as nothing lets it start */
static void
test_window (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);
  guint8 magic[] = "ANDROID!";

  ub_practice_phone_advance (client.phone, 2490);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 10);
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 3000);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x2000);

  ub_practice_phone_poke (client.phone, UB_REGION_EMMC_USER, 0xb40000, magic, 8);
  ub_practice_phone_advance (client.phone, 2500 + 4000);
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x201d);
  close_client (&client);
}

/* a boot area without a preloader leaves the boot ROM */
static void
test_no_preloader (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);
  guint8 nothing[512] = { 0 };

  ub_practice_phone_poke (client.phone, UB_REGION_EMMC_BOOT1, 0, nothing, sizeof nothing);
  ub_practice_phone_plug (client.phone);
  g_assert_cmphex (ub_practice_phone_get_product (client.phone), ==, 0x0003);
  close_client (&client);
}

static void
test_handshake_restarts (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  host (&client, "41");
  phone (&client, "42");
  host (&client, "a0");
  phone (&client, "5f");
  host (&client, "0a");
  phone (&client, "f5");
  host (&client, "33");
  phone (&client, "34");
  handshake (&client, FALSE);
  host (&client, "99"); /* unknown: echoed and no more */
  phone (&client, "99");
  silence (&client);
  close_client (&client);
}

static void
test_watchdog (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  ub_practice_phone_advance (client.phone, 10000);
  g_assert_false (ub_practice_phone_is_present (client.phone));
  ub_practice_phone_advance (client.phone, 500);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  handshake (&client, FALSE);
  host (&client, "d4 10007000 00000001 22000064");
  phone (&client, "d4 10007000 00000001 0000 22000064 0000");
  ub_practice_phone_advance (client.phone, 60000);
  g_assert_true (ub_practice_phone_is_present (client.phone));
  host (&client, "d1 10007000 00000001");
  phone (&client, "d1 10007000 00000001 0000 22000064 0000");
  close_client (&client);
}

static void
test_registers (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  host (&client, "d1 10007001 00000001");
  phone (&client, "d1 10007001 00000001 ffff");
  host (&client, "d0 10007000 00000000");
  phone (&client, "d0 10007000 00000000 fffe");
  host (&client, "d1 fffffffc ffffffff");
  phone (&client, "d1 fffffffc ffffffff fffd");
  host (&client, "d3 10000000 00000002 1234 5678");
  phone (&client, "d3 10000000 00000002 0000 0000");
  host (&client, "d0 10000000 00000002");
  phone (&client, "d0 10000000 00000002 0000 1234 5678 0000");
  close_client (&client);
}

/* §2.5: three bytes to 00200000, and what is refused */
static void
test_send_agent (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0);

  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 0000");
  host (&client, "01");
  host (&client, "");
  host (&client, "0203");
  phone (&client, "0202 0000");
  host (&client, "d5 00300000");
  phone (&client, "d5 00300000 1d16");
  host (&client, "d7 00200001 00000003 00000000");
  phone (&client, "d7 00200001 00000003 00000000 1d11");
  host (&client, "d7 00200000 00000000 00000000");
  phone (&client, "d7 00200000 00000000 00000000 1d13");
  host (&client, "d7 00200000 00000003 00000004");
  phone (&client, "d7 00200000 00000003 00000004 1d14");
  host (&client, "d7 00200000 ffffffff 00000000");
  phone (&client, "d7 00200000 ffffffff 00000000 1d12");
  host (&client, "e2 00000004");
  phone (&client, "e2 00000004 1d0c");
  host (&client, "d5 00200000");
  phone (&client, "d5 00200000 0000 c0");
  close_client (&client);
}

static void
test_security (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 2);

  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d0d");
  host (&client, "e3");
  phone (&client, "e3 0000 00000010");
  g_free (take (&client, 16));
  host (&client, "00000100");
  phone (&client, "00000100 0000");
  for (guint i = 0; i < 8; i++)
    host (&client, "0000000000000000000000000000000000000000000000000000000000000000");
  phone (&client, "7017");
  close_client (&client);
}

/* DA1 goes out and the status after it comes back */
static char *
get_verdict (Client *client, const Agent *agent)
{
  g_autofree char *header = g_strdup_printf ("00200000%08x00000100", agent->da1_size);

  host (client, "d7");
  host (client, header);
  phone (client, "d7");
  phone (client, header);
  phone (client, "0000");
  host_bytes (client, agent->da1, agent->da1_size);
  g_free (take (client, 2));
  return take (client, 2);
}

static void
test_signature (gconstpointer data)
{
  const UbEnter    enter = GPOINTER_TO_UINT (data);
  Client           client = open_with (enter, 4);
  g_autofree char *folder = make_firmware (&client, FALSE);
  Agent            agent = load_agent (folder, 0x6580);
  g_autofree char *changed = NULL;
  g_autofree char *whole = NULL;

  ub_practice_phone_line_coding (client.phone);
  handshake (&client, enter == UB_ENTER_PRELOADER);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d15");
  agent.da1[0x123] ^= 1;
  changed = get_verdict (&client, &agent);
  g_assert_cmpstr (changed, ==, enter == UB_ENTER_BOOT_ROM ? "7024" : "7015");
  host (&client, "d5 00200000");
  phone (&client, "d5 00200000 1d16");
  agent.da1[0x123] ^= 1;
  whole = get_verdict (&client, &agent);
  g_assert_cmpstr (whole, ==, "0000");
  host (&client, "d5 00200000");
  phone (&client, "d5 00200000 0000 c0");
  g_free (agent.file);
  remove_folder (folder);
  close_client (&client);
}

/* the agents of phones without locks bear no signature */
static void
test_unsigned (void)
{
  Client           open = open_with (UB_ENTER_BOOT_ROM, 0);
  g_autofree char *folder = make_firmware (&open, FALSE);
  Agent            agent = load_agent (folder, 0x6580);
  Client           client = open_with (UB_ENTER_BOOT_ROM, 4);
  g_autofree char *verdict = NULL;

  handshake (&client, FALSE);
  verdict = get_verdict (&client, &agent);
  g_assert_cmpstr (verdict, ==, "7024");
  g_free (agent.file);
  remove_folder (folder);
  close_client (&client);
  close_client (&open);
}

/* §2.7: E0 or E2 with @size bytes; the second status */
static char *
send_file (Client *client, const char *op, const guint8 *data, gsize size)
{
  g_autofree char *length = g_strdup_printf ("%08x", (guint) size);
  g_autofree char *sum = NULL;
  guint16 xor = 0;

  host (client, op);
  phone (client, op);
  host (client, length);
  phone (client, length);
  phone (client, "0000");
  host_bytes (client, data, size);
  for (gsize i = 0; i < size; i++)
    xor ^= (guint16) (data[i] << (i % 2 * 8));
  sum = g_strdup_printf ("%04x", xor);
  phone (client, sum);
  return take (client, 2);
}

static char *
load (const char *folder, const char *name, gsize *size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char            *data = NULL;

  g_assert_true (g_file_get_contents (path, &data, size, NULL));
  return data;
}

/* the maker's files, each where it belongs, and nothing else */
static void
test_maker_files (void)
{
  static const struct
  {
    const char *op, *file;
    gboolean    change;
    const char *status;
  } tries[] = {
    { "e2", "auth_sv5.auth", FALSE, "0000" }, { "e0", "root.cert", FALSE, "0000" },
    { "e0", "auth_sv5.auth", FALSE, "2000" }, { "e2", "root.cert", FALSE, "2000" },
    { "e2", "auth_sv5.auth", TRUE, "2000" },  { "e0", "root.cert", TRUE, "2000" },
    { "e2", "boot.img", FALSE, "2000" },      { "e2", "auth_sv5.auth", FALSE, "0000" },
  };
  Client           client = open_with (UB_ENTER_BOOT_ROM, 4);
  g_autofree char *folder = make_firmware (&client, FALSE);

  handshake (&client, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      gsize            size;
      g_autofree char *data = load (folder, tries[i].file, &size);
      g_autofree char *status = NULL;

      size = MIN (size, 0x1000);
      if (tries[i].change)
        data[0x80] ^= 0x10;
      status = send_file (&client, tries[i].op, (guint8 *) data, size);
      g_assert_cmpstr (status, ==, tries[i].status);
    }
  remove_folder (folder);
  close_client (&client);
}

static void
test_no_files_wanted (void)
{
  Client open = open_with (UB_ENTER_BOOT_ROM, 2);
  Client certificate = open_with (UB_ENTER_BOOT_ROM, 0x10);

  handshake (&open, FALSE);
  host (&open, "e2 00000004");
  phone (&open, "e2 00000004 1d0c");
  host (&open, "e0 00000004");
  phone (&open, "e0 00000004 1d0c");
  handshake (&certificate, FALSE);
  host (&certificate, "e2 00000004");
  phone (&certificate, "e2 00000004 1d0c");
  host (&certificate, "e0 00000004");
  phone (&certificate, "e0 00000004 0000");
  close_client (&open);
  close_client (&certificate);
}

static void
swap_pairs (guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i += 2)
    {
      guint8 byte = data[i];

      data[i] = data[i + 1];
      data[i + 1] = byte;
    }
}

/* a block of type 1 around the challenge, no digest; pairs changed over before and after */
static void
make_answer (const char *folder, const char *challenge, guint8 *answer)
{
  gsize            size, length = 0x100;
  g_autofree char *pem = load (folder, "practice_key.pem", &size);
  g_autoptr (GByteArray) message = from_hex (challenge);
  BIO          *bio = BIO_new_mem_buf (pem, (int) size);
  EVP_PKEY     *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (key, NULL);

  swap_pairs (message->data, message->len);
  g_assert_cmpint (EVP_PKEY_sign_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING), ==, 1);
  g_assert_cmpint (EVP_PKEY_sign (context, answer, &length, message->data, message->len), ==, 1);
  g_assert_cmpuint (length, ==, 0x100);
  swap_pairs (answer, length);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (key);
  BIO_free (bio);
}

/* up to the challenge */
static char *
ask_login (Client *client)
{
  host (client, "e3");
  phone (client, "e3 0000 00000010");
  return take (client, 16);
}

static void
test_login (void)
{
  Client           client = open_with (UB_ENTER_BOOT_ROM, 2);
  g_autofree char *folder = make_firmware (&client, FALSE);
  g_autofree char *old = NULL;
  g_autofree char *challenge = NULL;
  guint8           answer[0x100];

  handshake (&client, FALSE);
  old = ask_login (&client);
  make_answer (folder, old, answer);
  host (&client, "00000080");
  phone (&client, "00000080 0000");
  host_bytes (&client, answer, 0x80);
  phone (&client, "7017");
  /* what was right for another challenge */
  challenge = ask_login (&client);
  g_assert_cmpstr (challenge, !=, old);
  host (&client, "00000100");
  phone (&client, "00000100 0000");
  host_bytes (&client, answer, 0x100);
  phone (&client, "7017");
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d0d");
  /* the length goes with its high byte first */
  g_free (g_steal_pointer (&challenge));
  challenge = ask_login (&client);
  host (&client, "00010000");
  phone (&client, "00010000 7017");
  g_free (g_steal_pointer (&challenge));
  challenge = ask_login (&client);
  make_answer (folder, challenge, answer);
  host (&client, "00000100");
  phone (&client, "00000100 0000");
  host_bytes (&client, answer, 0x100);
  phone (&client, "0000");
  host (&client, "e3");
  phone (&client, "e3 0000 00000000");
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 0000");
  remove_folder (folder);
  close_client (&client);
}

/* out of the plug, out of mind */
static void
test_login_is_forgotten (void)
{
  Client           client = open_with (UB_ENTER_BOOT_ROM, 2);
  g_autofree char *folder = make_firmware (&client, FALSE);
  g_autofree char *challenge = NULL;
  guint8           answer[0x100];

  handshake (&client, FALSE);
  challenge = ask_login (&client);
  make_answer (folder, challenge, answer);
  host (&client, "00000100");
  host_bytes (&client, answer, 0x100);
  phone (&client, "00000100 0000 0000");
  ub_practice_phone_unplug (client.phone);
  ub_practice_phone_plug (client.phone);
  handshake (&client, FALSE);
  host (&client, "d7 00200000 00000003 00000000");
  phone (&client, "d7 00200000 00000003 00000000 1d0d");
  remove_folder (folder);
  close_client (&client);
}

/* §1.5, FB: what preloaders that know XFLASH agents say of themselves */
static void
test_modern_preloader (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Client                 client = open_client (&options);

  ub_practice_phone_line_coding (client.phone);
  handshake (&client, TRUE);
  host (&client, "fd");
  phone (&client, "fd 0766 0000");
  host (&client, "fc");
  phone (&client, "fc 8a00 ca00 0000 0000");
  host (&client, "fe");
  phone (&client, "03");
  host (&client, "fb");
  phone (&client, "fb 00000007 00000000");
  host (&client, "e1");
  phone (&client, "e1 00000010");
  g_free (take (&client, 16));
  phone (&client, "0000");
  /* larger than an old preloader's buffer */
  host (&client, "d7 00200000 00040000 00000100");
  phone (&client, "d7 00200000 00040000 00000100 0000");
  close_client (&client);
}

static void
test_hw_codes (void)
{
  static const struct
  {
    const char *chip, *answer;
  } codes[] = {
    { "MT6750", "fd06010000" }, { "MT6755", "fd03260000" }, { "MT6757", "fd05510000" },
    { "MT6765", "fd07660000" }, { "MT6768", "fd07070000" }, { "MT6785", "fd08130000" },
    { "MT6789", "fd12080000" }, { "MT6877", "fd09590000" }, { "MT6886", "fd12290000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      UbPracticePhoneOptions options = make_options (codes[i].chip, UB_ENTER_BOOT_ROM);
      Client                 client = open_client (&options);

      handshake (&client, FALSE);
      host (&client, "fd");
      phone (&client, codes[i].answer);
      host (&client, "d4 10007000 00000001 22000064");
      phone (&client, "d4 10007000 00000001 0000 22000064 0000");
      ub_practice_phone_advance (client.phone, 20000);
      g_assert_cmpuint (ub_practice_phone_get_product (client.phone), ==, 0x0003);
      host (&client, "fd");
      phone (&client, codes[i].answer);
      close_client (&client);
    }
}

/* the buffer of a preloader is where it is: any address will do */
static void
test_fixed_buffer (void)
{
  Client client = open_with (UB_ENTER_PRELOADER, 0);

  ub_practice_phone_line_coding (client.phone);
  handshake (&client, TRUE);
  host (&client, "d7 12340000 00000002 00000000 0102");
  phone (&client, "d7 12340000 00000002 00000000 0000 0201 0000");
  host (&client, "d5 00000000");
  phone (&client, "d5 00000000 0000 c0");
  close_client (&client);
}

static void
test_fragmented (void)
{
  UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_BOOT_ROM);
  Client                 client;

  options.fragmented = TRUE;
  client = open_client (&options);
  handshake (&client, FALSE);
  client.n_transfers = 0;
  host (&client, "fd");
  phone (&client, "fd 6580 0000");
  g_assert_cmpuint (client.n_transfers, ==, 5);
  close_client (&client);
}

static void
test_rubbish (void)
{
  Client client = open_with (UB_ENTER_BOOT_ROM, 0xff);
  guint8 bytes[997];

  handshake (&client, FALSE);
  for (guint i = 0; i < 400; i++)
    {
      for (guint n = 0; n < sizeof bytes; n++)
        bytes[n] = (guint8) (n % 5 == 0 ? 0xd0 + g_test_rand_int_range (0, 5)
                                        : g_test_rand_int_range (0, 2) * 0x10);
      host_bytes (&client, bytes, sizeof bytes);
    }
  collect (&client);
  g_assert_cmpuint (client.n_transfers, <=, 70000);
  close_client (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/brom/identify", test_identify);
  g_test_add_func ("/phone/brom/preloader", test_preloader);
  g_test_add_func ("/phone/brom/window", test_window);
  g_test_add_func ("/phone/brom/no-preloader", test_no_preloader);
  g_test_add_func ("/phone/brom/handshake-restarts", test_handshake_restarts);
  g_test_add_func ("/phone/brom/watchdog", test_watchdog);
  g_test_add_func ("/phone/brom/registers", test_registers);
  g_test_add_func ("/phone/brom/send-agent", test_send_agent);
  g_test_add_func ("/phone/brom/security", test_security);
  g_test_add_data_func ("/phone/brom/signature/boot-rom",
                        GUINT_TO_POINTER (UB_ENTER_BOOT_ROM),
                        test_signature);
  g_test_add_data_func ("/phone/brom/signature/preloader",
                        GUINT_TO_POINTER (UB_ENTER_PRELOADER),
                        test_signature);
  g_test_add_func ("/phone/brom/unsigned", test_unsigned);
  g_test_add_func ("/phone/brom/maker-files", test_maker_files);
  g_test_add_func ("/phone/brom/no-files-wanted", test_no_files_wanted);
  g_test_add_func ("/phone/brom/login", test_login);
  g_test_add_func ("/phone/brom/login-is-forgotten", test_login_is_forgotten);
  g_test_add_func ("/phone/brom/modern-preloader", test_modern_preloader);
  g_test_add_func ("/phone/brom/hw-codes", test_hw_codes);
  g_test_add_func ("/phone/brom/fixed-buffer", test_fixed_buffer);
  g_test_add_func ("/phone/brom/fragmented", test_fragmented);
  g_test_add_func ("/phone/brom/rubbish", test_rubbish);
  return g_test_run ();
}
