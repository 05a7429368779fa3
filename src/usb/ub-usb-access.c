/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-access.h"

#include <errno.h>
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
ub_usb_access_find_holder (const char *node, const char *syspath)
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
  program = ub_usb_access_find_program ("/proc", (const char *const *) paths);
  return program != NULL ? program : g_steal_pointer (&driver);
}
