/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The kinds of job, and what each begins with: a phone, a firmware or a copy. */

#include "tests/engine/cut-bench.h"

static const Scenario scenarios[] = {
  { "download", "MT6580", UB_MODE_DOWNLOAD_ONLY, UB_ENTER_PRELOADER, UB_TABLE_GPT },
  { "upgrade", "MT6580", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_PRELOADER, UB_TABLE_GPT },
  { "upgrade-ebr", "MT6582", UB_MODE_FIRMWARE_UPGRADE, UB_ENTER_BOOT_ROM, UB_TABLE_EBR },
  { "format", "MT6580", UB_MODE_FORMAT_ALL, UB_ENTER_BOOT_ROM, UB_TABLE_GPT },
  { "format-ebr", "MT6592", UB_MODE_FORMAT_ALL, UB_ENTER_PRELOADER, UB_TABLE_EBR },
  { "repair", "MT6735", UB_MODE_REPAIR, UB_ENTER_PRELOADER, UB_TABLE_GPT },
  { "single", "MT6580", UB_MODE_SINGLE, UB_ENTER_PRELOADER, UB_TABLE_GPT },
  { "erase", "MT6582", UB_MODE_ERASE, UB_ENTER_PRELOADER, UB_TABLE_EBR },
  { "restore", "MT6580", UB_MODE_RESTORE, UB_ENTER_PRELOADER, UB_TABLE_GPT },
};

static inline UbFirmware *
make_firmware (Scene *scene, UbPracticePhone *phone, const char *name, gboolean other)
{
  g_autofree char *folder = g_build_filename (scene->root, name, NULL);
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware;

  if (other)
    ub_practice_firmware_write_other (phone, folder, SYSTEM_SIZE, FALSE, &error);
  else
    ub_practice_firmware_write (phone, folder, SYSTEM_SIZE, FALSE, &error);
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
is_emmc_user (const UbPartition *part)
{
  return part->region == UB_REGION_EMMC_USER && !part->from_end;
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
  return run_job (&job, plan, NULL) && store_dump (job.phone, job.dump_path) ? 0 : 1;
}

static inline void
make_broken (Scene *scene)
{
  static const char *const names[] = { "lk", "boot", "system" };
  g_autofree char         *path = g_build_filename (scene->root, "first", "flash", NULL);

  g_assert_cmpint (in_child (flash_first, scene), ==, 0);
  g_clear_pointer (&scene->initial.data, g_free);
  g_assert_true (fetch_dump (path, &scene->initial));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const UbPartition *part =
          ub_firmware_find_partition (scene->firmware, UB_STORAGE_EMMC, names[i]);
      gsize at = region_at (part->region) + part->start + part->image_size / 2;

      g_assert_nonnull (part);
      memset (scene->initial.data + at, 0x5a, 3000);
    }
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
                                             .user_size = USER_SIZE };
  scene->root = g_build_filename (g_get_tmp_dir (), "ub-cut-XXXXXX", NULL);
  if (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR))
    {
      g_free (scene->root);
      scene->root = g_strdup ("/dev/shm/ub-cut-XXXXXX");
    }
  g_assert_nonnull (g_mkdtemp (scene->root));
  phone = new_phone (scene, NULL);
  scene->initial = dump_phone (phone);
  scene->old = make_firmware (scene, phone, "a", FALSE);
  scene->firmware = changes_layout (scenario) ? make_firmware (scene, phone, "b", TRUE)
                                              : g_object_ref (scene->old);
  ub_practice_phone_free (phone);
  if (scenario->mode == UB_MODE_REPAIR)
    make_broken (scene);
  if (scenario->mode == UB_MODE_RESTORE)
    make_wiped (scene);
}

static inline void
close_scene (Scene *scene)
{
  g_clear_object (&scene->backup);
  g_clear_object (&scene->firmware);
  g_clear_object (&scene->old);
  g_free (scene->initial.data);
  g_free (scene->wanted.data);
  remove_tree (scene->root);
  g_free (scene->root);
}
