/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

static void
on_written (guint64 done, guint64 total, gpointer user_data)
{
  UbSessionWork *work = user_data;

  work->news.done_bytes = work->base_done + done;
  ub_session_work_on_bytes (done, total, work);
}

static guint32
packet_checksum (const guint8 *data, gsize size, gpointer user_data)
{
  return ub_da_checksum (user_data, data, size);
}

UbPipe *
ub_session_write_open_pipe (UbSessionWork *work, UbSessionImage *image, GError **error)
{
  return ub_session_image_open_pipe (image,
                                     ub_da_get_packet_size (work->da),
                                     packet_checksum,
                                     work->da,
                                     error);
}

/* every file is opened, and seen to be the one that was planned, before the first byte is written
 */
gboolean
ub_session_write_prepare (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  work->news.total_bytes = 0;
  for (guint i = 0; i < steps->len; i++)
    {
      UbSessionImage *image = g_ptr_array_index (work->images, i);

      if (!ub_session_image_prepare (image, g_ptr_array_index (steps, i), error))
        return FALSE;
      work->news.total_bytes += ub_session_image_get_bytes (image);
    }
  return TRUE;
}

/* the steps from @begin on that have the bar in common */
static guint
end_of_bar (UbSessionWork *work, guint begin)
{
  GPtrArray    *steps = ub_plan_get_steps (work->plan);
  const UbStep *first = g_ptr_array_index (steps, begin);
  guint         end = begin;

  work->bar_done = 0;
  work->bar_total = 0;
  while (end < steps->len &&
         ((const UbStep *) g_ptr_array_index (steps, end))->start_up == first->start_up)
    work->bar_total += ub_session_image_get_bytes (g_ptr_array_index (work->images, end++));
  return end;
}

gboolean
ub_session_write_check_run (const UbStep *step, const UbPipeRun *run, GError **error)
{
  guint64 room = step->length > G_MAXUINT64 - UB_SECTOR
                     ? G_MAXUINT64
                     : (step->length + UB_SECTOR - 1) / UB_SECTOR * UB_SECTOR;

  if (run->offset <= room && run->length <= room - run->offset)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_IMAGE_TOO_BIG,
               "%s: the image reaches beyond 0x%" G_GINT64_MODIFIER "x bytes",
               step->name,
               room);
  return FALSE;
}

static gboolean
write_run (UbSessionWork   *work,
           const UbStep    *step,
           const UbPipeRun *run,
           UbPipe          *pipe,
           GError         **error)
{
  /* start-up code is small and a half of it is worse than none: it is not stopped in the middle */
  GCancellable *cancellable = step->start_up ? NULL : work->cancellable;

  if (!ub_session_write_check_run (step, run, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_free (work->failed_partition);
  work->failed_partition = g_strdup (step->name);
  if (!ub_da_write (work->da,
                    step->region,
                    step->offset + run->offset,
                    run->length,
                    ub_pipe_source,
                    pipe,
                    on_written,
                    work,
                    cancellable,
                    error))
    return FALSE;
  work->base_done += run->length;
  work->bar_done += run->length;
  on_written (0, 0, work);
  return TRUE;
}

static gboolean
write_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
    return FALSE;
  ub_session_work_set_step (work, step->name);
  ub_session_work_tell (work);
  pipe = ub_session_write_open_pipe (work, g_ptr_array_index (work->images, i), error);
  if (pipe == NULL)
    return FALSE;
  while (ub_pipe_next_run (pipe, &run, &error_local))
    if (!write_run (work, step, &run, pipe, error))
      return FALSE;
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  g_clear_pointer (&work->failed_partition, g_free);
  work->n_steps_done++;
  return TRUE;
}

gboolean
ub_session_write_all (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  guint      end = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (i == end)
        {
          end = end_of_bar (work, i);
          ub_session_work_enter (work,
                                 UB_SESSION_WORKING,
                                 step->start_up ? UB_BAR_PURPLE : UB_BAR_YELLOW,
                                 step->name);
        }
      if (!write_step (work, i, error))
        return FALSE;
    }
  return TRUE;
}
