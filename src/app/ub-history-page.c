/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-history-page.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-stack.h"
#include "app/ub-unfinished-list.h"
#include "app/ub-window-private.h"
#include "app/ub-words.h"
#include "engine/ub-aftermath.h"

struct _UbHistoryPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget        *box;
  GtkSearchEntry   *search;
  GtkListView      *view;
  GtkStack         *stack;
  UbUnfinishedList *unfinished;

  UbHistory          *history;  /* (owned) (nullable) */
  GtkFilterListModel *filtered; /* (owned) (nullable) */
  GtkCustomFilter    *filter;   /* borrowed from @filtered */
  gboolean            running;  /* a job: none can be begun */
};

enum
{
  PROP_RUNNING = 1,
};

G_DEFINE_FINAL_TYPE (UbHistoryPage, ub_history_page, GTK_TYPE_WIDGET)

static const char *
get_result_text (UbResult result)
{
  switch (result)
    {
    case UB_RESULT_DONE:
      return _ ("Done");
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
  /* a test is of the whole phone, not of the area it began with */
  const char *title =
      ub_history_entry_get_mode (entry) != UB_MODE_TEST ? ub_history_entry_get_title (entry) : "";
  const char *chip = ub_history_entry_get_chip (entry);

  if (*title == '\0' || *chip == '\0')
    return g_strdup (*title != '\0' ? title : chip);
  return g_strdup_printf ("%s · %s", title, chip);
}

static char *
dup_line (UbHistoryEntry *entry)
{
  GDateTime       *time = ub_history_entry_get_time (entry);
  g_autofree char *when = time != NULL ? g_date_time_format (time, "%x %R") : g_strdup ("");
  UbAftermathKind  after;

  if (ub_aftermath_from_string (ub_history_entry_get_after (entry), &after))
    /* Translators: what a job was, how it ended, when, and what the phone did then: "Firmware upgrade · Done · 3 March 12:05 ·
     * The phone has started" */
    return g_strdup_printf (_ ("%s · %s · %s · %s"),
                            ub_mode_get_title (ub_history_entry_get_mode (entry)),
                            get_result_text (ub_history_entry_get_result (entry)),
                            when,
                            ub_aftermath_get_title (after));

  /* Translators: what a job was, how it ended, and when: "Firmware upgrade · Done · 3 March 12:05" */
  return g_strdup_printf (_ ("%s · %s · %s"),
                          ub_mode_get_title (ub_history_entry_get_mode (entry)),
                          get_result_text (ub_history_entry_get_result (entry)),
                          when);
}

/* --- what can be done with an entry --- */

static UbWindow *
get_window (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return UB_IS_WINDOW (root) ? UB_WINDOW (root) : NULL;
}

/* where a job without a firmware is begun; NULL for the others */
static const char *
get_page (UbMode mode)
{
  switch (mode)
    {
    case UB_MODE_READBACK:
      return "readback";
    case UB_MODE_ERASE:
      return "format";
    case UB_MODE_TEST:
      return "test";
    default:
      return NULL;
    }
}

static gboolean
is_again_possible (UbHistoryEntry *entry)
{
  UbMode mode = ub_history_entry_get_mode (entry);

  if (mode == UB_MODE_RESTORE || mode == UB_MODE_SINGLE)
    return FALSE;
  return get_page (mode) != NULL || *ub_history_entry_get_firmware (entry) != '\0';
}

static void
again_cb (GSimpleAction *action, GVariant *parameter, GtkListItem *item)
{
  UbHistoryEntry *entry = gtk_list_item_get_item (item);
  UbWindow       *window = get_window (gtk_list_item_get_child (item));
  UbMode          mode = ub_history_entry_get_mode (entry);

  if (window == NULL || ub_window_is_running (window))
    return;
  if (get_page (mode) != NULL)
    {
      /* how the last job ended would lie over it */
      ub_window_set_end (window, NULL, NULL, NULL);
      gtk_stack_set_visible_child_name (window->pages, get_page (mode));
      return;
    }
  ub_download_page_set_mode (window->page, mode);
  ub_window_open (window, ub_history_entry_get_firmware (entry));
}

static void
show_copy (GtkListItem *item, gboolean restore)
{
  UbHistoryEntry *entry = gtk_list_item_get_item (item);
  UbWindow       *window = get_window (gtk_list_item_get_child (item));

  if (window != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (window),
                                    "show-copy",
                                    g_variant_new ("(sb)",
                                                   ub_history_entry_get_copy (entry),
                                                   restore));
}

static void
show_copy_cb (GSimpleAction *action, GVariant *parameter, GtkListItem *item)
{
  show_copy (item, FALSE);
}

static void
restore_cb (GSimpleAction *action, GVariant *parameter, GtkListItem *item)
{
  show_copy (item, TRUE);
}

static void
copy_cb (GSimpleAction *action, GVariant *parameter, GtkListItem *item)
{
  UbHistoryEntry *entry = gtk_list_item_get_item (item);

  gtk_widget_activate_action (gtk_list_item_get_child (item),
                              "win.support",
                              "s",
                              ub_history_entry_get_path (entry));
}

static void
save_cb (GSimpleAction *action, GVariant *parameter, GtkListItem *item)
{
  UbHistoryEntry  *entry = gtk_list_item_get_item (item);
  UbWindow        *window = get_window (gtk_list_item_get_child (item));
  g_autofree char *json = ub_history_read (ub_history_entry_get_path (entry));

  if (json != NULL && window != NULL)
    ub_window_save_report (GTK_WINDOW (window), json, ub_history_entry_get_time (entry));
}

/* --- rows --- */

static GMenuModel *
new_menu (UbHistoryEntry *entry)
{
  gboolean read = ub_history_entry_get_mode (entry) == UB_MODE_READBACK;
  GMenu   *menu = g_menu_new ();

  if (is_again_possible (entry))
    g_menu_append (menu, _ ("_Do It Again"), "entry.again");
  if (*ub_history_entry_get_copy (entry) != '\0')
    {
      g_menu_append (menu,
                     read ? _ ("Show the _Copy") : _ ("Show the _Safety Copy"),
                     "entry.show-copy");
      g_menu_append (menu, _ ("_Restore This Copy…"), "entry.restore");
    }
  g_menu_append (menu, _ ("Copy for Su_pport…"), "entry.copy");
  g_menu_append (menu, _ ("_Save Report…"), "entry.save");
  return G_MENU_MODEL (menu);
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

static GtkWidget *
new_again_button (void)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Do It Again"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "entry.again");
  return button;
}

static GtkWidget *
new_menu_button (void)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("What can be done with this job"));
  return button;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *line = new_label ("dim-label");
  /* the line says the same in words */
  GtkWidget *image =
      g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  /* what became of the phone is at its end */
  gtk_label_set_ellipsize (GTK_LABEL (line), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (line), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_add_css_class (row, "choice");
  gtk_box_append (GTK_BOX (words), new_label ("heading"));
  gtk_box_append (GTK_BOX (words), line);
  gtk_box_append (GTK_BOX (row), image);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), new_again_button ());
  gtk_box_append (GTK_BOX (row), new_menu_button ());
  gtk_list_item_set_child (item, row);
}

static void
add_action (GSimpleActionGroup *actions, const char *name, GCallback callback, GtkListItem *item)
{
  g_autoptr (GSimpleAction) action = g_simple_action_new (name, NULL);

  g_signal_connect_object (action, "activate", callback, item, 0);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (action));
}

/* one that begins a job: not while another runs */
static void
add_beginning (GSimpleActionGroup *actions,
               const char         *name,
               GCallback           callback,
               GtkListItem        *item,
               UbHistoryPage      *self)
{
  add_action (actions, name, callback, item);
  g_object_bind_property (self,
                          "running",
                          g_action_map_lookup_action (G_ACTION_MAP (actions), name),
                          "enabled",
                          G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
}

static void
add_actions (UbHistoryPage *self, GtkListItem *item, UbHistoryEntry *entry)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

  add_action (actions, "copy", G_CALLBACK (copy_cb), item);
  add_action (actions, "save", G_CALLBACK (save_cb), item);
  if (is_again_possible (entry))
    add_beginning (actions, "again", G_CALLBACK (again_cb), item, self);
  if (*ub_history_entry_get_copy (entry) != '\0')
    {
      add_action (actions, "show-copy", G_CALLBACK (show_copy_cb), item);
      add_beginning (actions, "restore", G_CALLBACK (restore_cb), item, self);
    }
  gtk_widget_insert_action_group (gtk_list_item_get_child (item),
                                  "entry",
                                  G_ACTION_GROUP (actions));
}

static void
name_buttons (GtkWidget *again, GtkWidget *more, const char *title, const char *line)
{
  g_autofree char *text = g_strdup_printf ("%s, %s", title, line);

  gtk_accessible_update_property (GTK_ACCESSIBLE (again),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text,
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (more),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What can be done with this job"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text,
                                  -1);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  UbHistoryEntry  *entry = gtk_list_item_get_item (item);
  GtkWidget       *image = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget       *words = gtk_widget_get_next_sibling (image);
  GtkWidget       *title = gtk_widget_get_first_child (words);
  GtkWidget       *again = gtk_widget_get_next_sibling (words);
  const char      *copy = ub_history_entry_get_copy (entry);
  GtkWidget       *more = gtk_widget_get_next_sibling (again);
  g_autofree char *text = dup_title (entry);
  g_autofree char *line = dup_line (entry);
  g_autofree char *folder = *copy != '\0' ? ub_words_shorten_path (copy) : NULL;
  g_autoptr (GMenuModel) menu = new_menu (entry);

  gtk_image_set_from_icon_name (GTK_IMAGE (image),
                                get_result_icon (ub_history_entry_get_result (entry)));
  gtk_label_set_label (GTK_LABEL (title), text);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (title)), line);
  gtk_widget_set_tooltip_text (words, folder);
  gtk_widget_set_visible (again, is_again_possible (entry));
  name_buttons (again, more, text, line);
  add_actions (user_data, item, entry);
  /* after the actions: a menu does not see them come */
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (more), menu);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_widget_insert_action_group (gtk_list_item_get_child (item), "entry", NULL);
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

  ub_stack_show (self->stack, found ? "list" : any ? "nothing" : "empty");
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
ub_history_page_set_journals (UbHistoryPage *self, GPtrArray *journals)
{
  ub_unfinished_list_set_journals (self->unfinished, journals);
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

void
ub_history_page_set_running (UbHistoryPage *self, gboolean running)
{
  if (self->running == running)
    return;
  self->running = running;
  g_object_notify (G_OBJECT (self), "running");
}

/* --- life --- */

static void
ub_history_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUNNING)
    g_value_set_boolean (value, UB_HISTORY_PAGE (object)->running);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
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
  G_OBJECT_CLASS (klass)->get_property = ub_history_page_get_property;
  g_object_class_install_property (G_OBJECT_CLASS (klass),
                                   PROP_RUNNING,
                                   g_param_spec_boolean ("running",
                                                         NULL,
                                                         NULL,
                                                         FALSE,
                                                         G_PARAM_READABLE |
                                                             G_PARAM_STATIC_STRINGS));
  g_type_ensure (UB_TYPE_UNFINISHED_LIST);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, search);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, view);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UbHistoryPage, unfinished);
  gtk_widget_class_bind_template_callback (widget_class, search_cb);
  gtk_widget_class_install_action (widget_class, "history.show-folder", NULL, show_folder_cb);
}

static void
ub_history_page_init (UbHistoryPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (self->view, factory);
  g_object_unref (factory);
}
