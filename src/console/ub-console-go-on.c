/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"

static void
print_jobs (GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    {
      g_autofree char *sentence = ub_journal_dup_sentence (g_ptr_array_index (jobs, i));

      g_printerr ("%3u. %s\n", i + 1, sentence);
    }
}

/* the one that is meant; NULL with a status: the reason was printed */
static UbJournal *
choose (UbConsole *self, GPtrArray *jobs, int *status)
{
  *status = UB_CONSOLE_EXIT_USAGE;
  if (self->job < 0 || (guint) self->job > jobs->len)
    {
      print_jobs (jobs);
      *status = ub_console_print_usage (_ ("There is no job %d."), self->job);
      return NULL;
    }
  if (self->job == 0 && jobs->len > 1)
    {
      print_jobs (jobs);
      *status = ub_console_print_usage (_ ("There are several unfinished jobs: say --job N."));
      return NULL;
    }

  return g_ptr_array_index (jobs, self->job > 0 ? self->job - 1 : 0);
}

static int
forget (UbConsole *self, UbJournal *journal)
{
  g_autoptr (GError) error = NULL;
  int status = UB_CONSOLE_EXIT_OK;

  g_printerr ("%s\n",
              _ ("Giving the job up: the phone stays half done until something else is written to "
                 "it. IMEI and calibration may not all be on it; they are in the safety copy, "
                 "which stays."));
  if ((status = ub_console_ask_confirm (self)) != UB_CONSOLE_EXIT_OK)
    return status;
  if (!ub_journal_remove (journal, &error))
    return ub_console_print_error (error, FALSE);
  ub_console_say (self, "%s", _ ("The job is given up."));
  if (ub_journal_get_copy (journal))
    ub_console_say (self, "%s: %s", _ ("Safety copy"), ub_journal_get_copy (journal));

  return UB_CONSOLE_EXIT_OK;
}

/* whatever goes wrong here, the phone is half-written */
static int
go_on (UbConsole *self, UbJournal *journal)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) lender = NULL;
  g_autoptr (UbPlan) plan = NULL;
  int status = ub_console_ask_confirm (self);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  if (!(plan = ub_journal_dup_plan (journal, self->cancellable, &error)))
    return ub_console_print_error (error, TRUE);
  if (!ub_plan_get_firmware (plan))
    lender = ub_console_open_lender (self, &error);
  if (error)
    return ub_console_print_error (error, TRUE);

  return ub_console_job_run (self, plan, lender, journal);
}

int
ub_console_go_on (UbConsole *self)
{
  g_autofree char *folder = ub_console_dup_journal_folder (self);
  g_autoptr (GPtrArray) jobs = ub_journal_list (folder);
  g_autofree char *sentence = NULL;
  UbJournal       *journal = NULL;
  int              status = UB_CONSOLE_EXIT_OK;

  if (jobs->len == 0)
    {
      ub_console_say (self, "%s", _ ("There is no unfinished job."));
      return UB_CONSOLE_EXIT_OK;
    }
  if (!(journal = choose (self, jobs, &status)))
    return status;
  sentence = ub_journal_dup_sentence (journal);
  g_printerr ("%s\n", sentence);
  if ((status = ub_console_ask_check (self)) != UB_CONSOLE_EXIT_OK)
    return status;

  return self->forget ? forget (self, journal) : go_on (self, journal);
}
