/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* Phones that say nothing any more once their loader was started, or go dark: the battery, or a loader that does not fit
 * (shared/facts/troubles.md 8 and 27). What can be done about it without a person is done, each once. */

/* the first try, and one with each other word on the battery */
#define MAX_SILENT 3
/* a phone that cannot be fed from the cable alone is gone by then */
#define DARK_US (6 * G_USEC_PER_SEC)
#define LISTEN_MS 500

static const char *
get_battery_words (UbDaBattery battery)
{
  switch (battery)
    {
    case UB_DA_BATTERY_PRESENT:
      return _ ("with battery");
    case UB_DA_BATTERY_NONE:
      return _ ("without battery");
    case UB_DA_BATTERY_AUTO:
    default:
      return _ ("battery: automatic");
    }
}

/* --- which loader, and when --- */

static gboolean
find_silent (UbSessionWork *work, const char *path, guint *index)
{
  return g_ptr_array_find_with_equal_func (work->power.silent, path, g_str_equal, index);
}

gboolean
ub_session_silent_was (UbSessionWork *work, const char *path)
{
  return find_silent (work, path, NULL);
}

void
ub_session_silent_sort (UbSessionWork *work, GPtrArray *paths)
{
  for (guint i = 0; i < work->power.silent->len; i++)
    {
      guint at;

      if (g_ptr_array_find_with_equal_func (paths,
                                            g_ptr_array_index (work->power.silent, i),
                                            g_str_equal,
                                            &at))
        g_ptr_array_add (paths, g_ptr_array_steal_index (paths, at));
    }
}

void
ub_session_silent_begin (UbSessionWork *work, const char *path, guint64 first_part)
{
  g_free (work->power.agent_path);
  work->power.agent_path = g_strdup (path);
  work->power.first_part = first_part;
  work->power.jumped = FALSE;
}

void
ub_session_silent_on_sent (UbSessionWork *work, guint64 done)
{
  if (work->power.jumped || done < work->power.first_part)
    return;
  work->power.jumped = TRUE;
  work->power.jumped_at = ub_link_now (work->link);
}

void
ub_session_silent_note_answer (UbSessionWork *work)
{
  g_autofree char *name = NULL;

  if (work->power.n_silent == 0)
    return;
  name = g_filename_display_basename (work->power.agent_path);
  /* Translators: name of a file, "with battery" or the like */
  ub_session_work_find (work,
                        _ ("The loader %s (%s) answered."),
                        name,
                        get_battery_words (work->power.battery));
}

/* --- the symptoms --- */

static void
try_next_battery (UbSessionWork *work)
{
  work->power.battery = work->power.battery == UB_DA_BATTERY_LAST
                            ? UB_DA_BATTERY_AUTO
                            : (UbDaBattery) (work->power.battery + 1);
}

/* no answer: another loader's turn, and another word on the battery at once, for each try costs the person a replug */
static void
note_silence (UbSessionWork *work)
{
  g_autofree char *name = g_filename_display_basename (work->power.agent_path);
  guint            at;

  /* Translators: name of a file, "with battery" or the like */
  ub_session_work_find (work,
                        _ ("The phone did not answer after the loader %s (%s) was started."),
                        name,
                        get_battery_words (work->power.battery));
  if (find_silent (work, work->power.agent_path, &at))
    g_ptr_array_remove_index (work->power.silent, at);
  g_ptr_array_add (work->power.silent, g_strdup (work->power.agent_path));
  try_next_battery (work);
}

/* FALSE: nobody came, or the person said stop */
static gboolean
listen_until_gone (UbSessionWork *work)
{
  const gint64 begin = ub_link_now (work->link);
  const gint64 limit = work->job->wait_ms * (gint64) 1000;

  while (!g_cancellable_is_cancelled (work->cancellable))
    {
      guint8 scrap[512];
      g_autoptr (GError) error = NULL;

      if (ub_link_receive_some (work->link, scrap, sizeof scrap, LISTEN_MS, &error) < 0 &&
          !g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        return TRUE;
      if (limit != 0 && ub_link_now (work->link) - begin >= limit)
        return FALSE;
    }
  return FALSE;
}

/* As all waiting for a person this does not count as work */
gboolean
ub_session_silent_wait_until_gone (UbSessionWork *work, UbRequest request)
{
  const gint64 begin = ub_link_now (work->link);
  gboolean     gone;

  work->news.request = request;
  ub_session_work_enter (work, UB_SESSION_WAITING, UB_BAR_WAIT, _ ("Waiting for the phone"));
  gone = listen_until_gone (work);
  work->begin += ub_link_now (work->link) - begin;
  return gone;
}

gboolean
ub_session_silent_may_retry (UbSessionWork *work, GError **error)
{
  if (!g_error_matches (*error, UB_ERROR, UB_ERROR_AGENT_SILENT) || !work->power.jumped)
    return FALSE;
  if (work->advances > work->power.advances_then)
    work->power.n_silent = 0;
  work->power.advances_then = work->advances;
  note_silence (work);
  work->power.is_suspected = TRUE;
  if (++work->power.n_silent < MAX_SILENT &&
      ub_session_silent_wait_until_gone (work, UB_REQUEST_BATTERY))
    return TRUE;
  if (g_cancellable_is_cancelled (work->cancellable))
    {
      g_clear_error (error);
      g_cancellable_set_error_if_cancelled (work->cancellable, error);
    }
  return FALSE;
}

void
ub_session_silent_note_drop (UbSessionWork *work)
{
  const gint64 passed =
      work->power.jumped ? ub_link_now (work->link) - work->power.jumped_at : DARK_US;

  /* one that was written to already had power enough; what its owner has to hear is that nothing is lost */
  work->power.is_suspected = passed < DARK_US && !work->written;
  if (!work->power.is_suspected)
    return;
  /* Translators: number of seconds, "with battery" or the like */
  ub_session_work_find (work,
                        _ ("The phone went dark %.1f seconds after its loader was started (%s)."),
                        (double) passed / G_USEC_PER_SEC,
                        get_battery_words (work->power.battery));
  try_next_battery (work);
}
