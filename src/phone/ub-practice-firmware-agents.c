/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <string.h>

/* agent containers: protocol/brom-and-legacy.md §3, xflash-and-xml.md §1.1. The agents in them are noise and a marker: a
 * practice phone knows its own */

#define ENTRIES 0x6c
#define ENTRY 0xdc
#define SLOTS 20      /* the entry table of a container is longer than what it holds … */
#define V6_ENTRY 0x50 /* … and that of a single chip shorter than an entry */
#define STUB 0x270
#define DA1_SIZE 0x8000
#define DA2_SIZE 0x18000
#define SIGNATURE UB_PHONE_SIGNATURE
#define MARK_AT 0x400

static void
make_da2 (const UbPhoneChip *chip, guint year, guint8 *da2)
{
  guint64 state = 0x100000001b3u * (chip->agent_code + year);

  ub_practice_firmware_make_noise (da2, DA2_SIZE + SIGNATURE, &state);
  g_snprintf ((char *) da2 + MARK_AT, 64, "UNBRICK PRACTICE DA2 for %04x", chip->agent_code);
}

/* words that tell what language it is */
static const char *
get_word (const UbPhoneChip *chip, guint year)
{
  if (chip->dialect == UB_PHONE_XFLASH)
    return "cmd_boot_to";
  if (chip->dialect == UB_PHONE_XML)
    return "CMD:BOOT-TO";
  return year >= 2017 && (chip->flow == UB_PHONE_FLOW_SLC || chip->flow == UB_PHONE_FLOW_SKIP_SLC)
             ? "SLC percent"
             : "";
}

/* the marker, agent code, year, then the digest of DA2 without its signature, as genuine ones hold
 * it */
static void
make_da1 (const UbPhoneChip *chip, guint year, const guint8 *da2, guint8 *da1)
{
  static const char marker[] = "UNBRICK PRACTICE DA1";
  const char       *word = get_word (chip, year);
  g_autoptr (GChecksum) sum = g_checksum_new (chip->dialect == UB_PHONE_LEGACY ? G_CHECKSUM_SHA1
                                                                               : G_CHECKSUM_SHA256);
  guint64 state = 0xcbf29ce484222325u ^ (guint64) (chip->agent_code * 7 + year);
  gsize   length = 32;
  guint8 *at = da1 + MARK_AT;

  ub_practice_firmware_make_noise (da1, DA1_SIZE + SIGNATURE, &state);
  memcpy (at, marker, sizeof marker);
  ub_phone_put_le16 (at + sizeof marker, chip->agent_code);
  ub_phone_put_le16 (at + sizeof marker + 2, (guint16) year);
  g_checksum_update (sum, da2, DA2_SIZE);
  g_checksum_get_digest (sum, at + sizeof marker + 4, &length);
  if (*word != '\0')
    memcpy (at + 0x100, word, strlen (word) + 1);
}

static void
put_region (guint8 *at, guint32 offset, guint32 size, guint32 address, guint32 signature)
{
  ub_phone_put_le32 (at, offset);
  ub_phone_put_le32 (at + 4, size);
  ub_phone_put_le32 (at + 8, address);
  ub_phone_put_le32 (at + 12, size - signature);
  ub_phone_put_le32 (at + 16, signature);
}

/* DA1 at @da1_at, DA2 behind it */
static void
put_code (UbPracticePhone *self, GByteArray *file, guint da1_at, const UbPhoneChip *chip)
{
  guint da2_at = da1_at + DA1_SIZE + SIGNATURE, year = self->options.build_year;

  g_byte_array_set_size (file, da2_at + DA2_SIZE + SIGNATURE);
  make_da2 (chip, year, file->data + da2_at);
  make_da1 (chip, year, file->data + da2_at, file->data + da1_at);
  if (self->options.target_config == 0)
    return;
  ub_phone_maker_sign (file->data + da1_at, DA1_SIZE + SIGNATURE);
  ub_phone_maker_sign (file->data + da2_at, DA2_SIZE + SIGNATURE);
}

static void
append_agent (UbPracticePhone *self, GByteArray *file, guint slot, const UbPhoneChip *chip)
{
  guint   entry = ENTRIES + slot * ENTRY, at = file->len;
  guint   da1_at = at + STUB, da2_at = da1_at + DA1_SIZE + SIGNATURE;
  guint8 *bytes;

  put_code (self, file, da1_at, chip);
  memset (file->data + at, 0, STUB);
  memcpy (file->data + at, "MMM\x01\x38\x00\x00\x00", 8);
  memcpy (file->data + at + 8, "FILE_INFO", 9);

  bytes = file->data + entry;
  ub_phone_put_le16 (bytes, 0xdada);
  ub_phone_put_le16 (bytes + 2, chip->agent_code);
  ub_phone_put_le16 (bytes + 4, chip->dialect == UB_PHONE_LEGACY ? 0 : chip->sub_code);
  ub_phone_put_le16 (bytes + 6, 0xca00);
  ub_phone_put_le16 (bytes + 12, 0x1000);
  ub_phone_put_le16 (bytes + 0x12, 3);
  put_region (bytes + 0x14, at, STUB, 0x50000000, 0);
  put_region (bytes + 0x28, da1_at, DA1_SIZE + SIGNATURE, chip->da1_address, SIGNATURE);
  put_region (bytes + 0x3c, da2_at, DA2_SIZE + SIGNATURE, chip->da2_address, SIGNATURE);
}

/* the fourth word of a region is where in the file its signature is */
static void
put_v6_region (guint8 *at, guint32 offset, guint32 size, guint32 address)
{
  put_region (at, offset, size, address, SIGNATURE);
  ub_phone_put_le32 (at + 12, offset + size - SIGNATURE);
}

static void
append_v6_agent (UbPracticePhone *self, GByteArray *file)
{
  const UbPhoneChip *chip = self->chip;
  guint              da1_at = ENTRIES + V6_ENTRY, da2_at = da1_at + DA1_SIZE + SIGNATURE;
  guint8            *bytes;

  put_code (self, file, da1_at, chip);
  bytes = file->data + ENTRIES;
  ub_phone_put_le16 (bytes, 0xdada);
  ub_phone_put_le16 (bytes + 2, chip->hw_code);
  ub_phone_put_le16 (bytes + 4, chip->sub_code);
  ub_phone_put_le16 (bytes + 6, chip->hw_version);
  ub_phone_put_le16 (bytes + 0x12, 3);
  put_v6_region (bytes + 0x14, da1_at, DA1_SIZE + SIGNATURE, chip->da1_address);
  put_v6_region (bytes + 0x28, da1_at, DA1_SIZE + SIGNATURE, chip->da1_address);
  put_v6_region (bytes + 0x3c, da2_at, DA2_SIZE + SIGNATURE, chip->da2_address);
}

static void
put_id (UbPracticePhone *self, char *id)
{
  guint year = self->options.build_year;

  if (self->chip->dialect == UB_PHONE_XML)
    g_strlcpy (id, "MTK_DA_v6_2024-10-31 11:18:15_practice", 64);
  else if (self->chip->dialect == UB_PHONE_XFLASH)
    g_strlcpy (id, "MTK_AllInOne_DA_v3.3001.2020/07/07.10:10_practice", 64);
  else if (year <= 2014)
    g_strlcpy (id, "MTK_AllInOne_DA_v7.1420.00.00_practice", 64);
  else
    g_snprintf (id, 64, "MTK_AllInOne_DA_v3.3001.%u-02-01.00:00_practice", year);
}

/* is @chip the first in the list with its language and agents? */
static gboolean
is_first (const UbPhoneChip *chip)
{
  const char *const *names = ub_phone_tables_list_chips ();
  const UbPhoneChip *first = ub_phone_tables_find_chip (*names);

  while (first->agent_code != chip->agent_code || first->dialect != chip->dialect)
    first = ub_phone_tables_find_chip (*++names);
  return first == chip;
}

/* one container for all chips of one language; XML agents come one by one */
GByteArray *
ub_practice_firmware_agents_make (UbPracticePhone *self)
{
  gboolean    xml = self->chip->dialect == UB_PHONE_XML;
  GByteArray *file = g_byte_array_new ();
  guint       n = 0;

  g_byte_array_set_size (file, ENTRIES + (xml ? V6_ENTRY : SLOTS * ENTRY));
  memset (file->data, 0, file->len);
  memcpy (file->data, "MTK_DOWNLOAD_AGENT", 18);
  put_id (self, (char *) file->data + 0x20);
  ub_phone_put_le32 (file->data + 0x60, 4);
  ub_phone_put_le32 (file->data + 0x64, 0x22668899);
  for (const char *const *name = ub_phone_tables_list_chips (); !xml && *name != NULL; name++)
    {
      const UbPhoneChip *chip = ub_phone_tables_find_chip (*name);

      if (chip->dialect == self->chip->dialect && is_first (chip))
        append_agent (self, file, n++, chip);
    }
  if (xml)
    append_v6_agent (self, file);
  ub_phone_put_le32 (file->data + 0x68, xml ? 1 : n);
  return file;
}
