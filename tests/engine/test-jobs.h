/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan-private.h"
#include "firmware/ub-preloader.h"
#include "tests/engine/test-firmware.h"

/* a small phone, its table, and copies of it: no wire, only what a plan is told */

#define TEST_BOOT_SIZE 0x100000
#define TEST_USER_SIZE 0x400000

typedef struct
{
  char      *folder;
  guint      n_files;
  UbBromInfo brom;
  UbDaReport report;
  UbLayout  *layout; /* NULL: it cannot be read */
} TestPhone;

static inline void
test_jobs_set_up (TestPhone *self)
{
  self->folder = test_firmware_new_folder ();
  self->brom = (UbBromInfo){ .hw_code = 0x6580, .chip = ub_chip_find (0x6580) };
  self->report = (UbDaReport){ .storage = UB_STORAGE_EMMC,
                               .boot1_size = TEST_BOOT_SIZE,
                               .boot2_size = TEST_BOOT_SIZE,
                               .user_size = TEST_USER_SIZE };
  memcpy (self->report.cid, "\x15\x01\x00UNBRICK!\x01\x02\x03\x04", 16);
  self->layout = ub_layout_new (UB_LAYOUT_GPT);
  ub_layout_add (self->layout, "proinfo", UB_REGION_EMMC_USER, 0x80000, 0x40000);
  ub_layout_add (self->layout, "nvram", UB_REGION_EMMC_USER, 0xc0000, 0x40000);
  ub_layout_add (self->layout, "lk", UB_REGION_EMMC_USER, 0x100000, 0x20000);
  ub_layout_add (self->layout, "boot", UB_REGION_EMMC_USER, 0x120000, 0x40000);
  ub_layout_add (self->layout, "recovery", UB_REGION_EMMC_USER, 0x160000, 0x40000);
  ub_layout_add (self->layout, "system", UB_REGION_EMMC_USER, 0x1a0000, 0x80000);
  ub_layout_add (self->layout, "userdata", UB_REGION_EMMC_USER, 0x220000, 0x100000);
  ub_layout_add (self->layout, "flashinfo", UB_REGION_EMMC_USER, 0x320000, 0x40000);
}

static inline void
test_jobs_tear_down (TestPhone *self)
{
  g_clear_pointer (&self->layout, ub_layout_free);
  test_firmware_remove (self->folder);
  g_clear_pointer (&self->folder, g_free);
}

static inline UbPhoneInfo *
test_jobs_phone (TestPhone *self)
{
  return ub_phone_info_new ("1-1", "high", &self->brom, &self->report, self->layout);
}

static inline char *
test_jobs_put (TestPhone *self, GBytes *bytes)
{
  g_autofree char *name = g_strdup_printf ("file-%u.bin", self->n_files++);
  char            *path = g_build_filename (self->folder, name, NULL);
  gsize            size;
  const char      *data = g_bytes_get_data (bytes, &size);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  return path;
}

/* a file of @size bytes beginning with @head */
static inline char *
test_jobs_put_file (TestPhone *self, const char *head, gsize head_size, gsize size)
{
  guint8 *data = g_malloc (size + 1);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);

  memset (data, 0x5a, size);
  memcpy (data, head, MIN (head_size, size));
  return test_jobs_put (self, bytes);
}

/* a preloader of @name whose only memory settings are for the memory whose CID begins like @id (9 bytes; NULL: none) */
static inline GBytes *
test_jobs_preloader (const char *name, const guint8 *id)
{
  const gsize  block = 0x70 + 184, size = 0x1000;
  guint8      *data = g_malloc0 (size);
  guint8      *emi = data + size - 4 - block;
  const guint8 gfh[] = { 'M', 'M', 'M', 1,   0x38, 0,   0,   0,  'F',
                         'I', 'L', 'E', '_', 'I',  'N', 'F', 'O' };
  guint32      word;

  memcpy (data, gfh, sizeof gfh);
  word = GUINT32_TO_LE ((guint32) size);
  memcpy (data + 0x20, &word, 4);
  if (id == NULL)
    return g_bytes_new_take (data, size);
  memcpy (emi, "MTK_BLOADER_INFO_v10", 20);
  g_strlcpy ((char *) emi + 0x1b, name, 0x3d);
  memcpy (emi + 0x64, "MTK_BIN", 8);
  word = GUINT32_TO_LE (1);
  memcpy (emi + 0x6c, &word, 4);
  word = GUINT32_TO_LE (9);
  memcpy (emi + 0x70 + 8, &word, 4);
  memcpy (emi + 0x70 + 16, id, 9);
  word = GUINT32_TO_LE ((guint32) block);
  memcpy (data + size - 4, &word, 4);
  return g_bytes_new_take (data, size);
}

/* @preloader as it lies at the begin of a boot region */
static inline GBytes *
test_jobs_with_header (GBytes *preloader)
{
  g_autoptr (GError) error = NULL;
  GBytes *whole = ub_preloader_add_storage_header (preloader, "EMMC_BOOT", &error);

  g_assert_no_error (error);
  return whole;
}

/* one part of a copy that is made; @content: its first bytes, the rest is @fill */
typedef struct
{
  const char *name;
  UbRegion    region;
  guint64     offset;
  guint64     length;
  GBytes     *content;
  guint8      fill;
  gboolean    is_missing;
} TestCopyPart;

static inline void
test_jobs_write_part (UbBackupWriter *writer, const TestCopyPart *part)
{
  g_autoptr (GError) error = NULL;
  gboolean           is_protected = ub_partition_role_for_name (part->name) == UB_ROLE_PROTECTED;
  g_autofree guint8 *data = g_malloc (part->length);
  gsize              size = 0;
  const void *content = part->content != NULL ? g_bytes_get_data (part->content, &size) : NULL;

  g_assert_true (ub_backup_writer_begin (writer,
                                         part->name,
                                         part->region,
                                         part->offset,
                                         part->length,
                                         is_protected,
                                         &error));
  if (part->is_missing)
    {
      g_autoptr (GError) why = g_error_new (UB_ERROR, UB_ERROR_STORAGE_READ, "it is broken");

      ub_backup_writer_miss (writer, why);
      return;
    }
  memset (data, part->fill, part->length);
  if (size > 0)
    memcpy (data, content, size);
  g_assert_true (ub_backup_writer_sink (writer, data, part->length, &error));
  g_assert_true (ub_backup_writer_end (writer, &error));
  g_assert_no_error (error);
}

/* a copy of the phone as it is described now */
static inline UbBackup *
test_jobs_copy (TestPhone *self, const TestCopyPart *parts, guint n_parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("copy-%u", self->n_files++);
  g_autofree char *folder = g_build_filename (self->folder, name, NULL);
  g_autoptr (UbPhoneInfo) phone = test_jobs_phone (self);
  g_autoptr (UbBackupWriter) writer =
                 ub_backup_writer_new (folder, UB_BACKUP_READBACK, phone, NULL, 0, &error);
  UbBackup *copy;

  g_assert_no_error (error);
  for (guint i = 0; i < n_parts; i++)
    test_jobs_write_part (writer, &parts[i]);
  copy = ub_backup_writer_finish (writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return copy;
}

static inline UbPlan *
test_jobs_check (TestPhone *self, UbPlan *plan)
{
  g_autoptr (UbPhoneInfo) phone = test_jobs_phone (self);
  UbPlan *checked = ub_plan_check (plan, phone);

  test_firmware_print_issues (checked);
  return checked;
}

/* the n-th step of @kind; NULL if there is none */
static inline const UbStep *
test_jobs_step (UbPlan *plan, UbStepKind kind, guint n)
{
  GPtrArray *steps = ub_plan_get_steps (plan);

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (step->kind == kind && n-- == 0)
        return step;
    }
  return NULL;
}

static inline guint
test_jobs_count (UbPlan *plan, UbStepKind kind)
{
  guint n = 0;

  while (test_jobs_step (plan, kind, n) != NULL)
    n++;
  return n;
}

static inline gboolean
test_jobs_saves (UbPlan *plan, const char *name)
{
  for (guint i = 0; test_jobs_step (plan, UB_STEP_SAVE, i) != NULL; i++)
    if (g_strcmp0 (test_jobs_step (plan, UB_STEP_SAVE, i)->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* does any step of @kind touch [@start, @end) of the user area? */
static inline gboolean
test_jobs_touches (UbPlan *plan, UbStepKind kind, guint64 start, guint64 end)
{
  const UbStep *step;

  for (guint i = 0; (step = test_jobs_step (plan, kind, i)) != NULL; i++)
    if (step->region == UB_REGION_EMMC_USER && step->offset < end &&
        start < step->offset + step->length)
      return TRUE;
  return FALSE;
}
