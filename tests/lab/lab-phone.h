/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The practice phone on a virtual USB bus. */
#pragma once

#include "lab/lab-script.h"
#include "lab/vusb.h"

G_BEGIN_DECLS

typedef struct _LabPhone LabPhone;

/* The main context of the thread that calls this runs the phone's clock and its comings and goings.
 */
LabPhone *lab_phone_new (VusbBus                      *bus,
                         guint                         port,
                         const UbPracticePhoneOptions *options,
                         GError                      **error);
void      lab_phone_free (LabPhone *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabPhone, lab_phone_free)

void lab_phone_plug (LabPhone *self);
/* @urb_status: how transfers in flight end, -ESHUTDOWN or -EPROTO */
void lab_phone_unplug (LabPhone *self, int urb_status);
/* nodes from now on say EACCES to those who open them */
void lab_phone_deny (LabPhone *self, gboolean denied);
/* another program has the interfaces, from now on */
void lab_phone_hold (LabPhone *self, gboolean held);
/* bytes of a modem manager come first, each time it is plugged in */
void lab_phone_set_stray (LabPhone *self, const char *bytes);

/* of what stands there now, but opens and claims of all that ever stood there */
void lab_phone_get_stats (LabPhone *self, VusbStats *stats);
/* what comes and goes there; plugging by it ends what it had begun */
LabScript *lab_phone_get_script (LabPhone *self);

/* (nullable): NULL while it is not on the bus */
VusbDevice *lab_phone_get_device (LabPhone *self);
/* for everything else; no other call of this file in between */
UbPracticePhone *lab_phone_lock (LabPhone *self);
void             lab_phone_unlock (LabPhone *self);

G_END_DECLS
