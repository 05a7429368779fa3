/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <string.h>

/* the dialect of boot ROM and preloader: shared/protocol/brom-and-legacy.md §1.5, §2 */

#define READY_MS 20
#define READY_QUEUE 8       /* a host that does not read must not fill our memory */
#define SYNC_MS 300         /* a preloader's patience with a start command once begun */
#define WATCHDOG_MS 10000   /* a boot ROM's, if nobody switches it off */
#define AGENT_LIMIT 0x30000 /* a preloader's buffer; later ones took what came */
#define BROM_LIMIT 0x100000
#define REGISTER_LIMIT 0x4000
#define BLOCK_LIMIT 0x10000 /* certificates and authentication files */

/* locks (§2.4) */
#define SLA 2
#define DAA 4
#define ROOT_CERTIFICATE 16

static const guint8 start_command[4] = { 0xa0, 0x0a, 0x50, 0x05 };

static void command_cb (UbPracticePhone *self, const guint8 *data);
static void sync_cb (UbPracticePhone *self, const guint8 *data);

static gboolean
is_brom (UbPracticePhone *self)
{
  return self->mode == UB_PHONE_BOOT_ROM;
}

void
ub_phone_brom_clear (UbPracticePhone *self)
{
  g_clear_pointer (&self->brom.memory, g_hash_table_unref);
  g_clear_pointer (&self->brom.agent, g_byte_array_unref);
  g_clear_pointer (&self->brom.block, g_byte_array_unref);
  memset (&self->brom, 0, sizeof self->brom);
}

void
ub_phone_brom_start (UbPracticePhone *self)
{
  self->brom.memory = g_hash_table_new (NULL, NULL);
  self->brom.agent = g_byte_array_new ();
  self->brom.block = g_byte_array_new ();
  self->brom.awake = is_brom (self);
  ub_practice_phone_expect (self, 1, sync_cb);
}

static void
tick_preloader (UbPracticePhone *self)
{
  UbPhoneBrom *brom = &self->brom;

  if (brom->shaken)
    return;
  if (self->now_ms - self->since_ms >= self->options.window_ms)
    {
      ub_practice_phone_boot_on (self, 0);
      return;
    }
  if (brom->awake && self->now_ms - brom->sync_ms >= SYNC_MS)
    {
      brom->awake = FALSE;
      brom->sync = 0;
    }
  if (!brom->line_coding || brom->heard || self->now_ms < brom->ready_ms)
    return;
  brom->ready_ms = self->now_ms + READY_MS;
  if (g_queue_get_length (&self->out) < READY_QUEUE)
    ub_practice_phone_say_text (self, "READY");
}

void
ub_phone_brom_tick (UbPracticePhone *self)
{
  if (!is_brom (self))
    tick_preloader (self);
  else if (!self->brom.watchdog_off && self->now_ms - self->since_ms >= WATCHDOG_MS)
    ub_practice_phone_leave (self, 0, 500, UB_PHONE_BOOT_ROM);
}

static void
next_command (UbPracticePhone *self)
{
  ub_practice_phone_expect (self, 1, command_cb);
}

static void
answer_sync (UbPracticePhone *self, guint8 byte)
{
  static const guint8 garbage[] = { 0x13, 0x00, 0xee };
  UbPhoneBrom        *brom = &self->brom;

  if (self->mischief.garbage_at_handshake)
    {
      self->mischief.garbage_at_handshake = FALSE;
      ub_practice_phone_say (self, garbage, sizeof garbage);
    }
  if (byte == start_command[0])
    brom->sync = 0;
  if (byte != start_command[brom->sync])
    {
      brom->sync = 0;
      ub_practice_phone_say_u8 (self, (guint8) (byte + 1));
      return;
    }
  brom->sync++;
  ub_practice_phone_say_u8 (self, (guint8) ~byte);
}

/* one byte of the start command; a preloader's token loop swallows the first A0 (§1.5) */
static void
sync_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneBrom *brom = &self->brom;

  brom->heard = TRUE;
  if (!brom->awake)
    {
      brom->awake = data[0] == start_command[0];
      brom->sync_ms = self->now_ms;
    }
  else
    answer_sync (self, data[0]);
  brom->shaken = brom->sync == sizeof start_command;
  if (brom->shaken && self->nuisance.silent_after_handshake)
    ub_practice_phone_hang (self);
  else if (brom->shaken)
    next_command (self);
  else
    ub_practice_phone_expect (self, 1, sync_cb);
}

/* --- parameters are echoed one by one (§2.2) --- */

static void
param_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneBrom *brom = &self->brom;

  ub_practice_phone_say (self, data, 4);
  brom->params[brom->i_param++] = ub_phone_u32 (data);
  if (brom->i_param < brom->n_params)
    ub_practice_phone_expect (self, 4, param_cb);
  else
    brom->after (self, NULL);
}

static void
take_params (UbPracticePhone *self, guint n, UbPhoneStep after)
{
  self->brom.n_params = n;
  self->brom.i_param = 0;
  self->brom.after = after;
  ub_practice_phone_expect (self, 4, param_cb);
}

/* --- registers: D0 D1 D2 D3 D4 --- */

static guint
item_size (guint8 op)
{
  return op == 0xd1 || op == 0xd4 ? 4 : 2;
}

static guint16
check_registers (UbPracticePhone *self)
{
  guint32 address = self->brom.params[0];
  guint32 count = self->brom.params[1];
  guint   size = item_size (self->brom.op);

  if (address % size != 0)
    return 0xffff;
  if (count == 0)
    return 0xfffe;
  return count > REGISTER_LIMIT || (guint64) address + (guint64) count * size > 0x100000000u
             ? 0xfffd
             : 0;
}

static void
read_registers_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneBrom *brom = &self->brom;
  guint        size = item_size (brom->op);
  guint16      status = check_registers (self);

  ub_practice_phone_say_u16 (self, status);
  for (guint i = 0; status == 0 && i < brom->params[1]; i++)
    {
      guint32 address = brom->params[0] + i * size;
      guint32 value =
          GPOINTER_TO_UINT (g_hash_table_lookup (brom->memory, GUINT_TO_POINTER (address)));

      if (size == 4)
        ub_practice_phone_say_u32 (self, value);
      else
        ub_practice_phone_say_u16 (self, (guint16) value);
    }
  if (status == 0)
    ub_practice_phone_say_u16 (self, 0);
  next_command (self);
}

static void
store (UbPracticePhone *self, guint32 address, guint32 value)
{
  if (g_hash_table_size (self->brom.memory) < REGISTER_LIMIT)
    g_hash_table_insert (self->brom.memory, GUINT_TO_POINTER (address), GUINT_TO_POINTER (value));
  if (address == self->chip->watchdog && (value >> 24) == 0x22)
    self->brom.watchdog_off = (value & 1) == 0;
}

static void
write_item_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneBrom *brom = &self->brom;
  guint        size = item_size (brom->op);

  if (brom->op != 0xd3)
    ub_practice_phone_say (self, data, size);
  store (self, brom->params[0], size == 4 ? ub_phone_u32 (data) : ub_phone_u16 (data));
  brom->params[0] += size;
  if (--brom->params[1] > 0)
    {
      ub_practice_phone_expect (self, size, write_item_cb);
      return;
    }
  ub_practice_phone_say_u16 (self, 0);
  next_command (self);
}

static void
write_registers_cb (UbPracticePhone *self, const guint8 *data)
{
  guint16 status = check_registers (self);

  ub_practice_phone_say_u16 (self, status);
  if (status == 0)
    ub_practice_phone_expect (self, item_size (self->brom.op), write_item_cb);
  else
    next_command (self);
}

/* --- payloads: SEND_DA, certificates, authentication --- */

/* XOR of little-endian words, in whatever pieces the payload comes (§2.5) */
static void
add_xor (UbPhoneBrom *brom, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++, brom->taken++)
    brom->sum ^= (guint16) (data[i] << (brom->taken % 2 * 8));
}

static void
agent_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  add_xor (&self->brom, data, size);
  g_byte_array_append (self->brom.agent, data, (guint) size);
}

/* of a certificate, an authorisation, an answer */
static void
block_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  add_xor (&self->brom, data, size);
  g_byte_array_append (self->brom.block, data, (guint) size);
}

static void
begin_payload (UbPracticePhone *self, guint32 size, UbPhoneSink sink, UbPhoneStep done)
{
  self->brom.sum = 0;
  self->brom.taken = 0;
  ub_practice_phone_stream (self, size, sink, done);
}

static gboolean
is_locked (UbPracticePhone *self, guint32 lock)
{
  return (self->options.target_config & lock) != 0;
}

/* with the signature as the last of it: the maker's, of 256 bytes, and no other */
static guint16
verify_agent (UbPracticePhone *self)
{
  GByteArray *agent = self->brom.agent;

  if (!is_locked (self, DAA) || (self->brom.agent_signature == UB_PHONE_SIGNATURE &&
                                 ub_phone_storage_is_signed (agent->data, agent->len)))
    return 0;
  return is_brom (self) ? 0x7024 : 0x7015;
}

static void
agent_done_cb (UbPracticePhone *self, const guint8 *data)
{
  guint16 status = verify_agent (self);

  self->brom.agent_good = status == 0;
  ub_practice_phone_say_u16 (self, self->brom.sum);
  ub_practice_phone_say_u16 (self, status);
  next_command (self);
}

static guint32
get_agent_limit (UbPracticePhone *self)
{
  return is_brom (self) || self->chip->dialect != UB_PHONE_LEGACY ? BROM_LIMIT : AGENT_LIMIT;
}

static guint16
check_agent (UbPracticePhone *self)
{
  guint32 address = self->brom.params[0], size = self->brom.params[1],
          signature = self->brom.params[2];

  if (self->mischief.refuse_agent >= 0)
    return (guint16) self->mischief.refuse_agent;
  if (is_locked (self, SLA) && !self->brom.logged_in)
    return 0x1d0d;
  if (address % 2 != 0)
    return 0x1d11;
  if (size == 0)
    return 0x1d13;
  if (signature > size)
    return 0x1d14;
  if (is_locked (self, DAA) && signature == 0)
    return 0x1d15;
  return size > get_agent_limit (self) || (guint64) address + size > 0xffffffffu ? 0x1d12 : 0;
}

static void
send_agent_cb (UbPracticePhone *self, const guint8 *data)
{
  guint16 status = check_agent (self);

  ub_practice_phone_say_u16 (self, status);
  if (status >= 0x1000)
    {
      next_command (self);
      return;
    }
  g_byte_array_set_size (self->brom.agent, 0);
  self->brom.agent_address = self->brom.params[0];
  self->brom.agent_signature = self->brom.params[2];
  self->brom.agent_good = FALSE;
  begin_payload (self, self->brom.params[1], agent_sink, agent_done_cb);
}

static void
begin_block (UbPracticePhone *self, guint32 size, UbPhoneStep done)
{
  g_byte_array_set_size (self->brom.block, 0);
  begin_payload (self, size, block_sink, done);
}

/* --- the maker's files (§2.7) --- */

static gboolean
is_makers (UbPracticePhone *self, const char *mark)
{
  GByteArray *block = self->brom.block;

  return block->len > strlen (mark) && memcmp (block->data, mark, strlen (mark)) == 0 &&
         ub_phone_storage_is_signed (block->data, block->len);
}

static void
block_done_cb (UbPracticePhone *self, const guint8 *data)
{
  const char *mark = self->brom.op == 0xe2 ? UB_PHONE_AUTH_MARK : UB_PHONE_CERT_MARK;

  ub_practice_phone_say_u16 (self, self->brom.sum);
  ub_practice_phone_say_u16 (self, is_makers (self, mark) ? 0 : 0x2000);
  next_command (self);
}

/* E0 and E2: only wanted where signatures are */
static void
send_block_cb (UbPracticePhone *self, const guint8 *data)
{
  guint32 locks = self->brom.op == 0xe2 ? DAA : DAA | ROOT_CERTIFICATE;
  guint16 status = !is_locked (self, locks)             ? 0x1d0c
                   : self->brom.params[0] > BLOCK_LIMIT ? 0x1d12
                                                        : 0;

  ub_practice_phone_say_u16 (self, status);
  if (status == 0)
    begin_block (self, self->brom.params[0], block_done_cb);
  else
    next_command (self);
}

static void
login_done_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneBrom *brom = &self->brom;

  brom->logged_in = ub_phone_maker_is_boot_rom_answer (brom->challenge,
                                                       sizeof brom->challenge,
                                                       brom->block->data,
                                                       brom->block->len);
  ub_practice_phone_say_u16 (self, brom->logged_in ? 0 : 0x7017);
  next_command (self);
}

static void
login_answer_cb (UbPracticePhone *self, const guint8 *data)
{
  guint32 size = self->brom.params[0];

  if (size != 0x80 && size != 0x100 && size != 0x180)
    {
      ub_practice_phone_say_u16 (self, 0x7017);
      next_command (self);
      return;
    }
  ub_practice_phone_say_u16 (self, 0);
  begin_block (self, size, login_done_cb);
}

/* another one each time */
static void
make_challenge (UbPracticePhone *self)
{
  UbPhoneBrom *brom = &self->brom;

  brom->n_challenges++;
  for (guint i = 0; i < sizeof brom->challenge; i++)
    brom->challenge[i] = (guint8) (brom->n_challenges * 73 + self->now_ms + i * 29 +
                                   self->chip->hw_code + (self->options.serial >> i % 4 * 8));
}

/* E3: nothing to do for those who are in, and where there is no lock */
static void
login (UbPracticePhone *self)
{
  ub_practice_phone_say_u16 (self, 0);
  if (!is_locked (self, SLA) || self->brom.logged_in)
    {
      ub_practice_phone_say_u32 (self, 0);
      next_command (self);
      return;
    }
  make_challenge (self);
  ub_practice_phone_say_u32 (self, sizeof self->brom.challenge);
  ub_practice_phone_say (self, self->brom.challenge, sizeof self->brom.challenge);
  take_params (self, 1, login_answer_cb);
}

/* --- jumps --- */

static guint16
check_jump (UbPracticePhone *self)
{
  if (!self->brom.agent_good)
    return 0x1d16;
  /* a preloader's buffer is fixed; it jumps there whatever the host says */
  return is_brom (self) && self->brom.params[0] != self->brom.agent_address ? 0x1d16 : 0;
}

static void
start_agent (UbPracticePhone *self, GBytes *da1, gboolean from_brom)
{
  if (self->chip->dialect == UB_PHONE_XFLASH)
    ub_phone_xflash_start (self, da1, from_brom);
  else if (self->chip->dialect == UB_PHONE_XML)
    ub_phone_xml_start (self, da1, from_brom);
  else
    ub_phone_legacy_start (self, da1, from_brom);
}

static void
jump_cb (UbPracticePhone *self, const guint8 *data)
{
  guint16  status = check_jump (self);
  gboolean from_brom = is_brom (self);
  g_autoptr (GBytes) da1 = NULL;

  ub_practice_phone_say_u16 (self, status);
  if (status != 0)
    {
      next_command (self);
      return;
    }
  da1 = g_byte_array_free_to_bytes (g_steal_pointer (&self->brom.agent));
  /* an agent at an address that it was not made for runs into nothing */
  if (ub_phone_mischief_at_jump (self, da1) ||
      (from_brom && self->brom.agent_address != self->chip->da1_address))
    {
      self->mode = UB_PHONE_AGENT;
      ub_practice_phone_hang (self);
      return;
    }
  self->mode = UB_PHONE_AGENT;
  start_agent (self, g_steal_pointer (&da1), from_brom);
}

static void
jump_bootloader (UbPracticePhone *self)
{
  ub_practice_phone_say_u16 (self, 0);
  ub_practice_phone_say_u16 (self, 0);
  if (is_brom (self))
    ub_practice_phone_leave (self, 50, 500, UB_PHONE_PRELOADER);
  else
    ub_practice_phone_boot_on (self, 50);
}

/* --- who it is --- */

static void
say_id (UbPracticePhone *self, guint8 seed, guint size)
{
  guint8 id[32];

  for (guint i = 0; i < size; i++)
    id[i] = (guint8) (seed * 29 + i * 17 + self->chip->hw_code + self->options.serial);
  ub_practice_phone_say_u32 (self, size);
  ub_practice_phone_say (self, id, size);
  ub_practice_phone_say_u16 (self, 0);
}

static void
say_hw_code (UbPracticePhone *self)
{
  ub_practice_phone_say_u16 (self,
                             self->mischief.wrong_chip >= 0 ? (guint16) self->mischief.wrong_chip
                                                            : self->chip->hw_code);
  ub_practice_phone_say_u16 (self, 0);
}

static void
say_versions (UbPracticePhone *self)
{
  ub_practice_phone_say_u16 (self, self->chip->sub_code);
  ub_practice_phone_say_u16 (self, self->chip->hw_version);
  ub_practice_phone_say_u16 (self, self->chip->sw_version);
  ub_practice_phone_say_u16 (self, 0);
}

/* preloaders know no more than the first three bits */
static void
say_target_config (UbPracticePhone *self)
{
  ub_practice_phone_say_u32 (self,
                             is_brom (self) ? self->options.target_config
                                            : self->options.target_config & 7);
  ub_practice_phone_say_u16 (self, 0);
}

/* C8 B0…: cache control, a boot ROM's */
static void
cache_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say (self, data, 1);
  ub_practice_phone_say_u8 (self, 0);
  ub_practice_phone_say_u16 (self, 0);
  next_command (self);
}

/* --- commands --- */

/* preloaders that know XFLASH agents tell more of themselves (§1.5, FB) */
static gboolean
is_modern (UbPracticePhone *self)
{
  return self->chip->dialect != UB_PHONE_LEGACY;
}

/* FE, and a boot ROM's FF, answer in place of the echo */
static gboolean
answer_unechoed (UbPracticePhone *self, guint8 op)
{
  if (op == 0xfe)
    ub_practice_phone_say_u8 (self, is_brom (self) ? 0xfe : is_modern (self) ? 0x03 : 0x01);
  else if (op == 0xff && is_brom (self))
    ub_practice_phone_say_u8 (self, self->chip->brom_version);
  else
    return FALSE;
  return TRUE;
}

/* those that ask nothing more of the host */
static void
answer_plain (UbPracticePhone *self, guint8 op)
{
  if (op == 0xfd)
    say_hw_code (self);
  else if (op == 0xfc)
    say_versions (self);
  else if (op == 0xd8)
    say_target_config (self);
  else if (op == 0xe1 && (is_brom (self) || is_modern (self)))
    say_id (self, 1, 16);
  else if (op == 0xe7 && (is_brom (self) || is_modern (self)))
    say_id (self, 2, 32);
  else if (op == 0xdb)
    ub_practice_phone_say_u16 (self, 0);
  else if (op == 0xfb && !is_brom (self))
    ub_practice_phone_say_u64 (self, is_modern (self) ? (guint64) 7 << 32 : 0);
}

static void
command_cb (UbPracticePhone *self, const guint8 *data)
{
  guint8 op = data[0];

  next_command (self);
  if (ub_phone_mischief_at_command (self, op, 'b') || answer_unechoed (self, op))
    return;
  self->brom.op = op;
  ub_practice_phone_say_u8 (self, op);
  if (op == 0xd0 || op == 0xd1)
    take_params (self, 2, read_registers_cb);
  else if (op == 0xd2 || op == 0xd3 || op == 0xd4)
    take_params (self, 2, write_registers_cb);
  else if (op == 0xd7)
    take_params (self, 3, send_agent_cb);
  else if (op == 0xd5)
    take_params (self, 1, jump_cb);
  else if (op == 0xe0 || op == 0xe2)
    take_params (self, 1, send_block_cb);
  else if (op == 0xe3)
    login (self);
  else if (op == 0xd6)
    jump_bootloader (self);
  else if (op == 0xc8 && is_brom (self) && (self->options.target_config & 0x80) == 0)
    ub_practice_phone_expect (self, 1, cache_cb);
  else
    answer_plain (self, op);
}
