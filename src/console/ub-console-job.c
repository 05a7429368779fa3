/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "console/ub-console-guide.h"
#include "console/ub-console-inhibit.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"

/* copies of a practice phone are worth nothing to anybody */
#define PRACTICE_COPIES (256 * G_GUINT64_CONSTANT (1048576))

/* one session and what is shown of it */
typedef struct
{
  GMainLoop         *loop;
  UbSession         *session;
  UbConsoleProgress *progress;
  UbConsoleGuide    *guide;
  UbReport          *report;
  UbQuestion        *question; /* (owned) (nullable): asked, not yet answered */
  UbConsoleAsk      *ask;      /* (owned) (nullable) */
  UbConsoleInhibit  *inhibit;  /* (owned) (nullable): from when the phone is there */
  char              *light;    /* as last told */
  gboolean           said_no;
} Watch;

static void
on_finished (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->report = ub_session_run_finish (UB_SESSION (object), result);
  g_main_loop_quit (watch->loop);
}

static void
on_answer (gboolean yes, gpointer user_data)
{
  Watch *watch = user_data;

  watch->said_no = watch->said_no || !yes;
  ub_console_progress_pause (watch->progress, FALSE);
  ub_session_answer (watch->session, yes);
}

static void
forget_question (Watch *watch)
{
  g_clear_pointer (&watch->ask, ub_console_ask_free);
  g_clear_pointer (&watch->question, ub_question_unref);
  ub_console_progress_pause (watch->progress, FALSE);
}

static void
print_question (const UbQuestion *question)
{
  g_printerr ("\n%s\n%s\n", question->title, question->text);
  for (guint i = 0; question->details && question->details[i]; i++)
    g_printerr ("  %s\n", question->details[i]);
}

/* a question may also go away unanswered: the phone was unplugged, the job stopped */
static void
on_question (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  Watch      *watch = user_data;
  UbQuestion *question = ub_session_get_question (session);

  if (question == watch->question)
    return;
  forget_question (watch);
  if (!question)
    return;
  ub_console_progress_pause (watch->progress, TRUE);
  watch->question = ub_question_ref (question);
  print_question (question);
  watch->ask = ub_console_ask_new (question->word, on_answer, watch);
}

static void
on_plan (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  Watch           *watch = user_data;
  UbPlan          *plan = ub_session_get_plan (session);
  g_autofree char *light = plan ? ub_console_dup_light (plan) : NULL;

  if (!light || !*light || g_strcmp0 (light, watch->light) == 0)
    return;
  /* without a firmware or a copy there is nothing that could fit */
  if (ub_plan_get_fit (plan) == UB_FIT_GREEN && !ub_plan_get_firmware (plan) &&
      !ub_plan_get_backup (plan))
    return;
  g_free (watch->light);
  watch->light = g_steal_pointer (&light);
  ub_console_progress_say (watch->progress, watch->light);
}

/* waiting for somebody with a phone in hand may take a day; a phone that was begun with is not left alone */
static void
stay_awake (Watch *watch)
{
  UbSessionState state = ub_session_get_state (watch->session);

  if (!watch->inhibit && state > UB_SESSION_WAITING && state < UB_SESSION_DONE)
    watch->inhibit = ub_console_inhibit_new (_ ("A phone is being written"));
}

/* what to do with the phone, while it is waited for */
static void
on_cable (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;

  stay_awake (watch);
  ub_console_guide_follow (watch->guide,
                           ub_session_get_request (session),
                           ub_session_get_state (session) == UB_SESSION_WAITING,
                           g_get_monotonic_time ());
}

static void
say_step (const char *line, gpointer user_data)
{
  Watch *watch = user_data;

  ub_console_progress_say (watch->progress, line);
}

static UbConsoleGuide *
make_guide (Watch *watch, UbPlan *plan, UbLinkSource *source, const char *port)
{
  UbConsoleGuide *guide =
      ub_console_guide_new (ub_session_state_get_title (UB_SESSION_WAITING), say_step, watch);
  UbFirmware *firmware = plan ? ub_plan_get_firmware (plan) : NULL;

  if (firmware)
    ub_console_guide_set_phone (guide,
                                ub_firmware_get_platform (firmware),
                                ub_firmware_get_project (firmware));
  ub_console_guide_set_source (guide, source, port);

  return guide;
}

static void
run (Watch *watch, GCancellable *cancellable)
{
  g_signal_connect (watch->session, "notify::question", G_CALLBACK (on_question), watch);
  g_signal_connect (watch->session, "notify::plan", G_CALLBACK (on_plan), watch);
  ub_console_progress_follow (watch->progress, watch->session);
  /* after the progress, which tells what is going on */
  g_signal_connect (watch->session, "notify::state", G_CALLBACK (on_cable), watch);
  g_signal_connect (watch->session, "notify::request", G_CALLBACK (on_cable), watch);
  ub_session_run_async (watch->session, cancellable, on_finished, watch);
  g_main_loop_run (watch->loop);
  g_signal_handlers_disconnect_by_data (watch->session, watch);
  forget_question (watch);
  g_clear_pointer (&watch->inhibit, ub_console_inhibit_free);
}

UbReport *
ub_console_job_run_session (UbConsole              *self,
                            UbPlan                 *plan,
                            const UbSessionOptions *options,
                            gboolean                quiet,
                            gboolean               *said_no,
                            GError                **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (UbSession) session = ub_session_new (plan, self->setup->source, options);
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (quiet);
  g_autofree char *light = NULL;
  Watch            watch = { .loop = loop, .session = session, .progress = progress };

  if (!ub_link_source_start (self->setup->source, error))
    return NULL;
  watch.guide = make_guide (&watch, plan, self->setup->source, options->port);
  run (&watch, self->cancellable);
  ub_console_guide_free (watch.guide);
  if (!self->stay)
    ub_link_source_stop (self->setup->source);
  light = watch.light;
  if (said_no)
    *said_no = watch.said_no;

  return watch.report;
}

void
ub_console_job_mention_unfinished (UbConsole *self)
{
  g_autofree char *folder = ub_console_dup_journal_folder (self);
  g_autoptr (GPtrArray) jobs = ub_journal_list (folder);
  g_autofree char *sentence = NULL;

  if (jobs->len == 0)
    return;
  sentence = ub_journal_dup_sentence (g_ptr_array_index (jobs, 0));
  /* Translators: %s is a sentence about an unfinished job */
  g_printerr (_ ("Unfinished: %s “unbrick --console go-on” goes on with it."), sentence);
  g_printerr ("\n");
}

int
ub_console_job_print_blocker (UbConsole *self, UbPlan *plan)
{
  const UbIssue *blocker = ub_plan_get_first_blocker (plan);
  g_autoptr (GError) reason = NULL;

  if (!blocker)
    return UB_CONSOLE_EXIT_OK;
  reason = g_error_new_literal (UB_ERROR, blocker->code, blocker->text);
  if (ub_plan_get_issues (plan)->len > 1)
    ub_console_print_issues (self, plan);

  return ub_console_print_error (reason, FALSE);
}

/* --- what came of it --- */

static void
print_done (UbConsole *self, UbReport *report)
{
  UbPlan          *plan = ub_report_get_plan (report);
  guint            n = plan ? ub_plan_get_n_parts (plan) : 0;
  double           seconds = (double) ub_report_get_duration (report) / G_USEC_PER_SEC;
  gboolean         reads = plan && (ub_plan_get_mode (plan) == UB_MODE_READBACK ||
                            ub_plan_get_mode (plan) == UB_MODE_TEST);
  guint64          bytes = reads ? ub_plan_get_bytes (plan) : ub_report_get_bytes (report);
  g_autofree char *size = ub_console_dup_size (bytes);

  if (n > 0)
    /* Translators: number of partitions, size, seconds */
    ub_console_say (self,
                    ngettext ("Done: %u partition, %s in %.1f s.",
                              "Done: %u partitions, %s in %.1f s.",
                              n),
                    n,
                    size,
                    seconds);
  else if (bytes > 0)
    /* Translators: size, seconds */
    ub_console_say (self, _ ("Done: %s in %.1f s."), size, seconds);
  else
    ub_console_say (self, _ ("Done in %.1f s."), seconds);
}

static void
print_findings (UbConsole *self, UbReport *report)
{
  const char *const *findings = ub_report_get_findings (report);
  const char        *copy = ub_report_get_copy (report);
  UbPlan            *plan = ub_report_get_plan (report);

  for (guint i = 0; findings[i]; i++)
    ub_console_say (self, "%s", findings[i]);
  if (copy && plan && ub_plan_get_mode (plan) == UB_MODE_READBACK)
    /* Translators: the folder into which the phone was read follows */
    ub_console_say (self, "%s: %s", _ ("Read into"), copy);
  else if (copy)
    ub_console_say (self, "%s: %s", _ ("Safety copy"), copy);
}

/* in which state is the phone? */
static void
print_state (UbReport *report)
{
  if (!ub_report_was_written (report))
    g_printerr ("%s\n", _ ("Nothing was written to the phone."));
  else if (ub_report_get_can_go_on (report))
    g_printerr ("%s\n",
                _ ("The phone is half done and must not be used yet. Nothing is lost: "
                   "“unbrick --console go-on” goes on where it stopped."));
  else
    g_printerr ("%s\n", _ ("Part of the job was done: do it again before using the phone."));
}

static int
print_failure (UbReport *report, gboolean said_no)
{
  const GError *error = ub_report_get_error (report);
  const char   *partition = ub_report_get_failed_partition (report);
  int           status = UB_CONSOLE_EXIT_CANCELLED;
  gboolean      stopped = ub_report_get_result (report) == UB_RESULT_CANCELLED || !error ||
                     (said_no && g_error_matches (error, UB_ERROR, UB_ERROR_NOT_AGREED));

  if (stopped)
    g_printerr ("%s\n", _ ("Stopped."));
  else
    {
      if (partition)
        /* Translators: a name of a part follows */
        g_printerr ("%s: %s\n", _ ("It happened at"), partition);
      status = ub_console_print_error (error, ub_report_was_written (report));
    }
  print_state (report);

  return status;
}

/* --report, or in the data folder that was asked for, where the window would look, too */
static char *
dup_reports_folder (UbConsole *self)
{
  if (self->report)
    return g_strdup (self->report);

  return self->data_dir ? ub_console_dup_reports_folder (self) : NULL;
}

static int
keep_report (UbConsole *self, UbReport *report, int status)
{
  g_autofree char *folder = dup_reports_folder (self);
  g_autofree char *path = NULL;
  g_autofree char *shown = NULL;
  g_autoptr (GError) error = NULL;

  if (!folder)
    return status;
  if (!ub_report_save (report, folder, &path, &error))
    {
      int failed = ub_console_print_error (error, FALSE);

      return status == UB_CONSOLE_EXIT_OK ? failed : status;
    }
  shown = ub_place_dup_shown (path);
  g_printerr ("%s: %s\n", _ ("Report"), shown);

  return status;
}

/* writing it was the job; whether it starts is another matter */
static void
stay (UbConsole *self, UbReport *report)
{
  if (!self->stay || ub_report_get_result (report) != UB_RESULT_DONE ||
      !ub_report_was_written (report))
    return;
  self->staying = TRUE;
  ub_console_stay_run (self, report);
}

static int
print_report (UbConsole *self, UbReport *report, gboolean said_no)
{
  int status = UB_CONSOLE_EXIT_OK;

  if (ub_report_get_result (report) != UB_RESULT_DONE)
    status = print_failure (report, said_no);
  else
    print_done (self, report);
  print_findings (self, report);
  stay (self, report);
  if (self->json)
    {
      g_autofree char *json = ub_report_to_json (report);

      g_print ("%s\n", json);
    }

  return keep_report (self, report, status);
}

static int
run_job (UbConsole *self, UbPlan *plan, char **agents, char **preloaders, UbJournal *journal)
{
  g_autofree char *copies = ub_console_dup_copies_folder (self);
  g_autofree char *journals = ub_console_dup_journal_folder (self);
  UbSessionOptions options = {
    .agents = (const char *const *) agents,
    .preloaders = (const char *const *) preloaders,
    .keep_running = self->power_off,
    .trace = self->trace,
    .copies_folder = copies,
    .journal_folder = journals,
    .journal = journal,
    .may_ask = ub_console_ask_is_possible (),
    .consents = self->consents,
    .copies_max_bytes = self->setup->practice_folder ? PRACTICE_COPIES : 0,
  };
  gboolean said_no = FALSE;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbReport) report = NULL;
  int status = UB_CONSOLE_EXIT_OK;

  ub_console_fill_options (self, &options);
  report = ub_console_job_run_session (self, plan, &options, self->json, &said_no, &error);

  if (!report)
    return ub_console_print_error (error, journal != NULL);
  status = print_report (self, report, said_no);
  if (self->stay)
    ub_link_source_stop (self->setup->source);

  return status;
}

/* (transfer full), NULL-terminated */
static char **
list_preloaders (UbConsole *self, UbFirmware *lender)
{
  GPtrArray *paths = lender ? ub_firmware_get_preloaders (lender) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; paths && i < paths->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (paths, i));
  for (guint i = 0; self->memory_from && self->memory_from[i]; i++)
    g_strv_builder_add (builder, self->memory_from[i]);

  return g_strv_builder_end (builder);
}

int
ub_console_job_run (UbConsole *self, UbPlan *plan, UbFirmware *lender, UbJournal *journal)
{
  UbFirmware *firmware = ub_plan_get_firmware (plan);
  g_auto (GStrv) agents = ub_console_list_agents (self, firmware ? firmware : lender);
  g_auto (GStrv) preloaders = list_preloaders (self, lender);
  int status = UB_CONSOLE_EXIT_OK;

  if (!agents[0])
    {
      g_autoptr (GError) error =
                     firmware
                         ? g_error_new (UB_ERROR,
                                        UB_ERROR_NO_AGENT,
                                        "no agent for %s was found",
                                        ub_firmware_get_platform (firmware))
                         : g_error_new_literal (UB_ERROR, UB_ERROR_NO_AGENT, "no agent is known");

      return ub_console_print_error (error, journal != NULL);
    }
  /* whoever goes on was asked before */
  if (!journal && ub_mode_is_destructive (ub_plan_get_mode (plan)))
    {
      ub_console_print_summary (self, plan);
      status = ub_console_ask_confirm (self);
    }

  return status != UB_CONSOLE_EXIT_OK ? status : run_job (self, plan, agents, preloaders, journal);
}
