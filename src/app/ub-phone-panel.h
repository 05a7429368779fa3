/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-session.h"
#include "firmware/ub-firmware.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

#define UB_TYPE_PHONE_PANEL (ub_phone_panel_get_type ())
G_DECLARE_FINAL_TYPE (UbPhonePanel, ub_phone_panel, UB, PHONE_PANEL, GtkWidget)

/**
 * UbPhonePanel:
 *
 * What is seen on the cable, what to do with the hands, and who the phone is. Watches a link source
 * by itself and, while there is one, a session; the words are the guide's (engine/ub-guide.h). Has the actions "phone.next" and
 * "phone.battery" (b), and a button for "win.permission".
 */
/* (nullable) */
void ub_phone_panel_set_source (UbPhonePanel *self, UbLinkSource *source);
/* (nullable): %NULL when it is over; what was learned of the phone stays until the next session */
void ub_phone_panel_set_session (UbPhonePanel *self, UbSession *session);
/* shows the practice phone's plug */
void ub_phone_panel_set_practice (UbPhonePanel *self, gboolean practice, gboolean plugged);
/* as the plug's button says: it is out once a job has ended with nothing on the cable */
gboolean ub_phone_panel_get_plugged (UbPhonePanel *self);
/* (nullable): what the phone is by the firmware chosen: it says which keys to hold */
void ub_phone_panel_set_firmware (UbPhonePanel *self, UbFirmware *firmware);
/* shows what is right at @now_us (µs of g_get_monotonic_time()); the panel's own clock does it when something changes */
void ub_phone_panel_look (UbPhonePanel *self, gint64 now_us);
/* how the last job ended */
void ub_phone_panel_set_result (UbPhonePanel *self, UbResult result);

G_END_DECLS
