/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "phone/ub-phone.h"

/* the legacy agent from its first byte to its report: shared/protocol/brom-and-legacy.md §5.3 …
 * §5.7, genuine-agents.md §5.3 */

#define DA2_LIMIT (4 * 1024 * 1024)
#define SIGNATURE 0x100

static const char marker[] = "UNBRICK PRACTICE DA1";

/* errors are numbered as builds of 2019 do; older ones miss some (appendix B) */
guint32
ub_phone_legacy_error (UbPracticePhone *self, guint32 code)
{
  if (!self->agent.old || code < 3008)
    return code;
  return code >= 4000 ? code : code >= 3057 ? code - 5 : code - 4;
}

void
ub_phone_legacy_refuse (UbPracticePhone *self, guint32 code)
{
  ub_practice_phone_say_u8 (self, 0xa5);
  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, code));
}

void
ub_phone_legacy_clear (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;

  g_clear_pointer (&agent->da1, g_bytes_unref);
  g_clear_pointer (&agent->emi, g_byte_array_unref);
  g_clear_pointer (&agent->da2, g_byte_array_unref);
  g_clear_pointer (&agent->table, g_byte_array_unref);
  g_free (agent->buffer);
  memset (agent, 0, sizeof *agent);
}

static void
say_nand_ids (UbPracticePhone *self)
{
  static const guint8 no_ids[32] = { 0 };
  guint               n = self->agent.old ? self->chip->old_nand_ids : self->chip->nand_ids;

  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3012));
  ub_practice_phone_say_u16 (self, (guint16) n);
  for (guint i = 0; i < n; i++)
    ub_practice_phone_say (self, no_ids + 2 * i, 2);
}

/* the CID as four words in memory: each word's bytes the other way round */
static void
say_cid_as_in_memory (UbPracticePhone *self)
{
  guint8 id[16];

  for (guint i = 0; i < sizeof id; i++)
    id[i] = self->cid[i ^ 3];
  ub_practice_phone_say (self, id, sizeof id);
}

/* --- DRAM (§5.5): in DA1 after a boot ROM's start, and E8 in DA2 --- */

static void expect_da2 (UbPracticePhone *self);

static gboolean
record_fits (UbPracticePhone *self, const guint8 *record)
{
  gsize   head = self->chip->emi_head;
  gsize   at = head == 4 ? 0x14 : 8;
  guint32 length = (guint32) record[at] | (guint32) record[at + 1] << 8 |
                   (guint32) record[at + 2] << 16 | (guint32) record[at + 3] << 24;

  return length <= 16 && memcmp (record + head, self->cid, length) == 0;
}

static guint32
emi_size (UbPracticePhone *self)
{
  return self->agent.old && self->chip->old_emi_size != 0 ? self->chip->old_emi_size
                                                          : self->chip->emi_size;
}

static guint32
emi_limit (UbPracticePhone *self)
{
  return self->agent.old && self->chip->old_emi_limit != 0 ? self->chip->old_emi_limit
                                                           : self->chip->emi_limit;
}

static gboolean
emi_fits (UbPracticePhone *self)
{
  GByteArray *emi = self->agent.emi;

  if (!self->agent.emi_ok || self->agent.emi_default || self->mischief.dram_fail)
    return FALSE;
  for (gsize at = 0; at + emi_size (self) <= emi->len; at += emi_size (self))
    if (record_fits (self, emi->data + at))
      return TRUE;
  return FALSE;
}

static void
say_five_words (UbPracticePhone *self)
{
  for (guint i = 0; self->chip->phone_info && i < 5; i++)
    ub_practice_phone_say_u32 (self, i == 0 ? 0 : 0x10 * i);
}

static void
dram_flags_cb (UbPracticePhone *self, const guint8 *data)
{
  gboolean good = emi_fits (self);

  ub_practice_phone_say_u32 (self, good ? 0 : 3002);
  if (!good)
    {
      ub_practice_phone_hang (self);
      return;
    }
  ub_practice_phone_say_u8 (self, 2);
  ub_practice_phone_say_u8 (self, 0);
  ub_practice_phone_say_u64 (self, self->chip->ram_size);
  if (self->agent.in_da2)
    {
      ub_phone_commands_loop (self);
      return;
    }
  say_five_words (self);
  expect_da2 (self);
}

static void
emi_verdict_cb (UbPracticePhone *self, const guint8 *data)
{
  if (data[0] == 0x5a)
    ub_practice_phone_expect (self, 4, dram_flags_cb);
  else
    ub_practice_phone_hang (self);
}

static void
emi_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_byte_array_append (self->agent.emi, data, (guint) size);
}

static void
emi_done_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say_u16 (self,
                             ub_practice_phone_sum (self->agent.emi->data, self->agent.emi->len));
  ub_practice_phone_expect (self, 1, emi_verdict_cb);
}

static void
emi_length_cb (UbPracticePhone *self, const guint8 *data)
{
  guint32 length = ub_phone_u32 (data);

  if (length == 0 || length % emi_size (self) != 0 || length > emi_limit (self))
    ub_practice_phone_hang (self);
  else
    ub_practice_phone_stream (self, length, emi_sink, emi_done_cb);
}

static void
emi_go_cb (UbPracticePhone *self, const guint8 *data)
{
  if (data[0] != 0x5a)
    ub_practice_phone_hang (self);
  else if (emi_limit (self) != 0)
    ub_practice_phone_expect (self, 4, emi_length_cb);
  else
    ub_practice_phone_stream (self, emi_size (self), emi_sink, emi_done_cb);
}

/* a version it does not know gets A5, and the dialogue goes on all the same */
static void
emi_version_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;
  guint32 wanted = agent->old && self->chip->old_emi_version != 0 ? self->chip->old_emi_version
                                                                  : self->chip->emi_version;

  agent->emi_version = ub_phone_u32 (data);
  agent->emi_default = agent->emi_version == 0xffffffff;
  agent->emi_ok =
      agent->emi_default || agent->emi_version == wanted ||
      (self->chip->more_emi_version != 0 && agent->emi_version == self->chip->more_emi_version);
  g_clear_pointer (&agent->emi, g_byte_array_unref);
  agent->emi = g_byte_array_new ();
  ub_practice_phone_say_u8 (self, agent->emi_ok ? 0x5a : 0xa5);
  if (agent->emi_default)
    {
      ub_practice_phone_expect (self, 4, dram_flags_cb);
      return;
    }
  if (self->chip->flash_id)
    say_cid_as_in_memory (self);
  ub_practice_phone_say_u32 (self, emi_size (self));
  ub_practice_phone_expect (self, 1, emi_go_cb);
}

void
ub_phone_legacy_dram (UbPracticePhone *self)
{
  ub_practice_phone_expect (self, 4, emi_version_cb);
}

static void
dram_start_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_phone_legacy_dram (self);
}

static void
say_dram_status (UbPracticePhone *self)
{
  if (!self->agent.from_brom && !self->agent.force_dram)
    {
      ub_practice_phone_say_u32 (self, 0);
      say_five_words (self);
      expect_da2 (self);
      return;
    }
  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3011));
  ub_practice_phone_say_u32 (self, 0);
  say_cid_as_in_memory (self);
  say_nand_ids (self);
  ub_practice_phone_expect (self, 1, dram_start_cb);
}

/* --- DA1's hello and configuration --- */

static void
slc_records_cb (UbPracticePhone *self, const guint8 *data)
{
  say_dram_status (self);
}

static void
slc_count_cb (UbPracticePhone *self, const guint8 *data)
{
  guint32 count = ub_phone_u32 (data);

  if (count > UB_PHONE_ITEM / 20)
    ub_practice_phone_hang (self);
  else if (count == 0)
    say_dram_status (self);
  else
    ub_practice_phone_expect (self, count * 20, slc_records_cb);
}

static void
skip_dl_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_expect (self, 4, slc_count_cb);
}

static void
variant_word_cb (UbPracticePhone *self, const guint8 *data)
{
  self->agent.force_dram =
      self->chip->flow == UB_PHONE_FLOW_FORCE_DRAM && (ub_phone_u32 (data) & 1) != 0;
  say_dram_status (self);
}

static void
config_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneFlow flow = self->chip->flow;

  if (ub_phone_mischief_at_battery (self, data[14]))
    ub_practice_phone_hang (self);
  else if (flow == UB_PHONE_FLOW_FORCE_DRAM || flow == UB_PHONE_FLOW_NEW_COMBO ||
           (flow == UB_PHONE_FLOW_GPT && !self->agent.old))
    ub_practice_phone_expect (self, 4, variant_word_cb);
  else if (flow == UB_PHONE_FLOW_SLC && self->agent.slc)
    ub_practice_phone_expect (self, 4, slc_count_cb);
  else if (flow == UB_PHONE_FLOW_SKIP_SLC && self->agent.slc)
    ub_practice_phone_expect (self, 4, skip_dl_cb);
  else
    say_dram_status (self);
}

static void
hello_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say_u8 (self, self->chip->major);
  ub_practice_phone_say_u8 (self, 2);
  ub_practice_phone_say_u8 (self, self->agent.stranger ? 0xff : self->chip->bbchip);
  if (self->agent.stranger)
    ub_phone_commands_loop (self);
  else
    ub_practice_phone_expect (self, 18, config_cb);
}

static const guint8 *
find_bytes (GBytes *bytes, const void *needle, gsize size)
{
  gsize         length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  return memmem (data, length, needle, size);
}

/* a practice DA1 says for what chip and when it was "built": marker, u16 agent code, u16 year, both
 * little-endian */
static void
examine_da1 (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  const guint8 *mark = find_bytes (agent->da1, marker, sizeof marker);
  const guint8 *end =
      (const guint8 *) g_bytes_get_data (agent->da1, NULL) + g_bytes_get_size (agent->da1);

  agent->marked = mark != NULL && end - mark >= (gssize) sizeof marker + 4;
  agent->build_year = self->options.build_year;
  if (agent->marked)
    {
      const guint8 *words = mark + sizeof marker;

      agent->stranger = (words[0] | words[1] << 8) != self->chip->agent_code;
      agent->build_year = (guint) (words[2] | words[3] << 8);
    }
  agent->old = agent->build_year < 2017;
  agent->slc = find_bytes (agent->da1, "SLC percent", strlen ("SLC percent")) != NULL;
}

static const guint8 *
get_cid (UbPracticePhone *self)
{
  static const guint8 nobody[sizeof self->cid] = { 0 };

  return self->mischief.nameless ? nobody : self->cid;
}

void
ub_phone_legacy_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom)
{
  ub_phone_legacy_clear (self);
  self->agent.da1 = da1;
  self->agent.from_brom = from_brom;
  self->agent.high_speed = !self->mischief.full_speed;
  self->agent.part = 8;
  examine_da1 (self);

  ub_practice_phone_say_u8 (self, 0xc0);
  say_nand_ids (self);
  ub_practice_phone_say_u32 (self, 0);
  for (guint i = 0; i < 4; i++)
    ub_practice_phone_say (self, get_cid (self) + 4 * i, 4);
  ub_practice_phone_expect (self, 1, hello_cb);
}

/* --- DA2 (§5.6) --- */

static void
say_storage_report (UbPracticePhone *self)
{
  static const guint8 nor[24] = { 0x00, 0x08, 0xff, 0xff };
  static const guint8 nothing[32] = { 0 };
  guint               n = self->agent.old ? self->chip->old_nand_ids : self->chip->nand_ids;
  const guint8        firmware[8] = { 0x10 };

  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3015));
  ub_practice_phone_say (self, nor, sizeof nor);

  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3016));
  ub_practice_phone_say (self, (const guint8[]){ 0x08, 0xff, 0xff }, 3);
  ub_practice_phone_say (self, nothing, self->chip->nand_size_width);
  ub_practice_phone_say_u16 (self, (guint16) n);
  ub_practice_phone_say (self, nothing, 2 * n);
  ub_practice_phone_say (self, nothing, 9);

  ub_practice_phone_say_u32 (self, 0);
  ub_practice_phone_say_u64 (self, ub_flash_get_size (self->boot1));
  ub_practice_phone_say_u64 (self, ub_flash_get_size (self->boot2));
  ub_practice_phone_say_u64 (self, ub_flash_get_size (self->rpmb));
  ub_practice_phone_say (self, nothing, 32);
  ub_practice_phone_say_u64 (self, ub_flash_get_size (self->user));
  ub_practice_phone_say (self, get_cid (self), sizeof self->cid);
  ub_practice_phone_say (self, firmware, sizeof firmware);

  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3151));
  ub_practice_phone_say (self, nothing, 24);
}

static void
say_memory_report (UbPracticePhone *self)
{
  guint8 random_id[16] = { 0 };

  for (guint i = 0; !self->mischief.nameless && i < sizeof random_id; i++)
    random_id[i] = (guint8) (0xe1 + 0x49 * i * i + self->chip->hw_code + self->options.serial);
  ub_practice_phone_say_u32 (self, 0);
  ub_practice_phone_say_u32 (self, 0x20000);
  ub_practice_phone_say_u32 (self, 0);
  ub_practice_phone_say_u8 (self, 2);
  ub_practice_phone_say_u8 (self, 0);
  ub_practice_phone_say_u64 (self, self->chip->ram_size);
  ub_practice_phone_say (self, random_id, sizeof random_id);
  if (self->chip->bmt_word)
    ub_practice_phone_say_u32 (self, 0);
}

static void
report_cb (UbPracticePhone *self, const guint8 *data)
{
  if (data[0] != 0x5a)
    {
      ub_practice_phone_hang (self);
      return;
    }
  self->agent.in_da2 = TRUE;
  say_storage_report (self);
  say_memory_report (self);
  ub_practice_phone_say_u8 (self, 0x5a);
  ub_practice_phone_say_u32 (self, ub_phone_legacy_error (self, 3083));
  ub_practice_phone_say_u32 (self, 0x409);
  ub_practice_phone_say_u8 (self, 0xc1);
  ub_phone_commands_loop (self);
}

/* newer DA1s hold the SHA-1 of their DA2 without its signature; MT6589's does not look */
static gboolean
is_da2_mine (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  g_autoptr (GChecksum) sha1 = NULL;
  guint8 digest[20];
  gsize  length = sizeof digest;

  if (agent->da2_address != self->chip->da2_address)
    return FALSE;
  if (!agent->marked || agent->old || self->chip->flow == UB_PHONE_FLOW_FORCE_DRAM)
    return TRUE;
  if (agent->da2->len <= SIGNATURE)
    return FALSE;
  sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  g_checksum_update (sha1, agent->da2->data, agent->da2->len - SIGNATURE);
  g_checksum_get_digest (sha1, digest, &length);
  return find_bytes (agent->da1, digest, sizeof digest) != NULL;
}

static void
da2_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_byte_array_append (self->agent.da2, data, (guint) size);
}

static void da2_packet_cb (UbPracticePhone *self, const guint8 *data);

static void
next_da2_packet (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  guint32       left = agent->da2_size - agent->da2->len;

  agent->current = MIN (left, agent->packet_size);
  ub_practice_phone_stream (self, agent->current, da2_sink, da2_packet_cb);
}

/* full packets, then the rest, which may be empty and is acknowledged all the same */
static void
da2_packet_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  ub_practice_phone_say_u8 (self, 0x5a);
  if (agent->current == agent->packet_size)
    {
      next_da2_packet (self);
      return;
    }
  if (!is_da2_mine (self))
    {
      ub_practice_phone_hang (self);
      return;
    }
  ub_practice_phone_say_u8 (self, 0x5a);
  ub_practice_phone_expect (self, 1, report_cb);
}

static void
da2_header_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  agent->da2_address = ub_phone_u32 (data);
  agent->da2_size = ub_phone_u32 (data + 4);
  agent->packet_size = ub_phone_u32 (data + 8);
  g_clear_pointer (&agent->da2, g_byte_array_unref);
  agent->da2 = g_byte_array_new ();
  if (agent->da2_size == 0 || agent->da2_size > DA2_LIMIT || agent->packet_size < 16)
    {
      ub_practice_phone_hang (self);
      return;
    }
  ub_practice_phone_say_u8 (self, 0x5a);
  next_da2_packet (self);
}

static void
expect_da2 (UbPracticePhone *self)
{
  ub_practice_phone_expect (self, 12, da2_header_cb);
}
