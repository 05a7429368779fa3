/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-image.h"

#include "base/ub-error.h"
#include "firmware/ub-image-pieces.h"
#include "firmware/ub-image.h"
#include "firmware/ub-preloader.h"

#include <errno.h>

struct _UbSessionImage
{
  char       *path;         /* (nullable); of an image in pieces, the first */
  guint64     planned_size; /* bytes of the file when it was planned */
  gint64      stamp;        /* its time when the session began */
  gboolean    is_part;      /* raw bytes of a copy, from @offset on */
  guint64     offset;
  guint64     length;
  const char *header; /* (nullable): to be put in front of a preloader */
  guint       sector;
  guint64     bytes;
  gboolean    is_sparse;
  GBytes     *whole; /* (nullable): content, or a preloader with its header */
};

typedef struct
{
  guint64 size;
  gint64  stamp;
} Seen;

static void
image_free (gpointer data)
{
  UbSessionImage *self = data;

  g_free (self->path);
  g_clear_pointer (&self->whole, g_bytes_unref);
  g_free (self);
}

static void
look_at (GHashTable *seen, const char *path)
{
  Seen  now;
  Seen *here;

  if (path == NULL || g_hash_table_contains (seen, path) ||
      !ub_image_pieces_stat (path, &now.size, &now.stamp))
    return;
  here = g_new (Seen, 1);
  *here = now;
  g_hash_table_insert (seen, g_strdup (path), here);
}

GHashTable *
ub_session_image_look (UbPlan *plan)
{
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GPtrArray  *steps = plan != NULL ? ub_plan_get_steps (plan) : NULL;

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    look_at (seen, ((const UbStep *) g_ptr_array_index (steps, i))->image_path);
  return seen;
}

/* around what an agent writes by itself: the same file, the same place in it */
static gboolean
is_piece_of (const UbStep *piece, const UbStep *whole)
{
  return whole->kind == UB_STEP_RESTORE && piece->image_path != NULL &&
         g_strcmp0 (piece->image_path, whole->image_path) == 0 && piece->offset > whole->offset &&
         piece->offset - whole->offset < whole->length &&
         piece->source_offset == whole->source_offset + (piece->offset - whole->offset);
}

guint
ub_session_image_find_source (UbPlan *plan, guint i)
{
  GPtrArray    *steps = ub_plan_get_steps (plan);
  const UbStep *step = g_ptr_array_index (steps, i);

  if (step->kind != UB_STEP_VERIFY)
    return i;
  for (guint j = i; j-- > 0;)
    {
      const UbStep *other = g_ptr_array_index (steps, j);

      if ((other->kind == UB_STEP_WRITE || other->kind == UB_STEP_RESTORE ||
           other->kind == UB_STEP_TABLE) &&
          other->region == step->region && (other->layout != NULL) == (step->layout != NULL) &&
          (other->offset == step->offset || is_piece_of (step, other)))
        return j;
    }
  return i;
}

/* the boot ROM looks for a storage header at the begin of a boot region */
static const char *
header_for (const UbStep *step)
{
  if (!step->is_preloader &&
      (step->partition == NULL || step->partition->role != UB_ROLE_PRELOADER))
    return NULL;
  switch (step->region)
    {
    case UB_REGION_EMMC_BOOT1:
    case UB_REGION_EMMC_BOOT2:
      return "EMMC_BOOT";
    case UB_REGION_UFS_LU0:
    case UB_REGION_UFS_LU1:
      return "UFS_BOOT";
    default:
      return NULL;
    }
}

/* @source: the step itself, or the one it checks: what comes from a copy is taken as it is */
static UbSessionImage *
image_new (const UbStep *step, const UbStep *source, GHashTable *seen)
{
  UbSessionImage    *self = g_new0 (UbSessionImage, 1);
  const UbPartition *partition = step->partition;
  const Seen        *here;

  self->length = step->length;
  if (step->content != NULL)
    self->whole = g_bytes_ref (step->content);
  if (step->content != NULL || step->image_path == NULL)
    return self;
  self->path = g_strdup (step->image_path);
  self->is_part = source->kind == UB_STEP_RESTORE || step->source_offset != 0 ||
                  (source->kind == UB_STEP_VERIFY && source->is_protected);
  self->offset = step->source_offset;
  self->header = self->is_part ? NULL : header_for (step);
  look_at (seen, self->path);
  here = g_hash_table_lookup (seen, self->path);
  if (here != NULL)
    {
      self->planned_size = here->size;
      self->stamp = here->stamp;
    }
  if (partition != NULL && g_strcmp0 (partition->image_path, self->path) == 0)
    self->planned_size = partition->image_file_size;
  return self;
}

GPtrArray *
ub_session_image_list (UbPlan *plan, GHashTable *seen)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  GPtrArray *images = g_ptr_array_new_with_free_func (image_free);

  for (guint i = 0; i < steps->len; i++)
    g_ptr_array_add (images,
                     image_new (g_ptr_array_index (steps, i),
                                g_ptr_array_index (steps, ub_session_image_find_source (plan, i)),
                                seen));
  return images;
}

static gboolean
check_unchanged (UbSessionImage *self, GError **error)
{
  Seen now;

  if (self->path == NULL)
    return TRUE;
  if (!ub_image_pieces_stat (self->path, &now.size, &now.stamp))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", self->path, g_strerror (errno));
      return FALSE;
    }
  if (now.size == self->planned_size && now.stamp == self->stamp)
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: changed since it was planned", self->path);
  return FALSE;
}

static guint64
pad (UbSessionImage *self, guint64 length)
{
  return (length + self->sector - 1) / self->sector * self->sector;
}

/* with the header it needs; what is no whole preloader is not written */
static gboolean
load_whole (UbSessionImage *self, GError **error)
{
  g_autoptr (GBytes) file = NULL;
  char *data;
  gsize size;

  if (!g_file_get_contents (self->path, &data, &size, NULL))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: cannot be read", self->path);
      return FALSE;
    }
  file = g_bytes_new_take (data, size);
  g_clear_pointer (&self->whole, g_bytes_unref);
  self->whole = ub_preloader_add_storage_header (file, self->header, error);
  if (self->whole != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", self->path);
  return FALSE;
}

/* a stretch that ends inside of a sector, with a gap behind it: nobody knows what belongs there */
static gboolean
check_runs (UbSessionImage *self, UbImage *image, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  UbImageExtent extent;
  guint64       end = 0;

  while (ub_image_next (image, &extent, &error_local))
    {
      if (extent.length > 0 && extent.offset != end &&
          (extent.offset % self->sector != 0 || end % self->sector != 0))
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_BAD_IMAGE,
                       "%s: has gaps that are not made of whole sectors of %u bytes",
                       self->path,
                       self->sector);
          return FALSE;
        }
      end = extent.length > 0 ? extent.offset + extent.length : end;
    }
  if (error_local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static gboolean
measure_file (UbSessionImage *self, GError **error)
{
  g_autoptr (UbImage) image = ub_image_open (self->path, error);

  if (image == NULL)
    return FALSE;
  self->bytes = ub_image_get_data_size (image);
  self->is_sparse = ub_image_get_format (image) == UB_IMAGE_SPARSE;
  return check_runs (self, image, error);
}

static gboolean
measure (UbSessionImage *self, GError **error)
{
  if (self->header != NULL && !load_whole (self, error))
    return FALSE;
  if (self->whole != NULL)
    self->bytes = g_bytes_get_size (self->whole);
  else if (self->is_part)
    self->bytes = self->length;
  else if (self->path != NULL && !measure_file (self, error))
    return FALSE;
  self->bytes = pad (self, self->bytes);
  return TRUE;
}

gboolean
ub_session_image_prepare (UbSessionImage *self, const UbStep *step, guint sector, GError **error)
{
  self->sector = sector;
  if (!check_unchanged (self, error) || !measure (self, error))
    return FALSE;
  if (self->bytes <= pad (self, step->length))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_IMAGE_TOO_BIG,
               "%s: is bigger than it was planned",
               self->path != NULL ? self->path : step->name);
  return FALSE;
}

guint64
ub_session_image_get_bytes (UbSessionImage *self)
{
  return self->bytes;
}

gboolean
ub_session_image_is_sparse (UbSessionImage *self)
{
  return self->is_sparse;
}

UbPipe *
ub_session_image_open_pipe (UbSessionImage    *self,
                            UbSessionImageForm form,
                            guint64            begin,
                            guint64            end,
                            gsize              packet_size,
                            UbPipeChecksum     checksum,
                            gpointer           user_data,
                            GError           **error)
{
  const UbPipeContent content = { .path = self->whole == NULL ? self->path : NULL,
                                  .bytes = self->whole,
                                  .is_part = self->is_part,
                                  .offset = self->offset,
                                  .length = self->length,
                                  .begin = begin,
                                  .end = end,
                                  .sector = self->sector,
                                  .is_exact = form != UB_SESSION_IMAGE_PADDED,
                                  .is_whole = form == UB_SESSION_IMAGE_BY_NAME };

  if (!check_unchanged (self, error))
    return NULL;
  if (content.path == NULL && content.bytes == NULL)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "a step that has nothing to send");
      return NULL;
    }
  return ub_pipe_new_for_content (&content, packet_size, checksum, user_data, error);
}
