/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* appends a report (ub_report_to_json()) as lines that people can read in a forum: the error first, lists one line for each item, the
 * traffic last. @json may be anything; what is no report is said to be none. (nullable): there was no job */
void ub_support_report_append (GString *text, const char *json);

G_END_DECLS
