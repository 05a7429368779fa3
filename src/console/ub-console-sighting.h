/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* what strangers wrote, without anything that a terminal would take for a command; (transfer full) */
char *ub_console_sighting_dup_plain (const char *text);
/* an arrival or a departure, for people; @begin_us: from which times are counted. (transfer full) */
char *ub_console_sighting_dup_line (const UbSighting *sighting, gint64 begin_us);
/* the same as JSON, in one line. (transfer full) */
char *ub_console_sighting_dup_json (const UbSighting *sighting, gint64 begin_us);

G_END_DECLS
