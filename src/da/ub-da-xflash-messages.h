/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-storage.h"
#include "wire/ub-writer.h"

G_BEGIN_DECLS

/* shared/protocol/xflash-and-xml.md §3. All numbers little-endian */

/* §3.6; the ones we use */
typedef enum
{
  UB_DA_XFLASH_DOWNLOAD = 0x010001,
  UB_DA_XFLASH_FORMAT = 0x010003,
  UB_DA_XFLASH_WRITE_DATA = 0x010004,
  UB_DA_XFLASH_READ_DATA = 0x010005,
  UB_DA_XFLASH_SHUTDOWN = 0x010007,
  UB_DA_XFLASH_BOOT_TO = 0x010008,
  UB_DA_XFLASH_DEVICE_CTRL = 0x010009,
  UB_DA_XFLASH_INIT_EXT_RAM = 0x01000a,
  UB_DA_XFLASH_SWITCH_USB_SPEED = 0x01000b,
  UB_DA_XFLASH_SETUP_ENVIRONMENT = 0x010100,
  UB_DA_XFLASH_SETUP_HW_INIT = 0x010101,
  UB_DA_XFLASH_SYNC = 0x434e5953,
} UbDaXflashCommand;

/* §3.8; the ones we use */
typedef enum
{
  UB_DA_XFLASH_SET_BATTERY_OPT = 0x020002,
  UB_DA_XFLASH_SET_CHECKSUM_LEVEL = 0x020003,
  UB_DA_XFLASH_SET_RESET_KEY = 0x020004,
  UB_DA_XFLASH_SET_REMOTE_SEC_POLICY = 0x02000b,
  UB_DA_XFLASH_GET_EMMC_INFO = 0x040001,
  UB_DA_XFLASH_GET_NAND_INFO = 0x040002,
  UB_DA_XFLASH_GET_NOR_INFO = 0x040003,
  UB_DA_XFLASH_GET_UFS_INFO = 0x040004,
  UB_DA_XFLASH_GET_DA_VERSION = 0x040005,
  UB_DA_XFLASH_GET_PACKET_LENGTH = 0x040007,
  UB_DA_XFLASH_GET_RANDOM_ID = 0x040008,
  UB_DA_XFLASH_GET_CONNECTION_AGENT = 0x04000a,
  UB_DA_XFLASH_GET_USB_SPEED = 0x04000b,
  UB_DA_XFLASH_GET_RAM_INFO = 0x04000c,
  UB_DA_XFLASH_GET_BATTERY_VOLTAGE = 0x04000f,
  UB_DA_XFLASH_GET_DEV_FW_INFO = 0x040013,
  UB_DA_XFLASH_GET_SLA_STATUS = 0x040016,
  UB_DA_XFLASH_START_DL_INFO = 0x080001,
  UB_DA_XFLASH_END_DL_INFO = 0x080002,
  UB_DA_XFLASH_LIFE_CYCLE_CHECK = 0x080007,
} UbDaXflashControl;

/* --- §3.9: what it tells --- */
#define UB_DA_XFLASH_INFO_LIMIT 0x400

typedef struct
{
  guint32 type; /* 0: none; what ranges name the storage by */
  guint64 boot1, boot2, rpmb, gp[4], user;
  guint8  cid[16];          /* transmission order */
  guint8  pre_eol, life[2]; /* 0: not told */
} UbDaXflashEmmc;

typedef struct
{
  guint32  type;
  guint64  lu[3];
  guint8   product[20];
  guint8   identity[16]; /* as UbDaReport.cid */
  gboolean has_serial;
} UbDaXflashUfs;

/* type 0, however short the block, is none. PROTOCOL for one that is too short, or sizes no storage has */
gboolean ub_da_xflash_messages_parse_emmc (GBytes         *bytes,
                                           UbDaXflashEmmc *emmc,
                                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_xflash_messages_parse_ufs (GBytes        *bytes,
                                          UbDaXflashUfs *ufs,
                                          GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* bytes of DRAM; 0 if it tells none */
guint64 ub_da_xflash_messages_parse_ram (GBytes *bytes);
/* the u32 at @offset; 0 past the end */
guint32 ub_da_xflash_messages_get_u32 (GBytes *bytes, gsize offset);

/* --- §3.12: ranges --- */
#define UB_DA_XFLASH_UFS_SECTOR 4096

/* number of an area on the wire; 0 for one that agents do not open */
guint32 ub_da_xflash_messages_section (UbRegion region);
void    ub_da_xflash_messages_put_range (UbWriter *writer,
                                         guint32   storage,
                                         guint32   section,
                                         guint64   offset,
                                         guint64   length);

G_END_DECLS
