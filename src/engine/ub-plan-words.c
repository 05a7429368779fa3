/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

#include <glib/gi18n.h>

/* The plan in words and minutes. */

/* what USB 2 phones of this age take, the time until the agent runs, and the time after a step's
 * last byte */
#define GUESSED_SPEED 10e6
#define ERASE_SPEED 1e9
#define START_US (8 * G_USEC_PER_SEC)
#define STEP_US (G_USEC_PER_SEC / 20)

/* @bytes_per_second, 0: a guess */
gint64
ub_plan_estimate_us (UbPlan *self, double bytes_per_second)
{
  double speed = bytes_per_second > 0 ? bytes_per_second : GUESSED_SPEED;
  double seconds = 0;

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      seconds += step->kind == UB_STEP_ERASE ? (double) step->length / ERASE_SPEED
                                             : (double) step->bytes / speed;
    }
  return START_US + STEP_US * self->steps->len + (gint64) (seconds * G_USEC_PER_SEC);
}

static gboolean
goes_to_phone (UbStepKind kind)
{
  return kind == UB_STEP_TABLE || kind == UB_STEP_RESTORE || kind == UB_STEP_WRITE;
}

static void
add_name (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

static GStrv
steal_names (GPtrArray *names)
{
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (names, FALSE);
}

static GStrv
names_of_steps (UbPlan *self, UbStepKind kind)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == kind)
        add_name (names, step->name);
    }
  return steal_names (names);
}

static GStrv
names_of_rows (UbPlan *self, UbRowFate fate)
{
  GPtrArray *names = g_ptr_array_new ();
  guint      n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (ub_plan_row_get_fate (row) == fate)
        add_name (names, ub_plan_row_get_name (row));
    }
  return steal_names (names);
}

static gboolean
changes (UbPlan *self, const UbStep *step, const UbLayoutEntry *entry)
{
  const UbPlanRange range = { entry->start, entry->start + entry->size };

  return (step->kind == UB_STEP_ERASE || step->kind == UB_STEP_WRITE ||
          step->kind == UB_STEP_RESTORE) &&
         step->region == entry->region &&
         ub_plan_check_overlap (ub_plan_check_range_of_step (self, step), range);
}

/* everything else on the phone, too */
static gboolean
is_emptied (UbPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_ERASE && step->partition == NULL &&
          g_str_equal (step->name, "user"))
        return TRUE;
    }
  return FALSE;
}

/* what is empty afterwards */
static GStrv
erased_names (UbPlan *self)
{
  GPtrArray *names = g_ptr_array_new ();
  guint      n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  gboolean   all = is_emptied (self);

  if (self->firmware == NULL)
    {
      g_ptr_array_free (names, TRUE);
      return names_of_steps (self, UB_STEP_ERASE);
    }
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      UbRowFate          fate = ub_plan_row_get_fate (row);
      const UbPartition *partition = ub_plan_row_get_partition (row);
      gboolean           is_left = fate == UB_ROW_SKIP || fate == UB_ROW_NO_FILE;

      if (fate == UB_ROW_ERASE || (all && is_left && !ub_plan_is_table (partition) &&
                                   partition->region == ub_plan_get_user_region (self->storage)))
        add_name (names, ub_plan_row_get_name (row));
    }
  return steal_names (names);
}

/* left alone, or put back at its new place */
static gboolean
is_kept (UbPlan *self, const UbLayoutEntry *entry)
{
  gboolean is_changed = FALSE;

  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (self->firmware != NULL && step->kind == UB_STEP_RESTORE &&
          ub_plan_table_is_same_part (step->name, entry->name))
        return TRUE;
      is_changed = is_changed || changes (self, step, entry);
    }
  return !is_changed;
}

/* what the phone has of its own, and where that is not known yet, what the map says */
static GStrv
kept_names (UbPlan *self)
{
  g_autoptr (GPtrArray) entries = NULL;
  GPtrArray *names;

  if (self->phone == NULL)
    return names_of_rows (self, UB_ROW_KEPT);
  entries = ub_plan_save_dup_protected (self, self->phone);
  names = g_ptr_array_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (entries, i);

      if (is_kept (self, entry))
        add_name (names, entry->name);
    }
  return steal_names (names);
}

typedef gboolean (*NameTest) (const char *name);

static gboolean
is_own_name (const char *name)
{
  return ub_partition_role_for_name (name) == UB_ROLE_PROTECTED;
}

static gboolean
writes_any (UbPlan *self, NameTest test)
{
  if (self->single_name != NULL && test (self->single_name))
    return TRUE;
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_WRITE && test (step->name))
        return TRUE;
    }
  return FALSE;
}

/* without a table, or with one that lies, not all may be found or have a place */
static gboolean
is_own_in_danger (UbPlan *self)
{
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (issue->level == UB_ISSUE_DANGER &&
          (issue->code == UB_ERROR_PROTECTED || issue->code == UB_ERROR_NO_SAFETY_COPY ||
           issue->code == UB_ERROR_WRONG_LAYOUT))
        return TRUE;
    }
  return FALSE;
}

static const char *
lost_sentence (UbPlan *self)
{
  switch (self->mode)
    {
    case UB_MODE_FIRMWARE_UPGRADE:
      return _ ("Photos, apps and settings in the phone's memory are lost.");
    case UB_MODE_FORMAT_ALL:
      return _ ("Everything in the phone's memory is lost: photos, apps, settings and the system.");
    case UB_MODE_RESTORE:
      return _ ("What came to these parts since the copy was made is lost.");
    case UB_MODE_ERASE:
      return self->target.whole ? _ ("Everything in the phone's memory is lost: photos, apps, "
                                     "settings and the system.")
                                : _ ("What is in these parts is lost.");
    default:
      if (writes_any (self, ub_plan_rows_is_user_data))
        return _ ("Photos, apps and settings in the phone's memory are lost.");
      return "";
    }
}

/* where all else is lost */
static const char *
own_sentence (UbPlan *self)
{
  if (is_own_in_danger (self))
    return _ ("What can be found of IMEI, calibration and serial number is saved first and "
              "kept; the warnings say what is not.");
  return _ ("IMEI, calibration and serial number are saved first and kept.");
}

static const char *
keeps_sentence (UbPlan *self)
{
  switch (self->mode)
    {
    case UB_MODE_FIRMWARE_UPGRADE:
    case UB_MODE_FORMAT_ALL:
      return own_sentence (self);
    case UB_MODE_READBACK:
    case UB_MODE_TEST:
      return _ ("Nothing on the phone changes.");
    case UB_MODE_RESTORE:
    case UB_MODE_ERASE:
      if (self->mode == UB_MODE_ERASE && self->target.whole)
        return own_sentence (self);
      return _ ("The rest stays. IMEI, calibration and serial number are saved first.");
    default:
      if (writes_any (self, is_own_name))
        return _ ("The rest stays. IMEI, calibration and serial number are saved first.");
      if (writes_any (self, ub_plan_rows_is_user_data))
        return _ ("IMEI, calibration and serial number are saved first and kept.");
      return _ ("Photos, apps and settings stay. IMEI, calibration and serial number are saved "
                "first and kept.");
    }
}

/* the parts of the copy that go back */
static void
fill_restored (UbPlan *self, UbPlanSummary *summary)
{
  GPtrArray *parts = ub_backup_get_parts (self->backup);
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);

      if (part->is_missing ||
          (self->only != NULL && !g_strv_contains ((const char *const *) self->only, part->name)))
        continue;
      add_name (names, part->name);
      summary->n_parts++;
      summary->bytes += part->length;
    }
  g_strfreev (summary->written);
  summary->written = steal_names (names);
  /* written, and read back */
  summary->time_us += (gint64) (2.0 * (double) summary->bytes / GUESSED_SPEED * G_USEC_PER_SEC);
}

/* without a phone these jobs have no steps yet: what was asked for */
static void
fill_wishes (UbPlan *self, UbPlanSummary *summary)
{
  if (self->mode == UB_MODE_RESTORE)
    fill_restored (self, summary);
  if (self->mode != UB_MODE_ERASE)
    return;
  g_strfreev (summary->erased);
  summary->erased = self->target.names != NULL ? g_strdupv ((char **) self->target.names)
                                               : g_strsplit (self->title, "\n", 1);
  summary->time_us = 0;
}

/**
 * ub_plan_dup_summary:
 * @self: a plan
 *
 * Returns: (transfer full): the plan in words
 */
UbPlanSummary *
ub_plan_dup_summary (UbPlan *self)
{
  UbPlanSummary *summary = g_new0 (UbPlanSummary, 1);

  summary->n_parts = ub_plan_get_n_parts (self);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (goes_to_phone (step->kind))
        summary->bytes += step->bytes;
    }
  summary->time_us = ub_plan_estimate_us (self, 0);
  summary->written =
      names_of_steps (self, self->mode == UB_MODE_RESTORE ? UB_STEP_RESTORE : UB_STEP_WRITE);
  summary->erased = erased_names (self);
  summary->kept = kept_names (self);
  summary->saved = names_of_steps (self, UB_STEP_SAVE);
  summary->lost = g_strdup (lost_sentence (self));
  summary->keeps = g_strdup (keeps_sentence (self));
  if (self->phone == NULL)
    fill_wishes (self, summary);
  return summary;
}

void
ub_plan_summary_free (UbPlanSummary *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->written);
  g_strfreev (self->erased);
  g_strfreev (self->kept);
  g_strfreev (self->saved);
  g_free (self->lost);
  g_free (self->keeps);
  g_free (self);
}
