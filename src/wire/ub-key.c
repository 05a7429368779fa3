/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wire/ub-key.h"

#include "base/ub-error.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

/* How an agent's login is answered is on none of our own pages. UNCONFIRMED, one source: mtkclient (Library/Auth/sla.py, the only part
 * of it that was looked at) makes the block of the agent's 16 random bytes by RSA-OAEP with SHA-256, MGF1 with SHA-256 and an empty
 * label, and swaps no bytes; that agents have a status of their own for an OAEP failure (C002004A) speaks for it. Which exponent
 * is taken is reasoned: only the private one proves anything. So
 *     answer = private operation (OAEP (challenge)), as long as the modulus, and
 *     the agent applies the public operation to it, takes the OAEP off, and compares with what it asked.
 * The boot ROM's answer is on our page: shared/protocol/brom-and-legacy.md §2.7. */

/* a private key of 4096 bits with all its wrapping is not 4 KiB */
#define MAX_FILE (64 * 1024)
/* bytes of a modulus: from what SHA-256's OAEP needs, to what the longest answer known (0x180) leaves room for */
#define MIN_SIZE 128
#define MAX_SIZE 512
#define HASH_SIZE 32

struct _UbKey
{
  gatomicrefcount count;
  EVP_PKEY       *pkey;
  gsize           size;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free)

/* --- reading --- */

static gboolean
holds_text (const guint8 *data, gsize size, const char *text)
{
  return g_strstr_len ((const char *) data, (gssize) size, text) != NULL;
}

/* nobody is asked for a pass phrase: a key that wants one is refused in words */
static int
refuse_pass_phrase (char *buffer, int size, int is_writing, void *user_data)
{
  return -1;
}

static const char *
name_text (const guint8 *data, gsize size)
{
  static const struct
  {
    const char *text;
    const char *name;
  } kinds[] = {
    { "BEGIN ENCRYPTED PRIVATE KEY", "a private key locked with a pass phrase" },
    { "Proc-Type: 4,ENCRYPTED", "a private key locked with a pass phrase" },
    { "BEGIN OPENSSH PRIVATE KEY", "a key for remote logins (OpenSSH)" },
    { "BEGIN PUBLIC KEY", "a public key" },
    { "BEGIN RSA PUBLIC KEY", "a public key" },
    { "BEGIN CERTIFICATE", "a certificate" },
    { "PRIVATE KEY", "a damaged private key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (holds_text (data, size, kinds[i].text))
      return kinds[i].name;
  return NULL;
}

static const char *
name_binary (const guint8 *data, gsize size)
{
  const unsigned char *at = data;
  X509_SIG            *locked = d2i_X509_SIG (NULL, &at, (long) size);
  EVP_PKEY            *public_key;
  X509                *certificate;

  X509_SIG_free (locked);
  if (locked != NULL)
    return "a private key locked with a pass phrase";
  at = data;
  public_key = d2i_PUBKEY (NULL, &at, (long) size);
  if (public_key == NULL)
    {
      at = data;
      public_key = d2i_PublicKey (EVP_PKEY_RSA, NULL, &at, (long) size);
    }
  EVP_PKEY_free (public_key);
  if (public_key != NULL)
    return "a public key";
  at = data;
  certificate = d2i_X509 (NULL, &at, (long) size);
  X509_free (certificate);
  return certificate != NULL ? "a certificate" : "no private key";
}

/* PEM or DER, PKCS#1 or PKCS#8; (nullable) */
static EVP_PKEY *
read_key (const guint8 *data, gsize size)
{
  const unsigned char *at = data;
  g_autoptr (BIO) bio = NULL;

  if (!holds_text (data, size, "-----BEGIN "))
    return d2i_AutoPrivateKey (NULL, &at, (long) size);
  bio = BIO_new_mem_buf (data, (int) size);
  return bio != NULL ? PEM_read_bio_PrivateKey (bio, NULL, refuse_pass_phrase, NULL) : NULL;
}

/* the two halves belong together; a damaged key would only be refused by the phone, without a word why */
static gboolean
is_sound (EVP_PKEY *pkey)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new (pkey, NULL);

  return context != NULL && EVP_PKEY_pairwise_check (context) == 1;
}

static gboolean
check_key (EVP_PKEY *pkey, const char *name, GError **error)
{
  const int size = EVP_PKEY_get_size (pkey);

  if (EVP_PKEY_get_base_id (pkey) != EVP_PKEY_RSA)
    g_set_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH, "%s: a private key, but not of RSA", name);
  else if (size < MIN_SIZE || size > MAX_SIZE)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NEEDS_AUTH,
                 "%s: an RSA key of %d bits; %d to %d are possible",
                 name,
                 EVP_PKEY_get_bits (pkey),
                 8 * MIN_SIZE,
                 8 * MAX_SIZE);
  else if (!is_sound (pkey))
    g_set_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH, "%s: a damaged private key", name);
  else
    return TRUE;
  return FALSE;
}

/**
 * ub_key_parse:
 * @bytes: a file's content
 * @name: what the file is called, for messages
 * @error: NEEDS_AUTH, naming what it is instead of a private RSA key
 *
 * Returns: (transfer full): the key
 */
UbKey *
ub_key_parse (GBytes *bytes, const char *name, GError **error)
{
  gsize         size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autoptr (EVP_PKEY) pkey = NULL;
  UbKey *self;

  if (size > 0 && size <= MAX_FILE)
    pkey = read_key (data, size);
  if (pkey == NULL)
    {
      const char *what = size == 0         ? "empty"
                         : size > MAX_FILE ? "too long for a private key"
                                           : name_text (data, size);

      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NEEDS_AUTH,
                   "%s: %s, instead of the maker's private RSA key",
                   name,
                   what != NULL ? what : name_binary (data, size));
      ERR_clear_error ();
      return NULL;
    }
  if (!check_key (pkey, name, error))
    {
      ERR_clear_error ();
      return NULL;
    }
  self = g_new0 (UbKey, 1);
  g_atomic_ref_count_init (&self->count);
  self->size = (gsize) EVP_PKEY_get_size (pkey);
  self->pkey = g_steal_pointer (&pkey);
  return self;
}

/* a file may be anything, also a pipe that never ends: no more than one byte too many is read */
static GBytes *
read_file (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (GFileInputStream) stream = NULL;
  g_autofree guint8 *data = g_malloc (MAX_FILE + 1);
  gsize              size = 0;

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL) == G_FILE_TYPE_SPECIAL)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: not an ordinary file", path);
      return NULL;
    }
  stream = g_file_read (file, NULL, &error_local);
  if (stream != NULL && g_input_stream_read_all (G_INPUT_STREAM (stream),
                                                 data,
                                                 MAX_FILE + 1,
                                                 &size,
                                                 NULL,
                                                 &error_local))
    return g_bytes_new_take (g_steal_pointer (&data), size);
  g_set_error (error,
               UB_ERROR,
               g_error_matches (error_local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
                   ? UB_ERROR_FILE_MISSING
                   : UB_ERROR_FILE_READ,
               "%s: %s",
               path,
               error_local->message);
  return NULL;
}

/**
 * ub_key_open:
 * @path: a file
 * @error: FILE_MISSING, FILE_READ, NEEDS_AUTH
 *
 * Returns: (transfer full): the key in it
 */
UbKey *
ub_key_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = read_file (path, error);
  g_autofree char *name = g_filename_display_basename (path);

  return bytes != NULL ? ub_key_parse (bytes, name, error) : NULL;
}

UbKey *
ub_key_ref (UbKey *self)
{
  g_atomic_ref_count_inc (&self->count);
  return self;
}

void
ub_key_unref (UbKey *self)
{
  if (!g_atomic_ref_count_dec (&self->count))
    return;
  EVP_PKEY_free (self->pkey);
  g_free (self);
}

gsize
ub_key_get_size (const UbKey *self)
{
  return self->size;
}

/* --- answering --- */

/* the RSA operation with the private exponent, @padding by the library; (transfer full) */
static guint8 *
apply_private (const UbKey *self, int padding, const guint8 *block, gsize size, GError **error)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new (self->pkey, NULL);
  g_autofree guint8 *answer = g_malloc0 (self->size);
  gsize              length = self->size;

  if (context != NULL && EVP_PKEY_sign_init (context) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding (context, padding) == 1 &&
      EVP_PKEY_sign (context, answer, &length, block, size) == 1 && length == self->size)
    return g_steal_pointer (&answer);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NEEDS_AUTH,
               "the key cannot answer a challenge of %" G_GSIZE_FORMAT " bytes: %s",
               size,
               ERR_reason_error_string (ERR_peek_last_error ()) ?: "unknown");
  ERR_clear_error ();
  return NULL;
}

static void
swap_pairs (guint8 *data, gsize size)
{
  for (gsize i = 0; i + 1 < size; i += 2)
    {
      guint8 first = data[i];

      data[i] = data[i + 1];
      data[i + 1] = first;
    }
}

/**
 * ub_key_answer_boot_rom:
 * @self: the maker's key
 * @challenge: as it came
 * @size: bytes, an even number, at least 11 fewer than the key has
 * @error: PROTOCOL for a challenge that cannot be
 *
 * Source: shared/protocol/brom-and-legacy.md §2.7.
 *
 * Returns: (transfer full): ub_key_get_size() bytes, as they are sent
 */
GBytes *
ub_key_answer_boot_rom (const UbKey *self, const guint8 *challenge, gsize size, GError **error)
{
  g_autofree guint8 *message = NULL;
  g_autofree guint8 *answer = NULL;

  if (size == 0 || size % 2 != 0 || size > self->size - RSA_PKCS1_PADDING_SIZE)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_PROTOCOL,
                   "a challenge of %" G_GSIZE_FORMAT " bytes for a key of %" G_GSIZE_FORMAT,
                   size,
                   self->size);
      return NULL;
    }
  message = g_memdup2 (challenge, size);
  swap_pairs (message, size);
  answer = apply_private (self, RSA_PKCS1_PADDING, message, size, error);
  if (answer == NULL)
    return NULL;
  swap_pairs (answer, self->size);
  return g_bytes_new_take (g_steal_pointer (&answer), self->size);
}

/* RFC 8017 B.2.1 with SHA-256: XORs the mask that @seed makes over @data */
static void
mask (guint8 *data, gsize size, const guint8 *seed, gsize seed_size)
{
  for (gsize done = 0; done < size; done += HASH_SIZE)
    {
      g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      const guint32 counter = GUINT32_TO_BE ((guint32) (done / HASH_SIZE));
      guint8        digest[HASH_SIZE];
      gsize         digest_size = sizeof digest;

      g_checksum_update (checksum, seed, (gssize) seed_size);
      g_checksum_update (checksum, (const guchar *) &counter, sizeof counter);
      g_checksum_get_digest (checksum, digest, &digest_size);
      for (gsize i = 0; i < HASH_SIZE && done + i < size; i++)
        data[done + i] ^= digest[i];
    }
}

/* RFC 8017 7.1.1 with SHA-256 and an empty label: 00, masked seed, masked (hash of the label, 00…, 01, message) */
static gboolean
fill_oaep (guint8 *block, gsize block_size, const guint8 *message, gsize size)
{
  guint8     *seed = block + 1;
  guint8     *body = block + 1 + HASH_SIZE;
  const gsize body_size = block_size - 1 - HASH_SIZE;
  gsize       hash_size = HASH_SIZE;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  memset (block, 0, block_size);
  g_checksum_get_digest (checksum, body, &hash_size);
  body[body_size - size - 1] = 1;
  memcpy (body + body_size - size, message, size);
  if (RAND_bytes (seed, HASH_SIZE) != 1)
    return FALSE;
  mask (body, body_size, seed, HASH_SIZE);
  mask (seed, HASH_SIZE, body, body_size);
  return TRUE;
}

/**
 * ub_key_answer_agent:
 * @self: the maker's key
 * @challenge: what the agent calls rnd, as it came
 * @size: bytes, at least 66 fewer than the key has
 * @error: PROTOCOL for a challenge that cannot be
 *
 * How it is made, and how sure that is: at the top of this file. Every answer is another one.
 *
 * Returns: (transfer full): ub_key_get_size() bytes, as they are sent
 */
GBytes *
ub_key_answer_agent (const UbKey *self, const guint8 *challenge, gsize size, GError **error)
{
  g_autofree guint8 *block = NULL;
  g_autofree guint8 *answer = NULL;

  if (size == 0 || size > self->size - 2 * HASH_SIZE - 2)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_PROTOCOL,
                   "a challenge of %" G_GSIZE_FORMAT " bytes for a key of %" G_GSIZE_FORMAT,
                   size,
                   self->size);
      return NULL;
    }
  block = g_malloc (self->size);
  if (!fill_oaep (block, self->size, challenge, size))
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "no random numbers to be had");
      return NULL;
    }
  answer = apply_private (self, RSA_NO_PADDING, block, self->size, error);
  return answer != NULL ? g_bytes_new_take (g_steal_pointer (&answer), self->size) : NULL;
}
