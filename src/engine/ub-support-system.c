/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-support-system.h"

#include <gio/gio.h>
#include <locale.h>
#include <string.h>
#include <sys/utsname.h>

#define MAX_SIZE 65536 /* bytes of a file about the system */

/* (nullable) */
static char *
read_file (const char *root, const char *path)
{
  g_autofree char *whole = g_strconcat (root, path, NULL);
  g_autofree char *text = NULL;
  gsize            length = 0;

  if (!g_file_get_contents (whole, &text, &length, NULL) || length > MAX_SIZE)
    return NULL;
  return g_steal_pointer (&text);
}

/* a value of os-release(5), without its quotes; (nullable) */
static char *
dup_os_value (const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], name) && lines[i][strlen (name)] == '=')
      {
        const char *value = lines[i] + strlen (name) + 1;
        char       *plain = g_shell_unquote (value, NULL);

        return plain != NULL ? plain : g_strdup (value);
      }
  return NULL;
}

static void
append_os (GString *text, const char *what, const char *release)
{
  g_autofree char *name = release != NULL ? dup_os_value (release, "PRETTY_NAME") : NULL;

  g_string_append_printf (text, "%s: %s\n", what, name != NULL ? name : "unknown");
}

static void
append_key (GString *text, GKeyFile *file, const char *group, const char *key)
{
  g_autofree char *value = g_key_file_get_string (file, group, key, NULL);

  if (value != NULL && *value != '\0')
    g_string_append_printf (text, "Flatpak %s: %s\n", key, value);
}

static void
append_flatpak (GString *text, const char *info)
{
  static const struct
  {
    const char *group, *key;
  } keys[] = {
    { "Application", "runtime" },      { "Instance", "branch" },     { "Instance", "app-commit" },
    { "Instance", "flatpak-version" }, { "Context", "shared" },      { "Context", "sockets" },
    { "Context", "devices" },          { "Context", "filesystems" },
  };
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_string_append (text, "Installed as: Flatpak\n");
  if (!g_key_file_load_from_data (file, info, strlen (info), G_KEY_FILE_NONE, NULL))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    append_key (text, file, keys[i].group, keys[i].key);
}

static void
append_installation (GString *text, const char *root)
{
  g_autofree char *info = read_file (root, "/.flatpak-info");
  g_autofree char *own = read_file (root, "/etc/os-release");
  g_autofree char *host = NULL;

  if (info == NULL)
    {
      append_os (text, "System", own);
      return;
    }
  host = read_file (root, "/run/host/os-release");
  append_flatpak (text, info);
  append_os (text, "Runtime", own);
  append_os (text, "System", host);
}

/* the computer's name is in it, too: not taken */
static void
append_kernel (GString *text)
{
  struct utsname name;

  if (uname (&name) == 0)
    g_string_append_printf (text, "Kernel: %s %s %s\n", name.sysname, name.release, name.machine);
}

static void
append_variable (GString *text, const char *what, const char *variable)
{
  const char *value = g_getenv (variable);

  g_string_append_printf (text,
                          "%s: %s\n",
                          what,
                          value != NULL && *value != '\0' ? value : "not told");
}

void
ub_support_system_append (GString *text, const char *root)
{
  const char *language = setlocale (LC_MESSAGES, NULL);

  append_installation (text, root);
  append_kernel (text);
  append_variable (text, "Desktop", "XDG_CURRENT_DESKTOP");
  append_variable (text, "Session", "XDG_SESSION_TYPE");
  g_string_append_printf (text, "Language: %s\n", language != NULL ? language : "not told");
}
