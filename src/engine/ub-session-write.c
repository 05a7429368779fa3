/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

/* a person who says stop, and a cable that drops, need not wait longer or lose more than this */
#define ERASE_PIECE ((guint64) 64 * 1024 * 1024)
/* a stretch that happens to begin like a sparse image is begun that many sectors earlier */
#define MAX_STEPS_BACK 8

static guint32
packet_checksum (const guint8 *data, gsize size, gpointer user_data)
{
  return ub_da_checksum (user_data, data, size);
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

/* --- one write command --- */

typedef struct
{
  UbSessionWork *work;
  UbPipe        *pipe;
  guint64        offset; /* of the run, in the step */
  guint64        taken;  /* bytes the agent has said yes to */
  gsize          packet_size;
  gboolean       marks; /* the job may go on in the middle of this step */
} Writing;

static gboolean
give_packet (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  Writing *writing = user_data;

  writing->work->written = TRUE;
  return ub_pipe_source (writing->pipe, size, packet, error);
}

static void
on_written (guint64 done, guint64 total, gpointer user_data)
{
  Writing *writing = user_data;

  writing->work->written_bytes += done - writing->taken;
  writing->taken = done;
  /* the last packet that was taken may not be on the storage yet */
  if (writing->marks && writing->offset + done > writing->packet_size)
    ub_session_steps_reach (writing->work, writing->offset + done - writing->packet_size);
  ub_session_work_on_bytes (done, total, writing->work);
}

/* these never leave the computer */
static gboolean
is_of_our_own (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_INTERNAL) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_WRONG_STORAGE) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

static gboolean
write_run (UbSessionWork *work, guint i, const UbPipeRun *run, UbPipe *pipe, GError **error)
{
  const UbStep  *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  const gboolean whole = step->start_up || step->kind == UB_STEP_TABLE;
  /* start-up code is small and a half of it is worse than none: it is not stopped in the middle */
  GCancellable *cancellable = whole ? NULL : work->cancellable;
  Writing       writing = { .work = work,
                            .pipe = pipe,
                            .offset = run->offset,
                            .packet_size = ub_da_get_packet_size (work->da),
                            .marks = !whole && i == work->step };
  g_autoptr (GError) error_local = NULL;

  if (!ub_session_write_check_run (step, run, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (ub_da_write (work->da,
                   step->region,
                   step->offset + run->offset,
                   run->length,
                   give_packet,
                   &writing,
                   on_written,
                   &writing,
                   cancellable,
                   &error_local))
    {
      work->within += run->length;
      return TRUE;
    }
  work->written = work->written || !is_of_our_own (error_local);
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

/* --- one step --- */

/* the pipe stands before its first run, or at its end */
static UbPipe *
open_at (UbSessionWork *work, guint i, guint64 begin, guint64 end, UbPipeRun *run, GError **error)
{
  for (guint n = 0;; n++)
    {
      g_autoptr (GError) error_local = NULL;
      g_autoptr (UbPipe) pipe = ub_session_image_open_pipe (g_ptr_array_index (work->images, i),
                                                            begin,
                                                            end,
                                                            ub_da_get_packet_size (work->da),
                                                            packet_checksum,
                                                            work->da,
                                                            error);

      if (pipe == NULL)
        return NULL;
      run->length = 0;
      if (ub_pipe_next_run (pipe, run, &error_local) || error_local == NULL)
        return g_steal_pointer (&pipe);
      if (!g_error_matches (error_local, UB_ERROR, UB_ERROR_BAD_IMAGE) || begin == 0 ||
          n == MAX_STEPS_BACK)
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return NULL;
        }
      /* writing a little more than needed does no harm */
      begin -= UB_SECTOR;
    }
}

static gboolean
write_range (UbSessionWork *work, guint i, guint64 begin, guint64 end, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  UbPipeRun run = { 0, 0 };
  g_autoptr (UbPipe) pipe = open_at (work, i, begin, end, &run, error);

  if (pipe == NULL)
    return FALSE;
  while (run.length > 0)
    {
      if (!write_run (work, i, &run, pipe, error))
        return FALSE;
      if (!ub_pipe_next_run (pipe, &run, &error_local))
        run.length = 0;
    }
  if (error_local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static gboolean
write_differences (UbSessionWork *work, guint i, guint64 begin, GError **error)
{
  guint64 at = begin;
  guint64 end = 0;

  for (; ub_session_compare_next (work, i, &at, &end); at = end)
    if (!write_range (work, i, at, end, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_layout (UbSessionWork *work, const UbStep *step, GError **error)
{
  g_autoptr (GError) error_local = NULL;

  if (ub_da_write_layout (work->da, step->layout, &error_local))
    {
      work->written = TRUE;
      return TRUE;
    }
  work->written = work->written || !is_of_our_own (error_local);
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

gboolean
ub_session_write_step (UbSessionWork *work, guint i, guint64 begin, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  /* none of these begins in the middle */
  if (step->start_up || step->kind == UB_STEP_TABLE)
    begin = 0;
  begin -= begin % UB_SECTOR;
  work->within = MIN (begin, ub_session_image_get_bytes (g_ptr_array_index (work->images, i)));
  if (step->layout != NULL)
    return write_layout (work, step, error);
  if (g_hash_table_contains (work->differs, GUINT_TO_POINTER (i)))
    return write_differences (work, i, begin, error);
  return write_range (work, i, begin, 0, error);
}

/* --- erasing --- */

typedef struct
{
  UbSessionWork *work;
  const UbStep  *step;
  guint64        weight;
  guint64        before; /* bytes of earlier pieces */
} Erasing;

static void
on_erased (guint64 done, guint64 total, gpointer user_data)
{
  Erasing *erasing = user_data;
  double   share = (double) (erasing->before + done) / (double) erasing->step->length;

  ub_session_work_move (erasing->work, (guint64) (share * (double) erasing->weight));
}

gboolean
ub_session_write_erase (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  Erasing       erasing = { .work = work,
                            .step = step,
                            .weight = g_array_index (work->weights, guint64, i),
                            .before = MIN (work->offset, step->length) };

  while (erasing.before < step->length)
    {
      const guint64 size = MIN (step->length - erasing.before, ERASE_PIECE);
      g_autoptr (GError) error_local = NULL;

      if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
        return FALSE;
      /* a piece is not broken off, so it is known that the command left */
      if (!ub_da_erase (work->da,
                        step->region,
                        step->offset + erasing.before,
                        size,
                        on_erased,
                        &erasing,
                        NULL,
                        &error_local))
        {
          work->written = work->written || !is_of_our_own (error_local);
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      work->written = TRUE;
      erasing.before += size;
      ub_session_steps_reach (work, erasing.before);
    }
  return TRUE;
}
