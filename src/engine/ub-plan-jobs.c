/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-jobs.h"

#include "engine/ub-plan-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* The jobs that go by the phone's own table: Readback, Erase, Memory test. */

/* so many names are told to who asked for one that is not there */
#define MAX_TOLD 40

/* --- making one --- */

static void
take_target (UbPlan *self, const UbPlanTarget *target)
{
  self->target = *target;
  self->target.names = (const char *const *) g_strdupv ((char **) target->names);
  self->expert = target->expert;
}

/* for people: which place */
static char *
dup_target_title (const UbPlanTarget *target)
{
  if (target->whole)
    return g_strdup (_ ("Whole phone"));
  if (target->names != NULL)
    return g_strjoinv (", ", (char **) target->names);
  return g_strdup_printf ("%s 0x%" G_GINT64_MODIFIER "x",
                          ub_region_to_string (target->region),
                          target->offset);
}

/**
 * ub_plan_new_readback:
 * @target: what to read; copied
 * @folder: where to; nothing is there yet
 *
 * Returns: (transfer full): a plan that has no steps until it is checked with a phone
 */
UbPlan *
ub_plan_new_readback (const UbPlanTarget *target, const char *folder)
{
  g_autofree char *title = g_filename_display_basename (folder);
  UbPlan          *self = ub_plan_new_empty (UB_MODE_READBACK, UB_STORAGE_UNKNOWN, title);

  take_target (self, target);
  self->folder = g_canonicalize_filename (folder, NULL);
  return self;
}

/**
 * ub_plan_new_erase:
 * @target: what to erase; copied
 *
 * Returns: (transfer full): a plan that has no steps until it is checked with a phone
 */
UbPlan *
ub_plan_new_erase (const UbPlanTarget *target)
{
  g_autofree char *title = dup_target_title (target);
  UbPlan          *self = ub_plan_new_empty (UB_MODE_ERASE, UB_STORAGE_UNKNOWN, title);

  take_target (self, target);
  return self;
}

/**
 * ub_plan_new_test:
 * @target: what to read; copied. Without any place: the whole phone
 *
 * Returns: (transfer full): a plan that has no steps until it is checked with a phone
 */
UbPlan *
ub_plan_new_test (const UbPlanTarget *target)
{
  UbPlanTarget     place = *target;
  g_autofree char *title = NULL;
  UbPlan          *self;

  if (place.names == NULL && place.length == 0)
    place.whole = TRUE;
  title = dup_target_title (&place);
  self = ub_plan_new_empty (UB_MODE_TEST, UB_STORAGE_UNKNOWN, title);
  take_target (self, &place);
  return self;
}

/* --- places on the phone --- */

UbRegion
ub_plan_jobs_find_region (UbStorage storage, const char *name)
{
  gboolean is_ufs = storage == UB_STORAGE_UFS;

  if (g_ascii_strcasecmp (name, "boot1") == 0)
    return is_ufs ? UB_REGION_UFS_LU0 : UB_REGION_EMMC_BOOT1;
  if (g_ascii_strcasecmp (name, "boot2") == 0)
    return is_ufs ? UB_REGION_UFS_LU1 : UB_REGION_EMMC_BOOT2;
  if (g_ascii_strcasecmp (name, "user") == 0)
    return ub_plan_get_user_region (storage);
  return UB_REGION_UNKNOWN;
}

gboolean
ub_plan_jobs_is_boot_region (UbRegion region)
{
  return region == UB_REGION_EMMC_BOOT1 || region == UB_REGION_EMMC_BOOT2 ||
         region == UB_REGION_UFS_LU0 || region == UB_REGION_UFS_LU1;
}

static gboolean
is_near (const char *name, const char *wanted)
{
  return g_ascii_strncasecmp (name, wanted, MIN (strlen (wanted), 3)) == 0 ||
         strstr (name, wanted) != NULL || strstr (wanted, name) != NULL;
}

/* the names of the phone's table that are like @wanted; all if none is */
static char *
dup_near_names (const UbLayout *layout, const char *wanted)
{
  g_autoptr (GPtrArray) near = g_ptr_array_new ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->name[0] == '\0')
        continue;
      if (all->len < MAX_TOLD)
        g_ptr_array_add (all, entry->name);
      if (near->len < MAX_TOLD && is_near (entry->name, wanted))
        g_ptr_array_add (near, entry->name);
    }
  g_ptr_array_add (all, NULL);
  g_ptr_array_add (near, NULL);
  return g_strjoinv (", ", (char **) (near->len > 1 ? near->pdata : all->pdata));
}

void
ub_plan_jobs_report_unknown (UbPlan *self, const UbLayout *layout, const char *name)
{
  g_autofree char *names = layout != NULL ? dup_near_names (layout, name) : NULL;

  if (names == NULL || names[0] == '\0')
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_LAYOUT,
                       name,
                       _ ("The phone tells no names of its parts, so “%s” cannot be found."),
                       name);
  else
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_LAYOUT,
                       name,
                       /* Translators: the second is a list of names */
                       _ ("The phone has no part called “%s”. It has: %s."),
                       name,
                       names);
}

gboolean
ub_plan_jobs_fits (const UbDaReport *report, UbRegion region, guint64 offset, guint64 length)
{
  guint64 capacity = ub_da_report_get_capacity (report, region);

  /* the RPMB cannot be read without its key, and two regions are two places */
  if (region == UB_REGION_EMMC_RPMB || region == UB_REGION_EMMC_BOOT1_BOOT2 ||
      region == UB_REGION_UFS_LU0_LU1)
    return FALSE;
  return length > 0 && offset % ub_plan_save_get_sector (report) == 0 && offset <= capacity &&
         length <= capacity - offset;
}

/* FALSE with words */
static gboolean
check_alignment (UbPlan *self, guint sector, const char *name, guint64 offset, guint64 length)
{
  if (offset % sector == 0 && length % sector == 0)
    return TRUE;
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     UB_ERROR_WRONG_STORAGE,
                     name,
                     _ ("“%s” begins or ends inside of a block. This phone's memory has blocks of "
                        "%u bytes, and is read and written in whole ones only."),
                     name,
                     sector);
  return FALSE;
}

static void
add_place (UbPlan           *self,
           const UbDaReport *report,
           UbLayout         *places,
           const char       *name,
           UbRegion          region,
           guint64           offset,
           guint64           length)
{
  if (!check_alignment (self, ub_plan_save_get_sector (report), name, offset, length))
    return;
  if (!ub_plan_jobs_fits (report, region, offset, length))
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_STORAGE,
                       name,
                       _ ("“%s” does not lie inside of the phone's memory."),
                       name);
  else if (ub_layout_find (places, name) == NULL)
    ub_layout_add (places, name, region, offset, length);
}

static void
add_named_place (UbPlan *self, UbPhoneInfo *phone, UbLayout *places, const char *name)
{
  const UbDaReport    *report = ub_phone_info_get_report (phone);
  const UbLayout      *layout = ub_phone_info_get_layout (phone);
  UbRegion             region = ub_plan_jobs_find_region (report->storage, name);
  const UbLayoutEntry *entry =
      layout != NULL && name[0] != '\0' ? ub_layout_find (layout, name) : NULL;

  if (ub_plan_jobs_is_boot_region (region))
    add_place (self, report, places, name, region, 0, ub_da_report_get_capacity (report, region));
  else if (entry == NULL)
    ub_plan_jobs_report_unknown (self, layout, name);
  else
    add_place (self, report, places, entry->name, entry->region, entry->start, entry->size);
}

static void
add_range (UbPlan *self, const UbDaReport *report, UbLayout *places)
{
  guint64          capacity = ub_da_report_get_capacity (report, self->target.region);
  guint64          length = self->target.length;
  g_autofree char *name = g_strdup_printf ("range-0x%" G_GINT64_MODIFIER "x", self->target.offset);

  if (length == G_MAXUINT64)
    length = capacity - MIN (capacity, self->target.offset);
  add_place (self, report, places, name, self->target.region, self->target.offset, length);
}

static void
add_whole (UbPlan *self, const UbDaReport *report, UbLayout *places)
{
  static const char *const names[] = { "boot1", "boot2", "user" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      UbRegion region = ub_plan_jobs_find_region (report->storage, names[i]);
      guint64  capacity = ub_da_report_get_capacity (report, region);

      if (capacity > 0)
        add_place (self, report, places, names[i], region, 0, capacity);
    }
}

/* (transfer full): where the target lies on this phone, as entries of a table */
static UbLayout *
dup_places (UbPlan *self, UbPhoneInfo *phone)
{
  UbLayout         *places = ub_layout_new (UB_LAYOUT_GPT);
  const UbDaReport *report = ub_phone_info_get_report (phone);

  if (self->target.whole)
    add_whole (self, report, places);
  else if (self->target.names != NULL)
    for (gsize i = 0; self->target.names[i] != NULL; i++)
      add_named_place (self, phone, places, self->target.names[i]);
  else
    add_range (self, report, places);
  return places;
}

static void
add_reading_steps (UbPlan *self, UbPhoneInfo *phone, UbStepKind kind)
{
  g_autoptr (UbLayout) places = dup_places (self, phone);

  for (guint i = 0; i < places->entries->len; i++)
    {
      const UbLayoutEntry *place = g_ptr_array_index (places->entries, i);
      UbStep              *step =
          ub_plan_add_step (self, kind, place->name, place->region, place->start, place->size);

      step->bytes = place->size;
      step->is_protected = ub_plan_save_is_protected (self, place->name);
      if (kind == UB_STEP_SAVE)
        self->save_bytes += place->size;
    }
}

/* --- erasing --- */

static gboolean
overlaps (guint64 a_start, guint64 a_end, guint64 b_start, guint64 b_end)
{
  return a_start < b_end && b_start < a_end;
}

static const UbLayoutEntry *
find_protected (GPtrArray *protected, UbRegion region, guint sector, const UbPlanRange *range)
{
  for (guint i = 0; i < protected->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (protected, i);

      if (entry->region == region && entry->start / sector == range->start / sector &&
          range->end >= entry->start + entry->size &&
          range->end - (entry->start + entry->size) < sector)
        return entry;
    }
  return NULL;
}

static void
report_protected (UbPlan *self, const char *name)
{
  if (self->expert)
    ub_plan_add_issue (self,
                       UB_ISSUE_DANGER,
                       UB_ERROR_PROTECTED,
                       name,
                       _ ("“%s” belongs to this phone alone. Without it IMEI, calibration or the "
                          "lock state can be lost for good."),
                       name);
  else
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_PROTECTED,
                       name,
                       _ ("“%s” holds what belongs to this phone alone and is kept."),
                       name);
}

void
ub_plan_jobs_report_table (UbPlan *self, const char *name)
{
  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     UB_ERROR_PROTECTED,
                     name,
                     _ ("“%s” reaches into the phone's partition table or what its maker has "
                        "reserved, which is never touched."),
                     name);
}

/* what of [@offset, @offset + @length) may not be touched; FALSE if anything but protected parts,
 * which are told by themselves */
gboolean
ub_plan_jobs_check_range (UbPlan      *self,
                          UbPhoneInfo *phone,
                          const char  *name,
                          UbRegion     region,
                          guint64      offset,
                          guint64      length)
{
  g_autoptr (GArray) kept = NULL;
  g_autoptr (GPtrArray) protected = ub_plan_save_dup_protected (self, phone);

  if (region != ub_plan_get_user_region (self->storage))
    return TRUE;
  kept = ub_plan_save_dup_kept (self, phone, NULL);
  for (guint i = 0; i < kept->len; i++)
    {
      const UbPlanRange   *range = &g_array_index (kept, UbPlanRange, i);
      const UbLayoutEntry *entry;

      if (!overlaps (offset, offset + length, range->start, range->end))
        continue;
      entry = find_protected (protected, region, ub_plan_get_sector (self), range);
      if (entry == NULL)
        {
          ub_plan_jobs_report_table (self, name);
          return FALSE;
        }
      report_protected (self, entry->name);
    }
  return TRUE;
}

static void
report_start_up (UbPlan *self, const char *name)
{
  ub_plan_add_issue (self,
                     UB_ISSUE_DANGER,
                     UB_ERROR_PROTECTED,
                     name,
                     _ ("“%s” is start-up code: the phone does not start without it."),
                     name);
}

static gboolean
is_start_up (const char *name)
{
  return ub_plan_is_start_up (ub_partition_role_for_name (name));
}

/* start-up code that the range reaches into */
static void
check_start_up (UbPlan *self, const UbLayout *layout, const UbLayoutEntry *place)
{
  if (ub_plan_jobs_is_boot_region (place->region))
    report_start_up (self, place->name);
  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->region == place->region && is_start_up (entry->name) &&
          overlaps (place->start,
                    place->start + place->size,
                    entry->start,
                    entry->start + MIN (entry->size, G_MAXUINT64 - entry->start)))
        report_start_up (self, entry->name);
    }
}

static void
erase_place (UbPlan *self, UbPhoneInfo *phone, const UbLayoutEntry *place)
{
  const UbLayout *layout = ub_phone_info_get_layout (phone);

  check_start_up (self, layout, place);
  if (ub_plan_jobs_check_range (self, phone, place->name, place->region, place->start, place->size))
    ub_plan_add_step (self, UB_STEP_ERASE, place->name, place->region, place->start, place->size);
}

/* boot2 first: the boot ROM looks at boot1, so as long as it is whole, the phone can be reached */
static void
erase_boot_regions (UbPlan *self, const UbDaReport *report)
{
  static const char *const names[] = { "boot2", "boot1" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      UbRegion region = ub_plan_jobs_find_region (report->storage, names[i]);
      guint64  capacity = ub_da_report_get_capacity (report, region);

      if (capacity == 0)
        continue;
      report_start_up (self, names[i]);
      ub_plan_add_step (self, UB_STEP_ERASE, names[i], region, 0, capacity);
    }
}

static gboolean
needs_table (UbPlan *self, UbPhoneInfo *phone, const UbLayout *places)
{
  UbRegion user = ub_plan_get_user_region (self->storage);

  if (ub_phone_info_get_layout (phone) != NULL)
    return FALSE;
  for (guint i = 0; i < places->entries->len; i++)
    if (((const UbLayoutEntry *) g_ptr_array_index (places->entries, i))->region == user)
      return TRUE;
  return FALSE;
}

static void
build_erase (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = ub_phone_info_get_report (phone);
  g_autoptr (UbLayout) places = dup_places (self, phone);
  guint n_saves;

  if (needs_table (self, phone, places))
    {
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_WRONG_LAYOUT,
                         NULL,
                         _ ("The phone's partition table cannot be read, so nobody can tell what "
                            "would be erased with it."));
      return;
    }
  ub_plan_save_add (self, phone, NULL);
  n_saves = self->steps->len;
  if (!self->target.whole)
    for (guint i = 0; i < places->entries->len; i++)
      erase_place (self, phone, g_ptr_array_index (places->entries, i));
  else
    {
      ub_plan_modes_check_own_named (self, phone);
      ub_plan_save_add_erase (self, phone, "user", 0, report->user_size);
    }
  if (self->target.whole && self->target.with_boot)
    erase_boot_regions (self, report);
  if (self->steps->len > n_saves)
    ub_plan_save_add_verifies (self);
}

/* --- all of them --- */

static gboolean
has_work (UbPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (self->mode == UB_MODE_READBACK ||
        ((const UbStep *) g_ptr_array_index (self->steps, i))->kind != UB_STEP_SAVE)
      return TRUE;
  return FALSE;
}

static void
build_for (UbPlan *self, UbPhoneInfo *phone)
{
  switch (self->mode)
    {
    case UB_MODE_SINGLE:
      ub_plan_single_build (self, phone);
      ub_plan_names_set (self, ub_phone_info_get_layout (phone));
      break;
    case UB_MODE_READBACK:
      add_reading_steps (self, phone, UB_STEP_SAVE);
      break;
    case UB_MODE_TEST:
      add_reading_steps (self, phone, UB_STEP_TEST);
      break;
    case UB_MODE_ERASE:
      build_erase (self, phone);
      break;
    case UB_MODE_RESTORE:
      ub_plan_restore_build (self, phone);
      break;
    default:
      g_return_if_reached ();
    }
}

/**
 * ub_plan_jobs_build:
 * @self: a plan of one of the jobs without a firmware
 * @phone: (nullable): there are no steps without its report
 *
 * Makes the steps for @phone, and everything that speaks against them.
 */
void
ub_plan_jobs_build (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = phone != NULL ? ub_phone_info_get_report (phone) : NULL;

  if (report == NULL)
    return;
  self->storage = report->storage;
  build_for (self, phone);
  if (!has_work (self) && !ub_plan_is_blocked (self))
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_NOTHING_TO_DO,
                       NULL,
                       _ ("There is nothing to do on this phone."));
}
