/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xflash.h"

#include <string.h>

/* XFLASH agents from their first byte to their last: shared/protocol/xflash-and-xml.md §3.2 … §3.6, §3.10, §3.11, §3.19, §3.20,
 * genuine-agents.md §5.1 */

#define SYNC 0x434e5953u
#define SETUP_ENVIRONMENT 0x10100u
#define SETUP_HW 0x10101u
#define ENVIRONMENT 0x14
#define HW_ITEM 0x1000
#define SHUTDOWN 0x10007u
#define BOOT_TO 0x10008u
#define INIT_EXT_RAM 0x1000au
#define SWITCH_USB 0x1000bu
#define SHUTDOWN_SIZE 0x18
#define EMI_LIMIT 0x10000
#define EMI_COUNT_AT 0x6c
#define EMI_FIRST_AT 0x70
#define DA2_LIMIT (4 * 1024 * 1024)
#define LOG_USB 2
#define MARK "UNBRICK PRACTICE DA1"
#define EFUSE_ARGUMENT 0x42d4

static void expect_sync (UbPracticePhone *self);

void
ub_phone_xflash_fetch (guint8 *parameter, gsize capacity, const guint8 *data, gsize size)
{
  memset (parameter, 0, capacity);
  if (data != NULL)
    memcpy (parameter, data, MIN (size, capacity));
}

guint32
ub_phone_xflash_word (const guint8 *data, gsize size)
{
  guint8 word[4];

  ub_phone_xflash_fetch (word, sizeof word, data, size);
  return ub_phone_le32 (word);
}

void
ub_phone_xflash_log (UbPracticePhone *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list          arguments;

  if ((self->xflash->log_channel & LOG_USB) == 0)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ub_phone_frame_say_log (self, text);
}

void
ub_phone_xflash_clear (UbPracticePhone *self)
{
  UbPhoneXflash *xflash = self->xflash;

  if (xflash == NULL)
    return;
  g_bytes_unref (xflash->da1);
  g_clear_pointer (&xflash->body, g_byte_array_unref);
  g_clear_pointer (&xflash->writer, ub_phone_writer_free);
  g_free (xflash->name);
  g_clear_pointer (&self->xflash, g_free);
  ub_phone_storage_forget_table (self);
}

static void
open_wire (UbPracticePhone *self)
{
  ub_phone_frame_open (self,
                       self->xflash->in_da2 ? UB_PHONE_WIRE_BYTES : UB_PHONE_WIRE_PLAIN,
                       self->xflash->high_speed ? 512 : 64);
}

/* a practice DA1 says for what chip it was made; one for another runs into nothing */
static gboolean
is_stranger (UbPracticePhone *self)
{
  gsize         size;
  const guint8 *da1 = g_bytes_get_data (self->xflash->da1, &size);
  const guint8 *mark = memmem (da1, size, MARK, sizeof MARK);

  return mark != NULL && (gsize) (da1 + size - mark) >= sizeof MARK + 2 &&
         ub_phone_le16 (mark + sizeof MARK) != self->chip->agent_code;
}

void
ub_phone_xflash_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom)
{
  ub_phone_xflash_clear (self);
  self->xflash = g_new0 (UbPhoneXflash, 1);
  self->xflash->da1 = da1;
  self->xflash->from_brom = from_brom;
  self->xflash->dram = !from_brom;
  self->xflash->high_speed = !self->mischief.full_speed;
  if (is_stranger (self))
    {
      ub_practice_phone_hang (self);
      return;
    }
  ub_practice_phone_say_u8 (self, 0xc0);
  open_wire (self);
  expect_sync (self);
}

void
ub_phone_xflash_resume (UbPracticePhone *self)
{
  self->xflash->high_speed = TRUE;
  open_wire (self);
  ub_phone_xflash_loop (self);
}

/* --- start-up: no status but those two (§3.2) --- */

static void
set_up (UbPracticePhone *self)
{
  ub_phone_frame_say_u32 (self, 0);
  ub_phone_xflash_log (self, "\r\n***9.platform_init***");
  ub_phone_xflash_log (self, "  mmc init ok.");
  ub_phone_xflash_log (self, "\r\n***11.notify host DA is ready to execute commands.");
  ub_phone_frame_say_u32 (self, SYNC);
  ub_phone_xflash_loop (self);
}

static void
item_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (--self->xflash->items > 0)
    ub_phone_frame_expect (self, HW_ITEM, item_cb);
  else
    set_up (self);
}

static void
count_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  self->xflash->items = ub_phone_xflash_word (data, size) & 0xff;
  if (self->xflash->items > 0)
    ub_phone_frame_expect (self, HW_ITEM, item_cb);
  else
    set_up (self);
}

static void
hw_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (ub_phone_xflash_word (data, size) == SETUP_HW)
    ub_phone_frame_expect (self, 4, count_cb);
  else
    ub_practice_phone_hang (self);
}

static void
environment_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint8 environment[ENVIRONMENT];

  ub_phone_xflash_fetch (environment, sizeof environment, data, size);
  self->xflash->log_channel = ub_phone_le32 (environment + 4);
  self->xflash->system_os = ub_phone_le32 (environment + 8);
  ub_phone_frame_say_u32 (self, 0);
  ub_phone_frame_expect (self, 4, hw_cb);
}

static void
environment_command_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (ub_phone_xflash_word (data, size) == SETUP_ENVIRONMENT)
    ub_phone_frame_expect (self, ENVIRONMENT, environment_cb);
  else
    ub_practice_phone_hang (self);
}

static void
sync_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (ub_phone_xflash_word (data, size) == SYNC)
    ub_phone_frame_expect (self, 4, environment_command_cb);
  else
    ub_practice_phone_hang (self);
}

static void
expect_sync (UbPracticePhone *self)
{
  ub_phone_frame_expect (self, 4, sync_cb);
}

/* --- INIT_EXT_RAM (§3.10) --- */

/* does the record name this phone's memory? */
static gboolean
record_fits (UbPracticePhone *self, const guint8 *record)
{
  gsize   head = self->chip->emi_head;
  guint32 length = ub_phone_le32 (record + (head == 4 ? 0x14 : 8));

  return length > 0 && length <= sizeof self->cid && memcmp (record + head, self->cid, length) == 0;
}

static gboolean
is_version_known (UbPracticePhone *self, const GByteArray *block)
{
  static const char name[] = "MTK_BLOADER_INFO_v";
  const guint8     *digits;
  guint             version;

  if (block->len < EMI_FIRST_AT || memcmp (block->data, name, sizeof name - 1) != 0)
    return FALSE;
  digits = block->data + 0x12;
  if (!g_ascii_isdigit (digits[0]) || !g_ascii_isdigit (digits[1]))
    return FALSE;
  version = 10 * (guint) (digits[0] - '0') + (guint) (digits[1] - '0');
  return version == 0 || version == self->chip->emi_version;
}

static guint32
train (UbPracticePhone *self, const GByteArray *block)
{
  guint32 count, size = self->chip->emi_size;

  if (!is_version_known (self, block))
    return UB_PHONE_XFLASH_ERROR_EMI_VERSION;
  if (self->mischief.dram_fail)
    return UB_PHONE_XFLASH_ERROR_DRAM;
  count = ub_phone_le32 (block->data + EMI_COUNT_AT);
  for (guint32 i = 0; i < count && size <= (block->len - EMI_FIRST_AT) / (i + 1); i++)
    if (record_fits (self, block->data + EMI_FIRST_AT + i * size))
      return 0;
  return UB_PHONE_XFLASH_ERROR_DRAM;
}

static void
emi_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_byte_array_append (self->xflash->body, data, (guint) size);
}

static void
emi_done_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint32 status = train (self, self->xflash->body);

  g_clear_pointer (&self->xflash->body, g_byte_array_unref);
  self->xflash->dram |= status == 0;
  ub_phone_xflash_end (self, status);
}

static void
emi_length_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_clear_pointer (&self->xflash->body, g_byte_array_unref);
  self->xflash->body = g_byte_array_new ();
  ub_phone_frame_stream (self,
                         MIN (ub_phone_xflash_word (data, size), EMI_LIMIT),
                         emi_sink,
                         emi_done_cb);
}

/* --- BOOT_TO (§3.11) --- */

/* DA1 holds the SHA-256 of what it will start */
static gboolean
is_known_body (UbPracticePhone *self)
{
  UbPhoneXflash *xflash = self->xflash;
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  gsize         size, length = 32;
  const guint8 *da1 = g_bytes_get_data (xflash->da1, &size);
  guint8        digest[32];

  g_checksum_update (sha256, xflash->body->data, xflash->body->len);
  g_checksum_get_digest (sha256, digest, &length);
  return xflash->address == self->chip->da2_address && xflash->body->len == xflash->length &&
         memmem (da1, size, digest, length) != NULL;
}

static void
body_done_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  gboolean       good = !xflash->in_da2 && is_known_body (self);

  g_clear_pointer (&xflash->body, g_byte_array_unref);
  if (!good)
    {
      ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_HASH);
      return;
    }
  ub_phone_frame_say_u32 (self, 0);
  xflash->in_da2 = TRUE;
  open_wire (self);
  ub_phone_xflash_log (self, "\r\n***DA2 init***");
  ub_phone_frame_say_u32 (self, SYNC);
  ub_phone_xflash_loop (self);
}

/* where nothing remembers, the agent comes to a standstill */
static void
place_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint8         place[16];

  ub_phone_xflash_fetch (place, sizeof place, data, size);
  xflash->address = ub_phone_le64 (place);
  xflash->length = ub_phone_le64 (place + 8);
  if (!xflash->dram)
    {
      ub_practice_phone_hang (self);
      return;
    }
  g_clear_pointer (&xflash->body, g_byte_array_unref);
  xflash->body = g_byte_array_new ();
  ub_phone_frame_stream (self, (gsize) MIN (xflash->length, DA2_LIMIT), emi_sink, body_done_cb);
}

/* --- the end, and USB --- */

/* a message too long leaves the flags as they were: 0, and nothing happens any more */
static void
shutdown_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint8  flags[SHUTDOWN_SIZE];
  guint32 wait;

  ub_phone_xflash_fetch (flags, sizeof flags, data, size);
  ub_phone_frame_say_u32 (self, 0);
  if (data == NULL)
    {
      ub_practice_phone_hang (self);
      return;
    }
  self->finished = TRUE;
  wait = 30 + MIN (ub_phone_le32 (flags + 4), 60000);
  if (ub_phone_le32 (flags) == 0)
    ub_practice_phone_leave (self, 30, 0, UB_PHONE_OFF);
  else if (ub_phone_le32 (flags + 16) != 0)
    ub_practice_phone_leave (self, wait, 1000, UB_PHONE_PRELOADER);
  else
    ub_practice_phone_boot_on (self, wait);
}

/* 0 selects 0x0E8D2001; it comes back as that whatever it was told */
static void
switch_usb_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  ub_phone_frame_say_u32 (self, 0);
  ub_practice_phone_leave (self, 100, 600, UB_PHONE_AGENT);
}

/* OTP, eFuses, tests of the SRAM: there are such commands, and a practice phone has nothing for them */
static void
unsupported_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_UNSUPPORTED);
}

/* --- the loop (§3.5) --- */

static gboolean
is_registered (UbPracticePhone *self, guint32 command)
{
  if (self->xflash->in_da2)
    return command >= 0x10001 && command <= 0x1000f && command != INIT_EXT_RAM;
  return command == 0x10005 || (command >= SHUTDOWN && command <= SWITCH_USB) || command == 0x10011;
}

static void
begin_command (UbPracticePhone *self, guint32 command)
{
  if (command == UB_PHONE_XFLASH_CTRL_CODE)
    ub_phone_xflash_control_begin (self);
  else if (command == INIT_EXT_RAM)
    ub_phone_frame_expect (self, 4, emi_length_cb);
  else if (command == BOOT_TO)
    ub_phone_frame_expect (self, 16, place_cb);
  else if (command == SHUTDOWN)
    ub_phone_frame_expect (self, SHUTDOWN_SIZE, shutdown_cb);
  else if (command == SWITCH_USB)
    ub_phone_frame_expect (self, 4, switch_usb_cb);
  else if (!ub_phone_xflash_commands_begin (self, command))
    ub_phone_frame_expect (self, EFUSE_ARGUMENT, unsupported_cb);
}

/* what is no message is not answered */
static void
command_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint32 command = ub_phone_xflash_word (data, size);

  ub_phone_xflash_loop (self);
  if (data == NULL || ub_phone_mischief_at_command (self, (guint8) command, 'a'))
    return;
  if (!is_registered (self, command))
    {
      ub_phone_frame_say_u32 (self, UB_PHONE_XFLASH_ERROR_COMMAND);
      return;
    }
  self->xflash->command = command;
  ub_phone_frame_say_u32 (self, 0);
  begin_command (self, command);
}

void
ub_phone_xflash_loop (UbPracticePhone *self)
{
  ub_phone_frame_expect (self, 4, command_cb);
}

void
ub_phone_xflash_end (UbPracticePhone *self, guint32 status)
{
  ub_phone_frame_say_u32 (self, status);
  ub_phone_xflash_loop (self);
}
