/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-part-source.h"

#include <glib/gi18n.h>

const char *
ub_part_source_get_lock (const char *name, gboolean expert)
{
  switch (ub_partition_role_for_name (name))
    {
    case UB_ROLE_PROTECTED:
      return expert ? NULL : ub_plan_rows_get_kept_text (name);
    case UB_ROLE_RESERVED:
      return _ ("The phone's own: never touched");
    case UB_ROLE_TABLE:
      return _ ("The phone's table of parts, never erased");
    default:
      return NULL;
    }
}

static const char *
get_note (const char *name, gboolean erase)
{
  UbRole role = ub_partition_role_for_name (name);

  if (role == UB_ROLE_PROTECTED)
    return _ ("Belongs to this phone alone");
  return erase && role == UB_ROLE_START_UP
             ? _ ("Start-up code: the phone does not start without it")
             : "";
}

static void
add_row (GPtrArray *rows, const char *name, guint64 size, gboolean erase, gboolean expert)
{
  const char *lock = erase ? ub_part_source_get_lock (name, expert) : NULL;

  g_ptr_array_add (rows,
                   ub_part_row_new (name,
                                    size,
                                    lock != NULL ? lock : get_note (name, erase),
                                    lock != NULL,
                                    FALSE));
}

/* the start-up area is no part of any table */
static void
add_boot (GPtrArray *rows, const UbDaReport *report)
{
  const char *note = _ ("Start-up area, with the preloader");

  g_ptr_array_add (rows,
                   ub_part_row_new ("boot1", report ? report->boot1_size : 0, note, FALSE, FALSE));
  g_ptr_array_add (rows,
                   ub_part_row_new ("boot2", report ? report->boot2_size : 0, note, FALSE, FALSE));
}

static gboolean
has_names (const UbLayout *layout)
{
  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    if (*((UbLayoutEntry *) g_ptr_array_index (layout->entries, i))->name != '\0')
      return TRUE;
  return FALSE;
}

static void
add_layout (GPtrArray *rows, const UbLayout *layout, gboolean erase, gboolean expert)
{
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      if (*entry->name != '\0')
        add_row (rows, entry->name, entry->size, erase, expert);
    }
}

UbStorage
ub_part_source_get_storage (UbFirmware *firmware)
{
  guint bits = ub_firmware_get_storages (firmware);

  for (UbStorage storage = UB_STORAGE_EMMC; storage <= UB_STORAGE_SDMMC; storage++)
    if ((bits & (1u << storage)) != 0)
      return storage;
  return UB_STORAGE_UNKNOWN;
}

static void
add_firmware (GPtrArray *rows, UbFirmware *firmware, gboolean erase, gboolean expert)
{
  GPtrArray *partitions = ub_firmware_get_partitions (firmware);
  UbStorage  storage = ub_part_source_get_storage (firmware);

  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      /* neither tables nor preloaders are in a phone's table */
      if (partition->storage == storage && partition->role != UB_ROLE_PRELOADER &&
          partition->role != UB_ROLE_TABLE)
        add_row (rows, partition->name, partition->size, erase, expert);
    }
}

GPtrArray *
ub_part_source_dup_rows (UbFirmware  *firmware,
                         UbPhoneInfo *phone,
                         gboolean     erase,
                         gboolean     expert,
                         char       **from)
{
  const UbDaReport *report = phone != NULL ? ub_phone_info_get_report (phone) : NULL;
  const UbLayout   *layout = phone != NULL ? ub_phone_info_get_layout (phone) : NULL;
  gboolean          known = has_names (layout);
  GPtrArray        *rows = g_ptr_array_new_with_free_func (g_object_unref);

  *from = g_strdup (_ ("Open the firmware of the phone, or let a phone be read once: then its "
                       "parts are listed here."));
  if (!known && firmware == NULL)
    return rows;
  g_free (*from);
  if (!erase)
    add_boot (rows, report);
  if (known)
    {
      g_autofree char *chip = ub_phone_info_dup_chip_text (phone);

      add_layout (rows, layout, erase, expert);
      /* Translators: %s is a chip */
      *from = g_strdup_printf (_ ("Parts of the phone that was connected last, %s"), chip);
    }
  else
    {
      add_firmware (rows, firmware, erase, expert);
      *from = g_strdup (_ ("Parts as the open firmware names them; the phone's own table counts"));
    }
  return rows;
}

char **
ub_part_source_split (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, ",; \t\n", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}
