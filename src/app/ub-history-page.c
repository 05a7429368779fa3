/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-history-page.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"

/* a report is some kB; more than this is not one of ours */
#define MAX_REPORT (1024 * 1024)

struct _UbHistoryPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkSearchEntry *search;
  GtkListView    *view;
  GtkStack       *stack;

  UbHistory          *history;  /* (owned) (nullable) */
  GtkFilterListModel *filtered; /* (owned) (nullable) */
  GtkCustomFilter    *filter;   /* borrowed from @filtered */
};

G_DEFINE_FINAL_TYPE (UbHistoryPage, ub_history_page, GTK_TYPE_WIDGET)

static const char *
get_result_text (UbResult result)
{
  switch (result)
    {
    case UB_RESULT_DONE:
      return _ ("Written");
    case UB_RESULT_FAILED:
      return _ ("Not finished");
    case UB_RESULT_CANCELLED:
      return _ ("Stopped");
    }
  return "";
}

static const char *
get_result_icon (UbResult result)
{
  if (result == UB_RESULT_DONE)
    return "object-select-symbolic";
  return result == UB_RESULT_FAILED ? "dialog-warning-symbolic" : "media-playback-stop-symbolic";
}

static char *
dup_title (UbHistoryEntry *entry)
{
  const char *project = ub_history_entry_get_project (entry);
  const char *chip = ub_history_entry_get_chip (entry);

  if (*project == '\0' || *chip == '\0')
    return g_strdup (*project != '\0' ? project : chip);
  return g_strdup_printf ("%s · %s", project, chip);
}

static char *
dup_line (UbHistoryEntry *entry)
{
  GDateTime       *time = ub_history_entry_get_time (entry);
  g_autofree char *when = time != NULL ? g_date_time_format (time, "%x %R") : g_strdup ("");

  /* Translators: how a job ended, and when */
  return g_strdup_printf (_ ("%s, %s"),
                          get_result_text (ub_history_entry_get_result (entry)),
                          when);
}

/* --- rows --- */

static void
copy_cb (GtkButton *button, GtkListItem *item)
{
  UbHistoryEntry  *entry = gtk_list_item_get_item (item);
  g_autofree char *text = NULL;
  gsize            length = 0;

  if (entry == NULL ||
      !g_file_get_contents (ub_history_entry_get_path (entry), &text, &length, NULL))
    return;
  if (length <= MAX_REPORT && g_utf8_validate (text, (gssize) length, NULL))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
}

static GtkWidget *
new_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (copy, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (copy, _ ("Copy the report for support"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy the report for support"),
                                  -1);
  gtk_widget_add_css_class (row, "choice");
  gtk_box_append (GTK_BOX (words), new_label ("heading"));
  gtk_box_append (GTK_BOX (words), new_label ("dim-label"));
  gtk_box_append (GTK_BOX (row), gtk_image_new ());
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), copy);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_cb), item, 0);
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  UbHistoryEntry  *entry = gtk_list_item_get_item (item);
  GtkWidget       *image = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget       *title = gtk_widget_get_first_child (gtk_widget_get_next_sibling (image));
  g_autofree char *text = dup_title (entry);
  g_autofree char *line = dup_line (entry);

  gtk_image_set_from_icon_name (GTK_IMAGE (image),
                                get_result_icon (ub_history_entry_get_result (entry)));
  gtk_label_set_label (GTK_LABEL (title), text);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (title)), line);
}

/* --- search --- */

static gboolean
contains (const char *text, const char *folded)
{
  g_autofree char *lower = g_utf8_casefold (text, -1);

  return strstr (lower, folded) != NULL;
}

static gboolean
matches (gpointer item, gpointer user_data)
{
  UbHistoryPage   *self = user_data;
  const char      *wanted = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autofree char *folded = g_utf8_casefold (wanted, -1);
  g_autofree char *title = dup_title (item);
  g_autofree char *line = dup_line (item);

  return contains (title, folded) || contains (line, folded) ||
         contains (ub_history_entry_get_error (item), folded);
}

static void
items_cb (UbHistoryPage *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->history)) > 0;
  gboolean found = g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0;

  gtk_stack_set_visible_child_name (self->stack, found ? "list" : any ? "nothing" : "empty");
}

static void
search_cb (UbHistoryPage *self)
{
  if (self->filter != NULL)
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
show_folder_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbHistoryPage *self = UB_HISTORY_PAGE (widget);
  GtkRoot       *root = gtk_widget_get_root (widget);

  if (self->history != NULL && GTK_IS_WINDOW (root))
    ub_compat_show_folder (GTK_WINDOW (root), ub_history_get_folder (self->history));
}

void
ub_history_page_set_history (UbHistoryPage *self, UbHistory *history)
{
  g_autoptr (GtkSelectionModel) selection = NULL;

  g_set_object (&self->history, history);
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  self->filtered =
      gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (history)), GTK_FILTER (self->filter));
  selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->filtered))));
  gtk_list_view_set_model (self->view, selection);
  g_signal_connect_object (self->filtered,
                           "items-changed",
                           G_CALLBACK (items_cb),
                           self,
                           G_CONNECT_SWAPPED);
  items_cb (self);
}

static void
ub_history_page_dispose (GObject *object)
{
  UbHistoryPage *self = UB_HISTORY_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  self->filter = NULL;
  g_clear_object (&self->filtered);
  g_clear_object (&self->history);
  G_OBJECT_CLASS (ub_history_page_parent_class)->dispose (object);
}

static void
ub_history_page_class_init (UbHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_history_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, search);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, view);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, stack);
  gtk_widget_class_bind_template_callback (widget_class, search_cb);
  gtk_widget_class_install_action (widget_class, "history.show-folder", NULL, show_folder_cb);
}

static void
ub_history_page_init (UbHistoryPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->view, factory);
  g_object_unref (factory);
}
