/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/ub-layout.h"
#include "brom/ub-brom.h"
#include "da/ub-da.h"

G_BEGIN_DECLS

#define UB_TYPE_PHONE_INFO (ub_phone_info_get_type ())
G_DECLARE_FINAL_TYPE (UbPhoneInfo, ub_phone_info, UB, PHONE_INFO, GObject)

/**
 * UbPhoneInfo:
 *
 * Who the phone is, as far as it was asked. Immutable: the session makes a new one when it learns more.
 */
UbPhoneInfo      *ub_phone_info_new (const char       *port,
                                     const char       *speed,
                                     const UbBromInfo *brom,
                                     const UbDaReport *report,
                                     const UbLayout   *layout);
const char       *ub_phone_info_get_port (UbPhoneInfo *self);
const char       *ub_phone_info_get_speed (UbPhoneInfo *self);
const UbBromInfo *ub_phone_info_get_brom (UbPhoneInfo *self);          /* (nullable) */
const UbDaReport *ub_phone_info_get_report (UbPhoneInfo *self);        /* (nullable) */
const UbLayout   *ub_phone_info_get_layout (UbPhoneInfo *self);        /* (nullable) */
char             *ub_phone_info_dup_chip_text (UbPhoneInfo *self);     /* "MT6580 (0x6580)" */
char             *ub_phone_info_dup_storage_text (UbPhoneInfo *self);  /* "eMMC 8 GB" */
char             *ub_phone_info_dup_security_text (UbPhoneInfo *self); /* "open" … */
char             *ub_phone_info_dup_entered_text (
                UbPhoneInfo *self); /* "preloader" or "boot ROM", translated */

typedef enum
{
  UB_SAME_PHONE_UNKNOWN, /* nothing that both tell is unique to a phone */
  UB_SAME_PHONE_NO,
  UB_SAME_PHONE_YES,
} UbSamePhone;

/* compares what both know: hw code, me_id, soc_id, the storage's CID (equal ones count only with a serial number in them), the agent's
 * random id */
UbSamePhone ub_phone_info_compare (UbPhoneInfo *self, UbPhoneInfo *other);
/* a name for folders, the same for the same phone, with no id readable in it: "mt6580-5f0c…"; "" while the storage is not known.
 * (transfer full) */
char *ub_phone_info_dup_key (UbPhoneInfo *self);
/* what is to be hidden from others: every id as a run of hex digits, as it was sent and with each 32-bit group reversed.
 * (transfer full): %NULL-terminated */
char **ub_phone_info_dup_ids (UbPhoneInfo *self);

G_END_DECLS
