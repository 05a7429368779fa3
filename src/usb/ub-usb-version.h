/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* the libusb this runs with, which need not be the one it was built with: "libusb 1.0.26"; (transfer full) */
char *ub_usb_version_dup_text (void);

G_END_DECLS
