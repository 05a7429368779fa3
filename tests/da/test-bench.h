/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* a practice phone, plugged in and identified, with the agent and the memory settings of its own firmware */

#include "brom/ub-brom.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-preloader.h"
#include "link/ub-link-source.h"
#include "phone/ub-practice-phone.h"
#include "tests/da/test-agent.h"

#include <glib/gstdio.h>

typedef struct
{
  UbPracticePhone *phone;
  UbLinkSource    *source;
  UbLink          *link;
  UbDa            *da;
  char            *folder;
  TestSetup        setup;
} Bench;

static inline void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static inline void
bench_clear (Bench *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->link);
  if (self->source != NULL)
    ub_link_source_stop (self->source);
  g_clear_object (&self->source);
  g_clear_pointer (&self->phone, ub_practice_phone_free);
  if (self->folder != NULL)
    remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* agent and memory settings out of the phone's firmware, whatever the files are called */
static inline void
load_file (Bench *self, const char *path, const UbBromInfo *brom)
{
  UbDaSetup *setup = &self->setup.setup;
  g_autoptr (UbAgentFile) agents = ub_agent_file_open (path, NULL);
  g_autoptr (UbPreloader) preloader = NULL;
  g_autoptr (GError) error = NULL;

  if (agents != NULL)
    {
      const UbAgentEntry *entry = ub_agent_file_select (agents,
                                                        brom->chip->agent_code,
                                                        brom->hw_sub_code,
                                                        brom->hw_version,
                                                        brom->sw_version);

      g_assert_nonnull (entry);
      setup->da1 = ub_agent_file_load (agents, entry, 1, &error);
      g_assert_no_error (error);
      setup->da2 = ub_agent_file_load (agents, entry, 2, &error);
      g_assert_no_error (error);
      setup->da1_address = entry->regions[1].load_address;
      setup->da1_signature = entry->regions[1].signature_length;
      setup->da2_address = entry->regions[2].load_address;
      setup->da2_signature = entry->regions[2].signature_length;
      setup->build_year = ub_agent_file_get_year (agents);
      return;
    }
  preloader = ub_preloader_open (path, NULL);
  if (preloader != NULL && preloader->emi != NULL)
    g_ptr_array_add (self->setup.emis, g_steal_pointer (&preloader->emi));
}

static inline void
load_folder (Bench *self, const char *folder, const UbBromInfo *brom)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        load_folder (self, path, brom);
      else
        load_file (self, path, brom);
    }
}

static inline void
bench_connect (Bench *self, const UbPracticePhoneOptions *options)
{
  UbBromInfo brom;
  g_autoptr (GError) error = NULL;

  self->phone = ub_practice_phone_new (options, &error);
  g_assert_no_error (error);
  self->folder = g_dir_make_tmp ("unbrick-da-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_true (ub_practice_firmware_write (self->phone, self->folder, 0x100000, FALSE, &error));
  g_assert_no_error (error);
  self->source = ub_practice_source_new (self->phone, FALSE, 0, 0);
  g_assert_true (ub_link_source_start (self->source, &error));
  self->link = ub_link_source_wait (self->source, NULL, 10000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_brom_handshake (self->link, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (ub_brom_identify (self->link, &brom, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (brom.chip);
  g_assert_true (ub_chip_fits_platform (brom.chip, options->chip));
  g_assert_cmpint (brom.is_boot_rom, ==, options->enter == UB_ENTER_BOOT_ROM);

  self->setup.emis = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_emi_free);
  self->setup.setup = (UbDaSetup){ .chip = brom.chip, .brom = brom, .emis = self->setup.emis };
  load_folder (self, self->folder, &brom);
  g_assert_nonnull (self->setup.setup.da1);
  self->da = ub_da_new (brom.chip->protocol, self->link, &error);
  g_assert_no_error (error);
}
