/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy-tables.h"

#include "base/ub-error.h"
#include "da/ub-da-legacy-private.h"

#include <string.h>

/* partition tables by the agent's own commands: shared/protocol/brom-and-legacy.md §5.13 */

#define PACKET_TIMEOUT_MS 30000
#define LAYOUT_LIMIT (256 * UB_DA_LEGACY_PMT_ENTRY_SIZE)
/* entries a genuine agent has room for (shared/protocol/genuine-agents.md §5.3) */
#define ENTRIES_LIMIT 40

/* --- reading --- */

static gboolean
receive_layout_head (UbDaLegacy *self, UbLayoutKind *kind, guint32 *size, GError **error)
{
  UbLink *link = ub_da_get_link (UB_DA (self));
  guint8  byte = 0;
  gsize   entry_size;

  if (!ub_da_legacy_wire_receive_u8 (link, &byte, PACKET_TIMEOUT_MS, error))
    return FALSE;
  if (byte == UB_DA_LEGACY_NACK)
    return ub_da_legacy_receive_refusal (self, "partition table", UB_ERROR_REFUSED, error);
  /* 2, 4, 6: which of the two copies of a GPT is good */
  if (byte != UB_DA_LEGACY_ACK && byte != 2 && byte != 4 && byte != 6)
    return ub_da_legacy_set_unexpected ("partition table", byte, error);
  *kind = byte == UB_DA_LEGACY_ACK ? UB_LAYOUT_PMT : UB_LAYOUT_GPT;
  if (!ub_brom_wire_receive_u32 (link, size, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  entry_size = *kind == UB_LAYOUT_PMT ? UB_DA_LEGACY_PMT_ENTRY_SIZE : UB_DA_LEGACY_GPT_ENTRY_SIZE;
  if (*size <= LAYOUT_LIMIT && *size % entry_size == 0)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "partition table: %u bytes are no entries of %" G_GSIZE_FORMAT " bytes",
               *size,
               entry_size);
  return FALSE;
}

static UbLayout *
receive_layout (UbDaLegacy *self, GError **error)
{
  UbLink            *link = ub_da_get_link (UB_DA (self));
  UbLayoutKind       kind = UB_LAYOUT_GPT;
  guint32            size = 0;
  g_autofree guint8 *data = NULL;

  if (!ub_da_legacy_wire_send_u8 (link, UB_DA_LEGACY_READ_PMT, error) ||
      !receive_layout_head (self, &kind, &size, error))
    return NULL;
  data = g_malloc (size);
  if (!ub_da_legacy_wire_send_u8 (link, UB_DA_LEGACY_ACK, error) ||
      !ub_link_receive (link, data, size, PACKET_TIMEOUT_MS, error) ||
      !ub_da_legacy_wire_send_u8 (link, UB_DA_LEGACY_ACK, error))
    return NULL;
  return ub_da_legacy_messages_parse_layout (kind, data, size, error);
}

UbLayout *
ub_da_legacy_tables_read (UbDa *da, GError **error)
{
  UbDaLegacy *self = UB_DA_LEGACY (da);
  UbLayout   *layout;

  ub_da_legacy_settle (self);
  layout = receive_layout (self, error);
  self->in_doubt = layout == NULL;
  return layout;
}

/* --- writing: A4, known from MT6582 agents --- */

static gboolean
check_layout (const UbLayout *layout, GError **error)
{
  if (layout->kind != UB_LAYOUT_PMT)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a table of kind %s is written as sectors, not by the agent",
                 ub_layout_kind_to_string (layout->kind));
  else if (layout->entries->len == 0 || layout->entries->len > ENTRIES_LIMIT)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a partition table of %u entries; the agent takes 1 to %d",
                 layout->entries->len,
                 ENTRIES_LIMIT);
  else
    return TRUE;
  return FALSE;
}

static gboolean
make_entries (const UbLayout *layout, guint8 *entries, GError **error)
{
  for (guint i = 0; i < layout->entries->len; i++)
    if (!ub_da_legacy_messages_make_pmt_entry (g_ptr_array_index (layout->entries, i),
                                               entries + i * UB_DA_LEGACY_PMT_ENTRY_SIZE,
                                               error))
      return FALSE;
  return TRUE;
}

static gboolean
send_entry (UbDaLegacy *self, const guint8 *entry, GError **error)
{
  UbLink *link = ub_da_get_link (UB_DA (self));
  guint8  byte = 0;

  if (!ub_link_send (link,
                     entry,
                     UB_DA_LEGACY_PMT_ENTRY_SIZE,
                     UB_DA_LEGACY_SEND_TIMEOUT_MS,
                     error) ||
      !ub_da_legacy_wire_receive_u8 (link, &byte, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  if (byte == UB_DA_LEGACY_CONT)
    return TRUE;
  if (byte == UB_DA_LEGACY_NACK)
    return ub_da_legacy_receive_refusal (self, "table entry", UB_ERROR_STORAGE_WRITE, error);
  return ub_da_legacy_set_unexpected ("table entry", byte, error);
}

static gboolean
send_u32 (UbDaLegacy *self, guint32 value, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u32 (&message, value);
  return ub_da_legacy_send_message (self, &message, error);
}

static gboolean
expect_table_ack (UbDaLegacy *self, const char *what, GError **error)
{
  return ub_da_legacy_expect_ack (self, what, UB_ERROR_STORAGE_WRITE, PACKET_TIMEOUT_MS, error);
}

/* What the flag word at the end means is not known; 0 is what asks for the least. The second 5A is
 * the one that says that the table is on the storage. */
static gboolean
send_layout (UbDaLegacy *self, const guint8 *entries, guint n, GError **error)
{
  UbLink *link = ub_da_get_link (UB_DA (self));

  if (!ub_da_legacy_wire_send_u8 (link, UB_DA_LEGACY_WRITE_PMT, error) ||
      !expect_table_ack (self, "table", error) || !send_u32 (self, n, error) ||
      !expect_table_ack (self, "table: number of entries", error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!send_entry (self, entries + i * UB_DA_LEGACY_PMT_ENTRY_SIZE, error))
      return FALSE;
  return send_u32 (self, 0, error) && expect_table_ack (self, "table: flag", error) &&
         expect_table_ack (self, "table: writing", error);
}

gboolean
ub_da_legacy_tables_write (UbDa *da, const UbLayout *layout, GError **error)
{
  UbDaLegacy        *self = UB_DA_LEGACY (da);
  g_autofree guint8 *entries = NULL;

  if (!check_layout (layout, error))
    return FALSE;
  entries = g_malloc0 ((gsize) layout->entries->len * UB_DA_LEGACY_PMT_ENTRY_SIZE);
  if (!make_entries (layout, entries, error))
    return FALSE;
  ub_da_legacy_settle (self);
  self->in_doubt = !send_layout (self, entries, layout->entries->len, error);
  return !self->in_doubt;
}
