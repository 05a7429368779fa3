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
 *   plug | unplug [eproto]     android (plug it in switched on: only MTP)
 *   mischief LINE              as ub_practice_phone_mischief()
 *   kill PID LINE              the same, and process PID is killed (SIGKILL) when it pulls the cable
 *   stray [TEXT]               a modem manager's bytes ("AT\r") come first at each plug from now on
 *   deny | allow               the node may (not) be opened
 *   hold | release             another program has it
 *   mute                       no uevent reaches COMMAND any more, as in a Flatpak sandbox
 *   state | stats | counts
 *   hash REGION OFFSET SIZE | peek REGION OFFSET SIZE | poke REGION OFFSET HEX
 *   firmware FOLDER            writes a firmware that fits the phone
 *   firmware-other FOLDER      the same for another layout of its parts
 *   quit                       ends COMMAND
 *
 * Exits with COMMAND's status; with 128+N where signal N ended it. */
#include "config.h"

#include "lab/lab-phone.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define N_PORTS 8
#define PEEK_MAX (64 * 1024)
#define DEATH_MS 5000

typedef struct
{
  GMainLoop             *loop;
  VusbBus               *bus;
  UbPracticePhoneOptions options;
  guint                  port; /* of the phone that commands mean */
  LabPhone              *phones[N_PORTS + 1];
  guint64                image_size;
  gboolean               sparse;
  GSubprocess           *child;
  int                    status;
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
command_plug (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_plug (phone);
  return g_strdup (vusb_device_get_node (lab_phone_get_device (phone)));
}

static char *
command_unplug (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_unplug (phone, g_str_equal (rest, "eproto") ? -EPROTO : -ESHUTDOWN);
  return say_ok ();
}

static char *
command_android (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  lab_phone_plug_android (phone);
  return say_ok ();
}

static char *
command_mischief (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  gboolean ok = ub_practice_phone_mischief (lab_phone_lock (phone), rest, error);

  lab_phone_unlock (phone);
  return ok ? say_ok () : NULL;
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

/* Within the transfer that is cut, from whatever thread has it in hand. The phone leaves the bus next, and umockdev ends
 * this program if a listener's socket goes away while it is told */
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
command_counts (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  UbPracticePhone *inner = lab_phone_lock (phone);
  char *answer = g_strdup_printf ("messages=%" G_GUINT64_FORMAT " to-phone=%" G_GUINT64_FORMAT
                                  " from-phone=%" G_GUINT64_FORMAT,
                                  ub_practice_phone_get_input_messages (inner),
                                  ub_practice_phone_get_input_bytes (inner),
                                  ub_practice_phone_get_output_bytes (inner));

  lab_phone_unlock (phone);
  return answer;
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
command_state (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  UbPracticePhone *inner = lab_phone_lock (phone);
  char            *answer = g_strdup_printf (
      "present=%d product=%04x speed=%s writes=%u finished=%d memory=%" G_GUINT64_FORMAT,
      ub_practice_phone_is_present (inner),
      ub_practice_phone_get_product (inner),
      ub_practice_phone_is_high_speed (inner) ? "high" : "full",
      ub_practice_phone_get_writes (inner),
      ub_practice_phone_was_finished (inner),
      ub_practice_phone_get_memory (inner));

  lab_phone_unlock (phone);
  return answer;
}

static char *
command_stats (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  VusbStats stats = { 0 };

  if (lab_phone_get_device (phone) != NULL)
    vusb_device_get_stats (lab_phone_get_device (phone), &stats);
  return g_strdup_printf ("ioctls=%" G_GUINT64_FORMAT " submitted=%" G_GUINT64_FORMAT
                          " reaped=%" G_GUINT64_FORMAT " eagain=%" G_GUINT64_FORMAT
                          " out=%" G_GUINT64_FORMAT " in=%" G_GUINT64_FORMAT " files=%u",
                          stats.ioctls,
                          stats.submitted,
                          stats.reaped,
                          stats.reap_again,
                          stats.bytes_out,
                          stats.bytes_in,
                          vusb_bus_count_files (lab->bus));
}

typedef struct
{
  UbRegion region;
  guint64  offset;
  char   **words;
} Place;

static void
place_clear (Place *self)
{
  g_strfreev (self->words);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static gboolean
parse_place (const char *rest, Place *place, GError **error)
{
  place->words = g_strsplit (rest, " ", 3);
  if (g_strv_length (place->words) == 3)
    {
      place->region = ub_region_from_string (place->words[0]);
      place->offset = g_ascii_strtoull (place->words[1], NULL, 0);
      if (place->region != UB_REGION_UNKNOWN)
        return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "not REGION OFFSET …: %s", rest);
  return FALSE;
}

/* outside of the phone's storage there is nothing */
static gboolean
check_place (UbPracticePhone *phone, const Place *place, guint64 size, GError **error)
{
  guint64 end = ub_practice_phone_get_size (phone, place->region);

  if (place->offset <= end && size <= end - place->offset)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_INVALID_ARGUMENT,
               "%s ends at 0x%" G_GINT64_MODIFIER "x",
               place->words[0],
               end);
  return FALSE;
}

static char *
command_hash (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  UbPracticePhone *inner;
  guint64          size;
  char            *answer = NULL;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = g_ascii_strtoull (place.words[2], NULL, 0);
  inner = lab_phone_lock (phone);
  if (check_place (inner, &place, size, error))
    answer = ub_practice_phone_hash (inner, place.region, place.offset, size);
  lab_phone_unlock (phone);
  return answer;
}

static char *
to_hex (const guint8 *data, gsize size)
{
  GString *text = g_string_sized_new (2 * size);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}

static char *
command_peek (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  g_autofree guint8 *data = NULL;
  UbPracticePhone   *inner;
  gsize              size;
  char              *answer = NULL;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = MIN (g_ascii_strtoull (place.words[2], NULL, 0), PEEK_MAX);
  data = g_malloc (size + 1);
  inner = lab_phone_lock (phone);
  if (check_place (inner, &place, size, error))
    {
      ub_practice_phone_peek (inner, place.region, place.offset, data, size);
      answer = to_hex (data, size);
    }
  lab_phone_unlock (phone);
  return answer;
}

static char *
command_poke (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  g_autofree guint8 *data = NULL;
  UbPracticePhone   *inner;
  gsize              size;
  gboolean           ok;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = strlen (place.words[2]) / 2;
  data = g_malloc (size + 1);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (g_ascii_xdigit_value (place.words[2][2 * i]) << 4 |
                        g_ascii_xdigit_value (place.words[2][2 * i + 1]));
  inner = lab_phone_lock (phone);
  ok = check_place (inner, &place, size, error);
  if (ok)
    ub_practice_phone_poke (inner, place.region, place.offset, data, size);
  lab_phone_unlock (phone);
  return ok ? say_ok () : NULL;
}

typedef gboolean (*FirmwareFunc) (UbPracticePhone *phone,
                                  const char      *folder,
                                  guint64          image_size,
                                  gboolean         sparse,
                                  GError         **error);

static gboolean
write_firmware (Lab *lab, LabPhone *phone, FirmwareFunc write, const char *folder, GError **error)
{
  gboolean ok;

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   g_io_error_from_errno (errno),
                   "%s: %s",
                   folder,
                   g_strerror (errno));
      return FALSE;
    }
  ok = write (lab_phone_lock (phone), folder, lab->image_size, lab->sparse, error);
  lab_phone_unlock (phone);
  return ok;
}

static char *
command_firmware (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  return write_firmware (lab, phone, ub_practice_firmware_write, rest, error) ? say_ok () : NULL;
}

static char *
command_firmware_other (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  return write_firmware (lab, phone, ub_practice_firmware_write_other, rest, error) ? say_ok ()
                                                                                    : NULL;
}

static char *
command_quit (Lab *lab, LabPhone *phone, const char *rest, GError **error)
{
  g_subprocess_send_signal (lab->child, SIGTERM);
  return say_ok ();
}

static const Command commands[] = {
  { "plug", command_plug },       { "unplug", command_unplug },
  { "android", command_android }, { "mischief", command_mischief },
  { "stray", command_stray },     { "deny", command_deny },
  { "allow", command_allow },     { "hold", command_hold },
  { "release", command_release }, { "mute", command_mute },
  { "state", command_state },     { "stats", command_stats },
  { "hash", command_hash },       { "peek", command_peek },
  { "poke", command_poke },       { "firmware", command_firmware },
  { "quit", command_quit },       { "kill", command_kill },
  { "counts", command_counts },   { "firmware-other", command_firmware_other },
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
    lab->phones[port] = lab_phone_new (lab->bus, port, &lab->options, error);
  return lab->phones[port];
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
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no such command: %s", line);
  return NULL;
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

static guint64
parse_size (const char *text)
{
  char   *end;
  guint64 size = text != NULL ? g_ascii_strtoull (text, &end, 0) : 0;

  if (size > 0 && *end == 'M')
    return size << 20;
  return size > 0 && *end == 'G' ? size << 30 : size;
}

static gboolean
set_up (Lab *lab, const char *firmware, gboolean plug, GError **error)
{
  LabPhone *phone = get_phone (lab, lab->port, error);

  if (phone == NULL || (firmware != NULL &&
                        !write_firmware (lab, phone, ub_practice_firmware_write, firmware, error)))
    return FALSE;
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

/* of the command line, before they mean anything */
typedef struct
{
  char    *chip, *enter, *table, *user, *boot, *image, *storage, *slot, *firmware;
  gboolean plug, list;
} Words;

static void
words_clear (Words *self)
{
  char **texts[] = { &self->chip,  &self->enter,   &self->table, &self->user,    &self->boot,
                     &self->image, &self->storage, &self->slot,  &self->firmware };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse (Lab *lab, Words *words, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "chip", 0, 0, G_OPTION_ARG_STRING, &words->chip, "Chip (default MT6580)", "CHIP" },
    { "phone", 0, 0, G_OPTION_ARG_STRING, &words->chip, "The same", "CHIP" },
    { "list-chips", 0, 0, G_OPTION_ARG_NONE, &words->list, "Print the chips and stop", NULL },
    { "storage",
      0,
      0,
      G_OPTION_ARG_STRING,
      &words->storage,
      "Its storage (default emmc)",
      "emmc|ufs" },
    { "secure",
      0,
      0,
      G_OPTION_ARG_INT,
      &lab->options.target_config,
      "Locks: 1 SBC, 2 SLA, 4 DAA, added up",
      "BITS" },
    { "agent-login",
      0,
      0,
      G_OPTION_ARG_NONE,
      &lab->options.agent_login,
      "Its agent, too, wants the maker's login",
      NULL },
    { "slot", 0, 0, G_OPTION_ARG_STRING, &words->slot, "The set of parts it starts from", "a|b" },
    { "enter", 0, 0, G_OPTION_ARG_STRING, &words->enter, "How it comes up", "preloader|bootrom" },
    { "table", 0, 0, G_OPTION_ARG_STRING, &words->table, "Its partition table", "gpt|ebr" },
    { "user-size", 0, 0, G_OPTION_ARG_STRING, &words->user, "Size of its user area", "N[M|G]" },
    { "boot-size", 0, 0, G_OPTION_ARG_STRING, &words->boot, "Size of each boot area", "N[M|G]" },
    { "serial", 0, 0, G_OPTION_ARG_INT, &lab->options.serial, "Which one of its chip it is", "N" },
    { "blank", 0, 0, G_OPTION_ARG_NONE, &lab->options.blank, "Its storage is fresh", NULL },
    { "window",
      0,
      0,
      G_OPTION_ARG_INT,
      &lab->options.window_ms,
      "How long a preloader waits",
      "MS" },
    { "fragmented",
      0,
      0,
      G_OPTION_ARG_NONE,
      &lab->options.fragmented,
      "It answers byte by byte",
      NULL },
    { "firmware",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &words->firmware,
      "Write a firmware there first",
      "FOLDER" },
    { "image-size",
      0,
      0,
      G_OPTION_ARG_STRING,
      &words->image,
      "Size of its system image",
      "N[M|G]" },
    { "sparse", 0, 0, G_OPTION_ARG_NONE, &lab->sparse, "As Android sparse", NULL },
    { "port", 0, 0, G_OPTION_ARG_INT, &lab->port, "USB port of the phone (default 1)", "N" },
    { "plug-at-start",
      0,
      0,
      G_OPTION_ARG_NONE,
      &words->plug,
      "Plug it in before COMMAND starts",
      NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("-- COMMAND…");

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_set_strict_posix (options, TRUE);
  return g_option_context_parse (options, argc, argv, error);
}

/* the words that stand for one of two */
static gboolean
choose (const char *word, const char *first, const char *second, guint *choice, GError **error)
{
  *choice = g_strcmp0 (word, second) == 0 ? 1 : 0;
  if (word == NULL || *choice == 1 || g_str_equal (word, first))
    return TRUE;
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "neither %s nor %s: %s",
               first,
               second,
               word);
  return FALSE;
}

static gboolean
apply (Lab *lab, const Words *words, GError **error)
{
  guint enter, table, storage, slot;

  if (!choose (words->enter, "preloader", "bootrom", &enter, error) ||
      !choose (words->table, "gpt", "ebr", &table, error) ||
      !choose (words->storage, "emmc", "ufs", &storage, error) ||
      !choose (words->slot, "a", "b", &slot, error))
    return FALSE;
  lab->options.chip = words->chip != NULL ? words->chip : "MT6580";
  lab->options.enter = enter == 1 ? UB_ENTER_BOOT_ROM : UB_ENTER_PRELOADER;
  lab->options.table = table == 1 ? UB_TABLE_EBR : UB_TABLE_GPT;
  lab->options.storage = storage == 1 ? UB_STORAGE_UFS : UB_STORAGE_EMMC;
  lab->options.active_slot = slot == 1 ? 'b' : 'a';
  lab->options.user_size = parse_size (words->user);
  lab->options.boot_size = parse_size (words->boot);
  lab->image_size = parse_size (words->image);
  return TRUE;
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
  if (error != NULL || argc < 2 || !apply (&lab, &words, &error))
    {
      g_printerr ("ub-lab: %s\n", error != NULL ? error->message : "no command");
      return 2;
    }
  command = argv + (g_str_equal (argv[1], "--") ? 2 : 1);
  lab.bus = vusb_bus_new ();
  lab.loop = g_main_loop_new (NULL, FALSE);
  if (set_up (&lab, words.firmware, words.plug, &error) &&
      start_child (&lab, (const char *const *) command, &error))
    run (&lab);
  else
    g_printerr ("ub-lab: %s\n", error->message);
  tear_down (&lab);
  return lab.status;
}
