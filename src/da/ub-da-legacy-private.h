/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da-legacy-messages.h"
#include "da/ub-da-legacy-wire.h"
#include "da/ub-da-legacy.h"

G_BEGIN_DECLS

/* the data sheet's 8 MiB is where agents begin to hang (shared/protocol/genuine-agents.md §5.3) */
#define UB_DA_LEGACY_PACKET 0x100000
G_STATIC_ASSERT (UB_DA_LEGACY_PACKET <= 0x800000);

struct _UbDaLegacy
{
  UbDa parent_instance;

  gboolean old_numbering; /* status codes of builds before 2016 (appendix B) */
  gboolean phone_info;    /* MT6592: 16 more bytes in 62 and D4 */
  guint8   area;          /* selected with 60; 0 unknown */
  gboolean in_doubt;      /* a command ended in a way that may have left bytes behind */
};

/**
 * ub_da_legacy_start_after_jump:
 *
 * The conversation from the agent's first C0 to its report: what JUMP_DA begins. A function of its
 * own because a recorded conversation of a genuine agent begins there. @progress goes on from
 * @setup->da1's size. Errors as ub_da_start().
 */
gboolean ub_da_legacy_start_after_jump (UbDaLegacy      *self,
                                        const UbDaSetup *setup,
                                        UbDaReport      *report,
                                        UbDaProgress     progress,
                                        gpointer         user_data,
                                        GCancellable    *cancellable,
                                        GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- small exchanges, in ub-da-legacy.c --- */
gboolean ub_da_legacy_send_message (UbDaLegacy              *self,
                                    const UbDaLegacyMessage *message,
                                    GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* always FALSE: PROTOCOL */
gboolean ub_da_legacy_set_unexpected (const char *what, guint8 byte, GError **error);
/* the u32 after an A5; always FALSE: @code, or REFUSED if it was the phone's security */
gboolean ub_da_legacy_receive_refusal (UbDaLegacy *self,
                                       const char *what,
                                       int         code,
                                       GError    **error);
/* 5A, or A5 and why not */
gboolean ub_da_legacy_expect_ack (UbDaLegacy *self,
                                  const char *what,
                                  int         code,
                                  guint       timeout_ms,
                                  GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* before each command: after one that ended badly, throws away what may still come, so that the
 * next answer is the next command's */
void ub_da_legacy_settle (UbDaLegacy *self);
/* number of a hardware area on the wire; 0 and UNSUPPORTED for a region that has none */
guint8 ub_da_legacy_get_area (UbRegion region, GError **error);

G_END_DECLS
