/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-error.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

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
  char          **only;  /* (nullable): Download …: parts of the map; Restore: parts of the copy */
  gboolean        expert;
  gboolean        verify_all;
  UbPreloaderRule preloader;
  char           *single_name;  /* (nullable) */
  char           *single_path;  /* (nullable) */
  char           *folder;       /* (nullable): Readback */
  UbPlanTarget    target;       /* Readback, Erase, Test; its names are owned here */
  UbPhoneInfo    *phone;        /* (nullable): what it was checked with */
  guint64         save_bytes;   /* of the SAVE steps */
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
/* rows with the worst level of the issues as they are now */
void ub_plan_refresh_rows (UbPlan *self);

/* --- ub-plan-modes.c: the steps of Download only, Firmware upgrade, Format all, Repair --- */
/* anew, for @phone (nullable: as far as the map tells) */
void ub_plan_modes_build (UbPlan *self, UbPhoneInfo *phone);

/* --- ub-plan-save.c --- */
/* appends the SAVE steps of the safety copy for @phone: tables ("table", "table-copy"; MBR and every EBR on such phones), boot1 and boot2 whole,
 * start-up parts with boot and recovery, and all that is protected, by the phone's own table (by the map where the table has no names).
 * @also (nullable): more parts of the phone's table by name */
void ub_plan_save_add (UbPlan *self, UbPhoneInfo *phone, const char *const *also);
/* the protected entries of the phone's table: our own list, plus what the map marks. (transfer container) (element-type UbLayoutEntry) */
GPtrArray *ub_plan_save_dup_protected (UbPlan *self, UbPhoneInfo *phone);
/* appends the pieces of [@offset, @offset + @length) of the user area that hold nothing protected, reserved or of the partition
 * table, as ERASE steps */
void ub_plan_save_add_erase (UbPlan *self, UbPhoneInfo *phone, const char *name, guint64 offset, guint64 length);

/* --- ub-plan-table.c --- */
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
/* do the parts of the map that are not ours to write lie in the way of a step? */
void ub_plan_check_overlaps (UbPlan *self, const UbDaReport *report);

/* --- ub-plan-memory.c --- */
/* do the preloaders that are to be written know the phone's memory? */
void ub_plan_memory_check (UbPlan *self, const UbDaReport *report);

/* --- ub-plan.c --- */
/* one of our own, or marked by the map: kept */
gboolean ub_plan_is_protected (const UbPartition *partition);
gboolean ub_plan_is_table (const UbPartition *partition);
gboolean ub_plan_is_reserved (const UbPartition *partition);
/* did the person, not the map, ask for this part? */
gboolean ub_plan_is_wished (UbPlan *self, const UbPartition *partition);

/* --- ub-plan-files.c --- */
/* bytes that go in front of a preloader in @region: 0 if its file has them already */
guint64 ub_plan_files_header_size (const UbPartition *partition, UbRegion region);
/* the first check, without a phone: all that speaks against the firmware and its files */
void ub_plan_files_check (UbPlan *self);

G_END_DECLS
