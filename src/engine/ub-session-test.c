/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* Memory test: everything is read and thrown away; what cannot be read is noted, and the next place is tried. */

#define PIECE ((guint64) 16 * 1024 * 1024)
/* a piece that cannot be read is looked at in pieces of this size */
#define SMALL_PIECE ((guint64) 1024 * 1024)
/* a phone that can read nothing at all need not be asked a hundred thousand times */
#define MAX_BAD 1000

static gboolean
throw_away (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  return TRUE;
}

static void
note_bad (UbSessionWork *work, const UbStep *step, guint64 at, guint64 size)
{
  g_autofree char *text = g_format_size (size);
  g_autofree char *address = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", step->offset + at);

  /* Translators: size of a place, name of a part, an address */
  ub_session_work_find (work, _ ("Bad place: %s in %s, at %s"), text, step->name, address);
  work->n_bad++;
}

static void
note_speed (UbSessionWork *work, guint64 size, gint64 passed)
{
  double speed;

  if (passed <= 0)
    return;
  work->test_bytes += size;
  work->test_us += passed;
  speed = (double) size / (double) passed * G_USEC_PER_SEC;
  if (work->test_slowest <= 0 || speed < work->test_slowest)
    work->test_slowest = speed;
}

/* @bad: the phone could not read all of it */
static gboolean
read_piece (UbSessionWork *work,
            const UbStep  *step,
            guint64        at,
            guint64        size,
            gboolean      *bad,
            GError       **error)
{
  const gint64 begin = ub_link_now (work->link);
  g_autoptr (GError) error_local = NULL;

  *bad = FALSE;
  work->within = at;
  if (ub_da_read (work->da,
                  step->region,
                  step->offset + at,
                  size,
                  throw_away,
                  NULL,
                  ub_session_work_on_bytes,
                  work,
                  work->cancellable,
                  &error_local))
    {
      note_speed (work, size, ub_link_now (work->link) - begin);
      return TRUE;
    }
  *bad = g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ);
  if (*bad)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

/* where exactly? A search that is broken off is made again, so it leaves nothing behind */
static gboolean
search_piece (UbSessionWork *work, const UbStep *step, guint64 at, guint64 size, GError **error)
{
  const guint64 end = at + size;
  const guint   n_bad = work->n_bad;

  for (; at < end && work->n_bad < MAX_BAD; at += SMALL_PIECE)
    {
      const guint64 small = MIN (SMALL_PIECE, end - at);
      gboolean      bad = FALSE;

      if (!read_piece (work, step, at, small, &bad, error))
        {
          work->n_bad = n_bad;
          return FALSE;
        }
      if (bad)
        note_bad (work, step, at, small);
    }
  return TRUE;
}

gboolean
ub_session_test_step (UbSessionWork *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);

  for (guint64 at = work->offset; at < step->length; at += PIECE)
    {
      const guint64 size = MIN (PIECE, step->length - at);
      gboolean      bad = FALSE;

      if (!read_piece (work, step, at, size, &bad, error) ||
          (bad && !search_piece (work, step, at, size, error)))
        return FALSE;
      if (work->n_bad >= MAX_BAD)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_STORAGE_READ,
                       "%s: %d places cannot be read",
                       step->name,
                       MAX_BAD);
          return FALSE;
        }
      ub_session_steps_reach (work, at + size);
    }
  return TRUE;
}

/* --- the findings --- */

static void
find_ids (UbSessionWork *work)
{
  g_autoptr (GString) cid = g_string_new (NULL);
  g_autofree char *user = g_format_size (work->report.user_size);
  g_autofree char *boot = g_format_size (work->report.boot1_size);
  g_autofree char *ram = g_format_size_full (work->report.ram_size, G_FORMAT_SIZE_IEC_UNITS);

  for (gsize i = 0; i < sizeof work->report.cid; i++)
    g_string_append_printf (cid, "%02x", work->report.cid[i]);
  /* Translators: kind of storage, its size, size of its start-up areas */
  ub_session_work_find (work,
                        _ ("Storage: %s, %s; start-up areas of %s each"),
                        ub_storage_to_string (work->report.storage),
                        user,
                        boot);
  ub_session_work_find (work, _ ("Storage chip's number (CID): %s"), cid->str);
  if (work->report.ram_size > 0)
    ub_session_work_find (work, _ ("Working memory: %s"), ram);
}

static void
find_health (UbSessionWork *work)
{
  UbDaHealth health = { -1, -1, -1, -1 };

  ub_da_read_health (work->da, &health);
  if (health.battery_mv >= 0)
    ub_session_work_find (work, _ ("Battery: %.2f V"), health.battery_mv / 1000.0);
  if (health.life_time_a > 0)
    ub_session_work_find (work, _ ("Storage used up: about %d %%"), health.life_time_a * 10);
  if (health.pre_eol > 1)
    ub_session_work_find (work, "%s", _ ("The storage says it is near its end."));
}

void
ub_session_test_begin (UbSessionWork *work)
{
  find_ids (work);
  find_health (work);
}

void
ub_session_test_conclude (UbSessionWork *work)
{
  g_autofree char *average = NULL;
  g_autofree char *slowest = NULL;

  if (work->plan == NULL || ub_plan_get_mode (work->plan) != UB_MODE_TEST ||
      work->chapter != UB_CHAPTER_STEPS)
    return;
  if (work->n_bad == 0)
    ub_session_work_find (work, "%s", _ ("No bad places were found in what was read."));
  else
    ub_session_work_find (work,
                          ngettext ("%u bad place was found.",
                                    "%u bad places were found.",
                                    work->n_bad),
                          work->n_bad);
  if (work->test_us <= 0)
    return;
  average = g_format_size (
      (guint64) ((double) work->test_bytes / (double) work->test_us * G_USEC_PER_SEC));
  slowest = g_format_size ((guint64) work->test_slowest);
  ub_session_work_find (work, _ ("Reading speed: %s/s, at its slowest %s/s"), average, slowest);
}
