/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "brom/ub-brom-messages.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

/* FD, once, and nothing else between: FALSE (PROTOCOL) if anything is out of its place. An answer with an error status is an answer */
gboolean ub_brom_identify_ask_chip (UbLink       *link,
                                    UbBromHwCode *answer,
                                    guint         timeout_ms,
                                    GError      **error);

G_END_DECLS
