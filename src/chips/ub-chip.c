/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chips/ub-chip.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "ub-chips-resources.h"

#define RESOURCE "/io/github/unbrick/Unbrick/chips.ini"

static const struct
{
  const char *name;
  int         value;
} protocols[] = {
  { "legacy", UB_PROTOCOL_LEGACY },
  { "xflash", UB_PROTOCOL_XFLASH },
  { "xml", UB_PROTOCOL_XML },
}, flows[] = {
  { "v4", UB_FLOW_V4 },
  { "v3", UB_FLOW_V3 },
  { "force-dram", UB_FLOW_FORCE_DRAM },
  { "new-combo", UB_FLOW_NEW_COMBO },
  { "gpt", UB_FLOW_GPT },
  { "slc", UB_FLOW_SLC },
  { "skip-dl-slc", UB_FLOW_SKIP_DL_SLC },
};

#define LOOK_UP(table, text, fallback) look_up (table, G_N_ELEMENTS (table), text, fallback)

static int
look_up (const void *table, gsize n, const char *text, int fallback)
{
  const struct
  {
    const char *name;
    int         value;
  } *rows = table;

  for (gsize i = 0; text != NULL && i < n; i++)
    if (strcmp (rows[i].name, text) == 0)
      return rows[i].value;
  return fallback;
}

/* "10007000=22000064/32": address, value, width */
static void
read_watchdogs (UbChip *chip, GKeyFile *file, const char *group)
{
  g_auto (GStrv) list = g_key_file_get_string_list (file, group, "watchdog", NULL, NULL);

  for (guint i = 0; list != NULL && list[i] != NULL && i < G_N_ELEMENTS (chip->watchdog); i++)
    {
      UbChipWatchdog *dog = &chip->watchdog[i];
      char           *end;

      dog->address = (guint32) g_ascii_strtoull (list[i], &end, 16);
      g_assert (*end == '=');
      dog->value = (guint32) g_ascii_strtoull (end + 1, &end, 16);
      g_assert (*end == '/');
      dog->width = (guint) g_ascii_strtoull (end + 1, NULL, 10);
    }
}

static void
read_emi_versions (UbChip *chip, GKeyFile *file, const char *group)
{
  gsize            n = 0;
  g_autofree gint *list = g_key_file_get_integer_list (file, group, "emi", &n, NULL);

  for (gsize i = 0; i < MIN (n, G_N_ELEMENTS (chip->emi_versions)); i++)
    chip->emi_versions[i] = (guint) list[i];
}

/* a group is "hw code": [6580]; what it holds lives as long as the program */
static void
read_chip (UbChip *chip, GKeyFile *file, const char *group)
{
  g_autofree char *agent = g_key_file_get_string (file, group, "agent", NULL);
  g_autofree char *protocol = g_key_file_get_string (file, group, "protocol", NULL);
  g_autofree char *flow = g_key_file_get_string (file, group, "flow", NULL);

  chip->hw_code = (guint16) g_ascii_strtoull (group, NULL, 16);
  chip->agent_code = agent != NULL ? (guint16) g_ascii_strtoull (agent, NULL, 16) : chip->hw_code;
  chip->name = g_key_file_get_string (file, group, "name", NULL);
  chip->aliases = (const char **) g_key_file_get_string_list (file, group, "aliases", NULL, NULL);
  if (chip->aliases == NULL)
    chip->aliases = g_new0 (const char *, 1);
  chip->protocol = (UbProtocol) LOOK_UP (protocols, protocol, UB_PROTOCOL_UNKNOWN);
  chip->flow = (UbFlow) LOOK_UP (flows, flow, UB_FLOW_V4);
  chip->emi_single = g_key_file_get_boolean (file, group, "emi-single", NULL);
  chip->bmt_word = g_key_file_get_boolean (file, group, "bmt-word", NULL);
  chip->phone_info = g_key_file_get_boolean (file, group, "phone-info", NULL);
  read_watchdogs (chip, file, group);
  read_emi_versions (chip, file, group);
}

static gpointer
load_table (gpointer data)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (ub_chips_get_resource (), RESOURCE, 0, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  GArray *table = g_array_new (FALSE, TRUE, sizeof (UbChip));
  gsize   n;

  if (bytes == NULL || !g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_NONE, NULL))
    g_error ("the chip table that is part of this program is damaged");
  groups = g_key_file_get_groups (file, &n);
  g_array_set_size (table, (guint) n);
  for (gsize i = 0; i < n; i++)
    read_chip (&g_array_index (table, UbChip, i), file, groups[i]);
  return table;
}

/* constant data, made once: the one "static" this program allows itself */
static GArray *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_table, NULL);
}

guint
ub_chip_get_count (void)
{
  return get_table ()->len;
}

const UbChip *
ub_chip_get (guint i)
{
  return i < ub_chip_get_count () ? &g_array_index (get_table (), UbChip, i) : NULL;
}

const UbChip *
ub_chip_find (guint16 hw_code)
{
  for (guint i = 0; i < ub_chip_get_count (); i++)
    if (ub_chip_get (i)->hw_code == hw_code)
      return ub_chip_get (i);
  return NULL;
}

const UbChip *
ub_chip_find_by_agent_code (guint16 agent_code)
{
  for (guint i = 0; i < ub_chip_get_count (); i++)
    if (ub_chip_get (i)->agent_code == agent_code)
      return ub_chip_get (i);
  return NULL;
}

static gboolean
is_named (const UbChip *chip, const char *name)
{
  if (g_ascii_strcasecmp (chip->name, name) == 0)
    return TRUE;
  for (guint i = 0; chip->aliases[i] != NULL; i++)
    if (g_ascii_strcasecmp (chip->aliases[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* "MT6763V" → "MT6763": the part of a marking that names the silicon */
static char *
cut_variant (const char *name)
{
  gsize length = strlen (name);

  while (length > 0 && !g_ascii_isdigit (name[length - 1]))
    length--;
  return g_strndup (name, length);
}

static const UbChip *
find_named (const char *name)
{
  for (guint i = 0; i < ub_chip_get_count (); i++)
    if (is_named (ub_chip_get (i), name))
      return ub_chip_get (i);
  return NULL;
}

const UbChip *
ub_chip_find_by_platform (const char *platform)
{
  const UbChip    *chip;
  g_autofree char *family = NULL;

  if (platform == NULL)
    return NULL;
  chip = find_named (platform);
  if (chip != NULL)
    return chip;
  family = cut_variant (platform);
  return *family != '\0' ? find_named (family) : NULL;
}

/**
 * ub_chip_fits_platform:
 * @chip: the phone's chip, found by the hw code it answered
 * @platform: what a firmware says it is for, as written
 *
 * A marking that is listed with its letters (MT6737M) fits only the codes that list it; one that is
 * not is compared without them (MT6763V on MT6763). Which code a marking answers is not always
 * known, so a name may be listed under several codes (shared/protocol/brom-and-legacy.md §6).
 *
 * Returns: %TRUE if the firmware may go onto the phone
 */
gboolean
ub_chip_fits_platform (const UbChip *chip, const char *platform)
{
  g_autofree char *family = NULL;

  if (platform == NULL)
    return FALSE;
  if (is_named (chip, platform))
    return TRUE;
  if (find_named (platform) != NULL)
    return FALSE;
  family = cut_variant (platform);
  return *family != '\0' && is_named (chip, family);
}

const char *
ub_protocol_to_string (UbProtocol protocol)
{
  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (protocols[i].value == (int) protocol)
      return protocols[i].name;
  return "unknown";
}
