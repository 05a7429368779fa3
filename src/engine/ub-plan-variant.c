/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "firmware/ub-image-pieces.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

/* What a plan is made from, and what it comes to: a journal keeps both. The type has no variant in it, so it
 * comes through JSON as it was. */

/* mode; flags; numbers; paths; lists of names; ticks; images: part, path ("": none); files: path, bytes,
 * time in ns */
#define PLAN_TYPE "(sa{sb}a{sx}a{say}a{sas}a{sb}a(say)a(ayxx))"

/* --- writing --- */

static void
add_flags (UbPlan *self, GVariantBuilder *builder)
{
  g_variant_builder_open (builder, G_VARIANT_TYPE ("a{sb}"));
  g_variant_builder_add (builder, "{sb}", "expert", self->expert);
  g_variant_builder_add (builder, "{sb}", "verify-all", self->verify_all);
  g_variant_builder_add (builder, "{sb}", "whole", self->target.whole);
  g_variant_builder_add (builder, "{sb}", "with-boot", self->target.with_boot);
  g_variant_builder_close (builder);
}

static void
add_numbers (UbPlan *self, GVariantBuilder *builder)
{
  g_variant_builder_open (builder, G_VARIANT_TYPE ("a{sx}"));
  g_variant_builder_add (builder, "{sx}", "storage", (gint64) self->storage);
  g_variant_builder_add (builder, "{sx}", "preloader", (gint64) self->preloader);
  g_variant_builder_add (builder, "{sx}", "slots", (gint64) self->slots);
  g_variant_builder_add (builder, "{sx}", "region", (gint64) self->target.region);
  /* to the end is -1 */
  g_variant_builder_add (builder, "{sx}", "offset", (gint64) self->target.offset);
  g_variant_builder_add (builder, "{sx}", "length", (gint64) self->target.length);
  g_variant_builder_close (builder);
}

static void
add_path (GVariantBuilder *builder, const char *key, const char *path)
{
  if (path != NULL)
    g_variant_builder_add (builder, "{s@ay}", key, g_variant_new_bytestring (path));
}

static void
add_paths (UbPlan *self, GVariantBuilder *builder)
{
  g_variant_builder_open (builder, G_VARIANT_TYPE ("a{say}"));
  if (self->firmware != NULL)
    add_path (builder, "firmware", ub_firmware_get_path (self->firmware));
  if (self->backup != NULL)
    add_path (builder, "backup", ub_backup_get_folder (self->backup));
  add_path (builder, "image", self->single_path);
  add_path (builder, "folder", self->folder);
  g_variant_builder_close (builder);
}

/* names that are no text cannot be a part's; they are kept as far as they can be read */
static void
add_list (GVariantBuilder *builder, const char *key, const char *const *names)
{
  if (names == NULL)
    return;
  g_variant_builder_open (builder, G_VARIANT_TYPE ("{sas}"));
  g_variant_builder_add (builder, "s", key);
  g_variant_builder_open (builder, G_VARIANT_TYPE ("as"));
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = g_utf8_make_valid (names[i], -1);

      g_variant_builder_add (builder, "s", name);
    }
  g_variant_builder_close (builder);
  g_variant_builder_close (builder);
}

static void
add_lists (UbPlan *self, GVariantBuilder *builder)
{
  const char *const single[] = { self->single_name, NULL };

  g_variant_builder_open (builder, G_VARIANT_TYPE ("a{sas}"));
  add_list (builder, "only", (const char *const *) self->only);
  add_list (builder, "target", self->target.names);
  add_list (builder, "part", self->single_name != NULL ? single : NULL);
  g_variant_builder_close (builder);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_ticks (UbPlan *self, GVariantBuilder *builder)
{
  guint                n = 0;
  g_autofree gpointer *keys =
      self->ticks != NULL ? g_hash_table_get_keys_as_array (self->ticks, &n) : NULL;

  g_variant_builder_open (builder, G_VARIANT_TYPE ("a{sb}"));
  if (n > 0)
    qsort (keys, n, sizeof *keys, compare_names);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_utf8_make_valid (keys[i], -1);

      g_variant_builder_add (builder,
                             "{sb}",
                             name,
                             GPOINTER_TO_INT (g_hash_table_lookup (self->ticks, keys[i])) != 0);
    }
  g_variant_builder_close (builder);
}

/* which file each part has, in case the person put another in its place */
static void
add_images (UbPlan *self, GVariantBuilder *builder)
{
  GPtrArray *partitions =
      self->firmware != NULL ? ub_firmware_get_partitions (self->firmware) : NULL;

  g_variant_builder_open (builder, G_VARIANT_TYPE ("a(say)"));
  for (guint i = 0; partitions != NULL && i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);
      g_autofree char   *name = g_utf8_make_valid (partition->name, -1);
      const char        *path = partition->image_path != NULL ? partition->image_path : "";

      if (partition->storage == self->storage)
        g_variant_builder_add (builder, "(s@ay)", name, g_variant_new_bytestring (path));
    }
  g_variant_builder_close (builder);
}

/* of an image in pieces the first, but all count; a file that is not there now will be missed later
 */
static void
add_file (GVariantBuilder *builder, GHashTable *seen, const char *path)
{
  guint64 size;
  gint64  stamp;

  if (path == NULL || !g_hash_table_add (seen, g_strdup (path)))
    return;
  if (!ub_image_pieces_stat (path, &size, &stamp))
    size = G_MAXUINT64;
  g_variant_builder_add (builder, "(@ayxx)", g_variant_new_bytestring (path), (gint64) size, stamp);
}

static gboolean
is_source (UbPlan *self, const UbStep *step)
{
  /* the safety copy is not there yet when a plan is first made, and guards itself */
  return step->image_path != NULL && (step->kind == UB_STEP_WRITE || step->kind == UB_STEP_TABLE ||
                                      self->mode == UB_MODE_RESTORE);
}

static void
add_files (UbPlan *self, GVariantBuilder *builder)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_variant_builder_open (builder, G_VARIANT_TYPE ("a(ayxx)"));
  if (self->firmware != NULL)
    add_file (builder, seen, ub_firmware_get_path (self->firmware));
  add_file (builder, seen, self->single_path);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (self->steps, i);

      if (is_source (self, step))
        add_file (builder, seen, step->image_path);
    }
  g_variant_builder_close (builder);
}

GVariant *
ub_plan_to_variant (UbPlan *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (PLAN_TYPE));
  g_variant_builder_add (&builder, "s", ub_mode_to_string (self->mode));
  add_flags (self, &builder);
  add_numbers (self, &builder);
  add_paths (self, &builder);
  add_lists (self, &builder);
  add_ticks (self, &builder);
  add_images (self, &builder);
  add_files (self, &builder);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* --- reading --- */

typedef struct
{
  UbMode    mode;
  GVariant *flags;
  GVariant *numbers;
  GVariant *paths;
  GVariant *lists;
  GVariant *ticks;
  GVariant *images;
  GVariant *files;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_clear_pointer (&wish->flags, g_variant_unref);
  g_clear_pointer (&wish->numbers, g_variant_unref);
  g_clear_pointer (&wish->paths, g_variant_unref);
  g_clear_pointer (&wish->lists, g_variant_unref);
  g_clear_pointer (&wish->ticks, g_variant_unref);
  g_clear_pointer (&wish->images, g_variant_unref);
  g_clear_pointer (&wish->files, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static gboolean
get_flag (const Wish *wish, const char *key)
{
  gboolean value = FALSE;

  g_variant_lookup (wish->flags, key, "b", &value);
  return value;
}

static gint64
get_number (const Wish *wish, const char *key)
{
  gint64 value = 0;

  g_variant_lookup (wish->numbers, key, "x", &value);
  return value;
}

static const char *
get_path (const Wish *wish, const char *key)
{
  const char *path = NULL;

  g_variant_lookup (wish->paths, key, "^&ay", &path);
  return path;
}

/* (transfer container) */
static const char **
get_list (const Wish *wish, const char *key)
{
  const char **names = NULL;

  g_variant_lookup (wish->lists, key, "^a&s", &names);
  return names;
}

static gboolean
check_files (const Wish *wish, GError **error)
{
  GVariantIter iter;
  const char  *path;
  gint64       size, time;

  g_variant_iter_init (&iter, wish->files);
  while (g_variant_iter_next (&iter, "(^&ayxx)", &path, &size, &time))
    {
      guint64 size_now;
      gint64  stamp;

      if (!ub_image_pieces_stat (path, &size_now, &stamp))
        {
          g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s: %s", path, g_strerror (errno));
          return FALSE;
        }
      if ((gint64) size_now != size || stamp != time)
        {
          g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s is not the file it was", path);
          return FALSE;
        }
    }
  return TRUE;
}

/* the files the person had chosen in place of those that are found */
static gboolean
put_images (const Wish *wish, UbStorage storage, UbFirmware **firmware, GError **error)
{
  GVariantIter iter;
  const char  *name, *path;

  g_variant_iter_init (&iter, wish->images);
  while (g_variant_iter_next (&iter, "(&s^&ay)", &name, &path))
    {
      const UbPartition *partition = ub_firmware_find_partition (*firmware, storage, name);
      const char        *wanted = path[0] != '\0' ? path : NULL;
      UbFirmware        *other;

      if (partition == NULL || g_strcmp0 (partition->image_path, wanted) == 0)
        continue;
      other = ub_firmware_with_image (*firmware, storage, name, wanted, error);
      if (other == NULL)
        return FALSE;
      g_object_unref (*firmware);
      *firmware = other;
    }
  return TRUE;
}

static GHashTable *
dup_ticks (const Wish *wish)
{
  GHashTable  *ticks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GVariantIter iter;
  const char  *name;
  gboolean     tick;

  g_variant_iter_init (&iter, wish->ticks);
  while (g_variant_iter_next (&iter, "{&sb}", &name, &tick))
    g_hash_table_insert (ticks, g_strdup (name), GINT_TO_POINTER (tick));
  return ticks;
}

static UbPlan *
make_firmware_plan (const Wish *wish, GCancellable *cancellable, GError **error)
{
  const char             *path = get_path (wish, "firmware");
  g_autofree const char **only = get_list (wish, "only");
  g_autoptr (GHashTable) ticks = dup_ticks (wish);
  const UbPlanChoice choice = { .mode = wish->mode,
                                .storage = (UbStorage) get_number (wish, "storage"),
                                .ticks = g_hash_table_size (ticks) > 0 ? ticks : NULL,
                                .only = only,
                                .expert = get_flag (wish, "expert"),
                                .verify_all = get_flag (wish, "verify-all"),
                                .preloader = (UbPreloaderRule) get_number (wish, "preloader"),
                                .slots = (UbSlots) get_number (wish, "slots") };
  g_autoptr (UbFirmware) firmware = NULL;

  firmware = ub_firmware_open (path, NULL, NULL, NULL, cancellable, error);
  if (firmware == NULL || !put_images (wish, choice.storage, &firmware, error))
    return NULL;
  return ub_plan_new (firmware, &choice);
}

static UbPlan *
make_restore_plan (const Wish *wish, GError **error)
{
  g_autofree const char **only = get_list (wish, "only");
  g_autoptr (UbBackup) backup = ub_backup_open (get_path (wish, "backup"), error);

  return backup != NULL ? ub_plan_new_restore (backup, only, get_flag (wish, "expert")) : NULL;
}

static UbPlan *
make_target_plan (const Wish *wish)
{
  g_autofree const char **names = get_list (wish, "target");
  const UbPlanTarget      target = { .whole = get_flag (wish, "whole"),
                                     .with_boot = get_flag (wish, "with-boot"),
                                     .names = names,
                                     .region = (UbRegion) get_number (wish, "region"),
                                     .offset = (guint64) get_number (wish, "offset"),
                                     .length = (guint64) get_number (wish, "length"),
                                     .expert = get_flag (wish, "expert") };

  if (wish->mode == UB_MODE_READBACK)
    return ub_plan_new_readback (&target, get_path (wish, "folder"));
  return wish->mode == UB_MODE_ERASE ? ub_plan_new_erase (&target) : ub_plan_new_test (&target);
}

static UbPlan *
make_single_plan (const Wish *wish)
{
  g_autofree const char **part = get_list (wish, "part");

  return ub_plan_new_single (part[0], get_path (wish, "image"), get_flag (wish, "expert"));
}

/* what the mode cannot do without */
static gboolean
is_complete (const Wish *wish)
{
  g_autofree const char **part = get_list (wish, "part");

  switch (wish->mode)
    {
    case UB_MODE_SINGLE:
      return part != NULL && part[0] != NULL && get_path (wish, "image") != NULL;
    case UB_MODE_READBACK:
      return get_path (wish, "folder") != NULL;
    case UB_MODE_RESTORE:
      return get_path (wish, "backup") != NULL;
    case UB_MODE_ERASE:
    case UB_MODE_TEST:
      return TRUE;
    default:
      return get_path (wish, "firmware") != NULL;
    }
}

static gboolean
read_wish (GVariant *variant, Wish *wish)
{
  g_autofree char *mode = NULL;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (PLAN_TYPE)))
    return FALSE;
  g_variant_get (variant,
                 "(s@a{sb}@a{sx}@a{say}@a{sas}@a{sb}@a(say)@a(ayxx))",
                 &mode,
                 &wish->flags,
                 &wish->numbers,
                 &wish->paths,
                 &wish->lists,
                 &wish->ticks,
                 &wish->images,
                 &wish->files);
  return ub_mode_from_string (mode, &wish->mode) && is_complete (wish);
}

/**
 * ub_plan_new_from_variant:
 * @variant: what ub_plan_to_variant() gave
 *
 * Returns: (transfer full) (nullable): the unchecked plan; %NULL with FILE_READ if a file is not the
 *   one it was (or @variant none of ours), FILE_MISSING if it is gone, and what opening a firmware or
 *   a copy can say
 */
UbPlan *
ub_plan_new_from_variant (GVariant *variant, GCancellable *cancellable, GError **error)
{
  g_auto (Wish) wish = { 0 };

  if (!read_wish (variant, &wish))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "the note of the job is damaged");
      return NULL;
    }
  if (!check_files (&wish, error))
    return NULL;
  switch (wish.mode)
    {
    case UB_MODE_SINGLE:
      return make_single_plan (&wish);
    case UB_MODE_RESTORE:
      return make_restore_plan (&wish, error);
    case UB_MODE_READBACK:
    case UB_MODE_ERASE:
    case UB_MODE_TEST:
      return make_target_plan (&wish);
    default:
      return make_firmware_plan (&wish, cancellable, error);
    }
}

/* --- the digest --- */

static void
add_number (GChecksum *sum, guint64 number)
{
  guint8 bytes[8];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (number >> 8 * i);
  g_checksum_update (sum, bytes, sizeof bytes);
}

/* with its length in front, so that no two lists look alike */
static void
add_bytes (GChecksum *sum, const void *data, gsize size)
{
  add_number (sum, size);
  if (size > 0)
    g_checksum_update (sum, data, (gssize) size);
}

static void
add_text (GChecksum *sum, const char *text)
{
  add_number (sum, text != NULL);
  if (text != NULL)
    add_bytes (sum, text, strlen (text));
}

static void
add_layout (GChecksum *sum, const UbLayout *layout)
{
  add_number (sum, layout != NULL ? 1 + layout->entries->len : 0);
  for (guint i = 0; layout != NULL && i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      add_text (sum, entry->name);
      add_number (sum, entry->region);
      add_number (sum, entry->start);
      add_number (sum, entry->size);
    }
}

static void
add_step (GChecksum *sum, const UbStep *step)
{
  gsize       size = 0;
  const void *content = step->content != NULL ? g_bytes_get_data (step->content, &size) : NULL;

  add_number (sum, step->kind);
  add_text (sum, step->name);
  add_number (sum, step->region);
  add_number (sum, step->offset);
  add_number (sum, step->length);
  add_text (sum, step->image_path);
  add_number (sum, step->source_offset);
  add_number (sum, step->content != NULL);
  add_bytes (sum, content, size);
  add_layout (sum, step->layout);
  add_text (sum, step->saved);
  add_text (sum, step->agent_name);
  add_number (sum,
              (step->is_preloader ? 1 : 0) | (step->differs_only ? 2 : 0) |
                  (step->by_name ? 4 : 0));
}

char *
ub_plan_dup_digest (UbPlan *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < self->steps->len; i++)
    add_step (sum, g_ptr_array_index (self->steps, i));
  return g_strdup (g_checksum_get_string (sum));
}
