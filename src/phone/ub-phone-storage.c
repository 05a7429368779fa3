/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

/* the storage as framed agents see it: shared/protocol/xflash-and-xml.md §3.12, §3.13, §3.21, genuine-agents.md §5.1 */

#define ENTRY 88 /* of ub_phone_tables_read() */
#define PMT_KIND 0x5a
#define PGPT_SIZE 0x8000
#define SGPT_SIZE 0x4200     /* eMMC */
#define UFS_SGPT_SIZE 0x8000 /* UFS */
#define NOTE_SIZE 0x14000    /* 160 sectors of 512 bytes */
#define SBC 1
#define SIGNATURE 256
#define HASH 32

/* clang-format off */
/* what starts the phone, and is checked when it does */
static const char *const checked_names[] = { "preloader", "preloader_backup", "lk", "lk2", "boot", "recovery", "tee1", "tee2", "tee",
                                             "dtbo", "vbmeta", "vendor_boot", NULL };
static const char *const forbidden_names[] = { "seccfg", NULL };
/* clang-format on */

guint
ub_phone_storage_get_sector (UbPracticePhone *self)
{
  return self->options.storage == UB_STORAGE_UFS ? 4096 : 512;
}

guint8
ub_phone_storage_get_number (UbPracticePhone *self, UbFlash *flash)
{
  if (flash == self->boot1)
    return 1;
  if (flash == self->boot2)
    return 2;
  return flash == self->rpmb ? 3 : UB_PHONE_USER;
}

void
ub_phone_storage_get_id (UbPracticePhone *self, guint8 seed, guint8 *id, gsize size)
{
  for (gsize i = 0; i < size; i++)
    id[i] = self->mischief.nameless
                ? 0
                : (guint8) (seed + 0x49 * i * i + self->chip->hw_code + self->options.serial);
}

/* --- names --- */

static gboolean
place_area (UbFlash  *wanted,
            guint64   tail,
            guint64   length,
            UbFlash **flash,
            guint64  *start,
            guint64  *size)
{
  guint64 end = ub_flash_get_size (wanted);

  *flash = wanted;
  *start = end - MIN (tail, end);
  *size = MIN (length, end - *start);
  return TRUE;
}

/* those that are in no table */
static gboolean
find_fixed (UbPracticePhone *self, const char *name, UbFlash **flash, guint64 *start, guint64 *size)
{
  guint64 backup = self->options.storage == UB_STORAGE_UFS ? UFS_SGPT_SIZE : SGPT_SIZE;

  if (g_str_equal (name, "PGPT"))
    return place_area (self->user, G_MAXUINT64, PGPT_SIZE, flash, start, size);
  if (g_str_equal (name, "SGPT"))
    return place_area (self->user, backup, backup, flash, start, size);
  if (g_str_equal (name, "preloader"))
    return place_area (self->boot1, G_MAXUINT64, G_MAXUINT64, flash, start, size);
  if (g_str_equal (name, "preloader_backup"))
    return place_area (self->boot2, G_MAXUINT64, G_MAXUINT64, flash, start, size);
  return FALSE;
}

/* an agent reads the table once, the first time that it wants to know something */
static void
remember_table (UbPracticePhone *self)
{
  guint8 kind = PMT_KIND;

  if (self->table != NULL)
    return;
  self->table = ub_phone_tables_read (self, &kind);
  if (kind == PMT_KIND)
    g_clear_pointer (&self->table, g_byte_array_unref);
}

void
ub_phone_storage_forget_table (UbPracticePhone *self)
{
  g_clear_pointer (&self->table, g_byte_array_unref);
}

static gboolean
find_listed (UbPracticePhone *self, const char *name, guint64 *start, guint64 *size)
{
  remember_table (self);
  for (guint at = 0; self->table != NULL && at + ENTRY <= self->table->len; at += ENTRY)
    {
      const guint8    *entry = self->table->data + at;
      g_autofree char *found = g_strndup ((const char *) entry, 63);

      if (!g_str_equal (found, name))
        continue;
      *start = ub_phone_le64 (entry + 0x40);
      *size = ub_phone_le64 (entry + 0x48);
      return TRUE;
    }
  return FALSE;
}

gboolean
ub_phone_storage_find_part (UbPracticePhone *self,
                            const char      *name,
                            UbFlash        **flash,
                            guint64         *start,
                            guint64         *size)
{
  guint64 end = ub_flash_get_size (self->user);

  if (find_fixed (self, name, flash, start, size))
    return TRUE;
  if (!find_listed (self, name, start, size))
    return FALSE;
  *flash = self->user;
  *start = MIN (*start, end);
  *size = MIN (*size, end - *start);
  return TRUE;
}

void
ub_phone_storage_note (UbPracticePhone *self, const char *what)
{
  g_autofree guint8 *note = NULL;
  UbFlash           *flash;
  guint64            start, size;

  if (self->forgetful || !ub_phone_storage_find_part (self, "flashinfo", &flash, &start, &size))
    return;
  note = g_malloc0 (NOTE_SIZE);
  g_snprintf ((char *) note, 512, "FLASHINFO %u %s", self->writes, what);
  ub_flash_write (flash, start, note, (gsize) MIN (size, NOTE_SIZE));
}

/* --- mischief --- */

static gboolean
covers (gint64 wanted, guint64 start, guint64 size)
{
  return wanted >= 0 && start <= (guint64) wanted && (guint64) wanted - start < size;
}

gboolean
ub_phone_storage_write_fails (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size)
{
  return self->mischief.full ||
         (self->mischief.write_fail_part == ub_phone_storage_get_number (self, flash) &&
          covers (self->mischief.write_fail, start, size));
}

gboolean
ub_phone_storage_read_fails (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size)
{
  return self->mischief.read_fail_part == ub_phone_storage_get_number (self, flash) &&
         covers (self->mischief.read_fail, start, size);
}

void
ub_phone_storage_erase (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size)
{
  guint64 group = self->mischief.erase_group;
  guint64 room = ub_flash_get_size (flash), end;

  start = MIN (start, room);
  end = start + MIN (size, room - start);
  if (group != 0)
    {
      start -= start % group;
      end = MIN ((end + group - 1) / group * group, room);
    }
  if (!self->forgetful)
    ub_flash_fill (flash, start, end - start, 0);
}

/* --- secure boot --- */

/* @name, or one of its two sets */
static gboolean
is_listed (const char *const *names, const char *name)
{
  gsize            length = strlen (name);
  g_autofree char *base = g_strdup (name);

  if (length > 2 && (g_str_has_suffix (name, "_a") || g_str_has_suffix (name, "_b")))
    base[length - 2] = '\0';
  return g_strv_contains (names, base);
}

gboolean
ub_phone_storage_is_checked (const char *name)
{
  return is_listed (checked_names, name);
}

gboolean
ub_phone_storage_is_forbidden (const char *name)
{
  return is_listed (forbidden_names, name);
}

gboolean
ub_phone_storage_is_locked (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size)
{
  if ((self->options.target_config & SBC) == 0)
    return FALSE;
  if (flash != self->user)
    return TRUE;
  remember_table (self);
  for (guint at = 0; self->table != NULL && at + ENTRY <= self->table->len; at += ENTRY)
    {
      const guint8    *entry = self->table->data + at;
      g_autofree char *name = g_strndup ((const char *) entry, 63);
      guint64          begin = ub_phone_le64 (entry + 0x40), length = ub_phone_le64 (entry + 0x48);

      if (!ub_phone_storage_is_checked (name) && !ub_phone_storage_is_forbidden (name))
        continue;
      if (begin < start ? start - begin < length : begin - start < size)
        return TRUE;
    }
  return FALSE;
}

static EVP_PKEY *
load_maker (void)
{
  gsize         size = 0;
  const guint8 *key = ub_phone_maker_get_public_key (&size);

  return d2i_PUBKEY (NULL, &key, (long) size);
}

gboolean
ub_phone_storage_is_signed (const guint8 *image, gsize size)
{
  EVP_PKEY   *maker = load_maker ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean    good =
      size > SIGNATURE && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, maker) == 1 &&
      EVP_DigestVerify (context, image + size - SIGNATURE, SIGNATURE, image, size - SIGNATURE) == 1;

  EVP_MD_CTX_free (context);
  EVP_PKEY_free (maker);
  return good;
}

/* MGF1 with SHA-256 over @seed is laid over @data */
static void
mask (guint8 *data, gsize size, const guint8 *seed, gsize seed_size)
{
  for (guint32 i = 0; (gsize) i * HASH < size; i++)
    {
      const guint32 counter = GUINT32_TO_BE (i);
      EVP_MD_CTX   *context = EVP_MD_CTX_new ();
      guint8        hash[HASH];

      EVP_DigestInit_ex (context, EVP_sha256 (), NULL);
      EVP_DigestUpdate (context, seed, seed_size);
      EVP_DigestUpdate (context, &counter, sizeof counter);
      EVP_DigestFinal_ex (context, hash, NULL);
      EVP_MD_CTX_free (context);
      for (gsize n = 0; n < HASH && i * HASH + n < size; n++)
        data[i * HASH + n] ^= hash[n];
    }
}

/* RFC 8017 §7.1.2: 0, seed, hash of the empty label, zeros, 1, message; the last three under masks */
static gboolean
unwrap (guint8 *block, gsize size, const guint8 *message, gsize message_size)
{
  guint8  label[HASH];
  guint8 *seed = block + 1, *data = block + 1 + HASH;
  gsize   data_size = size - 1 - HASH, at = HASH;

  mask (seed, HASH, data, data_size);
  mask (data, data_size, seed, HASH);
  EVP_Digest ("", 0, label, NULL, EVP_sha256 (), NULL);
  if (block[0] != 0 || memcmp (data, label, HASH) != 0)
    return FALSE;
  while (at < data_size && data[at] == 0)
    at++;
  return at < data_size && data[at] == 1 && data_size - at - 1 == message_size &&
         memcmp (data + at + 1, message, message_size) == 0;
}

gboolean
ub_phone_storage_is_answer (const guint8 *challenge,
                            gsize         challenge_size,
                            const guint8 *answer,
                            gsize         size)
{
  EVP_PKEY     *maker = load_maker ();
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (maker, NULL);
  guint8        block[SIGNATURE];
  gsize         length = sizeof block;
  gboolean      good = size == SIGNATURE && EVP_PKEY_encrypt_init (context) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING) == 1 &&
                  EVP_PKEY_encrypt (context, block, &length, answer, size) == 1 &&
                  length == SIGNATURE && unwrap (block, length, challenge, challenge_size);

  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (maker);
  return good;
}
