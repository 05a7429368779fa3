/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <string.h>

#include "base/ub-error.h"

void
ub_phone_mischief_clear (UbPhoneMischief *self)
{
  g_free (self->stray_bytes);
  memset (self, 0, sizeof *self);
  self->unplug_command = self->silent_command = -1;
  self->refuse_agent = self->wrong_chip = -1;
  self->silent_agent = self->needs_battery = -1;
  self->write_fail = self->read_fail = -1;
  self->write_fail_part = self->read_fail_part = UB_PHONE_USER;
}

static gboolean
parse_number (const char *text, guint base, guint64 max, guint64 *value)
{
  if (base == 0)
    base = g_str_has_prefix (text, "0x") ? 16 : 10;
  if (base == 16 && g_str_has_prefix (text, "0x"))
    text += 2;
  return g_ascii_string_to_unsigned (text, base, 0, max, value, NULL);
}

/* "62", or "agent:62", "boot:D4" where the same byte means something on both stages */
static gboolean
parse_command (const char *text, int *command, char *scope)
{
  guint64 value;

  *scope = 0;
  if (g_str_has_prefix (text, "agent:") || g_str_has_prefix (text, "boot:"))
    {
      *scope = text[0];
      text = strchr (text, ':') + 1;
    }
  if (!parse_number (text, 16, 0xff, &value))
    return FALSE;
  *command = (int) value;
  return TRUE;
}

static gboolean
parse_flag (UbPhoneMischief *self, const char *name)
{
  if (g_str_equal (name, "none"))
    ub_phone_mischief_clear (self);
  else if (g_str_equal (name, "silent-after-jump"))
    self->silent_after_jump = TRUE;
  else if (g_str_equal (name, "garbage-at-handshake"))
    self->garbage_at_handshake = TRUE;
  else if (g_str_equal (name, "dram-fail"))
    self->dram_fail = TRUE;
  else if (g_str_equal (name, "full-speed"))
    self->full_speed = TRUE;
  else if (g_str_equal (name, "nameless"))
    self->nameless = TRUE;
  else if (g_str_equal (name, "full"))
    self->full = TRUE;
  else
    return FALSE;
  return TRUE;
}

static gboolean
parse_count (UbPhoneMischief *self, const char *name, const char *argument)
{
  guint64 n;

  if (!parse_number (argument, 0, G_MAXINT64, &n))
    return FALSE;
  if (g_str_equal (name, "unplug-after-bytes"))
    {
      self->unplug_after_bytes = n;
      self->unplug_bytes_set = TRUE;
    }
  else if (g_str_equal (name, "unplug-after-messages"))
    self->unplug_after_messages = n;
  else if (g_str_equal (name, "bad-sum"))
    self->bad_sum = n;
  else if (g_str_equal (name, "unplug-after-output-bytes"))
    self->unplug_after_output = n;
  else if (g_str_equal (name, "erase-group") && n <= G_MAXUINT32)
    self->erase_group = n;
  else if (g_str_equal (name, "flaky-read"))
    self->flaky_read = self->flaky_left = n;
  else if (g_str_equal (name, "silent-agent") && n <= G_MAXUINT16)
    self->silent_agent = (int) n;
  else if (g_str_equal (name, "patience") && n <= G_MAXUINT)
    self->patience_ms = (guint) n;
  else if (g_str_equal (name, "vanish-after-jump") && n <= G_MAXUINT)
    self->vanish_ms = (guint) n;
  else if (g_str_equal (name, "slow") && n <= G_MAXUINT)
    self->slow_ms = (guint) n;
  else
    return FALSE;
  return TRUE;
}

/* an offset in the user area, or "boot1:OFFSET", "boot2:OFFSET" */
static gboolean
parse_place (const char *text, gint64 *offset, guint8 *part)
{
  guint64 value;

  *part = UB_PHONE_USER;
  if (g_str_has_prefix (text, "boot1:") || g_str_has_prefix (text, "boot2:"))
    {
      *part = text[4] == '1' ? 1 : 2;
      text += 6;
    }
  if (!parse_number (text, 0, G_MAXINT64, &value))
    return FALSE;
  *offset = (gint64) value;
  return TRUE;
}

static gboolean
parse_word (UbPhoneMischief *self, const char *name, const char *argument)
{
  guint64 value;

  if (g_str_equal (name, "unplug-at-command"))
    return parse_command (argument, &self->unplug_command, &self->unplug_scope);
  if (g_str_equal (name, "silent-at-command"))
    return parse_command (argument, &self->silent_command, &self->silent_scope);
  if (g_str_equal (name, "write-fail"))
    return parse_place (argument, &self->write_fail, &self->write_fail_part);
  if (g_str_equal (name, "read-fail"))
    return parse_place (argument, &self->read_fail, &self->read_fail_part);
  if (g_str_equal (name, "stray"))
    {
      g_free (self->stray_bytes);
      self->stray_bytes = g_strconcat (argument, "\r\n", NULL);
      return TRUE;
    }
  if (g_str_equal (name, "refuse-agent") && parse_number (argument, 16, 0xffff, &value))
    self->refuse_agent = (int) value;
  else if (g_str_equal (name, "needs-battery") && parse_number (argument, 16, 0xff, &value))
    self->needs_battery = (int) value;
  else if (g_str_equal (name, "wrong-chip") && parse_number (argument, 16, 0xffff, &value))
    self->wrong_chip = (int) value;
  else
    return FALSE;
  return TRUE;
}

gboolean
ub_phone_mischief_parse (UbPhoneMischief *self, const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);

  if (words[0] != NULL && words[1] == NULL && parse_flag (self, words[0]))
    return TRUE;
  if (words[0] != NULL && words[1] != NULL &&
      (parse_word (self, words[0], words[1]) || parse_count (self, words[0], words[1])))
    return TRUE;
  g_set_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED, "there is no mischief \"%s\"", line);
  return FALSE;
}

static gboolean
hits (int command, char wanted, guint8 op, char scope)
{
  return command == op && (wanted == 0 || wanted == scope);
}

gboolean
ub_phone_mischief_at_command (UbPracticePhone *self, guint8 op, char scope)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (hits (mischief->unplug_command, mischief->unplug_scope, op, scope))
    {
      mischief->unplug_command = -1;
      ub_practice_phone_pull (self);
      return TRUE;
    }
  if (!hits (mischief->silent_command, mischief->silent_scope, op, scope))
    return FALSE;
  ub_practice_phone_hang (self);
  return TRUE;
}

/* practice agents say in what year they were built */
static guint
get_year (GBytes *da1)
{
  static const char mark[] = "UNBRICK PRACTICE DA1";
  gsize             size;
  const guint8     *bytes = g_bytes_get_data (da1, &size);
  const guint8     *at = memmem (bytes, size, mark, sizeof mark);

  return at != NULL && (gsize) (bytes + size - at) >= sizeof mark + 4
             ? ub_phone_le16 (at + sizeof mark + 2)
             : 0;
}

/* its owner pulls the cable of a phone that says nothing any more */
static gboolean
fall_silent (UbPracticePhone *self)
{
  if (self->mischief.patience_ms != 0)
    self->mischief.vanish_at = self->now_ms + self->mischief.patience_ms;
  return TRUE;
}

gboolean
ub_phone_mischief_at_jump (UbPracticePhone *self, GBytes *da1)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (mischief->silent_after_jump ||
      (mischief->silent_agent >= 0 && (int) get_year (da1) == mischief->silent_agent))
    return fall_silent (self);
  if (mischief->vanish_ms != 0)
    mischief->vanish_at = self->now_ms + mischief->vanish_ms;
  return FALSE;
}

gboolean
ub_phone_mischief_at_battery (UbPracticePhone *self, guint setting)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (mischief->needs_battery < 0)
    return FALSE;
  if ((int) setting == mischief->needs_battery)
    {
      mischief->vanish_at = 0;
      return FALSE;
    }
  /* what is going to vanish works until then */
  return mischief->vanish_ms == 0 && fall_silent (self);
}

void
ub_phone_mischief_spoil (UbPracticePhone *self, guint8 *bytes, gsize size)
{
  UbPhoneMischief *mischief = &self->mischief;

  if (mischief->flaky_read == 0)
    return;
  while (size >= mischief->flaky_left)
    {
      bytes += mischief->flaky_left;
      size -= mischief->flaky_left;
      bytes[-1] ^= 0x10;
      mischief->flaky_left = mischief->flaky_read;
    }
  mischief->flaky_left -= size;
}
