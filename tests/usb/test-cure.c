/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The permission, in a root of the test's own: with programs of its own in place of pkexec, sudo and udevadm, and the real shell. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/ub-error.h"
#include "usb/ub-usb-cure.h"
#include "usb/ub-usb-rules.h"

#define UID 1234
#define PATIENCE (20 * G_USEC_PER_SEC)
#define ETC "etc/udev/rules.d/60-unbrick.rules"

typedef struct
{
  char          *root;
  char          *pkexec;
  UbUsbCurePlace place;
} Bench;

/* --- the root --- */

static char *
at (Bench *self, const char *path)
{
  return g_build_filename (self->root, path, NULL);
}

static void
put (Bench *self, const char *path, const char *text)
{
  g_autofree char *full = at (self, path);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents_full (full, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
}

static char *
get (Bench *self, const char *path)
{
  g_autofree char *full = at (self, path);
  char            *text = NULL;

  return g_file_get_contents (full, &text, NULL, NULL) ? text : NULL;
}

static void
assert_text (Bench *self, const char *path, const char *wanted)
{
  g_autofree char *text = get (self, path);

  g_assert_cmpstr (text, ==, wanted);
}

/* in /etc/udev/rules.d: an unfinished file counts, too */
static guint
count_files (Bench *self)
{
  g_autofree char *folder = at (self, "etc/udev/rules.d");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
empty_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_unlink (full) != 0)
        empty_folder (full);
    }
  g_rmdir (path);
}

/* --- its programs --- */

/* checks how it is called, keeps the script, and runs it on our root with our programs first; @before: shell words before "sh" */
static void
put_pkexec (Bench *self, const char *before)
{
  g_autofree char *text = g_strdup_printf (
      "#!/bin/sh\n"
      "[ $# = 4 ] && [ \"$1 $2 $3\" = '--disable-internal-agent /bin/sh -c' ] || exit 99\n"
      "printf %%s \"$4\" >%s/script\n"
      "PATH=%s/bin:$PATH\n"
      "export PATH\n"
      "script=$(printf %%s \"$4\" | sed 's|/etc/udev|%s/etc/udev|g')\n"
      "%s /bin/sh -c \"$script\"\n",
      self->root,
      self->root,
      self->root,
      before);

  put (self, "pkexec", text);
}

static void
put_udevadm (Bench *self, int status)
{
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\necho \"$@\" >>%s/log\n"
                                           "[ %d = 0 ] || echo no daemon >&2\nexit %d\n",
                                           self->root,
                                           status,
                                           status);

  put (self, "bin/udevadm", text);
}

static void
set_up (Bench *self, gconstpointer data)
{
  g_autofree char *folder = NULL;

  self->root = g_dir_make_tmp ("unbrick-cure-XXXXXX", NULL);
  g_assert_nonnull (self->root);
  self->pkexec = at (self, "pkexec");
  self->place = (UbUsbCurePlace){ self->root, self->pkexec, NULL, UID, FALSE };
  folder = at (self, "etc/udev/rules.d");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  put_pkexec (self, "exec");
  put_udevadm (self, 0);
}

static void
tear_down (Bench *self, gconstpointer data)
{
  empty_folder (self->root);
  g_free (self->pkexec);
  g_free (self->root);
}

static UbPermissionState
get_state (Bench *self)
{
  g_autoptr (UbPermission) permission = ub_usb_cure_dup_permission_at (&self->place);

  return permission->state;
}

static void
assert_fails (Bench *self, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_error (error, domain, code);
}

/* --- what a file says --- */

static void
test_rules (void)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *spaced = g_strjoinv ("  \n\n# a word\n \t", lines);
  g_autofree char *bare = NULL;
  g_autofree char *late = NULL;

  g_assert_true (g_str_has_suffix (text, "\nLABEL=\"unbrick_end\"\n"));
  g_assert_true (ub_usb_rules_are_in (text, NULL));
  g_assert_true (ub_usb_rules_are_in (spaced, NULL));
  g_assert_false (ub_usb_rules_are_in ("", NULL));
  g_assert_false (ub_usb_rules_are_in ("# nothing", NULL));
  /* a newer version knows one more, an older one does not know one of ours */
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *kept = g_strdup (lines[i]);
      g_autofree char *without = NULL;
      g_autofree char *with = NULL;

      if (!g_str_has_prefix (kept, "ATTR"))
        continue;
      *lines[i] = '#';
      without = g_strjoinv ("\n", lines);
      g_assert_false (ub_usb_rules_are_in (without, NULL));
      g_free (lines[i]);
      lines[i] = g_strconcat (kept, "\nATTR{idVendor}==\"ffff\"", NULL);
      with = g_strjoinv ("\n", lines);
      g_assert_true (ub_usb_rules_are_in (with, NULL));
      g_free (lines[i]);
      lines[i] = g_steal_pointer (&kept);
    }
  /* cut off, and with another value */
  bare = g_strndup (text, strlen (text) - strlen ("LABEL=\"unbrick_end\"\n"));
  g_assert_false (ub_usb_rules_are_in (bare, NULL));
  late = g_strdup (text);
  *strchr (strstr (late, "\"0003\""), '3') = '4';
  g_assert_false (ub_usb_rules_are_in (late, NULL));
}

/* --- phones of no table --- */

static GArray *
make_own (const char *const *words)
{
  GArray *own = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; words[i] != NULL; i++)
    g_assert_true (ub_usb_rules_parse_own (own, words[i]));
  return own;
}

static void
test_own_words (void)
{
  static const char *const good[] = { "2a45:0c02", "1BBB:f00f", "2A45:0c02", "0e8d:2000", NULL };
  static const char *const bad[] = { "",          "2a45",      "2a45:0c0",  "2a45:0c021",
                                     "2a45-0c02", "2a45:+c02", " 2a45:0c0", "2a45:0c0g",
                                     "*:0c02",    "2a45:0c0\"" };
  g_autoptr (GArray) own = make_own (good);
  guint16 product = 0;

  /* each once, and none that the table has */
  g_assert_cmpuint (own->len, ==, 2);
  g_assert_cmphex (g_array_index (own, guint32, 1), ==, 0x1bbbf00f);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ub_usb_rules_parse_own (own, bad[i]));
  while (ub_usb_rules_add_own (own, 0x1234, product))
    product++;
  g_assert_cmpuint (own->len, ==, UB_USB_RULES_MOST_OWN);
  g_assert_true (ub_usb_rules_add_own (own, 0x1234, 0));
}

static void
test_own_rules (void)
{
  static const char *const words[] = { "2a45:0c02", "1bbb:f00f", NULL }, *const none[] = { NULL };
  g_autoptr (GArray) own = make_own (words);
  g_autoptr (GArray) found = make_own (none);
  g_autofree char *plain = ub_usb_rules_dup_text (NULL);
  g_autofree char *text = ub_usb_rules_dup_text (own);
  const char      *line =
      strstr (text,
              "\nATTR{idVendor}==\"2a45\", ATTR{idProduct}==\"0c02\", TAG+=\"uaccess\", "
              "ENV{ID_MM_DEVICE_IGNORE}=\"1\", ENV{MTP_NO_PROBE}=\"1\"\n");

  g_assert_nonnull (line);
  g_assert_true (line < strstr (text, "LABEL="));
  g_assert_true (ub_usb_rules_are_in (text, own));
  g_assert_true (ub_usb_rules_are_in (text, NULL));
  g_assert_false (ub_usb_rules_are_in (plain, own));
  ub_usb_rules_find_own (found, text);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpmem (found->data, 8, own->data, 8);
  /* what is not ours to the letter is not carried on */
  g_array_set_size (found, 0);
  ub_usb_rules_find_own (found,
                         "ATTR{idVendor}==\"1234\", ATTR{idProduct}==\"5678\", RUN+=\"/bin/sh\"\n"
                         "ATTR{idVendor}==\"1234\", ATTR{idProduct}==\"567\nATTR{idVendor}==\"\n");
  g_assert_cmpuint (found->len, ==, 0);
}

/* --- what is seen --- */

static void
test_folders (Bench *self, gconstpointer data)
{
  /* the later hide the earlier */
  static const char *const folders[] = { "lib/udev/rules.d",
                                         "usr/lib/udev/rules.d",
                                         "usr/local/lib/udev/rules.d",
                                         "run/udev/rules.d",
                                         "etc/udev/rules.d" };
  g_autofree char         *text = ub_usb_rules_dup_text (NULL);
  g_autofree char         *etc = at (self, ETC);

  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_MISSING);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], UB_USB_RULES_NAME, NULL);

      put (self, path, "# empty\n");
      g_assert_cmpint (get_state (self), ==, UB_PERMISSION_OUTDATED);
      put (self, path, text);
      g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
    }
  /* switched off by the administrator, though the others are still there */
  g_assert_cmpint (g_unlink (etc), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", etc), ==, 0);
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_MISSING);
}

/* somebody's umask */
static void
test_unreadable (Bench *self, gconstpointer data)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_autofree char *path = at (self, ETC);

  if (geteuid () == 0)
    {
      g_test_skip ("the administrator may read everything");
      return;
    }
  put (self, ETC, text);
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_UNKNOWN);
}

static void
test_other_name (Bench *self, gconstpointer data)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);

  put (self, "etc/udev/rules.d/60-unbrick.rules.bak", text);
  put (self, "opt/lib/udev/rules.d/60-unbrick.rules", text);
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_MISSING);
}

static void
test_permission (Bench *self, gconstpointer data)
{
  g_autoptr (UbPermission) permission = ub_usb_cure_dup_permission_at (&self->place);
  g_autofree char *text = ub_usb_rules_dup_text (NULL);

  g_assert_cmpint (permission->state, ==, UB_PERMISSION_MISSING);
  g_assert_cmpstr (permission->rules, ==, text);
  g_assert_cmpstr (permission->path, ==, "/etc/udev/rules.d/60-unbrick.rules");
  g_assert_true (
      g_str_has_prefix (permission->command, "unbrick --print-udev-rules | sudo sh -c "));
  g_assert_null (strchr (permission->command, '\n'));
  g_assert_true (permission->may_install);
}

/* a phone under its maker's own numbers was closed to us: the rule is fine but for that */
static void
test_own (Bench *self, gconstpointer data)
{
  static const char *const first[] = { "2a45:0c02", NULL }, *const second[] = { "1bbb:f00f", NULL };
  g_autoptr (GArray) own = make_own (first);
  g_autoptr (GArray) other = make_own (second);
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_autoptr (UbPermission) permission = NULL;
  g_autoptr (UbPermission) later = NULL;
  g_autoptr (GError) error = NULL;

  put (self, "usr/lib/udev/rules.d/60-unbrick.rules", text);
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
  self->place.own = own;
  permission = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_cmpint (permission->state, ==, UB_PERMISSION_OUTDATED);
  g_assert_nonnull (strstr (permission->rules, "\"2a45\", ATTR{idProduct}==\"0c02\""));
  g_assert_true (
      g_str_has_prefix (permission->command, "unbrick --print-udev-rules 2a45:0c02 | sudo sh -c "));
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_no_error (error);
  assert_text (self, ETC, permission->rules);
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
  /* the next one does not shut it out again */
  self->place.own = other;
  later = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_cmpint (later->state, ==, UB_PERMISSION_OUTDATED);
  g_assert_true (
      g_str_has_prefix (later->command, "unbrick --print-udev-rules 1bbb:f00f 2a45:0c02 | sudo "));
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_no_error (error);
  self->place.own = own;
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
  self->place.own = NULL;
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
}

static void
test_no_pkexec (Bench *self, gconstpointer data)
{
  g_autoptr (UbPermission) permission = NULL;

  self->place.pkexec = NULL;
  permission = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_cmpint (permission->state, ==, UB_PERMISSION_MISSING);
  g_assert_false (permission->may_install);
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
}

static void
test_root (Bench *self, gconstpointer data)
{
  g_autoptr (UbPermission) permission = NULL;

  self->place.uid = 0;
  permission = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_cmpint (permission->state, ==, UB_PERMISSION_FINE);
  g_assert_cmpint (permission->seat, ==, UB_SEAT_OURS);
  g_assert_false (permission->may_install);
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
}

/* @data: is it a snap? Its own /etc is not the computer's, and pkexec would not get out */
static void
test_sandbox (Bench *self, gconstpointer data)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_autoptr (UbPermission) permission = NULL;

  put (self, "usr/lib/udev/rules.d/60-unbrick.rules", text);
  if (data != NULL)
    self->place.snap = TRUE;
  else
    put (self, ".flatpak-info", "[Application]\n");
  permission = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_cmpint (permission->state, ==, UB_PERMISSION_UNKNOWN);
  g_assert_cmpint (permission->seat, ==, UB_SEAT_UNKNOWN);
  g_assert_false (permission->may_install);
  if (data == NULL)
    g_assert_cmpstr (
        permission->command,
        ==,
        "flatpak run io.github.unbrick.Unbrick --print-udev-rules | sudo sh -c 'umask 022; cat > "
        "/etc/udev/rules.d/60-unbrick.rules' && sudo udevadm control --reload && sudo udevadm "
        "trigger --subsystem-match=usb");
  else
    g_assert_true (
        g_str_has_prefix (permission->command, "snap run unbrick --print-udev-rules | "));
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
  assert_text (self, "script", NULL);
}

static UbSeat
get_seat (Bench *self)
{
  g_autoptr (UbPermission) permission = ub_usb_cure_dup_permission_at (&self->place);

  return permission->seat;
}

static void
test_seat (Bench *self, gconstpointer data)
{
  g_assert_cmpint (get_seat (self), ==, UB_SEAT_NONE);
  put (self, "run/systemd/seats/seat0", "# private\nIS_SEAT0=1\nUIDS=1234\nACTIVE_UID=12345\n");
  g_assert_cmpint (get_seat (self), ==, UB_SEAT_OTHER);
  put (self, "run/systemd/seats/seat1", "ACTIVE=3\nACTIVE_UID=1234\nSESSIONS=3\n");
  g_assert_cmpint (get_seat (self), ==, UB_SEAT_OURS);
  self->place.uid = 123;
  g_assert_cmpint (get_seat (self), ==, UB_SEAT_OTHER);
}

/* --- the line for a terminal --- */

/* A program with an awkward path, and the whole line done by a shell */
static void
test_line (Bench *self, gconstpointer data)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_autofree char *program = at (self, "a b'c$(touch x);\"d/unbrick");
  g_autofree char *print =
      g_strdup_printf ("#!/bin/sh\n[ \"$*\" = --print-udev-rules ] && cat %s/made\n", self->root);
  g_autofree char *sudo =
      g_strdup_printf ("#!/bin/sh\n[ \"$1 $2\" = 'sh -c' ] || exec \"$@\"\n"
                       "exec sh -c \"$(printf %%s \"$3\" | sed 's|/etc/udev|%s/etc/udev|g')\"\n",
                       self->root);
  g_autofree char *path = g_strdup_printf ("PATH=%s/bin:/usr/bin:/bin", self->root);
  char            *environment[] = { path, NULL };
  g_autoptr (UbPermission) permission = NULL;
  int status = -1;

  self->place.program = program;
  permission = ub_usb_cure_dup_permission_at (&self->place);
  put (self, "made", text);
  put (self, "a b'c$(touch x);\"d/unbrick", print);
  put (self, "bin/sudo", sudo);
  g_assert_true (
      g_spawn_sync (self->root,
                    (char *[]){ (char *) "/bin/sh", (char *) "-c", permission->command, NULL },
                    environment,
                    G_SPAWN_DEFAULT,
                    NULL,
                    NULL,
                    NULL,
                    NULL,
                    &status,
                    NULL));
  g_assert_cmpint (status, ==, 0);
  assert_text (self, ETC, text);
  assert_text (self, "x", NULL);
  assert_text (self, "log", "control --reload\ntrigger --subsystem-match=usb\n");
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
}

/* quotes only where they are needed */
static void
test_line_plain (Bench *self, gconstpointer data)
{
  g_autoptr (UbPermission) permission = NULL;

  self->place.program = "/opt/unbrick-0.1/bin/unbrick";
  permission = ub_usb_cure_dup_permission_at (&self->place);
  g_assert_true (
      g_str_has_prefix (permission->command, "/opt/unbrick-0.1/bin/unbrick --print-udev-rules |"));
}

/* --- the cure --- */

static void
assert_installed (Bench *self)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);
  g_autofree char *path = at (self, ETC);
  GStatBuf         status;

  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_FINE);
  assert_text (self, ETC, text);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode, ==, S_IFREG | 0644);
  g_assert_cmpuint (count_files (self), ==, 1);
}

/* @data: (nullable): what was there before */
static void
test_install (Bench *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;

  if (data != NULL)
    put (self, ETC, data);
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_no_error (error);
  assert_installed (self);
  assert_text (self, "log", "control --reload\ntrigger --action=change --subsystem-match=usb\n");
  /* nothing that changes is in what the administrator runs */
  script = get (self, "script");
  g_assert_nonnull (script);
  g_assert_null (strstr (script, self->root));
  g_assert_null (strstr (script, "0e8d"));
  self->place.program = "/a/$(b)";
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  assert_text (self, "script", script);
}

/* there is no /etc/udev yet, or the file is switched off by a link */
static void
test_install_anew (Bench *self, gconstpointer data)
{
  g_autofree char *folder = at (self, "etc");
  g_autofree char *path = at (self, ETC);
  g_autoptr (GError) error = NULL;

  empty_folder (folder);
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  assert_installed (self);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", path), ==, 0);
  g_assert_true (ub_usb_cure_install_at (&self->place, NULL, &error));
  assert_installed (self);
}

typedef struct
{
  const char *program; /* in place of pkexec; %s: the root */
  int         code;    /* of UB_ERROR; -1: cancelled */
  const char *words;
} Refusal;

static const Refusal refusals[] = {
  { "#!/bin/sh\nexit 126\n", -1, "password" },
  { "#!/bin/sh\nprintf 'Error executing command:\\nNot authorized\\n\\n' >&2\nexit 127\n",
    UB_ERROR_NO_PERMISSION,
    "not given: Not authorized" },
  { "#!/bin/sh\nexit 127\n", UB_ERROR_NO_PERMISSION, "not given" },
  { "#!/bin/sh\nprintf 'bad \\377 byte' >&2\nexit 1\n", UB_ERROR_FILE_WRITE, "status 1): bad " },
  { "#!/bin/sh\nkill -KILL $$\n", UB_ERROR_FILE_WRITE, "could not be written" },
  /* says all is well, and is not */
  { "#!/bin/sh\nexit 0\n", UB_ERROR_FILE_WRITE, "not what was written" },
};

static void
test_refused (Bench *self, gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GError) error = NULL;

  put (self, ETC, "# old\n");
  put (self, "pkexec", refusal->program);
  g_assert_false (ub_usb_cure_install_at (&self->place, NULL, &error));
  if (refusal->code < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_error (error, UB_ERROR, refusal->code);
  g_assert_nonnull (strstr (error->message, refusal->words));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  assert_text (self, ETC, "# old\n");
  g_assert_cmpuint (count_files (self), ==, 1);
}

/* in place, but nobody was told: said so */
static void
test_not_told (Bench *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  put_udevadm (self, 1);
  g_assert_false (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "no daemon"));
  assert_installed (self);
}

/* whatever goes wrong in the middle, the old file stays as it was. @data: lines that spoil it */
static void
test_never_half (Bench *self, gconstpointer data)
{
  put (self, ETC, "# old\n");
  put_pkexec (self, data);
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
  assert_text (self, ETC, "# old\n");
  assert_text (self, "log", NULL);
  g_assert_cmpuint (count_files (self), ==, 1);
}

/* killed in the middle of writing, so that nothing can be tidied: what is left does not count for udev */
static void
test_killed (Bench *self, gconstpointer data)
{
  g_autofree char *folder = at (self, "etc/udev/rules.d");
  g_autoptr (GDir) dir = NULL;
  const char *name;

  put (self, ETC, "# old\n");
  put (self, "bin/cat", "#!/bin/sh\nhead -c 400\nkill -KILL $PPID\n");
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
  assert_text (self, ETC, "# old\n");
  g_assert_cmpuint (count_files (self), ==, 2);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_true (g_str_equal (name, UB_USB_RULES_NAME) || !g_str_has_suffix (name, ".rules"));
}

/* where the folder or the file should be there is something else */
static void
test_in_the_way (Bench *self, gconstpointer data)
{
  g_autofree char *etc = at (self, "etc");
  g_autofree char *path = at (self, ETC);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
  g_assert_cmpuint (count_files (self), ==, 1);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  empty_folder (etc);
  put (self, "etc/udev", "a file");
  assert_fails (self, UB_ERROR, UB_ERROR_FILE_WRITE);
  assert_text (self, "etc/udev", "a file");
}

static void
test_not_a_program (Bench *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  put (self, "pkexec", "");
  g_assert_cmpint (g_chmod (self->pkexec, 0644), ==, 0);
  g_assert_false (ub_usb_cure_install_at (&self->place, NULL, &error));
  g_assert_nonnull (error);
}

/* the computer asks for a password, and meanwhile the dialog is closed */
typedef struct
{
  char         *marker;
  GCancellable *cancellable;
} Closing;

static gpointer
close_dialog (gpointer data)
{
  Closing *closing = data;
  gint64   end = g_get_monotonic_time () + PATIENCE;

  while (!g_file_test (closing->marker, G_FILE_TEST_EXISTS) && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_cancellable_cancel (closing->cancellable);
  return NULL;
}

static void
test_cancelled (Bench *self, gconstpointer data)
{
  g_autofree char *asks = g_strdup_printf ("#!/bin/sh\n: >%s/marker\nexec sleep 600\n", self->root);
  g_autofree char *marker = at (self, "marker");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Closing closing = { marker, cancellable };
  g_autoptr (GError) error = NULL;
  GThread *thread;

  put (self, "pkexec", asks);
  thread = g_thread_new ("close", close_dialog, &closing);
  g_assert_false (ub_usb_cure_install_at (&self->place, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_true (g_file_test (marker, G_FILE_TEST_EXISTS));
  g_assert_cmpint (get_state (self), ==, UB_PERMISSION_MISSING);
}

#define ADD(path, data, test) g_test_add (path, Bench, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usb/cure/rules", test_rules);
  g_test_add_func ("/usb/cure/own-words", test_own_words);
  g_test_add_func ("/usb/cure/own-rules", test_own_rules);
  ADD ("/usb/cure/own", NULL, test_own);
  ADD ("/usb/cure/folders", NULL, test_folders);
  ADD ("/usb/cure/unreadable", NULL, test_unreadable);
  ADD ("/usb/cure/other-name", NULL, test_other_name);
  ADD ("/usb/cure/permission", NULL, test_permission);
  ADD ("/usb/cure/no-pkexec", NULL, test_no_pkexec);
  ADD ("/usb/cure/root", NULL, test_root);
  ADD ("/usb/cure/flatpak", NULL, test_sandbox);
  ADD ("/usb/cure/snap", "snap", test_sandbox);
  ADD ("/usb/cure/seat", NULL, test_seat);
  ADD ("/usb/cure/line", NULL, test_line);
  ADD ("/usb/cure/line-plain", NULL, test_line_plain);
  ADD ("/usb/cure/install", NULL, test_install);
  ADD ("/usb/cure/install-over-old", "# old\n", test_install);
  ADD ("/usb/cure/install-anew", NULL, test_install_anew);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/usb/cure/refused/%u", i);

      ADD (path, &refusals[i], test_refused);
    }
  ADD ("/usb/cure/not-told", NULL, test_not_told);
  ADD ("/usb/cure/half-came", "head -c 400 |", test_never_half);
  ADD ("/usb/cure/nothing-came", ": |", test_never_half);
  ADD ("/usb/cure/killed", NULL, test_killed);
  ADD ("/usb/cure/in-the-way", NULL, test_in_the_way);
  ADD ("/usb/cure/not-a-program", NULL, test_not_a_program);
  ADD ("/usb/cure/cancelled", NULL, test_cancelled);
  return g_test_run ();
}
