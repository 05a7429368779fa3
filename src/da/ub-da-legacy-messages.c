/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy-messages.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"

#include <string.h>

typedef struct
{
  guint32     status;
  const char *name;
} StatusName;

/* shared/protocol/brom-and-legacy.md appendix A: those a phone's agent can send */
static const StatusName status_names[] = {
  { 0, "DONE" },
  { 1000, "STOP" },
  { 1001, "UNDEFINED_ERROR" },
  { 1002, "INVALID_ARGUMENTS" },
  { 1003, "INVALID_BBCHIP_TYPE" },
  { 1012, "NOT_ENOUGH_MEMORY" },
  { 1036, "UNSUPPORTED_VER_OF_EMI_INFO" },
  { 1037, "PART_NO_VALID_TABLE" },
  { 1038, "PART_NO_SPACE_FOUND" },
  { 1040, "UNSUPPORTED_OPERATION" },
  { 1041, "CHKSUM_ERROR" },
  { 1042, "TIMEOUT" },
  { 3000, "DA_INT_RAM_ERROR" },
  { 3001, "DA_EXT_RAM_ERROR" },
  { 3002, "DA_SETUP_DRAM_FAIL" },
  { 3003, "DA_SETUP_PLL_ERR" },
  { 3004, "DA_SETUP_EMI_PLL_ERR" },
  { 3005, "DA_DRAM_ABNORMAL_TYPE_SETTING" },
  { 3006, "DA_DRAMC_RANK0_CALIBRATION_FAILED" },
  { 3007, "DA_DRAMC_RANK1_CALIBRATION_FAILED" },
  { 3008, "DA_DRAM_NOT_SUPPORT" },
  { 3009, "DA_RAM_FLOARTING" },
  { 3010, "DA_RAM_UNACCESSABLE" },
  { 3011, "DA_RAM_ERROR" },
  { 3012, "DA_DEVICE_NOT_FOUND" },
  { 3013, "DA_NOR_UNSUPPORTED_DEV_ID" },
  { 3014, "DA_NAND_UNSUPPORTED_DEV_ID" },
  { 3015, "DA_NOR_FLASH_NOT_FOUND" },
  { 3016, "DA_NAND_FLASH_NOT_FOUND" },
  { 3017, "DA_SOC_CHECK_FAIL" },
  { 3024, "DA_TIMEOUT" },
  { 3025, "DA_IN_PROGRESS" },
  { 3036, "DA_INVALID_BEGIN_ADDR" },
  { 3040, "DA_INVALID_RANGE" },
  { 3057, "DA_BOOTLOADER_IS_TOO_LARGE" },
  { 3062, "DA_UART_GET_DATA_TIMEOUT" },
  { 3065, "DA_UART_DATA_CKSUM_ERROR" },
  { 3083, "DA_BLANK_FLASH" },
  { 3087, "DA_UNSUPPORTED_BBCHIP" },
  { 3149, "DA_EMMC_FLASH_NOT_FOUND" },
  { 3150, "DA_EMMC_FW_VER_CHECK_FAIL" },
  { 3151, "DA_SDMMC_FLASH_NOT_FOUND" },
  { 3152, "DA_SDMMC_CONFIG_FAILED" },
  { 3153, "DA_SDMMC_READ_FAILED" },
  { 3154, "DA_SDMMC_WRITE_FAILED" },
  { 3155, "DA_SDMMC_ERR_CRC" },
  { 3156, "DA_SDMMC_ERR_TIMEOUT" },
  { 3157, "DA_SDMMC_UNSUPPORTED" },
  { 3158, "DA_DSPBL_CHECK_PLATFORM_FAILED" },
  { 3178, "DA_INVALID_STORAGE_TYPE" },
  { 3182, "PL_VALIDATION_FAIL" },
  { 3183, "STORAGE_NOT_MATCH" },
  { 3184, "CHIP_TYPE_NOT_MATCH" },
  { 3185, "DA_EXCEED_MAX_PARTITION_COUNT" },
  { 6006, "SECURITY_SBC_FAIL" },
  { 6010, "SECURITY_SF_CODE_DOWNLOAD_FORBIDDEN" },
  { 6011, "SECURITY_SF_CODE_READBACK_FORBIDDEN" },
  { 6012, "SECURITY_SF_CODE_FORMAT_FORBIDDEN" },
  { 6019, "SECURITY_SF_RESTRICTED_AREA_ACCESS_FORBIDDEN" },
  { 6022, "SECURITY_NOT_SUPPORT" },
  { 6038, "SECURITY_SECURE_USB_DL_FAIL" },
};

guint32
ub_da_legacy_messages_normalize_status (guint32 status, gboolean old_numbering)
{
  if (!old_numbering || status < 3004 || status >= 4000)
    return status;
  return status <= 3051 ? status + 4 : status + 5;
}

const char *
ub_da_legacy_messages_status_name (guint32 status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (status_names); i++)
    if (status_names[i].status == status)
      return status_names[i].name;
  return "unknown";
}

static void
end_scalar (UbDaLegacyMessage *self)
{
  g_assert (self->n < G_N_ELEMENTS (self->ends));
  self->ends[self->n++] = self->writer.size;
}

void
ub_da_legacy_messages_add_u8 (UbDaLegacyMessage *self, guint8 value)
{
  ub_writer_u8 (&self->writer, value);
  end_scalar (self);
}

void
ub_da_legacy_messages_add_u16 (UbDaLegacyMessage *self, guint16 value)
{
  ub_writer_u16_be (&self->writer, value);
  end_scalar (self);
}

void
ub_da_legacy_messages_add_u32 (UbDaLegacyMessage *self, guint32 value)
{
  ub_writer_u32_be (&self->writer, value);
  end_scalar (self);
}

void
ub_da_legacy_messages_add_u64 (UbDaLegacyMessage *self, guint64 value)
{
  ub_writer_u64_be (&self->writer, value);
  end_scalar (self);
}

gboolean
ub_da_legacy_messages_send (const UbDaLegacyMessage *self,
                            UbLink                  *link,
                            guint                    timeout_ms,
                            GError                 **error)
{
  UbLinkPiece pieces[G_N_ELEMENTS (self->ends)];
  gsize       start = 0;

  for (guint i = 0; i < self->n; i++)
    {
      pieces[i] = (UbLinkPiece){ self->writer.data + start, self->ends[i] - start };
      start = self->ends[i];
    }
  return ub_link_send_pieces (link, pieces, self->n, timeout_ms, error);
}

UbDaLegacyEmmc
ub_da_legacy_messages_parse_emmc (const guint8 *data)
{
  UbReader       reader = UB_READER_INIT (data, UB_DA_LEGACY_EMMC_SIZE);
  UbDaLegacyEmmc emmc = { 0 };

  emmc.ret = ub_reader_u32_be (&reader);
  emmc.boot1 = ub_reader_u64_be (&reader);
  emmc.boot2 = ub_reader_u64_be (&reader);
  emmc.rpmb = ub_reader_u64_be (&reader);
  for (gsize i = 0; i < G_N_ELEMENTS (emmc.gp); i++)
    emmc.gp[i] = ub_reader_u64_be (&reader);
  emmc.user = ub_reader_u64_be (&reader);
  memcpy (emmc.cid, ub_reader_bytes (&reader, sizeof emmc.cid), sizeof emmc.cid);
  return emmc;
}

UbDaLegacyConfig
ub_da_legacy_messages_parse_config (const guint8 *data)
{
  UbReader         reader = UB_READER_INIT (data, UB_DA_LEGACY_CONFIG_SIZE);
  UbDaLegacyConfig config = { 0 };

  ub_reader_skip (&reader, 4 + 4); /* internal RAM: status, size */
  config.ext_ram_ret = ub_reader_u32_be (&reader);
  ub_reader_skip (&reader, 1 + 1); /* type, chip select */
  config.ext_ram_size = ub_reader_u64_be (&reader);
  memcpy (config.random_id,
          ub_reader_bytes (&reader, sizeof config.random_id),
          sizeof config.random_id);
  return config;
}

/* agents know 5 or 7 words of id */
static gboolean
is_id_count (guint16 n)
{
  return n == 5 || n == 7;
}

gboolean
ub_da_legacy_messages_parse_nand (const guint8 *data, UbDaLegacyNand *nand, GError **error)
{
  /* page size, spare size, pages per block, io width, address cycles, BMT */
  const gsize tail = 2 + 2 + 2 + 1 + 1 + 1;
  UbReader    wide = UB_READER_INIT (data, UB_DA_LEGACY_NAND_HEAD_SIZE);
  UbReader    narrow = wide;
  guint16     n;

  nand->ret = ub_reader_u32_be (&wide);
  ub_reader_skip (&wide, 1 + 2);
  nand->size = ub_reader_u64_be (&wide);
  n = ub_reader_u16_be (&wide);
  nand->left = 2 * (gsize) n + tail;
  if (is_id_count (n))
    return TRUE;

  ub_reader_skip (&narrow, 4 + 1 + 2);
  nand->size = ub_reader_u32_be (&narrow);
  n = ub_reader_u16_be (&narrow);
  nand->left = 2 * (gsize) n + tail - ub_reader_left (&narrow);
  if (is_id_count (n))
    return TRUE;

  g_set_error_literal (error,
                       UB_ERROR,
                       UB_ERROR_PROTOCOL,
                       "the agent's NAND report has neither 5 nor 7 ids");
  return FALSE;
}

guint8
ub_da_legacy_messages_area (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
      return 1;
    case UB_REGION_EMMC_BOOT2:
      return 2;
    case UB_REGION_EMMC_GP1:
    case UB_REGION_EMMC_GP2:
    case UB_REGION_EMMC_GP3:
    case UB_REGION_EMMC_GP4:
      return (guint8) (4 + (region - UB_REGION_EMMC_GP1));
    case UB_REGION_EMMC_USER:
      return 8;
    default:
      return 0;
    }
}

UbRegion
ub_da_legacy_messages_region (guint64 area)
{
  static const UbRegion regions[] = { UB_REGION_UNKNOWN,    UB_REGION_EMMC_BOOT1,
                                      UB_REGION_EMMC_BOOT2, UB_REGION_EMMC_RPMB,
                                      UB_REGION_EMMC_GP1,   UB_REGION_EMMC_GP2,
                                      UB_REGION_EMMC_GP3,   UB_REGION_EMMC_GP4,
                                      UB_REGION_EMMC_USER };

  return area < G_N_ELEMENTS (regions) ? regions[area] : UB_REGION_UNKNOWN;
}

/* little-endian, because an entry is a structure out of the agent's memory (§5.13). The table has
 * room for more than there is: nameless entries are nothing */
static void
parse_layout_entry (UbLayout *layout, UbReader *reader, gsize entry_size)
{
  const gsize      end = reader->offset + entry_size;
  g_autofree char *name = ub_reader_dup_string (reader, 64);
  guint64          first = ub_reader_u64_le (reader);
  guint64          second = ub_reader_u64_le (reader);
  guint64          third = ub_reader_u64_le (reader);

  if (*name != '\0' && layout->kind == UB_LAYOUT_PMT)
    ub_layout_add (layout, name, ub_da_legacy_messages_region (second), third, first);
  else if (*name != '\0')
    ub_layout_add (layout, name, ub_da_legacy_messages_region (third & 0xffff), first, second);
  ub_reader_seek (reader, end);
}

UbLayout *
ub_da_legacy_messages_parse_layout (UbLayoutKind  kind,
                                    const guint8 *data,
                                    gsize         size,
                                    GError      **error)
{
  const gsize entry_size =
      kind == UB_LAYOUT_PMT ? UB_DA_LEGACY_PMT_ENTRY_SIZE : UB_DA_LEGACY_GPT_ENTRY_SIZE;
  g_autoptr (UbLayout) layout = ub_layout_new (kind);
  UbReader reader = UB_READER_INIT (data, size);

  while (ub_reader_left (&reader) >= entry_size)
    parse_layout_entry (layout, &reader, entry_size);
  if (!ub_reader_finish (&reader, "partition table", UB_ERROR_PROTOCOL, error))
    return NULL;
  return g_steal_pointer (&layout);
}

static void
put_u64_le (guint8 *at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

/* the mask at 0x58, whose meaning nobody wrote down, stays 0 */
gboolean
ub_da_legacy_messages_make_pmt_entry (const UbLayoutEntry *entry, guint8 *data, GError **error)
{
  const guint8 area = ub_da_legacy_messages_area (entry->region);
  const gsize  length = strlen (entry->name);

  if (length == 0 || length > 63 || area == 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNSUPPORTED,
                   "\"%s\" in %s cannot be an entry of this kind of table",
                   entry->name,
                   ub_region_to_string (entry->region));
      return FALSE;
    }
  memcpy (data, entry->name, length);
  put_u64_le (data + 0x40, entry->size);
  put_u64_le (data + 0x48, area);
  put_u64_le (data + 0x50, entry->start);
  return TRUE;
}
