/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-image.h"

#include "base/ub-error.h"
#include "firmware/ub-image.h"
#include "firmware/ub-preloader.h"

#include <errno.h>
#include <sys/stat.h>

struct _UbSessionImage
{
  char           *path;
  guint64         planned_size; /* bytes of the file when the firmware was opened */
  struct timespec mtime;        /* when the session was made */
  guint64         bytes;
  GBytes         *whole; /* (nullable): preloaders are held, with header */
};

static void
image_free (gpointer data)
{
  UbSessionImage *self = data;

  g_free (self->path);
  g_clear_pointer (&self->whole, g_bytes_unref);
  g_free (self);
}

static UbSessionImage *
image_new (const UbStep *step)
{
  UbSessionImage *self = g_new0 (UbSessionImage, 1);
  struct stat     st;

  self->path = g_strdup (step->image_path);
  self->planned_size = step->partition->image_file_size;
  if (stat (self->path, &st) == 0)
    self->mtime = st.st_mtim;
  return self;
}

GPtrArray *
ub_session_image_list (UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);
  GPtrArray *images = g_ptr_array_new_with_free_func (image_free);

  for (guint i = 0; i < steps->len; i++)
    g_ptr_array_add (images, image_new (g_ptr_array_index (steps, i)));
  return images;
}

static gboolean
check_unchanged (UbSessionImage *self, GError **error)
{
  struct stat st;

  if (stat (self->path, &st) != 0)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", self->path, g_strerror (errno));
      return FALSE;
    }
  if ((guint64) st.st_size == self->planned_size && st.st_mtim.tv_sec == self->mtime.tv_sec &&
      st.st_mtim.tv_nsec == self->mtime.tv_nsec)
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: changed since it was planned", self->path);
  return FALSE;
}

/* the boot ROM looks for a storage header at the begin of a boot region */
static const char *
header_for (const UbStep *step)
{
  if (step->partition->role != UB_ROLE_PRELOADER)
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

/* with the header it needs; what is no whole preloader is not written */
static gboolean
load_whole (UbSessionImage *self, const UbStep *step, GError **error)
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
  self->whole = ub_preloader_add_storage_header (file, header_for (step), error);
  if (self->whole == NULL)
    {
      g_prefix_error (error, "%s: ", self->path);
      return FALSE;
    }
  self->bytes = (g_bytes_get_size (self->whole) + UB_SECTOR - 1) / UB_SECTOR * UB_SECTOR;
  return TRUE;
}

gboolean
ub_session_image_prepare (UbSessionImage *self, const UbStep *step, GError **error)
{
  g_autoptr (UbImage) image = NULL;

  if (!check_unchanged (self, error))
    return FALSE;
  if (header_for (step) != NULL)
    {
      if (!load_whole (self, step, error))
        return FALSE;
    }
  else
    {
      image = ub_image_open (self->path, error);
      if (image == NULL)
        return FALSE;
      self->bytes = (ub_image_get_data_size (image) + UB_SECTOR - 1) / UB_SECTOR * UB_SECTOR;
    }
  if (self->bytes <= (step->length + UB_SECTOR - 1) / UB_SECTOR * UB_SECTOR)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_IMAGE_TOO_BIG,
               "%s: is bigger than it was planned",
               self->path);
  return FALSE;
}

guint64
ub_session_image_get_bytes (UbSessionImage *self)
{
  return self->bytes;
}

UbPipe *
ub_session_image_open_pipe (UbSessionImage *self,
                            gsize           packet_size,
                            UbPipeChecksum  checksum,
                            gpointer        user_data,
                            GError        **error)
{
  if (!check_unchanged (self, error))
    return NULL;
  if (self->whole != NULL)
    return ub_pipe_new_for_bytes (self->whole, packet_size, checksum, user_data);
  return ub_pipe_new (self->path, packet_size, checksum, user_data, error);
}
