/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

#include <string.h>

/* mischief around the greeting: other people's bytes, answers out of step, hubs. What a genuine boot ROM or preloader
 * makes of them is in ub-phone-brom.c; here they only come and go */

#define HUB_RESET_MS 200
#define FLOOD_PIECE 64 /* no multiple of READY, so it comes in all its splits */
#define BABBLE_PIECE 64
#define BABBLE_QUEUE 8

static const guint8 start_command[] = { 0xa0, 0xa0, 0x0a, 0x50, 0x05 };
static const char   ready[] = "READY";

void
ub_phone_nuisance_clear (UbPhoneNuisance *self)
{
  g_clear_pointer (&self->stray, g_bytes_unref);
  g_clear_pointer (&self->later, g_bytes_unref);
  g_clear_pointer (&self->held, g_bytes_unref);
  memset (self, 0, sizeof *self);
  self->enter_next = -1;
}

/* --- its lines --- */

static gboolean
parse_flag (UbPhoneNuisance *self, const char *name)
{
  if (g_str_equal (name, "echo-behind"))
    self->echo_behind = TRUE;
  else if (g_str_equal (name, "silent-after-handshake"))
    self->silent_after_handshake = TRUE;
  else if (g_str_equal (name, "babble"))
    self->babble = TRUE;
  else if (g_str_equal (name, "babble-after-handshake"))
    self->babble_after_handshake = TRUE;
  else if (g_str_equal (name, "enter-next bootrom"))
    self->enter_next = UB_ENTER_BOOT_ROM;
  else if (g_str_equal (name, "enter-next preloader"))
    self->enter_next = UB_ENTER_PRELOADER;
  else
    return FALSE;
  return TRUE;
}

static gboolean
parse_half (UbPhoneNuisance *self, const char *name, guint64 n)
{
  if (!g_str_has_prefix (name, "half-handshake") || n == 0 || n > 4)
    return FALSE;
  self->half_handshake = (guint) n;
  self->half_unread = g_str_has_suffix (name, "-unread");
  return TRUE;
}

static gboolean
parse_count (UbPhoneNuisance *self, const char *name, guint64 n)
{
  if (g_str_equal (name, "half-handshake") || g_str_equal (name, "half-handshake-unread"))
    return parse_half (self, name, n);
  if (g_str_equal (name, "lose-byte"))
    self->lose_byte = n;
  else if (g_str_equal (name, "double-byte"))
    self->double_byte = n;
  else if (g_str_equal (name, "ready-flood"))
    self->ready_flood = n;
  else if (g_str_equal (name, "ready-between"))
    self->ready_between = n;
  else if (g_str_equal (name, "hub-reset"))
    self->hub_reset = n;
  else if (g_str_equal (name, "hub-reset-every"))
    self->hub_reset = self->hub_reset_every = n;
  else
    return FALSE;
  return TRUE;
}

static gboolean
parse_hex (UbPhoneNuisance *self, const char *text)
{
  gsize              size = strlen (text) / 2;
  g_autofree guint8 *data = g_malloc (size + 1);

  if (size == 0 || strlen (text) % 2 != 0)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      if (!g_ascii_isxdigit (text[2 * i]) || !g_ascii_isxdigit (text[2 * i + 1]))
        return FALSE;
      data[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 |
                          g_ascii_xdigit_value (text[2 * i + 1]));
    }
  g_clear_pointer (&self->stray, g_bytes_unref);
  self->stray = g_bytes_new_take (g_steal_pointer (&data), size);
  return TRUE;
}

static gboolean
parse_later (UbPhoneNuisance *self, const char *argument)
{
  g_auto (GStrv) words = g_strsplit (argument, " ", 2);
  guint64 n;

  if (words[0] == NULL || words[1] == NULL ||
      !g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXINT64, &n, NULL))
    return FALSE;
  g_clear_pointer (&self->later, g_bytes_unref);
  self->later_at = n;
  self->later = g_bytes_new_take (g_strconcat (words[1], "\r", NULL), strlen (words[1]) + 1);
  return TRUE;
}

gboolean
ub_phone_nuisance_parse (UbPhoneNuisance *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);
  guint64 n;

  if (parse_flag (self, line))
    return TRUE;
  if (words[0] == NULL || words[1] == NULL)
    return FALSE;
  if (g_str_equal (words[0], "stray-hex"))
    return parse_hex (self, words[1]);
  if (g_str_equal (words[0], "stray-later"))
    return parse_later (self, words[1]);
  return g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXINT64, &n, NULL) &&
         parse_count (self, words[0], n);
}

/* --- bytes of others --- */

/* a program that knows preloaders sends one A0 more */
static void
begin_for_others (UbPracticePhone *self)
{
  const UbPhoneNuisance *nuisance = &self->nuisance;
  const gsize            skip = self->mode == UB_PHONE_PRELOADER ? 0 : 1;

  ub_practice_phone_overhear (self, start_command + skip, nuisance->half_handshake + 1 - skip);
  if (!nuisance->half_unread)
    ub_practice_phone_forget_output (self);
}

static void
flood (UbPracticePhone *self)
{
  for (guint64 at = 0; at < self->nuisance.ready_flood; at += FLOOD_PIECE)
    {
      const guint64 n = MIN (FLOOD_PIECE, self->nuisance.ready_flood - at);
      guint8        piece[FLOOD_PIECE];

      for (guint64 i = 0; i < n; i++)
        piece[i] = (guint8) ready[(at + i) % strlen (ready)];
      ub_practice_phone_queue (self, g_bytes_new (piece, (gsize) n), G_MAXSIZE);
    }
}

static void
overhear (UbPracticePhone *self, GBytes *bytes)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  ub_practice_phone_overhear (self, data, size);
}

void
ub_phone_nuisance_at_open (UbPracticePhone *self)
{
  UbPhoneNuisance *nuisance = &self->nuisance;

  if (self->mode != UB_PHONE_BOOT_ROM && self->mode != UB_PHONE_PRELOADER)
    return;
  if (self->mode == UB_PHONE_PRELOADER)
    flood (self);
  if (nuisance->stray != NULL)
    overhear (self, nuisance->stray);
  if (nuisance->half_handshake > 0)
    begin_for_others (self);
}

void
ub_phone_nuisance_before_message (UbPracticePhone *self)
{
  if (++self->brom.messages == self->nuisance.later_at)
    overhear (self, self->nuisance.later);
}

void
ub_phone_nuisance_after_message (UbPracticePhone *self)
{
  UbPhoneNuisance *nuisance = &self->nuisance;

  if (nuisance->hub_reset == 0 || --nuisance->hub_reset > 0)
    return;
  nuisance->hub_reset = nuisance->hub_reset_every;
  ub_practice_phone_reset_bus (self, HUB_RESET_MS);
}

void
ub_phone_nuisance_at_plug (UbPracticePhone *self)
{
  if (self->nuisance.enter_next < 0)
    return;
  self->options.enter = (UbEnter) self->nuisance.enter_next;
  self->nuisance.enter_next = -1;
}

void
ub_phone_nuisance_tick (UbPracticePhone *self)
{
  UbPhoneNuisance *nuisance = &self->nuisance;
  guint8           nonsense[BABBLE_PIECE];

  if (!nuisance->babble && (!nuisance->babble_after_handshake || !self->brom.shaken))
    return;
  if (g_queue_get_length (&self->out) >= BABBLE_QUEUE)
    return;
  for (gsize i = 0; i < sizeof nonsense; i++)
    {
      nuisance->babble_state = nuisance->babble_state * 1664525u + 1013904223u;
      nonsense[i] = (guint8) (nuisance->babble_state >> 24);
    }
  ub_practice_phone_queue (self, g_bytes_new (nonsense, sizeof nonsense), G_MAXSIZE);
}

/* --- answers out of step --- */

/* the byte at which @counter runs out, or @size */
static gsize
count_down (guint64 *counter, gsize size)
{
  gsize at = size;

  if (*counter == 0)
    return size;
  if (*counter <= size)
    at = (gsize) *counter - 1;
  *counter -= MIN (*counter, size);
  return at;
}

/* @bytes without the one at @lost, and with the one at @doubled twice */
static GBytes *
spoil (GBytes *bytes, gsize lost, gsize doubled)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GByteArray   *spoiled = g_byte_array_new ();

  for (gsize i = 0; i < size; i++)
    {
      if (i != lost)
        g_byte_array_append (spoiled, data + i, 1);
      if (i == doubled)
        g_byte_array_append (spoiled, data + i, 1);
    }
  g_bytes_unref (bytes);
  return g_byte_array_free_to_bytes (spoiled);
}

/* one letter, two, three …, going on where the last piece stopped */
static void
say_ready (UbPracticePhone *self)
{
  UbPhoneNuisance *nuisance = &self->nuisance;
  guint8           piece[sizeof ready];
  gsize            n = 1 + nuisance->ready_between % strlen (ready);

  nuisance->ready_between--;
  for (gsize i = 0; i < n; i++)
    piece[i] = (guint8) ready[nuisance->ready_at++ % strlen (ready)];
  ub_practice_phone_queue (self, g_bytes_new (piece, n), G_MAXSIZE);
}

void
ub_phone_nuisance_say (UbPracticePhone *self, GBytes *bytes, gsize piece)
{
  UbPhoneNuisance *nuisance = &self->nuisance;
  const gsize      size = g_bytes_get_size (bytes);
  const gsize      lost = count_down (&nuisance->lose_byte, size);
  const gsize      doubled = count_down (&nuisance->double_byte, size);

  if (nuisance->ready_between > 0 && self->mode == UB_PHONE_PRELOADER)
    say_ready (self);
  if (lost < size || doubled < size)
    bytes = spoil (bytes, lost, doubled);
  if (nuisance->echo_behind)
    {
      GBytes *behind = g_steal_pointer (&nuisance->held);

      nuisance->held = bytes;
      bytes = behind;
    }
  if (bytes != NULL && (size == 0 || g_bytes_get_size (bytes) > 0))
    ub_practice_phone_queue (self, bytes, piece);
  else
    g_clear_pointer (&bytes, g_bytes_unref);
}
