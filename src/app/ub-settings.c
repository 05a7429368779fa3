/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-settings.h"

#define MAX_RECENT 10

GSettings *
ub_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, APP_ID, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

int
ub_settings_get_int (GSettings *self, const char *key, int fallback)
{
  return self != NULL ? g_settings_get_int (self, key) : fallback;
}

gboolean
ub_settings_get_boolean (GSettings *self, const char *key)
{
  return self != NULL && g_settings_get_boolean (self, key);
}

void
ub_settings_set_int (GSettings *self, const char *key, int value)
{
  if (self != NULL)
    g_settings_set_int (self, key, value);
}

void
ub_settings_set_boolean (GSettings *self, const char *key, gboolean value)
{
  if (self != NULL)
    g_settings_set_boolean (self, key, value);
}

char *
ub_settings_dup_string (GSettings *self, const char *key)
{
  return self != NULL ? g_settings_get_string (self, key) : g_strdup ("");
}

void
ub_settings_set_string (GSettings *self, const char *key, const char *value)
{
  if (self != NULL)
    g_settings_set_string (self, key, value);
}

char *
ub_settings_dup_path (GSettings *self, const char *key)
{
  g_autoptr (GVariant) value = self != NULL ? g_settings_get_value (self, key) : NULL;
  const char *path = value != NULL ? g_variant_get_bytestring (value) : "";

  return *path != '\0' ? g_strdup (path) : NULL;
}

void
ub_settings_set_path (GSettings *self, const char *key, const char *path)
{
  if (self != NULL)
    g_settings_set_value (self, key, g_variant_new_bytestring (path != NULL ? path : ""));
}

char **
ub_settings_get_list (GSettings *self, const char *key)
{
  return self != NULL ? g_settings_get_strv (self, key) : g_new0 (char *, 1);
}

void
ub_settings_add_recent (GSettings *self, const char *key, const char *path)
{
  g_auto (GStrv) old = ub_settings_get_list (self, key);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  guint n = 1;

  /* a setting has to be UTF-8; a path need not be */
  if (self == NULL || !g_utf8_validate (path, -1, NULL))
    return;
  g_strv_builder_add (builder, path);
  for (guint i = 0; old[i] != NULL && n < MAX_RECENT; i++)
    if (!g_str_equal (old[i], path))
      {
        g_strv_builder_add (builder, old[i]);
        n++;
      }
  list = g_strv_builder_end (builder);
  g_settings_set_strv (self, key, (const char *const *) list);
}

void
ub_settings_remove_recent (GSettings *self, const char *key, const char *path)
{
  g_auto (GStrv) old = ub_settings_get_list (self, key);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  if (self == NULL)
    return;
  for (guint i = 0; old[i] != NULL; i++)
    if (!g_str_equal (old[i], path))
      g_strv_builder_add (builder, old[i]);
  list = g_strv_builder_end (builder);
  g_settings_set_strv (self, key, (const char *const *) list);
}
