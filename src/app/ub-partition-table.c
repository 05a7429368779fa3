/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-partition-table.h"

#include <glib/gi18n.h>

#include "app/ub-column-factory.h"
#include "app/ub-table-row.h"

/* as long as what mostly stands in a column; the column is as wide as that in the letters people have chosen */
#define NAME "preloader_a"
#define ADDRESS "0x8888888"
#define AMOUNT "888 KiB"
#define FILE_NAME "preloader.bin"
/* with less than this for the last column, addresses make room for what people need */
#define NOTE N_ ("Kept: IMEI and calibration")
#define TICK_WIDTH 40

struct _UbPartitionTable
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *overlay;
  GtkColumnView  *view;
  GtkCheckButton *all;
  GtkAdjustment  *hadjustment;

  GtkColumnViewColumn *name_column;
  GtkColumnViewColumn *size_column;
  GtkColumnViewColumn *file_column;

  /* owned: they come and go */
  GtkColumnViewColumn *begin_column;
  GtkColumnViewColumn *end_column;

  GListStore *store;   /* of UbTableRow */
  gboolean    showing; /* the tick of the header is being set by us */
  gboolean    locked;
  int         wide; /* pixels from which on there is room for addresses */
  guint       narrow_id;
};

G_DEFINE_FINAL_TYPE (UbPartitionTable, ub_partition_table, GTK_TYPE_WIDGET)

static void
row_tick_asked_cb (UbTableRow *row, gboolean tick, UbPartitionTable *self)
{
  if (!self->locked)
    g_signal_emit_by_name (self, "tick-asked", ub_table_row_get_row (row), tick);
}

static void
all_toggled_cb (UbPartitionTable *self)
{
  if (self->showing)
    return;
  g_signal_emit_by_name (self, "tick-all-asked", gtk_check_button_get_active (self->all));
}

static void
activate_cb (UbPartitionTable *self, guint position)
{
  g_autoptr (UbTableRow) row = g_list_model_get_item (G_LIST_MODEL (self->store), position);

  if (row != NULL && !self->locked)
    g_signal_emit_by_name (self, "row-activated", ub_table_row_get_row (row));
}

/* the header's tick: on, off, or in between */
static void
show_all_tick (UbPartitionTable *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->store)), tickable = 0, ticked = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (UbTableRow) row = g_list_model_get_item (G_LIST_MODEL (self->store), i);

      tickable += ub_plan_row_get_tickable (ub_table_row_get_row (row)) ? 1 : 0;
      ticked += ub_plan_row_get_ticked (ub_table_row_get_row (row)) ? 1 : 0;
    }
  self->showing = TRUE;
  gtk_check_button_set_active (self->all, ticked > 0 && ticked >= tickable);
  gtk_check_button_set_inconsistent (self->all, ticked > 0 && ticked < tickable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->all), tickable > 0 && !self->locked);
  self->showing = FALSE;
}

static UbTableRow *
new_row (UbPartitionTable *self, UbPlanRow *plan_row)
{
  UbTableRow *row = ub_table_row_new (plan_row);

  g_signal_connect_object (row, "tick-asked", G_CALLBACK (row_tick_asked_cb), self, 0);
  return row;
}

/* the same partitions as before: only what is said of them changed */
static gboolean
is_same_map (UbPartitionTable *self, GListModel *rows, guint n)
{
  if (n != g_list_model_get_n_items (G_LIST_MODEL (self->store)))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (UbTableRow) old = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      g_autoptr (UbPlanRow) new = g_list_model_get_item (rows, i);

      if (!g_str_equal (ub_plan_row_get_name (ub_table_row_get_row (old)),
                        ub_plan_row_get_name (new)))
        return FALSE;
    }
  return TRUE;
}

static void
update_rows (UbPartitionTable *self, GListModel *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (UbTableRow) row = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      g_autoptr (UbPlanRow) plan_row = g_list_model_get_item (rows, i);

      ub_table_row_set_row (row, plan_row);
    }
}

static void
replace_rows (UbPartitionTable *self, GListModel *rows, guint n)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (UbPlanRow) plan_row = g_list_model_get_item (rows, i);

      g_ptr_array_add (items, new_row (self, plan_row));
    }
  g_list_store_splice (self->store,
                       0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       items->pdata,
                       n);
}

void
ub_partition_table_set_rows (UbPartitionTable *self, GListModel *rows)
{
  guint n = rows != NULL ? g_list_model_get_n_items (rows) : 0;

  if (n > 0 && is_same_map (self, rows, n))
    update_rows (self, rows, n);
  else
    replace_rows (self, rows, n);
  show_all_tick (self);
}

void
ub_partition_table_set_locked (UbPartitionTable *self, gboolean locked)
{
  self->locked = locked;
  /* still readable and scrollable: only the ticks are dead */
  if (locked)
    gtk_widget_add_css_class (GTK_WIDGET (self->view), "locked");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->view), "locked");
  show_all_tick (self);
}

static GtkColumnViewColumn *
add_column (UbPartitionTable *self, const char *title, GtkListItemFactory *factory, gboolean expand)
{
  GtkColumnViewColumn *column = gtk_column_view_column_new (title, factory);

  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, title != NULL);
  gtk_column_view_append_column (self->view, column);
  g_object_unref (column); /* the view has it */
  return column;
}

static void
add_columns (UbPartitionTable *self)
{
  GtkColumnViewColumn *tick;

  tick = add_column (self, NULL, ub_column_factory_new_tick ("ticked", "tickable", "name"), FALSE);
  gtk_column_view_column_set_fixed_width (tick, TICK_WIDTH);
  self->name_column =
      add_column (self, _ ("Name"), ub_column_factory_new_text ("name", NULL, NULL, 0), FALSE);
  self->begin_column =
      add_column (self,
                  /* Translators: head of a column: address at which a part begins */
                  _ ("Begin"),
                  ub_column_factory_new_text ("begin", NULL, "numeric", 0),
                  FALSE);
  self->end_column =
      /* Translators: head of a column: address at which a part ends */
      add_column (self, _ ("End"), ub_column_factory_new_text ("end", NULL, "numeric", 0), FALSE);
  g_object_ref (self->begin_column);
  g_object_ref (self->end_column);
  self->size_column = add_column (self,
                                  _ ("Size"),
                                  ub_column_factory_new_text ("size", "size-tip", "numeric", 1),
                                  FALSE);
  self->file_column = add_column (self,
                                  _ ("File"),
                                  ub_column_factory_new_text ("file", "file-tip", NULL, 0),
                                  FALSE);
  add_column (self, _ ("What happens"), ub_column_factory_new_icon_text ("icon", "note"), TRUE);
}

/* returns: the column's width */
static int
set_width (UbPartitionTable *self, GtkColumnViewColumn *column, const char *sample)
{
  int width = ub_column_factory_measure (GTK_WIDGET (self->view),
                                         gtk_column_view_column_get_title (column),
                                         sample);

  gtk_column_view_column_set_fixed_width (column, width);
  return width;
}

static void
set_widths (UbPartitionTable *self)
{
  self->wide =
      TICK_WIDTH + set_width (self, self->name_column, NAME) +
      set_width (self, self->begin_column, ADDRESS) + set_width (self, self->end_column, ADDRESS) +
      set_width (self, self->size_column, AMOUNT) + set_width (self, self->file_column, FILE_NAME) +
      ub_column_factory_measure (GTK_WIDGET (self->view), NULL, _ (NOTE));
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
has_addresses (UbPartitionTable *self)
{
  return gtk_column_view_column_get_column_view (self->begin_column) != NULL;
}

/* taken out, not hidden: hidden columns still take room in GTK 4.8 */
static gboolean
apply_width_cb (gpointer data)
{
  UbPartitionTable *self = data;
  gboolean          wide = gtk_widget_get_width (GTK_WIDGET (self)) >= self->wide;

  self->narrow_id = 0;
  if (wide && !has_addresses (self))
    {
      gtk_column_view_insert_column (self->view, 2, self->begin_column);
      gtk_column_view_insert_column (self->view, 3, self->end_column);
    }
  else if (!wide && has_addresses (self))
    {
      gtk_column_view_remove_column (self->view, self->begin_column);
      gtk_column_view_remove_column (self->view, self->end_column);
    }
  return G_SOURCE_REMOVE;
}

static void
ub_partition_table_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  UbPartitionTable *self = UB_PARTITION_TABLE (widget);

  gtk_widget_allocate (self->overlay, width, height, baseline, NULL);
  /* columns must not come and go in the middle of a layout */
  if (has_addresses (self) != (width >= self->wide) && self->narrow_id == 0)
    self->narrow_id = g_idle_add (apply_width_cb, self);
}

static void
ub_partition_table_measure (GtkWidget     *widget,
                            GtkOrientation orientation,
                            int            for_size,
                            int           *minimum,
                            int           *natural,
                            int           *minimum_baseline,
                            int           *natural_baseline)
{
  gtk_widget_measure (UB_PARTITION_TABLE (widget)->overlay,
                      orientation,
                      for_size,
                      minimum,
                      natural,
                      minimum_baseline,
                      natural_baseline);
}

/* arrows go from row to row, Tab goes on behind the table, and back to its head */
static gboolean
ub_partition_table_focus (GtkWidget *widget, GtkDirectionType direction)
{
  UbPartitionTable *self = UB_PARTITION_TABLE (widget);
  gboolean          tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;

  if (tab && ub_column_factory_has_focus (GTK_WIDGET (self->view)))
    return direction == GTK_DIR_TAB_BACKWARD && gtk_widget_grab_focus (GTK_WIDGET (self->all));
  return GTK_WIDGET_CLASS (ub_partition_table_parent_class)->focus (widget, direction);
}

static void
scrolled_cb (UbPartitionTable *self)
{
  /* the header's tick belongs to the first column and leaves with it */
  gtk_widget_set_visible (GTK_WIDGET (self->all), gtk_adjustment_get_value (self->hadjustment) < 4);
}

static void
ub_partition_table_dispose (GObject *object)
{
  UbPartitionTable *self = UB_PARTITION_TABLE (object);

  g_clear_handle_id (&self->narrow_id, g_source_remove);
  g_clear_object (&self->begin_column);
  g_clear_object (&self->end_column);
  g_clear_object (&self->store);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_partition_table_parent_class)->dispose (object);
}

static void
ub_partition_table_class_init (UbPartitionTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_partition_table_dispose;
  widget_class->focus = ub_partition_table_focus;
  widget_class->measure = ub_partition_table_measure;
  widget_class->size_allocate = ub_partition_table_size_allocate;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/unbrick/Unbrick/ui/ub-partition-table.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPartitionTable, overlay);
  gtk_widget_class_bind_template_child (widget_class, UbPartitionTable, view);
  gtk_widget_class_bind_template_child (widget_class, UbPartitionTable, all);
  gtk_widget_class_bind_template_child (widget_class, UbPartitionTable, hadjustment);
  gtk_widget_class_bind_template_callback (widget_class, all_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, scrolled_cb);
  g_signal_new ("tick-asked",
                UB_TYPE_PARTITION_TABLE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                2,
                UB_TYPE_PLAN_ROW,
                G_TYPE_BOOLEAN);
  g_signal_new ("tick-all-asked",
                UB_TYPE_PARTITION_TABLE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_BOOLEAN);
  g_signal_new ("row-activated",
                UB_TYPE_PARTITION_TABLE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                UB_TYPE_PLAN_ROW);
}

static void
ub_partition_table_init (UbPartitionTable *self)
{
  g_autoptr (GtkSingleSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->store = g_list_store_new (UB_TYPE_TABLE_ROW);
  add_columns (self);
  set_widths (self);
  g_signal_connect_object (gtk_settings_get_default (),
                           "notify::gtk-xft-dpi",
                           G_CALLBACK (set_widths),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_settings_get_default (),
                           "notify::gtk-font-name",
                           G_CALLBACK (set_widths),
                           self,
                           G_CONNECT_SWAPPED);
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->store)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}
