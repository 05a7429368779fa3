/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-boot-image.h"

#include "wire/ub-reader.h"

#include <string.h>

/* Android's boot image header (bootimg.h of the Android project), versions 0 to 4: all numbers little-endian */
#define PAGE_OFFSET 36
#define VERSION_OFFSET 40
#define HEADER_SIZE 44
#define MAX_VERSION 4
#define PAGE_V3 4096
#define MAX_PAGE 16384
/* MediaTek puts this in front of kernel and ramdisk */
#define MTK_MAGIC 0x58881688
#define MTK_SIZE 512
/* the kernel's own marks */
#define ARM_OFFSET 0x24
#define ARM_MAGIC 0x016f2818
#define ARM64_OFFSET 0x38
#define ARM64_MAGIC 0x644d5241
#define GZIP_MAGIC 0x00088b1f
#define HEAD_SIZE (MAX_PAGE + MTK_SIZE + 0x40)
#define FOOTER_SIZE 64

static guint32
read_word (const guint8 *data, gsize size, gsize offset)
{
  UbReader reader = UB_READER_INIT (data, size);

  ub_reader_seek (&reader, offset);
  return ub_reader_u32_le (&reader);
}

/* a kernel for 64 bits is packed whole, one for 32 bits unpacks itself */
static UbPlanArch
read_arch (const guint8 *data, gsize size, gsize kernel)
{
  if (read_word (data, size, kernel) == MTK_MAGIC)
    kernel += MTK_SIZE;
  if (read_word (data, size, kernel + ARM_OFFSET) == ARM_MAGIC)
    return UB_PLAN_ARCH_32;
  if (read_word (data, size, kernel + ARM64_OFFSET) == ARM64_MAGIC ||
      (read_word (data, size, kernel) & 0x00ffffff) == GZIP_MAGIC)
    return UB_PLAN_ARCH_64;
  return UB_PLAN_ARCH_UNKNOWN;
}

static gboolean
read_head (const guint8 *data, gsize size, UbPlanBootImage *image)
{
  guint32 version;

  if (size < HEADER_SIZE || memcmp (data, "ANDROID!", 8) != 0)
    return FALSE;
  version = read_word (data, size, VERSION_OFFSET);
  /* before there were versions it was the size of a device tree */
  image->header_version = version <= MAX_VERSION ? version : 0;
  image->page_size = image->header_version >= 3 ? PAGE_V3 : read_word (data, size, PAGE_OFFSET);
  image->arch = image->page_size <= MAX_PAGE ? read_arch (data, size, image->page_size)
                                             : UB_PLAN_ARCH_UNKNOWN;
  return TRUE;
}

gboolean
ub_plan_boot_image_read_file (const char *path, UbPlanBootImage *image)
{
  g_autofree guint8 *data = g_malloc0 (HEAD_SIZE);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  gsize size = 0;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), data, HEAD_SIZE, &size, NULL, NULL))
    return FALSE;
  return read_head (data, size, image);
}

gboolean
ub_plan_boot_image_read_part (UbBackup *copy, const UbBackupPart *part, UbPlanBootImage *image)
{
  g_autofree guint8 *data = g_malloc0 (HEAD_SIZE);
  gsize              size = (gsize) MIN (part->length, HEAD_SIZE);

  return !part->is_missing && ub_backup_read (copy, part, 0, data, size, NULL) &&
         read_head (data, size, image);
}

gboolean
ub_plan_boot_image_has_footer (UbBackup *copy, const UbBackupPart *part)
{
  guint8 footer[FOOTER_SIZE];

  return !part->is_missing && part->length >= FOOTER_SIZE &&
         ub_backup_read (copy, part, part->length - FOOTER_SIZE, footer, FOOTER_SIZE, NULL) &&
         memcmp (footer, "AVBf", 4) == 0;
}
