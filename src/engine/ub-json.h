/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* JSON that somebody else may have written: nothing is there until it was looked at. */

/* An object at the root, no more than 16 deep, no comments. @name and @code (of #UbError) are for the error. (transfer full): owns
 * all that is found in it */
JsonParser *ub_json_parse (GBytes *bytes, const char *name, int code, GError **error);
/* (transfer none) (nullable): NULL unless there is one of that kind */
JsonObject *ub_json_get_object (JsonObject *object, const char *name);
JsonArray  *ub_json_get_array (JsonObject *object, const char *name);
const char *ub_json_get_string (JsonObject *object, const char *name);
/* FALSE unless it is a whole number of 0 to @max */
gboolean ub_json_get_number (JsonObject *object, const char *name, guint64 max, guint64 *value);
gboolean ub_json_get_boolean (JsonObject *object, const char *name, gboolean *value);
/* the bytes behind ub_json_add_bytes(): (transfer full) (nullable) */
char *ub_json_dup_bytes (JsonObject *object, const char *name);
/* hex digits of at most @max bytes; G_MAXSIZE if they are none */
gsize ub_json_get_hex (JsonObject *object, const char *name, guint8 *data, gsize max);
/* what is not UTF-8 is made so; @value may be NULL */
void ub_json_add_string (JsonBuilder *builder, const char *name, const char *value);
/* a name or path as it is, UTF-8 or not: escaped as in C where need be */
void ub_json_add_bytes (JsonBuilder *builder, const char *name, const char *value);
void ub_json_add_number (JsonBuilder *builder, const char *name, guint64 value);
void ub_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void ub_json_add_hex (JsonBuilder *builder, const char *name, const guint8 *data, gsize size);

G_END_DECLS
