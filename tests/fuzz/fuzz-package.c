/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* a package that is opened by its flash.xml: that file, the map and the sums are the fuzzer's, each up to a NUL. Whatever they
 * say, nothing outside of the package is looked at */

#include "firmware/ub-firmware.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* what is in it besides; nothing of it may be needed */
static const char *const others[] = { "boot.img",
                                      "preloader_x.bin",
                                      "auth_sv5.auth",
                                      "root.cert",
                                      "download_agent/DA_BR.bin" };

typedef struct
{
  char *folder;
  char *flash;
  char *map;
  char *sums;
} Package;

static void
package_init (Package *self)
{
  g_autofree char *agents = NULL;

  self->folder = g_dir_make_tmp ("fuzz-package-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  agents = g_build_filename (self->folder, "download_agent", NULL);
  self->flash = g_build_filename (agents, "flash.xml", NULL);
  self->map = g_build_filename (self->folder, "MT6789_Android_scatter.xml", NULL);
  self->sums = g_build_filename (self->folder, "scatter_checksum.xml", NULL);
  g_assert_cmpint (g_mkdir (agents, 0700), ==, 0);
}

/* a flash.xml may be an archive, too, and leave something unpacked */
static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_unlink (child) != 0)
        remove_all (child);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
package_clear (Package *self)
{
  remove_all (self->folder);
  g_free (self->folder);
  g_free (self->flash);
  g_free (self->map);
  g_free (self->sums);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Package, package_clear)

static void
store (const char *path, const uint8_t **data, size_t *size)
{
  const uint8_t *end = *size > 0 ? memchr (*data, 0, *size) : NULL;
  const size_t   length = end != NULL ? (size_t) (end - *data) : *size;

  g_assert_true (g_file_set_contents_full (path,
                                           length > 0 ? (const char *) *data : "",
                                           (gssize) length,
                                           G_FILE_SET_CONTENTS_NONE,
                                           0600,
                                           NULL));
  *data += MIN (*size, length + 1);
  *size -= MIN (*size, length + 1);
}

static void
store_others (const Package *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, others[i], NULL);

      g_assert_true (
          g_file_set_contents_full (path, "ANDROID!", 8, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

static void
check_path (const Package *self, const char *path)
{
  g_assert_true (path == NULL ||
                 (g_str_has_prefix (path, self->folder) && strstr (path, "..") == NULL));
}

static void
check_paths (const Package *self, GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    check_path (self, g_ptr_array_index (paths, i));
}

static void
check (const Package *self, UbFirmware *firmware)
{
  GPtrArray *parts = ub_firmware_get_partitions (firmware);
  g_autoptr (GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);

  check_paths (self, ub_firmware_get_agents (firmware));
  check_paths (self, ub_firmware_get_preloaders (firmware));
  check_path (self, ub_firmware_get_auth_file (firmware));
  check_path (self, ub_firmware_get_cert_file (firmware));
  for (guint i = 0; i < parts->len; i++)
    check_path (self, ((const UbPartition *) g_ptr_array_index (parts, i))->image_path);
  ub_firmware_check_sums (firmware, failed, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (failed->len, <=, parts->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (Package) package = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = NULL;

  package_init (&package);
  store_others (&package);
  store (package.flash, &data, &size);
  store (package.map, &data, &size);
  store (package.sums, &data, &size);
  firmware = ub_firmware_open (package.flash, package.folder, NULL, NULL, NULL, &error);
  g_assert_true ((firmware == NULL) == (error != NULL));
  if (firmware != NULL)
    check (&package, firmware);
  return 0;
}
