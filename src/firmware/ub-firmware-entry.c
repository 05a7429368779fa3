/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include "base/ub-error.h"
#include "firmware/ub-scatter.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* Newer packages keep the agent in a folder of its own, with a flash.xml beside it that names agent
 * and map: <dagent>DA_BR.bin</dagent>, <scatter>../MT6781_Android_scatter.xml</scatter>. The maker's
 * tool is given that file, so people open it here too. */

#define MAX_BYTES (64 * 1024)
#define MAX_VALUE 512
#define MAX_DEPTH 16
#define MAX_FOLDERS 8
#define SNIFF_BYTES 65536

gboolean
ub_firmware_entry_is_agent_folder (const char *path)
{
  static const char *const names[] = { "download_agent", "downloadagent", "da" };
  g_autofree char         *name = g_path_get_basename (path);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/**
 * ub_firmware_entry_list_agent_folders:
 *
 * Returns: (transfer full) (element-type filename): the folders in @folder that vendors keep agents
 * in; links are none
 */
GPtrArray *
ub_firmware_entry_list_agent_folders (const char *folder)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && list->len < MAX_FOLDERS)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf         status;

      if (ub_firmware_entry_is_agent_folder (name) && g_lstat (path, &status) == 0 &&
          S_ISDIR (status.st_mode))
        g_ptr_array_add (list, g_steal_pointer (&path));
    }
  return list;
}

typedef struct
{
  GString *text;
  guint    depth;
  char    *scatter; /* (nullable): file name alone */
  char    *agent;   /* (nullable): file name alone */
} Entry;

static void
entry_clear (Entry *entry)
{
  if (entry->text != NULL)
    g_string_free (entry->text, TRUE);
  g_free (entry->scatter);
  g_free (entry->agent);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Entry, entry_clear)

/* what a value looks like says what it is; folders in it lead us nowhere */
static void
take_value (Entry *self, const char *value)
{
  g_autofree char *text = g_strstrip (g_strdup (value));
  g_autofree char *name = ub_firmware_folder_basename (text);
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : g_strdup ("");

  if (self->agent == NULL && g_str_has_suffix (lower, ".bin"))
    self->agent = g_steal_pointer (&name);
  else if (self->scatter == NULL && strstr (lower, "scatter") != NULL &&
           strstr (lower, "checksum") == NULL &&
           (g_str_has_suffix (lower, ".xml") || g_str_has_suffix (lower, ".txt")))
    self->scatter = g_steal_pointer (&name);
}

static void
start_element (GMarkupParseContext *context,
               const char          *element,
               const char         **names,
               const char         **values,
               gpointer             user_data,
               GError             **error)
{
  Entry *self = user_data;

  if (++self->depth > MAX_DEPTH)
    g_set_error_literal (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE, "tags nested too deep");
  g_string_truncate (self->text, 0);
  for (guint i = 0; values[i] != NULL; i++)
    if (strlen (values[i]) <= MAX_VALUE)
      take_value (self, values[i]);
}

static void
end_element (GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
  Entry *self = user_data;

  self->depth--;
  if (self->text->len > 0 && self->text->len <= MAX_VALUE)
    take_value (self, self->text->str);
  g_string_truncate (self->text, 0);
}

static void
text_found (GMarkupParseContext *context,
            const char          *text,
            gsize                size,
            gpointer             user_data,
            GError             **error)
{
  g_string_append_len (((Entry *) user_data)->text, text, (gssize) size);
}

/* what could be read of it up to the first mistake */
static void
read_entry (Entry *self, const char *path)
{
  static const GMarkupParser parser = { start_element, end_element, text_found, NULL, NULL };
  g_autoptr (GBytes) bytes = ub_firmware_folder_load (path, MAX_BYTES, NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, self, NULL);
  gsize       size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  self->text = g_string_new (NULL);
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  if (size > 0)
    g_markup_parse_context_parse (context, data, (gssize) size, NULL);
}

static gboolean
is_xml_name (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, ".xml");
}

/* @name in @folder, if it is a map */
static char *
find_map (const char *folder, const char *name)
{
  g_autoptr (UbFirmwareFolder) files = ub_firmware_folder_read (folder, NULL);
  const char      *found = files != NULL ? ub_firmware_folder_find (files, name) : NULL;
  g_autofree char *path = found != NULL ? g_build_filename (files->path, found, NULL) : NULL;
  g_autoptr (GBytes) head = path != NULL ? ub_firmware_folder_load (path, SNIFF_BYTES, NULL) : NULL;

  if (head == NULL || !ub_scatter_sniff (g_bytes_get_data (head, NULL), g_bytes_get_size (head)))
    return NULL;
  return g_steal_pointer (&path);
}

/**
 * ub_firmware_entry_find_map:
 * @path: a file, maybe a flash.xml
 *
 * Returns: (transfer full) (nullable) (type filename): the map @path names, beside it or one folder
 * above
 */
char *
ub_firmware_entry_find_map (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *above = g_path_get_dirname (folder);
  g_auto (Entry) entry = { 0 };
  char *found;

  if (is_xml_name (path))
    read_entry (&entry, path);
  if (entry.scatter == NULL)
    return NULL;
  found = find_map (folder, entry.scatter);
  return found != NULL ? found : find_map (above, entry.scatter);
}

/**
 * ub_firmware_entry_find_agent:
 *
 * Returns: (transfer full) (nullable): the name of the file in @folder that a flash.xml there says
 * is the agent
 */
char *
ub_firmware_entry_find_agent (UbFirmwareFolder *folder)
{
  for (guint i = 0; i < folder->names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder->path, folder->names->pdata[i], NULL);
      g_auto (Entry) entry = { 0 };
      const char *found;

      if (!is_xml_name (path))
        continue;
      read_entry (&entry, path);
      found = entry.agent != NULL ? ub_firmware_folder_find (folder, entry.agent) : NULL;
      if (found != NULL)
        return g_strdup (found);
    }
  return NULL;
}
