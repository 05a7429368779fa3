/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-support-report.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-advice.h"
#include "engine/ub-json.h"

#define MAX_DEPTH 4    /* of objects in objects */
#define MAX_ITEMS 1000 /* of a list */

static char *
dup_value (JsonNode *node, const char *name)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("-");
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return g_strdup_printf ("%f", json_node_get_double (node));
  /* places are told in hex wherever people talk of them */
  if (g_str_equal (name, "start") || g_str_equal (name, "offset") || g_str_equal (name, "size") ||
      g_str_equal (name, "length"))
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", (guint64) json_node_get_int (node));
  return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
}

static void append_object (GString *text, JsonObject *object, const char *name, guint depth);

/* an item of a list on one line */
static void
append_item (GString *text, JsonNode *node)
{
  g_autoptr (GList) names = NULL;

  g_string_append (text, " ");
  if (JSON_NODE_HOLDS_VALUE (node))
    {
      g_autofree char *value = dup_value (node, "");

      g_string_append_printf (text, " %s", value);
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    names = json_object_get_members (json_node_get_object (node));
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode        *member = json_object_get_member (json_node_get_object (node), l->data);
      g_autofree char *value = JSON_NODE_HOLDS_VALUE (member) ? dup_value (member, l->data) : NULL;

      if (value != NULL)
        g_string_append_printf (text, " %s=%s", (const char *) l->data, value);
    }
  g_string_append_c (text, '\n');
}

static void
append_list (GString *text, JsonArray *array, const char *name)
{
  guint n = json_array_get_length (array);

  g_string_append_printf (text, "%s: %u\n", name, n);
  for (guint i = 0; i < MIN (n, MAX_ITEMS); i++)
    append_item (text, json_array_get_element (array, i));
}

static void
append_member (GString *text, JsonNode *node, const char *name, guint depth)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (text, json_node_get_object (node), name, depth + 1);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_list (text, json_node_get_array (node), name);
  else
    {
      g_autofree char *value =
          dup_value (node, strrchr (name, '.') != NULL ? strrchr (name, '.') + 1 : name);

      g_string_append_printf (text,
                              "%s:%s%s\n",
                              name,
                              strchr (value, '\n') != NULL ? "\n" : " ",
                              value);
    }
}

/* @name: "" for the report itself, else its members are called "name.member" */
static void
append_object (GString *text, JsonObject *object, const char *name, guint depth)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; depth < MAX_DEPTH && l != NULL; l = l->next)
    {
      g_autofree char *whole =
          g_strdup_printf ("%s%s%s", name, *name != '\0' ? "." : "", (const char *) l->data);

      append_member (text, json_object_get_member (object, l->data), whole, depth);
    }
}

/* what SP Flash Tool would have shown: the number people search for */
static void
append_number (GString *text, JsonObject *report)
{
  JsonObject *error = ub_json_get_object (report, "error");
  const char *name = error != NULL ? ub_json_get_string (error, "code") : NULL;

  for (int code = 0; name != NULL && code <= UB_ERROR_LAST; code++)
    if (g_str_equal (ub_error_to_string ((UbError) code), name))
      {
        const UbAdvice *advice = ub_advice_for_code (code, FALSE);

        g_string_append_printf (text,
                                "advice: %s%s%s\n",
                                name,
                                advice->spft != NULL ? ", SP Flash Tool: " : "",
                                advice->spft != NULL ? advice->spft : "");
        return;
      }
}

void
ub_support_report_append (GString *text, const char *json)
{
  g_autoptr (GBytes) bytes = json != NULL ? g_bytes_new_static (json, strlen (json)) : NULL;
  g_autoptr (JsonParser) parser = NULL;
  JsonObject *report;

  if (json == NULL)
    {
      g_string_append (text, "none\n");
      return;
    }
  parser = ub_json_parse (bytes, "the report", UB_ERROR_FILE_READ, NULL);
  if (parser == NULL)
    {
      g_string_append (text, "cannot be read\n");
      return;
    }
  report = json_node_get_object (json_parser_get_root (parser));
  append_number (text, report);
  append_object (text, report, "", 0);
}
