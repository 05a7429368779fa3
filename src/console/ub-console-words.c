/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-private.h"

#include <glib/gi18n.h>

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "console/ub-console-progress.h"
#include "engine/ub-advice.h"

UbConsoleExit
ub_console_exit_for_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return UB_CONSOLE_EXIT_CANCELLED;
  if (error->domain != UB_ERROR)
    return UB_CONSOLE_EXIT_FAILED;

  switch ((UbError) error->code)
    {
    case UB_ERROR_LINK_LOST:
    case UB_ERROR_LINK_TIMEOUT:
    case UB_ERROR_AGENT_SILENT:
      return UB_CONSOLE_EXIT_LOST;
    case UB_ERROR_LINK_BUSY:
    case UB_ERROR_NO_PERMISSION:
    case UB_ERROR_NO_PHONE:
      return UB_CONSOLE_EXIT_NO_PHONE;
    case UB_ERROR_REFUSED:
    case UB_ERROR_NEEDS_AUTH:
    case UB_ERROR_AGENT_REFUSED:
    case UB_ERROR_WRONG_CHIP:
    case UB_ERROR_UNKNOWN_CHIP:
    case UB_ERROR_WRONG_STORAGE:
    case UB_ERROR_WRONG_LAYOUT:
    case UB_ERROR_WRONG_MODEL:
    case UB_ERROR_OTHER_PHONE:
    case UB_ERROR_NOT_AGREED:
    case UB_ERROR_NO_SAFETY_COPY:
      return UB_CONSOLE_EXIT_REFUSED;
    case UB_ERROR_NO_EMI:
    case UB_ERROR_NO_AGENT:
    case UB_ERROR_BAD_AGENT:
    case UB_ERROR_BAD_FIRMWARE:
    case UB_ERROR_NOT_A_FIRMWARE:
    case UB_ERROR_SEVERAL_FIRMWARES:
    case UB_ERROR_FILE_MISSING:
    case UB_ERROR_FILE_READ:
    case UB_ERROR_BAD_IMAGE:
    case UB_ERROR_IMAGE_TOO_BIG:
    case UB_ERROR_BAD_ARCHIVE:
    case UB_ERROR_ARCHIVE_PASSWORD:
    case UB_ERROR_UNSAFE_ARCHIVE:
    case UB_ERROR_PROTECTED:
    case UB_ERROR_NOTHING_TO_DO:
    case UB_ERROR_BAD_BACKUP:
    case UB_ERROR_NOT_SHARED:
      return UB_CONSOLE_EXIT_FIRMWARE;
    case UB_ERROR_INTERNAL:
    case UB_ERROR_PROTOCOL:
    case UB_ERROR_DRAM:
    case UB_ERROR_FILE_WRITE:
    case UB_ERROR_NO_SPACE:
    case UB_ERROR_STORAGE_READ:
    case UB_ERROR_STORAGE_WRITE:
    case UB_ERROR_STORAGE_ERASE:
    case UB_ERROR_CHECKSUM:
    case UB_ERROR_VERIFY:
    case UB_ERROR_UNSUPPORTED:
    default:
      return UB_CONSOLE_EXIT_FAILED;
    }
}

int
ub_console_print_error (const GError *error, gboolean written)
{
  const UbAdvice  *advice = ub_advice_for_error (error, written);
  g_autofree char *details = ub_place_dup_shown_text (error->message);

  g_printerr ("%s\n%s\n", advice->title, advice->explanation);
  if (advice->actions[0])
    g_printerr ("\n%s\n", _ ("Things to try:"));
  for (guint i = 0; i < G_N_ELEMENTS (advice->actions) && advice->actions[i]; i++)
    g_printerr (" %u. %s\n", i + 1, advice->actions[i]);
  if (g_error_matches (error, UB_ERROR, UB_ERROR_NEEDS_AUTH))
    g_printerr ("\n%s\n", _ ("The maker's files are named with --auth, --cert and --key."));
  if (g_error_matches (error, UB_ERROR, UB_ERROR_NO_PERMISSION))
    g_printerr ("\n%s\n", _ ("“unbrick --console permission” tells the one step."));
  g_printerr ("\n%s %s", _ ("Details:"), details);
  if (error->domain == UB_ERROR)
    g_printerr (" (%s)", ub_error_to_string ((UbError) error->code));
  g_printerr ("\n");
  if (advice->spft)
    g_printerr ("%s %s\n", _ ("SP Flash Tool calls it:"), advice->spft);

  return (int) ub_console_exit_for_error (error);
}

int
ub_console_print_usage (const char *format, ...)
{
  va_list          args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s\n%s\n", text, _ ("“unbrick --console --help” lists what can be said."));

  return UB_CONSOLE_EXIT_USAGE;
}

char *
ub_console_dup_size (guint64 bytes)
{
  return g_format_size (bytes);
}

const char *
ub_console_level_to_string (UbIssueLevel level)
{
  switch (level)
    {
    case UB_ISSUE_BLOCKER:
      return "blocker";
    case UB_ISSUE_DANGER:
      return "danger";
    case UB_ISSUE_WARNING:
      return "warning";
    case UB_ISSUE_NOTE:
    default:
      return "note";
    }
}

static const char *
level_title (UbIssueLevel level)
{
  switch (level)
    {
    case UB_ISSUE_BLOCKER:
      return _ ("In the way");
    case UB_ISSUE_DANGER:
      return _ ("Danger");
    case UB_ISSUE_WARNING:
      return _ ("Warning");
    case UB_ISSUE_NOTE:
    default:
      return _ ("Note");
    }
}

void
ub_console_say (UbConsole *self, const char *format, ...)
{
  va_list          args;
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  shown = ub_place_dup_shown_text (text);
  if (self->json)
    g_printerr ("%s\n", shown);
  else
    g_print ("%s\n", shown);
}

void
ub_console_print_issues (UbConsole *self, UbPlan *plan)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  /* what is in the way comes last: that is where people look */
  for (int level = UB_ISSUE_NOTE; level <= UB_ISSUE_BLOCKER; level++)
    for (guint i = 0; i < issues->len; i++)
      {
        const UbIssue *issue = g_ptr_array_index (issues, i);

        if ((int) issue->level == level)
          ub_console_say (self, "%s: %s", level_title (issue->level), issue->text);
      }
}

static void
print_names (UbConsole *self, const char *title, GStrv names)
{
  g_autofree char *list = names && names[0] ? g_strjoinv (", ", names) : NULL;

  if (list)
    ub_console_say (self, "%s: %s", title, list);
}

void
ub_console_print_summary (UbConsole *self, UbPlan *plan)
{
  g_autoptr (UbPlanSummary) summary = ub_plan_dup_summary (plan);
  g_autofree char *size = ub_console_dup_size (summary->bytes);
  g_autofree char *time = ub_console_progress_dup_time (summary->time_us);

  ub_console_say (self,
                  "%s: %s",
                  ub_mode_get_title (ub_plan_get_mode (plan)),
                  ub_plan_get_title (plan));
  print_names (self, _ ("Erased"), summary->erased);
  print_names (self, _ ("Written"), summary->written);
  print_names (self, _ ("Kept"), summary->kept);
  print_names (self, _ ("Saved first"), summary->saved);
  /* what a job without a map will write is known when the phone is */
  if (summary->n_parts > 0)
    /* Translators: number of partitions, size, minutes and seconds */
    ub_console_say (self,
                    ngettext ("%u partition, %s, about %s",
                              "%u partitions, %s, about %s",
                              summary->n_parts),
                    summary->n_parts,
                    size,
                    time);
  if (*summary->lost)
    ub_console_say (self, "%s", summary->lost);
  if (*summary->keeps)
    ub_console_say (self, "%s", summary->keeps);
}

const char *
ub_console_fit_to_string (UbFit fit)
{
  switch (fit)
    {
    case UB_FIT_GREEN:
      return "green";
    case UB_FIT_AMBER:
      return "amber";
    case UB_FIT_RED:
      return "red";
    case UB_FIT_UNKNOWN:
    default:
      return "unknown";
    }
}

static const char *
fit_title (UbFit fit)
{
  switch (fit)
    {
    case UB_FIT_GREEN:
      return _ ("Green: this fits the phone.");
    case UB_FIT_AMBER:
      return _ ("Amber: this may not be for this phone.");
    case UB_FIT_RED:
      return _ ("Red: this does not look as if it is for this phone.");
    case UB_FIT_UNKNOWN:
    default:
      return "";
    }
}

char *
ub_console_dup_light (UbPlan *plan)
{
  GString *text = g_string_new (fit_title (ub_plan_get_fit (plan)));
  g_autoptr (GPtrArray) reasons = ub_plan_get_fit_reasons (plan);

  if (text->len == 0)
    return g_string_free (text, FALSE);
  for (guint i = 0; i < reasons->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (reasons, i);

      g_string_append_printf (text, "\n  %s: %s", level_title (issue->level), issue->text);
    }

  return g_string_free (text, FALSE);
}

void
ub_console_add_string_json (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
ub_console_add_int_json (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

void
ub_console_add_boolean_json (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
ub_console_add_strings_json (JsonBuilder *builder, const char *name, const char *const *strings)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; strings && strings[i]; i++)
    json_builder_add_string_value (builder, strings[i]);
  json_builder_end_array (builder);
}

void
ub_console_add_issues_json (JsonBuilder *builder, UbPlan *plan)
{
  GPtrArray *issues = ub_plan_get_issues (plan);

  json_builder_set_member_name (builder, "issues");
  json_builder_begin_array (builder);
  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      json_builder_begin_object (builder);
      ub_console_add_string_json (builder, "level", ub_console_level_to_string (issue->level));
      ub_console_add_string_json (builder, "code", ub_error_to_string ((UbError) issue->code));
      ub_console_add_string_json (builder, "partition", issue->partition);
      ub_console_add_string_json (builder, "text", issue->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
ub_console_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);

  g_print ("%s\n", text);
}
