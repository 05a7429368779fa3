/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* bytes; what an eMMC is read and written in */
#define UB_SECTOR 512

/* kinds of storage; the names in a scatter are HW_STORAGE_EMMC … (shared/facts/scatter.md §2) */
typedef enum
{
  UB_STORAGE_UNKNOWN,
  UB_STORAGE_EMMC,
  UB_STORAGE_UFS,
  UB_STORAGE_NAND,
  UB_STORAGE_NOR,
  UB_STORAGE_SDMMC,
} UbStorage;

/* a hardware area of a storage, as a scatter's `region` names it */
typedef enum
{
  UB_REGION_UNKNOWN,
  UB_REGION_EMMC_BOOT1,
  UB_REGION_EMMC_BOOT2,
  UB_REGION_EMMC_BOOT1_BOOT2, /* the same bytes go to both */
  UB_REGION_EMMC_RPMB,
  UB_REGION_EMMC_GP1,
  UB_REGION_EMMC_GP2,
  UB_REGION_EMMC_GP3,
  UB_REGION_EMMC_GP4,
  UB_REGION_EMMC_USER,
  UB_REGION_UFS_LU0,
  UB_REGION_UFS_LU1,
  UB_REGION_UFS_LU0_LU1,
  UB_REGION_UFS_LU2,
  UB_REGION_NAND_WHOLE,
} UbRegion;

const char *ub_storage_to_string (UbStorage storage);  /* "eMMC", "UFS" … */
UbStorage   ub_storage_from_string (const char *text); /* "EMMC", "HW_STORAGE_EMMC"; any case */
const char *ub_region_to_string (UbRegion region);     /* "EMMC_USER" … */
UbRegion    ub_region_from_string (const char *text);  /* also the "EMMC-BOOT1" forms; any case */

G_END_DECLS
