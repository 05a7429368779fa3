/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "brom/ub-brom.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-firmware.h"

G_BEGIN_DECLS

#define UB_TYPE_AGENT_LIBRARY (ub_agent_library_get_type ())
G_DECLARE_FINAL_TYPE (UbAgentLibrary, ub_agent_library, UB, AGENT_LIBRARY, GObject)

/**
 * UbAgentLibrary:
 *
 * Where agents come from when the package brings none: files and folders the person has named once, and what was found in an SP Flash Tool
 * folder or archive given once (its container files are copied into @data_dir). Remembered in an index file there. Main thread;
 * searching is blocking and bounded (depth, number of files).
 */
UbAgentLibrary *ub_agent_library_new (const char *data_dir); /* NULL: the user's data folder */
/* @path: a container, a folder or an archive. Returns how many containers were found; 0 with an error NO_AGENT */
guint ub_agent_library_add (UbAgentLibrary *self,
                            const char     *path,
                            GCancellable   *cancellable,
                            GError        **error);
/* (transfer full) (element-type filename): containers with an agent for @platform's chip: those of the package first, then the library's, newest build first */
GPtrArray *ub_agent_library_find (UbAgentLibrary *self, UbFirmware *firmware);
/* the agent in @file for the phone (whose chip is known), and the language it speaks: the container has the last word, whatever is usual for
 * the chip (shared/protocol/xflash-and-xml.md §1.1). (nullable) */
const UbAgentEntry *ub_agent_library_select (UbAgentFile      *file,
                                             const UbBromInfo *brom,
                                             UbProtocol       *protocol);
/* is the container made for @chip, by its name or because it holds nothing else? Opens the file */
gboolean ub_agent_library_is_special (const char *path, const UbChip *chip);
/* all known container files */
GPtrArray *ub_agent_library_list (UbAgentLibrary *self);

G_END_DECLS
