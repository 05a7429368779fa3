/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "base/ub-error.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"

/* for jobs without a firmware of their own */
static int
run_lent (UbConsole *self, UbPlan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) lender = NULL;
  int status = ub_console_job_print_blocker (self, plan);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  lender = ub_console_open_lender (self, &error);
  if (error)
    return ub_console_print_error (error, FALSE);

  return ub_console_job_run (self, plan, lender, NULL);
}

int
ub_console_read (UbConsole *self)
{
  UbPlanTarget     target = { 0 };
  g_autofree char *folder = NULL;
  g_autoptr (UbPlan) plan = NULL;
  int status = ub_console_read_target (self, &target);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  if (!self->out)
    return ub_console_print_usage (_ ("“read” needs a folder to read into: --out FOLDER."));
  folder = g_canonicalize_filename (self->out, NULL);
  if (g_file_test (folder, G_FILE_TEST_EXISTS))
    return ub_console_print_usage (_ ("%s is there already; name a new folder."), folder);
  ub_console_job_mention_unfinished (self);

  plan = ub_plan_new_readback (&target, folder);

  return run_lent (self, plan);
}

int
ub_console_erase (UbConsole *self)
{
  UbPlanTarget target = { 0 };
  g_autoptr (UbPlan) plan = NULL;
  int status = ub_console_read_target (self, &target);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  /* nobody erases a whole phone by leaving something out */
  if (target.whole && !self->all)
    return ub_console_print_usage (_ ("“erase” needs --part, --range or --all."));
  if (self->boot && !self->all)
    return ub_console_print_usage (_ ("--boot belongs to --all."));
  if ((status = ub_console_ask_check (self)) != UB_CONSOLE_EXIT_OK)
    return status;
  ub_console_job_mention_unfinished (self);

  plan = ub_plan_new_erase (&target);

  return run_lent (self, plan);
}

int
ub_console_test (UbConsole *self)
{
  UbPlanTarget target = { 0 };
  g_autoptr (UbPlan) plan = NULL;
  int status = ub_console_read_target (self, &target);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  ub_console_job_mention_unfinished (self);

  plan = ub_plan_new_test (&target);

  return run_lent (self, plan);
}

int
ub_console_part (UbConsole *self)
{
  g_autofree char *image = g_canonicalize_filename (self->paths[1], NULL);
  g_autoptr (UbPlan) plan = NULL;

  if (!g_file_test (image, G_FILE_TEST_IS_REGULAR))
    {
      g_autoptr (GError) error =
                     g_error_new (UB_ERROR, UB_ERROR_FILE_MISSING, "there is no file %s", image);

      return ub_console_print_error (error, FALSE);
    }
  ub_console_job_mention_unfinished (self);

  plan = ub_plan_new_single (self->paths[0], image, self->expert);

  return run_lent (self, plan);
}

static void
on_verify (guint64 done, guint64 total, gpointer user_data)
{
  ub_console_progress_show (user_data,
                            _ ("Checking the copy"),
                            total > 0 ? (double) MIN (done, total) / (double) total : -1);
}

gboolean
ub_console_verify_backup (UbConsole *self, UbBackup *backup, GError **error)
{
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (TRUE);

  return ub_backup_verify (backup, on_verify, progress, self->cancellable, error);
}

static void
print_backup (UbConsole *self, UbBackup *backup)
{
  GDateTime       *when = ub_backup_get_time (backup);
  g_autofree char *time = when ? g_date_time_format (when, "%Y-%m-%d %H:%M") : g_strdup ("?");
  g_autofree char *size = ub_console_dup_size (ub_backup_get_size (backup));
  guint            n = ub_backup_get_parts (backup)->len;

  /* Translators: when it was made, number of parts, their size */
  ub_console_say (self,
                  ngettext ("Copy of %s: %u part, %s", "Copy of %s: %u parts, %s", n),
                  time,
                  n,
                  size);
}

int
ub_console_restore (UbConsole *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) backup = NULL;
  g_autoptr (UbPlan) plan = NULL;
  g_autofree char *path = g_canonicalize_filename (self->paths[0], NULL);
  int              status = ub_console_ask_check (self);

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  if (!(backup = ub_backup_open (path, &error)))
    return ub_console_print_error (error, FALSE);
  for (guint i = 0; self->names && self->names[i]; i++)
    if (!ub_backup_find (backup, self->names[i]))
      return ub_console_print_usage (_ ("There is no “%s” in this copy."), self->names[i]);
  if (!ub_console_verify_backup (self, backup, &error))
    return ub_console_print_error (error, FALSE);
  print_backup (self, backup);
  ub_console_job_mention_unfinished (self);

  plan = ub_plan_new_restore (backup, (const char *const *) self->names, self->expert);

  return run_lent (self, plan);
}
