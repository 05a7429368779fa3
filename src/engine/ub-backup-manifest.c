/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-backup-private.h"

#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-disk.h"
#include "engine/ub-json.h"
#include "engine/ub-phone-json.h"

#define FORMAT "unbrick-copy"
#define VERSION 1
#define MAX_SIZE (2 * 1024 * 1024)
#define MAX_PARTS 4096

static const char *const kinds[] = {
  [UB_BACKUP_SAFETY] = "safety",
  [UB_BACKUP_READBACK] = "readback",
};

/* --- writing --- */

static void
add_part (JsonBuilder *builder, const UbBackupPart *part)
{
  g_autofree char *file = part->path != NULL ? g_path_get_basename (part->path) : NULL;

  json_builder_begin_object (builder);
  ub_json_add_bytes (builder, "name", part->name);
  ub_json_add_string (builder, "region", ub_region_to_string (part->region));
  ub_json_add_number (builder, "offset", part->offset);
  ub_json_add_number (builder, "length", part->length);
  ub_json_add_boolean (builder, "protected", part->is_protected);
  ub_json_add_boolean (builder, "missing", part->is_missing);
  if (part->is_missing)
    ub_json_add_string (builder, "trouble", part->trouble);
  else
    {
      ub_json_add_string (builder, "file", file);
      ub_json_add_string (builder, "sha256", part->sha256);
    }
  json_builder_end_object (builder);
}

static char *
build (UbBackup *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *time = g_date_time_format_iso8601 (self->time);

  json_builder_begin_object (builder);
  ub_json_add_string (builder, "format", FORMAT);
  ub_json_add_number (builder, "version", VERSION);
  ub_json_add_string (builder, "program", "unbrick " PACKAGE_VERSION);
  ub_json_add_string (builder, "kind", kinds[self->kind]);
  ub_json_add_string (builder, "time", time);
  ub_json_add_string (builder, "project", self->project);
  json_builder_set_member_name (builder, "phone");
  ub_phone_json_add (builder, self->phone);
  if (self->scatter != NULL)
    {
      ub_json_add_string (builder, "scatter", self->scatter);
      ub_json_add_string (builder, "scatter_sha256", self->scatter_sha256);
    }
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->parts->len; i++)
    add_part (builder, g_ptr_array_index (self->parts, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

/* all hashes are in the manifest, so the sums can always be made again from it */
static char *
build_sums (UbBackup *self, const char *manifest_sha256)
{
  GString *sums = g_string_new (NULL);

  g_string_append_printf (sums, "%s  %s\n", manifest_sha256, UB_BACKUP_MANIFEST);
  if (self->scatter != NULL)
    g_string_append_printf (sums, "%s  %s\n", self->scatter_sha256, self->scatter);
  for (guint i = 0; i < self->parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (self->parts, i);
      g_autofree char    *file = part->path != NULL ? g_path_get_basename (part->path) : NULL;

      if (file != NULL)
        g_string_append_printf (sums, "%s  %s\n", part->sha256, file);
    }
  return g_string_free (sums, FALSE);
}

gboolean
ub_backup_manifest_write (UbBackup *self, const char *folder, GError **error)
{
  g_autofree char *text = build (self);
  g_autofree char *sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *sums = build_sums (self, sha256);

  return ub_disk_write_file (folder, UB_BACKUP_SUMS, sums, strlen (sums), error) &&
         ub_disk_write_file (folder, UB_BACKUP_MANIFEST, text, strlen (text), error);
}

/* --- reading --- */

static gboolean
is_sha256 (const char *text)
{
  gsize n = text != NULL ? strspn (text, "0123456789abcdef") : 0;

  return n == 64 && text[n] == '\0';
}

static gboolean
is_known_kind (const char *text, UbBackupKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (text, kinds[i]) == 0)
      {
        *kind = (UbBackupKind) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_BACKUP, "%s: %s", UB_BACKUP_MANIFEST, what);
  return FALSE;
}

/* a part must lie in its region, as far as the phone told how big that is */
static gboolean
fits (UbBackup *self, UbRegion region, guint64 offset, guint64 length)
{
  const UbDaReport *report = ub_phone_info_get_report (self->phone);
  guint64           capacity = report != NULL ? ub_da_report_get_capacity (report, region) : 0;

  if (region == UB_REGION_UNKNOWN || length == 0 || length > G_MAXINT64 - offset)
    return FALSE;
  return capacity == 0 || (length <= capacity && offset <= capacity - length);
}

static gboolean
read_file (UbBackup     *self,
           JsonObject   *object,
           UbBackupPart *part,
           GHashTable   *files,
           GError      **error)
{
  const char *file = ub_json_get_string (object, "file");
  const char *sha256 = ub_json_get_string (object, "sha256");

  if (file == NULL || !ub_disk_is_plain_name (file))
    return refuse (error, "a part has a file name that leads out of the folder, or none");
  if (!is_sha256 (sha256))
    return refuse (error, "a part has no SHA-256");
  if (!g_hash_table_add (files, g_strdup (file)))
    return refuse (error, "two parts are in one file");
  part->path = g_build_filename (self->folder, file, NULL);
  part->sha256 = g_strdup (sha256);
  return TRUE;
}

static gboolean
read_part (UbBackup *self, JsonNode *node, GHashTable *files, GError **error)
{
  JsonObject      *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *name = object != NULL ? ub_json_dup_bytes (object, "name") : NULL;
  UbRegion         region;
  UbBackupPart    *part;
  guint64          offset;
  guint64          length;

  if (name == NULL || !ub_json_get_number (object, "offset", G_MAXINT64, &offset) ||
      !ub_json_get_number (object, "length", G_MAXINT64, &length))
    return refuse (error, "a part has no name, offset or length");
  region = ub_region_from_string (ub_json_get_string (object, "region"));
  if (!fits (self, region, offset, length))
    return refuse (error, "a part lies outside of the phone's storage");
  part = ub_backup_add_part (self, name, region, offset, length);
  if (!ub_json_get_boolean (object, "protected", &part->is_protected) ||
      !ub_json_get_boolean (object, "missing", &part->is_missing))
    return refuse (error, "a part does not say whether it is protected and there");
  if (!part->is_missing)
    return read_file (self, object, part, files, error);
  part->trouble = g_strdup (ub_json_get_string (object, "trouble"));
  return TRUE;
}

static gboolean
read_parts (UbBackup *self, JsonObject *root, GError **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *parts = ub_json_get_array (root, "parts");
  guint      n = parts != NULL ? json_array_get_length (parts) : G_MAXUINT;

  if (n > MAX_PARTS)
    return refuse (error, "no list of parts, or one that is too long");
  if (self->scatter != NULL)
    g_hash_table_add (files, g_strdup (self->scatter));
  g_hash_table_add (files, g_strdup (UB_BACKUP_MANIFEST));
  g_hash_table_add (files, g_strdup (UB_BACKUP_SUMS));
  for (guint i = 0; i < n; i++)
    if (!read_part (self, json_array_get_element (parts, i), files, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_head (UbBackup *self, JsonObject *root, GError **error)
{
  const char *time = ub_json_get_string (root, "time");
  const char *project = ub_json_get_string (root, "project");
  const char *scatter = ub_json_get_string (root, "scatter");
  JsonObject *phone = ub_json_get_object (root, "phone");

  if (!is_known_kind (ub_json_get_string (root, "kind"), &self->kind))
    return refuse (error, "a copy of no known kind");
  self->time = time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
  if (self->time == NULL || phone == NULL)
    return refuse (error, "it does not say when it was made, or of which phone");
  self->phone = ub_phone_json_read (phone, UB_ERROR_BAD_BACKUP, error);
  if (self->phone == NULL)
    {
      g_prefix_error (error, "%s: ", UB_BACKUP_MANIFEST);
      return FALSE;
    }
  if (ub_phone_info_get_layout (self->phone) != NULL)
    self->layout = ub_layout_copy (ub_phone_info_get_layout (self->phone));
  self->project = g_strdup (project != NULL ? project : "");
  if (scatter == NULL)
    return TRUE;
  self->scatter = g_strdup (scatter);
  self->scatter_sha256 = g_strdup (ub_json_get_string (root, "scatter_sha256"));
  return (ub_disk_is_plain_name (scatter) && is_sha256 (self->scatter_sha256)) ||
         refuse (error, "the scatter has no name that can be, or no SHA-256");
}

static gboolean
check_version (JsonObject *root, GError **error)
{
  guint64 version;

  if (g_strcmp0 (ub_json_get_string (root, "format"), FORMAT) != 0 ||
      !ub_json_get_number (root, "version", G_MAXUINT32, &version))
    return refuse (error, "this is no copy of ours");
  if (version == VERSION)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_BACKUP,
               "%s: the copy has format %" G_GUINT64_FORMAT
               ", this Unbrick knows %d alone: use a newer one",
               UB_BACKUP_MANIFEST,
               version,
               VERSION);
  return FALSE;
}

UbBackup *
ub_backup_manifest_parse (const char *folder, GBytes *bytes, GError **error)
{
  g_autoptr (JsonParser) parser =
                 ub_json_parse (bytes, UB_BACKUP_MANIFEST, UB_ERROR_BAD_BACKUP, error);
  g_autoptr (UbBackup) self = ub_backup_new_empty (UB_BACKUP_SAFETY, folder);
  JsonObject *root = parser != NULL ? json_node_get_object (json_parser_get_root (parser)) : NULL;

  if (root == NULL || !check_version (root, error) || !read_head (self, root, error) ||
      !read_parts (self, root, error))
    return NULL;
  ub_backup_add_pieces (self, self->layout);
  return g_steal_pointer (&self);
}

static void
set_damaged (GError **error, const char *file)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_BACKUP,
               "%s is damaged: it is not what %s says",
               file,
               UB_BACKUP_SUMS);
}

/* one flipped bit in an offset would send a part to another place: nothing is believed before the
 * sums say that the manifest is the one we wrote */
static gboolean
check_sum (GBytes *manifest, GBytes *sums, GError **error)
{
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, manifest);
  gsize            size;
  const char      *text = g_bytes_get_data (sums, &size);

  if (size > 64 && memcmp (text, sha256, 64) == 0)
    return TRUE;
  set_damaged (error, UB_BACKUP_MANIFEST);
  return FALSE;
}

static gboolean
check_sums (UbBackup *self, GBytes *manifest, GBytes *sums, GError **error)
{
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, manifest);
  g_autofree char *expected = build_sums (self, sha256);
  gsize            size;
  const char      *text = g_bytes_get_data (sums, &size);

  if (size == strlen (expected) && memcmp (text, expected, size) == 0)
    return TRUE;
  set_damaged (error, UB_BACKUP_SUMS);
  return FALSE;
}

UbBackup *
ub_backup_manifest_read (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, UB_BACKUP_MANIFEST, NULL);
  g_autofree char *sums_path = g_build_filename (folder, UB_BACKUP_SUMS, NULL);
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (GBytes) sums = NULL;
  g_autoptr (UbBackup) self = NULL;
  g_autoptr (GError) problem = NULL;

  manifest = ub_disk_read_file (path, MAX_SIZE, &problem);
  if (manifest != NULL)
    sums = ub_disk_read_file (sums_path, MAX_SIZE, &problem);
  if (sums == NULL)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_BAD_BACKUP, problem->message);
      return NULL;
    }
  if (!check_sum (manifest, sums, error))
    return NULL;
  self = ub_backup_manifest_parse (folder, manifest, error);
  if (self == NULL || !check_sums (self, manifest, sums, error))
    return NULL;
  return g_steal_pointer (&self);
}
