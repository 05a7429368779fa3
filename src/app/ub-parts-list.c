/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-parts-list.h"

#include <glib/gi18n.h>

#include "app/ub-column-factory.h"
#include "app/ub-toggle.h"

struct _UbPartsList
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *overlay;
  GtkColumnView  *view;
  GtkCheckButton *all;

  GListStore *store;   /* of UbPartRow */
  gboolean    showing; /* ticks are being set by us */
};

G_DEFINE_FINAL_TYPE (UbPartsList, ub_parts_list, GTK_TYPE_WIDGET)

/* (transfer none): the store holds it */
static UbPartRow *
get_row (UbPartsList *self, guint i)
{
  g_autoptr (UbPartRow) row = g_list_model_get_item (G_LIST_MODEL (self->store), i);

  return row;
}

guint
ub_parts_list_get_n_rows (UbPartsList *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->store));
}

guint
ub_parts_list_get_n_ticked (UbPartsList *self)
{
  guint n = 0;

  for (guint i = 0; i < ub_parts_list_get_n_rows (self); i++)
    n += ub_part_row_get_ticked (get_row (self, i)) ? 1 : 0;
  return n;
}

guint
ub_parts_list_get_n_locked (UbPartsList *self)
{
  guint n = 0;

  for (guint i = 0; i < ub_parts_list_get_n_rows (self); i++)
    n += ub_part_row_get_locked (get_row (self, i)) ? 1 : 0;
  return n;
}

guint64
ub_parts_list_get_size (UbPartsList *self)
{
  guint64 size = 0;

  for (guint i = 0; i < ub_parts_list_get_n_rows (self); i++)
    if (ub_part_row_get_ticked (get_row (self, i)))
      size += ub_part_row_get_size (get_row (self, i));
  return size;
}

char **
ub_parts_list_dup_names (UbPartsList *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < ub_parts_list_get_n_rows (self); i++)
    if (ub_part_row_get_ticked (get_row (self, i)))
      g_strv_builder_add (builder, ub_part_row_get_name (get_row (self, i)));
  return g_strv_builder_end (builder);
}

/* the header's tick: on, off, or in between */
static void
show_all_tick (UbPartsList *self)
{
  guint ticked = ub_parts_list_get_n_ticked (self);
  guint tickable = ub_parts_list_get_n_rows (self) - ub_parts_list_get_n_locked (self);

  self->showing = TRUE;
  gtk_check_button_set_active (self->all, ticked > 0 && ticked >= tickable);
  gtk_check_button_set_inconsistent (self->all, ticked > 0 && ticked < tickable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->all), tickable > 0);
  self->showing = FALSE;
}

static void
ticked_cb (UbPartsList *self)
{
  if (self->showing)
    return;
  show_all_tick (self);
  g_signal_emit_by_name (self, "changed");
}

static void
all_toggled_cb (UbPartsList *self)
{
  gboolean tick = gtk_check_button_get_active (self->all);

  if (self->showing)
    return;
  self->showing = TRUE;
  for (guint i = 0; i < ub_parts_list_get_n_rows (self); i++)
    g_object_set (get_row (self, i), "ticked", tick, NULL);
  self->showing = FALSE;
  ticked_cb (self);
}

/* Enter on a row does what its tick does */
static void
activate_cb (UbPartsList *self, guint position)
{
  UbPartRow *row = get_row (self, position);

  if (row != NULL)
    g_object_set (row, "ticked", !ub_part_row_get_ticked (row), NULL);
}

static gboolean
was_ticked (char **names, const char *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

void
ub_parts_list_set_rows (UbPartsList *self, GPtrArray *rows, gboolean keep)
{
  g_auto (GStrv) names = ub_parts_list_dup_names (self);

  self->showing = TRUE;
  for (guint i = 0; i < rows->len; i++)
    {
      UbPartRow *row = g_ptr_array_index (rows, i);

      if (keep && was_ticked (names, ub_part_row_get_name (row)))
        g_object_set (row, "ticked", TRUE, NULL);
      g_signal_connect_object (row,
                               "notify::ticked",
                               G_CALLBACK (ticked_cb),
                               self,
                               G_CONNECT_SWAPPED);
    }
  g_list_store_splice (self->store, 0, ub_parts_list_get_n_rows (self), rows->pdata, rows->len);
  self->showing = FALSE;
  show_all_tick (self);
  g_signal_emit_by_name (self, "changed");
}

static void
add_column (UbPartsList        *self,
            const char         *title,
            GtkListItemFactory *factory,
            const char         *sample,
            gboolean            expand)
{
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);

  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, title != NULL);
  if (sample != NULL)
    gtk_column_view_column_set_fixed_width (column,
                                            ub_column_factory_measure (GTK_WIDGET (self->view),
                                                                       title,
                                                                       sample));
  gtk_column_view_append_column (self->view, column);
}

static void
add_columns (UbPartsList *self)
{
  add_column (self, NULL, ub_column_factory_new_tick ("ticked", "tickable", "name"), "□", FALSE);
  add_column (self,
              _ ("Name"),
              ub_column_factory_new_text ("name", NULL, NULL, 0),
              "preloader_backup",
              FALSE);
  add_column (self,
              _ ("Size"),
              ub_column_factory_new_text ("size", "size-tip", "numeric", 1),
              "888.8 MiB",
              FALSE);
  add_column (self, _ ("Note"), ub_column_factory_new_icon_text ("icon", "note"), NULL, TRUE);
}

/* arrows go from row to row, Tab goes on behind the table, and back to its head */
static gboolean
ub_parts_list_focus (GtkWidget *widget, GtkDirectionType direction)
{
  UbPartsList *self = UB_PARTS_LIST (widget);
  gboolean     tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;

  if (tab && ub_column_factory_has_focus (GTK_WIDGET (self->view)))
    return direction == GTK_DIR_TAB_BACKWARD && gtk_widget_grab_focus (GTK_WIDGET (self->all));
  return GTK_WIDGET_CLASS (ub_parts_list_parent_class)->focus (widget, direction);
}

static void
ub_parts_list_dispose (GObject *object)
{
  UbPartsList *self = UB_PARTS_LIST (object);

  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ub_parts_list_parent_class)->dispose (object);
}

static void
ub_parts_list_class_init (UbPartsListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_parts_list_dispose;
  widget_class->focus = ub_parts_list_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-parts-list.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPartsList, overlay);
  gtk_widget_class_bind_template_child (widget_class, UbPartsList, view);
  gtk_widget_class_bind_template_child (widget_class, UbPartsList, all);
  gtk_widget_class_bind_template_callback (widget_class, all_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  g_signal_new ("changed",
                UB_TYPE_PARTS_LIST,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                0);
}

static void
ub_parts_list_init (UbPartsList *self)
{
  g_autoptr (GtkSingleSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->store = g_list_store_new (UB_TYPE_PART_ROW);
  ub_toggle_add (self->all);
  add_columns (self);
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->store)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}
