/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-plan-row.h"

#include <glib/gi18n.h>
#include <string.h>

/* The rows of the table: what will happen to each part of the map, and why. */

/* photos, apps and settings: they differ from the firmware's on every phone that was ever used */
gboolean
ub_plan_rows_is_user_data (const char *name)
{
  static const char *const names[] = { "userdata", "usrdata", "data", "fat", "intsd" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_user_data (const UbPartition *partition)
{
  return ub_plan_rows_is_user_data (partition->name);
}

/* where everything is written anew, what is the phone's own is put back, never written */
static gboolean
is_tickable (UbPlan *self, const UbPartition *partition)
{
  if (partition->image_path == NULL || ub_plan_is_reserved (partition) ||
      ub_plan_is_table (partition) || (self->mode == UB_MODE_REPAIR && is_user_data (partition)))
    return FALSE;
  return (self->expert && !ub_plan_modes_is_erasing (self)) || !ub_plan_is_protected (partition);
}

static gboolean
is_ticked (UbPlan *self, const UbPartition *partition)
{
  g_autofree char *key = g_ascii_strdown (partition->name, -1);

  if (!is_tickable (self, partition) ||
      (partition->role == UB_ROLE_PRELOADER && self->preloader == UB_PRELOADER_SKIP))
    return FALSE;
  if (self->only != NULL || (self->ticks != NULL && g_hash_table_contains (self->ticks, key)))
    return ub_plan_is_wished (self, partition);
  /* most dead phones need no more, and it is compared in seconds; the rest can be ticked */
  if (self->mode == UB_MODE_REPAIR && !ub_plan_is_start_up (partition->role))
    return FALSE;
  return partition->is_download && !ub_plan_is_protected (partition);
}

/* Start-up code for which there is nothing new, and what the person does not want written, are left
 * as they are as long as the phone need not be divided up anew. */
gboolean
ub_plan_rows_is_erased (UbPlan *self, const UbPartition *partition, gboolean ticked)
{
  if (!ub_plan_modes_is_erasing (self) || ub_plan_is_reserved (partition) ||
      ub_plan_is_protected (partition) || ub_plan_is_table (partition) ||
      partition->role == UB_ROLE_PRELOADER ||
      partition->region != ub_plan_get_user_region (self->storage))
    return FALSE;
  if (self->mode == UB_MODE_FORMAT_ALL || ticked)
    return TRUE;
  return partition->image_path == NULL && partition->role != UB_ROLE_START_UP;
}

static UbRowFate
fate_of (UbPlan *self, const UbPartition *partition, gboolean ticked)
{
  if (ub_plan_is_reserved (partition))
    return UB_ROW_RESERVED;
  if (ticked)
    return UB_ROW_WRITE;
  if (ub_plan_is_protected (partition))
    return UB_ROW_KEPT;
  if (ub_plan_rows_is_erased (self, partition, FALSE))
    return UB_ROW_ERASE;
  return partition->image_path != NULL ? UB_ROW_SKIP : UB_ROW_NO_FILE;
}

const char *
ub_plan_rows_get_kept_text (const char *name)
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

static const char *
table_text (UbPlan *self)
{
  switch (self->mode)
    {
    case UB_MODE_FORMAT_ALL:
      return _ ("Rewritten");
    case UB_MODE_FIRMWARE_UPGRADE:
      return _ ("Rewritten if the phone is divided up differently");
    default:
      return _ ("Compared with the phone's, not written");
    }
}

static const char *
note_of (UbPlan *self, const UbPartition *partition, UbRowFate fate)
{
  if (fate == UB_ROW_KEPT)
    return ub_plan_rows_get_kept_text (partition->name);
  if (ub_plan_is_table (partition))
    return table_text (self);
  if (fate == UB_ROW_RESERVED)
    return _ ("The phone's own: never touched");
  if (fate == UB_ROW_ERASE)
    return partition->image_path != NULL ? _ ("Erased and not written: not ticked") : _ ("Erased");
  if (self->mode == UB_MODE_REPAIR && is_user_data (partition))
    return _ ("Stays: photos, apps and settings");
  if (self->mode == UB_MODE_REPAIR && fate == UB_ROW_WRITE)
    return _ ("Written where it differs");
  if (ub_plan_modes_is_erasing (self) && fate != UB_ROW_WRITE &&
      partition->role != UB_ROLE_PRELOADER)
    return _ ("Stays, unless the phone is divided up differently");
  return "";
}

static void
add_row (UbPlan *self, const UbPartition *partition)
{
  gboolean  ticked = is_ticked (self, partition);
  UbRowFate fate = fate_of (self, partition, ticked);
  g_autoptr (UbPlanRow) row = ub_plan_row_new (self->firmware,
                                               partition,
                                               fate,
                                               ticked,
                                               is_tickable (self, partition),
                                               note_of (self, partition, fate),
                                               -1);

  g_list_store_append (self->rows, row);
}

void
ub_plan_rows_build (UbPlan *self)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (partition->storage == self->storage)
        add_row (self, partition);
    }
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
