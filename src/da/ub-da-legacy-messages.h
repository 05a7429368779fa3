/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-layout.h"
#include "link/ub-link.h"
#include "wire/ub-writer.h"

G_BEGIN_DECLS

/* single bytes (shared/protocol/brom-and-legacy.md §5.1) */
enum
{
  UB_DA_LEGACY_ACK = 0x5a,
  UB_DA_LEGACY_NACK = 0xa5,
  UB_DA_LEGACY_CONT = 0x69,
  UB_DA_LEGACY_STOP = 0x96,
  UB_DA_LEGACY_SYNC = 0xc0,
  UB_DA_LEGACY_SOC_OK = 0xc1,
};

/* §5.8; the ones we use */
typedef enum
{
  UB_DA_LEGACY_SWITCH_PART = 0x60,
  UB_DA_LEGACY_WRITE_DATA = 0x62,
  UB_DA_LEGACY_USB_SETUP_PORT = 0x70,
  UB_DA_LEGACY_USB_CHECK_STATUS = 0x72,
  UB_DA_LEGACY_WRITE_PMT = 0xa4,
  UB_DA_LEGACY_READ_PMT = 0xa5,
  UB_DA_LEGACY_GET_BATTERY_VOLTAGE = 0xd0,
  UB_DA_LEGACY_FORMAT = 0xd4,
  UB_DA_LEGACY_READ = 0xd6,
  UB_DA_LEGACY_FINISH = 0xd9,
  UB_DA_LEGACY_ENABLE_WATCHDOG = 0xdb,
  UB_DA_LEGACY_ENABLE_DRAM = 0xe8,
} UbDaLegacyCommand;

/**
 * UbDaLegacyStatus:
 *
 * The 32-bit status words, by the numbers of builds of 2016 and later (appendix A). Older builds
 * count otherwise above 3003 (appendix B): ub_da_legacy_messages_normalize_status() first.
 */
typedef enum
{
  UB_DA_LEGACY_STATUS_PART_NO_VALID_TABLE = 1037,
  UB_DA_LEGACY_STATUS_SETUP_DRAM_FAIL = 3002,
  UB_DA_LEGACY_STATUS_RAM_ERROR = 3011,
  UB_DA_LEGACY_STATUS_DEVICE_NOT_FOUND = 3012,
  UB_DA_LEGACY_STATUS_IN_PROGRESS = 3025,
  UB_DA_LEGACY_STATUS_DATA_CHECKSUM = 3065,
  UB_DA_LEGACY_STATUS_SDMMC_READ_FAILED = 3153,
  UB_DA_LEGACY_STATUS_SDMMC_WRITE_FAILED = 3154,
} UbDaLegacyStatus;

#define UB_DA_LEGACY_OLD_RAM_ERROR 3007
#define UB_DA_LEGACY_OLD_DEVICE_NOT_FOUND 3008
#define UB_DA_LEGACY_OLD_NOR_NOT_FOUND 3011
#define UB_DA_LEGACY_NEW_NOR_NOT_FOUND 3015

/* an old build's number as the newer builds have it */
guint32 ub_da_legacy_messages_normalize_status (guint32 status, gboolean old_numbering);
/* name of a (normalized) status; never NULL */
const char *ub_da_legacy_messages_status_name (guint32 status);

/**
 * UbDaLegacyMessage:
 *
 * What the host says, scalar by scalar: each becomes a transfer of its own, as the tools do that
 * are known to work on phones.
 */
typedef struct
{
  UbWriter writer;
  gsize    ends[24];
  guint    n;
} UbDaLegacyMessage;

#define UB_DA_LEGACY_MESSAGE_INIT ((UbDaLegacyMessage){ .n = 0 })

void     ub_da_legacy_messages_add_u8 (UbDaLegacyMessage *self, guint8 value);
void     ub_da_legacy_messages_add_u16 (UbDaLegacyMessage *self, guint16 value);
void     ub_da_legacy_messages_add_u32 (UbDaLegacyMessage *self, guint32 value);
void     ub_da_legacy_messages_add_u64 (UbDaLegacyMessage *self, guint64 value);
gboolean ub_da_legacy_messages_send (const UbDaLegacyMessage *self,
                                     UbLink                  *link,
                                     guint                    timeout_ms,
                                     GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- §5.3, 5.5: what DA1 says --- */
#define UB_DA_LEGACY_MAX_NAND_IDS 32

typedef struct
{
  guint32 nand_ret;
  guint   n_nand_ids;
  guint8  nand_id[UB_DA_LEGACY_MAX_NAND_IDS]; /* one byte for each word of the wire */
  guint32 emmc_ret;
  guint8  emmc_id[16]; /* as sent */
} UbDaLegacyIds;

/* --- §5.7: the report of DA2, in blocks --- */
#define UB_DA_LEGACY_NOR_SIZE 28
#define UB_DA_LEGACY_NAND_HEAD_SIZE 17
#define UB_DA_LEGACY_EMMC_SIZE 92
#define UB_DA_LEGACY_SDMMC_SIZE 28
#define UB_DA_LEGACY_CONFIG_SIZE 38

typedef struct
{
  guint32 ret;
  guint64 boot1, boot2, rpmb, gp[4], user;
  guint8  cid[16]; /* as sent: memory order, each 32-bit group reversed */
} UbDaLegacyEmmc;

typedef struct
{
  guint32 ret;
  guint64 size;
  gsize   left; /* bytes of the block that follow its first 17 */
} UbDaLegacyNand;

typedef struct
{
  guint32 ext_ram_ret;
  guint64 ext_ram_size;
  guint8  random_id[16];
} UbDaLegacyConfig;

/* @data has exactly the size above */
UbDaLegacyEmmc   ub_da_legacy_messages_parse_emmc (const guint8 *data);
UbDaLegacyConfig ub_da_legacy_messages_parse_config (const guint8 *data);
/* the size field has 4 or 8 bytes, which only the count of ids behind it tells; PROTOCOL if neither
 * fits */
gboolean ub_da_legacy_messages_parse_nand (const guint8   *data,
                                           UbDaLegacyNand *nand,
                                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- §5.13 --- */
#define UB_DA_LEGACY_GPT_ENTRY_SIZE 88
#define UB_DA_LEGACY_PMT_ENTRY_SIZE 96

/* entries as READ_PMT gives them. (transfer full) */
UbLayout *ub_da_legacy_messages_parse_layout (UbLayoutKind  kind,
                                              const guint8 *data,
                                              gsize         size,
                                              GError      **error);

/* one entry as WRITE_PMT takes it, into UB_DA_LEGACY_PMT_ENTRY_SIZE zeroed bytes. UNSUPPORTED for a
 * name that is empty or too long, or a region the wire has no number for */
gboolean ub_da_legacy_messages_make_pmt_entry (const UbLayoutEntry *entry,
                                               guint8              *data,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* number of a hardware area on the wire (§5.10); 0 for a region that has none */
guint8   ub_da_legacy_messages_area (UbRegion region);
UbRegion ub_da_legacy_messages_region (guint64 area);

G_END_DECLS
