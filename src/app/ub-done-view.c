/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-done-view.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-steps.h"
#include "app/ub-words.h"
#include "engine/ub-aftermath.h"

struct _UbDoneView
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget     *box;
  GtkLabel      *title;
  GtkLabel      *amount;
  GtkLabel      *findings;
  GtkLabel      *next;
  GtkWidget     *after;
  GtkLabel      *after_title;
  GtkLabel      *after_left;
  GtkGrid       *after_steps;
  GtkWidget     *copy_box;
  GtkLabel      *copy;
  GtkActionable *show_folder;
  GtkWidget     *put_back;
  GtkWidget     *again;

  UbReport *report; /* (owned) (nullable) */

  /* while the phone is watched; else NULL and 0 */
  UbLinkSource *source;
  UbAftermath  *aftermath;
  char         *watched; /* (nullable): the port */
  gint64        begun_us;
  guint         subscription;
  guint         clock_id;

  int shown; /* UbAftermathKind, or -1 */
};

G_DEFINE_FINAL_TYPE (UbDoneView, ub_done_view, GTK_TYPE_WIDGET)

static const char *
get_title (UbMode mode)
{
  switch (mode)
    {
    case UB_MODE_REPAIR:
      return _ ("Compared and repaired");
    case UB_MODE_READBACK:
      return _ ("Read from the phone");
    case UB_MODE_RESTORE:
      return _ ("Put back on the phone");
    case UB_MODE_ERASE:
      return _ ("Erased on the phone");
    case UB_MODE_TEST:
      return _ ("The test is over");
    case UB_MODE_DOWNLOAD_ONLY:
    case UB_MODE_FIRMWARE_UPGRADE:
    case UB_MODE_FORMAT_ALL:
    case UB_MODE_SINGLE:
      break;
    }
  return _ ("Written to the phone");
}

static const char *
get_next (UbMode mode)
{
  switch (mode)
    {
    case UB_MODE_READBACK:
    case UB_MODE_TEST:
      return _ ("You can unplug the phone. Nothing on it was changed.");
    case UB_MODE_ERASE:
      return _ ("You can unplug the phone. It may need its firmware before it starts again.");
    case UB_MODE_FIRMWARE_UPGRADE:
    case UB_MODE_FORMAT_ALL:
    case UB_MODE_DOWNLOAD_ONLY:
    case UB_MODE_REPAIR:
    case UB_MODE_SINGLE:
    case UB_MODE_RESTORE:
      break;
    }
  return _ ("Unplug the phone and hold its power button until it starts. The first start can take "
            "ten minutes.");
}

/* "12 parts, 1.3 GB, in 1:12" */
static char *
dup_amount (UbReport *report, UbPlan *plan)
{
  guint            n = plan != NULL ? ub_plan_get_n_parts (plan) : 0;
  g_autofree char *amount = ub_words_format_amount (ub_report_get_bytes (report));
  g_autofree char *clock = ub_words_format_clock (ub_report_get_duration (report));
  g_autofree char *parts = g_strdup_printf (ngettext ("%u part", "%u parts", n), n);

  /* nothing was written */
  if (ub_report_get_bytes (report) == 0)
    /* Translators: %s is a time: "It took 1:12" */
    return g_strdup_printf (_ ("It took %s"), clock);
  if (n == 0)
    /* Translators: amount of data, time it took: "1.3 GB, in 1:12" */
    return g_strdup_printf (_ ("%s, in %s"), amount, clock);
  /* Translators: parts written, amount of data, time it took: "12 parts, 1.3 GB, in 1:12" */
  return g_strdup_printf (_ ("%s, %s, in %s"), parts, amount, clock);
}

static void
show_copy (UbDoneView *self, UbReport *report, UbMode mode)
{
  const char      *folder = ub_report_get_copy (report);
  g_autofree char *path = folder != NULL ? ub_words_shorten_path (folder) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->copy_box, folder != NULL);
  gtk_widget_set_visible (self->put_back, folder != NULL && mode == UB_MODE_SINGLE);
  if (folder == NULL)
    return;
  if (mode == UB_MODE_READBACK)
    /* Translators: %s is a folder */
    text = g_strdup_printf (_ ("The copy is in %s"), path);
  else
    /* Translators: %s is a folder */
    text = g_strdup_printf (_ ("What was on the phone before is saved in %s"), path);
  gtk_label_set_label (self->copy, text);
  gtk_actionable_set_action_target (self->show_folder, "s", folder);
}

/* @kind: UbAftermathKind, or -1: it is not watched */
static void
show_after (UbDoneView *self, int kind)
{
  g_auto (GStrv) steps = NULL;

  gtk_widget_set_visible (self->after, kind >= 0);
  gtk_widget_set_visible (GTK_WIDGET (self->next), kind < 0);
  if (kind == self->shown)
    return;
  self->shown = kind;
  if (kind < 0)
    return;
  steps = ub_aftermath_dup_steps ((UbAftermathKind) kind);
  gtk_label_set_label (self->after_title, ub_aftermath_get_title ((UbAftermathKind) kind));
  ub_steps_fill (self->after_steps, (const char *const *) steps);
  if (kind != UB_AFTERMATH_WATCHING)
    ub_compat_announce (GTK_WIDGET (self), ub_aftermath_get_title ((UbAftermathKind) kind));
}

static UbMode
get_mode (UbDoneView *self)
{
  UbPlan *plan = self->report != NULL ? ub_report_get_plan (self->report) : NULL;

  return plan != NULL ? ub_plan_get_mode (plan) : UB_MODE_DOWNLOAD_ONLY;
}

void
ub_done_view_set_report (UbDoneView *self, UbReport *report)
{
  UbPlan          *plan = ub_report_get_plan (report);
  g_autofree char *amount = dup_amount (report, plan);
  g_autofree char *findings = g_strjoinv ("\n", (char **) ub_report_get_findings (report));
  UbMode           mode;

  ub_done_view_end_watch (self);
  g_set_object (&self->report, report);
  mode = get_mode (self);
  gtk_label_set_label (self->title, get_title (mode));
  gtk_label_set_label (self->amount, amount);
  gtk_label_set_label (self->findings, findings);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), *findings != '\0');
  gtk_label_set_label (self->next, get_next (mode));
  show_after (self, -1);
  show_copy (self, report, mode);
  /* another phone has other copies */
  gtk_widget_set_visible (self->again, mode != UB_MODE_READBACK && mode != UB_MODE_RESTORE);
}

/* --- what becomes of the phone --- */

static void
drop_watch (UbDoneView *self)
{
  g_clear_handle_id (&self->clock_id, g_source_remove);
  if (self->source != NULL)
    ub_link_source_unsubscribe (self->source, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->source);
  g_clear_pointer (&self->aftermath, ub_aftermath_free);
  g_clear_pointer (&self->watched, g_free);
}

static void
finish_watch (UbDoneView *self, gint64 now_us)
{
  UbAftermathKind kind = ub_aftermath_judge (self->aftermath, now_us);

  drop_watch (self);
  gtk_widget_set_visible (GTK_WIDGET (self->after_left), FALSE);
  if (kind == UB_AFTERMATH_WATCHING)
    show_after (self, -1);
  else
    g_signal_emit_by_name (self, "outcome", (int) kind);
}

void
ub_done_view_end_watch (UbDoneView *self)
{
  if (self->aftermath != NULL)
    finish_watch (self, g_get_monotonic_time ());
}

static void
show_left (UbDoneView *self, gint64 now_us)
{
  gint64           end_us = self->begun_us + UB_AFTERMATH_SECONDS * G_USEC_PER_SEC;
  g_autofree char *clock = ub_words_format_clock (MAX (end_us - now_us, 0));
  g_autofree char *text = NULL;

  if (self->shown == UB_AFTERMATH_WATCHING)
    /* Translators: %s is a time: "2:41 left" */
    text = g_strdup_printf (_ ("%s left"), clock);
  else
    /* Translators: %s is a time: "Still watching: 2:41 left" */
    text = g_strdup_printf (_ ("Still watching: %s left"), clock);
  gtk_label_set_label (self->after_left, text);
  gtk_widget_set_visible (GTK_WIDGET (self->after_left), TRUE);
}

void
ub_done_view_look (UbDoneView *self, gint64 now_us)
{
  if (self->aftermath == NULL)
    return;
  show_after (self, (int) ub_aftermath_judge (self->aftermath, now_us));
  show_left (self, now_us);
  if (ub_aftermath_is_over (self->aftermath, now_us))
    finish_watch (self, now_us);
}

static gboolean
clock_cb (gpointer data)
{
  UbDoneView *self = data;
  guint       id = self->clock_id;

  ub_done_view_look (self, g_get_monotonic_time ());
  return self->clock_id == id ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* somebody plugs in what is to be written next */
static gboolean
is_next_phone (UbDoneView *self, const UbSighting *sighting)
{
  return self->watched != NULL && sighting->present &&
         g_strcmp0 (sighting->port, self->watched) != 0 &&
         (sighting->kind == UB_SIGHTING_PRELOADER || sighting->kind == UB_SIGHTING_BOOT_ROM);
}

static void
sighting_cb (const UbSighting *sighting, gpointer user_data)
{
  UbDoneView *self = user_data;

  /* what was there before: this phone was not let go yet, and another one's turn was not now */
  if (self->aftermath == NULL || (sighting->present && sighting->time_us < self->begun_us))
    return;
  if (is_next_phone (self, sighting))
    {
      ub_done_view_end_watch (self);
      return;
    }
  ub_aftermath_see (self->aftermath, sighting);
  ub_done_view_look (self, g_get_monotonic_time ());
}

/* a phone that was only read, or erased, has nothing to show */
static gboolean
is_worth_watching (UbMode mode)
{
  return mode != UB_MODE_READBACK && mode != UB_MODE_TEST && mode != UB_MODE_ERASE;
}

void
ub_done_view_watch (UbDoneView *self, UbLinkSource *source)
{
  UbPhoneInfo *phone = self->report != NULL ? ub_report_get_phone (self->report) : NULL;

  drop_watch (self);
  if (phone == NULL || source == NULL || !is_worth_watching (get_mode (self)))
    return;
  self->begun_us = g_get_monotonic_time ();
  self->watched = g_strdup (ub_phone_info_get_port (phone));
  self->aftermath = ub_aftermath_new (self->watched, self->begun_us);
  self->source = g_object_ref (source);
  self->clock_id = g_timeout_add_seconds (1, clock_cb, self);
  ub_done_view_look (self, self->begun_us);
  self->subscription = ub_link_source_subscribe (source, NULL, sighting_cb, self);
}

static void
ub_done_view_dispose (GObject *object)
{
  UbDoneView *self = UB_DONE_VIEW (object);

  drop_watch (self);
  g_clear_object (&self->report);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_done_view_parent_class)->dispose (object);
}

static void
ub_done_view_class_init (UbDoneViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_done_view_dispose;
  g_signal_new ("outcome",
                UB_TYPE_DONE_VIEW,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-done-view.ui");
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, box);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, title);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, amount);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, findings);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, next);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, after);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, after_title);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, after_left);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, after_steps);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, copy_box);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, copy);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, show_folder);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, put_back);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, again);
}

static void
ub_done_view_init (UbDoneView *self)
{
  self->shown = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}
