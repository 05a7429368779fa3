/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-pipe.h"

#include "base/ub-error.h"
#include "base/ub-storage.h"
#include "firmware/ub-image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_SLOTS 3

/* one buffer on its way round: empty → filled by the reader → used by the consumer → empty */
typedef struct
{
  guint8   *data;
  gsize     size;
  guint32   checksum;
  gboolean  starts_run; /* @run is set */
  gboolean  is_last;    /* nothing follows; @error tells why, if not the end */
  UbPipeRun run;
  GError   *error;
} Slot;

struct _UbPipe
{
  char          *name;
  gsize          packet_size;
  guint          sector;
  gboolean       is_exact;
  UbPipeChecksum checksum; /* (nullable): nothing of it is sent */
  gpointer       user_data;

  /* reading thread only. Two views of one image: where the runs are, and what is in them */
  UbImage      *map;   /* (nullable): a memory pipe has none, nor one whose gaps are zeros */
  UbImage      *data;  /* (nullable) */
  GBytes       *bytes; /* (nullable) */
  int           fd;    /* -1: no part of a file */
  guint64       part_offset;
  guint64       flat_size; /* of @bytes or the part */
  guint64       flat_base; /* where in it the present run begins */
  gboolean      flat_done;
  guint64       begin; /* what lies outside is left out */
  guint64       end;
  UbImageExtent ahead; /* next extent of @map */
  gboolean      has_ahead;
  gboolean      is_whole; /* gaps are zeros */
  guint64       data_at;  /* how far into the image it was read, if so */
  UbImageExtent here;     /* present extent of @data */
  guint64       here_left;
  guint64       here_done;

  /* the two threads share these alone */
  Slot         slots[N_SLOTS];
  GAsyncQueue *empty;
  GAsyncQueue *full;
  int          stop; /* atomic */

  /* consumer only */
  GThread *thread;
  Slot    *held; /* (nullable): handed out, or looked at and not yet used */
  gboolean held_used;
};

/* --- reading thread --- */

static gboolean
advance_map (UbPipe *self, GError **error)
{
  g_autoptr (GError) error_local = NULL;

  do
    {
      self->has_ahead = ub_image_next (self->map, &self->ahead, &error_local);
      if (error_local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
    }
  while (self->has_ahead && self->ahead.length == 0);
  return TRUE;
}

/* a run may end in the middle of a sector only at the end of the image: padding must not reach into
 * a gap */
static gboolean
check_run (UbPipe *self, const UbPipeRun *run, GError **error)
{
  if (run->offset % self->sector == 0 && (run->length % self->sector == 0 || !self->has_ahead))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_IMAGE,
               "%s: stretch at 0x%" G_GINT64_MODIFIER "x of 0x%" G_GINT64_MODIFIER
               "x bytes is not made of whole sectors",
               self->name,
               run->offset,
               run->length);
  return FALSE;
}

/* memory and parts of files are one run */
static void
find_flat_run (UbPipe *self, UbPipeRun *run)
{
  guint64 end = MIN (self->end, self->flat_size);

  *run = (UbPipeRun){ self->begin, 0 };
  if (!self->flat_done && self->begin < end)
    run->length = end - self->begin;
  self->flat_base = self->begin;
  self->flat_done = TRUE;
}

/* joins extents that touch each other; length 0 at the end */
static gboolean
join_run (UbPipe *self, UbPipeRun *run, GError **error)
{
  *run = (UbPipeRun){ self->has_ahead ? self->ahead.offset : 0, 0 };
  while (self->has_ahead && self->ahead.offset == run->offset + run->length)
    {
      run->length += self->ahead.length;
      if (!advance_map (self, error))
        return FALSE;
    }
  return check_run (self, run, error);
}

static gboolean skip_extents (UbPipe *self, guint64 size, GError **error);

/* the next run as far as it is wanted; length 0 at the end */
static gboolean
find_run (UbPipe *self, UbPipeRun *run, GError **error)
{
  if (self->map == NULL)
    {
      find_flat_run (self, run);
      return TRUE;
    }
  for (;;)
    {
      guint64 before;

      if (!join_run (self, run, error))
        return FALSE;
      if (run->length == 0 || run->offset >= self->end)
        {
          run->length = 0;
          return TRUE;
        }
      before = MIN (run->length, self->begin - MIN (self->begin, run->offset));
      if (before > 0 && !skip_extents (self, before, error))
        return FALSE;
      run->offset += before;
      run->length = MIN (run->length - before, self->end - MIN (self->end, run->offset));
      if (run->length > 0)
        return TRUE;
    }
}

static void
fill_pattern (UbPipe *self, guint8 *data, gsize size)
{
  guint32 word = GUINT32_TO_LE (self->here.fill);
  guint8  pattern[4];
  gsize   done = 0;

  memcpy (pattern, &word, sizeof pattern);
  for (; done < MIN (size, sizeof pattern); done++)
    data[done] = pattern[(self->here_done + done) % sizeof pattern];
  for (; done < size; done += MIN (size - done, done))
    memcpy (data + done, data, MIN (size - done, done));
}

static gboolean
next_extent (UbPipe *self, GError **error)
{
  g_autoptr (GError) error_local = NULL;

  if (!ub_image_next (self->data, &self->here, &error_local))
    {
      if (error_local == NULL)
        g_set_error (error,
                     UB_ERROR,
                     UB_ERROR_FILE_READ,
                     "%s: changed while it was being read",
                     self->name);
      else
        g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  self->here_left = self->here.length;
  self->here_done = 0;
  return TRUE;
}

static gboolean
read_extents (UbPipe *self, guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize piece;

      if (self->here_left == 0)
        {
          if (!next_extent (self, error))
            return FALSE;
          continue;
        }
      piece = (gsize) MIN (size, self->here_left);
      if (self->here.is_fill)
        fill_pattern (self, data, piece);
      else if (!ub_image_read (self->data, data, piece, error))
        return FALSE;
      data += piece;
      size -= piece;
      self->here_left -= piece;
      self->here_done += piece;
    }
  return TRUE;
}

static gboolean
skip_extents (UbPipe *self, guint64 size, GError **error)
{
  while (size > 0)
    {
      guint64 piece;

      if (self->here_left == 0)
        {
          if (!next_extent (self, error))
            return FALSE;
          continue;
        }
      piece = MIN (size, self->here_left);
      if (!self->here.is_fill)
        ub_image_skip (self->data, piece);
      size -= piece;
      self->here_left -= piece;
      self->here_done += piece;
    }
  return TRUE;
}

static gboolean
read_part (UbPipe *self, guint64 offset, guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gssize n = pread (self->fd, data, size, (off_t) (self->part_offset + offset));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_FILE_READ,
                       "%s: %s",
                       self->name,
                       n < 0 ? g_strerror (errno) : "became shorter while it was being read");
          return FALSE;
        }
      data += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

/* behind the last extent there is only gap */
static gboolean
next_extent_or_gap (UbPipe *self, GError **error)
{
  g_autoptr (GError) error_local = NULL;

  if (!ub_image_next (self->data, &self->here, &error_local))
    self->here = (UbImageExtent){ .offset = G_MAXUINT64, .length = 1 };
  self->here_left = self->here.length;
  self->here_done = 0;
  if (error_local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static gboolean
read_whole (UbPipe *self, guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize piece;

      if (self->here_left == 0)
        {
          if (!next_extent_or_gap (self, error))
            return FALSE;
          continue;
        }
      if (self->data_at < self->here.offset)
        {
          piece = (gsize) MIN (size, self->here.offset - self->data_at);
          memset (data, 0, piece);
        }
      else
        {
          piece = (gsize) MIN (size, self->here_left);
          if (!read_extents (self, data, piece, error))
            return FALSE;
        }
      self->data_at += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

/* @offset: in the present run */
static gboolean
read_data (UbPipe *self, guint64 offset, guint8 *data, gsize size, GError **error)
{
  if (self->map != NULL)
    return read_extents (self, data, size, error);
  if (self->data != NULL)
    return read_whole (self, data, size, error);
  offset += self->flat_base;
  if (self->bytes == NULL)
    return read_part (self, offset, data, size, error);
  memcpy (data, (const guint8 *) g_bytes_get_data (self->bytes, NULL) + offset, size);
  return TRUE;
}

/* An agent takes a write that begins like a sparse image for one and expands it
 * (shared/protocol/brom-and-legacy.md §5.11), far over the place it is meant for. */
static gboolean
check_first_bytes (UbPipe *self, const guint8 *data, gsize size, GError **error)
{
  static const guint8 magic[] = { 0x3a, 0xff, 0x26, 0xed };

  if (self->checksum == NULL || size < sizeof magic || memcmp (data, magic, sizeof magic) != 0)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_BAD_IMAGE,
               "%s: a sparse image inside of a sparse image",
               self->name);
  return FALSE;
}

/* NULL: told to stop */
static Slot *
pop_empty (UbPipe *self)
{
  Slot *slot;

  if (g_atomic_int_get (&self->stop) != 0)
    return NULL;
  slot = g_async_queue_pop (self->empty);
  return g_atomic_int_get (&self->stop) != 0 ? NULL : slot;
}

static guint64
pad (UbPipe *self, guint64 size)
{
  return self->is_exact ? size : (size + self->sector - 1) / self->sector * self->sector;
}

static gboolean
fill_slot (UbPipe *self, Slot *slot, const UbPipeRun *run, guint64 done, GError **error)
{
  gsize size = (gsize) MIN (self->packet_size, run->length - done);
  gsize padded = (gsize) pad (self, size);

  if (!read_data (self, done, slot->data, size, error))
    return FALSE;
  if (done == 0 && !check_first_bytes (self, slot->data, size, error))
    return FALSE;
  memset (slot->data + size, 0, padded - size);
  slot->size = padded;
  if (self->checksum != NULL)
    slot->checksum = self->checksum (slot->data, padded, self->user_data);
  slot->starts_run = done == 0;
  slot->run = (UbPipeRun){ run->offset, pad (self, run->length) };
  return TRUE;
}

/* FALSE: an error, or told to stop (@error is not set) */
static gboolean
read_run (UbPipe *self, const UbPipeRun *run, GError **error)
{
  for (guint64 done = 0; done < run->length; done += MIN (self->packet_size, run->length - done))
    {
      Slot *slot = pop_empty (self);

      if (slot == NULL)
        return FALSE;
      if (!fill_slot (self, slot, run, done, error))
        {
          g_async_queue_push (self->empty, slot);
          return FALSE;
        }
      g_async_queue_push (self->full, slot);
    }
  return TRUE;
}

static gpointer
read_all (gpointer data)
{
  UbPipe   *self = data;
  GError   *error = NULL;
  UbPipeRun run = { 0, 0 };
  Slot     *slot;

  if (self->map == NULL || advance_map (self, &error))
    while (find_run (self, &run, &error) && run.length > 0 && read_run (self, &run, &error))
      ;
  slot = pop_empty (self);
  if (slot == NULL)
    {
      g_clear_error (&error);
      return NULL;
    }
  slot->is_last = TRUE;
  slot->error = error;
  g_async_queue_push (self->full, slot);
  return NULL;
}

/* --- consumer --- */

static UbPipe *
pipe_new (const char *name, gsize packet_size, UbPipeChecksum checksum, gpointer user_data)
{
  UbPipe *self = g_new0 (UbPipe, 1);

  self->name = g_strdup (name);
  self->fd = -1;
  self->packet_size = packet_size;
  self->checksum = checksum;
  self->user_data = user_data;
  self->empty = g_async_queue_new ();
  self->full = g_async_queue_new ();
  for (gsize i = 0; i < N_SLOTS; i++)
    {
      self->slots[i].data = g_malloc (packet_size);
      g_async_queue_push (self->empty, &self->slots[i]);
    }
  return self;
}

static gboolean
open_image (UbPipe *self, const char *path, GError **error)
{
  self->map = ub_image_open (path, error);
  if (self->map == NULL)
    return FALSE;
  self->data = ub_image_open (path, error);
  if (self->data == NULL || !self->is_whole)
    return self->data != NULL;
  self->flat_size = ub_image_get_size (self->map);
  g_clear_pointer (&self->map, ub_image_free);
  return TRUE;
}

static gboolean
open_part (UbPipe *self, const UbPipeContent *content, GError **error)
{
  struct stat st;

  /* O_NONBLOCK: a pipe under this name must not hang us */
  self->fd = open (content->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &st) != 0)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", self->name, g_strerror (errno));
      return FALSE;
    }
  self->part_offset = content->offset;
  self->flat_size = content->length;
  if (S_ISREG (st.st_mode) && content->length <= (guint64) st.st_size &&
      content->offset <= (guint64) st.st_size - content->length)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_READ,
               "%s: has no 0x%" G_GINT64_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER "x",
               self->name,
               content->length,
               content->offset);
  return FALSE;
}

static void
pipe_clear (UbPipe *self)
{
  g_async_queue_unref (self->empty);
  g_async_queue_unref (self->full);
  for (gsize i = 0; i < N_SLOTS; i++)
    {
      g_free (self->slots[i].data);
      g_clear_error (&self->slots[i].error);
    }
  g_clear_pointer (&self->map, ub_image_free);
  g_clear_pointer (&self->data, ub_image_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->name);
  g_free (self);
}

UbPipe *
ub_pipe_new_for_content (const UbPipeContent *content,
                         gsize                packet_size,
                         UbPipeChecksum       checksum,
                         gpointer             user_data,
                         GError             **error)
{
  g_autofree char *name =
      content->path != NULL ? g_filename_display_basename (content->path) : g_strdup ("memory");
  const guint sector = content->sector != 0 ? content->sector : UB_SECTOR;
  gboolean    opened = TRUE;
  UbPipe     *self;

  if (packet_size == 0 || packet_size % sector != 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_PROTOCOL,
                   "packets of %" G_GSIZE_FORMAT " bytes for a storage with sectors of %u",
                   packet_size,
                   sector);
      return NULL;
    }
  g_return_val_if_fail (content->begin % sector == 0 && content->end % sector == 0, NULL);
  g_return_val_if_fail (!content->is_whole || content->begin == 0, NULL);
  self = pipe_new (name, packet_size, checksum, user_data);
  self->sector = sector;
  self->is_exact = content->is_exact;
  self->is_whole = content->is_whole;
  self->begin = content->begin;
  self->end = content->end != 0 ? content->end : G_MAXUINT64;
  if (content->bytes != NULL)
    {
      self->bytes = g_bytes_ref (content->bytes);
      self->flat_size = g_bytes_get_size (content->bytes);
    }
  else
    opened = content->is_part ? open_part (self, content, error)
                              : open_image (self, content->path, error);
  if (!opened)
    {
      pipe_clear (self);
      return NULL;
    }
  self->thread = g_thread_new ("ub-pipe", read_all, self);
  return self;
}

UbPipe *
ub_pipe_new (const char    *path,
             gsize          packet_size,
             UbPipeChecksum checksum,
             gpointer       user_data,
             GError       **error)
{
  const UbPipeContent content = { .path = path };

  return ub_pipe_new_for_content (&content, packet_size, checksum, user_data, error);
}

UbPipe *
ub_pipe_new_for_bytes (GBytes        *bytes,
                       gsize          packet_size,
                       UbPipeChecksum checksum,
                       gpointer       user_data)
{
  const UbPipeContent content = { .bytes = bytes };

  return ub_pipe_new_for_content (&content, packet_size, checksum, user_data, NULL);
}

void
ub_pipe_free (UbPipe *self)
{
  g_atomic_int_set (&self->stop, 1);
  /* wakes the reader if it waits for an empty buffer */
  g_async_queue_push (self->empty, &self->slots[0]);
  g_thread_join (self->thread);
  pipe_clear (self);
}

/* the next filled buffer, not yet used; stays at the last one for ever */
static Slot *
peek_slot (UbPipe *self)
{
  if (self->held != NULL && !self->held_used)
    return self->held;
  if (self->held != NULL)
    g_async_queue_push (self->empty, self->held);
  self->held = g_async_queue_pop (self->full);
  self->held_used = FALSE;
  return self->held;
}

gboolean
ub_pipe_next_run (UbPipe *self, UbPipeRun *run, GError **error)
{
  Slot *slot = peek_slot (self);

  if (slot->is_last && slot->error != NULL)
    {
      g_propagate_error (error, g_error_copy (slot->error));
      return FALSE;
    }
  if (slot->is_last)
    return FALSE;
  if (!slot->starts_run)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "%s: the run before was not used up",
                   self->name);
      return FALSE;
    }
  *run = slot->run;
  return TRUE;
}

gboolean
ub_pipe_source (gpointer pipe, gsize size, UbDaPacket *packet, GError **error)
{
  UbPipe *self = pipe;
  Slot   *slot = peek_slot (self);

  if (slot->is_last && slot->error != NULL)
    {
      g_propagate_error (error, g_error_copy (slot->error));
      return FALSE;
    }
  if (slot->is_last || slot->size != size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "%s: %" G_GSIZE_FORMAT " bytes asked for, %" G_GSIZE_FORMAT " are next",
                   self->name,
                   size,
                   slot->is_last ? 0 : slot->size);
      return FALSE;
    }
  self->held_used = TRUE;
  *packet = (UbDaPacket){ slot->data, slot->size, slot->checksum };
  return TRUE;
}
