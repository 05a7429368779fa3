/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

#include <glib/gi18n.h>
#include <string.h>

/* The steps of the modes that write a firmware. In this order: save, erase, tables, what is the
 * phone's own back at its new places, start-up code, system, and the preloader last: as long as it is
 * whole, the phone can be reached again. */

gboolean
ub_plan_modes_is_erasing (UbPlan *self)
{
  return self->mode == UB_MODE_FIRMWARE_UPGRADE || self->mode == UB_MODE_FORMAT_ALL;
}

void
ub_plan_modes_add_verify (UbPlan *self, const UbStep *step)
{
  UbStep *verify = ub_plan_step_copy (step);

  verify->kind = UB_STEP_VERIFY;
  verify->differs_only = FALSE;
  g_ptr_array_add (self->steps, verify);
}

/* --- writing --- */

static guint64
resolve_offset (const UbPartition *partition, const UbDaReport *report, UbRegion region)
{
  if (!partition->from_end || report == NULL)
    return partition->start;
  return ub_partition_resolve_start (partition, ub_da_report_get_capacity (report, region));
}

static UbStep *
add_write (UbPlan *self, const UbPartition *partition, UbRegion region, const UbDaReport *report)
{
  guint64 header = ub_plan_files_header_size (partition, region);
  UbStep *step = ub_plan_add_step (self,
                                   UB_STEP_WRITE,
                                   partition->name,
                                   region,
                                   resolve_offset (partition, report, region),
                                   partition->image_size + header);

  step->partition = partition;
  /* a sparse file sends about what it holds; the session counts exactly */
  step->bytes = MIN (partition->image_size, partition->image_file_size) + header;
  step->image_path = g_strdup (partition->image_path);
  step->is_preloader = partition->role == UB_ROLE_PRELOADER;
  step->start_up = partition->role == UB_ROLE_START_UP || step->is_preloader;
  step->differs_only = self->mode == UB_MODE_REPAIR;
  return step;
}

/* to its own place, to the place of its twin, or to both */
static void
add_to_sets (UbPlan *self, const UbPartition *partition, UbRegion region, const UbDaReport *report)
{
  UbPlanSlotPlace twin;
  gboolean        own;
  UbStep         *step;

  if (!ub_plan_slots_find (self, report != NULL ? self->phone : NULL, partition, &own, &twin))
    {
      add_write (self, partition, region, report);
      return;
    }
  if (own)
    add_write (self, partition, region, report);
  step = add_write (self, partition, region, report);
  g_free (step->name);
  step->name = g_strdup (twin.name);
  step->offset = twin.offset;
  step->partition = twin.partition;
}

/* each verified before the next: there is always one whole preloader */
static void
add_preloader (UbPlan            *self,
               const UbPartition *partition,
               UbRegion           region,
               const UbDaReport  *report)
{
  ub_plan_modes_add_verify (self, add_write (self, partition, region, report));
}

typedef enum
{
  PASS_START_UP,
  PASS_SYSTEM,
  PASS_SECOND_PRELOADER,
  PASS_FIRST_PRELOADER,
  N_PASSES,
} Pass;

/* the boot ROM looks at the first boot region first, so a cut after the second one is survived */
static void
add_in_pass (UbPlan *self, const UbPartition *partition, Pass pass, const UbDaReport *report)
{
  gboolean is_ufs = self->storage == UB_STORAGE_UFS;
  UbRegion first = is_ufs ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1;
  UbRegion second = is_ufs ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2;
  gboolean is_both =
      partition->region == UB_REGION_EMMC_BOOT1_BOOT2 || partition->region == UB_REGION_UFS_LU0_LU1;

  if (partition->role == UB_ROLE_PRELOADER)
    {
      gboolean is_first = is_both || partition->region == first;

      if (pass == PASS_SECOND_PRELOADER && (is_both || !is_first))
        add_preloader (self, partition, is_both ? second : partition->region, report);
      else if (pass == PASS_FIRST_PRELOADER && is_first)
        add_preloader (self, partition, first, report);
    }
  else if (pass == (partition->role == UB_ROLE_START_UP ? PASS_START_UP : PASS_SYSTEM))
    {
      if (is_both)
        add_write (self, partition, second, report);
      add_to_sets (self, partition, is_both ? first : partition->region, report);
    }
}

static void
add_verifies (UbPlan *self, guint from)
{
  guint end = self->steps->len;

  for (guint i = from; i < end; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->start_up || self->verify_all)
        ub_plan_modes_add_verify (self, step);
    }
}

static void
add_writes (UbPlan *self, const UbDaReport *report)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  guint from = self->steps->len;

  for (guint pass = PASS_START_UP; pass < N_PASSES; pass++)
    {
      if (pass == PASS_SECOND_PRELOADER)
        {
          add_verifies (self, from);
          if (ub_plan_modes_is_erasing (self))
            ub_plan_save_add_verifies (self);
        }
      for (guint i = 0; i < n_rows; i++)
        {
          g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

          if (ub_plan_row_get_fate (row) == UB_ROW_WRITE)
            add_in_pass (self, ub_plan_row_get_partition (row), (Pass) pass, report);
        }
    }
}

/* --- erasing and dividing up anew --- */

typedef void (*RowFunc) (UbPlan *self, const UbPartition *partition, gpointer user_data);

static void
for_each_erased (UbPlan *self, RowFunc func, gpointer user_data)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      const UbPartition *partition = ub_plan_row_get_partition (row);

      if (ub_plan_rows_is_erased (self, partition, ub_plan_row_get_ticked (row)))
        func (self, partition, user_data);
    }
}

/* without a phone: as far as the map tells */
static void
add_erase_by_map (UbPlan *self, const UbPartition *partition, gpointer user_data)
{
  if (!partition->from_end && partition->size > 0)
    ub_plan_add_step (self,
                      UB_STEP_ERASE,
                      partition->name,
                      partition->region,
                      partition->start,
                      partition->size);
}

typedef struct
{
  const UbLayout *target;
  GArray         *kept;
} Ground;

static void
add_erase_of_part (UbPlan *self, const UbPartition *partition, gpointer user_data)
{
  Ground              *ground = user_data;
  const UbLayoutEntry *entry =
      ub_plan_table_find (ground->target, partition->name, partition->region);

  if (entry != NULL)
    ub_plan_save_add_pieces (self,
                             partition->name,
                             entry->region,
                             entry->start,
                             entry->size,
                             ground->kept);
}

static gboolean
has_restore_at (UbPlan *self, guint64 offset)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (step->kind == UB_STEP_RESTORE && step->offset == offset)
        return TRUE;
    }
  return FALSE;
}

static void
add_restore (UbPlan *self, const UbLayoutEntry *old, const UbLayoutEntry *next)
{
  UbStep *step;

  if (has_restore_at (self, next->start))
    return;
  step = ub_plan_add_step (self,
                           UB_STEP_RESTORE,
                           next->name,
                           next->region,
                           next->start,
                           MIN (old->size, next->size));
  step->partition = ub_firmware_find_partition (self->firmware, self->storage, next->name);
  step->bytes = step->length;
  step->saved = g_strdup (old->name);
  step->is_protected = TRUE;
  ub_plan_modes_add_verify (self, step);
}

/* what is the phone's own and does not stay where it is */
static void
add_restores (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target)
{
  g_autoptr (GPtrArray) protected = ub_plan_save_dup_protected (self, phone);

  for (guint i = 0; i < protected->len; i++)
    {
      const UbLayoutEntry *old = g_ptr_array_index (protected, i);
      const UbLayoutEntry *next = ub_plan_table_find_own (target, old);

      if (next != NULL && old->size > 0 && (next->start != old->start || next->size != old->size))
        add_restore (self, old, next);
    }
}

/* FALSE if nobody can tell what would be lost */
static gboolean
check_table_known (UbPlan *self, const UbLayout *layout)
{
  if (layout != NULL && !ub_plan_save_has_names (layout))
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_WRONG_LAYOUT,
        NULL,
        _ ("The phone's partition table has no names in it, so nobody can tell where "
           "IMEI and calibration lie. Only “Download only” can be used with this "
           "phone."));
  else if (layout == NULL && self->mode == UB_MODE_FIRMWARE_UPGRADE)
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_WRONG_LAYOUT,
        NULL,
        _ ("The phone's partition table cannot be read, so nobody can tell where IMEI "
           "and calibration lie. If the phone does not start any more, use “Format "
           "all + download”."));
  else if (layout == NULL)
    ub_plan_add_issue (
        self,
        UB_ISSUE_DANGER,
        UB_ERROR_WRONG_LAYOUT,
        NULL,
        _ ("The phone's partition table cannot be read. IMEI and calibration can only "
           "be kept if they lie where this firmware expects them; otherwise they are "
           "lost."));
  return layout != NULL ? ub_plan_save_has_names (layout) : self->mode == UB_MODE_FORMAT_ALL;
}

void
ub_plan_modes_check_own_named (UbPlan *self, UbPhoneInfo *phone)
{
  g_autoptr (GPtrArray) protected = ub_plan_save_dup_protected (self, phone);

  if (protected->len == 0)
    ub_plan_add_issue (
        self,
        UB_ISSUE_DANGER,
        UB_ERROR_PROTECTED,
        NULL,
        _ ("The phone's partition table has none of the parts that usually hold IMEI "
           "and calibration, so nobody can tell where they lie. They may be lost."));
}

/* one name, several places: only one of them can be where the phone will look */
static void
check_twins (UbPlan *self, GPtrArray *protected)
{
  for (guint i = 1; i < protected->len; i++)
    for (guint j = 0; j < i; j++)
      {
        const UbLayoutEntry *entry = g_ptr_array_index (protected, i);
        const UbLayoutEntry *other = g_ptr_array_index (protected, j);

        if (ub_plan_table_is_same_part (entry->name, other->name))
          ub_plan_add_issue (
              self,
              UB_ISSUE_DANGER,
              UB_ERROR_PROTECTED,
              entry->name,
              _ ("The phone has more than one “%s”, and nobody can tell which one it "
                 "uses. All of them are saved on this computer, but only one stays "
                 "on the phone."),
              entry->name);
      }
}

static void
check_own (UbPlan *self, UbPhoneInfo *phone)
{
  g_autoptr (GPtrArray) protected = ub_plan_save_dup_protected (self, phone);

  ub_plan_modes_check_own_named (self, phone);
  check_twins (self, protected);
}

static void
note_new_table (UbPlan *self, const UbLayout *layout)
{
  if (layout != NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_NOTE,
                       UB_ERROR_WRONG_LAYOUT,
                       NULL,
                       _ ("The phone is divided up anew. What belongs to this phone alone is put "
                          "back where the firmware looks for it."));
}

/* without a new table it would have stayed as it is */
static void
check_emptied (UbPlan *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      const UbPartition *partition = ub_plan_row_get_partition (row);

      if (ub_plan_row_get_fate (row) == UB_ROW_WRITE || partition->role != UB_ROLE_START_UP ||
          !partition->is_download || ub_plan_is_protected (partition) ||
          partition->region != ub_plan_get_user_region (self->storage))
        continue;
      ub_plan_add_issue (
          self,
          UB_ISSUE_DANGER,
          UB_ERROR_FILE_MISSING,
          partition->name,
          _ ("“%s” is start-up code and is erased, but nothing new is written to it. "
             "The phone may not start any more."),
          partition->name);
    }
}

/* does the phone get a new table? */
static gboolean
is_anew (UbPlan *self, UbPhoneInfo *phone)
{
  return self->mode == UB_MODE_FORMAT_ALL ||
         (self->mode == UB_MODE_FIRMWARE_UPGRADE && ub_plan_table_differs (self, phone));
}

/* (transfer full) (nullable): the table the phone gets, if it gets one */
static UbLayout *
prepare_ground (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  const UbLayout   *layout = ub_phone_info_get_layout (phone);
  gboolean          anew = is_anew (self, phone);
  g_autoptr (UbLayout) target = NULL;
  g_autoptr (GArray) kept = NULL;
  Ground ground;

  if (!check_table_known (self, layout))
    return NULL;
  target = ub_plan_table_dup_target (self, phone);
  if (target == NULL)
    return NULL;
  kept = ub_plan_save_dup_kept (self, phone, anew ? target : NULL);
  ground = (Ground){ target, kept };
  if (anew)
    ub_plan_save_add_pieces (self,
                             "user",
                             ub_plan_get_user_region (self->storage),
                             0,
                             report->user_size,
                             kept);
  else
    for_each_erased (self, add_erase_of_part, &ground);
  if (!anew)
    return NULL;
  check_emptied (self);
  check_own (self, phone);
  if (ub_plan_table_differs (self, phone))
    note_new_table (self, layout);
  ub_plan_table_add_steps (self, phone, target);
  if (ub_plan_save_has_names (layout))
    add_restores (self, phone, target);
  return g_steal_pointer (&target);
}

void
ub_plan_modes_build (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = phone != NULL ? ub_phone_info_get_report (phone) : NULL;
  const UbLayout   *layout = phone != NULL ? ub_phone_info_get_layout (phone) : NULL;
  g_autoptr (UbLayout) anew = NULL;
  g_auto (GStrv) unknown = NULL;

  if (report != NULL && is_anew (self, phone))
    unknown = ub_plan_save_dup_unknown (self, phone);
  if (report != NULL)
    ub_plan_save_add (self, phone, (const char *const *) unknown);
  if (ub_plan_modes_is_erasing (self) && report == NULL)
    for_each_erased (self, add_erase_by_map, NULL);
  else if (ub_plan_modes_is_erasing (self))
    anew = prepare_ground (self, phone);
  add_writes (self, report);
  ub_plan_names_set (self, anew != NULL ? anew : layout);
  if (report != NULL)
    ub_plan_slots_tell (self, phone);
}

/* --- making one --- */

/* of those that can be written, if there are any: the phone decides in the end */
static UbStorage
first_storage (UbFirmware *firmware)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      UbStorage storage = ((const UbPartition *) g_ptr_array_index (partitions, i))->storage;

      if (ub_plan_check_is_known_storage (storage))
        return storage;
    }
  if (partitions->len == 0)
    return UB_STORAGE_UNKNOWN;
  return ((const UbPartition *) g_ptr_array_index (partitions, 0))->storage;
}

static GHashTable *
copy_ticks (GHashTable *ticks)
{
  GHashTable    *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer       name, tick;

  g_hash_table_iter_init (&iter, ticks);
  while (g_hash_table_iter_next (&iter, &name, &tick))
    g_hash_table_insert (copy, g_ascii_strdown (name, -1), tick);
  return copy;
}

static char *
dup_title (UbFirmware *firmware)
{
  const char *project = ub_firmware_get_project (firmware);

  if (project != NULL && project[0] != '\0')
    return g_strdup (project);
  return g_filename_display_basename (ub_firmware_get_folder (firmware));
}

static UbPlan *
new_for_storage (UbFirmware *firmware, const UbPlanChoice *choice, UbStorage storage)
{
  g_autofree char *title = dup_title (firmware);
  UbPlan          *self = ub_plan_new_empty (choice->mode, storage, title);

  self->firmware = g_object_ref (firmware);
  self->ticks = choice->ticks != NULL ? copy_ticks (choice->ticks) : NULL;
  self->only = g_strdupv ((char **) choice->only);
  self->expert = choice->expert;
  self->verify_all = choice->verify_all;
  self->preloader = choice->preloader;
  self->slots = choice->slots;
  ub_plan_rows_build (self);
  ub_plan_modes_build (self, NULL);
  ub_plan_files_check (self);
  ub_plan_check_overlaps (self, NULL);
  ub_plan_fit_check (self, NULL);
  if (ub_plan_get_n_parts (self) == 0)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_NOTHING_TO_DO,
                       NULL,
                       _ ("Nothing is ticked that has a file."));
  ub_plan_refresh_rows (self);
  return self;
}

/**
 * ub_plan_new:
 * @firmware: a package
 * @choice: what the person wants; one of the modes that write a firmware
 *
 * Plans. Nothing but the first bytes of boot images and preloaders is read. The phone decides in the end which section of a
 * map with several is used: without a choice the first one that nothing speaks against is taken, for what is wrong with
 * one alone is of no matter to the other's phones.
 *
 * Returns: (transfer full): a plan, perhaps a blocked one
 */
UbPlan *
ub_plan_new (UbFirmware *firmware, const UbPlanChoice *choice)
{
  static const UbStorage known[] = { UB_STORAGE_EMMC, UB_STORAGE_UFS };
  const guint            here = ub_firmware_get_storages (firmware);

  if (choice->storage != UB_STORAGE_UNKNOWN)
    return new_for_storage (firmware, choice, choice->storage);
  g_autoptr (UbPlan) self = new_for_storage (firmware, choice, first_storage (firmware));
  for (gsize i = 0; i < G_N_ELEMENTS (known) && ub_plan_is_blocked (self); i++)
    {
      g_autoptr (UbPlan) other = NULL;

      if ((here & 1u << known[i]) != 0 && known[i] != self->storage)
        other = new_for_storage (firmware, choice, known[i]);
      if (other != NULL && !ub_plan_is_blocked (other))
        return g_steal_pointer (&other);
    }
  return g_steal_pointer (&self);
}
