/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-phone-json.h"

#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-json.h"

/* UFS with its GPT of 4096 entries is the most that is read from a phone */
#define MAX_ENTRIES 4096

/* --- to JSON --- */

static void
add_brom (JsonBuilder *builder, const UbBromInfo *brom)
{
  json_builder_set_member_name (builder, "brom");
  json_builder_begin_object (builder);
  ub_json_add_boolean (builder, "is_boot_rom", brom->is_boot_rom);
  ub_json_add_number (builder, "bl_version", brom->bl_version);
  ub_json_add_number (builder, "brom_version", brom->brom_version);
  ub_json_add_number (builder, "hw_code", brom->hw_code);
  ub_json_add_number (builder, "hw_sub_code", brom->hw_sub_code);
  ub_json_add_number (builder, "hw_version", brom->hw_version);
  ub_json_add_number (builder, "sw_version", brom->sw_version);
  ub_json_add_number (builder, "target_config", brom->target_config);
  ub_json_add_hex (builder, "me_id", brom->me_id, MIN (brom->me_id_size, sizeof brom->me_id));
  ub_json_add_hex (builder, "soc_id", brom->soc_id, MIN (brom->soc_id_size, sizeof brom->soc_id));
  json_builder_end_object (builder);
}

static void
add_report (JsonBuilder *builder, const UbDaReport *report)
{
  g_autofree char *origin = g_strndup (report->emi_origin, sizeof report->emi_origin - 1);
  g_autofree char *agent = g_strndup (report->agent, sizeof report->agent - 1);

  json_builder_set_member_name (builder, "report");
  json_builder_begin_object (builder);
  ub_json_add_string (builder, "storage", ub_storage_to_string (report->storage));
  ub_json_add_number (builder, "boot1_size", report->boot1_size);
  ub_json_add_number (builder, "boot2_size", report->boot2_size);
  ub_json_add_number (builder, "rpmb_size", report->rpmb_size);
  ub_json_add_number (builder, "gp1_size", report->gp_size[0]);
  ub_json_add_number (builder, "gp2_size", report->gp_size[1]);
  ub_json_add_number (builder, "gp3_size", report->gp_size[2]);
  ub_json_add_number (builder, "gp4_size", report->gp_size[3]);
  ub_json_add_number (builder, "user_size", report->user_size);
  ub_json_add_number (builder, "sector_size", report->sector_size);
  ub_json_add_hex (builder, "cid", report->cid, sizeof report->cid);
  ub_json_add_boolean (builder, "cid_is_unique", report->cid_is_unique);
  ub_json_add_hex (builder, "memory_id", report->memory_id, sizeof report->memory_id);
  ub_json_add_hex (builder, "random_id", report->random_id, sizeof report->random_id);
  ub_json_add_number (builder, "ram_size", report->ram_size);
  ub_json_add_boolean (builder, "dram_by_us", report->dram_by_us);
  ub_json_add_bytes (builder, "emi_origin", origin);
  ub_json_add_boolean (builder, "high_speed", report->high_speed);
  ub_json_add_number (builder, "version_major", report->version_major);
  ub_json_add_number (builder, "version_minor", report->version_minor);
  ub_json_add_bytes (builder, "agent", agent);
  ub_json_add_boolean (builder, "login_done", report->login_done);
  json_builder_end_object (builder);
}

static void
add_layout (JsonBuilder *builder, const UbLayout *layout)
{
  const char slot[] = { layout->active_slot, '\0' };

  json_builder_set_member_name (builder, "layout");
  json_builder_begin_object (builder);
  ub_json_add_string (builder, "kind", ub_layout_kind_to_string (layout->kind));
  if (layout->active_slot != 0)
    ub_json_add_string (builder, "active_slot", slot);
  json_builder_set_member_name (builder, "entries");
  json_builder_begin_array (builder);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      json_builder_begin_object (builder);
      ub_json_add_bytes (builder, "name", entry->name);
      ub_json_add_string (builder, "region", ub_region_to_string (entry->region));
      ub_json_add_number (builder, "start", entry->start);
      ub_json_add_number (builder, "size", entry->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
ub_phone_json_add (JsonBuilder *builder, UbPhoneInfo *phone)
{
  g_autofree char *chip = ub_phone_info_dup_chip_text (phone);

  json_builder_begin_object (builder);
  ub_json_add_string (builder, "chip", chip);
  ub_json_add_bytes (builder, "port", ub_phone_info_get_port (phone));
  ub_json_add_bytes (builder, "speed", ub_phone_info_get_speed (phone));
  if (ub_phone_info_get_brom (phone) != NULL)
    add_brom (builder, ub_phone_info_get_brom (phone));
  if (ub_phone_info_get_report (phone) != NULL)
    add_report (builder, ub_phone_info_get_report (phone));
  if (ub_phone_info_get_layout (phone) != NULL)
    add_layout (builder, ub_phone_info_get_layout (phone));
  json_builder_end_object (builder);
}

/* --- from JSON --- */

/* every number of an object, checked against the largest its field can hold */
typedef struct
{
  const char *name;
  gsize       offset;
  gsize       size;
} Field;

#define FIELD(type, member)                                                                        \
  {                                                                                                \
#member, G_STRUCT_OFFSET(type, member), sizeof(((type *) 0)->member)                           \
  }

static gboolean
read_fields (JsonObject *object, gpointer target, const Field *fields, gsize n, const char **wrong)
{
  for (gsize i = 0; i < n; i++)
    {
      guint8       *at = (guint8 *) target + fields[i].offset;
      const guint64 max = fields[i].size == 8 ? (guint64) G_MAXINT64
                                              : (G_GUINT64_CONSTANT (1) << 8 * fields[i].size) - 1;
      guint64       value;

      *wrong = fields[i].name;
      if (!ub_json_get_number (object, fields[i].name, max, &value))
        return FALSE;
      if (fields[i].size == 1)
        *at = (guint8) value;
      else if (fields[i].size == 2)
        *(guint16 *) (gpointer) at = (guint16) value;
      else if (fields[i].size == 4)
        *(guint32 *) (gpointer) at = (guint32) value;
      else
        *(guint64 *) (gpointer) at = value;
    }
  return TRUE;
}

static gboolean
read_brom (JsonObject *object, UbBromInfo *brom, const char **wrong)
{
  static const Field fields[] = {
    FIELD (UbBromInfo, bl_version),    FIELD (UbBromInfo, brom_version),
    FIELD (UbBromInfo, hw_code),       FIELD (UbBromInfo, hw_sub_code),
    FIELD (UbBromInfo, hw_version),    FIELD (UbBromInfo, sw_version),
    FIELD (UbBromInfo, target_config),
  };

  if (!read_fields (object, brom, fields, G_N_ELEMENTS (fields), wrong))
    return FALSE;
  *wrong = "brom ids";
  if (!ub_json_get_boolean (object, "is_boot_rom", &brom->is_boot_rom))
    return FALSE;
  brom->me_id_size = ub_json_get_hex (object, "me_id", brom->me_id, sizeof brom->me_id);
  brom->soc_id_size = ub_json_get_hex (object, "soc_id", brom->soc_id, sizeof brom->soc_id);
  brom->chip = ub_chip_find (brom->hw_code);
  return brom->me_id_size != G_MAXSIZE && brom->soc_id_size != G_MAXSIZE;
}

static gboolean
read_report_numbers (JsonObject *object, UbDaReport *report, const char **wrong)
{
  static const Field fields[] = {
    FIELD (UbDaReport, boot1_size),
    FIELD (UbDaReport, boot2_size),
    FIELD (UbDaReport, rpmb_size),
    FIELD (UbDaReport, user_size),
    FIELD (UbDaReport, ram_size),
    FIELD (UbDaReport, version_major),
    FIELD (UbDaReport, version_minor),
    { "gp1_size", G_STRUCT_OFFSET (UbDaReport, gp_size[0]), 8 },
    { "gp2_size", G_STRUCT_OFFSET (UbDaReport, gp_size[1]), 8 },
    { "gp3_size", G_STRUCT_OFFSET (UbDaReport, gp_size[2]), 8 },
    { "gp4_size", G_STRUCT_OFFSET (UbDaReport, gp_size[3]), 8 },
  };

  return read_fields (object, report, fields, G_N_ELEMENTS (fields), wrong);
}

/* everything is rounded up to it; 0: not known */
static gboolean
is_sector_size (guint64 size)
{
  return size == 0 || (size >= UB_SECTOR && size <= 64 * 1024 && (size & (size - 1)) == 0);
}

/* what copies and journals of older versions do not have */
static gboolean
read_report_news (JsonObject *object, UbDaReport *report, const char **wrong)
{
  g_autofree char *agent = ub_json_dup_bytes (object, "agent");
  guint64          sector_size = UB_SECTOR;

  if (agent != NULL)
    g_strlcpy (report->agent, agent, sizeof report->agent);
  *wrong = "sector_size";
  if (json_object_has_member (object, "sector_size") &&
      (!ub_json_get_number (object, "sector_size", G_MAXUINT32, &sector_size) ||
       !is_sector_size (sector_size)))
    return FALSE;
  report->sector_size = (guint32) sector_size;
  report->cid_is_unique = report->storage == UB_STORAGE_EMMC;
  *wrong = "cid_is_unique";
  if (json_object_has_member (object, "cid_is_unique") &&
      !ub_json_get_boolean (object, "cid_is_unique", &report->cid_is_unique))
    return FALSE;
  *wrong = "login_done";
  if (json_object_has_member (object, "login_done") &&
      !ub_json_get_boolean (object, "login_done", &report->login_done))
    return FALSE;
  *wrong = "memory_id";
  return !json_object_has_member (object, "memory_id") ||
         ub_json_get_hex (object, "memory_id", report->memory_id, sizeof report->memory_id) ==
             sizeof report->memory_id;
}

static gboolean
read_report (JsonObject *object, UbDaReport *report, const char **wrong)
{
  g_autofree char *origin = ub_json_dup_bytes (object, "emi_origin");

  if (!read_report_numbers (object, report, wrong))
    return FALSE;
  report->storage = ub_storage_from_string (ub_json_get_string (object, "storage"));
  if (!read_report_news (object, report, wrong))
    return FALSE;
  *wrong = "storage";
  if (!ub_json_get_boolean (object, "dram_by_us", &report->dram_by_us) ||
      !ub_json_get_boolean (object, "high_speed", &report->high_speed))
    return FALSE;
  *wrong = "storage ids";
  if (origin != NULL)
    g_strlcpy (report->emi_origin, origin, sizeof report->emi_origin);
  return ub_json_get_hex (object, "cid", report->cid, sizeof report->cid) == sizeof report->cid &&
         ub_json_get_hex (object, "random_id", report->random_id, sizeof report->random_id) ==
             sizeof report->random_id;
}

static gboolean
read_entry (JsonNode *node, UbLayout *layout)
{
  JsonObject      *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *name = object != NULL ? ub_json_dup_bytes (object, "name") : NULL;
  guint64          start;
  guint64          size;

  if (name == NULL || !ub_json_get_number (object, "start", G_MAXINT64, &start) ||
      !ub_json_get_number (object, "size", G_MAXINT64 - start, &size))
    return FALSE;
  ub_layout_add (layout,
                 name,
                 ub_region_from_string (ub_json_get_string (object, "region")),
                 start,
                 size);
  return TRUE;
}

static UbLayout *
read_layout (JsonObject *object)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);
  const char *kind = ub_json_get_string (object, "kind");
  const char *slot = ub_json_get_string (object, "active_slot");
  JsonArray  *entries = ub_json_get_array (object, "entries");
  guint       n = entries != NULL ? json_array_get_length (entries) : G_MAXUINT;

  while (layout->kind <= UB_LAYOUT_PMT &&
         g_strcmp0 (kind, ub_layout_kind_to_string (layout->kind)) != 0)
    layout->kind++;
  if (layout->kind > UB_LAYOUT_PMT || n > MAX_ENTRIES)
    return NULL;
  if (g_strcmp0 (slot, "a") == 0 || g_strcmp0 (slot, "b") == 0)
    layout->active_slot = slot[0];
  for (guint i = 0; i < n; i++)
    if (!read_entry (json_array_get_element (entries, i), layout))
      return NULL;
  return g_steal_pointer (&layout);
}

UbPhoneInfo *
ub_phone_json_read (JsonObject *object, int code, GError **error)
{
  JsonObject      *brom_object = ub_json_get_object (object, "brom");
  JsonObject      *report_object = ub_json_get_object (object, "report");
  JsonObject      *layout_object = ub_json_get_object (object, "layout");
  g_autofree char *port = ub_json_dup_bytes (object, "port");
  g_autofree char *speed = ub_json_dup_bytes (object, "speed");
  UbBromInfo       brom = { 0 };
  UbDaReport       report = { 0 };
  g_autoptr (UbLayout) layout = layout_object != NULL ? read_layout (layout_object) : NULL;
  const char *wrong = "layout";

  if ((layout_object == NULL || layout != NULL) &&
      (brom_object == NULL || read_brom (brom_object, &brom, &wrong)) &&
      (report_object == NULL || read_report (report_object, &report, &wrong)))
    return ub_phone_info_new (port,
                              speed,
                              brom_object != NULL ? &brom : NULL,
                              report_object != NULL ? &report : NULL,
                              layout);
  g_set_error (error, UB_ERROR, code, "what is said of the phone cannot be: %s", wrong);
  return NULL;
}
