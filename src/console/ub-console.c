/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

#include "console/ub-console-private.h"

/* one thing the console can be told to do */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary; /* N_() */
  const char *options; /* letters of the options it takes, see the table below */
  guint       min_paths, max_paths;
  gboolean    takes_firmware; /* the practice phone's own may stand in for it */
  int (*run) (UbConsole *self);
} Verb;

/* clang-format off */
static const Verb verbs[] = {
  { "check", N_ ("FIRMWARE"), N_ ("Tell everything known and wrong about a firmware"),
    "smjq", 1, 1, TRUE, ub_console_check },
  { "plan", N_ ("FIRMWARE"), N_ ("Show what would be written, without a phone"),
    "smolevbj", 1, 1, TRUE, ub_console_plan },
  { "flash", N_ ("FIRMWARE"), N_ ("Wait for a phone and write the firmware to it"),
    "smolevbykcdaTCKMwprtjxY", 1, 1, TRUE, ub_console_flash },
  { "read", "", N_ ("Read the phone, or parts of it, into a folder"),
    "OPRcdaTCKMWwprtjx", 0, 0, FALSE, ub_console_read },
  { "restore", N_ ("COPY"), N_ ("Write a copy back: a folder that was read, or a safety copy"),
    "PeykcdaTCKMWwprtjxY", 1, 1, FALSE, ub_console_restore },
  { "erase", "", N_ ("Erase parts of the phone, or all but what is its own"),
    "PRABeykcdaTCKMWwprtjx", 0, 0, FALSE, ub_console_erase },
  { "test", "", N_ ("Read the phone's storage and tell what cannot be read"),
    "PRcdaTCKMWwprtjx", 0, 0, FALSE, ub_console_test },
  { "part", N_ ("NAME IMAGE"), N_ ("Write one image to one part, such as TWRP to recovery"),
    "ekcdaTCKMWwprtjxY", 2, 2, FALSE, ub_console_part },
  { "copies", N_ ("[list | verify [COPY…] | remove COPY | prune]"), N_ ("Look after the safety copies"),
    "cdyDSj", 0, 64, FALSE, ub_console_copies },
  { "go-on", "", N_ ("Go on with a job that was cut off, or give it up"),
    "JFykcdaTCKMWwprtjxY", 0, 0, FALSE, ub_console_go_on },
  { "info", N_ ("[FIRMWARE]"), N_ ("Ask a phone what it is; nothing is written"),
    "saTCKMwpj", 0, 1, TRUE, ub_console_info },
  { "watch", "", N_ ("Show what is seen on the cable, live"), "fj", 0, 0, FALSE, ub_console_watch },
  { "permission", "", N_ ("Tell whether this computer lets Unbrick talk to phones"),
    "j", 0, 0, FALSE, ub_console_permission },
  { "support", "", N_ ("Tell everything that support asks for, with IMEI, serial numbers and MAC addresses masked"),
    "dj", 0, 0, FALSE, ub_console_support },
};
/* clang-format on */

static const struct
{
  UbConsoleExit status;
  const char   *meaning; /* N_() */
} statuses[] = {
  { UB_CONSOLE_EXIT_OK, N_ ("all went well") },
  { UB_CONSOLE_EXIT_FAILED, N_ ("it failed") },
  { UB_CONSOLE_EXIT_USAGE, N_ ("the command line makes no sense") },
  { UB_CONSOLE_EXIT_FIRMWARE,
    N_ ("the firmware, the agent or the copy is missing, damaged or does not fit together") },
  { UB_CONSOLE_EXIT_NO_PHONE, N_ ("no phone came, or its port may not be opened") },
  { UB_CONSOLE_EXIT_REFUSED,
    N_ ("the phone refused, what is written is not for this phone, or a question had no yes") },
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

      /* what is too long for its column has a line of its own */
      if (strlen (call) > 18)
        g_string_append_printf (text, "  %s\n  %-18s %s\n", call, "", _ (verbs[i].summary));
      else
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
  char        short_name; /* 0: none */
  GOptionArg  kind;
  gsize       offset;   /* in UbConsole */
  const char *summary;  /* N_() */
  const char *argument; /* (nullable) N_() */
} Option;

/* clang-format off */
static const Option options[] = {
  { 'm', "mode", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, mode), N_ ("How to flash: download, upgrade, format or repair"), N_ ("MODE") },
  { 'l', "preloader", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, preloader), N_ ("auto: written last if it differs; write: always; skip: never"), N_ ("RULE") },
  { 's', "storage", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, storage), N_ ("Which storage of the firmware: emmc, ufs, nand"), N_ ("KIND") },
  { 'o', "only", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, only), N_ ("Only these partitions"), N_ ("NAME,NAME…") },
  { 'P', "part", 0, G_OPTION_ARG_STRING_ARRAY, G_STRUCT_OFFSET (UbConsole, parts), N_ ("Only this part of the phone; may be said several times"), N_ ("NAME") },
  { 'R', "range", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, range), N_ ("Only this place on the phone; sizes with K, M, G; “end” as length"), N_ ("REGION:BEGIN:LENGTH") },
  { 'A', "all", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, all), N_ ("The whole phone"), NULL },
  { 'B', "boot", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, boot), N_ ("The boot regions, too: without them the phone has no preloader"), NULL },
  { 'O', "out", 'o', G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, out), N_ ("Where to read into; a folder that is not there yet"), N_ ("FOLDER") },
  { 'e', "expert", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, expert), N_ ("Parts that hold IMEI and calibration may be written or erased"), NULL },
  { 'v', "verify", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, verify), N_ ("Read everything back and compare it, not only start-up code"), NULL },
  { 'b', "both-sets", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, both_sets), N_ ("Write both sets of parts, A and B, of a phone that has two"), NULL },
  { 'y', "yes", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, yes), N_ ("Do not ask before it begins"), NULL },
  { 'k', "accept", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, accept), N_ ("Answer yes beforehand: danger, incomplete-copy, repair, cable"), N_ ("WORD,WORD…") },
  { 'J', "job", 0, G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, job), N_ ("Which unfinished job, if there are several"), N_ ("N") },
  { 'F', "forget", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, forget), N_ ("Give the job up instead"), NULL },
  { 'D', "days", 0, G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, days), N_ ("Remove copies that are older"), N_ ("DAYS") },
  { 'S', "size", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, size), N_ ("Remove the oldest until all take no more; with K, M, G"), N_ ("SIZE") },
  { 'c', "copies", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, copies), N_ ("Where the safety copies are"), N_ ("FOLDER") },
  { 'd', "data-dir", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, data_dir), N_ ("Where safety copies, unfinished jobs and reports are"), N_ ("FOLDER") },
  { 'a', "agent", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, agent), N_ ("Download agent to use"), N_ ("FILE") },
  { 'T', "auth", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, auth), N_ ("The maker's authorisation, for a phone that wants it"), N_ ("FILE") },
  { 'C', "cert", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, cert), N_ ("The maker's certificate, for a phone that wants it"), N_ ("FILE") },
  { 'K', "key", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, key), N_ ("The maker's private key, for a phone that wants a login"), N_ ("FILE") },
  { 'M', "memory-from", 0, G_OPTION_ARG_FILENAME_ARRAY, G_STRUCT_OFFSET (UbConsole, memory_from), N_ ("A preloader, or a folder of them, whose memory settings may be tried; may be said several times"), N_ ("FILE|FOLDER") },
  { 'W', "firmware", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, firmware), N_ ("A firmware for this phone: lends its agent and memory settings"), N_ ("FIRMWARE") },
  { 'w', "wait", 0, G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, wait), N_ ("Give up if no phone comes within so many seconds"), N_ ("SECONDS") },
  { 'p', "port", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (UbConsole, port), N_ ("Only the phone at this port, such as 1-2.4"), N_ ("PORT") },
  { 'f', "for", 0, G_OPTION_ARG_INT, G_STRUCT_OFFSET (UbConsole, duration), N_ ("Stop after so many seconds"), N_ ("SECONDS") },
  { 'r', "report", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (UbConsole, report), N_ ("Keep a report in this folder"), N_ ("FOLDER") },
  { 't', "trace", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, trace), N_ ("Keep the end of the conversation in the report"), NULL },
  { 'j', "json", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, json), N_ ("Print JSON"), NULL },
  { 'q', "quick", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, quick), N_ ("Do not read the images to compare their checksums"), NULL },
  { 'x', "power-off", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, power_off), N_ ("Switch the phone off at the end instead of starting it"), NULL },
  { 'Y', "stay", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (UbConsole, stay), N_ ("Watch afterwards what the phone does, three minutes at most, and tell what that means"), NULL },
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
        .short_name = options[i].short_name,
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

  if (!g_cancellable_is_cancelled (self->cancellable) && !self->staying)
    g_printerr ("\n%s\n", _ ("Stopping at the next safe place…"));
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_CONTINUE;
}

static void
clear_console (UbConsole *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      gpointer field = G_STRUCT_MEMBER_P (self, options[i].offset);

      if (options[i].kind == G_OPTION_ARG_STRING || options[i].kind == G_OPTION_ARG_FILENAME)
        g_clear_pointer ((char **) field, g_free);
    }
  g_clear_pointer (&self->parts, g_strfreev);
  g_clear_pointer (&self->memory_from, g_strfreev);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->paths, g_strfreev);
  g_clear_object (&self->cancellable);
}

static gboolean
is_time (int seconds)
{
  return seconds >= 0 && seconds <= G_MAXINT / 1000;
}

static int
check_usage (UbConsole *self, const Verb *verb)
{
  guint n = self->paths ? g_strv_length (self->paths) : 0;
  int   status = UB_CONSOLE_EXIT_OK;

  if (n < verb->min_paths && verb->takes_firmware && !self->setup->practice_folder)
    return ub_console_print_usage (
        _ ("“%s” needs a firmware: a folder, a scatter file or an archive."),
        verb->name);
  if (n < verb->min_paths && !verb->takes_firmware)
    return ub_console_print_usage (_ ("“%s” needs more: %s"), verb->name, _ (verb->arguments));
  if (n > verb->max_paths)
    return ub_console_print_usage (_ ("There is too much behind “%s”: %s"),
                                   verb->name,
                                   self->paths[verb->max_paths]);
  if (!is_time (self->wait) || !is_time (self->duration))
    return ub_console_print_usage (_ ("That number of seconds makes no sense."));
  if (self->stay && self->power_off)
    return ub_console_print_usage (
        _ ("“--stay” has nothing to watch on a phone that is switched off by “--power-off”."));

  status = ub_console_read_lists (self);

  return status == UB_CONSOLE_EXIT_OK ? ub_console_check_files (self) : status;
}

static int
run_verb (UbConsole *self, const Verb *verb)
{
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, self);
  /* the terminal is closed */
  guint hang_up = g_unix_signal_add (SIGHUP, on_signal, self);
  int   status = verb->run (self);

  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_source_remove (hang_up);

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
  self.verb = verb->name;
  self.cancellable = g_cancellable_new ();
  context = make_context (&self, verb);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    status = ub_console_print_usage ("%s", error->message);
  else if ((status = check_usage (&self, verb)) == UB_CONSOLE_EXIT_OK)
    status = run_verb (&self, verb);
  clear_console (&self);

  return status;
}
