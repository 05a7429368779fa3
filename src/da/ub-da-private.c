/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-private.h"

#include <string.h>

#include "base/ub-error.h"

gboolean
ub_da_private_check_begin (const UbDaPacket *packet, GError **error)
{
  static const guint8 sparse_magic[] = { 0x3a, 0xff, 0x26, 0xed };

  if (packet->size < sizeof sparse_magic ||
      memcmp (packet->data, sparse_magic, sizeof sparse_magic) != 0)
    return TRUE;
  g_set_error_literal (
      error,
      UB_ERROR,
      UB_ERROR_BAD_IMAGE,
      "the content begins like a sparse image, which the agent would expand instead of writing it");
  return FALSE;
}
