/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-safety-copy.h"

#include <glib/gi18n.h>

/* A phone whose last job was given up in the middle may be empty where IMEI and calibration lay. A new
 * job would save the emptiness, keep it, and say that all is well. */

/* the account lock is empty on every phone without an account */
static gboolean
may_be_empty (const char *name)
{
  return g_ascii_strcasecmp (name, "frp") == 0;
}

static gboolean
has_content (UbBackup *copy, const UbBackupPart *part)
{
  return !part->is_missing && part->path != NULL && !ub_backup_is_blank (copy, part, 0);
}

static const UbBackupPart *
find_same (UbBackup *copy, const char *name)
{
  GPtrArray *parts = ub_backup_get_parts (copy);

  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (ub_plan_table_is_same_part (part->name, name))
        return part;
    }
  return NULL;
}

static void
report_lost (UbPlan *self, const UbBackupPart *part, UbBackup *older)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (ub_backup_get_time (older));
  /* Translators: day, month, year, time; see strftime */
  g_autofree char *time = g_date_time_format (local, _ ("%-d %B %Y, %H:%M"));

  ub_plan_add_issue (self,
                     UB_ISSUE_DANGER,
                     UB_ERROR_PROTECTED,
                     part->name,
                     /* Translators: a part of the phone, a day and time */
                     _ ("“%s” is empty on this phone now, but its safety copy of %s still has it. "
                        "Restore it from that copy first, or it stays lost."),
                     part->name,
                     time);
}

/* @older: newest first */
static void
look_back (UbPlan *self, UbBackup *copy, const UbBackupPart *part, GPtrArray *older)
{
  if (may_be_empty (part->name) || part->is_missing || !ub_backup_is_blank (copy, part, 0))
    return;
  for (guint i = 0; i < older->len; i++)
    {
      UbBackup           *other = g_ptr_array_index (older, i);
      const UbBackupPart *then = find_same (other, part->name);

      if (then == NULL || !has_content (other, then))
        continue;
      report_lost (self, part, other);
      return;
    }
}

/* Nothing runs on a phone between a job that stopped in the middle and the next one: what belongs to it alone
 * should be as it was */
static void
compare_with_before (UbPlan *self, const UbBackupPart *part, UbBackup *before)
{
  const UbBackupPart *then = find_same (before, part->name);
  g_autoptr (GDateTime) local = NULL;
  g_autofree char *time = NULL;

  if (part->is_missing || then == NULL || then->is_missing ||
      (then->length == part->length && g_strcmp0 (then->sha256, part->sha256) == 0))
    return;
  local = g_date_time_to_local (ub_backup_get_time (before));
  time = g_date_time_format (local, _ ("%-d %B %Y, %H:%M"));
  ub_plan_add_issue (self,
                     UB_ISSUE_DANGER,
                     UB_ERROR_PROTECTED,
                     part->name,
                     /* Translators: a part of the phone, a day and time */
                     _ ("The last job on this phone was not finished, and “%s” is not what it was "
                        "before it. The safety copy of %s has it as it was: if IMEI or calibration "
                        "are missing, restore it from there."),
                     part->name,
                     time);
}

static gboolean
is_restored (UbPlan *self, const char *name)
{
  return self->only == NULL || g_strv_contains ((const char *const *) self->only, name);
}

/* what is put back must not be less than what is there */
static void
look_at_source (UbPlan *self, UbBackup *copy, const UbBackupPart *part)
{
  const UbBackupPart *source = ub_backup_find (self->backup, part->name);

  if (source == NULL || source->is_missing || !is_restored (self, source->name) ||
      !ub_backup_is_blank (self->backup, source, 0) || !has_content (copy, part))
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_DANGER,
                     UB_ERROR_PROTECTED,
                     part->name,
                     _ ("“%s” is empty in the copy that is put back, but not on the phone. The "
                        "phone would lose it."),
                     part->name);
}

void
ub_plan_past_check (UbPlan *self, UbBackup *copy)
{
  GPtrArray *parts = ub_backup_get_parts (copy);
  g_autoptr (GPtrArray) older = NULL;

  if (ub_backup_get_kind (copy) != UB_BACKUP_SAFETY || self->mode == UB_MODE_READBACK ||
      self->mode == UB_MODE_TEST)
    return;
  older = ub_safety_copy_list_beside (copy);
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (!part->is_protected)
        continue;
      if (self->backup != NULL)
        look_at_source (self, copy, part);
      else
        look_back (self, copy, part, older);
      if (self->backup == NULL && older->len > 0 &&
          ub_safety_copy_is_unfinished (g_ptr_array_index (older, 0)))
        compare_with_before (self, part, g_ptr_array_index (older, 0));
    }
}
