/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least a program can send for a piece of flash to be written or read: the commands, the bytes, the answers. */
#pragma once

#include "chips/ub-chip.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

typedef struct
{
  UbLink    *link;
  UbProtocol protocol;
  gboolean   is_ufs;
  gsize      packet; /* bytes: what this language sends at a time */
} BareLoop;

/* a loop over a running agent, before its first command. Dies with a message on any trouble */
BareLoop bare_loop_new (UbLink *link, UbProtocol protocol, gboolean is_ufs);
/* a stretch of the user area: begin, one push for each packet, end */
void    bare_loop_begin_write (BareLoop *self, guint64 offset, guint64 length);
guint32 bare_loop_sum (BareLoop *self, const guint8 *data, gsize size);
void    bare_loop_push (BareLoop *self, const guint8 *data, gsize size, guint32 sum);
void    bare_loop_end_write (BareLoop *self);
/* the same the other way round; @data has room for a packet; returns how many bytes came */
void  bare_loop_begin_read (BareLoop *self, guint64 offset, guint64 length);
gsize bare_loop_pull (BareLoop *self, guint8 *data, guint64 left);
void  bare_loop_end_read (BareLoop *self);

G_END_DECLS
