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
UbLink     *ub_link_tap_new (UbLink *inner, GOutputStream *output);
/* the last items (some thousand), for a report; (transfer full) */
char       *ub_link_tap_dup_tail (UbLinkTap *self);

#define UB_TYPE_LINK_REPLAY (ub_link_replay_get_type ())
G_DECLARE_FINAL_TYPE (UbLinkReplay, ub_link_replay, UB, LINK_REPLAY, GObject)

/**
 * UbLinkReplay:
 *
 * The phone's side of a recorded conversation. What the host sends must be what was recorded, byte for
 * byte (blocks that were recorded by hash are compared by length and hash); what the phone said is
 * given back. The first difference is an error that names the line.
 */
UbLink  *ub_link_replay_new_from_file (const char *path, GError **error);
UbLink  *ub_link_replay_new_from_text (const char *text, GError **error);
/* content for blocks the recording only has the hash of, so that the host gets real bytes: consulted in order */
void     ub_link_replay_add_block (UbLinkReplay *self, GBytes *block);
gboolean ub_link_replay_is_finished (UbLinkReplay *self);

G_END_DECLS
