/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-history.h"

#include <json-glib/json-glib.h>

#include "engine/ub-disk.h"

/* a report is some ten kB, with a trace some hundred */
#define MAX_SIZE (16 * 1024 * 1024)
#define MAX_REPORTS 5000

struct _UbHistoryEntry
{
  GObject parent_instance;

  char      *path;
  char      *project;
  char      *chip;
  char      *error;
  char      *firmware;
  char      *after;
  char      *copy;
  char      *journal;
  char      *title;
  UbMode     mode;
  UbResult   result;
  GDateTime *time;
};

typedef enum
{
  PROP_PATH = 1,
  PROP_PROJECT,
  PROP_CHIP,
  PROP_ERROR,
  PROP_FIRMWARE,
  PROP_COPY,
  PROP_JOURNAL,
  PROP_TITLE,
} UbHistoryEntryProperty;

static GParamSpec *properties[PROP_TITLE + 1];

G_DEFINE_FINAL_TYPE (UbHistoryEntry, ub_history_entry, G_TYPE_OBJECT)

struct _UbHistory
{
  GObject parent_instance;

  char      *folder;
  GPtrArray *entries; /* of UbHistoryEntry, newest first */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UbHistory,
                               ub_history,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* --- one entry --- */

/* NULL unless it is an object with that member of that kind: the file may be anything */
static JsonObject *
object_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
string_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return "";
  return json_node_get_string (node);
}

/* a report does not name the home folder */
static char *
dup_path_member (JsonObject *object, const char *name)
{
  const char *path = string_member (object, name);

  return path[0] == '~' && path[1] == '/' ? g_build_filename (g_get_home_dir (), path + 2, NULL)
                                          : g_strdup (path);
}

static void
entry_take_plan (UbHistoryEntry *self, JsonObject *plan)
{
  const char *title = string_member (plan, "title");

  self->project = g_strdup (string_member (plan, "project"));
  self->title = g_strdup (title[0] != '\0' ? title : self->project);
  self->firmware = dup_path_member (plan, "firmware");
  if (!ub_mode_from_string (string_member (plan, "mode"), &self->mode))
    self->mode = UB_MODE_DOWNLOAD_ONLY;
}

static UbHistoryEntry *
entry_from_object (const char *path, JsonObject *object)
{
  const char *result = string_member (object, "result");
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (string_member (object, "time"), NULL);
  UbHistoryEntry *self;

  if (time == NULL || result[0] == '\0')
    return NULL;
  self = g_object_new (UB_TYPE_HISTORY_ENTRY, NULL);
  self->path = g_strdup (path);
  entry_take_plan (self, object_member (object, "plan"));
  self->after = g_strdup (string_member (object, "after"));
  self->copy = dup_path_member (object, "copy");
  self->journal = dup_path_member (object, "can_go_on");
  self->chip = g_strdup (string_member (object_member (object, "phone"), "chip"));
  self->error = g_strdup (string_member (object_member (object, "error"), "code"));
  self->time = g_steal_pointer (&time);
  if (g_strcmp0 (result, "done") == 0)
    self->result = UB_RESULT_DONE;
  else
    self->result = g_strcmp0 (result, "cancelled") == 0 ? UB_RESULT_CANCELLED : UB_RESULT_FAILED;
  return self;
}

static UbHistoryEntry *
entry_from_file (const char *path)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (file,
                                                  G_FILE_ATTRIBUTE_STANDARD_SIZE
                                                  "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                                                  G_FILE_QUERY_INFO_NONE,
                                                  NULL,
                                                  NULL);
  JsonNode *root;

  if (info == NULL || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR ||
      g_file_info_get_size (info) > MAX_SIZE)
    return NULL;
  if (!json_parser_load_from_file (parser, path, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  return entry_from_object (path, json_node_get_object (root));
}

char *
ub_history_read (const char *path)
{
  g_autoptr (GBytes) bytes = ub_disk_read_file (path, MAX_SIZE, NULL);
  const char *text;
  gsize       length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  return length > 0 && g_utf8_validate (text, (gssize) length, NULL) ? g_strndup (text, length)
                                                                     : NULL;
}

const char *
ub_history_entry_get_path (UbHistoryEntry *self)
{
  return self->path;
}

const char *
ub_history_entry_get_project (UbHistoryEntry *self)
{
  return self->project;
}

const char *
ub_history_entry_get_chip (UbHistoryEntry *self)
{
  return self->chip;
}

const char *
ub_history_entry_get_error (UbHistoryEntry *self)
{
  return self->error;
}

const char *
ub_history_entry_get_firmware (UbHistoryEntry *self)
{
  return self->firmware;
}

const char *
ub_history_entry_get_after (UbHistoryEntry *self)
{
  return self->after;
}

const char *
ub_history_entry_get_copy (UbHistoryEntry *self)
{
  return self->copy;
}

const char *
ub_history_entry_get_journal (UbHistoryEntry *self)
{
  return self->journal;
}

const char *
ub_history_entry_get_title (UbHistoryEntry *self)
{
  return self->title;
}

UbMode
ub_history_entry_get_mode (UbHistoryEntry *self)
{
  return self->mode;
}

gboolean
ub_history_entry_can_go_on (UbHistoryEntry *self)
{
  return self->journal[0] != '\0' && g_file_test (self->journal, G_FILE_TEST_EXISTS);
}

UbResult
ub_history_entry_get_result (UbHistoryEntry *self)
{
  return self->result;
}

GDateTime *
ub_history_entry_get_time (UbHistoryEntry *self)
{
  return self->time;
}

static void
ub_history_entry_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UbHistoryEntry *self = UB_HISTORY_ENTRY (object);

  switch ((UbHistoryEntryProperty) property_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_PROJECT:
      g_value_set_string (value, self->project);
      break;
    case PROP_CHIP:
      g_value_set_string (value, self->chip);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_FIRMWARE:
      g_value_set_string (value, self->firmware);
      break;
    case PROP_COPY:
      g_value_set_string (value, self->copy);
      break;
    case PROP_JOURNAL:
      g_value_set_string (value, self->journal);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ub_history_entry_finalize (GObject *object)
{
  UbHistoryEntry *self = UB_HISTORY_ENTRY (object);

  g_free (self->path);
  g_free (self->project);
  g_free (self->chip);
  g_free (self->error);
  g_free (self->firmware);
  g_free (self->after);
  g_free (self->copy);
  g_free (self->journal);
  g_free (self->title);
  g_clear_pointer (&self->time, g_date_time_unref);

  G_OBJECT_CLASS (ub_history_entry_parent_class)->finalize (object);
}

static void
ub_history_entry_class_init (UbHistoryEntryClass *klass)
{
  static const char *const names[] = {
    [PROP_PATH] = "path",       [PROP_PROJECT] = "project",   [PROP_CHIP] = "chip",
    [PROP_ERROR] = "error",     [PROP_FIRMWARE] = "firmware", [PROP_COPY] = "copy",
    [PROP_JOURNAL] = "journal", [PROP_TITLE] = "title"
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ub_history_entry_get_property;
  object_class->finalize = ub_history_entry_finalize;
  for (guint i = PROP_PATH; i <= PROP_TITLE; i++)
    properties[i] =
        g_param_spec_string (names[i], NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ub_history_entry_init (UbHistoryEntry *self)
{
}

/* --- the list --- */

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const UbHistoryEntry *one = *(UbHistoryEntry *const *) a;
  const UbHistoryEntry *other = *(UbHistoryEntry *const *) b;
  int                   order = g_date_time_compare (other->time, one->time);

  return order != 0 ? order : g_strcmp0 (other->path, one->path);
}

void
ub_history_reload (UbHistory *self)
{
  guint n_before = self->entries->len;
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  g_ptr_array_set_size (self->entries, 0);
  while (dir != NULL && self->entries->len < MAX_REPORTS && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      UbHistoryEntry  *entry = g_str_has_suffix (name, ".json") ? entry_from_file (path) : NULL;

      if (entry != NULL)
        g_ptr_array_add (self->entries, entry);
    }
  g_ptr_array_sort (self->entries, compare_entries);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->entries->len);
}

gboolean
ub_history_add (UbHistory *self, UbReport *report, GError **error)
{
  g_autofree char *path = NULL;
  UbHistoryEntry  *entry;

  if (!ub_report_save (report, self->folder, &path, error))
    return FALSE;
  entry = entry_from_file (path);
  if (entry == NULL)
    return TRUE;
  g_ptr_array_insert (self->entries, 0, entry);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
  return TRUE;
}

const char *
ub_history_get_folder (UbHistory *self)
{
  return self->folder;
}

static GType
get_item_type (GListModel *model)
{
  return UB_TYPE_HISTORY_ENTRY;
}

static guint
get_n_items (GListModel *model)
{
  return UB_HISTORY (model)->entries->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  UbHistory *self = UB_HISTORY (model);

  return position < self->entries->len ? g_object_ref (g_ptr_array_index (self->entries, position))
                                       : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
ub_history_finalize (GObject *object)
{
  UbHistory *self = UB_HISTORY (object);

  g_free (self->folder);
  g_ptr_array_unref (self->entries);

  G_OBJECT_CLASS (ub_history_parent_class)->finalize (object);
}

static void
ub_history_class_init (UbHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_history_finalize;
}

static void
ub_history_init (UbHistory *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * ub_history_new:
 * @folder: (nullable): where the reports are; %NULL for the user's data folder
 *
 * Returns: (transfer full): the reports there are now
 */
UbHistory *
ub_history_new (const char *folder)
{
  UbHistory *self = g_object_new (UB_TYPE_HISTORY, NULL);

  self->folder = folder != NULL
                     ? g_strdup (folder)
                     : g_build_filename (g_get_user_data_dir (), "unbrick", "reports", NULL);
  ub_history_reload (self);
  return self;
}
