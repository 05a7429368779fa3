/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "console/ub-console-private.h"
#include "console/ub-console-sighting.h"

static void
print_layout (const UbLayout *layout)
{
  g_print ("%s: %s\n", _ ("Partition table"), ub_layout_kind_to_string (layout->kind));
  if (layout->active_slot != 0)
    g_print ("%s: %c\n", _ ("Set of parts it starts from"), layout->active_slot);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);
      g_autofree char     *size = ub_console_dup_size (entry->size);

      g_print ("  %-20s %-12s 0x%010" G_GINT64_MODIFIER "x %10s\n",
               entry->name,
               ub_region_to_string (entry->region),
               entry->start,
               size);
    }
}

/* the phone's own: of any bytes; (transfer full) */
static char *
dup_agent_words (const UbDaReport *report)
{
  g_autofree char *words = g_strndup (report->agent, sizeof report->agent);

  return ub_console_sighting_dup_plain (words);
}

void
ub_console_print_phone (UbPhoneInfo *phone)
{
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);
  const UbDaReport *report = ub_phone_info_get_report (phone);
  g_autofree char  *chip = ub_phone_info_dup_chip_text (phone);
  g_autofree char  *entered = ub_phone_info_dup_entered_text (phone);
  g_autofree char  *security = ub_phone_info_dup_security_text (phone);
  g_autofree char  *storage = ub_phone_info_dup_storage_text (phone);

  g_print ("%s: %s %s\n",
           _ ("Port"),
           ub_phone_info_get_port (phone),
           ub_phone_info_get_speed (phone));
  if (brom)
    {
      g_print ("%s: %s\n", _ ("Chip"), chip);
      g_print ("%s: %04x, %04x, %04x\n",
               _ ("Chip sub code, version, software"),
               brom->hw_sub_code,
               brom->hw_version,
               brom->sw_version);
      /* Translators: what in the phone answered: boot ROM or preloader */
      g_print ("%s: %s\n", _ ("Answered"), entered);
      g_print ("%s: %s\n", _ ("Protection"), security);
    }
  if (report)
    {
      g_autofree char *ram = ub_console_dup_size (report->ram_size);
      g_autofree char *words = dup_agent_words (report);

      g_print ("%s: %s\n", _ ("Storage"), storage);
      g_print ("%s: %s\n", _ ("Memory"), ram);
      /* XML agents have words and no number */
      if (report->version_major > 0 || report->version_minor > 0)
        g_print ("%s: %u.%u%s%s\n",
                 _ ("Agent"),
                 report->version_major,
                 report->version_minor,
                 *report->agent ? ", " : "",
                 words);
      else if (*words != '\0')
        g_print ("%s: %s\n", _ ("Agent"), words);
    }
  if (ub_phone_info_get_layout (phone))
    print_layout (ub_phone_info_get_layout (phone));
}

static void
add_layout_json (JsonBuilder *builder, const UbLayout *layout)
{
  json_builder_set_member_name (builder, "partitions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      json_builder_begin_object (builder);
      ub_console_add_string_json (builder, "name", entry->name);
      ub_console_add_string_json (builder, "region", ub_region_to_string (entry->region));
      ub_console_add_int_json (builder, "start", entry->start);
      ub_console_add_int_json (builder, "size", entry->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
ub_console_add_phone_json (JsonBuilder *builder, UbPhoneInfo *phone)
{
  const UbBromInfo *brom = ub_phone_info_get_brom (phone);
  const UbDaReport *report = ub_phone_info_get_report (phone);
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  g_autofree char  *security = ub_phone_info_dup_security_text (phone);

  ub_console_add_string_json (builder, "port", ub_phone_info_get_port (phone));
  ub_console_add_string_json (builder, "speed", ub_phone_info_get_speed (phone));
  if (brom)
    {
      ub_console_add_string_json (builder, "chip", brom->chip ? brom->chip->name : NULL);
      ub_console_add_string_json (builder, "entered", brom->is_boot_rom ? "boot-rom" : "preloader");
      ub_console_add_int_json (builder, "hw_code", brom->hw_code);
      ub_console_add_int_json (builder, "hw_sub_code", brom->hw_sub_code);
      ub_console_add_int_json (builder, "hw_version", brom->hw_version);
      ub_console_add_int_json (builder, "sw_version", brom->sw_version);
      ub_console_add_int_json (builder, "target_config", brom->target_config);
      ub_console_add_string_json (builder, "protection", security);
    }
  if (report)
    {
      g_autofree char *words = dup_agent_words (report);

      ub_console_add_string_json (builder, "storage", ub_storage_to_string (report->storage));
      ub_console_add_int_json (builder, "sector_size", report->sector_size);
      ub_console_add_int_json (builder, "boot1_size", report->boot1_size);
      ub_console_add_int_json (builder, "boot2_size", report->boot2_size);
      ub_console_add_int_json (builder, "rpmb_size", report->rpmb_size);
      ub_console_add_int_json (builder, "user_size", report->user_size);
      ub_console_add_int_json (builder, "ram_size", report->ram_size);
      ub_console_add_string_json (builder, "agent", words);
      ub_console_add_boolean_json (builder, "login_done", report->login_done);
    }
  if (layout)
    {
      const char slot[] = { layout->active_slot, '\0' };

      ub_console_add_string_json (builder, "table", ub_layout_kind_to_string (layout->kind));
      ub_console_add_string_json (builder, "active_slot", *slot ? slot : NULL);
      add_layout_json (builder, layout);
    }
}

/* what was learned before something went wrong is worth printing, too */
static int
print_report (UbConsole *self, UbReport *report)
{
  UbPhoneInfo *phone = ub_report_get_phone (report);

  if (phone && self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      ub_console_add_phone_json (builder, phone);
      json_builder_end_object (builder);
      ub_console_print_json (builder);
    }
  else if (phone)
    ub_console_print_phone (phone);
  if (ub_report_get_result (report) == UB_RESULT_CANCELLED)
    return UB_CONSOLE_EXIT_CANCELLED;
  if (ub_report_get_result (report) == UB_RESULT_FAILED)
    return ub_console_print_error (ub_report_get_error (report), FALSE);

  return UB_CONSOLE_EXIT_OK;
}

int
ub_console_info (UbConsole *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = NULL;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (UbReport) report = NULL;
  g_auto (GStrv) agents = NULL;
  UbSessionOptions options = { .info_only = TRUE };
  int              status = UB_CONSOLE_EXIT_OK;

  /* a firmware is not needed, but lends its agent and, to a phone in its boot ROM, its memory
   * settings */
  if (self->paths || self->setup->practice_folder)
    {
      if (!(firmware = ub_console_open_firmware (self, &error)))
        return ub_console_print_error (error, FALSE);
      if (!(plan = ub_console_make_plan (self, firmware, &status)))
        return status;
    }
  agents = ub_console_list_agents (self, firmware);
  ub_console_fill_options (self, &options);
  options.agents = (const char *const *) agents;
  options.preloaders = (const char *const *) self->memory_from;
  if (!(report = ub_console_job_run_session (self, plan, &options, TRUE, NULL, &error)))
    return ub_console_print_error (error, FALSE);

  return print_report (self, report);
}
