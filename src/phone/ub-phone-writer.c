/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <string.h>

/* what a framed agent does with an image: shared/protocol/xflash-and-xml.md §3.14, §3.17, §3.21, §5.1 */

#define VERIFY_LIMIT (32 * 1024 * 1024)
#define SPARSE_MAGIC 0xed26ff3au
#define SPARSE_HEADER 28
#define CHUNK_HEADER 12
#define CHUNK_RAW 0xcac1
#define CHUNK_FILL 0xcac2
#define CHUNK_SKIP 0xcac3
#define CHUNK_CRC 0xcac4
#define SBC 1

#define E_FORBIDDEN 0xc0020004u
#define E_UNCHECKABLE 0xc0020005u
#define E_UNSIGNED_PRELOADER 0xc0020006u
#define E_UNSIGNED 0xc0020007u
#define E_LOCKED 0xc002000cu
#define E_PRELOADER 0xc0030004u
#define E_TOO_LARGE 0xc0040004u
#define E_CHUNK 0xc0040005u
#define E_NO_PART 0xc0040006u
#define E_RANGE 0xc004000bu
#define E_MMC 0xc0040030u
#define E_UFS 0xc0040060u

typedef enum
{
  KIND_RAW,
  KIND_SPARSE,    /* expanded as it comes */
  KIND_PRELOADER, /* kept until all is there */
  KIND_CHECKED,   /* so is this */
} Kind;

/* where in a sparse image its next byte belongs */
typedef struct
{
  guint8  head[SPARSE_HEADER];
  gsize   have, want; /* of a header or a fill value */
  guint   chunk_header;
  guint32 block;
  guint16 type;
  guint64 left; /* of the chunk, in the image (raw) or on the storage */
  guint   chunks;
} Sparse;

struct _UbPhoneWriter
{
  UbPracticePhone *phone;
  char            *name; /* (nullable) */
  UbFlash         *flash;
  guint64          start, room; /* of the part or the range */
  guint64          left;        /* of the image, to come */
  guint64          at;          /* what comes next belongs there, from start on */
  Kind             kind;
  gboolean         begun;   /* the first packet is stored */
  gboolean         expands; /* Android sparse */
  GByteArray      *packet;
  gsize            fill; /* of the packet; forgetful phones keep no bytes */
  GByteArray      *kept; /* (nullable) */
  Sparse           sparse;
  guint32          late; /* an error that is only told at the end */
};

static UbPhoneWriter *
writer_new (UbPracticePhone *phone,
            const char      *name,
            UbFlash         *flash,
            guint64          start,
            guint64          room,
            guint64          size)
{
  UbPhoneWriter *self = g_new0 (UbPhoneWriter, 1);

  self->phone = phone;
  self->name = g_strdup (name);
  self->expands = name != NULL;
  self->flash = flash;
  self->start = start;
  self->room = room;
  self->left = size;
  self->packet = g_byte_array_new ();
  phone->writes++;
  return self;
}

void
ub_phone_writer_free (UbPhoneWriter *self)
{
  g_byte_array_unref (self->packet);
  g_clear_pointer (&self->kept, g_byte_array_unref);
  g_free (self->name);
  g_free (self);
}

static gboolean
is_table (const char *name)
{
  return g_str_equal (name, "PGPT") || g_str_equal (name, "SGPT");
}

static guint32
check_part (UbPracticePhone *phone, const char *name, guint64 size)
{
  if ((phone->options.target_config & SBC) == 0)
    return 0;
  if (ub_phone_storage_is_forbidden (name))
    return E_FORBIDDEN;
  return ub_phone_storage_is_checked (name) && size > VERIFY_LIMIT ? E_UNCHECKABLE : 0;
}

static gboolean
is_preloader (const char *name)
{
  return strstr (name, "preloader") != NULL || strstr (name, "PRELOADER") != NULL;
}

static gboolean
wants_signature (UbPhoneWriter *self)
{
  return self->name != NULL && (self->phone->options.target_config & SBC) != 0 &&
         ub_phone_storage_is_checked (self->name);
}

UbPhoneWriter *
ub_phone_writer_open_part (UbPracticePhone *phone, const char *name, guint64 size, guint32 *status)
{
  UbPhoneWriter *self;
  UbFlash       *flash;
  guint64        start, room;

  ub_practice_phone_ask_guard (phone, is_table (name) ? "write-gpt" : "write-image");
  *status = E_NO_PART;
  if (!ub_phone_storage_find_part (phone, name, &flash, &start, &room))
    return NULL;
  *status = check_part (phone, name, size);
  if (*status != 0)
    return NULL;
  self = writer_new (phone, name, flash, start, room, size);
  if (is_preloader (name))
    self->kind = KIND_PRELOADER;
  else if (wants_signature (self))
    self->kind = KIND_CHECKED;
  if (self->kind != KIND_RAW)
    self->kept = g_byte_array_new ();
  /* before anything has come, unless a signature is asked for */
  if (self->kind == KIND_PRELOADER && !wants_signature (self))
    ub_phone_storage_erase (phone, flash, start, room);
  return self;
}

UbPhoneWriter *
ub_phone_writer_open_range (UbPracticePhone *phone,
                            UbFlash         *flash,
                            guint64          start,
                            guint64          size,
                            guint32         *status)
{
  guint64 end = ub_flash_get_size (flash);

  ub_practice_phone_ask_guard (phone, "write");
  *status = start > end || size > end - start                        ? E_RANGE
            : ub_phone_storage_is_locked (phone, flash, start, size) ? E_LOCKED
                                                                     : 0;
  return *status == 0 ? writer_new (phone, NULL, flash, start, size, size) : NULL;
}

void
ub_phone_writer_expand (UbPhoneWriter *self, guint64 room)
{
  self->expands = TRUE;
  self->room = room;
}

guint64
ub_phone_writer_get_left (UbPhoneWriter *self)
{
  return self->left;
}

/* --- to the storage --- */

static guint32
fail_code (UbPhoneWriter *self)
{
  return self->phone->options.storage == UB_STORAGE_UFS ? E_UFS : E_MMC;
}

/* what does not fit is taken and told of at the end */
static guint32
advance (UbPhoneWriter *self, guint64 size, guint64 *n)
{
  *n = MIN (size, self->room - self->at);
  if (*n < size)
    self->late = E_TOO_LARGE;
  return *n > 0 &&
                 ub_phone_storage_write_fails (self->phone, self->flash, self->start + self->at, *n)
             ? fail_code (self)
             : 0;
}

static guint32
put_bytes (UbPhoneWriter *self, const guint8 *data, guint64 size)
{
  guint64 n;
  guint32 status = advance (self, size, &n);

  if (status == 0 && !self->phone->forgetful)
    ub_flash_write (self->flash, self->start + self->at, data, (gsize) n);
  self->at += n;
  return status;
}

/* a pattern of four bytes, many times */
static guint32
put_fill (UbPhoneWriter *self, const guint8 *pattern, guint64 size)
{
  guint8  bytes[4096];
  guint32 status = 0;

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = pattern[i % 4];
  for (guint64 n; status == 0 && size > 0 && self->late == 0; size -= n)
    {
      n = MIN (size, sizeof bytes);
      status = put_bytes (self, bytes, n);
    }
  return status;
}

/* --- Android sparse --- */

static void
await (Sparse *sparse, gsize want)
{
  sparse->have = 0;
  sparse->want = want;
}

static guint32
next_chunk (UbPhoneWriter *self)
{
  Sparse *sparse = &self->sparse;

  await (sparse, sparse->chunk_header);
  sparse->type = 0;
  return 0;
}

static guint32
begin_image (UbPhoneWriter *self)
{
  Sparse *sparse = &self->sparse;

  sparse->chunk_header = ub_phone_le16 (sparse->head + 10);
  sparse->block = ub_phone_le32 (sparse->head + 12);
  if (ub_phone_le16 (sparse->head + 8) != SPARSE_HEADER || sparse->chunk_header != CHUNK_HEADER ||
      sparse->block == 0)
    return E_CHUNK;
  return next_chunk (self);
}

static guint32
begin_chunk (UbPhoneWriter *self)
{
  Sparse *sparse = &self->sparse;

  sparse->type = ub_phone_le16 (sparse->head);
  sparse->left = (guint64) ub_phone_le32 (sparse->head + 4) * sparse->block;
  switch (sparse->type)
    {
    case CHUNK_RAW:
      sparse->want = 0;
      return sparse->left == 0 ? next_chunk (self) : 0;
    case CHUNK_SKIP:
      if (sparse->left > self->room - self->at)
        self->late = E_TOO_LARGE;
      self->at += MIN (sparse->left, self->room - self->at);
      return next_chunk (self);
    case CHUNK_FILL:
    case CHUNK_CRC:
      await (sparse, 4);
      return 0;
    default:
      return E_CHUNK;
    }
}

/* a header, or the four bytes of a fill or a CRC, are there */
static guint32
take_item (UbPhoneWriter *self)
{
  Sparse *sparse = &self->sparse;
  guint32 status = 0;

  if (sparse->block == 0)
    return begin_image (self);
  if (sparse->type == 0)
    return begin_chunk (self);
  if (sparse->type == CHUNK_FILL)
    status = put_fill (self, sparse->head, sparse->left);
  next_chunk (self);
  return status;
}

static guint32
expand (UbPhoneWriter *self, const guint8 *data, gsize size)
{
  Sparse *sparse = &self->sparse;
  guint32 status = 0;

  while (status == 0 && size > 0)
    {
      gsize n = (gsize) MIN (size, sparse->want != 0 ? sparse->want - sparse->have : sparse->left);

      if (sparse->want != 0)
        {
          memcpy (sparse->head + sparse->have, data, n);
          sparse->have += n;
          status = sparse->have == sparse->want ? take_item (self) : 0;
        }
      else
        {
          status = put_bytes (self, data, n);
          sparse->left -= n;
          if (status == 0 && sparse->left == 0)
            status = next_chunk (self);
        }
      data += n;
      size -= n;
    }
  return status;
}

/* --- packets --- */

void
ub_phone_writer_begin_packet (UbPhoneWriter *self)
{
  g_byte_array_set_size (self->packet, 0);
  self->fill = 0;
}

/* a forgetful phone keeps what it cannot do without: the beginning, by which it knows what an image is, and what has to be read */
static gboolean
is_kept (UbPhoneWriter *self)
{
  return !self->phone->forgetful || self->kept != NULL || self->kind == KIND_SPARSE ||
         (self->expands && !self->begun);
}

void
ub_phone_writer_put (UbPhoneWriter *self, const guint8 *data, gsize size)
{
  if (is_kept (self))
    g_byte_array_append (self->packet, data, (guint) size);
  self->fill += size;
}

static guint32
begin_preloader (UbPhoneWriter *self)
{
  const guint8 *data = self->packet->data;

  return self->packet->len >= 12 &&
                 (memcmp (data, "MMM", 3) == 0 || memcmp (data, "EMMC_BOOT", 9) == 0 ||
                  memcmp (data, "UFS_BOOT", 8) == 0)
             ? 0
             : E_PRELOADER;
}

/* the first packet tells what the image is */
static guint32
begin_storing (UbPhoneWriter *self)
{
  const guint8 *data = self->packet->data;

  self->begun = TRUE;
  if (self->expands && self->kind == KIND_RAW && self->packet->len >= 4 &&
      ub_phone_le32 (data) == SPARSE_MAGIC)
    {
      self->kind = KIND_SPARSE;
      await (&self->sparse, SPARSE_HEADER);
    }
  return self->kind == KIND_PRELOADER ? begin_preloader (self) : 0;
}

static guint32
store_packet (UbPhoneWriter *self)
{
  guint64 n;

  if (self->kept != NULL)
    g_byte_array_append (self->kept, self->packet->data, self->packet->len);
  else if (self->kind == KIND_SPARSE)
    return expand (self, self->packet->data, self->packet->len);
  else if (!self->phone->forgetful)
    return put_bytes (self, self->packet->data, self->packet->len);
  else
    {
      guint32 status = advance (self, self->fill, &n);

      self->at += n;
      return status;
    }
  return 0;
}

guint32
ub_phone_writer_end_packet (UbPhoneWriter *self)
{
  guint32 status = self->begun ? 0 : begin_storing (self);

  if (status == 0)
    status = store_packet (self);
  self->left -= MIN (self->left, self->fill);
  return status;
}

/* --- the end --- */

/* the body goes first, its header last: until then there is no preloader */
static guint32
store_preloader (UbPhoneWriter *self)
{
  g_autoptr (GBytes) image = g_bytes_new (self->kept->data, self->kept->len);
  g_autoptr (GBytes) area = self->kept->data[0] == 'M'
                                ? ub_phone_tables_make_boot_area (self->phone, image)
                                : g_bytes_ref (image);
  gsize         size = 0;
  const guint8 *data = g_bytes_get_data (area, &size);
  gsize         head = MIN (size, 0x800);
  guint32       status;

  if (size > self->room)
    return E_TOO_LARGE;
  ub_phone_storage_erase (self->phone, self->flash, self->start, self->room);
  self->at = head;
  status = put_bytes (self, data + head, size - head);
  self->at = 0;
  return status == 0 ? put_bytes (self, data, head) : status;
}

/* a preloader's signature is over the image alone; the header in front of it says where that begins */
static gboolean
is_kept_signed (UbPhoneWriter *self)
{
  const GByteArray *kept = self->kept;
  gsize             begin = 0;

  if (self->kind == KIND_PRELOADER && kept->len > 0x210 && kept->data[0] != 'M')
    begin = MIN (ub_phone_le32 (kept->data + 0x20c), kept->len);
  return ub_phone_storage_is_signed (kept->data + begin, kept->len - begin);
}

static guint32
store_kept (UbPhoneWriter *self)
{
  if (wants_signature (self) && !is_kept_signed (self))
    return self->kind == KIND_PRELOADER ? E_UNSIGNED_PRELOADER : E_UNSIGNED;
  if (self->kind == KIND_PRELOADER)
    return store_preloader (self);
  return put_bytes (self, self->kept->data, self->kept->len);
}

guint32
ub_phone_writer_finish (UbPhoneWriter *self)
{
  guint32 status = self->kept != NULL ? store_kept (self) : 0;

  status = status == 0 ? self->late : status;
  if (self->name != NULL && is_table (self->name))
    ub_phone_storage_forget_table (self->phone);
  if (status == 0)
    ub_phone_storage_note (self->phone, self->name != NULL ? self->name : "range");
  return status;
}
