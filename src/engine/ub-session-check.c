/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "firmware/ub-gpt.h"

#include <glib/gi18n.h>

#define MAX_EBRS 64

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
  if (work->plan == NULL || work->job->info_only)
    return TRUE;
  checked = ub_plan_check (work->plan, work->news.phone);
  return !ub_session_work_is_blocked (checked, error);
}

static gboolean
append_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static GByteArray *
read_sectors (UbSessionWork *work, guint64 offset, guint64 length, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  UbRegion region =
      work->report.storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;

  if (!ub_da_read (work->da,
                   region,
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

/* NULL with an error only if the phone is gone or the person said stop; NULL alone: it has no table
 */
static UbLayout *
read_layout (UbSessionWork *work, GError **error)
{
  g_autoptr (GByteArray) head = NULL;
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbLayout) layout = NULL;

  if (work->report.user_size < UB_GPT_SIZE)
    return NULL;
  head = read_sectors (work, 0, UB_GPT_SIZE, error);
  if (head == NULL)
    return NULL;
  layout = ub_gpt_parse (head->data, head->len, UB_SECTOR, NULL);
  if (layout != NULL && layout->kind == UB_LAYOUT_GPT)
    return g_steal_pointer (&layout);
  g_clear_pointer (&layout, ub_layout_free);
  /* the agent's table has names, an MBR has none */
  layout = ub_da_read_layout (work->da, &error_local);
  if (layout != NULL)
    return g_steal_pointer (&layout);
  if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return NULL;
    }
  return read_mbr (work, head->data, error);
}

gboolean
ub_session_check_phone (UbSessionWork *work, GError **error)
{
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error_local = NULL;
  UbPlan *checked;

  work->news.request = UB_REQUEST_NONE;
  ub_session_work_enter (work,
                         UB_SESSION_CHECKING,
                         UB_BAR_WAIT,
                         _ ("Comparing the phone with the firmware"));
  ub_session_work_know_phone (work, &work->report, NULL);
  layout = read_layout (work, &error_local);
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  ub_session_work_know_phone (work, &work->report, layout);
  if (work->plan == NULL)
    return TRUE;
  checked = ub_plan_check (work->plan, work->news.phone);
  g_object_unref (work->plan);
  work->plan = checked;
  return work->job->info_only || !ub_session_work_is_blocked (checked, error);
}
