/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-agent.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* shared/protocol/brom-and-legacy.md §3.1 */
#define FILE_MAGIC "MTK_DOWNLOAD_AGENT"
#define HEADER_SIZE 0x6Cu
#define HEADER_MAGIC 0x22668899u
#define ENTRY_MAGIC 0xDADAu
#define ENTRY_SIZE 0xDCu
#define OLD_ENTRY_SIZE 0xD8u /* without sw_version */
#define REGION_SIZE 20u
#define ENTRIES_MAX 512u /* the largest known file has 77 */
#define REGION_LENGTH_MAX (64u * 1024 * 1024)

struct _UbAgentFile
{
  char   *path;
  char   *id;
  guint   year;
  guint64 file_size;
  GBytes *head;    /* header and table; the whole file if that was given */
  GArray *entries; /* (element-type UbAgentEntry) */
};

static gboolean
bad_agent (const char *name, GError **error, const char *what)
{
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_AGENT, "%s: %s", name, what);
  return FALSE;
}

gboolean
ub_agent_file_sniff (const guint8 *data, gsize size)
{
  return size >= strlen (FILE_MAGIC) && memcmp (data, FILE_MAGIC, strlen (FILE_MAGIC)) == 0;
}

/* "…_v7.1420.00" was built in week 20 of 2014, others spell the year out; 0 if there is none */
static guint
year_of_id (const char *id)
{
  const char *build = strstr (id, "_v7.");

  if (build != NULL)
    {
      guint64 week = g_ascii_strtoull (build + strlen ("_v7."), NULL, 10);

      return week >= 1000 && week <= 9999 ? 2000 + (guint) week / 100 : 0;
    }
  for (const char *p = id; *p != '\0';)
    {
      char   *end = (char *) p;
      guint64 number = g_ascii_isdigit (*p) ? g_ascii_strtoull (p, &end, 10) : 0;

      if (end - p == 4 && number >= 2000 && number < 2100)
        return (guint) number;
      p = end > p ? end : p + 1;
    }
  return 0;
}

static void
read_region (UbReader *reader, UbAgentRegion *region)
{
  region->file_offset = ub_reader_u32_le (reader);
  region->length = ub_reader_u32_le (reader);
  region->load_address = ub_reader_u32_le (reader);
  region->signature_offset = ub_reader_u32_le (reader);
  region->signature_length = ub_reader_u32_le (reader);
}

/* only as many regions as the entry counts: single-chip files cut the entry after them */
static gboolean
read_entry (UbReader *reader, gsize stride, UbAgentEntry *entry)
{
  if (ub_reader_u16_le (reader) != ENTRY_MAGIC)
    return FALSE;
  entry->hw_code = ub_reader_u16_le (reader);
  entry->hw_sub_code = ub_reader_u16_le (reader);
  entry->hw_version = ub_reader_u16_le (reader);
  if (stride == ENTRY_SIZE)
    {
      entry->sw_version = ub_reader_u16_le (reader);
      ub_reader_skip (reader, 2);
    }
  ub_reader_skip (reader, 4);
  entry->entry_region_index = ub_reader_u16_le (reader);
  entry->n_regions = ub_reader_u16_le (reader);
  if (entry->n_regions == 0 || entry->n_regions > G_N_ELEMENTS (entry->regions))
    return FALSE;
  for (guint i = 0; i < entry->n_regions; i++)
    read_region (reader, &entry->regions[i]);
  return !reader->overrun;
}

static gboolean
read_table (UbAgentFile *self, guint n_entries, gsize stride)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (self->head, &size);

  g_array_set_size (self->entries, 0);
  for (guint i = 0; i < n_entries; i++)
    {
      UbReader     reader = UB_READER_INIT (data, size);
      UbAgentEntry entry = { 0 };

      ub_reader_seek (&reader, HEADER_SIZE + i * stride);
      if (!read_entry (&reader, stride, &entry))
        return FALSE;
      g_array_append_val (self->entries, entry);
    }
  return TRUE;
}

static gboolean
read_head (UbAgentFile *self, GError **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (self->head, &size);
  UbReader      reader = UB_READER_INIT (data, size);
  guint32       magic;
  guint32       n_entries;

  if (!ub_agent_file_sniff (data, size))
    return bad_agent (self->path, error, "not a container of download agents");
  ub_reader_skip (&reader, 0x20);
  self->id = ub_reader_dup_string (&reader, 0x40);
  ub_reader_skip (&reader, 4);
  magic = ub_reader_u32_le (&reader);
  n_entries = ub_reader_u32_le (&reader);
  if (!ub_reader_ok (&reader, self->path, UB_ERROR_BAD_AGENT, error))
    return FALSE;
  if (magic != HEADER_MAGIC)
    return bad_agent (self->path, error, "agent container with a damaged header");
  if (n_entries == 0 || n_entries > ENTRIES_MAX)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_AGENT,
                   "%s: agent container with %u entries",
                   self->path,
                   n_entries);
      return FALSE;
    }
  if (!read_table (self, n_entries, ENTRY_SIZE) && !read_table (self, n_entries, OLD_ENTRY_SIZE))
    return bad_agent (self->path, error, "agent container with a damaged table");
  self->year = year_of_id (self->id);
  return TRUE;
}

/**
 * ub_agent_file_parse:
 * @head: the begin of a container, at least header and table
 * @file_size: size of the whole file, bytes
 * @name: the file's path, for messages and for loading regions that are not in @head
 *
 * Whether regions lie within the file is told when they are loaded: one damaged entry does not
 * spoil the agents of other chips.
 *
 * Returns: (transfer full) (nullable): the table, or %NULL with %UB_ERROR_BAD_AGENT
 */
UbAgentFile *
ub_agent_file_parse (GBytes *head, guint64 file_size, const char *name, GError **error)
{
  g_autoptr (UbAgentFile) self = g_new0 (UbAgentFile, 1);

  self->path = g_strdup (name);
  self->head = g_bytes_ref (head);
  self->file_size = file_size;
  self->entries = g_array_new (FALSE, TRUE, sizeof (UbAgentEntry));
  if (!read_head (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* up to @size bytes at @offset of the file @path; (out) @file_size */
static GBytes *
read_piece (const char *path, guint64 offset, gsize size, guint64 *file_size, GError **error)
{
  int                fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree guint8 *data = g_malloc (size);
  struct stat        info = { 0 };
  gsize              done = 0;
  gssize             n = -1;

  if (fd >= 0 && fstat (fd, &info) == 0)
    do
      {
        n = pread (fd, data + done, size - done, (off_t) (offset + done));
        done += n > 0 ? (gsize) n : 0;
      }
    while ((n > 0 && done < size) || (n < 0 && errno == EINTR));
  if (n < 0)
    g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  *file_size = (guint64) info.st_size;
  return n < 0 ? NULL : g_bytes_new_take (g_steal_pointer (&data), done);
}

/**
 * ub_agent_file_open:
 * @path: a file
 *
 * Returns: (transfer full) (nullable): its table, or %NULL with %UB_ERROR_FILE_READ or
 *   %UB_ERROR_BAD_AGENT
 */
UbAgentFile *
ub_agent_file_open (const char *path, GError **error)
{
  guint64 file_size;
  g_autoptr (GBytes) head =
                 read_piece (path, 0, HEADER_SIZE + ENTRIES_MAX * ENTRY_SIZE, &file_size, error);

  return head == NULL ? NULL : ub_agent_file_parse (head, file_size, path, error);
}

void
ub_agent_file_free (UbAgentFile *self)
{
  g_free (self->path);
  g_free (self->id);
  g_clear_pointer (&self->head, g_bytes_unref);
  g_clear_pointer (&self->entries, g_array_unref);
  g_free (self);
}

const char *
ub_agent_file_get_id (UbAgentFile *self)
{
  return self->id;
}

gboolean
ub_agent_file_is_v6 (UbAgentFile *self)
{
  return strstr (self->id, "MTK_DA_v6") != NULL;
}

guint
ub_agent_file_get_year (UbAgentFile *self)
{
  return self->year;
}

guint
ub_agent_file_get_n_entries (UbAgentFile *self)
{
  return self->entries->len;
}

const UbAgentEntry *
ub_agent_file_get_entry (UbAgentFile *self, guint i)
{
  g_return_val_if_fail (i < self->entries->len, NULL);
  return &g_array_index (self->entries, UbAgentEntry, i);
}

/* a phone that reports version 0 takes any */
static gboolean
is_not_above (guint16 version, guint16 phone)
{
  return phone == 0 || version <= phone;
}

static gboolean
is_newer (const UbAgentEntry *a, const UbAgentEntry *b)
{
  return a->hw_version != b->hw_version ? a->hw_version > b->hw_version
                                        : a->sw_version > b->sw_version;
}

/**
 * ub_agent_file_select:
 * @self: a container
 * @agent_code: the chip's agent code
 * @sub_code: as the phone reports it; compared for an exact match only
 * @hw_version: as the phone reports it, 0 for any
 * @sw_version: as the phone reports it, 0 for any
 *
 * The rule of shared/protocol/brom-and-legacy.md §3.4.
 *
 * Returns: (transfer none) (nullable): the exact entry, else the newest one not above the phone's
 *   versions; the first in the file of several alike
 */
const UbAgentEntry *
ub_agent_file_select (UbAgentFile *self,
                      guint16      agent_code,
                      guint16      sub_code,
                      guint16      hw_version,
                      guint16      sw_version)
{
  const UbAgentEntry *best = NULL;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const UbAgentEntry *entry = &g_array_index (self->entries, UbAgentEntry, i);

      if (entry->hw_code != agent_code)
        continue;
      if (entry->hw_sub_code == sub_code && entry->hw_version == hw_version &&
          entry->sw_version == sw_version)
        return entry;
      if (is_not_above (entry->hw_version, hw_version) &&
          is_not_above (entry->sw_version, sw_version) && (best == NULL || is_newer (entry, best)))
        best = entry;
    }
  return best;
}

static gboolean
check_region (UbAgentFile *self, const UbAgentEntry *entry, guint index, GError **error)
{
  const UbAgentRegion *region;

  if (index >= entry->n_regions || index >= G_N_ELEMENTS (entry->regions))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_AGENT,
                   "%s: the agent for %04X has no region %u",
                   self->path,
                   entry->hw_code,
                   index);
      return FALSE;
    }
  region = &entry->regions[index];
  if (region->length == 0 || region->length > REGION_LENGTH_MAX ||
      region->file_offset > self->file_size ||
      region->length > self->file_size - region->file_offset ||
      region->signature_length > region->length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_AGENT,
                   "%s: region %u of the agent for %04X is %u bytes at %u of %" G_GUINT64_FORMAT,
                   self->path,
                   index,
                   entry->hw_code,
                   region->length,
                   region->file_offset,
                   self->file_size);
      return FALSE;
    }
  return TRUE;
}

/**
 * ub_agent_file_load:
 * @self: a container
 * @entry: one of its entries
 * @index: 1 for DA1, 2 for DA2
 *
 * Returns: (transfer full) (nullable): the region with its signature; %NULL with
 *   %UB_ERROR_BAD_AGENT if it lies outside of the file, or %UB_ERROR_FILE_READ
 */
GBytes *
ub_agent_file_load (UbAgentFile *self, const UbAgentEntry *entry, guint index, GError **error)
{
  const UbAgentRegion *region = &entry->regions[MIN (index, G_N_ELEMENTS (entry->regions) - 1)];
  guint64              file_size;
  g_autoptr (GBytes) bytes = NULL;

  if (!check_region (self, entry, index, error))
    return NULL;
  if ((guint64) region->file_offset + region->length <= g_bytes_get_size (self->head))
    return g_bytes_new_from_bytes (self->head, region->file_offset, region->length);
  bytes = read_piece (self->path, region->file_offset, region->length, &file_size, error);
  if (bytes == NULL)
    return NULL;
  if (g_bytes_get_size (bytes) != region->length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_FILE_READ,
                   "%s became shorter while it was being read",
                   self->path);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}
