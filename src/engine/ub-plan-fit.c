/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-plan-private.h"
#include "firmware/ub-preloader.h"

#include <glib/gi18n.h>
#include <string.h>

/* Is this firmware for this model of phone? Signs beyond the chip: the names preloaders carry, the memory
 * they know, a map somebody made at home (shared/facts/troubles.md 16, 26). */

/* a copy of a boot region may be this big; a preloader is far smaller */
#define MAX_BOOT (64 * 1024 * 1024)
#define HOME_MADE_FOR_SURE 2

/* --- names --- */

/* "preloader_k80_bsp.bin" → "k80_bsp", "Preloader-K80_bsp.BIN" too */
static char *
dup_model (const char *text)
{
  g_autofree char *base = g_path_get_basename (text);
  g_autofree char *lower = g_utf8_make_valid (base, -1);
  char            *model;

  for (char *c = lower; *c != '\0'; c++)
    *c = *c == '-' ? '_' : g_ascii_tolower (*c);
  if (g_str_has_suffix (lower, ".bin") || g_str_has_suffix (lower, ".img"))
    lower[strlen (lower) - strlen (".bin")] = '\0';
  model = lower;
  if (g_str_has_prefix (model, "preloader"))
    model += strlen ("preloader");
  while (*model == '_')
    model++;
  return g_strdup (model);
}

/* "" says nothing */
static void
add_model (GPtrArray *models, const char *text)
{
  g_autofree char *model = text != NULL && text[0] != '\0' ? dup_model (text) : NULL;

  if (model != NULL && model[0] != '\0')
    g_ptr_array_add (models, g_steal_pointer (&model));
}

/* what the package calls the models it is for */
static GPtrArray *
list_models (UbPlan *self)
{
  GPtrArray *models = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *preloaders = ub_firmware_get_preloaders (self->firmware);

  add_model (models, ub_firmware_get_project (self->firmware));
  for (guint i = 0; i < preloaders->len; i++)
    {
      const char *path = g_ptr_array_index (preloaders, i);
      g_autoptr (UbPreloader) preloader = ub_preloader_open (path, NULL);

      add_model (models, path);
      if (preloader != NULL)
        add_model (models, preloader->name);
    }
  return models;
}

static gboolean
has_model (GPtrArray *models, const char *model)
{
  return g_ptr_array_find_with_equal_func (models, model, g_str_equal, NULL);
}

/* --- memory --- */

static gboolean
may_fit (const char *path, const UbDaReport *report)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (path, NULL);

  return preloader == NULL || ub_plan_memory_fits (preloader->emi, report);
}

static void
check_memory (UbPlan *self, const UbDaReport *report)
{
  GPtrArray *preloaders = ub_firmware_get_preloaders (self->firmware);

  if (!ub_plan_memory_is_told (report))
    return;
  for (guint i = 0; i < preloaders->len; i++)
    if (may_fit (g_ptr_array_index (preloaders, i), report))
      return;
  if (preloaders->len > 0)
    ub_plan_add_issue (
        self,
        UB_ISSUE_DANGER,
        UB_ERROR_WRONG_MODEL,
        NULL,
        _ ("The start-up code of this firmware does not know the phone's memory: the firmware is "
           "most likely for another model."));
}

/* --- a map somebody made --- */

static gboolean
wants_protected (UbPlan *self, gboolean *has_preloader)
{
  GPtrArray *partitions = ub_firmware_get_partitions (self->firmware);
  gboolean   wants = FALSE;

  *has_preloader = ub_firmware_get_preloaders (self->firmware)->len > 0;
  for (guint i = 0; i < partitions->len; i++)
    {
      const UbPartition *partition = g_ptr_array_index (partitions, i);

      if (partition->storage == self->storage && partition->role == UB_ROLE_PROTECTED &&
          partition->is_download)
        wants = TRUE;
    }
  return wants;
}

static void
check_home_made (UbPlan *self)
{
  gboolean has_preloader;

  if (ub_firmware_get_home_made (self->firmware) <= HOME_MADE_FOR_SURE ||
      !wants_protected (self, &has_preloader) || has_preloader)
    return;
  ub_plan_add_issue (
      self,
      UB_ISSUE_DANGER,
      UB_ERROR_BAD_FIRMWARE,
      NULL,
      _ ("This firmware's map is home-made, has no preloader, and wants to write over what "
         "belongs to one phone alone: it may be another phone's backup."));
}

void
ub_plan_fit_check (UbPlan *self, UbPhoneInfo *phone)
{
  const UbDaReport *report = phone != NULL ? ub_phone_info_get_report (phone) : NULL;

  if (self->firmware == NULL)
    return;
  check_home_made (self);
  if (report != NULL)
    check_memory (self, report);
}

/* --- with the copy --- */

/* (transfer full) (nullable): what the phone's own preloader calls its model */
static char *
dup_running_model (UbBackup *copy)
{
  const UbBackupPart *part = ub_backup_find (copy, "boot1");
  gsize               size = part != NULL ? (gsize) MIN (part->length, MAX_BOOT) : 0;
  guint8             *data;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (UbPreloader) preloader = NULL;
  g_autofree char *model = NULL;

  if (size == 0 || part->is_missing)
    return NULL;
  data = g_malloc (size);
  bytes = g_bytes_new_take (data, size);
  if (!ub_backup_read (copy, part, 0, data, size, NULL))
    return NULL;
  preloader = ub_preloader_parse (bytes, part->name, NULL);
  if (preloader == NULL || preloader->name[0] == '\0')
    return NULL;
  model = dup_model (preloader->name);
  return model[0] != '\0' ? g_steal_pointer (&model) : NULL;
}

static void
report_other_model (UbPlan *self, const char *running, const char *wanted, gboolean differs)
{
  if (differs)
    ub_plan_add_issue (
        self,
        UB_ISSUE_DANGER,
        UB_ERROR_WRONG_MODEL,
        NULL,
        /* Translators: both are names of models as their makers' engineers write them */
        _ ("The phone looks like “%s”, the firmware like “%s”, and its memory is divided up "
           "differently."),
        running,
        wanted);
  else
    ub_plan_add_issue (
        self,
        UB_ISSUE_WARNING,
        UB_ERROR_WRONG_MODEL,
        NULL,
        _ ("The phone looks like “%s”, the firmware like “%s”: the same chip, but another "
           "model. It may work; a safety copy is made."),
        running,
        wanted);
}

void
ub_plan_fit_check_copy (UbPlan *self, UbBackup *copy)
{
  UbPhoneInfo     *phone = self->phone != NULL ? self->phone : ub_backup_get_phone (copy);
  g_autofree char *running = NULL;
  g_autoptr (GPtrArray) models = NULL;
  gboolean differs;

  if (self->firmware == NULL)
    return;
  running = dup_running_model (copy);
  models = list_models (self);
  if (running == NULL || models->len == 0 || has_model (models, running))
    return;
  differs = phone != NULL && ub_phone_info_get_layout (phone) != NULL &&
            ub_plan_table_differs (self, phone);
  report_other_model (self, running, g_ptr_array_index (models, 0), differs);
}

/* --- the light --- */

static gboolean
is_sign (const UbIssue *issue)
{
  if (issue->level == UB_ISSUE_BLOCKER)
    return TRUE;
  if (issue->level == UB_ISSUE_NOTE)
    return FALSE;
  switch (issue->code)
    {
    case UB_ERROR_WRONG_CHIP:
    case UB_ERROR_UNKNOWN_CHIP:
    case UB_ERROR_WRONG_STORAGE:
    case UB_ERROR_WRONG_LAYOUT:
    case UB_ERROR_WRONG_MODEL:
    case UB_ERROR_NO_EMI:
    case UB_ERROR_BAD_FIRMWARE:
    case UB_ERROR_OTHER_PHONE:
      return TRUE;
    default:
      return FALSE;
    }
}

UbFit
ub_plan_get_fit (UbPlan *self)
{
  UbFit fit = UB_FIT_GREEN;

  if (self->phone == NULL)
    return UB_FIT_UNKNOWN;
  for (guint i = 0; i < self->issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (self->issues, i);

      if (is_sign (issue))
        fit = MAX (fit, issue->level >= UB_ISSUE_DANGER ? UB_FIT_RED : UB_FIT_AMBER);
    }
  if (fit == UB_FIT_GREEN && ub_phone_info_get_report (self->phone) == NULL)
    return UB_FIT_UNKNOWN;
  return fit;
}

/**
 * ub_plan_get_fit_reasons:
 * @self: a plan
 *
 * Returns: (transfer container) (element-type UbIssue): what makes the light amber or red, worst first
 */
GPtrArray *
ub_plan_get_fit_reasons (UbPlan *self)
{
  GPtrArray *reasons = g_ptr_array_new ();

  for (int level = UB_ISSUE_BLOCKER; level > UB_ISSUE_NOTE; level--)
    for (guint i = 0; i < self->issues->len; i++)
      {
        UbIssue *issue = g_ptr_array_index (self->issues, i);

        if ((int) issue->level == level && is_sign (issue))
          g_ptr_array_add (reasons, issue);
      }
  return reasons;
}
