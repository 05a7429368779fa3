/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-download-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/ub-compat.h"
#include "app/ub-mode-box.h"
#include "app/ub-name.h"
#include "app/ub-narrow.h"
#include "app/ub-partition-table.h"
#include "app/ub-settings.h"
#include "app/ub-words.h"
#include "base/ub-error.h"
#include "base/ub-place.h"

struct _UbDownloadPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget        *box;
  GtkWidget        *files;
  GtkMenuButton    *firmware_button;
  GtkMenuButton    *recent_button;
  GtkLabel         *firmware_label;
  GtkDropDown      *agent_drop_down;
  GtkWidget        *choose_agent;
  GtkWidget        *mode_row;
  UbModeBox        *mode_box;
  GtkWidget        *storage_label;
  GtkDropDown      *storage_drop_down;
  GtkLabel         *storage_note;
  GtkLabel         *notes;
  GtkStack         *stack;
  UbPartitionTable *table;
  GtkLabel         *summary;
  GtkLabel         *loading_label;
  GtkProgressBar   *loading_bar;

  /* owned */
  UbFirmwareLoader *loader;
  GSettings        *settings; /* (nullable) */
  UbFirmware       *firmware; /* (nullable) */
  UbPlan           *plan;     /* (nullable) */
  GPtrArray        *agents;   /* (nullable) (element-type filename) */
  GHashTable       *ticks;    /* lower-case name → gboolean */
  GArray           *storages; /* of UbStorage, as in the drop-down */
  char             *agent;    /* (nullable): chosen by the person, for this firmware */
  char             *reason;   /* (nullable) */
  char             *path;     /* (nullable): what was opened last */
  GCancellable     *loading;  /* (nullable): while a firmware is being opened */
  UbPlanRow        *replaced; /* (nullable): the row whose file is being chosen */

  UbStorage storage;
  gboolean  expert;
  gboolean  locked;
  gboolean  filling; /* the drop-downs are being set by us */
  guint     loading_id;
};

G_DEFINE_FINAL_TYPE (UbDownloadPage, ub_download_page, GTK_TYPE_WIDGET)

static GtkWindow *
get_window (UbDownloadPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

/* --- from the choice to the plan --- */

static char *
find_reason (UbDownloadPage *self)
{
  if (self->loading != NULL)
    return g_strdup (_ ("The firmware is being opened"));
  if (self->plan == NULL)
    return g_strdup (_ ("Open a firmware first"));
  if (ub_plan_is_blocked (self->plan))
    {
      const UbIssue *issue = ub_plan_get_first_blocker (self->plan);

      return g_strdup (issue != NULL ? issue->text
                                     : _ ("Something speaks against it: see the table"));
    }
  if (self->agents == NULL || self->agents->len == 0)
    /* Translators: %s is a chip */
    return g_strdup_printf (_ ("No download agent for %s at hand: choose one above"),
                            ub_firmware_get_platform (self->firmware));
  return NULL;
}

static void
show_summary (UbDownloadPage *self)
{
  g_autoptr (UbPlanSummary) summary = ub_plan_dup_summary (self->plan);
  guint            of = g_list_model_get_n_items (ub_plan_get_rows (self->plan));
  guint            n = summary->n_parts;
  g_autofree char *amount = ub_words_format_amount (summary->bytes);
  g_autofree char *about = ub_words_format_about (summary->time_us);
  g_autofree char *parts =
      g_strdup_printf (ngettext ("%u of %u part", "%u of %u parts", of), n, of);
  /* Translators: parts to write, amount of data, time: "12 of 19 parts · 1.3 GB · about 2 minutes"
   */
  g_autofree char *text = g_strdup_printf (_ ("%s · %s · %s"), parts, amount, about);

  gtk_label_set_label (self->summary, n > 0 ? text : parts);
  ub_mode_box_set_words (self->mode_box, summary->lost, summary->keeps);
}

/* what concerns the whole firmware; what concerns one part stands in its row */
static void
show_notes (UbDownloadPage *self)
{
  GPtrArray *issues = ub_plan_get_issues (self->plan);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      if (issue->partition != NULL || issue->level < UB_ISSUE_WARNING)
        continue;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, issue->text);
    }
  gtk_label_set_label (self->notes, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), text->len > 0);
}

static void
announce_change (UbDownloadPage *self)
{
  g_free (self->reason);
  self->reason = find_reason (self);
  g_signal_emit_by_name (self, "changed");
}

static void
remake_plan (UbDownloadPage *self)
{
  UbPlanChoice choice = { .storage = self->storage, .ticks = self->ticks, .expert = self->expert };

  ub_mode_box_fill_choice (self->mode_box, &choice);
  g_clear_object (&self->plan);
  if (self->firmware != NULL)
    self->plan = ub_plan_new (self->firmware, &choice);
  ub_partition_table_set_rows (self->table,
                               self->plan != NULL ? ub_plan_get_rows (self->plan) : NULL);
  if (self->plan != NULL)
    {
      show_summary (self);
      show_notes (self);
    }
  announce_change (self);
}

static void
set_tick (UbDownloadPage *self, UbPlanRow *row, gboolean tick)
{
  g_hash_table_replace (self->ticks,
                        g_ascii_strdown (ub_plan_row_get_name (row), -1),
                        GINT_TO_POINTER (tick));
}

static void
tick_asked_cb (UbDownloadPage *self, UbPlanRow *row, gboolean tick)
{
  set_tick (self, row, tick);
  remake_plan (self);
}

static void
tick_all_asked_cb (UbDownloadPage *self, gboolean tick)
{
  GListModel *rows = self->plan != NULL ? ub_plan_get_rows (self->plan) : NULL;

  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (UbPlanRow) row = g_list_model_get_item (rows, i);

      if (ub_plan_row_get_tickable (row) && ub_plan_row_get_fate (row) != UB_ROW_KEPT)
        set_tick (self, row, tick);
    }
  remake_plan (self);
}

/* --- storages, modes, agents --- */

/* does the map list boot_a and boot_b? */
static gboolean
has_slots (UbDownloadPage *self)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      gsize              length = strlen (partition->name);
      g_autofree char   *other = NULL;

      if (partition->storage != self->storage || length < 3 ||
          g_ascii_strcasecmp (partition->name + length - 2, "_a") != 0)
        continue;
      other = g_strdup_printf ("%.*s_b", (int) length - 2, partition->name);
      if (ub_firmware_find_partition (self->firmware, self->storage, other) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* in the drop-down; the choice is another matter */
static void
select_storage (UbDownloadPage *self, UbStorage storage)
{
  self->filling = TRUE;
  for (guint i = 0; i < self->storages->len; i++)
    if (g_array_index (self->storages, UbStorage, i) == storage)
      gtk_drop_down_set_selected (self->storage_drop_down, i);
  self->filling = FALSE;
}

/* @phone: the phone has told which one it has */
static void
show_storage (UbDownloadPage *self, UbStorage storage, gboolean phone)
{
  const char      *name = ub_storage_to_string (storage);
  g_autofree char *text = NULL;

  select_storage (self, storage);
  if (phone)
    /* Translators: %s is eMMC or UFS */
    text = g_strdup_printf (_ ("The phone has %s: the table shows the map for it."), name);
  else
    /* Translators: %s is eMMC or UFS */
    text = g_strdup_printf (_ ("One map for each kind of storage: the phone decides. Shown: %s."),
                            name);
  gtk_label_set_label (self->storage_note, text);
  gtk_widget_set_visible (GTK_WIDGET (self->storage_note), self->storages->len > 1);
}

/* what is wrong with one section is of no matter to the other's phones */
static UbStorage
first_storage (UbDownloadPage *self)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };
  g_autoptr (UbPlan) plan = ub_plan_new (self->firmware, &choice);

  return ub_plan_get_storage (plan);
}

static void
fill_storages (UbDownloadPage *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint bits = ub_firmware_get_storages (self->firmware);

  g_array_set_size (self->storages, 0);
  for (UbStorage storage = UB_STORAGE_EMMC; storage <= UB_STORAGE_SDMMC; storage++)
    if ((bits & (1u << storage)) != 0)
      {
        g_array_append_val (self->storages, storage);
        gtk_string_list_append (names, ub_storage_to_string (storage));
      }
  self->filling = TRUE;
  gtk_drop_down_set_model (self->storage_drop_down, G_LIST_MODEL (names));
  self->filling = FALSE;
  self->storage = first_storage (self);
  gtk_widget_set_visible (self->storage_label, self->storages->len > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->storage_drop_down), self->storages->len > 1);
  show_storage (self, self->storage, FALSE);
  ub_mode_box_set_slots (self->mode_box, has_slots (self));
}

static void
storage_cb (UbDownloadPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->storage_drop_down);

  if (self->filling || selected >= self->storages->len)
    return;
  self->storage = g_array_index (self->storages, UbStorage, selected);
  g_hash_table_remove_all (self->ticks);
  show_storage (self, self->storage, FALSE);
  ub_mode_box_set_slots (self->mode_box, has_slots (self));
  remake_plan (self);
}

static gboolean
find_agent (UbDownloadPage *self, const char *path, guint *i)
{
  return path != NULL && g_ptr_array_find_with_equal_func (self->agents, path, g_str_equal, i);
}

/* as they will be tried: the one that was chosen, the firmware's own, the one used most lately, the best */
static guint
choose_agent (UbDownloadPage *self)
{
  GPtrArray *own = ub_firmware_get_agents (self->firmware);
  g_auto (GStrv) recent = ub_settings_get_list (self->settings, "recent-agents");
  guint chosen = 0;

  if (find_agent (self, self->agent, &chosen))
    return chosen;
  for (guint i = 0; i < own->len; i++)
    if (find_agent (self, g_ptr_array_index (own, i), &chosen))
      return chosen;
  for (guint i = 0; recent[i] != NULL; i++)
    if (find_agent (self, recent[i], &chosen))
      return chosen;
  return 0;
}

static void
take_agent (UbDownloadPage *self, const char *path)
{
  g_free (self->agent);
  self->agent = g_strdup (path);
  if (path != NULL)
    ub_settings_add_recent (self->settings, "recent-agents", path);
}

static void
fill_agents (UbDownloadPage *self, GPtrArray *agents)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_clear_pointer (&self->agents, g_ptr_array_unref);
  self->agents = g_ptr_array_ref (agents);
  for (guint i = 0; i < agents->len; i++)
    {
      g_autofree char *base = g_filename_display_basename (g_ptr_array_index (agents, i));
      g_autofree char *text =
          /* Translators: name of a download agent's file, a chip */
          g_strdup_printf (_ ("%s · fits %s"), base, ub_firmware_get_platform (self->firmware));

      gtk_string_list_append (names, text);
    }
  if (agents->len == 0)
    gtk_string_list_append (names, _ ("None found"));
  self->filling = TRUE;
  gtk_drop_down_set_model (self->agent_drop_down, G_LIST_MODEL (names));
  ub_narrow_drop_down (GTK_WIDGET (self->agent_drop_down));
  gtk_drop_down_set_selected (self->agent_drop_down, agents->len > 0 ? choose_agent (self) : 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->agent_drop_down), agents->len > 0 && !self->locked);
  self->filling = FALSE;
}

static void
agent_cb (UbDownloadPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->agent_drop_down);

  if (self->filling || self->agents == NULL || selected >= self->agents->len)
    return;
  take_agent (self, g_ptr_array_index (self->agents, selected));
}

const char *
ub_download_page_get_agent (UbDownloadPage *self)
{
  return self->agent;
}

char **
ub_download_page_dup_agents (UbDownloadPage *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint selected = gtk_drop_down_get_selected (self->agent_drop_down);

  for (guint i = 0; self->agents != NULL && i < self->agents->len; i++)
    if (i == selected)
      g_strv_builder_add (builder, g_ptr_array_index (self->agents, i));
  for (guint i = 0; self->agents != NULL && i < self->agents->len; i++)
    if (i != selected)
      g_strv_builder_add (builder, g_ptr_array_index (self->agents, i));
  return g_strv_builder_end (builder);
}

/* --- opening --- */

static void
show_view (UbDownloadPage *self, const char *name)
{
  gboolean   any = self->firmware != NULL;
  GtkWidget *shown = gtk_stack_get_child_by_name (self->stack, name);

  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (self->stack, shown);
  /* a screen reader would read the others, too, were they only behind */
  for (GtkWidget *c = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    if (c != shown)
      gtk_widget_set_visible (c, FALSE);
  gtk_widget_set_visible (self->files, any || !g_str_equal (name, "empty"));
  gtk_widget_set_visible (self->mode_row, any && g_str_equal (name, "table"));
  gtk_widget_set_visible (GTK_WIDGET (self->storage_note),
                          any && g_str_equal (name, "table") && self->storages->len > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->notes),
                          any && g_str_equal (name, "table") &&
                              *gtk_label_get_label (self->notes) != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->summary), any && g_str_equal (name, "table"));
}

static void
show_firmware (UbDownloadPage *self)
{
  const char      *project = ub_firmware_get_project (self->firmware);
  g_autofree char *folder = ub_words_shorten_path (ub_firmware_get_folder (self->firmware));
  g_autofree char *text = NULL;

  if (project != NULL && *project != '\0')
    text = g_strdup_printf ("%s · %s · %s",
                            project,
                            ub_firmware_get_platform (self->firmware),
                            folder);
  else
    text = g_strdup_printf ("%s · %s", ub_firmware_get_platform (self->firmware), folder);
  gtk_label_set_label (self->firmware_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->firmware_label), text);
}

static void
take_firmware (UbDownloadPage *self, UbLoaded *loaded)
{
  g_set_object (&self->firmware, loaded->firmware);
  show_firmware (self);
  if (loaded->agents != NULL)
    fill_agents (self, loaded->agents);
}

static gboolean
loading_cb (gpointer data)
{
  UbDownloadPage  *self = data;
  double           fraction;
  g_autofree char *what = ub_firmware_loader_dup_progress (self->loader, &fraction);

  gtk_label_set_label (self->loading_label, what != NULL ? what : _ ("Looking at the files"));
  if (what != NULL && fraction >= 0)
    gtk_progress_bar_set_fraction (self->loading_bar, MIN (fraction, 1));
  else
    gtk_progress_bar_pulse (self->loading_bar);
  return G_SOURCE_CONTINUE;
}

static void
stop_loading (UbDownloadPage *self)
{
  g_clear_handle_id (&self->loading_id, g_source_remove);
  g_clear_object (&self->loading);
}

static void
chosen_cb (GtkListBox *list, GtkListBoxRow *row, UbDownloadPage *self)
{
  GtkWindow       *dialog = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (list)));
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (row), "ub-path"));

  gtk_window_destroy (dialog);
  ub_download_page_open (self, path);
}

static GtkWidget *
new_choice_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* scatter files are called alike: the folder tells them apart */
static void
add_choice (GtkListBox *list, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *title = g_filename_display_basename (folder);
  g_autofree char *where = ub_words_shorten_path (path);
  g_autofree char *text = g_strdup_printf ("%s, %s", title, where);
  GtkWidget       *row = gtk_list_box_row_new ();
  GtkWidget       *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_widget_add_css_class (box, "choice");
  gtk_box_append (GTK_BOX (box), new_choice_label (title, "heading"));
  gtk_box_append (GTK_BOX (box), new_choice_label (where, "dim-label"));
  gtk_widget_set_tooltip_text (box, where);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "ub-path", g_strdup (path), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_list_box_append (list, row);
}

/* several firmwares in one place: asks which */
static void
ask_which (UbDownloadPage *self, GPtrArray *choices)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (
      "/io/github/unbrick/Unbrick/ui/ub-choose-firmware.ui");
  GtkWindow  *dialog = GTK_WINDOW (gtk_builder_get_object (builder, "dialog"));
  GtkListBox *list = GTK_LIST_BOX (gtk_builder_get_object (builder, "list"));

  for (guint i = 0; i < choices->len; i++)
    add_choice (list, g_ptr_array_index (choices, i));
  g_signal_connect_object (list, "row-activated", G_CALLBACK (chosen_cb), self, 0);
  gtk_window_set_transient_for (dialog, get_window (self));
  gtk_window_present (dialog);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbDownloadPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLoaded) loaded =
                 ub_firmware_loader_finish (UB_FIRMWARE_LOADER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  stop_loading (self);
  if (error != NULL)
    {
      show_view (self, self->firmware != NULL ? "table" : "empty");
      announce_change (self);
      g_signal_emit_by_name (self, "trouble", error);
      return;
    }
  if (loaded->firmware == NULL)
    {
      show_view (self, self->firmware != NULL ? "table" : "empty");
      announce_change (self);
      if (loaded->choices != NULL)
        ask_which (self, loaded->choices);
      else if (loaded->alone)
        g_signal_emit_by_name (self, "alone", self->path, loaded->trouble);
      return;
    }
  take_agent (self, NULL);
  take_firmware (self, loaded);
  g_hash_table_remove_all (self->ticks);
  fill_storages (self);
  remake_plan (self);
  show_view (self, "table");
  if (loaded->alone)
    g_signal_emit_by_name (self, "alone", ub_firmware_get_path (self->firmware), NULL);
  else
    g_signal_emit_by_name (self, "opened", ub_firmware_get_path (self->firmware));
}

void
ub_download_page_open (UbDownloadPage *self, const char *path)
{
  ub_download_page_open_in (self, path, NULL);
}

void
ub_download_page_open_in (UbDownloadPage *self, const char *path, const char *wanted)
{
  if (self->locked || self->loader == NULL)
    return;
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  stop_loading (self);
  self->loading = g_cancellable_new ();
  gtk_progress_bar_set_fraction (self->loading_bar, 0);
  loading_cb (self);
  self->loading_id = g_timeout_add (100, loading_cb, self);
  show_view (self, "loading");
  announce_change (self);
  g_free (self->path);
  self->path = g_strdup (path);
  ub_firmware_loader_open_async (self->loader,
                                 path,
                                 wanted,
                                 self->loading,
                                 opened_cb,
                                 g_object_ref (self));
}

static void
agents_added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbDownloadPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLoaded) loaded =
                 ub_firmware_loader_finish (UB_FIRMWARE_LOADER (source), result, &error);

  if (loaded == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_signal_emit_by_name (self, "trouble", error);
      return;
    }
  if (loaded->added != NULL)
    take_agent (self, loaded->added);
  if (self->firmware == NULL || loaded->agents == NULL)
    return;
  fill_agents (self, loaded->agents);
  announce_change (self);
}

void
ub_download_page_add_agents (UbDownloadPage *self, const char *path)
{
  ub_firmware_loader_add_agents_async (self->loader,
                                       path,
                                       self->firmware,
                                       NULL,
                                       agents_added_cb,
                                       g_object_ref (self));
}

/* --- another file for a row --- */

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbDownloadPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLoaded) loaded =
                 ub_firmware_loader_finish (UB_FIRMWARE_LOADER (source), result, &error);

  if (loaded == NULL)
    {
      g_signal_emit_by_name (self, "trouble", error);
      return;
    }
  take_firmware (self, loaded);
  remake_plan (self);
}

static void
file_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbDownloadPage) self = user_data;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL || self->replaced == NULL || self->firmware == NULL || self->locked)
    return;
  /* who chooses a file wants it written */
  if (ub_plan_row_get_fate (self->replaced) != UB_ROW_KEPT)
    set_tick (self, self->replaced, TRUE);
  ub_firmware_loader_replace_async (self->loader,
                                    self->firmware,
                                    self->storage,
                                    ub_plan_row_get_name (self->replaced),
                                    path,
                                    NULL,
                                    replaced_cb,
                                    g_object_ref (self));
}

static void
row_activated_cb (UbDownloadPage *self, UbPlanRow *row)
{
  UbRowFate        fate = ub_plan_row_get_fate (row);
  g_autofree char *folder = NULL;
  g_autofree char *title = NULL;

  if (fate == UB_ROW_RESERVED || (fate == UB_ROW_KEPT && !self->expert))
    return;
  g_set_object (&self->replaced, row);
  /* Translators: %s is a partition */
  title = g_strdup_printf (_ ("Choose another file for %s"), ub_plan_row_get_name (row));
  folder = ub_place_dup_real (ub_firmware_get_folder (self->firmware));
  ub_compat_open (get_window (self),
                  UB_COMPAT_OPEN_FILE,
                  title,
                  folder,
                  file_chosen_cb,
                  g_object_ref (self));
}

/* --- for the window --- */

void
ub_download_page_set_loader (UbDownloadPage *self, UbFirmwareLoader *loader)
{
  g_set_object (&self->loader, loader);
}

void
ub_download_page_set_settings (UbDownloadPage *self, GSettings *settings)
{
  g_set_object (&self->settings, settings);
  ub_mode_box_set_settings (self->mode_box, settings);
}

void
ub_download_page_set_recent (UbDownloadPage *self, GMenuModel *recent, gboolean any)
{
  gtk_menu_button_set_menu_model (self->firmware_button, recent);
  gtk_menu_button_set_menu_model (self->recent_button, recent);
  gtk_widget_set_visible (GTK_WIDGET (self->recent_button), any);
}

void
ub_download_page_set_mode (UbDownloadPage *self, UbMode mode)
{
  ub_mode_box_set_mode (self->mode_box, mode);
}

void
ub_download_page_set_expert (UbDownloadPage *self, gboolean expert)
{
  self->expert = expert;
  remake_plan (self);
}

void
ub_download_page_set_locked (UbDownloadPage *self, gboolean locked)
{
  self->locked = locked;
  ub_partition_table_set_locked (self->table, locked);
  gtk_widget_set_sensitive (GTK_WIDGET (self->firmware_button), !locked);
  gtk_widget_set_sensitive (GTK_WIDGET (self->agent_drop_down),
                            !locked && self->agents != NULL && self->agents->len > 0);
  ub_mode_box_set_locked (self->mode_box, locked);
  gtk_widget_set_sensitive (GTK_WIDGET (self->storage_drop_down), !locked);
  /* what the phone told of a plan is only true for that phone */
  if (locked || self->plan == NULL)
    return;
  ub_partition_table_set_rows (self->table, ub_plan_get_rows (self->plan));
  show_storage (self, self->storage, FALSE);
}

void
ub_download_page_show_checked (UbDownloadPage *self, UbPlan *plan)
{
  if (self->plan == NULL || ub_plan_get_firmware (plan) != self->firmware ||
      ub_plan_get_mode (plan) != ub_plan_get_mode (self->plan))
    return;
  ub_partition_table_set_rows (self->table, ub_plan_get_rows (plan));
  show_storage (self, ub_plan_get_storage (plan), TRUE);
}

UbPlan *
ub_download_page_get_plan (UbDownloadPage *self)
{
  return self->plan;
}

UbFirmware *
ub_download_page_get_firmware (UbDownloadPage *self)
{
  return self->firmware;
}

const char *
ub_download_page_get_reason (UbDownloadPage *self)
{
  return self->reason;
}

static void
ub_download_page_dispose (GObject *object)
{
  UbDownloadPage *self = UB_DOWNLOAD_PAGE (object);

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  stop_loading (self);
  g_clear_object (&self->loader);
  g_clear_object (&self->settings);
  g_clear_object (&self->firmware);
  g_clear_object (&self->plan);
  g_clear_object (&self->replaced);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_download_page_parent_class)->dispose (object);
}

static void
ub_download_page_finalize (GObject *object)
{
  UbDownloadPage *self = UB_DOWNLOAD_PAGE (object);

  g_clear_pointer (&self->agents, g_ptr_array_unref);
  g_clear_pointer (&self->ticks, g_hash_table_unref);
  g_clear_pointer (&self->agent, g_free);
  g_clear_pointer (&self->storages, g_array_unref);
  g_free (self->reason);
  g_free (self->path);
  G_OBJECT_CLASS (ub_download_page_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, files);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, firmware_button);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, recent_button);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, firmware_label);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, agent_drop_down);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, choose_agent);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, mode_row);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, mode_box);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, storage_label);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, storage_drop_down);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, storage_note);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, notes);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, table);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, summary);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, loading_label);
  gtk_widget_class_bind_template_child (widget_class, UbDownloadPage, loading_bar);
}

static void
ub_download_page_class_init (UbDownloadPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_download_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_download_page_finalize;
  g_type_ensure (UB_TYPE_PARTITION_TABLE);
  g_type_ensure (UB_TYPE_MODE_BOX);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-download-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, tick_asked_cb);
  gtk_widget_class_bind_template_callback (widget_class, tick_all_asked_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, storage_cb);
  gtk_widget_class_bind_template_callback (widget_class, remake_plan);
  gtk_widget_class_bind_template_callback (widget_class, agent_cb);
  g_signal_new ("changed",
                UB_TYPE_DOWNLOAD_PAGE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                0);
  g_signal_new ("opened",
                UB_TYPE_DOWNLOAD_PAGE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_STRING);
  g_signal_new ("alone",
                UB_TYPE_DOWNLOAD_PAGE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                2,
                G_TYPE_STRING,
                G_TYPE_ERROR);
  g_signal_new ("trouble",
                UB_TYPE_DOWNLOAD_PAGE,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_ERROR);
}

static void
ub_download_page_init (UbDownloadPage *self)
{
  GtkWidget *field;

  self->ticks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->storages = g_array_new (FALSE, FALSE, sizeof (UbStorage));
  gtk_widget_init_template (GTK_WIDGET (self));
  /* a menu button centres what is in it; this one is a field */
  field = gtk_widget_get_parent (gtk_menu_button_get_child (self->firmware_button));
  gtk_widget_set_halign (field, GTK_ALIGN_FILL);
  ub_name_inner (GTK_WIDGET (self->firmware_button), _ ("Firmware"));
  ub_name_inner (GTK_WIDGET (self->recent_button), _ ("Firmware opened lately"));
  ub_name_inner (GTK_WIDGET (self->agent_drop_down), _ ("Agent"));
  ub_name_inner (GTK_WIDGET (self->storage_drop_down), _ ("Storage"));
  self->reason = find_reason (self);
  show_view (self, "empty");
}
