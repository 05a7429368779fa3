/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xml-reader.h"

#include <string.h>

/* as much of XML as commands are written in */

#define DEPTH_LIMIT 16
#define ELEMENT_LIMIT 1024
#define NAME_LIMIT 64

struct _UbPhoneXmlReader
{
  GHashTable *texts; /* path → text */
};

typedef struct
{
  GHashTable *texts;
  GString    *path;
  GString    *text; /* of the element that is open */
  guint       depth, elements;
} Parse;

static const struct
{
  const char *name;
  char        character;
} entities[] = {
  { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' },
};

char *
ub_phone_xml_reader_escape (const char *text)
{
  GString *escaped = g_string_new (NULL);

  for (; *text != '\0'; text++)
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (entities) && entities[i].character != *text)
        i++;
      if (i < G_N_ELEMENTS (entities))
        g_string_append (escaped, entities[i].name);
      else
        g_string_append_c (escaped, *text);
    }
  return g_string_free (escaped, FALSE);
}

/* &#38; or &#x26;; NULL if it is none */
static const char *
take_number (Parse *parse, const char *at)
{
  gboolean hex = at[2] == 'x';
  char    *end = NULL;
  guint64  value;

  at += hex ? 3 : 2;
  if (!g_ascii_isxdigit (*at))
    return NULL;
  value = g_ascii_strtoull (at, &end, hex ? 16 : 10);
  if (*end != ';' || value == 0 || value > G_MAXUINT32 || !g_unichar_validate ((gunichar) value))
    return NULL;
  g_string_append_unichar (parse->text, (gunichar) value);
  return end + 1;
}

static const char *
take_entity (Parse *parse, const char *at)
{
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (g_str_has_prefix (at, entities[i].name))
      {
        g_string_append_c (parse->text, entities[i].character);
        return at + strlen (entities[i].name);
      }
  return at[1] == '#' ? take_number (parse, at) : NULL;
}

/* up to the next tag; outside of the root there is but white space */
static const char *
take_text (Parse *parse, const char *at)
{
  while (at != NULL && *at != '<' && *at != '\0')
    {
      if (parse->depth == 0 && !g_ascii_isspace (*at))
        return NULL;
      if (*at == '&')
        at = take_entity (parse, at);
      else
        g_string_append_c (parse->text, *at++);
    }
  return at;
}

static gsize
name_length (const char *at)
{
  gsize n = 0;

  while (g_ascii_isalnum (at[n]) || (at[n] != '\0' && strchr ("_-.:", at[n]) != NULL))
    n++;
  return n <= NAME_LIMIT ? n : 0;
}

static void
close_element (Parse *parse)
{
  char *slash = strrchr (parse->path->str, '/');

  if (!g_hash_table_contains (parse->texts, parse->path->str))
    g_hash_table_insert (parse->texts,
                         g_strdup (parse->path->str),
                         g_strstrip (g_strdup (parse->text->str)));
  g_string_truncate (parse->path, slash != NULL ? (gsize) (slash - parse->path->str) : 0);
  g_string_truncate (parse->text, 0);
  parse->depth--;
}

/* past the attributes; the last character of the tag is at what is returned, '>' or '/' */
static const char *
skip_attributes (const char *at)
{
  while (*at != '\0' && *at != '>' && !(at[0] == '/' && at[1] == '>'))
    {
      if (*at == '<')
        return NULL;
      if (*at == '"' || *at == '\'')
        at = strchr (at + 1, *at);
      if (at == NULL)
        return NULL;
      at++;
    }
  return *at != '\0' ? at : NULL;
}

static const char *
open_element (Parse *parse, const char *at)
{
  gsize       n = name_length (at);
  const char *end = n > 0 ? skip_attributes (at + n) : NULL;

  if (end == NULL || ++parse->elements > ELEMENT_LIMIT || parse->depth == DEPTH_LIMIT ||
      (parse->depth == 0 && g_hash_table_size (parse->texts) > 0))
    return NULL;
  if (parse->depth++ > 0)
    g_string_append_c (parse->path, '/');
  g_string_append_len (parse->path, at, (gssize) n);
  g_string_truncate (parse->text, 0);
  if (*end == '>')
    return end + 1;
  close_element (parse);
  return end + 2;
}

static const char *
end_element (Parse *parse, const char *at)
{
  gsize       n = name_length (at);
  const char *slash = strrchr (parse->path->str, '/');
  const char *open = slash != NULL ? slash + 1 : parse->path->str;

  if (n == 0 || parse->depth == 0 || strlen (open) != n || strncmp (open, at, n) != 0)
    return NULL;
  for (at += n; g_ascii_isspace (*at);)
    at++;
  if (*at != '>')
    return NULL;
  close_element (parse);
  return at + 1;
}

static const char *
skip_past (const char *at, const char *mark)
{
  at = strstr (at, mark);
  return at != NULL ? at + strlen (mark) : NULL;
}

static const char *
take_tag (Parse *parse, const char *at)
{
  if (g_str_has_prefix (at, "<?"))
    return skip_past (at + 2, "?>");
  if (g_str_has_prefix (at, "<!--"))
    return skip_past (at + 4, "-->");
  return at[1] == '/' ? end_element (parse, at + 2) : open_element (parse, at + 1);
}

static gboolean
run (Parse *parse, const char *at)
{
  while (at != NULL && *at != '\0')
    {
      at = take_text (parse, at);
      if (at != NULL && *at == '<')
        at = take_tag (parse, at);
    }
  return at != NULL && parse->depth == 0 && parse->elements > 0;
}

UbPhoneXmlReader *
ub_phone_xml_reader_new (const guint8 *data, gsize size)
{
  g_autofree char *document = g_strndup ((const char *) data, size);
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Parse    parse = { .texts = texts, .path = g_string_new (NULL), .text = g_string_new (NULL) };
  gboolean good = run (&parse, document);
  UbPhoneXmlReader *self;

  g_string_free (parse.path, TRUE);
  g_string_free (parse.text, TRUE);
  if (!good)
    return NULL;
  self = g_new0 (UbPhoneXmlReader, 1);
  self->texts = g_steal_pointer (&texts);
  return self;
}

void
ub_phone_xml_reader_free (UbPhoneXmlReader *self)
{
  g_hash_table_unref (self->texts);
  g_free (self);
}

const char *
ub_phone_xml_reader_get (UbPhoneXmlReader *self, const char *path)
{
  return g_hash_table_lookup (self->texts, path);
}
