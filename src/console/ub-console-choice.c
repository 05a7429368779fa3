/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "console/ub-console-private.h"
#include "console/ub-console-progress.h"
#include "engine/ub-history.h"
#include "engine/ub-safety-copy.h"
#include "wire/ub-key.h"

#include <errno.h>
#include <glib/gi18n.h>

gboolean
ub_console_parse_size (const char *text, guint64 *size)
{
  char    *end = NULL;
  guint64  number = 0;
  guint    shift = 0;
  gboolean is_hex = g_ascii_strncasecmp (text, "0x", 2) == 0;

  if (!g_ascii_isdigit (*text) || (is_hex && !g_ascii_isxdigit (text[2])))
    return FALSE;
  errno = 0;
  number = g_ascii_strtoull (text, &end, is_hex ? 16 : 10);
  if (errno != 0)
    return FALSE;
  if (g_ascii_toupper (*end) == 'K')
    shift = 10;
  else if (g_ascii_toupper (*end) == 'M')
    shift = 20;
  else if (g_ascii_toupper (*end) == 'G')
    shift = 30;
  if (shift > 0)
    end++;

  return *end == '\0' && g_uint64_checked_mul (size, number, G_GUINT64_CONSTANT (1) << shift);
}

/* "a,b" and "c" are three */
static char **
split_names (char **lists)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; lists[i]; i++)
    {
      g_auto (GStrv) names = g_strsplit (lists[i], ",", -1);

      for (guint n = 0; names[n]; n++)
        if (*g_strstrip (names[n]))
          g_strv_builder_add (builder, names[n]);
    }

  return g_strv_builder_end (builder);
}

static const struct
{
  const char    *word;
  UbQuestionKind question;
} consents[] = {
  { "danger", UB_QUESTION_DANGER },
  { "incomplete-copy", UB_QUESTION_COPY_INCOMPLETE },
  { "repair", UB_QUESTION_REPAIR },
  { "cable", UB_QUESTION_CABLE },
};

static guint
find_consent (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (consents); i++)
    if (g_ascii_strcasecmp (consents[i].word, word) == 0)
      return 1u << consents[i].question;

  return 0;
}

static int
read_consents (UbConsole *self)
{
  g_auto (GStrv) words = self->accept ? g_strsplit (self->accept, ",", -1) : NULL;

  for (guint i = 0; words && words[i]; i++)
    {
      guint consent = find_consent (g_strstrip (words[i]));

      if (consent == 0)
        return ub_console_print_usage (
            _ ("There is nothing called “%s” to accept; there are “danger”, “incomplete-copy”, "
               "“repair” and “cable”."),
            words[i]);
      self->consents |= consent;
    }
  /* whoever says yes to a repair says it to writing what differs: there is no other question in it */
  if (self->yes)
    self->consents |= 1u << UB_QUESTION_REPAIR;

  return UB_CONSOLE_EXIT_OK;
}

int
ub_console_read_lists (UbConsole *self)
{
  if (self->parts)
    {
      self->names = split_names (self->parts);
      if (!self->names[0])
        return ub_console_print_usage (_ ("--part needs a name."));
    }

  return read_consents (self);
}

static gboolean
check_file (const char *path, GFileTest test, GError **error)
{
  UbError code = UB_ERROR_FILE_MISSING;

  if (path == NULL || g_file_test (path, test))
    return TRUE;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    code = UB_ERROR_FILE_READ;
  else if (ub_place_is_hidden (path))
    code = UB_ERROR_NOT_SHARED;
  g_set_error (error, UB_ERROR, code, "%s", path);

  return FALSE;
}

/* nobody should have to plug in a phone first to be told of a slip of the fingers */
int
ub_console_check_files (UbConsole *self)
{
  char **paths = self->memory_from;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbKey) key = NULL;
  gboolean ok = check_file (self->auth, G_FILE_TEST_IS_REGULAR, &error) &&
                check_file (self->cert, G_FILE_TEST_IS_REGULAR, &error);

  for (guint i = 0; ok && paths && paths[i]; i++)
    ok = check_file (paths[i], G_FILE_TEST_IS_REGULAR | G_FILE_TEST_IS_DIR, &error);
  if (ok && self->key)
    ok = (key = ub_key_open (self->key, &error)) != NULL;

  return ok ? UB_CONSOLE_EXIT_OK : ub_console_print_error (error, FALSE);
}

void
ub_console_fill_options (UbConsole *self, UbSessionOptions *options)
{
  options->agent = self->agent;
  options->auth_file = self->auth;
  options->cert_file = self->cert;
  options->key_file = self->key;
  options->port = self->port;
  options->wait_ms = (guint) self->wait * 1000;
}

static int
read_range (UbConsole *self, UbPlanTarget *target)
{
  g_auto (GStrv) words = g_strsplit (self->range, ":", -1);

  if (g_strv_length (words) != 3)
    return ub_console_print_usage (
        _ ("“%s” is not a range; one looks like EMMC_USER:0:64M, or EMMC_USER:0x8000:end."),
        self->range);
  target->region = ub_region_from_string (words[0]);
  if (target->region == UB_REGION_UNKNOWN || target->region == UB_REGION_EMMC_BOOT1_BOOT2 ||
      target->region == UB_REGION_UFS_LU0_LU1)
    return ub_console_print_usage (
        _ ("There is no region “%s”; there are EMMC_BOOT1, EMMC_BOOT2, EMMC_USER and their kin."),
        words[0]);
  if (!ub_console_parse_size (words[1], &target->offset))
    return ub_console_print_usage (_ ("“%s” is not a size; one looks like 4096, 0x1000, 64M."),
                                   words[1]);
  if (g_str_equal (words[2], "end"))
    target->length = G_MAXUINT64;
  else if (!ub_console_parse_size (words[2], &target->length))
    return ub_console_print_usage (_ ("“%s” is not a size; one looks like 4096, 0x1000, 64M."),
                                   words[2]);
  if (target->length == 0)
    return ub_console_print_usage (_ ("There is nothing in “%s”."), self->range);

  return UB_CONSOLE_EXIT_OK;
}

int
ub_console_read_target (UbConsole *self, UbPlanTarget *target)
{
  *target = (UbPlanTarget){ .with_boot = self->boot, .expert = self->expert };
  if ((self->names != NULL) + (self->range != NULL) + (self->all != FALSE) > 1)
    return ub_console_print_usage (_ ("--part, --range and --all are three different things."));
  if (self->range)
    return read_range (self, target);
  target->names = (const char *const *) self->names;
  target->whole = !self->names;

  return UB_CONSOLE_EXIT_OK;
}

static void
on_unpack (const char *what, double fraction, gpointer user_data)
{
  ub_console_progress_show (user_data, what, fraction);
}

static UbFirmware *
open_firmware (UbConsole *self, const char *path, GError **error)
{
  g_autoptr (UbConsoleProgress) progress = ub_console_progress_new_standard (TRUE);
  /* a job that goes on may be started from elsewhere */
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return ub_firmware_open (absolute, NULL, on_unpack, progress, self->cancellable, error);
}

UbFirmware *
ub_console_open_firmware (UbConsole *self, GError **error)
{
  gboolean named = self->paths && self->paths[0];

  return open_firmware (self, named ? self->paths[0] : self->setup->practice_folder, error);
}

UbFirmware *
ub_console_open_lender (UbConsole *self, GError **error)
{
  const char *path = self->firmware ? self->firmware : self->setup->practice_folder;

  return path ? open_firmware (self, path, error) : NULL;
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

static gboolean
parse_preloader (const char *text, UbPreloaderRule *rule)
{
  static const char *const words[] = { [UB_PRELOADER_AUTO] = "auto",
                                       [UB_PRELOADER_WRITE] = "write",
                                       [UB_PRELOADER_SKIP] = "skip" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        *rule = (UbPreloaderRule) i;
        return TRUE;
      }

  return FALSE;
}

/* what can be said wrong without looking into the firmware */
int
ub_console_read_mode (UbConsole *self, UbMode *mode, UbPreloaderRule *preloader)
{
  *mode = UB_MODE_DOWNLOAD_ONLY;
  *preloader = UB_PRELOADER_AUTO;
  if (self->mode && (!ub_mode_from_string (self->mode, mode) || *mode > UB_MODE_REPAIR))
    return ub_console_print_usage (
        _ ("There is no mode “%s”; there are “download”, “upgrade”, “format” and “repair”."),
        self->mode);
  if (self->preloader && !parse_preloader (self->preloader, preloader))
    return ub_console_print_usage (
        _ ("There is no rule “%s” for the preloader; there are “auto”, “write” and “skip”."),
        self->preloader);

  return UB_CONSOLE_EXIT_OK;
}

UbPlan *
ub_console_make_plan (UbConsole *self, UbFirmware *firmware, int *status)
{
  g_auto (GStrv) only = self->only ? split_names ((char *[]){ self->only, NULL }) : NULL;
  UbPlanChoice choice = { .only = (const char *const *) only,
                          .expert = self->expert,
                          .verify_all = self->verify,
                          .slots = self->both_sets ? UB_SLOTS_BOTH : UB_SLOTS_ACTIVE };
  const char  *unknown = NULL;

  *status = ub_console_read_mode (self, &choice.mode, &choice.preloader);
  if (*status != UB_CONSOLE_EXIT_OK)
    return NULL;
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

  return ub_plan_new (firmware, &choice);
}

/* under another data folder everything is called as in the user's own */
static char *
dup_folder (UbConsole *self, const char *standard)
{
  const char      *data = self->data_dir ? self->data_dir : self->setup->data_folder;
  g_autofree char *name = g_path_get_basename (standard);

  return data ? g_build_filename (data, name, NULL) : NULL;
}

char *
ub_console_dup_copies_folder (UbConsole *self)
{
  g_autofree char *standard = ub_safety_copy_dup_root ();

  return self->copies ? g_strdup (self->copies) : dup_folder (self, standard);
}

char *
ub_console_dup_journal_folder (UbConsole *self)
{
  g_autofree char *standard = ub_journal_dup_default_folder ();

  return dup_folder (self, standard);
}

char *
ub_console_dup_reports_folder (UbConsole *self)
{
  g_autoptr (UbHistory) history = ub_history_new (NULL);

  return dup_folder (self, ub_history_get_folder (history));
}
