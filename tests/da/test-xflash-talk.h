/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* conversations with XFLASH agents made up by us from shared/protocol/xflash-and-xml.md §3: up to the report */

#include "tests/da/test-xflash.h"

#define DA2_SIZE 4
#define EMI_SIZE 8
/* zeros, by their number of bytes */
#define Z4 "00000000"
#define Z8 Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
#define Z48 Z32 Z16
#define NO_UFS Z32 Z32 Z48 Z48 Z48
#define BOOT_4M "0000400000000000"
#define USER_64M "0000000400000000"
#define CID "1101004f5241434c4510123456788701"
/* type, block, boot1, boot2, rpmb, gp × 4, user, CID, firmware, pre-EOL, life A and B */
#define EMMC_OF(user, life) "0100000000020000" BOOT_4M BOOT_4M BOOT_4M Z32 user CID Z8 life "00" Z4
#define EMMC EMMC_OF (USER_64M, "010203")
#define NO_EMMC Z32 Z32 Z32 Z8
#define PRODUCT "4b4c4d4e0102030405060708090a0b0c0d0e0f10"
#define UFS_OF(user, vendor_product, serial)                                                       \
  "3000000000100000" BOOT_4M BOOT_4M user      vendor_product                                      \
  "3031303000000000" serial Z32 Z32 Z32 Z16 Z8 Z4 "0000000000000000000000000000"
#define RAM                                                                                        \
  "0200000000000000000020000000000000000700000000000100000000000000000000400000000000000040000000" \
  "00"
#define RANDOM "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define PACKETS "0000200000000100"
#define HIGH "686967682d7370656564"
#define FULL "66756c6c2d7370656564"
#define BROM "62726f6d"
#define PRELOADER "7072656c6f61646572"

typedef struct
{
  const char *agent;
  const char *speed;
  const char *emmc;
  const char *ufs;
  const char *packets;
  guint32     login; /* 0: not known */
} Phone;

#define OPEN_PHONE                                                                                 \
  {                                                                                                \
    .agent = PRELOADER, .speed = HIGH, .emmc = EMMC, .ufs = NO_UFS, .packets = PACKETS             \
  }

static inline void
say_environment (GString *text, guint32 status)
{
  g_string_append (text, "D>H c0\n");
  host32 (text, UB_DA_XFLASH_SYNC);
  host32 (text, UB_DA_XFLASH_SETUP_ENVIRONMENT);
  host (text, "0200000001000000000000000000000000000000");
  phone32 (text, status);
}

static inline void
say_hello (GString *text)
{
  say_environment (text, 0);
  host32 (text, UB_DA_XFLASH_SETUP_HW_INIT);
  command (text, 0, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
  control_set (text, UB_DA_XFLASH_SET_RESET_KEY, 0x68);
  control_set (text, UB_DA_XFLASH_SET_BATTERY_OPT, 2);
  control_set (text, UB_DA_XFLASH_SET_CHECKSUM_LEVEL, 1);
}

static inline void
say_storage (GString *text, const Phone *what)
{
  control_get (text, UB_DA_XFLASH_GET_EMMC_INFO, what->emmc);
  control_get (text, UB_DA_XFLASH_GET_UFS_INFO, what->ufs);
}

/* DA2 of 4 zeros */
static inline void
say_boot_to (GString *text, guint32 status)
{
  command (text, UB_DA_XFLASH_BOOT_TO, 0);
  host (text, "00000040000000000400000000000000");
  host (text, "00000000");
  phone32 (text, status);
}

static inline void
say_second (GString *text)
{
  say_boot_to (text, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
}

static inline void
say_report (GString *text, const Phone *what)
{
  say_storage (text, what);
  control_get (text, UB_DA_XFLASH_GET_RAM_INFO, RAM);
  control_get (text, UB_DA_XFLASH_GET_RANDOM_ID, RANDOM);
  control_get (text, UB_DA_XFLASH_GET_DA_VERSION, "312e30");
  control_get (text, UB_DA_XFLASH_GET_PACKET_LENGTH, what->packets);
}

/* memory is on */
static inline void
say_start (GString *text, const Phone *what)
{
  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what->agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what->speed);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_report (text, what);
}

static inline void
start (Session *self, GString *text)
{
  session_open (self, text->str, DA2_SIZE);
  session_start (self);
}

static inline void
check_started (Session *self)
{
  g_assert_no_error (self->error);
  g_assert_true (self->started);
  g_assert_true (session_is_finished (self));
}

static inline void
check_failed (GString *text, int code, const char *words)
{
  g_auto (Session) self = { 0 };

  start (&self, text);
  g_assert_false (self.started);
  g_assert_error (self.error, UB_ERROR, code);
  g_assert_nonnull (strstr (self.error->message, words));
}

/* an open eMMC phone, then @text */
static inline void
start_and (Session *self, GString *text)
{
  const Phone what = OPEN_PHONE;
  g_autoptr (GString) all = g_string_new (NULL);

  say_start (all, &what);
  g_string_append (all, text->str);
  start (self, all);
  g_assert_no_error (self->error);
  g_assert_true (self->started);
}
