/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-version.h"

#include <libusb.h>

char *
ub_usb_version_dup_text (void)
{
  const struct libusb_version *version = libusb_get_version ();

  return g_strdup_printf ("libusb %u.%u.%u%s",
                          version->major,
                          version->minor,
                          version->micro,
                          version->rc);
}
