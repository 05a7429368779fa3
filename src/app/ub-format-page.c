/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-format-page.h"

#include <glib/gi18n.h>

#include "app/ub-place-chooser.h"
#include "app/ub-window-watch.h"
#include "app/ub-words.h"

struct _UbFormatPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkLabel       *sentence;
  UbPlaceChooser *place;
  GtkLabel       *reason;

  UbWindowWatch *watch;
};

G_DEFINE_FINAL_TYPE (UbFormatPage, ub_format_page, GTK_TYPE_WIDGET)

static char *
dup_names (const UbPlanTarget *target)
{
  g_autofree char *names = g_strjoinv (", ", (char **) target->names);

  /* Translators: %s are names of parts */
  return g_strdup_printf (_ ("Will be erased: %s"), names);
}

static char *
dup_reason (UbFormatPage *self)
{
  const UbPlanTarget *target = ub_place_chooser_get_target (self->place);
  const char         *trouble = ub_place_chooser_get_trouble (self->place);
  g_autofree char    *amount = ub_words_format_amount (ub_place_chooser_get_size (self->place));

  if (trouble != NULL)
    return g_strdup (ub_place_chooser_shows_trouble (self->place) ? "" : trouble);
  if (ub_window_watch_is_running (self->watch))
    return g_strdup (_ ("Wait until the present job is over."));
  if (target->whole)
    return g_strdup (target->with_boot ? _ ("Will be erased: everything, and the start-up area")
                                       : _ ("Will be erased: everything"));
  if (target->length > 0)
    /* Translators: %s is an amount of data: "31.3 GB" */
    return g_strdup_printf (_ ("Will be erased: %s"), amount);
  return dup_names (target);
}

static void
show_readiness (UbFormatPage *self)
{
  g_autofree char *reason = dup_reason (self);

  gtk_label_set_label (self->reason, reason);
  gtk_widget_action_set_enabled (GTK_WIDGET (self),
                                 "format.start",
                                 ub_place_chooser_get_trouble (self->place) == NULL &&
                                     !ub_window_watch_is_running (self->watch));
}

static void
start_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbFormatPage       *self = UB_FORMAT_PAGE (widget);
  UbWindow           *window = ub_window_watch_get_window (self->watch);
  const UbPlanTarget *target = ub_place_chooser_get_target (self->place);
  g_autoptr (UbPlan) plan = target != NULL ? ub_plan_new_erase (target) : NULL;

  if (window != NULL && plan != NULL)
    ub_window_start_plan (window, plan);
}

static void
update (UbFormatPage *self)
{
  ub_place_chooser_set_known (self->place,
                              ub_window_watch_get_firmware (self->watch),
                              ub_window_watch_get_phone (self->watch),
                              ub_window_watch_is_expert (self->watch));
  show_readiness (self);
}

static void
ub_format_page_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ub_format_page_parent_class)->root (widget);
  ub_window_watch_follow (UB_FORMAT_PAGE (widget)->watch, widget);
}

static void
ub_format_page_unroot (GtkWidget *widget)
{
  UbFormatPage *self = UB_FORMAT_PAGE (widget);

  GTK_WIDGET_CLASS (ub_format_page_parent_class)->unroot (widget);
  if (self->watch != NULL)
    ub_window_watch_follow (self->watch, NULL);
}

static void
ub_format_page_dispose (GObject *object)
{
  UbFormatPage *self = UB_FORMAT_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->watch);
  G_OBJECT_CLASS (ub_format_page_parent_class)->dispose (object);
}

static void
ub_format_page_class_init (UbFormatPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_format_page_dispose;
  widget_class->root = ub_format_page_root;
  widget_class->unroot = ub_format_page_unroot;
  g_type_ensure (UB_TYPE_PLACE_CHOOSER);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-format-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbFormatPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbFormatPage, sentence);
  gtk_widget_class_bind_template_child (widget_class, UbFormatPage, place);
  gtk_widget_class_bind_template_child (widget_class, UbFormatPage, reason);
  gtk_widget_class_bind_template_callback (widget_class, show_readiness);
  gtk_widget_class_install_action (widget_class, "format.start", NULL, start_cb);
}

static void
ub_format_page_init (UbFormatPage *self)
{
  self->watch = ub_window_watch_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_label (self->sentence, ub_mode_get_sentence (UB_MODE_ERASE));
  ub_place_chooser_set_purpose (self->place, UB_PLACE_ERASE);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

GtkWidget *
ub_format_page_new (UbApplication *application)
{
  return g_object_new (UB_TYPE_FORMAT_PAGE, NULL);
}
