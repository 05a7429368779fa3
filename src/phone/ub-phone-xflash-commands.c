/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xflash.h"

#include <string.h>

/* what an XFLASH agent does with the storage: shared/protocol/xflash-and-xml.md §3.12 … §3.17, genuine-agents.md §5.1 */

#define DOWNLOAD 0x10001u
#define UPLOAD 0x10002u
#define FORMAT 0x10003u
#define WRITE_DATA 0x10004u
#define READ_DATA 0x10005u
#define FORMAT_PARTITION 0x10006u
#define EMMC 0x01
#define UFS 0x30
#define CHECK_USB 1
#define ODD 0xff /* more for a packet of an odd length */

static void next_write (UbPracticePhone *self);
static void next_read (UbPracticePhone *self);

static gboolean
is_locked_out (UbPracticePhone *self)
{
  return self->options.agent_login && self->xflash->in_da2 && !self->xflash->logged_in;
}

static guint32
get_failure (UbPracticePhone *self)
{
  return self->options.storage == UB_STORAGE_UFS ? UB_PHONE_XFLASH_ERROR_UFS
                                                 : UB_PHONE_XFLASH_ERROR_MMC;
}

static char *
take_name (const guint8 *data, gsize size)
{
  return data != NULL ? g_strndup ((const char *) data, size) : g_strdup ("");
}

/* --- ranges (§3.12) --- */

static UbFlash *
find_section (UbPracticePhone *self, guint32 section)
{
  gboolean ufs = self->options.storage == UB_STORAGE_UFS;

  if (section == 1)
    return self->boot1;
  if (section == 2)
    return self->boot2;
  return section == (ufs ? 3u : 8u) ? self->user : NULL;
}

/* whose range it is; 0, or what is wrong with it */
static guint32
take_range (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint8         range[UB_PHONE_XFLASH_RANGE];
  guint32        storage;
  guint64        end;

  ub_phone_xflash_fetch (range, sizeof range, data, size);
  storage = ub_phone_le32 (range);
  xflash->flash = find_section (self, ub_phone_le32 (range + 4));
  xflash->at = ub_phone_le64 (range + 8);
  xflash->left = ub_phone_le64 (range + 16);
  ub_phone_xflash_log (self, "storage=%x, section=%x", storage, ub_phone_le32 (range + 4));
  if (is_locked_out (self))
    return UB_PHONE_XFLASH_ERROR_FORBIDDEN;
  if (storage == 0)
    return UB_PHONE_XFLASH_ERROR_STORAGE_TYPE;
  if (storage != (self->options.storage == UB_STORAGE_UFS ? UFS : EMMC))
    return UB_PHONE_XFLASH_ERROR_STORAGE;
  if (xflash->flash == NULL)
    return UB_PHONE_XFLASH_ERROR_SECTION;
  end = ub_flash_get_size (xflash->flash);
  return xflash->at > end || xflash->left > end - xflash->at ? UB_PHONE_XFLASH_ERROR_BEYOND : 0;
}

/* --- DOWNLOAD and WRITE_DATA (§3.14) --- */

/* a packet that failed, and the command with it: both are told the same */
static void
fail_packet (UbPracticePhone *self, guint32 status)
{
  g_clear_pointer (&self->xflash->writer, ub_phone_writer_free);
  ub_phone_frame_say_u32 (self, status);
  ub_phone_xflash_end (self, status);
}

static gboolean
is_sum_good (UbPracticePhone *self, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint16        sum = (guint16) (xflash->sum + (size % 2 != 0 ? ODD : 0));

  if (self->mischief.bad_sum != 0 && --self->mischief.bad_sum == 0)
    return FALSE;
  return (xflash->checksum_level & CHECK_USB) == 0 || xflash->checksum == sum;
}

static void
packet_done_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        status;

  if (size == UB_PHONE_FRAME_BAD)
    status = UB_PHONE_XFLASH_ERROR_OVERFLOW;
  else if (!is_sum_good (self, size))
    status = UB_PHONE_XFLASH_ERROR_CHECKSUM;
  else
    status = ub_phone_writer_end_packet (xflash->writer);
  if (status != 0)
    {
      fail_packet (self, status);
      return;
    }
  ub_phone_frame_say_u32 (self, 0);
  next_write (self);
}

static void
packet_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;

  xflash->sum += ub_practice_phone_sum (data, size);
  ub_phone_writer_put (xflash->writer, data, size);
}

static void
checksum_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;

  xflash->checksum = ub_phone_xflash_word (data, size);
  xflash->sum = 0;
  ub_phone_writer_begin_packet (xflash->writer);
  ub_phone_frame_stream (self,
                         (gsize) MIN (ub_phone_writer_get_left (xflash->writer),
                                      UB_PHONE_XFLASH_WRITE_PACKET),
                         packet_sink,
                         packet_done_cb);
}

/* the host's own status: not 0, and it wants no more */
static void
host_status_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint32 status = ub_phone_xflash_word (data, size);

  if (status == 0 && data != NULL)
    {
      ub_phone_frame_expect (self, 4, checksum_cb);
      return;
    }
  g_clear_pointer (&self->xflash->writer, ub_phone_writer_free);
  ub_phone_xflash_end (self, data != NULL ? status : UB_PHONE_XFLASH_ERROR_ABORT);
}

static void
next_write (UbPracticePhone *self)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        status;

  if (ub_phone_writer_get_left (xflash->writer) > 0)
    {
      ub_phone_frame_expect (self, 4, host_status_cb);
      return;
    }
  status = ub_phone_writer_finish (xflash->writer);
  g_clear_pointer (&xflash->writer, ub_phone_writer_free);
  ub_phone_xflash_end (self, status);
}

static void
begin_write (UbPracticePhone *self, UbPhoneWriter *writer, guint32 status)
{
  if (writer == NULL)
    {
      ub_phone_xflash_end (self, status);
      return;
    }
  g_clear_pointer (&self->xflash->writer, ub_phone_writer_free);
  self->xflash->writer = writer;
  ub_phone_frame_say_u32 (self, 0);
  next_write (self);
}

static void
write_range_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        status = take_range (self, data, size);
  UbPhoneWriter *writer = NULL;

  if (status == 0)
    writer = ub_phone_writer_open_range (self, xflash->flash, xflash->at, xflash->left, &status);
  begin_write (self, writer, status);
}

/* an image of no bytes is no image; what a genuine agent makes of one is not known */
static void
write_size_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  UbPhoneWriter *writer = NULL;
  guint32        status = UB_PHONE_XFLASH_ERROR_FORBIDDEN;
  guint8         word[8];

  ub_phone_xflash_fetch (word, sizeof word, data, size);
  if (!is_locked_out (self) && ub_phone_le64 (word) == 0)
    status = UB_PHONE_XFLASH_ERROR_PARAMETERS;
  else if (!is_locked_out (self))
    writer = ub_phone_writer_open_part (self, xflash->name, ub_phone_le64 (word), &status);
  begin_write (self, writer, status);
}

static void
write_name_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_free (self->xflash->name);
  self->xflash->name = take_name (data, size);
  ub_phone_frame_expect (self, 8, write_size_cb);
}

/* --- UPLOAD and READ_DATA (§3.15) --- */

static void
read_ack_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        status = ub_phone_xflash_word (data, size);

  if (status != 0 || data == NULL)
    {
      ub_phone_xflash_end (self, data != NULL ? status : UB_PHONE_XFLASH_ERROR_ABORT);
      return;
    }
  xflash->at += xflash->current;
  xflash->left -= xflash->current;
  next_read (self);
}

static void
next_read (UbPracticePhone *self)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        to_phone, to_host;
  guint8        *bytes;

  ub_phone_xflash_control_get_packets (self, &to_phone, &to_host);
  xflash->current = (gsize) MIN (xflash->left, to_host);
  if (xflash->current == 0)
    {
      ub_phone_xflash_end (self, 0);
      return;
    }
  if (ub_phone_storage_read_fails (self, xflash->flash, xflash->at, xflash->current))
    {
      fail_packet (self, get_failure (self));
      return;
    }
  bytes = g_malloc (xflash->current);
  ub_flash_read (xflash->flash, xflash->at, bytes, xflash->current);
  ub_phone_mischief_spoil (self, bytes, xflash->current);
  ub_phone_frame_say_u32 (self, 0);
  ub_phone_frame_say_bytes (self, g_bytes_new_take (bytes, xflash->current));
  ub_phone_frame_expect (self, 4, read_ack_cb);
}

static void
read_range_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint32 status = take_range (self, data, size);

  if (status != 0)
    {
      ub_phone_xflash_end (self, status);
      return;
    }
  ub_phone_frame_say_u32 (self, 0);
  next_read (self);
}

/* of a part that is not there, not a word is said */
static void
read_name_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash   *xflash = self->xflash;
  g_autofree char *name = take_name (data, size);
  guint8           length[8];

  if (is_locked_out (self))
    {
      ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_FORBIDDEN);
      return;
    }
  if (!ub_phone_storage_find_part (self, name, &xflash->flash, &xflash->at, &xflash->left))
    {
      ub_phone_xflash_loop (self);
      return;
    }
  ub_phone_put_le64 (length, xflash->left);
  ub_phone_frame_say_u32 (self, 0);
  ub_phone_frame_say (self, length, sizeof length);
  next_read (self);
}

/* --- FORMAT and FORMAT_PARTITION (§3.16) --- */

static void
progress_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  gboolean good = data != NULL && ub_phone_xflash_word (data, size) == 0;

  ub_phone_xflash_end (self, good ? UB_PHONE_XFLASH_COMPLETE : UB_PHONE_XFLASH_ERROR_ABORT);
}

/* one step of a hundred percent is all that genuine ones were seen to tell */
static void
erase (UbPracticePhone *self)
{
  UbPhoneXflash *xflash = self->xflash;

  self->writes++;
  ub_phone_storage_erase (self, xflash->flash, xflash->at, xflash->left);
  ub_phone_storage_note (self, "format");
  ub_phone_frame_say_u32 (self, UB_PHONE_XFLASH_CONTINUE);
  ub_phone_frame_say_u32 (self, 100);
  ub_phone_frame_expect (self, 4, progress_cb);
}

/* beyond the end: it says so, and erases what is there all the same */
static void
format_range_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;
  guint32        status = take_range (self, data, size);

  ub_practice_phone_ask_guard (self, "format");
  if ((status == 0 || status == UB_PHONE_XFLASH_ERROR_BEYOND) &&
      ub_phone_storage_is_locked (self, xflash->flash, xflash->at, xflash->left))
    status = UB_PHONE_XFLASH_ERROR_LOCKED;
  if (status != 0 && status != UB_PHONE_XFLASH_ERROR_BEYOND)
    {
      ub_phone_xflash_end (self, status);
      return;
    }
  ub_phone_frame_say_u32 (self, status);
  erase (self);
}

static gboolean
is_secure (UbPracticePhone *self)
{
  return (self->options.target_config & 1) != 0;
}

/* no status before the first progress */
static void
format_name_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXflash   *xflash = self->xflash;
  g_autofree char *name = take_name (data, size);

  ub_practice_phone_ask_guard (self, "format");
  if (is_locked_out (self) || (is_secure (self) && ub_phone_storage_is_forbidden (name)))
    ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_FORBIDDEN);
  else if (!ub_phone_storage_find_part (self, name, &xflash->flash, &xflash->at, &xflash->left))
    ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_NO_PART);
  else
    erase (self);
}

gboolean
ub_phone_xflash_commands_begin (UbPracticePhone *self, guint32 command)
{
  ub_phone_xflash_log (self, "\r\n\r\n***(1.)Enter cmd 0x%x cmd*** \r\n", command);
  if (command == READ_DATA)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_RANGE, read_range_cb);
  else if (command == WRITE_DATA)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_RANGE, write_range_cb);
  else if (command == FORMAT)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_RANGE, format_range_cb);
  else if (command == DOWNLOAD)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_NAME, write_name_cb);
  else if (command == UPLOAD)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_NAME, read_name_cb);
  else if (command == FORMAT_PARTITION)
    ub_phone_frame_expect (self, UB_PHONE_XFLASH_NAME, format_name_cb);
  else
    return FALSE;
  return TRUE;
}
