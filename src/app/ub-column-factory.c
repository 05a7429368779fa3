/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-column-factory.h"

/* Static names, so they can be copied as they are. */
typedef struct
{
  const char *property;
  const char *other; /* (nullable): tooltip, icon or sensitivity */
  const char *name;  /* (nullable): css class or accessible name */
  float       xalign;
} Column;

/* keeps what bind made until unbind */
static void
keep_bindings (GtkListItem *item, GPtrArray *bindings)
{
  g_object_set_data_full (G_OBJECT (item),
                          "ub-bindings",
                          bindings,
                          (GDestroyNotify) g_ptr_array_unref);
}

static void
drop_binding (gpointer data)
{
  g_binding_unbind (data);
  g_object_unref (data);
}

static void
add_binding (GPtrArray    *bindings,
             GObject      *row,
             const char   *from,
             gpointer      to,
             const char   *property,
             GBindingFlags flags)
{
  GBinding *binding =
      g_object_bind_property (row, from, to, property, flags | G_BINDING_SYNC_CREATE);

  g_ptr_array_add (bindings, g_object_ref (binding));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  g_object_set_data (G_OBJECT (item), "ub-bindings", NULL);
}

static GtkWidget *
new_label (const Column *column)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column->xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static void
setup_text_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GtkWidget    *label = new_label (column);

  if (column->name != NULL)
    gtk_widget_add_css_class (label, column->name);
  gtk_list_item_set_child (item, label);
}

static void
bind_text_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GObject      *row = gtk_list_item_get_item (item);
  GtkWidget    *label = gtk_list_item_get_child (item);
  GPtrArray    *bindings = g_ptr_array_new_with_free_func (drop_binding);

  add_binding (bindings, row, column->property, label, "label", 0);
  add_binding (bindings,
               row,
               column->other != NULL ? column->other : column->property,
               label,
               "tooltip-text",
               0);
  keep_bindings (item, bindings);
}

static gboolean
has_text (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_set_boolean (to, g_value_get_string (from) != NULL);
  return TRUE;
}

static void
setup_icon_text_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  /* the words beside it say the same */
  gtk_box_append (
      GTK_BOX (box),
      g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL));
  gtk_box_append (GTK_BOX (box), new_label (user_data));
  gtk_list_item_set_child (item, box);
}

static void
bind_icon_text_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GObject      *row = gtk_list_item_get_item (item);
  GtkWidget    *image = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget    *label = gtk_widget_get_next_sibling (image);
  GPtrArray    *bindings = g_ptr_array_new_with_free_func (drop_binding);
  GBinding     *visible;

  add_binding (bindings, row, column->other, image, "icon-name", 0);
  visible = g_object_bind_property_full (row,
                                         column->other,
                                         image,
                                         "visible",
                                         G_BINDING_SYNC_CREATE,
                                         has_text,
                                         NULL,
                                         NULL,
                                         NULL);
  g_ptr_array_add (bindings, g_object_ref (visible));
  add_binding (bindings, row, column->property, label, "label", 0);
  add_binding (bindings, row, column->property, label, "tooltip-text", 0);
  keep_bindings (item, bindings);
}

static void
setup_tick_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, gtk_check_button_new ());
}

static void
bind_tick_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GObject      *row = gtk_list_item_get_item (item);
  GtkWidget    *check = gtk_list_item_get_child (item);
  GPtrArray    *bindings = g_ptr_array_new_with_free_func (drop_binding);
  /* GTK gives a check button no action for screen readers; this one is it */
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GPropertyAction) toggle = g_property_action_new ("toggle", row, column->property);
  g_autofree char *name = NULL;

  add_binding (bindings, row, column->other, check, "sensitive", 0);
  add_binding (bindings, row, column->property, check, "active", G_BINDING_BIDIRECTIONAL);
  keep_bindings (item, bindings);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (toggle));
  gtk_widget_insert_action_group (check, "row", G_ACTION_GROUP (actions));
  g_object_get (row, column->name, &name, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
unbind_tick_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_widget_insert_action_group (gtk_list_item_get_child (item), "row", NULL);
  g_object_set_data (G_OBJECT (item), "ub-bindings", NULL);
}

static GtkListItemFactory *
new_factory (const Column *column, GCallback setup, GCallback bind, GCallback unbind)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  Column             *copy = g_memdup2 (column, sizeof *column);

  g_object_set_data_full (G_OBJECT (factory), "ub-column", copy, g_free);
  g_signal_connect (factory, "setup", setup, copy);
  g_signal_connect (factory, "bind", bind, copy);
  g_signal_connect (factory, "unbind", unbind, copy);
  return factory;
}

GtkListItemFactory *
ub_column_factory_new_text (const char *property,
                            const char *tip,
                            const char *css_class,
                            float       xalign)
{
  const Column column = { .property = property, .other = tip, .name = css_class, .xalign = xalign };

  return new_factory (&column,
                      G_CALLBACK (setup_text_cb),
                      G_CALLBACK (bind_text_cb),
                      G_CALLBACK (unbind_cb));
}

GtkListItemFactory *
ub_column_factory_new_icon_text (const char *icon_property, const char *property)
{
  const Column column = { .property = property, .other = icon_property };

  return new_factory (&column,
                      G_CALLBACK (setup_icon_text_cb),
                      G_CALLBACK (bind_icon_text_cb),
                      G_CALLBACK (unbind_cb));
}

GtkListItemFactory *
ub_column_factory_new_tick (const char *property,
                            const char *sensitive_property,
                            const char *name_property)
{
  const Column column = { .property = property,
                          .other = sensitive_property,
                          .name = name_property };

  return new_factory (&column,
                      G_CALLBACK (setup_tick_cb),
                      G_CALLBACK (bind_tick_cb),
                      G_CALLBACK (unbind_tick_cb));
}

/* what the theme puts around the words of a cell */
#define AROUND 14

static int
measure_words (GtkWidget *view, const char *words, gboolean bold)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (view, words);
  int width;

  if (bold)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      pango_layout_set_attributes (layout, attributes);
    }
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

int
ub_column_factory_measure (GtkWidget *view, const char *title, const char *sample)
{
  int head = title != NULL ? measure_words (view, title, TRUE) : 0;

  return MAX (head, measure_words (view, sample, FALSE)) + AROUND;
}

gboolean
ub_column_factory_has_focus (GtkWidget *view)
{
  GtkRoot   *root = gtk_widget_get_root (view);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, view);
}
