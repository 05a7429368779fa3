/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-boot-image.h"
#include "engine/ub-plan-jobs.h"
#include "engine/ub-plan-private.h"
#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>
#include <string.h>

/* The third look at a plan, with the safety copy in hand: what lies in its files decides what is still to do. */

/* --- parts that are put back --- */

static void
report_no_room (UbPlan *self, const UbStep *step)
{
  ub_plan_add_issue (
      self,
      UB_ISSUE_BLOCKER,
      UB_ERROR_IMAGE_TOO_BIG,
      step->name,
      _ ("“%s” of this phone does not fit into its new place: there is less room in this "
         "firmware's map."),
      step->name);
}

/* FALSE if the copy does not have it: the step cannot be done */
static gboolean
settle_saved (UbPlan *self, UbBackup *copy, UbStep *step)
{
  const UbBackupPart *part = copy != NULL ? ub_backup_find (copy, step->saved) : NULL;

  if (part == NULL || part->is_missing || part->path == NULL)
    {
      /* what is only looked at is not lost by that */
      if (step->kind == UB_STEP_VERIFY)
        return FALSE;
      ub_plan_add_issue (
          self,
          UB_ISSUE_DANGER,
          UB_ERROR_NO_SAFETY_COPY,
          step->saved,
          _ ("“%s” could not be saved, so it cannot be put back: what it holds is lost."),
          step->saved);
      return FALSE;
    }
  if (part->length > step->length && !ub_backup_is_blank (copy, part, step->length))
    report_no_room (self, step);
  step->length = MIN (step->length, part->length);
  step->bytes = MIN (step->bytes, step->length);
  g_free (step->image_path);
  step->image_path = g_strdup (part->path);
  step->source_offset = part->path_offset;
  g_clear_pointer (&step->saved, g_free);
  return TRUE;
}

/* --- the preloader rule (shared/facts/troubles.md 23) --- */

/* what the session would send; NULL with FILE_READ or what is wrong with the file */
static GBytes *
load_preloader (const UbStep *step, GError **error)
{
  gboolean is_ufs = step->region == UB_REGION_UFS_LU0 || step->region == UB_REGION_UFS_LU1;
  g_autoptr (GBytes) file = NULL;
  char *data;
  gsize size;

  if (!g_file_get_contents (step->image_path, &data, &size, NULL))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: cannot be read", step->image_path);
      return NULL;
    }
  file = g_bytes_new_take (data, size);
  return ub_preloader_add_storage_header (file, is_ufs ? "UFS_BOOT" : "EMMC_BOOT", error);
}

static const UbBackupPart *
find_boot_part (UbBackup *copy, UbRegion region)
{
  gboolean            first = region == UB_REGION_EMMC_BOOT1 || region == UB_REGION_UFS_LU0;
  const UbBackupPart *part = copy != NULL ? ub_backup_find (copy, first ? "boot1" : "boot2") : NULL;

  return part != NULL && part->region == region && !part->is_missing ? part : NULL;
}

/* what cannot be read counts as different: then it is written */
static gboolean
has_content (UbBackup *copy, const UbBackupPart *part, guint64 offset, GBytes *content)
{
  gsize              size;
  const guint8      *wanted = g_bytes_get_data (content, &size);
  g_autofree guint8 *data = NULL;

  if (part == NULL || offset < part->offset || size > part->length)
    return FALSE;
  data = g_malloc (size);
  return ub_backup_read (copy, part, offset - part->offset, data, size, NULL) &&
         memcmp (data, wanted, size) == 0;
}

static void
drop_steps_of (UbPlan *self, UbRegion region)
{
  for (guint i = self->steps->len; i > 0; i--)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i - 1);

      if (step->is_preloader && step->region == region &&
          (step->kind == UB_STEP_WRITE || step->kind == UB_STEP_VERIFY))
        g_ptr_array_remove_index (self->steps, i - 1);
    }
}

static const UbStep *
find_preloader_write (UbPlan *self, UbRegion region)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_WRITE && step->is_preloader && step->region == region &&
          step->image_path != NULL)
        return step;
    }
  return NULL;
}

/* what is written over here is all that starts the phone */
static void
report_no_way_back (UbPlan *self, UbBackup *copy, UbRegion region)
{
  gboolean            first = region == UB_REGION_EMMC_BOOT1 || region == UB_REGION_UFS_LU0;
  const UbBackupPart *part = copy != NULL ? ub_backup_find (copy, first ? "boot1" : "boot2") : NULL;

  if (part == NULL || !part->is_missing)
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_DANGER,
      UB_ERROR_NO_SAFETY_COPY,
      part->name,
      _ ("“%s”, from which the phone starts, could not be read, so it is not saved. If "
         "the new start-up code does not fit, the old one cannot be put back."),
      part->name);
}

static gboolean
settle_preloader (UbPlan *self, UbBackup *copy, UbRegion region, GError **error)
{
  const UbStep *step = find_preloader_write (self, region);
  g_autoptr (GBytes) content = NULL;

  if (step == NULL)
    return TRUE;
  content = load_preloader (step, error);
  if (content == NULL)
    return FALSE;
  if (!has_content (copy, find_boot_part (copy, region), step->offset, content))
    {
      report_no_way_back (self, copy, region);
      return TRUE;
    }
  drop_steps_of (self, region);
  ub_plan_add_issue (self,
                     UB_ISSUE_NOTE,
                     UB_ERROR_NOTHING_TO_DO,
                     "preloader",
                     _ ("The phone has this preloader already, so it is not written."));
  return TRUE;
}

static gboolean
settle_preloaders (UbPlan *self, UbBackup *copy, GError **error)
{
  static const UbRegion regions[] = { UB_REGION_EMMC_BOOT2,
                                      UB_REGION_EMMC_BOOT1,
                                      UB_REGION_UFS_LU1,
                                      UB_REGION_UFS_LU0 };

  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    if (self->preloader == UB_PRELOADER_WRITE)
      {
        if (find_preloader_write (self, regions[i]) != NULL)
          report_no_way_back (self, copy, regions[i]);
      }
    else if (!settle_preloader (self, copy, regions[i], error))
      return FALSE;
  return TRUE;
}

/* --- Single part: like the one that is there? --- */

static gboolean
has_vbmeta (const UbLayout *layout)
{
  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    if (g_ascii_strncasecmp (((const UbLayoutEntry *) g_ptr_array_index (layout->entries, i))->name,
                             "vbmeta",
                             6) == 0)
      return TRUE;
  return FALSE;
}

static void
warn (UbPlan *self, const char *text)
{
  ub_plan_add_issue (self, UB_ISSUE_WARNING, UB_ERROR_BAD_IMAGE, self->single_name, "%s", text);
}

static void
compare_boot_images (UbPlan *self, const UbPlanBootImage *next, const UbPlanBootImage *now)
{
  g_autofree char *text = NULL;

  if (next->header_version != now->header_version)
    text =
        g_strdup_printf (_ ("The file has a header of version %u, the phone's “%s” one of version "
                            "%u: it may be for another Android version."),
                         next->header_version,
                         self->single_name,
                         now->header_version);
  if (text != NULL)
    warn (self, text);
  if (next->page_size != now->page_size)
    warn (self, _ ("The file is made for another page size than what is on the phone."));
  if (next->arch != now->arch && next->arch != UB_PLAN_ARCH_UNKNOWN &&
      now->arch != UB_PLAN_ARCH_UNKNOWN)
    warn (self,
          next->arch == UB_PLAN_ARCH_64
              ? _ ("The file is for a 64-bit system, but the phone's is 32-bit.")
              : _ ("The file is for a 32-bit system, but the phone's is 64-bit."));
}

/* (nullable): of two sets the phone has chosen one */
static const char *
get_written_name (UbPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (self->steps, i))->kind == UB_STEP_WRITE)
      return ((const UbStep *) g_ptr_array_index (self->steps, i))->name;
  return NULL;
}

static void
settle_single (UbPlan *self, UbBackup *copy)
{
  const char         *written = get_written_name (self);
  const UbBackupPart *part =
      copy != NULL && written != NULL ? ub_backup_find (copy, written) : NULL;
  UbPlanBootImage next, now;
  gboolean        signed_now;

  if (!ub_plan_single_wants_boot_image (self->single_name) ||
      !ub_plan_boot_image_read_file (self->single_path, &next))
    return;
  if (part != NULL && ub_plan_boot_image_read_part (copy, part, &now))
    compare_boot_images (self, &next, &now);
  signed_now = part != NULL && ub_plan_boot_image_has_footer (copy, part);
  if (signed_now || (self->phone != NULL && has_vbmeta (ub_phone_info_get_layout (self->phone))))
    ub_plan_add_issue (
        self,
        UB_ISSUE_WARNING,
        UB_ERROR_BAD_IMAGE,
        self->single_name,
        _ ("The phone checks what it starts: it may refuse to start a changed “%s”. The "
           "present one is saved first and can be put back."),
        self->single_name);
}

static gboolean
writes_firmware (UbPlan *self)
{
  switch (self->mode)
    {
    case UB_MODE_DOWNLOAD_ONLY:
    case UB_MODE_FIRMWARE_UPGRADE:
    case UB_MODE_FORMAT_ALL:
    case UB_MODE_REPAIR:
    case UB_MODE_SINGLE:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * ub_plan_settle:
 * @self: a checked plan
 * @copy: (nullable): the safety copy; %NULL if there is none
 * @error: FILE_READ, BAD_IMAGE … if a preloader that is to be written cannot be read
 *
 * Reads files of the copy and of the firmware, never the phone; the same files give the same plan.
 * Settling a settled plan changes nothing.
 *
 * Returns: (transfer full) (nullable): a copy that can be carried out, perhaps a blocked one
 */
UbPlan *
ub_plan_settle (UbPlan *self, UbBackup *copy, GError **error)
{
  g_autoptr (UbPlan) plan = ub_plan_copy (self);

  for (guint i = 0; i < plan->steps->len;)
    {
      UbStep *step = g_ptr_array_index (plan->steps, i);

      if (step->saved == NULL || settle_saved (plan, copy, step))
        i++;
      else
        g_ptr_array_remove_index (plan->steps, i);
    }
  if (writes_firmware (plan) && !settle_preloaders (plan, copy, error))
    return NULL;
  if (plan->mode == UB_MODE_SINGLE)
    settle_single (plan, copy);
  if (copy != NULL)
    ub_plan_past_check (plan, copy);
  if (writes_firmware (plan) && copy != NULL)
    ub_plan_fit_check_copy (plan, copy);
  ub_plan_refresh_rows (plan);
  return g_steal_pointer (&plan);
}
