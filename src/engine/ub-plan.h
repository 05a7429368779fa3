/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/ub-phone-info.h"
#include "firmware/ub-firmware.h"

G_BEGIN_DECLS

typedef enum
{
  UB_MODE_DOWNLOAD_ONLY,
} UbMode;

typedef enum
{
  UB_STEP_SAVE,
  UB_STEP_ERASE,
  UB_STEP_WRITE,
  UB_STEP_VERIFY,
  UB_STEP_RESTORE,
  UB_STEP_TABLE,
  UB_STEP_REBOOT,
} UbStepKind;

typedef struct
{
  UbStepKind         kind;
  const UbPartition *partition; /* (nullable); owned by the plan's firmware */
  char              *name;      /* for people: the partition's name */
  UbRegion           region;    /* one hardware region; BOOT1_BOOT2 is two steps */
  guint64 offset; /* bytes from the begin of the region; final only in a checked plan if from_end */
  guint64 length; /* bytes the image takes (expanded) */
  guint64 bytes;  /* bytes that travel */
  char   *image_path; /* (nullable) */
  gboolean start_up;  /* start-up code: purple, not yellow */
} UbStep;

typedef enum
{
  UB_ISSUE_NOTE,
  UB_ISSUE_WARNING,
  UB_ISSUE_BLOCKER,
} UbIssueLevel;

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
  UB_ROW_KEPT,     /* protected: kept */
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

/* the person's choice; a value */
typedef struct
{
  UbMode    mode;
  UbStorage storage; /* which section of the map; UNKNOWN: the first */
  GHashTable                *
      ticks; /* (nullable) (element-type utf8 gboolean): names that differ from the map's default tick; names in lower case */
  const char *const *only;  /* (nullable): these names and nothing else */
  gboolean           expert; /* protected parts may be ticked */
} UbPlanChoice;

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
/* the second check, with the phone: addresses final; issues for chip, storage, sizes, memory, layout added. Pure, too, but
 * that it looks into the preloaders that are to be written. */
UbPlan        *ub_plan_check (UbPlan *self, UbPhoneInfo *phone);
UbFirmware    *ub_plan_get_firmware (UbPlan *self);
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
gint64      ub_plan_estimate_us (UbPlan *self, double bytes_per_second);
const char *ub_mode_to_string (UbMode mode);    /* "download" */
const char *ub_mode_get_title (UbMode mode);    /* translated: "Download only" */
const char *ub_mode_get_sentence (UbMode mode); /* translated: what is lost and what is kept */

G_END_DECLS
