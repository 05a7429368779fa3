/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-guide.h"
#include "console/ub-console-private.h"
#include "console/ub-console-sighting.h"

typedef struct
{
  UbConsole      *console;
  GMainLoop      *loop;
  UbConsoleGuide *guide;
  gint64          begin;
  char           *last; /* (nullable): the line before */
} Watch;

/* arrivals are for scripts and eyes, what to do is for hands only */
static void
say (const char *line, gpointer user_data)
{
  g_printerr ("%s\n", line);
}

static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  Watch           *watch = user_data;
  g_autofree char *line = NULL;

  if (sighting->kind == UB_SIGHTING_NOTHING)
    return;
  line = watch->console->json ? ub_console_sighting_dup_json (sighting, watch->begin)
                              : ub_console_sighting_dup_line (sighting, watch->begin);
  /* a change that the line has no word for, such as that access is now known, is none */
  if (g_strcmp0 (line, watch->last) == 0)
    return;
  g_print ("%s\n", line);
  g_free (watch->last);
  watch->last = g_steal_pointer (&line);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_main_loop_quit (((Watch *) user_data)->loop);
}

static gboolean
on_timeout (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

static void
print_begin (UbConsole *self)
{
  if (self->duration == 0)
    g_printerr ("%s\n", _ ("Watching the cable; Ctrl+C ends it."));
  if (!ub_link_source_sees_broken (self->setup->source))
    g_printerr ("%s\n",
                _ ("A phone that fails before it can tell what it is cannot be seen from here. If "
                   "nothing comes: another cable, another port, a clean socket."));
}

static void
watch_source (Watch *watch)
{
  UbConsole *self = watch->console;
  guint      id = ub_link_source_subscribe (self->setup->source, NULL, on_sighting, watch);
  gulong     handler =
      g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), watch, NULL);

  print_begin (self);
  /* after us: the line first, then what to do about it */
  ub_console_guide_set_source (watch->guide, self->setup->source, NULL);
  ub_console_guide_follow (watch->guide, UB_REQUEST_NONE, TRUE, watch->begin);
  if (self->duration > 0)
    g_timeout_add_seconds ((guint) self->duration, on_timeout, watch->loop);
  g_main_loop_run (watch->loop);
  g_cancellable_disconnect (self->cancellable, handler);
  ub_link_source_unsubscribe (self->setup->source, id);
}

int
ub_console_watch (UbConsole *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (UbConsoleGuide) guide = ub_console_guide_new (NULL, say, NULL);
  Watch watch = { .console = self, .loop = loop, .guide = guide, .begin = g_get_monotonic_time () };

  if (!ub_link_source_start (self->setup->source, &error))
    return ub_console_print_error (error, FALSE);
  watch_source (&watch);
  ub_link_source_stop (self->setup->source);
  g_free (watch.last);

  /* being told to stop is how a watch without end ends well */
  return UB_CONSOLE_EXIT_OK;
}
