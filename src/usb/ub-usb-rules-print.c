/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the udev rule: what the build makes data/60-unbrick.rules with. */
#include "config.h"

#include "usb/ub-usb-rules.h"

#include <stdio.h>

int
main (void)
{
  g_autofree char *text = ub_usb_rules_dup_text (NULL);

  return fputs (text, stdout) < 0 || fflush (stdout) != 0;
}
