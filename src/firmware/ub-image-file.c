/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image-file.h"

#include "base/ub-error.h"
#include "firmware/ub-image-pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* one piece as it was when the image was opened */
typedef struct
{
  char       *path;
  struct stat seen;
  guint64     begin; /* bytes in front of it */
} Piece;

struct _UbImageFile
{
  GArray *pieces;
  guint64 whole_size;
  guint   shown; /* or UB_IMAGE_FILE_ALL */
  int     fd;    /* of piece @open, -1 for none */
  guint   open;
  int     advice;
};

static void
piece_clear (gpointer data)
{
  Piece *piece = data;

  g_free (piece->path);
}

static Piece *
nth (UbImageFile *self, guint i)
{
  return &g_array_index (self->pieces, Piece, i);
}

static gboolean
fail_errno (const Piece *piece, GError **error)
{
  g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", piece->path, g_strerror (errno));
  return FALSE;
}

static void
close_piece (UbImageFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static gboolean
is_unchanged (const Piece *piece, const struct stat *now, GError **error)
{
  const struct stat *seen = &piece->seen;

  if (now->st_size == seen->st_size && now->st_mtim.tv_sec == seen->st_mtim.tv_sec &&
      now->st_mtim.tv_nsec == seen->st_mtim.tv_nsec)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_READ,
               "%s changed while it was being read",
               piece->path);
  return FALSE;
}

/* @seen: where to keep what it is, for the first time; else it must be that */
static gboolean
open_piece (UbImageFile *self, guint i, gboolean first_time, GError **error)
{
  Piece      *piece = nth (self, i);
  struct stat now;

  close_piece (self);
  /* O_NONBLOCK: a pipe under this name must not hang us */
  self->fd = open (piece->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  self->open = i;
  if (self->fd < 0 || fstat (self->fd, &now) != 0)
    return fail_errno (piece, error);
  if (!S_ISREG (now.st_mode))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not a regular file", piece->path);
      return FALSE;
    }
  if (!first_time && !is_unchanged (piece, &now, error))
    {
      close_piece (self);
      return FALSE;
    }
  piece->seen = now;
  posix_fadvise (self->fd, 0, 0, self->advice);
  return TRUE;
}

UbImageFile *
ub_image_file_open (const char *path, GError **error)
{
  g_autoptr (GPtrArray) paths = ub_image_pieces_list (path, error);
  g_autoptr (UbImageFile) self = NULL;

  if (paths == NULL)
    return NULL;
  self = g_new0 (UbImageFile, 1);
  self->fd = -1;
  self->shown = UB_IMAGE_FILE_ALL;
  self->advice = POSIX_FADV_SEQUENTIAL;
  self->pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  g_array_set_clear_func (self->pieces, piece_clear);
  for (guint i = 0; i < paths->len; i++)
    {
      Piece piece = { .path = g_strdup (paths->pdata[i]), .begin = self->whole_size };

      g_array_append_val (self->pieces, piece);
      if (!open_piece (self, i, TRUE, error))
        return NULL;
      self->whole_size += (guint64) nth (self, i)->seen.st_size;
    }
  return g_steal_pointer (&self);
}

void
ub_image_file_free (UbImageFile *self)
{
  close_piece (self);
  g_array_unref (self->pieces);
  g_free (self);
}

guint
ub_image_file_get_n_pieces (UbImageFile *self)
{
  return self->pieces->len;
}

guint64
ub_image_file_get_whole_size (UbImageFile *self)
{
  return self->whole_size;
}

void
ub_image_file_show (UbImageFile *self, guint piece)
{
  g_return_if_fail (piece == UB_IMAGE_FILE_ALL || piece < self->pieces->len);
  self->shown = piece;
}

guint64
ub_image_file_get_size (UbImageFile *self)
{
  if (self->shown == UB_IMAGE_FILE_ALL)
    return self->whole_size;
  return (guint64) nth (self, self->shown)->seen.st_size;
}

const char *
ub_image_file_get_name (UbImageFile *self)
{
  return nth (self, self->shown == UB_IMAGE_FILE_ALL ? 0 : self->shown)->path;
}

/* the piece that holds byte @offset of what is shown; behind the end the last one */
static guint
piece_at (UbImageFile *self, guint64 offset)
{
  guint i = 0;

  if (self->shown != UB_IMAGE_FILE_ALL)
    return self->shown;
  if (self->open < self->pieces->len && offset >= nth (self, self->open)->begin)
    i = self->open;
  while (i + 1 < self->pieces->len && offset >= nth (self, i + 1)->begin)
    i++;
  return i;
}

static gboolean
switch_to (UbImageFile *self, guint i, GError **error)
{
  return (self->fd >= 0 && self->open == i) || open_piece (self, i, FALSE, error);
}

gssize
ub_image_file_read (UbImageFile *self, guint64 offset, guint8 *data, gsize size, GError **error)
{
  gsize done = 0;

  while (done < size && offset + done < ub_image_file_get_size (self))
    {
      guint   i = piece_at (self, offset + done);
      guint64 base = self->shown == UB_IMAGE_FILE_ALL ? nth (self, i)->begin : 0;
      gssize  n;

      if (!switch_to (self, i, error))
        return -1;
      n = pread (self->fd, data + done, size - done, (off_t) (offset + done - base));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return (void) fail_errno (nth (self, i), error), -1;
      if (n == 0) /* became shorter: what is behind it must not move up */
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}

gboolean
ub_image_file_check (UbImageFile *self, guint64 offset, GError **error)
{
  guint       i = piece_at (self, offset);
  struct stat now;

  if (!switch_to (self, i, error))
    return FALSE;
  return fstat (self->fd, &now) == 0 ? is_unchanged (nth (self, i), &now, error)
                                     : fail_errno (nth (self, i), error);
}

gboolean
ub_image_file_check_all (UbImageFile *self, GError **error)
{
  for (guint i = 0; i < self->pieces->len; i++)
    {
      struct stat now;

      if (self->fd >= 0 && self->open == i ? fstat (self->fd, &now) != 0
                                           : stat (nth (self, i)->path, &now) != 0)
        return fail_errno (nth (self, i), error);
      if (!is_unchanged (nth (self, i), &now, error))
        return FALSE;
    }
  return TRUE;
}

void
ub_image_file_advise (UbImageFile *self, int advice)
{
  self->advice = advice;
  if (self->fd >= 0)
    posix_fadvise (self->fd, 0, 0, advice);
}
