/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone.h"

/* scatter files in the shapes of their times: facts/scatter.md §1b, §1c, §1d and §4 */

/* what makes of scatter it can be */
typedef struct
{
  GString *text;
  gboolean xml;
  gboolean both;  /* two storages */
  gboolean early; /* V1.1.1 */
  guint    index; /* of the next entry */
} Sheet;

typedef struct
{
  const char *name, *file, *type, *region, *operation;
  UbStorage   storage;
  guint64     linear, physical, size;
  gboolean    reserved;
} Entry;

static const char *
yes_no (gboolean value)
{
  return value ? "true" : "false";
}

static void
append_ruler (Sheet *self, const char *title)
{
  static const char ruler[] = "####################################################################"
                              "########################################\n";

  if (!self->xml)
    g_string_append_printf (self->text, "%s#\n#  %s \n#\n%s", ruler, title, ruler);
}

static void
append_value (Sheet *self, const char *key, const char *value)
{
  if (self->xml)
    g_string_append_printf (self->text, "      <%s>%s</%s>\n", key, value, key);
  else
    g_string_append_printf (self->text, "%s  %s: %s\n", self->both ? "  " : "", key, value);
}

static void
append_number (Sheet *self, const char *key, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", value);

  append_value (self, key, text);
}

static void
append_entry (Sheet *self, const Entry *entry)
{
  gboolean download = entry->file != NULL;

  if (self->xml)
    g_string_append_printf (self->text, "    <partition_index name=\"SYS%u\">\n", self->index++);
  else
    g_string_append_printf (self->text,
                            "%s- partition_index: SYS%u\n",
                            self->both ? "  " : "",
                            self->index++);
  append_value (self, "partition_name", entry->name);
  append_value (self, "file_name", download ? entry->file : "NONE");
  append_value (self, "is_download", yes_no (download));
  append_value (self, "type", entry->type);
  append_number (self, "linear_start_addr", entry->linear);
  append_number (self, "physical_start_addr", entry->physical);
  append_number (self, "partition_size", entry->size);
  append_value (self, "region", entry->region);
  append_value (self,
                "storage",
                entry->storage == UB_STORAGE_UFS ? "HW_STORAGE_UFS" : "HW_STORAGE_EMMC");
  append_value (self, "boundary_check", yes_no (!entry->reserved));
  append_value (self, "is_reserved", yes_no (entry->reserved));
  append_value (self, "operation_type", entry->operation);
  if (!self->early)
    {
      append_value (self, "is_upgradable", yes_no (download));
      append_value (self, "empty_boot_needed", "false");
    }
  append_value (self, "reserve", "0x00");
  g_string_append (self->text, self->xml ? "    </partition_index>\n" : "\n");
}

static guint64
get_shift (const UbPracticePhone *self)
{
  return self->options.table == UB_TABLE_EBR ? self->chip->shift : 0;
}

/* phones with two sets of parts have a second preloader in the map, too */
static void
append_preloaders (Sheet *self, const UbPhonePackage *package, UbStorage storage)
{
  const UbPracticePhone *phone = package->phone;
  gboolean               ufs = storage == UB_STORAGE_UFS;
  gboolean               gpt = phone->options.table == UB_TABLE_GPT;
  guint64                shift = get_shift (phone);
  Entry                  entry = { .name = gpt ? "preloader" : "PRELOADER",
                                   .file = "preloader_practice.bin",
                                   .type = "SV5_BL_BIN",
                                   .region = !gpt  ? "EMMC_BOOT_1"
                                             : ufs ? "UFS_LU0_LU1"
                                                   : "EMMC_BOOT1_BOOT2",
                                   .operation = "BOOTLOADERS",
                                   .storage = storage,
                                   .size = shift != 0 ? shift : MIN (0x40000, phone->options.boot_size) };

  if (phone->chip->slots)
    entry.region = ufs ? "UFS_LU0" : "EMMC_BOOT1";
  append_entry (self, &entry);
  if (!phone->chip->slots)
    return;
  entry.name = "preloader_backup";
  entry.region = ufs ? "UFS_LU1" : "EMMC_BOOT2";
  append_entry (self, &entry);
}

static void
append_part (Sheet *self, const UbPhonePackage *package, UbStorage storage, const UbPhonePart *part)
{
  gboolean    ufs = storage == UB_STORAGE_UFS;
  guint64     shift = get_shift (package->phone);
  gboolean    from_end = part->tail != 0 || part->last;
  guint64     tail = 0xffff0000u + part->tail / (ufs ? UB_PHONE_UFS_BLOCKS : 1);
  const Entry entry = { .name = part->name,
                        .file = part->file,
                        .type = part->ext4 ? "EXT4_IMG" : "NORMAL_ROM",
                        .region = ufs ? "UFS_LU2" : "EMMC_USER",
                        .operation = part->operation,
                        .storage = storage,
                        .linear = from_end ? tail : part->start + shift,
                        .physical = from_end ? tail : part->start,
                        .size = part->rest ? 0 : part->size,
                        .reserved = from_end };

  append_entry (self, &entry);
}

static void
append_parts (Sheet *self, const UbPhonePackage *package, GArray *parts, UbStorage storage)
{
  self->index = 0;
  append_preloaders (self, package, storage);
  for (guint i = 0; i < parts->len; i++)
    append_part (self, package, storage, &g_array_index (parts, UbPhonePart, i));
}

static void
append_storage_head (Sheet *self, UbStorage storage)
{
  gboolean    ufs = storage == UB_STORAGE_UFS;
  const char *name = ufs ? "UFS" : "EMMC", *channel = ufs ? "UFSHCI_0" : "MSDC_0";
  const char *block = ufs ? "0x80000" : "0x20000";

  append_ruler (self, ufs ? "UFS Layout Setting" : "EMMC Layout Setting");
  if (self->xml)
    g_string_append_printf (self->text,
                            "  <storage_type name=\"%s\">\n    <general name=\"MTK_STORAGE_CFG\">\n"
                            "      <storage name=\"%s\">\n        <boot_channel>%s</boot_channel>\n"
                            "        <block_size>%s</block_size>\n      </storage>\n"
                            "    </general>\n",
                            name,
                            name,
                            channel,
                            block);
  else
    g_string_append_printf (
        self->text,
        "- storage_type: %s\n  description: \n  - general: MTK_STORAGE_CFG\n    info: \n"
        "      - storage: %s\n        boot_channel: %s\n        block_size: %s\n\n",
        name,
        name,
        channel,
        block);
}

/* that of the storage the phone does not have is for one twice the size */
static void
append_storage (Sheet *self, const UbPhonePackage *package, UbStorage storage)
{
  UbPracticePhoneOptions options = package->phone->options;
  g_autoptr (GArray) parts = NULL;

  append_storage_head (self, storage);
  if (options.storage == storage)
    {
      append_parts (self, package, package->parts, storage);
    }
  else
    {
      options.storage = storage;
      options.user_size *= 2;
      parts = ub_phone_parts_make (&options, package->other);
      append_parts (self, package, parts, storage);
    }
  if (self->xml)
    g_string_append (self->text, "  </storage_type>\n");
}

static void
append_single (Sheet *self, const UbPhonePackage *package)
{
  append_ruler (self, "General Setting");
  g_string_append_printf (
      self->text,
      "- general: MTK_PLATFORM_CFG\n  info: \n    - config_version: %s\n      platform: %s\n"
      "      project: practice\n      storage: EMMC\n      boot_channel: MSDC_0\n      block_size: "
      "0x20000\n",
      self->early ? "V1.1.1" : "V1.1.2",
      package->phone->chip->name);
  append_ruler (self, "Layout Setting");
  append_parts (self, package, package->parts, UB_STORAGE_EMMC);
}

static void
append_both (Sheet *self, const UbPhonePackage *package)
{
  const char *name = package->phone->chip->name;

  append_ruler (self, "General Setting");
  if (self->xml)
    g_string_append_printf (self->text,
                            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\n<root>\n"
                            "  <general name=\"MTK_PLATFORM_CFG\">\n"
                            "    <config_version name=\"V2.1.0\">\n      <platform>%s</platform>\n"
                            "      <project>practice</project>\n    </config_version>\n"
                            "  </general>\n",
                            name);
  else
    g_string_append_printf (self->text,
                            "- general: MTK_PLATFORM_CFG\n  info: \n    - config_version: V2.1.0\n"
                            "      platform: %s\n      project: practice\n",
                            name);
  append_storage (self, package, UB_STORAGE_EMMC);
  append_storage (self, package, UB_STORAGE_UFS);
  if (self->xml)
    g_string_append (self->text, "</root>\n");
}

char *
ub_practice_firmware_scatter_dup_name (UbPracticePhone *phone)
{
  return g_strdup_printf ("%s_Android_scatter.%s",
                          phone->chip->name,
                          phone->chip->dialect == UB_PHONE_XML ? "xml" : "txt");
}

char *
ub_practice_firmware_scatter_make (const UbPhonePackage *package)
{
  const UbPracticePhone *phone = package->phone;
  Sheet                  self = { .text = g_string_new (NULL),
                                  .xml = phone->chip->dialect == UB_PHONE_XML,
                                  .both = phone->chip->ufs,
                                  .early = get_shift (phone) != 0 };

  if (self.both)
    append_both (&self, package);
  else
    append_single (&self, package);
  return g_string_free (self.text, FALSE);
}
