/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wire/ub-key.h"

#include "base/ub-error.h"

/* the library's own way to take an OAEP off, so that ours is not checked by itself */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

static char *
path_of (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", "keys", name, NULL);
}

static GBytes *
load (const char *name)
{
  g_autofree char *path = path_of (name);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static UbKey *
open_key (const char *name)
{
  g_autofree char *path = path_of (name);
  g_autoptr (GError) error = NULL;
  UbKey *key = ub_key_open (path, &error);

  g_assert_no_error (error);
  return key;
}

static void
test_forms (void)
{
  static const char *const names[] = { "pkcs1.pem", "pkcs1.der", "pkcs8.pem", "pkcs8.der" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (UbKey) key = open_key (names[i]);

      g_assert_cmpuint (ub_key_get_size (key), ==, 256);
    }
}

static void
test_words (void)
{
  static const struct
  {
    const char *name;
    const char *words;
  } cases[] = {
    { "locked.pem", "locked with a pass phrase" },
    { "locked.der", "locked with a pass phrase" },
    { "locked-old.pem", "locked with a pass phrase" },
    { "public.pem", "a public key" },
    { "public.der", "a public key" },
    { "public-old.pem", "a public key" },
    { "certificate.pem", "a certificate" },
    { "elliptic.pem", "not of RSA" },
    { "small.pem", "an RSA key of 512 bits" },
    { "damaged.pem", "a damaged private key" },
    { "challenge.bin", "no private key" },
    { "make-keys.sh", "no private key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = path_of (cases[i].name);
      g_autoptr (GError) error = NULL;

      g_assert_null (ub_key_open (path, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
      g_assert_nonnull (strstr (error->message, cases[i].name));
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("%s: “%s” instead of “%s”", cases[i].name, error->message, cases[i].words);
    }
}

static void
test_files (void)
{
  g_autofree char   *path = path_of ("there-is-none.pem");
  g_autofree guint8 *zeros = g_malloc0 (64 * 1024 + 1);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) much = g_bytes_new (zeros, 64 * 1024 + 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_key_open (path, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
  g_clear_error (&error);
  g_assert_null (ub_key_open (g_get_tmp_dir (), &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_clear_error (&error);
  /* would never end */
  g_assert_null (ub_key_open ("/dev/zero", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_clear_error (&error);
  g_assert_null (ub_key_parse (none, "none", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
  g_clear_error (&error);
  g_assert_null (ub_key_parse (much, "much", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
}

/* whatever a file holds, there are words for it */
static void
test_cut_off (void)
{
  static const char *const names[] = { "pkcs8.der", "pkcs1.der", "pkcs1.pem" };

  for (gsize n = 0; n < G_N_ELEMENTS (names); n++)
    {
      g_autoptr (GBytes) whole = load (names[n]);
      gsize         size = 0;
      const guint8 *data = g_bytes_get_data (whole, &size);

      for (gsize i = 0; i + 32 < size; i += 7)
        {
          g_autoptr (GBytes) part = g_bytes_new (data, i);
          g_autoptr (GError) error = NULL;

          g_assert_null (ub_key_parse (part, names[n], &error));
          g_assert_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
        }
    }
}

/* one half of the key is another one's: the numbers can be read, and the answers would be wrong */
static void
test_unsound (void)
{
  g_autoptr (GBytes) whole = load ("pkcs1.der");
  const gsize        size = g_bytes_get_size (whole);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (whole, NULL), size);
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GError) error = NULL;

  data[100] ^= 0x10; /* of the modulus */
  changed = g_bytes_new (data, size);
  g_assert_null (ub_key_parse (changed, "changed", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
  g_assert_nonnull (strstr (error->message, "damaged"));
}

static void
test_boot_rom (void)
{
  g_autoptr (UbKey) key = open_key ("pkcs8.der");
  g_autoptr (GBytes) challenge = load ("challenge.bin");
  g_autoptr (GBytes) expected = load ("answer.bin");
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = ub_key_answer_boot_rom (key,
                                   g_bytes_get_data (challenge, NULL),
                                   g_bytes_get_size (challenge),
                                   &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (answer), ==, ub_key_get_size (key));
  g_assert_true (g_bytes_equal (answer, expected));
}

static void
test_agent (void)
{
  static const guint8 challenge[16] = "sixteen by luck";
  g_autoptr (UbKey) key = open_key ("pkcs1.pem");
  g_autoptr (GBytes) public_bytes = load ("public.pem");
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autoptr (GError) error = NULL;
  BIO          *bio = BIO_new_mem_buf (g_bytes_get_data (public_bytes, NULL),
                              (int) g_bytes_get_size (public_bytes));
  EVP_PKEY     *public_key = PEM_read_bio_PUBKEY (bio, NULL, NULL, NULL);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (public_key, NULL);
  guint8        block[256];
  gsize         size = sizeof block;
  guint8        message[256];

  answer = ub_key_answer_agent (key, challenge, sizeof challenge, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (answer), ==, 256);
  g_assert_cmpint (EVP_PKEY_verify_recover_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING), ==, 1);
  g_assert_cmpint (
      EVP_PKEY_verify_recover (context, block, &size, g_bytes_get_data (answer, NULL), 256),
      ==,
      1);
  g_assert_cmpuint (size, ==, sizeof block);
  g_assert_cmpint (RSA_padding_check_PKCS1_OAEP_mgf1 (message,
                                                      sizeof message,
                                                      block,
                                                      sizeof block,
                                                      256,
                                                      NULL,
                                                      0,
                                                      EVP_sha256 (),
                                                      EVP_sha256 ()),
                   ==,
                   sizeof challenge);
  g_assert_cmpmem (message, sizeof challenge, challenge, sizeof challenge);
  /* nobody can learn an answer by heart */
  other = ub_key_answer_agent (key, challenge, sizeof challenge, &error);
  g_assert_no_error (error);
  g_assert_false (g_bytes_equal (answer, other));
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (public_key);
  BIO_free (bio);
}

static void
test_challenges (void)
{
  static const guint8 challenge[512] = { 0 };
  static const gsize  boot_rom[] = { 0, 15, 246, 256, 512 };
  static const gsize  agent[] = { 0, 191, 256, 512 };
  g_autoptr (UbKey) key = open_key ("pkcs1.pem");
  g_autoptr (UbKey) same = ub_key_ref (key);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) longest = NULL;
  g_autoptr (GBytes) longest_agent = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (boot_rom); i++)
    {
      g_assert_null (ub_key_answer_boot_rom (same, challenge, boot_rom[i], &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
      g_clear_error (&error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (agent); i++)
    {
      g_assert_null (ub_key_answer_agent (same, challenge, agent[i], &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_PROTOCOL);
      g_clear_error (&error);
    }
  longest = ub_key_answer_boot_rom (key, challenge, 244, &error);
  g_assert_no_error (error);
  longest_agent = ub_key_answer_agent (key, challenge, 190, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/key/forms", test_forms);
  g_test_add_func ("/wire/key/words", test_words);
  g_test_add_func ("/wire/key/files", test_files);
  g_test_add_func ("/wire/key/cut-off", test_cut_off);
  g_test_add_func ("/wire/key/unsound", test_unsound);
  g_test_add_func ("/wire/key/boot-rom", test_boot_rom);
  g_test_add_func ("/wire/key/agent", test_agent);
  g_test_add_func ("/wire/key/challenges", test_challenges);
  return g_test_run ();
}
