/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <string.h>
#include <yaml.h>

typedef struct
{
  UbScatterRecord record;
  char           *key;   /* the key whose value is waited for */
  guint           depth; /* open mappings and sequences */
  gboolean        in_map;
} Reader;

static gboolean
is_plain (const char *text)
{
  return strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.+/()") ==
         strlen (text);
}

static gboolean
is_quoted (const char *text)
{
  gsize length = strlen (text);

  return length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
}

static void
append_value (GString *out, const char *value)
{
  if (is_quoted (value) || (is_plain (value) && *value != '-'))
    {
      g_string_append (out, value);
      return;
    }
  g_string_append_c (out, '\'');
  for (; *value != '\0'; value++)
    g_string_append_len (out, *value == '\'' ? "''" : value, *value == '\'' ? 2 : 1);
  g_string_append_c (out, '\'');
}

/* cuts a comment that stands behind a blank, as YAML has it */
static void
cut_comment (char *value)
{
  char *comment = *value == '#' ? value : strstr (value, " #");

  if (comment != NULL && !is_quoted (value))
    *comment = '\0';
  g_strchomp (value);
}

/* One line of a vendor's file as one line of real YAML. Indents, which vendors and Notepad get
 * wrong, are thrown away: what is left is one sequence of flat mappings, and a dash begins the next
 * one. */
static void
append_line (GString *out, char *line, gboolean *begun)
{
  char    *text = g_strstrip (line);
  gboolean dash = FALSE;

  while (*text == '-' && (text[1] == ' ' || text[1] == '\0'))
    {
      dash = TRUE;
      text += 1 + strspn (text + 1, " ");
    }
  if (*text != '\0' && *text != '#' && strcmp (text, "---") != 0)
    {
      char *colon = strchr (text, ':');
      g_string_append (out, dash || !*begun ? "- " : "  ");
      *begun = TRUE;
      if (colon != NULL && (colon[1] == ' ' || colon[1] == '\0'))
        {
          g_string_append_len (out, text, colon - text);
          g_string_append (out, ": ");
          text = colon + 1 + strspn (colon + 1, " ");
          cut_comment (text);
          append_value (out, text);
        }
      else
        g_string_append (out, text);
    }
  g_string_append_c (out, '\n');
}

static char *
normalise (const char *text)
{
  GString         *out = g_string_sized_new (strlen (text) + 64);
  g_autofree char *copy = g_strdup (text);
  gboolean         begun = FALSE;

  for (char *line = copy; line != NULL;)
    {
      char *end = strchr (line, '\n');
      if (end != NULL)
        *end = '\0';
      append_line (out, line, &begun);
      line = end != NULL ? end + 1 : NULL;
    }
  return g_string_free (out, FALSE);
}

/* an entry without its dash still begins at its partition_index */
static gboolean
begins_anew (Reader *self, const char *key)
{
  UbScatterRecord *record = &self->record;

  if (record->pairs->len == 0)
    return FALSE;
  if (strcmp (key, "partition_index") == 0)
    return ub_scatter_record_has (record, key) ||
           ub_scatter_record_has (record, "config_version") ||
           ub_scatter_record_has (record, "storage_type") ||
           ub_scatter_record_has (record, "block_size");
  return strcmp (key, "general") == 0 || strcmp (key, "storage_type") == 0;
}

static gboolean
take_scalar (Reader *self, const yaml_event_t *event, GError **error)
{
  const char *text = (const char *) event->data.scalar.value;
  guint       line = (guint) event->start_mark.line + 1;

  if (!self->in_map || strlen (text) != event->data.scalar.length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s, line %u: this is not “key: value”",
                   self->record.name,
                   line);
      return FALSE;
    }
  if (self->key == NULL)
    {
      self->key = g_ascii_strdown (text, -1);
      return !begins_anew (self, self->key) || ub_scatter_record_finish (&self->record, error);
    }
  g_autofree char *key = g_steal_pointer (&self->key);
  return ub_scatter_record_add (&self->record, key, text, line, error);
}

static gboolean
take_event (Reader *self, const yaml_event_t *event, GError **error)
{
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return take_scalar (self, event, error);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_ALIAS_EVENT:
      if (event->type == YAML_ALIAS_EVENT || self->in_map || ++self->depth > 2)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_BAD_FIRMWARE,
                       "%s, line %zu: this does not belong into a scatter file",
                       self->record.name,
                       event->start_mark.line + 1);
          return FALSE;
        }
      self->in_map = event->type == YAML_MAPPING_START_EVENT;
      return TRUE;
    case YAML_MAPPING_END_EVENT:
      self->in_map = FALSE;
      self->depth--;
      return ub_scatter_record_finish (&self->record, error);
    case YAML_SEQUENCE_END_EVENT:
      self->depth--;
      return TRUE;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
      return TRUE;
    }
}

/* libyaml counts lines for all mistakes but those in the bytes themselves */
static gsize
problem_line (const yaml_parser_t *parser, const char *text)
{
  gsize line = 1;

  if (parser->error != YAML_READER_ERROR)
    return parser->problem_mark.line + 1;
  for (gsize i = 0; i < parser->problem_offset && text[i] != '\0'; i++)
    line += text[i] == '\n';
  return line;
}

static gboolean
read_events (Reader *self, yaml_parser_t *parser, const char *text, GError **error)
{
  for (gboolean done = FALSE; !done;)
    {
      yaml_event_t event;
      if (!yaml_parser_parse (parser, &event))
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_BAD_FIRMWARE,
                       "%s, line %zu: %s",
                       self->record.name,
                       problem_line (parser, text),
                       parser->problem != NULL ? parser->problem : "not readable");
          return FALSE;
        }
      done = event.type == YAML_STREAM_END_EVENT;
      gboolean ok = take_event (self, &event, error);
      yaml_event_delete (&event);
      if (!ok)
        return FALSE;
    }
  return ub_scatter_record_end (&self->record, error);
}

/**
 * ub_scatter_yaml_read:
 *
 * The text formats V1.* and V2.* (shared/facts/scatter.md §1b, §1c).
 */
gboolean
ub_scatter_yaml_read (UbScatter *scatter, const char *text, const char *name, GError **error)
{
  g_autofree char *clean = normalise (text);
  Reader           reader = { 0 };
  yaml_parser_t    parser;

  if (!yaml_parser_initialize (&parser))
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "no memory for the scatter reader");
      return FALSE;
    }
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const unsigned char *) clean, strlen (clean));
  ub_scatter_record_init (&reader.record, scatter, name);
  gboolean ok = read_events (&reader, &parser, clean, error);
  ub_scatter_record_clear (&reader.record);
  g_free (reader.key);
  yaml_parser_delete (&parser);
  return ok;
}
