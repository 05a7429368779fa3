/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-json.h"

#include <string.h>

#include "base/ub-error.h"

#define MAX_DEPTH 16

/* JsonParser calls itself for every bracket, so somebody else's file is counted through first; and its
 * comments, in which a quotation mark could hide brackets from us, are not JSON */
static gboolean
is_tame (const char *text, gsize size)
{
  gboolean quoted = FALSE;
  guint    depth = 0;

  for (gsize i = 0; i < size; i++)
    {
      const char c = text[i];

      if (c == '\0')
        return FALSE;
      if (c == '"')
        quoted = !quoted;
      else if (quoted)
        i += c == '\\';
      else if (c == '[' || c == '{')
        depth++;
      else if (c == ']' || c == '}')
        depth--;
      else if (!g_ascii_isalnum (c) && !g_ascii_isspace (c) && strchr ("+-.,:", c) == NULL)
        return FALSE;
      if (depth > MAX_DEPTH)
        return FALSE;
    }
  return !quoted && depth == 0;
}

JsonParser *
ub_json_parse (GBytes *bytes, const char *name, int code, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;
  gsize       size;
  const char *text = g_bytes_get_data (bytes, &size);
  JsonNode   *root = NULL;

  if (size > 0 && g_utf8_validate (text, (gssize) size, NULL) && is_tame (text, size) &&
      json_parser_load_from_data (parser, text, (gssize) size, &problem))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return g_steal_pointer (&parser);
  g_set_error (error,
               UB_ERROR,
               code,
               "%s cannot be understood: %s",
               name,
               problem != NULL ? problem->message : "it is not what it should be");
  return NULL;
}

JsonObject *
ub_json_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
ub_json_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* NULL unless it is a value of that type */
static JsonNode *
get_value (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type
             ? node
             : NULL;
}

const char *
ub_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_value (object, name, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

gboolean
ub_json_get_number (JsonObject *object, const char *name, guint64 max, guint64 *value)
{
  JsonNode *node = get_value (object, name, G_TYPE_INT64);
  gint64    number = node != NULL ? json_node_get_int (node) : -1;

  if (number < 0 || (guint64) number > max)
    return FALSE;
  *value = (guint64) number;
  return TRUE;
}

gboolean
ub_json_get_boolean (JsonObject *object, const char *name, gboolean *value)
{
  JsonNode *node = get_value (object, name, G_TYPE_BOOLEAN);

  if (node == NULL)
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

char *
ub_json_dup_bytes (JsonObject *object, const char *name)
{
  const char *text = ub_json_get_string (object, name);
  gsize       n = 0;

  if (text == NULL)
    return NULL;
  for (const char *end = text + strlen (text); end > text && end[-1] == '\\'; end--)
    n++;
  /* g_strcompress() complains aloud about half an escape */
  return n % 2 == 0 ? g_strcompress (text) : NULL;
}

gsize
ub_json_get_hex (JsonObject *object, const char *name, guint8 *data, gsize max)
{
  const char *text = ub_json_get_string (object, name);
  gsize       length = text != NULL ? strlen (text) : 1;

  if (length % 2 != 0 || length / 2 > max)
    return G_MAXSIZE;
  for (gsize i = 0; i < length; i += 2)
    {
      int high = g_ascii_xdigit_value (text[i]);
      int low = g_ascii_xdigit_value (text[i + 1]);

      if (high < 0 || low < 0)
        return G_MAXSIZE;
      data[i / 2] = (guint8) (high << 4 | low);
    }
  return length / 2;
}

void
ub_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid == NULL)
    json_builder_add_null_value (builder);
  else
    json_builder_add_string_value (builder, valid);
}

void
ub_json_add_bytes (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *text = value != NULL ? g_strescape (value, NULL) : NULL;

  ub_json_add_string (builder, name, text);
}

void
ub_json_add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

void
ub_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
ub_json_add_hex (JsonBuilder *builder, const char *name, const guint8 *data, gsize size)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  ub_json_add_string (builder, name, text->str);
}
