/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-permission.h"

void
ub_permission_free (UbPermission *self)
{
  g_free (self->rules);
  g_free (self->path);
  g_free (self->command);
  g_free (self);
}
