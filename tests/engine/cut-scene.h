/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The kinds of job, and what each begins with: a phone, a firmware or a copy. */

#include "tests/engine/cut-bench.h"

#define MIB (1024u * 1024)
#define GPT(chip) chip, UB_TABLE_GPT, UB_STORAGE_EMMC, FALSE, FALSE, 4096, 8 * MIB, 2304 * 1024
#define EBR(chip) chip, UB_TABLE_EBR, UB_STORAGE_EMMC, FALSE, FALSE, 4096, 8 * MIB, 2304 * 1024
/* framed agents take 2 MiB at once */
#define XFLASH_EMMC "MT6765", UB_TABLE_GPT, UB_STORAGE_EMMC, TRUE, FALSE, 16384, 16 * MIB, 5 * MIB
#define XFLASH_UFS "MT6785", UB_TABLE_GPT, UB_STORAGE_UFS, TRUE, FALSE, 16384, 16 * MIB, 5 * MIB
#define XML_EMMC "MT6789", UB_TABLE_GPT, UB_STORAGE_EMMC, TRUE, TRUE, 16384, 16 * MIB, 5 * MIB
#define XML_UFS "MT6789", UB_TABLE_GPT, UB_STORAGE_UFS, TRUE, TRUE, 16384, 16 * MIB, 5 * MIB

static const Scenario scenarios[] = {
  { "download", UB_MODE_DOWNLOAD_ONLY, UB_ENTER_PRELOADER, GPT ("MT6580") },
  { "upgrade", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_PRELOADER, GPT ("MT6580") },
  { "upgrade-ebr", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_BOOT_ROM, EBR ("MT6582") },
  { "format", UB_MODE_FORMAT_ALL, UB_ENTER_BOOT_ROM, GPT ("MT6580") },
  { "format-ebr", UB_MODE_FORMAT_ALL, UB_ENTER_PRELOADER, EBR ("MT6592") },
  { "repair", UB_MODE_REPAIR, UB_ENTER_PRELOADER, GPT ("MT6735") },
  { "single", UB_MODE_SINGLE, UB_ENTER_PRELOADER, GPT ("MT6580") },
  { "erase", UB_MODE_ERASE, UB_ENTER_PRELOADER, EBR ("MT6582") },
  { "restore", UB_MODE_RESTORE, UB_ENTER_PRELOADER, GPT ("MT6580") },
  { "xflash-download", UB_MODE_DOWNLOAD_ONLY, UB_ENTER_BOOT_ROM, XFLASH_EMMC },
  { "xflash-upgrade", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_PRELOADER, XFLASH_EMMC },
  { "xflash-format", UB_MODE_FORMAT_ALL, UB_ENTER_BOOT_ROM, XFLASH_EMMC },
  { "xflash-repair", UB_MODE_REPAIR, UB_ENTER_PRELOADER, XFLASH_EMMC },
  { "xflash-single", UB_MODE_SINGLE, UB_ENTER_BOOT_ROM, XFLASH_EMMC },
  { "xflash-erase", UB_MODE_ERASE, UB_ENTER_PRELOADER, XFLASH_EMMC },
  { "xflash-restore", UB_MODE_RESTORE, UB_ENTER_PRELOADER, XFLASH_EMMC },
  { "xflash-ufs-download", UB_MODE_DOWNLOAD_ONLY, UB_ENTER_PRELOADER, XFLASH_UFS },
  { "xflash-ufs-upgrade", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_BOOT_ROM, XFLASH_UFS },
  { "xflash-ufs-format", UB_MODE_FORMAT_ALL, UB_ENTER_PRELOADER, XFLASH_UFS },
  { "xflash-ufs-repair", UB_MODE_REPAIR, UB_ENTER_PRELOADER, XFLASH_UFS },
  { "xflash-ufs-single", UB_MODE_SINGLE, UB_ENTER_BOOT_ROM, XFLASH_UFS },
  { "xflash-ufs-erase", UB_MODE_ERASE, UB_ENTER_PRELOADER, XFLASH_UFS },
  { "xflash-ufs-restore", UB_MODE_RESTORE, UB_ENTER_PRELOADER, XFLASH_UFS },
  { "xml-download", UB_MODE_DOWNLOAD_ONLY, UB_ENTER_PRELOADER, XML_EMMC },
  { "xml-upgrade", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_BOOT_ROM, XML_UFS },
  { "xml-format", UB_MODE_FORMAT_ALL, UB_ENTER_BOOT_ROM, XML_EMMC },
  { "xml-repair", UB_MODE_REPAIR, UB_ENTER_PRELOADER, XML_UFS },
  { "xml-single", UB_MODE_SINGLE, UB_ENTER_PRELOADER, XML_EMMC },
  { "xml-erase", UB_MODE_ERASE, UB_ENTER_PRELOADER, XML_UFS },
  { "xml-restore", UB_MODE_RESTORE, UB_ENTER_PRELOADER, XML_EMMC },
};

static inline UbFirmware *
make_firmware (Scene *scene, UbPracticePhone *phone, const char *name, gboolean other)
{
  g_autofree char *folder = g_build_filename (scene->root, name, NULL);
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware;

  if (other)
    ub_practice_firmware_write_other (phone, folder, scene->scenario->system_size, FALSE, &error);
  else
    ub_practice_firmware_write (phone, folder, scene->scenario->system_size, FALSE, &error);
  g_assert_no_error (error);
  firmware = ub_firmware_open (folder, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return firmware;
}

static inline gboolean
changes_layout (const Scenario *scenario)
{
  return scenario->mode == UB_MODE_FIRMWARE_UPGRADE || scenario->mode == UB_MODE_FORMAT_ALL;
}

static inline gboolean
is_in_user_area (const Scene *scene, const UbPartition *part)
{
  return part->storage == scene->scenario->storage && region_number (part->region) == 2 &&
         !part->from_end;
}

/* a phone that was flashed, and then took harm in three places */
static inline int
flash_first (gpointer user_data)
{
  Scene           *scene = user_data;
  Scenario         download = *scene->scenario;
  const Scenario  *whole = scene->scenario;
  g_autofree char *folder = g_build_filename (scene->root, "first", NULL);
  g_autoptr (UbPlan) plan = NULL;
  Job job;

  download.mode = UB_MODE_DOWNLOAD_ONLY;
  scene->scenario = &download;
  begin_job (&job, scene, folder, NULL);
  plan = make_plan (scene);
  scene->scenario = whole;
  return run_job (&job, plan, NULL) && store_dump (&job, job.dump_path) ? 0 : 1;
}

static inline const UbPartition *
find_system (const Scene *scene)
{
  return ub_firmware_find_partition (scene->firmware,
                                     scene->scenario->storage,
                                     scene->scenario->slots ? "super" : "system");
}

static inline void
make_broken (Scene *scene)
{
  g_autofree char   *path = g_build_filename (scene->root, "first", "flash", NULL);
  const UbPartition *broken[] = { find_part (scene, scene->firmware, "lk"),
                                  find_part (scene, scene->firmware, "boot"),
                                  find_system (scene) };

  g_assert_cmpint (in_child (flash_first, scene), ==, 0);
  g_clear_pointer (&scene->initial.data, g_free);
  g_assert_true (fetch_dump (scene, path, &scene->initial));
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    memset (scene->initial.data + region_at (broken[i]->region) + broken[i]->start +
                broken[i]->image_size / 2,
            0x5a,
            3000);
}

static inline int
read_back (gpointer user_data)
{
  Scene             *scene = user_data;
  const UbPlanTarget target = { .whole = TRUE };
  g_autofree char   *folder = g_build_filename (scene->root, "readback", NULL);
  g_autofree char   *copy = g_build_filename (folder, "copy", NULL);
  g_autoptr (UbPlan) plan = ub_plan_new_readback (&target, copy);
  Job job;

  begin_job (&job, scene, folder, NULL);
  return run_job (&job, plan, NULL) ? 0 : 1;
}

/* a phone of which there is a copy, and then nothing is left of what it held */
static inline void
make_wiped (Scene *scene)
{
  g_autofree char *copy = g_build_filename (scene->root, "readback", "copy", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (in_child (read_back, scene), ==, 0);
  scene->backup = ub_backup_open (copy, &error);
  g_assert_no_error (error);
  scene->wanted = scene->initial;
  scene->initial.data = g_malloc0 (scene->initial.size);
}

static inline void
open_scene (Scene *scene, const Scenario *scenario)
{
  UbPracticePhone *phone;

  *scene = (Scene){ .scenario = scenario };
  scene->options = (UbPracticePhoneOptions){ .chip = scenario->chip,
                                             .enter = scenario->enter,
                                             .table = scenario->table,
                                             .boot_size = BOOT_SIZE,
                                             .user_size = scenario->user_size,
                                             .storage = scenario->storage };
  scene->root = g_build_filename (g_get_tmp_dir (), "ub-cut-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (scene->root));
  phone = new_phone (scene, NULL);
  scene->old = make_firmware (scene, phone, "a", FALSE);
  find_record (scene, scene->old);
  scene->initial = dump_phone (scene, phone);
  scene->firmware = changes_layout (scenario) ? make_firmware (scene, phone, "b", TRUE)
                                              : g_object_ref (scene->old);
  find_record (scene, scene->firmware);
  ub_practice_phone_free (phone);
  if (scenario->mode == UB_MODE_REPAIR)
    make_broken (scene);
  if (scenario->mode == UB_MODE_RESTORE)
    make_wiped (scene);
  scene->phone = new_phone (scene, &scene->initial);
}

static inline void
close_scene (Scene *scene)
{
  ub_practice_phone_free (scene->phone);
  g_clear_object (&scene->backup);
  g_clear_object (&scene->firmware);
  g_clear_object (&scene->old);
  g_free (scene->initial.data);
  g_free (scene->wanted.data);
  remove_tree (scene->root);
  g_free (scene->root);
}
