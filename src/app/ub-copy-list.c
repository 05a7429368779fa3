/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-copy-list.h"

#include <glib/gi18n.h>

#include "app/ub-copies.h"
#include "app/ub-stack.h"
#include "app/ub-words.h"

struct _UbCopyList
{
  GtkWidget parent_instance;

  /* template */
  GtkStack    *stack;
  GtkListView *view;

  GListStore *store; /* of UbBackup */
};

G_DEFINE_FINAL_TYPE (UbCopyList, ub_copy_list, GTK_TYPE_WIDGET)

static void
ask (UbCopyList *self, UbBackup *backup, gboolean restore)
{
  g_signal_emit_by_name (self, "copy-asked", backup, restore);
}

static void
activate_cb (UbCopyList *self, guint position)
{
  g_autoptr (UbBackup) backup = g_list_model_get_item (G_LIST_MODEL (self->store), position);

  if (backup != NULL)
    ask (self, backup, FALSE);
}

static void
restore_cb (GtkButton *button, GtkListItem *item)
{
  GtkWidget *self = gtk_widget_get_ancestor (GTK_WIDGET (button), UB_TYPE_COPY_LIST);
  UbBackup  *backup = gtk_list_item_get_item (item);

  if (self != NULL && backup != NULL)
    ask (UB_COPY_LIST (self), backup, TRUE);
}

static void
save_cb (GtkButton *button, GtkListItem *item)
{
  GtkWidget *self = gtk_widget_get_ancestor (GTK_WIDGET (button), UB_TYPE_COPY_LIST);
  UbBackup  *backup = gtk_list_item_get_item (item);

  if (self != NULL && backup != NULL)
    g_signal_emit_by_name (self, "save-asked", backup);
}

/* --- rows --- */

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
  GtkWidget *save = gtk_button_new_with_mnemonic (_ ("_Save To…"));
  GtkWidget *restore = gtk_button_new_with_mnemonic (_ ("_Restore…"));

  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (save, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (save, _ ("Save this copy to another place, such as another disk"));
  gtk_widget_set_valign (restore, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (row, "choice");
  gtk_box_append (GTK_BOX (words), new_label ("heading"));
  gtk_box_append (GTK_BOX (words), new_label ("dim-label"));
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), save);
  gtk_box_append (GTK_BOX (row), restore);
  g_signal_connect_object (save, "clicked", G_CALLBACK (save_cb), item, 0);
  g_signal_connect_object (restore, "clicked", G_CALLBACK (restore_cb), item, 0);
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  UbBackup        *backup = gtk_list_item_get_item (item);
  GtkWidget       *words = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget       *save = gtk_widget_get_next_sibling (words);
  GtkWidget       *restore = gtk_widget_get_next_sibling (save);
  GtkWidget       *title = gtk_widget_get_first_child (words);
  g_autofree char *text = ub_copies_dup_title (backup);
  g_autofree char *line = ub_copies_dup_line (backup);
  g_autofree char *folder = ub_words_shorten_path (ub_backup_get_folder (backup));
  /* Translators: which copy: its phone, and when it was made */
  g_autofree char *name = g_strdup_printf (_ ("Restore %s, %s"), text, line);
  /* Translators: which copy: its phone, and when it was made */
  g_autofree char *other = g_strdup_printf (_ ("Save %s, %s to another place"), text, line);

  gtk_label_set_label (GTK_LABEL (title), text);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (title)), line);
  gtk_widget_set_tooltip_text (words, folder);
  gtk_accessible_update_property (GTK_ACCESSIBLE (save), GTK_ACCESSIBLE_PROPERTY_LABEL, other, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (restore),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name,
                                  -1);
}

/* --- filling --- */

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbCopyList) self = user_data;
  g_autoptr (GPtrArray) copies = ub_copies_list_finish (result);

  if (self->store == NULL || copies == NULL)
    return;
  g_list_store_splice (self->store,
                       0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       copies->pdata,
                       copies->len);
  ub_stack_show (self->stack, copies->len > 0 ? "list" : "empty");
}

void
ub_copy_list_reload (UbCopyList *self, const char *root)
{
  ub_copies_list_async (root, listed_cb, g_object_ref (self));
}

static void
ub_copy_list_dispose (GObject *object)
{
  UbCopyList *self = UB_COPY_LIST (object);
  GtkWidget  *stack = GTK_WIDGET (self->stack);

  self->stack = NULL;
  g_clear_pointer (&stack, gtk_widget_unparent);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ub_copy_list_parent_class)->dispose (object);
}

static void
ub_copy_list_class_init (UbCopyListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_copy_list_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-copy-list.ui");
  gtk_widget_class_bind_template_child (widget_class, UbCopyList, stack);
  gtk_widget_class_bind_template_child (widget_class, UbCopyList, view);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  g_signal_new ("copy-asked",
                UB_TYPE_COPY_LIST,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                2,
                UB_TYPE_BACKUP,
                G_TYPE_BOOLEAN);
  g_signal_new ("save-asked",
                UB_TYPE_COPY_LIST,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                UB_TYPE_BACKUP);
}

static void
ub_copy_list_init (UbCopyList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  ub_stack_show (self->stack, "empty");
  self->store = g_list_store_new (UB_TYPE_BACKUP);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->view, factory);
  selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->store))));
  gtk_list_view_set_model (self->view, selection);
}
