/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* boot ROM or preloader that answers anything: handshake, identification, upload, jump */

#include "brom/ub-brom.h"
#include "tests/fuzz/fuzz-link.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (UbLink) link = fuzz_link_new (data, size);
  g_autoptr (GBytes) agent = g_bytes_new_static ("\1\2\3", 3);
  UbBromInfo info;

  if (!ub_brom_handshake (link, NULL, NULL) || !ub_brom_identify (link, &info, NULL, NULL))
    return 0;
  g_assert (info.me_id_size <= sizeof info.me_id && info.soc_id_size <= sizeof info.soc_id);
  g_free (ub_brom_describe_target_config (info.target_config));
  if (ub_brom_send_agent (link, 0x200000, agent, 0, NULL, NULL, NULL, NULL) &&
      !ub_brom_jump_agent (link, 0x200000, NULL))
    return 0;
  return 0;
}
