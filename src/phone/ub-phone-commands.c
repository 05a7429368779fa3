/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "phone/ub-phone.h"

/* the command loop of the legacy DA2: shared/protocol/brom-and-legacy.md §5.8 … §5.16,
 * genuine-agents.md §5.3 */

#define PACKET 0x100000
#define PACKET_LIMIT 0x800000
#define LINUX_PIECE 1024
#define TABLE_LIMIT 40 /* entries the agent has room for */
#define SECTOR 512

#define E_INVALID_STORAGE 0x3eb
#define E_NO_TABLE 0x40d
#define E_BEGIN 3036
#define E_RANGE 3040
#define E_SUM 3065
#define E_SWITCH 3152
#define E_READ 3153
#define E_WRITE 3154
#define E_UNSUPPORTED 3157

static void dispatch_cb (UbPracticePhone *self, const guint8 *data);

void
ub_phone_commands_loop (UbPracticePhone *self)
{
  ub_practice_phone_expect (self, 1, dispatch_cb);
}

static void
ack (UbPracticePhone *self)
{
  ub_practice_phone_say_u8 (self, 0x5a);
}

static void
refuse (UbPracticePhone *self, guint32 code)
{
  ub_phone_legacy_refuse (self, code);
  ub_phone_commands_loop (self);
}

static UbFlash *
area (UbPracticePhone *self, guint8 part)
{
  static const UbRegion regions[9] = {
    [1] = UB_REGION_EMMC_BOOT1,
    [2] = UB_REGION_EMMC_BOOT2,
    [3] = UB_REGION_EMMC_RPMB,
    [8] = UB_REGION_EMMC_USER,
  };

  return part < G_N_ELEMENTS (regions) ? ub_practice_phone_get_flash (self, regions[part]) : NULL;
}

/* the table of too many entries tramples the agent's stack on its first look (genuine-agents.md
 * §5.3) */
static gboolean
table_kills (UbPracticePhone *self)
{
  if (ub_phone_tables_count_gpt (self) <= TABLE_LIMIT)
    return FALSE;
  ub_practice_phone_hang (self);
  return TRUE;
}

/* does [start, start + size) of the area under way hold the byte of a mischief? */
static gboolean
covers (UbPracticePhone *self, gint64 wanted, guint8 part, guint64 start, guint64 size)
{
  return wanted >= 0 && part == self->agent.target && start <= (guint64) wanted &&
         (guint64) wanted - start < size;
}

static gboolean
in_range (UbFlash *flash, guint64 start, guint64 size)
{
  return start <= ub_flash_get_size (flash) && size <= ub_flash_get_size (flash) - start;
}

/* --- 60 --- */

static void
switch_cb (UbPracticePhone *self, const guint8 *data)
{
  if (area (self, data[0]) == NULL)
    {
      refuse (self, E_SWITCH);
      return;
    }
  self->agent.part = data[0];
  ack (self);
  ub_phone_commands_loop (self);
}

/* --- 61, 62 --- */

static void packet_go_cb (UbPracticePhone *self, const guint8 *data);

static void
image_sum_cb (UbPracticePhone *self, const guint8 *data)
{
  if (ub_phone_u16 (data) == self->agent.total)
    ack (self);
  else
    {
      ub_practice_phone_say_u8 (self, 0xa5);
      ub_practice_phone_say_u16 (self, self->agent.total);
    }
  ub_phone_commands_loop (self);
}

static void
next_packet (UbPracticePhone *self)
{
  if (self->agent.left > 0)
    ub_practice_phone_expect (self, 1, packet_go_cb);
  else if (self->agent.image)
    ub_practice_phone_expect (self, 2, image_sum_cb);
  else
    ub_phone_commands_loop (self);
}

static gboolean
write_fails (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  UbFlash      *flash = area (self, agent->target);

  return self->mischief.full || !in_range (flash, agent->address, agent->current) ||
         covers (self,
                 self->mischief.write_fail,
                 self->mischief.write_fail_part,
                 agent->address,
                 agent->current);
}

/* the tail of an odd packet is filled from what the buffer held before */
static void
commit_packet (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  gsize         whole = (agent->current + SECTOR - 1) / SECTOR * SECTOR;

  if (write_fails (self))
    {
      refuse (self, E_WRITE);
      return;
    }
  if (!self->forgetful)
    ub_flash_write (area (self, agent->target), agent->address, agent->buffer, whole);
  agent->total += agent->sum;
  agent->address += agent->current;
  agent->left -= agent->current;
  ub_practice_phone_say_u8 (self, 0x69);
  next_packet (self);
}

static gboolean
mischief_damages (UbPracticePhone *self)
{
  return self->mischief.bad_sum != 0 && --self->mischief.bad_sum == 0;
}

static void
packet_sum_cb (UbPracticePhone *self, const guint8 *data)
{
  gboolean damaged = mischief_damages (self);

  if (!damaged && ((self->agent.level & 1) == 0 || ub_phone_u16 (data) == self->agent.sum))
    {
      commit_packet (self);
      return;
    }
  ub_phone_legacy_refuse (self, E_SUM);
  ub_practice_phone_expect (self, 1, packet_go_cb);
}

static void
packet_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneAgent *agent = &self->agent;

  agent->sum += ub_practice_phone_sum (data, size);
  if (!self->forgetful)
    memcpy (agent->buffer + agent->fill, data, size);
  agent->fill += size;
}

static void
packet_done_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_expect (self, 2, packet_sum_cb);
}

/* 5A: here it comes, or comes again; 96: no more; at anything else the agent spins for ever */
static void
packet_go_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  if (data[0] == 0x96)
    {
      ub_phone_commands_loop (self);
      return;
    }
  if (data[0] != 0x5a)
    {
      ub_practice_phone_hang (self);
      return;
    }
  agent->current = (gsize) MIN (agent->left, agent->packet_size);
  agent->fill = 0;
  agent->sum = 0;
  ub_practice_phone_stream (self, agent->current, packet_sink, packet_done_cb);
}

static void
make_buffer (UbPhoneAgent *agent)
{
  gsize size = (gsize) MIN (agent->left, agent->packet_size) + SECTOR;

  if (size <= agent->buffer_size)
    return;
  agent->buffer = g_realloc (agent->buffer, size);
  memset (agent->buffer + agent->buffer_size, 0xa5, size - agent->buffer_size);
  agent->buffer_size = size;
}

static void
begin_write (UbPracticePhone *self, guint8 level, guint8 part, guint64 address, guint64 size)
{
  UbPhoneAgent *agent = &self->agent;

  ub_practice_phone_ask_guard (self, agent->image ? "write-image" : "write");
  self->writes++;
  agent->level = level;
  agent->target = part;
  agent->address = address;
  agent->left = size;
  agent->total = 0;
}

static gboolean
check_write (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  guint32       error = 0;

  if (agent->target == 3)
    error = E_UNSUPPORTED;
  else if (area (self, agent->target) == NULL)
    error = E_SWITCH;
  else if (agent->address % SECTOR != 0)
    error = E_BEGIN;
  if (error != 0)
    refuse (self, error);
  return error == 0;
}

static void
begin_packets (UbPracticePhone *self)
{
  if (!check_write (self))
    return;
  ack (self);
  make_buffer (&self->agent);
  next_packet (self);
}

/* the 16 bytes of MT6592 come first and mean nothing to us */
static const guint8 *
skip_phone_info (UbPracticePhone *self, const guint8 *data)
{
  return self->chip->phone_info ? data + 16 : data;
}

static gsize
with_phone_info (UbPracticePhone *self, gsize size)
{
  return self->chip->phone_info ? size + 16 : size;
}

static void
write_data_cb (UbPracticePhone *self, const guint8 *data)
{
  data = skip_phone_info (self, data);
  self->agent.image = FALSE;
  begin_write (self, data[0], data[1], ub_phone_u64 (data + 2), ub_phone_u64 (data + 10));
  self->agent.packet_size = ub_phone_u32 (data + 18);
  if (self->agent.packet_size == 0 || self->agent.packet_size > PACKET_LIMIT)
    ub_practice_phone_hang (self);
  else
    begin_packets (self);
}

static void
write_image_cb (UbPracticePhone *self, const guint8 *data)
{
  data = skip_phone_info (self, data);
  self->agent.image = TRUE;
  begin_write (self, data[0], data[1], ub_phone_u64 (data + 2), ub_phone_u64 (data + 10));
  self->agent.packet_size = PACKET;
  ub_practice_phone_say_u32 (self, PACKET);
  begin_packets (self);
}

/* --- D6 --- */

static void read_verdict_cb (UbPracticePhone *self, const guint8 *data);

static void
send_packet (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  guint8       *bytes;
  guint16       sum;

  agent->current = (gsize) MIN (agent->left, agent->packet_size);
  bytes = g_malloc (agent->current);
  ub_flash_read (area (self, agent->target), agent->address, bytes, agent->current);
  sum = ub_practice_phone_sum (bytes, agent->current);
  ub_phone_mischief_spoil (self, bytes, agent->current);
  ub_practice_phone_say_bytes (self,
                               g_bytes_new_take (bytes, agent->current),
                               agent->kind == 0x0c ? LINUX_PIECE : G_MAXSIZE);
  ub_practice_phone_say_u16 (self, sum);
  ub_practice_phone_expect (self, 1, read_verdict_cb);
}

static void
read_verdict_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  if (data[0] == 0x5a)
    {
      agent->address += agent->current;
      agent->left -= agent->current;
    }
  else if (data[0] != 0xa5)
    {
      ub_practice_phone_hang (self);
      return;
    }
  if (agent->left > 0)
    send_packet (self);
  else
    ub_phone_commands_loop (self);
}

static void
read_packet_cb (UbPracticePhone *self, const guint8 *data)
{
  self->agent.packet_size = ub_phone_u32 (data);
  if (self->agent.packet_size == 0 || self->agent.packet_size > PACKET_LIMIT)
    ub_practice_phone_hang (self);
  else
    send_packet (self);
}

static guint32
check_read (UbPracticePhone *self, guint8 storage)
{
  UbPhoneAgent *agent = &self->agent;

  if (storage != 2)
    return storage == 1 ? 3016 : storage == 3 ? 3151 : E_INVALID_STORAGE;
  if (agent->left == 0)
    return E_RANGE;
  if (!in_range (area (self, agent->target), agent->address, agent->left))
    return E_BEGIN;
  return covers (self,
                 self->mischief.read_fail,
                 self->mischief.read_fail_part,
                 agent->address,
                 agent->left)
             ? E_READ
             : 0;
}

static void
read_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;
  guint32       error;

  agent->kind = data[0];
  agent->target = agent->part;
  agent->address = ub_phone_u64 (data + 2);
  agent->left = ub_phone_u64 (data + 10);
  if (table_kills (self))
    return;
  error = check_read (self, data[1]);
  if (error != 0)
    {
      refuse (self, error);
      return;
    }
  ack (self);
  ub_practice_phone_expect (self, 4, read_packet_cb);
}

/* --- D4 --- */

static void
format_step_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  if (agent->steps-- > 0)
    {
      ub_practice_phone_say_u32 (self, agent->steps == 0 ? 0 : ub_phone_legacy_error (self, 3025));
      ub_practice_phone_say_u8 (self, agent->steps == 0 ? 100 : 50);
      ub_practice_phone_expect (self, 1, format_step_cb);
      return;
    }
  ack (self);
  ack (self);
  ub_phone_commands_loop (self);
}

/* to whole groups where the mischief says so, and never past the end */
static void
widen_erase (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;
  guint64       group = self->mischief.erase_group;
  guint64       size = ub_flash_get_size (area (self, agent->target));
  guint64       end = agent->address + agent->left;

  if (group == 0)
    return;
  agent->address -= agent->address % group;
  end = MIN ((end + group - 1) / group * group, size);
  agent->left = end - agent->address;
}

/* builds of 2019 answer once; older ones are given a step on the way */
static void
erase (UbPracticePhone *self)
{
  UbPhoneAgent *agent = &self->agent;

  self->writes++;
  ack (self);
  ack (self);
  widen_erase (self);
  if (!self->forgetful)
    ub_flash_fill (area (self, agent->target), agent->address, agent->left, 0);
  agent->steps = agent->old ? 2 : 1;
  format_step_cb (self, NULL);
}

static void
format_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;
  const guint8 *range = skip_phone_info (self, data + 3) + 1;
  guint32       error = 0;

  ub_practice_phone_ask_guard (self, "format");
  agent->target = agent->part;
  agent->address = ub_phone_u64 (range);
  agent->left = ub_phone_u64 (range + 8);
  if (data[0] != 2)
    {
      refuse (self, E_INVALID_STORAGE);
      return;
    }
  if (agent->address % SECTOR != 0 || agent->left % SECTOR != 0)
    error = E_BEGIN;
  else if (agent->left == 0 || !in_range (area (self, agent->target), agent->address, agent->left))
    error = E_RANGE;
  if (error == 0)
    {
      erase (self);
      return;
    }
  if (error == E_RANGE)
    ack (self);
  ub_phone_legacy_refuse (self, error);
  ack (self);
  ub_phone_commands_loop (self);
}

/* --- BD --- */

static void
verify_go_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;
  guint16       sum = ub_flash_sum (area (self, agent->target), agent->address, agent->left);

  if (sum == agent->total)
    ack (self);
  else
    {
      ub_practice_phone_say_u8 (self, 0xa5);
      ub_practice_phone_say_u16 (self, sum);
    }
  ub_phone_commands_loop (self);
}

static void
verify_cb (UbPracticePhone *self, const guint8 *data)
{
  UbPhoneAgent *agent = &self->agent;

  agent->target = data[1];
  agent->address = ub_phone_u64 (data + 2);
  agent->left = ub_phone_u64 (data + 10);
  agent->total = ub_phone_u16 (data + 18);
  if (data[0] != 2 || area (self, agent->target) == NULL)
    {
      refuse (self, E_INVALID_STORAGE);
      return;
    }
  if (!in_range (area (self, agent->target), agent->address, agent->left))
    {
      refuse (self, E_BEGIN);
      return;
    }
  ub_practice_phone_say_u32 (self, 0);
  ub_practice_phone_say_u8 (self, 100);
  ub_practice_phone_say_u64 (self, agent->left);
  ub_practice_phone_expect (self, 1, verify_go_cb);
}

/* --- A5, A4, A9 --- */

static void
table_taken_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_phone_commands_loop (self);
}

static void
table_go_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say_bytes (self,
                               g_byte_array_free_to_bytes (g_steal_pointer (&self->agent.table)),
                               G_MAXSIZE);
  ub_practice_phone_expect (self, 1, table_taken_cb);
}

static void
read_table (UbPracticePhone *self)
{
  guint8 kind = 0;

  if (table_kills (self))
    return;
  g_clear_pointer (&self->agent.table, g_byte_array_unref);
  self->agent.table = ub_phone_tables_read (self, &kind);
  if (self->agent.table == NULL)
    {
      refuse (self, E_NO_TABLE);
      return;
    }
  ub_practice_phone_say_u8 (self, kind);
  ub_practice_phone_say_u32 (self, self->agent.table->len);
  ub_practice_phone_expect (self, 1, table_go_cb);
}

static void
gpt_entries_cb (UbPracticePhone *self, const guint8 *data)
{
  g_byte_array_append (self->agent.table, data, 88);
  if (--self->agent.count > 0)
    {
      ub_practice_phone_expect (self, 88, gpt_entries_cb);
      return;
    }
  self->writes++;
  ub_phone_tables_write_gpt (self,
                             self->agent.kind,
                             self->agent.table->data,
                             self->agent.table->len / 88);
  ack (self);
  ub_phone_commands_loop (self);
}

static void
write_gpt_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_ask_guard (self, "write-gpt");
  self->agent.kind = data[0];
  self->agent.count = ub_phone_u32 (data + 1);
  g_clear_pointer (&self->agent.table, g_byte_array_unref);
  self->agent.table = g_byte_array_new ();
  if (self->agent.count == 0 || self->agent.count > TABLE_LIMIT)
    ub_practice_phone_hang (self);
  else
    ub_practice_phone_expect (self, 88, gpt_entries_cb);
}

static void
pmt_flag_cb (UbPracticePhone *self, const guint8 *data)
{
  self->writes++;
  ub_phone_tables_write_pmt (self, self->agent.table->data, self->agent.table->len / 96);
  ack (self);
  ack (self);
  ub_phone_commands_loop (self);
}

static void
pmt_entry_cb (UbPracticePhone *self, const guint8 *data)
{
  g_byte_array_append (self->agent.table, data, 96);
  ub_practice_phone_say_u8 (self, 0x69);
  if (--self->agent.count > 0)
    ub_practice_phone_expect (self, 96, pmt_entry_cb);
  else
    ub_practice_phone_expect (self, 4, pmt_flag_cb);
}

static void
write_pmt_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_ask_guard (self, "write-pmt");
  self->agent.count = ub_phone_u32 (data);
  g_clear_pointer (&self->agent.table, g_byte_array_unref);
  self->agent.table = g_byte_array_new ();
  if (self->agent.count == 0 || self->agent.count > TABLE_LIMIT)
    {
      ub_practice_phone_hang (self);
      return;
    }
  ack (self);
  ub_practice_phone_expect (self, 96, pmt_entry_cb);
}

/* --- registers, USB, the end --- */

static gboolean
in_window (guint32 address)
{
  return address >= 0x10000000 && address < 0x20000000;
}

static void
read_register_cb (UbPracticePhone *self, const guint8 *data)
{
  gboolean good = in_window (ub_phone_u32 (data));

  if (self->agent.op == 0xd8)
    ub_practice_phone_say_u16 (self, 0);
  else
    ub_practice_phone_say_u32 (self, 0);
  ub_practice_phone_say_u8 (self, good ? 0x5a : 0xa5);
  ub_phone_commands_loop (self);
}

static void
write_register_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say_u8 (self, in_window (ub_phone_u32 (data)) ? 0x5a : 0xa5);
  ub_phone_commands_loop (self);
}

static void
read_power_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_say_u16 (self, 0);
  ack (self);
  ub_phone_commands_loop (self);
}

static void
write_power_cb (UbPracticePhone *self, const guint8 *data)
{
  ack (self);
  ub_phone_commands_loop (self);
}

/* 70 and 73: the phone comes back at high speed as an agent of its own */
static void
usb_setup_cb (UbPracticePhone *self, const guint8 *data)
{
  ack (self);
  self->agent.high_speed = TRUE;
  ub_practice_phone_leave (self, 30, 600, UB_PHONE_AGENT);
}

static void
finish_cb (UbPracticePhone *self, const guint8 *data)
{
  guint32 status = ub_phone_u32 (data);

  ack (self);
  self->finished = TRUE;
  if (status <= 1)
    ub_practice_phone_leave (self, 30, 0, UB_PHONE_OFF);
  else
    ub_practice_phone_hang (self);
}

static void
watchdog_cb (UbPracticePhone *self, const guint8 *data)
{
  ack (self);
  self->finished = TRUE;
  ub_practice_phone_leave (self, 30, 1000, UB_PHONE_PRELOADER);
}

static void
security_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
}

static void
security_done_cb (UbPracticePhone *self, const guint8 *data)
{
  ack (self);
  ub_phone_commands_loop (self);
}

static void
security_cb (UbPracticePhone *self, const guint8 *data)
{
  ub_practice_phone_stream (self, ub_phone_u32 (data), security_sink, security_done_cb);
}

/* commands that answer at once */
static void
answer (UbPracticePhone *self, guint8 op)
{
  switch (op)
    {
    case 0x63:
      ub_phone_legacy_refuse (self, 3151);
      break;
    case 0x72:
      ack (self);
      ub_practice_phone_say_u8 (self, self->agent.high_speed ? 1 : 0);
      break;
    case 0xa6:
      ub_phone_legacy_refuse (self, 0xc68);
      break;
    case 0xd0:
      ub_practice_phone_say_u32 (self, 0x5a);
      ub_practice_phone_say_u32 (self, 3850);
      break;
    case 0xd3:
      ub_practice_phone_say_u8 (self, 0xa5);
      break;
    case 0xd5:
      ub_phone_legacy_refuse (self, 3015);
      break;
    default: /* unknown: not a word */
      break;
    }
}

typedef struct
{
  guint8      op;
  gboolean    ack; /* 5A before anything else */
  gsize       size;
  UbPhoneStep step;
} Command;

static const Command commands[] = {
  { 0x60, TRUE, 1, switch_cb },          { 0x70, FALSE, 1, usb_setup_cb },
  { 0x73, FALSE, 5, usb_setup_cb },      { 0x7a, FALSE, 4, read_register_cb },
  { 0x7b, FALSE, 8, write_register_cb }, { 0x7c, FALSE, 2, read_power_cb },
  { 0x7d, FALSE, 4, write_power_cb },    { 0xa4, TRUE, 4, write_pmt_cb },
  { 0xa9, TRUE, 5, write_gpt_cb },       { 0xbd, FALSE, 38, verify_cb },
  { 0xd6, FALSE, 18, read_cb },          { 0xd7, FALSE, 6, write_register_cb },
  { 0xd8, FALSE, 4, read_register_cb },  { 0xd9, TRUE, 4, finish_cb },
  { 0xdb, FALSE, 6, watchdog_cb },       { 0xe0, FALSE, 4, security_cb },
};

static const Command *
find_command (guint8 op)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].op == op)
      return &commands[i];
  return NULL;
}

/* those whose length depends on the chip */
static gboolean
dispatch_sized (UbPracticePhone *self, guint8 op)
{
  if (op == 0x61)
    ub_practice_phone_expect (self, with_phone_info (self, 20), write_image_cb);
  else if (op == 0x62)
    ub_practice_phone_expect (self, with_phone_info (self, 22), write_data_cb);
  else if (op == 0xd4)
    ub_practice_phone_expect (self, with_phone_info (self, 20), format_cb);
  else if (op == 0xe8)
    ub_phone_legacy_dram (self);
  else if (op == 0xa5)
    read_table (self);
  else
    return FALSE;
  return TRUE;
}

static void
dispatch_cb (UbPracticePhone *self, const guint8 *data)
{
  guint8         op = data[0];
  const Command *command = find_command (op);

  ub_phone_commands_loop (self);
  if (ub_phone_mischief_at_command (self, op, 'a') || (self->agent.stranger && op != 0xd9))
    return;
  self->agent.op = op;
  if (dispatch_sized (self, op))
    return;
  if (command == NULL)
    {
      answer (self, op);
      return;
    }
  if (command->ack)
    ack (self);
  ub_practice_phone_expect (self, command->size, command->step);
}
