/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/ub-emi.h"

G_BEGIN_DECLS

typedef struct
{
  char *
      storage_header; /* (nullable): "EMMC_BOOT", "UFS_BOOT", "SDMMC_BOOT", "COMBO_BOOT", "SF_BOOT" */
  gsize   gfh_offset; /* where the GFH begins */
  guint32 load_address;
  guint32 file_length; /* header + content + signature, bytes */
  guint32 signature_length;
  UbEmi  *emi;  /* (nullable): none found */
  char   *name; /* preloader file name kept in the EMI block; "" without one */
} UbPreloader;

/* a preloader image with or without storage header, or a bare EMI block (§4). BAD_IMAGE if it is none of these */
UbPreloader *ub_preloader_parse (GBytes *bytes, const char *name, GError **error);
UbPreloader *ub_preloader_open (const char *path, GError **error);
void         ub_preloader_free (UbPreloader *self);
/* the bytes to put at the begin of boot1/boot2 for @bytes: the storage header and boot layout in front of a bare GFH
 * image (§4.1); unchanged (a new reference) if there already is one. @write_unit 0x200 for eMMC */
GBytes *ub_preloader_add_storage_header (GBytes *bytes, const char *storage_header, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPreloader, ub_preloader_free)

G_END_DECLS
