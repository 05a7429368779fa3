/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-storage.h"

G_BEGIN_DECLS

/* a scatter's operation_type (shared/facts/scatter.md §3); a hint, never a permission */
typedef enum
{
  UB_OPERATION_UNKNOWN,
  UB_OPERATION_UPDATE,
  UB_OPERATION_INVISIBLE,
  UB_OPERATION_PROTECTED,
  UB_OPERATION_RESERVED,
  UB_OPERATION_BOOTLOADERS,
  UB_OPERATION_BINREGION,
  UB_OPERATION_NEEDRESIZE,
  UB_OPERATION_LOGIC,
} UbOperation;

/* what a part is to us, whatever the scatter says */
typedef enum
{
  UB_ROLE_NORMAL,
  UB_ROLE_PRELOADER, /* the preloader and its copies */
  UB_ROLE_START_UP,  /* boot chain: lk, tee, logo, vbmeta, EBR/MBR … */
  UB_ROLE_PROTECTED, /* IMEI, calibration, serial, lock state: kept (our own list) */
  UB_ROLE_TABLE,     /* pgpt, sgpt, PMT, MBR, EBR: written only where a mode says so */
  UB_ROLE_RESERVED,  /* bmtpool, otp, flashinfo */
} UbRole;

/**
 * UbPartition:
 *
 * One row of a firmware's map. Identity is (storage, region, name). Addresses are bytes from the begin
 * of the region. Read-only once its #UbFirmware exists, which owns it.
 */
typedef struct
{
  char       *name; /* as written */
  UbStorage   storage;
  UbRegion    region;
  guint64     linear_start;   /* as written */
  guint64     physical_start; /* as written */
  guint64     scatter_size;   /* as written; 0 = up to the next */
  gboolean    from_end;       /* @start is a distance from the end of the region */
  guint64     start;          /* resolved (shared/facts/scatter.md §4) */
  guint64     size;           /* resolved; 0 = to the end of the region */
  char       *file_name;      /* (nullable): as written, NONE and "" are NULL */
  char       *type;           /* as written */
  gboolean    is_download;
  gboolean    boundary_check;
  gboolean    is_reserved;
  gboolean    is_upgradable;
  gboolean    empty_boot_needed;
  UbOperation operation;
  UbRole      role;
  char       *image_path; /* (nullable): the file found for it, absolute */
  guint64     image_size; /* bytes it will take on the phone (sparse: expanded); 0 without image */
  guint64     image_file_size; /* bytes of the file */
  char       *image_trouble;   /* (nullable): why the file found cannot be written, for the log */
  guint       line;            /* where the scatter has it, 1-based */
} UbPartition;

UbPartition *ub_partition_new (void);
UbPartition *ub_partition_copy (const UbPartition *self);
void         ub_partition_free (UbPartition *self);
/* our own list, by name in any case and with A/B suffixes cut, whatever the scatter marks */
UbRole      ub_partition_role_for_name (const char *name);
const char *ub_operation_to_string (UbOperation operation);
UbOperation ub_operation_from_string (const char *text);
/* where @self begins in a region of @capacity bytes; G_MAXUINT64 if it does not fit */
guint64 ub_partition_resolve_start (const UbPartition *self, guint64 capacity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPartition, ub_partition_free)

G_END_DECLS
