/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-layout.h"

G_BEGIN_DECLS

/* bytes a GPT takes at the begin: protective MBR, header and 128 entries, in sectors of 512 */
#define UB_GPT_SIZE (34 * UB_SECTOR)

/* bytes the second GPT takes at the end of a disk: 128 entries and header; with sectors of 4096 eight of them,
 * because agents look for the entries there (shared/protocol/xflash-and-xml.md §3.13) */
guint64 ub_gpt_get_backup_size (guint block_size);
/* From the first sectors of a user area: GPT (CRCs checked, primary, else NULL), else MBR with EBR chain as far as
 * @data reaches. @block_size 512 or 4096. NULL with BAD_IMAGE if neither is there. Hostile bytes welcome. */
UbLayout *ub_gpt_parse (const guint8 *data, gsize size, guint block_size, GError **error);
/* one MBR or EBR sector; logical entries are added at @base; @next: offset of the next EBR in bytes, 0 for none */
gboolean ub_gpt_parse_mbr (const guint8 *sector,
                           guint64       base,
                           guint64       extended,
                           UbLayout     *layout,
                           guint64      *next);
/* primary GPT (protective MBR, header, room for 128 entries) for @layout; @disk_size bytes; @n_counted: the header counts at least so
 * many, which only agents that are no legacy ones survive. (transfer full) */
GBytes *ub_gpt_build (const UbLayout *layout, guint64 disk_size, guint block_size, guint n_counted);
/* the second one, for the end of the disk: entries and header, to be written at @disk_size minus its size. (transfer full) */
GBytes *ub_gpt_build_backup (const UbLayout *layout,
                             guint64         disk_size,
                             guint           block_size,
                             guint           n_counted);
/* from the last sectors of a user area (@size bytes of its end): the second GPT alone, for a phone whose first one is gone. NULL with BAD_IMAGE */
UbLayout *ub_gpt_parse_backup (const guint8 *tail,
                               gsize         size,
                               guint64       disk_size,
                               guint         block_size,
                               GError      **error);

G_END_DECLS
