/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* The first check of a plan: without a phone, what speaks against the firmware and its files. */

/* what goes in front of a bare preloader (shared/protocol/brom-and-legacy.md §4.1) */
#define EMMC_HEADER_SIZE 0x800
#define UFS_HEADER_SIZE 0x1000
#define MAX_PRELOADER (16 * 1024 * 1024)

/* the first bytes of an image; zeros where there are none */
static void
peek_image (const char *path, guint8 *head, gsize size)
{
  gsize done = 0;
  int   fd = open (path, O_RDONLY | O_CLOEXEC);

  memset (head, 0, size);
  if (fd < 0)
    return;
  while (done < size)
    {
      gssize n = read (fd, head + done, size - done);

      if (n <= 0)
        break;
      done += (gsize) n;
    }
  close (fd);
}

static gboolean
is_bare_preloader (const UbPartition *partition)
{
  guint8 head[4];

  peek_image (partition->image_path, head, sizeof head);
  return memcmp (head, "MMM\x01", 4) == 0;
}

/* the storage whose boot area an image was taken from; UNKNOWN without a header that says so */
static UbStorage
storage_of_header (const UbPartition *partition)
{
  static const struct
  {
    const char *name;
    UbStorage   storage;
  } headers[] = { { "EMMC_BOOT", UB_STORAGE_EMMC },
                  { "UFS_BOOT", UB_STORAGE_UFS },
                  { "SDMMC_BOOT", UB_STORAGE_SDMMC } };
  guint8 head[12];

  peek_image (partition->image_path, head, sizeof head);
  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    if (memcmp (head, headers[i].name, strlen (headers[i].name)) == 0)
      return headers[i].storage;
  return UB_STORAGE_UNKNOWN;
}

/* known by name only (shared/protocol/brom-and-legacy.md §4.1) */
static gboolean
is_combined (const UbPartition *partition)
{
  guint8 head[12];

  peek_image (partition->image_path, head, sizeof head);
  return memcmp (head, "COMBO_BOOT", 10) == 0;
}

static gboolean
wants_boot_image (const char *name)
{
  static const char *const names[] = { "boot", "boot_a", "boot_b", "bootimg", "recovery" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/* anything else in its place, and the phone does not even start up to where it can be mended
 * easily: that is not for a person to wave through */
static void
check_preloader (UbPlan *self, const UbPartition *partition)
{
  UbStorage storage;

  if (partition->role != UB_ROLE_PRELOADER || is_bare_preloader (partition))
    return;
  if (is_combined (partition))
    {
      ub_plan_add_issue (
          self,
          UB_ISSUE_BLOCKER,
          UB_ERROR_UNSUPPORTED,
          partition->name,
          _ ("The file for “%s” is a preloader for eMMC and UFS at once (COMBO_BOOT). This version "
             "does not know how such a one lies on a phone."),
          partition->name);
      return;
    }
  storage = storage_of_header (partition);
  if (storage == UB_STORAGE_UNKNOWN)
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_BAD_IMAGE,
        partition->name,
        _ ("The file for “%s” does not begin like a preloader. The phone would not start with it."),
        partition->name);
  else if (storage != partition->storage)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_WRONG_STORAGE,
                       partition->name,
                       _ ("The file for “%s” is for %s memory. The phone would not start with it."),
                       partition->name,
                       ub_storage_to_string (storage));
}

static void
check_content (UbPlan *self, const UbPartition *partition)
{
  guint8 head[8];

  check_preloader (self, partition);
  if (!wants_boot_image (partition->name))
    return;
  peek_image (partition->image_path, head, sizeof head);
  if (memcmp (head, "ANDROID!", sizeof head) != 0)
    ub_plan_add_issue (
        self,
        UB_ISSUE_WARNING,
        UB_ERROR_BAD_IMAGE,
        partition->name,
        _ ("The file for “%s” does not begin like a boot image. The phone may not start with it."),
        partition->name);
}

static gboolean
is_boot_region (UbRegion region)
{
  return region == UB_REGION_EMMC_BOOT1 || region == UB_REGION_EMMC_BOOT2 ||
         region == UB_REGION_UFS_LU0 || region == UB_REGION_UFS_LU1;
}

guint64
ub_plan_files_header_size (const UbPartition *partition, UbRegion region)
{
  if (partition->role != UB_ROLE_PRELOADER || !is_boot_region (region) ||
      !is_bare_preloader (partition))
    return 0;
  return partition->storage == UB_STORAGE_UFS ? UFS_HEADER_SIZE : EMMC_HEADER_SIZE;
}

static void
check_wish (UbPlan *self, const UbPartition *partition)
{
  if (ub_plan_is_reserved (partition) || ub_plan_is_table (partition))
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_PROTECTED,
                       partition->name,
                       _ ("“%s” is the phone's own bookkeeping and is not written in this mode."),
                       partition->name);
  else if (partition->image_path == NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_FILE_MISSING,
                       partition->name,
                       _ ("There is no file for “%s”."),
                       partition->name);
  else if (ub_plan_is_protected (partition))
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_PROTECTED,
                       partition->name,
                       _ ("“%s” holds what belongs to this phone alone and is kept."),
                       partition->name);
}

static void
check_fit (UbPlan *self, const UbPartition *partition, UbIssueLevel level)
{
  guint64 length =
      partition->image_size + ub_plan_files_header_size (partition,
                                                         is_boot_region (partition->region)
                                                             ? partition->region
                                                             : UB_REGION_EMMC_BOOT1);

  if (partition->image_trouble != NULL)
    ub_plan_add_issue (self,
                       level,
                       UB_ERROR_BAD_IMAGE,
                       partition->name,
                       /* Translators: the second is a technical reason */
                       _ ("The file for “%s” is damaged: %s."),
                       partition->name,
                       partition->image_trouble);
  else if (partition->image_size == 0)
    ub_plan_add_issue (self,
                       level,
                       UB_ERROR_BAD_IMAGE,
                       partition->name,
                       _ ("The file for “%s” is empty."),
                       partition->name);
  else if (partition->role == UB_ROLE_PRELOADER && partition->image_size > MAX_PRELOADER)
    ub_plan_add_issue (self,
                       level,
                       UB_ERROR_IMAGE_TOO_BIG,
                       partition->name,
                       _ ("The file for “%s” is far too big for a preloader."),
                       partition->name);
  else if (partition->size != 0 && length > partition->size)
    {
      g_autofree char *have = g_format_size_full (partition->size, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *need = g_format_size_full (length, G_FORMAT_SIZE_IEC_UNITS);

      ub_plan_add_issue (self,
                         level,
                         UB_ERROR_IMAGE_TOO_BIG,
                         partition->name,
                         _ ("The file for “%s” needs %s, but only %s are there."),
                         partition->name,
                         need,
                         have);
    }
}

static void
check_written (UbPlan *self, const UbPartition *partition)
{
  check_fit (self, partition, UB_ISSUE_BLOCKER);
  check_content (self, partition);
  if (partition->region == UB_REGION_UNKNOWN || partition->region == UB_REGION_EMMC_RPMB)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_BAD_FIRMWARE,
                       partition->name,
                       _ ("The map puts “%s” into a place that cannot be written."),
                       partition->name);
  if (!partition->from_end && partition->start % ub_plan_get_sector (self) != 0)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       UB_ERROR_BAD_FIRMWARE,
                       partition->name,
                       _ ("In this firmware's map “%s” begins or ends at a place where no part "
                          "can: the map is damaged."),
                       partition->name);
  if (ub_plan_is_protected (partition))
    ub_plan_add_issue (self,
                       UB_ISSUE_DANGER,
                       UB_ERROR_PROTECTED,
                       partition->name,
                       _ ("“%s” belongs to this phone alone. Writing it can cost IMEI, calibration "
                          "or the lock state for good."),
                       partition->name);
}

/* the person has taken it out of a job that erases it */
static void
check_erased (UbPlan *self, const UbPartition *partition)
{
  if (partition->is_download && ub_plan_rows_is_erased (self, partition, FALSE))
    ub_plan_add_issue (self,
                       UB_ISSUE_WARNING,
                       UB_ERROR_NOTHING_TO_DO,
                       partition->name,
                       _ ("“%s” is erased and, as it is not ticked, stays empty."),
                       partition->name);
}

static void
check_unwritten (UbPlan *self, const UbPartition *partition)
{
  if (partition->image_path != NULL)
    {
      check_fit (self, partition, UB_ISSUE_NOTE);
      check_erased (self, partition);
    }
  else if (partition->is_download && partition->file_name != NULL &&
           !ub_plan_is_reserved (partition))
    ub_plan_add_issue (self,
                       UB_ISSUE_WARNING,
                       UB_ERROR_FILE_MISSING,
                       partition->name,
                       _ ("The file “%s” is missing, so “%s” is not written."),
                       partition->file_name,
                       partition->name);
}

static void
check_rows (UbPlan *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      const UbPartition *partition = ub_plan_row_get_partition (row);

      if (ub_plan_row_get_fate (row) == UB_ROW_WRITE)
        check_written (self, partition);
      else if (ub_plan_is_wished (self, partition))
        check_wish (self, partition);
      else
        check_unwritten (self, partition);
    }
}

static void
check_only (UbPlan *self)
{
  for (gsize i = 0; self->only != NULL && self->only[i] != NULL; i++)
    if (ub_firmware_find_partition (self->firmware, self->storage, self->only[i]) == NULL)
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_NOTHING_TO_DO,
                         self->only[i],
                         _ ("The firmware has no part called “%s”."),
                         self->only[i]);
}

/* --- parts that belong together (shared/facts/troubles.md 24) --- */

#define GROUP_MAX 3

static const char *const groups[][GROUP_MAX] = {
  { "lk", "lk2" },
  { "tee1", "tee2" },
  { "vbmeta", "vbmeta_system", "vbmeta_vendor" },
  { "md1img", "md1dsp" },
};

/* (transfer full) (nullable) */
static UbPlanRow *
find_row (UbPlan *self, const char *name)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (g_ascii_strcasecmp (ub_plan_row_get_name (row), name) == 0)
        return g_steal_pointer (&row);
    }
  return NULL;
}

static void
check_pair (UbPlan *self, const char *name, const char *other_name)
{
  g_autoptr (UbPlanRow) row = find_row (self, name);
  g_autoptr (UbPlanRow) other = find_row (self, other_name);
  const UbPartition *missing;

  if (row == NULL || other == NULL || ub_plan_row_get_fate (row) != UB_ROW_WRITE ||
      ub_plan_row_get_fate (other) == UB_ROW_WRITE)
    return;
  missing = ub_plan_row_get_partition (other);
  if (missing->image_path == NULL && missing->file_name != NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_WARNING,
                       UB_ERROR_FILE_MISSING,
                       missing->name,
                       _ ("“%s” and “%s” belong together, but there is no file for “%s”. The phone "
                          "may not start with one of them alone."),
                       ub_plan_row_get_name (row),
                       missing->name,
                       missing->name);
  else if (missing->image_path != NULL && missing->is_download)
    ub_plan_add_issue (self,
                       UB_ISSUE_NOTE,
                       UB_ERROR_FILE_MISSING,
                       missing->name,
                       _ ("“%s” and “%s” belong together, but “%s” is not ticked."),
                       ub_plan_row_get_name (row),
                       missing->name,
                       missing->name);
}

/* of either set, too */
static void
check_pairs (UbPlan *self, const char *name, const char *other_name)
{
  static const char *const sets[] = { "", "_a", "_b" };

  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *one = g_strconcat (name, sets[i], NULL);
      g_autofree char *other = g_strconcat (other_name, sets[i], NULL);

      check_pair (self, one, other);
    }
}

static void
check_groups (UbPlan *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (gsize j = 0; j < GROUP_MAX && groups[i][j] != NULL; j++)
      for (gsize k = 0; k < GROUP_MAX && groups[i][k] != NULL; k++)
        if (j != k)
          check_pairs (self, groups[i][j], groups[i][k]);
}

static void
check_firmware (UbPlan *self)
{
  GPtrArray *notes = ub_firmware_get_notes (self->firmware);
  guint      home_made = ub_firmware_get_home_made (self->firmware);

  for (guint i = 0; notes != NULL && i < notes->len; i++)
    ub_plan_add_issue (self,
                       UB_ISSUE_NOTE,
                       UB_ERROR_BAD_FIRMWARE,
                       NULL,
                       "%s",
                       (const char *) g_ptr_array_index (notes, i));
  if (home_made > 0)
    ub_plan_add_issue (
        self,
        home_made > 1 ? UB_ISSUE_WARNING : UB_ISSUE_NOTE,
        UB_ERROR_BAD_FIRMWARE,
        NULL,
        _ ("This firmware's map looks home-made, not like one from the phone's maker."));
  if (!ub_plan_check_is_known_storage (self->storage))
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        UB_ERROR_UNSUPPORTED,
        NULL,
        _ ("This firmware is for a phone with %s memory, which this version cannot write yet."),
        ub_storage_to_string (self->storage));
}

void
ub_plan_files_check (UbPlan *self)
{
  check_rows (self);
  check_only (self);
  check_groups (self);
  check_firmware (self);
}
