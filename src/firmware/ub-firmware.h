/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "firmware/ub-partition.h"

G_BEGIN_DECLS

#define UB_TYPE_FIRMWARE (ub_firmware_get_type ())
G_DECLARE_FINAL_TYPE (UbFirmware, ub_firmware, UB, FIRMWARE, GObject)

/**
 * UbFirmware:
 *
 * A firmware package: map, images, preloaders, agents. Made from a folder, a scatter file or an
 * archive; knows no phone. Immutable and thread-safe once made.
 */

/* progress while an archive is unpacked; called in the calling thread */
typedef void (*UbFirmwareProgress) (const char *what, double fraction, gpointer user_data);

/* Finds the maps below @path (a folder, a scatter, any file beside one, or an archive, which is unpacked to
 * @cache_dir first, NULL for the user's cache). Blocking. Returns: (transfer full) (element-type filename):
 * absolute paths of scatter files, best first, never empty; or NULL with NOT_A_FIRMWARE, FILE_MISSING … */
GPtrArray *ub_firmware_find (const char        *path,
                             const char        *cache_dir,
                             UbFirmwareProgress progress,
                             gpointer           user_data,
                             GCancellable      *cancellable,
                             GError           **error);
/* Opens one. @path as above; SEVERAL_FIRMWARES if there is more than one to choose from. Blocking. */
UbFirmware *ub_firmware_open (const char        *path,
                              const char        *cache_dir,
                              UbFirmwareProgress progress,
                              gpointer           user_data,
                              GCancellable      *cancellable,
                              GError           **error);

const char *ub_firmware_get_path (UbFirmware *self); /* the scatter's path */
const char *ub_firmware_get_folder (UbFirmware *self);
const char *ub_firmware_get_platform (UbFirmware *self);
const char *ub_firmware_get_project (UbFirmware *self);
const char *ub_firmware_get_version (UbFirmware *self);  /* scatter version */
guint       ub_firmware_get_storages (UbFirmware *self); /* bit set, 1 << UbStorage */
guint       ub_firmware_get_home_made (UbFirmware *self);
GPtrArray  *ub_firmware_get_partitions (
     UbFirmware *self); /* (transfer none) (element-type UbPartition) */
GPtrArray *ub_firmware_get_notes (UbFirmware *self); /* (transfer none) (element-type utf8) */
GPtrArray *ub_firmware_get_agents (
    UbFirmware *self); /* (transfer none) (element-type filename): container files in the package */
GPtrArray *ub_firmware_get_preloaders (
    UbFirmware *self); /* (transfer none) (element-type filename) */
/* the maker's own files for phones that want them, if the package has any (nullable) (type filename) */
const char        *ub_firmware_get_auth_file (UbFirmware *self);
const char        *ub_firmware_get_cert_file (UbFirmware *self);
const UbPartition *ub_firmware_find_partition (UbFirmware *self,
                                               UbStorage   storage,
                                               const char *name);
/* compares the images with scatter_checksum.xml or Checksum.ini where there is one; blocking, reads every image; @failed: (element-type utf8)
 * names of damaged images are added. FALSE only on cancel or unreadable files */
gboolean ub_firmware_check_sums (UbFirmware        *self,
                                 GPtrArray         *failed,
                                 UbFirmwareProgress progress,
                                 gpointer           user_data,
                                 GCancellable      *cancellable,
                                 GError           **error);
/* a copy in which @name's image is @path (NULL: none); images are sniffed and sized anew */
UbFirmware *ub_firmware_with_image (UbFirmware *self,
                                    UbStorage   storage,
                                    const char *name,
                                    const char *path,
                                    GError    **error);

G_END_DECLS
