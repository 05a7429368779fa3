/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* What was written is read back: a phone with broken start-up code is dead. */

typedef struct
{
  UbPipe       *pipe;
  const UbStep *step;
  UbDaPacket    packet; /* what should come */
  gsize         used;
  guint64       left; /* of the run, not yet in @packet */
  guint64       at;   /* bytes from the begin of the step */
  gsize         packet_size;
  GByteArray   *blocks; /* (nullable) */
} Compare;

static gboolean
note_difference (Compare *compare, GError **error)
{
  const guint64 block = compare->at / UB_SESSION_COMPARE_BLOCK;

  if (compare->blocks != NULL && block < compare->blocks->len)
    {
      compare->blocks->data[block] = 1;
      return TRUE;
    }
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_VERIFY,
               "%s: what was read back is not what was written",
               compare->step->name);
  return FALSE;
}

static gboolean
next_packet (Compare *compare, GError **error)
{
  gsize next = (gsize) MIN (compare->packet_size, compare->left);

  if (!ub_pipe_source (compare->pipe, next, &compare->packet, error))
    return FALSE;
  compare->used = 0;
  compare->left -= next;
  return TRUE;
}

static gboolean
compare_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  Compare *compare = user_data;

  /* behind the end of an exact one the rest of a sector is read */
  while (size > 0 && (compare->left > 0 || compare->used < compare->packet.size))
    {
      /* no piece reaches over the end of a block */
      guint64 room = UB_SESSION_COMPARE_BLOCK - compare->at % UB_SESSION_COMPARE_BLOCK;
      gsize   piece;

      if (compare->used == compare->packet.size && !next_packet (compare, error))
        return FALSE;
      piece = MIN (size, compare->packet.size - compare->used);
      piece = (gsize) MIN (piece, room);
      if (memcmp (data, compare->packet.data + compare->used, piece) != 0 &&
          !note_difference (compare, error))
        return FALSE;
      compare->used += piece;
      compare->at += piece;
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
            GByteArray      *blocks,
            GError         **error)
{
  Compare compare = { .pipe = pipe,
                      .step = step,
                      .left = run->length,
                      .at = run->offset,
                      .packet_size = ub_da_get_packet_size (work->da),
                      .blocks = blocks };

  if (!ub_session_write_check_run (work, step, run, error))
    return FALSE;
  if (!ub_da_read (work->da,
                   step->region,
                   step->offset + run->offset,
                   ub_session_work_pad (work, run->length),
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
  work->within += run->length;
  return TRUE;
}

/* nothing of it is sent, so it needs no sum, and may begin like a sparse image */
static UbPipe *
open_pipe (UbSessionWork *work, guint i, guint64 begin, guint64 end, GError **error)
{
  /* what was written by a name was not filled up */
  return ub_session_image_open_pipe (g_ptr_array_index (work->images, i),
                                     ub_da_has_names (work->da) ? UB_SESSION_IMAGE_EXACT
                                                                : UB_SESSION_IMAGE_PADDED,
                                     begin,
                                     end,
                                     ub_da_get_packet_size (work->da),
                                     NULL,
                                     NULL,
                                     error);
}

gboolean
ub_session_verify_range (UbSessionWork *work,
                         guint          i,
                         guint64        begin,
                         guint64        end,
                         GByteArray    *blocks,
                         GError       **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = open_pipe (work, i, begin, end, error);
  UbPipeRun run;

  if (pipe == NULL)
    return FALSE;
  while (ub_pipe_next_run (pipe, &run, &error_local))
    if (!verify_run (work, step, &run, pipe, blocks, error))
      return FALSE;
  if (error_local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

/* --- tables by the agent's own command --- */

static gboolean
has_entry (const UbLayout *layout, const UbLayoutEntry *wanted)
{
  const UbLayoutEntry *found = ub_layout_find (layout, wanted->name);

  return found != NULL && found->start == wanted->start &&
         (found->size == wanted->size || wanted->size == 0);
}

static gboolean
verify_layout (UbSessionWork *work, const UbStep *step, GError **error)
{
  g_autoptr (UbLayout) layout = ub_da_read_layout (work->da, error);

  if (layout == NULL)
    return FALSE;
  for (guint i = 0; i < step->layout->entries->len; i++)
    {
      const UbLayoutEntry *wanted = g_ptr_array_index (step->layout->entries, i);

      if (has_entry (layout, wanted))
        continue;
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_VERIFY,
                   "%s: %s is not where it was written",
                   step->name,
                   wanted->name);
      return FALSE;
    }
  return TRUE;
}

/* --- the step --- */

static gboolean
verify_once (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  work->within = 0;
  if (step->layout != NULL)
    return verify_layout (work, step, error);
  return ub_session_verify_range (work, i, 0, 0, NULL, error);
}

/* what an agent had not yet put down when its power went is not there, though it said so */
static gboolean
may_write_again (UbSessionWork *work, guint i, const GError *error)
{
  return g_error_matches (error, UB_ERROR, UB_ERROR_VERIFY) && work->redone != i + 1 &&
         (work->n_drops > 0 || work->job->journal != NULL);
}

/* One of the phone's own, which nobody was to touch. It is asked for twice before it is put back. */
static gboolean
mend_own (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  if (verify_once (work, i, NULL))
    {
      work->cable.n_rereads++;
      return TRUE;
    }
  if (!ub_session_write_step (work, i, 0, error) || !verify_once (work, i, error))
    return FALSE;
  ub_session_work_find (work,
                        _ ("The phone lost “%s” while it was erased. It was put back from the "
                           "safety copy."),
                        step->name);
  return TRUE;
}

gboolean
ub_session_verify_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  const guint   source = ub_session_image_find_source (work->plan, i);
  g_autoptr (GError) error_local = NULL;

  if (ub_session_compare_is_same (work, source))
    return TRUE;
  if (verify_once (work, i, &error_local))
    return TRUE;
  if (source == i && step->is_protected && g_error_matches (error_local, UB_ERROR, UB_ERROR_VERIFY))
    return mend_own (work, i, error);
  if (source == i || !may_write_again (work, i, error_local))
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  work->redone = i + 1;
  work->within = 0;
  ub_session_steps_enter (work, source);
  if (!ub_session_write_step (work, source, 0, error))
    return FALSE;
  ub_session_steps_enter (work, i);
  return verify_once (work, i, error);
}
