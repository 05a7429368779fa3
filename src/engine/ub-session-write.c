/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* a stretch that happens to begin like a sparse image is begun that many sectors earlier */
#define MAX_STEPS_BACK 8
/* an agent that wants to see a signature looks at no more than it has room for: 32 MiB in 2019
 * (shared/protocol/xflash-and-xml.md §3.14), and phones have grown since */
#define MAX_CHECKED ((guint64) 256 * 1024 * 1024)

static guint32
packet_checksum (const guint8 *data, gsize size, gpointer user_data)
{
  return ub_da_checksum (user_data, data, size);
}

gboolean
ub_session_write_check_run (UbSessionWork   *work,
                            const UbStep    *step,
                            const UbPipeRun *run,
                            GError         **error)
{
  const guint64 room = ub_session_work_pad (work, step->length);

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

gboolean
ub_session_write_is_our_own (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_INTERNAL) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_WRONG_STORAGE) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

/* start-up code is small and a half of it is worse than none: it is not stopped in the middle */
static gboolean
is_whole (const UbStep *step)
{
  return step->start_up || step->kind == UB_STEP_TABLE;
}

/* the phone's policy said no to a command before it took any byte of it; the first packet may have been made
 * already */
static gboolean
is_turned_down (UbSessionWork *work, const Writing *writing, const GError *error)
{
  return ub_da_has_names (work->da) && writing->taken == 0 &&
         g_error_matches (error, UB_ERROR, UB_ERROR_REFUSED);
}

static gboolean
take_error (UbSessionWork *work, const Writing *writing, GError *error_local, GError **error)
{
  work->turned_down = is_turned_down (work, writing, error_local);
  work->written =
      work->written || !(work->turned_down || ub_session_write_is_our_own (error_local));
  g_propagate_error (error, error_local);
  return FALSE;
}

static gboolean
write_run (UbSessionWork *work, guint i, const UbPipeRun *run, UbPipe *pipe, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  GCancellable *cancellable = is_whole (step) ? NULL : work->cancellable;
  Writing       writing = { .work = work,
                            .pipe = pipe,
                            .offset = run->offset,
                            .packet_size = ub_da_get_packet_size (work->da),
                            .marks = !is_whole (step) && i == work->step };
  g_autoptr (GError) error_local = NULL;

  if (!ub_session_write_check_run (work, step, run, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!ub_da_write (work->da,
                    step->region,
                    step->offset + run->offset,
                    run->length,
                    give_packet,
                    &writing,
                    on_written,
                    &writing,
                    cancellable,
                    &error_local))
    return take_error (work, &writing, g_steal_pointer (&error_local), error);
  work->within += run->length;
  return TRUE;
}

/* --- by the agent's own name --- */

static UbPipe *
open_by_name (UbSessionWork *work, guint i, UbPipeRun *run, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = ub_session_image_open_pipe (g_ptr_array_index (work->images, i),
                                                        UB_SESSION_IMAGE_BY_NAME,
                                                        0,
                                                        0,
                                                        ub_da_get_packet_size (work->da),
                                                        packet_checksum,
                                                        work->da,
                                                        error);

  if (pipe == NULL || ub_pipe_next_run (pipe, run, &error_local))
    return g_steal_pointer (&pipe);
  if (error_local == NULL)
    g_set_error_literal (&error_local, UB_ERROR, UB_ERROR_INTERNAL, "a part with nothing in it");
  g_propagate_error (error, g_steal_pointer (&error_local));
  return NULL;
}

static void
explain_refusal (UbSessionWork *work, const UbStep *step, GError **error)
{
  if (!g_error_matches (*error, UB_ERROR, UB_ERROR_REFUSED))
    return;
  ub_session_work_find (work,
                        _ ("The phone does not let “%s” be written: its maker allows only files "
                           "that the maker has signed for this phone."),
                        step->name);
  g_prefix_error (error, "%s: ", step->agent_name);
}

/* the whole of it, from the begin */
static gboolean
write_by_name (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  GCancellable *cancellable = is_whole (step) ? NULL : work->cancellable;
  UbPipeRun     run;
  g_autoptr (UbPipe) pipe = NULL;
  g_autoptr (GError) error_local = NULL;
  Writing writing = { .work = work };

  work->within = 0;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  pipe = open_by_name (work, i, &run, error);
  if (pipe == NULL || !ub_session_write_check_run (work, step, &run, error))
    return FALSE;
  writing.pipe = pipe;
  if (ub_da_write_part (work->da,
                        step->agent_name,
                        step->region,
                        step->offset,
                        run.length,
                        give_packet,
                        &writing,
                        on_written,
                        &writing,
                        cancellable,
                        &error_local))
    return TRUE;
  explain_refusal (work, step, &error_local);
  return take_error (work, &writing, g_steal_pointer (&error_local), error);
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
                                                            UB_SESSION_IMAGE_PADDED,
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
      begin -= work->report.sector_size;
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
  work->written = work->written || !ub_session_write_is_our_own (error_local);
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static gboolean
write_by_place (UbSessionWork *work, guint i, guint64 begin, GError **error)
{
  work->within = MIN (begin, ub_session_image_get_bytes (g_ptr_array_index (work->images, i)));
  if (g_hash_table_contains (work->differs, GUINT_TO_POINTER (i)))
    return write_differences (work, i, begin, error);
  return write_range (work, i, begin, 0, error);
}

/* Tables and preloaders always. On a phone that is locked to its maker all that its agent may want to look at: some agents
 * are gone once they have refused a place (MT6886) */
static gboolean
goes_by_name (UbSessionWork *work, guint i, const UbStep *step)
{
  if (step->agent_name == NULL || !ub_da_has_names (work->da))
    return FALSE;
  return step->by_name || (step->kind == UB_STEP_WRITE && step->length <= MAX_CHECKED &&
                           !ub_session_image_is_sparse (g_ptr_array_index (work->images, i)) &&
                           (work->brom.target_config & UB_TARGET_SBC) != 0);
}

static gboolean
is_silent (const GError *error)
{
  return g_error_matches (error, UB_ERROR, UB_ERROR_AGENT_SILENT) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

/* Policies are about places; the maker's signed files may go there under their names. Some agents are gone once they have
 * refused a place (MT6886): then their no is what counts, not their silence. Takes @refusal */
static gboolean
try_by_name (UbSessionWork *work, guint i, GError *refusal, GError **error)
{
  g_autoptr (GError) first = refusal;
  g_autoptr (GError) second = NULL;

  if (write_by_name (work, i, &second))
    return TRUE;
  if (is_silent (second))
    {
      work->turned_down = TRUE;
      explain_refusal (work, g_ptr_array_index (ub_plan_get_steps (work->plan), i), &first);
      g_propagate_error (error, g_steal_pointer (&first));
    }
  else
    g_propagate_error (error, g_steal_pointer (&second));
  return FALSE;
}

gboolean
ub_session_write_step (UbSessionWork *work, guint i, guint64 begin, GError **error)
{
  const UbStep  *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  const gboolean has_name = step->agent_name != NULL && ub_da_has_names (work->da);
  g_autoptr (GError) error_local = NULL;

  /* none of these begins in the middle */
  if (is_whole (step))
    begin = 0;
  begin -= begin % work->report.sector_size;
  work->turned_down = FALSE;
  if (step->layout != NULL)
    return write_layout (work, step, error);
  if (goes_by_name (work, i, step))
    return ub_session_compare_is_same (work, i) || write_by_name (work, i, error);
  if (write_by_place (work, i, begin, &error_local))
    return TRUE;
  if (has_name && work->turned_down)
    return try_by_name (work, i, g_steal_pointer (&error_local), error);
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}
