/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

/* The maker of the practice phones. It has an RSA key as real makers have, so that phones with their locks on can be
 * practised with. The private half lies open here: it was made for this file, belongs to nobody, and protects nothing. */

/* clang-format off */
static const char private_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCSPt5vqmhgBTHE\n"
    "ohfsFTtqaoy3UpSUky7ChgVD4UlI1Ygu9oZnN67hzA9vVRsNmp/f+O8VbWvXFuFT\n"
    "LoqHgT45wZJ7G2SsrydjolemW/a9FfD4OXapAC504S6DsI9zKJQYcDfc92uWfwvG\n"
    "wMWuU+/zfQpY4ijBO0ckE/+N5Sla8PhJlWbFmU38auuf/WXmvs5HUPC/MSXmzNTl\n"
    "WYXwpKMfMET11uFrDiwA12Cy0/yG1q8NpaPAAISe3x5n9sSS5kQeqVyVKP/liHWu\n"
    "xXbNJ7v6HYyQB3eSCMPwd0UspgAFYzrdoef3pr7hYcDRZs+ccA1FNZ4mRJal8lGV\n"
    "8xX8Ys+BAgMBAAECggEALRDxk8CT/G7tWLZIn+glEJR3+3AXuDco1Cnfinzsi+S9\n"
    "XBd88GbA3fT3lqvHs+f/t1GrP1OiRTxYQD1Z1Ar4RW0IuiYFXo91GGdpEitJvBf8\n"
    "U0nF7qtPJZZUsqEge3C4PlWqaU3XWh+ZXex+nktgaIySOTSsMWuWbyA4gp3pIgwj\n"
    "fDGIlm6p5rPILH7XCy9sISiDuJd7TOrLWGBQbyR5tlxXC4gElIBK969F0Wfcuexj\n"
    "xJITydjyyDYMhVDzytXQJcoqEI5ZwZYlGZIbylvUckkAcnQeBwuWvdgXcUbhcIOW\n"
    "P14y9hz8hpYNtbjIpchrWp2+dVTr4nZR89uPiKX+DwKBgQDD04X/VbPg5OBVmNWq\n"
    "8rL9B/P7Cje8BzqozFHXSpFrLM5goxD5O4ms+1bkaxdxXMnBuYD5INU3Uq7gqmVo\n"
    "KRQs7gQAWGSXxU+XdK9IKUdfhuROt0hEVfGCMoY9dx7YBM29VOukAi2zVaCl38FT\n"
    "k93IIoUWEKQrXbDlK5QSkH5rHwKBgQC/LyGAf4dqgFuNkCogJW7BsWOahSaxpYnk\n"
    "NaGvu6uBLbzOVpm3ej0HXaX81sCRDHaJFi84m4wQMMQPexahM+7qjmNVF3MrBYVt\n"
    "5r0b6wAcYjgixWcACLAVHDwYI5Pi+3gD4DWZVbD9QLEcUNgNFCzsSDDH7th9ME7N\n"
    "35Y4GCQRXwKBgQCK7BuKmaUjrZtMfkFOpiC+iw7WEFibxtEhgNmqjxb83muGeQiI\n"
    "l2lDU4dAQoz9+iKTkWNi2Z0JQ1oWvit0qnfKrAwgppSuaubc/oV+/vHIXizHfxUA\n"
    "javofqlnH4O9IiNG5uDImFcNe3idVFCVVzgmS/74OVQOA8iDu9evF9znZwKBgQCs\n"
    "1z4xfpn9Rdf/TpNXBqBwCiAjRTdrKV5Va8smJcNygNgNrys/PgrIiviScdAcEilj\n"
    "3COKyM1CoePOnxghWuMnON1Cw3WCMnajmhPjlnw+LOnVPaPV2wTdwO3vYNLFRVUG\n"
    "JAAxBNCC1KaKE+iPQmsunkFDr4IXA8JqyzVytxh8fwKBgCCTvBZ4PSMl+2hbjOt6\n"
    "F+vown+UJZcYKQ4SsDucNzVAyJdX8vxSg6ITJGU5LNm1xE9vreX/lGzdT+s8upqg\n"
    "87nfsYoZPZ0yOZkyoIW37wpHLQttzmwt2fe2I67J+SPCQkIUPwfWUCl1Pf9k+tyW\n"
    "3943hQokJAtMuyOaf7EGy6iA\n"
    "-----END PRIVATE KEY-----\n";

static const guint8 public_key[] = {
  0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
  0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01,
  0x00, 0x92, 0x3e, 0xde, 0x6f, 0xaa, 0x68, 0x60, 0x05, 0x31, 0xc4, 0xa2, 0x17, 0xec, 0x15, 0x3b,
  0x6a, 0x6a, 0x8c, 0xb7, 0x52, 0x94, 0x94, 0x93, 0x2e, 0xc2, 0x86, 0x05, 0x43, 0xe1, 0x49, 0x48,
  0xd5, 0x88, 0x2e, 0xf6, 0x86, 0x67, 0x37, 0xae, 0xe1, 0xcc, 0x0f, 0x6f, 0x55, 0x1b, 0x0d, 0x9a,
  0x9f, 0xdf, 0xf8, 0xef, 0x15, 0x6d, 0x6b, 0xd7, 0x16, 0xe1, 0x53, 0x2e, 0x8a, 0x87, 0x81, 0x3e,
  0x39, 0xc1, 0x92, 0x7b, 0x1b, 0x64, 0xac, 0xaf, 0x27, 0x63, 0xa2, 0x57, 0xa6, 0x5b, 0xf6, 0xbd,
  0x15, 0xf0, 0xf8, 0x39, 0x76, 0xa9, 0x00, 0x2e, 0x74, 0xe1, 0x2e, 0x83, 0xb0, 0x8f, 0x73, 0x28,
  0x94, 0x18, 0x70, 0x37, 0xdc, 0xf7, 0x6b, 0x96, 0x7f, 0x0b, 0xc6, 0xc0, 0xc5, 0xae, 0x53, 0xef,
  0xf3, 0x7d, 0x0a, 0x58, 0xe2, 0x28, 0xc1, 0x3b, 0x47, 0x24, 0x13, 0xff, 0x8d, 0xe5, 0x29, 0x5a,
  0xf0, 0xf8, 0x49, 0x95, 0x66, 0xc5, 0x99, 0x4d, 0xfc, 0x6a, 0xeb, 0x9f, 0xfd, 0x65, 0xe6, 0xbe,
  0xce, 0x47, 0x50, 0xf0, 0xbf, 0x31, 0x25, 0xe6, 0xcc, 0xd4, 0xe5, 0x59, 0x85, 0xf0, 0xa4, 0xa3,
  0x1f, 0x30, 0x44, 0xf5, 0xd6, 0xe1, 0x6b, 0x0e, 0x2c, 0x00, 0xd7, 0x60, 0xb2, 0xd3, 0xfc, 0x86,
  0xd6, 0xaf, 0x0d, 0xa5, 0xa3, 0xc0, 0x00, 0x84, 0x9e, 0xdf, 0x1e, 0x67, 0xf6, 0xc4, 0x92, 0xe6,
  0x44, 0x1e, 0xa9, 0x5c, 0x95, 0x28, 0xff, 0xe5, 0x88, 0x75, 0xae, 0xc5, 0x76, 0xcd, 0x27, 0xbb,
  0xfa, 0x1d, 0x8c, 0x90, 0x07, 0x77, 0x92, 0x08, 0xc3, 0xf0, 0x77, 0x45, 0x2c, 0xa6, 0x00, 0x05,
  0x63, 0x3a, 0xdd, 0xa1, 0xe7, 0xf7, 0xa6, 0xbe, 0xe1, 0x61, 0xc0, 0xd1, 0x66, 0xcf, 0x9c, 0x70,
  0x0d, 0x45, 0x35, 0x9e, 0x26, 0x44, 0x96, 0xa5, 0xf2, 0x51, 0x95, 0xf3, 0x15, 0xfc, 0x62, 0xcf,
  0x81, 0x02, 0x03, 0x01, 0x00, 0x01
};
/* clang-format on */

const char *
ub_phone_maker_get_pem (void)
{
  return private_key;
}

const guint8 *
ub_phone_maker_get_public_key (gsize *size)
{
  *size = sizeof public_key;
  return public_key;
}

static EVP_PKEY *
load_private (void)
{
  BIO      *bio = BIO_new_mem_buf (private_key, sizeof private_key - 1);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  BIO_free (bio);
  return key;
}

static EVP_PKEY *
load_public (void)
{
  const guint8 *der = public_key;

  return d2i_PUBKEY (NULL, &der, sizeof public_key);
}

void
ub_phone_maker_sign (guint8 *image, gsize size)
{
  EVP_PKEY   *key = load_private ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gsize       length = UB_PHONE_SIGNATURE;

  g_return_if_fail (size > UB_PHONE_SIGNATURE);

  if (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key) != 1 ||
      EVP_DigestSign (context,
                      image + size - UB_PHONE_SIGNATURE,
                      &length,
                      image,
                      size - UB_PHONE_SIGNATURE) != 1)
    g_error ("the practice maker could not sign");
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
}

static void
swap_pairs (guint8 *data, gsize size)
{
  for (gsize i = 0; i + 1 < size; i += 2)
    {
      guint8 byte = data[i];

      data[i] = data[i + 1];
      data[i + 1] = byte;
    }
}

gboolean
ub_phone_maker_is_boot_rom_answer (const guint8 *challenge,
                                   gsize         challenge_size,
                                   const guint8 *answer,
                                   gsize         size)
{
  EVP_PKEY          *key = load_public ();
  EVP_PKEY_CTX      *context = EVP_PKEY_CTX_new (key, NULL);
  g_autofree guint8 *block = g_memdup2 (answer, size);
  guint8             message[UB_PHONE_SIGNATURE];
  gsize              length = sizeof message;
  gboolean           good = FALSE;

  swap_pairs (block, size);
  /* a block of type 1, and whatever it holds: no digest */
  if (size == UB_PHONE_SIGNATURE && EVP_PKEY_verify_recover_init (context) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_verify_recover (context, message, &length, block, size) == 1)
    {
      swap_pairs (message, length);
      good = length == challenge_size && memcmp (message, challenge, length) == 0;
    }
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (key);
  return good;
}
