/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* a secured phone that says anything to the maker's files and to the answer of its login */

#include "brom/ub-brom-auth.h"
#include "tests/fuzz/fuzz-key.h"
#include "tests/fuzz/fuzz-link.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) file = g_bytes_new_static ("\1\2\3", 3);
  UbKey *key = fuzz_key_get ();
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;
  const UbBromAuth auth = { .auth = file, .cert = file, .key = key };
  UbBromInfo       info = { 0 };

  g_assert_nonnull (key);
  if (size < 2)
    return 0;
  info.is_boot_rom = data[0] & 1;
  info.target_config = data[1];
  link = fuzz_link_new (data + 2, size - 2);
  g_assert_true (ub_brom_auth_run (link, &info, &auth, NULL, &error) == (error == NULL));
  return 0;
}
