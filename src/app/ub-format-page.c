/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-format-page.h"

struct _UbFormatPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget *box;

  UbApplication *application; /* borrowed */
};

G_DEFINE_FINAL_TYPE (UbFormatPage, ub_format_page, GTK_TYPE_WIDGET)

static void
ub_format_page_dispose (GObject *object)
{
  UbFormatPage *self = UB_FORMAT_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_format_page_parent_class)->dispose (object);
}

static void
ub_format_page_class_init (UbFormatPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_format_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-format-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbFormatPage, box);
}

static void
ub_format_page_init (UbFormatPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ub_format_page_new (UbApplication *application)
{
  UbFormatPage *self = g_object_new (UB_TYPE_FORMAT_PAGE, NULL);

  self->application = application;
  return GTK_WIDGET (self);
}
