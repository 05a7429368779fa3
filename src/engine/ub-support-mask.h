/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* what is known to be nobody's business; all borrowed, each (nullable) */
typedef struct
{
  const char *home; /* the home folder */
  const char *user; /* who sits here */
  const char *host; /* the computer's name */
  const char *const
      *values; /* %NULL-terminated: serial numbers and ids, as they would be written */
} UbSupportSecrets;

/**
 * ub_support_mask_apply:
 * @text: any bytes
 * @secrets: (nullable): what to hide besides
 *
 * Hides what tells one phone or one person from all others: IMEI, IMEISV and MEID with or without separators, serial numbers and
 * chip ids where they are named as such, MAC addresses, home folders, the portal's paths, names of user and computer. Leaves alone what help
 * needs: addresses, sizes, codes, checksums, times. Where both is possible, hides. A pure function; time grows with the length only.
 *
 * Returns: (transfer full): UTF-8
 */
char *ub_support_mask_apply (const char *text, const UbSupportSecrets *secrets);

G_END_DECLS
