/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-guide-private.h"

#include <gio/gio.h>

#include "ub-keys-resources.h"

#define RESOURCE "/io/github/unbrick/Unbrick/keys.ini"
#define DEFAULT_GROUP "default"

static const struct
{
  const char    *name;
  UbGuidePicture keys;
} names[] = {
  { "volume-down", UB_GUIDE_VOLUME_DOWN },
  { "volume-up", UB_GUIDE_VOLUME_UP },
  { "volume-both", UB_GUIDE_VOLUME_BOTH },
  { "volume-up-power", UB_GUIDE_VOLUME_UP_POWER },
  { "volume-down-power", UB_GUIDE_VOLUME_DOWN_POWER },
  { "none", UB_GUIDE_PLUGGED },
};

static gpointer
load_file (gpointer data)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (ub_keys_get_resource (), RESOURCE, 0, NULL);
  GKeyFile *file = g_key_file_new ();

  if (bytes == NULL || !g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_NONE, NULL))
    g_error ("the table of keys that is part of this program is damaged");
  return file;
}

/* constant data, made once */
static GKeyFile *
get_file (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_file, NULL);
}

static void
add_way (UbGuideWays *ways, UbGuidePicture keys)
{
  for (guint i = 0; i < ways->n; i++)
    if (ways->keys[i] == keys)
      return;
  ways->keys[ways->n++] = keys;
}

static void
add_group (UbGuideWays *ways, const char *group)
{
  g_auto (GStrv) list = g_key_file_get_string_list (get_file (), group, "keys", NULL, NULL);

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      if (g_str_equal (names[k].name, list[i]))
        add_way (ways, names[k].keys);
}

/* is @text (lower case) like one of the group's patterns? */
static gboolean
matches (const char *group, const char *key, const char *text)
{
  g_auto (GStrv) patterns = g_key_file_get_string_list (get_file (), group, key, NULL, NULL);

  for (guint i = 0; text != NULL && patterns != NULL && patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], text))
      return TRUE;
  return FALSE;
}

/* names come out of files: of any bytes */
static char *
dup_small (const char *name)
{
  g_autofree char *valid = name != NULL ? g_utf8_make_valid (name, -1) : NULL;

  return valid != NULL ? g_ascii_strdown (valid, -1) : NULL;
}

void
ub_guide_ways_find (const char *chip, const char *model, UbGuideWays *ways)
{
  g_auto (GStrv) groups = g_key_file_get_groups (get_file (), NULL);
  g_autofree char *small_chip = dup_small (chip);
  g_autofree char *small_model = dup_small (model);

  *ways = (UbGuideWays){ 0 };
  for (guint i = 0; groups[i] != NULL && ways->n == 0; i++)
    if (matches (groups[i], "model", small_model) || matches (groups[i], "chip", small_chip))
      add_group (ways, groups[i]);
  add_group (ways, DEFAULT_GROUP);
}
