/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-access.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define NO_DRIVER "usbfs" /* a program, not one of the kernel's */

/* Never by open(): that would wake the thing, and be seen by it. */
UbAccess
ub_usb_access_check (const char *node)
{
  if (access (node, R_OK | W_OK) == 0)
    return UB_ACCESS_OK;
  return errno == EACCES || errno == EPERM || errno == EROFS ? UB_ACCESS_DENIED : UB_ACCESS_UNKNOWN;
}

static gboolean
has_open (const char *proc, const char *pid, const char *const *paths)
{
  g_autofree char *folder = g_build_filename (proc, pid, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (target != NULL && g_strv_contains (paths, target))
        return TRUE;
    }
  return FALSE;
}

static char *
read_program (const char *proc, const char *pid)
{
  g_autofree char *path = g_build_filename (proc, pid, "comm", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_utf8_make_valid (g_strstrip (text), -1);
}

char *
ub_usb_access_find_program (const char *proc, const char *const *paths)
{
  g_autoptr (GDir) dir = g_dir_open (proc, 0, NULL);
  g_autofree char *ours = g_strdup_printf ("%d", (int) getpid ());
  const char      *pid;

  while (dir != NULL && (pid = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (pid[0]) && !g_str_equal (pid, ours) && has_open (proc, pid, paths))
      return read_program (proc, pid);
  return NULL;
}

/* What takes ports of phones, the likeliest first, as the kernel (15 letters) and the command line
 * name it. ModemManager and brltty sit on terminals of the kernel's driver, the others on the whole thing. */
static const struct
{
  const char *program;
  const char *name; /* what a person calls it */
  gboolean    by_terminal;
} suspects[] = {
  { "ModemManager", "ModemManager", TRUE },
  { "brltty", "brltty", TRUE },
  { "flash_tool", "SP Flash Tool", FALSE },
  { "SP_Flash_Tool", "SP Flash Tool", FALSE },
  { "flash_tool.bin", "SP Flash Tool", FALSE },
  { "mtk", "mtkclient", FALSE },
  { "mtk.py", "mtkclient", FALSE },
  { "mtk_gui", "mtkclient", FALSE },
  { "mtk_gui.py", "mtkclient", FALSE },
  { "adb", "adb", FALSE },
  { "fastboot", "fastboot", FALSE },
};

/* The program itself, or the script that an interpreter runs. */
static gboolean
is_program (const char *proc, const char *pid, const char *comm, const char *program)
{
  g_autofree char *path = g_build_filename (proc, pid, "cmdline", NULL);
  g_autofree char *line = NULL;
  g_autofree char *script = NULL;
  const char      *second;
  gsize            size;

  if (g_str_equal (comm, program))
    return TRUE;
  if (!g_str_has_prefix (comm, "python") || !g_file_get_contents (path, &line, &size, NULL))
    return FALSE;
  second = memchr (line, '\0', size);
  if (second == NULL || (gsize) (second + 1 - line) >= size)
    return FALSE;
  script = g_path_get_basename (second + 1);
  return g_str_equal (script, program);
}

/* its rank, G_MAXUINT if it is none */
static guint
rank_suspect (const char *proc, const char *pid, const char *driver)
{
  g_autofree char *comm = read_program (proc, pid);

  for (guint i = 0; comm != NULL && i < G_N_ELEMENTS (suspects); i++)
    if (is_program (proc, pid, comm, suspects[i].program))
      return suspects[i].by_terminal == (driver != NULL) ? i : i + G_N_ELEMENTS (suspects);
  return G_MAXUINT;
}

char *
ub_usb_access_find_suspect (const char *proc, const char *driver)
{
  g_autoptr (GDir) dir = g_dir_open (proc, 0, NULL);
  guint       best = G_MAXUINT;
  const char *pid;

  while (dir != NULL && (pid = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *files = NULL;

      if (!g_ascii_isdigit (pid[0]))
        continue;
      files = g_build_filename (proc, pid, "fd", NULL);
      if (access (files, R_OK) == 0)
        continue; /* we have looked, and it does not */
      best = MIN (best, rank_suspect (proc, pid, driver));
    }
  return best != G_MAXUINT ? g_strdup (suspects[best % G_N_ELEMENTS (suspects)].name) : NULL;
}

/* /dev/ttyACM0 and the like, of one interface */
static void
add_terminals (const char *interface, GStrvBuilder *paths)
{
  g_autofree char *folder = g_build_filename (interface, "tty", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/dev", name, NULL);

      g_strv_builder_add (paths, path);
    }
}

static char *
read_driver (const char *interface)
{
  g_autofree char *path = g_build_filename (interface, "driver", NULL);
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *driver = target != NULL ? g_path_get_basename (target) : NULL;

  return g_strcmp0 (driver, NO_DRIVER) != 0 ? g_steal_pointer (&driver) : NULL;
}

char *
ub_usb_access_find_holder (const char *node, const char *syspath, gboolean *is_guess)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GDir) dir = syspath != NULL ? g_dir_open (syspath, 0, NULL) : NULL;
  g_auto (GStrv) paths = NULL;
  g_autofree char *driver = NULL;
  const char      *name;
  char            *program;

  g_strv_builder_add (builder, node);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *interface = NULL;

      if (strchr (name, ':') == NULL)
        continue;
      interface = g_build_filename (syspath, name, NULL);
      add_terminals (interface, builder);
      if (driver == NULL)
        driver = read_driver (interface);
    }
  paths = g_strv_builder_end (builder);
  *is_guess = FALSE;
  program = ub_usb_access_find_program ("/proc", (const char *const *) paths);
  if (program != NULL)
    return program;
  program = ub_usb_access_find_suspect ("/proc", driver);
  *is_guess = program != NULL;
  return program != NULL ? program : g_steal_pointer (&driver);
}
