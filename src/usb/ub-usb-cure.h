/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-permission.h"

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* where and who we are */
typedef struct
{
  const char *root;    /* before every path that is read; "" */
  const char *pkexec;  /* (nullable): the program that asks for the password; NULL: there is none */
  const char *program; /* (nullable): our own file; NULL: a terminal finds us by our name */
  uid_t       uid;
  gboolean    snap;
  const GArray *
      own; /* (nullable): phones under their makers' own numbers that were closed to us, as in ub-usb-rules.h */
} UbUsbCurePlace;

/* this computer, user and program. (transfer full); G_IO_ERROR_CANCELLED if the person thought better of it. @own: (nullable) */
UbPermission *ub_usb_cure_dup_permission (const GArray *own);
gboolean      ub_usb_cure_install (const GArray *own, GCancellable *cancellable, GError **error);

/* the same elsewhere, for tests */
UbPermission *ub_usb_cure_dup_permission_at (const UbUsbCurePlace *place);
gboolean      ub_usb_cure_install_at (const UbUsbCurePlace *place,
                                      GCancellable         *cancellable,
                                      GError              **error);

G_END_DECLS
