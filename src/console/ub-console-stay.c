/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "engine/ub-aftermath.h"

typedef struct
{
  UbConsole      *console;
  GMainLoop      *loop;
  UbAftermath    *aftermath;
  UbAftermathKind kind; /* as last told */
} Stay;

static void
look (Stay *stay, gint64 now_us)
{
  UbAftermathKind kind = ub_aftermath_judge (stay->aftermath, now_us);

  if (ub_aftermath_is_over (stay->aftermath, now_us))
    g_main_loop_quit (stay->loop);
  else if (kind != stay->kind && kind != UB_AFTERMATH_WATCHING)
    ub_console_say (stay->console, "  %s", ub_aftermath_get_title (kind));
  stay->kind = kind;
}

static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  Stay *stay = user_data;

  ub_aftermath_see (stay->aftermath, sighting);
  look (stay, MAX (sighting->time_us, g_get_monotonic_time ()));
}

static gboolean
on_time (gpointer user_data)
{
  look (user_data, g_get_monotonic_time ());

  return G_SOURCE_CONTINUE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_main_loop_quit (((Stay *) user_data)->loop);

  return G_SOURCE_REMOVE;
}

static void
print_page (UbConsole *self, UbAftermathKind kind)
{
  g_auto (GStrv) steps = ub_aftermath_dup_steps (kind);

  ub_console_say (self, "%s", ub_aftermath_get_title (kind));
  for (guint i = 0; steps[i]; i++)
    ub_console_say (self, "  %u. %s", i + 1, steps[i]);
}

static void
watch (Stay *stay, UbLinkSource *source, GCancellable *cancellable)
{
  g_autoptr (GSource) stopper = g_cancellable_source_new (cancellable);
  guint id = ub_link_source_subscribe (source, NULL, on_sighting, stay);
  guint clock = g_timeout_add_seconds (1, on_time, stay);

  g_source_set_callback (stopper, G_SOURCE_FUNC (on_cancelled), stay, NULL);
  g_source_attach (stopper, NULL);
  g_main_loop_run (stay->loop);
  g_source_destroy (stopper);
  g_source_remove (clock);
  ub_link_source_unsubscribe (source, id);
}

void
ub_console_stay_run (UbConsole *self, UbReport *report)
{
  UbPhoneInfo *phone = ub_report_get_phone (report);
  gint64       now = g_get_monotonic_time ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (UbAftermath) aftermath =
                 ub_aftermath_new (phone ? ub_phone_info_get_port (phone) : NULL, now);
  Stay stay = { .console = self, .loop = loop, .aftermath = aftermath };

  ub_console_say (self,
                  "%s",
                  _ ("Watching what the phone does, for three minutes at most; Ctrl+C ends it."));
  watch (&stay, self->setup->source, self->cancellable);
  stay.kind = ub_aftermath_judge (aftermath, g_get_monotonic_time ());
  /* stopped before anything was known */
  if (stay.kind == UB_AFTERMATH_WATCHING)
    return;
  ub_report_set_after (report, ub_aftermath_to_string (stay.kind));
  print_page (self, stay.kind);
}
