/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ub-lab: a practice phone on a virtual USB bus, and an unmodified program that sees no other.
 *
 *   ub-lab [--chip MT6580] [--storage emmc|ufs] [--secure BITS] [--agent-login] [--slot a|b]
 *          [--enter preloader|bootrom] … [--plug-at-start] -- COMMAND…
 *   ub-lab --list-chips
 *
 * COMMAND's output goes to ub-lab's stderr. Commands come on stdin, one a line; each is answered by
 * one line on stdout, "ok …" or "error: …". "@2 COMMAND" means the phone at port 2; every port has
 * a phone of the same kind.
 *
 *   plug … | unplug | cycle … | afterlife … | first-byte | visits
 *                              see lab-script.h
 *   unplug eproto              transfers in flight end as xHCI often says it first
 *   android                    plug it in switched on: only MTP
 *   mischief LINE              as ub_practice_phone_mischief()
 *   kill PID LINE              the same, and process PID is killed (SIGKILL) when it pulls the cable
 *   stray [TEXT]               a modem manager's bytes ("AT\r") come first at each plug from now on
 *   deny | allow               the node may (not) be opened
 *   hold | release             another program has it
 *   mute                       no uevent reaches COMMAND any more, as in a Flatpak sandbox
 *   old-kernel                 ports do not say any more whether something stands there (sysfs: "state")
 *   kmsg PRIORITY TEXT         a line in the kernel's log, for those who have opened it since --kmsg
 *   state | stats | counts
 *   hash REGION OFFSET SIZE | peek REGION OFFSET SIZE | poke REGION OFFSET HEX
 *   firmware FOLDER            writes a firmware that fits the phone
 *   firmware-other FOLDER      the same for another layout of its parts
 *   quit                       ends COMMAND
 *
 * Exits with COMMAND's status; with 128+N where signal N ended it. */
#include "config.h"

#include "lab/lab-commands.h"
#include "lab/lab-phone.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define N_PORTS 8
#define DEATH_MS 5000

typedef struct
{
  GMainLoop   *loop;
  VusbBus     *bus;
  LabOptions   options;
  guint        port; /* of the phone that commands mean */
  LabPhone    *phones[N_PORTS + 1];
  GSubprocess *child;
  int          status;
} Lab;

/* what a command is given; the answer after "ok ", or an error */
typedef char *(*CommandFunc) (Lab *lab, LabPhone *phone, const char *rest, GError **error);

typedef struct
{
  const char *name;
  CommandFunc func;
} Command;

static char *
say_ok (void)
{
  return g_strdup ("");
}

static char *
command_unplug (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  if (g_str_equal (rest, "eproto"))
    lab_phone_unplug (phone, -EPROTO);
  return lab_script_run (lab_phone_get_script (phone), "unplug", error);
}

static char *
command_android (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  return lab_script_run (lab_phone_get_script (phone), "plug android", error);
}

/* gone, or nothing of it left but its status */
static gboolean
is_dead (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;
  const char      *state;

  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return TRUE;
  state = strrchr (stat, ')');
  return state == NULL || state[1] == '\0' || state[2] == 'Z' || state[2] == 'X';
}

/* Within the transfer that is cut, from whatever thread has it in hand: nothing of what it would do next is done. */
static void
kill_cb (UbPracticePhone *phone, gpointer user_data)
{
  const int pid = GPOINTER_TO_INT (user_data);

  kill (pid, SIGKILL);
  for (guint ms = 0; ms < DEATH_MS && !is_dead (pid); ms++)
    g_usleep (1000);
}

static char *
command_kill (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 2);
  guint64          pid = 0;
  UbPracticePhone *inner;
  gboolean         ok;

  if (words[0] == NULL || words[1] == NULL ||
      !g_ascii_string_to_unsigned (words[0], 10, 2, G_MAXINT, &pid, error))
    {
      g_clear_error (error);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "not PID LINE: %s", rest);
      return NULL;
    }
  inner = lab_phone_lock (phone);
  ub_practice_phone_set_pulled (inner, kill_cb, GINT_TO_POINTER ((int) pid));
  ok = ub_practice_phone_mischief (inner, words[1], error);
  lab_phone_unlock (phone);
  return ok ? say_ok () : NULL;
}

static char *
command_stray (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_set_stray (phone, *rest != '\0' ? rest : "AT\r");
  return say_ok ();
}

static char *
command_deny (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_deny (phone, TRUE);
  return say_ok ();
}

static char *
command_allow (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_deny (phone, FALSE);
  return say_ok ();
}

static char *
command_hold (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_hold (phone, TRUE);
  return say_ok ();
}

static char *
command_release (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_hold (phone, FALSE);
  return say_ok ();
}

static char *
command_mute (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  vusb_bus_mute (lab->bus);
  return say_ok ();
}

static char *
command_old_kernel (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  vusb_bus_forget_port_states (lab->bus);
  return say_ok ();
}

static char *
command_kmsg (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 2);
  guint64 priority = 0;

  if (words[0] == NULL || words[1] == NULL ||
      !g_ascii_string_to_unsigned (words[0], 10, 0, 7, &priority, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "not PRIORITY TEXT: %s", rest);
      return NULL;
    }
  vusb_bus_log (lab->bus, (guint) priority, words[1]);
  return say_ok ();
}

static char *
command_stats (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  VusbStats stats;

  lab_phone_get_stats (phone, &stats);
  return g_strdup_printf ("ioctls=%" G_GUINT64_FORMAT " submitted=%" G_GUINT64_FORMAT
                          " reaped=%" G_GUINT64_FORMAT " eagain=%" G_GUINT64_FORMAT
                          " out=%" G_GUINT64_FORMAT " in=%" G_GUINT64_FORMAT
                          " files=%u opens=%" G_GUINT64_FORMAT " claims=%" G_GUINT64_FORMAT,
                          stats.ioctls,
                          stats.submitted,
                          stats.reaped,
                          stats.reap_again,
                          stats.bytes_out,
                          stats.bytes_in,
                          vusb_bus_count_files (lab->bus),
                          stats.opens,
                          stats.claims);
}

static char *
command_quit (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_subprocess_send_signal (lab->child, SIGTERM);
  return say_ok ();
}

static const Command commands[] = {
  { "unplug", command_unplug },   { "android", command_android },
  { "stray", command_stray },     { "deny", command_deny },
  { "allow", command_allow },     { "hold", command_hold },
  { "release", command_release }, { "mute", command_mute },
  { "stats", command_stats },     { "quit", command_quit },
  { "kill", command_kill },       { "old-kernel", command_old_kernel },
  { "kmsg", command_kmsg },
};

static LabPhone *
get_phone (Lab *lab, guint port, GError **error)
{
  if (port < 1 || port > N_PORTS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "ports are 1 to %d", N_PORTS);
      return NULL;
    }
  if (lab->phones[port] == NULL)
    lab->phones[port] = lab_phone_new (lab->bus, port, &lab->options.phone, error);
  return lab->phones[port];
}

static char *
run_phone_line (Lab *lab, LabPhone *phone, const char *line, GError **error)
{
  g_autoptr (GError) unknown = NULL;
  char *answer = lab_script_run (lab_phone_get_script (phone), line, &unknown);

  if (!g_error_matches (unknown, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      if (unknown != NULL)
        g_propagate_error (error, g_steal_pointer (&unknown));
      return answer;
    }
  answer = lab_commands_run (lab_phone_lock (phone), &lab->options.firmware, line, error);
  lab_phone_unlock (phone);
  return answer;
}

static char *
run_line (Lab *lab, const char *line, GError **error)
{
  g_auto (GStrv) words = NULL;
  guint64   port = lab->port;
  LabPhone *phone;

  if (line[0] == '@')
    {
      char *end;

      port = g_ascii_strtoull (line + 1, &end, 10);
      line = end + strspn (end, " ");
    }
  words = g_strsplit (line, " ", 2);
  phone = get_phone (lab, (guint) MIN (port, G_MAXINT), error);
  if (phone == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (words[0], commands[i].name) == 0)
      return commands[i].func (lab, phone, words[1] != NULL ? words[1] : "", error);
  return run_phone_line (lab, phone, line, error);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lab              *lab = user_data;
  GDataInputStream *in = G_DATA_INPUT_STREAM (source);
  g_autofree char  *line = g_data_input_stream_read_line_finish (in, result, NULL, NULL);
  g_autofree char  *answer = NULL;
  g_autoptr (GError) error = NULL;

  if (line == NULL)
    return;
  answer = run_line (lab, line, &error);
  if (answer != NULL)
    printf ("ok%s%s\n", *answer != '\0' ? " " : "", answer);
  else
    printf ("error: %s\n", error->message);
  fflush (stdout);
  g_data_input_stream_read_line_async (in, G_PRIORITY_DEFAULT, NULL, line_cb, lab);
}

static void
exit_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lab *lab = user_data;

  g_subprocess_wait_finish (lab->child, result, NULL);
  lab->status = g_subprocess_get_if_exited (lab->child)
                    ? g_subprocess_get_exit_status (lab->child)
                    : 128 + g_subprocess_get_term_sig (lab->child);
  g_main_loop_quit (lab->loop);
}

/* See vusb_bus_new(): GSubprocess sets signals back to what they are by default. */
static void
child_setup (gpointer data)
{
  signal (SIGHUP, SIG_IGN);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static gboolean
start_child (Lab *lab, const char *const *argv, GError **error)
{
  /* only now: a launcher copies the environment when it is made */
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);

  g_subprocess_launcher_set_child_setup (launcher, child_setup, NULL, NULL);
  g_subprocess_launcher_take_stdout_fd (launcher, dup (STDERR_FILENO));
  lab->child = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (lab->child == NULL)
    return FALSE;
  g_subprocess_wait_async (lab->child, NULL, exit_cb, lab);
  return TRUE;
}

static void
run (Lab *lab)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  GCancellable *cancellable = g_cancellable_new ();

  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, cancellable, line_cb, lab);
  g_main_loop_run (lab->loop);
  g_object_unref (cancellable);
}

static gboolean
set_up (Lab *lab, const char *firmware, gboolean plug, GError **error)
{
  LabPhone *phone = get_phone (lab, lab->port, error);

  if (phone == NULL)
    return FALSE;
  if (firmware != NULL)
    {
      g_autofree char *line = g_strconcat ("firmware ", firmware, NULL);
      g_autofree char *answer = run_phone_line (lab, phone, line, error);

      if (answer == NULL)
        return FALSE;
    }
  if (plug)
    lab_phone_plug (phone);
  return TRUE;
}

static void
tear_down (Lab *lab)
{
  for (guint i = 0; i < G_N_ELEMENTS (lab->phones); i++)
    g_clear_pointer (&lab->phones[i], lab_phone_free);
  g_clear_pointer (&lab->bus, vusb_bus_free);
  g_clear_object (&lab->child);
  g_main_loop_unref (lab->loop);
  lab_options_clear (&lab->options);
}

static void
list_chips (void)
{
  for (const char *const *chip = ub_practice_phone_list_chips (); *chip != NULL; chip++)
    printf ("%s emmc%s%s\n",
            *chip,
            ub_practice_phone_chip_has_ufs (*chip) ? " ufs" : "",
            ub_practice_phone_chip_has_slots (*chip) ? " slots" : "");
}

/* of the command line, besides the kind of phone */
typedef struct
{
  char    *firmware;
  gboolean plug, list, log;
} Words;

static void
words_clear (Words *self)
{
  g_clear_pointer (&self->firmware, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse (Lab *lab, Words *words, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "list-chips", 0, 0, G_OPTION_ARG_NONE, &words->list, "Print the chips and stop", NULL },
    { "firmware",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &words->firmware,
      "Write a firmware there first",
      "FOLDER" },
    { "port", 0, 0, G_OPTION_ARG_INT, &lab->port, "USB port of the phone (default 1)", "N" },
    { "plug-at-start",
      0,
      0,
      G_OPTION_ARG_NONE,
      &words->plug,
      "Plug it in before COMMAND starts",
      NULL },
    { "kmsg", 0, 0, G_OPTION_ARG_NONE, &words->log, "The kernel's log may be read", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("-- COMMAND…");

  g_option_context_add_main_entries (options, entries, NULL);
  lab_options_add (&lab->options, options);
  g_option_context_set_strict_posix (options, TRUE);
  return g_option_context_parse (options, argc, argv, error) &&
         (words->list || lab_options_apply (&lab->options, error));
}

int
main (int argc, char **argv)
{
  Lab lab = { .port = 1, .status = 2 };
  g_auto (Words) words = { 0 };
  g_autoptr (GError) error = NULL;
  char **command;

  vusb_exec_again (LAB_PRELOAD, argv);
  /* umockdev complains of programs that were killed with a node open; that is what we do to them */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  if (parse (&lab, &words, &argc, &argv, &error) && words.list)
    {
      list_chips ();
      return 0;
    }
  if (error != NULL || argc < 2)
    {
      g_printerr ("ub-lab: %s\n", error != NULL ? error->message : "no command");
      return 2;
    }
  command = argv + (g_str_equal (argv[1], "--") ? 2 : 1);
  lab.bus = vusb_bus_new ();
  if (words.log)
    vusb_bus_allow_log (lab.bus);
  lab.loop = g_main_loop_new (NULL, FALSE);
  if (set_up (&lab, words.firmware, words.plug, &error) &&
      start_child (&lab, (const char *const *) command, &error))
    run (&lab);
  else
    g_printerr ("ub-lab: %s\n", error->message);
  tear_down (&lab);
  return lab.status;
}
