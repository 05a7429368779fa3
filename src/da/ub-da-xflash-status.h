/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* shared/protocol/xflash-and-xml.md §3.24; the ones something depends on */
enum
{
  UB_DA_XFLASH_STATUS_OK = 0,
  UB_DA_XFLASH_STATUS_CONTINUE = 0x40040004,
  UB_DA_XFLASH_STATUS_COMPLETE = 0x40040005,
};
#define UB_DA_XFLASH_STATUS_LIFE_WARNING 0xc003001cu
#define UB_DA_XFLASH_STATUS_LIFE_EXHAUSTED 0xc003001du
#define UB_DA_XFLASH_STATUS_CHECKSUM 0xc0040003u
#define UB_DA_XFLASH_STATUS_DRAM_TEST_FAILED 0xc004000au

/* 0 and information codes (0x4…) are none */
gboolean ub_da_xflash_status_is_failure (guint32 status);
/* official name, or the meaning where no official name is known; never NULL */
const char *ub_da_xflash_status_name (guint32 status);
/* the UbError it is; @fallback where the status alone does not tell */
int ub_da_xflash_status_error (guint32 status, int fallback);
/* sets it, naming @what, the status and its name, with words of what a refusal means; always FALSE */
gboolean ub_da_xflash_status_set (const char *what, guint32 status, int fallback, GError **error);

G_END_DECLS
