/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-legacy-private.h"

#include "base/ub-error.h"
#include "wire/ub-checksum.h"
#include "wire/ub-reader.h"

#include <string.h>

#define SYNC_TIMEOUT_MS 5000
#define LOOK_MS 250
#define SYNC_STRAY_LIMIT 4096
#define DRAM_TIMEOUT_MS 30000
#define REPORT_TIMEOUT_MS 30000
#define FIRST_BOOT_TIMEOUT_MS 120000
#define REENUMERATE_TIMEOUT_MS 10000
#define DA2_PACKET 0x1000
#define EMI_FLAGS 0x80000001 /* bit 0 calibrate, bit 31 dump */
#define RECORD_SIZE_LIMIT 1024

/* one start under way */
typedef struct
{
  UbDaLegacy      *da;
  UbLink          *link;
  const UbDaSetup *setup;
  UbDaReport      *report;
  UbDaProgress     progress;
  gpointer         user_data;
  GCancellable    *cancellable;
  UbDaLegacyIds    hello;
} Start;

/* one byte, for waits that take their time: in short looks, so that somebody who gives up is
 * heard */
static gboolean
await_u8 (Start *self, guint8 *value, guint timeout_ms, GError **error)
{
  for (guint waited = 0;; waited += LOOK_MS)
    {
      g_autoptr (GError) local = NULL;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (ub_da_legacy_wire_receive_u8 (self->link, value, LOOK_MS, &local))
        return TRUE;
      if (waited + LOOK_MS < timeout_ms && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
}

/* @size bytes whose first one takes its time */
static gboolean
await_bytes (Start *self, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  return await_u8 (self, data, timeout_ms, error) &&
         ub_link_receive (self->link, data + 1, size - 1, UB_DA_LEGACY_TIMEOUT_MS, error);
}

static gboolean
send_u32 (Start *self, guint32 value, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u32 (&message, value);
  return ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error);
}

static gboolean
expect_ack (Start *self, const char *what, GError **error)
{
  guint8 byte = 0;

  if (!ub_da_legacy_wire_receive_u8 (self->link, &byte, UB_DA_LEGACY_TIMEOUT_MS, error))
    {
      g_prefix_error (error, "%s: ", what);
      return FALSE;
    }
  if (byte == UB_DA_LEGACY_ACK)
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "%s: 0x%02x instead of 0x5a", what, byte);
  return FALSE;
}

/* a phone that is there and silent where an agent should speak: that is a trouble of its own (4001)
 */
static gboolean
silence_is (int code, const char *what, GError **error)
{
  if (error != NULL && g_error_matches (*error, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    {
      g_clear_error (error);
      g_set_error_literal (error, UB_ERROR, code, what);
    }
  return FALSE;
}

/* --- hello (§5.3) --- */

static gboolean
wait_for_sync (Start *self, GError **error)
{
  static const char *const silent = "the agent was started and does not answer";
  const gint64             deadline = ub_link_now (self->link) + SYNC_TIMEOUT_MS * 1000;

  for (guint n = 0; n < SYNC_STRAY_LIMIT && ub_link_now (self->link) < deadline; n++)
    {
      guint8 byte = 0;

      if (!await_u8 (self, &byte, SYNC_TIMEOUT_MS, error))
        return silence_is (UB_ERROR_AGENT_SILENT, silent, error);
      if (byte == UB_DA_LEGACY_SYNC)
        return TRUE;
    }
  g_set_error_literal (error, UB_ERROR, UB_ERROR_AGENT_SILENT, silent);
  return FALSE;
}

static gboolean
receive_nand_ids (Start *self, UbDaLegacyIds *ids, GError **error)
{
  guint16 n = 0;

  if (!ub_brom_wire_receive_u32 (self->link, &ids->nand_ret, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_brom_wire_receive_u16 (self->link, &n, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  if (n > UB_DA_LEGACY_MAX_NAND_IDS)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "the agent reports %u NAND ids", n);
      return FALSE;
    }
  ids->n_nand_ids = n;
  for (guint i = 0; i < n; i++)
    {
      guint16 id = 0;

      if (!ub_brom_wire_receive_u16 (self->link, &id, UB_DA_LEGACY_TIMEOUT_MS, error))
        return FALSE;
      ids->nand_id[i] = (guint8) id;
    }
  return TRUE;
}

static gboolean
receive_emmc_id (Start *self, UbDaLegacyIds *ids, GError **error)
{
  return ub_brom_wire_receive_u32 (self->link, &ids->emmc_ret, UB_DA_LEGACY_TIMEOUT_MS, error) &&
         ub_link_receive (self->link,
                          ids->emmc_id,
                          sizeof ids->emmc_id,
                          UB_DA_LEGACY_TIMEOUT_MS,
                          error);
}

static gboolean
say_hello (Start *self, GError **error)
{
  guint8 bbchip = 0;

  if (!wait_for_sync (self, error))
    return FALSE;
  if (!receive_nand_ids (self, &self->hello, error) ||
      !receive_emmc_id (self, &self->hello, error) ||
      !ub_da_legacy_wire_send_u8 (self->link, UB_DA_LEGACY_ACK, error) ||
      !ub_da_legacy_wire_receive_u8 (self->link,
                                     &self->report->version_major,
                                     UB_DA_LEGACY_TIMEOUT_MS,
                                     error) ||
      !ub_da_legacy_wire_receive_u8 (self->link,
                                     &self->report->version_minor,
                                     UB_DA_LEGACY_TIMEOUT_MS,
                                     error) ||
      !ub_da_legacy_wire_receive_u8 (self->link, &bbchip, UB_DA_LEGACY_TIMEOUT_MS, error))
    return silence_is (UB_ERROR_AGENT_SILENT,
                       "the agent fell silent while it said what it found",
                       error);
  if (self->hello.nand_ret == UB_DA_LEGACY_OLD_DEVICE_NOT_FOUND)
    self->da->old_numbering = TRUE;
  if (bbchip != 0xff)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_AGENT,
               "the agent does not know this phone's chip, %s",
               self->setup->chip->name);
  return FALSE;
}

/* --- configuration (§5.4) --- */

static gboolean
da1_contains (const UbDaSetup *setup, const char *text)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (setup->da1, &size);

  return memmem (data, size, text, strlen (text)) != NULL;
}

/* one made-up record, "FF" with 0xff: nothing is wanted (§5.2) */
static void
add_slc_percents (UbDaLegacyMessage *message)
{
  ub_da_legacy_messages_add_u32 (message, 1);
  ub_da_legacy_messages_add_u64 (message, G_GUINT64_CONSTANT (0x4646000000000000));
  ub_da_legacy_messages_add_u64 (message, 0);
  ub_da_legacy_messages_add_u32 (message, 0xff000000);
}

/* the words that chip and build want after the block */
static void
add_flow_words (UbDaLegacyMessage *message, const UbDaSetup *setup)
{
  const gboolean has_slc = da1_contains (setup, "SLC percent");

  switch (setup->chip->flow)
    {
    case UB_FLOW_FORCE_DRAM:
      ub_da_legacy_messages_add_u32 (message, 0);
      break;
    case UB_FLOW_NEW_COMBO:
      ub_da_legacy_messages_add_u32 (message, 1);
      break;
    case UB_FLOW_GPT:
      if (setup->build_year >= 2019)
        ub_da_legacy_messages_add_u32 (message, 0);
      break;
    case UB_FLOW_SLC:
      if (has_slc)
        add_slc_percents (message);
      break;
    case UB_FLOW_SKIP_DL_SLC:
      if (!has_slc)
        break;
      ub_da_legacy_messages_add_u32 (message, 0);
      add_slc_percents (message);
      break;
    default:
      break;
    }
}

/* "force charge" (§5.4): on feeds a phone that has no battery */
static guint8
battery_byte (UbDaBattery battery)
{
  switch (battery)
    {
    case UB_DA_BATTERY_PRESENT:
      return 0x01;
    case UB_DA_BATTERY_NONE:
      return 0x00;
    case UB_DA_BATTERY_AUTO:
    default:
      return 0x02;
    }
}

/* where several values work (no phone of ours has NOR or NAND) these are the ones a genuine agent
 * was seen to take */
static gboolean
send_configuration (Start *self, GError **error)
{
  const UbDaSetup  *setup = self->setup;
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u8 (&message, setup->brom.brom_version);
  ub_da_legacy_messages_add_u8 (&message, setup->brom.bl_version);
  ub_da_legacy_messages_add_u8 (&message, 0x08);        /* NOR chip select 0 */
  ub_da_legacy_messages_add_u8 (&message, 0x00);        /* NOR chip select 1 */
  ub_da_legacy_messages_add_u8 (&message, 0x08);        /* NAND chip select */
  ub_da_legacy_messages_add_u32 (&message, 0x7007ffff); /* NAND access control */
  ub_da_legacy_messages_add_u8 (&message, 0x01);        /* BMT flag */
  ub_da_legacy_messages_add_u32 (&message, 0x00000500); /* BMT size */
  ub_da_legacy_messages_add_u8 (&message, battery_byte (setup->battery));
  ub_da_legacy_messages_add_u8 (&message,
                                setup->chip->agent_code == 0x6583 ? 0x00 : 0x01); /* reset key */
  ub_da_legacy_messages_add_u8 (&message, 0x02); /* external clock: 26 MHz */
  ub_da_legacy_messages_add_u8 (&message, 0x00); /* MSDC boot channel */
  add_flow_words (&message, setup);
  return ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error);
}

/* --- DRAM (§5.5) --- */

/* MT6580 is the one chip whose older builds want other records */
static gboolean
takes_version (const UbDaSetup *setup, guint version)
{
  const UbChip  *chip = setup->chip;
  const gboolean old = setup->build_year != 0 && setup->build_year < 2016;

  if (chip->agent_code == 0x6580 && setup->build_year != 0)
    return version == (old ? 17 : 21);
  for (gsize i = 0; i < G_N_ELEMENTS (chip->emi_versions); i++)
    if (chip->emi_versions[i] != 0 && chip->emi_versions[i] == version)
      return TRUE;
  return chip->emi_versions[0] == 0;
}

static gboolean
record_matches (const UbEmiRecord *record, const UbDaLegacyIds *ids)
{
  return (ids->emmc_ret == 0 &&
          ub_emi_record_matches (record, ids->emmc_id, sizeof ids->emmc_id)) ||
         (ids->nand_ret == 0 &&
          ub_emi_record_matches (record, ids->nand_id, MIN (ids->n_nand_ids, 16)));
}

/* the record that belongs to the memory found, else one without an id, which fits any board; one
 * whose id cannot be found fits none */
static const UbEmi *
choose_emi (Start *self, const UbDaLegacyIds *ids, guint *index)
{
  GPtrArray   *emis = self->setup->emis;
  const UbEmi *any_board = NULL;

  for (guint e = 0; emis != NULL && e < emis->len; e++)
    {
      const UbEmi *emi = g_ptr_array_index (emis, e);

      for (guint i = 0; takes_version (self->setup, emi->version) && i < emi->index->len; i++)
        {
          const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

          if (record_matches (record, ids))
            {
              *index = i;
              return emi;
            }
          if (record->id_length != 0 || emi->ids_unknown || any_board != NULL)
            continue;
          any_board = emi;
          *index = i;
        }
    }
  return any_board;
}

static void
append_hex (GString *text, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
}

static gboolean
set_no_emi_error (Start *self, const UbDaLegacyIds *ids, GError **error)
{
  g_autoptr (GString) text = g_string_new ("the phone's memory has the id ");
  GPtrArray *emis = self->setup->emis;

  if (ids->emmc_ret == 0)
    append_hex (text, self->hello.emmc_ret == 0 ? self->hello.emmc_id : ids->emmc_id, 9);
  else
    append_hex (text, ids->nand_id, ids->n_nand_ids);
  g_string_append (text,
                   emis == NULL || emis->len == 0 ? ", and there are no memory settings"
                                                  : ", the settings are for");
  for (guint e = 0; emis != NULL && e < emis->len; e++)
    {
      const UbEmi *emi = g_ptr_array_index (emis, e);

      g_string_append_printf (text,
                              " %s (version %u%s):",
                              emi->origin != NULL ? emi->origin : "?",
                              emi->version,
                              !takes_version (self->setup, emi->version) ? ", not for this agent"
                              : emi->ids_unknown ? ", of a kind whose ids are not known"
                                                 : "");
      for (guint i = 0; i < MIN (emi->index->len, 32); i++)
        {
          const UbEmiRecord *record = &g_array_index (emi->index, UbEmiRecord, i);

          g_string_append_c (text, ' ');
          append_hex (text, record->id, MIN (record->id_length, sizeof record->id));
        }
    }
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_EMI, text->str);
  return FALSE;
}

/* how many records the agent has room for (§5.5 a); the smallest one known where builds differ */
static gsize
get_record_limit (guint version)
{
  switch (version)
    {
    case 21:
      return 20;
    case 15:
    case 16:
    case 20:
      return 10;
    default:
      return 8;
    }
}

/* the list for the agent: as it is if there is room, else the record that fits in front of as many
 * others as go in */
static GBytes *
make_record_list (const UbEmi *emi, guint index)
{
  const gsize   limit = get_record_limit (emi->version) * emi->record_size;
  gsize         size;
  const guint8 *data = g_bytes_get_data (emi->records, &size);
  GByteArray   *list;

  if (size <= limit)
    return g_bytes_ref (emi->records);
  list = g_byte_array_new ();
  g_byte_array_append (list,
                       data + g_array_index (emi->index, UbEmiRecord, index).offset,
                       (guint) emi->record_size);
  for (guint i = 0; i < emi->index->len && list->len + emi->record_size <= limit; i++)
    if (i != index)
      g_byte_array_append (list,
                           data + g_array_index (emi->index, UbEmiRecord, i).offset,
                           (guint) emi->record_size);
  return g_byte_array_free_to_bytes (list);
}

/* what the index says must lie inside of the records, whoever made both */
static gboolean
check_emi (const UbEmi *emi, GError **error)
{
  const gsize size = g_bytes_get_size (emi->records);

  if (emi->record_size != 0 && emi->record_size <= RECORD_SIZE_LIMIT &&
      size % emi->record_size == 0)
    {
      guint i;

      for (i = 0; i < emi->index->len; i++)
        if (emi->record_size > size ||
            g_array_index (emi->index, UbEmiRecord, i).offset > size - emi->record_size)
          break;
      if (i == emi->index->len)
        return TRUE;
    }
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_EMI,
               "the memory settings of %s are damaged",
               emi->origin);
  return FALSE;
}

/* E8, version, and what the agent says to it */
static gboolean
offer_emi (Start *self, const UbEmi *emi, GError **error)
{
  const gboolean tells_id =
      self->setup->chip->agent_code == 0x6572 || self->setup->chip->agent_code == 0x6571;
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;
  guint8            accepted = 0;
  guint8            flash_id[16];
  guint32           record_size = 0;

  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_ENABLE_DRAM);
  ub_da_legacy_messages_add_u32 (&message, emi->version);
  if (!ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error) ||
      !ub_da_legacy_wire_receive_u8 (self->link, &accepted, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      (tells_id &&
       !ub_link_receive (self->link, flash_id, sizeof flash_id, UB_DA_LEGACY_TIMEOUT_MS, error)) ||
      !ub_brom_wire_receive_u32 (self->link, &record_size, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  if (accepted == UB_DA_LEGACY_ACK && record_size == emi->record_size)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_EMI,
               "the agent does not take the memory settings of %s: version %u, answer 0x%02x; "
               "%" G_GSIZE_FORMAT " bytes a record, it wants %u",
               emi->origin,
               emi->version,
               accepted,
               emi->record_size,
               record_size);
  return FALSE;
}

static gboolean
send_records (Start *self, const UbEmi *emi, guint index, GError **error)
{
  const gboolean single = self->setup->chip->emi_single;
  g_autoptr (GBytes) list = NULL;
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;
  const guint8     *data;
  gsize             size;
  guint16           sum = 0;

  if (single)
    list = g_bytes_new_from_bytes (emi->records,
                                   g_array_index (emi->index, UbEmiRecord, index).offset,
                                   emi->record_size);
  else
    list = make_record_list (emi, index);
  data = g_bytes_get_data (list, &size);
  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_ACK);
  if (!single)
    ub_da_legacy_messages_add_u32 (&message, (guint32) size);
  if (!ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error) ||
      !ub_link_send (self->link, data, size, UB_DA_LEGACY_SEND_TIMEOUT_MS, error) ||
      !ub_brom_wire_receive_u16 (self->link, &sum, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  if (sum == ub_checksum_sum16 (data, size))
    return TRUE;
  if (!ub_da_legacy_wire_send_u8 (self->link, UB_DA_LEGACY_NACK, error))
    return FALSE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_CHECKSUM,
               "memory settings: byte sum 0x%04x came back instead of 0x%04x",
               sum,
               ub_checksum_sum16 (data, size));
  return FALSE;
}

static gboolean
receive_dram_result (Start *self, const UbEmi *emi, GError **error)
{
  guint32 ret = 0;
  guint8  status[4] = { 0 };
  guint8  result[1 + 1 + 8]; /* type, chip select, size */

  if (!await_bytes (self, status, sizeof status, DRAM_TIMEOUT_MS, error))
    return silence_is (UB_ERROR_DRAM,
                       "the agent fell silent while it switched the phone's memory on",
                       error);
  UbReader status_reader = UB_READER_INIT (status, sizeof status);
  ret = ub_reader_u32_be (&status_reader);
  if (ret != 0)
    {
      ret = ub_da_legacy_messages_normalize_status (ret, self->da->old_numbering);
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_DRAM,
                   "memory with the settings of %s: status %u (%s)",
                   emi->origin,
                   ret,
                   ub_da_legacy_messages_status_name (ret));
      return FALSE;
    }
  if (!ub_link_receive (self->link, result, sizeof result, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  UbReader reader = UB_READER_INIT (result, sizeof result);
  ub_reader_skip (&reader, 2);
  self->report->ram_size = ub_reader_u64_be (&reader);
  self->report->dram_by_us = TRUE;
  g_strlcpy (self->report->emi_origin,
             emi->origin != NULL ? emi->origin : "",
             sizeof self->report->emi_origin);
  return TRUE;
}

static gboolean
switch_dram_on (Start *self, GError **error)
{
  UbDaLegacyIds ids = { 0 };
  guint         index = 0;
  const UbEmi  *emi;

  if (!receive_emmc_id (self, &ids, error) || !receive_nand_ids (self, &ids, error))
    return FALSE;
  emi = choose_emi (self, &ids, &index);
  if (emi == NULL)
    return set_no_emi_error (self, &ids, error);
  return check_emi (emi, error) && offer_emi (self, emi, error) &&
         send_records (self, emi, index, error) &&
         ub_da_legacy_wire_send_u8 (self->link, UB_DA_LEGACY_ACK, error) &&
         send_u32 (self, EMI_FLAGS, error) && receive_dram_result (self, emi, error);
}

static gboolean
bring_dram_up (Start *self, GError **error)
{
  guint8  raw[5 * 4]; /* MT6592: five words about the memory, of no use to us (§5.5) */
  guint32 status = 0;

  if (!ub_brom_wire_receive_u32 (self->link, &status, UB_DA_LEGACY_TIMEOUT_MS, error))
    return silence_is (UB_ERROR_AGENT_SILENT,
                       "the agent fell silent after its configuration",
                       error);
  if (status == UB_DA_LEGACY_OLD_RAM_ERROR)
    self->da->old_numbering = TRUE;
  else if (status == UB_DA_LEGACY_STATUS_RAM_ERROR)
    self->da->old_numbering = FALSE;
  if (status != 0 && !switch_dram_on (self, error))
    return FALSE;
  return !self->setup->chip->phone_info ||
         ub_link_receive (self->link, raw, sizeof raw, UB_DA_LEGACY_TIMEOUT_MS, error);
}

/* --- DA2 (§5.6) --- */

static void
tell_progress (Start *self, gsize done)
{
  const gsize da1 = g_bytes_get_size (self->setup->da1);

  if (self->progress != NULL)
    self->progress (da1 + done, da1 + g_bytes_get_size (self->setup->da2), self->user_data);
}

static gboolean
send_da2_header (Start *self, gsize size, GError **error)
{
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;

  ub_da_legacy_messages_add_u32 (&message, self->setup->da2_address);
  ub_da_legacy_messages_add_u32 (&message, (guint32) size);
  ub_da_legacy_messages_add_u32 (&message, DA2_PACKET);
  return ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error) &&
         expect_ack (self, "second agent, header", error);
}

static gboolean
upload_da2 (Start *self, GError **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (self->setup->da2, &size);
  gsize         offset = 0;

  if (!send_da2_header (self, size, error))
    return FALSE;
  while (size - offset >= DA2_PACKET)
    {
      if (!ub_link_send (self->link,
                         data + offset,
                         DA2_PACKET,
                         UB_DA_LEGACY_SEND_TIMEOUT_MS,
                         error) ||
          !expect_ack (self, "second agent, packet", error))
        return FALSE;
      offset += DA2_PACKET;
      tell_progress (self, offset);
    }
  /* the rest has its answer even if there is no rest */
  if (!ub_link_send (self->link,
                     data + offset,
                     size - offset,
                     UB_DA_LEGACY_SEND_TIMEOUT_MS,
                     error) ||
      !expect_ack (self, "second agent, last packet", error))
    return FALSE;
  tell_progress (self, size);
  return TRUE;
}

static gboolean
start_da2 (Start *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !upload_da2 (self, error))
    return FALSE;
  /* an agent that does not trust the second part halts without a word */
  if (!expect_ack (self, "second agent, start", error))
    return silence_is (UB_ERROR_AGENT_SILENT,
                       "the second part of the agent was loaded and does not answer",
                       error);
  return ub_da_legacy_wire_send_u8 (self->link, UB_DA_LEGACY_ACK, error);
}

/* --- report (§5.7) --- */

static void
swap_words (guint8 out[16], const guint8 in[16])
{
  for (gsize i = 0; i < 16; i++)
    out[i] = in[i ^ 3];
}

static void
take_emmc (Start *self, const UbDaLegacyEmmc *emmc)
{
  UbDaReport *report = self->report;

  report->storage = UB_STORAGE_EMMC;
  report->boot1_size = emmc->boot1;
  report->boot2_size = emmc->boot2;
  report->rpmb_size = emmc->rpmb;
  memcpy (report->gp_size, emmc->gp, sizeof report->gp_size);
  report->user_size = emmc->user;
  /* the hello has it in transmission order, the report as it lies in memory */
  if (self->hello.emmc_ret == 0)
    memcpy (report->cid, self->hello.emmc_id, sizeof report->cid);
  else
    swap_words (report->cid, emmc->cid);
}

static gboolean
receive_storages (Start *self, GError **error)
{
  guint8         nor[UB_DA_LEGACY_NOR_SIZE];
  guint8         nand_head[UB_DA_LEGACY_NAND_HEAD_SIZE];
  guint8         nand_rest[64];
  guint8         emmc_data[UB_DA_LEGACY_EMMC_SIZE];
  guint8         sdmmc[UB_DA_LEGACY_SDMMC_SIZE];
  UbDaLegacyNand nand;
  UbDaLegacyEmmc emmc;

  if (!await_bytes (self, nor, sizeof nor, REPORT_TIMEOUT_MS, error) ||
      !ub_link_receive (self->link, nand_head, sizeof nand_head, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_da_legacy_messages_parse_nand (nand_head, &nand, error))
    return FALSE;
  g_assert (nand.left <= sizeof nand_rest);
  if (!ub_link_receive (self->link, nand_rest, nand.left, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_link_receive (self->link, emmc_data, sizeof emmc_data, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_link_receive (self->link, sdmmc, sizeof sdmmc, UB_DA_LEGACY_TIMEOUT_MS, error))
    return FALSE;
  emmc = ub_da_legacy_messages_parse_emmc (emmc_data);
  if (emmc.ret == 0)
    take_emmc (self, &emmc);
  else if (nand.ret == 0)
    {
      self->report->storage = UB_STORAGE_NAND;
      self->report->user_size = nand.size;
    }
  return TRUE;
}

/* 5A, or A5 for a long first-boot job that ends with another byte */
static gboolean
wait_for_preprocess (Start *self, GError **error)
{
  guint8 byte = 0;

  if (!await_u8 (self, &byte, DRAM_TIMEOUT_MS, error))
    return FALSE;
  return byte != UB_DA_LEGACY_NACK || await_u8 (self, &byte, FIRST_BOOT_TIMEOUT_MS, error);
}

static gboolean
receive_report (Start *self, GError **error)
{
  guint8           config_data[UB_DA_LEGACY_CONFIG_SIZE];
  guint8           status[4 + 4]; /* download status, boot style */
  guint32          bmt_blocks;
  guint8           soc = 0;
  UbDaLegacyConfig config;

  if (!receive_storages (self, error) ||
      !ub_link_receive (self->link,
                        config_data,
                        sizeof config_data,
                        UB_DA_LEGACY_TIMEOUT_MS,
                        error) ||
      (self->setup->chip->bmt_word &&
       !ub_brom_wire_receive_u32 (self->link, &bmt_blocks, UB_DA_LEGACY_TIMEOUT_MS, error)) ||
      !wait_for_preprocess (self, error) ||
      !ub_link_receive (self->link, status, sizeof status, UB_DA_LEGACY_TIMEOUT_MS, error) ||
      !ub_da_legacy_wire_receive_u8 (self->link, &soc, UB_DA_LEGACY_TIMEOUT_MS, error))
    return silence_is (UB_ERROR_AGENT_SILENT,
                       "the agent fell silent in the middle of its report",
                       error);
  config = ub_da_legacy_messages_parse_config (config_data);
  memcpy (self->report->random_id, config.random_id, sizeof config.random_id);
  if (config.ext_ram_ret == 0 && config.ext_ram_size != 0)
    self->report->ram_size = config.ext_ram_size;
  if (soc != UB_DA_LEGACY_SOC_OK)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_REFUSED,
                   "the agent does not accept this chip (0x%02x after its report)",
                   soc);
      return FALSE;
    }
  if (self->report->storage != UB_STORAGE_UNKNOWN && self->report->user_size != 0)
    return TRUE;
  g_set_error_literal (error,
                       UB_ERROR,
                       UB_ERROR_WRONG_STORAGE,
                       "the agent finds no storage in the phone");
  return FALSE;
}

/* --- USB speed (§5.9) --- */

/* FALSE with @error only if the link is gone: an agent that does not know 72 stays silent */
static gboolean
ask_usb_speed (Start *self, gboolean *answered, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint8 answer[2] = { 0 }; /* 5A, speed */

  *answered = FALSE;
  if (!ub_da_legacy_wire_send_u8 (self->link, UB_DA_LEGACY_USB_CHECK_STATUS, error))
    return FALSE;
  if (ub_link_receive (self->link, answer, sizeof answer, 2000, &local))
    {
      *answered = answer[0] == UB_DA_LEGACY_ACK;
      self->report->high_speed = *answered && answer[1] == 1;
      return TRUE;
    }
  if (g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    {
      self->da->in_doubt = TRUE; /* it may only have been late */
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
raise_usb_speed (Start *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  UbDaLegacyMessage message = UB_DA_LEGACY_MESSAGE_INIT;
  guint8            answer = 0;
  gboolean          answered = FALSE;

  ub_da_legacy_messages_add_u8 (&message, UB_DA_LEGACY_USB_SETUP_PORT);
  ub_da_legacy_messages_add_u8 (&message, 1);
  if (!ub_da_legacy_messages_send (&message, self->link, UB_DA_LEGACY_SEND_TIMEOUT_MS, error))
    return FALSE;
  if (!ub_da_legacy_wire_receive_u8 (self->link, &answer, UB_DA_LEGACY_TIMEOUT_MS, &local) &&
      g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    return TRUE;
  /* the answer may be lost with the old connection */
  if (local == NULL && answer != UB_DA_LEGACY_ACK)
    return TRUE;
  return ub_link_reopen (self->link, REENUMERATE_TIMEOUT_MS, self->cancellable, error) &&
         ask_usb_speed (self, &answered, error);
}

static gboolean
settle_usb_speed (Start *self, GError **error)
{
  const char *speed = ub_link_get_speed (self->link);
  gboolean    answered = FALSE;

  if (!ask_usb_speed (self, &answered, error))
    return FALSE;
  if (!answered)
    self->report->high_speed = g_str_equal (speed, "high") || g_str_equal (speed, "super");
  if (self->report->high_speed || !answered || !g_str_equal (speed, "full"))
    return TRUE;
  return raise_usb_speed (self, error);
}

gboolean
ub_da_legacy_start_after_jump (UbDaLegacy      *self,
                               const UbDaSetup *setup,
                               UbDaReport      *report,
                               UbDaProgress     progress,
                               gpointer         user_data,
                               GCancellable    *cancellable,
                               GError         **error)
{
  Start start = { .da = self,
                  .link = ub_da_get_link (UB_DA (self)),
                  .setup = setup,
                  .report = report,
                  .progress = progress,
                  .user_data = user_data,
                  .cancellable = cancellable };

  self->old_numbering = setup->build_year != 0 && setup->build_year < 2016;
  self->phone_info = setup->chip->phone_info;
  self->area = 0;
  self->in_doubt = FALSE;
  return say_hello (&start, error) && !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         send_configuration (&start, error) && bring_dram_up (&start, error) &&
         start_da2 (&start, error) && receive_report (&start, error) &&
         settle_usb_speed (&start, error);
}
