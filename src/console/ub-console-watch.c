/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"

typedef struct
{
  GMainLoop    *loop;
  UbLinkSource *source; /* (borrowed) */
  gint64        begin;
  gboolean      told_permission;
} Watch;

static const char *
kind_title (UbSightingKind kind)
{
  switch (kind)
    {
    case UB_SIGHTING_BOOT_ROM:
      return _ ("boot ROM");
    case UB_SIGHTING_PRELOADER:
      return _ ("preloader");
    case UB_SIGHTING_AGENT:
      return _ ("download agent");
    case UB_SIGHTING_ANDROID:
      return _ ("phone that is switched on");
    case UB_SIGHTING_FASTBOOT:
      return _ ("fastboot");
    case UB_SIGHTING_META:
      return _ ("META mode");
    case UB_SIGHTING_NOTHING:
      return _ ("nothing");
    case UB_SIGHTING_UNKNOWN:
    default:
      return _ ("unknown phone");
    }
}

static char *
dup_access (const UbSighting *sighting)
{
  switch (sighting->access)
    {
    case UB_ACCESS_DENIED:
      return g_strdup (_ (", no permission to open it"));
    case UB_ACCESS_BUSY:
      /* Translators: a port that another program uses; its name follows if it is known */
      return sighting->holder ? g_strdup_printf (_ (", in use by %s"), sighting->holder)
                              : g_strdup (_ (", in use by another program"));
    case UB_ACCESS_UNKNOWN:
    case UB_ACCESS_OK:
    default:
      return g_strdup ("");
    }
}

/* once is enough */
static void
tell_permission (Watch *watch)
{
  g_autofree char *step =
      watch->told_permission ? NULL : ub_console_permission_dup_step (watch->source);

  watch->told_permission = TRUE;
  if (step)
    g_printerr ("\n%s\n\n", step);
}

static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  Watch           *watch = user_data;
  double           seconds = (double) (sighting->time_us - watch->begin) / G_USEC_PER_SEC;
  g_autofree char *access = dup_access (sighting);
  g_autofree char *visit = NULL;

  if (sighting->kind == UB_SIGHTING_NOTHING)
    return;
  if (!sighting->present && sighting->last_us > 0)
    visit =
        g_strdup_printf (_ (", was there for %.2f s"), (double) sighting->last_us / G_USEC_PER_SEC);
  g_print ("%8.3f  %-8s %s  %04x:%04x  %s%s%s%s%s\n",
           MAX (seconds, 0.0),
           sighting->port ? sighting->port : "?",
           sighting->present ? "+" : "-",
           sighting->vendor,
           sighting->product,
           kind_title (sighting->kind),
           sighting->name ? " " : "",
           sighting->name ? sighting->name : "",
           sighting->present ? access : "",
           visit ? visit : "");
  if (sighting->present && sighting->access == UB_ACCESS_DENIED)
    tell_permission (watch);
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

int
ub_console_watch (UbConsole *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Watch  watch = { .loop = loop, .source = self->setup->source, .begin = g_get_monotonic_time () };
  guint  id = 0;
  gulong handler = 0;

  if (!ub_link_source_start (self->setup->source, &error))
    return ub_console_print_error (error, FALSE);
  id = ub_link_source_subscribe (self->setup->source, NULL, on_sighting, &watch);
  handler = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), &watch, NULL);
  if (self->duration > 0)
    g_timeout_add_seconds ((guint) self->duration, on_timeout, loop);
  else
    g_printerr ("%s\n", _ ("Watching the cable; Ctrl+C ends it."));
  g_main_loop_run (loop);
  g_cancellable_disconnect (self->cancellable, handler);
  ub_link_source_unsubscribe (self->setup->source, id);
  ub_link_source_stop (self->setup->source);

  /* being told to stop is how a watch without end ends well */
  return UB_CONSOLE_EXIT_OK;
}
