/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da.h"

G_BEGIN_DECLS

/* UbDaClass.read_layout and write_layout of the legacy dialect */
UbLayout *ub_da_legacy_tables_read (UbDa *da, GError **error);
gboolean  ub_da_legacy_tables_write (UbDa *da, const UbLayout *layout, GError **error);

G_END_DECLS
