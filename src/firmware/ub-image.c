/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image.h"

#include "base/ub-error.h"
#include "firmware/ub-image-file.h"
#include "wire/ub-reader.h"

#include <fcntl.h>
#include <string.h>

#define BUFFER_SIZE (256u * 1024)
#define SCAN_SIZE 4096u         /* one page: most chunks are far longer than their header */
#define SNIFF_SIZE (64u * 1024) /* read to tell what a file is */
#define SPARSE_MAGIC 0xED26FF3Au
#define SPARSE_HEADER_SIZE 28u
#define CHUNK_HEADER_SIZE 12u

typedef enum
{
  CHUNK_RAW = 0xCAC1,
  CHUNK_FILL = 0xCAC2,
  CHUNK_DONT_CARE = 0xCAC3,
  CHUNK_CRC32 = 0xCAC4,
} ChunkType;

/* how far an image has been walked */
typedef struct
{
  guint64 offset; /* of the next chunk header, bytes in the file */
  guint64 block;  /* on the partition, in blocks */
  guint32 chunk;  /* chunks behind us */
} Cursor;

typedef struct
{
  UbImageExtent extent;      /* length 0: nothing to write */
  guint64       data_offset; /* bytes in the file */
} Piece;

struct _UbImage
{
  UbImageFile  *file;
  UbImageFormat format;
  const char   *content;
  guint64       size;
  guint64       data_size;

  guint32 block_size;
  guint32 n_blocks;
  guint32 n_chunks;
  guint16 header_size;
  guint16 chunk_header_size;
  /* every piece is a sparse image of its own, which leaves out what the others hold */
  gboolean layered;
  guint    layer; /* the present piece */

  guint8  *buffer;
  guint64  buffer_offset;
  gsize    buffer_fill;
  gboolean scanning; /* only chunk headers are wanted */

  Cursor  cursor;
  Piece   piece; /* the present one */
  guint64 done;  /* bytes read of it */
};

static gboolean
bad_image (UbImage *self, GError **error, const char *what)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_IMAGE,
               "%s: %s",
               ub_image_file_get_name (self->file),
               what);
  return FALSE;
}

static gboolean
came_short (UbImage *self, guint64 offset, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_READ,
               "%s ends before byte %" G_GUINT64_FORMAT,
               ub_image_file_get_name (self->file),
               offset);
  return FALSE;
}

static gboolean
fill_buffer (UbImage *self, guint64 offset, GError **error)
{
  guint64  end = self->buffer_offset + self->buffer_fill;
  gboolean far = offset < self->buffer_offset || offset > end + SCAN_SIZE;
  gssize   n;

  self->buffer_fill = 0;
  n = ub_image_file_read (self->file,
                          offset,
                          self->buffer,
                          self->scanning && far ? SCAN_SIZE : BUFFER_SIZE,
                          error);
  if (n < 0)
    return FALSE;
  self->buffer_offset = offset;
  self->buffer_fill = (gsize) n;
  return TRUE;
}

/* exactly @size bytes; large pieces go past the buffer */
static gboolean
fetch (UbImage *self, guint64 offset, guint8 *data, gsize size, GError **error)
{
  gssize n;

  if (offset >= self->buffer_offset && offset - self->buffer_offset <= self->buffer_fill &&
      size <= self->buffer_fill - (offset - self->buffer_offset))
    {
      memcpy (data, self->buffer + (offset - self->buffer_offset), size);
      return TRUE;
    }
  if (!ub_image_file_check (self->file, offset, error))
    return FALSE;
  if (size > BUFFER_SIZE / 2)
    {
      n = ub_image_file_read (self->file, offset, data, size, error);
      return n == (gssize) size || (n >= 0 && came_short (self, offset + size, error));
    }
  if (!fill_buffer (self, offset, error))
    return FALSE;
  if (self->buffer_fill < size)
    return came_short (self, offset + size, error);
  memcpy (data, self->buffer, size);
  return TRUE;
}

static gboolean
has_bytes (const guint8 *data, gsize size, gsize offset, const char *bytes, gsize n)
{
  return size >= n && offset <= size - n && memcmp (data + offset, bytes, n) == 0;
}

static gboolean
is_uniform (const guint8 *data, gsize size)
{
  return size == 0 || ((data[0] == 0 || data[0] == 0xFF) && memcmp (data, data + 1, size - 1) == 0);
}

/* what the first bytes say. Kinds with a mark at the very begin come first; the MBR's is the
 * weakest */
static const char *
sniff (const guint8 *data, gsize size)
{
  static const struct
  {
    const char *name;
    gsize       offset;
    gsize       length;
    const char *mark;
  } kinds[] = {
    { "sparse", 0, 4, "\x3A\xFF\x26\xED" },
    { "boot", 0, 8, "ANDROID!" },
    { "vendor_boot", 0, 8, "VNDRBOOT" },
    { "vbmeta", 0, 4, "AVB0" },
    { "lk", 0, 4, "\x88\x16\x88\x58" },
    { "gfh", 0, 3, "MMM" },
    { "storage-header", 0, 10, "EMMC_BOOT\0" },
    { "storage-header", 0, 9, "UFS_BOOT\0" },
    { "storage-header", 0, 11, "SDMMC_BOOT\0" },
    { "storage-header", 0, 11, "COMBO_BOOT\0" },
    { "storage-header", 0, 8, "SF_BOOT\0" },
    { "storage-header", 0, 11, "BOOTLOADER!" },
    { "agent", 0, 18, "MTK_DOWNLOAD_AGENT" },
    { "emi", 0, 18, "MTK_BLOADER_INFO_v" },
    { "elf",
      0,
      4,
      "\x7F"
      "ELF" },
    { "zip", 0, 4, "PK\x03\x04" },
    { "rar", 0, 6, "Rar!\x1A\x07" },
    { "7z", 0, 6, "7z\xBC\xAF\x27\x1C" },
    { "gzip", 0, 3, "\x1F\x8B\x08" },
    { "xz",
      0,
      6,
      "\xFD"
      "7zXZ\0" },
    { "squashfs", 0, 4, "hsqs" },
    { "html", 0, 9, "<!DOCTYPE" },
    { "html", 0, 9, "<!doctype" },
    { "html", 0, 5, "<html" },
    { "gpt", 512, 8, "EFI PART" },
    { "gpt", 4096, 8, "EFI PART" },
    { "ext4", 0x438, 2, "\x53\xEF" },
    { "f2fs", 0x400, 4, "\x10\x20\xF5\xF2" },
    { "erofs", 0x400, 4, "\xE2\xE1\xF5\xE0" },
    { "super", 4096, 4, "gDla" },
    { "tar", 257, 5, "ustar" },
    { "fat", 0x36, 3, "FAT" },
    { "fat", 0x52, 5, "FAT32" },
    { "mbr", 0x1FE, 2, "\x55\xAA" },
  };

  if (is_uniform (data, size))
    return "empty";
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (has_bytes (data, size, kinds[i].offset, kinds[i].mark, kinds[i].length))
      return kinds[i].name;
  return "unknown";
}

/* the header's numbers against each other and the file, before any chunk is looked at */
static gboolean
check_sparse_header (UbImage *self, guint16 major, GError **error)
{
  guint64 file_size = ub_image_file_get_size (self->file);

  if (major != 1)
    return bad_image (self, error, "sparse format of an unknown version");
  if (self->header_size < SPARSE_HEADER_SIZE || self->chunk_header_size < CHUNK_HEADER_SIZE)
    return bad_image (self, error, "sparse header too short");
  if (self->block_size == 0 || self->block_size % 4 != 0)
    return bad_image (self, error, "sparse block size is not a multiple of 4");
  if (self->header_size > file_size ||
      self->n_chunks > (file_size - self->header_size) / self->chunk_header_size)
    return bad_image (self, error, "more sparse chunks than the file has room for");
  return TRUE;
}

static gboolean
read_sparse_header (UbImage *self, GError **error)
{
  guint8   bytes[SPARSE_HEADER_SIZE];
  UbReader reader = UB_READER_INIT (bytes, sizeof bytes);
  guint16  major;

  if (ub_image_file_get_size (self->file) < sizeof bytes)
    return bad_image (self, error, "sparse image shorter than its header");
  if (!fetch (self, 0, bytes, sizeof bytes, error))
    return FALSE;
  ub_reader_skip (&reader, 4);
  major = ub_reader_u16_le (&reader);
  ub_reader_skip (&reader, 2);
  self->header_size = ub_reader_u16_le (&reader);
  self->chunk_header_size = ub_reader_u16_le (&reader);
  self->block_size = ub_reader_u32_le (&reader);
  self->n_blocks = ub_reader_u32_le (&reader);
  self->n_chunks = ub_reader_u32_le (&reader);
  self->size = MAX (self->size, (guint64) self->n_blocks * self->block_size);
  return check_sparse_header (self, major, error);
}

/* does the chunk's size in the file fit its type and its blocks? CRC chunks and what is not known
 * take no blocks */
static gboolean
check_chunk (UbImage *self, guint16 type, guint32 n_blocks, guint64 data_size, GError **error)
{
  switch (type)
    {
    case CHUNK_RAW:
      return data_size == (guint64) n_blocks * self->block_size ||
             bad_image (self, error, "raw chunk whose size does not fit its blocks");
    case CHUNK_FILL:
      return data_size == 4 || bad_image (self, error, "fill chunk whose size is not 4");
    case CHUNK_DONT_CARE:
      return data_size == 0 || bad_image (self, error, "skip chunk with data");
    case CHUNK_CRC32:
      return data_size == 4 || bad_image (self, error, "checksum chunk whose size is not 4");
    default:
      return bad_image (self, error, "sparse chunk of an unknown type");
    }
}

/* one chunk header at @cursor, checked; @cursor moves on behind the chunk */
static gboolean
take_chunk (UbImage *self, Cursor *cursor, Piece *piece, GError **error)
{
  guint64  file_size = ub_image_file_get_size (self->file);
  guint8   bytes[CHUNK_HEADER_SIZE];
  guint8   fill[4] = { 0 };
  UbReader reader = UB_READER_INIT (bytes, sizeof bytes);
  UbReader fill_reader = UB_READER_INIT (fill, sizeof fill);
  guint16  type;
  guint32  n_blocks;
  guint32  chunk_size;

  if (file_size - cursor->offset < self->chunk_header_size)
    return bad_image (self, error, "sparse image ends before its last chunk");
  if (!fetch (self, cursor->offset, bytes, sizeof bytes, error))
    return FALSE;
  type = ub_reader_u16_le (&reader);
  ub_reader_skip (&reader, 2);
  n_blocks = ub_reader_u32_le (&reader);
  chunk_size = ub_reader_u32_le (&reader);
  if (chunk_size < self->chunk_header_size || chunk_size > file_size - cursor->offset)
    return bad_image (self, error, "sparse image ends within a chunk");
  if (!check_chunk (self, type, n_blocks, chunk_size - self->chunk_header_size, error))
    return FALSE;
  if (type == CHUNK_CRC32)
    n_blocks = 0;
  if (n_blocks > self->n_blocks - cursor->block)
    return bad_image (self, error, "sparse chunks hold more blocks than the header says");
  piece->data_offset = cursor->offset + self->chunk_header_size;
  if (type == CHUNK_FILL && !fetch (self, piece->data_offset, fill, sizeof fill, error))
    return FALSE;
  piece->extent.offset = cursor->block * self->block_size;
  piece->extent.length = type == CHUNK_DONT_CARE ? 0 : (guint64) n_blocks * self->block_size;
  piece->extent.is_fill = type == CHUNK_FILL;
  piece->extent.fill = ub_reader_u32_le (&fill_reader);
  cursor->offset += chunk_size;
  cursor->block += n_blocks;
  cursor->chunk++;
  return TRUE;
}

/* every chunk once; nothing is kept but the sum. @end: of what the pieces before hold, and this one
 * too */
static gboolean
scan_chunks (UbImage *self, guint64 *end, GError **error)
{
  Cursor cursor = { .offset = self->header_size };
  Piece  piece;

  while (cursor.chunk < self->n_chunks)
    {
      if (!take_chunk (self, &cursor, &piece, error))
        return FALSE;
      if (piece.extent.length == 0)
        continue;
      if (piece.extent.offset < *end)
        return bad_image (self, error, "holds what a piece before it holds, too");
      self->data_size += piece.extent.length;
      *end = piece.extent.offset + piece.extent.length;
    }
  if (cursor.block != self->n_blocks)
    return bad_image (self, error, "sparse chunks hold fewer blocks than the header says");
  return TRUE;
}

static gboolean
begins_sparse (const guint8 *data, gsize size)
{
  return has_bytes (data, size, 0, "\x3A\xFF\x26\xED", 4);
}

/* pieces are either all sparse images, or cut off one file anywhere */
static gboolean
find_layers (UbImage *self, GError **error)
{
  guint n = ub_image_file_get_n_pieces (self->file);
  guint sparse = 0;
  guint last_sparse = 0;

  for (guint i = 0; i < n && n > 1; i++)
    {
      guint8 head[4];
      gssize size;

      ub_image_file_show (self->file, i);
      size = ub_image_file_read (self->file, 0, head, sizeof head, error);
      if (size < 0)
        return FALSE;
      if (!begins_sparse (head, (gsize) size))
        continue;
      sparse++;
      last_sparse = i;
    }
  self->layered = sparse > 1 || last_sparse > 0;
  if (self->layered && sparse < n)
    return bad_image (self, error, "some pieces of the image are sparse ones, and others are not");
  ub_image_file_show (self->file, UB_IMAGE_FILE_ALL);
  return TRUE;
}

static gboolean
open_layer (UbImage *self, guint layer, GError **error)
{
  ub_image_file_show (self->file, layer);
  self->layer = layer;
  self->buffer_fill = 0;
  if (!read_sparse_header (self, error))
    return FALSE;
  self->cursor = (Cursor){ .offset = self->header_size };
  return TRUE;
}

static gboolean
scan_sparse (UbImage *self, GError **error)
{
  guint   n = ub_image_file_get_n_pieces (self->file);
  guint64 end = 0;

  if (!self->layered)
    return read_sparse_header (self, error) && scan_chunks (self, &end, error);
  for (guint i = 0; i < n; i++)
    if (!open_layer (self, i, error) || !scan_chunks (self, &end, error))
      return FALSE;
  return TRUE;
}

static gboolean
look_inside (UbImage *self, GError **error)
{
  gboolean ok;

  if (!fill_buffer (self, 0, error))
    return FALSE;
  self->content = sniff (self->buffer, MIN (self->buffer_fill, SNIFF_SIZE));
  if (!g_str_equal (self->content, "sparse"))
    {
      self->size = self->data_size = ub_image_file_get_size (self->file);
      self->n_chunks = self->size > 0 ? 1 : 0;
      return TRUE;
    }
  self->format = UB_IMAGE_SPARSE;
  self->scanning = TRUE;
  ub_image_file_advise (self->file, POSIX_FADV_RANDOM);
  ok = scan_sparse (self, error);
  ub_image_file_advise (self->file, POSIX_FADV_SEQUENTIAL);
  self->scanning = FALSE;
  return ok;
}

/**
 * ub_image_open:
 * @path: a file, or the first piece of an image in pieces (firmware/ub-image-pieces.h)
 *
 * Opens an image and, if it is a sparse one, walks all its chunk headers once: that takes time
 * with the number of chunks, but no memory. Pieces that are sparse images lie over each other, as
 * each leaves out what the others hold; other pieces follow each other.
 *
 * Returns: (transfer full) (nullable): the image, standing before its first extent, or %NULL with
 *   %UB_ERROR_FILE_READ or %UB_ERROR_BAD_IMAGE; %UB_ERROR_FILE_MISSING for a piece
 */
UbImage *
ub_image_open (const char *path, GError **error)
{
  g_autoptr (UbImage) self = g_new0 (UbImage, 1);

  self->buffer = g_malloc (BUFFER_SIZE);
  self->format = UB_IMAGE_RAW;
  self->file = ub_image_file_open (path, error);
  if (self->file == NULL || !find_layers (self, error) || !look_inside (self, error) ||
      !ub_image_rewind (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ub_image_free (UbImage *self)
{
  g_clear_pointer (&self->file, ub_image_file_free);
  g_free (self->buffer);
  g_free (self);
}

UbImageFormat
ub_image_get_format (UbImage *self)
{
  return self->format;
}

/**
 * ub_image_get_content:
 * @self: an image
 *
 * Returns: (transfer none): what the file's first 64 KiB say it is; "empty" if these are all 00
 *   or all FF
 */
const char *
ub_image_get_content (UbImage *self)
{
  return self->content;
}

guint64
ub_image_get_size (UbImage *self)
{
  return self->size;
}

guint64
ub_image_get_data_size (UbImage *self)
{
  return self->data_size;
}

guint64
ub_image_get_file_size (UbImage *self)
{
  return ub_image_file_get_whole_size (self->file);
}

/* fills of one word that touch each other become one extent */
static gboolean
join_fills (UbImage *self, GError **error)
{
  UbImageExtent *now = &self->piece.extent;

  while (now->is_fill && self->cursor.chunk < self->n_chunks)
    {
      Cursor cursor = self->cursor;
      Piece  piece = { { 0 } };

      if (!take_chunk (self, &cursor, &piece, error))
        return FALSE;
      if (!piece.extent.is_fill || piece.extent.fill != now->fill ||
          piece.extent.offset != now->offset + now->length)
        return TRUE;
      now->length += piece.extent.length;
      self->cursor = cursor;
    }
  return TRUE;
}

static gboolean
next_sparse (UbImage *self, GError **error)
{
  do
    {
      while (self->layered && self->cursor.chunk == self->n_chunks &&
             self->layer + 1 < ub_image_file_get_n_pieces (self->file))
        if (!open_layer (self, self->layer + 1, error))
          return FALSE;
      if (self->cursor.chunk == self->n_chunks)
        return FALSE;
      if (!take_chunk (self, &self->cursor, &self->piece, error))
        return FALSE;
    }
  while (self->piece.extent.length == 0);
  return join_fills (self, error);
}

/**
 * ub_image_next:
 * @self: an image
 * @extent: (out): where the next bytes belong
 *
 * Goes on to the next extent; what was not read of the last one is skipped. Extents are in rising
 * order and do not overlap.
 *
 * Returns: %TRUE with @extent; %FALSE without @error at the end, else %UB_ERROR_FILE_READ or
 *   %UB_ERROR_BAD_IMAGE (the file was changed)
 */
gboolean
ub_image_next (UbImage *self, UbImageExtent *extent, GError **error)
{
  self->done = 0;
  self->piece = (Piece){ { 0 } };
  if (self->format == UB_IMAGE_SPARSE)
    {
      if (!next_sparse (self, error))
        {
          self->piece = (Piece){ { 0 } };
          return FALSE;
        }
    }
  else
    {
      if (self->cursor.chunk == self->n_chunks)
        return FALSE;
      self->cursor.chunk++;
      self->piece.extent.length = self->size;
    }
  *extent = self->piece.extent;
  return TRUE;
}

static void
repeat_fill (guint32 fill, guint64 phase, guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (fill >> 8 * ((phase + i) & 3));
}

/**
 * ub_image_read:
 * @self: an image within an extent
 * @data: room for @size bytes
 * @size: bytes wanted, at most what is left of the extent
 *
 * Returns: %TRUE with all of @size bytes; else %UB_ERROR_FILE_READ if the file became shorter or
 *   was changed since it was opened, %UB_ERROR_INTERNAL if the extent has not that many
 */
gboolean
ub_image_read (UbImage *self, guint8 *data, gsize size, GError **error)
{
  UbImageExtent *now = &self->piece.extent;

  if (size > now->length - self->done)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "%s: %" G_GSIZE_FORMAT " bytes wanted of %" G_GUINT64_FORMAT,
                   ub_image_file_get_name (self->file),
                   size,
                   now->length - self->done);
      return FALSE;
    }
  if (now->is_fill)
    repeat_fill (now->fill, self->done, data, size);
  else if (!fetch (self, self->piece.data_offset + self->done, data, size, error))
    return FALSE;
  self->done += size;
  return TRUE;
}

/* goes on in the present extent as if @size bytes of it had been read; no further than its end */
void
ub_image_skip (UbImage *self, guint64 size)
{
  self->done += MIN (size, self->piece.extent.length - self->done);
}

/* back before the first extent; FILE_READ if the file is not what it was */
gboolean
ub_image_rewind (UbImage *self, GError **error)
{
  if (!ub_image_file_check_all (self->file, error))
    return FALSE;
  self->cursor = (Cursor){ .offset = self->header_size };
  self->piece = (Piece){ { 0 } };
  self->done = 0;
  self->buffer_fill = 0;
  return !self->layered || open_layer (self, 0, error);
}
