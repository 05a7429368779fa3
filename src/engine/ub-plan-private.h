/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-error.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

/* a piece of a region, [start, end) in bytes */
typedef struct
{
  guint64 start;
  guint64 end;
} UbPlanRange;

struct _UbPlan
{
  GObject parent_instance;

  UbFirmware *firmware; /* (nullable) */
  UbBackup   *backup;   /* (nullable): Restore */
  UbMode      mode;
  UbStorage   storage;
  char       *title;
  GPtrArray  *steps;  /* of UbStep */
  GPtrArray  *issues; /* of UbIssue */
  GListStore *rows;   /* of UbPlanRow */

  /* what the person wanted, kept because every check makes the steps anew */
  GHashTable     *ticks; /* (nullable) */
  char          **only; /* (nullable): Download …: parts of the map; Restore: parts of the copy */
  gboolean        expert;
  gboolean        verify_all;
  UbPreloaderRule preloader;
  UbSlots         slots;
  char           *single_name;    /* (nullable) */
  char           *single_path;    /* (nullable) */
  char           *folder;         /* (nullable): Readback */
  UbPlanTarget    target;         /* Readback, Erase, Test; its names are owned here */
  UbPhoneInfo    *phone;          /* (nullable): what it was checked with */
  guint64         save_bytes;     /* of the SAVE steps */
  guint           n_first_issues; /* those of the first check: the rest belongs to @phone */
};

/* --- ub-plan.c --- */
/* empty but for the wishes */
UbPlan *ub_plan_new_empty (UbMode mode, UbStorage storage, const char *title);
/* a copy whose steps may be changed and to which issues may be added until it is handed out */
UbPlan *ub_plan_copy (UbPlan *self);
/* (transfer none): appended; fields not named here are zero */
UbStep *ub_plan_add_step (UbPlan     *self,
                          UbStepKind  kind,
                          const char *name,
                          UbRegion    region,
                          guint64     offset,
                          guint64     length);
UbStep *ub_plan_step_copy (const UbStep *step);
void    ub_plan_step_free (gpointer step);
void    ub_plan_add_issue (UbPlan      *self,
                           UbIssueLevel level,
                           int          code,
                           const char  *partition,
                           const char  *format,
                           ...) G_GNUC_PRINTF (5, 6);
/* where the phone's system lies: the region that has a partition table */
UbRegion ub_plan_get_user_region (UbStorage storage);
/* bytes the phone's memory is read and written in; while it is not known, what such a memory has */
guint ub_plan_get_sector (UbPlan *self);
/* is that a phone whose agents are of the oldest kind, or nobody knows? They have room for few entries of a table, and no names */
gboolean ub_plan_is_legacy (UbPhoneInfo *phone);

/* --- ub-plan-rows.c --- */
void ub_plan_rows_build (UbPlan *self);
/* rows with the worst level of the issues as they are now */
void ub_plan_refresh_rows (UbPlan *self);
/* is this part of the map erased where the phone stays divided up as it is? */
gboolean ub_plan_rows_is_erased (UbPlan *self, const UbPartition *partition, gboolean ticked);
/* does a part of this name hold photos, apps and settings? */
gboolean ub_plan_rows_is_user_data (const char *name);

/* --- ub-plan-modes.c: the steps of Download only, Firmware upgrade, Format all, Repair --- */
/* one of the two that erase before they write? */
gboolean ub_plan_modes_is_erasing (UbPlan *self);
/* anew, for @phone (nullable: as far as the map tells) */
void ub_plan_modes_build (UbPlan *self, UbPhoneInfo *phone);
/* a table that calls everything by other names: nobody can tell what is erased with the rest */
void ub_plan_modes_check_own_named (UbPlan *self, UbPhoneInfo *phone);
/* appends a VERIFY of @step: the same source, the same place */
void ub_plan_modes_add_verify (UbPlan *self, const UbStep *step);

/* --- ub-plan-save.c --- */
/* appends the SAVE steps of the safety copy for @phone: tables ("table", "table-copy"; MBR and every EBR on such phones), boot1 and boot2 whole,
 * start-up parts with boot and recovery, and all that is protected, by the phone's own table (by the map where the table has no names).
 * @also (nullable): more parts of the phone's table by name */
void ub_plan_save_add (UbPlan *self, UbPhoneInfo *phone, const char *const *also);
/* the protected entries of the phone's table: our own list, plus what the map marks. (transfer container) (element-type UbLayoutEntry) */
GPtrArray *ub_plan_save_dup_protected (UbPlan *self, UbPhoneInfo *phone);
/* appends the pieces of [@offset, @offset + @length) of the user area that hold nothing protected, reserved or of the partition
 * table, as ERASE steps */
void ub_plan_save_add_erase (UbPlan      *self,
                             UbPhoneInfo *phone,
                             const char  *name,
                             guint64      offset,
                             guint64      length);

/* what the firmware's map does not know and its new table does not have; warns. (transfer full): names of what is small enough to save */
GStrv ub_plan_save_dup_unknown (UbPlan *self, UbPhoneInfo *phone);
/* what may not be erased in the user area; @target (nullable): the table the phone will have. (transfer full) (element-type UbPlanRange), sorted */
GArray *ub_plan_save_dup_kept (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target);
/* appends the pieces of [@offset, @offset + @length) between @kept (sorted) as ERASE steps */
void ub_plan_save_add_pieces (UbPlan     *self,
                              const char *name,
                              UbRegion    region,
                              guint64     offset,
                              guint64     length,
                              GArray     *kept);
/* has every entry a name? TRUE for GPT and PMT */
gboolean ub_plan_save_has_names (const UbLayout *layout);
/* is a part of the phone's table with this name the phone's own? */
gboolean ub_plan_save_is_protected (UbPlan *self, const char *name);
/* does an agent keep its own record of what it did there? (shared/protocol/genuine-agents.md §5.1) */
gboolean ub_plan_save_is_agents_own (const char *name);
/* where a part of the map begins on the phone; FALSE if it does not fit there */
gboolean ub_plan_save_resolve (const UbPartition *partition,
                               const UbDaReport  *report,
                               guint64           *start);
/* bytes: a sector of the storage, a GPT with its MBR at the begin, its copy at the end */
guint   ub_plan_save_get_sector (const UbDaReport *report);
guint64 ub_plan_save_get_table_size (guint sector);
guint64 ub_plan_save_get_copy_size (guint sector);
guint64 ub_plan_save_get_tail_size (const UbDaReport *report, UbLayoutKind kind);

/* appends a VERIFY step for every saved part of the user area that no step so far touches: an agent may erase more than it was told */
void ub_plan_save_add_verifies (UbPlan *self);

/* --- ub-plan-table.c --- */
/* is it a part that the phone's own table should have, at the place the map says? */
gboolean ub_plan_table_lists (UbPlan *self, const UbPartition *partition);
/* (nullable): the part that takes the rest of the phone, so its size tells nothing */
const UbPartition *ub_plan_table_get_last (UbPlan *self);
gboolean           ub_plan_table_fits_entry (const UbPartition   *partition,
                                             const UbLayoutEntry *entry,
                                             gboolean             is_last);
/* (nullable): by name, in any case */
const UbLayoutEntry *ub_plan_table_find (const UbLayout *layout, const char *name, UbRegion region);
/* PRO_INFO and proinfo are the same part */
gboolean ub_plan_table_is_same_part (const char *name, const char *other);
/* (nullable): the place for one of the phone's own parts, which had other names in the days of PMT */
const UbLayoutEntry *ub_plan_table_find_own (const UbLayout *layout, const UbLayoutEntry *own);
/* has the phone another table than the map wants? */
gboolean ub_plan_table_differs (UbPlan *self, UbPhoneInfo *phone);
/* appends TABLE steps for @target, each with its VERIFY */
void ub_plan_table_add_steps (UbPlan *self, UbPhoneInfo *phone, const UbLayout *target);
/* the table the phone will have: the map's parts with this phone's sizes; NULL if the map cannot be laid out on it (an issue says why) */
UbLayout *ub_plan_table_dup_target (UbPlan *self, UbPhoneInfo *phone);

/* --- ub-plan-jobs.c: Single, Readback, Restore, Erase, Test --- */
void ub_plan_jobs_build (UbPlan *self, UbPhoneInfo *phone);

/* --- ub-plan-fit.c --- */
/* model signs without a phone and with it */
void ub_plan_fit_check (UbPlan *self, UbPhoneInfo *phone);
/* with the copy: the name in the running preloader against the package's */
void ub_plan_fit_check_copy (UbPlan *self, UbBackup *copy);

/* --- ub-plan-check.c --- */
/* can such a memory be written? */
gboolean ub_plan_check_is_known_storage (UbStorage storage);
/* what the maker has locked may not be erased, nor written by place: nobody can tell what before it is tried */
gboolean ub_plan_check_is_locked (UbPhoneInfo *phone);
/* do the parts of the map that are not ours to write lie in the way of a step? */
void ub_plan_check_overlaps (UbPlan *self, const UbDaReport *report);

/* whole sectors */
/* @a + @b, or the largest number there is */
guint64     ub_plan_check_add (guint64 a, guint64 b);
UbPlanRange ub_plan_check_range_of_step (UbPlan *self, const UbStep *step);
gboolean    ub_plan_check_overlap (UbPlanRange a, UbPlanRange b);

/* --- ub-plan-names.c --- */
/* what an agent calls the places of the steps: boot regions, and parts that lie where @layout (nullable), the phone's table as it is when
 * they are written, has them */
void ub_plan_names_set (UbPlan *self, const UbLayout *layout);

/* --- ub-plan-slots.c --- */
/* the other one of a pair of parts; borrowed */
typedef struct
{
  const UbPartition *partition; /* (nullable): of the map */
  const char        *name;
  guint64            offset;
} UbPlanSlotPlace;

/* is @partition's file written to its twin? @own: and to its own place? Without @phone (nullable) as far as the map tells */
gboolean ub_plan_slots_find (UbPlan            *self,
                             UbPhoneInfo       *phone,
                             const UbPartition *partition,
                             gboolean          *own,
                             UbPlanSlotPlace   *twin);
/* issues for a phone with a report: which set is written, and what speaks against it */
void ub_plan_slots_tell (UbPlan *self, UbPhoneInfo *phone);

/* --- ub-plan-past.c --- */
/* with the copy: has the phone lost something of its own that an older copy still has, or would it lose it now? */
void ub_plan_past_check (UbPlan *self, UbBackup *copy);

/* --- ub-plan-layout.c --- */
/* the steps of a firmware's plan against the table the phone has, or will have */
void ub_plan_layout_check (UbPlan *self, UbPhoneInfo *phone);

/* --- ub-plan-memory.c --- */
/* does the phone tell which memory it has? */
gboolean ub_plan_memory_is_told (const UbDaReport *report);
/* has @emi settings for the memory that @report names? What cannot be told counts as fitting */
gboolean ub_plan_memory_fits (const UbEmi *emi, const UbDaReport *report);
/* do the preloaders that are to be written know the phone's memory? */
void ub_plan_memory_check (UbPlan *self, const UbDaReport *report);

/* --- ub-plan.c --- */
/* one of our own, or marked by the map: kept */
gboolean ub_plan_is_protected (const UbPartition *partition);
gboolean ub_plan_is_table (const UbPartition *partition);
gboolean ub_plan_is_reserved (const UbPartition *partition);
/* what a phone starts with, the preloader included */
gboolean ub_plan_is_start_up (UbRole role);
/* did the person, not the map, ask for this part? */
gboolean ub_plan_is_wished (UbPlan *self, const UbPartition *partition);

/* --- ub-plan-files.c --- */
/* bytes that go in front of a preloader in @region: 0 if its file has them already */
guint64 ub_plan_files_header_size (const UbPartition *partition, UbRegion region);
/* the first check, without a phone: all that speaks against the firmware and its files */
void ub_plan_files_check (UbPlan *self);

G_END_DECLS
