/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"

#include <glib/gi18n.h>

/* What a person has to decide while the phone is on the cable. */

static UbQuestion *
question_new (UbQuestionKind kind, const char *title, const char *text, const char *verb)
{
  UbQuestion *self = g_atomic_rc_box_new0 (UbQuestion);

  self->kind = kind;
  self->title = g_strdup (title);
  self->text = g_strdup (text);
  self->verb = g_strdup (verb);
  return self;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  UbSessionDesk *desk = user_data;

  g_mutex_lock (&desk->lock);
  g_cond_broadcast (&desk->news);
  g_mutex_unlock (&desk->lock);
}

/* blocks; FALSE also if the person said stop meanwhile */
static gboolean
wait_for_answer (UbSessionWork *work)
{
  UbSessionDesk *desk = work->desk;
  gboolean       yes;
  gulong         id = 0;

  if (work->cancellable != NULL)
    id = g_cancellable_connect (work->cancellable, G_CALLBACK (on_cancelled), desk, NULL);
  g_mutex_lock (&desk->lock);
  while (!desk->is_answered && !g_cancellable_is_cancelled (work->cancellable))
    g_cond_wait (&desk->news, &desk->lock);
  yes = desk->is_answered && desk->yes;
  desk->open = NULL;
  g_mutex_unlock (&desk->lock);
  g_cancellable_disconnect (work->cancellable, id);
  return yes;
}

static gboolean
put_question (UbSessionWork *work, UbQuestion *question)
{
  UbSessionDesk *desk = work->desk;
  gboolean       yes;

  /* open before it is seen: an answer may come at once */
  g_mutex_lock (&desk->lock);
  desk->open = question;
  desk->is_answered = FALSE;
  g_mutex_unlock (&desk->lock);
  work->news.question = question;
  ub_session_work_tell (work);
  yes = wait_for_answer (work);
  work->news.question = NULL;
  ub_session_work_tell (work);
  return yes;
}

gboolean
ub_session_ask (UbSessionWork *work, UbQuestion *question, int code, GError **error)
{
  g_autoptr (UbQuestion) mine = question;
  g_autofree char *details = g_strjoinv ("; ", mine->details);

  if ((work->consents & 1u << mine->kind) != 0)
    return TRUE;
  if (work->job->may_ask && put_question (work, mine))
    {
      work->consents |= 1u << mine->kind;
      return TRUE;
    }
  if (!g_cancellable_set_error_if_cancelled (work->cancellable, error))
    g_set_error (error,
                 UB_ERROR,
                 code,
                 "%s: %s (%s)",
                 work->job->may_ask ? "the answer was no" : "nobody could be asked",
                 mine->title,
                 details);
  return FALSE;
}

gboolean
ub_session_ask_danger (UbSessionWork *work, GError **error)
{
  GPtrArray *issues = ub_plan_get_issues (work->plan);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  UbQuestion *question;

  if (!ub_plan_has_danger (work->plan))
    return TRUE;
  for (int level = UB_ISSUE_DANGER; level >= UB_ISSUE_WARNING; level--)
    for (guint i = 0; i < issues->len; i++)
      {
        const UbIssue *issue = g_ptr_array_index (issues, i);

        if ((int) issue->level == level)
          g_strv_builder_add (lines, issue->text);
      }
  question = question_new (UB_QUESTION_DANGER,
                           _ ("Go on in spite of this?"),
                           _ ("This can do harm that cannot be undone. Nothing has been written "
                              "yet: if you say no, the phone stays as it is."),
                           ub_mode_get_verb (ub_plan_get_mode (work->plan)));
  question->details = g_strv_builder_end (lines);
  /* Translators: what a person types to agree; no capital letters */
  question->word = g_strdup (_ ("yes"));
  return ub_session_ask (work, question, UB_ERROR_NOT_AGREED, error);
}

static gboolean
is_table (const UbStep *step)
{
  return g_str_has_prefix (step->name, "table") ||
         ub_partition_role_for_name (step->name) == UB_ROLE_TABLE;
}

static char *
dup_what_is_lost (const UbStep *step)
{
  if (step->is_protected)
    return g_strdup_printf (_ ("“%s” belongs to this one phone. If it gets lost, nothing can bring "
                               "it back."),
                            step->name);
  if (!is_table (step))
    return g_strdup_printf (_ ("“%s” is what the phone starts with now. Without a copy, it cannot "
                               "be put back."),
                            step->name);
  return g_strdup_printf (
      _ ("“%s” says where everything lies. Without a copy, the present division "
         "of the memory cannot be put back."),
      step->name);
}

gboolean
ub_session_ask_incomplete (UbSessionWork *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  gboolean    any = FALSE;
  UbQuestion *question;

  if (ub_plan_get_mode (work->plan) == UB_MODE_READBACK)
    return TRUE;
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep    *step = g_ptr_array_index (steps, i);
      g_autofree char *line = NULL;

      if (step->kind != UB_STEP_SAVE ||
          !g_ptr_array_find_with_equal_func (work->missing, step->name, g_str_equal, NULL))
        continue;
      line = dup_what_is_lost (step);
      g_strv_builder_add (lines, line);
      any = TRUE;
    }
  if (!any)
    return TRUE;
  question = question_new (UB_QUESTION_COPY_INCOMPLETE,
                           _ ("Not everything could be saved"),
                           _ ("The phone cannot read these parts of its memory, so there is no "
                              "copy of them. If something goes wrong, they cannot be put back; if "
                              "the firmware has another place for them, they are lost."),
                           _ ("Go on without"));
  question->details = g_strv_builder_end (lines);
  return ub_session_ask (work, question, UB_ERROR_NO_SAFETY_COPY, error);
}

gboolean
ub_session_ask_repair (UbSessionWork *work, const char *const *parts, GError **error)
{
  UbQuestion *question =
      question_new (UB_QUESTION_REPAIR,
                    _ ("Write what differs?"),
                    _ ("These parts of the phone are not as the firmware has them. Only what "
                       "differs is written; everything else stays as it is."),
                    _ ("Repair"));

  question->details = g_strdupv ((char **) parts);
  return ub_session_ask (work, question, UB_ERROR_NOT_AGREED, error);
}

gboolean
ub_session_ask_cable (UbSessionWork *work, const char *damage, GError **error)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  UbQuestion *question =
      question_new (UB_QUESTION_CABLE,
                    _ ("The cable loses data"),
                    _ ("Try another cable, or a port of the computer itself. Going on can leave "
                       "the phone half-written; it would go on after a drop."),
                    _ ("Go on anyway"));

  g_strv_builder_add (lines, damage);
  question->details = g_strv_builder_end (lines);
  return ub_session_ask (work, question, UB_ERROR_CHECKSUM, error);
}
