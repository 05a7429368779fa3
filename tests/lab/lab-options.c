/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/lab-options.h"

static guint64
parse_size (const char *text)
{
  char   *end;
  guint64 size = text != NULL ? g_ascii_strtoull (text, &end, 0) : 0;

  if (size > 0 && *end == 'M')
    return size << 20;
  return size > 0 && *end == 'G' ? size << 30 : size;
}

void
lab_options_clear (LabOptions *self)
{
  char **texts[] = { &self->chip, &self->enter, &self->table,   &self->user,
                     &self->boot, &self->image, &self->storage, &self->slot };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
}

void
lab_options_add (LabOptions *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "chip", 0, 0, G_OPTION_ARG_STRING, &self->chip, "Chip (default MT6580)", "CHIP" },
    { "phone", 0, 0, G_OPTION_ARG_STRING, &self->chip, "The same", "CHIP" },
    { "storage",
      0,
      0,
      G_OPTION_ARG_STRING,
      &self->storage,
      "Its storage (default emmc)",
      "emmc|ufs" },
    { "secure",
      0,
      0,
      G_OPTION_ARG_INT,
      &self->phone.target_config,
      "Locks: 1 SBC, 2 SLA, 4 DAA, added up",
      "BITS" },
    { "agent-login",
      0,
      0,
      G_OPTION_ARG_NONE,
      &self->phone.agent_login,
      "Its agent, too, wants the maker's login",
      NULL },
    { "slot", 0, 0, G_OPTION_ARG_STRING, &self->slot, "The set of parts it starts from", "a|b" },
    { "enter", 0, 0, G_OPTION_ARG_STRING, &self->enter, "How it comes up", "preloader|bootrom" },
    { "table", 0, 0, G_OPTION_ARG_STRING, &self->table, "Its partition table", "gpt|ebr" },
    { "user-size", 0, 0, G_OPTION_ARG_STRING, &self->user, "Size of its user area", "N[M|G]" },
    { "boot-size", 0, 0, G_OPTION_ARG_STRING, &self->boot, "Size of each boot area", "N[M|G]" },
    { "serial", 0, 0, G_OPTION_ARG_INT, &self->phone.serial, "Which one of its chip it is", "N" },
    { "blank", 0, 0, G_OPTION_ARG_NONE, &self->phone.blank, "Its storage is fresh", NULL },
    { "window",
      0,
      0,
      G_OPTION_ARG_INT,
      &self->phone.window_ms,
      "How long a preloader waits",
      "MS" },
    { "fragmented",
      0,
      0,
      G_OPTION_ARG_NONE,
      &self->phone.fragmented,
      "It answers byte by byte",
      NULL },
    { "image-size", 0, 0, G_OPTION_ARG_STRING, &self->image, "Size of its system image", "N[M|G]" },
    { "sparse", 0, 0, G_OPTION_ARG_NONE, &self->firmware.sparse, "As Android sparse", NULL },
    { NULL }
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

/* the words that stand for one of two */
static gboolean
choose (const char *word, const char *first, const char *second, guint *choice, GError **error)
{
  *choice = g_strcmp0 (word, second) == 0 ? 1 : 0;
  if (word == NULL || *choice == 1 || g_str_equal (word, first))
    return TRUE;
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "neither %s nor %s: %s",
               first,
               second,
               word);
  return FALSE;
}

gboolean
lab_options_apply (LabOptions *self, GError **error)
{
  guint enter, table, storage, slot;

  if (!choose (self->enter, "preloader", "bootrom", &enter, error) ||
      !choose (self->table, "gpt", "ebr", &table, error) ||
      !choose (self->storage, "emmc", "ufs", &storage, error) ||
      !choose (self->slot, "a", "b", &slot, error))
    return FALSE;
  self->phone.chip = self->chip != NULL ? self->chip : "MT6580";
  self->phone.enter = enter == 1 ? UB_ENTER_BOOT_ROM : UB_ENTER_PRELOADER;
  self->phone.table = table == 1 ? UB_TABLE_EBR : UB_TABLE_GPT;
  self->phone.storage = storage == 1 ? UB_STORAGE_UFS : UB_STORAGE_EMMC;
  self->phone.active_slot = slot == 1 ? 'b' : 'a';
  self->phone.user_size = parse_size (self->user);
  self->phone.boot_size = parse_size (self->boot);
  self->firmware.image_size = parse_size (self->image);
  return TRUE;
}
