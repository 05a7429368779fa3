/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-practice-phone.h"

#include <string.h>

#include "base/ub-error.h"
#include "phone/ub-phone-frame.h"

#define AGENT_PRODUCT 0x2001 /* once it came back as told */
#define USER_LEAST (4 * 1024 * 1024)
#define BOOT_UNIT 0x10000u
#define SLICE_MS 10 /* of the phone's clock */
#define PIECE_WHOLE G_MAXSIZE
#define FRAGMENT_LIMIT                                                                             \
  64 /* a fragmented phone sends what is longer in odd pieces rather than in bytes */
#define FRAGMENT_PIECE 509
#define OUT_LIMIT                                                                                  \
  65536 /* answers nobody fetches: a real phone stands still at its first full buffer */

/* one answer on its way to the host */
typedef struct
{
  GBytes *bytes;
  gsize   piece;
  gsize   offset;
  guint64 due_ms;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_bytes_unref (self->bytes);
  g_free (self);
}

/* --- making one --- */

static gboolean
check_chip (const UbPracticePhoneOptions *options, GError **error)
{
  const UbPhoneChip *chip =
      options->chip != NULL ? ub_phone_tables_find_chip (options->chip) : NULL;

  if (chip == NULL)
    {
      g_autofree char *names = g_strjoinv (", ", (char **) ub_phone_tables_list_chips ());

      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNKNOWN_CHIP,
                   "there is no practice phone with chip \"%s\"; there are %s",
                   options->chip != NULL ? options->chip : "",
                   names);
    }
  else if (options->storage != UB_STORAGE_EMMC &&
           (options->storage != UB_STORAGE_UFS || !chip->ufs))
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a practice phone with %s has no %s",
                 chip->name,
                 ub_storage_to_string (options->storage));
  else if (options->table == UB_TABLE_EBR && chip->dialect != UB_PHONE_LEGACY)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a practice phone with %s has a GPT and nothing else",
                 chip->name);
  else if (options->active_slot != 0 && options->active_slot != 'a' && options->active_slot != 'b')
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a practice phone starts from its set a or b, not %c",
                 options->active_slot);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_sizes (const UbPracticePhoneOptions *options, GError **error)
{
  const guint user_unit =
      options->storage == UB_STORAGE_UFS ? UB_PHONE_UFS_BLOCKS * UB_PHONE_BLOCK : UB_PHONE_BLOCK;

  if (options->user_size < USER_LEAST || options->user_size % user_unit != 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a practice phone's user area is a multiple of %u bytes and at least 4 MiB, not "
                 "%" G_GUINT64_FORMAT,
                 user_unit,
                 options->user_size);
  else if (options->boot_size == 0 || options->boot_size % BOOT_UNIT != 0)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "a practice phone's boot area is a multiple of %u bytes, not %" G_GUINT64_FORMAT,
                 BOOT_UNIT,
                 options->boot_size);
  else
    return TRUE;
  return FALSE;
}

/* another serial number (bytes 10 to 13) makes another CID; what names the kind of memory stays */
static void
make_cid (UbPracticePhone *self)
{
  static const guint8 cid[16] = { 0x15, 0x01, 0x00, 'U',  'B',  'P',  'R',  'A',
                                  'C',  0x07, 0x12, 0x34, 0x56, 0x78, 0x87, 0x01 };

  memcpy (self->cid, cid, sizeof cid);
  for (guint i = 0; i < 4; i++)
    self->cid[13 - i] ^= (guint8) (self->options.serial >> 8 * i);
}

UbPracticePhone *
ub_practice_phone_new (const UbPracticePhoneOptions *options, GError **error)
{
  UbPracticePhoneOptions full = *options;
  UbPracticePhone       *self;

  full.boot_size = full.boot_size != 0 ? full.boot_size : 4 * 1024 * 1024;
  full.user_size = full.user_size != 0 ? full.user_size : 64 * 1024 * 1024;
  full.build_year = full.build_year != 0 ? full.build_year : 2019;
  full.window_ms = full.window_ms != 0 ? full.window_ms : 2500;
  full.storage = full.storage != UB_STORAGE_UNKNOWN ? full.storage : UB_STORAGE_EMMC;
  if (!check_chip (&full, error) || !check_sizes (&full, error))
    return NULL;

  self = g_new0 (UbPracticePhone, 1);
  self->options = full;
  self->chip = ub_phone_tables_find_chip (full.chip);
  self->options.chip = self->chip->name;
  make_cid (self);
  self->boot1 = ub_flash_new (full.boot_size);
  self->boot2 = ub_flash_new (full.boot_size);
  self->rpmb = ub_flash_new (4 * 1024 * 1024);
  self->user = ub_flash_new (full.user_size);
  self->parts = ub_phone_parts_make (&self->options, FALSE);
  g_queue_init (&self->out);
  ub_phone_mischief_clear (&self->mischief);
  ub_phone_nuisance_clear (&self->nuisance);
  ub_phone_tables_prefill (self);
  return self;
}

void
ub_practice_phone_forget_output (UbPracticePhone *self)
{
  g_queue_clear_full (&self->out, answer_free);
  g_clear_pointer (&self->nuisance.held, g_bytes_unref);
}

static void
drop_wires (UbPracticePhone *self)
{
  ub_practice_phone_forget_output (self);
  self->want = self->have = 0;
  self->step = NULL;
  self->sink = NULL;
  self->stream_left = 0;
  ub_phone_frame_clear (self);
}

static void
clear_agents (UbPracticePhone *self)
{
  ub_phone_legacy_clear (self);
  ub_phone_xflash_clear (self);
  ub_phone_xml_clear (self);
  ub_phone_storage_forget_table (self);
}

void
ub_practice_phone_free (UbPracticePhone *self)
{
  drop_wires (self);
  ub_phone_brom_clear (self);
  clear_agents (self);
  ub_phone_mischief_clear (&self->mischief);
  ub_phone_nuisance_clear (&self->nuisance);
  g_array_unref (self->parts);
  ub_flash_free (self->boot1);
  ub_flash_free (self->boot2);
  ub_flash_free (self->rpmb);
  ub_flash_free (self->user);
  g_free (self);
}

const char *const *
ub_practice_phone_list_chips (void)
{
  return ub_phone_tables_list_chips ();
}

gboolean
ub_practice_phone_chip_has_ufs (const char *chip)
{
  const UbPhoneChip *found = ub_phone_tables_find_chip (chip);

  return found != NULL && found->ufs;
}

gboolean
ub_practice_phone_chip_has_slots (const char *chip)
{
  const UbPhoneChip *found = ub_phone_tables_find_chip (chip);

  return found != NULL && found->slots;
}

/* --- coming and going --- */

static void
tell (UbPracticePhone *self)
{
  if (self->notify != NULL)
    self->notify (self, self->notify_data);
}

void
ub_practice_phone_set_notify (UbPracticePhone      *self,
                              UbPracticePhoneNotify notify,
                              gpointer              user_data)
{
  self->notify = notify;
  self->notify_data = user_data;
}

/* with a kernel where its table says, the phone starts Android, else it starts over and over */
static gboolean
has_system (UbPracticePhone *self)
{
  char    slot[] = { 'b', 'o', 'o', 't', '_', ub_phone_tables_get_slot (self), '\0' };
  guint64 start;
  guint8  magic[8];

  if (!ub_phone_tables_locate (self, slot, &start) &&
      !ub_phone_tables_locate (self, "boot", &start) &&
      !ub_phone_tables_locate (self, "BOOTIMG", &start))
    return FALSE;
  ub_flash_read (self->user, start, magic, sizeof magic);
  return memcmp (magic, "ANDROID!", 8) == 0;
}

/* back on the bus, as the agent told the host it would be */
static void
resume_agent (UbPracticePhone *self)
{
  if (self->chip->dialect == UB_PHONE_XFLASH)
    ub_phone_xflash_resume (self);
  else if (self->chip->dialect == UB_PHONE_XML)
    ub_phone_xml_resume (self);
  else
    ub_phone_commands_loop (self);
}

static void
enter (UbPracticePhone *self, UbPhoneMode mode)
{
  if (mode == UB_PHONE_PRELOADER && !ub_phone_tables_has_preloader (self))
    mode = UB_PHONE_BOOT_ROM;
  self->mode = mode;
  self->since_ms = self->now_ms;
  self->return_ms = 0;
  self->stays = FALSE;
  if (mode == UB_PHONE_AGENT)
    {
      self->product = AGENT_PRODUCT;
      resume_agent (self);
      return;
    }
  self->product = mode == UB_PHONE_BOOT_ROM ? 0x0003 : mode == UB_PHONE_PRELOADER ? 0x2000 : 0x201d;
  clear_agents (self);
  ub_phone_brom_clear (self);
  if (mode != UB_PHONE_ANDROID)
    ub_phone_brom_start (self);
}

static void
go_away (UbPracticePhone *self)
{
  drop_wires (self);
  self->mode = self->away_ms != 0 ? UB_PHONE_AWAY : UB_PHONE_OFF;
  self->return_ms = self->now_ms + self->away_ms;
  self->leave_ms = 0;
}

void
ub_practice_phone_reset_bus (UbPracticePhone *self, guint away_ms)
{
  ub_practice_phone_forget_output (self);
  self->next = self->mode;
  self->mode = UB_PHONE_AWAY;
  self->stays = TRUE;
  self->return_ms = self->now_ms + away_ms;
  self->brom.line_coding = FALSE;
  self->brom.messages = 0;
}

void
ub_practice_phone_leave (UbPracticePhone *self, guint delay_ms, guint away_ms, UbPhoneMode next)
{
  ub_practice_phone_hang (self);
  self->away_ms = away_ms;
  self->next = next;
  self->leave_ms = self->now_ms + delay_ms;
  if (delay_ms == 0)
    go_away (self);
}

void
ub_practice_phone_boot_on (UbPracticePhone *self, guint delay_ms)
{
  if (has_system (self))
    ub_practice_phone_leave (self, delay_ms, 4000, UB_PHONE_ANDROID);
  else
    ub_practice_phone_leave (self, delay_ms, 3000, UB_PHONE_PRELOADER);
}

void
ub_practice_phone_plug (UbPracticePhone *self)
{
  drop_wires (self);
  self->leave_ms = 0;
  self->mischief.vanish_at = 0;
  self->finished = FALSE;
  ub_phone_nuisance_at_plug (self);
  enter (self, self->options.enter == UB_ENTER_BOOT_ROM ? UB_PHONE_BOOT_ROM : UB_PHONE_PRELOADER);
  tell (self);
}

void
ub_practice_phone_unplug (UbPracticePhone *self)
{
  drop_wires (self);
  self->mode = UB_PHONE_OFF;
  self->leave_ms = 0;
  self->mischief.vanish_at = 0;
  tell (self);
}

void
ub_practice_phone_set_enter (UbPracticePhone *self, UbEnter enter)
{
  self->options.enter = enter;
}

gboolean
ub_practice_phone_is_present (UbPracticePhone *self)
{
  return self->mode != UB_PHONE_OFF && self->mode != UB_PHONE_AWAY;
}

gboolean
ub_practice_phone_is_waiting (UbPracticePhone *self)
{
  return self->leave_ms != 0 || self->mischief.vanish_at != 0 || self->mode == UB_PHONE_AWAY ||
         self->mode == UB_PHONE_BOOT_ROM || self->mode == UB_PHONE_PRELOADER;
}

guint16
ub_practice_phone_get_product (UbPracticePhone *self)
{
  return self->product;
}

gboolean
ub_practice_phone_is_high_speed (UbPracticePhone *self)
{
  return !self->mischief.full_speed || self->product == AGENT_PRODUCT;
}

void
ub_practice_phone_line_coding (UbPracticePhone *self)
{
  if (self->brom.line_coding)
    return;
  self->brom.line_coding = TRUE;
  self->brom.ready_ms = self->now_ms;
  ub_phone_nuisance_at_open (self);
  if (self->mischief.stray_bytes != NULL && ub_practice_phone_is_present (self))
    ub_practice_phone_input (self,
                             (const guint8 *) self->mischief.stray_bytes,
                             strlen (self->mischief.stray_bytes));
  else
    tell (self);
}

static gboolean
is_starting (UbPracticePhone *self)
{
  return self->mode == UB_PHONE_BOOT_ROM || self->mode == UB_PHONE_PRELOADER;
}

/* one slice of the clock */
static gboolean
tick (UbPracticePhone *self)
{
  if (self->mischief.vanish_at != 0 && self->now_ms >= self->mischief.vanish_at)
    {
      self->mischief.vanish_at = 0;
      ub_practice_phone_pull (self);
      return FALSE;
    }
  if (self->leave_ms != 0 && self->now_ms >= self->leave_ms)
    {
      go_away (self);
      return TRUE;
    }
  if (self->mode == UB_PHONE_AWAY && self->now_ms >= self->return_ms)
    {
      if (self->stays)
        self->mode = self->next;
      else
        enter (self, self->next);
      self->stays = FALSE;
      return TRUE;
    }
  if (self->leave_ms == 0 && is_starting (self))
    {
      ub_phone_nuisance_tick (self);
      ub_phone_brom_tick (self);
    }
  return !g_queue_is_empty (&self->out) || !ub_practice_phone_is_present (self);
}

void
ub_practice_phone_advance (UbPracticePhone *self, guint ms)
{
  while (ms > 0)
    {
      guint slice = MIN (ms, SLICE_MS);

      self->now_ms += slice;
      ms -= slice;
      if (tick (self))
        tell (self);
    }
}

/* --- the host's bytes --- */

void
ub_practice_phone_expect (UbPracticePhone *self, gsize size, UbPhoneStep step)
{
  g_return_if_fail (size > 0 && size <= UB_PHONE_ITEM);

  self->want = size;
  self->have = 0;
  self->step = step;
}

void
ub_practice_phone_stream (UbPracticePhone *self, guint64 size, UbPhoneSink sink, UbPhoneStep done)
{
  self->step = done;
  self->want = 0;
  self->have = 0;
  self->sink = sink;
  self->stream_left = size;
  if (size == 0)
    done (self, NULL);
}

void
ub_practice_phone_hang (UbPracticePhone *self)
{
  self->step = NULL;
  self->want = self->have = 0;
  self->stream_left = 0;
  ub_phone_frame_stop (self);
}

/* takes what the present step can use; returns how much that was */
static gsize
feed (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneStep step = self->step;
  gsize       n;

  if (step == NULL)
    return size;
  if (self->stream_left > 0)
    {
      n = (gsize) MIN (self->stream_left, size);
      self->stream_left -= n;
      self->sink (self, data, n);
      if (self->stream_left == 0)
        step (self, NULL);
      return n;
    }
  if (self->want == 0)
    return size;
  n = MIN (self->want - self->have, size);
  memcpy (self->item + self->have, data, n);
  self->have += n;
  if (self->have == self->want)
    {
      guint8 item[UB_PHONE_ITEM];

      memcpy (item, self->item, self->want);
      self->have = 0;
      step (self, item);
    }
  return n;
}

void
ub_practice_phone_pull (UbPracticePhone *self)
{
  if (self->pulled != NULL)
    self->pulled (self, self->pulled_data);
  ub_practice_phone_unplug (self);
}

static gsize
mischief_cut (UbPracticePhone *self, gsize size)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (!mischief->unplug_bytes_set)
    return size;
  size = (gsize) MIN (size, mischief->unplug_after_bytes);
  mischief->unplug_after_bytes -= size;
  return size;
}

/* TRUE if a mischief pulls the cable now */
static gboolean
mischief_pulls (UbPracticePhone *self)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (mischief->unplug_bytes_set && mischief->unplug_after_bytes == 0)
    mischief->unplug_bytes_set = FALSE;
  else if (mischief->unplug_after_messages == 0 || --mischief->unplug_after_messages > 0)
    return FALSE;
  return TRUE;
}

void
ub_practice_phone_overhear (UbPracticePhone *self, const guint8 *data, gsize size)
{
  while (size > 0 && ub_practice_phone_is_present (self))
    {
      gsize n = feed (self, data, size);

      data += n;
      size -= n;
    }
}

void
ub_practice_phone_input (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (!ub_practice_phone_is_present (self) || self->mode == UB_PHONE_ANDROID)
    return;
  size = mischief_cut (self, size);
  self->input_messages++;
  self->input_bytes += size;
  if (is_starting (self))
    ub_phone_nuisance_before_message (self);
  if (self->frame.wire != UB_PHONE_WIRE_NONE)
    ub_phone_frame_input (self, data, size);
  else
    ub_practice_phone_overhear (self, data, size);
  if (is_starting (self))
    ub_phone_nuisance_after_message (self);
  if (mischief_pulls (self))
    ub_practice_phone_pull (self);
  else
    tell (self);
}

/* --- the phone's bytes --- */

void
ub_practice_phone_say_bytes (UbPracticePhone *self, GBytes *bytes, gsize piece)
{
  ub_phone_nuisance_say (self, bytes, piece);
}

void
ub_practice_phone_queue (UbPracticePhone *self, GBytes *bytes, gsize piece)
{
  Answer *answer;

  if (g_queue_get_length (&self->out) >= OUT_LIMIT)
    {
      g_bytes_unref (bytes);
      return;
    }
  answer = g_new0 (Answer, 1);
  answer->bytes = bytes;
  answer->piece = piece;
  answer->due_ms = self->now_ms + self->mischief.slow_ms;
  if (self->options.fragmented)
    answer->piece = g_bytes_get_size (bytes) <= FRAGMENT_LIMIT ? 1 : FRAGMENT_PIECE;
  g_queue_push_tail (&self->out, answer);
}

void
ub_practice_phone_say (UbPracticePhone *self, const guint8 *data, gsize size)
{
  ub_practice_phone_say_bytes (self, g_bytes_new (data, size), PIECE_WHOLE);
}

void
ub_practice_phone_say_text (UbPracticePhone *self, const char *text)
{
  ub_practice_phone_say (self, (const guint8 *) text, strlen (text));
}

void
ub_practice_phone_say_u8 (UbPracticePhone *self, guint8 value)
{
  ub_practice_phone_say (self, &value, 1);
}

void
ub_practice_phone_say_u16 (UbPracticePhone *self, guint16 value)
{
  value = GUINT16_TO_BE (value);
  ub_practice_phone_say (self, (const guint8 *) &value, sizeof value);
}

void
ub_practice_phone_say_u32 (UbPracticePhone *self, guint32 value)
{
  value = GUINT32_TO_BE (value);
  ub_practice_phone_say (self, (const guint8 *) &value, sizeof value);
}

void
ub_practice_phone_say_u64 (UbPracticePhone *self, guint64 value)
{
  value = GUINT64_TO_BE (value);
  ub_practice_phone_say (self, (const guint8 *) &value, sizeof value);
}

/* of a transfer of @size bytes, so many still arrive */
static gsize
output_cut (UbPracticePhone *self, gsize size, gboolean *pulled)
{
  guint64 *left = &self->mischief.unplug_after_output;

  if (*left == 0)
    return size;
  size = (gsize) MIN (size, *left);
  *left -= size;
  *pulled = *left == 0;
  return size;
}

GBytes *
ub_practice_phone_output (UbPracticePhone *self)
{
  Answer  *answer = g_queue_peek_head (&self->out);
  GBytes  *transfer;
  gsize    size, n;
  gboolean pulled = FALSE;

  if (answer == NULL || answer->due_ms > self->now_ms || !ub_practice_phone_is_present (self))
    return NULL;
  size = g_bytes_get_size (answer->bytes);
  n = output_cut (self, MIN (answer->piece, size - answer->offset), &pulled);
  if (answer->offset == 0 && n == size)
    transfer = g_bytes_ref (answer->bytes);
  else
    transfer = g_bytes_new_from_bytes (answer->bytes, answer->offset, n);
  answer->offset += n;
  if (answer->offset == size)
    answer_free (g_queue_pop_head (&self->out));
  self->output_bytes += n;
  if (pulled)
    ub_practice_phone_pull (self);
  return transfer;
}

/* --- mischief and the flash --- */

void
ub_practice_phone_set_pulled (UbPracticePhone      *self,
                              UbPracticePhoneNotify pulled,
                              gpointer              user_data)
{
  self->pulled = pulled;
  self->pulled_data = user_data;
}

void
ub_practice_phone_set_guard (UbPracticePhone *self, UbPracticePhoneGuard guard, gpointer user_data)
{
  self->guard = guard;
  self->guard_data = user_data;
}

void
ub_practice_phone_ask_guard (UbPracticePhone *self, const char *command)
{
  if (self->guard != NULL)
    self->guard (self, command, self->guard_data);
}

guint64
ub_practice_phone_get_input_bytes (UbPracticePhone *self)
{
  return self->input_bytes;
}

guint64
ub_practice_phone_get_input_messages (UbPracticePhone *self)
{
  return self->input_messages;
}

guint64
ub_practice_phone_get_output_bytes (UbPracticePhone *self)
{
  return self->output_bytes;
}

gboolean
ub_practice_phone_mischief (UbPracticePhone *self, const char *line, GError **error)
{
  if (ub_phone_nuisance_parse (&self->nuisance, line))
    return TRUE;
  if (g_str_equal (line, "none"))
    ub_phone_nuisance_clear (&self->nuisance);
  return ub_phone_mischief_parse (&self->mischief, line, error);
}

UbFlash *
ub_practice_phone_get_flash (UbPracticePhone *self, UbRegion region)
{
  switch ((guint) region)
    {
    case UB_REGION_EMMC_BOOT1:
    case UB_REGION_EMMC_BOOT1_BOOT2:
    case UB_REGION_UFS_LU0:
    case UB_REGION_UFS_LU0_LU1:
      return self->boot1;
    case UB_REGION_EMMC_BOOT2:
    case UB_REGION_UFS_LU1:
      return self->boot2;
    case UB_REGION_EMMC_RPMB:
      return self->rpmb;
    case UB_REGION_EMMC_USER:
    case UB_REGION_UFS_LU2:
      return self->user;
    default:
      return NULL;
    }
}

guint64
ub_practice_phone_get_size (UbPracticePhone *self, UbRegion region)
{
  UbFlash *flash = ub_practice_phone_get_flash (self, region);

  return flash != NULL ? ub_flash_get_size (flash) : 0;
}

void
ub_practice_phone_peek (UbPracticePhone *self,
                        UbRegion         region,
                        guint64          offset,
                        guint8          *data,
                        gsize            size)
{
  UbFlash *flash = ub_practice_phone_get_flash (self, region);

  g_return_if_fail (flash != NULL);
  ub_flash_read (flash, offset, data, size);
}

void
ub_practice_phone_poke (UbPracticePhone *self,
                        UbRegion         region,
                        guint64          offset,
                        const guint8    *data,
                        gsize            size)
{
  UbFlash *flash = ub_practice_phone_get_flash (self, region);

  g_return_if_fail (flash != NULL);
  ub_flash_write (flash, offset, data, size);
}

char *
ub_practice_phone_hash (UbPracticePhone *self, UbRegion region, guint64 offset, guint64 size)
{
  UbFlash *flash = ub_practice_phone_get_flash (self, region);

  g_return_val_if_fail (flash != NULL, NULL);
  return ub_flash_hash (flash, offset, size);
}

guint64
ub_practice_phone_get_memory (UbPracticePhone *self)
{
  return ub_flash_get_memory (self->boot1) + ub_flash_get_memory (self->boot2) +
         ub_flash_get_memory (self->rpmb) + ub_flash_get_memory (self->user);
}

guint
ub_practice_phone_get_writes (UbPracticePhone *self)
{
  return self->writes;
}

void
ub_practice_phone_set_forgetful (UbPracticePhone *self, gboolean forgetful)
{
  self->forgetful = forgetful;
}

gboolean
ub_practice_phone_was_finished (UbPracticePhone *self)
{
  return self->finished;
}

typedef guint64 Lanes __attribute__ ((vector_size (32)));

/* sum of all bytes mod 2^16: four lanes of four 16-bit sums each, emptied before they overflow */
guint16
ub_practice_phone_sum (const guint8 *data, gsize size)
{
  const Lanes mask = (Lanes){ 0, 0, 0, 0 } + 0x00ff00ff00ff00ffu;
  guint32     sum = 0;

  while (size >= sizeof (Lanes))
    {
      Lanes   total = { 0, 0, 0, 0 };
      guint   n = (guint) MIN (size / sizeof (Lanes), 128);
      guint16 words[sizeof (Lanes) / 2];

      for (guint i = 0; i < n; i++, data += sizeof (Lanes))
        {
          Lanes lanes;

          memcpy (&lanes, data, sizeof lanes);
          total += (lanes & mask) + ((lanes >> 8) & mask);
        }
      size -= n * sizeof (Lanes);
      memcpy (words, &total, sizeof words);
      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        sum += words[i];
    }
  while (size-- > 0)
    sum += *data++;
  return (guint16) sum;
}
