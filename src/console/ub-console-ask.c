/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

/* nobody types a longer answer */
#define MAX_ANSWER 1024

struct _UbConsoleAsk
{
  char            *word;
  UbConsoleAskFunc func;
  gpointer         user_data;
  GString         *answer;
  guint            source; /* 0: answered */
};

gboolean
ub_console_ask_is_possible (void)
{
  return isatty (STDIN_FILENO) != 0;
}

/* a terminal gives whole lines; its end is a no */
static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  UbConsoleAsk *self = user_data;
  char          buffer[256];
  gssize        n = read (fd, buffer, sizeof buffer);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    g_string_append_len (self->answer, buffer, n);
  if (n > 0 && !strchr (self->answer->str, '\n') && self->answer->len < MAX_ANSWER)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  self->func (n > 0 && ub_question_is_word (self->word, self->answer->str), self->user_data);

  return G_SOURCE_REMOVE;
}

UbConsoleAsk *
ub_console_ask_new (const char *word, UbConsoleAskFunc func, gpointer user_data)
{
  UbConsoleAsk *self = g_new0 (UbConsoleAsk, 1);

  self->word = g_strdup (word && *word ? word : "yes");
  self->func = func;
  self->user_data = user_data;
  self->answer = g_string_new (NULL);
  /* Translators: %s is the word, which stays as it is */
  g_printerr (_ ("Type “%s” to go on, anything else to leave it: "), self->word);
  self->source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);

  return self;
}

void
ub_console_ask_free (UbConsoleAsk *self)
{
  if (self->source != 0)
    g_source_remove (self->source);
  g_string_free (self->answer, TRUE);
  g_free (self->word);
  g_free (self);
}

int
ub_console_ask_check (UbConsole *self)
{
  if (self->yes || ub_console_ask_is_possible ())
    return UB_CONSOLE_EXIT_OK;

  return ub_console_print_usage (
      _ ("“%s” asks on a terminal before it begins. Where there is none, say --yes."),
      self->verb);
}

typedef struct
{
  GMainLoop *loop;
  gboolean   yes;
} Confirmation;

static void
on_answer (gboolean yes, gpointer user_data)
{
  Confirmation *confirmation = user_data;

  confirmation->yes = yes;
  g_main_loop_quit (confirmation->loop);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_main_loop_quit (((Confirmation *) user_data)->loop);
}

static gboolean
ask (UbConsole *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Confirmation  confirmation = { .loop = loop };
  UbConsoleAsk *question = ub_console_ask_new (NULL, on_answer, &confirmation);
  gulong        handler =
      g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), &confirmation, NULL);

  if (!g_cancellable_is_cancelled (self->cancellable))
    g_main_loop_run (loop);
  g_cancellable_disconnect (self->cancellable, handler);
  ub_console_ask_free (question);

  return confirmation.yes;
}

int
ub_console_ask_confirm (UbConsole *self)
{
  int status = ub_console_ask_check (self);

  if (status != UB_CONSOLE_EXIT_OK || self->yes || ask (self))
    return status;
  g_printerr ("%s\n", _ ("Stopped. Nothing was changed."));

  return UB_CONSOLE_EXIT_CANCELLED;
}
