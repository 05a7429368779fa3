/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-jobs.h"

#include "engine/ub-plan-private.h"
#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>
#include <string.h>

/* Restore: a copy back onto a phone. Everything onto the phone it is from; nothing that belongs to one
 * phone alone onto another (shared/facts/troubles.md 18, 20, 33). */

/* a preloader is far smaller than a boot region may be */
#define MAX_BOOT (64 * 1024 * 1024)
/* so much room agents see for the table at the begin (shared/protocol/xflash-and-xml.md §3.13) */
#define MAX_PGPT 0x8000

typedef struct
{
  UbPlan           *plan;
  UbPhoneInfo      *phone;
  UbBackup         *backup;
  const UbDaReport *report;
  const UbLayout   *layout; /* (nullable): the phone's, as it is now */
  UbSamePhone       same;
  gboolean          with_tables; /* the phone gets the copy's table, so the copy's places count */
  gboolean          with_user;   /* a whole user area: all else in it is in there, too */
} Restore;

/* in the order they are written */
typedef enum
{
  PART_USER,
  PART_TABLE,
  PART_PROTECTED,
  PART_START_UP,
  PART_OTHER,
  PART_BOOT2,
  PART_BOOT1,
  PART_N,
} PartClass;

/**
 * ub_plan_new_restore:
 * @backup: a copy
 * @names: (nullable): these parts of it alone
 * @expert: protected parts of a copy that says nothing of its phone may be written, after a typed yes
 *
 * Returns: (transfer full): a plan that has no steps until it is checked with a phone
 */
UbPlan *
ub_plan_new_restore (UbBackup *backup, const char *const *names, gboolean expert)
{
  const char      *project = ub_backup_get_project (backup);
  g_autofree char *folder = g_filename_display_basename (ub_backup_get_folder (backup));
  UbPlan          *self = ub_plan_new_empty (UB_MODE_RESTORE,
                                    UB_STORAGE_UNKNOWN,
                                    project[0] != '\0' ? project : folder);

  self->backup = g_object_ref (backup);
  self->only = g_strdupv ((char **) names);
  self->expert = expert;
  return self;
}

static gboolean
is_named (const Restore *job)
{
  return job->plan->only != NULL;
}

static PartClass
class_of (const Restore *job, const UbBackupPart *part)
{
  UbRole role = ub_partition_role_for_name (part->name);

  if (ub_plan_jobs_is_boot_region (part->region))
    return part->region == UB_REGION_EMMC_BOOT1 || part->region == UB_REGION_UFS_LU0 ? PART_BOOT1
                                                                                     : PART_BOOT2;
  if (g_ascii_strcasecmp (part->name, "user") == 0)
    return PART_USER;
  if (role == UB_ROLE_TABLE || g_ascii_strncasecmp (part->name, "table", 5) == 0 ||
      g_ascii_strncasecmp (part->name, "ebr", 3) == 0)
    return PART_TABLE;
  if (part->is_protected || role == UB_ROLE_RESERVED ||
      ub_plan_save_is_protected (job->plan, part->name))
    return PART_PROTECTED;
  return ub_plan_is_start_up (role) ? PART_START_UP : PART_OTHER;
}

/* --- issues --- */

/* what is not written: a hindrance if it was asked for by name */
static void
leave_out (const Restore *job, int code, const char *name, const char *text)
{
  ub_plan_add_issue (job->plan,
                     is_named (job) ? UB_ISSUE_BLOCKER : UB_ISSUE_WARNING,
                     code,
                     name,
                     "%s",
                     text);
}

static void
block (const Restore *job, int code, const char *name, const char *text)
{
  ub_plan_add_issue (job->plan, UB_ISSUE_BLOCKER, code, name, "%s", text);
}

/* --- which parts --- */

static gboolean
is_there (const Restore *job, const UbBackupPart *part)
{
  g_autofree char *text = NULL;

  if (!part->is_missing && part->path != NULL)
    return TRUE;
  text = g_strdup_printf (_ ("“%s” could not be read when the copy was made, so it is not in it."),
                          part->name);
  leave_out (job, UB_ERROR_BAD_BACKUP, part->name, text);
  return FALSE;
}

static void
select_named (const Restore *job, GPtrArray *parts)
{
  for (gsize i = 0; job->plan->only[i] != NULL; i++)
    {
      const UbBackupPart *part = ub_backup_find (job->backup, job->plan->only[i]);
      g_autofree char    *text = NULL;

      if (part != NULL && is_there (job, part) && !g_ptr_array_find (parts, part, NULL))
        g_ptr_array_add (parts, (gpointer) part);
      if (part != NULL)
        continue;
      text = g_strdup_printf (_ ("The copy has no part called “%s”."), job->plan->only[i]);
      block (job, UB_ERROR_BAD_BACKUP, job->plan->only[i], text);
    }
}

static void
select_all (const Restore *job, GPtrArray *parts)
{
  GPtrArray *all = ub_backup_get_parts (job->backup);

  for (guint i = 0; i < all->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (all, i);

      if (is_there (job, part))
        g_ptr_array_add (parts, (gpointer) part);
    }
}

static gboolean
has_class (const Restore *job, GPtrArray *parts, PartClass class)
{
  for (guint i = 0; i < parts->len; i++)
    if (class_of (job, g_ptr_array_index (parts, i)) == class)
      return TRUE;
  return FALSE;
}

/* --- does the copy belong here at all? --- */

static gboolean
is_ufs_region (UbRegion region)
{
  return region == UB_REGION_UFS_LU0 || region == UB_REGION_UFS_LU1 ||
         region == UB_REGION_UFS_LU2 || region == UB_REGION_UFS_LU0_LU1;
}

static gboolean
check_storage (const Restore *job, GPtrArray *parts)
{
  gboolean is_ufs = job->report->storage == UB_STORAGE_UFS;

  for (guint i = 0; i < parts->len; i++)
    if (is_ufs_region (((const UbBackupPart *) g_ptr_array_index (parts, i))->region) != is_ufs)
      {
        block (job,
               UB_ERROR_WRONG_STORAGE,
               NULL,
               _ ("The copy is from a phone with another kind of memory."));
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_chip (const Restore *job)
{
  UbPhoneInfo      *from = ub_backup_get_phone (job->backup);
  const UbBromInfo *one = from != NULL ? ub_phone_info_get_brom (from) : NULL;
  const UbBromInfo *other = ub_phone_info_get_brom (job->phone);
  g_autofree char  *text = NULL;

  if (one == NULL || other == NULL || one->hw_code == other->hw_code)
    return TRUE;
  text = g_strdup_printf (
      _ ("The copy is from a phone with the chip 0x%04x, but this one has 0x%04x."),
      one->hw_code,
      other->hw_code);
  block (job, UB_ERROR_WRONG_CHIP, NULL, text);
  return FALSE;
}

static void
report_foreign (const Restore *job)
{
  if (job->same == UB_SAME_PHONE_NO)
    ub_plan_add_issue (job->plan,
                       UB_ISSUE_WARNING,
                       UB_ERROR_OTHER_PHONE,
                       NULL,
                       _ ("The copy is from another phone. What belongs to this phone alone stays "
                          "as it is."));
  else if (job->same == UB_SAME_PHONE_UNKNOWN)
    ub_plan_add_issue (job->plan,
                       UB_ISSUE_WARNING,
                       UB_ERROR_OTHER_PHONE,
                       NULL,
                       _ ("Nothing tells whether the copy is from this phone."));
}

/* may what belongs to one phone alone be written to this one? */
static gboolean
may_write_own (const Restore *job)
{
  return job->same == UB_SAME_PHONE_YES ||
         (job->same == UB_SAME_PHONE_UNKNOWN && job->plan->expert);
}

static void
report_own_danger (const Restore *job, const char *name)
{
  if (job->same != UB_SAME_PHONE_YES)
    ub_plan_add_issue (job->plan,
                       UB_ISSUE_DANGER,
                       UB_ERROR_PROTECTED,
                       name,
                       _ ("“%s” is written from a copy that may be another phone's. That can cost "
                          "IMEI, calibration or the lock state for good."),
                       name);
}

/* --- steps --- */

/* the table the phone has when it is through */
static const UbLayout *
get_next_layout (const Restore *job)
{
  return job->with_tables || (job->with_user && may_write_own (job))
             ? ub_backup_get_layout (job->backup)
             : job->layout;
}

static void
add_verify_piece (const Restore *job, const UbStep *step, guint64 begin, guint64 end)
{
  UbStep *piece;

  if (begin >= end)
    return;
  ub_plan_modes_add_verify (job->plan, step);
  piece = g_ptr_array_index (job->plan->steps, job->plan->steps->len - 1);
  piece->offset = begin;
  piece->length = piece->bytes = end - begin;
  piece->source_offset += begin - step->offset;
}

/* around what agents write by themselves: that is never what it was */
static void
add_verify (const Restore *job, const UbStep *step)
{
  const UbLayout      *layout = ub_plan_is_legacy (job->phone) ? NULL : get_next_layout (job);
  const UbLayoutEntry *own = NULL;
  const guint64        end = step->offset + step->length;

  for (guint i = 0; layout != NULL && own == NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (ub_plan_save_is_agents_own (entry->name) && entry->region == step->region &&
          entry->start < end && ub_plan_check_add (entry->start, entry->size) > step->offset)
        own = entry;
    }
  if (own == NULL)
    {
      ub_plan_modes_add_verify (job->plan, step);
      return;
    }
  add_verify_piece (job, step, step->offset, MIN (own->start, end));
  add_verify_piece (job, step, ub_plan_check_add (own->start, own->size), end);
}

/* what agents call the places of the two tables of a GPT */
static void
name_table (const Restore *job, UbStep *step)
{
  const UbLayout *layout = ub_backup_get_layout (job->backup);
  const guint64   copy = ub_plan_save_get_copy_size (ub_plan_save_get_sector (job->report));

  if (layout == NULL || layout->kind != UB_LAYOUT_GPT ||
      step->region != ub_plan_get_user_region (job->report->storage))
    return;
  if (step->offset == 0 && step->length <= MAX_PGPT)
    step->agent_name = g_strdup ("PGPT");
  else if (step->length == copy && step->offset + copy == job->report->user_size)
    step->agent_name = g_strdup ("SGPT");
  step->by_name = step->agent_name != NULL;
}

/* bytes from @begin of @part to @offset of the phone, and read back */
static void
add_part_step (const Restore      *job,
               UbStepKind          kind,
               const UbBackupPart *part,
               guint64             begin,
               guint64             offset,
               guint64             length)
{
  PartClass class = class_of (job, part);
  UbStep *step = ub_plan_add_step (job->plan, kind, part->name, part->region, offset, length);

  step->bytes = length;
  step->image_path = g_strdup (part->path);
  step->source_offset = part->path_offset + begin;
  step->start_up = class == PART_START_UP || class == PART_BOOT1 || class == PART_BOOT2;
  step->is_protected = class == PART_PROTECTED;
  if (kind == UB_STEP_TABLE)
    name_table (job, step);
  add_verify (job, step);
}

static gboolean
check_place (const Restore *job, const UbBackupPart *part, guint64 offset)
{
  g_autofree char *text = NULL;

  if (ub_plan_jobs_fits (job->report, part->region, offset, part->length))
    return TRUE;
  text =
      g_strdup_printf (_ ("“%s” in the copy does not fit into this phone's memory."), part->name);
  block (job, UB_ERROR_WRONG_STORAGE, part->name, text);
  return FALSE;
}

/* --- the boot regions --- */

static UbPreloader *
read_preloader (const Restore *job, const UbBackupPart *part)
{
  gsize   size = (gsize) MIN (part->length, MAX_BOOT);
  guint8 *data = g_malloc (size);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);

  if (!ub_backup_read (job->backup, part, 0, data, size, NULL))
    return NULL;
  return ub_preloader_parse (bytes, part->name, NULL);
}

/* another phone's preloader */
static gboolean
check_preloader (const Restore *job, const UbBackupPart *part)
{
  g_autoptr (UbPreloader) preloader = NULL;
  g_autofree char *text = NULL;

  if (job->same == UB_SAME_PHONE_YES)
    return TRUE;
  preloader = read_preloader (job, part);
  if (preloader == NULL || preloader->storage_header == NULL)
    {
      text =
          g_strdup_printf (_ ("“%s” in the copy does not begin with a preloader. The phone would "
                              "not start with it."),
                           part->name);
      block (job, UB_ERROR_BAD_BACKUP, part->name, text);
      return FALSE;
    }
  if (ub_plan_memory_fits (preloader->emi, job->report))
    return TRUE;
  text = g_strdup_printf (
      _ ("“%s” in the copy has no settings for this phone's memory. The phone would "
         "not start with it."),
      part->name);
  block (job, UB_ERROR_NO_EMI, part->name, text);
  return FALSE;
}

/* a copy of a phone that was dead already; many phones live without anything in the second one */
static void
check_dead (const Restore *job, const UbBackupPart *part)
{
  if (class_of (job, part) != PART_BOOT1 || !ub_backup_is_blank (job->backup, part, 0))
    return;
  ub_plan_add_issue (
      job->plan,
      UB_ISSUE_DANGER,
      UB_ERROR_BAD_BACKUP,
      part->name,
      _ ("“%s” is empty in the copy: it is from a time when the phone did not start. "
         "With it the phone does not start again."),
      part->name);
}

/* nothing there is no reason to take away what this phone has there, nor to refuse the copy */
static gboolean
is_empty_second (const Restore *job, const UbBackupPart *part)
{
  return job->same != UB_SAME_PHONE_YES && class_of (job, part) == PART_BOOT2 &&
         ub_backup_is_blank (job->backup, part, 0);
}

static void
add_boot (const Restore *job, const UbBackupPart *part)
{
  if (is_empty_second (job, part))
    return;
  check_dead (job, part);
  if (check_place (job, part, part->offset) && check_preloader (job, part))
    add_part_step (job, UB_STEP_RESTORE, part, 0, part->offset, part->length);
}

/* --- the whole user area --- */

static gboolean
same_layout (const UbLayout *a, const UbLayout *b)
{
  if (a == NULL || b == NULL || a->kind != b->kind || a->entries->len != b->entries->len)
    return FALSE;
  for (guint i = 0; i < a->entries->len; i++)
    {
      const UbLayoutEntry *one = g_ptr_array_index (a->entries, i);
      const UbLayoutEntry *other = g_ptr_array_index (b->entries, i);

      if (g_ascii_strcasecmp (one->name, other->name) != 0 || one->region != other->region ||
          one->start != other->start || one->size != other->size)
        return FALSE;
    }
  return TRUE;
}

static void
add_between (const Restore *job, const UbBackupPart *part, GArray *kept)
{
  guint64 end = part->offset + part->length;
  guint64 at = part->offset;

  for (guint i = 0; i < kept->len && at < end; i++)
    {
      const UbPlanRange *range = &g_array_index (kept, UbPlanRange, i);

      if (range->end <= at)
        continue;
      if (range->start > at)
        add_part_step (job,
                       UB_STEP_RESTORE,
                       part,
                       at - part->offset,
                       at,
                       MIN (range->start, end) - at);
      at = range->end;
    }
  if (at < end)
    add_part_step (job, UB_STEP_RESTORE, part, at - part->offset, at, end - at);
}

/* around what is this phone's own; only where both phones have it at the same places, for the table of one
 * would not find what is the other's */
static void
add_foreign_user (const Restore *job, const UbBackupPart *part)
{
  g_autoptr (GArray) kept = NULL;

  if (!ub_plan_save_has_names (job->layout))
    {
      block (job,
             UB_ERROR_WRONG_LAYOUT,
             NULL,
             _ ("The phone tells no names of its parts, so what belongs to it alone cannot be kept "
                "while another phone's copy is written."));
      return;
    }
  if (!same_layout (job->layout, ub_backup_get_layout (job->backup)))
    {
      block (job,
             UB_ERROR_WRONG_LAYOUT,
             NULL,
             _ ("The copy is from a phone whose memory is divided up differently."));
      return;
    }
  kept = ub_plan_save_dup_kept (job->plan, job->phone, NULL);
  add_between (job, part, kept);
}

static gboolean
check_user_size (const Restore *job, const UbBackupPart *part)
{
  if (!check_place (job, part, part->offset))
    return FALSE;
  if (part->offset + part->length == job->report->user_size)
    return TRUE;
  if (ub_backup_is_whole (job->backup))
    {
      block (job,
             UB_ERROR_WRONG_STORAGE,
             NULL,
             _ ("The copy is from a phone with a memory of another size."));
      return FALSE;
    }
  ub_plan_add_issue (
      job->plan,
      UB_ISSUE_WARNING,
      UB_ERROR_BAD_BACKUP,
      NULL,
      _ ("The copy does not reach to the end of the phone's memory: what lies behind it "
         "stays as it is."));
  return TRUE;
}

/* An agent that goes on by the old table would write its record of the job into the middle of what is put back:
 * it learns of the new table before, by its name */
static void
add_table_before (const Restore *job, const UbBackupPart *part)
{
  const UbLayout *layout = ub_backup_get_layout (job->backup);
  const gsize size = (gsize) ub_plan_save_get_table_size (ub_plan_save_get_sector (job->report));
  guint8     *data;
  g_autoptr (GBytes) content = NULL;
  UbStep *step;

  if (ub_plan_is_legacy (job->phone) || layout == NULL || layout->kind != UB_LAYOUT_GPT ||
      part->offset != 0 || part->length < size || same_layout (job->layout, layout))
    return;
  data = g_malloc (size);
  content = g_bytes_new_take (data, size);
  if (!ub_backup_read (job->backup, part, 0, data, size, NULL))
    return;
  step = ub_plan_add_step (job->plan, UB_STEP_TABLE, "table", part->region, 0, size);
  step->bytes = size;
  step->content = g_steal_pointer (&content);
  step->agent_name = g_strdup ("PGPT");
  step->by_name = TRUE;
}

static void
add_user (const Restore *job, const UbBackupPart *part)
{
  if (!check_user_size (job, part))
    return;
  if (!may_write_own (job))
    {
      add_foreign_user (job, part);
      return;
    }
  report_own_danger (job, "user");
  add_table_before (job, part);
  add_part_step (job, UB_STEP_RESTORE, part, 0, part->offset, part->length);
}

/* --- tables --- */

static void
add_table (const Restore *job, const UbBackupPart *part)
{
  if (job->same != UB_SAME_PHONE_YES)
    {
      leave_out (job,
                 UB_ERROR_WRONG_LAYOUT,
                 part->name,
                 _ ("A partition table is put back only onto the phone it is from."));
      return;
    }
  if (!check_place (job, part, part->offset))
    return;
  if (job->layout != NULL && !same_layout (job->layout, ub_backup_get_layout (job->backup)))
    ub_plan_add_issue (
        job->plan,
        UB_ISSUE_DANGER,
        UB_ERROR_WRONG_LAYOUT,
        part->name,
        _ ("The phone's memory is divided up differently now. With the table of the copy, "
           "parts that are not in the copy hold nothing of use."));
  add_part_step (job, UB_STEP_TABLE, part, 0, part->offset, part->length);
}

/* --- what the copy's table moves --- */

static gboolean
is_put_back (GPtrArray *parts, const UbLayoutEntry *entry)
{
  for (guint i = 0; i < parts->len; i++)
    if (ub_plan_table_is_same_part (((const UbBackupPart *) g_ptr_array_index (parts, i))->name,
                                    entry->name))
      return TRUE;
  return FALSE;
}

/* from the safety copy of this job to where the copy's table has it */
static void
carry_part (const Restore *job, const UbLayoutEntry *entry, const UbLayoutEntry *next)
{
  UbStep *step = ub_plan_add_step (job->plan,
                                   UB_STEP_RESTORE,
                                   next->name,
                                   next->region,
                                   next->start,
                                   MIN (entry->size, next->size));

  step->bytes = step->length;
  step->saved = g_strdup (entry->name);
  step->is_protected = TRUE;
  ub_plan_modes_add_verify (job->plan, step);
}

/* With the table of the copy the phone looks for its own parts where they were then; what the copy
 * itself does not have is brought there */
static void
carry_own_parts (const Restore *job, GPtrArray *parts)
{
  const UbLayout *then = ub_backup_get_layout (job->backup);
  g_autoptr (GPtrArray) protected = NULL;

  if (!job->with_tables || job->with_user || !ub_plan_save_has_names (then) ||
      !ub_plan_save_has_names (job->layout) || same_layout (then, job->layout))
    return;
  protected = ub_plan_save_dup_protected (job->plan, job->phone);
  for (guint i = 0; i < protected->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (protected, i);
      const UbLayoutEntry *next = ub_plan_table_find_own (then, entry);

      if (is_put_back (parts, entry) || entry->size == 0)
        continue;
      if (next == NULL)
        ub_plan_add_issue (
            job->plan,
            UB_ISSUE_DANGER,
            UB_ERROR_PROTECTED,
            entry->name,
            _ ("The copy has no place for “%s”, which belongs to this phone alone. It "
               "is saved on this computer, but will no longer be on the phone."),
            entry->name);
      else if (next->start != entry->start || next->size != entry->size)
        carry_part (job, entry, next);
    }
}

/* --- single parts --- */

static const UbLayoutEntry *
find_entry (const Restore *job, const UbBackupPart *part)
{
  const UbLayoutEntry then = { part->name, part->region, part->offset, part->length };

  return job->layout != NULL ? ub_plan_table_find_own (job->layout, &then) : NULL;
}

/* where @part belongs on the phone as it is now */
static gboolean
find_place (const Restore *job, const UbBackupPart *part, guint64 *offset)
{
  const UbLayoutEntry *entry = find_entry (job, part);
  g_autofree char     *text = NULL;

  *offset = part->offset;
  if (job->with_tables)
    return TRUE;
  if (entry == NULL && g_str_has_prefix (part->name, "range-") && job->same == UB_SAME_PHONE_YES &&
      same_layout (job->layout, ub_backup_get_layout (job->backup)))
    return TRUE;
  if (entry == NULL)
    {
      ub_plan_jobs_report_unknown (job->plan, job->layout, part->name);
      return FALSE;
    }
  *offset = entry->start;
  if (part->length <= entry->size)
    return TRUE;
  text =
      g_strdup_printf (_ ("“%s” in the copy is bigger than its place on this phone."), part->name);
  block (job, UB_ERROR_IMAGE_TOO_BIG, part->name, text);
  return FALSE;
}

static void
add_own_part (const Restore *job, const UbBackupPart *part)
{
  guint64          offset;
  g_autofree char *text = NULL;

  if (!may_write_own (job))
    {
      text = g_strdup_printf (_ ("“%s” in the copy belongs to another phone, and is not written."),
                              part->name);
      leave_out (job, UB_ERROR_OTHER_PHONE, part->name, text);
      return;
    }
  if (!find_place (job, part, &offset) || !check_place (job, part, offset))
    return;
  report_own_danger (job, part->name);
  add_part_step (job, UB_STEP_RESTORE, part, 0, offset, part->length);
}

static void
add_other_part (const Restore *job, const UbBackupPart *part)
{
  guint64 offset;

  if (!find_place (job, part, &offset) || !check_place (job, part, offset))
    return;
  if (job->with_tables || ub_plan_jobs_check_range (job->plan,
                                                    job->phone,
                                                    part->name,
                                                    part->region,
                                                    offset,
                                                    part->length))
    add_part_step (job, UB_STEP_RESTORE, part, 0, offset, part->length);
}

static void
add_part (const Restore *job, const UbBackupPart *part)
{
  PartClass class = class_of (job, part);

  if (job->with_user && class != PART_USER && class != PART_BOOT1 && class != PART_BOOT2)
    return;
  switch (class)
    {
    case PART_USER:
      add_user (job, part);
      break;
    case PART_TABLE:
      add_table (job, part);
      break;
    case PART_PROTECTED:
      add_own_part (job, part);
      break;
    case PART_BOOT1:
    case PART_BOOT2:
      add_boot (job, part);
      break;
    default:
      add_other_part (job, part);
    }
}

/* what will be written over is saved first */
static void
add_saves (const Restore *job, GPtrArray *parts)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (names, ((UbBackupPart *) g_ptr_array_index (parts, i))->name);
  g_ptr_array_add (names, NULL);
  ub_plan_save_add (job->plan, job->phone, (const char *const *) names->pdata);
}

void
ub_plan_restore_build (UbPlan *self, UbPhoneInfo *phone)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  Restore job = { .plan = self,
                  .phone = phone,
                  .backup = self->backup,
                  .report = ub_phone_info_get_report (phone),
                  .layout = ub_phone_info_get_layout (phone),
                  .same = ub_backup_is_from (self->backup, phone) };

  if (is_named (&job))
    select_named (&job, parts);
  else
    select_all (&job, parts);
  if (!check_chip (&job) || !check_storage (&job, parts))
    return;
  report_foreign (&job);
  job.with_user = has_class (&job, parts, PART_USER);
  job.with_tables =
      !is_named (&job) && job.same == UB_SAME_PHONE_YES && has_class (&job, parts, PART_TABLE);
  add_saves (&job, parts);
  for (PartClass class = 0; class < PART_N; class ++)
    {
      if (class == PART_PROTECTED)
        carry_own_parts (&job, parts);
      for (guint i = 0; i < parts->len; i++)
        if (class_of (&job, g_ptr_array_index (parts, i)) == class)
          add_part (&job, g_ptr_array_index (parts, i));
    }
  ub_plan_names_set (self, get_next_layout (&job));
}
