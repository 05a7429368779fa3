/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

G_DEFINE_FINAL_TYPE (UbPlan, ub_plan, G_TYPE_OBJECT)

/* --- steps and issues --- */

void
ub_plan_step_free (gpointer data)
{
  UbStep *step = data;

  g_free (step->name);
  g_free (step->image_path);
  g_clear_pointer (&step->content, g_bytes_unref);
  g_clear_pointer (&step->layout, ub_layout_free);
  g_free (step->saved);
  g_free (step->agent_name);
  g_free (step);
}

UbStep *
ub_plan_step_copy (const UbStep *step)
{
  UbStep *copy = g_memdup2 (step, sizeof *step);

  copy->name = g_strdup (step->name);
  copy->image_path = g_strdup (step->image_path);
  copy->content = step->content != NULL ? g_bytes_ref (step->content) : NULL;
  copy->layout = step->layout != NULL ? ub_layout_copy (step->layout) : NULL;
  copy->saved = g_strdup (step->saved);
  copy->agent_name = g_strdup (step->agent_name);
  return copy;
}

UbStep *
ub_plan_add_step (UbPlan     *self,
                  UbStepKind  kind,
                  const char *name,
                  UbRegion    region,
                  guint64     offset,
                  guint64     length)
{
  UbStep *step = g_new0 (UbStep, 1);

  step->kind = kind;
  step->name = g_strdup (name);
  step->region = region;
  step->offset = offset;
  step->length = length;
  g_ptr_array_add (self->steps, step);
  return step;
}

static void
issue_free (gpointer data)
{
  UbIssue *issue = data;

  g_free (issue->partition);
  g_free (issue->text);
  g_free (issue);
}

static gboolean
has_issue (UbPlan *self, const UbIssue *other)
{
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (issue->level == other->level && issue->code == other->code &&
          g_strcmp0 (issue->partition, other->partition) == 0 &&
          g_strcmp0 (issue->text, other->text) == 0)
        return TRUE;
    }
  return FALSE;
}

/* each once, however often it is found */
void
ub_plan_add_issue (UbPlan      *self,
                   UbIssueLevel level,
                   int          code,
                   const char  *partition,
                   const char  *format,
                   ...)
{
  UbIssue *issue = g_new0 (UbIssue, 1);
  va_list  args;

  issue->level = level;
  issue->code = code;
  issue->partition = g_strdup (partition);
  va_start (args, format);
  issue->text = g_strdup_vprintf (format, args);
  va_end (args);
  if (has_issue (self, issue))
    issue_free (issue);
  else
    g_ptr_array_add (self->issues, issue);
}

/* --- what a part is to us --- */

/* a map's mark only ever adds to our own list: it is a hint, never a permission */
gboolean
ub_plan_is_protected (const UbPartition *partition)
{
  return partition->role == UB_ROLE_PROTECTED || partition->operation == UB_OPERATION_PROTECTED ||
         partition->operation == UB_OPERATION_BINREGION;
}

gboolean
ub_plan_is_table (const UbPartition *partition)
{
  static const char *const names[] = { "mbr", "pgpt", "sgpt", "pmt" };

  if (partition->role == UB_ROLE_TABLE || g_ascii_strncasecmp (partition->name, "ebr", 3) == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (partition->name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

gboolean
ub_plan_is_start_up (UbRole role)
{
  return role == UB_ROLE_START_UP || role == UB_ROLE_PRELOADER;
}

gboolean
ub_plan_is_reserved (const UbPartition *partition)
{
  return partition->role == UB_ROLE_RESERVED || partition->is_reserved ||
         partition->operation == UB_OPERATION_RESERVED;
}

static gboolean
names_contain (char **names, const char *name)
{
  for (gsize i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

gboolean
ub_plan_is_wished (UbPlan *self, const UbPartition *partition)
{
  g_autofree char *key = g_ascii_strdown (partition->name, -1);
  gpointer         tick;

  if (self->only != NULL)
    return names_contain (self->only, partition->name);
  if (self->ticks != NULL && g_hash_table_lookup_extended (self->ticks, key, NULL, &tick))
    return GPOINTER_TO_INT (tick) != 0;
  return FALSE;
}

UbRegion
ub_plan_get_user_region (UbStorage storage)
{
  return storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
}

guint
ub_plan_get_sector (UbPlan *self)
{
  const UbDaReport *report = self->phone != NULL ? ub_phone_info_get_report (self->phone) : NULL;
  const UbDaReport  guess = { .storage = self->storage };

  return ub_plan_save_get_sector (report != NULL && report->storage == self->storage ? report
                                                                                     : &guess);
}

gboolean
ub_plan_is_legacy (UbPhoneInfo *phone)
{
  const UbBromInfo *brom = phone != NULL ? ub_phone_info_get_brom (phone) : NULL;

  return brom == NULL || brom->chip == NULL || brom->chip->protocol == UB_PROTOCOL_LEGACY;
}

/* --- making one --- */

UbPlan *
ub_plan_new_empty (UbMode mode, UbStorage storage, const char *title)
{
  UbPlan *self = g_object_new (UB_TYPE_PLAN, NULL);

  self->mode = mode;
  self->storage = storage;
  self->title = g_strdup (title != NULL ? title : "");
  return self;
}

static void
copy_wishes (UbPlan *copy, UbPlan *self)
{
  copy->ticks = self->ticks != NULL ? g_hash_table_ref (self->ticks) : NULL;
  copy->only = g_strdupv (self->only);
  copy->expert = self->expert;
  copy->verify_all = self->verify_all;
  copy->preloader = self->preloader;
  copy->slots = self->slots;
  copy->single_name = g_strdup (self->single_name);
  copy->single_path = g_strdup (self->single_path);
  copy->folder = g_strdup (self->folder);
  copy->target = self->target;
  copy->target.names = (const char *const *) g_strdupv ((char **) self->target.names);
}

UbPlan *
ub_plan_copy (UbPlan *self)
{
  UbPlan *copy = ub_plan_new_empty (self->mode, self->storage, self->title);
  guint   n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  g_set_object (&copy->firmware, self->firmware);
  g_set_object (&copy->backup, self->backup);
  g_set_object (&copy->phone, self->phone);
  copy_wishes (copy, self);
  copy->save_bytes = self->save_bytes;
  copy->n_first_issues = self->n_first_issues;
  for (guint i = 0; i < self->steps->len; i++)
    g_ptr_array_add (copy->steps, ub_plan_step_copy (g_ptr_array_index (self->steps, i)));
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      ub_plan_add_issue (copy, issue->level, issue->code, issue->partition, "%s", issue->text);
    }
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      g_list_store_append (copy->rows, row);
    }
  return copy;
}

/* --- reading a plan --- */

UbFirmware *
ub_plan_get_firmware (UbPlan *self)
{
  return self->firmware;
}

UbBackup *
ub_plan_get_backup (UbPlan *self)
{
  return self->backup;
}

const char *
ub_plan_get_folder (UbPlan *self)
{
  return self->folder;
}

const char *
ub_plan_get_title (UbPlan *self)
{
  return self->title;
}

UbMode
ub_plan_get_mode (UbPlan *self)
{
  return self->mode;
}

UbStorage
ub_plan_get_storage (UbPlan *self)
{
  return self->storage;
}

GPtrArray *
ub_plan_get_steps (UbPlan *self)
{
  return self->steps;
}

GPtrArray *
ub_plan_get_issues (UbPlan *self)
{
  return self->issues;
}

GListModel *
ub_plan_get_rows (UbPlan *self)
{
  return G_LIST_MODEL (self->rows);
}

static const UbIssue *
first_issue (UbPlan *self, UbIssueLevel level)
{
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (issue->level == level)
        return issue;
    }
  return NULL;
}

gboolean
ub_plan_is_blocked (UbPlan *self)
{
  return ub_plan_get_first_blocker (self) != NULL;
}

const UbIssue *
ub_plan_get_first_blocker (UbPlan *self)
{
  return first_issue (self, UB_ISSUE_BLOCKER);
}

gboolean
ub_plan_has_danger (UbPlan *self)
{
  return first_issue (self, UB_ISSUE_DANGER) != NULL;
}

guint64
ub_plan_get_bytes (UbPlan *self)
{
  guint64 bytes = 0;

  for (guint i = 0; i < self->steps->len; i++)
    bytes += ((const UbStep *) g_ptr_array_index (self->steps, i))->bytes;
  return bytes;
}

static gboolean
is_counted (UbPlan *self, const UbStep *step)
{
  return step->kind == UB_STEP_WRITE ||
         (self->mode == UB_MODE_RESTORE && step->kind == UB_STEP_RESTORE);
}

guint
ub_plan_get_n_parts (UbPlan *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->steps->len; i++)
    {
      UbStep *step = g_ptr_array_index (self->steps, i);

      if (is_counted (self, step))
        g_hash_table_add (names, step->name);
    }
  return g_hash_table_size (names);
}

static void
ub_plan_finalize (GObject *object)
{
  UbPlan *self = UB_PLAN (object);

  g_clear_object (&self->firmware);
  g_clear_object (&self->backup);
  g_clear_object (&self->phone);
  g_clear_object (&self->rows);
  g_free (self->title);
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->issues);
  g_clear_pointer (&self->ticks, g_hash_table_unref);
  g_strfreev (self->only);
  g_free (self->single_name);
  g_free (self->single_path);
  g_free (self->folder);
  g_strfreev ((char **) self->target.names);

  G_OBJECT_CLASS (ub_plan_parent_class)->finalize (object);
}

static void
ub_plan_class_init (UbPlanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_plan_finalize;
}

static void
ub_plan_init (UbPlan *self)
{
  self->steps = g_ptr_array_new_with_free_func (ub_plan_step_free);
  self->issues = g_ptr_array_new_with_free_func (issue_free);
  self->rows = g_list_store_new (UB_TYPE_PLAN_ROW);
}
