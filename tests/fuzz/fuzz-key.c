/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* any file, given for a maker's key */

#include "wire/ub-key.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 challenge[16] = "sixteen by luck";
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbKey) key = ub_key_parse (bytes, "fuzz", &error);
  g_autoptr (GBytes) boot_rom = NULL;
  g_autoptr (GBytes) agent = NULL;

  g_assert_true ((key == NULL) == (error != NULL));
  if (key == NULL)
    return 0;
  boot_rom = ub_key_answer_boot_rom (key, challenge, sizeof challenge, NULL);
  agent = ub_key_answer_agent (key, challenge, sizeof challenge, NULL);
  g_assert_true (boot_rom == NULL || g_bytes_get_size (boot_rom) == ub_key_get_size (key));
  g_assert_true (agent == NULL || g_bytes_get_size (agent) == ub_key_get_size (key));
  return 0;
}
