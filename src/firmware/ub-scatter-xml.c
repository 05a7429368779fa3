/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <string.h>

/* real files nest five deep: root, storage_type, general, storage, block_size */
#define MAX_DEPTH 8

typedef struct
{
  UbScatterRecord record;
  GString        *text;
  guint           depth;
  gboolean        leaf; /* nothing was opened since the last open tag */
} Reader;

static guint
line_of (GMarkupParseContext *context)
{
  int line = 1;

  g_markup_parse_context_get_position (context, &line, NULL);
  return (guint) MAX (line, 1);
}

static const char *
name_attribute (const char **names, const char **values)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], "name") == 0)
      return values[i];
  return NULL;
}

static void
start_element (GMarkupParseContext *context,
               const char          *element,
               const char         **names,
               const char         **values,
               gpointer             user_data,
               GError             **error)
{
  Reader          *self = user_data;
  const char      *value = name_attribute (names, values);
  g_autofree char *key = g_ascii_strdown (element, -1);

  if (++self->depth > MAX_DEPTH)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s, line %u: the tags are nested too deep",
                   self->record.name,
                   line_of (context));
      return;
    }
  g_string_truncate (self->text, 0);
  self->leaf = TRUE;
  if (strcmp (key, "partition_index") == 0 || strcmp (key, "storage_type") == 0)
    if (!ub_scatter_record_finish (&self->record, error))
      return;
  if (value == NULL || strcmp (key, "general") == 0)
    return;
  if (!ub_scatter_record_add (&self->record, key, value, line_of (context), error))
    return;
  if (strcmp (key, "storage_type") == 0)
    ub_scatter_record_finish (&self->record, error);
}

/* a leaf says its value as text, or has said it as its name */
static gboolean
take_leaf (Reader *self, const char *key, guint line, GError **error)
{
  g_autofree char *value = g_strstrip (g_strdup (self->text->str));

  if (*value == '\0' && ub_scatter_record_has (&self->record, key))
    return TRUE;
  return ub_scatter_record_add (&self->record, key, value, line, error);
}

static void
end_element (GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
  Reader          *self = user_data;
  g_autofree char *key = g_ascii_strdown (element, -1);

  self->depth--;
  if (self->leaf && !take_leaf (self, key, line_of (context), error))
    return;
  self->leaf = FALSE;
  if (strcmp (key, "partition_index") == 0 || strcmp (key, "general") == 0)
    ub_scatter_record_finish (&self->record, error);
}

static void
text_found (GMarkupParseContext *context,
            const char          *text,
            gsize                size,
            gpointer             user_data,
            GError             **error)
{
  Reader *self = user_data;

  g_string_append_len (self->text, text, (gssize) size);
}

/* GMarkup expands no entities of a document's own; a file that brings some is not a vendor's */
static void
passthrough (GMarkupParseContext *context,
             const char          *text,
             gsize                size,
             gpointer             user_data,
             GError             **error)
{
  Reader *self = user_data;

  if (g_strstr_len (text, (gssize) size, "<!DOCTYPE") != NULL ||
      g_strstr_len (text, (gssize) size, "<!ENTITY") != NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_BAD_FIRMWARE,
                 "%s, line %u: a scatter file must not define entities",
                 self->record.name,
                 line_of (context));
}

static const GMarkupParser parser = {
  .start_element = start_element,
  .end_element = end_element,
  .text = text_found,
  .passthrough = passthrough,
};

/* GMarkup says the line itself */
static void
explain_markup_error (const char *name, GError **error)
{
  if (*error == NULL || (*error)->domain != G_MARKUP_ERROR)
    return;
  g_autoptr (GError) markup = g_steal_pointer (error);
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE, "%s: %s", name, markup->message);
}

/**
 * ub_scatter_xml_read:
 *
 * The XML formats V1.1.8 and V2.* (shared/facts/scatter.md §1d). Tags are the keys of the text
 * formats.
 */
gboolean
ub_scatter_xml_read (UbScatter *scatter, const char *text, const char *name, GError **error)
{
  Reader reader = { .text = g_string_new (NULL) };
  g_autoptr (GMarkupParseContext) context =
                 g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  g_autoptr (GError) problem = NULL;

  ub_scatter_record_init (&reader.record, scatter, name);
  reader.record.is_whole = TRUE;
  gboolean ok = g_markup_parse_context_parse (context, text, (gssize) strlen (text), &problem) &&
                g_markup_parse_context_end_parse (context, &problem) &&
                ub_scatter_record_end (&reader.record, &problem);
  explain_markup_error (name, &problem);
  ub_scatter_record_clear (&reader.record);
  g_string_free (reader.text, TRUE);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&problem));
  return ok;
}
