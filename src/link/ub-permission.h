/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  UB_PERMISSION_FINE,     /* the rule is in place, or we need none (an administrator) */
  UB_PERMISSION_MISSING,  /* there is no rule */
  UB_PERMISSION_OUTDATED, /* there is one, of another version of the program */
} UbPermissionState;

/**
 * UbPermission:
 *
 * What has to be in place on the computer so that a phone may be opened, and how it gets there. A value.
 */
typedef struct
{
  UbPermissionState state;
  char             *rules;   /* what the file says */
  char             *path;    /* where it belongs: "/etc/udev/rules.d/60-unbrick.rules" */
  char             *command; /* one line for a terminal that puts it there and makes it count */
  gboolean
      may_install; /* ub_link_source_cure_async() can do it: polkit is there, and we are in no sandbox */
} UbPermission;

void ub_permission_free (UbPermission *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPermission, ub_permission_free)

G_END_DECLS
