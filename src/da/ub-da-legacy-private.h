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

G_END_DECLS
