/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "usb/ub-usb-log.h"
#include "usb/ub-usb-ports.h"

G_BEGIN_DECLS

/**
 * UbUsbFaults:
 *
 * At which ports there is something that the computer cannot talk to: from what the log and sysfs say of it, without repetition and
 * without what mends itself at once. Pure: the caller reads, and has the clock. One thread.
 */
typedef struct _UbUsbFaults UbUsbFaults;

/* @words: the kernel's; @present: FALSE: it is over */
typedef void (*UbUsbFaultFunc) (const char *port,
                                const char *words,
                                gboolean    present,
                                gpointer    user_data);

/* @func: called from all of the functions below */
UbUsbFaults *ub_usb_faults_new (UbUsbFaultFunc func, gpointer user_data);
void         ub_usb_faults_free (UbUsbFaults *self);
void         ub_usb_faults_take_line (UbUsbFaults *self, const UbUsbLogLine *line, gint64 now_us);
void         ub_usb_faults_take_port (UbUsbFaults   *self,
                                      const char    *port,
                                      UbUsbPortState state,
                                      const char    *state_words,
                                      gint64         now_us);
/* something that can be talked to has come to @port */
void ub_usb_faults_end (UbUsbFaults *self, const char *port);
/* nobody looks any more */
void ub_usb_faults_end_all (UbUsbFaults *self);
/* to be called now and then. Returns when next, G_MAXINT64: not before something happens */
gint64 ub_usb_faults_tick (UbUsbFaults *self, gint64 now_us);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbUsbFaults, ub_usb_faults_free)

G_END_DECLS
