/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* commands of boot ROM and preloader that we use (shared/protocol/brom-and-legacy.md §2.3) */
typedef enum
{
  UB_BROM_WRITE16 = 0xd2,
  UB_BROM_WRITE32 = 0xd4,
  UB_BROM_JUMP_DA = 0xd5,
  UB_BROM_SEND_DA = 0xd7,
  UB_BROM_GET_TARGET_CONFIG = 0xd8,
  UB_BROM_SEND_CERT = 0xe0,
  UB_BROM_GET_ME_ID = 0xe1,
  UB_BROM_SEND_AUTH = 0xe2,
  UB_BROM_SLA = 0xe3,
  UB_BROM_GET_SOC_ID = 0xe7,
  UB_BROM_GET_HW_SW_VER = 0xfc,
  UB_BROM_GET_HW_CODE = 0xfd,
  UB_BROM_GET_BL_VER = 0xfe,  /* answers its value instead of an echo */
  UB_BROM_GET_VERSION = 0xff, /* the same in boot ROM; a preloader echoes */
} UbBromCommand;

/* status words from here on mean that the command was not done; below they only tell something
 * (§2.2) */
#define UB_BROM_STATUS_ERROR 0x1000
#define UB_BROM_STATUS_AUTH_NOT_NEEDED 0x1d0c
#define UB_BROM_STATUS_LOGIN_NEEDED 0x1d0d
#define UB_BROM_STATUS_LOGIN_DONE 0x7017 /* as the first answer to SLA (§2.7) */

#define UB_BROM_HANDSHAKE_SIZE 4
/* what we send, byte by byte; each is answered by its complement (§2.1) */
extern const guint8 ub_brom_messages_handshake[UB_BROM_HANDSHAKE_SIZE];

typedef struct
{
  guint16 hw_code;
  guint16 status;
} UbBromHwCode;

typedef struct
{
  guint16 hw_sub_code;
  guint16 hw_version;
  guint16 sw_version;
  guint16 status;
} UbBromVersions;

typedef struct
{
  guint32 config;
  guint16 status;
} UbBromTarget;

typedef struct
{
  guint16 checksum;
  guint16 status;
} UbBromUpload;

#define UB_BROM_HW_CODE_SIZE 4
#define UB_BROM_VERSIONS_SIZE 8
#define UB_BROM_TARGET_SIZE 6
#define UB_BROM_UPLOAD_SIZE 4

/* answers without the echo, all big-endian; @data has exactly the size above */
UbBromHwCode   ub_brom_messages_parse_hw_code (const guint8 *data);
UbBromVersions ub_brom_messages_parse_versions (const guint8 *data);
UbBromTarget   ub_brom_messages_parse_target (const guint8 *data);
UbBromUpload   ub_brom_messages_parse_upload (const guint8 *data);

/* name of a status word (§2.10); (nullable): unknown */
const char *ub_brom_messages_status_name (guint16 status);
/* does it mean "only with my maker's signature or login"? */
gboolean ub_brom_messages_status_needs_auth (guint16 status);

G_END_DECLS
