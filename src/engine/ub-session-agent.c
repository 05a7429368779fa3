/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "brom/ub-brom-messages.h"
#include "engine/ub-agent-library.h"
#include "firmware/ub-agent.h"

#include <glib/gi18n.h>

/* shared/facts/troubles.md 22: one retry at most */
#define MAX_REFUSALS 2

/* the agents' turn in one visit of a phone */
typedef struct
{
  UbSessionWork *work;
  GPtrArray     *emis;
  UbSessionAuth  auth;
  gboolean       logged_in;
  gboolean       wants_signature; /* it takes nothing without its maker's signature */
  guint          n_refusals;      /* by the phone */
  GString       *refusals;        /* which, and why */
} Turn;

static void
on_agent_progress (guint64 done, guint64 total, gpointer user_data)
{
  UbSessionWork *work = user_data;

  ub_session_silent_on_sent (work, done);
  work->news.fraction = total > 0 ? (double) MIN (done, total) / (double) total : 0;
  ub_session_work_tell (work);
}

/* --- which --- */

static void
add_agent (GPtrArray *paths, const char *path)
{
  if (path != NULL && !g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL))
    g_ptr_array_add (paths, g_strdup (path));
}

/* the one a person has chosen, the package's, those made for this chip alone, all others */
static GPtrArray *
collect_agents (UbSessionWork *work)
{
  GPtrArray  *paths = g_ptr_array_new_with_free_func (g_free);
  UbFirmware *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  GPtrArray  *own = firmware != NULL ? ub_firmware_get_agents (firmware) : NULL;
  char      **others = work->job->agents;

  add_agent (paths, work->job->agent);
  for (guint i = 0; own != NULL && i < own->len; i++)
    add_agent (paths, g_ptr_array_index (own, i));
  for (gsize i = 0; others != NULL && others[i] != NULL; i++)
    if (ub_agent_library_is_special (others[i], work->brom.chip))
      add_agent (paths, others[i]);
  for (gsize i = 0; others != NULL && others[i] != NULL; i++)
    add_agent (paths, others[i]);
  return paths;
}

/* FALSE with NO_AGENT if the container has none for this chip */
static gboolean
load_setup (UbSessionWork *work,
            const char    *path,
            UbDaSetup     *setup,
            UbProtocol    *protocol,
            GError       **error)
{
  const UbChip       *chip = work->brom.chip;
  const UbAgentEntry *entry;
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, error);

  if (file == NULL)
    return FALSE;
  entry = ub_agent_library_select (file, &work->brom, protocol);
  if (entry == NULL || entry->n_regions < 3)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_NO_AGENT, "%s: no agent for %s", path, chip->name);
      return FALSE;
    }
  setup->da1 = ub_agent_file_load (file, entry, 1, error);
  if (setup->da1 == NULL)
    return FALSE;
  setup->da2 = ub_agent_file_load (file, entry, 2, error);
  if (setup->da2 == NULL)
    return FALSE;
  setup->da1_address = entry->regions[1].load_address;
  setup->da1_signature = entry->regions[1].signature_length;
  setup->da2_address = entry->regions[2].load_address;
  setup->da2_signature = entry->regions[2].signature_length;
  setup->build_year = ub_agent_file_get_year (file);
  return TRUE;
}

/* --- one agent --- */

static gboolean
start_agent (Turn *turn, const UbDaSetup *setup, UbProtocol protocol, GError **error)
{
  UbSessionWork *work = turn->work;

  if (!ub_da_start (work->da,
                    setup,
                    &work->report,
                    on_agent_progress,
                    work,
                    work->cancellable,
                    error))
    return FALSE;
  work->agent_runs = TRUE;
  ub_session_silent_note_answer (work);
  if (protocol != work->brom.chip->protocol)
    ub_session_work_find (work,
                          _ ("The loader speaks another language (%s) than is usual for this "
                             "chip (%s). It was spoken to in its own."),
                          ub_protocol_to_string (protocol),
                          ub_protocol_to_string (work->brom.chip->protocol));
  return TRUE;
}

/* as above, and once more after a login if the phone asks for one only now */
static gboolean
start_logged_in (Turn *turn, const UbDaSetup *setup, UbProtocol protocol, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (start_agent (turn, setup, protocol, &local))
    return TRUE;
  if (ub_brom_get_refusal (turn->work->link) != UB_BROM_STATUS_LOGIN_NEEDED ||
      turn->auth.key == NULL || turn->logged_in)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  turn->logged_in = TRUE;
  return ub_session_auth_log_in (turn->work, &turn->auth, error) &&
         start_agent (turn, setup, protocol, error);
}

static void
note_refusal (Turn *turn, const char *path, const char *why)
{
  g_autofree char *name = g_filename_display_basename (path);

  ub_session_work_find (turn->work, _ ("The phone did not take the loader %s: %s."), name, why);
  g_string_append_printf (turn->refusals,
                          "%s%s: %s",
                          turn->refusals->len > 0 ? "; " : "",
                          name,
                          why);
}

/* what became of one agent */
typedef enum
{
  RUNS,
  NEXT, /* it did not get into the phone, which waits for another one */
  FAILED,
} Outcome;

/* @error is set and says why the phone did not take it */
static Outcome
judge_refusal (Turn *turn, const char *path, guint16 status, GError **error)
{
  g_autofree char *why = NULL;

  if (status == UB_BROM_STATUS_LOGIN_NEEDED)
    {
      if (turn->auth.key == NULL)
        {
          g_clear_error (error);
          g_set_error_literal (error,
                               UB_ERROR,
                               UB_ERROR_NEEDS_AUTH,
                               "this phone wants its maker's login before it takes a loader, and "
                               "there is no key file");
        }
      return FAILED;
    }
  why = g_strdup_printf ("0x%04x, %s", status, ub_brom_status_to_string (status) ?: "unknown");
  note_refusal (turn, path, why);
  turn->n_refusals++;
  turn->wants_signature |= ub_brom_messages_status_needs_auth (status);
  return NEXT;
}

/* it was not the phone that did not want it, and the person asked for this one */
static void
note_unusable (Turn *turn, const char *path, const GError *error)
{
  /* Translators: %s is a technical reason with the name of a file in it */
  if (g_strcmp0 (path, turn->work->job->agent) == 0)
    ub_session_work_find (turn->work,
                          _ ("The loader that was chosen cannot be used (%s)."),
                          error->message);
}

/* so many are tried that a person is not kept waiting; that there are more is said */
static void
note_untried (Turn *turn, guint n)
{
  if (n > 0)
    g_string_append_printf (turn->refusals, "; %u more not tried", n);
}

/* @error is set unless it RUNS */
static Outcome
try_agent (Turn *turn, const char *path, GError **error)
{
  UbSessionWork *work = turn->work;
  UbDaSetup      setup = { .chip = work->brom.chip,
                           .brom = work->brom,
                           .emis = turn->emis,
                           .find_emi = ub_session_emi_find_own,
                           .key = turn->auth.key,
                           .battery = work->power.battery };
  UbProtocol     protocol = UB_PROTOCOL_UNKNOWN;
  guint16        status;
  g_autoptr (GBytes) da1 = NULL;
  g_autoptr (GBytes) da2 = NULL;
  gboolean loaded = load_setup (work, path, &setup, &protocol, error);

  da1 = setup.da1;
  da2 = setup.da2;
  if (!loaded)
    {
      note_unusable (turn, path, *error);
      return NEXT;
    }
  /* what the phone would say is known: 1D15 */
  if (turn->wants_signature && work->brom.is_boot_rom && setup.da1_signature == 0)
    {
      note_refusal (turn, path, "not signed");
      g_set_error (error, UB_ERROR, UB_ERROR_NEEDS_AUTH, "%s: not signed", path);
      return NEXT;
    }
  g_clear_object (&work->da);
  work->da = ub_da_new (protocol, work->link, error);
  if (work->da == NULL)
    return NEXT;
  ub_session_silent_begin (work, path, g_bytes_get_size (setup.da1));
  if (start_logged_in (turn, &setup, protocol, error))
    return RUNS;
  status = ub_brom_get_refusal (work->link);
  return status != 0 ? judge_refusal (turn, path, status, error) : FAILED;
}

/* of what was wrong with files the first counts, but for those that are only for other chips */
static void
keep_error (GError **kept, GError *error)
{
  if (*kept != NULL && (*kept)->code != UB_ERROR_NO_AGENT)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (kept);
  *kept = error;
}

static gboolean
give_up (Turn *turn, GError **kept, GError **error)
{
  if (turn->refusals->len > 0 && turn->wants_signature)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NEEDS_AUTH,
                 "this phone only accepts its maker's signed loader (%s)",
                 turn->refusals->str);
  else if (turn->refusals->len > 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_AGENT_REFUSED,
                 "the phone did not take the loader (%s)",
                 turn->refusals->str);
  else if (*kept != NULL)
    g_propagate_error (error, g_steal_pointer (kept));
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NO_AGENT,
                 "no agent at hand for %s",
                 turn->work->brom.chip->name);
  return FALSE;
}

/* of two that the phone takes at most, one is kept for the one that it took before, though that was silent then */
static gboolean
has_turn (Turn *turn, const char *path)
{
  const gboolean waits =
      turn->work->power.silent->len > 0 && !ub_session_silent_was (turn->work, path);

  return turn->n_refusals < (waits ? MAX_REFUSALS - 1 : MAX_REFUSALS);
}

static gboolean
try_agents (Turn *turn, GPtrArray *paths, GError **error)
{
  g_autoptr (GError) kept = NULL;
  guint n_untried = 0;

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autoptr (GError) local = NULL;
      Outcome outcome;

      if (!has_turn (turn, path))
        {
          n_untried++;
          continue;
        }
      outcome = try_agent (turn, path, &local);
      if (outcome == RUNS)
        return TRUE;
      if (outcome == FAILED)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      keep_error (&kept, g_steal_pointer (&local));
    }
  note_untried (turn, n_untried);
  return give_up (turn, &kept, error);
}

static void
turn_clear (Turn *turn)
{
  ub_session_auth_clear (&turn->auth);
  g_string_free (turn->refusals, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Turn, turn_clear)

gboolean
ub_session_agent_load (UbSessionWork *work, GError **error)
{
  g_autoptr (GPtrArray) emis = ub_session_emi_collect (work);
  g_autoptr (GPtrArray) paths = collect_agents (work);
  g_auto (Turn) turn = { .work = work,
                         .emis = emis,
                         .wants_signature = (work->brom.target_config & UB_TARGET_DAA) != 0,
                         .refusals = g_string_new (NULL) };

  ub_session_silent_sort (work, paths);
  ub_session_work_enter (work,
                         UB_SESSION_LOADING_AGENT,
                         UB_BAR_RED,
                         _ ("Starting the phone's loader"));
  if (!ub_session_auth_load (work, &turn.auth, error))
    return FALSE;
  turn.logged_in = turn.auth.key != NULL && (work->brom.target_config & UB_TARGET_SLA) != 0;
  return ub_session_auth_show (work, &turn.auth, error) && try_agents (&turn, paths, error);
}
