/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-storage.h"

#include <string.h>

static const struct
{
  UbStorage   storage;
  const char *name;
  const char *scatter;
} storages[] = {
  { UB_STORAGE_EMMC, "eMMC", "EMMC" },    { UB_STORAGE_UFS, "UFS", "UFS" },
  { UB_STORAGE_NAND, "NAND", "NAND" },    { UB_STORAGE_NOR, "NOR", "NOR" },
  { UB_STORAGE_SDMMC, "SDMMC", "SDMMC" },
};

/* the first name of a region is the one we write */
static const struct
{
  UbRegion    region;
  const char *name;
} regions[] = {
  { UB_REGION_EMMC_BOOT1, "EMMC_BOOT_1" },
  { UB_REGION_EMMC_BOOT1, "EMMC_BOOT1" },
  { UB_REGION_EMMC_BOOT2, "EMMC_BOOT_2" },
  { UB_REGION_EMMC_BOOT2, "EMMC_BOOT2" },
  { UB_REGION_EMMC_BOOT1_BOOT2, "EMMC_BOOT1_BOOT2" },
  { UB_REGION_EMMC_RPMB, "EMMC_RPMB" },
  { UB_REGION_EMMC_GP1, "EMMC_GP1" },
  { UB_REGION_EMMC_GP2, "EMMC_GP2" },
  { UB_REGION_EMMC_GP3, "EMMC_GP3" },
  { UB_REGION_EMMC_GP4, "EMMC_GP4" },
  { UB_REGION_EMMC_USER, "EMMC_USER" },
  { UB_REGION_UFS_LU0, "UFS_LU0" },
  { UB_REGION_UFS_LU0, "UFS_LUA0" },
  { UB_REGION_UFS_LU1, "UFS_LU1" },
  { UB_REGION_UFS_LU1, "UFS_LUA1" },
  { UB_REGION_UFS_LU0_LU1, "UFS_LU0_LU1" },
  { UB_REGION_UFS_LU2, "UFS_LU2" },
  { UB_REGION_UFS_LU2, "UFS_LUA2" },
  { UB_REGION_NAND_WHOLE, "NAND_WHOLE" },
};

const char *
ub_storage_to_string (UbStorage storage)
{
  for (gsize i = 0; i < G_N_ELEMENTS (storages); i++)
    if (storages[i].storage == storage)
      return storages[i].name;
  return "unknown";
}

UbStorage
ub_storage_from_string (const char *text)
{
  if (text == NULL)
    return UB_STORAGE_UNKNOWN;
  if (g_ascii_strncasecmp (text, "HW_STORAGE_", 11) == 0)
    text += 11;
  for (gsize i = 0; i < G_N_ELEMENTS (storages); i++)
    if (g_ascii_strcasecmp (text, storages[i].scatter) == 0)
      return storages[i].storage;
  return UB_STORAGE_UNKNOWN;
}

const char *
ub_region_to_string (UbRegion region)
{
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    if (regions[i].region == region)
      return regions[i].name;
  return "unknown";
}

UbRegion
ub_region_from_string (const char *text)
{
  g_autofree char *name = g_strdup (text);

  if (name == NULL)
    return UB_REGION_UNKNOWN;
  g_strdelimit (name, "-", '_');
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    if (g_ascii_strcasecmp (name, regions[i].name) == 0)
      return regions[i].region;
  return UB_REGION_UNKNOWN;
}
