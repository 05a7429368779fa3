/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"

static const char *
step_to_string (UbStepKind kind)
{
  switch (kind)
    {
    case UB_STEP_SAVE:
      return "save";
    case UB_STEP_ERASE:
      return "erase";
    case UB_STEP_TABLE:
      return "table";
    case UB_STEP_RESTORE:
      return "restore";
    case UB_STEP_VERIFY:
      return "verify";
    case UB_STEP_TEST:
      return "test";
    case UB_STEP_WRITE:
    default:
      return "write";
    }
}

static const char *
step_title (UbStepKind kind)
{
  switch (kind)
    {
    case UB_STEP_SAVE:
      return _ ("save");
    case UB_STEP_ERASE:
      return _ ("erase");
    case UB_STEP_TABLE:
      return _ ("write table");
    case UB_STEP_RESTORE:
      return _ ("put back");
    case UB_STEP_VERIFY:
      return _ ("compare");
    case UB_STEP_TEST:
      return _ ("test");
    case UB_STEP_WRITE:
    default:
      return _ ("write");
    }
}

/* where it begins is counted from the end of the region, as long as no phone told how large that is */
static gboolean
is_from_end (const UbStep *step)
{
  return step->partition && step->partition->from_end;
}

static void
add_step_json (JsonBuilder *builder, const UbStep *step)
{
  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "step", step_to_string (step->kind));
  ub_console_add_string_json (builder, "partition", step->name);
  ub_console_add_string_json (builder, "region", ub_region_to_string (step->region));
  ub_console_add_int_json (builder, "offset", step->offset);
  ub_console_add_boolean_json (builder, "from_end", is_from_end (step));
  ub_console_add_int_json (builder, "length", step->length);
  ub_console_add_int_json (builder, "bytes", step->bytes);
  ub_console_add_string_json (builder, "image", step->image_path);
  ub_console_add_boolean_json (builder, "start_up", step->start_up);
  ub_console_add_boolean_json (builder, "protected", step->is_protected);
  ub_console_add_boolean_json (builder, "differs_only", step->differs_only);
  json_builder_end_object (builder);
}

static void
add_summary_json (JsonBuilder *builder, UbPlan *plan)
{
  g_autoptr (UbPlanSummary) summary = ub_plan_dup_summary (plan);

  ub_console_add_int_json (builder,
                           "seconds",
                           (guint64) MAX (summary->time_us, 0) / G_USEC_PER_SEC);
  ub_console_add_strings_json (builder, "written", (const char *const *) summary->written);
  ub_console_add_strings_json (builder, "erased", (const char *const *) summary->erased);
  ub_console_add_strings_json (builder, "kept", (const char *const *) summary->kept);
  ub_console_add_string_json (builder, "lost", summary->lost);
  ub_console_add_string_json (builder, "keeps", summary->keeps);
}

static void
print_json (UbPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GPtrArray *steps = ub_plan_get_steps (plan);

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "mode", ub_mode_to_string (ub_plan_get_mode (plan)));
  ub_console_add_string_json (builder, "title", ub_plan_get_title (plan));
  ub_console_add_string_json (builder,
                              "storage",
                              ub_storage_to_string (ub_plan_get_storage (plan)));
  ub_console_add_boolean_json (builder, "blocked", ub_plan_is_blocked (plan));
  ub_console_add_boolean_json (builder, "danger", ub_plan_has_danger (plan));
  ub_console_add_boolean_json (builder,
                               "destructive",
                               ub_mode_is_destructive (ub_plan_get_mode (plan)));
  ub_console_add_int_json (builder, "partitions", ub_plan_get_n_parts (plan));
  ub_console_add_int_json (builder, "bytes", ub_plan_get_bytes (plan));
  add_summary_json (builder, plan);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < steps->len; i++)
    add_step_json (builder, g_ptr_array_index (steps, i));
  json_builder_end_array (builder);
  ub_console_add_issues_json (builder, plan);
  json_builder_end_object (builder);
  ub_console_print_json (builder);
}

static void
print_step (const UbStep *step)
{
  g_autofree char *size =
      ub_console_dup_size (step->kind == UB_STEP_ERASE ? step->length : step->bytes);
  g_autofree char *file = step->image_path ? g_path_get_basename (step->image_path) : g_strdup ("");

  g_print ("%-12s %-20s %-12s %s0x%010" G_GINT64_MODIFIER "x %10s  %s\n",
           step_title (step->kind),
           step->name,
           ub_region_to_string (step->region),
           is_from_end (step) ? "-" : " ",
           step->offset,
           size,
           file);
}

static void
print_plan (UbConsole *self, UbPlan *plan)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    print_step (g_ptr_array_index (steps, i));
  ub_console_print_summary (self, plan);
  ub_console_print_issues (self, plan);
}

int
ub_console_plan (UbConsole *self)
{
  UbMode          mode = UB_MODE_DOWNLOAD_ONLY;
  UbPreloaderRule preloader = UB_PRELOADER_AUTO;
  int             status = ub_console_read_mode (self, &mode, &preloader);
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = NULL;

  if (status != UB_CONSOLE_EXIT_OK)
    return status;
  if (!(firmware = ub_console_open_firmware (self, &error)))
    return ub_console_print_error (error, FALSE);
  if (!(plan = ub_console_make_plan (self, firmware, &status)))
    return status;
  if (self->json)
    print_json (plan);
  else
    print_plan (self, plan);

  return ub_plan_is_blocked (plan) ? UB_CONSOLE_EXIT_FIRMWARE : UB_CONSOLE_EXIT_OK;
}
