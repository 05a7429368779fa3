/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "engine/ub-slots.h"
#include "firmware/ub-gpt.h"

#include <glib/gi18n.h>

#define MAX_EBRS 64
/* protective MBR, header and 128 entries in sectors of 4096 */
#define UFS_GPT_SIZE (6 * 4096)
/* of the begin of "misc", up to the end of what says which set of parts is used, in sectors of either size */
#define SLOTS_ROOM ((guint64) 4096)

/* what can be known before anything is loaded: is it the right chip at all? */
gboolean
ub_session_check_chip (UbSessionWork *work, GError **error)
{
  g_autoptr (UbPlan) checked = NULL;

  if (work->brom.chip == NULL)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNKNOWN_CHIP,
                   "hw code 0x%04x is not in the table",
                   work->brom.hw_code);
      return FALSE;
    }
  if (work->plan == NULL || work->job->info_only || work->owner != NULL)
    return TRUE;
  checked = ub_plan_check (work->job->plan, work->news.phone);
  return !ub_session_work_is_blocked (checked, error);
}

static gboolean
append_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static UbRegion
get_user_region (UbSessionWork *work)
{
  return work->report.storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
}

static GByteArray *
read_sectors (UbSessionWork *work, guint64 offset, guint64 length, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (!ub_da_read (work->da,
                   get_user_region (work),
                   offset,
                   length,
                   append_bytes,
                   bytes,
                   NULL,
                   NULL,
                   work->cancellable,
                   error))
    return NULL;
  if (bytes->len == length)
    return g_steal_pointer (&bytes);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "%u bytes came instead of %" G_GUINT64_FORMAT,
               bytes->len,
               length);
  return NULL;
}

gboolean
ub_session_check_is_there (UbSessionWork *work, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  g_autoptr (GByteArray) first = read_sectors (work, 0, work->report.sector_size, &error_local);

  if (first != NULL || g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

/* the second one, for a phone whose first one is gone or cannot be read; NULL without error: neither */
static UbLayout *
read_second_table (UbSessionWork *work, GError **error)
{
  const guint   sector = work->report.sector_size;
  const guint64 size = ub_gpt_get_backup_size (sector);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (GByteArray) tail =
                 read_sectors (work, work->report.user_size - size, size, &error_local);

  if (tail != NULL)
    return ub_gpt_parse_backup (tail->data, tail->len, work->report.user_size, sector, NULL);
  if (!g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ))
    g_propagate_error (error, g_steal_pointer (&error_local));
  return NULL;
}

/* MBR and the chain of EBRs, followed on the phone; NULL without error if there is no MBR */
static UbLayout *
read_mbr (UbSessionWork *work, const guint8 *first, GError **error)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);
  guint64 extended = 0;
  guint64 next = 0;

  if (!ub_gpt_parse_mbr (first, 0, 0, layout, &next))
    return NULL;
  extended = next;
  for (guint i = 0; i < MAX_EBRS && next != 0; i++)
    {
      guint64 here = next;
      g_autoptr (GByteArray) sector = NULL;

      if (here % UB_SECTOR != 0 || here > work->report.user_size - UB_SECTOR)
        break;
      sector = read_sectors (work, here, UB_SECTOR, error);
      if (sector == NULL)
        return NULL;
      if (!ub_gpt_parse_mbr (sector->data, here, extended, layout, &next) || next <= here)
        break;
    }
  return layout->entries->len > 0 ? g_steal_pointer (&layout) : NULL;
}

/* the agent's table has names, an MBR has none */
static UbLayout *
read_other_table (UbSessionWork *work, const GByteArray *head, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  UbLayout *layout = ub_da_read_layout (work->da, &error_local);

  if (layout != NULL)
    return layout;
  if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return NULL;
    }
  /* UFS is younger than the last MBR */
  return head != NULL && work->report.storage != UB_STORAGE_UFS ? read_mbr (work, head->data, error)
                                                                : NULL;
}

/* NULL with an error only if the phone is gone or the person said stop; NULL alone: it has no table
 */
static UbLayout *
read_layout (UbSessionWork *work, GError **error)
{
  const guint   sector = work->report.sector_size;
  const guint64 size = sector == UB_SECTOR ? UB_GPT_SIZE : UFS_GPT_SIZE;
  g_autoptr (GByteArray) head = NULL;
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbLayout) layout = NULL;

  if (work->report.user_size < size + ub_gpt_get_backup_size (sector))
    return NULL;
  head = read_sectors (work, 0, size, &error_local);
  if (head == NULL && !g_error_matches (error_local, UB_ERROR, UB_ERROR_STORAGE_READ))
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return NULL;
    }
  g_clear_error (&error_local);
  if (head != NULL)
    layout = ub_gpt_parse (head->data, head->len, sector, NULL);
  if (layout != NULL && layout->kind == UB_LAYOUT_GPT)
    return g_steal_pointer (&layout);
  /* an MBR that was parsed as far as the head reaches: its phone has no GPT, not even at its end */
  if (layout == NULL)
    layout = read_second_table (work, &error_local);
  else
    g_clear_pointer (&layout, ub_layout_free);
  if (layout != NULL)
    return g_steal_pointer (&layout);
  if (error_local == NULL)
    return read_other_table (work, head, error);
  g_propagate_error (error, g_steal_pointer (&error_local));
  return NULL;
}

/* which of two sets of parts the phone starts from; FALSE only if it is gone or the person said stop */
static gboolean
read_active_slot (UbSessionWork *work, UbLayout *layout, GError **error)
{
  const UbLayoutEntry *misc = ub_layout_find (layout, "misc");
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GError) error_local = NULL;

  if (misc == NULL || misc->region != get_user_region (work) || misc->size < SLOTS_ROOM ||
      misc->start > work->report.user_size - MIN (work->report.user_size, SLOTS_ROOM) ||
      !ub_slots_has_pairs (layout))
    return TRUE;
  bytes = read_sectors (work, misc->start, SLOTS_ROOM, &error_local);
  if (bytes != NULL)
    layout->active_slot = ub_slots_parse (bytes->data + UB_SLOTS_OFFSET);
  if (bytes != NULL || (!g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST) &&
                        !g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_TIMEOUT) &&
                        !g_error_matches (error_local, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

gboolean
ub_session_check_phone (UbSessionWork *work, GError **error)
{
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error_local = NULL;

  work->news.request = UB_REQUEST_NONE;
  ub_session_work_enter (work,
                         UB_SESSION_CHECKING,
                         UB_BAR_WAIT,
                         work->plan != NULL && ub_plan_get_firmware (work->plan) != NULL
                             ? _ ("Comparing the phone with the firmware")
                             : _ ("Looking at the phone's memory"));
  ub_session_work_know_phone (work, &work->report, NULL);
  layout = read_layout (work, &error_local);
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  if (layout != NULL && !read_active_slot (work, layout, error))
    return FALSE;
  ub_session_work_know_phone (work, &work->report, layout);
  g_set_object (&work->owner, work->news.phone);
  if (work->plan == NULL)
    return TRUE;
  ub_session_work_set_plan (work, ub_plan_check (work->job->plan, work->news.phone));
  return work->job->info_only || !ub_session_work_is_blocked (work->plan, error);
}
