/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* Repair: what the phone holds is read and compared before anybody is asked, and before anything is written. */

/* a place that cannot be read costs no more than this */
#define PIECE (16 * UB_SESSION_COMPARE_BLOCK)

static const UbStep *
get_step (UbSessionWork *work, guint i)
{
  return g_ptr_array_index (ub_plan_get_steps (work->plan), i);
}

static GByteArray *
get_blocks (UbSessionWork *work, guint step)
{
  return g_hash_table_lookup (work->differs, GUINT_TO_POINTER (step));
}

/* end of block @i of a step */
static guint64
block_end (UbSessionWork *work, const UbStep *step, guint64 i)
{
  return MIN ((i + 1) * UB_SESSION_COMPARE_BLOCK, ub_session_work_pad (work, step->length));
}

gboolean
ub_session_compare_next (UbSessionWork *work, guint step, guint64 *at, guint64 *end)
{
  const GByteArray *blocks = get_blocks (work, step);
  guint64           i = *at / UB_SESSION_COMPARE_BLOCK;

  while (i < blocks->len && blocks->data[i] == 0)
    i++;
  if (i >= blocks->len)
    return FALSE;
  *at = MAX (*at, i * UB_SESSION_COMPARE_BLOCK);
  while (i < blocks->len && blocks->data[i] != 0)
    i++;
  *end = block_end (work, get_step (work, step), i - 1);
  return *at < *end;
}

guint64
ub_session_compare_count (UbSessionWork *work, guint step)
{
  guint64 at = 0, end = 0, count = 0;

  for (; ub_session_compare_next (work, step, &at, &end); at = end)
    count += end - at;
  return count;
}

gboolean
ub_session_compare_is_same (UbSessionWork *work, guint step)
{
  return get_blocks (work, step) != NULL && ub_session_compare_count (work, step) == 0;
}

static gboolean
is_compared (const UbStep *step)
{
  return step->kind == UB_STEP_WRITE && step->differs_only;
}

static void
set_blocks (GByteArray *blocks, guint64 begin, guint64 end)
{
  for (guint64 i = begin / UB_SESSION_COMPARE_BLOCK;
       i < blocks->len && i * UB_SESSION_COMPARE_BLOCK < end;
       i++)
    blocks->data[i] = 1;
}

static gboolean
compare_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep    *step = get_step (work, i);
  const guint64    length = ub_session_work_pad (work, step->length);
  const guint64    n = (length + UB_SESSION_COMPARE_BLOCK - 1) / UB_SESSION_COMPARE_BLOCK;
  g_autofree char *words = g_strdup_printf (_ ("Comparing %s"), step->name);
  g_autoptr (GByteArray) blocks = g_byte_array_new ();

  g_byte_array_set_size (blocks, (guint) n);
  memset (blocks->data, 0, n);
  ub_session_work_set_step (work, words);
  ub_session_work_set_failed (work, step->name);
  work->within = 0;
  for (guint64 at = 0; at < length; at += PIECE)
    {
      const guint64 end = MIN (at + PIECE, length);
      g_autoptr (GError) error_local = NULL;

      if (ub_session_verify_range (work, i, at, end, blocks, &error_local))
        continue;
      if (!g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ))
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      /* writing may mend it */
      set_blocks (blocks, at, end);
    }
  ub_session_work_set_failed (work, NULL);
  /* never half of one and half of another */
  if (step->is_preloader && memchr (blocks->data, 1, n) != NULL)
    memset (blocks->data, 1, n);
  g_hash_table_insert (work->differs, GUINT_TO_POINTER (i), g_steal_pointer (&blocks));
  work->advances += i >= work->n_compared ? 1 : 0;
  work->n_compared = MAX (work->n_compared, i + 1);
  return TRUE;
}

static gboolean
compare_all (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  guint64    before = work->before - work->compare_bytes;

  ub_session_work_enter (work, UB_SESSION_VERIFYING, UB_BAR_BLUE, _ ("Comparing"));
  work->bar_total = work->compare_bytes;
  for (guint i = work->step; i < steps->len; i++)
    {
      guint64 bytes = ub_session_image_get_bytes (g_ptr_array_index (work->images, i));

      if (!is_compared (get_step (work, i)))
        continue;
      work->before = before + work->bar_before;
      if (get_blocks (work, i) == NULL && !compare_step (work, i, error))
        return FALSE;
      work->bar_before += bytes;
    }
  return TRUE;
}

/* in the journal's process as in this one: what is behind us was compared then */
static guint64
count_bytes (UbSessionWork *work)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  guint64    bytes = 0;

  for (guint i = work->step; i < steps->len; i++)
    if (is_compared (get_step (work, i)))
      bytes += ub_session_image_get_bytes (g_ptr_array_index (work->images, i));
  return bytes;
}

static char *
dup_line (UbSessionWork *work, guint i)
{
  const UbStep *step = get_step (work, i);
  guint64       differ = ub_session_compare_count (work, i);
  /* whole blocks were counted */
  g_autofree char *part = g_format_size (MIN (differ, step->length));
  g_autofree char *whole = g_format_size (step->length);

  /* Translators: name of a part, how much of it differs, its size */
  return g_strdup_printf (_ ("%s: %s of %s differ"), step->name, part, whole);
}

/* is there anything to be written that is not compared first? */
static gboolean
has_other_work (UbSessionWork *work)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  for (guint i = work->step; i < steps->len; i++)
    {
      const UbStep *step = get_step (work, i);

      if (step->kind != UB_STEP_VERIFY && step->kind != UB_STEP_SAVE && !is_compared (step))
        return TRUE;
    }
  return FALSE;
}

/* the preloader stands in two places, and is one part for people */
static gboolean
is_named_before (UbSessionWork *work, guint i)
{
  for (guint k = work->step; k < i; k++)
    if (get_blocks (work, k) != NULL && !ub_session_compare_is_same (work, k) &&
        g_strcmp0 (get_step (work, k)->name, get_step (work, i)->name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
ask (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  for (guint i = work->step; i < steps->len; i++)
    if (get_blocks (work, i) != NULL && !ub_session_compare_is_same (work, i) &&
        !is_named_before (work, i))
      {
        g_autofree char *line = dup_line (work, i);

        g_strv_builder_add (lines, line);
      }
  parts = g_strv_builder_end (lines);
  for (gsize i = 0; parts[i] != NULL; i++)
    ub_session_work_find (work, "%s", parts[i]);
  if (parts[0] != NULL)
    return ub_session_ask_repair (work, (const char *const *) parts, error);
  /* what was written before the job went on is still to be read back */
  if (work->written)
    return TRUE;
  ub_session_work_find (work,
                        "%s",
                        _ ("Everything is as the firmware has it. Nothing was written."));
  if (!has_other_work (work))
    work->step = steps->len;
  return TRUE;
}

gboolean
ub_session_compare_run (UbSessionWork *work, GError **error)
{
  work->compare_bytes = count_bytes (work);
  if (work->compare_bytes == 0)
    return TRUE;
  ub_session_settle_weigh (work);
  if (!compare_all (work, error))
    return FALSE;
  ub_session_settle_weigh (work);
  return ask (work, error);
}
