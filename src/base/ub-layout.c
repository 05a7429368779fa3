/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-layout.h"

static void
entry_free (gpointer data)
{
  UbLayoutEntry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

UbLayout *
ub_layout_new (UbLayoutKind kind)
{
  UbLayout *self = g_new0 (UbLayout, 1);

  self->kind = kind;
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

UbLayout *
ub_layout_copy (const UbLayout *self)
{
  UbLayout *copy = ub_layout_new (self->kind);

  copy->active_slot = self->active_slot;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (self->entries, i);

      ub_layout_add (copy, entry->name, entry->region, entry->start, entry->size);
    }
  return copy;
}

void
ub_layout_free (UbLayout *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
ub_layout_add (UbLayout *self, const char *name, UbRegion region, guint64 start, guint64 size)
{
  UbLayoutEntry *entry = g_new0 (UbLayoutEntry, 1);

  entry->name = g_strdup (name);
  entry->region = region;
  entry->start = start;
  entry->size = size;
  g_ptr_array_add (self->entries, entry);
}

/**
 * ub_layout_find:
 * @self: a layout
 * @name: a partition's name, in any case
 *
 * Returns: (transfer none) (nullable): the first entry of that name
 */
const UbLayoutEntry *
ub_layout_find (const UbLayout *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (self->entries, i);

      if (g_ascii_strcasecmp (entry->name, name) == 0)
        return entry;
    }
  return NULL;
}

const char *
ub_layout_kind_to_string (UbLayoutKind kind)
{
  static const char *const names[] = { "GPT", "MBR", "PMT" };

  return (guint) kind < G_N_ELEMENTS (names) ? names[kind] : "unknown";
}
