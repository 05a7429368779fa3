/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

#include <glib/gi18n.h>
#include <string.h>

/* what USB 2 phones of this age take, and the time until the agent runs */
#define GUESSED_SPEED 10e6
#define START_US (8 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE (UbPlan, ub_plan, G_TYPE_OBJECT)

static void
step_free (gpointer data)
{
  UbStep *step = data;

  g_free (step->name);
  g_free (step->image_path);
  g_free (step);
}

static UbStep *
step_copy (const UbStep *step)
{
  UbStep *copy = g_memdup2 (step, sizeof *step);

  copy->name = g_strdup (step->name);
  copy->image_path = g_strdup (step->image_path);
  return copy;
}

static void
issue_free (gpointer data)
{
  UbIssue *issue = data;

  g_free (issue->partition);
  g_free (issue->text);
  g_free (issue);
}

static UbPlan *
plan_new_empty (UbFirmware *firmware, UbMode mode, UbStorage storage)
{
  UbPlan *self = g_object_new (UB_TYPE_PLAN, NULL);

  self->firmware = g_object_ref (firmware);
  self->mode = mode;
  self->storage = storage;
  return self;
}

UbPlan *
ub_plan_copy (UbPlan *self)
{
  UbPlan *copy = plan_new_empty (self->firmware, self->mode, self->storage);
  guint   n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < self->steps->len; i++)
    g_ptr_array_add (copy->steps, step_copy (g_ptr_array_index (self->steps, i)));
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
  g_ptr_array_add (self->issues, issue);
}

/* --- what a part is to Download only --- */

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
ub_plan_is_reserved (const UbPartition *partition)
{
  return partition->role == UB_ROLE_RESERVED || partition->is_reserved ||
         partition->operation == UB_OPERATION_RESERVED;
}

static gboolean
is_start_up (const UbPartition *partition)
{
  return partition->role == UB_ROLE_START_UP || partition->role == UB_ROLE_PRELOADER;
}

static gboolean
is_tickable (const UbPartition *partition, gboolean expert)
{
  if (partition->image_path == NULL || ub_plan_is_reserved (partition) ||
      ub_plan_is_table (partition))
    return FALSE;
  return expert || !ub_plan_is_protected (partition);
}

static gboolean
names_contain (const char *const *names, const char *name)
{
  for (gsize i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* did the person, not the map, ask for this part? */
gboolean
ub_plan_is_wished (const UbPartition *partition, const UbPlanChoice *choice)
{
  g_autofree char *key = g_ascii_strdown (partition->name, -1);
  gpointer         tick;

  if (choice->only != NULL)
    return names_contain (choice->only, partition->name);
  if (choice->ticks != NULL && g_hash_table_lookup_extended (choice->ticks, key, NULL, &tick))
    return GPOINTER_TO_INT (tick) != 0;
  return FALSE;
}

static gboolean
is_ticked (const UbPartition *partition, const UbPlanChoice *choice)
{
  g_autofree char *key = g_ascii_strdown (partition->name, -1);

  if (!is_tickable (partition, choice->expert))
    return FALSE;
  if (choice->only != NULL || (choice->ticks != NULL && g_hash_table_contains (choice->ticks, key)))
    return ub_plan_is_wished (partition, choice);
  return partition->is_download && !ub_plan_is_protected (partition);
}

static const char *
kept_text (const char *name)
{
  static const struct
  {
    const char *prefix;
    const char *text;
  } texts[] = {
    { "nv", N_ ("Kept: IMEI and calibration") },
    { "protect", N_ ("Kept: IMEI and network locks") },
    { "pro_info", N_ ("Kept: serial number") },
    { "proinfo", N_ ("Kept: serial number") },
    { "persist", N_ ("Kept: calibration of sensors") },
    { "seccfg", N_ ("Kept: lock state of the phone") },
    { "frp", N_ ("Kept: the owner's account lock") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_ascii_strncasecmp (name, texts[i].prefix, strlen (texts[i].prefix)) == 0)
      return _ (texts[i].text);
  return _ ("Kept: belongs to this phone alone");
}

/* --- steps --- */

static void
add_step (UbPlan *self, const UbPartition *partition, UbRegion region)
{
  UbStep *step = g_new0 (UbStep, 1);

  step->kind = UB_STEP_WRITE;
  step->partition = partition;
  step->name = g_strdup (partition->name);
  step->region = region;
  step->offset = partition->start;
  step->length = partition->image_size + ub_plan_files_header_size (partition, region);
  /* a sparse file sends about what it holds; the session counts exactly */
  step->bytes = MIN (partition->image_size, partition->image_file_size) +
                ub_plan_files_header_size (partition, region);
  step->image_path = g_strdup (partition->image_path);
  step->start_up = is_start_up (partition);
  g_ptr_array_add (self->steps, step);
}

/* the second copy first: the boot ROM looks at the first one first, so a cut in between is survived
 */
static void
add_steps (UbPlan *self, const UbPartition *partition)
{
  switch (partition->region)
    {
    case UB_REGION_EMMC_BOOT1_BOOT2:
      add_step (self, partition, UB_REGION_EMMC_BOOT2);
      add_step (self, partition, UB_REGION_EMMC_BOOT1);
      break;
    case UB_REGION_UFS_LU0_LU1:
      add_step (self, partition, UB_REGION_UFS_LU1);
      add_step (self, partition, UB_REGION_UFS_LU0);
      break;
    default:
      add_step (self, partition, partition->region);
    }
}

/* start-up code, then the system, and the preloader last: as long as it is whole, the phone can be
 * reached again */
static guint
order_of (const UbPartition *partition)
{
  if (partition->role == UB_ROLE_PRELOADER)
    return 2;
  return partition->role == UB_ROLE_START_UP ? 0 : 1;
}

static void
add_all_steps (UbPlan *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint order = 0; order <= 2; order++)
    for (guint i = 0; i < n_rows; i++)
      {
        g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
        const UbPartition *partition = ub_plan_row_get_partition (row);

        if (ub_plan_row_get_fate (row) == UB_ROW_WRITE && order_of (partition) == order)
          add_steps (self, partition);
      }
}

/* --- rows --- */

static UbRowFate
fate_of (const UbPartition *partition, gboolean ticked)
{
  if (ub_plan_is_reserved (partition))
    return UB_ROW_RESERVED;
  if (ticked)
    return UB_ROW_WRITE;
  if (ub_plan_is_protected (partition))
    return UB_ROW_KEPT;
  return partition->image_path != NULL ? UB_ROW_SKIP : UB_ROW_NO_FILE;
}

static const char *
note_of (const UbPartition *partition, UbRowFate fate)
{
  if (fate == UB_ROW_KEPT)
    return kept_text (partition->name);
  if (fate == UB_ROW_RESERVED)
    return _ ("The phone's own: never touched");
  if (ub_plan_is_table (partition))
    return _ ("Compared with the phone's, not written");
  return "";
}

static void
add_row (UbPlan *self, const UbPartition *partition, const UbPlanChoice *choice)
{
  gboolean  ticked = is_ticked (partition, choice);
  UbRowFate fate = fate_of (partition, ticked);
  g_autoptr (UbPlanRow) row = ub_plan_row_new (self->firmware,
                                               partition,
                                               fate,
                                               ticked,
                                               is_tickable (partition, choice->expert),
                                               note_of (partition, fate),
                                               -1);

  g_list_store_append (self->rows, row);
}

static int
worst_level (UbPlan *self, const char *partition, const char **text)
{
  int worst = -1;

  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (g_strcmp0 (issue->partition, partition) != 0 || (int) issue->level <= worst)
        continue;
      worst = (int) issue->level;
      *text = issue->text;
    }
  return worst;
}

void
ub_plan_refresh_rows (UbPlan *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      const char *text = NULL;
      int         level = worst_level (self, ub_plan_row_get_name (row), &text);

      g_ptr_array_add (fresh, ub_plan_row_with_level (row, level, text));
    }
  g_list_store_splice (self->rows, 0, n_rows, fresh->pdata, fresh->len);
}

/* --- making one --- */

static UbStorage
first_storage (UbFirmware *firmware)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);

  if (partitions->len == 0)
    return UB_STORAGE_UNKNOWN;
  return ((const UbPartition *) g_ptr_array_index (partitions, 0))->storage;
}

/**
 * ub_plan_new:
 * @firmware: a package
 * @choice: what the person wants
 *
 * Plans. Nothing but the first bytes of boot images and preloaders is read.
 *
 * Returns: (transfer full): a plan, perhaps a blocked one
 */
UbPlan *
ub_plan_new (UbFirmware *firmware, const UbPlanChoice *choice)
{
  UbStorage storage =
      choice->storage != UB_STORAGE_UNKNOWN ? choice->storage : first_storage (firmware);
  UbPlan    *self = plan_new_empty (firmware, choice->mode, storage);
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (partition->storage == storage)
        add_row (self, partition, choice);
    }
  add_all_steps (self);
  ub_plan_files_check (self, choice);
  ub_plan_check_overlaps (self, NULL);
  if (self->steps->len == 0)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_NOTHING_TO_DO,
                       NULL,
                       _ ("Nothing is ticked that has a file."));
  ub_plan_refresh_rows (self);
  return self;
}

/* --- reading a plan --- */

UbFirmware *
ub_plan_get_firmware (UbPlan *self)
{
  return self->firmware;
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

gboolean
ub_plan_is_blocked (UbPlan *self)
{
  return ub_plan_get_first_blocker (self) != NULL;
}

const UbIssue *
ub_plan_get_first_blocker (UbPlan *self)
{
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (issue->level == UB_ISSUE_BLOCKER)
        return issue;
    }
  return NULL;
}

guint64
ub_plan_get_bytes (UbPlan *self)
{
  guint64 bytes = 0;

  for (guint i = 0; i < self->steps->len; i++)
    bytes += ((const UbStep *) g_ptr_array_index (self->steps, i))->bytes;
  return bytes;
}

guint
ub_plan_get_n_parts (UbPlan *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  guint n = 0;

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      n += ub_plan_row_get_fate (row) == UB_ROW_WRITE;
    }
  return n;
}

gint64
ub_plan_estimate_us (UbPlan *self, double bytes_per_second)
{
  double speed = bytes_per_second > 0 ? bytes_per_second : GUESSED_SPEED;

  return START_US + (gint64) ((double) ub_plan_get_bytes (self) / speed * G_USEC_PER_SEC);
}

const char *
ub_mode_to_string (UbMode mode)
{
  return mode == UB_MODE_DOWNLOAD_ONLY ? "download" : "unknown";
}

const char *
ub_mode_get_title (UbMode mode)
{
  return mode == UB_MODE_DOWNLOAD_ONLY ? _ ("Download only") : "";
}

const char *
ub_mode_get_sentence (UbMode mode)
{
  return mode == UB_MODE_DOWNLOAD_ONLY ? _ ("Writes what is ticked. Everything else stays.") : "";
}

static void
ub_plan_finalize (GObject *object)
{
  UbPlan *self = UB_PLAN (object);

  g_clear_object (&self->firmware);
  g_clear_object (&self->rows);
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->issues);

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
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->issues = g_ptr_array_new_with_free_func (issue_free);
  self->rows = g_list_store_new (UB_TYPE_PLAN_ROW);
}
