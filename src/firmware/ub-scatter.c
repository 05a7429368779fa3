/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter.h"

#include "base/ub-error.h"
#include "firmware/ub-scatter-private.h"

#include <string.h>

/* a file of 4096 broken entries needs no 4096 sentences */
#define MAX_NOTES 100

static void
partition_free (gpointer data)
{
  ub_partition_free (data);
}

static UbScatter *
scatter_new (void)
{
  UbScatter *self = g_new0 (UbScatter, 1);

  self->partitions = g_ptr_array_new_with_free_func (partition_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ub_scatter_free (UbScatter *self)
{
  if (self == NULL)
    return;
  g_free (self->version);
  g_free (self->platform);
  g_free (self->project);
  g_ptr_array_unref (self->partitions);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

/**
 * ub_scatter_display:
 *
 * Returns: (transfer full): @text fit to be shown: what was not UTF-8 in the file is U+FFFD
 */
char *
ub_scatter_display (const char *text)
{
  g_autofree char *bytes = ub_scatter_text_restore (text);

  return g_utf8_make_valid (bytes, -1);
}

void
ub_scatter_note (UbScatter *self, const char *format, ...)
{
  va_list args;

  if (self->notes->len >= MAX_NOTES)
    return;
  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

typedef struct
{
  const char *magic;
  gsize       size;
  const char *what;
} Magic;

static const Magic magics[] = {
  { "Rar!", 4, "a RAR archive" },         { "PK\x03\x04", 4, "a ZIP archive" },
  { "7z\xbc\xaf", 4, "a 7-Zip archive" }, { "\x1f\x8b", 2, "a gzip archive" },
  { "ANDROID!", 8, "a boot image" },      { "\x3a\xff\x26\xed", 4, "an image" },
  { "%PDF", 4, "a PDF document" },
};

static gboolean
refuse (const char *name, const char *what, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NOT_A_FIRMWARE,
               "%s is %s, not a scatter file",
               name,
               what);
  return FALSE;
}

static gboolean
check_bytes (GBytes *bytes, const char *name, GError **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i < G_N_ELEMENTS (magics); i++)
    if (size >= magics[i].size && memcmp (data, magics[i].magic, magics[i].size) == 0)
      return refuse (name, magics[i].what, error);
  if (size > UB_SCATTER_MAX_BYTES)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NOT_A_FIRMWARE,
                   "%s is too big for a scatter file: %" G_GSIZE_FORMAT " bytes",
                   name,
                   size);
      return FALSE;
    }
  return size > 0 || refuse (name, "an empty file", error);
}

/* does a line begin with @word, after blanks and dashes? */
static gboolean
has_line (const char *text, const char *word)
{
  for (const char *found = text; (found = strstr (found, word)) != NULL; found++)
    {
      const char *before = found;
      while (before > text && (before[-1] == ' ' || before[-1] == '-'))
        before--;
      if (before == text || before[-1] == '\n')
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_xml (const char *text)
{
  return strstr (text, "<partition_index") != NULL || strstr (text, "<config_version") != NULL;
}

static gboolean
read_xml (UbScatter *self, const char *text, const char *name, GError **error)
{
  if (is_xml (text))
    return ub_scatter_xml_read (self, text, name, error);
  if (strstr (text, "<html") != NULL || strstr (text, "<HTML") != NULL)
    return refuse (name, "a web page", error);
  if (strstr (text, "chk_method") != NULL || strstr (text, "<images") != NULL)
    return refuse (name, "a list of checksums", error);
  if (strstr (text, "flash") != NULL)
    return refuse (name,
                   "a flash.xml, which only points to the scatter file of its package",
                   error);
  return refuse (name, "an XML file of another kind", error);
}

static gboolean
is_yaml (const char *text)
{
  return has_line (text, "partition_index") || has_line (text, "partition_name") ||
         has_line (text, "config_version");
}

gboolean
ub_scatter_sniff (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autofree char *text = ub_scatter_text_decode (bytes, "", NULL);

  if (text == NULL)
    return FALSE;
  const char *first = text + strspn (text, " \n");
  return *first == '<' ? is_xml (first) : is_yaml (text) || ub_scatter_old_sniff (text);
}

static gboolean
read_text (UbScatter *self, const char *text, const char *name, GError **error)
{
  const char *first = text + strspn (text, " \n");

  if (*first == '<')
    return read_xml (self, first, name, error);
  if (is_yaml (text))
    return ub_scatter_yaml_read (self, text, name, error);
  if (ub_scatter_old_sniff (text))
    return ub_scatter_old_read (self, text, name, error);
  if (ub_scatter_old_sniff_ota (text))
    return refuse (
        name,
        "the list of an update package (OTA), which has no sizes and cannot be used to flash",
        error);
  return refuse (name, *first == '\0' ? "an empty file" : "a text of another kind", error);
}

/* the vendor's file names begin with the platform */
static char *
platform_in_name (const char *name)
{
  const char *start = strstr (name, "MT");

  for (; start != NULL; start = strstr (start + 1, "MT"))
    if (strspn (start + 2, "0123456789") == 4)
      {
        gsize length = 6;
        if (g_ascii_isalpha (start[6]) && !g_ascii_isalpha (start[7]))
          length++;
        return g_strndup (start, length);
      }
  return g_strdup ("");
}

static void
fill_in (UbScatter *self, const char *name)
{
  if (self->version == NULL || *self->version == '\0')
    {
      g_free (self->version);
      self->version = g_strdup ("unknown");
      ub_scatter_note (self, "the scatter file does not say its version");
    }
  if (self->project == NULL)
    self->project = g_strdup ("");
  if (self->platform == NULL || *self->platform == '\0')
    {
      g_free (self->platform);
      self->platform = platform_in_name (name);
      ub_scatter_note (self,
                       *self->platform != '\0'
                           ? "the scatter file does not name the chip; its own name says so"
                           : "the scatter file does not name the chip");
    }
  for (guint i = 0; i < self->partitions->len; i++)
    self->storages |= 1u << ((UbPartition *) self->partitions->pdata[i])->storage;
}

/**
 * ub_scatter_parse:
 * @name: the file's name
 *
 * See the header. A file without anything that could be flashed is refused, not returned empty.
 */
UbScatter *
ub_scatter_parse (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (UbScatter) self = scatter_new ();
  g_autofree char *shown = g_utf8_make_valid (name, -1);
  g_autofree char *text = NULL;

  if (!check_bytes (bytes, shown, error))
    return NULL;
  text = ub_scatter_text_decode (bytes, shown, error);
  if (text == NULL || !read_text (self, text, shown, error))
    return NULL;
  fill_in (self, shown);
  if (!ub_scatter_layout_resolve (self, shown, error))
    return NULL;
  self->home_made = ub_scatter_layout_score (self);
  return g_steal_pointer (&self);
}
