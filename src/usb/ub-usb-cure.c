/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-cure.h"

#include "base/ub-error.h"
#include "usb/ub-usb-rules.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OWN_FOLDER "/etc/udev/rules.d"
#define RULES_LARGEST 1048576

/* What the script ends with; pkexec itself ends with 126 when the person dismissed its question, and with 127 when there was no
 * permission or nobody to ask (man pkexec) */
#define STATUS_NOT_WRITTEN 10
#define STATUS_NOT_TOLD 11
#define STATUS_DISMISSED 126
#define STATUS_NOT_AUTHORISED 127

/* The administrator's part. Always these very words: nothing of ours or of a phone's is put into them, and the rule comes by standard
 * input. udev reads only names that end in ".rules", and sees either no file, the old or the new one: never half of one */
static const char script[] = "# Unbrick: lets the users of this computer talk to phones\n"
                             "umask 022\n"
                             "mkdir -p " OWN_FOLDER " || exit 10\n"
                             "new=$(mktemp " OWN_FOLDER "/.unbrick.XXXXXX) || exit 10\n"
                             "trap 'rm -f \"$new\"' EXIT\n"
                             "trap 'exit 10' HUP INT TERM\n"
                             "cat >\"$new\" || exit 10\n"
                             "if [ \"$(tail -n 1 \"$new\")\" != 'LABEL=\"unbrick_end\"' ]; then\n"
                             "  echo 'the rule came incomplete' >&2\n"
                             "  exit 10\n"
                             "fi\n"
                             "chmod 0644 \"$new\" || exit 10\n"
                             "sync \"$new\" 2>/dev/null\n"
                             "mv -fT \"$new\" " OWN_FOLDER "/" UB_USB_RULES_NAME " || exit 10\n"
                             "udevadm control --reload && udevadm trigger --action=change "
                             "--subsystem-match=usb || exit 11\n";

/* The first one that has our file counts, as udev has it: one in /etc hides one in /usr (man 7 udev; strings of udevd 252). The
 * last one is for computers where /lib is not in /usr */
static const char *const folders[] = {
  OWN_FOLDER,          "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
  "/lib/udev/rules.d",
};

static gboolean
is_flatpak (const UbUsbCurePlace *place)
{
  g_autofree char *info = g_build_filename (place->root, "/.flatpak-info", NULL);

  return g_file_test (info, G_FILE_TEST_EXISTS);
}

static gboolean
is_sandbox (const UbUsbCurePlace *place)
{
  return place->snap || is_flatpak (place);
}

/* --- the rule --- */

static UbPermissionState
read_state (const char *path, const struct stat *status, const GArray *own)
{
  g_autofree char *text = NULL;

  /* a link to /dev/null is how a rule is switched off */
  if (!S_ISREG (status->st_mode))
    return UB_PERMISSION_MISSING;
  if (status->st_size > RULES_LARGEST)
    return UB_PERMISSION_OUTDATED;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return UB_PERMISSION_UNKNOWN;
  return ub_usb_rules_are_in (text, own) ? UB_PERMISSION_FINE : UB_PERMISSION_OUTDATED;
}

static UbPermissionState
find_state (const UbUsbCurePlace *place)
{
  if (place->uid == 0)
    return UB_PERMISSION_FINE;
  if (is_sandbox (place))
    return UB_PERMISSION_UNKNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (place->root, folders[i], UB_USB_RULES_NAME, NULL);
      struct stat      status;

      if (g_stat (path, &status) == 0)
        return read_state (path, &status, place->own);
    }
  return UB_PERMISSION_MISSING;
}

/* Those that were let in before stay so, and those that were met since: nobody's phone is shut out by another one. (transfer full) */
static GArray *
dup_own (const UbUsbCurePlace *place)
{
  GArray          *own = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *path = g_build_filename (place->root, OWN_FOLDER, UB_USB_RULES_NAME, NULL);
  g_autofree char *text = NULL;
  struct stat      status;

  for (guint i = 0; place->own != NULL && i < place->own->len; i++)
    {
      const guint32 id = g_array_index (place->own, guint32, i);

      ub_usb_rules_add_own (own, (guint16) (id >> 16), (guint16) id);
    }
  if (g_stat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size <= RULES_LARGEST &&
      g_file_get_contents (path, &text, NULL, NULL))
    ub_usb_rules_find_own (own, text);
  return own;
}

/* --- the seat --- */

static gboolean
has_seat (const char *path, uid_t uid)
{
  g_autofree char *text = NULL;
  g_autofree char *wanted = g_strdup_printf ("ACTIVE_UID=%lu", (unsigned long) uid);
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  return g_strv_contains ((const char *const *) lines, wanted);
}

/* What udev's "uaccess" asks libsystemd: who is active at a seat. Its files are read here as it does that, so that no library is
 * needed for one line; elogind writes the same ones */
static UbSeat
find_seat (const UbUsbCurePlace *place)
{
  g_autofree char *folder = g_build_filename (place->root, "/run/systemd/seats", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (place->uid == 0)
    return UB_SEAT_OURS;
  if (is_sandbox (place))
    return UB_SEAT_UNKNOWN;
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return UB_SEAT_NONE;
  dir = g_dir_open (folder, 0, NULL);
  if (dir == NULL)
    return UB_SEAT_UNKNOWN;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (has_seat (path, place->uid))
        return UB_SEAT_OURS;
    }
  return UB_SEAT_OTHER;
}

/* --- the line for a terminal --- */

static char *
dup_call (const UbUsbCurePlace *place)
{
  static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/._+-";

  if (place->snap)
    return g_strdup ("snap run unbrick");
  if (is_flatpak (place))
    return g_strdup ("flatpak run " APP_ID);
  if (place->program == NULL)
    return g_strdup ("unbrick");
  return place->program[strspn (place->program, plain)] == '\0' ? g_strdup (place->program)
                                                                : g_shell_quote (place->program);
}

static char *
dup_command (const UbUsbCurePlace *place, const GArray *own)
{
  g_autofree char *call = dup_call (place);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < own->len; i++)
    g_string_append_printf (ids,
                            " %04x:%04x",
                            g_array_index (own, guint32, i) >> 16,
                            g_array_index (own, guint32, i) & 0xffff);
  return g_strdup_printf (
      "%s --print-udev-rules%s | sudo sh -c 'umask 022; cat > " OWN_FOLDER "/" UB_USB_RULES_NAME "'"
      " && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb",
      call,
      ids->str);
}

/**
 * ub_usb_cure_dup_permission_at:
 *
 * Reads the rule that udev goes by, and who sits at the computer.
 */
UbPermission *
ub_usb_cure_dup_permission_at (const UbUsbCurePlace *place)
{
  UbPermission *permission = g_new0 (UbPermission, 1);
  g_autoptr (GArray) own = dup_own (place);

  permission->state = find_state (place);
  permission->seat = find_seat (place);
  permission->rules = ub_usb_rules_dup_text (own);
  permission->path = g_strdup (OWN_FOLDER "/" UB_USB_RULES_NAME);
  permission->command = dup_command (place, own);
  permission->may_install = place->pkexec != NULL && place->uid != 0 && !is_sandbox (place);
  return permission;
}

/* --- putting it in place --- */

/* A file of its own, not a pipe: whoever starts to read it finds all of it there, and nobody who stops reading can hurt us */
static int
open_rules (const UbUsbCurePlace *place, GError **error)
{
  g_autoptr (GArray) own = dup_own (place);
  g_autofree char *text = ub_usb_rules_dup_text (own);
  const gsize      size = strlen (text);
  int              fd = memfd_create (UB_USB_RULES_NAME, MFD_CLOEXEC);

  if (fd >= 0 && write (fd, text, size) == (gssize) size && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_WRITE,
               "%s: the rule could not be handed over: %s",
               UB_USB_RULES_NAME,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* the last line of what was said on standard error, where programs tell their reason; "" if there is none. (transfer full) */
static char *
dup_reason (GBytes *said)
{
  gsize            size = 0;
  const char      *data = said != NULL ? g_bytes_get_data (said, &size) : NULL;
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", (gssize) size);
  g_auto (GStrv) lines = g_strsplit (g_strstrip (text), "\n", -1);
  const guint n = g_strv_length (lines);

  return g_strdup (n > 0 ? g_strstrip (lines[n - 1]) : "");
}

static gboolean
judge_status (int status, const char *reason, GError **error)
{
  const char *colon = *reason != '\0' ? ": " : "";

  switch (status)
    {
    case 0:
      return TRUE;
    case STATUS_DISMISSED:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the password was not given");
      return FALSE;
    case STATUS_NOT_AUTHORISED:
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NO_PERMISSION,
                   "the administrator's permission was not given%s%s",
                   colon,
                   reason);
      return FALSE;
    case STATUS_NOT_TOLD:
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNSUPPORTED,
                   "%s is in place, but udev could not be told%s%s",
                   UB_USB_RULES_NAME,
                   colon,
                   reason);
      return FALSE;
    case STATUS_NOT_WRITTEN:
    default:
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_FILE_WRITE,
                   "%s could not be written to %s (status %d)%s%s",
                   UB_USB_RULES_NAME,
                   OWN_FOLDER,
                   status,
                   colon,
                   reason);
      return FALSE;
    }
}

static gboolean
run_script (const UbUsbCurePlace *place, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) said = NULL;
  g_autofree char *reason = NULL;
  int              fd = open_rules (place, error);

  if (fd < 0)
    return FALSE;
  g_subprocess_launcher_take_stdin_fd (launcher, fd);
  /* no question in a terminal that nobody looks at: the line to copy is for those */
  process = g_subprocess_launcher_spawn (launcher,
                                         error,
                                         place->pkexec,
                                         "--disable-internal-agent",
                                         "/bin/sh",
                                         "-c",
                                         script,
                                         NULL);
  if (process == NULL)
    return FALSE;
  if (!g_subprocess_communicate (process, NULL, cancellable, NULL, &said, error))
    {
      g_subprocess_send_signal (process, SIGTERM);
      return FALSE;
    }
  reason = dup_reason (said);
  return judge_status (g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                            : STATUS_NOT_WRITTEN,
                       reason,
                       error);
}

/**
 * ub_usb_cure_install_at:
 *
 * Asks for the administrator's password, puts the rule in place and has udev go by it for what is plugged in already. Checks that it
 * is there afterwards.
 */
gboolean
ub_usb_cure_install_at (const UbUsbCurePlace *place, GCancellable *cancellable, GError **error)
{
  UbPermissionState state;

  if (place->pkexec == NULL || place->uid == 0 || is_sandbox (place))
    {
      g_set_error_literal (error,
                           UB_ERROR,
                           UB_ERROR_FILE_WRITE,
                           "nothing can be installed from here");
      return FALSE;
    }
  if (!run_script (place, cancellable, error))
    return FALSE;
  state = find_state (place);
  if (state == UB_PERMISSION_FINE)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_WRITE,
               "%s/%s is not what was written there",
               OWN_FOLDER,
               UB_USB_RULES_NAME);
  return FALSE;
}

/* --- here --- */

/* our own file, if a terminal would not find it by our name; (transfer full) (nullable) */
static char *
dup_program (void)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *found = g_find_program_in_path ("unbrick");
  g_autofree char *real = found != NULL ? realpath (found, NULL) : NULL;

  /* replaced by a newer one while we run: its name is as good as any */
  if (own == NULL || !g_file_test (own, G_FILE_TEST_EXISTS) || !g_utf8_validate (own, -1, NULL))
    return NULL;
  return g_strcmp0 (own, real) == 0 ? NULL : g_steal_pointer (&own);
}

UbPermission *
ub_usb_cure_dup_permission (const GArray *own)
{
  g_autofree char *pkexec = g_find_program_in_path ("pkexec");
  g_autofree char *program = dup_program ();
  UbUsbCurePlace   place = { "", pkexec, program, geteuid (), g_getenv ("SNAP") != NULL, own };

  return ub_usb_cure_dup_permission_at (&place);
}

gboolean
ub_usb_cure_install (const GArray *own, GCancellable *cancellable, GError **error)
{
  g_autofree char *pkexec = g_find_program_in_path ("pkexec");
  UbUsbCurePlace   place = { "", pkexec, NULL, geteuid (), g_getenv ("SNAP") != NULL, own };

  return ub_usb_cure_install_at (&place, cancellable, error);
}
