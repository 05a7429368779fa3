/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"

G_BEGIN_DECLS

#define UB_TYPE_LINK_TAP (ub_link_tap_get_type ())
G_DECLARE_FINAL_TYPE (UbLinkTap, ub_link_tap, UB, LINK_TAP, GObject)

/**
 * UbLinkTap:
 *
 * A decorator around any link that writes down what goes over it, in the format of
 * shared/protocol/transcripts ("H>D hex", "D>H hex"; blocks over 256 bytes by length and hash).
 * Bytes of one direction that follow each other are one item.
 */

/* @output: (nullable): where the record goes while it is made */
UbLink *ub_link_tap_new (UbLink *inner, GOutputStream *output);
/* the last items (some thousand), for a report; (transfer full) */
char *ub_link_tap_dup_tail (UbLinkTap *self);

G_END_DECLS
