/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From page to page by keyboard; the keys are in ui/ub-window.ui. */
#include "config.h"

#include "app/ub-window-private.h"

/* the keyboard goes with it: to the first thing of the page, or to where it was there */
static void
show_page (UbWindow *self, GtkWidget *page)
{
  GtkWidget *focus;

  gtk_stack_set_visible_child (self->pages, page);
  focus = gtk_window_get_focus (GTK_WINDOW (self));
  /* the stack has brought it along if it was in the page before: a step more would leave the first thing out */
  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->ends)))
    gtk_widget_child_focus (GTK_WIDGET (self->ends), GTK_DIR_TAB_FORWARD);
}

static void
show_page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UbWindow  *self = UB_WINDOW (widget);
  GtkWidget *page =
      gtk_stack_get_child_by_name (self->pages, g_variant_get_string (parameter, NULL));

  if (page != NULL)
    show_page (self, page);
}

/* the next one, or the one before; behind the last comes the first */
static void
turn_page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  UbWindow  *self = UB_WINDOW (widget);
  GtkWidget *page = gtk_stack_get_visible_child (self->pages);
  GtkWidget *pages = GTK_WIDGET (self->pages);

  if (g_variant_get_boolean (parameter))
    page = gtk_widget_get_next_sibling (page) ?: gtk_widget_get_first_child (pages);
  else
    page = gtk_widget_get_prev_sibling (page) ?: gtk_widget_get_last_child (pages);
  show_page (self, page);
}

void
ub_window_pages_init_class (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_cb);
  gtk_widget_class_install_action (widget_class, "win.turn-page", "b", turn_page_cb);
}
