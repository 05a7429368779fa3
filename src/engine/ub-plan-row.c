/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-row.h"

#include <glib/gi18n.h>

struct _UbPlanRow
{
  GObject parent_instance;

  UbFirmware        *firmware; /* keeps @partition alive */
  const UbPartition *partition;
  UbRowFate          fate;
  gboolean           ticked;
  gboolean           tickable;
  char              *note;
  int                level;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_BEGIN,
  PROP_END,
  PROP_SIZE,
  PROP_FILE,
  PROP_NOTE,
  PROP_TICKED,
  PROP_TICKABLE,
  PROP_FATE,
  PROP_LEVEL,
} UbPlanRowProperty;

static GParamSpec *properties[PROP_LEVEL + 1];

G_DEFINE_FINAL_TYPE (UbPlanRow, ub_plan_row, G_TYPE_OBJECT)

/**
 * ub_plan_row_new:
 * @firmware: owner of @partition; kept alive
 * @partition: the row's partition
 * @fate: what will happen to it
 * @ticked: is it ticked?
 * @tickable: may it be ticked?
 * @note: "" or a translated sentence
 * @level: -1 or the worst #UbIssueLevel
 *
 * Returns: (transfer full): a row; immutable
 */
UbPlanRow *
ub_plan_row_new (UbFirmware        *firmware,
                 const UbPartition *partition,
                 UbRowFate          fate,
                 gboolean           ticked,
                 gboolean           tickable,
                 const char        *note,
                 int                level)
{
  UbPlanRow *self = g_object_new (UB_TYPE_PLAN_ROW, NULL);

  self->firmware = g_object_ref (firmware);
  self->partition = partition;
  self->fate = fate;
  self->ticked = ticked;
  self->tickable = tickable;
  self->note = g_strdup (note);
  self->level = level;
  return self;
}

/* the same row, with another level and, if it had none, another note */
UbPlanRow *
ub_plan_row_with_level (UbPlanRow *self, int level, const char *note)
{
  const char *kept = self->note[0] != '\0' || note == NULL ? self->note : note;

  return ub_plan_row_new (self->firmware,
                          self->partition,
                          self->fate,
                          self->ticked,
                          self->tickable,
                          kept,
                          level);
}

const UbPartition *
ub_plan_row_get_partition (UbPlanRow *self)
{
  return self->partition;
}

const char *
ub_plan_row_get_name (UbPlanRow *self)
{
  return self->partition->name;
}

UbRowFate
ub_plan_row_get_fate (UbPlanRow *self)
{
  return self->fate;
}

gboolean
ub_plan_row_get_ticked (UbPlanRow *self)
{
  return self->ticked;
}

gboolean
ub_plan_row_get_tickable (UbPlanRow *self)
{
  return self->tickable;
}

const char *
ub_plan_row_get_note (UbPlanRow *self)
{
  return self->note;
}

int
ub_plan_row_get_level (UbPlanRow *self)
{
  return self->level;
}

static char *
dup_begin (const UbPartition *partition)
{
  if (partition->from_end)
    /* Translators: in place of an address: where a part lies on the phone */
    return g_strdup (_ ("near the end"));
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", partition->start);
}

static char *
dup_end (const UbPartition *partition)
{
  if (partition->from_end || partition->size == 0)
    return g_strdup ("");
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", partition->start + partition->size - 1);
}

static char *
dup_size (const UbPartition *partition)
{
  if (partition->size == 0)
    /* Translators: in place of a size: a part takes what is left of the storage */
    return g_strdup (_ ("the rest"));
  return g_format_size_full (partition->size, G_FORMAT_SIZE_IEC_UNITS);
}

static char *
dup_file (const UbPartition *partition)
{
  if (partition->image_path == NULL)
    return g_strdup ("");
  return g_filename_display_basename (partition->image_path);
}

static void
ub_plan_row_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  UbPlanRow *self = UB_PLAN_ROW (object);

  switch ((UbPlanRowProperty) property_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->partition->name);
      break;
    case PROP_BEGIN:
      g_value_take_string (value, dup_begin (self->partition));
      break;
    case PROP_END:
      g_value_take_string (value, dup_end (self->partition));
      break;
    case PROP_SIZE:
      g_value_take_string (value, dup_size (self->partition));
      break;
    case PROP_FILE:
      g_value_take_string (value, dup_file (self->partition));
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_TICKED:
      g_value_set_boolean (value, self->ticked);
      break;
    case PROP_TICKABLE:
      g_value_set_boolean (value, self->tickable);
      break;
    case PROP_FATE:
      g_value_set_int (value, (int) self->fate);
      break;
    case PROP_LEVEL:
      g_value_set_int (value, self->level);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ub_plan_row_finalize (GObject *object)
{
  UbPlanRow *self = UB_PLAN_ROW (object);

  g_clear_object (&self->firmware);
  g_free (self->note);

  G_OBJECT_CLASS (ub_plan_row_parent_class)->finalize (object);
}

static void
ub_plan_row_class_init (UbPlanRowClass *klass)
{
  static const char *const texts[] = {
    [PROP_NAME] = "name", [PROP_BEGIN] = "begin", [PROP_END] = "end",
    [PROP_SIZE] = "size", [PROP_FILE] = "file",   [PROP_NOTE] = "note"
  };
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ub_plan_row_get_property;
  object_class->finalize = ub_plan_row_finalize;

  for (guint i = PROP_NAME; i <= PROP_NOTE; i++)
    properties[i] = g_param_spec_string (texts[i], NULL, NULL, NULL, flags);
  properties[PROP_TICKED] = g_param_spec_boolean ("ticked", NULL, NULL, FALSE, flags);
  properties[PROP_TICKABLE] = g_param_spec_boolean ("tickable", NULL, NULL, FALSE, flags);
  properties[PROP_FATE] = g_param_spec_int ("fate", NULL, NULL, 0, UB_ROW_RESERVED, 0, flags);
  properties[PROP_LEVEL] = g_param_spec_int ("level", NULL, NULL, -1, UB_ISSUE_BLOCKER, -1, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ub_plan_row_init (UbPlanRow *self)
{
}
