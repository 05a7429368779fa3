/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image-pieces.h"

#include "base/ub-error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS_MAX 4
#define NAMES_MAX 20000
/* where the first chunk of a sparse image begins, and where an image of logical parts says so */
#define CHUNK_OFFSET 28
#define LOGICAL_OFFSET 4096

/* "super.img_7": @stem "super.img", number 7, @tail "". "super_7.img": "super", 7, ".img" */
typedef struct
{
  const char *name;
  gsize       stem; /* bytes of @name in front of the mark */
  gsize       mark; /* where the digits begin */
  gsize       tail; /* where they end */
  guint       number;
  gboolean    inner; /* the number stands in front of ".img": so do those of whole images */
  gboolean    loose; /* "boot.img.1" is also what wget calls what it has got twice */
} PieceName;

static gboolean
ends_in (const char *name, gsize length, const char *end)
{
  gsize size = strlen (end);

  return length > size && g_ascii_strncasecmp (name + length - size, end, size) == 0;
}

/* what stands between an image's name and the number of a piece; 0 if that is no such mark */
static gsize
outer_mark (const char *name, gsize length)
{
  static const char *const marks[] = {
    "_sparsechunk.", "_sparsechunk_", "_sparsechunk", ".part-", ".part", "_", "."
  };

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (ends_in (name, length, marks[i]) && ends_in (name, length - strlen (marks[i]), ".img"))
      return strlen (marks[i]);
  return 0;
}

static gboolean
read_name (const char *name, PieceName *piece)
{
  gsize end = strlen (name);
  gsize mark;

  *piece = (PieceName){ .name = name, .inner = ends_in (name, end, ".img") };
  if (piece->inner)
    end -= strlen (".img");
  piece->tail = end;
  while (end > 0 && g_ascii_isdigit (name[end - 1]))
    end--;
  piece->mark = end;
  if (end == piece->tail || piece->tail - end > DIGITS_MAX)
    return FALSE;
  mark = piece->inner ? (gsize) ends_in (name, end, "_") : outer_mark (name, end);
  piece->stem = end - mark;
  piece->loose = !piece->inner && mark == strlen (".");
  piece->number = (guint) g_ascii_strtoull (name + end, NULL, 10);
  return mark > 0;
}

static gboolean
is_sibling (const PieceName *a, const PieceName *b)
{
  return a->inner == b->inner && a->mark == b->mark &&
         g_ascii_strncasecmp (a->name, b->name, a->mark) == 0;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const PieceName *x = a;
  const PieceName *y = b;

  return x->number < y->number ? -1 : x->number > y->number;
}

/* (element-type PieceName): in order; the names belong to @names */
static GArray *
list_siblings (GPtrArray *names, const PieceName *self)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PieceName));

  for (guint i = 0; i < names->len; i++)
    {
      PieceName other;

      if (read_name (names->pdata[i], &other) && is_sibling (self, &other))
        g_array_append_val (found, other);
    }
  g_array_sort (found, compare_numbers);
  return found;
}

static GPtrArray *
read_folder (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && names->len < NAMES_MAX)
    g_ptr_array_add (names, g_strdup (name));
  return names;
}

/* --- is it a piece at all? --- */

static gboolean
has_bytes (const char *folder, const char *name, gsize offset, const char *bytes, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int              fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char             data[8];
  gboolean         same;

  if (fd < 0)
    return FALSE;
  same = pread (fd, data, size, (off_t) offset) == (gssize) size && memcmp (data, bytes, size) == 0;
  close (fd);
  return same;
}

static gboolean
is_sparse (const char *folder, const char *name)
{
  return has_bytes (folder, name, 0, "\x3A\xFF\x26\xED", 4);
}

/* a piece of a sparse image leaves out what the pieces before it hold */
static gboolean
is_later_piece (const char *folder, const char *name)
{
  return is_sparse (folder, name) && has_bytes (folder, name, CHUNK_OFFSET, "\xC3\xCA", 2);
}

static gboolean
is_begin_of_super (const char *folder, const PieceName *piece)
{
  return piece->stem == strlen ("super") && g_ascii_strncasecmp (piece->name, "super", 5) == 0 &&
         (is_sparse (folder, piece->name) ||
          has_bytes (folder, piece->name, LOGICAL_OFFSET, "gDla", 4));
}

/* "logo_1.img" and "logo_2.img" may well be two images: for numbers in front of ".img" the files
 * themselves must say that they belong together */
static gboolean
belong_together (const char *folder, GArray *pieces)
{
  const PieceName *first = &g_array_index (pieces, PieceName, 0);
  const PieceName *second = &g_array_index (pieces, PieceName, 1);

  if (!first->inner)
    return TRUE;
  if (is_sparse (folder, first->name) && is_later_piece (folder, second->name))
    return TRUE;
  return is_begin_of_super (folder, first) && !is_sparse (folder, second->name) &&
         !is_begin_of_super (folder, second);
}

/* do the pieces begin with this one? Some count from 1, and then it must look like a begin */
static gboolean
may_be_first (const char *folder, const PieceName *piece)
{
  if (piece->number == 0)
    return TRUE;
  return piece->number == 1 &&
         ((is_sparse (folder, piece->name) && !is_later_piece (folder, piece->name)) ||
          has_bytes (folder, piece->name, LOGICAL_OFFSET, "gDla", 4));
}

/* a piece alone: may it be written as it is? */
static gboolean
stands_alone (const char *folder, const PieceName *piece)
{
  return piece->inner || may_be_first (folder, piece) ||
         (piece->loose && !is_later_piece (folder, piece->name));
}

/* --- the whole set --- */

static gboolean
fail_missing (const PieceName *like, guint number, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_MISSING,
               "the image is in pieces, and %.*s%0*u%s is not there",
               (int) like->mark,
               like->name,
               like->name[like->mark] == '0' ? (int) (like->tail - like->mark) : 1,
               number,
               like->name + like->tail);
  return FALSE;
}

static gboolean
check_row (const char *folder, GArray *pieces, GError **error)
{
  const PieceName *first = &g_array_index (pieces, PieceName, 0);

  if (pieces->len > UB_IMAGE_PIECES_MAX)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_IMAGE,
                   "%s: an image in %u pieces",
                   first->name,
                   pieces->len);
      return FALSE;
    }
  if (!may_be_first (folder, first))
    return fail_missing (first, first->number == 1 ? 0 : first->number - 1, error);
  for (guint i = 1; i < pieces->len; i++)
    {
      const PieceName *before = &g_array_index (pieces, PieceName, i - 1);
      const PieceName *piece = &g_array_index (pieces, PieceName, i);

      if (piece->number == before->number)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_BAD_IMAGE,
                       "%s and %s are one piece twice",
                       before->name,
                       piece->name);
          return FALSE;
        }
      if (piece->number != before->number + 1)
        return fail_missing (first, before->number + 1, error);
    }
  return TRUE;
}

static GPtrArray *
single (const char *path)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (list, g_strdup (path));
  return list;
}

/* a link to somewhere else is no piece: nobody chose that file */
static gboolean
check_inside (const char *folder, const char *path, GError **error)
{
  char            *real_folder = realpath (folder, NULL);
  char            *real = realpath (path, NULL);
  g_autofree char *parent = real != NULL ? g_path_get_dirname (real) : NULL;
  gboolean         inside = g_strcmp0 (parent, real_folder) == 0;

  free (real_folder);
  free (real);
  if (!inside)
    g_set_error (error, UB_ERROR, UB_ERROR_BAD_IMAGE, "%s is not in its folder", path);
  return inside;
}

static GPtrArray *
join (const char *folder, GArray *pieces, const PieceName *self, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  const PieceName *first = &g_array_index (pieces, PieceName, 0);

  if (!check_row (folder, pieces, error))
    return NULL;
  if (self->number != first->number)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_IMAGE,
                   "%s is one of %u pieces of an image that begins with %s",
                   self->name,
                   pieces->len,
                   first->name);
      return NULL;
    }
  for (guint i = 0; i < pieces->len; i++)
    {
      g_ptr_array_add (list,
                       g_build_filename (folder, g_array_index (pieces, PieceName, i).name, NULL));
      if (!check_inside (folder, list->pdata[i], error))
        return NULL;
    }
  return g_steal_pointer (&list);
}

/* is @piece one of @file_name's? */
static gboolean
is_piece_of (const PieceName *piece, const char *file_name)
{
  gsize length = piece->stem + (piece->inner ? strlen (".img") : 0);

  return strlen (file_name) == length &&
         g_ascii_strncasecmp (file_name, piece->name, piece->stem) == 0 &&
         (!piece->inner || ends_in (file_name, length, ".img"));
}

/* with the whole image beside it, a file is no piece of it, or not needed as one */
static gboolean
has_whole (GPtrArray *names, const PieceName *piece)
{
  for (guint i = 0; i < names->len; i++)
    if (is_piece_of (piece, names->pdata[i]))
      return TRUE;
  return FALSE;
}

/**
 * ub_image_pieces_list:
 * @path: a file
 *
 * Only where the name has a piece's number is the folder looked through.
 *
 * Returns: (transfer full) (element-type filename): see the header
 */
GPtrArray *
ub_image_pieces_list (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  PieceName        self;

  if (!read_name (name, &self))
    return single (path);
  g_autoptr (GPtrArray) names = read_folder (folder);
  g_autoptr (GArray) pieces = list_siblings (names, &self);
  if (pieces->len <= 1 ? stands_alone (folder, &self) : !belong_together (folder, pieces))
    return single (path);
  if (has_whole (names, &self))
    return single (path);
  return join (folder, pieces, &self, error);
}

/* "logo_1.img" alone is no piece of a "logo.img", and "boot.img.1" what wget has got twice */
static gboolean
is_first_of_row (const char *folder, const PieceName *piece)
{
  g_autofree char *path = g_build_filename (folder, piece->name, NULL);
  g_autoptr (GPtrArray) list = ub_image_pieces_list (path, NULL);

  return list == NULL || list->len > 1 || (!piece->inner && piece->number == 0);
}

const char *
ub_image_pieces_find (const char *folder, GPtrArray *names, const char *file_name)
{
  PieceName found = { 0 };

  for (guint i = 0; i < names->len; i++)
    {
      PieceName piece;

      if (!read_name (names->pdata[i], &piece) || !is_piece_of (&piece, file_name))
        continue;
      if (found.name == NULL || (found.inner && !piece.inner) ||
          (found.inner == piece.inner && piece.number < found.number))
        found = piece;
    }
  return found.name != NULL && is_first_of_row (folder, &found) ? found.name : NULL;
}

gboolean
ub_image_pieces_stat (const char *path, guint64 *size, gint64 *stamp)
{
  g_autoptr (GPtrArray) paths = ub_image_pieces_list (path, NULL);

  *size = 0;
  *stamp = 0;
  if (paths == NULL)
    {
      errno = ENOENT;
      return FALSE;
    }
  for (guint i = 0; i < paths->len; i++)
    {
      struct stat info;
      guint64     time;

      if (stat (paths->pdata[i], &info) != 0)
        {
          *stamp = 0;
          return FALSE;
        }
      time = (guint64) info.st_mtim.tv_sec * 1000000000u + (guint64) info.st_mtim.tv_nsec;
      *size += (guint64) info.st_size;
      /* one file's own time stays what it is */
      *stamp = (gint64) ((guint64) *stamp * 31 + time);
    }
  return TRUE;
}
