/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"

G_BEGIN_DECLS

typedef enum
{
  UB_PLAN_ARCH_UNKNOWN,
  UB_PLAN_ARCH_32,
  UB_PLAN_ARCH_64,
} UbPlanArch;

/* what an Android boot image says of itself */
typedef struct
{
  guint32    header_version;
  guint32    page_size; /* bytes */
  UbPlanArch arch;
} UbPlanBootImage;

/* FALSE if it is none, or cannot be read */
gboolean ub_plan_boot_image_read_file (const char *path, UbPlanBootImage *image);
gboolean ub_plan_boot_image_read_part (UbBackup           *copy,
                                       const UbBackupPart *part,
                                       UbPlanBootImage    *image);
/* does the part end with the footer of Android's verified boot? */
gboolean ub_plan_boot_image_has_footer (UbBackup *copy, const UbBackupPart *part);

G_END_DECLS
