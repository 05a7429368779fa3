/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-private.h"

#include "base/ub-error.h"

#include <string.h>

/* Vendor files hold names in Latin-1 or GBK. Every byte that is not UTF-8 becomes one character of
 * this private range, so that the strict readers below take it and a file's name keeps its bytes.
 */
#define ESCAPE_BASE 0xF700

static char *
escape_bytes (const char *data, gsize size)
{
  GString    *out = g_string_sized_new (size + 16);
  const char *end = data + size;

  while (data < end)
    {
      const char *bad;
      gboolean    valid = g_utf8_validate_len (data, (gsize) (end - data), &bad);
      g_string_append_len (out, data, bad - data);
      if (valid)
        break;
      g_string_append_unichar (out, ESCAPE_BASE + (guint8) *bad);
      data = bad + 1;
    }
  return g_string_free (out, FALSE);
}

/**
 * ub_scatter_text_restore:
 * @text: UTF-8 from a reader
 *
 * Returns: (transfer full): the bytes the file had
 */
char *
ub_scatter_text_restore (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c >= ESCAPE_BASE + 0x80 && c <= ESCAPE_BASE + 0xff)
        g_string_append_c (out, (char) (c - ESCAPE_BASE));
      else
        g_string_append_len (out, p, g_utf8_next_char (p) - p);
    }
  return g_string_free (out, FALSE);
}

/* CRLF, lone CR and any mix of them become LF; tabs become one blank */
static void
unify_lines (char *text)
{
  char *out = text;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '\r' && p[1] == '\n')
        continue;
      *out++ = *p == '\r' ? '\n' : *p == '\t' ? ' ' : *p;
    }
  *out = '\0';
}

static char *
decode_utf16 (const char *data, gsize size, gboolean big_endian, const char *name, GError **error)
{
  gsize length = 0;
  char *text = g_convert (data,
                          (gssize) size,
                          "UTF-8",
                          big_endian ? "UTF-16BE" : "UTF-16LE",
                          NULL,
                          &length,
                          NULL);

  if (text == NULL || strlen (text) != length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_FIRMWARE,
                   "%s begins as UTF-16 text but is not",
                   name);
      g_clear_pointer (&text, g_free);
    }
  return text;
}

/**
 * ub_scatter_text_decode:
 * @name: for messages, UTF-8
 *
 * Takes off a byte order mark, turns UTF-16 to UTF-8 and all line ends to LF. Line numbers stay.
 *
 * Returns: (transfer full): UTF-8 text without NUL, or %NULL with NOT_A_FIRMWARE (binary) or
 * BAD_FIRMWARE
 */
char *
ub_scatter_text_decode (GBytes *bytes, const char *name, GError **error)
{
  gsize            size;
  const char      *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;

  if (size >= 2 && (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0))
    text = decode_utf16 (data + 2, size - 2, data[0] == '\xfe', name, error);
  else if (size > 0 && memchr (data, '\0', size) != NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NOT_A_FIRMWARE,
                 "%s is a binary file, not a scatter file",
                 name);
  else if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    text = escape_bytes (data + 3, size - 3);
  else
    text = escape_bytes (size > 0 ? data : "", size);
  if (text == NULL)
    return NULL;
  unify_lines (text);
  return g_steal_pointer (&text);
}
