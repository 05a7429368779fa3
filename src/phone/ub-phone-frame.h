/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "phone/ub-phone.h"

G_BEGIN_DECLS

/* Messages of XFLASH and XML agents as they go over USB (shared/protocol/xflash-and-xml.md §2, genuine-agents.md §4):
 * magic, type, length, payload; header and payload are transfers of their own, both ways. What shares a transfer with a
 * header is lost where a genuine agent would lose it. */

#define UB_PHONE_FRAME_BAD G_MAXSIZE /* length of a message that was none */

/* one whole message, in its payload only; NULL: it had a wrong magic or was too long */
typedef void (*UbPhoneFrameStep) (UbPracticePhone *self, const guint8 *data, gsize size);

/* from now on the host's bytes are messages; @packet: bytes of a USB packet, 512 or, at full speed, 64 */
void ub_phone_frame_open (UbPracticePhone *self, UbPhoneWire wire, gsize packet);
/* no messages any more: back to bytes */
void ub_phone_frame_clear (UbPracticePhone *self);
/* the agent reads no more */
void ub_phone_frame_stop (UbPracticePhone *self);
/* one transfer of the host, for ub-practice-phone.c */
void ub_phone_frame_input (UbPracticePhone *self, const guint8 *data, gsize size);
/* a message to the host */
void ub_phone_frame_say (UbPracticePhone *self, const guint8 *data, gsize size);
void ub_phone_frame_say_u32 (UbPracticePhone *self, guint32 value); /* little-endian: a status */
/* much data: (transfer full); leaves in pieces of 0xFC00 with an empty transfer after each that is a multiple of the packet */
void ub_phone_frame_say_bytes (UbPracticePhone *self, GBytes *bytes);
/* type 2: a line of the agent's log, without its end */
void ub_phone_frame_say_log (UbPracticePhone *self, const char *text);
/* the next message goes to @step if it has at most @capacity bytes. A wrong magic or a longer one: nothing is said, its payload stays in the
 * pipe and is taken for the next header, and @step is called with NULL (the agent goes on with garbage) */
void ub_phone_frame_expect (UbPracticePhone *self, gsize capacity, UbPhoneFrameStep step);
/* the next message, of at most @capacity bytes, goes to @sink as it comes, then to @done with NULL and its length, or
 * UB_PHONE_FRAME_BAD */
void ub_phone_frame_stream (UbPracticePhone *self,
                            gsize            capacity,
                            UbPhoneSink      sink,
                            UbPhoneFrameStep done);

G_END_DECLS
