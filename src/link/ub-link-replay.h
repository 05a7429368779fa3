/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"

G_BEGIN_DECLS

#define UB_TYPE_LINK_REPLAY (ub_link_replay_get_type ())
G_DECLARE_FINAL_TYPE (UbLinkReplay, ub_link_replay, UB, LINK_REPLAY, GObject)

/**
 * UbLinkReplay:
 *
 * The phone's side of a recorded conversation (shared/protocol/transcripts). What the host sends
 * must be what was recorded, byte for byte, however it is cut into transfers; blocks recorded by
 * hash are compared by length and hash. What the phone said is given back. The first difference is
 * an error that names the line and makes every later call fail. Waiting costs nothing.
 */
UbLink *ub_link_replay_new_from_file (const char *path, GError **error);
UbLink *ub_link_replay_new_from_text (const char *text, GError **error);
/* content for blocks of which the recording has only length and hash; found by these */
void ub_link_replay_add_block (UbLinkReplay *self, GBytes *block);
/* TRUE: blocks recorded by hash match any bytes of that length, and unknown ones of the phone are
 * zeros */
void ub_link_replay_set_lenient_blocks (UbLinkReplay *self, gboolean lenient);
/* goes on at the first item after the present one whose comment or heading contains @text; FALSE if
 * there is none */
gboolean ub_link_replay_seek (UbLinkReplay *self, const char *text);
/* no item is left that the host should have sent, no byte that it should have read */
gboolean ub_link_replay_is_finished (UbLinkReplay *self);
/* 1-based line of the item that is next; 0 at the end */
guint ub_link_replay_get_line (UbLinkReplay *self);

G_END_DECLS
