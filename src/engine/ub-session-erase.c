/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* a person who says stop, and a cable that drops, need not wait longer or lose more than this. A piece ends
 * where whatever a storage erases as one ends, too */
#define ERASE_PIECE ((guint64) 64 * 1024 * 1024)

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

/* @at: in the step. A piece is not broken off, so it is known that the command left */
static gboolean
erase_range (Erasing *erasing, guint64 at, guint64 size, GError **error)
{
  UbSessionWork *work = erasing->work;
  g_autoptr (GError) error_local = NULL;

  if (ub_da_erase (work->da,
                   erasing->step->region,
                   erasing->step->offset + at,
                   size,
                   on_erased,
                   erasing,
                   NULL,
                   &error_local))
    {
      work->written = TRUE;
      return TRUE;
    }
  work->turned_down =
      ub_da_has_names (work->da) && g_error_matches (error_local, UB_ERROR, UB_ERROR_REFUSED);
  work->written =
      work->written || !(work->turned_down || ub_session_write_is_our_own (error_local));
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

/* --- phones that do not let everything be erased --- */

/* (nullable): the part at @at of the step, and where the next one begins or it ends itself */
static const UbLayoutEntry *
find_part (Erasing *erasing, guint64 at, guint64 *end)
{
  const UbLayout      *layout = ub_phone_info_get_layout (erasing->work->owner);
  const guint64        here = erasing->step->offset + at;
  guint64              next = G_MAXUINT64;
  const UbLayoutEntry *found = NULL;

  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      const guint64        entry_end = entry->start + MIN (entry->size, G_MAXUINT64 - entry->start);

      if (entry->region != erasing->step->region)
        continue;
      if (entry->start > here)
        next = MIN (next, entry->start);
      else if (entry_end > here)
        {
          found = entry;
          next = MIN (next, entry_end);
        }
    }
  *end = MIN (*end, next - erasing->step->offset);
  return found;
}

/* what was asked for alone has failed; of a job that goes on to write it is only told */
static gboolean
note_refused (Erasing *erasing, const UbLayoutEntry *part, GError *error_local, GError **error)
{
  const char *name = part != NULL ? part->name : erasing->step->name;

  ub_session_work_find (erasing->work,
                        _ ("The phone does not let “%s” be erased: its maker has locked it. It "
                           "stays as it is, unless it is written over."),
                        name);
  if (ub_plan_get_mode (erasing->work->plan) != UB_MODE_ERASE)
    {
      g_error_free (error_local);
      return TRUE;
    }
  g_prefix_error (&error_local, "%s: ", name);
  g_propagate_error (error, error_local);
  return FALSE;
}

/* Part by part, for policies are about parts. Some agents are gone once they have refused something (MT6886): so what was
 * refused is behind us before the next command, and not asked for again when the job goes on */
static gboolean
erase_by_parts (Erasing *erasing, guint64 at, guint64 end, GError **error)
{
  while (at < end)
    {
      guint64              next = end;
      const UbLayoutEntry *part = find_part (erasing, at, &next);
      g_autoptr (GError) error_local = NULL;

      if (!erase_range (erasing, at, next - at, &error_local))
        {
          if (!erasing->work->turned_down)
            {
              g_propagate_error (error, g_steal_pointer (&error_local));
              return FALSE;
            }
          if (!note_refused (erasing, part, g_steal_pointer (&error_local), error))
            return FALSE;
          ub_session_steps_keep (erasing->work, next);
        }
      at = next;
      erasing->before = at;
      ub_session_steps_reach (erasing->work, at);
    }
  return TRUE;
}

/* the next piece of the step, whole if this phone lets it be */
static gboolean
erase_piece (Erasing *erasing, guint64 size, GError **error)
{
  UbSessionWork *work = erasing->work;
  const guint64  at = erasing->before;
  g_autoptr (GError) error_local = NULL;

  work->turned_down = FALSE;
  work->by_parts = work->by_parts ||
                   (ub_da_has_names (work->da) && (work->brom.target_config & UB_TARGET_SBC) != 0);
  if (!work->by_parts && erase_range (erasing, at, size, &error_local))
    {
      erasing->before += size;
      ub_session_steps_reach (work, erasing->before);
      return TRUE;
    }
  if (!work->by_parts && !work->turned_down)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  work->by_parts = TRUE;
  return erase_by_parts (erasing, at, at + size, error);
}

gboolean
ub_session_erase_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  Erasing       erasing = { .work = work,
                            .step = step,
                            .weight = g_array_index (work->weights, guint64, i),
                            .before = MIN (work->offset, step->length) };

  while (erasing.before < step->length)
    {
      const guint64 size = MIN (step->length - erasing.before,
                                ERASE_PIECE - (step->offset + erasing.before) % ERASE_PIECE);

      if (g_cancellable_set_error_if_cancelled (work->cancellable, error) ||
          !erase_piece (&erasing, size, error))
        return FALSE;
    }
  return TRUE;
}
