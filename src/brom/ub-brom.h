/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chips/ub-chip.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

/* bits of GET_TARGET_CONFIG (shared/protocol/brom-and-legacy.md §2.4) */
typedef enum
{
  UB_TARGET_SBC = 1 << 0,
  UB_TARGET_SLA = 1 << 1,
  UB_TARGET_DAA = 1 << 2,
  UB_TARGET_EPP = 1 << 3,
  UB_TARGET_ROOT_CERT = 1 << 4,
  UB_TARGET_READ_AUTH = 1 << 5,
  UB_TARGET_WRITE_AUTH = 1 << 6,
  UB_TARGET_C8_BLOCKED = 1 << 7,
} UbTargetConfig;

/**
 * UbBromInfo:
 *
 * What boot ROM or preloader says of the phone. Plain data.
 */
typedef struct
{
  gboolean      is_boot_rom; /* GET_BL_VER answered FE */
  guint8        bl_version;
  guint8        brom_version; /* 0xff from a preloader */
  guint16       hw_code;
  guint16       hw_sub_code;
  guint16       hw_version;
  guint16       sw_version;
  guint32       target_config;
  guint8        me_id[64];
  gsize         me_id_size; /* 0 if not asked or not told */
  guint8        soc_id[64];
  gsize         soc_id_size;
  const UbChip *chip; /* (nullable): unknown hw code */
} UbBromInfo;

/* what went wrong on the way although it may have gone well in the end: bytes lost, doubled, or somebody else's */
typedef struct
{
  guint    strays;   /* bytes that were no answer; READY is not meant */
  guint    retries;  /* what had to be said again after the phone had begun to answer */
  gboolean answered; /* the phone has said a right word at all */
} UbBromSigns;

typedef void (*UbBromProgress) (guint64 done, guint64 total, gpointer user_data);

/* All block; one thread. Errors besides the link's: PROTOCOL, REFUSED, NEEDS_AUTH, AGENT_REFUSED, CANCELLED. */

/* §2.1. Works from any state of the stream: READY, stray bytes of others (a modem manager's AT), an answer out of step, a handshake that
 * somebody else began or finished. The first byte goes out at once. Gives up after five seconds or so, seven at the most:
 * LINK_TIMEOUT when nothing at all came, PROTOCOL when only nonsense did */
gboolean ub_brom_handshake (UbLink       *link,
                            GCancellable *cancellable,
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* §2.4; also switches the watchdog off as soon as the chip is known (§2.9). Who the phone is counts only if it says so again, with every
 * answer in its place; what is out of step is asked anew, six times at the most and for no longer than five seconds or so */
gboolean ub_brom_identify (UbLink       *link,
                           UbBromInfo   *info,
                           GCancellable *cancellable,
                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* of both calls above, and of @link only */
UbBromSigns ub_brom_get_signs (UbLink *link);
/* §2.5. @signature_length: bytes at the tail of @agent. Checksum compared; one try. A refusal is AGENT_REFUSED, or NEEDS_AUTH where
 * the phone says it wants its maker's signature or login (1D0D, 7015, 7017, 7024, 2001 …) */
gboolean ub_brom_send_agent (UbLink        *link,
                             guint32        address,
                             GBytes        *agent,
                             guint32        signature_length,
                             UbBromProgress progress,
                             gpointer       user_data,
                             GCancellable  *cancellable,
                             GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* The status by which the phone refused the agent sent last over @link, or its start; 0: it did not. While it is not 0 the phone still is in its
 * boot ROM or preloader, and may be sent another one */
guint16 ub_brom_get_refusal (UbLink *link);
/* §2.6: JUMP_DA */
gboolean ub_brom_jump_agent (UbLink  *link,
                             guint32  address,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "open", or what is switched on, in a person's words; (transfer full) */
char *ub_brom_describe_target_config (guint32 target_config);
/* name of a status word (§2.10); NULL if unknown */
const char *ub_brom_status_to_string (guint16 status);

G_END_DECLS
