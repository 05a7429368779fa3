/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xflash-messages.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"

#include <string.h>

#define EMMC_SIZE 0x60 /* of older agents; newer ones tell 8 bytes more */
#define EMMC_LIFE 0x60
#define UFS_SIZE 0x20
#define UFS_PRODUCT 0x22
#define UFS_SERIAL 0x3e
#define UFS_SERIAL_SIZE 132
#define UFS_V1_ID 0x20
#define RAM_RECORDS 2
#define RAM_TYPE_DRAM 1
/* more than any phone has: 256 TiB */
#define SIZE_LIMIT (G_GUINT64_CONSTANT (1) << 48)

static UbReader
open_reader (GBytes *bytes)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return UB_READER_INIT (data, size);
}

static gboolean
check_sizes (const char *what, const guint64 *sizes, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (sizes[i] > SIZE_LIMIT)
      {
        g_set_error (error,
                     UB_ERROR,
                     UB_ERROR_PROTOCOL,
                     "%s: an area of 0x%" G_GINT64_MODIFIER "x bytes",
                     what,
                     sizes[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
ub_da_xflash_messages_parse_emmc (GBytes *bytes, UbDaXflashEmmc *emmc, GError **error)
{
  UbReader      reader = open_reader (bytes);
  guint64       sizes[8]; /* boot1, boot2, rpmb, gp1…4, user */
  const guint8 *cid;

  *emmc = (UbDaXflashEmmc){ 0 };
  emmc->type = ub_reader_u32_le (&reader);
  if (emmc->type == 0)
    return TRUE;
  ub_reader_skip (&reader, 4); /* size of a block */
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    sizes[i] = ub_reader_u64_le (&reader);
  cid = ub_reader_bytes (&reader, sizeof emmc->cid);
  ub_reader_seek (&reader, EMMC_SIZE);
  if (!ub_reader_ok (&reader, "eMMC information", UB_ERROR_PROTOCOL, error) ||
      !check_sizes ("eMMC information", sizes, G_N_ELEMENTS (sizes), error))
    return FALSE;
  memcpy (emmc->cid, cid, sizeof emmc->cid);
  emmc->boot1 = sizes[0];
  emmc->boot2 = sizes[1];
  emmc->rpmb = sizes[2];
  memcpy (emmc->gp, sizes + 3, sizeof emmc->gp);
  emmc->user = sizes[7];
  if (g_bytes_get_size (bytes) < EMMC_LIFE + 3)
    return TRUE;
  emmc->pre_eol = ub_reader_u8 (&reader);
  emmc->life[0] = ub_reader_u8 (&reader);
  emmc->life[1] = ub_reader_u8 (&reader);
  return TRUE;
}

static gboolean
has_content (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (data[i] != 0)
      return TRUE;
  return FALSE;
}

/* vendor, product and serial number, without what an update of the storage's own software changes */
static void
take_ufs_identity (UbDaXflashUfs *ufs, const guint8 *data, gsize size)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8   digest[32];
  gsize    digest_size = sizeof digest;
  gsize    id_size = MIN (size, UFS_PRODUCT + sizeof ufs->product) - MIN (size, UFS_V1_ID);
  gboolean v2 = size >= UFS_SERIAL + UFS_SERIAL_SIZE;

  if (!v2)
    id_size = MIN (id_size, 16);
  ufs->has_serial = v2 && has_content (data + UFS_SERIAL, UFS_SERIAL_SIZE);
  if (!ufs->has_serial && !has_content (data + UFS_V1_ID, id_size))
    return;
  memcpy (ufs->product,
          data + (v2 ? UFS_PRODUCT : UFS_V1_ID),
          v2 ? sizeof ufs->product : MIN (id_size, sizeof ufs->product));
  g_checksum_update (sum, data + UFS_V1_ID, (gssize) id_size);
  if (v2)
    g_checksum_update (sum, data + UFS_SERIAL, UFS_SERIAL_SIZE);
  g_checksum_get_digest (sum, digest, &digest_size);
  memcpy (ufs->identity, digest, sizeof ufs->identity);
}

gboolean
ub_da_xflash_messages_parse_ufs (GBytes *bytes, UbDaXflashUfs *ufs, GError **error)
{
  UbReader reader = open_reader (bytes);

  *ufs = (UbDaXflashUfs){ 0 };
  ufs->type = ub_reader_u32_le (&reader);
  if (ufs->type == 0)
    return TRUE;
  ub_reader_skip (&reader, 4); /* size of a block */
  for (gsize i = 0; i < G_N_ELEMENTS (ufs->lu); i++)
    ufs->lu[i] = ub_reader_u64_le (&reader);
  if (!ub_reader_ok (&reader, "UFS information", UB_ERROR_PROTOCOL, error) ||
      !check_sizes ("UFS information", ufs->lu, G_N_ELEMENTS (ufs->lu), error))
    return FALSE;
  take_ufs_identity (ufs, reader.data, reader.size);
  return TRUE;
}

/* two records: type, base, size; of three u32 in old agents, with 64-bit base and size in newer ones */
guint64
ub_da_xflash_messages_parse_ram (GBytes *bytes)
{
  const gboolean old = g_bytes_get_size (bytes) < RAM_RECORDS * 24;
  UbReader       reader = open_reader (bytes);
  guint64        total = 0;

  for (gsize i = 0; i < RAM_RECORDS; i++)
    {
      guint32 type = ub_reader_u32_le (&reader);
      guint64 size;

      ub_reader_skip (&reader, old ? 4 : 12);
      size = old ? ub_reader_u32_le (&reader) : ub_reader_u64_le (&reader);
      if (type == RAM_TYPE_DRAM && size <= SIZE_LIMIT)
        total += size;
    }
  return reader.overrun ? 0 : total;
}

guint32
ub_da_xflash_messages_get_u32 (GBytes *bytes, gsize offset)
{
  UbReader reader = open_reader (bytes);

  ub_reader_seek (&reader, offset);
  return ub_reader_u32_le (&reader);
}

/* §3.12: the areas that genuine agents open for ranges */
guint32
ub_da_xflash_messages_section (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
    case UB_REGION_UFS_LU0:
      return 1;
    case UB_REGION_EMMC_BOOT2:
    case UB_REGION_UFS_LU1:
      return 2;
    case UB_REGION_UFS_LU2:
      return 3;
    case UB_REGION_EMMC_USER:
      return 8;
    default:
      return 0;
    }
}

void
ub_da_xflash_messages_put_range (UbWriter *writer,
                                 guint32   storage,
                                 guint32   section,
                                 guint64   offset,
                                 guint64   length)
{
  ub_writer_u32_le (writer, storage);
  ub_writer_u32_le (writer, section);
  ub_writer_u64_le (writer, offset);
  ub_writer_u64_le (writer, length);
  for (gsize i = 0; i < 8; i++) /* NAND only */
    ub_writer_u32_le (writer, 0);
}
