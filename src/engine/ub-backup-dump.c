/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-backup-private.h"
#include "engine/ub-disk.h"
#include "firmware/ub-gpt.h"
#include "firmware/ub-partition.h"
#include "wire/ub-reader.h"

/* protective MBR, header and 128 entries in sectors of 4096; more than enough for 512 */
#define HEAD (6 * 4096)
#define MAX_EBRS 128
/* how far into a file with linear addresses (boot areas first) a user area may begin, and in what steps */
#define MAX_BASE (64 * 1024 * 1024)
#define BASE_STEP (128 * 1024)

/* an open file, or a window of it */
typedef struct
{
  int         fd;
  const char *path;
  guint64     base;
  guint64     size; /* from @base to the end */
} Dump;

static guint8 *
dup_bytes (const Dump *dump, guint64 offset, gsize size)
{
  g_autofree guint8 *data = NULL;

  if (offset > dump->size || size > dump->size - offset)
    return NULL;
  data = g_malloc (size);
  return ub_disk_read (dump->fd, dump->path, dump->base + offset, data, size, NULL)
             ? g_steal_pointer (&data)
             : NULL;
}

/* the user area's size by a GPT header: its own sector and its twin's are the first and the last but none */
static guint64
get_disk_size (const guint8 *header, guint block_size)
{
  UbReader reader = UB_READER_INIT (header, block_size);
  guint64  mine;
  guint64  twin;

  ub_reader_seek (&reader, 24);
  mine = ub_reader_u64_le (&reader);
  twin = ub_reader_u64_le (&reader);
  if (MAX (mine, twin) >= G_MAXINT64 / block_size)
    return 0;
  return (MAX (mine, twin) + 1) * block_size;
}

static UbLayout *
read_primary (const Dump *dump, guint block_size, guint64 *user_size)
{
  const gsize        size = (gsize) MIN (dump->size, HEAD);
  g_autofree guint8 *head = dup_bytes (dump, 0, size);
  g_autoptr (UbLayout) layout = head != NULL && size >= 2 * block_size
                                    ? ub_gpt_parse (head, size, block_size, NULL)
                                    : NULL;

  if (layout == NULL || layout->kind != UB_LAYOUT_GPT)
    return NULL;
  *user_size = get_disk_size (head + block_size, block_size);
  return g_steal_pointer (&layout);
}

/* the second one, where the first is gone: only in a dump that reaches to the end */
static UbLayout *
read_second (const Dump *dump, guint block_size, guint64 *user_size)
{
  const gsize        size = (gsize) ub_gpt_get_backup_size (block_size);
  g_autofree guint8 *tail = dump->size > size ? dup_bytes (dump, dump->size - size, size) : NULL;
  UbLayout          *layout =
      tail != NULL ? ub_gpt_parse_backup (tail, size, dump->size, block_size, NULL) : NULL;

  if (layout != NULL)
    *user_size = dump->size;
  return layout;
}

static UbLayout *
read_mbr (const Dump *dump, guint64 *user_size)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);
  guint64 extended = 0;
  guint64 at = 0;
  guint64 next;

  for (guint i = 0; i < MAX_EBRS; i++)
    {
      g_autofree guint8 *sector = dup_bytes (dump, at, UB_SECTOR);

      if (sector == NULL || !ub_gpt_parse_mbr (sector, at, extended, layout, &next))
        break;
      if (extended == 0)
        extended = next;
      if (next <= at)
        break;
      at = next;
    }
  /* it does not say */
  *user_size = 0;
  return layout->entries->len > 0 ? g_steal_pointer (&layout) : NULL;
}

static UbLayout *
read_table (const Dump *dump, guint64 *user_size)
{
  UbLayout *layout = read_primary (dump, 512, user_size);

  if (layout == NULL)
    layout = read_primary (dump, 4096, user_size);
  if (layout == NULL)
    layout = read_second (dump, 512, user_size);
  if (layout == NULL)
    layout = read_second (dump, 4096, user_size);
  return layout != NULL ? layout : read_mbr (dump, user_size);
}

UbLayout *
ub_backup_dump_read_table (const char *path, guint64 base, guint64 *user_size)
{
  Dump      dump = { .path = path, .base = base };
  UbLayout *layout = NULL;
  guint64   size;

  dump.fd = ub_disk_open (path, &size, NULL);
  if (dump.fd < 0)
    return NULL;
  if (base < size)
    {
      dump.size = size - base;
      layout = read_table (&dump, user_size);
    }
  close (dump.fd);
  return layout;
}

/* SP Flash Tool of old counts from the begin of the boot area: a preloader first, the user area behind it */
static guint64
find_base (const Dump *dump)
{
  static const char *const magics[] = { "EMMC_BOOT", "SDMMC_BOOT", "COMBO_BOOT" };
  g_autofree char         *head = (char *) dup_bytes (dump, 0, UB_SECTOR);
  gboolean                 linear = FALSE;

  for (gsize i = 0; head != NULL && i < G_N_ELEMENTS (magics); i++)
    linear = linear || strncmp (head, magics[i], strlen (magics[i])) == 0;
  for (guint64 base = BASE_STEP; linear && base < MIN (dump->size, MAX_BASE); base += BASE_STEP)
    {
      const Dump window = { dump->fd, dump->path, base, dump->size - base };
      guint64    user_size;
      g_autoptr (UbLayout) layout = read_table (&window, &user_size);

      if (layout != NULL)
        return base;
    }
  return 0;
}

static void
add_part (UbBackup   *self,
          const char *name,
          const Dump *dump,
          UbRegion    region,
          guint64     offset,
          guint64     length)
{
  UbBackupPart *part = ub_backup_add_part (self, name, region, offset, length);

  part->path = g_strdup (dump->path);
  part->path_offset = dump->base + offset;
  part->is_protected = ub_partition_role_for_name (name) == UB_ROLE_PROTECTED;
}

/* somebody read less than all, or the file was cut: what lies in it whole, and nothing else */
static void
add_whole_parts (UbBackup *self, const Dump *dump, UbRegion region)
{
  const guint64 table = region == UB_REGION_UFS_LU2 ? HEAD : UB_GPT_SIZE;

  add_part (self, "table", dump, region, 0, MIN (table, dump->size));
  for (guint i = 0; i < self->layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (self->layout->entries, i);

      if (entry->name[0] != '\0' && entry->size > 0 && entry->size <= dump->size &&
          entry->start <= dump->size - entry->size)
        add_part (self, entry->name, dump, region, entry->start, entry->size);
    }
}

/* the last part of an MBR often claims to reach to the end of the world */
static gboolean
holds_all (const UbLayout *layout, guint64 size)
{
  const UbLayoutEntry *last = NULL;

  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (last == NULL || entry->start > last->start)
        last = entry;
    }
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (entry->start >= size || (entry != last && entry->size > size - entry->start))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_user (UbBackup *self, const Dump *dump, GError **error)
{
  guint64 user_size = 0;
  g_autoptr (UbLayout) layout = read_table (dump, &user_size);
  UbRegion region;

  if (layout == NULL || layout->entries->len == 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_BACKUP,
                   "%s: no partition table in it says what it holds",
                   dump->path);
      return FALSE;
    }
  region = ((const UbLayoutEntry *) g_ptr_array_index (layout->entries, 0))->region;
  self->layout = g_steal_pointer (&layout);
  /* an MBR has no names to take parts out by: all that was read, then, and whoever puts it back says how far it reaches */
  if (self->layout->kind == UB_LAYOUT_MBR || dump->size == user_size)
    {
      if (self->layout->kind != UB_LAYOUT_MBR || holds_all (self->layout, dump->size))
        self->user_size = dump->size;
      add_part (self, "user", dump, region, 0, dump->size);
      return TRUE;
    }
  self->user_size = user_size;
  add_whole_parts (self, dump, region);
  return TRUE;
}

gboolean
ub_backup_dump_add (UbBackup *self, const char *path, GError **error)
{
  Dump     dump = { .path = path };
  gboolean ok;

  dump.fd = ub_disk_open (path, &dump.size, error);
  if (dump.fd < 0)
    return FALSE;
  dump.base = find_base (&dump);
  dump.size -= dump.base;
  ok = add_user (self, &dump, error);
  close (dump.fd);
  return ok;
}
