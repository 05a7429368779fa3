/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbPhoneXmlReader:
 *
 * One document of the host as an XML agent reads it: texts are looked up by path, whatever their order
 * (shared/protocol/xflash-and-xml.md §4.3). Attributes, comments and white space around texts do not count.
 */
typedef struct _UbPhoneXmlReader UbPhoneXmlReader;

/* @data up to its first NUL; NULL if it is malformed, or has more than an agent has room for */
UbPhoneXmlReader *ub_phone_xml_reader_new (const guint8 *data, gsize size);
void              ub_phone_xml_reader_free (UbPhoneXmlReader *self);
/* text of the first element at @path ("da/arg/partition"), entities resolved; NULL if there is none */
const char *ub_phone_xml_reader_get (UbPhoneXmlReader *self, const char *path);
/* @text as it stands in a document; (transfer full) */
char *ub_phone_xml_reader_escape (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPhoneXmlReader, ub_phone_xml_reader_free)

G_END_DECLS
