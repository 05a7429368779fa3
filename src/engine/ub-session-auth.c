/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* authorisations and certificates are a few KiB */
#define MAX_FILE (1024 * 1024)

void
ub_session_auth_clear (UbSessionAuth *self)
{
  g_clear_pointer (&self->auth, g_bytes_unref);
  g_clear_pointer (&self->cert, g_bytes_unref);
  g_clear_pointer (&self->key, ub_key_unref);
}

static GBytes *
read_file (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) local = NULL;
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;

  /* a pipe would never end */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: not an ordinary file", path);
      return NULL;
    }
  stream = g_file_read (file, NULL, &local);
  if (stream != NULL)
    bytes = g_input_stream_read_bytes (G_INPUT_STREAM (stream), MAX_FILE + 1, NULL, &local);
  if (bytes == NULL)
    g_set_error (error,
                 UB_ERROR,
                 g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? UB_ERROR_FILE_MISSING
                                                                           : UB_ERROR_FILE_READ,
                 "%s: %s",
                 path,
                 local->message);
  else if (g_bytes_get_size (bytes) == 0 || g_bytes_get_size (bytes) > MAX_FILE)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NEEDS_AUTH,
                 "%s: empty or too long, so it is not the maker's",
                 path);
  else
    return g_steal_pointer (&bytes);
  return NULL;
}

/* the person's own before the package's */
static gboolean
load_file (GBytes **bytes, const char *chosen, const char *own, GError **error)
{
  const char *path = chosen != NULL ? chosen : own;

  if (path == NULL)
    return TRUE;
  *bytes = read_file (path, error);
  return *bytes != NULL;
}

/* a person's files may have been chosen for another phone, long ago, and be gone by now: TRUE if this one may do without.
 * Takes @problem */
static gboolean
may_do_without (UbSessionWork *work, GError *problem, GError **error)
{
  g_autoptr (GError) local = problem;

  if ((work->brom.target_config & (UB_TARGET_SBC | UB_TARGET_SLA | UB_TARGET_DAA)) != 0)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_NEEDS_AUTH, local->message);
      return FALSE;
    }
  /* Translators: %s is a technical reason */
  ub_session_work_find (work,
                        _ ("A maker's file that was chosen cannot be used (%s). This phone was "
                           "tried without it."),
                        local->message);
  return TRUE;
}

gboolean
ub_session_auth_load (UbSessionWork *work, UbSessionAuth *auth, GError **error)
{
  const UbSessionJob *job = work->job;
  UbFirmware         *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  const gboolean      wanted = (work->brom.target_config & UB_TARGET_DAA) != 0;
  const char         *own_auth = NULL;
  const char         *own_cert = NULL;
  GError             *problem = NULL;

  /* those of a package for all kinds of phones do not stand in an open phone's way */
  if (firmware != NULL && wanted)
    {
      own_auth = ub_firmware_get_auth_file (firmware);
      own_cert = ub_firmware_get_cert_file (firmware);
    }
  if (!load_file (&auth->auth, job->auth_file, own_auth, &problem) &&
      !may_do_without (work, g_steal_pointer (&problem), error))
    return FALSE;
  if (!load_file (&auth->cert, job->cert_file, own_cert, &problem) &&
      !may_do_without (work, g_steal_pointer (&problem), error))
    return FALSE;
  if (job->key_file != NULL)
    auth->key = ub_key_open (job->key_file, &problem);
  return problem == NULL || may_do_without (work, problem, error);
}

gboolean
ub_session_auth_show (UbSessionWork *work, const UbSessionAuth *auth, GError **error)
{
  const UbBromAuth files = { .auth = auth->auth, .cert = auth->cert, .key = auth->key };

  if (!ub_brom_auth_run (work->link, &work->brom, &files, work->cancellable, error))
    return FALSE;
  if (auth->key != NULL && (work->brom.target_config & UB_TARGET_SLA) != 0)
    ub_session_work_find (work, _ ("The phone is content with the maker's login."));
  return TRUE;
}

gboolean
ub_session_auth_log_in (UbSessionWork *work, const UbSessionAuth *auth, GError **error)
{
  UbBromInfo       brom = work->brom;
  const UbBromAuth files = { .key = auth->key };

  /* whatever it said of itself: it wants the login, and nothing but that is shown to it now */
  brom.target_config = UB_TARGET_SLA;
  if (!ub_brom_auth_run (work->link, &brom, &files, work->cancellable, error))
    return FALSE;
  ub_session_work_find (work, _ ("The phone is content with the maker's login."));
  return TRUE;
}
