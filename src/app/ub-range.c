/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-range.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"

/* "", "K", "KB", "KiB" … */
static gboolean
parse_unit (const char *text, guint *shift)
{
  static const char units[] = "kmgt";
  const char       *unit;

  if (*text == '\0')
    {
      *shift = 0;
      return TRUE;
    }
  unit = strchr (units, g_ascii_tolower (*text));
  if (unit == NULL)
    return FALSE;
  *shift = 10 * (guint) (unit - units + 1);
  return text[1] == '\0' || g_ascii_strcasecmp (text + 1, "b") == 0 ||
         g_ascii_strcasecmp (text + 1, "ib") == 0;
}

/* ".5" of a unit; what is behind the third digit is not typed by anybody */
static guint64
parse_part (char **end, guint shift)
{
  guint64 value = 0, scale = 1;

  for (*end += 1; g_ascii_isdigit (**end) && scale < 1000; *end += 1)
    {
      value = value * 10 + (guint64) g_ascii_digit_value (**end);
      scale *= 10;
    }
  return (value << shift) / scale;
}

gboolean
ub_range_parse (const char *text, guint64 *bytes)
{
  g_autofree char *typed = g_strstrip (g_strdup (text));
  gboolean         hex = g_ascii_strncasecmp (typed, "0x", 2) == 0;
  const char      *digits = hex ? typed + 2 : typed;
  char            *end = NULL, *point;
  guint64          value;
  guint            shift = 0;

  if (hex ? !g_ascii_isxdigit (*digits) : !g_ascii_isdigit (*digits))
    return FALSE;
  errno = 0;
  value = g_ascii_strtoull (digits, &end, hex ? 16 : 10);
  if (errno != 0)
    return FALSE;
  point = end;
  if (!hex && (*end == '.' || *end == ','))
    for (end++; g_ascii_isdigit (*end);)
      end++;
  if (!parse_unit (g_strchug (end), &shift) || value > G_MAXUINT64 >> shift)
    return FALSE;
  value <<= shift;
  if (!hex && (*point == '.' || *point == ','))
    {
      guint64 part = shift > 0 ? parse_part (&point, shift) : 0;

      if (shift == 0 || part > G_MAXUINT64 - value)
        return FALSE;
      value += part;
    }
  *bytes = value;
  return TRUE;
}

static gboolean
is_empty (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return *text == '\0';
}

/* one of the two fields */
static char *
take (const char *text, const char *empty, guint64 *value)
{
  if (is_empty (text))
    return g_strdup (empty);
  if (!ub_range_parse (text, value))
    /* Translators: %s is what was typed */
    return g_strdup_printf (_ ("“%s” is no number. Write it like 0x80000, 512K, 16M or 2G."), text);
  if (*value % UB_SECTOR != 0)
    return g_strdup_printf (_ ("“%s” is no multiple of %d bytes, the smallest piece a phone can "
                               "read or write."),
                            text,
                            UB_SECTOR);
  return NULL;
}

static char *
check_end (guint64 offset, guint64 size, guint64 capacity)
{
  g_autofree char *has = ub_words_format_hex (capacity);

  if (offset >= capacity)
    /* Translators: %s is a number of bytes in hex */
    return g_strdup_printf (_ ("It begins behind the end: there are only %s bytes."), has);
  if (size != G_MAXUINT64 && size > capacity - offset)
    {
      g_autofree char *left = ub_words_format_hex (capacity - offset);

      return g_strdup_printf (_ ("It is too long: from there to the end are only %s bytes."), left);
    }
  return NULL;
}

char *
ub_range_dup_trouble (const char *begin,
                      const char *length,
                      guint64     capacity,
                      gboolean    may_be_open,
                      guint64    *offset,
                      guint64    *size)
{
  char *trouble = take (begin, _ ("Say where it begins, for instance 0x0."), offset);

  if (trouble != NULL)
    return trouble;
  *size = G_MAXUINT64;
  if (!may_be_open || !is_empty (length))
    {
      trouble = take (length, _ ("Say how long it is, for instance 16M."), size);
      if (trouble != NULL)
        return trouble;
      if (*size == 0)
        return g_strdup (_ ("A length of 0 is nothing."));
      if (*size > G_MAXUINT64 - *offset)
        return g_strdup (_ ("It is longer than any phone."));
    }
  return capacity > 0 ? check_end (*offset, *size, capacity) : NULL;
}
