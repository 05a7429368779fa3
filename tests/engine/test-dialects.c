/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/ub-backup.h"
#include "tests/engine/test-session-modes.h"

#define USER_SIZE (24 * MIB) /* small: the same parts, all of them shrunk */

/* Every language of agents, every way in, every storage, every mode: the same engine, and the flash
 * is to the byte what the plan says. What is expected is made from the plan's steps alone, with
 * nothing of da/ or of the practice agents. */

typedef struct
{
  const char *name;
  const char *chip;
  UbEnter     enter;
  UbStorage   storage;
  gboolean    erases_boot; /* a preloader written by name takes its whole area */
} Phone;

static const Phone phones[] = {
  { "legacy/preloader/emmc", "MT6580", UB_ENTER_PRELOADER, UB_STORAGE_EMMC, FALSE },
  { "legacy/boot-rom/emmc", "MT6580", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, FALSE },
  { "xflash/preloader/emmc", "MT6765", UB_ENTER_PRELOADER, UB_STORAGE_EMMC, TRUE },
  { "xflash/boot-rom/emmc", "MT6765", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE },
  { "xflash/preloader/ufs", "MT6785", UB_ENTER_PRELOADER, UB_STORAGE_UFS, TRUE },
  { "xflash/boot-rom/ufs", "MT6785", UB_ENTER_BOOT_ROM, UB_STORAGE_UFS, TRUE },
  { "xml/preloader/emmc", "MT6789", UB_ENTER_PRELOADER, UB_STORAGE_EMMC, TRUE },
  { "xml/boot-rom/emmc", "MT6789", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE },
  { "xml/preloader/ufs", "MT6789", UB_ENTER_PRELOADER, UB_STORAGE_UFS, TRUE },
  { "xml/boot-rom/ufs", "MT6789", UB_ENTER_BOOT_ROM, UB_STORAGE_UFS, TRUE },
};

/* the other chips that were asked for, one way each */
static const Phone others[] = {
  { "mt6750", "MT6750", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE },
  { "mt6757", "MT6757", UB_ENTER_PRELOADER, UB_STORAGE_EMMC, TRUE },
  { "mt6768", "MT6768", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE },
  { "mt6785", "MT6785", UB_ENTER_BOOT_ROM, UB_STORAGE_EMMC, TRUE },
  { "mt6877", "MT6877", UB_ENTER_BOOT_ROM, UB_STORAGE_UFS, TRUE },
  { "mt6886", "MT6886", UB_ENTER_PRELOADER, UB_STORAGE_UFS, TRUE },
};

static UbPracticePhoneOptions
options_of (const Phone *phone)
{
  return (UbPracticePhoneOptions){ .chip = phone->chip,
                                   .user_size = USER_SIZE,
                                   .enter = phone->enter,
                                   .storage = phone->storage };
}

/* --- what the plan says the flash holds --- */

static guint
number_of (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
    case UB_REGION_UFS_LU0:
      return 0;
    case UB_REGION_EMMC_BOOT2:
    case UB_REGION_UFS_LU1:
      return 1;
    default:
      return 2;
    }
}

static void
lay_image (guint8 *region, const UbStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = ub_image_open (step->image_path, &error);
  UbImageExtent extent;

  g_assert_no_error (error);
  while (ub_image_next (image, &extent, &error))
    {
      guint8 *at = region + step->offset + extent.offset;

      if (!extent.is_fill)
        g_assert_true (ub_image_read (image, at, extent.length, &error));
      for (guint64 i = 0; extent.is_fill && i < extent.length; i++)
        at[i] = (guint8) (extent.fill >> (8 * (i % 4)));
    }
  g_assert_no_error (error);
}

/* the last sector of an image is filled up with zeros */
static void
pad (guint8 *region, const UbStep *step, gsize sector)
{
  guint64 end = step->offset + step->length;

  memset (region + end, 0, (sector - end % sector) % sector);
}

static void
lay_file_part (guint8 *region, const UbStep *step)
{
  g_autofree char *data = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (step->image_path, &data, &size, NULL));
  g_assert_cmpuint (step->source_offset + step->length, <=, size);
  memcpy (region + step->offset, data + step->source_offset, step->length);
}

/* a preloader's header is looked at; the rest of it is the file */
static void
lay_preloader (guint8       *region,
               const guint8 *after,
               const UbStep *step,
               const Phone  *phone,
               gsize         size)
{
  gboolean         is_ufs = phone->storage == UB_STORAGE_UFS;
  gsize            header = is_ufs ? 0x1000 : 0x800;
  g_autofree char *data = NULL;
  gsize            length;

  g_assert_true (g_file_get_contents (step->image_path, &data, &length, NULL));
  memset (region, 0, phone->erases_boot ? size : (header + length + 511) / 512 * 512);
  g_assert_cmpmem (after, 9, is_ufs ? "UFS_BOOT\0" : "EMMC_BOOT", 9);
  memcpy (region, after, header);
  memcpy (region + header, data, length);
}

static void
lay_step (guint8 *region, guint8 *after, const UbStep *step, const Phone *phone, gsize size)
{
  gsize sector = phone->storage == UB_STORAGE_UFS ? 4096 : 512;

  if (step->kind == UB_STEP_ERASE)
    memset (region + step->offset, 0, step->length);
  else if (step->kind == UB_STEP_WRITE && step->is_preloader && step->content == NULL)
    lay_preloader (region, after, step, phone, size);
  else if (step->content != NULL)
    memcpy (region + step->offset,
            g_bytes_get_data (step->content, NULL),
            g_bytes_get_size (step->content));
  else if (step->kind == UB_STEP_RESTORE)
    lay_file_part (region, step);
  else
    {
      lay_image (region, step);
      pad (region, step, sector);
    }
}

static gboolean
is_written (const UbStep *step)
{
  return step->kind == UB_STEP_ERASE || step->kind == UB_STEP_TABLE ||
         step->kind == UB_STEP_RESTORE || step->kind == UB_STEP_WRITE;
}

/* agents keep their own record there */
static void
forget_flashinfo (Bench *bench, guint8 *region, guint64 size)
{
  GPtrArray *parts = ub_firmware_get_partitions (bench->firmware);

  for (guint i = 0; i < parts->len; i++)
    {
      const UbPartition *part = g_ptr_array_index (parts, i);
      guint64            start;

      if (!g_str_equal (part->name, "flashinfo"))
        continue;
      start = ub_partition_resolve_start (part, size);
      if (start < size)
        memset (region + start, 0, MIN (part->size, size - start));
    }
}

static void
assert_as_planned (Bench *bench, const Phone *phone)
{
  GPtrArray *steps = ub_plan_get_steps (ub_report_get_plan (bench->report));

  for (guint r = 0; r < G_N_ELEMENTS (regions); r++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[r]);
      g_autofree guint8 *after = dump (bench, regions[r]);
      g_autofree guint8 *wanted = g_memdup2 (bench->before[r], size);

      for (guint i = 0; i < steps->len; i++)
        {
          const UbStep *step = g_ptr_array_index (steps, i);

          if (is_written (step) && number_of (step->region) == r)
            lay_step (wanted, after, step, phone, size);
        }
      if (r == 2)
        {
          forget_flashinfo (bench, wanted, size);
          forget_flashinfo (bench, after, size);
        }
      for (guint64 at = 0; at < size; at += 512)
        if (memcmp (after + at, wanted + at, 512) != 0)
          g_error ("%s: %s differs at 0x%" G_GINT64_MODIFIER "x",
                   phone->name,
                   ub_region_to_string (regions[r]),
                   at);
    }
}

/* what is the phone's own, by the map: as it was, whatever the mode */
static void
assert_own_kept (Bench *bench, const Phone *phone)
{
  GPtrArray         *parts = ub_firmware_get_partitions (bench->firmware);
  g_autofree guint8 *after = dump (bench, UB_REGION_EMMC_USER);
  guint              n = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const UbPartition *part = g_ptr_array_index (parts, i);

      if (part->role != UB_ROLE_PROTECTED || part->storage != phone->storage || part->from_end ||
          part->size == 0 || number_of (part->region) != 2)
        continue;
      n++;
      if (memcmp (after + part->start, bench->before[2] + part->start, part->size) != 0)
        g_error ("%s: %s was not kept", phone->name, part->name);
    }
  g_assert_cmpuint (n, >, 3);
}

/* --- the modes --- */

static void
test_mode (const Phone *phone, UbMode mode)
{
  const UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = bench_new_full (&options, FALSE);

  g_test_message ("%s, mode %d", phone->name, mode);
  run_mode (bench, mode, FALSE);
  assert_done (bench);
  assert_as_planned (bench, phone);
  assert_own_kept (bench, phone);
  g_assert_nonnull (ub_report_get_copy (bench->report));
  g_assert_cmpuint (count_journals (bench), ==, 0);
  g_assert_false (bench->ran_backwards);
}

static UbSessionOptions
with_loan (Bench *bench, const char **agents, const char **preloaders)
{
  UbSessionOptions options = options_new ();

  agents[0] = g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
  preloaders[0] = g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware), 0);
  options.agents = agents;
  options.preloaders = preloaders;
  return options;
}

static void
assert_copy_is_phone (Bench *bench, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) copy = ub_backup_open (folder, &error);
  GPtrArray *parts;
  guint64    bytes = 0;

  g_assert_no_error (error);
  parts = ub_backup_get_parts (copy);
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      guint8             *before = bench->before[number_of (part->region)];
      g_autofree char    *data = NULL;
      gsize               size;

      if (part->path == NULL)
        continue;
      g_assert_true (g_file_get_contents (part->path, &data, &size, NULL));
      g_assert_cmpuint (part->path_offset + part->length, <=, size);
      g_assert_cmpint (memcmp (data + part->path_offset, before + part->offset, part->length),
                       ==,
                       0);
      bytes += part->length;
    }
  g_assert_cmpuint (bytes, >=, ub_practice_phone_get_size (bench->phone, UB_REGION_EMMC_USER));
}

/* all of it is read, all of it lost, and all of it there again */
static void
test_read_and_restore (const Phone *phone)
{
  const UbPracticePhoneOptions options = options_of (phone);
  g_autoptr (Bench) bench = bench_new_full (&options, FALSE);
  const UbPlanTarget target = { .whole = TRUE };
  const char        *agents[2] = { NULL }, *preloaders[2] = { NULL };
  UbSessionOptions   loan = with_loan (bench, agents, preloaders);
  g_autofree char   *folder = g_build_filename (bench->home, "all", NULL);
  g_autoptr (UbPlan) readback = ub_plan_new_readback (&target, folder);
  g_autoptr (UbPlan) restore = NULL;
  g_autoptr (UbBackup) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s, readback and restore", phone->name);
  run_plan (bench, readback, &loan);
  assert_done (bench);
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, 0);
  assert_copy_is_phone (bench, folder);

  for (guint64 at = 1 * MIB; at < USER_SIZE; at += 3 * MIB)
    ub_practice_phone_poke (bench->phone, UB_REGION_EMMC_USER, at, (const guint8 *) "lost", 4);
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
  copy = ub_backup_open (folder, &error);
  g_assert_no_error (error);
  restore = ub_plan_new_restore (copy, NULL, FALSE);
  run_plan (bench, restore, &loan);
  assert_done (bench);
  for (guint r = 0; r < G_N_ELEMENTS (regions); r++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[r]);
      g_autofree guint8 *after = dump (bench, regions[r]);

      if (r == 2)
        {
          forget_flashinfo (bench, after, size);
          forget_flashinfo (bench, bench->before[r], size);
        }
      g_assert_cmpint (memcmp (after, bench->before[r], size), ==, 0);
    }
}

static void
test_phone (gconstpointer data)
{
  static const UbMode modes[] = { UB_MODE_DOWNLOAD_ONLY,
                                  UB_MODE_FIRMWARE_UPGRADE,
                                  UB_MODE_FORMAT_ALL };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    test_mode (data, modes[i]);
  test_read_and_restore (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (phones); i++)
    {
      g_autofree char *path = g_strconcat ("/dialects/", phones[i].name, NULL);

      g_test_add_data_func (path, &phones[i], test_phone);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = g_strconcat ("/dialects/", others[i].name, NULL);

      g_test_add_data_func (path, &others[i], test_phone);
    }
  return g_test_run ();
}
