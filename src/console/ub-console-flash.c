/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "base/ub-error.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"

typedef struct
{
  GMainLoop *loop;
  UbReport  *report;
} Waiting;

static void
on_finished (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;

  waiting->report = ub_session_run_finish (UB_SESSION (object), result);
  g_main_loop_quit (waiting->loop);
}

UbReport *
ub_console_run_session (UbConsole              *self,
                        UbPlan                 *plan,
                        const UbSessionOptions *options,
                        gboolean                quiet,
                        GError                **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (UbSession) session = ub_session_new (plan, self->setup->source, options);
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (quiet);
  Waiting waiting = { .loop = loop };

  if (!ub_link_source_start (self->setup->source, error))
    return NULL;
  ub_console_progress_follow (progress, session);
  ub_session_run_async (session, self->cancellable, on_finished, &waiting);
  g_main_loop_run (loop);
  ub_link_source_stop (self->setup->source);

  return waiting.report;
}

static void
print_done (UbReport *report)
{
  guint            n = ub_plan_get_n_parts (ub_report_get_plan (report));
  double           seconds = (double) ub_report_get_duration (report) / G_USEC_PER_SEC;
  g_autofree char *size = ub_console_dup_size (ub_report_get_bytes (report));

  /* Translators: number of partitions, size, seconds */
  g_print (ngettext ("Done: %u partition, %s in %.1f s.\n",
                     "Done: %u partitions, %s in %.1f s.\n",
                     n),
           n,
           size,
           seconds);
}

static int
print_failure (UbReport *report)
{
  const GError *error = ub_report_get_error (report);
  const char   *partition = ub_report_get_failed_partition (report);

  if (ub_report_get_result (report) == UB_RESULT_CANCELLED)
    {
      g_printerr ("%s\n",
                  ub_report_was_written (report)
                      ? _ ("Stopped. Part of the firmware was written: flash it again before using "
                           "the phone.")
                      : _ ("Stopped. Nothing was written to the phone."));
      return UB_CONSOLE_EXIT_CANCELLED;
    }
  if (partition)
    g_printerr ("%s: %s\n", _ ("It happened at"), partition);

  return ub_console_print_error (error, ub_report_was_written (report));
}

static int
keep_report (UbConsole *self, UbReport *report, int status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (!self->report)
    return status;
  if (!ub_report_save (report, self->report, &path, &error))
    {
      int failed = ub_console_print_error (error, FALSE);

      return status == UB_CONSOLE_EXIT_OK ? failed : status;
    }
  g_printerr ("%s: %s\n", _ ("Report"), path);

  return status;
}

static int
flash (UbConsole *self, UbFirmware *firmware, UbPlan *plan)
{
  g_auto (GStrv) agents = ub_console_list_agents (self, firmware);
  UbSessionOptions options = {
    .agents = (const char *const *) agents,
    .port = self->port,
    .wait_ms = (guint) self->wait * 1000,
    .keep_running = self->power_off,
    .trace = self->trace,
  };
  g_autoptr (UbReport) report = NULL;
  g_autoptr (GError) error = NULL;
  int status = UB_CONSOLE_EXIT_OK;

  if (!agents[0])
    {
      error = g_error_new (UB_ERROR,
                           UB_ERROR_NO_AGENT,
                           "no agent for %s was found",
                           ub_firmware_get_platform (firmware));

      return ub_console_print_error (error, FALSE);
    }
  if (!(report = ub_console_run_session (self, plan, &options, self->json, &error)))
    return ub_console_print_error (error, FALSE);
  if (self->json)
    {
      g_autofree char *json = ub_report_to_json (report);

      g_print ("%s\n", json);
    }
  if (ub_report_get_result (report) != UB_RESULT_DONE)
    status = print_failure (report);
  else if (!self->json)
    print_done (report);

  return keep_report (self, report, status);
}

int
ub_console_flash (UbConsole *self)
{
  int status = UB_CONSOLE_EXIT_OK;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = ub_console_open_firmware (self, &error);
  const UbIssue *blocker = NULL;

  if (!firmware)
    return ub_console_print_error (error, FALSE);
  if (!(plan = ub_console_make_plan (self, firmware, &status)))
    return status;
  if ((blocker = ub_plan_get_first_blocker (plan)))
    {
      g_autoptr (GError) reason = g_error_new_literal (UB_ERROR, blocker->code, blocker->text);

      if (ub_plan_get_issues (plan)->len > 1)
        ub_console_print_issues (plan);
      return ub_console_print_error (reason, FALSE);
    }

  return flash (self, firmware, plan);
}
