/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da.h"

G_BEGIN_DECLS

/* what the dialects have in common */

/* Some commands of every dialect expand what begins like an Android sparse image instead of writing it down. The caller expands,
 * so such a begin is content, and cannot be written with them. @packet: the first one. FALSE: BAD_IMAGE */
gboolean ub_da_private_check_begin (const UbDaPacket *packet,
                                    GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
