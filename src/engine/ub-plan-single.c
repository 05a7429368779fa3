/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-jobs.h"

#include "engine/ub-plan-private.h"
#include "engine/ub-slots.h"
#include "firmware/ub-image.h"
#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>
#include <string.h>

/* Single part: one image to one part of the phone's own table (shared/facts/troubles.md 25). */

/* --- the file, without a phone --- */

gboolean
ub_plan_single_wants_boot_image (const char *name)
{
  static const char *const names[] = { "boot",     "boot_a",     "boot_b",     "bootimg",
                                       "recovery", "recovery_a", "recovery_b", "__nodl_recovery" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_preloader_name (const char *name)
{
  return g_ascii_strcasecmp (name, "preloader") == 0 || g_ascii_strcasecmp (name, "boot1") == 0 ||
         g_ascii_strcasecmp (name, "boot2") == 0;
}

static gboolean
is_one_of (const char *content, const char *const *contents)
{
  for (gsize i = 0; contents[i] != NULL; i++)
    if (g_str_equal (content, contents[i]))
      return TRUE;
  return FALSE;
}

static void
refuse_file (UbPlan *self, const char *text)
{
  ub_plan_add_issue (self, UB_ISSUE_BLOCKER, UB_ERROR_BAD_IMAGE, self->single_name, "%s", text);
}

/* code that runs before Android: no file of these kinds ever is */
static gboolean
is_early_code (const char *name)
{
  static const char *const names[] = { "lk",   "lk2",  "lk_bak",    "uboot", "tee",
                                       "tee1", "tee2", "trustzone", "logo",  NULL };
  g_autofree char         *base = g_ascii_strdown (name, -1);

  if (g_str_has_suffix (base, "_a") || g_str_has_suffix (base, "_b"))
    base[strlen (base) - 2] = '\0';
  return g_strv_contains (names, base);
}

static gboolean
is_for_other_part (const char *name, const char *content)
{
  static const char *const others[] = { "boot", "vendor_boot", "vbmeta",         "ext4",
                                        "f2fs", "erofs",       "super",          "squashfs",
                                        "gpt",  "gfh",         "storage-header", NULL };

  return is_early_code (name) && is_one_of (content, others);
}

/* what a boot loader would read there must be what it looks for */
static void
check_content (UbPlan *self, const char *content)
{
  static const char *const never[] = {
    "zip", "rar", "7z", "xz", "html", "tar", "agent", "emi", NULL
  };
  static const char *const odd[] = { "elf", "gzip", "empty", NULL };
  const char              *name = self->single_name;
  g_autofree char         *text = NULL;

  if (ub_plan_single_wants_boot_image (name) && !g_str_equal (content, "boot"))
    text =
        g_strdup_printf (_ ("The file is no boot image, so the phone could not start from “%s”."),
                         name);
  else if (is_one_of (content, never))
    /* Translators: the first is a kind of file: zip, rar, html … */
    text =
        g_strdup_printf (_ ("The file is of the kind “%s”, which no part of a phone holds. It may "
                            "have to be unpacked first."),
                         content);
  else if (is_for_other_part (name, content) ||
           (g_ascii_strncasecmp (name, "vbmeta", 6) == 0 && !g_str_equal (content, "vbmeta") &&
            !g_str_equal (content, "lk")))
    text = g_strdup_printf (_ ("The file is not what belongs to “%s”: the phone would not start."),
                            name);
  if (text != NULL)
    refuse_file (self, text);
  else if (is_one_of (content, odd))
    ub_plan_add_issue (self,
                       UB_ISSUE_WARNING,
                       UB_ERROR_BAD_IMAGE,
                       name,
                       /* Translators: a kind of file: elf, gzip, empty */
                       _ ("The file is of the kind “%s”, which is unusual for “%s”."),
                       content,
                       name);
}

static void
check_preloader (UbPlan *self)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (self->single_path, NULL);

  if (preloader == NULL || preloader->file_length == 0)
    refuse_file (self, _ ("The file is no whole preloader. The phone would not start with it."));
}

static void
check_file (UbPlan *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = ub_image_open (self->single_path, &error);

  if (image == NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_BLOCKER,
                       error->domain == UB_ERROR ? error->code : UB_ERROR_FILE_READ,
                       self->single_name,
                       /* Translators: the second is a technical reason */
                       _ ("The file for “%s” cannot be used: %s."),
                       self->single_name,
                       error->message);
  else if (ub_image_get_data_size (image) == 0)
    refuse_file (self, _ ("The file is empty."));
  else if (is_preloader_name (self->single_name))
    check_preloader (self);
  else
    check_content (self, ub_image_get_content (image));
}

/**
 * ub_plan_new_single:
 * @name: a part of the phone's table, or "preloader", "boot1", "boot2"
 * @image_path: what to write there
 * @expert: protected parts may be written, after a typed yes
 *
 * Returns: (transfer full): a plan that has no steps until it is checked with a phone
 */
UbPlan *
ub_plan_new_single (const char *name, const char *image_path, gboolean expert)
{
  g_autofree char *title = g_filename_display_basename (image_path);
  UbPlan          *self = ub_plan_new_empty (UB_MODE_SINGLE, UB_STORAGE_UNKNOWN, title);

  self->single_name = g_strdup (name);
  self->single_path = g_canonicalize_filename (image_path, NULL);
  self->expert = expert;
  check_file (self);
  self->n_first_issues = self->issues->len;
  return self;
}

/* --- with the phone --- */

static void
report_too_big (UbPlan *self, guint64 need, guint64 have)
{
  g_autofree char *need_text = g_format_size_full (need, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *have_text = g_format_size_full (have, G_FORMAT_SIZE_IEC_UNITS);

  ub_plan_add_issue (self,
                     UB_ISSUE_BLOCKER,
                     UB_ERROR_IMAGE_TOO_BIG,
                     self->single_name,
                     _ ("The file for “%s” needs %s, but only %s are there."),
                     self->single_name,
                     need_text,
                     have_text);
}

/* written, and read back whatever was chosen */
static void
add_write (UbPlan     *self,
           const char *name,
           UbRegion    region,
           guint64     offset,
           guint64     length,
           guint64     bytes)
{
  UbRole  role = ub_partition_role_for_name (name);
  UbStep *step = ub_plan_add_step (self, UB_STEP_WRITE, name, region, offset, length);

  step->bytes = bytes;
  step->image_path = g_strdup (self->single_path);
  step->is_preloader = ub_plan_jobs_is_boot_region (region);
  step->start_up = step->is_preloader || ub_plan_is_start_up (role);
  step->is_protected = role == UB_ROLE_PROTECTED;
  ub_plan_modes_add_verify (self, step);
}

/* the file as it belongs at the begin of a boot region; NULL with a BLOCKER */
static GBytes *
dup_whole_preloader (UbPlan *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = NULL;
  GBytes *whole = NULL;
  char   *data;
  gsize   size;

  if (g_file_get_contents (self->single_path, &data, &size, NULL))
    {
      file = g_bytes_new_take (data, size);
      whole = ub_preloader_add_storage_header (file,
                                               self->storage == UB_STORAGE_UFS ? "UFS_BOOT"
                                                                               : "EMMC_BOOT",
                                               &error);
    }
  if (whole == NULL)
    ub_plan_add_issue (
        self,
        UB_ISSUE_BLOCKER,
        error != NULL ? error->code : UB_ERROR_FILE_READ,
        self->single_name,
        _ ("The file is no preloader for this phone. The phone would not start with it."));
  return whole;
}

/* boot1 last: until boot2 is whole and read back the old one is still there */
static void
build_preloader (UbPlan *self, UbPhoneInfo *phone)
{
  static const char *const names[] = { "boot2", "boot1" };
  const UbDaReport        *report = ub_phone_info_get_report (phone);
  gboolean                 both = g_ascii_strcasecmp (self->single_name, "preloader") == 0;
  g_autoptr (GBytes) whole = dup_whole_preloader (self);

  if (whole == NULL)
    return;
  ub_plan_save_add (self, phone, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      UbRegion region = ub_plan_jobs_find_region (report->storage, names[i]);
      guint64  capacity = ub_da_report_get_capacity (report, region);
      gsize    size = g_bytes_get_size (whole);

      if (!both && g_ascii_strcasecmp (self->single_name, names[i]) != 0)
        continue;
      if (size > capacity && (capacity > 0 || !both))
        report_too_big (self, size, capacity);
      else if (capacity > 0)
        add_write (self, both ? "preloader" : names[i], region, 0, size, size);
    }
}

static void
build_part (UbPlan *self, UbPhoneInfo *phone, const UbLayoutEntry *entry, UbImage *image)
{
  const char *const also[] = { entry->name, NULL };
  UbRole            role = ub_partition_role_for_name (entry->name);
  guint64           size = ub_image_get_size (image);

  if (role == UB_ROLE_TABLE || role == UB_ROLE_RESERVED)
    {
      ub_plan_jobs_report_table (self, entry->name);
      return;
    }
  if (!ub_plan_jobs_fits (ub_phone_info_get_report (phone),
                          entry->region,
                          entry->start,
                          entry->size))
    {
      ub_plan_add_issue (self,
                         UB_ISSUE_BLOCKER,
                         UB_ERROR_WRONG_STORAGE,
                         entry->name,
                         _ ("“%s” does not lie inside of the phone's memory."),
                         entry->name);
      return;
    }
  if (size > entry->size)
    {
      report_too_big (self, size, entry->size);
      return;
    }
  if (!ub_plan_jobs_check_range (self,
                                 phone,
                                 entry->name,
                                 entry->region,
                                 entry->start,
                                 entry->size))
    return;
  ub_plan_save_add (self, phone, also);
  add_write (self, entry->name, entry->region, entry->start, size, ub_image_get_data_size (image));
}

/* "boot" of a phone with two of them is the one it starts from; (nullable): it has none, or does not tell */
static const UbLayoutEntry *
find_in_set (UbPlan *self, const UbLayout *layout)
{
  g_autofree char     *name = g_strdup_printf ("%s_%c", self->single_name, layout->active_slot);
  const UbLayoutEntry *entry = layout->active_slot != 0 ? ub_layout_find (layout, name) : NULL;

  if (entry != NULL)
    ub_plan_add_issue (self,
                       UB_ISSUE_NOTE,
                       UB_ERROR_WRONG_LAYOUT,
                       self->single_name,
                       _ ("“%s” is written to “%s”, from which the phone starts"),
                       self->single_name,
                       entry->name);
  return entry;
}

/* people name boot_a because the file is called so */
static void
check_set (UbPlan *self, const UbLayout *layout, const UbLayoutEntry *entry)
{
  const char           slot = ub_slots_get (entry->name);
  g_autofree char     *name = ub_slots_dup_twin (entry->name);
  const UbLayoutEntry *twin = name != NULL ? ub_layout_find (layout, name) : NULL;

  if (twin == NULL || layout->active_slot == 0 || layout->active_slot == slot)
    return;
  ub_plan_add_issue (self,
                     UB_ISSUE_WARNING,
                     UB_ERROR_NOTHING_TO_DO,
                     entry->name,
                     _ ("The phone starts from “%s”. What is written to “%s” changes nothing until "
                        "it starts from there."),
                     twin->name,
                     entry->name);
}

void
ub_plan_single_build (UbPlan *self, UbPhoneInfo *phone)
{
  const UbLayout      *layout = ub_phone_info_get_layout (phone);
  const UbLayoutEntry *entry = NULL;
  g_autoptr (UbImage) image = ub_image_open (self->single_path, NULL);

  if (image == NULL) /* told by the first check */
    return;
  if (is_preloader_name (self->single_name))
    {
      build_preloader (self, phone);
      return;
    }
  if (layout != NULL && self->single_name[0] != '\0')
    entry = ub_layout_find (layout, self->single_name) ?: find_in_set (self, layout);
  if (entry == NULL)
    {
      ub_plan_jobs_report_unknown (self, layout, self->single_name);
      return;
    }
  check_set (self, layout, entry);
  build_part (self, phone, entry, image);
}
