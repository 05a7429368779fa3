/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "base/ub-place.h"
#include "chips/ub-chip.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"
#include "engine/ub-agent-library.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-preloader.h"

/* everything that was found out, before it is printed one way or the other */
typedef struct
{
  UbFirmware   *firmware;
  const UbChip *chip;     /* (nullable) */
  GPtrArray    *plans;    /* (element-type UbPlan): one for each storage */
  GPtrArray    *damaged;  /* (element-type utf8): images that are not what the package's sums say */
  guint         n_agents; /* known for the chip, the package's own and others */
} Findings;

static gboolean
is_bad (const Findings *findings)
{
  for (guint i = 0; i < findings->plans->len; i++)
    if (ub_plan_is_blocked (g_ptr_array_index (findings->plans, i)))
      return TRUE;

  return findings->damaged->len > 0;
}

static char *
describe_preloader (const char *path)
{
  g_autoptr (GError) error = NULL;
  UbPreloader *preloader = ub_preloader_open (path, &error);
  char        *text = NULL;

  if (!preloader)
    return g_strdup (error->message);
  if (preloader->emi)
    text = g_strdup_printf (ngettext ("memory settings V%u, %u chip",
                                      "memory settings V%u, %u chips",
                                      preloader->emi->index->len),
                            preloader->emi->version,
                            preloader->emi->index->len);
  else
    text = g_strdup (_ ("no memory settings in it"));
  ub_preloader_free (preloader);

  return text;
}

/* does the container hold an agent for @chip? */
static char *
describe_agent (const char *path, const UbChip *chip)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, &error);
  const UbBromInfo any = { .chip = chip };
  UbProtocol       protocol;
  gboolean         fits;

  if (!file)
    return g_strdup (error->message);
  fits = chip && ub_agent_library_select (file, &any, &protocol);

  return g_strdup_printf ("%s, %s",
                          ub_agent_file_get_id (file),
                          fits ? _ ("fits the chip") : _ ("nothing for this chip"));
}

static void
print_row (const UbPartition *partition)
{
  g_autofree char *size = ub_console_dup_size (partition->size);
  g_autofree char *file = partition->image_path
                              ? g_path_get_basename (partition->image_path)
                              /* Translators: in place of the name of a file */
                              : g_strdup (partition->file_name ? _ ("(missing)") : "");
  g_autofree char *image =
      partition->image_path ? ub_console_dup_size (partition->image_size) : g_strdup ("");
  const char *tick = partition->image_path && partition->is_download ? "x" : " ";

  g_print ("  [%s] %-20s %-16s %s0x%010" G_GINT64_MODIFIER "x %10s  %10s  %s%s\n",
           tick,
           partition->name,
           ub_region_to_string (partition->region),
           partition->from_end ? "-" : " ",
           partition->start,
           partition->size ? size : _ ("the rest"),
           image,
           file,
           /* Translators: after the name of a part's file */
           partition->role == UB_ROLE_PROTECTED ? _ (" (kept)") : "");
}

/* @path: (nullable) */
static void
print_file (const char *what, const char *path)
{
  g_autofree char *name = path ? g_path_get_basename (path) : NULL;

  if (name)
    g_print ("%s: %s\n", what, name);
}

static void
print_files (const Findings *findings)
{
  GPtrArray *preloaders = ub_firmware_get_preloaders (findings->firmware);
  GPtrArray *agents = ub_firmware_get_agents (findings->firmware);

  for (guint i = 0; i < preloaders->len; i++)
    {
      g_autofree char *name = g_path_get_basename (g_ptr_array_index (preloaders, i));
      g_autofree char *text = describe_preloader (g_ptr_array_index (preloaders, i));

      g_print ("%s %s: %s\n", _ ("Preloader"), name, text);
    }
  for (guint i = 0; i < agents->len; i++)
    {
      g_autofree char *name = g_path_get_basename (g_ptr_array_index (agents, i));
      g_autofree char *text = describe_agent (g_ptr_array_index (agents, i), findings->chip);

      g_print ("%s %s: %s\n", _ ("Agent"), name, text);
    }
  print_file (_ ("Maker's authorisation"), ub_firmware_get_auth_file (findings->firmware));
  print_file (_ ("Maker's certificate"), ub_firmware_get_cert_file (findings->firmware));
  /* with the package alone nothing can be written */
  if (findings->chip && findings->n_agents == 0)
    {
      g_print (_ ("Warning: there is no download agent for %s in the package, and none is known. "
                  "Writing needs one: say --agent FILE."),
               findings->chip->name);
      g_print ("\n");
    }
}

static void
print_text (UbConsole *self, const Findings *findings)
{
  UbFirmware      *firmware = findings->firmware;
  GPtrArray       *partitions = ub_firmware_get_partitions (firmware);
  g_autofree char *map = ub_place_dup_shown (ub_firmware_get_path (firmware));

  /* Translators: the scatter file: which part lies where */
  g_print ("%s: %s\n", _ ("Map"), map);
  g_print ("%s: %s%s%s%s, %s %s, %s %s\n",
           _ ("Platform"),
           ub_firmware_get_platform (firmware),
           findings->chip ? " (" : "",
           findings->chip ? ub_protocol_to_string (findings->chip->protocol) : "",
           findings->chip ? ")" : "",
           _ ("project"),
           ub_firmware_get_project (firmware),
           _ ("map version"),
           ub_firmware_get_version (firmware));
  for (guint s = 0; s < findings->plans->len; s++)
    {
      UbPlan   *plan = g_ptr_array_index (findings->plans, s);
      UbStorage storage = ub_plan_get_storage (plan);

      g_print ("%s:\n", ub_storage_to_string (storage));
      for (guint i = 0; i < partitions->len; i++)
        {
          const UbPartition *partition = g_ptr_array_index (partitions, i);

          if (partition->storage == storage)
            print_row (partition);
        }
      ub_console_print_issues (self, plan);
    }
  print_files (findings);
  for (guint i = 0; i < findings->damaged->len; i++)
    {
      g_print (_ ("Damaged: %s is not what the package's own checksums say"),
               (const char *) g_ptr_array_index (findings->damaged, i));
      g_print ("\n");
    }
  if (!is_bad (findings))
    g_print ("%s\n", _ ("Nothing is in the way of flashing this firmware."));
}

static const char *
role_to_string (UbRole role)
{
  switch (role)
    {
    case UB_ROLE_PRELOADER:
      return "preloader";
    case UB_ROLE_START_UP:
      return "start-up";
    case UB_ROLE_PROTECTED:
      return "protected";
    case UB_ROLE_TABLE:
      return "table";
    case UB_ROLE_RESERVED:
      return "reserved";
    case UB_ROLE_NORMAL:
    default:
      return "normal";
    }
}

static void
add_partition_json (JsonBuilder *builder, const UbPartition *partition)
{
  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "name", partition->name);
  ub_console_add_string_json (builder, "storage", ub_storage_to_string (partition->storage));
  ub_console_add_string_json (builder, "region", ub_region_to_string (partition->region));
  ub_console_add_int_json (builder, "start", partition->start);
  ub_console_add_boolean_json (builder, "from_end", partition->from_end);
  ub_console_add_int_json (builder, "size", partition->size);
  ub_console_add_string_json (builder, "role", role_to_string (partition->role));
  ub_console_add_boolean_json (builder, "download", partition->is_download);
  ub_console_add_string_json (builder, "file", partition->file_name);
  ub_console_add_string_json (builder, "image", partition->image_path);
  ub_console_add_int_json (builder, "image_size", partition->image_size);
  json_builder_end_object (builder);
}

static void
add_strings_json (JsonBuilder *builder, const char *name, GPtrArray *strings)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < strings->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (strings, i));
  json_builder_end_array (builder);
}

static void
print_json (const Findings *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  UbFirmware *firmware = findings->firmware;
  GPtrArray  *partitions = ub_firmware_get_partitions (firmware);

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "map", ub_firmware_get_path (firmware));
  ub_console_add_string_json (builder, "platform", ub_firmware_get_platform (firmware));
  ub_console_add_string_json (builder, "chip", findings->chip ? findings->chip->name : NULL);
  ub_console_add_string_json (builder,
                              "protocol",
                              findings->chip ? ub_protocol_to_string (findings->chip->protocol)
                                             : NULL);
  ub_console_add_string_json (builder, "project", ub_firmware_get_project (firmware));
  ub_console_add_string_json (builder, "version", ub_firmware_get_version (firmware));
  ub_console_add_boolean_json (builder, "good", !is_bad (findings));
  ub_console_add_int_json (builder, "home_made", ub_firmware_get_home_made (firmware));
  json_builder_set_member_name (builder, "partitions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < partitions->len; i++)
    add_partition_json (builder, g_ptr_array_index (partitions, i));
  json_builder_end_array (builder);
  add_strings_json (builder, "preloaders", ub_firmware_get_preloaders (firmware));
  add_strings_json (builder, "agents", ub_firmware_get_agents (firmware));
  ub_console_add_int_json (builder, "agents_known", findings->n_agents);
  ub_console_add_string_json (builder, "auth", ub_firmware_get_auth_file (firmware));
  ub_console_add_string_json (builder, "cert", ub_firmware_get_cert_file (firmware));
  add_strings_json (builder, "notes", ub_firmware_get_notes (firmware));
  add_strings_json (builder, "damaged", findings->damaged);
  json_builder_set_member_name (builder, "storages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->plans->len; i++)
    {
      UbPlan *plan = g_ptr_array_index (findings->plans, i);

      json_builder_begin_object (builder);
      ub_console_add_string_json (builder,
                                  "storage",
                                  ub_storage_to_string (ub_plan_get_storage (plan)));
      ub_console_add_issues_json (builder, plan);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ub_console_print_json (builder);
}

static void
on_sum (const char *what, double fraction, gpointer user_data)
{
  ub_console_progress_show (user_data, what, fraction);
}

/* a plan for the storage asked for, or for each there is */
static int
add_plans (UbConsole *self, Findings *findings)
{
  int   status = UB_CONSOLE_EXIT_OK;
  guint storages = ub_firmware_get_storages (findings->firmware);

  if (self->storage || storages == 0)
    {
      UbPlan *plan = ub_console_make_plan (self, findings->firmware, &status);

      if (plan)
        g_ptr_array_add (findings->plans, plan);
      return status;
    }
  for (guint storage = UB_STORAGE_EMMC; storage <= UB_STORAGE_SDMMC && status == UB_CONSOLE_EXIT_OK;
       storage++)
    if (storages & (1u << storage))
      {
        g_autofree char *name = g_strdup (ub_storage_to_string ((UbStorage) storage));
        UbPlan          *plan = NULL;

        self->storage = name;
        plan = ub_console_make_plan (self, findings->firmware, &status);
        self->storage = NULL;
        if (plan)
          g_ptr_array_add (findings->plans, plan);
      }

  return status;
}

static gboolean
check_sums (UbConsole *self, Findings *findings, GError **error)
{
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (TRUE);

  return self->quick || ub_firmware_check_sums (findings->firmware,
                                                findings->damaged,
                                                on_sum,
                                                progress,
                                                self->cancellable,
                                                error);
}

int
ub_console_check (UbConsole *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = ub_console_open_firmware (self, &error);
  g_autoptr (GPtrArray) plans = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) damaged = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) agents = NULL;
  Findings findings = { .firmware = firmware, .plans = plans, .damaged = damaged };
  int      status = UB_CONSOLE_EXIT_OK;

  if (!firmware)
    return ub_console_print_error (error, FALSE);
  agents = ub_console_list_agents (self, firmware);
  findings.chip = ub_chip_find_by_platform (ub_firmware_get_platform (firmware));
  findings.n_agents = g_strv_length (agents);
  if ((status = add_plans (self, &findings)) != UB_CONSOLE_EXIT_OK)
    return status;
  if (!check_sums (self, &findings, &error))
    return ub_console_print_error (error, FALSE);
  if (self->json)
    print_json (&findings);
  else
    print_text (self, &findings);

  return is_bad (&findings) ? UB_CONSOLE_EXIT_FIRMWARE : UB_CONSOLE_EXIT_OK;
}
