/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>

#include "app/ub-application.h"
#include "base/ub-log.h"
#include "console/ub-console.h"
#include "phone/ub-practice-phone.h"
#include "usb/ub-usb-rules.h"
#include "usb/ub-usb-version.h"
#include "usb/ub-usb-watcher.h"

/* the practice phone's cable is as fast as a good real one, so that there is something to see */
#define PRACTICE_SPEED 20000000
#define PRACTICE_CHIP "MT6580"
#define PRACTICE_PLUG_MS 700
/* a large system image takes half of the practice phone, and this much is for all the rest */
#define PRACTICE_SPARE (128 * G_GUINT64_CONSTANT (1048576))

/* a phone that comes back by itself does so within this time */
#define PRACTICE_REPLUG_MS 1500
#define PRACTICE_SMALL (4 * G_GUINT64_CONSTANT (1048576))
#define PRACTICE_SMALL_BOOT (64 * G_GUINT64_CONSTANT (1024))

#define SERVICE "--gapplication-service"

#define PRACTICE_LARGEST (64 * G_GUINT64_CONSTANT (1073741824))

/**
 * Practice:
 *
 * What --practice=CHIP,WORD,WORD=VALUE… asks for, and what comes of it.
 */
typedef struct
{
  char             *words; /* (nullable): no practice */
  char             *chip;
  char             *folder; /* (nullable): where its firmware goes */
  UbEnter           enter;
  guint64           image; /* bytes of the system image; 0: some MiB */
  guint64           speed; /* bytes/s; 0: as fast as it goes */
  gboolean          sparse;
  gboolean          forgetful;
  gboolean          blank;  /* nothing on the phone yet */
  gboolean          small;  /* as little storage as there can be */
  gboolean          other;  /* a firmware whose table is not the phone's */
  gboolean          replug; /* somebody plugs it in again when the cable slips */
  UbStorage         storage;
  guint             secure; /* target config */
  gboolean          agent_login;
  char              slot; /* 0: the first */
  guint             serial;
  GPtrArray        *mischief; /* (element-type utf8) */
  gboolean          folder_is_ours;
  guint             hand;   /* source: the hand on its way to the plug; 0: none */
  UbPracticePhone  *phone;  /* (owned) (nullable) */
  UbPracticeSource *source; /* (weak) (nullable): the window's */
} Practice;

static void
practice_clear (Practice *self)
{
  g_clear_handle_id (&self->hand, g_source_remove);
  g_clear_weak_pointer (&self->source);
  g_clear_pointer (&self->phone, ub_practice_phone_free);
  g_clear_pointer (&self->mischief, g_ptr_array_unref);
  g_clear_pointer (&self->words, g_free);
  g_clear_pointer (&self->chip, g_free);
  g_clear_pointer (&self->folder, g_free);
}

static gboolean
bad_word (const char *word, GError **error)
{
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               _ ("--practice does not know “%s”"),
               word);

  return FALSE;
}

static gboolean
parse_size (const char *word, const char *text, guint64 *size, GError **error)
{
  return ub_console_parse_size (text, size) || bad_word (word, error);
}

static gboolean
parse_number (const char *word, const char *text, guint *number, GError **error)
{
  guint64 value = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &value, NULL))
    return bad_word (word, error);
  *number = (guint) value;

  return TRUE;
}

/* those that say what kind of phone it is */
static gboolean
parse_kind (Practice *self, const char *word)
{
  if (g_str_equal (word, "ufs"))
    self->storage = UB_STORAGE_UFS;
  else if (g_str_equal (word, "agent-login"))
    self->agent_login = TRUE;
  else if (g_str_equal (word, "slot=a") || g_str_equal (word, "slot=b"))
    self->slot = word[strlen ("slot=")];
  else
    return FALSE;

  return TRUE;
}

static gboolean
parse_word (Practice *self, const char *word, GError **error)
{
  if (g_str_equal (word, "sparse"))
    self->sparse = TRUE;
  else if (g_str_equal (word, "forgetful"))
    self->forgetful = TRUE;
  else if (g_str_equal (word, "boot-rom"))
    self->enter = UB_ENTER_BOOT_ROM;
  else if (g_str_equal (word, "blank"))
    self->blank = TRUE;
  else if (g_str_equal (word, "small"))
    self->small = TRUE;
  else if (g_str_equal (word, "other"))
    self->other = TRUE;
  else if (g_str_equal (word, "replug"))
    self->replug = TRUE;
  else if (g_str_has_prefix (word, "serial="))
    return parse_number (word, word + strlen ("serial="), &self->serial, error);
  else if (g_str_has_prefix (word, "secure="))
    return parse_number (word, word + strlen ("secure="), &self->secure, error);
  else if (g_str_has_prefix (word, "folder="))
    self->folder = g_strdup (word + strlen ("folder="));
  else if (g_str_has_prefix (word, "mischief="))
    g_ptr_array_add (self->mischief, g_strdup (word + strlen ("mischief=")));
  else if (g_str_has_prefix (word, "image="))
    return parse_size (word, word + strlen ("image="), &self->image, error);
  else if (g_str_has_prefix (word, "speed="))
    return parse_size (word, word + strlen ("speed="), &self->speed, error);
  else if (g_ascii_strncasecmp (word, "mt", 2) == 0)
    {
      g_free (self->chip);
      self->chip = g_ascii_strup (word, -1);
    }
  else if (!parse_kind (self, word))
    return bad_word (word, error);

  return TRUE;
}

static gboolean
practice_parse (Practice *self, GError **error)
{
  g_auto (GStrv) words = g_strsplit (self->words, ",", -1);

  self->chip = g_strdup (PRACTICE_CHIP);
  self->speed = PRACTICE_SPEED;
  self->mischief = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; words[i]; i++)
    if (*words[i] && !parse_word (self, words[i], error))
      return FALSE;
  if (self->image > PRACTICE_LARGEST)
    return bad_word ("image", error);

  return TRUE;
}

/* makes the phone and writes a firmware for it. @keep: into the cache, where the window's list of
 * recent ones finds it again */
static gboolean
practice_make (Practice *self, gboolean keep, GError **error)
{
  UbPracticePhoneOptions options = { 0 };

  if (!practice_parse (self, error))
    return FALSE;
  options.chip = self->chip;
  options.enter = self->enter;
  options.serial = self->serial;
  options.storage = self->storage;
  options.target_config = self->secure;
  options.agent_login = self->agent_login;
  options.active_slot = self->slot;
  options.blank = self->blank;
  options.boot_size = self->small ? PRACTICE_SMALL_BOOT : 0;
  options.user_size = self->small       ? PRACTICE_SMALL
                      : self->image > 0 ? 2 * self->image + PRACTICE_SPARE
                                        : 0;
  if (!(self->phone = ub_practice_phone_new (&options, error)))
    return FALSE;
  ub_practice_phone_set_forgetful (self->phone, self->forgetful);
  for (guint i = 0; i < self->mischief->len; i++)
    if (!ub_practice_phone_mischief (self->phone, g_ptr_array_index (self->mischief, i), error))
      return FALSE;

  if (!self->folder && keep)
    self->folder =
        g_build_filename (g_get_user_cache_dir (), "unbrick", "practice", self->chip, NULL);
  else if (!self->folder)
    {
      self->folder_is_ours = TRUE;
      if (!(self->folder = g_dir_make_tmp ("unbrick-practice-XXXXXX", error)))
        return FALSE;
    }
  if (g_mkdir_with_parents (self->folder, 0755) != 0)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   g_io_error_from_errno (errno),
                   "%s: %s",
                   self->folder,
                   g_strerror (errno));
      return FALSE;
    }

  if (self->other)
    return ub_practice_firmware_write_other (self->phone,
                                             self->folder,
                                             self->image,
                                             self->sparse,
                                             error);

  return ub_practice_firmware_write (self->phone, self->folder, self->image, self->sparse, error);
}

/* @depth: a practice firmware has no more than one folder in its own */
static void
remove_folder (const char *folder, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_unlink (path) != 0 && depth > 0)
        remove_folder (path, depth - 1);
    }
  g_rmdir (folder);
}

static void
practice_remove_folder (Practice *self)
{
  if (self->folder_is_ours && self->folder)
    remove_folder (self->folder, 1);
}

/* --practice may stand anywhere: it is about the cable, not about a verb. Its words are joined to
 * it by "=", so that
 * "--practice PATH" opens PATH */
static char *
take_practice (char **arguments)
{
  char *words = NULL;
  guint kept = 0;

  for (guint i = 0; arguments[i]; i++)
    if (g_str_equal (arguments[i], "--practice") || g_str_has_prefix (arguments[i], "--practice="))
      {
        g_free (words);
        words = g_strdup (arguments[i] + strlen ("--practice") +
                          (arguments[i][strlen ("--practice")] == '='));
        g_free (arguments[i]);
      }
    else
      arguments[kept++] = arguments[i];
  arguments[kept] = NULL;

  return words;
}

/* what the bus starts the program with: the word is GApplication's own, and comes alone */
static gboolean
is_service (char **arguments)
{
  return arguments[0] && g_strcmp0 (arguments[1], SERVICE) == 0 && !arguments[2];
}

/* run from a build tree, schemas and translations are not where an installed program has them */
static void
find_own_data (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program ? g_path_get_dirname (program) : g_strdup (".");
  g_autofree char *schemas = g_build_filename (folder, "..", "data", NULL);
  g_autofree char *compiled = g_build_filename (schemas, "gschemas.compiled", NULL);
  g_autofree char *words = g_build_filename (folder, "..", "po", NULL);
  gboolean         built_here = g_file_test (compiled, G_FILE_TEST_EXISTS);

  if (built_here)
    g_setenv ("GSETTINGS_SCHEMA_DIR", schemas, FALSE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, built_here ? words : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

static gboolean
on_hand (gpointer user_data)
{
  Practice *practice = user_data;

  practice->hand = 0;
  if (practice->source)
    ub_practice_source_plug (practice->source);

  return G_SOURCE_REMOVE;
}

static void
on_practice_sighting (const UbSighting *sighting, gpointer user_data)
{
  Practice *practice = user_data;

  g_clear_handle_id (&practice->hand, g_source_remove);
  /* one that was never there is plugged in by its source */
  if (!sighting->present && sighting->kind != UB_SIGHTING_NOTHING)
    practice->hand = g_timeout_add (PRACTICE_REPLUG_MS, on_hand, practice);
}

static UbLinkSource *
make_console_source (Practice *practice)
{
  UbLinkSource *source = NULL;

  if (!practice->phone)
    return ub_usb_watcher_new ();
  source = ub_practice_source_new (practice->phone, TRUE, practice->speed, PRACTICE_PLUG_MS);
  g_set_weak_pointer (&practice->source, UB_PRACTICE_SOURCE (source));
  if (practice->replug)
    ub_link_source_subscribe (source, NULL, on_practice_sighting, practice);

  return source;
}

static int
run_console (Practice *practice, char **arguments, UbLog *log)
{
  g_autoptr (UbLinkSource) source = NULL;
  g_autoptr (UbAgentLibrary) agents = ub_agent_library_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree char *libraries = ub_usb_version_dup_text ();
  UbConsoleSetup   setup = { .agents = agents, .log = log, .libraries = libraries };
  int              status = UB_CONSOLE_EXIT_OK;

  if (practice->words && !practice_make (practice, FALSE, &error))
    {
      g_printerr ("%s\n", error->message);
      practice_remove_folder (practice);
      return g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE)
                 ? UB_CONSOLE_EXIT_USAGE
                 : UB_CONSOLE_EXIT_FAILED;
    }
  source = make_console_source (practice);
  setup.source = source;
  setup.practice_folder = practice->folder;
  /* what a practice phone leaves must not be found among that of real ones */
  data = practice->phone
             ? g_build_filename (g_get_user_cache_dir (), "unbrick", "practice-data", NULL)
             : NULL;
  setup.data_folder = data;
  status = ub_console_run ((int) g_strv_length (arguments), arguments, &setup);
  g_clear_object (&source);
  practice_remove_folder (practice);

  return status;
}

/* the window may change between practice and real phones as often as it likes; there is one
 * practice phone for all of it */
static UbLinkSource *
make_source (gboolean wanted, char **firmware_folder, gpointer user_data)
{
  Practice     *practice = user_data;
  UbLinkSource *source = NULL;
  g_autoptr (GError) error = NULL;

  if (!wanted)
    return ub_usb_watcher_new ();
  if (!practice->words)
    practice->words = g_strdup ("");
  if (!practice->phone && !practice_make (practice, TRUE, &error))
    {
      g_warning ("no practice phone: %s", error->message);
      return NULL;
    }
  source = ub_practice_source_new (practice->phone, TRUE, practice->speed, G_MAXUINT);
  g_set_weak_pointer (&practice->source, UB_PRACTICE_SOURCE (source));
  if (firmware_folder)
    *firmware_folder = g_strdup (practice->folder);

  return source;
}

static void
plug (gboolean in, gpointer user_data)
{
  Practice *practice = user_data;

  if (!practice->source)
    return;
  if (in)
    ub_practice_source_plug (practice->source);
  else
    ub_practice_source_unplug (practice->source);
}

static UbSupport *
make_support (UbLog *log)
{
  g_autofree char *usb = ub_usb_version_dup_text ();
  g_autofree char *libraries = g_strdup_printf ("GTK %u.%u.%u, %s",
                                                gtk_get_major_version (),
                                                gtk_get_minor_version (),
                                                gtk_get_micro_version (),
                                                usb);

  return ub_support_new (log, libraries);
}

/* a path, or an address as the desktop has them */
static char *
dup_absolute (const char *word)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (word);
  char *path = g_file_get_path (file);

  return path ? path : g_file_get_uri (file);
}

/* @word (nullable): a file to open, or SERVICE */
static int
run_window (Practice *practice, const char *program, const char *word, UbLog *log)
{
  gboolean service = g_strcmp0 (word, SERVICE) == 0;
  g_autoptr (UbAgentLibrary) agents = ub_agent_library_new (NULL);
  g_autofree char *folder = NULL;
  g_autofree char *absolute = word && !service ? dup_absolute (word) : NULL;
  g_autoptr (UbSupport) support = make_support (log);
  g_autoptr (UbLinkSource) source = make_source (practice->words != NULL, &folder, practice);
  g_autoptr (UbApplication) application = NULL;
  UbPracticeControls controls = { .plug = plug, .user_data = practice };
  /* through GApplication: another window that is there already is to open it. A practice phone has a window of its own */
  char *arguments[] = { (char *) program,
                        service           ? (char *) SERVICE
                        : practice->words ? NULL
                                          : absolute,
                        NULL };

  if (!source)
    return UB_CONSOLE_EXIT_FAILED;
  application = ub_application_new (source, agents, practice->words != NULL);
  if (practice->words)
    ub_application_set_open_path (application, absolute ? absolute : folder);
  ub_application_set_support (application, support);
  ub_application_set_source_factory (application, make_source, practice);
  ub_application_set_practice_controls (application, &controls);

  return g_application_run (G_APPLICATION (application), arguments[1] ? 2 : 1, arguments);
}

static GOptionContext *
make_context (gboolean *console, gboolean *version, gboolean *rules, char ***paths)
{
  const GOptionEntry entries[] = {
    { "console",
      0,
      0,
      G_OPTION_ARG_NONE,
      console,
      N_ ("Work in the terminal, without a window"),
      NULL },
    /* taken out before these are read, see take_practice(); here for --help */
    { "practice[=CHIP]",
      0,
      0,
      G_OPTION_ARG_NONE,
      console,
      N_ ("Put a practice phone on the cable, with a firmware of its own"),
      NULL },
    { "print-udev-rules",
      0,
      0,
      G_OPTION_ARG_NONE,
      rules,
      N_ ("Print the rule that lets a user of this computer talk to phones, and stop"),
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, N_ ("Print the version and stop"), NULL },
    { G_OPTION_REMAINING,
      0,
      0,
      G_OPTION_ARG_FILENAME_ARRAY,
      paths,
      NULL,
      N_ ("[FIRMWARE | VERB…]") },
    { 0 },
  };
  GOptionContext  *context = g_option_context_new (NULL);
  g_autofree char *help = ub_console_dup_help ();

  g_option_context_set_summary (context,
                                _ ("Unbrick writes firmware to phones with a MediaTek chip."));
  g_option_context_set_description (context, help);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  /* what follows the verb is the verb's */
  g_option_context_set_strict_posix (context, TRUE);

  return context;
}

/* The rule goes through a pipe into a file of the system's: half of one must not pass for a whole.
 * @ids: (nullable): phones under their makers' own numbers, beside those of our table */
static int
print_rules (char **ids)
{
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *text = NULL;

  for (guint i = 0; ids && ids[i]; i++)
    if (!ub_usb_rules_parse_own (own, ids[i]))
      {
        /* Translators: %s is a word that should have been like 1bbb:f00f */
        g_printerr (_ ("“%s” is not a vendor and a product as in 1bbb:f00f, or one too many."),
                    ids[i]);
        g_printerr ("\n");
        return UB_CONSOLE_EXIT_USAGE;
      }
  text = ub_usb_rules_dup_text (own);

  return fputs (text, stdout) >= 0 && fflush (stdout) == 0 ? UB_CONSOLE_EXIT_OK
                                                           : UB_CONSOLE_EXIT_FAILED;
}

/* no window yet: somebody on the bus will want one */
static int
run_service (Practice *practice, const char *program, UbLog *log)
{
  return gtk_init_check () ? run_window (practice, program, SERVICE, log) : UB_CONSOLE_EXIT_FAILED;
}

/* what is left when this program's own words are taken away */
static int
run (Practice *practice, char **arguments, UbLog *log)
{
  gboolean console = FALSE, version = FALSE, rules = FALSE;
  g_auto (GStrv) paths = NULL;
  g_autoptr (GOptionContext) context = make_context (&console, &version, &rules, &paths);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup (arguments[0]);
  char            *nothing[] = { NULL };
  char            *flash[] = { (char *) "flash", NULL };

  if (!g_option_context_parse_strv (context, &arguments, &error))
    {
      g_printerr ("%s\n", error->message);
      return UB_CONSOLE_EXIT_USAGE;
    }
  if (version)
    {
      g_print ("unbrick %s\n", PACKAGE_VERSION);
      return UB_CONSOLE_EXIT_OK;
    }
  if (rules)
    return print_rules (paths);
  if (console)
    return run_console (practice, paths ? paths : nothing, log);
  if (paths && paths[1])
    {
      g_printerr ("%s\n", _ ("The window opens one firmware at a time."));
      return UB_CONSOLE_EXIT_USAGE;
    }
  if (gtk_init_check ())
    return run_window (practice, program, paths ? paths[0] : NULL, log);
  if (!practice->words || paths)
    {
      g_printerr (
          "%s\n",
          _ ("There is no display here for a window. “unbrick --console” works in the terminal."));
      return UB_CONSOLE_EXIT_FAILED;
    }
  g_printerr ("%s\n",
              _ ("There is no display here for a window: flashing the practice phone in the "
                 "terminal instead."));

  return run_console (practice, flash, log);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = g_strdupv (argv);
  Practice practice = { 0 };
  UbLog   *log = ub_log_new (0);
  int      status = 0;

  ub_log_install (log);
  find_own_data ();
  g_set_prgname ("unbrick");
  practice.words = take_practice (arguments);
  status = is_service (arguments) ? run_service (&practice, arguments[0], log)
                                  : run (&practice, arguments, log);
  practice_clear (&practice);

  return status;
}
