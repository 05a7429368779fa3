/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "link/ub-permission.h"

UbPermission *
ub_permission_copy (const UbPermission *self)
{
  UbPermission *copy = g_memdup2 (self, sizeof *self);

  copy->rules = g_strdup (self->rules);
  copy->path = g_strdup (self->path);
  copy->command = g_strdup (self->command);
  return copy;
}

void
ub_permission_free (UbPermission *self)
{
  g_free (self->rules);
  g_free (self->path);
  g_free (self->command);
  g_free (self);
}
