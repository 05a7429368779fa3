/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "console/ub-console-private.h"
#include "engine/ub-safety-copy.h"

static char *
dup_key (UbBackup *backup)
{
  UbPhoneInfo *phone = ub_backup_get_phone (backup);

  return phone ? ub_phone_info_dup_key (phone) : g_strdup ("");
}

/* --- list --- */

static void
print_copy (UbBackup *backup)
{
  g_autofree char *time = g_date_time_format (ub_backup_get_time (backup), "%Y-%m-%d %H:%M");
  g_autofree char *size = ub_console_dup_size (ub_backup_get_size (backup));
  g_autofree char *folder = ub_place_dup_shown (ub_backup_get_folder (backup));
  const char      *project = ub_backup_get_project (backup);

  g_print ("  %s  %10s  %-20s %s\n",
           time,
           size,
           project && *project ? project : "-",
           folder);
}

static void
print_phone_title (UbBackup *backup)
{
  UbPhoneInfo     *phone = ub_backup_get_phone (backup);
  g_autofree char *chip = phone ? ub_phone_info_dup_chip_text (phone) : g_strdup ("?");
  g_autofree char *storage = phone ? ub_phone_info_dup_storage_text (phone) : g_strdup ("?");
  g_autofree char *key = dup_key (backup);

  g_print ("%s: %s, %s, %s\n", _ ("Phone"), chip, storage, key);
}

/* each phone with all of its copies, the one with the newest copy first */
static void
print_list (GPtrArray *copies)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (copies->len == 0)
    g_print ("%s\n", _ ("There are no safety copies."));
  for (guint i = 0; i < copies->len; i++)
    {
      UbBackup        *first = g_ptr_array_index (copies, i);
      g_autofree char *key = dup_key (first);

      if (!g_hash_table_add (seen, g_strdup (key)))
        continue;
      print_phone_title (first);
      for (guint n = i; n < copies->len; n++)
        {
          UbBackup        *backup = g_ptr_array_index (copies, n);
          g_autofree char *other = dup_key (backup);

          if (g_str_equal (key, other))
            print_copy (backup);
        }
    }
}

static void
add_part_json (JsonBuilder *builder, const UbBackupPart *part)
{
  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "name", part->name);
  ub_console_add_string_json (builder, "region", ub_region_to_string (part->region));
  ub_console_add_int_json (builder, "offset", part->offset);
  ub_console_add_int_json (builder, "length", part->length);
  ub_console_add_boolean_json (builder, "protected", part->is_protected);
  ub_console_add_boolean_json (builder, "missing", part->is_missing);
  json_builder_end_object (builder);
}

static void
add_copy_json (JsonBuilder *builder, UbBackup *backup)
{
  GPtrArray       *parts = ub_backup_get_parts (backup);
  g_autofree char *time = g_date_time_format_iso8601 (ub_backup_get_time (backup));
  g_autofree char *key = dup_key (backup);

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "path", ub_backup_get_folder (backup));
  ub_console_add_string_json (builder, "time", time);
  ub_console_add_string_json (builder, "phone", key);
  ub_console_add_string_json (builder, "project", ub_backup_get_project (backup));
  ub_console_add_int_json (builder, "size", ub_backup_get_size (backup));
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < parts->len; i++)
    add_part_json (builder, g_ptr_array_index (parts, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_list_json (GPtrArray *copies)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "copies");
  json_builder_begin_array (builder);
  for (guint i = 0; i < copies->len; i++)
    add_copy_json (builder, g_ptr_array_index (copies, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ub_console_print_json (builder);
}

static int
list (UbConsole *self, const char *root)
{
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (root, NULL);

  if (self->json)
    print_list_json (copies);
  else
    print_list (copies);

  return UB_CONSOLE_EXIT_OK;
}

/* --- verify --- */

static int
verify_one (UbConsole *self, UbBackup *backup)
{
  g_autoptr (GError) error = NULL;

  if (ub_console_verify_backup (self, backup, &error))
    {
      /* Translators: a safety copy was checked, and nothing is wrong with it */
      ub_console_say (self, "%s: %s", ub_backup_get_folder (backup), _ ("good"));
      return UB_CONSOLE_EXIT_OK;
    }

  return ub_console_print_error (error, FALSE);
}

static int
verify_all (UbConsole *self, const char *root)
{
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (root, NULL);
  int worst = UB_CONSOLE_EXIT_OK;

  if (copies->len == 0)
    ub_console_say (self, "%s", _ ("There are no safety copies."));
  for (guint i = 0; i < copies->len && worst != UB_CONSOLE_EXIT_CANCELLED; i++)
    {
      int status = verify_one (self, g_ptr_array_index (copies, i));

      worst = status != UB_CONSOLE_EXIT_OK ? status : worst;
    }

  return worst;
}

/* any copy may be looked at, a readback, too */
static int
verify (UbConsole *self, const char *root)
{
  if (!self->paths[1])
    return verify_all (self, root);
  for (guint i = 1; self->paths[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbBackup) backup = ub_backup_open (self->paths[i], &error);
      int status = backup ? verify_one (self, backup) : ub_console_print_error (error, FALSE);

      if (status != UB_CONSOLE_EXIT_OK)
        return status;
    }

  return UB_CONSOLE_EXIT_OK;
}

/* --- remove, prune --- */

/* the copy in @path, if it is one of ours: nothing else is ever removed */
static UbBackup *
find_copy (GPtrArray *copies, const char *path)
{
  g_autofree char *folder = g_canonicalize_filename (path, NULL);

  for (guint i = 0; i < copies->len; i++)
    {
      g_autofree char *other =
          g_canonicalize_filename (ub_backup_get_folder (g_ptr_array_index (copies, i)), NULL);

      if (g_str_equal (folder, other))
        return g_ptr_array_index (copies, i);
    }

  return NULL;
}

/* (transfer full): folders that unfinished jobs cannot do without, NULL-terminated */
static char **
list_needed (UbConsole *self)
{
  g_autofree char *folder = ub_console_dup_journal_folder (self);
  g_autoptr (GPtrArray) jobs = ub_journal_list (folder);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < jobs->len; i++)
    if (ub_journal_get_copy (g_ptr_array_index (jobs, i)))
      g_strv_builder_add (builder, ub_journal_get_copy (g_ptr_array_index (jobs, i)));

  return g_strv_builder_end (builder);
}

static int
remove_copy (UbConsole *self, const char *root)
{
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (root, NULL);
  g_auto (GStrv) needed = list_needed (self);
  g_autoptr (GError) error = NULL;
  UbBackup *backup = NULL;
  int       status = UB_CONSOLE_EXIT_OK;

  if (!self->paths[1] || self->paths[2])
    return ub_console_print_usage (_ ("“copies remove” needs the folder of one copy."));
  if (!(backup = find_copy (copies, self->paths[1])))
    return ub_console_print_usage (_ ("%s is none of the safety copies."), self->paths[1]);
  if (g_strv_contains ((const char *const *) needed, ub_backup_get_folder (backup)))
    return ub_console_print_usage (_ ("An unfinished job needs this copy: finish it or give it up "
                                      "first, by “go-on”."));
  g_printerr ("%s: %s\n", _ ("Will be removed"), ub_backup_get_folder (backup));
  if ((status = ub_console_ask_confirm (self)) != UB_CONSOLE_EXIT_OK)
    return status;
  if (!ub_safety_copy_remove (backup, &error))
    return ub_console_print_error (error, FALSE);
  ub_console_say (self, "%s", _ ("Removed."));

  return UB_CONSOLE_EXIT_OK;
}

static int
prune (UbConsole *self, const char *root)
{
  g_auto (GStrv) needed = list_needed (self);
  guint64 size = 0;
  guint   n = 0;

  if (self->paths[1])
    return ub_console_print_usage (_ ("There is too much behind “%s”: %s"),
                                   "copies prune",
                                   self->paths[1]);
  if (self->days < 0 || (self->size && (!ub_console_parse_size (self->size, &size) || size == 0)))
    return ub_console_print_usage (_ ("“%s” is not a size; one looks like 4096, 0x1000, 64M."),
                                   self->size ? self->size : "");
  if (self->days == 0 && size == 0)
    return ub_console_print_usage (_ ("“copies prune” needs --days or --size."));
  n = ub_safety_copy_prune (root, (guint) self->days, size, (const char *const *) needed);
  ub_console_say (self, ngettext ("%u copy removed.", "%u copies removed.", n), n);

  return UB_CONSOLE_EXIT_OK;
}

int
ub_console_copies (UbConsole *self)
{
  static const struct
  {
    const char *word;
    int (*run) (UbConsole *self, const char *root);
  } words[] = {
    { "list", list },
    { "verify", verify },
    { "remove", remove_copy },
    { "prune", prune },
  };
  g_autofree char *root = ub_console_dup_copies_folder (self);

  if (!self->paths)
    return list (self, root);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (self->paths[0], words[i].word))
      return words[i].run (self, root);

  return ub_console_print_usage (
      _ ("“copies” does not know “%s”; there are “list”, “verify”, “remove” and “prune”."),
      self->paths[0]);
}
