/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  UB_PERMISSION_FINE,     /* the rule is in place, or we need none (an administrator) */
  UB_PERMISSION_MISSING,  /* there is no rule */
  UB_PERMISSION_OUTDATED, /* there is one, of another version of the program */
  UB_PERMISSION_UNKNOWN,  /* not to be seen from here: we are in a sandbox */
} UbPermissionState;

/* The rule lets in whoever sits at the computer: is that us? */
typedef enum
{
  UB_SEAT_UNKNOWN, /* not to be seen from here */
  UB_SEAT_OURS,
  UB_SEAT_OTHER, /* somebody else's or nobody's: we came by ssh, VNC or the like, or were switched away from */
  UB_SEAT_NONE, /* nobody keeps account of seats here (no logind): the rule lets nobody in */
} UbSeat;

/**
 * UbPermission:
 *
 * What has to be in place on the computer so that a phone may be opened, and how it gets there. A value.
 */
typedef struct
{
  UbPermissionState state;
  UbSeat            seat;    /* why a phone may stay closed although the state is FINE */
  char             *rules;   /* what the file says */
  char             *path;    /* where it belongs: "/etc/udev/rules.d/60-unbrick.rules" */
  char             *command; /* one line for a terminal that puts it there and makes it count */
  /* ub_link_source_cure_async() can do it: polkit is there, and we are in no sandbox */
  gboolean may_install;
} UbPermission;

void ub_permission_free (UbPermission *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPermission, ub_permission_free)

G_END_DECLS
