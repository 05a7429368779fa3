/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* may we open it; %UB_ACCESS_UNKNOWN when it is not there (any more) */
UbAccess ub_usb_access_check (const char *node);
/* (transfer full) (nullable): the program that has one of @paths open, looked up under @proc
 * ("/proc"); only programs of the same person can be seen */
char *ub_usb_access_find_program (const char *proc, const char *const *paths);
/* (transfer full) (nullable): a program that is known to hold such things and runs under @proc, but of
 * another person, so that it cannot be seen whether it does. @driver: (nullable): the kernel's, if it sits there */
char *ub_usb_access_find_suspect (const char *proc, const char *driver);
/* (transfer full) (nullable): who holds the thing: a program, else one that may well do it (@is_guess), else
 * the kernel's driver. @syspath: (nullable) */
char *ub_usb_access_find_holder (const char *node, const char *syspath, gboolean *is_guess);

G_END_DECLS
