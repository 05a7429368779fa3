/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "engine/ub-history.h"
#include "engine/ub-support.h"

#define LOOK_MS 700 /* for what is on the cable to be told */

static gboolean
on_looked (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_CONTINUE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static void
look (UbConsole *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint  source = g_timeout_add (LOOK_MS, on_looked, loop);
  gulong handler = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), loop, NULL);

  if (!g_cancellable_is_cancelled (self->cancellable))
    g_main_loop_run (loop);
  g_source_remove (source);
  g_cancellable_disconnect (self->cancellable, handler);
}

/* of the last job, whoever did it; (transfer full) (nullable) */
static char *
dup_last_report (UbConsole *self)
{
  g_autofree char *folder = ub_console_dup_reports_folder (self);
  g_autoptr (UbHistory) history = ub_history_new (folder);
  g_autoptr (UbHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), 0);

  return entry ? ub_history_read (ub_history_entry_get_path (entry)) : NULL;
}

static char *
dup_text (UbConsole *self, UbSupport *support)
{
  g_autofree char     *report = dup_last_report (self);
  g_autofree char     *journals = ub_console_dup_journal_folder (self);
  const UbSupportFacts facts = { .report = report, .journals = journals };

  return ub_support_dup_text (support, &facts);
}

static void
print_json (const char *text)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "version", PACKAGE_VERSION);
  ub_console_add_string_json (builder, "text", text);
  json_builder_end_object (builder);
  ub_console_print_json (builder);
}

/* a cable that cannot be watched is no reason to say nothing: the log tells it */
int
ub_console_support (UbConsole *self)
{
  g_autoptr (UbSupport) support = ub_support_new (self->setup->log, self->setup->libraries);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  ub_support_set_source (support, self->setup->source);
  if (ub_link_source_start (self->setup->source, &error))
    look (self);
  else
    g_info ("the cable cannot be watched: %s", error->message);
  text = dup_text (self, support);
  ub_support_set_source (support, NULL);
  ub_link_source_stop (self->setup->source);
  if (self->json)
    print_json (text);
  else
    g_print ("%s", text);
  g_printerr ("%s\n", _ ("IMEI, serial numbers and MAC addresses are masked."));

  return UB_CONSOLE_EXIT_OK;
}
