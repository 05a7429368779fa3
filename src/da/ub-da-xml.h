/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da.h"

G_BEGIN_DECLS

#define UB_TYPE_DA_XML (ub_da_xml_get_type ())
G_DECLARE_FINAL_TYPE (UbDaXml, ub_da_xml, UB, DA_XML, UbDa)

/* the XML dialect (shared/protocol/xflash-and-xml.md §4, genuine-agents.md §5.2) */
UbDa *ub_da_xml_new (UbLink *link);

G_END_DECLS
