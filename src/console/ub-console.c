/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/ub-error.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"

/* one thing the console can be told to do */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary; /* N_() */
  const char *options; /* letters of the options it takes, see the table below */
  guint       min_paths, max_paths;
  int (*run) (UbConsole *self);
} Verb;

static const Verb verbs[] = {
  { "check",
    N_ ("FIRMWARE"),
    N_ ("Tell everything known and wrong about a firmware"),
    "smjq",
    1,
    1,
    ub_console_check },
  { "plan",
    N_ ("FIRMWARE"),
    N_ ("Show what would be written, without a phone"),
    "smoj",
    1,
    1,
    ub_console_plan },
  { "flash",
    N_ ("FIRMWARE"),
    N_ ("Wait for a phone and write the firmware to it"),
    "smoawptrjx",
    1,
    1,
    ub_console_flash },
  { "info",
    N_ ("[FIRMWARE]"),
    N_ ("Ask a phone what it is; nothing is written"),
    "sawpj",
    0,
    1,
    ub_console_info },
  { "watch", "", N_ ("Show what is seen on the cable, live"), "f", 0, 0, ub_console_watch },
};

static const struct
{
  UbConsoleExit status;
  const char   *meaning; /* N_() */
} statuses[] = {
  { UB_CONSOLE_EXIT_OK, N_ ("all went well") },
  { UB_CONSOLE_EXIT_FAILED, N_ ("it failed") },
  { UB_CONSOLE_EXIT_USAGE, N_ ("the command line makes no sense") },
  { UB_CONSOLE_EXIT_FIRMWARE,
    N_ ("the firmware or the agent is missing, damaged or does not fit together") },
  { UB_CONSOLE_EXIT_NO_PHONE, N_ ("no phone came, or its port may not be opened") },
  { UB_CONSOLE_EXIT_REFUSED, N_ ("the phone refused, or the firmware is not for this phone") },
  { UB_CONSOLE_EXIT_CANCELLED, N_ ("stopped by you") },
  { UB_CONSOLE_EXIT_LOST, N_ ("the phone went away or fell silent in the middle") },
};

char *
ub_console_dup_help (void)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "%s\n  unbrick --console [--practice[=CHIP]] %s\n\n%s\n",
                          _ ("Usage:"),
                          _ ("VERB [OPTION…]"),
                          _ ("Verbs:"));
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree char *call = g_strdup_printf ("%s %s",
                                               verbs[i].name,
                                               *verbs[i].arguments ? _ (verbs[i].arguments) : "");

      g_string_append_printf (text, "  %-18s %s\n", call, _ (verbs[i].summary));
    }
  g_string_append_printf (text,
                          "\n%s\n",
                          _ ("“VERB --help” tells the options of a verb. With --practice there is "
                             "a practice phone on the cable,\n"
                             "and its own firmware is taken where none is named."));
  g_string_append_printf (text, "\n%s\n", _ ("Exit status:"));
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_string_append_printf (text, "  %d  %s\n", (int) statuses[i].status, _ (statuses[i].meaning));

  return g_string_free (text, FALSE);
}

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].name, name))
      return &verbs[i];

  return NULL;
}

/* one option of some verbs */
typedef struct
{
  char        letter; /* stands for it in a verb's list */
  const char *name;
  GOptionArg  kind;
  gsize       offset;   /* in UbConsole */
  const char *summary;  /* N_() */
  const char *argument; /* (nullable) N_() */
} Option;

/* clang-format off */
static const Option options[] = {
  { 'm', "mode", G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, mode),
    N_("How to flash: “download” writes the ticked partitions and nothing else"), N_("MODE") },
  { 's', "storage", G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, storage), N_("Which storage of the firmware: emmc, ufs, nand"), N_("KIND") },
  { 'o', "only", G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, only), N_("Only these partitions"), N_("NAME,NAME…") },
  { 'a', "agent", G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, agent), N_("Download agent to use"), N_("FILE") },
  { 'w', "wait", G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, wait), N_("Give up if no phone comes within so many seconds"), N_("SECONDS") },
  { 'p', "port", G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, port), N_("Only the phone at this port, such as 1-2.4"), N_("PORT") },
  { 'f', "for", G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, duration), N_("Stop after so many seconds"), N_("SECONDS") },
  { 'r', "report", G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, report), N_("Keep a report in this folder"), N_("FOLDER") },
  { 't', "trace", G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, trace), N_("Keep the end of the conversation in the report"), NULL },
  { 'j', "json", G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, json), N_("Print JSON"), NULL },
  { 'q', "quick", G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, quick), N_("Do not read the images to compare their checksums"), NULL },
  { 'x', "power-off", G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, power_off), N_("Switch the phone off at the end instead of starting it"), NULL },
};
/* clang-format on */

/* the context points into @self; only the options of @verb are in it */
static GOptionContext *
make_context (UbConsole *self, const Verb *verb)
{
  GOptionEntry     entries[G_N_ELEMENTS (options) + 2] = { 0 };
  guint            n = 0;
  GOptionContext  *context = NULL;
  g_autofree char *call =
      g_strdup_printf ("%s %s", verb->name, *verb->arguments ? _ (verb->arguments) : "");

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (strchr (verb->options, options[i].letter))
      entries[n++] = (GOptionEntry){
        .long_name = options[i].name,
        .arg = options[i].kind,
        .arg_data = G_STRUCT_MEMBER_P (self, options[i].offset),
        .description = options[i].summary,
        .arg_description = options[i].argument,
      };
  entries[n] = (GOptionEntry){ .long_name = G_OPTION_REMAINING,
                               .arg = G_OPTION_ARG_FILENAME_ARRAY,
                               .arg_data = &self->paths };
  context = g_option_context_new (call);
  g_option_context_set_summary (context, _ (verb->summary));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);

  return context;
}

static gboolean
on_signal (gpointer user_data)
{
  UbConsole *self = user_data;

  if (!g_cancellable_is_cancelled (self->cancellable))
    g_printerr ("\n%s\n", _ ("Stopping at the next safe place…"));
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_CONTINUE;
}

static void
clear_console (UbConsole *self)
{
  g_clear_object (&self->cancellable);
  g_free (self->mode);
  g_free (self->storage);
  g_free (self->only);
  g_free (self->agent);
  g_free (self->report);
  g_free (self->port);
  g_strfreev (self->paths);
}

static int
check_usage (UbConsole *self, const Verb *verb)
{
  guint n = self->paths ? g_strv_length (self->paths) : 0;

  if (n < verb->min_paths && !self->setup->practice_folder)
    return ub_console_print_usage (
        _ ("“%s” needs a firmware: a folder, a scatter file or an archive."),
        verb->name);
  if (n > verb->max_paths)
    return ub_console_print_usage (_ ("There is too much behind “%s”: %s"),
                                   verb->name,
                                   self->paths[verb->max_paths]);
  if (self->wait < 0 || self->wait > G_MAXINT / 1000 || self->duration < 0 ||
      self->duration > G_MAXINT / 1000)
    return ub_console_print_usage (_ ("That number of seconds makes no sense."));

  return UB_CONSOLE_EXIT_OK;
}

static int
run_verb (UbConsole *self, const Verb *verb)
{
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, self);
  int   status = verb->run (self);

  g_source_remove (interrupt);
  g_source_remove (terminate);

  return status;
}

int
ub_console_run (int argc, char **argv, const UbConsoleSetup *setup)
{
  UbConsole   self = { .setup = setup };
  const Verb *verb = NULL;
  g_auto (GStrv) arguments = g_new0 (char *, (gsize) argc + 1);
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  int status = UB_CONSOLE_EXIT_USAGE;

  if (argc < 1 || g_str_equal (argv[0], "--help") || g_str_equal (argv[0], "-h") ||
      g_str_equal (argv[0], "help"))
    {
      g_autofree char *help = ub_console_dup_help ();

      g_print ("%s", help);
      return argc < 1 ? UB_CONSOLE_EXIT_USAGE : UB_CONSOLE_EXIT_OK;
    }
  if (!(verb = find_verb (argv[0])))
    return ub_console_print_usage (_ ("There is no verb “%s”."), argv[0]);

  for (int i = 0; i < argc; i++)
    arguments[i] = g_strdup (argv[i]);
  self.cancellable = g_cancellable_new ();
  context = make_context (&self, verb);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    status = ub_console_print_usage ("%s", error->message);
  else if ((status = check_usage (&self, verb)) == UB_CONSOLE_EXIT_OK)
    status = run_verb (&self, verb);
  clear_console (&self);

  return status;
}

static void
on_unpack (const char *what, double fraction, gpointer user_data)
{
  ub_console_progress_show (user_data, what, fraction);
}

UbFirmware *
ub_console_open_firmware (UbConsole *self, GError **error)
{
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (TRUE);
  const char *path = self->paths && self->paths[0] ? self->paths[0] : self->setup->practice_folder;

  return ub_firmware_open (path, NULL, on_unpack, progress, self->cancellable, error);
}

char **
ub_console_list_agents (UbConsole *self, UbFirmware *firmware)
{
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (self->agent)
    {
      g_strv_builder_add (builder, self->agent);
      return g_strv_builder_end (builder);
    }
  found = firmware ? ub_agent_library_find (self->setup->agents, firmware)
                   : ub_agent_library_list (self->setup->agents);
  for (guint i = 0; i < found->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (found, i));

  return g_strv_builder_end (builder);
}

/* names on the command line that the firmware does not have are a slip of the fingers, not a
 * firmware's fault */
static const char *
find_unknown (UbFirmware *firmware, UbStorage storage, char **names)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);

  for (guint n = 0; names && names[n]; n++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < partitions->len && !found; i++)
        {
          const UbPartition *partition = g_ptr_array_index (partitions, i);

          found = (storage == UB_STORAGE_UNKNOWN || partition->storage == storage) &&
                  g_ascii_strcasecmp (partition->name, names[n]) == 0;
        }
      if (!found)
        return names[n];
    }

  return NULL;
}

UbPlan *
ub_console_make_plan (UbConsole *self, UbFirmware *firmware, int *status)
{
  g_auto (GStrv) only = self->only ? g_strsplit (self->only, ",", -1) : NULL;
  UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY, .only = (const char *const *) only };
  const char  *unknown = NULL;

  for (guint i = 0; only && only[i]; i++)
    g_strstrip (only[i]);
  if (self->mode && g_strcmp0 (self->mode, ub_mode_to_string (UB_MODE_DOWNLOAD_ONLY)) != 0)
    {
      *status = ub_console_print_usage (_ ("There is no mode “%s”; this version has “%s”."),
                                        self->mode,
                                        ub_mode_to_string (UB_MODE_DOWNLOAD_ONLY));
      return NULL;
    }
  choice.storage = self->storage ? ub_storage_from_string (self->storage) : UB_STORAGE_UNKNOWN;
  if (self->storage && (choice.storage == UB_STORAGE_UNKNOWN ||
                        !(ub_firmware_get_storages (firmware) & (1u << choice.storage))))
    {
      *status = ub_console_print_usage (_ ("The firmware has nothing for a storage called “%s”."),
                                        self->storage);
      return NULL;
    }
  if ((unknown = find_unknown (firmware, choice.storage, only)))
    {
      *status = ub_console_print_usage (_ ("The firmware has no partition called “%s”."), unknown);
      return NULL;
    }
  *status = UB_CONSOLE_EXIT_OK;

  return ub_plan_new (firmware, &choice);
}
