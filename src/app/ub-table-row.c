/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-table-row.h"

#include <glib/gi18n.h>

#include "app/ub-words.h"

struct _UbTableRow
{
  GObject    parent_instance;
  UbPlanRow *row;
};

typedef enum
{
  PROP_TICKED = 1,
  PROP_TICKABLE,
  PROP_NAME,
  PROP_BEGIN,
  PROP_END,
  PROP_SIZE,
  PROP_SIZE_TIP,
  PROP_FILE,
  PROP_FILE_TIP,
  PROP_NOTE,
  PROP_ICON,
  PROP_LEVEL,
} UbTableRowProperty;

#define N_PROPERTIES (PROP_LEVEL + 1)

G_DEFINE_FINAL_TYPE (UbTableRow, ub_table_row, G_TYPE_OBJECT)

static char *
dup_size (UbTableRow *self)
{
  const UbPartition *partition = ub_plan_row_get_partition (self->row);

  if (partition->size == 0)
    /* Translators: in place of an address: the part reaches to the end of the storage */
    return g_strdup (_ ("to the end"));
  return ub_words_format_part_size (partition->size);
}

static char *
dup_size_tip (UbTableRow *self)
{
  const UbPartition *partition = ub_plan_row_get_partition (self->row);
  g_autofree char   *hex = ub_words_format_hex (partition->size);
  g_autofree char   *image = NULL;

  if (partition->image_size == 0)
    return g_steal_pointer (&hex);
  image = ub_words_format_part_size (partition->image_size);
  /* Translators: size of a partition in hex, size of the image for it */
  return g_strdup_printf (_ ("%s, of which the image takes %s"), hex, image);
}

static const char *
get_fate_text (UbRowFate fate)
{
  switch (fate)
    {
    case UB_ROW_WRITE:
      return _ ("Will be written");
    case UB_ROW_SKIP:
      return _ ("Stays as it is");
    case UB_ROW_NO_FILE:
      return _ ("No file, stays as it is");
    case UB_ROW_KEPT:
      return _ ("Kept");
    case UB_ROW_ERASE:
      return _ ("Erased");
    case UB_ROW_RESERVED:
      return _ ("The phone's own, never touched");
    }
  return "";
}

static const char *
get_note (UbTableRow *self)
{
  const char *note = ub_plan_row_get_note (self->row);

  return *note != '\0' ? note : get_fate_text (ub_plan_row_get_fate (self->row));
}

static const char *
get_icon (UbTableRow *self)
{
  int       level = ub_plan_row_get_level (self->row);
  UbRowFate fate = ub_plan_row_get_fate (self->row);

  if (level >= (int) UB_ISSUE_BLOCKER)
    return "dialog-error-symbolic";
  if (level >= (int) UB_ISSUE_WARNING)
    return "dialog-warning-symbolic";
  if (fate == UB_ROW_KEPT || fate == UB_ROW_RESERVED)
    return "changes-prevent-symbolic";
  if (fate == UB_ROW_ERASE)
    return "user-trash-symbolic";
  return NULL;
}

static void
ub_table_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  UbTableRow        *self = UB_TABLE_ROW (object);
  const UbPartition *partition = ub_plan_row_get_partition (self->row);

  switch ((UbTableRowProperty) id)
    {
    case PROP_TICKED:
      g_value_set_boolean (value, ub_plan_row_get_ticked (self->row));
      break;
    case PROP_TICKABLE:
      g_value_set_boolean (value, ub_plan_row_get_tickable (self->row));
      break;
    case PROP_NAME:
      g_value_set_string (value, ub_plan_row_get_name (self->row));
      break;
    case PROP_BEGIN:
      g_object_get_property (G_OBJECT (self->row), "begin", value);
      break;
    case PROP_END:
      g_object_get_property (G_OBJECT (self->row), "end", value);
      break;
    case PROP_SIZE:
      g_value_take_string (value, dup_size (self));
      break;
    case PROP_SIZE_TIP:
      g_value_take_string (value, dup_size_tip (self));
      break;
    case PROP_FILE:
      g_object_get_property (G_OBJECT (self->row), "file", value);
      break;
    case PROP_FILE_TIP:
      if (partition->image_path != NULL)
        g_value_take_string (value, ub_words_shorten_path (partition->image_path));
      break;
    case PROP_NOTE:
      g_value_set_string (value, get_note (self));
      break;
    case PROP_ICON:
      g_value_set_string (value, get_icon (self));
      break;
    case PROP_LEVEL:
      g_value_set_int (value, ub_plan_row_get_level (self->row));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ub_table_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  UbTableRow *self = UB_TABLE_ROW (object);

  if (id != PROP_TICKED)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  if (ub_plan_row_get_tickable (self->row) &&
      g_value_get_boolean (value) != ub_plan_row_get_ticked (self->row))
    g_signal_emit_by_name (self, "tick-asked", g_value_get_boolean (value));
  /* whatever the plan made of it */
  g_object_notify (object, "ticked");
}

static void
ub_table_row_finalize (GObject *object)
{
  g_clear_object (&UB_TABLE_ROW (object)->row);
  G_OBJECT_CLASS (ub_table_row_parent_class)->finalize (object);
}

static void
ub_table_row_class_init (UbTableRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamSpec   *properties[N_PROPERTIES] = {
      [PROP_TICKED] =
          g_param_spec_boolean ("ticked",
                              NULL,
                              NULL,
                              FALSE,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS),
      [PROP_TICKABLE] = g_param_spec_boolean ("tickable", NULL, NULL, FALSE, flags),
      [PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags),
      [PROP_BEGIN] = g_param_spec_string ("begin", NULL, NULL, NULL, flags),
      [PROP_END] = g_param_spec_string ("end", NULL, NULL, NULL, flags),
      [PROP_SIZE] = g_param_spec_string ("size", NULL, NULL, NULL, flags),
      [PROP_SIZE_TIP] = g_param_spec_string ("size-tip", NULL, NULL, NULL, flags),
      [PROP_FILE] = g_param_spec_string ("file", NULL, NULL, NULL, flags),
      [PROP_FILE_TIP] = g_param_spec_string ("file-tip", NULL, NULL, NULL, flags),
      [PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL, flags),
      [PROP_ICON] = g_param_spec_string ("icon", NULL, NULL, NULL, flags),
      [PROP_LEVEL] = g_param_spec_int ("level", NULL, NULL, -1, G_MAXINT, -1, flags),
  };

  object_class->get_property = ub_table_row_get_property;
  object_class->set_property = ub_table_row_set_property;
  object_class->finalize = ub_table_row_finalize;
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  g_signal_new ("tick-asked",
                UB_TYPE_TABLE_ROW,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_BOOLEAN);
}

static void
ub_table_row_init (UbTableRow *self)
{
}

UbTableRow *
ub_table_row_new (UbPlanRow *row)
{
  UbTableRow *self = g_object_new (UB_TYPE_TABLE_ROW, NULL);

  self->row = g_object_ref (row);
  return self;
}

UbPlanRow *
ub_table_row_get_row (UbTableRow *self)
{
  return self->row;
}

void
ub_table_row_set_row (UbTableRow *self, UbPlanRow *row)
{
  static const char *const names[] = {
    "ticked",   "tickable", "name",     "begin", "end",  "size",
    "size-tip", "file",     "file-tip", "note",  "icon", "level"
  };

  if (!g_set_object (&self->row, row))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_object_notify (G_OBJECT (self), names[i]);
  g_object_thaw_notify (G_OBJECT (self));
}
