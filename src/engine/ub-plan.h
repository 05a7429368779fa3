/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/ub-backup.h"
#include "engine/ub-mode.h"
#include "engine/ub-phone-info.h"
#include "firmware/ub-firmware.h"

G_BEGIN_DECLS

typedef enum
{
  UB_STEP_SAVE, /* phone to copy: safety copy or readback */
  UB_STEP_ERASE,
  UB_STEP_TABLE, /* a partition table: @content, @image_path, or @layout by the agent's own command */
  UB_STEP_RESTORE, /* back from a copy: @saved names the part; ub_plan_settle() fills in where it lies */
  UB_STEP_WRITE,  /* @image_path */
  UB_STEP_VERIFY, /* reads back and compares; the source fields are those of the step it checks */
  UB_STEP_TEST,   /* reads and throws away, notes what cannot be read */
} UbStepKind;

/* Every step gives the same result when it is done again, so a job goes on from any point before the
 * last one that is known to be done. Source of a step: exactly one of @content, @layout, @image_path. */
typedef struct
{
  UbStepKind         kind;
  const UbPartition *partition; /* (nullable); owned by the plan's firmware */
  char              *name;      /* for people: the partition's name, "boot1", "user" … */
  UbRegion           region;    /* one hardware region; BOOT1_BOOT2 is two steps */
  guint64 offset; /* bytes from the begin of the region; final only in a checked plan if from_end */
  guint64 length; /* bytes the image takes (expanded) */
  guint64 bytes;  /* bytes that travel */
  char   *image_path;    /* (nullable) */
  guint64 source_offset; /* bytes into @image_path where the content begins (raw files of a copy) */
  GBytes *content;       /* (nullable) */
  UbLayout *layout;      /* (nullable) */
  char    *saved; /* (nullable): RESTORE and its VERIFY, until settled: a part's name in the copy */
  gboolean start_up;     /* start-up code: purple, not yellow; not stopped in the middle */
  gboolean is_protected; /* SAVE, RESTORE: one of the phone's own */
  gboolean differs_only; /* WRITE: compare first, block by block, and write what differs */
  gboolean is_preloader;
  char *
      agent_name; /* (nullable): WRITE, TABLE: what the agent calls the part, "boot_a", "PGPT", "preloader_backup" */
  gboolean
      by_name; /* has to be written by @agent_name where the agent has names: tables and preloaders */
} UbStep;

typedef enum
{
  UB_ISSUE_NOTE,
  UB_ISSUE_WARNING,
  UB_ISSUE_DANGER, /* goes on only after a typed yes */
  UB_ISSUE_BLOCKER,
} UbIssueLevel;

/* the traffic light: does this firmware look like it is for this phone? */
typedef enum
{
  UB_FIT_UNKNOWN, /* no phone yet */
  UB_FIT_GREEN,
  UB_FIT_AMBER,
  UB_FIT_RED,
} UbFit;

typedef struct
{
  UbIssueLevel level;
  int          code;      /* an #UbError: looked up in ub-advice */
  char        *partition; /* (nullable) */
  char        *text;      /* one translated sentence that names the thing */
} UbIssue;

typedef enum
{
  UB_ROW_WRITE,    /* will be written */
  UB_ROW_SKIP,     /* has an image, is not ticked */
  UB_ROW_NO_FILE,  /* nothing to write */
  UB_ROW_KEPT,     /* protected: kept, and put back where it has to move */
  UB_ROW_ERASE,    /* erased, and nothing written */
  UB_ROW_RESERVED, /* the phone's own: never touched */
} UbRowFate;

#define UB_TYPE_PLAN_ROW (ub_plan_row_get_type ())
G_DECLARE_FINAL_TYPE (UbPlanRow, ub_plan_row, UB, PLAN_ROW, GObject)
/**
 * UbPlanRow:
 *
 * One row of the window's table: a partition and what will happen to it. Properties (read-only, constant):
 * name, begin, end, size (text), file (text), note (text), ticked, tickable, fate (int), level (int, worst issue).
 */
const UbPartition *ub_plan_row_get_partition (UbPlanRow *self);
const char        *ub_plan_row_get_name (UbPlanRow *self);
UbRowFate          ub_plan_row_get_fate (UbPlanRow *self);
gboolean           ub_plan_row_get_ticked (UbPlanRow *self);
gboolean           ub_plan_row_get_tickable (UbPlanRow *self);
const char        *ub_plan_row_get_note (UbPlanRow *self);  /* "" or a translated sentence */
int                ub_plan_row_get_level (UbPlanRow *self); /* -1 or the worst UbIssueLevel */
/* why a protected part of that name is kept, translated: "Kept: IMEI and calibration" */
const char *ub_plan_rows_get_kept_text (const char *name);

/* trouble 23: same: skipped; different, blank or unreadable: written last */
typedef enum
{
  UB_PRELOADER_AUTO,
  UB_PRELOADER_WRITE, /* even if it is the same */
  UB_PRELOADER_SKIP,
} UbPreloaderRule;

/* where a phone has two sets of parts (boot_a, boot_b), and the package an image for one of them */
typedef enum
{
  UB_SLOTS_ACTIVE, /* to the set the phone starts from; as the map says where all is erased, or the phone does not tell */
  UB_SLOTS_BOTH,
} UbSlots;

/* the person's choice; a value */
typedef struct
{
  UbMode    mode;
  UbStorage storage; /* which section of the map; UNKNOWN: the first */
  GHashTable                *
      ticks; /* (nullable) (element-type utf8 gboolean): names that differ from the map's default tick; names in lower case */
  const char *const *only;  /* (nullable): these names and nothing else */
  gboolean           expert;     /* protected parts may be ticked */
  gboolean           verify_all; /* read everything back, not only start-up code and tables */
  UbPreloaderRule    preloader;
  UbSlots            slots;
} UbPlanChoice;

/* a place on the phone, for Readback, Format and Memory test; a value, borrowed */
typedef struct
{
  gboolean           whole;     /* boot1, boot2 and the user area (erase: see @with_boot) */
  gboolean           with_boot; /* erase, whole: the boot regions, too */
  const char *const *names;  /* (nullable): parts of the phone's own table; also "boot1", "boot2" */
  UbRegion           region; /* a range, if @length is not 0 */
  guint64            offset;
  guint64            length; /* bytes; G_MAXUINT64: to the end */
  gboolean           expert; /* protected parts may be erased, after a typed yes */
} UbPlanTarget;

/* the plan in words: confirmation, console, report. All strings translated */
typedef struct
{
  guint   n_parts; /* written */
  guint64 bytes;   /* that travel to the phone */
  gint64  time_us; /* the whole job, reading included; 0: not known without the phone */
  GStrv   written;
  GStrv   erased;
  GStrv   kept;
  GStrv   saved; /* part of the safety copy; empty until the phone is known */
  char   *lost;  /* one sentence: what is lost; "" for nothing */
  char   *keeps; /* one sentence: what is kept */
} UbPlanSummary;

void ub_plan_summary_free (UbPlanSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPlanSummary, ub_plan_summary_free)

#define UB_TYPE_PLAN (ub_plan_get_type ())
G_DECLARE_FINAL_TYPE (UbPlan, ub_plan, UB, PLAN, GObject)

/**
 * UbPlan:
 *
 * What will be done, in order, and everything that speaks against it. Immutable. Made by functions without side effects: no
 * phone, and nothing read but the first bytes of boot images and preloaders (the firmware has sized its images already). The plan is the table, the confirmation, the console's `plan`, the
 * weights of the bar and the first half of the report.
 */
UbPlan *ub_plan_new (UbFirmware *firmware, const UbPlanChoice *choice);
/* one image to one part, by the phone's own table; no map needed. @name may be unknown until the check */
UbPlan *ub_plan_new_single (const char *name, const char *image_path, gboolean expert);
/* reads @target into a new copy in @folder */
UbPlan *ub_plan_new_readback (const UbPlanTarget *target, const char *folder);
UbPlan *ub_plan_new_erase (const UbPlanTarget *target);
UbPlan *ub_plan_new_test (const UbPlanTarget *target);
/* writes @backup back; @names (nullable): these parts alone */
UbPlan *ub_plan_new_restore (UbBackup *backup, const char *const *names, gboolean expert);
/* The second check, with the phone: the steps are made anew for it (safety copy first, erasing, tables, parts put back at
 * their new places), addresses final; issues for chip, storage, sizes, memory, layout added. The same firmware, choice
 * and phone give the same steps: a job that goes on is planned again with the phone as it was at its begin. Pure, too,
 * but that it looks into the preloaders that are to be written. */
UbPlan *ub_plan_check (UbPlan *self, UbPhoneInfo *phone);
/* The third, with the safety copy (or with the finished readback): preloader rule, what the running preloader says of the
 * model, whether what is put back fits its new size, where saved parts lie. Reads files of the copy, never the phone. */
UbPlan *ub_plan_settle (UbPlan *self, UbBackup *copy, GError **error);
/* what it takes to make this plan again in another process: choice, paths, sizes and times of files; ids of phones are
 * not in it. (transfer full): floating refs sunk */
GVariant *ub_plan_to_variant (UbPlan *self);
/* blocking: opens the firmware or the backup. FILE_MISSING, FILE_READ if a file is not the one it was */
UbPlan *ub_plan_new_from_variant (GVariant *variant, GCancellable *cancellable, GError **error);
/* SHA-256, hex, of all steps with their addresses, sizes and sources */
char *ub_plan_dup_digest (UbPlan *self);
UbFit ub_plan_get_fit (UbPlan *self);
/* the reasons of the light, worst first; (transfer container) (element-type UbIssue) */
GPtrArray     *ub_plan_get_fit_reasons (UbPlan *self);
UbPlanSummary *ub_plan_dup_summary (UbPlan *self);
UbFirmware *ub_plan_get_firmware (UbPlan *self); /* (nullable): jobs without a firmware have none */
UbBackup   *ub_plan_get_backup (UbPlan *self);   /* (nullable): Restore */
const char *ub_plan_get_folder (UbPlan *self);   /* (nullable): Readback: where to */
const char *ub_plan_get_title (
    UbPlan *self); /* for people: the project, the image or the folder; never NULL */
gboolean       ub_plan_has_danger (UbPlan *self);
UbMode         ub_plan_get_mode (UbPlan *self);
UbStorage      ub_plan_get_storage (UbPlan *self);
GPtrArray     *ub_plan_get_steps (UbPlan *self);  /* (transfer none) (element-type UbStep) */
GPtrArray     *ub_plan_get_issues (UbPlan *self); /* (transfer none) (element-type UbIssue) */
GListModel    *ub_plan_get_rows (UbPlan *self);   /* (transfer none) of UbPlanRow */
gboolean       ub_plan_is_blocked (UbPlan *self);
const UbIssue *ub_plan_get_first_blocker (UbPlan *self); /* (nullable) */
guint64        ub_plan_get_bytes (UbPlan *self);         /* that travel */
guint          ub_plan_get_n_parts (UbPlan *self);       /* partitions that will be written */
/* for "about 2 min"; at @bytes_per_second, 0: a guess */
gint64 ub_plan_estimate_us (UbPlan *self, double bytes_per_second);

G_END_DECLS
