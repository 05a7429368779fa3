/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-checksum-file.h"

#include "base/ub-error.h"
#include "wire/ub-checksum.h"

#include <string.h>

#define MAX_ENTRIES 512
/* even and a multiple of four, so that the sums of the pieces add up */
#define PIECE (1024 * 1024)

static void
entry_free (gpointer data)
{
  UbChecksumEntry *entry = data;

  g_free (entry->name);
  g_free (entry->md5);
  g_free (entry);
}

static UbChecksumEntry *
find_or_add (GPtrArray *entries, const char *name)
{
  UbChecksumEntry *entry = (UbChecksumEntry *) ub_checksum_file_find (entries, name, name);

  if (entry != NULL || entries->len >= MAX_ENTRIES)
    return entry;
  entry = g_new0 (UbChecksumEntry, 1);
  entry->name = g_strdup (name);
  g_ptr_array_add (entries, entry);
  return entry;
}

static gboolean
is_md5 (const char *text)
{
  return strlen (text) == 32 && strspn (text, "0123456789abcdefABCDEF") == 32;
}

/* "preloader=0xCB45;" under [CheckSum], an MD5 under [CHECKSUM_V2]; 0 is what an unused line says
 */
static void
take_line (GPtrArray *entries, char *line)
{
  char *equals = strchr (line, '=');

  if (equals == NULL || *line == '#' || *line == ';' || *line == '[')
    return;
  *equals = '\0';
  char   *name = g_strstrip (line);
  char   *value = g_strstrip (equals + 1);
  guint64 sum = 0;
  g_strdelimit (value, ";", '\0');
  UbChecksumEntry *entry = *name != '\0' ? find_or_add (entries, name) : NULL;
  if (entry == NULL)
    return;
  if (is_md5 (value))
    {
      g_free (entry->md5);
      entry->md5 = g_ascii_strdown (value, -1);
    }
  else if (g_ascii_strncasecmp (value, "0x", 2) == 0 &&
           g_ascii_string_to_unsigned (value + 2, 16, 1, G_MAXUINT16, &sum, NULL))
    {
      entry->has_sum16 = TRUE;
      entry->sum16 = (guint16) sum;
    }
}

static void
parse_ini (GPtrArray *entries, const char *text)
{
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    take_line (entries, g_strstrip (lines[i]));
}

static const char *
attribute (const char **names, const char **values, const char *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
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
  const char *name = attribute (names, values, "name");
  const char *method = attribute (names, values, "chk_method");
  const char *sum = attribute (names, values, "checksum");
  guint64     number;

  if (strcmp (element, "file") != 0 || name == NULL || sum == NULL ||
      g_ascii_strcasecmp (method != NULL ? method : "", "ADD") != 0)
    return;
  const char      *digits = g_ascii_strncasecmp (sum, "0x", 2) == 0 ? sum + 2 : sum;
  UbChecksumEntry *entry = find_or_add (user_data, name);
  if (entry == NULL || !g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT32, &number, NULL))
    return;
  entry->has_add32 = TRUE;
  entry->add32 = (guint32) number;
}

static gboolean
parse_xml (GPtrArray *entries, const char *text, gsize size, const char *name, GError **error)
{
  static const GMarkupParser parser = { .start_element = start_element };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, entries, NULL);
  g_autoptr (GError) problem = NULL;

  if (g_markup_parse_context_parse (context, text, (gssize) size, &problem) &&
      g_markup_parse_context_end_parse (context, &problem))
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE, "%s: %s", name, problem->message);
  return FALSE;
}

/**
 * ub_checksum_file_parse:
 *
 * Formats: shared/facts/scatter.md §1e.
 */
GPtrArray *
ub_checksum_file_parse (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  gsize            size;
  const char      *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_strndup (size > 0 ? data : "", size);

  if (g_str_has_prefix (g_strchug (text), "<") || g_str_has_prefix (text, "\xef\xbb\xbf<"))
    {
      const char *begin = strchr (text, '<');
      if (!parse_xml (entries, begin, strlen (begin), name, error))
        return NULL;
    }
  else
    parse_ini (entries, text);
  return g_steal_pointer (&entries);
}

const UbChecksumEntry *
ub_checksum_file_find (GPtrArray *entries, const char *partition, const char *file)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const UbChecksumEntry *entry = entries->pdata[i];
      if (g_ascii_strcasecmp (entry->name, partition) == 0 ||
          g_ascii_strcasecmp (entry->name, file) == 0)
        return entry;
    }
  return NULL;
}

typedef struct
{
  guint16    sum16;
  guint16    xor16;
  guint32    add32;
  guint32    bytes32;
  GChecksum *md5; /* (nullable) */
} Sums;

static guint32
sum_bytes (const guint8 *data, gsize size)
{
  guint32 sum = 0;

  for (gsize i = 0; i < size; i++)
    sum += data[i];
  return size % 2 != 0 ? sum + 0xFF : sum;
}

static void
take_piece (Sums *sums, const guint8 *data, gsize size)
{
  sums->sum16 = (guint16) (sums->sum16 + ub_checksum_sum16 (data, size));
  sums->xor16 = ub_checksum_xor16_update (sums->xor16, data, size);
  sums->add32 += ub_checksum_add32 (data, size);
  sums->bytes32 += sum_bytes (data, size);
  if (sums->md5 != NULL)
    g_checksum_update (sums->md5, data, (gssize) size);
}

static gboolean
read_sums (Sums *sums, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, &problem);
  g_autofree guint8 *data = g_malloc (PIECE);
  gsize              got = PIECE;

  while (stream != NULL && problem == NULL && got == PIECE)
    if (g_input_stream_read_all (G_INPUT_STREAM (stream), data, PIECE, &got, cancellable, &problem))
      take_piece (sums, data, got);
  if (problem == NULL)
    return TRUE;
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&problem));
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_FILE_READ,
                 "%s cannot be read: %s",
                 path,
                 problem->message);
  return FALSE;
}

/* The vendor's 16 bits are the sum of all bytes by most accounts, the XOR of words by some; ADD is the
 * sum of words by one account and of bytes (odd files have one FF more) by another: either is good,
 * since a false alarm would send people looking for another download. */
static gboolean
is_good (const UbChecksumEntry *entry, const Sums *sums)
{
  if (entry->md5 != NULL)
    return strcmp (entry->md5, g_checksum_get_string (sums->md5)) == 0;
  if (entry->has_add32)
    return entry->add32 == sums->add32 || entry->add32 == sums->bytes32;
  return !entry->has_sum16 || entry->sum16 == sums->sum16 || entry->sum16 == sums->xor16;
}

gboolean
ub_checksum_file_compare (const UbChecksumEntry *entry,
                          const char            *path,
                          gboolean              *good,
                          GCancellable          *cancellable,
                          GError               **error)
{
  Sums     sums = { .md5 = entry->md5 != NULL ? g_checksum_new (G_CHECKSUM_MD5) : NULL };
  gboolean ok = read_sums (&sums, path, cancellable, error);

  *good = ok && is_good (entry, &sums);
  g_clear_pointer (&sums.md5, g_checksum_free);
  return ok;
}
