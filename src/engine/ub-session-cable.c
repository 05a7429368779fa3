/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* Is the cable to be trusted? Looked at before the first write, and only where something says it is not: reading tells as much as
 * writing, and harms nothing (shared/facts/troubles.md 6). */

#define PIECE ((guint64) 512 * 1024)
/* the second time in other packets, so that what always fails at one place of a packet is seen */
#define SMALL_PIECE ((guint64) 64 * 1024)
#define MAX_PIECES 24
#define MAX_US (5 * G_USEC_PER_SEC)
/* in the middle of a job each sign has cost a drop already; so many more are needed to keep a person waiting */
#define SIGNS_ONCE_WRITTEN 3
/* USB 2 moves ten times as much, and the slowest storage three times */
#define SLOW_SPEED (3.0 * 1000 * 1000)

typedef struct
{
  guint    n_pieces;  /* read twice */
  guint    n_bad;     /* not the same both times, or never in one piece */
  guint    n_retries; /* packets that the agent's sums found damaged */
  guint64  bytes;     /* of the first time, as @us: small packets are slow anywhere */
  gint64   us;
  gboolean over;      /* nothing more can be read */
  gboolean broke_off; /* … and the agent takes what is said next for something else */
} Test;

/* --- the signs --- */

static guint
count_broken (UbSessionWork *work)
{
  UbSessionDesk *desk = work->desk;
  guint          n;

  g_mutex_lock (&desk->lock);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (desk->broken, ub_link_get_port (work->link)));
  g_mutex_unlock (&desk->lock);
  return n;
}

static guint
count_retries (UbSessionWork *work)
{
  return work->cable.n_retries + (work->da != NULL ? ub_da_get_n_retries (work->da) : 0);
}

static guint
count_signs (UbSessionWork *work)
{
  return work->n_drops + work->signs.reconnects + work->signs.retries + work->cable.n_rereads +
         count_retries (work) + count_broken (work);
}

void
ub_session_cable_note_visit (UbSessionWork *work)
{
  work->cable.n_retries = count_retries (work);
}

static gboolean
is_wanted (UbSessionWork *work)
{
  const guint enough = work->cable.n_signs + (work->written ? SIGNS_ONCE_WRITTEN : 1);

  return !work->cable.is_agreed && count_signs (work) >= enough;
}

/* --- reading --- */

static gboolean
append (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static gboolean
read_in (UbSessionWork *work,
         UbRegion       region,
         guint64        offset,
         guint64        length,
         guint64        piece,
         GByteArray    *bytes,
         GError       **error)
{
  for (guint64 at = 0; at < length; at += piece)
    if (!ub_da_read (work->da,
                     region,
                     offset + at,
                     MIN (piece, length - at),
                     append,
                     bytes,
                     NULL,
                     NULL,
                     work->cancellable,
                     error))
      return FALSE;
  return TRUE;
}

/* FALSE: the phone is gone, or the person said stop. What else goes wrong is in @test */
static gboolean
take_error (Test *test, GError *error_local, GError **error)
{
  if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST) ||
      g_error_matches (error_local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, error_local);
      return FALSE;
    }
  /* bytes that are missing let an agent fall silent, or say what makes no sense */
  test->broke_off = g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_TIMEOUT) ||
                    g_error_matches (error_local, UB_ERROR, UB_ERROR_PROTOCOL);
  test->n_bad += test->broke_off || g_error_matches (error_local, UB_ERROR, UB_ERROR_CHECKSUM);
  /* a bad place of the storage is nothing of the cable's */
  test->over = !g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ);
  g_error_free (error_local);
  return TRUE;
}

static gboolean
try_piece (UbSessionWork *work, Test *test, UbRegion region, guint64 offset, GError **error)
{
  const gint64 begin = ub_link_now (work->link);
  gint64       passed;
  g_autoptr (GByteArray) once = g_byte_array_new ();
  g_autoptr (GByteArray) again = g_byte_array_new ();
  g_autoptr (GError) error_local = NULL;

  if (!read_in (work, region, offset, PIECE, PIECE, once, &error_local))
    return take_error (test, g_steal_pointer (&error_local), error);
  passed = ub_link_now (work->link) - begin;
  if (!read_in (work, region, offset, PIECE, SMALL_PIECE, again, &error_local))
    return take_error (test, g_steal_pointer (&error_local), error);
  test->n_pieces++;
  test->bytes += once->len;
  test->us += passed;
  if (once->len != again->len || memcmp (once->data, again->data, once->len) != 0)
    test->n_bad++;
  return TRUE;
}

/* the begin of the user area: there is content, while behind it is often nothing but zeros */
static gboolean
run_test (UbSessionWork *work, Test *test, GError **error)
{
  const UbRegion region =
      work->report.storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
  const guint64 capacity = ub_da_get_capacity (work->da, region);
  const gint64  begin = ub_link_now (work->link);
  const guint   n_retries = count_retries (work);

  for (guint i = 0; i < MAX_PIECES && (i + 1) * PIECE <= capacity && !test->over; i++)
    {
      if (ub_link_now (work->link) - begin >= MAX_US)
        break;
      if (!try_piece (work, test, region, i * PIECE, error))
        return FALSE;
    }
  test->n_retries = count_retries (work) - n_retries;
  return TRUE;
}

/* --- the verdict --- */

/* 0 where no time passed */
static double
get_speed (const Test *test)
{
  return test->us > 0 ? (double) test->bytes / (double) test->us * G_USEC_PER_SEC : 0;
}

static void
note_port_speed (UbSessionWork *work)
{
  if (g_str_equal (ub_link_get_speed (work->link), "full"))
    ub_session_work_find (work,
                          "%s",
                          _ ("The cable or port only runs at USB 1 speed, forty times slower than "
                             "it could be. Another cable, or a port of the computer itself, makes "
                             "it quicker."));
}

static void
note_good (UbSessionWork *work, const Test *test)
{
  const double     speed = get_speed (test);
  g_autofree char *bytes = g_format_size (test->bytes);
  g_autofree char *rate = g_format_size ((guint64) speed);

  if (speed <= 0)
    ub_session_work_find (work, _ ("The cable is fine (%s read twice)."), bytes);
  else if (speed < SLOW_SPEED)
    /* Translators: an amount of data, and that of one second */
    ub_session_work_find (work,
                          _ ("The cable loses nothing, but is slow (%s read twice, %s/s). Another "
                             "cable, or a port of the computer itself, may be quicker."),
                          bytes,
                          rate);
  else
    /* Translators: an amount of data, and that of one second */
    ub_session_work_find (work, _ ("The cable is fine (%s read twice, %s/s)."), bytes, rate);
}

static char *
dup_damage (const Test *test)
{
  const guint      n = test->n_bad + test->n_retries;
  g_autofree char *bytes = g_format_size (test->bytes);

  /* Translators: %s is an amount of data */
  return g_strdup_printf (ngettext ("Data was damaged %u time while %s were read twice.",
                                    "Data was damaged %u times while %s were read twice.",
                                    n),
                          n,
                          bytes);
}

/* a phone that is half-written already is best written to the end, unless somebody is there to fetch another cable */
static gboolean
ask (UbSessionWork *work, const Test *test, GError **error)
{
  g_autofree char *damage = dup_damage (test);

  ub_session_work_find (work, _ ("The cable loses data. %s"), damage);
  if (work->written && !work->job->may_ask)
    return TRUE;
  if (!ub_session_ask_cable (work, damage, error))
    return FALSE;
  work->cable.is_agreed = TRUE;
  return TRUE;
}

/* An agent that has lost count of the talk must not be told to write. Only a person can have it started anew, and the visit that
 * follows begins as after a drop */
static gboolean
replug (UbSessionWork *work, GError **error)
{
  work->power.jumped = FALSE; /* that it goes is no lack of power */
  if (ub_session_silent_wait_until_gone (work, UB_REQUEST_REPLUG))
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_LINK_LOST,
                         "the talk broke off while the cable was tested");
  else if (!g_cancellable_set_error_if_cancelled (work->cancellable, error))
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_LINK_TIMEOUT,
                         "the phone does not answer since the cable was tested");
  return FALSE;
}

gboolean
ub_session_cable_run (UbSessionWork *work, GError **error)
{
  Test test = { 0 };

  if (work->step >= ub_plan_get_steps (work->plan)->len || !ub_session_work_writes (work->plan))
    return TRUE;
  note_port_speed (work);
  if (!is_wanted (work))
    return TRUE;
  ub_session_work_enter (work, UB_SESSION_CHECKING, UB_BAR_WAIT, _ ("Testing the cable"));
  if (!run_test (work, &test, error))
    return FALSE;
  work->cable.n_signs = count_signs (work);
  if (test.n_bad + test.n_retries > 0)
    return ask (work, &test, error) && (!test.broke_off || replug (work, error));
  if (test.n_pieces > 0)
    note_good (work, &test);
  return TRUE;
}
