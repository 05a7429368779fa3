/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "phone/ub-phone-frame.h"

G_BEGIN_DECLS

/* what the files of the XFLASH agents share (shared/protocol/xflash-and-xml.md §3, genuine-agents.md §5.1) */

#define UB_PHONE_XFLASH_CTRL_CODE 0x10009u
#define UB_PHONE_XFLASH_RANGE 0x38 /* bytes of a range parameter */
#define UB_PHONE_XFLASH_NAME 0x40
#define UB_PHONE_XFLASH_WRITE_PACKET 0x200000

#define UB_PHONE_XFLASH_ERROR_ABORT 0xc0010002u
#define UB_PHONE_XFLASH_ERROR_COMMAND 0xc0010003u
#define UB_PHONE_XFLASH_ERROR_CONTROL 0xc0010004u
#define UB_PHONE_XFLASH_ERROR_OVERFLOW 0xc0010006u
#define UB_PHONE_XFLASH_ERROR_FORBIDDEN 0xc0020004u
#define UB_PHONE_XFLASH_ERROR_LOCKED 0xc002000cu
#define UB_PHONE_XFLASH_ERROR_SIGNATURE_SET 0xc0020042u
#define UB_PHONE_XFLASH_ERROR_POLICY 0xc0020049u
#define UB_PHONE_XFLASH_ERROR_STORAGE 0xc0030006u
#define UB_PHONE_XFLASH_ERROR_PARAMETERS 0xc0030007u
#define UB_PHONE_XFLASH_ERROR_SECTION 0xc003000cu
#define UB_PHONE_XFLASH_ERROR_UNSUPPORTED 0xc0040001u
#define UB_PHONE_XFLASH_ERROR_CHECKSUM 0xc0040003u
#define UB_PHONE_XFLASH_ERROR_NO_PART 0xc0040006u
#define UB_PHONE_XFLASH_ERROR_STORAGE_TYPE 0xc0040009u
#define UB_PHONE_XFLASH_ERROR_DRAM 0xc004000au
#define UB_PHONE_XFLASH_ERROR_BEYOND 0xc004000bu
#define UB_PHONE_XFLASH_ERROR_REGISTER 0xc004000du
#define UB_PHONE_XFLASH_ERROR_MMC 0xc0040030u
#define UB_PHONE_XFLASH_ERROR_EMI_VERSION 0xc0040050u
#define UB_PHONE_XFLASH_ERROR_UFS 0xc0040060u
#define UB_PHONE_XFLASH_ERROR_OTP 0xc0040100u
#define UB_PHONE_XFLASH_ERROR_HASH 0xc0070004u
#define UB_PHONE_XFLASH_CONTINUE 0x40040004u
#define UB_PHONE_XFLASH_COMPLETE 0x40040005u

struct _UbPhoneXflash
{
  GBytes  *da1;
  gboolean from_brom, in_da2, high_speed;
  gboolean dram; /* it works */
  /* the environment */
  guint32 log_channel, system_os, checksum_level;
  guint   items; /* of SETUP_HW_INIT_PARAMS, to come */
  /* INIT_EXT_RAM, BOOT_TO */
  guint64     address, length;
  GByteArray *body; /* (nullable) */
  /* DEVICE_CTRL */
  guint32  control;
  gboolean signature_set;
  guint8   challenge[16];
  guint    n_challenges;
  gboolean logged_in;
  /* reading and writing */
  guint32        command;
  char          *name; /* (nullable) */
  UbFlash       *flash;
  guint64        at, left;
  gsize          current;
  UbPhoneWriter *writer; /* (nullable) */
  guint32        checksum;
  guint16        sum;
};

/* --- ub-phone-xflash.c --- */
void ub_phone_xflash_loop (UbPracticePhone *self);
/* a status, and back to the loop */
void ub_phone_xflash_end (UbPracticePhone *self, guint32 status);
/* a line of the log, if the host wanted it over USB */
void ub_phone_xflash_log (UbPracticePhone *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* @size bytes of a message that may be shorter, or none at all: zeros stand for what the agent has in its memory there */
void ub_phone_xflash_fetch (guint8 *parameter, gsize capacity, const guint8 *data, gsize size);
/* its u32; 0 for none at all */
guint32 ub_phone_xflash_word (const guint8 *data, gsize size);

/* --- ub-phone-xflash-control.c --- */
void ub_phone_xflash_control_begin (UbPracticePhone *self);
void ub_phone_xflash_control_get_packets (UbPracticePhone *self,
                                          guint32         *to_phone,
                                          guint32         *to_host);

/* --- ub-phone-xflash-commands.c --- */
/* carries out @command, whose status the host already has; FALSE: it is none of the storage's */
gboolean ub_phone_xflash_commands_begin (UbPracticePhone *self, guint32 command);

G_END_DECLS
