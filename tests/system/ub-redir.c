/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ub-redir: a practice phone at a USB port of a computer that QEMU makes.
 *
 *   ub-redir [--chip MT6580] [--storage emmc|ufs] … SOCKET
 *
 * SOCKET is where QEMU's usb-redir listens. Commands come on stdin, one a line; each is answered by one line on stdout, "ok …" or
 * "error: …". Lines that begin with "!" are news in between.
 *
 *   plug | unplug              android (plug it in switched on: only MTP)
 *   broken stalls|garbage|silent   plug in something that fails to enumerate
 *   window MS                  from now on it goes away for good so long after SET_CONFIGURATION, unless a handshake was done;
 *                              0: its own window, which then, too, only begins when it is configured
 *   speed full|high|super
 *   last                       what came of the last plug: seconds from the plug (-1: never), bytes
 *   and those of lab-commands.h: mischief, state, counts, hash, peek, poke, firmware, firmware-other
 *   quit
 *
 * News: "! SECONDS plug PRODUCT", "! SECONDS configured", "! SECONDS talked" (the first byte came), "! SECONDS handshake",
 * "! SECONDS left WHY"; seconds are those since the plug. */
#include "config.h"

#include "lab/lab-commands.h"
#include "lab/lab-descriptors.h"
#include "system/redir-port.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 5
#define BEGIN_MAX 64 /* bytes before the handshake that are remembered */

/* what a host did with the phone since it was plugged in; µs of the monotonic clock, 0: never */
typedef struct
{
  gint64  plugged, configured, talked, shaken;
  guint8  begin[BEGIN_MAX];
  gsize   n_begin;
  guint64 junk;   /* bytes that belong to no handshake, before it was done */
  guint   n_good; /* right answers to it, in a row */
} Visit;

typedef struct
{
  GMainLoop       *loop;
  RedirPort       *port;
  LabOptions       options;
  UbPracticePhone *phone;

  RedirModel model;   /* of what is plugged in */
  gboolean   on_port; /* something is */
  guint16    product; /* of the phone that is; 0: nothing of it */
  RedirSpeed speed;
  gboolean   left; /* the phone was off the bus since the last look */
  guint      looking;
  guint      window_ms;
  guint      window;
  gint64     ticked_us;
  Visit      visit;
} Redir;

static void
tell (Redir *self, const char *what, const char *more)
{
  printf ("! %.4f %s%s%s\n",
          (double) (g_get_monotonic_time () - self->visit.plugged) / G_USEC_PER_SEC,
          what,
          more != NULL ? " " : "",
          more != NULL ? more : "");
  fflush (stdout);
}

/* --- what the host says --- */

static gboolean
is_shaking (guint8 byte)
{
  return byte == 0xa0 || byte == 0x0a || byte == 0x50 || byte == 0x05;
}

static void
note_begin (Visit *visit, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      if (visit->n_begin < BEGIN_MAX)
        visit->begin[visit->n_begin++] = data[i];
      visit->junk += !is_shaking (data[i]);
    }
}

static void
out_cb (const guint8 *data, gsize size, gpointer user_data)
{
  Redir *self = user_data;

  if (size > 0 && self->visit.talked == 0)
    {
      self->visit.talked = g_get_monotonic_time ();
      tell (self, "talked", NULL);
    }
  if (self->visit.shaken == 0)
    note_begin (&self->visit, data, size);
  if (!self->left && ub_practice_phone_is_present (self->phone))
    ub_practice_phone_input (self->phone, data, size);
}

/* a boot ROM's or preloader's handshake is done when all four answers were fetched */
static void
note_answer (Redir *self, const guint8 *data, gsize size)
{
  static const guint8 answers[] = { 0x5f, 0xf5, 0xaf, 0xfa };
  Visit              *visit = &self->visit;

  for (gsize i = 0; i < size && visit->shaken == 0; i++)
    {
      visit->n_good = data[i] == answers[visit->n_good] ? visit->n_good + 1 : data[i] == answers[0];
      if (visit->n_good < sizeof answers)
        continue;
      visit->shaken = g_get_monotonic_time ();
      tell (self, "handshake", NULL);
    }
}

static GBytes *
in_cb (gpointer user_data)
{
  Redir  *self = user_data;
  GBytes *bytes = self->left ? NULL : ub_practice_phone_output (self->phone);

  if (bytes != NULL)
    note_answer (self, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return bytes;
}

static void
line_coding_cb (gpointer user_data)
{
  ub_practice_phone_line_coding (((Redir *) user_data)->phone);
}

/* --- coming and going --- */

static void
leave (Redir *self, const char *why)
{
  g_clear_handle_id (&self->window, g_source_remove);
  if (!self->on_port)
    return;
  self->on_port = FALSE;
  self->product = 0;
  redir_port_unplug (self->port);
  tell (self, "left", why);
}

static gboolean
window_cb (gpointer user_data)
{
  Redir *self = user_data;

  self->window = 0;
  if (self->visit.shaken == 0)
    {
      leave (self, "window");
      ub_practice_phone_unplug (self->phone);
    }
  return G_SOURCE_REMOVE;
}

static void
configured_cb (gpointer user_data)
{
  Redir *self = user_data;

  if (self->visit.configured != 0)
    return;
  self->visit.configured = g_get_monotonic_time ();
  self->ticked_us = self->visit.configured;
  tell (self, "configured", NULL);
  if (self->window_ms > 0 && self->product == 0x2000)
    self->window = g_timeout_add (self->window_ms, window_cb, self);
}

static void
arrive (Redir *self, const guint8 *descriptors, gsize size, gboolean named, RedirFault fault)
{
  const RedirModel model = { .descriptors = descriptors,
                             .n_descriptors = size,
                             .manufacturer = named ? "MediaTek" : NULL,
                             .product = named ? "MT65xx Preloader" : NULL,
                             .speed = self->speed,
                             .fault = fault,
                             .out = out_cb,
                             .in = in_cb,
                             .line_coding = line_coding_cb,
                             .configured = configured_cb };
  g_autofree char *product =
      g_strdup_printf ("%04x", fault == REDIR_SOUND ? descriptors[11] << 8 | descriptors[10] : 0);

  self->model = model;
  self->on_port = TRUE;
  memset (&self->visit, 0, sizeof self->visit);
  self->visit.plugged = g_get_monotonic_time ();
  redir_port_plug (self->port, &self->model, self);
  tell (self, "plug", product);
}

#define ARRIVE(self_, name_, named_, fault_)                                                       \
  arrive (self_, lab_##name_##_descriptors, sizeof lab_##name_##_descriptors, named_, fault_)

static void
arrive_as (Redir *self, guint16 product)
{
  self->product = product;
  if (product == 0x0003)
    ARRIVE (self, boot_rom, FALSE, REDIR_SOUND);
  else if (product == 0x2001)
    ARRIVE (self, agent, FALSE, REDIR_SOUND);
  else if (product == 0x2000)
    ARRIVE (self, preloader, TRUE, REDIR_SOUND);
  else
    ARRIVE (self, android, TRUE, REDIR_SOUND);
}

/* makes the port what the phone says */
static void
look (Redir *self)
{
  gboolean present = ub_practice_phone_is_present (self->phone);
  guint16  product = ub_practice_phone_get_product (self->phone);

  if (self->product != 0 && (!present || self->left || product != self->product))
    leave (self, "itself");
  self->left = FALSE;
  if (!self->on_port && present)
    arrive_as (self, product);
}

static gboolean
look_cb (gpointer user_data)
{
  Redir *self = user_data;

  self->looking = 0;
  look (self);
  redir_port_kick (self->port);
  return G_SOURCE_REMOVE;
}

static void
notify_cb (UbPracticePhone *phone, gpointer user_data)
{
  Redir *self = user_data;

  if (!ub_practice_phone_is_present (phone))
    self->left = TRUE;
  if (self->looking == 0)
    self->looking = g_idle_add_full (G_PRIORITY_HIGH, look_cb, self, NULL);
}

/* While the computer finds out who it is, a phone's clock stands: that time is nobody's but the kernel's */
static gboolean
tick_cb (gpointer user_data)
{
  Redir *self = user_data;
  gint64 now = g_get_monotonic_time ();
  guint  ms = (guint) ((now - self->ticked_us) / 1000);

  self->ticked_us += ms * G_GINT64_CONSTANT (1000);
  if (self->product == 0 || self->visit.configured != 0)
    ub_practice_phone_advance (self->phone, ms);
  redir_port_kick (self->port);
  return G_SOURCE_CONTINUE;
}

/* --- commands --- */

static char *
command_plug (Redir *self)
{
  leave (self, "unplugged");
  ub_practice_phone_plug (self->phone);
  self->left = FALSE;
  look (self);
  return g_strdup ("");
}

static char *
command_unplug (Redir *self)
{
  leave (self, "unplugged");
  ub_practice_phone_unplug (self->phone);
  look (self);
  return g_strdup ("");
}

static char *
command_android (Redir *self)
{
  g_free (command_unplug (self));
  ARRIVE (self, android, TRUE, REDIR_SOUND);
  return g_strdup ("");
}

static char *
command_broken (Redir *self, const char *kind)
{
  static const char *const kinds[] = { "", "stalls", "garbage", "silent", NULL };

  g_free (command_unplug (self));
  for (guint i = 1; kinds[i] != NULL; i++)
    if (g_str_equal (kinds[i], kind))
      {
        ARRIVE (self, preloader, FALSE, (RedirFault) i);
        return g_strdup ("");
      }
  return NULL;
}

static char *
command_speed (Redir *self, const char *word)
{
  static const char *const words[] = { "full", "high", "super", NULL };

  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], word))
      {
        self->speed = (RedirSpeed) i;
        return g_strdup ("");
      }
  return NULL;
}

static double
since_plug (const Visit *visit, gint64 when)
{
  return when > 0 ? (double) (when - visit->plugged) / G_USEC_PER_SEC : -1;
}

static char *
command_last (Redir *self)
{
  const Visit *visit = &self->visit;
  GString     *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "configured=%.4f talked=%.4f handshake=%.4f junk=%" G_GUINT64_FORMAT
                          " begin=",
                          since_plug (visit, visit->configured),
                          since_plug (visit, visit->talked),
                          since_plug (visit, visit->shaken),
                          visit->junk);
  for (gsize i = 0; i < visit->n_begin; i++)
    g_string_append_printf (text, "%02x", visit->begin[i]);
  return g_string_free (text, FALSE);
}

static char *
command_window (Redir *self, const char *ms)
{
  self->window_ms = (guint) g_ascii_strtoull (ms, NULL, 10);
  return g_strdup ("");
}

static char *
run_line (Redir *self, const char *line, GError **error)
{
  const char *rest = strchr (line, ' ');
  char       *answer = NULL;

  rest = rest != NULL ? rest + 1 : "";
  if (g_str_equal (line, "plug"))
    return command_plug (self);
  if (g_str_equal (line, "unplug"))
    return command_unplug (self);
  if (g_str_equal (line, "android"))
    return command_android (self);
  if (g_str_equal (line, "last"))
    return command_last (self);
  if (g_str_has_prefix (line, "window "))
    return command_window (self, rest);
  if (g_str_has_prefix (line, "broken "))
    answer = command_broken (self, rest);
  else if (g_str_has_prefix (line, "speed "))
    answer = command_speed (self, rest);
  return answer != NULL ? answer
                        : lab_commands_run (self->phone, &self->options.firmware, line, error);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Redir            *self = user_data;
  GDataInputStream *in = G_DATA_INPUT_STREAM (source);
  g_autofree char  *line = g_data_input_stream_read_line_finish (in, result, NULL, NULL);
  g_autofree char  *answer = NULL;
  g_autoptr (GError) error = NULL;

  if (line == NULL || g_str_equal (line, "quit"))
    {
      g_main_loop_quit (self->loop);
      return;
    }
  answer = run_line (self, line, &error);
  if (answer != NULL)
    printf ("ok%s%s\n", *answer != '\0' ? " " : "", answer);
  else
    printf ("error: %s\n", error->message);
  fflush (stdout);
  g_data_input_stream_read_line_async (in, G_PRIORITY_DEFAULT, NULL, line_cb, self);
}

static void
closed_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static void
run (Redir *self)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  guint tick = g_timeout_add (TICK_MS, tick_cb, self);

  self->ticked_us = g_get_monotonic_time ();
  ub_practice_phone_set_notify (self->phone, notify_cb, self);
  redir_port_set_closed (self->port, closed_cb, self->loop);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, line_cb, self);
  printf ("ready\n");
  fflush (stdout);
  g_main_loop_run (self->loop);
  g_source_remove (tick);
  g_clear_handle_id (&self->window, g_source_remove);
  g_clear_handle_id (&self->looking, g_source_remove);
}

int
main (int argc, char **argv)
{
  Redir self = { .speed = REDIR_HIGH };
  g_autoptr (GOptionContext) context = g_option_context_new ("SOCKET");
  g_autoptr (GError) error = NULL;

  lab_options_add (&self.options, context);
  if (g_option_context_parse (context, &argc, &argv, &error) &&
      lab_options_apply (&self.options, &error) && argc == 2)
    self.phone = ub_practice_phone_new (&self.options.phone, &error);
  if (self.phone != NULL)
    self.port = redir_port_new (argv[1], &error);
  if (self.port != NULL)
    {
      self.loop = g_main_loop_new (NULL, FALSE);
      run (&self);
      g_main_loop_unref (self.loop);
    }
  else
    g_printerr ("ub-redir: %s\n", error != NULL ? error->message : "no socket was named");
  g_clear_pointer (&self.port, redir_port_free);
  g_clear_pointer (&self.phone, ub_practice_phone_free);
  lab_options_clear (&self.options);
  return error != NULL || argc != 2 ? 2 : 0;
}
