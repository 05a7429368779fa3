/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* A phone with broken start-up code is dead, so that is read back. */

typedef struct
{
  UbPipe       *pipe;
  const UbStep *step;
  UbDaPacket    packet; /* what should come */
  gsize         used;
  guint64       left; /* of the run, not yet in @packet */
  gsize         packet_size;
} Compare;

static gboolean
compare_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  Compare *compare = user_data;

  while (size > 0)
    {
      gsize piece;

      if (compare->used == compare->packet.size)
        {
          gsize next = (gsize) MIN (compare->packet_size, compare->left);

          if (!ub_pipe_source (compare->pipe, next, &compare->packet, error))
            return FALSE;
          compare->used = 0;
          compare->left -= next;
        }
      piece = MIN (size, compare->packet.size - compare->used);
      if (memcmp (data, compare->packet.data + compare->used, piece) != 0)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_VERIFY,
                       "%s: what was read back is not what was written",
                       compare->step->name);
          return FALSE;
        }
      compare->used += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

static gboolean
verify_run (UbSessionWork   *work,
            const UbStep    *step,
            const UbPipeRun *run,
            UbPipe          *pipe,
            GError         **error)
{
  Compare compare = { .pipe = pipe,
                      .step = step,
                      .left = run->length,
                      .packet_size = ub_da_get_packet_size (work->da) };

  if (!ub_session_write_check_run (step, run, error))
    return FALSE;
  if (!ub_da_read (work->da,
                   step->region,
                   step->offset + run->offset,
                   run->length,
                   compare_bytes,
                   &compare,
                   ub_session_work_on_bytes,
                   work,
                   work->cancellable,
                   error))
    return FALSE;
  if (compare.left > 0 || compare.used < compare.packet.size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_VERIFY,
                   "%s: less was read back than was written",
                   step->name);
      return FALSE;
    }
  work->bar_done += run->length;
  return TRUE;
}

static gboolean
verify_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  ub_session_work_set_step (work, step->name);
  ub_session_work_tell (work);
  g_free (work->failed_partition);
  work->failed_partition = g_strdup (step->name);
  pipe = ub_session_write_open_pipe (work, g_ptr_array_index (work->images, i), error);
  if (pipe == NULL)
    return FALSE;
  while (ub_pipe_next_run (pipe, &run, &error_local))
    if (!verify_run (work, step, &run, pipe, error))
      return FALSE;
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  g_clear_pointer (&work->failed_partition, g_free);
  return TRUE;
}

gboolean
ub_session_verify_all (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  work->bar_done = 0;
  work->bar_total = 0;
  for (guint i = 0; i < steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (steps, i))->start_up)
      work->bar_total += ub_session_image_get_bytes (g_ptr_array_index (work->images, i));
  ub_session_work_enter (work, UB_SESSION_VERIFYING, UB_BAR_BLUE, _ ("Reading back start-up code"));
  for (guint i = 0; i < steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (steps, i))->start_up && !verify_step (work, i, error))
      return FALSE;
  return TRUE;
}
