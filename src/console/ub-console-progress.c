/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-progress.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* a person sees no more than this many pictures a second */
#define REDRAW_US (G_USEC_PER_SEC / 15)
#define BAR_WIDTH 24

struct _UbConsoleProgress
{
  gboolean               terminal;
  gboolean               colour;
  guint                  columns;
  UbConsoleProgressPrint print;
  gpointer               user_data;
  UbSession             *session; /* (owned) (nullable) */
  gulong                 handler;
  gboolean               drawn; /* there is a line that waits to be drawn over */
  gint64                 drawn_us;
  int                    state; /* what was last told in lines */
  int                    request;
  gboolean               paused;
  gboolean               told_drop; /* that the cable slipped, once for each time */
  guint                  tenths;
  char                  *step;
};

UbConsoleProgress *
ub_console_progress_new (gboolean               terminal,
                         guint                  columns,
                         UbConsoleProgressPrint print,
                         gpointer               user_data)
{
  UbConsoleProgress *self = g_new0 (UbConsoleProgress, 1);

  self->terminal = terminal;
  self->colour = terminal && !g_getenv ("NO_COLOR");
  self->columns = MAX (columns, 20);
  self->print = print;
  self->user_data = user_data;
  self->state = UB_SESSION_IDLE;
  self->request = UB_REQUEST_NONE;

  return self;
}

static void
print_standard (const char *text, gpointer user_data)
{
  if (GPOINTER_TO_INT (user_data) == STDERR_FILENO)
    g_printerr ("%s", text);
  else
    g_print ("%s", text);
}

UbConsoleProgress *
ub_console_progress_new_standard (gboolean quiet)
{
  int            fd = quiet ? STDERR_FILENO : STDOUT_FILENO;
  struct winsize size = { 0 };
  const char    *term = g_getenv ("TERM");
  gboolean       terminal = isatty (fd) && g_strcmp0 (term, "dumb") != 0;

  if (!terminal || ioctl (fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    size.ws_col = 80;

  return ub_console_progress_new (terminal, size.ws_col, print_standard, GINT_TO_POINTER (fd));
}

void
ub_console_progress_free (UbConsoleProgress *self)
{
  ub_console_progress_clear (self);
  if (self->session)
    g_signal_handler_disconnect (self->session, self->handler);
  g_clear_object (&self->session);
  g_free (self->step);
  g_free (self);
}

char *
ub_console_progress_dup_bar (double fraction, guint width)
{
  GString *bar = g_string_sized_new (width);
  guint    inner = width > 2 ? width - 2 : 1;
  guint    full = (guint) (CLAMP (fraction, 0.0, 1.0) * inner);

  g_string_append_c (bar, '[');
  for (guint i = 0; i < inner; i++)
    g_string_append_c (bar, i < full ? '#' : '-');
  g_string_append_c (bar, ']');

  return g_string_free (bar, FALSE);
}

char *
ub_console_progress_dup_time (gint64 us)
{
  gint64 seconds;

  if (us < 0)
    return g_strdup ("");
  seconds = (us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d",
                            (int) (seconds / 3600),
                            (int) (seconds / 60 % 60),
                            (int) (seconds % 60));

  return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
}

static const char *
colour_of (UbBar bar)
{
  switch (bar)
    {
    case UB_BAR_RED:
      return "\033[31m";
    case UB_BAR_PURPLE:
      return "\033[35m";
    case UB_BAR_YELLOW:
      return "\033[33m";
    case UB_BAR_BLUE:
      return "\033[34m";
    case UB_BAR_NONE:
    case UB_BAR_WAIT:
    default:
      return "";
    }
}

void
ub_console_progress_clear (UbConsoleProgress *self)
{
  if (self->drawn)
    self->print ("\r\033[K", self->user_data);
  self->drawn = FALSE;
}

/* @text is cut to the width of the terminal: a line that wraps cannot be drawn over */
static void
draw (UbConsoleProgress *self, UbBar bar, double fraction, const char *text)
{
  g_autofree char *picture =
      fraction < 0 ? NULL : ub_console_progress_dup_bar (fraction, BAR_WIDTH);
  g_autofree char *percent =
      fraction < 0 ? g_strdup ("")
                   : g_strdup_printf (" %3d %%  ", (int) (CLAMP (fraction, 0.0, 1.0) * 100));
  glong            used = (picture ? BAR_WIDTH : 0) + (glong) strlen (percent);
  glong            room = (glong) self->columns - 1 - used;
  g_autofree char *cut =
      g_utf8_strlen (text, -1) > room ? g_utf8_substring (text, 0, MAX (room, 0)) : g_strdup (text);
  g_autofree char *line = NULL;

  line = g_strdup_printf ("\r\033[K%s%s%s%s%s",
                          self->colour && picture ? colour_of (bar) : "",
                          picture ? picture : "",
                          self->colour && picture ? "\033[0m" : "",
                          percent,
                          cut);
  self->print (line, self->user_data);
  self->drawn = TRUE;
}

void
ub_console_progress_pause (UbConsoleProgress *self, gboolean paused)
{
  if (paused)
    ub_console_progress_clear (self);
  self->paused = paused;
}

/* states with partitions and percentages */
static gboolean
is_work (UbSessionState state)
{
  return state == UB_SESSION_SAVING || state == UB_SESSION_WORKING || state == UB_SESSION_VERIFYING;
}

static void
draw_session (UbConsoleProgress *self)
{
  UbBar            bar = ub_session_get_bar (self->session);
  UbSessionState   state = ub_session_get_state (self->session);
  const char      *step = is_work (state) ? ub_session_get_step (self->session) : NULL;
  double           speed = ub_session_get_speed (self->session);
  g_autofree char *left = ub_console_progress_dup_time (ub_session_get_remaining (self->session));
  const char      *title =
      bar > UB_BAR_WAIT ? ub_bar_get_title (bar) : ub_session_state_get_title (state);
  g_autoptr (GString) text = g_string_new (step && *step ? step : title);

  if (speed > 0)
    {
      g_autofree char *size = g_format_size ((guint64) speed);

      g_string_append_printf (text, ", %s/s", size);
    }
  if (*left)
    {
      /* Translators: time, as in "1:05 left" */
      g_string_append (text, ", ");
      g_string_append_printf (text, _ ("%s left"), left);
    }
  draw (self, bar, bar > UB_BAR_WAIT ? ub_session_get_fraction (self->session) : -1, text->str);
}

void
ub_console_progress_say (UbConsoleProgress *self, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%s\n", text);
  gboolean         again = self->drawn && self->session && !self->paused;

  ub_console_progress_clear (self);
  self->print (line, self->user_data);
  /* nobody may have news for a long while */
  if (again)
    draw_session (self);
}

/* for pipes: a line for what is new */
static void
tell_session (UbConsoleProgress *self, UbSessionState state)
{
  const char *step = ub_session_get_step (self->session);
  guint64     done = ub_session_get_done_bytes (self->session);
  guint64     total = ub_session_get_total_bytes (self->session);
  guint       tenths = total > 0 ? (guint) ((double) MIN (done, total) / (double) total * 10) : 0;

  if (is_work (state) && step && *step && g_strcmp0 (step, self->step) != 0)
    {
      g_autofree char *text = g_strdup_printf ("  %s", step);

      g_free (self->step);
      self->step = g_strdup (step);
      ub_console_progress_say (self, text);
    }
  if (is_work (state) && tenths > self->tenths)
    {
      g_autofree char *size = g_format_size (done);
      g_autofree char *all = g_format_size (total);
      /* Translators: percentage, then two sizes: "40 % (4 MB of 10 MB)" */
      g_autofree char *text = g_strdup_printf (_ ("  %u %% (%s of %s)"), tenths * 10, size, all);

      self->tenths = tenths;
      ub_console_progress_say (self, text);
    }
}

/* that nothing is lost; all other requests are told by the guide, which sees the cable */
static void
tell_request (UbConsoleProgress *self, UbRequest request)
{
  self->request = (int) request;
  if (request != UB_REQUEST_GO_ON || self->told_drop)
    return;
  self->told_drop = TRUE;
  ub_console_progress_say (self, ub_request_get_text (request));
}

static void
on_notify (UbSession *session, GParamSpec *pspec, gpointer user_data)
{
  UbConsoleProgress *self = user_data;
  UbSessionState     state = ub_session_get_state (session);
  UbRequest          request = ub_session_get_request (session);
  gint64             now = g_get_monotonic_time ();
  gboolean           new_state = (int) state != self->state;

  self->state = (int) state;
  if (new_state && state > UB_SESSION_IDLE && state < UB_SESSION_DONE && !self->terminal)
    ub_console_progress_say (self, ub_session_state_get_title (state));
  if (new_state && is_work (state))
    self->told_drop = FALSE;
  if ((int) request != self->request)
    tell_request (self, request);
  if (!self->terminal)
    {
      tell_session (self, state);
      return;
    }
  if (state >= UB_SESSION_DONE)
    {
      ub_console_progress_clear (self);
      return;
    }
  if (self->paused || (!new_state && now - self->drawn_us < REDRAW_US))
    return;
  self->drawn_us = now;
  draw_session (self);
}

void
ub_console_progress_follow (UbConsoleProgress *self, UbSession *session)
{
  g_return_if_fail (!self->session);

  self->session = g_object_ref (session);
  self->handler = g_signal_connect (session, "notify", G_CALLBACK (on_notify), self);
}

void
ub_console_progress_show (UbConsoleProgress *self, const char *what, double fraction)
{
  gint64 now = g_get_monotonic_time ();

  if (self->terminal)
    {
      if (now - self->drawn_us < REDRAW_US)
        return;
      self->drawn_us = now;
      draw (self, UB_BAR_BLUE, fraction, what);
      return;
    }
  if (g_strcmp0 (what, self->step) == 0)
    return;
  g_free (self->step);
  self->step = g_strdup (what);
  ub_console_progress_say (self, what);
}
