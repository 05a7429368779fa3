/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "engine/ub-phone-info.h"

G_BEGIN_DECLS

/* A phone as it is kept in copies and journals: all that is known of it, ids included, so that the same #UbPhoneInfo can be made
 * again. Not for reports: those mask ids. */

/* appends the value (an object) */
void ub_phone_json_add (JsonBuilder *builder, UbPhoneInfo *phone);
/* (transfer full): or NULL where something in it cannot be; @error of @code names it */
UbPhoneInfo *ub_phone_json_read (JsonObject *object, int code, GError **error);

G_END_DECLS
