/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/ub-firmware.h"
#include "firmware/ub-scatter.h"

G_BEGIN_DECLS

/**
 * UbFirmwareFolder:
 *
 * The regular files of one folder, by name. Links that lead out of it are not among them.
 */
typedef struct
{
  char       *path;   /* absolute, links resolved */
  GPtrArray  *names;  /* (element-type filename): sorted */
  GHashTable *exact;  /* name → name, owned by @names */
  GHashTable *folded; /* lower-case name → name */
} UbFirmwareFolder;

/* ub-firmware-folder.c */
UbFirmwareFolder *ub_firmware_folder_read (const char *path, GError **error);
void              ub_firmware_folder_free (UbFirmwareFolder *self);
const char       *ub_firmware_folder_find (UbFirmwareFolder *self, const char *name);
char             *ub_firmware_folder_basename (const char *file_name);
GBytes           *ub_firmware_folder_load (const char *path, gsize limit, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbFirmwareFolder, ub_firmware_folder_free)

/* ub-firmware-images.c */
void ub_firmware_images_match (GPtrArray *partitions, UbFirmwareFolder *folder, GPtrArray *notes);
void ub_firmware_images_measure (UbPartition *partition, GHashTable *known, GPtrArray *notes);
GPtrArray *ub_firmware_images_list_preloaders (UbFirmwareFolder *folder, GPtrArray *partitions);
GPtrArray *ub_firmware_images_list_agents (UbFirmwareFolder *folder);

/* ub-firmware-entry.c: flash.xml and the folder it lies in */
gboolean   ub_firmware_entry_is_agent_folder (const char *path); /* by name */
GPtrArray *ub_firmware_entry_list_agent_folders (const char *folder);
char      *ub_firmware_entry_find_map (const char *path);
char      *ub_firmware_entry_find_agent (UbFirmwareFolder *folder);

/* ub-firmware-other.c: what is no firmware, in words */
gboolean ub_firmware_other_explain_folder (const char *path, const char *folder, GError **error);
gboolean ub_firmware_other_explain_file (const char *path, GError **error);
gboolean ub_firmware_other_explain_members (const char *path, GPtrArray *names, GError **error);

/* ub-firmware-secure.c: the maker's own files */
char *ub_firmware_secure_find_auth (UbFirmwareFolder *folder, GPtrArray *notes);
char *ub_firmware_secure_find_cert (UbFirmwareFolder *folder, GPtrArray *notes);

/* ub-firmware-find.c */
GPtrArray *ub_firmware_find_below (const char   *folder,
                                   guint         depth,
                                   GCancellable *cancellable,
                                   GError      **error);

G_END_DECLS
