/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* memory settings for an agent that a boot ROM started: whose, and in which order (shared/protocol/xflash-and-xml.md §3.10) */

#include "da/ub-da-xflash-private.h"

#include "base/ub-error.h"

#include <string.h>

#define TRAINING_TIMEOUT_MS 30000
#define BLOCK_LIMIT 0x100000
#define BOOT1 1
/* a boot area has a header and a preloader of at most a few hundred KiB in it */
#define BOOT_READ_LIMIT 0x1000000

/* how the agent took one set of settings */
typedef enum
{
  MEMORY_ON,
  NEXT, /* not these */
  FAILED,
} Outcome;

static guint64
get_boot_size (const UbDaXflashDram *self)
{
  return self->emmc.type != 0 ? self->emmc.boot1 : self->ufs.type != 0 ? self->ufs.lu[0] : 0;
}

/* --- the phone's own --- */

static gboolean
take_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* whoever looks for settings may take this for none */
static void
remember_loss (UbDaXflashDram *self, const GError *error)
{
  if (self->lost == NULL && g_error_matches (error, UB_ERROR, UB_ERROR_LINK_LOST))
    self->lost = g_error_copy (error);
}

static GBytes *
read_boot (guint64 offset, gsize length, gpointer reader_data, GError **error)
{
  UbDaXflashDram *self = reader_data;
  const guint64   size = get_boot_size (self);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) local = NULL;

  if (length > BOOT_READ_LIMIT || length > size || offset > size - length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "0x%" G_GSIZE_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER
                   "x of a boot area of 0x%" G_GINT64_MODIFIER "x",
                   length,
                   offset,
                   size);
      return NULL;
    }
  if (!ub_da_xflash_read_range (self->da,
                                BOOT1,
                                offset,
                                length,
                                take_bytes,
                                bytes,
                                NULL,
                                NULL,
                                self->cancellable,
                                &local))
    {
      remember_loss (self, local);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static UbEmi *
find_own (UbDaXflashDram *self)
{
  const guint64 size = get_boot_size (self);

  if (self->setup->find_emi == NULL || size == 0)
    return NULL;
  return self->setup->find_emi (read_boot, self, size, self->setup->find_emi_data);
}

/* --- one set of settings --- */

static const char *
get_origin (const UbEmi *emi)
{
  return emi->origin != NULL ? emi->origin : "?";
}

/* the agent's word on the memory; while it trains it, somebody who gives up is heard */
static Outcome
receive_result (UbDaXflashDram *self, const UbEmi *emi, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *what = g_strdup_printf ("memory with the settings of %s", get_origin (emi));
  guint32          status = 0;

  if (!ub_da_xflash_control_receive_status (self->da,
                                            &status,
                                            TRAINING_TIMEOUT_MS,
                                            self->cancellable,
                                            &local))
    {
      if (g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        g_set_error (error,
                     UB_ERROR,
                     UB_ERROR_DRAM,
                     "%s: the agent fell silent while it switched it on",
                     what);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return FAILED;
    }
  if (!ub_da_xflash_status_is_failure (status))
    return MEMORY_ON;
  ub_da_xflash_status_set (what, status, UB_ERROR_DRAM, error);
  return NEXT;
}

static Outcome
try_emi (UbDaXflashDram *self, const UbEmi *emi, GError **error)
{
  gsize         size = 0;
  const guint8 *data = emi->block != NULL ? g_bytes_get_data (emi->block, &size) : NULL;

  if (size == 0 || size > BLOCK_LIMIT)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NO_EMI,
                   "the memory settings of %s are damaged",
                   get_origin (emi));
      return NEXT;
    }
  if (!ub_da_xflash_control_begin (self->da, UB_DA_XFLASH_INIT_EXT_RAM, "memory", error) ||
      !ub_da_xflash_control_send_u32 (self->da, (guint32) size, error) ||
      !ub_da_xflash_control_send (self->da, data, size, error))
    return FAILED;
  return receive_result (self, emi, error);
}

static void
tell_origin (UbDaXflashDram *self, const UbEmi *emi)
{
  self->report->dram_by_us = TRUE;
  g_strlcpy (self->report->emi_origin, get_origin (emi), sizeof self->report->emi_origin);
}

/* --- which --- */

static gboolean
is_told (const guint8 *id)
{
  static const guint8 nothing[16] = { 0 };

  return memcmp (id, nothing, sizeof nothing) != 0;
}

typedef enum
{
  FITS,      /* it names the memory found */
  ANY_BOARD, /* it names none, or nobody knows where */
  OTHERS,
} Fit;

/* an agent that tells no id looks for it in the settings itself: all may be tried */
static Fit
get_fit (const UbDaXflashDram *self, const UbEmi *emi)
{
  const guint8 *id = self->report->memory_id;
  Fit           fit = emi->ids_unknown || emi->index == NULL || !is_told (id) ? ANY_BOARD : OTHERS;

  for (guint i = 0; emi->index != NULL && i < emi->index->len; i++)
    {
      const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

      if (ub_emi_record_matches (record, id, sizeof self->report->memory_id))
        return FITS;
      if (record->id_length == 0)
        fit = ANY_BOARD;
    }
  return fit;
}

/* best first; (element-type UbEmi), borrowed */
static GPtrArray *
list_candidates (const UbDaXflashDram *self, const UbEmi *own)
{
  GPtrArray *list = g_ptr_array_new ();
  GPtrArray *emis = self->setup->emis;

  if (own != NULL)
    g_ptr_array_add (list, (gpointer) own);
  for (Fit fit = FITS; fit <= ANY_BOARD; fit++)
    for (guint i = 0; emis != NULL && i < emis->len; i++)
      if (get_fit (self, g_ptr_array_index (emis, i)) == fit)
        g_ptr_array_add (list, g_ptr_array_index (emis, i));
  return list;
}

static void
append_hex (GString *text, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
}

static void
append_offer (GString *text, const UbEmi *emi)
{
  g_string_append_printf (text,
                          " %s (version %u%s):",
                          get_origin (emi),
                          emi->version,
                          emi->ids_unknown ? ", of a kind whose ids are not known" : "");
  for (guint i = 0; emi->index != NULL && i < MIN (emi->index->len, 32); i++)
    {
      const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

      g_string_append_c (text, ' ');
      append_hex (text, record->id, MIN (record->id_length, sizeof record->id));
    }
}

/* @last: (nullable): why the last one that was tried did not do */
static gboolean
set_no_emi_error (UbDaXflashDram *self, const GError *last, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GPtrArray *emis = self->setup->emis;

  if (is_told (self->report->memory_id))
    {
      g_string_append (text, "the phone's memory has the id ");
      append_hex (text, self->report->memory_id, self->emmc.type != 0 ? 9 : 16);
    }
  else
    g_string_append (text, "the phone does not tell the id of its memory");
  g_string_append (text,
                   emis == NULL || emis->len == 0 ? ", and there are no memory settings"
                                                  : ", the settings are for");
  for (guint i = 0; emis != NULL && i < emis->len; i++)
    append_offer (text, g_ptr_array_index (emis, i));
  if (last != NULL)
    g_string_append_printf (text, "; %s", last->message);
  g_set_error_literal (error,
                       UB_ERROR,
                       g_error_matches (last, UB_ERROR, UB_ERROR_DRAM) ? UB_ERROR_DRAM
                                                                       : UB_ERROR_NO_EMI,
                       text->str);
  return FALSE;
}

/* one after the other, as long as the agent still answers */
static gboolean
try_all (UbDaXflashDram *self, GPtrArray *list, GError **error)
{
  g_autoptr (GError) last = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      const UbEmi *emi = g_ptr_array_index (list, i);
      g_autoptr (GError) local = NULL;
      const Outcome outcome = try_emi (self, emi, &local);

      if (outcome == MEMORY_ON)
        {
          tell_origin (self, emi);
          return TRUE;
        }
      /* silence after a test that failed comes from that test */
      if (outcome == FAILED && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT) &&
          g_error_matches (last, UB_ERROR, UB_ERROR_DRAM))
        return set_no_emi_error (self, last, error);
      if (outcome == FAILED)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_debug ("%s", local->message);
      if (!g_error_matches (last, UB_ERROR, UB_ERROR_DRAM))
        {
          g_clear_error (&last);
          last = g_steal_pointer (&local);
        }
    }
  return set_no_emi_error (self, last, error);
}

gboolean
ub_da_xflash_dram_switch_on (UbDaXflashDram *self, GError **error)
{
  g_autoptr (UbEmi) own = find_own (self);
  g_autoptr (GPtrArray) list = NULL;

  if (self->lost != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->lost));
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  list = list_candidates (self, own);
  return try_all (self, list, error);
}
