/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-preloader.h"

#include "base/ub-error.h"
#include "wire/ub-reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* all from shared/protocol/brom-and-legacy.md §4 */
#define FILE_SIZE_MAX (64u * 1024 * 1024) /* a dump of a whole boot area is 4 to 32 MiB */
#define GFH_SEARCH 0x5000u                /* storage headers are not longer */
#define GFH_FILE_INFO_SIZE 0x38u
#define EMMC_HEADER_SIZE 0x800u
#define UFS_HEADER_SIZE 0x1000u
#define UFS_BLOCK 0x1000u
#define EMI_MAGIC "MTK_BLOADER_INFO_v"
#define EMI_HEADER_SIZE 0x70u
#define EMI_NAME_OFFSET 0x1Bu
#define EMI_NAME_SIZE (0x58u - EMI_NAME_OFFSET)
#define EMI_BIN_OFFSET 0x64u
#define EMI_CUT 0x800u /* what some makers put behind the block */
#define EMI_CUTS_MAX 16u
#define EMI_RECORDS_MAX 256u
#define EMI_ID_SIZE 16u
#define BRLYT_OFFSET 0x200u
#define BRLYT_PRESENT 0x42424242u
#define BRLYT_TYPE_ARM_BL 1u

static const guint8 gfh_magic[] = { 'M', 'M', 'M', 1, 0x38, 0, 0, 0 };

static const char *const storage_headers[] = { "EMMC_BOOT",
                                               "UFS_BOOT",
                                               "SDMMC_BOOT",
                                               "COMBO_BOOT",
                                               "SF_BOOT" };

typedef enum
{
  HEAD_UNKNOWN,
  HEAD_08, /* type, id[12] */
  HEAD_11, /* type, id[16], id_length */
  HEAD_10, /* sub_version, type, id_length, fw_id_length, id[16] */
} RecordHead;

static const struct
{
  guint8     version;
  guint8     size;
  RecordHead head;
} record_kinds[] = {
  { 0, 140, HEAD_UNKNOWN },  { 8, 136, HEAD_08 },       { 10, 184, HEAD_10 },
  { 11, 168, HEAD_11 },      { 12, 188, HEAD_10 },      { 13, 188, HEAD_10 },
  { 14, 168, HEAD_11 },      { 15, 176, HEAD_10 },      { 16, 188, HEAD_10 },
  { 17, 176, HEAD_10 },      { 18, 188, HEAD_UNKNOWN }, { 19, 176, HEAD_UNKNOWN },
  { 20, 188, HEAD_10 },      { 21, 188, HEAD_10 },      { 22, 176, HEAD_10 },
  { 24, 164, HEAD_UNKNOWN }, { 25, 160, HEAD_UNKNOWN }, { 27, 188, HEAD_UNKNOWN },
  { 28, 144, HEAD_UNKNOWN }, { 30, 160, HEAD_UNKNOWN }, { 31, 160, HEAD_UNKNOWN },
  { 32, 188, HEAD_UNKNOWN }, { 35, 160, HEAD_UNKNOWN }, { 36, 160, HEAD_UNKNOWN },
  { 38, 160, HEAD_UNKNOWN }, { 39, 160, HEAD_UNKNOWN }, { 40, 160, HEAD_UNKNOWN },
  { 45, 160, HEAD_UNKNOWN }, { 46, 160, HEAD_UNKNOWN }, { 47, 160, HEAD_UNKNOWN },
  { 49, 84, HEAD_UNKNOWN },  { 51, 84, HEAD_UNKNOWN },  { 52, 84, HEAD_UNKNOWN },
};

static gboolean
bad_image (const char *name, GError **error, const char *what)
{
  g_set_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE, "%s: %s", name, what);
  return FALSE;
}

static gboolean
is_emi_block (const guint8 *data, gsize size)
{
  return size > EMI_HEADER_SIZE && memcmp (data, EMI_MAGIC, strlen (EMI_MAGIC)) == 0 &&
         memcmp (data + EMI_BIN_OFFSET, "MTK_BIN", 8) == 0;
}

/* v08 keeps no length: what is left of a CID (9 bytes) or NAND id when the zeros behind are cut */
static guint
trimmed_length (const guint8 *id, guint length)
{
  while (length > 0 && id[length - 1] == 0)
    length--;
  return length;
}

static UbEmiRecord
read_record (const guint8 *data, gsize size, RecordHead head)
{
  UbReader      reader = UB_READER_INIT (data, size);
  UbEmiRecord   record = { .id_length = 0 };
  gsize         id_size = head == HEAD_08 ? 12 : EMI_ID_SIZE;
  const guint8 *id;

  if (head == HEAD_UNKNOWN)
    return record;
  if (head == HEAD_10)
    ub_reader_skip (&reader, 4);
  record.type = ub_reader_u32_le (&reader);
  if (head == HEAD_10)
    {
      record.id_length = ub_reader_u32_le (&reader);
      ub_reader_skip (&reader, 4);
    }
  id = ub_reader_bytes (&reader, id_size);
  if (id == NULL)
    return (UbEmiRecord){ .id_length = 0 };
  memcpy (record.id, id, id_size);
  if (head == HEAD_11)
    record.id_length = ub_reader_u32_le (&reader);
  if (head == HEAD_08)
    record.id_length = trimmed_length (record.id, 9);
  record.id_length = MIN (record.id_length, EMI_ID_SIZE);
  return record;
}

static GArray *
read_records (const guint8 *data, gsize record_size, gsize n_records, RecordHead head)
{
  GArray *index = g_array_new (FALSE, TRUE, sizeof (UbEmiRecord));

  for (gsize i = 0; i < n_records; i++)
    {
      UbEmiRecord record = read_record (data + i * record_size, record_size, head);

      record.offset = i * record_size;
      g_array_append_val (index, record);
    }
  return index;
}

/* the size of a record: from our table, else what the count leaves if it comes out even; 0 if
 * neither */
static gsize
record_size_of (guint version, gsize payload, guint32 count, RecordHead *head)
{
  *head = HEAD_UNKNOWN;
  for (gsize i = 0; i < G_N_ELEMENTS (record_kinds); i++)
    if (record_kinds[i].version == version)
      {
        *head = record_kinds[i].head;
        return record_kinds[i].size;
      }
  return count > 0 && count <= payload / 16 && payload % count == 0 ? payload / count : 0;
}

/* (transfer full) (nullable): @block is a slice that begins with a block's header */
static UbEmi *
read_emi (GBytes *block, const char *origin)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (block, &size);
  UbReader      reader = UB_READER_INIT (data, size);
  gsize         digits = strlen (EMI_MAGIC);
  RecordHead    head;
  guint32       count;
  gsize         record_size;
  guint         version;
  UbEmi        *emi;

  if (!is_emi_block (data, size) || !g_ascii_isdigit (data[digits]) ||
      !g_ascii_isdigit (data[digits + 1]))
    return NULL;
  version = (guint) (data[digits] - '0') * 10 + (guint) (data[digits + 1] - '0');
  ub_reader_seek (&reader, EMI_HEADER_SIZE - 4);
  count = ub_reader_u32_le (&reader);
  record_size = record_size_of (version, size - EMI_HEADER_SIZE, count, &head);
  if (record_size == 0)
    return NULL;
  count = (guint32) MIN (MIN (count, EMI_RECORDS_MAX), (size - EMI_HEADER_SIZE) / record_size);
  if (count == 0)
    return NULL;
  emi = g_new0 (UbEmi, 1);
  emi->origin = g_strdup (origin);
  emi->version = version;
  emi->record_size = record_size;
  emi->block = g_bytes_ref (block);
  emi->records = g_bytes_new_from_bytes (block, EMI_HEADER_SIZE, count * record_size);
  emi->index = read_records (data + EMI_HEADER_SIZE, record_size, count, head);
  emi->ids_unknown = head == HEAD_UNKNOWN;
  return emi;
}

static void
take_emi (UbPreloader *self, GBytes *block, const char *origin)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (block, &size);
  UbReader      reader = UB_READER_INIT (data, size);

  self->emi = read_emi (block, origin);
  if (self->emi == NULL)
    return;
  g_free (self->name);
  ub_reader_seek (&reader, EMI_NAME_OFFSET);
  self->name = ub_reader_dup_string (&reader, EMI_NAME_SIZE);
}

/* the last word of @body is the block's size, after cutting what is zero there (§4.3) */
static void
find_emi (UbPreloader *self, GBytes *bytes, gsize start, gsize size, const char *origin)
{
  const guint8 *data = g_bytes_get_data (bytes, NULL);

  for (guint i = 0; i < EMI_CUTS_MAX && size > EMI_HEADER_SIZE + 4; i++)
    {
      UbReader reader = UB_READER_INIT (data + start, size);
      guint32  block_size;

      ub_reader_seek (&reader, size - 4);
      block_size = ub_reader_u32_le (&reader);
      if (block_size > 0 && block_size <= size - 4)
        {
          g_autoptr (GBytes) block =
                         g_bytes_new_from_bytes (bytes, start + size - 4 - block_size, block_size);

          take_emi (self, block, origin);
        }
      if (block_size != 0 || size <= EMI_CUT)
        return;
      size -= EMI_CUT;
    }
}

static const char *
storage_header_of (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < G_N_ELEMENTS (storage_headers); i++)
    {
      gsize length = strlen (storage_headers[i]) + 1;

      if (size >= BRLYT_OFFSET && memcmp (data, storage_headers[i], length) == 0)
        return storage_headers[i];
    }
  return NULL;
}

/* where the GFH begins, searched only where a storage header can have pushed it; G_MAXSIZE if
 * nowhere */
static gsize
find_gfh (const guint8 *data, gsize size)
{
  gsize         reach = MIN (size, GFH_SEARCH + sizeof gfh_magic);
  const guint8 *found = NULL;

  if (size >= sizeof gfh_magic) /* an empty file has no data to point at */
    found = memmem (data, reach, gfh_magic, sizeof gfh_magic);
  return found == NULL ? G_MAXSIZE : (gsize) (found - data);
}

static gboolean
read_gfh (UbPreloader *self, GBytes *bytes, const char *name, GError **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  UbReader      reader = UB_READER_INIT (data, size);
  gsize         left = size - self->gfh_offset;

  if (left < GFH_FILE_INFO_SIZE || memcmp (data + self->gfh_offset + 8, "FILE_INFO", 10) != 0)
    return bad_image (name, error, "preloader without a whole header");
  ub_reader_seek (&reader, self->gfh_offset + 0x1C);
  self->load_address = ub_reader_u32_le (&reader);
  self->file_length = ub_reader_u32_le (&reader);
  ub_reader_skip (&reader, 8);
  self->signature_length = ub_reader_u32_le (&reader);
  if (self->file_length > left)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_IMAGE,
                   "%s: preloader of %u bytes cut after %" G_GSIZE_FORMAT,
                   name,
                   self->file_length,
                   left);
      return FALSE;
    }
  if (self->file_length < GFH_FILE_INFO_SIZE ||
      self->signature_length > self->file_length - GFH_FILE_INFO_SIZE)
    return bad_image (name, error, "preloader whose header contradicts itself");
  find_emi (self, bytes, self->gfh_offset, self->file_length - self->signature_length, name);
  return TRUE;
}

/**
 * ub_preloader_parse:
 * @bytes: a file
 * @name: its name, for messages and as the origin of its memory settings
 *
 * Source: shared/protocol/brom-and-legacy.md §4. A preloader without (readable) memory settings is
 * one all the same; its @emi is %NULL. Records of versions whose head is not known have no id, and
 * @emi says ids_unknown.
 *
 * Returns: (transfer full) (nullable): what it is, or %NULL with %UB_ERROR_BAD_IMAGE
 */
UbPreloader *
ub_preloader_parse (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (UbPreloader) self = g_new0 (UbPreloader, 1);
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  self->name = g_strdup ("");
  if (is_emi_block (data, size))
    {
      take_emi (self, bytes, name);
      if (self->emi == NULL)
        return (void) bad_image (name, error, "memory settings of an unknown kind"), NULL;
      return g_steal_pointer (&self);
    }
  self->storage_header = g_strdup (storage_header_of (data, size));
  self->gfh_offset = find_gfh (data, size);
  if (self->gfh_offset == G_MAXSIZE || (self->gfh_offset % 0x200) != 0)
    return (void) bad_image (name, error, "neither a preloader nor memory settings"), NULL;
  if (!read_gfh (self, bytes, name, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* as ub_preloader_parse(), of the file @path; also FILE_READ */
UbPreloader *
ub_preloader_open (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = g_path_get_basename (path);
  char            *data;
  gsize            size;
  struct stat      info;

  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not a file that can be read", path);
      return NULL;
    }
  if (info.st_size > FILE_SIZE_MAX)
    return (void) bad_image (name, error, "too large for a preloader"), NULL;
  if (!g_file_get_contents (path, &data, &size, &local))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", path, local->message);
      return NULL;
    }
  bytes = g_bytes_new_take (data, size);
  return ub_preloader_parse (bytes, name, error);
}

void
ub_preloader_free (UbPreloader *self)
{
  g_free (self->storage_header);
  g_free (self->name);
  g_clear_pointer (&self->emi, ub_emi_free);
  g_free (self);
}

static void
put_u32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

/* UFS is read in blocks of 4096 bytes, and real headers say an end that is one of theirs */
static guint32
end_of_image (guint32 end, gboolean is_ufs)
{
  return is_ufs ? (end + UFS_BLOCK - 1) / UFS_BLOCK * UFS_BLOCK : end;
}

/* §4.1: name, version, write unit; boot layout with one descriptor; FF where nothing is */
static void
write_storage_header (guint8     *data,
                      const char *name,
                      gboolean    is_ufs,
                      guint32     header_size,
                      guint32     end)
{
  guint8 *layout = data + BRLYT_OFFSET;

  memset (data, 0xFF, header_size);
  memset (data, 0, 12);
  memcpy (data, name, strlen (name));
  put_u32 (data + 12, 1);
  put_u32 (data + 16, is_ufs ? UFS_BLOCK : 0x200);
  memcpy (layout, "BRLYT\0\0\0", 8);
  put_u32 (layout + 8, 1);
  put_u32 (layout + 12, header_size);
  put_u32 (layout + 16, end);
  put_u32 (layout + 20, BRLYT_PRESENT);
  put_u32 (layout + 24, (is_ufs ? 0x0Cu : 0x05u) | BRLYT_TYPE_ARM_BL << 16);
  put_u32 (layout + 28, header_size);
  put_u32 (layout + 32, end);
  put_u32 (layout + 36, 1);
}

/**
 * ub_preloader_add_storage_header:
 * @bytes: a preloader
 * @storage_header: "EMMC_BOOT" or "UFS_BOOT"
 *
 * Returns: (transfer full) (nullable): @bytes as it belongs at the begin of a boot area. %NULL with
 *   %UB_ERROR_BAD_IMAGE if it is no preloader, %UB_ERROR_WRONG_STORAGE if it has the header of
 *   another storage, %UB_ERROR_UNSUPPORTED for headers whose layout is not known
 */
GBytes *
ub_preloader_add_storage_header (GBytes *bytes, const char *storage_header, GError **error)
{
  g_autoptr (UbPreloader) self = ub_preloader_parse (bytes, "preloader", error);
  gboolean      is_ufs = g_str_equal (storage_header, "UFS_BOOT");
  guint32       header_size = is_ufs ? UFS_HEADER_SIZE : EMMC_HEADER_SIZE;
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8       *whole;

  if (self == NULL)
    return NULL;
  if (self->file_length == 0)
    return (void) bad_image (self->name, error, "memory settings alone are no preloader"), NULL;
  if (self->storage_header != NULL && !g_str_equal (self->storage_header, storage_header))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_WRONG_STORAGE,
                   "preloader made for %s, not for %s",
                   self->storage_header,
                   storage_header);
      return NULL;
    }
  if (self->gfh_offset != 0)
    return g_bytes_ref (bytes);
  if (size > FILE_SIZE_MAX)
    return (void) bad_image ("preloader", error, "too large for a preloader"), NULL;
  if (!is_ufs && !g_str_equal (storage_header, "EMMC_BOOT"))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNSUPPORTED,
                   "storage header %s is not known",
                   storage_header);
      return NULL;
    }
  whole = g_malloc (header_size + size);
  write_storage_header (whole,
                        storage_header,
                        is_ufs,
                        header_size,
                        end_of_image (header_size + (guint32) size, is_ufs));
  memcpy (whole + header_size, data, size);
  return g_bytes_new_take (whole, header_size + size);
}
