/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter-write.h"

#include <string.h>

#define RULER                                                                                      \
  "##############################################################################################" \
  "##############\n"

/* YAML gives a meaning to nearly every sign, and a phone's table may hold any of them */
static char *
dup_plain (const char *text)
{
  char *plain = g_strdup (text != NULL ? text : "");

  for (char *at = plain; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("_-.", *at) == NULL)
      *at = '_';
  return plain;
}

static void
write_head (GString *text, const char *platform, const char *project, const char *storage)
{
  g_autofree char *plain_platform = dup_plain (platform);
  g_autofree char *plain_project = dup_plain (project);

  g_string_append (text, RULER "#\n#  General Setting\n#\n" RULER);
  g_string_append_printf (text,
                          "- general: MTK_PLATFORM_CFG\n"
                          "  info:\n"
                          "    - config_version: V1.1.2\n"
                          "      platform: %s\n"
                          "      project: %s\n"
                          "      storage: %s\n"
                          "      boot_channel: %s\n"
                          "      block_size: %s\n",
                          plain_platform,
                          plain_project[0] != '\0' ? plain_project : "unknown",
                          storage,
                          strcmp (storage, "UFS") == 0 ? "UFSHCI_0" : "MSDC_0",
                          strcmp (storage, "UFS") == 0 ? "0x80000" : "0x20000");
  g_string_append (text, RULER "#\n#  Layout Setting\n#\n" RULER);
}

static gboolean
is_kept (const UbPartition *part)
{
  return part->role == UB_ROLE_PROTECTED || part->role == UB_ROLE_RESERVED;
}

static UbOperation
get_operation (const UbPartition *part)
{
  switch (part->role)
    {
    case UB_ROLE_PROTECTED:
      return UB_OPERATION_PROTECTED;
    case UB_ROLE_RESERVED:
      return UB_OPERATION_RESERVED;
    case UB_ROLE_PRELOADER:
      return UB_OPERATION_BOOTLOADERS;
    case UB_ROLE_TABLE:
      return UB_OPERATION_INVISIBLE;
    default:
      return UB_OPERATION_UPDATE;
    }
}

static void
write_part (GString *text, guint index, const UbPartition *part, const char *storage)
{
  g_autofree char *name = dup_plain (part->name);
  g_autofree char *file = dup_plain (part->file_name);
  const gboolean   download = file[0] != '\0' && !is_kept (part);

  g_string_append_printf (text,
                          "- partition_index: SYS%u\n"
                          "  partition_name: %s\n"
                          "  file_name: %s\n"
                          "  is_download: %s\n"
                          "  type: %s\n",
                          index,
                          name[0] != '\0' ? name : "unnamed",
                          file[0] != '\0' ? file : "NONE",
                          download ? "true" : "false",
                          part->role == UB_ROLE_PRELOADER ? "SV5_BL_BIN" : "NORMAL_ROM");
  g_string_append_printf (text,
                          "  linear_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
                          "  physical_start_addr: 0x%" G_GINT64_MODIFIER "x\n"
                          "  partition_size: 0x%" G_GINT64_MODIFIER "x\n",
                          part->start,
                          part->start,
                          part->size);
  g_string_append_printf (text,
                          "  region: %s\n"
                          "  storage: HW_STORAGE_%s\n"
                          "  boundary_check: true\n"
                          "  is_reserved: false\n"
                          "  operation_type: %s\n"
                          "  reserve: 0x00\n\n",
                          ub_region_to_string (part->region),
                          storage,
                          ub_operation_to_string (get_operation (part)));
}

char *
ub_scatter_write (const char *platform, const char *project, UbStorage storage, GPtrArray *parts)
{
  GString         *text = g_string_new (NULL);
  g_autofree char *kind = g_ascii_strup (ub_storage_to_string (storage), -1);

  write_head (text, platform, project, kind);
  for (guint i = 0; i < parts->len; i++)
    write_part (text, i, g_ptr_array_index (parts, i), kind);
  return g_string_free (text, FALSE);
}
