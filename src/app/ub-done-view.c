/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-done-view.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"

struct _UbDoneView
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget     *scrolled;
  GtkLabel      *title;
  GtkLabel      *amount;
  GtkLabel      *findings;
  GtkLabel      *next;
  GtkWidget     *copy_box;
  GtkLabel      *copy;
  GtkActionable *show_folder;
  GtkWidget     *put_back;
  GtkWidget     *again;
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
      return _ ("Erased");
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

void
ub_done_view_set_report (UbDoneView *self, UbReport *report)
{
  UbPlan          *plan = ub_report_get_plan (report);
  UbMode           mode = plan != NULL ? ub_plan_get_mode (plan) : UB_MODE_DOWNLOAD_ONLY;
  g_autofree char *amount = dup_amount (report, plan);
  g_autofree char *findings = g_strjoinv ("\n", (char **) ub_report_get_findings (report));

  gtk_label_set_label (self->title, get_title (mode));
  gtk_label_set_label (self->amount, amount);
  gtk_label_set_label (self->findings, findings);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), *findings != '\0');
  gtk_label_set_label (self->next, get_next (mode));
  show_copy (self, report, mode);
  /* another phone has other copies */
  gtk_widget_set_visible (self->again, mode != UB_MODE_READBACK && mode != UB_MODE_RESTORE);
}

static void
ub_done_view_dispose (GObject *object)
{
  UbDoneView *self = UB_DONE_VIEW (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_done_view_parent_class)->dispose (object);
}

static void
ub_done_view_class_init (UbDoneViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_done_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-done-view.ui");
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, title);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, amount);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, findings);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, next);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, copy_box);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, copy);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, show_folder);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, put_back);
  gtk_widget_class_bind_template_child (widget_class, UbDoneView, again);
}

static void
ub_done_view_init (UbDoneView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
