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
    case UB_STEP_WRITE:
      return "write";
    case UB_STEP_VERIFY:
      return "verify";
    case UB_STEP_RESTORE:
      return "restore";
    case UB_STEP_TABLE:
      return "table";
    case UB_STEP_REBOOT:
    default:
      return "reboot";
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
    case UB_STEP_WRITE:
      return _ ("write");
    case UB_STEP_VERIFY:
      return _ ("compare");
    case UB_STEP_RESTORE:
      return _ ("put back");
    case UB_STEP_TABLE:
      return _ ("write table");
    case UB_STEP_REBOOT:
    default:
      return _ ("restart");
    }
}

static void
add_step_json (JsonBuilder *builder, const UbStep *step)
{
  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "step", step_to_string (step->kind));
  if (step->partition)
    {
      ub_console_add_string_json (builder, "partition", step->name);
      ub_console_add_string_json (builder, "region", ub_region_to_string (step->region));
      json_builder_set_member_name (builder, "offset");
      json_builder_add_int_value (builder, (gint64) step->offset);
      json_builder_set_member_name (builder, "from_end");
      json_builder_add_boolean_value (builder, step->partition->from_end);
      json_builder_set_member_name (builder, "length");
      json_builder_add_int_value (builder, (gint64) step->length);
      json_builder_set_member_name (builder, "bytes");
      json_builder_add_int_value (builder, (gint64) step->bytes);
      ub_console_add_string_json (builder, "image", step->image_path);
    }
  json_builder_end_object (builder);
}

static void
print_json (UbPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GPtrArray *steps = ub_plan_get_steps (plan);

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "mode", ub_mode_to_string (ub_plan_get_mode (plan)));
  ub_console_add_string_json (builder,
                              "storage",
                              ub_storage_to_string (ub_plan_get_storage (plan)));
  json_builder_set_member_name (builder, "blocked");
  json_builder_add_boolean_value (builder, ub_plan_is_blocked (plan));
  json_builder_set_member_name (builder, "partitions");
  json_builder_add_int_value (builder, ub_plan_get_n_parts (plan));
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, (gint64) ub_plan_get_bytes (plan));
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
  g_autofree char *size = ub_console_dup_size (step->bytes);
  g_autofree char *file = step->image_path ? g_path_get_basename (step->image_path) : g_strdup ("");
  gboolean         from_end = step->partition && step->partition->from_end;

  if (!step->partition)
    {
      g_print ("%s\n", step_title (step->kind));
      return;
    }
  g_print ("%-12s %-20s %-12s %s0x%010" G_GINT64_MODIFIER "x %10s  %s\n",
           step_title (step->kind),
           step->name,
           ub_region_to_string (step->region),
           from_end ? "-" : " ",
           step->offset,
           size,
           file);
}

static void
print_plan (UbPlan *plan)
{
  GPtrArray       *steps = ub_plan_get_steps (plan);
  g_autofree char *size = ub_console_dup_size (ub_plan_get_bytes (plan));
  g_autofree char *time = ub_console_progress_dup_time (ub_plan_estimate_us (plan, 0));
  guint            n = ub_plan_get_n_parts (plan);

  for (guint i = 0; i < steps->len; i++)
    print_step (g_ptr_array_index (steps, i));
  g_print ("%s: %s\n",
           ub_mode_get_title (ub_plan_get_mode (plan)),
           ub_mode_get_sentence (ub_plan_get_mode (plan)));
  /* Translators: number of partitions, size, minutes and seconds */
  g_print (ngettext ("%u partition, %s, about %s\n", "%u partitions, %s, about %s\n", n),
           n,
           size,
           time);
  ub_console_print_issues (plan);
}

int
ub_console_plan (UbConsole *self)
{
  int status = UB_CONSOLE_EXIT_OK;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = ub_console_open_firmware (self, &error);

  if (!firmware)
    return ub_console_print_error (error, FALSE);
  if (!(plan = ub_console_make_plan (self, firmware, &status)))
    return status;
  if (self->json)
    print_json (plan);
  else
    print_plan (plan);

  return ub_plan_is_blocked (plan) ? UB_CONSOLE_EXIT_FIRMWARE : UB_CONSOLE_EXIT_OK;
}
