/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware-private.h"

#include <string.h>

/* The maker's own files for phones that want them, where a package brings them. */

/* real ones have two or three thousand bytes */
#define MAX_BYTES (64 * 1024)

static gboolean
is_auth_name (const char *lower)
{
  return g_str_has_suffix (lower, ".auth");
}

static gboolean
is_cert_name (const char *lower)
{
  static const char *const names[] = { "root_cert.bin", "rootcert.bin", "cert.bin", NULL };

  return g_str_has_suffix (lower, ".cert") || g_strv_contains (names, lower);
}

static void
add_candidates (GPtrArray *found, UbFirmwareFolder *folder, gboolean (*is_name) (const char *))
{
  for (guint i = 0; i < folder->names->len; i++)
    {
      g_autofree char *lower = g_ascii_strdown (folder->names->pdata[i], -1);
      g_autofree char *path = g_build_filename (folder->path, folder->names->pdata[i], NULL);
      g_autoptr (GBytes) bytes =
                     is_name (lower) ? ub_firmware_folder_load (path, MAX_BYTES + 1, NULL) : NULL;

      if (bytes != NULL && g_bytes_get_size (bytes) > 0 && g_bytes_get_size (bytes) <= MAX_BYTES)
        g_ptr_array_add (found, g_steal_pointer (&path));
    }
}

static gboolean
is_equal (const char *a, const char *b)
{
  g_autoptr (GBytes) x = ub_firmware_folder_load (a, MAX_BYTES, NULL);
  g_autoptr (GBytes) y = ub_firmware_folder_load (b, MAX_BYTES, NULL);

  return x != NULL && y != NULL && g_bytes_equal (x, y);
}

/* one, or copies of one; which of several is meant is the person's to say */
static char *
take_only (GPtrArray *found, const char *what, GPtrArray *notes)
{
  for (guint i = 1; i < found->len; i++)
    if (!is_equal (found->pdata[0], found->pdata[i]))
      {
        g_autofree char *first = g_filename_display_basename (found->pdata[0]);
        g_autofree char *other = g_filename_display_basename (found->pdata[i]);

        g_ptr_array_add (notes,
                         g_strdup_printf ("the package has several %s files, “%s” and “%s” among "
                                          "them; none is taken",
                                          what,
                                          first,
                                          other));
        return NULL;
      }
  return found->len > 0 ? g_strdup (found->pdata[0]) : NULL;
}

static char *
find (UbFirmwareFolder *folder,
      gboolean (*is_name) (const char *),
      const char *what,
      GPtrArray  *notes)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) below = ub_firmware_entry_list_agent_folders (folder->path);

  add_candidates (found, folder, is_name);
  for (guint i = 0; i < below->len; i++)
    {
      g_autoptr (UbFirmwareFolder) inner = ub_firmware_folder_read (below->pdata[i], NULL);

      if (inner != NULL)
        add_candidates (found, inner, is_name);
    }
  return take_only (found, what, notes);
}

/* (transfer full) (nullable) (type filename): "auth_sv5.auth", "da.auth" */
char *
ub_firmware_secure_find_auth (UbFirmwareFolder *folder, GPtrArray *notes)
{
  return find (folder, is_auth_name, "authorisation", notes);
}

/* (transfer full) (nullable) (type filename): the root certificate */
char *
ub_firmware_secure_find_cert (UbFirmwareFolder *folder, GPtrArray *notes)
{
  return find (folder, is_cert_name, "certificate", notes);
}
