/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "brom/ub-brom.h"
#include "wire/ub-key.h"

G_BEGIN_DECLS

/* the maker's own files; all nullable; a value, borrowed */
typedef struct
{
  GBytes      *auth; /* tool authorisation */
  GBytes      *cert; /* root certificate */
  const UbKey *key;
} UbBromAuth;

/**
 * ub_brom_auth_run:
 *
 * Shows the maker's files to a phone that wants them, after it was identified and before an agent is sent: authorisation and
 * certificate where DAA is on, the login where SLA is (shared/protocol/brom-and-legacy.md §2.7). Nothing to do for an open phone.
 * What the person does not have is not an error here: the phone says so itself, when the agent is sent. Errors: NEEDS_AUTH where the phone
 * refuses a file or the answer (the message names which, and the status), the link's, PROTOCOL, CANCELLED.
 */
gboolean ub_brom_auth_run (UbLink           *link,
                           const UbBromInfo *info,
                           const UbBromAuth *auth,
                           GCancellable     *cancellable,
                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
