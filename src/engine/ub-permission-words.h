/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* the permission in a person's words; translated, static. Window and terminal say the same */
typedef struct
{
  const char *title;
  const char *text;     /* "": the title says it all */
  gboolean    is_good;  /* nothing has to be done */
  gboolean    has_step; /* the rule can be put in place, and that would be of use */
} UbPermissionWords;

/* @permission: (nullable): nothing has to let us; @access: to what is on the cable, %UB_ACCESS_UNKNOWN: nothing is */
void ub_permission_words_get (const UbPermission *permission,
                              UbAccess            access,
                              UbPermissionWords  *words);
/* why ub_link_source_cure_finish() failed, and what to do instead; translated, static */
const char *ub_permission_words_for_error (const GError *error);

G_END_DECLS
