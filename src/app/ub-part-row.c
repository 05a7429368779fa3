/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-part-row.h"

#include "app/ub-words.h"

struct _UbPartRow
{
  GObject  parent_instance;
  char    *name;
  char    *note;
  guint64  size;
  gboolean locked;
  gboolean ticked;
};

typedef enum
{
  PROP_TICKED = 1,
  PROP_TICKABLE,
  PROP_NAME,
  PROP_SIZE,
  PROP_SIZE_TIP,
  PROP_NOTE,
  PROP_ICON,
} UbPartRowProperty;

#define N_PROPERTIES (PROP_ICON + 1)

G_DEFINE_FINAL_TYPE (UbPartRow, ub_part_row, G_TYPE_OBJECT)

static void
ub_part_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  UbPartRow *self = UB_PART_ROW (object);

  switch ((UbPartRowProperty) id)
    {
    case PROP_TICKED:
      g_value_set_boolean (value, self->ticked);
      break;
    case PROP_TICKABLE:
      g_value_set_boolean (value, !self->locked);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SIZE:
      g_value_take_string (value,
                           self->size > 0 ? ub_words_format_part_size (self->size) : g_strdup (""));
      break;
    case PROP_SIZE_TIP:
      if (self->size > 0)
        g_value_take_string (value, ub_words_format_hex (self->size));
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_ICON:
      g_value_set_string (value, self->locked ? "changes-prevent-symbolic" : NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ub_part_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  UbPartRow *self = UB_PART_ROW (object);

  if (id != PROP_TICKED)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  if (!self->locked)
    self->ticked = g_value_get_boolean (value);
  g_object_notify (object, "ticked");
}

static void
ub_part_row_finalize (GObject *object)
{
  UbPartRow *self = UB_PART_ROW (object);

  g_free (self->name);
  g_free (self->note);
  G_OBJECT_CLASS (ub_part_row_parent_class)->finalize (object);
}

static void
ub_part_row_class_init (UbPartRowClass *klass)
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
      [PROP_SIZE] = g_param_spec_string ("size", NULL, NULL, NULL, flags),
      [PROP_SIZE_TIP] = g_param_spec_string ("size-tip", NULL, NULL, NULL, flags),
      [PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL, flags),
      [PROP_ICON] = g_param_spec_string ("icon", NULL, NULL, NULL, flags),
  };

  object_class->get_property = ub_part_row_get_property;
  object_class->set_property = ub_part_row_set_property;
  object_class->finalize = ub_part_row_finalize;
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
ub_part_row_init (UbPartRow *self)
{
}

UbPartRow *
ub_part_row_new (const char *name, guint64 size, const char *note, gboolean locked, gboolean ticked)
{
  UbPartRow *self = g_object_new (UB_TYPE_PART_ROW, NULL);

  self->name = g_strdup (name);
  self->size = size;
  self->note = g_strdup (note);
  self->locked = locked;
  self->ticked = ticked && !locked;
  return self;
}

const char *
ub_part_row_get_name (UbPartRow *self)
{
  return self->name;
}

guint64
ub_part_row_get_size (UbPartRow *self)
{
  return self->size;
}

gboolean
ub_part_row_get_ticked (UbPartRow *self)
{
  return self->ticked;
}

gboolean
ub_part_row_get_locked (UbPartRow *self)
{
  return self->locked;
}
