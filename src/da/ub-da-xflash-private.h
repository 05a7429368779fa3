/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da-xflash-messages.h"
#include "da/ub-da-xflash-status.h"
#include "da/ub-da-xflash.h"

G_BEGIN_DECLS

/* §3.23 */
#define UB_DA_XFLASH_TIMEOUT_MS 10000
#define UB_DA_XFLASH_PACKET_TIMEOUT_MS 30000
/* what one message may carry, either way */
#define UB_DA_XFLASH_PACKET_LIMIT 0x200000
#define UB_DA_XFLASH_PACKET_MIN 0x1000

struct _UbDaXflash
{
  UbDa parent_instance;

  guint32  storage;      /* as ranges name it; 0 unknown */
  guint32  write_packet; /* bytes */
  guint8   pre_eol, life[2];
  gboolean in_doubt; /* a command ended in a way that may have left bytes behind */
};

/**
 * ub_da_xflash_start_after_jump:
 *
 * The conversation from the agent's first C0 to its report: what JUMP_DA begins. A function of its
 * own because a recorded conversation of a genuine agent begins there. @progress goes on from
 * @setup->da1's size. Errors as ub_da_start().
 */
gboolean ub_da_xflash_start_after_jump (UbDaXflash      *self,
                                        const UbDaSetup *setup,
                                        UbDaReport      *report,
                                        UbDaProgress     progress,
                                        gpointer         user_data,
                                        GCancellable    *cancellable,
                                        GError         **error) G_GNUC_WARN_UNUSED_RESULT;
/* its second half: from DA2's SYNC on. What DA1 found out is in @report */
gboolean ub_da_xflash_start_in_second (UbDaXflash      *self,
                                       const UbDaSetup *setup,
                                       UbDaReport      *report,
                                       GCancellable    *cancellable,
                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- memory settings, while DA1 runs (§3.10) --- */

typedef struct
{
  UbDaXflash      *da;
  const UbDaSetup *setup;
  UbDaReport      *report;
  GCancellable    *cancellable;
  UbDaXflashEmmc   emmc; /* type 0: none */
  UbDaXflashUfs    ufs;
  GError          *lost; /* (nullable): the phone went while its own settings were read */
} UbDaXflashDram;

/* NO_EMI, DRAM */
gboolean ub_da_xflash_dram_switch_on (UbDaXflashDram *self,
                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- small exchanges, in ub-da-xflash-control.c. All of them set in_doubt if they end out of step --- */

/* before each command: after one that ended badly, throws away what may still come, so that the
 * next answer is the next command's */
void ub_da_xflash_control_settle (UbDaXflash *self);
/* a message of at most 0x200000 bytes */
gboolean ub_da_xflash_control_send (UbDaXflash   *self,
                                    const guint8 *data,
                                    gsize         size,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_xflash_control_send_u32 (UbDaXflash *self,
                                        guint32     value,
                                        GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* whatever status it is; @cancellable (nullable) */
gboolean ub_da_xflash_control_receive_status (UbDaXflash   *self,
                                              guint32      *status,
                                              guint         timeout_ms,
                                              GCancellable *cancellable,
                                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* the same in the middle of a command: @cancellable (nullable) only shortens the wait */
gboolean ub_da_xflash_control_receive_answer (UbDaXflash   *self,
                                              guint32      *status,
                                              guint         timeout_ms,
                                              GCancellable *cancellable,
                                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* one that is no failure; else the error the status is, or @fallback */
gboolean ub_da_xflash_control_expect (UbDaXflash *self,
                                      const char *what,
                                      int         fallback,
                                      guint       timeout_ms,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* settles, then a command and its status. UNSUPPORTED: this part of the agent does not know it */
gboolean ub_da_xflash_control_begin (UbDaXflash       *self,
                                     UbDaXflashCommand command,
                                     const char       *what,
                                     GError          **error) G_GNUC_WARN_UNUSED_RESULT;
/* SHUTDOWN and its status, whatever the agent was doing */
gboolean ub_da_xflash_control_begin_farewell (UbDaXflash *self,
                                              GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* §3.7. UNSUPPORTED: this part of the agent does not know it. (transfer full) */
GBytes  *ub_da_xflash_control_get (UbDaXflash       *self,
                                   UbDaXflashControl control,
                                   const char       *what,
                                   GError          **error);
gboolean ub_da_xflash_control_set (UbDaXflash       *self,
                                   UbDaXflashControl control,
                                   const char       *what,
                                   const guint8     *data,
                                   gsize             size,
                                   GError          **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_xflash_control_set_u32 (UbDaXflash       *self,
                                       UbDaXflashControl control,
                                       const char       *what,
                                       guint32           value,
                                       GError          **error) G_GNUC_WARN_UNUSED_RESULT;
/* one without data; @status: its result */
gboolean ub_da_xflash_control_act (UbDaXflash       *self,
                                   UbDaXflashControl control,
                                   const char       *what,
                                   guint32          *status,
                                   GError          **error) G_GNUC_WARN_UNUSED_RESULT;
/* what the agent does not tell stays as it is (§3.8, 3.9) */
void ub_da_xflash_control_read_health (UbDaXflash *self, UbDaHealth *health);
/* READ_DATA, in ub-da-xflash.c: DA1 has it, too */
gboolean ub_da_xflash_read_range (UbDaXflash   *self,
                                  guint32       section,
                                  guint64       offset,
                                  guint64       length,
                                  UbDaSink      sink,
                                  gpointer      sink_data,
                                  UbDaProgress  progress,
                                  gpointer      user_data,
                                  GCancellable *cancellable,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
